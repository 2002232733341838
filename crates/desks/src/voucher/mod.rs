//! Voucher (科技创新券): a fund's promise to pay part of a firm's or team's bill for research services.
//!
//! Issued once. Until its last day, parts of it can be held for a provider's contract or for an order; what is held
//! can be spent on it or released. What is left after the last day goes home by itself.

use grammar::prelude::*;

use crate::{
    account::{self, Account},
    organisation::Organisation,
};

mod beside;
mod refusal;
#[cfg(test)]
mod stories;
mod wallet;

pub use refusal::Refusal;
use wallet::{is_at_home, open_wallet, pot, reason};

/// The largest part of a contract that a voucher pays.
const PAID_SHARE: Rule<Share> = rule("VC-R05");
/// A voucher ends with its year.
const ENDS_WITH_YEAR: Rule<bool> = rule("VC-R09");

const OFFICE: Who = Who::Office("voucher-office");
/// An order for a service, with a pot of its own.
const ORDER: Who = Who::Desk("voucher-order");

/// A voucher as it stands now. Always: `left + held + gone == face`.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Voucher {
    fund: Ref<Account>,
    wallet: Ref<Account>,
    holder: Ref<Organisation>,
    region: Region,
    until: Day,
    face: Money,
    left: Money,
    /// By order, or by provider where there is none.
    held: Pots<Organisation>,
    gone: Money,
    #[serde(default)]
    issued: Option<Day>,
    /// The share it pays, for good: the rule of the day it was issued.
    #[serde(default)]
    share: Option<Share>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Issue {
        fund: Ref<Account>,
        holder: Ref<Organisation>,
        region: Region,
        face: Money,
        until: Day,
    },
    Hold {
        provider: Ref<Organisation>,
        contract: Money,
        amount: Money,
    },
    Spend {
        provider: Ref<Organisation>,
        to: Ref<Account>,
        amount: Money,
    },
    Release {
        provider: Ref<Organisation>,
        amount: Option<Money>,
    },
    TakeBack {
        provider: Ref<Organisation>,
        from: Ref<Account>,
        amount: Money,
    },
    /// What is left goes home at once, and nothing can be held any more.
    Withdraw,
    Expire,
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Issued {
        fund: Ref<Account>,
        wallet: Ref<Account>,
        holder: Ref<Organisation>,
        region: Region,
        face: Money,
        until: Day,
        #[serde(default)]
        on: Option<Day>,
        #[serde(default)]
        share: Option<Share>,
    },
    Held {
        provider: Ref<Organisation>,
        contract: Money,
        amount: Money,
        share: Share,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order: Option<Id>,
    },
    Spent {
        provider: Ref<Organisation>,
        amount: Money,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order: Option<Id>,
    },
    Released {
        provider: Ref<Organisation>,
        amount: Money,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        order: Option<Id>,
    },
    TakenBack {
        provider: Ref<Organisation>,
        amount: Money,
        order: Option<Id>,
    },
    Withdrawn {
        returned: Money,
        until: Day,
    },
    Expired {
        returned: Money,
    },
}

use {Command::*, Event::*, Refusal::*};

