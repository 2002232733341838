//! Calendar programs (CalDAV): who comes in and by what, what each sees, and what an event that is put, moved or deleted
//! does to bookings.

use base64::{Engine, engine::general_purpose::STANDARD};

use super::{sharing::instrument, *};

/// A calendar program of someone.
pub struct Program<'a> {
    town: &'a Town,
    secret: String,
    from: &'static str,
}

pub struct Told {
    pub status: u16,
    pub text: String,
    headers: Vec<(&'static str, String)>,
}

impl Told {
    fn header(&self, name: &str) -> &str {
        self.headers.iter().find(|(known, _)| *known == name).map_or("", |(_, value)| value.as_str())
    }

    /// The names of the files that were told, and of those that are gone.
    fn files(&self) -> (Vec<String>, Vec<String>) {
        let (mut here, mut gone) = (vec![], vec![]);
        for response in self.text.split("<D:response>").skip(1) {
            let href = response.split("<D:href>").nth(1).unwrap().split("</D:href>").next().unwrap();
            let name = href.rsplit('/').next().unwrap().to_owned();
            // A missing property stands inside a `propstat`; a missing file does not.
            let is_gone = !response.contains("<D:propstat>") && response.contains("404");
            if is_gone {
                gone.push(name)
            } else if !name.is_empty() {
                here.push(name)
            }
        }
        (here, gone)
    }

    fn token(&self) -> String {
        self.text.split("<D:sync-token>").nth(1).unwrap().split('<').next().unwrap().to_owned()
    }
}

impl Program<'_> {
    pub fn ask(&self, method: &str, path: &str, headers: &[(&str, &str)], body: &str) -> Told {
        let mut all = BTreeMap::from([("accept-language".to_owned(), "en".to_owned())]);
        if !self.secret.is_empty() {
            let pair = STANDARD.encode(format!("anyone:{}", self.secret));
            all.insert("authorization".into(), format!("Basic {pair}"));
        }
        all.extend(headers.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())));
        let reply = answer(
            &self.town.house,
            &Visit {
                is_post: matches!(method, "PUT" | "DELETE" | "POST"),
                method: method.into(),
                path: path.into(),
                steps: path.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect(),
                headers: all,
                body: body.as_bytes().to_vec(),
                from: self.from.into(),
                ..Visit::default()
            },
        );
        Told { status: reply.status, text: String::from_utf8(reply.body).unwrap(), headers: reply.headers }
    }

    fn find(&self, path: &str, depth: &str, props: &str) -> Told {
        let body = format!(
            "<propfind xmlns=\"DAV:\" xmlns:c=\"urn:ietf:params:xml:ns:caldav\"><prop>{props}</prop></propfind>"
        );
        self.ask("PROPFIND", path, &[("depth", depth)], &body)
    }

    pub fn put(&self, path: &str, lines: &str) -> Told {
        self.ask("PUT", path, &[("if-none-match", "*")], &event(lines))
    }

    fn sync(&self, shelf: &str, token: &str) -> Told {
        let body = format!(
            "<sync-collection xmlns=\"DAV:\"><sync-token>{token}</sync-token><sync-level>1</sync-level><prop><getetag/></prop></sync-collection>"
        );
        self.ask("REPORT", shelf, &[], &body)
    }
}

fn event(lines: &str) -> String {
    format!(
        "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nBEGIN:VEVENT\r\nDTSTAMP:20260302T000000Z\r\n{}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
        lines.replace('\n', "\r\n")
    )
}

/// Someone makes a password for a program on the page of calendars.
pub fn program<'a>(town: &'a Town, browser: &Browser) -> Program<'a> {
    let typed = [("do", "program"), ("name", "my phone"), ("no_secrets", "yes")];
    let page = browser.send("/my/calendars", "/my/calendars", &typed);
    assert_eq!(page.status, 200);
    let page = String::from_utf8(page.body).unwrap();
    let secret = page.split("<code>kc_").nth(1).unwrap_or_else(|| panic!("{}", text_of(&page)));
    Program { town, secret: format!("kc_{}", secret.split('<').next().unwrap()), from: "127.0.0.1" }
}

pub const ONE: &str = "UID:one\nSUMMARY:Two samples\nDESCRIPTION:Cold stage, please\nDTSTART;TZID=Asia/Shanghai:20260303T090000\nDTEND;TZID=Asia/Shanghai:20260303T100000";

