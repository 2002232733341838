//! Assessment: what the yearly assessment makes of a unit's figures: points, a grade, and the reward with its formula.
//!
//! Of the indicators of the national assessment the platform measures two: operation by the mean effective hours of an
//! instrument, and sharing by the mean hours for unrelated units outside (IN-R13). What people judge (organisation) is not
//! counted, so the grade is a provisional one: points as a part of those that are measured. Pure and in whole numbers.

use grammar::prelude::*;

use super::figures::{Figures, Grade, Measure};

/// Points for operation and for sharing.
const OPERATION: Rule<i64> = rule("IN-R13-USE");
const SHARING: Rule<i64> = rule("IN-R13-SHARE");
/// Hours a year of one instrument that bring all points.
const EFFECTIVE_HOURS: Rule<i64> = rule("IN-R14-USE");
const SHARED_HOURS: Rule<i64> = rule("IN-R14-SHARE");
/// From which percent of the measured points on a unit has a grade.
const EXCELLENT_FROM: Rule<i64> = rule("IN-P50-A");
const GOOD_FROM: Rule<i64> = rule("IN-P50-B");
const PASS_FROM: Rule<i64> = rule("IN-P50-C");

/// Every rule that has a part in it, in the order in which it is read.
pub const RULES: [&str; 12] = [
    "IN-R13-USE",
    "IN-R13-SHARE",
    "IN-R14-USE",
    "IN-R14-SHARE",
    "IN-P50-A",
    "IN-P50-B",
    "IN-P50-C",
    "IN-R12-A",
    "IN-R12-B",
    "IN-R12-C",
    "IN-R12-MOST",
    "IN-R12-KNOWN",
];

/// One indicator: what was reached of what brings all points. Minutes of one instrument, points in tenths.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Indicator {
    pub minutes: i64,
    pub target: i64,
    pub points: i64,
    pub most: i64,
}

impl Indicator {
    fn of(minutes: i64, target: i64, most: i64) -> Self {
        let most = most * 10;
        let points = if target <= 0 { most } else { (minutes * most / target).min(most) };
        Self { minutes, target, points, most }
    }
}

/// What the assessment makes of one unit in one year.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Assessed {
    pub instruments: i64,
    pub operation: Indicator,
    pub sharing: Indicator,
    /// Of the measured points, in percent, rounded down.
    pub percent: i64,
    pub grade: Grade,
    /// From which percent on it is that grade.
    pub from: i64,
    /// What is rewarded of the shared income, at most how much, and what that comes to; no reward, not even none, where no
    /// rate is known.
    pub rate: Option<Share>,
    pub most: Money,
    pub reward: Option<Money>,
}

/// Assesses the figures of a unit with so many instruments, after so many `days` of a year `of` so many. `None` without
/// instruments.
#[must_use]
pub fn assess(
    figures: &Figures,
    instruments: usize,
    (days, of): (i64, i64),
    measure: &Measure,
) -> Option<Assessed> {
    let count = i64::try_from(instruments).ok().filter(|count| *count > 0)?;
    let target = |rule| measure.value(rule) * 60 * days / of.max(1);
    let operation =
        Indicator::of(figures.effective / count, target(EFFECTIVE_HOURS), measure.value(OPERATION));
    let sharing = Indicator::of(figures.shared / count, target(SHARED_HOURS), measure.value(SHARING));
    let percent = (operation.points + sharing.points) * 100 / (operation.most + sharing.most).max(1);
    let steps = [
        (Grade::Excellent, measure.value(EXCELLENT_FROM)),
        (Grade::Good, measure.value(GOOD_FROM)),
        (Grade::Pass, measure.value(PASS_FROM)),
    ];
    let reached = steps.into_iter().find(|(_, from)| *from <= percent);
    let (grade, from) = reached.unwrap_or((Grade::Poor, 0));
    let (rate, most) = (measure.rate(grade), measure.most());
    let reward = figures.reward(grade, measure);
    Some(Assessed { instruments: count, operation, sharing, percent, grade, from, rate, most, reward })
}

#[cfg(test)]
mod tests {
    use grammar::{rules::Rules, story::yuan};

    use super::*;

    fn measured(region: u32, day: &str, look: impl FnOnce(&Measure)) {
        let mut rules = Rules::default();
        rules.read("booking", include_str!("rules.toml")).unwrap();
        look(&Measure { rules: &rules, region: Region::code(region), day: day.parse().unwrap() });
    }

    fn figures(effective: i64, shared: i64, income: i64) -> Figures {
        let (effective, shared) = (effective * 60, shared * 60);
        Figures { effective, shared, shared_income: yuan(income), ..Figures::default() }
    }

    #[test]
    fn the_mean_of_a_year_with_all_hours_is_excellent_and_rewarded_by_the_formula() {
        measured(310_000, "2025-12-31", |measure| {
            let found = assess(&figures(3_198, 546, 500_000), 2, (365, 365), measure).unwrap();
            assert_eq!((found.operation.points, found.sharing.points, found.percent), (400, 200, 100));
            assert_eq!((found.grade, found.reward), (Grade::Excellent, Some(yuan(100_000))));
            // 75 % of the hours: 45 of 60 points.
            let found = assess(&figures(1_200, 205, 500_000), 1, (365, 365), measure).unwrap();
            assert_eq!((found.percent, found.grade, found.reward), (75, Grade::Good, Some(yuan(75_000))));
            let poor = assess(&figures(300, 0, 0), 1, (365, 365), measure).unwrap();
            assert_eq!((poor.grade, poor.rate, poor.reward), (Grade::Poor, None, Some(Money::ZERO)));
            assert_eq!(assess(&figures(300, 0, 0), 0, (365, 365), measure), None);
        });
    }

    #[test]
    fn half_a_year_is_measured_by_half_the_hours_and_each_year_by_its_own_rules() {
        measured(310_000, "2025-06-30", |measure| {
            assert_eq!(assess(&figures(800, 137, 0), 1, (182, 365), measure).unwrap().percent, 100);
        });
        measured(310_000, "2020-12-31", |measure| {
            let found = assess(&figures(1_440, 240, 0), 1, (366, 366), measure).unwrap();
            assert_eq!((found.operation.target, found.percent), (1_440 * 60, 100));
        });
    }

    #[test]
    fn outside_shanghai_no_rate_is_known_until_a_province_adopts_one() {
        measured(330_000, "2026-06-30", |measure| {
            let found = assess(&figures(2_000, 400, 500_000), 1, (365, 365), measure).unwrap();
            // Not known is not nothing.
            assert_eq!((found.grade, found.rate, found.reward), (Grade::Excellent, None, None));
            let poor = assess(&figures(10, 0, 0), 1, (365, 365), measure).unwrap();
            assert_eq!(poor.reward, Some(Money::ZERO), "a poor one is rewarded nothing, whatever the rate");
        });
        measured(310_000, "2026-06-30", |measure| {
            let found = assess(&figures(2_000, 400, 9_000_000), 1, (365, 365), measure).unwrap();
            assert_eq!(found.reward, Some(yuan(1_000_000)), "with a cap");
        });
    }
}
