//! Forget: the one place to erase. The log keeps commitments, which say nothing without their salts.

use grammar::kinds::Id;
use rusqlite::OptionalExtension;
use serde_json::Value;

use crate::{Broken, Registry};

impl Registry {
    /// Destroys every value kept about a person, with its salt. Returns how many there were.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn forget(&self, person: Id) -> Result<usize, Broken> {
        self.work(move |connection| {
            let gone = connection
                .execute("DELETE FROM parts WHERE subject = $1 AND is_sealed = 0", [person.as_str()])?;
            connection.execute_batch("PRAGMA wal_checkpoint(TRUNCATE)")?;
            Ok(gone)
        })
    }

    /// A personal value by its commitment; `None` when it is erased. Sealed values are never shown here.
    /// The caller answers for who may see it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn reveal(&self, commitment: &str) -> Result<Option<Value>, Broken> {
        self.read(|connection| {
            let mut query = connection
                .prepare_cached("SELECT value FROM parts WHERE commitment = $1 AND is_sealed = 0")?;
            let text: Option<String> = query.query_row([commitment], |row| row.get(0)).optional()?;
            Ok(text.as_deref().map(serde_json::from_str).transpose()?)
        })
    }
}
