//! Store: SQLite in one file. WAL, synchronous FULL: what is acknowledged is on the disk.

mod records;

use std::path::Path;

use rusqlite::{Connection, OpenFlags};

pub use records::{Front, Row, front, name, put, row, stored};

/// Our own fault or the machine's, worded for operators.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Broken(pub String);

impl Broken {
    pub(crate) fn folder(folder: &Path, error: &std::io::Error) -> Self {
        Self(format!("the data folder {} cannot be used: {error}", folder.display()))
    }
}

impl From<rusqlite::Error> for Broken {
    fn from(error: rusqlite::Error) -> Self {
        Self(format!("the store: {error}"))
    }
}

impl From<serde_json::Error> for Broken {
    fn from(error: serde_json::Error) -> Self {
        Self(format!("a stored value cannot be read: {error}"))
    }
}

const FILE: &str = "region.sqlite";
/// Numbered changes of the schema, applied in order, each in a transaction.
const SCHEMA: &[&str] = &[include_str!("schema/001.sql")];

/// Opens the writer's connection and brings the schema up to date. One process at a time.
pub fn open(folder: &Path) -> Result<Connection, Broken> {
    let mut connection = Connection::open(folder.join(FILE))?;
    connection.busy_timeout(std::time::Duration::from_secs(2))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -65_536)?;
    // What is erased is overwritten, not merely unlinked.
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    connection.set_prepared_statement_cache_capacity(64);
    let version: usize = connection
        .pragma_query_value(None, "user_version", |row| row.get::<_, u32>(0))?
        .try_into()
        .unwrap_or(0);
    if version > SCHEMA.len() {
        return Err(Broken(format!("the data folder was written by a newer program (schema {version})")));
    }
    for (number, change) in SCHEMA.iter().enumerate().skip(version) {
        let transaction = connection.transaction()?;
        transaction.execute_batch(change)?;
        transaction.pragma_update(None, "user_version", u32::try_from(number + 1).unwrap_or(u32::MAX))?;
        transaction.commit()?;
    }
    Ok(connection)
}

/// How much of the file readers map: more is read the ordinary way.
const MAPPED_MAX: i64 = 512 << 20;

/// Opens a connection that only reads.
pub fn reader(folder: &Path) -> Result<Connection, Broken> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(folder.join(FILE), flags)?;
    connection.busy_timeout(std::time::Duration::from_secs(5))?;
    connection.pragma_update(None, "cache_size", -4_096)?;
    // Pages come from the system's own cache without being copied.
    connection.pragma_update(None, "mmap_size", MAPPED_MAX)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(64);
    Ok(connection)
}

/// Writes the write-ahead log into the store and empties it, so that it holds nothing that was erased. When
/// a reader is in the way, the next erasure or the end of the program does it.
pub fn empty_wal(connection: &Connection) {
    if let Err(error) = connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
        tracing::warn!(%error, "the write-ahead log could not be emptied");
    }
}

/// How many facts there are.
pub fn size(connection: &Connection) -> Result<u64, Broken> {
    let last: Option<i64> = connection.query_row("SELECT max(position) FROM facts", [], |row| row.get(0))?;
    Ok(last.map_or(0, |last| u64::try_from(last + 1).unwrap_or(0)))
}

/// A number as SQLite keeps it.
pub fn number(n: u64) -> i64 {
    i64::try_from(n).unwrap_or(i64::MAX)
}
