//! Writing: an entry put into an instrument's calendar asks for a booking, a changed one moves it, a deleted one
//! cancels it. Everything is asked of the desk by the same way as from a page; what it refuses has not happened.

use desks::permit::Permit;
use engines::booking::Span;
use grammar::kinds::{Id, Moment};
use registry::{Ask, Filter, Record};
use serde_json::{Value, json};

use super::{
    Done, No,
    entry::{self, Entry},
    sent::{self, Sent},
    shelf::{self, Named, Shelf},
};
use crate::{
    denied::Trouble,
    guest::Guest,
    rooms,
    session::hash,
    visit::{Reply, Visit},
};

/// The longest name a program may give a file.
const NAME_MAX: usize = 200;
const UID_MAX: usize = 255;
const DESK: &str = "booking";
/// The usual purpose; another is named as a category.
const PURPOSES: [&str; 9] = [
    "research",
    "teaching",
    "statutory-certification",
    "enforcement-inspection",
    "commercial-acceptance",
    "filming",
    "medical",
    "telecom-billing",
    "mass-inspection",
];

fn refused(condition: &'static str, guest: &Guest, word: &'static str) -> No {
    No::Said(403, condition, guest.word(word).into())
}

fn nothing(status: u16) -> Reply {
    Reply { status, kind: "text/plain; charset=utf-8", ..Reply::default() }
}

/// Whether the program knows the file as it is (RFC 9110, 13.1).
fn still(visit: &Visit, guest: &Guest, known: Option<&Entry>) -> Result<(), No> {
    let is_among = |tags: &str| {
        let etag = known.map(|entry| entry.etag.as_str());
        tags.trim() == "*" && known.is_some()
            || tags.split(',').any(|tag| Some(tag.trim().trim_start_matches("W/")) == etag)
    };
    let [must, must_not] = ["if-match", "if-none-match"].map(|name| visit.headers.get(name));
    let holds = must.is_none_or(|tags| is_among(tags)) && must_not.is_none_or(|tags| !is_among(tags));
    if holds { Ok(()) } else { Err(No::Said(412, "", guest.word("dav-changed").into())) }
}

/// An ask under a key that is the same whenever the same is sent.
fn ask(
    guest: &Guest,
    key: &str,
    record: Option<Id>,
    verb: &str,
    body: &Value,
) -> Result<registry::Receipt, No> {
    let clerk = guest.desk(DESK).ok_or(Trouble::NotFound)?;
    let verb = clerk.verb(verb).ok_or(Trouble::NotFound)?;
    let unreadable = |faults| Trouble::Denied(grammar::case::Refused::Unreadable(faults).into());
    let command = verb.read_json(body).map_err(unreadable)?;
    let ask: Ask = guest.ask(&format!("dav {key}"), DESK, record, command);
    Ok(guest.house.registry.run(ask).map_err(Trouble::Denied)?)
}

/// # Errors
/// Why nothing was written.
pub fn put(guest: &Guest, shelf: &Shelf, name: &str) -> Done {
    if name.chars().count() > NAME_MAX || name.contains('/') {
        return Err(refused("", guest, "dav-name-long"));
    }
    if let Some(calendar) = whole(name) {
        return brings(guest, shelf, calendar, true);
    }
    let sent = sent::read(guest, &guest.visit.body)?;
    let known = shelf.entry(guest, name)?;
    still(guest.visit, guest, known.as_ref())?;
    match known {
        None => new(guest, shelf, name, &sent),
        Some(known) => changed(guest, &known, &sent),
    }
}

/// The name of a whole calendar that a keeper's program brings: `import-NAME.ics`.
fn whole(name: &str) -> Option<&str> {
    name.strip_prefix("import-")?.strip_suffix(".ics").filter(|name| !name.is_empty())
}

