//! Own lines: what our own clearing runs have between us and another house's region, to be stated in an exchange with one press.
//! Nothing is stated that is not shown first.

use std::collections::{BTreeMap, BTreeSet};

use desks::{
    clearing::Line,
    exchange::{Exchange, LINES_MAX},
};
use grammar::kinds::Id;
use maud::{Markup, html};
use registry::{Filter, Record};
use serde_json::json;

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Align, Column, Empty, Press, Row, Table},
};

/// Runs that are offered: the latest.
const RUNS: u32 = 12;

/// A line of a run as the exchange states it.
struct Stated {
    order: String,
    line: Line,
    corrects: String,
}

/// The lines of a run between the two that count: neither struck nor in dispute.
fn between(record: &Record, exchange: &Exchange) -> Vec<Stated> {
    let lines = record.state.get("lines").cloned().unwrap_or_default();
    let lines: BTreeMap<u32, Line> = serde_json::from_value(lines).unwrap_or_default();
    let pair = [exchange.region, exchange.other];
    let is_between = |line: &Line| pair.contains(&line.debtor) && pair.contains(&line.creditor);
    let mut seen = BTreeSet::new();
    let mut stated = Vec::new();
    for (number, line) in lines {
        if !is_between(&line) || line.is_struck || line.dispute.is_some() {
            continue;
        }
        // An order and its correction may stand in one run; in an exchange each line has a name of its own.
        let own = line.order.to_string();
        let order = if seen.insert(own.clone()) { own } else { format!("{own}/{number}") };
        let corrects = line.corrects.map_or_else(String::new, |(run, line)| format!("{run}/{line}"));
        stated.push(Stated { order, line, corrects });
    }
    stated
}

/// Our runs that have lines for this exchange, and the lines of the one that was chosen with the button to state them.
///
/// # Errors
/// When the store cannot be read.
pub fn section(guest: &Guest, record: &Record, exchange: &Exchange) -> Result<Option<Markup>, Trouble> {
    if exchange.statement.is_some() || !guest.look.viewer.holds("clearing-office", exchange.region) {
        return Ok(None);
    }
    let filter = Filter { desk: "clearing".into(), limit: RUNS, ..Filter::default() };
    let mut runs = Vec::new();
    for listed in guest.look.rows(&filter)?.0 {
        let stands = !["open", "withdrawn"].contains(&listed.card.status.as_str());
        if !stands || !guest.look.viewer.is_inside(&listed.card) {
            continue;
        }
        let Some(run) = guest.look.record(listed.id)? else { continue };
        let lines = between(&run, exchange);
        if !lines.is_empty() {
            runs.push((run, lines));
        }
    }
    if runs.is_empty() {
        return Ok(None);
    }
    let chosen = guest.visit.asked("run").and_then(|id| id.parse::<Id>().ok());
    let at = format!("/exchange/{}", record.id);
    let offer = |run: &Record, lines: &[Stated]| {
        let title = guest.pick(&run.card.title_zh, &run.card.title_en);
        html! {
            a href={ (at) "?run=" (run.id) "#own" } aria-current=[(chosen == Some(run.id)).then_some("true")] { (title) } " "
            small { (guest.say("own-run-lines", &json!({ "count": lines.len() }))) }
        }
    };
    let shown = runs.iter().find(|(run, _)| chosen == Some(run.id));
    Ok(Some(html! {
        p { (guest.word("own-runs")) }
        ul { @for (run, lines) in &runs { li { (offer(run, lines)) } } }
        @if let Some((_, lines)) = shown { (table(guest, lines)) (state(guest, record, lines)) }
    }))
}

fn table(guest: &Guest, lines: &[Stated]) -> Markup {
    let row = |stated: &Stated| {
        Row::new(vec![
            html! { code { (stated.order) } },
            html! { (guest.region(stated.line.debtor)) " → " (guest.region(stated.line.creditor)) },
            html! { (guest.money(stated.line.amount)) },
            html! { span.nowrap { (guest.day(stated.line.effective)) } },
            html! { (stated.corrects) },
        ])
    };
    let heads = ["order", "who-owes-whom", "amount", "effective-on", "corrects"];
    let mut columns: Vec<Column> = heads.map(|head| Column::new(guest.word(head))).into();
    if let Some(amount) = columns.get_mut(2) {
        amount.align = Align::End;
    }
    parts::table(&Table {
        id: "own-lines".into(),
        caption: guest.say("own-lines-caption", &json!({ "count": lines.len() })),
        columns,
        rows: lines.iter().map(row).collect(),
        scrolls: true,
        empty: Empty::default(),
    })
}

/// The desk's own form, filled in with these lines.
fn state(guest: &Guest, record: &Record, lines: &[Stated]) -> Markup {
    if lines.len() > LINES_MAX {
        return html! { p.note { (guest.say("own-lines-many", &json!({ "max": LINES_MAX }))) } };
    }
    let mut hidden = guest.hidden();
    hidden.push(("seen".into(), record.sequence.to_string()));
    for (stated, n) in lines.iter().zip(1..) {
        let line = &stated.line;
        let fields = [
            ("order", stated.order.clone()),
            ("debtor", line.debtor.to_string()),
            ("creditor", line.creditor.to_string()),
            ("amount", line.amount.to_string()),
            ("effective", line.effective.to_string()),
            ("corrects", stated.corrects.clone()),
        ];
        hidden.extend(fields.map(|(name, value)| (format!("lines.{n}.{name}"), value)));
    }
    let label = guest.say("own-lines-state", &json!({ "count": lines.len() }));
    Press { action: format!("/exchange/{}/state", record.id), hidden, label }.show("main")
}
