//! Story clock: the machine's own time, except while a demonstration is founded. Then it stands where the story is,
//! in the months before the founding, so that windows, notices and deadlines run their real length in a moment.

use std::sync::{
    Arc,
    atomic::{AtomicI64, Ordering},
};

use grammar::kinds::{Day, Moment};
use registry::Clock;

/// How many days before the founding the story begins.
pub const DAYS: i32 = 200;
/// When the story's days begin to be told: at nine in the morning in China.
const MORNING: i64 = 9 * 3_600_000;
/// No story is told: time is the machine's.
const REAL: i64 = i64::MIN;

/// A clock that can be set to the days of a story, and runs by itself afterwards.
pub struct StoryClock {
    clock: Arc<dyn Clock>,
    told: AtomicI64,
}

impl StoryClock {
    /// Begins to tell: for a region that may be founded now.
    #[must_use]
    pub fn begins(clock: Arc<dyn Clock>) -> Self {
        let start = clock.now().day().plus_days(-DAYS);
        let story = Self { clock, told: AtomicI64::new(REAL) };
        story.stand_at(start);
        story
    }

    /// The machine's time, whatever the story says.
    #[must_use]
    pub fn real(&self) -> Moment {
        self.clock.now()
    }

    /// Stands in the morning of a day from now on.
    pub fn stand_at(&self, day: Day) {
        self.stand_then(Moment::from_millis(day.begins().in_millis() + MORNING));
    }

    /// Stands at a moment from now on.
    pub fn stand_then(&self, moment: Moment) {
        self.told.store(moment.in_millis(), Ordering::Relaxed);
    }

    /// The story is told: time is the machine's again.
    pub fn ends(&self) {
        self.told.store(REAL, Ordering::Relaxed);
    }
}

impl Clock for StoryClock {
    fn now(&self) -> Moment {
        match self.told.load(Ordering::Relaxed) {
            REAL => self.clock.now(),
            told => Moment::from_millis(told),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Noon;
    impl Clock for Noon {
        fn now(&self) -> Moment {
            "2026-11-28T04:00:00Z".parse().unwrap()
        }
    }

    #[test]
    fn a_story_is_told_in_its_own_days_and_then_time_is_real() {
        let story = StoryClock::begins(Arc::new(Noon));
        assert_eq!(story.now().day(), Noon.now().day().plus_days(-DAYS));
        story.stand_at("2026-10-01".parse().unwrap());
        assert_eq!(story.now().to_string(), "2026-10-01T01:00:00.000Z");
        assert_eq!(story.real(), Noon.now());
        story.ends();
        assert_eq!(story.now(), Noon.now());
    }
}
