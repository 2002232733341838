//! Sessions: who someone is from one page to the next. None is an event: they lie among the kept things,
//! under the hash of a secret that only the browser has.
//!
//! Always: every way of signing in begins a new session under a new secret and ends the one before, so none
//! can be prepared by somebody else; a session ends after rest, after its longest time, with a change of the
//! password and with the person.

mod challenge;
mod device;
mod identity;
mod owned;
mod passkey;
mod password;
mod reset;
mod second;
mod security;
mod token;
mod weak;

use grammar::kinds::{Id, Moment};
use registry::{Broken, FOREVER, Registry, Writer};
use serde::{Deserialize, Serialize};

pub use self::{
    challenge::give as give_challenge,
    device::device,
    identity::{
        Fetch, IDENTITIES, Linked, NoIdentity, NotFetched, Provider, arrive, journey_over, leave, link,
        linked, provider, wait, waiting,
    },
    owned::{FEEDS, SESSIONS, TOKENS, hash, hex},
    passkey::{
        NoPasskey, PASSKEYS, PASSKEYS_MAX, Passkey, person_handle, register as passkey_register,
        relying_party, sign_in as passkey_in,
    },
    password::{
        Login, PasswordFault, change_password, name_of, password_again, password_fault, person_of,
        remember_device, set_password, sign_in,
    },
    reset::{Reset, make_reset, reset_of, use_reset},
    second::{
        Half, Second, Standing, Tried, address as second_address, begin_half, begin_second, confirm_second,
        end_half, end_second, half_of, has_second, new_recovery, note_second, recovery_left, second_of,
        standing, try_code,
    },
    security::{SecurityEvent, What, note, note_by, note_for, of_day},
    token::{Scopes, TOKENS_MAX, Token, make_token, scope_fault},
};
use crate::{House, visit::Visit};

/// How someone showed who they are.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Shown {
    Password,
    /// The password and a code.
    Second,
    /// A key of a device that verified the person.
    Passkey,
    /// Another house, by OpenID Connect.
    Identity,
    /// A role of the demonstration: nothing was shown.
    Role,
    Token,
}

/// Someone signed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Session {
    pub person: Id,
    /// Against forgery: every form carries it. A token of a program has none.
    pub token: String,
    pub since: Moment,
    pub shown: Shown,
    pub address: String,
    pub device: String,
    /// Under which hash it is kept.
    #[serde(skip)]
    pub key: String,
    /// What a program's token may; a browser's session may all that its person may.
    #[serde(skip)]
    pub scopes: Option<Scopes>,
}

/// The name of a cookie. Over an encrypted way it is bound to this very host.
#[must_use]
pub fn cookie_name(house: &House, name: &str) -> String {
    if house.is_secure() { format!("__Host-{name}") } else { name.to_owned() }
}

const COOKIE: &str = "kechuang";

/// A cookie as it is set: not for scripts, not for other sites, not for other hosts.
#[must_use]
pub fn cookie(house: &House, name: &str, value: &str, seconds: i64) -> String {
    let secure = if house.is_secure() { "; Secure" } else { "" };
    let name = cookie_name(house, name);
    format!("{name}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={seconds}{secure}")
}

/// The cookie of a session; an empty value takes it away.
#[must_use]
pub fn session_cookie(house: &House, value: &str) -> String {
    let age = if value.is_empty() { 0 } else { house.options.sign_in.session_millis() / 1_000 };
    cookie(house, COOKIE, value, age)
}

/// Begins a session, ends the one this browser had, and gives the value of its cookie.
///
/// # Errors
/// When the store cannot be written.
pub fn begin(house: &House, visit: &Visit, person: Id, shown: Shown) -> Result<String, Broken> {
    end(house, visit)?;
    let registry = &house.registry;
    let secret = hex(&registry.chance().bytes());
    let session = Session {
        person,
        token: hex(&registry.chance().bytes()),
        since: registry.now(),
        shown,
        address: visit.from.clone(),
        device: device(visit.header("user-agent")),
        key: String::new(),
        scopes: None,
    };
    let until = registry.now().plus_millis(house.options.sign_in.session_millis());
    SESSIONS.put(registry, person, (&hash(&secret), until), &session)?;
    Ok(secret)
}

/// The session a visit belongs to: by cookie, or by the token of a program (`Authorization: Bearer …`).
///
/// # Errors
/// When the store cannot be read.
pub fn of(house: &House, visit: &Visit) -> Result<Option<Session>, Broken> {
    if let Some(secret) = visit.header("authorization").strip_prefix("Bearer ") {
        return token::session(house, visit, secret.trim());
    }
    // Calendar programs know no other way; nowhere else is it looked at.
    if crate::ways::dav::is_here(&visit.path) {
        let secret = crate::ways::dav::basic_secret(visit.header("authorization"));
        return secret.map_or(Ok(None), |secret| token::session(house, visit, &secret));
    }
    let Some(secret) = visit.cookies.get(&cookie_name(house, COOKIE)) else { return Ok(None) };
    let (registry, key) = (&house.registry, hash(secret));
    let Some(session) = SESSIONS.get::<Session>(registry, &key)? else { return Ok(None) };
    let (now, seen) = (registry.now(), SESSIONS.used(registry, &key)?.unwrap_or(session.since));
    let rested = now.in_millis() - seen.in_millis();
    let until = session.since.plus_millis(house.options.sign_in.session_millis());
    if rested > house.options.sign_in.idle_millis() || now >= until {
        if registry.writer() == Writer::Here {
            SESSIONS.end(registry, session.person, &key)?;
        }
        return Ok(None);
    }
    if rested > owned::USE_MILLIS {
        SESSIONS.use_now(registry, &key, until)?;
    }
    Ok(Some(Session { key, ..session }))
}

/// Ends the session of a visit.
///
/// # Errors
/// When the store cannot be written.
pub fn end(house: &House, visit: &Visit) -> Result<(), Broken> {
    let Some(secret) = visit.cookies.get(&cookie_name(house, COOKIE)) else { return Ok(()) };
    let key = hash(secret);
    if let Some(session) = SESSIONS.get::<Session>(&house.registry, &key)? {
        SESSIONS.end(&house.registry, session.person, &key)?;
    }
    Ok(())
}

/// Why and since when a person may not sign in for now.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Halt {
    pub by: Id,
    pub since: Moment,
    pub reason: String,
}

const HALTS: &str = "sign-in-halt";

/// Whether a person may not sign in for now.
///
/// # Errors
/// When the store cannot be read.
pub fn halted(registry: &Registry, person: Id) -> Result<Option<Halt>, Broken> {
    registry.kept(HALTS, person.as_str())
}

/// Lets a person sign in no more, or again. Everything by which they act ends.
///
/// # Errors
/// When the store cannot be written.
pub fn halt(house: &House, person: Id, halt: Option<&Halt>) -> Result<(), Broken> {
    match halt {
        Some(halt) => {
            house.registry.keep(HALTS, person.as_str(), halt, FOREVER)?;
            end_everything(house, person)
        }
        None => house.registry.throw_away(HALTS, person.as_str()),
    }
}

/// Ends everything by which someone could act as this person.
///
/// # Errors
/// When the store cannot be written.
pub fn end_everything(house: &House, person: Id) -> Result<(), Broken> {
    // A node that only reads leaves that to the one that writes.
    if house.registry.writer() != Writer::Here {
        return Ok(());
    }
    SESSIONS.end_all(&house.registry, person, None)?;
    TOKENS.end_all(&house.registry, person, None)?;
    FEEDS.end_all(&house.registry, person, None)?;
    crate::ways::dav::forget(house, person)?;
    Ok(())
}
