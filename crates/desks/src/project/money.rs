//! Money: what each government sets aside, what partners are paid for milestones, what they spent it on.

use grammar::prelude::*;

use super::{
    Adjustment, Budget,
    Command::{self, *},
    Drawn,
    Event::{self, *},
    Expense, FundSource, Head, Package, Project, Purse,
    Refusal::{self, *},
    Status,
    steps::at,
};
use crate::account::{self, Account, Purpose};

/// Each province pays its own partners; no money crosses between provinces.
const OWN_PROVINCE: Rule<bool> = rule("NJ-R06");
/// What no public money pays.
const NEGATIVE_LIST: Rule<Vec<String>> = rule("PG-M09");
/// The leader moves money between business and labour, the unit to and from equipment.
const ADJUSTS: Rule<bool> = rule("PG-M10");
const BAND_LOW: Rule<Share> = rule("PG-M01");
const PURSES_MAX: usize = 60;

type Said = Decision<Project>;

impl Budget {
    pub fn of(&self, head: Head) -> Money {
        match head {
            Head::Equipment => self.equipment,
            Head::Business => self.business,
            Head::Labour => self.labour,
            Head::Indirect => self.indirect,
        }
    }

    pub fn moved(&self, adjustment: &Adjustment) -> Self {
        let of = |head: Head| {
            let out = if head == adjustment.from_head { adjustment.amount } else { Money::ZERO };
            let into = if head == adjustment.to_head { adjustment.amount } else { Money::ZERO };
            self.of(head) - out + into
        };
        Self {
            equipment: of(Head::Equipment),
            business: of(Head::Business),
            labour: of(Head::Labour),
            indirect: of(Head::Indirect),
        }
    }
}

impl Project {
    pub fn moves_money(&self, command: &Command, ctx: &Ctx) -> Said {
        let works = self.status.works();
        let is_over = self.status.is_over() && !self.status.never_began();
        match command.clone() {
            Fund { region, source, from, amount } if works => self.fund(region, source, from, amount, ctx),
            Pay { package, milestone, to } if works || is_over => {
                self.pay(package.get(), milestone.get(), to, ctx)
            }
            Book { lines } if works || is_over => self.book(lines, ctx),
            Adjust(adjustment) if works => self.adjust(adjustment, ctx),
            Repay { package, from, amount } if matches!(self.status, Status::Failed | Status::Terminated) => {
                self.repay(package.get(), from, amount, ctx)
            }
            _ => not_now(),
        }
    }

    fn fund(&self, region: Region, source: FundSource, from: Ref<Account>, amount: Money, ctx: &Ctx) -> Said {
        let (province, card) = (region.province(), ctx.see(from));
        let left = self.still_to_fund(province);
        let is_fund = matches!(card.read("purpose"), Some(Purpose::Fund | Purpose::Source));
        ensure(amount.is_positive(), NotAnAmount { amount })?;
        ensure(self.provinces().contains(&province), NotYourProvince { region }).by(OWN_PROVINCE)?;
        ensure(ctx.by.holds("treasurer", province), NotYourProvince { region }).by(OWN_PROVINCE)?;
        ensure(is_fund, NotAFund)?;
        ensure(
            card.scope().province() == province,
            AnotherProvince { region: card.scope(), expected: province },
        )
        .by(OWN_PROVINCE)?;
        ensure(amount <= left, MoreThanPlanned { left })?;
        ensure(self.purses.len() < PURSES_MAX, MoreThanPlanned { left })?;
        let is_same =
            |purse: &&Purse| purse.fund == from && purse.region == province && purse.source == source;
        let known = self.purses.iter().find(is_same).map(|purse| purse.wallet);
        let next = u32::try_from(self.purses.len()).unwrap_or(0) + 1;
        let wallet = known.unwrap_or_else(|| ctx.fresh::<Account>(next));
        let funded = say(Funded { region: province, source, from, wallet, amount });
        let funded = if known.is_some() { funded } else { funded.and(open_wallet(wallet, ctx.me, province)) };
        Ok(funded.and(account::pay(from, wallet, amount, &reason("project"))))
    }

