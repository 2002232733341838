//! Opening hours by the week, in the wall time of a place: summer time is where it belongs.

use jiff::{ToSpan, civil::Date};
use serde::{Deserialize, Serialize};

use super::{Span, Spans, ical::Zone};

/// From one minute of a day to another; 0 to 1,440. Across midnight it is two shifts, one for each day.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Shift {
    /// 1 is Monday, 7 is Sunday.
    pub weekday: i8,
    pub from: u16,
    pub until: u16,
}

/// When a place is open in any week. Without shifts it is always open.
#[derive(Clone, PartialEq, Eq, Debug, Default, Serialize, Deserialize)]
pub struct Hours(pub Vec<Shift>);

impl Hours {
    /// The open spans that reach into `window`, cut to it. A shift whose wall times a change of the clock
    /// swallows is shorter that day; one that it doubles is longer.
    #[must_use]
    pub fn open(&self, window: Span, zone: &Zone) -> Spans {
        if self.0.is_empty() {
            return Spans::from_iter([window]);
        }
        let mut open = Vec::new();
        let last = zone.civil(window.until()).date();
        let mut day = zone.civil(window.from()).date();
        // A window of more than a few years of hours is cut: nobody books so far ahead.
        for _ in 0..4_000 {
            if day > last {
                break;
            }
            let weekday = day.weekday().to_monday_one_offset();
            for shift in self.0.iter().filter(|shift| shift.weekday == weekday) {
                let (from, until) = (at(day, shift.from, zone), at(day, shift.until, zone));
                open.extend(Span::new(from, until).and_then(|span| span.common(window)));
            }
            let Ok(next) = day.checked_add(1.day()) else { break };
            day = next;
        }
        Spans::from_iter(open)
    }
}

/// The instant of a minute of a day; minute 1,440 is the next midnight.
fn at(day: Date, minute: u16, zone: &Zone) -> i64 {
    let minute = minute.min(1_440);
    let (day, minute) = if minute == 1_440 { (day.saturating_add(1.day()), 0) } else { (day, minute) };
    let [hour, rest] = [minute / 60, minute % 60].map(|part| i8::try_from(part).unwrap_or(0));
    zone.instant(day.at(hour, rest, 0, 0))
}
