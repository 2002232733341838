//! Occupancy: whoever begins goes into the laboratory in which the instrument stands, and out of it at the end. Where the
//! laboratory counts, it may say that it is full. Where nobody of the unit is there, whoever begins says who is there with them.

use grammar::prelude::*;

use super::{
    Booking, Event, Presence,
    Refusal::{self, CompanionIsYou, CompanionNeeded, CompanionNotHere},
    extras::{NOBODY_ALONE, is_alone},
};
use crate::{
    calendar::Times,
    instrument::{Instrument, Using},
    laboratory::{self, Laboratory, People},
    person::Person,
};

/// What whoever begins says before the instrument.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Beginning {
    pub instrument: Ref<Instrument>,
    pub code: Text<20>,
    /// The second person is here.
    #[serde(default)]
    pub with_companion: bool,
    /// Who it is, where it is not the one who was named.
    #[serde(default)]
    pub companion: Option<Ref<Person>>,
}

/// The laboratory in which an instrument stands.
pub(super) fn laboratory_of(card: &Card) -> Option<Ref<Laboratory>> {
    card.holders("laboratory").next().map(Id::r)
}

impl Booking {
    /// Who is there too from now until the end: somebody, where nobody of the unit is.
    pub(super) fn is_with(
        &self,
        beginning: &Beginning,
        times: Times,
        ctx: &Ctx,
    ) -> Result<Option<Ref<Person>>, No<Refusal>> {
        let using = ctx.see(beginning.instrument).read::<Using>("using").unwrap_or_default();
        let is_needed = is_alone(&using, &self.request, times);
        let named = beginning.companion.or(self.request.companion);
        let is_here = beginning.with_companion || beginning.companion.is_some();
        if is_needed {
            ensure(named.is_some(), CompanionNeeded { from: times.from }).by(NOBODY_ALONE)?;
            ensure(is_here, CompanionNotHere).by(NOBODY_ALONE)?;
        }
        let companion = named.filter(|_| is_here);
        let is_another = companion.is_none_or(|companion| !ctx.by.is_itself(companion.id()));
        ensure(is_another, CompanionIsYou)?;
        Ok(companion)
    }

    /// Whoever uses it from elsewhere takes no place; a second person takes one too.
    pub(super) fn goes_in(&self, started: Event) -> Script<Event> {
        let Event::Started { laboratory, companion, .. } = started else { impossible(&started) };
        let is_there = self.request.way.is_none_or(|way| way == Presence::OnSite);
        let people = People::new(1 + i64::from(companion.is_some()));
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
