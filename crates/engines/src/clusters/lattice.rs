//! Lattice: the rows and columns in which cells lie.

use super::sphere::{Place, degrees};
use crate::elementary::sin_cos_of_degrees;

/// Spots along the side of a cell.
const SPOTS: u64 = 8;
/// Rows to either side in which something may lie within the radius: a cell's side is the radius over √2.
pub const REACH: i64 = 2;
/// Rows on either side of the equator for which widths are kept.
const ROWS_KEPT: i64 = 1 << 18;

/// Where a point belongs: row and column of its cell, then the spot in the cell.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Home(u64);

impl Home {
    #[must_use]
    #[expect(clippy::cast_possible_wrap, reason = "28 bits")]
    pub fn row(self) -> i64 {
        (self.0 >> 36) as i64 - (1 << 27)
    }

    #[must_use]
    pub fn column(self) -> u64 {
        (self.0 >> 6) & ((1 << 30) - 1)
    }

    #[must_use]
    pub fn is_same_cell(self, other: Self) -> bool {
        self.0 >> 6 == other.0 >> 6
    }
}

/// Rows and columns: bands of latitude, and what is worked out once for each of them.
pub struct Lattice {
    /// The radius, in degrees.
    degrees: f64,
    /// The height of a row, in degrees.
    side: f64,
    /// By row, from the southernmost on: the width of its columns in degrees of longitude. None where there are more than
    /// [`ROWS_KEPT`]; they are worked out each time then.
    widths: Vec<f64>,
    /// By row, and by the other row from [`REACH`] below to as many above: the largest difference of longitude
    /// within the radius of a point in one, seen from the other.
    reaches: Vec<[f64; 2 * REACH as usize + 1]>,
    /// The number of the southernmost row.
    first: i64,
}

impl Lattice {
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "rows are at most some ten millions")]
    pub fn new(km: f64) -> Self {
        let degrees = degrees(km);
        // A hair less than the radius over √2, so that rounding cannot make a diagonal too long.
        let side = degrees / std::f64::consts::SQRT_2 * 0.999;
        let first = (-90.0 / side).floor() as i64 - REACH;
        let rows = if first >= -ROWS_KEPT { first..1 - first } else { 0..0 };
        let widths = rows.clone().map(|row| width(side, row)).collect();
        let reaches = rows.map(|row| {
            let mut others = [0.0; 2 * REACH as usize + 1];
            let around = others.iter_mut().zip(row - REACH..);
            around.for_each(|(slot, other)| *slot = reach(side, degrees, row, other));
            others
        });
        Self { degrees, side, widths, reaches: reaches.collect(), first }
    }

    /// The width of the columns of a row, in degrees of longitude.
    #[must_use]
    pub fn width(&self, row: i64) -> f64 {
        let kept = usize::try_from(row - self.first).ok().and_then(|row| self.widths.get(row)).copied();
        kept.unwrap_or_else(|| width(self.side, row))
    }

    /// The largest difference of longitude within the radius of a point in one row, seen from the other.
    #[must_use]
    pub fn reach(&self, one: i64, other: i64) -> f64 {
        let row = usize::try_from(one - self.first).ok().and_then(|row| self.reaches.get(row));
        let place = usize::try_from(other - one + REACH).ok();
        let kept = row.zip(place).and_then(|(row, place)| row.get(place)).copied();
        kept.unwrap_or_else(|| reach(self.side, self.degrees, one, other))
    }

    /// Where a place belongs.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "rows and columns are few")]
    pub fn home(&self, place: &Place) -> Home {
        let row = (place.latitude / self.side).floor();
        let width = self.width(row as i64);
        let east = (place.longitude + 180.0) / width;
        let column = east.floor();
        let spot = |part: f64| ((part * SPOTS as f64) as u64).min(SPOTS - 1);
        let (up, right) = (spot(place.latitude / self.side - row), spot(east - column));
        // 28 bits for the row, 30 for the column, three each for the spot: a metre is the smallest radius.
        let row = (row as i64 + (1 << 27)) as u64;
        Home((row << 36) | ((column as u64) << 6) | (up * SPOTS + right))
    }
}

/// The width of the columns of a row, in degrees of longitude.
fn width(side: f64, row: i64) -> f64 {
    let (low, high) = (row as f64 * side, (row + 1) as f64 * side);
    let nearest = if low <= 0.0 && high >= 0.0 { 0.0 } else { low.abs().min(high.abs()) };
    let (_, cosine) = sin_cos_of_degrees(nearest.min(90.0));
    // Near a pole a row has one column.
    (side / cosine.max(1e-9)).min(400.0)
}

/// The largest difference of longitude within the radius of a point in one row, seen from the other.
fn reach(side: f64, degrees: f64, one: i64, other: i64) -> f64 {
    let edges = [one, one + 1, other, other + 1].map(|row| (row as f64 * side).abs());
    let highest = edges.into_iter().fold(0.0, f64::max);
    // sin(difference) = sin(radius)/cos(latitude); with room for the pole, where all columns are near.
    let (sine, _) = sin_cos_of_degrees(degrees);
    let (_, cosine) = sin_cos_of_degrees(highest.min(90.0));
    let part = sine / cosine.max(1e-12);
    if part >= 0.5 {
        // Past half of the way to a quarter turn the arc grows fast: take the whole row.
        return 720.0;
    }
    // arcsin x ≤ x·(1 + x²/6·…); for x below a half a tenth more is always enough.
    part * (180.0 / std::f64::consts::PI) * 1.1
}
