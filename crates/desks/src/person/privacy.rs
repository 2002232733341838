//! Privacy: what is masked until someone says why it must be read, for which purposes a person's values are
//! held, and on what an erasure rests.

use grammar::prelude::*;

use super::{Event::*, Person, Refusal::*};

/// Telephone, e-mail and document number are masked; each unmasking is logged and shown to the person.
const MASKED: Rule<bool> = rule("PL-R12");
/// Nothing is kept longer than its purpose needs: what a withdrawn consent held is destroyed.
const SHORTEST: Rule<bool> = rule("PL-R11");
/// Those who may unmask, in the person's region.
pub(super) const UNMASKING: [Who; 3] =
    [Who::Office("registrar"), Who::Office("privacy-officer"), Who::Office("auditor")];

/// On what an erasure rests (personal information protection law, article 47).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Ground {
    Asked,
    ConsentWithdrawn,
    PurposeOver,
    UnlawfulUse,
}

/// A value that its own person reads whole and everyone else masked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
#[schemars(inline)]
pub enum Masked {
    Phone,
    Email,
    IdNumber,
}

/// What values are held for, each by a consent of its own that can be withdrawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Purpose {
    /// The public name and the ORCID, shown to everyone.
    Publication,
    /// Telephone and e-mail, to be reached.
    Contact,
    /// The number of the identity document, to be told from others: sensitive.
    Identification,
}

impl Person {
    pub(super) fn unmasks(&self, field: Masked, reason: Text<300>) -> Decision<Self> {
        let is_there = match field {
            Masked::Phone => self.phone.is_some(),
            Masked::Email => self.email.is_some(),
            Masked::IdNumber => self.id_number.is_some(),
        };
        ensure(is_there, NothingToShow).by(MASKED)?;
        Ok(say(Unmasked { field, reason }))
    }

    pub(super) fn withdraws(&self, purpose: Purpose, ctx: &Ctx) -> Decision<Self> {
        let is_given = match purpose {
            Purpose::Publication => self.public,
            Purpose::Contact => self.phone.is_some() || self.email.is_some(),
            Purpose::Identification => self.id_number.is_some(),
        };
        ensure(is_given, NothingToWithdraw).by(SHORTEST)?;
        Ok(say(ConsentWithdrawn { purpose, on: ctx.today() }))
    }

    /// The person without what was held for a purpose. The registry destroys values that nothing names.
    pub(super) fn without(&mut self, purpose: Purpose) {
        match purpose {
            Purpose::Publication => (self.public, self.display_name, self.orcid) = (false, None, None),
            Purpose::Contact => (self.phone, self.email) = (None, None),
            Purpose::Identification => self.id_number = None,
        }
    }
}
