//! Lay: both sides' lines beside each other: which count, and which wait and why. Both sides come to the same, because it depends on
//! nothing but what both have said.

use std::collections::{BTreeMap, BTreeSet};

use grammar::prelude::*;

use super::said::Claim;

/// Why a line waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "why", content = "reason", rename_all = "kebab-case")]
pub enum Why {
    OnlyHere,
    OnlyThere,
    Differs,
    Disputed(String),
}

/// Lines by their order.
pub type Claims = BTreeMap<String, Claim>;

/// Lines that count, and those that wait. `dispute` gives the reason of whoever disputes an order.
#[must_use]
pub fn lay<'d>(
    here: &Claims,
    there: &Claims,
    dispute: &dyn Fn(&str) -> Option<&'d String>,
) -> (Vec<Claim>, BTreeMap<String, Why>) {
    let (mut counting, mut waiting) = (Vec::new(), BTreeMap::new());
    for order in here.keys().chain(there.keys()).collect::<BTreeSet<_>>() {
        let why = match (here.get(order), there.get(order), dispute(order)) {
            (Some(_), None, _) => Why::OnlyHere,
            (None, ..) => Why::OnlyThere,
            (Some(one), Some(other), _) if one != other => Why::Differs,
            (_, _, Some(reason)) => Why::Disputed(reason.clone()),
            (Some(claim), ..) => {
                counting.push(claim.clone());
                continue;
            }
        };
        waiting.insert(order.clone(), why);
    }
    (counting, waiting)
}
