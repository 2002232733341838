//! Demo: become any role of the demonstration, from a page that says what it is.

use grammar::kinds::Id;
use maud::html;
use serde::Deserialize;

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Press, Role},
    session::Shown,
    ways::Answer,
};

/// Roles shown at most.
const ROLES_MAX: u32 = 60;

#[derive(Deserialize)]
struct Both {
    zh: String,
    en: String,
}

/// A role as the demo region keeps it.
#[derive(Deserialize)]
struct Kept {
    person: Id,
    sign: String,
    name: Both,
    part: Both,
    does: Both,
}

/// The page of roles.
///
/// # Errors
/// When this is no demo region.
pub fn demo(guest: &Guest) -> Answer {
    let registry = &guest.house.registry;
    if !registry.settings().is_demo {
        return Err(Trouble::NotFound);
    }
    let kept: Vec<(String, Kept)> = registry.kept_all("demo-role", "", ROLES_MAX)?;
    let both = |both: &Both| guest.pick(&both.zh, &both.en).to_owned();
    let role = |(key, role): &(String, Kept)| Role {
        sign: role.sign.clone(),
        name: both(&role.name),
        part: both(&role.part),
        does: both(&role.does),
        press: Press {
            action: format!("/demo/{key}"),
            hidden: guest.hidden(),
            label: guest.word("become").into(),
        },
    };
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("demo-roles").into(), lead: guest.word("demo-roles-lead").into(), badges: vec![guest.demo_badge()], ..Default::default() }))
        (parts::roles(&kept.iter().map(role).collect::<Vec<_>>()))
    };
    Ok(guest.page(guest.word("demo-roles"), vec![], main))
}

/// Becomes a role.
///
/// # Errors
/// When this is no demo region, or there is no such role.
pub fn become_role(guest: &Guest, key: &str) -> Answer {
    let registry = &guest.house.registry;
    if !registry.settings().is_demo {
        return Err(Trouble::NotFound);
    }
    let role: Kept = registry.kept("demo-role", key)?.ok_or(Trouble::NotFound)?;
    super::sign::enter(guest, role.person, Shown::Role, "/inbox")
}
