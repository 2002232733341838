//! Dates: the wall times that a rule gives, from a beginning on, in order and without end unless the rule has one.
//!
//! A period (a year, a month, …) has an ordered list of days and an ordered list of times of day; what recurs in
//! it is their product, never written out. Rules by hour, minute or second jump over what cannot match. Where
//! the standard leaves a choice we do what the widely used readers do: a week number without a day means every
//! day of that week, and whether the beginning itself counts is up to the event.

use jiff::{
    ToSpan,
    civil::{Date, DateTime, Time},
};

use super::{Freq, Rule, Until};

/// Periods in a row that may give nothing before a rule is taken to be over: far more than eight centuries.
const EMPTY_MAX: u32 = 400_000;

/// The wall times of a rule.
pub struct Dates<'a> {
    rule: &'a Rule,
    start: DateTime,
    left: Option<u32>,
    /// How many periods have been opened; the next one's number.
    period: i64,
    days: Vec<Date>,
    times: Vec<Time>,
    /// What of the product is meant, when not all of it.
    picks: Option<Vec<usize>>,
    cursor: usize,
    is_over: bool,
    /// Periods and times that were looked at.
    looked: u64,
}

impl<'a> Dates<'a> {
    #[must_use]
    pub fn new(rule: &'a Rule, start: DateTime) -> Self {
        let start = start.with().subsec_nanosecond(0).build().unwrap_or(start);
        Self {
            rule,
            start,
            left: rule.count,
            period: 0,
            days: vec![],
            times: vec![],
            picks: None,
            cursor: 0,
            is_over: false,
            looked: 0,
        }
    }

    /// How many periods and times were looked at so far: what the answer has cost.
    #[must_use]
    pub const fn looked(&self) -> u64 {
        self.looked
    }

    /// Leaves out what comes well before `at`, without looking at it. Only at the beginning, and not where each time counts.
    #[must_use]
    pub fn from(mut self, at: DateTime) -> Self {
        if self.rule.count.is_some() || at <= self.start {
            return self;
        }
        let days = self.start.date().until(at.date()).map_or(0, |span| i64::from(span.get_days()));
        let years = i64::from(at.year()) - i64::from(self.start.year());
        let units = match self.rule.freq {
            Freq::Yearly => years,
            Freq::Monthly => years * 12 + i64::from(at.month()) - i64::from(self.start.month()),
            Freq::Weekly => days / 7,
            Freq::Daily => days,
            Freq::Hourly => (wall(at) - wall(self.start)) / 3_600,
            Freq::Minutely => (wall(at) - wall(self.start)) / 60,
            Freq::Secondly => wall(at) - wall(self.start),
        };
        // The period before it may reach into it.
        self.period = (units / i64::from(self.rule.interval) - 1).max(0);
        self
    }

    /// What the open period still has.
    fn pop(&mut self) -> Option<DateTime> {
        let place = match &self.picks {
            Some(picks) => *picks.get(self.cursor)?,
            None => self.cursor,
        };
        let width = self.times.len().max(1);
        let day = self.days.get(place / width)?;
        let time = self.times.get(place % width)?;
        self.cursor += 1;
        Some(day.to_datetime(*time))
    }

    fn is_past_the_end(&self, at: DateTime) -> bool {
        match self.rule.until {
            Some(Until::Day(until) | Until::Local(until) | Until::Utc(until)) => at > until,
            None => false,
        }
    }

    /// Opens the next period that has anything. `false` when there is none.
    fn open(&mut self) -> bool {
        for _ in 0..EMPTY_MAX {
            self.looked += 1;
            let found = if self.rule.freq >= Freq::Daily { self.open_days() } else { self.open_times() };
            let Some(begins) = found else { return false };
            if self.is_past_the_end(begins) {
                return false;
            }
            self.cursor = 0;
            self.picks = self.positions();
            let is_empty = self.days.is_empty()
                || self.times.is_empty()
                || self.picks.as_ref().is_some_and(Vec::is_empty);
            if !is_empty {
                return true;
            }
        }
        false
    }

    /// The places in the product that `BYSETPOS` means.
    fn positions(&self) -> Option<Vec<usize>> {
        if self.rule.by_position.is_empty() {
            return None;
        }
        let whole = i64::try_from(self.days.len() * self.times.len()).unwrap_or(0);
        let place = |position: &i16| {
            let position = i64::from(*position);
            let place = if position > 0 { position - 1 } else { whole + position };
            (0..whole).contains(&place).then(|| usize::try_from(place).ok()).flatten()
        };
        let mut picks: Vec<usize> = self.rule.by_position.iter().filter_map(place).collect();
        picks.sort_unstable();
        picks.dedup();
        Some(picks)
    }

