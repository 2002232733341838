//! Backup and restore: a data folder as one file, taken while the house is open, and a folder made of one.
//!
//! The file is a zip: the store as it was at one moment, every kept file, the key of the log, and a manifest with
//! the hash of each. It holds names and telephone numbers and the secret key: it is as secret as the folder.

use std::{
    fs::{self, File},
    io::{self, BufReader, BufWriter, Read, Write},
    path::{Path, PathBuf},
};

use chain::Hash;
use clap::{Arg, ArgMatches, Command};
use grammar::{kinds::Id, words::Locale};
use registry::{Clock, Depth, Settings};
use serde::{Deserialize, Serialize};
use serde_json::json;
use sha2::{Digest, Sha256};
use zip::{CompressionMethod, ZipArchive, ZipWriter, write::SimpleFileOptions};

use crate::{
    audit,
    speech::{Trouble, say, words},
    system::SystemClock,
};

const STORE: &str = "region.sqlite";
const SMALL: [&str; 2] = ["region.toml", "log.key"];
const FILES: &str = "files";
const MANIFEST: &str = "manifest.json";
/// The form of the file; one of a newer program is refused.
const FORMAT: u32 = 1;
/// The longest manifest that is read, in bytes: about two million files.
const MANIFEST_MAX: u64 = 512 << 20;
/// The longest list of erased persons that is read, in bytes.
const LIST_MAX: u64 = 64 << 20;

#[derive(Serialize, Deserialize)]
struct Manifest {
    format: u32,
    program: String,
    origin: String,
    made: String,
    facts: u64,
    root: String,
    entries: Vec<Entry>,
}

#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
struct Entry {
    name: String,
    bytes: u64,
    sha256: Hash,
}

pub fn command(locale: Locale) -> Command {
    let help = |key: &'static str| words(locale).get("help", key);
    let to = Arg::new("to").long("to").value_name("FILE").required(true).help(help("backup-to"));
    Command::new("backup").about(help("backup")).arg(to).args(audit::of_folder(locale))
}

pub fn restore_command(locale: Locale) -> Command {
    let help = |key: &'static str| words(locale).get("help", key);
    let from = Arg::new("from").long("from").value_name("FILE").required(true).help(help("restore-from"));
    let data = Arg::new("data").long("data").value_name("FOLDER").required(true).help(help("restore-data"));
    let erased = Arg::new("erased").long("erased").value_name("FOLDER|FILE").help(help("restore-erased"));
    Command::new("restore").about(help("restore")).args([from, data, erased])
}

/// What is taken away when it goes out of scope: a backup that did not come to its end leaves nothing.
struct Unfinished(PathBuf);

impl Drop for Unfinished {
    fn drop(&mut self) {
        let _ = if self.0.is_dir() { fs::remove_dir_all(&self.0) } else { fs::remove_file(&self.0) };
    }
}

impl Unfinished {
    fn folder(beside: &Path) -> Result<Self, Trouble> {
        let path = registry::unfinished(beside);
        let mut folder = fs::DirBuilder::new();
        #[cfg(unix)]
        std::os::unix::fs::DirBuilderExt::mode(&mut folder, 0o700);
        folder.create(&path).map_err(|error| Trouble::file(&path, &error))?;
        Ok(Self(path))
    }
}

/// Writes the backup, reads it again from end to end, and only then gives it its name.
///
/// # Errors
/// The facts are damaged, or a file cannot be read or written.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let settings = audit::settings(&audit::path(matches)?)?;
    let to = PathBuf::from(matches.get_one::<String>("to").cloned().unwrap_or_default());
    if to.exists() {
        return Err(Trouble::new("backup-there", json!({ "path": to.display().to_string() })));
    }
    // The store of one moment, with what is needed to check it.
    let stage = Unfinished::folder(&to)?;
    let staged = Settings { folder: stage.0.clone(), ..settings.clone() };
    registry::snapshot(&settings, &stage.0.join(STORE))
        .map_err(|broken| Trouble::new("broken", json!({ "error": broken.0 })))?;
    for name in SMALL {
        let (from, copy) = (settings.folder.join(name), stage.0.join(name));
        let copied = fs::read(&from).and_then(|bytes| registry::write_durably(&copy, &bytes));
        copied.map_err(|error| Trouble::file(&from, &error))?;
    }
    let audited = audit::audited(&staged, Depth::Chain, locale)?;
    if let Some(damaged) = audit::damaged(&audited, &settings.folder, locale) {
        return Err(damaged);
    }
    let part = Unfinished(registry::unfinished(&to));
    let broken = |error: io::Error| Trouble::file(&to, &error);
    let mut manifest = Manifest {
        format: FORMAT,
        program: env!("CARGO_PKG_VERSION").into(),
        origin: settings.origin.clone(),
        made: SystemClock.now().to_string(),
        facts: audited.facts,
        root: audited.root,
        entries: Vec::new(),
    };
    write(&part.0, &stage.0, &settings.folder.join(FILES), &mut manifest).map_err(broken)?;
    check(&part.0)?;
    fs::rename(&part.0, &to).and_then(|()| registry::sync_folder(&to)).map_err(broken)?;
    let bytes = fs::metadata(&to).map(|file| file.len()).unwrap_or(0);
    let report = json!({
        "path": to.display().to_string(), "facts": manifest.facts, "root": manifest.root,
        "files": manifest.entries.len() - SMALL.len() - 1, "bytes": bytes,
    });
    print(matches, locale, "backed-up", &report);
    Ok(())
}

