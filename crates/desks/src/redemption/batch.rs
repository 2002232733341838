//! Batch: which orders are claimed, which of them the lot takes, and what was found.

use grammar::prelude::*;

use super::{
    Command::{self, *},
    Event, LINES_MAX, Redemption,
    Refusal::{self, *},
};
use crate::{
    draw::{self, Draw},
    voucher_order::{self, VoucherOrder},
};

/// The part of a batch that is looked into, at least one order.
const SAMPLE: Rule<Share> = rule("VC-R08-PART");
/// When one order of the sample fails, all are looked into.
const THEN_ALL: Rule<bool> = rule("VC-R08-ALL");
/// Money is paid every so many months.
const EVERY: Rule<i64> = rule("VC-R07");
/// How long the draw waits for words from outside.
const DRAW_WAITS_MS: i64 = 3_600_000;
/// An order is counted in so many parts, so that rounding a share down loses nothing that matters.
const PARTS: i64 = 1_000_000;

type Said = Decision<Redemption>;

/// An order of the batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub order: Ref<VoucherOrder>,
    /// Whose voucher it is.
    pub home: Region,
    pub amount: Money,
    pub finding: Option<Finding>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    pub passed: bool,
    pub text: Text<500>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Open,
    Submitted,
    Sampled,
    Published,
    Paid,
    Withdrawn,
}

pub fn begin(command: &Command, ctx: &Ctx) -> Said {
    let &Open { provider } = command else { return not_now() };
    let card = ctx.see(provider);
    let title = [card.title_zh.clone(), card.title_en.clone()];
    let claimant = card.the("organisation").r();
    Ok(say(Event::Opened { provider, claimant, title, region: card.scope() }))
}

/// The first day of the next period of `months`: quarters begin in January, April, July and October.
pub fn next_period(today: Day, months: i64) -> Day {
    let months = i8::try_from(months.clamp(1, 12)).unwrap_or(3);
    let into = (today.month() - 1) % months;
    let first = Day::new(today.year(), today.month(), 1).unwrap_or(today);
    first.plus_months(i32::from(months - into))
}

impl Redemption {
    /// Lines that have not failed.
    pub fn standing(&self) -> impl Iterator<Item = &Line> {
        self.lines.iter().filter(|line| line.finding.as_ref().is_none_or(|finding| finding.passed))
    }

    pub fn total(&self) -> Money {
        self.standing().map(|line| line.amount).sum()
    }

    fn line(&self, order: Ref<VoucherOrder>) -> Result<&Line, Refusal> {
        self.standing().find(|line| line.order == order).ok_or(NotInThisBatch { order })
    }

    fn let_go(said: Script<Event>, order: Ref<VoucherOrder>, reason: &Text<500>) -> Script<Event> {
        said.and(tell(order, &voucher_order::Command::Unclaim { reason: reason.clone() }))
    }

    pub fn is_gathered(&self, command: &Command, ctx: &Ctx) -> Said {
        let is_unpaid = matches!(self.status, Status::Open | Status::Submitted | Status::Sampled);
        match (self.status, command.clone()) {
            (Status::Open, Add { orders }) => self.add(&orders, ctx),
            (Status::Open, Remove { order, reason }) => {
                self.line(order)?;
                Ok(Self::let_go(say(Event::Removed { order, reason: reason.clone() }), order, &reason))
            }
            (Status::Open, Submit) => {
                ensure(!self.lines.is_empty(), NothingInIt)?;
                let draw = ctx.fresh::<Draw>(1);
                let pay_from = next_period(ctx.today(), ctx.rule(EVERY));
                Ok(say(Event::Submitted { draw, pay_from }).and(self.sampling(draw, None, ctx)))
            }
            (_, Withdraw { reason }) if is_unpaid => {
                let said = say(Event::Withdrawn { reason: reason.clone() });
                Ok(self.standing().fold(said, |said, line| Self::let_go(said, line.order, &reason)))
            }
            _ => not_now(),
        }
    }

