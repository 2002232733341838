//! Kinds: what sort of laboratory it is, and at which tier of government it stands.

use grammar::prelude::*;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Kind {
    NationalLaboratory,
    NationalKeyLaboratory,
    ShanghaiLaboratory,
    MunicipalKeyLaboratory,
    EngineeringCentre,
    TechnologyInnovationCentre,
    ManufacturingInnovationCentre,
    UniversityInnovationCentre,
    ClinicalCentre,
    NewResearchInstitute,
    JointLaboratory,
    InternationalLaboratory,
    ConceptVerificationPlatform,
    Incubator,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Tier {
    National,
    Ministerial,
    Provincial,
    District,
    Unranked,
}

impl Kind {
    /// The tier that the name itself states, when it does.
    pub(super) fn tier(self) -> Option<Tier> {
        match self {
            Self::NationalLaboratory | Self::NationalKeyLaboratory => Some(Tier::National),
            Self::ShanghaiLaboratory | Self::MunicipalKeyLaboratory => Some(Tier::Provincial),
            _ => None,
        }
    }
}
