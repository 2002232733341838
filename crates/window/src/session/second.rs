//! The second factor: a code that changes every thirty seconds (RFC 6238), one step to each side, each step once;
//! and recovery codes for the day the telephone is gone, each once, kept as hashes.

use grammar::{
    kinds::{Id, Moment},
    viewer::Viewer,
};
use registry::{Broken, FOREVER, Registry};
use serde::{Deserialize, Serialize};
use totp_rs::{Builder, Secret, Totp};

use super::{PASSKEYS, Passkey, Shown, What, cookie, cookie_name, hash, hex, note_for};
use crate::{House, limits::Rate, visit::Visit};

const CODES: &str = "second";
const RECOVERY: &str = "recovery";
const HALVES: &str = "half-in";
const HALF_COOKIE: &str = "kechuang-half";
/// How long one may take between the password and the code: five minutes.
const HALF_MILLIS: i64 = 300_000;
const SECRET_BYTES: usize = 20;
const RECOVERY_CODES: usize = 10;
/// When it was first seen that a person needs a second factor.
const NEEDED_SINCE: &str = "second-needed";
const DAY_MILLIS: i64 = 86_400_000;

/// A shared secret. Always: `last` only grows, so no code counts twice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Second {
    /// Base 32.
    pub secret: String,
    pub confirmed: Option<Moment>,
    last: u64,
}

/// How trying a code went.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tried {
    Right,
    /// A recovery code was used up.
    Recovered,
    Wrong,
    /// Too many tries; again after so many seconds.
    Wait(u64),
}

/// Whether someone has what their offices need.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    Fine,
    /// It is needed, and there is time until then.
    Until(Moment),
    Overdue,
}

fn totp(secret: &str) -> Option<Totp> {
    let secret = Secret::try_from_base32(secret).ok()?;
    Builder::new().with_secret(secret).with_skew(1).build().ok()
}

/// The confirmed or begun second factor of a person.
pub fn second_of(registry: &Registry, person: Id) -> Result<Option<Second>, Broken> {
    registry.kept(CODES, person.as_str())
}

/// Whether a person signs in with a second factor.
pub fn has_second(registry: &Registry, person: Id) -> Result<bool, Broken> {
    Ok(second_of(registry, person)?.is_some_and(|second| second.confirmed.is_some()))
}

/// Begins: a secret that counts once a code of it has been given.
pub fn begin_second(registry: &Registry, person: Id) -> Result<Second, Broken> {
    let bytes = registry.chance().bytes();
    let secret = Secret::new(bytes.get(..SECRET_BYTES).unwrap_or(&bytes).into()).to_base32();
    let second = Second { secret, confirmed: None, last: 0 };
    registry.keep(CODES, person.as_str(), &second, FOREVER)?;
    Ok(second)
}

/// What an app for codes reads: by QR code or by hand.
#[must_use]
pub fn address(house: &House, login: &str, second: &Second) -> String {
    let host = house.options.public_url.split("://").last().unwrap_or_default();
    let label = crate::visit::escape(&format!("Kechuang {host}:{login}"));
    let issuer = crate::visit::escape(&format!("Kechuang {host}"));
    format!(
        "otpauth://totp/{label}?secret={}&issuer={issuer}&algorithm=SHA1&digits=6&period=30",
        second.secret
    )
}

/// Confirms with a first code, and gives the recovery codes; `None` when the code is wrong.
pub fn confirm_second(house: &House, person: Id, code: &str) -> Result<Result<Vec<String>, Tried>, Broken> {
    match try_code(house, person, code, false)? {
        Tried::Right => {
            let registry = &house.registry;
            if let Some(second) = second_of(registry, person)? {
                let confirmed = Some(registry.now());
                registry.keep(CODES, person.as_str(), &Second { confirmed, ..second }, FOREVER)?;
            }
            Ok(Ok(new_recovery(registry, person)?))
        }
        other => Ok(Err(other)),
    }
}

/// Makes ten new recovery codes; older ones count no more.
pub fn new_recovery(registry: &Registry, person: Id) -> Result<Vec<String>, Broken> {
    let code = |_| {
        let text = hex(&registry.chance().bytes());
        let groups = [text.get(..5), text.get(5..10), text.get(10..15), text.get(15..20)];
        groups.into_iter().flatten().collect::<Vec<_>>().join("-")
    };
    let codes: Vec<String> = (0..RECOVERY_CODES).map(code).collect();
    let hashes: Vec<String> = codes.iter().map(|code| hash(&bare(code))).collect();
    registry.keep(RECOVERY, person.as_str(), &hashes, FOREVER)?;
    Ok(codes)
}

/// Recovery codes that are left.
pub fn recovery_left(registry: &Registry, person: Id) -> Result<usize, Broken> {
    Ok(registry.kept::<Vec<String>>(RECOVERY, person.as_str())?.map_or(0, |codes| codes.len()))
}

fn bare(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_alphanumeric()).map(|c| c.to_ascii_lowercase()).collect()
}