#[test]
fn a_program_finds_its_calendars_from_the_first_address() {
    let town = town();
    let keeper = sign_in(&town, "scientist", "en");
    let id = instrument(&town, &keeper).rsplit('/').next().unwrap().to_owned();
    let firm = program(&town, &sign_in(&town, "firm", "en"));
    let known = firm.ask("PROPFIND", "/.well-known/caldav", &[], "");
    assert_eq!((known.status, known.header("location")), (301, "/dav/"));
    assert!(firm.ask("OPTIONS", "/dav/", &[], "").header("dav").contains("calendar-access"));
    assert!(firm.find("/dav/", "0", "<current-user-principal/>").text.contains("/dav/me/"));
    assert!(firm.find("/dav/me/", "0", "<c:calendar-home-set/>").text.contains("/dav/calendars/"));
    let home = firm.find("/dav/calendars/", "1", "<resourcetype/><displayname/><x xmlns=\"urn:x\"/>");
    assert_eq!(home.status, 207);
    for part in [
        "/dav/calendars/bookings/",
        &format!("/dav/calendars/{id}/"),
        "Electron microscope",
        "<C:calendar/>",
        "404 Not Found",
    ] {
        assert!(home.text.contains(part), "{part}: {}", home.text);
    }
    for (path, depth) in [("/dav/calendars/", "infinity"), ("/dav/", "")] {
        let deep = firm.find(path, depth, "<displayname/>");
        assert!(deep.status == 403 && deep.text.contains("propfind-finite-depth"), "{}", deep.text);
    }
    assert_eq!(firm.find("/dav/calendars/instrument-none/", "0", "<displayname/>").status, 404);
    assert_eq!(firm.ask("MKCALENDAR", "/dav/calendars/new/", &[], "").status, 403);
    let bomb =
        "<!DOCTYPE a [<!ENTITY b \"c\">]><propfind xmlns=\"DAV:\"><prop><displayname/>&b;</prop></propfind>";
    assert_eq!(firm.ask("PROPFIND", "/dav/", &[("depth", "0")], bomb).status, 400);
}

#[test]
fn only_a_calendar_password_over_a_safe_way_comes_in() {
    let town = town();
    let browser = sign_in(&town, "firm", "en");
    let firm = program(&town, &browser);
    let depth = [("depth", "0")];
    let nobody = Program { town: &town, secret: String::new(), from: "127.0.0.1" };
    let told = nobody.ask("PROPFIND", "/dav/", &depth, "");
    assert!(told.status == 401 && told.header("www-authenticate").starts_with("Basic"));
    assert_eq!(Program { secret: "kc_0".into(), ..nobody }.ask("PROPFIND", "/dav/", &depth, "").status, 401);
    // A browser's cookie is no password: no other site can make a browser book.
    assert_eq!(browser.get("/dav/calendars/").0, 401);
    // From elsewhere, without encryption, the password would lie open.
    let far = Program { town: &town, secret: firm.secret.clone(), from: "203.0.113.9" };
    assert_eq!(far.ask("PROPFIND", "/dav/", &depth, "").status, 403);
    // It is good for nothing else, and other tokens are not good for this.
    let bearer = format!("Bearer {}", firm.secret);
    assert_eq!(firm.ask("GET", "/api/v1/need", &[("authorization", &bearer)], "").status, 403);
    let page = browser.send("/my/tokens", "/my/token", &[("name", "x"), ("access", "act")]);
    let page = String::from_utf8(page.body).unwrap().replace("<wbr>", "");
    let token = page.split("kc_").nth(1).unwrap().split(|c: char| !c.is_ascii_hexdigit()).next().unwrap();
    let other = Program { town: &town, secret: format!("kc_{token}"), from: "127.0.0.1" };
    assert_eq!(other.ask("PROPFIND", "/dav/", &depth, "").status, 403);
    // Without the declaration there is no password.
    let page = browser.send("/my/calendars", "/my/calendars", &[("do", "program"), ("name", "tablet")]);
    assert_eq!(page.status, 422);
    // Ended, it is nobody's.
    let key = text_key(&browser.get("/my/calendars").1);
    location(&browser.send("/my/calendars", &format!("/my/tokens/{key}/end"), &[]));
    assert_eq!(firm.ask("PROPFIND", "/dav/", &depth, "").status, 401);
}

