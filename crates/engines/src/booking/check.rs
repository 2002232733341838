//! Check: whether a list of bookings keeps an instrument to one at a time, or to as many as it has places. Linear in a list
//! that is in order, times those who are there at once.

use super::{Spans, Taken};

/// Why a list is no book.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Wrong {
    #[error("booking {0} begins before the one it follows")]
    Order(usize),
    #[error("booking {0} overlaps an earlier one, or comes too near it")]
    Overlap(usize),
    #[error("booking {0} is one more than there are places")]
    TooMany(usize),
    #[error("booking {0} lies outside the hours")]
    Outside(usize),
}

/// Checks bookings in order of their beginnings, against the hours when there are some. Those who are there at once are
/// never more than the places that the last of them found; with one place, they keep the larger of their buffers apart.
///
/// # Errors
/// The first booking, counted from 0, that is wrong.
pub fn check<K>(taken: &[Taken<K>], open: Option<&Spans>) -> Result<(), Wrong> {
    let mut there: Vec<&Taken<K>> = Vec::new();
    let (mut began, mut last): (i64, Option<&Taken<K>>) = (i64::MIN, None);
    for (place, each) in taken.iter().enumerate() {
        let from = each.span.from();
        if from < began {
            return Err(Wrong::Order(place));
        }
        let is_near = |last: &Taken<K>| {
            let is_one = each.places <= 1 && last.places <= 1;
            is_one && from < last.span.until().saturating_add(each.buffer.max(last.buffer))
        };
        if last.is_some_and(is_near) {
            return Err(Wrong::Overlap(place));
        }
        there.retain(|other| from < other.span.until());
        there.push(each);
        let places = there.iter().map(|other| other.places).max().unwrap_or(1);
        let is_closed = there.len() > 1 && there.iter().any(|other| other.is_whole);
        if there.len() > places || is_closed {
            return Err(if places <= 1 { Wrong::Overlap(place) } else { Wrong::TooMany(place) });
        }
        if open.is_some_and(|open| !open.holds(each.span)) {
            return Err(Wrong::Outside(place));
        }
        (began, last) = (from, Some(each));
    }
    Ok(())
}
