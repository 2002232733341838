//! Receipts: one fact with all that proves it stands in the log. One JSON file; also what the QR code leads to.
//!
//! salt and fact → entry → leaf → (proof) → root ← checkpoint ← signature of the log.
//! A receipt carries the log's key only as a hint: a forger would carry his own. Who checks brings the keys, or learns
//! from `Trust::EmbeddedKey` that the receipt has only vouched for itself.

use std::fmt;

use serde::{Deserialize, Serialize};

use crate::checkpoint::{self, Checkpoint, CheckpointError};
use crate::key::{KeyError, Signature, Verifier};
use crate::leaf::{Hash, entry, leaf_hash};
use crate::proof::{ProofError, verify_inclusion};

/// The only version of receipts so far.
pub const VERSION: u8 = 1;
/// The longest receipt that is read.
pub const BYTES_MAX: usize = 4 << 20;

/// The JSON of a receipt. Nothing in it is true before `verify` says so.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    pub v: u8,
    pub origin: String,
    pub index: u64,
    /// How many leaves the tree of the checkpoint has.
    pub size: u64,
    /// The fact, byte for byte as it was hashed: a text, usually itself JSON.
    pub fact: String,
    #[serde(with = "salt")]
    pub salt: [u8; 32],
    pub proof: Vec<Hash>,
    /// The note text of the checkpoint.
    pub checkpoint: String,
    /// The log's verifier key: a hint.
    pub key: String,
}

/// What a receipt proves.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Proven {
    pub fact: String,
    pub index: u64,
    pub size: u64,
    pub root: Hash,
    pub origin: String,
    /// The keys that signed the checkpoint, cosigners with their time.
    pub signatures: Vec<Signature>,
    pub trust: Trust,
}

/// Where the keys came from that the proof rests on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Trust {
    /// From whoever checks: the log has said so.
    Given,
    /// From the receipt itself: it is whole, but anyone could have made it.
    EmbeddedKey,
}

/// Why a receipt was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ReceiptError {
    TooLong { bytes: usize },
    NotJson(String),
    UnknownVersion(u8),
    BadKey(KeyError),
    Checkpoint(CheckpointError),
    OtherOrigin { receipt: String, checkpoint: String },
    OtherSize { receipt: u64, checkpoint: u64 },
    Proof(ProofError),
}

/// Reads the JSON of a receipt. An unknown field is refused: a reader could take it for proven.
pub fn parse(json: &str) -> Result<Receipt, ReceiptError> {
    #[derive(Deserialize)]
    struct Version {
        v: u8,
    }
    if json.len() > BYTES_MAX {
        return Err(ReceiptError::TooLong { bytes: json.len() });
    }
    let not_json = |error: serde_json::Error| ReceiptError::NotJson(error.to_string());
    // The version first: another one may have other fields.
    let Version { v } = serde_json::from_str(json).map_err(not_json)?;
    if v != VERSION {
        return Err(ReceiptError::UnknownVersion(v));
    }
    serde_json::from_str(json).map_err(not_json)
}

/// Checks that the receipt's fact stands in the log, on the word of the `trusted` keys (the log's, and witnesses').
///
/// Without any, on that of the key it carries: then the answer says `Trust::EmbeddedKey`.
pub fn verify(receipt: &Receipt, trusted: &[Verifier]) -> Result<Proven, ReceiptError> {
    if receipt.v != VERSION {
        return Err(ReceiptError::UnknownVersion(receipt.v));
    }
    let (trust, keys) = match trusted.is_empty() {
        true => (Trust::EmbeddedKey, vec![receipt.key.parse().map_err(ReceiptError::BadKey)?]),
        false => (Trust::Given, trusted.to_vec()),
    };
    let opened = Checkpoint::open(&receipt.checkpoint, &keys).map_err(ReceiptError::Checkpoint)?;
    let checkpoint::Opened { checkpoint: Checkpoint { origin, size, root }, signatures, .. } = opened;
    if receipt.origin != origin {
        return Err(ReceiptError::OtherOrigin { receipt: receipt.origin.clone(), checkpoint: origin });
    }
    if receipt.size != size {
        return Err(ReceiptError::OtherSize { receipt: receipt.size, checkpoint: size });
    }
    let leaf = leaf_hash(&entry(&receipt.salt, receipt.fact.as_bytes()).0);
    verify_inclusion(receipt.index, size, leaf, &receipt.proof, root).map_err(ReceiptError::Proof)?;
    Ok(Proven { fact: receipt.fact.clone(), index: receipt.index, size, root, origin, signatures, trust })
}

