//! Pool: how one comes into it, stays in it and leaves it, and what is known of one's ties.

use grammar::prelude::*;

use super::{
    Command::{self, *},
    Event::*,
    Expert,
    Refusal::*,
    Relation, Standing, Why,
    conflict::{Body, Bond},
    fields::EMPLOYERS_MAX,
};
use crate::organisation::Organisation;

const RELATIONS_MAX: usize = 200;
const RESTS_MAX: usize = 20;

/// How long what an expert has said is taken as true, in months.
pub(super) const YEARLY: Rule<i64> = rule("EP-R06");
/// Personal application and the unit's recommendation.
const ENTRY: Rule<bool> = rule("EP-R04");

/// What the person's card says of employers, told to oneself so that their own cards are read.
pub(super) fn note_employers(person: &Card, ctx: &Ctx) -> grammar::desk::Tell {
    let employers = person.holders("affiliation").take(EMPLOYERS_MAX).map(Id::r::<Organisation>).collect();
    tell(ctx.me.r::<Expert>(), &NoteEmployers { employers: List::new(employers).unwrap_or_default() })
}

pub(super) fn begin(command: &Command, ctx: &Ctx) -> Decision<Expert> {
    let Apply(fields) = command else { return not_now() };
    fields.sensible()?;
    let region = ctx.see(fields.unit).scope();
    let note = note_employers(ctx.see(fields.person), ctx);
    Ok(say(Applied { itself: ctx.me.r(), region, fields: fields.clone() }).and(note))
}

fn confirmed_until(ctx: &Ctx) -> Day {
    ctx.today().plus_months(i32::try_from(ctx.rule(YEARLY)).unwrap_or(12))
}

impl Expert {
    pub(super) fn stands_in_pool(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        use Standing::{Applied as Asked, Declined as Refused, InPool, Recommended as Backed};
        match (self.standing, command.clone()) {
            (Asked | Backed | Refused | InPool, Amend(fields)) => {
                fields.sensible()?;
                ensure(Some(fields.person) == self.person, PersonStays)?;
                let region = ctx.see(fields.unit).scope();
                let note = note_employers(ctx.see(fields.person), ctx);
                Ok(say(Amended { region, fields }).and(note))
            }
            (Asked, Recommend { opinion }) => Ok(say(Recommended { opinion })),
            (Backed, Admit) => {
                let with = self.unit.map(|unit| unit.id());
                let employed = self.own().employers.iter().any(|body| Some(body.id) == with);
                ensure(employed, NotWithUnit).by(ENTRY)?;
                Ok(say(Admitted { on: ctx.today(), confirmed_until: confirmed_until(ctx) }))
            }
            (Asked | Backed, Decline { reason }) => Ok(say(Declined { reason })),
            (InPool, Remove { reason }) => {
                let removed = say(Removed { on: ctx.today(), reason });
                Ok(self.alarm_all(removed, Why::LeftPool, ctx))
            }
            (InPool, ConfirmYearly { person }) => {
                ensure(Some(person) == self.person, PersonStays)?;
                let confirmed = say(Confirmed { on: ctx.today(), confirmed_until: confirmed_until(ctx) });
                Ok(confirmed.and(note_employers(ctx.see(person), ctx)))
            }
            (InPool, FallAsleep) if self.falls_asleep() < Some(ctx.today()) && !self.own().is_dormant => {
                Ok(say(FellAsleep { on: ctx.today() }))
            }
            (InPool, Rest { from, until, reason }) => {
                ensure(from <= until && until >= ctx.today(), EndsInThePast)?;
                ensure(self.own().rests.len() < RESTS_MAX, TooMany { max: RESTS_MAX })?;
                Ok(say(Rested { from, until, reason }))
            }
            _ => not_now(),
        }
    }

    /// The last day before the expert counts as dormant.
    pub(super) fn falls_asleep(&self) -> Option<Day> {
        let own = self.own.as_ref()?;
        own.confirmed_until.filter(|_| self.standing == Standing::InPool && !own.is_dormant)
    }

    pub(super) fn ties(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        if matches!(self.standing, Standing::Applied | Standing::Declined | Standing::Removed) {
            return not_now();
        }
        match command.clone() {
            Declare { bond, with, since, until, note } => {
                self.tie(Relation { bond, with, since, until, note, ..self.blank(false) }, ctx)
            }
            NoteRelation { bond, with, since, until, note } => {
                self.tie(Relation { bond, with, since, until, note, ..self.blank(true) }, ctx)
            }
            WithdrawRelation { relation } => {
                ensure(!self.relation(relation)?.is_noted, NotedByOffice { relation })?;
                Ok(say(RelationEnded { relation, on: ctx.today(), reason: None }))
            }
            StrikeRelation { relation, reason } => {
                self.relation(relation)?;
                Ok(say(RelationEnded { relation, on: ctx.today(), reason: Some(reason) }))
            }
            Except { relation, reason } => {
                ensure(self.relation(relation)?.bond == Bond::CoWork, OnlyJointWork).by(super::JOINT_WORK)?;
                Ok(say(Excepted { relation, reason }))
            }
            _ => not_now(),
        }
    }

    fn blank(&self, is_noted: bool) -> Relation {
        let number = u32::try_from(self.own().relations.len()).unwrap_or(0) + 1;
        let (bond, with, note) = (Bond::Interest, self.itself.id(), None);
        Relation { number, bond, with, since: None, until: None, note, is_noted, excepted: None, ended: None }
    }

    fn relation(&self, number: u32) -> Result<&Relation, super::Refusal> {
        let open = self.own().relations.iter().find(|r| r.number == number && r.ended.is_none());
        open.ok_or(NoSuchRelation { relation: number })
    }

    fn tie(&self, relation: Relation, ctx: &Ctx) -> Decision<Self> {
        let is_kind = ["person", "organisation"].contains(&relation.with.desk());
        ensure(is_kind, NeitherPersonNorOrganisation)?;
        ensure(Some(relation.with) != self.person.map(|person| person.id()), WithOneself)?;
        ensure(
            relation.since.is_none_or(|since| relation.until.is_none_or(|u| since <= u)),
            EndsBeforeItBegins,
        )?;
        ensure(self.own().relations.len() < RELATIONS_MAX, TooMany { max: RELATIONS_MAX })?;
        let mut after = self.own().clone();
        after.relations.push(relation.clone());
        let said = say(if relation.is_noted { Noted(relation) } else { Declared(relation) });
        Ok(self.alarms_of(&after, ctx).into_iter().fold(said, Script::say))
    }

    /// What the cards of the employers say, and whether it touches what the expert is engaged in.
    pub(super) fn employed(&self, employers: &[Ref<Organisation>], ctx: &Ctx) -> Decision<Self> {
        let bodies: Vec<Body> = employers.iter().map(|one| Body::of(one.id(), ctx.see(*one))).collect();
        let own = self.own();
        if own.employers == bodies && own.looked == Some(ctx.today()) {
            return Ok(Script::silent());
        }
        let mut after = own.clone();
        after.employers.clone_from(&bodies);
        let said = say(EmployersNoted { on: ctx.today(), employers: bodies });
        Ok(self.alarms_of(&after, ctx).into_iter().fold(said, Script::say))
    }
}
