//! Relax: prices for a whole question, from its linear relaxation.
//!
//! Rows of a few columns and groups are left out at first: of each group only the column that earns most takes
//! part, and is changed when another earns more; a group whose columns contend becomes a row. So the
//! basis stays as small as the number of wide rows, however many groups there are.

use super::bound::{Fate, Prices};
use super::cuts::Source;
use super::model::{Draft, Model, NONE};
use super::places::Places;
use super::simplex::{End, Simplex};

/// Rounds of letting in what was left out.
const ROUNDS_MAX: usize = 60;
/// After so many changes of its column a group becomes a row.
const CHANGES_MAX: u32 = 2;
/// Rows of at most so many columns wait until they are broken.
const NARROW: usize = 4;
/// Pivots of one run.
const PIVOTS_MAX: usize = 20_000;
/// How far a waiting row may be missed.
const MISS: f64 = 1e-7;

/// The relaxation of a question.
#[derive(Debug, Clone)]
pub struct Relaxed {
    /// The prices of the rows; where nothing obeys the rows, why.
    pub prices: Prices,
    /// Nothing obeys the rows, as far as floating point can say.
    pub is_empty: bool,
}

/// Solves the relaxation under given fates.
pub fn relax(model: &Model, fates: &[Fate]) -> Relaxed {
    Relaxation::new(model, fates).relaxed()
}

/// A relaxation where it stands; rows may be added to it.
pub struct Relaxation<'a> {
    model: &'a Model,
    fates: &'a [Fate],
    pub(super) lp: Simplex,
    /// The rows of the model and those added since.
    pub(super) source: Source<'a>,
    /// The row behind each row of the programme, or `NONE` and the group.
    pub(super) rows: Vec<(u32, u32)>,
    is_in: Vec<bool>,
    /// The column that stands for each group, and how often that changed.
    stands: Vec<(u32, u32)>,
    is_open: Vec<bool>,
}

impl<'a> Relaxation<'a> {
    /// A relaxation with the wide rows in it.
    pub fn new(model: &'a Model, fates: &'a [Fate]) -> Self {
        let profit = (0..model.columns()).map(|column| nudged(model.score.at(column), column)).collect();
        let mut this = Self {
            model,
            fates,
            lp: Simplex::new(profit, &[]),
            source: Source::of(model),
            rows: Vec::new(),
            is_in: vec![false; model.rows.len()],
            stands: vec![(NONE, 0); model.groups.len()],
            is_open: vec![false; model.groups.len()],
        };
        this.narrow_groups();
        let wide = |row: &usize| this.source.row(*row).1.len() > NARROW;
        let wide: Vec<usize> = (0..model.rows.len()).filter(wide).collect();
        this.let_in(&wide, &[]);
        this
    }

    /// At first the column with the most score for its weight stands for a group.
    fn narrow_groups(&mut self) {
        for column in 0..self.model.columns() {
            let (low, high) = limits(self.fates.at(column));
            self.lp.limit(column, low, high);
        }
        for (number, members) in self.model.groups.iter().enumerate() {
            let open =
                || members.iter().copied().filter(|column| self.fates.at(*column as usize) != Fate::Out);
            if open().any(|column| self.fates.at(column as usize) == Fate::In) {
                self.is_open.put(number, true);
                continue;
            }
            let best = open().max_by_key(|column| self.model.score.at(*column as usize)).unwrap_or(NONE);
            self.stands.put(number, (best, 0));
            for column in open().filter(|column| *column != best) {
                self.lp.limit(column as usize, 0.0, 0.0);
            }
        }
    }

    fn let_in(&mut self, rows: &[usize], groups: &[usize]) {
        let mut added = Vec::new();
        for row in rows {
            let (bounds, terms) = self.source.row(*row);
            let terms = terms.iter().map(|(column, coef)| (*column, *coef as f64));
            let least = bounds.least.map_or(f64::NEG_INFINITY, |least| least as f64);
            let most = bounds.most.map_or(f64::INFINITY, |most| most as f64);
            added.push((terms.collect::<Vec<_>>(), least, most));
            self.rows.push((*row as u32, NONE));
            self.is_in.put(*row, true);
        }
        for group in groups {
            self.is_open.put(*group, true);
            let members = self.model.groups.get(*group).map(Vec::as_slice).unwrap_or_default();
            for column in members {
                let (low, high) = limits(self.fates.at(*column as usize));
                self.lp.limit(*column as usize, low, high);
            }
            added.push((members.iter().map(|column| (*column, 1.0)).collect(), f64::NEG_INFINITY, 1.0));
            self.rows.push((NONE, *group as u32));
        }
        self.lp.add_rows(&added);
    }

