//! Kept: small things that are no events: sessions, credentials, drafts, read marks.

use grammar::kinds::Moment;
use rusqlite::{Connection, OptionalExtension, params};
use serde::{Serialize, de::DeserializeOwned};

use crate::{Broken, Chance, Registry, store};

/// Far enough for what has no end.
pub const FOREVER: Moment = Moment::from_millis(i64::MAX);

/// The secret from which names of records are made. Made once for a region.
pub fn secret(connection: &mut Connection, chance: &dyn Chance) -> Result<[u8; 32], Broken> {
    let text = chain::Hash(chance.bytes()).to_string();
    connection.execute(
        "INSERT OR IGNORE INTO kept (space, key, value, until) VALUES ('secret', 'names', $1, $2)",
        params![text, FOREVER.in_millis()],
    )?;
    let kept: String = connection.query_row(
        "SELECT value FROM kept WHERE space = 'secret' AND key = 'names'",
        [],
        |row| row.get(0),
    )?;
    kept.parse::<chain::Hash>()
        .map(|hash| hash.0)
        .map_err(|_| Broken("the secret of names is damaged".into()))
}

impl Registry {
    /// Keeps a value under a key until a moment. A later one takes its place.
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
        self.work(move |connection| {
            let mut insert = connection.prepare_cached(
                "INSERT OR REPLACE INTO kept (space, key, value, until) VALUES ($1, $2, $3, $4)",
            )?;
            insert.execute(params![space, key, text, until.in_millis()])?;
            Ok(())
        })
    }

    /// What is kept under a key, unless its time is over.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn kept<T: DeserializeOwned>(&self, space: &str, key: &str) -> Result<Option<T>, Broken> {
        let now = self.now().in_millis();
        self.read(|connection| {
            let mut query = connection
                .prepare_cached("SELECT value FROM kept WHERE space = $1 AND key = $2 AND until > $3")?;
            let text: Option<String> =
                query.query_row(params![space, key, now], |row| row.get(0)).optional()?;
            Ok(text.as_deref().map(serde_json::from_str).transpose()?)
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
        self.read(|connection| {
            let mut query = connection.prepare_cached(
                "SELECT key, value FROM kept WHERE space = $1 AND substr(key, 1, length($2)) = $2 AND until > $3 ORDER BY key LIMIT $4",
            )?;
            let rows = query.query_map(params![space, prefix, now, most], |row| Ok((row.get::<_, String>(0)?, row.get::<_, String>(1)?)))?;
            rows.map(|row| row.map_err(Broken::from).and_then(|(key, text)| Ok((key, serde_json::from_str(&text)?)))).collect()
        })
    }

    /// Throws away what is kept under a key.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn throw_away(&self, space: &'static str, key: &str) -> Result<(), Broken> {
        let key = key.to_owned();
        self.work(move |connection| {
            connection.execute("DELETE FROM kept WHERE space = $1 AND key = $2", params![space, key])?;
            Ok(())
        })
    }

    /// Lends a connection that only reads. Several may be lent at once.
    pub(crate) fn read<T>(&self, work: impl FnOnce(&Connection) -> Result<T, Broken>) -> Result<T, Broken> {
        let spare = self.readers.lock().ok().and_then(|mut readers| readers.pop());
        let connection = match spare {
            Some(connection) => connection,
            None => store::reader(&self.settings().folder)?,
        };
        let answer = work(&connection);
        if let Ok(mut readers) = self.readers.lock() {
            readers.push(connection);
        }
        answer
    }
}
