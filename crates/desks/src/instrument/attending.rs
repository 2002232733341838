//! Attending: when nobody can run it. The house lays the calendars of its operators side by side, outside the log, and tells
//! only the hours in which every one of them is busy: not who, not with what.

use grammar::prelude::*;

use super::{Event::UnattendedNoted, Instrument};
use crate::calendar::Times;

/// Times in which nobody can run one instrument.
pub const UNATTENDED_MAX: usize = 400;

pub type Unattended = List<Times, UNATTENDED_MAX>;

impl Instrument {
    /// Each ends before the next begins; what is known already is not said again.
    pub(super) fn is_unattended(&self, unattended: Unattended) -> Decision<Self> {
        let mut last = None;
        for times in unattended.iter() {
            if times.until <= times.from || last.is_some_and(|last| times.from <= last) {
                return not_now();
            }
            last = Some(times.until);
        }
        if unattended == self.unattended {
            return Ok(Script::silent());
        }
        Ok(say(UnattendedNoted { unattended }))
    }
}
