//! Events: what a calendar's events come to in a window, with changed and removed occurrences, and the busy time.

use std::collections::{BTreeMap, BTreeSet};

use jiff::civil::DateTime;

use super::{
    Component, Dates, Fault, Length, Line, OCCURRENCES_MAX, Rule, Until, When, Why, Zone, Zones, plain,
    shown, value,
};
use crate::booking::{Span, Spans};

/// One `VEVENT`.
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    pub uid: String,
    pub summary: String,
    pub start: When,
    end: End,
    rules: Vec<Rule>,
    more: Vec<(When, Option<End>)>,
    except: Vec<When>,
    /// It stands in the place of the occurrence that would have begun then.
    pub instead_of: Option<When>,
    pub is_cancelled: bool,
    /// It takes no time: others may be booked.
    pub is_transparent: bool,
    pub sequence: i64,
    number: usize,
}

#[derive(Clone, PartialEq, Debug)]
enum End {
    At(When),
    Lasts(Length),
    /// A day for a date, no time at all for a time.
    Unsaid,
}

/// One occurrence, in milliseconds since 1970 UTC.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Debug)]
pub struct Occurrence {
    pub from: i64,
    pub until: i64,
    /// Whole days, told as dates.
    pub is_all_day: bool,
    pub uid: String,
    pub summary: String,
    pub is_busy: bool,
}

/// The events of a calendar, with what could not be read.
#[derive(Clone, Debug, Default)]
pub struct Agenda {
    pub events: Vec<Event>,
    /// Time that the calendar calls busy without saying why (`VFREEBUSY`).
    busy: Vec<(When, End)>,
    pub faults: Vec<Fault>,
}

/// Reads the events of a calendar. An event that cannot be read is left out, and said.
#[must_use]
pub fn agenda(calendar: &Component) -> Agenda {
    let mut agenda = Agenda { faults: calendar.faults.clone(), ..Agenda::default() };
    let zones = Zones::of(calendar).unwrap_or_else(|fault| {
        agenda.faults.push(fault);
        Zones::default()
    });
    for part in calendar.parts("VEVENT") {
        agenda.faults.extend(part.faults.iter().cloned());
        match event(part, &zones, &mut agenda.faults) {
            Ok(event) => agenda.events.push(event),
            Err(fault) => agenda.faults.push(fault),
        }
    }
    for line in calendar.parts("VFREEBUSY").flat_map(|part| part.all("FREEBUSY")) {
        if line.parameter("FBTYPE").is_some_and(|kind| kind.eq_ignore_ascii_case("FREE")) {
            continue;
        }
        for text in line.value.split(',') {
            match period(text, line, &zones) {
                Ok((from, Some(end))) => agenda.busy.push((from, end)),
                Ok(_) => agenda.faults.push(line.fault(Why::BadTime(shown(text)))),
                Err(fault) => agenda.faults.push(fault),
            }
        }
    }
    agenda
}

fn period(text: &str, line: &Line, zones: &Zones) -> Result<(When, Option<End>), Fault> {
    let Some((from, end)) = text.split_once('/') else { return Ok((value::when(text, line, zones)?, None)) };
    let from = value::when(from, line, zones)?;
    let end = if end.trim_start().starts_with(['P', 'p', '+', '-']) {
        End::Lasts(value::length(end).ok_or_else(|| line.fault(Why::BadLength(shown(end))))?)
    } else {
        End::At(value::when(end, line, zones)?)
    };
    Ok((from, Some(end)))
}

