//! Series: what the events of one name come to in a window: a first one with its recurrence, and changes of single
//! occurrences or of all from one on (RFC 5545, 3.8.4.4); and the busy time.
//!
//! Where the standard is silent about files that contradict themselves, we read them as the widely used readers do: a
//! change is one occurrence, whatever recurrence stands in it; what its series excepts is gone, changed or not; and a change that is
//! older than its series, and for which the series has no place any more, is a remnant.

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::Range,
};

use jiff::civil::{Date, DateTime};

use super::{Agenda, Event, Fault, OCCURRENCES_MAX, Occurrence, When, Why, Zone, event::End};
use crate::booking::{DAY, Span, Spans};

#[cfg(test)]
mod tests;

/// Periods and times that are looked at for all recurrences of one calendar.
const LOOKED_AT_MAX: u64 = 5_000_000;

/// An occurrence, and when the series has it or had it before it was changed, in milliseconds since 1970 UTC.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Placed {
    pub occurrence: Occurrence,
    pub place: i64,
}

/// Which occurrence of a series is meant: of whole days, or told by a date, the one of that day.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Place {
    At(i64),
    Day(Date),
}

/// What all events of one name say.
#[derive(Default)]
struct Series<'a> {
    first: Option<&'a Event>,
    /// By the instants of their places.
    changes: BTreeMap<i64, &'a Event>,
}

impl Event {
    /// The occurrence of this event that a time means.
    fn place(&self, when: &When, home: &Zone) -> Place {
        match when {
            When::Day(day) => Place::Day(*day),
            _ if self.start.is_day() => Place::Day(when.civil().date()),
            When::Floating(wall) => Place::At(self.start.zone(home).instant(*wall)),
            When::Zoned(..) => Place::At(when.instant(home)),
        }
    }

    /// The one occurrence of an event that changes one.
    fn alone(&self, home: &Zone) -> Occurrence {
        self.occurrence(self.start.civil(), &self.end, home)
    }

    fn says_more(&self) -> bool {
        !(self.rules.is_empty() && self.more.is_empty() && self.except.is_empty())
    }
}

impl<'a> Series<'a> {
    /// Of two versions of the same event or change the later one holds.
    fn add(&mut self, event: &'a Event, home: &Zone) {
        let known = match &event.instead_of {
            None => self.first.get_or_insert(event),
            Some(when) => self.changes.entry(when.instant(home)).or_insert(event),
        };
        if event.sequence >= known.sequence {
            *known = event;
        }
    }

    fn placed(&self, window: Span, home: &Zone, left: &mut u64, faults: &mut Vec<Fault>) -> Vec<Placed> {
        let Some(first) = self.first else {
            let changes = self.changes.iter();
            return changes.filter_map(|(place, change)| changed(change, *place, window, home)).collect();
        };
        let main = Main::of(first, &self.changes, home);
        let seen = main.seen(window);
        let (mut found, here) = main.placed(window, &seen, left, faults);
        for (instant, change) in &self.changes {
            let Some(when) = &change.instead_of else { continue };
            let place = main.event.place(when, home);
            let is_older = change.sequence < main.event.sequence && change.says_more();
            let is_remnant = is_older && seen.contains(instant) && !here.contains(&place);
            if !is_remnant && !main.is_excepted(*instant) {
                found.extend(changed(change, *instant, window, home));
            }
        }
        found
    }
}

/// The first event of a series, with what stands in the way of its occurrences.
struct Main<'a> {
    event: Event,
    home: &'a Zone,
    except: BTreeSet<Place>,
    /// Those that stand elsewhere, or not at all.
    changed: BTreeSet<Place>,
    /// Changes that hold from then on, by their places on the wall of the series.
    ranges: Vec<(DateTime, &'a Event)>,
}

impl<'a> Main<'a> {
    fn of(first: &Event, changes: &BTreeMap<i64, &'a Event>, home: &'a Zone) -> Self {
        let event = first.clone().on_its_wall(home);
        let zone = event.start.zone(home);
        let ranges = changes.iter().filter(|(_, change)| change.is_from_then_on);
        let ranges = ranges.map(|(place, change)| (zone.civil(*place), *change)).collect();
        let except = event.except.iter().map(|when| event.place(when, home)).collect();
        let instead = changes.values().filter_map(|change| change.instead_of.as_ref());
        let changed = instead.map(|when| event.place(when, home)).collect();
        Self { event, home, except, changed, ranges }
    }

    fn at(&self, instant: i64) -> [Place; 2] {
        [Place::At(instant), Place::Day(self.event.start.zone(self.home).civil(instant).date())]
    }

    fn is_excepted(&self, instant: i64) -> bool {
        self.at(instant).iter().any(|place| self.except.contains(place))
    }

    /// From when until when occurrences are looked at, so that all are found that reach into a window: wall times in order may swap
    /// by a change of the clock, and zones lie apart, never by much more than a day; changes move and stretch what follows them.
    fn seen(&self, window: Span) -> Range<i64> {
        let lasts = |event: &Event| event.alone(self.home).length();
        let moved =
            |(begin, change): &(DateTime, &Event)| moved_by(change, *begin).saturating_add(lasts(change));
        let most = self.ranges.iter().map(moved).chain([lasts(&self.event)]).max().unwrap_or(0);
        let reach = most.saturating_add(3 * DAY);
        window.from().saturating_sub(reach)..window.until().saturating_add(reach)
    }

