//! Other calendars: a keeper brings files of busy times by page, as JSON and by CalDAV; bookings stay, and nobody else may. Whoever runs
//! instruments for others brings their own: when all are busy, nobody can run it, and that is all that is told.

use super::{
    calendars::{ONE, program},
    money::officer,
    sharing::instrument,
    *,
};

impl Browser<'_> {
    fn see(&self, path: &str) -> Reply {
        answer(&self.town.house, &self.visit(path))
    }

    /// What a script of the page sends, with the page's own token.
    fn json(&self, path: &str, body: &str) -> Reply {
        let (_, page) = self.get("/account");
        let token = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
        let mut visit = self.visit(path);
        visit.headers.insert("x-csrf-token".into(), token.into());
        answer(&self.town.house, &Visit { is_post: true, body: body.as_bytes().to_vec(), ..visit })
    }
}

fn file(events: &[&str]) -> String {
    let events: String = events.iter().map(|lines| format!("BEGIN:VEVENT\n{lines}\nEND:VEVENT\n")).collect();
    format!(
        "BEGIN:VCALENDAR\nVERSION:2.0\nPRODID:-//Google Inc//Google Calendar 70.9054//EN\n{events}END:VCALENDAR\n"
    )
}

const LONG: &str = "UID:a\nSUMMARY:Group meeting\nDTSTART;TZID=Asia/Shanghai:20260303T080000\nDTEND;TZID=Asia/Shanghai:20260303T120000";
const LATER: &str = "UID:b\nSUMMARY:Visit\nDTSTART:20260305T010000Z\nDTEND:20260305T030000Z";
const BAD: &str = "UID:c\nSUMMARY:No beginning";

fn brings(browser: &Browser, id: &str, ics: &str) -> Value {
    let body = json!({ "name": "Outlook", "ics": ics }).to_string();
    let reply = browser.json(&format!("/api/v1/instrument/{id}/busy"), &body);
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    serde_json::from_slice(&reply.body).unwrap()
}

fn busy(browser: &Browser, id: &str) -> usize {
    let page = browser.see(&format!("/api/v1/calendar?party={id}"));
    let listed: Value = serde_json::from_slice(&page.body).unwrap();
    let weeks = listed["rows"].as_array().unwrap();
    let slots = |week: &Value| {
        let page = browser.see(&format!("/api/v1/calendar/{}", week["id"].as_str().unwrap()));
        let record: Value = serde_json::from_slice(&page.body).unwrap();
        let slots = record["state"]["slots"].as_array().cloned().unwrap_or_default();
        slots.iter().filter(|slot| slot["closed"] == "elsewhere").count()
    };
    weeks.iter().map(slots).sum()
}

#[test]
fn a_file_closes_times_around_bookings_and_the_same_file_changes_nothing() {
    let town = town();
    let keeper = sign_in(&town, "scientist", "en");
    let id = instrument(&town, &keeper).rsplit('/').next().unwrap().to_owned();
    let firm = program(&town, &sign_in(&town, "firm", "en"));
    let booked = firm.put(&format!("/dav/calendars/{id}/one.ics"), ONE);
    assert_eq!(booked.status, 201, "{}", booked.text);
    let first = brings(&keeper, &id, &file(&[LONG, LATER, BAD]));
    // Nine to ten is booked and stays: the meeting is closed before and after it.
    assert_eq!((&first["closed"], first["clashes"].as_array().unwrap().len()), (&json!(3), 1), "{first}");
    assert_eq!(first["unread"][0]["event"], "No beginning");
    assert_eq!(busy(&keeper, &id), 3);
    let size = town.house.registry.size();
    let again = brings(&keeper, &id, &file(&[LONG, LATER, BAD]));
    assert_eq!((&again["closed"], &again["opened"], &again["unchanged"]), (&json!(0), &json!(0), &json!(3)));
    assert_eq!(town.house.registry.size(), size, "the same file changes nothing");
    let changed = brings(&keeper, &id, &file(&[LONG]));
    assert_eq!((&changed["opened"], &changed["unchanged"], busy(&keeper, &id)), (&json!(1), &json!(2), 2));
    let page = keeper.see(&format!("/instrument/{id}/busy"));
    assert!(text_of(&String::from_utf8(page.body).unwrap()).contains("Outlook"));
    let typed = [("name", "Outlook"), ("remove", "yes")];
    let gone = keeper.send(&format!("/instrument/{id}/busy"), &format!("/instrument/{id}/busy"), &typed);
    assert_eq!((gone.status, busy(&keeper, &id)), (200, 0));
}