fn print(matches: &ArgMatches, locale: Locale, key: &str, report: &serde_json::Value) {
    if matches.get_flag("json") {
        println!("{report:#}");
    } else {
        println!("{}", say(locale, "audit", key, report));
    }
}

fn write(part: &Path, stage: &Path, files: &Path, manifest: &mut Manifest) -> io::Result<()> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut zip = ZipWriter::new(BufWriter::new(options.open(part)?));
    let form = SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).large_file(true);
    let mut add = |zip: &mut ZipWriter<BufWriter<File>>, name: String, path: &Path| -> io::Result<()> {
        zip.start_file(name.as_str(), form)?;
        let (bytes, sha256) = copy(&mut File::open(path)?, zip)?;
        manifest.entries.push(Entry { name, bytes, sha256 });
        Ok(())
    };
    for name in SMALL.iter().copied().chain([STORE]) {
        add(&mut zip, name.to_owned(), &stage.join(name))?;
    }
    for (name, path) in kept(files)? {
        add(&mut zip, name, &path)?;
    }
    zip.start_file(MANIFEST, form)?;
    zip.write_all(&serde_json::to_vec(manifest)?)?;
    let file = zip.finish()?.into_inner().map_err(io::IntoInnerError::into_error)?;
    file.sync_all()
}

/// Every kept file by its name in the backup, in order.
fn kept(files: &Path) -> io::Result<Vec<(String, PathBuf)>> {
    let mut found = Vec::new();
    if !files.is_dir() {
        return Ok(found);
    }
    for folder in fs::read_dir(files)? {
        for file in fs::read_dir(folder?.path())? {
            let path = file?.path();
            let hash = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
            // What is being uploaded has another name yet.
            if let (Ok(_), Some(start)) = (hash.parse::<Hash>(), hash.get(..2)) {
                found.push((format!("{FILES}/{start}/{hash}"), path));
            }
        }
    }
    found.sort();
    Ok(found)
}

/// Copies everything and says how much it was, with its hash.
fn copy(from: &mut impl Read, to: &mut impl Write) -> io::Result<(u64, Hash)> {
    let (mut hash, mut bytes, mut buffer) = (Sha256::new(), 0, vec![0; 1 << 16]);
    loop {
        let read = from.read(&mut buffer)?;
        let Some(part) = buffer.get(..read).filter(|part| !part.is_empty()) else { break };
        to.write_all(part)?;
        hash.update(part);
        bytes += read as u64;
    }
    Ok((bytes, Hash(hash.finalize().into())))
}

type Archive = ZipArchive<BufReader<File>>;

/// Opens a backup and reads its manifest.
fn open(path: &Path) -> Result<(Archive, Manifest), Trouble> {
    let file = File::open(path).map_err(|error| Trouble::file(path, &error))?;
    let damaged = |what: &str| backup_damaged(path, what);
    let mut archive = ZipArchive::new(BufReader::new(file)).map_err(|error| damaged(&error.to_string()))?;
    let mut text = Vec::new();
    let entry = archive.by_name(MANIFEST).map_err(|error| damaged(&error.to_string()))?;
    entry.take(MANIFEST_MAX).read_to_end(&mut text).map_err(|error| damaged(&error.to_string()))?;
    let manifest: Manifest = serde_json::from_slice(&text).map_err(|error| damaged(&error.to_string()))?;
    if manifest.format > FORMAT {
        let facts = json!({ "path": path.display().to_string(), "program": manifest.program });
        return Err(Trouble::new("backup-newer", facts));
    }
    Ok((archive, manifest))
}

fn backup_damaged(path: &Path, what: &str) -> Trouble {
    let facts = json!({ "path": path.display().to_string(), "what": what });
    Trouble { is_refusal: true, ..Trouble::new("backup-damaged", facts) }
}

/// Reads every entry and compares it with the manifest.
fn check(path: &Path) -> Result<Manifest, Trouble> {
    let (mut archive, manifest) = open(path)?;
    for entry in &manifest.entries {
        extract(&mut archive, entry, &mut io::sink()).map_err(|what| backup_damaged(path, &what))?;
    }
    Ok(manifest)
}

/// Writes an entry out, and says what is wrong with it otherwise.
fn extract(archive: &mut Archive, entry: &Entry, to: &mut impl Write) -> Result<(), String> {
    let wrong = |why: &dyn std::fmt::Display| format!("{}: {why}", entry.name);
    let mut packed = archive.by_name(&entry.name).map_err(|error| wrong(&error))?;
    let (bytes, sha256) =
        copy(&mut (&mut packed).take(entry.bytes + 1), to).map_err(|error| wrong(&error))?;
    if (bytes, sha256) == (entry.bytes, entry.sha256) { Ok(()) } else { Err(wrong(&"sha256")) }
}

