//! Steps: from the decision to the signed task book, and the work that follows.

use grammar::prelude::*;

use super::{
    Command::{self, *},
    Debt,
    Event::{self, *},
    OFFICE_NAMES, Project,
    Refusal::{self, *},
    ReportKind, Status, Verdict, dates,
    plan::differences,
};
use crate::achievement::NO_SECRETS;

/// Each province decides about and pays its own partners.
const OWN_PROVINCE: Rule<bool> = rule("NJ-R06");
/// The solver signs a commitment.
const COMMITMENT: Rule<bool> = rule("NJ-R08");
/// After a failed milestone: stop, or another way.
const STOP_OR_SWITCH: Rule<bool> = rule("NJ-R10");
/// 包干制: the leader's word and a list of what is not paid.
const LUMP_SUM: Rule<bool> = rule("PG-M07");
/// The science report and the data are deposited.
const DEPOSIT: Rule<bool> = rule("PG-R22");
const REPORTS_MAX: usize = 40;

type Said = Decision<Project>;

pub fn open(command: &Command, ctx: &Ctx) -> Said {
    let Open(mut opening) = command.clone() else { return not_now() };
    // Who put the need tests its result.
    let owner = opening.need.and_then(|need| ctx.see(need).holders("owner").next());
    opening.user = opening.user.or(owner.map(|owner| owner.r()));
    let amounts = [opening.public_money, opening.own_money];
    for amount in amounts {
        ensure(amount >= Money::ZERO, NotAnAmount { amount })?;
    }
    let plan_until = ctx.calendar().last_day(ctx.today(), ctx.rule(dates::PLAN_WITHIN));
    Ok(say(Opened { itself: ctx.me.r(), on: ctx.today(), plan_until, opening }))
}

/// The milestone or package of this number, counted from 1.
pub fn at<T>(all: &[T], number: i64) -> Option<&T> {
    usize::try_from(number).ok()?.checked_sub(1).and_then(|place| all.get(place))
}

