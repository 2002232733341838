//! Matches two sheets: needs and offers, each a table whose columns are known by name.
//!
//! Knowing all needs at once allows more than a single search: what every need says counts little.
//!
//! Tried and left out, because it gained nothing on all three development halves: three-character terms,
//! gluing keywords, feedback from the first offers (RM3: −.02 to −.06 in English), latent semantic
//! directions (±.007 for ten times the time), weighing the opening of a text more.

use std::collections::HashMap;

use super::doc::Offer;
use super::index::Index;
use super::need::{Need, Plan, Weighed};
use super::words::Reader;
use super::{Answer, Hit, Reason, Why, find, learn_need, need, why};

/// The most rows of a table.
pub const ROWS_MAX: usize = 2_000_000;
/// The longest kind in a sheet, in bytes.
const KIND_MAX: usize = 40;
/// From so many offers the usual length is taken.
const SAMPLE: usize = 2_000;

/// A sheet after reading: JSON lines, CSV and TSV all become this.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Table {
    /// The names of the columns.
    pub header: Vec<String>,
    /// The rows; missing cells are empty.
    pub rows: Vec<Vec<String>>,
}

/// What a column holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Column {
    Id,
    Kind,
    Title,
    Keywords,
    Text,
    Field,
    Region,
    Readiness,
    Nothing,
}

impl Column {
    /// Knows a column by its name; the first column is the id unless another one says it is.
    fn of(name: &str) -> Self {
        match name.trim().to_lowercase().as_str() {
            "id" | "need_id" | "offer_id" | "achievement_id" | "solution_id" | "编号" => Self::Id,
            "kind" | "类型" | "类别" => Self::Kind,
            "title" | "name" | "title_keywords" | "题名" | "标题" | "名称" | "题目" | "需求名称"
            | "成果名称" => Self::Title,
            "keywords" | "keyword" | "tags" | "关键词" | "关键字" => Self::Keywords,
            "field" | "discipline_code" | "领域" => Self::Field,
            "region" | "地区" | "区划代码" => Self::Region,
            "trl" | "readiness" | "成熟度" => Self::Readiness,
            "year" | "date" | "open" | "close" | "url" | "link" | "created" | "updated" => Self::Nothing,
            _ => Self::Text,
        }
    }
}

impl Table {
    fn read(&self) -> Vec<Offer> {
        let mut columns: Vec<Column> = self.header.iter().map(|name| Column::of(name)).collect();
        if !columns.contains(&Column::Id)
            && let Some(first) = columns.first_mut()
        {
            *first = Column::Id;
        }
        self.rows.iter().take(ROWS_MAX).map(|cells| sorted(&columns, cells)).collect()
    }

    /// The rows as needs with their ids.
    #[must_use]
    pub fn needs(&self) -> Vec<(String, Need)> {
        let to_need = |o: Offer| Need {
            title: o.title,
            keywords: o.keywords,
            text: o.text,
            field: o.field,
            region: o.region,
            readiness: o.readiness,
            ..Need::default()
        };
        self.read().into_iter().map(|offer| (offer.id.clone(), to_need(offer))).collect()
    }

    /// The rows as offers.
    #[must_use]
    pub fn offers(&self) -> Vec<Offer> {
        self.read()
    }
}

/// One row with its cells sorted by meaning.
fn sorted(columns: &[Column], cells: &[String]) -> Offer {
    let mut offer = Offer::default();
    for (column, cell) in columns.iter().zip(cells) {
        let cell = cell.trim();
        match column {
            Column::Id => cell.clone_into(&mut offer.id),
            // A column of that name may hold anything; what is too long for a kind is text.
            Column::Kind if cell.len() <= KIND_MAX => cell.clone_into(&mut offer.kind),
            Column::Kind => join(&mut offer.text, cell),
            Column::Title => join(&mut offer.title, cell),
            Column::Keywords => join(&mut offer.keywords, cell),
            // Dates, amounts and codes say nothing that words could meet.
            Column::Text if cell.chars().any(char::is_alphabetic) => join(&mut offer.text, cell),
            Column::Field => cell.clone_into(&mut offer.field),
            Column::Region if cell.parse::<u32>().is_err() => join(&mut offer.text, cell),
            Column::Region => offer.region = cell.parse().unwrap_or(0),
            Column::Readiness => offer.readiness = cell.parse().unwrap_or(0),
            Column::Text | Column::Nothing => {}
        }
    }
    offer
}

fn join(text: &mut String, more: &str) {
    if !text.is_empty() {
        text.push('\n');
    }
    text.push_str(more);
}

/// One line of the result.
#[derive(Debug, Clone, PartialEq)]
pub struct Ranked {
    /// The need's id.
    pub need: String,
    /// The offer's id.
    pub offer: String,
    /// From 1.
    pub rank: u32,
    /// Comparable within one need.
    pub score: f32,
    /// What spoke for it, in words.
    pub why: String,
}

