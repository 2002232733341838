//! Why: the reasons behind a proposal, from the same prices that prove it, and exact answers where they are asked
//! for by a solve under one more condition.

use serde::{Deserialize, Serialize};

use super::bound::{Bound, Fate};
use super::check::Proposal;
use super::lower::{Lowered, Rule};
use super::places::{Places, add};
use super::question::{Fault, Question};
use super::solve::{Progress, Solved, Wish, solve};

/// What a rule costs, and how much of it is used.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Pressure {
    /// The rule.
    pub rule: Rule,
    /// Points that one more unit (fen, candidate) would bring at most; below zero where a floor costs points.
    pub price: f64,
    /// The sum that the choice reaches, in units of the row.
    pub used: i64,
    /// The row's bounds.
    pub least: Option<i64>,
    /// The row's bounds.
    pub most: Option<i64>,
}

/// Why a candidate is in or out.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// The candidate.
    pub candidate: u32,
    /// The level at which it is funded; `None` if it is not.
    pub level: Option<u32>,
    /// Its score beyond what it pays for money and rules at their prices, in points: of the level funded, else
    /// of the best one.
    pub margin: f64,
    /// What each rule takes of its score, or gives where a floor wants it; the greatest first. Points.
    pub paid: Vec<(Rule, f64)>,
    /// A group in which another is funded.
    pub beaten_by: Option<u32>,
    /// What a choice with it instead (or without it) loses at least; 0 if the prices cannot tell. Points.
    pub loses: i64,
}

impl Pressure {
    /// What so many more units would bring at most, in whole points.
    #[must_use]
    pub fn worth(&self, units: i64) -> i64 {
        (self.price * units as f64).round() as i64
    }
}

impl Reason {
    /// The margin in whole points.
    #[must_use]
    pub fn points(&self) -> i64 {
        self.margin.round() as i64
    }

    /// What each rule takes, in whole points; the greatest first.
    pub fn weights(&self) -> impl Iterator<Item = (&Rule, i64)> {
        self.paid.iter().map(|(rule, points)| (rule, points.round() as i64))
    }
}

/// What becomes of the choice under one more condition.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Change {
    /// The value then; `None` if nothing obeys every rule.
    pub value: Option<i64>,
    /// No choice under the condition is worth more.
    pub bound: i64,
    /// Who would come in, by place.
    pub comes: Vec<u32>,
    /// Who would go out.
    pub goes: Vec<u32>,
}

/// A proposal and what answers questions about it.
#[derive(Debug)]
pub struct Explorer<'a> {
    question: &'a Question,
    proposal: &'a Proposal,
    lowered: Lowered,
    bound: Bound,
    levels: Vec<Option<u32>>,
}

impl<'a> Explorer<'a> {
    /// Prepares answers about a proposal.
    ///
    /// # Errors
    /// The question cannot be asked.
    pub fn new(question: &'a Question, proposal: &'a Proposal) -> Result<Self, Fault> {
        question.check()?;
        let lowered = Lowered::of(question, &|_| true)?;
        let prices = &proposal.certificate.prices;
        let bound = Bound::of(&lowered.model, prices, &[], true).unwrap_or_default();
        let mut levels = vec![None; question.candidates.len()];
        for award in &proposal.awards {
            levels.put(award.candidate as usize, Some(award.level));
        }
        Ok(Self { question, proposal, lowered, bound, levels })
    }

    fn points(&self, number: i128) -> f64 {
        number as f64 / (1_u64 << self.proposal.certificate.prices.shift.min(63)) as f64
    }

    fn taken(&self) -> Vec<bool> {
        let is_taken = |(candidate, level): &(u32, u32)| self.levels.at(*candidate as usize) == Some(*level);
        self.lowered.columns.iter().map(is_taken).collect()
    }

