//! Exchange: one paper gets a better reviewer, who leaves another paper, which gets another one, and so on, until
//! somebody with time comes in or the reviewer whom the first paper gave up is taken. Nobody on the way falls below
//! what is asked for them.
//!
//! The ways are looked for by the prices of the best sum, nearest first, so that raising one paper costs little of it.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::check::Prices;
use super::network::NONE;
use super::places::{Places, add, take};
use super::question::{NO_UNIT, Question};

const FAR: i64 = i64::MAX;
/// What every paper is served with at least.
const LEAST: i64 = -(1 << 50);

/// An assignment that is being changed.
#[derive(Debug, Clone)]
pub struct Board<'a> {
    question: &'a Question,
    prices: &'a Prices,
    /// What each paper is served with.
    pub sums: Vec<i64>,
    /// The sum of these.
    pub total: i64,
    load: Vec<u32>,
    /// Reviewers of each paper with their scores, and papers of each reviewer.
    panel: Vec<Vec<(u32, i32)>>,
    held: Vec<Vec<u32>>,
}

/// What a search keeps between its rounds.
#[derive(Debug, Default)]
pub struct Ways {
    distance: Vec<i64>,
    /// The paper that would take each reviewer, and whom it would give up.
    by: Vec<(u32, u32)>,
    seen: Vec<u32>,
    queue: BinaryHeap<Reverse<(i64, u32)>>,
}

/// A paper gives up one reviewer and takes another.
#[derive(Debug, Clone, Copy)]
struct Swap {
    paper: u32,
    out: u32,
    into: u32,
}

impl<'a> Board<'a> {
    pub fn of(question: &'a Question, prices: &'a Prices, pairs: &[(u32, u32)]) -> Self {
        let (papers, reviewers) = (question.papers.len(), question.reviewers.len());
        let mut board = Self {
            question,
            prices,
            sums: vec![0; papers],
            total: 0,
            load: vec![0; reviewers],
            panel: vec![Vec::new(); papers],
            held: vec![Vec::new(); reviewers],
        };
        pairs.iter().for_each(|(paper, reviewer)| board.put(*paper, *reviewer));
        board
    }

    fn put(&mut self, paper: u32, reviewer: u32) {
        let score = self.question.score(paper, reviewer).unwrap_or(0);
        add(&mut self.sums, paper as usize, score.into());
        self.total += i64::from(score);
        add(&mut self.load, reviewer as usize, 1);
        self.panel.get_mut(paper as usize).into_iter().for_each(|panel| panel.push((reviewer, score)));
        self.held.get_mut(reviewer as usize).into_iter().for_each(|held| held.push(paper));
    }

    fn remove(&mut self, paper: u32, reviewer: u32) {
        let score = self.question.score(paper, reviewer).unwrap_or(0);
        add(&mut self.sums, paper as usize, -i64::from(score));
        self.total -= i64::from(score);
        take(&mut self.load, reviewer as usize, 1);
        let panel = self.panel.get_mut(paper as usize);
        panel.into_iter().for_each(|panel| panel.retain(|(other, _)| *other != reviewer));
        self.held
            .get_mut(reviewer as usize)
            .into_iter()
            .for_each(|held| held.retain(|other| *other != paper));
    }

    /// The pairs in order.
    pub fn pairs(&self) -> Vec<(u32, u32)> {
        let of = |(paper, panel): (u32, &Vec<(u32, i32)>)| {
            panel.iter().map(|(reviewer, _)| (paper, *reviewer)).collect::<Vec<_>>()
        };
        let mut pairs: Vec<(u32, u32)> = (0..).zip(&self.panel).flat_map(of).collect();
        pairs.sort_unstable();
        pairs
    }

    fn panel_of(&self, paper: u32) -> &[(u32, i32)] {
        self.panel.get(paper as usize).map_or(&[], Vec::as_slice)
    }

    /// Raises a paper to `target` by one exchange if it can, on whose way nobody falls below it who is not already, and
    /// after which the total is not below `lowest`.
    pub fn raise(&mut self, ways: &mut Ways, paper: u32, target: i64, lowest: i64) -> bool {
        let mut best: Option<(i64, Vec<Swap>)> = None;
        for (out, score) in self.panel_of(paper).to_vec() {
            let least = target - self.sums.at(paper as usize) + i64::from(score);
            let found = ways.look(self, (paper, out), least, target);
            if let Some((cost, way)) = found
                && best.as_ref().is_none_or(|(least, _)| cost < *least)
            {
                best = Some((cost, way));
            }
        }
        let Some((_, way)) = best else { return false };
        let before = self.total;
        let take = |board: &mut Self, swap: &Swap, is_back: bool| {
            let (out, into) = if is_back { (swap.into, swap.out) } else { (swap.out, swap.into) };
            board.remove(swap.paper, out);
            board.put(swap.paper, into);
        };
        way.iter().for_each(|swap| take(self, swap, false));
        if self.total >= lowest.min(before) {
            return true;
        }
        way.iter().for_each(|swap| take(self, swap, true));
        false
    }

    fn seniors(&self, paper: u32) -> u32 {
        let panel = self.panel_of(paper).iter();
        panel.filter(|(reviewer, _)| self.question.reviewer(*reviewer).is_senior).count() as u32
    }

