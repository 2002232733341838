//! Which achievement, laboratory, instrument, person or call can stand behind this need?
//!
//! | question | file |
//! |---|---|
//! | which terms does a text hold? | `words`, `names`, `hash` |
//! | what is it called in the other language? | `lexicon` |
//! | what of a need is looked for? | `need`, `habit` |
//! | which offers hold it, best first? | `index`, `segment`, `top`, `doc` |
//! | why this one? | `why` |
//! | which standing needs does a new offer meet? | `standing` |
//! | how are two sheets matched? | `files` |
//! | how is it kept between two starts? | `snapshot` |
//!
//! Pure: nothing here reads a file, a clock or chance, and the same input gives the same bytes.

mod doc;
pub mod files;
mod habit;
mod hash;
mod index;
mod intake;
mod lexicon;
mod names;
mod need;
mod segment;
mod snapshot;
mod standing;
#[cfg(test)]
mod tests;
mod top;
mod why;
mod words;

use std::collections::{BTreeMap, HashMap};

use serde::{Deserialize, Serialize};

pub use doc::{ID_MAX, Offer};
pub use index::{Index, OFFERS_MAX};
pub use lexicon::{Lexicon, PAIRS_MAX, SHIPPED};
pub use need::{Need, Only};
pub use snapshot::Damaged;
pub use standing::{Bar, Met, STANDING_MAX, Standing, WORDS_MAX, Watch};
pub use why::{REASONS_MAX, Reason, Why};
pub use words::{Reader, Reading, TEXT_MAX, Term, TermKind, Token};

use doc::{Doc, cut, province};
use need::{Plan, Weighed};

/// The most offers in one answer.
pub const TOP_MAX: usize = 10_000;
/// The most values of one facet.
const FACET_MAX: usize = 200;
/// So many times more documents are looked at when facts besides words may change their order.
const LOOK_WIDER: usize = 4;

/// What was found.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Answer {
    /// Offers of all kinds in one ranking, best first; equal scores by id.
    pub hits: Vec<Hit>,
    /// How many offers share a word with the need, if [`Only::count`] was set.
    pub total: Option<u32>,
    /// How they spread, if [`Only::count`] was set.
    pub facets: Facets,
}

/// An offer found.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    /// The offer's id.
    pub id: String,
    /// The offer's kind.
    pub kind: String,
    /// A hundredth of the sum of all points, before rounding. Comparable within one answer only.
    pub score: f32,
    /// What spoke for it and against it, greatest first.
    pub reasons: Vec<Reason>,
}

/// Counts of offers by kind, province (two digits) and field.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Facets {
    /// By kind.
    pub kinds: BTreeMap<String, u32>,
    /// By province: the first two digits of GB/T 2260.
    pub provinces: BTreeMap<u32, u32>,
    /// By field code.
    pub fields: BTreeMap<String, u32>,
}

/// Finds what can stand behind a need: at most `top` (and [`TOP_MAX`]) offers whose audience passes
/// `may_see`. Offers that do not pass leave no trace in the answer.
pub fn find(index: &Index, need: &Need, top: usize, may_see: impl Fn(u32) -> bool) -> Answer {
    let plan = Plan::of(need, need::lexicon());
    let weighed = Weighed::of(&plan, index);
    let top = top.min(TOP_MAX);
    if top == 0 || weighed.clauses.is_empty() {
        return Answer::default();
    }
    let narrow = Narrow::of(index, &need.only);
    let admit = |doc: &Doc| may_see(doc.audience) && narrow.admits(doc);
    let has_facts = !need.field.is_empty()
        || need.region > 0
        || need.readiness > 0
        || need.by.is_some()
        || need.budget.is_some();
    let look = if has_facts { (top * LOOK_WIDER).max(64) } else { top };
    let found = index.search(&weighed.clauses, look, &admit);
    let places = found.iter().map(|f| (f.segment, f.doc));
    let mut hits: Vec<Hit> = places.filter_map(|place| hit(index, need, (&plan, &weighed), place)).collect();
    // The search's order is by whole numbers; it stays wherever no fact speaks.
    if has_facts {
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.id.cmp(&b.id)));
    }
    hits.truncate(top);
    let mut answer = Answer { hits, ..Answer::default() };
    if need.only.count {
        count(index, &weighed, &admit, &mut answer);
    }
    answer
}

