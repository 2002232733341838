//! The page of a record: what it is, what can be done now and what not, what has happened, and the proof.

use grammar::{
    clerk::Clerk,
    form::{Dice, Verb},
    kinds::Id,
};
use maud::{Markup, html};
use registry::{Denied, Line, Record};
use serde_json::json;

use super::values;
use crate::{
    denied::{self, Trouble},
    guest::Guest,
    parts::{self, Action, Fact, Link, Notice, Press, Section, State, Step, TimelineItem, Tone, Way},
    rooms,
    ways::Answer,
};

/// Characters of a sentence of its history that are shown at once, and of a longer one.
const SAID_MAX: usize = 400;
const SHOWN_OF_IT: usize = 160;

/// Lines of its history that are shown at once; earlier ones are unfolded.
const LINES: usize = 20;

/// The page of any record.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn record(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    record_led(guest, clerk, id, |_| html! {})
}

/// The record of a desk, as far as this guest may know of it.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn known(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Result<Record, Trouble> {
    guest.look.record(id)?.filter(|record| record.desk == clerk.name()).ok_or(Trouble::NotFound)
}

/// The page of any record, led by what a room has to say of it.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn record_led(guest: &Guest, clerk: &dyn Clerk, id: Id, lead: impl FnOnce(&Record) -> Markup) -> Answer {
    let record = known(guest, clerk, id)?;
    record_page(guest, clerk, &record, &[], &lead(&record))
}

/// The page of a record that a room has read, without some fields (`price`, `terms.questions`) that stand in its lead already.
///
/// # Errors
/// When the store cannot be read.
pub fn record_page(
    guest: &Guest,
    clerk: &dyn Clerk,
    record: &Record,
    shown: &[&str],
    lead: &Markup,
) -> Answer {
    let title = guest.pick(&record.card.title_zh, &record.card.title_en).to_owned();
    let mut about = record.state.clone();
    for name in shown {
        let (group, name) = name.rsplit_once('.').unwrap_or(("", name));
        let group = if group.is_empty() { Some(&mut about) } else { about.get_mut(group) };
        if let Some(fields) = group.and_then(serde_json::Value::as_object_mut) {
            fields.shift_remove(name);
        }
    }
    let main = html! {
        (heading(guest, clerk, record))
        (done(guest)?)
        (lead)
        div.two-thirds {
            div {
                (parts::section(&Section { id: "about".into(), title: guest.word("about").into(), beside: html! {}, body: parts::facts(&values(guest, clerk, &about)) }))
                (history(guest, clerk, record)?)
            }
            aside { (actions(guest, clerk, record)?) (proofs(guest, clerk, record)?) (source(guest, record)) }
        }
    };
    let crumbs = vec![Link::new(format!("/{}", clerk.name()), guest.desk_word(clerk.name(), "desk", "many"))];
    Ok(guest.page(&title, crumbs, main))
}

/// How far a record is on a way of states: those before its own are done. Where its own is none of them, nothing counts as
/// done, and its own stands at the end.
#[must_use]
pub fn progress(guest: &Guest, clerk: &dyn Clerk, record: &Record, way: &[&str]) -> Markup {
    let status = record.card.status.as_str();
    let now = way.iter().position(|step| *step == status);
    let off = now.is_none().then_some(status);
    let at = now.unwrap_or(way.len());
    let step = |(place, name): (usize, &str)| {
        let (state, reads) = match place.cmp(&at) {
            std::cmp::Ordering::Less if now.is_some() => (State::Done, "step-done"),
            std::cmp::Ordering::Equal => (State::Current, "step-now"),
            _ => (State::Next, "step-next"),
        };
        let label = clerk.words(guest.locale).get("status", name).into();
        Step { label, note: String::new(), state, reads: guest.word(reads).into() }
    };
    let steps: Vec<Step> = way.iter().copied().chain(off).enumerate().map(step).collect();
    parts::steps(guest.word("progress"), &steps)
}

