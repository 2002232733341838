//! Fact: a line of the log as it lies in the store, read back.

use std::ops::ControlFlow;

use chain::{Hash, leaf};
use grammar::kinds::{Id, Moment};
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Broken,
    store::{Cells, Link, cells},
};

/// A row of facts.
pub struct Row {
    pub position: u64,
    pub case: u64,
    pub record: String,
    pub sequence: u32,
    pub bytes: String,
    pub salt: Vec<u8>,
    pub entry: Vec<u8>,
}

/// What the bytes of a fact say.
#[derive(Deserialize)]
pub struct Fact {
    pub position: u64,
    pub case: u64,
    pub desk: String,
    pub record: Id,
    pub sequence: u32,
    pub previous: Option<Hash>,
    pub at: Moment,
    #[serde(default)]
    pub demo: bool,
    pub event: Value,
}

impl Row {
    /// Salt and bytes give the entry.
    pub fn is_unchanged(&self) -> bool {
        let salt: Result<&[u8; 32], _> = self.salt.as_slice().try_into();
        salt.is_ok_and(|salt| leaf::entry(salt, self.bytes.as_bytes()).0 == *self.entry)
    }

    /// The bytes read, when they say what stands in the row beside them.
    pub fn read(&self) -> Option<Fact> {
        let fact: Fact = serde_json::from_str(&self.bytes).ok()?;
        let is_so = fact.position == self.position
            && fact.case == self.case
            && fact.record.as_str() == self.record
            && fact.sequence == self.sequence;
        is_so.then_some(fact)
    }
}

fn row(cells: &dyn Cells) -> Result<Row, Broken> {
    Ok(Row {
        position: cells.get(0)?,
        case: cells.get(1)?,
        record: cells.get::<&str>(2)?.to_owned(),
        sequence: cells.get(3)?,
        bytes: cells.get::<&str>(4)?.to_owned(),
        salt: cells.get::<&[u8]>(5)?.to_vec(),
        entry: cells.get::<&[u8]>(6)?.to_vec(),
    })
}

/// When the last fact happened; `None` in an empty log, or when the last fact cannot be read.
pub fn last_moment(link: &dyn Link) -> Result<Option<Moment>, Broken> {
    let last: Option<String> = link.one("SELECT bytes FROM facts ORDER BY position DESC LIMIT 1", &[])?;
    Ok(last.and_then(|bytes| serde_json::from_str::<Fact>(&bytes).ok()).map(|fact| fact.at))
}

/// Facts from a place on, to the end of a case, about as many as fit a batch.
pub fn from(link: &dyn Link, from: u64, size: u64) -> Result<Vec<Row>, Broken> {
    let mut rows: Vec<Row> = Vec::new();
    link.each(
        "SELECT position, case_number, record, sequence, bytes, salt, entry FROM facts
         WHERE position >= $1 AND position < $2 ORDER BY position",
        cells![from, size],
        &mut |cells| {
            let next = row(cells)?;
            if rows.len() >= BATCH && rows.last().is_some_and(|last| last.case != next.case) {
                return Ok(ControlFlow::Break(()));
            }
            rows.push(next);
            Ok(ControlFlow::Continue(()))
        },
    )?;
    Ok(rows)
}

/// Facts read at a time, before the last case is completed.
const BATCH: usize = 4_096;

/// Shows all facts below `size` in their order, in batches of whole cases.
pub fn batches(
    link: &dyn Link,
    size: u64,
    mut take: impl FnMut(Vec<Row>) -> Result<(), Broken>,
) -> Result<(), Broken> {
    let mut begin = 0;
    loop {
        let rows = from(link, begin, size)?;
        let Some(last) = rows.last() else { return Ok(()) };
        begin = last.position + 1;
        take(rows)?;
    }
}
