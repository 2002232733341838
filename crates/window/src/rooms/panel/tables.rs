//! Tables: candidates with their reviews and means; reviewers with their load and mildness; the draw.

use maud::{Markup, html};
use serde_json::json;

use super::{
    Room,
    state::{Lacks, State},
};
use crate::{
    parts::{self, Column, Empty, Fact, Row, Table, Tone},
    rooms::{person_name, reviews::hundredths},
};

/// Candidates shown at once.
const SHOWN: usize = 60;

/// A number of hundredths that may be less than nothing.
fn signed(hundredths: i64) -> String {
    let sign = if hundredths < 0 { "−" } else { "" };
    let size = hundredths.unsigned_abs();
    format!("{sign}{}.{:02}", size / 100, size % 100)
}

impl Room<'_> {
    /// Each candidate with its reviews, what they come to, and what it lacks.
    pub(super) fn table(&self) -> Markup {
        let (guest, state) = (self.guest, &self.state);
        let is_all = guest.visit.asked("all").is_some();
        let shown = if is_all { state.candidates.len() } else { SHOWN };
        let widest = state.candidates.iter().map(|entry| state.of_candidate(entry.candidate).len()).max();
        let seats = widest.unwrap_or(0);
        let mut columns = vec![Column::new(self.field("candidate"))];
        columns.extend((1..=seats).map(|n| Column::new(guest.say("panel-seat", &json!({ "n": n })))));
        columns.extend(
            ["panel-mean", "panel-corrected", "panel-spread"].map(|key| Column::end(guest.word(key))),
        );
        columns.push(Column::end(self.field("rank")));
        columns.push(Column::new(guest.word("panel-lacks")));
        let rows = state.candidates.iter().take(shown).map(|entry| self.row(state, entry, seats)).collect();
        html! {
            p.note { (guest.word(if state.is_early { "panel-early" } else { "panel-means-note" })) }
            (parts::table(&Table {
                id: "candidates".into(), caption: guest.word("panel-table").into(), columns, rows, scrolls: true,
                empty: Empty { title: guest.word("panel-no-candidates").into(), text: String::new(), links: vec![] },
            }))
            @if state.candidates.len() > shown { p { a.button href={ "/panel/" (self.record.id) "?all=yes#table" } { (guest.say("panel-see-all", &json!({ "count": state.candidates.len() }))) } } }
        }
    }

    fn row(&self, state: &State, entry: &desks::panel::Entry, seats: usize) -> Row {
        let guest = self.guest;
        let of_it = state.of_candidate(entry.candidate);
        let mut cells = vec![guest.link(entry.candidate)];
        for n in 0..seats {
            cells.push(of_it.get(n).map_or_else(|| html! { span.soft { "—" } }, |seat| self.seat(seat)));
        }
        let outcome = state.outcome(entry.candidate);
        let number = |value: Option<String>| html! { @match value { Some(value) => (value), None => span.soft { "—" } } };
        cells.push(number(outcome.map(|o| hundredths(o.mean))));
        cells.push(number(outcome.map(|o| signed(o.corrected))));
        let wide = state.is_wide(entry.candidate);
        let spread = outcome.map(|o| hundredths(o.spread));
        cells.push(html! { @match spread {
            Some(spread) if wide => (parts::badge(Tone::Warn, &spread)),
            Some(spread) => (spread),
            None => span.soft { "—" },
        } });
        let is_ranked = !state.is_early || state.is_taken(entry.candidate);
        cells.push(number(outcome.filter(|_| is_ranked).map(|o| o.rank.to_string())));
        cells.push(self.lacks(state.lacks(entry.candidate)));
        Row::new(cells)
    }

    /// One review: how far it is, its score, whose it is.
    fn seat(&self, seat: &desks::panel::Seat) -> Markup {
        let (guest, status) = (self.guest, self.state.status(seat));
        let tone = match status {
            "signed" | "locked" => Tone::Good,
            "declined" | "expired" | "barred" => Tone::Bad,
            "discussing" => Tone::Warn,
            _ => Tone::Plain,
        };
        let until = self.state.reviews.get(&seat.review.id()).and_then(|listed| listed.card.until);
        let today = guest.house.registry.now().day();
        let is_late = status == "accepted" && until.is_some_and(|until| until < today);
        html! {
            div.seat {
                @match self.state.score(seat) {
                    Some(score) => { a href={ "/review/" (seat.review) } { b { (hundredths(score)) } } " " }
                    None => {}
                }
                @if is_late { (parts::badge(Tone::Bad, guest.word("panel-late"))) }
                @else { a.plain href={ "/review/" (seat.review) } { (parts::badge(tone, &guest.desk_word("review", "status", status))) } }
                small { (person_name(guest, seat.person.id())) }
            }
        }
    }

    fn lacks(&self, lacks: Lacks) -> Markup {
        let say = |key: &str, count: usize| self.guest.say(key, &json!({ "count": count }));
        match lacks {
            Lacks::Nothing => parts::badge(Tone::Good, self.guest.word("panel-taken")),
            Lacks::Reviewers(n) => parts::badge(Tone::Bad, &say("panel-lacks-reviewers", n)),
            Lacks::Replacement(n) => parts::badge(Tone::Bad, &say("panel-lacks-replacement", n)),
            Lacks::Signatures(n) => parts::badge(Tone::Info, &say("panel-lacks-signatures", n)),
            Lacks::Decision => parts::badge(Tone::Bad, self.guest.word("panel-lacks-decision")),
            Lacks::Talk => parts::badge(Tone::Warn, self.guest.word("panel-lacks-talk")),
            Lacks::Taking => parts::badge(Tone::Info, self.guest.word("panel-lacks-taking")),
        }
    }

    /// Each reviewer: load, signed, and how mild.
    pub(super) fn reviewers(&self) -> Markup {
        let (guest, state) = (self.guest, &self.state);
        let mut persons: Vec<_> =
            state.live().map(|seat| (seat.person.id(), seat.expert.id(), seat.unit)).collect();
        persons.sort_by_key(|(person, ..)| *person);
        persons.dedup_by_key(|(person, ..)| *person);
        let row = |(person, expert, unit): &(
            grammar::kinds::Id,
            grammar::kinds::Id,
            Option<grammar::kinds::Ref<desks::organisation::Organisation>>,
        )| {
            let seats: Vec<_> = state.live().filter(|seat| seat.person.id() == *person).collect();
            let done = seats.iter().filter(|seat| state.score(seat).is_some()).count();
            let mild = state.mildness.iter().find(|one| one.person == *person);
            Row::new(vec![
                html! { a href={ "/expert/" (expert) } { (person_name(guest, *person)) } },
                html! { @if let Some(unit) = unit { (guest.link(unit.id())) } },
                html! { (done) " / " (seats.len()) },
                html! { @match mild {
                    Some(mild) if mild.reviews > 1 => { (signed(mild.milder)) " " small { (guest.word(if mild.milder > 0 { "panel-mild" } else if mild.milder < 0 { "panel-strict" } else { "panel-even" })) } }
                    _ => span.soft { "—" },
                } },
            ])
        };
        let columns = vec![
            Column::new(self.field("expert")),
            Column::new(self.field("unit")),
            Column::end(guest.word("panel-signed")),
            Column::end(guest.word("panel-milder")),
        ];
        html! {
            p.note { (guest.word("panel-milder-note")) }
            (parts::table(&Table {
                id: "judges".into(), caption: guest.word("panel-reviewers").into(), columns,
                rows: persons.iter().map(row).collect(), scrolls: true,
                empty: Empty { title: guest.word("panel-no-reviewers").into(), text: String::new(), links: vec![] },
            }))
        }
    }

    /// How the draw came out, and all that anyone needs to do it again.
    pub(super) fn lots(&self) -> Option<Markup> {
        let (guest, lots) = (self.guest, self.state.lots.as_ref()?);
        let state = self.record.state.get("lots")?;
        let mut facts = vec![
            Fact {
                label: self.field("lot"),
                value: parts::hash(&text(state.get("lot"))),
                note: String::new(),
            },
            Fact::new(self.field("at"), &guest.moment(lots.at)),
            Fact::new(self.field("known"), &lots.known.len().to_string()),
        ];
        if let Some(drawn) = state.get("drawn").filter(|drawn| !drawn.is_null()) {
            let at = |path: &str| drawn.pointer(path);
            facts.push(Fact {
                label: self.field("secret"),
                value: parts::hash(&text(at("/secret"))),
                note: String::new(),
            });
            facts.push(Fact::new(self.field("size"), &text(at("/anchor/size"))));
            facts.push(Fact {
                label: self.field("root"),
                value: parts::hash(&text(at("/anchor/root"))),
                note: String::new(),
            });
        }
        let name = |place: &u32| {
            let known = usize::try_from(*place).ok().and_then(|place| lots.known.get(place));
            known.map_or(String::new(), |known| person_name(guest, known.person.id()))
        };
        Some(html! {
            p.note { (guest.word(if lots.drawn.is_some() { "panel-drawn-note" } else { "panel-draw-waits" })) }
            (parts::facts(&facts))
            @if lots.drawn.is_some() {
                p { a.button href={ "/panel/" (self.record.id) "/record.json" } { (guest.word("draw-take-record")) } }
                p.note { (guest.word("panel-record-note")) }
                pre { "kechuang redo panel " (self.record.id) ".json --key '" (guest.house.registry.log_key()) "'" }
            }
            @for one in lots.order.iter().take(SHOWN) {
                details.article { summary { (guest.link(one.candidate)) }
                    ol { @for place in one.experts.iter().take(SHOWN) { li { (name(place)) } } }
                }
            }
            @if !self.state.passed.is_empty() {
                h3 { (self.field("passed")) }
                ul { @for one in self.state.passed.iter().take(SHOWN) { li {
                    (guest.link(one.expert)) " × " (guest.link(one.candidate)) (guest.pick("：", ": ")) (one.reason)
                } } }
            }
        })
    }
}

fn text(value: Option<&serde_json::Value>) -> String {
    match value {
        Some(serde_json::Value::String(text)) => text.clone(),
        Some(value) => value.to_string(),
        None => String::new(),
    }
}
