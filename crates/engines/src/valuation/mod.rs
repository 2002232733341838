//! Valuation: what an achievement is worth by cost, market and income, and why.
//!
//! Each method gives a [`Value`] with every step that led to it, so that a report can show the figures it
//! rests on. Two methods at least stand beside each other unless only one fits (asset appraisal law, rulebook
//! §10.3). Ranges come from [`simulate`]: many valuations with assumptions drawn between a low and a high
//! value; every draw can be made again by its number alone.
//!
//! Money is in fen, rates in millionths. Present values are computed in floating point with nothing but
//! additions, multiplications and divisions in a fixed order, which every machine does alike, and rounded to
//! the fen once, at the end.

mod check;
mod income;
mod market;
pub mod simulate;
#[cfg(test)]
mod tests;

pub use check::{Wrong, check};

/// Parts of one: 250,000 millionths are a quarter.
pub const WHOLE: i64 = 1_000_000;
/// The longest time over which income is counted, in years.
pub const YEARS_MAX: usize = 100;
/// Comparable deals that are looked at.
pub const COMPARABLES_MAX: usize = 10_000;
/// The largest amount of money, in fen: ten thousand thousand million yuan.
pub const FEN_MAX: i64 = 1_000_000_000_000_000;

/// The kind of protection, with its legal life from the filing day (patent law §42).
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Protection {
    Invention,
    UtilityModel,
    Design,
    /// A secret, or software: as long as it is worth something.
    Unlimited,
}

impl Protection {
    /// Years from filing; `None` without an end.
    #[must_use]
    pub fn legal_life(self) -> Option<u32> {
        match self {
            Self::Invention => Some(20),
            Self::UtilityModel => Some(10),
            Self::Design => Some(15),
            Self::Unlimited => None,
        }
    }

    /// Whole years of income that are left: the lesser of what the law leaves and what the market leaves.
    #[must_use]
    pub fn remaining(self, years_since_filing: u32, economic_life: u32) -> u32 {
        let legal = self.legal_life().map(|life| life.saturating_sub(years_since_filing));
        legal.map_or(economic_life, |legal| legal.min(economic_life))
    }
}

/// What is to be valued, by one method.
#[derive(Clone, PartialEq, Debug)]
pub enum Method {
    /// What it would cost to make it again, with a fair profit, less what has worn off.
    Cost {
        /// In fen.
        replacement: i64,
        profit: i64,
        /// The part that has worn off, in millionths.
        depreciation: i64,
    },
    /// What comparable deals were made at, each adjusted to this one.
    Market { comparables: Vec<Comparable> },
    /// The royalties that the owner need not pay: `Σ Rₜ·r·(1−τ)/(1+k)ᵗ`.
    Royalty { income: Income, rate: i64, tax: i64 },
    /// The part of the profit that is owed to the achievement: `Σ Pₜ·λ/(1+k)ᵗ`; λ is mostly 250,000 to 330,000.
    SplitProfit { income: Income, share: i64 },
}

/// Income over the years that are left.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Income {
    /// By year, the first one a year after the day of the valuation, in fen.
    pub years: Vec<i64>,
    /// The rate of discount of a year, in millionths.
    pub discount: i64,
    /// How likely it is that the achievement comes to bear at all, in millionths: see [`READINESS`].
    pub readiness: i64,
}

/// A deal like this one.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Comparable {
    /// What was paid, in fen.
    pub price: i64,
    /// What makes it comparable, each in millionths: 1,100,000 when ours is worth a tenth more.
    /// Time, field, territory, exclusivity, remaining life.
    pub adjustments: [i64; 5],
}

/// How likely an achievement of readiness level 1 to 9 comes to bear, in millionths. A convention of this
/// house for want of a published table: a parameter to be set by whoever values.
pub const READINESS: [i64; 9] =
    [50_000, 100_000, 150_000, 250_000, 350_000, 500_000, 650_000, 800_000, 950_000];

