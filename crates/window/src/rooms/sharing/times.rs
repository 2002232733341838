//! Times: what is taken of an instrument and what is free, from its calendar's weeks as this guest may see them.

use desks::{
    calendar::{self, Slot, Why, count_of, stands_before},
    instrument::{Mode, Unattended, Using},
};
use engines::booking::{self as engine, Book, Level, MINUTE, Resource, Span, Spans, ical::Zone};
use grammar::{
    card::Card,
    kinds::{Day, Id, Moment},
};

use registry::{Look, Record};
use serde_json::json;

use crate::{denied::Trouble, guest::Guest};

/// A taken time, as far as this guest may know of it.
#[derive(Clone, Debug)]
pub struct Taken {
    pub span: Span,
    pub buffer: i64,
    /// The booking and its buyer, for those who may know.
    pub by: Option<(Id, Id)>,
    pub closed: Option<Why>,
    /// How many places there were when it was taken.
    pub places: usize,
}

/// A time in which some or all of the places are taken, as everyone may know it.
#[derive(Clone, Debug)]
pub struct Busy {
    pub span: Span,
    pub closed: Option<Why>,
    pub count: usize,
    pub places: usize,
}

impl Busy {
    /// Nobody else can have it then.
    #[must_use]
    pub const fn is_full(&self) -> bool {
        self.closed.is_some() || self.count >= self.places
    }

    /// In words: busy, 2 of 3 taken, or why it is closed.
    #[must_use]
    pub fn said(&self, guest: &Guest) -> String {
        match self.closed {
            Some(why) => guest.desk_word("calendar", "choice", &grammar::desk::plain_word(&why)),
            None if self.places == 1 => guest.word("slot-taken").to_owned(),
            None => places_taken(guest, self.count, self.places),
        }
    }
}

/// 2 of 3 taken.
#[must_use]
pub fn places_taken(guest: &Guest, count: usize, places: usize) -> String {
    guest.say("places-taken", &json!({ "count": count, "places": places }))
}

/// What is taken, each alone; where several may use it at once, how many of the places are, from each turn to the next.
#[must_use]
pub fn busy_times(taken: &[Taken], places: usize) -> Vec<Busy> {
    if places == 1 && taken.iter().all(|each| each.places == 1) {
        let alone = |each: &Taken| Busy { span: each.span, closed: each.closed, count: 1, places };
        return taken.iter().map(alone).collect();
    }
    let had: Vec<engine::Taken<()>> = taken.iter().map(|each| each.had(())).collect();
    let busy = |Level { span, count, .. }: Level| {
        let closed = taken.iter().filter(|each| each.span.overlaps(span)).find_map(|each| each.closed);
        Busy { span, closed, count, places }
    };
    engine::levels(&had).into_iter().map(busy).collect()
}

impl Taken {
    fn had<K>(&self, by: K) -> engine::Taken<K> {
        let Self { span, buffer, places, closed, .. } = *self;
        engine::Taken { span, buffer, by, places, is_whole: closed.is_some() }
    }
}

/// An instrument's time within a window.
pub struct Times {
    pub open: Spans,
    pub free: Spans,
    pub taken: Vec<Taken>,
    /// When nobody can run it for others.
    pub unattended: Spans,
    /// How many may use it at once.
    pub places: usize,
}

/// China keeps one time.
#[must_use]
pub fn china() -> Zone {
    Zone::fixed(8)
}

/// The Monday of a day's week.
#[must_use]
pub fn monday(day: Day) -> Day {
    let days = Day::new(1970, 1, 5).map_or(0, |monday| monday.days_until(day));
    day.plus_days(-days.rem_euclid(7))
}

/// From the beginning of a day, so many days.
#[must_use]
pub fn days(from: Day, count: i32) -> Option<Span> {
    Span::new(from.begins().in_millis(), from.plus_days(count).begins().in_millis())
}

