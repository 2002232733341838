//! Lower: a question becomes a model, and each row of the model knows which rule it stands for.

use serde::{Deserialize, Serialize};

use super::model::common;
use super::model::{Draft, Model, Row};
use super::places::{Places, add};
use super::question::{At, Fault, MONEY_MAX, Measure, Question, Standing, WHOLE, Wrong};
use super::share::{Span, burden, spans, together};

/// A rule, as people name it.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum Rule {
    /// The money of these pots in a year; with `carries`, of that year and those before.
    Pots { pots: Vec<u32>, year: u32, carries: bool },
    /// A quota.
    Quota(u32),
    /// An exclusive group.
    Exclusive(u32),
    /// A dependency.
    Needs(u32),
    /// A link.
    Linked(u32),
    /// A candidate that is promised.
    Must(u32),
}

/// A model and what its columns and rows mean.
#[derive(Debug, Clone, Default)]
pub struct Lowered {
    /// The model.
    pub model: Model,
    /// Candidate and level of each column.
    pub columns: Vec<(u32, u32)>,
    /// The rule behind each row.
    pub rules: Vec<Rule>,
    /// The first column of each candidate; one more than candidates.
    pub first: Vec<u32>,
}

impl Lowered {
    /// The model of a question that was checked, with the rules that `keeps` says.
    ///
    /// # Errors
    /// Pots that cannot share.
    pub fn of(question: &Question, keeps: &dyn Fn(&Rule) -> bool) -> Result<Self, Fault> {
        let mut lowering =
            Lowering { question, keeps, lowered: Self::default(), drafts: Vec::new(), is_too_large: false };
        lowering.columns();
        lowering.pots()?;
        lowering.quotas();
        let groups = lowering.groups();
        lowering.ties();
        if lowering.is_too_large {
            return Err(Fault { at: At::Whole, wrong: Wrong::TooLarge(MONEY_MAX) });
        }
        let Lowering { mut lowered, drafts, .. } = lowering;
        let score = lowered.columns.iter().map(|(candidate, level)| {
            question.candidates.get(*candidate as usize).map_or(0, |candidate| candidate.score_at(*level))
        });
        lowered.model = Model::new(score.collect(), groups, drafts);
        Ok(lowered)
    }

    /// The columns of a candidate.
    pub fn columns_of(&self, candidate: u32) -> std::ops::Range<u32> {
        self.first.at(candidate as usize)..self.first.at(candidate as usize + 1)
    }
}

struct Lowering<'a> {
    question: &'a Question,
    keeps: &'a dyn Fn(&Rule) -> bool,
    lowered: Lowered,
    drafts: Vec<Draft>,
    /// The sum of a row would not fit its whole numbers.
    is_too_large: bool,
}

