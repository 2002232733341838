//! Opinions: what a panel found of a candidate, when it has judged it more than once: the result that counts, the one before,
//! and by which rule. Read from the record's history, so only those see it who may; of no opinion is it told whose it was, or
//! which of them fell away.

use grammar::{
    clerk::Clerk,
    kinds::{Day, Id},
};
use maud::{Markup, html};
use registry::{Line, Record};
use serde_json::{Value, json};

use super::reviews::hundredths;
use crate::{
    guest::Guest,
    parts::{self, Section, Tone},
    plain,
    ways::Answer,
};

/// Judging of a brief and of a full text are two things: each has its own results.
const SORTS: [&str; 2] = ["reviewed", "brief-reviewed"];
const COMMENTS_SHOWN: usize = 20;
/// What rested on a violation is judged again; applicants are given the opinions.
const RULES: [&str; 2] = ["EP-R18", "PG-R05"];

/// A result, as the log has it.
struct Result<'a> {
    on: Day,
    score: u32,
    spread: u32,
    comments: Vec<&'a str>,
    at: u64,
}

fn result(line: &Line) -> Option<Result<'_>> {
    let outcome = line.event.get("outcome")?;
    let number = |key: &str| outcome.get(key).and_then(Value::as_u64).and_then(|n| u32::try_from(n).ok());
    let comments = outcome.get("comments").and_then(Value::as_array).into_iter().flatten();
    Some(Result {
        on: outcome.get("on")?.as_str()?.parse().ok()?,
        score: number("score")?,
        spread: number("spread")?,
        comments: comments.filter_map(Value::as_str).collect(),
        at: line.position,
    })
}

fn name(line: &Line) -> &str {
    line.event.get("event").and_then(Value::as_str).unwrap_or("")
}

/// The results of a candidate that was judged again; nothing for one that was judged once.
#[must_use]
pub fn opinions(guest: &Guest, record: &Record) -> Markup {
    let lines = guest.look.history(record.id).unwrap_or_default();
    html! { @for sort in SORTS { (of_sort(guest, &lines, sort)) } }
}

fn of_sort(guest: &Guest, lines: &[Line], sort: &str) -> Markup {
    let results: Vec<Result> = lines.iter().filter(|line| name(line) == sort).filter_map(result).collect();
    let Some(newest) = lines.iter().rfind(|line| name(line) == sort) else { return html! {} };
    // Begun once more after the newest result: that one does not count any more, and the next is not there yet.
    let begun = lines.iter().rfind(|line| name(line) == "review-begun");
    let next_sort = lines.iter().any(|line| line.position > newest.position && SORTS.contains(&name(line)));
    let full_text =
        lines.iter().any(|line| line.position > newest.position && name(line) == "formally-passed");
    let again = begun.filter(|begun| begun.position > newest.position && !next_sort && !full_text);
    if results.len() < 2 && again.is_none() {
        return html! {};
    }
    let day = |day: Day| guest.day(day);
    let waits = again.map(|line| guest.say("opinions-waits", &json!({ "day": line.at.day() })));
    let first_old = usize::from(again.is_none());
    let body = html! {
        @match (waits, results.last()) {
            (Some(waits), _) => p.lead { (waits) },
            (None, Some(counts)) => p.lead { (guest.say("opinions-why", &json!({ "day": counts.on, "score": hundredths(counts.score) }))) },
            (None, None) => {},
        }
        @for (place, one) in results.iter().rev().enumerate() {
            @let counts = place < first_old;
            h3 { (day(one.on)) " " (parts::badge(if counts { Tone::Good } else { Tone::Plain }, guest.word(if counts { "opinions-counts" } else { "opinions-fell" }))) }
            p { (guest.say("opinions-score", &json!({ "score": hundredths(one.score), "spread": hundredths(one.spread) }))) " " a href={ "/proof/" (one.at) } { (guest.word("proof")) } }
            @if place + 1 < results.len() { p.note { (guest.word("opinions-new")) } }
            ul { @for comment in one.comments.iter().take(COMMENTS_SHOWN) { li.prose { (comment) } } }
        }
        @for rule in RULES { @if let Some(article) = guest.article(rule) { (parts::article(&article)) } }
    };
    let title = guest.word(if sort == "reviewed" { "opinions" } else { "opinions-brief" }).to_owned();
    parts::section(&Section { id: format!("opinions-{sort}"), title, beside: html! {}, body })
}

/// The page of a solution.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn solution(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    plain::record_led(guest, clerk, id, |record| opinions(guest, record))
}