fn event(part: &Component, zones: &Zones, faults: &mut Vec<Fault>) -> Result<Event, Fault> {
    let text = |name: &str| part.line(name).map(|line| plain(&line.value)).unwrap_or_default();
    let is = |name: &str, word: &str| text(name).trim().eq_ignore_ascii_case(word);
    let start = part.line("DTSTART").ok_or(Fault { line: part.number, why: Why::NoStart })?;
    let start = value::when(&start.value, start, zones)?;
    let end = match (part.line("DTEND"), part.line("DURATION")) {
        (Some(line), _) => End::At(value::when(&line.value, line, zones)?),
        (None, Some(line)) => {
            let length = value::length(&line.value);
            End::Lasts(length.ok_or_else(|| line.fault(Why::BadLength(shown(&line.value))))?)
        }
        (None, None) => End::Unsaid,
    };
    let mut event = Event {
        uid: text("UID"),
        summary: text("SUMMARY"),
        start,
        end,
        rules: vec![],
        more: vec![],
        except: vec![],
        instead_of: None,
        is_cancelled: is("STATUS", "CANCELLED"),
        is_transparent: is("TRANSP", "TRANSPARENT"),
        sequence: text("SEQUENCE").trim().parse().unwrap_or(0),
        number: part.number,
    };
    for line in part.all("RRULE") {
        event.rules.push(line.value.parse().map_err(|why| line.fault(Why::BadRule(why)))?);
    }
    let listed = |name: &'static str| {
        let values = |line| std::iter::repeat(line).zip(Line::value_parts(line));
        part.all(name).flat_map(values)
    };
    for (line, text) in listed("RDATE") {
        event.more.push(period(text, line, zones)?);
    }
    for (line, text) in listed("EXDATE") {
        event.except.push(value::when(text, line, zones)?);
    }
    if let Some(line) = part.line("RECURRENCE-ID") {
        event.instead_of = Some(value::when(&line.value, line, zones)?);
        if line.parameter("RANGE").is_some() {
            faults.push(line.fault(Why::Range));
        }
    }
    Ok(event)
}

impl Line {
    fn value_parts(&self) -> impl Iterator<Item = &str> {
        self.value.split(',').filter(|text| !text.trim().is_empty())
    }
}

impl Event {
    /// The wall times at which it begins, in the zone of its beginning; in order, without end if it has none.
    /// The beginning itself always counts.
    fn begins(&self) -> Begins<'_> {
        let start = self.start.civil();
        let rules = self.rules.iter();
        Begins { start: Some(start), some: rules.map(|rule| Dates::new(rule, start).peekable()).collect() }
    }

    /// The same event with its rules' ends on its own wall.
    fn on_its_wall(mut self, home: &Zone) -> Self {
        let zone = self.start.zone(home).clone();
        let (is_day, is_floating) = (self.start.is_day(), matches!(self.start, When::Floating(_)));
        let wall = |at: DateTime| {
            if is_floating { at } else { zone.civil(Zone::utc().instant(at)) }
        };
        for rule in &mut self.rules {
            rule.until = rule.until.map(|until| match until {
                Until::Day(at) | Until::Utc(at) | Until::Local(at) if is_day => {
                    Until::Local(at.date().at(0, 0, 0, 0))
                }
                // An end that does not say where is in UTC, as the standard asks, unless the event floats.
                Until::Day(at) | Until::Utc(at) | Until::Local(at) => Until::Local(wall(at)),
            });
        }
        self
    }

    /// The end of an occurrence that begins at `at` on the wall of this event.
    fn end(&self, at: DateTime, end: &End, home: &Zone) -> i64 {
        let zone = self.start.zone(home);
        let from = zone.instant(at);
        match end {
            // The exact length of the first one holds for all (RFC 5545, 3.8.5.3); whole days stay whole.
            End::At(When::Day(last)) if self.start.is_day() => {
                let days = self.start.civil().date().until(*last).map_or(1, |span| span.get_days());
                Length { days, seconds: 0 }.after(at, zone)
            }
            End::At(end) => from.saturating_add(end.instant(home).saturating_sub(self.start.instant(home))),
            End::Lasts(length) => length.after(at, zone),
            End::Unsaid if self.start.is_day() => Length { days: 1, seconds: 0 }.after(at, zone),
            End::Unsaid => from,
        }
    }

    fn occurrence(&self, at: DateTime, end: &End, home: &Zone) -> Occurrence {
        let from = self.start.zone(home).instant(at);
        Occurrence {
            from,
            until: self.end(at, end, home).max(from),
            is_all_day: self.start.is_day(),
            uid: self.uid.clone(),
            summary: self.summary.clone(),
            is_busy: !self.is_transparent && !self.is_cancelled,
        }
    }

    fn is_excepted(&self, from: i64, at: DateTime, home: &Zone) -> bool {
        let zone = self.start.zone(home);
        self.except.iter().any(|except| match except {
            When::Day(day) => at.date() == *day,
            When::Floating(wall) => zone.instant(*wall) == from,
            When::Zoned(..) => except.instant(home) == from,
        })
    }

    /// What it comes to in a window, without changes that other events make. An occurrence without length is
    /// in the window when it begins there.
    fn occurrences(&self, window: Span, home: &Zone, faults: &mut Vec<Fault>) -> Vec<Occurrence> {
        let event = self.clone().on_its_wall(home);
        let zone = event.start.zone(home);
        let mut found: Vec<Occurrence> = Vec::new();
        let mut keep = |one: Occurrence, at: DateTime| {
            let touches =
                one.from < window.until() && (one.until > window.from() || one.from >= window.from());
            if touches && !event.is_excepted(one.from, at, home) {
                found.push(one);
            }
            if found.len() > OCCURRENCES_MAX {
                faults.push(Fault { line: event.number, why: Why::TooOften });
            }
            found.len() <= OCCURRENCES_MAX
        };
        for (at, end) in &event.more {
            let at = zone.civil(at.instant(home));
            if !keep(event.occurrence(at, end.as_ref().unwrap_or(&event.end), home), at) {
                break;
            }
        }
        for at in event.begins() {
            let one = event.occurrence(at, &event.end, home);
            // Wall times in order may swap by a change of the clock, never by more than a day.
            if one.from >= window.until().saturating_add(crate::booking::DAY) || !keep(one, at) {
                break;
            }
        }
        found.sort_unstable();
        found.dedup_by_key(|one| one.from);
        found.truncate(OCCURRENCES_MAX);
        found
    }
}

