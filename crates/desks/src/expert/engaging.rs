//! Engaging: whether an expert takes on a review, and the alarm when a later fact touches one already taken on.

use grammar::prelude::*;

use super::{
    Alarm, Command,
    Command::*,
    Engagement,
    Event::{self, *},
    Expert, Hit, JOINT_WORK, Judge, Judged, Own,
    Refusal::*,
    Standing, Why,
    conflict::{Body, hits},
};

/// Days after which the employers of an engaged expert are looked at again.
const LOOK_DAYS: i32 = 7;
const ALARMS_MAX: usize = 20;
/// Topics of the last years an expert keeps.
pub(super) const SERVED_MAX: usize = 60;

/// Experts of public activities are in the pool.
const IN_POOL: Rule<bool> = rule("EP-R01");
/// Who is sanctioned does not review.
const NOT_SANCTIONED: Rule<bool> = rule("PG-R53");

/// How long joint work bars, in months.
pub(crate) fn joint_work_months(ctx: &Ctx) -> i32 {
    i32::try_from(ctx.rule(JOINT_WORK)).unwrap_or(i32::MAX)
}

impl Expert {
    pub(super) fn is_engaged_by(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match command.clone() {
            Engage { review, candidate, person, barred, avoid, until } => {
                ensure(Some(person) == self.person, PersonStays)?;
                let bodies = barred.iter().filter(|id| id.desk() == "organisation");
                let judged = Judged {
                    persons: barred.iter().copied().filter(|id| id.desk() == "person").collect(),
                    bodies: bodies.map(|id| Body::of(*id, ctx.seen.get(*id))).collect(),
                    avoid: avoid.to_vec(),
                };
                self.engages(review, candidate, judged, until, ctx)
            }
            Attest { person, .. } => {
                Ok(Script::silent().and(super::pool::note_employers(ctx.see(person), ctx)))
            }
            Settle { review, stands } => {
                let waits = self.engagement(review).is_some_and(is_alarmed);
                if waits { Ok(say(Settled { review, stands })) } else { not_now() }
            }
            // Whatever has become of the expert in the meantime.
            Disengage { review, reason } => Ok(match self.engagement(review) {
                Some(_) => say(Disengaged { review, reason }),
                None => Script::silent(),
            }),
            _ => not_now(),
        }
    }

    fn engages(&self, review: Id, candidate: Id, judged: Judged, until: Day, ctx: &Ctx) -> Decision<Self> {
        let (own, person) = (self.own(), self.itself);
        let open = own.engagements.as_deref().unwrap_or_default();
        let status = self.status();
        let resting = own.rests.iter().find(|r| r.from <= until && r.until >= ctx.today());
        let load = usize::try_from(own.load_max.get()).unwrap_or(0);
        ensure(
            self.standing == Standing::InPool && !own.is_dormant,
            NotInPool { expert: person, status: status.into() },
        )
        .by(IN_POOL)?;
        ensure(!own.sanctions.iter().any(super::Penalty::bars), IsSanctioned { expert: person })
            .by(NOT_SANCTIONED)?;
        ensure(
            resting.is_none(),
            Resting { expert: person, until: resting.map_or(until, |rest| rest.until) },
        )?;
        ensure(open.len() < load, LoadFull { expert: person, max: load })?;
        ensure(open.iter().all(|e| e.candidate != Some(candidate)), EngagedAlready { expert: person })?;
        let hits = hits(&self.judge(own), &judged, ctx.today(), joint_work_months(ctx));
        if let Some(hit) = hits.iter().find(|hit| hit.why.is_binding()) {
            let (why, with, relation) = (hit.why, hit.with, hit.relation);
            return Err(No::Because(InConflict { expert: person, why, with, relation }, Some(why.rule())));
        }
        let (candidate, alarms) = (Some(candidate), vec![]);
        let engagement = Engagement { review, candidate, judged, until, noted: hits, alarms };
        Ok(say(Engaged(Box::new(engagement))))
    }

    /// Once a topic and year; nothing for one whose record is no longer whole.
    pub(super) fn serves(&self, topic: &Text<60>, year: i64) -> Script<Event> {
        let year = i32::try_from(year).unwrap_or(0);
        let known = self.own.as_ref().is_none_or(|own| own.served.contains(&(topic.clone(), year)));
        if known { Script::silent() } else { say(Served { topic: topic.clone(), year }) }
    }

    pub(super) fn judge<'a>(&self, own: &'a Own) -> Judge<'a> {
        let person = self.person.map_or(self.itself.id(), |person| person.id());
        Judge { person, employers: &own.employers, relations: &own.relations }
    }

    pub(super) fn engagement(&self, review: Id) -> Option<&Engagement> {
        self.own().engagements.iter().flatten().find(|engagement| engagement.review == review)
    }

    /// What becomes an alarm when the expert's own facts are these.
    pub(super) fn alarms_of(&self, after: &Own, ctx: &Ctx) -> Vec<Event> {
        let mut alarms = Vec::new();
        for engagement in after.engagements.iter().flatten() {
            let found = hits(&self.judge(after), &engagement.judged, ctx.today(), joint_work_months(ctx));
            let known =
                |hit: &Hit| engagement.alarms.iter().any(|a| a.hit.why == hit.why && a.hit.with == hit.with);
            let new = found.into_iter().filter(|hit| hit.why.is_binding() && !known(hit));
            let room = ALARMS_MAX.saturating_sub(engagement.alarms.len());
            alarms.extend(new.take(room).map(|hit| raised(engagement.review, hit, ctx)));
        }
        alarms
    }

    /// The expert as a whole may no longer review: an alarm on everything taken on.
    pub(super) fn alarm_all(&self, said: Script<Event>, why: Why, ctx: &Ctx) -> Script<Event> {
        let open = self.own().engagements.iter().flatten().filter(|e| e.alarms.len() < ALARMS_MAX);
        open.fold(said, |said, e| said.say(raised(e.review, Hit::new(why, self.itself.id()), ctx)))
    }

    /// When the employers are to be looked at again: while there is something they could touch.
    pub(super) fn looks_again(&self) -> Option<Day> {
        let own = self.own.as_ref()?;
        let is_engaged = own.engagements.as_ref().is_some_and(|open| !open.is_empty());
        own.looked.filter(|_| is_engaged).map(|looked| looked.plus_days(LOOK_DAYS))
    }
}

fn raised(review: Id, hit: Hit, ctx: &Ctx) -> Event {
    Alarmed { review, alarm: Alarm { on: ctx.today(), hit, stands: None } }
}

/// Whether the office has something to decide about it.
pub(super) fn is_alarmed(engagement: &Engagement) -> bool {
    engagement.alarms.iter().any(|alarm| alarm.stands.is_none())
}
