//! Search: which earlier and running works of whatever programme are alike to an application, of those that this officer may
//! see. Nothing is kept: the officer names those to be compared, and the desk measures them again.

use std::collections::{BTreeMap, BTreeSet};

use desks::{
    comparison::{Thresholds, WORKS_MAX, heads, work_of},
    expert::conflict::Body,
};
use engines::likeness::{Alike, Sheet, alike};
use grammar::kinds::{Day, Id};
use maud::{Markup, html};
use registry::{Broken, Filter, Listed, Record};
use serde_json::json;

use super::{DESK, percent};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Row, Section, Table},
};

/// Works of one desk that are looked at.
const LOOKED_AT: usize = 12_000;
/// Records of one page of a list.
const PAGE: u32 = 200;
/// Desks whose records are works, and states in which they are not handed in or were taken back.
const DESKS: [&str; 3] = ["application", "solution", "project"];
const NOT_WORKS: [&str; 5] = ["draft", "unit-confirmed", "withdrawn", "lapsed", "invited"];
/// States in which an application can be compared.
const COMPARED: [&str; 3] = ["submitted", "formal-ok", "duplicate-check"];

/// One work that was found.
struct Found {
    work: Listed,
    alike: Alike,
}

/// On the page of an application: the way to the search, or what it found.
///
/// # Errors
/// When the store cannot be read.
pub fn search(guest: &Guest, record: &Record) -> Result<Markup, Trouble> {
    let region = record.card.scope();
    let is_office = guest.look.viewer.holds("programme-office", region);
    if !is_office || !COMPARED.contains(&record.card.status.as_str()) {
        return Ok(html! {});
    }
    let held = guest.look.naming(DESK, ("application", record.id))?;
    let body = html! {
        @if !held.is_empty() { (earlier(guest, &held)) }
        @if guest.visit.asked("alike").is_some() { (answer(guest, record)?) }
        @else {
            p { (guest.word("likeness-search-note")) }
            p { a.button href={ "/application/" (record.id) "?alike=yes#alike" } { (guest.word("likeness-search")) } }
        }
    };
    let title = guest.word("likeness").into();
    Ok(parts::section(&Section { id: "alike".into(), title, beside: html! {}, body }))
}

fn earlier(guest: &Guest, held: &[Record]) -> Markup {
    html! {
        ul.bare {
            @for record in held {
                li.row {
                    a href={ "/comparison/" (record.id) } { (guest.desk_word(DESK, "desk", "one")) " " @if let Some(from) = record.card.from { (guest.day(from)) } }
                    (guest.status_badge(DESK, &record.card.status))
                }
            }
        }
    }
}

fn answer(guest: &Guest, record: &Record) -> Result<Markup, Trouble> {
    let today = guest.house.registry.now().day();
    let works = works(guest, record.id)?;
    let counts: Vec<(&str, usize)> =
        DESKS.iter().map(|desk| (*desk, works.iter().filter(|work| work.desk == *desk).count())).collect();
    let found = found(guest, record, works, today)?;
    let counted = html! {
        p.note {
            (guest.word("likeness-compared-with"))
            @for (desk, count) in &counts { " " (guest.desk_word(desk, "desk", "many")) " " b { (count) } }
        }
    };
    if found.is_empty() {
        return Ok(html! { p { b { (guest.word("likeness-nothing")) } } (counted) });
    }
    let mut hidden = guest.hidden();
    hidden.push(("application".into(), record.id.to_string()));
    Ok(html! {
        p { (guest.say("likeness-found", &json!({ "count": found.len() }))) }
        form.form method="post" action="/comparison/new/open" data-once {
            (parts::hidden(&hidden))
            (table(guest, &found))
            @if found.len() > WORKS_MAX { p.note { (guest.say("likeness-more", &json!({ "most": WORKS_MAX }))) } }
            button.main type="submit" { (guest.word("likeness-open")) }
        }
        (counted)
    })
}

