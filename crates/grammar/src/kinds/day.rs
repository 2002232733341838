//! Days and moments. A day is a calendar day in China (UTC+8, no summer time); a moment is an instant.

use std::{fmt, str::FromStr};

use jiff::{Timestamp, ToSpan, civil::Date, tz::Offset};

use super::{Unreadable, half_width, string_kind};

/// China keeps one time, eight hours ahead of UTC.
const CHINA: Offset = Offset::constant(8);

/// A calendar day, written `2031-06-30`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Day(Date);

impl Day {
    /// `None` when there is no such day, or the year is not between 1800 and 2200.
    #[must_use]
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        (1800..=2200).contains(&year).then(|| Date::new(year, month, day).ok().map(Self)).flatten()
    }

    #[must_use]
    pub fn plus_days(self, days: i32) -> Self {
        Self(self.0.saturating_add(days.days()))
    }

    /// The corresponding day of a later month; if it has none, the month's last day (XX-R02).
    #[must_use]
    pub fn plus_months(self, months: i32) -> Self {
        Self(self.0.saturating_add(months.months()))
    }

    #[must_use]
    pub fn days_until(self, later: Self) -> i32 {
        self.0.until(later.0).map_or(0, |span| span.get_days())
    }

    #[must_use]
    pub fn year(self) -> i16 {
        self.0.year()
    }

    #[must_use]
    pub fn month(self) -> i8 {
        self.0.month()
    }

    #[must_use]
    pub fn day_of_month(self) -> i8 {
        self.0.day()
    }

    /// Saturday or Sunday.
    #[must_use]
    pub fn is_weekend(self) -> bool {
        self.0.weekday().to_monday_one_offset() >= 6
    }

    /// Midnight in China at which the day begins.
    #[must_use]
    pub fn begins(self) -> Moment {
        let midnight = self.0.at(0, 0, 0, 0);
        Moment(CHINA.to_timestamp(midnight).map_or(0, Timestamp::as_millisecond))
    }

    /// The first moment after the day.
    #[must_use]
    pub fn ends(self) -> Moment {
        self.plus_days(1).begins()
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.0.year(), self.0.month(), self.0.day())
    }
}

/// Reads `2031-06-30`, `2031/6/30`, `2031.6.30`, `20310630` and `2031年6月30日`.
impl FromStr for Day {
    type Err = Unreadable;
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        const NO: Unreadable = Unreadable("not-a-day");
        let plain = half_width(text).replace(['/', '.', '年', '月'], "-").replace('日', "");
        let day = match (plain.get(..4), plain.get(4..6), plain.get(6..8)) {
            (Some(y), Some(m), Some(d)) if plain.len() == 8 && !plain.contains('-') => format!("{y}-{m}-{d}"),
            _ => plain,
        };
        let mut parts = day.split('-').map(str::trim);
        let (year, month, rest) = (parts.next(), parts.next(), parts.next());
        if parts.next().is_some() {
            return Err(NO);
        }
        let read = |text: Option<&str>| text.and_then(|t| t.parse::<i16>().ok());
        match (read(year), read(month), read(rest)) {
            (Some(y), Some(m), Some(d)) => {
                let (m, d) = (i8::try_from(m).map_err(|_| NO)?, i8::try_from(d).map_err(|_| NO)?);
                Self::new(y, m, d).ok_or(NO)
            }
            _ => Err(NO),
        }
    }
}

string_kind!(Day, "day");

/// An instant in milliseconds since 1970 UTC, written `2026-11-23T08:00:00.000Z`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Default)]
pub struct Moment(i64);

impl Moment {
    #[must_use]
    pub const fn from_millis(millis: i64) -> Self {
        Self(millis)
    }

    #[must_use]
    pub const fn in_millis(self) -> i64 {
        self.0
    }

    #[must_use]
    pub const fn plus_millis(self, millis: i64) -> Self {
        Self(self.0.saturating_add(millis))
    }

    fn timestamp(self) -> Timestamp {
        Timestamp::from_millisecond(self.0).unwrap_or_default()
    }

    /// The day it is in China at this moment.
    #[must_use]
    pub fn day(self) -> Day {
        Day(CHINA.to_datetime(self.timestamp()).date())
    }

    /// Hours and minutes in China at this moment: `16:05`.
    #[must_use]
    pub fn clock(self) -> String {
        let time = CHINA.to_datetime(self.timestamp()).time();
        format!("{:02}:{:02}", time.hour(), time.minute())
    }
}

impl fmt::Display for Moment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.3}", self.timestamp())
    }
}

/// Reads an RFC 3339 instant, or `2026-11-23 16:00`, which is then taken as China's time.
impl FromStr for Moment {
    type Err = Unreadable;
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        const NO: Unreadable = Unreadable("not-a-moment");
        let plain = half_width(text);
        if let Ok(instant) = plain.parse::<Timestamp>() {
            return Ok(Self(instant.as_millisecond()));
        }
        let local = plain.replace(' ', "T").parse::<jiff::civil::DateTime>().map_err(|_| NO)?;
        let instant = CHINA.to_timestamp(local).map_err(|_| NO)?;
        Ok(Self(instant.as_millisecond()))
    }
}

string_kind!(Moment, "moment");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_are_read_as_people_write_them() {
        for text in ["2031-06-30", "2031/6/30", "2031.06.30", "20310630", "2031年6月30日", "２０３１-６-３０"]
        {
            assert_eq!(text.parse::<Day>().map(|d| d.to_string()), Ok("2031-06-30".into()), "{text}");
        }
        for text in ["", "2031-13-01", "2031-02-30", "yesterday", "2031-1", "1-2-3-4", "0001-01-01"] {
            assert!(text.parse::<Day>().is_err(), "{text}");
        }
    }

    #[test]
    fn a_day_begins_at_midnight_in_china() {
        let day: Day = "2031-06-30".parse().unwrap();
        assert_eq!(day.begins().to_string(), "2031-06-29T16:00:00.000Z");
        assert_eq!(day.begins().day(), day);
        assert_eq!(day.ends().plus_millis(-1).day(), day);
    }

    #[test]
    fn a_month_without_the_day_ends_on_its_last() {
        let day: Day = "2031-01-31".parse().unwrap();
        assert_eq!(day.plus_months(1).to_string(), "2031-02-28");
    }
}
