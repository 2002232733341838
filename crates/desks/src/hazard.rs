//! Hazard: what a substance or a sample can do, by the pictograms of the GHS (GB 30000) that stand on its vessel, and what has none
//! there: infection and radiation. One list for every desk; its words stand in the shared words under `[choice]`.

use grammar::prelude::*;

/// All of them.
pub const HAZARDS_MAX: usize = 11;

/// A hazard class. On paper `acutely-toxic`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Hazard {
    Explosive,
    Flammable,
    Oxidising,
    Gas,
    Corrosive,
    AcutelyToxic,
    Irritant,
    HealthHazard,
    Environmental,
    Infectious,
    Radioactive,
}

pub type Hazards = List<Hazard, HAZARDS_MAX>;

impl Hazard {
    /// The word under which it is written.
    #[must_use]
    pub fn word(self) -> String {
        grammar::desk::plain_word(&self)
    }
}
