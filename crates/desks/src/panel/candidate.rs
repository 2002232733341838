//! Candidate: how a panel speaks to what it judges, whichever desk it lies at.

use grammar::{desk::Tell, prelude::*};

use super::{Entry, Outcome};
use crate::{
    candidate::{Word, told},
    expert::{Judged, conflict::Body},
    review::{self, behind},
};

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

/// What a panel keeps of a candidate's card.
pub(super) fn entry(candidate: Id, card: &Card) -> Entry {
    let all = behind(card);
    let of = |desk: &'static str| all.iter().copied().filter(move |id| id.desk() == desk);
    let short = |text: &str| Text::read(&text.chars().take(200).collect::<String>());
    let bodies = of("organisation").map(|id| Body { id, parent: None, successor: None }).collect();
    Entry {
        candidate,
        title: Bilingual { zh: short(&card.title_zh), en: short(&card.title_en) },
        field: card.read::<String>("field").or_else(|| card.field.clone()),
        matter: card.holders("need").chain(card.holders("call")).next(),
        judged: Judged { persons: of("person").collect(), bodies, avoid: review::avoided(card) },
    }
}
