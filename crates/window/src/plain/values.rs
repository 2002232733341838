//! Values: a record's state as people read it, by the kinds that the desk's own forms give its fields.

use grammar::{
    clerk::Clerk,
    form::{Form, Kind},
    kinds::{Id, masked},
};
use maud::{Markup, html};
use registry::Revealed;
use serde_json::{Map, Value};

use crate::{guest::Guest, parts};

/// The one personal field that is shown to all who see its commitment.
const NAME: &str = "name";

/// Deepest nesting of a value that is shown.
const DEPTH_MAX: u8 = 4;

/// The kind of a field, from whichever form of the desk has one of this name.
#[must_use]
pub fn kind_of(clerk: &dyn Clerk, name: &str) -> Option<Kind> {
    clerk.verbs().iter().find_map(|verb| in_form(&verb.form, name))
}

/// The kinds of all fields of this name, in all forms of the desk.
#[must_use]
pub fn kinds_of(clerk: &dyn Clerk, name: &str) -> Vec<Kind> {
    clerk.verbs().iter().filter_map(|verb| in_form(&verb.form, name)).collect()
}

fn in_form(form: &Form, name: &str) -> Option<Kind> {
    let own = form.field(name).map(|field| field.kind.clone());
    own.or_else(|| form.fields.iter().find_map(|field| in_kind(&field.kind, name)))
}

fn in_kind(kind: &Kind, name: &str) -> Option<Kind> {
    match kind {
        Kind::Group(form) => in_form(form, name),
        Kind::List(each, _) => in_kind(each, name),
        _ => None,
    }
}

/// Every field of a record that has a value, as facts. What a desk keeps under one heading (`entry`,
/// `fields`, `terms`) is spread out, as its form is.
#[must_use]
pub fn values(guest: &Guest, clerk: &dyn Clerk, state: &Value) -> Vec<parts::Fact> {
    let mut facts = Vec::new();
    spread(guest, clerk, state, &mut facts);
    facts
}

fn spread(guest: &Guest, clerk: &dyn Clerk, state: &Value, facts: &mut Vec<parts::Fact>) {
    for (name, value) in state.as_object().into_iter().flatten() {
        // What the heading says already.
        let is_own_name = ["itself", "status", "title"].contains(&name.as_str());
        let kind = kind_of(clerk, name).or_else(|| by_name(name));
        if is_own_name || is_nothing(value) {
            continue;
        }
        if value.is_object() && ["entry", "fields", "terms"].contains(&name.as_str()) {
            spread(guest, clerk, value, facts);
            continue;
        }
        let label = clerk.words(guest.locale).get("field", name).to_owned();
        let value = match (&kind, value) {
            (Some(Kind::Personal(_)), Value::String(commitment)) if name == NAME => {
                personal(guest, commitment, false)
            }
            _ => show(guest, clerk, kind.as_ref(), value, 0),
        };
        facts.push(parts::Fact { label, value, note: String::new() });
    }
}

/// The kind of a field inside a group. Fields of one name may differ from form to form: a choice is one that has this word.
fn fitting(clerk: &dyn Clerk, name: &str, value: &Value) -> Option<Kind> {
    let has = |kind: &Kind| match (kind, value) {
        (Kind::Choice(words), Value::String(text)) => words.contains(text),
        _ => false,
    };
    let chosen = kinds_of(clerk, name).into_iter().find(has);
    chosen.or_else(|| kind_of(clerk, name)).or_else(|| by_name(name))
}

/// Names of regions in what desks work out by themselves: of buyer and provider, of who owes and who is owed, of the other side.
const REGIONS: [&str; 6] = ["region", "home", "away", "debtor", "creditor", "other"];

/// The kind that a field's name tells, when no form has it: what a desk copied from elsewhere.
fn by_name(name: &str) -> Option<Kind> {
    (REGIONS.contains(&name) || name.ends_with("_region")).then_some(Kind::Region)
}

fn is_nothing(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(values) => values.is_empty(),
        Value::Object(map) => map.is_empty(),
        _ => false,
    }
}

/// One value, by its kind; by its shape when no form knows it.
#[must_use]
pub fn show(guest: &Guest, clerk: &dyn Clerk, kind: Option<&Kind>, value: &Value, depth: u8) -> Markup {
    let words = clerk.words(guest.locale);
    let name = |id: Id| guest.name(id);
    match (kind, value) {
        _ if depth > DEPTH_MAX => html! { "…" },
        (Some(Kind::Personal(_)), Value::String(commitment)) => personal(guest, commitment, true),
        (Some(Kind::Sealed(_)), Value::String(text)) if is_commitment(text) => {
            html! { span.soft { (guest.word("sealed")) } }
        }
        // It was opened, and keeps its name.
        (Some(Kind::Sealed(inner)), _) => show(guest, clerk, Some(inner), value, depth),
        (Some(Kind::List(each, _)), Value::Array(values)) => list(guest, clerk, Some(each), values, depth),
        (Some(Kind::Group(_)), Value::Object(map)) => group(guest, clerk, map, depth),
        (Some(Kind::Bilingual { .. }), _) => prose(&words.show("text", value, &name)),
        (Some(Kind::Ref(_)), Value::String(text)) => {
            text.parse().map_or_else(|_| html! { (text) }, |id| guest.link(id))
        }
        (Some(Kind::Share), Value::String(text)) => html! { (crate::rooms::share(text)) },
        (Some(Kind::File), Value::String(text)) => file(guest, text),
        (Some(Kind::Uscc), Value::String(text)) => parts::hash(text),
        (Some(Kind::Region), Value::String(text)) => {
            text.parse().map_or_else(|_| html! { (text) }, |region| html! { (guest.region(region)) })
        }
        (Some(Kind::Text { .. }), Value::String(text))
            if text.starts_with("https://") || text.starts_with("http://") =>
        {
            html! { a href=(text) rel="nofollow noopener external" { (text) } }
        }
        (Some(Kind::Text { .. }) | None, Value::String(text)) if is_commitment(text) => folded(text),
        (Some(Kind::Text { .. }), Value::String(text)) => prose(text),
        // A field of this name is asked for somewhere as something simpler.
        (Some(_), Value::Object(_)) => show(guest, clerk, None, value, depth),
        (Some(kind), _) => html! { (words.show(kind.name(), value, &name)) },
        // Two things that belong together, such as a kind and how many of it.
        (None, Value::Array(values)) if is_pair(values) && depth > 0 => html! {
            @for (n, value) in values.iter().enumerate() {
                @if n > 0 { ": " }
                (show(guest, clerk, None, value, depth + 1))
            }
        },
        (None, Value::Array(values)) => list(guest, clerk, None, values, depth),
        (None, Value::Object(map)) if map.contains_key("zh") || map.contains_key("en") => {
            prose(&words.show("text", value, &name))
        }
        (None, Value::Object(map)) => group(guest, clerk, map, depth),
        (None, Value::String(text)) => unknown(guest, clerk, text),
        (None, _) => html! { (words.show("", value, &name)) },
    }
}

