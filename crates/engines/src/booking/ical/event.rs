//! Events: what a calendar says of each of its events, and of time that is busy without one.

use jiff::civil::DateTime;

use super::{
    Component, Dates, Fault, Length, Line, Rule, Until, When, Why, Zone, Zones, plain, shown, value,
};

/// One `VEVENT`.
#[derive(Clone, PartialEq, Debug)]
pub struct Event {
    pub uid: String,
    pub summary: String,
    pub start: When,
    pub(super) end: End,
    pub(super) rules: Vec<Rule>,
    pub(super) more: Vec<(When, Option<Length>)>,
    pub(super) except: Vec<When>,
    /// It stands in the place of the occurrence that would have begun then.
    pub instead_of: Option<When>,
    /// What it changes is changed for all later occurrences too (`RANGE=THISANDFUTURE`).
    pub is_from_then_on: bool,
    pub is_cancelled: bool,
    /// It takes no time: others may be booked.
    pub is_transparent: bool,
    pub sequence: i64,
    pub(super) number: usize,
}

#[derive(Clone, PartialEq, Debug)]
pub(super) enum End {
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

impl Occurrence {
    /// How long it lasts, in milliseconds.
    #[must_use]
    pub const fn length(&self) -> i64 {
        self.until.saturating_sub(self.from)
    }
}

/// The events of a calendar, with what could not be read.
#[derive(Clone, Debug, Default)]
pub struct Agenda {
    pub events: Vec<Event>,
    /// Time that the calendar calls busy without saying why (`VFREEBUSY`).
    pub(super) busy: Vec<(When, Length)>,
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
    // Some programs write an event without a calendar around it.
    let bare = Some(calendar).filter(|part| part.name == "VEVENT");
    for part in calendar.parts("VEVENT").chain(bare) {
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

/// A time, or a period with how long it lasts.
fn period(text: &str, line: &Line, zones: &Zones) -> Result<(When, Option<Length>), Fault> {
    let Some((from, end)) = text.split_once('/') else { return Ok((value::when(text, line, zones)?, None)) };
    let from = value::when(from, line, zones)?;
    let length = if end.trim_start().starts_with(['P', 'p', '+', '-']) {
        value::length(end).ok_or_else(|| line.fault(Why::BadLength(shown(end))))?
    } else {
        // Both ends are told in the same way, so where the reader is does not matter.
        let (end, anywhere) = (value::when(end, line, zones)?, Zone::utc());
        let lasts = end.instant(&anywhere).saturating_sub(from.instant(&anywhere));
        Length { days: 0, seconds: lasts / 1_000 }
    };
    if length.days < 0 || length.seconds < 0 {
        return Err(line.fault(Why::BadTime(shown(text))));
    }
    Ok((from, Some(length)))
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
    let (start, end) = in_order(part, start, end, faults);
    let mut event = Event {
        uid: text("UID"),
        summary: text("SUMMARY"),
        start,
        end,
        rules: vec![],
        more: vec![],
        except: vec![],
        instead_of: None,
        is_from_then_on: false,
        is_cancelled: is("STATUS", "CANCELLED"),
        is_transparent: is("TRANSP", "TRANSPARENT"),
        sequence: text("SEQUENCE").trim().parse().unwrap_or(0),
        number: part.number,
    };
    for line in part.all("RRULE") {
        // Its beginning stands all the same.
        match line.value.parse() {
            Ok(rule) => event.rules.push(rule),
            Err(why) => faults.push(line.fault(Why::BadRule(why))),
        }
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
        let range = line.parameter("RANGE").unwrap_or_default();
        event.is_from_then_on = range.eq_ignore_ascii_case("THISANDFUTURE");
    }
    Ok(event)
}

/// What ends before it begins has its ends swapped: taken as it stands it would be no time at all, and others would book what
/// is not free.
fn in_order(part: &Component, start: When, end: End, faults: &mut Vec<Fault>) -> (When, End) {
    let anywhere = Zone::utc();
    match end {
        End::At(end)
            if end.instant(&anywhere) < start.instant(&anywhere) && end.is_day() == start.is_day() =>
        {
            let number = part.line("DTEND").map_or(part.number, |line| line.number);
            faults.push(Fault { line: number, why: Why::EndsEarly });
            (end, End::At(start))
        }
        end => (start, end),
    }
}

impl Line {
    fn value_parts(&self) -> impl Iterator<Item = &str> {
        self.value.split(',').filter(|text| !text.trim().is_empty())
    }
}

impl Event {
    /// The wall times at which it begins, in the zone of its beginning; in order, without end if it has none. What recurs well
    /// before `first` may be left out, and it ends when so much was looked at as `most` allows.
    /// The beginning itself counts, unless all rules have ended before it: so programs write that a series was cut off
    /// before its first occurrence.
    pub(super) fn begins(&self, first: DateTime, most: u64) -> Begins<'_> {
        let start = self.start.civil();
        let is_over = |rule: &Rule| rule.until.is_some_and(|until| until.civil().date() < start.date());
        let is_cut_off = !self.rules.is_empty() && self.rules.iter().all(is_over);
        let some = self.rules.iter().map(|rule| {
            let mut dates = Dates::new(rule, start).from(first);
            let next = if most > 0 { dates.next() } else { None };
            (dates, next)
        });
        Begins { start: (!is_cut_off).then_some(start), some: some.collect(), most }
    }

    /// The same event with its rules' ends on its own wall.
    pub(super) fn on_its_wall(mut self, home: &Zone) -> Self {
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

    pub(super) fn occurrence(&self, at: DateTime, end: &End, home: &Zone) -> Occurrence {
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
}

/// The beginning and what the rules give, merged in order.
pub(super) struct Begins<'a> {
    start: Option<DateTime>,
    /// Each with the next of its times.
    some: Vec<(Dates<'a>, Option<DateTime>)>,
    most: u64,
}

impl Begins<'_> {
    /// How much was looked at.
    pub(super) fn looked(&self) -> u64 {
        self.some.iter().map(|(dates, _)| dates.looked()).sum()
    }

    /// Whether it ended because that was too much.
    pub(super) fn is_cut(&self) -> bool {
        !self.some.is_empty() && self.looked() >= self.most
    }
}

impl Iterator for Begins<'_> {
    type Item = DateTime;
    fn next(&mut self) -> Option<DateTime> {
        let next = self.some.iter().filter_map(|(_, next)| *next).chain(self.start).min()?;
        for (dates, each) in &mut self.some {
            while each.is_some_and(|at| at <= next) {
                *each = dates.next();
            }
        }
        self.start = self.start.filter(|start| *start > next);
        (!self.is_cut()).then_some(next)
    }
}
