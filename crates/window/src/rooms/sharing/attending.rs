//! Attending: when nobody can run an instrument for others. What its operators' own calendars call busy lies outside the log,
//! under each of them; laid side by side it tells the instrument's desk one thing: the hours in which all of them are busy.

use desks::instrument::{Instrument, Operators, Unattended};
use engines::booking::{DAY, Span, Spans};
use grammar::{
    desk::Desk,
    kinds::{Day, Id, Moment},
    viewer::Viewer,
};
use registry::{Ask, Asker, Broken, Denied, Look, Record, Registry};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::times;
use crate::guest::chain_hex;

/// Where it lies what a person's calendars call busy; each key begins with the person, so that it goes with them.
pub const SPACE: &str = "own-busy";
/// Calendars of one person.
pub const SOURCES_MAX: u32 = 10;
/// How far ahead, and how long an event may have run already.
const AHEAD_DAYS: i32 = 430;
const BACK_DAYS: i32 = 60;

/// What one calendar of a person calls busy: times, and nothing else of it.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub struct OwnBusy {
    pub name: String,
    pub at: i64,
    pub events: usize,
    pub busy: Vec<(i64, i64)>,
}

/// The calendars that a person has brought.
///
/// # Errors
/// When the store cannot be read.
pub fn brought(registry: &Registry, person: Id) -> Result<Vec<(String, OwnBusy)>, Broken> {
    registry.kept_all(SPACE, &format!("{person}/"), SOURCES_MAX + 1)
}

/// The instruments that a person runs for others, as time sees them.
///
/// # Errors
/// When the store cannot be read.
pub fn run_by(registry: &Registry, person: Id) -> Result<Vec<Record>, Broken> {
    Look { registry, viewer: Viewer::clock() }.naming(Instrument::NAME, ("operator", person))
}

fn window(today: Day) -> Option<Span> {
    let [from, until] = [today.plus_days(-BACK_DAYS), today.plus_days(AHEAD_DAYS)];
    Span::new(from.begins().in_millis(), until.begins().in_millis())
}

/// The times in which every operator is busy, within the opening hours; none where one has brought no calendar.
fn unattended(registry: &Registry, instrument: &Record) -> Result<Unattended, Broken> {
    let (card, now) = (&instrument.card, registry.now());
    let using = times::using(card);
    let operators: Operators = card.read("operators").unwrap_or_default();
    let may = |on: Day| operators.iter().filter(move |each| !using.needs_licence || each.is_licensed(on));
    let Some(window) = window(now.day()) else { return Ok(Unattended::default()) };
    let mut all: Option<Spans> = None;
    for operator in may(now.day()) {
        let own = brought(registry, operator.person.id())?;
        let own = own.iter().flat_map(|(_, one)| one.busy.iter());
        let busy: Spans = own.filter_map(|(from, until)| Span::new(*from, *until)).collect();
        all = Some(all.map_or_else(|| busy.clone(), |all| all.common(&busy)));
    }
    let open = using.hours().open(window, &times::china());
    let all = all.unwrap_or_default().common(&open);
    let to_come = all.iter().filter(|span| now.in_millis() < span.until());
    let told = to_come.map(|span| desks::calendar::Times {
        from: Moment::from_millis(span.from()),
        until: Moment::from_millis(span.until()),
    });
    Ok(Unattended::new(told.take(desks::instrument::UNATTENDED_MAX).collect()).unwrap_or_default())
}

/// Tells an instrument's desk when nobody can run it, if that is not what it knows. Gives whether it was told.
///
/// # Errors
/// When the store cannot be used, or too much waits.
pub fn attend(registry: &Registry, instrument: &Record) -> Result<bool, Broken> {
    let known: Unattended = instrument.card.read("unattended").unwrap_or_default();
    // What is over stays as it was said; it stands in nobody's way.
    let ahead = |all: &Unattended| {
        let now = registry.now();
        all.iter().filter(|times| now < times.until).copied().collect::<Vec<_>>()
    };
    let unattended = unattended(registry, instrument)?;
    if instrument.card.status == "scrapped" || ahead(&known) == ahead(&unattended) {
        return Ok(false);
    }
    let command = json!({ "verb": "note-unattended", "unattended": unattended });
    let key = chain_hex(registry.chance().bytes());
    match registry.run(Ask::new(key, Asker::Clock, Instrument::NAME, Some(instrument.id), command)) {
        Ok(_) => Ok(true),
        Err(Denied::Broken(what)) => Err(Broken(what)),
        Err(Denied::Busy) => Err(Broken("too many asks wait".to_owned())),
        Err(_) => Ok(false),
    }
}

/// Something of a person's time has changed: each instrument that they run is told what follows.
///
/// # Errors
/// When the store cannot be used.
pub fn attend_all(registry: &Registry, person: Id) -> Result<Vec<Record>, Broken> {
    let all = run_by(registry, person)?;
    for instrument in &all {
        attend(registry, instrument)?;
    }
    Ok(all)
}

/// Days that what a person brought is kept; bringing it again keeps it longer.
pub const KEPT_MILLIS: i64 = 800 * DAY;
