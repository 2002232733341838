//! Market: comparable deals, adjusted one by one; the middle one counts, the outer ones are the range.

use super::{COMPARABLES_MAX, Comparable, Fault, Step, Value, WHOLE, amount, rounded};

pub fn value(comparables: &[Comparable]) -> Result<Value, Fault> {
    if comparables.is_empty() || comparables.len() > COMPARABLES_MAX {
        return Err(Fault::Comparables);
    }
    let mut steps = Vec::with_capacity(comparables.len());
    for (deal, comparable) in comparables.iter().enumerate() {
        let mut adjusted = amount(comparable.price)? as f64;
        for adjustment in comparable.adjustments {
            if !(WHOLE / 10..=WHOLE * 10).contains(&adjustment) {
                return Err(Fault::Adjustment);
            }
            adjusted *= adjustment as f64 / WHOLE as f64;
        }
        steps.push(Step::Adjusted { deal, price: comparable.price, fen: rounded(adjusted) });
    }
    let mut fen: Vec<i64> = steps.iter().filter_map(adjusted).collect();
    fen.sort_unstable();
    let range = (fen.first().copied().unwrap_or(0), fen.last().copied().unwrap_or(0));
    Ok(Value { fen: middle(&fen), range, steps })
}

fn adjusted(step: &Step) -> Option<i64> {
    if let Step::Adjusted { fen, .. } = step { Some(*fen) } else { None }
}

/// The median of a sorted list; of two middle ones the mean, halves of a fen going up.
fn middle(sorted: &[i64]) -> i64 {
    let upper = sorted.get(sorted.len() / 2).copied().unwrap_or(0);
    let lower = sorted.get((sorted.len() - 1) / 2).copied().unwrap_or(0);
    lower + (upper - lower + 1) / 2
}
