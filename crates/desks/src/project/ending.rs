//! Ending: the user's test, acceptance by a panel's outcome, or an end before; what follows for money and need.

use grammar::prelude::*;

use super::{
    Command::{self, *},
    Ending,
    Event::{self, *},
    Outcome, Project,
    Refusal::{self, *},
    ReportKind, Status, money,
};
use crate::need;

/// The user's test decides acceptance.
const USER_TEST: Rule<bool> = rule("NJ-R08-TEST");
/// No negative follows from a failure that was explored honestly and by contract.
const HONEST_FAILURE: Rule<bool> = rule("PG-R20");
/// A result may be taken before it is used, with a plan for its use.
const RESULT_FIRST: Rule<bool> = rule("PG-R21");
/// The science report and the data are deposited.
const DEPOSIT: Rule<bool> = rule("PG-R22");
/// What is left of an accepted project stays with the units, for research.
const SURPLUS_STAYS: Rule<bool> = rule("PG-M11");

type Said = Decision<Project>;

impl Project {
    pub fn ends(&self, command: &Command, ctx: &Ctx) -> Said {
        let works = self.status.works();
        match command.clone() {
            TestByUser { passed, remark, report } if self.status == Status::Running => {
                ensure(!passed || self.first_open().is_none(), self.open_milestone())?;
                Ok(say(UserTested { passed, on: ctx.today(), remark, report }))
            }
            FileDiligence { tried, records } if works => {
                ensure(!records.is_empty(), NoDiligencePack).by(HONEST_FAILURE)?;
                Ok(say(DiligenceFiled { tried, records }))
            }
            AskAcceptance if works && self.status != Status::Signed && self.acceptance_asked.is_none() => {
                ensure(self.has_final_report(), NoFinalReport).by(DEPOSIT)?;
                Ok(say(AcceptanceAsked { on: ctx.today() }))
            }
            Conclude(ending) if works => self.conclude(ending, ctx),
            _ => not_now(),
        }
    }

    /// Nothing was signed and nothing paid: the leader is free again, and the need stands as it did, with a word on it.
    pub fn never_begins(&self, command: &Command, ctx: &Ctx) -> Said {
        let is_before = matches!(self.status, Status::Plan | Status::Publicised) && self.purses.is_empty();
        let on = ctx.today();
        let (said, reason) = match command.clone() {
            Decline { reason } if is_before => (Declined { on, reason: reason.clone() }, reason),
            Rescind { reason } if is_before => (Rescinded { on, reason: reason.clone() }, reason),
            _ => return not_now(),
        };
        let tried = format!("立项未能实施 / the award came to nothing: {reason}");
        let tried = Text::read(&tried).unwrap_or_else(|| impossible(&tried));
        let need = self.opening.need.map(|need| tell(need, &need::Command::MarkUnmatched { tried }));
        let free = self.opening.leader.map(|leader| self.freed(leader));
        Ok(need.into_iter().chain(free).fold(say(said), Script::and))
    }

    fn conclude(&self, ending: Box<Ending>, ctx: &Ctx) -> Said {
        if let Some(panel) = ending.panel {
            let is_concluded = ctx.seen.get(panel).status == "concluded";
            ensure(is_concluded, PanelNotConcluded)?;
        }
        let is_good = match ending.outcome {
            Outcome::Accepted | Outcome::ResultOnly => {
                self.can_be_accepted(&ending)?;
                true
            }
            Outcome::Failed if self.acceptance_asked.is_none() => return not_now(),
            Outcome::Failed | Outcome::Terminated => {
                let has_tried = ending.tried.is_some() || self.tried.is_some();
                ensure(has_tried || self.opening.need.is_none(), NothingTried)?;
                let has_pack = !self.diligence.is_empty() || !ending.finding.is_diligent();
                ensure(has_pack, NoDiligencePack).by(HONEST_FAILURE)?;
                false
            }
        };
        // A failure that was honest and kept its contract is said to be so; nobody's integrity is touched either way.
        let diligent = is_good || ending.finding.is_diligent();
        let surplus = self.surplus();
        let stays = ending.outcome == Outcome::Accepted && ctx.rule(SURPLUS_STAYS);
        let returned = if stays { vec![] } else { self.unneeded() };
        let reopened = self.need_reopened(&ending);
        let home: Vec<Tell> = returned.iter().map(money::home).collect();
        let script = say(Concluded { on: ctx.today(), ending, diligent, surplus, returned });
        let free = self.opening.leader.map(|leader| self.freed(leader));
        Ok(home.into_iter().chain(reopened).chain(free).fold(script, Script::and))
    }

    fn can_be_accepted(&self, ending: &Ending) -> Result<(), No<Refusal>> {
        if self.acceptance_asked.is_none() {
            return Err(No::NotNow);
        }
        ensure(self.has_final_report(), NoFinalReport).by(DEPOSIT)?;
        if ending.outcome == Outcome::ResultOnly {
            return ensure(ending.feasibility_plan.is_some(), NoFeasibilityPlan).by(RESULT_FIRST);
        }
        ensure(self.first_open().is_none(), self.open_milestone())?;
        let is_tested = self.opening.user.is_none() || self.user_says == Some(true);
        ensure(is_tested, NotTestedByUser).by(USER_TEST)
    }

    /// The need is open again, with what was tried.
    fn need_reopened(&self, ending: &Ending) -> Option<Tell> {
        let is_over = matches!(ending.outcome, Outcome::Failed | Outcome::Terminated);
        let need = self.opening.need.filter(|_| is_over)?;
        let tried = ending.tried.clone().or_else(|| self.tried.clone())?;
        Some(tell(need, &need::Command::MarkUnmatched { tried }))
    }

    fn has_final_report(&self) -> bool {
        self.reports.iter().any(|(kind, ..)| *kind == ReportKind::Final)
    }

    /// The first milestone that has not been passed.
    fn first_open(&self) -> Option<u32> {
        let open = self.notches.iter().position(|notch| notch.passed != Some(true));
        open.and_then(|place| u32::try_from(place + 1).ok())
    }

    fn open_milestone(&self) -> Refusal {
        MilestonesOpen { milestone: self.first_open().unwrap_or(0) }
    }

    pub(super) fn is_concluded(&mut self, event: &Event) {
        let Concluded { on, ending, .. } = event else { impossible(event) };
        money::fold(self, event);
        self.status = match ending.outcome {
            Outcome::Accepted => Status::Accepted,
            Outcome::ResultOnly => Status::ResultOnly,
            Outcome::Failed => Status::Failed,
            Outcome::Terminated => Status::Terminated,
        };
        (self.ended, self.finding) = (Some(*on), Some(ending.finding));
        self.remark = Some(ending.remark.clone());
        if let Some(tried) = &ending.tried {
            self.tried = Some(tried.clone());
        }
    }
}
