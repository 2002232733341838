//! Names of records: short, lasting, never reused, of fixed size so that they can be copied.

use std::{fmt, marker::PhantomData, str::FromStr};

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::{Unreadable, string_kind};
use crate::desk::Desk;

const MAX: usize = 47;

/// The name of a record: lower-case letters, digits and hyphens, at most 47 of them.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Id {
    bytes: [u8; MAX],
    length: u8,
}

impl Id {
    /// For constants in code and stories. Letters that are not allowed, or too many, do not compile.
    #[must_use]
    pub const fn named(name: &str) -> Self {
        let from = name.as_bytes();
        assert!(!from.is_empty() && from.len() <= MAX, "an id has 1 to 47 letters");
        let mut bytes = [0; MAX];
        let mut at = 0;
        let (mut rest, mut room): (&[u8], &mut [u8]) = (from, &mut bytes);
        while let ([byte, more @ ..], [place, free @ ..]) = (rest, room) {
            assert!(fits(*byte), "an id has lower-case letters, digits and hyphens");
            *place = *byte;
            (rest, room) = (more, free);
            at += 1;
        }
        Self { bytes, length: at }
    }

    #[must_use]
    pub fn as_str(&self) -> &str {
        self.bytes.get(..usize::from(self.length)).and_then(|b| std::str::from_utf8(b).ok()).unwrap_or("")
    }

    /// The same name, known to be a record of desk `D`.
    #[must_use]
    pub const fn r<D>(self) -> Ref<D> {
        Ref { id: self, desk: PhantomData }
    }

    /// The desk in whose drawer the record lies: the letters before the last hyphen.
    #[must_use]
    pub fn desk(&self) -> &str {
        self.as_str().rsplit_once('-').map_or("", |(desk, _)| desk)
    }
}

const fn fits(byte: u8) -> bool {
    byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-'
}

impl FromStr for Id {
    type Err = Unreadable;
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let text = text.trim();
        let fitting = !text.is_empty() && text.len() <= MAX && text.bytes().all(fits);
        if fitting { Ok(Self::named(text)) } else { Err(Unreadable("not-a-reference")) }
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

string_kind!(Id, "ref");

/// A reference to a record of desk `D`.
pub struct Ref<D> {
    id: Id,
    desk: PhantomData<fn() -> D>,
}

impl<D> Ref<D> {
    #[must_use]
    pub const fn id(&self) -> Id {
        self.id
    }
}

impl<D> Clone for Ref<D> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<D> Copy for Ref<D> {}
impl<D> PartialEq for Ref<D> {
    fn eq(&self, other: &Self) -> bool {
        self.id == other.id
    }
}
impl<D> Eq for Ref<D> {}
impl<D> PartialOrd for Ref<D> {
    fn partial_cmp(&self, other: &Self) -> Option<std::cmp::Ordering> {
        Some(self.cmp(other))
    }
}
impl<D> Ord for Ref<D> {
    fn cmp(&self, other: &Self) -> std::cmp::Ordering {
        self.id.cmp(&other.id)
    }
}
impl<D> fmt::Debug for Ref<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(f)
    }
}
impl<D> fmt::Display for Ref<D> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.id.fmt(f)
    }
}
impl<D> Serialize for Ref<D> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        self.id.serialize(serializer)
    }
}
impl<'de, D> Deserialize<'de> for Ref<D> {
    fn deserialize<S: Deserializer<'de>>(deserializer: S) -> Result<Self, S::Error> {
        Id::deserialize(deserializer).map(Id::r)
    }
}
impl<D: Desk> JsonSchema for Ref<D> {
    fn inline_schema() -> bool {
        true
    }
    fn schema_name() -> std::borrow::Cow<'static, str> {
        format!("ref-{}", D::NAME).into()
    }
    fn json_schema(_: &mut SchemaGenerator) -> Schema {
        json_schema!({ "type": "string", "x-kind": "ref", "x-desk": D::NAME })
    }
}