fn table(guest: &Guest, found: &[Found]) -> Markup {
    let row = |(number, found): (usize, &Found)| {
        let (work, alike) = (&found.work, &found.alike);
        let id = format!("with-{number}");
        let share = |measure: u32| html! { @if measure > 0 { (percent(measure)) } };
        let count = |count: usize| html! { @if count > 0 { (count) } };
        Row::new(vec![
            html! { input type="checkbox" id=(id) name={ "with." (number) } value=(work.id) checked; },
            html! { label for=(id) { (guest.pick(&work.card.title_zh, &work.card.title_en)) } " " a href={ "/" (work.desk) "/" (work.id) } { (guest.desk_word(&work.desk, "desk", "one")) } },
            share(alike.title),
            share(alike.summary),
            share(alike.text),
            count(alike.promises.len()),
            count(alike.lines.len()),
            count(alike.files.len()),
            count(alike.people.len()),
            count(alike.units.len()),
        ])
    };
    let signs = ["title", "summary", "text", "promises", "lines", "files", "people", "units"];
    let columns = [Column::new(guest.word("likeness-choose")), Column::new(guest.word("likeness-work"))];
    let columns =
        columns.into_iter().chain(signs.map(|sign| Column::end(guest.desk_word(DESK, "choice", sign))));
    parts::table(&Table {
        id: "alike-table".into(),
        caption: guest.word("likeness-table").into(),
        columns: columns.collect(),
        rows: (1..).zip(found.iter().take(WORKS_MAX)).map(row).collect(),
        ..Table::default()
    })
}

/// What reaches a threshold, the most alike first.
fn found(guest: &Guest, record: &Record, works: Vec<Listed>, today: Day) -> Result<Vec<Found>, Broken> {
    let rules = guest.house.registry.rules();
    let thresholds = Thresholds::of(&rules, record.card.scope(), today);
    let heads = groups(guest, record, &works)?;
    let ours = Sheet::of(work_of(&record.card, &heads));
    let sheets = Sheet::all(works.iter().map(|work| work_of(&work.card, &heads)));
    let years = i32::try_from(thresholds.years).unwrap_or(0);
    let mut found: Vec<Found> = Vec::new();
    for (work, sheet) in works.into_iter().zip(sheets) {
        let mut alike = alike(&ours, &sheet);
        if work.card.from.is_some_and(|from| today >= from.plus_months(years * 12)) {
            (alike.people, alike.units) = (vec![], vec![]);
        }
        if alike.is_near(thresholds.bars()) {
            found.push(Found { work, alike });
        }
    }
    let most = |found: &Found| found.alike.text.max(found.alike.title).max(found.alike.summary);
    found.sort_by_key(|found| (std::cmp::Reverse(most(found)), found.work.id));
    Ok(found)
}

/// All works that this officer may see, without this one and without projects that grew out of one of the others.
fn works(guest: &Guest, itself: Id) -> Result<Vec<Listed>, Broken> {
    let mut works: Vec<Listed> = Vec::new();
    for desk in DESKS {
        let mut filter = Filter { desk: desk.into(), limit: PAGE, ..Filter::default() };
        let mut looked_at = 0;
        loop {
            let page = guest.look.list(&filter)?;
            looked_at += page.rows.len();
            let is_work =
                |work: &Listed| !NOT_WORKS.contains(&work.card.status.as_str()) && work.id != itself;
            works.extend(page.rows.into_iter().filter(is_work));
            filter.after = page.next;
            if filter.after.is_none() || looked_at >= LOOKED_AT {
                break;
            }
        }
    }
    let known: BTreeSet<Id> = works.iter().map(|work| work.id).chain([itself]).collect();
    works.retain(|work| !work.card.holders("candidate").any(|candidate| known.contains(&candidate)));
    Ok(works)
}

/// Under which head the organisations behind them count.
fn groups(guest: &Guest, record: &Record, works: &[Listed]) -> Result<BTreeMap<Id, Id>, Broken> {
    let cards = works.iter().map(|work| &work.card).chain([&record.card]);
    let units: BTreeSet<Id> =
        cards.flat_map(|card| card.holders("lead").chain(card.holders("partner"))).collect();
    let units: Vec<Id> = units.into_iter().collect();
    let mut bodies = Vec::new();
    for some in units.chunks(1_000) {
        let cards = guest.look.cards(some)?;
        bodies.extend(cards.iter().map(|listed| Body::of(listed.id, &listed.card)));
    }
    Ok(heads(&bodies))
}
