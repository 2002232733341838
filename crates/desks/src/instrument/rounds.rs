//! Rounds: in which rounds an instrument's time is called for. A facility calls so often a year and no more, so that users
//! can plan by it; a year is that in which the round closes.

use grammar::prelude::*;

use super::{
    Event::{self, *},
    Instrument,
    Refusal::{self, *},
};
use crate::round::Round;

/// Rounds a year.
const ROUNDS_MOST: Rule<i64> = rule("IN-R30-N");
/// Rounds that are remembered, the newest.
pub const CALLED_MAX: usize = 40;

/// A round that offers this instrument's time.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Called {
    pub round: Ref<Round>,
    pub year: i64,
}

impl Instrument {
    /// One more round offers it, or the same with another closing day.
    pub(super) fn is_called_in(&self, round: Ref<Round>, year: i64, ctx: &Ctx) -> Decision<Self> {
        let others = self.rounds.iter().filter(|one| one.round != round && one.year == year);
        let had = i64::try_from(others.count()).unwrap_or(i64::MAX);
        let most = ctx.rules.value(ROUNDS_MOST, self.entry.region, ctx.today());
        let instrument = self.itself;
        let refused: Result<(), No<Refusal>> =
            ensure(had < most, EnoughRounds { instrument, year, most }).by(ROUNDS_MOST);
        refused?;
        Ok(say(CalledIn(Called { round, year })))
    }

    pub(super) fn keeps_rounds(&mut self, event: &Event) {
        let (CalledIn(Called { round, .. }) | LeftOut { round }) = event else { return };
        self.rounds.retain(|one| one.round != *round);
        if let CalledIn(called) = event {
            if self.rounds.len() >= CALLED_MAX {
                self.rounds.remove(0);
            }
            self.rounds.push(*called);
        }
    }
}