    fn seniors_wanted(&self, paper: u32) -> u32 {
        self.question.papers.get(paper as usize).map_or(0, |paper| paper.seniors)
    }

    /// Gives seniors to papers that have fewer than they want, at the least cost that is found one after the other.
    ///
    /// # Errors
    /// The first paper for which none is found.
    pub fn mend(&mut self, ways: &mut Ways) -> Result<(), u32> {
        for paper in 0..self.question.papers.len() as u32 {
            while self.seniors(paper) < self.seniors_wanted(paper) {
                // While it has too few, a paper takes only seniors; how well anybody is served does not matter.
                if !self.raise(ways, paper, LEAST, i64::MIN) {
                    return Err(paper);
                }
            }
        }
        Ok(())
    }

    /// Whether a paper may give up one reviewer for another: both may meet it, and its rules still hold.
    fn may(&self, paper: u32, out: u32, into: u32) -> bool {
        let panel = self.panel_of(paper);
        let (own, other) = (self.question.reviewer(out), self.question.reviewer(into));
        if panel.iter().any(|(reviewer, _)| *reviewer == into)
            || self.question.conflicts.binary_search(&(paper, into)).is_ok()
        {
            return false;
        }
        if !other.is_senior && self.seniors(paper) < self.seniors_wanted(paper) + u32::from(own.is_senior) {
            return false;
        }
        match self.question.unit_room(paper as usize) {
            Some(room) if other.unit != NO_UNIT && other.unit != own.unit => {
                let same =
                    panel.iter().filter(|(reviewer, _)| self.question.reviewer(*reviewer).unit == other.unit);
                (same.count() as u32) < room
            }
            _ => true,
        }
    }
}

impl Ways {
    fn reach(&mut self, reviewer: u32, distance: i64, by: (u32, u32)) {
        let before = self.distance.at(reviewer as usize);
        if distance >= before {
            return;
        }
        if before == FAR {
            self.seen.push(reviewer);
        }
        self.distance.put(reviewer as usize, distance);
        self.by.put(reviewer as usize, by);
        self.queue.push(Reverse((distance, reviewer)));
    }

    /// The nearest exchange by which a paper gives up `out` for somebody whose score is at least `least`.
    fn look(
        &mut self,
        board: &Board,
        (paper, out): (u32, u32),
        least: i64,
        target: i64,
    ) -> Option<(i64, Vec<Swap>)> {
        let reviewers = board.question.reviewers.len();
        if self.distance.len() != reviewers {
            (self.distance, self.by) = (vec![FAR; reviewers], vec![(NONE, NONE); reviewers]);
        }
        self.seen.drain(..).for_each(|reviewer| self.distance.put(reviewer as usize, FAR));
        self.queue.clear();
        let own = board.question.reviewer(out);
        let can_leave = board.load.at(out as usize) > own.least;
        self.leave(board, (paper, out), least, 0);
        while let Some(Reverse((distance, reviewer))) = self.queue.pop() {
            if self.distance.at(reviewer as usize) != distance {
                continue;
            }
            let has_time = board.load.at(reviewer as usize) < board.question.reviewer(reviewer).most;
            if reviewer == out || (has_time && can_leave) {
                return Some((distance, self.way(reviewer, (paper, out))?));
            }
            for other in board.held.get(reviewer as usize).into_iter().flatten() {
                if self.is_on_way(reviewer, *other, paper) {
                    continue;
                }
                let sum = board.sums.at(*other as usize);
                let score = board.question.score(*other, reviewer).unwrap_or(0);
                let least = sum.min(target) - sum + i64::from(score);
                self.leave(board, (*other, reviewer), least, distance);
            }
        }
        None
    }

    /// Reaches those whom a paper may take for one whom it gives up.
    fn leave(&mut self, board: &Board, (paper, out): (u32, u32), least: i64, distance: i64) {
        let prices = board.prices;
        let price = prices.papers.at(paper as usize);
        let score = i64::from(board.question.score(paper, out).unwrap_or(0));
        let gives = (score - price - prices.reviewers.at(out as usize)).max(0);
        for pair in board.question.pairs_of(paper as usize) {
            let score = i64::from(pair.score);
            if score < least {
                continue;
            }
            let gains = (price + prices.reviewers.at(pair.reviewer as usize) - score).max(0);
            let reached = distance + gives + gains;
            if reached < self.distance.at(pair.reviewer as usize) && board.may(paper, out, pair.reviewer) {
                self.reach(pair.reviewer, reached, (paper, out));
            }
        }
    }

    /// Whether a paper already changes on the way to a reviewer.
    fn is_on_way(&self, mut reviewer: u32, paper: u32, first: u32) -> bool {
        for _ in 0..=self.seen.len() {
            let (by, out) = self.by.at(reviewer as usize);
            if by == paper {
                return true;
            }
            if by == first || by == NONE {
                return false;
            }
            reviewer = out;
        }
        true
    }

    /// The exchange that ends with a reviewer; none if it does not lead back to where it began.
    fn way(&self, mut reviewer: u32, start: (u32, u32)) -> Option<Vec<Swap>> {
        let mut way = Vec::new();
        for _ in 0..=self.seen.len() {
            let (paper, out) = self.by.at(reviewer as usize);
            way.push(Swap { paper, out, into: reviewer });
            if (paper, out) == start {
                return Some(way);
            }
            reviewer = out;
        }
        None
    }
}
