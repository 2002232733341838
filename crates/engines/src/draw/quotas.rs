//! Quotas: how many of each stratum are drawn at least and at most, and whether all of it is possible at once.
//!
//! With one stratum for each entry a set of `take` entries that keeps all quotas exists exactly when: nothing asks
//! for more than there is (`at_least ≤ at_most`, `at_least ≤` size), the sum of `at_least` is not above `take`, and
//! the sum of what each stratum can give, `min(at_most, size)`, is not below it. Each refusal names as few quotas as suffice.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// How many of one stratum are drawn.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Quota {
    pub at_least: u32,
    /// No limit when there is none.
    pub at_most: Option<u32>,
}

/// One demand, as far as it takes part in a conflict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "demand", rename_all = "kebab-case")]
pub enum Demand {
    /// So many are to be drawn.
    Take {
        count: u32,
    },
    /// There are no more than so many in this stratum, or in all when none is named.
    There {
        stratum: Option<String>,
        count: u32,
    },
    AtLeast {
        stratum: String,
        count: u32,
    },
    AtMost {
        stratum: String,
        count: u32,
    },
}

/// The smallest set of demands that cannot hold together; nothing when all can.
///
/// `sizes` are the strata with how many entries each has; a quota for a stratum without entries counts as size 0.
#[must_use]
pub fn conflict(take: u32, sizes: &BTreeMap<&str, u32>, quotas: &BTreeMap<String, Quota>) -> Vec<Demand> {
    let all: u32 = sizes.values().sum();
    if take > all {
        return vec![Demand::Take { count: take }, Demand::There { stratum: None, count: all }];
    }
    let size = |stratum: &str| sizes.get(stratum).copied().unwrap_or(0);
    let least = |stratum: &String, count| Demand::AtLeast { stratum: stratum.clone(), count };
    for (stratum, Quota { at_least, .. }) in quotas {
        if *at_least > size(stratum) {
            let there = Demand::There { stratum: Some(stratum.clone()), count: size(stratum) };
            return vec![least(stratum, *at_least), there];
        }
    }
    for (stratum, Quota { at_least, at_most }) in quotas {
        if let Some(most) = at_most.filter(|most| at_least > most) {
            let most = Demand::AtMost { stratum: stratum.clone(), count: most };
            return vec![least(stratum, *at_least), most];
        }
    }
    let too_much = too_much_wanted(take, quotas);
    let too_little = too_little_allowed(take, all, sizes, quotas);
    // The second names what is there as well, which nobody can change.
    let much_is_shorter = too_little.is_empty() || too_much.len() < too_little.len();
    if !too_much.is_empty() && much_is_shorter { too_much } else { too_little }
}

/// The largest `at_least` that together pass `take`: no smaller set of them does.
fn too_much_wanted(take: u32, quotas: &BTreeMap<String, Quota>) -> Vec<Demand> {
    let mut wanted: Vec<(&String, u32)> = quotas.iter().map(|(stratum, q)| (stratum, q.at_least)).collect();
    wanted.sort_by_key(|(_, least)| std::cmp::Reverse(*least));
    let (mut sum, mut named) = (0_u64, vec![Demand::Take { count: take }]);
    for (stratum, count) in wanted {
        sum += u64::from(count);
        named.push(Demand::AtLeast { stratum: stratum.clone(), count });
        if sum > u64::from(take) {
            return named;
        }
    }
    Vec::new()
}

/// The `at_most` that take away most, until what is left is below `take`: no smaller set of them does.
fn too_little_allowed(
    take: u32,
    all: u32,
    sizes: &BTreeMap<&str, u32>,
    quotas: &BTreeMap<String, Quota>,
) -> Vec<Demand> {
    let lost = |(stratum, quota): (&'_ String, &Quota)| {
        let size = sizes.get(stratum.as_str()).copied().unwrap_or(0);
        quota.at_most.map(|most| (stratum.clone(), most, size.saturating_sub(most)))
    };
    let mut losses: Vec<(String, u32, u32)> = quotas.iter().filter_map(lost).collect();
    losses.sort_by_key(|(_, _, lost)| std::cmp::Reverse(*lost));
    let mut left = all;
    let mut named = vec![Demand::Take { count: take }, Demand::There { stratum: None, count: all }];
    for (stratum, count, lost) in losses {
        left = left.saturating_sub(lost);
        named.push(Demand::AtMost { stratum, count });
        if left < take {
            return named;
        }
    }
    Vec::new()
}
