//! Sent: what a program puts into a calendar, as the times it asks for.

use std::collections::BTreeMap;

use engines::booking::{
    DAY, MINUTE, Span,
    ical::{self, Agenda, Component, plain},
};
use serde_json::json;

use super::No;
use crate::{denied::Trouble, guest::Guest};

/// Times that are looked at; a booking has at most 52.
const TIMES_MAX: usize = 400;
/// How far a recurrence is followed.
const REACH: i64 = 800 * DAY;

/// One event as it was sent.
#[derive(Debug)]
pub struct Sent {
    pub uid: String,
    pub summary: String,
    pub description: String,
    pub categories: Vec<String>,
    pub samples: Option<i64>,
    pub is_cancelled: bool,
    /// Each time by the one it was first meant for: a moved occurrence keeps the old.
    pub times: BTreeMap<i64, Span>,
}

/// A series as the desk knows it: again after so many days, so many times.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Series {
    pub days: i64,
    pub times: usize,
}

/// Reads a body.
///
/// # Errors
/// It is no calendar with one event, or that event cannot be read.
pub fn read(guest: &Guest, body: &[u8]) -> Result<Sent, No> {
    let text = std::str::from_utf8(body).map_err(|error| Trouble::Unreadable(error.to_string()))?;
    of_text(text).map_err(|(condition, why)| {
        No::Said(403, condition, guest.say("dav-not-read", &json!({ "why": why })))
    })
}

