//! Bank: a batch is paid out through a bank: who pays whom is fixed when the bank is instructed, its file follows from that, and its
//! statement read back says that it was booked.
//!
//! The bank numbers are those that two treasurers have named at the accounts. It moves no account of this house: that a batch is paid, two
//! persons say (`Pay`).

use std::collections::BTreeMap;

use engines::bank::Payment;
use grammar::prelude::*;

use super::{
    Command::{self, *},
    Event::*,
    Redemption,
    Refusal::*,
    Status,
    money::{EVERY, PUBLICITY},
};
use crate::{
    account::{Account, BankDetails, Purpose},
    notice::Notice,
    paying::{self, Booking, Taken},
};

/// What the bank is told: one payment for the batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instruction {
    /// The day on which it is to pay.
    pub on: Day,
    pub made: Day,
    pub payer: Ref<Account>,
    pub till: Ref<Account>,
    /// Not for the claimant.
    pub from: Option<BankDetails>,
    pub to: BankDetails,
    pub amount: Money,
}

impl Redemption {
    pub(super) fn is_at_the_bank(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        if !matches!(self.status, Status::Published | Status::Paid) {
            return not_now();
        }
        match command {
            Instruct { notice, payer, till, on } => self.instruct(*notice, [*payer, *till], *on, ctx),
            Book { statement } => {
                ensure(self.instruction.is_some(), NotInstructed)?;
                let payments = self.transfers(ctx.me);
                let read = paying::read((ctx.me, &payments), &self.booked, statement, ctx.today());
                Ok(say(Booked(read.map_err(Bank)?)))
            }
            _ => not_now(),
        }
    }

    fn instruct(
        &self,
        notice: Ref<Notice>,
        [payer, till]: [Ref<Account>; 2],
        on: Day,
        ctx: &Ctx,
    ) -> Decision<Self> {
        let (ours, theirs) = (ctx.see(payer), ctx.see(till));
        let from = self.pay_from.unwrap_or(on);
        let is_over = self.notice == Some(notice) && ctx.see(notice).status == "concluded";
        ensure(is_over, NoticeStillRuns).by(PUBLICITY)?;
        ensure(on >= ctx.today(), PaysInThePast { on })?;
        ensure(on >= from, PaidQuarterly { from }).by(EVERY)?;
        ensure(self.booked.is_empty(), BookedAlready)?;
        let is_theirs = |card: &Card| card.holders("owner").any(|owner| owner == self.claimant.id());
        ensure(is_theirs(theirs), NotTheProvidersAccount)?;
        let purpose = ours.read::<Purpose>("purpose");
        let pays = purpose.is_some_and(|purpose| purpose != Purpose::Wallet) && !is_theirs(ours);
        ensure(pays && ours.scope().covers(self.region), NotAPayingAccount { account: payer })?;
        let details = |card: &Card| card.read::<BankDetails>("bank");
        let to = details(theirs).ok_or(NoBankDetails { account: till })?;
        let from = Some(details(ours).ok_or(PayerWithoutBank { account: payer })?);
        let (made, amount) = (ctx.today(), self.total());
        Ok(say(Instructed { instruction: Instruction { on, made, payer, till, from, to, amount } }))
    }

    /// The payment as the bank knows it; none before it was instructed, or for whoever may not read by which account it is paid.
    /// `me` is the name of this batch.
    #[must_use]
    pub fn transfers(&self, me: Id) -> Vec<Payment> {
        let Some(instruction) = &self.instruction else { return vec![] };
        let one = instruction.from.as_ref().map(|from| Payment {
            id: format!("{me}-1"),
            payer: paying::side(from),
            payee: paying::side(&instruction.to),
            fen: instruction.amount.in_fen(),
            purpose: format!("创新券兑付 {me}"),
        });
        one.into_iter().collect()
    }

    /// The file for the bank, pain.001; nothing before it was instructed. The same instruction always gives the same file.
    #[must_use]
    pub fn bank_file(&self, me: Id) -> Option<String> {
        let Instruction { on, made, .. } = self.instruction.as_ref()?;
        let payments = self.transfers(me);
        (!payments.is_empty()).then(|| paying::file(*made, *on, &payments))
    }

    #[must_use]
    pub fn instruction(&self) -> Option<&Instruction> {
        self.instruction.as_ref()
    }

    #[must_use]
    pub fn booked(&self) -> &BTreeMap<u32, Booking> {
        &self.booked
    }

    /// The statements that were taken in last.
    #[must_use]
    pub fn statements(&self) -> &[Taken] {
        &self.statements
    }

    /// Whether this viewer pays batches of this region, or looks after how they are paid.
    pub(super) fn pays_out(&self, viewer: &Viewer) -> bool {
        viewer.is_clock
            || ["voucher-office", "auditor"].iter().any(|office| viewer.holds(office, self.region))
    }

    /// By which account it is paid is for those who pay.
    pub(super) fn hide_payer(instruction: &mut Option<Instruction>) {
        if let Some(instruction) = instruction {
            instruction.from = None;
        }
    }
}
