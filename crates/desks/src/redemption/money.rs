//! Money: a batch is made public and paid; and what a batch is after each event.

use std::collections::BTreeMap;

use grammar::prelude::*;

use super::{
    Command::{self, *},
    Event::{self, *},
    Redemption,
    Refusal::*,
    Status,
};
use crate::{
    account::{self, Account},
    notice::{self, Notice},
    voucher_order::{self, Route, is_clearing},
};

/// How long a batch is public before it is paid.
pub(super) const PUBLICITY: Rule<Period> = rule("VC-R08");
/// Money is paid every so many months.
pub(super) const EVERY: Rule<i64> = rule("VC-R07");
/// Home pays, wherever the provider is.
const HOME: Rule<bool> = rule("VC-R14-HOME");

type Said = Decision<Redemption>;

impl Redemption {
    pub fn is_paid_out(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command) {
            (Status::Sampled, Publish { contact }) => {
                let left = self.to_examine(ctx);
                ensure(left == 0, NotAllExamined { left }).by(PUBLICITY)?;
                ensure(self.standing().next().is_some(), NothingInIt)?;
                let notice = ctx.fresh::<Notice>(1);
                let publish = notice::Command::Publish(self.terms(contact, ctx));
                Ok(say(Published { notice }).and(tell(notice, &publish)))
            }
            (Status::Published, Pay { notice, till, through }) => self.pay(*notice, *till, through, ctx),
            _ => not_now(),
        }
    }

    fn terms(&self, contact: &Bilingual<200>, ctx: &Ctx) -> notice::Terms {
        let Period { days, unit } = ctx.rule(PUBLICITY);
        let ([zh, en], count, total) = (&self.title, self.standing().count(), self.total());
        let name = |name: &str, other: &str| if name.is_empty() { other.to_owned() } else { name.to_owned() };
        let short = |name: String| name.chars().take(80).collect::<String>();
        let (zh, en) = (short(name(zh, en)), short(name(en, zh)));
        notice::Terms {
            about: ctx.me,
            region: self.region,
            title: Bilingual {
                zh: Text::read(&format!("创新券兑付公示：{zh}")),
                en: Text::read(&format!("Voucher redemption: {en}")),
            },
            text: Bilingual {
                zh: Text::read(&format!("拟向{zh}兑付科技创新券 {count} 份订单，合计 {total} 元。")),
                en: Text::read(&format!(
                    "{count} voucher orders of {en} are to be redeemed, {total} yuan in all."
                )),
            },
            contact: contact.clone(),
            basis: Text::read("VC-R08").unwrap_or_else(|| impossible(&"a basis")),
            days: Between::new(i64::from(days)).unwrap_or_else(|| impossible(&days)),
            unit,
            attachments: List::default(),
        }
    }

    /// Each order's voucher pays: at home the provider; across regions the account its home settles by, while the
    /// account of this region pays the provider the same sum.
    fn pay(&self, notice: Ref<Notice>, till: Ref<Account>, through: &[Ref<Account>], ctx: &Ctx) -> Said {
        let from = self.pay_from.unwrap_or(ctx.today());
        let is_theirs = ctx.see(till).holders("owner").any(|owner| owner == self.claimant.id());
        let is_over = self.notice == Some(notice) && ctx.see(notice).status == "concluded";
        ensure(is_over, NoticeStillRuns).by(PUBLICITY)?;
        ensure(from <= ctx.today(), PaidQuarterly { from }).by(EVERY)?;
        ensure(is_theirs, NotTheProvidersAccount)?;
        if let Some(instruction) = &self.instruction {
            let account = instruction.till;
            ensure(till == account, NotTheInstructedAccount { account })?;
        }
        let of = |region: Region| {
            let found = through.iter().find(|account| is_clearing(ctx.see(**account), region));
            found.copied().ok_or(No::Because(NoClearingAccount { region }, Some(HOME.id())))
        };
        let is_across = |home: Region| home != self.region;
        let across: Money = self.standing().filter(|line| is_across(line.home)).map(|line| line.amount).sum();
        let mut said = say(Paid { total: self.total(), across, on: ctx.today() });
        for line in self.standing() {
            let (home_settles, away_settles) = match is_across(line.home) {
                true => (Some(of(line.home)?), Some(of(self.region)?)),
                false => (None, None),
            };
            let route = Route { till, home_settles, away_settles };
            said = said.and(tell(line.order, &voucher_order::Command::Pay(route)));
        }
        if across.is_positive() {
            let words = Text::read("vouchers of other regions").unwrap_or_else(|| impossible(&"words"));
            said = said.and(account::pay(of(self.region)?, till, across, &words));
        }
        Ok(said)
    }

    pub fn begun(event: &Event) -> Self {
        let Opened { provider, claimant, title, region } = event.clone() else { impossible(event) };
        Self {
            provider,
            claimant,
            title,
            region,
            lines: vec![],
            status: Status::Open,
            draw: None,
            sample: vec![],
            notice: None,
            pay_from: None,
            paid_on: None,
            remark: None,
            instruction: None,
            booked: BTreeMap::new(),
            statements: vec![],
        }
    }

    pub fn goes_on(&mut self, event: &Event) {
        match event.clone() {
            Opened { .. } => impossible(event),
            Added { lines } => self.lines.extend(lines),
            Removed { order, .. } => self.lines.retain(|line| line.order != order),
            Submitted { draw, pay_from } => {
                (self.status, self.draw, self.pay_from) = (Status::Submitted, Some(draw), Some(pay_from));
            }
            DrawnAgain { draw, .. } => self.draw = Some(draw),
            SampleTaken { sample } => (self.status, self.sample) = (Status::Sampled, sample),
            Examined { order, finding } => {
                let line = self.lines.iter_mut().find(|line| line.order == order);
                line.unwrap_or_else(|| impossible(event)).finding = Some(finding);
            }
            Published { notice } => (self.status, self.notice) = (Status::Published, Some(notice)),
            Paid { on, .. } => (self.status, self.paid_on) = (Status::Paid, Some(on)),
            Instructed { instruction } => self.instruction = Some(instruction),
            Booked(reading) => reading.keep(&mut self.booked, &mut self.statements),
            Withdrawn { reason } => (self.status, self.remark) = (Status::Withdrawn, Some(reason)),
        }
    }
}
