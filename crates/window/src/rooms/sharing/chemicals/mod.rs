//! Chemicals: the cupboard of one laboratory as those who keep it see it: what is there, what is to be done, what stands beside what it
//! does not go with, and how controlled chemicals have moved. Others see what the laboratory offers to its users.

use desks::{
    chemical::SafetySheet,
    cupboard::{self, Shelved},
    hazard::Hazard,
};
use grammar::kinds::Id;
use maud::{Markup, html};
use registry::{Filter, Listed, Record};
use serde_json::json;

use super::is_side;
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Empty, Heading, Link, Row, Section, Table, Tone},
    ways::Answer,
};

mod flow;
mod one;

pub use flow::sheet as chemical_flow;
pub use one::chemical;

/// Chemicals shown of one laboratory, in pages of the list.
const SHOWN: usize = 500;
const PAGE: u32 = 100;

fn word(guest: &Guest, section: &str, key: &str) -> String {
    guest.desk_word("chemical", section, key)
}

fn is_said(listed: &Listed, fact: &str) -> bool {
    listed.card.read::<bool>(fact) == Some(true)
}

/// Whether this guest is told how much there is.
fn is_counted(listed: &Listed) -> bool {
    listed.card.facts.contains_key("left")
}

/// An amount in the chemical's unit: `2500 mL`.
fn amount(guest: &Guest, amount: i64, unit: &str) -> String {
    format!("{amount} {}", word(guest, "choice", unit))
}

fn unit(listed: &Listed) -> String {
    listed.card.read("unit").unwrap_or_default()
}

fn hazards(guest: &Guest, hazards: &[Hazard]) -> Markup {
    html! { span.long-badges { @for hazard in hazards { (parts::badge(Tone::Warn, &word(guest, "choice", &hazard.word()))) " " } } }
}

fn laboratory(guest: &Guest, id: Id) -> Result<Record, Trouble> {
    guest.look.record(id)?.filter(|record| record.desk == "laboratory").ok_or(Trouble::NotFound)
}

/// The chemicals of a laboratory that this guest may know of, by name, those that are kept no longer too; and whether there are more.
fn known(guest: &Guest, laboratory: Id) -> Result<(Vec<Listed>, bool), Trouble> {
    let mut filter = Filter {
        desk: "chemical".into(),
        party: Some(laboratory),
        part: Some("laboratory".into()),
        limit: PAGE,
        ..Filter::default()
    };
    let mut all = Vec::new();
    let is_more = loop {
        let (rows, next) = guest.look.rows(&filter)?;
        all.extend(rows);
        match next {
            Some(next) if all.len() < SHOWN => filter.after = Some(next),
            next => break next.is_some(),
        }
    };
    let title = |listed: &Listed| guest.pick(&listed.card.title_zh, &listed.card.title_en).to_owned();
    all.sort_by_cached_key(title);
    Ok((all, is_more))
}

/// The room.
///
/// # Errors
/// When there is no such laboratory, or the store cannot be read.
pub fn chemicals(guest: &Guest, id: Id) -> Answer {
    let laboratory = laboratory(guest, id)?;
    let (all, is_more) = known(guest, id)?;
    let kept: Vec<&Listed> = all.iter().filter(|listed| listed.card.status == "kept").collect();
    let is_own = is_side(guest, &laboratory.card, "lead");
    let is_inside = all.iter().any(is_counted);
    let name = guest.pick(&laboratory.card.title_zh, &laboratory.card.title_en).to_owned();
    let title = guest.say("chemicals-of", &json!({ "name": name }));
    let lead = guest.word(if is_inside || is_own { "chemicals-lead" } else { "chemicals-lead-others" });
    let main = html! {
        (parts::heading(&Heading { title: title.clone(), lead: lead.into(), ..Heading::default() }))
        @if is_own {
            p.row {
                a.button.main href={ "/chemical/new/enter?laboratory=" (id) } { (word(guest, "verb", "enter")) }
                a.button href="/chemical/import/enter" { (guest.word("chemicals-import")) }
            }
        }
        (to_do(guest, &kept))
        (section("kept", guest.word("chemicals-kept"), html! {
            (table(guest, &kept, is_inside))
            @if is_more { p.note { (guest.say("chemicals-more", &json!({ "count": all.len() }))) } }
        }))
        @if is_inside {
            (beside(guest, id)?)
            (flow::shown(guest, id, &all)?)
        }
    };
    let crumbs = vec![
        Link::new("/laboratory", guest.desk_word("laboratory", "desk", "many")),
        Link::new(format!("/laboratory/{id}"), name),
    ];
    Ok(guest.page(&title, crumbs, main))
}

