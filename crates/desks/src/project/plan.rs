//! Plan: what a task book must hold before the offices look at it.

use grammar::prelude::*;

use super::{
    Budget, Plan, Project,
    Refusal::{self, *},
    Section,
};

/// Each province pays its own partners.
const OWN_PROVINCE: Rule<bool> = rule("NJ-R06");
/// Form, tasks, money, IP, benefits, risk and breach are settled.
const AGREEMENT: Rule<bool> = rule("NJ-R14");
/// Indirect cost by bands of direct cost without equipment, each band at its own rate.
const BAND_LOW: Rule<Share> = rule("PG-M01");
const BAND_MIDDLE: Rule<Share> = rule("PG-M02");
const BAND_HIGH: Rule<Share> = rule("PG-M03");
const LOW_UNTIL: Rule<Money> = rule("PG-M04");
const MIDDLE_UNTIL: Rule<Money> = rule("PG-M05");
const PURE_THEORY: Rule<Share> = rule("PG-M06");
const LUMP_SUM: Rule<bool> = rule("PG-M07");

impl Budget {
    pub fn total(&self) -> Money {
        self.equipment + self.business + self.labour + self.indirect
    }

    /// The most that may be indirect: direct cost without equipment, band by band.
    pub fn indirect_most(&self, is_pure_theory: bool, ctx: &Ctx) -> Money {
        let base = self.business + self.labour;
        if is_pure_theory {
            return ctx.rule(PURE_THEORY).of(base);
        }
        let (low, middle) = (ctx.rule(LOW_UNTIL), ctx.rule(MIDDLE_UNTIL));
        let first = base.min(low);
        let second = base.min(middle) - first;
        let third = base - first - second;
        ctx.rule(BAND_LOW).of(first) + ctx.rule(BAND_MIDDLE).of(second) + ctx.rule(BAND_HIGH).of(third)
    }
}

/// What a new version changes.
pub fn differences(before: Option<&Plan>, now: &Plan) -> Vec<Section> {
    let Some(before) = before else { return vec![] };
    let parts = [
        (Section::Goals, before.goals == now.goals),
        (Section::Indicators, before.indicators == now.indicators),
        (Section::Agreement, before.agreement == now.agreement),
        (Section::Packages, before.packages == now.packages),
        (Section::Milestones, before.milestones == now.milestones),
        (Section::Budget, before.budget == now.budget && before.mode == now.mode),
    ];
    parts.into_iter().filter(|(_, is_same)| !is_same).map(|(section, _)| section).collect()
}

impl Project {
    /// The most that may be indirect, when there is a budget; or what is missing.
    pub(super) fn can_be_submitted(&self, plan: &Plan, ctx: &Ctx) -> Result<Option<Money>, No<Refusal>> {
        self.packages_fit(plan)?;
        self.agreement_fits(plan)?;
        let sum: i64 = plan.milestones.iter().map(|milestone| milestone.percent.get()).sum();
        let (last, months) = (plan.milestones.iter().map(|m| m.month.get()).max(), self.opening.months.get());
        let Some(last) = last else { return Err(NoMilestones.into()) };
        ensure(last <= months, LateMilestone { months })?;
        ensure(sum == 100, PartsNotWhole { sum })?;
        let Some(budget) = &plan.budget else {
            ensure(plan.mode == super::Mode::LumpSum, NoBudget)?;
            return Ok(None);
        };
        ensure(plan.mode == super::Mode::Itemised, BudgetInLumpSum).by(LUMP_SUM)?;
        budget_fits(budget, self.opening.public_money)?;
        let most = budget.indirect_most(plan.is_pure_theory, ctx);
        ensure(budget.indirect <= most, TooMuchIndirect { most }).by(BAND_LOW)?;
        Ok(Some(most))
    }

    /// Everyone has a part, in its own province; together they use what was granted and promised.
    fn packages_fit(&self, plan: &Plan) -> Result<(), No<Refusal>> {
        let (granted, promised) = (self.opening.public_money, self.opening.own_money);
        for package in plan.packages.iter() {
            let organisation = package.organisation;
            let (region, expected) = (package.region, self.region_of(organisation));
            let expected = expected.ok_or(NotAPartner { organisation })?;
            for amount in [package.public_money, package.own_money] {
                ensure(amount >= Money::ZERO, NotAnAmount { amount })?;
            }
            ensure(region.province() == expected.province(), AnotherProvince { region, expected })
                .by(OWN_PROVINCE)?;
        }
        for organisation in self.members() {
            let has_part = plan.packages.iter().any(|package| package.organisation == organisation);
            ensure(has_part, NoPackageFor { organisation }).by(AGREEMENT)?;
        }
        let planned: Money = plan.packages.iter().map(|package| package.public_money).sum();
        ensure(planned == granted, PublicMoneyDiffers { planned, granted })?;
        self.provinces_pay(plan)?;
        let planned: Money = plan.packages.iter().map(|package| package.own_money).sum();
        Ok(ensure(promised <= planned, OwnMoneyMissing { planned, promised })?)
    }

    /// Each province pays what was decided, when it was.
    fn provinces_pay(&self, plan: &Plan) -> Result<(), No<Refusal>> {
        let decided = &self.opening.by_region;
        if decided.is_empty() {
            return Ok(());
        }
        for region in self.provinces() {
            let granted = decided.iter().filter(|payer| payer.region.province() == region);
            let granted: Money = granted.map(|payer| payer.money).sum();
            let planned = plan.packages.iter().filter(|package| package.region.province() == region);
            let planned: Money = planned.map(|package| package.public_money).sum();
            ensure(planned == granted, ProvincePaysOther { region, planned, granted }).by(OWN_PROVINCE)?;
        }
        Ok(())
    }

    fn agreement_fits(&self, plan: &Plan) -> Result<(), No<Refusal>> {
        let benefits = &plan.agreement.benefits;
        for benefit in benefits.iter() {
            let organisation = benefit.organisation;
            let is_known = self.members().chain(self.opening.user).any(|member| member == organisation);
            ensure(is_known, NotAPartner { organisation }).by(AGREEMENT)?;
        }
        let shares: Vec<Share> = benefits.iter().map(|benefit| benefit.share).collect();
        ensure(Share::split(Money::yuan(1), &shares).is_some(), BenefitsNotWhole).by(AGREEMENT)
    }

    pub(super) fn region_of(&self, organisation: Ref<crate::organisation::Organisation>) -> Option<Region> {
        let partner = self.opening.partners.iter().find(|partner| partner.organisation == organisation);
        let lead = (self.opening.lead == organisation).then_some(self.opening.lead_region);
        partner.map(|partner| partner.region).or(lead)
    }
}

fn budget_fits(budget: &Budget, granted: Money) -> Result<(), No<Refusal>> {
    for amount in [budget.equipment, budget.business, budget.labour, budget.indirect] {
        ensure(amount >= Money::ZERO, NotAnAmount { amount })?;
    }
    let planned = budget.total();
    Ok(ensure(planned == granted, BudgetDiffers { planned, granted })?)
}
