//! The page: a keeper brings a file or pastes it, reads what came of it, and sees which calendars have brought what.

use grammar::kinds::{Id, Moment};
use maud::{Markup, html};
use registry::Record;
use serde::Deserialize;
use serde_json::json;

use super::{
    kept,
    read::{HORIZON_DAYS, TIMES_MAX, Unread},
    settle::{self, NAME_MAX, Report},
};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Empty, Link, Notice, Press, Row, Section, Table, Tone},
    visit::Reply,
    ways::Answer,
};

/// Lines of each list of a report.
const SHOWN: usize = 30;

/// The page.
///
/// # Errors
/// When this guest does not keep the instrument, or the store cannot be read.
pub fn busy(guest: &Guest, id: Id) -> Answer {
    page(guest, &kept(guest, id)?, 200, html! {})
}

/// Takes in what was brought.
///
/// # Errors
/// When this guest does not keep the instrument, or the store cannot be read.
pub fn busy_post(guest: &Guest, id: Id) -> Answer {
    let record = kept(guest, id)?;
    let text = match sent_text(guest) {
        Ok(text) => text,
        Err(sentence) => return refused(guest, &record, &sentence),
    };
    let is_removed = guest.visit.typed("remove") == "yes";
    if text.is_none() && !is_removed {
        return refused(guest, &record, guest.word("elsewhere-nothing"));
    }
    match settle::bring(guest, id, guest.visit.typed("name"), text.as_deref().filter(|_| !is_removed)) {
        Ok(report) => page(guest, &record, 200, told(guest, &report)),
        Err(Trouble::Unreadable(sentence)) => refused(guest, &record, &sentence),
        Err(trouble) => Err(trouble),
    }
}

/// The text of the file that was chosen, or what was pasted.
///
/// # Errors
/// The file is no text: the sentence for it.
pub(super) fn sent_text(guest: &Guest) -> Result<Option<String>, String> {
    let visit = guest.visit;
    let pasted = visit.form.get("ics").filter(|text| !text.trim().is_empty()).cloned();
    let file = visit.uploads.get("file").filter(|(_, bytes)| !bytes.is_empty());
    match file.map(|(_, bytes)| String::from_utf8(bytes.clone())) {
        Some(Err(_)) => Err(guest.word("elsewhere-no-text").into()),
        Some(Ok(text)) => Ok(Some(text)),
        None => Ok(pasted),
    }
}

fn refused(guest: &Guest, record: &Record, sentence: &str) -> Answer {
    page(guest, record, 422, refusal(guest, sentence))
}

/// Why nothing of a file was taken.
pub(super) fn refusal(guest: &Guest, sentence: &str) -> Markup {
    let notice = Notice {
        tone: Tone::Bad,
        title: guest.word("elsewhere-refused").into(),
        body: html! { p { (sentence) } p { (guest.word("nothing-changed")) } },
        links: vec![],
    };
    html! { div role="alert" { (parts::notice(&notice)) } }
}

fn page(guest: &Guest, record: &Record, status: u16, answer: Markup) -> Answer {
    let title = guest.word("elsewhere-title");
    let action = format!("/instrument/{}/busy", record.id);
    let section = |id: &str, key: &'static str, body: Markup| {
        parts::section(&Section { id: id.into(), title: guest.word(key).into(), beside: html! {}, body })
    };
    let main = html! {
        (parts::heading(&parts::Heading { title: title.into(), lead: guest.word("elsewhere-lead").into(), ..Default::default() }))
        (answer)
        (section("bring", "elsewhere-bring", form(guest, &action)))
        (section("brought", "elsewhere-brought", brought(guest, record.id)?))
    };
    let name = guest.pick(&record.card.title_zh, &record.card.title_en).to_owned();
    let crumbs = vec![
        Link::new("/instrument", guest.desk_word("instrument", "desk", "many")),
        Link::new(format!("/instrument/{}", record.id), name),
    ];
    Ok(guest.page_with(status, title, crumbs, main))
}

