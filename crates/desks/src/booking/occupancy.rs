//! Occupancy: whoever begins goes into the laboratory in which the instrument stands, and out of it at the end. Where the
//! laboratory counts, it may say that it is full.

use grammar::prelude::*;

use super::{Booking, Event, Presence};
use crate::laboratory::{self, Laboratory, People};

/// The laboratory in which an instrument stands.
pub(super) fn laboratory_of(card: &Card) -> Option<Ref<Laboratory>> {
    card.holders("laboratory").next().map(Id::r)
}

impl Booking {
    /// Whoever uses it from elsewhere takes no place; a second person takes one too.
    pub(super) fn goes_in(&self, started: Event, laboratory: Option<Ref<Laboratory>>) -> Script<Event> {
        let is_there = self.request.way.is_none_or(|way| way == Presence::OnSite);
        let people = People::new(1 + i64::from(self.request.companion.is_some()));
        let said = say(started);
        match (laboratory.filter(|_| is_there), people) {
            (Some(laboratory), Some(people)) => {
                let booking = self.itself;
                said.and(tell(laboratory, &laboratory::Command::Enter { booking, people }))
            }
            _ => said,
        }
    }

    pub(super) fn goes_out(&self, stopped: Event) -> Script<Event> {
        let at = if let Event::Stopped { at, .. } = stopped { Some(at) } else { None };
        let said = say(stopped);
        let out = match self.inside {
            Some(laboratory) => {
                said.and(tell(laboratory, &laboratory::Command::GoOut { booking: self.itself }))
            }
            None => said,
        };
        let Some(at) = at else { return out };
        self.gives_rest_back(at, out)
    }
}