/// Tries a code of the app or, where `recovers`, a recovery code.
pub fn try_code(house: &House, person: Id, code: &str, recovers: bool) -> Result<Tried, Broken> {
    let registry = &house.registry;
    if let Err(seconds) = house.limits.take(Rate::Code, person.as_str(), registry.now()) {
        return Ok(Tried::Wait(seconds));
    }
    // One at a time: two visits with the same code must not both find it unused.
    let _turn = house.codes.lock();
    let code = bare(code);
    let seconds = u64::try_from(registry.now().in_millis() / 1_000).unwrap_or(0);
    if let Some(second) = second_of(registry, person)?
        && let Some(step) = totp(&second.secret).and_then(|totp| totp.check(&code, seconds))
        && step > second.last
    {
        registry.keep(CODES, person.as_str(), &Second { last: step, ..second }, FOREVER)?;
        house.limits.give_back(Rate::Code, person.as_str());
        return Ok(Tried::Right);
    }
    let mut left: Vec<String> = registry.kept(RECOVERY, person.as_str())?.unwrap_or_default();
    let (before, hashed) = (left.len(), hash(&code));
    left.retain(|known| *known != hashed);
    if recovers && left.len() < before {
        registry.keep(RECOVERY, person.as_str(), &left, FOREVER)?;
        return Ok(Tried::Recovered);
    }
    Ok(Tried::Wrong)
}

/// Takes the second factor away.
pub fn end_second(registry: &Registry, person: Id) -> Result<(), Broken> {
    registry.throw_away(CODES, person.as_str())?;
    registry.throw_away(RECOVERY, person.as_str())
}

/// Someone whose password was right and whose code is still to come.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Half {
    pub person: Id,
    pub back: String,
}

/// Remembers it for five minutes, and gives the cookie.
pub fn begin_half(house: &House, half: &Half) -> Result<String, Broken> {
    let secret = hex(&house.registry.chance().bytes());
    let until = house.registry.now().plus_millis(HALF_MILLIS);
    house.registry.keep(HALVES, &hash(&secret), half, until)?;
    Ok(cookie(house, HALF_COOKIE, &secret, HALF_MILLIS / 1_000))
}

/// Who is half in by this visit's cookie.
pub fn half_of(house: &House, visit: &Visit) -> Result<Option<Half>, Broken> {
    match visit.cookies.get(&cookie_name(house, HALF_COOKIE)) {
        Some(secret) => house.registry.kept(HALVES, &hash(secret)),
        None => Ok(None),
    }
}

/// Forgets it, and gives the cookie that takes the cookie away.
pub fn end_half(house: &House, visit: &Visit) -> Result<String, Broken> {
    if let Some(secret) = visit.cookies.get(&cookie_name(house, HALF_COOKIE)) {
        house.registry.throw_away(HALVES, &hash(secret))?;
    }
    Ok(cookie(house, HALF_COOKIE, "", 0))
}

/// Whether the offices this viewer holds need a second factor that is not there. The days of grace begin when it
/// is first seen.
pub fn standing(house: &House, viewer: &Viewer, shown: Shown) -> Result<Standing, Broken> {
    let Some(person) = viewer.person else { return Ok(Standing::Fine) };
    let (registry, sign_in) = (&house.registry, &house.options.sign_in);
    let needs = viewer.offices.iter().any(|(office, _)| sign_in.second_offices.contains(office));
    if !needs || registry.settings().is_demo || shown == Shown::Role || has_factor(registry, person, shown)? {
        return Ok(Standing::Fine);
    }
    let now = registry.now();
    let since = match registry.kept::<Moment>(NEEDED_SINCE, person.as_str())? {
        Some(since) => since,
        None => {
            registry.keep(NEEDED_SINCE, person.as_str(), &now, FOREVER)?;
            now
        }
    };
    let until = since.plus_millis(i64::from(sign_in.second_days) * DAY_MILLIS);
    Ok(if now < until { Standing::Until(until) } else { Standing::Overdue })
}

/// A code, which is asked for after every password; or a passkey, where it was the way in.
fn has_factor(registry: &Registry, person: Id, shown: Shown) -> Result<bool, Broken> {
    let by_key = matches!(shown, Shown::Passkey | Shown::Token);
    Ok(has_second(registry, person)? || by_key && !PASSKEYS.of::<Passkey>(registry, person)?.is_empty())
}

/// Writes down what was done with a second factor.
pub fn note_second(house: &House, visit: &Visit, what: What, person: Id) -> Result<(), Broken> {
    note_for(house, visit, what, person, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_the_standard() {
        // RFC 6238, appendix B: the secret `12345678901234567890`, SHA-1, the last six of eight digits.
        let secret = Secret::new(b"12345678901234567890".as_slice().into()).to_base32();
        let totp = totp(&secret).unwrap();
        for (seconds, code) in [(59, "287082"), (1_111_111_109, "081804"), (2_000_000_000, "279037")] {
            assert_eq!(totp.check(code, seconds), Some(seconds / 30));
            assert!(totp.check(code, seconds + 30).is_some() && totp.check(code, seconds + 60).is_none());
        }
    }
}
