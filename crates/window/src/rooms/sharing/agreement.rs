//! An agreement: what is left of it, which bookings took from it, and the way to book under it; then the record as any other.
//! On an instrument's page: what its viewer's own agreements there still hold.

use std::collections::BTreeMap;

use desks::agreement::Taken;
use grammar::{
    card::Card,
    clerk::Clerk,
    kinds::{Id, Money},
};
use maud::{Markup, html};
use registry::{Filter, Listed, Record};
use serde_json::json;

use super::{booking::part, figures::hours};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Empty, Row, Section, Stat, Table},
    plain,
    ways::Answer,
};

/// Bookings shown, and agreements of one guest at one instrument.
const SHOWN: usize = 200;
const OWN_MAX: u32 = 20;
const SHOWN_ABOVE: [&str; 1] = ["taken"];

/// The page of an agreement.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn agreement(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = &plain::known(guest, clerk, id)?;
    let lead = html! {
        (parts::stats(&left(guest, &record.card)))
        @if let Some(instrument) = may_book(guest, &record.card) { p { a.button.main href=(form(id, instrument)) { (guest.word("agreement-book")) } } }
        (taken(guest, record))
    };
    plain::record_page(guest, clerk, record, &SHOWN_ABOVE, &lead)
}

fn form(agreement: Id, instrument: Id) -> String {
    format!("/booking/new/request?agreement={agreement}&instrument={instrument}&basis=by-hour")
}

/// The instrument that whoever looks may book under it.
fn may_book(guest: &Guest, card: &Card) -> Option<Id> {
    let is_buyer = super::is_side(guest, card, "buyer");
    card.holders("instrument").next().filter(|_| is_buyer && card.status == "in-force")
}

fn left(guest: &Guest, card: &Card) -> Vec<Stat> {
    let stat = |value: String, label: &'static str| Stat {
        value,
        label: guest.word(label).into(),
        ..Stat::default()
    };
    let hour = card.read::<Money>("hour").map(|hour| stat(guest.money(hour), "agreement-hour"));
    let amount =
        card.read::<Money>("amount_left").map(|left| stat(guest.money(left), "agreement-amount-left"));
    let minutes = card.read::<i64>("minutes_left").map(|left| stat(hours(left), "agreement-hours-left"));
    hour.into_iter().chain(amount).chain(minutes).collect()
}

fn taken(guest: &Guest, record: &Record) -> Markup {
    let all: BTreeMap<Id, Taken> = part(record, "taken");
    let row = |(booking, taken): (&Id, &Taken)| {
        Row::new(vec![
            guest.link(*booking),
            html! { (guest.money(taken.amount)) },
            html! { @if taken.minutes > 0 { (hours(taken.minutes)) } @else { "—" } },
        ])
    };
    let body = parts::table(&Table {
        id: "taken".into(),
        caption: guest.say("agreement-taken-caption", &json!({ "count": all.len() })),
        columns: vec![
            Column::new(guest.desk_word("booking", "desk", "one")),
            Column::end(guest.word("amount")),
            Column::end(guest.word("agreement-hours")),
        ],
        rows: all.iter().take(SHOWN).map(row).collect(),
        scrolls: false,
        empty: Empty { title: guest.word("agreement-none-taken").into(), ..Empty::default() },
    });
    let title = guest.word("agreement-taken").to_owned();
    parts::section(&Section { id: "bookings".into(), title, beside: html! {}, body })
}

/// This guest's own agreements at an instrument, under which they may book.
///
/// # Errors
/// When the store cannot be read.
pub fn in_force(guest: &Guest, instrument: Id) -> Result<Vec<Listed>, Trouble> {
    if guest.session.is_none() {
        return Ok(vec![]);
    }
    let filter = Filter {
        desk: "agreement".into(),
        status: Some("in-force".into()),
        party: Some(instrument),
        is_mine: true,
        limit: OWN_MAX,
        ..Filter::default()
    };
    let mut own = guest.look.rows(&filter)?.0;
    own.retain(|listed| may_book(guest, &listed.card).is_some());
    Ok(own)
}

/// What this guest's own agreements at an instrument still hold, each with the way to book under it; nothing without any.
///
/// # Errors
/// When the store cannot be read.
pub fn own(guest: &Guest, instrument: Id) -> Result<Markup, Trouble> {
    let own = in_force(guest, instrument)?;
    if own.is_empty() {
        return Ok(html! {});
    }
    let body = html! { @for listed in &own {
        h3 { a href={ "/agreement/" (listed.id) } { (guest.pick(&listed.card.title_zh, &listed.card.title_en)) } }
        (parts::stats(&left(guest, &listed.card)))
        p { a.button href=(form(listed.id, instrument)) { (guest.word("agreement-book")) } }
    } };
    let title = guest.word("agreement-own").to_owned();
    Ok(parts::section(&Section { id: "agreements".into(), title, beside: html! {}, body }))
}
