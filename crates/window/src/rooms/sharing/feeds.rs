//! Feeds: calendars for other programs. An instrument's for everyone, busy times without names; a person's and a team's by
//! a secret address, with what that person may see at the moment of reading.

use desks::booking::Came;
use engines::booking::{
    DAY, Span, Spans,
    ical::{Feed, Shown, busy_text, feed_text},
};
use grammar::kinds::{Id, Moment};
use registry::{Filter, Look};
use serde_json::Value;

use super::{links::Calendar, times};
use crate::{denied::Trouble, guest::Guest, visit::Reply, ways::Answer};

const KIND: &str = "text/calendar; charset=utf-8";
/// How far back and ahead a calendar tells, in days.
const BACK: i32 = 30;
const AHEAD: i32 = 180;
/// Bookings in one calendar.
const ENTRIES_MAX: usize = 1_000;
const PAGE: u32 = 200;

fn reply(name: &str, text: String) -> Reply {
    // Shown by the program that asked; read anew each time.
    Reply { status: 200, kind: KIND, body: text.into_bytes(), headers: vec![] }
        .with("content-disposition", format!("inline; filename=\"{name}\""))
        .with("cache-control", "private, max-age=300")
}

/// Lasting names of entries end with the name of the region's log.
fn uid(guest: &Guest, of: &str) -> String {
    format!("{of}@{}", guest.house.registry.settings().origin.replace('/', "."))
}

/// An instrument's busy times, without names: as entries, or with `?as=freebusy` as one answer of busy time.
///
/// # Errors
/// When there is no such instrument for the public, or the store cannot be read.
pub fn public_feed(guest: &Guest, name: &str) -> Answer {
    let id: Id = name.strip_suffix(".ics").and_then(|id| id.parse().ok()).ok_or(Trouble::NotFound)?;
    // Whoever asks: the file is the same for all.
    let open = guest.house.registry.look(None)?;
    let record = open.record(id)?.filter(|record| record.desk == "instrument").ok_or(Trouble::NotFound)?;
    let now = guest.house.registry.now();
    let window = times::days(now.day().plus_days(-BACK), BACK + AHEAD).ok_or(Trouble::NotFound)?;
    let using = times::using(&record.card);
    let places = desks::calendar::count_of(using.places);
    let busy = times::busy_times(&times::taken(&open, id, window)?, places);
    let (file, alone) = (format!("{id}.ics"), times::unattended(&record.card, window));
    let is_run = using.is_supervised || using.needs_licence;
    if guest.visit.asked("as") == Some("freebusy") {
        // Where it is always run by somebody else, hours without an operator are nobody's.
        let alone = alone.iter().filter(|_| is_run);
        let busy: Spans =
            busy.iter().filter(|each| each.is_full()).map(|each| each.span).chain(alone).collect();
        return Ok(reply(&file, busy_text(&busy, window, &uid(guest, id.as_str()), now.in_millis())));
    }
    let shown = |of: String, span: Span, summary: String, is_free: bool| Shown {
        uid: uid(guest, &of),
        span,
        summary,
        description: String::new(),
        location: String::new(),
        is_tentative: false,
        is_cancelled: false,
        is_free,
        sequence: 0,
        changed: now.in_millis(),
    };
    let entry = |each: &times::Busy| {
        shown(format!("{id}-{}", each.span.from()), each.span, each.said(guest), !each.is_full())
    };
    let unrun = |span: Span| {
        let (of, summary) = (format!("{id}-alone-{}", span.from()), guest.word("slot-unattended").to_owned());
        shown(of, span, summary, !is_run)
    };
    let entries = busy.iter().map(entry).chain(alone.iter().map(unrun)).take(ENTRIES_MAX).collect();
    let name = guest.pick(&record.card.title_zh, &record.card.title_en).to_owned();
    let feed = Feed { name, entries };
    Ok(reply(&file, feed_text(&feed)))
}

