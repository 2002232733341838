//! Normalise: columns of all units of measure are put on one scale, on which more is better.
//!
//! A column for which less is better is mirrored first. Goalposts and standards tell by themselves which end
//! is good and are taken as they are.

use super::{Columns, Fault, Indicator, Question};

/// A scale.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Scale {
    Nothing,
    /// From the least to the largest value.
    MinMax {
        low: f64,
        high: f64,
    },
    /// By mean and standard deviation of the sample.
    ZScore {
        mean: f64,
        deviation: f64,
    },
    /// Less this, divided by that.
    Scaled {
        less: f64,
        by: f64,
    },
    /// The place from below; equals share the mean of theirs.
    Rank,
    /// The rank less one.
    Borda,
    /// The part of the others that lie below.
    PercentRank,
    /// Divided by the largest value.
    OfLargest,
    /// 1 less the distance from the target in ranges; at most 1.
    Target,
    /// 1 less the distance from the unit with this place, in ranges.
    Reference(usize),
    /// 1 less the distance from the largest value, in ranges.
    FromLargest,
    /// From the worse to the better goalpost, and not beyond.
    Goalposts {
        low: f64,
        high: f64,
    },
    /// The part of the standard that is reached, at most `high` (rulebook §13.1: min(value/standard, 1) × 100).
    Standard {
        high: f64,
    },
}

/// Puts every column on its indicator's scale, or on that of the method.
pub fn all(question: &Question, columns: &Columns, usual: Scale) -> Result<Columns, Fault> {
    let mut done = Vec::with_capacity(columns.len());
    for (indicator, (column, own)) in columns.iter().zip(&question.indicators).enumerate() {
        let scaled = one(column, own, own.scale.unwrap_or(usual), indicator)?;
        // A constant column or a value near the end of all numbers would poison every sum.
        let bad = |(value, was): (&f64, &f64)| !value.is_finite() && !was.is_nan();
        if let Some(unit) = scaled.iter().zip(column).position(bad) {
            return Err(Fault::Value { indicator, unit });
        }
        done.push(scaled);
    }
    Ok(done)
}

/// How many values a column has, and the ends.
struct Spread {
    count: f64,
    least: f64,
    largest: f64,
}

fn one(column: &[f64], own: &Indicator, scale: Scale, indicator: usize) -> Result<Vec<f64>, Fault> {
    let sign = if own.less_is_better { -1.0 } else { 1.0 };
    let x: Vec<f64> = column.iter().map(|value| value * sign).collect();
    let present = || x.iter().copied().filter(|value| !value.is_nan());
    let spread = Spread {
        count: present().count() as f64,
        least: present().fold(f64::INFINITY, f64::min),
        largest: present().fold(f64::NEG_INFINITY, f64::max),
    };
    if spread.count == 0.0 {
        return Err(Fault::NoValues { indicator });
    }
    if needs_range(scale) && spread.least == spread.largest {
        return Err(Fault::AllEqual { indicator });
    }
    let range = spread.largest - spread.least;
    let from = |point: f64, most: f64| {
        let part = |v: &f64| clamped(1.0 - (point - v) / range, f64::NEG_INFINITY, most);
        x.iter().map(part).collect()
    };
    Ok(match scale {
        Scale::Nothing => x,
        Scale::MinMax { low, high } => {
            is_number(low.is_finite() && high.is_finite() && low < high)?;
            x.iter().map(|v| (v - spread.least) / range * (high - low) + low).collect()
        }
        Scale::ZScore { mean, deviation } => standardised(&x, spread.count, mean, deviation)?,
        Scale::Scaled { less, by } => {
            is_number(less.is_finite() && by.is_finite() && by != 0.0)?;
            x.iter().map(|v| (v - less) / by).collect()
        }
        Scale::Rank => places(&x, 0.0),
        Scale::Borda => places(&x, 1.0),
        Scale::PercentRank => percent_ranks(&x, spread.count),
        Scale::OfLargest => x.iter().map(|v| v / spread.largest).collect(),
        Scale::Target => from(own.target.ok_or(Fault::Target { indicator })? * sign, 1.0),
        Scale::Reference(unit) => {
            let point = x.get(unit).copied().filter(|point| !point.is_nan());
            from(point.ok_or(Fault::Reference { indicator })?, f64::INFINITY)
        }
        Scale::FromLargest => from(spread.largest, f64::INFINITY),
        Scale::Goalposts { low, high } => between(column, own.goalposts, low, high, indicator)?,
        Scale::Standard { high } => {
            is_number(high.is_finite() && high > 0.0)?;
            let standard = own.target.filter(|standard| *standard != 0.0 && standard.is_finite());
            let standard = standard.ok_or(Fault::Target { indicator })?;
            // Where less is better, the standard is divided by the value instead.
            let part = |v: &f64| if own.less_is_better { standard / v } else { v / standard };
            column.iter().map(|v| clamped(part(v), f64::NEG_INFINITY, 1.0) * high).collect()
        }
    })
}

