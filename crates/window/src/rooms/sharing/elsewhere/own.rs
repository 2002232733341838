//! Own: whoever runs instruments for others brings their own calendars. Their times are kept under that person alone, outside the
//! log, without titles; of them others learn only when nobody can run an instrument.

use grammar::kinds::{Id, Moment};
use maud::{Markup, html};
use registry::Record;
use serde_json::json;

use super::{
    page::{Calendar, Sent, calendars, form, refusal, sent_text, unread},
    read::{self, Busy, TIMES_MAX},
    settle::{named, unreadable},
};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Empty, Link, Notice, Row, Section, Table, Tone},
    rooms::{
        oneself,
        sharing::attending::{self, KEPT_MILLIS, OwnBusy, SOURCES_MAX, SPACE},
    },
    session::hash,
    visit::Reply,
    ways::Answer,
};

/// What came of a calendar.
pub struct Taken {
    pub name: String,
    pub busy: Busy,
    pub told: Vec<Record>,
}

fn who(guest: &Guest) -> Result<Id, Trouble> {
    oneself(guest)?;
    guest.session.as_ref().map(|session| session.person).ok_or(Trouble::SignIn)
}

/// Takes in a calendar under a name; without a file, what that name had brought is forgotten.
fn bring(guest: &Guest, name: &str, file: Option<&str>) -> Result<Taken, Trouble> {
    let person = who(guest)?;
    let (registry, name) = (&guest.house.registry, named(guest, name)?);
    let (now, key) = (registry.now(), format!("{person}/{}", hash(name)));
    let all = attending::brought(registry, person)?;
    let is_known = all.iter().any(|(known, _)| *known == key);
    let busy = match file {
        None if !is_known => return Err(Trouble::NotFound),
        None => {
            registry.throw_away(SPACE, &key)?;
            Busy::default()
        }
        Some(text) => {
            if !is_known && all.len() >= SOURCES_MAX as usize {
                return Err(Trouble::Unreadable(guest.say("own-busy-many", &json!({ "max": SOURCES_MAX }))));
            }
            let busy = read::read(text, now.in_millis()).map_err(|unread| unreadable(guest, &unread))?;
            let times = busy.spans.iter().map(|span| (span.from(), span.until())).collect();
            let one =
                OwnBusy { name: name.to_owned(), at: now.in_millis(), events: busy.events, busy: times };
            registry.keep(SPACE, &key, &one, now.plus_millis(KEPT_MILLIS))?;
            busy
        }
    };
    let told = attending::attend_all(registry, person)?;
    Ok(Taken { name: name.to_owned(), busy, told })
}

/// The page.
///
/// # Errors
/// When one has not signed in, or the store cannot be read.
pub fn own_busy(guest: &Guest) -> Answer {
    page(guest, 200, html! {})
}

/// Takes in what was brought.
///
/// # Errors
/// When one has not signed in, or the store cannot be used.
pub fn own_busy_post(guest: &Guest) -> Answer {
    who(guest)?;
    let is_removed = guest.visit.typed("remove") == "yes";
    let text = match sent_text(guest) {
        Ok(text) => text,
        Err(sentence) => return refused(guest, &sentence),
    };
    if text.is_none() && !is_removed {
        return refused(guest, guest.word("elsewhere-nothing"));
    }
    match bring(guest, guest.visit.typed("name"), text.as_deref().filter(|_| !is_removed)) {
        Ok(taken) => page(guest, 200, told(guest, &taken)),
        Err(Trouble::Unreadable(sentence)) => refused(guest, &sentence),
        Err(trouble) => Err(trouble),
    }
}

fn refused(guest: &Guest, sentence: &str) -> Answer {
    page(guest, 422, refusal(guest, sentence))
}

