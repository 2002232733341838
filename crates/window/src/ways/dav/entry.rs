//! Entry: one booking, or one busy time, as a file of a calendar.

use desks::booking::{Came, Request, Sitting, Skipped};
use engines::booking::{
    DAY, Span,
    ical::{Component, Line, Zone, escaped, text},
};
use grammar::kinds::Id;
use registry::Record;
use serde::de::DeserializeOwned;
use sha2::{Digest, Sha256};

use crate::{guest::Guest, rooms::Busy, session::hex};

pub const KIND: &str = "text/calendar; charset=utf-8";

/// A file of a calendar.
#[derive(Clone, Debug)]
pub struct Entry {
    pub name: String,
    pub uid: String,
    pub text: String,
    pub etag: String,
    /// The times it is about, in order.
    pub spans: Vec<Span>,
    /// `None` for a busy time, which is nobody's to change.
    pub booking: Option<Box<Record>>,
    /// Others can have the instrument then, too.
    pub leaves_room: bool,
}

fn utc(instant: i64) -> String {
    Zone::utc().civil(instant).strftime("%Y%m%dT%H%M%SZ").to_string()
}

fn read<T: DeserializeOwned>(record: &Record, field: &str) -> Option<T> {
    serde_json::from_value(record.state.pointer(field)?.clone()).ok()
}

/// The sittings of a booking that still count, each with the time that was first asked for it.
#[must_use]
pub fn sittings(record: &Record) -> Vec<(i64, Span)> {
    let (Some(request), Some(all)) =
        (read::<Request>(record, "/request"), read::<Vec<Sitting>>(record, "/sittings"))
    else {
        return vec![];
    };
    let skipped: Vec<Skipped> = read(record, "/skipped").unwrap_or_default();
    let is_skipped = |from| skipped.iter().any(|skip| skip.times.from == from);
    let asked = request.wished().into_iter().map(|times| times.from).filter(|from| !is_skipped(*from));
    // A moved sitting keeps its place among them.
    let pairs = asked.zip(all).filter_map(|(asked, sitting)| {
        let is_over = matches!(sitting.came, Came::Cancelled | Came::Displaced | Came::Missed);
        let span = Span::new(sitting.times.from.in_millis(), sitting.times.until.in_millis())?;
        (!is_over).then_some((asked.in_millis(), span))
    });
    pairs.collect()
}

/// The first line of what was asked for, and the rest.
#[must_use]
pub fn detail(record: &Record) -> (String, String) {
    let detail =
        record.state.pointer("/request/detail").and_then(serde_json::Value::as_str).unwrap_or_default();
    let (first, rest) = detail.split_once('\n').unwrap_or((detail, ""));
    (first.trim().to_owned(), rest.trim().to_owned())
}

/// What people read below the title of a booking: its words, for whom, how it stands, and where it is kept.
#[must_use]
pub fn description(guest: &Guest, record: &Record) -> String {
    let name = |part: &str| record.card.holders(part).next().map_or_else(String::new, |id| guest.name(id));
    let title = guest.pick(&record.card.title_zh, &record.card.title_en);
    let status = guest.desk_word("booking", "status", &record.card.status);
    let kept = format!("{}/booking/{}", guest.house.options.public_url, record.id);
    let (_, rest) = detail(record);
    format!("{rest}\n{title} · {} · {status}\n{kept}", name("buyer")).trim().to_owned()
}

