//! Keys: those that sign the log, and those that did, in one file that only its owner reads.
//!
//! A new key signs beside the old one until the old one is retired: `present, present` is an overlap. Each key says from
//! which size of the log it signed, and until which. A retired key's secret is gone; its public part stays, since old
//! receipts rest on it. Always: the file is replaced whole, so that after a crash it is the old ring or the new one.

use std::path::{Path, PathBuf};

use chain::{Hash, Signer, Verifier, key::Algorithm};
use serde::{Deserialize, Serialize};

use crate::{Broken, Chance, durable::replace_file};

const FILE: &str = "log.key";
/// The ring on its way into its place.
const FILE_NEW: &str = "log.key.new";
/// The longest file that is read.
const BYTES_MAX: u64 = 1 << 20;
/// Keys of one log in all its life.
const KEYS_MAX: usize = 64;
/// One number in 2^32 is no secret of SM2: so many in a row are not met.
const DRAWS_MAX: usize = 4;

/// What anyone may know of a key of the log.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct LogKey {
    /// The verifier key line.
    pub key: String,
    /// `ed25519` or `sm2`.
    pub algorithm: &'static str,
    /// The size of the first checkpoint it may have signed.
    pub from: u64,
    /// The size of the last one; nothing while it signs.
    pub until: Option<u64>,
}

/// What can be done with the keys of a log whose house is closed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Change {
    /// A new key beside each that signs.
    Rotate,
    /// The older of two keys signs no more.
    Retire,
    /// A first key of SM2 beside that of Ed25519.
    AddSm2,
}

/// Why the keys stay as they are.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeysDenied {
    /// A new key signs beside the old one already: that one is retired first.
    Overlap,
    /// No key has a successor.
    NoOverlap,
    /// There is a key of SM2.
    HasSm2,
    /// The log has had as many keys as it can.
    TooMany,
    Broken(Broken),
}

impl From<Broken> for KeysDenied {
    fn from(broken: Broken) -> Self {
        Self::Broken(broken)
    }
}

/// One key as the file has it. Those that sign have their secret.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    key: String,
    from: u64,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    until: Option<u64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    secret: Option<Hash>,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    v: u8,
    keys: Vec<Kept>,
}

/// The keys of a log. Always: at least one of Ed25519 signs, and every key bears the log's name.
#[derive(Clone)]
pub struct Keys {
    folder: PathBuf,
    kept: Vec<(Kept, Verifier)>,
    /// Of those that sign, in the order in which they came.
    signers: Vec<Signer>,
}

impl Keys {
    /// Reads the keys of a folder; `None` when there are none.
    ///
    /// # Errors
    /// The file cannot be read, or its keys are not those of the log `origin`.
    pub fn read(folder: &Path, origin: &str) -> Result<Option<Self>, Broken> {
        let path = folder.join(FILE);
        let text = match std::fs::metadata(&path).and_then(|file| {
            if file.len() > BYTES_MAX {
                Err(std::io::ErrorKind::FileTooLarge.into())
            } else {
                std::fs::read_to_string(&path)
            }
        }) {
            Ok(text) => text,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
            Err(error) => return Err(Broken::folder(folder, &error)),
        };
        let bad = |why: String| Broken(format!("{}: {why}", path.display()));
        // The first form of the file was one secret and nothing else.
        if let Ok(seed) = text.trim().parse::<Hash>() {
            let signer = Signer::from_seed(origin, seed.0).map_err(|error| bad(error.to_string()))?;
            let kept = Kept { key: signer.verifier().to_string(), from: 0, until: None, secret: Some(seed) };
            return Self::of(folder, origin, vec![kept]).map(Some).map_err(bad);
        }
        let file: File = serde_json::from_str(&text).map_err(|error| bad(error.to_string()))?;
        if file.v != 1 {
            return Err(bad(format!("written by a newer program (version {})", file.v)));
        }
        Self::of(folder, origin, file.keys).map(Some).map_err(bad)
    }

