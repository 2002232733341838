//! Keys: who may sign, after C2SP signed-note ("verifier keys") and tlog-cosignature.
//!
//! A verifier key is one line of text: `name+id+base64(algorithm ‖ public key)`, where the id is the first four bytes
//! of SHA-256(name ‖ 0x0A ‖ algorithm ‖ public key) in hex. Two algorithms are known, both Ed25519: 0x01 signs a text
//! as it is, 0x04 says that a cosigner saw it at a time. Always: a `Verifier` that exists is well-formed.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use ed25519_dalek::{Signature as Ed25519Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

/// What a signature by the key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// 0x01: Ed25519 over the text.
    Plain,
    /// 0x04: Ed25519 over `cosignature/v1`, the time and the text.
    Cosignature,
}

/// A public key with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    algorithm: Algorithm,
    key: VerifyingKey,
}

/// A key that was found to have signed a text, and when, if it is a cosigner's.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Signature {
    pub key: Verifier,
    /// Seconds since 1970, as the cosigner's clock had it.
    pub time: Option<u64>,
}

/// Why a key was refused.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum KeyError {
    NotThreeParts,
    BadName(String),
    NotBase64,
    UnknownAlgorithm(u8),
    WrongLength(usize),
    BadPoint,
    WrongId { found: String, expected: String },
    TimeTooLarge(u64),
}

impl Verifier {
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn algorithm(&self) -> Algorithm {
        self.algorithm
    }

    /// The short id in signature lines. It tells keys apart; it proves nothing.
    pub fn id(&self) -> [u8; 4] {
        let hash = Sha256::new()
            .chain_update(&self.name)
            .chain_update(b"\n")
            .chain_update([self.algorithm.byte()])
            .chain_update(self.key.as_bytes());
        let [a, b, c, d, ..] = hash.finalize().0;
        [a, b, c, d]
    }

    /// The signature, if `bytes` (without the id) are this key's on `text`; otherwise nothing.
    pub fn check(&self, text: &str, bytes: &[u8]) -> Option<Signature> {
        let (time, bytes, message) = match self.algorithm {
            Algorithm::Plain => (None, bytes, text.to_owned()),
            Algorithm::Cosignature => {
                let (time, bytes) = bytes.split_first_chunk()?;
                let time = Some(u64::from_be_bytes(*time)).filter(|time| *time <= TIME_MAX)?;
                (Some(time), bytes, cosigned(text, time))
            }
        };
        let signature = Ed25519Signature::from_slice(bytes).ok()?;
        // Strict: no key or signature of small order, which would fit more than one text.
        self.key.verify_strict(message.as_bytes(), &signature).ok()?;
        Some(Signature { key: self.clone(), time })
    }
}

/// The largest time that tlog-cosignature allows.
const TIME_MAX: u64 = i64::MAX as u64;

fn cosigned(text: &str, time: u64) -> String {
    format!("cosignature/v1\ntime {time}\n{text}")
}

/// Shown as the verifier key line.
impl fmt::Display for Verifier {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let id = u32::from_be_bytes(self.id());
        let mut bytes = vec![self.algorithm.byte()];
        bytes.extend_from_slice(self.key.as_bytes());
        write!(f, "{}+{id:08x}+{}", self.name, STANDARD.encode(bytes))
    }
}

/// Keys are decoded leniently about the unused bits of the last digit, only so that a key of another length is
/// refused for its length. Always: the 33 bytes of an accepted key are 44 digits and leave no bits unused.
const LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::STANDARD,
    GeneralPurposeConfig::new().with_decode_allow_trailing_bits(true),
);

/// Reads a verifier key line.
impl FromStr for Verifier {
    type Err = KeyError;

