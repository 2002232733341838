//! Figures: what the assessment of sharing counts, from the uses that bookings left. Pure; each figure names its bookings.
//!
//! Sharing is use by units outside and unrelated, for research and development (IN-R08). Everything else counts as
//! effective time alone. An instrument with several places runs once, however many use it: its hours are the time in which
//! anyone did, and what its users sum to is told apart.

use std::collections::{BTreeMap, BTreeSet};

use engines::booking::MINUTE;
use grammar::prelude::*;

use super::Purpose;

/// What falls to units outside is worth more in the yield of an instrument, in hundredths (IN-R18).
const OUTSIDE_WEIGHT: Rule<i64> = rule("IN-R18-W");
/// Effective hours for one point, and the most points (IN-R18).
const POINT_HOURS: Rule<i64> = rule("IN-R18-HOURS");
const POINTS_MOST: Rule<i64> = rule("IN-R18-MOST");
/// What part of the outside income is rewarded, by grade, and the most (IN-R12).
const EXCELLENT: Rule<Share> = rule("IN-R12-A");
const GOOD: Rule<Share> = rule("IN-R12-B");
const PASS: Rule<Share> = rule("IN-R12-C");
/// Whether a region's rate is known at all: where none is, nothing can be said of the reward.
const RATE_KNOWN: Rule<bool> = rule("IN-R12-KNOWN");
const REWARD_MOST: Rule<Money> = rule("IN-R12-MOST");
/// Which purposes are sharing (IN-R08).
const COUNTED: Rule<Vec<String>> = rule("IN-R08");

/// One booking that came to its end, as its card tells it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Use {
    pub booking: Id,
    pub instrument: Id,
    pub unit: Id,
    pub buyer: Id,
    pub year: i16,
    pub minutes: i64,
    pub income: Money,
    pub is_inside: bool,
    pub is_related: bool,
    pub purpose: Purpose,
    /// Works that came of it, and those of them that name the instrument.
    #[serde(default)]
    pub works: usize,
    #[serde(default)]
    pub named: usize,
    /// When it ran, in milliseconds; what is over longer may tell minutes alone.
    #[serde(default)]
    pub ran: Vec<(i64, i64)>,
}

/// The rules that hold for a region and a year.
pub struct Measure<'a> {
    pub rules: &'a grammar::rules::Rules,
    pub region: Region,
    pub day: Day,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Grade {
    Excellent,
    Good,
    Pass,
    Poor,
}

/// What the uses of a unit or an instrument in one year come to.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Figures {
    /// Minutes in which it ran: two who use it at once count once.
    pub effective: i64,
    /// What its users' minutes sum to.
    pub users: i64,
    /// Of them, for units outside.
    pub outside: i64,
    /// Of them, sharing as the assessment counts it.
    pub shared: i64,
    pub income: Money,
    pub outside_income: Money,
    pub shared_income: Money,
    pub buyers_outside: usize,
    /// Works that came of it, and those of them that name the instrument.
    pub works: usize,
    pub named: usize,
    /// Which bookings it counts.
    pub bookings: Vec<Id>,
}

impl Use {
    /// Whether it is sharing.
    #[must_use]
    pub fn is_sharing(&self, measure: &Measure) -> bool {
        let counted = measure.value(COUNTED).contains(&grammar::desk::plain_word(&self.purpose));
        !self.is_inside && !self.is_related && counted
    }
}

impl Measure<'_> {
    /// What part of the shared income a grade brings; `None` for none, or where no rate is known.
    pub(super) fn rate(&self, grade: Grade) -> Option<Share> {
        match grade {
            Grade::Excellent => Some(self.value(EXCELLENT)),
            Grade::Good => Some(self.value(GOOD)),
            Grade::Pass => Some(self.value(PASS)),
            Grade::Poor => None,
        }
        .filter(|rate| self.value(RATE_KNOWN) || rate.of(Money::fen(1_000_000_000)).is_positive())
    }

    /// The most that is rewarded in a year.
    pub(super) fn most(&self) -> Money {
        self.value(REWARD_MOST)
    }

    pub(super) fn value<T: grammar::rules::RuleValue>(&self, rule: Rule<T>) -> T {
        self.rules.value(rule, self.region, self.day)
    }
}

