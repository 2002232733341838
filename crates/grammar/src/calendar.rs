//! Law's clocks: calendar days and working days (XX-R01 to XX-R04).
//!
//! The first day is excluded; a period whose last day is free ends on the next working day. A period in
//! 日 and one in 工作日 are different things and are never converted into each other.

use std::{collections::BTreeMap, sync::LazyLock};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use crate::kinds::Day;

/// The unit of a period.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum DayUnit {
    CalendarDays,
    WorkingDays,
}

/// A number of days in its own unit: `15 calendar-days`, `5 working-days`.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Period {
    pub days: u16,
    pub unit: DayUnit,
}

/// Which days are worked: the State Council's holidays and make-up days, weekends otherwise.
pub struct Calendar {
    exceptions: BTreeMap<Day, bool>,
}

static CHINA: LazyLock<Calendar> = LazyLock::new(|| {
    let read = |line: &str| {
        let (day, worked) = line.split_once('\t')?;
        Some((day.parse().ok()?, worked == "on"))
    };
    Calendar { exceptions: include_str!("../data/calendar.tsv").lines().filter_map(read).collect() }
});

impl Calendar {
    #[must_use]
    pub fn china() -> &'static Self {
        &CHINA
    }

    /// The last year whose holidays are known; later years count weekends only.
    #[must_use]
    pub fn known_until(&self) -> i16 {
        self.exceptions.keys().next_back().map_or(0, |day| day.year())
    }

    #[must_use]
    pub fn is_worked(&self, day: Day) -> bool {
        self.exceptions.get(&day).copied().unwrap_or_else(|| !day.is_weekend())
    }

    /// The last day of a period that a thing done on `start` sets running.
    #[must_use]
    pub fn last_day(&self, start: Day, period: Period) -> Day {
        let mut day = start;
        match period.unit {
            DayUnit::CalendarDays => day = day.plus_days(i32::from(period.days)),
            DayUnit::WorkingDays => {
                let mut left = period.days;
                while left > 0 {
                    day = day.plus_days(1);
                    left -= u16::from(self.is_worked(day));
                }
            }
        }
        self.next_worked(day)
    }

    /// This day if it is worked, else the first one after it (XX-R03).
    #[must_use]
    pub fn next_worked(&self, mut day: Day) -> Day {
        while !self.is_worked(day) {
            day = day.plus_days(1);
        }
        day
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    fn last(start: &str, days: u16, unit: DayUnit) -> String {
        Calendar::china().last_day(day(start), Period { days, unit }).to_string()
    }

    #[test]
    fn the_first_day_is_excluded_and_a_free_last_day_moves_the_end() {
        assert_eq!(last("2026-03-02", 15, DayUnit::CalendarDays), "2026-03-17");
        assert_eq!(last("2026-09-16", 15, DayUnit::CalendarDays), "2026-10-08");
        assert_eq!(last("2026-03-06", 1, DayUnit::CalendarDays), "2026-03-09");
    }

    #[test]
    fn working_days_skip_holidays_and_count_make_up_days() {
        assert_eq!(last("2026-02-13", 1, DayUnit::WorkingDays), "2026-02-14");
        assert_eq!(last("2026-02-14", 1, DayUnit::WorkingDays), "2026-02-24");
        assert_eq!(last("2026-09-30", 5, DayUnit::WorkingDays), "2026-10-13");
    }
}