/// A salt is written like a hash.
mod salt {
    use serde::{Deserialize, Deserializer, Serialize, Serializer};

    use crate::leaf::Hash;

    pub fn serialize<S: Serializer>(salt: &[u8; 32], serializer: S) -> Result<S::Ok, S::Error> {
        Hash(*salt).serialize(serializer)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<[u8; 32], D::Error> {
        Hash::deserialize(deserializer).map(|hash| hash.0)
    }
}

impl fmt::Display for ReceiptError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::TooLong { bytes } => write!(f, "the receipt has `{bytes}` bytes, more than `{BYTES_MAX}`"),
            Self::NotJson(reason) => write!(f, "the receipt is not the JSON of one: {reason}"),
            Self::UnknownVersion(v) => write!(f, "the receipt is of the unknown version `{v}`"),
            Self::BadKey(_) => f.write_str("the key in the receipt cannot be read"),
            Self::Checkpoint(_) => f.write_str("the receipt's checkpoint was refused"),
            Self::OtherOrigin { receipt, checkpoint } => {
                write!(f, "the receipt is of the log `{receipt}`, its checkpoint of `{checkpoint}`")
            }
            Self::OtherSize { receipt, checkpoint } => {
                write!(f, "the receipt is for a log of `{receipt}` leaves, its checkpoint for `{checkpoint}`")
            }
            Self::Proof(_) => f.write_str("the fact is not in the log where the receipt says"),
        }
    }
}

