//! Charge: what is owed for one booking that is over: how it was checked, each adjustment with before and after, objections with
//! their answers, and what either side can do now.

use desks::booking::{
    Charge, Invoice,
    charge::{Adjusted, Look, Objection, Standing},
};
use grammar::{
    card::Card,
    kinds::{Day, Id, Money},
};
use maud::{Markup, html};
use registry::Record;
use serde_json::json;

use super::booking::part;
use crate::{
    guest::Guest,
    parts::{self, Align, Column, Empty, Press, Row, Section, Table, Tone},
};

/// Approves where a unit has nobody else.
pub const OFFICE: &str = "instrument-office";

/// How a charge stands, in a word; none while the booking is not over.
pub fn look(record: &Record) -> Option<Look> {
    record.card.read("charge")
}

/// What the keeper does next about it, once the booking is reported: nobody is paid what is not settled.
pub fn next(card: &Card) -> Option<&'static str> {
    match card.read("charge")? {
        Look::Unchecked => Some("check-charge"),
        Look::Checked => Some("pay"),
        Look::Contested => Some("uphold"),
        Look::ForApproval => None,
    }
}

/// What invoices that stand sum to.
pub fn invoiced(record: &Record) -> Money {
    standing(record).iter().map(|invoice| invoice.amount).sum()
}

/// Invoices that are not void.
fn standing(record: &Record) -> Vec<Invoice> {
    let void: Vec<String> = part(record, "void");
    let mut invoices: Vec<Invoice> = part(record, "invoices");
    invoices.retain(|invoice| void.iter().all(|number| **number != *invoice.number));
    invoices
}

/// The word in a pill.
pub fn badge(guest: &Guest, look: Look) -> Markup {
    let tone = match look {
        Look::Unchecked => Tone::Warn,
        Look::Checked => Tone::Good,
        Look::ForApproval => Tone::Info,
        Look::Contested => Tone::Bad,
    };
    parts::badge(tone, &guest.desk_word("booking", "choice", &grammar::desk::plain_word(&look)))
}

/// The button that says a charge has been looked at.
pub fn check(guest: &Guest, record: &Record) -> Markup {
    let mut hidden = guest.hidden();
    hidden.push(("seen".into(), record.sequence.to_string()));
    let label = guest.desk_word("booking", "verb", "check-charge");
    Press { action: format!("/booking/{}/check-charge", record.id), hidden, label }.show("")
}

/// The part of a booking's page about its charge; nothing while it is not over.
pub fn section(guest: &Guest, record: &Record) -> Markup {
    let Some(look) = look(record) else { return html! {} };
    let charge: Charge = part(record, "charge");
    let body = html! {
        p { (badge(guest, look)) " " (minutes(guest, record)) }
        @if let Some(until) = charge.contest_until { p.note { (contest_text(guest, until)) } }
        @if !charge.adjustments.is_empty() { (adjustments(guest, &charge.adjustments)) }
        @if !charge.objections.is_empty() { (objections(guest, &charge.objections)) }
        @for invoice in standing(record) { p { (guest.say("charge-invoice", &json!({ "number": invoice.number, "amount": invoice.amount, "on": invoice.on }))) } }
        @if charge.refunded.is_positive() { p { (guest.say("charge-refunded", &json!({ "amount": charge.refunded }))) } }
        (steps(guest, record, &charge, look))
    };
    let title = guest.word("charge-title").to_owned();
    parts::section(&Section { id: "charge".into(), title, beside: html! {}, body })
}

/// Minutes charged, those that really ran, and what each costs.
fn minutes(guest: &Guest, record: &Record) -> String {
    let planned: i64 = record.card.read("charged_minutes").unwrap_or(0);
    let ran: i64 = super::booking::all_sittings(record).iter().map(desks::booking::Sitting::ran).sum();
    guest.say("charge-minutes", &json!({ "planned": planned, "ran": ran }))
}

fn contest_text(guest: &Guest, until: Day) -> String {
    let is_over = until < guest.house.registry.now().day();
    let key = if is_over { "charge-contest-over" } else { "charge-contest-until" };
    guest.say(key, &json!({ "until": until }))
}

