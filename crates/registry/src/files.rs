//! Files: kept by the hash of their bytes, in a folder beside the store. A record holds hash and name.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use grammar::{
    form::{Fault, Form, Kind},
    kinds::FileRef,
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    Registry,
    durable::{sync_folder, write_durably},
};

/// The largest file that is taken, in bytes.
pub const BYTES_MAX: usize = 20 * 1024 * 1024;

/// The folders: of what records hold, and of sheets between look and import.
const KEPT: &str = "files";
const ASIDE: &str = "aside";

/// Why a file is not taken, or not given.
#[derive(Clone, PartialEq, Eq, Debug, thiserror::Error)]
pub enum FileFault {
    #[error("the file is larger than {max} bytes")]
    TooLarge { max: usize },
    #[error("the file is empty")]
    Empty,
    #[error("there is no such file")]
    NotThere,
    #[error("the folder of files cannot be used: {0}")]
    Broken(String),
}

/// Throws away sheets that were looked at and never imported: at the start nobody waits for them any more.
pub fn clear_aside(folder: &Path) {
    let path = folder.join(ASIDE);
    if let Err(error) = fs::remove_dir_all(&path)
        && path.exists()
    {
        tracing::warn!(%error, path = %path.display(), "sheets put aside could not be thrown away");
    }
}

impl Registry {
    /// Keeps the bytes and gives their hash, 64 hexadecimal digits. The same bytes are kept once.
    ///
    /// # Errors
    /// Too large, empty, or the folder cannot be written.
    pub fn put_file(&self, bytes: &[u8]) -> Result<String, FileFault> {
        if bytes.len() > BYTES_MAX {
            return Err(FileFault::TooLarge { max: BYTES_MAX });
        }
        self.put_in(KEPT, bytes)
    }

    /// Puts a sheet aside that has been looked at and is to be imported. The caller limits its size.
    ///
    /// # Errors
    /// Empty, or the folder cannot be written.
    pub fn put_aside(&self, bytes: &[u8]) -> Result<String, FileFault> {
        self.put_in(ASIDE, bytes)
    }

    /// Takes back what was put aside. It is gone afterwards: an imported sheet is not kept beside its records.
    ///
    /// # Errors
    /// Not there, or not what it was.
    pub fn take_back(&self, hash: &str) -> Result<Vec<u8>, FileFault> {
        let bytes = self.file_in(ASIDE, hash)?;
        fs::remove_file(self.file_path(ASIDE, hash)).map_err(|error| FileFault::Broken(error.to_string()))?;
        Ok(bytes)
    }

    fn put_in(&self, drawer: &str, bytes: &[u8]) -> Result<String, FileFault> {
        if bytes.is_empty() {
            return Err(FileFault::Empty);
        }
        let hash: String = Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect();
        let path = self.file_path(drawer, &hash);
        if path.exists() {
            return Ok(hash);
        }
        let broken = |error: std::io::Error| FileFault::Broken(error.to_string());
        let folder = path.parent().unwrap_or(&path);
        fs::create_dir_all(folder).map_err(broken)?;
        write_durably(&path, bytes).map_err(broken)?;
        // The folders may be as new as the file.
        sync_folder(folder).and_then(|()| sync_folder(folder.parent().unwrap_or(folder))).map_err(broken)?;
        Ok(hash)
    }

    /// A fault for every file that a command names and nobody has brought.
    #[must_use]
    pub fn missing_files(&self, form: &Form, command: &Value) -> Vec<Fault> {
        let mut missing = Vec::new();
        form.walk(&mut command.clone(), &mut |path, kind, leaf| {
            let named = leaf.as_str().and_then(|text| text.parse::<FileRef>().ok());
            let is_there = named.is_some_and(|file| self.file_path(KEPT, file.hash()).exists());
            if matches!(kind, Kind::File) && !is_there {
                missing.push(Fault::new(path, "no-such-file"));
            }
        });
        missing
    }

    /// The bytes of a kept file, checked against the hash.
    ///
    /// # Errors
    /// Not there, or not what it was.
    pub fn file(&self, hash: &str) -> Result<Vec<u8>, FileFault> {
        self.file_in(KEPT, hash)
    }

    fn file_in(&self, drawer: &str, hash: &str) -> Result<Vec<u8>, FileFault> {
        read(&self.settings().folder, drawer, hash)
    }

    fn file_path(&self, drawer: &str, hash: &str) -> PathBuf {
        path_of(&self.settings().folder, drawer, hash)
    }
}

fn path_of(folder: &Path, drawer: &str, hash: &str) -> PathBuf {
    let (start, _) = hash.split_at_checked(2).unwrap_or((hash, ""));
    folder.join(drawer).join(start).join(hash)
}

fn read(folder: &Path, drawer: &str, hash: &str) -> Result<Vec<u8>, FileFault> {
    let named = hash.len() == HASH && hash.bytes().all(|b| b.is_ascii_hexdigit());
    let bytes = if named { fs::read(path_of(folder, drawer, hash)).ok() } else { None };
    let bytes = bytes.ok_or(FileFault::NotThere)?;
    let is: String = Sha256::digest(&bytes).iter().map(|byte| format!("{byte:02x}")).collect();
    if is == hash {
        Ok(bytes)
    } else {
        Err(FileFault::Broken(format!("file {hash} has changed on the disk")))
    }
}

/// The bytes of a kept file, checked against the hash.
pub fn kept(folder: &Path, hash: &str) -> Result<Vec<u8>, FileFault> {
    read(folder, KEPT, hash)
}

/// Letters of a hash.
const HASH: usize = 64;

/// Adds the hashes of files that the bytes of a fact name: `"hash:name"`.
pub fn named_in(fact: &str, hashes: &mut BTreeSet<String>) {
    for (at, _) in fact.match_indices('"') {
        let Some((hash, rest)) = fact.get(at + 1..).and_then(|rest| rest.split_at_checked(HASH)) else {
            continue;
        };
        let is_hash = hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        if is_hash && rest.starts_with(':') {
            hashes.insert(hash.to_owned());
        }
    }
}
