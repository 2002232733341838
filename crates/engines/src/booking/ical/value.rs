//! Values: dates, times, durations and offsets, as RFC 5545 writes them.

use jiff::{
    SignedDuration, ToSpan,
    civil::{Date, DateTime, Time},
};

use super::{Fault, Line, Why, Zone, Zones, shown};

/// A date, or a time somewhere.
#[derive(Clone, PartialEq, Debug)]
pub enum When {
    Day(Date),
    /// Wall time wherever the reader is.
    Floating(DateTime),
    Zoned(DateTime, Zone),
}

impl When {
    /// The wall time; midnight of a date.
    #[must_use]
    pub fn civil(&self) -> DateTime {
        match self {
            Self::Day(day) => day.at(0, 0, 0, 0),
            Self::Floating(at) | Self::Zoned(at, _) => *at,
        }
    }

    /// The zone it is told in; `home` when it does not say.
    #[must_use]
    pub fn zone<'a>(&'a self, home: &'a Zone) -> &'a Zone {
        if let Self::Zoned(_, zone) = self { zone } else { home }
    }

    #[must_use]
    pub fn is_day(&self) -> bool {
        matches!(self, Self::Day(_))
    }

    /// Milliseconds since 1970 UTC.
    #[must_use]
    pub fn instant(&self, home: &Zone) -> i64 {
        self.zone(home).instant(self.civil())
    }
}

fn digits(text: &str) -> Option<i16> {
    (text.bytes().all(|b| b.is_ascii_digit()) && !text.is_empty()).then(|| text.parse().ok()).flatten()
}

pub(super) fn date(text: &str) -> Option<Date> {
    let (year, month, day) = (text.get(..4)?, text.get(4..6)?, text.get(6..)?);
    if day.len() != 2 {
        return None;
    }
    let small = |text| digits(text).and_then(|n| i8::try_from(n).ok());
    Date::new(digits(year)?, small(month)?, small(day)?).ok()
}

/// `20261201T090000`; whether a `Z` follows. A second 60 is taken for 59.
pub(super) fn date_time(text: &str) -> Option<(DateTime, bool)> {
    let (day, rest) = text.split_once(['T', 't'])?;
    let (rest, is_utc) = match rest.strip_suffix(['Z', 'z']) {
        Some(rest) => (rest, true),
        None => (rest, false),
    };
    if !matches!(rest.len(), 4 | 6) {
        return None;
    }
    let part = |from: usize| rest.get(from..from + 2).and_then(digits).and_then(|n| i8::try_from(n).ok());
    let second = if rest.len() == 4 { 0 } else { part(4)? };
    let second = if second == 60 { 59 } else { second };
    let time = Time::new(part(0)?, part(2)?, second, 0).ok()?;
    Some((date(day)?.to_datetime(time), is_utc))
}

/// Reads the value of a line, or one part of it, with the zone its parameters name.
pub(super) fn when(text: &str, line: &Line, zones: &Zones) -> Result<When, Fault> {
    let text = text.trim();
    let bad = || line.fault(Why::BadTime(shown(text)));
    if let Some((at, is_utc)) = date_time(text) {
        if is_utc {
            return Ok(When::Zoned(at, Zone::utc()));
        }
        return match line.parameter("TZID") {
            None => Ok(zones.unsaid(at)),
            Some(name) => match zones.find(name) {
                Some(zone) => Ok(When::Zoned(at, zone)),
                None => Err(line.fault(Why::UnknownZone(shown(name)))),
            },
        };
    }
    date(text).map(When::Day).ok_or_else(bad)
}

/// A duration: whole days by the calendar, and seconds by the clock.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub struct Length {
    pub days: i32,
    pub seconds: i64,
}

impl Length {
    /// `at` later by this length: the days on the wall, the seconds in real time.
    #[must_use]
    pub fn after(self, at: DateTime, zone: &Zone) -> i64 {
        let later = at.checked_add(self.days.days()).unwrap_or(at);
        zone.instant(later).saturating_add(self.seconds.saturating_mul(1_000))
    }

    /// The same on the wall alone: for dates.
    #[must_use]
    pub fn on_the_wall(self, at: DateTime) -> DateTime {
        let later = at.checked_add(self.days.days()).unwrap_or(at);
        later.checked_add(SignedDuration::from_secs(self.seconds)).unwrap_or(later)
    }
}

/// `P15DT5H0M20S`, `P7W`, `-PT10M`.
pub(super) fn length(text: &str) -> Option<Length> {
    let text = text.trim().to_ascii_uppercase();
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1_i64, rest),
        None => (1, text.strip_prefix('+').unwrap_or(&text)),
    };
    let rest = rest.strip_prefix('P')?;
    let (mut days, mut seconds, mut number) = (0_i64, 0_i64, String::new());
    let (mut in_time, mut any) = (false, false);
    for letter in rest.chars() {
        if letter.is_ascii_digit() && number.len() < 9 {
            number.push(letter);
            continue;
        }
        if letter == 'T' && !in_time && number.is_empty() {
            in_time = true;
            continue;
        }
        let count: i64 = std::mem::take(&mut number).parse().ok()?;
        any = true;
        match (letter, in_time) {
            ('W', false) => days += count * 7,
            ('D', false) => days += count,
            ('H', true) => seconds += count * 3_600,
            ('M', true) => seconds += count * 60,
            ('S', true) => seconds += count,
            _ => return None,
        }
    }
    // A length beyond a century is no length of an event.
    let is_sane = any && number.is_empty() && days < 40_000 && seconds < 40_000 * 86_400;
    is_sane.then_some(Length { days: i32::try_from(sign * days).ok()?, seconds: sign * seconds })
}

/// `+0800`, `-053000`, in seconds.
pub(super) fn offset(text: &str) -> Option<i32> {
    let text = text.trim();
    let (sign, rest) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+')?),
    };
    if !matches!(rest.len(), 4 | 6) {
        return None;
    }
    let part = |from: usize| rest.get(from..from + 2).and_then(digits).map(i32::from);
    let (hours, minutes) = (part(0)?, part(2)?);
    let seconds = if rest.len() == 6 { part(4)? } else { 0 };
    (hours < 24 && minutes < 60 && seconds < 60).then_some(sign * (hours * 3_600 + minutes * 60 + seconds))
}
