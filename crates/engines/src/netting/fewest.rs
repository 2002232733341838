//! Fewest: splits the parties into as many groups as possible whose positions sum to nothing.
//!
//! A payment joins two parties, so a set of payments falls into groups that each sum to nothing, and a group
//! of n needs at least n − 1 of them: fewest payments = parties − most groups. Finding the most groups is
//! hard in general (it contains the subset-sum problem), so beyond [`EXACT_MAX`] parties pairs and triples
//! are split off and the rest stays together.

use std::collections::BTreeMap;

/// Up to so many parties every way to group them is looked at.
pub const EXACT_MAX: usize = 18;

/// The groups, and whether no other way gives more of them.
pub fn groups(positions: &[i64]) -> (Vec<Vec<u32>>, bool) {
    let open: Vec<(i64, u32)> = positions.iter().copied().zip(0..).filter(|(fen, _)| *fen != 0).collect();
    let (mut groups, rest) = pairs(open);
    if rest.len() <= EXACT_MAX {
        groups.extend(exact(&rest));
        return (groups, true);
    }
    let (triples, rest) = triples(rest);
    groups.extend(triples);
    if rest.len() <= EXACT_MAX {
        groups.extend(exact(&rest));
    } else {
        groups.push(rest.into_iter().map(|(_, party)| party).collect());
    }
    (groups, false)
}

/// Splits off two parties who cancel out. That never costs a group: if they stood in two groups, what is
/// left of both forms one; if in one, what is left of it is one more.
fn pairs(open: Vec<(i64, u32)>) -> (Vec<Vec<u32>>, Vec<(i64, u32)>) {
    let mut waiting: BTreeMap<i64, Vec<u32>> = BTreeMap::new();
    let mut pairs = Vec::new();
    for (fen, party) in open {
        match waiting.get_mut(&-fen).and_then(Vec::pop) {
            Some(other) => pairs.push(vec![other.min(party), other.max(party)]),
            None => waiting.entry(fen).or_default().push(party),
        }
    }
    let rest = waiting.into_iter().flat_map(|(fen, parties)| parties.into_iter().map(move |p| (fen, p)));
    (pairs, rest.collect())
}

/// Splits off three parties who cancel out, for each smallest one the first two that fit. `rest` is in order
/// of position.
fn triples(rest: Vec<(i64, u32)>) -> (Vec<Vec<u32>>, Vec<(i64, u32)>) {
    let mut is_used = vec![false; rest.len()];
    let mut triples = Vec::new();
    let free = |is_used: &[bool], place: usize| !is_used.get(place).copied().unwrap_or(true);
    for (low, (lowest, party)) in rest.iter().enumerate() {
        let (mut left, mut right) = (low + 1, rest.len().saturating_sub(1));
        while free(&is_used, low) && left < right {
            let (Some((a, second)), Some((b, third))) = (rest.get(left), rest.get(right)) else { break };
            let sum = i128::from(*lowest) + i128::from(*a) + i128::from(*b);
            if !free(&is_used, left) || sum < 0 {
                left += 1;
            } else if !free(&is_used, right) || sum > 0 {
                right -= 1;
            } else {
                for place in [low, left, right] {
                    is_used.get_mut(place).into_iter().for_each(|used| *used = true);
                }
                let mut triple = vec![*party, *second, *third];
                triple.sort_unstable();
                triples.push(triple);
            }
        }
    }
    let rest = rest.into_iter().enumerate().filter(|(place, _)| free(&is_used, *place));
    (triples, rest.map(|(_, each)| each).collect())
}

/// The most groups, by looking at every set of parties once: `most[set]` is the largest number of times the
/// running sum can touch nothing while the set is filled one party at a time.
fn exact(open: &[(i64, u32)]) -> Vec<Vec<u32>> {
    let sets = 1_usize << open.len();
    let mut sums = vec![0_i128; sets];
    let mut most = vec![0_u8; sets];
    for set in 1..sets {
        let lowest = set.trailing_zeros() as usize;
        let fen = open.get(lowest).map_or(0, |(fen, _)| i128::from(*fen));
        let sum = sums.get(set & (set - 1)).copied().unwrap_or(0) + fen;
        let best = members(set).map(|one| most.get(set ^ one).copied().unwrap_or(0)).max().unwrap_or(0);
        if let (Some(slot), Some(count)) = (sums.get_mut(set), most.get_mut(set)) {
            *slot = sum;
            *count = best + u8::from(sum == 0);
        }
    }
    unfold(open, &sums, &most)
}

/// The single-party sets of a set.
fn members(set: usize) -> impl Iterator<Item = usize> {
    let mut left = set;
    std::iter::from_fn(move || {
        let lowest = left & left.wrapping_neg();
        left ^= lowest;
        (lowest != 0).then_some(lowest)
    })
}

/// Walks from the whole set back to nothing along the best steps and cuts wherever the sum is nothing.
fn unfold(open: &[(i64, u32)], sums: &[i128], most: &[u8]) -> Vec<Vec<u32>> {
    let mut groups: Vec<Vec<u32>> = Vec::new();
    let mut set = sums.len() - 1;
    while set != 0 {
        if sums.get(set) == Some(&0) {
            groups.push(Vec::new());
        }
        let best = members(set).max_by_key(|one| (most.get(set ^ one).copied().unwrap_or(0), *one));
        let Some(one) = best else { break };
        let party = open.get(one.trailing_zeros() as usize).map(|(_, party)| *party);
        if let (Some(group), Some(party)) = (groups.last_mut(), party) {
            group.push(party);
        }
        set ^= one;
    }
    groups.iter_mut().for_each(|group| group.sort_unstable());
    groups
}
