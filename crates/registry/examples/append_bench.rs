//! How many asks a house takes down in a second: on SQLite, and on the PostgreSQL server that
//! `KECHUANG_TEST_POSTGRES` names, each fresh.
//!
//! `cargo run --release -p registry --features postgres --example append_bench`

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
use registry::{Ask, Asker, Chance, Clock, Registry, Settings, Shared, Url};
use serde_json::json;

type Outcome<T> = Result<T, Box<dyn Error>>;

const ASKS: usize = 2_000;
const THREADS: [usize; 3] = [1, 8, 32];

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

fn firm(key: String) -> Ask {
    let name = json!({ "zh": format!("示例企业 {key}"), "en": key.as_str() });
    let command = json!({ "verb": "register", "name": name, "kind": "enterprise", "region": "310115" });
    Ask::new(key, Asker::Founder, "organisation", None, command)
}

#[expect(clippy::disallowed_methods, reason = "this measures time")]
fn now() -> Instant {
    Instant::now()
}

/// Each thread asks, waits for its receipt, and asks again.
fn measure(what: &str, store: Option<Shared>) -> Outcome<()> {
    let folder = tempfile::TempDir::new()?;
    let settings = Settings { store, ..Settings::new(folder.path(), "kechuang.example/bench") };
    let house = Registry::open(settings, &DESKS, Arc::new(Monday), Arc::new(Numbered(7.into())))?;
    for threads in THREADS {
        let start = now();
        std::thread::scope(|scope| {
            for thread in 0..threads {
                let house = &house;
                scope.spawn(move || {
                    for number in 0..ASKS / threads {
                        if let Err(denied) = house.run(firm(format!("{threads}-{thread}-{number}"))) {
                            eprintln!("{denied:?}");
                        }
                    }
                });
            }
        });
        let rate = ASKS as f64 / start.elapsed().as_secs_f64();
        println!("{what}, {threads} at a time: {rate:.0} asks a second");
    }
    house.close();
    Ok(())
}

fn main() -> Outcome<()> {
    measure("SQLite", None)?;
    let Ok(server) = std::env::var("KECHUANG_TEST_POSTGRES") else {
        println!("PostgreSQL: skipped, KECHUANG_TEST_POSTGRES names no server");
        return Ok(());
    };
    let (start, _) = server.rsplit_once('/').ok_or("the address of the server ends with a database")?;
    let name = format!("bench_{}", std::process::id());
    let psql = |statement: String| Command::new("psql").args([server.as_str(), "-qc", &statement]).status();
    psql(format!("CREATE DATABASE {name}"))?;
    let shared = Shared { url: Url(format!("{start}/{name}")), address: String::new() };
    let measured = measure("PostgreSQL", Some(shared));
    psql(format!("DROP DATABASE {name} WITH (FORCE)"))?;
    measured
}
