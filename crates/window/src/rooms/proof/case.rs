//! A case file: given for the record of a page, and checked for anyone who brings one.

use chain::{
    casefile::{self, CaseError, Proven, Step},
    receipt::Trust,
};
use grammar::{clerk::Clerk, kinds::Id};
use maud::{Markup, html};
use serde_json::{Value, json};

use super::{own_keys, refused};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Row, Table, Tone},
    visit::Reply,
    ways::Answer,
};

/// Facts of a case file that a page shows.
const SHOWN_MAX: usize = 200;

/// All facts of a record as a file.
///
/// # Errors
/// When there is no such record for this guest, it has too many facts, or the store cannot be read.
pub fn case_file(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    guest.look.record(id)?.filter(|record| record.desk == clerk.name()).ok_or(Trouble::NotFound)?;
    let file = guest.look.case_file(id)?.ok_or(Trouble::NotFound)?;
    let json = serde_json::to_vec(&file).map_err(|error| Trouble::Unreadable(error.to_string()))?;
    Ok(Reply::file("application/json", &format!("case-{id}.json"), json))
}

/// What checking a case file says, and whether it is good.
pub fn checked(guest: &Guest, text: &str) -> (bool, Markup) {
    let proven = casefile::parse(text).and_then(|file| casefile::verify(&file, &own_keys(guest, file.size)));
    match proven {
        Ok(proven) => (true, verdict(guest, &proven)),
        Err(error) => (false, fault(guest, &error)),
    }
}

/// Each way in which a case file can be wrong, in words.
fn fault(guest: &Guest, error: &CaseError) -> Markup {
    let (key, facts) = match error {
        CaseError::Gap { after, next } => ("case-gap", json!({ "after": after, "next": next })),
        CaseError::TailMissing { shown, all } => ("case-tail", json!({ "shown": shown, "all": all })),
        CaseError::Spoiled { step } | CaseError::NotInLog { step, .. } => {
            ("case-spoiled", json!({ "step": step }))
        }
        CaseError::OtherRecord { step, .. } => ("case-other-record", json!({ "step": step })),
        CaseError::Reordered { after, next } => ("case-reordered", json!({ "after": after, "next": next })),
        CaseError::OtherNumber { step } | CaseError::Unlinked { step } => {
            ("case-unlinked", json!({ "step": step }))
        }
        CaseError::OtherActor { step } => ("case-other-actor", json!({ "step": step })),
        CaseError::NoHeads => ("case-no-heads", json!({})),
        CaseError::Head(_) | CaseError::OtherHead | CaseError::BeyondHead { .. } | CaseError::OtherLast => {
            ("case-head", json!({}))
        }
        CaseError::Checkpoint(_) => ("case-checkpoint", json!({})),
        _ => ("case-unreadable", json!({})),
    };
    refused(guest.word("case-fails"), &guest.say(key, &facts), &error.to_string())
}

fn verdict(guest: &Guest, proven: &Proven) -> Markup {
    let count = proven.steps.len();
    let facts = json!({
        "count": count, "closed": proven.closed, "size": proven.size, "origin": proven.origin,
        "record": proven.record,
    });
    let is_given = proven.trust == Trust::Given;
    let badge = if is_given {
        parts::badge(Tone::Good, guest.word("case-holds"))
    } else {
        parts::badge(Tone::Warn, guest.word("proof-own-key"))
    };
    let mut not = vec![guest.word("proves-not-truth").to_owned(), guest.word("case-not-later").to_owned()];
    if proven.closed > 0 {
        not.insert(0, guest.say("case-closed", &facts));
    }
    let record = proven.record.parse().ok();
    let lines = proven.steps.iter().take(SHOWN_MAX).map(|step| row(guest, step));
    html! {
        (parts::proof(&parts::Proof {
            title: guest.word("case-proves").into(),
            verdict: badge,
            proves_label: guest.word("proves").into(),
            proves: ["case-all", "case-end", "case-bytes"].map(|key| guest.say(key, &facts)).into(),
            not_label: guest.word("proves-not").into(),
            not,
            hashes: vec![(guest.word("root").into(), proven.root.to_string())],
            ..Default::default()
        }))
        @if let Some(id) = record { p { (guest.link(id)) } }
        (parts::table(&Table {
            id: "facts".into(),
            caption: guest.say("case-facts", &facts),
            columns: ["case-number", "case-what", "case-who", "case-when", "case-place"].map(|key| Column::new(guest.word(key))).into(),
            rows: lines.collect(),
            ..Default::default()
        }))
        @if count > SHOWN_MAX { p.note { (guest.say("case-more", &json!({ "count": count - SHOWN_MAX }))) } }
    }
}

/// One fact of a case file. What it says is worded by this house's own desk, if it has one of that name.
fn row(guest: &Guest, step: &Step) -> Row {
    let fact: Value =
        step.fact.as_deref().and_then(|fact| serde_json::from_str(fact).ok()).unwrap_or_default();
    let event = fact.get("event").cloned().unwrap_or_default();
    let code = event.get("event").or(Some(&event)).and_then(Value::as_str).unwrap_or("");
    let clerk = fact.get("desk").and_then(Value::as_str).and_then(|desk| guest.desk(desk));
    let what = match (&step.fact, clerk) {
        (None, _) => parts::badge(Tone::Plain, guest.word("case-step-closed")),
        (Some(_), Some(clerk)) => {
            let words = clerk.words(guest.locale);
            html! { (words.sentence("event", code, &event, &|id| guest.name(id))) }
        }
        (Some(_), None) => html! { code { (code) } },
    };
    let who = step.actors.iter().filter_map(|actor| actor.value.parse().ok()).map(|id| guest.name(id));
    let at = fact.get("at").and_then(Value::as_str).and_then(|at| at.parse().ok());
    let when = at.map(|at: grammar::kinds::Moment| parts::moment(&at.to_string(), &guest.moment(at)));
    Row::new(vec![
        html! { (step.sequence) },
        what,
        html! { (who.collect::<Vec<_>>().join(guest.pick("、", ", "))) },
        when.unwrap_or_default(),
        html! { (step.index) },
    ])
}
