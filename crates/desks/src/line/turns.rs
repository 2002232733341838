//! Turns: who stands in line, what they want, and what a line is after each event.

use grammar::prelude::*;

use super::{ENDED_MAX, Event, Event::*, Line};
use crate::{
    agreement::Agreement,
    booking::{Basis, Purpose},
    instrument::{Instrument, Mode},
    organisation::Organisation,
    permit::Permit,
    person::Person,
};

/// What somebody who joins wants to do.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Wish {
    pub instrument: Ref<Instrument>,
    pub buyer: Ref<Organisation>,
    pub minutes: Between<5, 20_160>,
    pub basis: Basis,
    pub samples: Option<Between<1, 10_000>>,
    pub purpose: Purpose,
    pub project: Option<Text<60>>,
    /// Samples, method, dangers: for the keeper.
    pub detail: Text<1000>,
    pub permit: Option<Ref<Permit>>,
    pub agreement: Option<Ref<Agreement>>,
    pub no_secrets: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Waits,
    Called,
}

/// One who stands in line. Others read the number and the minutes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Turn {
    pub number: i64,
    pub buyer: Option<Ref<Organisation>>,
    pub person: Option<Ref<Person>>,
    pub minutes: i64,
    pub wish: Option<Wish>,
    pub joined: Option<Moment>,
    pub standing: Standing,
    /// Until when whoever is called may begin.
    pub until: Option<Moment>,
}

/// How a turn came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum How {
    /// Called, and not taken in time.
    NotTaken,
    Skipped,
    /// There is no line any more.
    LineShut,
}

/// A turn that came to nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Ended {
    pub turn: Turn,
    pub how: How,
    pub at: Moment,
    pub reason: Option<Text<200>>,
}

impl Turn {
    /// Whether it is a turn of this viewer's organisation.
    #[must_use]
    pub fn is_of(&self, viewer: &Viewer) -> bool {
        self.buyer.is_some_and(|buyer| viewer.is(buyer.id())) || self.is_own(viewer)
    }

    /// Whether it is this person's own.
    #[must_use]
    pub fn is_own(&self, viewer: &Viewer) -> bool {
        self.person.is_some_and(|person| viewer.is_itself(person.id()))
    }

    pub(super) fn person_id(&self) -> Option<Id> {
        self.person.map(|person| person.id())
    }

    /// What someone else's turn tells.
    pub(super) fn veil(&mut self, viewer: &Viewer) {
        if !self.is_of(viewer) {
            (self.buyer, self.person, self.wish, self.joined) = (None, None, None, None);
        }
    }
}

/// The line of an instrument: its name follows from the instrument, so that nobody has to look for it.
#[must_use]
pub fn name(instrument: Ref<Instrument>) -> Ref<Line> {
    let id = instrument.id();
    let own = id.as_str().strip_prefix("instrument-").unwrap_or(id.as_str()).replace('-', "x");
    // An id has room for any name the registry makes; a longer one of a test keeps its beginning.
    let short: String = format!("line-{own}").chars().take(47).collect();
    short.parse::<Id>().unwrap_or_else(|_| impossible(&short)).r()
}

impl Line {
    #[must_use]
    pub fn called(&self) -> Option<&Turn> {
        self.turns.iter().find(|turn| turn.standing == Standing::Called)
    }

    pub(super) fn first_waiting(&self) -> Option<&Turn> {
        self.turns.iter().find(|turn| turn.standing == Standing::Waits)
    }

    pub(super) fn numbered(&self, number: i64) -> Option<&Turn> {
        self.turns.iter().find(|turn| turn.number == number)
    }

    /// Whether the next is called by itself once the instrument is free.
    pub(super) fn may_call(&self) -> bool {
        self.paused.is_none() && self.called().is_none() && self.first_waiting().is_some()
    }

    /// How many wait.
    pub(super) fn waiting(&self) -> usize {
        self.turns.iter().filter(|turn| turn.standing == Standing::Waits).count()
    }

    /// Minutes that all who stand there want.
    pub(super) fn wanted(&self) -> i64 {
        self.turns.iter().map(|turn| turn.minutes).sum()
    }

    pub(super) fn status(&self) -> &'static str {
        if !self.mode.has_line() {
            "shut"
        } else if self.called().is_some() {
            "called"
        } else if self.paused.is_some() {
            "paused"
        } else {
            "open"
        }
    }

    pub(super) fn goes_on(&mut self, event: &Event) {
        match event.clone() {
            Opened { .. } => impossible(event),
            Moved { unit } => self.unit = unit,
            ModeSet { mode, at } => self.is_given_otherwise(mode, at),
            Joined { turn } => {
                self.given = turn.number;
                if !self.turns.push(*turn) {
                    impossible(event);
                }
            }
            Left { number, .. } | Taken { number, .. } => {
                self.goes(number);
            }
            Called { number, until } => {
                self.stands(number, Standing::Called, Some(until));
                self.free_from = None;
            }
            SetBack { number } => self.stands(number, Standing::Waits, None),
            Lapsed { number, at, .. } => self.comes_to_nothing(number, How::NotTaken, at, None),
            Skipped { number, reason, at, .. } => {
                self.comes_to_nothing(number, How::Skipped, at, Some(reason));
            }
            Held { until } => self.free_from = until,
            Paused { reason } => self.paused = Some(reason),
            Resumed => self.paused = None,
        }
    }

    fn stands(&mut self, number: i64, standing: Standing, until: Option<Moment>) {
        let its = self.turns.iter_mut().filter(|turn| turn.number == number);
        its.for_each(|turn| (turn.standing, turn.until) = (standing, until));
    }

    fn goes(&mut self, number: i64) -> Option<Turn> {
        let turn = self.numbered(number).cloned();
        self.turns.retain(|turn| turn.number != number);
        turn
    }

    fn comes_to_nothing(&mut self, number: i64, how: How, at: Moment, reason: Option<Text<200>>) {
        let Some(turn) = self.goes(number) else { impossible(&("no such turn", number)) };
        let turn = Turn { standing: Standing::Waits, until: None, ..turn };
        let mut all: Vec<Ended> = self.ended.iter().cloned().collect();
        all.push(Ended { turn, how, at, reason });
        let late = all.len().saturating_sub(ENDED_MAX);
        self.ended = List::new(all.split_off(late)).unwrap_or_default();
    }

    fn is_given_otherwise(&mut self, mode: Mode, at: Moment) {
        self.mode = mode;
        if !mode.has_line() {
            let all: Vec<i64> = self.turns.iter().map(|turn| turn.number).collect();
            all.into_iter().for_each(|number| self.comes_to_nothing(number, How::LineShut, at, None));
            (self.paused, self.free_from) = (None, None);
        }
    }
}
