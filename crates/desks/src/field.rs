//! Field: the fields of technology by which needs and what could meet them are sorted. One list for every
//! desk; its words stand in the shared words under `[choice]`.

use grammar::prelude::*;

/// A field of technology. On paper `integrated-circuits`. Which of them a joint-research batch is open to
/// is a rule (NJ-R01), not a matter of this list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Field {
    IntegratedCircuits,
    ArtificialIntelligence,
    Biomedicine,
    FutureIndustries,
    NewMaterials,
    NewEnergy,
    AdvancedManufacturing,
    Information,
    Environment,
    Agriculture,
    Ocean,
    Aerospace,
    InstrumentsAndTesting,
    Other,
}

impl Field {
    /// The word under which it is written.
    #[must_use]
    pub fn word(self) -> String {
        grammar::desk::plain_word(&self)
    }
}
