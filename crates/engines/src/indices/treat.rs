//! Treat: outliers are drawn in, one step at a time, or the whole column is put on a logarithmic scale.
//!
//! A column has outliers when both its skew and its kurtosis pass a threshold. While it does, the outermost
//! values on the skewed side are set to the next one; when so many steps do not suffice, the untouched column
//! is transformed instead.

use super::{Columns, Fault, Question};
use crate::elementary::{exp, ln};

/// What is done about outliers.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Treat {
    Nothing,
    Winsorise {
        /// Steps at most; without a number a tenth of the units, rounded up.
        most: Option<u32>,
        /// Thresholds of the absolute skew and of the kurtosis.
        skew: f64,
        kurtosis: f64,
        otherwise: Transform,
    },
    /// In any case.
    Transform(Transform),
}

/// A scale on which a long tail is short.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Transform {
    Nothing,
    /// ln x, of values above 0.
    Log,
    /// ln (x − least + a hundredth of the range).
    ShiftedLog,
    /// The logarithm of the Global Innovation Index: ln ((most − 1)·(x − least)/(most − least) + 1), mirrored
    /// when the tail is on the low side.
    RangeLog,
    /// ((x − least + 1)^λ − 1)/λ, or its logarithm for λ = 0.
    BoxCox(f64),
}

/// What was done to a column.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Treatment {
    /// Steps in which outermost values were drawn in.
    pub steps: u32,
    /// How many values were changed by that.
    pub changed: u32,
    pub transform: Transform,
    /// Before and after.
    pub skew: (f64, f64),
    pub kurtosis: (f64, f64),
}

/// Treats every column as its indicator or the method says.
pub fn all(question: &Question, columns: &Columns, usual: Treat) -> Result<(Columns, Vec<Treatment>), Fault> {
    let mut treated = Vec::with_capacity(columns.len());
    let mut treatments = Vec::with_capacity(columns.len());
    for (indicator, (column, own)) in columns.iter().zip(&question.indicators).enumerate() {
        let (column, treatment) = one(column, own.treat.unwrap_or(usual), indicator)?;
        treated.push(column);
        treatments.push(treatment);
    }
    Ok((treated, treatments))
}

fn one(column: &[f64], treat: Treat, indicator: usize) -> Result<(Vec<f64>, Treatment), Fault> {
    let before = skew_and_kurtosis(column);
    let finish = |column: Vec<f64>, steps, changed, transform| {
        let after = skew_and_kurtosis(&column);
        let (skew, kurtosis) = ((before.0, after.0), (before.1, after.1));
        Ok((column, Treatment { steps, changed, transform, skew, kurtosis }))
    };
    match treat {
        Treat::Nothing => finish(column.to_vec(), 0, 0, Transform::Nothing),
        Treat::Transform(transform) => {
            finish(transformed(column, transform, before.0, indicator)?, 0, 0, transform)
        }
        Treat::Winsorise { most, skew, kurtosis, otherwise } => {
            if !(skew.is_finite() && kurtosis.is_finite()) {
                return Err(Fault::Number { what: "skew, kurtosis" });
            }
            let most = most.unwrap_or(u32::try_from(column.len().div_ceil(10)).unwrap_or(u32::MAX));
            let is_outlying = |(s, k): (f64, f64)| s.abs() > skew && k > kurtosis;
            let (drawn, steps, is_calm) = winsorised(column, most, &is_outlying);
            if is_calm || otherwise == Transform::Nothing {
                let changed = drawn.iter().zip(column).filter(|(a, b)| a != b && !b.is_nan()).count();
                finish(drawn, steps, u32::try_from(changed).unwrap_or(u32::MAX), Transform::Nothing)
            } else {
                finish(transformed(column, otherwise, before.0, indicator)?, 0, 0, otherwise)
            }
        }
    }
}

