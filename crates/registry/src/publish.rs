//! Publish: what strangers may fetch of the log, as C2SP tlog-tiles has it, and what witnesses have said of it.
//!
//! Only what a signed checkpoint covers goes out. Tiles and entries are hashes: nothing in them can be read.

use chain::{
    Hash, Verifier,
    key::Algorithm,
    note, proof,
    tile::{self, Kind, Tile},
};

use grammar::kinds::Moment;

use crate::{Broken, FOREVER, Registry, keys::LogKey, seal::Nodes, store::cells};

const NOTE: &str = "SELECT note FROM checkpoints WHERE size = $1";

/// Where the verifier keys of witnesses lie that have cosigned.
const WITNESSES: &str = "log-witness";
/// Witnesses that are remembered.
const WITNESSES_MAX: u32 = 64;
/// Signatures under one checkpoint: every reader takes so many.
const SIGNATURES_MAX: usize = 16;

/// What a witness cosigned last.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Cosigning {
    pub witness: Verifier,
    pub size: u64,
    pub at: Moment,
}

impl Registry {
    /// Every key the log has had, oldest first, with the sizes from which and until which it signed.
    #[must_use]
    pub fn log_keys(&self) -> Vec<LogKey> {
        self.keys.all()
    }

    /// The keys on whose word a checkpoint of this size rests: the log's of that time, and the witnesses' that are known.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn trusted_keys(&self, size: u64) -> Result<Vec<Verifier>, Broken> {
        let mut keys = self.keys.trusted(size);
        keys.extend(self.witnesses()?);
        Ok(keys)
    }

    /// The witnesses that have ever cosigned this log.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn witnesses(&self) -> Result<Vec<Verifier>, Broken> {
        Ok(self.cosignings()?.into_iter().map(|cosigning| cosigning.witness).collect())
    }

    /// What each witness cosigned last.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn cosignings(&self) -> Result<Vec<Cosigning>, Broken> {
        let kept: Vec<(String, (u64, Moment))> = self.kept_all(WITNESSES, "", WITNESSES_MAX)?;
        let read = |(key, (size, at)): (String, (u64, Moment))| {
            Some(Cosigning { witness: key.parse().ok()?, size, at })
        };
        Ok(kept.into_iter().filter_map(read).collect())
    }

    /// The size that this witness cosigned last; `None` when it never did.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn cosigned_size(&self, witness: &Verifier) -> Result<Option<u64>, Broken> {
        let kept: Option<(u64, Moment)> = self.kept(WITNESSES, &witness.to_string())?;
        Ok(kept.map(|(size, _)| size))
    }

    /// The newest checkpoint that a witness has cosigned, with its size.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn witnessed(&self) -> Result<Option<(u64, String)>, Broken> {
        let newest = self.cosignings()?.iter().map(|cosigning| cosigning.size).max();
        let Some(size) = newest else { return Ok(None) };
        Ok(self.note_of(size)?.map(|note| (size, note)))
    }

    /// The checkpoint of exactly this size.
    fn note_of(&self, size: u64) -> Result<Option<String>, Broken> {
        self.read(|link| link.one(NOTE, cells![size]))
    }

    /// The bytes of a tile or bundle that the newest checkpoint covers; else nothing.
    ///
    /// # Errors
    /// When the store cannot be read, or has lost a part of the tree.
    pub fn tile(&self, tile: Tile) -> Result<Option<Vec<u8>>, Broken> {
        let Some((size, _)) = self.checkpoint()? else { return Ok(None) };
        let Some((level, places)) = tile.span().filter(|_| tile.is_within(size)) else { return Ok(None) };
        let hashes: Vec<[u8; 32]> = self.read(|link| match tile.kind {
            Kind::Hashes { .. } => link.all(
                "SELECT hash FROM nodes WHERE level = $1 AND place >= $2 AND place < $3 ORDER BY place",
                cells![level, places.start, places.end],
                |row| row.get(0),
            ),
            Kind::Entries => link.all(
                "SELECT entry FROM facts WHERE position >= $1 AND position < $2 ORDER BY position",
                cells![places.start, places.end],
                |row| row.get(0),
            ),
        })?;
        if hashes.len() as u64 != tile.width {
            return Err(Broken(format!("the log's tree: a part of `{tile}` is missing")));
        }
        let bytes = match tile.kind {
            Kind::Hashes { .. } => hashes.concat(),
            Kind::Entries => tile::bundle(&hashes.iter().map(<[u8; 32]>::as_slice).collect::<Vec<_>>())
                .map_err(|error| Broken(format!("the log's entries: {error}")))?,
        };
        Ok(Some(bytes))
    }

    /// The proof that the log of `new` entries begins with that of `old`.
    ///
    /// # Errors
    /// When the log is not so large, or the store cannot be read.
    pub fn growth(&self, old: u64, new: u64) -> Result<Vec<Hash>, Broken> {
        self.read(|link| {
            proof::consistency(old, new, &Nodes(link))
                .map_err(|missing| Broken(format!("the log's tree: {missing}")))
        })
    }

    /// Keeps what a witness answered under the checkpoint of this size, if it is that witness's word on it.
    /// Says whether it was.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn cosigned(&self, size: u64, lines: &str, witness: &Verifier) -> Result<bool, Broken> {
        if witness.algorithm() != Algorithm::Cosignature {
            return Ok(false);
        }
        let (lines, witness) = (lines.to_owned(), witness.clone());
        let key = witness.to_string();
        let is_kept = self.work(move |link| {
            let note: Option<String> = link.one(NOTE, cells![size])?;
            let Some(longer) = note.and_then(|note| with_cosignature(&note, &lines, &witness)) else {
                return Ok(false);
            };
            link.run("UPDATE checkpoints SET note = $1 WHERE size = $2", cells![longer, size])?;
            Ok(true)
        })?;
        if is_kept {
            self.keep(WITNESSES, &key, &(size, self.now()), FOREVER)?;
        }
        Ok(is_kept)
    }
}

/// The note with the one line of `lines` that is this witness's cosignature. What else a witness may have sent is left
/// out: it would be published in the log's name.
fn with_cosignature(note: &str, lines: &str, witness: &Verifier) -> Option<String> {
    let known = std::slice::from_ref(witness);
    if note::open(note, known).is_ok() || note::signature_count(note).ok()? >= SIGNATURES_MAX {
        return None;
    }
    let longer = |line: &str| format!("{note}{line}");
    lines
        .split_inclusive('\n')
        .take(SIGNATURES_MAX)
        .map(longer)
        .find(|longer| note::open(longer, known).is_ok())
}
