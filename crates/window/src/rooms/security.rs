//! Security: what the three administrators see and do about signing in. The system administrator hands out links
//! to set a password, but sees no events; the security administrator sees them, stops people from signing in, and
//! alone may do either to one of the three; the auditor sees everything and changes nothing. Nobody does anything
//! to themselves (rulebook PL-R13).

use grammar::{
    kinds::{Day, Id, Region},
    viewer::Viewer,
};
use maud::{Markup, html};

use super::entry::{self, Entry, Faults, Sheet};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Empty, Fact, Link, Notice, Row, Section, Table, Tone},
    session::{self, Halt, SecurityEvent, What},
    ways::Answer,
};

/// Events on one page.
const SHOWN: u32 = 500;
const SYSTEM: &str = "system-admin";
const SECURITY: &str = "security-admin";
const AUDIT: &str = "auditor";
const REASON_MAX: usize = 300;

fn is(viewer: &Viewer, office: &str) -> bool {
    viewer.offices.iter().any(|(held, _)| held == office)
}

fn who(guest: &Guest, offices: &[&str]) -> Trouble {
    if guest.session.is_none() {
        return Trouble::SignIn;
    }
    let who = offices.iter().map(|office| format!("office:{office}")).collect();
    Trouble::Denied(grammar::case::Refused::NotAllowed(who).into())
}

/// Sign-ins, failures, lock-outs and resets, newest first, of one day or of all.
///
/// # Errors
/// The guest is neither security administrator nor auditor; the store cannot be read.
pub fn events(guest: &Guest) -> Answer {
    let viewer = &guest.look.viewer;
    if !(is(viewer, SECURITY) || is(viewer, AUDIT)) {
        return Err(who(guest, &[SECURITY, AUDIT]));
    }
    let day: Option<Day> = guest.visit.asked("day").and_then(|day| day.parse().ok());
    let events = session::of_day(guest.house, day, SHOWN)?;
    let heads = ["when", "what", "whom", "address", "device"];
    let table = Table {
        id: "events".into(),
        caption: guest.say("events-shown", &serde_json::json!({ "count": events.len(), "max": SHOWN })),
        columns: heads.map(|key| Column::new(head(guest, key))).into(),
        rows: events.iter().map(|event| row(guest, event)).collect(),
        scrolls: false,
        empty: Empty { title: guest.word("events-none").into(), ..Empty::default() },
    };
    let value = day.map(|day| day.to_string()).unwrap_or_default();
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("security").into(), lead: guest.word("security-lead").into(), ..Default::default() }))
        form.row method="get" action="/security" {
            label for="day" { (guest.word("events-day")) }
            input.short #day type="date" name="day" value=[parts::some(&value)];
            button type="submit" { (guest.word("show")) }
            @if day.is_some() { a href="/security" { (guest.word("all-days")) } }
            @if is(viewer, SECURITY) { a href="/security/people" { (guest.word("security-people")) } }
        }
        (parts::table(&table))
    };
    Ok(guest.page(guest.word("security"), vec![], main))
}

fn head<'a>(guest: &'a Guest, key: &str) -> &'a str {
    match key {
        "when" => guest.word("when"),
        "what" => guest.word("event"),
        "whom" => guest.word("person"),
        "address" => guest.word("address"),
        _ => guest.word("device"),
    }
}

fn row(guest: &Guest, event: &SecurityEvent) -> Row {
    let key = format!("{:?}", event.what);
    let what = guest.find("security", &key).unwrap_or(&key).to_owned();
    let is_bad = matches!(event.what, What::WrongPassword | What::LockedOut);
    Row::new(vec![
        html! { (guest.moment(event.last)) @if event.count > 1 { small { " " (guest.say("times", &serde_json::json!({ "count": event.count }))) } } },
        html! { @if is_bad { (parts::badge(Tone::Warn, &what)) } @else { (what) } @if !event.about.is_empty() { small { " " (about(guest, &event.about)) } } },
        html! { @match event.person { Some(id) => (guest.link(id)), None => span.soft { (guest.word("unknown-name")) } } @if let Some(by) = event.by { small { " " (guest.word("by")) " " (guest.link(by)) } } },
        html! { code { (event.address) } },
        html! { (event.device) },
    ])
}

