//! Cuts: rows that every whole choice obeys and fractions do not, made from rows by rounding (Marchand and Wolsey 2001).
//!
//! Rows with their slacks, each times a whole number, add up to one equation. Divided by a number and rounded down in
//! the way of mixed whole numbers it is a row again. What was multiplied, which columns were counted from above and what
//! was divided by is all that a certificate has to say: the row is made again from it in whole numbers.
//! Always: a choice that obeys the rows and groups of a model obeys each of its cuts.

use super::model::{Draft, Model, Row};
use super::places::Places;

/// Cuts of one proof.
pub const CUTS_MAX: usize = 400;
/// Sides that one cut is made from.
const SIDES_MAX: usize = 2_000;

/// One side of a rule, whose slack is a whole number not below nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub enum Side {
    /// A row of the model, or of a cut before this one, is at most its bound.
    Most(u32),
    /// A row is at least its bound.
    Least(u32),
    /// Of a group at most one is taken.
    Group(u32),
}

/// How a cut is made.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
pub struct Cut {
    /// Sides and what each is multiplied by.
    pub of: Vec<(Side, i64)>,
    /// Columns that are counted by what is missing to one.
    pub flipped: Vec<u32>,
    /// What the sum is divided by; above nothing.
    pub divisor: i64,
}

/// The terms of rows, column by column, as cuts are made from them.
#[derive(Debug, Clone)]
pub struct Source<'a> {
    model: &'a Model,
    terms: Vec<Vec<(u32, i64)>>,
    rows: Vec<Row>,
}

impl<'a> Source<'a> {
    /// The rows of a model.
    pub fn of(model: &'a Model) -> Self {
        Self { model, terms: model.by_row(), rows: model.rows.clone() }
    }

    /// How many rows there are, cuts among them.
    pub fn count(&self) -> usize {
        self.rows.len()
    }

    /// The bounds of all rows.
    pub fn rows(&self) -> &[Row] {
        &self.rows
    }

    /// The bounds and terms of a row.
    pub fn row(&self, row: usize) -> (Row, &[(u32, i64)]) {
        let bounds = self.rows.get(row).copied().unwrap_or_default();
        (bounds, self.terms.get(row).map(Vec::as_slice).unwrap_or_default())
    }

    /// Adds a cut as a row behind all others.
    pub fn push(&mut self, draft: Draft) {
        self.rows.push(draft.row);
        self.terms.push(draft.terms);
    }

    /// The model with all cuts as rows.
    pub fn model(self) -> Model {
        let drafts = self.rows.into_iter().zip(self.terms).map(|(row, terms)| Draft { row, terms });
        let mut model = Model::exactly(self.model.score.clone(), self.model.groups.clone(), drafts.collect());
        let divisors = self.model.divisors.iter().chain(std::iter::repeat(&1));
        model.divisors = divisors.take(model.rows.len()).copied().collect();
        model
    }

    /// Adds a side to a sum over columns, as often as `by` says; the bound of the side.
    fn add_side(&self, side: Side, by: i128, sum: &mut [i128]) -> Option<i128> {
        let mut put = |column: u32, coef: i128| -> Option<()> {
            let slot = sum.get_mut(column as usize)?;
            *slot = slot.checked_add(by.checked_mul(coef)?)?;
            Some(())
        };
        match side {
            Side::Most(row) | Side::Least(row) => {
                let (bounds, terms) = (self.rows.get(row as usize)?, self.terms.get(row as usize)?);
                let is_most = side == Side::Most(row);
                for (column, coef) in terms {
                    put(*column, if is_most { i128::from(*coef) } else { -i128::from(*coef) })?;
                }
                if is_most {
                    bounds.most.map(i128::from)
                } else {
                    bounds.least.map(|least| -i128::from(least))
                }
            }
            Side::Group(group) => {
                for column in self.model.groups.get(group as usize)? {
                    put(*column, 1)?;
                }
                Some(1)
            }
        }
    }

