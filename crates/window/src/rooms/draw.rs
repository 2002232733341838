//! A draw: what was fixed before, how far it is, who was drawn, and how anyone repeats it.

use grammar::{clerk::Clerk, kinds::Id};
use maud::{Markup, html};
use registry::{Dossier, Record};
use serde_json::{Value, json};

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Link, Section},
    plain,
    visit::Reply,
    ways::Answer,
};

/// The way of a draw; withdrawn and failed ones leave it.
const WAY: [&str; 4] = ["open", "closed", "anchored", "drawn"];
/// Lines of the list that stand open on the page.
const SHOWN: usize = 20;

/// The page of a draw.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn draw(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = guest.look.record(id)?.filter(|record| record.desk == "draw").ok_or(Trouble::NotFound)?;
    let title = guest.pick(&record.card.title_zh, &record.card.title_en).to_owned();
    let section = |id: &str, title: &str, body: Markup| {
        parts::section(&Section { id: id.into(), title: title.into(), beside: html! {}, body })
    };
    let mut fixed = record.state.get("terms").cloned().unwrap_or_default();
    let list = fixed.as_object_mut().and_then(|terms| terms.remove("list")).unwrap_or_default();
    let lines: Vec<&str> = list.as_str().unwrap_or("").lines().collect();
    let main = html! {
        (plain::heading(guest, clerk, &record))
        (way(guest, clerk, &record))
        div.two-thirds {
            div {
                @if let Some(result) = result(guest, clerk, &record) { (section("result", guest.word("draw-result"), result)) }
                (section("fixed", guest.word("draw-fixed"), html! {
                    p.note { (guest.word("draw-fixed-note")) }
                    (parts::facts(&plain::values(guest, clerk, &fixed)))
                }))
                (section("list", &guest.say("draw-list", &json!({ "count": lines.iter().filter(|l| !l.trim().is_empty()).count() })), rows(guest, &lines)))
                (section("chance", guest.word("draw-chance"), parts::facts(&plain::values(guest, clerk, &chance(&record)))))
                (section("again", guest.word("draw-again"), again(guest, &record)))
                (plain::history(guest, clerk, &record)?)
            }
            aside { (plain::actions(guest, clerk, &record)?) }
        }
    };
    let crumbs = vec![Link::new("/draw", guest.desk_word(clerk.name(), "desk", "many"))];
    Ok(guest.page(&title, crumbs, main))
}

fn way(guest: &Guest, clerk: &dyn Clerk, record: &Record) -> Markup {
    let status = record.card.status.as_str();
    let all = if WAY.contains(&status) { WAY.to_vec() } else { vec!["open", status] };
    plain::progress(guest, clerk, record, &all)
}

/// Who was drawn, in order, with substitutes and those who dropped out.
fn result(guest: &Guest, clerk: &dyn Clerk, record: &Record) -> Option<Markup> {
    let ended = record.state.get("ended").filter(|ended| !ended.is_null())?;
    let names = |key: &str| {
        let names = ended.get(key).and_then(Value::as_array).into_iter().flatten();
        names.filter_map(Value::as_str).map(str::to_owned).collect::<Vec<_>>()
    };
    let words = clerk.words(guest.locale);
    let numbered = |label: &str, names: Vec<String>| {
        html! { @if !names.is_empty() { h3 { (label) } ol { @for name in names { li { (name) } } } } }
    };
    let taken = names("taken");
    if taken.is_empty() {
        return Some(html! { p { (words.get("status", &record.card.status)) } });
    }
    Some(html! {
        (numbered(words.get("field", "taken"), taken))
        (numbered(guest.word("draw-spares"), names("spare")))
        (numbered(words.get("field", "gone"), names("gone")))
    })
}

fn rows(guest: &Guest, lines: &[&str]) -> Markup {
    let rest = lines.get(SHOWN..).unwrap_or_default();
    html! {
        ol { @for line in lines.iter().take(SHOWN) { li { (line) } } }
        @if !rest.is_empty() {
            details { summary { (guest.word("draw-whole-list")) }
                ol start=(SHOWN + 1) { @for line in rest { li { (line) } } }
            }
        }
    }
}

/// What the seed is made of, as far as it is known.
fn chance(record: &Record) -> Value {
    let of = |key: &str| record.state.get(key).cloned().unwrap_or_default();
    let secret = record.state.get("ended").and_then(|ended| ended.get("secret")).cloned().unwrap_or_default();
    json!({
        "lot": of("lot"), "words": of("words"), "closed": of("closed"), "anchor": of("anchor"),
        "waits_until": of("waits_until"), "number": of("number"), "secret": secret,
    })
}

/// How anyone repeats it.
fn again(guest: &Guest, record: &Record) -> Markup {
    if record.card.status != "drawn" {
        return html! { p { (guest.word("draw-again-later")) } };
    }
    html! {
        p { (guest.word("draw-again-text")) }
        p { a.button href={ "/draw/" (record.id) "/record.json" } { (guest.word("draw-take-record")) } }
        pre { "kechuang redo draw " (record.id) ".json --key '" (guest.house.registry.log_key()) "'" }
    }
}

/// Everything by which the draw is repeated, as a file.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn draw_record(guest: &Guest, id: Id) -> Answer {
    let record = guest.look.record(id)?.filter(|record| record.desk == "draw").ok_or(Trouble::NotFound)?;
    let anchor = record.state.pointer("/anchor/size").and_then(Value::as_u64);
    dossier(guest, id, anchor, |_| false)
}

/// The same of a panel's draw, for those who may see all of it: its facts up to the draw, and none that came later, so
/// that no score travels with it.
///
/// # Errors
/// When there is none for this guest's eyes, nothing was drawn, or the store cannot be read.
pub fn panel_record(guest: &Guest, id: Id) -> Answer {
    let record = guest.look.record(id)?.filter(|record| record.desk == "panel").ok_or(Trouble::NotFound)?;
    if !guest.look.viewer.is_inside(&record.card) {
        return Err(Trouble::NotFound);
    }
    let anchor = record.state.pointer("/lots/drawn/anchor/size").and_then(Value::as_u64);
    let is_last = |fact: &Value| fact.pointer("/event/event").and_then(Value::as_str) == Some("lots-drawn");
    dossier(guest, id, Some(anchor.ok_or(Trouble::NotFound)?), is_last)
}

/// All facts up to the last one that is asked for.
fn dossier(guest: &Guest, id: Id, anchor: Option<u64>, is_last: impl Fn(&Value) -> bool) -> Answer {
    let registry = &guest.house.registry;
    if registry.checkpoint()?.is_none_or(|(size, _)| size < registry.size()) {
        registry.seal_now()?;
    }
    let mut dossier: Dossier = registry.dossier(id, anchor)?.ok_or(Trouble::NotFound)?;
    // A line that is veiled for this guest must not come out through its own bytes.
    let lines = guest.look.history(id)?;
    let mut kept = 0;
    for receipt in &dossier.receipts {
        let fact: Value = serde_json::from_str(&receipt.fact).map_err(|_| Trouble::NotFound)?;
        let line = lines.iter().find(|line| line.position == receipt.index).ok_or(Trouble::NotFound)?;
        if fact.get("event") != Some(&line.event) {
            return Err(Trouble::NotFound);
        }
        kept += 1;
        if is_last(&fact) {
            break;
        }
    }
    dossier.receipts.truncate(kept);
    let json = serde_json::to_vec_pretty(&dossier).map_err(|error| Trouble::Unreadable(error.to_string()))?;
    Ok(Reply::file("application/json", &format!("{id}.json"), json))
}
