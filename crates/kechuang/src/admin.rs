//! The first two administrators of an empty region: persons, the offices to begin with, and passwords.
//!
//! Every step has a fixed key, so that a start that was cut off is finished by the next one.

use grammar::{
    form::Flat,
    kinds::{Id, REGION_ALL},
};
use registry::{Ask, Asker, FOREVER, Registry};
use serde_json::{Value, json};

use crate::speech::Trouble;

/// Who sets a region up registers others and appoints them; every other office goes to somebody else.
const OFFICES: [&str; 2] = ["system-admin", "registrar"];
/// The second pair of eyes.
const SECOND: [&str; 1] = ["system-admin"];
/// Where it is kept what has been founded.
pub const SPACE: &str = "founding";
const DONE: &str = "administrator";
/// Letters of a password that is made: none that are mistaken for others, 32 of them.
const LETTERS: &[u8; 32] = b"abcdefghjkmnopqrstuvwxyz23456789";
/// Five bits each: 100 bits.
const PASSWORD_LETTERS: usize = 20;

/// Registers and appoints the first administrators once: one who also registers others, and a second one,
/// because appointing takes two. `tell` is given each name, and the password if one was made: it is told
/// before the work is marked as done, so that nobody is locked out by a crash between the two.
///
/// # Errors
/// A password or a login cannot be taken, or the house refuses.
pub fn appoint_first(
    registry: &Registry,
    login: &str,
    password: Option<String>,
    tell: &mut dyn FnMut(&str, Option<&str>),
) -> Result<(), Trouble> {
    if registry.kept::<bool>(SPACE, DONE).map_err(broken)?.unwrap_or(false) {
        return Ok(());
    }
    appoint(registry, ("", login), &OFFICES, password, tell)?;
    appoint(registry, ("-2", &format!("{login}-2")), &SECOND, None, tell)?;
    registry.keep(SPACE, DONE, &true, FOREVER).map_err(broken)
}

fn appoint(
    registry: &Registry,
    (mark, login): (&str, &str),
    offices: &[&str],
    password: Option<String>,
    tell: &mut dyn FnMut(&str, Option<&str>),
) -> Result<(), Trouble> {
    let everywhere = REGION_ALL.to_string();
    let person = [("name", login), ("region", &everywhere), ("public", "no")];
    let person = ask(registry, "person", "register", &format!("founding/person{mark}"), &person)?;
    for office in offices {
        let today = registry.now().day().to_string();
        let fields = [
            ("holder", person.as_str()),
            ("office", office),
            ("region", &everywhere),
            ("from", &today),
            ("document", "平台初始化 · first start of the platform"),
        ];
        ask(registry, "office", "appoint", &format!("founding/office{mark}/{office}"), &fields)?;
    }
    let is_made = password.is_none();
    let password = password.unwrap_or_else(|| made(registry.chance().bytes()));
    if let Err(fault) = window::set_password(registry, login, &password, person).map_err(broken)? {
        return Err(Trouble::new("admin-password", json!({ "error": format!("{fault:?}") })));
    }
    tell(login, is_made.then_some(password.as_str()));
    Ok(())
}

fn ask(
    registry: &Registry,
    desk: &str,
    verb: &str,
    key: &str,
    fields: &[(&str, &str)],
) -> Result<Id, Trouble> {
    let refused = |why: Value| Trouble::new("founding", json!({ "desk": desk, "verb": verb, "error": why }));
    let form = registry.desks().find(desk).and_then(|clerk| clerk.verb(verb));
    let form = form.ok_or_else(|| refused("no such verb".into()))?;
    let flat: Flat = fields.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let command = form.read_flat(&flat).map_err(|faults| refused(json!(faults)))?;
    let answer = registry.run(Ask::new(key, Asker::Founder, desk, None, command));
    answer.map(|receipt| receipt.record).map_err(|denied| refused(format!("{denied:?}").into()))
}

fn broken(broken: registry::Broken) -> Trouble {
    Trouble::new("broken", json!({ "error": broken.0 }))
}

fn made(chance: [u8; 32]) -> String {
    let letter = |byte: &u8| LETTERS.get(usize::from(byte % 32)).map(|letter| char::from(*letter));
    chance.iter().take(PASSWORD_LETTERS).filter_map(letter).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_made_password_is_long_and_uses_all_of_its_chance() {
        let password = made([255; 32]);
        assert_eq!(password.len(), PASSWORD_LETTERS);
        assert_ne!(made([1; 32]), made([2; 32]));
    }
}
