//! Store: where rows lie. One narrow trait, [`Link`], is all that the rest of the house knows of a database.
//!
//! Statements are plain SQL with numbered placeholders (`$1`), the same text for every engine: whole numbers
//! for moments, money and truth, texts, bytes, `ON CONFLICT`, no row numbers, no extensions. What an engine
//! alone can do stays in its own file.

mod carry;
mod cell;
#[cfg(feature = "postgres")]
mod postgres;
mod readers;
mod records;
mod sqlite;
#[cfg(test)]
mod suite;
#[cfg(feature = "postgres")]
mod tls;

use std::{
    fmt,
    ops::ControlFlow,
    path::{Path, PathBuf},
};

pub use carry::{Carried, Held, carry, is_not_left};
pub(crate) use cell::cells;
pub use cell::{AsCell, Cell, Cells, OfCell, Value};
pub use readers::Readers;
pub use records::{
    Front, Row, are_free, card, front, name, outside, put, row, sequence, sight, sized, stored,
};
pub use sqlite::Fresh;

/// Our own fault or the machine's, worded for operators.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
#[error("{0}")]
pub struct Broken(pub String);

impl Broken {
    pub(crate) fn folder(folder: &Path, error: &std::io::Error) -> Self {
        Self(format!("the data folder {} cannot be used: {error}", folder.display()))
    }
}

impl From<serde_json::Error> for Broken {
    fn from(error: serde_json::Error) -> Self {
        Self(format!("a stored value cannot be read: {error}"))
    }
}

/// What is done with a row of an answer; says whether the next one is wanted.
pub type Reading<'a> = dyn FnMut(&dyn Cells) -> Result<ControlFlow<()>, Broken> + 'a;

/// One connection to the store. Statements are prepared once and kept.
pub trait Link: Send {
    /// Carries out a statement and says how many rows it touched.
    fn run(&self, sql: &str, cells: &[Cell]) -> Result<u64, Broken>;

    /// Carries out a statement when nobody needs the count: an engine may send it together with the next one.
    /// Then a failure comes out there, and always before anything is kept.
    fn put(&self, sql: &str, cells: &[Cell]) -> Result<(), Broken> {
        self.run(sql, cells).map(drop)
    }

    /// Carries out what still waits to be sent, so that its failure comes out here.
    fn flush(&self) -> Result<(), Broken> {
        Ok(())
    }

    /// Asks, and shows the rows of the answer one after the other. While it reads, further statements may be
    /// carried out on the same link.
    fn each(&self, sql: &str, cells: &[Cell], read: &mut Reading) -> Result<(), Broken>;

    /// Begins what happens together. Only the writer does.
    fn begin(&self) -> Result<(), Broken>;
    /// Makes it durable. Nothing has happened when this fails.
    fn commit(&self) -> Result<(), Broken>;
    /// Gives up what was begun.
    fn roll_back(&self);

    /// Marks the place to which [`Link::undo`] goes back, within what was begun. One mark at a time.
    fn mark(&self) -> Result<(), Broken>;
    /// Keeps what happened since the mark, together with the rest.
    fn keep(&self) -> Result<(), Broken>;
    /// Gives up what happened since the mark, and the mark.
    fn undo(&self) -> Result<(), Broken>;

    /// What was erased leaves everything that the engine keeps beside its tables.
    fn empty_aside(&self) {}
    /// From now on every commit checks that the lease is still held in this epoch.
    fn fence(&self, _epoch: Option<u64>) {}
    /// The last commit was refused because another node holds the lease.
    fn is_fenced_off(&self) -> bool {
        false
    }
    /// The last commit failed for a reason that another try may cure.
    fn may_try_again(&self) -> bool {
        false
    }
    /// The link is of no more use; another one must be opened.
    fn is_lost(&self) -> bool {
        false
    }
}

/// Moves the beat of the lease, if it is held in the epoch `$1`.
pub const FENCE: &str = "UPDATE lease SET beat = beat + 1 WHERE name = 'writer' AND epoch = $1";
/// Tries of one commit that others disturbed.
const TRIES_MAX: u32 = 10;

impl dyn Link + '_ {
    /// The first row of an answer.
    pub fn first<T>(
        &self,
        sql: &str,
        cells: &[Cell],
        mut read: impl FnMut(&dyn Cells) -> Result<T, Broken>,
    ) -> Result<Option<T>, Broken> {
        let mut found = None;
        self.each(sql, cells, &mut |row| {
            found = Some(read(row)?);
            Ok(ControlFlow::Break(()))
        })?;
        Ok(found)
    }

    /// The first cell of the first row.
    pub fn one<T: for<'a> OfCell<'a>>(&self, sql: &str, cells: &[Cell]) -> Result<Option<T>, Broken> {
        self.first(sql, cells, |row| row.get(0))
    }

    /// All rows of an answer. The statement limits them.
    pub fn all<T>(
        &self,
        sql: &str,
        cells: &[Cell],
        mut read: impl FnMut(&dyn Cells) -> Result<T, Broken>,
    ) -> Result<Vec<T>, Broken> {
        let mut rows = Vec::new();
        self.each(sql, cells, &mut |row| {
            rows.push(read(row)?);
            Ok(ControlFlow::Continue(()))
        })?;
        Ok(rows)
    }
}

