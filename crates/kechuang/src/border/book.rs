//! Book: the folder of one side: its key, whom it trusts, its own log and its copies of theirs.
//!
//! A log is a file of lines; each line is a leaf. A line is on the disk before anyone is shown it. Always: a copy of another's
//! log only grows, and its root is the one that the other has signed.

use std::{
    fs::{File, OpenOptions},
    io::{ErrorKind, Read, Seek, SeekFrom, Write},
    path::{Path, PathBuf},
};

use chain::{Excerpt, Hash, Signer, Verifier, excerpt};
pub use desks::settlement::{Claim, Said};
use grammar::kinds::Region;
use registry::{Chance, replace_file};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{speech::Trouble, system::SystemChance};

const KEY_FILE: &str = "border.key";
const PEERS_FILE: &str = "peers.json";
const LOG_FILE: &str = "log.jsonl";
const LOCK_FILE: &str = "log.lock";
/// Others that one side settles with.
const PEERS_MAX: usize = 33;
/// Bytes of one file that is read.
const FILE_MAX: u64 = 256 << 20;
/// Bytes of one line of a log.
pub const LINE_MAX: usize = 1 << 20;
/// Letters of a word in a log.
const WORD_MAX: usize = 500;

/// Another region's program.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Peer {
    pub key: Verifier,
    pub region: Region,
    /// Without a slash at the end.
    pub url: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct PeerFile {
    key: String,
    region: Region,
    url: String,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFile {
    name: String,
    region: Region,
    secret: Hash,
}

/// The folder of one side.
pub struct Book {
    folder: PathBuf,
    pub signer: Signer,
    pub region: Region,
}

/// The lines of a log, each a leaf.
#[derive(Default)]
pub struct Log {
    pub lines: Vec<String>,
}

impl Log {
    pub fn root(&self) -> Option<Hash> {
        excerpt::root_of(&self.lines)
    }

    /// What was said, in order. A line that says nothing we know is passed over: it is signed, but means nothing to us.
    pub fn said(&self) -> impl DoubleEndedIterator<Item = Said> + '_ {
        self.lines.iter().filter_map(|line| serde_json::from_str(line).ok())
    }
}

impl Book {
    /// Makes the key of a new folder under a name that stays, or opens the folder that has it.
    ///
    /// # Errors
    /// The folder cannot be used, or has another name or region.
    pub fn found(folder: &Path, name: &str, region: Region) -> Result<Self, Trouble> {
        crate::folder::make(folder).map_err(|error| Trouble::file(folder, &error))?;
        if let Some(book) = Self::read(folder)? {
            let is = book.signer.verifier().name().to_owned();
            let facts = json!({ "folder": folder.display().to_string(), "is": is, "wanted": name });
            let is_same = is == name && book.region == region;
            return if is_same {
                Ok(book)
            } else {
                Err(Trouble::new("witness-other-name", facts).of_input())
            };
        }
        let key = KeyFile { name: name.to_owned(), region, secret: Hash(SystemChance.bytes()) };
        let book = Self::of(folder, &key)?;
        write(
            folder,
            KEY_FILE,
            &serde_json::to_string_pretty(&key).map_err(|error| Trouble::file(folder, &error))?,
        )?;
        Ok(book)
    }

    /// # Errors
    /// Nothing was founded in the folder, or its files cannot be read.
    pub fn open(folder: &Path) -> Result<Self, Trouble> {
        let none = || Trouble::new("no-border", json!({ "folder": folder.display().to_string() })).of_input();
        Self::read(folder)?.ok_or_else(none)
    }

    fn read(folder: &Path) -> Result<Option<Self>, Trouble> {
        let path = folder.join(KEY_FILE);
        let Some(text) = text_of(&path)? else { return Ok(None) };
        let key: KeyFile = serde_json::from_str(&text).map_err(|error| Trouble::file(&path, &error))?;
        Self::of(folder, &key).map(Some)
    }

