//! A frozen part of the index: term lists of its documents (forward) and document lists of its terms
//! (inverted), with impacts of one byte. Documents are numbered in windows; a long list knows where
//! each window begins in it and the best impact there.
//!
//! Always: a document's impacts depend on that document alone, so freezing and merging change no answer.

use super::doc::Doc;

/// Documents in a window. Smaller ones bound better where documents of a field stand together, larger
/// ones cost less to visit; at 100,000 documents 1,024 beats 256, 512 and 4,096 by 2 to 15 %.
pub const WINDOW: usize = 1024;
/// Lists at least so long, and as long as there are windows, have a table of windows.
const LONG: u32 = 64;
/// Terms in at least one of so many documents also have a row with a byte for every document, so that
/// one look-up is one load. Costs at most as many bytes for each posting.
const DENSE: usize = 10;

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
    row: Option<u32>,
}

/// The documents of one term.
#[derive(Debug, Clone, Copy)]
pub struct List<'a> {
    /// Their numbers, ascending.
    pub docs: &'a [u32],
    /// The impact in each.
    pub impacts: &'a [u8],
    table: Option<Table<'a>>,
    row: Option<&'a [u8]>,
}

/// The part of a list in one window.
#[derive(Debug, Clone, Copy)]
pub struct Part<'a> {
    /// Document numbers, ascending.
    pub docs: &'a [u32],
    /// The impact in each.
    pub impacts: &'a [u8],
    /// The impact in every document of the window, for terms that stand nearly everywhere.
    pub dense: Option<&'a [u8]>,
    /// The best impact.
    pub best: u8,
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
                let (mut window, mut best) = (usize::MAX, 0);
                for (doc, impact) in self.docs.iter().zip(self.impacts) {
                    let here = *doc as usize / WINDOW;
                    if here != window && best > 0 {
                        bound(window, best);
                        best = 0;
                    }
                    (window, best) = (here, best.max(*impact));
                }
                if best > 0 {
                    bound(window, best);
                }
            }
        }
    }

    /// The part of the list in a window, with its best impact; nothing when no document is there.
    pub fn within(&self, window: usize) -> Option<Part<'a>> {
        let (from, to, best) = match self.table {
            Some(table) => {
                let from =
                    window.checked_sub(1).and_then(|before| table.ends.get(before)).copied().unwrap_or(0);
                (from as usize, *table.ends.get(window)? as usize, table.bests.get(window).copied())
            }
            None => {
                let before = |limit: usize| self.docs.partition_point(|doc| (*doc as usize) < limit);
                (before(window * WINDOW), before((window + 1) * WINDOW), None)
            }
        };
        let (docs, impacts) = (self.docs.get(from..to)?, self.impacts.get(from..to)?);
        let best = best.or_else(|| impacts.iter().copied().max())?;
        let dense = self.row.and_then(|row| row.chunks(WINDOW).nth(window));
        Some(Part { docs, impacts, dense, best }).filter(|_| from < to)
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
    rows: Vec<u8>,
}

impl Segment {
    /// Freezes documents and their terms; `slots` is the number of slots of the dictionary.
    pub fn freeze(docs: Vec<Doc>, forward: Forward, slots: usize) -> Self {
        let live = docs.iter().filter(|d| d.is_live).count() as u32;
        let mut segment = Self { docs, live, ..Self::default() };
        segment.place_terms(&forward, slots);
        segment.fill(&forward, slots);
        segment.make_tables();
        segment.make_rows();
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
            self.entries.push(Entry { slot, start, len, table: None, row: None });
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
        // Never more windows in a table than documents in its list.
        for entry in self.entries.iter_mut().filter(|e| e.len >= LONG && e.len as usize >= windows) {
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

    fn make_rows(&mut self) {
        let all = self.docs.len();
        for entry in self.entries.iter_mut().filter(|e| e.table.is_some() && e.len as usize * DENSE >= all) {
            let first = self.rows.len();
            entry.row = Some((first / all.max(1)) as u32);
            self.rows.resize(first + all, 0);
            let range = entry.start as usize..(entry.start + entry.len) as usize;
            let docs = self.lists.get(range.clone()).unwrap_or_default();
            for (doc, impact) in docs.iter().zip(self.impacts.get(range).unwrap_or_default()) {
                if let Some(place) = self.rows.get_mut(first + *doc as usize) {
                    *place = *impact;
                }
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
        let row = entry.row.and_then(|row| self.rows.chunks(self.docs.len().max(1)).nth(row as usize));
        Some(List { docs: self.lists.get(range.clone())?, impacts: self.impacts.get(range)?, table, row })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_hold_what_the_documents_hold() {
        let mut forward = Forward::default();
        for doc in 0..3000_u32 {
            let rare = (doc % 100 == 0).then_some((4, 9));
            forward.push([(0, 7), (1 + doc % 3, (doc % 200) as u8)].into_iter().chain(rare));
        }
        let doc = |i: u32| Doc { id: i.to_string().into(), is_live: true, ..Doc::default() };
        let segment = Segment::freeze((0..3000).map(doc).collect(), forward, 5);
        let all = segment.list(0).unwrap();
        let part = all.within(2).unwrap();
        assert_eq!(
            (part.docs.first(), part.docs.len(), part.impacts.len(), part.best),
            (Some(&2048), 952, 952, 7)
        );
        assert_eq!(part.dense.map(<[u8]>::len), Some(952));
        assert!(all.within(3).is_none());
        let third = segment.list(2).unwrap();
        assert!(third.docs.iter().all(|d| d % 3 == 1) && third.docs.len() == 1000);
        let short = segment.list(4).unwrap();
        let mut bounds = Vec::new();
        short.bounds(|window, best| bounds.push((window, best)));
        assert_eq!(bounds, [(0, 9), (1, 9), (2, 9)]);
        let part = short.within(1).unwrap();
        assert_eq!(
            (part.docs, part.best),
            (&[1100, 1200, 1300, 1400, 1500, 1600, 1700, 1800, 1900, 2000][..], 9)
        );
        assert!(part.dense.is_none());
        assert!(segment.list(9).is_none());
        assert_eq!(segment.forward.get(4).collect::<Vec<_>>(), [(0, 7), (2, 4)]);
    }
}
