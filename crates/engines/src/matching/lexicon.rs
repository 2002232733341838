//! The bilingual lexicon: a Chinese need finds an English achievement and the other way round.
//!
//! Pairs come from two tables that ship with the program (`data/`): our own list of terms of science
//! and technology, and the names of the National Natural Science Foundation's disciplines.

use std::collections::HashMap;
use std::sync::LazyLock;

use super::hash::Quick;
use super::words::{Reader, Reading, Term, TermKind, is_han};

/// The most pairs a lexicon holds.
pub const PAIRS_MAX: usize = 50_000;
/// The longest entry: Chinese characters or English words.
const ENTRY_MAX: usize = 16;
/// The most entries taken from one text.
pub const FOUND_MAX: usize = 64;

/// A table of pairs of terms, found by either side.
#[derive(Debug, Default, Clone)]
pub struct Lexicon {
    pairs: Vec<(String, String)>,
    /// By the first two characters: the pair and all its characters, longest first.
    chinese: HashMap<Term, Vec<(u32, Vec<char>)>, Quick>,
    /// By the first stem: the pair and all its stems, longest first.
    english: HashMap<Term, Vec<(u32, Vec<Term>)>, Quick>,
}

/// A pair found in a text: `at` and `len` count characters of the reading.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Found {
    /// The pair, for [`Lexicon::pair`].
    pub pair: u32,
    /// Whether the Chinese side stood in the text.
    pub is_chinese: bool,
    /// The first character.
    pub at: u32,
    /// How many characters.
    pub len: u32,
}

/// The lexicon that ships with the program, made when it is first asked for.
pub static SHIPPED: LazyLock<Lexicon> = LazyLock::new(|| {
    let own = include_str!("../../data/lexicon-own.tsv");
    let disciplines = include_str!("../../data/lexicon-nsfc.tsv");
    Lexicon::from_pairs(own.lines().chain(disciplines.lines()).filter_map(|line| line.split_once('\t')))
});

impl Lexicon {
    /// Makes a lexicon of (Chinese, English) pairs. Pairs whose Chinese side has no two neighbouring
    /// Chinese characters, or whose English side has no word, are left out; so is all beyond [`PAIRS_MAX`].
    pub fn from_pairs<'a>(pairs: impl IntoIterator<Item = (&'a str, &'a str)>) -> Self {
        let mut lexicon = Self::default();
        let mut reader = Reader::default();
        for (zh, en) in pairs {
            if lexicon.pairs.len() >= PAIRS_MAX {
                break;
            }
            let signs: Vec<char> = reader.read(zh).signs.into_iter().filter(|s| is_han(*s)).collect();
            let stems = stems(&reader.read(en)).into_iter().map(|(term, _, _)| term).collect::<Vec<_>>();
            let ([one, two, ..], [first, ..]) = (signs.as_slice(), stems.as_slice()) else { continue };
            if signs.len() > ENTRY_MAX || stems.len() > ENTRY_MAX {
                continue;
            }
            let number = lexicon.pairs.len() as u32;
            let (key, first) = (Term::pair(*one, *two), *first);
            lexicon.chinese.entry(key).or_default().push((number, signs));
            lexicon.english.entry(first).or_default().push((number, stems));
            lexicon.pairs.push((zh.to_owned(), en.to_owned()));
        }
        // The sort is stable: of equal entries the earlier table's stands first.
        lexicon.chinese.values_mut().for_each(|list| list.sort_by_key(|(_, s)| usize::MAX - s.len()));
        lexicon.english.values_mut().for_each(|list| list.sort_by_key(|(_, s)| usize::MAX - s.len()));
        lexicon
    }

    /// How many pairs it holds.
    #[must_use]
    pub fn len(&self) -> usize {
        self.pairs.len()
    }

    /// Whether it holds none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pairs.is_empty()
    }

    /// One pair: Chinese, English.
    #[must_use]
    pub fn pair(&self, number: u32) -> Option<(&str, &str)> {
        self.pairs.get(number as usize).map(|(zh, en)| (zh.as_str(), en.as_str()))
    }

    /// Finds entries in a text: longest match from left to right, each language by itself. At most
    /// [`FOUND_MAX`].
    #[must_use]
    pub fn find(&self, reading: &Reading) -> Vec<Found> {
        let mut found = self.find_chinese(&reading.signs);
        found.extend(self.find_english(reading));
        found.truncate(FOUND_MAX);
        found
    }

    fn find_chinese(&self, signs: &[char]) -> Vec<Found> {
        let mut found = Vec::new();
        let mut at = 0;
        while let Some([one, two]) = signs.get(at..at + 2) {
            let entries = self.chinese.get(&Term::pair(*one, *two)).map_or(&[][..], Vec::as_slice);
            let hit = entries.iter().find(|(_, entry)| signs.iter().skip(at).take(entry.len()).eq(entry));
            if let Some((pair, entry)) = hit {
                found.push(Found { pair: *pair, is_chinese: true, at: at as u32, len: entry.len() as u32 });
            }
            at += hit.map_or(1, |(_, entry)| entry.len());
        }
        found
    }

    fn find_english(&self, reading: &Reading) -> Vec<Found> {
        let stems = stems(reading);
        let mut found = Vec::new();
        let mut rest = stems.as_slice();
        while let Some((first, at, _)) = rest.first() {
            let entries = self.english.get(first).map_or(&[][..], Vec::as_slice);
            let hit = entries.iter().find(|(_, entry)| {
                rest.len() >= entry.len() && rest.iter().zip(entry).all(|((term, _, _), e)| term == e)
            });
            let taken = hit.map_or(1, |(_, entry)| entry.len());
            if let (Some((pair, _)), Some((_, last, len))) = (hit, rest.get(taken - 1)) {
                found.push(Found { pair: *pair, is_chinese: false, at: *at, len: last + len - at });
            }
            rest = rest.get(taken..).unwrap_or_default();
        }
        found
    }
}

/// The stems of a text in order, with their places.
fn stems(reading: &Reading) -> Vec<(Term, u32, u32)> {
    let words = reading.tokens.iter().filter(|t| t.term.kind() == TermKind::Word);
    words.map(|t| (t.term, t.at, t.len)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_longest_entry_wins_on_both_sides() {
        let lexicon = Lexicon::from_pairs([
            ("光刻", "lithography"),
            ("光刻胶", "photoresist"),
            ("深紫外光刻", "deep ultraviolet lithography"),
        ]);
        let read = |text: &str| Reader::default().read(text);
        let zh: Vec<u32> = lexicon.find(&read("深紫外光刻用光刻胶")).iter().map(|f| f.pair).collect();
        assert_eq!(zh, [2, 1]);
        let en: Vec<u32> =
            lexicon.find(&read("Deep-ultraviolet lithography")).iter().map(|f| f.pair).collect();
        assert_eq!(en, [2]);
        assert_eq!(lexicon.find(&read("photoresists"))[0].pair, 1);
    }

    #[test]
    fn the_shipped_lexicon_is_read_whole() {
        assert!(SHIPPED.len() > 1500, "{}", SHIPPED.len());
        let own = include_str!("../../data/lexicon-own.tsv");
        for line in own.lines() {
            assert!(line.split('\t').count() == 2, "{line}");
        }
        assert!(own.lines().count() >= 600);
    }
}
