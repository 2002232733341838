//! The index of offers: put, replace, remove at any time, searchable at once.
//!
//! New offers go into a small fresh part; when it is full it is frozen into a segment, and segments
//! of like size are merged. Statistics of words are exact and count only offers everyone may see.
//!
//! Always: every answer is a function of the set of offers, not of the order in which they came, of
//! freezing or of merging. A closed offer changes nothing for those who may not see it.

use std::collections::HashMap;

use super::doc::{Doc, Offer, cut};
use super::habit::Habits;
use super::hash::Quick;
use super::intake::{AVERAGE, Intake};
use super::segment::{Forward, Segment};
use super::top::{Best, Clause, Found, search};
use super::words::Term;

/// The most offers in one index.
pub const OFFERS_MAX: usize = 8_000_000;
/// Offers in the fresh part before it is frozen.
const FRESH_MAX: usize = 2_048;
/// The most kinds; all further ones count as the last.
const KINDS_MAX: usize = 1_000;
/// The number of the fresh part among the segments.
const FRESH: u32 = u32::MAX;

/// The part of the index that still changes.
#[derive(Debug, Default, Clone)]
struct Fresh {
    docs: Vec<Doc>,
    forward: Forward,
    lists: HashMap<u32, Vec<(u32, u8)>, Quick>,
}

/// Everything that can be put behind a need, ready to be searched.
#[derive(Debug, Clone)]
pub struct Index {
    slots: HashMap<Term, u32, Quick>,
    open_counts: Vec<u32>,
    open: u32,
    kinds: Vec<String>,
    frozen: Vec<Segment>,
    fresh: Fresh,
    places: HashMap<Box<str>, (u32, u32)>,
    pub(super) intake: Intake,
    pub(super) habits: Habits,
}

impl Default for Index {
    fn default() -> Self {
        Self::with_average(AVERAGE)
    }
}

impl Index {
    /// An empty index.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// An empty index for offers of about so many terms (twice the characters of Chinese or twice the
    /// words of English, twice as many again for titles).
    #[must_use]
    pub fn with_average(terms: f32) -> Self {
        Self {
            slots: HashMap::default(),
            open_counts: Vec::new(),
            open: 0,
            kinds: Vec::new(),
            frozen: Vec::new(),
            fresh: Fresh::default(),
            places: HashMap::new(),
            intake: Intake::new(terms),
            habits: Habits::default(),
        }
    }

    /// How many offers are inside.
    #[must_use]
    pub fn len(&self) -> usize {
        self.places.len()
    }

    /// Whether it holds nothing.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Whether an offer of this id is inside.
    #[must_use]
    pub fn has(&self, id: &str) -> bool {
        self.places.contains_key(cut(id))
    }

    /// Puts an offer in, or replaces the one of the same id. False when the index is full
    /// ([`OFFERS_MAX`]).
    pub fn put(&mut self, offer: &Offer) -> bool {
        let Some((doc, terms)) = self.take_in(offer) else { return false };
        let number = self.fresh.docs.len() as u32;
        for (slot, impact) in &terms {
            self.fresh.lists.entry(*slot).or_default().push((number, *impact));
        }
        self.places.insert(doc.id.clone(), (FRESH, number));
        self.fresh.forward.push(terms);
        self.fresh.docs.push(doc);
        if self.fresh.docs.len() >= FRESH_MAX {
            self.freeze();
        }
        true
    }

    /// Puts many offers in at once: some ten times faster than one by one. Those of a field stand
    /// together, which makes searching faster too. Returns how many were taken.
    pub fn put_all(&mut self, offers: &[Offer]) -> usize {
        // The same id twice: the later one stays.
        let last: HashMap<&str, usize> = offers.iter().zip(0..).map(|(o, i)| (cut(&o.id), i)).collect();
        let kept = offers.iter().zip(0..).filter(|(o, i)| last.get(cut(&o.id)) == Some(i));
        let mut order: Vec<&Offer> = kept.map(|(offer, _)| offer).collect();
        order.sort_by(|a, b| a.field.cmp(&b.field));
        let (mut docs, mut forward): (Vec<Doc>, Forward) = Default::default();
        for offer in order {
            let Some((doc, terms)) = self.take_in(offer) else { break };
            forward.push(terms);
            docs.push(doc);
        }
        let number = self.frozen.len() as u32;
        for (doc, at) in docs.iter().zip(0..) {
            self.places.insert(doc.id.clone(), (number, at));
        }
        let taken = docs.len();
        if taken > 0 {
            self.frozen.push(Segment::freeze(docs, forward, self.open_counts.len()));
            self.merge();
        }
        taken
    }

