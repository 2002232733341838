//! Durable: a file that is there whole after a power cut, or not at all.

use std::{
    fs,
    io::{self, Write},
    path::{Path, PathBuf},
    sync::atomic::{AtomicU64, Ordering},
};

/// Writes a file that only its owner reads, in the place of one that may be there. It is on the disk, with
/// its name, when this returns. Folders above it are not made.
///
/// # Errors
/// What the file system says. An unfinished file is taken away again.
pub fn write_durably(path: &Path, bytes: &[u8]) -> io::Result<()> {
    write_by(&unfinished(path), path, bytes)
}

/// The same for a file with one writer: it is first written under the name `new`, so that what a crash left
/// there, which may be a secret, goes with the next writing.
///
/// # Errors
/// As [`write_durably`].
pub fn replace_file(folder: &Path, new: &str, name: &str, text: &str) -> io::Result<()> {
    write_by(&folder.join(new), &folder.join(name), text.as_bytes())
}

fn write_by(unfinished: &Path, path: &Path, bytes: &[u8]) -> io::Result<()> {
    let written = write_new(unfinished, bytes).and_then(|()| fs::rename(unfinished, path));
    if written.is_err() {
        let _ = fs::remove_file(unfinished);
    }
    written?;
    sync_folder(path)
}

fn write_new(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let mut options = fs::OpenOptions::new();
    options.write(true).create(true).truncate(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(bytes)?;
    file.sync_all()
}

/// A name beside `path` that no other writer uses at the same time.
#[must_use]
pub fn unfinished(path: &Path) -> PathBuf {
    static NUMBER: AtomicU64 = AtomicU64::new(0);
    let number = NUMBER.fetch_add(1, Ordering::Relaxed);
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}-{number}.part", std::process::id()));
    path.with_file_name(name)
}

/// Makes the name of a file or folder last: its bytes may be on the disk without it.
///
/// # Errors
/// What the file system says.
pub fn sync_folder(of: &Path) -> io::Result<()> {
    #[cfg(unix)]
    if let Some(folder) = of.parent() {
        let folder = if folder.as_os_str().is_empty() { Path::new(".") } else { folder };
        return fs::File::open(folder)?.sync_all();
    }
    let _ = of;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_takes_the_place_of_another_and_leaves_nothing_beside_it() {
        let folder = tempfile::TempDir::new().unwrap();
        let path = folder.path().join("a");
        for text in ["one", "two"] {
            write_durably(&path, text.as_bytes()).unwrap();
            assert_eq!(fs::read_to_string(&path).unwrap(), text);
        }
        assert!(write_durably(&folder.path().join("none/a"), b"x").is_err());
        assert_eq!(fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
