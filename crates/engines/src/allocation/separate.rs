//! Separate: cuts that the relaxation's choice breaks, round by round, until they no longer bring the bound down.
//!
//! Candidates are single rows divided by a coefficient, and the lines of the basis that stand for a fractional
//! column (Gomory 1960), their multipliers rounded. Floating point only says which to try; [`super::cuts`] makes them.

use super::bound::{Fate, Prices};
use super::cuts::{CUTS_MAX, Cut, Side, needed, with_cuts};
use super::model::{Draft, Model, NONE};
use super::places::Places;
use super::relax::Relaxation;

/// Rounds of cuts.
const ROUNDS_MAX: usize = 40;
/// Cuts of one round.
const NEW_MAX: usize = 40;
/// Rounds that may pass without bringing down the bound by a hundredth of the gap.
const IDLE_MAX: usize = 5;
/// Divisors tried at a row.
const DIVISORS_MAX: usize = 24;
/// What the multipliers of a line are counted in.
const GRAINS: [i64; 2] = [1 << 10, 1 << 15];
/// A cut must be broken by this part of its length.
const DEPTH: f64 = 1e-4;
/// Columns whose turning costs at most this part of the gap count for the length of a cut.
const NEAR: f64 = 0.1;
/// Cuts whose cosine is not below this are one too many.
const ALIKE: f64 = 0.9;
/// Farther from a whole number is fractional.
const WHOLE: f64 = 1e-6;

/// A model with cuts, and prices that bound it closer.
#[derive(Debug, Clone)]
pub struct Tight {
    /// The model with the cuts as rows.
    pub model: Model,
    /// How they are made.
    pub cuts: Vec<Cut>,
    /// Prices of all rows.
    pub prices: Prices,
}

/// Brings the bound of a model down by cuts. Only choices worth more than `value` are of interest; `go_on` is asked
/// before each round.
pub fn tighten(model: &Model, fates: &[Fate], value: i64, go_on: &mut dyn FnMut() -> bool) -> Option<Tight> {
    let mut relaxation = Relaxation::new(model, fates);
    let mut cuts: Vec<Cut> = Vec::new();
    let (mut last, mut idle) = (f64::INFINITY, 0);
    for _ in 0..ROUNDS_MAX {
        if relaxation.run() {
            return None;
        }
        let objective = relaxation.lp.objective();
        let gap = objective - value as f64;
        idle = if last - objective > gap * 0.01 { 0 } else { idle + 1 };
        last = last.min(objective);
        if gap < 1.0 || idle > IDLE_MAX || cuts.len() + NEW_MAX > CUTS_MAX || !go_on() {
            break;
        }
        let found = Finder::new(&relaxation, model, gap).find();
        if found.is_empty() {
            break;
        }
        let mut drafts = Vec::new();
        for (_, cut, draft) in found {
            cuts.push(cut);
            drafts.push(draft);
        }
        relaxation.add(drafts);
    }
    if relaxation.run() || cuts.is_empty() {
        return None;
    }
    closed(model, cuts, relaxation.of_rows(relaxation.lp.prices()))
}

/// The model with the cuts that have a price.
fn closed(model: &Model, cuts: Vec<Cut>, mut priced: Vec<(u32, f64)>) -> Option<Tight> {
    priced.retain(|(_, price)| price.abs() > 1e-9);
    let cuts = needed(model.rows.len(), cuts, &mut priced);
    let model = with_cuts(model, &cuts)?;
    let prices = Prices::nearest(&model.rows, &priced);
    Some(Tight { model, cuts, prices })
}

/// Where the relaxation stands, as cuts are looked for from it.
struct Finder<'a> {
    relaxation: &'a Relaxation<'a>,
    model: &'a Model,
    gap: f64,
    is_flipped: Vec<bool>,
    /// Of each row: the columns that may still change, and what the flipped ones sum up to.
    near: Vec<Vec<(u32, i64)>>,
    flips: Vec<i128>,
}

/// How deep a cut is, how it is made, and its row.
type Deep = (f64, Cut, Draft);

