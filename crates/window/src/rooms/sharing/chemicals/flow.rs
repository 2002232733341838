//! Flow: how the controlled chemicals of a laboratory have moved, line by line, with both custodians: on its page and as a sheet.

use desks::chemical::Movement;
use grammar::kinds::{Day, Id, Moment};
use maud::{Markup, html};
use registry::{Line, Listed};
use serde_json::Value;

use super::{known, laboratory, section, unit, word};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Align, Column, Empty, Row, Table},
    rooms::person_name,
    ways::{
        Answer,
        sheet::{
            self,
            write::{Column as SheetColumn, Shape},
        },
    },
};

/// Lines on the page; the sheet has all.
const SHOWN: usize = 30;
/// Controlled chemicals of which lines are read, for the page and for the sheet.
const READ_MAX: usize = 200;
/// What changes how much there is.
const MOVES: [&str; 5] = ["received", "used", "disposed", "counted", "lost"];

/// One line of the ledger.
struct Move {
    at: Moment,
    on: Option<Day>,
    chemical: Id,
    title: String,
    cas: String,
    what: String,
    batch: String,
    /// Below zero where it went out.
    change: i64,
    left: i64,
    unit: String,
    /// From whom, what for, how, or why.
    detail: String,
    first: Option<Id>,
    second: Option<Id>,
    position: u64,
}

fn is_controlled(listed: &Listed) -> bool {
    listed.card.read::<String>("control").is_some_and(|control| control != "not-controlled")
}

/// The lines of a laboratory's controlled chemicals, newest first.
fn moves(guest: &Guest, all: &[Listed]) -> Result<Vec<Move>, Trouble> {
    let mut moves = Vec::new();
    for listed in all.iter().filter(|listed| is_controlled(listed)).take(READ_MAX) {
        let lines = guest.look.history(listed.id)?;
        moves.extend(lines.iter().filter_map(|line| moved(guest, listed, line)));
    }
    moves.sort_by_key(|one| std::cmp::Reverse((one.at, one.position)));
    Ok(moves)
}

fn moved(guest: &Guest, listed: &Listed, line: &Line) -> Option<Move> {
    let event = &line.event;
    let text = |name: &str| event.get(name).and_then(Value::as_str).unwrap_or_default().to_owned();
    let number = |name: &str| event.get(name).and_then(Value::as_i64);
    let what = text("event");
    if !MOVES.contains(&what.as_str()) {
        return None;
    }
    let movement: Option<Movement> =
        event.get("movement").cloned().and_then(|movement| serde_json::from_value(movement).ok());
    let (change, batch, detail) = match (&movement, what.as_str()) {
        (Some(movement), "received") => (movement.amount, &movement.batch, &movement.what),
        (Some(movement), _) => (-movement.amount, &movement.batch, &movement.what),
        (None, "lost") => (-number("amount")?, &None, &None),
        (None, _) => (number("difference")?, &None, &None),
    };
    let first: Option<Id> = event.get("first").and_then(Value::as_str).and_then(|id| id.parse().ok());
    Some(Move {
        at: line.at,
        on: text("on").parse().ok(),
        chemical: listed.id,
        title: guest.pick(&listed.card.title_zh, &listed.card.title_en).to_owned(),
        cas: listed.card.read("cas").unwrap_or_default(),
        what: word(guest, "field", &what),
        batch: batch.as_ref().map_or_else(|| text("batch"), ToString::to_string),
        change,
        left: number("left")?,
        unit: word(guest, "choice", &unit(listed)),
        detail: detail.as_ref().map_or_else(|| text("what") + &text("reason"), ToString::to_string),
        first: first.or(line.person),
        second: line.person.filter(|_| first.is_some()),
        position: line.position,
    })
}

