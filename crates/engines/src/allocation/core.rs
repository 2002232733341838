//! Core: the columns that prices leave open, as a smaller model of its own.

use super::bound::{Fate, Prices};
use super::model::{Draft, Model, NONE, Row};
use super::places::{Places, add};

/// The open part of a model: what is decided is taken off the rows.
#[derive(Debug, Clone, Default)]
pub struct Core {
    /// The open columns and the rows that can still bind.
    pub model: Model,
    /// The whole model's column behind each column.
    pub columns: Vec<u32>,
    /// The whole model's row behind each row.
    pub rows: Vec<u32>,
    /// The score of what is taken already.
    pub base: i64,
}

impl Core {
    /// What is open under these fates. Coefficients stay as they are, so that prices mean the same.
    pub fn of(model: &Model, fates: &[Fate]) -> Self {
        let mut core = Self::default();
        let mut place = vec![NONE; model.columns()];
        let mut taken = vec![0_i64; model.rows.len()];
        let mut drafts: Vec<Draft> =
            model.rows.iter().map(|row| Draft { row: *row, terms: Vec::new() }).collect();
        for column in 0..model.columns() {
            match fates.at(column) {
                Fate::Out => {}
                Fate::In => {
                    core.base += model.score.at(column);
                    for (row, coef) in model.column(column) {
                        add(&mut taken, *row as usize, *coef);
                    }
                }
                Fate::Open => {
                    let number = core.columns.len() as u32;
                    place.put(column, number);
                    core.columns.push(column as u32);
                    for (row, coef) in model.column(column) {
                        drafts.get_mut(*row as usize).into_iter().for_each(|d| d.terms.push((number, *coef)));
                    }
                }
            }
        }
        let mut kept = Vec::new();
        for ((mut draft, taken), number) in drafts.into_iter().zip(taken).zip(0..) {
            let less = |bound: i64| bound.saturating_sub(taken);
            draft.row = Row { least: draft.row.least.map(less), most: draft.row.most.map(less) };
            if can_bind(&mut draft) {
                kept.push(draft);
                core.rows.push(number);
            }
        }
        let open = |members: &Vec<u32>| -> Vec<u32> {
            members.iter().map(|column| place.at(*column as usize)).filter(|place| *place != NONE).collect()
        };
        let groups = model.groups.iter().map(open).filter(|members| members.len() > 1).collect();
        let score = core.columns.iter().map(|column| model.score.at(*column as usize)).collect();
        core.model = Model::exactly(score, groups, kept);
        core
    }

    /// Prices of the core as prices of the whole model's rows.
    pub fn outwards(&self, prices: &Prices) -> Prices {
        let of = prices.of.iter().filter_map(|(row, price)| Some((*self.rows.get(*row as usize)?, *price)));
        Prices { shift: prices.shift, of: of.collect() }
    }

    /// Prices of the whole model's rows as prices of the core.
    pub fn inwards(&self, prices: &Prices) -> Prices {
        let own = |(row, price): &(u32, i64)| Some((self.rows.binary_search(row).ok()? as u32, *price));
        Prices { shift: prices.shift, of: prices.of.iter().filter_map(own).collect() }
    }
}

/// Whether a row can be broken by some choice; a side that cannot be is taken off.
fn can_bind(draft: &mut Draft) -> bool {
    let (mut smallest, mut largest) = (0_i128, 0_i128);
    for (_, coef) in &draft.terms {
        smallest += i128::from(*coef).min(0);
        largest += i128::from(*coef).max(0);
    }
    draft.row.most = draft.row.most.filter(|most| largest > i128::from(*most));
    draft.row.least = draft.row.least.filter(|least| smallest < i128::from(*least));
    draft.row.most.is_some() || draft.row.least.is_some()
}
