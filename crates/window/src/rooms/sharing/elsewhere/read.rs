//! Read: what a calendar file says is busy, and what of it cannot be read, by line and event.

use engines::booking::{
    DAY, Span, Spans,
    ical::{self, Component, Fault, Why},
};
use serde::Serialize;

/// How far ahead busy times are taken.
pub const HORIZON_DAYS: i64 = 366;
/// Times of one file, and the longest of them in days.
pub const TIMES_MAX: usize = 500;
pub const LONGEST_DAYS: i64 = 60;
/// Lines that are told of what cannot be read.
const UNREAD_MAX: usize = 100;

/// A part of the file that was left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Unread {
    pub line: usize,
    /// The title of the event it stands in, or its lasting name; empty outside events.
    pub event: String,
    pub why: String,
}

/// What a file comes to.
#[derive(Clone, Debug, Default)]
pub struct Busy {
    pub spans: Vec<Span>,
    pub events: usize,
    pub unread: Vec<Unread>,
    /// There are more times than are taken.
    pub is_cut: bool,
}

/// Reads a file as it stands at a moment.
///
/// # Errors
/// It is no calendar at all: where and why.
pub fn read(text: &str, now: i64) -> Result<Busy, Unread> {
    let unread = |fault: &Fault| Unread {
        line: fault.line,
        event: event_at(text, fault.line),
        why: fault.why.to_string(),
    };
    let calendars = ical::read(text).map_err(|fault| unread(&fault))?;
    let calendars: Vec<&Component> = calendars.iter().filter(|one| one.name == "VCALENDAR").collect();
    if calendars.is_empty() {
        return Err(Unread { line: 1, event: String::new(), why: "there is no `VCALENDAR`".into() });
    }
    let mut busy = Busy::default();
    let Some(window) = Span::new(now, now.saturating_add(HORIZON_DAYS * DAY)) else { return Ok(busy) };
    for calendar in calendars {
        // A file that was cut off on its way must not open what the whole one had closed.
        if let Some(fault) = calendar.faults.iter().find(|fault| matches!(fault.why, Why::NoEnd(_))) {
            return Err(unread(fault));
        }
        of_calendar(calendar, window, text, &mut busy);
    }
    busy.spans.sort_unstable();
    busy.spans.dedup();
    busy.is_cut = busy.spans.len() > TIMES_MAX;
    busy.spans.truncate(TIMES_MAX);
    busy.unread.truncate(UNREAD_MAX);
    Ok(busy)
}

fn of_calendar(calendar: &Component, window: Span, text: &str, busy: &mut Busy) {
    let home = crate::rooms::china();
    let agenda = ical::agenda(calendar);
    busy.events += agenda.events.len();
    let (occurrences, left_out) = agenda.occurrences(window, &home);
    let faults = agenda.faults.iter().chain(&left_out);
    busy.unread.extend(faults.map(|fault| Unread {
        line: fault.line,
        event: event_at(text, fault.line),
        why: fault.why.to_string(),
    }));
    for one in occurrences.iter().filter(|one| one.is_busy) {
        let Some(span) = Span::new(one.from, one.until) else { continue };
        if span.length() > LONGEST_DAYS * DAY {
            let why = format!("it lasts longer than {LONGEST_DAYS} days");
            busy.unread.push(Unread { line: 0, event: one.summary.clone(), why });
        } else {
            // Whole, though it may have begun: so the same file gives the same times tomorrow.
            busy.spans.push(span);
        }
    }
    // What is told as busy without events (`VFREEBUSY`).
    let mut said = agenda;
    said.events.clear();
    busy.spans.extend(said.busy(window, &home).iter());
}

/// The event around a line, counted from 1, by its title or lasting name.
fn event_at(text: &str, line: usize) -> String {
    let lines: Vec<&str> = text.lines().map(str::trim_end).collect();
    let is = |at: usize, what: &str| lines.get(at).is_some_and(|line| line.eq_ignore_ascii_case(what));
    let Some(at) = line.checked_sub(1).filter(|at| *at < lines.len()) else { return String::new() };
    let Some(begin) = (0..=at).rev().find(|at| is(*at, "BEGIN:VEVENT")) else { return String::new() };
    let end = (begin..lines.len()).find(|at| is(*at, "END:VEVENT")).unwrap_or(lines.len());
    if end < at {
        return String::new();
    }
    let named = |name: &str| {
        let mut inside = lines.iter().skip(begin).take(end - begin);
        let found =
            inside.find_map(|line| line.strip_prefix(name)?.split_once(':').map(|(_, value)| value))?;
        Some(ical::plain(found).chars().take(80).collect::<String>())
    };
    named("SUMMARY").or_else(|| named("UID")).unwrap_or_default()
}

/// The parts of each time that nothing else has: in order, none twice.
#[must_use]
pub fn pieces(wanted: &[Span], others: &[Span]) -> Vec<Span> {
    let mut has: Vec<Span> = others.to_vec();
    let mut pieces = Vec::new();
    for span in wanted {
        let near = has.iter().copied().filter(|other| other.overlaps(*span));
        let rest = Spans::from_iter([*span]).without(&near.collect());
        pieces.extend(rest.iter());
        has.push(*span);
    }
    pieces
}
