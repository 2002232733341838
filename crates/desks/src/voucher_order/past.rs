//! Past: what an order is after each event.

use grammar::prelude::*;

use super::{
    Event::{self, *},
    Status, VoucherOrder,
};

impl VoucherOrder {
    pub fn begun(event: &Event) -> Self {
        let Asked(begun) = event.clone() else { impossible(event) };
        Self {
            begun: *begun,
            quote: None,
            deal: None,
            doubts: vec![],
            ruling: None,
            report: List::default(),
            own_paid: None,
            stars: None,
            status: Status::Asked,
            redemption: None,
            paid: Money::ZERO,
            moved_on: None,
            route: None,
            cleared: vec![],
            remark: None,
        }
    }

    pub fn goes_on(&mut self, event: &Event) {
        match event.clone() {
            Asked(_) => impossible(event),
            Quoted(quote) => (self.status, self.quote) = (Status::Quoted, Some(quote)),
            Placed { deal, doubts } => {
                (self.status, self.deal) = (Status::Placed, Some(*deal));
                self.doubt(doubts);
            }
            Accepted { doubts } => {
                self.status = Status::Accepted;
                self.doubt(doubts);
            }
            Questioned { doubt, .. } => self.doubt(vec![doubt]),
            Allotted { ruling } => (self.status, self.ruling) = (Status::Allotted, ruling),
            Reduced { contract, amount, .. } => self.now_is(contract, amount),
            Delivered { report, .. } => (self.status, self.report) = (Status::Delivered, report),
            Confirmed { own_paid, stars, .. } => {
                self.status = Status::Confirmed;
                (self.own_paid, self.stars) = (Some(own_paid), Some(stars));
            }
            Declined { reason } => (self.status, self.remark) = (Status::Declined, Some(reason)),
            Rejected { reason } => (self.status, self.remark) = (Status::Rejected, Some(reason)),
            Cancelled { reason } => (self.status, self.remark) = (Status::Cancelled, Some(reason)),
            Claimed { redemption } => {
                (self.status, self.redemption) = (Status::Claimed, Some(redemption));
            }
            Unclaimed { reason } => {
                (self.status, self.redemption, self.remark) = (Status::Confirmed, None, Some(reason));
            }
            Paid { amount, on, route } => {
                self.route = Some(route);
                (self.status, self.paid, self.moved_on) = (Status::Paid, amount, Some(on));
            }
            ClawedBack { contract, amount, on, reason, .. } => {
                self.moved_on = Some(on);
                self.now_is(contract, amount);
                self.paid = amount;
                self.remark = Some(reason);
                if amount == Money::ZERO {
                    self.status = Status::ClawedBack;
                }
            }
            Cleared(cleared) => self.cleared.push(cleared),
            Uncleared { run, line } => self.cleared.retain(|each| (each.run, each.line) != (run, line)),
            Lapsed { .. } => self.status = Status::Lapsed,
        }
    }

    fn doubt(&mut self, more: Vec<super::Doubt>) {
        self.doubts.extend(more);
        self.doubts.sort_unstable();
        self.doubts.dedup();
    }

    fn now_is(&mut self, contract: Money, amount: Money) {
        if let Some(deal) = &mut self.deal {
            (deal.terms.contract, deal.amount) = (contract, amount);
        }
    }

    pub fn contract(&self) -> Money {
        self.deal.as_ref().map_or(Money::ZERO, |deal| deal.terms.contract)
    }

    /// What the voucher pays of it.
    pub fn amount(&self) -> Money {
        self.deal.as_ref().map_or(Money::ZERO, |deal| deal.amount)
    }

    /// What home still owes the region that paid the provider; below nothing when it is the other way about.
    pub fn to_clear(&self) -> Money {
        let is_across = self.begun.home != self.begun.away;
        let done: Money = self.cleared.iter().map(|each| each.amount).sum();
        if is_across { self.paid - done } else { Money::ZERO }
    }

    /// The last day on which it still waits: for an answer to the quote, or for the provider's claim.
    pub fn ends(&self) -> Option<Day> {
        match self.status {
            Status::Quoted => self.quote.as_ref().map(|quote| quote.until),
            Status::Claimed => None,
            status if status.is_locked() => self.deal.as_ref().map(|deal| deal.claim_until),
            _ => None,
        }
    }
}
