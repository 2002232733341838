//! Ranking: marks made even between strict and mild reviewers, the order they give, and how far the shifts reach.
//!
//! Each reviewer's marks are measured by that reviewer's own mean `m` and spread `s`: `z = (mark − m) / s` (IN-R30). A
//! proposal's even mark is its mean `z`, carried back onto the scale by the mean and spread of all marks. Someone
//! who marked only one proposal, or all alike, says nothing about their order: `z = 0`. Whole numbers throughout.
//!
//! Always: nobody is given time before someone of a higher rank who asked for as little.

use std::collections::BTreeMap;

use grammar::prelude::*;

use super::fields::{Entered, Line, Marked, Outcome, Plan};
use crate::proposal::{Kind, Proposal};

fn count(number: usize) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

fn divided(sum: i64, by: i64) -> i64 {
    let by = by.max(1);
    (2 * sum + by).div_euclid(2 * by)
}

/// Mean and spread (population standard deviation), in thousandths.
fn mean_and_spread(values: &[i64]) -> (i64, i64) {
    let number = count(values.len());
    let mean = divided(values.iter().sum(), number);
    let square = |value: &i64| (value - mean) * (value - mean);
    let variance = values.iter().map(square).sum::<i64>() / number.max(1);
    (mean, variance.isqrt())
}

/// Plain and even mark of every proposal with marks, in thousandths.
#[must_use]
pub fn marks(marked: &[Marked]) -> BTreeMap<Ref<Proposal>, (i64, i64)> {
    let mut by_reviewer: BTreeMap<Id, Vec<i64>> = BTreeMap::new();
    for one in marked {
        by_reviewer.entry(one.reviewer).or_default().push(one.marks.mean());
    }
    let own: BTreeMap<Id, (i64, i64)> =
        by_reviewer.into_iter().map(|(reviewer, values)| (reviewer, mean_and_spread(&values))).collect();
    let all: Vec<i64> = marked.iter().map(|one| one.marks.mean()).collect();
    let (mean, spread) = mean_and_spread(&all);
    let mut by_proposal: BTreeMap<Ref<Proposal>, Vec<(i64, i64)>> = BTreeMap::new();
    for one in marked {
        let value = one.marks.mean();
        let (own_mean, own_spread) = own.get(&one.reviewer).copied().unwrap_or_default();
        let z = if own_spread == 0 { 0 } else { divided((value - own_mean) * 1_000, own_spread) };
        by_proposal.entry(one.proposal).or_default().push((value, z));
    }
    let made = |values: Vec<(i64, i64)>| {
        let number = count(values.len());
        let plain = divided(values.iter().map(|(value, _)| value).sum(), number);
        let z = divided(values.iter().map(|(_, z)| z).sum(), number);
        (plain, mean + divided(z * spread, 1_000))
    };
    by_proposal.into_iter().map(|(proposal, values)| (proposal, made(values))).collect()
}

/// What every proposal comes to, and where the lines lie.
#[must_use]
pub fn ranked(plan: &Plan, entries: &[Entered], marked: &[Marked], least: i64) -> (Vec<Outcome>, Vec<Line>) {
    let marks = marks(marked);
    let (mut outcomes, mut lines) = (Vec::new(), Vec::new());
    for offer in plan.offers.iter() {
        for kind in [Kind::General, Kind::Key, Kind::Proprietary] {
            let of_it = entries.iter().filter(|one| one.instrument == offer.instrument && one.kind == kind);
            let mut order: Vec<(&Entered, i64, i64)> = of_it
                .map(|one| {
                    let (plain, even) = marks.get(&one.proposal).copied().unwrap_or_default();
                    (one, plain, even)
                })
                .collect();
            // Whoever came first stands first among equals: the sort is stable.
            order.sort_by_key(|(_, plain, even)| std::cmp::Reverse((*even, *plain)));
            let shifts = plan.pool(offer, kind);
            let (some, mark) = given(&order, shifts, least);
            let of = order.len();
            let asked = order.iter().map(|(one, ..)| one.shifts).sum();
            let given = some.iter().map(|one| one.given).sum();
            if of > 0 || shifts > 0 {
                lines.push(Line { instrument: offer.instrument, kind, shifts, asked, given, mark });
            }
            outcomes.extend(some);
        }
    }
    (outcomes, lines)
}

