//! SM2 signatures with SM3 over the recommended curve (GM/T 0003.2 and 0003.5-2012; GB/T 32918.2 and .5-2016/2017).
//!
//! A signature is of e = SM3(Z ‖ message), where Z = SM3(bits of the user id ‖ user id ‖ curve ‖ public key) binds it to
//! the key and to a user id. Where nothing else was agreed, the user id is `USER_ID`, as GM/T 0009 has it; a log signs
//! under no other. Always: a `Key` is a point of the curve and not infinity.

use std::fmt;

use sm2::PublicKey;
use sm2::dsa::signature::{Signer as _, Verifier as _};
use sm2::dsa::{Signature, SigningKey, VerifyingKey};
use sm2::elliptic_curve::sec1::ToSec1Point as _;

use crate::leaf::Hash;

/// The user id that is meant where none was agreed (GM/T 0009-2012 section 10).
pub const USER_ID: &str = "1234567812345678";
/// Bytes of a public key: 0x04 ‖ x ‖ y.
pub const KEY_BYTES: usize = 65;
/// Bytes of a signature: r ‖ s.
pub const SIGNATURE_BYTES: usize = 64;

/// The user id's length in bits must fit into two bytes.
const USER_ID_BYTES_MAX: usize = 8_191;

/// A public key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Key(PublicKey);

/// A secret key: its debug form does not show it.
#[derive(Clone, Debug)]
pub struct Secret(SigningKey);

/// Why a key or a signature was refused.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Sm2Error {
    /// A key has 65 bytes, or 33 when compressed; a signature 64.
    WrongLength(usize),
    /// A key begins with 0x04, 0x02 or 0x03.
    UnknownForm(u8),
    /// The coordinates are no point of the curve.
    NotOnCurve,
    /// r or s is not within 1 … n − 1.
    OutOfRange,
    /// The bytes are not the DER of two numbers (GM/T 0009-2012 section 7.3), or not its only spelling.
    NotDer,
    /// The user id has more than 8,191 bytes.
    UserIdTooLong(usize),
    /// The signature is not this key's on the message.
    Forged,
    /// A secret key lies within 1 … n − 2.
    BadSecret,
    /// The chance that this key and message call for gives no signature: it does not happen.
    NoSignature,
}

impl Key {
    /// Reads a point: 0x04 ‖ x ‖ y, or compressed, 0x02 or 0x03 ‖ x (GB/T 32918.1 section 4.2.9).
    /// Infinity and the mixed forms 0x06 and 0x07 are refused.
    pub fn from_bytes(bytes: &[u8]) -> Result<Key, Sm2Error> {
        let length = match bytes.first() {
            Some(0x04) => KEY_BYTES,
            Some(0x02 | 0x03) => 33,
            Some(form) => return Err(Sm2Error::UnknownForm(*form)),
            None => return Err(Sm2Error::WrongLength(0)),
        };
        if bytes.len() != length {
            return Err(Sm2Error::WrongLength(bytes.len()));
        }
        PublicKey::from_sec1_bytes(bytes).map(Key).map_err(|_| Sm2Error::NotOnCurve)
    }

    /// 0x04 ‖ x ‖ y.
    pub fn to_bytes(&self) -> Vec<u8> {
        self.0.to_sec1_point(false).as_bytes().to_vec()
    }

    /// Z: the hash of the user id, the curve and this key (GM/T 0003.2 section 5.5).
    pub fn identity(&self, user_id: &str) -> Result<Hash, Sm2Error> {
        use sm3::Digest as _;
        let bits = 8 * checked(user_id)?.len() as u32;
        let [_, _, high, low] = bits.to_be_bytes();
        let mut hasher = sm3::Sm3::new();
        hasher.update([high, low]);
        hasher.update(user_id);
        CURVE.iter().for_each(|part| hasher.update(part));
        let point = self.to_bytes();
        hasher.update(point.get(1..).unwrap_or_default());
        Ok(Hash(hasher.finalize().into()))
    }

    /// e: what is signed, SM3(Z ‖ message).
    pub fn digest(&self, user_id: &str, message: &[u8]) -> Result<Hash, Sm2Error> {
        let identity = self.identity(user_id)?;
        Ok(sm3(&[&identity.0, message]))
    }

