//! Who reviews what, so that reviewers fit papers best within every load, conflict and rule, and why?
//!
//! | question | file |
//! |---|---|
//! | which papers, whose time, which pairs? | `question` |
//! | how near is a reviewer to a paper? | `expertise` |
//! | what does it mean as a flow? | `network` |
//! | who has what so far, at which prices? | `flow` |
//! | how does one review more come about? | `auction`, `search`, `solve` |
//! | can the worst-served be served better? | `fair`, `exchange` |
//! | what stays when something changes? | `repair` |
//! | how is nobody sure of a pair? | `chances` |
//! | which rules cannot be obeyed together? | `conflict` |
//! | is a proposal what it says, is nothing better? | `check` |
//!
//! Pure: the same question gives the same proposal on every machine. Scores are whole numbers, and so is the proof:
//! prices of papers and reviewers, of which anyone can add up that no assignment is worth more.

mod auction;
mod chances;
mod check;
mod conflict;
mod exchange;
pub mod expertise;
mod fair;
mod flow;
mod network;
mod question;
mod repair;
mod search;
mod solve;
#[cfg(test)]
mod tests;

pub use chances::{Caps, Chances, chances, check_chances, decided};
pub use check::{Doubt, Prices, Proposal, bound, check, rules, served};
pub use conflict::{Conflict, conflict};
pub use fair::{Floor, bound_floor, check_floor, raise};
pub use question::{
    Fault, NO_UNIT, PAIRS_MAX, PAPERS_MAX, Pair, Paper, Question, REVIEWERS_MAX, REVIEWS_MAX, Reviewer,
    SCORE_MAX,
};
pub use repair::{changes, repair};
pub use search::Cut;
pub use solve::Stuck;

use super::allocation::places;
use exchange::{Board, Ways};
use flow::Flow;
use network::Network;
use places::Places;

/// What came of a question.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// An assignment with its proof; if it was ended, one that obeys every rule, and how much better one could be.
    Proposed(Proposal),
    /// No assignment obeys every rule: where the search could not go on.
    Impossible(Stuck),
}

/// Finds the assignment of the largest sum. `watch` is told now and then how many reviews are still to be placed, and
/// says whether to go on; if not, what is missing is placed wherever there is room.
///
/// # Errors
/// The question cannot be asked.
pub fn propose(question: &Question, watch: &mut dyn FnMut(usize) -> bool) -> Result<Outcome, Fault> {
    question.check()?;
    let (network, is_whole) = Network::of(question);
    let mut flow = Flow::empty(&network, Vec::new());
    auction::bid(&network, &mut flow);
    Ok(carried(question, (&network, is_whole), &mut flow, watch))
}

/// Carries a flow to its end; where the network does not know of seniors, gives them to papers afterwards.
fn carried(
    question: &Question,
    (network, is_whole): (&Network, bool),
    flow: &mut Flow,
    watch: &mut dyn FnMut(usize) -> bool,
) -> Outcome {
    let mut done = solve::solve(network, flow, watch);
    // What the prices prove, they prove of any assignment.
    let prices = prices(question, network, flow);
    if done == Err(Stuck::Ended) {
        repair::fill(network, flow);
        flow.forget_prices();
        done = solve::solve(&network.without_worth(), flow, &mut |_| true);
    }
    if let Err(stuck) = done {
        return Outcome::Impossible(stuck);
    }
    let proposal = proposal(question, network, flow, prices);
    if is_whole {
        return Outcome::Proposed(proposal);
    }
    let mut board = Board::of(question, &proposal.prices, &proposal.pairs);
    if let Err(paper) = board.mend(&mut Ways::default()) {
        return Outcome::Impossible(Stuck::Seniors(paper));
    }
    let (pairs, value) = (board.pairs(), board.total);
    let worst = board.sums.iter().copied().min().unwrap_or(0);
    Outcome::Proposed(Proposal { pairs, value, worst, ..proposal })
}

/// What a flow that is at its end says, and what prices prove of it.
fn proposal(question: &Question, network: &Network, flow: &Flow, prices: Prices) -> Proposal {
    let pairs = pairs(question, network, flow);
    let sums = served(question, &pairs);
    let value = sums.iter().sum();
    let worst = sums.iter().copied().min().unwrap_or(0);
    let bound = bound(question, &|_| 1, &prices).ok().and_then(|bound| i64::try_from(bound).ok());
    Proposal { pairs, value, bound: bound.unwrap_or(i64::MAX), prices, worst }
}

fn pairs(question: &Question, network: &Network, flow: &Flow) -> Vec<(u32, u32)> {
    let carried = flow.carries.iter().enumerate().filter(|(_, carries)| **carries > 0);
    let pair = |arc: usize| {
        let upper = network.tail.at(arc) as usize;
        let reviewer = question.pairs.get(network.origin.at(arc) as usize).map_or(0, |pair| pair.reviewer);
        (network.paper_of(upper) as u32, reviewer)
    };
    let mut pairs: Vec<(u32, u32)> = carried.map(|(arc, _)| pair(arc)).collect();
    pairs.sort_unstable();
    pairs
}

/// The prices of a flow as prices of rules: what a group costs beyond its paper is the price of its limit.
fn prices(question: &Question, network: &Network, flow: &Flow) -> Prices {
    let papers = network.papers();
    let mut prices = Prices {
        papers: flow.upper.get(..papers).unwrap_or_default().to_vec(),
        reviewers: flow.price.clone(),
        ..Prices::default()
    };
    for group in 0..network.parent.len() {
        let paper = network.parent.at(group);
        let more = flow.upper.at(papers + group) - flow.upper.at(paper as usize);
        let own = network.arcs_of(papers + group).first().map(|arc| question.reviewer(arc.reviewer));
        if more <= 0 {
            continue;
        }
        match (question.unit_part, own) {
            (Some(_), Some(own)) => prices.units.push((paper, own.unit, more)),
            (None, _) => {
                // Juniors cost more at this paper, or, what is the same: all do, and seniors bring it back.
                prices.seniors.push((paper, more));
                prices.papers.put(paper as usize, flow.upper.at(papers + group));
            }
            (Some(_), None) => {}
        }
    }
    prices
}
