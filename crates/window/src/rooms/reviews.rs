//! Reviews: what I have to judge, the most urgent first; and which comes before and after one of them.

use grammar::kinds::{Day, Id};
use maud::{Markup, html};
use registry::{Filter, Listed};
use serde_json::json;

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Empty, Row, Section, Table, Tone},
    plain,
    ways::Answer,
};

/// Reviews looked at; nobody is given more at a time.
const LOOKED_AT: u32 = 200;
/// Ended ones shown.
const ENDED_SHOWN: usize = 30;

/// Whether something is to be done for it.
#[must_use]
pub fn is_open(status: &str) -> bool {
    matches!(status, "invited" | "accepted" | "discussing")
}

/// All reviews of which the guest is the reviewer, the most urgent first.
///
/// # Errors
/// When the store cannot be read.
pub fn mine(guest: &Guest) -> Result<Vec<Listed>, Trouble> {
    let Some(me) = guest.session.as_ref().map(|session| session.person) else { return Ok(vec![]) };
    let filter = Filter { desk: "review".into(), party: Some(me), limit: LOOKED_AT, ..Filter::default() };
    let mut rows = guest.look.list(&filter)?.rows;
    rows.retain(|listed| listed.card.holders("reviewer").any(|id| id == me));
    rows.sort_by_key(|listed| (listed.card.until, listed.id));
    Ok(rows)
}

/// The page.
///
/// # Errors
/// When one has not signed in, or the store cannot be read.
pub fn reviews(guest: &Guest) -> Answer {
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    let all = mine(guest)?;
    let of = |wanted: &[&str]| -> Vec<&Listed> {
        all.iter().filter(|listed| wanted.contains(&listed.card.status.as_str())).collect()
    };
    let (asked, open) = (of(&["invited"]), of(&["accepted", "discussing"]));
    let (signed, ended) = (of(&["signed", "locked"]), of(&["declined", "expired", "replaced", "barred"]));
    let drafts: Vec<String> = plain::draft::listed(guest)?.into_iter().map(|one| one.href).collect();
    let part = |id: &str, key: &'static str, rows: &[&Listed]| {
        let caption = guest.say("reviews-count", &json!({ "count": rows.len() }));
        let body = table(guest, (id, &caption), rows, &drafts);
        parts::section(&Section { id: id.into(), title: guest.word(key).into(), beside: html! {}, body })
    };
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("reviews").into(), lead: guest.word("reviews-lead").into(), ..Default::default() }))
        @if all.is_empty() { (parts::empty(&Empty { title: guest.word("reviews-none").into(), text: String::new(), links: vec![] })) }
        @if !asked.is_empty() { (part("asked", "reviews-asked", &asked)) }
        @if !open.is_empty() { (part("open", "reviews-open", &open)) }
        @if !signed.is_empty() { (part("signed", "reviews-signed", &signed)) }
        @if !ended.is_empty() { (part("ended", "reviews-ended", ended.get(..ENDED_SHOWN).unwrap_or(&ended))) }
    };
    Ok(guest.page(guest.word("reviews"), vec![], main))
}

fn table(guest: &Guest, (id, caption): (&str, &str), rows: &[&Listed], drafts: &[String]) -> Markup {
    let columns = ["review-title", "review-state", "review-due", "review-score"];
    let row = |listed: &&Listed| {
        let card = &listed.card;
        let total: Option<u32> = card.read("total");
        let due = card.until.filter(|_| is_open(&card.status));
        Row::new(vec![
            html! { a href={ "/review/" (listed.id) } { (guest.pick(&card.title_zh, &card.title_en)) } },
            html! {
                (guest.status_badge("review", &card.status))
                @if drafts.contains(&format!("/review/{}/sign", listed.id)) { " " small.soft { (guest.word("review-drafted")) } }
            },
            html! { @if let Some(day) = due { (parts::moment(&day.to_string(), &guest.day(day))) " " (left(guest, day)) } },
            html! { @if let Some(total) = total { b { (hundredths(total)) } } },
        ])
    };
    parts::table(&Table {
        id: format!("reviews-{id}"),
        caption: caption.to_owned(),
        columns: columns.map(|key| Column::new(guest.word(key))).into(),
        rows: rows.iter().map(row).collect(),
        scrolls: false,
        ..Table::default()
    })
}

/// How many days are left, coloured by urgency.
#[must_use]
pub fn left(guest: &Guest, day: Day) -> Markup {
    let (tone, text) = left_words(guest, day);
    parts::badge(tone, &text)
}

/// The same as a tone and words.
#[must_use]
fn left_words(guest: &Guest, day: Day) -> (Tone, String) {
    let days = guest.house.registry.now().day().days_until(day);
    match days {
        -1 => (Tone::Bad, guest.word("due-yesterday").to_owned()),
        ..0 => (Tone::Bad, guest.say("days-over", &json!({ "days": -days }))),
        0 => (Tone::Warn, guest.word("due-today").to_owned()),
        1 => (Tone::Warn, guest.word("due-tomorrow").to_owned()),
        2..=3 => (Tone::Warn, guest.say("days-left", &json!({ "days": days }))),
        _ => (Tone::Plain, guest.say("days-left", &json!({ "days": days }))),
    }
}

/// A score kept in hundredths, as it is read.
#[must_use]
pub fn hundredths(score: u32) -> String {
    format!("{}.{:02}", score / 100, score % 100)
}

/// The open reviews before and after one, its place among them and their number.
pub struct Neighbours {
    pub before: Option<Id>,
    pub after: Option<Id>,
    pub place: usize,
    pub all: usize,
}

/// The neighbours of a review among the open ones; of one that is done, the first ones that are not.
///
/// # Errors
/// When the store cannot be read.
pub fn neighbours(guest: &Guest, id: Id) -> Result<Neighbours, Trouble> {
    let open: Vec<Id> =
        mine(guest)?.iter().filter(|listed| is_open(&listed.card.status)).map(|listed| listed.id).collect();
    let at = open.iter().position(|one| *one == id);
    let before = at.and_then(|at| at.checked_sub(1)).and_then(|at| open.get(at)).copied();
    let after = match at {
        Some(at) => open.get(at + 1),
        None => open.first(),
    };
    Ok(Neighbours { before, after: after.copied(), place: at.map_or(0, |at| at + 1), all: open.len() })
}

/// The way through one's open reviews, by links and by keys.
#[must_use]
pub fn steps(guest: &Guest, neighbours: &Neighbours) -> Markup {
    let Neighbours { before, after, place, all } = neighbours;
    html! {
        nav.pager aria-label=(guest.word("reviews")) {
            p {
                a href="/reviews" { (guest.word("reviews")) }
                @if *place > 0 { " " (guest.say("review-place", &json!({ "place": place, "all": all }))) }
            }
            div.row {
                @if let Some(id) = before {
                    a.button href={ "/review/" (id) } rel="prev" data-alt="KeyP" aria-keyshortcuts="Alt+P" { (guest.word("review-before")) }
                }
                @if let Some(id) = after {
                    a.button href={ "/review/" (id) } rel="next" data-alt="KeyN" aria-keyshortcuts="Alt+N" { (guest.word("review-after")) }
                }
            }
        }
    }
}
