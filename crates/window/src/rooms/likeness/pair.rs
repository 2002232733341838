//! Pair: one other work beside the application: first what is alike and from where on it counts, then both texts with the
//! sentences marked that stand in both.

use std::collections::BTreeSet;

use desks::comparison::{Hit, Likeness, Sign, heads, work_of};
use engines::likeness::{Sheet, Work, alike, sentences, twins};
use grammar::clerk::Clerk;
use maud::{Markup, html};
use registry::{Broken, Record};
use serde_json::json;

use super::{DESK, percent};
use crate::{
    guest::Guest,
    parts::{self, Column, Row, Section, Table, Tone},
};

pub(super) fn pair(
    guest: &Guest,
    clerk: &dyn Clerk,
    ours: Option<&Record>,
    hit: &Hit,
    number: usize,
) -> Result<Markup, Broken> {
    let theirs = guest.look.record(hit.record)?;
    let title = match &theirs {
        Some(record) => guest.pick(&record.card.title_zh, &record.card.title_en).to_owned(),
        None => guest.word("likeness-not-open").to_owned(),
    };
    let body = html! {
        @if let Some(record) = &theirs { (source(guest, record)) }
        (signs(guest, clerk, hit, number))
        @if let (Some(ours), Some(theirs)) = (ours, &theirs) { (side_by_side(guest, ours, theirs)) }
        @else { p.note { (guest.word("likeness-not-open-note")) } }
    };
    let title = guest.say("likeness-with", &json!({ "number": number, "title": title }));
    Ok(parts::section(&Section { id: format!("pair-{number}"), title, beside: html! {}, body }))
}

/// What the other work is, and of which call, need or plan.
fn source(guest: &Guest, record: &Record) -> Markup {
    let matter = ["call", "need", "candidate"].iter().find_map(|part| record.card.holders(part).next());
    html! {
        p.row {
            a href={ "/" (record.desk) "/" (record.id) } { (guest.desk_word(&record.desk, "desk", "one")) }
            (guest.status_badge(&record.desk, &record.card.status))
            @if let Some(matter) = matter { span { (guest.link(matter)) } }
            @for lead in record.card.holders("lead") { span { (guest.link(lead)) } }
            @if let Some(from) = record.card.from { span.soft { (guest.day(from)) } }
        }
    }
}

fn signs(guest: &Guest, clerk: &dyn Clerk, hit: &Hit, number: usize) -> Markup {
    let words = clerk.words(guest.locale);
    let said = |one: &Likeness, measure: u32| {
        if one.sign.is_share() { percent(measure) } else { measure.to_string() }
    };
    let row = |one: &Likeness| {
        let (tone, key) =
            if one.counts { (Tone::Warn, "likeness-counts") } else { (Tone::Plain, "likeness-below") };
        let rule = one.sign.rule();
        Row::new(vec![
            html! { (words.get("choice", &grammar::desk::plain_word(&one.sign))) },
            html! { b { (said(one, one.measure)) } },
            html! { (said(one, one.threshold)) " " a href={ "/rulebook#" (rule) } { (rule) } },
            parts::badge(tone, guest.word(key)),
            html! {
                @for who in &one.who { div { (guest.link(*who)) } }
                @if !matches!(one.sign, Sign::Title | Sign::Summary | Sign::Text) { @for told in &one.told { div { (line(guest, one.sign, told)) } } }
            },
        ])
    };
    let columns = vec![
        Column::new(guest.word("likeness-what")),
        Column::end(guest.word("likeness-measure")),
        Column::new(guest.word("likeness-threshold")),
        Column::new(guest.word("likeness-verdict")),
        Column::new(guest.word("likeness-in-both")),
    ];
    html! {
        (parts::table(&Table {
            id: format!("signs-{number}"), caption: guest.word("likeness-signs").into(), columns,
            rows: hit.likenesses.iter().map(row).collect(), ..Table::default()
        }))
        @if !hit.is_recent { p.note { (guest.word("likeness-old")) } }
    }
}

/// A line of a budget is told as source, amount and spender; a digest as its beginning.
fn line(guest: &Guest, sign: Sign, told: &str) -> Markup {
    let mut parts = told.split(' ');
    match (sign, parts.next(), parts.next(), parts.next()) {
        (Sign::Lines, Some(source), Some(amount), Some(who)) => {
            let amount = amount.parse().map_or(amount.to_owned(), |amount| guest.money(amount));
            html! { (guest.desk_word("application", "choice", source)) " " (amount) " " @if let Ok(who) = who.parse() { (guest.link(who)) } }
        }
        (Sign::Files, ..) => html! { code { (told.chars().take(12).collect::<String>()) "…" } },
        _ => html! { (told) },
    }
}

fn side_by_side(guest: &Guest, ours: &Record, theirs: &Record) -> Markup {
    let none = heads(&[]);
    let (one, other) = (work_of(&ours.card, &none), work_of(&theirs.card, &none));
    let found = alike(&Sheet::of(one.clone()), &Sheet::of(other.clone()));
    let promised = [
        found.promises.iter().map(|(at, ..)| *at).collect::<BTreeSet<_>>(),
        found.promises.iter().map(|(_, to, _)| *to).collect(),
    ];
    let summaries = marked(&one.summary, &other.summary);
    let texts = marked(&one.text, &other.text);
    let count = texts.0.iter().filter(|(_, is_twin)| *is_twin).count();
    let [ours_promised, theirs_promised] = promised;
    html! {
        details.sheet open {
            summary { (guest.say("likeness-side-by-side", &json!({ "count": count }))) }
            div.halves {
                (side(guest, "likeness-ours", &one, (&summaries.0, &texts.0), &ours_promised))
                (side(guest, "likeness-theirs", &other, (&summaries.1, &texts.1), &theirs_promised))
            }
        }
    }
}

type Marked<'a> = Vec<(&'a str, bool)>;

/// Both texts by sentences, each with whether it stands in the other too.
fn marked<'a>(one: &'a str, other: &'a str) -> (Marked<'a>, Marked<'a>) {
    let (here, there) = (sentences(one), sentences(other));
    let twins = twins(&here, &there);
    let left: BTreeSet<usize> = twins.iter().map(|twin| twin.here).collect();
    let right: BTreeSet<usize> = twins.iter().map(|twin| twin.there).collect();
    let all = |texts: Vec<&'a str>, twin: &BTreeSet<usize>| {
        texts.into_iter().enumerate().map(|(at, text)| (text, twin.contains(&at))).collect()
    };
    (all(here, &left), all(there, &right))
}

fn side(
    guest: &Guest,
    key: &str,
    work: &Work,
    (summary, text): (&Marked, &Marked),
    promised: &BTreeSet<usize>,
) -> Markup {
    let part = |title: String, body: Markup| html! { h4 { (title) } (body) };
    let kind = |name: &str| guest.desk_word(DESK, "choice", name);
    let run = |text: &Marked| html! { p.prose { @for (sentence, is_twin) in text { @if *is_twin { mark { (sentence) } } @else { (sentence) } } } };
    html! {
        div {
            h3 { (guest.word(key)) }
            p { b { (work.title.trim()) } }
            @if !work.summary.is_empty() { (part(kind("summary"), run(summary))) }
            @if !work.promises.is_empty() {
                (part(kind("promises"), html! { ul { @for (at, promise) in work.promises.iter().enumerate() {
                    li { @if promised.contains(&at) { mark { (promise) } } @else { (promise) } }
                } } }))
            }
            @if !work.text.is_empty() { (part(kind("text"), run(text))) }
        }
    }
}
