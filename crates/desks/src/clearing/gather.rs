//! Gather: a run begins, regions join with their accounts, orders become lines, and the statements are fixed.

use std::collections::BTreeMap;

use grammar::prelude::*;

use super::{
    Clearing,
    Command::{self, *},
    Event, LINES_MAX, Line, Member, Pair,
    Refusal::*,
    Status,
    lines::pair_name,
};
use crate::{
    account::Account,
    voucher_order::{self, Cleared, VoucherOrder, is_clearing},
};

/// Regions settle line by line; a line in dispute waits and disturbs no other.
pub const BY_LINE: Rule<bool> = rule("VC-R15");

type Said = Decision<Clearing>;

pub fn begin(command: &Command, _ctx: &Ctx) -> Said {
    let &Open { from, until } = command else { return not_now() };
    ensure(from <= until, EndsBeforeItBegins { from, until })?;
    Ok(say(Event::Opened { from, until }))
}

/// The number of a line as orders know it.
pub fn number(line: u32) -> Between<1, 2000> {
    Between::new(i64::from(line)).unwrap_or_else(|| impossible(&line))
}

impl Clearing {
    pub fn is_gathered(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command) {
            (Status::Open, Join { accounts }) => self.join(accounts, ctx),
            (Status::Open, Collect { orders }) => self.collect(orders, ctx),
            (Status::Open, State) => {
                ensure(!self.lines.is_empty(), NoLines)?;
                let pairs = self.pairs();
                Ok(say(Event::Stated { pairs, lines: self.lines.len() }))
            }
            (Status::Open | Status::Stated, Withdraw { reason }) => {
                let said = say(Event::Withdrawn { reason: reason.clone() });
                let standing = self.lines.iter().filter(|(_, line)| !line.is_struck);
                Ok(standing.fold(said, |said, (line, each)| said.and(let_go(*line, each))))
            }
            _ => not_now(),
        }
    }

    fn join(&self, accounts: &[Ref<Account>], ctx: &Ctx) -> Said {
        let mut members = BTreeMap::new();
        for &account in accounts {
            let card = ctx.see(account);
            let region = card.scope();
            ensure(is_clearing(card, region), NotAClearingAccount { account })?;
            let member = Member { account, owner: card.the("owner") };
            let is_new = members.insert(region, member).is_none() && !self.members.contains_key(&region);
            ensure(is_new, JoinedTwice { region })?;
        }
        Ok(say(Event::Joined { members }))
    }

    fn collect(&self, orders: &[Ref<VoucherOrder>], ctx: &Ctx) -> Said {
        let mut lines: Vec<Line> = Vec::new();
        let first = self.lines.last_key_value().map_or(1, |(last, _)| last + 1);
        for &order in orders {
            ensure(lines.iter().all(|line| line.order != order), Twice { order })?;
            ensure(self.lines.len() + lines.len() < LINES_MAX, TooManyLines { max: LINES_MAX })?;
            lines.push(self.line(order, ctx)?);
        }
        ensure(!lines.is_empty(), NoLines)?;
        let clear = |said: Script<Event>, (line, each): (u32, &Line)| {
            let clear = voucher_order::Command::Clear { line: number(line), amount: each.signed() };
            said.and(tell(each.order, &clear))
        };
        let said = say(Event::Collected { first, lines: lines.clone() });
        Ok((first..).zip(&lines).fold(said, clear))
    }

    /// What an order has to clear: the buyer's home owes the region that paid, or, when money was clawed back after that,
    /// the other way about, as a correction of the earlier line from the day of the claw-back.
    fn line(&self, order: Ref<VoucherOrder>, ctx: &Ctx) -> Result<Line, No<super::Refusal>> {
        let card = ctx.see(order);
        let read = |name: &str| card.read::<Region>(name).unwrap_or(card.scope());
        let (home, away, until) = (read("home"), read("away"), self.until);
        let open = card.read::<Money>("open").unwrap_or_default();
        let effective = card.read::<Option<Day>>("moved_on").flatten().unwrap_or(ctx.today());
        ensure(open != Money::ZERO, NothingToClear { order })?;
        ensure(effective <= until, LaterThanThisRun { order, until })?;
        for region in [home, away] {
            ensure(self.members.contains_key(&region), NotAMember { region })?;
        }
        let earlier = card.read::<Vec<Cleared>>("cleared").unwrap_or_default();
        let is_back = !open.is_positive();
        let corrects = earlier.last().filter(|_| is_back).map(|cleared| (cleared.run, cleared.line));
        let (debtor, creditor) = if is_back { (away, home) } else { (home, away) };
        let amount = if is_back { Money::ZERO - open } else { open };
        Ok(Line { order, debtor, creditor, amount, effective, corrects, dispute: None, is_struck: false })
    }

    fn pairs(&self) -> BTreeMap<String, Pair> {
        let mut pairs = BTreeMap::new();
        for line in self.lines.values() {
            let (first, second) = (line.debtor.min(line.creditor), line.debtor.max(line.creditor));
            let name = pair_name(first, second);
            let owed = self.owed(&name);
            pairs.insert(name, Pair { first, second, owed, first_signed: None, second_signed: None });
        }
        pairs
    }
}

/// Its order may stand in a later run.
pub fn let_go(number_of_line: u32, line: &Line) -> Tell {
    tell(line.order, &voucher_order::Command::Unclear { line: number(number_of_line) })
}
