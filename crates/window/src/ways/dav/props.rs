//! Properties: what a program may ask of the places here, and what they say (PROPFIND).

use super::{Done, No, Place, asked, entry::Entry, multi, shelf::Shelf, sync, xml};
use crate::guest::Guest;
use xml::{CALDAV, DAV, Node, SERVER, named, safe, tag};

/// Which properties are wanted.
pub enum Wanted {
    All,
    Names,
    These(Vec<(String, String)>),
}

impl Wanted {
    /// Those that an element with `D:prop` inside names; all, where there is none.
    #[must_use]
    pub fn of(ask: Option<&Node>) -> Self {
        let Some(ask) = ask else { return Self::All };
        if ask.child(DAV, "propname").is_some() {
            return Self::Names;
        }
        match ask.child(DAV, "prop") {
            Some(prop) => {
                Self::These(prop.children.iter().map(|one| (one.space.clone(), one.name.clone())).collect())
            }
            None => Self::All,
        }
    }
}

/// What can be described.
pub enum Thing<'a> {
    Root,
    Me,
    Home,
    Shelf(&'a Shelf),
    /// With its contents in a report.
    Entry(&'a Shelf, &'a Entry, bool),
}

const OF_ALL: [(&str, &str); 5] = [
    (DAV, "resourcetype"),
    (DAV, "displayname"),
    (DAV, "current-user-principal"),
    (DAV, "owner"),
    (DAV, "current-user-privilege-set"),
];
const OF_ROOT: [(&str, &str); 2] = [(DAV, "principal-collection-set"), (CALDAV, "calendar-home-set")];
const OF_ME: [(&str, &str); 4] = [
    (DAV, "principal-URL"),
    (DAV, "principal-collection-set"),
    (CALDAV, "calendar-home-set"),
    (CALDAV, "calendar-user-address-set"),
];
const OF_SHELF: [(&str, &str); 8] = [
    (DAV, "supported-report-set"),
    (DAV, "sync-token"),
    (SERVER, "getctag"),
    (CALDAV, "calendar-description"),
    (CALDAV, "supported-calendar-component-set"),
    (CALDAV, "supported-calendar-data"),
    (CALDAV, "max-resource-size"),
    (CALDAV, "calendar-timezone"),
];
const OF_ENTRY: [(&str, &str); 4] =
    [(DAV, "getetag"), (DAV, "getcontenttype"), (DAV, "getcontentlength"), (CALDAV, "calendar-data")];

/// China keeps one time.
const ZONE: &str = "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Kechuang//Booking//EN\r\nBEGIN:VTIMEZONE\r\nTZID:Asia/Shanghai\r\n\
                    BEGIN:STANDARD\r\nDTSTART:19910915T000000\r\nTZOFFSETFROM:+0800\r\nTZOFFSETTO:+0800\r\nTZNAME:CST\r\nEND:STANDARD\r\n\
                    END:VTIMEZONE\r\nEND:VCALENDAR\r\n";
const REPORTS: [&str; 4] =
    ["C:calendar-query", "C:calendar-multiget", "C:free-busy-query", "D:sync-collection"];

fn href(to: &str) -> String {
    tag("D:href", &safe(to))
}