    /// What a province has promised by the plan and not yet set aside.
    pub(super) fn still_to_fund(&self, province: Region) -> Money {
        let planned: Money = self.packages_in(province).map(|package| package.public_money).sum();
        let own = self.purses.iter().filter(|purse| purse.region == province);
        planned - own.map(|purse| purse.received - purse.returned).sum()
    }

    fn packages_in(&self, province: Region) -> impl Iterator<Item = &Package> {
        self.packages().iter().filter(move |package| package.region.province() == province)
    }

    fn pay(&self, package: i64, milestone: i64, to: Ref<Account>, ctx: &Ctx) -> Said {
        let own = at(self.packages(), package).ok_or(NoSuchPackage { package })?;
        let notch = at(&self.notches, milestone).ok_or(NoSuchMilestone { milestone })?;
        let province = own.region.province();
        let (package, number) = (u32::try_from(package).unwrap_or(0), u32::try_from(milestone).unwrap_or(0));
        ensure(ctx.by.holds("treasurer", province), NotYourProvince { region: own.region })
            .by(OWN_PROVINCE)?;
        ensure(notch.passed == Some(true), NotPassed { milestone })?;
        let was_paid = self.paid.iter().any(|(to, what, _)| (*to, *what) == (package, number));
        ensure(!was_paid, PaidAlready)?;
        ensure(ctx.see(to).the("owner") == own.organisation.id(), NotThePartnersAccount).by(OWN_PROVINCE)?;
        let amount = self.tranche(own, number);
        let left = self.purses_of(province).iter().map(|purse| purse.left()).sum();
        ensure(amount.is_positive(), NotAnAmount { amount })?;
        ensure(amount <= left, NotEnoughInPurse { left })?;
        let drawn = take(self.purses_of(province).into_iter(), amount, Purse::left);
        let why = reason("tranche");
        let script = say(Paid { package, milestone: number, to, amount, drawn: drawn.clone() });
        Ok(drawn
            .iter()
            .fold(script, |all, drawn| all.and(account::pay(drawn.wallet, to, drawn.amount, &why))))
    }

    /// The part of a package that a milestone brings; all of them sum to the whole.
    pub(super) fn tranche(&self, package: &Package, milestone: u32) -> Money {
        let percents = self.plan.iter().flat_map(|plan| plan.milestones.iter().map(|m| m.percent.get()));
        let shares: Vec<Share> =
            percents.filter_map(|percent| Share::new(u32::try_from(percent).ok()?, 100)).collect();
        let parts = Share::split(package.public_money, &shares).unwrap_or_default();
        at(&parts, milestone.into()).copied().unwrap_or(Money::ZERO)
    }

    /// The purses of a province in the order in which they are used.
    fn purses_of(&self, province: Region) -> Vec<&Purse> {
        let mut own: Vec<&Purse> = self.purses.iter().filter(|purse| purse.region == province).collect();
        own.sort_by_key(|purse| purse.source);
        own
    }

    /// What goes home when the work ends early: all that no passed milestone still needs.
    pub(super) fn unneeded(&self) -> Vec<Drawn> {
        let mut home = Vec::new();
        for province in self.provinces() {
            let mut needed = Money::ZERO;
            for (package, number) in self.packages().iter().zip(1_u32..) {
                for (notch, milestone) in self.notches.iter().zip(1_u32..) {
                    let is_paid = self.paid.iter().any(|(to, what, _)| (*to, *what) == (number, milestone));
                    if package.region.province() == province && notch.passed == Some(true) && !is_paid {
                        needed += self.tranche(package, milestone);
                    }
                }
            }
            let own = self.purses_of(province);
            let left: Money = own.iter().map(|purse| purse.left()).sum();
            // What was used last goes home first.
            home.extend(take(own.into_iter().rev(), (left - needed).max(Money::ZERO), Purse::left));
        }
        home
    }

