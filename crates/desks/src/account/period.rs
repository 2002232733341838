//! Period: what can be moved now, and the days whose books are closed. A correction of something in a closed period takes effect in the open one.

use grammar::prelude::*;

use super::{Account, Command, Event, Payment, Purpose, REVERSIBLE_MAX, Refusal, Refusal::*};

impl Account {
    /// What can be paid or held now.
    #[must_use]
    pub fn available(&self) -> Money {
        if self.purpose.may_owe() { Money::MAX } else { self.balance - self.held_total() }
    }

    pub(super) fn held_total(&self) -> Money {
        self.held.values().map(|(payment, _)| payment.amount).sum()
    }

    pub(super) fn can_pay(&self, to: Ref<Account>, amount: Money, ctx: &Ctx) -> Result<(), Refusal> {
        let available = self.available();
        ensure(is_for(self.purpose, self.owner, ctx), OnlyItsOwner)?;
        ensure(to.id() != ctx.me, ToItself)?;
        ensure(amount.is_positive(), NotAnAmount { amount })?;
        ensure(amount <= available, NotEnough { available })
    }

    pub(super) fn keep(&mut self, entry: u32, payment: &Payment) {
        self.balance -= payment.amount;
        self.posted.insert(entry, payment.clone());
        if self.posted.len() > REVERSIBLE_MAX {
            self.posted.pop_first();
        }
    }

    /// Closes the books up to a day that is over; they are never opened again.
    pub(super) fn closes(&self, until: Day, ctx: &Ctx) -> Decision<Self> {
        ensure(until < ctx.today(), ClosesTheFuture { until })?;
        let closed = self.closed_until.filter(|closed| until <= *closed);
        ensure(closed.is_none(), ClosedAlready { until: closed.unwrap_or(until) })?;
        Ok(say(Event::BooksClosed { until }))
    }

    /// A day on which a correction may take effect: not later than today, and not in what is closed.
    pub(super) fn is_open_on(&self, effective: Day, ctx: &Ctx) -> Result<(), Refusal> {
        ensure(effective <= ctx.today(), EffectiveLater { effective })?;
        let closed = self.closed_until.filter(|closed| effective <= *closed);
        ensure(closed.is_none(), EffectiveInClosed { until: closed.unwrap_or(effective) })
    }
}

/// A wallet belongs to the record that opened it: only that record may move its money.
pub(super) fn is_for(purpose: Purpose, owner: Id, ctx: &Ctx) -> bool {
    purpose != Purpose::Wallet || ctx.by.teller == Some(owner)
}

/// Whoever pays between regions.
pub(super) fn pays_across(viewer: &Viewer) -> bool {
    viewer.offices.iter().any(|(office, _)| office == "voucher-office" || office == "clearing-office")
}

/// A payment from one account to another, for a desk that tells.
#[must_use]
pub fn pay(from: Ref<Account>, to: Ref<Account>, amount: Money, reason: &Text<200>) -> Tell {
    tell(from, &Command::Pay { to, amount, reason: reason.clone() })
}
