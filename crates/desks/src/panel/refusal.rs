//! Refusal: why a panel says no.

use grammar::prelude::*;

use crate::{
    expert::{Expert, Kind, Why},
    need::Need,
    organisation::Organisation,
    person::Person,
    review::Review,
};

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoTitle,
    WeightsDoNotSum { sum: i64 },
    NotACandidate { candidate: Id },
    AdmittedAlready { candidate: Id },
    NoSuchCandidate { candidate: Id },
    TooMany { max: usize },
    NothingNamed,
    NamedTwice { expert: Ref<Expert> },
    NotAvailable { expert: Ref<Expert>, status: String },
    ReviewsIt { expert: Ref<Expert>, candidate: Id },
    LoadFull { expert: Ref<Expert>, max: i64 },
    UnitHasItsPart { expert: Ref<Expert>, candidate: Id, max: usize },
    PairInConflict { expert: Ref<Expert>, candidate: Id, why: Why, with: Id },
    DrawnByLot { candidate: Id },
    NobodyLeft { candidate: Id },
    NotDrawn { expert: Ref<Expert>, candidate: Id },
    NotASeat { review: Ref<Review> },
    NotSignedYet { review: Ref<Review> },
    ReviewsOfOthers { candidate: Id },
    ReviewsMissing { candidate: Id, missing: usize },
    TooFewReviews { candidate: Id, least: u32 },
    SpreadTooWide { candidate: Id, spread: u32 },
    NotScored { candidate: Id },
    TooFewVoters { least: i64 },
    EvenVoters { voters: usize },
    UnitOverItsPart { unit: Ref<Organisation>, most: i64 },
    KindMissing { kind: Kind },
    MustBeDrawn,
    NotAReviewer { person: Ref<Person> },
    ExcusedWithoutReason,
    CountedAlready { candidate: Id },
    NotOfTheOwner { person: Ref<Person>, need: Ref<Need> },
    NoCandidateOfNeed { need: Ref<Need> },
    SitsAlready { person: Ref<Person> },
    NotOfThePanel { expert: Ref<Expert> },
    NotHeldYet { day: Day },
    DaysInOrder { day: Day },
    NotTaken { review: Ref<Review> },
    ClosesTooSoon { now: Moment },
    VotedAlready { candidate: Id },
    VoteIsOver { closes: Moment },
    NotVotedOn { candidate: Id },
    DissentedAlready { candidate: Id },
    SlotsOverlap { candidate: Id },
}