/// `2026-12-01T09:30`, as a form takes it.
#[must_use]
pub fn local(instant: i64) -> String {
    china().civil(instant).strftime("%Y-%m-%dT%H:%M").to_string()
}

/// `09:30`; the end of a day is `24:00`.
#[must_use]
pub fn clock(instant: i64, is_end: bool) -> String {
    let clock = china().civil(instant).strftime("%H:%M").to_string();
    if is_end && clock == "00:00" { "24:00".into() } else { clock }
}

/// Terms of use as the card tells them; those of an instrument without terms are the usual ones.
#[must_use]
pub fn using(card: &Card) -> Using {
    card.read("using").unwrap_or_default()
}

/// Whether someone of these organisations may book a time of it ahead now, as far as its card tells.
#[must_use]
pub fn may_book(guest: &Guest, card: &Card) -> bool {
    is_open(guest, card) && using(card).mode != Mode::Queue
}

/// Why not, in words: whoever cannot book may still stand in line.
#[must_use]
pub fn not_bookable<'a>(guest: &'a Guest, card: &Card) -> &'a str {
    guest.word(if using(card).mode == Mode::Queue { "line-only" } else { "not-bookable" })
}

/// Whether someone of these organisations may use it now, as far as its card tells.
#[must_use]
pub fn is_open(guest: &Guest, card: &Card) -> bool {
    let sharing: String = card.read("sharing").unwrap_or_default();
    let is_own = super::is_side(guest, card, "unit");
    card.status == "normal" && (sharing == "external" || (sharing == "internal" && is_own))
}

/// The weeks of an instrument that touch the window: each is a record whose name follows from instrument and Monday.
///
/// # Errors
/// When the store cannot be read.
pub fn pages(look: &Look, instrument: Id, window: Span) -> Result<Vec<Record>, Trouble> {
    let [from, last] = [window.from(), window.until() - 1].map(|at| Moment::from_millis(at).day());
    let mut pages = Vec::new();
    let mut week = monday(from);
    while week <= last {
        pages.extend(look.record(calendar::name(instrument.r(), week).id())?);
        week = week.plus_days(7);
    }
    Ok(pages)
}

/// What is taken on these weeks within the window.
#[must_use]
pub fn slots(pages: &[Record], window: Span) -> Vec<Taken> {
    let mut taken: Vec<Taken> = Vec::new();
    let monday = |page: &Record| page.card.from;
    let known: Vec<Day> = pages.iter().filter_map(monday).collect();
    for page in pages {
        let Some(monday) = monday(page) else { continue };
        let has_before = known.contains(&monday.plus_days(-7));
        let slots = page.state.get("slots").cloned().unwrap_or_default();
        let slots: Vec<Slot> = serde_json::from_value(slots).unwrap_or_default();
        for slot in slots {
            let Some(span) = calendar::span_of(slot.times) else { continue };
            // A slot across the turn of a week stands on both pages.
            let is_known = has_before && stands_before(monday, span.from(), slot.buffer.get());
            if !is_known && span.common(window).is_some() {
                let by = slot.taker.map(|taker| (taker.booking.id(), taker.buyer.id()));
                let (buffer, places) = (slot.buffer.get() * MINUTE, count_of(slot.places));
                taken.push(Taken { span, buffer, by, closed: slot.closed, places });
            }
        }
    }
    taken.sort_by_key(|each| each.span.from());
    taken
}

/// What is taken within the window.
///
/// # Errors
/// When the store cannot be read.
pub fn taken(look: &Look, instrument: Id, window: Span) -> Result<Vec<Taken>, Trouble> {
    Ok(slots(&pages(look, instrument, window)?, window))
}

/// When nobody can run it for others, as its card tells everyone.
#[must_use]
pub fn unattended(card: &Card, window: Span) -> Spans {
    let told: Unattended = card.read("unattended").unwrap_or_default();
    let spans: Spans = told.iter().copied().filter_map(calendar::span_of).collect();
    spans.common(&Spans::from_iter([window]))
}

