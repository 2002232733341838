//! Keys: who may sign, after C2SP signed-note ("verifier keys") and tlog-cosignature.
//!
//! A verifier key is one line of text: `name+id+base64(algorithm ‖ public key)`, where the id is the first four bytes
//! of SHA-256(name ‖ 0x0A ‖ algorithm ‖ public key) in hex. Three algorithms are known. Two are Ed25519: 0x01 signs a
//! text as it is, 0x04 says that a cosigner saw it at a time. The third is ours, 0xff ‖ `kechuang/sm2-sm3/1`: SM2 with
//! SM3 over the text (docs/decisions/011). Always: a `Verifier` that exists is well-formed.

use std::fmt;
use std::str::FromStr;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::general_purpose::{GeneralPurpose, GeneralPurposeConfig, STANDARD};
use ed25519_dalek::{Signature as Ed25519Signature, Signer as _, SigningKey, VerifyingKey};
use sha2::{Digest, Sha256};

use crate::sm2;

/// What a signature by the key means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Algorithm {
    /// 0x01: Ed25519 over the text.
    Plain,
    /// 0x04: Ed25519 over `cosignature/v1`, the time and the text.
    Cosignature,
    /// 0xff and `SM2_NAME`: SM2 with SM3 over the text, under the usual user id.
    Sm2,
}

/// What follows 0xff in a key of SM2. Its length keeps such keys free of unused bits in base64.
pub const SM2_NAME: &str = "kechuang/sm2-sm3/1";

/// A public key with its name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verifier {
    name: String,
    key: Public,
}

#[derive(Clone, Debug, PartialEq, Eq)]
enum Public {
    Plain(VerifyingKey),
    Cosignature(VerifyingKey),
    Sm2(sm2::Key),
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
    Sm2(sm2::Sm2Error),
}

impl Verifier {
    pub fn name(&self) -> &str {
        &self.name
    }

    pub fn algorithm(&self) -> Algorithm {
        match self.key {
            Public::Plain(_) => Algorithm::Plain,
            Public::Cosignature(_) => Algorithm::Cosignature,
            Public::Sm2(_) => Algorithm::Sm2,
        }
    }

    /// The short id in signature lines. It tells keys apart; it proves nothing.
    pub fn id(&self) -> [u8; 4] {
        let hash = Sha256::new().chain_update(&self.name).chain_update(b"\n").chain_update(self.encoded());
        let [a, b, c, d, ..] = hash.finalize().0;
        [a, b, c, d]
    }

    /// The algorithm and the public key, as a verifier key line has them.
    fn encoded(&self) -> Vec<u8> {
        match &self.key {
            Public::Plain(key) => [&[PLAIN], key.as_bytes().as_slice()].concat(),
            Public::Cosignature(key) => [&[COSIGNATURE], key.as_bytes().as_slice()].concat(),
            Public::Sm2(key) => [&[NAMED], SM2_NAME.as_bytes(), &key.to_bytes()].concat(),
        }
    }

    /// The signature, if `bytes` (without the id) are this key's on `text`; otherwise nothing.
    pub fn check(&self, text: &str, bytes: &[u8]) -> Option<Signature> {
        let time = match &self.key {
            Public::Plain(key) => {
                is_signed(key, text, bytes)?;
                None
            }
            Public::Cosignature(key) => {
                let (time, bytes) = bytes.split_first_chunk()?;
                let time = Some(u64::from_be_bytes(*time)).filter(|time| *time <= TIME_MAX)?;
                is_signed(key, &cosigned(text, time), bytes)?;
                Some(time)
            }
            Public::Sm2(key) => {
                key.verify(sm2::USER_ID, text.as_bytes(), bytes).ok()?;
                None
            }
        };
        Some(Signature { key: self.clone(), time })
    }
}