/// Down the ranks until the shifts do not reach; there the line is drawn, and nobody below it is given any.
fn given(order: &[(&Entered, i64, i64)], shifts: i64, least: i64) -> (Vec<Outcome>, Option<i64>) {
    let (mut left, mut is_drawn, mut line) = (shifts, false, None);
    let mut outcomes = Vec::new();
    let of = u32::try_from(order.len()).unwrap_or(u32::MAX);
    for (rank, (one, plain, even)) in (1..).zip(order) {
        let is_low = *plain < least;
        let fits = one.fewest <= left;
        is_drawn = is_drawn || !(is_low || fits);
        let given = if is_low || is_drawn { 0 } else { one.shifts.min(left) };
        if given > 0 {
            line = Some(*even);
        }
        let (proposal, plain, even) = (one.proposal, *plain, *even);
        outcomes.push(Outcome { proposal, plain, even, rank, of, given, left, is_low });
        left -= given;
    }
    (outcomes, line)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::round::fields::{Marks, mark_text};

    fn mark(proposal: &str, reviewer: &str, five: [i64; 5]) -> Marked {
        let [significance, feasibility, expected_results, need_for_time, earlier_use] =
            five.map(|mark| Between::new(mark).unwrap());
        Marked {
            proposal: proposal.parse::<Id>().unwrap().r(),
            reviewer: reviewer.parse().unwrap(),
            marks: Marks { significance, feasibility, expected_results, need_for_time, earlier_use },
            comment: None,
        }
    }

    fn entered(name: &str, shifts: i64, fewest: i64) -> Entered {
        Entered {
            proposal: name.parse::<Id>().unwrap().r(),
            instrument: Id::named("instrument-1").r(),
            kind: Kind::General,
            title: Bilingual { zh: Text::read(name), en: None },
            applicant: Id::named("organisation-1").r(),
            leader: Id::named("person-1").r(),
            shifts,
            fewest,
            summary: None,
        }
    }

    #[test]
    fn a_strict_reviewer_and_a_mild_one_say_the_same_of_the_same_order() {
        let all = [
            mark("p-1", "person-mild", [5; 5]),
            mark("p-2", "person-mild", [4; 5]),
            mark("p-1", "person-strict", [3; 5]),
            mark("p-2", "person-strict", [2; 5]),
            // Only the strict one has read it, and likes it as much as the first.
            mark("p-3", "person-strict", [3; 5]),
        ];
        let found = marks(&all);
        let of = |name: &str| found[&name.parse::<Id>().unwrap().r()];
        assert_eq!((of("p-1").0, of("p-3").0), (4_000, 3_000), "plain means");
        assert!(of("p-3").1 > of("p-2").1, "the strict reviewer is no reason to lose: {found:?}");
        assert_eq!(marks(&[mark("p-1", "person-a", [4, 3, 5, 4, 4])]).values().next(), Some(&(4_000, 4_000)));
        assert_eq!([mark_text(4_125), mark_text(4_000), mark_text(995)], ["4.13", "4.00", "1.00"]);
    }

    #[test]
    fn shifts_go_down_the_ranks_and_nobody_below_the_line_gets_any() {
        let one = [entered("p-1", 6, 6), entered("p-2", 6, 3), entered("p-3", 2, 2), entered("p-4", 1, 1)];
        let order: Vec<_> = one.iter().zip([4_500, 4_000, 3_500, 2_000]).map(|(e, m)| (e, m, m)).collect();
        let gave = |shifts| -> Vec<i64> { given(&order, shifts, 3_000).0.iter().map(|o| o.given).collect() };
        assert_eq!(gave(20), [6, 6, 2, 0], "the last has too low a mark");
        assert_eq!(gave(10), [6, 4, 0, 0], "the second takes what is left, for three would do");
        assert_eq!(gave(8), [6, 0, 0, 0], "the third would fit, but stands below the line");
        let (outcomes, line) = given(&order, 8, 3_000);
        assert_eq!((outcomes[1].left, line), (2, Some(4_500)));
        assert_eq!(given(&order, 5, 3_000).1, None);
    }
}
