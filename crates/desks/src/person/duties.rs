//! Duties: the offices a person holds, told by the desk `office`, and which of them exclude each other.

use grammar::prelude::*;

use super::{
    Person,
    Refusal::{self, *},
};

/// Offices that one person may hold at a time.
pub(super) const OFFICES_MAX: usize = 20;
/// The three administrators watch each other: nobody is two of them.
const APART: [&str; 3] = ["system-admin", "security-admin", "auditor"];
/// System, security and audit administrators are different persons.
const ADMINS_APART: Rule<bool> = rule("PL-R13");

/// An office the person holds: the appointment and the office in one word.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldOffice {
    pub appointment: Id,
    pub office: Text<40>,
}

impl Person {
    /// Whether the person may hold `office` beside those held now.
    ///
    /// # Errors
    /// Another of the three administrators, or too many offices.
    pub(super) fn may_take(&self, office: &Text<40>) -> Result<(), No<Refusal>> {
        let watches = |word: &Text<40>| APART.contains(&&**word);
        let other = self.offices.iter().find(|held| watches(&held.office) && held.office != *office);
        if let Some(other) = other.filter(|_| watches(office)) {
            return Err(No::Because(OfficesApart { held: other.appointment }, Some(ADMINS_APART.id())));
        }
        Ok(ensure(self.offices.len() < OFFICES_MAX, TooManyOffices { max: OFFICES_MAX })?)
    }
}
