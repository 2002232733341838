//! Check: whether a proposal is what it says, without searching.
//!
//! First each rule is looked at in the question itself, with the money as it is paid; then the bound is added
//! up from the certificate's prices. The work is one pass over the question, and one over what the prices leave
//! open for each closed branch of the certificate.

use serde::{Deserialize, Serialize};

use super::bound::{Bound, Fate, Prices, decide};
use super::core::Core;
use super::cuts::{CUTS_MAX, Cut, with_cuts};
use super::lower::{Lowered, Rule};
use super::model::NONE;
use super::places::{Places, add};
use super::question::{Fault, Measure, Question, Standing, WHOLE};
use super::search::Step;
use super::share::spans;

/// A certificate may have at most so many steps.
pub const STEPS_MAX: usize = 1_000_000;

/// Candidates that are to be funded, who pays, and how good that is.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Who is funded, in the order of the question.
    pub awards: Vec<Award>,
    /// The sum of their scores.
    pub value: i64,
    /// No choice is worth more.
    pub bound: i64,
    /// Why.
    pub certificate: Certificate,
}

/// One candidate's money.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Award {
    /// The candidate.
    pub candidate: u32,
    /// 0 for the whole, else the number of its level counted from 1.
    pub level: u32,
    /// Pot, year and fen; nothing that is nothing.
    pub paid: Vec<Paid>,
}

/// What a pot pays in a year.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paid {
    /// The pot.
    pub pot: u32,
    /// The year, counted from 0.
    pub year: u32,
    /// Fen.
    pub money: i64,
}

/// Why no choice is worth more than the bound: prices on rules, and where they leave columns open a tree of cases,
/// each with prices of its own.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Certificate {
    /// The price of each rule's row.
    pub prices: Prices,
    /// The prices decide about choices that are worth more than this; not above the bound.
    pub floor: i64,
    /// Cases over what is left open; empty where the prices are enough.
    pub tree: Vec<Step>,
    /// Rows made from the rules by rounding; they stand behind the rows of the rules.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cuts: Vec<Cut>,
    /// Where there are cuts: the prices that decide before the cases, of the rules and the cuts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub tight: Option<Prices>,
}

/// Why a proposal is not believed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub enum Doubt {
    /// The question itself is wrong.
    Question(Fault),
    /// An award names no candidate or level, or one twice, or one that is shut out.
    Award(u32),
    /// An award is not paid as its candidate's payers may.
    Paid(u32),
    /// A rule is broken.
    Broken(Rule),
    /// The value is not the sum of the scores, which is this.
    Value(i64),
    /// The certificate cannot be read.
    Certificate,
    /// The certificate does not prove the bound.
    Bound,
}

/// Whether a proposal obeys every rule and its bound is proved.
///
/// # Errors
/// The first doubt.
pub fn check(question: &Question, proposal: &Proposal) -> Result<(), Doubt> {
    question.check().map_err(Doubt::Question)?;
    let level = check_awards(question, proposal)?;
    check_paid(question, proposal)?;
    check_rules(question, &level, proposal)?;
    let value: i64 = proposal.awards.iter().map(|award| score(question, award)).sum();
    if value != proposal.value {
        return Err(Doubt::Value(value));
    }
    let lowered = Lowered::of(question, &|_| true).map_err(Doubt::Question)?;
    check_bound(&lowered, proposal.bound, &proposal.certificate)
}

fn score(question: &Question, award: &Award) -> i64 {
    question.candidates.get(award.candidate as usize).map_or(0, |candidate| candidate.score_at(award.level))
}

/// The level of each candidate, `NONE` where not funded.
fn check_awards(question: &Question, proposal: &Proposal) -> Result<Vec<u32>, Doubt> {
    let mut levels = vec![NONE; question.candidates.len()];
    for (award, number) in proposal.awards.iter().zip(0..) {
        let candidate = question.candidates.get(award.candidate as usize).ok_or(Doubt::Award(number))?;
        let is_known = award.level as usize <= candidate.levels.len();
        let is_first = levels.at(award.candidate as usize) == NONE;
        if !is_known || !is_first || candidate.standing == Standing::Never {
            return Err(Doubt::Award(number));
        }
        levels.put(award.candidate as usize, award.level);
    }
    match question
        .candidates
        .iter()
        .zip(&levels)
        .position(|(c, level)| c.standing == Standing::Must && *level == NONE)
    {
        Some(candidate) => Err(Doubt::Broken(Rule::Must(candidate as u32))),
        None => Ok(levels),
    }
}