    fn from_str(text: &str) -> Result<Verifier, KeyError> {
        // The base64 may hold a `+` itself.
        let mut parts = text.splitn(3, '+');
        let (Some(name), Some(id), Some(encoded)) = (parts.next(), parts.next(), parts.next()) else {
            return Err(KeyError::NotThreeParts);
        };
        let bytes = LENIENT.decode(encoded).map_err(|_| KeyError::NotBase64)?;
        let (algorithm, key) = bytes.split_first().ok_or(KeyError::WrongLength(0))?;
        let algorithm = Algorithm::of(*algorithm)?;
        let key = key.try_into().map_err(|_| KeyError::WrongLength(key.len()))?;
        let key = VerifyingKey::from_bytes(key).map_err(|_| KeyError::BadPoint)?;
        if key.is_weak() {
            return Err(KeyError::BadPoint);
        }
        let verifier = Verifier { name: valid_name(name)?, algorithm, key };
        let expected = format!("{:08x}", u32::from_be_bytes(verifier.id()));
        match id == expected {
            true => Ok(verifier),
            false => Err(KeyError::WrongId { found: id.to_owned(), expected }),
        }
    }
}

impl Algorithm {
    fn byte(self) -> u8 {
        match self {
            Self::Plain => 0x01,
            Self::Cosignature => 0x04,
        }
    }

    fn of(byte: u8) -> Result<Algorithm, KeyError> {
        match byte {
            0x01 => Ok(Self::Plain),
            0x04 => Ok(Self::Cosignature),
            other => Err(KeyError::UnknownAlgorithm(other)),
        }
    }
}

/// A name fits between the spaces of a signature line and before the `+` of a key.
pub(crate) fn valid_name(name: &str) -> Result<String, KeyError> {
    let is_bad = |letter: char| letter.is_whitespace() || letter.is_control() || letter == '+';
    match name.is_empty() || name.contains(is_bad) {
        true => Err(KeyError::BadName(name.to_owned())),
        false => Ok(name.to_owned()),
    }
}

/// A log's secret key. Its debug form does not show the secret.
#[derive(Clone, Debug)]
pub struct Signer {
    key: SigningKey,
    verifier: Verifier,
}

impl Signer {
    /// `seed` is 32 bytes of chance, kept secret. Fails on a name that is empty or has spaces, controls or `+`.
    pub fn from_seed(name: &str, seed: [u8; 32]) -> Result<Signer, KeyError> {
        let key = SigningKey::from_bytes(&seed);
        let verifier =
            Verifier { name: valid_name(name)?, algorithm: Algorithm::Plain, key: key.verifying_key() };
        Ok(Signer { key, verifier })
    }

    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The line to put under `text`.
    pub(crate) fn line(&self, text: &str) -> String {
        line(&self.verifier, &self.key.sign(text.as_bytes()).to_bytes())
    }
}

/// A witness's secret key, of a kind that signs nothing but cosignatures. Never give it the seed of a `Signer`.
#[derive(Clone, Debug)]
pub struct Cosigner(Signer);

impl Cosigner {
    /// As `Signer::from_seed`.
    pub fn from_seed(name: &str, seed: [u8; 32]) -> Result<Cosigner, KeyError> {
        let mut signer = Signer::from_seed(name, seed)?;
        signer.verifier.algorithm = Algorithm::Cosignature;
        Ok(Cosigner(signer))
    }

    pub fn verifier(&self) -> &Verifier {
        &self.0.verifier
    }

    /// The line to put under `text`, seen at `time` (seconds since 1970). Fails on a time beyond 2^63 − 1.
    pub(crate) fn line(&self, text: &str, time: u64) -> Result<String, KeyError> {
        if time > TIME_MAX {
            return Err(KeyError::TimeTooLarge(time));
        }
        let signature = self.0.key.sign(cosigned(text, time).as_bytes());
        Ok(line(&self.0.verifier, &[time.to_be_bytes().as_slice(), &signature.to_bytes()].concat()))
    }
}

fn line(verifier: &Verifier, signature: &[u8]) -> String {
    let bytes = [verifier.id().as_slice(), signature].concat();
    format!("— {} {}\n", verifier.name, STANDARD.encode(bytes))
}

impl fmt::Display for KeyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::NotThreeParts => f.write_str("a verifier key has three parts with `+` between them"),
            Self::BadName(name) => write!(f, "`{name}` is not the name of a key"),
            Self::NotBase64 => f.write_str("the key is not base64"),
            Self::UnknownAlgorithm(byte) => write!(f, "the key is of the unknown algorithm `{byte:#04x}`"),
            Self::WrongLength(bytes) => write!(f, "the key has `{bytes}` bytes where 32 belong"),
            Self::BadPoint => f.write_str("the key is no point of Ed25519, or a weak one"),
            Self::WrongId { found, expected } => write!(f, "the key has the id `{found}`, not `{expected}`"),
            Self::TimeTooLarge(time) => write!(f, "the time `{time}` is beyond 2^63 - 1"),
        }
    }
}