/// Ways of signing in have words; names of tokens and reasons are as they were typed.
fn about<'a>(guest: &'a Guest, about: &'a str) -> &'a str {
    guest.find("way-in", about).unwrap_or(about)
}

/// The form by which administrators look after somebody's way of signing in.
///
/// # Errors
/// The guest is neither of the two administrators.
pub fn people(guest: &Guest) -> Answer {
    let found = match guest.visit.asked("person") {
        None => None,
        Some(typed) => Some(find(guest, typed)?),
    };
    show(guest, found, &[], None)
}

fn may_enter(guest: &Guest) -> Result<(), Trouble> {
    let viewer = &guest.look.viewer;
    if is(viewer, SYSTEM) || is(viewer, SECURITY) { Ok(()) } else { Err(who(guest, &[SYSTEM, SECURITY])) }
}

/// A person by id or by the name they sign in with.
fn find(guest: &Guest, typed: &str) -> Result<Option<Id>, Trouble> {
    may_enter(guest)?;
    let by_id = typed.trim().rsplit('/').next().and_then(|id| id.parse::<Id>().ok());
    let person = match by_id.filter(|id| id.desk() == "person") {
        Some(id) => Some(id),
        None => session::person_of(&guest.house.registry, typed)?,
    };
    let is_there =
        |id: &Id| guest.house.registry.look(Some(*id)).is_ok_and(|look| look.viewer.person.is_some());
    Ok(person.filter(is_there))
}

/// Which office may look after this person's way of signing in.
fn keeper(guest: &Guest, person: Id) -> Result<&'static str, Trouble> {
    let look = guest.house.registry.look(Some(person))?;
    let is_one_of_three = [SYSTEM, SECURITY, AUDIT].iter().any(|office| is(&look.viewer, office));
    Ok(if is_one_of_three { SECURITY } else { SYSTEM })
}

/// Whether the guest holds the office for the region of this person, and is somebody else.
fn may(guest: &Guest, office: &'static str, person: Id) -> Result<(), Trouble> {
    let region: Region = guest
        .look
        .record(person)?
        .and_then(|record| record.card.region)
        .unwrap_or(grammar::kinds::REGION_ALL);
    if guest.look.viewer.person == Some(person) {
        return Err(Trouble::Denied(registry::Denied::SamePerson));
    }
    if guest.look.viewer.holds(office, region) { Ok(()) } else { Err(who(guest, &[office])) }
}

fn show(guest: &Guest, found: Option<Option<Id>>, faults: &Faults, link: Option<&str>) -> Answer {
    may_enter(guest)?;
    let typed = guest.visit.asked("person").unwrap_or(guest.visit.typed("person"));
    let search = Entry { value: typed.to_owned(), ..Entry::text(guest, "person", guest.word("whom"), "off") };
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("security-people").into(), lead: guest.word("security-people-lead").into(), ..Default::default() }))
        (entry::summary(guest, faults))
        form.form.narrow method="get" action="/security/people" {
            (search.helped(guest.word("whom-help")).show(&[]))
            div.row { button type="submit" { (guest.word("find")) } }
        }
        @match found {
            None => {},
            Some(None) => (parts::notice(&Notice { tone: Tone::Warn, title: guest.word("nobody-found").into(), body: html! {}, links: vec![] })),
            Some(Some(person)) => (one(guest, person, faults, link)?),
        }
    };
    let crumbs = vec![Link::new("/security", guest.word("security"))];
    let status = if faults.is_empty() { 200 } else { 422 };
    Ok(guest.page_with(status, guest.word("security-people"), crumbs, main))
}

