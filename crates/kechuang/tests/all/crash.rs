//! Crash: the house is killed in the middle of its work; what it acknowledged is there, and happened once.

use std::{
    path::Path,
    sync::{Mutex, mpsc},
};

use chain::{Checkpoint, Memory, Verifier, leaf, receipt, tree};
use grammar::form::Dice;
use registry::Receipt;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    open,
    region::{LOOKS_MAX, Region, Visitor},
};

const THREADS: usize = 4;
/// Acknowledged asks of one round before the house is killed: at least, and up to how many more.
const ASKS: (usize, usize) = (30, 120);
const ROWS: usize = 3_000;
const IMPORT: &str = "/organisation/import/register";
pub const ORIGIN: &str = "kechuang.example/crash";

/// One ask as its sender knows it.
#[derive(Clone)]
pub struct Sent {
    pub key: String,
    pub fields: Value,
    pub receipt: Option<Receipt>,
}

pub fn firm(key: &str) -> Value {
    json!({ "name": { "zh": format!("示例企业 {key}"), "en": key }, "kind": "enterprise", "region": "310115" })
}

fn ask(visitor: &Visitor, sent: &Sent) -> Result<Option<Receipt>, ureq::Error> {
    let answer = visitor.ask("/api/v1/organisation/register", &sent.key, &sent.fields)?;
    assert!([200, 201].contains(&answer.status), "{} {}", answer.status, answer.text);
    Ok(serde_json::from_value(answer.json()).ok())
}

/// Several programs ask as fast as they can until the house is gone. Gives all that was sent, and a
/// checkpoint that the house gave away half-way.
fn stream(region: &mut Region, visitor: &Visitor, round: usize, until: usize) -> (Vec<Sent>, String) {
    let all = Mutex::new(Vec::new());
    let (told, tells) = mpsc::channel();
    let (count, proof, checkpoint) = std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (all, told) = (&all, told.clone());
            scope.spawn(move || {
                for number in 0.. {
                    let key = format!("r{round}-t{thread}-{number}");
                    let mut sent = Sent { fields: firm(&key), key, receipt: None };
                    let answered = ask(visitor, &sent);
                    let is_over = answered.is_err();
                    sent.receipt = answered.ok().flatten();
                    all.lock().unwrap().push(sent.clone());
                    let _ = told.send(sent.receipt);
                    if is_over {
                        return;
                    }
                }
            });
        }
        drop(told);
        let some: Vec<Receipt> = tells.iter().flatten().take(until / 2).collect();
        // Whoever asks for a proof has the log sealed at once.
        let position = some.last().map_or(0, |receipt| receipt.position);
        let proof = visitor.try_get(&format!("/api/v1/receipts/{position}"));
        let checkpoint = visitor.try_get("/api/v1/checkpoint");
        let count = some.len() + tells.iter().flatten().take(until - until / 2).count();
        // Before anything is asserted: the threads end with the house.
        region.kill();
        (count, proof, checkpoint)
    });
    assert_eq!((count, proof.unwrap().status), (until, 200));
    let checkpoint = checkpoint.unwrap().text;
    (all.into_inner().unwrap(), checkpoint)
}

/// Asks everything again: what was acknowledged is answered with the same receipt.
fn ask_again(visitor: &Visitor, sent: &mut [Sent]) {
    for one in sent {
        let again = ask(visitor, one).unwrap().unwrap();
        if let Some(receipt) = &one.receipt {
            assert_eq!(again, Receipt { is_repeat: true, ..receipt.clone() }, "{}", one.key);
        }
        one.receipt = Some(Receipt { is_repeat: false, ..again });
    }
}

pub fn total(visitor: &Visitor) -> usize {
    let page = visitor.get("/api/v1/organisation?limit=1").json();
    usize::try_from(page["total"].as_u64().unwrap()).unwrap()
}

