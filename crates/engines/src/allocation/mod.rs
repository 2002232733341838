//! Which candidates are funded, so that the most is gained within every budget and rule, and why?
//!
//! | question | file |
//! |---|---|
//! | who asks, who pays, which rules hold? | `question` |
//! | what does it mean in whole numbers? | `lower`, `share`, `model` |
//! | what can no choice exceed? | `bound` |
//! | which prices bound it best? | `relax`, `simplex` |
//! | what do whole choices obey that fractions do not? | `cuts`, `separate` |
//! | which choice is best? | `solve`, `search`, `core` |
//! | is a proposal what it says? | `check` |
//! | why this one, what if? | `why` |
//! | which rules cannot be obeyed together? | `conflict` |
//! | who wins where scores cannot tell? | `lot` |
//! | what do votes choose? | `ballots` |
//!
//! Pure: the same question gives the same proposal on every machine, whatever the time. Floating point only
//! guides; a bound is a sum of whole numbers that anyone can add up again.

pub mod ballots;
mod bound;
mod check;
mod conflict;
mod core;
mod cuts;
mod lot;
mod lower;
mod model;
pub(crate) mod places;
mod question;
mod relax;
mod search;
mod separate;
mod share;
mod simplex;
mod solve;
#[cfg(test)]
mod tests;
mod why;

pub use bound::{Prices, SHIFT_MAX};
pub use check::{Award, Certificate, Doubt, Paid, Proposal, STEPS_MAX, check};
pub use conflict::{Conflict, conflict};
pub use cuts::{CUTS_MAX, Cut, Side};
pub use lot::drawn;
pub use lower::Rule;
pub use question::{
    At, CANDIDATES_MAX, COLUMNS_MAX, Candidate, Fault, LEVELS_MAX, Level, MONEY_MAX, Measure, POT_MAX,
    POTS_MAX, Payer, Pot, QUOTAS_MAX, Question, Quota, SCORE_MAX, SHARING_MAX, Standing, TIES_MAX, WHOLE,
    Wrong, YEARS_MAX,
};
pub use search::{NODES_MAX, Step};
pub use solve::{Progress, Wish};
pub use why::{Change, Explorer, Pressure, Reason};

use lower::Lowered;
use places::Places;
use solve::Solved;

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// A choice with its proof.
    Proposed(Proposal),
    /// No choice obeys every rule.
    Impossible,
    /// The search was ended before any choice was found; no choice is worth more than this.
    Unfinished(i64),
}

/// Finds the best choice. `watch` is told now and then how far the search is and says whether to go on; when it
/// stops, the best choice so far is proposed with the bound that is proved by then.
///
/// # Errors
/// The question cannot be asked.
pub fn propose(
    question: &Question,
    wish: Wish,
    watch: &mut dyn FnMut(Progress) -> bool,
) -> Result<Outcome, Fault> {
    question.check()?;
    let lowered = Lowered::of(question, &|_| true)?;
    let solved = solve::solve(&lowered.model, &[], wish, watch);
    Ok(outcome(question, &lowered, solved))
}

fn outcome(question: &Question, lowered: &Lowered, solved: Solved) -> Outcome {
    let Solved { best, bound, proof, is_whole, .. } = solved;
    match best {
        None if is_whole => Outcome::Impossible,
        None => Outcome::Unfinished(bound),
        Some((taken, value)) => {
            let mut awards = Vec::new();
            for ((candidate, level), column) in lowered.columns.iter().zip(0..) {
                if taken.at(column) {
                    awards.push(Award { candidate: *candidate, level: *level, paid: Vec::new() });
                }
            }
            pay(question, &mut awards);
            Outcome::Proposed(Proposal { awards, value, bound, certificate: proof })
        }
    }
}

/// A choice that was made by people, as a proposal without a proof of worth: its bound is the sum of all that is worth
/// something. [`check`] says whether it obeys every rule.
#[must_use]
pub fn chosen(question: &Question, candidates: &[u32]) -> Proposal {
    let mut awards: Vec<Award> = candidates
        .iter()
        .map(|candidate| Award { candidate: *candidate, level: 0, paid: Vec::new() })
        .collect();
    awards.sort_by_key(|award| award.candidate);
    pay(question, &mut awards);
    if awards.iter().any(|award| award.paid.is_empty()) {
        // Too much for some pot: paid all the same, so that the check can say which.
        pay_within(question, &mut awards, false);
    }
    let score = |award: &Award| question.candidates.get(award.candidate as usize).map_or(0, |own| own.score);
    let value = awards.iter().map(score).sum();
    let levels = |own: &Candidate| own.levels.iter().map(|level| level.score).max().unwrap_or(0);
    let best = question.candidates.iter().map(|own| own.score.max(levels(own)).max(0));
    Proposal { awards, value, bound: best.sum(), certificate: Certificate::default() }
}

/// Splits the cost of each award among its payers, year by year, within what the pots have.
fn pay(question: &Question, awards: &mut [Award]) {
    pay_within(question, awards, true);
}

/// The same, or whatever the pots have.
fn pay_within(question: &Question, awards: &mut [Award], is_bounded: bool) {
    awards.iter_mut().for_each(|award| award.paid.clear());
    let mut left = vec![0_i64; question.pots.len()];
    for year in 0..question.years() {
        for (pot, left) in question.pots.iter().zip(&mut left) {
            let has = pot.money.at(year) + if pot.carries { *left } else { 0 };
            *left = if is_bounded { has } else { POT_MAX };
        }
        let candidate = |award: &Award| question.candidates.get(award.candidate as usize);
        let bill = |award: &Award| {
            let money = candidate(award).map_or(0, |candidate| candidate.money_at(award.level, year));
            let spans = candidate(award).map(|candidate| share::spans(candidate, money)).unwrap_or_default();
            (if spans.is_empty() { 0 } else { money }, spans)
        };
        let bills: Vec<_> = awards.iter().map(bill).collect();
        let Some(given) = share::split(&bills, &left) else { continue };
        for ((award, (_, spans)), given) in awards.iter_mut().zip(&bills).zip(given) {
            for (span, money) in spans.iter().zip(given).filter(|(_, money)| *money > 0) {
                award.paid.push(Paid { pot: span.pot, year: year as u32, money });
                places::add(&mut left, span.pot as usize, -money);
            }
        }
    }
}
