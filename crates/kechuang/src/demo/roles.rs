//! Roles: whom a visitor of the demo region can become without a password.

use grammar::kinds::Id;
use registry::{FOREVER, Registry};
use serde_json::{Value, json};

use super::{
    houses::{House, Town},
    texts::{RoleText, both},
};

const SPACE: &str = "demo-role";
/// The firm whose need was returned: the 27th written need.
const RETURNED: usize = 26;

/// Those whom the story chose, as far as it has them.
pub struct Cast<'a> {
    pub provider: &'a House,
    pub expert: Option<Id>,
    /// Of a need with answers on the shortlist.
    pub owner: Option<Id>,
    /// Of a panel whose ballot is open.
    pub voter: Option<Id>,
    /// Of an application that was judged again.
    pub applicant: Option<Id>,
    /// Officer, user and reviewer of the facility.
    pub facility: [Option<Id>; 3],
}

fn person(town: &Town, cast: &Cast, who: &str) -> Result<Id, String> {
    let [officer, user, reviewer] = cast.facility;
    let signer = |house: Option<&House>| house.map(|house| house.signer);
    let found = match who {
        "firm" => signer(town.firms.first()),
        "returned" => signer(town.firms.get(RETURNED)),
        "university" => signer(town.universities.first()),
        "provider" => Some(cast.provider.signer),
        "authority" => signer(town.authorities.first()),
        "citizen" => Some(town.citizen),
        "expert" => cast.expert,
        "owner" => cast.owner,
        "voter" => cast.voter,
        "applicant" => cast.applicant,
        "facility" => officer,
        "facility-user" => user,
        "facility-reviewer" => reviewer,
        office => return town.officers.id(office),
    };
    found.ok_or_else(|| format!("office.toml: nobody is {who}"))
}

/// Keeps the roles for the page of the demo region. Writes only what is not kept yet. Gives their number.
///
/// # Errors
/// When the store cannot be read or written.
pub fn keep(registry: &Registry, town: &Town, cast: &Cast, roles: &[RoleText]) -> Result<usize, String> {
    let broken = |broken: registry::Broken| broken.to_string();
    let look = registry.look(None).map_err(broken)?;
    for (role, n) in roles.iter().zip(1..) {
        let person = person(town, cast, &role.who)?;
        let (_, zh, en) = look.title(person).ok_or("a role without a public name")?;
        let value = json!({
            "person": person, "sign": role.sign, "name": both(&zh, &en),
            "part": both(&role.part_zh, &role.part_en), "does": both(&role.does_zh, &role.does_en),
        });
        let key = format!("{n:02}");
        let kept: Option<Value> = registry.kept(SPACE, &key).map_err(broken)?;
        if kept.as_ref() != Some(&value) {
            registry.keep(SPACE, &key, &value, FOREVER).map_err(broken)?;
        }
    }
    Ok(roles.len())
}
