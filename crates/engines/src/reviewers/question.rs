//! Question: papers that want reviews, reviewers who can give some, and what each pair is worth.

use serde::{Deserialize, Serialize};

use super::places::Places;

/// Papers of one question.
pub const PAPERS_MAX: usize = 200_000;
/// Reviewers of one question.
pub const REVIEWERS_MAX: usize = 200_000;
/// Pairs of one question.
pub const PAIRS_MAX: usize = 60_000_000;
/// Reviews that one paper wants or one reviewer gives.
pub const REVIEWS_MAX: u32 = 10_000;
/// No score is further from nothing.
pub const SCORE_MAX: i32 = 1_000_000_000;
/// The unit of a reviewer who belongs to none: two of them are never of the same unit.
pub const NO_UNIT: u32 = u32::MAX;

/// One paper, proposal or application that wants reviews.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Paper {
    /// So many reviews, neither fewer nor more.
    pub demand: u32,
    /// At least so many of them by seniors.
    pub seniors: u32,
}

/// One reviewer and the limits that are their own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reviewer {
    /// At least so many reviews.
    pub least: u32,
    /// At most so many.
    pub most: u32,
    /// The unit they belong to, or [`NO_UNIT`].
    pub unit: u32,
    pub is_senior: bool,
}

impl Default for Reviewer {
    fn default() -> Self {
        Self { least: 0, most: 0, unit: NO_UNIT, is_senior: false }
    }
}

/// A pair that is possible, at its paper.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pair {
    pub reviewer: u32,
    /// What this reviewer is worth for the paper.
    pub score: i32,
}

/// Who shall review what?
///
/// Always, once checked: `first` has one place more than there are papers and grows; the pairs of a paper stand in
/// the order of their reviewers, each once; conflicts stand in order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Question {
    pub papers: Vec<Paper>,
    pub reviewers: Vec<Reviewer>,
    /// Where the pairs of each paper begin.
    pub first: Vec<u32>,
    /// Pairs, paper by paper. Who does not stand here does not review the paper.
    pub pairs: Vec<Pair>,
    /// Paper and reviewer who must be kept apart, also where a pair stands.
    pub conflicts: Vec<(u32, u32)>,
    /// Of a paper's reviews at most one in so many is by the same unit, though always one may be: 3 for a third
    /// (rulebook EP-R24). Nothing: units do not matter.
    pub unit_part: Option<u32>,
}

/// Why a question cannot be asked. Papers, reviewers, pairs and conflicts are counted from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, thiserror::Error)]
pub enum Fault {
    #[error("more than {PAPERS_MAX} papers, {REVIEWERS_MAX} reviewers or {PAIRS_MAX} pairs")]
    TooMany,
    #[error("paper {paper} wants more than {REVIEWS_MAX} reviews, or more seniors than reviews")]
    Demand { paper: u32 },
    #[error("reviewer {reviewer} has a least load above the most, or above {REVIEWS_MAX}")]
    Load { reviewer: u32 },
    #[error("the pairs of paper {paper} are not where they should be")]
    Places { paper: u32 },
    #[error("a pair of paper {paper} names no reviewer, or one twice, or out of order: {reviewer}")]
    Pair { paper: u32, reviewer: u32 },
    #[error("the score of paper {paper} and reviewer {reviewer} is beyond {SCORE_MAX}")]
    Score { paper: u32, reviewer: u32 },
    #[error("conflict {conflict} is out of order or names nobody")]
    Conflict { conflict: u32 },
    #[error("one in nothing is no part")]
    UnitPart,
}

