//! Occupancy: how many people may be in a laboratory at once, and who is at its instruments now. Whoever begins a sitting goes in,
//! with the second person that they named; when it ends they go out. Nobody is put out when the limit is lowered.

use grammar::prelude::*;

use super::{
    Command::{self, *},
    Event::{self, *},
    Laboratory, OFFICE,
    Refusal::*,
};
use crate::booking::Booking;

/// Sittings in a laboratory at once.
pub const INSIDE_MAX: usize = 1_000;

/// One person, or two.
pub type People = Between<1, 2>;

/// Those of one sitting.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Inside {
    pub booking: Ref<Booking>,
    pub people: People,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Occupancy {
    /// Nobody counts while there is none.
    pub most: Option<Between<1, 1_000>>,
    pub inside: List<Inside, INSIDE_MAX>,
}

impl Occupancy {
    /// How many are in it now.
    fn people(&self) -> i64 {
        self.inside.iter().map(|inside| inside.people.get()).sum()
    }

    fn has(&self, booking: Ref<Booking>) -> bool {
        self.inside.iter().any(|inside| inside.booking == booking)
    }
}

impl Laboratory {
    pub(super) fn people_change(&self, command: &Command) -> Decision<Self> {
        let limit = self.occupancy.as_ref().and_then(|occupancy| Some((occupancy, occupancy.most?.get())));
        match command.clone() {
            SetOccupancy { most } => Ok(say(OccupancySet { most })),
            Enter { booking, people } => {
                // Where nobody counts, nothing is written.
                let Some((occupancy, most)) = limit else { return Ok(Script::silent()) };
                let inside = occupancy.people();
                ensure(inside + people.get() <= most, Full { most, inside })?;
                Ok(say(Entered(Inside { booking, people })))
            }
            GoOut { booking } if self.occupancy.as_ref().is_some_and(|occupancy| occupancy.has(booking)) => {
                Ok(say(WentOut { booking }))
            }
            // Whoever began before the counting did is not counted out either.
            GoOut { .. } => Ok(Script::silent()),
            _ => not_now(),
        }
    }

    pub(super) fn counts_people(&mut self, event: &Event) {
        match (event.clone(), &mut self.occupancy) {
            (OccupancySet { most }, Some(occupancy)) => occupancy.most = most,
            (OccupancySet { most }, occupancy) => {
                *occupancy = Some(Occupancy { most, inside: List::default() });
            }
            (Entered(inside), Some(occupancy)) => {
                if !occupancy.inside.push(inside) {
                    impossible(event);
                }
            }
            (WentOut { booking }, Some(occupancy)) => {
                occupancy.inside.retain(|inside| inside.booking != booking);
            }
            _ => impossible(event),
        }
    }

    /// Who is in it is known to the lead unit and the authority.
    pub(super) fn counted(&self, card: Card) -> Card {
        let Some(occupancy) = &self.occupancy else { return card };
        let card = card.fact("people_most", occupancy.most);
        let people = occupancy.people();
        let card = if people > 0 { card.fact("people", people) } else { card };
        card.inside("lead").inside_office(OFFICE).inside_office("auditor")
    }
}
