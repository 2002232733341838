//! Passkeys (WebAuthn, level 2): a key pair of a device, whose public half we keep. What a browser brings is
//! checked as §7.1 and §7.2 of the standard say, without attestation: whose make the device is does not matter.
//! The signatures are checked by `ring`; the person must have been verified by the device (a finger, a face, a
//! number), so a passkey counts as two factors.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use grammar::kinds::{Id, Moment};
use minicbor::{Decoder, data::Type};
use registry::{Broken, FOREVER};
use ring::signature;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::{
    challenge,
    owned::{Kind, hash},
};
use crate::{House, visit::Visit};

pub const PASSKEYS: Kind = Kind { things: "passkey", notes: "passkey-of", used: "passkey-used" };
/// Passkeys one person may have.
pub const PASSKEYS_MAX: usize = 10;
/// The longest text of each thing a browser brings.
const BROUGHT_MAX: usize = 16_384;
/// The longest id of a credential (§4).
const ID_MAX: usize = 1_023;

const PRESENT: u8 = 0x01;
const VERIFIED: u8 = 0x04;
const ATTESTED: u8 = 0x40;

/// A public key, with the algorithm it signs by (RFC 9053, RFC 8812).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum PublicKey {
    /// ES256: the point, uncompressed.
    P256(Vec<u8>),
    /// EdDSA over curve 25519.
    Ed25519(Vec<u8>),
    /// RS256: modulus and exponent.
    Rsa(Vec<u8>, Vec<u8>),
}

/// A passkey as it is kept, under the hash of its credential's id.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Passkey {
    pub person: Id,
    pub name: String,
    key: PublicKey,
    /// How often it has signed, as the device counts; devices that share a passkey count nothing.
    count: u32,
    pub since: Moment,
}

/// Why what a browser brought is not taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoPasskey {
    /// It is not what the standard says, or of another house, or of another page.
    Wrong,
    /// The page was open too long, or sent twice.
    TooLate,
    /// Known already.
    Known,
    TooMany,
    /// Not known here.
    Unknown,
    /// The device counts backwards: somebody may have copied the key (§6.1.1).
    Copied,
}

use NoPasskey::{Copied, Known, TooLate, TooMany, Unknown, Wrong};

/// The house as browsers know it: the host, and the origin of its pages. `None` where browsers have no passkeys:
/// without encryption, except at `localhost`.
#[must_use]
pub fn relying_party(house: &House) -> Option<(String, String)> {
    let url = &house.options.public_url;
    let (scheme, rest) = url.split_once("://")?;
    let authority = rest.split('/').next()?;
    let host = authority.rsplit_once(':').map_or(authority, |(host, _)| host);
    let has_name = host.parse::<std::net::IpAddr>().is_err() && !host.starts_with('[');
    let is_open = scheme == "https" || host == "localhost" || host.ends_with(".localhost");
    (has_name && is_open).then(|| (host.to_owned(), format!("{scheme}://{authority}")))
}

/// Under which opaque name a device knows a person: it says nothing to whoever finds the device.
pub fn person_handle(house: &House, person: Id) -> Result<String, Broken> {
    Ok(BASE64.encode(challenge::mac(house, &format!("passkey/{person}"))?))
}