/// A whole calendar of busy times, put under its name or taken away: the same as on the instrument's page.
fn brings(guest: &Guest, shelf: &Shelf, calendar: &str, is_put: bool) -> Done {
    let Shelf::Instrument { id, .. } = shelf else { return Err(refused("", guest, "dav-into-instrument")) };
    let unreadable = |error: std::str::Utf8Error| Trouble::Unreadable(error.to_string());
    let text = std::str::from_utf8(&guest.visit.body).map_err(unreadable)?;
    let report = rooms::bring(guest, *id, calendar, is_put.then_some(text))?;
    if report.clashes.is_empty() && report.unread.is_empty() && report.not_closed.is_empty() {
        return Ok(nothing(204));
    }
    let body = serde_json::to_vec(&report).map_err(registry::Broken::from)?;
    Ok(Reply { status: 200, kind: "application/json", body, headers: vec![] })
}

/// # Errors
/// Why nothing was deleted.
pub fn delete(guest: &Guest, shelf: &Shelf, name: &str) -> Done {
    if let Some(calendar) = whole(name) {
        return brings(guest, shelf, calendar, false);
    }
    let known = shelf.entry(guest, name)?.ok_or(Trouble::NotFound)?;
    still(guest.visit, guest, Some(&known))?;
    cancelled(guest, &known)
}

fn cancelled(guest: &Guest, known: &Entry) -> Done {
    let record = known.booking.as_ref().ok_or_else(|| refused("", guest, "dav-not-yours"))?;
    let key = format!("cancel {} {}", record.id, record.sequence);
    ask(guest, &key, Some(record.id), "cancel", &json!({}))?;
    Ok(nothing(204))
}

fn new(guest: &Guest, shelf: &Shelf, name: &str, sent: &Sent) -> Done {
    let Shelf::Instrument { id, buyer: Some(buyer), may_book: true, .. } = shelf else {
        let word = if matches!(shelf, Shelf::Mine) { "dav-into-instrument" } else { "not-bookable" };
        return Err(refused("", guest, word));
    };
    let person = guest.session.as_ref().map(|session| session.person).ok_or(Trouble::SignIn)?;
    if sent.uid.chars().count() > UID_MAX {
        return Err(refused("C:valid-calendar-object-resource", guest, "dav-name-long"));
    }
    // The same event under another name is no other booking.
    let names = shelf::names(guest)?;
    let of_uid: Vec<Id> =
        names.iter().filter(|(_, named)| named.uid == sent.uid).map(|(booking, _)| *booking).collect();
    for booking in &of_uid {
        let other = names.get(booking).map_or("", |named| named.name.as_str());
        if other != name && shelf.entry(guest, other)?.is_some() {
            return Err(refused("C:no-uid-conflict", guest, "dav-uid-known"));
        }
    }
    let record = guest.look.record(*id)?.ok_or(Trouble::NotFound)?;
    let body = request(guest, &record, *buyer, sent)?;
    // Sent again, it is the same booking, unless the one before has ended.
    let before: Vec<String> = of_uid.iter().map(Id::to_string).collect();
    let key = format!("request {id} {buyer} {} {}", hash(&sent.uid), before.join(" "));
    let receipt = ask(guest, &key, None, "request", &body)?;
    let named = Named { name: name.to_owned(), uid: sent.uid.clone() };
    let until = sent.times.values().map(|span| span.until()).max().unwrap_or_default();
    shelf::name(&guest.house.registry, person, receipt.record, &named, Moment::from_millis(until))?;
    Ok(nothing(201))
}

/// What the desk is asked for.
fn request(guest: &Guest, instrument: &Record, buyer: Id, sent: &Sent) -> Result<Value, No> {
    let (first, series) = sent.series().ok_or_else(|| refused("", guest, "dav-uneven"))?;
    let using = rooms::using(&instrument.card);
    let text = format!("{}\n{}", sent.summary, sent.description);
    let detail = match text.trim() {
        "" => guest.word("dav-no-words"),
        text => text,
    };
    let purpose = PURPOSES.into_iter().find(|purpose| {
        let word = guest.desk_word(DESK, "choice", purpose).to_lowercase();
        sent.categories.iter().any(|category| category == purpose || *category == word)
    });
    let mut body = json!({
        "instrument": instrument.id,
        "buyer": buyer,
        "from": Moment::from_millis(first.from()),
        "minutes": sent::minutes(first),
        "basis": rooms::basis(&using),
        "purpose": purpose.unwrap_or("research"),
        "detail": detail,
        // Declared once for all, where the secret for calendars was made.
        "no_secrets": true,
    });
    let mut more = |name: &str, value: Value| {
        if let Some(fields) = body.as_object_mut() {
            fields.insert(name.into(), value);
        }
    };
    if let Some(series) = series {
        more("every", json!({ "days": series.days, "times": series.times }));
    }
    if let Some(samples) = sent.samples {
        more("samples", samples.into());
    }
    if using.needs_permit {
        permit(guest, instrument.id)?.into_iter().for_each(|id| more("permit", json!(id)));
    }
    Ok(body)
}

