//! SQLite: the store in one file. WAL, synchronous FULL: what is acknowledged is on the disk.

use std::{
    ops::ControlFlow,
    path::{Path, PathBuf},
    time::Duration,
};

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
    Ok(Box::new(Sqlite(written(&folder.join(FILE))?)))
}

/// A connection that writes, to a store of the newest schema.
fn written(file: &Path) -> Result<Connection, Broken> {
    let mut connection = Connection::open(file)?;
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
    Ok(connection)
}

/// An empty store in memory.
pub fn scratch() -> Result<Box<dyn Link>, Broken> {
    Ok(Box::new(Sqlite(written(Path::new(":memory:"))?)))
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

/// What the engine says when nothing is wrong, and how much it says otherwise.
const FAULTS: (&str, &str) = ("ok", "PRAGMA integrity_check(50)");

/// What the engine finds wrong with the pages of the file.
pub fn faults(folder: &Path) -> Result<Vec<String>, Broken> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(folder.join(FILE), flags)?;
    let look = || -> rusqlite::Result<Vec<String>> {
        let mut query = connection.prepare(FAULTS.1)?;
        query.query_map([], |row| row.get::<_, String>(0))?.collect()
    };
    match look() {
        Ok(mut faults) => {
            faults.retain(|fault| fault != FAULTS.0);
            Ok(faults)
        }
        Err(error) => Ok(vec![error.to_string()]),
    }
}

/// Writes the store as it is at one moment into a file that is not there yet; holds up no writer.
pub fn copy_to(folder: &Path, file: &Path) -> Result<(), Broken> {
    let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(folder.join(FILE), flags)?;
    connection.busy_timeout(Duration::from_secs(5))?;
    connection.execute("VACUUM INTO $1", [file.display().to_string()])?;
    Ok(())
}

/// A new store beside the old one.
pub struct Fresh {
    pub link: Box<dyn Link>,
    folder: PathBuf,
}

const FRESH: &str = "region.sqlite.fresh";

/// Makes a new store with everything of the old one that cannot be rebuilt.
pub fn fresh(folder: &Path) -> Result<Fresh, Broken> {
    let (old, new) = (folder.join(FILE), folder.join(FRESH));
    clear(&new)?;
    // The old one is brought up to date, and its write-ahead log put away, so that no part of it outlives it.
    let connection = written(&old)?;
    connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
    drop(connection);
    let connection = written(&new)?;
    connection.execute("ATTACH $1 AS old", [old.display().to_string()])?;
    let tables = {
        let mut query = connection.prepare(
            "SELECT name FROM old.sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
        )?;
        query.query_map([], |row| row.get::<_, String>(0))?.collect::<Result<Vec<_>, _>>()?
    };
    for table in tables.iter().filter(|table| !super::DERIVED.contains(&table.as_str())) {
        connection.execute_batch(&format!("INSERT INTO main.\"{table}\" SELECT * FROM old.\"{table}\""))?;
    }
    connection.execute_batch("DETACH old")?;
    Ok(Fresh { link: Box::new(Sqlite(connection)), folder: folder.to_owned() })
}

fn clear(file: &Path) -> Result<(), Broken> {
    for end in ["", "-wal", "-shm"] {
        let mut name = file.as_os_str().to_owned();
        name.push(end);
        match std::fs::remove_file(&name) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(Broken::folder(file, &error));
            }
            _ => {}
        }
    }
    Ok(())
}

impl Fresh {
    /// Takes the place of the old store, in one step.
    ///
    /// # Errors
    /// The disk says no; then the old one is still there.
    pub fn take_place(self) -> Result<(), Broken> {
        self.link.empty_aside();
        drop(self.link);
        let (old, new) = (self.folder.join(FILE), self.folder.join(FRESH));
        let broken = |error: std::io::Error| Broken::folder(&self.folder, &error);
        let wal = self.folder.join(format!("{FRESH}-wal"));
        if std::fs::metadata(wal).is_ok_and(|wal| wal.len() > 0) {
            return Err(Broken("the new store could not be closed".into()));
        }
        std::fs::File::open(&new).and_then(|file| file.sync_all()).map_err(broken)?;
        std::fs::rename(&new, &old).map_err(broken)?;
        crate::durable::sync_folder(&old).map_err(broken)
    }
}

struct Sqlite(Connection);

impl Sqlite {
    /// A statement without cells and without an answer.
    fn step(&self, sql: &str) -> Result<(), Broken> {
        self.prepared(sql, &[])?.raw_execute()?;
        Ok(())
    }

    fn prepared(&self, sql: &str, cells: &[Cell]) -> Result<rusqlite::CachedStatement<'_>, Broken> {
        let mut statement = self.0.prepare_cached(sql)?;
        if statement.parameter_count() != cells.len() {
            return Err(Broken(format!("the store: {} values for `{sql}`", cells.len())));
        }
        for place in 1..=cells.len() {
            // The engine counts placeholders as they come; what we mean by `$2` is the second cell, wherever it stands.
            let named = statement.parameter_name(place).and_then(|name| name.strip_prefix('$')?.parse().ok());
            let number: usize = named.unwrap_or(place);
            let cell = number.checked_sub(1).and_then(|at| cells.get(at));
            let cell = cell.ok_or_else(|| Broken(format!("the store: no value ${number} for `{sql}`")))?;
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
        self.step("BEGIN IMMEDIATE")
    }

    fn commit(&self) -> Result<(), Broken> {
        self.step("COMMIT")
    }

    fn roll_back(&self) {
        if !self.0.is_autocommit()
            && let Err(error) = self.0.execute_batch("ROLLBACK")
        {
            tracing::error!(%error, "what was begun could not be given up");
        }
    }

    fn mark(&self) -> Result<(), Broken> {
        // Some failures, such as a full disk, end the whole transaction. What came after would be kept by itself.
        if self.0.is_autocommit() {
            return Err(Broken(
                "the store: the disk is full or failed; what was begun has been given up".into(),
            ));
        }
        self.step("SAVEPOINT ask")
    }

    fn keep(&self) -> Result<(), Broken> {
        self.step("RELEASE ask")
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
        use rusqlite::ErrorCode::{DatabaseCorrupt, NotADatabase};
        match error.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => Self(format!(
                "the store's file is damaged ({error}); `kechuang restore` brings it back from a backup"
            )),
            _ => Self(format!("the store: {error}")),
        }
    }
}