/// What is open, taken and free within the window; the past is left out of what is free, and where it is always run by
/// somebody else, the hours in which nobody can.
///
/// # Errors
/// When the store cannot be read.
pub fn times(guest: &Guest, instrument: Id, card: &Card, window: Span) -> Result<Times, Trouble> {
    let (using, unattended) = (&using(card), unattended(card, window));
    let taken = taken(&guest.look, instrument, window)?;
    let places = count_of(using.places);
    let mut book = Book::with_places(places);
    taken.iter().enumerate().for_each(|(place, each)| book.put(each.had(place)));
    let (hours, zone, closed) = (using.hours(), china(), Spans::default());
    let buffer = using.buffer_minutes.get() * MINUTE;
    let resource = Resource { hours: &hours, zone: &zone, closed: &closed, book: &book, buffer };
    let soonest = soonest(guest, using);
    let latest =
        using.horizon_days.map(|days| guest.house.registry.now().in_millis() + days.get() * engine::DAY);
    let reach = Span::new(soonest.max(window.from()), latest.unwrap_or(i64::MAX).min(window.until()));
    let free = engine::free(&resource, window);
    let free = reach.map_or_else(Spans::default, |reach| free.common(&Spans::from_iter([reach])));
    let is_run = using.is_supervised || using.needs_licence;
    let free = if is_run { free.without(&unattended) } else { free };
    Ok(Times { open: hours.open(window, &zone), free, taken, unattended, places })
}

/// The first moment that can still be booked, on the instrument's steps.
fn soonest(guest: &Guest, using: &Using) -> i64 {
    let notice = using.notice_hours.map_or(0, |hours| hours.get() * engine::HOUR);
    let step = using.step_minutes.map_or(30, |step| step.get()).max(5) * MINUTE;
    let now = guest.house.registry.now().in_millis() + notice;
    (now + step - 1).div_euclid(step) * step
}

/// The shortest booking.
#[must_use]
pub fn least_minutes(using: &Using) -> i64 {
    let step = using.step_minutes.map_or(30, |step| step.get());
    using.shortest_minutes.map_or(step, |least| least.get())
}

/// How long a booking is proposed: an hour, or as the terms say.
#[must_use]
pub fn usual_minutes(using: &Using) -> i64 {
    let [least, most] = [using.shortest_minutes, using.longest_minutes].map(|limit| limit.map(|m| m.get()));
    60.max(least.unwrap_or(0)).min(most.unwrap_or(i64::MAX))
}

/// How time is charged where nothing is said.
const BY_HOUR: &str = "by-hour";

/// The booking form with everything a free time tells filled in.
#[must_use]
pub fn booking_form(instrument: Id, using: &Using, from: i64, minutes: i64) -> String {
    let basis = basis(using);
    let from = crate::visit::escape(&local(from));
    format!(
        "/booking/new/request?instrument={instrument}&from={from}&minutes={minutes}&basis={basis}&purpose=research"
    )
}

/// How a booking is charged unless one says otherwise: by the first of what its charges allow.
#[must_use]
pub fn basis(using: &Using) -> &'static str {
    bases(using).first().copied().unwrap_or(BY_HOUR)
}

/// By what an instrument's time is charged.
#[must_use]
pub fn bases(using: &Using) -> Vec<&'static str> {
    let charges = &using.charges;
    let all = [
        (BY_HOUR, charges.outside_hour.or(charges.inside_hour)),
        ("by-shift", charges.outside_shift.or(charges.inside_shift)),
        ("by-sample", charges.outside_sample.or(charges.inside_sample)),
    ];
    let offered: Vec<&str> =
        all.into_iter().filter(|(_, charge)| charge.is_some()).map(|(name, _)| name).collect();
    if offered.is_empty() { vec![BY_HOUR] } else { offered }
}