    /// A period of days: its beginning, or `None` beyond the calendar.
    fn open_days(&mut self) -> Option<DateTime> {
        let steps = self.period.checked_mul(i64::from(self.rule.interval))?;
        self.period += 1;
        let first = self.start.date();
        let (from, until) = match self.rule.freq {
            Freq::Yearly => {
                let year = i16::try_from(i64::from(first.year()).checked_add(steps)?).ok()?;
                let from = Date::new(year, 1, 1).ok()?;
                (from, from.last_of_year())
            }
            Freq::Monthly => {
                let months = i64::from(first.year()) * 12 + i64::from(first.month()) - 1;
                let months = months.checked_add(steps)?;
                let year = i16::try_from(months.div_euclid(12)).ok()?;
                let from = Date::new(year, i8::try_from(months.rem_euclid(12)).ok()? + 1, 1).ok()?;
                (from, from.last_of_month())
            }
            Freq::Weekly => {
                let back = first.weekday().since(self.rule.week_start);
                let monday = first.checked_sub(i64::from(back).days()).ok()?;
                let from = monday.checked_add(jiff::Span::new().try_weeks(steps).ok()?).ok()?;
                (from, from.saturating_add(6.days()))
            }
            _ => {
                let day = first.checked_add(jiff::Span::new().try_days(steps).ok()?).ok()?;
                (day, day)
            }
        };
        self.days.clear();
        let mut day = from;
        loop {
            let is_early = day < first && self.rule.by_position.is_empty();
            if !is_early && self.fits(day) {
                self.days.push(day);
            }
            if day >= until {
                break;
            }
            day = day.tomorrow().ok()?;
        }
        if self.times.is_empty() {
            let of = |by: &[i16], own: i8| if by.is_empty() { vec![own.into()] } else { in_order(by) };
            let hours = of(&self.rule.by_hour, self.start.hour());
            self.times = times(&hours, &self.minutes(), &self.seconds());
            self.is_over |= self.times.is_empty();
        }
        (!self.is_over).then_some(from.at(0, 0, 0, 0))
    }

    fn minutes(&self) -> Vec<i16> {
        let by = &self.rule.by_minute;
        if by.is_empty() { vec![self.start.minute().into()] } else { in_order(by) }
    }

    fn seconds(&self) -> Vec<i16> {
        let by = &self.rule.by_second;
        if by.is_empty() { vec![self.start.second().into()] } else { in_order(by) }
    }

    /// A period of an hour, a minute or a second. Jumps over days, hours and minutes that cannot match.
    fn open_times(&mut self) -> Option<DateTime> {
        let rule = self.rule;
        let unit: i64 = match rule.freq {
            Freq::Hourly => 3_600,
            Freq::Minutely => 60,
            _ => 1,
        };
        let step = unit.checked_mul(i64::from(rule.interval))?;
        let base = wall(self.start).div_euclid(unit) * unit;
        let at = base.checked_add(step.checked_mul(self.period)?)?;
        let now = from_wall(at)?;
        self.days.clear();
        self.times.clear();
        let misses = |by: &[i16], value: i8| !by.is_empty() && !by.contains(&value.into());
        let skip = if !self.fits(now.date()) {
            86_400
        } else if misses(&rule.by_hour, now.hour()) {
            3_600
        } else if unit <= 60 && misses(&rule.by_minute, now.minute()) {
            60
        } else if unit == 1 && misses(&rule.by_second, now.second()) {
            1
        } else {
            0
        };
        if skip > 0 {
            let next = (at.div_euclid(skip) + 1) * skip;
            self.period += ((next - at + step - 1) / step).max(1);
            return Some(now);
        }
        self.period += 1;
        let hours = [i16::from(now.hour())];
        let minutes = if unit == 3_600 { self.minutes() } else { vec![now.minute().into()] };
        let seconds = if unit == 1 { vec![now.second().into()] } else { self.seconds() };
        self.days.push(now.date());
        self.times = times(&hours, &minutes, &seconds);
        Some(now)
    }

    /// Whether a day passes everything that the rule says of days.
    fn fits(&self, day: Date) -> bool {
        let rule = self.rule;
        let from_end = |value: i16, length: i16| value - length - 1;
        let among = |by: &[i16], value: i16, length: i16| {
            by.is_empty() || by.contains(&value) || by.contains(&from_end(value, length))
        };
        let in_month = |by: &[i16]| among(by, day.day().into(), day.days_in_month().into());
        let is_of_month = rule.by_month.is_empty() || rule.by_month.contains(&day.month().into());
        is_of_month
            && in_month(&rule.by_month_day)
            && among(&rule.by_year_day, day.day_of_year(), day.days_in_year())
            && self.is_of_week(day)
            && self.is_of_weekday(day)
            && self.is_like_the_start(day)
    }

