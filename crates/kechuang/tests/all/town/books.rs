//! Books: what must hold of a town's folder, whatever has happened to it, read from the tables themselves.

use std::{collections::BTreeMap, path::Path};

use chain::{Memory, leaf, tree};
use desks::DESKS;
use grammar::{kinds::Money, state::State};
use registry::Receipt;
use rusqlite::{Connection, types::ValueRef};
use serde_json::Value;
use sha2::{Digest, Sha256};

use super::life::{Mark, SPACE};

/// Opens what lies there, and lets the store mend itself as it does after a crash.
pub fn open(folder: &Path) -> rusqlite::Result<Connection> {
    let connection = Connection::open(folder.join("region.sqlite"))?;
    connection.pragma_update(None, "wal_autocheckpoint", 0)?;
    Ok(connection)
}

/// A hash of every row of every table: two stores with the same one hold the same.
pub fn digest(connection: &Connection) -> rusqlite::Result<[u8; 32]> {
    let mut hash = Sha256::new();
    let mut tables =
        connection.prepare("SELECT name FROM sqlite_schema WHERE type = 'table' ORDER BY name")?;
    let names = tables.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?;
    for name in names {
        hash.update(name.as_bytes());
        let mut rows = connection.prepare(&format!("SELECT * FROM \"{name}\""))?;
        let columns = rows.column_count();
        let mut rows = rows.query([])?;
        while let Some(row) = rows.next()? {
            for column in 0..columns {
                let (kind, bytes) = match row.get_ref(column)? {
                    ValueRef::Null => (0, Vec::new()),
                    ValueRef::Integer(number) => (1, number.to_le_bytes().to_vec()),
                    ValueRef::Real(number) => (2, number.to_le_bytes().to_vec()),
                    ValueRef::Text(text) => (3, text.to_vec()),
                    ValueRef::Blob(bytes) => (4, bytes.to_vec()),
                };
                hash.update([kind]);
                hash.update((bytes.len() as u64).to_le_bytes());
                hash.update(bytes);
            }
        }
    }
    Ok(hash.finalize().into())
}

/// Everything that was answered is there.
pub fn nothing_is_lost(folder: &Path, connection: &Connection, marks: &[Mark], place: &str) {
    if marks.is_empty() {
        return;
    }
    let mut receipt_of = connection.prepare("SELECT body FROM receipts WHERE key = $1").unwrap();
    let mut kept = BTreeMap::new();
    for mark in marks {
        match mark {
            Mark::Acknowledged { ask, receipt } => {
                let body: String = receipt_of
                    .query_row([&ask.key], |row| row.get(0))
                    .unwrap_or_else(|error| panic!("{place}: {}: {error}", ask.key));
                assert_eq!(&serde_json::from_str::<Receipt>(&body).unwrap(), &**receipt);
            }
            Mark::File { hash } => {
                let bytes = std::fs::read(folder.join("files").join(&hash[..2]).join(hash))
                    .unwrap_or_else(|error| panic!("{place}: file {hash}: {error}"));
                let is: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
                assert_eq!(&is, hash);
            }
            Mark::Kept { key, value } => drop(kept.insert(key, value)),
            Mark::Checkpoint { .. } | Mark::Erased { .. } => {}
        }
    }
    let mut kept_now = connection.prepare("SELECT value FROM kept WHERE space = $1 AND key = $2").unwrap();
    for (key, value) in kept {
        let now: String = kept_now.query_row([SPACE, key], |row| row.get(0)).unwrap();
        assert_eq!(&serde_json::from_str::<String>(&now).unwrap(), value, "{place}: {key}");
    }
}

/// Whether the store has its tables: a power cut on the first day may leave it without.
pub fn is_founded(connection: &Connection) -> bool {
    connection.prepare("SELECT 1 FROM facts").is_ok()
}

/// Money is conserved, and no desk holds what it must never hold: more spent than given, a right exceeded.
pub fn they_balance(connection: &Connection) -> usize {
    let mut query = connection.prepare("SELECT desk, state, id FROM records").unwrap();
    let mut rows = query.query([]).unwrap();
    let (mut records, mut sum, mut accounts) = (0, Money::ZERO, 0);
    while let Some(row) = rows.next().unwrap() {
        let (desk, state, id): (String, String, String) =
            (row.get(0).unwrap(), row.get(1).unwrap(), row.get(2).unwrap());
        let state: State = serde_json::from_str(&state).unwrap();
        let clerk = DESKS.find(&desk).unwrap_or_else(|| panic!("{id} lies at no desk"));
        clerk.check(&state);
        records += 1;
        if desk == "account" {
            sum += serde_json::from_value::<Money>(state["balance"].clone()).unwrap();
            accounts += 1;
        }
    }
    assert_eq!(sum, Money::ZERO, "money was made or lost in {accounts} accounts");
    records
}

