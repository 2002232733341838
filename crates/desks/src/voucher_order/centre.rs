//! Centre: the office at home looks at an order, the provider is paid, regions settle, and money comes back.

use grammar::prelude::*;

use super::{
    CLEARED_MAX, Cleared,
    Command::{self, *},
    Doubt, Event,
    Refusal::*,
    Route, Status, VoucherOrder,
};
use crate::{
    account::{self, Purpose},
    voucher,
};

/// Related parties, outliers and circular trade are looked at by people.
const LOOKED_AT: Rule<Vec<String>> = rule("VC-R12");
/// Orders of one ring, and the days between them, beyond which nothing is said to go round.
pub const RING_ORDERS: Rule<i64> = rule("VC-R12-RING");
pub const RING_DAYS: Rule<i64> = rule("VC-R12-DAYS");
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
                // Without a person only circular trade is asked about.
                if ctx.by.is_clock && doubt != Doubt::Circular {
                    return not_now();
                }
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

    /// Whether these orders lead from this one's provider back to its buyer: whoever sells in one buys in the next. A ring
    /// is short, and within a while.
    fn closes_ring(&self, with: &[Ref<Self>], ctx: &Ctx) -> bool {
        let own = self.deal.as_ref().map(|deal| deal.placed);
        let placed = |order: &Ref<Self>| ctx.see(*order).read::<Day>("placed");
        let is_near =
            |(one, other): (Day, Day)| i64::from(one.days_until(other).abs()) <= ctx.rule(RING_DAYS);
        let are_near = with.iter().all(|order| own.zip(placed(order)).is_none_or(is_near));
        if !are_near || i64::try_from(with.len()).is_ok_and(|count| count >= ctx.rule(RING_ORDERS)) {
            return false;
        }
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
            (Status::Claimed, Pay(route)) if ctx.by.teller == self.redemption => self.pay(*route, ctx),
            (Status::Paid, ClawBack { contract, reason }) => {
                let amount = contract.map_or(Ok(Money::ZERO), |contract| self.recalculated(contract))?;
                let back = self.paid - amount;
                ensure(back.is_positive(), NothingToPay).by(NO_FRAUD)?;
                let contract = contract.unwrap_or(self.contract());
                let (on, reason) = (ctx.today(), reason.clone());
                let said = say(Event::ClawedBack { contract, amount, back, on, reason });
                self.take_back(said, back)
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

    /// The voucher pays: at home the provider itself, across regions the account by which home settles, while the
    /// provider's region pays the provider.
    fn pay(&self, route: Route, ctx: &Ctx) -> Said {
        let Some(deal) = &self.deal else { return not_now() };
        let is_theirs = ctx.see(route.till).holders("owner").any(|owner| owner == self.begun.seller.id());
        ensure(is_theirs, NotTheProvidersAccount)?;
        let mut to = route.till;
        if self.is_across() {
            for (account, region) in
                [(route.away_settles, self.begun.away), (route.home_settles, self.begun.home)]
            {
                let account = account.filter(|account| is_clearing(ctx.see(*account), region));
                to = account.ok_or(No::Because(NotTheRegionsAccount { region }, Some(HOME.id())))?;
            }
        }
        let spend = voucher::Command::Spend { provider: self.begun.seller, to, amount: deal.amount };
        let paid = Event::Paid { amount: deal.amount, on: ctx.today(), route };
        Ok(say(paid).and(tell(deal.terms.voucher, &spend)))
    }

    /// The same way back.
    fn take_back(&self, said: Script<Event>, back: Money) -> Said {
        let (Some(deal), Some(route)) = (&self.deal, self.route) else { return not_now() };
        let provider = self.begun.seller;
        let take =
            |from| tell(deal.terms.voucher, &voucher::Command::TakeBack { provider, from, amount: back });
        match (route.home_settles, route.away_settles) {
            (Some(home), Some(away)) if self.is_across() => {
                let words = Text::read("voucher taken back").unwrap_or_else(|| impossible(&"words"));
                Ok(said.and(account::pay(route.till, away, back, &words)).and(take(home)))
            }
            _ => Ok(said.and(take(route.till))),
        }
    }
}