    /// Without anything said of days, they are those of the beginning.
    fn is_like_the_start(&self, day: Date) -> bool {
        let (rule, start) = (self.rule, self.start.date());
        let is_said = !rule.by_day.is_empty()
            || !rule.by_month_day.is_empty()
            || !rule.by_year_day.is_empty()
            || !rule.by_week.is_empty();
        match rule.freq {
            _ if is_said => true,
            Freq::Yearly => {
                day.day() == start.day() && (!rule.by_month.is_empty() || day.month() == start.month())
            }
            Freq::Monthly => day.day() == start.day(),
            Freq::Weekly => day.weekday() == start.weekday(),
            _ => true,
        }
    }

    fn is_of_weekday(&self, day: Date) -> bool {
        let rule = self.rule;
        if rule.by_day.is_empty() {
            return true;
        }
        // “The second Monday” makes sense in a month or a year; elsewhere it is any Monday.
        let (value, length) = match rule.freq {
            Freq::Yearly if rule.by_month.is_empty() => (day.day_of_year(), day.days_in_year()),
            Freq::Yearly | Freq::Monthly => (day.day().into(), day.days_in_month().into()),
            _ => (0, 0),
        };
        let (nth, from_end) = ((value - 1) / 7 + 1, -((length - value) / 7 + 1));
        rule.by_day
            .iter()
            .filter(|each| each.weekday == day.weekday())
            .any(|each| each.nth == 0 || length == 0 || each.nth == nth || each.nth == from_end)
    }

    fn is_of_week(&self, day: Date) -> bool {
        if self.rule.by_week.is_empty() {
            return true;
        }
        // The week belongs to the year that has its fourth day.
        let back = i64::from(day.weekday().since(self.rule.week_start));
        let middle = day.saturating_sub(back.days()).saturating_add(3.days());
        let week = (middle.day_of_year() - 1) / 7 + 1;
        // Weeks of that year: as many as its last week's number.
        let last = middle.last_of_year();
        let back = i64::from(last.weekday().since(self.rule.week_start));
        let fourth = last.saturating_sub(back.days()).saturating_add(3.days());
        let last = if fourth.year() == last.year() { fourth } else { fourth.saturating_sub(7.days()) };
        let weeks = (last.day_of_year() - 1) / 7 + 1;
        self.rule.by_week.contains(&week) || self.rule.by_week.contains(&(week - weeks - 1))
    }
}

impl Iterator for Dates<'_> {
    type Item = DateTime;

    fn next(&mut self) -> Option<DateTime> {
        while !self.is_over && self.left != Some(0) {
            self.looked += 1;
            let Some(at) = self.pop() else {
                self.is_over |= !self.open();
                continue;
            };
            if at < self.start {
                continue;
            }
            if self.is_past_the_end(at) {
                break;
            }
            self.left = self.left.map(|left| left - 1);
            return Some(at);
        }
        self.is_over = true;
        None
    }
}

fn in_order(values: &[i16]) -> Vec<i16> {
    let mut values = values.to_vec();
    values.sort_unstable();
    values.dedup();
    values
}

/// Every time of day, in order. A leap second is none.
fn times(hours: &[i16], minutes: &[i16], seconds: &[i16]) -> Vec<Time> {
    let mut times = Vec::new();
    for hour in hours {
        for minute in minutes {
            for second in seconds {
                let [hour, minute, second] = [*hour, *minute, *second].map(|n| i8::try_from(n).unwrap_or(-1));
                times.extend(Time::new(hour, minute, second, 0).ok());
            }
        }
    }
    times
}

/// Seconds on the wall since 1970.
fn wall(at: DateTime) -> i64 {
    let days = Date::constant(1970, 1, 1).until(at.date()).map_or(0, |span| i64::from(span.get_days()));
    let [hour, minute, second] = [at.hour(), at.minute(), at.second()].map(i64::from);
    days * 86_400 + hour * 3_600 + minute * 60 + second
}

fn from_wall(seconds: i64) -> Option<DateTime> {
    let days = jiff::Span::new().try_days(seconds.div_euclid(86_400)).ok()?;
    let day = Date::constant(1970, 1, 1).checked_add(days).ok()?;
    let rest = i32::try_from(seconds.rem_euclid(86_400)).ok()?;
    let [hour, minute, second] =
        [rest / 3_600, rest / 60 % 60, rest % 60].map(|part| i8::try_from(part).unwrap_or(0));
    Some(day.at(hour, minute, second, 0))
}
