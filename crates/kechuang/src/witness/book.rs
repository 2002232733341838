//! Book: what a witness knows, in files: its key, the logs it follows, and for each log the tree it cosigned last.
//!
//! Everything is read from the files each time, so that the disk and the memory never disagree. Always: the file of a log
//! holds the largest tree that was ever cosigned of it, and is on the disk before that cosignature leaves.

use std::{
    io::ErrorKind,
    path::{Path, PathBuf},
    sync::Mutex,
};

use chain::{
    Cosigner, Hash, Verifier,
    key::Algorithm,
    leaf, note,
    witness::{Refusal, Request, Seen},
};
use registry::{Chance, replace_file};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{speech::Trouble, system::SystemChance};

const KEY_FILE: &str = "witness.key";
const LOGS_FILE: &str = "logs.txt";
/// Logs that one witness follows.
const LOGS_MAX: usize = 1_000;
/// The longest file that is read, in bytes.
const FILE_MAX: u64 = 1 << 20;

/// The witness's own key, as its file has it.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    name: String,
    secret: Hash,
}

/// The tree that was cosigned last of one log.
#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct SeenFile {
    origin: String,
    size: u64,
    root: Hash,
}

/// A witness's folder.
pub struct Book {
    folder: PathBuf,
    cosigner: Cosigner,
    /// One request at a time: judging, keeping and signing must not be interleaved.
    turn: Mutex<()>,
}

/// Why a witness answers nothing that the standard has a word for.
#[derive(Debug)]
pub enum NoWord {
    Refused(Refusal),
    Broken(String),
}

impl Book {
    /// # Errors
    /// Nothing was founded in the folder, or its files cannot be read.
    pub fn open(folder: &Path) -> Result<Self, Trouble> {
        let none = || Trouble::new("no-witness", json!({ "folder": folder.display().to_string() }));
        Self::read(folder)?.ok_or_else(none)
    }

    /// Opens it, or makes the witness's key under a name that stays.
    ///
    /// # Errors
    /// The folder cannot be used, or it was founded under another name.
    pub fn open_or_found(folder: &Path, name: Option<&str>) -> Result<Self, Trouble> {
        crate::folder::make(folder).map_err(|error| Trouble::file(folder, &error))?;
        let Some(book) = Self::read(folder)? else {
            let [a, b, c, d, ..] = SystemChance.bytes();
            let name = name.map_or_else(
                || format!("kechuang.local/witness-{a:02x}{b:02x}{c:02x}{d:02x}"),
                str::to_owned,
            );
            let key = KeyFile { name, secret: Hash(SystemChance.bytes()) };
            let book = Self::of(folder, &key)?;
            write(
                folder,
                KEY_FILE,
                &serde_json::to_string_pretty(&key).map_err(|error| Trouble::file(folder, &error))?,
            )?;
            return Ok(book);
        };
        match name.filter(|name| *name != book.cosigner.verifier().name()) {
            Some(wanted) => {
                let facts = json!({ "folder": folder.display().to_string(), "is": book.cosigner.verifier().name(), "wanted": wanted });
                Err(Trouble::new("witness-other-name", facts))
            }
            None => Ok(book),
        }
    }

    fn read(folder: &Path) -> Result<Option<Self>, Trouble> {
        let path = folder.join(KEY_FILE);
        let Some(text) = text_of(&path).map_err(|error| Trouble::file(&path, &error))? else {
            return Ok(None);
        };
        let key: KeyFile = serde_json::from_str(&text).map_err(|error| Trouble::file(&path, &error))?;
        Self::of(folder, &key).map(Some)
    }

    fn of(folder: &Path, key: &KeyFile) -> Result<Self, Trouble> {
        let cosigner = Cosigner::from_seed(&key.name, key.secret.0).map_err(|error| {
            Trouble::new("setting", json!({ "name": "name", "value": key.name, "place": error.to_string() }))
        })?;
        Ok(Self { folder: folder.to_owned(), cosigner, turn: Mutex::new(()) })
    }

    /// The verifier key by which its cosignatures are checked.
    pub fn key(&self) -> String {
        self.cosigner.verifier().to_string()
    }

    /// Adds a log's key to those it follows, and says the log's name.
    ///
    /// # Errors
    /// The key is a witness's, the list is full, or it cannot be written.
    pub fn follow(&self, log: &Verifier) -> Result<String, Trouble> {
        if log.algorithm() == Algorithm::Cosignature {
            return Err(Trouble::new("not-a-log", json!({ "key": log.to_string() })));
        }
        let mut logs = self.logs()?;
        if !logs.contains(log) {
            if logs.len() >= LOGS_MAX {
                return Err(Trouble::new("too-many-logs", json!({ "max": LOGS_MAX })));
            }
            logs.push(log.clone());
            self.write_logs(&logs)?;
        }
        Ok(log.name().to_owned())
    }

