//! Picking: times at several instruments that are ticked one after the other, over days and provinces, before all of them are
//! booked in one press. What was picked travels in the address and the form: nothing is kept, and no script is needed.

use desks::bundle::PICKS_MAX;
use engines::booking::{MINUTE, Span};
use grammar::kinds::{Day, Id, Moment};
use maud::{Markup, html};
use serde_json::json;

use super::{
    grid::{self, Hour},
    times,
};
use crate::{
    guest::Guest,
    parts::{self, Notice, Tone},
    visit::escape,
};

/// The field of each tick, and what says that several are picked.
const PICK: &str = "pick";
const SEVERAL: &str = "several";
/// The day that a button leads to.
pub const TO: &str = "to";
/// Ticks that are read; more than can be booked, so that it can be said.
const READ_MAX: usize = 40;
/// The longest time of one pick.
const MINUTES_MAX: i64 = 20_160;

/// A time at an instrument that was ticked.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Pick {
    pub instrument: Id,
    pub from: Moment,
    pub minutes: i64,
}

impl Pick {
    /// `instrument-… 2026-12-01T09:00 60`.
    fn read(line: &str) -> Option<Self> {
        let mut words = line.split_whitespace();
        let (instrument, from, minutes) = (words.next()?, words.next()?, words.next()?);
        let minutes = minutes.parse().ok().filter(|minutes| (5..=MINUTES_MAX).contains(minutes))?;
        let instrument: Id = instrument.parse().ok().filter(|id: &Id| id.desk() == "instrument")?;
        Some(Self { instrument, from: from.parse().ok()?, minutes })
    }

    fn text(&self) -> String {
        let Self { instrument, from, minutes } = self;
        format!("{instrument} {} {minutes}", times::local(from.in_millis()))
    }

    /// When it is, as people read it.
    pub fn when(&self, guest: &Guest) -> Markup {
        let from = self.from.in_millis();
        html! { @if let Some(span) = Span::new(from, from + self.minutes * MINUTE) { (grid::span(guest, span)) } }
    }
}

/// Whether this guest picks several.
pub fn is_several(guest: &Guest) -> bool {
    guest.visit.asked(SEVERAL).is_some()
}

/// What was ticked so far, each once, in the order of its time.
pub fn picked(guest: &Guest) -> Vec<Pick> {
    let lines = guest.visit.query.get(PICK).map_or("", String::as_str).lines();
    let mut picks: Vec<Pick> = Vec::new();
    for pick in lines.filter_map(Pick::read).take(READ_MAX) {
        if !picks.contains(&pick) {
            picks.push(pick);
        }
    }
    picks.sort_by_key(|pick| (pick.from, pick.instrument));
    picks
}

/// An address that carries picks along.
pub fn with(path: &str, picks: &[Pick]) -> String {
    let pairs = picks.iter().map(|pick| format!("&{PICK}={}", escape(&pick.text())));
    format!("{path}?{SEVERAL}=yes{}", pairs.collect::<String>())
}

/// The day that a button asked for, over the one in the form's box.
pub fn to_day(guest: &Guest) -> Option<Day> {
    guest.visit.asked(TO).and_then(|day| day.parse().ok())
}

/// Says in the form that several are picked.
pub fn mark() -> Markup {
    html! { input type="hidden" name=(SEVERAL) value="yes"; }
}

/// One place of the grid: a box to tick where it is free, else what stands there.
pub fn cell(
    guest: &Guest,
    hour: &Hour,
    length: i64,
    about: (Id, &str),
    picks: &[Pick],
) -> (Markup, &'static str) {
    let (instrument, name) = about;
    let (from, minutes, label) = match hour {
        Hour::Free { from, minutes } => (*from, *minutes, String::new()),
        Hour::Shared { there, places, free: Some((from, minutes)) } => {
            (*from, *minutes, times::places_taken(guest, there.len(), *places))
        }
        // Without a link: nobody leaves what they ticked.
        other => return grid::place(guest, other, |_, _| String::new(), name),
    };
    let pick = Pick { instrument, from: Moment::from_millis(from), minutes: length.min(minutes) };
    let inside = html! {
        label.pick {
            input type="checkbox" name=(PICK) value=(pick.text()) checked[picks.contains(&pick)];
            span.unseen { (name) " " (times::clock(from, false)) " " (guest.word("slot-free")) }
            @if !label.is_empty() { small { (label) } }
        }
    };
    (inside, "free")
}

/// What was ticked and does not stand in the grid, ticked still; and when it is too much.
pub fn carried(guest: &Guest, picks: &[Pick], is_in_grid: impl Fn(&Pick) -> bool) -> Markup {
    let elsewhere: Vec<&Pick> = picks.iter().filter(|pick| !is_in_grid(pick)).collect();
    html! {
        @if picks.len() > PICKS_MAX {
            (parts::notice(&Notice { tone: Tone::Warn, title: guest.say("picked-too-many", &json!({ "most": PICKS_MAX, "count": picks.len() })), body: html! {}, links: vec![] }))
        }
        @if !elsewhere.is_empty() {
            fieldset.field {
                legend { (guest.word("picked-before")) }
                div.choices { @for pick in elsewhere {
                    label.choice {
                        input type="checkbox" name=(PICK) value=(pick.text()) checked;
                        span { (guest.name(pick.instrument)) small { (pick.when(guest)) } }
                    }
                } }
            }
        }
    }
}

/// What ends the picking: on to all of them together.
pub fn bar(guest: &Guest) -> Markup {
    html! {
        div.row.pick-bar {
            button.main type="submit" formaction="/bundle/new/book" { (guest.word("picked-on")) }
            span.soft { (guest.say("picked-most", &json!({ "most": PICKS_MAX }))) }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_tick_is_read_as_it_was_written_and_nothing_else_is() {
        let pick = Pick::read("instrument-tem 2026-12-01T09:00 60").unwrap();
        assert_eq!(Pick::read(&pick.text()), Some(pick));
        for wrong in [
            "",
            "instrument-tem",
            "booking-x 2026-12-01T09:00 60",
            "instrument-tem 2026-13-01T09:00 60",
            "instrument-tem 2026-12-01T09:00 0",
            "instrument-tem 2026-12-01T09:00 99999",
        ] {
            assert_eq!(Pick::read(wrong), None, "{wrong}");
        }
    }
}