/// What is counted of one key: time by instrument, for all, for those outside, and shared.
#[derive(Default)]
struct Tally {
    figures: Figures,
    buyers: BTreeSet<Id>,
    ran: BTreeMap<Id, [Vec<(i64, i64)>; 3]>,
}

impl Tally {
    fn counts(&mut self, each: &Use, measure: &Measure) {
        let figures = &mut self.figures;
        let is_sharing = each.is_sharing(measure);
        figures.users += each.minutes;
        figures.income += each.income;
        figures.bookings.push(each.booking);
        figures.works += each.works;
        figures.named += each.named;
        if !each.is_inside {
            figures.outside_income += each.income;
            self.buyers.insert(each.buyer);
        }
        if is_sharing {
            figures.shared_income += each.income;
        }
        let counts = [true, !each.is_inside, is_sharing];
        let spans = self.ran.entry(each.instrument).or_default();
        for (spans, counts) in spans.iter_mut().zip(counts) {
            spans.extend(each.ran.iter().filter(|_| counts));
        }
        let untold = if each.ran.is_empty() { each.minutes } else { 0 };
        let sums = [&mut figures.effective, &mut figures.outside, &mut figures.shared];
        sums.into_iter().zip(counts).filter(|(_, counts)| *counts).for_each(|(sum, _)| *sum += untold);
    }

    fn figures(self) -> Figures {
        let mut figures = self.figures;
        figures.buyers_outside = self.buyers.len();
        for [all, outside, shared] in self.ran.into_values() {
            figures.effective += minutes_of(all);
            figures.outside += minutes_of(outside);
            figures.shared += minutes_of(shared);
        }
        figures
    }
}

/// Minutes that any of the spans covers.
fn minutes_of(mut spans: Vec<(i64, i64)>) -> i64 {
    spans.sort_unstable();
    let (mut minutes, mut open): (i64, Option<(i64, i64)>) = (0, None);
    for (from, until) in spans {
        match &mut open {
            Some((_, end)) if from < *end => *end = until.max(*end),
            _ => {
                minutes += open.map_or(0, |(from, until)| (until - from).max(0) / MINUTE);
                open = Some((from, until));
            }
        }
    }
    minutes + open.map_or(0, |(from, until)| (until - from).max(0) / MINUTE)
}

/// The figures of each key (a unit, an instrument) in one year.
#[must_use]
pub fn by<K: Ord>(
    uses: &[Use],
    year: i16,
    key: impl Fn(&Use) -> K,
    measure: &Measure,
) -> BTreeMap<K, Figures> {
    let mut all: BTreeMap<K, Tally> = BTreeMap::new();
    for each in uses.iter().filter(|each| each.year == year) {
        all.entry(key(each)).or_default().counts(each, measure);
    }
    all.into_iter().map(|(key, tally)| (key, tally.figures())).collect()
}

impl Figures {
    /// Shared time as a part of the effective time; `None` when nothing ran.
    #[must_use]
    pub fn sharing_rate(&self) -> Option<Share> {
        Share::new(u32::try_from(self.shared).ok()?, u32::try_from(self.effective).ok()?)
    }

    /// Income for each yuan of the original value, in hundredths of a percent, outside income counted more.
    #[must_use]
    pub fn yield_of(&self, value: Money, measure: &Measure) -> Option<i64> {
        let weighted = self.outside_income.times(measure.value(OUTSIDE_WEIGHT), 100)?;
        let inside = self.income - self.outside_income;
        let whole = i128::from(inside.plus(weighted)?.in_fen()) * 10_000;
        i64::try_from(whole.checked_div(i128::from(value.in_fen()))?).ok()
    }

    /// Points for effective hours, as universities give them.
    #[must_use]
    pub fn points(&self, measure: &Measure) -> i64 {
        let hours = (measure.value(POINT_HOURS) * 60).max(1);
        (self.effective / hours).min(measure.value(POINTS_MOST))
    }

    /// What a unit of this grade is rewarded; `None` where no rate is known, which is not nothing.
    #[must_use]
    pub fn reward(&self, grade: Grade, measure: &Measure) -> Option<Money> {
        if grade == Grade::Poor {
            return Some(Money::ZERO);
        }
        Some(measure.rate(grade)?.of(self.shared_income).min(measure.most()))
    }
}