/// One's own permit for an instrument.
fn permit(guest: &Guest, instrument: Id) -> Result<Option<Id>, No> {
    let desk = <Permit as grammar::desk::Desk>::NAME.into();
    let filter = Filter { desk, party: Some(instrument), is_mine: true, limit: 200, ..Filter::default() };
    let is_own = |row: &&registry::Listed| {
        let mut persons = row.card.holders("person");
        row.card.status == "valid" && persons.any(|person| guest.look.viewer.is_itself(person))
    };
    Ok(guest.look.list(&filter)?.rows.iter().find(is_own).map(|row| row.id))
}

/// Texts that differ only in blanks are the same: programs break lines anew.
fn same(one: &str, other: &str) -> bool {
    one.split_whitespace().eq(other.split_whitespace())
}

fn changed(guest: &Guest, known: &Entry, sent: &Sent) -> Done {
    let record = known.booking.as_ref().ok_or_else(|| refused("", guest, "dav-not-yours"))?;
    if sent.uid != known.uid {
        return Err(refused("C:no-uid-conflict", guest, "dav-uid-known"));
    }
    if sent.is_cancelled {
        return cancelled(guest, known);
    }
    let (summary, rest) = entry::detail(record);
    let texts = [&entry::description(guest, record), &rest];
    let is_told = sent.description.is_empty() || texts.iter().any(|text| same(text, &sent.description));
    if !same(&summary, &sent.summary) && !same(&detail_of_nothing(guest, sent), &summary) || !is_told {
        return Err(refused("", guest, "dav-text-stays"));
    }
    let Some((old, new)) = difference(guest, record, sent)? else { return Ok(nothing(204)) };
    let instrument = record.card.holders("instrument").next().ok_or(Trouble::NotFound)?;
    let body = json!({
        "instrument": instrument,
        "sitting": Moment::from_millis(old.from()),
        "from": Moment::from_millis(new.from()),
        "minutes": sent::minutes(new),
    });
    let key = format!("move {} {} {} {} {}", record.id, record.sequence, old.from(), new.from(), new.until());
    ask(guest, &key, Some(record.id), "move", &body)?;
    Ok(nothing(204))
}

/// What stands for the words of an event that came without any.
fn detail_of_nothing(guest: &Guest, sent: &Sent) -> String {
    if sent.summary.is_empty() { guest.word("dav-no-words").to_owned() } else { sent.summary.clone() }
}

/// The one sitting that was moved: from where, to where.
fn difference(guest: &Guest, record: &Record, sent: &Sent) -> Result<Option<(Span, Span)>, No> {
    let known = entry::sittings(record);
    if let ([(_, old)], [new]) = (known.as_slice(), sent.times.values().collect::<Vec<_>>().as_slice()) {
        return Ok((*old != **new).then_some((*old, **new)));
    }
    let is_same =
        known.len() == sent.times.len() && known.iter().all(|(asked, _)| sent.times.contains_key(asked));
    if !is_same {
        return Err(refused("", guest, "dav-series-stays"));
    }
    let moved = known.iter().filter_map(|(asked, old)| Some((*old, *sent.times.get(asked)?)));
    let moved: Vec<(Span, Span)> = moved.filter(|(old, new)| old != new).collect();
    match moved.as_slice() {
        [] => Ok(None),
        [one] => Ok(Some(*one)),
        _ => Err(refused("", guest, "dav-series-stays")),
    }
}
