//! Sessions and passwords. Neither is an event: both lie among the kept things, under hashes.

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use grammar::kinds::{Id, Moment};
use registry::{Broken, FOREVER, Registry};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use crate::visit::Visit;

pub const COOKIE: &str = "kechuang";
/// How long a session lasts without use ending it: twelve hours.
const SESSION_MILLIS: i64 = 12 * 3_600_000;
/// Wrong passwords for one name, or from one address, before it must wait.
const WRONG_MAX: u32 = 8;
/// How long it must wait: ten minutes.
const WAIT_MILLIS: i64 = 600_000;
const PASSWORD_MIN: usize = 10;
const PASSWORD_MAX: usize = 200;

/// Someone signed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    pub person: Id,
    /// Against forgery: every form carries it.
    pub token: String,
    pub since: Moment,
}

#[derive(Serialize, Deserialize)]
struct Credential {
    person: Id,
    hash: String,
}

/// How signing in went.
#[derive(Clone, Debug, PartialEq)]
pub enum Login {
    /// The value of the cookie.
    Welcome(String),
    Wrong,
    /// Too many wrong passwords; try again later.
    Wait,
}

/// Why a password cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordFault {
    TooShort,
    TooLong,
    NameTaken,
    NoName,
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn hash(text: &str) -> String {
    hex(&Sha256::digest(text))
}

fn login_key(name: &str) -> String {
    hash(&name.trim().to_lowercase())
}

/// Why a name and a password cannot be taken; `None` when they can.
///
/// # Errors
/// When the store cannot be read.
pub fn password_fault(
    registry: &Registry,
    name: &str,
    password: &str,
) -> Result<Option<PasswordFault>, Broken> {
    fault_for(registry, name, password, None)
}

fn fault_for(
    registry: &Registry,
    name: &str,
    password: &str,
    person: Option<Id>,
) -> Result<Option<PasswordFault>, Broken> {
    let length = password.chars().count();
    let taken: Option<Credential> = registry.kept("credential", &login_key(name))?;
    Ok(match () {
        () if name.trim().is_empty() || name.len() > 120 => Some(PasswordFault::NoName),
        () if length < PASSWORD_MIN => Some(PasswordFault::TooShort),
        () if length > PASSWORD_MAX => Some(PasswordFault::TooLong),
        () if taken.is_some_and(|credential| Some(credential.person) != person) => {
            Some(PasswordFault::NameTaken)
        }
        () => None,
    })
}

/// Gives a person a name to sign in with and a password.
///
/// # Errors
/// Breakages of the store outside; inside, why the name or the password cannot be taken.
pub fn set_password(
    registry: &Registry,
    name: &str,
    password: &str,
    person: Id,
) -> Result<Result<(), PasswordFault>, Broken> {
    if let Some(fault) = fault_for(registry, name, password, Some(person))? {
        return Ok(Err(fault));
    }
    let key = login_key(name);
    let salt = registry.chance().bytes();
    let hash = Argon2::default()
        .hash_password_with_salt(password.as_bytes(), salt.get(..16).unwrap_or(&salt))
        .map_err(|error| Broken(format!("a password could not be hashed: {error}")))?
        .to_string();
    registry.keep("credential", &key, &Credential { person, hash }, FOREVER)?;
    Ok(Ok(()))
}

/// Signs in with a name and a password.
///
/// # Errors
/// When the store cannot be used.
pub fn sign_in(registry: &Registry, visit: &Visit, name: &str, password: &str) -> Result<Login, Broken> {
    let keys = [format!("name/{}", login_key(name)), format!("address/{}", visit.from)];
    for key in &keys {
        if registry.kept::<u32>("wrong", key)?.unwrap_or(0) >= WRONG_MAX {
            return Ok(Login::Wait);
        }
    }
    let credential: Option<Credential> = registry.kept("credential", &login_key(name))?;
    // A name that is not there costs as much time as one that is.
    let hash = credential.as_ref().map_or(NOBODY, |credential| credential.hash.as_str());
    let fits = PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok());
    match credential.filter(|_| fits) {
        Some(credential) => Ok(Login::Welcome(begin(registry, credential.person)?)),
        None => {
            for key in &keys {
                let before = registry.kept::<u32>("wrong", key)?.unwrap_or(0);
                registry.keep("wrong", key, &(before + 1), registry.now().plus_millis(WAIT_MILLIS))?;
            }
            Ok(Login::Wrong)
        }
    }
}

/// A hash that no password fits.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// Begins a session and gives the value of its cookie.
///
/// # Errors
/// When the store cannot be written.
pub fn begin(registry: &Registry, person: Id) -> Result<String, Broken> {
    let cookie = hex(&registry.chance().bytes());
    let session = Session { person, token: hex(&registry.chance().bytes()), since: registry.now() };
    registry.keep("session", &hash(&cookie), &session, registry.now().plus_millis(SESSION_MILLIS))?;
    Ok(cookie)
}

/// The session a visit belongs to: by cookie, or by the token of a program (`Authorization: Bearer …`).
///
/// # Errors
/// When the store cannot be read.
pub fn of(registry: &Registry, visit: &Visit) -> Result<Option<Session>, Broken> {
    if let Some(token) = visit.header("authorization").strip_prefix("Bearer ") {
        return registry.kept("token", &hash(token.trim()));
    }
    match visit.cookies.get(COOKIE) {
        Some(cookie) => registry.kept("session", &hash(cookie)),
        None => Ok(None),
    }
}

/// Makes a token with which a program may act as this person until a moment.
///
/// # Errors
/// When the store cannot be written.
pub fn make_token(registry: &Registry, person: Id, until: Moment) -> Result<String, Broken> {
    let token = format!("kc_{}", hex(&registry.chance().bytes()));
    let session = Session { person, token: String::new(), since: registry.now() };
    registry.keep("token", &hash(&token), &session, until)?;
    Ok(token)
}

/// Ends the session of a visit.
///
/// # Errors
/// When the store cannot be written.
pub fn end(registry: &Registry, visit: &Visit) -> Result<(), Broken> {
    match visit.cookies.get(COOKIE) {
        Some(cookie) => registry.throw_away("session", &hash(cookie)),
        None => Ok(()),
    }
}

/// The cookie as it is set: not for scripts, not for other sites.
#[must_use]
pub fn cookie(value: &str, is_secure: bool) -> String {
    let secure = if is_secure { "; Secure" } else { "" };
    let age = if value.is_empty() { 0 } else { SESSION_MILLIS / 1000 };
    format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}")
}
