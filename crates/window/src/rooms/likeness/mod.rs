//! Likeness: two works side by side with what is alike in them marked, for the person who decides; and, on the page of an
//! application, which works could be laid beside it. Only the offices come here; each work stands here as they may see it.

mod pair;
mod search;

use desks::comparison::Hit;
use grammar::{
    clerk::Clerk,
    kinds::{Id, Text},
};
use maud::{Markup, html};
use registry::Record;
use serde_json::json;

pub use search::search;

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Link, Notice, Section, Tone},
    plain,
    ways::Answer,
};

/// The desk of comparisons.
pub(super) const DESK: &str = "comparison";

/// Hundredths of a per cent, for people.
fn percent(measure: u32) -> String {
    if measure.is_multiple_of(100) {
        format!("{}%", measure / 100)
    } else {
        format!("{:.1}%", f64::from(measure) / 100.0)
    }
}

/// The page of a comparison.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn comparison(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = guest.look.record(id)?.filter(|record| record.desk == DESK).ok_or(Trouble::NotFound)?;
    let hits: Vec<Hit> = record
        .state
        .get("hits")
        .cloned()
        .and_then(|hits| serde_json::from_value(hits).ok())
        .unwrap_or_default();
    let application = record.card.holders("application").next();
    let ours = application.map(|id| guest.look.record(id)).transpose()?.flatten();
    let (near, far): (Vec<&Hit>, Vec<&Hit>) = hits.iter().partition(|hit| hit.is_near);
    let mut pairs = Vec::new();
    for hit in near.iter().copied() {
        pairs.push(pair::pair(guest, clerk, ours.as_ref(), hit, pairs.len() + 1)?);
    }
    let main = html! {
        (plain::heading(guest, clerk, &record))
        (plain::done(guest)?)
        (now(guest, &record, near.len()))
        @if near.is_empty() { p.note { (guest.word("likeness-none-near")) } }
        @for pair in &pairs { (pair) }
        @if !far.is_empty() { (rest(guest, &far)) }
        div.two-thirds {
            div { (plain::history(guest, clerk, &record)?) }
            aside { (plain::actions(guest, clerk, &record)?) (plain::proofs(guest, clerk, &record)?) }
        }
    };
    let title = guest.pick(&record.card.title_zh, &record.card.title_en);
    let crumbs = vec![Link::new("/comparison", guest.desk_word(clerk.name(), "desk", "many"))];
    Ok(guest.page(title, crumbs, main))
}

/// What is asked of the reader, or what was decided.
fn now(guest: &Guest, record: &Record, near: usize) -> Markup {
    let text = |path: &str| -> String {
        let text: Option<Text<1000>> =
            record.state.pointer(path).cloned().and_then(|text| serde_json::from_value(text).ok());
        text.map(|text| text.to_string()).unwrap_or_default()
    };
    let (key, tone) = match record.card.status.as_str() {
        "waiting" => ("likeness-now-waits", Tone::Warn),
        "duplicate" => ("likeness-now-duplicate", Tone::Bad),
        "different" => ("likeness-now-different", Tone::Good),
        _ => return html! {},
    };
    let (reason, note) = (text("/verdict/reason"), text("/verdict/note"));
    let waits = record.card.status == "waiting";
    let body = html! {
        @if !reason.is_empty() { p { (reason) } }
        @if !note.is_empty() { p.soft { (note) } }
        @if waits { p { (guest.word("likeness-who-decides")) } }
    };
    let links = if waits {
        vec![Link::new(format!("/comparison/{}/decide", record.id), guest.desk_word(DESK, "verb", "decide"))]
    } else {
        vec![]
    };
    let title = guest.say(key, &json!({ "count": near }));
    html! { div role="status" { (parts::notice(&Notice { tone, title, body, links })) } }
}

/// Works of which nothing reaches a threshold.
fn rest(guest: &Guest, far: &[&Hit]) -> Markup {
    let body = html! {
        ul {
            @for hit in far {
                li { (guest.link(hit.record)) " · " (guest.say("likeness-most", &json!({ "most": percent(hit.most()) }))) }
            }
        }
    };
    let title = guest.word("likeness-rest").into();
    parts::section(&Section { id: "rest".into(), title, beside: html! {}, body })
}