/// The key of the first password on the page of calendars.
fn text_key(page: &str) -> String {
    page.split("/my/tokens/").nth(1).unwrap().split('/').next().unwrap().to_owned()
}

#[test]
fn an_event_is_a_booking_by_the_desks_own_rules() {
    let town = town();
    let keeper = sign_in(&town, "scientist", "en");
    let id = instrument(&town, &keeper).rsplit('/').next().unwrap().to_owned();
    let firm = program(&town, &sign_in(&town, "firm", "en"));
    let shelf = format!("/dav/calendars/{id}/");
    let at = format!("{shelf}phone%201.ics").replace("%20", "-");
    let made = firm.put(&at, ONE);
    assert_eq!(made.status, 201, "{}", made.text);
    let file = firm.ask("GET", &at, &[], "");
    for part in
        ["UID:one", "DTSTART:20260303T010000Z", "SUMMARY:Two samples", "Cold stage", "STATUS:CONFIRMED"]
    {
        assert!(file.text.contains(part), "{part}: {}", file.text);
    }
    assert_eq!(firm.sync(&shelf, "").files().0, ["phone-1.ics"]);
    // The same once more changes nothing; another name for it is refused, and so is what clashes or is closed.
    assert_eq!(firm.put(&at, ONE).status, 412);
    assert_eq!(firm.ask("PUT", &at, &[], &event(ONE)).status, 204);
    let twice = firm.put(&format!("{shelf}b.ics"), ONE);
    assert!(twice.status == 403 && twice.text.contains("no-uid-conflict"), "{}", twice.text);
    let clash = firm.put(&format!("{shelf}b.ics"), &ONE.replace("UID:one", "UID:two"));
    assert!(clash.status == 409 && clash.text.contains("taken-then"), "{}", clash.text);
    let closed = ONE.replace("UID:one", "UID:two").replace("20260303", "20260304");
    let closed = firm.put(&format!("{shelf}b.ics"), &closed);
    assert!(
        closed.status == 403
            && closed.text.contains("outside-hours")
            && closed.text.contains("responsedescription")
    );
    let past = ONE.replace("UID:one", "UID:two").replace("20260303", "20260224");
    assert!(firm.put(&format!("{shelf}b.ics"), &past).text.contains("in-the-past"));
    let into = firm.put("/dav/calendars/bookings/b.ics", &ONE.replace("UID:one", "UID:two"));
    assert_eq!(into.status, 403);
    assert_eq!(firm.sync(&shelf, "").files().0, ["phone-1.ics"], "nothing half done");

    // A moved event moves the booking; other words do not change it.
    let moved = ONE.replace("T090000", "T103000").replace("T100000", "T113000");
    let stale = firm.ask("PUT", &at, &[("if-match", "\"old\"")], &event(&moved));
    assert_eq!(stale.status, 412);
    let words = firm.ask("PUT", &at, &[], &event(&moved.replace("Two samples", "Five")));
    assert_eq!(words.status, 403, "{}", words.text);
    let etag = firm.ask("GET", &at, &[], "").header("etag").to_owned();
    let told = firm.ask("PUT", &at, &[("if-match", &etag)], &event(&moved));
    assert_eq!(told.status, 204, "{}", told.text);
    assert!(
        firm.ask("GET", "/dav/calendars/bookings/phone-1.ics", &[], "")
            .text
            .contains("DTSTART:20260303T023000Z")
    );

    // Deleted, it is cancelled and its time is free; the same event may come again.
    assert_eq!(firm.ask("DELETE", &at, &[("if-match", "\"old\"")], "").status, 412);
    assert_eq!(firm.ask("DELETE", &at, &[], "").status, 204);
    assert_eq!(firm.ask("GET", &at, &[], "").status, 404);
    assert_eq!(firm.ask("DELETE", &at, &[], "").status, 404);
    assert_eq!(firm.put(&at, ONE).status, 201);
    assert!(firm.ask("GET", &at, &[], "").text.contains("DTSTART:20260303T010000Z"));
}