/// Title, status and the facts that matter most.
#[must_use]
pub fn heading(guest: &Guest, clerk: &dyn Clerk, record: &Record) -> Markup {
    heading_with(guest, clerk, record, card_facts(guest, clerk, record, 4))
}

/// The same with other facts.
#[must_use]
pub fn heading_with(guest: &Guest, clerk: &dyn Clerk, record: &Record, facts: Vec<Fact>) -> Markup {
    let words = clerk.words(guest.locale);
    let card = &record.card;
    let (title, also) =
        (guest.pick(&card.title_zh, &card.title_en), guest.pick(&card.title_en, &card.title_zh));
    let mut badges = vec![guest.status_badge(clerk.name(), &card.status)];
    if record.is_demo {
        badges.push(guest.demo_badge());
    }
    parts::heading(&parts::Heading {
        over: vec![html! { (words.get("desk", "one")) }, html! { code { (record.id) } }],
        title: title.to_owned(),
        also: if also == title { String::new() } else { also.to_owned() },
        also_lang: guest.pick("en", "zh-CN").into(),
        lead: String::new(),
        badges,
        facts,
    })
}

/// What a card says at a glance: at most so many parties, region, amount, last day, readiness.
#[must_use]
pub fn card_facts(guest: &Guest, clerk: &dyn Clerk, record: &Record, parties: usize) -> Vec<Fact> {
    let (card, words) = (&record.card, clerk.words(guest.locale));
    let others = card.parties.iter().filter(|(part, who)| part != "itself" && *who != record.id);
    let party = |(part, who): &(String, Id)| {
        let label = words.find("field", part).or(guest.find("party", part)).unwrap_or(part).to_owned();
        Fact { label, value: guest.link(*who), note: String::new() }
    };
    let mut facts: Vec<Fact> = others.take(parties).map(party).collect();
    facts.extend(card.region.map(|region| Fact::new(guest.word("region"), &guest.region(region))));
    facts.extend(card.amount.map(|amount| Fact::new(guest.word("amount"), &guest.money(amount))));
    facts.extend(card.until.map(|day| Fact::new(guest.word("until"), &guest.day(day))));
    facts.extend(card.trl.map(|trl| Fact::new(guest.word("trl"), &trl.to_string())));
    facts
}

/// What the press before did: the receipt, with the code by which anyone can check it.
///
/// # Errors
/// When the store cannot be read.
pub fn done(guest: &Guest) -> Result<Markup, Trouble> {
    let Some(position) = guest.visit.asked("done") else { return Ok(html! {}) };
    let waits = position == "waits";
    let code = match position.parse() {
        Ok(position) => rooms::code_of(guest, position)?,
        Err(_) => None,
    };
    let body = html! {
        p { (guest.word(if waits { "done-waits" } else { "done-text" })) }
        @if let Some(code) = &code { (rooms::code_card(guest, code)) }
    };
    let links = if waits {
        vec![Link::new("/inbox", guest.word("inbox"))]
    } else {
        vec![Link::new(format!("/proof/{}", crate::visit::escape(position)), guest.word("see-proof"))]
    };
    let title = guest.word(if waits { "done-waits-title" } else { "done" });
    let notice = parts::notice(&Notice { tone: Tone::Good, title: title.into(), body, links });
    Ok(html! { div role="status" { (notice) } })
}

/// What one can take away: the certificate, if it is one, and the whole case.
///
/// # Errors
/// When the store cannot be read.
pub fn proofs(guest: &Guest, clerk: &dyn Clerk, record: &Record) -> Result<Markup, Trouble> {
    let at = format!("/{}/{}", record.desk, record.id);
    let has_certificate = clerk.is_certificate(&record.state) && guest.look.last_open(record.id)?.is_some();
    // Whoever may not know what happens to it is given no case.
    let has_case = record.sequence > 0;
    if !has_certificate && !has_case {
        return Ok(html! {});
    }
    let body = html! {
        @if has_certificate { p { a.button href={ (at) "/certificate" } { (guest.word("certificate-open")) } } }
        @if has_case {
            p { a.button href={ (at) "/case.json" } { (guest.word("case-take")) } }
            p.note { (guest.say("case-take-text", &json!({ "events": record.sequence }))) }
        }
    };
    let title = guest.word("proofs").into();
    Ok(parts::section(&Section { id: "proofs".into(), title, beside: html! {}, body }))
}

