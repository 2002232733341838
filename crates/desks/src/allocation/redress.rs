//! Redress: who was not chosen may ask for another look at the procedure, never at the science (PG-R06).

use grammar::prelude::*;

use super::{
    Allocation, Appeal as Kept,
    Command::{self, *},
    Event::*,
    Fault,
    Refusal::*,
};

/// Asked for within so many days of the answer.
const ASK_WITHIN: Rule<Period> = rule("PG-R06");
/// Decided within so many days.
const DECIDE_WITHIN: Rule<Period> = rule("PG-R06-REPLY");

impl Allocation {
    pub fn is_contested(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match command.clone() {
            Contest { candidate, ground, text, evidence } => {
                let entry = self.entry(candidate).ok_or(NotAdmitted { candidate })?;
                let settled = self.settled_on(candidate).ok_or(NothingToContest { candidate })?;
                let until = ctx.calendar().last_day(settled, ctx.rule(ASK_WITHIN));
                let is_known = self.contests.iter().any(|contest| contest.candidate == candidate);
                ensure(ctx.by.signs_for.contains(&entry.lead.id()), NotYourCandidate { candidate })?;
                let was_chosen = self.choice(candidate).is_some() || self.fallen.contains(&candidate);
                ensure(!was_chosen, NothingToContest { candidate })?;
                ensure(ground != Fault::AcademicJudgement, AcademicOpinion).by(ASK_WITHIN)?;
                ensure(!is_known, ContestedAlready { candidate })?;
                ensure(ctx.today() <= until, TooLateToContest { until }).by(ASK_WITHIN)?;
                let (on, decided, remark, late) = (ctx.today(), None, None, false);
                let until = ctx.calendar().last_day(on, ctx.rule(DECIDE_WITHIN));
                let contest = Kept { candidate, on, ground, text, evidence, until, decided, remark, late };
                Ok(say(Contested { contest: Box::new(contest) }))
            }
            DecideContest { candidate, upheld, remark } => {
                let waits = |contest: &&Kept| contest.candidate == candidate && contest.decided.is_none();
                ensure(self.contests.iter().any(|contest| waits(&contest)), NoSuchContest { candidate })?;
                Ok(say(ContestDecided { candidate, on: ctx.today(), upheld, remark }))
            }
            Remind => {
                let is_over = |contest: &&Kept| contest.open_until().is_some_and(|until| until < ctx.today());
                let late = self.contests.iter().filter(is_over).map(|contest| contest.candidate);
                let candidates: Vec<Id> = late.collect();
                let on = ctx.today();
                if candidates.is_empty() { not_now() } else { Ok(say(ContestsLate { candidates, on })) }
            }
            _ => not_now(),
        }
    }

    pub(super) fn contest_changes(&mut self, event: &super::Event) {
        match event.clone() {
            Contested { contest } => self.contests.push(*contest),
            ContestDecided { candidate, on, upheld, remark } => {
                let own = self.contests.iter_mut().filter(|contest| contest.candidate == candidate);
                own.for_each(|contest| {
                    (contest.decided, contest.remark) = (Some((on, upheld)), Some(remark.clone()));
                });
            }
            ContestsLate { candidates, .. } => {
                let own = self.contests.iter_mut();
                own.filter(|contest| candidates.contains(&contest.candidate))
                    .for_each(|contest| contest.late = true);
            }
            other => impossible(&other),
        }
    }
}
