//! Rule: a recurrence as RFC 5545 writes it (`FREQ=WEEKLY;BYDAY=MO,WE;COUNT=10`), read and written.

use std::{fmt, str::FromStr};

use jiff::civil::{DateTime, Weekday};

use super::value;

/// Values of one part of a rule.
const VALUES_MAX: usize = 400;

#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub enum Freq {
    Secondly,
    Minutely,
    Hourly,
    Daily,
    Weekly,
    Monthly,
    Yearly,
}

/// `MO`, `-1FR`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Nth {
    /// Which of the month or year, from its end when below nothing; nothing for each.
    pub nth: i16,
    pub weekday: Weekday,
}

/// The last moment that may recur.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Until {
    /// A date; with times it is read as its midnight, as other programs read it.
    Day(DateTime),
    Local(DateTime),
    Utc(DateTime),
}

impl Until {
    /// The time as it is written, wherever that is.
    #[must_use]
    pub const fn civil(self) -> DateTime {
        let (Self::Day(at) | Self::Local(at) | Self::Utc(at)) = self;
        at
    }
}

/// A recurrence. Always: interval at least 1, every value within its range.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Rule {
    pub freq: Freq,
    pub interval: u32,
    pub count: Option<u32>,
    pub until: Option<Until>,
    pub by_second: Vec<i16>,
    pub by_minute: Vec<i16>,
    pub by_hour: Vec<i16>,
    pub by_day: Vec<Nth>,
    pub by_month_day: Vec<i16>,
    pub by_year_day: Vec<i16>,
    pub by_week: Vec<i16>,
    pub by_month: Vec<i16>,
    pub by_position: Vec<i16>,
    pub week_start: Weekday,
}

const DAYS: [(&str, Weekday); 7] = [
    ("MO", Weekday::Monday),
    ("TU", Weekday::Tuesday),
    ("WE", Weekday::Wednesday),
    ("TH", Weekday::Thursday),
    ("FR", Weekday::Friday),
    ("SA", Weekday::Saturday),
    ("SU", Weekday::Sunday),
];

const FREQS: [(&str, Freq); 7] = [
    ("SECONDLY", Freq::Secondly),
    ("MINUTELY", Freq::Minutely),
    ("HOURLY", Freq::Hourly),
    ("DAILY", Freq::Daily),
    ("WEEKLY", Freq::Weekly),
    ("MONTHLY", Freq::Monthly),
    ("YEARLY", Freq::Yearly),
];

fn one_of<T: Copy>(table: &[(&str, T)], word: &str) -> Option<T> {
    table.iter().find(|(name, _)| *name == word).map(|(_, value)| *value)
}

impl Rule {
    #[must_use]
    pub fn new(freq: Freq) -> Self {
        Self {
            freq,
            interval: 1,
            count: None,
            until: None,
            by_second: vec![],
            by_minute: vec![],
            by_hour: vec![],
            by_day: vec![],
            by_month_day: vec![],
            by_year_day: vec![],
            by_week: vec![],
            by_month: vec![],
            by_position: vec![],
            week_start: Weekday::Monday,
        }
    }

    /// The same with an end in UTC brought onto the wall.
    #[must_use]
    pub fn until_on_the_wall(mut self, wall: impl Fn(DateTime) -> DateTime) -> Self {
        if let Some(Until::Utc(at)) = self.until {
            self.until = Some(Until::Local(wall(at)));
        }
        self
    }

    fn part(&mut self, name: &str, value: &str) -> Result<(), String> {
        let bad = || format!("`{name}={}`", super::shown(value));
        match name {
            "FREQ" => self.freq = one_of(&FREQS, value).ok_or_else(bad)?,
            "INTERVAL" => {
                self.interval = value.parse().ok().filter(|n| *n > 0).ok_or_else(bad)?;
            }
            // Some programs write a negative count where they mean none.
            "COUNT" if value.starts_with('-') && value.parse::<i64>().is_ok() => {}
            "COUNT" => self.count = Some(value.parse().map_err(|_| bad())?),
            "UNTIL" => {
                let day = value::date(value).map(|day| Until::Day(day.at(0, 0, 0, 0)));
                let time = || {
                    let (at, is_utc) = value::date_time(value)?;
                    Some(if is_utc { Until::Utc(at) } else { Until::Local(at) })
                };
                self.until = Some(day.or_else(time).ok_or_else(bad)?);
            }
            "WKST" => self.week_start = one_of(&DAYS, value).ok_or_else(bad)?,
            "BYDAY" => self.by_day = list(value, nth).ok_or_else(bad)?,
            "BYSECOND" => self.by_second = list(value, |v| number(v, 0, 60)).ok_or_else(bad)?,
            "BYMINUTE" => self.by_minute = list(value, |v| number(v, 0, 59)).ok_or_else(bad)?,
            "BYHOUR" => self.by_hour = list(value, |v| number(v, 0, 23)).ok_or_else(bad)?,
            "BYMONTH" => self.by_month = list(value, |v| number(v, 1, 12)).ok_or_else(bad)?,
            "BYMONTHDAY" => self.by_month_day = list(value, |v| signed(v, 31)).ok_or_else(bad)?,
            "BYYEARDAY" => self.by_year_day = list(value, |v| signed(v, 366)).ok_or_else(bad)?,
            "BYWEEKNO" => self.by_week = list(value, |v| signed(v, 53)).ok_or_else(bad)?,
            "BYSETPOS" => self.by_position = list(value, |v| signed(v, 366)).ok_or_else(bad)?,
            "RSCALE" if value == "GREGORIAN" => {}
            "SKIP" if value == "OMIT" => {}
            _ if name.starts_with("X-") => {}
            _ => return Err(bad()),
        }
        Ok(())
    }
}

