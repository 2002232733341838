//! Search: the cheapest way to give an open paper one more review, or a short reviewer one more paper, by moving
//! others along.
//!
//! Dijkstra over prices: no step along an arc costs less than nothing at them, so the search stays near where it began.
//! Afterwards the prices of what was seen move, and the way found costs nothing.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::flow::Flow;
use super::network::{NONE, Network, Reversed};
use super::places::{Places, add, take};

/// Marks a way between a paper and its group; what is left is the upper node it came from.
const LINK: u32 = 1 << 31;
/// A node that was not seen.
const FAR: i64 = i64::MAX;

/// What a search keeps between its rounds, so that a round costs only what it sees.
#[derive(Debug, Default)]
pub struct Search {
    distance: Vec<i64>,
    /// The arc or link by which each node was reached.
    by: Vec<u32>,
    queue: BinaryHeap<Reverse<(i64, u32)>>,
    /// Nodes whose distance is known, and whose distance was written.
    done: Vec<u32>,
    seen: Vec<u32>,
    best: i64,
    end: u32,
}

/// There is no way: what was seen from where the search began.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Cut {
    pub papers: Vec<u32>,
    pub reviewers: Vec<u32>,
}

impl Search {
    fn begin(&mut self, network: &Network, node: usize) {
        let nodes = network.uppers() + network.reviewers();
        if self.distance.len() != nodes {
            (self.distance, self.by) = (vec![FAR; nodes], vec![NONE; nodes]);
        }
        self.seen.drain(..).for_each(|node| self.distance.put(node as usize, FAR));
        self.queue.clear();
        self.done.clear();
        (self.best, self.end) = (FAR, NONE);
        self.reach(node, 0, NONE);
    }

    #[inline]
    fn reach(&mut self, node: usize, distance: i64, by: u32) {
        let before = self.distance.at(node);
        if distance >= before || distance >= self.best {
            return;
        }
        if before == FAR {
            self.seen.push(node as u32);
        }
        self.distance.put(node, distance);
        self.by.put(node, by);
        self.queue.push(Reverse((distance, node as u32)));
    }

    /// The nearest node that is not done, as long as it is nearer than the best end.
    fn next(&mut self) -> Option<(i64, usize)> {
        loop {
            let Reverse((distance, node)) = self.queue.pop()?;
            if distance >= self.best {
                return None;
            }
            // A node that came nearer stands in the queue again; the older entry is passed over.
            if self.distance.at(node as usize) == distance {
                self.done.push(node);
                return Some((distance, node as usize));
            }
        }
    }

    fn ends(&mut self, distance: i64, node: usize) {
        if distance < self.best {
            (self.best, self.end) = (distance, node as u32);
        }
    }

    fn cut(&self, network: &Network) -> Cut {
        let uppers = network.uppers();
        let mut cut = Cut::default();
        for node in &self.done {
            match (*node as usize).checked_sub(uppers) {
                Some(reviewer) => cut.reviewers.push(reviewer as u32),
                None if (*node as usize) < network.papers() => cut.papers.push(*node),
                None => {}
            }
        }
        cut.papers.sort_unstable();
        cut.reviewers.sort_unstable();
        cut
    }

    /// Moves the prices along the way that was found: forth (1) from a paper, or back (-1) from a reviewer.
    fn reprice(&self, flow: &mut Flow, uppers: usize, way: i64) {
        for node in &self.done {
            let node = *node as usize;
            let change = way * (self.best - self.distance.at(node));
            match node.checked_sub(uppers) {
                Some(reviewer) => add(&mut flow.price, reviewer, change),
                None => add(&mut flow.upper, node, -change),
            }
        }
    }

    /// Gives an open paper some of what it misses.
    ///
    /// # Errors
    /// There is no way to.
    pub fn serve(&mut self, network: &Network, flow: &mut Flow, paper: usize) -> Result<(), Cut> {
        let uppers = network.uppers();
        self.begin(network, paper);
        while let Some((distance, node)) = self.next() {
            match node.checked_sub(uppers) {
                Some(reviewer) => self.leave_reviewer(network, flow, reviewer, distance),
                None => self.leave_upper(network, flow, node, distance),
            }
        }
        if self.end == NONE {
            return Err(self.cut(network));
        }
        self.reprice(flow, uppers, 1);
        self.move_along(network, flow, paper);
        Ok(())
    }