/// The whole log is hashed anew: every checkpoint ever given is a prefix of it, every receipt verifies.
pub fn the_log_holds(folder: &Path, checkpoints: &[String], sent: &[Sent]) {
    let registry = open::registry(folder, ORIGIN);
    registry.seal_now().unwrap();
    let trusted: [Verifier; 1] = [registry.log_key().parse().unwrap()];
    let mut memory = Memory::default();
    for position in 0..registry.size() {
        let proof = registry.proof(position).unwrap().unwrap();
        memory.push(leaf::leaf_hash(&leaf::entry(&proof.salt, proof.fact.as_bytes()).0));
        let fact: Value = serde_json::from_str(&proof.fact).unwrap();
        assert_eq!(fact["position"], position);
        receipt::verify(&proof, &trusted).unwrap();
    }
    let (_, newest) = registry.checkpoint().unwrap().unwrap();
    let mut grown = 0;
    for note in checkpoints.iter().chain([&newest]) {
        let Checkpoint { size, root, .. } = Checkpoint::open(note, &trusted).unwrap().checkpoint;
        assert!(grown <= size, "the log shrank from {grown} to {size}");
        assert_eq!(tree::root(size, &memory).unwrap(), root, "the log at {size} is not what it was");
        grown = size;
    }
    assert_eq!(grown, registry.size());
    for one in sent {
        let receipt = one.receipt.as_ref().unwrap();
        let proof = registry.proof(receipt.position).unwrap().unwrap();
        let fact: Value = serde_json::from_str(&proof.fact).unwrap();
        assert_eq!(fact["record"], json!(receipt.record), "{}", one.key);
        assert_eq!(fact["event"]["entry"]["name"]["en"], json!(one.key));
    }
    registry.close();
}

#[test]
fn what_was_acknowledged_outlives_a_crash_and_happened_once() {
    let rounds = std::env::var("CRASHES").ok().and_then(|rounds| rounds.parse().ok()).unwrap_or(3);
    let folder = TempDir::new().unwrap();
    let mut dice = Dice::new(1);
    let (mut sent, mut checkpoints) = (Vec::<Sent>::new(), Vec::new());
    let mut token = String::new();
    for round in 0..rounds {
        let mut region = Region::open(folder.path(), &["--origin", ORIGIN]);
        let mut visitor = region.visitor();
        if token.is_empty() {
            visitor.sign_in("admin");
            visitor.take_token();
            token.clone_from(&visitor.token);
        }
        visitor.token.clone_from(&token);
        ask_again(&visitor, &mut sent);
        assert_eq!(total(&visitor), sent.len(), "each ask happened once");
        let (fresh, checkpoint) = stream(&mut region, &visitor, round, ASKS.0 + dice.below(ASKS.1));
        sent.extend(fresh);
        checkpoints.push(checkpoint);
    }
    let region = Region::open(folder.path(), &[]);
    let mut visitor = region.visitor();
    visitor.token = token;
    ask_again(&visitor, &mut sent);
    assert_eq!(total(&visitor), sent.len(), "each ask happened once");
    drop(region);
    println!("{rounds} crashes, {} asks", sent.len());
    the_log_holds(folder.path(), &checkpoints, &sent);
}

#[test]
fn a_sheet_that_was_cut_off_is_finished_by_bringing_it_again() {
    let folder = TempDir::new().unwrap();
    let rows = (0..ROWS).map(|n| format!("示例企业 {n:05},Firm {n:05},enterprise,310115\n"));
    let sheet = format!("name.zh,name.en,kind,region\n{}", rows.collect::<String>());
    let mut region = Region::open(folder.path(), &[]);
    let mut visitor = region.visitor();
    visitor.sign_in("admin");
    visitor.start_import(IMPORT, &sheet);
    // After the first batch, in the middle of some later one.
    let begun = (0..LOOKS_MAX).map(|_| total(&visitor)).find(|total| *total > 0).unwrap();
    region.kill();
    assert!(begun < ROWS, "the import was over before it could be cut off");

    let region = Region::open(folder.path(), &[]);
    let cookie = visitor.cookie;
    let mut visitor = region.visitor();
    visitor.cookie = cookie;
    let kept = total(&visitor);
    assert!(begun <= kept && kept < ROWS, "{begun} rows were seen, {kept} are there");
    visitor.bring(IMPORT, &sheet);
    assert_eq!(total(&visitor), ROWS, "every row once");

    let (mut titles, mut next) = (std::collections::BTreeSet::new(), String::new());
    loop {
        let page = visitor
            .get(&format!("/api/v1/organisation?limit=200&cursor={}", window::visit::escape(&next)))
            .json();
        let rows = page["rows"].as_array().unwrap();
        titles.extend(rows.iter().map(|row| row["card"]["title_en"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(more) => next = more.to_owned(),
            None => break,
        }
    }
    assert_eq!(titles.len(), ROWS);
    println!("cut off after {kept} of {ROWS} rows");
}
