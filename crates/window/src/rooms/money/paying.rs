//! Paying: what runs and batches share that are paid through a bank: the payments with what is booked, the statements taken in, and a
//! statement that was refused, entry by entry.

use std::collections::BTreeMap;

use desks::paying::{Booking, STATEMENT_MAX, Taken, misfit};
use engines::bank::{Bad, Entry, Payment, Sent, Side, Statement, read_statement};
use grammar::kinds::{Id, Money, Text};
use maud::{Markup, html};
use serde::Serialize;
use serde_json::{Value, json};

use crate::{
    guest::Guest,
    parts::{self, Align, Column, Empty, Row, Table, Tone},
    plain,
};

/// Lines of a statement shown.
const SHOWN: usize = 200;

/// What the bank is told to pay, and what it has booked.
pub fn table(guest: &Guest, payments: &[Payment], booked: &BTreeMap<u32, Booking>) -> Markup {
    let row = |(payment, number): (&Payment, u32)| {
        let side = |side: &Side| html! { (side.name) br; small.nowrap { (side.account) } };
        Row::new(vec![
            html! { code.nowrap { (payment.id) } },
            side(&payment.payer),
            side(&payment.payee),
            html! { (guest.money(Money::fen(payment.fen))) },
            html! {
                @match booked.get(&number) {
                    None => (parts::badge(Tone::Warn, guest.word("bank-waits"))),
                    Some(booking) => {
                        (parts::badge(Tone::Good, guest.word("bank-booked")))
                        @if let Some(day) = booking.booked.or(booking.value_day) { " " small { (guest.day(day)) } }
                    },
                }
            },
        ])
    };
    let heads = ["bank-id", "payer", "payee", "amount", "how-it-is"];
    let mut columns: Vec<Column> = heads.map(|head| Column::new(guest.word(head))).into();
    if let Some(amount) = columns.get_mut(3) {
        amount.align = Align::End;
    }
    parts::table(&Table {
        id: "bank-payments".into(),
        caption: guest.word("bank-payments").into(),
        columns,
        rows: payments.iter().zip(1..).map(row).collect(),
        scrolls: false,
        empty: Empty { title: guest.word("no-lines").into(), ..Empty::default() },
    })
}

/// What the last statements held.
pub fn statements(guest: &Guest, taken: &[Taken]) -> Markup {
    let one = |taken: &Taken| {
        let facts = json!({ "day": taken.read, "payments": taken.payments, "others": taken.others });
        html! { li { (guest.say("bank-taken", &facts)) " " small { code { (taken.digest.chars().take(12).collect::<String>()) "…" } } } }
    };
    html! { @if !taken.is_empty() { ul { @for each in taken { (one(each)) } } } }
}

/// The text that was chosen as a file, or pasted, as the desk reads it.
fn statement(guest: &Guest) -> Option<Text<STATEMENT_MAX>> {
    let chosen = guest.visit.uploads.get("statement").and_then(|(_, bytes)| plain::read_text(bytes));
    let chosen = chosen.filter(|text| !text.trim().is_empty());
    Text::read(chosen.as_deref().unwrap_or_else(|| guest.visit.typed("statement")))
}

/// A statement that is not taken in: each entry of ours, those that do not fit first, and how many are of others.
pub fn report(guest: &Guest, id: Id, payments: &[Payment], booked: &BTreeMap<u32, Booking>) -> Markup {
    let sent = Sent { payments, mark: id.as_str() };
    let told = statement(guest).and_then(|text| read_statement(&text, &sent).ok());
    let Some(Statement { entries, others }) = told.filter(|told| !told.entries.is_empty()) else {
        return html! {};
    };
    let before = |name: &str| {
        let number = payments.iter().zip(1..).find(|(payment, _)| payment.id == name).map(|(_, n)| n);
        number.is_some_and(|number| booked.contains_key(&number))
    };
    let fits = |entry: &Entry| entry.wrong.is_none() && !before(&entry.id);
    let row = |entry: &Entry| {
        let why = entry.wrong.as_ref().map(|bad| sentence(guest, id, &misfit(bad)));
        Row::new(vec![
            html! { (entry.line) },
            html! { code { (entry.id) } },
            html! { (guest.money(Money::fen(entry.fen))) },
            html! {
                @if fits(entry) { (parts::badge(Tone::Good, guest.word("bank-fits"))) }
                @else { (parts::badge(Tone::Bad, guest.word("bank-misfit"))) " " (why.unwrap_or_else(|| guest.word("bank-before").to_owned())) }
            },
        ])
    };
    let wrong = entries.iter().filter(|entry| !fits(entry)).count();
    let mut sorted: Vec<&Entry> = entries.iter().collect();
    sorted.sort_by_key(|entry| (fits(entry), entry.line));
    let heads = ["bank-line", "bank-id", "amount", "how-it-is"];
    let mut columns: Vec<Column> = heads.map(|head| Column::new(guest.word(head))).into();
    if let Some(amount) = columns.get_mut(2) {
        amount.align = Align::End;
    }
    html! {
        h2 { (guest.say("bank-report", &json!({ "wrong": wrong, "count": entries.len() }))) }
        p { (guest.word("bank-nothing-taken")) @if others > 0 { " " (guest.say("bank-others", &json!({ "others": others }))) } }
        (parts::table(&Table {
            id: "bank-report".into(), caption: guest.word("bank-report-caption").into(), columns,
            rows: sorted.into_iter().take(SHOWN).map(row).collect(), scrolls: false, empty: Empty::default(),
        }))
    }
}

/// Why a statement cannot be read, in the words of a desk that takes them in.
pub fn unread(guest: &Guest, bad: &Bad) -> String {
    told_by(guest, "redemption", &misfit(bad))
}

/// A refusal of the record's desk, in the reader's language.
fn sentence(guest: &Guest, id: Id, refusal: &impl Serialize) -> String {
    told_by(guest, id.desk(), refusal)
}

fn told_by(guest: &Guest, desk: &str, refusal: &impl Serialize) -> String {
    let facts = serde_json::to_value(refusal).unwrap_or_default();
    let code = facts.get("code").and_then(Value::as_str).unwrap_or_default();
    let Some(clerk) = guest.desk(desk) else { return String::new() };
    clerk.words(guest.locale).sentence("refusal", code, &facts, &|id| guest.name(id))
}
