//! Pivot: one variable leaves the basis for another, until none is outside its bounds.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use super::{End, Simplex, Stand, dot};
use crate::allocation::places::{Places, add};

/// How far a row may be missed, where its largest coefficient is 1.
const MISS: f64 = 1e-9;
/// Smaller pivots are not trusted.
const PIVOT_MIN: f64 = 1e-7;
/// After so many pivots the inverse is made anew.
const FRESH: usize = 100;

impl Simplex {
    /// Goes to the best x, at most `steps` pivots, or until the objective is surely below `floor`.
    pub fn run(&mut self, steps: usize, floor: f64) -> End {
        let mut objective = self.objective();
        let mut falls_blocked = 0;
        for _ in 0..steps {
            if self.since_fresh >= FRESH {
                self.refresh();
                objective = self.objective();
            }
            let Some((place, excess)) = self.leaving() else { return End::Best };
            if objective < floor {
                return End::Low;
            }
            match self.pivot(place, excess) {
                Some(fall) => objective -= fall,
                None if self.is_ray(place, excess) => return End::Empty,
                None => {
                    falls_blocked += 1;
                    self.refresh();
                    if falls_blocked > 3 {
                        return End::Lost;
                    }
                }
            }
        }
        End::Lost
    }

    fn is_ray(&mut self, place: usize, excess: f64) -> bool {
        if !self.alpha.iter().all(|alpha| alpha.is_finite()) {
            return false;
        }
        let sign = excess.signum();
        self.ray = self.line(place).iter().map(|part| -sign * part).collect();
        true
    }

    /// One pivot; how far the objective fell. `None` if nothing can enter.
    fn pivot(&mut self, place: usize, excess: f64) -> Option<f64> {
        self.pivot_line(place);
        let sign = excess.signum();
        let (mut slope, mut fall, mut last) = (excess.abs(), 0.0, 0.0);
        let mut points = self.breakpoints(sign);
        let mut flips: Vec<u32> = Vec::new();
        let entering = loop {
            let Reverse((bits, column)) = points.pop()?;
            let step = f64::from_bits(bits);
            fall += slope * (step - last);
            last = step;
            let range = self.high.at(column as usize) - self.low.at(column as usize);
            slope -= self.alpha.at(column as usize).abs() * range;
            if slope <= 0.0 || range.is_infinite() {
                break column as usize;
            }
            flips.push(column);
        };
        self.flip(&flips);
        self.exchange(place, entering, -sign * last, sign > 0.0);
        Some(fall)
    }

    fn flip(&mut self, flips: &[u32]) {
        if flips.is_empty() {
            return;
        }
        let mut sums = vec![0.0; self.rows()];
        for column in flips.iter().map(|column| *column as usize) {
            let (low, high) = (self.low.at(column), self.high.at(column));
            let to_high = self.stand.at(column) == Stand::Low;
            let change = if to_high { high - low } else { low - high };
            self.stand.put(column, if to_high { Stand::High } else { Stand::Low });
            self.value.put(column, if to_high { high } else { low });
            match column.checked_sub(self.columns) {
                Some(row) => add(&mut sums, row, -change),
                None => {
                    for (row, coef) in self.column(column) {
                        add(&mut sums, *row as usize, coef * change);
                    }
                }
            }
        }
        self.move_basics(&sums);
    }

    /// Puts a variable into the basis at a place, whose variable leaves to its upper or lower bound.
    fn exchange(&mut self, place: usize, entering: usize, step: f64, to_high: bool) {
        let rows = self.rows();
        let leaving = self.head.at(place) as usize;
        for (reduced, alpha) in self.reduced.iter_mut().zip(&self.alpha) {
            *reduced -= step * alpha;
        }
        self.reduced.put(entering, 0.0);
        self.reduced.put(leaving, -step);
        let own: Vec<(u32, f64)> = match entering.checked_sub(self.columns) {
            Some(row) => vec![(row as u32, -1.0)],
            None => self.column(entering).to_vec(),
        };
        let lines = self.inverse.chunks(rows.max(1));
        let spoke: Vec<f64> =
            lines.map(|line| own.iter().map(|(row, coef)| line.at(*row as usize) * coef).sum()).collect();
        let bound = if to_high { self.high.at(leaving) } else { self.low.at(leaving) };
        let pivot = spoke.at(place);
        let change = (self.value.at(leaving) - bound) / pivot;
        for (head, part) in self.head.iter().zip(&spoke) {
            let variable = *head as usize;
            add(&mut self.value, variable, -change * part);
        }
        self.value.put(leaving, bound);
        add(&mut self.value, entering, change);
        self.stand.put(leaving, if to_high { Stand::High } else { Stand::Low });
        self.stand.put(entering, Stand::Basic(place as u32));
        self.head.put(place, entering as u32);
        let line: Vec<f64> = self.line(place).iter().map(|part| part / pivot).collect();
        for (number, (own, part)) in self.inverse.chunks_mut(rows.max(1)).zip(&spoke).enumerate() {
            if number == place {
                own.copy_from_slice(&line);
            } else if *part != 0.0 {
                own.iter_mut().zip(&line).for_each(|(own, line)| *own -= part * line);
            } else {
                continue;
            }
            self.length.put(number, dot(own, own));
        }
        self.since_fresh += 1;
        self.pivots += 1;
    }

    fn leaving(&self) -> Option<(usize, f64)> {
        let mut best = (0.0, None);
        for place in 0..self.rows() {
            let excess = self.excess(place);
            let weight = excess * excess / self.length.at(place).max(1e-12);
            if weight > best.0 {
                best = (weight, Some((place, excess)));
            }
        }
        best.1
    }

    /// How far a basic variable is outside its bounds: above zero when too large, below when too small.
    fn excess(&self, place: usize) -> f64 {
        let variable = self.head.at(place) as usize;
        let value = self.value.at(variable);
        let (above, below) = (value - self.high.at(variable), self.low.at(variable) - value);
        if above > MISS {
            above
        } else if below > MISS {
            -below
        } else {
            0.0
        }
    }

    /// What a pivot in this line of the basis would change for each variable.
    pub(super) fn pivot_line(&mut self, place: usize) {
        let line = self.line(place).to_vec();
        for column in 0..self.columns {
            let is_out = matches!(self.stand.at(column), Stand::Basic(_))
                || self.low.at(column) == self.high.at(column);
            let alpha = if is_out {
                0.0
            } else {
                self.column(column).iter().map(|(row, coef)| line.at(*row as usize) * coef).sum()
            };
            self.alpha.put(column, alpha);
        }
        for (part, row) in line.iter().zip(0..) {
            let logical = self.columns + row;
            let is_out = matches!(self.stand.at(logical), Stand::Basic(_))
                || self.low.at(logical) == self.high.at(logical);
            self.alpha.put(logical, if is_out { 0.0 } else { -part });
        }
    }

    /// Breakpoints of the dual step, nearest first.
    pub(super) fn breakpoints(&self, sign: f64) -> BinaryHeap<Reverse<(u64, u32)>> {
        let candidate = |(column, alpha): (usize, &f64)| {
            let (alpha, reduced) = (alpha * sign, self.reduced.at(column));
            let may_enter = match self.stand.at(column) {
                Stand::Low => alpha > PIVOT_MIN,
                Stand::High => alpha < -PIVOT_MIN,
                Stand::Basic(_) => false,
            };
            may_enter.then(|| Reverse(((reduced / alpha).abs().to_bits(), column as u32)))
        };
        self.alpha.iter().enumerate().filter_map(candidate).collect::<Vec<_>>().into()
    }
}
