//! System: the machine's own clock and chance. The only place in the house that reads them.

use std::time::{Duration, Instant};

use grammar::{desk::impossible, kinds::Moment};
use registry::{Chance, Clock};

/// The clock of this machine.
pub struct SystemClock;

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "here time enters; everywhere else it is a parameter")]
    fn now(&self) -> Moment {
        Moment::from_millis(jiff::Timestamp::now().as_millisecond())
    }
}

/// Chance from the operating system, fit for keys.
pub struct SystemChance;

impl Chance for SystemChance {
    #[expect(clippy::disallowed_methods, reason = "here chance enters; everywhere else it is a parameter")]
    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        if let Err(error) = getrandom::fill(&mut bytes) {
            // A key made without chance would be worse than no house.
            impossible(&("the operating system gives no chance", error.to_string()));
        }
        bytes
    }
}

/// Says when progress is worth a line: at most once a second.
pub struct Pace {
    last: Instant,
}

impl Pace {
    const EVERY: Duration = Duration::from_secs(1);

    /// Starts now; the first line is due after a second, so that short work stays silent.
    #[expect(clippy::disallowed_methods, reason = "progress for people is told by the wall clock")]
    pub fn start() -> Self {
        Self { last: Instant::now() }
    }

    /// Whether a second has passed since the last line.
    pub fn is_due(&mut self) -> bool {
        let due = self.last.elapsed() >= Self::EVERY;
        if due {
            *self = Self::start();
        }
        due
    }
}