impl<'a> Finder<'a> {
    fn new(relaxation: &'a Relaxation<'a>, model: &'a Model, gap: f64) -> Self {
        let columns = 0..model.columns();
        let is_flipped = columns.map(|column| relaxation.lp.value(column) > 0.5).collect();
        let mut this = Self { relaxation, model, gap, is_flipped, near: Vec::new(), flips: Vec::new() };
        for row in 0..relaxation.source.count() {
            let (mut near, mut flips) = (Vec::new(), 0_i128);
            for (column, coef) in relaxation.source.row(row).1 {
                if this.is_flipped.at(*column as usize) {
                    flips += i128::from(*coef);
                }
                if this.is_near(*column as usize) {
                    near.push((*column, *coef));
                }
            }
            this.near.push(near);
            this.flips.push(flips);
        }
        this
    }

    /// Cuts, the deepest first.
    fn find(&self) -> Vec<Deep> {
        let mut tries: Vec<(f64, Cut)> = Vec::new();
        for row in 0..self.relaxation.source.count() {
            let bounds = self.relaxation.source.row(row).0;
            if bounds.most.is_some() {
                tries.extend(self.side_cut(Side::Most(row as u32)));
            }
            if bounds.least.is_some() {
                tries.extend(self.side_cut(Side::Least(row as u32)));
            }
        }
        for column in 0..self.model.columns() {
            let value = self.relaxation.lp.value(column);
            if (value - value.round()).abs() > WHOLE {
                tries.extend(self.line_cut(column));
            }
        }
        tries.sort_by(|a, b| b.0.total_cmp(&a.0));
        tries.truncate(NEW_MAX);
        let mut found: Vec<Deep> = tries.into_iter().filter_map(|(_, cut)| self.made(cut)).collect();
        found.sort_by(|a, b| b.0.total_cmp(&a.0));
        found.dedup_by(|a, b| a.2 == b.2);
        self.apart(found)
    }

    /// Leaves out a cut that points almost the way of a deeper one.
    fn apart(&self, found: Vec<Deep>) -> Vec<Deep> {
        let mut kept: Vec<(Deep, Vec<(u32, f64)>)> = Vec::new();
        for deep in found {
            let terms = deep.2.terms.iter().filter(|(column, _)| self.is_near(*column as usize));
            let mut own: Vec<(u32, f64)> = terms.map(|(column, coef)| (*column, *coef as f64)).collect();
            let length = own.iter().map(|(_, coef)| coef * coef).sum::<f64>().sqrt().max(1e-9);
            own.iter_mut().for_each(|(_, coef)| *coef /= length);
            if kept.iter().all(|(_, other)| alike(&own, other) < ALIKE) {
                kept.push((deep, own));
            }
        }
        kept.into_iter().map(|(deep, _)| deep).collect()
    }

    /// Whether a column may still change in a better choice, as far as the relaxation can say.
    fn is_near(&self, column: usize) -> bool {
        self.relaxation.lp.reduced(column).abs() <= self.gap * NEAR
    }

    /// How deep a row cuts the relaxation's choice off.
    fn depth(&self, draft: &Draft) -> f64 {
        let (mut sum, mut length) = (0.0, 0.0);
        for (column, coef) in &draft.terms {
            let coef = *coef as f64;
            sum += coef * self.relaxation.lp.value(*column as usize);
            if self.is_near(*column as usize) {
                length += coef * coef;
            }
        }
        (sum - draft.row.most.unwrap_or(i64::MAX) as f64) / f64::sqrt(length).max(1e-9)
    }

    fn made(&self, mut cut: Cut) -> Option<Deep> {
        let mut is_there = vec![false; self.model.columns()];
        for (side, _) in &cut.of {
            match side {
                Side::Most(row) | Side::Least(row) => {
                    let terms = self.relaxation.source.row(*row as usize).1;
                    terms.iter().for_each(|(column, _)| is_there.put(*column as usize, true));
                }
                Side::Group(group) => {
                    let members = self.model.groups.get(*group as usize)?;
                    members.iter().for_each(|column| is_there.put(*column as usize, true));
                }
            }
        }
        let mut is_flipped = self.is_flipped.clone();
        for column in &cut.flipped {
            let was = is_flipped.at(*column as usize);
            is_flipped.put(*column as usize, !was);
        }
        let flipped = |column: &u32| is_there.at(*column as usize) && is_flipped.at(*column as usize);
        cut.flipped = (0..self.model.columns() as u32).filter(flipped).collect();
        let draft = self.relaxation.source.make(&cut)?;
        let depth = self.depth(&draft);
        (depth > DEPTH).then_some((depth, cut, draft))
    }

