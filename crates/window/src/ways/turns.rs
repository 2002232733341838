//! Turns: how often a visit of this kind may come, and whether a program's token may come at all. Looked at
//! before anything is done.

use crate::{
    denied::Trouble,
    guest::Guest,
    limits::{Rate, of_address},
    session,
};

/// Takes a turn of each limit that a visit falls under.
///
/// # Errors
/// Too many came before.
pub fn take(guest: &Guest) -> Result<(), Trouble> {
    let address = of_address(&guest.visit.from);
    // Whoever has signed in is counted as a person, wherever they come from; the public by address.
    let who = guest.session.as_ref().map_or_else(|| address.clone(), |session| session.person.to_string());
    let visit = guest.visit;
    let way = visit.way();
    let mut turns = Vec::new();
    if matches!(way.first(), Some(&("api" | "dav"))) {
        turns.push((Rate::Api, &who));
    }
    match way.as_slice() {
        ["find"] | ["api", "v1", "find"] | [_, "export.csv" | "export.xlsx"] => {
            turns.push((Rate::Search, &who));
        }
        [_] if visit.asked("q").is_some() => turns.push((Rate::Search, &who)),
        ["proof", _, ..] | ["api", "v1", "receipts" | "report-check", _] => {
            turns.push((Rate::Proof, &address))
        }
        ["proof" | "report-check"] if visit.is_post => turns.push((Rate::Proof, &address)),
        ["sign-up"] | ["api", "v1", "person", "sign-up"] | ["person", "new", "sign-up"] if visit.is_post => {
            turns.push((Rate::SignUp, &address));
        }
        _ => {}
    }
    if !visit.uploads.is_empty() {
        turns.push((Rate::Upload, &who));
    }
    let now = guest.house.registry.now();
    for (rate, key) in turns {
        guest.house.limits.take(rate, key, now).map_err(Trouble::TooOften)?;
    }
    Ok(())
}

/// Whether someone whose office needs a second factor has one, or still has time. Until then they only reach the
/// pages on which it is set up; a token of theirs reaches nothing.
///
/// # Errors
/// The time is over.
pub fn strong_enough(guest: &Guest) -> Result<(), Trouble> {
    let Some(session) = &guest.session else { return Ok(()) };
    let may_pass = matches!(guest.visit.way().first(), Some(&("my" | "account" | "sign-out" | "look")));
    let standing = session::standing(guest.house, &guest.look.viewer, session.shown)?;
    if standing == session::Standing::Overdue && !may_pass { Err(Trouble::SecondFactor) } else { Ok(()) }
}

/// Whether the token of a program may do what this visit asks; a person may try anything.
///
/// # Errors
/// Its scopes do not hold it.
pub fn within_scopes(guest: &Guest) -> Result<(), Trouble> {
    let Some(scopes) = guest.session.as_ref().and_then(|session| session.scopes.as_ref()) else {
        return Ok(());
    };
    let desk_of = |id: &str| {
        let pending = guest.house.registry.pending(&guest.look.viewer).ok()?;
        let one = pending.iter().find(|one| one.id.to_string() == id)?;
        let verb = one.command.get("verb").and_then(serde_json::Value::as_str).unwrap_or_default();
        Some((one.desk.clone(), verb.to_owned()))
    };
    match session::scope_fault(scopes, guest.visit, &desk_of) {
        Some(needs) => Err(Trouble::OutOfScope(needs)),
        None => Ok(()),
    }
}
