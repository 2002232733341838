//! Troubles: what is broken, unsafe or asks for help at the instruments of those who keep them, until it is resolved.

use maud::{Markup, html};
use registry::{Filter, Listed};

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Empty, Row, Section, Table, Tone},
};

/// Incidents shown.
const SHOWN: u32 = 40;

/// The part of the keeper's day; nothing when all is well.
///
/// # Errors
/// When the store cannot be read.
pub fn open(guest: &Guest) -> Result<Markup, Trouble> {
    let filter = Filter {
        desk: "incident".into(),
        status: Some("open,taken".into()),
        is_mine: true,
        limit: SHOWN,
        ..Filter::default()
    };
    let is_kept = |listed: &Listed| super::is_side(guest, &listed.card, "unit");
    let mut all: Vec<Listed> = guest.look.rows(&filter)?.0.into_iter().filter(is_kept).collect();
    if all.is_empty() {
        return Ok(html! {});
    }
    // What is unsafe comes before what is broken.
    all.sort_by_key(|listed| (trouble(listed) != "safety", listed.card.from));
    let of_incident = |section: &str, key: &str| guest.desk_word("incident", section, key);
    let heads = [
        guest.word("instrument").to_owned(),
        of_incident("field", "trouble"),
        guest.word("how-it-is").to_owned(),
        guest.word("day").to_owned(),
        guest.word("next-step").to_owned(),
    ];
    let row = |listed: &Listed| {
        let card = &listed.card;
        let verb = if card.status == "open" { "take-up" } else { "resolve" };
        let tone = if trouble(listed) == "safety" { Tone::Bad } else { Tone::Warn };
        Row::new(vec![
            html! { a href={ "/incident/" (listed.id) } { (guest.pick(&card.title_zh, &card.title_en)) } },
            parts::badge(tone, &of_incident("choice", trouble(listed))),
            guest.status_badge("incident", &card.status),
            html! { @if let Some(day) = card.from { (guest.day(day)) } },
            html! { a.button href={ "/incident/" (listed.id) "/" (verb) } { (of_incident("verb", verb)) } },
        ])
    };
    let title = of_incident("desk", "many");
    let body = parts::table(&Table {
        id: "troubles".into(),
        caption: title.clone(),
        columns: heads.map(Column::new).into(),
        rows: all.iter().map(row).collect(),
        scrolls: false,
        empty: Empty::default(),
    });
    Ok(parts::section(&Section { id: "incidents".into(), title, beside: html! {}, body }))
}

fn trouble(listed: &Listed) -> &str {
    listed.card.facets.get("trouble").map_or("", String::as_str)
}
