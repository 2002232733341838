//! Passwords: set, checked, changed. Wrong ones are counted by name and address together, by name, and by
//! address; a device on which this name has signed in before is counted by itself. So whoever guesses from
//! elsewhere locks nobody out of the machine they use, and one guesser behind a shared address slows others
//! there down but does not shut them out: turns come back one by one, and known devices do not need them.

use argon2::{Argon2, PasswordHash, PasswordHasher, PasswordVerifier};
use grammar::kinds::{Id, Moment};
use registry::{Broken, FOREVER, Registry};
use serde::{Deserialize, Serialize};

use super::{
    SESSIONS, Session, What, cookie, cookie_name, hash, hex, note,
    weak::{Weak, weakness},
};
use crate::{
    House,
    limits::{Rate, of_address},
    visit::Visit,
};

const PASSWORD_MIN: usize = 10;
const PASSWORD_MAX: usize = 200;
const NAME_MAX: usize = 120;
const CREDENTIALS: &str = "credential";
/// The name under which a person signs in, by person.
const NAMES: &str = "login-of";
/// Devices on which a name has signed in.
const DEVICES: &str = "device";
const DEVICE_COOKIE: &str = "kechuang-device";
/// A device stays known for half a year.
const DEVICE_MILLIS: i64 = 180 * 86_400_000;
/// Known devices of one name that are forgotten at once when the password changes.
const DEVICES_MAX: u32 = 1_000;

#[derive(Serialize, Deserialize)]
struct Credential {
    person: Id,
    hash: String,
}

/// How signing in with a password went.
#[derive(Clone, Debug, PartialEq)]
pub enum Login {
    Welcome(Id),
    Wrong,
    /// Too many wrong passwords; try again after so many seconds.
    Wait(u64),
}

/// Why a password cannot be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PasswordFault {
    TooShort,
    TooLong,
    /// Common words, runs and dates make up most of it.
    TooCommon,
    /// The name makes up most of it.
    HoldsName,
    NameTaken,
    NoName,
    /// The old password is not right.
    NotTheOld,
    /// It is the old one.
    TheSame,
    /// Too many wrong tries.
    Wait,
}

fn login_key(name: &str) -> String {
    hash(&name.trim().to_lowercase())
}

/// Why a name and a password cannot be taken; `None` when they can. `names` are what the person is called.
///
/// # Errors
/// When the store cannot be read.
pub fn password_fault(
    registry: &Registry,
    (name, password): (&str, &str),
    person: Option<Id>,
    names: &[&str],
) -> Result<Option<PasswordFault>, Broken> {
    let taken: Option<Credential> = registry.kept(CREDENTIALS, &login_key(name))?;
    Ok(match () {
        () if name.trim().is_empty() || name.len() > NAME_MAX => Some(PasswordFault::NoName),
        () if taken.is_some_and(|credential| Some(credential.person) != person) => {
            Some(PasswordFault::NameTaken)
        }
        () => poor(password, &[&[name], names].concat()),
    })
}

fn poor(password: &str, names: &[&str]) -> Option<PasswordFault> {
    match password.chars().count() {
        ..PASSWORD_MIN => Some(PasswordFault::TooShort),
        length if length > PASSWORD_MAX => Some(PasswordFault::TooLong),
        _ => weakness(password, names).map(|weak| match weak {
            Weak::Common => PasswordFault::TooCommon,
            Weak::HoldsName => PasswordFault::HoldsName,
        }),
    }
}

/// Gives a person a name to sign in with and a password. A name they had before is free again.
///
/// # Errors
/// Breakages of the store outside; inside, why the name or the password cannot be taken.
pub fn set_password(
    registry: &Registry,
    name: &str,
    password: &str,
    person: Id,
) -> Result<Result<(), PasswordFault>, Broken> {
    if let Some(fault) = password_fault(registry, (name, password), Some(person), &[])? {
        return Ok(Err(fault));
    }
    let before = name_of(registry, person)?;
    keep(registry, &login_key(name), password, person)?;
    if let Some(before) = before.filter(|before| login_key(before) != login_key(name)) {
        registry.throw_away(CREDENTIALS, &login_key(&before))?;
    }
    registry.keep(NAMES, person.as_str(), &name.trim(), FOREVER)?;
    Ok(Ok(()))
}

