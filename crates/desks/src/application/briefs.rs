//! Briefs: the first of two stages (预申报). A short brief is handed in, the office answers each with an invitation or a
//! reason, and those invited write the full text. Always: one application counts once over both stages; topic, lead and
//! leader stay those of the brief on which it was invited.

use grammar::prelude::*;

use super::{
    Application,
    Command::{self, *},
    Event::{self, *},
    Fields,
    Refusal::{self, *},
    Status,
};
use crate::{
    call::{self, FULL_FOR},
    person::{self, Person},
};

/// Every brief is answered: by an invitation, or by the reason for none.
const ANSWERED: Rule<bool> = rule("PG-P21");
/// What was judged stays what it was.
const KEPT: Rule<bool> = rule("PG-P22");

impl Application {
    /// Whether the brief is what is asked for, or what lies there.
    pub(super) fn is_brief(&self) -> bool {
        self.seen.brief_closes.is_some() && self.invited.is_none()
    }

    /// As what it is handed in now.
    pub(super) fn stage(&self) -> call::Stage {
        match (self.seen.brief_closes, self.invited) {
            (_, Some(_)) => call::Stage::Full,
            (Some(_), None) => call::Stage::Brief,
            (None, None) => call::Stage::Whole,
        }
    }

    /// Whether its hands write on it.
    pub(super) fn is_written_on(&self) -> bool {
        matches!(self.status, Status::Draft | Status::Invited)
    }

    pub(super) fn submission(&self, ctx: &Ctx) -> Event {
        let (at, version) = (ctx.now, self.version);
        if self.is_brief() {
            let decide_by = self.seen.full_opens.unwrap_or(self.seen.closes).day();
            return BriefSubmitted { at, version, decide_by };
        }
        Submitted { at, version, check_by: self.check_by(ctx) }
    }

    /// A brief needs its text, what it promises, who leads, and roughly how much: no budget, no full route.
    pub(super) fn brief_is_complete(&self, fields: &Fields) -> Result<(), No<Refusal>> {
        let amount = fields.public_money;
        ensure(fields.brief.is_some(), NoBrief)?;
        ensure(!fields.indicators.is_empty(), NoIndicators)?;
        ensure(self.leader().is_some(), NoLeader)?;
        ensure(self.leader_facts.is_some(), LeaderNotStated)?;
        Ok(ensure(amount.is_positive(), NotAnAmount { amount })?)
    }

    pub(super) fn keeps_topic(&self, fields: &Fields) -> Result<(), No<Refusal>> {
        let kept = self.invited.is_none() || fields.topic == self.fields.topic;
        ensure(kept, KeptFromBrief).by(KEPT)
    }

    /// Whoever was counted with the brief is free again; the leader stays.
    pub(super) fn leaves_team(&self, person: Ref<Person>, ctx: &Ctx) -> Decision<Self> {
        let gone = say(MemberRemoved { person });
        if self.invited.is_none() {
            return Ok(gone);
        }
        ensure(self.leader() != Some(person), KeptFromBrief).by(KEPT)?;
        Ok(gone.and(tell(person, &person::Command::Disengage { record: ctx.me })))
    }

    pub(super) fn answers_brief(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let on = ctx.today();
        match (self.status, command.clone()) {
            (Status::BriefOk | Status::BriefReviewed, Invite) => {
                Ok(Script::silent().and(tell::<Self>(ctx.me.r(), &Admit { call: self.fields.call })))
            }
            (Status::BriefOk | Status::BriefReviewed, Admit { call }) => {
                let closes = ctx.see(call).read("closes").unwrap_or(self.seen.closes);
                let (least, days) = (ctx.rule(FULL_FOR), i64::from(on.days_until(closes.day())));
                ensure(ctx.now < closes, TooLateToInvite).by(ANSWERED)?;
                ensure(days >= least, TooLittleTime { least, days }).by(FULL_FOR)?;
                Ok(say(Event::Invited { on, closes }))
            }
            (Status::BriefOk | Status::BriefReviewed, TurnDown { reason }) => {
                Ok(self.ends(TurnedDown { on, reason }, ctx))
            }
            (Status::Invited | Status::UnitConfirmed, Lapse { call }) if self.invited.is_some() => {
                let closes = ctx.see(call).read("closes").unwrap_or(self.seen.closes);
                if ctx.now < closes {
                    return Ok(say(WindowMoved { closes }));
                }
                Ok(self.ends(Event::Lapsed { on }, ctx))
            }
            _ => not_now(),
        }
    }
}