/// Does some work and makes it durable, all of it or nothing.
pub fn durably<T>(
    link: &dyn Link,
    mut work: impl FnMut(&dyn Link) -> Result<T, Broken>,
) -> Result<T, Broken> {
    let mut tries = 0;
    loop {
        link.begin()?;
        let done = work(link).and_then(|value| link.commit().map(|()| value));
        tries += 1;
        match done {
            Ok(value) => return Ok(value),
            Err(broken) => {
                let again = link.may_try_again() && tries < TRIES_MAX;
                link.roll_back();
                if !again {
                    return Err(broken);
                }
            }
        }
    }
}

/// Where the store of a house lies, and how links to it are opened.
#[derive(Clone, Debug)]
pub enum Place {
    /// In one file of the data folder, by SQLite.
    Folder(PathBuf),
    /// In a database that several nodes share.
    Shared(Url),
}

/// Where a shared store is: `postgres://name:password@host/database`.
#[derive(Clone, PartialEq, Eq)]
pub struct Url(pub String);

impl fmt::Debug for Url {
    /// Without the password, for logs.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("postgres://…")
    }
}

/// A store that several nodes share.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Shared {
    pub url: Url,
    /// How other nodes reach this one: `http://10.0.0.2:8080`.
    pub address: String,
}

#[cfg(not(feature = "postgres"))]
fn not_built<T>() -> Result<T, Broken> {
    Err(Broken("this program was built without PostgreSQL; build it with `--features postgres`".into()))
}

impl Place {
    pub fn of(settings: &crate::Settings) -> Self {
        match &settings.store {
            Some(shared) => Self::Shared(shared.url.clone()),
            None => Self::Folder(settings.folder.clone()),
        }
    }

    /// Opens the writer's link and brings the schema up to date.
    ///
    /// # Errors
    /// The place cannot be used, or a newer program has written it.
    pub fn writer(&self) -> Result<Box<dyn Link>, Broken> {
        match self {
            Self::Folder(folder) => sqlite::writer(folder),
            #[cfg(feature = "postgres")]
            Self::Shared(url) => postgres::writer(url),
            #[cfg(not(feature = "postgres"))]
            Self::Shared(_) => not_built(),
        }
    }

    /// Opens a link that only reads.
    ///
    /// # Errors
    /// The place cannot be used.
    pub fn reader(&self) -> Result<Box<dyn Link>, Broken> {
        match self {
            Self::Folder(folder) => sqlite::reader(folder),
            #[cfg(feature = "postgres")]
            Self::Shared(url) => postgres::reader(url),
            #[cfg(not(feature = "postgres"))]
            Self::Shared(_) => not_built(),
        }
    }

    /// An empty store in memory, gone with its link.
    ///
    /// # Errors
    /// When there is no memory for it.
    pub fn scratch() -> Result<Box<dyn Link>, Broken> {
        sqlite::scratch()
    }

    /// The folder of a store in one file.
    fn folder(&self) -> Result<&Path, Broken> {
        match self {
            Self::Folder(folder) => Ok(folder),
            Self::Shared(_) => Err(Broken(
                "this is done to a store in a folder: use the database's own tools, or `kechuang move` the store to a \
                 folder first"
                    .into(),
            )),
        }
    }

    /// A new store beside this one that holds what cannot be rebuilt, and nothing else.
    ///
    /// # Errors
    /// The store cannot be read, or the new one not written.
    pub fn fresh(&self) -> Result<Fresh, Broken> {
        let folder = self.folder()?;
        sqlite::fresh(folder)
    }

    /// What the engine itself finds wrong with how the rows lie.
    ///
    /// # Errors
    /// When it cannot look.
    pub fn faults(&self) -> Result<Vec<String>, Broken> {
        let folder = self.folder()?;
        sqlite::faults(folder)
    }

    /// Writes the store as it is at one moment into a file.
    ///
    /// # Errors
    /// The store cannot be read, or the file is there already or cannot be written.
    pub fn copy_to(&self, file: &Path) -> Result<(), Broken> {
        let folder = self.folder()?;
        sqlite::copy_to(folder, file)
    }
}

/// What follows from facts and can be made anew: tables, in which nothing else lies.
pub const DERIVED: [&str; 8] =
    ["nodes", "sheets", "records", "cards", "parties", "insiders", "due", "unique_keys"];

/// How many facts there are.
pub fn size(link: &dyn Link) -> Result<u64, Broken> {
    let last: Option<Option<u64>> = link.one("SELECT max(position) FROM facts", &[])?;
    Ok(last.flatten().map_or(0, |last| last + 1))
}
