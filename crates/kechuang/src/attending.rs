//! Attending: whenever an instrument's operators or terms have changed, their calendars are laid side by side again. Whoever brings
//! a calendar is answered at once; this follows what others do, and what was missed while the house was closed.

use desks::instrument::Instrument;
use grammar::{desk::Desk, viewer::Viewer};
use registry::{Broken, FOREVER, Look, Registry, Writer};

/// Instruments that are looked at in one turn; the others wait for the next.
const INSTRUMENTS_MAX: u32 = 100;
/// Facts that are passed over in one turn.
const FACTS_MAX: u64 = 5_000;
/// Facts that may be followed again after a restart, when none of them was about an instrument.
const AGAIN_MAX: u64 = 1_000;
/// Where the place in the log is kept.
const PLACE: (&str, &str) = ("watch", "attending");

/// How far the log has been followed.
#[derive(Debug, Default)]
pub struct Attending {
    /// Unknown until the store is asked: another node may have come further.
    place: Option<u64>,
    /// The place that was kept last.
    kept: u64,
}

impl Attending {
    /// Looks at some instruments that have changed since the last turn. Gives how many were told something new.
    ///
    /// # Errors
    /// When the store cannot be used, or too much waits; the next turn begins at the same place.
    pub fn turn(&mut self, registry: &Registry) -> Result<usize, Broken> {
        if registry.writer() != Writer::Here {
            self.place = None;
            return Ok(0);
        }
        let (space, key) = PLACE;
        let place = match self.place {
            Some(place) => place,
            None => registry.kept(space, key)?.unwrap_or(0),
        };
        let size = registry.size();
        if place >= size {
            self.place = Some(place);
            return Ok(0);
        }
        // Whatever fails from here on is looked at again.
        self.place = None;
        let until = size.min(place.saturating_add(FACTS_MAX));
        let look = Look { registry, viewer: Viewer::clock() };
        let changed = look.changed(Instrument::NAME, (place, until), INSTRUMENTS_MAX)?;
        let is_whole = u32::try_from(changed.len()).is_ok_and(|count| count < INSTRUMENTS_MAX);
        let (mut told, mut next) = (0, if is_whole { until } else { place });
        for (at, instrument) in &changed {
            told += usize::from(window::attend(registry, instrument)?);
            next = next.max(at.saturating_add(1));
        }
        if !changed.is_empty() || next.saturating_sub(self.kept) >= AGAIN_MAX {
            registry.keep(space, key, &next, FOREVER)?;
            self.kept = next;
        }
        self.place = Some(next);
        Ok(told)
    }
}
