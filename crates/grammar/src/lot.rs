//! Lot: chance that is promised before it is known, and that anyone can make again afterwards.
//!
//! [`Ctx::promise`](crate::desk::Ctx::promise) keeps a secret of 32 bytes sealed and gives its commitment, which goes into
//! an event. Later the clock's command is shown the secret and the [`Anchor`]: the first signed checkpoint of the log that
//! covers the record's last fact. The seed of the draw is made of both. Before, nobody who does not run the house can know
//! the secret, nor steer by what they write into the log what it will be mixed with; afterwards anyone can make the seed again.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const COMMITMENT: &[u8] = b"kechuang draw commitment v1\0";
const SEED: &[u8] = b"kechuang draw seed v1\0";
const WORD: &[u8] = b"kechuang draw word v1\0";

/// A promise of chance: `SHA-256("kechuang draw commitment v1" ‖ 0 ‖ secret)` in hexadecimal.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(transparent)]
pub struct Lot(String);

/// A state of the log that its key has signed.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Anchor {
    /// Facts it covers.
    pub size: u64,
    /// Root of the log's tree, 64 hexadecimal digits.
    pub root: String,
}

/// What a lot came to.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Drawn {
    /// What the lot had promised, 64 hexadecimal digits.
    pub secret: String,
    pub anchor: Anchor,
}

impl Lot {
    /// The promise of a secret.
    #[must_use]
    pub fn of(secret: &[u8; 32]) -> Self {
        Self(hex(&Sha256::new().chain_update(COMMITMENT).chain_update(secret).finalize().into()))
    }

    /// The commitment in hexadecimal: the key under which the secret is kept.
    #[must_use]
    pub fn commitment(&self) -> &str {
        &self.0
    }

    /// Whether this secret, in hexadecimal, is the one behind a commitment.
    #[must_use]
    pub fn promises(commitment: &str, secret: &str) -> bool {
        Self(commitment.to_owned()).is_of(secret)
    }

    /// Whether this secret, in hexadecimal, is the one that was promised.
    #[must_use]
    pub fn is_of(&self, secret: &str) -> bool {
        unhex(secret).is_some_and(|secret| Self::of(&secret) == *self)
    }
}

impl Drawn {
    /// The seed: `SHA-256("kechuang draw seed v1" ‖ 0 ‖ secret ‖ root ‖ words)`, where `words` begins as 32
    /// zeros and becomes `SHA-256("kechuang draw word v1" ‖ 0 ‖ words ‖ word)` for each word, in order. `None` when secret or
    /// root is no 32 bytes in hexadecimal.
    #[must_use]
    pub fn seed<'a>(&self, words: impl IntoIterator<Item = &'a str>) -> Option<[u8; 32]> {
        let mixed = words.into_iter().fold([0; 32], |mixed: [u8; 32], word| {
            Sha256::new().chain_update(WORD).chain_update(mixed).chain_update(word).finalize().into()
        });
        let seed = Sha256::new().chain_update(SEED).chain_update(unhex(&self.secret)?);
        Some(seed.chain_update(unhex(&self.anchor.root)?).chain_update(mixed).finalize().into())
    }
}

/// Bytes as hexadecimal digits.
#[must_use]
pub fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// 64 hexadecimal digits as bytes.
#[must_use]
pub fn unhex(text: &str) -> Option<[u8; 32]> {
    let (pairs, rest) = text.as_bytes().as_chunks::<2>();
    let mut bytes = [0; 32];
    if pairs.len() != bytes.len() || !rest.is_empty() {
        return None;
    }
    let digit = |letter: &u8| char::from(*letter).to_digit(16).and_then(|digit| u8::try_from(digit).ok());
    for ([high, low], byte) in pairs.iter().zip(&mut bytes) {
        *byte = digit(high)? * 16 + digit(low)?;
    }
    Some(bytes)
}

/// Chance for tests: a secret for each record, and one state of the log.
pub(crate) mod fixed {
    use serde_json::Value;

    use super::{Anchor, Lot, hex};

    /// The only secret a test world knows.
    pub const SECRET: [u8; 32] = [7; 32];

    pub fn opened(commitment: &str) -> Option<Value> {
        (Lot::of(&SECRET).commitment() == commitment).then(|| hex(&SECRET).into())
    }

    pub fn anchor() -> Anchor {
        Anchor { size: 1, root: hex(&[8; 32]) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_seed_is_what_its_description_says() {
        let (secret, root) = ([1; 32], [2; 32]);
        let drawn = Drawn { secret: hex(&secret), anchor: Anchor { size: 3, root: hex(&root) } };
        let hash = |parts: &[&[u8]]| -> [u8; 32] { Sha256::digest(parts.concat()).into() };
        let first = hash(&[b"kechuang draw word v1\0", &[0; 32], "红".as_bytes()]);
        let both = hash(&[b"kechuang draw word v1\0", &first, b"b"]);
        let seed = hash(&[b"kechuang draw seed v1\0", &secret, &root, &both]);
        assert_eq!(drawn.seed(["红", "b"]), Some(seed));
        assert_ne!(drawn.seed(["b", "红"]), Some(seed));
        assert_eq!(drawn.seed([]), Some(hash(&[b"kechuang draw seed v1\0", &secret, &root, &[0; 32]])));
        assert_eq!(Drawn { secret: "x".into(), ..drawn }.seed([]), None);
    }

    #[test]
    fn a_lot_is_of_one_secret() {
        let lot = Lot::of(&[1; 32]);
        assert!(lot.is_of(&hex(&[1; 32])));
        assert!(!lot.is_of(&hex(&[2; 32])) && !lot.is_of("") && !lot.is_of("zz"));
        assert_eq!(lot.commitment().len(), 64);
    }
}