fn list<T>(value: &str, read: impl Fn(&str) -> Option<T>) -> Option<Vec<T>> {
    let values: Option<Vec<T>> = value.split(',').take(VALUES_MAX + 1).map(|v| read(v.trim())).collect();
    values.filter(|values| values.len() <= VALUES_MAX)
}

fn number(text: &str, least: i16, most: i16) -> Option<i16> {
    text.parse().ok().filter(|n| (least..=most).contains(n))
}

fn signed(text: &str, most: i16) -> Option<i16> {
    number(text, -most, most).filter(|n| *n != 0)
}

fn nth(text: &str) -> Option<Nth> {
    let at = text.len().checked_sub(2)?;
    let (count, day) = (text.get(..at)?, text.get(at..)?);
    let nth = if count.is_empty() { 0 } else { signed(count, 53)? };
    Some(Nth { nth, weekday: one_of(&DAYS, day)? })
}

impl FromStr for Rule {
    type Err = String;
    fn from_str(text: &str) -> Result<Self, String> {
        let mut rule = Self::new(Freq::Daily);
        let mut seen: Vec<String> = Vec::new();
        for part in text.trim().split(';').filter(|part| !part.trim().is_empty()) {
            let (name, value) = part.split_once('=').ok_or_else(|| format!("`{}`", super::shown(part)))?;
            let (name, value) = (name.trim().to_ascii_uppercase(), value.trim().to_ascii_uppercase());
            if seen.contains(&name) {
                return Err(format!("`{name}` is there twice"));
            }
            rule.part(&name, &value)?;
            seen.push(name);
        }
        if seen.iter().any(|name| name == "FREQ") { Ok(rule) } else { Err("there is no `FREQ`".into()) }
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let freq = FREQS.iter().find(|(_, freq)| *freq == self.freq).map_or("", |(name, _)| *name);
        write!(f, "FREQ={freq}")?;
        if self.interval > 1 {
            write!(f, ";INTERVAL={}", self.interval)?;
        }
        if let Some(count) = self.count {
            write!(f, ";COUNT={count}")?;
        }
        match self.until {
            Some(Until::Day(at)) => write!(f, ";UNTIL={}", at.strftime("%Y%m%d"))?,
            Some(Until::Local(at)) => write!(f, ";UNTIL={}", at.strftime("%Y%m%dT%H%M%S"))?,
            Some(Until::Utc(at)) => write!(f, ";UNTIL={}Z", at.strftime("%Y%m%dT%H%M%S"))?,
            None => {}
        }
        let numbers = [
            ("BYSECOND", &self.by_second),
            ("BYMINUTE", &self.by_minute),
            ("BYHOUR", &self.by_hour),
            ("BYMONTHDAY", &self.by_month_day),
            ("BYYEARDAY", &self.by_year_day),
            ("BYWEEKNO", &self.by_week),
            ("BYMONTH", &self.by_month),
            ("BYSETPOS", &self.by_position),
        ];
        for (name, values) in numbers.into_iter().filter(|(_, values)| !values.is_empty()) {
            let values: Vec<String> = values.iter().map(ToString::to_string).collect();
            write!(f, ";{name}={}", values.join(","))?;
        }
        let day =
            |weekday: Weekday| DAYS.iter().find(|(_, day)| *day == weekday).map_or("", |(name, _)| *name);
        if !self.by_day.is_empty() {
            let each = |nth: &Nth| match nth.nth {
                0 => day(nth.weekday).to_owned(),
                n => format!("{n}{}", day(nth.weekday)),
            };
            write!(f, ";BYDAY={}", self.by_day.iter().map(each).collect::<Vec<_>>().join(","))?;
        }
        if self.week_start != Weekday::Monday {
            write!(f, ";WKST={}", day(self.week_start))?;
        }
        Ok(())
    }
}
