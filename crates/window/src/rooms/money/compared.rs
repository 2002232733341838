//! Compared: the lines of a settlement beside this house's own clearing runs and what was settled before. What differs is a finding
//! that a person reads and may dispute; nothing is stopped by it.

use std::collections::{BTreeMap, BTreeSet};

use desks::{
    clearing::Line,
    settlement::{Claim, Contested, Statement},
};
use grammar::kinds::{Id, Money, Region};
use maud::{Markup, html};
use registry::{Filter, Record};
use serde_json::{Value, json};

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Align, Column, Empty, Row, Table},
};

/// Our runs, and earlier settlements, that are looked at: the latest ones.
const RUNS: u32 = 40;
const SETTLEMENTS: usize = 60;
/// Findings shown.
const SHOWN: usize = 100;

/// One of our own lines.
#[derive(Clone, Debug, PartialEq)]
pub struct Own {
    run: Id,
    debtor: Region,
    fen: i64,
    effective: String,
    counts: bool,
}

/// A line is for an order, or corrects one.
type Key = (String, bool);

/// What does not agree.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Why {
    Unknown,
    Missing,
    Amount,
    Direction,
    Effective,
    WaitsHere,
    SettledBefore,
}

impl Why {
    fn word(self) -> &'static str {
        match self {
            Self::Unknown => "differs-unknown",
            Self::Missing => "differs-missing",
            Self::Amount => "differs-amount",
            Self::Direction => "differs-direction",
            Self::Effective => "differs-effective",
            Self::WaitsHere => "differs-waits-here",
            Self::SettledBefore => "differs-settled-before",
        }
    }
}

/// One finding: the order, and what each side says of it.
#[derive(Clone, Debug)]
pub struct Finding {
    pub order: String,
    pub why: Why,
    theirs: Option<i64>,
    own: Option<Own>,
    before: Option<Id>,
}

/// Our lines with another region, by what they are for; those of the latest runs.
fn own_lines(guest: &Guest, between: [Region; 2]) -> Result<BTreeMap<Key, Own>, Trouble> {
    let filter = Filter { desk: "clearing".into(), limit: RUNS, ..Filter::default() };
    let mut all = BTreeMap::new();
    for listed in guest.look.list(&filter)?.rows {
        if listed.card.status == "withdrawn" || !guest.look.viewer.is_inside(&listed.card) {
            continue;
        }
        let Some(record) = guest.look.record(listed.id)? else { continue };
        let lines = record.state.get("lines").cloned().unwrap_or_default();
        let lines: BTreeMap<u32, Line> = serde_json::from_value(lines).unwrap_or_default();
        for line in lines.into_values() {
            if !(between.contains(&line.debtor) && between.contains(&line.creditor)) {
                continue;
            }
            let own = Own {
                run: listed.id,
                debtor: line.debtor,
                fen: line.amount.in_fen(),
                effective: line.effective.to_string(),
                counts: line.dispute.is_none() && !line.is_struck,
            };
            let key = (line.order.to_string(), line.corrects.is_some());
            // An order stands in one run at a time: where an earlier run let it go, the one in which it counts is meant.
            let known = all.get(&key).is_some_and(|known: &Own| known.counts);
            if own.counts || !known {
                all.insert(key, own);
            }
        }
    }
    Ok(all)
}

/// The lines of other settlements with the same neighbour that were taken in before this one.
fn before(guest: &Guest, record: &Record) -> Result<BTreeMap<Key, Id>, Trouble> {
    let neighbour = record.card.the("neighbour");
    // Each was taken in with more of the other's log than the one before.
    let seen = |record: &Record| record.state.pointer("/seen/size").and_then(Value::as_u64).unwrap_or(0);
    let mut all = BTreeMap::new();
    for other in guest.look.naming("settlement", ("neighbour", neighbour))?.into_iter().take(SETTLEMENTS) {
        if other.id == record.id || seen(&other) >= seen(record) {
            continue;
        }
        let statement = other.state.get("statement").cloned().unwrap_or_default();
        let Ok(statement) = serde_json::from_value::<Statement>(statement) else { continue };
        all.extend(statement.counting.into_iter().map(|claim| (key(&claim), other.id)));
    }
    Ok(all)
}

fn key(claim: &Claim) -> Key {
    (claim.order.clone(), !claim.corrects.is_empty())
}

fn differs(claim: &Claim, own: &Own) -> Option<Why> {
    match () {
        () if claim.debtor != own.debtor => Some(Why::Direction),
        () if claim.fen != own.fen => Some(Why::Amount),
        () if !own.counts => Some(Why::WaitsHere),
        () if !claim.effective.is_empty() && claim.effective != own.effective => Some(Why::Effective),
        () => None,
    }
}

