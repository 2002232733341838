//! Settling: the calendar's closed times are made what the files last brought say, around whatever is booked here.

use std::collections::BTreeSet;

use desks::calendar::Why;
use engines::booking::{DAY, Span};
use grammar::{
    case::Refused,
    kinds::{Id, Moment},
};
use registry::{Ask, Denied, Record};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use super::{
    kept,
    read::{self, Busy, HORIZON_DAYS, LONGEST_DAYS, Unread},
};
use crate::{
    denied::{self, Trouble},
    guest::Guest,
    rooms::{Taken, pages, slots},
    session::hash,
};

const SPACE: &str = "busy-elsewhere";
/// Other calendars of one instrument, the letters of their names, and the clashes that are told.
pub const SOURCES_MAX: u32 = 10;
pub const NAME_MAX: usize = 60;
const CLASHES_MAX: usize = 100;
/// How long it is kept what a calendar brought; bringing it again keeps it longer.
const KEPT_DAYS: i64 = 800;

/// What one other calendar says, and what was closed for it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct Brought {
    pub name: String,
    pub at: i64,
    pub events: usize,
    pub wanted: Vec<(i64, i64)>,
    pub closed: Vec<(i64, i64)>,
}

/// A time that something here has already.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
pub struct Clash {
    pub from: Moment,
    pub until: Moment,
    /// The booking that stays.
    pub booking: Id,
}

/// A time that the instrument's desk would not close, in its own words.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Kept {
    pub from: Moment,
    pub until: Moment,
    pub why: String,
}

/// What came of it.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    pub name: String,
    pub events: usize,
    /// Times closed, opened again, and left as they were.
    pub closed: usize,
    pub opened: usize,
    pub unchanged: usize,
    pub clashes: Vec<Clash>,
    pub not_closed: Vec<Kept>,
    pub unread: Vec<Unread>,
    pub is_cut: bool,
}

fn spans(all: &[(i64, i64)]) -> Vec<Span> {
    all.iter().filter_map(|(from, until)| Span::new(*from, *until)).collect()
}

fn pairs(all: &[Span]) -> Vec<(i64, i64)> {
    all.iter().map(|span| (span.from(), span.until())).collect()
}

/// What other calendars have brought for an instrument.
///
/// # Errors
/// When the store cannot be read.
pub fn brought(guest: &Guest, instrument: Id) -> Result<Vec<(String, Brought)>, Trouble> {
    Ok(guest.house.registry.kept_all(SPACE, &format!("{instrument}/"), SOURCES_MAX + 1)?)
}

/// Takes in a file under a name; without a file, what that name had brought is opened again.
///
/// # Errors
/// When this guest does not keep the instrument, or nothing in it is a calendar.
pub fn bring(guest: &Guest, id: Id, name: &str, file: Option<&str>) -> Result<Report, Trouble> {
    let record = kept(guest, id)?;
    let name = named(guest, name)?;
    let now = guest.house.registry.now();
    let mut all = brought(guest, id)?;
    let key = format!("{id}/{}", hash(name));
    let busy = match file {
        Some(text) => read::read(text, now.in_millis()).map_err(|unread| unreadable(guest, &unread))?,
        None => Busy::default(),
    };
    if !all.iter().any(|(known, _)| *known == key) {
        if file.is_none() {
            return Err(Trouble::NotFound);
        }
        if all.len() >= SOURCES_MAX as usize {
            return Err(Trouble::Unreadable(guest.say("elsewhere-many", &json!({ "max": SOURCES_MAX }))));
        }
        all.push((key.clone(), Brought { name: name.to_owned(), ..Brought::default() }));
    }
    for (_, one) in all.iter_mut().filter(|(known, _)| *known == key) {
        (one.at, one.events, one.wanted) = (now.in_millis(), busy.events, pairs(&busy.spans));
    }
    let mut report = settle(guest, &record, &mut all, &key)?;
    let until = now.plus_millis(KEPT_DAYS * DAY);
    for (known, one) in &all {
        match (file, *known == key) {
            (None, true) => guest.house.registry.throw_away(SPACE, known)?,
            _ => guest.house.registry.keep(SPACE, known, one, until)?,
        }
    }
    report.name = name.to_owned();
    (report.events, report.unread, report.is_cut) = (busy.events, busy.unread, busy.is_cut);
    Ok(report)
}

/// How a calendar is called, in some letters and not too many.
pub(super) fn named<'a>(guest: &Guest, name: &'a str) -> Result<&'a str, Trouble> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > NAME_MAX {
        return Err(Trouble::Unreadable(guest.say("elsewhere-name", &json!({ "max": NAME_MAX }))));
    }
    Ok(name)
}