impl std::error::Error for KeyError {}

#[cfg(test)]
mod tests {
    use super::*;

    const PETER: &str = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW";

    #[test]
    fn a_key_is_written_as_it_was_read() {
        let verifier: Verifier = PETER.parse().unwrap();
        assert_eq!((verifier.name(), verifier.algorithm()), ("PeterNeumann", Algorithm::Plain));
        assert_eq!(verifier.id(), [0xc7, 0x4f, 0x20, 0xa3]);
        assert_eq!(verifier.to_string(), PETER);
        let cosigner = Cosigner::from_seed("witness.example/w1", [9; 32]).unwrap();
        assert_eq!(cosigner.verifier().to_string().parse().as_ref(), Ok(cosigner.verifier()));
    }

    #[test]
    fn a_bad_key_is_refused_with_its_reason() {
        let read = |text: &str| text.parse::<Verifier>();
        assert_eq!(read(""), Err(KeyError::NotThreeParts));
        assert_eq!(read("PeterNeumann+c74f20a3"), Err(KeyError::NotThreeParts));
        assert_eq!(read(&PETER.replace("ARpc", "A*pc")), Err(KeyError::NotBase64));
        assert_eq!(read(&PETER.replace("ARpc", "BRpc")), Err(KeyError::UnknownAlgorithm(5)));
        assert_eq!(read(&PETER.replace("TW", "")), Err(KeyError::NotBase64));
        assert_eq!(read(&PETER.replace("10TW", "")), Err(KeyError::WrongLength(29)));
        assert_eq!(read("a+00000000+"), Err(KeyError::WrongLength(0)));
        assert_eq!(read(&PETER.replace("Peter", "Peter ")), Err(KeyError::BadName("Peter Neumann".into())));
        assert_eq!(read(&PETER.replace("Peter", "Pater")).map_err(|e| e.to_string().len() > 9), Err(true));
        assert!(matches!(read(&PETER.replace("c74f20a3", "C74F20A3")), Err(KeyError::WrongId { .. })));
        let weak = format!("a+00000000+{}", STANDARD.encode([[1].as_slice(), &[0; 32]].concat()));
        assert_eq!(read(&weak), Err(KeyError::BadPoint));
    }

    #[test]
    fn a_name_with_a_space_a_plus_or_nothing_cannot_sign() {
        for name in ["", "a b", "a+b", "a\n", "a\u{3000}b", "a\u{1}"] {
            assert_eq!(Signer::from_seed(name, [1; 32]).unwrap_err(), KeyError::BadName(name.into()));
        }
    }

    #[test]
    fn a_cosignature_holds_its_time() {
        let cosigner = Cosigner::from_seed("w", [9; 32]).unwrap();
        let line = cosigner.line("text\n", 1_679_315_147).unwrap();
        let bytes = STANDARD.decode(line.trim_end().rsplit(' ').next().unwrap()).unwrap();
        let signature = cosigner.verifier().check("text\n", &bytes[4..]).unwrap();
        assert_eq!(signature.time, Some(1_679_315_147));
        for place in 4..bytes.len() {
            let mut changed = bytes.clone();
            changed[place] ^= 1;
            assert_eq!(cosigner.verifier().check("text\n", &changed[4..]), None, "byte {place}");
            assert_eq!(cosigner.verifier().check("text\n", &bytes[4..place]), None, "only to {place}");
        }
        assert_eq!(cosigner.line("text\n", 1 << 63), Err(KeyError::TimeTooLarge(1 << 63)));
    }

    #[test]
    fn the_secret_is_not_in_the_debug_form() {
        let shown = format!("{:?}", Signer::from_seed("a", [0xab; 32]).unwrap());
        assert!(!shown.contains("171, 171") && !shown.contains("abab"), "{shown}");
    }
}
