//! Voucher order (创新券订单): a service that a voucher pays a part of, from the question for a price to the money.
//!
//! asked → quoted → placed (the voucher's money is locked) → accepted → allotted → delivered → confirmed → claimed →
//! paid → clawed-back; before delivery it can be declined, rejected, cancelled, and lapses with its window. Always:
//! amount ≤ share × contract; what is locked is released or paid, never both; across regions what was paid is cleared once.

use grammar::prelude::*;

mod agree;
mod beside;
mod centre;
mod past;
#[cfg(test)]
mod stories;
mod terms;

pub(crate) use centre::is_clearing;
pub use centre::{RING_DAYS, RING_ORDERS};
pub use terms::{Begun, Cleared, Deal, Doubt, Placed, Quote, Route, Status, Use, Wish};

/// Shares of one order in clearing runs: once paid, and corrections.
const CLEARED_MAX: usize = 20;

/// An order as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct VoucherOrder {
    begun: Begun,
    quote: Option<Quote>,
    deal: Option<Placed>,
    doubts: Vec<Doubt>,
    ruling: Option<Text<500>>,
    report: List<FileRef, 5>,
    own_paid: Option<Money>,
    stars: Option<i64>,
    status: Status,
    redemption: Option<Id>,
    /// Paid to the provider, less what was clawed back.
    paid: Money,
    /// When money last moved: paid, or clawed back.
    moved_on: Option<Day>,
    /// The accounts it was paid by, and comes back by.
    route: Option<Route>,
    cleared: Vec<Cleared>,
    remark: Option<Text<500>>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Ask(Wish),
    Quote(Quote),
    Place(Box<Deal>),
    Accept { related: bool },
    Decline { reason: Text<500> },
    Question { doubt: Doubt, with: List<Ref<VoucherOrder>, 5>, reason: Text<500> },
    Allot,
    AllotDespite { reason: Text<500> },
    Reject { reason: Text<500> },
    Reduce { contract: Money, reason: Text<500> },
    Deliver { report: List<FileRef, 5>, note: Text<500> },
    Confirm { own_paid: Money, proof: FileRef, invoice: FileRef, stars: Between<1, 5> },
    Cancel { reason: Text<500> },
    Claim,
    Unclaim { reason: Text<500> },
    Pay(Route),
    ClawBack { contract: Option<Money>, reason: Text<500> },
    Clear { line: Between<1, 2000>, amount: Money },
    Unclear { line: Between<1, 2000> },
    Lapse,
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Asked(Box<Begun>),
    Quoted(Quote),
    Placed { deal: Box<Placed>, doubts: Vec<Doubt> },
    Accepted { doubts: Vec<Doubt> },
    Declined { reason: Text<500> },
    Questioned { doubt: Doubt, with: List<Ref<VoucherOrder>, 5>, reason: Text<500> },
    Allotted { ruling: Option<Text<500>> },
    Rejected { reason: Text<500> },
    Reduced { contract: Money, amount: Money, released: Money, reason: Text<500> },
    Delivered { report: List<FileRef, 5>, note: Text<500> },
    Confirmed { own_paid: Money, proof: FileRef, invoice: FileRef, stars: i64 },
    Cancelled { reason: Text<500> },
    Claimed { redemption: Id },
    Unclaimed { reason: Text<500> },
    Paid { amount: Money, on: Day, route: Route },
    ClawedBack { contract: Money, amount: Money, back: Money, on: Day, reason: Text<500> },
    Cleared(Cleared),
    Uncleared { run: Id, line: i64 },
    Lapsed { released: Money },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    MayHoldSecrets,
    ItsOwnCustomer,
    NoSuchItem { item: i64 },
    NotAnAmount { amount: Money },
    QuoteIsOver { until: Day },
    NotYourVoucher,
    VoucherOfAnotherRegion { region: Region },
    ForbiddenUse { purpose: Use },
    ContractBeforeQuota { signed: Day, quota: Day },
    SignedLater { signed: Day },
    AboveTheQuote { quote: Money },
    NotItsBooking,
    ChargeStillOpen,
    NothingToPay,
    NoRing,
    AlreadyInDoubt { doubt: Doubt },
    InDoubt { doubts: Vec<Doubt> },
    NothingInDoubt,
    NotLess { contract: Money },
    OwnShareNotPaid { missing: Money },
    NoReport,
    NotTheProvidersAccount,
    NotTheRegionsAccount { region: Region },
    NothingToClear { open: Money },
    ClearedTooOften { max: usize },
}

