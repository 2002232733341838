//! Simplex: the linear relaxation, by the dual simplex method with bound flipping (Maros 2003) over few rows.
//!
//! Maximises profit·x under least ≤ A·x ≤ most and 0 ≤ x ≤ 1. Each row has a logical variable z = A·x behind
//! the columns. All columns are boxed, so every basis can be made dual feasible and any change of bounds is
//! answered from where the last one ended. Floating point is used for guidance alone: what is claimed from
//! here is proved by [`super::bound`] in whole numbers.

mod basis;
mod inverse;
mod pivot;

use std::cmp::Reverse;

use super::places::{Places, add};

/// A row: coefficients by column, at least, at most (infinite where there is no bound).
pub type Line = (Vec<(u32, f64)>, f64, f64);

/// Where a variable stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
enum Stand {
    #[default]
    Low,
    High,
    /// In the basis, at this place.
    Basic(u32),
}

/// How a run ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum End {
    /// The best is found.
    Best,
    /// No x obeys the rows; [`Simplex::ray`] says why.
    Empty,
    /// The objective has fallen below what was asked for.
    Low,
    /// Too many steps, or the numbers are bad.
    Lost,
}

/// A linear programme and the basis where it stands.
#[derive(Debug, Clone, Default)]
pub struct Simplex {
    columns: usize,
    start: Vec<u32>,
    entry: Vec<(u32, f64)>,
    profit: Vec<f64>,
    /// Bounds of columns, then of rows.
    low: Vec<f64>,
    high: Vec<f64>,
    /// Each row's coefficients were multiplied by this.
    scale: Vec<f64>,
    stand: Vec<Stand>,
    head: Vec<u32>,
    /// The inverse of the basis, row by row.
    inverse: Vec<f64>,
    /// The square of the length of each of its rows.
    length: Vec<f64>,
    value: Vec<f64>,
    reduced: Vec<f64>,
    alpha: Vec<f64>,
    ray: Vec<f64>,
    since_fresh: usize,
    /// Pivots since the beginning.
    pub pivots: u64,
}

impl Simplex {
    /// A programme without rows. `profit` is what each column brings; `entries` its coefficients in rows that
    /// are added afterwards, with `scale` the factor of each row and `bounds` its limits.
    pub fn new(profit: Vec<f64>, rows: &[Line]) -> Self {
        let columns = profit.len();
        let mut lp = Self { columns, profit, ..Self::default() };
        lp.low = vec![0.0; columns];
        lp.high = vec![1.0; columns];
        lp.stand = vec![Stand::Low; columns];
        lp.value = vec![0.0; columns];
        lp.reduced = lp.profit.clone();
        lp.start = vec![0; columns + 1];
        lp.add_rows(rows);
        lp
    }

    fn rows(&self) -> usize {
        self.head.len()
    }

    /// Adds rows: coefficients by column, at least, at most (infinite where there is no bound).
    pub fn add_rows(&mut self, rows: &[Line]) {
        let old = self.rows();
        let mut added: Vec<Vec<(u32, f64)>> = vec![Vec::new(); self.columns];
        for ((terms, least, most), row) in rows.iter().zip(old as u32..) {
            let largest = terms.iter().fold(0.0_f64, |largest, (_, coef)| largest.max(coef.abs()));
            let scale = if largest > 0.0 { 1.0 / largest } else { 1.0 };
            for (column, coef) in terms {
                added.get_mut(*column as usize).into_iter().for_each(|list| list.push((row, coef * scale)));
            }
            self.scale.push(scale);
            self.low.push(least * scale);
            self.high.push(most * scale);
            self.stand.push(Stand::Basic(row));
            self.head.push((self.columns + row as usize) as u32);
            self.value.push(0.0);
            self.reduced.push(0.0);
        }
        let mut entry = Vec::with_capacity(self.entry.len());
        let mut start = vec![0];
        for (column, more) in added.iter().enumerate() {
            entry.extend_from_slice(self.column(column));
            entry.extend_from_slice(more);
            start.push(entry.len() as u32);
        }
        (self.entry, self.start) = (entry, start);
        self.alpha.resize(self.columns + self.rows(), 0.0);
        self.widen(old);
        self.settle();
    }

    #[inline]
    fn column(&self, column: usize) -> &[(u32, f64)] {
        if column >= self.columns {
            return &[];
        }
        let (from, to) = (self.start.at(column) as usize, self.start.at(column + 1) as usize);
        self.entry.get(from..to).unwrap_or_default()
    }

    /// Sets the bounds of a column; [`Simplex::settle`] must follow.
    pub fn limit(&mut self, column: usize, low: f64, high: f64) {
        self.low.put(column, low);
        self.high.put(column, high);
    }

    /// Fixes a column where it stands in the course of a dive: the basis stays, what is basic is computed anew only as far
    /// as it changes.
    pub fn fix(&mut self, column: usize, to: f64) {
        self.limit(column, to, to);
        let change = to - self.value.at(column);
        if matches!(self.stand.at(column), Stand::Basic(_)) || change == 0.0 {
            return;
        }
        self.value.put(column, to);
        let mut sums = vec![0.0; self.rows()];
        self.column(column).iter().for_each(|(row, coef)| add(&mut sums, *row as usize, coef * change));
        self.move_basics(&sums);
    }

