//! Steps: what a purchase decides when it is asked.

use grammar::prelude::*;

use super::{
    Command::{self, *},
    Event::*,
    Finding, Instrument, Plan, Purchase, Refusal,
    Refusal::*,
    Status,
};

/// From this value on, an instrument belongs to the region's catalogue, and a purchase is reviewed.
const REGION_VALUE: Rule<Money> = rule("IN-R01");
/// How long after acceptance it must be reported, by the regime of the day of acceptance.
const REPORT_WITHIN: Rule<Period> = rule("IN-R04");
/// Whoever has not reported may be refused a new one.
const UNREPORTED: Rule<bool> = rule("IN-R06");
/// What is shared nearby is not bought again; then there is a budget for using it.
const USE_OTHERS: Rule<bool> = rule("IN-R07");
/// State secrets do not belong here.
const NO_SECRETS: Rule<bool> = rule("IN-P10");

type Said = Decision<Purchase>;

fn sensible(plan: &Plan, ctx: &Ctx) -> Result<(), No<Refusal>> {
    let least = ctx.rules.value(REGION_VALUE, plan.region, ctx.born);
    ensure(plan.no_secrets, MayHoldSecrets).by(NO_SECRETS)?;
    ensure(!plan.name.is_empty(), NoName)?;
    ensure(plan.value.is_positive(), NotAnAmount { amount: plan.value })?;
    ensure(plan.value >= least, NeedsNoReview { least }).by(REGION_VALUE)
}

pub fn decide(this: Option<&Purchase>, command: &Command, ctx: &Ctx) -> Said {
    match (this, command.clone()) {
        (None, Propose(plan)) => {
            sensible(&plan, ctx)?;
            Ok(say(Proposed { itself: ctx.me.r(), plan }))
        }
        (Some(p), Amend(plan)) if p.status == Status::Planned => {
            ensure(plan.unit == p.plan.unit, UnitChanges)?;
            sensible(&plan, ctx)?;
            Ok(say(Amended { plan }))
        }
        (Some(p), Review { equivalents, they_meet_the_need, opinion, use_budget })
            if p.status == Status::Planned =>
        {
            let found = equivalents.iter().try_for_each(|instrument| p.is_shared_nearby(*instrument, ctx));
            found?;
            let on = ctx.today();
            if !they_meet_the_need {
                return Ok(say(Approved { finding: Finding { equivalents, opinion, use_budget: None, on } }));
            }
            ensure(!equivalents.is_empty(), NothingNamed).by(USE_OTHERS)?;
            ensure(use_budget.is_some_and(Money::is_positive), NoUseBudget).by(USE_OTHERS)?;
            Ok(say(Refused { finding: Finding { equivalents, opinion, use_budget, on } }))
        }
        (Some(p), Veto { overdue, opinion }) if p.status == Status::Planned => {
            ensure(!overdue.is_empty(), NothingNamed).by(UNREPORTED)?;
            for purchase in overdue.iter().copied() {
                let card = ctx.see(purchase);
                let is_its = card.the("unit") == p.plan.unit.id();
                ensure(is_its && card.status == "overdue", NotOverdue { purchase }).by(UNREPORTED)?;
            }
            Ok(say(Vetoed { overdue, opinion, on: ctx.today() }))
        }
        (Some(p), Buy { on, price }) if p.status == Status::Approved => {
            let reviewed = p.finding.as_ref().map_or(on, |finding| finding.on);
            ensure(on <= ctx.today(), OnALaterDay { on })?;
            ensure(reviewed <= on, BeforeTheReview { on }).by(USE_OTHERS)?;
            ensure(price.is_positive(), NotAnAmount { amount: price })?;
            ensure(price <= p.plan.value, MoreThanReviewed { most: p.plan.value })?;
            Ok(say(Purchased { on, price }))
        }
        (Some(p), Accept { on }) if p.status == Status::Purchased => {
            ensure(on <= ctx.today(), OnALaterDay { on })?;
            ensure(p.purchased.is_none_or(|purchased| purchased <= on), BeforeTheReview { on })?;
            // The period is that of the day of acceptance, not of the day on which the purchase was planned.
            let within = ctx.rules.value(REPORT_WITHIN, p.plan.region, on);
            Ok(say(Accepted { on, report_until: Some(ctx.calendar().last_day(on, within)) }))
        }
        (Some(p), MarkOverdue) if p.status == Status::Accepted => match p.report_until {
            Some(since) if since < ctx.today() => Ok(say(WasOverdue { since })),
            _ => not_now(),
        },
        (Some(p), MarkReported { instrument }) if matches!(p.status, Status::Accepted | Status::Overdue) => {
            Ok(say(WasReported { instrument, on: ctx.today() }))
        }
        _ => not_now(),
    }
}

impl Purchase {
    /// An equivalent counts when others can use it now and it stands in the same province.
    fn is_shared_nearby(&self, instrument: Ref<Instrument>, ctx: &Ctx) -> Result<(), No<Refusal>> {
        let card = ctx.see(instrument);
        let (here, there) = (self.plan.region.province(), card.scope());
        ensure(card.the("unit") != self.plan.unit.id(), OwnInstrument { instrument })?;
        ensure(card.is_offer, NotShared { instrument }).by(USE_OTHERS)?;
        ensure(here.covers(there), NotNearby { instrument, region: there }).by(USE_OTHERS)
    }
}