    /// Makes the first key of a log that nobody has signed yet.
    ///
    /// # Errors
    /// The folder cannot be written, or `origin` cannot be the name of a key.
    pub fn found(folder: &Path, origin: &str, chance: &dyn Chance) -> Result<Self, Broken> {
        let first = new_key(origin, Algorithm::Plain, 0, chance)?;
        let keys = Self::of(folder, origin, vec![first]).map_err(Broken)?;
        keys.write()?;
        Ok(keys)
    }

    fn of(folder: &Path, origin: &str, kept: Vec<Kept>) -> Result<Self, String> {
        let mut keys = Self { folder: folder.to_owned(), kept: Vec::new(), signers: Vec::new() };
        for one in kept {
            let verifier: Verifier = one.key.parse().map_err(|error| format!("`{}`: {error}", one.key))?;
            if verifier.name() != origin {
                return Err(format!("`{}` is not a key of the log `{origin}`", one.key));
            }
            if one.until.is_none() {
                let secret =
                    one.secret.ok_or_else(|| format!("`{}` signs, but its secret is missing", one.key))?;
                let signer =
                    signer(origin, verifier.algorithm(), secret).map_err(|error| error.to_string())?;
                if *signer.verifier() != verifier {
                    return Err(format!("`{}` and its secret do not belong together", one.key));
                }
                keys.signers.push(signer);
            }
            keys.kept.push((one, verifier));
        }
        match keys.newest(Algorithm::Plain) {
            Some(_) => Ok(keys),
            None => Err("no key of Ed25519 signs".into()),
        }
    }

    /// Those that sign now, each under every checkpoint.
    pub fn signers(&self) -> &[Signer] {
        &self.signers
    }

    /// The newest key of a kind that signs.
    fn newest(&self, algorithm: Algorithm) -> Option<&Signer> {
        self.signers.iter().rev().find(|signer| signer.verifier().algorithm() == algorithm)
    }

    /// The verifier key to give to strangers: the newest of Ed25519.
    pub fn key(&self) -> String {
        self.newest(Algorithm::Plain).map(|signer| signer.verifier().to_string()).unwrap_or_default()
    }

    /// Every key the log has had, oldest first.
    pub fn all(&self) -> Vec<LogKey> {
        let public = |(kept, verifier): &(Kept, Verifier)| LogKey {
            key: kept.key.clone(),
            algorithm: if verifier.algorithm() == Algorithm::Sm2 { "sm2" } else { "ed25519" },
            from: kept.from,
            until: kept.until,
        };
        self.kept.iter().map(public).collect()
    }

    /// The keys that may have signed the log at this size: a retired key says nothing of later ones.
    pub fn trusted(&self, size: u64) -> Vec<Verifier> {
        let signed = |kept: &Kept| kept.from <= size && kept.until.is_none_or(|until| size <= until);
        self.kept.iter().filter(|(kept, _)| signed(kept)).map(|(_, verifier)| verifier.clone()).collect()
    }

    /// The ring after a change, written durably. `size` is that of the newest checkpoint.
    ///
    /// # Errors
    /// Why nothing has changed.
    pub fn change(&self, change: Change, size: u64, chance: &dyn Chance) -> Result<Self, KeysDenied> {
        let mut kept: Vec<Kept> = self.kept.iter().map(|(kept, _)| kept.clone()).collect();
        let origin =
            self.signers.first().map(|signer| signer.verifier().name().to_owned()).unwrap_or_default();
        let present =
            |algorithm| self.signers.iter().filter(|s| s.verifier().algorithm() == algorithm).count();
        let kinds = [Algorithm::Plain, Algorithm::Sm2];
        let is_overlap = kinds.iter().any(|kind| present(*kind) > 1);
        let new = match change {
            Change::Rotate if is_overlap => return Err(KeysDenied::Overlap),
            Change::Rotate => kinds.into_iter().filter(|kind| present(*kind) > 0).collect(),
            Change::Retire if !is_overlap => return Err(KeysDenied::NoOverlap),
            Change::Retire => vec![],
            Change::AddSm2 if present(Algorithm::Sm2) > 0 => return Err(KeysDenied::HasSm2),
            Change::AddSm2 => vec![Algorithm::Sm2],
        };
        if change == Change::Retire {
            let newest: Vec<String> = kinds
                .iter()
                .filter_map(|kind| self.newest(*kind))
                .map(|s| s.verifier().to_string())
                .collect();
            for old in kept.iter_mut().filter(|old| old.until.is_none() && !newest.contains(&old.key)) {
                old.until = Some(size);
                old.secret = None;
            }
        }
        for kind in new {
            kept.push(new_key(&origin, kind, size, chance)?);
        }
        if kept.len() > KEYS_MAX {
            return Err(KeysDenied::TooMany);
        }
        let keys = Self::of(&self.folder, &origin, kept).map_err(Broken)?;
        keys.write()?;
        Ok(keys)
    }

