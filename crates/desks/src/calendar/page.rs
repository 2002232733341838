//! Page: what a week holds, which pages a span of time touches, and the names of pages.

use engines::booking::{self as engine, DAY, MINUTE, Span};
use grammar::prelude::*;

use super::{
    Buffer, Calendar, Event, Event::*, Places, Quota, SLOTS_MAX, SPANS_MAX, Times, Unrestricted, WAITING_MAX,
};
use crate::{booking::Booking, instrument::Instrument, organisation::Organisation};

/// Who has a slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Taker {
    pub booking: Ref<Booking>,
    pub buyer: Ref<Organisation>,
}

/// Why an instrument is closed for a while.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Why {
    Maintenance,
    Calibration,
    Training,
    Holiday,
    OwnResearch,
    /// Another calendar says so.
    Elsewhere,
}

/// A taken or closed time. It stands on every page it touches, whole.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Slot {
    pub times: Times,
    pub buffer: Buffer,
    pub taker: Option<Taker>,
    pub closed: Option<Why>,
    /// How many places there were when it was taken.
    #[serde(default)]
    pub places: Option<Places>,
    /// What of it no quota counts.
    #[serde(default)]
    pub unrestricted: Unrestricted,
}

impl Slot {
    pub(super) fn taken(&self) -> engine::Taken<Option<Ref<Booking>>> {
        let span = span_of(self.times).unwrap_or_else(|| impossible(self));
        let (by, is_whole) = (self.taker.map(|taker| taker.booking), self.closed.is_some());
        let places = count_of(self.places);
        engine::Taken { span, buffer: self.buffer.get() * MINUTE, by, places, is_whole }
    }
}

/// One who waits for a time in this week.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Queued {
    pub booking: Ref<Booking>,
    pub buyer: Ref<Organisation>,
    pub times: Times,
    pub buffer: Buffer,
    pub daily: Option<Quota>,
    pub weekly: Option<Quota>,
    pub was_displaced: bool,
    pub since: Moment,
    pub arrival: u32,
    #[serde(default)]
    pub places: Option<Places>,
    #[serde(default)]
    pub unrestricted: Unrestricted,
}

/// One who waits, as bookings may know it: in the order in which they are offered something.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Standing {
    pub booking: Ref<Booking>,
    pub buyer: Ref<Organisation>,
    pub times: Times,
    pub buffer: Buffer,
    #[serde(default)]
    pub places: Option<Places>,
    /// Nothing stands in the way now, and the buyer's quota has room.
    pub fits: bool,
}

/// A busy time with its buffer, in milliseconds and minutes: short, for it lies on the card.
pub type Busy = (i64, i64, i64);

/// So many places, one where nothing is said.
#[must_use]
pub fn count_of(places: Option<Places>) -> usize {
    places.and_then(|places| usize::try_from(places.get()).ok()).unwrap_or(1)
}

/// Whether a slot of this week stands on the page of the week before, too.
#[must_use]
pub fn stands_before(monday: Day, from: i64, buffer: i64) -> bool {
    from - buffer.saturating_mul(MINUTE) < monday.begins().in_millis()
}

/// `None` when it is empty or runs backwards.
#[must_use]
pub fn span_of(times: Times) -> Option<Span> {
    Span::new(times.from.in_millis(), times.until.in_millis())
}

/// Whole minutes.
#[must_use]
pub fn length_of(times: Times) -> i64 {
    (times.until.in_millis() - times.from.in_millis()) / MINUTE
}

/// Those of some times that lie within another.
fn within(some: &Unrestricted, times: Times) -> Unrestricted {
    let is_in = |one: &&Times| times.from <= one.from && one.until <= times.until;
    List::new(some.iter().filter(is_in).copied().collect()).unwrap_or_default()
}

fn monday_of(day: Day) -> Day {
    // 5 January 1970 was a Monday.
    let days = Day::new(1970, 1, 5).map_or(0, |monday| monday.days_until(day));
    day.plus_days(-days.rem_euclid(7))
}

