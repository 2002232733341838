//! Occupancy: how many people may be in a laboratory at once, and who is at its instruments or visits it now. Whoever begins a
//! sitting goes in, with the second person beside them; when it ends they go out. Visitors go in and out with their visit; where it is
//! for a booking, those who sit there are among them and are counted once. Nobody is put out when the limit is lowered.

use std::collections::BTreeMap;

use grammar::prelude::*;

use super::{
    Command::{self, *},
    Event::{self, *},
    Laboratory, OFFICE,
    Refusal::{self, *},
};
use crate::{booking::Booking, visit::Visit};

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

/// Visitors of one visit, and the booking that they come for.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Admission {
    pub visit: Ref<Visit>,
    pub booking: Option<Ref<Booking>>,
    pub people: Between<1, 20>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Occupancy {
    /// Nobody counts while there is none.
    pub most: Option<Between<1, 1_000>>,
    pub inside: List<Inside, INSIDE_MAX>,
    /// One for each visit that has somebody inside.
    #[serde(default)]
    pub visits: List<Admission, INSIDE_MAX>,
}

impl Occupancy {
    /// How many are in it now. Those who came for a booking are those who sit there, as far as they are as many.
    fn people(&self) -> i64 {
        let (mut sitting, mut visiting) = (BTreeMap::new(), BTreeMap::new());
        for inside in self.inside.iter() {
            *sitting.entry(inside.booking).or_insert(0) += inside.people.get();
        }
        let mut alone = 0;
        for admission in self.visits.iter() {
            match admission.booking {
                Some(booking) => *visiting.entry(booking).or_insert(0) += admission.people.get(),
                None => alone += admission.people.get(),
            }
        }
        let beyond = |(booking, people): (&Ref<Booking>, &i64)| {
            (people - sitting.get(booking).copied().unwrap_or(0)).max(0)
        };
        alone + sitting.values().sum::<i64>() + visiting.iter().map(beyond).sum::<i64>()
    }

    /// The same with one more sitting, or with more visitors.
    fn people_with(&self, change: impl FnOnce(&mut Self) -> bool) -> i64 {
        let mut after = self.clone();
        if change(&mut after) { after.people() } else { i64::MAX }
    }

    /// More of one visit come in; no when there are too many visits.
    fn admit(&mut self, admission: Admission) -> bool {
        let Admission { visit, people, .. } = admission;
        let inside = self.visiting(visit);
        let Some(people) = Between::new(inside + people.get()) else { return false };
        self.visits.retain(|other| other.visit != visit);
        self.visits.push(Admission { people, ..admission })
    }

    fn see_out(&mut self, visit: Ref<Visit>, people: i64) {
        let left = self.visiting(visit) - people;
        match Between::new(left) {
            Some(left) => {
                let its = self.visits.iter_mut().filter(|admission| admission.visit == visit);
                its.for_each(|admission| admission.people = left);
            }
            None => self.visits.retain(|admission| admission.visit != visit),
        }
    }

    /// How many of a visit are counted inside.
    fn visiting(&self, visit: Ref<Visit>) -> i64 {
        self.visits
            .iter()
            .find(|admission| admission.visit == visit)
            .map_or(0, |admission| admission.people.get())
    }

    fn has(&self, booking: Ref<Booking>) -> bool {
        self.inside.iter().any(|inside| inside.booking == booking)
    }
}

/// Nobody comes in where as many are as may be; whoever is counted already takes no further place.
fn is_room(
    occupancy: &Occupancy,
    most: i64,
    change: impl FnOnce(&mut Occupancy) -> bool,
) -> Result<(), Refusal> {
    let (inside, after) = (occupancy.people(), occupancy.people_with(change));
    ensure(after <= most.max(inside), Full { most, inside })
}

impl Laboratory {
    pub(super) fn people_change(&self, command: &Command) -> Decision<Self> {
        let limit = self.occupancy.as_ref().and_then(|occupancy| Some((occupancy, occupancy.most?.get())));
        match command.clone() {
            SetOccupancy { most } => Ok(say(OccupancySet { most })),
            Enter { booking, people } => {
                // Where nobody counts, nothing is written.
                let Some((occupancy, most)) = limit else { return Ok(Script::silent()) };
                let inside = Inside { booking, people };
                is_room(occupancy, most, |after| after.inside.push(inside))?;
                Ok(say(Entered(inside)))
            }
            Admit(admission) => {
                let Some((occupancy, most)) = limit else { return Ok(Script::silent()) };
                is_room(occupancy, most, |after| after.admit(admission))?;
                Ok(say(Admitted(admission)))
            }
            GoOut { booking } if self.occupancy.as_ref().is_some_and(|occupancy| occupancy.has(booking)) => {
                Ok(say(WentOut { booking }))
            }
            SeeOut { visit, people } => {
                let counted = self.occupancy.as_ref().map_or(0, |occupancy| occupancy.visiting(visit));
                let people = Between::new(people.get().min(counted));
                Ok(people.map_or_else(Script::silent, |people| say(SeenOut { visit, people })))
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
                *occupancy = Some(Occupancy { most, inside: List::default(), visits: List::default() });
            }
            (Entered(inside), Some(occupancy)) => {
                if !occupancy.inside.push(inside) {
                    impossible(event);
                }
            }
            (WentOut { booking }, Some(occupancy)) => {
                occupancy.inside.retain(|inside| inside.booking != booking);
            }
            (Admitted(admission), Some(occupancy)) => {
                if !occupancy.admit(admission) {
                    impossible(event);
                }
            }
            (SeenOut { visit, people }, Some(occupancy)) => occupancy.see_out(visit, people.get()),
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
