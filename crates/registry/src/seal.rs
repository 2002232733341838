//! Seal: the log's tree in the store, signed checkpoints about once a second, receipts for strangers.

use std::path::Path;

use chain::{Checkpoint, Hash, Receipt, Signer, proof, tree};
use grammar::kinds::Moment;

use crate::{
    Broken, Chance, Registry, Settings,
    run::Job,
    store::{self, Link, cells},
};

const KEY_FILE: &str = "log.key";

/// The region's signing key: read from its folder, or made there once.
///
/// # Errors
/// The folder cannot be used, or the key of a log that has been signed already is gone: a new one would make
/// every receipt given so far look forged.
pub fn signer(settings: &Settings, chance: &dyn Chance, link: &dyn Link) -> Result<Signer, Broken> {
    let path = settings.folder.join(KEY_FILE);
    let seed = match std::fs::read_to_string(&path) {
        Ok(text) => {
            text.trim().parse::<Hash>().map_err(|_| Broken(format!("{} holds no key", path.display())))?
        }
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => {
            let signed: Option<u64> = link.one("SELECT count(*) FROM checkpoints", &[])?;
            if signed > Some(0) {
                return Err(Broken(format!(
                    "{} is missing, but the log has been signed with it; restore it from a backup",
                    path.display()
                )));
            }
            let seed = Hash(chance.bytes());
            write_secret(&path, &seed.to_string())
                .map_err(|error| Broken::folder(&settings.folder, &error))?;
            seed
        }
        Err(error) => return Err(Broken::folder(&settings.folder, &error)),
    };
    Signer::from_seed(&settings.origin, seed.0)
        .map_err(|error| Broken(format!("the origin `{}`: {error}", settings.origin)))
}

/// Writes a file that only its owner reads, durably.
fn write_secret(path: &Path, text: &str) -> std::io::Result<()> {
    use std::io::Write;
    let mut options = std::fs::OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    let mut file = options.open(path)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()
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
            self.0.run(
                "INSERT INTO nodes (level, place, hash) VALUES ($1, $2, $3)
                 ON CONFLICT (level, place) DO UPDATE SET hash = $3",
                cells![level, place, hash.0],
            )?;
        }
        Ok(())
    }
}

/// Signs the log as it stands, unless it is signed already. A failure is tried again in the next turn.
pub fn seal(link: &dyn Link, signer: &Signer, now: Moment) -> Result<(), Broken> {
    store::durably(link, |link| {
        let size = store::size(link)?;
        let last: Option<Option<u64>> = link.one("SELECT max(size) FROM checkpoints", &[])?;
        if last.flatten() == Some(size) {
            return Ok(());
        }
        let root =
            tree::root(size, &Nodes(link)).map_err(|missing| Broken(format!("the log's tree: {missing}")))?;
        let checkpoint = Checkpoint { origin: signer.verifier().name().to_owned(), size, root };
        let note = checkpoint.sign(signer).map_err(|error| Broken(format!("the checkpoint: {error}")))?;
        link.run(
            "INSERT INTO checkpoints (size, note, at) VALUES ($1, $2, $3)",
            cells![size, note, now.in_millis()],
        )?;
        Ok(())
    })
}

impl Registry {
    /// The verifier key of the log: what a stranger needs to check receipts.
    #[must_use]
    pub fn log_key(&self) -> String {
        self.signer.verifier().to_string()
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
        let (sender, receiver) = std::sync::mpsc::channel();
        self.send(Job::Seal(self.now(), Some(sender)));
        receiver.recv().map_err(|_| Broken("the writer has stopped".into()))?
    }

    /// The fact at a place in the log with everything a stranger needs to check it. `None` when there is
    /// no such fact, or no checkpoint covers it yet.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn proof(&self, position: u64) -> Result<Option<Receipt>, Broken> {
        let Some((size, checkpoint)) = self.checkpoint()?.filter(|(size, _)| position < *size) else {
            return Ok(None);
        };
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