pub(super) fn unreadable(guest: &Guest, unread: &Unread) -> Trouble {
    let facts = json!({ "line": unread.line, "event": unread.event, "why": unread.why });
    Trouble::Unreadable(guest.say("elsewhere-unread", &facts))
}

/// Opens what no calendar calls busy any more, then closes what is new.
fn settle(
    guest: &Guest,
    record: &Record,
    all: &mut [(String, Brought)],
    of: &str,
) -> Result<Report, Trouble> {
    let now = guest.house.registry.now().in_millis();
    let reach = (HORIZON_DAYS + LONGEST_DAYS) * DAY;
    let Some(window) = Span::new(now - LONGEST_DAYS * DAY, now + reach) else { return Ok(Report::default()) };
    let taken = slots(&pages(&guest.look, record.id, window)?, window);
    let ours: BTreeSet<Span> = all.iter().flat_map(|(_, one)| spans(&one.closed)).collect();
    let is_ours = |one: &Taken| one.closed == Some(Why::Elsewhere) && ours.contains(&one.span);
    let mut others: Vec<Span> =
        taken.iter().filter(|one| !is_ours(one)).map(|one| one.span.wider(one.buffer)).collect();
    let mut report = Report::default();
    let mut steps: Vec<(usize, bool, Span)> = Vec::new();
    for (place, (key, one)) in all.iter_mut().enumerate() {
        let wanted: Vec<Span> = spans(&one.wanted).into_iter().filter(|span| now < span.until()).collect();
        let wishes: BTreeSet<Span> = read::pieces(&wanted, &others).into_iter().collect();
        let has: BTreeSet<Span> = spans(&one.closed).into_iter().filter(|span| now < span.until()).collect();
        if *key == of {
            report.unchanged = has.intersection(&wishes).count();
            report.clashes = clashes(&taken, &wanted);
        }
        steps.extend(has.difference(&wishes).map(|span| (place, false, *span)));
        steps.extend(wishes.difference(&has).map(|span| (place, true, *span)));
        others.extend(wishes.iter().copied());
        one.closed = pairs(&has.intersection(&wishes).copied().collect::<Vec<_>>());
    }
    steps.sort_by_key(|(_, closes, span)| (*closes, *span));
    run(guest, record.id, all, &steps, &mut report)?;
    Ok(report)
}

/// The bookings that stand in times which are busy elsewhere.
fn clashes(taken: &[Taken], wanted: &[Span]) -> Vec<Clash> {
    let met = taken.iter().filter_map(|one| {
        let (booking, _) = one.by?;
        let is_met = wanted.iter().any(|span| span.overlaps(one.span));
        let [from, until] = [one.span.from(), one.span.until()].map(Moment::from_millis);
        is_met.then_some(Clash { from, until, booking })
    });
    met.take(CLASHES_MAX).collect()
}

fn run(
    guest: &Guest,
    instrument: Id,
    all: &mut [(String, Brought)],
    steps: &[(usize, bool, Span)],
    report: &mut Report,
) -> Result<(), Trouble> {
    let asks = steps.iter().map(|(_, closes, span)| ask(guest, instrument, *closes, *span));
    let answers = guest.house.registry.run_many(asks.collect());
    for ((place, closes, span), answer) in steps.iter().zip(answers) {
        let [from, until] = [span.from(), span.until()].map(Moment::from_millis);
        match (closes, answer) {
            (true, Ok(_)) => {
                report.closed += 1;
                if let Some((_, one)) = all.get_mut(*place) {
                    one.closed.push((span.from(), span.until()));
                }
            }
            (false, Ok(_)) => report.opened += 1,
            // Someone has opened it by hand already.
            (false, Err(Denied::Refused(_))) => {}
            (true, Err(Denied::Refused(Refused::Because(refusal)))) => {
                let why = denied::worded(guest, &Trouble::Denied(Refused::Because(refusal).into())).sentence;
                report.not_closed.push(Kept { from, until, why });
            }
            (_, Err(denied)) => return Err(Trouble::Denied(denied)),
        }
    }
    Ok(())
}

fn ask(guest: &Guest, instrument: Id, closes: bool, span: Span) -> Ask {
    let [from, until] = [span.from(), span.until()].map(Moment::from_millis);
    let times = json!({ "from": from, "until": until });
    let command: Value = if closes {
        json!({ "verb": "close", "times": times, "why": Why::Elsewhere })
    } else {
        json!({ "verb": "reopen", "times": times })
    };
    // What was closed, opened and is closed again is asked anew each time.
    let key = crate::guest::chain_hex(guest.house.registry.chance().bytes());
    guest.ask(&key, "instrument", Some(instrument), command)
}
