//! Dispute: lines of a settlement that our own books do not bear out. The statement stands as both have signed it; a line in
//! dispute is left out of our payment, disturbs no other, and is made good by a line of a later run that corrects it.

use grammar::prelude::*;

use super::{
    Command::{self, *},
    Event::{self, *},
    Refusal::*,
    Settlement, Status,
    statement::LINES_MAX,
};

/// Letters of an order's name, as a line has it.
pub const ORDER_MAX: usize = 100;

/// A line that waits for an agreement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contested {
    pub order: Text<ORDER_MAX>,
    /// What the statement says; nothing when it has no such line.
    pub we_owe: Money,
    pub they_owe: Money,
    pub reason: Text<500>,
    pub on: Day,
}

impl Settlement {
    /// What the lines of an order come to, for each side; `None` when no line counts for it.
    fn of(&self, order: &str) -> Option<(Money, Money)> {
        let lines = || self.statement.counting.iter().filter(|claim| claim.order == order);
        lines().next()?;
        let owed = |region: Region| {
            lines().filter(|claim| claim.debtor == region).map(|claim| Money::fen(claim.fen)).sum::<Money>()
        };
        Some((owed(self.region), owed(self.other)))
    }

    /// What is left to pay without the lines in dispute.
    #[must_use]
    pub fn undisputed(&self) -> (Money, Money) {
        let less =
            |owed: Money, of: fn(&Contested) -> Money| owed - self.disputes.iter().map(of).sum::<Money>();
        (less(self.we_owe, |each| each.we_owe), less(self.they_owe, |each| each.they_owe))
    }

    pub(super) fn is_contested(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let stands = |order: &str| self.disputes.iter().any(|each| *each.order == *order);
        let on = ctx.today();
        match command.clone() {
            Dispute { order, reason } => {
                let owed = self.of(&order).ok_or(NoSuchLine { order: order.clone() })?;
                self.may_contest(&order)?;
                let (we_owe, they_owe) = owed;
                Ok(say(Disputed(Contested { order, we_owe, they_owe, reason, on })))
            }
            Miss { order, reason } => {
                let name: Text<ORDER_MAX> =
                    Text::read(order.id().as_str()).unwrap_or_else(|| impossible(&order));
                let card = ctx.see(order);
                let [home, away] = ["home", "away"].map(|part| card.read::<Region>(part));
                let between = [Some(self.region), Some(self.other)];
                let is_ours = home != away && between.contains(&home) && between.contains(&away);
                ensure(is_ours, NotBetweenThem { order })?;
                let waits = self.statement.waiting.iter().any(|each| *each == *name);
                ensure(self.of(&name).is_none() && !waits, StandsInIt { order })?;
                self.may_contest(&name)?;
                let (we_owe, they_owe) = (Money::ZERO, Money::ZERO);
                Ok(say(Disputed(Contested { order: name, we_owe, they_owe, reason, on })))
            }
            EndDispute { order, reason } => {
                ensure(stands(&order), NotDisputed { order: order.clone() })?;
                Ok(say(DisputeEnded { order, reason }))
            }
            _ => not_now(),
        }
    }

    fn may_contest(&self, order: &Text<ORDER_MAX>) -> Result<(), No<super::Refusal>> {
        let is_new = self.disputes.iter().all(|each| each.order != *order);
        ensure(is_new, AlreadyDisputed { order: order.clone() })?;
        if self.disputes.len() < LINES_MAX { Ok(()) } else { Err(No::NotNow) }
    }

    pub(super) fn contests(&mut self, event: &Event) {
        match event.clone() {
            Disputed(contested) => self.disputes.push(contested),
            DisputeEnded { order, .. } => self.disputes.retain(|each| each.order != order),
            Paid(payment) => {
                // What is in dispute is not paid with it.
                self.kept_back = self.disputes.iter().map(|each| each.order.clone()).collect();
                (self.status, self.payment) = (Status::Paid, Some(payment));
            }
            other => impossible(&other),
        }
    }
}
