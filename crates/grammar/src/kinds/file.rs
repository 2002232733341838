//! Files: a record holds the hash of the bytes and what they are called; the bytes lie elsewhere.

use std::{fmt, str::FromStr};

use super::{Unreadable, string_kind};

const NAME_MAX: usize = 120;

/// An uploaded file: SHA-256 of its bytes and its name, written `<64 hex digits>:<name>`.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct FileRef {
    hash: String,
    name: String,
}

impl FileRef {
    #[must_use]
    pub fn hash(&self) -> &str {
        &self.hash
    }

    #[must_use]
    pub fn name(&self) -> &str {
        &self.name
    }
}

impl FromStr for FileRef {
    type Err = Unreadable;
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let (hash, name) = text.split_once(':').ok_or(Unreadable("not-a-file"))?;
        let hexadecimal = hash.len() == 64 && hash.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let plain = !name.is_empty()
            && name.chars().count() <= NAME_MAX
            && !name.chars().any(|c| c.is_control() || matches!(c, '/' | '\\'));
        if hexadecimal && plain {
            Ok(Self { hash: hash.into(), name: name.into() })
        } else {
            Err(Unreadable("not-a-file"))
        }
    }
}

impl fmt::Display for FileRef {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.hash, self.name)
    }
}

string_kind!(FileRef, "file");
