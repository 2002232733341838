//! How long an audit takes, beside the hashing of the same bytes alone.
//!
//! `cargo run --release -p registry --example audit_load -- FACTS [FOLDER]`

#![expect(
    clippy::unwrap_used,
    clippy::disallowed_methods,
    reason = "a measurement may stop and reads the clock"
)]

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Instant,
};

use chain::leaf;
use desks::DESKS;
use grammar::kinds::Moment;
use registry::{Ask, Asker, Chance, Clock, Depth, Registry, Settings};
use serde_json::json;

/// Asks in one commit.
const BATCH: u64 = 1_000;

struct Still;
impl Clock for Still {
    fn now(&self) -> Moment {
        Moment::from_millis(1_772_416_800_000)
    }
}

struct Numbered(AtomicU64);
impl Chance for Numbered {
    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        bytes
            .iter_mut()
            .zip(self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes())
            .for_each(|(to, from)| *to = from);
        bytes
    }
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let facts: u64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(100_000);
    let kept = arguments.next();
    let place = tempfile::TempDir::new().unwrap();
    let folder = kept.map_or_else(|| place.path().to_owned(), Into::into);
    let settings = Settings::new(folder, "kechuang.example/load");
    let registry =
        Registry::open(settings.clone(), &DESKS, Arc::new(Still), Arc::new(Numbered(AtomicU64::new(1))))
            .unwrap();
    fill(&registry, facts);
    registry.seal_now().unwrap();
    registry.close();
    for depth in [Depth::Chain, Depth::All] {
        let begun = Instant::now();
        let audited = registry::audit(&settings, &DESKS, depth, &mut |_, _| {}).unwrap();
        let seconds = begun.elapsed().as_secs_f64();
        assert!(audited.is_whole(), "{:?}", audited.damages.first());
        let rate = audited.facts as f64 / seconds;
        println!(
            "{depth:?}: {} facts, {} bytes, {seconds:.1} s, {rate:.0} facts/s",
            audited.facts, audited.bytes
        );
        bound(audited.bytes, audited.facts);
    }
}

/// Half of the facts found organisations, half amend them.
fn fill(registry: &Registry, facts: u64) {
    let (begun, mut number) = (Instant::now(), registry.size() / 2);
    while number * 2 < facts {
        let register = |n: u64| {
            let command = json!({ "verb": "register", "name": { "zh": format!("示例企业 {n}"), "en": format!("Firm {n}") }, "kind": "enterprise", "region": "310115" });
            Ask::new(format!("register/{n}"), Asker::Founder, "organisation", None, command)
        };
        let receipts = registry.run_many((number..number + BATCH).map(register).collect());
        let alias = receipts.into_iter().zip(number..).map(|(receipt, n)| {
            let command = json!({ "verb": "add-alias", "name": { "zh": format!("曾用名 {n}"), "en": format!("Formerly {n}") } });
            Ask::new(format!("alias/{n}"), Asker::Founder, "organisation", Some(receipt.unwrap().record), command)
        });
        registry.run_many(alias.collect()).into_iter().for_each(|answer| assert!(answer.is_ok()));
        number += BATCH;
        if number.is_multiple_of(50_000) {
            eprintln!("{} facts after {:.0} s", registry.size(), begun.elapsed().as_secs_f64());
        }
    }
}

/// Hashing as many bytes in as many entries and leaves, on one thread.
fn bound(bytes: u64, facts: u64) {
    let each = vec![b'x'; usize::try_from(bytes / facts).unwrap()];
    let begun = Instant::now();
    let mut last = [0; 32];
    for _ in 0..facts {
        let entry = leaf::entry(&last, &each);
        last = leaf::node_hash(&leaf::leaf_hash(&entry.0), &entry).0;
    }
    let seconds = begun.elapsed().as_secs_f64();
    println!(
        "SHA-256 of the same bytes and the tree above them, one thread: {seconds:.1} s ({:02x})",
        last[0]
    );
}
