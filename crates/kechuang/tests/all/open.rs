//! Open: a house inside this process, with a clock that stands still and chance that can be repeated.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicI64, AtomicU64, Ordering},
    },
};

use desks::DESKS;
use grammar::kinds::Moment;
use registry::{Chance, Clock, Registry, Settings};

/// Monday, 2 March 2026, ten o'clock in China.
pub const MONDAY: i64 = 1_772_416_800_000;

/// A clock that stands still until it is set.
pub struct Still(AtomicI64);

impl Still {
    pub fn at(millis: i64) -> Arc<Self> {
        Arc::new(Self(AtomicI64::new(millis)))
    }

    pub fn set(&self, moment: Moment) {
        self.0.store(moment.in_millis(), Ordering::Relaxed);
    }
}

impl Clock for Still {
    fn now(&self) -> Moment {
        Moment::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// Numbered bytes.
struct Numbered(AtomicU64);
impl Chance for Numbered {
    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes.iter_mut().zip(number).for_each(|(place, byte)| *place = byte);
        bytes
    }
}

/// Opens the house of a folder, or founds it there.
pub fn registry(folder: &Path, origin: &str) -> Arc<Registry> {
    registry_at(folder, origin, Still::at(MONDAY))
}

/// The same, with a clock that the test sets.
pub fn registry_at(folder: &Path, origin: &str, clock: Arc<Still>) -> Arc<Registry> {
    let settings = Settings::new(folder, origin);
    Registry::open(settings, &DESKS, clock, Arc::new(Numbered(AtomicU64::new(7)))).unwrap()
}