    fn book(&self, lines: List<Expense, 50>, ctx: &Ctx) -> Said {
        let never = ctx.rule(NEGATIVE_LIST);
        let mut now = self.spent.clone();
        for line in lines.iter() {
            let package = line.package.get();
            let own = at(self.packages(), package).ok_or(NoSuchPackage { package })?;
            let leads = ctx.by.is(self.opening.lead.id())
                || self.opening.leader.is_some_and(|leader| ctx.by.is(leader.id()));
            ensure(leads || ctx.by.is(own.organisation.id()), OnlyTheUnit)?;
            ensure(line.amount.is_positive(), NotAnAmount { amount: line.amount })?;
            let is_never = never.contains(&grammar::desk::plain_word(&line.kind));
            ensure(!is_never, OnNegativeList { kind: line.kind }).by(NEGATIVE_LIST)?;
            add(&mut now, line);
        }
        self.heads_hold(&now)?;
        if lines.is_empty() { not_now() } else { Ok(say(Booked { lines })) }
    }

    /// In an itemised project no head is spent beyond its budget.
    fn heads_hold(&self, spent: &[(u32, Head, Money)]) -> Result<(), No<Refusal>> {
        let Some(budget) = self.plan.as_ref().and_then(|plan| plan.budget.as_ref()) else { return Ok(()) };
        for head in [Head::Equipment, Head::Business, Head::Labour, Head::Indirect] {
            let left = budget.of(head) - used(&self.spent, head);
            ensure(used(spent, head) <= budget.of(head), HeadIsUsedUp { head, left })?;
        }
        Ok(())
    }

    fn adjust(&self, adjustment: Adjustment, ctx: &Ctx) -> Said {
        let Adjustment { from_head: from, to_head: to, amount, .. } = adjustment;
        let Some(plan) = &self.plan else { return not_now() };
        let Some(budget) = &plan.budget else { return Err(NoBudget.into()) };
        ensure(amount.is_positive() && from != to, NotAnAmount { amount })?;
        ensure(to != Head::Indirect, HeadIsFixed { head: to }).by(ADJUSTS)?;
        let is_for_leader = [from, to].iter().all(|head| matches!(head, Head::Business | Head::Labour));
        if is_for_leader {
            let may = self.opening.leader.is_none_or(|leader| ctx.by.is_itself(leader.id()));
            ensure(may, OnlyTheLeader).by(ADJUSTS)?;
        } else {
            ensure(ctx.by.signs_for.contains(&self.opening.lead.id()), OnlyTheUnit).by(ADJUSTS)?;
        }
        let left = budget.of(from) - used(&self.spent, from);
        ensure(amount <= left, HeadIsUsedUp { head: from, left })?;
        let moved = budget.moved(&adjustment);
        let most = moved.indirect_most(plan.is_pure_theory, ctx);
        ensure(moved.indirect <= most, TooMuchIndirect { most }).by(BAND_LOW)?;
        Ok(say(Adjusted(adjustment)))
    }

    /// What a partner was paid and has not spent, nor paid back.
    fn owed(&self, package: u32) -> Money {
        let spent = self.spent.iter().filter(|(own, ..)| *own == package).map(|(.., money)| *money).sum();
        let back = self.repaid.iter().filter(|(own, _)| *own == package).map(|(_, money)| *money).sum();
        (self.paid_to(package) - spent - back).max(Money::ZERO)
    }

    /// What was paid and not spent, in all.
    pub(super) fn surplus(&self) -> Money {
        (1..).zip(self.packages()).map(|(number, _)| self.owed(number)).sum()
    }

