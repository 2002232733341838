//! Takes: which hazards of samples a laboratory is ready for, where what is sent is for no instrument of its own.

use std::collections::BTreeSet;

use grammar::prelude::*;

use super::{
    Event::HazardsSet,
    Laboratory,
    Refusal::{self, NamedTwice},
};
use crate::hazard::{Hazard, Hazards};

/// What it takes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Takes {
    #[serde(default)]
    pub hazards: Hazards,
    /// Samples with any other hazard are not taken; else the unit looks at each.
    #[serde(default)]
    pub only_these_hazards: bool,
}

impl Takes {
    /// The first of some hazards that it does not take.
    #[must_use]
    pub fn stops(&self, hazards: &[Hazard]) -> Option<Hazard> {
        let stopped = hazards.iter().find(|hazard| !self.hazards.contains(hazard));
        stopped.copied().filter(|_| self.only_these_hazards)
    }
}

impl Laboratory {
    pub(super) fn sets_hazards(takes: Takes) -> Decision<Self> {
        let mut seen = BTreeSet::new();
        if let Some(hazard) = takes.hazards.iter().find(|hazard| !seen.insert(hazard.word())) {
            return Err(No::<Refusal>::from(NamedTwice { hazard: *hazard }));
        }
        Ok(say(HazardsSet(takes)))
    }
}