    /// The best cut from one row; as flipped it names what is counted otherwise than from where it stands.
    fn side_cut(&self, side: Side) -> Option<(f64, Cut)> {
        let mut single = self.sum(&[(side, 1)])?;
        let largest = single.near.iter().map(|(_, coef, _)| coef.abs()).max()? as f64;
        let spare =
            single.rest as f64 - single.near.iter().map(|(_, coef, value)| *coef as f64 * value).sum::<f64>();
        // A row with room to spare cuts nothing off.
        if spare > largest * 1e-3 {
            return None;
        }
        let divisor = single.best()?.0;
        let (flipped, divisor) = single.turn_round(divisor);
        Some((single.depth(divisor), Cut { of: vec![(side, 1)], flipped, divisor }))
    }

    /// The best cut from the line of the basis that stands for a column.
    fn line_cut(&self, column: usize) -> Option<(f64, Cut)> {
        let mix = self.relaxation.lp.mix(column);
        let mut best: Option<(f64, Cut)> = None;
        for grain in GRAINS {
            let mut of = Vec::new();
            for ((part, (row, group)), number) in mix.iter().zip(&self.relaxation.rows).zip(0..) {
                let by = (part * grain as f64).round() as i64;
                let Some(is_high) = self.relaxation.lp.is_high(number).filter(|_| by != 0) else { continue };
                of.push(match *row {
                    NONE => (Side::Group(*group), by),
                    row if is_high => (Side::Most(row), by),
                    row => (Side::Least(row), -by),
                });
            }
            let Some(depth) = self.sum(&of).map(|single| single.depth(grain)) else { continue };
            if depth > best.as_ref().map_or(DEPTH, |best| best.0) {
                best = Some((depth, Cut { of, flipped: Vec::new(), divisor: grain }));
            }
        }
        best
    }

    /// A sum of sides, counted from where the columns stand.
    fn sum(&self, of: &[(Side, i64)]) -> Option<Single> {
        let mut sums = vec![0_i64; self.model.columns()];
        let mut seen = Vec::new();
        let mut rest = 0_i128;
        let mut put = |column: u32, coef: i64| {
            if sums.at(column as usize) == 0 {
                seen.push(column);
            }
            let sum = sums.at(column as usize).saturating_add(coef);
            sums.put(column as usize, sum);
        };
        for (side, by) in of {
            match side {
                Side::Most(row) | Side::Least(row) => {
                    let row = *row as usize;
                    let bounds = self.relaxation.source.row(row).0;
                    let is_most = matches!(side, Side::Most(_));
                    let (sign, bound) = if is_most { (1, bounds.most?) } else { (-1, bounds.least?) };
                    let by = by.saturating_mul(sign);
                    rest += i128::from(by) * (i128::from(bound) - self.flips.at(row));
                    for (column, coef) in self.near.get(row)? {
                        put(*column, by.saturating_mul(*coef));
                    }
                }
                Side::Group(group) => {
                    let members = self.model.groups.get(*group as usize)?;
                    let flips = members.iter().filter(|column| self.is_flipped.at(**column as usize)).count();
                    rest += i128::from(*by) * (1 - flips as i128);
                    let near = members.iter().filter(|column| self.is_near(**column as usize));
                    near.for_each(|column| put(*column, *by));
                }
            }
        }
        seen.sort_unstable();
        seen.dedup();
        let stands = |column: u32| {
            let (coef, value) = (sums.at(column as usize), self.relaxation.lp.value(column as usize));
            let is_flipped = self.is_flipped.at(column as usize);
            if is_flipped { (column, -coef, 1.0 - value) } else { (column, coef, value) }
        };
        let mut near: Vec<(u32, i64, f64)> = seen.into_iter().map(stands).collect();
        near.sort_by_key(|(column, _, value)| (*value <= WHOLE, *column));
        let broken = near.iter().filter(|(_, _, value)| *value > WHOLE).count();
        Some(Single { near, broken, rest })
    }
}

