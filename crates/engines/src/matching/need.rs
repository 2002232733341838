//! A need, and what of it is looked for: its terms with their weights.

use std::collections::HashMap;

use serde::{Deserialize, Serialize};

use super::hash::Quick;
use super::index::Index;
use super::lexicon::{Lexicon, SHIPPED};
use super::top::Clause;
use super::words::{Reader, Reading, Term, TermKind};

/// What someone looks for: a full need with title and text, or a few words typed into a box.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Need {
    /// In one line; Chinese, English or both. A search box fills only this.
    pub title: String,
    /// Words that matter most besides the title.
    pub keywords: String,
    /// In full.
    pub text: String,
    /// Code of the field; empty when unknown.
    pub field: String,
    /// GB/T 2260 code of six digits; 0 when it does not matter.
    pub region: u32,
    /// The technology readiness wanted, 1 to 9; 0 when it does not matter.
    pub readiness: u8,
    /// When it must be had, in days since 1970-01-01.
    pub by: Option<i32>,
    /// What may be spent, in fen.
    pub budget: Option<i64>,
    /// What alone is asked for.
    pub only: Only,
}

/// Narrows an answer. Empty parts do not narrow.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Only {
    /// One of these kinds.
    pub kinds: Vec<String>,
    /// In this province (`31`), city (`3101`) or county (`310115`); 0 for anywhere.
    pub region: u32,
    /// In a field whose code begins so.
    pub field: String,
    /// Whether to count facets and the total, which costs a walk over all matches.
    pub count: bool,
}

/// The most different terms of a need that are looked for; the weightiest are kept.
pub const TERMS_MAX: usize = 2_048;
/// The most Latin words that are also tried as pinyin, and of how many neighbours one name is joined.
const NAMES_MAX: usize = 12;
const JOIN_MAX: usize = 4;

/// What a term counts by the part of the need where it stands, and how fast saying it again stops
/// counting (BM25's k3). A title says what is wanted, a text tells the story around it: on the
/// development halves .25 for the text gains .06 nDCG@10 (zh) and .02 MRR@10 (en) over joining both, flat
/// between .2 and .35.
const TITLE: (f32, f32) = (1.0, 5.0);
const KEYWORDS: (f32, f32) = (0.7, 5.0);
const TEXT: (f32, f32) = (0.25, 2.0);
/// What a term counts that was reached through the lexicon.
const THROUGH: f32 = 0.6;

/// One term looked for.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wish {
    /// The term.
    pub term: Term,
    /// Its weight before rarity.
    pub weight: f32,
    /// Which reading it stands in: 0 title, 1 keywords, 2 text.
    pub part: usize,
    /// Where.
    pub at: u32,
    /// How many characters.
    pub len: u32,
    /// The pair of the lexicon that led to it.
    pub through: Option<u32>,
}

/// A need after reading.
#[derive(Debug, Clone, Default)]
pub struct Plan {
    /// Title, keywords, text.
    pub readings: [Reading; 3],
    /// The terms looked for, in the order of their first places.
    pub wishes: Vec<Wish>,
}

impl Plan {
    /// Reads a need.
    pub fn of(need: &Need, lexicon: &Lexicon) -> Self {
        let mut reader = Reader::default();
        let readings = [&need.title, &need.keywords, &need.text].map(|text| reader.read(text));
        let mut plan = Self { readings, wishes: Vec::new() };
        plan.take_own(need.title.is_empty() && need.keywords.is_empty());
        plan.take_names();
        plan.take_translations(lexicon, &mut reader);
        plan
    }