/// Teaches the index what people say in needs: afterwards words that all needs share count less. Give
/// it only needs that everyone may see.
pub fn learn_need(index: &mut Index, need: &Need) {
    let plan = Plan::of(need, need::lexicon());
    index.habits.learn(plan.terms());
}

fn hit(index: &Index, need: &Need, (plan, weighed): (&Plan, &Weighed), place: (u32, u32)) -> Option<Hit> {
    let (doc, terms) = index.doc(place)?;
    let (mut reasons, words) = why::of_words(plan, weighed, terms);
    let facts = why::of_facts(need, doc, words);
    let score = words + facts.iter().map(|r| r.points as f32 / 100.0).sum::<f32>();
    reasons.extend(facts);
    reasons.sort_by_key(|r| std::cmp::Reverse(r.points.abs()));
    Some(Hit { id: doc.id.to_string(), kind: index.kind(doc.kind).to_owned(), score, reasons })
}

fn count(index: &Index, weighed: &Weighed, admit: &dyn Fn(&Doc) -> bool, answer: &mut Answer) {
    // Single characters and couples would count nearly everything.
    let mut slots: Vec<u32> =
        weighed.wishes.iter().filter(|(_, (w, _))| w.term.weight() > 0.5).map(|(slot, _)| *slot).collect();
    slots.sort_unstable();
    // Numbers and borrowed codes while walking; names only once at the end.
    let mut total = 0;
    let mut kinds: BTreeMap<u16, u32> = BTreeMap::new();
    let mut provinces = [0_u32; 100];
    let mut fields: HashMap<&str, u32> = HashMap::new();
    index.each_with(&slots, |doc| {
        if !admit(doc) {
            return;
        }
        total += 1;
        *kinds.entry(doc.kind).or_default() += 1;
        if let Some(count) = provinces.get_mut(province(doc.region) as usize).filter(|_| doc.region > 0) {
            *count += 1;
        }
        if !doc.field.is_empty() && (fields.len() < FACET_MAX || fields.contains_key(&*doc.field)) {
            *fields.entry(&doc.field).or_default() += 1;
        }
    });
    let facets = &mut answer.facets;
    facets.kinds = kinds.into_iter().map(|(kind, n)| (index.kind(kind).to_owned(), n)).collect();
    facets.provinces = (0..).zip(provinces).filter(|(_, n)| *n > 0).collect();
    facets.fields = fields.into_iter().map(|(field, n)| (field.to_owned(), n)).collect();
    answer.total = Some(total);
}

/// [`Only`] with kinds as numbers and the region as a range of codes.
struct Narrow<'a> {
    kinds: Vec<u16>,
    any_kind: bool,
    regions: std::ops::Range<u32>,
    field: &'a str,
}

impl<'a> Narrow<'a> {
    fn of(index: &Index, only: &'a Only) -> Self {
        let regions = match only.region {
            0 => 0..u32::MAX,
            code @ 1..=99 => code * 10_000..(code + 1) * 10_000,
            code @ 100..=9_999 => code * 100..(code + 1) * 100,
            code => code..code.saturating_add(1),
        };
        let kinds = only.kinds.iter().filter_map(|k| index.kind_number(cut(k))).collect();
        Self { kinds, any_kind: only.kinds.is_empty(), regions, field: &only.field }
    }

    fn admits(&self, doc: &Doc) -> bool {
        (self.any_kind || self.kinds.contains(&doc.kind))
            && self.regions.contains(&doc.region)
            && (self.field.is_empty() || doc.field.starts_with(self.field))
    }
}
