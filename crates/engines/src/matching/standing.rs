//! Standing needs: which of a million waiting needs does this new offer meet?
//!
//! A need with required words is filed under the rarest of them only, so an offer looks at the few
//! needs filed under its own words (`performance.md` §1, "Standing queries"). A need taken from a full
//! text asks for a score instead: it is filed under the terms without which that score cannot be
//! reached. Always: words are met by exactly the offers that hold them; a bar by exactly the offers whose
//! score, with the weights of the day the need was filed and its weightiest terms, reaches it.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::doc::{Offer, cut};
use super::hash::Quick;
use super::index::Index;
use super::intake::{AVERAGE, Intake};
use super::need::{self, Need, Plan, Weighed};
use super::top::Clause;
use super::why::{self, Reason};
use super::words::{Reader, Term};

/// The most standing needs.
pub const STANDING_MAX: usize = 16_000_000;
/// The most words of each sort in one standing need.
pub const WORDS_MAX: usize = 64;
/// The most terms that a standing need keeps of a full text: the weightiest.
const TERMS_MAX: usize = 48;

/// However few offers there are yet, one must reach this part of the best thinkable score: a fifteenth.
const LEAST_SHARE: u64 = 15;

/// Words to wait for. Each entry may be a word or a phrase, Chinese or English.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Watch {
    /// All of these must stand in the offer; at least one is needed here.
    pub all: Vec<String>,
    /// One of these must, if there are any.
    pub any: Vec<String>,
    /// None of these may.
    pub none: Vec<String>,
}

/// From which score on a standing need is met.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bar {
    /// The offer would have been among so many best of what is in the index now.
    Top(usize),
    /// The offer reaches this share (0 to 1) of the best thinkable score.
    Share(f32),
}

/// A standing need that is met.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Met {
    /// Its id.
    pub id: String,
    /// The score, for a need with a bar; 0 for one with words.
    pub score: f32,
    /// What spoke for the offer, for a need with a bar.
    pub reasons: Vec<Reason>,
}

/// A need with a bar.
#[derive(Debug, Clone)]
struct Barred {
    need: Box<Need>,
    clauses: Box<[Clause]>,
    bar: u64,
}

/// A word of several terms: its own slot, and those of its terms under which it is not filed.
type Phrase = (u32, Box<[u32]>);

/// All standing needs.
#[derive(Debug, Clone)]
pub struct Standing {
    numbers: HashMap<Box<str>, u32>,
    ids: Vec<Option<Box<str>>>,
    slots: HashMap<Term, u32, Quick>,
    /// Words of several terms have slots of their own.
    phrases: HashMap<Box<[u32]>, u32>,
    /// By one term of a phrase.
    phrases_at: HashMap<u32, Vec<Phrase>, Quick>,
    /// By slot: how many needs use it.
    uses: Vec<u32>,
    /// By slot: records of needs, one after the other: number, sizes, words.
    filed: Vec<Vec<u32>>,
    barred: HashMap<u32, Barred, Quick>,
    barred_at: HashMap<u32, Vec<u32>, Quick>,
    removed: usize,
    intake: Intake,
    seen: Vec<u32>,
    visit: u32,
}

impl Default for Standing {
    fn default() -> Self {
        Self::new()
    }
}

impl Standing {
    /// No standing needs.
    #[must_use]
    pub fn new() -> Self {
        Self {
            numbers: HashMap::new(),
            ids: Vec::new(),
            slots: HashMap::default(),
            phrases: HashMap::new(),
            phrases_at: HashMap::default(),
            uses: Vec::new(),
            filed: Vec::new(),
            barred: HashMap::default(),
            barred_at: HashMap::default(),
            removed: 0,
            intake: Intake::new(AVERAGE),
            seen: Vec::new(),
            visit: 0,
        }
    }

    /// How many stand.
    #[must_use]
    pub fn len(&self) -> usize {
        self.numbers.len()
    }

