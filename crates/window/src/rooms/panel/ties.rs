//! Ties: who is apart from which candidate, and which ties came to light after someone was asked; each with the rule and
//! the fact it rests on.

use std::collections::BTreeSet;

use desks::{
    expert::{
        Engagement, Judge, Relation,
        conflict::{Body, Hit, hits, of_rivals},
    },
    panel::Apart,
};
use grammar::kinds::Id;
use maud::{Markup, html};
use serde_json::Value;

use super::Room;
use crate::{
    denied::Trouble,
    parts::{self, Column, Link, Notice, Row, Table, Tone},
    rooms::person_name,
};

/// Ties shown.
const SHOWN: usize = 60;
/// Months for which joint work bars.
const JOINT_WORK: grammar::rules::Rule<i64> = grammar::rules::rule("EP-R11");

impl Room<'_> {
    fn why(&self, hit: &Hit) -> Markup {
        let guest = self.guest;
        let why = grammar::desk::plain_word(&hit.why);
        html! {
            (self.clerk.words(guest.locale).get("choice", &why))
            (guest.pick("：", ": ")) (guest.link(hit.with)) " "
            @if let Some(article) = guest.article(hit.why.rule()) { (parts::article(&article)) }
        }
    }

    /// Ties that came to light after an engagement and wait for the office.
    pub(super) fn alarms(&self) -> Result<Option<Markup>, Trouble> {
        let guest = self.guest;
        let ours = |review: &Id| self.state.live().any(|seat| seat.review.id() == *review);
        let alarmed = self.state.live().filter(|seat| self.state.alarmed.contains(&seat.review.id()));
        let experts: BTreeSet<Id> = alarmed.map(|seat| seat.expert.id()).collect();
        let mut shown = Vec::new();
        for expert in experts {
            let Some(record) = guest.look.record(expert)? else { continue };
            let all = record.state.pointer("/own/engagements").cloned().unwrap_or(Value::Null);
            let all: Vec<Engagement> = serde_json::from_value(all).unwrap_or_default();
            for engagement in all.iter().filter(|one| ours(&one.review)) {
                for alarm in engagement.alarms.iter().filter(|alarm| alarm.stands.is_none()) {
                    shown.push((engagement.review, engagement.candidate, alarm.hit.clone(), alarm.on));
                }
            }
        }
        if shown.is_empty() {
            return Ok(None);
        }
        Ok(Some(html! { @for (review, candidate, hit, on) in shown.iter().take(SHOWN) {
            @let seat = self.state.live().find(|seat| seat.review.id() == *review);
            @let who = seat.map_or(String::new(), |seat| person_name(guest, seat.person.id()));
            @let body = html! {
                p { (who) " × " @if let Some(candidate) = candidate { (guest.link(*candidate)) } " · " (guest.day(*on)) }
                p { (self.why(hit)) }
            };
            @let links = vec![
                Link::new(format!("/review/{review}/bar"), guest.desk_word("review", "verb", "bar")),
                Link::new(format!("/review/{review}/clear"), guest.desk_word("review", "verb", "clear")),
            ];
            (parts::notice(&Notice { tone: Tone::Bad, title: guest.word("panel-alarm").into(), body, links }))
        } }))
    }

    /// Who may not know of which candidate, worked out again from what is known today.
    pub(super) fn apart(&self) -> Result<Option<Markup>, Trouble> {
        let guest = self.guest;
        if self.state.apart.is_empty() {
            return Ok(None);
        }
        let mut rows = Vec::new();
        for apart in self.state.apart.iter().take(SHOWN) {
            let hit = self.hit(apart)?;
            rows.push(Row::new(vec![
                html! { (person_name(guest, apart.person)) },
                guest.link(apart.candidate),
                html! { @match &hit { Some(hit) => (self.why(hit)), None => (guest.word("panel-apart-before")) } },
            ]));
        }
        let columns = ["panel-apart-who", "panel-apart-what", "panel-apart-why"]
            .map(|key| Column::new(guest.word(key)));
        let count = serde_json::json!({ "count": self.state.apart.len() });
        let title = guest.say("reviews-count", &count);
        Ok(Some(parts::table(&Table {
            id: "apart".into(),
            caption: title,
            columns: columns.into(),
            rows,
            scrolls: true,
            ..Table::default()
        })))
    }

    fn hit(&self, apart: &Apart) -> Result<Option<Hit>, Trouble> {
        let (guest, state) = (self.guest, &self.state);
        let seats = state.seats.iter().map(|seat| (seat.person.id(), seat.expert.id()));
        let known =
            state.lots.iter().flat_map(|lots| &lots.known).map(|one| (one.person.id(), one.expert.id()));
        let Some((_, expert)) = seats.chain(known).find(|(person, _)| *person == apart.person) else {
            return Ok(None);
        };
        let cards = guest.look.cards(&[expert])?;
        let entry = state.candidates.iter().find(|entry| entry.candidate == apart.candidate);
        let (Some(listed), Some(entry)) = (cards.first(), entry) else { return Ok(None) };
        let employers: Vec<Body> = listed.card.read("employers").unwrap_or_default();
        let relations: Vec<Relation> = listed.card.read("relations").unwrap_or_default();
        let judge = Judge { person: apart.person, employers: &employers, relations: &relations };
        let today = guest.house.registry.now().day();
        let months = guest.house.registry.rules().value(JOINT_WORK, self.record.card.scope(), today);
        let months = i32::try_from(months).unwrap_or(i32::MAX);
        let others = || state.candidates.iter().filter(|other| other.candidate != entry.candidate);
        let field = others().filter(|other| other.field.is_some() && other.field == entry.field);
        let matter = others().filter(|other| other.matter.is_some() && other.matter == entry.matter);
        let found = hits(&judge, &entry.judged, today, months);
        let rivals = of_rivals(&judge, field.map(|e| &e.judged), matter.map(|e| &e.judged));
        Ok(found.into_iter().chain(rivals).find(|hit| hit.why.is_binding()))
    }
}
