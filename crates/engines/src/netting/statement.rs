//! Statement: what two parties owe each other, line by line, before anything is netted with others.

use std::collections::BTreeMap;

use super::Question;

/// What both sides of a pair sign.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Statement {
    /// The pair, the smaller number first.
    pub pair: (u32, u32),
    /// What the first owes the second, in fen, without lines in dispute.
    pub first_owes: i128,
    /// What the second owes the first.
    pub second_owes: i128,
    /// Lines that count, by their number from 0, in order.
    pub lines: Vec<usize>,
    /// Lines that wait because they are in dispute.
    pub disputed: Vec<usize>,
}

impl Statement {
    /// What the second is to receive of the first; below nothing, the other way about.
    #[must_use]
    pub fn balance(&self) -> i128 {
        self.first_owes - self.second_owes
    }
}

/// One statement for each pair with a line, by pair.
#[must_use]
pub fn statements(question: &Question) -> Vec<Statement> {
    let mut pairs: BTreeMap<(u32, u32), Statement> = BTreeMap::new();
    for (line, each) in question.obligations.iter().enumerate() {
        let pair = (each.debtor.min(each.creditor), each.debtor.max(each.creditor));
        let statement = pairs.entry(pair).or_insert_with(|| Statement {
            pair,
            first_owes: 0,
            second_owes: 0,
            lines: Vec::new(),
            disputed: Vec::new(),
        });
        if each.is_disputed {
            statement.disputed.push(line);
            continue;
        }
        statement.lines.push(line);
        let side = if each.debtor == pair.0 { &mut statement.first_owes } else { &mut statement.second_owes };
        *side += i128::from(each.fen);
    }
    pairs.into_values().collect()
}