impl Lowering<'_> {
    fn columns(&mut self) {
        let Lowered { columns, first, .. } = &mut self.lowered;
        for (candidate, number) in self.question.candidates.iter().zip(0..) {
            first.push(columns.len() as u32);
            if candidate.standing != Standing::Never {
                columns.extend((0..=candidate.levels.len() as u32).map(|level| (number, level)));
            }
        }
        first.push(columns.len() as u32);
    }

    fn row(&mut self, rule: Rule, row: Row, terms: Vec<(u32, i64)>) {
        if (self.keeps)(&rule) {
            let weight: i128 = terms.iter().map(|(_, coef)| i128::from(coef.unsigned_abs())).sum();
            self.is_too_large |= weight > i128::from(i64::MAX / 2);
            self.lowered.rules.push(rule);
            self.drafts.push(Draft { row, terms });
        }
    }

    fn pots(&mut self) -> Result<(), Fault> {
        for set in together(self.question)? {
            let mut spent: Vec<(u32, i64)> = Vec::new();
            let mut room = 0_i64;
            for year in 0..self.question.years() {
                let bills = self.bills(&set, year);
                let pots = self.question.pots.iter();
                let money: Vec<i64> = pots.map(|pot| pot.money.at(year)).collect();
                if let [pot] = *set {
                    let mut terms: Vec<(u32, i64)> = bills
                        .iter()
                        .map(|(column, money, spans)| (*column, burden(spans, *money, &[pot])))
                        .collect();
                    let carries = self.question.pots.get(pot as usize).is_some_and(|pot| pot.carries);
                    room = if carries { room + money.at(pot as usize) } else { money.at(pot as usize) };
                    if carries {
                        terms = merged(&spent, &terms);
                        spent.clone_from(&terms);
                    }
                    let rule = Rule::Pots { pots: vec![pot], year: year as u32, carries };
                    self.row(rule, Row { least: None, most: Some(room) }, terms);
                } else {
                    self.sharing(&set, year as u32, &bills, &money);
                }
            }
        }
        Ok(())
    }

    /// What each column costs in a year, and how the pots of a set and others may bear it.
    fn bills(&self, set: &[u32], year: usize) -> Vec<(u32, i64, Vec<Span>)> {
        let mut bills = Vec::new();
        for ((number, level), column) in self.lowered.columns.iter().zip(0..) {
            let Some(candidate) = self.question.candidates.get(*number as usize) else { continue };
            let money = candidate.money_at(*level, year);
            if money > 0 && candidate.payers.iter().any(|payer| set.contains(&payer.pot)) {
                bills.push((column, money, spans(candidate, money)));
            }
        }
        bills
    }

    /// A row for each set of pots that share; sets whose row says no more than its parts are left out.
    fn sharing(&mut self, set: &[u32], year: u32, bills: &[(u32, i64, Vec<Span>)], money: &[i64]) {
        let mut burdens: Vec<Vec<i64>> = vec![Vec::new()];
        for mask in 1_usize..1 << set.len() {
            let own = |place: &usize| mask & (1 << place) != 0;
            let places: Vec<usize> = (0..set.len()).filter(own).collect();
            let pots: Vec<u32> = places.iter().map(|place| set.at(*place)).collect();
            let burden: Vec<i64> =
                bills.iter().map(|(_, money, spans)| burden(spans, *money, &pots)).collect();
            let says_no_more = places.len() > 1
                && places.iter().any(|place| {
                    let (one, rest) = (burdens.get(1 << place), burdens.get(mask & !(1 << place)));
                    one.zip(rest).is_some_and(|(one, rest)| {
                        one.iter().zip(rest).zip(&burden).all(|((one, rest), both)| one + rest == *both)
                    })
                });
            if !says_no_more {
                let terms =
                    bills.iter().zip(&burden).map(|((column, ..), burden)| (*column, *burden)).collect();
                let most = Some(pots.iter().map(|pot| money.at(*pot as usize)).sum());
                self.row(Rule::Pots { pots, year, carries: false }, Row { least: None, most }, terms);
            }
            burdens.push(burden);
        }
    }

    fn quotas(&mut self) {
        for (quota, number) in self.question.quotas.iter().zip(0..) {
            let mut is_member = vec![false; self.question.candidates.len()];
            quota.members.iter().for_each(|member| is_member.put(*member as usize, true));
            let weight = |(candidate, level): &(u32, u32)| match quota.measure {
                Measure::Count | Measure::ShareOfCount => 1,
                Measure::Money | Measure::ShareOfMoney => {
                    self.question.candidates.get(*candidate as usize).map_or(0, |c| c.total_at(*level))
                }
            };
            let members = |columns: &[(u32, u32)], inside: i64, outside: i64| -> Vec<(u32, i64)> {
                let factor = |candidate: u32| if is_member.at(candidate as usize) { inside } else { outside };
                let term = |(of, column): (&(u32, u32), u32)| (column, weight(of) * factor(of.0));
                columns.iter().zip(0..).map(term).filter(|(_, coef)| *coef != 0).collect()
            };
            let columns = &self.lowered.columns;
            let rows: Vec<(Row, Vec<(u32, i64)>)> = match quota.measure {
                Measure::Count | Measure::Money => {
                    vec![(Row { least: quota.least, most: quota.most }, members(columns, 1, 0))]
                }
                // A share of the whole: (1 − share)·members − share·others, on the right side of nothing.
                Measure::ShareOfCount | Measure::ShareOfMoney => {
                    let terms = |share: i64| {
                        let whole = i64::from(WHOLE);
                        let divisor =
                            i64::try_from(common(share.unsigned_abs(), u64::from(WHOLE))).unwrap_or(1);
                        members(columns, (whole - share) / divisor, -share / divisor)
                    };
                    let least = quota.least.map(|share| (Row { least: Some(0), most: None }, terms(share)));
                    let most = quota.most.map(|share| (Row { least: None, most: Some(0) }, terms(share)));
                    least.into_iter().chain(most).collect()
                }
            };
            for (row, terms) in rows {
                self.row(Rule::Quota(number), row, terms);
            }
        }
    }

    /// Groups that share no column: exclusive ones first, the widest before others; what overlaps becomes a row.
    fn groups(&mut self) -> Vec<Vec<u32>> {
        let mut is_used = vec![false; self.lowered.columns.len()];
        let mut groups = Vec::new();
        let mut order: Vec<(u32, Vec<u32>)> = Vec::new();
        for (members, number) in self.question.exclusive.iter().zip(0..) {
            let columns: Vec<u32> =
                members.iter().flat_map(|member| self.lowered.columns_of(*member)).collect();
            order.push((number, columns));
        }
        order.sort_by_key(|(number, columns)| (std::cmp::Reverse(columns.len()), *number));
        for (number, columns) in order {
            if columns.len() < 2 || !(self.keeps)(&Rule::Exclusive(number)) {
                continue;
            }
            if columns.iter().any(|column| is_used.at(*column as usize)) {
                let terms = columns.into_iter().map(|column| (column, 1)).collect();
                self.row(Rule::Exclusive(number), Row { least: None, most: Some(1) }, terms);
            } else {
                columns.iter().for_each(|column| is_used.put(*column as usize, true));
                groups.push(columns);
            }
        }
        for candidate in 0..self.question.candidates.len() as u32 {
            let columns: Vec<u32> = self.lowered.columns_of(candidate).collect();
            if columns.len() > 1 && !columns.iter().any(|column| is_used.at(*column as usize)) {
                groups.push(columns);
            }
        }
        groups
    }

    fn ties(&mut self) {
        let terms = |lowered: &Lowered, candidate: u32, coef: i64| -> Vec<(u32, i64)> {
            lowered.columns_of(candidate).map(|column| (column, coef)).collect()
        };
        for ((one, other), number) in self.question.needs.iter().zip(0..) {
            let both = merged(&terms(&self.lowered, *one, 1), &terms(&self.lowered, *other, -1));
            self.row(Rule::Needs(number), Row { least: None, most: Some(0) }, both);
        }
        for (members, number) in self.question.linked.iter().zip(0..) {
            for pair in members.windows(2) {
                let both =
                    merged(&terms(&self.lowered, pair.at(0), 1), &terms(&self.lowered, pair.at(1), -1));
                self.row(Rule::Linked(number), Row { least: Some(0), most: Some(0) }, both);
            }
        }
        for (candidate, number) in self.question.candidates.iter().zip(0..) {
            if candidate.standing == Standing::Must {
                let own = terms(&self.lowered, number, 1);
                self.row(Rule::Must(number), Row { least: Some(1), most: None }, own);
            }
        }
    }
}

/// The sum of two lists of terms.
fn merged(one: &[(u32, i64)], other: &[(u32, i64)]) -> Vec<(u32, i64)> {
    let last = one.iter().chain(other).map(|(column, _)| *column as usize + 1).max().unwrap_or(0);
    let mut sums = vec![0; last];
    one.iter().chain(other).for_each(|(column, coef)| add(&mut sums, *column as usize, *coef));
    (0..).zip(sums).filter(|(_, coef)| *coef != 0).collect()
}
