//! Voucher (科技创新券): a fund's promise to pay part of a firm's or team's bill for research services.
//!
//! Issued once. Until its last day, parts of it can be held for a provider's contract; what is held can be
//! spent on that provider or released. What is left after the last day goes home by itself.

use grammar::prelude::*;

use crate::{
    account::{self, Account, Purpose},
    organisation::Organisation,
};

#[cfg(test)]
mod stories;

/// The largest part of a contract that a voucher pays.
const PAID_SHARE: Rule<Share> = rule("VC-R05");
/// A voucher ends with its year.
const ENDS_WITH_YEAR: Rule<bool> = rule("VC-R09");

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
    held: Pots<Organisation>,
    gone: Money,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Issue { fund: Ref<Account>, holder: Ref<Organisation>, region: Region, face: Money, until: Day },
    Hold { provider: Ref<Organisation>, contract: Money, amount: Money },
    Spend { provider: Ref<Organisation>, to: Ref<Account>, amount: Money },
    Release { provider: Ref<Organisation> },
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
    },
    Held {
        provider: Ref<Organisation>,
        contract: Money,
        amount: Money,
        share: Share,
    },
    Spent {
        provider: Ref<Organisation>,
        amount: Money,
    },
    Released {
        provider: Ref<Organisation>,
        amount: Money,
    },
    Expired {
        returned: Money,
    },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NotAnAmount { amount: Money },
    EndsInThePast { until: Day },
    EndsInAnotherYear { until: Day },
    PastItsLastDay { until: Day },
    MoreThanItsShare { most: Money },
    NotEnoughLeft { left: Money },
    NotEnoughHeld { held: Money },
    NotTheProvidersAccount,
}

use {Command::*, Event::*, Refusal::*};

impl Desk for Voucher {
    const NAME: &'static str = "voucher";
    const OPENS: &'static [&'static str] = &["issue"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Issue { .. } => Who::Office("voucher-office"),
            Hold { .. } | Release { .. } => {
                Who::Either(&[Who::Party("holder"), Who::Office("voucher-office")])
            }
            Spend { .. } => Who::Two(&Who::Office("voucher-office")),
            Expire => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this, command) {
            (None, &Issue { fund, holder, region, face, until }) => {
                ensure(face.is_positive(), NotAnAmount { amount: face })?;
                ensure(ctx.today() <= until, EndsInThePast { until })?;
                ensure(until.year() == ctx.today().year(), EndsInAnotherYear { until }).by(ENDS_WITH_YEAR)?;
                let wallet = ctx.fresh::<Account>(1);
                let funding = account::pay(fund, wallet, face, &reason("voucher"));
                let issued = Issued { fund, wallet, holder, region, face, until };
                Ok(say(issued).and(open_wallet(wallet, ctx.me, region)).and(funding))
            }
            (Some(v), &Hold { provider, contract, amount }) => {
                let share = ctx.rule(PAID_SHARE);
                let most = share.of(contract);
                ensure(amount.is_positive(), NotAnAmount { amount })?;
                ensure(ctx.today() <= v.until, PastItsLastDay { until: v.until })?;
                ensure(amount <= most, MoreThanItsShare { most }).by(PAID_SHARE)?;
                ensure(amount <= v.left, NotEnoughLeft { left: v.left })?;
                Ok(say(Held { provider, contract, amount, share }))
            }
            (Some(v), &Spend { provider, to, amount }) => {
                let held = v.held.of(provider);
                ensure(amount.is_positive(), NotAnAmount { amount })?;
                ensure(amount <= held, NotEnoughHeld { held })?;
                ensure(ctx.see(to).the("owner") == provider.id(), NotTheProvidersAccount)?;
                let payment = account::pay(v.wallet, to, amount, &reason("voucher"));
                Ok(say(Spent { provider, amount }).and(payment))
            }
            (Some(v), &Release { provider }) => {
                let amount = v.held.of(provider);
                ensure(amount.is_positive(), NotEnoughHeld { held: amount })?;
                Ok(say(Released { provider, amount }))
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
            let &Issued { fund, wallet, holder, region, face, until } = event else { impossible(event) };
            let (held, gone) = (Pots::empty(), Money::ZERO);
            return Self { fund, wallet, holder, region, until, face, left: face, held, gone };
        };
        match *event {
            Issued { .. } => impossible(event),
            Held { provider, amount, .. } => {
                v.left -= amount;
                v.held.add(provider, amount);
            }
            Spent { provider, amount } => {
                v.held.take(provider, amount);
                v.gone += amount;
            }
            Released { provider, amount } => {
                v.held.take(provider, amount);
                v.left += amount;
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
        Card::new()
            .titled(format!("创新券 {} 元", self.face), format!("Voucher of {} yuan", self.face))
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

fn open_wallet(wallet: Ref<Account>, owner: Id, region: Region) -> Tell {
    let words = |zh, en| Bilingual { zh: Text::read(zh), en: Text::read(en) };
    let title = words("创新券钱包", "voucher wallet");
    tell(wallet, &account::Command::Open { title, owner, purpose: Purpose::Wallet, region })
}

fn reason(text: &str) -> Text<200> {
    Text::read(text).unwrap_or_else(|| impossible(&text))
}
