//! Replay: every record folded anew from its facts, several at a time; a record lies in one shard for good.

use std::{
    collections::{BTreeSet, HashMap},
    hash::{BuildHasher, BuildHasherDefault, DefaultHasher},
    panic::{AssertUnwindSafe, catch_unwind},
};

use chain::{Hash, leaf};
use grammar::{
    case::{Said, Stored},
    clerk::{Desks, Standing},
    kinds::{Day, Id, Moment, Region},
};
use serde_json::Value;

use super::{
    Damage,
    capture::{Capture, Sums, row_sum},
};
use crate::{
    fact::{Fact, Row},
    store::{self, Cell},
    view,
};

/// A record as its facts make it.
struct Replayed {
    desk: &'static str,
    sequence: u32,
    /// The last fact's entry; the next one names it.
    entry: [u8; 32],
    /// As text: thousands of records are held at once.
    state: String,
    born: Day,
    is_demo: bool,
    keys: BTreeSet<u128>,
    sums: Sums,
    /// A sum of the card that outsiders see, where it is another one than insiders see, and since when it is this one.
    outside: Option<(u128, Moment)>,
}

/// As [`store::outside`] finds it in the store.
fn outside(before: Option<&Replayed>, stored: &Stored, at: Moment) -> Option<(u128, Moment)> {
    let public = stored.standing.public.as_ref().filter(|_| store::sight(&stored.standing) == 1)?;
    let card = serde_json::to_string(&**public).ok()?;
    let sum = row_sum(std::iter::once(Cell::Text(&card)));
    let earlier = before.and_then(|before| before.outside).filter(|(known, _)| *known == sum);
    Some(earlier.unwrap_or((sum, at)))
}

/// What the public may read of a fact, for the views.
pub struct Public {
    pub position: u64,
    pub desk: &'static str,
    pub record: Id,
    pub region: Region,
    pub at: Moment,
    pub event: Value,
}

/// What a batch of rows has come to after being hashed.
pub struct Checked {
    pub row: Row,
    pub fact: Option<Fact>,
    /// The last place in the log of the fact's case.
    pub case_end: u64,
}

/// Hashes a row and reads it.
pub fn check(row: Row, damages: &mut Vec<Damage>) -> Checked {
    let place = || format!("fact {} ({})", row.position, row.record);
    let is_unchanged = row.is_unchanged();
    let fact = if is_unchanged { row.read() } else { None };
    if !is_unchanged {
        damages.push(Damage::lost("fact-changed", place()));
    } else if fact.is_none() {
        damages.push(Damage::lost("fact-unlike", place()));
    }
    Checked { fact, case_end: row.position, row }
}

impl Checked {
    pub fn leaf(&self) -> Hash {
        leaf::leaf_hash(&self.row.entry)
    }
}

/// Which shard a record lies in.
pub fn shard_of(record: &str, shards: usize) -> usize {
    let hasher = BuildHasherDefault::<DefaultHasher>::default();
    usize::try_from(hasher.hash_one(record) % shards.max(1) as u64).unwrap_or(0)
}

/// The records that one thread folds.
#[derive(Default)]
pub struct Shard {
    records: HashMap<Id, Replayed>,
    /// Records of which a fact cannot be read: what they should be is not known.
    unknown: BTreeSet<String>,
    capture: Capture,
    pub damages: Vec<Damage>,
    pub public: Vec<Public>,
}

