//! Agree: buyer and provider find each other, the voucher's money is locked, the service is done.

use grammar::prelude::*;

use super::{
    Begun,
    Command::{self, *},
    Doubt, Event, Placed,
    Refusal::{self, *},
    Status, VoucherOrder,
};
use crate::{
    provider::{self, Item},
    voucher,
};

/// A voucher pays at most its share of the contract, what is left on it, and the item's ceiling.
const AMOUNT: Rule<bool> = rule("VC-R05-LEAST");
/// What vouchers do not pay for.
const FORBIDDEN: Rule<Vec<String>> = rule("VC-R11");
/// What they do not pay for either: production testing, and contracts older than the quota.
const NOT_PAYABLE: Rule<Vec<String>> = rule("VC-R12");
/// By how much a price may pass the list before a person looks at it.
const OUTLIER: Rule<Share> = rule("VC-R12-PRICE");
/// Days after the voucher's last day within which the provider may claim.
const CLAIM_WINDOW: Rule<Period> = rule("VC-R16");
/// The rules and the quota of the buyer's home hold.
const HOME: Rule<bool> = rule("VC-R14-HOME");
/// Content that may hold state secrets is not taken.
const NO_SECRETS: Rule<bool> = rule("XX-R08");

type Said = Decision<VoucherOrder>;

pub fn begin(command: &Command, ctx: &Ctx) -> Said {
    let Ask(wish) = command else { return not_now() };
    let (buyer, listing) = (ctx.see(wish.buyer), ctx.see(wish.provider));
    let seller = listing.the("organisation");
    ensure(wish.no_secrets, MayHoldSecrets).by(NO_SECRETS)?;
    ensure(seller != wish.buyer.id(), ItsOwnCustomer)?;
    let item = wish.item.map(|item| listed(listing, item)).transpose()?;
    Ok(say(Event::Asked(Box::new(Begun {
        wish: wish.clone(),
        buyer_group: buyer.holders("parent").next(),
        seller: seller.r(),
        seller_group: listing.holders("group").next(),
        home: buyer.scope().province(),
        away: listing.scope(),
        list_price: item.as_ref().and_then(|item| item.price.times(wish.quantity.get(), 1)),
        ceiling: item.and_then(|item| item.ceiling),
    }))))
}

fn listed(listing: &Card, item: Between<1, 30>) -> Result<Item, Refusal> {
    let items: std::collections::BTreeMap<u32, Item> = listing.read("items").unwrap_or_default();
    let found = items.into_iter().find(|(number, _)| i64::from(*number) == item.get());
    found.map(|(_, item)| item).ok_or(NoSuchItem { item: item.get() })
}

