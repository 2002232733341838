//! Office: the formal check, checks for likeness that wait, and re-examinations. Each refusal has grounds and a reason;
//! what was found alike is told by the desk `comparison`, where a person decides.

use grammar::prelude::*;

use super::{
    Application, CHECKS_MAX,
    Command::{self, *},
    Complaint,
    Event::*,
    Reexamination,
    Refusal::{self, *},
    Status,
};
/// A formal check is done in so many days after the call closes, and says why it fails.
const CHECKED_IN: Rule<Period> = rule("PG-R02");
/// A re-examination is asked for in so many days; another academic opinion is no ground.
const ASKED_IN: Rule<Period> = rule("PG-R06");
/// It is decided in so many days.
const DECIDED_IN: Rule<Period> = rule("PG-R06-REPLY");

const REEXAMINATIONS_MAX: usize = 4;

impl Application {
    pub(super) fn office_asks(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let on = ctx.today();
        match (self.status, command.clone()) {
            (Status::Submitted | Status::Brief, CheckFormally { passed: true, grounds, .. }) => {
                ensure(grounds.is_empty(), GroundsButPassed)?;
                let is_brief = self.status == Status::Brief;
                Ok(say(if is_brief { BriefPassed { on } } else { FormallyPassed { on } }))
            }
            (Status::Submitted | Status::Brief, CheckFormally { grounds, reason, .. }) => {
                let Some(reason) = reason.filter(|_| !grounds.is_empty()) else {
                    return Err(No::Because(NoReason, Some(CHECKED_IN.id())));
                };
                Ok(self.ends(FormallyFailed { on, grounds, reason }, ctx))
            }
            (Status::Submitted | Status::FormalOk | Status::DuplicateCheck, AwaitCheck { comparison }) => {
                ensure(self.checks.len() < CHECKS_MAX, TooManyChecks { max: CHECKS_MAX })?;
                Ok(say(SentToCheck { on, comparison }))
            }
            (Status::DuplicateCheck, DecideDuplicates { comparison, duplicate, reason })
                if self.checks.contains(&comparison) =>
            {
                let decided = DuplicatesDecided { on, comparison: Some(comparison), duplicate, reason };
                Ok(if duplicate { self.ends(decided, ctx) } else { say(decided) })
            }
            // What came to nothing meanwhile needs no decision; the comparison keeps its own.
            (_, DecideDuplicates { .. }) => Ok(Script::silent()),
            _ => not_now(),
        }
    }

    /// The last day of the formal check, counted from the day the call closes.
    pub(super) fn check_by(&self, ctx: &Ctx) -> Day {
        ctx.calendar().last_day(self.seen.closes.day(), ctx.rule(CHECKED_IN))
    }

    pub(super) fn reexamines(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let open = self.reexaminations.last().filter(|last| last.decision.is_none());
        match (self.refused, command.clone()) {
            (Some(refused), AskReexamination { complaint, reason }) => {
                let until = ctx.calendar().last_day(refused, ctx.rule(ASKED_IN));
                ensure(complaint != Complaint::AcademicJudgement, AcademicJudgement).by(ASKED_IN)?;
                ensure(ctx.today() <= until, TooLateToAsk { until }).by(ASKED_IN)?;
                self.may_ask_again(open.is_some())?;
                let answer_by = ctx.calendar().last_day(ctx.today(), ctx.rule(DECIDED_IN));
                let (asked, decision) = (ctx.today(), None);
                let reexamination = Reexamination { complaint, asked, reason, answer_by, decision };
                Ok(say(ReexaminationAsked { reexamination }))
            }
            (Some(_), DecideReexamination { upheld, reason }) if open.is_some() => {
                Ok(say(ReexaminationDecided { on: ctx.today(), upheld, reason }))
            }
            _ => not_now(),
        }
    }

    fn may_ask_again(&self, is_open: bool) -> Result<(), Refusal> {
        ensure(!is_open, AskedAlready)?;
        let max = REEXAMINATIONS_MAX;
        ensure(self.reexaminations.len() < max, TooManyReexaminations { max })
    }
}
