//! Means: what signed scores come to (rulebook 9.5), and beside it what they would come to if every reviewer were as
//! strict as the others. Everything in hundredths and whole numbers, so that anyone can do it again with a pencil.
//!
//! **Correction.** Let `m_j` be the plain mean of candidate `j`. A reviewer with `n` reviews is milder than the others by
//! `d = Σ (s_ij − m_j) / (n + 2)`: their mean distance from the others' view, drawn towards nothing the fewer reviews it
//! rests on. The corrected mean of `j` is the mean of `s_ij − d_i`. It is shown and decides nothing.

use std::collections::BTreeMap;

use grammar::prelude::*;

use super::terms::{Entry, Taken};

/// From so many reviews on the highest and the lowest are dropped.
pub(super) const DROP_FROM: usize = 7;
/// What draws the correction of someone with few reviews towards nothing.
const DRAWN_BY: i64 = 2;

/// What the reviews of one candidate came to, in hundredths.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub candidate: Id,
    pub reviews: u32,
    pub mean: u32,
    pub median: u32,
    pub spread: u32,
    /// As if all reviewers were equally strict. Decides nothing.
    pub corrected: i64,
    /// The mean of the first criterion, which decides between equal scores.
    pub first: u32,
    /// 1 for the best of those that answer the same need or call.
    pub rank: u32,
}

/// How much milder than the others a reviewer is, in hundredths; less than nothing when stricter.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Mildness {
    pub person: Id,
    pub reviews: u32,
    pub milder: i64,
}

fn divided(sum: i64, by: i64) -> i64 {
    let by = by.max(1);
    (2 * sum + by).div_euclid(2 * by)
}

fn hundredths(number: i64) -> u32 {
    u32::try_from(number).unwrap_or(0)
}

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// The mean; from seven on without the highest and the lowest.
pub(super) fn mean(scores: &[u32]) -> i64 {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable();
    let drop = usize::from(sorted.len() >= DROP_FROM);
    let kept: Vec<i64> =
        sorted.iter().skip(drop).take(sorted.len() - 2 * drop).map(|score| i64::from(*score)).collect();
    divided(kept.iter().sum(), count(kept.len()))
}

fn median(scores: &[u32]) -> i64 {
    let mut sorted = scores.to_vec();
    sorted.sort_unstable();
    let at = |place: usize| sorted.get(place).map_or(0, |score| i64::from(*score));
    let half = sorted.len() / 2;
    if sorted.len() % 2 == 1 { at(half) } else { divided(at(half.saturating_sub(1)) + at(half), 2) }
}

/// The distance between the highest and the lowest.
pub(super) fn spread(scores: &[u32]) -> u32 {
    scores.iter().max().zip(scores.iter().min()).map_or(0, |(most, least)| most - least)
}

/// How mild each reviewer is, in the order of persons.
#[must_use]
pub fn mildness(taken: &[Taken]) -> Vec<Mildness> {
    let mut means: BTreeMap<Id, Vec<u32>> = BTreeMap::new();
    for one in taken {
        means.entry(one.candidate).or_default().push(one.total);
    }
    let mut sums: BTreeMap<Id, (i64, i64)> = BTreeMap::new();
    for one in taken {
        let all = means.get(&one.candidate).map_or(&[][..], Vec::as_slice);
        let plain = divided(all.iter().map(|score| i64::from(*score)).sum(), count(all.len()));
        let (reviews, distance) = sums.entry(one.person).or_default();
        *reviews += 1;
        *distance += i64::from(one.total) - plain;
    }
    let each = |(person, (reviews, distance)): (Id, (i64, i64))| Mildness {
        person,
        reviews: hundredths(reviews),
        milder: divided(distance, reviews + DRAWN_BY),
    };
    sums.into_iter().map(each).collect()
}