    /// Takes an offer out. False when it was not inside.
    pub fn remove(&mut self, id: &str) -> bool {
        let Some((segment, number)) = self.places.remove(cut(id)) else { return false };
        let (docs, forward) = match self.frozen.get_mut(segment as usize) {
            Some(frozen) => {
                frozen.live = frozen.live.saturating_sub(1);
                (&mut frozen.docs, &frozen.forward)
            }
            None => (&mut self.fresh.docs, &self.fresh.forward),
        };
        let Some(doc) = docs.get_mut(number as usize) else { return false };
        doc.is_live = false;
        if doc.audience == 0 {
            self.open = self.open.saturating_sub(1);
            for (slot, _) in forward.get(number) {
                if let Some(count) = self.open_counts.get_mut(slot as usize) {
                    *count = count.saturating_sub(1);
                }
            }
        }
        if self.frozen.get(segment as usize).is_some_and(|s| (s.live as usize) * 2 < s.docs.len()) {
            self.rewrite(segment as usize..segment as usize + 1);
        }
        true
    }

    /// Reads an offer and counts its terms; takes an older one of the same id out.
    fn take_in(&mut self, offer: &Offer) -> Option<(Doc, Vec<(u32, u8)>)> {
        self.remove(&offer.id);
        if self.places.len() >= OFFERS_MAX {
            return None;
        }
        let kind = match self.kinds.iter().position(|k| k == cut(&offer.kind)) {
            Some(kind) => kind,
            None if self.kinds.len() < KINDS_MAX => {
                self.kinds.push(cut(&offer.kind).to_owned());
                self.kinds.len() - 1
            }
            None => KINDS_MAX - 1,
        };
        let terms = self.terms(offer);
        if offer.audience == 0 {
            self.open += 1;
            for (slot, _) in &terms {
                if let Some(count) = self.open_counts.get_mut(*slot as usize) {
                    *count += 1;
                }
            }
        }
        Some((Doc::of(offer, kind as u16), terms))
    }

    /// The terms of an offer; new ones get the next number.
    fn terms(&mut self, offer: &Offer) -> Vec<(u32, u8)> {
        let Self { intake, slots, open_counts, .. } = self;
        intake.terms(offer, |term| {
            let next = open_counts.len() as u32;
            let slot = *slots.entry(term).or_insert(next);
            if slot == next {
                open_counts.push(0);
            }
            Some(slot)
        })
    }

    /// Turns the fresh part into a segment.
    fn freeze(&mut self) {
        let fresh = std::mem::take(&mut self.fresh);
        let number = self.frozen.len() as u32;
        for (doc, at) in fresh.docs.iter().zip(0..).filter(|(doc, _)| doc.is_live) {
            self.places.insert(doc.id.clone(), (number, at));
        }
        self.frozen.push(Segment::freeze(fresh.docs, fresh.forward, self.open_counts.len()));
        self.merge();
    }

    /// Merges the youngest segments until each is at least twice as large as the next.
    fn merge(&mut self) {
        let mut from = self.frozen.len().saturating_sub(1);
        let mut sum = self.frozen.last().map_or(0, |s| s.docs.len());
        while let Some(older) = from.checked_sub(1).and_then(|i| self.frozen.get(i)).map(|s| s.docs.len())
            && older < 2 * sum
        {
            sum += older;
            from -= 1;
        }
        if from + 1 < self.frozen.len() {
            self.rewrite(from..self.frozen.len());
        }
    }

    /// Writes neighbouring segments anew as one, without what was removed. The range either is one
    /// segment or reaches to the end, so no other segment changes its number.
    fn rewrite(&mut self, range: std::ops::Range<usize>) {
        let first = range.start;
        let (mut docs, mut forward): (Vec<Doc>, Forward) = Default::default();
        for segment in self.frozen.drain(range) {
            for (doc, at) in segment.docs.into_iter().zip(0..).filter(|(doc, _)| doc.is_live) {
                self.places.insert(doc.id.clone(), (first as u32, docs.len() as u32));
                forward.push(segment.forward.get(at));
                docs.push(doc);
            }
        }
        self.frozen.insert(first, Segment::freeze(docs, forward, self.open_counts.len()));
    }
}

/// Looking things up.
impl Index {
    /// The dictionary's number of a term, if any offer ever held it.
    pub(super) fn slot_of(&self, term: Term) -> Option<u32> {
        self.slots.get(&term).copied()
    }

    /// How rare a term is among open offers: ln(1 + (N − n + ½) / (n + ½)).
    pub(super) fn rarity(&self, slot: Option<u32>) -> f32 {
        let with = slot.map_or(0.0, |slot| self.open_count(slot) as f32);
        let all = (self.open as f32).max(with);
        (1.0 + (all - with + 0.5) / (with + 0.5)).ln()
    }

    /// In how many open offers a term stands.
    pub(super) fn open_count(&self, slot: u32) -> u32 {
        self.open_counts.get(slot as usize).copied().unwrap_or(0)
    }

    /// The name of a kind.
    pub(super) fn kind(&self, number: u16) -> &str {
        self.kinds.get(number as usize).map_or("", String::as_str)
    }

    /// The number of a kind.
    pub(super) fn kind_number(&self, kind: &str) -> Option<u16> {
        self.kinds.iter().position(|k| k == kind).map(|at| at as u16)
    }