impl Shard {
    /// Folds those facts of a batch of whole cases that are this shard's.
    pub fn fold<'a>(&mut self, desks: &Desks, facts: impl Iterator<Item = &'a Checked>) {
        let mut of_case: Vec<(&Checked, &Fact)> = Vec::new();
        let mut waiting: HashMap<Id, Vec<(&Checked, &Fact)>> = HashMap::new();
        let mut case = None;
        for checked in facts {
            if case != Some(checked.row.case) {
                case = Some(checked.row.case);
                self.close(desks, &mut of_case, &mut waiting);
            }
            match &checked.fact {
                Some(fact) => of_case.push((checked, fact)),
                None => drop(self.unknown.insert(checked.row.record.clone())),
            }
        }
        self.close(desks, &mut of_case, &mut waiting);
    }

    /// A case is over: each of its records is kept once, as the writer does.
    fn close<'a>(
        &mut self,
        desks: &Desks,
        of_case: &mut Vec<(&'a Checked, &'a Fact)>,
        by_record: &mut HashMap<Id, Vec<(&'a Checked, &'a Fact)>>,
    ) {
        for (checked, fact) in of_case.drain(..) {
            by_record.entry(fact.record).or_default().push((checked, fact));
        }
        for (record, facts) in by_record.drain() {
            if self.unknown.contains(record.as_str()) {
                continue;
            }
            if let Err(damage) = self.record(desks, record, &facts) {
                self.damages.push(damage);
                self.unknown.insert(record.to_string());
                self.records.remove(&record);
            }
        }
    }

    fn record(&mut self, desks: &Desks, record: Id, facts: &[(&Checked, &Fact)]) -> Result<(), Damage> {
        let Some((_, first)) = facts.first() else { return Ok(()) };
        let lost = |code, fact: &Fact| Damage::lost(code, format!("fact {} ({record})", fact.position));
        let clerk = desks.find(&first.desk).ok_or_else(|| lost("desk-unknown", first))?;
        let mut before = self.records.remove(&record);
        let mut standing: Option<Standing> = None;
        let (mut entry, mut sequence) =
            before.as_ref().map_or((None, 0), |before| (Some(before.entry), before.sequence));
        let mut said = Vec::with_capacity(facts.len());
        for (checked, fact) in facts {
            let is_next = fact.sequence == sequence + 1 && fact.previous.map(|hash| hash.0) == entry;
            let same_desk =
                before.as_ref().is_none_or(|before| before.desk == fact.desk) && fact.desk == first.desk;
            if !(is_next && same_desk) {
                return Err(lost("chain-broken", fact));
            }
            let state = match standing.take() {
                Some(standing) => Some(standing.state),
                None => before.as_ref().and_then(|before| serde_json::from_str(&before.state).ok()),
            };
            let applied = catch_unwind(AssertUnwindSafe(|| clerk.apply(state.as_ref(), &[&fact.event])));
            standing = Some(applied.map_err(|_| lost("event-unreadable", fact))?);
            (entry, sequence) = (checked.row.entry.as_slice().try_into().ok(), fact.sequence);
            said.push(Said {
                desk: clerk.name(),
                record,
                sequence,
                event: fact.event.clone(),
                told_by: None,
            });
        }
        let (Some(standing), Some(entry), Some((checked, last))) = (standing, entry, facts.last()) else {
            return Ok(());
        };
        let (born, is_demo) = before.as_ref().map_or((first.at.day(), first.demo), |b| (b.born, b.is_demo));
        let stored = Stored { desk: clerk.name(), standing, sequence, born };
        let outside = outside(before.as_ref(), &stored, last.at);
        let since = outside.map_or(last.at, |(_, since)| since);
        let moments = (last.at, since, checked.case_end);
        let put = store::put(&self.capture, record, (None, &stored), is_demo, moments);
        if put.is_err() {
            return Err(lost("event-unreadable", last));
        }
        self.publish(desks, &said, &stored, facts);
        let mut keys = before.as_mut().map(|before| std::mem::take(&mut before.keys)).unwrap_or_default();
        keys.extend(stored.standing.card.keys.iter().map(|key| row_sum(std::iter::once(Cell::Text(key)))));
        let mut sums = self.capture.take();
        if let Some(last) = sums.last_mut() {
            *last = keys.iter().fold(0, |sum, key| sum.wrapping_add(*key));
        }
        let state = stored.standing.state.to_string();
        let desk = clerk.name();
        let replayed = Replayed { desk, sequence, entry, state, born, is_demo, keys, sums, outside };
        self.records.insert(record, replayed);
        Ok(())
    }

    fn publish(&mut self, desks: &Desks, said: &[Said], stored: &Stored, facts: &[(&Checked, &Fact)]) {
        for (said, (_, fact)) in said.iter().zip(facts) {
            if let Some((region, event)) = view::public(desks, said, &stored.standing) {
                let (position, desk, record, at) = (fact.position, said.desk, said.record, fact.at);
                self.public.push(Public { position, desk, record, region, at, event });
            }
        }
    }

    /// How many records there are.
    pub fn len(&self) -> usize {
        self.records.len()
    }

    /// Takes a row that lies in the store off what its record should have; says whether it has the record.
    pub fn meet(&mut self, table: usize, record: &str, sum: u128) -> bool {
        if self.unknown.contains(record) {
            return true;
        }
        let known = record.parse().ok().and_then(|id: Id| self.records.get_mut(&id));
        let sum_of = known.and_then(|replayed| replayed.sums.get_mut(table));
        sum_of.map(|left| *left = left.wrapping_sub(sum)).is_some()
    }

    /// Records whose rows in a table are not what they should be.
    pub fn unlike(&self, table: usize) -> impl Iterator<Item = Id> {
        let is_unlike = move |replayed: &Replayed| replayed.sums.get(table).is_some_and(|left| *left != 0);
        self.records.iter().filter(move |(_, replayed)| is_unlike(replayed)).map(|(id, _)| *id)
    }
}
