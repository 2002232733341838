//! Bank: a run's payments as the bank is told them (pain.001), and as its statement (camt.053) says that they were booked.
//!
//! Which bank accounts were named is fixed when the bank is instructed; the file follows from that alone. A statement is taken whole
//! or not at all, as far as it names payments of this run. It moves no account of this house: that the run is paid, two persons say (`Settle`).

use std::collections::BTreeMap;

use engines::bank::Payment;
use grammar::prelude::*;

use super::{
    Clearing,
    Command::{self, *},
    Event::*,
    Refusal::*,
    Status,
};
use crate::{
    account::{Account, BankDetails},
    paying::{self, Booking, Taken},
};

/// What the bank is told.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Instruction {
    /// The day on which it is to pay.
    pub on: Day,
    pub made: Day,
    pub sides: BTreeMap<Region, BankDetails>,
}

impl Clearing {
    pub(super) fn is_at_the_bank(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        if !matches!(self.status, Status::Netted | Status::Settled) {
            return not_now();
        }
        match command {
            Instruct { accounts, on } => self.instruct(accounts, *on, ctx),
            Book { statement } => self.book(statement, ctx),
            _ => not_now(),
        }
    }

    fn instruct(&self, accounts: &[Ref<Account>], on: Day, ctx: &Ctx) -> Decision<Self> {
        ensure(on >= ctx.today(), PaysInThePast { on })?;
        ensure(self.booked.is_empty(), BookedAlready { payments: self.booked.len() })?;
        let mut sides = BTreeMap::new();
        for &account in accounts {
            let card = ctx.see(account);
            let is_a_member = self.members.get(&card.scope()).is_some_and(|member| member.account == account);
            ensure(is_a_member, NotAClearingAccount { account })?;
            sides.extend(card.read::<BankDetails>("bank").map(|details| (card.scope(), details)));
        }
        let payments = self.netting.iter().flat_map(|netting| netting.payments.iter());
        for region in payments.flat_map(|payment| [payment.payer, payment.payee]) {
            ensure(sides.contains_key(&region), NoBankDetails { region })?;
        }
        Ok(say(Instructed { instruction: Instruction { on, made: ctx.today(), sides } }))
    }

    fn book(&self, statement: &str, ctx: &Ctx) -> Decision<Self> {
        ensure(self.instruction.is_some(), NotInstructed)?;
        let payments = self.transfers(ctx.me);
        let read = paying::read((ctx.me, &payments), &self.booked, statement, ctx.today());
        Ok(say(Booked(read.map_err(Bank)?)))
    }

    /// The payments as the bank knows them; none before it was instructed. `me` is the name of this run.
    #[must_use]
    pub fn transfers(&self, me: Id) -> Vec<Payment> {
        let (Some(netting), Some(instruction)) = (&self.netting, &self.instruction) else { return vec![] };
        let side = |region: Region| instruction.sides.get(&region).map(paying::side);
        let transfer = |(moved, number): (&super::Moved, u32)| {
            Some(Payment {
                id: format!("{me}-{number}"),
                payer: side(moved.payer)?,
                payee: side(moved.payee)?,
                fen: moved.amount.in_fen(),
                purpose: format!("{me} {}→{}", moved.payer, moved.payee),
            })
        };
        netting.payments.iter().zip(1..).filter_map(transfer).collect()
    }

    /// The file for the bank, pain.001; nothing before it was instructed. The same instruction always gives the same file.
    #[must_use]
    pub fn bank_file(&self, me: Id) -> Option<String> {
        let Instruction { on, made, .. } = self.instruction.as_ref()?;
        Some(paying::file(*made, *on, &self.transfers(me)))
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
}