    /// The best `top` documents that are admitted.
    pub(super) fn search(
        &self,
        clauses: &[Clause],
        top: usize,
        admit: &dyn Fn(&Doc) -> bool,
    ) -> Vec<Found<'_>> {
        let mut best = Best::new(top);
        for (number, segment) in (0..).zip(&self.frozen) {
            search((number, segment), clauses, admit, &mut best);
        }
        let mut scores = vec![0_u32; self.fresh.docs.len()];
        for clause in clauses {
            for (doc, impact) in self.fresh.lists.get(&clause.slot).map_or(&[][..], Vec::as_slice) {
                if let Some(score) = scores.get_mut(*doc as usize) {
                    *score += clause.weight * u32::from(*impact);
                }
            }
        }
        for ((doc, number), score) in self.fresh.docs.iter().zip(0..).zip(scores) {
            if score >= best.threshold() && doc.is_live && admit(doc) {
                best.offer(Found { score, id: std::cmp::Reverse(&doc.id), segment: FRESH, doc: number });
            }
        }
        best.into_sorted()
    }

    /// Calls `see` for each living document that holds one of the terms.
    pub(super) fn each_with<'a>(&'a self, slots: &[u32], mut see: impl FnMut(&'a Doc)) {
        for segment in &self.frozen {
            let mut hit = vec![false; segment.docs.len()];
            for list in slots.iter().filter_map(|slot| segment.list(*slot)) {
                list.docs.iter().for_each(|doc| mark(&mut hit, *doc));
            }
            let hits = segment.docs.iter().zip(hit).filter(|(doc, hit)| *hit && doc.is_live);
            hits.for_each(|(doc, _)| see(doc));
        }
        let mut hit = vec![false; self.fresh.docs.len()];
        for list in slots.iter().filter_map(|slot| self.fresh.lists.get(slot)) {
            list.iter().for_each(|(doc, _)| mark(&mut hit, *doc));
        }
        let hits = self.fresh.docs.iter().zip(hit).filter(|(doc, hit)| *hit && doc.is_live);
        hits.for_each(|(doc, _)| see(doc));
    }

    /// Calls `see` for every living document with its terms, oldest segment first.
    pub(super) fn each(&self, mut see: impl FnMut(&Doc, &mut dyn Iterator<Item = (u32, u8)>)) {
        let fresh = (&self.fresh.docs, &self.fresh.forward);
        for (docs, forward) in self.frozen.iter().map(|s| (&s.docs, &s.forward)).chain([fresh]) {
            for (doc, at) in docs.iter().zip(0..).filter(|(doc, _)| doc.is_live) {
                see(doc, &mut forward.get(at));
            }
        }
    }

    /// The terms in the order of their numbers, and the kinds in theirs.
    pub(super) fn tables(&self) -> (Vec<Term>, &[String]) {
        let mut terms: Vec<(u32, Term)> = self.slots.iter().map(|(term, slot)| (*slot, *term)).collect();
        terms.sort_unstable();
        (terms.into_iter().map(|(_, term)| term).collect(), &self.kinds)
    }

    /// An index of one segment out of its parts; nothing when they contradict each other.
    pub(super) fn of_parts(
        average: f32,
        (terms, kinds): (Vec<Term>, Vec<String>),
        docs: Vec<Doc>,
        forward: Forward,
    ) -> Option<Self> {
        let mut index = Self { kinds, open_counts: vec![0; terms.len()], ..Self::with_average(average) };
        index.slots = terms.into_iter().zip(0..).collect();
        for (doc, number) in docs.iter().zip(0..) {
            if doc.audience == 0 {
                index.open += 1;
                for (slot, _) in forward.get(number) {
                    *index.open_counts.get_mut(slot as usize)? += 1;
                }
            }
            index.kinds.get(usize::from(doc.kind))?;
            index.places.insert(doc.id.clone(), (0, number));
        }
        let is_whole = index.places.len() == docs.len() && index.slots.len() == index.open_counts.len();
        index.frozen.push(Segment::freeze(docs, forward, index.open_counts.len()));
        is_whole.then_some(index)
    }

    /// A document and its terms, by place.
    pub(super) fn doc(
        &self,
        (segment, number): (u32, u32),
    ) -> Option<(&Doc, impl Iterator<Item = (u32, u8)> + '_)> {
        let (docs, forward) = match self.frozen.get(segment as usize) {
            Some(frozen) => (&frozen.docs, &frozen.forward),
            None => (&self.fresh.docs, &self.fresh.forward),
        };
        docs.get(number as usize).map(|doc| (doc, forward.get(number)))
    }

    /// The place of an offer.
    pub(super) fn place(&self, id: &str) -> Option<(u32, u32)> {
        self.places.get(cut(id)).copied()
    }
}

fn mark(hit: &mut [bool], doc: u32) {
    if let Some(hit) = hit.get_mut(doc as usize) {
        *hit = true;
    }
}
