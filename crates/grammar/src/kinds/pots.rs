//! Pots: amounts set aside, one for each purpose.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::{Id, Money, Ref};
use crate::desk::impossible;

/// Money set aside for records of desk `D`. Always: no pot is empty or negative.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(transparent, bound = "")]
pub struct Pots<D> {
    pots: BTreeMap<Id, Money>,
    #[serde(skip)]
    desk: std::marker::PhantomData<fn() -> D>,
}

impl<D> Pots<D> {
    #[must_use]
    pub fn empty() -> Self {
        Self { pots: BTreeMap::new(), desk: std::marker::PhantomData }
    }

    /// What lies in the pot for `purpose`; nothing when there is no such pot.
    #[must_use]
    pub fn of(&self, purpose: Ref<D>) -> Money {
        self.pots.get(&purpose.id()).copied().unwrap_or_default()
    }

    pub fn add(&mut self, purpose: Ref<D>, amount: Money) {
        *self.pots.entry(purpose.id()).or_default() += amount;
        self.pots.retain(|_, left| left.is_positive());
    }

    /// Takes from a pot. Taking more than it holds is a defect of the caller.
    pub fn take(&mut self, purpose: Ref<D>, amount: Money) {
        let left = self.of(purpose) - amount;
        if left < Money::ZERO {
            impossible(&("more taken than the pot holds", purpose, amount));
        }
        self.pots.insert(purpose.id(), left);
        self.pots.retain(|_, left| left.is_positive());
    }

    #[must_use]
    pub fn total(&self) -> Money {
        self.pots.values().copied().sum()
    }

    #[must_use]
    pub fn len(&self) -> usize {
        self.pots.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.pots.is_empty()
    }
}
