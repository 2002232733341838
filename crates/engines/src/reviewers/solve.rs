//! Solve: from any prices to a best assignment. A withdrawal, another floor or other worths begin where the last
//! assignment ended.

use super::flow::Flow;
use super::network::{Network, Reversed};
use super::places::Places;
use super::search::{Cut, Search};

/// Steps between two questions whether to go on.
const STEPS: usize = 256;

/// Why no assignment came of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Stuck {
    /// The papers seen want more than the reviewers seen can give them.
    Papers(Cut),
    /// The reviewers seen must have more than the papers seen can give them.
    Reviewers(Cut),
    /// No exchange was found that gives this paper the seniors it wants beside its limit on units; there may be one.
    Seniors(u32),
    /// It was ended.
    Ended,
}

/// How far it is: steps that are left at least.
pub type Watch<'a> = &'a mut dyn FnMut(usize) -> bool;

/// Carries a flow to its end.
///
/// # Errors
/// It cannot be, or was ended.
pub fn solve(network: &Network, flow: &mut Flow, watch: Watch) -> Result<(), Stuck> {
    let mut search = Search::default();
    let mut steps = 0;
    let mut left: usize = flow.open.iter().map(|open| *open as usize).sum();
    for paper in 0..network.papers() {
        while flow.open.at(paper) > 0 {
            let before = flow.open.at(paper);
            search.serve(network, flow, paper).map_err(Stuck::Papers)?;
            left = left.saturating_sub((before - flow.open.at(paper)) as usize);
            steps += 1;
            if steps % STEPS == 0 && !watch(left) {
                return Err(Stuck::Ended);
            }
        }
    }
    let is_short = |flow: &Flow, reviewer: usize| flow.short(network, reviewer) > 0;
    if !(0..network.reviewers()).any(|reviewer| is_short(flow, reviewer)) {
        return Ok(());
    }
    let reversed = Reversed::of(network);
    // Filling one reviewer may leave another short whose price has become nothing, so the list is looked at again
    // until nobody is short; each step ends a part of what is missing in all, as in any such search.
    loop {
        let mut is_done = true;
        for reviewer in 0..network.reviewers() {
            while is_short(flow, reviewer) {
                is_done = false;
                search.fill(network, &reversed, flow, reviewer).map_err(Stuck::Reviewers)?;
                steps += 1;
                if steps % STEPS == 0 && !watch(0) {
                    return Err(Stuck::Ended);
                }
            }
        }
        if is_done {
            return Ok(());
        }
    }
}
