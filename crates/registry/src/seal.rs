//! Seal: the log's tree in the store, signed checkpoints about once a second, receipts for strangers.

use std::time::Duration;

use chain::{Checkpoint, Hash, Receipt, heads, note, proof, tree};
use grammar::{
    kinds::{Id, Moment},
    lot::Anchor,
};

use crate::{
    Broken, Chance, Registry, Settings, Writer,
    heads::{Followed, Map},
    kept,
    keys::{Change, Keys, KeysDenied},
    run::Job,
    store::{self, Link, cells},
};

/// Under this name the store knows the keys of its log, so that each node that shares it signs with them.
const KEY_NAME: &str = "log-keys";

/// How often, and after which pause, a node that does not write looks for a checkpoint: three seconds in all.
const SEALED_TRIES_MAX: u32 = 15;
const SEALED_AGAIN: Duration = Duration::from_millis(200);

/// The region's signing keys: read from its folder, or made there once.
///
/// # Errors
/// The folder cannot be used, or the key of a log that has been signed already is gone: a new one would make
/// every receipt given so far look forged.
pub fn keys(settings: &Settings, chance: &dyn Chance, link: &dyn Link) -> Result<Keys, Broken> {
    let folder = settings.folder.display();
    let keys = match Keys::read(&settings.folder, &settings.origin)? {
        Some(keys) => keys,
        None if !is_signed(link)? => Keys::found(&settings.folder, &settings.origin, chance)?,
        None => {
            return Err(Broken(format!(
                "{folder} holds no log.key, but the log is signed with one; restore it from a backup, or copy it from \
                 another node"
            )));
        }
    };
    // Whoever signed with another key would make a second log of the same name.
    let newest = "SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1";
    let is_ours =
        |row: &dyn store::Cells| Ok(Checkpoint::open(row.get(1)?, &keys.trusted(row.get(0)?)).is_ok());
    if link.first(newest, &[], is_ours)? == Some(false) {
        return Err(Broken(format!(
            "log.key in {folder} is not the key with which this log was signed; restore it from a backup"
        )));
    }
    let ring: Vec<String> = keys.all().into_iter().map(|key| key.key).collect();
    let known = kept::once(link, KEY_NAME, &ring.join("\n"))?;
    if let Some(other) = known.lines().find(|known| !ring.iter().any(|key| key == known)) {
        return Err(Broken(format!(
            "the log in this store is signed by a key that {folder} does not have, `{other}`: every node of a region \
             needs the same log.key and origin"
        )));
    }
    link.run(
        "UPDATE kept SET value = $2 WHERE space = 'secret' AND key = $1",
        cells![KEY_NAME, ring.join("\n")],
    )?;
    Ok(keys)
}

fn is_signed(link: &dyn Link) -> Result<bool, Broken> {
    let known = "SELECT count(*) FROM kept WHERE space = 'secret' AND key = $1";
    Ok(link.one(known, cells![KEY_NAME])? > Some(0u64))
}

/// Changes the keys of a log whose house is closed, on every node. The other nodes are given the new `log.key`.
///
/// # Errors
/// Why they stay as they are.
pub fn change_keys(settings: &Settings, change: Change, chance: &dyn Chance) -> Result<Keys, KeysDenied> {
    let none = || Broken(format!("{} holds no key", settings.folder.display()));
    let keys = Keys::read(&settings.folder, &settings.origin)?.ok_or_else(none)?;
    let held = store::Held::hold(&store::Place::of(settings), chance)?;
    keys.change(change, newest(&*held.link)?.unwrap_or(0), chance)
}

/// The size of the newest checkpoint.
fn newest(link: &dyn Link) -> Result<Option<u64>, Broken> {
    let last: Option<Option<u64>> = link.one("SELECT max(size) FROM checkpoints", &[])?;
    Ok(last.flatten())
}

/// The hashes of the log's tree, in the store.
pub struct Nodes<'a>(pub &'a dyn Link);

impl tree::Nodes for Nodes<'_> {
    fn node(&self, level: u8, index: u64) -> Option<Hash> {
        let hash = self.0.one("SELECT hash FROM nodes WHERE level = $1 AND place = $2", cells![level, index]);
        hash.ok().flatten().map(Hash)
    }
}

impl Nodes<'_> {
    /// Adds the leaf at `position` with the perfect subtrees it completes.
    pub fn append(&self, position: u64, leaf: Hash) -> Result<(), Broken> {
        let made = tree::append(position, leaf, self)
            .map_err(|missing| Broken(format!("the log's tree: {missing}")))?;
        for (level, place, hash) in made {
            self.0.put(
                "INSERT INTO nodes (level, place, hash) VALUES ($1, $2, $3)
                 ON CONFLICT (level, place) DO UPDATE SET hash = $3",
                cells![level, place, hash.0],
            )?;
        }
        Ok(())
    }
}

