//! One: a chemical: how much of it is there and what waits, for those who keep it.

use desks::chemical::{Missing, Stock, Waiting};
use grammar::{clerk::Clerk, kinds::Id};
use maud::{Markup, html};
use registry::Record;
use serde::de::DeserializeOwned;
use serde_json::json;

use super::{amount, hazards, word};
use crate::{
    guest::Guest,
    parts::{self, Column, Empty, Notice, Press, Row, Table, Tone},
    plain,
    ways::Answer,
};

/// What stands above already, or in the table of batches.
const SHOWN_ABOVE: [&str; 8] =
    ["stock", "waiting", "missing", "region", "noted", "lead", "entry.laboratory", "entry.hazards"];

fn told<T: DeserializeOwned>(record: &Record, name: &str) -> Option<T> {
    record.state.get(name).cloned().and_then(|value| serde_json::from_value(value).ok())
}

/// The page of a chemical.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn chemical(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = &plain::known(guest, clerk, id)?;
    let named: Vec<_> = record.card.read("hazards").unwrap_or_default();
    let is_counted = record.card.facts.contains_key("left");
    let lead = html! {
        p { @if named.is_empty() { (guest.word("chemical-no-hazard")) } @else { (hazards(guest, &named)) } }
        @if is_counted { (waiting(guest, record)) (missing(guest, record)) (stock(guest, record)) }
        p { a href={ "/chemicals/" (record.card.the("laboratory")) } { (guest.word("chemicals-all")) } }
    };
    plain::record_page(guest, clerk, record, &SHOWN_ABOVE, &lead)
}

/// What waits for the second custodian, with the press for whoever is one.
fn waiting(guest: &Guest, record: &Record) -> Markup {
    let Some(waiting) = told::<Waiting>(record, "waiting") else { return html! {} };
    let unit: String = record.card.read("unit").unwrap_or_default();
    let movement = &waiting.movement;
    let facts = json!({
        "way": word(guest, "choice", &grammar::desk::plain_word(&movement.kind)),
        "amount": amount(guest, movement.amount, &unit),
        "who": guest.name(waiting.first.id()),
        "on": guest.day(waiting.on),
    });
    let seconds: Vec<Id> = record.card.read("seconds").unwrap_or_default();
    let is_second = seconds.iter().any(|second| guest.look.viewer.is_itself(*second));
    let mut hidden = guest.hidden();
    hidden.push(("seen".into(), record.sequence.to_string()));
    let press = Press {
        action: format!("/chemical/{}/confirm", record.id),
        hidden,
        label: word(guest, "verb", "confirm"),
    };
    let body = html! {
        @if let Some(what) = &movement.what { p { (&**what) } }
        @if is_second { div.row { (press.show("main")) a.button href={ "/chemical/" (record.id) "/decline" } { (word(guest, "verb", "decline")) } } }
        @else { p.note { (guest.word("chemical-second")) } }
    };
    let notice = Notice { tone: Tone::Warn, title: guest.say("chemical-asked", &facts), body, links: vec![] };
    html! { div role="status" { (parts::notice(&notice)) } }
}

/// What is missing, and that the police is told.
fn missing(guest: &Guest, record: &Record) -> Markup {
    let missing: Vec<Missing> = told(record, "missing").unwrap_or_default();
    if missing.is_empty() {
        return html! {};
    }
    let unit: String = record.card.read("unit").unwrap_or_default();
    let is_told = missing.iter().all(|finding| finding.difference >= 0 || finding.police.is_some());
    let body = html! {
        ul { @for finding in &missing { li {
            (guest.day(finding.on)) " " b { (amount(guest, finding.difference, &unit)) } " " (&*finding.what)
            @if let Some(police) = &finding.police { " " span.soft { (&**police) } }
        } } }
        @if !is_told { p { (guest.word("chemical-police")) } }
        @if let Some(article) = guest.article("CM-R01") { (parts::article(&article)) }
    };
    let title = guest.word("chemical-missing").to_owned();
    html! { div role="status" { (parts::notice(&Notice { tone: Tone::Bad, title, body, links: vec![] })) } }
}

/// How much there is, by batches, what expires first at the front.
fn stock(guest: &Guest, record: &Record) -> Markup {
    let stock: Stock = told(record, "stock").unwrap_or_default();
    let unit: String = record.card.read("unit").unwrap_or_default();
    let most = record.state.pointer("/entry/most").and_then(serde_json::Value::as_i64);
    let today = guest.house.registry.now().day();
    let mut batches: Vec<_> = stock.batches.iter().collect();
    batches.sort_by_key(|batch| (batch.expires.is_none(), batch.expires));
    let row = |batch: &&desks::chemical::Batch| {
        let is_over = batch.expires.is_some_and(|expires| expires < today);
        Row::new(vec![
            html! { @match &batch.batch { Some(batch) => (&**batch), None => span.soft { (guest.word("chemical-no-batch")) } } },
            html! { span.nowrap { (amount(guest, batch.left, &unit)) } },
            html! { @if let Some(expires) = batch.expires { (guest.day(expires)) } @if is_over { " " (parts::badge(Tone::Warn, guest.word("chemical-expired"))) } },
        ])
    };
    let field = |key: &str| word(guest, "field", key);
    html! {
        p {
            (field("left")) (guest.pick("：", ": ")) b { (amount(guest, stock.left(), &unit)) }
            @if let Some(most) = most { " " span.soft { (field("most")) " " (amount(guest, most, &unit)) } }
        }
        @if !batches.is_empty() {
            (parts::table(&Table {
                id: "batches".into(),
                caption: field("batches"),
                columns: vec![Column::new(field("batch")), Column::end(field("left")), Column::new(field("expires"))],
                rows: batches.iter().map(row).collect(),
                scrolls: false,
                empty: Empty::default(),
            }))
        }
    }
}
