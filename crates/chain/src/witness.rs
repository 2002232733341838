//! What a log asks a witness, after C2SP tlog-witness (c2sp.org/tlog-witness), and how the witness judges it.
//!
//! A request says from which size the log has grown, proves it, and brings the new checkpoint. `judge` decides from the
//! request, the log's known keys and what was cosigned last. Always: what it lets pass extends what was cosigned last.
//! To keep its word a witness must judge, keep the new size durably and only then cosign, one request at a time.

use std::fmt;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::checkpoint::{Checkpoint, CheckpointError};
use crate::key::Verifier;
use crate::leaf::{Hash, empty_root};
use crate::note;
use crate::proof::{ProofError, verify_consistency};

/// The most lines of proof. No two trees need more.
pub const PROOF_MAX: usize = 63;
/// The longest request that is read.
pub const BYTES_MAX: usize = 1 << 18;

/// The body of a request to `add-checkpoint`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Request {
    /// The size that the witness cosigned last, as the log believes.
    pub old: u64,
    /// That the tree of the checkpoint begins with the tree of `old` leaves.
    pub proof: Vec<Hash>,
    /// The note text of the new checkpoint.
    pub checkpoint: String,
}

/// The tree that a witness cosigned last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Seen {
    pub size: u64,
    pub root: Hash,
}

/// Why a witness does not cosign.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Refusal {
    TooLong { bytes: usize },
    NoOldSize,
    BadProofLine { line: usize },
    TooMuchProof,
    NoEmptyLine,
    Checkpoint(CheckpointError),
    UnknownOrigin { origin: String },
    NotSigned(CheckpointError),
    OldBeyondNew { old: u64, new: u64 },
    OtherSize { seen: u64 },
    OtherRoot { seen: u64 },
    BadProof(ProofError),
}

impl Request {
    /// Reads the body. Nothing in it is true before `judge` says so.
    pub fn parse(body: &str) -> Result<Request, Refusal> {
        if body.len() > BYTES_MAX {
            return Err(Refusal::TooLong { bytes: body.len() });
        }
        let (head, checkpoint) = body.split_once("\n\n").ok_or(Refusal::NoEmptyLine)?;
        let mut lines = head.split('\n');
        let old = lines.next().and_then(|line| line.strip_prefix("old ")).ok_or(Refusal::NoOldSize)?;
        let is_plain = |number: &u64| number.to_string() == old;
        let old = old.parse().ok().filter(is_plain).ok_or(Refusal::NoOldSize)?;
        let mut proof = Vec::new();
        for (line, encoded) in lines.enumerate() {
            if line == PROOF_MAX {
                return Err(Refusal::TooMuchProof);
            }
            let bytes = STANDARD.decode(encoded).ok().and_then(|bytes| bytes.try_into().ok());
            proof.push(Hash(bytes.ok_or(Refusal::BadProofLine { line: line + 1 })?));
        }
        Ok(Request { old, proof, checkpoint: checkpoint.to_owned() })
    }

    /// The origin that the checkpoint names, to find the log's keys and what was cosigned last.
    pub fn origin(&self) -> Result<&str, Refusal> {
        let text = note::unchecked_text(&self.checkpoint)
            .map_err(|error| Refusal::Checkpoint(CheckpointError::Note(error)))?;
        text.split('\n')
            .next()
            .filter(|origin| !origin.is_empty())
            .ok_or(Refusal::Checkpoint(CheckpointError::EmptyLine))
    }

    /// The checkpoint, if a witness may cosign it: signed by one of the log's keys, and an extension of what it has seen.
    ///
    /// `known` are the keys of all logs it follows; `seen` is what it cosigned last for the request's origin. The order
    /// of the reasons is the standard's.
    pub fn judge(&self, known: &[Verifier], seen: Option<Seen>) -> Result<Checkpoint, Refusal> {
        let origin = self.origin()?;
        let keys: Vec<Verifier> = known.iter().filter(|key| key.name() == origin).cloned().collect();
        if keys.is_empty() {
            return Err(Refusal::UnknownOrigin { origin: origin.to_owned() });
        }
        let opened = Checkpoint::open(&self.checkpoint, &keys).map_err(|error| match error {
            CheckpointError::Note(_) | CheckpointError::NotByOrigin { .. } => Refusal::NotSigned(error),
            other => Refusal::Checkpoint(other),
        })?;
        let new = opened.checkpoint;
        if self.old > new.size {
            return Err(Refusal::OldBeyondNew { old: self.old, new: new.size });
        }
        let seen = seen.unwrap_or(Seen { size: 0, root: empty_root() });
        if self.old != seen.size {
            return Err(Refusal::OtherSize { seen: seen.size });
        }
        // A tree without leaves has one root; that it claims another is no fork but a wrong proof.
        if new.size == seen.size && new.size > 0 && new.root != seen.root {
            return Err(Refusal::OtherRoot { seen: seen.size });
        }
        verify_consistency(seen.size, new.size, &self.proof, seen.root, new.root)
            .map_err(Refusal::BadProof)?;
        Ok(new)
    }
}

