//! Grid: a table of hours in which each place says free, taken, closed or over; and the same as a list.

use engines::booking::{HOUR, MINUTE, Span};
use grammar::kinds::{Day, Id, Moment};
use maud::{Markup, html};

use super::{
    calendar,
    times::{self, Taken, Times},
};
use crate::{guest::Guest, visit};

/// Names in one place of the grid.
const NAMED_MAX: usize = 6;

/// What one hour of an instrument is.
pub enum Hour<'t> {
    /// Free from this moment for so many minutes at least.
    Free {
        from: i64,
        minutes: i64,
    },
    Taken(&'t Taken),
    /// Some of several places are taken; free from a moment for so many minutes, if a place is left.
    Shared {
        there: Vec<&'t Taken>,
        places: usize,
        free: Option<(i64, i64)>,
    },
    /// Nobody can run it.
    Unattended,
    /// Outside the opening hours.
    Shut,
    /// Over, or beyond what can be booked.
    Past,
}

/// What stands in an hour: free if a booking could begin in it, else what fills most of it.
pub fn hour<'t>(times: &'t Times, hour: Span, least: i64) -> Hour<'t> {
    let free = times.free.iter().find_map(|free| {
        let from = free.from().max(hour.from());
        let left = free.until() - from;
        (from < hour.until() && left >= least * MINUTE).then_some((from, left))
    });
    if times.places > 1 {
        let there = match free {
            Some((from, _)) => there_at(times, from),
            None => most_at_once(times, hour),
        };
        let is_closed = there.iter().any(|each| each.closed.is_some());
        if !there.is_empty() && !is_closed {
            let free = free.map(|(from, left)| (from, left / MINUTE));
            return Hour::Shared { there, places: times.places, free };
        }
    }
    if let Some((from, left)) = free {
        return Hour::Free { from, minutes: left / MINUTE };
    }
    let shared = |each: &&Taken| each.span.common(hour).map_or(0, Span::length);
    match times.taken.iter().filter(|each| shared(each) > 0).max_by_key(shared) {
        Some(taken) => Hour::Taken(taken),
        None if times.unattended.iter().any(|alone| alone.common(hour).is_some()) => Hour::Unattended,
        None if times.open.iter().any(|open| open.common(hour).is_some()) => Hour::Past,
        None => Hour::Shut,
    }
}

/// Those who are there at the fullest moment of an hour in which no place is left.
fn most_at_once(times: &Times, hour: Span) -> Vec<&Taken> {
    let met = times.taken.iter().filter(|each| each.span.common(hour).is_some());
    let begins = met.map(|each| each.span.from().max(hour.from()));
    begins.map(|moment| there_at(times, moment)).max_by_key(Vec::len).unwrap_or_default()
}

fn there_at(times: &Times, moment: i64) -> Vec<&Taken> {
    let is_there = |each: &&Taken| each.span.from() <= moment && moment < each.span.until();
    times.taken.iter().filter(is_there).collect()
}

/// The hours in which anything is open in the window, by the clock.
pub fn hours(times: &[&Times]) -> std::ops::Range<i64> {
    let (mut first, mut last) = (24, 0);
    for open in times.iter().flat_map(|times| times.open.iter()) {
        let of_day = |at: i64| (at + 8 * HOUR).rem_euclid(24 * HOUR);
        if open.length() >= 23 * HOUR {
            return 0..24;
        }
        first = first.min(of_day(open.from()) / HOUR);
        last = last.max((of_day(open.until() - 1) + HOUR) / HOUR);
    }
    if first < last { first..last } else { 8..18 }
}

/// An hour of a day as a span.
pub fn of_day(day: Day, hour: i64) -> Option<Span> {
    let from = day.begins().in_millis() + hour * HOUR;
    Span::new(from, from + HOUR)
}

/// One place of the grid. `about` is read out before the word "book": the day, or the instrument.
pub fn place(
    guest: &Guest,
    hour: &Hour,
    form: impl Fn(i64, i64) -> String,
    about: &str,
) -> (Markup, &'static str) {
    match hour {
        Hour::Free { from, minutes } => (
            html! {
                a href=(form(*from, *minutes)) data-from=(times::local(*from)) {
                    span.unseen { (about) " " (times::clock(*from, false)) " " } (guest.word("slot-free"))
                }
            },
            "free",
        ),
        Hour::Taken(taken) => {
            (who(guest, taken), if taken.closed.is_some() { "closed-time" } else { "taken" })
        }
        Hour::Shared { there, places, free } => {
            let count = times::places_taken(guest, there.len(), *places);
            let known = there.iter().filter(|taken| taken.by.is_some());
            let inside = html! {
                (room(guest, &count, *free, form, about))
                @for taken in known.take(NAMED_MAX) { span.who { (who(guest, taken)) } }
            };
            (inside, if free.is_some() { "free" } else { "taken" })
        }
        Hour::Unattended => (html! { (guest.word("slot-unattended")) }, "closed-time"),
        Hour::Shut => (html! { span.unseen { (guest.word("slot-shut")) } }, "shut"),
        Hour::Past => (html! { span.unseen { (guest.word("slot-past")) } }, "past"),
    }
}

