//! Bound: what no choice can exceed, by prices on the rows, in whole numbers.
//!
//! Whatever the prices are, the score of a choice that obeys the rows is at most Σ price·bound plus what the
//! columns earn beyond what they pay, of each group the best one (weak duality). So a bound needs no trust
//! in the arithmetic that found the prices: anyone adds it up in one pass. Prices are `number / 2^shift` points
//! for a unit of the row; above zero they rest on the row's upper bound, below zero on its lower one.

use super::model::{Model, NONE, Row};
use super::places::Places;

/// The finest price: 2^-SHIFT_MAX points for a unit.
pub const SHIFT_MAX: u32 = 44;
/// No price is greater than this number.
const PRICE_MAX: f64 = 4.0e18;

/// Prices of rows.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Prices {
    /// A price is its number divided by 2^shift.
    pub shift: u32,
    /// Row and number; rows without a price are left out.
    pub of: Vec<(u32, i64)>,
}

impl Prices {
    /// The prices nearest to those of floating point. A price that leans on a bound that is not there is nothing.
    pub fn nearest(rows: &[Row], prices: &[(u32, f64)]) -> Self {
        let largest = prices.iter().fold(0.0_f64, |largest, (_, price)| largest.max(price.abs()));
        let mut shift = SHIFT_MAX;
        while shift > 0 && largest * scale(shift) > PRICE_MAX {
            shift -= 1;
        }
        let exact = |(row, price): &(u32, f64)| {
            let bounds = rows.get(*row as usize)?;
            let number = (price * scale(shift)).round() as i64;
            let leans = if number > 0 { bounds.most.is_some() } else { bounds.least.is_some() };
            (leans && number != 0).then_some((*row, number))
        };
        Self { shift, of: prices.iter().filter_map(exact).collect() }
    }

    /// The price of each row by its number.
    pub fn spread(&self, rows: usize) -> Vec<i64> {
        let mut spread = vec![0; rows];
        self.of.iter().for_each(|(row, number)| spread.put(*row as usize, *number));
        spread
    }
}

fn scale(shift: u32) -> f64 {
    (1_u64 << shift.min(63)) as f64
}

/// What may still become of a column.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fate {
    /// It may be taken or not.
    #[default]
    Open,
    /// It is taken.
    In,
    /// It is not taken.
    Out,
}

/// A bound with what each column earns, all times 2^shift.
#[derive(Debug, Clone, Default)]
pub struct Bound {
    /// No choice is worth more; `None` if there is no choice at all.
    pub total: Option<i128>,
    /// What each column that is not out earns beyond what it pays.
    pub earns: Vec<i128>,
    /// Of each group: the best open earning (not below nothing), its column, and the second best.
    best: Vec<(i128, u32, i128)>,
    /// Of each group: whether a column is taken already.
    is_used: Vec<bool>,
}

impl Bound {
    /// The bound under given fates. `with_scores` is false for a proof that nothing obeys the rows: then scores
    /// count nothing, and a total below nothing is the proof. `None` where a number is too large.
    pub fn of(model: &Model, prices: &Prices, fates: &[Fate], with_scores: bool) -> Option<Self> {
        let spread = prices.spread(model.rows.len());
        let mut total = 0_i128;
        for (row, number) in &prices.of {
            let bounds = model.rows.get(*row as usize)?;
            let side = if *number > 0 { bounds.most? } else { bounds.least? };
            total = total.checked_add(i128::from(*number) * i128::from(side))?;
        }
        let mut bound = Self {
            total: Some(total),
            earns: Vec::with_capacity(model.columns()),
            best: vec![(0, NONE, 0); model.groups.len()],
            is_used: vec![false; model.groups.len()],
        };
        for (column, score) in model.score.iter().enumerate() {
            if fates.at(column) == Fate::Out {
                bound.earns.push(0);
                continue;
            }
            let mut earns = if with_scores { i128::from(*score) << prices.shift } else { 0 };
            for (row, coef) in model.column(column) {
                // A product of two numbers of 64 bits fits; only sums could not.
                earns = earns.checked_sub(i128::from(spread.at(*row as usize)) * i128::from(*coef))?;
            }
            bound.earns.push(earns);
            bound.take(model.group.at(column), column, fates.at(column))?;
        }
        for (best, is_used) in bound.best.iter().zip(&bound.is_used) {
            if !is_used {
                bound.total = bound.total.and_then(|total| total.checked_add(best.0));
            }
        }
        Some(bound)
    }

    fn take(&mut self, group: u32, column: usize, fate: Fate) -> Option<()> {
        let earns = self.earns.at(column);
        if fate == Fate::In {
            if group != NONE && std::mem::replace(self.is_used.get_mut(group as usize)?, true) {
                self.total = None;
            }
            self.add(earns)
        } else if fate == Fate::Open && group == NONE {
            self.add(earns.max(0))
        } else if fate == Fate::Open {
            let best = self.best.get_mut(group as usize)?;
            if earns > best.0 {
                *best = (earns, column as u32, best.0);
            } else {
                best.2 = best.2.max(earns);
            }
            Some(())
        } else {
            Some(())
        }
    }

    fn add(&mut self, more: i128) -> Option<()> {
        if let Some(total) = &mut self.total {
            *total = total.checked_add(more)?;
        }
        Some(())
    }

    /// The bound if an open column were taken, and if it were not. `None`: there would be no choice.
    pub fn forced(&self, model: &Model, column: usize) -> (Option<i128>, Option<i128>) {
        let (Some(total), earns, group) = (self.total, self.earns.at(column), model.group.at(column)) else {
            return (None, None);
        };
        if group == NONE {
            return (Some(total + earns.min(0)), Some(total - earns.max(0)));
        }
        if self.is_used.at(group as usize) {
            return (None, Some(total));
        }
        let (best, who, second) = self.best.at(group as usize);
        let without = if who as usize == column { total - best + second } else { total };
        (Some(total - best + earns), Some(without))
    }

    /// The price of everything in points, rounded down: no choice is worth more.
    pub fn points(&self, shift: u32) -> Option<i64> {
        self.total.and_then(|total| i64::try_from(total >> shift).ok())
    }
}

/// What is decided by prices alone: a choice worth at least `target` points has these fates. `None` if there
/// can be no such choice.
pub fn decide(model: &Model, prices: &Prices, fates: &[Fate], target: i64) -> Option<Vec<Fate>> {
    let Some(bound) = Bound::of(model, prices, fates, true) else { return Some(fates.to_vec()) };
    let target = i128::from(target) << prices.shift;
    let reaches = |total: Option<i128>| total.is_some_and(|total| total >= target);
    if !reaches(bound.total) {
        return None;
    }
    let mut decided = fates.to_vec();
    decided.resize(model.columns(), Fate::Open);
    for (column, fate) in decided.iter_mut().enumerate().filter(|(_, fate)| **fate == Fate::Open) {
        let (with, without) = bound.forced(model, column);
        match (reaches(with), reaches(without)) {
            (true, true) => {}
            (true, false) => *fate = Fate::In,
            (false, true) => *fate = Fate::Out,
            (false, false) => return None,
        }
    }
    // Where one of a group is taken, the others are not.
    for members in &model.groups {
        if members.iter().any(|column| decided.at(*column as usize) == Fate::In) {
            for column in members {
                if decided.at(*column as usize) == Fate::Open {
                    decided.put(*column as usize, Fate::Out);
                }
            }
        }
    }
    Some(decided)
}