#[test]
fn nobody_but_its_keeper_brings_a_calendar_and_what_is_none_is_refused() {
    let town = town();
    let keeper = sign_in(&town, "scientist", "en");
    let id = instrument(&town, &keeper).rsplit('/').next().unwrap().to_owned();
    let firm = sign_in(&town, "firm", "en");
    let address = format!("/instrument/{id}/busy");
    assert_eq!(firm.see(&address).status, 404);
    let api = format!("/api/v1{address}");
    let body = json!({ "name": "x", "ics": file(&[LONG]) }).to_string();
    assert_eq!(firm.json(&api, &body).status, 404);
    let spoiled = json!({ "name": "x", "ics": "hello" }).to_string();
    assert_eq!(keeper.json(&api, &spoiled).status, 400);
    let typed = [("name", "x"), ("ics", "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT")];
    assert_eq!(keeper.send(&address, &address, &typed).status, 422);
    assert_eq!(busy(&keeper, &id), 0);
}

#[test]
fn a_keepers_program_puts_a_whole_calendar_and_takes_it_away() {
    let town = town();
    let keeper = sign_in(&town, "scientist", "en");
    let id = instrument(&town, &keeper).rsplit('/').next().unwrap().to_owned();
    let (phone, firm) = (program(&town, &keeper), program(&town, &sign_in(&town, "firm", "en")));
    let address = format!("/dav/calendars/{id}/import-group.ics");
    assert_eq!(firm.ask("PUT", &address, &[], &file(&[LONG])).status, 404, "not its keeper");
    assert_eq!(phone.ask("PUT", &address, &[], &file(&[LONG, LATER])).status, 204);
    assert_eq!(busy(&keeper, &id), 2);
    let told = phone.ask("PUT", &address, &[], &file(&[LATER, BAD]));
    assert_eq!((told.status, told.text.contains("No beginning"), busy(&keeper, &id)), (200, true, 1));
    assert_eq!(phone.ask("DELETE", &address, &[], "").status, 204);
    assert_eq!(busy(&keeper, &id), 0);
}

fn asks(browser: &Browser, path: &str, body: &Value) -> Value {
    let reply = browser.json(&format!("/api/v1/{path}"), &body.to_string());
    let text = String::from_utf8_lossy(&reply.body).into_owned();
    assert_eq!(reply.status, 200, "{path}: {text}");
    serde_json::from_str(&text).unwrap()
}

/// An instrument that two others run for whoever books it.
fn run_by_others(town: &Town, keeper: &Browser, operators: &[Id]) -> String {
    let id = instrument(town, keeper).rsplit('/').next().unwrap().to_owned();
    let using = json!({ "using": {
        "openings": [{ "weekday": "tuesday", "opens": "08:00", "shuts": "18:00" }], "confirmation": "at-once", "buffer_minutes": 0,
        "is_supervised": true, "needs_permit": false, "charges": { "outside_hour": "600.00" },
    } });
    asks(keeper, &format!("instrument/{id}/set-using"), &using);
    let named: Vec<Value> =
        operators.iter().map(|person| json!({ "person": person, "licence": null, "until": null })).collect();
    asks(keeper, &format!("instrument/{id}/set-operators"), &json!({ "operators": named }));
    id
}

fn wish(town: &Town, id: &str, from: &str) -> String {
    json!({
        "instrument": id, "buyer": town.firm, "from": from.parse::<Moment>().unwrap(), "minutes": 60, "basis": "by-hour",
        "purpose": "research", "detail": "two samples", "no_secrets": true,
    })
    .to_string()
}

const DENTIST: &str = "UID:d\nSUMMARY:Dentist\nDTSTART;TZID=Asia/Shanghai:20260303T110000\nDTEND;TZID=Asia/Shanghai:20260303T200000";