    fn add(&self, orders: &[Ref<VoucherOrder>], ctx: &Ctx) -> Said {
        let mut lines: Vec<Line> = Vec::new();
        for &order in orders {
            let card = ctx.see(order);
            let is_here = |lines: &[Line]| lines.iter().any(|line| line.order == order);
            ensure(card.the("listing") == self.provider.id(), OfAnotherProvider { order })?;
            ensure(!is_here(&lines) && !is_here(&self.lines), Twice { order })?;
            ensure(card.status == "confirmed", NotConfirmed { order })?;
            let (home, amount) = (card.scope(), card.amount.unwrap_or_default());
            lines.push(Line { order, home, amount, finding: None });
        }
        ensure(!lines.is_empty(), NothingInIt)?;
        ensure(self.lines.len() + lines.len() <= LINES_MAX, TooManyLines { max: LINES_MAX })?;
        let claim = |said: Script<Event>, order: &Ref<VoucherOrder>| {
            said.and(tell(*order, &voucher_order::Command::Claim))
        };
        Ok(orders.iter().fold(say(Event::Added { lines }), claim))
    }

    /// A share of the batch, rounded up, at least one order.
    pub fn sample_size(&self, share: Share) -> i64 {
        let count = i64::try_from(self.standing().count()).unwrap_or(0);
        let enough = |take: &i64| share.of(Money::fen(count * PARTS)).in_fen() <= take * PARTS;
        (1..=count).find(enough).unwrap_or(1)
    }

    /// The draw of the sample: public, by order numbers alone.
    fn sampling(&self, draw: Ref<Draw>, again: Option<draw::Again>, ctx: &Ctx) -> Tell {
        let list: Vec<String> = self.standing().map(|line| line.order.to_string()).collect();
        let take = self.sample_size(ctx.rule(SAMPLE));
        let terms = draw::Terms {
            region: self.region,
            purpose: Bilingual {
                zh: Text::read(&format!("创新券兑付抽查（{}）", ctx.me)),
                en: Text::read(&format!("Sample of voucher redemption ({})", ctx.me)),
            },
            about: Some(ctx.me),
            basis: Text::read("VC-R08").unwrap_or_else(|| impossible(&"a basis")),
            list: Text::read(&list.join("\n")).unwrap_or_else(|| impossible(&"a list")),
            take: Between::new(take).unwrap_or_else(|| impossible(&take)),
            spare: None,
            quotas: List::default(),
            closes: ctx.now.plus_millis(DRAW_WAITS_MS),
            outside: None,
            again,
        };
        tell(draw, &draw::Command::Open(Box::new(terms)))
    }

    pub fn is_looked_into(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command.clone()) {
            (Status::Submitted, DrawAgain { draw, reason }) => {
                let status = ctx.see(draw).status.as_str();
                ensure(self.draw == Some(draw), AnotherDraw)?;
                ensure(matches!(status, "withdrawn" | "failed"), StillDrawing)?;
                let (new, again) = (ctx.fresh::<Draw>(1), draw::Again { draw, reason: reason.clone() });
                Ok(say(Event::DrawnAgain { draw: new, reason }).and(self.sampling(new, Some(again), ctx)))
            }
            (Status::Submitted, TakeSample { draw }) => {
                ensure(self.draw == Some(draw), AnotherDraw)?;
                let sample = ctx.see(draw).read::<Vec<Id>>("taken").ok_or(NotDrawnYet)?;
                Ok(say(Event::SampleTaken { sample }))
            }
            (Status::Sampled, Examine { order, passed, finding }) => {
                let line = self.line(order)?;
                ensure(line.finding.is_none(), AlreadyExamined { order })?;
                let finding = Finding { passed, text: finding };
                let said = say(Event::Examined { order, finding: finding.clone() });
                Ok(if passed { said } else { Self::let_go(said, order, &finding.text) })
            }
            _ => not_now(),
        }
    }

    /// How many orders must still be looked into: those of the sample, or all once one has failed.
    pub fn to_examine(&self, ctx: &Ctx) -> usize {
        let has_failed = self.lines.iter().any(|line| line.finding.as_ref().is_some_and(|f| !f.passed));
        let all = has_failed && ctx.rule(THEN_ALL);
        let open = self.lines.iter().filter(|line| line.finding.is_none());
        open.filter(|line| all || self.sample.contains(&line.order.id())).count()
    }
}
