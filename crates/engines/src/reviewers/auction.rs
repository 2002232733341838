//! Auction: the quick beginning. Open papers take the reviewer who gains them most; where that one is full, they bid
//! up to what their second choice would gain and move the holder who gains least, if that is less.
//!
//! Bids are exact, without a smallest step, so prices prove the same afterwards as before. A paper whose first and
//! second choice gain the same would bid nothing: it waits for the search, which moves several at once.

use super::flow::Flow;
use super::network::{NONE, Network};
use super::places::{Places, add, take};

/// Bids for each review that is wanted, after which the search takes over.
const BIDS: usize = 12;

/// What a paper would choose.
struct Choice {
    arc: u32,
    reviewer: usize,
    /// What the first gains more than the second.
    margin: i64,
    /// What the second gains.
    next: i64,
}

/// Lets open papers bid until each has what it wants or can bid no more. Only for networks of whole reviews without
/// groups, in which no price is below nothing.
pub fn bid(network: &Network, flow: &mut Flow) {
    if !network.parent.is_empty() || flow.price.iter().any(|price| *price < 0) {
        return;
    }
    let mut waiting: Vec<u32> =
        (0..network.papers() as u32).rev().filter(|paper| flow.open.at(*paper as usize) > 0).collect();
    let wanted: usize = network.demand.iter().map(|demand| *demand as usize).sum();
    let mut bids = 0;
    while let Some(paper) = waiting.pop() {
        while flow.open.at(paper as usize) > 0 && bids < wanted * BIDS {
            bids += 1;
            match place(network, flow, paper as usize) {
                Placed::Moved(other) => waiting.push(other),
                Placed::Taken | Placed::Raised => {}
                Placed::Waits => break,
            }
        }
    }
}

/// What came of a bid.
enum Placed {
    /// The reviewer had time.
    Taken,
    /// This paper lost them.
    Moved(u32),
    /// They became dearer, and stay where they are.
    Raised,
    /// Nothing can be bid.
    Waits,
}

fn place(network: &Network, flow: &mut Flow, paper: usize) -> Placed {
    let Some(choice) = choice(network, flow, paper) else { return Placed::Waits };
    let Choice { arc, reviewer, margin, next } = choice;
    if flow.load.at(reviewer) < network.most.at(reviewer) {
        flow.raise(network, arc, 1);
        take(&mut flow.open, paper, 1);
        flow.upper.put(paper, next);
        return Placed::Taken;
    }
    let (weakest, slack) = weakest(network, flow, reviewer);
    if weakest == NONE || margin <= slack {
        if margin == 0 {
            return Placed::Waits;
        }
        add(&mut flow.price, reviewer, margin);
        flow.upper.put(paper, next);
        return Placed::Raised;
    }
    let other = network.tail.at(weakest as usize);
    add(&mut flow.price, reviewer, slack);
    flow.lower(network, weakest, 1);
    add(&mut flow.open, other as usize, 1);
    flow.raise(network, arc, 1);
    take(&mut flow.open, paper, 1);
    flow.upper.put(paper, next);
    Placed::Moved(other)
}

/// The first and the second choice of a paper among those it does not have.
fn choice(network: &Network, flow: &Flow, paper: usize) -> Option<Choice> {
    let (from, to) = network.span(paper);
    let carries = flow.carries.get(from..to).unwrap_or_default();
    let (mut first, mut second, mut best) = (i64::MIN, i64::MIN, (NONE, 0));
    for ((arc, carried), number) in network.arcs_of(paper).iter().zip(carries).zip(from as u32..) {
        let gain = arc.worth - flow.price.at(arc.reviewer as usize);
        if gain > second && *carried < arc.room {
            if gain > first {
                (second, first) = (first, gain);
                best = (number, arc.reviewer as usize);
            } else {
                second = gain;
            }
        }
    }
    if second == i64::MIN {
        // Without a second choice there is nothing to say how far to bid.
        return None;
    }
    Some(Choice { arc: best.0, reviewer: best.1, margin: first - second, next: second })
}

/// The holder of a full reviewer who gains least by them, and how much that is.
fn weakest(network: &Network, flow: &Flow, reviewer: usize) -> (u32, i64) {
    let price = flow.price.at(reviewer);
    let mut weakest = (NONE, i64::MAX);
    for arc in flow.held.get(reviewer).into_iter().flatten() {
        let worth = network.arcs.get(*arc as usize).map_or(0, |own| own.worth);
        let slack = worth - flow.upper.at(network.tail.at(*arc as usize) as usize) - price;
        if slack < weakest.1 {
            weakest = (*arc, slack);
        }
    }
    weakest
}
