//! Ballots: the rules by which votes choose projects under one budget: greedy, with and without skipping, and
//! equal shares (Peters, Pierczyński, Skowron 2021) with its usual completions.
//!
//! Equal shares gives each voter the same part of the budget. A project is bought by those who approve of it,
//! all paying alike as far as they can; whichever costs each of them least for its worth comes first. Sums are
//! whole numbers of a 2^-32nd of the money's unit, shares rounded down and prices up, so nobody spends what is not there.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::places::{Places, add};

/// Projects of one ballot.
pub const PROJECTS_MAX: usize = 10_000;
/// Approvals in all.
pub const APPROVALS_MAX: usize = 20_000_000;
/// Rounds of raising the shares.
const RAISES_MAX: i64 = 100_000;
/// A unit of money in the grain of the shares.
const GRAIN: i128 = 1 << 32;

/// One budget, what projects cost, and who approves of what.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Ballots {
    /// The budget, in whole units; not below nothing.
    pub budget: i64,
    /// What each project costs; above nothing.
    pub costs: Vec<i64>,
    /// The projects each voter approves of.
    pub votes: Vec<Vec<u32>>,
}

/// What a project is worth to whoever approves of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Worth {
    /// As much as it costs.
    Cost,
    /// One, like any other.
    One,
}

/// Takes projects by score, the greatest first and equal ones as they stand, while they fit. With `skips`, one that does
/// not fit is passed over; without, nothing more is taken. The projects in the order taken.
pub fn greedy(costs: &[i64], scores: &[i64], budget: i64, skips: bool) -> Vec<u32> {
    let mut order: Vec<u32> = (0..costs.len() as u32).collect();
    order.sort_by_key(|project| (Reverse(scores.at(*project as usize)), *project));
    take(costs, &order, budget, skips, Vec::new())
}

fn take(costs: &[i64], order: &[u32], budget: i64, skips: bool, mut taken: Vec<u32>) -> Vec<u32> {
    let mut left = budget - taken.iter().map(|project| costs.at(*project as usize)).sum::<i64>();
    for project in order {
        let cost = costs.at(*project as usize);
        if taken.contains(project) {
            continue;
        }
        if cost <= left {
            left -= cost;
            taken.push(*project);
        } else if !skips {
            break;
        }
    }
    taken
}

impl Ballots {
    /// How many approve of each project.
    pub fn counts(&self) -> Vec<i64> {
        let mut counts = vec![0; self.costs.len()];
        self.votes.iter().flatten().for_each(|project| add(&mut counts, *project as usize, 1));
        counts
    }

    fn cost_of(&self, taken: &[u32]) -> i64 {
        taken.iter().map(|project| self.costs.at(*project as usize)).sum()
    }

    /// Equal shares of the budget alone, with nothing added: what voters can agree to pay.
    pub fn equal_shares(&self, worth: Worth) -> Vec<u32> {
        self.shares_of(i128::from(self.budget) * GRAIN / (self.votes.len().max(1) as i128), worth)
    }

    /// Equal shares where each share is raised by one unit at a time until the budget would be passed, then filled up
    /// greedily by votes ("add 1" and "utilitarian completion").
    pub fn equal_shares_raised(&self, worth: Worth) -> Vec<u32> {
        let voters = self.votes.len().max(1) as i128;
        let first = i128::from(self.budget) * GRAIN / voters;
        let mut taken = self.shares_of(first, worth);
        for raise in 1..=RAISES_MAX {
            // All projects are bought, or nothing more can be.
            if taken.len() == self.costs.len() {
                break;
            }
            let more = self.shares_of(first + i128::from(raise) * GRAIN, worth);
            if self.cost_of(&more) > self.budget {
                break;
            }
            taken = more;
        }
        let counts = self.counts();
        let mut order: Vec<u32> = (0..self.costs.len() as u32).collect();
        order.sort_by_key(|project| (Reverse(counts.at(*project as usize)), *project));
        take(&self.costs, &order, self.budget, true, taken)
    }

    /// Raised equal shares, or greedy by votes if more voters get more of their money's worth from that.
    pub fn equal_shares_compared(&self, worth: Worth) -> Vec<u32> {
        let shares = self.equal_shares_raised(worth);
        let greedy = greedy(&self.costs, &self.counts(), self.budget, true);
        let worth_of = |taken: &[u32], vote: &[u32]| -> i64 {
            let own = vote.iter().filter(|project| taken.contains(project));
            own.map(|project| if worth == Worth::Cost { self.costs.at(*project as usize) } else { 1 }).sum()
        };
        let mut lead = 0_i64;
        for vote in &self.votes {
            lead += (worth_of(&shares, vote) - worth_of(&greedy, vote)).signum();
        }
        if lead < 0 { greedy } else { shares }
    }

