//! Free: what hours, closures and bookings leave of a window, for one instrument or for many at once.

use super::{Book, Hours, Span, Spans, ical::Zone};

/// One instrument as far as its time is concerned.
pub struct Resource<'a, K> {
    pub hours: &'a Hours,
    pub zone: &'a Zone,
    /// Blackout, maintenance, and time that other calendars call busy.
    pub closed: &'a Spans,
    pub book: &'a Book<K>,
    /// What a new booking keeps clear of others, on either side.
    pub buffer: i64,
}

/// Where a booking of the wanted length fits.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Found {
    /// Which of the instruments asked about, counted from 0.
    pub resource: usize,
    /// The earliest place.
    pub first: Span,
    /// All the free time in the window, in spans at least as long as wanted.
    pub free: i64,
}

/// The spans of `window` in which a booking may lie: open, not closed, clear of every booking and its buffer.
#[must_use]
pub fn free<K: Copy + PartialEq>(resource: &Resource<K>, window: Span) -> Spans {
    let wide = window.wider(resource.buffer.max(0)).wider(super::DAY);
    let taken = resource.book.full(wide, resource.buffer);
    resource.hours.open(window, resource.zone).without(resource.closed).without(&taken)
}

/// Which of many instruments are free for `length` within `window`, the earliest first; `step` is what
/// beginnings are rounded up to, counted from the window's beginning.
#[must_use]
pub fn find<K: Copy + PartialEq>(
    resources: &[Resource<K>],
    window: Span,
    length: i64,
    step: i64,
) -> Vec<Found> {
    let step = step.max(1);
    let mut found: Vec<Found> = Vec::new();
    for (resource, each) in resources.iter().enumerate() {
        let (mut first, mut total) = (None, 0);
        for span in free(each, window).iter() {
            let late = (span.from() - window.from()).rem_euclid(step);
            let from = if late == 0 { span.from() } else { span.from() + (step - late) };
            let fits = Span::new(from, from.saturating_add(length)).filter(|wanted| span.holds(*wanted));
            if let Some(fits) = fits {
                first = first.or(Some(fits));
                total += span.length();
            }
        }
        found.extend(first.map(|first| Found { resource, first, free: total }));
    }
    found.sort_by_key(|each| (each.first.from(), std::cmp::Reverse(each.free), each.resource));
    found
}