#[test]
fn where_all_operators_are_busy_supervised_use_is_not_offered_and_nobody_learns_why() {
    let town = town();
    let people = ["op-1", "op-2"].map(|login| officer(&town, login, &[], "310115"));
    let [one, two] = ["op-1", "op-2"].map(|login| sign_in(&town, login, "en"));
    let (keeper, firm) = (sign_in(&town, "scientist", "en"), sign_in(&town, "firm", "en"));
    let id = run_by_others(&town, &keeper, &people);
    let calendar = format!("/instrument/{id}/calendar?day=2026-03-03");
    let alone = "Nobody to run it";
    let told = asks(&one, "my/busy", &json!({ "name": "phone", "ics": file(&[LONG, BAD]) }));
    assert_eq!((&told["times"], &told["instruments"]), (&json!(1), &json!([id])), "{told}");
    assert_eq!(told["unread"][0]["event"], "No beginning");
    assert!(!firm.get(&calendar).1.contains(alone), "the other operator is free");
    asks(&two, "my/busy", &json!({ "name": "work", "ics": file(&[DENTIST]) }));
    let page = firm.get(&calendar).1;
    assert!(page.contains(alone), "both are busy from eleven to twelve");
    let text = text_of(&page);
    assert!(
        text.contains("11:00–12:00") && text.contains("08:00–11:00") && text.contains("12:00–18:00"),
        "{text}"
    );
    // Programs that read its public calendar know it too: the hour is named, and nobody's.
    let feed = firm.get(&format!("/calendar/{id}.ics")).1;
    let hour =
        feed.split("BEGIN:VEVENT").find(|event| event.contains(alone)).unwrap_or_else(|| panic!("{feed}"));
    assert!(hour.contains("20260303T030000Z") && hour.contains("20260303T040000Z"), "{hour}");
    assert!(!hour.contains("TRANSP:TRANSPARENT"), "{hour}");
    let busy = firm.get(&format!("/calendar/{id}.ics?as=freebusy")).1;
    assert!(busy.contains("20260303T030000Z/"), "{busy}");
    let booked = |from: &str| firm.json("/api/v1/booking/request", &wish(&town, &id, from));
    let refused = booked("2026-03-03 11:30");
    let why = String::from_utf8_lossy(&refused.body).into_owned();
    assert!(refused.status == 422 && why.contains("nobody is free to run it for you"), "{why}");
    assert_eq!(booked("2026-03-03 12:00").status, 201);
    // What they are busy with stands nowhere, and when only one of them is, nobody else learns.
    let logged = town.house.registry.size();
    let facts: String = (0..logged).map(|place| firm.get(&format!("/proof/{place}")).1).collect();
    let seen = [facts, keeper.get(&calendar).1, keeper.get(&format!("/instrument/{id}")).1, page];
    for text in seen {
        assert!(!text.contains("Dentist") && !text.contains("Group meeting"), "{text}");
    }
    let away = asks(&two, "my/busy", &json!({ "name": "work", "remove": true }));
    assert_eq!(away["instruments"], json!([id]));
    assert!(!firm.get(&calendar).1.contains(alone));
}

#[test]
fn ones_busy_time_is_ones_own_and_what_is_no_calendar_is_refused() {
    let town = town();
    let people = ["op-1"].map(|login| officer(&town, login, &[], "310115"));
    let (one, keeper) = (sign_in(&town, "op-1", "en"), sign_in(&town, "scientist", "en"));
    let id = run_by_others(&town, &keeper, &people);
    let address = "/my/busy";
    let nobody = Browser { town: &town, cookies: BTreeMap::new(), language: "en" };
    assert_ne!(nobody.see(address).status, 200);
    let typed = [("name", "phone"), ("ics", "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT")];
    assert_eq!(one.send(address, address, &typed).status, 422);
    let whole = file(&[LONG]);
    let taken = one.send(address, address, &[("name", "phone"), ("ics", whole.as_str())]);
    let page = text_of(&String::from_utf8(taken.body).unwrap());
    assert!(taken.status == 200 && page.contains("phone") && page.contains("busy times 1"), "{page}");
    assert!(!keeper.get(address).1.contains("phone"), "not even its keeper reads another's");
    // The firm is busy too, and runs nothing: nothing follows.
    let firm = sign_in(&town, "firm", "en");
    let told = asks(&firm, "my/busy", &json!({ "name": "mine", "ics": file(&[DENTIST]) }));
    assert_eq!(told["instruments"], json!([]));
    let size = town.house.registry.size();
    asks(&one, "my/busy", &json!({ "name": "phone", "ics": whole }));
    assert_eq!(town.house.registry.size(), size, "the same file changes nothing");
    // Whoever is named after they brought it counts as soon as the house looks.
    let late = officer(&town, "op-2", &[], "310115");
    let named = json!({ "operators": [{ "person": late, "licence": null, "until": null }] });
    asks(&keeper, &format!("instrument/{id}/set-operators"), &named);
    let look = registry::Look { registry: &town.house.registry, viewer: grammar::viewer::Viewer::clock() };
    let record = look.record(id.parse().unwrap()).unwrap().unwrap();
    assert!(window::attend(&town.house.registry, &record).unwrap(), "the new operator is free");
    assert!(!keeper.get(&format!("/instrument/{id}/calendar?day=2026-03-03")).1.contains("Nobody to run it"));
    // It goes with its person.
    let erase = json!({ "verb": "erase", "ground": "asked" });
    founded(&town.house.registry, "erase", "person", Some(people[0]), erase);
    let left: Vec<(String, Value)> = town.house.registry.kept_all("own-busy", "", 200).unwrap();
    assert!(
        left.len() == 1 && !left[0].0.starts_with(people[0].as_str()),
        "only the firm's is left: {left:?}"
    );
}