/// How many places are taken, with the way to the form where one is left.
pub fn room(
    guest: &Guest,
    count: &str,
    free: Option<(i64, i64)>,
    form: impl Fn(i64, i64) -> String,
    about: &str,
) -> Markup {
    html! {
        @match free {
            Some((from, minutes)) => a href=(form(from, minutes)) data-from=(times::local(from)) {
                span.unseen { (about) " " (times::clock(from, false)) " " (guest.word("slot-free")) " " } (count)
            },
            None => (count),
        }
    }
}

/// A time as people read it: its day, from and until.
pub fn span(guest: &Guest, span: Span) -> Markup {
    let [from, last] = [span.from(), span.until() - 1].map(|at| Moment::from_millis(at).day());
    html! {
        (guest.word(calendar::weekday(from))) " " (guest.day(from)) " " (times::clock(span.from(), false)) "–"
        @if last != from { (guest.day(last)) " " }
        (times::clock(span.until(), true))
    }
}

/// Who has a time, for those who may know; else only that it is taken.
pub fn who(guest: &Guest, taken: &Taken) -> Markup {
    match (taken.by, taken.closed) {
        (Some((booking, buyer)), _) => {
            let label = if guest.look.viewer.is(buyer) {
                guest.word("slot-mine").to_owned()
            } else {
                guest.name(buyer)
            };
            let own = moved(guest, taken, booking, buyer);
            let ends = |at: i64| own.as_ref().map(|_| times::local(at));
            html! { a href={ "/booking/" (booking) } data-own=[&own] data-begins=[ends(taken.span.from())] data-ends=[ends(taken.span.until())] title={ (times::clock(taken.span.from(), false)) "–" (times::clock(taken.span.until(), true)) } { (label) } }
        }
        (None, Some(why)) => {
            html! { (guest.desk_word("calendar", "choice", &grammar::desk::plain_word(&why))) }
        }
        (None, None) => html! { (guest.word("slot-taken")) },
    }
}

/// The form that moves one's own time, while it is still to come.
fn moved(guest: &Guest, taken: &Taken, booking: Id, buyer: Id) -> Option<String> {
    let is_ahead = guest.house.registry.now().in_millis() < taken.span.from();
    let sitting = visit::escape(&times::local(taken.span.from()));
    (is_ahead && guest.look.viewer.is(buyer)).then(|| format!("/booking/{booking}/move?sitting={sitting}"))
}

/// How a grid is drawn on, for those whose browser runs scripts, and where it says what is being drawn.
#[must_use]
pub fn drawn(guest: &Guest) -> Markup {
    html! {
        script src=(concat!("/grid.js?v=", env!("CARGO_PKG_VERSION"))) defer {}
        p.note data-scripted hidden { (guest.word("grid-keys")) }
        p.unseen role="status" data-moving=(guest.word("grid-moving")) data-clash=(guest.word("grid-clash")) data-let-go=(guest.word("grid-let-go")) {}
    }
}

/// Free times of one day, from and until, each with the way to book it.
pub fn free_list(
    guest: &Guest,
    instrument: Id,
    using: &desks::instrument::Using,
    times: &Times,
    day: Day,
) -> Markup {
    let Some(whole) = times::days(day, 1) else { return html! {} };
    let (least, usual) = (times::least_minutes(using), times::usual_minutes(using));
    let free: Vec<Span> = times
        .free
        .iter()
        .filter_map(|free| free.common(whole))
        .filter(|free| free.length() >= least * MINUTE)
        .collect();
    html! {
        @if free.is_empty() { p.note { (guest.word("nothing-free")) } } @else {
            ul.spans.bare {
                @for span in &free {
                    li { @if using.mode == desks::instrument::Mode::Queue {
                        (times::clock(span.from(), false)) "–" (times::clock(span.until(), true))
                    } @else {
                        a href=(times::booking_form(instrument, using, span.from(), usual.min(span.length() / MINUTE))) {
                            (times::clock(span.from(), false)) "–" (times::clock(span.until(), true))
                            span.unseen { " " (guest.word("book")) }
                        }
                    } }
                }
            }
        }
    }
}