/// What is wrong: the condition of RFC 4791, and a developer's words with the line.
pub type Wrong = (&'static str, String);

/// The same of a text.
///
/// # Errors
/// As of [`read`].
pub fn of_text(text: &str) -> Result<Sent, Wrong> {
    let data = |why: String| ("C:valid-calendar-data", why);
    let resource = |why: &str| ("C:valid-calendar-object-resource", why.to_owned());
    let calendars = ical::read(text).map_err(|fault| data(fault.to_string()))?;
    let [calendar] = calendars.as_slice() else { return Err(data("one VCALENDAR is needed".into())) };
    if calendar.inside.iter().any(|part| matches!(part.name.as_str(), "VTODO" | "VJOURNAL" | "VFREEBUSY")) {
        return Err(("C:supported-calendar-component", "only VEVENT is taken".into()));
    }
    if calendar.line("METHOD").is_some() {
        return Err(resource("METHOD does not belong here"));
    }
    let agenda = ical::agenda(calendar);
    if let Some(fault) = agenda.faults.first() {
        return Err(data(fault.to_string()));
    }
    let masters: Vec<&Component> =
        calendar.parts("VEVENT").filter(|part| part.line("RECURRENCE-ID").is_none()).collect();
    let [master] = masters.as_slice() else { return Err(resource("one event is needed")) };
    let uid = value(master, "UID");
    if uid.is_empty() || agenda.events.iter().any(|event| event.uid != uid) {
        return Err(resource("all parts need the same UID"));
    }
    let categories = master.all("CATEGORIES").flat_map(|line| line.value.split(','));
    Ok(Sent {
        summary: value(master, "SUMMARY"),
        description: value(master, "DESCRIPTION"),
        categories: categories.map(|one| plain(one).trim().to_lowercase()).collect(),
        samples: value(master, "X-KECHUANG-SAMPLES").parse().ok(),
        is_cancelled: value(master, "STATUS").eq_ignore_ascii_case("CANCELLED"),
        times: times(&agenda).ok_or_else(|| data("the event has no time, or too many".into()))?,
        uid,
    })
}

fn value(part: &Component, name: &str) -> String {
    part.line(name).map(|line| plain(&line.value).trim().to_owned()).unwrap_or_default()
}

/// Every time of an event and its changed occurrences, by their places in the series.
fn times(agenda: &Agenda) -> Option<BTreeMap<i64, Span>> {
    let home = crate::rooms::china();
    let mut all = agenda.clone();
    let starts = all.events.iter().map(|event| event.start.instant(&home));
    let (first, last) = (starts.clone().min()?, starts.max()?);
    // Whether it is cancelled is looked at by whoever asks.
    let main = all.events.iter_mut().find(|event| event.instead_of.is_none())?;
    main.is_cancelled = false;
    let placed = all.placed(Span::new(first, last.saturating_add(REACH))?, &home).0;
    let span = |one: &ical::Placed| Span::new(one.occurrence.from, one.occurrence.until);
    let times: Option<BTreeMap<i64, Span>> =
        placed.iter().take(TIMES_MAX + 1).map(|one| Some((one.place, span(one)?))).collect();
    times.filter(|times| !times.is_empty() && times.len() <= TIMES_MAX)
}

impl Sent {
    /// The first time, and the series it begins when there are several. `None` when they are not evenly apart, or
    /// differ in length: the desk knows no such series.
    #[must_use]
    pub fn series(&self) -> Option<(Span, Option<Series>)> {
        let spans: Vec<Span> = self.times.values().copied().collect();
        let (first, rest) = spans.split_first()?;
        let Some(second) = rest.first() else { return Some((*first, None)) };
        let step = second.from() - first.from();
        let is_even = spans.windows(2).all(|pair| match pair {
            [one, two] => two.from() - one.from() == step && two.length() == one.length(),
            _ => false,
        });
        let days = step / DAY;
        let is_series = is_even && days > 0 && step == days * DAY && days <= 92 && spans.len() <= 52;
        is_series.then_some((*first, Some(Series { days, times: spans.len() })))
    }
}

/// Whole minutes of a time, rounded up; a desk says whether they suit.
#[must_use]
pub const fn minutes(span: Span) -> i64 {
    (span.length() + MINUTE - 1) / MINUTE
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(lines: &str) -> Result<Sent, Wrong> {
        of_text(&format!(
            "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:u\n{lines}\nEND:VEVENT\nEND:VCALENDAR\n"
        ))
    }

    fn told(lines: &str) -> String {
        let sent = event(lines).unwrap();
        match sent.series() {
            None => format!("{} uneven", sent.times.len()),
            Some((span, None)) => format!("{} minutes", minutes(span)),
            Some((span, Some(series))) => {
                format!("{} minutes, every {} days, {} times", minutes(span), series.days, series.times)
            }
        }
    }

    #[test]
    fn a_recurrence_is_a_series_when_its_times_are_evenly_apart() {
        let one = "DTSTART;TZID=Asia/Shanghai:20261201T090000\nDTEND;TZID=Asia/Shanghai:20261201T103000";
        for (more, expected) in [
            ("", "90 minutes"),
            ("\nRRULE:FREQ=WEEKLY;COUNT=4", "90 minutes, every 7 days, 4 times"),
            ("\nRRULE:FREQ=DAILY;INTERVAL=3;UNTIL=20261210T010000Z", "90 minutes, every 3 days, 4 times"),
            ("\nRRULE:FREQ=WEEKLY;BYDAY=TU,TH;COUNT=4", "4 uneven"),
            ("\nRRULE:FREQ=MONTHLY;COUNT=4", "4 uneven"),
            ("\nRRULE:FREQ=DAILY;COUNT=60", "60 uneven"),
            ("\nRRULE:FREQ=DAILY;COUNT=4\nEXDATE;TZID=Asia/Shanghai:20261202T090000", "3 uneven"),
            ("\nRRULE:FREQ=DAILY;COUNT=1", "90 minutes"),
        ] {
            assert_eq!(told(&format!("{one}{more}")), expected, "{more}");
        }
        // Wall time that does not say where is China's; a day is a day there.
        assert_eq!(told("DTSTART:20261201T090000\nDURATION:PT45M"), "45 minutes");
        let day = event("DTSTART;VALUE=DATE:20261201").unwrap();
        assert_eq!(day.times.keys().next(), Some(&1_796_054_400_000), "{day:?}");
        assert_eq!(minutes(*day.times.values().next().unwrap()), 1_440);
    }

    #[test]
    fn a_changed_occurrence_keeps_the_time_it_was_meant_for() {
        let text = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:u\nDTSTART:20261201T010000Z\nDURATION:PT1H\nRRULE:FREQ=DAILY;COUNT=3\nEND:VEVENT\n\
                    BEGIN:VEVENT\nUID:u\nRECURRENCE-ID:20261202T010000Z\nDTSTART:20261202T050000Z\nDURATION:PT2H\nEND:VEVENT\n\
                    BEGIN:VEVENT\nUID:u\nRECURRENCE-ID:20261203T010000Z\nDTSTART:20261203T010000Z\nDURATION:PT1H\nSTATUS:CANCELLED\nEND:VEVENT\nEND:VCALENDAR\n";
        let sent = of_text(text).unwrap();
        let told: Vec<(i64, i64)> =
            sent.times.iter().map(|(at, span)| ((span.from() - at) / 3_600_000, minutes(*span))).collect();
        assert_eq!(told, [(0, 60), (4, 120)]);
    }

    #[test]
    fn what_is_no_single_event_is_refused_with_its_condition() {
        let two = "DTSTART:20261201T010000Z\nEND:VEVENT\nBEGIN:VEVENT\nUID:u\nDTSTART:20261202T010000Z";
        let other = "DTSTART:20261201T010000Z\nEND:VEVENT\nBEGIN:VEVENT\nUID:v\nRECURRENCE-ID:20261201T010000Z\nDTSTART:20261202T010000Z\nDURATION:PT1H";
        for (lines, condition) in [
            (two, "C:valid-calendar-object-resource"),
            (other, "C:valid-calendar-object-resource"),
            ("SUMMARY:no time", "C:valid-calendar-data"),
            ("DTSTART:20261201T010000Z", "C:valid-calendar-data"),
            ("DTSTART:20261201T010000Z\nDURATION:PT1H\nRRULE:FREQ=NEVER", "C:valid-calendar-data"),
            ("DTSTART:20261201T010000Z\nDURATION:PT1H\nRRULE:FREQ=HOURLY", "C:valid-calendar-data"),
            ("DTSTART:20261201T010000Z\nDTEND:20261130T010000Z", "C:valid-calendar-data"),
        ] {
            assert_eq!(event(lines).unwrap_err().0, condition, "{lines}");
        }
        let todo = "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VTODO\nUID:u\nEND:VTODO\nEND:VCALENDAR\n";
        assert_eq!(of_text(todo).unwrap_err().0, "C:supported-calendar-component");
        assert_eq!(of_text("hello").unwrap_err().0, "C:valid-calendar-data");
    }
}
