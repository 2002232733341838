//! Files: kept by the hash of their bytes. A record holds hash and name. With a store in one file they lie in a
//! folder beside it; with a store that several nodes share they lie in it, so that each node reaches them.

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
    Broken, Registry,
    durable::{sync_folder, write_durably},
    store::{Link, Place, cells, durably},
};

/// The largest file that is taken, in bytes.
pub const BYTES_MAX: usize = 20 * 1024 * 1024;

/// The folders: of what records hold, and of sheets between look and import.
const KEPT: &str = "files";
const ASIDE: &str = "aside";
const PUT: &str = "INSERT INTO files (hash, bytes) VALUES ($1, $2) ON CONFLICT (hash) DO NOTHING";
const GET: &str = "SELECT bytes FROM files WHERE hash = $1";

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
        if matches!(self.place, Place::Folder(_)) {
            return put_in(&self.settings().folder, KEPT, bytes);
        }
        let hash = hash_of(bytes)?;
        if !self.has_file(&hash) {
            let (name, bytes) = (hash.clone(), bytes.to_vec());
            let kept = self.work(move |link| link.put(PUT, cells![name, bytes]));
            kept.map_err(|broken| FileFault::Broken(broken.0))?;
        }
        Ok(hash)
    }

    /// Puts a sheet aside that has been looked at and is to be imported. The caller limits its size.
    ///
    /// # Errors
    /// Empty, or the folder cannot be written.
    pub fn put_aside(&self, bytes: &[u8]) -> Result<String, FileFault> {
        put_in(&self.settings().folder, ASIDE, bytes)
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

    /// A fault for every file that a command names and nobody has brought.
    #[must_use]
    pub fn missing_files(&self, form: &Form, command: &Value) -> Vec<Fault> {
        let mut missing = Vec::new();
        form.walk(&mut command.clone(), &mut |path, kind, leaf| {
            let named = leaf.as_str().and_then(|text| text.parse::<FileRef>().ok());
            let is_there = named.is_some_and(|file| self.has_file(file.hash()));
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
        if matches!(self.place, Place::Folder(_)) {
            return self.file_in(KEPT, hash);
        }
        let found = self.read(|link| link.one(GET, cells![hash]));
        let bytes = found.map_err(|broken| FileFault::Broken(broken.0))?;
        as_it_was(hash, bytes.ok_or(FileFault::NotThere)?)
    }

    fn has_file(&self, hash: &str) -> bool {
        if matches!(self.place, Place::Folder(_)) {
            return self.file_path(KEPT, hash).exists();
        }
        let found = self.read(|link| link.one("SELECT 1 FROM files WHERE hash = $1", cells![hash]));
        found.ok().flatten() == Some(1i64)
    }

    fn file_in(&self, drawer: &str, hash: &str) -> Result<Vec<u8>, FileFault> {
        read(&self.settings().folder, drawer, hash)
    }

    fn file_path(&self, drawer: &str, hash: &str) -> PathBuf {
        path_of(&self.settings().folder, drawer, hash)
    }
}

fn put_in(folder: &Path, drawer: &str, bytes: &[u8]) -> Result<String, FileFault> {
    let hash = hash_of(bytes)?;
    let path = path_of(folder, drawer, &hash);
    if path.exists() {
        return Ok(hash);
    }
    let broken = |error: std::io::Error| FileFault::Broken(error.to_string());
    let drawer = path.parent().unwrap_or(&path);
    fs::create_dir_all(drawer).map_err(broken)?;
    write_durably(&path, bytes).map_err(broken)?;
    // The folders may be as new as the file.
    sync_folder(drawer).and_then(|()| sync_folder(drawer.parent().unwrap_or(drawer))).map_err(broken)?;
    Ok(hash)
}

/// The hash of the file that follows this one at a place, in the order of hashes.
pub fn next(place: &Place, link: &dyn Link, last: &str) -> Result<Option<String>, Broken> {
    let Place::Folder(folder) = place else {
        return link.one("SELECT hash FROM files WHERE hash > $1 ORDER BY hash LIMIT 1", cells![last]);
    };
    let names = |path: &Path| -> Result<Vec<String>, Broken> {
        if !path.exists() {
            return Ok(vec![]);
        }
        let entries = fs::read_dir(path).map_err(|error| Broken::folder(path, &error))?;
        let mut names: Vec<String> =
            entries.filter_map(|entry| entry.ok()?.file_name().into_string().ok()).collect();
        names.sort();
        Ok(names)
    };
    let kept = folder.join(KEPT);
    let start = last.get(..2).unwrap_or("");
    for drawer in names(&kept)?.into_iter().filter(|drawer| drawer.as_str() >= start) {
        let found = names(&kept.join(drawer))?.into_iter().find(|name| is_hash(name) && name.as_str() > last);
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The bytes of a file at a place.
pub fn bytes_at(place: &Place, link: &dyn Link, hash: &str) -> Result<Vec<u8>, Broken> {
    let bytes = match place {
        Place::Folder(folder) => fs::read(path_of(folder, KEPT, hash)).ok(),
        Place::Shared(_) => link.one(GET, cells![hash])?,
    };
    let bytes = bytes.ok_or_else(|| Broken(format!("file {hash} is not there")))?;
    as_it_was(hash, bytes).map_err(|fault| Broken(fault.to_string()))
}

/// Keeps a file at a place.
pub fn put_at(place: &Place, link: &dyn Link, bytes: &[u8]) -> Result<(), Broken> {
    let broken = |fault: FileFault| Broken(fault.to_string());
    match place {
        Place::Folder(folder) => put_in(folder, KEPT, bytes).map(drop).map_err(broken),
        Place::Shared(_) => {
            let hash = hash_of(bytes).map_err(broken)?;
            durably(link, |link| link.put(PUT, cells![hash, bytes]))
        }
    }
}

fn is_hash(text: &str) -> bool {
    text.len() == HASH && text.bytes().all(|b| b.is_ascii_hexdigit())
}

/// Where the bytes of a hash lie.
fn path_of(folder: &Path, drawer: &str, hash: &str) -> PathBuf {
    let (start, _) = hash.split_at_checked(2).unwrap_or((hash, ""));
    folder.join(drawer).join(start).join(hash)
}

fn hash_of(bytes: &[u8]) -> Result<String, FileFault> {
    if bytes.is_empty() {
        return Err(FileFault::Empty);
    }
    Ok(Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect())
}

fn as_it_was(hash: &str, bytes: Vec<u8>) -> Result<Vec<u8>, FileFault> {
    if hash_of(&bytes).is_ok_and(|is| is == hash) {
        Ok(bytes)
    } else {
        Err(FileFault::Broken(format!("file {hash} has changed on the disk")))
    }
}

fn read(folder: &Path, drawer: &str, hash: &str) -> Result<Vec<u8>, FileFault> {
    let bytes = if is_hash(hash) { fs::read(path_of(folder, drawer, hash)).ok() } else { None };
    as_it_was(hash, bytes.ok_or(FileFault::NotThere)?)
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
