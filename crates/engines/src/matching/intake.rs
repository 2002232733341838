//! From an offer to its terms with impacts: what the index stores and what standing needs look at.

use super::doc::Offer;
use super::names::{latin_terms, short_forms};
use super::words::{Reader, Reading, Term};

/// BM25's saturation and length correction (Robertson and Zaragoza 2009, the usual values; others were
/// not better by more than noise on the development halves).
const K1: f32 = 1.2;
const B: f32 = 0.75;
/// How often a term counts by where it stands (BM25F).
pub const TITLE: f32 = 2.0;
/// The same for keywords.
pub const KEYWORDS: f32 = 1.5;
const TEXT: f32 = 1.0;
/// The usual number of terms of an offer, for length correction. A constant and not the mean of what is
/// inside, so that an offer's impacts never depend on other offers; see `Index::with_average`.
pub const AVERAGE: f32 = 300.0;

/// Reads offers; everything in it is used again for the next one.
#[derive(Debug, Clone)]
pub struct Intake {
    /// The usual number of terms.
    pub average: f32,
    reader: Reader,
    reading: Reading,
    counts: Vec<f32>,
    seen: Vec<u32>,
}

impl Intake {
    /// An intake for offers of about so many terms.
    pub fn new(average: f32) -> Self {
        let (reader, reading) = (Reader::default(), Reading::default());
        Self { average: average.max(1.0), reader, reading, counts: Vec::new(), seen: Vec::new() }
    }

    /// The terms of an offer, each with its impact: 255 × BM25F's saturation, at least 1. `slot` gives
    /// the number of a term, or nothing if it does not matter.
    pub fn terms(&mut self, offer: &Offer, mut slot: impl FnMut(Term) -> Option<u32>) -> Vec<(u32, u8)> {
        let mut reading = std::mem::take(&mut self.reading);
        let mut length = 0.0;
        for (text, weight) in [(&offer.title, TITLE), (&offer.keywords, KEYWORDS), (&offer.text, TEXT)] {
            if text.is_empty() {
                continue;
            }
            self.reader.read_into(text, &mut reading);
            length += weight * reading.tokens.len() as f32;
            for token in &reading.tokens {
                self.count(slot(token.term), weight);
            }
            if weight > TEXT {
                latin_terms(&reading.signs, |term| self.count(slot(term), 1.0));
                for short in short_forms(&reading.signs) {
                    let short = self.reader.read(&short.iter().collect::<String>());
                    short.tokens.iter().for_each(|t| self.count(slot(t.term), 1.0));
                }
            }
        }
        self.reading = reading;
        let base = K1 * (1.0 - B + B * length / self.average);
        self.take_impacts(|count| (count / (count + base) * 255.0).round().max(1.0) as u8)
    }

    fn count(&mut self, slot: Option<u32>, weight: f32) {
        let Some(slot) = slot else { return };
        if self.counts.len() <= slot as usize {
            self.counts.resize(slot as usize + 1024, 0.0);
        }
        if let Some(count) = self.counts.get_mut(slot as usize) {
            if *count == 0.0 {
                self.seen.push(slot);
            }
            *count += weight;
        }
    }

    fn take_impacts(&mut self, impact: impl Fn(f32) -> u8) -> Vec<(u32, u8)> {
        let counts = &mut self.counts;
        let taken = self.seen.drain(..).filter_map(|slot| {
            let count = counts.get_mut(slot as usize)?;
            Some((slot, impact(std::mem::take(count))))
        });
        taken.collect()
    }
}
