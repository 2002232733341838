//! Booking: when instruments are free, who may have them, and what becomes of a series or a wait list.
//!
//! Time is whole milliseconds since 1970 UTC; every span is half open, so that two bookings may touch. A [`Book`]
//! keeps the taken spans of one instrument in order of their beginnings; [`free`] works out what opening hours,
//! closures and others' busy time leave. Always: no two spans of a book with one place share a millisecond, buffers
//! included, and never more of them than places do in a book with several.

pub mod ical;

mod book;
mod check;
mod free;
mod hours;
mod series;
mod span;
mod terms;
#[cfg(test)]
mod tests;
mod wait;

pub use book::{Book, Clash, Level, Taken, levels};
pub use check::{Wrong, check};
pub use free::{Found, Resource, find, free};
pub use hours::{Hours, Shift};
pub use series::{Skip, SkipWhy, Sorted, sort};
pub use span::{Span, Spans};
pub use terms::{Against, Terms, Usage, against, is_late};
pub use wait::{Waiting, next, order};

pub const MINUTE: i64 = 60_000;
pub const HOUR: i64 = 60 * MINUTE;
pub const DAY: i64 = 24 * HOUR;