impl Thing<'_> {
    #[must_use]
    pub fn href(&self) -> String {
        match self {
            Self::Root => "/dav/".into(),
            Self::Me => "/dav/me/".into(),
            Self::Home => "/dav/calendars/".into(),
            Self::Shelf(shelf) => shelf.href(),
            Self::Entry(shelf, entry, _) => format!("{}{}", shelf.href(), crate::visit::escape(&entry.name)),
        }
    }

    fn known(&self) -> Vec<(&'static str, &'static str)> {
        let own: &[(&str, &str)] = match self {
            Self::Root => &OF_ROOT,
            Self::Me => &OF_ME,
            Self::Home => &[],
            Self::Shelf(_) => &OF_SHELF,
            Self::Entry(_, _, true) => &OF_ENTRY,
            Self::Entry(_, _, false) => OF_ENTRY.get(..3).unwrap_or_default(),
        };
        OF_ALL.iter().chain(own).copied().collect()
    }

    fn title(&self, guest: &Guest) -> String {
        match self {
            Self::Root | Self::Home => guest.word("product").to_owned(),
            Self::Me => guest.session.as_ref().map_or_else(String::new, |session| guest.name(session.person)),
            Self::Shelf(shelf) => shelf.title(guest),
            Self::Entry(_, entry, _) => entry.name.clone(),
        }
    }

    fn types(&self) -> &'static str {
        match self {
            Self::Root | Self::Home => "<D:collection/>",
            Self::Me => "<D:collection/><D:principal/>",
            Self::Shelf(_) => "<D:collection/><C:calendar/>",
            Self::Entry(..) => "",
        }
    }

    /// What one may do here.
    fn privileges(&self) -> String {
        let own: &[&str] = match self {
            Self::Shelf(shelf) if shelf.may_book() => &["read", "write", "write-content", "bind", "unbind"],
            Self::Shelf(Shelf::Mine) => &["read", "write-content", "unbind"],
            Self::Entry(_, entry, _) if entry.booking.is_some() => &["read", "write", "write-content"],
            _ => &["read"],
        };
        own.iter().map(|one| tag("D:privilege", &tag(&format!("D:{one}"), ""))).collect()
    }

    /// The value of a property as markup.
    fn value(&self, guest: &Guest, (space, name): (&str, &str)) -> Result<Option<String>, No> {
        if !self.known().contains(&(space, name)) {
            return Ok(None);
        }
        Ok(Some(match (name, self) {
            ("resourcetype", _) => self.types().to_owned(),
            ("displayname", _) => safe(&self.title(guest)),
            ("current-user-principal" | "owner" | "principal-URL", _) => href("/dav/me/"),
            ("principal-collection-set", _) => href("/dav/"),
            ("calendar-home-set", _) => href("/dav/calendars/"),
            ("calendar-user-address-set", _) => href("/dav/me/"),
            ("current-user-privilege-set", _) => self.privileges(),
            ("supported-report-set", _) => {
                let report = |one| tag("D:supported-report", &tag("D:report", &tag(one, "")));
                REPORTS.into_iter().map(report).collect()
            }
            ("sync-token" | "getctag", Self::Shelf(shelf)) => {
                safe(&sync::token(guest, shelf, &shelf.stand(guest, None)?))
            }
            ("calendar-description", Self::Shelf(shelf)) => {
                let word = if shelf.may_book() { "dav-book-here" } else { "dav-read-here" };
                safe(guest.word(word))
            }
            ("supported-calendar-component-set", _) => "<C:comp name=\"VEVENT\"/>".into(),
            ("supported-calendar-data", _) => {
                "<C:calendar-data content-type=\"text/calendar\" version=\"2.0\"/>".into()
            }
            ("max-resource-size", _) => super::BODY_MAX.to_string(),
            ("calendar-timezone", _) => safe(ZONE),
            ("getetag", Self::Entry(_, entry, _)) => safe(&entry.etag),
            ("getcontenttype", _) => format!("{}; component=vevent", super::entry::KIND),
            ("getcontentlength", Self::Entry(_, entry, _)) => entry.text.len().to_string(),
            ("calendar-data", Self::Entry(_, entry, _)) => safe(&entry.text),
            _ => return Ok(None),
        }))
    }

    /// The answer about this thing: what is there, and what is not.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn response(&self, guest: &Guest, wanted: &Wanted) -> Result<String, No> {
        let all: Vec<(String, String)> = match wanted {
            Wanted::These(these) => these.clone(),
            Wanted::All | Wanted::Names => {
                self.known().into_iter().map(|(space, name)| (space.to_owned(), name.to_owned())).collect()
            }
        };
        let (mut found, mut missing) = (String::new(), String::new());
        for (space, name) in all {
            if matches!(wanted, Wanted::Names) {
                found.push_str(&named(&space, &name, ""));
                continue;
            }
            match self.value(guest, (&space, &name))? {
                Some(value) => found.push_str(&named(&space, &name, &value)),
                None => missing.push_str(&named(&space, &name, "")),
            }
        }
        let part = |inside: &str, status: &str| {
            tag("D:propstat", &format!("{}{}", tag("D:prop", inside), tag("D:status", status)))
        };
        let mut inside = href(&self.href());
        if !found.is_empty() || missing.is_empty() {
            inside.push_str(&part(&found, "HTTP/1.1 200 OK"));
        }
        if !missing.is_empty() {
            inside.push_str(&part(&missing, "HTTP/1.1 404 Not Found"));
        }
        Ok(tag("D:response", &inside))
    }
}

/// Answers PROPFIND, one place or one with what lies in it; never everything below.
///
/// # Errors
/// When the depth has no end, the body cannot be read, or the store.
pub fn find(guest: &Guest, place: &Place) -> Done {
    let is_deep = match guest.visit.header("depth").trim() {
        "0" => false,
        "1" => true,
        _ => return Err(No::Said(403, "D:propfind-finite-depth", guest.word("dav-depth").into())),
    };
    let wanted = Wanted::of(asked(guest.visit)?.as_ref());
    let mut all = String::new();
    let mut add = |thing: Thing| thing.response(guest, &wanted).map(|one| all.push_str(&one));
    match place {
        Place::Root => {
            add(Thing::Root)?;
            if is_deep {
                add(Thing::Me)?;
                add(Thing::Home)?;
            }
        }
        Place::Me => add(Thing::Me)?,
        Place::Home => {
            add(Thing::Home)?;
            for shelf in if is_deep { Shelf::all(guest)? } else { vec![] } {
                add(Thing::Shelf(&shelf))?;
            }
        }
        Place::Shelf(shelf) => {
            add(Thing::Shelf(shelf))?;
            for entry in if is_deep { shelf.stand(guest, None)?.entries } else { vec![] } {
                add(Thing::Entry(shelf, &entry, false))?;
            }
        }
        Place::Entry(shelf, name) => {
            let entry = shelf.entry(guest, name)?.ok_or(crate::denied::Trouble::NotFound)?;
            add(Thing::Entry(shelf, &entry, false))?;
        }
    }
    Ok(multi(&all))
}
