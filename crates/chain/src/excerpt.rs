//! Excerpts: one line of somebody else's log, with all that proves that it stands there and that the log has only grown since
//! it was last seen.
//!
//! A leaf of such a log is the line itself, as it is sent. Whoever has seen the log before keeps its size and root, and believes an
//! excerpt only if the log that it is from begins with just that.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::{
    Checkpoint, Hash, Memory, Signer, Verifier,
    checkpoint::CheckpointError,
    leaf::{empty_root, leaf_hash},
    proof::{self, ProofError},
    tree,
};

/// Hashes of one proof: a log of 2⁶⁴ lines needs no more.
const HASHES_MAX: usize = 64;

/// How far a log has been seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seen {
    pub size: u64,
    pub root: Hash,
}

impl Seen {
    /// Nothing of it yet.
    pub fn nothing() -> Self {
        Self { size: 0, root: empty_root() }
    }
}

/// One line and its proofs, for someone who has seen the log up to `since`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Excerpt {
    pub line: String,
    pub index: u64,
    pub inclusion: Vec<Hash>,
    pub since: u64,
    pub growth: Vec<Hash>,
    /// The log's signed word on its size and root.
    pub checkpoint: String,
}

/// Why an excerpt was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ExcerptError {
    Checkpoint(CheckpointError),
    /// It begins elsewhere than where the log was last seen.
    Since {
        known: u64,
        found: u64,
    },
    /// The log has forgotten or changed what was seen.
    Rewritten(ProofError),
    NotThere(ProofError),
    TooLong,
}

impl Excerpt {
    /// The excerpt of a log that one has whole; `None` when there is no such line, or less of it was seen than is said.
    pub fn of(lines: &[String], index: usize, since: u64, checkpoint: String) -> Option<Self> {
        let mut memory = Memory::default();
        memory.extend(lines.iter().map(|line| leaf_hash(line.as_bytes())));
        let (line, size) = (lines.get(index)?.clone(), memory.size());
        let index = u64::try_from(index).ok()?;
        let inclusion = proof::inclusion(index, size, &memory).ok()?;
        let growth = if since > size { None } else { proof::consistency(since, size, &memory).ok() }?;
        Some(Self { line, index, inclusion, since, growth, checkpoint })
    }

    /// The excerpt that the log's owner gives, with a word on the log as it is now.
    pub fn signed(lines: &[String], index: usize, since: u64, owner: &Signer) -> Option<Self> {
        Self::of(lines, index, since, word(lines, owner)?)
    }

    /// Checks it against the log's key and what was seen of the log before; returns how far it has been seen now.
    pub fn verify(&self, key: &Verifier, seen: Seen) -> Result<Seen, ExcerptError> {
        let opened = Checkpoint::open(&self.checkpoint, std::slice::from_ref(key));
        let Checkpoint { size, root, .. } = opened.map_err(ExcerptError::Checkpoint)?.checkpoint;
        if self.inclusion.len() > HASHES_MAX || self.growth.len() > 2 * HASHES_MAX {
            return Err(ExcerptError::TooLong);
        }
        if self.since != seen.size {
            return Err(ExcerptError::Since { known: seen.size, found: self.since });
        }
        let grown = proof::verify_consistency(seen.size, size, &self.growth, seen.root, root);
        grown.map_err(ExcerptError::Rewritten)?;
        let leaf = leaf_hash(self.line.as_bytes());
        let there = proof::verify_inclusion(self.index, size, leaf, &self.inclusion, root);
        there.map_err(ExcerptError::NotThere)?;
        Ok(Seen { size, root })
    }
}

/// The owner's signed word on the lines of its log; `None` when its name is none that can sign.
pub fn word(lines: &[String], owner: &Signer) -> Option<String> {
    let (origin, size) = (owner.verifier().name().to_owned(), u64::try_from(lines.len()).ok()?);
    Checkpoint { origin, size, root: root_of(lines)? }.sign(owner).ok()
}

/// The root of lines that one has whole.
pub fn root_of(lines: &[String]) -> Option<Hash> {
    let mut memory = Memory::default();
    memory.extend(lines.iter().map(|line| leaf_hash(line.as_bytes())));
    tree::root(memory.size(), &memory).ok()
}

impl fmt::Display for ExcerptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Checkpoint(error) => write!(f, "{error}"),
            Self::Since { known, found } => {
                write!(f, "it was made for whoever had seen `{found}` lines; `{known}` have been seen")
            }
            Self::Rewritten(_) => f.write_str("the log is not the one that was seen before"),
            Self::NotThere(_) => f.write_str("the line does not stand in the log"),
            Self::TooLong => f.write_str("a proof has too many hashes"),
        }
    }
}

impl std::error::Error for ExcerptError {}

#[cfg(test)]
mod tests {
    use super::*;

    const NAME: &str = "z.example/border";

    fn signer() -> Signer {
        Signer::from_seed(NAME, [7; 32]).unwrap()
    }

    fn lines(count: usize) -> Vec<String> {
        (0..count).map(|n| format!("line {n}")).collect()
    }

    fn seen(lines: &[String]) -> Seen {
        Seen { size: lines.len() as u64, root: root_of(lines).unwrap() }
    }

    #[test]
    fn every_line_of_every_small_log_is_proven_to_whoever_saw_any_part_of_it() {
        let key = signer().verifier().clone();
        for count in 1..=17 {
            let all = lines(count);
            for index in 0..count {
                for since in 0..=count {
                    let excerpt = Excerpt::signed(&all, index, since as u64, &signer()).unwrap();
                    assert_eq!(excerpt.verify(&key, seen(&all[..since])), Ok(seen(&all)));
                }
            }
        }
        assert_eq!(seen(&[]), Seen::nothing());
        assert!(Excerpt::signed(&lines(3), 3, 0, &signer()).is_none());
        assert!(Excerpt::signed(&lines(3), 0, 4, &signer()).is_none());
    }

    #[test]
    fn another_line_another_past_or_another_key_is_refused() {
        let (all, key) = (lines(9), signer().verifier().clone());
        let honest = Excerpt::signed(&all, 4, 6, &signer()).unwrap();
        let before = seen(&all[..6]);
        let changed = Excerpt { line: "line 5".into(), ..honest.clone() };
        assert!(matches!(changed.verify(&key, before), Err(ExcerptError::NotThere(_))));
        let mut other = lines(6);
        other[2] = "something else".into();
        assert!(matches!(honest.verify(&key, seen(&other)), Err(ExcerptError::Rewritten(_))));
        let since = honest.verify(&key, seen(&all[..5]));
        assert_eq!(since, Err(ExcerptError::Since { known: 5, found: 6 }));
        let stranger = Signer::from_seed(NAME, [8; 32]).unwrap();
        assert!(matches!(honest.verify(stranger.verifier(), before), Err(ExcerptError::Checkpoint(_))));
        let shorter = Excerpt { checkpoint: word(&lines(8), &signer()).unwrap(), ..honest.clone() };
        assert!(shorter.verify(&key, before).is_err(), "the word is on another log than the proofs");
        let endless = Excerpt { inclusion: vec![Hash([0; 32]); 65], ..honest };
        assert_eq!(endless.verify(&key, before), Err(ExcerptError::TooLong));
    }
}
