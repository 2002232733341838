//! Dates: what is due by when, and what changes of the plan do to it.

use grammar::prelude::*;

use super::{
    Asked, Change, ChangeKind, Dates, Debt,
    Event::*,
    Project,
    Refusal::{self, *},
    ReportKind, Status,
    steps::at,
};
use crate::{
    candidate::Role,
    person::{self, Engaging, Family, Person, Stage},
};

/// The plan is filed after the notice of the decision.
pub const PLAN_WITHIN: Rule<Period> = rule("PG-R07");
/// Money comes after the task book.
const MONEY_WITHIN: Rule<Period> = rule("PG-M08");
/// The yearly report, after the end of its year; the final one, after the term.
const YEARLY_WITHIN: Rule<i64> = rule("PG-R08-YEAR");
const FINAL_WITHIN: Rule<Period> = rule("PG-R08");
/// Acceptance is asked for within so many months after the term.
const ACCEPTANCE_WITHIN: Rule<i64> = rule("PG-R23-ASK");
/// An extension, once, in months; asked before the term is over.
const EXTENSION: Rule<i64> = rule("PG-R23");
/// Another leader, with the consent of the units concerned.
const ANOTHER_LEADER: Rule<bool> = rule("PG-R09");
/// Changes that may be asked for in one project.
const CHANGES_MAX: usize = 30;

type Said = Decision<Project>;

pub fn count(number: i64) -> i32 {
    i32::try_from(number).unwrap_or(i32::MAX)
}

/// The days that follow from signing today.
pub fn signed_today(months: i64, ctx: &Ctx) -> Dates {
    let today = ctx.today();
    let dates = Dates {
        signed: Some(today),
        money_until: Some(ctx.calendar().last_day(today, ctx.rule(MONEY_WITHIN))),
        yearly_days: ctx.rule(YEARLY_WITHIN),
        ..Dates::default()
    };
    ending(dates, today.plus_months(count(months)), ctx)
}

fn ending(dates: Dates, ends: Day, ctx: &Ctx) -> Dates {
    Dates {
        ends: Some(ends),
        final_until: Some(ctx.calendar().last_day(ends, ctx.rule(FINAL_WITHIN))),
        acceptance_until: Some(ends.plus_months(count(ctx.rule(ACCEPTANCE_WITHIN)))),
        ..dates
    }
}

impl Project {
    /// What is still due, and its last day; what was noted as late is not noted twice.
    #[must_use]
    pub fn debts(&self) -> Vec<(Debt, Day)> {
        let mut all: Vec<(Debt, Day)> = Vec::new();
        let mut owes = |is_open: bool, debt: Debt, day: Option<Day>| {
            all.extend(day.filter(|_| is_open).map(|day| (debt, day)));
        };
        let has = |kind: ReportKind| self.reports.iter().any(|(own, ..)| *own == kind);
        let works = self.status.works();
        owes(self.status == Status::Plan && self.submitted.is_none(), Debt::Plan, self.dates.plan_until);
        owes(works && !self.is_funded(), Debt::Money, self.dates.money_until);
        for (notch, number) in self.notches.iter().zip(1..) {
            let is_open = works && notch.delivered.is_none() && notch.passed.is_none();
            owes(is_open, Debt::Milestone { number }, Some(notch.due));
        }
        if let (Some(signed), Some(ends), true) = (self.dates.signed, self.dates.ends, works) {
            for year in signed.year()..ends.year() {
                let is_here =
                    self.reports.iter().any(|(kind, own, _)| *kind == ReportKind::Annual && *own == year);
                let day = Day::new(year, 12, 31).map(|day| day.plus_days(count(self.dates.yearly_days)));
                owes(!is_here, Debt::Annual { year }, day);
            }
        }
        owes(works && !has(ReportKind::Final), Debt::Final, self.dates.final_until);
        owes(works && self.acceptance_asked.is_none(), Debt::Acceptance, self.dates.acceptance_until);
        all.retain(|(debt, day)| !self.late.contains(&(*debt, *day)));
        all
    }

    /// Whether every province has set aside what it pays.
    fn is_funded(&self) -> bool {
        self.provinces().into_iter().all(|province| !self.still_to_fund(province).is_positive())
    }

    pub(super) fn ask_change(&self, change: Box<Change>, ctx: &Ctx) -> Said {
        let waits = self.asked.iter().find(|asked| asked.granted.is_none());
        if let Some(asked) = waits {
            return Err(ChangeWaits { number: asked.number }.into());
        }
        ensure(self.asked.len() < CHANGES_MAX, TooManyChanges { max: CHANGES_MAX })?;
        self.can_change(&change, ctx)?;
        let number = u32::try_from(self.asked.len()).unwrap_or(0) + 1;
        Ok(say(ChangeAsked { number, on: ctx.today(), change }))
    }