    fn of(folder: &Path, key: &KeyFile) -> Result<Self, Trouble> {
        let signer = Signer::from_seed(&key.name, key.secret.0).map_err(|error| {
            Trouble::new("setting", json!({ "name": "name", "value": key.name, "place": error.to_string() }))
                .of_input()
        })?;
        Ok(Self { folder: folder.to_owned(), signer, region: key.region })
    }

    /// The same folder for another thread.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn again(&self) -> Result<Self, Trouble> {
        Self::open(&self.folder)
    }

    pub fn key(&self) -> String {
        self.signer.verifier().to_string()
    }

    /// Whom this side settles with.
    ///
    /// # Errors
    /// The list cannot be read.
    pub fn peers(&self) -> Result<Vec<Peer>, Trouble> {
        let path = self.folder.join(PEERS_FILE);
        let Some(text) = text_of(&path)? else { return Ok(vec![]) };
        let files: Vec<PeerFile> =
            serde_json::from_str(&text).map_err(|error| Trouble::file(&path, &error))?;
        let peer = |file: PeerFile| {
            let key = file.key.parse().map_err(|error: chain::key::KeyError| Trouble::file(&path, &error))?;
            Ok(Peer { key, region: file.region, url: file.url })
        };
        files.into_iter().map(peer).collect()
    }

    /// Trusts another's key from now on. The same name is trusted anew with another address, never with another key.
    ///
    /// # Errors
    /// The name or region is known with another key, or the list cannot be written.
    pub fn trust(&self, peer: &Peer) -> Result<(), Trouble> {
        let mut peers = self.peers()?;
        let clash = peers.iter().any(|other| {
            other.key != peer.key && (other.key.name() == peer.key.name() || other.region == peer.region)
        });
        let itself = peer.key.name() == self.signer.verifier().name() || peer.region == self.region;
        if clash || itself || peers.len() >= PEERS_MAX {
            let facts = json!({ "name": peer.key.name(), "region": peer.region.to_string() });
            return Err(Trouble::new("border-clash", facts).of_input());
        }
        peers.retain(|other| other.key != peer.key);
        peers.push(peer.clone());
        let files: Vec<PeerFile> = peers
            .into_iter()
            .map(|peer| PeerFile { key: peer.key.to_string(), region: peer.region, url: peer.url })
            .collect();
        let text =
            serde_json::to_string_pretty(&files).map_err(|error| Trouble::file(&self.folder, &error))?;
        write(&self.folder, PEERS_FILE, &text)
    }

    /// Our own log. What a crash left half-written at its end was never shown to anyone, and does not count.
    ///
    /// # Errors
    /// The file cannot be read.
    pub fn log(&self) -> Result<Log, Trouble> {
        let lock = self.lock()?;
        lock.lock_shared().map_err(|error| Trouble::file(&self.folder, &error))?;
        read_log(&self.folder.join(LOG_FILE))
    }

    /// Writes a line into our own log, and returns when it is on the disk.
    ///
    /// # Errors
    /// It is too long, or cannot be written.
    pub fn say(&self, said: &Said) -> Result<(), Trouble> {
        let line = serde_json::to_string(said).map_err(|error| Trouble::file(&self.folder, &error))?;
        let words = match said {
            Said::Claims { run, .. } | Said::Signs { run, .. } => vec![run],
            Said::Disputes { run, order, reason } | Said::Ends { run, order, reason } => {
                vec![run, order, reason]
            }
        };
        let fits = |word: &&String| word.chars().count() <= WORD_MAX && !word.chars().any(char::is_control);
        let run_is_plain =
            words.first().is_some_and(|run| !run.is_empty() && run.bytes().all(|b| b.is_ascii_graphic()));
        if line.len() > LINE_MAX || !words.iter().all(fits) || !run_is_plain {
            return Err(Trouble::new("border-words", json!({ "max": WORD_MAX })).of_input());
        }
        let lock = self.lock()?;
        lock.lock().map_err(|error| Trouble::file(&self.folder, &error))?;
        append(&self.folder.join(LOG_FILE), &[line])
    }

    fn lock(&self) -> Result<File, Trouble> {
        let path = self.folder.join(LOCK_FILE);
        let file = OpenOptions::new().create(true).truncate(false).write(true).open(&path);
        file.map_err(|error| Trouble::file(&path, &error))
    }

    /// The signed word on our log as it is.
    ///
    /// # Errors
    /// It cannot be read or signed.
    pub fn checkpoint(&self) -> Result<String, Trouble> {
        let log = self.log()?;
        let broken = |error: &dyn std::fmt::Display| Trouble::file(&self.folder, error);
        excerpt::word(&log.lines, &self.signer).ok_or_else(|| broken(&"the log cannot be signed"))
    }

    /// A line of our copy of another's log, proven by its signed word as it was when the copy was last brought up to it.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn excerpt(&self, peer: &Peer, index: usize, since: u64) -> Result<Option<Excerpt>, Trouble> {
        let Some(word) = text_of(&self.folder.join(Self::word_name(peer)))? else { return Ok(None) };
        Ok(Excerpt::of(&self.copy(peer)?.lines, index, since, word))
    }

    /// Keeps another's signed word on all that we have of its log.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep_word(&self, peer: &Peer, word: &str) -> Result<(), Trouble> {
        write(&self.folder, &Self::word_name(peer), word)
    }

    fn word_name(peer: &Peer) -> String {
        format!("word-{}-{}.txt", peer.region, id_of(peer))
    }

    /// Our copy of another's log.
    ///
    /// # Errors
    /// It cannot be read.
    pub fn copy(&self, peer: &Peer) -> Result<Log, Trouble> {
        read_log(&self.copy_path(peer))
    }

    /// Keeps more of another's log. It was verified together with what is there.
    ///
    /// # Errors
    /// It cannot be written.
    pub fn keep(&self, peer: &Peer, more: &[String]) -> Result<(), Trouble> {
        append(&self.copy_path(peer), more)
    }

    fn copy_path(&self, peer: &Peer) -> PathBuf {
        self.folder.join(format!("copy-{}-{}.jsonl", peer.region, id_of(peer)))
    }
}

