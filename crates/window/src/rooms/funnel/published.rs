//! Published: what the offices have said of the stages, beside what everyone can count.

use grammar::kinds::Bilingual;
use maud::{Markup, html};
use registry::{Filter, Listed};

use super::{Counted, figure};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Row, Table},
};

/// Which stage a published figure stands beside.
const BESIDE: [&str; 6] = ["needs", "solutions", "opinions", "experts", "projects", "units"];
const PUBLISHED_MAX: u32 = 60;

/// What the offices have published, with the receipt, beside what everyone can count here themselves.
pub fn published(guest: &Guest, open: &Counted) -> Result<Option<Markup>, Trouble> {
    let page =
        guest.look.list(&Filter { desk: "indicator".into(), limit: PUBLISHED_MAX, ..Filter::default() })?;
    let mut rows = Vec::new();
    for (place, (name, count)) in BESIDE.iter().zip(&open.counts).enumerate() {
        let of = |listed: &&Listed| {
            listed.card.read::<String>("counts").as_deref() == Some(*name) && listed.card.status != "defined"
        };
        for listed in page.rows.iter().filter(of) {
            let card = &listed.card;
            let number: u64 = card.read("number").unwrap_or(0);
            let said = guest.look.history(listed.id)?.into_iter().find(|line| {
                line.event.pointer("/figure/number").and_then(serde_json::Value::as_u64) == Some(number)
            });
            let unit: Option<Bilingual<40>> = card.read("unit");
            let unit = unit.map_or(String::new(), |unit| guest.pick(unit.zh(), unit.en()).to_owned());
            let (value, edition) = (card.read::<String>("value"), card.read::<String>("edition"));
            rows.push(Row::new(vec![
                html! { a href={ "/indicator/" (listed.id) } { (guest.pick(&card.title_zh, &card.title_en)) } },
                html! { b { (value.unwrap_or_default()) } " " (unit) " " (guest.status_badge("indicator", &card.status)) },
                html! { (figure(guest, place, count.all, false)) },
                html! { @if let Some(day) = card.from { (guest.day(day)) } " · " (edition.unwrap_or_default()) div.note { (card.source) } },
                html! { @if let Some(line) = said { a href={ "/proof/" (line.position) } { (guest.word("see-proof")) } } },
            ]));
        }
    }
    if rows.is_empty() {
        return Ok(None);
    }
    let columns = vec![
        Column::new(guest.word("funnel-figure")),
        Column::end(guest.word("funnel-said")),
        Column::end(guest.word("funnel-everyones")),
        Column::new(guest.word("funnel-as-of")),
        Column::new(guest.word("proof")),
    ];
    Ok(Some(html! {
        p.note { (guest.word("funnel-published-note")) }
        (parts::table(&Table {
            id: "published-table".into(), caption: guest.word("funnel-published").into(), columns, rows, scrolls: true, ..Table::default()
        }))
        @for rule in ["ID-R01", "ID-R02", "ID-P01"] { @if let Some(article) = guest.article(rule) { (parts::article(&article)) } }
    }))
}
