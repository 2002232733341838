//! What it costs to show that nothing is missing: the map of heads of a million records (memory, making it, its root
//! after each turn of the sealer), and a case file of 1,000 facts (made in a house, checked offline).
//!
//! `cargo run --release -p registry --example case_bench`

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chain::{
    casefile,
    heads::{Heads, Last},
    leaf,
};
use desks::DESKS;
use grammar::{
    kinds::{Id, Moment},
    viewer::Viewer,
};
use registry::{Ask, Asker, Chance, Clock, Look, Registry, Settings};
use serde_json::json;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const RECORDS: u64 = 1_000_000;
const FACTS: u64 = 1_000;
const TURNS: usize = 5;

#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn now() -> Instant {
    Instant::now()
}

struct Monday;
impl Clock for Monday {
    fn now(&self) -> Moment {
        Moment::from_millis(1_772_416_800_000)
    }
}

/// Numbered bytes.
struct Numbered(AtomicU64);
impl Chance for Numbered {
    fn bytes(&self) -> [u8; 32] {
        leaf::leaf_hash(&self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes()).0
    }
}

/// Resident memory in MiB; nothing where the system does not say.
fn resident() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse::<u64>().ok().map(|kilobytes| kilobytes / 1_024)
}

fn last(record: &str, sequence: u64) -> Last<'_> {
    let entry = leaf::entry(&[1; 32], record.as_bytes());
    Last { record, sequence, entry, salt: entry.0 }
}

fn name(n: u64) -> String {
    format!("voucher-{n:010}")
}

fn map() {
    let before = resident();
    let start = now();
    let mut heads = Heads::default();
    for n in 0..RECORDS {
        heads.put(&last(&name(n), 1));
    }
    println!("{RECORDS} records put: {:.2?}", start.elapsed());
    let start = now();
    heads.root();
    println!("their root: {:.2?}", start.elapsed());
    if let (Some(before), Some(after)) = (before, resident()) {
        println!("resident: {} MiB more", after.saturating_sub(before));
    }
    for changed in [1, 100, 1_000, 10_000] {
        let turns = (2..).take(TURNS).map(|turn| {
            let start = now();
            for n in 0..changed {
                heads.put(&last(&name((n * 7_919 + turn) % RECORDS), turn));
            }
            heads.root();
            start.elapsed()
        });
        println!("{changed} records changed, new root: {:.2?}", median(turns.collect()));
    }
    let start = now();
    let proof = heads.proof(&name(77));
    println!("a proof: {:.2?}, {} heads in its bucket", start.elapsed(), proof.heads.len());
}

fn median(mut turns: Vec<Duration>) -> Duration {
    turns.sort_unstable();
    turns.get(turns.len() / 2).copied().unwrap_or_default()
}

/// A firm whose entry was amended until it has 1,000 facts, among as many facts of others.
fn firm(house: &Registry) -> Outcome<Id> {
    let entry = |verb: &str, n: u64| json!({ "verb": verb, "name": { "zh": "示例企业", "en": "Sample firm" }, "kind": "enterprise", "region": "310115", "website": format!("https://firm.example/{n}") });
    let ask = |key: String, record, command| Ask::new(key, Asker::Founder, "organisation", record, command);
    let refused = |denied: registry::Denied| format!("{denied:?}");
    let firm = house.run(ask("firm".into(), None, entry("register", 0))).map_err(refused)?.record;
    let asks = (1..FACTS).flat_map(|n| {
        let other = ask(format!("other {n}"), None, entry("register", n));
        [ask(format!("amend {n}"), Some(firm), entry("amend", n)), other]
    });
    for answer in house.run_many(asks.collect()) {
        answer.map_err(refused)?;
    }
    Ok(firm)
}

fn case() -> Outcome<()> {
    let folder = tempfile::TempDir::new()?;
    let settings = Settings::new(folder.path(), "kechuang.example/bench");
    let house = Registry::open(settings, &DESKS, Arc::new(Monday), Arc::new(Numbered(7.into())))?;
    let firm = firm(&house)?;
    let start = now();
    house.seal_now()?;
    println!("{} facts sealed: {:.2?}", house.size(), start.elapsed());
    let look = Look { registry: &house, viewer: Viewer::public() };
    let mut made = Vec::new();
    let mut checked = Vec::new();
    for _ in 0..TURNS {
        let start = now();
        let file = look.case_file(firm).map_err(|denied| format!("{denied:?}"))?.ok_or("no case file")?;
        made.push(start.elapsed());
        let json = serde_json::to_string(&file)?;
        let start = now();
        let proven = casefile::parse(&json).and_then(|file| casefile::verify(&file, &[]))?;
        checked.push(start.elapsed());
        if made.len() == TURNS {
            println!("{} facts, {} closed, {} KiB", proven.steps.len(), proven.closed, json.len() >> 10);
        }
    }
    println!("made: {:.2?}; read and checked: {:.2?}", median(made), median(checked));
    house.close();
    Ok(())
}

fn main() -> Outcome<()> {
    map();
    case()
}