    fn can_change(&self, change: &Change, ctx: &Ctx) -> Result<(), No<Refusal>> {
        match change.kind {
            ChangeKind::Extension => {
                let most = ctx.rule(EXTENSION);
                let months = change.months.ok_or(ChangeIncomplete)?.get();
                let ended = self.dates.ends.unwrap_or(ctx.today());
                ensure(!self.extended, ExtendedAlready).by(EXTENSION)?;
                ensure(months <= most, ExtensionTooLong { most }).by(EXTENSION)?;
                ensure(ctx.today() <= ended, TooLateToExtend { ended }).by(EXTENSION)
            }
            ChangeKind::Leader => {
                let is_complete = change.leader.is_some() && change.ground.is_some();
                ensure(is_complete, ChangeIncomplete).by(ANOTHER_LEADER)?;
                ensure(!change.consents.is_empty(), NoConsents).by(ANOTHER_LEADER)
            }
            ChangeKind::Partner => {
                let (Some(leaves), Some(joins)) = (change.leaves, change.joins) else {
                    return Err(ChangeIncomplete.into());
                };
                let is_partner = self.opening.partners.iter().any(|partner| partner.organisation == leaves);
                ensure(is_partner, NotAPartner { organisation: leaves })?;
                ensure(self.region_of(joins).is_none(), ChangeIncomplete)?;
                let (region, expected) = (ctx.see(joins).scope(), self.region_of(leaves));
                let expected = expected.unwrap_or(region);
                // Its province pays what is left, so the one that joins is of the same province.
                ensure(region.province() == expected.province(), AnotherProvince { region, expected })?;
                Ok(ensure(!change.consents.is_empty(), NoConsents)?)
            }
            ChangeKind::Milestone => {
                let (Some(number), Some(due)) = (change.milestone, change.due) else {
                    return Err(ChangeIncomplete.into());
                };
                let milestone = number.get();
                let notch = at(&self.notches, milestone).ok_or(NoSuchMilestone { milestone })?;
                ensure(notch.passed.is_none(), PaidAlready)?;
                Ok(ensure(ctx.today() <= due, DueInThePast { due })?)
            }
        }
    }

    pub(super) fn decide_change(&self, number: u32, granted: bool, remark: Text<1000>, ctx: &Ctx) -> Said {
        let waits = |asked: &&Asked| asked.number == number && asked.granted.is_none();
        let asked = self.asked.iter().find(waits).ok_or(NoSuchChange { number })?;
        if !granted {
            return Ok(say(ChangeDenied { number, remark }));
        }
        let mut dates = self.dates.clone();
        let leader = self.opening.leader;
        if let (ChangeKind::Extension, Some(months), Some(ends)) =
            (asked.change.kind, asked.change.months, self.dates.ends)
        {
            dates = ending(dates, ends.plus_months(count(months.get())), ctx);
        }
        let until = dates.ends.unwrap_or(ctx.today());
        let people: Vec<Tell> = match asked.change.kind {
            ChangeKind::Leader => {
                let gone = leader.map(|leader| self.freed(leader));
                gone.into_iter()
                    .chain(asked.change.leader.and_then(|next| self.engaged(next, until)))
                    .collect()
            }
            ChangeKind::Extension => {
                leader.and_then(|leader| self.engaged(leader, until)).into_iter().collect()
            }
            ChangeKind::Partner | ChangeKind::Milestone => vec![],
        };
        let granted = say(ChangeGranted { number, change: Box::new(asked.change.clone()), dates, remark });
        Ok(people.into_iter().fold(granted, Script::and))
    }

    /// The limit on projects that one leads counts this one no longer.
    pub(super) fn freed(&self, leader: Ref<Person>) -> Tell {
        tell(leader, &person::Command::Disengage { record: self.opening.candidate })
    }

    /// Joint research counts against the limit of whom it is led by, until its term is over.
    fn engaged(&self, leader: Ref<Person>, until: Day) -> Option<Tell> {
        self.opening.need?;
        let (record, role, family) = (self.opening.candidate, Role::Leader, Family::JointResearch);
        let engaging = Engaging { record, role, family, senior: false, stage: Stage::Running, until };
        Some(tell(leader, &person::Command::Engage(engaging)))
    }
}
