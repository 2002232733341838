//! Other calendars: a keeper brings files of busy times by page, as JSON and by CalDAV; bookings stay, and nobody else may.

use super::{
    calendars::{ONE, program},
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
