//! Check: whether an answer is what the seed gives. Searches nothing: one walk over the certificate, in which
//! each number of the stream must fall into the stretch of the entry that claims it.

use std::collections::BTreeMap;

use super::{Answer, Ready, Seed, Stream};

/// Why an answer is not the draw's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Wrong {
    /// The order does not name each entry exactly once.
    NotAnOrder,
    /// Chance gave this place of the order to someone else.
    NotDrawn { place: usize },
    /// Not those are taken whom the rules of the draw take.
    Taken,
    /// Not those are substitutes whom the order names.
    Spare,
}

/// Checks an answer.
///
/// # Errors
/// The first thing that is wrong with it.
pub fn check(question: &Ready, seed: &Seed, label: &str, answer: &Answer) -> Result<(), Wrong> {
    is_order(question, answer)?;
    is_drawn(question, &mut Stream::new(seed, label), answer)?;
    is_walked(question, answer)
}

fn is_order(question: &Ready, answer: &Answer) -> Result<(), Wrong> {
    let mut named = vec![false; question.entries.len()];
    for place in &answer.order {
        match usize::try_from(*place).ok().and_then(|place| named.get_mut(place)) {
            Some(named @ false) => *named = true,
            _ => return Err(Wrong::NotAnOrder),
        }
    }
    if answer.order.len() == named.len() { Ok(()) } else { Err(Wrong::NotAnOrder) }
}

/// The stretch of an entry begins where all weights before it end, less those that are drawn already.
fn is_drawn(question: &Ready, stream: &mut Stream, answer: &Answer) -> Result<(), Wrong> {
    let mut begins = Vec::with_capacity(question.entries.len());
    let mut total = 0;
    for entry in &question.entries {
        begins.push(total);
        total += entry.weight;
    }
    let mut drawn = Drawn(vec![0; question.entries.len()]);
    for (drawn_at, place) in answer.order.iter().zip(0..) {
        let wrong = Wrong::NotDrawn { place };
        let at = usize::try_from(*drawn_at).map_err(|_| wrong.clone())?;
        let (Some(begin), Some(entry)) = (begins.get(at), question.entries.get(at)) else {
            return Err(wrong);
        };
        let begin = begin - drawn.before(at);
        let number = stream.below(total);
        if number < begin || number - begin >= entry.weight {
            return Err(wrong);
        }
        drawn.add(at, entry.weight);
        total -= entry.weight;
    }
    Ok(())
}

/// Weights that are drawn already; a sum over those before a place takes log n steps.
struct Drawn(Vec<u64>);

impl Drawn {
    fn before(&self, place: usize) -> u64 {
        let (mut sum, mut at) = (0, place);
        while at > 0 {
            sum += self.0.get(at - 1).copied().unwrap_or(0);
            at &= at - 1;
        }
        sum
    }

    fn add(&mut self, place: usize, weight: u64) {
        let mut at = place + 1;
        while let Some(sum) = self.0.get_mut(at - 1) {
            *sum += weight;
            at += at & at.wrapping_neg();
        }
    }
}

/// Each entry of the order is taken, or there is a reason why not: nothing is left to take, its stratum is full, or
/// with it the others could no longer have what they are owed.
fn is_walked(question: &Ready, answer: &Answer) -> Result<(), Wrong> {
    let mut missing: BTreeMap<&str, (u32, u32)> = BTreeMap::new();
    let mut owed = 0;
    for (stratum, quota) in &question.quotas {
        missing.insert(stratum, (quota.at_least, quota.at_most.unwrap_or(u32::MAX)));
        owed += quota.at_least;
    }
    let (mut taken, mut spare) = (answer.taken.iter(), answer.spare.iter());
    let (mut left, mut spares) = (question.take, question.spare);
    for place in &answer.order {
        let entry = question.entry(*place).ok_or(Wrong::NotAnOrder)?;
        let mut none = (0, u32::MAX);
        let (least, most) = missing.get_mut(entry.stratum.as_str()).unwrap_or(&mut none);
        let owed_then = owed - (*least).min(1);
        if left > 0 && *most > 0 && owed_then < left {
            (owed, left) = (owed_then, left - 1);
            (*least, *most) = (least.saturating_sub(1), *most - 1);
            if taken.next() != Some(place) {
                return Err(Wrong::Taken);
            }
        } else if spares > 0 {
            spares -= 1;
            if spare.next() != Some(place) {
                return Err(Wrong::Spare);
            }
        }
    }
    match (taken.next(), spare.next(), left) {
        (None, None, 0) => Ok(()),
        (None, Some(_), 0) => Err(Wrong::Spare),
        _ => Err(Wrong::Taken),
    }
}
