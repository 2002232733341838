//! Candidate: how a panel speaks to what it judges, whichever desk it lies at.

use grammar::{desk::Tell, prelude::*};
use serde_json::{Value, json};

use super::Outcome;
use crate::expert::is_of;

/// Desks whose records can be judged.
const DESKS: [&str; 2] = ["solution", "application"];

/// `None` for a record that is no candidate.
fn told(candidate: Id, command: Value) -> Option<Tell> {
    let desk = DESKS.into_iter().find(|desk| is_of(candidate, desk))?;
    Some(Tell { desk, record: candidate, command })
}

/// The review begins.
pub(super) fn begin(candidate: Id, panel: Id) -> Option<Tell> {
    told(candidate, json!({ "verb": "begin-review", "panel": panel }))
}

/// What it came to. `comments` are without names, in an order that tells nothing.
pub(super) fn result(outcome: &Outcome, panel: Id, comments: &[Text<4000>]) -> Option<Tell> {
    let Outcome { candidate, mean, spread, rank, .. } = outcome;
    let command = json!({
        "verb": "take-result", "panel": panel, "score": mean, "spread": spread, "rank": rank, "comments": comments,
    });
    told(*candidate, command)
}
