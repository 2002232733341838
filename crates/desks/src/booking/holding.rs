//! Holding: what a booking takes of its buyer's allowance at the instrument, and gives back.

use grammar::prelude::*;

use super::{Booking, Request, Terms};
use crate::{
    allowance::{self, Command, Holding, Holdings},
    calendar::{Times, length_of},
};

/// Holds some times for the buyer. `None` where the instrument has no such limits, and where no limit counts these times.
pub(super) fn holds(booking: Ref<Booking>, request: &Request, terms: &Terms, all: &[Times]) -> Option<Tell> {
    let (limits, buyer, instrument) = (terms.limits, request.buyer, request.instrument);
    let counted = |times: &Times| {
        let uncounted: i64 = terms.uncounted(&[*times]).iter().copied().map(length_of).sum();
        Some(Holding { times: *times, minutes: Between::new(length_of(*times) - uncounted)? })
    };
    let holdings = Holdings::new(all.iter().filter_map(counted).collect()).unwrap_or_default();
    let command = Command::Hold { instrument, buyer, booking, holdings: holdings.clone(), limits };
    let is_needed = limits.is_any() && !holdings.is_empty();
    is_needed.then(|| tell(allowance::name(instrument, buyer), &command))
}

impl Booking {
    pub(super) fn within_limits(&self, all: &[Times]) -> Option<Tell> {
        holds(self.itself, &self.request, &self.terms, all)
    }

    /// Gives back what it holds of some times.
    pub(super) fn releases(&self, some: &[Times]) -> Vec<Tell> {
        let (booking, name) = (self.itself, allowance::name(self.request.instrument, self.request.buyer));
        let release = |times: &Times| tell(name, &Command::Release { booking, from: times.from });
        if self.terms.limits.is_any() { some.iter().map(release).collect() } else { vec![] }
    }
}
