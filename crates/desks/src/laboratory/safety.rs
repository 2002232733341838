//! Safety: what visitors are to know before they come in. Each change has a number of its own, so that it can be told which one
//! somebody confirmed.

use grammar::prelude::*;

use super::{Event::SafetySet, Laboratory, Refusal::*};

/// Notes with the number of their version, from 1; without notes nobody has to confirm anything.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Safety {
    pub version: i64,
    pub notes: Option<Bilingual<4000>>,
}

impl Laboratory {
    pub(super) fn sets_safety(&self, notes: Option<Bilingual<4000>>) -> Decision<Self> {
        ensure(notes.as_ref().is_none_or(|notes| !notes.is_empty()), NoNotes)?;
        let before = self.safety.as_ref();
        ensure(notes.as_ref() != before.and_then(|safety| safety.notes.as_ref()), SameNotes)?;
        let version = 1 + before.map_or(0, |safety| safety.version);
        Ok(say(SafetySet { safety: Safety { version, notes } }))
    }

    /// Which notes are to be confirmed now.
    pub(super) fn with_safety(&self, card: Card) -> Card {
        match &self.safety {
            Some(Safety { version, notes: Some(_) }) => card.fact("safety", version),
            _ => card,
        }
    }
}
