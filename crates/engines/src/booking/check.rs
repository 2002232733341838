//! Check: whether a list of bookings keeps an instrument to one at a time. Linear in a list that is in order.

use super::{Spans, Taken};

/// Why a list is no book.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Wrong {
    #[error("booking {0} begins before the one it follows")]
    Order(usize),
    #[error("booking {0} overlaps an earlier one, or comes too near it")]
    Overlap(usize),
    #[error("booking {0} lies outside the hours")]
    Outside(usize),
}

/// Checks bookings in order of their beginnings, against the hours when there are some.
///
/// # Errors
/// The first booking, counted from 0, that is wrong.
pub fn check<K>(taken: &[Taken<K>], open: Option<&Spans>) -> Result<(), Wrong> {
    let (mut began, mut ended, mut buffer) = (i64::MIN, i64::MIN, 0);
    for (place, each) in taken.iter().enumerate() {
        if each.span.from() < began {
            return Err(Wrong::Order(place));
        }
        let apart = each.buffer.max(buffer);
        if each.span.from() < ended.saturating_add(if ended == i64::MIN { 0 } else { apart }) {
            return Err(Wrong::Overlap(place));
        }
        if open.is_some_and(|open| !open.holds(each.span)) {
            return Err(Wrong::Outside(place));
        }
        (began, ended, buffer) = (each.span.from(), each.span.until(), each.buffer);
    }
    Ok(())
}
