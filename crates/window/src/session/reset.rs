//! Resets: a one-time link that an administrator hands to someone who cannot sign in, or who has never signed in.
//! Opening it changes nothing, since robots open links in mail; only the button uses it up.

use grammar::kinds::{Id, Moment};
use registry::Broken;
use serde::{Deserialize, Serialize};

use super::{
    FEEDS, PASSKEYS, PasswordFault, TOKENS, hash, hex,
    password::{name_of, renew, set_password},
    second::end_second,
};
use crate::House;

const RESETS: &str = "reset";
/// Which link of a person is the one that counts.
const LATEST: &str = "reset-of";
/// How long a link lasts: a day.
const RESET_MILLIS: i64 = 86_400_000;

/// A link that was handed out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reset {
    pub person: Id,
    pub by: Id,
    pub until: Moment,
    /// The second factor goes too, since it is lost.
    pub forgets_second: bool,
}

/// Makes a link and gives its secret; an older one of the same person counts no more.
///
/// # Errors
/// When the store cannot be written.
pub fn make_reset(house: &House, person: Id, by: Id, forgets_second: bool) -> Result<String, Broken> {
    let registry = &house.registry;
    let secret = hex(&registry.chance().bytes());
    let until = registry.now().plus_millis(RESET_MILLIS);
    if let Some(old) = registry.kept::<String>(LATEST, person.as_str())? {
        registry.throw_away(RESETS, &old)?;
    }
    registry.keep(RESETS, &hash(&secret), &Reset { person, by, until, forgets_second }, until)?;
    registry.keep(LATEST, person.as_str(), &hash(&secret), until)?;
    Ok(secret)
}

/// The link of this secret, and whether its person has a name to sign in with already.
///
/// # Errors
/// When the store cannot be read.
pub fn reset_of(house: &House, secret: &str) -> Result<Option<(Reset, bool)>, Broken> {
    let registry = &house.registry;
    let Some(reset) = registry.kept::<Reset>(RESETS, &hash(secret))? else { return Ok(None) };
    let has_name = name_of(registry, reset.person)?.is_some();
    Ok(Some((reset, has_name)))
}

/// Uses a link up: sets the password, and for a first time the name; everything by which somebody was signed in
/// ends.
///
/// # Errors
/// Breakages of the store outside; inside, why the name or the password is not taken. The link stays then.
pub fn use_reset(
    house: &House,
    secret: &str,
    reset: &Reset,
    (name, password): (&str, &str),
) -> Result<Result<(), PasswordFault>, Broken> {
    let registry = &house.registry;
    let set = match name_of(registry, reset.person)? {
        Some(_) => renew(house, reset.person, password, None)?,
        None => set_password(registry, name, password, reset.person)?,
    };
    if set.is_ok() {
        registry.throw_away(RESETS, &hash(secret))?;
        registry.throw_away(LATEST, reset.person.as_str())?;
        TOKENS.end_all(registry, reset.person, None)?;
        FEEDS.end_all(registry, reset.person, None)?;
        if reset.forgets_second {
            end_second(registry, reset.person)?;
            PASSKEYS.end_all(registry, reset.person, None)?;
        }
    }
    Ok(set)
}