/// A sum of rows, counted from where its columns stand: columns that may change with coefficient and value, the
/// fractional ones first.
struct Single {
    near: Vec<(u32, i64, f64)>,
    broken: usize,
    rest: i128,
}

impl Single {
    /// How deep the row would cut if it were divided so.
    fn depth(&self, divisor: i64) -> f64 {
        let whole = i128::from(divisor);
        let rest = self.rest.rem_euclid(whole) as i64;
        if rest == 0 {
            return 0.0;
        }
        let share = (divisor - rest) as f64;
        let rounded = |coef: i64| {
            coef.div_euclid(divisor) as f64 * share + (coef.rem_euclid(divisor) - rest).max(0) as f64
        };
        let broken = self.near.iter().take(self.broken);
        let sum: f64 = broken.map(|(_, coef, value)| rounded(*coef) * value).sum();
        let over = sum - self.rest.div_euclid(whole) as f64 * share;
        if over <= 0.0 {
            return 0.0;
        }
        let length: f64 = self.near.iter().map(|(_, coef, _)| rounded(*coef).powi(2)).sum();
        over / length.sqrt().max(1e-9)
    }

    fn best(&self) -> Option<(i64, f64)> {
        let mut divisors: Vec<i64> = Vec::new();
        for (_, coef, _) in self.near.iter().take(self.broken) {
            let coef = coef.abs();
            divisors.extend([coef, coef + 1, coef - 1, coef / 2, coef / 3, coef / 4, coef / 8]);
        }
        let mut by_size: Vec<i64> = self.near.iter().map(|(_, coef, _)| coef.abs()).collect();
        by_size.sort_unstable();
        by_size.dedup();
        let stride = by_size.len() / DIVISORS_MAX + 1;
        divisors.extend(by_size.into_iter().step_by(stride));
        divisors.retain(|divisor| *divisor > 1);
        divisors.sort_unstable();
        divisors.dedup();
        let tried = divisors.into_iter().map(|divisor| (divisor, self.depth(divisor)));
        tried.max_by(|a, b| a.1.total_cmp(&b.1)).filter(|(_, depth)| *depth > 0.0)
    }

    /// Turns round the fractional columns that are better counted from their other end; which, and the divisor that is
    /// best then.
    fn turn_round(&mut self, divisor: i64) -> (Vec<u32>, i64) {
        let mut turned = Vec::new();
        let mut depth = self.depth(divisor);
        for place in 0..self.broken {
            let Some((column, coef, value)) = self.near.get(place).copied() else { continue };
            self.turn(place, (column, -coef, 1.0 - value));
            let new = self.depth(divisor);
            if new > depth {
                depth = new;
                turned.push(column);
            } else {
                self.turn(place, (column, coef, value));
            }
        }
        let better = self.best().filter(|(_, new)| *new > depth);
        (turned, better.map_or(divisor, |(divisor, _)| divisor))
    }

    fn turn(&mut self, place: usize, to: (u32, i64, f64)) {
        if let Some(slot) = self.near.get_mut(place) {
            // The column z becomes 1 − z: its coefficient turns its sign and is added to the bound.
            self.rest += i128::from(to.1);
            *slot = to;
        }
    }
}

/// The product of two lists of columns in order.
fn alike(one: &[(u32, f64)], other: &[(u32, f64)]) -> f64 {
    let (mut sum, mut rest) = (0.0, other.iter().peekable());
    for (column, coef) in one {
        while rest.next_if(|(own, _)| own < column).is_some() {}
        if let Some((_, own)) = rest.next_if(|(own, _)| own == column) {
            sum += coef * own;
        }
    }
    sum
}
