//! Dispatch: what is told to the desks of the candidates, whichever of them a candidate lies at.

use grammar::prelude::*;
use serde_json::{Value, json};

use crate::project::Project;

/// The desks whose records ask for money.
const DESKS: [&str; 2] = ["solution", "application"];

fn desk(candidate: Id) -> Option<&'static str> {
    DESKS.into_iter().find(|desk| {
        let rest = candidate.as_str().strip_prefix(desk);
        rest.is_some_and(|rest| rest.starts_with('-'))
    })
}

/// Whether the record asks for money.
pub fn is_candidate(record: Id) -> bool {
    desk(record).is_some()
}

fn told(candidate: Id, command: Value) -> Option<Tell> {
    desk(candidate).map(|desk| Tell { desk, record: candidate, command })
}

/// It is funded, by this project.
pub fn selected(candidate: Id, project: Ref<Project>, money: Money) -> Option<Tell> {
    told(candidate, json!({ "verb": "select", "project": project, "public_money": money }))
}

/// It is not funded, for this reason.
pub fn rejected(candidate: Id, reason: &Text<1000>) -> Option<Tell> {
    told(candidate, json!({ "verb": "reject", "reason": reason }))
}