fn heads(guest: &Guest) -> [(String, Shape); 11] {
    let field = |key: &str| word(guest, "field", key);
    [
        (field("on"), Shape::Day),
        (field("name"), Shape::Text),
        (field("cas"), Shape::Text),
        (field("kind"), Shape::Text),
        (field("batch"), Shape::Text),
        (guest.word("flow-change").to_owned(), Shape::Number),
        (field("left"), Shape::Number),
        (field("unit"), Shape::Text),
        (field("what"), Shape::Text),
        (field("first"), Shape::Text),
        (guest.word("flow-second").to_owned(), Shape::Text),
    ]
}

/// The latest lines on the page, with the way to all of them; nothing where nothing is controlled.
///
/// # Errors
/// When the store cannot be read.
pub fn shown(guest: &Guest, laboratory: Id, all: &[Listed]) -> Result<Markup, Trouble> {
    if !all.iter().any(is_controlled) {
        return Ok(html! {});
    }
    let moves = moves(guest, all)?;
    let row = |one: &Move| {
        let who = |id: Option<Id>| html! { @if let Some(id) = id { (guest.link(id)) } };
        Row::new(vec![
            html! { a href={ "/chemical/" (one.chemical) } { (one.title) } },
            html! { @if let Some(on) = one.on { (guest.day(on)) } " " a href={ "/proof/" (one.position) } { (guest.word("proof")) } },
            html! { (one.what) @if !one.batch.is_empty() { " " span.soft { (one.batch) } } },
            html! { span.nowrap { @if one.change > 0 { "+" } (one.change) " " (one.unit) } },
            html! { span.nowrap { (one.left) " " (one.unit) } },
            html! { (one.detail) },
            html! { (who(one.first)) @if one.second.is_some() { br; (who(one.second)) } },
        ])
    };
    let field = |key: &str| Column::new(word(guest, "field", key));
    let end = |label: String| Column { align: Align::End, ..Column::new(label) };
    let table = parts::table(&Table {
        id: "flow".into(),
        caption: guest.word("flow-caption").into(),
        columns: vec![
            field("name"),
            field("on"),
            field("kind"),
            end(guest.word("flow-change").into()),
            end(word(guest, "field", "left")),
            field("what"),
            Column::new(guest.word("flow-who")),
        ],
        rows: moves.iter().take(SHOWN).map(row).collect(),
        scrolls: false,
        empty: Empty { title: guest.word("flow-none").into(), ..Empty::default() },
    });
    let body = html! {
        (table)
        p.row { @for end in ["xlsx", "csv"] { a href={ "/chemicals/" (laboratory) "/flow." (end) } { (guest.word("flow-take")) " (" (end) ")" } } }
        @if let Some(article) = guest.article("CM-R01") { (parts::article(&article)) }
    };
    Ok(section("flow", guest.word("flow"), body))
}

/// The whole ledger as a sheet.
///
/// # Errors
/// When there is no such laboratory, this guest may not read its ledger, or the store cannot be read.
pub fn sheet(guest: &Guest, id: Id, is_csv: bool) -> Answer {
    let record = laboratory(guest, id)?;
    let (all, _) = known(guest, id)?;
    if !all.iter().any(is_controlled) {
        return Err(Trouble::NotFound);
    }
    let columns: Vec<SheetColumn> =
        heads(guest).into_iter().map(|(label, shape)| SheetColumn { label, shape }).collect();
    let name = |id: Option<Id>| id.map(|id| person_name(guest, id)).unwrap_or_default();
    let line = |one: Move| {
        vec![
            one.on.map(|on| on.to_string()).unwrap_or_default(),
            one.title,
            one.cas,
            one.what,
            one.batch,
            one.change.to_string(),
            one.left.to_string(),
            one.unit,
            one.detail,
            name(one.first),
            name(one.second),
        ]
    };
    let rows = moves(guest, &all)?.into_iter().rev().map(line);
    let title = guest.pick(&record.card.title_zh, &record.card.title_en);
    sheet::file(guest, &format!("{title} {}", guest.word("flow")), is_csv, &columns, rows)
}