fn section(id: &str, title: &str, body: Markup) -> Markup {
    parts::section(&Section { id: id.into(), title: title.into(), beside: html! {}, body })
}

/// What of a laboratory's page leads here; nothing where this guest knows of no chemical and keeps none.
///
/// # Errors
/// When the store cannot be read.
pub fn of_laboratory(guest: &Guest, record: &Record) -> Result<Markup, Trouble> {
    let is_own = is_side(guest, &record.card, "lead");
    let filter = Filter {
        desk: "chemical".into(),
        status: Some("kept".into()),
        party: Some(record.id),
        part: Some("laboratory".into()),
        limit: 1,
        ..Filter::default()
    };
    let has_some = is_own || !guest.look.rows(&filter)?.0.is_empty();
    let takes: Option<desks::laboratory::Takes> = record.card.read("takes");
    Ok(html! {
        @if let Some(takes) = &takes {
            p {
                (guest.word(if takes.only_these_hazards { "takes-only" } else { "takes-ready" })) (guest.pick("：", ": "))
                @if takes.hazards.is_empty() { (guest.word("takes-none")) } @else { (hazards(guest, &takes.hazards)) }
            }
        }
        @if has_some { p { a.button href={ "/chemicals/" (record.id) } { (word(guest, "desk", "many")) } } }
    })
}

/// What someone has to do about a chemical, in words.
fn tasks(guest: &Guest, listed: &Listed) -> Vec<(Tone, String)> {
    let has = |fact: &str, tone: Tone, key: &'static str| {
        is_said(listed, fact).then(|| (tone, guest.word(key).to_owned()))
    };
    let waits = listed.card.facts.contains_key("seconds");
    [
        has("is_missing", Tone::Bad, "chemical-missing"),
        waits.then(|| (Tone::Warn, guest.word("chemical-waits").to_owned())),
        has("is_expired", Tone::Warn, "chemical-expired"),
        has("is_above", Tone::Warn, "chemical-above"),
        has("is_sheet_old", Tone::Warn, "chemical-sheet-old"),
    ]
    .into_iter()
    .flatten()
    .collect()
}

fn link(guest: &Guest, listed: &Listed) -> Markup {
    html! { a href={ "/chemical/" (listed.id) } { (guest.pick(&listed.card.title_zh, &listed.card.title_en)) } }
}

/// What is to be done, above all the rest; nothing where all is well.
fn to_do(guest: &Guest, kept: &[&Listed]) -> Markup {
    let due: Vec<(&Listed, Vec<(Tone, String)>)> = kept
        .iter()
        .map(|listed| (*listed, tasks(guest, listed)))
        .filter(|(_, tasks)| !tasks.is_empty())
        .collect();
    if due.is_empty() {
        return html! {};
    }
    section(
        "to-do",
        guest.word("chemicals-to-do"),
        html! {
            ul { @for (listed, tasks) in &due { li {
                (link(guest, listed)) (guest.pick("：", ": "))
                @for (tone, task) in tasks { (parts::badge(*tone, task)) " " }
            } } }
        },
    )
}

/// The way to a safety data sheet, with its language and day.
fn sheet_link(guest: &Guest, listed: &Listed) -> Markup {
    let Some(sheet) = listed.card.read::<SafetySheet>("safety_sheet") else {
        return html! { span.soft { (guest.word("chemical-no-sheet")) } };
    };
    let language = word(guest, "choice", &grammar::desk::plain_word(&sheet.language));
    html! { a.nowrap href={ "/chemical/" (listed.id) "/file/" (sheet.file.hash()) } { (language) (guest.pick("，", ", ")) (guest.day(sheet.issued)) } }
}

