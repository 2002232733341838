//! Payers: how what is owed for a booking is parted, what each part comes to, and who has agreed to it.

use desks::booking::{Booking, Borne};
use grammar::kinds::{Id, Money};
use maud::{Markup, html};
use registry::{Filter, Listed, Record};

use super::booking::part;
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Empty, Press, Row, Section, Table, Tone},
};

/// Bookings changed last that are looked at for shares that wait.
const LOOKED_AT: u32 = 200;
/// In which a booking may be parted.
const STATUSES: &str = "requested,quoted,contracted,scheduled,running,used,reported,paid,rated,absent";

/// The part of a booking's page; for its buyer with the way to part it, nothing for others while it is whole.
pub fn section(guest: &Guest, record: &Record) -> Markup {
    let all: Vec<Borne> = part(record, "split");
    let viewer = &guest.look.viewer;
    let is_buyer = record.card.holders("buyer").any(|buyer| viewer.is(buyer));
    let may_part = is_buyer && STATUSES.split(',').any(|status| status == record.card.status);
    if all.is_empty() && !may_part {
        return html! {};
    }
    let asked = asked(record).any(|payer| viewer.is(payer));
    let verb = |verb: &str| guest.desk_word("booking", "verb", verb);
    let href = |verb: &str| format!("/booking/{}/{verb}", record.id);
    let agree = || {
        let mut hidden = guest.hidden();
        hidden.push(("seen".into(), record.sequence.to_string()));
        Press { action: href("agree-to-share"), hidden, label: verb("agree-to-share") }.show("main")
    };
    let body = html! {
        @if all.is_empty() { p.note { (guest.word("payers-whole")) } } @else { (table(guest, record, &all)) }
        div.row {
            @if asked { (agree()) a.button href=(href("decline-share")) { (verb("decline-share")) } }
            @if may_part { a.button href=(href("split")) { (verb("split")) } }
        }
    };
    let title = guest.desk_word("booking", "field", "split");
    parts::section(&Section { id: "payers".into(), title, beside: html! {}, body })
}

fn table(guest: &Guest, record: &Record, all: &[Borne]) -> Markup {
    let booking: Option<Booking> = serde_json::from_value(record.state.clone()).ok();
    let money = |name: &str| record.card.read::<Money>(name).unwrap_or(Money::ZERO);
    let parted = booking.map(|booking| booking.parted(money("price") + money("fee"))).unwrap_or_default();
    let row = |(n, borne): (usize, &Borne)| {
        let badge = match (&borne.declined, borne.agreed) {
            (Some(_), _) => parts::badge(Tone::Bad, guest.word("payers-declined")),
            (None, true) => parts::badge(Tone::Good, guest.word("payers-agreed")),
            (None, false) => parts::badge(Tone::Warn, guest.word("payers-asked")),
        };
        Row::new(vec![
            guest.link(borne.payer.id()),
            html! { (borne.project.as_deref().unwrap_or("—")) },
            html! { (borne.share) },
            html! { @if let Some(amount) = parted.get(n) { (guest.money(*amount)) } },
            html! { (badge) @if let Some(why) = &borne.declined { br; small.soft { (&**why) } } },
        ])
    };
    parts::table(&Table {
        id: "payers".into(),
        caption: guest.word("payers-caption").into(),
        columns: vec![
            Column::new(guest.desk_word("booking", "field", "payer")),
            Column::new(guest.desk_word("booking", "field", "project")),
            Column::end(guest.desk_word("booking", "field", "share")),
            Column::end(guest.word("amount")),
            Column::new(guest.word("how-it-is")),
        ],
        rows: all.iter().enumerate().map(|(n, borne)| row((n, borne))).collect(),
        scrolls: false,
        empty: Empty::default(),
    })
}

/// Who has not answered yet whether they bear a share.
fn asked(record: &Record) -> impl Iterator<Item = Id> {
    record.card.read::<Vec<Id>>("asked_payers").unwrap_or_default().into_iter()
}

/// Bookings in which a share waits for this guest's word.
///
/// # Errors
/// When the store cannot be read.
pub fn shares_waiting(guest: &Guest) -> Result<Vec<(Listed, &'static str)>, Trouble> {
    let filter = Filter {
        desk: "booking".into(),
        status: Some(STATUSES.into()),
        is_mine: true,
        limit: LOOKED_AT,
        ..Filter::default()
    };
    let viewer = &guest.look.viewer;
    let is_asked = |listed: &Listed| {
        let asked = listed.card.read::<Vec<Id>>("asked_payers").unwrap_or_default();
        asked.iter().any(|payer| viewer.signs_for.contains(payer) || viewer.is_itself(*payer))
    };
    let rows = guest.look.rows(&filter)?.0;
    Ok(rows.into_iter().filter(is_asked).map(|listed| (listed, "agree-to-share")).collect())
}