/// What does not agree, in the order of the statement; what it lacks stands last. The second part says whether there was
/// anything of our own to compare with.
fn compare(
    statement: &Statement,
    own: &BTreeMap<Key, Own>,
    before: &BTreeMap<Key, Id>,
) -> (Vec<Finding>, bool) {
    let mut findings = Vec::new();
    let mut runs = BTreeSet::new();
    for claim in &statement.counting {
        let (key, theirs) = (key(claim), Some(claim.fen));
        let mine = own.get(&key);
        runs.extend(mine.map(|own| own.run));
        let settled = before.get(&key).copied();
        let why = match (settled, mine) {
            (Some(_), _) => Some(Why::SettledBefore),
            (None, Some(own)) => differs(claim, own),
            // Without books of our own nothing can be said of a line.
            (None, None) => (!own.is_empty()).then_some(Why::Unknown),
        };
        let finding =
            |why| Finding { order: key.0.clone(), why, theirs, own: mine.cloned(), before: settled };
        findings.extend(why.map(finding));
    }
    let named: BTreeSet<Key> = statement.counting.iter().map(key).collect();
    let lacks = own.iter().filter(|(key, own)| {
        let waits = statement.waiting.contains(&key.0);
        own.counts && runs.contains(&own.run) && !named.contains(key) && !waits
    });
    findings.extend(lacks.map(|((order, _), own)| Finding {
        order: order.clone(),
        why: Why::Missing,
        theirs: None,
        own: Some(own.clone()),
        before: None,
    }));
    (findings, !own.is_empty())
}

/// What does not agree with our books, for whoever settles; and whether there was anything to compare with.
///
/// # Errors
/// When the store cannot be read.
pub fn findings(
    guest: &Guest,
    record: &Record,
    statement: &Statement,
) -> Result<(Vec<Finding>, bool), Trouble> {
    let own = own_lines(guest, [statement.first.0, statement.second.0])?;
    Ok(compare(statement, &own, &before(guest, record)?))
}

fn disputes(record: &Record) -> Vec<Contested> {
    let all = record.state.get("disputes").cloned().unwrap_or_default();
    serde_json::from_value(all).unwrap_or_default()
}

/// The findings as a table, each with the way to dispute it.
#[must_use]
pub fn table(guest: &Guest, record: &Record, (findings, has_own): &(Vec<Finding>, bool)) -> Markup {
    if !has_own && findings.is_empty() {
        return html! { p.note { (guest.word("differs-nothing-own")) } };
    }
    let disputed: Vec<String> = disputes(record).iter().map(|each| each.order.to_string()).collect();
    let may = guest.look.viewer.holds("clearing-office", record.card.scope());
    let money =
        |fen: Option<i64>| html! { @match fen { Some(fen) => (guest.money(Money::fen(fen))), None => "—" } };
    let row = |finding: &Finding| {
        let verb = if finding.why == Why::Missing { "miss" } else { "dispute" };
        let to = format!("/settlement/{}/{verb}?order={}", record.id, crate::visit::escape(&finding.order));
        Row::new(vec![
            html! { code { (finding.order) } },
            html! {
                (guest.word(finding.why.word()))
                @if let Some(other) = finding.before { " " (guest.link(other)) }
            },
            money(finding.theirs),
            html! {
                (money(finding.own.as_ref().map(|own| own.fen)))
                @if let Some(own) = &finding.own { " " small { (guest.link(own.run)) } }
            },
            html! {
                @if disputed.contains(&finding.order) { (parts::badge(parts::Tone::Warn, guest.word("in-dispute"))) }
                @else if may { a href=(to) { (guest.desk_word("settlement", "verb", verb)) } }
            },
        ])
    };
    let heads = ["order", "what-differs", "says-statement", "say-our-books", "next-step"];
    let mut columns: Vec<Column> = heads.map(|head| Column::new(guest.word(head))).into();
    columns.iter_mut().skip(2).take(2).for_each(|column| column.align = Align::End);
    html! {
        (parts::table(&Table {
            id: "findings".into(),
            caption: guest.say("differs-caption", &json!({ "count": findings.len() })),
            columns,
            rows: findings.iter().take(SHOWN).map(row).collect(),
            scrolls: false,
            empty: Empty { title: guest.word("differs-none").into(), ..Empty::default() },
        }))
        @if findings.len() > SHOWN { p.note { (guest.say("differs-more", &json!({ "shown": SHOWN }))) } }
    }
}