/// Keeps a new passkey of a person.
///
/// # Errors
/// Breakages outside; inside, why it is not taken.
pub fn register(
    house: &House,
    visit: &Visit,
    person: Id,
    name: &str,
) -> Result<Result<(), NoPasskey>, Broken> {
    let purpose = format!("passkey-new/{person}");
    let checked = client(house, visit, "webauthn.create", &purpose)?.and_then(|_| {
        let object = brought(visit, "attestation")?;
        let data = attested(&object).ok_or(Wrong)?;
        let (flags, _, rest) = head(house, &data)?;
        if flags & ATTESTED == 0 { Err(Wrong) } else { credential(rest).ok_or(Wrong) }
    });
    let (id, key) = match checked {
        Ok(found) => found,
        Err(no) => return Ok(Err(no)),
    };
    let (registry, place) = (&house.registry, hash(&BASE64.encode(&id)));
    if PASSKEYS.get::<Passkey>(registry, &place)?.is_some() {
        return Ok(Err(Known));
    }
    if PASSKEYS.of::<Passkey>(registry, person)?.len() >= PASSKEYS_MAX {
        return Ok(Err(TooMany));
    }
    if !challenge::use_up(house, visit.typed("challenge"), &purpose)? {
        return Ok(Err(TooLate));
    }
    let passkey = Passkey { person, name: name.to_owned(), key, count: 0, since: registry.now() };
    PASSKEYS.put(registry, person, (&place, FOREVER), &passkey)?;
    Ok(Ok(()))
}

/// Whose passkey signed the challenge of this page.
///
/// # Errors
/// Breakages outside; inside, why nobody is let in.
pub fn sign_in(house: &House, visit: &Visit) -> Result<Result<Passkey, NoPasskey>, Broken> {
    let registry = &house.registry;
    let place = match brought(visit, "credential") {
        Ok(id) => hash(&BASE64.encode(id)),
        Err(no) => return Ok(Err(no)),
    };
    let Some(passkey) = PASSKEYS.get::<Passkey>(registry, &place)? else { return Ok(Err(Unknown)) };
    let handle = person_handle(house, passkey.person)?;
    let checked = client(house, visit, "webauthn.get", "passkey-in")?.and_then(|client| {
        let (data, signed) = (brought(visit, "data")?, brought(visit, "signature")?);
        let (_, count, _) = head(house, &data)?;
        let message = [data.as_slice(), &Sha256::digest(client)].concat();
        let is_same = ["", handle.as_str()].contains(&visit.typed("handle"));
        if is_same && passkey.key.signed(&message, &signed) { Ok(count) } else { Err(Wrong) }
    });
    let count = match checked {
        Ok(count) => count,
        Err(no) => return Ok(Err(no)),
    };
    if !challenge::use_up(house, visit.typed("challenge"), "passkey-in")? {
        return Ok(Err(TooLate));
    }
    if (count > 0 || passkey.count > 0) && count <= passkey.count {
        return Ok(Err(Copied));
    }
    let passkey = Passkey { count, ..passkey };
    registry.keep(PASSKEYS.things, &place, &passkey, FOREVER)?;
    PASSKEYS.use_now(registry, &place, FOREVER)?;
    Ok(Ok(passkey))
}

fn brought(visit: &Visit, name: &str) -> Result<Vec<u8>, NoPasskey> {
    let text = visit.typed(name);
    if text.len() > BROUGHT_MAX {
        return Err(Wrong);
    }
    BASE64.decode(text.trim_end_matches('=')).map_err(|_| Wrong)
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Client {
    #[serde(rename = "type")]
    kind: String,
    challenge: String,
    origin: String,
    #[serde(default)]
    cross_origin: bool,
}

/// What the browser says it was asked: by us, on our own page, with a challenge of ours that still counts.
fn client(
    house: &House,
    visit: &Visit,
    kind: &str,
    purpose: &str,
) -> Result<Result<Vec<u8>, NoPasskey>, Broken> {
    let Some((_, origin)) = relying_party(house) else { return Ok(Err(Wrong)) };
    let Ok(bytes) = brought(visit, "client") else { return Ok(Err(Wrong)) };
    let Ok(client) = serde_json::from_slice::<Client>(&bytes) else { return Ok(Err(Wrong)) };
    let ours = visit.typed("challenge");
    if client.kind != kind || client.origin != origin || client.cross_origin || client.challenge != ours {
        return Ok(Err(Wrong));
    }
    Ok(if challenge::counts(house, ours, purpose)? { Ok(bytes) } else { Err(TooLate) })
}

/// Flags, count and the rest of what the device signed: for this host, by someone present and verified (§6.1).
fn head<'d>(house: &House, data: &'d [u8]) -> Result<(u8, u32, &'d [u8]), NoPasskey> {
    let (host, _) = relying_party(house).ok_or(Wrong)?;
    let (of_host, rest) = data.split_at_checked(32).ok_or(Wrong)?;
    let (&[flags, a, b, c, d], rest) = rest.split_first_chunk::<5>().ok_or(Wrong)?;
    let is_ours = of_host == Sha256::digest(host).as_slice();
    let needed = PRESENT | VERIFIED;
    if is_ours && flags & needed == needed {
        Ok((flags, u32::from_be_bytes([a, b, c, d]), rest))
    } else {
        Err(Wrong)
    }
}