fn table(guest: &Guest, kept: &[&Listed], is_inside: bool) -> Markup {
    let row = |listed: &&Listed| {
        let card = &listed.card;
        let named: Vec<Hazard> = card.read("hazards").unwrap_or_default();
        let cas = card.read::<String>("cas");
        let control = card.read::<String>("control").filter(|control| control != "not-controlled");
        let left: Option<i64> = card.read("left");
        let place = card.read::<String>("place");
        let mut cells = vec![
            html! { (link(guest, listed)) @if let Some(cas) = &cas { " " span.soft.nowrap { (cas) } } @if let Some(control) = &control { " " (parts::badge(Tone::Bad, &word(guest, "choice", control))) } },
            html! { @if named.is_empty() { (guest.word("chemical-no-hazard")) } @else { (hazards(guest, &named)) } },
            sheet_link(guest, listed),
        ];
        if is_inside {
            cells.push(
                html! { @if let Some(left) = left { span.nowrap { (amount(guest, left, &unit(listed))) } } },
            );
            cells.push(html! { @if let Some(place) = &place { (place) } });
            cells.push(
                html! { @for (tone, task) in tasks(guest, listed) { (parts::badge(tone, &task)) " " } },
            );
        }
        Row::new(cells)
    };
    let field = |key: &str| word(guest, "field", key);
    let mut columns = ["name", "hazards", "safety_sheet"].map(|key| Column::new(field(key))).to_vec();
    if is_inside {
        columns.extend([
            Column::end(field("left")),
            Column::new(field("place")),
            Column::new(guest.word("how-it-is")),
        ]);
    }
    parts::table(&Table {
        id: "chemicals".into(),
        caption: guest.word("chemicals-caption").into(),
        columns,
        rows: kept.iter().map(row).collect(),
        scrolls: false,
        empty: Empty { title: guest.word("chemicals-none").into(), ..Empty::default() },
    })
}

/// What stands in one place and does not go together, with the reason that was given.
fn beside(guest: &Guest, laboratory: Id) -> Result<Markup, Trouble> {
    let Some(record) = guest.look.record(cupboard::name(laboratory.r()).id())? else { return Ok(html! {}) };
    let shelved: Vec<Shelved> = record
        .state
        .get("shelved")
        .cloned()
        .and_then(|all| serde_json::from_value(all).ok())
        .unwrap_or_default();
    let today = guest.house.registry.now().day();
    let apart = guest.house.registry.rules().value(cupboard::APART, record.card.scope(), today);
    let mut rows = Vec::new();
    for (place, one) in shelved.iter().enumerate() {
        for other in shelved.iter().skip(place + 1).filter(|other| one.is_beside(other)) {
            if let Some((this, that)) = one.clash(other, &apart) {
                let said = |word: &str| guest.desk_word("cupboard", "choice", word);
                let reason = one.together.as_ref().or(other.together.as_ref());
                rows.push(Row::new(vec![
                    html! { (guest.link(one.chemical.id())) br; span.soft { (said(&this)) } },
                    html! { (guest.link(other.chemical.id())) br; span.soft { (said(&that)) } },
                    html! { (&*one.place) },
                    html! { @match reason { Some(reason) => (&**reason), None => (parts::badge(Tone::Bad, guest.word("chemicals-no-reason"))) } },
                ]));
            }
        }
    }
    if rows.is_empty() {
        return Ok(html! {});
    }
    let heads = [
        word(guest, "field", "name"),
        guest.word("chemicals-beside-what").to_owned(),
        word(guest, "field", "place"),
        word(guest, "field", "together"),
    ];
    let table = parts::table(&Table {
        id: "beside".into(),
        caption: guest.word("chemicals-beside-caption").into(),
        columns: heads.map(Column::new).into(),
        rows,
        scrolls: false,
        empty: Empty::default(),
    });
    let article = guest.article(cupboard::APART.id()).map(|article| parts::article(&article));
    Ok(section(
        "beside",
        guest.word("chemicals-beside"),
        html! { (table) @if let Some(article) = article { (article) } },
    ))
}