/// A name that may lie in a data folder, and no other.
fn is_ours(name: &str) -> bool {
    let is_file = || {
        let mut parts = name.split('/');
        let (folder, start, hash) = (parts.next(), parts.next(), parts.next().unwrap_or_default());
        let fits = hash.parse::<Hash>().is_ok() && hash.get(..2) == start;
        folder == Some(FILES) && fits && parts.next().is_none()
    };
    name == STORE || SMALL.contains(&name) || is_file()
}

/// Makes a data folder of a backup: whole and looked through, or not at all.
///
/// # Errors
/// The folder holds something; the backup is damaged; the disk says no.
pub fn restore(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let text = |name: &str| PathBuf::from(matches.get_one::<String>(name).cloned().unwrap_or_default());
    let (from, folder) = (text("from"), text("data"));
    let is_taken =
        folder.exists() && fs::read_dir(&folder).map_or(true, |mut inside| inside.next().is_some());
    if is_taken {
        return Err(Trouble::new("restore-there", json!({ "folder": folder.display().to_string() })));
    }
    let persons = matches.get_one::<String>("erased").map(|path| erased(Path::new(path))).transpose()?;
    if let Some(above) = folder.parent().filter(|above| !above.as_os_str().is_empty()) {
        fs::create_dir_all(above).map_err(|error| Trouble::file(above, &error))?;
    }
    let stage = Unfinished::folder(&folder)?;
    let manifest = unpack(&from, &stage.0)?;
    let settings = audit::settings(&stage.0)?;
    let broken = |broken: registry::Broken| Trouble::new("broken", json!({ "error": broken.0 }));
    let gone = registry::forget_again(&settings, &persons.unwrap_or_default()).map_err(broken)?;
    let audited = audit::audited(&settings, Depth::All, locale)?;
    if let Some(damaged) = audit::damaged(&audited, &from, locale) {
        return Err(damaged);
    }
    if (audited.facts, &audited.root) != (manifest.facts, &manifest.root) {
        return Err(backup_damaged(&from, "root"));
    }
    let moved = fs::rename(&stage.0, &folder).and_then(|()| registry::sync_folder(&folder));
    moved.map_err(|error| Trouble::file(&folder, &error))?;
    let report = json!({
        "folder": folder.display().to_string(), "facts": audited.facts, "root": audited.root,
        "files": audited.files, "made": manifest.made, "erased": gone,
    });
    print(matches, locale, "restored", &report);
    Ok(())
}

fn unpack(from: &Path, stage: &Path) -> Result<Manifest, Trouble> {
    let (mut archive, manifest) = open(from)?;
    for entry in &manifest.entries {
        if !is_ours(&entry.name) {
            return Err(backup_damaged(from, &entry.name));
        }
        let path = stage.join(&entry.name);
        let failed = |error: io::Error| Trouble::file(&path, &error);
        if let Some(above) = path.parent() {
            fs::create_dir_all(above).map_err(failed)?;
        }
        let mut options = File::options();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = BufWriter::new(options.open(&path).map_err(failed)?);
        extract(&mut archive, entry, &mut file).map_err(|what| backup_damaged(from, &what))?;
        let file = file.into_inner().map_err(|error| failed(error.into_error()))?;
        file.sync_all().and_then(|()| registry::sync_folder(&path)).map_err(failed)?;
    }
    match SMALL.iter().chain([&STORE]).find(|name| !manifest.entries.iter().any(|entry| entry.name == **name))
    {
        Some(missing) => Err(backup_damaged(from, missing)),
        None => Ok(manifest),
    }
}

/// Who was erased: by the facts of a newer data folder, or by a list with a name on each line.
fn erased(path: &Path) -> Result<Vec<Id>, Trouble> {
    if path.is_dir() {
        let settings = audit::settings(path)?;
        return registry::erased(&settings)
            .map_err(|broken| Trouble::new("broken", json!({ "error": broken.0 })));
    }
    let mut text = String::new();
    let read = File::open(path).and_then(|file| file.take(LIST_MAX).read_to_string(&mut text));
    read.map_err(|error| Trouble::file(path, &error))?;
    let lines = text.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty());
    let person = |(line, number): (&str, u32)| {
        let id = line.trim().parse::<Id>().ok().filter(|id| id.desk() == "person");
        let facts = json!({ "path": path.display().to_string(), "line": number });
        id.ok_or_else(|| Trouble::new("no-person", facts))
    };
    lines.map(person).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_is_unpacked_beside_the_folder() {
        let hash = "0a".repeat(32);
        let ours = ["region.sqlite", "log.key", "region.toml"].map(str::to_owned);
        assert!(ours.iter().chain([&format!("files/0a/{hash}")]).all(|name| is_ours(name)));
        let others = ["../log.key", "/log.key", "files/0a/x", "files/../log.key", "kechuang.lock", ""]
            .map(str::to_owned);
        assert!(
            !others
                .iter()
                .chain([&format!("files/0b/{hash}"), &format!("files/0a/{hash}/x")])
                .any(|name| is_ours(name))
        );
    }
}