    /// The different terms said, for [`super::habit::Habits::learn`].
    pub fn terms(&self) -> impl Iterator<Item = Term> + '_ {
        self.wishes.iter().filter(|w| w.through.is_none()).map(|w| w.term)
    }

    fn take_own(&mut self, text_alone: bool) {
        let mut places: HashMap<Term, usize, Quick> = HashMap::default();
        let mut counts: Vec<[f32; 3]> = Vec::new();
        for (part, reading) in self.readings.iter().enumerate() {
            for token in &reading.tokens {
                let place = *places.entry(token.term).or_insert_with(|| {
                    counts.push([0.0; 3]);
                    let (at, len) = (token.at, token.len);
                    self.wishes.push(Wish { term: token.term, weight: 0.0, part, at, len, through: None });
                    counts.len() - 1
                });
                if let Some(count) = counts.get_mut(place).and_then(|c| c.get_mut(part)) {
                    *count += 1.0;
                }
            }
        }
        let parts = if text_alone { [TITLE, KEYWORDS, (1.0, TEXT.1)] } else { [TITLE, KEYWORDS, TEXT] };
        for (wish, counts) in self.wishes.iter_mut().zip(counts) {
            let said = counts.iter().zip(parts).map(|(n, (weight, k3))| weight * n * (k3 + 1.0) / (n + k3));
            wish.weight = said.sum::<f32>() * wish.term.weight();
        }
    }

    /// A few Latin words may be pinyin: each, and up to four neighbours joined ("fu dan").
    fn take_names(&mut self) {
        let Some(title) = self.readings.first() else { return };
        let is_word = |t: &&super::words::Token| t.term.kind() == TermKind::Word;
        let words: Vec<(u32, u32)> = title.tokens.iter().filter(is_word).map(|t| (t.at, t.len)).collect();
        if words.len() > NAMES_MAX {
            return;
        }
        for from in 0..words.len() {
            let mut latin = String::new();
            for (at, len) in words.iter().skip(from).take(JOIN_MAX) {
                latin.push_str(&title.show(*at, *len).to_lowercase());
                let Some((first, _)) = words.get(from) else { continue };
                let (term, len) = (Term::name(&latin), at + len - first);
                self.wishes.push(Wish { term, weight: 1.0, part: 0, at: *first, len, through: None });
            }
        }
    }

    fn take_translations(&mut self, lexicon: &Lexicon, reader: &mut Reader) {
        let own: std::collections::HashSet<Term, Quick> = self.terms().collect();
        let parts = [TITLE.0, KEYWORDS.0, TEXT.0];
        let mut seen: std::collections::HashSet<Term, Quick> = own;
        for (part, (reading, weight)) in self.readings.iter().zip(parts).enumerate() {
            for found in lexicon.find(reading) {
                let Some((zh, en)) = lexicon.pair(found.pair) else { continue };
                let other = reader.read(if found.is_chinese { en } else { zh });
                for token in other.tokens.iter().filter(|t| seen.insert(t.term)) {
                    let weight = weight * THROUGH * token.term.weight();
                    let (at, len, through) = (found.at, found.len, Some(found.pair));
                    self.wishes.push(Wish { term: token.term, weight, part, at, len, through });
                }
            }
        }
    }
}

/// A plan weighed against an index.
#[derive(Debug, Clone, Default)]
pub struct Weighed {
    /// What is searched.
    pub clauses: Vec<Clause>,
    /// By slot: the wishes behind it.
    pub wishes: HashMap<u32, (Wish, f32), Quick>,
    /// A score of a document times this is Σ weight × rarity × saturation.
    pub unit: f32,
}

impl Weighed {
    /// Weighs each wish by habit and rarity, keeps the weightiest [`TERMS_MAX`] and makes whole numbers
    /// of the weights, so that their sum stays below 2^24.
    pub fn of(plan: &Plan, index: &Index) -> Self {
        let (weights, scale) = weigh(plan, index);
        if weights.is_empty() {
            return Self::default();
        }
        let mut weighed = Self { unit: 1.0 / (scale * 255.0), ..Self::default() };
        for (slot, weight, wish) in weights {
            let whole = (weight * scale).round() as u32;
            let Some(slot) = slot else { continue };
            // Two ways to one term (a word that is also a translation) count once, by the weightier.
            if whole > 0 && !weighed.wishes.contains_key(&slot) {
                weighed.clauses.push(Clause { slot, weight: whole });
                weighed.wishes.insert(slot, (wish, whole as f32));
            }
        }
        weighed
    }
}

/// The weightiest terms of a plan with their weights, those that no offer holds yet among them: what a
/// standing need waits for.
pub fn awaited(plan: &Plan, index: &Index, most: usize) -> Vec<(Term, u32)> {
    let (weights, scale) = weigh(plan, index);
    let mut awaited: Vec<(Term, u32)> = Vec::new();
    for (_, weight, wish) in weights {
        let whole = (weight * scale).round() as u32;
        if whole > 0 && awaited.len() < most && !awaited.iter().any(|(term, _)| *term == wish.term) {
            awaited.push((wish.term, whole));
        }
    }
    awaited
}

/// Every wish with its weight, weightiest first, and the scale that makes whole numbers of them. Terms that
/// no offer holds are weighed too: whether a closed offer holds one must not change the scale of the others.
fn weigh(plan: &Plan, index: &Index) -> (Vec<(Option<u32>, f32, Wish)>, f32) {
    let mut weights: Vec<(Option<u32>, f32, Wish)> = Vec::with_capacity(plan.wishes.len());
    for wish in &plan.wishes {
        let slot = index.slot_of(wish.term);
        let habit = if wish.through.is_some() { 1.0 } else { index.habits.weight(wish.term) };
        weights.push((slot, wish.weight * habit * index.rarity(slot), *wish));
    }
    weights.sort_by(|a, b| b.1.total_cmp(&a.1));
    weights.truncate(TERMS_MAX);
    let (most, sum) = weights.iter().fold((0.0_f32, 0.0_f32), |(m, s), (_, w, _)| (m.max(*w), s + w));
    if most <= 0.0 {
        return (Vec::new(), 0.0);
    }
    (weights, (8_191.0 / most).min(16_000_000.0 / sum))
}

/// The lexicon used when none is named.
pub fn lexicon() -> &'static Lexicon {
    &SHIPPED
}