    /// Takes a log's key from the list. What was cosigned of it stays known.
    ///
    /// # Errors
    /// The list cannot be read or written.
    pub fn leave(&self, log: &Verifier) -> Result<String, Trouble> {
        let mut logs = self.logs()?;
        logs.retain(|other| other != log);
        self.write_logs(&logs)?;
        Ok(log.name().to_owned())
    }

    fn write_logs(&self, logs: &[Verifier]) -> Result<(), Trouble> {
        write(&self.folder, LOGS_FILE, &logs.iter().map(|log| format!("{log}\n")).collect::<String>())
    }

    /// The keys of the logs it follows, one a line; a log may have several. Lines that begin with `#` say nothing.
    fn logs(&self) -> Result<Vec<Verifier>, Trouble> {
        let path = self.folder.join(LOGS_FILE);
        let text = text_of(&path).map_err(|error| Trouble::file(&path, &error))?.unwrap_or_default();
        let lines = text.lines().map(str::trim).filter(|line| !line.is_empty() && !line.starts_with('#'));
        let read =
            |line: &str| line.parse().map_err(|error| Trouble::file(&path, &format!("`{line}`: {error}")));
        lines.take(LOGS_MAX).map(read).collect()
    }

    /// The list as people read it: size cosigned last, and key.
    ///
    /// # Errors
    /// A file cannot be read.
    pub fn shown(&self) -> Result<String, Trouble> {
        let line = |log: &Verifier| {
            let seen = self.seen(log.name()).map_err(|error| Trouble::file(&self.folder, &error))?;
            Ok(format!("{}\t{log}", seen.map_or(0, |seen| seen.size)))
        };
        Ok(self.logs()?.iter().map(line).collect::<Result<Vec<_>, Trouble>>()?.join("\n"))
    }

    /// Judges a request, keeps the new tree durably, and only then cosigns. `time` is in seconds since 1970.
    ///
    /// # Errors
    /// The log is not followed or does not prove that it only grew; or the folder fails, and then nothing is signed.
    pub fn add_checkpoint(&self, request: &Request, time: u64) -> Result<String, NoWord> {
        let broken = |error: String| NoWord::Broken(error);
        let _turn = self.turn.lock().map_err(|_| broken("an earlier request stopped half-way".into()))?;
        let logs = self.logs().map_err(|trouble| broken(trouble.sentence(grammar::words::Locale::En)))?;
        let origin = request.origin().map_err(NoWord::Refused)?;
        let seen = self.seen(origin).map_err(|error| broken(error.to_string()))?;
        let new = request.judge(&logs, seen).map_err(NoWord::Refused)?;
        let is_grown = seen.is_none_or(|seen| seen.size != new.size);
        let text = note::unchecked_text(&request.checkpoint).map_err(|error| broken(error.to_string()))?;
        if is_grown {
            let kept = SeenFile { origin: origin.to_owned(), size: new.size, root: new.root };
            let kept = serde_json::to_string(&kept).map_err(|error| broken(error.to_string()))?;
            let name = seen_name(origin);
            replace_file(&self.folder, &format!("{name}.new"), &name, &kept)
                .map_err(|error| broken(error.to_string()))?;
        }
        self.cosigner.line(text, time).map_err(|error| broken(error.to_string()))
    }

    /// The tree that was cosigned last. A file that cannot be read is no empty one.
    fn seen(&self, origin: &str) -> std::io::Result<Option<Seen>> {
        let Some(text) = text_of(&self.folder.join(seen_name(origin)))? else { return Ok(None) };
        let damaged = |why: String| std::io::Error::new(ErrorKind::InvalidData, why);
        let seen: SeenFile = serde_json::from_str(&text).map_err(|error| damaged(error.to_string()))?;
        if seen.origin == origin {
            Ok(Some(Seen { size: seen.size, root: seen.root }))
        } else {
            Err(damaged(format!("`{}` is another log than `{origin}`", seen.origin)))
        }
    }
}

/// Names of logs may hold anything, so files are named by their hash.
fn seen_name(origin: &str) -> String {
    format!("seen-{}.json", leaf::leaf_hash(origin.as_bytes()))
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), Trouble> {
    replace_file(folder, &format!("{name}.new"), name, text)
        .map_err(|error| Trouble::file(&folder.join(name), &error))
}

/// The text of a file; nothing when there is no such file.
fn text_of(path: &Path) -> std::io::Result<Option<String>> {
    match std::fs::metadata(path) {
        Ok(file) if file.len() > FILE_MAX => Err(ErrorKind::FileTooLarge.into()),
        Ok(_) => std::fs::read_to_string(path).map(Some),
        Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}
