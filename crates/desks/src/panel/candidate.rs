//! Candidate: how a panel speaks to what it judges, whichever desk it lies at.

use grammar::{desk::Tell, prelude::*};

use super::Outcome;
use crate::candidate::{Word, told};

/// The review begins. `None` for a record that is no candidate.
pub(super) fn begin(candidate: Id, panel: Id) -> Option<Tell> {
    told(candidate, &Word::BeginReview { panel })
}

/// What it came to. `comments` are without names, in an order that tells nothing.
pub(super) fn result(outcome: &Outcome, panel: Id, comments: Vec<Text<4000>>) -> Option<Tell> {
    let (score, spread, rank) = (outcome.mean, outcome.spread, Some(outcome.rank));
    let comments = List::new(comments).unwrap_or_default();
    told(outcome.candidate, &Word::TakeResult { panel, score, spread, rank, comments })
}