fn one(guest: &Guest, person: Id, faults: &Faults, link: Option<&str>) -> Result<Markup, Trouble> {
    let registry = &guest.house.registry;
    let (name, halt) = (session::name_of(registry, person)?, session::halted(registry, person)?);
    let keeper = keeper(guest, person)?;
    let mut facts = vec![Fact::new(guest.word("login"), name.as_deref().unwrap_or(guest.word("no-login")))];
    if let Some(halt) = &halt {
        facts.push(Fact {
            label: guest.word("halted-since").into(),
            value: html! { (guest.moment(halt.since)) " " (halt.reason) },
            note: guest.name(halt.by),
        });
    }
    let body = html! {
        (parts::facts(&facts))
        @if let Some(link) = link {
            div role="status" { (parts::notice(&Notice { tone: Tone::Good, title: guest.word("reset-made").into(), body: html! { p { (guest.word("reset-made-text")) } p { code { (link) } } }, links: vec![] })) }
        }
        @if may(guest, keeper, person).is_ok() { (to_reset(guest, person)) }
        @else { p.note { (guest.word("kept-by-other")) } }
        @if may(guest, SECURITY, person).is_ok() { (to_halt(guest, person, halt.as_ref(), faults)) }
    };
    Ok(parts::section(&Section {
        id: "one".into(),
        title: guest.name(person),
        beside: guest.link(person),
        body,
    }))
}

fn to_reset(guest: &Guest, person: Id) -> Markup {
    let body = html! { input type="hidden" name="person" value=(person); p.note { (guest.word("reset-make-text")) } label.choice { input type="checkbox" name="forget" value="yes"; span { (guest.word("reset-forget")) } } };
    Sheet { action: "/security/reset", body, button: guest.word("reset-make"), more: vec![] }.show(guest)
}

fn to_halt(guest: &Guest, person: Id, halt: Option<&Halt>, faults: &Faults) -> Markup {
    let (action, button) = match halt {
        Some(_) => ("/security/resume", guest.word("resume")),
        None => ("/security/halt", guest.word("halt")),
    };
    let body = html! {
        input type="hidden" name="person" value=(person);
        @if halt.is_none() { (Entry { max: 300, ..Entry::text(guest, "reason", guest.word("halt-reason"), "off") }.show(faults)) }
    };
    Sheet { action, body, button, more: vec![] }.show(guest)
}

/// Makes a link, stops someone from signing in, or lets them again.
///
/// # Errors
/// The guest may not; there is no such person; the store cannot be written.
pub fn act(guest: &Guest, what: &str) -> Answer {
    let by = guest.session.as_ref().ok_or(Trouble::SignIn)?.person;
    let person = find(guest, guest.visit.typed("person"))?.ok_or(Trouble::NotFound)?;
    let (house, visit) = (guest.house, guest.visit);
    match what {
        "reset" => {
            may(guest, keeper(guest, person)?, person)?;
            let secret = session::make_reset(house, person, by, !visit.typed("forget").is_empty())?;
            session::note_by(house, visit, What::ResetMade, (person, by), "")?;
            let link = format!("{}/reset/{secret}", house.options.public_url);
            show(guest, Some(Some(person)), &[], Some(&link))
        }
        "halt" => {
            may(guest, SECURITY, person)?;
            let reason: String = visit.typed("reason").chars().take(REASON_MAX).collect();
            if reason.is_empty() {
                let faults = [("reason", guest.word("halt-unreasoned").to_owned())];
                return show(guest, Some(Some(person)), &faults, None);
            }
            session::note_by(house, visit, What::Halted, (person, by), &reason)?;
            session::halt(house, person, Some(&Halt { by, since: house.registry.now(), reason }))?;
            show(guest, Some(Some(person)), &[], None)
        }
        "resume" => {
            may(guest, SECURITY, person)?;
            session::halt(house, person, None)?;
            session::note_by(house, visit, What::Resumed, (person, by), "")?;
            show(guest, Some(Some(person)), &[], None)
        }
        _ => Err(Trouble::NotFound),
    }
}
