//! Rules: what a file of rules says about a session, before it meets the offers.

use std::path::Path;

use serde::Deserialize;

use crate::{
    allocating::{Number, toml},
    speech::Trouble,
};

/// The limited period when none is named, in seconds (EX-R22).
const TIMED: u32 = 300;

/// What is announced with a listing.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Rules {
    pub kind: Kind,
    pub start: Option<Number>,
    pub step: Option<Number>,
    pub reserve: Option<Number>,
    /// Of a falling price.
    pub floor: Option<Number>,
    pub opens: Option<String>,
    pub free_until: Option<String>,
    pub closes: Option<String>,
    /// Seconds of the limited period.
    pub timed: Option<u32>,
    /// Seconds for which each of the falling prices stands.
    pub every: Option<u32>,
    pub price_weight: Option<Number>,
    #[serde(rename = "item")]
    pub items: Vec<Item>,
    #[serde(rename = "priority")]
    pub priorities: Vec<Priority>,
    /// Who may bid; everyone if none are named.
    pub admitted: Vec<String>,
    /// Holders of a priority who take it at the highest sealed price.
    pub matched: Vec<String>,
    #[serde(rename = "increment")]
    pub increments: Vec<Increment>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    #[default]
    MultipleOffer,
    Sealed,
    Weighted,
    Dutch,
    Proxy,
}

/// An item beside the price, and its column.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Item {
    pub name: String,
    pub weight: Option<Number>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Priority {
    pub bidder: String,
    pub rank: Option<u32>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Increment {
    pub from: Option<Number>,
    pub add: Option<Number>,
}

impl Rules {
    pub fn timed_ms(&self) -> i64 {
        i64::from(self.timed.unwrap_or(TIMED)) * 1_000
    }
}

/// Reads a file of rules.
///
/// # Errors
/// The file cannot be read; or where it is wrong, with its line.
pub fn read(path: &Path) -> Result<Rules, Trouble> {
    toml(path, 1, "allocate-rules").map(|(rules, _)| rules)
}

/// A moment as milliseconds: `2026-03-02 10:04:58.200`, or a time of day alone. Both may not be mixed.
pub fn moment(text: &str) -> Option<(bool, i64)> {
    let text = text.trim();
    let is_dated = text.contains('-');
    let moment: jiff::civil::DateTime = if is_dated {
        text.parse().ok()?
    } else {
        jiff::civil::date(2000, 1, 1).to_datetime(text.parse().ok()?)
    };
    let base = jiff::civil::date(2000, 1, 1).at(0, 0, 0, 0);
    let apart = moment.duration_since(base);
    let is_whole = apart.subsec_nanos() % 1_000_000 == 0;
    i64::try_from(apart.as_millis()).ok().filter(|_| is_whole).map(|ms| (is_dated, ms))
}

/// Milliseconds as they were written.
pub fn shown(is_dated: bool, ms: i64) -> String {
    let base = jiff::civil::date(2000, 1, 1).at(0, 0, 0, 0);
    let moment = base.checked_add(jiff::SignedDuration::from_millis(ms));
    let text = |moment: jiff::civil::DateTime| {
        let (date, time) = (moment.date(), moment.time());
        let clock = format!(
            "{:02}:{:02}:{:02}.{:03}",
            time.hour(),
            time.minute(),
            time.second(),
            time.subsec_nanosecond() / 1_000_000
        );
        if is_dated { format!("{date} {clock}") } else { clock }
    };
    moment.map_or_else(|_| ms.to_string(), text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn moments_are_read_to_the_millisecond() {
        for text in ["2026-03-02 10:04:58.200", "10:04:58.200", "1999-12-31 00:00:00.000"] {
            let (is_dated, ms) = moment(text).unwrap();
            assert_eq!(shown(is_dated, ms), text);
        }
        assert_eq!(
            moment("2026-03-02T09:10").map(|(_, ms)| ms),
            moment("2026-03-02 09:10:00").map(|(_, ms)| ms)
        );
        assert_eq!(moment("09:10").map(|(is_dated, _)| is_dated), Some(false));
        for text in ["", "25:00:00", "2026-02-30 10:00:00", "soon", "10:00:00.0001"] {
            assert_eq!(moment(text), None, "{text}");
        }
    }
}
