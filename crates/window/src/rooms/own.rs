//! My data: all that the house holds about the one who reads it, on what it rests, and what one can do about
//! it: correct, take a copy, withdraw a consent, erase (personal information protection law, articles 13, 17,
//! 24, 44 to 50; the rules PL-R01 to PL-R14).

use grammar::kinds::Id;
use maud::{Markup, html};
use registry::{Line, Own, Record};
use serde_json::{Value, json};

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Fact, Link, Notice, Section, Tone},
    plain,
    rooms::sharing::attending::{OwnBusy, brought},
    visit::Reply,
    ways::{
        Answer,
        sheet::write::{Column, Shape, write_xlsx},
    },
};

/// What values are held for: key of the words, rule that it rests on.
const PURPOSES: [(&str, &str); 5] = [
    ("own-for-account", "PL-R01"),
    ("own-for-contact", "PL-R01"),
    ("own-for-identity", "PL-R03"),
    ("own-for-publication", "PL-R03"),
    ("own-for-log", "PL-R11"),
];
/// Asks and lines shown on the page; the copy has all of them.
const SHOWN: usize = 40;

/// Everything, gathered for the one who asks.
struct Held {
    me: Id,
    record: Record,
    lines: Vec<Line>,
    own: Own,
    drafts: Vec<plain::draft::Listed>,
    busy: Vec<(String, OwnBusy)>,
}

/// One's own eyes are used, also while acting for another: what both may see has no place here.
fn held(guest: &Guest) -> Result<Held, Trouble> {
    let me = guest.session.as_ref().ok_or(Trouble::SignIn)?.person;
    super::oneself(guest)?;
    let record = guest.look.record(me)?.ok_or(Trouble::NotFound)?;
    let lines = guest.look.history(me)?;
    let drafts = plain::draft::listed(guest)?;
    let registry = &guest.house.registry;
    Ok(Held { me, record, lines, own: registry.own(me)?, drafts, busy: brought(registry, me)? })
}

impl Held {
    /// The values of the person's own record and of others, by field where the field is known.
    fn values(&self) -> Vec<(String, Id, String)> {
        let field = |commitment: &str| {
            let fields = self.record.state.as_object().into_iter().flatten();
            let mut found = fields.filter(|(_, value)| value.as_str() == Some(commitment));
            found.next().map_or(String::new(), |(name, _)| name.clone())
        };
        let text = |value: &Value| value.as_str().map_or_else(|| value.to_string(), str::to_owned);
        self.own.values.iter().map(|one| (field(&one.commitment), one.record, text(&one.value))).collect()
    }

    fn told(&self) -> Vec<&Line> {
        let is_unmasking = |line: &&Line| line.event.get("event").is_some_and(|event| event == "unmasked");
        self.lines.iter().rev().filter(is_unmasking).collect()
    }

    fn json(&self) -> Value {
        let values: Vec<Value> = self
            .values()
            .into_iter()
            .map(|(field, record, value)| json!({ "field": field, "record": record, "value": value }))
            .collect();
        let line = |line: &Line| {
            json!({ "position": line.position, "at": line.at, "by": line.by, "person": line.person,
                "acting_for": line.acting_for, "event": line.event })
        };
        json!({
            "person": self.me,
            "record": self.record.state,
            "values": values,
            "history": self.lines.iter().map(line).collect::<Vec<_>>(),
            "named_in": self.own.parts.iter().map(|(record, part)| json!({ "record": record, "as": part })).collect::<Vec<_>>(),
            "asked": self.own.asks,
            "drafts": self.drafts.iter().map(|one| json!({ "form": one.href, "at": one.at, "typed": one.typed })).collect::<Vec<_>>(),
            "busy_times": self.busy.iter().map(|(_, one)| one).collect::<Vec<_>>(),
        })
    }
}

/// The way back to the account.
pub(super) fn crumbs(guest: &Guest) -> Vec<Link> {
    vec![Link::new("/account", guest.word("account"))]
}

/// The page.
///
/// # Errors
/// When one has not signed in, acts for another, or the store cannot be read.
pub fn own(guest: &Guest) -> Answer {
    let held = held(guest)?;
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("own").into(), lead: guest.word("own-lead").into(), ..Default::default() }))
        (rights(guest, held.me))
        (section(guest, "held", "own-held", values(guest, &held)))
        (section(guest, "told", "own-told", told(guest, &held)))
        (section(guest, "named", "own-named", named(guest, &held)))
        (section(guest, "asked", "own-asked", asked(guest, &held)))
        (section(guest, "busy", "own-busy-title", html! {
            p { a href="/my/busy" { (guest.say("own-busy-held", &json!({ "count": held.busy.len() }))) } }
        }))
        (section(guest, "notice", "own-notice", notice(guest)))
        (section(guest, "machines", "own-machines", html! {
            p { (guest.word("own-machines-text")) }
            @if let Some(article) = guest.article("PL-R06") { (parts::article(&article)) }
        }))
    };
    Ok(guest.page(guest.word("own"), crumbs(guest), main))
}

fn section(guest: &Guest, id: &str, title: &'static str, body: Markup) -> Markup {
    parts::section(&Section { id: id.into(), title: guest.word(title).into(), beside: html! {}, body })
}