/// What all candidates with scores came to, best first among those of one matter.
#[must_use]
pub fn outcomes(entries: &[Entry], taken: &[Taken]) -> Vec<Outcome> {
    let mild: BTreeMap<Id, i64> = mildness(taken).into_iter().map(|one| (one.person, one.milder)).collect();
    let mut all: Vec<(Option<Id>, Outcome)> = Vec::new();
    for entry in entries {
        let of_it: Vec<&Taken> = taken.iter().filter(|one| one.candidate == entry.candidate).collect();
        if of_it.is_empty() {
            continue;
        }
        let scores: Vec<u32> = of_it.iter().map(|one| one.total).collect();
        let corrected = of_it.iter().map(|one| i64::from(one.total) - mild.get(&one.person).unwrap_or(&0));
        let first = of_it.iter().map(|one| first_mark(one)).sum();
        let outcome = Outcome {
            candidate: entry.candidate,
            reviews: hundredths(count(of_it.len())),
            mean: hundredths(mean(&scores)),
            median: hundredths(median(&scores)),
            spread: spread(&scores),
            corrected: divided(corrected.sum(), count(of_it.len())),
            first: hundredths(divided(first, count(of_it.len()))),
            rank: 0,
        };
        all.push((entry.matter, outcome));
    }
    let better = |a: &Outcome, b: &Outcome| (a.mean, a.first) > (b.mean, b.first);
    let rank = |matter: Option<Id>, one: &Outcome| {
        1 + count(all.iter().filter(|(of, other)| *of == matter && better(other, one)).count())
    };
    let ranks: Vec<i64> = all.iter().map(|(matter, one)| rank(*matter, one)).collect();
    all.into_iter().zip(ranks).map(|((_, one), rank)| Outcome { rank: hundredths(rank), ..one }).collect()
}

/// The mark of the first criterion, in hundredths.
fn first_mark(taken: &Taken) -> i64 {
    taken.marks.iter().find(|mark| mark.place.get() == 1).map_or(0, |mark| mark.score.get() * 100)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::expert::Judged;

    fn entry(name: &str, matter: &str) -> Entry {
        Entry {
            candidate: name.parse().unwrap(),
            title: Bilingual { zh: Text::read(name), en: None },
            field: None,
            matter: matter.parse().ok(),
            judged: Judged::default(),
        }
    }

    fn taken(candidate: &str, person: &str, total: u32, first: i64) -> Taken {
        let marks = serde_json::json!([{ "place": 1, "score": first }]);
        Taken {
            review: Id::named("review-1"),
            candidate: candidate.parse().unwrap(),
            person: person.parse().unwrap(),
            signed: None,
            fee: None,
            total,
            marks: serde_json::from_value(marks).unwrap(),
            open: None,
        }
    }

    #[test]
    fn below_seven_the_mean_counts_and_from_seven_on_without_both_ends() {
        assert_eq!(mean(&[8_000, 7_000, 7_001]), 7_334);
        assert_eq!(mean(&[0, 6_000, 6_000, 6_000, 6_000, 10_000]), 5_667);
        assert_eq!(mean(&[0, 6_000, 6_000, 6_000, 6_000, 6_000, 10_000]), 6_000);
        assert_eq!((median(&[3, 1, 2]), median(&[4, 1, 2, 3])), (2, 3));
        assert_eq!((spread(&[3, 9, 5]), spread(&[])), (6, 0));
    }

    #[test]
    fn equal_scores_are_decided_by_the_first_criterion_and_ranks_are_of_one_matter() {
        let entries =
            [entry("a", "need-1"), entry("b", "need-1"), entry("c", "need-1"), entry("d", "need-2")];
        let taken = [
            taken("a", "x", 7_000, 60),
            taken("b", "x", 7_000, 70),
            taken("c", "x", 7_000, 60),
            taken("d", "x", 1_000, 10),
        ];
        let ranks: Vec<u32> = outcomes(&entries, &taken).iter().map(|one| one.rank).collect();
        assert_eq!(ranks, [2, 1, 2, 1]);
    }

    #[test]
    fn a_strict_reviewer_is_corrected_and_one_with_few_reviews_less_so() {
        // The strict one gives ten less than the mild one for each of four candidates.
        let names = ["a", "b", "c", "d"];
        let entries: Vec<Entry> = names.iter().map(|name| entry(name, "need-1")).collect();
        let mut all = Vec::new();
        for (name, score) in names.iter().zip([6_000, 7_000, 8_000, 5_000]) {
            all.push(taken(name, "person-mild", score + 500, 50));
            all.push(taken(name, "person-strict", score - 500, 50));
        }
        let milder = |all: &[Taken]| -> Vec<i64> { mildness(all).iter().map(|one| one.milder).collect() };
        assert_eq!(milder(&all), [333, -333], "4 × 500 / (4 + 2)");
        assert_eq!(milder(&all[..2]), [167, -167], "500 / 3");
        // A fifth candidate that only the strict one has read gains by the correction.
        let mut entries = entries;
        entries.push(entry("e", "need-1"));
        all.push(taken("e", "person-strict", 6_000, 50));
        let found = outcomes(&entries, &all);
        let last = found.last().unwrap();
        assert_eq!((last.mean, last.corrected), (6_000, 6_286), "4 × 500 / (5 + 2) = 286");
        assert_eq!(found[0].corrected, 5_977);
    }
}
