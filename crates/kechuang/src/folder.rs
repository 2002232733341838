//! Folder: one process for each data folder, and what a folder is for, written down on its first day.
//!
//! Always: a folder founded as a demonstration is never opened as a real region, nor the other way round;
//! and its log keeps the name it was founded under, since receipts in strangers' hands carry that name.

use std::{
    fs::{self, File, TryLockError},
    path::{Path, PathBuf},
};

use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::speech::Trouble;

const LOCK_FILE: &str = "kechuang.lock";
const REGION_FILE: &str = "region.toml";

/// What a folder was founded as.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Founded {
    /// The name of the region's log.
    pub origin: String,
    pub demo: bool,
}

/// A data folder that this process alone may use, until it is dropped.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Takes the folder, making it when it is not there.
    ///
    /// # Errors
    /// Another process has it, or the file system says no.
    pub fn take(path: &Path) -> Result<Self, Trouble> {
        make(path).map_err(|error| Trouble::file(path, &error))?;
        let file = path.join(LOCK_FILE);
        let options = File::options().create(true).truncate(false).write(true).open(&file);
        let lock = options.map_err(|error| Trouble::file(&file, &error))?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path: path.to_owned(), _lock: lock }),
            Err(TryLockError::WouldBlock) => {
                Err(Trouble::new("folder-in-use", json!({ "folder": path.display().to_string() })))
            }
            Err(TryLockError::Error(error)) => Err(Trouble::file(&file, &error)),
        }
    }

    pub fn path(&self) -> &Path {
        &self.path
    }

    /// What the folder is for: as wanted on its first day, afterwards as it was founded.
    ///
    /// # Errors
    /// It was founded as something else than what is wanted now.
    pub fn founded(
        &self,
        is_demo: bool,
        origin: Option<&str>,
        new: impl FnOnce() -> String,
    ) -> Result<Founded, Trouble> {
        let Some(founded) = read(&self.path)? else {
            let origin = origin.map_or_else(new, str::to_owned);
            let founded = Founded { origin, demo: is_demo };
            self.write(&founded)?;
            return Ok(founded);
        };
        let folder = self.path.display().to_string();
        if founded.demo != is_demo {
            let code = if founded.demo { "folder-is-demo" } else { "folder-is-real" };
            return Err(Trouble::new(code, json!({ "folder": folder })));
        }
        match origin.filter(|origin| *origin != founded.origin) {
            Some(origin) => {
                let facts = json!({ "folder": folder, "is": founded.origin, "wanted": origin });
                Err(Trouble::new("folder-other-origin", facts))
            }
            None => Ok(founded),
        }
    }

    fn write(&self, founded: &Founded) -> Result<(), Trouble> {
        let file = self.path.join(REGION_FILE);
        let text = toml::to_string(founded).map_err(|error| Trouble::file(&file, &error))?;
        // The folder may be as new as the file: its own name must last too.
        let written =
            registry::write_durably(&file, text.as_bytes()).and_then(|()| registry::sync_folder(&self.path));
        written.map_err(|error| Trouble::file(&file, &error))
    }
}

/// Makes a folder that only its owner enters: names and telephone numbers lie in it.
pub fn make(path: &Path) -> std::io::Result<()> {
    let mut folder = fs::DirBuilder::new();
    folder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
    folder.create(path)
}

/// What a folder was founded as; `None` when nothing was founded there.
///
/// # Errors
/// The file that says so cannot be read.
pub fn read(folder: &Path) -> Result<Option<Founded>, Trouble> {
    let file = folder.join(REGION_FILE);
    let text = match fs::read_to_string(&file) {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(Trouble::file(&file, &error)),
    };
    toml::from_str(&text).map(Some).map_err(|error| Trouble::file(&file, &error.message()))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn founded(folder: &Folder, is_demo: bool, origin: Option<&str>) -> Result<Founded, Trouble> {
        folder.founded(is_demo, origin, || "kechuang.local/new".into())
    }

    #[test]
    fn a_second_process_is_kept_out_until_the_first_has_left() {
        let folder = tempfile::TempDir::new().unwrap();
        let first = Folder::take(folder.path()).unwrap();
        assert_eq!(Folder::take(folder.path()).unwrap_err().code, "folder-in-use");
        drop(first);
        assert!(Folder::take(folder.path()).is_ok());
    }

    #[test]
    fn a_folder_stays_what_it_was_founded_as() {
        let folder = tempfile::TempDir::new().unwrap();
        let folder = Folder::take(folder.path()).unwrap();
        let first = founded(&folder, true, None).unwrap();
        assert_eq!(first, Founded { origin: "kechuang.local/new".into(), demo: true });
        assert_eq!(founded(&folder, true, Some("kechuang.local/new")).unwrap(), first);
        assert_eq!(founded(&folder, false, None).unwrap_err().code, "folder-is-demo");
        assert_eq!(founded(&folder, true, Some("other")).unwrap_err().code, "folder-other-origin");
    }
}