/// A booking as a file, under the name and the lasting name its program gave it.
#[must_use]
pub fn of_booking(guest: &Guest, record: Record, name: String, uid: String) -> Entry {
    let all = sittings(&record);
    let spans: Vec<Span> = all.iter().map(|(_, span)| *span).collect();
    let request: Option<Request> = read(&record, "/request");
    let status = if matches!(record.card.status.as_str(), "requested" | "quoted" | "offered") {
        "TENTATIVE"
    } else {
        "CONFIRMED"
    };
    let location = record.card.region.map_or_else(String::new, |region| guest.region(region));
    let base = |span: Span| {
        let mut event = Component::new("VEVENT");
        event.lines = vec![
            Line::new("UID", escaped(&uid)),
            Line::new("DTSTAMP", utc(record.changed.in_millis())),
            Line::new("LAST-MODIFIED", utc(record.changed.in_millis())),
            Line::new("SEQUENCE", record.sequence.to_string()),
            Line::new("DTSTART", utc(span.from())),
            Line::new("DTEND", utc(span.until())),
            Line::new("SUMMARY", escaped(&detail(&record).0)),
            Line::new("DESCRIPTION", escaped(&description(guest, &record))),
            Line::new("LOCATION", escaped(&location)),
            Line::new("STATUS", status),
        ];
        event
    };
    let wished = request.as_ref().map(Request::wished).unwrap_or_default();
    let every = request.as_ref().and_then(|request| request.every);
    let first = wished.first().and_then(|times| Span::new(times.from.in_millis(), times.until.in_millis()));
    let inside = match (every, first) {
        (Some(every), Some(first)) => {
            let mut whole = base(first);
            let rule = format!("FREQ=DAILY;INTERVAL={};COUNT={}", every.days.get(), every.times.get());
            whole.lines.push(Line::new("RRULE", rule));
            let is_left = |at: i64| all.iter().any(|(asked, _)| *asked == at);
            let gone: Vec<i64> =
                wished.iter().map(|times| times.from.in_millis()).filter(|at| !is_left(*at)).collect();
            whole.lines.extend(gone.into_iter().map(|at| Line::new("EXDATE", utc(at))));
            let moved =
                all.iter().filter(|(asked, span)| *asked != span.from() || span.length() != first.length());
            let moved = moved.map(|(asked, span)| {
                let mut event = base(*span);
                event.lines.push(Line::new("RECURRENCE-ID", utc(*asked)));
                event
            });
            std::iter::once(whole).chain(moved).collect()
        }
        _ => spans.iter().copied().take(1).map(base).collect(),
    };
    finished(name, uid, inside, spans, Some(Box::new(record)))
}

/// The name of a busy time's file: when it begins, which alone tells it from others of its instrument.
#[must_use]
pub fn busy_name(from: i64) -> String {
    format!("busy-{from}.ics")
}

/// A busy time as a file. It names nobody.
#[must_use]
pub fn of_busy(guest: &Guest, instrument: Id, busy: &Busy) -> Entry {
    let (from, until, summary) = (busy.span.from(), busy.span.until(), busy.said(guest));
    let uid = lasting(guest, &format!("{instrument}-{from}"));
    let mut event = Component::new("VEVENT");
    event.lines = vec![
        Line::new("UID", escaped(&uid)),
        // When it was written is not told: the same time has the same file, whoever has it.
        Line::new("DTSTAMP", utc(from)),
        Line::new("DTSTART", utc(from)),
        Line::new("DTEND", utc(until)),
        Line::new("SUMMARY", escaped(&summary)),
        Line::new("STATUS", "CONFIRMED"),
    ];
    if !busy.is_full() {
        event.lines.push(Line::new("TRANSP", "TRANSPARENT"));
    }
    let entry = finished(busy_name(from), uid, vec![event], vec![busy.span], None);
    Entry { leaves_room: !busy.is_full(), ..entry }
}

/// Lasting names end with the name of the region's log.
#[must_use]
pub fn lasting(guest: &Guest, of: &str) -> String {
    format!("{of}@{}", guest.house.registry.settings().origin.replace('/', "."))
}

fn finished(
    name: String,
    uid: String,
    inside: Vec<Component>,
    spans: Vec<Span>,
    booking: Option<Box<Record>>,
) -> Entry {
    let mut calendar = Component::new("VCALENDAR");
    calendar.lines = vec![Line::new("VERSION", "2.0"), Line::new("PRODID", "-//Kechuang//Booking//EN")];
    calendar.inside = inside;
    let text = text(&[calendar]);
    let digest: Vec<u8> = Sha256::digest(&text).iter().copied().take(16).collect();
    let etag = format!("\"{}\"", hex(&digest));
    Entry { name, uid, etag, text, spans, booking, leaves_room: false }
}

/// How far back and ahead a calendar tells.
#[must_use]
pub fn reach(now: i64) -> Option<Span> {
    const BACK: i64 = 60 * DAY;
    const AHEAD: i64 = 800 * DAY;
    Span::new(now - BACK, now + AHEAD)
}
