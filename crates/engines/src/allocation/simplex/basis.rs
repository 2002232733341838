//! Basis: its inverse, and the values and reduced costs that follow from it.

use super::inverse::invert;
use super::{Simplex, Stand, dot};
use crate::allocation::places::{Places, add};

impl Simplex {
    /// Makes room in the inverse for rows whose logical variables are basic.
    pub(super) fn widen(&mut self, old: usize) {
        let new = self.rows();
        let mut inverse = vec![0.0; new * new];
        for (to, from) in inverse.chunks_mut(new.max(1)).zip(self.inverse.chunks(old.max(1))) {
            to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
        }
        // A new row reads A·x − z = 0, so its line of the inverse is (A_basic · inverse, −1).
        for place in 0..old {
            let variable = self.head.at(place) as usize;
            for (row, coef) in
                self.column(variable).to_vec().into_iter().filter(|(row, _)| *row as usize >= old)
            {
                for k in 0..old {
                    add(&mut inverse, row as usize * new + k, coef * self.inverse.at(place * old + k));
                }
            }
        }
        for row in old..new {
            inverse.put(row * new + row, -1.0);
        }
        self.inverse = inverse;
        self.length = self.inverse.chunks(new.max(1)).map(|line| line.iter().map(|v| v * v).sum()).collect();
    }

    /// Makes the basis fit bounds that have changed: reduced costs anew, each variable outside the basis at the
    /// bound its reduced cost wants, the basic ones computed from them.
    pub fn settle(&mut self) {
        let prices = self.raw_prices();
        for column in 0..self.columns + self.rows() {
            if let Stand::Basic(_) = self.stand.at(column) {
                self.reduced.put(column, 0.0);
                continue;
            }
            let reduced = match column.checked_sub(self.columns) {
                Some(row) => prices.at(row),
                None => {
                    let paid = self.column(column).iter().map(|(row, coef)| prices.at(*row as usize) * coef);
                    self.profit.at(column) - paid.sum::<f64>()
                }
            };
            self.reduced.put(column, reduced);
            let (low, high) = (self.low.at(column), self.high.at(column));
            let is_high = if reduced == 0.0 { self.stand.at(column) == Stand::High } else { reduced > 0.0 };
            let is_high = (is_high && high.is_finite()) || low.is_infinite();
            self.stand.put(column, if is_high { Stand::High } else { Stand::Low });
            self.value.put(column, if is_high { high } else { low });
        }
        self.place_basics();
    }

    /// Moves the basic variables after the others' sums in the rows have changed by these.
    pub(super) fn move_basics(&mut self, sums: &[f64]) {
        for place in 0..self.rows() {
            let variable = self.head.at(place) as usize;
            let change = dot(self.line(place), sums);
            add(&mut self.value, variable, -change);
        }
    }

    /// Computes the basic variables from all others.
    fn place_basics(&mut self) {
        let mut sums = vec![0.0; self.rows()];
        for column in 0..self.columns {
            let value = self.value.at(column);
            if value == 0.0 || matches!(self.stand.at(column), Stand::Basic(_)) {
                continue;
            }
            for (row, coef) in self.column(column) {
                add(&mut sums, *row as usize, coef * value);
            }
        }
        for row in 0..self.rows() {
            let logical = self.columns + row;
            if !matches!(self.stand.at(logical), Stand::Basic(_)) {
                add(&mut sums, row, -self.value.at(logical));
            }
        }
        for place in 0..self.rows() {
            let value = -dot(self.line(place), &sums);
            self.value.put(self.head.at(place) as usize, value);
        }
    }

    /// Makes the inverse anew from the basis; a basis that has none gives way to the one of the rows.
    pub fn refresh(&mut self) {
        let rows = self.rows();
        let mut matrix = vec![0.0; rows * rows];
        for (place, variable) in self.head.iter().enumerate() {
            let variable = *variable as usize;
            match variable.checked_sub(self.columns) {
                Some(row) => matrix.put(row * rows + place, -1.0),
                None => self
                    .column(variable)
                    .iter()
                    .for_each(|(row, coef)| matrix.put(*row as usize * rows + place, *coef)),
            }
        }
        self.inverse = invert(matrix, rows).unwrap_or_else(|| self.plain_basis());
        self.length = self.inverse.chunks(rows.max(1)).map(|line| dot(line, line)).collect();
        self.since_fresh = 0;
        self.settle();
    }

    fn plain_basis(&mut self) -> Vec<f64> {
        let rows = self.rows();
        self.stand.fill(Stand::Low);
        let mut inverse = vec![0.0; rows * rows];
        for row in 0..rows {
            self.stand.put(self.columns + row, Stand::Basic(row as u32));
            self.head.put(row, (self.columns + row) as u32);
            inverse.put(row * rows + row, -1.0);
        }
        inverse
    }
}