    /// Makes the row of a cut; `None` if it cannot be made or says nothing.
    pub fn make(&self, cut: &Cut) -> Option<Draft> {
        let is_long = cut.of.len() > SIDES_MAX || cut.flipped.len() > self.model.columns();
        if cut.divisor < 2 || is_long {
            return None;
        }
        let mut sum = vec![0_i128; self.model.columns()];
        let mut bound = 0_i128;
        for (side, by) in &cut.of {
            let own = self.add_side(*side, i128::from(*by), &mut sum)?;
            bound = bound.checked_add(i128::from(*by).checked_mul(own)?)?;
        }
        let mut is_flipped = vec![false; sum.len()];
        for column in &cut.flipped {
            is_flipped.put(*column as usize, true);
        }
        for (coef, is_flipped) in sum.iter_mut().zip(&is_flipped) {
            if *is_flipped {
                bound = bound.checked_sub(*coef)?;
                *coef = -*coef;
            }
        }
        let rounding = Rounding::of(i128::from(cut.divisor), bound)?;
        let mut most = rounding.of_bound(bound)?;
        for (coef, is_flipped) in sum.iter_mut().zip(&is_flipped) {
            *coef = rounding.of_coef(*coef)?;
            if *is_flipped {
                most = most.checked_sub(*coef)?;
                *coef = -*coef;
            }
        }
        // The slacks go out again: each is the bound of its side less the side.
        for (side, by) in &cut.of {
            let slack = rounding.of_coef(i128::from(*by))?;
            if slack != 0 {
                let own = self.add_side(*side, -slack, &mut sum)?;
                most = most.checked_sub(slack.checked_mul(own)?)?;
            }
        }
        let mut terms = Vec::new();
        for (coef, column) in sum.into_iter().zip(0..).filter(|(coef, _)| *coef != 0) {
            terms.push((column, i64::try_from(coef).ok().filter(|coef| coef.abs() < COEF_MAX)?));
        }
        let most = i64::try_from(most).ok()?;
        let draft = Draft { row: Row { least: None, most: Some(most) }, terms };
        (!draft.terms.is_empty()).then(|| draft.reduced().0)
    }
}

/// No coefficient of a cut is greater.
const COEF_MAX: i64 = 1 << 52;

/// Rounding down of an equation in whole numbers, all times the divisor less what is left of the bound.
struct Rounding {
    divisor: i128,
    rest: i128,
}

impl Rounding {
    /// `None` where nothing is left of the bound: then the row would say no more than before.
    fn of(divisor: i128, bound: i128) -> Option<Self> {
        let rest = bound.rem_euclid(divisor);
        (rest != 0).then_some(Self { divisor, rest })
    }

    fn of_coef(&self, coef: i128) -> Option<i128> {
        let whole = coef.div_euclid(self.divisor).checked_mul(self.divisor - self.rest)?;
        whole.checked_add((coef.rem_euclid(self.divisor) - self.rest).max(0))
    }

    fn of_bound(&self, bound: i128) -> Option<i128> {
        bound.div_euclid(self.divisor).checked_mul(self.divisor - self.rest)
    }
}

/// The model with the rows of cuts behind its own. `None` if one of them cannot be made.
pub fn with_cuts(model: &Model, cuts: &[Cut]) -> Option<Model> {
    let mut source = Source::of(model);
    for cut in cuts {
        let draft = source.make(cut)?;
        source.push(draft);
    }
    Some(source.model())
}