fn keep(registry: &Registry, key: &str, password: &str, person: Id) -> Result<(), Broken> {
    let salt = registry.chance().bytes();
    let hash = Argon2::default()
        .hash_password_with_salt(password.as_bytes(), salt.get(..16).unwrap_or(&salt))
        .map_err(|error| Broken(format!("a password could not be hashed: {error}")))?
        .to_string();
    registry.keep(CREDENTIALS, key, &Credential { person, hash }, FOREVER)
}

/// The name under which a person signs in.
pub fn name_of(registry: &Registry, person: Id) -> Result<Option<String>, Broken> {
    registry.kept(NAMES, person.as_str())
}

/// The person of a sign-in name.
pub fn person_of(registry: &Registry, name: &str) -> Result<Option<Id>, Broken> {
    let credential: Option<Credential> = registry.kept(CREDENTIALS, &login_key(name))?;
    Ok(credential.map(|credential| credential.person))
}

/// Signs in with a name and a password.
///
/// # Errors
/// When the store cannot be used.
pub fn sign_in(house: &House, visit: &Visit, name: &str, password: &str) -> Result<Login, Broken> {
    let (registry, key) = (&house.registry, login_key(name));
    let credential: Option<Credential> = registry.kept(CREDENTIALS, &key)?;
    let person = credential.as_ref().map(|credential| credential.person);
    let turns = turns(house, visit, &key)?;
    if let Err(seconds) = take_all(house, &turns, registry.now()) {
        note(house, visit, What::LockedOut, person, "")?;
        return Ok(Login::Wait(seconds));
    }
    let fits = fits(credential.as_ref(), password);
    let Some(person) = person.filter(|_| fits) else {
        note(house, visit, What::WrongPassword, person, "")?;
        return Ok(Login::Wrong);
    };
    turns.iter().for_each(|(rate, key)| house.limits.give_back(*rate, key));
    if name_of(registry, person)?.is_none() {
        registry.keep(NAMES, person.as_str(), &name.trim(), FOREVER)?;
    }
    Ok(Login::Welcome(person))
}

/// Which counters a try is counted under.
fn turns(house: &House, visit: &Visit, login: &str) -> Result<Vec<(Rate, String)>, Broken> {
    let address = of_address(&visit.from);
    Ok(match known_device(house, visit, login)? {
        Some(device) => vec![(Rate::Wrong, format!("device/{device}"))],
        None => vec![
            (Rate::Wrong, format!("name/{login}/{address}")),
            (Rate::WrongName, login.to_owned()),
            (Rate::WrongAddress, address),
        ],
    })
}

/// Takes a turn of each, or of none.
fn take_all(house: &House, turns: &[(Rate, String)], now: Moment) -> Result<(), u64> {
    for (place, (rate, key)) in turns.iter().enumerate() {
        if let Err(seconds) = house.limits.take(*rate, key, now) {
            turns.iter().take(place).for_each(|(rate, key)| house.limits.give_back(*rate, key));
            return Err(seconds);
        }
    }
    Ok(())
}

/// A name that is not there costs as much time as one that is.
fn fits(credential: Option<&Credential>, password: &str) -> bool {
    let hash = credential.map_or(NOBODY, |credential| credential.hash.as_str());
    PasswordHash::new(hash)
        .is_ok_and(|hash| Argon2::default().verify_password(password.as_bytes(), &hash).is_ok())
}

/// A hash that no password fits.
const NOBODY: &str =
    "$argon2id$v=19$m=19456,t=2,p=1$AAAAAAAAAAAAAAAAAAAAAA$AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";

/// The key of this device, if the name has signed in on it before.
fn known_device(house: &House, visit: &Visit, login: &str) -> Result<Option<String>, Broken> {
    let Some(secret) = visit.cookies.get(&cookie_name(house, DEVICE_COOKIE)) else { return Ok(None) };
    let key = format!("{login}/{}", hash(secret));
    let known: Option<Moment> = house.registry.kept(DEVICES, &key)?;
    Ok(known.map(|_| key))
}