impl VoucherOrder {
    pub fn is_agreed(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command.clone()) {
            (Status::Asked | Status::Quoted, Quote(quote)) => {
                ensure(quote.price.is_positive(), NotAnAmount { amount: quote.price })?;
                ensure(ctx.today() <= quote.until, QuoteIsOver { until: quote.until })?;
                Ok(say(Event::Quoted(quote)))
            }
            (Status::Quoted, Place(deal)) => self.place(*deal, ctx),
            (Status::Placed, Accept { related }) => {
                let doubts = if related { vec![Doubt::Related] } else { vec![] };
                Ok(say(Event::Accepted { doubts }))
            }
            (Status::Asked | Status::Quoted | Status::Placed, Decline { reason }) => {
                Ok(self.unlocked(say(Event::Declined { reason })))
            }
            _ => not_now(),
        }
    }

    fn place(&self, deal: super::Deal, ctx: &Ctx) -> Said {
        let (voucher, contract) = (ctx.see(deal.voucher), deal.contract);
        self.is_payable(&deal, voucher, ctx)?;
        if let Some(booking) = deal.booking {
            let bill = ctx.see(booking);
            ensure(self.is_bill(bill, contract), NotItsBooking)?;
            let look = bill.read::<String>("charge");
            let is_open = look.is_some_and(|look| look == "for-approval" || look == "contested");
            ensure(!is_open, ChargeStillOpen)?;
        }
        let share = voucher.read::<Share>("share").ok_or(NothingToPay)?;
        let left = voucher.amount.unwrap_or_default();
        let most = [Some(share.of(contract)), Some(left), self.begun.ceiling, deal.wanted];
        let amount = most.into_iter().flatten().min().unwrap_or_default();
        ensure(amount.is_positive(), NothingToPay).by(AMOUNT)?;
        let ends = voucher.until.unwrap_or(ctx.today());
        let claim_until = ctx.calendar().last_day(ends, ctx.rule(CLAIM_WINDOW));
        let doubts = self.doubted(&deal, ctx);
        let hold = voucher::Command::Hold { provider: self.begun.seller, contract, amount };
        let locks = [tell(deal.voucher, &hold), tell(self.begun.wish.provider, &provider::Command::Serve)];
        let placed = Placed { terms: deal, amount, share, left, placed: ctx.today(), claim_until };
        Ok(locks.into_iter().fold(say(Event::Placed { deal: Box::new(placed), doubts }), Script::and))
    }

    /// Whether a voucher pays for such a contract at all.
    fn is_payable(&self, deal: &super::Deal, voucher: &Card, ctx: &Ctx) -> Result<(), No<Refusal>> {
        let (signed, purpose, region) = (deal.signed, deal.purpose, voucher.scope());
        let quote = self.quote.as_ref().ok_or(No::NotNow)?;
        // A voucher from before this desk knew days has none: its quota began with its year.
        let quota = voucher.from.or(Day::new(ctx.today().year(), 1, 1)).unwrap_or(ctx.today());
        let word = grammar::desk::plain_word(&purpose);
        ensure(voucher.holders("holder").any(|holder| holder == self.begun.wish.buyer.id()), NotYourVoucher)?;
        ensure(region.province() == self.begun.home, VoucherOfAnotherRegion { region }).by(HOME)?;
        ensure(ctx.today() <= quote.until, QuoteIsOver { until: quote.until })?;
        ensure(!ctx.rule(FORBIDDEN).contains(&word), ForbiddenUse { purpose }).by(FORBIDDEN)?;
        ensure(!ctx.rule(NOT_PAYABLE).contains(&word), ForbiddenUse { purpose }).by(NOT_PAYABLE)?;
        ensure(signed <= ctx.today(), SignedLater { signed })?;
        ensure(quota <= signed, ContractBeforeQuota { signed, quota }).by(NOT_PAYABLE)?;
        ensure(deal.contract.is_positive(), NotAnAmount { amount: deal.contract })?;
        Ok(ensure(deal.contract <= quote.price, AboveTheQuote { quote: quote.price })?)
    }

    /// Whether a booking's bill is between these two and of this amount.
    fn is_bill(&self, booking: &Card, contract: Money) -> bool {
        let seller = [self.begun.seller.id(), self.begun.wish.provider.id()];
        booking.holders("provider").any(|id| seller.contains(&id))
            && booking.holders("buyer").any(|id| id == self.begun.wish.buyer.id())
            && booking.read::<Money>("price") == Some(contract)
    }

    fn doubted(&self, deal: &super::Deal, ctx: &Ctx) -> Vec<Doubt> {
        let heads = |group: Option<Id>, itself: Id| group.unwrap_or(itself);
        let (buyer, seller) = (self.begun.wish.buyer.id(), self.begun.seller.id());
        let same = heads(self.begun.buyer_group, buyer) == heads(self.begun.seller_group, seller);
        let over = |list: Money| deal.contract > list + ctx.rule(OUTLIER).of(list);
        let found = [
            (deal.related, Doubt::Related),
            (same, Doubt::SameGroup),
            (self.begun.list_price.is_some_and(over), Doubt::PriceOutlier),
            (self.begun.list_price.is_none() && deal.booking.is_none(), Doubt::NotListed),
            (deal.subsidised, Doubt::Subsidised),
        ];
        found.into_iter().filter_map(|(is_so, doubt)| is_so.then_some(doubt)).collect()
    }

    pub fn is_served(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command.clone()) {
            (Status::Allotted, Deliver { report, note }) => {
                ensure(!report.is_empty(), NoReport)?;
                Ok(say(Event::Delivered { report, note }))
            }
            (Status::Delivered, Confirm { own_paid, proof, invoice, stars }) => {
                let own = self.contract() - self.amount();
                ensure(own <= own_paid, OwnShareNotPaid { missing: own - own_paid }).by(AMOUNT)?;
                let rate = tell(self.begun.wish.provider, &provider::Command::Rate { stars });
                Ok(say(Event::Confirmed { own_paid, proof, invoice, stars: stars.get() }).and(rate))
            }
            (status, Reduce { contract, reason }) if status.is_locked() && status != Status::Claimed => {
                self.reduce(contract, reason)
            }
            (Status::Asked | Status::Quoted | Status::Placed, Cancel { reason })
            | (Status::Accepted | Status::Allotted, Cancel { reason }) => {
                Ok(self.unlocked(say(Event::Cancelled { reason })))
            }
            (_, Lapse) if self.ends().is_some_and(|day| day < ctx.today()) => {
                let released = if self.status.is_locked() { self.amount() } else { Money::ZERO };
                Ok(self.unlocked(say(Event::Lapsed { released })))
            }
            _ => not_now(),
        }
    }

    /// What the voucher pays of a smaller contract: never more than before.
    pub fn recalculated(&self, contract: Money) -> Result<Money, Refusal> {
        let deal = self.deal.as_ref().ok_or(NothingToPay)?;
        let before = deal.terms.contract;
        ensure(contract.is_positive(), NotAnAmount { amount: contract })?;
        ensure(contract < before, NotLess { contract: before })?;
        Ok(deal.share.of(contract).min(deal.amount))
    }

    fn reduce(&self, contract: Money, reason: Text<500>) -> Said {
        let amount = self.recalculated(contract)?;
        ensure(amount.is_positive(), NothingToPay).by(AMOUNT)?;
        let released = self.amount() - amount;
        let said = say(Event::Reduced { contract, amount, released, reason });
        Ok(if released.is_positive() { self.release(said, released) } else { said })
    }

    /// Lets go of all that is locked.
    pub fn unlocked(&self, said: Script<Event>) -> Script<Event> {
        if self.status.is_locked() { self.release(said, self.amount()) } else { said }
    }

    fn release(&self, said: Script<Event>, amount: Money) -> Script<Event> {
        let release = voucher::Command::Release { provider: self.begun.seller, amount: Some(amount) };
        self.deal.iter().fold(said, |said, deal| said.and(tell(deal.terms.voucher, &release)))
    }
}
