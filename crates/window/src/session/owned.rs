//! Owned: things that are found by a secret and belong to a person: sessions, tokens. The secret itself is
//! never kept, only its hash; beside it lies a note under the person, so that all of theirs can be listed
//! and thrown away.

use grammar::kinds::{Id, Moment};
use registry::{Broken, Registry, Writer};
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

/// Things of one kind that one person may have; older ones are not listed.
pub const OWNED_MAX: u32 = 100;

/// A kind of owned thing: the spaces of the things, of the notes under persons, and of their last use.
pub struct Kind {
    pub things: &'static str,
    pub notes: &'static str,
    pub used: &'static str,
}

pub const SESSIONS: Kind = Kind { things: "session", notes: "session-of", used: "session-used" };
pub const TOKENS: Kind = Kind { things: "token", notes: "token-of", used: "token-used" };
/// Addresses by which calendars are read.
pub const FEEDS: Kind = Kind { things: "feed", notes: "feed-of", used: "feed-used" };

/// Uses are written down this far apart, in milliseconds: a page costs no write.
pub const USE_MILLIS: i64 = 300_000;

#[must_use]
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[must_use]
pub fn hash(text: &str) -> String {
    hex(&Sha256::digest(text))
}

impl Kind {
    pub fn put<T: Serialize>(
        &self,
        registry: &Registry,
        person: Id,
        (key, until): (&str, Moment),
        thing: &T,
    ) -> Result<(), Broken> {
        registry.keep(self.things, key, thing, until)?;
        registry.keep(self.notes, &format!("{person}/{key}"), &(), until)
    }

    pub fn get<T: DeserializeOwned>(&self, registry: &Registry, key: &str) -> Result<Option<T>, Broken> {
        registry.kept(self.things, key)
    }

    /// All of a person's, each with its key.
    pub fn of<T: DeserializeOwned>(
        &self,
        registry: &Registry,
        person: Id,
    ) -> Result<Vec<(String, T)>, Broken> {
        let notes: Vec<(String, ())> = registry.kept_all(self.notes, &format!("{person}/"), OWNED_MAX)?;
        let mut found = Vec::new();
        for (note, ()) in notes {
            let key = note.rsplit('/').next().unwrap_or_default();
            found.extend(self.get(registry, key)?.map(|thing| (key.to_owned(), thing)));
        }
        Ok(found)
    }

    /// Ends one of a person's; another's is not touched.
    pub fn end(&self, registry: &Registry, person: Id, key: &str) -> Result<bool, Broken> {
        let note = format!("{person}/{key}");
        if registry.kept::<()>(self.notes, &note)?.is_none() {
            return Ok(false);
        }
        registry.throw_away(self.things, key)?;
        registry.throw_away(self.notes, &note)?;
        registry.throw_away(self.used, key)?;
        Ok(true)
    }

    /// Ends all of a person's but one; gives how many there were.
    pub fn end_all(&self, registry: &Registry, person: Id, but: Option<&str>) -> Result<usize, Broken> {
        let mut ended = 0;
        loop {
            let notes: Vec<(String, ())> = registry.kept_all(self.notes, &format!("{person}/"), OWNED_MAX)?;
            let keys = notes.iter().filter_map(|(note, ())| note.rsplit('/').next());
            let keys: Vec<&str> = keys.filter(|key| but != Some(*key)).collect();
            for key in &keys {
                ended += usize::from(self.end(registry, person, key)?);
            }
            if keys.is_empty() || notes.len() < OWNED_MAX as usize {
                return Ok(ended);
            }
        }
    }

    /// When it was last used, to within [`USE_MILLIS`].
    pub fn used(&self, registry: &Registry, key: &str) -> Result<Option<Moment>, Broken> {
        registry.kept(self.used, key)
    }

    /// Notes the use. A node that only reads leaves that to the one that writes.
    pub fn use_now(&self, registry: &Registry, key: &str, until: Moment) -> Result<(), Broken> {
        if registry.writer() != Writer::Here {
            return Ok(());
        }
        registry.keep(self.used, key, &registry.now(), until)
    }
}
