//! Turns: time that came back, and to whom it is offered until when.

use maud::{Markup, html};

use super::{Room, SHOWN, columns, number};
use crate::parts::{self, Row, Table, Tone};

/// What came back, then who is offered it, in the order in which it happened.
pub fn turns(room: &Room) -> Markup {
    html! {
        @if !room.back.is_empty() { (back(room)) }
        @if !room.turns.is_empty() { (offered(room)) }
    }
}

fn back(room: &Room) -> Markup {
    let row = |one: &desks::round::Back| {
        Row::new(vec![
            room.guest.link(one.proposal.id()),
            html! { (one.reason.as_deref().unwrap_or("—")) },
            number(Some(one.shifts.to_string())),
        ])
    };
    let heads = ["proposal", "reason", "shifts"].map(|head| room.field(head)).into();
    parts::table(&Table {
        id: "came-back".into(),
        caption: room.field("back"),
        columns: columns(heads, 2),
        rows: room.back.iter().rev().take(SHOWN).map(row).collect(),
        scrolls: false,
        ..Table::default()
    })
}

fn offered(room: &Room) -> Markup {
    let guest = room.guest;
    let row = |one: &desks::round::Turn| {
        let answer = match one.took {
            Some(true) => parts::badge(Tone::Good, guest.word("turn-taken")),
            Some(false) => parts::badge(Tone::Plain, guest.word("turn-passed")),
            None => parts::badge(Tone::Warn, guest.word("turn-open")),
        };
        let is_own = one.took.is_none() && guest.look.viewer.is_itself(one.leader.id());
        let href = format!("/round/{}/answer-turn?proposal={}", room.record.id, one.proposal);
        Row::new(vec![
            guest.link(one.proposal.id()),
            html! { (answer) @if is_own { " " a href=(href) { (guest.desk_word("round", "verb", "answer-turn")) } } },
            html! { (guest.day(one.until)) },
            number(Some(one.shifts.to_string())),
        ])
    };
    let heads = vec![
        room.field("proposal"),
        guest.word("status").to_owned(),
        room.field("until"),
        room.field("shifts"),
    ];
    parts::table(&Table {
        id: "turns-offered".into(),
        caption: room.field("turns"),
        columns: columns(heads, 3),
        rows: room.turns.iter().rev().take(SHOWN).map(row).collect(),
        scrolls: false,
        ..Table::default()
    })
}
