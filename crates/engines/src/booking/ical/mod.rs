//! iCalendar (RFC 5545): reading and writing calendars as text, time zones, and what a recurrence comes to.
//!
//! Reading is in layers: content lines, a tree of components, then events and busy time. What is wrong with one
//! event leaves that event out and says so with its line; only a text that is no calendar is refused whole.
//! Nothing here reads a clock, a file or the system's time zones: the zones come with the program.

mod dates;
mod event;
mod line;
mod rule;
mod series;
#[cfg(test)]
mod tests;
mod tree;
mod value;
mod write;
mod zone;

pub use dates::Dates;
pub use event::{Agenda, Event, Occurrence, agenda};
pub use line::{Line, escaped, plain};
pub use rule::{Freq, Nth, Rule, Until};
pub use series::Placed;
pub use tree::{Component, read};
pub use value::{Length, When};
pub use write::{Feed, Shown, busy_text, feed_text, text};
pub use zone::{Zone, Zones};

/// The longest text that is read.
pub const BYTES_MAX: usize = 32 * 1024 * 1024;
/// Content lines of one text.
pub const LINES_MAX: usize = 1_000_000;
/// Components inside components.
pub const DEPTH_MAX: usize = 8;
/// Occurrences that one event may have in one window.
pub const OCCURRENCES_MAX: usize = 10_000;

/// Rules by which the time zones that one calendar describes may change their clocks.
pub const ZONE_RULES_MAX: usize = 400;

/// Why a calendar, or a part of it, cannot be read; lines are counted from 1 as they stand in the text.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("line {line}: {why}")]
pub struct Fault {
    pub line: usize,
    pub why: Why,
}

#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Why {
    #[error("the text is longer than {BYTES_MAX} bytes")]
    TooLong,
    #[error("the text has more than {LINES_MAX} lines")]
    TooManyLines,
    #[error("components lie deeper than {DEPTH_MAX} in each other")]
    TooDeep,
    #[error("there is no name and value, divided by a colon, in `{0}`")]
    NoColon(String),
    #[error("`{0}` is no name of a property or parameter")]
    BadName(String),
    #[error("a quoted parameter does not end")]
    OpenQuote,
    #[error("this `END` ends nothing, or something else than `{0}`")]
    WrongEnd(String),
    #[error("`{0}` does not end")]
    NoEnd(String),
    #[error("`{0}` is no date or time")]
    BadTime(String),
    #[error("`{0}` is no duration")]
    BadLength(String),
    #[error("`{0}` is no offset from UTC")]
    BadOffset(String),
    #[error("a time zone without any offset")]
    EmptyZone,
    #[error("the time zone `{0}` is not known, and the calendar does not describe it")]
    UnknownZone(String),
    #[error("recurrence: {0}")]
    BadRule(String),
    #[error("the event has no beginning")]
    NoStart,
    #[error("the event ends before it begins; the time between is taken")]
    EndsEarly,
    #[error("more than {OCCURRENCES_MAX} occurrences in the window; the rest is left out")]
    TooOften,
    #[error("the recurrences of this calendar take too long to work out; the rest of this one is left out")]
    TooMuch,
    #[error("more than {ZONE_RULES_MAX} rules of time zones")]
    TooManyZones,
}

/// A short piece of what was read, for a message.
fn shown(text: &str) -> String {
    text.chars().take(60).collect()
}
