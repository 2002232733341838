//! Own: fields that say for whom one acts offer one's own organisations, or oneself, alone.

use grammar::{
    clerk::Clerk,
    form::{Kind, Verb},
    kinds::Id,
    viewer::Who,
};

use super::who::who;
use crate::{guest::Guest, parts::FieldView};

/// Fields that say for which organisation one acts, whatever is asked.
const OWN: [&str; 6] = ["owner", "unit", "lead", "buyer", "claimant", "authority"];

/// The parts of a new record in one of which its asker must be; nothing where an office or anyone may ask.
#[must_use]
pub fn parts(guest: &Guest, clerk: &dyn Clerk, verb: &Verb) -> Vec<String> {
    let names = who(guest, clerk, verb).map(Who::names).unwrap_or_default();
    let part =
        |name: &String| name.strip_prefix("party:").or(name.strip_prefix("signatory:")).map(str::to_owned);
    names.iter().map(part).collect::<Option<_>>().unwrap_or_default()
}

/// Narrows a field that says for whom one acts; the only choice is chosen already.
pub fn choose(guest: &Guest, field: &mut FieldView, parts: &[String]) {
    let viewer = &guest.look.viewer;
    let is_named = parts.contains(&field.name);
    let own: Vec<Id> = match &field.kind {
        Kind::Ref(desk) if desk == "organisation" && (is_named || OWN.contains(&field.name.as_str())) => {
            viewer.organisations.clone()
        }
        Kind::Ref(desk) if desk == "person" && is_named => viewer.person.into_iter().collect(),
        _ => return,
    };
    let own: Vec<String> = own.iter().map(ToString::to_string).collect();
    if own.is_empty() || !(field.value.is_empty() || own.contains(&field.value)) {
        return;
    }
    field.choices.retain(|choice| own.contains(&choice.value));
    if let (true, [only]) = (field.value.is_empty(), own.as_slice()) {
        field.value.clone_from(only);
    }
    field.kind = Kind::Choice(own);
}
