//! Law: the order that chance gives, and who is taken in it.

use std::collections::{BTreeMap, BTreeSet};

use super::{Answer, Ready, Refusal, Seed, Stream, quotas, sizes};

/// Draws: n log n steps for n entries, the same answer on every machine.
#[must_use]
pub fn draw(question: &Ready, seed: &Seed, label: &str) -> Answer {
    let order = order(question, &mut Stream::new(seed, label));
    let (taken, spare) = walk(question, &order);
    Answer { taken, spare, order }
}

/// The answer when some drop out: as it would have been had they not been on the list when it was walked, in
/// the same drawn order. Everyone else who was taken stays.
///
/// # Errors
/// The quotas cannot be kept without them: the smallest set of demands that cannot.
pub fn without(question: &Ready, answer: &Answer, gone: &BTreeSet<u32>) -> Result<Answer, Refusal> {
    let left: Vec<u32> = answer.order.iter().copied().filter(|place| !gone.contains(place)).collect();
    let entries: Vec<_> = left.iter().filter_map(|place| question.entry(*place)).cloned().collect();
    let demands = quotas::conflict(question.take, &sizes(&entries), &question.quotas);
    if !demands.is_empty() {
        return Err(Refusal::Impossible { demands });
    }
    let (taken, spare) = walk(question, &left);
    Ok(Answer { taken, spare, order: answer.order.clone() })
}

fn order(question: &Ready, stream: &mut Stream) -> Vec<u32> {
    let mut urn = Urn::of(question.entries.iter().map(|entry| entry.weight));
    let mut order = Vec::with_capacity(question.entries.len());
    for _ in &question.entries {
        let place = urn.at(stream.below(urn.total));
        let weight = question.entries.get(place).map_or(0, |entry| entry.weight);
        urn.remove(place, weight);
        order.push(u32::try_from(place).unwrap_or(u32::MAX));
    }
    order
}

/// Walks the order: who is taken, and the first of the others.
fn walk(question: &Ready, order: &[u32]) -> (Vec<u32>, Vec<u32>) {
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    let mut owed: u32 = question.quotas.values().map(|quota| quota.at_least).sum();
    let (mut taken, mut spare) = (Vec::new(), Vec::new());
    let mut left = question.take;
    for place in order {
        let Some(entry) = question.entry(*place) else { continue };
        let quota = question.quotas.get(&entry.stratum).copied().unwrap_or_default();
        let count = counts.entry(&entry.stratum).or_default();
        let is_owed = *count < quota.at_least;
        let is_full = quota.at_most.is_some_and(|most| *count >= most);
        if left > 0 && !is_full && (is_owed || left > owed) {
            *count += 1;
            left -= 1;
            owed -= u32::from(is_owed);
            taken.push(*place);
        } else if u32::try_from(spare.len()).is_ok_and(|spares| spares < question.spare) {
            spare.push(*place);
        }
    }
    (taken, spare)
}

/// The weights still in the urn, summed in a tree (Fenwick 1994) so that a place is found in log n steps.
struct Urn {
    /// `sums[i - 1]`: of the entries from `i - lowest bit of i` up to `i`, counted from 1.
    sums: Vec<u64>,
    total: u64,
}

impl Urn {
    fn of(weights: impl Iterator<Item = u64>) -> Self {
        let mut sums: Vec<u64> = weights.collect();
        let total = sums.iter().sum();
        for at in 1..=sums.len() {
            let sum = sums.get(at - 1).copied().unwrap_or(0);
            if let Some(above) = sums.get_mut(at + lowest_bit(at) - 1) {
                *above += sum;
            }
        }
        Self { sums, total }
    }

    /// The entry in whose stretch `number` falls, counted from 0: `number` is below the total.
    fn at(&self, mut number: u64) -> usize {
        let (mut at, mut step) = (0, self.sums.len().next_power_of_two());
        while step > 0 {
            if let Some(sum) = self.sums.get(at + step - 1).filter(|sum| **sum <= number) {
                number -= sum;
                at += step;
            }
            step /= 2;
        }
        at
    }

    fn remove(&mut self, place: usize, weight: u64) {
        self.total -= weight;
        let mut at = place + 1;
        while let Some(sum) = self.sums.get_mut(at - 1) {
            *sum -= weight;
            at += lowest_bit(at);
        }
    }
}

fn lowest_bit(number: usize) -> usize {
    number & number.wrapping_neg()
}