    /// Beside the old file, to the disk, into its place, and the folder to the disk.
    fn write(&self) -> Result<(), Broken> {
        let file = File { v: 1, keys: self.kept.iter().map(|(kept, _)| kept.clone()).collect() };
        let text = serde_json::to_string_pretty(&file)?;
        replace_file(&self.folder, FILE_NEW, FILE, &text)
            .map_err(|error| Broken::folder(&self.folder, &error))
    }
}

fn signer(origin: &str, algorithm: Algorithm, secret: Hash) -> Result<Signer, chain::key::KeyError> {
    match algorithm {
        Algorithm::Sm2 => Signer::sm2_from_seed(origin, secret.0),
        _ => Signer::from_seed(origin, secret.0),
    }
}

fn new_key(origin: &str, algorithm: Algorithm, from: u64, chance: &dyn Chance) -> Result<Kept, Broken> {
    let mut denied = Broken("no key could be drawn".into());
    for _ in 0..DRAWS_MAX {
        let secret = Hash(chance.bytes());
        match signer(origin, algorithm, secret) {
            Ok(signer) => {
                let key = signer.verifier().to_string();
                return Ok(Kept { key, from, until: None, secret: Some(secret) });
            }
            Err(error) => denied = Broken(format!("the origin `{origin}`: {error}")),
        }
    }
    Err(denied)
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicU8, Ordering};

    use tempfile::TempDir;

    use super::*;

    struct Numbered(AtomicU8);
    impl Chance for Numbered {
        fn bytes(&self) -> [u8; 32] {
            [self.0.fetch_add(1, Ordering::Relaxed); 32]
        }
    }

    const ORIGIN: &str = "region.example/log";

    fn chance() -> Numbered {
        Numbered(AtomicU8::new(1))
    }

    fn read(folder: &TempDir) -> Keys {
        Keys::read(folder.path(), ORIGIN).unwrap().unwrap()
    }

    /// `from-until` of each key, with the kind of those of SM2.
    fn shown(keys: &Keys) -> Vec<String> {
        let until = |key: &LogKey| key.until.map_or(String::new(), |until| until.to_string());
        let show =
            |key: &LogKey| format!("{}{}-{}", key.algorithm.replace("ed25519", ""), key.from, until(key));
        keys.all().iter().map(show).collect()
    }

    #[test]
    fn a_key_is_followed_by_another_and_stays_known() {
        let (folder, chance) = (TempDir::new().unwrap(), chance());
        assert!(Keys::read(folder.path(), ORIGIN).unwrap().is_none());
        let first = Keys::found(folder.path(), ORIGIN, &chance).unwrap();
        assert_eq!(first.change(Change::Retire, 3, &chance).err(), Some(KeysDenied::NoOverlap));
        let both = first.change(Change::Rotate, 5, &chance).unwrap();
        assert_eq!((shown(&both), both.signers().len()), (vec!["0-".into(), "5-".into()], 2));
        assert_ne!(both.key(), first.key());
        assert_eq!(both.change(Change::Rotate, 6, &chance).err(), Some(KeysDenied::Overlap));
        let after = read(&folder).change(Change::Retire, 9, &chance).unwrap();
        assert_eq!((shown(&after), after.signers().len()), (vec!["0-9".into(), "5-".into()], 1));
        assert_eq!(read(&folder).all(), after.all());
        let trusted = |size| after.trusted(size).iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(trusted(4), [first.key()]);
        assert_eq!(trusted(9), [first.key(), after.key()]);
        assert_eq!(trusted(10), [after.key()]);
        // The secret of the retired key is gone from the file.
        let text = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        assert_eq!(text.matches("secret").count(), 1);
    }

    #[test]
    fn sm2_signs_beside_ed25519_and_is_followed_with_it() {
        let (folder, chance) = (TempDir::new().unwrap(), chance());
        let keys = Keys::found(folder.path(), ORIGIN, &chance).unwrap();
        let keys = keys.change(Change::AddSm2, 2, &chance).unwrap();
        assert_eq!(keys.change(Change::AddSm2, 2, &chance).err(), Some(KeysDenied::HasSm2));
        let keys =
            keys.change(Change::Rotate, 4, &chance).unwrap().change(Change::Retire, 6, &chance).unwrap();
        assert_eq!(shown(&keys), ["0-6", "sm22-6", "4-", "sm24-"]);
        let kinds: Vec<_> = read(&folder).signers().iter().map(|s| s.verifier().algorithm()).collect();
        assert_eq!(kinds, [Algorithm::Plain, Algorithm::Sm2]);
    }

    #[test]
    fn the_first_form_of_the_file_is_read_and_becomes_the_new_one() {
        let (folder, chance) = (TempDir::new().unwrap(), chance());
        std::fs::write(folder.path().join(FILE), format!("{}\n", Hash([9; 32]))).unwrap();
        let old = read(&folder);
        assert_eq!(old.key(), Signer::from_seed(ORIGIN, [9; 32]).unwrap().verifier().to_string());
        old.change(Change::Rotate, 7, &chance).unwrap();
        assert_eq!(shown(&read(&folder)), ["0-", "7-"]);
        assert_eq!(read(&folder).all()[0].key, old.key());
    }

    #[test]
    fn a_crash_while_it_is_written_leaves_the_old_ring() {
        let (folder, chance) = (TempDir::new().unwrap(), chance());
        let keys = Keys::found(folder.path(), ORIGIN, &chance).unwrap();
        std::fs::write(folder.path().join(FILE_NEW), "{ \"v\": 1, \"keys\": [").unwrap();
        assert_eq!(read(&folder).all(), keys.all());
        assert_eq!(shown(&read(&folder).change(Change::Rotate, 1, &chance).unwrap()), ["0-", "1-"]);
        assert!(!folder.path().join(FILE_NEW).exists());
    }

    #[test]
    fn a_ring_that_does_not_fit_is_refused_with_its_reason() {
        let (folder, chance) = (TempDir::new().unwrap(), chance());
        let keys = Keys::found(folder.path(), ORIGIN, &chance).unwrap();
        assert!(Keys::read(folder.path(), "other").err().unwrap().0.contains("not a key of the log"));
        let good = std::fs::read_to_string(folder.path().join(FILE)).unwrap();
        let (first, other) = (Hash([1; 32]).to_string(), Hash([2; 32]).to_string());
        let secret = |line: &str| line.contains("secret");
        let without: Vec<&str> = good.lines().filter(|line| !secret(line)).collect();
        let bad = [
            (good.replace(&first, &other), "do not belong together"),
            (without.join("\n").replace("\"from\": 0,", "\"from\": 0"), "secret is missing"),
            (good.replace("\"v\": 1", "\"v\": 2"), "newer program"),
            (good.replace("\"from\": 0,", "\"from\": 0, \"until\": 1,"), "no key of Ed25519 signs"),
            ("{}".into(), "missing field"),
            (String::new(), "EOF"),
        ];
        for (text, why) in bad {
            std::fs::write(folder.path().join(FILE), &text).unwrap();
            let refused = Keys::read(folder.path(), ORIGIN).err().unwrap();
            assert!(refused.0.contains(why), "{refused}: {text}");
        }
        drop(keys);
    }
}
