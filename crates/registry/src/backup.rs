//! Backup: the store as it is at one moment, in one file, while the house stays open; and what must be done to an
//! old one before it is opened: who was erased since is erased again.

use std::path::Path;

use grammar::kinds::Id;

use crate::{
    Broken, Settings, forget,
    store::{self, Place},
};

/// Writes the store as it is now into a file that must not be there yet. Writers are not held up.
///
/// # Errors
/// The store cannot be read, or the file not written.
pub fn snapshot(settings: &Settings, to: &Path) -> Result<(), Broken> {
    Place::Folder(settings.folder.clone()).copy_to(to)
}

/// Erases persons again in a house that is closed: those of whom a newer log says so. Returns how many values went.
///
/// # Errors
/// The store cannot be written.
pub fn forget_again(settings: &Settings, persons: &[Id]) -> Result<u64, Broken> {
    let link = Place::Folder(settings.folder.clone()).writer()?;
    let gone = store::durably(&*link, |link| {
        persons.iter().try_fold(0, |gone, person| Ok(gone + forget::erase(link, *person)?))
    })?;
    link.empty_aside();
    Ok(gone)
}

/// The persons who were erased, by the facts of a house.
///
/// # Errors
/// The store cannot be read.
pub fn erased(settings: &Settings) -> Result<Vec<Id>, Broken> {
    let link = Place::Folder(settings.folder.clone()).reader()?;
    let sql = "SELECT record FROM cards WHERE desk = 'person' AND status = 'erased'";
    let records = link.all(sql, &[], |row| row.get::<String>(0))?;
    let mut persons: Vec<Id> = records.iter().filter_map(|record| record.parse().ok()).collect();
    persons.sort_unstable();
    persons.dedup();
    Ok(persons)
}