fn page(guest: &Guest, status: u16, answer: Markup) -> Answer {
    let person = who(guest)?;
    let section = |id: &str, key: &'static str, body: Markup| {
        parts::section(&Section { id: id.into(), title: guest.word(key).into(), beside: html! {}, body })
    };
    let title = guest.word("own-busy-title");
    let main = html! {
        (parts::heading(&parts::Heading { title: title.into(), lead: guest.word("own-busy-lead").into(), ..Default::default() }))
        (answer)
        (section("bring", "elsewhere-bring", form(guest, "/my/busy")))
        (section("brought", "elsewhere-brought", brought(guest, person)?))
        (section("runs", "own-busy-runs", runs(guest, person)?))
    };
    Ok(guest.page_with(status, title, vec![Link::new("/account", guest.word("account"))], main))
}

fn brought(guest: &Guest, person: Id) -> Result<Markup, Trouble> {
    let all = attending::brought(&guest.house.registry, person)?;
    let rows = all.iter().map(|(_, one)| Calendar {
        name: &one.name,
        at: one.at,
        events: one.events,
        times: one.busy.len(),
    });
    Ok(calendars(guest, "/my/busy", "own-busy-times", rows))
}

/// The instruments one runs for others, and in how many times nobody can run each.
fn runs(guest: &Guest, person: Id) -> Result<Markup, Trouble> {
    let all = attending::run_by(&guest.house.registry, person)?;
    let row = |record: &Record| {
        let alone: desks::instrument::Unattended = record.card.read("unattended").unwrap_or_default();
        let name = guest.pick(&record.card.title_zh, &record.card.title_en);
        Row::new(vec![
            html! { a href={ "/instrument/" (record.id) "/calendar" } { (name) } },
            html! { (alone.len()) },
        ])
    };
    Ok(parts::table(&Table {
        id: "runs".into(),
        caption: guest.word("own-busy-runs").into(),
        columns: ["instrument", "own-busy-nobody"].map(|head| Column::new(guest.word(head))).into(),
        rows: all.iter().map(row).collect(),
        scrolls: false,
        empty: Empty { title: guest.word("own-busy-runs-none").into(), ..Empty::default() },
    }))
}

fn told(guest: &Guest, taken: &Taken) -> Markup {
    let facts = json!({ "name": taken.name, "events": taken.busy.events, "times": taken.busy.spans.len(), "count": taken.told.len() });
    let body = html! {
        p { (guest.say("own-busy-done", &facts)) }
        @if taken.busy.is_cut { p { (guest.say("elsewhere-cut", &json!({ "max": TIMES_MAX }))) } }
        (unread(guest, &taken.busy.unread))
    };
    let tone = if taken.busy.unread.is_empty() { Tone::Good } else { Tone::Warn };
    let notice = Notice { tone, title: guest.word("elsewhere-taken").into(), body, links: vec![] };
    html! { div role="status" { (parts::notice(&notice)) } }
}

/// The calendars one has brought, for one's programs.
///
/// # Errors
/// When one has not signed in, or the store cannot be read.
pub fn own_busy_json(guest: &Guest) -> Answer {
    let all: Vec<_> = attending::brought(&guest.house.registry, who(guest)?)?
        .into_iter()
        .map(|(_, one)| json!({ "name": one.name, "at": Moment::from_millis(one.at), "events": one.events, "times": one.busy.len() }))
        .collect();
    Ok(Reply::json(200, &json!({ "calendars": all })))
}

/// The same as the page, for programs.
///
/// # Errors
/// When one has not signed in, or what was sent cannot be read.
pub fn own_busy_send(guest: &Guest) -> Answer {
    who(guest)?;
    let sent = Sent::read(guest)?;
    let taken = bring(guest, &sent.name, sent.ics.as_deref().filter(|_| !sent.remove))?;
    let told: Vec<Id> = taken.told.iter().map(|record| record.id).collect();
    let busy = taken.busy;
    Ok(Reply::json(
        200,
        &json!({ "name": taken.name, "events": busy.events, "times": busy.spans.len(), "unread": busy.unread, "is_cut": busy.is_cut, "instruments": told }),
    ))
}
