//! Question: what an engine is asked, made from the terms and the entries alone, so that anyone can ask it again.

use std::collections::BTreeMap;

use engines::allocation as engine;
use grammar::prelude::*;

use super::{Allocation, Choice, Entry, Measure, Over, Payment, Quota, Standing, Terms};

/// Percent in millionths.
const PERCENT: i64 = engine::WHOLE as i64 / 100;

impl Allocation {
    /// The question of this allocation. Scores are hundredths of a point, money is fen, in one year.
    #[must_use]
    pub fn question(&self) -> engine::Question {
        let mut quotas: Vec<engine::Quota> =
            self.terms.quotas.iter().map(|quota| self.quota(quota)).collect();
        if let Some(most) = self.terms.per_lead_max {
            quotas.extend(self.leads().into_iter().map(|(lead, members)| engine::Quota {
                name: lead.as_str().to_owned(),
                members,
                measure: engine::Measure::Count,
                least: None,
                most: Some(most.get()),
            }));
        }
        engine::Question {
            candidates: self.entries.iter().map(candidate).collect(),
            pots: pots(&self.terms),
            quotas,
            exclusive: self.rivals(),
            needs: vec![],
            linked: vec![],
        }
    }

    fn quota(&self, quota: &Quota) -> engine::Quota {
        let counts = |entry: &Entry| match quota.over {
            Over::Region => quota.quota_region.is_some_and(|region| region.covers(entry.lead_region)),
            Over::Field => quota.field.map(crate::field::Field::word) == entry.field,
            Over::Institution => quota.institution == Some(entry.lead),
            Over::Young => entry.young,
            Over::All => true,
        };
        let scale = |bound: Option<Between<0, 1000>>, by: i64| bound.map(|bound| bound.get() * by);
        let fen = |money: Option<Money>| money.map(|money| money.in_fen().max(0));
        let (measure, least, most) = match quota.measure {
            Measure::Count => (engine::Measure::Count, scale(quota.least, 1), scale(quota.most, 1)),
            Measure::Money => (engine::Measure::Money, fen(quota.least_money), fen(quota.most_money)),
            Measure::PercentOfCount => {
                let measure = engine::Measure::ShareOfCount;
                (measure, scale(quota.least, PERCENT), scale(quota.most, PERCENT))
            }
            Measure::PercentOfMoney => {
                let measure = engine::Measure::ShareOfMoney;
                (measure, scale(quota.least, PERCENT), scale(quota.most, PERCENT))
            }
        };
        let members = (0..).zip(&self.entries).filter(|(_, entry)| counts(entry));
        let members = members.map(|(place, _)| place).collect();
        engine::Quota { name: quota.name.joined(), members, measure, least, most }
    }

    /// Those that answer the same need.
    fn rivals(&self) -> Vec<Vec<u32>> {
        let mut groups: BTreeMap<Id, Vec<u32>> = BTreeMap::new();
        if self.terms.one_per_need {
            for (entry, place) in self.entries.iter().zip(0..) {
                if let Some(need) = entry.need {
                    groups.entry(need.id()).or_default().push(place);
                }
            }
        }
        groups.into_values().filter(|group| group.len() > 1).collect()
    }

    /// The candidates of each lead that has more than it may win.
    fn leads(&self) -> BTreeMap<Id, Vec<u32>> {
        let mut leads: BTreeMap<Id, Vec<u32>> = BTreeMap::new();
        for (entry, place) in self.entries.iter().zip(0..) {
            leads.entry(entry.lead.id()).or_default().push(place);
        }
        let most = self.terms.per_lead_max.map_or(i64::MAX, Between::get);
        leads.retain(|_, members| i64::try_from(members.len()).is_ok_and(|count| count > most));
        leads
    }

    /// The rule behind a price or a doubt, as people name it.
    pub(super) fn name_of(&self, rule: &engine::Rule) -> Bilingual<120> {
        let at = |place: u32| usize::try_from(place).unwrap_or(usize::MAX);
        let words = |zh, en| Bilingual { zh: Text::read(zh), en: Text::read(en) };
        match rule {
            engine::Rule::Pots { pots, .. } => {
                let budget = pots.first().and_then(|pot| self.terms.budgets.get(at(*pot)));
                budget.map_or_else(|| words("经费", "budget"), |budget| budget.name.clone())
            }
            engine::Rule::Quota(place) => match self.terms.quotas.get(at(*place)) {
                Some(quota) => quota.name.clone(),
                None => words("同一牵头单位的数量", "candidates of one lead"),
            },
            engine::Rule::Exclusive(_) => words("每项需求至多一个", "one for each need"),
            engine::Rule::Must(_) => words("已承诺支持", "promised already"),
            engine::Rule::Needs(_) | engine::Rule::Linked(_) => words("关联", "linked"),
        }
    }

    /// Awards of the engine in the words of this desk.
    pub(super) fn choices(&self, awards: &[engine::Award]) -> Vec<Choice> {
        let choice = |award: &engine::Award| {
            let entry = self.entries.get(usize::try_from(award.candidate).ok()?)?;
            let paid = award.paid.iter();
            let paid: Vec<Payment> =
                paid.map(|paid| Payment { budget: paid.pot, money: Money::fen(paid.money) }).collect();
            let money = paid.iter().map(|paid| paid.money).sum();
            Some(Choice { candidate: entry.candidate, money, paid })
        };
        awards.iter().filter_map(choice).collect()
    }
}

fn pots(terms: &Terms) -> Vec<engine::Pot> {
    let pot = |budget: &super::Budget| engine::Pot {
        name: budget.name.joined(),
        money: vec![budget.money.in_fen()],
        carries: false,
    };
    terms.budgets.iter().map(pot).collect()
}

/// A candidate with its smaller amount, whose worth is the same part of its score.
fn candidate(entry: &Entry) -> engine::Candidate {
    let (asked, whole) = (i128::from(entry.asked.in_fen()), i128::from(engine::WHOLE));
    let level = entry.least.and_then(|least| {
        let part = (i128::from(least.in_fen()) * whole + asked - 1) / asked.max(1);
        let part = u32::try_from(part).ok().filter(|part| (1..engine::WHOLE).contains(part))?;
        let score = i64::from(entry.score) * i64::from(part) / i64::from(engine::WHOLE);
        Some(engine::Level { part, score })
    });
    let payer = |&(pot, part): &(u32, u32)| engine::Payer { pot, least: part, most: part };
    engine::Candidate {
        id: entry.candidate.as_str().to_owned(),
        money: vec![entry.asked.in_fen()],
        score: i64::from(entry.score),
        levels: level.into_iter().collect(),
        payers: entry.parts.iter().map(payer).collect(),
        standing: match entry.standing {
            Standing::Open => engine::Standing::Open,
            Standing::Must => engine::Standing::Must,
            Standing::Never => engine::Standing::Never,
        },
    }
}
