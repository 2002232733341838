//! Security events: sign-ins, failures, lock-outs, resets, tokens. They are not for the public log: they lie
//! among the kept things, newest first, for the time the law wants them kept (rulebook-sources §14.3: at
//! least six months). What repeats within ten minutes is counted in one line, and a day has a limit, so that
//! a flood of failures fills no disk.

use std::sync::atomic::Ordering;

use grammar::kinds::{Day, Id, Moment};
use registry::Broken;
use serde::{Deserialize, Serialize};

use super::{device, hash};
use crate::{House, visit::Visit};

const SPACE: &str = "security";
/// How long an event is kept: two hundred days.
const KEPT_MILLIS: i64 = 200 * DAY_MILLIS;
const DAY_MILLIS: i64 = 86_400_000;
/// What repeats within this time is one line.
const SAME_MILLIS: i64 = 600_000;
/// Lines of one day that are written; what comes later is only counted.
const DAY_LINES_MAX: u64 = 20_000;

/// What happened.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum What {
    SignedIn,
    SignedUp,
    SignedOut,
    WrongPassword,
    WrongCode,
    WrongPasskey,
    PasskeyMade,
    PasskeyEnded,
    WrongIdentity,
    IdentityLinked,
    IdentityEnded,
    SecondBegun,
    SecondEnded,
    /// Too many tries: the name or the address has to wait.
    LockedOut,
    PasswordChanged,
    ResetMade,
    ResetUsed,
    SessionEnded,
    TokenMade,
    TokenUsed,
    TokenEnded,
    Halted,
    Resumed,
}

/// One line.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SecurityEvent {
    pub at: Moment,
    /// The last time within ten minutes, and how often.
    pub last: Moment,
    pub count: u32,
    pub what: What,
    pub person: Option<Id>,
    /// Who did it, when it was somebody else.
    pub by: Option<Id>,
    pub address: String,
    pub device: String,
    /// The name of a token, a reason; never a password or what was typed in its place.
    pub about: String,
}

/// Keys run backwards, so that the newest come first: day, then ten minutes, then what and who.
fn key(at: Moment, same: &str) -> String {
    let back = |millis: i64, each: i64| 9_999_999_999_i64 - millis / each;
    // The day of the house's clock, not of Greenwich.
    let day = back(at.day().begins().in_millis(), 60_000);
    format!("{day:010}/{:010}/{same}", back(at.in_millis(), SAME_MILLIS))
}

/// Writes an event of this visit.
///
/// # Errors
/// When the store cannot be written.
pub fn note(house: &House, visit: &Visit, what: What, person: Option<Id>, about: &str) -> Result<(), Broken> {
    write(house, visit, what, (person, None), about)
}

/// The same, where a person is known.
///
/// # Errors
/// When the store cannot be written.
pub fn note_for(house: &House, visit: &Visit, what: What, person: Id, about: &str) -> Result<(), Broken> {
    write(house, visit, what, (Some(person), None), about)
}

/// What somebody did to somebody else's way of signing in.
///
/// # Errors
/// When the store cannot be written.
pub fn note_by(
    house: &House,
    visit: &Visit,
    what: What,
    (person, by): (Id, Id),
    about: &str,
) -> Result<(), Broken> {
    write(house, visit, what, (Some(person), Some(by)), about)
}

fn write(
    house: &House,
    visit: &Visit,
    what: What,
    (person, by): (Option<Id>, Option<Id>),
    about: &str,
) -> Result<(), Broken> {
    let registry = &house.registry;
    let now = registry.now();
    let address = visit.from.clone();
    let same = format!("{what:?}/{person:?}/{by:?}/{address}/{about}");
    let key = key(now, hash(&same).get(..20).unwrap_or_default());
    let before: Option<SecurityEvent> = registry.kept(SPACE, &key)?;
    if before.is_none() && !has_room(house, now) {
        return Ok(());
    }
    let (at, count) = before.map_or((now, 0), |before| (before.at, before.count));
    let event = SecurityEvent {
        at,
        last: now,
        count: count.saturating_add(1),
        what,
        person,
        by,
        address,
        device: device(visit.header("user-agent")),
        about: about.chars().take(120).collect(),
    };
    registry.keep(SPACE, &key, &event, now.plus_millis(KEPT_MILLIS))
}

/// Whether a new line may be written today. The count is of this process; a restart begins anew.
fn has_room(house: &House, now: Moment) -> bool {
    let today = u64::try_from(now.in_millis() / DAY_MILLIS).unwrap_or(0);
    let (day, lines) = &house.security_lines;
    if day.swap(today, Ordering::Relaxed) != today {
        lines.store(0, Ordering::Relaxed);
    }
    let has_room = lines.fetch_add(1, Ordering::Relaxed) < DAY_LINES_MAX;
    if !has_room {
        tracing::warn!("more security events in a day than are written down");
    }
    has_room
}

/// The events of a day, or of all days, newest first.
///
/// # Errors
/// When the store cannot be read.
pub fn of_day(house: &House, day: Option<Day>, most: u32) -> Result<Vec<SecurityEvent>, Broken> {
    let prefix = day.map(|day| key(day.begins(), "").split('/').next().unwrap_or_default().to_owned());
    let found: Vec<(String, SecurityEvent)> =
        house.registry.kept_all(SPACE, &prefix.unwrap_or_default(), most)?;
    Ok(found.into_iter().map(|(_, event)| event).collect())
}
