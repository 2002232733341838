//! Aggregate: scores of children become the score of their group, level by level.

use super::{Columns, Fault, Mean, Question, question::Child, weigh};
use crate::elementary::{exp, ln};

/// Weights and scores of all groups, the lowest level first.
pub fn all(
    question: &Question,
    normalised: &Columns,
    usual: Mean,
) -> Result<(Vec<Vec<f64>>, Columns), Fault> {
    let mut weights = Vec::with_capacity(question.groups.len());
    let mut scores: Columns = Vec::with_capacity(question.groups.len());
    for (group, (children, own)) in question.children().iter().zip(&question.groups).enumerate() {
        let columns = columns(children, normalised, &scores);
        let own_weights = weigh::of_group(question, group, children, &columns)?;
        let mean = own.mean.unwrap_or(usual);
        let column = of_group(&columns, &own_weights, mean, question.method.least);
        let column = column.map_err(|unit| Fault::NotPositive { group, unit })?;
        weights.push(own_weights);
        scores.push(column);
    }
    Ok((weights, scores))
}

/// The scores of the index with these weights.
///
/// # Errors
/// A score that a mean cannot take.
pub fn with(
    question: &Question,
    children: &[Vec<Child>],
    weights: &[Vec<f64>],
    normalised: &Columns,
    usual: Mean,
) -> Result<Vec<f64>, Fault> {
    let mut scores: Columns = Vec::with_capacity(children.len());
    let groups = children.iter().zip(weights).zip(&question.groups);
    for (group, ((children, weights), own)) in groups.enumerate() {
        let columns = columns(children, normalised, &scores);
        let column = of_group(&columns, weights, own.mean.unwrap_or(usual), question.method.least);
        scores.push(column.map_err(|unit| Fault::NotPositive { group, unit })?);
    }
    Ok(scores.pop().unwrap_or_default())
}

/// The same, where a score that a mean cannot take counts as missing.
pub fn lenient(
    question: &Question,
    children: &[Vec<Child>],
    weights: &[Vec<f64>],
    normalised: &Columns,
    usual: Mean,
) -> Vec<f64> {
    let is_strict =
        |own: &super::Group| matches!(own.mean.unwrap_or(usual), Mean::Geometric | Mean::Harmonic);
    let mut normalised = normalised.clone();
    for (column, own) in normalised.iter_mut().zip(&question.indicators) {
        if question.groups.get(own.group).is_some_and(is_strict) {
            column.iter_mut().filter(|value| **value <= 0.0).for_each(|value| *value = f64::NAN);
        }
    }
    let scores = with(question, children, weights, &normalised, usual);
    scores.unwrap_or_else(|_| vec![f64::NAN; question.units])
}

/// The columns of a group's children.
pub fn columns<'a>(children: &[Child], normalised: &'a Columns, scores: &'a Columns) -> Vec<&'a [f64]> {
    let column = |child: &Child| match child {
        Child::Indicator(place) => normalised.get(*place),
        Child::Group(place) => scores.get(*place),
    };
    children.iter().filter_map(column).map(Vec::as_slice).collect()
}

/// The scores of one group. What is missing does not count; below `least` of the weight there is no score.
///
/// # Errors
/// The unit with a score that this mean cannot take.
pub fn of_group(columns: &[&[f64]], weights: &[f64], mean: Mean, least: f64) -> Result<Vec<f64>, usize> {
    let units = columns.first().map_or(0, |column| column.len());
    if mean == Mean::Copeland {
        return Ok(copeland(columns, weights, units, least));
    }
    let mut sums = vec![0.0_f64; units];
    let mut there = vec![0.0_f64; units];
    for (column, weight) in columns.iter().zip(weights) {
        // A weight of 0 must not let a bad score spoil the sum.
        if *weight == 0.0 {
            continue;
        }
        for (unit, ((value, sum), there)) in column.iter().zip(&mut sums).zip(&mut there).enumerate() {
            if value.is_nan() {
                continue;
            }
            if mean != Mean::Arithmetic && *value <= 0.0 {
                return Err(unit);
            }
            *there += weight;
            *sum += match mean {
                Mean::Geometric => weight * ln(*value),
                Mean::Harmonic => weight / value,
                Mean::Arithmetic | Mean::Copeland => weight * value,
            };
        }
    }
    let all: f64 = weights.iter().sum();
    let score = |(sum, there): (&f64, &f64)| {
        if !is_enough(*there, all, least) {
            return f64::NAN;
        }
        match mean {
            Mean::Geometric => exp(sum / there),
            Mean::Harmonic => there / sum,
            Mean::Arithmetic | Mean::Copeland => sum / there,
        }
    };
    Ok(sums.iter().zip(&there).map(score).collect())
}

/// Whether so much of the weight has scores. A billionth is allowed for rounding of the sum.
fn is_enough(there: f64, all: f64, least: f64) -> bool {
    there > 0.0 && there >= least * all * (1.0 - 1e-9)
}

fn copeland(columns: &[&[f64]], weights: &[f64], units: usize, least: f64) -> Vec<f64> {
    let value = |column: &[f64], unit: usize| column.get(unit).copied().unwrap_or(f64::NAN);
    let mut there = vec![0.0_f64; units];
    for (column, weight) in columns.iter().zip(weights) {
        there.iter_mut().zip(*column).filter(|(_, v)| !v.is_nan()).for_each(|(there, _)| *there += weight);
    }
    let all: f64 = weights.iter().sum();
    let mut scores = vec![0.0_f64; units];
    for one in 0..units {
        for other in one + 1..units {
            let (mut better, mut both) = (0.0_f64, 0.0_f64);
            for (column, weight) in columns.iter().zip(weights) {
                let (x, y) = (value(column, one), value(column, other));
                if x.is_nan() || y.is_nan() {
                    continue;
                }
                both += weight;
                if x > y {
                    better += weight;
                } else if x == y {
                    better += weight / 2.0;
                }
            }
            // Two that share no indicator are equal.
            let part = if both > 0.0 { better / both } else { 0.5 };
            for (unit, part) in [(one, part), (other, 1.0 - part)] {
                scores.get_mut(unit).into_iter().for_each(|score| *score += part);
            }
        }
    }
    let kept = |(score, there): (f64, f64)| if is_enough(there, all, least) { score } else { f64::NAN };
    scores.into_iter().zip(there).map(kept).collect()
}