/// The Mondays of the weeks that `times` touch with `buffer` minutes around them; at most a few.
#[must_use]
pub fn pages(times: Times, buffer: i64) -> Vec<Day> {
    let wide = buffer.saturating_mul(MINUTE);
    let (from, last) = (times.from.plus_millis(-wide).day(), times.until.plus_millis(wide - 1).day());
    let (mut monday, mut pages) = (monday_of(from), Vec::new());
    while monday <= last && pages.len() < 60 {
        pages.push(monday);
        monday = monday.plus_days(7);
    }
    pages
}

/// The page of an instrument's week: its name follows from both, so that nobody has to look for it.
#[must_use]
pub fn name(instrument: Ref<Instrument>, monday: Day) -> Ref<Calendar> {
    let id = instrument.id();
    let own = id.as_str().strip_prefix("instrument-").unwrap_or(id.as_str()).replace('-', "x");
    let name = format!("calendar-{own}x{}", monday.to_string().replace('-', ""));
    // An id has room for any name the registry makes; a longer one of a test keeps its end.
    let short: String = name.chars().take(47).collect();
    short.parse::<Id>().unwrap_or_else(|_| impossible(&name)).r()
}

impl Calendar {
    pub(super) fn goes_on(&mut self, event: &Event) {
        match event.clone() {
            Opened { .. } => impossible(event),
            Moved { unit } => self.unit = unit,
            Taken { taker, spans, buffer, places, unrestricted } => {
                for times in spans.iter() {
                    let unrestricted = within(&unrestricted, *times);
                    self.put(Slot { times: *times, buffer, taker, closed: None, places, unrestricted });
                }
                let booking = taker.map(|taker| taker.booking);
                self.waiting.retain(|queued| Some(queued.booking) != booking);
            }
            Freed { booking, spans } => {
                let is_gone = |slot: &Slot| {
                    slot.taker.map(|taker| taker.booking) == booking && spans.contains(&slot.times)
                };
                self.slots.retain(|slot| !is_gone(slot));
            }
            Shortened { booking, from, until } => self.ends_sooner(booking, from, until),
            Closed { times, why } => {
                let buffer = Buffer::new(0).unwrap_or_else(|| impossible(event));
                let unrestricted = Unrestricted::default();
                self.put(Slot { times, buffer, taker: None, closed: Some(why), places: None, unrestricted });
            }
            Reopened { times } => self.slots.retain(|slot| slot.closed.is_none() || slot.times != times),
            Joined { queued } => {
                self.arrivals = queued.arrival;
                if !self.waiting.push(queued) {
                    impossible(event);
                }
            }
            Left { booking } => self.waiting.retain(|queued| queued.booking != booking),
        }
    }

    fn ends_sooner(&mut self, booking: Option<Ref<Booking>>, from: Moment, until: Moment) {
        let is_its =
            |slot: &&mut Slot| slot.times.from == from && slot.taker.map(|taker| taker.booking) == booking;
        for slot in self.slots.iter_mut().filter(is_its) {
            slot.times.until = until;
            let cut = |times: &Times| Times { until: times.until.min(until), ..*times };
            let left = slot.unrestricted.iter().map(cut).filter(|times| times.from < times.until);
            slot.unrestricted = List::new(left.collect()).unwrap_or_default();
        }
    }

    fn put(&mut self, slot: Slot) {
        let mut slots: Vec<Slot> = self.slots.iter().cloned().collect();
        let place = slots.partition_point(|other| other.times.from < slot.times.from);
        slots.insert(place, slot);
        self.slots =
            List::<_, SLOTS_MAX>::new(slots).unwrap_or_else(|| impossible(&"more slots than a week takes"));
    }