/// Strict: no key or signature of small order, which would fit more than one text.
fn is_signed(key: &VerifyingKey, message: &str, bytes: &[u8]) -> Option<()> {
    let signature = Ed25519Signature::from_slice(bytes).ok()?;
    key.verify_strict(message.as_bytes(), &signature).ok()
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
        write!(f, "{}+{id:08x}+{}", self.name, STANDARD.encode(self.encoded()))
    }
}

/// Keys are decoded leniently about the unused bits of the last digit, only so that a key of another length is
/// refused for its length. Always: the 33 or 84 bytes of an accepted key are 44 or 112 digits and leave no bits unused.
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
        let key = Public::read(&bytes)?;
        let verifier = Verifier { name: valid_name(name)?, key };
        let expected = format!("{:08x}", u32::from_be_bytes(verifier.id()));
        match id == expected {
            true => Ok(verifier),
            false => Err(KeyError::WrongId { found: id.to_owned(), expected }),
        }
    }
}

const PLAIN: u8 = 0x01;
const COSIGNATURE: u8 = 0x04;
/// An algorithm without a number of its own: a name follows.
const NAMED: u8 = 0xff;

impl Public {
    fn read(bytes: &[u8]) -> Result<Public, KeyError> {
        match bytes.split_first().ok_or(KeyError::WrongLength(0))? {
            (&PLAIN, key) => Ok(Public::Plain(ed25519(key)?)),
            (&COSIGNATURE, key) => Ok(Public::Cosignature(ed25519(key)?)),
            (&NAMED, named) => {
                let unknown = KeyError::UnknownAlgorithm(NAMED);
                let key = named.strip_prefix(SM2_NAME.as_bytes()).ok_or(unknown)?;
                // One key, one spelling: no compressed points.
                if key.len() != sm2::KEY_BYTES {
                    return Err(KeyError::WrongLength(key.len()));
                }
                Ok(Public::Sm2(sm2::Key::from_bytes(key).map_err(KeyError::Sm2)?))
            }
            (other, _) => Err(KeyError::UnknownAlgorithm(*other)),
        }
    }
}

fn ed25519(bytes: &[u8]) -> Result<VerifyingKey, KeyError> {
    let key = bytes.try_into().map_err(|_| KeyError::WrongLength(bytes.len()))?;
    let key = VerifyingKey::from_bytes(key).map_err(|_| KeyError::BadPoint)?;
    // None of small order, whose signatures would fit more than one text.
    if key.is_weak() { Err(KeyError::BadPoint) } else { Ok(key) }
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
    secret: Secret,
    verifier: Verifier,
}

#[derive(Clone, Debug)]
enum Secret {
    Ed25519(SigningKey),
    Sm2(sm2::Secret),
}

impl Signer {
    /// Ed25519. `seed` is 32 bytes of chance, kept secret. Fails on a name that is empty or has spaces, controls or `+`.
    pub fn from_seed(name: &str, seed: [u8; 32]) -> Result<Signer, KeyError> {
        let key = SigningKey::from_bytes(&seed);
        let verifier = Verifier { name: valid_name(name)?, key: Public::Plain(key.verifying_key()) };
        Ok(Signer { secret: Secret::Ed25519(key), verifier })
    }

    /// SM2. `seed` is the secret number; one in 2^32 is none, and another must be drawn. Fails on such a name, too.
    pub fn sm2_from_seed(name: &str, seed: [u8; 32]) -> Result<Signer, KeyError> {
        let secret = sm2::Secret::from_bytes(seed).map_err(KeyError::Sm2)?;
        let verifier = Verifier { name: valid_name(name)?, key: Public::Sm2(secret.key()) };
        Ok(Signer { secret: Secret::Sm2(secret), verifier })
    }

    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The line to put under `text`.
    pub(crate) fn line(&self, text: &str) -> Result<String, KeyError> {
        let signature = match &self.secret {
            Secret::Ed25519(key) => key.sign(text.as_bytes()).to_bytes(),
            Secret::Sm2(secret) => secret.sign(text.as_bytes()).map_err(KeyError::Sm2)?,
        };
        Ok(line(&self.verifier, &signature))
    }
}

