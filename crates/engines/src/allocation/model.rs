//! Model: a question as whole numbers. Each column is taken or not; rows bound sums over columns; of a group
//! at most one column is taken.
//!
//! Always: a column is in at most one group; the coefficients of a row have no common divisor; a row has a
//! bound on at least one side.

use super::places::{Places, add};

/// No group.
pub const NONE: u32 = u32::MAX;

/// One bounded sum over columns.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Row {
    /// At least.
    pub least: Option<i64>,
    /// At most.
    pub most: Option<i64>,
}

impl Row {
    /// Whether a sum is within the bounds.
    pub fn holds(&self, sum: i128) -> bool {
        self.least.is_none_or(|least| sum >= i128::from(least))
            && self.most.is_none_or(|most| sum <= i128::from(most))
    }
}

/// A question as whole numbers. Maximise the score of the columns taken.
#[derive(Debug, Clone, Default)]
pub struct Model {
    /// What each column is worth.
    pub score: Vec<i64>,
    /// The group of each column, or [`NONE`].
    pub group: Vec<u32>,
    /// The rows.
    pub rows: Vec<Row>,
    /// Where the entries of each column begin; one more than columns.
    start: Vec<u32>,
    /// Row and coefficient of each entry, column by column.
    entry: Vec<(u32, i64)>,
    /// What each row was divided by to come to smallest whole numbers.
    pub divisors: Vec<i64>,
    /// The members of each group.
    pub groups: Vec<Vec<u32>>,
}

/// A row while a model is made: its bounds and the coefficients by column.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Draft {
    /// Bounds.
    pub row: Row,
    /// Column and coefficient; each column once.
    pub terms: Vec<(u32, i64)>,
}

impl Draft {
    /// The same row in smallest whole numbers, bounds rounded inwards.
    pub fn reduced(mut self) -> (Self, i64) {
        self.terms.retain(|(_, coef)| *coef != 0);
        let divisor = self.terms.iter().fold(0, |divisor, (_, coef)| common(divisor, coef.unsigned_abs()));
        let Ok(divisor @ 2..) = i64::try_from(divisor) else { return (self, 1) };
        self.terms.iter_mut().for_each(|(_, coef)| *coef /= divisor);
        self.row.most = self.row.most.map(|most| most.div_euclid(divisor));
        self.row.least =
            self.row.least.map(|least| least.div_euclid(divisor) + i64::from(least.rem_euclid(divisor) > 0));
        (self, divisor)
    }
}

/// The greatest common divisor; of nothing and a number, the number.
pub fn common(mut one: u64, mut other: u64) -> u64 {
    while other != 0 {
        (one, other) = (other, one % other);
    }
    one
}

impl Model {
    /// Makes a model of scores, groups that share no column, and rows.
    pub fn new(score: Vec<i64>, groups: Vec<Vec<u32>>, drafts: Vec<Draft>) -> Self {
        let (drafts, divisors) = drafts.into_iter().map(Draft::reduced).unzip();
        Self { divisors, ..Self::exactly(score, groups, drafts) }
    }

    /// The same, rows as they are.
    pub fn exactly(score: Vec<i64>, groups: Vec<Vec<u32>>, drafts: Vec<Draft>) -> Self {
        let columns = score.len();
        let mut group = vec![NONE; columns];
        for (members, number) in groups.iter().zip(0..) {
            members.iter().for_each(|column| group.put(*column as usize, number));
        }
        let mut counts = vec![0_u32; columns + 1];
        for (column, _) in drafts.iter().flat_map(|draft| &draft.terms) {
            add(&mut counts, *column as usize + 1, 1);
        }
        let mut start = counts;
        let mut sum = 0;
        for place in &mut start {
            sum += *place;
            *place = sum;
        }
        let mut next = start.clone();
        let mut entry = vec![(0, 0); sum as usize];
        for (draft, row) in drafts.iter().zip(0..) {
            for (column, coef) in &draft.terms {
                let place = next.at(*column as usize);
                entry.put(place as usize, (row, *coef));
                next.put(*column as usize, place + 1);
            }
        }
        let (rows, divisors) = (drafts.iter().map(|draft| draft.row).collect(), vec![1; drafts.len()]);
        Self { score, group, rows, start, entry, divisors, groups }
    }

    /// How many columns there are.
    pub fn columns(&self) -> usize {
        self.score.len()
    }

    /// The entries of a column: row and coefficient.
    #[inline]
    pub fn column(&self, column: usize) -> &[(u32, i64)] {
        let (from, to) = (self.start.at(column) as usize, self.start.at(column + 1) as usize);
        self.entry.get(from..to).unwrap_or_default()
    }

    /// The entries of each row: column and coefficient.
    pub fn by_row(&self) -> Vec<Vec<(u32, i64)>> {
        let mut rows = vec![Vec::new(); self.rows.len()];
        for (column, number) in (0..self.columns()).zip(0..) {
            for (row, coef) in self.column(column) {
                if let Some(terms) = rows.get_mut(*row as usize) {
                    terms.push((number, *coef));
                }
            }
        }
        rows
    }

    /// The rows that a choice breaks.
    pub fn broken(&self, taken: &[bool]) -> Vec<u32> {
        let mut sums = vec![0_i128; self.rows.len()];
        for column in (0..self.columns()).filter(|column| taken.at(*column)) {
            self.column(column)
                .iter()
                .for_each(|(row, coef)| add(&mut sums, *row as usize, i128::from(*coef)));
        }
        let rows = (0..).zip(self.rows.iter().zip(sums));
        rows.filter(|(_, (row, sum))| !row.holds(*sum)).map(|(number, _)| number).collect()
    }

    /// What a choice is worth, if it obeys every row and group; else the first row it breaks, or `None` for a
    /// group. Nothing here can overflow: sums are taken in 128 bits.
    ///
    /// # Errors
    /// The row that is broken, or `None` when a group is.
    pub fn value(&self, taken: &[bool]) -> Result<i64, Option<u32>> {
        let mut sums = vec![0_i128; self.rows.len()];
        let mut is_used = vec![false; self.groups.len()];
        let mut value = 0_i128;
        for column in (0..self.columns()).filter(|column| taken.at(*column)) {
            value += i128::from(self.score.at(column));
            for (row, coef) in self.column(column) {
                add(&mut sums, *row as usize, i128::from(*coef));
            }
            let group = self.group.at(column);
            if group != NONE {
                if is_used.at(group as usize) {
                    return Err(None);
                }
                is_used.put(group as usize, true);
            }
        }
        for ((row, sum), number) in self.rows.iter().zip(&sums).zip(0..) {
            if !row.holds(*sum) {
                return Err(Some(number));
            }
        }
        i64::try_from(value).map_err(|_| None)
    }

    /// What every value is a multiple of.
    pub fn step(&self) -> i64 {
        let divisor = self.score.iter().fold(0, |divisor, score| common(divisor, score.unsigned_abs()));
        i64::try_from(divisor).unwrap_or(1).max(1)
    }
}
