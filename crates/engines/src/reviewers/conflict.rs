//! Conflict: where nothing obeys every rule, a smallest set of papers and reviewers that cannot be brought together,
//! and which of the other rules have a part in it.
//!
//! The search says where it got stuck: papers that want more than all who may review them can give. Papers are left
//! out one by one as long as the rest is still stuck, so that of what remains none can be spared.

use serde::{Deserialize, Serialize};

use super::fair::part;
use super::flow::Flow;
use super::network::Network;
use super::places::Places;
use super::question::Question;
use super::search::Cut;
use super::solve::{Stuck, solve};

/// Leaving out is tried for so many papers or reviewers; larger sets are told as they are.
const TRIED_MAX: usize = 300;

/// Rules that cannot be obeyed together.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Conflict {
    /// Papers whose demands cannot be met together.
    pub papers: Vec<u32>,
    /// Those who may review them: all that they may give is not enough. Or, where there are no papers, reviewers whose
    /// least loads cannot be met together.
    pub reviewers: Vec<u32>,
    /// Reviews that are missing.
    pub missing: u32,
    /// Conflicts of these papers.
    pub apart: Vec<(u32, u32)>,
    /// Without the limit on units it would be possible.
    pub units: bool,
    /// Without the wish for seniors it would be possible.
    pub seniors: bool,
    /// None of the papers or reviewers can be spared.
    pub is_smallest: bool,
}

/// Makes a conflict of where the search got stuck.
#[must_use]
pub fn conflict(question: &Question, stuck: &Stuck) -> Conflict {
    match stuck {
        Stuck::Papers(cut) => of_papers(question, cut),
        Stuck::Reviewers(cut) => of_reviewers(question, cut),
        Stuck::Seniors(paper) => {
            let mut conflict = told(question, vec![*paper]);
            (conflict.units, conflict.seniors) = (true, true);
            conflict
        }
        Stuck::Ended => Conflict::default(),
    }
}

/// The reviews that a question misses.
fn missing(question: &Question) -> u32 {
    let (network, _) = Network::of(question);
    let mut flow = Flow::empty(&network, Vec::new());
    let mut missing = 0;
    loop {
        match solve(&network, &mut flow, &mut |_| true) {
            Ok(()) | Err(Stuck::Ended | Stuck::Reviewers(_) | Stuck::Seniors(_)) => return missing,
            Err(Stuck::Papers(cut)) => {
                // The first open paper that was seen is given up by one review, and the search goes on.
                let open = cut.papers.iter().find(|paper| flow.open.at(**paper as usize) > 0);
                let Some(open) = open else { return missing + 1 };
                super::places::take(&mut flow.open, *open as usize, 1);
                missing += 1;
            }
        }
    }
}

fn of_papers(question: &Question, cut: &Cut) -> Conflict {
    let mut papers = cut.papers.clone();
    let is_stuck = |papers: &[u32]| missing(&part(question, papers)) > 0;
    let is_smallest = papers.len() <= TRIED_MAX;
    if is_smallest {
        let mut place = 0;
        while place < papers.len() {
            let mut fewer = papers.clone();
            fewer.remove(place);
            if is_stuck(&fewer) {
                papers = fewer;
            } else {
                place += 1;
            }
        }
    }
    let mut conflict = told(question, papers);
    conflict.is_smallest = is_smallest;
    let own = part(question, &conflict.papers);
    conflict.missing = missing(&own);
    conflict.units =
        question.unit_part.is_some() && missing(&Question { unit_part: None, ..own.clone() }) == 0;
    let mut plain = own;
    let wants_seniors = plain.papers.iter().any(|paper| paper.seniors > 0);
    plain.papers.iter_mut().for_each(|paper| paper.seniors = 0);
    conflict.seniors = wants_seniors && missing(&plain) == 0;
    conflict
}

/// Papers with all who may review them and all who may not.
fn told(question: &Question, papers: Vec<u32>) -> Conflict {
    let is_apart = |pair: &(u32, u32)| question.conflicts.binary_search(pair).is_ok();
    let mut reviewers: Vec<u32> = Vec::new();
    for paper in &papers {
        let pairs = question.pairs_of(*paper as usize).iter().map(|pair| pair.reviewer);
        let able =
            pairs.filter(|reviewer| question.reviewer(*reviewer).most > 0 && !is_apart(&(*paper, *reviewer)));
        reviewers.extend(able);
    }
    reviewers.sort_unstable();
    reviewers.dedup();
    let apart = question.conflicts.iter().filter(|pair| papers.binary_search(&pair.0).is_ok());
    Conflict { apart: apart.copied().collect(), papers, reviewers, ..Conflict::default() }
}

/// Reviewers who must have more than there is for them.
fn of_reviewers(question: &Question, cut: &Cut) -> Conflict {
    let mut reviewers: Vec<u32> = cut.reviewers.clone();
    reviewers.retain(|reviewer| question.reviewer(*reviewer).least > 0);
    let is_stuck = |kept: &[u32]| {
        let mut other = question.clone();
        for (number, own) in (0..).zip(&mut other.reviewers) {
            if kept.binary_search(&number).is_err() {
                own.least = 0;
            }
        }
        let (network, _) = Network::of(&other);
        let mut flow = Flow::empty(&network, Vec::new());
        matches!(solve(&network, &mut flow, &mut |_| true), Err(Stuck::Reviewers(_)))
    };
    // Each trial solves the whole question, so fewer are made where it is large.
    let is_smallest = reviewers.len() * question.pairs.len() <= TRIED_MAX * 100_000;
    let mut place = 0;
    while is_smallest && place < reviewers.len() {
        let mut fewer = reviewers.clone();
        fewer.remove(place);
        if is_stuck(&fewer) {
            reviewers = fewer;
        } else {
            place += 1;
        }
    }
    Conflict { reviewers, is_smallest, ..Conflict::default() }
}