#[test]
fn a_series_skips_what_clashes_and_one_of_its_times_can_be_moved() {
    let town = town();
    let keeper = sign_in(&town, "scientist", "en");
    let id = instrument(&town, &keeper).rsplit('/').next().unwrap().to_owned();
    let (firm, own) = (program(&town, &sign_in(&town, "firm", "en")), program(&town, &keeper));
    let shelf = format!("/dav/calendars/{id}/");
    let taken = ONE.replace("UID:one", "UID:own").replace("20260303", "20260310");
    assert_eq!(own.put(&format!("{shelf}own.ics"), &taken).status, 201);
    let weekly = format!("{ONE}\nRRULE:FREQ=WEEKLY;COUNT=4");
    let at = format!("{shelf}weekly.ics");
    let uneven = firm.put(&at, &format!("{ONE}\nRRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4"));
    assert_eq!(uneven.status, 403);
    let made = firm.put(&at, &weekly);
    assert_eq!(made.status, 201, "{}", made.text);
    let file = firm.ask("GET", &at, &[], "").text;
    assert!(file.contains("RRULE:FREQ=DAILY;INTERVAL=7;COUNT=4"), "{file}");
    assert!(file.contains("EXDATE:20260310T010000Z"), "what was taken is left out: {file}");
    let moved = file.replace(
        "END:VCALENDAR",
        "BEGIN:VEVENT\r\nUID:one\r\nRECURRENCE-ID:20260317T010000Z\r\nDTSTART:20260317T020000Z\r\nDTEND:20260317T030000Z\r\nEND:VEVENT\r\nEND:VCALENDAR",
    );
    let told = firm.ask("PUT", &at, &[], &moved);
    assert_eq!(told.status, 204, "{}", told.text);
    let file = firm.ask("GET", &at, &[], "").text;
    assert!(
        file.contains("RECURRENCE-ID:20260317T010000Z") && file.contains("DTSTART:20260317T020000Z"),
        "{file}"
    );
    assert_eq!(firm.ask("PUT", &at, &[], &file).status, 204, "what was read may come back as it is");
    let fewer = file.replace("EXDATE:20260310", "EXDATE:20260324T010000Z\r\nEXDATE:20260310");
    assert_eq!(firm.ask("PUT", &at, &[], &fewer).status, 403, "one time cannot be left out");
    let query = "<c:calendar-query xmlns:c=\"urn:ietf:params:xml:ns:caldav\" xmlns=\"DAV:\"><prop><getetag/></prop><c:filter><c:comp-filter name=\"VCALENDAR\">\
                 <c:comp-filter name=\"VEVENT\"><c:time-range start=\"20260317T020000Z\" end=\"20260317T030000Z\"/></c:comp-filter></c:comp-filter></c:filter></c:calendar-query>";
    assert_eq!(firm.ask("REPORT", &shelf, &[], query).files().0, ["weekly.ics"]);
    let before = query.replace("20260317T02", "20260316T00").replace("20260317T03", "20260317T01");
    assert!(firm.ask("REPORT", &shelf, &[], &before).files().0.is_empty());
}

#[test]
fn others_see_busy_time_alone_and_are_told_what_changed() {
    let town = town();
    let keeper = sign_in(&town, "scientist", "en");
    let id = instrument(&town, &keeper).rsplit('/').next().unwrap().to_owned();
    let (firm, own) = (program(&town, &sign_in(&town, "firm", "en")), program(&town, &keeper));
    // Someone of no organisation reads, and books nothing.
    let stranger = program(&town, &sign_in(&town, "noticer", "en"));
    let shelf = format!("/dav/calendars/{id}/");
    let first = stranger.sync(&shelf, "");
    assert!(first.files().0.is_empty());
    assert_eq!(stranger.put(&format!("{shelf}x.ics"), ONE).status, 403);
    assert_eq!(firm.put(&format!("{shelf}one.ics"), ONE).status, 201);

    let next = stranger.sync(&shelf, &first.token());
    let busy = next.files().0;
    assert_eq!(busy.len(), 1, "{}", next.text);
    let file = stranger.ask("GET", &format!("{shelf}{}", busy[0]), &[], "").text;
    assert!(
        file.contains("DTSTART:20260303T010000Z")
            && !file.contains("samples")
            && !file.contains("Sample Firm"),
        "{file}"
    );
    assert_eq!(stranger.ask("GET", &format!("{shelf}one.ics"), &[], "").status, 404);
    assert_eq!(stranger.ask("DELETE", &format!("{shelf}{}", busy[0]), &[], "").status, 403);
    assert!(stranger.sync(&shelf, &next.token()).files() == (vec![], vec![]), "nothing has changed");
    // Its keeper sees whose it is.
    let seen = own.sync(&shelf, "").files().0;
    let file = own.ask("GET", &format!("{shelf}{}", seen[0]), &[], "").text;
    assert!(file.contains("Sample Firm") && file.contains("Two samples"), "{file}");

    let mine = firm.sync("/dav/calendars/bookings/", "");
    assert_eq!(firm.ask("DELETE", &format!("{shelf}one.ics"), &[], "").status, 204);
    assert_eq!(stranger.sync(&shelf, &next.token()).files(), (vec![], busy));
    assert_eq!(
        firm.sync("/dav/calendars/bookings/", &mine.token()).files(),
        (vec![], vec!["one.ics".into()])
    );
    // A token of other eyes, or of none, is no token.
    let foreign = firm.sync(&shelf, &next.token());
    assert!(foreign.status == 403 && foreign.text.contains("valid-sync-token"), "{}", foreign.text);
    let busy = "<c:free-busy-query xmlns:c=\"urn:ietf:params:xml:ns:caldav\"><c:time-range start=\"20260301T000000Z\" end=\"20260401T000000Z\"/></c:free-busy-query>";
    assert!(stranger.ask("REPORT", &shelf, &[], busy).text.contains("VFREEBUSY"));
}

