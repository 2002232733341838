//! An application: first what is asked of its people now, until when and why; where it was judged again, both results; then
//! the record as any other.

use grammar::{
    clerk::Clerk,
    kinds::{Id, Moment},
};
use maud::{Markup, html};
use registry::Record;
use serde_json::{Value, json};

use super::reviews::left;
use crate::{
    guest::Guest,
    parts::{self, Notice, Tone},
    plain,
    ways::Answer,
};

/// The page of an application.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn application(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = plain::known(guest, clerk, id)?;
    let alike = super::likeness::search(guest, &record)?;
    let lead = html! { (now(guest, &record)) (super::opinions::opinions(guest, &record)) (alike) };
    plain::record_page(guest, clerk, &record, &[], &lead)
}

/// What is asked now: only those who take part and the offices are told more than that it is public.
fn now(guest: &Guest, record: &Record) -> Markup {
    let seen = |key: &str| -> Option<Moment> {
        record.state.pointer(&format!("/seen/{key}")).cloned().and_then(|at| serde_json::from_value(at).ok())
    };
    let is_invited = record.state.get("invited").is_some_and(|day| !day.is_null());
    let (briefs, full, closes) = (seen("brief_closes"), seen("full_opens"), seen("closes"));
    let remark = record.state.get("remark").and_then(Value::as_str).unwrap_or("");
    let status = record.card.status.as_str();
    let (key, until, tone) = match status {
        "draft" if briefs.is_some() => ("application-now-brief", briefs, Tone::Info),
        "draft" => ("application-now-draft", closes, Tone::Info),
        "unit-confirmed" if is_invited => ("application-now-submit-full", closes, Tone::Warn),
        "unit-confirmed" => ("application-now-submit", briefs.or(closes), Tone::Warn),
        "brief" | "brief-ok" | "brief-in-review" | "brief-reviewed" => {
            ("application-now-waits", full, Tone::Info)
        }
        "duplicate-check" => ("application-now-check", None, Tone::Info),
        "invited" => ("application-now-full", closes, Tone::Warn),
        "not-invited" => ("application-now-not-invited", None, Tone::Bad),
        "lapsed" => ("application-now-lapsed", None, Tone::Bad),
        _ => return html! {},
    };
    let is_late = until.is_some_and(|until| until <= guest.house.registry.now());
    let begins = full.filter(|full| is_invited && guest.house.registry.now() < *full);
    let body = html! {
        @if let Some(until) = until {
            p { time datetime=(until.to_string()) { (guest.moment(until)) } " " (left(guest, until.day())) @if is_late { " " (guest.word("application-late")) } }
        }
        @if let Some(begins) = begins { p { (guest.say("application-full-from", &json!({ "at": guest.moment(begins) }))) } }
        @if !remark.is_empty() { p { (remark) } }
        @if briefs.is_some() { ol.bare.stages {
            @for (place, (key, at)) in [("application-stage-brief", briefs), ("application-stage-answer", full), ("application-stage-full", closes)].into_iter().enumerate() {
                li { (place + 1) ". " (guest.word(key)) @if let Some(at) = at { " · " (guest.moment(at)) } }
            }
        } }
    };
    let notice = parts::notice(&Notice { tone, title: guest.word(key).into(), body, links: vec![] });
    html! { div role="status" { (notice) } }
}