impl Question {
    /// Whether the question can be asked.
    ///
    /// # Errors
    /// The first thing that is wrong with it.
    pub fn check(&self) -> Result<(), Fault> {
        let is_small = self.papers.len() <= PAPERS_MAX
            && self.reviewers.len() <= REVIEWERS_MAX
            && self.pairs.len() <= PAIRS_MAX
            && self.conflicts.len() <= PAIRS_MAX;
        if !is_small {
            return Err(Fault::TooMany);
        }
        for (paper, own) in (0..).zip(&self.papers) {
            if own.demand > REVIEWS_MAX || own.seniors > own.demand {
                return Err(Fault::Demand { paper });
            }
        }
        for (reviewer, own) in (0..).zip(&self.reviewers) {
            if own.least > own.most || own.most > REVIEWS_MAX {
                return Err(Fault::Load { reviewer });
            }
        }
        if self.unit_part == Some(0) {
            return Err(Fault::UnitPart);
        }
        self.check_pairs()?;
        let is_there = |(paper, reviewer): (u32, u32)| {
            (paper as usize) < self.papers.len() && (reviewer as usize) < self.reviewers.len()
        };
        let mut before = None;
        for (conflict, pair) in (0..).zip(&self.conflicts) {
            if !is_there(*pair) || before.is_some_and(|before| before >= *pair) {
                return Err(Fault::Conflict { conflict });
            }
            before = Some(*pair);
        }
        Ok(())
    }

    fn check_pairs(&self) -> Result<(), Fault> {
        let ends = self.first.first() == Some(&0) && self.first.last() == Some(&(self.pairs.len() as u32));
        if self.first.len() != self.papers.len() + 1 || !ends {
            return Err(Fault::Places { paper: 0 });
        }
        for paper in 0..self.papers.len() {
            let number = paper as u32;
            if self.first.at(paper) > self.first.at(paper + 1) {
                return Err(Fault::Places { paper: number });
            }
            let mut next = 0;
            for pair in self.pairs_of(paper) {
                let reviewer = pair.reviewer;
                if reviewer < next || reviewer as usize >= self.reviewers.len() {
                    return Err(Fault::Pair { paper: number, reviewer });
                }
                if pair.score.unsigned_abs() > SCORE_MAX.unsigned_abs() {
                    return Err(Fault::Score { paper: number, reviewer });
                }
                next = reviewer + 1;
            }
        }
        Ok(())
    }

    /// The pairs of a paper.
    #[must_use]
    pub fn pairs_of(&self, paper: usize) -> &[Pair] {
        let (from, to) = (self.first.at(paper) as usize, self.first.at(paper + 1) as usize);
        self.pairs.get(from..to).unwrap_or_default()
    }

    /// What a pair is worth; nothing if it is not possible.
    #[must_use]
    pub fn score(&self, paper: u32, reviewer: u32) -> Option<i32> {
        let pairs = self.pairs_of(paper as usize);
        let place = pairs.binary_search_by_key(&reviewer, |pair| pair.reviewer).ok()?;
        let is_apart = self.conflicts.binary_search(&(paper, reviewer)).is_ok();
        pairs.get(place).filter(|_| !is_apart).map(|pair| pair.score)
    }

    /// How many reviews of a paper may be by one unit; nothing if units do not matter.
    #[must_use]
    pub fn unit_room(&self, paper: usize) -> Option<u32> {
        let demand = self.papers.get(paper).map_or(0, |own| own.demand);
        self.unit_part.map(|part| (demand / part.max(1)).max(1))
    }

    /// A reviewer; one who can do nothing if there is none of this number.
    #[must_use]
    pub fn reviewer(&self, reviewer: u32) -> Reviewer {
        self.reviewers.get(reviewer as usize).copied().unwrap_or_default()
    }

    /// Puts pairs that came in any order into theirs. Of the same pair the last one counts.
    pub fn put_pairs(&mut self, mut pairs: Vec<(u32, Pair)>) {
        pairs.sort_by_key(|(paper, pair)| (*paper, pair.reviewer));
        let mut kept: Vec<(u32, Pair)> = Vec::with_capacity(pairs.len());
        for (paper, pair) in pairs {
            match kept.last_mut() {
                Some((last, own)) if *last == paper && own.reviewer == pair.reviewer => *own = pair,
                _ => kept.push((paper, pair)),
            }
        }
        self.first = vec![0; self.papers.len() + 1];
        for (paper, _) in &kept {
            super::places::add(&mut self.first, *paper as usize + 1, 1);
        }
        let mut sum = 0;
        for place in &mut self.first {
            sum += *place;
            *place = sum;
        }
        self.pairs = kept.into_iter().map(|(_, pair)| pair).collect();
    }
}
