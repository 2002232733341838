//! The best documents of a segment for a weighted query, without looking at most of them.
//!
//! Documents are taken in windows. A window's bound is the sum over the query's terms of weight ×
//! best impact there; windows are visited from the highest bound down, and the first bound below the
//! worst kept score ends the search. Within a window the terms that together cannot lift a document
//! over that score (MaxScore) are only looked up for documents that the other terms have found.
//! Sums are integers, so no order of adding changes a score, and ties go to the smaller id.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::doc::Doc;
use super::segment::{List, Part, Segment, WINDOW};

/// Scores that are compared at once.
const CHUNK: usize = 16;

/// One term of a query with its weight; the sum of all weights stays below 2^24.
#[derive(Debug, Clone, Copy)]
pub struct Clause {
    /// The dictionary's number of the term.
    pub slot: u32,
    /// How much one unit of impact counts.
    pub weight: u32,
}

/// A document found. The better one is the greater one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Found<'a> {
    /// Σ weight × impact.
    pub score: u32,
    /// Its id: the smaller wins among equal scores.
    pub id: Reverse<&'a str>,
    /// Which segment.
    pub segment: u32,
    /// Which document there.
    pub doc: u32,
}

/// The best documents so far.
#[derive(Debug)]
pub struct Best<'a> {
    heap: BinaryHeap<Reverse<Found<'a>>>,
    room: usize,
}

impl<'a> Best<'a> {
    /// Keeps the best `room` documents.
    pub fn new(room: usize) -> Self {
        Self { heap: BinaryHeap::with_capacity(room.min(4096) + 1), room }
    }

    /// The score that a document must reach to be looked at: at least one.
    pub fn threshold(&self) -> u32 {
        let worst = self.heap.peek().filter(|_| self.heap.len() >= self.room);
        worst.map_or(1, |found| found.0.score.max(1))
    }

    /// Offers a document.
    pub fn offer(&mut self, found: Found<'a>) {
        if self.heap.len() < self.room {
            self.heap.push(Reverse(found));
        } else if let Some(mut worst) = self.heap.peek_mut()
            && worst.0 < found
        {
            *worst = Reverse(found);
        }
    }

    /// The kept documents, best first.
    pub fn into_sorted(self) -> Vec<Found<'a>> {
        self.heap.into_sorted_vec().into_iter().map(|found| found.0).collect()
    }
}

/// The part of one term's list that lies in a window.
#[derive(Debug, Clone, Copy)]
struct Span<'a> {
    docs: &'a [u32],
    impacts: &'a [u8],
    dense: Option<&'a [u8]>,
    weight: u32,
    bound: u32,
}

/// Searches one segment.
pub fn search<'a>(
    (number, segment): (u32, &'a Segment),
    clauses: &[Clause],
    admit: &dyn Fn(&Doc) -> bool,
    best: &mut Best<'a>,
) {
    let lists: Vec<(List<'a>, u32)> =
        clauses.iter().filter_map(|c| Some((segment.list(c.slot)?, c.weight))).collect();
    let mut spans: Vec<Span<'a>> = Vec::with_capacity(lists.len());
    let mut scores = vec![0_u32; WINDOW];
    for (bound, window) in windows(segment, &lists) {
        if bound < best.threshold() {
            break;
        }
        spans.clear();
        spans.extend(lists.iter().filter_map(|(list, weight)| Span::of(list, *weight, window)));
        spans.sort_unstable_by_key(|s| s.bound);
        let (rare, common, rest) = split(&spans, best.threshold());
        let first = (window * WINDOW) as u32;
        rare.iter().for_each(|span| add(span, first, &mut scores));
        let cut = best.threshold().saturating_sub(rest).max(1);
        for (chunk, offset) in scores.chunks_mut(CHUNK).zip((0_u32..).step_by(CHUNK)) {
            if chunk.iter().fold(false, |any, score| any | (*score >= cut)) {
                for (score, offset) in chunk.iter().zip(offset..).filter(|(score, _)| **score >= cut) {
                    let doc = first + offset;
                    let score = complete(*score, rest, common, (doc, offset), best.threshold());
                    offer((number, segment), (doc, score), admit, best);
                }
            }
            chunk.fill(0);
        }
    }
}

/// Offers a document with its full score. It is read last, because it is far away in memory.
fn offer<'a>(
    (number, segment): (u32, &'a Segment),
    (doc, score): (u32, Option<u32>),
    admit: &dyn Fn(&Doc) -> bool,
    best: &mut Best<'a>,
) {
    if let Some(score) = score
        && let Some(here) = segment.docs.get(doc as usize).filter(|d| d.is_live && admit(d))
    {
        best.offer(Found { score, id: Reverse(&here.id), segment: number, doc });
    }
}

/// The windows that may hold something, highest bound first.
fn windows(segment: &Segment, lists: &[(List<'_>, u32)]) -> Vec<(u32, usize)> {
    let mut windows: Vec<(u32, usize)> = (0..segment.docs.len().div_ceil(WINDOW)).map(|n| (0, n)).collect();
    for (list, weight) in lists {
        list.bounds(|window, best| {
            if let Some((bound, _)) = windows.get_mut(window) {
                *bound += weight * u32::from(best);
            }
        });
    }
    windows.retain(|(bound, _)| *bound > 0);
    windows.sort_unstable_by_key(|(bound, window)| (Reverse(*bound), *window));
    windows
}

impl<'a> Span<'a> {
    fn of(list: &List<'a>, weight: u32, window: usize) -> Option<Self> {
        let Part { docs, impacts, dense, best } = list.within(window)?;
        Some(Self { docs, impacts, dense, weight, bound: weight * u32::from(best) })
    }
}

/// Splits spans (bounds ascending) into those that find documents, those that are only looked up, and
/// the sum of the latter's bounds, which is below the threshold.
fn split<'s, 'a>(spans: &'s [Span<'a>], threshold: u32) -> (&'s [Span<'a>], &'s [Span<'a>], u32) {
    let (mut count, mut sum) = (0, 0);
    for span in spans {
        if sum + span.bound >= threshold {
            break;
        }
        sum += span.bound;
        count += 1;
    }
    let (common, rare) = spans.split_at(count);
    (rare, common, sum)
}

