//! Why an offer stands where it stands: what spoke for it, what against, in points that add up.

use serde::{Deserialize, Serialize};

use super::doc::{Doc, province};
use super::need::{Need, Plan, Weighed, Wish};
use super::words::TermKind;

/// The most reasons given; the smallest terms are summed up in one [`Why::Rest`].
pub const REASONS_MAX: usize = 12;

/// One reason with its points: hundredths of a score, negative when it speaks against.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Reason {
    /// What it is.
    #[serde(flatten)]
    pub why: Why,
    /// What it counts.
    pub points: i32,
}

/// What a reason is.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "why", rename_all = "snake_case")]
pub enum Why {
    /// Words of the need stand in the offer, or their translation does.
    Term {
        /// The words as the need writes them.
        term: String,
        /// The pair of terms (Chinese, English) through which they were found.
        through: Option<(String, String)>,
    },
    /// Many small words together.
    Rest {
        /// How many.
        terms: u32,
    },
    /// The offer's field is the one wanted, or lies beside it.
    Field {
        /// The need's.
        wanted: String,
        /// The offer's.
        has: String,
    },
    /// The offer is near.
    Region {
        /// The need's.
        wanted: u32,
        /// The offer's.
        has: u32,
    },
    /// The offer is as ready as wanted, or not yet.
    Readiness {
        /// The need's.
        wanted: u8,
        /// The offer's.
        has: u8,
    },
    /// The offer is gone before the need's day.
    TooEarly {
        /// The need's day.
        by: i32,
        /// The offer's last day.
        until: i32,
    },
    /// The offer costs more than may be spent, or not.
    Price {
        /// What may be spent, in fen.
        budget: i64,
        /// What it costs, in fen.
        asks: i64,
    },
}

/// What facts besides words count, as shares of the score of the words. By judgement, not measured: no
/// open set with such facts was found. Small, so that they order equals and never lift a stranger.
const SAME_FIELD: f32 = 0.10;
const SAME_CITY: f32 = 0.08;
const SAME_PROVINCE: f32 = 0.05;
const READY: f32 = 0.05;
const EACH_LEVEL_SHORT: f32 = 0.06;
const GONE: f32 = 0.20;
const TOO_DEAR: f32 = 0.15;
const AFFORDABLE: f32 = 0.03;

/// The facts that speak for or against, given the score of the words.
pub fn of_facts(need: &Need, doc: &Doc, words: f32) -> Vec<Reason> {
    let mut reasons = Vec::new();
    let mut say = |why: Why, share: f32| {
        reasons.push(Reason { why, points: (share * words * 100.0).round() as i32 });
    };
    if !need.field.is_empty() && !doc.field.is_empty() {
        let shared = need.field.bytes().zip(doc.field.bytes()).take_while(|(a, b)| a == b).count();
        let share = shared as f32 / need.field.len() as f32;
        say(Why::Field { wanted: need.field.clone(), has: doc.field.to_string() }, SAME_FIELD * share);
    }
    if need.region > 0 && doc.region > 0 && province(need.region) == province(doc.region) {
        let is_city = need.region / 100 == doc.region / 100;
        let share = if is_city { SAME_CITY } else { SAME_PROVINCE };
        say(Why::Region { wanted: need.region, has: doc.region }, share);
    }
    if need.readiness > 0 && doc.readiness > 0 {
        let short = f32::from(need.readiness.saturating_sub(doc.readiness));
        let share = if short > 0.0 { (-EACH_LEVEL_SHORT * short).max(-0.3) } else { READY };
        say(Why::Readiness { wanted: need.readiness, has: doc.readiness }, share);
    }
    if let (Some(by), Some(until)) = (need.by, doc.until)
        && until < by
    {
        say(Why::TooEarly { by, until }, -GONE);
    }
    if let (Some(budget), Some(asks)) = (need.budget, doc.price) {
        say(Why::Price { budget, asks }, if asks > budget { -TOO_DEAR } else { AFFORDABLE });
    }
    reasons.retain(|r| r.points != 0);
    reasons
}

/// A stretch of the need with the points of all its terms.
struct Stretch {
    wish: Wish,
    end: u32,
    points: f32,
}

/// The words that speak for an offer: neighbouring terms are joined into the words people wrote.
pub fn of_words(
    plan: &Plan,
    weighed: &Weighed,
    terms: impl Iterator<Item = (u32, u8)>,
) -> (Vec<Reason>, f32) {
    let points = 100.0 * weighed.unit;
    let mut hits: Vec<(Wish, f32)> = terms
        .filter_map(|(slot, impact)| {
            let (wish, weight) = weighed.wishes.get(&slot)?;
            Some((*wish, weight * f32::from(impact) * points))
        })
        .collect();
    // Wide terms before narrow ones at the same place, so that singles fall into pairs.
    hits.sort_by_key(|(w, _)| (w.part, w.through, w.at, u32::MAX - w.len, w.term));
    let total: f32 = hits.iter().map(|(_, p)| p).sum();
    let mut stretches: Vec<Stretch> = Vec::new();
    for (wish, points) in hits {
        match stretches.last_mut() {
            Some(last) if joins(last, &wish) => {
                last.end = last.end.max(wish.at + wish.len);
                last.points += points;
            }
            _ => stretches.push(Stretch { wish, end: wish.at + wish.len, points }),
        }
    }
    stretches.sort_by(|a, b| b.points.total_cmp(&a.points));
    (say(plan, &stretches), total / 100.0)
}

/// Whether a term goes on where a stretch ends: overlapping signs, or touching pairs of one pair.
fn joins(last: &Stretch, wish: &Wish) -> bool {
    last.wish.part == wish.part
        && last.wish.through == wish.through
        && (wish.at < last.end || wish.through.is_some() && wish.at == last.wish.at)
}

fn say(plan: &Plan, stretches: &[Stretch]) -> Vec<Reason> {
    let is_word = |s: &&Stretch| s.wish.term.kind() != TermKind::Single || s.wish.through.is_some();
    let mut reasons: Vec<Reason> = Vec::new();
    let (mut rest, mut count) = (0.0, 0);
    for stretch in stretches {
        let shown = reasons.len() < REASONS_MAX && is_word(&stretch) && stretch.points >= 0.5;
        let Some(reading) = plan.readings.get(stretch.wish.part).filter(|_| shown) else {
            rest += stretch.points;
            count += 1;
            continue;
        };
        let pair = stretch.wish.through.and_then(|pair| super::need::lexicon().pair(pair));
        let through = pair.map(|(zh, en)| (zh.to_owned(), en.to_owned()));
        let term = reading.show(stretch.wish.at, stretch.end - stretch.wish.at);
        let points = stretch.points.round() as i32;
        // The same words in title and text are one reason.
        let same = reasons
            .iter_mut()
            .find(|r| matches!(&r.why, Why::Term { term: t, through: h } if *t == term && *h == through));
        match same {
            Some(reason) => reason.points += points,
            None => reasons.push(Reason { why: Why::Term { term, through }, points }),
        }
    }
    if rest >= 0.5 {
        reasons.push(Reason { why: Why::Rest { terms: count }, points: rest.round() as i32 });
    }
    reasons
}
