//! How fast the log is: `cargo run --release -p registry --example log_bench -- [FOLDER] [FACTS]`.
//!
//! One run prints the bounds of this machine in this minute (SHA-256, a durable write), durable asks through the whole
//! registry, proofs made and checked, and beside them `ct-merkle`, which keeps its tree in memory and nothing on a
//! disk. The folder (otherwise one in the system's own place for such) must lie on the disk that is to be measured.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a measurement reads the clock and may stop"
)]

use std::{
    hint::black_box,
    io::{Seek, Write},
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::{Duration, Instant},
};

use chain::{Hash, Memory, leaf, proof, receipt, tree};
use ct_merkle::mem_backed_tree::MemoryBackedTree;
use desks::DESKS;
use grammar::kinds::Moment;
use registry::{Ask, Asker, Chance, Clock, Registry, Settings};
use serde_json::json;
use sha2::Sha256;

/// How long each figure is measured.
const SPAN: Duration = Duration::from_secs(3);
const BATCHES: [usize; 4] = [1, 8, 64, 512];
const FACTS: u64 = 200_000;

struct WallClock;
impl Clock for WallClock {
    fn now(&self) -> Moment {
        let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
        Moment::from_millis(i64::try_from(since.as_millis()).unwrap())
    }
}

/// Numbers mixed by the hash: no secret, but no pattern either.
struct Mixed(AtomicU64);
impl Chance for Mixed {
    fn bytes(&self) -> [u8; 32] {
        leaf::leaf_hash(&self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes()).0
    }
}

/// Repeats until the span is over, and prints how often a second.
fn rate(what: &str, each: usize, mut work: impl FnMut(u64)) {
    let begin = Instant::now();
    let mut turns = 0;
    while begin.elapsed() < SPAN {
        work(turns);
        turns += 1;
    }
    let rate = turns as f64 * each as f64 / begin.elapsed().as_secs_f64();
    println!("{what:58} {rate:>12.0} /s");
}

fn main() {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().map_or_else(std::env::temp_dir, Into::into);
    let facts = arguments.next().map_or(FACTS, |facts| facts.parse().unwrap());
    let folder = tempfile::Builder::new().prefix("log-bench").tempdir_in(folder).unwrap();
    bounds(folder.path());
    durable(folder.path());
    proofs(facts);
    peer(facts);
}

/// What this machine can do at all.
fn bounds(folder: &Path) {
    let (mut left, right) = (leaf::leaf_hash(b"l"), leaf::leaf_hash(b"r"));
    rate("bound: node hash, each on the one before", 1_000, |_| {
        (0..1_000).for_each(|_| left = leaf::node_hash(&left, &right));
    });
    black_box(left);
    rate("bound: leaf hash of a 32-byte entry", 1_000, |turn| {
        (0..1_000).for_each(|n| {
            black_box(leaf::leaf_hash(&[(turn + n) as u8; 32]));
        });
    });
    let mut file = std::fs::File::create(folder.join("raw")).unwrap();
    rate("bound: write of 4 KiB and fdatasync", 1, |turn| {
        file.seek(std::io::SeekFrom::Start(turn % 4_096 * 4_096)).unwrap();
        file.write_all(&[turn as u8; 4_096]).unwrap();
        file.sync_data().unwrap();
    });
}

/// Asks through the registry: read, decided, written as facts, records and cards, hashed into the tree, synced.
fn durable(folder: &Path) {
    let settings = Settings::new(folder.join("house"), "kechuang.example/bench");
    let house =
        Registry::open(settings, &DESKS, Arc::new(WallClock), Arc::new(Mixed(AtomicU64::new(7)))).unwrap();
    let number = AtomicU64::new(0);
    for batch in BATCHES {
        let what = format!("durable asks through the registry, {batch} a commit");
        rate(&what, batch, |_| {
            let asks = (0..batch).map(|_| firm(number.fetch_add(1, Ordering::Relaxed))).collect();
            assert!(house.run_many(asks).iter().all(Result::is_ok));
        });
    }
    house.seal_now().unwrap();
    let size = house.size();
    let key = [house.log_key().parse().unwrap()];
    println!("  ({size} facts in the house)");
    rate("receipts made, from the store", 1, |turn| drop(house.proof(turn * 7_919 % size).unwrap().unwrap()));
    let receipts: Vec<_> = (0..512).map(|n| house.proof(n * 7_919 % size).unwrap().unwrap()).collect();
    rate("receipts checked, with their signature", receipts.len(), |_| {
        receipts.iter().for_each(|receipt| drop(receipt::verify(receipt, &key).unwrap()));
    });
    house.close();
}

fn firm(number: u64) -> Ask {
    let name = json!({ "zh": format!("示例企业 {number}"), "en": format!("Firm {number}") });
    let command = json!({ "verb": "register", "name": name, "kind": "enterprise", "region": "310115" });
    Ask::new(format!("bench/{number}"), Asker::Founder, "organisation", None, command)
}

fn entry(number: u64) -> [u8; 32] {
    leaf::leaf_hash(&number.to_be_bytes()).0
}

fn proofs(facts: u64) {
    let entries: Vec<[u8; 32]> = (0..facts).map(entry).collect();
    let begin = Instant::now();
    let mut memory = Memory::default();
    memory.extend(entries.iter().map(|entry| leaf::leaf_hash(entry)));
    let root = black_box(tree::root(facts, &memory).unwrap());
    let pushed = facts as f64 / begin.elapsed().as_secs_f64();
    println!("{:58} {pushed:>12.0} /s", format!("ours: append in memory, {facts} leaves, and the root"));
    rate("ours: inclusion proofs made, in memory", 1_000, |turn| {
        (0..1_000).for_each(|n| {
            drop(black_box(proof::inclusion((turn * 1_000 + n) * 7_919 % facts, facts, &memory)))
        });
    });
    let made: Vec<(u64, Vec<Hash>)> = (0..1_000)
        .map(|n| n * 7_919 % facts)
        .map(|n| (n, proof::inclusion(n, facts, &memory).unwrap()))
        .collect();
    rate("ours: inclusion proofs checked", made.len(), |_| {
        for (index, proof) in &made {
            let leaf = leaf::leaf_hash(&entry(*index));
            proof::verify_inclusion(*index, facts, leaf, proof, root).unwrap();
        }
    });
}

fn peer(facts: u64) {
    let entries: Vec<[u8; 32]> = (0..facts).map(entry).collect();
    let begin = Instant::now();
    let mut theirs = MemoryBackedTree::<Sha256, [u8; 32]>::new();
    entries.iter().for_each(|entry| theirs.push(*entry));
    let root = black_box(theirs.root());
    let pushed = facts as f64 / begin.elapsed().as_secs_f64();
    println!("{:58} {pushed:>12.0} /s", format!("ct-merkle: append in memory, {facts} leaves, and the root"));
    let place = |n: u64| usize::try_from(n * 7_919 % facts).unwrap();
    rate("ct-merkle: inclusion proofs made, in memory", 1_000, |turn| {
        (0..1_000).for_each(|n| drop(black_box(theirs.prove_inclusion(place(turn * 1_000 + n)))));
    });
    let made: Vec<_> = (0..1_000).map(place).map(|n| (n as u64, theirs.prove_inclusion(n))).collect();
    rate("ct-merkle: inclusion proofs checked", made.len(), |_| {
        for (index, proof) in &made {
            root.verify_inclusion(&entry(*index), *index, proof).unwrap();
        }
    });
}
