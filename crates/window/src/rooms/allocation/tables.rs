//! Tables: who is in with how much from whom, who is out and why, where the meeting departed from the proposal.

use desks::allocation::{Choice, Entry, Standing, Why};
use maud::{Markup, html};
use serde_json::json;

use super::{Sheet, points};
use crate::parts::{self, Column, Row, Table, Tone};

/// Points by which all scores are moved to see how firm the choice is, in hundredths.
pub(super) const MOVES: i64 = 20;
/// Whose score is within so many hundredths of what the limits weigh is near the line.
pub(super) const NEAR: f64 = 50.0;
/// Those left out that stand open on the page; the others behind a click, or in the minutes.
const OUT_SHOWN: usize = 15;

impl Sheet<'_> {
    /// Points by which the reader lets scores move.
    pub(super) fn moves(&self) -> i64 {
        let asked = self.guest.visit.asked("moves").and_then(|text| text.parse::<f64>().ok());
        let asked = asked.filter(|points| (0.0..=100.0).contains(points));
        #[expect(clippy::cast_possible_truncation, reason = "at most ten thousand")]
        asked.map_or(MOVES, |points| (points * 100.0).round() as i64)
    }

    fn is_near(&self, entry: &Entry) -> bool {
        let place = self.entries.iter().position(|other| other.candidate == entry.candidate);
        place.and_then(|place| u32::try_from(place).ok()).is_some_and(|place| self.near.contains(&place))
    }

    fn near_badge(&self, entry: &Entry) -> Markup {
        html! { @if self.is_near(entry) { " " (parts::badge(Tone::Warn, self.word("alloc-near"))) } }
    }

    fn money_of(&self, entry: &Entry, choice: &Choice) -> Markup {
        let is_less = entry.asked.is_positive() && choice.money < entry.asked;
        html! {
            (self.guest.money(choice.money))
            @if is_less { br; small { (self.guest.say("alloc-of-asked", &json!({ "asked": entry.asked }))) } }
        }
    }

    fn payers(&self, choice: &Choice) -> Markup {
        html! {
            @for paid in &choice.paid {
                @let budget = usize::try_from(paid.budget).ok().and_then(|place| self.terms.budgets.get(place));
                @if let Some(budget) = budget {
                    div.note { (self.guest.pick(budget.name.zh(), budget.name.en())) " " (self.guest.money(paid.money)) }
                }
            }
        }
    }

    /// Those that get money.
    pub(super) fn ins(&self) -> Markup {
        let row = |choice: &Choice| {
            let entry = self.entry(choice.candidate)?;
            let mut cells = vec![
                html! { (self.named(entry)) (self.near_badge(entry)) },
                html! { (self.guest.link(entry.lead.id())) div.note { (self.guest.region(entry.lead_region)) } },
            ];
            if self.is_inside {
                cells.push(html! { (points(entry.score.into())) });
            }
            cells.extend([self.money_of(entry, choice), self.payers(choice)]);
            Some(Row::new(cells))
        };
        let mut chosen: Vec<&Choice> = self.chosen.iter().collect();
        let score = |choice: &Choice| self.entry(choice.candidate).map_or(0, |entry| entry.score);
        chosen.sort_by_key(|choice| std::cmp::Reverse(score(choice)));
        let mut columns = vec![Column::new(self.word("title")), Column::new(self.word("alloc-lead"))];
        if self.is_inside {
            columns.push(Column::end(self.word("alloc-score")));
        }
        columns.extend([Column::end(self.word("alloc-money")), Column::new(self.word("alloc-paid-by"))]);
        let empty = parts::Empty { title: self.word("alloc-none-yet").into(), ..Default::default() };
        parts::table(&Table {
            id: "in-table".into(),
            caption: self.word(if self.is_inside { "alloc-in-caption" } else { "alloc-in-plain" }).into(),
            columns,
            rows: chosen.into_iter().filter_map(row).collect(),
            empty,
            ..Table::default()
        })
    }

    /// Why this one is not in, in one sentence.
    fn reason(&self, entry: &Entry, why: Option<&Why>) -> Markup {
        let dropped = self.departures.iter().find(|one| one.candidate == entry.candidate);
        if let Some(departure) = dropped {
            return html! { (self.word("alloc-dropped")) (self.guest.pick("：", ": ")) (&*departure.reason) };
        }
        if let Some(said) = self.reserved_or_fallen(entry.candidate) {
            return html! { (said) };
        }
        if entry.standing == Standing::Never {
            return html! { (self.word("alloc-shut-out")) };
        }
        let Some(why) = why else { return html! { "–" } };
        let loses =
            (why.loses > 0).then(|| self.guest.say("alloc-loses", &json!({ "points": points(why.loses) })));
        html! {
            @if let Some(rival) = why.beaten_by.and_then(|rival| self.entry(rival)) {
                (self.word("alloc-beaten")) (self.guest.pick("：", ": ")) (self.named(rival))
                " (" (points(rival.score.into())) ")"
            } @else if why.margin > -1 {
                (self.word("alloc-at-line"))
            } @else {
                (self.guest.say("alloc-short", &json!({ "points": points(-why.margin) })))
                @for (place, weight) in why.weighs.iter().enumerate() {
                    @if place > 0 { (self.guest.pick("、", ", ")) } @else { (self.guest.pick("：", ": ")) }
                    (self.guest.pick(weight.rule.zh(), weight.rule.en())) " " (points(weight.points))
                }
            }
            @if let Some(loses) = loses { div.note { (loses) } }
        }
    }

    /// Those that get none, the nearest first.
    pub(super) fn outs(&self, can_try: bool) -> Markup {
        let whys = self.proposed.as_ref().map(|proposed| proposed.whys.as_slice()).unwrap_or_default();
        let why = |entry: &Entry| whys.iter().find(|why| why.candidate == entry.candidate);
        let mut out: Vec<&Entry> =
            self.entries.iter().filter(|entry| self.choice(entry.candidate).is_none()).collect();
        out.sort_by_key(|entry| {
            let why = why(entry);
            (why.map_or(i64::MAX, |why| why.loses.max(-why.margin)), entry.candidate)
        });
        let row = |entry: &&Entry| {
            let mut cells = vec![
                html! { (self.named(entry)) (self.near_badge(entry)) },
                self.guest.link(entry.lead.id()),
                html! { (points(entry.score.into())) },
                html! { (self.guest.money(entry.asked)) },
                self.reason(entry, why(entry)),
            ];
            if can_try {
                cells.push(
                    html! { a href={ (self.guest.visit.path) "?why=" (entry.candidate) "#answer" } { (self.word("alloc-why")) } },
                );
            }
            Row::new(cells)
        };
        let mut columns = vec![
            Column::new(self.word("title")),
            Column::new(self.word("alloc-lead")),
            Column::end(self.word("alloc-score")),
            Column::end(self.word("alloc-asked")),
            Column::new(self.word("alloc-reason")),
        ];
        if can_try {
            columns.push(Column::new(self.word("alloc-explore")));
        }
        let table = |id: &str, rows: &[&Entry]| {
            parts::table(&Table {
                id: id.into(),
                caption: self.word("alloc-out-caption").into(),
                columns: columns.clone(),
                rows: rows.iter().map(row).collect(),
                empty: parts::Empty { title: self.word("alloc-nobody-out").into(), ..Default::default() },
                ..Table::default()
            })
        };
        let (first, rest) = out.split_at_checked(OUT_SHOWN).unwrap_or((&out, &[]));
        html! {
            @if !can_try { (table("out-table", &out)) } @else {
                (table("out-table", first))
                @if !rest.is_empty() {
                    details.article {
                        summary { (self.guest.say("alloc-more-out", &json!({ "count": rest.len() }))) }
                        (table("out-rest", rest))
                    }
                }
            }
        }
    }

    /// Where the meeting departed from the proposal, with its rule and reason.
    pub(super) fn departed(&self) -> Markup {
        if !self.is_inside || self.proposed.is_none() || self.record.card.status == "proposed" {
            return html! {};
        }
        let words = self.clerk.words(self.guest.locale);
        let choice = |value: serde_json::Value| words.get("choice", value.as_str().unwrap_or("")).to_owned();
        let body = html! {
            @if self.departures.is_empty() { p { (self.word("alloc-no-departures")) } } @else {
                ul {
                    @for one in &self.departures {
                        li {
                            b { (choice(json!(one.kind))) } " "
                            @if let Some(entry) = self.entry(one.candidate) { (self.named(entry)) }
                            @if let Some(money) = one.money { " " (self.guest.money(money)) }
                            (self.guest.pick("。", ". ")) (choice(json!(one.ground))) (self.guest.pick("：", ": ")) (&*one.reason)
                            @if let Some(article) = self.guest.article(&one.rule) { (parts::article(&article)) }
                        }
                    }
                }
            }
        };
        self.part("departures", "alloc-departures", &body)
    }
}