/// The beginning and what the rules give, merged in order.
struct Begins<'a> {
    start: Option<DateTime>,
    some: Vec<std::iter::Peekable<Dates<'a>>>,
}

impl Iterator for Begins<'_> {
    type Item = DateTime;
    fn next(&mut self) -> Option<DateTime> {
        let next = self.some.iter_mut().filter_map(|dates| dates.peek().copied()).chain(self.start).min()?;
        for dates in &mut self.some {
            while dates.next_if(|at| *at <= next).is_some() {}
        }
        self.start = self.start.filter(|start| *start > next);
        Some(next)
    }
}

impl Agenda {
    /// Every occurrence that reaches into the window, in order, as someone in `home` sees it; with what had to be
    /// left out.
    #[must_use]
    pub fn occurrences(&self, window: Span, home: &Zone) -> (Vec<Occurrence>, Vec<Fault>) {
        let mut faults = Vec::new();
        let mut found = Vec::new();
        // Of two versions of the same event or change the later one holds.
        let mut latest: BTreeMap<(&str, Option<i64>), &Event> = BTreeMap::new();
        let mut nameless: Vec<&Event> = Vec::new();
        for event in &self.events {
            if event.uid.is_empty() {
                nameless.push(event);
                continue;
            }
            let key = (event.uid.as_str(), event.instead_of.as_ref().map(|when| when.instant(home)));
            let known = latest.entry(key).or_insert(event);
            if event.sequence >= known.sequence {
                *known = event;
            }
        }
        let changed: BTreeSet<(&str, i64)> =
            latest.keys().filter_map(|(uid, instant)| Some((*uid, (*instant)?))).collect();
        for event in latest.values().copied().chain(nameless) {
            if event.is_cancelled {
                continue;
            }
            let mut some = event.occurrences(window, home, &mut faults);
            if event.instead_of.is_none() {
                some.retain(|one| !changed.contains(&(one.uid.as_str(), one.from)));
            }
            found.extend(some);
        }
        found.sort();
        (found, faults)
    }

    /// The time in the window that is taken, whoever asks.
    #[must_use]
    pub fn busy(&self, window: Span, home: &Zone) -> Spans {
        let (occurrences, _) = self.occurrences(window, home);
        let events = occurrences.iter().filter(|one| one.is_busy).map(|one| (one.from, one.until));
        let said = self.busy.iter().map(|(from, end)| {
            let at = from.instant(home);
            let until = match end {
                End::At(until) => until.instant(home),
                End::Lasts(length) => length.after(from.civil(), from.zone(home)),
                End::Unsaid => at,
            };
            (at, until)
        });
        let spans = events.chain(said).filter_map(|(from, until)| Span::new(from, until)?.common(window));
        spans.collect()
    }
}