/// Two sheets ready to be matched.
#[derive(Debug)]
pub struct Match {
    needs: Vec<(String, Need)>,
    by_id: HashMap<String, usize>,
    index: Index,
}

impl Match {
    /// Reads both sheets and learns from them.
    #[must_use]
    pub fn of(needs: Vec<(String, Need)>, offers: &[Offer]) -> Self {
        let mut index = Index::with_average(usual_length(offers));
        index.put_all(offers);
        for (_, need) in &needs {
            learn_need(&mut index, need);
        }
        let by_id = needs.iter().zip(0..).map(|((id, _), at)| (id.clone(), at)).collect();
        Self { needs, by_id, index }
    }

    /// How many needs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.needs.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.needs.is_empty()
    }

    /// Ranks the offers for one need, best first.
    #[must_use]
    pub fn rank(&self, need: usize, top: usize) -> Vec<Ranked> {
        let Some((id, need)) = self.needs.get(need) else { return Vec::new() };
        let Answer { hits, .. } = find(&self.index, need, top, |_| true);
        let line = |(hit, rank): (Hit, u32)| Ranked {
            need: id.clone(),
            why: in_words(&hit.reasons),
            offer: hit.id,
            rank,
            score: hit.score,
        };
        hits.into_iter().zip(1..).map(line).collect()
    }

    /// Ranks the offers for all needs, one need after the other; `progress` gets (done, all).
    pub fn rank_all<'a>(
        &'a self,
        top: usize,
        mut progress: impl FnMut(usize, usize) + 'a,
    ) -> impl Iterator<Item = Ranked> + 'a {
        (0..self.len()).flat_map(move |need| {
            let ranked = self.rank(need, top);
            progress(need + 1, self.len());
            ranked
        })
    }

    /// Scores given pairs of (need, offer); 0 for unknown ids. Comparable within one need.
    #[must_use]
    pub fn score_pairs(&self, pairs: &[(String, String)]) -> Vec<f32> {
        let mut by_need: HashMap<usize, Vec<usize>> = HashMap::new();
        for ((need, _), at) in pairs.iter().zip(0..) {
            if let Some(need) = self.by_id.get(need) {
                by_need.entry(*need).or_default().push(at);
            }
        }
        let mut scores = vec![0.0; pairs.len()];
        for (need, rows) in by_need {
            let Some((_, need)) = self.needs.get(need) else { continue };
            let weighed = Weighed::of(&Plan::of(need, need::lexicon()), &self.index);
            for row in rows {
                let Some((_, offer)) = pairs.get(row) else { continue };
                if let (Some(place), Some(score)) = (self.index.place(offer), scores.get_mut(row)) {
                    *score = self.score(need, &weighed, place);
                }
            }
        }
        scores
    }

    /// The score that [`find`] would give, without its reasons.
    fn score(&self, need: &Need, weighed: &Weighed, place: (u32, u32)) -> f32 {
        let Some((doc, terms)) = self.index.doc(place) else { return 0.0 };
        let weight = |slot: u32| weighed.wishes.get(&slot).map_or(0.0, |(_, weight)| *weight);
        let words = terms.map(|(slot, impact)| weight(slot) * f32::from(impact)).sum::<f32>() * weighed.unit;
        let facts: i32 = why::of_facts(need, doc, words).iter().map(|reason| reason.points).sum();
        words + facts as f32 / 100.0
    }
}

/// The mean number of terms of the first offers, as [`Index::with_average`] wants it.
fn usual_length(offers: &[Offer]) -> f32 {
    let mut reader = Reader::default();
    let mut sum = 0.0;
    for offer in offers.iter().take(SAMPLE) {
        sum += offer_length(offer, &mut reader);
    }
    sum / offers.len().clamp(1, SAMPLE) as f32
}

fn offer_length(offer: &Offer, reader: &mut Reader) -> f32 {
    let mut length = |text: &str| reader.read(text).tokens.len() as f32;
    2.0 * length(&offer.title) + 1.5 * length(&offer.keywords) + length(&offer.text)
}

/// The reasons in one line: `光刻胶 +3.2; photoresist ↔ 光刻胶 +1.1`.
#[must_use]
pub fn in_words(reasons: &[Reason]) -> String {
    let one = |reason: &Reason| {
        let points = reason.points as f32 / 100.0;
        let what = match &reason.why {
            Why::Term { term, through: None } => term.replace('\n', " "),
            Why::Term { term, through: Some((zh, en)) } => format!("{term} ({zh} ↔ {en})"),
            Why::Rest { terms } => format!("… {terms}"),
            Why::Field { wanted, has } => format!("field {wanted}/{has}"),
            Why::Region { wanted, has } => format!("region {wanted}/{has}"),
            Why::Readiness { wanted, has } => format!("readiness {wanted}/{has}"),
            Why::TooEarly { by, until } => format!("until {until}, wanted {by}"),
            Why::Price { budget, asks } => format!("price {asks}/{budget}"),
        };
        format!("{what} {points:+.2}")
    };
    reasons.iter().map(one).collect::<Vec<_>>().join("; ")
}
