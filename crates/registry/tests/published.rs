//! What leaves the house of its log: tiles, proofs of growth, cosignatures, and receipts that carry them.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::{
    path::Path,
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
};

use chain::{
    Checkpoint, Cosigner, Verifier, note, proof, receipt,
    tile::{self, Kind, Tile},
};
use desks::DESKS;
use grammar::kinds::Moment;
use registry::{Ask, Asker, Chance, Change, Clock, Registry, Settings, change_keys};
use serde_json::json;
use tempfile::TempDir;

const ORIGIN: &str = "kechuang.example/published";

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
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes.iter_mut().zip(number).for_each(|(place, byte)| *place = byte);
        bytes
    }
}

fn open(folder: &Path) -> Arc<Registry> {
    let settings = Settings::new(folder, ORIGIN);
    Registry::open(settings, &DESKS, Arc::new(Still), Arc::new(Numbered(AtomicU64::new(7)))).unwrap()
}

/// Lets the log grow to so many facts, and seals it.
fn grow(house: &Registry, to: u64) -> (u64, String) {
    for number in house.size()..to {
        let name = json!({ "zh": format!("示例企业 {number}"), "en": format!("Firm {number}") });
        let command = json!({ "verb": "register", "name": name, "kind": "enterprise", "region": "310115" });
        house.run(Ask::new(format!("firm/{number}"), Asker::Founder, "organisation", None, command)).unwrap();
    }
    house.seal_now().unwrap();
    house.checkpoint().unwrap().unwrap()
}

fn root(note: &str, keys: &[Verifier]) -> Checkpoint {
    Checkpoint::open(note, keys).unwrap().checkpoint
}

#[test]
fn only_what_is_signed_goes_out() {
    let folder = TempDir::new().unwrap();
    let house = open(folder.path());
    let tile = |kind, width| Tile { kind, index: 0, width };
    let leaves = Kind::Hashes { level: 0 };
    assert_eq!(house.tile(tile(leaves, 1)).unwrap(), None, "nothing is signed yet");
    grow(&house, 9);
    let hashes = tile::hashes(&house.tile(tile(leaves, 9)).unwrap().unwrap()).unwrap();
    let bundle = house.tile(tile(Kind::Entries, 9)).unwrap().unwrap();
    let entries = tile::entries(&bundle).unwrap();
    assert!(entries.iter().map(|entry| chain::leaf::leaf_hash(entry)).eq(hashes));
    assert_eq!(house.tile(tile(leaves, 10)).unwrap(), None);
    assert_eq!(house.tile(tile(Kind::Hashes { level: 1 }, 1)).unwrap(), None);
    assert_eq!(house.tile(tile(Kind::Hashes { level: 9 }, 1)).unwrap(), None);
    house.close();
}

#[test]
fn growth_is_proved_from_every_size() {
    let folder = TempDir::new().unwrap();
    let house = open(folder.path());
    let keys = [house.log_key().parse().unwrap()];
    let roots: Vec<Checkpoint> = (1..=12).map(|size| root(&grow(&house, size).1, &keys)).collect();
    for old in &roots {
        for new in roots.iter().filter(|new| new.size >= old.size) {
            let growth = house.growth(old.size, new.size).unwrap();
            proof::verify_consistency(old.size, new.size, &growth, old.root, new.root).unwrap();
        }
    }
    assert!(house.growth(3, 13).is_err());
    house.close();
}

#[test]
fn a_witness_adds_its_own_cosignature_and_nothing_else() {
    let folder = TempDir::new().unwrap();
    let house = open(folder.path());
    let witness = |seed| Cosigner::from_seed("witness.example/w", [seed; 32]).unwrap();
    let (ours, other) = (witness(1), witness(2));
    let (size, before) = grow(&house, 5);
    let text = note::unchecked_text(&before).unwrap();
    let line = ours.line(text, 1_772_416_800).unwrap();
    let key = ours.verifier();
    let later = "— strange.example AAAAAAAA\n";
    for (lines, why) in [
        (other.line(text, 1).unwrap(), "another key"),
        (ours.line("other\n", 1).unwrap(), "another text"),
        (line.trim_end().to_owned(), "cut off"),
        (String::new(), "nothing"),
        (later.to_owned(), "no cosignature"),
    ] {
        assert!(!house.cosigned(size, &lines, key).unwrap(), "{why}");
    }
    assert!(!house.cosigned(size + 1, &line, key).unwrap(), "no such checkpoint");
    let log: Verifier = house.log_key().parse().unwrap();
    assert!(!house.cosigned(size, &line, &log).unwrap(), "the log is no witness of itself");
    assert_eq!(house.checkpoint().unwrap().unwrap().1, before, "nothing of this is published");
    assert_eq!(house.witnessed().unwrap(), None);

    assert!(house.cosigned(size, &format!("{later}{line}{later}"), key).unwrap());
    assert_eq!(house.checkpoint().unwrap().unwrap().1, format!("{before}{line}"));
    assert!(!house.cosigned(size, &line, key).unwrap(), "once is enough");
    assert_eq!((house.cosigned_size(key).unwrap(), house.witnesses().unwrap()), (Some(5), vec![key.clone()]));

    // A newer checkpoint without it: receipts of what the witness has seen still rest on its word.
    grow(&house, 8);
    let keys = house.trusted_keys(5).unwrap();
    let seen = receipt::verify(&house.proof(4).unwrap().unwrap(), &keys).unwrap();
    assert_eq!((seen.size, seen.signatures.len()), (5, 2));
    let newer = receipt::verify(&house.proof(6).unwrap().unwrap(), &keys).unwrap();
    assert_eq!((newer.size, newer.signatures.len()), (8, 1));
    house.close();
}

#[test]
fn a_checkpoint_keeps_its_cosignature_when_a_new_key_signs_it_too() {
    let folder = TempDir::new().unwrap();
    let house = open(folder.path());
    let witness = Cosigner::from_seed("witness.example/w", [1; 32]).unwrap();
    let (size, before) = grow(&house, 5);
    let line = witness.line(note::unchecked_text(&before).unwrap(), 7).unwrap();
    assert!(house.cosigned(size, &line, witness.verifier()).unwrap());
    let old: Verifier = house.log_key().parse().unwrap();
    house.close();
    drop(house);
    change_keys(&Settings::new(folder.path(), ORIGIN), Change::Rotate, &Numbered(AtomicU64::new(900)))
        .unwrap();
    let house = open(folder.path());
    house.seal_now().unwrap();
    let (same, note) = house.checkpoint().unwrap().unwrap();
    let new: Verifier = house.log_key().parse().unwrap();
    assert_ne!(old, new);
    let opened = Checkpoint::open(&note, &[old, new, witness.verifier().clone()]).unwrap();
    assert_eq!((same, opened.signatures.len()), (size, 3));
    house.close();
}