use Command::*;

const BUYER: Who = Who::Signatory("buyer");
const SELLER: Who = Who::Party("provider");
const OFFICE: Who = Who::Office("voucher-office");

impl Desk for VoucherOrder {
    const NAME: &'static str = "voucher-order";
    const OPENS: &'static [&'static str] = &["ask"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Ask(_) => Who::Party("buyer"),
            Place(_) | Confirm { .. } | Cancel { .. } => BUYER,
            Quote(_) | Accept { .. } | Decline { .. } | Deliver { .. } => SELLER,
            Reduce { .. } => Who::Either(&[BUYER, SELLER, OFFICE]),
            // A search by the house asks as time does, and only about circular trade; a person decides.
            Question { .. } => Who::Either(&[OFFICE, Who::Office("auditor"), Who::Clock]),
            Allot | Reject { .. } => OFFICE,
            AllotDespite { .. } | ClawBack { .. } => Who::Two(&OFFICE),
            Claim | Unclaim { .. } | Pay(_) => Who::Desk("redemption"),
            Clear { .. } | Unclear { .. } => Who::Desk("clearing"),
            Lapse => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Some(o) = this else { return agree::begin(command, ctx) };
        match command {
            Command::Quote(_) | Place(_) | Accept { .. } | Decline { .. } => o.is_agreed(command, ctx),
            Deliver { .. } | Confirm { .. } | Reduce { .. } | Cancel { .. } | Lapse => {
                o.is_served(command, ctx)
            }
            Question { .. } | Allot | AllotDespite { .. } | Reject { .. } => o.is_reviewed(command, ctx),
            _ => o.is_settled(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut o) = this else { return Self::begun(event) };
        o.goes_on(event);
        o
    }

    fn due(&self) -> Option<Due<Command>> {
        self.ends().map(|day| Due::after(day, Lapse))
    }

    fn card(&self) -> Card {
        let mut card = Card::new()
            .titled(&*self.begun.wish.project, &*self.begun.wish.project)
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.begun.home)
            .amount(self.amount())
            .party("buyer", self.begun.wish.buyer.id())
            .party("provider", self.begun.seller.id())
            .party("listing", self.begun.wish.provider.id())
            .fact("home", self.begun.home)
            .fact("away", self.begun.away)
            .fact("open", self.to_clear())
            .fact("moved_on", self.moved_on)
            .fact("placed", self.deal.as_ref().filter(|_| self.status.stands()).map(|deal| deal.placed))
            .fact("cleared", &self.cleared)
            .inside("buyer")
            .inside("provider")
            .inside_office("voucher-office")
            .inside_office("clearing-office")
            .inside_office("auditor");
        if let Some(deal) = self.deal.as_ref().filter(|_| self.status.stands()) {
            // One contract and one booking are paid by one order.
            card = card
                .key("voucher-contract", &format!("{}/{}", self.begun.seller, deal.terms.number))
                .party("voucher", deal.terms.voucher.id());
            card = deal
                .terms
                .booking
                .iter()
                .fold(card, |card, id| card.key("voucher-booking", id.id().as_str()));
        }
        card
    }

    /// Who buys what is for the two, the offices at home, and the office that redeems the provider.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        let is_seen = viewer.is_inside(&self.card()) || viewer.holds("voucher-office", self.begun.away);
        if is_seen { Sight::Seen } else { Sight::Hidden }
    }

    fn check(&self) {
        assert!(
            self.begun.wish.no_secrets
                && self.begun.wish.buyer != self.begun.seller
                && self.cleared.len() <= CLEARED_MAX
        );
        if let Some(deal) = &self.deal {
            assert!(deal.amount <= deal.share.of(deal.terms.contract) && deal.amount >= self.paid);
            assert!(deal.placed >= deal.terms.signed);
        }
        assert!(self.paid == Money::ZERO || matches!(self.status, Status::Paid | Status::ClawedBack));
    }
}