    #[inline]
    fn leave_upper(&mut self, network: &Network, flow: &Flow, upper: usize, distance: i64) {
        let uppers = network.uppers();
        let base = distance + flow.upper.at(upper);
        let (from, to) = network.span(upper);
        let carries = flow.carries.get(from..to).unwrap_or_default();
        for ((arc, carried), number) in network.arcs_of(upper).iter().zip(carries).zip(from as u32..) {
            let reviewer = arc.reviewer as usize;
            let reached = base + flow.price.at(reviewer) - arc.worth;
            if reached < self.best && arc.room > *carried {
                self.reach(uppers + reviewer, reached, number);
            }
        }
        let papers = network.papers();
        if let Some(group) = upper.checked_sub(papers) {
            if flow.passes.at(group) > 0 {
                let paper = network.parent.at(group) as usize;
                self.reach(paper, base - flow.upper.at(paper), LINK | upper as u32);
            }
            return;
        }
        for group in network.groups_of(upper) {
            if flow.passes.at(group) < network.room.at(group) {
                self.reach(papers + group, base - flow.upper.at(papers + group), LINK | upper as u32);
            }
        }
    }

    #[inline]
    fn leave_reviewer(&mut self, network: &Network, flow: &Flow, reviewer: usize, distance: i64) {
        let (price, load) = (flow.price.at(reviewer), flow.load.at(reviewer));
        if load < network.most.at(reviewer) {
            // One who is short takes it for nothing; one who is not, at the price of nothing.
            let is_short = price > 0 || load < network.least.at(reviewer);
            self.ends(distance + if is_short { 0 } else { -price }, network.uppers() + reviewer);
        }
        for number in flow.held.get(reviewer).into_iter().flatten() {
            let upper = network.tail.at(*number as usize) as usize;
            let worth = network.arcs.get(*number as usize).map_or(0, |arc| arc.worth);
            self.reach(upper, distance + worth - flow.upper.at(upper) - price, *number);
        }
    }

    /// Moves what fits along the way that was found to `paper`.
    fn move_along(&mut self, network: &Network, flow: &mut Flow, paper: usize) {
        let uppers = network.uppers();
        let last = (self.end as usize).saturating_sub(uppers);
        let load = flow.load.at(last);
        let short = network.least.at(last).saturating_sub(load);
        let room = if short > 0 { short } else { network.most.at(last).saturating_sub(load) };
        let way = self.way(network, paper);
        let fits = way.iter().map(|step| step.fits(network, flow)).min().unwrap_or(0);
        let amount = fits.min(room).min(flow.open.at(paper));
        way.iter().for_each(|step| step.take(network, flow, amount));
        take(&mut flow.open, paper, amount);
    }

    /// The steps from the end of a search back to where it began.
    fn way(&self, network: &Network, start: usize) -> Vec<Step> {
        let uppers = network.uppers();
        let (mut way, mut node) = (Vec::new(), self.end as usize);
        // No node is passed twice.
        for _ in 0..self.done.len() + 1 {
            let by = self.by.at(node);
            if node == start || by == NONE {
                break;
            }
            if by & LINK != 0 {
                let before = (by & !LINK) as usize;
                let (is_into_group, group) =
                    if node < network.papers() { (false, before) } else { (true, node) };
                way.push(Step::Link((group - network.papers()) as u32, is_into_group));
                node = before;
            } else if node >= uppers {
                way.push(Step::Arc(by, true));
                node = network.tail.at(by as usize) as usize;
            } else {
                way.push(Step::Arc(by, false));
                node = uppers + network.arcs.get(by as usize).map_or(0, |arc| arc.reviewer as usize);
            }
        }
        way
    }

    /// Gives a short reviewer some of what they must have, or lowers their price until they need not.
    ///
    /// # Errors
    /// There is no way to.
    pub fn fill(
        &mut self,
        network: &Network,
        reversed: &Reversed,
        flow: &mut Flow,
        reviewer: usize,
    ) -> Result<(), Cut> {
        let uppers = network.uppers();
        self.begin(network, uppers + reviewer);
        if flow.price.at(reviewer) > 0 {
            // Nobody need come: at the price of nothing they are no longer short.
            self.ends(flow.price.at(reviewer), uppers + reviewer);
        }
        while let Some((distance, node)) = self.next() {
            match node.checked_sub(uppers) {
                Some(other) => self.come_to_reviewer(network, reversed, flow, (reviewer, other), distance),
                None => self.come_to_upper(network, flow, node, distance),
            }
        }
        if self.end == NONE {
            return Err(self.cut(network));
        }
        self.reprice(flow, uppers, -1);
        if self.end as usize != uppers + reviewer {
            self.move_back(network, flow, reviewer);
        }
        Ok(())
    }