/// Each year's money of each award is paid in full by its payers, and no pot gives more than it has.
fn check_paid(question: &Question, proposal: &Proposal) -> Result<(), Doubt> {
    let years = question.years();
    let mut spent = vec![0_i64; question.pots.len() * years];
    for (award, number) in proposal.awards.iter().zip(0..) {
        let Some(candidate) = question.candidates.get(award.candidate as usize) else { continue };
        let given = |pot: u32, year: usize| {
            let own = award.paid.iter().filter(|paid| paid.pot == pot && paid.year as usize == year);
            own.map(|paid| i128::from(paid.money)).sum::<i128>()
        };
        let is_own = |paid: &Paid| {
            paid.money > 0
                && (paid.year as usize) < years
                && candidate.payers.iter().any(|payer| payer.pot == paid.pot)
        };
        if candidate.payers.is_empty() && award.paid.is_empty() {
            continue;
        }
        let mut is_paid = award.paid.iter().all(is_own);
        for year in 0..years {
            let money = candidate.money_at(award.level, year);
            let spans = spans(candidate, money);
            let sum: i128 = spans.iter().map(|span| given(span.pot, year)).sum();
            let in_span = |span: &super::share::Span| {
                (i128::from(span.least)..=i128::from(span.most)).contains(&given(span.pot, year))
            };
            is_paid &= sum == i128::from(money) && spans.iter().all(in_span);
        }
        if !is_paid {
            return Err(Doubt::Paid(number));
        }
        for paid in &award.paid {
            add(&mut spent, paid.pot as usize * years + paid.year as usize, paid.money);
        }
    }
    for (pot, number) in question.pots.iter().zip(0_u32..) {
        let mut rest = 0;
        for year in 0..years {
            let before = if pot.carries { rest } else { 0 };
            rest = before + pot.money.at(year) - spent.at(number as usize * years + year);
            if rest < 0 {
                let rule = Rule::Pots { pots: vec![number], year: year as u32, carries: pot.carries };
                return Err(Doubt::Broken(rule));
            }
        }
    }
    Ok(())
}

fn check_rules(question: &Question, level: &[u32], proposal: &Proposal) -> Result<(), Doubt> {
    let is_in = |candidate: &u32| level.at(*candidate as usize) != NONE;
    let money = |candidate: &u32| {
        let own = question.candidates.get(*candidate as usize).filter(|_| is_in(candidate));
        own.map_or(0, |own| i128::from(own.total_at(level.at(*candidate as usize))))
    };
    let all: Vec<u32> = proposal.awards.iter().map(|award| award.candidate).collect();
    let (all_count, all_money) = (all.len() as i128, all.iter().map(money).sum::<i128>());
    for (quota, number) in question.quotas.iter().zip(0..) {
        let count = || quota.members.iter().filter(|member| is_in(member)).count() as i128;
        let given = || quota.members.iter().map(money).sum::<i128>();
        // Both sides times the whole, so that a share needs no division.
        let (own, unit) = match quota.measure {
            Measure::Count => (count(), 1),
            Measure::Money => (given(), 1),
            Measure::ShareOfCount => (count() * i128::from(WHOLE), all_count),
            Measure::ShareOfMoney => (given() * i128::from(WHOLE), all_money),
        };
        let is_low = quota.least.is_some_and(|least| own < i128::from(least) * unit);
        let is_high = quota.most.is_some_and(|most| own > i128::from(most) * unit);
        if is_low || is_high {
            return Err(Doubt::Broken(Rule::Quota(number)));
        }
    }
    let broken = |rule| Err(Doubt::Broken(rule));
    for (group, number) in question.exclusive.iter().zip(0..) {
        if group.iter().filter(|member| is_in(member)).count() > 1 {
            return broken(Rule::Exclusive(number));
        }
    }
    for ((one, other), number) in question.needs.iter().zip(0..) {
        if is_in(one) && !is_in(other) {
            return broken(Rule::Needs(number));
        }
    }
    for (group, number) in question.linked.iter().zip(0..) {
        let count = group.iter().filter(|member| is_in(member)).count();
        if count != 0 && count != group.len() {
            return broken(Rule::Linked(number));
        }
    }
    Ok(())
}