fn source(guest: &Guest, record: &Record) -> Markup {
    let body = html! {
        @if !record.card.source.is_empty() { p { (guest.word("source")) (guest.pick("：", ": ")) (record.card.source) } }
        p.note { (guest.say(if record.sequence > 0 { "born" } else { "born-day" }, &json!({ "day": record.born, "events": record.sequence }))) }
        p.note { a href={ "/api/v1/" (record.desk) "/" (record.id) } { "JSON" } }
    };
    parts::section(&Section {
        id: "source".into(),
        title: guest.word("about-record").into(),
        beside: html! {},
        body,
    })
}

/// A sentence; of one that is longer than its page the beginning, and the rest for whoever opens it.
fn said(sentence: &str) -> Markup {
    if sentence.chars().count() <= SAID_MAX {
        return html! { (sentence) };
    }
    let beginning = sentence.char_indices().nth(SHOWN_OF_IT).map_or(sentence.len(), |(at, _)| at);
    let (shown, rest) = sentence.split_at_checked(beginning).unwrap_or((sentence, ""));
    html! { details.folded { summary { (shown) "…" } p { "…" (rest) } } }
}

/// What happened, newest first, each line with its proof.
///
/// # Errors
/// When the store cannot be read.
pub fn history(guest: &Guest, clerk: &dyn Clerk, record: &Record) -> Result<Markup, Trouble> {
    Ok(history_of(guest, clerk, guest.look.history(record.id)?))
}

/// The same of lines that were read already.
#[must_use]
pub fn history_of(guest: &Guest, clerk: &dyn Clerk, lines: Vec<Line>) -> Markup {
    let words = clerk.words(guest.locale);
    let name = |id: Id| guest.name(id);
    let mut items: Vec<TimelineItem> = Vec::new();
    if lines.is_empty() {
        return html! {};
    }
    for line in lines.into_iter().rev() {
        let code = line.event.get("event").and_then(|event| event.as_str()).unwrap_or("");
        let who = match line.person {
            Some(person) => guest.name(person),
            None => guest.find("by", &line.by).unwrap_or("").to_owned(),
        };
        let who = match line.acting_for {
            Some(other) => guest.say("who-for", &json!({ "who": who, "other": guest.name(other) })),
            None => who,
        };
        items.push(TimelineItem {
            machine: line.at.to_string(),
            when: guest.moment(line.at),
            who,
            sentence: said(&words.sentence("event", code, &line.event, &name)),
            tone: Tone::Plain,
            proof: Some(Link::new(format!("/proof/{}", line.position), guest.word("proof"))),
            hash: String::new(),
        });
    }
    let (newest, earlier) = items.split_at_checked(LINES).unwrap_or((&items, &[]));
    let body = html! {
        (parts::timeline(newest))
        @if !earlier.is_empty() {
            details.article {
                summary { (guest.say("history-earlier", &json!({ "count": earlier.len() }))) }
                (parts::timeline(earlier))
            }
        }
    };
    let section =
        Section { id: "history".into(), title: guest.word("history").into(), beside: html! {}, body };
    parts::section(&section)
}

