//! Fields: what a proposal says of its experiment, its samples and their dangers, and what it keeps of its round.

use grammar::prelude::*;

use crate::{instrument::Instrument, organisation::Organisation, person::Person, round::Round};

pub const SAMPLES_MAX: usize = 20;
pub const WORKS_MAX: usize = 20;
/// Shifts that one proposal may ask for: the two weeks that one booking can last, three times over.
pub const ASKED_MAX: i64 = 126;

/// General: with a round, by rank. Urgent: at any time, by its urgency. Key: large tasks over longer, with a round.
/// Own results: nothing is made public, and the full cost is paid.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Kind {
    General,
    Urgent,
    Key,
    Proprietary,
}

impl Kind {
    pub const ALL: [Self; 4] = [Self::General, Self::Key, Self::Proprietary, Self::Urgent];
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Hazard {
    None,
    Toxic,
    Flammable,
    Corrosive,
    Radioactive,
    Biological,
    Pressure,
    Cryogenic,
    Nanomaterial,
}

/// What is brought to the instrument.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Sample {
    pub name: Text<200>,
    pub amount: Text<60>,
    pub hazard: Hazard,
    /// How it is handled and taken away again: needed for whatever is dangerous.
    pub measures: Option<Text<500>>,
}

/// What a proposal says.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    pub round: Ref<Round>,
    pub instrument: Ref<Instrument>,
    pub applicant: Ref<Organisation>,
    pub leader: Ref<Person>,
    pub kind: Kind,
    pub title: Bilingual<200>,
    /// The question, the experiment, and why it needs this instrument.
    pub summary: Text<2000>,
    pub shifts: Between<1, ASKED_MAX>,
    /// With fewer it makes no sense.
    pub least: Option<Between<1, ASKED_MAX>>,
    pub urgency: Option<Text<1000>>,
    pub samples: List<Sample, SAMPLES_MAX>,
    pub no_secrets: bool,
}

impl Entry {
    /// The fewest shifts that still make sense.
    #[must_use]
    pub fn fewest(&self) -> i64 {
        self.least.map_or(self.shifts.get(), Between::get)
    }
}

/// What is kept of the round, as it was when the proposal was handed in.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Terms {
    pub unit: Ref<Organisation>,
    pub region: Region,
    pub use_from: Day,
    pub use_until: Day,
}

/// What the facility finds when it looks at feasibility and safety.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Verdict {
    Passed,
    Returned,
    Failed,
}

/// What a round gave, or where its line lay. Marks as people read them: `4.13` of five.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Place {
    pub rank: Between<1, 400>,
    pub of: Between<1, 400>,
    pub mark: Text<10>,
}

/// Shifts that were given back by others, and until when they can be taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Turn {
    pub shifts: i64,
    pub until: Day,
}

/// Shifts that lie on the instrument's calendar.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Placed {
    pub booking: Ref<crate::booking::Booking>,
    pub from: Moment,
    pub until: Moment,
    pub shifts: i64,
}

/// What the leader reports when the experiments are done.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Report {
    pub summary: Text<2000>,
    /// Papers and patents, one by one.
    #[serde(default)]
    pub works: List<Text<300>, WORKS_MAX>,
    /// They acknowledge the facility.
    pub acknowledged: bool,
    #[serde(default)]
    pub files: List<FileRef, 10>,
}