    /// The value of a column or row.
    #[inline]
    pub fn value(&self, column: usize) -> f64 {
        self.value.at(column)
    }

    /// What is earned by a unit of a column.
    pub fn reduced(&self, column: usize) -> f64 {
        self.reduced.at(column)
    }

    /// The price of each row, unscaled.
    pub fn prices(&self) -> Vec<f64> {
        self.raw_prices().iter().zip(&self.scale).map(|(price, scale)| price * scale).collect()
    }

    /// Why nothing obeys the rows: prices under which not even the best x pays, unscaled.
    pub fn ray(&self) -> Vec<f64> {
        self.ray.iter().zip(&self.scale).map(|(price, scale)| price * scale).collect()
    }

    fn raw_prices(&self) -> Vec<f64> {
        let mut prices = vec![0.0; self.rows()];
        for (head, line) in self.head.iter().zip(self.inverse.chunks(self.rows().max(1))) {
            let profit = self.profit.at(*head as usize);
            if profit != 0.0 && (*head as usize) < self.columns {
                prices.iter_mut().zip(line).for_each(|(price, part)| *price += profit * part);
            }
        }
        prices
    }

    /// What the rows of the programme are multiplied by to stand for a basic column alone; nothing for another.
    pub fn mix(&self, column: usize) -> Vec<f64> {
        let Stand::Basic(place) = self.stand.at(column) else { return Vec::new() };
        self.line(place as usize).iter().zip(&self.scale).map(|(part, scale)| part * scale).collect()
    }

    /// Whether a row stands at its upper bound, or at its lower one; `None` where it is basic.
    pub fn is_high(&self, row: usize) -> Option<bool> {
        match self.stand.at(self.columns + row) {
            Stand::Basic(_) => None,
            stand => Some(stand == Stand::High),
        }
    }

    /// The objective where the programme stands.
    pub fn objective(&self) -> f64 {
        self.profit.iter().zip(&self.value).map(|(profit, value)| profit * value).sum()
    }

    #[inline]
    fn line(&self, place: usize) -> &[f64] {
        let rows = self.rows();
        self.inverse.get(place * rows..(place + 1) * rows).unwrap_or_default()
    }

    /// How much the objective falls at least if a basic column goes down to 0, and if it goes up to 1: the price of the
    /// first variable that would enter. Quick, for choosing; [`Simplex::push`] sees farther.
    pub fn lean(&mut self, column: usize) -> (f64, f64) {
        let Stand::Basic(place) = self.stand.at(column) else { return (0.0, 0.0) };
        self.pivot_line(place as usize);
        let (mut down, mut up) = (f64::INFINITY, f64::INFINITY);
        for ((alpha, reduced), stand) in self.alpha.iter().zip(&self.reduced).zip(&self.stand) {
            if alpha.abs() < 1e-7 {
                continue;
            }
            let ratio = (reduced / alpha).abs();
            if (*alpha > 0.0) == (*stand == Stand::Low) {
                down = down.min(ratio);
            } else {
                up = up.min(ratio);
            }
        }
        let value = self.value.at(column);
        (down * value, up * (1.0 - value))
    }

    /// How much the objective falls at least if a basic column is pushed down to `to` or up to it: the fall of
    /// the first dual step, and infinite if the push is impossible. Also the step itself.
    pub fn push(&mut self, column: usize, to: f64) -> (f64, f64) {
        let Stand::Basic(place) = self.stand.at(column) else { return (0.0, 0.0) };
        self.pivot_line(place as usize);
        let excess = self.value.at(column) - to;
        let sign = excess.signum();
        let (mut slope, mut fall, mut last) = (excess.abs(), 0.0, 0.0);
        let mut points = self.breakpoints(sign);
        while let Some(Reverse((bits, entering))) = points.pop() {
            let step = f64::from_bits(bits);
            fall += slope * (step - last);
            last = step;
            let entering = entering as usize;
            slope -= self.alpha.at(entering).abs() * (self.high.at(entering) - self.low.at(entering));
            if slope <= 0.0 {
                return (fall, -sign * last);
            }
        }
        (f64::INFINITY, -sign * last)
    }

    /// The prices after a dual step of a basic column's line.
    pub fn prices_after(&self, column: usize, step: f64) -> Vec<f64> {
        let Stand::Basic(place) = self.stand.at(column) else { return self.prices() };
        let moved = self.raw_prices();
        let parts = moved.iter().zip(self.line(place as usize)).zip(&self.scale);
        parts.map(|((price, part), scale)| (price + step * part) * scale).collect()
    }

    /// The direction in which no push of a basic column can be paid.
    pub fn direction(&self, column: usize, to: f64) -> Vec<f64> {
        let Stand::Basic(place) = self.stand.at(column) else { return Vec::new() };
        let sign = (self.value.at(column) - to).signum();
        self.line(place as usize).iter().zip(&self.scale).map(|(part, scale)| -sign * part * scale).collect()
    }
}

/// A sum of products, in four strands so that the machine may take them side by side; the order is fixed.
#[inline]
fn dot(one: &[f64], other: &[f64]) -> f64 {
    one.iter().zip(other).map(|(a, b)| a * b).sum()
}
