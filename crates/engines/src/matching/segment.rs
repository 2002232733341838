//! A frozen part of the index: term lists of its documents (forward) and document lists of its terms
//! (inverted), with impacts of one byte and the best impact of every block of 128 documents.
//!
//! Always: a document's impacts depend on that document alone, so freezing and merging change no answer.

use super::doc::Doc;

/// Documents in a block that shares one best impact.
pub const BLOCK: usize = 128;

/// Term lists by document.
#[derive(Debug, Default, Clone)]
pub struct Forward {
    ends: Vec<u32>,
    slots: Vec<u32>,
    impacts: Vec<u8>,
}

impl Forward {
    /// Adds the next document's terms.
    pub fn push(&mut self, terms: impl IntoIterator<Item = (u32, u8)>) {
        for (slot, impact) in terms {
            self.slots.push(slot);
            self.impacts.push(impact);
        }
        self.ends.push(self.slots.len() as u32);
    }

    /// The terms of one document: (slot, impact).
    pub fn get(&self, doc: u32) -> impl Iterator<Item = (u32, u8)> + '_ {
        let end = self.ends.get(doc as usize).copied().unwrap_or(0) as usize;
        let start = doc.checked_sub(1).and_then(|d| self.ends.get(d as usize)).map_or(0, |e| *e as usize);
        let slots = self.slots.get(start..end).unwrap_or_default();
        slots.iter().copied().zip(self.impacts.get(start..end).unwrap_or_default().iter().copied())
    }

    /// How many terms all documents have together.
    pub fn terms(&self) -> usize {
        self.slots.len()
    }
}

/// Where a term's documents stand.
#[derive(Debug, Clone, Copy)]
struct Entry {
    slot: u32,
    start: u32,
    len: u32,
    blocks: u32,
    best: u8,
}

/// The documents of one term.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// Their numbers, ascending.
    pub docs: &'a [u32],
    /// The impact in each.
    pub impacts: &'a [u8],
    /// The best impact of each [`BLOCK`].
    pub blocks: &'a [u8],
    /// The best impact of all.
    pub best: u8,
}

/// A frozen part of the index.
#[derive(Debug, Default, Clone)]
pub struct Segment {
    /// Its documents.
    pub docs: Vec<Doc>,
    /// Their terms.
    pub forward: Forward,
    /// How many documents are not removed.
    pub live: u32,
    entries: Vec<Entry>,
    lists: Vec<u32>,
    impacts: Vec<u8>,
    blocks: Vec<u8>,
}

impl Segment {
    /// Freezes documents and their terms; `slots` is the number of slots of the dictionary.
    pub fn freeze(docs: Vec<Doc>, forward: Forward, slots: usize) -> Self {
        let live = docs.iter().filter(|d| d.is_live).count() as u32;
        let mut segment = Self { docs, live, ..Self::default() };
        segment.place_terms(&forward, slots);
        segment.fill(&forward, slots);
        segment.find_bests();
        segment.forward = forward;
        segment
    }

    /// Counts each term's documents and gives it its room.
    fn place_terms(&mut self, forward: &Forward, slots: usize) {
        let mut counts = vec![0_u32; slots];
        for slot in &forward.slots {
            if let Some(count) = counts.get_mut(*slot as usize) {
                *count += 1;
            }
        }
        let (mut start, mut blocks) = (0, 0);
        for (slot, len) in (0..).zip(counts).filter(|(_, len)| *len > 0) {
            self.entries.push(Entry { slot, start, len, blocks, best: 0 });
            start += len;
            blocks += len.div_ceil(BLOCK as u32);
        }
        self.lists = vec![0; start as usize];
        self.impacts = vec![0; start as usize];
        self.blocks = Vec::with_capacity(blocks as usize);
    }

    /// Writes each document into the lists of its terms: a counting sort.
    fn fill(&mut self, forward: &Forward, slots: usize) {
        let mut next = vec![0_u32; slots];
        for entry in &self.entries {
            if let Some(place) = next.get_mut(entry.slot as usize) {
                *place = entry.start;
            }
        }
        for doc in 0..self.docs.len() as u32 {
            for (slot, impact) in forward.get(doc) {
                let Some(place) = next.get_mut(slot as usize) else { continue };
                if let (Some(d), Some(i)) =
                    (self.lists.get_mut(*place as usize), self.impacts.get_mut(*place as usize))
                {
                    (*d, *i) = (doc, impact);
                }
                *place += 1;
            }
        }
    }

    fn find_bests(&mut self) {
        for entry in &mut self.entries {
            let range = entry.start as usize..(entry.start + entry.len) as usize;
            let first = self.blocks.len();
            let impacts = self.impacts.get(range).unwrap_or_default();
            self.blocks.extend(impacts.chunks(BLOCK).map(|b| b.iter().copied().max().unwrap_or(0)));
            entry.best = self.blocks.iter().skip(first).copied().max().unwrap_or(0);
        }
    }

    /// The documents of a term, if it has any here.
    pub fn list(&self, slot: u32) -> Option<List<'_>> {
        let at = self.entries.binary_search_by_key(&slot, |e| e.slot).ok()?;
        let entry = self.entries.get(at)?;
        let range = entry.start as usize..(entry.start + entry.len) as usize;
        let blocks = entry.blocks as usize..(entry.blocks + entry.len.div_ceil(BLOCK as u32)) as usize;
        Some(List {
            docs: self.lists.get(range.clone())?,
            impacts: self.impacts.get(range)?,
            blocks: self.blocks.get(blocks)?,
            best: entry.best,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_hold_what_the_documents_hold() {
        let mut forward = Forward::default();
        for doc in 0..300_u32 {
            forward.push([(0, 7), (1 + doc % 3, (doc % 200) as u8)]);
        }
        let docs =
            (0..300).map(|i| Doc { id: i.to_string().into(), is_live: true, ..Doc::default() }).collect();
        let segment = Segment::freeze(docs, forward, 4);
        let all = segment.list(0).unwrap();
        assert_eq!((all.docs.len(), all.blocks, all.best), (300, &[7, 7, 7][..], 7));
        let third = segment.list(2).unwrap();
        assert!(third.docs.iter().all(|d| d % 3 == 1) && third.docs.len() == 100);
        assert_eq!(third.best, 199);
        assert!(segment.list(9).is_none());
        assert_eq!(segment.forward.get(4).collect::<Vec<_>>(), [(0, 7), (2, 4)]);
    }
}