    fn repay(&self, package: i64, from: Ref<Account>, amount: Money, ctx: &Ctx) -> Said {
        let own = at(self.packages(), package).ok_or(NoSuchPackage { package })?;
        let package = u32::try_from(package).unwrap_or(0);
        let owed = self.owed(package);
        ensure(ctx.by.signs_for.contains(&own.organisation.id()), OnlyTheUnit)?;
        ensure(ctx.see(from).the("owner") == own.organisation.id(), NotThePartnersAccount)?;
        ensure(amount.is_positive(), NotAnAmount { amount })?;
        ensure(amount <= owed, MoreThanOwed { owed })?;
        let purses = self.purses_of(own.region.province());
        let drawn = take(purses.into_iter().rev(), amount, |purse| purse.paid - purse.repaid);
        let why = reason("repayment");
        let script = say(Repaid { package, amount, drawn: drawn.clone() });
        Ok(drawn
            .iter()
            .fold(script, |all, drawn| all.and(account::pay(from, drawn.fund, drawn.amount, &why))))
    }
}

/// Takes an amount from purses in their order, from each at most what it has.
fn take<'a>(
    purses: impl Iterator<Item = &'a Purse>,
    amount: Money,
    has: impl Fn(&Purse) -> Money,
) -> Vec<Drawn> {
    let mut missing = amount;
    let mut drawn = Vec::new();
    for purse in purses {
        let part = missing.min(has(purse));
        if part.is_positive() {
            missing -= part;
            drawn.push(Drawn { wallet: purse.wallet, fund: purse.fund, amount: part });
        }
    }
    drawn
}

fn used(spent: &[(u32, Head, Money)], head: Head) -> Money {
    spent.iter().filter(|(_, own, _)| *own == head).map(|(.., amount)| *amount).sum()
}

/// Adds a line to what was spent, by package and head.
pub fn add(spent: &mut Vec<(u32, Head, Money)>, line: &Expense) {
    let package = u32::try_from(line.package.get()).unwrap_or(0);
    let head = line.kind.head().unwrap_or(Head::Business);
    match spent.iter_mut().find(|(own, of, _)| (*own, *of) == (package, head)) {
        Some((.., sum)) => *sum += line.amount,
        None => spent.push((package, head, line.amount)),
    }
}

fn open_wallet(wallet: Ref<Account>, owner: Id, region: Region) -> Tell {
    let title = Bilingual { zh: Text::read("项目专账"), en: Text::read("project purse") };
    tell(wallet, &account::Command::Open { title, owner, purpose: Purpose::Wallet, region })
}

/// Pays a purse's money home.
pub fn home(drawn: &Drawn) -> Tell {
    account::pay(drawn.wallet, drawn.fund, drawn.amount, &reason("project ended"))
}

fn reason(text: &str) -> Text<200> {
    Text::read(text).unwrap_or_else(|| impossible(&text))
}

/// The events that move money, folded.
pub fn fold(project: &mut Project, event: &Event) {
    let mut of = |wallet: Ref<Account>, change: &dyn Fn(&mut Purse)| {
        project.purses.iter_mut().filter(|purse| purse.wallet == wallet).for_each(change);
    };
    match event {
        Funded { region, source, from, wallet, amount } => {
            let known = project.purses.iter_mut().find(|purse| purse.wallet == *wallet);
            if let Some(purse) = known {
                purse.received += *amount;
                return;
            }
            let (paid, returned, repaid) = (Money::ZERO, Money::ZERO, Money::ZERO);
            let (region, source, fund, wallet, received) = (*region, *source, *from, *wallet, *amount);
            project.purses.push(Purse { region, source, fund, wallet, received, paid, returned, repaid });
        }
        Paid { package, milestone, amount, drawn, .. } => {
            drawn.iter().for_each(|drawn| of(drawn.wallet, &|purse| purse.paid += drawn.amount));
            project.paid.push((*package, *milestone, *amount));
        }
        Concluded { returned, .. } => {
            returned.iter().for_each(|drawn| of(drawn.wallet, &|purse| purse.returned += drawn.amount));
        }
        Repaid { package, amount, drawn } => {
            drawn.iter().for_each(|drawn| of(drawn.wallet, &|purse| purse.repaid += drawn.amount));
            project.repaid.push((*package, *amount));
        }
        _ => {}
    }
}
