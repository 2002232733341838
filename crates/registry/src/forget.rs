//! Forget: the one place to erase. The log keeps commitments, which say nothing without their salts.

use grammar::kinds::Id;
use rusqlite::{Connection, OptionalExtension};
use serde_json::Value;

use crate::{Broken, Registry};

/// Destroys every value kept about a person, with its salt. Returns how many there were. Part of the case
/// in which the person's record says that it is erased, so that both happen or neither.
pub fn erase(connection: &Connection, person: Id) -> Result<usize, Broken> {
    let mut delete = connection.prepare_cached("DELETE FROM parts WHERE subject = $1 AND is_sealed = 0")?;
    Ok(delete.execute([person.as_str()])?)
}

impl Registry {
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
