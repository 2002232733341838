//! SQLite: the store in one file. WAL, synchronous FULL: what is acknowledged is on the disk.

use std::{ops::ControlFlow, path::Path, time::Duration};

use rusqlite::{
    Connection, OpenFlags, ToSql,
    types::{ToSqlOutput, ValueRef},
};

use super::{Broken, Cell, Cells, Link, Reading};

const FILE: &str = "region.sqlite";
/// Numbered changes of the schema, applied in order, each in a transaction.
const SCHEMA: &[&str] = &[include_str!("schema/001.sql")];
/// Statements that one link keeps prepared.
const PREPARED_MAX: usize = 128;
/// How much of the file readers map: more is read the ordinary way.
const MAPPED_MAX: i64 = 512 << 20;

/// Opens the writer's link and brings the schema up to date. One process at a time.
pub fn writer(folder: &Path) -> Result<Box<dyn Link>, Broken> {
    let mut connection = Connection::open(folder.join(FILE))?;
    connection.busy_timeout(Duration::from_secs(2))?;
    connection.pragma_update(None, "journal_mode", "WAL")?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    connection.pragma_update(None, "cache_size", -65_536)?;
    // What is erased is overwritten, not merely unlinked.
    connection.pragma_update(None, "secure_delete", "ON")?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.pragma_update(None, "wal_autocheckpoint", 4_000)?;
    connection.set_prepared_statement_cache_capacity(PREPARED_MAX);
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
    Ok(Box::new(Sqlite(connection)))
}

/// Opens a link that only reads.
pub fn reader(folder: &Path) -> Result<Box<dyn Link>, Broken> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(folder.join(FILE), flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.pragma_update(None, "cache_size", -4_096)?;
    // Pages come from the system's own cache without being copied.
    connection.pragma_update(None, "mmap_size", MAPPED_MAX)?;
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    connection.set_prepared_statement_cache_capacity(PREPARED_MAX);
    Ok(Box::new(Sqlite(connection)))
}

struct Sqlite(Connection);

impl Sqlite {
    fn prepared(&self, sql: &str, cells: &[Cell]) -> Result<rusqlite::CachedStatement<'_>, Broken> {
        let mut statement = self.0.prepare_cached(sql)?;
        if statement.parameter_count() != cells.len() {
            return Err(Broken(format!("the store: {} values for `{sql}`", cells.len())));
        }
        for (cell, place) in cells.iter().zip(1..) {
            statement.raw_bind_parameter(place, cell)?;
        }
        Ok(statement)
    }
}

impl Link for Sqlite {
    fn run(&self, sql: &str, cells: &[Cell]) -> Result<u64, Broken> {
        Ok(self.prepared(sql, cells)?.raw_execute()? as u64)
    }

    fn each(&self, sql: &str, cells: &[Cell], read: &mut Reading) -> Result<(), Broken> {
        let mut statement = self.prepared(sql, cells)?;
        let mut rows = statement.raw_query();
        while let Some(row) = rows.next()? {
            if let ControlFlow::Break(()) = read(&Line(row))? {
                break;
            }
        }
        Ok(())
    }

    fn begin(&self) -> Result<(), Broken> {
        Ok(self.0.execute_batch("BEGIN IMMEDIATE")?)
    }

    fn commit(&self) -> Result<(), Broken> {
        Ok(self.0.execute_batch("COMMIT")?)
    }

    fn roll_back(&self) {
        if !self.0.is_autocommit()
            && let Err(error) = self.0.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "what was begun could not be given up");
        }
    }

    fn mark(&self) -> Result<(), Broken> {
        Ok(self.0.execute_batch("SAVEPOINT ask")?)
    }

    fn keep(&self) -> Result<(), Broken> {
        Ok(self.0.execute_batch("RELEASE ask")?)
    }

    fn undo(&self) -> Result<(), Broken> {
        Ok(self.0.execute_batch("ROLLBACK TO ask; RELEASE ask")?)
    }

    /// Writes the write-ahead log into the store and empties it. When a reader is in the way, the next
    /// erasure or the end of the program does it.
    fn empty_aside(&self) {
        if let Err(error) = self.0.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)") {
            tracing::warn!(%error, "the write-ahead log could not be emptied");
        }
    }
}

struct Line<'a, 'b>(&'a rusqlite::Row<'b>);

impl Cells for Line<'_, '_> {
    fn cell(&self, column: usize) -> Result<Cell<'_>, Broken> {
        Ok(match self.0.get_ref(column)? {
            ValueRef::Null => Cell::Null,
            ValueRef::Integer(number) => Cell::Int(number),
            ValueRef::Real(number) => Cell::Real(number),
            ValueRef::Text(text) => Cell::Text(
                std::str::from_utf8(text).map_err(|error| Broken(format!("the store: a text: {error}")))?,
            ),
            ValueRef::Blob(bytes) => Cell::Bytes(bytes),
        })
    }
}

impl ToSql for Cell<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        Ok(ToSqlOutput::Borrowed(match self {
            Cell::Null => ValueRef::Null,
            Cell::Int(number) => ValueRef::Integer(*number),
            Cell::Real(number) => ValueRef::Real(*number),
            Cell::Text(text) => ValueRef::Text(text.as_bytes()),
            Cell::Bytes(bytes) => ValueRef::Blob(bytes),
        }))
    }
}

impl From<rusqlite::Error> for Broken {
    fn from(error: rusqlite::Error) -> Self {
        Self(format!("the store: {error}"))
    }
}
