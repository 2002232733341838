//! Forget: the one place to erase. The log keeps commitments, which say nothing without their salts.

use grammar::kinds::Id;
use serde_json::Value;

use crate::{
    Broken, Registry,
    store::{Link, cells},
};

/// Destroys every value kept about a person, with its salt. Returns how many there were. Part of the case
/// in which the person's record says that it is erased, so that both happen or neither.
pub fn erase(link: &dyn Link, person: Id) -> Result<u64, Broken> {
    link.run("DELETE FROM parts WHERE subject = $1 AND is_sealed = 0", cells![person])
}

impl Registry {
    /// A personal value by its commitment; `None` when it is erased. Sealed values are never shown here.
    /// The caller answers for who may see it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn reveal(&self, commitment: &str) -> Result<Option<Value>, Broken> {
        self.read(|link| {
            link.first(
                "SELECT value FROM parts WHERE commitment = $1 AND is_sealed = 0",
                cells![commitment],
                |row| Ok(serde_json::from_str(row.get(0)?)?),
            )
        })
    }
}