/// Adds a span's impacts to the window's scores.
fn add(span: &Span<'_>, first: u32, scores: &mut [u32]) {
    for (doc, impact) in span.docs.iter().zip(span.impacts) {
        if let Some(score) = scores.get_mut((doc - first) as usize) {
            *score += span.weight * u32::from(*impact);
        }
    }
}

/// Looks the document up in the common terms, highest bound first, as long as it can still enter.
fn complete(
    mut score: u32,
    mut rest: u32,
    common: &[Span<'_>],
    (doc, offset): (u32, u32),
    threshold: u32,
) -> Option<u32> {
    for span in common.iter().rev() {
        if score + rest < threshold {
            return None;
        }
        rest -= span.bound;
        let impact = match span.dense {
            Some(dense) => dense.get(offset as usize),
            None => span.docs.binary_search(&doc).ok().and_then(|at| span.impacts.get(at)),
        };
        score += span.weight * impact.map_or(0, |impact| u32::from(*impact));
    }
    (score >= threshold).then_some(score)
}

#[cfg(test)]
mod tests {
    use super::super::segment::Forward;
    use super::*;

    /// Every document and every term from a small formula; the answer must be that of adding all up.
    #[test]
    fn skipping_changes_nothing() {
        let mut forward = Forward::default();
        let docs: Vec<Doc> = (0..20_000)
            .map(|i| Doc { id: format!("d{i:05}").into(), is_live: i % 7 != 3, ..Doc::default() })
            .collect();
        for doc in 0..20_000_u64 {
            let mix = |slot: u64| (doc * 48_271 + slot * 7_919 + doc * doc % 977 * slot) % 1000;
            forward.push(
                (0..30_u64)
                    .filter(|s| mix(*s) < 400 >> (s / 4))
                    .map(|s| (s as u32, (mix(s) * 13 % 255) as u8 + 1)),
            );
        }
        let segment = Segment::freeze(docs, forward, 30);
        for query in 0..20_u32 {
            let clauses: Vec<Clause> = (0..8)
                .map(|i| Clause { slot: (query * 5 + i * 3) % 30, weight: 1 + (query * 31 + i * 17) % 900 })
                .collect();
            let mut best = Best::new(10);
            search((0, &segment), &clauses, &|_| true, &mut best);
            let mut plain: Vec<(Reverse<u32>, String)> = Vec::new();
            for (doc, meta) in (0..).zip(&segment.docs).filter(|(_, d)| d.is_live) {
                let weight = |slot| clauses.iter().filter(|c| c.slot == slot).map(|c| c.weight).sum::<u32>();
                let score: u32 = segment.forward.get(doc).map(|(slot, i)| weight(slot) * u32::from(i)).sum();
                plain.push((Reverse(score), meta.id.to_string()));
            }
            plain.sort();
            let found: Vec<_> =
                best.into_sorted().iter().map(|f| (Reverse(f.score), f.id.0.to_owned())).collect();
            assert_eq!(found, plain[..10]);
        }
    }
}
