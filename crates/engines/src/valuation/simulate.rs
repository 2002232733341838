//! Simulate: many valuations with assumptions drawn between a low and a high value, and what came of them.
//!
//! Draw number n depends on the seed and on n alone, so anyone can make a single one again. Assumptions are
//! drawn from triangular distributions, which need a square root and nothing else: every machine draws alike.

use super::{Fault, Income, Method, WHOLE, value};

/// Draws of one simulation.
pub const DRAWS_MAX: u32 = 1_000_000;

/// What an assumption may be: never below `low`, mostly near `mode`, never above `high`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Spread {
    pub low: i64,
    pub mode: i64,
    pub high: i64,
}

/// Assumptions about income. Everything in the units of [`Method`].
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Assumptions {
    /// By year, as expected, in fen.
    pub years: Vec<i64>,
    /// How much more or less than expected all years bring together, in millionths.
    pub scale: Spread,
    pub discount: Spread,
    /// The rate of the royalty, or the share of the profit.
    pub rate: Spread,
    /// Of the royalty; 0 where the profit is split.
    pub tax: i64,
    pub readiness: Spread,
}

/// What came of it, in fen.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    pub draws: u32,
    pub mean: i64,
    /// One in twenty lies below.
    pub low: i64,
    pub median: i64,
    /// One in twenty lies above.
    pub high: i64,
}

/// Why nothing can be drawn.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum CannotDraw {
    #[error("a simulation has 1 to {DRAWS_MAX} draws")]
    Draws,
    #[error("an assumption needs low ≤ mode ≤ high")]
    Spread,
    #[error("{0}")]
    Value(Fault),
}

/// Runs the simulation.
///
/// # Errors
/// Which assumption cannot be one.
pub fn simulate(assumptions: &Assumptions, seed: u64, draws: u32) -> Result<Range, CannotDraw> {
    if draws == 0 || draws > DRAWS_MAX {
        return Err(CannotDraw::Draws);
    }
    let mut values = Vec::with_capacity(draws as usize);
    for number in 0..draws {
        values.push(replay(assumptions, seed, number)?.1);
    }
    values.sort_unstable();
    let sum: i128 = values.iter().map(|fen| i128::from(*fen)).sum();
    let mean = i64::try_from(sum / i128::from(draws)).unwrap_or(i64::MAX);
    let at = |part: u64| {
        let place = u64::from(draws - 1) * part / 100;
        usize::try_from(place).ok().and_then(|place| values.get(place)).copied().unwrap_or(0)
    };
    Ok(Range { draws, mean, low: at(5), median: at(50), high: at(95) })
}

/// One draw: the method it led to and its value in fen.
///
/// # Errors
/// As [`simulate`].
pub fn replay(assumptions: &Assumptions, seed: u64, number: u32) -> Result<(Method, i64), CannotDraw> {
    let drawn = |place: u64, spread: &Spread| draw(seed, u64::from(number), place, spread);
    let scale = drawn(0, &assumptions.scale)?;
    let scaled = |fen: &i64| {
        let fen = i128::from(*fen) * i128::from(scale) / i128::from(WHOLE);
        i64::try_from(fen).unwrap_or(i64::MAX)
    };
    let income = Income {
        years: assumptions.years.iter().map(scaled).collect(),
        discount: drawn(1, &assumptions.discount)?,
        readiness: drawn(3, &assumptions.readiness)?,
    };
    let method = Method::Royalty { income, rate: drawn(2, &assumptions.rate)?, tax: assumptions.tax };
    let fen = value(&method).map_err(CannotDraw::Value)?.fen;
    Ok((method, fen))
}

/// A value of a triangular distribution, by its inverse.
#[expect(clippy::cast_possible_truncation, reason = "lies between low and high, which are whole numbers")]
fn draw(seed: u64, number: u64, place: u64, spread: &Spread) -> Result<i64, CannotDraw> {
    let Spread { low, mode, high } = *spread;
    if low < 0 || low > mode || mode > high {
        return Err(CannotDraw::Spread);
    }
    if low == high {
        return Ok(low);
    }
    let chance = unit(seed, number, place);
    let (left, right, width) = ((mode - low) as f64, (high - mode) as f64, (high - low) as f64);
    let drawn = if chance * width < left {
        low as f64 + (chance * width * left).sqrt()
    } else {
        high as f64 - ((1.0 - chance) * width * right).sqrt()
    };
    Ok((drawn.round() as i64).clamp(low, high))
}

/// A number from 0 up to, not including, 1 for each place of each draw (SplitMix64, Steele and others, 2014).
fn unit(seed: u64, number: u64, place: u64) -> f64 {
    let mut state = mix(seed) ^ mix(number.wrapping_mul(16).wrapping_add(place).wrapping_add(1));
    state = mix(state);
    (state >> 11) as f64 / (1_u64 << 53) as f64
}

fn mix(value: u64) -> u64 {
    let value = value.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let value = (value ^ (value >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let value = (value ^ (value >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    value ^ (value >> 31)
}