/// Whether a certificate proves that no choice is worth more than `bound`.
///
/// # Errors
/// [`Doubt::Certificate`] or [`Doubt::Bound`].
pub fn check_bound(lowered: &Lowered, bound: i64, certificate: &Certificate) -> Result<(), Doubt> {
    let Certificate { prices, floor, tree, cuts, tight } = certificate;
    let is_too_fine = |prices: &Prices| prices.shift > super::bound::SHIFT_MAX;
    let are_too_fine = is_too_fine(prices) || tight.as_ref().is_some_and(is_too_fine);
    if are_too_fine || tree.len() > STEPS_MAX || cuts.len() > CUTS_MAX {
        return Err(Doubt::Certificate);
    }
    let with;
    let (model, prices) = match tight {
        None => (&lowered.model, prices),
        Some(tight) => {
            with = with_cuts(&lowered.model, cuts).ok_or(Doubt::Certificate)?;
            (&with, tight)
        }
    };
    let step = model.step();
    let whole = Bound::of(model, prices, &[], true).ok_or(Doubt::Certificate)?;
    if rounded(&whole, prices, step).is_some_and(|points| points <= bound) {
        return Ok(());
    }
    let target = floor.saturating_add(step);
    if *floor > bound {
        return Err(Doubt::Bound);
    }
    let Some(fates) = decide(model, prices, &[], target) else { return Ok(()) };
    let core = Core::of(model, &fates);
    let mut place = vec![NONE; model.columns()];
    for (column, number) in core.columns.iter().zip(0..) {
        place.put(*column as usize, number);
    }
    Cases { core: &core, place: &place, fates: vec![Fate::Open; core.columns.len()], bound, step }.walk(tree)
}

/// The bound in points, rounded down to what values can be; `None` if it is too large.
fn rounded(bound: &Bound, prices: &Prices, step: i64) -> Option<i64> {
    match bound.total {
        None => Some(i64::MIN),
        Some(_) => bound.points(prices.shift).map(|points| points.div_euclid(step).saturating_mul(step)),
    }
}

struct Cases<'a> {
    core: &'a Core,
    place: &'a [u32],
    fates: Vec<Fate>,
    bound: i64,
    step: i64,
}

impl Cases<'_> {
    /// Walks the tree: where a column is taken, then where it is not.
    fn walk(&mut self, tree: &[Step]) -> Result<(), Doubt> {
        let mut open: Vec<(u32, bool)> = Vec::new();
        let mut steps = tree.iter();
        loop {
            match steps.next().ok_or(Doubt::Certificate)? {
                Step::Branch(column) => {
                    let place = self.place.at(*column as usize);
                    let is_open = (*column as usize) < self.place.len()
                        && self.fates.get(place as usize) == Some(&Fate::Open);
                    if !is_open {
                        return Err(Doubt::Certificate);
                    }
                    self.fates.put(place as usize, Fate::In);
                    open.push((place, true));
                    continue;
                }
                Step::Bound(prices) => self.is_bounded(prices)?,
                Step::Empty(prices) => self.is_empty(prices)?,
            }
            // This case is closed: on to the other side of the last column that has one.
            while let Some((place, false)) = open.last().copied() {
                self.fates.put(place as usize, Fate::Open);
                open.pop();
            }
            match open.last_mut() {
                Some((place, is_first)) => {
                    *is_first = false;
                    self.fates.put(*place as usize, Fate::Out);
                }
                None => break,
            }
        }
        if steps.next().is_some() { Err(Doubt::Certificate) } else { Ok(()) }
    }

    fn bound_of(&self, prices: &Prices, with_scores: bool) -> Result<Bound, Doubt> {
        if prices.shift > super::bound::SHIFT_MAX {
            return Err(Doubt::Certificate);
        }
        Bound::of(&self.core.model, &self.core.inwards(prices), &self.fates, with_scores)
            .ok_or(Doubt::Certificate)
    }

    fn is_bounded(&self, prices: &Prices) -> Result<(), Doubt> {
        let bound = self.bound_of(prices, true)?;
        let points = rounded(&bound, prices, self.step).map(|points| points.saturating_add(self.core.base));
        if points.is_some_and(|points| points <= self.bound) { Ok(()) } else { Err(Doubt::Bound) }
    }

    fn is_empty(&self, prices: &Prices) -> Result<(), Doubt> {
        let bound = self.bound_of(prices, false)?;
        if bound.total.is_none_or(|total| total < 0) { Ok(()) } else { Err(Doubt::Bound) }
    }
}
