//! Account: money in double entry. What leaves one account arrives at another in the same transaction.
//!
//! A payment is made at once, or held first: held → posted | released. A posted payment is never changed;
//! it can be reversed by a second one that names it. Always: `held` is covered by `balance`, except in a
//! source, which stands for money outside the house, and in a clearing account; these may owe. All balances
//! together are zero.

use std::collections::BTreeMap;

use grammar::prelude::*;

mod bank;
mod holds;
mod period;
mod purpose;
#[cfg(test)]
mod stories;

pub use bank::BankDetails;
pub use period::pay;
use period::{is_for, pays_across};
pub use purpose::Purpose;

/// Holds that may be open on one account at a time.
const HOLDS_MAX: usize = 1_000;
/// Who moves money: the treasurer, or a desk that has decided it.
const PAYERS: [Who; 6] = [
    Who::Office("treasurer"),
    Who::Desk("voucher"),
    Who::Desk("project"),
    Who::Desk("voucher-order"),
    Who::Desk("redemption"),
    Who::Desk("clearing"),
];
/// Payments that can still be reversed; older ones need a payment the other way.
const REVERSIBLE_MAX: usize = 500;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Payment {
    to: Ref<Account>,
    amount: Money,
    reason: Text<200>,
}

/// An account as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Account {
    title: Bilingual<120>,
    owner: Id,
    purpose: Purpose,
    region: Region,
    balance: Money,
    entries: u32,
    held: BTreeMap<u32, (Payment, Option<Day>)>,
    posted: BTreeMap<u32, Payment>,
    /// The last day whose books are closed.
    #[serde(default)]
    closed_until: Option<Day>,
    /// Where its money lies.
    #[serde(default)]
    bank: Option<BankDetails>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Open {
        title: Bilingual<120>,
        owner: Id,
        purpose: Purpose,
        region: Region,
    },
    Pay {
        to: Ref<Account>,
        amount: Money,
        reason: Text<200>,
    },
    Hold {
        to: Ref<Account>,
        amount: Money,
        reason: Text<200>,
        until: Option<Day>,
    },
    Post {
        entry: u32,
    },
    Release {
        entry: u32,
    },
    Lapse,
    Reverse {
        entry: u32,
        reason: Text<200>,
        effective: Day,
    },
    /// Nothing takes effect on or before that day any more.
    CloseBooks {
        until: Day,
    },
    NameBank(BankDetails),
    Receive {
        from: Ref<Account>,
        amount: Money,
        entry: u32,
    },
    GiveBack {
        to: Ref<Account>,
        amount: Money,
        entry: u32,
    },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Opened { title: Bilingual<120>, owner: Id, purpose: Purpose, region: Region },
    Paid { entry: u32, payment: Payment },
    Held { entry: u32, payment: Payment, until: Option<Day> },
    Posted { entry: u32, payment: Payment },
    Released { entry: u32, payment: Payment },
    Reversed { entry: u32, payment: Payment, reason: Text<200>, effective: Day },
    Received { from: Ref<Account>, amount: Money, entry: u32 },
    GivenBack { to: Ref<Account>, amount: Money, entry: u32 },
    BooksClosed { until: Day },
    BankNamed { details: BankDetails },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NotAnAmount { amount: Money },
    NotEnough { available: Money },
    ToItself,
    TooManyHolds { max: usize },
    NoSuchHold { entry: u32 },
    NoSuchPayment { entry: u32 },
    EndsInThePast { until: Day },
    EffectiveLater { effective: Day },
    OnlyItsOwner,
    ClosesTheFuture { until: Day },
    ClosedAlready { until: Day },
    EffectiveInClosed { until: Day },
    NotANumber { number: Text<34> },
}

use {Command::*, Event::*, Refusal::*};

