//! Centre: the office at home looks at an order, the provider is paid, regions settle, and money comes back.

use grammar::prelude::*;

use super::{
    CLEARED_MAX, Cleared,
    Command::{self, *},
    Doubt, Event,
    Refusal::*,
    Status, VoucherOrder,
};
use crate::{
    account::{self, Account, Purpose},
    voucher,
};

/// Related parties, outliers and circular trade are looked at by people.
const LOOKED_AT: Rule<Vec<String>> = rule("VC-R12");
/// The region at home pays, wherever the provider is.
const HOME: Rule<bool> = rule("VC-R14-HOME");
/// No fraud in application, use or redemption.
const NO_FRAUD: Rule<bool> = rule("VC-R10");

type Said = Decision<VoucherOrder>;

/// Whether this is the account by which a region settles with others.
pub fn is_clearing(account: &Card, region: Region) -> bool {
    account.read::<Purpose>("purpose") == Some(Purpose::Clearing) && account.scope() == region
}

impl VoucherOrder {
    pub fn is_reviewed(&self, command: &Command, ctx: &Ctx) -> Said {
        let is_open = self.status.is_locked() && self.status != Status::Claimed;
        match (self.status, command.clone()) {
            (_, Question { doubt, with, reason }) if is_open => {
                ensure(!self.doubts.contains(&doubt), AlreadyInDoubt { doubt })?;
                let is_ring = doubt != Doubt::Circular || self.closes_ring(&with, ctx);
                ensure(is_ring, NoRing).by(LOOKED_AT)?;
                Ok(say(Event::Questioned { doubt, with, reason }))
            }
            (Status::Accepted, Allot) => {
                let doubts = self.doubts.clone();
                ensure(doubts.is_empty(), InDoubt { doubts }).by(LOOKED_AT)?;
                Ok(say(Event::Allotted { ruling: None }))
            }
            (Status::Accepted, AllotDespite { reason }) => {
                ensure(!self.doubts.is_empty(), NothingInDoubt)?;
                Ok(say(Event::Allotted { ruling: Some(reason) }))
            }
            (_, Reject { reason }) if is_open => Ok(self.unlocked(say(Event::Rejected { reason }))),
            _ => not_now(),
        }
    }

    /// Whether these orders lead from this one's provider back to its buyer: whoever sells in one buys in the next.
    fn closes_ring(&self, with: &[Ref<Self>], ctx: &Ctx) -> bool {
        let mut seller = self.begun.seller.id();
        for order in with.iter().filter(|order| order.id() != ctx.me) {
            let card = ctx.see(*order);
            if card.the("buyer") != seller {
                return false;
            }
            seller = card.the("provider");
        }
        seller == self.begun.wish.buyer.id()
    }

    pub fn is_settled(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command) {
            (Status::Confirmed, Claim) => {
                let redemption = ctx.by.teller.unwrap_or(ctx.me);
                Ok(say(Event::Claimed { redemption }))
            }
            (Status::Claimed, Unclaim { reason }) if ctx.by.teller == self.redemption => {
                Ok(say(Event::Unclaimed { reason: reason.clone() }))
            }
            (Status::Claimed, Pay { to }) if ctx.by.teller == self.redemption => self.pay(*to, ctx),
            (Status::Paid, ClawBack { contract, till, through, reason }) => {
                let amount = contract.map_or(Ok(Money::ZERO), |contract| self.recalculated(contract))?;
                let back = self.paid - amount;
                ensure(back.is_positive(), NothingToPay).by(NO_FRAUD)?;
                let contract = contract.unwrap_or(self.contract());
                let (on, reason) = (ctx.today(), reason.clone());
                let said = say(Event::ClawedBack { contract, amount, back, on, reason });
                self.take_back(said, back, *till, through, ctx)
            }
            (Status::Paid | Status::ClawedBack, Clear { line, amount }) => {
                let (open, run) = (self.to_clear(), ctx.by.teller.unwrap_or(ctx.me));
                ensure(*amount == open && open != Money::ZERO, NothingToClear { open })?;
                ensure(self.cleared.len() < CLEARED_MAX, ClearedTooOften { max: CLEARED_MAX })?;
                Ok(say(Event::Cleared(Cleared { run, line: line.get(), amount: *amount })))
            }
            (_, Unclear { line }) => {
                let run = ctx.by.teller.unwrap_or(ctx.me);
                let is_there = self.cleared.iter().any(|c| (c.run, c.line) == (run, line.get()));
                if is_there { Ok(say(Event::Uncleared { run, line: line.get() })) } else { not_now() }
            }
            _ => not_now(),
        }
    }

    fn is_across(&self) -> bool {
        self.begun.home != self.begun.away
    }

    /// The voucher pays: at home the provider itself, across regions the account by which home settles.
    fn pay(&self, to: Ref<Account>, ctx: &Ctx) -> Said {
        let (Some(deal), account) = (&self.deal, ctx.see(to)) else { return not_now() };
        let is_theirs = account.holders("owner").any(|owner| owner == self.begun.seller.id());
        if self.is_across() {
            ensure(is_clearing(account, self.begun.home), NotTheRegionsAccount { region: self.begun.home })
                .by(HOME)?;
        } else {
            ensure(is_theirs, NotTheProvidersAccount)?;
        }
        let spend = voucher::Command::Spend { provider: self.begun.seller, to, amount: deal.amount };
        let paid = Event::Paid { amount: deal.amount, on: ctx.today() };
        Ok(say(paid).and(tell(deal.terms.voucher, &spend)))
    }

    /// The same way back.
    fn take_back(
        &self,
        said: Script<Event>,
        back: Money,
        till: Ref<Account>,
        through: &[Ref<Account>],
        ctx: &Ctx,
    ) -> Said {
        let Some(deal) = &self.deal else { return not_now() };
        let is_theirs = ctx.see(till).holders("owner").any(|owner| owner == self.begun.seller.id());
        ensure(is_theirs, NotTheProvidersAccount)?;
        let of = |region: Region| {
            let found = through.iter().find(|account| is_clearing(ctx.see(**account), region));
            found.copied().ok_or(No::Because(NotTheRegionsAccount { region }, Some(HOME.id())))
        };
        let (said, from) = if self.is_across() {
            let words = Text::read("voucher taken back").unwrap_or_else(|| impossible(&"words"));
            (said.and(account::pay(till, of(self.begun.away)?, back, &words)), of(self.begun.home)?)
        } else {
            (said, till)
        };
        let take = voucher::Command::TakeBack { provider: self.begun.seller, from, amount: back };
        Ok(said.and(tell(deal.terms.voucher, &take)))
    }
}
