//! A proposal: first whose turn it is and until when, and how many shifts it has; then the record as any other.

use desks::proposal::{Kind, Placed, Turn};
use grammar::{clerk::Clerk, kinds::Id};
use maud::{Markup, html};
use registry::Record;
use serde_json::{Value, json};

use super::{part, visits};
use crate::{
    guest::Guest,
    parts::{self, Notice, Stat, Tone},
    plain,
    ways::Answer,
};

/// The usual way of a proposal, and that of an urgent one, which no reviewer marks.
const WAY: [&str; 8] =
    ["submitted", "checked", "in-review", "granted", "cleared", "scheduled", "reported", "evaluated"];

/// The page of a proposal.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn proposal(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = &plain::known(guest, clerk, id)?;
    let is_given = ["granted", "cleared", "scheduled"].contains(&record.card.status.as_str());
    let form = visits::form_for(guest, record, "proposal", &["applicant", "leader"]).filter(|_| is_given);
    let lead = html! {
        (plain::progress(guest, clerk, record, &way(record)))
        (now(guest, record))
        (parts::stats(&shifts(guest, record)))
        (visits::of(guest, record, form.as_deref())?)
    };
    plain::record_page(guest, clerk, record, &[], &lead)
}

fn way(record: &Record) -> Vec<&'static str> {
    let is_urgent = record.card.read::<Kind>("kind") == Some(Kind::Urgent);
    let way = WAY.into_iter().filter(|step| !(is_urgent && *step == "in-review"));
    // Whoever is offered what others gave back stands before the grant, not beside the way.
    let is_offered = record.card.status == "offered";
    way.flat_map(|step| match step {
        "granted" if is_offered => vec!["offered", step],
        _ => vec![step],
    })
    .collect()
}

/// Asked for, granted, and on the calendar.
fn shifts(guest: &Guest, record: &Record) -> Vec<Stat> {
    let asked = record.state.pointer("/entry/shifts").and_then(Value::as_i64);
    let granted = record.state.get("granted").and_then(Value::as_i64);
    let placed: Vec<Placed> = part(record, "placed").unwrap_or_default();
    let is_inside = guest.look.viewer.is_inside(&record.card);
    let on_calendar = placed.iter().map(|one| one.shifts).sum();
    let stat = |value: i64, label: String| Stat {
        value: value.to_string(),
        unit: guest.word("round-unit").into(),
        label,
        ..Stat::default()
    };
    let mut stats: Vec<Stat> =
        asked.map(|asked| stat(asked, guest.word("proposal-asked").into())).into_iter().collect();
    let field = |key: &str| guest.desk_word("proposal", "field", key);
    if let Some(granted) = granted {
        stats.push(stat(granted, field("granted")));
        // Outsiders do not see what is on the calendar, so none of it counts for them.
        if is_inside {
            stats.push(stat(on_calendar, field("placed")));
        }
    }
    stats
}

/// What is asked now, of whom, until when. Only those inside are told.
fn now(guest: &Guest, record: &Record) -> Markup {
    let viewer = &guest.look.viewer;
    if !viewer.is_inside(&record.card) {
        return html! {};
    }
    let is_leader = viewer.is_itself(record.card.the("leader"));
    let is_facility = viewer.is(record.card.the("unit"));
    let (round, own) = (record.card.the("round"), format!("/proposal/{}", record.id));
    let of_round = |verb: &str, more: &str| format!("/round/{round}/{verb}?proposal={}{more}", record.id);
    let until = record.card.until;
    let status = record.card.status.as_str();
    let (key, tone, way): (&str, Tone, Option<(String, &str, &str)>) = match status {
        "offered" if is_leader => {
            ("proposal-now-offered", Tone::Warn, Some((of_round("answer-turn", ""), "round", "answer-turn")))
        }
        "offered" => ("proposal-now-offered-other", Tone::Info, None),
        "returned" if is_leader => {
            ("proposal-now-returned", Tone::Warn, Some((format!("{own}/amend"), "proposal", "amend")))
        }
        "submitted" if is_facility => {
            ("proposal-now-check", Tone::Warn, Some((format!("{own}/check"), "proposal", "check")))
        }
        "granted" if is_facility => (
            "proposal-now-samples",
            Tone::Warn,
            Some((format!("{own}/clear-samples"), "proposal", "clear-samples")),
        ),
        "cleared" if is_facility => {
            ("proposal-now-place", Tone::Warn, Some((format!("{own}/schedule"), "proposal", "schedule")))
        }
        "granted" | "cleared" if is_leader => {
            ("proposal-now-give-back", Tone::Info, Some((of_round("give-back", ""), "round", "give-back")))
        }
        "overdue" if is_leader => {
            ("proposal-now-overdue", Tone::Bad, Some((format!("{own}/report"), "proposal", "report")))
        }
        "overdue" => ("proposal-now-overdue-other", Tone::Warn, None),
        "scheduled" => ("proposal-now-report", Tone::Info, None),
        _ => return html! {},
    };
    let facts = json!({
        "shifts": part::<Turn>(record, "turn").map_or(0, |turn| turn.shifts),
        "day": until.map(|day| guest.day(day)).unwrap_or_default(),
    });
    let body = html! {
        @if let Some((href, desk, verb)) = way {
            p { a.button.primary href=(href) { (guest.desk_word(desk, "verb", verb)) } }
        }
    };
    html! { div role="status" { (parts::notice(&Notice { tone, title: guest.say(key, &facts), body, links: vec![] })) } }
}