    /// The slots as the engine keeps them, for one more that finds so many places.
    pub(super) fn book(&self, places: Option<Places>) -> engine::Book<Option<Ref<Booking>>> {
        let mut book = engine::Book::with_places(count_of(places));
        self.slots.iter().map(Slot::taken).for_each(|taken| book.put(taken));
        book
    }

    pub(super) fn busy(&self) -> Vec<Busy> {
        let busy =
            |slot: &Slot| (slot.times.from.in_millis(), slot.times.until.in_millis(), slot.buffer.get());
        self.slots.iter().map(busy).collect()
    }

    /// What of it is closed to everyone, by when it begins and ends.
    pub(super) fn closed(&self) -> Vec<(i64, i64)> {
        let closed = self.slots.iter().filter(|slot| slot.closed.is_some());
        closed.map(|slot| (slot.times.from.in_millis(), slot.times.until.in_millis())).collect()
    }

    /// Those who wait, in order; each with whether its time is free now.
    pub(super) fn line(&self) -> Vec<Standing> {
        if self.waiting.is_empty() {
            return vec![];
        }
        let waiting = |queued: &Queued| engine::Waiting {
            by: queued.booking,
            span: span_of(queued.times).unwrap_or_else(|| impossible(queued)),
            was_displaced: queued.was_displaced,
            since: queued.since.in_millis(),
            arrival: queued.arrival.into(),
        };
        let mut line: Vec<_> = self.waiting.iter().map(waiting).collect();
        engine::order(&mut line);
        let mut book = self.book(None);
        let standing = |each: &engine::Waiting<Ref<Booking>>| {
            let queued = self.waiting.iter().find(|queued| queued.booking == each.by)?;
            book.resize(count_of(queued.places));
            let is_free = book.clash(each.span, queued.buffer.get() * MINUTE).is_none();
            let once = List::new(vec![queued.times]).unwrap_or_default();
            let (day, _, week) = self.usage(queued.buyer, &once, &queued.unrestricted);
            let in_quota = |most: Option<Quota>, used: i64| most.is_none_or(|most| used <= most.get());
            let fits = is_free && in_quota(queued.daily, day) && in_quota(queued.weekly, week);
            let Queued { booking, buyer, times, buffer, places, .. } = *queued;
            Some(Standing { booking, buyer, times, buffer, places, fits })
        };
        line.iter().filter_map(standing).take(WAITING_MAX).collect()
    }

    /// Minutes that count of what this buyer has in this week, the new spans included: the most on any day, and in all.
    pub(super) fn usage(
        &self,
        buyer: Ref<Organisation>,
        spans: &List<Times, SPANS_MAX>,
        unrestricted: &Unrestricted,
    ) -> (i64, Day, i64) {
        let is_own = |slot: &&Slot| slot.taker.is_some_and(|taker| taker.buyer == buyer);
        let own = || self.slots.iter().filter(is_own);
        let all: Vec<Span> =
            own().map(|slot| slot.times).chain(spans.iter().copied()).filter_map(span_of).collect();
        let unrestricted = own().flat_map(|slot| slot.unrestricted.iter()).chain(unrestricted.iter());
        let uncounted: Vec<Span> = unrestricted.copied().filter_map(span_of).collect();
        let within = |from: i64, length: i64| {
            let window = Span::new(from, from + length);
            let common = |span: &Span| window.and_then(|window| span.common(window)).map_or(0, Span::length);
            (all.iter().map(common).sum::<i64>() - uncounted.iter().map(common).sum::<i64>()) / MINUTE
        };
        let begins = self.monday.begins().in_millis();
        let days = (0..7).map(|day| (within(begins + i64::from(day) * DAY, DAY), self.monday.plus_days(day)));
        // The earliest of the fullest days: `max_by_key` alone would take the last.
        let (most, day) = days.rev().max_by_key(|(minutes, _)| *minutes).unwrap_or((0, self.monday));
        (most, day, within(begins, 7 * DAY))
    }
}
