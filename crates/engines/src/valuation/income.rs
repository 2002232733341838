//! Income: what money of later years is worth today.

use super::{Fault, Income, Step, Value, WHOLE, YEARS_MAX, amount, part, rounded};

/// The present value of that part of the income which is kept.
pub fn value(income: &Income, kept: f64) -> Result<Value, Fault> {
    if income.years.is_empty() || income.years.len() > YEARS_MAX {
        return Err(Fault::Years);
    }
    if !(0..=10 * WHOLE).contains(&income.discount) {
        return Err(Fault::Discount);
    }
    let ready = part(income.readiness)?;
    let growth = 1.0 + income.discount as f64 / WHOLE as f64;
    let mut steps = Vec::with_capacity(income.years.len() + 2);
    let (mut factor, mut sum) = (1.0, 0.0);
    for (fen, year) in income.years.iter().zip(1..) {
        factor /= growth;
        let counted = amount(*fen)? as f64 * kept;
        let today = counted * factor;
        sum += today;
        steps.push(Step::Year { year, income: *fen, counted, factor, today });
    }
    steps.push(Step::Sum { fen: sum });
    steps.push(Step::Ready { part: income.readiness });
    let fen = rounded(sum * ready);
    Ok(Value { fen, range: (fen, fen), steps })
}
