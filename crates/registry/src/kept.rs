//! Kept: small things that are no events: sessions, credentials, drafts, read marks.

use grammar::kinds::Moment;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest, Sha256};

use crate::{
    Broken, Chance, Registry,
    store::{Link, cells},
};

/// Far enough for what has no end.
pub const FOREVER: Moment = Moment::from_millis(i64::MAX);

/// The secret from which names of records are made. Made once for a region.
pub fn secret(link: &dyn Link, chance: &dyn Chance) -> Result<[u8; 32], Broken> {
    let kept = once(link, "names", &chain::Hash(chance.bytes()).to_string())?;
    let hash = kept.parse::<chain::Hash>().map_err(|_| Broken("the secret of names is damaged".into()))?;
    Ok(hash.0)
}

/// By this word the nodes of one region know each other; whoever cannot read their store cannot say it.
pub fn word_between_nodes(secret: &[u8; 32]) -> String {
    let digest = Sha256::new().chain_update("kechuang between nodes").chain_update(secret).finalize();
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// What a region settles once: the value kept under this name, which is this one if it is the first.
pub fn once(link: &dyn Link, name: &str, value: &str) -> Result<String, Broken> {
    let known = "SELECT value FROM kept WHERE space = 'secret' AND key = $1";
    if let Some(value) = link.one(known, cells![name])? {
        return Ok(value);
    }
    link.run(
        "INSERT INTO kept (space, key, value, until) VALUES ('secret', $1, $2, $3)
         ON CONFLICT (space, key) DO NOTHING",
        cells![name, value, FOREVER.in_millis()],
    )?;
    Ok(link.one(known, cells![name])?.unwrap_or_default())
}

impl Registry {
    /// Keeps a value under a key until a moment. A later one takes its place. What is over by now goes.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn keep<T: Serialize>(
        &self,
        space: &'static str,
        key: &str,
        value: &T,
        until: Moment,
    ) -> Result<(), Broken> {
        let (key, text) = (key.to_owned(), serde_json::to_string(value)?);
        let now = self.now().in_millis();
        self.work(move |link| {
            link.run("DELETE FROM kept WHERE until <= $1", cells![now])?;
            link.run(
                "INSERT INTO kept (space, key, value, until) VALUES ($1, $2, $3, $4)
                 ON CONFLICT (space, key) DO UPDATE SET value = $3, until = $4",
                cells![space, key, text, until.in_millis()],
            )?;
            Ok(())
        })
    }

    /// What is kept under a key, unless its time is over.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn kept<T: DeserializeOwned>(&self, space: &str, key: &str) -> Result<Option<T>, Broken> {
        let now = self.now().in_millis();
        self.read(|link| {
            link.first(
                "SELECT value FROM kept WHERE space = $1 AND key = $2 AND until > $3",
                cells![space, key, now],
                |row| Ok(serde_json::from_str(row.get(0)?)?),
            )
        })
    }

    /// Everything of a space whose key begins with `prefix`, at most `most`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn kept_all<T: DeserializeOwned>(
        &self,
        space: &str,
        prefix: &str,
        most: u32,
    ) -> Result<Vec<(String, T)>, Broken> {
        let now = self.now().in_millis();
        let length = u32::try_from(prefix.chars().count()).unwrap_or(u32::MAX);
        self.read(|link| {
            // The bound below spares looking at the keys before; `substr` alone decides.
            link.all(
                "SELECT key, value FROM kept WHERE space = $1 AND key >= $2 AND substr(key, 1, $3) = $2 AND until > $4 ORDER BY key LIMIT $5",
                cells![space, prefix, length, now, most],
                |row| Ok((row.get(0)?, serde_json::from_str(row.get(1)?)?)),
            )
        })
    }

    /// Throws away what is kept under a key.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn throw_away(&self, space: &'static str, key: &str) -> Result<(), Broken> {
        let key = key.to_owned();
        self.work(move |link| {
            link.run("DELETE FROM kept WHERE space = $1 AND key = $2", cells![space, key])?;
            Ok(())
        })
    }

    /// Lends a link that only reads. Several may be lent at once.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&dyn Link) -> Result<T, Broken>) -> Result<T, Broken> {
        self.readers.read(work)
    }
}
