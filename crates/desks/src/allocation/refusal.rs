//! Refusal: why an allocation says no.

use grammar::prelude::*;

use crate::need::Need;

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoTitle,
    NoBudgets,
    NotAnAmount { amount: Money },
    QuotaUnclear { name: Bilingual<120> },
    NotACandidate { candidate: Id },
    AdmittedAlready { candidate: Id },
    TooManyCandidates { max: usize },
    NotReviewed { candidate: Id },
    AsksNothing { candidate: Id },
    NoBudgetFor { candidate: Id, region: Region },
    NotAdmitted { candidate: Id },
    ShortlistedAlready { candidate: Id },
    NobodyThere,
    NoDocument,
    Unreadable,
    QuestionWrong,
    PaidWrongly { candidate: Id },
    ValueWrong { value: i64 },
    NotProved,
    BudgetExceeded { name: Bilingual<120> },
    QuotaBroken { name: Bilingual<120> },
    TwoForOneNeed,
    Promised { candidate: Id },
    AcademicOpinion,
    NoSuchRule { rule: Text<20> },
    NoAmount { candidate: Id },
    BelowItsLeast { candidate: Id, least: Money },
    ChosenAlready { candidate: Id },
    NotChosen { candidate: Id },
    NothingRevised,
    NothingToRead,
    AnotherNotice,
    NotConcluded,
    NotAttested { candidate: Id },
    IntegrityBars { candidate: Id },
    SettledAlready { candidate: Id },
    NotAskedHere { need: Ref<Need> },
    StillOpen { need: Ref<Need> },
    SomeAreAwarded,
    NotYourCandidate { candidate: Id },
    NothingToContest { candidate: Id },
    ContestedAlready { candidate: Id },
    TooLateToContest { until: Day },
    NoSuchContest { candidate: Id },
}
