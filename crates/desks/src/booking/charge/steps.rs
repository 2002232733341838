//! What speaks for and against checking, adjusting and contesting a charge, and paying back.

use grammar::prelude::*;

use super::{ADJUSTMENTS_MAX, Adjustment, Cause, Part};
use crate::booking::{
    Basis, Booking,
    Command::{self, *},
    Event::{self, *},
    Refusal::{self, *},
    life::is_within,
};

/// What may be changed without a second person.
const ALONE_MOST: Rule<Money> = rule("BK-P30");
/// How long the buyer may object.
const CONTEST_WITHIN: Rule<Period> = rule("BK-P31");
/// A shift, in minutes.
const SHIFT_MINUTES: i64 = 480;

type Said = Decision<Booking>;

impl Booking {
    pub(in crate::booking) fn charge_step(&self, command: &Command, ctx: &Ctx) -> Said {
        if !self.is_charged() {
            return not_now();
        }
        match command.clone() {
            CheckCharge if self.charge.checked.is_none() => {
                self.is_settled()?;
                let (by, at, contest_until) = (ctx.by.person, ctx.now, contest_until(ctx));
                Ok(say(ChargeChecked { owed: self.owed(), by, at, contest_until }))
            }
            Adjust(adjustment) => self.adjust(adjustment, ctx),
            ApproveAdjustment { note } => {
                self.is_second(ctx)?;
                self.stays_invoiced()?;
                let (by, at, contest_until) = (ctx.by.person, ctx.now, contest_until(ctx));
                Ok(say(AdjustmentApproved { note, by, at, contest_until }))
            }
            RefuseAdjustment { note } => {
                self.is_second(ctx)?;
                Ok(say(AdjustmentRefused { note, by: ctx.by.person }))
            }
            Contest { reason } => {
                let last = self.charge.objections.last();
                let is_new = last.is_none_or(|last| self.charge.checked.is_some_and(|at| last.at < at));
                let Some(until) = self.charge.contest_until.filter(|_| is_new) else { return not_now() };
                ensure(ctx.today() <= until, ContestedTooLate { until }).by(CONTEST_WITHIN)?;
                Ok(say(Contested { reason, at: ctx.now }))
            }
            Uphold { reason } if self.charge.open_objection().is_some() => {
                ensure(self.charge.waiting().is_none(), AdjustmentWaits)?;
                Ok(say(Upheld { reason }))
            }
            Refund { amount, reference } => {
                is_within(amount, self.paid - self.owed())?;
                Ok(say(Refunded { amount, reference }))
            }
            _ => not_now(),
        }
    }

    /// Nothing about the charge waits for a second person or an answer.
    pub(in crate::booking) fn is_settled(&self) -> Result<(), Refusal> {
        ensure(self.charge.waiting().is_none(), AdjustmentWaits)?;
        ensure(self.charge.open_objection().is_none(), StillContested)
    }

    /// Before an invoice for what is over, someone has looked at the charge, and nothing about it is open.
    pub(in crate::booking) fn may_be_invoiced(&self) -> Result<(), Refusal> {
        if !self.is_charged() {
            return Ok(());
        }
        self.is_settled()?;
        ensure(self.charge.checked.is_some(), ChargeNotChecked)
    }

    fn adjust(&self, adjustment: Adjustment, ctx: &Ctx) -> Said {
        if self.charge.adjustments.len() >= ADJUSTMENTS_MAX {
            return not_now();
        }
        ensure(self.charge.waiting().is_none(), AdjustmentWaits)?;
        let before = match adjustment.part {
            Part::Price => self.price,
            Part::Fee => self.fee,
        };
        let after = self.adjusted(&adjustment, before)?;
        let most = self.most(adjustment.part, before);
        ensure(after >= Money::ZERO, NotAnAmount { amount: after })?;
        ensure(after <= most, BeyondAgreed { most })?;
        ensure(after != before, NothingChanges { amount: before })?;
        self.invoices_fit(self.owed() - before + after)?;
        let since = self.charge.before_alone(adjustment.part).unwrap_or(before);
        let change = if after < since { since - after } else { after - since };
        let contest_until = (change <= ctx.rule(ALONE_MOST)).then(|| contest_until(ctx));
        let (by, at) = (ctx.by.person, ctx.now);
        Ok(say(Event::Adjusted { adjustment, before, after, by, at, contest_until }))
    }

    /// What an adjustment comes to.
    fn adjusted(&self, adjustment: &Adjustment, before: Money) -> Result<Money, Refusal> {
        let beside = self.beside_time();
        let after = match (adjustment.part, adjustment.cause) {
            (_, Cause::Waived) => Some(Money::ZERO),
            (_, Cause::Mistake) => Some(adjustment.amount.ok_or(AmountNeeded)?),
            (Part::Fee, _) => return Err(NotForFees),
            (Part::Price, Cause::OtherMinutes) => {
                ensure(self.request.basis == Basis::ByHour, NotByHour)?;
                let minutes = adjustment.charged_minutes.ok_or(MinutesNeeded)?.get();
                let time = (before - beside).times(minutes, self.counted_minutes().max(1));
                time.and_then(|time| time.plus(beside))
            }
            (Part::Price, Cause::OtherRate) => {
                let each = adjustment.unit_charge.ok_or(UnitChargeNeeded)?;
                let minutes = self.counted_minutes();
                let time = match self.request.basis {
                    Basis::ByHour => each.times(minutes, 60),
                    Basis::BySample => each.times(self.request.samples.map_or(0, Between::get), 1),
                    Basis::ByShift => each.times((minutes + SHIFT_MINUTES - 1) / SHIFT_MINUTES, 1),
                };
                time.and_then(|time| time.plus(beside))
            }
        };
        after.ok_or(NotAnAmount { amount: before })
    }

    /// The most that may be asked: what was agreed, and what was ever asked.
    fn most(&self, part: Part, now: Money) -> Money {
        let earlier = self.charge.adjustments.iter().filter(|one| one.adjustment.part == part);
        let agreed = self.charge.agreed.filter(|_| part == Part::Price);
        earlier.map(|one| one.before).chain(agreed).fold(now, Money::max)
    }

    /// A second person decides on what another asked for.
    fn is_second(&self, ctx: &Ctx) -> Result<(), No<Refusal>> {
        let Some(waiting) = self.charge.waiting() else { return Err(No::NotNow) };
        let is_another = ctx.by.person.is_some() && waiting.by.is_none_or(|by| !ctx.by.is_touched(by));
        ensure(is_another, SamePerson).by(ALONE_MOST)
    }

    fn stays_invoiced(&self) -> Result<(), Refusal> {
        let change = self.charge.waiting().map_or(Money::ZERO, |waiting| waiting.after - waiting.before);
        self.invoices_fit(self.owed() + change)
    }

    /// Invoices never stand for more than is owed: those that would are made void first.
    fn invoices_fit(&self, owed: Money) -> Result<(), Refusal> {
        let standing = self.invoiced();
        ensure(standing <= owed, InvoicesStand { standing })
    }
}

/// The last day on which the buyer may object to what is settled today.
fn contest_until(ctx: &Ctx) -> Day {
    ctx.calendar().last_day(ctx.today(), ctx.rule(CONTEST_WITHIN))
}