impl Desk for Voucher {
    const NAME: &'static str = "voucher";
    const OPENS: &'static [&'static str] = &["issue"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Issue { .. } => Who::Either(&[OFFICE, Who::Desk("eligibility")]),
            Hold { .. } | Release { .. } => Who::Either(&[Who::Party("holder"), OFFICE, ORDER]),
            Spend { .. } => Who::Two(&Who::Either(&[OFFICE, ORDER])),
            TakeBack { .. } => ORDER,
            Withdraw => Who::Desk("eligibility"),
            Expire => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this, command) {
            (None, &Issue { fund, holder, region, face, until }) => {
                ensure(face.is_positive(), NotAnAmount { amount: face })?;
                ensure(ctx.today() <= until, EndsInThePast { until })?;
                ensure(until.year() == ctx.today().year(), EndsInAnotherYear { until }).by(ENDS_WITH_YEAR)?;
                is_at_home(fund, holder, region, ctx)?;
                let wallet = ctx.fresh::<Account>(1);
                let funding = account::pay(fund, wallet, face, &reason("voucher"));
                let (on, share) = (Some(ctx.today()), Some(ctx.rule(PAID_SHARE)));
                let issued = Issued { fund, wallet, holder, region, face, until, on, share };
                Ok(say(issued).and(open_wallet(wallet, ctx.me, region)).and(funding))
            }
            (Some(v), &Hold { provider, contract, amount }) => {
                let share = ctx.rule(PAID_SHARE);
                let most = share.of(contract);
                ensure(amount.is_positive(), NotAnAmount { amount })?;
                ensure(ctx.today() <= v.until, PastItsLastDay { until: v.until })?;
                ensure(amount <= most, MoreThanItsShare { most }).by(PAID_SHARE)?;
                ensure(amount <= v.left, NotEnoughLeft { left: v.left })?;
                Ok(say(Held { provider, contract, amount, share, order: ctx.by.teller }))
            }
            (Some(v), &Spend { provider, to, amount }) => {
                let order = ctx.by.teller;
                let held = v.held.of(pot(provider, order));
                // An order has seen itself who is paid: across regions, the account they settle by.
                let is_theirs = order.is_some() || ctx.see(to).the("owner") == provider.id();
                ensure(amount.is_positive(), NotAnAmount { amount })?;
                ensure(amount <= held, NotEnoughHeld { held })?;
                ensure(is_theirs, NotTheProvidersAccount)?;
                let payment = account::pay(v.wallet, to, amount, &reason("voucher"));
                Ok(say(Spent { provider, amount, order }).and(payment))
            }
            (Some(v), &Release { provider, amount }) => {
                let order = ctx.by.teller;
                let held = v.held.of(pot(provider, order));
                let amount = amount.unwrap_or(held);
                ensure(amount.is_positive() && amount <= held, NotEnoughHeld { held })?;
                Ok(say(Released { provider, amount, order }))
            }
            (Some(v), &TakeBack { provider, from, amount }) => {
                ensure(amount.is_positive() && amount <= v.gone, NotEnoughGone { gone: v.gone })?;
                let payment = account::pay(from, v.wallet, amount, &reason("voucher taken back"));
                Ok(say(TakenBack { provider, amount, order: ctx.by.teller }).and(payment))
            }
            (Some(v), Withdraw) => {
                let until = v.until.min(ctx.today().plus_days(-1));
                let withdrawn = say(Withdrawn { returned: v.left, until });
                let refund = account::pay(v.wallet, v.fund, v.left, &reason("voucher"));
                Ok(if v.left.is_positive() { withdrawn.and(refund) } else { withdrawn })
            }
            (Some(v), Expire) if v.until < ctx.today() && v.left.is_positive() => {
                let refund = account::pay(v.wallet, v.fund, v.left, &reason("voucher"));
                Ok(say(Expired { returned: v.left }).and(refund))
            }
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut v) = this else {
            let &Issued { fund, wallet, holder, region, face, until, on: issued, share } = event else {
                impossible(event)
            };
            let (left, held, gone) = (face, Pots::empty(), Money::ZERO);
            return Self { fund, wallet, holder, region, until, face, left, held, gone, issued, share };
        };
        match *event {
            Issued { .. } => impossible(event),
            Held { provider, amount, order, .. } => {
                v.left -= amount;
                v.held.add(pot(provider, order), amount);
            }
            Spent { provider, amount, order } => {
                v.held.take(pot(provider, order), amount);
                v.gone += amount;
            }
            Released { provider, amount, order } => {
                v.held.take(pot(provider, order), amount);
                v.left += amount;
            }
            TakenBack { amount, .. } => {
                v.gone -= amount;
                v.left += amount;
            }
            Withdrawn { returned, until } => {
                v.left -= returned;
                v.gone += returned;
                v.until = until;
            }
            Expired { returned } => {
                v.left -= returned;
                v.gone += returned;
            }
        }
        v
    }

    fn due(&self) -> Option<Due<Command>> {
        self.left.is_positive().then(|| Due::after(self.until, Expire))
    }

    fn card(&self) -> Card {
        let card = self.issued.into_iter().fold(Card::new(), Card::from);
        let face = self.face.grouped();
        card.fact("share", self.share)
            .titled(format!("创新券 {face} 元"), format!("Voucher of {face} yuan"))
            .status(if self.left.is_positive() { "open" } else { "used" })
            .region(self.region)
            .amount(self.left)
            .until(self.until)
            .party("holder", self.holder.id())
            .party("fund", self.fund.id())
            .inside("holder")
            .inside_office("voucher-office")
            .inside_office("auditor")
    }

    fn is_certificate(&self) -> bool {
        true
    }

    /// Who bought what is for the holder and the office.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) { Sight::Seen } else { Sight::Hidden }
    }

    fn check(&self) {
        assert_eq!(self.left + self.held.total() + self.gone, self.face);
    }
}