/// A person's or a team's calendar, by its secret address.
///
/// # Errors
/// When there is no such address, its person may no longer sign in, or no longer belongs to the team.
pub fn feed(guest: &Guest, name: &str) -> Answer {
    let secret = name.strip_suffix(".ics").ok_or(Trouble::NotFound)?;
    let calendar = Calendar::by_secret(guest, secret)?.ok_or(Trouble::NotFound)?;
    let look = guest.house.registry.look(Some(calendar.person))?;
    let person = look.viewer.person.ok_or(Trouble::NotFound)?;
    let is_member = calendar.team.is_none_or(|team| look.viewer.organisations.contains(&team));
    if !is_member {
        return Err(Trouble::NotFound);
    }
    let name = match calendar.team {
        Some(team) => {
            look.title(team).map_or_else(String::new, |(_, zh, en)| guest.pick(&zh, &en).to_owned())
        }
        None => guest.word("my-bookings").to_owned(),
    };
    let entries = entries(guest, &look, person, calendar.team)?;
    Ok(reply("kechuang.ics", feed_text(&Feed { name, entries })))
}

/// Sittings that this person booked, or that the team booked or keeps.
fn entries(guest: &Guest, look: &Look, person: Id, team: Option<Id>) -> Result<Vec<Shown>, Trouble> {
    let today = guest.house.registry.now().day();
    let window = times::days(today.plus_days(-BACK), BACK + AHEAD).ok_or(Trouble::NotFound)?;
    let mut filter = Filter {
        desk: "booking".into(),
        party: team,
        is_mine: team.is_none(),
        limit: PAGE,
        ..Filter::default()
    };
    let mut entries = Vec::new();
    for _ in 0..20 {
        let page = look.list(&filter)?;
        for listed in page.rows {
            let is_near =
                listed.card.until.is_none_or(|until| until.begins().in_millis() + DAY > window.from());
            let is_dead =
                matches!(listed.card.status.as_str(), "turned-down" | "lapsed" | "waiting" | "planning");
            if !is_near || is_dead {
                continue;
            }
            let Some(record) = look.record(listed.id)? else { continue };
            let booker = record.state.get("booker").and_then(Value::as_str);
            if team.is_none() && booker != Some(person.as_str()) {
                continue;
            }
            entries.extend(sittings(guest, look, &record, window));
            if entries.len() >= ENTRIES_MAX {
                return Ok(entries);
            }
        }
        filter.after = page.next;
        if filter.after.is_none() {
            break;
        }
    }
    Ok(entries)
}

fn sittings(guest: &Guest, look: &Look, record: &registry::Record, window: Span) -> Vec<Shown> {
    let card = &record.card;
    let name =
        |id: Id| look.title(id).map_or_else(String::new, |(_, zh, en)| guest.pick(&zh, &en).to_owned());
    let location = card.region.map_or_else(String::new, |region| guest.region(region));
    let all = record.state.get("sittings").and_then(Value::as_array).cloned().unwrap_or_default();
    let one = |each: &Value| {
        let at = |name: &str| -> Option<Moment> { each.pointer(name)?.as_str()?.parse().ok() };
        let span = Span::new(at("/times/from")?.in_millis(), at("/times/until")?.in_millis())?;
        let came: Came = serde_json::from_value(each.get("came")?.clone()).ok()?;
        span.common(window)?;
        Some(Shown {
            uid: uid(guest, &format!("{}-{}", record.id, span.from())),
            span,
            summary: guest.pick(&card.title_zh, &card.title_en).to_owned(),
            description: format!(
                "{} · {}\n{}/booking/{}",
                card.holders("buyer").next().map_or_else(String::new, name),
                guest.desk_word("booking", "status", &card.status),
                guest.house.options.public_url,
                record.id
            ),
            location: location.clone(),
            is_free: false,
            is_tentative: matches!(card.status.as_str(), "requested" | "quoted" | "offered"),
            is_cancelled: matches!(came, Came::Cancelled | Came::Displaced | Came::Missed),
            sequence: record.sequence,
            changed: record.changed.in_millis(),
        })
    };
    all.iter().filter_map(one).collect()
}