    /// Buys projects while those who approve can pay, from the same share for each voter.
    fn shares_of(&self, share: i128, worth: Worth) -> Vec<u32> {
        let mut left = vec![share; self.votes.len()];
        let mut fans: Vec<Vec<u32>> = vec![Vec::new(); self.costs.len()];
        for (vote, voter) in self.votes.iter().zip(0..) {
            for project in vote {
                fans.get_mut(*project as usize).into_iter().for_each(|fans| fans.push(voter));
            }
        }
        let mut taken = Vec::new();
        // A project's price never falls, so an old one is a bound: the queue holds prices for a unit of worth.
        let mut queue: BinaryHeap<Reverse<(i128, Reverse<usize>, u32)>> = BinaryHeap::new();
        for (fans, project) in fans.iter().zip(0_u32..) {
            queue.push(Reverse((0, Reverse(fans.len()), project)));
        }
        while let Some(Reverse((old, count, project))) = queue.pop() {
            let fans = fans.get(project as usize).map(Vec::as_slice).unwrap_or_default();
            let cost = self.costs.at(project as usize);
            let Some(price) = price(fans, &left, i128::from(cost) * GRAIN) else { continue };
            let unit = match worth {
                Worth::Cost => i128::from(cost.max(1)),
                Worth::One => 1,
            };
            // Prices for a unit of worth, in a finer grain so that they are told apart.
            let rate = (price << 32) / unit;
            if rate > old && queue.peek().is_some_and(|Reverse(next)| *next < (rate, count, project)) {
                queue.push(Reverse((rate, count, project)));
                continue;
            }
            for voter in fans {
                let own = left.at(*voter as usize);
                left.put(*voter as usize, own - own.min(price));
            }
            taken.push(project);
        }
        taken
    }
}

/// What each must pay at most so that all together pay the cost; `None` if they cannot.
fn price(fans: &[u32], left: &[i128], cost: i128) -> Option<i128> {
    let mut purses: Vec<i128> = fans.iter().map(|voter| left.at(*voter as usize)).collect();
    if purses.iter().sum::<i128>() < cost {
        return None;
    }
    purses.sort_unstable();
    let mut missing = cost;
    let mut heads = purses.len() as i128;
    for purse in purses {
        let each = (missing + heads - 1) / heads;
        if purse >= each {
            return Some(each);
        }
        missing -= purse;
        heads -= 1;
    }
    None
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn greedy_passes_over_what_does_not_fit_or_stops() {
        let (costs, scores) = ([50, 60, 10], [9, 8, 7]);
        assert_eq!(greedy(&costs, &scores, 100, true), [0, 2]);
        assert_eq!(greedy(&costs, &scores, 100, false), [0]);
    }

    #[test]
    fn a_third_of_the_voters_decide_about_a_third_of_the_money() {
        // 60 voters like the first three, 30 the fourth. Greedy leaves the 30 with nothing.
        let mut votes = vec![vec![0, 1, 2]; 60];
        votes.extend(vec![vec![3]; 30]);
        let ballots = Ballots { budget: 90, costs: vec![30; 4], votes };
        assert_eq!(greedy(&ballots.costs, &ballots.counts(), 90, true), [0, 1, 2]);
        for worth in [Worth::Cost, Worth::One] {
            assert_eq!(ballots.equal_shares(worth), [0, 1, 3]);
            assert_eq!(ballots.equal_shares_raised(worth), [0, 1, 3]);
        }
        assert_eq!(ballots.equal_shares_compared(Worth::One), [0, 1, 2], "60 voters get more from greedy");
    }

    #[test]
    fn nobody_spends_more_than_was_given() {
        for seed in 0..60 {
            let mut dice = crate::allocation::tests::Dice::new(seed);
            let costs: Vec<i64> = (0..8).map(|_| 1 + dice.below(90)).collect();
            let votes: Vec<Vec<u32>> = (0..12).map(|_| (0..8).filter(|_| dice.is(40)).collect()).collect();
            let ballots = Ballots { budget: 150, costs, votes };
            for worth in [Worth::Cost, Worth::One] {
                let shares = ballots.equal_shares(worth);
                let raised = ballots.equal_shares_raised(worth);
                assert!(ballots.cost_of(&shares) <= 150 && ballots.cost_of(&raised) <= 150);
                assert!(shares.iter().all(|project| ballots.counts()[*project as usize] > 0));
                let greedy = greedy(&ballots.costs, &ballots.counts(), 150, true);
                let compared = ballots.equal_shares_compared(worth);
                assert!(compared == greedy || compared == raised);
            }
        }
    }
}
