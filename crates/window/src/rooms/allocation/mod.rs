//! Allocation: who gets the money, who does not and why, what limits bind, what would have to change, and the
//! minutes of it. Trials run the engine again within a bound of time and change nothing.

mod limits;
mod making;
mod minutes;
mod panels;
mod preferred;
mod reserve;
mod tables;
mod trial;

use desks::allocation::{Allocation, Choice, Departure, Entry, Proposed, Terms};
use engines::allocation::{self as engine, Explorer};
use grammar::{
    clerk::Clerk,
    kinds::{Id, Money},
};
use maud::{Markup, html};
use registry::{Line, Record};
use serde::de::DeserializeOwned;
use serde_json::json;

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Link, Section, Stat},
    plain,
    ways::Answer,
};

/// The way of an allocation; a withdrawn one leaves it.
const WAY: [&str; 4] = ["gathering", "proposed", "publicised", "awarded"];

/// An allocation as this guest may see it.
struct Sheet<'a> {
    guest: &'a Guest<'a>,
    clerk: &'a dyn Clerk,
    record: Record,
    terms: Terms,
    entries: Vec<Entry>,
    proposed: Option<Proposed>,
    /// What the meeting adopted; before it, what is proposed.
    chosen: Vec<Choice>,
    departures: Vec<Departure>,
    /// Whether scores and reasons are for this guest.
    is_inside: bool,
    /// Places of those whose score just covers, or just misses, what the limits weigh.
    near: Vec<u32>,
    /// Places of those that may change when all scores move.
    may_flip: Vec<u32>,
}

/// The question an insider may ask again, and the proof of the proposal that stands.
struct Asked {
    question: engine::Question,
    proof: Option<engine::Proposal>,
}

impl Asked {
    fn explorer(&self) -> Option<Explorer<'_>> {
        Explorer::new(&self.question, self.proof.as_ref()?).ok()
    }
}

/// The page.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn allocation(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = guest.look.record(id)?.filter(|record| record.desk == "allocation");
    let mut sheet = Sheet::of(guest, clerk, record.ok_or(Trouble::NotFound)?)?;
    let lines = guest.look.history(id)?;
    let asked = sheet.asked(&lines)?;
    let explorer = asked.as_ref().and_then(Asked::explorer);
    if let Some(explorer) = &explorer {
        (sheet.near, sheet.may_flip) = (explorer.near_line(tables::NEAR), explorer.may_flip(sheet.moves()));
    }
    let crumbs = vec![Link::new("/allocation", guest.desk_word(clerk.name(), "desk", "many"))];
    if guest.visit.asked("print") == Some("yes") {
        let main = sheet.minutes(asked.as_ref());
        return Ok(guest.page(&sheet.title(), crumbs, main));
    }
    let main = html! {
        (sheet.heading())
        (plain::done(guest)?)
        (plain::progress(guest, clerk, &sheet.record, &WAY))
        (sheet.verdict())
        @if let Some(asked) = &asked { (sheet.making(asked)) (sheet.awarding()) (sheet.answers(asked, explorer.as_ref())) }
        (sheet.part("in", "alloc-in", &sheet.ins()))
        (sheet.reserve()?)
        @if sheet.has_out() { (sheet.part("out", if sheet.is_inside { "alloc-out" } else { "alloc-own-out" }, &sheet.outs(explorer.is_some()))) }
        @if let Some(said) = sheet.preferred()? { (sheet.part("preferred", "compare-preferred", &said)) }
        @if let Some(panels) = sheet.panels()? { (sheet.part("panels", "alloc-panels", &panels)) }
        (sheet.part("limits", "alloc-limits", &sheet.limits(explorer.as_ref())))
        @if asked.is_some() { (sheet.part("trial", "alloc-trial", &sheet.trial_form(explorer.is_some()))) }
        (sheet.departed())
        div.two-thirds {
            div { (sheet.rest()) (plain::history_of(guest, clerk, lines)) }
            aside {
                (plain::actions(guest, clerk, &sheet.record)?)
                (plain::proofs(guest, clerk, &sheet.record)?)
            }
        }
    };
    Ok(guest.page(&sheet.title(), crumbs, main))
}

impl<'a> Sheet<'a> {
    fn of(guest: &'a Guest<'a>, clerk: &'a dyn Clerk, record: Record) -> Result<Self, Trouble> {
        let adopted: Vec<Choice> = read(&record, "chosen")?;
        let proposed: Option<Proposed> = read(&record, "proposal")?;
        let chosen = if adopted.is_empty() {
            proposed.as_ref().map(|proposed| proposed.chosen.clone()).unwrap_or_default()
        } else {
            adopted
        };
        Ok(Self {
            guest,
            clerk,
            terms: read(&record, "terms")?,
            entries: read(&record, "entries")?,
            proposed,
            chosen,
            departures: read(&record, "departures")?,
            is_inside: guest.look.viewer.is_inside(&record.card),
            near: vec![],
            may_flip: vec![],
            record,
        })
    }

    /// What insiders may ask again. The proof stands in the history; a proposal that no longer fits its question is
    /// none any more.
    fn asked(&self, lines: &[Line]) -> Result<Option<Asked>, Trouble> {
        if !self.is_inside || self.entries.is_empty() {
            return Ok(None);
        }
        let question = of_state(&self.record.state)?.question();
        let proof = lines.iter().rev().find_map(|line| line.event.get("certificate")?.as_str());
        let proof = proof.and_then(|proof| serde_json::from_str::<engine::Proposal>(proof).ok());
        let proof = proof.filter(|_| self.proposed.is_some());
        Ok(Some(Asked { question, proof }))
    }

