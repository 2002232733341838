//! Expertise: how near what a reviewer has written is to a paper, from texts in Chinese and English alone.
//!
//! Texts are read as in matching. A term counts by how often it stands in a text and how rare it is among all texts of
//! the run; two texts are as near as the angle between them. A reviewer is as near as the root of the mean square over
//! their works, so that a few near works weigh more than many far ones, and one lucky work does not decide. What a
//! paper says in one language is also looked for in the other, through the lexicon.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::places::{Places, add};
use crate::matching::{Lexicon, Reader, Reading, Term};

/// The score of a reviewer whose works all say the same as the paper.
pub const SAME: i32 = 10_000;
/// Terms that are named of a pair.
const SHARED_MAX: usize = 5;
/// What a term counts that was reached through the lexicon.
const TRANSLATED: f32 = 0.6;

/// A term that a paper and a reviewer's works share.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Shared {
    /// As the paper writes it.
    pub text: String,
    /// Its part of the nearness, in hundredths.
    pub part: u32,
    /// The reviewer writes it in the other language.
    pub is_translated: bool,
}

/// Texts of papers and reviewers, read.
pub struct Library {
    slots: HashMap<Term, u32>,
    rarity: Vec<f32>,
    papers: Vec<Vec<(u32, f32)>>,
    /// For each term, the works that hold it and how much.
    lists: Vec<Vec<(u32, f32)>>,
    /// The reviewer of each work, and how many works each reviewer has.
    owner: Vec<u32>,
    works: Vec<u32>,
}

/// The different terms of a text with how much each says here.
fn counted(reading: &Reading) -> Vec<(Term, f32)> {
    let mut terms: Vec<Term> = reading.tokens.iter().map(|token| token.term).collect();
    terms.sort_unstable();
    let same = terms.chunk_by(|a, b| a == b);
    same.filter_map(|same| Some((*same.first()?, 1.0 + (same.len() as f32).ln()))).collect()
}

/// Terms of the other language that the lexicon knows for a text.
fn translated(lexicon: &Lexicon, reading: &Reading, reader: &mut Reader) -> Vec<(Term, u32, u32)> {
    let mut terms = Vec::new();
    for found in lexicon.find(reading) {
        let Some((zh, en)) = lexicon.pair(found.pair) else { continue };
        let other = reader.read(if found.is_chinese { en } else { zh });
        terms.extend(other.tokens.iter().map(|token| (token.term, found.at, found.len)));
    }
    terms
}

impl Library {
    /// Reads the texts of papers and of works; each work with the reviewer who wrote it.
    #[must_use]
    pub fn of(papers: &[String], works: &[(u32, String)], reviewers: usize, lexicon: &Lexicon) -> Self {
        let mut reader = Reader::default();
        let mut library = Self {
            slots: HashMap::new(),
            rarity: Vec::new(),
            papers: Vec::new(),
            lists: Vec::new(),
            owner: works.iter().map(|(reviewer, _)| *reviewer).collect(),
            works: vec![0; reviewers],
        };
        library.owner.iter().for_each(|reviewer| add(&mut library.works, *reviewer as usize, 1));
        let mut texts = Vec::with_capacity(papers.len() + works.len());
        for text in works.iter().map(|(_, text)| text).chain(papers) {
            let reading = reader.read(text);
            let terms = counted(&reading);
            for (term, _) in &terms {
                let next = library.slots.len() as u32;
                let slot = *library.slots.entry(*term).or_insert(next);
                if slot == next {
                    library.rarity.push(0.0);
                }
                add(&mut library.rarity, slot as usize, 1.0);
            }
            let is_paper = texts.len() >= works.len();
            let more = if is_paper { translated(lexicon, &reading, &mut reader) } else { Vec::new() };
            texts.push((terms, more));
        }
        let all = texts.len() as f32;
        for rarity in &mut library.rarity {
            // What stands in one text only is shared by none.
            *rarity = if *rarity < 2.0 { 0.0 } else { ((all + 1.0) / (*rarity + 0.5)).ln().max(0.0) };
        }
        library.lists = vec![Vec::new(); library.rarity.len()];
        for (number, (terms, more)) in (0..).zip(texts) {
            let vector = library.vector(&terms, &more);
            if (number as usize) < works.len() {
                for (slot, weight) in vector {
                    let list = library.lists.get_mut(slot as usize);
                    list.into_iter().for_each(|list| list.push((number, weight)));
                }
            } else {
                library.papers.push(vector);
            }
        }
        library
    }

    /// A text as a direction: length one.
    fn vector(&self, terms: &[(Term, f32)], more: &[(Term, u32, u32)]) -> Vec<(u32, f32)> {
        let weigh = |term: &Term, count: f32| {
            let slot = *self.slots.get(term)?;
            Some((slot, count * term.weight() * self.rarity.at(slot as usize)))
        };
        let mut vector: Vec<(u32, f32)> =
            terms.iter().filter_map(|(term, count)| weigh(term, *count)).collect();
        vector.sort_unstable_by_key(|(slot, _)| *slot);
        let length = vector.iter().map(|(_, weight)| weight * weight).sum::<f32>().sqrt().max(1e-6);
        // Translations come on top: a text is not farther from its own language for them.
        let own = vector.len();
        for (term, ..) in more {
            let known = weigh(term, TRANSLATED).filter(|(slot, _)| {
                vector
                    .get(..own)
                    .is_some_and(|own| own.binary_search_by_key(slot, |(slot, _)| *slot).is_err())
            });
            vector.extend(known);
        }
        vector.sort_by_key(|(slot, _)| *slot);
        vector.dedup_by_key(|(slot, _)| *slot);
        vector.retain(|(_, weight)| *weight > 0.0);
        vector.iter_mut().for_each(|(_, weight)| *weight /= length);
        vector
    }

