//! Past: what a need keeps of its way: versions written together, rounds of solicitation.

use grammar::prelude::*;

use super::{Need, fields::Indicators};

/// How far a need has come. On paper `condensed-into`; the keys of `[status]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Draft,
    Submitted,
    Returned,
    Screened,
    Condensed,
    /// Part of another need now.
    CondensedInto,
    Confirmed,
    Published,
    Soliciting,
    /// The window is over; the answers are being reviewed.
    Reviewing,
    Matched,
    Unmatched,
    Closed,
    Expired,
    Withdrawn,
}

impl Status {
    /// Whether new offers are matched against it.
    pub fn stands(self) -> bool {
        !matches!(
            self,
            Self::Draft
                | Self::CondensedInto
                | Self::Matched
                | Self::Closed
                | Self::Expired
                | Self::Withdrawn
        )
    }

    /// Whether the owner may still take it back.
    pub fn can_end(self) -> bool {
        !matches!(self, Self::CondensedInto | Self::Matched | Self::Closed | Self::Withdrawn)
    }
}

/// One wording of a need, by whom and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Version {
    pub number: u32,
    pub on: Day,
    /// The region whose office wrote it; nothing for the owner's own wording.
    pub office_region: Option<Region>,
    pub title: Bilingual<200>,
    pub summary: Bilingual<2000>,
    pub indicators: Indicators,
    pub reason: Option<Text<500>>,
    /// The needs that were joined by it.
    pub joined: List<Ref<Need>, 10>,
}

/// One round of solicitation, and what was learnt when it brought no match.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Round {
    pub opened: Day,
    pub until: Day,
    pub tried: Option<Text<1000>>,
    /// How many solutions may be chosen: more than one for a horse race.
    #[serde(default = "one")]
    pub places: u32,
}

fn one() -> u32 {
    1
}
