//! Zones: the world's time zones as they come with the program, and those that a calendar describes itself.

use std::{collections::BTreeMap, sync::Arc};

use jiff::{
    SignedDuration, Timestamp,
    civil::DateTime,
    tz::{Offset, TimeZone, TimeZoneDatabase},
};

use super::{Component, Dates, Fault, Rule, When, Why, ZONE_RULES_MAX, shown, value};

/// Changes of the clock that one described zone may have; enough for two a year until 2100.
const CHANGES_MAX: usize = 2_000;
/// Described zones are worked out until this year.
const LAST_YEAR: i16 = 2100;

/// A time zone.
#[derive(Clone, PartialEq, Debug)]
pub struct Zone(Kind);

#[derive(Clone, PartialEq, Debug)]
enum Kind {
    World(TimeZone),
    Own(Arc<Own>),
}

/// A zone as a calendar describes it. Always: changes in order of their instants.
#[derive(PartialEq, Debug)]
struct Own {
    first: i32,
    /// The instant in seconds, the offset before it, the offset after it.
    changes: Vec<(i64, i32, i32)>,
}

fn seconds(at: DateTime) -> i64 {
    Offset::UTC.to_timestamp(at).map_or(0, Timestamp::as_second)
}

impl Zone {
    #[must_use]
    pub fn utc() -> Self {
        Self(Kind::World(TimeZone::UTC))
    }

    /// So many hours ahead of UTC, all year.
    #[must_use]
    pub fn fixed(hours: i8) -> Self {
        let offset = Offset::from_hours(hours).unwrap_or(Offset::UTC);
        Self(Kind::World(TimeZone::fixed(offset)))
    }

    /// A zone of the world by its name, from the tables in the program: the system's are never looked at.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        TimeZoneDatabase::bundled().get(name).ok().map(|zone| Self(Kind::World(zone)))
    }

    /// The instant of a wall time, in milliseconds. A wall time that there is twice means the first; one that
    /// there is not is read with the offset before the change (RFC 5545, 3.3.5).
    #[must_use]
    pub fn instant(&self, at: DateTime) -> i64 {
        match &self.0 {
            Kind::World(zone) => {
                let instant = zone.to_ambiguous_timestamp(at).compatible();
                instant.map_or_else(|_| seconds(at).saturating_mul(1_000), Timestamp::as_millisecond)
            }
            Kind::Own(own) => (seconds(at) - i64::from(own.before(at))).saturating_mul(1_000),
        }
    }

    /// The wall time at an instant.
    #[must_use]
    pub fn civil(&self, instant: i64) -> DateTime {
        let at = Timestamp::from_millisecond(instant).unwrap_or_default();
        match &self.0 {
            Kind::World(zone) => zone.to_datetime(at),
            Kind::Own(own) => {
                let offset = SignedDuration::from_secs(i64::from(own.at(at.as_second())));
                Offset::UTC.to_datetime(at.checked_add(offset).unwrap_or(at))
            }
        }
    }
}

impl Own {
    /// The offset by which a wall time is read: a change counts once its later side is past.
    fn before(&self, at: DateTime) -> i32 {
        let wall = seconds(at);
        let passed =
            self.changes.partition_point(|(instant, from, to)| instant + i64::from(*from.max(to)) <= wall);
        self.after(passed)
    }

    fn at(&self, instant: i64) -> i32 {
        self.after(self.changes.partition_point(|(change, ..)| *change <= instant))
    }

    fn after(&self, passed: usize) -> i32 {
        passed.checked_sub(1).and_then(|last| self.changes.get(last)).map_or(self.first, |(.., to)| *to)
    }

    fn read(component: &Component) -> Result<Self, Fault> {
        let mut changes = Vec::new();
        for part in
            component.inside.iter().filter(|part| matches!(part.name.as_str(), "STANDARD" | "DAYLIGHT"))
        {
            let needed = |name: &str| part.line(name).ok_or(Fault { line: part.number, why: Why::EmptyZone });
            let offset = |name: &str| {
                let line = needed(name)?;
                value::offset(&line.value).ok_or_else(|| line.fault(Why::BadOffset(shown(&line.value))))
            };
            let (from, to) = (offset("TZOFFSETFROM")?, offset("TZOFFSETTO")?);
            for at in onsets(part, from, needed("DTSTART")?)? {
                changes.push((seconds(at) - i64::from(from), from, to));
            }
        }
        changes.sort_unstable();
        changes.truncate(CHANGES_MAX);
        let first = changes.first().map(|(_, from, _)| *from);
        let first = first.ok_or(Fault { line: component.number, why: Why::EmptyZone })?;
        Ok(Self { first, changes })
    }
}

/// When one offset of a described zone begins, in the wall time before it.
fn onsets(part: &Component, from: i32, start: &super::Line) -> Result<Vec<DateTime>, Fault> {
    let bad = |line: &super::Line, text: &str| line.fault(Why::BadTime(shown(text)));
    let day = || value::date(start.value.trim()).map(|day| (day.at(0, 0, 0, 0), false));
    let (begins, _) =
        value::date_time(start.value.trim()).or_else(day).ok_or_else(|| bad(start, &start.value))?;
    let mut onsets = vec![begins];
    for line in part.all("RDATE") {
        for text in line.value.split(',') {
            let at =
                value::date_time(text.split('/').next().unwrap_or(text)).ok_or_else(|| bad(line, text))?;
            onsets.push(at.0);
        }
    }
    for line in part.all("RRULE") {
        let rule: Rule = line.value.parse().map_err(|why| line.fault(Why::BadRule(why)))?;
        // `UNTIL` is in UTC here, the wall time is not.
        let rule = rule.until_on_the_wall(|utc| utc.saturating_add(SignedDuration::from_secs(from.into())));
        let some = Dates::new(&rule, begins).take_while(|at| at.year() <= LAST_YEAR).take(CHANGES_MAX);
        onsets.extend(some);
    }
    onsets.sort_unstable();
    onsets.dedup();
    Ok(onsets)
}

