//! Heads: how far the map of the records' last facts has come, beside the log it is made from.
//!
//! Nothing of it is stored: it follows the facts, in chunks, and each node of a house has its own. The sealer puts its
//! root into every checkpoint; case files are drawn from it.
//! Always: it holds exactly the facts before `upto`, so that under a checkpoint of that size its root is the signed one.

use std::{
    ops::ControlFlow,
    sync::{Arc, Mutex, MutexGuard},
};

use chain::{
    Hash,
    heads::{Heads, Last},
};

use crate::{
    Broken, Registry,
    store::{self, Link, cells},
};

/// Facts that are read at once; in between, the map is free for others.
const CHUNK: u64 = 2_000;
/// Facts that the sealer catches up with at once. When there are more, it takes some in each turn and seals in a
/// later one, so that nobody who asks has to wait; after a start a thread of its own helps.
const LATE_MAX: u64 = 50 * CHUNK;
const TURN: u64 = 10 * CHUNK;

/// The map, shared between the sealer and those who make case files.
#[derive(Clone, Default)]
pub struct Followed(Arc<Mutex<Map>>);

#[derive(Default)]
pub struct Map {
    heads: Heads,
    /// Facts before this place in the log are in it.
    upto: u64,
}

impl Followed {
    pub fn lock(&self) -> Result<MutexGuard<'_, Map>, Broken> {
        self.0
            .lock()
            .map_err(|_| Broken("the map of heads was left in disorder; start the house anew".into()))
    }

    /// Follows the log from its beginning, a chunk at a time.
    fn warm(&self, link: &dyn Link) -> Result<(), Broken> {
        loop {
            let mut map = self.lock()?;
            let size = store::size(link)?;
            if map.upto >= size {
                return Ok(());
            }
            let to = size.min(map.upto + CHUNK);
            map.follow(link, to)?;
        }
    }
}

impl Map {
    /// The root over the facts before `size`; `None` when the map has not come near enough yet.
    pub fn root(&mut self, link: &dyn Link, size: u64) -> Result<Option<Hash>, Broken> {
        let is_late = size.saturating_sub(self.upto) > LATE_MAX;
        self.follow(link, if is_late { self.upto + TURN } else { size })?;
        Ok((self.upto == size).then(|| self.heads.root()))
    }

    /// The map as it was under a checkpoint of this size; `None` when it is further already.
    pub fn at(&mut self, link: &dyn Link, size: u64) -> Result<Option<&mut Heads>, Broken> {
        self.follow(link, size)?;
        Ok((self.upto == size).then_some(&mut self.heads))
    }

    fn follow(&mut self, link: &dyn Link, to: u64) -> Result<(), Broken> {
        let (heads, upto) = (&mut self.heads, &mut self.upto);
        if *upto >= to {
            return Ok(());
        }
        let sql = "SELECT position, record, sequence, entry, salt FROM facts
                   WHERE position >= $1 AND position < $2 ORDER BY position";
        let from = *upto;
        link.each(sql, cells![from, to], &mut |row| {
            let (record, entry): (&str, [u8; 32]) = (row.get(1)?, row.get(3)?);
            heads.put(&Last { record, sequence: row.get(2)?, entry: Hash(entry), salt: row.get(4)? });
            *upto = row.get::<u64>(0)? + 1;
            Ok(ControlFlow::Continue(()))
        })
    }
}

impl Registry {
    /// After a start on a long log: the map is made beside everything else, so that nobody waits for it.
    pub(crate) fn warm_heads(&self) -> Result<(), Broken> {
        if self.size() <= LATE_MAX {
            return Ok(());
        }
        let (heads, link) = (self.heads.clone(), self.place.reader()?);
        let follow = move || {
            if let Err(broken) = heads.warm(&*link) {
                tracing::error!(%broken, "the map of heads could not be made; nothing is sealed without it");
            }
        };
        std::thread::Builder::new()
            .name("heads".into())
            .spawn(follow)
            .map(drop)
            .map_err(|error| Broken(format!("the thread for the map of heads could not start: {error}")))
    }
}
