//! Engagements: how many applications an organisation has handed in to each call that limits them, taken back or
//! not. For the organisation and the office alone.

use grammar::prelude::*;

use super::{Event, Organisation, Refusal};

/// Calls that are counted at a time; those first counted are dropped first, long after they have closed.
pub(super) const CALLS_MAX: usize = 500;
/// A unit hands in no more applications than the call says.
const PER_UNIT: Rule<bool> = rule("PG-P05");

/// Applications to one call.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Counted {
    pub call: Id,
    pub applications: u32,
}

impl Organisation {
    pub(super) fn engages(&self, call: Id, max: u32) -> Decision<Self> {
        let is = self.applied(call);
        ensure(is < max, Refusal::OverTheLimit { organisation: self.itself, is, max }).by(PER_UNIT)?;
        Ok(say(Event::Engaged { call }))
    }

    fn applied(&self, call: Id) -> u32 {
        self.engagements.iter().find(|counted| counted.call == call).map_or(0, |counted| counted.applications)
    }

    pub(super) fn engaged(&mut self, call: Id) {
        let applications = self.applied(call) + 1;
        let others = self.engagements.iter().filter(|counted| counted.call != call).cloned();
        let mut all: Vec<Counted> = others.collect();
        all.drain(..all.len().saturating_sub(CALLS_MAX - 1));
        all.push(Counted { call, applications });
        self.engagements = all;
    }

    pub(super) fn hide_engagements(&mut self, viewer: &Viewer) {
        if !self.is_told(viewer) {
            self.engagements = vec![];
        }
    }

    pub(super) fn is_told(&self, viewer: &Viewer) -> bool {
        viewer.organisations.contains(&self.itself.id())
            || viewer.holds("programme-office", self.entry.region)
            || viewer.is_clock
    }
}
