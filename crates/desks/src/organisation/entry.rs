//! Entry: what is said of an organisation, what kind it is, and what it may be called.

use grammar::prelude::*;

use super::{Organisation, Refusal, Refusal::*};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Kind {
    Enterprise,
    University,
    Institute,
    Hospital,
    Laboratory,
    Facility,
    Government,
    TransferOffice,
    Incubator,
    Association,
    Archive,
    Other,
}

/// What a firm may be called because an authority said so.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum FirmLabel {
    HighTechEnterprise,
    TechnologySme,
    SpecialisedAndNew,
    LittleGiant,
    Unicorn,
    LeadingFirm,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeldLabel {
    pub label: FirmLabel,
    pub from: Day,
    pub until: Day,
    pub source: Text<300>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Alias {
    pub name: Bilingual<200>,
    pub until: Option<Day>,
}

/// What is said of an organisation: the fields of its registration, and of each later mending.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    pub name: Bilingual<200>,
    pub kind: Kind,
    pub region: Region,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub uscc: Option<Uscc>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ror: Option<Text<40>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub parent: Option<Ref<Organisation>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<Place>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub website: Option<Text<300>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub established: Option<Between<800, 2200>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub about: Option<Bilingual<2000>>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Text<300>>,
}

pub(super) fn sensible(entry: &Entry, ctx: &Ctx) -> Result<(), Refusal> {
    ensure(!entry.name.is_empty(), NoName)?;
    ensure(entry.parent.is_none_or(|parent| parent.id() != ctx.me), ParentIsItself)
}
