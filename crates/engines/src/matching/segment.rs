//! A frozen part of the index: term lists of its documents (forward) and document lists of its terms
//! (inverted), with impacts of one byte. Documents are numbered in windows; a long list knows where
//! each window begins in it and the best impact there.
//!
//! Always: a document's impacts depend on that document alone, so freezing and merging change no answer.

use super::doc::Doc;

/// Documents in a window. Smaller ones bound better where documents of a field stand together, larger
/// ones cost less to visit; 512 to 1,024 were fastest at 100,000 documents.
pub const WINDOW: usize = 1024;
/// Lists at least so long have a table of windows.
const LONG: u32 = 64;

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
}

/// Where a term's documents stand, and its table of windows if it has one.
#[derive(Debug, Clone, Copy)]
struct Entry {
    slot: u32,
    start: u32,
    len: u32,
    table: Option<u32>,
}

/// The documents of one term.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// Their numbers, ascending.
    pub docs: &'a [u32],
    /// The impact in each.
    pub impacts: &'a [u8],
    table: Option<Table<'a>>,
}

/// By window: where it ends in the list, and the best impact in it.
#[derive(Debug, Clone, Copy)]
struct Table<'a> {
    ends: &'a [u32],
    bests: &'a [u8],
}

impl<'a> List<'a> {
    /// Calls `bound` with each window's number that may hold documents, and its best impact.
    pub fn bounds(&self, mut bound: impl FnMut(usize, u8)) {
        match self.table {
            Some(table) => (0..).zip(table.bests).for_each(|(window, best)| bound(window, *best)),
            None => {
                let same =
                    |pair: &(u32, u8), other: &(u32, u8)| pair.0 / WINDOW as u32 == other.0 / WINDOW as u32;
                let all: [(u32, u8); LONG as usize] = std::array::from_fn(|i| {
                    (self.docs.get(i).copied().unwrap_or(u32::MAX), self.impacts.get(i).copied().unwrap_or(0))
                });
                for group in all.get(..self.docs.len()).unwrap_or_default().chunk_by(same) {
                    let best = group.iter().map(|(_, impact)| *impact).max().unwrap_or(0);
                    bound(group.first().map_or(0, |(doc, _)| *doc as usize / WINDOW), best);
                }
            }
        }
    }

    /// The part of the list in a window.
    pub fn within(&self, window: usize) -> (&'a [u32], &'a [u8]) {
        let (from, to) = match self.table {
            Some(table) => {
                let from =
                    window.checked_sub(1).and_then(|before| table.ends.get(before)).copied().unwrap_or(0);
                (from as usize, table.ends.get(window).copied().unwrap_or(from) as usize)
            }
            None => {
                let before = |limit: usize| self.docs.partition_point(|doc| (*doc as usize) < limit);
                (before(window * WINDOW), before((window + 1) * WINDOW))
            }
        };
        (self.docs.get(from..to).unwrap_or_default(), self.impacts.get(from..to).unwrap_or_default())
    }
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
    ends: Vec<u32>,
    bests: Vec<u8>,
}

impl Segment {
    /// Freezes documents and their terms; `slots` is the number of slots of the dictionary.
    pub fn freeze(docs: Vec<Doc>, forward: Forward, slots: usize) -> Self {
        let live = docs.iter().filter(|d| d.is_live).count() as u32;
        let mut segment = Self { docs, live, ..Self::default() };
        segment.place_terms(&forward, slots);
        segment.fill(&forward, slots);
        segment.make_tables();
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
        let mut start = 0;
        for (slot, len) in (0..).zip(counts).filter(|(_, len)| *len > 0) {
            self.entries.push(Entry { slot, start, len, table: None });
            start += len;
        }
        self.lists = vec![0; start as usize];
        self.impacts = vec![0; start as usize];
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

    fn make_tables(&mut self) {
        let windows = self.docs.len().div_ceil(WINDOW);
        for entry in self.entries.iter_mut().filter(|e| e.len >= LONG) {
            let first = self.ends.len();
            entry.table = Some(first as u32);
            self.ends.resize(first + windows, 0);
            self.bests.resize(first + windows, 0);
            let range = entry.start as usize..(entry.start + entry.len) as usize;
            let docs = self.lists.get(range.clone()).unwrap_or_default();
            let impacts = self.impacts.get(range).unwrap_or_default();
            for (doc, impact) in docs.iter().zip(impacts) {
                let window = first + *doc as usize / WINDOW;
                if let (Some(end), Some(best)) = (self.ends.get_mut(window), self.bests.get_mut(window)) {
                    *end += 1;
                    *best = (*best).max(*impact);
                }
            }
            let mut sum = 0;
            for end in self.ends.iter_mut().skip(first) {
                sum += *end;
                *end = sum;
            }
        }
    }

    /// The documents of a term, if it has any here.
    pub fn list(&self, slot: u32) -> Option<List<'_>> {
        let at = self.entries.binary_search_by_key(&slot, |e| e.slot).ok()?;
        let entry = self.entries.get(at)?;
        let range = entry.start as usize..(entry.start + entry.len) as usize;
        let table = entry.table.and_then(|first| {
            let range = first as usize..first as usize + self.docs.len().div_ceil(WINDOW);
            Some(Table { ends: self.ends.get(range.clone())?, bests: self.bests.get(range)? })
        });
        Some(List { docs: self.lists.get(range.clone())?, impacts: self.impacts.get(range)?, table })
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
        let segment = Segment::freeze(docs, forward, 5);
        let all = segment.list(0).unwrap();
        assert_eq!(
            (all.docs.len(), all.within(2).0.first(), all.within(2).0.len()),
            (3000, Some(&2048), 952)
        );
        let third = segment.list(2).unwrap();
        assert!(third.docs.iter().all(|d| d % 3 == 1) && third.docs.len() == 1000);
        let short = segment.list(4).unwrap();
        let mut bounds = Vec::new();
        short.bounds(|window, best| bounds.push((window, best)));
        assert_eq!(bounds, [(0, 9), (1, 9), (2, 9)]);
        assert_eq!(
            short.within(1),
            (&[1024, 1100, 1200, 1300, 1400, 1500, 1600, 1700, 1800, 1900, 2000][1..], &[9; 10][..])
        );
        assert!(segment.list(9).is_none());
        assert_eq!(segment.forward.get(4).collect::<Vec<_>>(), [(0, 7), (2, 4)]);
    }
}
