//! Writing: components as text, and the two calendars a house gives out: one with everything for those who may
//! know, one with busy time alone for everyone.

use std::fmt::Write;

use super::{Component, Line, Zone, escaped};
use crate::booking::{Span, Spans};

/// Bytes of a line before it is folded.
const FOLD: usize = 75;

/// One entry of a feed.
#[derive(Clone, Debug)]
pub struct Shown {
    /// Lasting and world-wide unique: `booking-…@region.example`.
    pub uid: String,
    pub span: Span,
    pub summary: String,
    pub description: String,
    pub location: String,
    pub is_tentative: bool,
    pub is_cancelled: bool,
    /// It takes no time: whoever asks what is busy is not told of it.
    pub is_free: bool,
    /// Counts the changes, so that readers keep the later version.
    pub sequence: u32,
    /// When it was last changed.
    pub changed: i64,
}

/// A calendar for those who may know what is in it.
#[derive(Clone, Debug)]
pub struct Feed {
    pub name: String,
    pub entries: Vec<Shown>,
}

fn utc(instant: i64) -> String {
    Zone::utc().civil(instant).strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn calendar(parts: Vec<Component>, more: Vec<Line>) -> Component {
    let mut calendar = Component::new("VCALENDAR");
    calendar.lines = vec![Line::new("VERSION", "2.0"), Line::new("PRODID", "-//Kechuang//Booking//EN")];
    calendar.lines.extend(more);
    calendar.inside = parts;
    calendar
}

/// A feed as text.
#[must_use]
pub fn feed_text(feed: &Feed) -> String {
    let entry = |shown: &Shown| {
        let mut event = Component::new("VEVENT");
        event.lines = vec![
            Line::new("UID", escaped(&shown.uid)),
            Line::new("DTSTAMP", utc(shown.changed)),
            Line::new("LAST-MODIFIED", utc(shown.changed)),
            Line::new("SEQUENCE", shown.sequence.to_string()),
            Line::new("DTSTART", utc(shown.span.from())),
            Line::new("DTEND", utc(shown.span.until())),
            Line::new("SUMMARY", escaped(&shown.summary)),
            Line::new(
                "STATUS",
                match (shown.is_cancelled, shown.is_tentative) {
                    (true, _) => "CANCELLED",
                    (false, true) => "TENTATIVE",
                    (false, false) => "CONFIRMED",
                },
            ),
        ];
        if shown.is_free {
            event.lines.push(Line::new("TRANSP", "TRANSPARENT"));
        }
        for (name, text) in [("DESCRIPTION", &shown.description), ("LOCATION", &shown.location)] {
            if !text.is_empty() {
                event.lines.push(Line::new(name, escaped(text)));
            }
        }
        event
    };
    let name = vec![Line::new("X-WR-CALNAME", escaped(&feed.name)), Line::new("METHOD", "PUBLISH")];
    text(&[calendar(feed.entries.iter().map(entry).collect(), name)])
}

/// Busy time alone, as text: it names nobody.
#[must_use]
pub fn busy_text(busy: &Spans, window: Span, uid: &str, stamp: i64) -> String {
    let mut part = Component::new("VFREEBUSY");
    part.lines = vec![
        Line::new("UID", escaped(uid)),
        Line::new("DTSTAMP", utc(stamp)),
        Line::new("DTSTART", utc(window.from())),
        Line::new("DTEND", utc(window.until())),
    ];
    let periods = busy.iter().map(|span| format!("{}/{}", utc(span.from()), utc(span.until())));
    part.lines.extend(periods.map(|period| Line::new("FREEBUSY", period).with("FBTYPE", "BUSY")));
    text(&[calendar(vec![part], vec![])])
}

/// Components as text: lines end with CR LF and are folded at 75 bytes, never inside a letter.
#[must_use]
pub fn text(components: &[Component]) -> String {
    let mut text = String::new();
    for component in components {
        write(component, &mut text);
    }
    text
}

fn write(component: &Component, text: &mut String) {
    fold(&format!("BEGIN:{}", component.name), text);
    for line in &component.lines {
        fold(&whole(line), text);
    }
    for part in &component.inside {
        write(part, text);
    }
    fold(&format!("END:{}", component.name), text);
}

fn whole(line: &Line) -> String {
    let mut whole = line.name.clone();
    for (name, values) in &line.parameters {
        let values: Vec<String> = values.iter().map(|value| parameter(value)).collect();
        let _ = write!(whole, ";{name}={}", values.join(","));
    }
    whole.push(':');
    whole.push_str(&line.value.replace(['\r', '\n'], ""));
    whole
}

/// A parameter's value, quoted when it must be (RFC 6868 for what may not stand in quotes).
fn parameter(value: &str) -> String {
    let safe = value.replace('^', "^^").replace('"', "^'").replace('\n', "^n").replace('\r', "");
    if safe.contains([',', ';', ':']) { format!("\"{safe}\"") } else { safe }
}

fn fold(line: &str, text: &mut String) {
    let mut width = 0;
    for letter in line.chars() {
        if width + letter.len_utf8() > FOLD {
            text.push_str("\r\n ");
            width = 1;
        }
        text.push(letter);
        width += letter.len_utf8();
    }
    text.push_str("\r\n");
}