    /// How near each reviewer is to a paper, up to [`SAME`]; only those who are near at all, in order.
    #[must_use]
    pub fn scores(&self, paper: usize) -> Vec<(u32, i32)> {
        let mut near: HashMap<u32, f32> = HashMap::new();
        for (slot, weight) in self.papers.get(paper).into_iter().flatten() {
            for (work, own) in self.lists.get(*slot as usize).into_iter().flatten() {
                *near.entry(*work).or_default() += weight * own;
            }
        }
        let mut works: Vec<(u32, f32)> = near.into_iter().collect();
        works.sort_unstable_by_key(|(work, _)| *work);
        let mut sums: Vec<(u32, f32)> = Vec::new();
        let mut of: HashMap<u32, usize> = HashMap::new();
        for (work, near) in works {
            let reviewer = self.owner.at(work as usize);
            let place = *of.entry(reviewer).or_insert(sums.len());
            if place == sums.len() {
                sums.push((reviewer, 0.0));
            }
            sums.get_mut(place).into_iter().for_each(|(_, sum)| *sum += near * near);
        }
        let score = |(reviewer, sum): (u32, f32)| {
            let mean = sum / self.works.at(reviewer as usize).max(1) as f32;
            (reviewer, ((mean.sqrt() * SAME as f32).round() as i32).min(SAME))
        };
        let mut scores: Vec<(u32, i32)> =
            sums.into_iter().map(score).filter(|(_, score)| *score > 0).collect();
        scores.sort_unstable();
        scores
    }

    /// The terms that make a paper and a reviewer near, most telling first. `text` and `works` are theirs again.
    #[must_use]
    pub fn why(&self, text: &str, works: &[&str], lexicon: &Lexicon) -> Vec<Shared> {
        let mut reader = Reader::default();
        let reading = reader.read(text);
        let mut places: HashMap<u32, (u32, u32, bool)> = HashMap::new();
        let slot = |term: &Term| self.slots.get(term).copied();
        for (term, at, len) in translated(lexicon, &reading, &mut reader) {
            if let Some(slot) = slot(&term) {
                places.entry(slot).or_insert((at, len, true));
            }
        }
        for token in &reading.tokens {
            if let Some(slot) = slot(&token.term) {
                places.insert(slot, (token.at, token.len, false));
            }
        }
        let more: Vec<(Term, u32, u32)> = translated(lexicon, &reading, &mut reader);
        let paper = self.vector(&counted(&reading), &more);
        let mut parts: HashMap<u32, f32> = HashMap::new();
        let mut all = 0.0;
        for work in works {
            let work = self.vector(&counted(&reader.read(work)), &[]);
            for (slot, weight) in &work {
                if let Ok(place) = paper.binary_search_by_key(slot, |(slot, _)| *slot) {
                    let part = weight * paper.get(place).map_or(0.0, |(_, own)| *own);
                    *parts.entry(*slot).or_default() += part;
                    all += part;
                }
            }
        }
        let mut parts: Vec<(u32, f32)> = parts.into_iter().collect();
        parts.sort_by(|a, b| b.1.total_cmp(&a.1).then(a.0.cmp(&b.0)));
        let mut shared: Vec<Shared> = Vec::new();
        for (slot, part) in parts {
            let Some((at, len, is_translated)) = places.get(&slot) else { continue };
            let text = reading.show(*at, *len);
            // A piece of what is named already says nothing new.
            let is_new = text.chars().count() > 1 && shared.iter().all(|one| !one.text.contains(&text));
            if is_new && shared.len() < SHARED_MAX {
                let part = (part / all * 100.0).round() as u32;
                shared.push(Shared { text, part, is_translated: *is_translated });
            }
        }
        shared
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::SHIPPED;

    fn library(papers: &[&str], works: &[(u32, &str)]) -> Library {
        let papers: Vec<String> = papers.iter().map(|text| (*text).to_owned()).collect();
        let works: Vec<(u32, String)> = works.iter().map(|(who, text)| (*who, (*text).to_owned())).collect();
        Library::of(&papers, &works, 3, &SHIPPED)
    }

    #[test]
    fn the_nearest_reviewer_is_found_in_both_languages() {
        let works = [
            (0, "高灵敏度光刻胶的合成与显影工艺"),
            (0, "光刻胶树脂的纯化"),
            (1, "Deep learning for protein folding"),
            (2, "奶牛瘤胃微生物"),
            (2, "反刍动物饲料与瘤胃微生物"),
        ];
        let library = library(
            &["一种新型光刻胶树脂及其显影方法", "Photoresist resins", "瘤胃微生物的饲料调控"],
            &works,
        );
        let first =
            |paper| library.scores(paper).into_iter().max_by_key(|(_, score)| *score).map(|(who, _)| who);
        assert_eq!((first(0), first(1), first(2)), (Some(0), Some(0), Some(2)));
        let why = library.why("一种新型光刻胶树脂及其显影方法", &[works[0].1, works[1].1], &SHIPPED);
        assert!(why.iter().any(|shared| shared.text.contains("光刻") && !shared.is_translated), "{why:?}");
        let why = library.why("Photoresist resins", &[works[0].1, works[1].1], &SHIPPED);
        assert!(why.iter().any(|shared| shared.text == "Photoresist" && shared.is_translated), "{why:?}");
    }

    #[test]
    fn a_reviewer_whose_works_say_the_same_is_as_near_as_can_be() {
        let library = library(&["量子 密钥 分发", "别的 东西"], &[(1, "量子 密钥 分发"), (2, "别的 东西")]);
        assert_eq!(library.scores(0), [(1, SAME)]);
    }
}