/// The cuts that have a price, and those they are made from; the prices with the rows numbered anew.
pub fn needed(own: usize, cuts: Vec<Cut>, prices: &mut [(u32, f64)]) -> Vec<Cut> {
    let mut is_needed = vec![false; own + cuts.len()];
    prices.iter().for_each(|(row, _)| is_needed.put(*row as usize, true));
    is_needed.iter_mut().take(own).for_each(|is| *is = true);
    for (cut, row) in cuts.iter().zip(own..own + cuts.len()).rev() {
        if is_needed.at(row) {
            for (side, _) in &cut.of {
                if let Side::Most(row) | Side::Least(row) = side {
                    is_needed.put(*row as usize, true);
                }
            }
        }
    }
    let mut place = vec![0_u32; is_needed.len() + 1];
    for row in 0..is_needed.len() {
        let next = place.at(row) + u32::from(is_needed.at(row));
        place.put(row + 1, next);
    }
    let mut kept = Vec::new();
    for (mut cut, _) in cuts.into_iter().zip(own..).filter(|(_, row)| is_needed.at(*row)) {
        for (side, _) in &mut cut.of {
            if let Side::Most(row) | Side::Least(row) = side {
                *row = place.at(*row as usize);
            }
        }
        kept.push(cut);
    }
    prices.iter_mut().for_each(|(row, _)| *row = place.at(*row as usize));
    kept
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::allocation::tests::Dice;

    /// A small model with rows of all kinds, and groups.
    fn model(dice: &mut Dice) -> Model {
        let columns = 4 + dice.below(5) as u32;
        let mut drafts = Vec::new();
        for _ in 0..1 + dice.below(3) {
            let terms = (0..columns).map(|column| (column, dice.below(41) - 8)).collect();
            let side = |dice: &mut Dice, size| dice.is(60).then(|| dice.below(size) - size / 4);
            let row = Row { least: side(dice, 20), most: side(dice, 120) };
            if row.least.is_some() || row.most.is_some() {
                drafts.push(Draft { row, terms });
            }
        }
        let score = (0..columns).map(|_| dice.below(50)).collect();
        Model::new(score, vec![vec![0, 1], vec![2, 3]], drafts)
    }

    fn cut(dice: &mut Dice, source: &Source) -> Cut {
        let mut of = Vec::new();
        for row in 0..source.count() as u32 {
            let by = dice.below(15) - 4;
            let bounds = source.row(row as usize).0;
            match (bounds.most, bounds.least) {
                (Some(_), None) => of.push((Side::Most(row), by)),
                (None, Some(_)) => of.push((Side::Least(row), by)),
                _ => of.push(if dice.is(50) { (Side::Most(row), by) } else { (Side::Least(row), by) }),
            }
        }
        of.push((Side::Group(dice.below(2) as u32), dice.below(9) - 4));
        let columns = source.model.columns() as u32;
        Cut { of, flipped: (0..columns).filter(|_| dice.is(40)).collect(), divisor: 2 + dice.below(40) }
    }

    #[test]
    fn no_cut_takes_away_a_choice() {
        let (mut made, mut kept, mut sharp) = (0, 0, 0);
        for seed in 0..400 {
            let mut dice = Dice::new(seed);
            let model = model(&mut dice);
            let mut source = Source::of(&model);
            for _ in 0..4 {
                let cut = cut(&mut dice, &source);
                if let Some(draft) = source.make(&cut) {
                    made += 1;
                    source.push(draft);
                }
            }
            let with = source.model();
            for choice in 0..1_u32 << model.columns() {
                let taken: Vec<bool> = (0..model.columns()).map(|column| choice >> column & 1 == 1).collect();
                if let Ok(value) = model.value(&taken) {
                    assert_eq!(with.value(&taken), Ok(value), "seed {seed}, choice {choice:b}");
                    kept += 1;
                } else if with.broken(&taken).iter().any(|row| *row as usize >= model.rows.len()) {
                    sharp += 1;
                }
            }
        }
        assert!(made > 500 && kept > 5_000 && sharp > 1_000, "{made} cuts, {kept} choices, {sharp} cut off");
    }

    #[test]
    fn a_row_is_rounded_as_by_hand() {
        // 5a + 7b + 6c ≤ 11, divided by 5: a + b + c ≤ 2 and what is left of the coefficients beyond 1, times 4.
        let draft = Draft { row: Row { least: None, most: Some(11) }, terms: vec![(0, 5), (1, 7), (2, 6)] };
        let model = Model::new(vec![1, 1, 1], Vec::new(), vec![draft]);
        let cut = Cut { of: vec![(Side::Most(0), 1)], flipped: Vec::new(), divisor: 5 };
        let made = Source::of(&model).make(&cut).unwrap();
        assert_eq!(made.row.most, Some(8));
        assert_eq!(made.terms, [(0, 4), (1, 5), (2, 4)]);
    }

    #[test]
    fn a_cut_that_cannot_be_made_is_none() {
        let draft = Draft { row: Row { least: None, most: Some(10) }, terms: vec![(0, 5), (1, 7)] };
        let model = Model::new(vec![1, 1], Vec::new(), vec![draft]);
        let cut = |of: &[(Side, i64)], divisor| Cut { of: of.to_vec(), flipped: Vec::new(), divisor };
        let made = |cut: Cut| with_cuts(&model, &[cut]).is_some();
        assert!(made(cut(&[(Side::Most(0), 1)], 7)));
        assert!(!made(cut(&[(Side::Most(0), 1)], 5)), "nothing is left of the bound");
        assert!(!made(cut(&[(Side::Most(0), 1)], 0)));
        assert!(!made(cut(&[(Side::Most(0), 1)], -7)));
        assert!(!made(cut(&[(Side::Least(0), 1)], 7)), "the row has no such bound");
        assert!(!made(cut(&[(Side::Most(1), 1)], 7)), "a cut is made of rows before it");
        assert!(!made(cut(&[(Side::Group(0), 1)], 7)));
        assert!(!made(cut(&[(Side::Most(0), i64::MAX)], 7)));
    }
}