/// A value and how it came about.
#[derive(Clone, PartialEq, Debug)]
pub struct Value {
    /// In fen.
    pub fen: i64,
    /// The lowest and the highest that this method's own figures allow; the same as `fen` where it has but one.
    pub range: (i64, i64),
    /// In order.
    pub steps: Vec<Step>,
}

/// One line of an explanation.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Step {
    /// Replacement and profit, in fen.
    Remade { fen: i64 },
    /// What has worn off, in fen.
    WornOff { fen: i64 },
    /// A deal, adjusted: its number from 0, the price and the adjusted price in fen.
    Adjusted { deal: usize, price: i64, fen: i64 },
    /// A year of income: its number from 1, the income, what of it counts, and what that is worth today, in fen.
    Year { year: u32, income: i64, counted: f64, factor: f64, today: f64 },
    /// The sum of the years, before readiness, in fen.
    Sum { fen: f64 },
    /// Times readiness, in millionths.
    Ready { part: i64 },
}

/// Why there is no value.
#[derive(Clone, Copy, PartialEq, Eq, Debug, thiserror::Error)]
pub enum Fault {
    #[error("an amount has to lie between 0 and {FEN_MAX} fen")]
    Amount,
    #[error("a part has to lie between 0 and {WHOLE} millionths")]
    Part,
    #[error("a rate of discount has to lie between 0 and {} millionths", 10 * WHOLE)]
    Discount,
    #[error("an adjustment has to lie between {} and {} millionths", WHOLE / 10, WHOLE * 10)]
    Adjustment,
    #[error("income needs 1 to {YEARS_MAX} years")]
    Years,
    #[error("at least one comparable deal is needed, and at most {COMPARABLES_MAX}")]
    Comparables,
}

/// Values by one method.
///
/// # Errors
/// Which figure cannot be one.
pub fn value(method: &Method) -> Result<Value, Fault> {
    match method {
        Method::Cost { replacement, profit, depreciation } => cost(*replacement, *profit, *depreciation),
        Method::Market { comparables } => market::value(comparables),
        Method::Royalty { income, rate, tax } => {
            let kept = part(*rate)? * (1.0 - part(*tax)?);
            income::value(income, kept)
        }
        Method::SplitProfit { income, share } => income::value(income, part(*share)?),
    }
}

fn cost(replacement: i64, profit: i64, depreciation: i64) -> Result<Value, Fault> {
    let worn = part(depreciation)?;
    let remade = amount(replacement)? + amount(profit)?;
    let off = rounded(remade as f64 * worn);
    let fen = remade - off;
    let steps = vec![Step::Remade { fen: remade }, Step::WornOff { fen: off }];
    Ok(Value { fen, range: (fen, fen), steps })
}

fn amount(fen: i64) -> Result<i64, Fault> {
    if (0..=FEN_MAX).contains(&fen) { Ok(fen) } else { Err(Fault::Amount) }
}

/// Millionths as a part of one.
fn part(millionths: i64) -> Result<f64, Fault> {
    if (0..=WHOLE).contains(&millionths) { Ok(millionths as f64 / WHOLE as f64) } else { Err(Fault::Part) }
}

/// To the nearest fen; halves go up.
#[expect(clippy::cast_possible_truncation, reason = "amounts are limited to far below what an i64 holds")]
fn rounded(fen: f64) -> i64 {
    (fen + 0.5).floor() as i64
}

/// How far a price lies from a range of values.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Beside {
    Within,
    /// Below half of the lowest value: a warning, never a block.
    FarBelow,
    /// Above twice the highest.
    FarAbove,
}

/// Compares a price with the values of all methods (rulebook §10.3, two-way check).
#[must_use]
pub fn beside(price: i64, values: &[Value]) -> Beside {
    let lowest = values.iter().map(|value| value.range.0).min();
    let highest = values.iter().map(|value| value.range.1).max();
    match (lowest, highest) {
        (Some(lowest), _) if price.saturating_mul(2) < lowest => Beside::FarBelow,
        (_, Some(highest)) if price > highest.saturating_mul(2) => Beside::FarAbove,
        _ => Beside::Within,
    }
}