/// Shown as the body that is sent.
impl fmt::Display for Request {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        writeln!(f, "old {}", self.old)?;
        self.proof.iter().try_for_each(|hash| writeln!(f, "{}", STANDARD.encode(hash.0)))?;
        write!(f, "\n{}", self.checkpoint)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { bytes } => write!(f, "the request has `{bytes}` bytes, more than `{BYTES_MAX}`"),
            Self::NoOldSize => f.write_str("the first line is not `old` and a plain decimal number"),
            Self::BadProofLine { line } => write!(f, "proof line `{line}` is not 32 bytes in base64"),
            Self::TooMuchProof => write!(f, "there are more than `{PROOF_MAX}` proof lines"),
            Self::NoEmptyLine => f.write_str("there is no empty line before the checkpoint"),
            Self::Checkpoint(error) => write!(f, "the checkpoint is malformed: {error}"),
            Self::UnknownOrigin { origin } => write!(f, "the log `{origin}` is not followed here"),
            Self::NotSigned(error) => write!(f, "no known key of the log has signed: {error}"),
            Self::OldBeyondNew { old, new } => {
                write!(f, "the old size `{old}` is beyond the size `{new}` of the checkpoint")
            }
            Self::OtherSize { seen } => write!(f, "the size cosigned last is `{seen}`"),
            Self::OtherRoot { seen } => write!(f, "another root was cosigned at the size `{seen}`"),
            Self::BadProof(error) => fmt::Display::fmt(error, f),
        }
    }
}

impl std::error::Error for Refusal {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::Signer;
    use crate::leaf::leaf_hash;
    use crate::proof::consistency;
    use crate::tree::root;
    use crate::tree::tests::tree;

    const ORIGIN: &str = "region.example/log";

    fn signer() -> Signer {
        Signer::from_seed(ORIGIN, [1; 32]).unwrap()
    }

    fn known() -> Vec<Verifier> {
        vec![signer().verifier().clone()]
    }

    fn seen(size: u64) -> Seen {
        Seen { size, root: root(size, &tree(size)).unwrap() }
    }

    fn signed(size: u64, root: Hash) -> String {
        Checkpoint { origin: ORIGIN.into(), size, root }.sign(&signer()).unwrap()
    }

    fn request(old: u64, new: u64) -> Request {
        let memory = tree(new);
        let checkpoint = signed(new, root(new, &memory).unwrap());
        Request { old, proof: consistency(old, new, &memory).unwrap(), checkpoint }
    }

    #[test]
    fn a_request_reads_as_it_was_written() {
        for (old, new) in [(0, 0), (0, 5), (3, 5), (7, 130)] {
            let request = request(old, new);
            assert_eq!(Request::parse(&request.to_string()), Ok(request.clone()));
            assert_eq!(request.origin(), Ok(ORIGIN));
        }
    }

    #[test]
    fn what_extends_the_last_tree_passes() {
        assert_eq!(request(0, 5).judge(&known(), None).unwrap().size, 5);
        assert_eq!(request(0, 0).judge(&known(), None).unwrap().size, 0);
        assert_eq!(request(0, 0).judge(&known(), Some(seen(0))).unwrap().size, 0);
        for old in 1..=20 {
            assert_eq!(request(old, 20).judge(&known(), Some(seen(old))).unwrap().size, 20);
        }
    }

