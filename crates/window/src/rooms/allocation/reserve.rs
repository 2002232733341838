//! Reserve: who waits, in the recorded order, for money that comes back; which awards came to nothing; and the forms by which the
//! office puts candidates on the list and lets the next one move up. An applicant reads its own place alone.

use desks::allocation::Place;
use grammar::kinds::{Day, Id};
use maud::{Markup, html};
use registry::{Filter, Listed};
use serde_json::{Value, json};

use super::{Sheet, of_state, points, read};
use crate::{
    denied::Trouble,
    parts::{self, Column, Row, Table, Tone},
};

/// Projects that came to nothing, of all allocations, among which those of this one are looked for.
const LOOKED_MAX: u32 = 100;
/// Candidates that can be put on the list at once.
const OFFERED_MAX: usize = 200;

impl Sheet<'_> {
    /// Its place, and those of others as far as they are known here.
    pub(super) fn places(&self) -> Result<Vec<Place>, Trouble> {
        read(&self.record, "reserve")
    }

    /// The list with what can be done; nothing where there is none and nobody could make one.
    pub(super) fn reserve(&self) -> Result<Markup, Trouble> {
        let (places, until): (Vec<Place>, Option<Day>) =
            (self.places()?, read(&self.record, "reserve_until")?);
        let adding = self.adding()?;
        if places.is_empty() && adding.is_none() {
            return Ok(html! {});
        }
        let empty = self.fallen()?;
        let body = html! {
            @if let Some(until) = until.filter(|_| !places.is_empty()) {
                p { (self.guest.say("reserve-until", &json!({ "until": until }))) }
                @if self.is_inside { (self.waiting(&places, &empty)) }
                @else { @for own in &places { p { (self.own_place(own)) } } }
            } @else { p.note { (self.word("reserve-none")) } }
            @if self.is_inside && !empty.is_empty() {
                p { (self.word("reserve-fallen")) }
                ul { @for project in &empty { li { a href={ "/project/" (project.id) } { (self.guest.pick(&project.card.title_zh, &project.card.title_en)) } " " (self.guest.status_badge("project", &project.card.status)) } } }
            }
            @if let Some(adding) = adding { (adding) }
        };
        Ok(self.part("reserve", "reserve-title", &body))
    }

    fn own_place(&self, own: &Place) -> Markup {
        html! {
            @if let Some(entry) = self.entry(own.candidate) { (self.named(entry)) " " }
            (parts::badge(Tone::Plain, &self.guest.say("reserve-place", &json!({ "place": own.place }))))
        }
    }

    fn waiting(&self, places: &[Place], fallen: &[Listed]) -> Markup {
        let first = places.first().map(|place| place.candidate);
        let minutes = format!("{}:-", "0".repeat(64));
        let who =
            json!({ "verb": "move-up", "candidate": first, "minutes": minutes, "contact": { "zh": "-" } });
        let may = self.record.card.status == "publicised" && self.may(&who);
        let projects = fallen.iter().zip(1..).map(|(one, n)| format!("&projects.{n}={}", one.id));
        let projects: String = projects.collect();
        let row = |own: &Place| {
            let entry = self.entry(own.candidate)?;
            let href = format!("{}/move-up?candidate={}{projects}", self.guest.visit.path, own.candidate);
            let mut cells = vec![
                html! { (own.place) },
                self.named(entry),
                self.guest.link(entry.lead.id()),
                html! { (points(entry.score.into())) },
                html! { (self.guest.money(entry.asked)) },
            ];
            if may {
                cells.push(
                    html! { a href=(href) { (self.clerk.words(self.guest.locale).get("verb", "move-up")) } },
                );
            }
            Some(Row::new(cells))
        };
        let mut columns = vec![
            Column::end(self.word("reserve-order")),
            Column::new(self.word("title")),
            Column::new(self.word("alloc-lead")),
            Column::end(self.word("alloc-score")),
            Column::end(self.word("alloc-asked")),
        ];
        if may {
            columns.push(Column::new(self.word("call-do")));
        }
        html! {
            (parts::table(&Table {
                id: "reserve-table".into(),
                caption: self.word("reserve-caption").into(),
                columns,
                rows: places.iter().filter_map(row).collect(),
                ..Table::default()
            }))
            @if may { p.note { (self.word("reserve-how")) } }
        }
    }

    /// Those not chosen and without an answer, to be put on the list.
    fn adding(&self) -> Result<Option<Markup>, Trouble> {
        let who = json!({ "verb": "reserve", "candidates": [], "until": "2026-01-01" });
        if self.record.card.status != "publicised" || !self.is_inside || !self.may(&who) {
            return Ok(None);
        }
        let all: Vec<Id> = of_state(&self.record.state)?.to_reserve();
        if all.is_empty() {
            return Ok(None);
        }
        let score = |candidate: &Id| self.entry(*candidate).map_or(0, |entry| entry.score);
        let mut all: Vec<Id> = all.into_iter().take(OFFERED_MAX).collect();
        all.sort_by_key(|candidate| std::cmp::Reverse(score(candidate)));
        let label = self.clerk.words(self.guest.locale).get("field", "reserve_until").to_owned();
        let fields = html! {
            fieldset {
                legend { (self.word("reserve-whom")) }
                @for (candidate, number) in all.iter().zip(1..) {
                    @if let Some(entry) = self.entry(*candidate) {
                        label.choice {
                            input type="checkbox" name={ "candidates." (number) } value=(candidate);
                            span { (self.guest.pick(&entry.zh, &entry.en)) " · " (points(entry.score.into())) }
                        }
                    }
                }
            }
            div.field { label for="until" { (label) } input id="until" name="until" type="date" required; }
        };
        let verb = self.clerk.words(self.guest.locale).get("verb", "reserve").to_owned();
        Ok(Some(html! {
            details.article { summary { (self.word("reserve-add")) } (self.press("reserve", &[], &fields, &verb)) }
        }))
    }

    /// Projects of this choice that came to nothing.
    fn fallen(&self) -> Result<Vec<Listed>, Trouble> {
        if !self.is_inside || self.chosen.is_empty() {
            return Ok(vec![]);
        }
        let mut found = Vec::new();
        for status in ["declined", "rescinded"] {
            let filter = Filter {
                desk: "project".into(),
                status: Some(status.into()),
                limit: LOOKED_MAX,
                ..Filter::default()
            };
            found.extend(self.guest.look.list(&filter)?.rows);
        }
        found.retain(|project| project.card.holders("candidate").any(|one| self.choice(one).is_some()));
        Ok(found)
    }

    /// Why one is not among the chosen although its score would not keep it out.
    pub(super) fn reserved_or_fallen(&self, candidate: Id) -> Option<String> {
        let state = &self.record.state;
        let is_in = |name: &str, at: &dyn Fn(&Value) -> Option<String>| {
            let all = state.get(name).and_then(Value::as_array);
            all.into_iter().flatten().find_map(at)
        };
        let fell = is_in("fallen", &|one| (one.as_str() == Some(candidate.as_str())).then(String::new));
        if fell.is_some() {
            return Some(self.word("reserve-fell").to_owned());
        }
        let places: Vec<Place> = self.places().ok()?;
        let own = places.iter().find(|place| place.candidate == candidate)?;
        Some(self.guest.say("reserve-place", &json!({ "place": own.place })))
    }
}