impl std::error::Error for ReceiptError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::BadKey(error) => Some(error),
            Self::Checkpoint(error) => Some(error),
            Self::Proof(error) => Some(error),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::{Cosigner, Signer};
    use crate::note::{self, NoteError};
    use crate::proof::inclusion;
    use crate::tree::tests::leaves;
    use crate::tree::{Memory, root};

    const FACT: &str = r#"{"event":"paid","说":"好"}"#;
    const ORIGIN: &str = "region.example/log";

    fn signer() -> Signer {
        Signer::from_seed(ORIGIN, [1; 32]).unwrap()
    }

    fn receipt() -> Receipt {
        let mut memory = Memory::default();
        memory.extend(leaves(4));
        memory.push(leaf_hash(&entry(&[5; 32], FACT.as_bytes()).0));
        memory.extend(leaves(6));
        let checkpoint = Checkpoint { origin: ORIGIN.into(), size: 11, root: root(11, &memory).unwrap() };
        Receipt {
            v: VERSION,
            origin: ORIGIN.into(),
            index: 4,
            size: 11,
            fact: FACT.into(),
            salt: [5; 32],
            proof: inclusion(4, 11, &memory).unwrap(),
            checkpoint: checkpoint.sign(&signer()).unwrap(),
            key: signer().verifier().to_string(),
        }
    }

    #[test]
    fn a_receipt_proves_its_fact_and_says_on_whose_word() {
        let json = serde_json::to_string(&receipt()).unwrap();
        let read = parse(&json).unwrap();
        assert_eq!(read, receipt());
        let alone = verify(&read, &[]).unwrap();
        assert_eq!(
            (alone.fact.as_str(), alone.index, alone.size, alone.trust),
            (FACT, 4, 11, Trust::EmbeddedKey)
        );
        let given = verify(&read, &[signer().verifier().clone()]).unwrap();
        assert_eq!(given.trust, Trust::Given);
        assert_eq!(given.signatures, [Signature { key: signer().verifier().clone(), time: None }]);
    }

    #[test]
    fn a_witness_that_is_trusted_is_named_with_its_time() {
        let witness = Cosigner::from_seed("witness", [3; 32]).unwrap();
        let cosigned = note::cosign(&receipt().checkpoint, &witness, 1_700_000_000).unwrap();
        let receipt = Receipt { checkpoint: cosigned, ..receipt() };
        let proven = verify(&receipt, &[signer().verifier().clone(), witness.verifier().clone()]).unwrap();
        assert_eq!(
            proven.signatures[1],
            Signature { key: witness.verifier().clone(), time: Some(1_700_000_000) }
        );
    }

    #[test]
    fn a_forgers_own_log_does_not_pass_with_given_keys() {
        let forger = Signer::from_seed(ORIGIN, [66; 32]).unwrap();
        let body = receipt().checkpoint.split_once("\n\n").unwrap().0.to_owned() + "\n";
        let checkpoint = note::sign(&body, &forger).unwrap();
        let forged = Receipt { checkpoint, key: forger.verifier().to_string(), ..receipt() };
        assert_eq!(verify(&forged, &[]).unwrap().trust, Trust::EmbeddedKey);
        let refused = verify(&forged, &[signer().verifier().clone()]);
        let no_known_key = CheckpointError::Note(NoteError::NoKnownKey);
        assert_eq!(refused, Err(ReceiptError::Checkpoint(no_known_key)));
    }

    #[test]
    fn each_part_is_bound_to_the_others() {
        let refused = |change: fn(&mut Receipt)| {
            let mut receipt = receipt();
            change(&mut receipt);
            verify(&receipt, &[]).unwrap_err()
        };
        assert_eq!(refused(|r| r.v = 2), ReceiptError::UnknownVersion(2));
        assert_eq!(refused(|r| r.key.clear()), ReceiptError::BadKey(KeyError::NotThreeParts));
        assert!(matches!(refused(|r| r.origin.push('x')), ReceiptError::OtherOrigin { .. }));
        assert_eq!(refused(|r| r.size = 12), ReceiptError::OtherSize { receipt: 12, checkpoint: 11 });
        assert_eq!(refused(|r| r.fact.push(' ')), ReceiptError::Proof(ProofError::WrongRoot));
        assert_eq!(refused(|r| r.salt[0] ^= 1), ReceiptError::Proof(ProofError::WrongRoot));
        assert_eq!(refused(|r| r.index = 5), ReceiptError::Proof(ProofError::WrongRoot));
        assert!(matches!(refused(|r| r.index = 11), ReceiptError::Proof(ProofError::IndexBeyondSize { .. })));
        assert_eq!(refused(|r| r.proof.truncate(2)), ReceiptError::Proof(ProofError::TooShort));
        assert!(matches!(refused(|r| r.checkpoint.insert(0, 'x')), ReceiptError::Checkpoint(_)));
    }

    #[test]
    fn what_is_no_receipt_is_refused_before_it_is_looked_at() {
        let json = serde_json::to_string(&receipt()).unwrap();
        assert_eq!(
            parse(&json.replace(r#""v":1"#, r#""v":2,"new":0"#)),
            Err(ReceiptError::UnknownVersion(2))
        );
        let extra = json.replace(r#""v":1"#, r#""v":1,"amount":"all""#);
        let salt = json.replace("0505", "050");
        let repeated = json.replace(r#""v":1"#, r#""v":1,"index":4"#);
        for bad in ["", "[]", "{}", &extra, &salt, &repeated, json.trim_start_matches('{')] {
            assert!(matches!(parse(bad), Err(ReceiptError::NotJson(_))), "{bad}");
        }
        let long = " ".repeat(BYTES_MAX + 1);
        assert_eq!(parse(&long), Err(ReceiptError::TooLong { bytes: BYTES_MAX + 1 }));
    }
}