    /// Whether none stands.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.numbers.is_empty()
    }

    /// Lets words wait under an id, replacing what waited there. False when no required word can be
    /// read, when there are more than [`WORDS_MAX`] of a sort, or when [`STANDING_MAX`] stand.
    pub fn add(&mut self, id: &str, watch: &Watch) -> bool {
        self.remove(id);
        let too_many = [&watch.all, &watch.any, &watch.none].iter().any(|words| words.len() > WORDS_MAX);
        if too_many || self.numbers.len() >= STANDING_MAX {
            return false;
        }
        let mut reader = Reader::default();
        let [all, any, none] = [&watch.all, &watch.any, &watch.none]
            .map(|words| words.iter().filter_map(|word| self.word(&mut reader, word)).collect::<Vec<u32>>());
        let rarest = all.iter().copied().min_by_key(|slot| (self.uses.get(*slot as usize), *slot));
        let Some(pivot) = rarest.filter(|_| watch.any.is_empty() || !any.is_empty()) else { return false };
        for slot in all.iter().chain(&any).chain(&none) {
            if let Some(uses) = self.uses.get_mut(*slot as usize) {
                *uses += 1;
            }
        }
        let number = self.number(id);
        let all: Vec<u32> = all.into_iter().filter(|slot| *slot != pivot).collect();
        let sizes = all.len() as u32 | (any.len() as u32) << 8 | (none.len() as u32) << 16;
        if let Some(records) = self.filed.get_mut(pivot as usize) {
            records.extend([number, sizes]);
            records.extend(all.into_iter().chain(any).chain(none));
        }
        true
    }

    /// Lets a full need wait until an offer reaches the bar. Its weightiest terms are weighed once, by
    /// the index as it stands now; terms that no offer holds yet count as the rarest. False when the need
    /// has no terms at all.
    pub fn add_need(&mut self, id: &str, need: &Need, index: &Index, bar: Bar) -> bool {
        self.remove(id);
        let plan = Plan::of(need, need::lexicon());
        let awaited = need::awaited(&plan, index, TERMS_MAX);
        let best: u64 = awaited.iter().map(|(_, weight)| u64::from(*weight) * 255).sum();
        if best == 0 || self.numbers.len() >= STANDING_MAX {
            return false;
        }
        let least = best / LEAST_SHARE;
        let bar = match bar {
            Bar::Share(share) => (best as f64 * f64::from(share.clamp(0.01, 1.0))) as u64,
            Bar::Top(top) => {
                let found =
                    index.search(&Weighed::of(&plan, index).clauses, top.max(1), &|doc| doc.audience == 0);
                found.get(top.max(1) - 1).map_or(least, |last| u64::from(last.score).max(least))
            }
        }
        .max(1);
        self.intake.average = index.intake.average;
        let number = self.number(id);
        let clauses: Vec<Clause> =
            awaited.iter().map(|(term, weight)| Clause { slot: self.slot(*term), weight: *weight }).collect();
        let mut rest = best;
        for clause in &clauses {
            if rest < bar {
                break;
            }
            rest -= u64::from(clause.weight) * 255;
            self.barred_at.entry(clause.slot).or_default().push(number);
        }
        self.barred.insert(number, Barred { need: Box::new(need.clone()), clauses: clauses.into(), bar });
        true
    }

    /// Lets nothing wait under this id any more. False when nothing did.
    pub fn remove(&mut self, id: &str) -> bool {
        let Some(number) = self.numbers.remove(cut(id)) else { return false };
        if let Some(id) = self.ids.get_mut(number as usize) {
            *id = None;
        }
        if let Some(barred) = self.barred.remove(&number) {
            for clause in &barred.clauses {
                if let Some(filed) = self.barred_at.get_mut(&clause.slot) {
                    filed.retain(|n| *n != number);
                }
            }
        }
        self.removed += 1;
        if self.removed > 1024 && self.removed > self.numbers.len() {
            self.sweep();
        }
        true
    }

    /// The ids of all standing needs with words that this offer meets, in the order of the ids.
    pub fn match_ids(&mut self, offer: &Offer) -> Vec<&str> {
        let words = self.look(offer);
        let mut met = Vec::new();
        for (slot, _) in &words {
            self.try_filed(*slot, &mut met);
        }
        let mut ids: Vec<&str> = met.iter().filter_map(|n| self.ids.get(*n as usize)?.as_deref()).collect();
        ids.sort_unstable();
        ids
    }

    /// All standing needs that this offer meets: with a bar by falling score, then with words by id.
    /// `index` lends its statistics to the reasons.
    pub fn match_document(&mut self, offer: &Offer, index: &Index) -> Vec<Met> {
        let words = self.look(offer);
        let impacts: HashMap<u32, u8, Quick> = words.iter().copied().collect();
        let mut tried: Vec<u32> =
            words.iter().filter_map(|(slot, _)| self.barred_at.get(slot)).flatten().copied().collect();
        tried.sort_unstable();
        tried.dedup();
        let mut met: Vec<Met> =
            tried.iter().filter_map(|n| self.try_barred(*n, &impacts, offer, index)).collect();
        met.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.id.cmp(&b.id)));
        let by_words = self.match_ids(offer);
        met.extend(by_words.into_iter().map(|id| Met { id: id.to_owned(), score: 0.0, reasons: Vec::new() }));
        met
    }
}

/// How it works inside.
impl Standing {
    /// Marks all words of an offer as seen; returns them with their impacts, phrases with none.
    fn look(&mut self, offer: &Offer) -> Vec<(u32, u8)> {
        self.visit = self.visit.wrapping_add(1);
        let (visit, slots) = (self.visit, &self.slots);
        let mut words = self.intake.terms(offer, |term| slots.get(&term).copied());
        for (slot, _) in &words {
            if let Some(seen) = self.seen.get_mut(*slot as usize) {
                *seen = visit;
            }
        }
        for (slot, _) in words.clone() {
            for (phrase, others) in self.phrases_at.get(&slot).map_or(&[][..], Vec::as_slice) {
                if others.iter().all(|other| is_seen(&self.seen, *other, visit)) {
                    words.push((*phrase, 0));
                    if let Some(seen) = self.seen.get_mut(*phrase as usize) {
                        *seen = visit;
                    }
                }
            }
        }
        words
    }