    fn come_to_reviewer(
        &mut self,
        network: &Network,
        reversed: &Reversed,
        flow: &Flow,
        (start, other): (usize, usize),
        distance: i64,
    ) {
        let price = flow.price.at(other);
        let can_give = flow.load.at(other) > network.least.at(other) || price > 0;
        if other != start && can_give {
            self.ends(distance + price, network.uppers() + other);
        }
        for number in reversed.of_reviewer(other) {
            let Some(arc) = network.arcs.get(*number as usize) else { continue };
            let upper = network.tail.at(*number as usize) as usize;
            if arc.room > flow.carries.at(*number as usize) {
                self.reach(upper, distance + flow.upper.at(upper) + price - arc.worth, *number);
            }
        }
    }

    fn come_to_upper(&mut self, network: &Network, flow: &Flow, upper: usize, distance: i64) {
        let papers = network.papers();
        let (from, to) = network.span(upper);
        let carries = flow.carries.get(from..to).unwrap_or_default();
        let own = flow.upper.at(upper);
        for ((arc, carried), number) in network.arcs_of(upper).iter().zip(carries).zip(from as u32..) {
            if *carried > 0 {
                let reviewer = arc.reviewer as usize;
                let reached = distance + arc.worth - own - flow.price.at(reviewer);
                self.reach(network.uppers() + reviewer, reached, number);
            }
        }
        if let Some(group) = upper.checked_sub(papers) {
            let paper = network.parent.at(group) as usize;
            if flow.passes.at(group) < network.room.at(group) {
                self.reach(paper, distance + flow.upper.at(paper) - own, LINK | upper as u32);
            }
            return;
        }
        for group in network.groups_of(upper) {
            if flow.passes.at(group) > 0 {
                self.reach(
                    papers + group,
                    distance + flow.upper.at(papers + group) - own,
                    LINK | upper as u32,
                );
            }
        }
    }

    /// Moves what fits from the reviewer at the end to the one where the search began.
    fn move_back(&mut self, network: &Network, flow: &mut Flow, reviewer: usize) {
        let uppers = network.uppers();
        let last = (self.end as usize).saturating_sub(uppers);
        let spare = flow.load.at(last).saturating_sub(network.least.at(last)).max(1);
        // From an upper node the way runs to the reviewer it gives more, from a reviewer to the upper that takes it away.
        let way: Vec<Step> = self.way(network, uppers + reviewer).into_iter().map(Step::turned).collect();
        let fits = way.iter().map(|step| step.fits(network, flow)).min().unwrap_or(0);
        let least = network.least.at(reviewer).saturating_sub(flow.load.at(reviewer));
        let most = network.most.at(reviewer).saturating_sub(flow.load.at(reviewer));
        let amount = fits.min(spare).min(if least > 0 { least } else { most });
        way.iter().for_each(|step| step.take(network, flow, amount));
    }
}

/// One step of a way.
#[derive(Debug, Clone, Copy)]
enum Step {
    /// An arc carries more, or less.
    Arc(u32, bool),
    /// A group lets more pass, or less.
    Link(u32, bool),
}

impl Step {
    /// The same step of a way that was looked for from its other end.
    fn turned(self) -> Self {
        match self {
            Self::Arc(arc, is_more) => Self::Arc(arc, !is_more),
            Self::Link(group, is_into) => Self::Link(group, !is_into),
        }
    }

    fn fits(self, network: &Network, flow: &Flow) -> u32 {
        match self {
            Self::Arc(arc, is_more) => {
                let carried = flow.carries.at(arc as usize);
                let room = network.arcs.get(arc as usize).map_or(0, |own| own.room);
                if is_more { room.saturating_sub(carried) } else { carried }
            }
            Self::Link(group, is_more) => {
                let passes = flow.passes.at(group as usize);
                if is_more { network.room.at(group as usize).saturating_sub(passes) } else { passes }
            }
        }
    }

    fn take(self, network: &Network, flow: &mut Flow, amount: u32) {
        match self {
            Self::Arc(arc, true) => flow.raise(network, arc, amount),
            Self::Arc(arc, false) => flow.lower(network, arc, amount),
            Self::Link(group, true) => add(&mut flow.passes, group as usize, amount),
            Self::Link(group, false) => {
                take(&mut flow.passes, group as usize, amount);
            }
        }
    }
}