impl Desk for Account {
    const NAME: &'static str = "account";
    const OPENS: &'static [&'static str] = &["open"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = &[("not-a-number", "number")];
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Open { .. } => {
                Who::Either(&[Who::Office("treasurer"), Who::Desk("voucher"), Who::Desk("project")])
            }
            Pay { .. } | Hold { .. } | Post { .. } | Release { .. } => Who::Either(&PAYERS),
            Reverse { .. } | CloseBooks { .. } | NameBank(_) => Who::Two(&Who::Office("treasurer")),
            Receive { .. } | GiveBack { .. } => Who::Desk("account"),
            Lapse => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this, command.clone()) {
            (None, Open { title, owner, purpose, region }) => {
                ensure(is_for(purpose, owner, ctx), OnlyItsOwner)?;
                Ok(say(Opened { title, owner, purpose, region }))
            }
            (Some(a), Pay { to, amount, reason }) => {
                a.can_pay(to, amount, ctx)?;
                let entry = a.entries + 1;
                let arrival = tell(to, &Receive { from: ctx.me.r(), amount, entry });
                Ok(say(Paid { entry, payment: Payment { to, amount, reason } }).and(arrival))
            }
            (Some(a), Hold { .. } | Post { .. } | Release { .. } | Lapse) => a.is_held(command, ctx),
            (Some(a), Reverse { entry, reason, effective }) => {
                a.is_open_on(effective, ctx)?;
                let payment = a.posted.get(&entry).cloned().ok_or(NoSuchPayment { entry })?;
                let back = tell(payment.to, &GiveBack { to: ctx.me.r(), amount: payment.amount, entry });
                Ok(say(Reversed { entry, payment, reason, effective }).and(back))
            }
            (Some(a), CloseBooks { until }) => a.closes(until, ctx),
            (Some(a), NameBank(details)) => a.is_at(details),
            (Some(_), Receive { from, amount, entry }) => Ok(say(Received { from, amount, entry })),
            (Some(a), GiveBack { to, amount, entry }) => {
                let available = a.available();
                ensure(is_for(a.purpose, a.owner, ctx), OnlyItsOwner)?;
                ensure(amount <= available, NotEnough { available })?;
                Ok(say(GivenBack { to, amount, entry }))
            }
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut a) = this else {
            let Opened { title, owner, purpose, region } = event.clone() else { impossible(event) };
            let (balance, held, posted) = (Money::ZERO, BTreeMap::new(), BTreeMap::new());
            let (entries, closed_until, bank) = (0, None, None);
            return Self {
                title,
                owner,
                purpose,
                region,
                balance,
                entries,
                held,
                posted,
                closed_until,
                bank,
            };
        };
        match event {
            Opened { .. } => impossible(event),
            Paid { entry, payment } => {
                a.entries = *entry;
                a.keep(*entry, payment);
            }
            Held { entry, payment, until } => {
                a.entries = *entry;
                a.held.insert(*entry, (payment.clone(), *until));
            }
            Posted { entry, payment } => {
                a.held.remove(entry);
                a.keep(*entry, payment);
            }
            Released { entry, .. } => drop(a.held.remove(entry)),
            Reversed { entry, payment, .. } => {
                a.posted.remove(entry);
                a.balance += payment.amount;
            }
            Received { amount, .. } => a.balance += *amount,
            GivenBack { amount, .. } => a.balance -= *amount,
            BooksClosed { until } => a.closed_until = Some(*until),
            BankNamed { details } => a.bank = Some(details.clone()),
        }
        a
    }

    fn due(&self) -> Option<Due<Command>> {
        let first = self.held.values().filter_map(|(_, until)| *until).min();
        first.map(|until| Due::after(until, Lapse))
    }

    fn card(&self) -> Card {
        let card = Card::new();
        let is_clearing = self.purpose == Purpose::Clearing;
        let card = if is_clearing { card.key("clearing", &self.region.to_string()) } else { card };
        let card = self.bank.iter().fold(card, |card, bank| card.fact("bank", bank));
        let card = self.closed_until.iter().fold(card, |card, day| card.fact("closed_until", day));
        card.title(&self.title)
            .status(if self.held.is_empty() { "settled" } else { "holding" })
            .region(self.region)
            .amount(self.balance)
            .fact("purpose", self.purpose)
            .party("owner", self.owner)
            .inside("owner")
            .inside_office("treasurer")
            .inside_office("voucher-office")
            .inside_office("clearing-office")
            .inside_office("auditor")
    }

    /// Balances are for the owner, the treasurer, the voucher office that pays from funds, and the auditor.
    /// That a region has a clearing account, every region's office that pays by it knows, and nothing more.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) {
            return Sight::Seen;
        }
        if self.purpose != Purpose::Clearing || !pays_across(viewer) {
            return Sight::Hidden;
        }
        (self.balance, self.entries) = (Money::ZERO, 0);
        (self.held, self.posted, self.closed_until) = (BTreeMap::new(), BTreeMap::new(), None);
        self.bank = None;
        Sight::Seen
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        (viewer.is_inside(&this.card()) || matches!(event, Opened { .. })).then_some(event)
    }

    fn check(&self) {
        assert!(self.purpose.may_owe() || self.balance >= self.held_total());
        assert!(self.held.len() <= HOLDS_MAX && self.posted.len() <= REVERSIBLE_MAX);
    }
}