/// Remembers that this person has signed in on this device, and gives the cookie by which it is known.
///
/// # Errors
/// When the store cannot be used.
pub fn remember_device(house: &House, visit: &Visit, person: Id) -> Result<Option<String>, Broken> {
    let registry = &house.registry;
    let Some(name) = name_of(registry, person)? else { return Ok(None) };
    let login = login_key(&name);
    if known_device(house, visit, &login)?.is_some() {
        return Ok(None);
    }
    let held = visit.cookies.get(&cookie_name(house, DEVICE_COOKIE)).filter(|secret| secret.len() == 64);
    let secret = held.cloned().unwrap_or_else(|| hex(&registry.chance().bytes()));
    let until = registry.now().plus_millis(DEVICE_MILLIS);
    registry.keep(DEVICES, &format!("{login}/{}", hash(&secret)), &registry.now(), until)?;
    Ok(Some(cookie(house, DEVICE_COOKIE, &secret, DEVICE_MILLIS / 1_000)))
}

/// Whether the password of a session's person is right; `None` when it is, or when they have none.
///
/// # Errors
/// When the store cannot be used.
pub fn password_again(
    house: &House,
    visit: &Visit,
    session: &Session,
    old: &str,
) -> Result<Option<PasswordFault>, Broken> {
    let registry = &house.registry;
    let Some(name) = name_of(registry, session.person)? else { return Ok(None) };
    let turn = format!("change/{}", session.person);
    if house.limits.take(Rate::Wrong, &turn, registry.now()).is_err() {
        note(house, visit, What::LockedOut, Some(session.person), "")?;
        return Ok(Some(PasswordFault::Wait));
    }
    let credential: Option<Credential> = registry.kept(CREDENTIALS, &login_key(&name))?;
    if !fits(credential.as_ref(), old) {
        note(house, visit, What::WrongPassword, Some(session.person), "")?;
        return Ok(Some(PasswordFault::NotTheOld));
    }
    house.limits.give_back(Rate::Wrong, &turn);
    Ok(None)
}

/// Changes one's password: the old one is asked for, and every other session ends.
///
/// # Errors
/// Breakages of the store outside; inside, why it is not changed.
pub fn change_password(
    house: &House,
    visit: &Visit,
    session: &Session,
    (old, new): (&str, &str),
) -> Result<Result<(), PasswordFault>, Broken> {
    if name_of(&house.registry, session.person)?.is_none() {
        return Ok(Err(PasswordFault::NoName));
    }
    if let Some(fault) = password_again(house, visit, session, old)? {
        return Ok(Err(fault));
    }
    if old == new {
        return Ok(Err(PasswordFault::TheSame));
    }
    Ok(match renew(house, session.person, new, Some(&session.key))? {
        Err(fault) => Err(fault),
        Ok(()) => {
            note(house, visit, What::PasswordChanged, Some(session.person), "")?;
            Ok(())
        }
    })
}

/// Puts a new password in the place of the old one, ends the sessions but one, and forgets the devices.
///
/// # Errors
/// Breakages of the store outside; inside, why the password is not taken.
pub fn renew(
    house: &House,
    person: Id,
    password: &str,
    but: Option<&str>,
) -> Result<Result<(), PasswordFault>, Broken> {
    let registry = &house.registry;
    let Some(name) = name_of(registry, person)? else { return Ok(Err(PasswordFault::NoName)) };
    let title = registry.look(None)?.title(person);
    let titles: Vec<&str> = title.iter().flat_map(|(_, zh, en)| [zh.as_str(), en.as_str()]).collect();
    if let Some(fault) = password_fault(registry, (&name, password), Some(person), &titles)? {
        return Ok(Err(fault));
    }
    let key = login_key(&name);
    keep(registry, &key, password, person)?;
    SESSIONS.end_all(registry, person, but)?;
    let devices: Vec<(String, Moment)> = registry.kept_all(DEVICES, &format!("{key}/"), DEVICES_MAX)?;
    devices.iter().try_for_each(|(device, _)| registry.throw_away(DEVICES, device))?;
    Ok(Ok(()))
}
