//! Capture: a link that keeps nothing but a sum of every row it is told to insert. So the audit knows which
//! rows a record should have from the very code that writes them.

use std::{cell::RefCell, collections::BTreeMap, ops::ControlFlow};

use sha2::{Digest, Sha256};

use crate::{
    Broken,
    store::{Cell, Cells, Link, Reading},
};

/// What is rebuilt from facts, a table and its columns: those of which a row must be as it was written. When
/// a wish of time comes again may have been put off, and is left out.
pub const DERIVED: [(&str, &str, &str); 6] = [
    ("records", "id", "desk, sequence, born, is_demo, changed, position, sight, card, public, state"),
    (
        "cards",
        "record",
        "tier, desk, status, region, kind, field, amount, until, title_zh, title_en, words, is_offer, is_need, latitude, longitude, changed",
    ),
    ("parties", "record", "who, part, desk, is_public"),
    ("insiders", "record", "who, region"),
    ("due", "record", "command"),
    ("unique_keys", "record", "key"),
];

/// The sums of a record's rows, one for each table of [`DERIVED`].
pub type Sums = [u128; DERIVED.len()];

/// Rows told so far; the same row told twice counts once, as it does in the store.
#[derive(Default)]
pub struct Capture(RefCell<BTreeMap<(usize, u128), ()>>);

impl Capture {
    /// The sums of what was told since the last time.
    pub fn take(&self) -> Sums {
        let mut sums = Sums::default();
        for (table, row) in self.0.take().into_keys() {
            if let Some(sum) = sums.get_mut(table) {
                *sum = sum.wrapping_add(row);
            }
        }
        sums
    }
}

/// A hash of a row's cells, in the order of its columns.
pub fn row_sum<'a>(cells: impl Iterator<Item = Cell<'a>>) -> u128 {
    let mut hash = Sha256::new();
    for cell in cells {
        let mut put = |kind: u8, bytes: &[u8]| {
            hash.update([kind]);
            hash.update((bytes.len() as u64).to_le_bytes());
            hash.update(bytes);
        };
        match cell {
            Cell::Null => put(0, &[]),
            Cell::Int(number) => put(1, &number.to_le_bytes()),
            Cell::Real(number) => put(2, &number.to_le_bytes()),
            Cell::Text(text) => put(3, text.as_bytes()),
            Cell::Bytes(bytes) => put(4, bytes),
        }
    }
    let digest: [u8; 32] = hash.finalize().into();
    digest.first_chunk::<16>().map_or(0, |half| u128::from_le_bytes(*half))
}

/// The table and the columns that an insertion names: `INSERT INTO table (a, b) VALUES ($1, $2) …`.
fn named(sql: &str) -> Option<(&str, Vec<&str>)> {
    let rest = sql.trim_start().strip_prefix("INSERT INTO ")?;
    let (table, rest) = rest.split_once('(')?;
    let (columns, _) = rest.split_once(')')?;
    Some((table.trim(), columns.split(',').map(str::trim).collect()))
}

impl Link for Capture {
    fn run(&self, sql: &str, cells: &[Cell]) -> Result<u64, Broken> {
        let Some((table, names)) = named(sql) else { return Ok(0) };
        let place = DERIVED.iter().position(|(name, ..)| *name == table);
        let Some((number, (_, _, columns))) = place.and_then(|place| Some((place, DERIVED.get(place)?)))
        else {
            return Err(Broken(format!("nothing is known of the table {table}")));
        };
        let cell = |column: &str| {
            names.iter().position(|name| *name == column).and_then(|at| cells.get(at).copied())
        };
        let wanted: Option<Vec<Cell>> = columns.split(',').map(|column| cell(column.trim())).collect();
        let wanted = wanted.ok_or_else(|| Broken(format!("the table {table} has other columns")))?;
        self.0.borrow_mut().insert((number, row_sum(wanted.into_iter())), ());
        Ok(1)
    }

    fn each(&self, _: &str, _: &[Cell], _: &mut Reading) -> Result<(), Broken> {
        Ok(())
    }

    fn begin(&self) -> Result<(), Broken> {
        Ok(())
    }

    fn commit(&self) -> Result<(), Broken> {
        Ok(())
    }

    fn roll_back(&self) {}

    fn mark(&self) -> Result<(), Broken> {
        Ok(())
    }

    fn keep(&self) -> Result<(), Broken> {
        Ok(())
    }

    fn undo(&self) -> Result<(), Broken> {
        Ok(())
    }
}

/// Shows the sum of every row of a derived table with the record it belongs to.
pub fn stored(link: &dyn Link, table: usize, mut show: impl FnMut(&str, u128)) -> Result<(), Broken> {
    let Some((name, id, columns)) = DERIVED.get(table) else { return Ok(()) };
    let count = columns.split(',').count();
    let sql = format!("SELECT {id}, {columns} FROM {name}");
    link.each(&sql, &[], &mut |row: &dyn Cells| {
        let cells = (1..=count).map(|column| row.cell(column)).collect::<Result<Vec<_>, _>>()?;
        show(row.get(0)?, row_sum(cells.into_iter()));
        Ok(ControlFlow::Continue(()))
    })
}