fn id_of(peer: &Peer) -> String {
    peer.key.id().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn read_log(path: &Path) -> Result<Log, Trouble> {
    let text = text_of(path)?.unwrap_or_default();
    let whole = text.rfind('\n').map_or("", |end| text.get(..end).unwrap_or_default());
    Ok(Log { lines: whole.lines().map(str::to_owned).collect() })
}

/// Writes lines behind the last whole one, and returns when they are on the disk.
fn append(path: &Path, lines: &[String]) -> Result<(), Trouble> {
    let failed = |error: std::io::Error| Trouble::file(path, &error);
    let mut file =
        OpenOptions::new().create(true).truncate(false).read(true).write(true).open(path).map_err(failed)?;
    let mut bytes = Vec::new();
    file.read_to_end(&mut bytes).map_err(failed)?;
    let whole = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
    let whole = u64::try_from(whole).unwrap_or(0);
    file.set_len(whole).map_err(failed)?;
    file.seek(SeekFrom::Start(whole)).map_err(failed)?;
    let text: String = lines.iter().flat_map(|line| [line.as_str(), "\n"]).collect();
    file.write_all(text.as_bytes()).map_err(failed)?;
    file.sync_all().map_err(failed)
}

fn write(folder: &Path, name: &str, text: &str) -> Result<(), Trouble> {
    replace_file(folder, &format!("{name}.new"), name, text).map_err(|error| Trouble::file(folder, &error))
}

/// A file's text; `None` when there is none.
fn text_of(path: &Path) -> Result<Option<String>, Trouble> {
    let file = match File::open(path) {
        Err(error) if error.kind() == ErrorKind::NotFound => return Ok(None),
        other => other.map_err(|error| Trouble::file(path, &error))?,
    };
    let mut bytes = Vec::new();
    file.take(FILE_MAX).read_to_end(&mut bytes).map_err(|error| Trouble::file(path, &error))?;
    // A crash may leave half a letter behind the last whole line.
    Ok(Some(String::from_utf8_lossy(&bytes).into_owned()))
}