/// What the device says of itself in an attestation object; the attestation is not looked at (§7.1, `none`).
fn attested(object: &[u8]) -> Option<Vec<u8>> {
    let mut decoder = Decoder::new(object);
    let mut data = None;
    for _ in 0..decoder.map().ok()?? {
        match decoder.str().ok()? {
            "authData" => data = Some(decoder.bytes().ok()?.to_vec()),
            _ => decoder.skip().ok()?,
        }
    }
    data
}

/// The id and the key of a new credential (§6.5.1).
fn credential(rest: &[u8]) -> Option<(Vec<u8>, PublicKey)> {
    let (_, rest) = rest.split_at_checked(16)?;
    let (&length, rest) = rest.split_first_chunk::<2>()?;
    let (id, key) = rest.split_at_checked(usize::from(u16::from_be_bytes(length)))?;
    (!id.is_empty() && id.len() <= ID_MAX).then_some(())?;
    Some((id.to_vec(), public_key(key)?))
}

/// A public key as COSE writes it (RFC 9052 §7): a map of small numbers.
fn public_key(bytes: &[u8]) -> Option<PublicKey> {
    let mut decoder = Decoder::new(bytes);
    let (mut algorithm, mut curve) = (0, 0);
    let (mut first, mut second, mut third) = (vec![], vec![], vec![]);
    for _ in 0..decoder.map().ok()??.min(16) {
        let label = decoder.i64().ok()?;
        match (label, decoder.datatype().ok()?) {
            (3, _) => algorithm = decoder.i64().ok()?,
            (-1, Type::Bytes) => first = decoder.bytes().ok()?.to_vec(),
            (-1, _) => curve = decoder.i64().ok()?,
            (-2, Type::Bytes) => second = decoder.bytes().ok()?.to_vec(),
            (-3, Type::Bytes) => third = decoder.bytes().ok()?.to_vec(),
            _ => decoder.skip().ok()?,
        }
    }
    match (algorithm, curve) {
        (-7, 1) if second.len() == 32 && third.len() == 32 => {
            Some(PublicKey::P256([[4].as_slice(), &second, &third].concat()))
        }
        (-8, 6) if second.len() == 32 => Some(PublicKey::Ed25519(second)),
        (-257, 0) if (256..=1_024).contains(&first.len()) && second.len() <= 8 => {
            Some(PublicKey::Rsa(first, second))
        }
        _ => None,
    }
}

impl PublicKey {
    fn signed(&self, message: &[u8], signed: &[u8]) -> bool {
        let plain = |algorithm, key: &[u8]| {
            signature::UnparsedPublicKey::new(algorithm, key).verify(message, signed).is_ok()
        };
        match self {
            Self::P256(key) => plain(&signature::ECDSA_P256_SHA256_ASN1, key),
            Self::Ed25519(key) => plain(&signature::ED25519, key),
            Self::Rsa(n, e) => signature::RsaPublicKeyComponents { n, e }
                .verify(&signature::RSA_PKCS1_2048_8192_SHA256, message, signed)
                .is_ok(),
        }
    }
}