/// Draws outermost values in while the column is outlying, at most so many times: the column, the steps
/// taken, and whether it is outlying no more.
fn winsorised(column: &[f64], most: u32, is_outlying: &dyn Fn((f64, f64)) -> bool) -> (Vec<f64>, u32, bool) {
    let mut column = column.to_vec();
    let mut shape = skew_and_kurtosis(&column);
    for steps in 0..most {
        if !is_outlying(shape) {
            return (column, steps, true);
        }
        // The sign makes the outer side the high one.
        let sign = if shape.0 >= 0.0 { 1.0 } else { -1.0 };
        let present = || column.iter().map(|value| value * sign).filter(|value| !value.is_nan());
        let outer = present().fold(f64::NEG_INFINITY, f64::max);
        let next = present().filter(|value| *value < outer).fold(f64::NEG_INFINITY, f64::max);
        let is_last = next == f64::NEG_INFINITY || !present().any(|value| value < next);
        if is_last {
            // One value would be left: no column is better than that.
            return (column, steps, false);
        }
        column.iter_mut().filter(|value| **value * sign == outer).for_each(|value| *value = next * sign);
        shape = skew_and_kurtosis(&column);
    }
    let is_calm = !is_outlying(shape);
    (column, most, is_calm)
}

fn transformed(column: &[f64], transform: Transform, skew: f64, indicator: usize) -> Result<Vec<f64>, Fault> {
    let present = || column.iter().copied().filter(|value| !value.is_nan());
    let (least, most) =
        (present().fold(f64::INFINITY, f64::min), present().fold(f64::NEG_INFINITY, f64::max));
    if transform == Transform::Nothing || least == f64::INFINITY {
        return Ok(column.to_vec());
    }
    if least == most && transform != Transform::Log {
        return Err(Fault::AllEqual { indicator });
    }
    let (range, is_low) = (most - least, skew < 0.0);
    let each = |x: f64| match transform {
        Transform::Nothing => x,
        Transform::Log => ln(x),
        Transform::ShiftedLog => ln(x - least + 0.01 * range),
        Transform::RangeLog if is_low => -ln((most - 1.0) * (most - x) / range + 1.0),
        Transform::RangeLog => ln((most - 1.0) * (x - least) / range + 1.0),
        Transform::BoxCox(0.0) => ln(x - least + 1.0),
        Transform::BoxCox(power) => (exp(power * ln(x - least + 1.0)) - 1.0) / power,
    };
    let done: Vec<f64> = column.iter().map(|value| each(*value)).collect();
    let bad = |(result, value): (&f64, &f64)| !result.is_finite() && !value.is_nan();
    match done.iter().zip(column).position(bad) {
        Some(unit) => Err(Fault::Logarithm { indicator, unit }),
        None => Ok(done),
    }
}

/// Skew and kurtosis as samples of a population are judged (G₁ and G₂ of Joanes and Gill); of fewer than four
/// values, or of equal ones, they are no numbers.
#[must_use]
pub fn skew_and_kurtosis(column: &[f64]) -> (f64, f64) {
    let present = || column.iter().copied().filter(|value| !value.is_nan());
    let count = present().count() as f64;
    let mean = present().sum::<f64>() / count;
    let (mut second, mut third, mut fourth) = (0.0, 0.0, 0.0);
    for value in present() {
        let away = value - mean;
        let square = away * away;
        second += square;
        third += square * away;
        fourth += square * square;
    }
    let (second, third, fourth) = (second / count, third / count, fourth / count);
    if count < 4.0 || second == 0.0 {
        return (f64::NAN, f64::NAN);
    }
    let skew = third / (second * second.sqrt()) * (count * (count - 1.0)).sqrt() / (count - 2.0);
    let excess = fourth / (second * second) - 3.0;
    let kurtosis = ((count + 1.0) * excess + 6.0) * (count - 1.0) / ((count - 2.0) * (count - 3.0));
    (skew, kurtosis)
}