    /// Every rule with its price and use.
    pub fn pressures(&self) -> Vec<Pressure> {
        let model = &self.lowered.model;
        let spread = self.proposal.certificate.prices.spread(model.rows.len());
        let mut used = vec![0_i64; model.rows.len()];
        for (column, _) in self.taken().iter().enumerate().filter(|(_, taken)| **taken) {
            model.column(column).iter().for_each(|(row, coef)| add(&mut used, *row as usize, *coef));
        }
        let pressure = |(rule, place): (&Rule, usize)| {
            let (row, divisor) = (model.rows.at(place), model.divisors.at(place).max(1));
            Pressure {
                rule: rule.clone(),
                price: self.points(i128::from(spread.at(place))) / divisor as f64,
                used: used.at(place).saturating_mul(divisor),
                least: row.least.map(|least| least.saturating_mul(divisor)),
                most: row.most.map(|most| most.saturating_mul(divisor)),
            }
        };
        self.lowered.rules.iter().zip(0..).map(pressure).collect()
    }

    /// Why each candidate is in or out.
    pub fn reasons(&self) -> Vec<Reason> {
        let model = &self.lowered.model;
        let prices = &self.proposal.certificate.prices;
        let spread = prices.spread(model.rows.len());
        let mut rivals: Vec<Option<u32>> = vec![None; self.question.candidates.len()];
        for group in &self.question.exclusive {
            let funded = group.iter().copied().find(|member| self.levels.at(*member as usize).is_some());
            for member in group.iter().filter(|member| Some(**member) != funded) {
                let rival = rivals.at(*member as usize).or(funded);
                rivals.put(*member as usize, rival);
            }
        }
        let mut reasons = Vec::with_capacity(self.question.candidates.len());
        for candidate in 0..self.question.candidates.len() as u32 {
            let level = self.levels.at(candidate as usize);
            let columns = self.lowered.columns_of(candidate);
            let own = columns.clone().find(|column| {
                level.is_some_and(|level| {
                    self.lowered.columns.get(*column as usize) == Some(&(candidate, level))
                })
            });
            let best = own.or_else(|| columns.max_by_key(|column| self.bound.earns.at(*column as usize)));
            let Some(column) = best.map(|column| column as usize) else {
                reasons.push(Reason {
                    candidate,
                    level,
                    margin: 0.0,
                    paid: Vec::new(),
                    beaten_by: None,
                    loses: 0,
                });
                continue;
            };
            let mut paid: Vec<(Rule, f64)> = Vec::new();
            for (row, coef) in model.column(column) {
                let price = spread.at(*row as usize);
                if let Some(rule) = self.lowered.rules.get(*row as usize).filter(|_| price != 0) {
                    paid.push((rule.clone(), self.points(i128::from(price) * i128::from(*coef))));
                }
            }
            paid.sort_by(|a, b| b.1.abs().total_cmp(&a.1.abs()));
            let (with, without) = self.bound.forced(model, column);
            let other = if level.is_some() { without } else { with };
            let other =
                other.map_or(i64::MIN, |other| i64::try_from(other >> prices.shift).unwrap_or(i64::MAX));
            reasons.push(Reason {
                candidate,
                level,
                margin: self.points(self.bound.earns.at(column)),
                paid,
                beaten_by: rivals.at(candidate as usize).filter(|_| level.is_none()),
                loses: self.proposal.value.saturating_sub(other).max(0),
            });
        }
        reasons
    }

    /// What the best choice would be with a candidate that is out, or without one that is in.
    pub fn turned(&self, candidate: u32, wish: Wish, watch: &mut dyn FnMut(Progress) -> bool) -> Change {
        let mut fates = vec![Fate::Open; self.lowered.model.columns()];
        if self.levels.at(candidate as usize).is_some() {
            for column in self.lowered.columns_of(candidate) {
                fates.put(column as usize, Fate::Out);
            }
            return self.change(&solve(&self.lowered.model, &fates, wish, watch));
        }
        let mut best: Option<Change> = None;
        for column in self.lowered.columns_of(candidate) {
            fates.fill(Fate::Open);
            fates.put(column as usize, Fate::In);
            let change = self.change(&solve(&self.lowered.model, &fates, wish, watch));
            let bound = best.as_ref().map_or(i64::MIN, |best| best.bound).max(change.bound);
            if best.as_ref().is_none_or(|best| change.value > best.value) {
                best = Some(change);
            }
            best.iter_mut().for_each(|best| best.bound = bound);
        }
        best.unwrap_or(Change { value: None, bound: i64::MIN, comes: Vec::new(), goes: Vec::new() })
    }