/// A witness's secret key, of a kind that signs nothing but cosignatures. Never give it the seed of a `Signer`.
#[derive(Clone, Debug)]
pub struct Cosigner {
    key: SigningKey,
    verifier: Verifier,
}

impl Cosigner {
    /// As `Signer::from_seed`.
    pub fn from_seed(name: &str, seed: [u8; 32]) -> Result<Cosigner, KeyError> {
        let key = SigningKey::from_bytes(&seed);
        let verifier = Verifier { name: valid_name(name)?, key: Public::Cosignature(key.verifying_key()) };
        Ok(Cosigner { key, verifier })
    }

    pub fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    /// The line to put under `text`, seen at `time` (seconds since 1970). Fails on a time beyond 2^63 − 1.
    pub fn line(&self, text: &str, time: u64) -> Result<String, KeyError> {
        if time > TIME_MAX {
            return Err(KeyError::TimeTooLarge(time));
        }
        let signature = self.key.sign(cosigned(text, time).as_bytes());
        Ok(line(&self.verifier, &[time.to_be_bytes().as_slice(), &signature.to_bytes()].concat()))
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
            Self::WrongLength(bytes) => write!(f, "the key has `{bytes}` bytes, not those of its kind"),
            Self::BadPoint => f.write_str("the key is no point of Ed25519, or a weak one"),
            Self::WrongId { found, expected } => write!(f, "the key has the id `{found}`, not `{expected}`"),
            Self::TimeTooLarge(time) => write!(f, "the time `{time}` is beyond 2^63 - 1"),
            Self::Sm2(error) => fmt::Display::fmt(error, f),
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
    fn a_key_of_sm2_reads_writes_and_signs_like_the_others() {
        let signer = Signer::sm2_from_seed("region.example/log", [9; 32]).unwrap();
        let text = signer.verifier().to_string();
        assert_eq!(text.parse().as_ref(), Ok(signer.verifier()));
        assert_eq!(signer.verifier().algorithm(), Algorithm::Sm2);
        let line = signer.line("text\n").unwrap();
        let bytes = STANDARD.decode(line.trim_end().rsplit(' ').next().unwrap()).unwrap();
        assert_eq!(bytes[..4], signer.verifier().id());
        assert!(signer.verifier().check("text\n", &bytes[4..]).is_some());
        assert_eq!(signer.verifier().check("Text\n", &bytes[4..]), None);
        assert_eq!(signer.verifier().check("text\n", &bytes), None);
        assert!(
            Signer::sm2_from_seed("a", [0xff; 32]).is_err() && Signer::sm2_from_seed("a b", [9; 32]).is_err()
        );

        let (head, encoded) = text.split_at(text.match_indices('+').nth(1).unwrap().0);
        let good = STANDARD.decode(encoded.strip_prefix('+').unwrap()).unwrap();
        let read =
            |bytes: &[u8]| format!("{head}+{}", STANDARD.encode(bytes)).parse::<Verifier>().unwrap_err();
        assert_eq!(read(&good[..good.len() - 1]), KeyError::WrongLength(64));
        assert_eq!(read(&[good.as_slice(), &[0]].concat()), KeyError::WrongLength(66));
        let compressed = [&good[..19], &[2 + (good[83] & 1)], &good[20..52]].concat();
        assert_eq!(read(&compressed), KeyError::WrongLength(33));
        assert_eq!(
            read(&[&[0xff], b"other/1".as_slice(), &good[19..]].concat()),
            KeyError::UnknownAlgorithm(0xff)
        );
        let mut beside = good.clone();
        beside[83] ^= 1;
        assert_eq!(read(&beside), KeyError::Sm2(sm2::Sm2Error::NotOnCurve));
    }

    #[test]
    fn the_secret_is_not_in_the_debug_form() {
        let shown = format!("{:?}", Signer::from_seed("a", [0xab; 32]).unwrap());
        assert!(!shown.contains("171, 171") && !shown.contains("abab"), "{shown}");
    }
}
