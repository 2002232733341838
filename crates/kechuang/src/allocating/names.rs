//! Names: what people call a rule, and which proposals they name.

use engines::allocation::{Measure, Rule};
use grammar::words::Locale;
use serde_json::{Value, json};

use super::{intake::Intake, rules::refused};
use crate::{
    book::yuan,
    speech::{Trouble, say},
};

impl Intake {
    /// The places of proposals by their ids.
    ///
    /// # Errors
    /// An id that no proposal has.
    pub fn asked<'a>(&self, ids: impl Iterator<Item = &'a String>) -> Result<Vec<u32>, Trouble> {
        let place = |id: &String| {
            let place = self.question.candidates.iter().position(|own| own.id == *id);
            place.map(|place| place as u32).ok_or_else(|| {
                refused("allocate-unknown", json!({ "path": self.path.display().to_string(), "id": id }))
            })
        };
        ids.map(place).collect()
    }

    /// A rule with its bounds.
    pub fn bounded(&self, rule: &Rule, locale: Locale) -> String {
        let own = match rule {
            Rule::Quota(quota) => self.question.quotas.get(*quota as usize),
            _ => None,
        };
        let Some(quota) = own else { return self.named(rule, locale) };
        let shown = |value: i64| match quota.measure {
            Measure::Count => value.to_string(),
            Measure::Money => yuan(value.into()),
            Measure::ShareOfCount | Measure::ShareOfMoney => format!("{} %", value as f64 / 10_000.0),
        };
        let bound = |key: &str, value: Option<i64>| {
            value.map(|value| say(locale, "allocate", key, &json!({ "value": shown(value) })))
        };
        let bounds = bound("bound-least", quota.least).into_iter().chain(bound("bound-most", quota.most));
        let bounds = bounds.collect::<Vec<_>>().join(", ");
        say(locale, "allocate", "rule-quota", &json!({ "name": quota.name, "bounds": bounds }))
    }

    /// A rule as people call it.
    pub fn named(&self, rule: &Rule, locale: Locale) -> String {
        let question = &self.question;
        let id = |one: u32| question.candidates.get(one as usize).map_or("", |own| own.id.as_str());
        let ids = |group: Option<&Vec<u32>>| {
            let few: Vec<&str> = group.into_iter().flatten().take(6).map(|one| id(*one)).collect();
            few.join(", ")
        };
        let named = |key: &str, facts: Value| say(locale, "allocate", key, &facts);
        match rule {
            Rule::Pots { pots, year, .. } => {
                let names = pots
                    .iter()
                    .filter_map(|pot| question.pots.get(*pot as usize))
                    .map(|pot| pot.name.as_str());
                let names = names.collect::<Vec<_>>().join(" + ");
                named("rule-pots", json!({ "pots": names, "year": year + 1 }))
            }
            Rule::Quota(quota) => {
                question.quotas.get(*quota as usize).map_or(String::new(), |quota| quota.name.clone())
            }
            Rule::Exclusive(group) => {
                named("rule-exclusive", json!({ "ids": ids(question.exclusive.get(*group as usize)) }))
            }
            Rule::Linked(group) => {
                named("rule-linked", json!({ "ids": ids(question.linked.get(*group as usize)) }))
            }
            Rule::Needs(pair) => {
                let (one, other) = question.needs.get(*pair as usize).copied().unwrap_or_default();
                named("rule-needs", json!({ "id": id(one), "other": id(other) }))
            }
            Rule::Must(one) => named("rule-must", json!({ "id": id(*one) })),
        }
    }
}