    /// Checks r ‖ s, each 32 bytes, big-endian.
    pub fn verify(&self, user_id: &str, message: &[u8], signature: &[u8]) -> Result<(), Sm2Error> {
        if signature.len() != SIGNATURE_BYTES {
            return Err(Sm2Error::WrongLength(signature.len()));
        }
        let signature = Signature::from_slice(signature).map_err(|_| Sm2Error::OutOfRange)?;
        self.check(user_id, message, &signature)
    }

    /// Checks a signature in DER, as certificates and most devices have it.
    pub fn verify_der(&self, user_id: &str, message: &[u8], signature: &[u8]) -> Result<(), Sm2Error> {
        let read = Signature::from_der(signature).map_err(|_| Sm2Error::NotDer)?;
        // One spelling: what is written back must be what was read.
        if read.to_der().as_bytes() != signature {
            return Err(Sm2Error::NotDer);
        }
        self.check(user_id, message, &read)
    }

    fn check(&self, user_id: &str, message: &[u8], signature: &Signature) -> Result<(), Sm2Error> {
        let key = VerifyingKey::new(checked(user_id)?, self.0).map_err(|_| Sm2Error::NotOnCurve)?;
        key.verify(message, signature).map_err(|_| Sm2Error::Forged)
    }
}

impl Secret {
    /// `bytes` is the secret number d, big-endian, within 1 … n − 2.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Secret, Sm2Error> {
        // With d = n − 1 no signature exists, since 1 + d has no inverse.
        if bytes == ORDER_LESS_ONE {
            return Err(Sm2Error::BadSecret);
        }
        SigningKey::from_slice(USER_ID, &bytes).map(Secret).map_err(|_| Sm2Error::BadSecret)
    }

    pub fn key(&self) -> Key {
        Key(self.0.verifying_key().into())
    }

    /// r ‖ s, under `USER_ID`. The number k is made from key and message (RFC 6979), so no chance is needed.
    pub fn sign(&self, message: &[u8]) -> Result<[u8; SIGNATURE_BYTES], Sm2Error> {
        let signature: Signature = self.0.try_sign(message).map_err(|_| Sm2Error::NoSignature)?;
        Ok(signature.to_bytes().into())
    }
}

/// The SM3 hash of the parts, one after another (GM/T 0004-2012).
pub fn sm3(parts: &[&[u8]]) -> Hash {
    use sm3::Digest as _;
    let mut hasher = sm3::Sm3::new();
    parts.iter().for_each(|part| hasher.update(part));
    Hash(hasher.finalize().into())
}

fn checked(user_id: &str) -> Result<&str, Sm2Error> {
    if user_id.len() > USER_ID_BYTES_MAX { Err(Sm2Error::UserIdTooLong(user_id.len())) } else { Ok(user_id) }
}

/// n − 1 (GM/T 0003.5-2012).
const ORDER_LESS_ONE: [u8; 32] = [
    0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x72,
    0x03, 0xdf, 0x6b, 0x21, 0xc6, 0x05, 0x2b, 0x53, 0xbb, 0xf4, 0x09, 0x39, 0xd5, 0x41, 0x22,
];

/// a, b, x and y of the base point (GM/T 0003.5-2012): what Z holds of the curve.
const CURVE: [[u8; 32]; 4] = [
    [
        0xff, 0xff, 0xff, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
        0xff, 0xff, 0xff, 0x00, 0x00, 0x00, 0x00, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xfc,
    ],
    [
        0x28, 0xe9, 0xfa, 0x9e, 0x9d, 0x9f, 0x5e, 0x34, 0x4d, 0x5a, 0x9e, 0x4b, 0xcf, 0x65, 0x09, 0xa7, 0xf3,
        0x97, 0x89, 0xf5, 0x15, 0xab, 0x8f, 0x92, 0xdd, 0xbc, 0xbd, 0x41, 0x4d, 0x94, 0x0e, 0x93,
    ],
    [
        0x32, 0xc4, 0xae, 0x2c, 0x1f, 0x19, 0x81, 0x19, 0x5f, 0x99, 0x04, 0x46, 0x6a, 0x39, 0xc9, 0x94, 0x8f,
        0xe3, 0x0b, 0xbf, 0xf2, 0x66, 0x0b, 0xe1, 0x71, 0x5a, 0x45, 0x89, 0x33, 0x4c, 0x74, 0xc7,
    ],
    [
        0xbc, 0x37, 0x36, 0xa2, 0xf4, 0xf6, 0x77, 0x9c, 0x59, 0xbd, 0xce, 0xe3, 0x6b, 0x69, 0x21, 0x53, 0xd0,
        0xa9, 0x87, 0x7c, 0xc6, 0x2a, 0x47, 0x40, 0x02, 0xdf, 0x32, 0xe5, 0x21, 0x39, 0xf0, 0xa0,
    ],
];

