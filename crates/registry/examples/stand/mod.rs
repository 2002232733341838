//! The stand of measurements: a clock that stands still, chance that counts, a fresh database of a server.

use std::{
    error::Error,
    process::Command,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use desks::DESKS;
use grammar::kinds::Moment;
use registry::{Chance, Clock, Registry, Settings, Shared};

pub type Outcome<T> = Result<T, Box<dyn Error>>;

/// Monday, 2 March 2026, ten o'clock in China.
struct Monday;
impl Clock for Monday {
    fn now(&self) -> Moment {
        Moment::from_millis(1_772_416_800_000)
    }
}

struct Numbered(AtomicU64);
impl Chance for Numbered {
    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes.iter_mut().zip(number).for_each(|(place, byte)| *place = byte);
        bytes
    }
}

/// A new house in a folder, or in a store that others share.
pub fn house(folder: &std::path::Path, store: Option<Shared>) -> Outcome<Arc<Registry>> {
    let settings = Settings { store, ..Settings::new(folder, "kechuang.example/bench") };
    Ok(Registry::open(settings, &DESKS, Arc::new(Monday), Arc::new(Numbered(7.into())))?)
}

#[expect(clippy::disallowed_methods, reason = "this measures time")]
pub fn now() -> Instant {
    Instant::now()
}

/// Works with a fresh database of the server that `KECHUANG_TEST_POSTGRES` names, given as its address; `None` when it
/// names none.
pub fn in_database<T>(work: impl FnOnce(&str) -> Outcome<T>) -> Outcome<Option<T>> {
    let Ok(server) = std::env::var("KECHUANG_TEST_POSTGRES") else {
        println!("PostgreSQL: skipped, KECHUANG_TEST_POSTGRES names no server");
        return Ok(None);
    };
    let (start, _) = server.rsplit_once('/').ok_or("the address of the server ends with a database")?;
    let name = format!("bench_{}", std::process::id());
    psql(&server, &format!("CREATE DATABASE {name}"))?;
    let done = work(&format!("{start}/{name}"));
    psql(&server, &format!("DROP DATABASE {name} WITH (FORCE)"))?;
    done.map(Some)
}

/// Carries out a statement in a database and gives what it answers.
pub fn psql(database: &str, statement: &str) -> Outcome<String> {
    let done = Command::new("psql").args([database, "-qtAc", statement]).output()?;
    if !done.status.success() {
        return Err(String::from_utf8_lossy(&done.stderr).into_owned().into());
    }
    Ok(String::from_utf8_lossy(&done.stdout).trim().to_owned())
}