/// Lines in dispute with the way to end each, and what is left to pay; nothing when there are none.
#[must_use]
pub fn contested(guest: &Guest, record: &Record) -> Option<Markup> {
    let all = disputes(record);
    let kept_back: Vec<String> =
        serde_json::from_value(record.state.get("kept_back").cloned().unwrap_or_default())
            .unwrap_or_default();
    if all.is_empty() && kept_back.is_empty() {
        return None;
    }
    let owed = |name: &str| super::money(&record.state, name);
    let less = |of: fn(&Contested) -> Money| all.iter().map(of).sum::<Money>();
    let left = json!({
        "we": owed("/we_owe") - less(|each| each.we_owe), "they": owed("/they_owe") - less(|each| each.they_owe),
    });
    let may = guest.look.viewer.holds("clearing-office", record.card.scope());
    let end = guest.desk_word("settlement", "verb", "end-dispute");
    let is_paid = record.state.get("payment").is_some_and(Value::is_object);
    Some(html! {
        ul { @for each in &all { li {
            code { (each.order) } " " (&*each.reason) " " small.soft { (guest.day(each.on)) } " "
            @if may { a href={ "/settlement/" (record.id) "/end-dispute?order=" (crate::visit::escape(&each.order)) } { (end) } }
        } } }
        @if !is_paid && !all.is_empty() { p { (guest.say("disputed-left", &left)) } }
        @if !kept_back.is_empty() { p { (guest.say("disputed-kept-back", &json!({ "orders": kept_back.join(guest.pick("、", ", ")) }))) } }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn claim(order: &str, debtor: u32, fen: i64) -> Claim {
        let creditor = if debtor == 310_000 { 330_000 } else { 310_000 };
        let (debtor, creditor) = (Region::code(debtor), Region::code(creditor));
        let (effective, corrects) = ("2026-02-20".into(), String::new());
        Claim { order: order.into(), debtor, creditor, fen, effective, corrects }
    }

    fn own(run: &str, debtor: u32, fen: i64) -> Own {
        let (run, debtor, effective) = (Id::named(run), Region::code(debtor), "2026-02-20".to_owned());
        Own { run, debtor, fen, effective, counts: true }
    }

    fn told(counting: Vec<Claim>, ours: &[(&str, Own)], before: &[&str]) -> Vec<(String, Why)> {
        let statement = Statement {
            run: "2026-q1".into(),
            first: (Region::code(310_000), "sh".into()),
            second: (Region::code(330_000), "zj".into()),
            counting,
            waiting: vec!["waits".into()],
        };
        let key = |order: &str| (order.to_owned(), false);
        let own = ours.iter().map(|(order, own)| (key(order), own.clone())).collect();
        let before = before.iter().map(|order| (key(order), Id::named("settlement-before"))).collect();
        let (findings, _) = compare(&statement, &own, &before);
        findings.into_iter().map(|finding| (finding.order, finding.why)).collect()
    }

    #[test]
    fn lines_that_agree_are_no_finding_and_each_difference_is_told_by_its_kind() {
        let all = ["agrees", "amount", "direction", "day", "waits-here", "unknown", "twice"];
        let counting = all.iter().map(|order| claim(order, 330_000, 5_000)).collect();
        let mut ours: Vec<(&str, Own)> = vec![
            ("agrees", own("clearing-a", 330_000, 5_000)),
            ("amount", own("clearing-a", 330_000, 5_001)),
            ("direction", own("clearing-a", 310_000, 5_000)),
            ("day", own("clearing-a", 330_000, 5_000)),
            ("waits-here", own("clearing-a", 330_000, 5_000)),
            ("twice", own("clearing-a", 330_000, 5_000)),
        ];
        ours[3].1.effective = "2026-02-21".into();
        ours[4].1.counts = false;
        let expected = [
            ("amount", Why::Amount),
            ("direction", Why::Direction),
            ("day", Why::Effective),
            ("waits-here", Why::WaitsHere),
            ("unknown", Why::Unknown),
            ("twice", Why::SettledBefore),
        ];
        assert_eq!(told(counting, &ours, &["twice"]), expected.map(|(order, why)| (order.to_owned(), why)));
    }

    #[test]
    fn what_our_run_has_and_the_statement_lacks_is_missing_unless_it_waits_or_is_of_another_run() {
        let ours = [
            ("agrees", own("clearing-a", 330_000, 5_000)),
            ("lacks", own("clearing-a", 310_000, 700)),
            ("waits", own("clearing-a", 310_000, 800)),
            ("later", own("clearing-b", 310_000, 900)),
        ];
        let counting = vec![claim("agrees", 330_000, 5_000)];
        assert_eq!(told(counting, &ours, &[]), [("lacks".to_owned(), Why::Missing)]);
        assert_eq!(told(vec![], &ours, &[]), [], "no line tells which run is meant");
        assert_eq!(
            told(vec![claim("any", 330_000, 5_000)], &[], &[]),
            [],
            "there are no books to compare with"
        );
    }
}
