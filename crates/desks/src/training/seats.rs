//! Seats: who comes, who waits for a seat, and who passed.

use grammar::prelude::*;

use super::{
    Event::{self, *},
    Refusal::*,
    SEATS_MAX, Training,
};
use crate::{
    instrument::Instrument,
    organisation::Organisation,
    permit::{self, Permit},
    person::Person,
};

/// What passing opens: an instrument, and with it all of the group that its unit put it in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Opens {
    pub instrument: Ref<Instrument>,
    pub unit: Ref<Organisation>,
    pub group: Option<Text<60>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Seated,
    Waits,
    Passed,
}

/// One who put their name down. Outsiders read that there is someone.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seat {
    pub person: Option<Ref<Person>>,
    pub standing: Standing,
    /// The permit that passing renews, and the instrument it was given for.
    pub renews: Option<Renews>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Renews {
    pub permit: Ref<Permit>,
    pub opens: Ref<Instrument>,
}

impl Seat {
    /// What someone else's seat tells: that it is taken.
    pub(super) fn veil(&mut self, viewer: &Viewer) {
        if self.person.is_none_or(|person| !viewer.is_itself(person.id())) {
            (self.person, self.renews) = (None, None);
            if self.standing == Standing::Passed {
                self.standing = Standing::Seated;
            }
        }
    }
}

type Said = Decision<Training>;

impl Training {
    /// How many have a seat.
    #[must_use]
    pub fn seated(&self) -> i64 {
        let seated = self.listed.iter().filter(|seat| seat.standing != Standing::Waits);
        i64::try_from(seated.count()).unwrap_or(i64::MAX)
    }

    /// How many wait for one.
    #[must_use]
    pub fn waiting(&self) -> usize {
        self.listed.iter().filter(|seat| seat.standing == Standing::Waits).count()
    }

    fn seat_of(&self, person: Ref<Person>) -> Option<&Seat> {
        self.listed.iter().find(|seat| seat.person == Some(person))
    }

    /// Gives a seat, or a place among those who wait.
    pub(super) fn lists(&self, person: Ref<Person>, renews: Option<Renews>) -> Said {
        ensure(self.seat_of(person).is_none(), ListedAlready)?;
        let is_full = self.seated() >= self.plan.seats.get();
        ensure(!is_full || self.waiting() < SEATS_MAX, WaitListFull { most: SEATS_MAX })?;
        let standing = if is_full { Standing::Waits } else { Standing::Seated };
        Ok(say(Listed { seat: Seat { person: Some(person), standing, renews } }))
    }

    /// Takes a name off; the first who waits moves up. Who passed stays.
    pub(super) fn unlists(&self, person: Ref<Person>) -> Said {
        let Some(seat) = self.seat_of(person) else { return Err(NotListed.into()) };
        ensure(seat.standing != Standing::Passed, PassedAlready { person })?;
        let left = say(Left { person: Some(person) });
        let next = self.listed.iter().find(|next| next.standing == Standing::Waits);
        Ok(match next.filter(|_| seat.standing == Standing::Seated) {
            Some(next) => left.say(MovedUp { person: next.person }),
            None => left,
        })
    }

    /// Their own permit, for something that is taught here.
    pub(super) fn renews(
        &self,
        permit: Ref<Permit>,
        person: Ref<Person>,
        ctx: &Ctx,
    ) -> Result<Renews, No<super::Refusal>> {
        let card = ctx.see(permit);
        ensure(card.holders("person").any(|id| id == person.id()), NotYourPermit)?;
        let group = card.read::<Text<60>>("group");
        let opens = |opens: &&Opens| {
            let is_it = card.holders("instrument").any(|id| id == opens.instrument.id());
            let is_unit = card.holders("unit").any(|id| id == opens.unit.id());
            is_it || (is_unit && group.is_some() && group == opens.group)
        };
        match self.opens.iter().find(opens) {
            Some(opens) => Ok(Renews { permit, opens: opens.instrument }),
            None => Err(OpensSomethingElse.into()),
        }
    }

    /// Each of them has a seat; for each instrument or group they are given a permit, or the one they named is renewed.
    pub(super) fn signs_off(&self, passed: &super::Passed, until: Day) -> Said {
        ensure(!passed.is_empty(), NobodyPassed)?;
        let mut seen = std::collections::BTreeSet::new();
        let mut tells = Vec::new();
        for person in passed.iter().copied() {
            let seat = self.seat_of(person).filter(|seat| seat.standing != Standing::Waits);
            let Some(seat) = seat else { return Err(NoSeat { person }.into()) };
            let is_new = seat.standing == Standing::Seated && seen.insert(person.id());
            ensure(is_new, PassedAlready { person })?;
            for Opens { instrument, .. } in &self.opens {
                let named = seat.renews.filter(|renews| renews.opens == *instrument);
                let permit = named.map_or_else(|| permit::name(person, *instrument), |renews| renews.permit);
                let (instrument, trained) = (*instrument, self.plan.from.day());
                tells.push(tell(permit, &permit::Command::Pass { instrument, person, trained, until }));
            }
        }
        Ok(tells.into_iter().fold(say(SignedOff { passed: passed.clone(), until }), Script::and))
    }

    pub(super) fn seats_change(&mut self, event: &Event) {
        match event.clone() {
            Listed { seat } => self.listed.push(seat),
            Left { person } => self.listed.retain(|seat| seat.person != person),
            MovedUp { person } => self.stands(person, Standing::Seated),
            SignedOff { passed, .. } => {
                passed.iter().for_each(|person| self.stands(Some(*person), Standing::Passed));
            }
            other => impossible(&other),
        }
    }

    fn stands(&mut self, person: Option<Ref<Person>>, standing: Standing) {
        self.listed.iter_mut().filter(|seat| seat.person == person).for_each(|seat| seat.standing = standing);
    }
}