    fn change(&self, solved: &Solved) -> Change {
        let Some((taken, value)) = &solved.best else {
            return Change { value: None, bound: solved.bound, comes: Vec::new(), goes: Vec::new() };
        };
        let mut is_in = vec![false; self.question.candidates.len()];
        for ((candidate, _), taken) in self.lowered.columns.iter().zip(taken) {
            if *taken {
                is_in.put(*candidate as usize, true);
            }
        }
        difference(&self.levels, &is_in, Some(*value), solved.bound)
    }

    /// What another question would change: more money in a pot, a rule relaxed, scores moved. The other question must
    /// have the same candidates in the same order.
    ///
    /// # Errors
    /// The other question cannot be asked.
    pub fn compared(
        &self,
        other: &Question,
        wish: Wish,
        watch: &mut dyn FnMut(Progress) -> bool,
    ) -> Result<Change, Fault> {
        other.check()?;
        let lowered = Lowered::of(other, &|_| true)?;
        let solved = solve(&lowered.model, &[], wish, watch);
        let mut is_in = vec![false; self.question.candidates.len()];
        let taken = solved.best.as_ref().map(|(taken, _)| taken.as_slice()).unwrap_or_default();
        for ((candidate, _), taken) in lowered.columns.iter().zip(taken) {
            if *taken {
                is_in.put(*candidate as usize, true);
            }
        }
        Ok(difference(&self.levels, &is_in, solved.best.map(|(_, value)| value), solved.bound))
    }

    /// The candidates whose place may change if each score moves by at most `points`; all others stay where they are
    /// however the scores move. In the order of the question.
    ///
    /// The worst for the choice is that all in it fall and all others rise: whatever beats it under some moves
    /// beats it under these. So one bound under these scores tells for every candidate at once.
    pub fn may_flip(&self, points: i64) -> Vec<u32> {
        let mut moved = self.lowered.model.clone();
        let taken = self.taken();
        let mut value = self.proposal.value;
        for (score, taken) in moved.score.iter_mut().zip(&taken) {
            let change = if *taken { points.saturating_neg() } else { points };
            *score = score.saturating_add(change);
            value = value.saturating_add(if *taken { change } else { 0 });
        }
        let prices = &self.proposal.certificate.prices;
        let Some(bound) = Bound::of(&moved, prices, &[], true) else {
            return (0..self.levels.len() as u32).collect();
        };
        let target = i128::from(value) << prices.shift;
        let may = |candidate: &u32| {
            let columns = self.lowered.columns_of(*candidate);
            let is_in = self.levels.at(*candidate as usize).is_some();
            let turned = columns.filter(|column| taken.at(*column as usize) == is_in).map(|column| {
                let (with, without) = bound.forced(&moved, column as usize);
                if is_in { without } else { with }
            });
            turned.flatten().any(|total| total >= target)
        };
        (0..self.levels.len() as u32).filter(may).collect()
    }

    /// The candidates nearest to the line: those whose margin is at most `points` either way, at these prices.
    pub fn near_line(&self, points: f64) -> Vec<u32> {
        let near = |reason: &Reason| reason.margin.abs() <= points && reason.beaten_by.is_none();
        self.reasons().iter().filter(|reason| near(reason)).map(|reason| reason.candidate).collect()
    }
}

fn difference(levels: &[Option<u32>], is_in: &[bool], value: Option<i64>, bound: i64) -> Change {
    let (mut comes, mut goes) = (Vec::new(), Vec::new());
    for ((was, is), candidate) in levels.iter().zip(is_in).zip(0..) {
        match (was.is_some(), *is) {
            (false, true) => comes.push(candidate),
            (true, false) => goes.push(candidate),
            _ => {}
        }
    }
    Change { value, bound, comes, goes }
}
