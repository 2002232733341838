//! Book: the decision in sheets: each proposal with its reason, each rule with its price, each question with
//! its answer, and who pays what.

use engines::allocation::{Reason, Rule, Standing};
use grammar::words::Locale;
use serde_json::{Value, json};

use super::{Asked, Decision, points};
use crate::{
    book::{Cell, Sheet, yuan},
    speech::say,
};

/// Rules named in one reason.
const NAMED_MAX: usize = 3;
/// A tenth of a point, in the engine's whole numbers.
const TENTH: f64 = 1_000.0;

impl Decision<'_> {
    fn id(&self, candidate: u32) -> &str {
        self.question.candidates.get(candidate as usize).map_or("", |own| own.id.as_str())
    }

    fn ids(&self, list: &[u32]) -> String {
        list.iter().map(|one| self.id(*one)).collect::<Vec<_>>().join(", ")
    }

    fn points(&self, score: i64) -> String {
        points(score / self.unit)
    }

    /// Points of a price, to a tenth: finer ones say nothing to people.
    fn margin(&self, points_of: f64) -> String {
        points((points_of / self.unit as f64 / TENTH).round() as i64 * TENTH as i64)
    }

    /// How well the choice is proved: a key of words.
    pub(super) fn proved(&self) -> &'static str {
        if self.proposal.bound == self.proposal.value { "best" } else { "gap" }
    }

    /// The whole in a few numbers.
    pub(super) fn facts(&self, _: Locale) -> Value {
        let given: i64 =
            self.proposal.awards.iter().map(|award| self.given(award.candidate, award.level)).sum();
        let gap =
            (self.proposal.bound - self.proposal.value) as f64 / self.proposal.bound.max(1) as f64 * 100.0;
        json!({
            "funded": self.proposal.awards.len(), "rows": self.question.candidates.len(), "money": yuan(given.into()),
            "value": self.points(self.proposal.value), "bound": self.points(self.proposal.bound),
            "gap": format!("{gap:.4}"), "moves": points(self.moves),
            "steady": self.may_flip.iter().filter(|may| !**may).count(),
        })
    }

    fn given(&self, candidate: u32, level: u32) -> i64 {
        self.question.candidates.get(candidate as usize).map_or(0, |own| own.total_at(level))
    }

    /// All sheets of the book.
    pub(super) fn sheets(&self, locale: Locale) -> Vec<Sheet> {
        vec![self.decisions(locale), self.rules(locale), self.questions(locale), self.payments(locale)]
    }

    fn sheet(&self, locale: Locale, name: &'static str, header: &[&str], rows: Vec<Vec<Cell>>) -> Sheet {
        let word = |key: &str| say(locale, "allocate", key, &json!({}));
        Sheet { name, title: word(name), header: header.iter().map(|key| word(key)).collect(), rows }
    }

    /// Each proposal, its place and the reason for it.
    pub(super) fn decisions(&self, locale: Locale) -> Sheet {
        let word = |key: &str| say(locale, "allocate", key, &json!({}));
        let mut rows = Vec::new();
        let original = &self.intake.question.candidates;
        for ((reason, own), name) in self.explorer.reasons().iter().zip(original).zip(&self.intake.names) {
            let given = reason.level.map_or(0, |level| own.total_at(level));
            let is_part = reason.level.is_some_and(|level| level > 0);
            let place = match reason.level {
                Some(_) if is_part => "part",
                Some(_) => "in",
                None => "out",
            };
            let may_flip = self.may_flip.get(reason.candidate as usize).copied().unwrap_or(true);
            rows.push(vec![
                own.id.as_str().into(),
                name.as_str().into(),
                word(place).as_str().into(),
                points(own.score).as_str().into(),
                Cell::Fen(own.total_at(0).into()),
                Cell::Fen(given.into()),
                self.reason(reason, locale).as_str().into(),
                word(if may_flip { "may-flip" } else { "steady" }).as_str().into(),
            ]);
        }
        let header = ["id", "name", "decision", "score", "asked", "given", "reason", "if-scores-move"];
        self.sheet(locale, "decisions", &header, rows)
    }

    /// The reason for a proposal's place, as a sentence.
    pub(super) fn reason(&self, reason: &Reason, locale: Locale) -> String {
        let standing = self.question.candidates.get(reason.candidate as usize).map(|own| own.standing);
        let is_in = reason.level.is_some();
        let key = match (standing, is_in) {
            (Some(Standing::Must), true) => "why-must",
            (Some(Standing::Never), false) => "why-never",
            (_, false) if reason.beaten_by.is_some() => "why-rival",
            (_, true) if reason.margin.abs() < TENTH * self.unit as f64 / 2.0 => "why-line-in",
            (_, false) if reason.margin.abs() < TENTH * self.unit as f64 / 2.0 => "why-line-out",
            (_, true) if reason.margin > 0.0 => "why-earns",
            (_, true) => "why-fits",
            (_, false) if reason.margin < 0.0 => "why-short",
            (_, false) => "why-unfit",
        };
        let named = reason.paid.iter().filter(|(_, paid)| if is_in { *paid != 0.0 } else { *paid > 0.0 });
        let named: Vec<String> = named
            .take(NAMED_MAX)
            .map(|(rule, paid)| {
                let facts = json!({ "rule": self.intake.named(rule, locale), "points": self.margin(*paid) });
                say(locale, "allocate", "takes", &facts)
            })
            .collect();
        let comma = if locale == Locale::Zh { "，" } else { ", " };
        let facts = json!({
            "margin": self.margin(reason.margin.abs()), "loses": self.margin(reason.loses as f64), "takes": named.join(comma),
            "rival": reason.beaten_by.map_or("", |rival| self.id(rival)),
        });
        let mut text = say(locale, "allocate", key, &facts);
        let is_plain = ["why-earns", "why-short"].contains(&key);
        if is_plain && reason.loses > 0 {
            text.push_str(&say(
                locale,
                "allocate",
                if is_in { "why-loses-in" } else { "why-loses-out" },
                &facts,
            ));
        }
        if let Some((order, _)) = &self.lot
            && let Some(place) = order.iter().position(|one| *one == reason.candidate)
        {
            let facts = json!({ "place": place + 1, "count": order.len() });
            text.push_str(&say(locale, "allocate", "why-lot", &facts));
        }
        text
    }

    /// Each rule that binds or could: its bounds, what is used, its price.
    pub(super) fn rules(&self, locale: Locale) -> Sheet {
        let mut rows = Vec::new();
        for pressure in self.explorer.pressures() {
            let shares = |quota: &u32| {
                let quota = self.question.quotas.get(*quota as usize);
                quota.map(|quota| quota.measure)
            };
            let measure = match &pressure.rule {
                Rule::Pots { .. } => Some(engines::allocation::Measure::Money),
                Rule::Quota(quota) => shares(quota),
                _ => continue,
            };
            use engines::allocation::Measure;
            let shown = |amount: i64| match measure {
                Some(Measure::Money) => Cell::Fen(amount.into()),
                Some(Measure::Count) => Cell::Text(amount.to_string()),
                _ => Cell::Text(String::new()),
            };
            let bound = |bound: Option<i64>| bound.map_or(Cell::Text(String::new()), shown);
            // A price for each fen says nothing to people: ten thousand yuan does.
            let unit = if measure == Some(Measure::Money) { 1e6 } else { 1.0 };
            let price = match measure {
                Some(Measure::Money | Measure::Count) => self.margin(pressure.price * unit),
                _ => self.margin(pressure.price * pressure.used as f64),
            };
            rows.push(vec![
                self.intake.named(&pressure.rule, locale).as_str().into(),
                bound(pressure.least),
                bound(pressure.most),
                shown(self.paid_by(&pressure.rule).unwrap_or(pressure.used)),
                price.as_str().into(),
            ]);
        }
        self.sheet(locale, "rules", &["rule", "least", "most", "used", "price"], rows)
    }

    /// What the pots of a rule really pay by its year: more than they must, where others could have paid too.
    fn paid_by(&self, rule: &Rule) -> Option<i64> {
        let Rule::Pots { pots, year, carries } = rule else { return None };
        let paid = self.proposal.awards.iter().flat_map(|award| &award.paid);
        let own = paid.filter(|paid| {
            pots.contains(&paid.pot) && (paid.year == *year || (*carries && paid.year < *year))
        });
        Some(own.map(|paid| paid.money).sum())
    }

    /// What was asked besides.
    pub(super) fn questions(&self, locale: Locale) -> Sheet {
        let mut rows = Vec::new();
        for (asked, change) in &self.changes {
            let pot = |pot: u32| self.question.pots.get(pot as usize).map_or("", |pot| pot.name.as_str());
            let quota =
                |quota: u32| self.question.quotas.get(quota as usize).map_or("", |quota| quota.name.as_str());
            let is_in = |one: u32| self.proposal.awards.iter().any(|award| award.candidate == one);
            let (key, facts) = match asked {
                Asked::Turned(one) if is_in(*one) => ("what-without", json!({ "id": self.id(*one) })),
                Asked::Turned(one) => ("what-with", json!({ "id": self.id(*one) })),
                Asked::Million { pot: number, year } => {
                    ("what-million", json!({ "pot": pot(*number), "year": year + 1 }))
                }
                Asked::Without(number) => ("what-relaxed", json!({ "rule": quota(*number) })),
            };
            let gain = change.value.map(|value| value.saturating_sub(self.proposal.value));
            let most = change.bound.saturating_sub(self.proposal.value);
            let none = || say(locale, "allocate", "no-choice", &json!({}));
            rows.push(vec![
                say(locale, "allocate", key, &facts).as_str().into(),
                gain.map_or_else(none, |gain| self.points(gain)).as_str().into(),
                (if gain.is_some() { self.points(most) } else { String::new() }).as_str().into(),
                self.ids(&change.comes).as_str().into(),
                self.ids(&change.goes).as_str().into(),
            ]);
        }
        self.sheet(locale, "questions", &["question", "gain", "gain-most", "comes", "goes"], rows)
    }

    /// Who pays what, year by year.
    fn payments(&self, locale: Locale) -> Sheet {
        let mut rows = Vec::new();
        for award in &self.proposal.awards {
            for paid in &award.paid {
                let pot = self.question.pots.get(paid.pot as usize).map_or("", |pot| pot.name.as_str());
                rows.push(vec![
                    self.id(award.candidate).into(),
                    pot.into(),
                    (paid.year + 1).to_string().as_str().into(),
                    Cell::Fen(paid.money.into()),
                ]);
            }
        }
        self.sheet(locale, "payments", &["id", "pot", "year", "given"], rows)
    }
}
