//! Likeness: in what two works are alike, and which of very many works a person should lay beside this one.
//!
//! | question | file |
//! |---|---|
//! | which words of a text carry its meaning? | `words` |
//! | which sentences stand in both? | `sentences` |
//! | in what are these two alike, and how much? | here |
//! | which of ten thousand are so alike? | `index` |
//!
//! Always: symmetric; a work is all that it is itself; and what is said of two works depends on these two alone, so that
//! whoever holds both can do it again. It proposes and never decides.

mod index;
mod sentences;
#[cfg(test)]
mod tests;
mod words;

use std::collections::BTreeSet;

use crate::matching::Reader;

pub use index::{Index, WORKS_MAX};
pub use sentences::{Twin, sentences, twins};
pub use words::{Words, runs};

/// The same: likeness is counted in hundredths of a per cent.
pub const SAME: u32 = 10_000;
/// Words without which a title, an abstract and a promise say too little to be compared.
const LEAST: [usize; 3] = [4, 10, 3];
/// Two promises are the same from this likeness on.
pub const PROMISE: u32 = 8_000;

/// What is compared of a work. Whoever and whatever is named by an id is the same under the same id: names are for people.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Work {
    pub title: String,
    pub summary: String,
    /// What it says in full.
    pub text: String,
    pub promises: Vec<String>,
    pub people: BTreeSet<String>,
    /// Its organisations, each under the head of its group.
    pub units: BTreeSet<String>,
    /// Lines of the budget: who spends how much from where.
    pub lines: BTreeSet<String>,
    /// Digests of the attached files.
    pub files: BTreeSet<String>,
}

/// From where on a person should look.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Bars {
    pub title: u32,
    pub summary: u32,
    /// At least [`TEXT_BAR_LEAST`] in an [`Index`].
    pub text: u32,
    /// Promises and lines of a budget in common, where people or organisations are the same.
    pub promises: usize,
    pub lines: usize,
}

/// Below it an index might miss a long text that is like a short one.
pub const TEXT_BAR_LEAST: u32 = 6_700;

/// In what two works are alike. Whoever and whatever is in both is named.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Alike {
    pub title: u32,
    pub summary: u32,
    pub text: u32,
    /// Places of promises in the one and in the other, and how alike they are.
    pub promises: Vec<(usize, usize, u32)>,
    pub people: Vec<String>,
    pub units: Vec<String>,
    pub lines: Vec<String>,
    pub files: Vec<String>,
}

impl Alike {
    /// Whether a person should lay the two side by side.
    #[must_use]
    pub fn is_near(&self, bars: Bars) -> bool {
        let of_text = self.title >= bars.title || self.summary >= bars.summary || self.text >= bars.text;
        of_text || !self.files.is_empty() || (self.is_ours() && self.shares_content(bars))
    }

    /// The same people or organisations stand behind both.
    #[must_use]
    pub fn is_ours(&self) -> bool {
        !self.people.is_empty() || !self.units.is_empty()
    }

    fn shares_content(&self, bars: Bars) -> bool {
        let enough = |count: usize, bar: usize| bar > 0 && count >= bar;
        enough(self.promises.len(), bars.promises) || enough(self.lines.len(), bars.lines)
    }
}

/// A work whose words were read.
#[derive(Clone, Debug)]
pub struct Sheet {
    title: Words,
    summary: Words,
    promises: Vec<Words>,
    runs: Vec<u64>,
    work: Work,
}

impl Sheet {
    #[must_use]
    pub fn of(work: Work) -> Self {
        Self::read(work, &mut Reader::default())
    }

    /// Many of them, faster than one by one.
    #[must_use]
    pub fn all(works: impl IntoIterator<Item = Work>) -> Vec<Self> {
        let mut reader = Reader::default();
        works.into_iter().map(|work| Self::read(work, &mut reader)).collect()
    }

    fn read(work: Work, reader: &mut Reader) -> Self {
        let promises = work.promises.iter().map(|text| Words::of(reader, text)).collect();
        let (title, summary) = (Words::of(reader, &work.title), Words::of(reader, &work.summary));
        Self { title, summary, promises, runs: runs(&work.text), work }
    }

    #[must_use]
    pub fn work(&self) -> &Work {
        &self.work
    }
}

/// In what two works are alike.
#[must_use]
pub fn alike(one: &Sheet, other: &Sheet) -> Alike {
    let [title, summary, _] = LEAST;
    let both = |a: &BTreeSet<String>, b: &BTreeSet<String>| a.intersection(b).cloned().collect();
    let (a, b) = (&one.work, &other.work);
    Alike {
        title: one.title.like(&other.title, title),
        summary: one.summary.like(&other.summary, summary),
        text: words::dice(&one.runs, &other.runs),
        promises: kept_twice(&one.promises, &other.promises),
        people: both(&a.people, &b.people),
        units: both(&a.units, &b.units),
        lines: both(&a.lines, &b.lines),
        files: both(&a.files, &b.files),
    }
}

/// The same promises, each at most once on either side, the most alike first.
fn kept_twice(one: &[Words], other: &[Words]) -> Vec<(usize, usize, u32)> {
    let [.., least] = LEAST;
    let mut all: Vec<(u32, usize, usize)> = Vec::new();
    for (at, a) in one.iter().enumerate() {
        let likes = other.iter().enumerate().map(|(to, b)| (a.like(b, least), at, to));
        all.extend(likes.filter(|(like, ..)| *like >= PROMISE));
    }
    all.sort_by_key(|(like, at, to)| (std::cmp::Reverse(*like), at + to, *at));
    let (mut left, mut right) = (BTreeSet::new(), BTreeSet::new());
    let mut kept = Vec::new();
    for (like, at, to) in all {
        if !left.contains(&at) && !right.contains(&to) {
            left.insert(at);
            right.insert(to);
            kept.push((at, to, like));
        }
    }
    kept
}
