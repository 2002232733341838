//! Tried: what the rules would say to each row now, before anything is asked.

use grammar::clerk::Clerk;
use registry::Denied;

use super::{
    jobs::ask_of,
    rows::{Line, Plan},
};
use crate::{denied, guest::Guest};

/// Rows that are tried: the first ones of a sheet. One is tried in a turn of the writer, between what others ask.
pub const TRIED_MAX: usize = 1_000;

/// What would be refused.
pub struct Tried {
    /// Rows that were tried.
    pub rows: usize,
    /// Rows that would be refused.
    pub refused: usize,
    /// Cell, name above it and sentence, by row.
    pub faults: Vec<[String; 3]>,
}

/// Tries the first rows one by one, each as if it were alone. Keeps nothing.
#[must_use]
pub fn tries(guest: &Guest, clerk: &dyn Clerk, plan: &Plan, lines: &[Line]) -> Tried {
    let mut tried = Tried { rows: 0, refused: 0, faults: Vec::new() };
    for line in lines.iter().take(TRIED_MAX) {
        // A row that was brought before is no fault: it has its receipt.
        match guest.house.registry.try_out(ask_of(line, clerk.name(), guest.asker())) {
            Ok(_) => {}
            // What was not looked at is not spoken of.
            Err(Denied::Busy | Denied::Broken(_)) => break,
            Err(denied) => {
                tried.refused += 1;
                tried.faults.extend(said(guest, plan, line.row, &denied));
            }
        }
        tried.rows += 1;
    }
    tried
}

/// A refusal beside the cells that it is about, or beside its row.
fn said(guest: &Guest, plan: &Plan, row: u32, denied: &Denied) -> Vec<[String; 3]> {
    let no = denied::word(guest, denied);
    let faults = no.faults.iter().map(|(field, _, sentence)| (field.as_str(), sentence));
    let mut said: Vec<[String; 3]> = faults
        .map(|(field, sentence)| {
            let (column, name) = plan.beside(field);
            [format!("{column}{row}"), name, sentence.clone()]
        })
        .collect();
    if said.is_empty() {
        said.push([row.to_string(), String::new(), no.sentence]);
    }
    said
}
