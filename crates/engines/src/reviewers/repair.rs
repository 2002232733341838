//! Repair: the best assignment after something has changed, beginning with the old one. Who is not touched by the change
//! mostly keeps what they have, and the work is as small as the change.

use super::check::Proposal;
use super::flow::Flow;
use super::network::{NONE, Network};
use super::places::{Places, add, take};
use super::question::{Fault, Question};
use super::{Outcome, carried};

/// Finds the assignment of the largest sum of a question that has changed since `old` was proposed: reviewers who
/// withdrew may take nothing now, papers and reviewers may have come at the end, scores and conflicts may be others.
///
/// # Errors
/// The question cannot be asked.
pub fn repair(
    question: &Question,
    old: &Proposal,
    watch: &mut dyn FnMut(usize) -> bool,
) -> Result<Outcome, Fault> {
    question.check()?;
    let (network, is_whole) = Network::of(question);
    let mut flow = Flow::empty(&network, old.prices.reviewers.clone());
    let mut arc_of = vec![NONE; question.pairs.len()];
    for (arc, pair) in (0..).zip(&network.origin) {
        arc_of.put(*pair as usize, arc);
    }
    for (paper, reviewer) in &old.pairs {
        let pairs = question.pairs_of(*paper as usize);
        let Ok(place) = pairs.binary_search_by_key(reviewer, |pair| pair.reviewer) else { continue };
        let arc = arc_of.at(question.first.at(*paper as usize) as usize + place);
        keep(&network, &mut flow, arc);
    }
    for reviewer in 0..network.reviewers() {
        // Whoever must take less than before no longer costs less than nothing for it.
        if flow.price.at(reviewer) < 0 && flow.load.at(reviewer) > network.least.at(reviewer) {
            flow.price.put(reviewer, 0);
        }
    }
    (0..network.papers()).for_each(|paper| flow.settle(&network, paper));
    Ok(carried(question, (&network, is_whole), &mut flow, watch))
}

/// Places what is missing wherever there is room as things stand, the better pairs first.
pub fn fill(network: &Network, flow: &mut Flow) {
    let is_free = |arc: usize| {
        let paper = network.paper_of(network.tail.at(arc) as usize);
        flow.carries.at(arc) == 0 && flow.open.at(paper) > 0
    };
    let free = network.arcs.iter().enumerate().filter(|(arc, _)| is_free(*arc));
    let mut free: Vec<(i64, u32)> = free.map(|(arc, own)| (-own.worth, arc as u32)).collect();
    free.sort_unstable();
    free.into_iter().for_each(|(_, arc)| keep(network, flow, arc));
}

/// Keeps a pair if it still may be.
fn keep(network: &Network, flow: &mut Flow, arc: u32) {
    let Some(own) = network.arcs.get(arc as usize) else { return };
    let (upper, reviewer) = (network.tail.at(arc as usize) as usize, own.reviewer as usize);
    let paper = network.paper_of(upper);
    let group = upper.checked_sub(network.papers());
    let passes = group.is_none_or(|group| flow.passes.at(group) < network.room.at(group));
    if passes && flow.open.at(paper) > 0 && flow.load.at(reviewer) < network.most.at(reviewer) {
        flow.raise(network, arc, 1);
        take(&mut flow.open, paper, 1);
        group.into_iter().for_each(|group| add(&mut flow.passes, group, 1));
    }
}

/// Pairs of the old assignment that are gone.
#[must_use]
pub fn changes(old: &[(u32, u32)], new: &[(u32, u32)]) -> usize {
    old.iter().filter(|pair| new.binary_search(pair).is_err()).count()
}
