//! Check: whether a proposal obeys every rule, and whether its prices prove that none is worth more. One pass over
//! the pairs, and no search; it knows nothing of how the proposal was made.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::places::{Places, add};
use super::question::{Fault, NO_UNIT, Question};

/// What a paper's reviews and a reviewer's time cost. They prove a bound: whoever reviews what, a pair is worth at most
/// what its paper and its reviewer cost and what it gains beyond that, and all costs together are known beforehand.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Prices {
    /// For each paper, what one review more would cost.
    pub papers: Vec<i64>,
    /// For each reviewer, what one hour more would bring; below nothing where they must take more than pays.
    pub reviewers: Vec<i64>,
    /// Paper, unit and what one review more by this unit would bring, where its limit binds.
    pub units: Vec<(u32, u32, i64)>,
    /// Paper and what its wish for seniors costs, where it costs something.
    pub seniors: Vec<(u32, i64)>,
}

/// Who reviews what, how good that is, and why nothing is better.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Proposal {
    /// Paper and reviewer, in order.
    pub pairs: Vec<(u32, u32)>,
    /// The sum of their scores.
    pub value: i64,
    /// No assignment is worth more.
    pub bound: i64,
    pub prices: Prices,
    /// What the paper served worst is served with.
    pub worst: i64,
}

/// Why a proposal is not believed. Papers and reviewers are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Doubt {
    #[error("the question cannot be asked: {0}")]
    Question(Fault),
    #[error("paper {paper} and reviewer {reviewer} may not meet, or stand out of order")]
    Pair { paper: u32, reviewer: u32 },
    #[error("paper {paper} has not as many reviews as it wants")]
    Demand { paper: u32 },
    #[error("paper {paper} has fewer seniors than it wants")]
    Seniors { paper: u32 },
    #[error("paper {paper} has too many reviewers of one unit")]
    Unit { paper: u32 },
    #[error("reviewer {reviewer} has more or less than they may")]
    Load { reviewer: u32 },
    #[error("the sum of the scores is {0}")]
    Value(i64),
    #[error("the paper served worst is served with {0}")]
    Worst(i64),
    #[error("the prices are not such that they prove anything")]
    Prices,
    #[error("the prices prove only {0}")]
    Bound(i128),
}

/// Whether a proposal is what it says.
///
/// # Errors
/// The first doubt.
pub fn check(question: &Question, proposal: &Proposal) -> Result<(), Doubt> {
    question.check().map_err(Doubt::Question)?;
    rules(question, &proposal.pairs)?;
    let sums = served(question, &proposal.pairs);
    let value: i64 = sums.iter().sum();
    if value != proposal.value {
        return Err(Doubt::Value(value));
    }
    let worst = sums.iter().copied().min().unwrap_or(0);
    if worst != proposal.worst {
        return Err(Doubt::Worst(worst));
    }
    let bound = bound(question, &|_| 1, &proposal.prices)?;
    if bound > i128::from(proposal.bound) { Err(Doubt::Bound(bound)) } else { Ok(()) }
}

/// Whether an assignment obeys every rule.
///
/// # Errors
/// The first rule that it breaks.
pub fn rules(question: &Question, pairs: &[(u32, u32)]) -> Result<(), Doubt> {
    let mut load = vec![0_u32; question.reviewers.len()];
    let mut reviews = vec![0_u32; question.papers.len()];
    let mut before = None;
    for pair @ (paper, reviewer) in pairs {
        let is_possible = question.score(*paper, *reviewer).is_some();
        if !is_possible || before.is_some_and(|before| before >= pair) {
            return Err(Doubt::Pair { paper: *paper, reviewer: *reviewer });
        }
        before = Some(pair);
        add(&mut load, *reviewer as usize, 1);
        add(&mut reviews, *paper as usize, 1);
    }
    for (paper, (own, reviews)) in (0..).zip(question.papers.iter().zip(&reviews)) {
        if own.demand != *reviews {
            return Err(Doubt::Demand { paper });
        }
    }
    for (reviewer, (own, load)) in (0..).zip(question.reviewers.iter().zip(&load)) {
        if !(own.least..=own.most).contains(load) {
            return Err(Doubt::Load { reviewer });
        }
    }
    let mut seniors = vec![0_u32; question.papers.len()];
    for own in pairs.chunk_by(|a, b| a.0 == b.0) {
        let mut units: BTreeMap<u32, u32> = BTreeMap::new();
        let paper = own.first().map_or(0, |pair| pair.0);
        for (_, reviewer) in own {
            let reviewer = question.reviewer(*reviewer);
            add(&mut seniors, paper as usize, u32::from(reviewer.is_senior));
            if reviewer.unit != NO_UNIT {
                *units.entry(reviewer.unit).or_default() += 1;
            }
        }
        let room = question.unit_room(paper as usize).unwrap_or(u32::MAX);
        if units.values().any(|count| *count > room) {
            return Err(Doubt::Unit { paper });
        }
    }
    match question.papers.iter().zip(&seniors).position(|(own, seniors)| own.seniors > *seniors) {
        Some(paper) => Err(Doubt::Seniors { paper: paper as u32 }),
        None => Ok(()),
    }
}