    /// Goes to the best x; whether there is none.
    pub fn run(&mut self) -> bool {
        let mut is_empty = false;
        for _ in 0..ROUNDS_MAX {
            let end = self.lp.run(PIVOTS_MAX, f64::NEG_INFINITY);
            is_empty = end == End::Empty;
            if end == End::Lost {
                break;
            }
            let more = if is_empty { self.all_that_wait() } else { self.look_round() };
            if !more {
                break;
            }
        }
        is_empty
    }

    fn relaxed(mut self) -> Relaxed {
        let is_empty = self.run();
        let prices = if is_empty { self.lp.ray() } else { self.lp.prices() };
        Relaxed { prices: Prices::nearest(self.source.rows(), &self.of_rows(prices)), is_empty }
    }

    /// The prices of rows, without those of groups.
    pub fn of_rows(&self, prices: Vec<f64>) -> Vec<(u32, f64)> {
        let rows = self.rows.iter().map(|(row, _)| *row);
        rows.zip(prices).filter(|(row, _)| *row != NONE).collect()
    }

    /// Adds rows behind all others.
    pub fn add(&mut self, drafts: Vec<Draft>) {
        let from = self.source.count();
        drafts.into_iter().for_each(|draft| self.source.push(draft));
        let added: Vec<usize> = (from..self.source.count()).collect();
        self.is_in.resize(self.source.count(), false);
        self.let_in(&added, &[]);
    }

    /// Before nothing is said to obey the rows, everything takes part.
    fn all_that_wait(&mut self) -> bool {
        let rows: Vec<usize> = (0..self.source.count()).filter(|row| !self.is_in.at(*row)).collect();
        let groups: Vec<usize> =
            (0..self.model.groups.len()).filter(|group| !self.is_open.at(*group)).collect();
        // Rows that wait can only make it worse; groups had columns left out.
        let is_more = !groups.is_empty();
        if is_more {
            self.let_in(&rows, &groups);
        }
        is_more
    }

    /// Lets in rows that are broken and groups whose columns contend.
    fn look_round(&mut self) -> bool {
        self.lp.settle();
        let broken: Vec<usize> = (0..self.source.count()).filter(|row| self.is_broken(*row)).collect();
        let (mut opened, mut is_changed) = (Vec::new(), false);
        for (number, members) in
            self.model.groups.iter().enumerate().filter(|(group, _)| !self.is_open.at(*group))
        {
            let (stands, changes) = self.stands.at(number);
            let earns = |column: u32| self.lp.reduced(column as usize);
            let open = members.iter().copied().filter(|column| self.fates.at(*column as usize) == Fate::Open);
            let Some(best) = open.max_by(|a, b| earns(*a).total_cmp(&earns(*b))) else { continue };
            let (old, new) = (earns(stands).max(0.0), earns(best));
            if best == stands || new <= old + 1e-9 * old.abs().max(1.0) {
                continue;
            }
            if changes >= CHANGES_MAX || self.lp.value(stands as usize) % 1.0 != 0.0 {
                opened.push(number);
                continue;
            }
            self.stands.put(number, (best, changes + 1));
            self.lp.limit(stands as usize, 0.0, 0.0);
            self.lp.limit(best as usize, 0.0, 1.0);
            is_changed = true;
        }
        is_changed |= !broken.is_empty() || !opened.is_empty();
        if is_changed {
            self.let_in(&broken, &opened);
        }
        is_changed
    }

    fn is_broken(&self, row: usize) -> bool {
        if self.is_in.at(row) {
            return false;
        }
        let (bounds, terms) = self.source.row(row);
        let sum: f64 =
            terms.iter().map(|(column, coef)| *coef as f64 * self.lp.value(*column as usize)).sum();
        bounds.most.is_some_and(|most| sum > most as f64 + MISS)
            || bounds.least.is_some_and(|least| sum < least as f64 - MISS)
    }
}

fn limits(fate: Fate) -> (f64, f64) {
    match fate {
        Fate::Open => (0.0, 1.0),
        Fate::In => (1.0, 1.0),
        Fate::Out => (0.0, 0.0),
    }
}

/// A score with a grain of difference, so that equal ones do not send the method in circles. The grain is the
/// same on every machine and too small to change a bound by a point.
pub fn nudged(score: i64, column: usize) -> f64 {
    let grain = (column as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 40;
    score as f64 + grain as f64 / f64::from(1_u32 << 24) * 1e-4
}