    #[test]
    fn forks_rollbacks_and_bad_proofs_are_refused_by_name() {
        let refused = |request: Request, seen: Option<Seen>| request.judge(&known(), seen).unwrap_err();
        assert_eq!(refused(request(3, 5), None), Refusal::OtherSize { seen: 0 });
        assert_eq!(refused(request(3, 5), Some(seen(4))), Refusal::OtherSize { seen: 4 });
        assert_eq!(refused(request(3, 5), Some(seen(9))), Refusal::OtherSize { seen: 9 }, "a rollback");
        let beyond = Request { old: 9, ..request(3, 5) };
        assert_eq!(refused(beyond, Some(seen(9))), Refusal::OldBeyondNew { old: 9, new: 5 });
        let fork = Request { old: 5, proof: vec![], checkpoint: signed(5, leaf_hash(b"fork")) };
        assert_eq!(refused(fork, Some(seen(5))), Refusal::OtherRoot { seen: 5 });
        let fork = Request { checkpoint: signed(9, leaf_hash(b"fork")), ..request(5, 9) };
        assert_eq!(refused(fork, Some(seen(5))), Refusal::BadProof(ProofError::WrongNewRoot));
        let other_past = Seen { size: 5, root: leaf_hash(b"other") };
        assert_eq!(refused(request(5, 9), Some(other_past)), Refusal::BadProof(ProofError::WrongOldRoot));
        let unproved = Request { proof: vec![], ..request(5, 9) };
        assert_eq!(refused(unproved, Some(seen(5))), Refusal::BadProof(ProofError::TooShort));
        let proof_of_nothing = Request { proof: vec![leaf_hash(b"x")], ..request(0, 9) };
        assert_eq!(refused(proof_of_nothing, None), Refusal::BadProof(ProofError::TooLong));
        let empty = Request { old: 0, proof: vec![], checkpoint: signed(0, leaf_hash(b"x")) };
        assert_eq!(refused(empty, None), Refusal::BadProof(ProofError::WrongNewRoot));
    }

    #[test]
    fn only_the_logs_own_keys_count() {
        let judged = |known: &[Verifier]| request(0, 5).judge(known, None);
        assert_eq!(judged(&[]), Err(Refusal::UnknownOrigin { origin: ORIGIN.into() }));
        let neighbour = Signer::from_seed("region.example/other", [2; 32]).unwrap();
        assert_eq!(
            judged(&[neighbour.verifier().clone()]),
            Err(Refusal::UnknownOrigin { origin: ORIGIN.into() })
        );
        let stranger = Signer::from_seed(ORIGIN, [2; 32]).unwrap();
        assert!(matches!(judged(&[stranger.verifier().clone()]), Err(Refusal::NotSigned(_))));
        let mut forged = request(0, 5);
        forged.checkpoint = forged.checkpoint.replace("\n5\n", "\n6\n");
        assert!(matches!(forged.judge(&known(), None), Err(Refusal::NotSigned(_))));
        let body = note::sign(&format!("{ORIGIN}\n05\nAAAA\n"), &signer()).unwrap();
        let malformed = Request { old: 0, proof: vec![], checkpoint: body };
        assert_eq!(malformed.judge(&known(), None), Err(Refusal::Checkpoint(CheckpointError::BadSize)));
    }

    #[test]
    fn a_malformed_request_is_refused_with_its_reason() {
        let refused = |body: &str| Request::parse(body).unwrap_err();
        assert_eq!(refused(""), Refusal::NoEmptyLine);
        assert_eq!(refused("old 0\n"), Refusal::NoEmptyLine);
        for old in
            ["", "old", "old ", "old 01", "old -1", "old +1", "old 18446744073709551616", "Old 1", "old 1 "]
        {
            assert_eq!(refused(&format!("{old}\n\nx")), Refusal::NoOldSize, "{old}");
        }
        for line in ["AAAA", "*", "é", " "] {
            assert_eq!(refused(&format!("old 1\n{line}\n\nx")), Refusal::BadProofLine { line: 1 });
        }
        let hash = STANDARD.encode([7; 32]);
        let many = |count: usize| format!("old 1\n{}\n\nx", vec![hash.as_str(); count].join("\n"));
        assert!(Request::parse(&many(PROOF_MAX)).is_ok());
        assert_eq!(refused(&many(PROOF_MAX + 1)), Refusal::TooMuchProof);
        assert_eq!(refused(&" ".repeat(BYTES_MAX + 1)), Refusal::TooLong { bytes: BYTES_MAX + 1 });
        let no_note = Request::parse("old 0\n\nx").unwrap();
        assert!(matches!(no_note.judge(&known(), None), Err(Refusal::Checkpoint(_))));
    }
}