/// The zones that the times of one calendar may name.
#[derive(Clone, Debug, Default)]
pub struct Zones {
    own: BTreeMap<String, Zone>,
    /// Where times are that do not say where, if the calendar says it of all of them (`X-WR-TIMEZONE`).
    unsaid: Option<Zone>,
}

impl Zones {
    /// Reads what a calendar describes.
    ///
    /// # Errors
    /// What is wrong with a description.
    pub fn of(calendar: &Component) -> Result<Self, Fault> {
        let mut own = BTreeMap::new();
        let rules =
            |part: &Component| part.inside.iter().map(|inner| inner.all("RRULE").count()).sum::<usize>();
        let mut count = 0;
        for part in calendar.parts("VTIMEZONE") {
            count += rules(part);
            if count > ZONE_RULES_MAX {
                return Err(Fault { line: part.number, why: Why::TooManyZones });
            }
            let Some(name) = part.line("TZID") else { continue };
            own.insert(name.value.trim().to_owned(), Zone(Kind::Own(Arc::new(Own::read(part)?))));
        }
        let zones = Self { own, unsaid: None };
        let unsaid = calendar.line("X-WR-TIMEZONE").and_then(|line| zones.find(&line.value));
        Ok(Self { unsaid, ..zones })
    }

    /// A time that does not say where it is.
    #[must_use]
    pub fn unsaid(&self, at: DateTime) -> When {
        self.unsaid.clone().map_or(When::Floating(at), |zone| When::Zoned(at, zone))
    }

    /// The zone that a `TZID` means: the world's of that name; else what the calendar describes; else the
    /// world's whose name it ends with, as some programs write it; else that of a Windows name.
    #[must_use]
    pub fn find(&self, name: &str) -> Option<Zone> {
        let name = name.trim();
        Zone::named(name)
            .or_else(|| self.own.get(name).cloned())
            .or_else(|| Zone::named(name.trim_start_matches('/')))
            .or_else(|| {
                let parts: Vec<&str> = name.split('/').collect();
                let tail = |n: usize| parts.len().checked_sub(n).and_then(|from| parts.get(from..));
                [3, 2].into_iter().filter_map(tail).find_map(|tail| Zone::named(&tail.join("/")))
            })
            .or_else(|| windows(name).and_then(Zone::named))
    }
}

/// What Windows calls a zone, for the zones whose calendars reach this house.
fn windows(name: &str) -> Option<&'static str> {
    const NAMES: [(&str, &str); 40] = [
        ("China Standard Time", "Asia/Shanghai"),
        ("Taipei Standard Time", "Asia/Taipei"),
        ("Tokyo Standard Time", "Asia/Tokyo"),
        ("Korea Standard Time", "Asia/Seoul"),
        ("Singapore Standard Time", "Asia/Singapore"),
        ("SE Asia Standard Time", "Asia/Bangkok"),
        ("India Standard Time", "Asia/Kolkata"),
        ("Arabian Standard Time", "Asia/Dubai"),
        ("Israel Standard Time", "Asia/Jerusalem"),
        ("Turkey Standard Time", "Europe/Istanbul"),
        ("Russian Standard Time", "Europe/Moscow"),
        ("E. Europe Standard Time", "Europe/Chisinau"),
        ("FLE Standard Time", "Europe/Kyiv"),
        ("GTB Standard Time", "Europe/Bucharest"),
        ("W. Europe Standard Time", "Europe/Berlin"),
        ("Central Europe Standard Time", "Europe/Budapest"),
        ("Central European Standard Time", "Europe/Warsaw"),
        ("Romance Standard Time", "Europe/Paris"),
        ("GMT Standard Time", "Europe/London"),
        ("Greenwich Standard Time", "Atlantic/Reykjavik"),
        ("UTC", "UTC"),
        ("Coordinated Universal Time", "UTC"),
        ("South Africa Standard Time", "Africa/Johannesburg"),
        ("Egypt Standard Time", "Africa/Cairo"),
        ("E. South America Standard Time", "America/Sao_Paulo"),
        ("Argentina Standard Time", "America/Argentina/Buenos_Aires"),
        ("Newfoundland Standard Time", "America/St_Johns"),
        ("Atlantic Standard Time", "America/Halifax"),
        ("Eastern Standard Time", "America/New_York"),
        ("Central Standard Time", "America/Chicago"),
        ("Mountain Standard Time", "America/Denver"),
        ("US Mountain Standard Time", "America/Phoenix"),
        ("Pacific Standard Time", "America/Los_Angeles"),
        ("Alaskan Standard Time", "America/Anchorage"),
        ("Hawaiian Standard Time", "Pacific/Honolulu"),
        ("W. Australia Standard Time", "Australia/Perth"),
        ("Cen. Australia Standard Time", "Australia/Adelaide"),
        ("AUS Eastern Standard Time", "Australia/Sydney"),
        ("New Zealand Standard Time", "Pacific/Auckland"),
        ("Fiji Standard Time", "Pacific/Fiji"),
    ];
    NAMES.iter().find(|(windows, _)| windows.eq_ignore_ascii_case(name)).map(|(_, world)| *world)
}