impl Project {
    pub fn is_planned(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command.clone()) {
            (Status::Plan, Draft(plan)) if self.submitted.is_none() => {
                ensure(plan.no_secrets, MayHoldSecrets).by(NO_SECRETS)?;
                let changed = differences(self.plan.as_deref(), &plan);
                Ok(say(Drafted { version: self.version + 1, changed, plan }))
            }
            (Status::Plan, Submit) if self.submitted.is_none() => {
                let Some(plan) = &self.plan else { return Err(NoPlan.into()) };
                let indirect_most = self.can_be_submitted(plan, ctx)?;
                Ok(say(Submitted { on: ctx.today(), indirect_most }))
            }
            (Status::Plan, Command::Return { remark }) if self.submitted.is_some() => {
                Ok(say(Returned { remark }))
            }
            (Status::Plan, Approve { region }) => {
                let province = region.province();
                ensure(self.submitted.is_some(), NotSubmitted)?;
                ensure(self.provinces().contains(&province), NotYourProvince { region }).by(OWN_PROVINCE)?;
                ensure(holds_office(province, ctx), NotYourProvince { region }).by(OWN_PROVINCE)?;
                ensure(!self.approved.contains(&province), ApprovedAlready)?;
                let is_last = self.approved.len() + 1 == self.provinces().len();
                Ok(say(Approved { region: province, is_last }))
            }
            _ => not_now(),
        }
    }

    pub fn is_signed(&self, command: &Command, ctx: &Ctx) -> Said {
        if self.status != Status::Publicised {
            return not_now();
        }
        match command.clone() {
            Pledge { accepts_negative_list } if self.is_lump_sum() && !self.pledged => {
                ensure(accepts_negative_list, NotPledged).by(LUMP_SUM)?;
                Ok(say(Pledged {}))
            }
            Sign { organisation, commitment } => {
                ensure(self.signers().contains(&organisation), NotAPartner { organisation })?;
                ensure(ctx.by.signs_for.contains(&organisation.id()), NotAPartner { organisation })?;
                ensure(!self.signed.contains(&organisation), SignedAlready)?;
                ensure(commitment, NoCommitment).by(COMMITMENT)?;
                Ok(say(Event::Signed { organisation }))
            }
            Countersign => {
                if let Some(organisation) = self.signers().into_iter().find(|one| !self.signed.contains(one))
                {
                    return Err(NotSigned { organisation }.into());
                }
                ensure(!self.is_lump_sum() || self.pledged, NotPledged).by(LUMP_SUM)?;
                let dates = dates::signed_today(self.opening.months.get(), ctx);
                let months = self.plan.iter().flat_map(|plan| plan.milestones.iter().map(|m| m.month.get()));
                let milestones = months.map(|month| ctx.today().plus_months(dates::count(month))).collect();
                Ok(say(Countersigned { dates, milestones }))
            }
            _ => not_now(),
        }
    }

    /// Everyone whose signature is needed: lead, partners, and the user.
    pub(super) fn signers(&self) -> Vec<Ref<crate::organisation::Organisation>> {
        let mut all: Vec<_> = self.members().chain(self.opening.user).collect();
        all.sort();
        all.dedup();
        all
    }

    pub(super) fn is_lump_sum(&self) -> bool {
        self.plan.as_ref().is_some_and(|plan| plan.mode == super::Mode::LumpSum)
    }

    pub fn goes_on_with(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command.clone()) {
            (_, Remind) => self.remind(ctx),
            (Status::Running | Status::Signed, Deliver { milestone, remark, evidence }) => {
                let number = self.open_notch(milestone.get())?;
                ensure(!evidence.is_empty(), NoEvidence)?;
                Ok(say(Delivered { milestone: number, on: ctx.today(), remark, evidence }))
            }
            (Status::Running | Status::Signed, Judge { milestone, passed, remark }) => {
                let number = self.open_notch(milestone.get())?;
                let notch = at(&self.notches, milestone.get());
                let is_delivered = notch.is_some_and(|notch| notch.delivered.is_some());
                // What never came may fail; nothing passes without evidence.
                ensure(is_delivered || !passed, NoEvidence)?;
                let on = ctx.today();
                Ok(say(if passed {
                    MilestonePassed { milestone: number, on, remark }
                } else {
                    MilestoneFailed { milestone: number, on, remark }
                }))
            }
            (Status::MilestoneFailed, Resume { milestone, due, remark })
                if self.midterm != Some(Verdict::Stop) =>
            {
                let failed = self.notches.iter().position(|notch| notch.passed == Some(false));
                let failed = failed.and_then(|place| u32::try_from(place + 1).ok()).unwrap_or(0);
                ensure(i64::from(failed) == milestone.get(), OtherMilestoneWaits { milestone: failed })
                    .by(STOP_OR_SWITCH)?;
                ensure(ctx.today() <= due, DueInThePast { due })?;
                Ok(say(Resumed { milestone: failed, due, remark }))
            }
            (status, Command::Report(report)) if status.works() => {
                let is_final = report.kind == ReportKind::Final;
                ensure(!is_final || report.data_deposit.is_some(), NoDataDeposit).by(DEPOSIT)?;
                ensure(self.reports.len() < REPORTS_MAX, TooManyReports { max: REPORTS_MAX })?;
                Ok(say(Reported { on: ctx.today(), report }))
            }
            (status, AskChange(change)) if status.works() => self.ask_change(change, ctx),
            (status, DecideChange { number, granted, remark }) if status.works() => {
                self.decide_change(number, granted, remark, ctx)
            }
            (Status::Running, JudgeMidterm { verdict, remark }) if self.midterm != Some(Verdict::Stop) => {
                Ok(say(MidtermJudged { verdict, remark }))
            }
            _ => not_now(),
        }
    }

    /// The number of a milestone that is there and waits to be passed.
    fn open_notch(&self, milestone: i64) -> Result<u32, No<Refusal>> {
        let notch = at(&self.notches, milestone).ok_or(NoSuchMilestone { milestone })?;
        if notch.passed.is_some() { Err(No::NotNow) } else { Ok(u32::try_from(milestone).unwrap_or(0)) }
    }

    fn remind(&self, ctx: &Ctx) -> Said {
        let over = self.debts().into_iter().filter(|(_, day)| *day < ctx.today());
        let debts: Vec<Debt> = over.map(|(debt, _)| debt).collect();
        if debts.is_empty() { not_now() } else { Ok(say(Overdue { on: ctx.today(), debts })) }
    }
}

/// Whether the asker decides for this province.
fn holds_office(province: Region, ctx: &Ctx) -> bool {
    OFFICE_NAMES.iter().any(|office| ctx.by.holds(office, province))
}
