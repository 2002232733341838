//! Classes: what an hour, a sample or a shift costs units of one kind, where that is not what everyone outside pays.

use std::collections::BTreeSet;

use grammar::prelude::*;

use super::{
    Refusal::{self, *},
    Using,
};
use crate::organisation::Kind;

/// Kinds of units with a charge of their own.
pub const CLASSES_MAX: usize = 8;

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct ClassCharge {
    pub class: Kind,
    pub class_hour: Option<Money>,
    pub class_sample: Option<Money>,
    pub class_shift: Option<Money>,
}

impl Using {
    /// What units of a kind pay, by its word.
    #[must_use]
    pub fn of_class(&self, kind: &str) -> Option<&ClassCharge> {
        self.classes.iter().find(|one| grammar::desk::plain_word(&one.class) == kind)
    }
}

/// Each kind once, and no charge below nothing.
pub(super) fn sensible_classes(using: &Using) -> Result<(), No<Refusal>> {
    let mut seen = BTreeSet::new();
    for one in using.classes.iter() {
        ensure(seen.insert(grammar::desk::plain_word(&one.class)), ClassTwice { class: one.class })?;
        let charges = [one.class_hour, one.class_sample, one.class_shift];
        let below = charges.into_iter().flatten().find(|charge| *charge < Money::ZERO);
        ensure(below.is_none(), NegativeCharge { charge: below.unwrap_or_default() })?;
    }
    Ok(())
}
