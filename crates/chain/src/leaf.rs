//! How bytes become hashes: fact → entry → leaf → node (RFC 6962 section 2.1, RFC 9162 section 2.1.1).
//!
//! entry = SHA-256(salt ‖ fact)   what the log publishes: it commits to the fact and reveals nothing of it
//! leaf  = SHA-256(0x00 ‖ entry)  level 0 of the tree
//! node  = SHA-256(0x01 ‖ left ‖ right)
//! The prefixes 0x00 and 0x01 keep a node from ever being shown as a leaf (second preimages).

use std::fmt;
use std::str::FromStr;

use serde::{Deserialize, Deserializer, Serialize, Serializer, de};
use sha2::{Digest, Sha256};

/// A SHA-256 hash. Shown, parsed and kept in JSON as 64 lower-case hex digits.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Hash(pub [u8; 32]);

/// The log entry of a fact: SHA-256(salt ‖ fact). Whoever has both can show the fact; nobody else can guess it.
pub fn entry(salt: &[u8; 32], fact: &[u8]) -> Hash {
    finish(Sha256::new().chain_update(salt).chain_update(fact))
}

/// The leaf of an entry: SHA-256(0x00 ‖ entry). RFC 6962 section 2.1.
pub fn leaf_hash(entry: &[u8]) -> Hash {
    finish(Sha256::new().chain_update([0x00]).chain_update(entry))
}

/// The node above two others: SHA-256(0x01 ‖ left ‖ right). RFC 6962 section 2.1.
pub fn node_hash(left: &Hash, right: &Hash) -> Hash {
    finish(Sha256::new().chain_update([0x01]).chain_update(left.0).chain_update(right.0))
}

/// The root of the tree without leaves: SHA-256 of nothing. RFC 6962 section 2.1.
pub fn empty_root() -> Hash {
    finish(Sha256::new())
}

fn finish(hasher: Sha256) -> Hash {
    Hash(hasher.finalize().into())
}

/// The text is not 64 lower-case hex digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotHex;

impl fmt::Display for NotHex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("not 64 lower-case hex digits")
    }
}

impl std::error::Error for NotHex {}

impl fmt::Display for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

impl fmt::Debug for Hash {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

impl FromStr for Hash {
    type Err = NotHex;

    fn from_str(text: &str) -> Result<Hash, NotHex> {
        let (pairs, rest) = text.as_bytes().as_chunks::<2>();
        if pairs.len() != 32 || !rest.is_empty() {
            return Err(NotHex);
        }
        let mut bytes = [0; 32];
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = hex_digit(*high)? << 4 | hex_digit(*low)?;
        }
        Ok(Hash(bytes))
    }
}

/// Upper case is refused, so that every hash has one spelling.
fn hex_digit(digit: u8) -> Result<u8, NotHex> {
    match digit {
        b'0'..=b'9' => Ok(digit - b'0'),
        b'a'..=b'f' => Ok(digit - b'a' + 10),
        _ => Err(NotHex),
    }
}

impl Serialize for Hash {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Hash {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Hash, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_hashes_of_nothing_are_those_of_the_rfc() {
        let empty_leaf = "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d";
        let nothing = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
        assert_eq!(leaf_hash(b"").to_string(), empty_leaf);
        assert_eq!(empty_root().to_string(), nothing);
    }

    #[test]
    fn an_entry_is_the_hash_of_salt_and_fact_in_this_order() {
        let whole = [[7; 32].as_slice(), b"fact"].concat();
        assert_eq!(entry(&[7; 32], b"fact"), Hash(Sha256::digest(whole).into()));
        assert_ne!(entry(&[7; 32], b"fact"), entry(&[8; 32], b"fact"));
    }

    #[test]
    fn two_hashes_joined_are_not_the_leaf_of_their_bytes() {
        let (left, right) = (leaf_hash(b"l"), leaf_hash(b"r"));
        let joined = [left.0, right.0].concat();
        assert_ne!(node_hash(&left, &right), leaf_hash(&joined));
        assert_ne!(node_hash(&left, &right), node_hash(&right, &left));
    }

    #[test]
    fn a_hash_has_one_spelling() {
        let hash = empty_root();
        let text = hash.to_string();
        assert_eq!(text.parse(), Ok(hash));
        assert_eq!(serde_json::from_str::<Hash>(&serde_json::to_string(&hash).unwrap()).unwrap(), hash);
        let wrong = [
            text.to_uppercase(),
            format!("{text}0"),
            format!("{text}00"),
            text.replace('e', "g"),
            "é".repeat(32),
        ];
        for wrong in wrong {
            assert_eq!(wrong.parse::<Hash>(), Err(NotHex), "{wrong}");
        }
    }
}
