//! Wait list: who is offered a freed span first.
//!
//! Those who were displaced come before all others, then whoever has waited longest; the same moment is
//! decided by the order of arrival in the log, so that any node comes to the same answer.

use super::{Book, Span, Spans};

/// Someone who waits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Waiting<K> {
    pub by: K,
    pub span: Span,
    pub was_displaced: bool,
    pub since: i64,
    /// The place in the log at which the waiting began.
    pub arrival: u64,
}

/// Puts those who wait in the order in which they are offered something.
pub fn order<K>(waiting: &mut [Waiting<K>]) {
    waiting.sort_by_key(|each| (!each.was_displaced, each.since, each.arrival));
}

/// The first in line for whom the time wanted is now free and has not begun. Someone further back may be
/// served when what those before want is still taken: nobody loses by it.
#[must_use]
pub fn next<'a, K, T: Copy + PartialEq>(
    waiting: &'a [Waiting<K>],
    open: &Spans,
    book: &Book<T>,
    buffer: i64,
    now: i64,
) -> Option<&'a Waiting<K>> {
    let fits = |each: &&Waiting<K>| {
        each.span.from() > now && open.holds(each.span) && book.clash(each.span, buffer).is_none()
    };
    let mut line: Vec<&Waiting<K>> = waiting.iter().collect();
    line.sort_by_key(|each| (!each.was_displaced, each.since, each.arrival));
    line.into_iter().find(fits)
}