/// What each paper is served with: the sum of its reviewers' scores.
#[must_use]
pub fn served(question: &Question, pairs: &[(u32, u32)]) -> Vec<i64> {
    let mut sums = vec![0_i64; question.papers.len()];
    for (paper, reviewer) in pairs {
        let score = question.score(*paper, *reviewer).unwrap_or(0);
        add(&mut sums, *paper as usize, i64::from(score));
    }
    sums
}

/// What no assignment exceeds by these prices, when a paper's scores count `weight` times. Sums are taken in 128 bits.
///
/// # Errors
/// [`Doubt::Prices`] where there are not as many as there should be, or one has the wrong sign.
pub fn bound(question: &Question, weight: &dyn Fn(usize) -> i64, prices: &Prices) -> Result<i128, Doubt> {
    bound_within(question, weight, prices, (1, &|_, _| 1))
}

/// The same where a review counts so many parts, and of each pair at most some of them may be.
pub fn bound_within(
    question: &Question,
    weight: &dyn Fn(usize) -> i64,
    prices: &Prices,
    (whole, most): (u32, &dyn Fn(u32, u32) -> u32),
) -> Result<i128, Doubt> {
    let (of_unit, of_senior) = limits(question, prices)?;
    let mut total = 0_i128;
    for (own, price) in question.reviewers.iter().zip(&prices.reviewers) {
        let load = if *price > 0 { own.most } else { own.least };
        total += i128::from(load) * i128::from(*price);
    }
    for ((paper, _), price) in &of_unit {
        total += i128::from(question.unit_room(*paper as usize).unwrap_or(0)) * i128::from(*price);
    }
    let mut gains = 0_i128;
    let mut apart = question.conflicts.iter().peekable();
    for (paper, (own, price)) in question.papers.iter().zip(&prices.papers).enumerate() {
        let senior = i128::from(of_senior.at(paper));
        total += i128::from(own.demand) * i128::from(*price) - i128::from(own.seniors) * senior;
        let weight = i128::from(weight(paper));
        for pair in question.pairs_of(paper) {
            let here = (paper as u32, pair.reviewer);
            while apart.next_if(|conflict| **conflict < here).is_some() {}
            if apart.peek() == Some(&&here) {
                continue;
            }
            let reviewer = question.reviewer(pair.reviewer);
            let cost = i128::from(*price) + i128::from(prices.reviewers.at(pair.reviewer as usize));
            let gain = weight * i128::from(pair.score) - cost + if reviewer.is_senior { senior } else { 0 };
            if gain > 0 {
                let unit = of_unit.get(&(paper as u32, reviewer.unit)).copied().unwrap_or(0);
                let most = i128::from(most(paper as u32, pair.reviewer));
                gains += most * (gain - i128::from(unit)).max(0);
            }
        }
    }
    Ok(total * i128::from(whole) + gains)
}

/// Prices of units by paper and unit, and of seniors by paper.
type Limits = (BTreeMap<(u32, u32), i64>, Vec<i64>);

/// The prices of limits, where there are as many as there should be and none has the wrong sign.
fn limits(question: &Question, prices: &Prices) -> Result<Limits, Doubt> {
    let is_whole =
        prices.papers.len() == question.papers.len() && prices.reviewers.len() == question.reviewers.len();
    let mut of_unit: BTreeMap<(u32, u32), i64> = BTreeMap::new();
    for (paper, unit, price) in &prices.units {
        let is_new = of_unit.insert((*paper, *unit), *price).is_none();
        if !is_new || *price < 0 || question.unit_part.is_none() || *unit == NO_UNIT {
            return Err(Doubt::Prices);
        }
    }
    let mut of_senior = vec![0_i64; question.papers.len()];
    for (paper, price) in &prices.seniors {
        let is_new = of_senior.get(*paper as usize) == Some(&0);
        if !is_new || *price < 0 {
            return Err(Doubt::Prices);
        }
        of_senior.put(*paper as usize, *price);
    }
    if !is_whole {
        return Err(Doubt::Prices);
    }
    Ok((of_unit, of_senior))
}