    /// Its occurrences in a window without those that are changed one by one, and which changed places the series has.
    fn placed(
        &self,
        window: Span,
        seen: &Range<i64>,
        left: &mut u64,
        faults: &mut Vec<Fault>,
    ) -> (Vec<Placed>, BTreeSet<Place>) {
        let zone = self.event.start.zone(self.home);
        let more = self.event.more.iter().map(|(when, length)| {
            let end = length.map_or_else(|| self.event.end.clone(), End::Lasts);
            // What does not say where it is stands on the wall of the series.
            let is_elsewhere = matches!(when, When::Zoned(..));
            (if is_elsewhere { zone.civil(when.instant(self.home)) } else { when.civil() }, end)
        });
        let mut begins = self.event.begins(zone.civil(seen.start), *left);
        let near = begins.by_ref().take_while(|at| zone.instant(*at) < seen.end);
        let mut found: BTreeMap<i64, Placed> = BTreeMap::new();
        let mut here = BTreeSet::new();
        for (at, end) in more.chain(near.map(|at| (at, self.event.end.clone()))) {
            let place = zone.instant(at);
            let places = self.at(place);
            // Only what changes ask about is kept: a series may be endless.
            here.extend(places.into_iter().filter(|place| self.changed.contains(place)));
            let is_gone = |place: &Place| self.except.contains(place) || self.changed.contains(place);
            if places.iter().any(is_gone) {
                continue;
            }
            let Some(occurrence) = self.occurrence(at, &end) else { continue };
            if touches(&occurrence, window) {
                found.entry(place).or_insert(Placed { occurrence, place });
            }
            if found.len() > OCCURRENCES_MAX {
                faults.push(Fault { line: self.event.number, why: Why::TooOften });
                break;
            }
        }
        if begins.is_cut() {
            faults.push(Fault { line: self.event.number, why: Why::TooMuch });
        }
        *left = left.saturating_sub(begins.looked());
        (found.into_values().take(OCCURRENCES_MAX).collect(), here)
    }

    /// The occurrence at a place on the wall, as the last change has it that holds from before it on.
    fn occurrence(&self, at: DateTime, end: &End) -> Option<Occurrence> {
        match self.ranges.iter().rev().find(|(begin, _)| *begin < at) {
            Some((begin, change)) => (!change.is_cancelled).then(|| follows(change, *begin, at, self.home)),
            None => Some(self.event.occurrence(at, end, self.home)),
        }
    }
}

/// A changed occurrence, if it is not cancelled and reaches into the window.
fn changed(change: &Event, place: i64, window: Span, home: &Zone) -> Option<Placed> {
    let occurrence = change.alone(home);
    (!change.is_cancelled && touches(&occurrence, window)).then_some(Placed { occurrence, place })
}

/// The occurrence at `at` as a change at `begin` has it that holds from then on: moved by as much on the wall.
fn follows(change: &Event, begin: DateTime, at: DateTime, home: &Zone) -> Occurrence {
    let later = begin.duration_until(at);
    let start = change.start.civil();
    change.occurrence(start.checked_add(later).unwrap_or(start), &change.end, home)
}

/// By how much a change moves what follows it on the wall, earlier or later, in milliseconds.
fn moved_by(change: &Event, begin: DateTime) -> i64 {
    i64::try_from(begin.duration_until(change.start.civil()).abs().as_millis()).unwrap_or(i64::MAX)
}

/// What has no length is in the window when it begins there.
fn touches(one: &Occurrence, window: Span) -> bool {
    one.from < window.until() && (one.until > window.from() || one.from >= window.from())
}

impl Agenda {
    /// Every occurrence that reaches into the window, in order, as someone in `home` sees it; with what had to be
    /// left out.
    #[must_use]
    pub fn occurrences(&self, window: Span, home: &Zone) -> (Vec<Occurrence>, Vec<Fault>) {
        let (placed, faults) = self.placed(window, home);
        (placed.into_iter().map(|placed| placed.occurrence).collect(), faults)
    }

    /// The same with the place of each in its series.
    #[must_use]
    pub fn placed(&self, window: Span, home: &Zone) -> (Vec<Placed>, Vec<Fault>) {
        let mut named: BTreeMap<&str, Series> = BTreeMap::new();
        let mut nameless: Vec<Series> = Vec::new();
        for event in &self.events {
            if event.uid.is_empty() {
                let mut series = Series::default();
                series.add(event, home);
                nameless.push(series);
            } else {
                named.entry(event.uid.as_str()).or_default().add(event, home);
            }
        }
        let (mut faults, mut found, mut left) = (Vec::new(), Vec::new(), LOOKED_AT_MAX);
        for mut series in named.into_values().chain(nameless) {
            // Of a series that is cancelled, what was changed apart stands.
            if series.first.is_some_and(|first| first.is_cancelled) {
                series.first = None;
            }
            found.extend(series.placed(window, home, &mut left, &mut faults));
        }
        found.sort();
        (found, faults)
    }

    /// The time in the window that is taken, whoever asks.
    #[must_use]
    pub fn busy(&self, window: Span, home: &Zone) -> Spans {
        let (occurrences, _) = self.occurrences(window, home);
        let events = occurrences.iter().filter(|one| one.is_busy).map(|one| (one.from, one.until));
        let said = self
            .busy
            .iter()
            .map(|(from, length)| (from.instant(home), length.after(from.civil(), from.zone(home))));
        let spans = events.chain(said).filter_map(|(from, until)| Span::new(from, until)?.common(window));
        spans.collect()
    }
}