fn is_pair(values: &[Value]) -> bool {
    matches!(values, [Value::String(_), Value::Number(_)])
}

/// What stands for a value that is sealed.
fn is_commitment(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|byte| byte.is_ascii_hexdigit())
}

/// A hash as people compare it: its beginning, and all of it on demand.
fn folded(text: &str) -> Markup {
    html! { details.folded { summary { code { (text.chars().take(12).collect::<String>()) "…" } } (parts::hash(text)) } }
}

/// A text whose kind no form tells: a choice, a record, a day, an amount, or just a text.
fn unknown(guest: &Guest, clerk: &dyn Clerk, text: &str) -> Markup {
    let words = clerk.words(guest.locale);
    if let Some(word) = words.find("choice", text).or_else(|| words.find("status", text)) {
        return html! { (word) };
    }
    if let Some(id) = text.parse::<Id>().ok().filter(|id| guest.desk(id.desk()).is_some()) {
        return guest.link(id);
    }
    let value = Value::from(text);
    let kind = match () {
        () if text.len() == 10 && text.parse::<grammar::kinds::Day>().is_ok() => "day",
        () if text.ends_with('Z') && text.parse::<grammar::kinds::Moment>().is_ok() => "moment",
        () if text.contains('.') && text.parse::<grammar::kinds::Money>().is_ok() => "money",
        () => return prose(text),
    };
    html! { (words.show(kind, &value, &|id| guest.name(id))) }
}

fn prose(text: &str) -> Markup {
    html! {
        @if text.contains('\n') {
            @for line in text.lines().filter(|line| !line.trim().is_empty()) { p { (line) } }
        } @else { (text) }
    }
}

/// A file by its name; on its record's own page, with the way to it.
fn file(guest: &Guest, text: &str) -> Markup {
    let (hash, name) = text.split_once(':').unwrap_or(("", text));
    let is_record = guest.visit.steps.len() == 2;
    html! {
        @if is_record { a href={ (guest.visit.path) "/file/" (hash) } download { (name) } } @else { (name) }
    }
}

/// A value about a person: whole for that person, masked for others. A name is what one is shown for: whoever
/// may know of it at all reads it.
fn personal(guest: &Guest, commitment: &str, is_masked: bool) -> Markup {
    match personal_text(guest, commitment, is_masked) {
        Some(text) => html! { (text) },
        None => html! { span.soft { (guest.word("erased")) } },
    }
}

/// The same as text; `None` when it was erased.
#[must_use]
pub fn personal_text(guest: &Guest, commitment: &str, is_masked: bool) -> Option<String> {
    let Revealed { subject, value } = guest.house.registry.reveal(commitment).ok().flatten()?;
    let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
    let is_own = guest.look.viewer.is_itself(subject);
    Some(if is_masked && !is_own { masked(&text) } else { text })
}

fn list(guest: &Guest, clerk: &dyn Clerk, each: Option<&Kind>, values: &[Value], depth: u8) -> Markup {
    html! {
        ul { @for value in values { li { (show(guest, clerk, each, value, depth + 1)) } } }
    }
}

/// A group inside a value: names and values in a row; each in a line of its own where one of them is longer than a line.
fn group(guest: &Guest, clerk: &dyn Clerk, map: &Map<String, Value>, depth: u8) -> Markup {
    let words = clerk.words(guest.locale);
    let known: Vec<_> = map.iter().filter(|(_, value)| !is_nothing(value)).collect();
    let one = |name: &str, value: &Value| {
        let label = match name.parse::<Id>().ok().filter(|id| guest.desk(id.desk()).is_some()) {
            Some(id) => guest.name(id),
            None => words.get("field", name).to_owned(),
        };
        let kind = fitting(clerk, name, value);
        html! { (label) (guest.pick("：", ": ")) (show(guest, clerk, kind.as_ref(), value, depth + 1)) }
    };
    if known.iter().any(|(_, value)| is_long(value)) {
        return html! { @for (name, value) in known { div { (one(name, value)) } } };
    }
    html! {
        @for (place, (name, value)) in known.into_iter().enumerate() {
            @if place > 0 { (guest.pick("；", "; ")) }
            (one(name, value))
        }
    }
}

/// Whether a value takes more than a line.
fn is_long(value: &Value) -> bool {
    match value {
        Value::String(text) => text.contains('\n'),
        Value::Array(values) => values.iter().any(Value::is_object),
        Value::Object(map) => map.values().any(is_long),
        _ => false,
    }
}
