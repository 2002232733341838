//! Laboratory: its entry in the catalogue, with the way to its chemicals and what samples it takes.

use grammar::{clerk::Clerk, kinds::Id};

use super::chemicals;
use crate::{guest::Guest, plain, ways::Answer};

/// The page of a laboratory.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn laboratory(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = plain::known(guest, clerk, id)?;
    let lead = chemicals::of_laboratory(guest, &record)?;
    plain::record_page(guest, clerk, &record, &["takes"], &lead)
}