impl fmt::Display for Sm2Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::WrongLength(bytes) => write!(f, "`{bytes}` bytes are no key or signature of SM2"),
            Self::UnknownForm(form) => write!(f, "a point of SM2 does not begin with `{form:#04x}`"),
            Self::NotOnCurve => f.write_str("the key is no point of the curve of SM2"),
            Self::OutOfRange => f.write_str("a number of the signature is zero or beyond the order of SM2"),
            Self::NotDer => f.write_str("the signature is not the DER of two numbers"),
            Self::UserIdTooLong(bytes) => write!(f, "a user id of `{bytes}` bytes is too long"),
            Self::Forged => f.write_str("the signature is not by this key, or not on this message"),
            Self::BadSecret => f.write_str("the number is no secret key of SM2"),
            Self::NoSignature => f.write_str("no signature could be made"),
        }
    }
}

impl std::error::Error for Sm2Error {}

#[cfg(test)]
mod tests {
    use super::*;

    fn secret() -> Secret {
        Secret::from_bytes([7; 32]).unwrap()
    }

    /// n, big-endian.
    fn order() -> [u8; 32] {
        let mut order = ORDER_LESS_ONE;
        order[31] += 1;
        order
    }

    #[test]
    fn what_was_signed_holds_in_both_spellings() {
        for message in [b"".as_slice(), b"m", &[0xff; 300]] {
            let signature = secret().sign(message).unwrap();
            assert_eq!(secret().key().verify(USER_ID, message, &signature), Ok(()));
            let der = Signature::from_slice(&signature).unwrap().to_der();
            assert_eq!(secret().key().verify_der(USER_ID, message, der.as_bytes()), Ok(()));
        }
    }

    #[test]
    fn no_bit_of_it_can_be_changed() {
        let (key, signature) = (secret().key(), secret().sign(b"message").unwrap());
        for bit in 0..SIGNATURE_BYTES * 8 {
            let mut changed = signature;
            changed[bit / 8] ^= 1 << (bit % 8);
            assert!(key.verify(USER_ID, b"message", &changed).is_err(), "bit {bit}");
        }
        assert_eq!(key.verify(USER_ID, b"Message", &signature), Err(Sm2Error::Forged));
        assert_eq!(key.verify("ALICE123@YAHOO.COM", b"message", &signature), Err(Sm2Error::Forged));
        let other = Secret::from_bytes([8; 32]).unwrap().key();
        assert_eq!(other.verify(USER_ID, b"message", &signature), Err(Sm2Error::Forged));
    }

    #[test]
    fn numbers_out_of_range_are_refused_as_such() {
        let (key, good) = (secret().key(), secret().sign(b"m").unwrap());
        for number in [[0; 32], order(), [0xff; 32]] {
            for place in [0, 32] {
                let mut bad = good;
                bad[place..place + 32].copy_from_slice(&number);
                assert_eq!(key.verify(USER_ID, b"m", &bad), Err(Sm2Error::OutOfRange));
            }
        }
        // r + s = n: the sum that a verifier must refuse before it computes with it.
        let mut sum = [0; 64];
        sum[31] = 1;
        sum[32..].copy_from_slice(&ORDER_LESS_ONE);
        assert_eq!(key.verify(USER_ID, b"m", &sum), Err(Sm2Error::Forged));
        for length in [0, 1, 63, 65, 128] {
            let cut: Vec<u8> = good.iter().copied().cycle().take(length).collect();
            assert_eq!(key.verify(USER_ID, b"m", &cut), Err(Sm2Error::WrongLength(length)));
        }
    }

