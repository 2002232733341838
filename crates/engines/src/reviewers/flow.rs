//! Flow: who reviews what so far, and the prices at which nobody would change.
//!
//! Always, between two steps: an arc that can take more loses at these prices or breaks even, one that carries
//! something gains or breaks even; the price of a reviewer who still may take something is at most nothing, unless
//! they are short of what they must have, and of one above their least it is at least nothing. What is missing is
//! only that papers are open and reviewers short; each step of the search ends some of that, so the end is a best
//! assignment and the prices prove it.

use super::network::Network;
use super::places::{Places, add, take};

/// Who reviews what, with prices.
#[derive(Debug, Clone, Default)]
pub struct Flow {
    /// What a review costs at each paper and group: what its last one gains.
    pub upper: Vec<i64>,
    /// What each reviewer's time costs.
    pub price: Vec<i64>,
    /// What each arc carries.
    pub carries: Vec<u32>,
    /// What passes each group.
    pub passes: Vec<u32>,
    /// What each reviewer has.
    pub load: Vec<u32>,
    /// What each paper misses.
    pub open: Vec<u32>,
    /// The arcs that carry something to each reviewer.
    pub held: Vec<Vec<u32>>,
}

impl Flow {
    /// Nobody reviews anything, and reviewers cost what is said.
    pub fn empty(network: &Network, price: Vec<i64>) -> Self {
        let mut flow = Self {
            upper: vec![0; network.uppers()],
            price,
            carries: vec![0; network.arcs.len()],
            passes: vec![0; network.parent.len()],
            load: vec![0; network.reviewers()],
            open: network.demand.clone(),
            held: vec![Vec::new(); network.reviewers()],
        };
        flow.price.resize(network.reviewers(), 0);
        (0..network.papers()).for_each(|paper| flow.settle(network, paper));
        flow
    }

    /// Nothing costs anything, as in a network without worth.
    pub fn forget_prices(&mut self) {
        self.upper.fill(0);
        self.price.fill(0);
    }

    /// Lets an arc carry more. Loads are kept; what a paper misses is not touched.
    pub fn raise(&mut self, network: &Network, arc: u32, more: u32) {
        let reviewer = network.arcs.get(arc as usize).map_or(0, |own| own.reviewer) as usize;
        if self.carries.at(arc as usize) == 0
            && let Some(held) = self.held.get_mut(reviewer)
        {
            held.push(arc);
        }
        add(&mut self.carries, arc as usize, more);
        add(&mut self.load, reviewer, more);
    }

    /// Lets an arc carry less.
    pub fn lower(&mut self, network: &Network, arc: u32, less: u32) {
        let reviewer = network.arcs.get(arc as usize).map_or(0, |own| own.reviewer) as usize;
        let less = less.min(self.carries.at(arc as usize));
        take(&mut self.carries, arc as usize, less);
        take(&mut self.load, reviewer, less);
        if self.carries.at(arc as usize) == 0
            && let Some(held) = self.held.get_mut(reviewer)
        {
            held.retain(|other| *other != arc);
        }
    }

    /// Sets the prices of a paper and its groups anew for the reviewers' prices as they are, and takes away what it
    /// would no longer choose at them.
    pub fn settle(&mut self, network: &Network, paper: usize) {
        let (groups, papers) = (network.groups_of(paper), network.papers());
        let mut own = self.dearest(network, paper);
        // A group that lets nothing more pass may cost more than its paper; taking from it opens it again, and then
        // the paper must cost as much. Prices only rise, and each round opens a group, so this ends.
        loop {
            let mut highest = own;
            for group in groups.clone() {
                let dearest = self.dearest(network, papers + group);
                if self.passes.at(group) >= network.room.at(group) {
                    let price = dearest.max(highest).or_else(|| self.cheapest(network, papers + group));
                    self.upper.put(papers + group, price.unwrap_or(0));
                    self.drop_below(network, papers + group, price.unwrap_or(0));
                }
                if self.passes.at(group) < network.room.at(group) {
                    highest = highest.max(self.dearest(network, papers + group));
                }
            }
            let is_settled = highest == own;
            own = highest;
            if is_settled {
                break;
            }
        }
        let full = groups.clone().filter(|group| self.passes.at(*group) >= network.room.at(*group));
        let full = full.map(|group| self.upper.at(papers + group)).min();
        // Where nothing more is possible the price may be anything up to what the last review gains.
        let least = || [self.cheapest(network, paper), full].into_iter().flatten().min();
        let own = own.or_else(least).unwrap_or(0);
        self.upper.put(paper, own);
        self.drop_below(network, paper, own);
        for group in groups {
            if self.passes.at(group) < network.room.at(group) {
                self.upper.put(papers + group, own);
                self.drop_below(network, papers + group, own);
            }
        }
    }

    /// The most that an arc which can take more would gain at an upper node.
    fn dearest(&self, network: &Network, upper: usize) -> Option<i64> {
        let (from, to) = network.span(upper);
        let carries = self.carries.get(from..to).unwrap_or_default();
        let open = network.arcs_of(upper).iter().zip(carries).filter(|(arc, carried)| arc.room > **carried);
        open.map(|(arc, _)| arc.worth - self.price.at(arc.reviewer as usize)).max()
    }

    /// The least that an arc which carries something gains at an upper node.
    fn cheapest(&self, network: &Network, upper: usize) -> Option<i64> {
        let (from, to) = network.span(upper);
        let carries = self.carries.get(from..to).unwrap_or_default();
        let held = network.arcs_of(upper).iter().zip(carries).filter(|(_, carried)| **carried > 0);
        held.map(|(arc, _)| arc.worth - self.price.at(arc.reviewer as usize)).min()
    }

    fn drop_below(&mut self, network: &Network, upper: usize, price: i64) {
        let (from, to) = network.span(upper);
        for arc in from..to {
            let carried = self.carries.at(arc);
            if carried == 0 {
                continue;
            }
            let Some(own) = network.arcs.get(arc) else { continue };
            if own.worth - self.price.at(own.reviewer as usize) < price {
                self.lower(network, arc as u32, carried);
                add(&mut self.open, network.paper_of(upper), carried);
                if let Some(group) = upper.checked_sub(network.papers()) {
                    take(&mut self.passes, group, carried);
                }
            }
        }
    }

    /// What a reviewer must still take: up to the most where their time costs something, else up to the least.
    pub fn short(&self, network: &Network, reviewer: usize) -> u32 {
        let whole =
            if self.price.at(reviewer) > 0 { network.most.at(reviewer) } else { network.least.at(reviewer) };
        whole.saturating_sub(self.load.at(reviewer))
    }
}
