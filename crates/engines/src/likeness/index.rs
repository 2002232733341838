//! Index: which of very many works are so alike to one that a person should look.
//!
//! Two sets with a likeness of at least `t` share so many members that already their rarest ones must have one in common
//! (prefix filtering, Chaudhuri, Ganti and Kaushik 2006). Only these are indexed; whoever shares one is compared in full.
//! Nothing is missed that way. Long texts are looked for by every eighth of their runs with half the bar, which misses
//! one only by a chance far below one in a million; short ones by all of them.

use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::{Alike, Bars, LEAST, PROMISE, SAME, Sheet, alike};

/// Works one index holds.
pub const WORKS_MAX: usize = 200_000;
/// Texts up to so many runs are looked for by all of them; from half of it on also by a sample.
const SHORT: usize = 1_600;
/// One run in so many is in the sample.
const SAMPLE: u64 = 8;

/// What is looked for apart: the same number means another thing in each.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Kind {
    TitleHan,
    TitleLatin,
    SummaryHan,
    SummaryLatin,
    PromiseHan,
    PromiseLatin,
    Short,
    Long,
}

/// Works, by what is rare in them.
#[derive(Debug)]
pub struct Index {
    sheets: Vec<Sheet>,
    bars: Bars,
    /// In how many sets of its kind each member stands.
    counts: HashMap<(Kind, u64), u32>,
    rare: HashMap<(Kind, u64), Vec<u32>>,
    lines: BTreeMap<String, Vec<u32>>,
    files: BTreeMap<String, Vec<u32>>,
}

impl Index {
    /// The first [`WORKS_MAX`] of these works.
    #[must_use]
    pub fn of(mut sheets: Vec<Sheet>, bars: Bars) -> Self {
        sheets.truncate(WORKS_MAX);
        let (counts, rare) = (HashMap::new(), HashMap::new());
        let (lines, files) = (BTreeMap::new(), BTreeMap::new());
        let mut index = Self { sheets: vec![], bars, counts, rare, lines, files };
        for sheet in &sheets {
            for (kind, members, _) in sets(sheet, bars) {
                members.iter().for_each(|member| *index.counts.entry((kind, *member)).or_default() += 1);
            }
        }
        for (at, sheet) in (0_u32..).zip(&sheets) {
            for key in index.rarest(sheet) {
                index.rare.entry(key).or_default().push(at);
            }
            let work = sheet.work();
            work.lines.iter().for_each(|line| index.lines.entry(line.clone()).or_default().push(at));
            work.files.iter().for_each(|file| index.files.entry(file.clone()).or_default().push(at));
        }
        index.sheets = sheets;
        index
    }

    #[must_use]
    pub fn sheet(&self, place: usize) -> Option<&Sheet> {
        self.sheets.get(place)
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.sheets.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.sheets.is_empty()
    }

    /// The works that a person should lay beside this one, in the order in which they were given.
    #[must_use]
    pub fn near(&self, sheet: &Sheet) -> Vec<(usize, Alike)> {
        let compared = self.candidates(sheet).into_iter().filter_map(|place| {
            let place = place as usize;
            Some((place, alike(sheet, self.sheets.get(place)?)))
        });
        compared.filter(|(_, alike)| alike.is_near(self.bars)).collect()
    }

    /// Every two works that a person should lay side by side.
    #[must_use]
    pub fn pairs(&self) -> Vec<(usize, usize, Alike)> {
        let mut pairs = Vec::new();
        for (at, sheet) in self.sheets.iter().enumerate() {
            for place in self.candidates(sheet) {
                let place = place as usize;
                if let Some(other) = self.sheets.get(place).filter(|_| place > at) {
                    let alike = alike(sheet, other);
                    pairs.extend(alike.is_near(self.bars).then_some((at, place, alike)));
                }
            }
        }
        pairs
    }

    fn candidates(&self, sheet: &Sheet) -> BTreeSet<u32> {
        let keys = self.rarest(sheet);
        let rare = keys.iter().filter_map(|key| self.rare.get(key)).flatten().copied();
        let files = sheet.work().files.iter().filter_map(|file| self.files.get(file)).flatten().copied();
        let mut shared: HashMap<u32, usize> = HashMap::new();
        let lists = sheet.work().lines.iter().filter_map(|line| self.lines.get(line));
        lists.flatten().for_each(|at| *shared.entry(*at).or_default() += 1);
        let enough = shared.into_iter().filter(|(_, count)| *count >= self.bars.lines.max(1));
        rare.chain(files).chain(enough.map(|(at, _)| at)).collect()
    }

    /// The rarest members of each set of a work: as many as another set that is like it cannot do without.
    fn rarest(&self, sheet: &Sheet) -> BTreeSet<(Kind, u64)> {
        let mut keys = BTreeSet::new();
        for (kind, mut members, bar) in sets(sheet, self.bars) {
            let count = |member: u64| self.counts.get(&(kind, member)).copied().unwrap_or(0);
            members.sort_by_cached_key(|member| (count(*member), *member));
            let (size, bar) = (members.len(), bar.min(SAME) as usize);
            // Of `size` members an equal or greater set that is like it shares at least so many.
            let shared = (bar * size).div_ceil(2 * SAME as usize - bar).max(1);
            keys.extend(members.into_iter().take(size + 1 - shared.min(size)).map(|member| (kind, member)));
        }
        keys
    }
}

/// The sets by which a work is found, each with the likeness from which on it must be.
fn sets(sheet: &Sheet, bars: Bars) -> Vec<(Kind, Vec<u64>, u32)> {
    let [title, summary, promise] = LEAST;
    let mut sets = Vec::new();
    let mut add = |kind, members: &[u64], least: usize, bar: u32| {
        if members.len() >= least.max(1) {
            sets.push((kind, members.to_vec(), bar));
        }
    };
    add(Kind::TitleHan, &sheet.title.han, title, bars.title);
    add(Kind::TitleLatin, &sheet.title.latin, title, bars.title);
    add(Kind::SummaryHan, &sheet.summary.han, summary, bars.summary);
    add(Kind::SummaryLatin, &sheet.summary.latin, summary, bars.summary);
    for words in &sheet.promises {
        add(Kind::PromiseHan, &words.han, promise, PROMISE);
        add(Kind::PromiseLatin, &words.latin, promise, PROMISE);
    }
    let runs = &sheet.runs;
    if runs.len() <= SHORT {
        add(Kind::Short, runs, 1, bars.text);
    }
    if runs.len() >= SHORT / 2 {
        let sample: Vec<u64> =
            runs.iter().copied().filter(|run| spread(*run).is_multiple_of(SAMPLE)).collect();
        add(Kind::Long, &sample, 1, bars.text / 2);
    }
    sets
}

/// Whether a run is in the sample must not depend on its letters' order in the alphabet.
fn spread(run: u64) -> u64 {
    let mixed = (run ^ run >> 31).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed ^ mixed >> 29).wrapping_mul(0xbf58_476d_1ce4_e5b9) >> 32
}
