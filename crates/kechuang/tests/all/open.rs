//! Open: a house inside this process, with a clock that stands still and chance that can be repeated.

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use desks::DESKS;
use grammar::kinds::Moment;
use registry::{Chance, Clock, Registry, Settings};

/// Monday, 2 March 2026, ten o'clock in China.
pub const MONDAY: i64 = 1_772_416_800_000;

struct Still(i64);
impl Clock for Still {
    fn now(&self) -> Moment {
        Moment::from_millis(self.0)
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
    let settings = Settings { folder: folder.to_owned(), origin: origin.into(), is_demo: false };
    Registry::open(settings, &DESKS, Arc::new(Still(MONDAY)), Arc::new(Numbered(AtomicU64::new(7)))).unwrap()
}
