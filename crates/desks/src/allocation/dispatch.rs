//! Dispatch: what is told to the candidates, whichever desk one lies at.

use grammar::prelude::*;

use crate::{
    candidate::{Word, told},
    project::Project,
};

/// Whether the record asks for money.
pub fn is_candidate(record: Id) -> bool {
    told(record, &Word::Shortlist).is_some()
}

/// It is among those the choice is made from: the owner of its need reads its open part now.
pub fn shortlisted(candidate: Id) -> Option<Tell> {
    told(candidate, &Word::Shortlist)
}

/// It is funded, by this project.
pub fn selected(candidate: Id, project: Ref<Project>, public_money: Money) -> Option<Tell> {
    told(candidate, &Word::Select { project: project.id(), public_money })
}

/// It is not funded, for this reason.
pub fn rejected(candidate: Id, reason: &Text<1000>) -> Option<Tell> {
    told(candidate, &Word::Reject { reason: reason.clone() })
}