    #[test]
    fn der_has_one_spelling() {
        let (key, good) = (secret().key(), secret().sign(b"m").unwrap());
        let der = Signature::from_slice(&good).unwrap().to_der().as_bytes().to_vec();
        let refused =
            |bytes: Vec<u8>| assert_eq!(key.verify_der(USER_ID, b"m", &bytes), Err(Sm2Error::NotDer));
        refused(vec![]);
        refused([der.clone(), vec![0]].concat());
        refused(der[..der.len() - 1].to_vec());
        refused(good.to_vec());
        // A length in two bytes, a zero before a number that needs none, a negative number, zero.
        refused([vec![0x30, 0x81], der[1..].to_vec()].concat());
        refused(vec![0x30, 8, 2, 2, 0, 1, 2, 2, 0, 1]);
        refused(vec![0x30, 6, 2, 1, 0x80, 2, 1, 1]);
        refused(vec![0x30, 6, 2, 1, 0, 2, 1, 1]);
        assert_eq!(key.verify_der(USER_ID, b"m", &[0x30, 6, 2, 1, 1, 2, 1, 1]), Err(Sm2Error::Forged));
    }

    #[test]
    fn only_points_of_the_curve_are_keys() {
        let bytes = secret().key().to_bytes();
        assert_eq!(Key::from_bytes(&bytes), Ok(secret().key()));
        let compressed = [&[2 + (bytes[64] & 1)], &bytes[1..33]].concat();
        assert_eq!(Key::from_bytes(&compressed), Ok(secret().key()));
        let opposite = [&[3 - (bytes[64] & 1)], &bytes[1..33]].concat();
        assert!(Key::from_bytes(&opposite).is_ok_and(|key| key != secret().key()));
        let refused = |bytes: &[u8]| Key::from_bytes(bytes).unwrap_err();
        assert_eq!(refused(&[]), Sm2Error::WrongLength(0));
        assert_eq!(refused(&[0]), Sm2Error::UnknownForm(0), "infinity");
        assert_eq!(refused(&[&[6], &bytes[1..]].concat()), Sm2Error::UnknownForm(6));
        assert_eq!(refused(&[&[5], &bytes[1..33]].concat()), Sm2Error::UnknownForm(5));
        assert_eq!(refused(&bytes[..64]), Sm2Error::WrongLength(64));
        assert_eq!(refused(&[bytes.as_slice(), &[0]].concat()), Sm2Error::WrongLength(66));
        assert_eq!(refused(&[[4].as_slice(), &[0; 64]].concat()), Sm2Error::NotOnCurve);
        assert_eq!(
            refused(&[[4].as_slice(), &[0xff; 64]].concat()),
            Sm2Error::NotOnCurve,
            "beyond the field"
        );
        let mut beside = bytes.clone();
        beside[64] ^= 1;
        assert_eq!(refused(&beside), Sm2Error::NotOnCurve);
    }

    #[test]
    fn a_secret_lies_between_nothing_and_the_order() {
        for bad in [[0; 32], ORDER_LESS_ONE, order(), [0xff; 32]] {
            assert_eq!(Secret::from_bytes(bad).unwrap_err(), Sm2Error::BadSecret);
        }
        let mut largest = ORDER_LESS_ONE;
        largest[31] -= 1;
        let largest = Secret::from_bytes(largest).unwrap();
        assert_eq!(largest.key().verify(USER_ID, b"m", &largest.sign(b"m").unwrap()), Ok(()));
        assert!(!format!("{:?}", Secret::from_bytes([0xab; 32]).unwrap()).to_lowercase().contains("abab"));
        let long = "8".repeat(8_192);
        assert_eq!(largest.key().verify(&long, b"m", &[1; 64]), Err(Sm2Error::UserIdTooLong(8_192)));
        assert_eq!(largest.key().identity(&long), Err(Sm2Error::UserIdTooLong(8_192)));
    }
}