pub(super) fn form(guest: &Guest, action: &str) -> Markup {
    let limits = json!({ "times": TIMES_MAX, "days": HORIZON_DAYS });
    html! {
        form.form method="post" enctype="multipart/form-data" action=(action) {
            @for (name, value) in guest.hidden() { input type="hidden" name=(name) value=(value); }
            div.field {
                label for="name" { (guest.word("elsewhere-which")) }
                input #name type="text" name="name" maxlength=(NAME_MAX) required value=(guest.visit.typed("name"));
                p.note { (guest.word("elsewhere-which-help")) }
            }
            div.field { label for="file" { (guest.word("elsewhere-file")) } input #file type="file" name="file" accept=".ics,text/calendar"; }
            div.field { label for="ics" { (guest.word("elsewhere-paste")) } textarea #ics name="ics" rows="5" {} }
            div.row { button.main type="submit" { (guest.word("elsewhere-take")) } }
            p.note { (guest.say("elsewhere-limits", &limits)) }
        }
    }
}

fn brought(guest: &Guest, id: Id) -> Result<Markup, Trouble> {
    let all = settle::brought(guest, id)?;
    let rows = all.iter().map(|(_, one)| Calendar {
        name: &one.name,
        at: one.at,
        events: one.events,
        times: one.closed.len(),
    });
    Ok(calendars(guest, &format!("/instrument/{id}/busy"), "elsewhere-closed", rows))
}

/// A calendar that was brought: how it is called, when it came, how many events it had and what came of them.
pub(super) struct Calendar<'a> {
    pub name: &'a str,
    pub at: i64,
    pub events: usize,
    pub times: usize,
}

/// Calendars that were brought, each with the way to take it away; `times` is what the last number counts.
pub(super) fn calendars<'a>(
    guest: &Guest,
    action: &str,
    times: &'static str,
    all: impl Iterator<Item = Calendar<'a>>,
) -> Markup {
    let row = |one: Calendar| {
        let mut press = Press {
            action: action.into(),
            hidden: guest.hidden(),
            label: guest.word("elsewhere-remove").into(),
        };
        press.hidden.extend([("name".into(), one.name.into()), ("remove".into(), "yes".into())]);
        Row::new(vec![
            html! { (one.name) },
            html! { (guest.moment(Moment::from_millis(one.at))) },
            html! { (one.events) },
            html! { (one.times) },
            press.show(""),
        ])
    };
    let heads = ["elsewhere-which", "elsewhere-at", "elsewhere-events", times, "next-step"];
    parts::table(&Table {
        id: "calendars-brought".into(),
        caption: guest.word("elsewhere-brought").into(),
        columns: heads.map(|head| Column::new(guest.word(head))).into(),
        rows: all.map(row).collect(),
        scrolls: false,
        empty: Empty { title: guest.word("elsewhere-none").into(), ..Empty::default() },
    })
}

/// What of a file could not be read; nothing when all of it could.
pub(super) fn unread(guest: &Guest, unread: &[Unread]) -> Markup {
    html! {
        @if !unread.is_empty() {
            p { b { (guest.say("elsewhere-left-out", &json!({ "count": unread.len() }))) } }
            ul { @for one in unread.iter().take(SHOWN) { li { (guest.say("elsewhere-unread", &json!({ "line": one.line, "event": one.event, "why": one.why }))) } } }
        }
    }
}

/// What came of it: how much, then what the keeper must look at.
fn told(guest: &Guest, report: &Report) -> Markup {
    let facts = json!({
        "name": report.name, "events": report.events, "closed": report.closed, "opened": report.opened, "unchanged": report.unchanged,
    });
    let needs_look = !(report.clashes.is_empty() && report.unread.is_empty() && report.not_closed.is_empty());
    let span = |from: Moment, until: Moment| format!("{} – {}", guest.moment(from), guest.moment(until));
    let body = html! {
        p { (guest.say("elsewhere-done", &facts)) }
        @if report.is_cut { p { (guest.say("elsewhere-cut", &json!({ "max": TIMES_MAX }))) } }
        @if !report.clashes.is_empty() {
            p { b { (guest.say("elsewhere-clashes", &json!({ "count": report.clashes.len() }))) } }
            ul { @for one in report.clashes.iter().take(SHOWN) { li { a href={ "/booking/" (one.booking) } { (span(one.from, one.until)) } } } }
        }
        @if !report.not_closed.is_empty() {
            p { b { (guest.word("elsewhere-not-closed")) } }
            ul { @for one in report.not_closed.iter().take(SHOWN) { li { (span(one.from, one.until)) " " (one.why) } } }
        }
        (unread(guest, &report.unread))
    };
    let tone = if needs_look { Tone::Warn } else { Tone::Good };
    let notice = Notice { tone, title: guest.word("elsewhere-taken").into(), body, links: vec![] };
    html! { div role="status" { (parts::notice(&notice)) } }
}

/// What a program sends.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sent {
    pub name: String,
    #[serde(default)]
    pub ics: Option<String>,
    #[serde(default)]
    pub remove: bool,
}

impl Sent {
    /// # Errors
    /// It cannot be read, or says nothing.
    pub fn read(guest: &Guest) -> Result<Self, Trouble> {
        let unreadable = |error: serde_json::Error| Trouble::Unreadable(error.to_string());
        let sent: Self = serde_json::from_slice(&guest.visit.body).map_err(unreadable)?;
        if sent.ics.is_none() && !sent.remove {
            return Err(Trouble::Unreadable(guest.word("elsewhere-nothing").into()));
        }
        Ok(sent)
    }
}

/// What other calendars have brought, for programs.
///
/// # Errors
/// When this guest does not keep the instrument, or the store cannot be read.
pub fn busy_json(guest: &Guest, id: Id) -> Answer {
    kept(guest, id)?;
    let all: Vec<_> = settle::brought(guest, id)?
        .into_iter()
        .map(|(_, one)| json!({ "name": one.name, "at": Moment::from_millis(one.at), "events": one.events, "closed": one.closed.len() }))
        .collect();
    Ok(Reply::json(200, &json!({ "calendars": all })))
}

/// The same as the page, for programs.
///
/// # Errors
/// When this guest does not keep the instrument, or what was sent cannot be read.
pub fn busy_send(guest: &Guest, id: Id) -> Answer {
    kept(guest, id)?;
    let sent = Sent::read(guest)?;
    let report = settle::bring(guest, id, &sent.name, sent.ics.as_deref().filter(|_| !sent.remove))?;
    Ok(Reply::json(200, &json!(report)))
}