/// By mean and deviation of the sample, made to have these.
fn standardised(x: &[f64], count: f64, mean: f64, deviation: f64) -> Result<Vec<f64>, Fault> {
    is_number(mean.is_finite() && deviation.is_finite() && deviation > 0.0)?;
    let present = || x.iter().copied().filter(|value| !value.is_nan());
    let middle = present().sum::<f64>() / count;
    let squares: f64 = present().map(|v| (v - middle) * (v - middle)).sum();
    let sample = (squares / (count - 1.0)).sqrt();
    Ok(x.iter().map(|v| (v - middle) / sample * deviation + mean).collect())
}

/// From the worse goalpost to the better one, and not beyond.
fn between(
    column: &[f64],
    goalposts: Option<(f64, f64)>,
    low: f64,
    high: f64,
    indicator: usize,
) -> Result<Vec<f64>, Fault> {
    is_number(low.is_finite() && high.is_finite() && low < high)?;
    let (worst, best) = goalposts.ok_or(Fault::Goalposts { indicator })?;
    if !(worst.is_finite() && best.is_finite()) || worst == best {
        return Err(Fault::Goalposts { indicator });
    }
    let part = |v: &f64| clamped((v - worst) / (best - worst), 0.0, 1.0);
    Ok(column.iter().map(|v| part(v) * (high - low) + low).collect())
}

/// As `clamp`, and what is missing stays missing.
fn clamped(value: f64, low: f64, high: f64) -> f64 {
    if value < low {
        low
    } else if value > high {
        high
    } else {
        value
    }
}

fn needs_range(scale: Scale) -> bool {
    let is_free = matches!(
        scale,
        Scale::Nothing
            | Scale::Scaled { .. }
            | Scale::Rank
            | Scale::Borda
            | Scale::OfLargest
            | Scale::Goalposts { .. }
            | Scale::Standard { .. }
            | Scale::PercentRank
    );
    !is_free
}

fn is_number(holds: bool) -> Result<(), Fault> {
    if holds { Ok(()) } else { Err(Fault::Number { what: "scale" }) }
}

/// Places from below, counted from 1, less something; equals share the mean of theirs.
fn places(x: &[f64], less: f64) -> Vec<f64> {
    let mut out = vec![f64::NAN; x.len()];
    for (units, first) in by_value(x) {
        let mean = first as f64 + (units.len() as f64 + 1.0) / 2.0 - less;
        for unit in units {
            out.get_mut(unit).into_iter().for_each(|slot| *slot = mean);
        }
    }
    out
}

/// Of all others, the part that lies below.
fn percent_ranks(x: &[f64], count: f64) -> Vec<f64> {
    let mut out = vec![f64::NAN; x.len()];
    for (units, first) in by_value(x) {
        for unit in units {
            // One alone is at the bottom and at the top.
            let part = if count > 1.0 { first as f64 / (count - 1.0) } else { 1.0 };
            out.get_mut(unit).into_iter().for_each(|slot| *slot = part);
        }
    }
    out
}

/// Units with the same value, from the least value on, and how many units stand before them.
fn by_value(x: &[f64]) -> Vec<(Vec<usize>, usize)> {
    let mut order: Vec<(f64, usize)> = x.iter().copied().zip(0..).filter(|(v, _)| !v.is_nan()).collect();
    order.sort_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut before = 0;
    let runs = order.chunk_by(|a, b| a.0 == b.0).map(|run| {
        let units: Vec<usize> = run.iter().map(|(_, unit)| *unit).collect();
        let first = before;
        before += units.len();
        (units, first)
    });
    runs.collect()
}