fn adjustments(guest: &Guest, all: &[Adjusted]) -> Markup {
    let choice = |word: String| guest.desk_word("booking", "choice", &word);
    let who = |id: Option<Id>| id.map_or_else(String::new, |id| guest.name(id));
    let row = |one: &Adjusted| {
        let tone = match one.standing {
            Standing::ForApproval => Tone::Info,
            Standing::InForce => Tone::Good,
            Standing::Refused => Tone::Plain,
        };
        let part = choice(grammar::desk::plain_word(&one.adjustment.part));
        Row::new(vec![
            html! { (part) (guest.pick("：", ": ")) (choice(grammar::desk::plain_word(&one.adjustment.cause))) },
            html! { (guest.money(one.before)) },
            html! { (guest.money(one.after)) },
            html! { (&*one.adjustment.reason) @if let Some(note) = &one.note { br; small.soft { (&**note) } } },
            html! { (guest.moment(one.at)) br; small.soft { (who(one.by)) @if one.approver.is_some() { " → " (who(one.approver)) } } },
            html! { (parts::badge(tone, &choice(grammar::desk::plain_word(&one.standing)))) },
        ])
    };
    let ends = ["charge-before", "charge-after"];
    let column = |head: &'static str| Column {
        align: if ends.contains(&head) { Align::End } else { Align::Start },
        ..Column::new(guest.word(head))
    };
    parts::table(&Table {
        id: "adjustments".into(),
        caption: guest.word("charge-adjustments").into(),
        columns: ["what", "charge-before", "charge-after", "why", "charge-who", "how-it-is"]
            .map(column)
            .into(),
        rows: all.iter().map(row).collect(),
        scrolls: false,
        empty: Empty::default(),
    })
}

fn objections(guest: &Guest, all: &[Objection]) -> Markup {
    html! {
        h3 { (guest.word("charge-objections")) }
        ul { @for one in all { li {
            (guest.moment(one.at)) (guest.pick("：", ": ")) (&*one.reason)
            @match &one.answer {
                Some(answer) => { br; span.soft { (guest.word("charge-answer")) (guest.pick("：", ": ")) (&**answer) } }
                None => { " " (parts::badge(Tone::Warn, guest.word("charge-no-answer"))) }
            }
        } } }
    }
}

/// What whoever looks can do about it now.
fn steps(guest: &Guest, record: &Record, charge: &Charge, look: Look) -> Markup {
    let viewer = &guest.look.viewer;
    let side = |part: &str| record.card.holders(part).any(|who| viewer.is(who));
    let is_office = record.card.region.is_some_and(|region| viewer.holds(OFFICE, region));
    let (is_keeper, is_buyer) = (side("provider"), side("buyer"));
    let by = charge.waiting().and_then(|waiting| waiting.by);
    let may_decide =
        look == Look::ForApproval && (is_keeper || is_office) && !by.is_some_and(|by| viewer.is_touched(by));
    let today = guest.house.registry.now().day();
    let may_contest =
        is_buyer && look == Look::Checked && charge.contest_until.is_some_and(|until| today <= until);
    let money = |name: &str| record.card.read::<Money>(name).unwrap_or(Money::ZERO);
    let owed = money("price") + money("fee");
    let is_overpaid = money("paid") > owed;
    let to_invoice = owed - invoiced(record);
    let form = |verb: &'static str, class: &'static str| {
        html! { a.button class=(class) href={ "/booking/" (record.id) "/" (verb) } { (guest.desk_word("booking", "verb", verb)) } }
    };
    html! { div.row {
        @if may_decide { (form("approve-adjustment", "main")) (form("refuse-adjustment", "")) }
        @else if look == Look::ForApproval { span.note { (guest.say("charge-waits", &json!({ "unit": guest.name(record.card.the("provider")) }))) } }
        @if is_keeper && look == Look::Unchecked { (check(guest, record)) }
        @if is_keeper && look == Look::Contested { (form("uphold", "")) }
        @if is_keeper && look == Look::Checked && to_invoice.is_positive() { a.button href={ "/booking/" (record.id) "/invoice?amount=" (to_invoice) } { (guest.desk_word("booking", "verb", "invoice")) } }
        @if is_keeper && look != Look::ForApproval { (form("adjust", "")) }
        @if is_keeper && is_overpaid { (form("refund", "")) }
        @if may_contest { (form("contest", "")) }
    } }
}