#[test]
fn several_at_once_stand_as_how_many_places_are_taken_and_programs_follow() {
    let town = town();
    let keeper = sign_in(&town, "scientist", "en");
    let at = instrument(&town, &keeper);
    let action = format!("{at}/set-using");
    let three: Vec<(&str, &str)> =
        super::sharing::using("200").into_iter().chain([("using.places", "3")]).collect();
    location(&keeper.send(&action, &action, &three));
    let shelf = format!("/dav/calendars/{}/", at.rsplit('/').next().unwrap());
    let (firm, own) = (program(&town, &sign_in(&town, "firm", "en")), program(&town, &keeper));
    let busy = |program: &Program| {
        let body = "<c:free-busy-query xmlns:c=\"urn:ietf:params:xml:ns:caldav\"><c:time-range start=\"20260302T000000Z\" end=\"20260305T000000Z\"/></c:free-busy-query>";
        program.ask("REPORT", &shelf, &[("depth", "1")], body).text.matches("\nFREEBUSY").count()
    };
    let put = |program: &Program, name: &str, from: &str, until: &str| {
        let lines =
            ONE.replace("UID:one", &format!("UID:{name}")).replace("T090000", from).replace("T100000", until);
        let told = program.put(&format!("{shelf}{name}.ics"), &lines);
        assert_eq!(told.status, 201, "{}", told.text);
    };
    put(&firm, "a", "T090000", "T110000");
    put(&own, "b", "T093000", "T103000");
    let first = firm.sync(&shelf, "");
    let names = |at: &[&str]| {
        at.iter()
            .map(|at| format!("busy-{}.ics", at.parse::<Moment>().unwrap().in_millis()))
            .collect::<Vec<_>>()
    };
    let mut here = first.files().0;
    here.sort();
    let mut wanted =
        [vec!["a.ics".to_owned()], names(&["2026-03-03 09:00", "2026-03-03 09:30", "2026-03-03 10:30"])]
            .concat();
    wanted.sort();
    assert_eq!(here, wanted);
    let file = |at: &str| firm.ask("GET", &format!("{shelf}{}", names(&[at])[0]), &[], "").text;
    let two = file("2026-03-03 09:30");
    assert!(two.contains("SUMMARY:2 of 3 taken") && two.contains("TRANSP:TRANSPARENT"), "{two}");
    assert_eq!(busy(&firm), 0, "a place is left");
    put(&own, "c", "T090000", "T093000");
    put(&own, "d", "T090000", "T093000");
    assert!(file("2026-03-03 09:00").contains("SUMMARY:3 of 3 taken"));
    assert_eq!(busy(&firm), 1);
    assert_eq!(own.ask("DELETE", &format!("{shelf}b.ics"), &[], "").status, 204);
    let (_, gone) = firm.sync(&shelf, &first.token()).files();
    assert_eq!(gone, names(&["2026-03-03 10:30"]), "half past nine is a turn still");
    assert!(file("2026-03-03 09:30").contains("SUMMARY:1 of 3 taken"));
}