    fn title(&self) -> String {
        let card = &self.record.card;
        self.guest.pick(&card.title_zh, &card.title_en).to_owned()
    }

    fn word(&self, key: &'a str) -> &'a str {
        self.guest.word(key)
    }

    fn part(&self, id: &str, title: &'a str, body: &Markup) -> Markup {
        let title = self.word(title).to_owned();
        parts::section(&Section { id: id.into(), title, beside: html! {}, body: body.clone() })
    }

    /// The applicants are many, and stand in the tables.
    fn heading(&self) -> Markup {
        let guest = self.guest;
        let mut facts = plain::card_facts(guest, self.clerk, &self.record, 0);
        for part in ["about", "notice"] {
            let label = guest.find("party", part).unwrap_or(part);
            let fact = |value| parts::Fact { label: label.into(), value, note: String::new() };
            facts.extend(self.record.card.holders(part).next().map(|who| fact(guest.link(who))));
        }
        plain::heading_with(guest, self.clerk, &self.record, facts)
    }

    /// The numbers first, and the proof in one line.
    fn verdict(&self) -> Markup {
        let money: Money = self.chosen.iter().map(|choice| choice.money).sum();
        let all: Money = self.terms.budgets.iter().map(|budget| budget.money).sum();
        let stat = |value: String, label: String, href: &str| Stat {
            value,
            label,
            href: href.into(),
            ..Stat::default()
        };
        let of = |key: &str, facts| self.guest.say(key, &facts);
        let chosen = self.chosen.len();
        let mut stats = vec![stat(chosen.to_string(), of("alloc-funded", json!({})), "#in")];
        if self.is_inside {
            let out = self.entries.len().saturating_sub(chosen);
            stats.push(stat(out.to_string(), of("alloc-not-funded", json!({})), "#out"));
        }
        stats.push(stat(self.guest.money(money), of("alloc-given", json!({ "all": all })), "#limits"));
        if let Some(proposed) = self.proposed.as_ref().filter(|_| self.is_inside) {
            stats.push(stat(points(proposed.value), of("alloc-value", json!({})), "#trial"));
        }
        html! {
            @if chosen > 0 { (parts::stats(&stats)) }
            @if let (Some(proposed), true) = (&self.proposed, self.is_inside) {
                p { b { (self.proved(proposed.value, proposed.bound)) } }
            } @else if chosen == 0 { p.note { (self.word("alloc-none-yet")) } }
            @if chosen > 0 && self.is_inside { p.screen { a.button href={ (self.guest.visit.path) "?print=yes" } { (self.word("alloc-minutes")) } } }
        }
    }

    /// The proof, said in one line.
    fn proved(&self, value: i64, bound: i64) -> String {
        if value >= bound {
            return self.word("alloc-best").to_owned();
        }
        let facts = json!({ "value": points(value), "bound": points(bound) });
        self.guest.say("alloc-within", &facts)
    }

    /// What was decided besides: the terms, contests, attestations.
    fn rest(&self) -> Markup {
        let state = &self.record.state;
        let kept = ["basis", "region", "months", "about"];
        let mut facts = serde_json::Map::new();
        for name in kept {
            let value = state.pointer(&format!("/terms/{name}")).cloned().unwrap_or_default();
            facts.insert(name.into(), value);
        }
        for name in ["opened", "notice", "round", "contests"] {
            facts.insert(name.into(), state.get(name).cloned().unwrap_or_default());
        }
        let facts = plain::values(self.guest, self.clerk, &facts.into());
        self.part("about", "about", &parts::facts(&facts))
    }

    /// Whether there is anyone left out of whom this guest may know: for an applicant, their own.
    fn has_out(&self) -> bool {
        self.is_inside || self.entries.iter().any(|entry| self.choice(entry.candidate).is_none())
    }

    fn entry(&self, candidate: Id) -> Option<&Entry> {
        self.entries.iter().find(|entry| entry.candidate == candidate)
    }

    fn place(&self, place: u32) -> Option<&Entry> {
        self.entries.get(usize::try_from(place).ok()?)
    }

    fn choice(&self, candidate: Id) -> Option<&Choice> {
        self.chosen.iter().find(|choice| choice.candidate == candidate)
    }

    /// A candidate by its title, which leads to its record.
    fn named(&self, entry: &Entry) -> Markup {
        let title = self.guest.pick(&entry.zh, &entry.en);
        html! { a href={ "/" (entry.candidate.desk()) "/" (entry.candidate) } { (title) } }
    }
}

/// A part of the state, in the desk's own types.
fn read<T: DeserializeOwned>(record: &Record, name: &str) -> Result<T, Trouble> {
    let value = record.state.get(name).cloned().unwrap_or_default();
    serde_json::from_value(value).map_err(|error| Trouble::Unreadable(error.to_string()))
}

fn of_state(state: &serde_json::Value) -> Result<Allocation, Trouble> {
    serde_json::from_value(state.clone()).map_err(|error| Trouble::Unreadable(error.to_string()))
}

/// Hundredths of a point as points.
fn points(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "−" } else { "" };
    let size = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}
