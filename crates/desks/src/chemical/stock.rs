//! Stock: the batches that are there, and what has moved in and out in all.
//!
//! Always: nothing is below zero, and what is left is what was received, less what was used, thrown away and lost, and what counting
//! has corrected.

use grammar::prelude::*;

use super::{
    Refusal::{self, *},
    fields::{AMOUNT_MAX, Kind},
};

/// Batches of which something is left.
pub const BATCHES_MAX: usize = 60;

/// The number of a batch, as it stands on the vessel.
pub type BatchNo = Text<60>;

/// One batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Batch {
    pub batch: Option<BatchNo>,
    pub expires: Option<Day>,
    pub left: i64,
}

/// So much of one batch.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Portion {
    pub batch: Option<BatchNo>,
    pub expires: Option<Day>,
    pub amount: i64,
}

/// What is there, and the sums of all that has moved.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Stock {
    pub batches: List<Batch, BATCHES_MAX>,
    pub received: i64,
    pub used: i64,
    pub disposed: i64,
    pub lost: i64,
    /// By counting: above zero where more was found.
    pub corrected: i64,
}

fn sum<'a>(batches: impl IntoIterator<Item = &'a Batch>) -> i64 {
    batches.into_iter().map(|batch| batch.left).sum()
}

/// What of batches in this order makes up an amount that they have.
fn portions(batches: &[&Batch], amount: i64) -> Vec<Portion> {
    let mut open = amount;
    let mut portions = Vec::new();
    for batch in batches {
        let amount = batch.left.min(open);
        open -= amount;
        if amount > 0 {
            portions.push(Portion { batch: batch.batch.clone(), expires: batch.expires, amount });
        }
    }
    portions
}

impl Stock {
    /// What is left in all.
    #[must_use]
    pub fn left(&self) -> i64 {
        sum(self.batches.iter())
    }

    /// Batches of this number, or all, what expires first at the front.
    fn of(&self, batch: Option<&BatchNo>) -> Vec<&Batch> {
        let mut some: Vec<&Batch> =
            self.batches.iter().filter(|each| batch.is_none() || each.batch.as_ref() == batch).collect();
        some.sort_by_key(|batch| (batch.expires.is_none(), batch.expires));
        some
    }

    /// What of the batches is taken out. What has expired is used only when its batch is named; nothing is taken that is not there.
    pub(super) fn takes(
        &self,
        amount: i64,
        batch: Option<&BatchNo>,
        fresh_on: Option<Day>,
    ) -> Result<Vec<Portion>, Refusal> {
        let mut some = self.of(batch);
        if let Some(batch) = batch {
            ensure(!some.is_empty(), NoSuchBatch { batch: batch.to_string() })?;
        }
        let left = sum(some.iter().copied());
        ensure(amount <= left, NotEnough { left })?;
        if let (Some(today), None) = (fresh_on, batch) {
            some.retain(|batch| batch.expires.is_none_or(|expires| expires >= today));
            let fresh = sum(some.iter().copied());
            ensure(amount <= fresh, OnlyExpired { fresh })?;
        }
        Ok(portions(&some, amount))
    }

    /// Where it is put that comes in.
    pub(super) fn gains(&self, portion: Portion, most: Option<i64>) -> Result<Vec<Portion>, Refusal> {
        let left = self.left();
        let most = most.unwrap_or(AMOUNT_MAX);
        ensure(left + portion.amount <= most, OverTheLimit { most, left })?;
        let is_known =
            self.batches.iter().any(|batch| batch.batch == portion.batch && batch.expires == portion.expires);
        ensure(is_known || self.batches.len() < BATCHES_MAX, TooManyBatches { most: BATCHES_MAX })?;
        Ok(vec![portion])
    }

    /// What a count of one batch, or of all, changes: the difference, and where it is put right.
    pub(super) fn counted(
        &self,
        counted: i64,
        batch: Option<&BatchNo>,
    ) -> Result<(i64, Vec<Portion>), Refusal> {
        let some = self.of(batch);
        let difference = counted - sum(some.iter().copied());
        if difference <= 0 {
            return Ok((difference, portions(&some, -difference)));
        }
        // More than was thought is put to the batch that keeps longest.
        let portion = match some.last() {
            Some(last) => Portion { batch: last.batch.clone(), expires: last.expires, amount: difference },
            None => Portion { batch: batch.cloned(), expires: None, amount: difference },
        };
        self.gains(portion, Some(AMOUNT_MAX)).map(|portions| (difference, portions))
    }

    fn puts(&mut self, portions: &[Portion]) {
        for portion in portions {
            let known = self
                .batches
                .iter_mut()
                .find(|batch| batch.batch == portion.batch && batch.expires == portion.expires);
            let is_put = match known {
                Some(batch) => {
                    batch.left += portion.amount;
                    true
                }
                None => self.batches.push(Batch {
                    batch: portion.batch.clone(),
                    expires: portion.expires,
                    left: portion.amount,
                }),
            };
            if !is_put {
                impossible(portion);
            }
        }
    }

    fn gives(&mut self, portions: &[Portion]) {
        for portion in portions {
            let mut batches = self.batches.iter_mut();
            match batches.find(|batch| batch.batch == portion.batch && batch.expires == portion.expires) {
                Some(batch) if batch.left >= portion.amount => batch.left -= portion.amount,
                _ => impossible(portion),
            }
        }
        self.batches.retain(|batch| batch.left > 0);
    }

    pub(super) fn moves(&mut self, kind: Kind, amount: i64, portions: &[Portion]) {
        match kind {
            Kind::Received => {
                self.received += amount;
                self.puts(portions);
                return;
            }
            Kind::Used => self.used += amount,
            Kind::Disposed => self.disposed += amount,
        }
        self.gives(portions);
    }

    pub(super) fn loses(&mut self, amount: i64, portions: &[Portion]) {
        self.lost += amount;
        self.gives(portions);
    }

    pub(super) fn corrects(&mut self, difference: i64, portions: &[Portion]) {
        self.corrected += difference;
        if difference > 0 { self.puts(portions) } else { self.gives(portions) }
    }

    pub(super) fn check(&self) {
        assert!(self.batches.iter().all(|batch| batch.left > 0), "no batch is empty");
        let moved = self.received - self.used - self.disposed - self.lost + self.corrected;
        assert_eq!(self.left(), moved, "what is left is what has moved");
    }
}
