//! Challenges: what a page gives out and wants back once, soon, and for one purpose. They carry their own end and a
//! code of ours, so that giving one out writes nothing; only one that was used is remembered, until its end.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use registry::{Broken, FOREVER};
use ring::hmac;

use super::hash;
use crate::House;

/// How long one counts: ten minutes.
const MILLIS: i64 = 600_000;
const USED: &str = "challenge-used";
const KEY: (&str, &str) = ("sign-in-key", "1");

/// A code over a text by the key of this house, which is made when it is first needed.
pub fn mac(house: &House, text: &str) -> Result<Vec<u8>, Broken> {
    let key = key(house)?;
    Ok(hmac::sign(&hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes()), text.as_bytes()).as_ref().to_vec())
}

fn key(house: &House) -> Result<String, Broken> {
    let registry = &house.registry;
    if let Some(key) = registry.kept(KEY.0, KEY.1)? {
        return Ok(key);
    }
    let key = super::hex(&registry.chance().bytes());
    registry.keep(KEY.0, KEY.1, &key, FOREVER)?;
    Ok(key)
}

/// Gives one out for a purpose.
pub fn give(house: &House, purpose: &str) -> Result<String, Broken> {
    let registry = &house.registry;
    let nonce = super::hex(registry.chance().bytes().get(..16).unwrap_or_default());
    let until = registry.now().in_millis() + MILLIS;
    let code = mac(house, &format!("{purpose}/{nonce}/{until}"))?;
    Ok(BASE64.encode(format!("{nonce}/{until}/{}", BASE64.encode(code))))
}

/// Whether it is ours, for this purpose, and still counts.
pub fn counts(house: &House, challenge: &str, purpose: &str) -> Result<bool, Broken> {
    let Some((nonce, until, code)) = read(challenge) else { return Ok(false) };
    let key = key(house)?;
    let key = hmac::Key::new(hmac::HMAC_SHA256, key.as_bytes());
    let is_ours = hmac::verify(&key, format!("{purpose}/{nonce}/{until}").as_bytes(), &code).is_ok();
    Ok(is_ours
        && house.registry.now().in_millis() < until
        && house.registry.kept::<()>(USED, &hash(challenge))?.is_none())
}

/// Uses it up; whether it still counted.
pub fn use_up(house: &House, challenge: &str, purpose: &str) -> Result<bool, Broken> {
    // One at a time: two visits with the same challenge must not both find it unused.
    let _turn = house.codes.lock();
    if !counts(house, challenge, purpose)? {
        return Ok(false);
    }
    let until = house.registry.now().plus_millis(MILLIS);
    house.registry.keep(USED, &hash(challenge), &(), until)?;
    Ok(true)
}

fn read(challenge: &str) -> Option<(String, i64, Vec<u8>)> {
    let text = String::from_utf8(BASE64.decode(challenge).ok()?).ok()?;
    let mut parts = text.split('/');
    let (nonce, until, code) = (parts.next()?, parts.next()?, parts.next()?);
    Some((nonce.to_owned(), until.parse().ok()?, BASE64.decode(code).ok()?))
}