/// What can be done now, and what not, with the reason and the rule.
///
/// # Errors
/// When the store cannot be read.
pub fn actions(guest: &Guest, clerk: &dyn Clerk, record: &Record) -> Result<Markup, Trouble> {
    let words = clerk.words(guest.locale);
    let mut possible = Vec::new();
    let mut impossible = Vec::new();
    for verb in clerk.verbs().iter().filter(|verb| !clerk.opens().contains(&verb.name.as_str())) {
        let action = |way| Action {
            label: words.get("verb", &verb.name).into(),
            help: words.find("help", &verb.name).unwrap_or("").into(),
            way,
        };
        match way(guest, clerk, record, verb) {
            Some(way @ Way::No { .. }) => impossible.push(action(way)),
            Some(way) => possible.push(action(way)),
            None => {}
        }
    }
    let is_empty = possible.is_empty();
    let body = html! {
        @if is_empty {
            p.note { (guest.word(if guest.session.is_some() { "nothing-to-do" } else { "sign-in-to-act" })) }
            @if guest.session.is_none() { p { a.button href={ "/sign-in?back=" (guest.visit.path) } { (guest.word("sign-in")) } } }
        }
        (parts::actions(&possible))
        @if !impossible.is_empty() {
            details.article {
                summary { (guest.say("not-possible", &json!({ "count": impossible.len() }))) }
                (parts::actions(&impossible))
            }
        }
    };
    Ok(parts::section(&Section {
        id: "actions".into(),
        title: guest.word("actions").into(),
        beside: html! {},
        body,
    }))
}

/// What a form is about, to be unfolded over it.
#[must_use]
pub fn folded(guest: &Guest, clerk: &dyn Clerk, record: Option<&Record>) -> Markup {
    let Some(record) = record.filter(|record| !record.state.is_null()) else { return html! {} };
    let facts = parts::facts(&values(guest, clerk, &record.state));
    html! { details { summary { (guest.word("form-record")) } (facts) } }
}

/// Says over a form that it cannot be sent by this guest now, and why; nothing when it can.
#[must_use]
pub fn not_yours(guest: &Guest, clerk: &dyn Clerk, record: &Record, verb: &Verb) -> Markup {
    let Some(Way::No { reason, .. }) = way(guest, clerk, record, verb) else { return html! {} };
    let title = guest.word("form-closed").into();
    let notice = Notice { tone: Tone::Warn, title, body: html! { p { (reason) } }, links: vec![] };
    html! { div role="status" { (parts::notice(&notice)) } }
}

/// How a verb can be asked of a record, or why not; `None` for what only desks and the clock ask.
fn way(guest: &Guest, clerk: &dyn Clerk, record: &Record, verb: &Verb) -> Option<Way> {
    let today = guest.house.registry.now().day();
    // Where nothing of a desk may be seen, a name stands in for it: whether the verb can be asked does not hang on that.
    let some = |desk: &str, _: &mut Dice| match desk == record.desk {
        true => Some(record.id),
        false => guest.look.any(desk).or(Some(Id::named("none"))),
    };
    let mut sample = verb.sample(&mut Dice::new(7), today, &some)?;
    verb.form.cover(&mut sample);
    let who = clerk.who(&sample).filter(|who| who.is_for_people())?;
    if !who.allows(&guest.look.viewer, &record.card) {
        let facts = json!({ "who": denied::who_sentence(guest, &who.names()) });
        return Some(Way::No { reason: guest.say("not-allowed", &facts), article: None });
    }
    let is_bare = verb.form.fields.is_empty();
    let refused = guest.look.probe(&record.desk, record.id, &sample).err();
    let no = refused.map(|refused| denied::word(guest, &Denied::Refused(refused)));
    if let Some(no) = no.filter(|no| is_bare || no.code == "not-now") {
        return Some(Way::No {
            reason: no.sentence,
            article: no.rule.as_deref().and_then(|rule| guest.article(rule)),
        });
    }
    let action = format!("/{}/{}/{}", record.desk, record.id, verb.name);
    if is_bare {
        let mut hidden = guest.hidden();
        hidden.push(("seen".into(), record.sequence.to_string()));
        return Some(Way::Press { press: Press { action, hidden, label: String::new() }, main: false });
    }
    Some(Way::Open { href: action, main: false })
}
