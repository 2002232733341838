//! Changes: what a project is after each event.

use grammar::prelude::*;

use super::{
    Asked, Change, ChangeKind, Dates,
    Event::{self, *},
    Notch, Project, Status, Verdict, money,
};
use crate::organisation::Organisation;

impl Project {
    pub fn begun(event: &Event) -> Self {
        let Opened { itself, on, plan_until, opening } = event.clone() else { impossible(event) };
        Self {
            itself,
            opening: *opening,
            opened: on,
            status: Status::Plan,
            plan: None,
            version: 0,
            submitted: None,
            approved: vec![],
            signed: vec![],
            pledged: false,
            notches: vec![],
            dates: Dates { plan_until: Some(plan_until), ..Dates::default() },
            extended: false,
            purses: vec![],
            paid: vec![],
            spent: vec![],
            repaid: vec![],
            asked: vec![],
            reports: vec![],
            midterm: None,
            user_says: None,
            acceptance_asked: None,
            diligence: List::default(),
            tried: None,
            remark: None,
            ended: None,
            finding: None,
            late: vec![],
        }
    }

    pub fn becomes(&mut self, event: &Event) {
        match event.clone() {
            Opened { .. } => impossible(event),
            Drafted { version, plan, .. } => (self.version, self.plan) = (version, Some(plan)),
            Submitted { on, .. } => (self.submitted, self.remark) = (Some(on), None),
            Returned { remark } => {
                // Who approved the former plan has not seen the next one.
                (self.submitted, self.remark, self.approved) = (None, Some(remark), vec![]);
            }
            Approved { region, is_last } => {
                self.approved.push(region);
                self.stands_if(is_last, Status::Publicised);
            }
            Pledged {} => self.pledged = true,
            Event::Signed { organisation } => self.signed.push(organisation),
            Countersigned { dates, milestones } => self.is_countersigned(dates, &milestones),
            Funded { .. } => {
                money::fold(self, event);
                self.stands_if(self.status == Status::Signed, Status::Running);
            }
            Paid { .. } | Repaid { .. } => money::fold(self, event),
            Booked { lines } => lines.iter().for_each(|line| money::add(&mut self.spent, line)),
            Adjusted(adjustment) => {
                let budget = self.plan.as_mut().and_then(|plan| plan.budget.as_mut());
                let budget = budget.unwrap_or_else(|| impossible(event));
                *budget = budget.moved(&adjustment);
            }
            UserTested { passed, remark, .. } => {
                (self.user_says, self.remark) = (Some(passed), Some(remark));
                self.stands_if(passed, Status::UserTested);
            }
            DiligenceFiled { tried, records } => (self.tried, self.diligence) = (Some(tried), records),
            AcceptanceAsked { on } => self.acceptance_asked = Some(on),
            Concluded { .. } => self.is_concluded(event),
            Declined { on, reason } => self.never_began(Status::Declined, on, &reason),
            Rescinded { on, reason } => self.never_began(Status::Rescinded, on, &reason),
            other => self.goes_on(&other),
        }
    }

    fn goes_on(&mut self, event: &Event) {
        match event.clone() {
            Delivered { milestone, on, evidence, .. } => {
                let notch = self.notch(milestone);
                (notch.delivered, notch.evidence) = (Some(on), evidence);
            }
            MilestonePassed { milestone, remark, .. } => {
                self.notch(milestone).passed = Some(true);
                self.remark = Some(remark);
            }
            MilestoneFailed { milestone, remark, .. } => {
                self.notch(milestone).passed = Some(false);
                (self.status, self.remark) = (Status::MilestoneFailed, Some(remark));
            }
            Resumed { milestone, due, remark } => {
                let notch = self.notch(milestone);
                (notch.due, notch.delivered, notch.passed) = (due, None, None);
                (self.status, self.remark) = (Status::Running, Some(remark));
            }
            Reported { on, report } => {
                let year = i16::try_from(report.year.get()).unwrap_or(0);
                self.reports.push((report.kind, year, on));
            }
            ChangeAsked { number, on, change } => {
                self.asked.push(Asked { number, on, change: *change, granted: None });
            }
            ChangeGranted { number, change, dates, remark } => {
                self.is_changed(&change);
                (self.dates, self.remark) = (dates, Some(remark));
                self.answer(number, true);
            }
            ChangeDenied { number, remark } => {
                self.remark = Some(remark);
                self.answer(number, false);
            }
            MidtermJudged { verdict, remark } => {
                (self.midterm, self.remark) = (Some(verdict), Some(remark));
                self.stands_if(verdict == Verdict::Stop, Status::MilestoneFailed);
            }
            Overdue { debts, .. } => {
                let now = self.debts();
                self.late.extend(now.into_iter().filter(|(debt, _)| debts.contains(debt)));
            }
            _ => impossible(event),
        }
    }

    fn never_began(&mut self, status: Status, on: Day, reason: &Text<500>) {
        (self.status, self.ended, self.remark) = (status, Some(on), Text::read(reason));
    }

    fn stands_if(&mut self, is_so: bool, status: Status) {
        if is_so {
            self.status = status;
        }
    }

    fn notch(&mut self, milestone: u32) -> &mut Notch {
        let place = usize::try_from(milestone).unwrap_or(0).wrapping_sub(1);
        self.notches.get_mut(place).unwrap_or_else(|| impossible(&milestone))
    }

    /// The clock of the milestones begins; what is paid in advance needs no evidence.
    fn is_countersigned(&mut self, dates: Dates, milestones: &[Day]) {
        let months = self.plan.iter().flat_map(|plan| plan.milestones.iter().map(|m| m.month.get()));
        let notch = |(month, due): (i64, &Day)| {
            let (delivered, passed) = (None, (month == 0).then_some(true));
            Notch { due: *due, delivered, passed, evidence: List::default() }
        };
        self.notches = months.zip(milestones).map(notch).collect();
        (self.dates, self.status) = (dates, Status::Signed);
    }

    fn answer(&mut self, number: u32, granted: bool) {
        self.asked
            .iter_mut()
            .filter(|asked| asked.number == number)
            .for_each(|asked| asked.granted = Some(granted));
    }

    fn is_changed(&mut self, change: &Change) {
        match change.kind {
            ChangeKind::Extension => self.extended = true,
            ChangeKind::Leader => self.opening.leader = change.leader,
            ChangeKind::Milestone => {
                let number = change.milestone.and_then(|number| u32::try_from(number.get()).ok());
                if let (Some(number), Some(due)) = (number, change.due) {
                    self.notch(number).due = due;
                }
            }
            ChangeKind::Partner => {
                let (Some(leaves), Some(joins)) = (change.leaves, change.joins) else { impossible(change) };
                let swap = |organisation: &mut Ref<Organisation>| {
                    if *organisation == leaves {
                        *organisation = joins;
                    }
                };
                self.opening.partners.iter_mut().for_each(|partner| swap(&mut partner.organisation));
                if let Some(plan) = &mut self.plan {
                    plan.packages.iter_mut().for_each(|package| swap(&mut package.organisation));
                    plan.agreement.benefits.iter_mut().for_each(|benefit| swap(&mut benefit.organisation));
                }
            }
        }
    }
}