/// What one can do, first.
fn rights(guest: &Guest, me: Id) -> Markup {
    let verb = |verb: &str| guest.desk_word("person", "verb", verb);
    let record = format!("/person/{me}");
    html! {
        p.row {
            a.button href="/my/data.json" { (guest.word("own-json")) }
            a.button href="/my/data.xlsx" { (guest.word("own-xlsx")) }
            a.button href={ (record) "/amend" } { (verb("amend")) }
            a.button href={ (record) "/withdraw-consent" } { (verb("withdraw-consent")) }
            a.button href={ (record) "/erase" } { (verb("erase")) }
        }
        (parts::notice(&Notice { tone: Tone::Info, title: guest.word("own-erase").into(), body: html! { p { (guest.word("own-erase-text")) } }, links: vec![] }))
    }
}

fn values(guest: &Guest, held: &Held) -> Markup {
    let facts: Vec<Fact> = held
        .values()
        .into_iter()
        .map(|(field, record, value)| {
            let label = if field.is_empty() {
                guest.name(record)
            } else {
                guest.desk_word("person", "field", &field)
            };
            Fact::new(&label, &value)
        })
        .collect();
    let clerk = guest.desk("person");
    let rest = clerk.map(|clerk| {
        // The personal values stand above; here is the rest of the record.
        let mut state = held.record.state.clone();
        ["name", "phone", "email", "id_number"].iter().for_each(|name| {
            state.as_object_mut().map(|fields| fields.remove(*name));
        });
        plain::values(guest, clerk, &state)
    });
    html! {
        (parts::facts(&facts))
        (parts::facts(&rest.unwrap_or_default()))
        p.note { a href={ "/person/" (held.me) } { (guest.word("my-record")) } " · " a href="/account" { (guest.word("own-sessions")) } }
    }
}

fn told(guest: &Guest, held: &Held) -> Markup {
    let told = held.told();
    let words = guest.desk("person").map(|clerk| clerk.words(guest.locale));
    html! {
        p.note { (guest.word("own-told-text")) }
        @if told.is_empty() { p { (guest.word("own-told-none")) } }
        ul { @for line in told.iter().take(SHOWN) { li {
            (guest.moment(line.at)) " "
            @if let Some(person) = line.person { (super::person_name(guest, person)) (guest.pick("：", ": ")) }
            @if let Some(words) = words { (words.sentence("event", "unmasked", &line.event, &|id| guest.name(id))) }
        } } }
    }
}

fn named(guest: &Guest, held: &Held) -> Markup {
    let known: Vec<&(Id, String)> = held
        .own
        .parts
        .iter()
        .filter(|(record, _)| *record != held.me && guest.look.title(*record).is_some())
        .collect();
    html! {
        @if known.is_empty() { p { (guest.word("own-named-none")) } }
        ul { @for (record, part) in known.iter().take(SHOWN) { li {
            (guest.link(*record)) " " span.soft { (guest.find("party", part).unwrap_or(part)) }
        } } }
    }
}

fn asked(guest: &Guest, held: &Held) -> Markup {
    let asks = &held.own.asks;
    html! {
        p.note { (guest.say("own-asked-text", &json!({ "count": asks.len() }))) }
        ul { @for ask in asks.iter().take(SHOWN) { li {
            (guest.moment(ask.at)) " " (guest.link(ask.record))
            @if ask.pending.is_none() { " " a href={ "/proof/" (ask.position) } { (guest.word("proof")) } }
        } } }
    }
}

/// Who handles what for which purpose, on which basis, and for how long.
fn notice(guest: &Guest) -> Markup {
    html! {
        p { (guest.word("own-notice-text")) }
        @for (key, rule) in PURPOSES {
            h3 { (guest.word(key)) }
            p { (guest.find("own", key).unwrap_or("")) }
            @if let Some(article) = guest.article(rule) { (parts::article(&article)) }
        }
        @for rule in ["PL-R02", "PL-R08", "PL-R12"] {
            @if let Some(article) = guest.article(rule) { (parts::article(&article)) }
        }
    }
}

/// A copy for programs.
///
/// # Errors
/// When one has not signed in, acts for another, or the store cannot be read.
pub fn own_json(guest: &Guest) -> Answer {
    let bytes = serde_json::to_vec_pretty(&held(guest)?.json())
        .map_err(|error| Trouble::Unreadable(error.to_string()))?;
    Ok(Reply::file("application/json", "my-data.json", bytes))
}

/// A copy as a sheet: kind, when, where, what.
///
/// # Errors
/// When one has not signed in, acts for another, or the store cannot be read.
pub fn own_sheet(guest: &Guest) -> Answer {
    let held = held(guest)?;
    let columns = [
        ("own-kind", Shape::Text),
        ("own-when", Shape::Text),
        ("own-where", Shape::Text),
        ("own-what", Shape::Text),
    ]
    .map(|(key, shape)| Column { label: guest.word(key).into(), shape });
    let mut rows: Vec<Vec<String>> = Vec::new();
    for (field, record, value) in held.values() {
        rows.push(vec![guest.desk_word("person", "field", &field), String::new(), record.to_string(), value]);
    }
    for line in &held.lines {
        let by = line.person.map_or(line.by.clone(), |person| person.to_string());
        rows.push(vec![guest.word("history").into(), line.at.to_string(), by, line.event.to_string()]);
    }
    for (record, part) in &held.own.parts {
        rows.push(vec![guest.word("own-named").into(), String::new(), record.to_string(), part.clone()]);
    }
    for ask in &held.own.asks {
        rows.push(vec![
            guest.word("own-asked").into(),
            ask.at.to_string(),
            ask.record.to_string(),
            ask.position.to_string(),
        ]);
    }
    let bytes =
        write_xlsx(&columns, rows.into_iter()).map_err(|error| Trouble::Unreadable(format!("{error:?}")))?;
    Ok(Reply::file(
        "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
        "my-data.xlsx",
        bytes,
    ))
}