/// The house's own audit finds nothing, and has looked at everything.
pub fn the_audit_agrees(folder: &Path, place: &str) -> u64 {
    let settings = registry::Settings::new(folder, super::life::ORIGIN);
    let audited = registry::audit(&settings, &DESKS, registry::Depth::All, &mut |_, _| {}).unwrap();
    assert_eq!(audited.damages, [], "{place}");
    audited.facts
}

/// Every fact is hashed anew, and its record folded anew: entries, the chain of each record, states, and every
/// checkpoint that was ever signed or given away.
pub fn the_log_is_whole(connection: &Connection, marks: &[Mark]) {
    let mut query =
        connection.prepare("SELECT position, bytes, salt, entry FROM facts ORDER BY position").unwrap();
    let mut rows = query.query([]).unwrap();
    let mut moment = grammar::kinds::Moment::from_millis(i64::MIN);
    let (mut memory, mut states, mut last) =
        (Memory::default(), BTreeMap::new(), BTreeMap::<String, String>::new());
    while let Some(row) = rows.next().unwrap() {
        let (bytes, salt, entry): (String, [u8; 32], [u8; 32]) =
            (row.get(1).unwrap(), row.get(2).unwrap(), row.get(3).unwrap());
        assert_eq!(leaf::entry(&salt, bytes.as_bytes()).0, entry);
        let fact: Value = serde_json::from_str(&bytes).unwrap();
        let record = fact["record"].as_str().unwrap().to_owned();
        assert_eq!(fact["position"], memory.size(), "a place in the log is empty");
        let at = fact["at"].as_str().unwrap().parse::<grammar::kinds::Moment>().ok().unwrap();
        assert!(moment <= at, "the facts go back in time");
        moment = at;
        assert_eq!(fact["previous"].as_str(), last.get(&record).map(String::as_str), "{record}");
        memory.push(leaf::leaf_hash(&entry));
        let clerk = DESKS.find(fact["desk"].as_str().unwrap()).unwrap();
        let standing = clerk.apply(states.get(&record), &[&fact["event"]]);
        last.insert(record.clone(), leaf::Hash(entry).to_string());
        states.insert(record, standing.state);
    }
    let mut query = connection.prepare("SELECT id, state FROM records").unwrap();
    let records = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
    let records: BTreeMap<String, String> = records.collect::<Result<_, _>>().unwrap();
    let replayed: BTreeMap<String, String> =
        states.into_iter().map(|(id, state)| (id, state.to_string())).collect();
    assert!(records == replayed, "the facts do not give the records");
    let mut query = connection.prepare("SELECT note FROM checkpoints").unwrap();
    let mut notes: Vec<String> =
        query.query_map([], |row| row.get(0)).unwrap().collect::<Result<_, _>>().unwrap();
    notes.extend(
        marks
            .iter()
            .filter_map(|mark| if let Mark::Checkpoint { note } = mark { Some(note.clone()) } else { None }),
    );
    for note in notes {
        let mut lines = note.lines().skip(1);
        let size: u64 = lines.next().unwrap().parse().unwrap();
        assert!(size <= memory.size(), "the log shrank from {size} to {}", memory.size());
        let root = base64_of(tree::root(size, &memory).unwrap());
        assert_eq!(lines.next().unwrap(), root, "the log at {size} is not what it was");
    }
}

fn base64_of(hash: leaf::Hash) -> String {
    let body = chain::Checkpoint { origin: "x".into(), size: 0, root: hash }.body();
    body.lines().nth(2).unwrap().to_owned()
}

/// No file of the folder holds a personal value of someone who was erased.
pub fn what_was_erased_is_gone(folder: &Path, marks: &[Mark]) {
    let values = marks
        .iter()
        .filter_map(|mark| if let Mark::Erased { value } = mark { Some(value.as_bytes()) } else { None });
    for value in values {
        for file in ["region.sqlite", "region.sqlite-wal"] {
            let bytes = std::fs::read(folder.join(file)).unwrap_or_default();
            let is_there = bytes.windows(value.len()).any(|part| part == value);
            assert!(!is_there, "{} is still in {file}", String::from_utf8_lossy(value));
        }
    }
}