/// Signs the log as it stands with every key that signs, unless that is done. A failure is tried again in the
/// next turn.
///
/// The checkpoint carries the root of the map of heads, so that a case file can show where a case ends.
pub fn seal(link: &dyn Link, keys: &Keys, heads: &Followed, now: Moment) -> Result<(), Broken> {
    // Held until the checkpoint is durable: map and newest checkpoint are seen together or not at all.
    let mut map = heads.lock()?;
    store::durably(link, |link| {
        let size = store::size(link)?;
        let before: Option<String> =
            link.one("SELECT note FROM checkpoints WHERE size = $1", cells![size])?;
        let first =
            before.clone().map_or_else(|| first_signed(link, keys, &mut map, size), |note| Ok(Some(note)))?;
        let Some(note) = first else { return Ok(()) };
        // A key that came after a checkpoint signs it too.
        let note = keys.signers().iter().try_fold(note, |note, signer| note::sign_also(&note, signer));
        let note = note.map_err(|error| Broken(format!("the checkpoint: {error}")))?;
        if before.as_ref() != Some(&note) {
            link.run(
                "INSERT INTO checkpoints (size, note, at) VALUES ($1, $2, $3)
                 ON CONFLICT (size) DO UPDATE SET note = $2",
                cells![size, note, now.in_millis()],
            )?;
        }
        Ok(())
    })
}

/// The note with its first signature; `None` while the map of heads is still on its way.
fn first_signed(link: &dyn Link, keys: &Keys, map: &mut Map, size: u64) -> Result<Option<String>, Broken> {
    let Some(root_of_heads) = map.root(link, size)? else { return Ok(None) };
    let root =
        tree::root(size, &Nodes(link)).map_err(|missing| Broken(format!("the log's tree: {missing}")))?;
    let signer = keys.signers().first().ok_or_else(|| Broken("no key signs".into()))?;
    let checkpoint = Checkpoint { origin: signer.verifier().name().to_owned(), size, root };
    let note = checkpoint.sign_with(&[heads::line(&root_of_heads)], signer);
    note.map(Some).map_err(|error| Broken(format!("the checkpoint: {error}")))
}

/// The first signed checkpoint that covers a record's last fact.
pub fn anchor(link: &dyn Link, record: Id) -> Result<Option<Anchor>, Broken> {
    let last: Option<u64> = link
        .one("SELECT position FROM facts WHERE record = $1 ORDER BY sequence DESC LIMIT 1", cells![record])?;
    let Some(last) = last else { return Ok(None) };
    let note: Option<String> =
        link.one("SELECT note FROM checkpoints WHERE size > $1 ORDER BY size LIMIT 1", cells![last])?;
    let body = note.as_deref().and_then(|note| note.split_once("\n\n")).map(|(body, _)| format!("{body}\n"));
    let read = body.map(|body| Checkpoint::parse(&body)).transpose();
    let checkpoint = read.map_err(|error| Broken(format!("a kept checkpoint: {error}")))?;
    Ok(checkpoint.map(|Checkpoint { size, root, .. }| Anchor { size, root: root.to_string() }))
}

impl Registry {
    /// The verifier key of the log: what a stranger needs to check receipts. After a change of keys the new one.
    #[must_use]
    pub fn log_key(&self) -> String {
        self.keys.key()
    }

    /// The newest signed checkpoint, with its size; `None` before the first one.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn checkpoint(&self) -> Result<Option<(u64, String)>, Broken> {
        self.read(|link| {
            link.first("SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1", &[], |row| {
                Ok((row.get(0)?, row.get(1)?))
            })
        })
    }

    /// Seals now and waits for it: for set-up and for receipts that are wanted at once.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn seal_now(&self) -> Result<(), Broken> {
        if self.writer() != Writer::Here {
            return self.wait_for_seal();
        }
        let (sender, receiver) = std::sync::mpsc::channel();
        self.send(Job::Seal(self.now(), Some(sender)));
        receiver.recv().map_err(|_| Broken("the writer has stopped".into()))?
    }

    /// Where another node writes, it seals about once a second.
    fn wait_for_seal(&self) -> Result<(), Broken> {
        let size = self.read(store::size)?;
        for _ in 0..SEALED_TRIES_MAX {
            if self.checkpoint()?.is_some_and(|(sealed, _)| sealed >= size) {
                return Ok(());
            }
            std::thread::park_timeout(SEALED_AGAIN);
        }
        Err(Broken("the node that writes has not sealed the log yet".into()))
    }

    /// The fact at a place in the log with everything a stranger needs to check it. `None` when there is
    /// no such fact, or no checkpoint covers it yet.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn proof(&self, position: u64) -> Result<Option<Receipt>, Broken> {
        let covers = |found: &(u64, String)| position < found.0;
        // One that witnesses have cosigned proves more than a newer one that they have not.
        let checkpoint = match self.witnessed()?.filter(covers) {
            Some(witnessed) => Some(witnessed),
            None => self.checkpoint()?.filter(covers),
        };
        let Some((size, checkpoint)) = checkpoint else { return Ok(None) };
        let key = self.log_key();
        let origin = self.settings().origin.clone();
        self.read(|link| {
            let row =
                link.first("SELECT bytes, salt FROM facts WHERE position = $1", cells![position], |row| {
                    Ok((row.get(0)?, row.get(1)?))
                })?;
            let Some((fact, salt)) = row else { return Ok(None) };
            let proof = proof::inclusion(position, size, &Nodes(link))
                .map_err(|missing| Broken(format!("the log's tree: {missing}")))?;
            Ok(Some(Receipt {
                v: chain::receipt::VERSION,
                origin,
                index: position,
                size,
                fact,
                salt,
                proof,
                checkpoint,
                key,
            }))
        })
    }
}
