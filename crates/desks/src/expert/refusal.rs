//! Refusal: why an expert's record says no.

use grammar::prelude::*;

use super::{Expert, Why};

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoKindOrField,
    MayHoldSecrets,
    PersonStays,
    NotWithUnit,
    EndsInThePast,
    EndsBeforeItBegins,
    TooMany { max: usize },
    NeitherPersonNorOrganisation,
    WithOneself,
    NoSuchRelation { relation: u32 },
    NotedByOffice { relation: u32 },
    OnlyJointWork,
    BeginsLater { from: Day },
    LengthDoesNotFit { serious: i64, grave: i64 },
    NoSuchSanction { sanction: u32 },
    AppealedAlready { sanction: u32 },
    TooLateToAppeal { last: Day },
    NothingAppealed { sanction: u32 },
    SanctionIsOver { sanction: u32 },
    NotInPool { expert: Ref<Expert>, status: String },
    IsSanctioned { expert: Ref<Expert> },
    Resting { expert: Ref<Expert>, until: Day },
    LoadFull { expert: Ref<Expert>, max: usize },
    EngagedAlready { expert: Ref<Expert> },
    InConflict { expert: Ref<Expert>, why: Why, with: Id, relation: Option<u32> },
}
