//! Lines: what one region owes another for one order, and the statement of a pair.

use grammar::prelude::*;

use super::Clearing;
use crate::{account::Account, voucher_order::VoucherOrder};

/// A region that takes part, with the account it settles by and who signs for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Member {
    pub account: Ref<Account>,
    pub owner: Id,
}

/// One order's money between two regions.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Line {
    pub order: Ref<VoucherOrder>,
    pub debtor: Region,
    pub creditor: Region,
    pub amount: Money,
    /// The day from which it counts.
    pub effective: Day,
    /// The run and the line that it corrects.
    pub corrects: Option<(Id, i64)>,
    pub dispute: Option<Contested>,
    /// Both sides agree that it is not owed.
    #[serde(default)]
    pub is_struck: bool,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Contested {
    pub by: Region,
    pub reason: Text<500>,
    pub on: Day,
}

impl Line {
    pub fn counts(&self) -> bool {
        self.dispute.is_none() && !self.is_struck
    }

    /// What its order is told: below nothing when money goes back to the buyer's home.
    pub fn signed(&self) -> Money {
        if self.corrects.is_some() { Money::ZERO - self.amount } else { self.amount }
    }

    pub fn pair(&self) -> String {
        pair_name(self.debtor, self.creditor)
    }
}

/// `310000-330000`, the smaller code first.
pub fn pair_name(one: Region, other: Region) -> String {
    format!("{}-{}", one.min(other), one.max(other))
}

/// What the two of a pair owe each other.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Balance {
    pub first_owes: Money,
    pub second_owes: Money,
}

/// Whose signature, or both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Sides {
    First,
    Second,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Signature {
    pub by: Option<Id>,
    pub on: Day,
}

/// The statement of a pair.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pair {
    pub first: Region,
    pub second: Region,
    pub owed: Balance,
    pub first_signed: Option<Signature>,
    pub second_signed: Option<Signature>,
}

impl Pair {
    pub fn is_signed(&self) -> bool {
        self.first_signed.is_some() && self.second_signed.is_some()
    }

    pub fn of(&mut self, side: Sides) -> &mut Option<Signature> {
        match side {
            Sides::First => &mut self.first_signed,
            Sides::Second => &mut self.second_signed,
        }
    }

    /// Sums that have changed are signed anew.
    pub fn now_owes(&mut self, owed: Balance) {
        (self.owed, self.first_signed, self.second_signed) = (owed, None, None);
    }

    pub fn hide_persons(&mut self) {
        for signature in [&mut self.first_signed, &mut self.second_signed].into_iter().flatten() {
            signature.by = None;
        }
    }
}

/// What is to be paid so that all are even: found by an engine, checked here.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Netting {
    /// Above nothing: is to receive; below: is to pay.
    pub positions: List<Position, 34>,
    #[serde(default)]
    pub payments: List<Moved, 34>,
    /// Regions that settle among themselves.
    #[serde(default)]
    pub groups: List<Group, 17>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Position {
    pub region: Region,
    pub amount: Money,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Moved {
    pub payer: Region,
    pub payee: Region,
    pub amount: Money,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Group {
    pub regions: List<Region, 34>,
}

impl Netting {
    pub fn moved(&self) -> Money {
        self.payments.iter().map(|payment| payment.amount).sum()
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Open,
    Stated,
    Netted,
    Settled,
    Withdrawn,
}

impl Clearing {
    /// What a pair's lines come to.
    pub fn owed(&self, pair: &str) -> Balance {
        let mut owed = Balance::default();
        for line in self.lines.values().filter(|line| line.counts() && line.pair() == pair) {
            let is_first = line.debtor < line.creditor;
            let side = if is_first { &mut owed.first_owes } else { &mut owed.second_owes };
            *side += line.amount;
        }
        owed
    }

    /// The same with one line put in or left out.
    pub fn owed_if(&self, number: u32, change: impl FnOnce(&mut Line)) -> Balance {
        let mut other = self.clone();
        let Some(line) = other.lines.get_mut(&number) else { return Balance::default() };
        change(line);
        let pair = line.pair();
        other.owed(&pair)
    }
}