    /// Tries the needs filed under one word.
    fn try_filed(&self, slot: u32, met: &mut Vec<u32>) {
        let mut records = self.filed.get(slot as usize).map_or(&[][..], Vec::as_slice);
        while let [number, sizes, rest @ ..] = records {
            let [all, any, none] = [sizes & 255, sizes >> 8 & 255, sizes >> 16].map(|size| size as usize);
            let Some((words, next)) = rest.split_at_checked(all + any + none) else { return };
            let (all, words) = words.split_at_checked(all).unwrap_or_default();
            let (any, none) = words.split_at_checked(any).unwrap_or_default();
            let on = |slot: &u32| is_seen(&self.seen, *slot, self.visit);
            if all.iter().all(on) && (any.is_empty() || any.iter().any(on)) && !none.iter().any(on) {
                met.push(*number);
            }
            records = next;
        }
    }

    fn try_barred(
        &self,
        number: u32,
        impacts: &HashMap<u32, u8, Quick>,
        offer: &Offer,
        index: &Index,
    ) -> Option<Met> {
        let barred = self.barred.get(&number)?;
        let impact = |slot| impacts.get(slot).map_or(0, |impact| u64::from(*impact));
        let score: u64 = barred.clauses.iter().map(|c| u64::from(c.weight) * impact(&c.slot)).sum();
        if score < barred.bar {
            return None;
        }
        let plan = Plan::of(&barred.need, need::lexicon());
        let weighed = Weighed::of(&plan, index);
        let terms = Intake::new(self.intake.average).terms(offer, |term| index.slot_of(term));
        let (reasons, score) = why::of_words(&plan, &weighed, terms.into_iter());
        let id = self.ids.get(number as usize)?.as_deref()?.to_owned();
        Some(Met { id, score, reasons })
    }

    /// The slot of a word or phrase: that of its term, or of all its terms together.
    fn word(&mut self, reader: &mut Reader, word: &str) -> Option<u32> {
        let reading = reader.read(word);
        let whole = reading.tokens.iter().filter(|t| t.term.weight() > 0.5);
        let mut terms: Vec<Term> = whole.map(|t| t.term).collect();
        if terms.is_empty() {
            terms = reading.tokens.iter().map(|t| t.term).collect();
        }
        terms.sort_unstable();
        terms.dedup();
        let slots: Vec<u32> = terms.into_iter().map(|term| self.slot(term)).collect();
        if let [slot] = slots.as_slice() {
            return Some(*slot);
        }
        if let Some(slot) = self.phrases.get(slots.as_slice()) {
            return Some(*slot);
        }
        // Filed under the term with the fewest phrases so far.
        let crowd = |slot: &u32| self.phrases_at.get(slot).map_or(0, Vec::len);
        let key = slots.iter().copied().min_by_key(crowd)?;
        let others = slots.iter().copied().filter(|slot| *slot != key).collect();
        let slot = self.new_slot();
        self.phrases_at.entry(key).or_default().push((slot, others));
        self.phrases.insert(slots.into(), slot);
        Some(slot)
    }

    fn slot(&mut self, term: Term) -> u32 {
        if let Some(slot) = self.slots.get(&term) {
            return *slot;
        }
        let slot = self.new_slot();
        self.slots.insert(term, slot);
        slot
    }

    fn new_slot(&mut self) -> u32 {
        self.uses.push(0);
        self.filed.push(Vec::new());
        self.seen.push(0);
        self.uses.len() as u32 - 1
    }

    fn number(&mut self, id: &str) -> u32 {
        let number = self.ids.len() as u32;
        self.ids.push(Some(cut(id).into()));
        self.numbers.insert(cut(id).into(), number);
        number
    }

    /// Writes all records anew without the removed ones.
    fn sweep(&mut self) {
        self.removed = 0;
        for records in &mut self.filed {
            let old = std::mem::take(records);
            let mut rest = old.as_slice();
            while let [number, sizes, ..] = rest {
                let size = 2 + [sizes & 255, sizes >> 8 & 255, sizes >> 16].iter().sum::<u32>() as usize;
                let Some((record, next)) = rest.split_at_checked(size) else { break };
                if self.ids.get(*number as usize).is_some_and(Option::is_some) {
                    records.extend_from_slice(record);
                }
                rest = next;
            }
        }
    }
}

fn is_seen(seen: &[u32], slot: u32, visit: u32) -> bool {
    seen.get(slot as usize).is_some_and(|at| *at == visit)
}
