//! Objection: what someone holds against the matter, and what the office answers.

use grammar::prelude::*;

use crate::person::Person;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Objection {
    /// 1 for the first.
    pub number: u32,
    /// Nothing for viewers who may not know; always there in the log.
    pub by: Option<Ref<Person>>,
    /// Whether the objector wishes to be named in public.
    pub named: bool,
    pub on: Day,
    pub text: Text<2000>,
    pub answer: Option<Reply>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reply {
    pub on: Day,
    pub upheld: bool,
    /// The round of the notice in which it was given.
    pub round: u32,
    pub text: Text<2000>,
}

impl Objection {
    /// Whether the notice cannot be concluded because of it: it waits for an answer, or it was upheld and
    /// nothing has changed since.
    #[must_use]
    pub fn blocks(&self, round: u32) -> bool {
        self.answer.as_ref().is_none_or(|answer| answer.upheld && answer.round == round)
    }
}

/// The objector, as far as someone who does not see everything may know.
pub(super) fn named_for(by: Option<Ref<Person>>, named: bool, viewer: &Viewer) -> Option<Ref<Person>> {
    by.filter(|by| named || viewer.is_itself(by.id()))
}
