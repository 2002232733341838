//! Terms: the states, grounds and findings of an application; what can have happened to it, and why it says no.

use grammar::prelude::*;

use super::{
    Application,
    fields::{Fields, LeaderFacts, Seen},
    profile::Counts,
};
use crate::{
    call::eligible::Looks,
    candidate::{Member, Outcome},
    organisation::Organisation,
    person::Person,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Draft,
    UnitConfirmed,
    /// A brief was handed in: the first of two stages.
    Brief,
    BriefOk,
    BriefInReview,
    BriefReviewed,
    /// The full text is asked for.
    Invited,
    NotInvited,
    Submitted,
    FormalOk,
    FormalFailed,
    DuplicateCheck,
    InReview,
    Reviewed,
    Shortlisted,
    Publicised,
    Approved,
    NotApproved,
    Withdrawn,
    /// Invited, and not handed in in time.
    Lapsed,
}

impl Status {
    /// Whether the lead may still take it back.
    pub fn can_end(self) -> bool {
        let is_over =
            matches!(self, Self::FormalFailed | Self::NotInvited | Self::Approved | Self::NotApproved);
        !is_over && !matches!(self, Self::Withdrawn | Self::Lapsed)
    }

    pub fn is_judged(self) -> bool {
        matches!(self, Self::Reviewed | Self::Shortlisted | Self::Publicised)
    }
}

/// The four grounds on which an application is not taken up (PG-R02). None judges its content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Ground {
    ApplicantNotEligible,
    MaterialNotAsRequired,
    OverTheLimitOfApplications,
    OutsideTheGuide,
}

/// On what a re-examination can rest. Another opinion on the matter itself is none (PG-R06).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Complaint {
    FactsMistaken,
    RuleMisapplied,
    ProcedureBroken,
    AcademicJudgement,
}

/// A re-examination: asked in time, decided with a reason.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Reexamination {
    pub complaint: Complaint,
    pub asked: Day,
    pub reason: Text<2000>,
    pub answer_by: Day,
    pub decision: Option<(Day, bool, Text<1000>)>,
}

/// What was found alike before comparisons were records of their own: one other record, and whether a person should look at the two.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Hit {
    pub record: Id,
    /// Hundredths of a per cent.
    pub similarity: u32,
    pub same_unit: bool,
    pub same_leader: bool,
    pub same_indicators: u32,
    pub is_near: bool,
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Drafted {
        itself: Ref<Application>,
        fields: Fields,
        seen: Seen,
    },
    Amended {
        fields: Fields,
        seen: Seen,
    },
    MemberAdded {
        member: Member,
        counts: Option<Counts>,
    },
    MemberRemoved {
        person: Ref<Person>,
    },
    LeaderStated {
        facts: LeaderFacts,
    },
    Certified {
        person: Ref<Person>,
    },
    ConfirmedByUnit {
        on: Day,
        letter: Option<FileRef>,
    },
    ReturnedToDraft {
        reason: Text<500>,
    },
    BriefSubmitted {
        at: Moment,
        version: u32,
        decide_by: Day,
    },
    BriefPassed {
        on: Day,
    },
    BriefReviewed {
        outcome: Outcome,
    },
    Invited {
        on: Day,
        closes: Moment,
    },
    TurnedDown {
        on: Day,
        reason: Text<1000>,
    },
    WindowMoved {
        closes: Moment,
    },
    Lapsed {
        on: Day,
    },
    Submitted {
        at: Moment,
        version: u32,
        check_by: Day,
    },
    Revised {
        at: Moment,
        fields: Fields,
        seen: Seen,
    },
    Withdrawn {
        on: Day,
        reason: Text<1000>,
    },
    FormallyPassed {
        on: Day,
    },
    FormallyFailed {
        on: Day,
        grounds: List<Ground, 4>,
        reason: Text<1000>,
    },
    ReexaminationAsked {
        reexamination: Reexamination,
    },
    ReexaminationDecided {
        on: Day,
        upheld: bool,
        reason: Text<1000>,
    },
    Compared {
        on: Day,
        threshold: Share,
        hits: List<Hit, 20>,
    },
    SentToCheck {
        on: Day,
        comparison: Id,
    },
    DuplicatesDecided {
        on: Day,
        #[serde(default)]
        comparison: Option<Id>,
        duplicate: bool,
        reason: Text<1000>,
    },
    ReviewBegun {
        panel: Id,
    },
    Reviewed {
        outcome: Outcome,
    },
    Shortlisted {
        on: Day,
    },
    Publicised {
        on: Day,
        notice: Id,
    },
    Approved {
        on: Day,
        project: Id,
        public_money: Money,
    },
    NotApproved {
        on: Day,
        reason: Text<1000>,
    },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoTitle,
    MayHoldSecrets,
    NotAnAmount { amount: Money },
    CallChanges,
    LeadChanges,
    WrittenMeanwhile { version: u32 },
    PartnerTwice { organisation: Ref<Organisation> },
    NotInTheTeam { organisation: Ref<Organisation> },
    NamedInBlindPart { organisation: Ref<Organisation> },
    NotWithThem { person: Ref<Person>, organisation: Ref<Organisation> },
    AlreadyInTheTeam { person: Ref<Person> },
    NotOfTheTeam { person: Ref<Person> },
    TeamIsFull { max: usize },
    NoLeader,
    SecondLeader,
    LeaderNotStated,
    AlreadyCertified,
    NotCertified { person: Ref<Person> },
    NoBrief,
    KeptFromBrief,
    TooLateToInvite,
    TooLittleTime { least: i64, days: i64 },
    NoRoute,
    NoIndicators,
    LetterMissing,
    BudgetDoesNotSum { sum: Money, total: Money },
    PublicDoesNotSum { sum: Money, public_money: Money },
    MinimumIsMore { minimum: Money },
    MilestonesPayOther { paid: Money, public_money: Money },
    MilestoneTooLate { month: i64, months: i64 },
    NotEligible { looks: Looks, fact: Option<Text<80>> },
    NotStated { looks: Looks },
    NoReason,
    GroundsButPassed,
    AcademicJudgement,
    TooLateToAsk { until: Day },
    AskedAlready,
    TooManyReexaminations { max: usize },
    TooManyChecks { max: usize },
    NotThisPanel { panel: Id },
    NotAScore { score: u32 },
    MoreThanAsked { public_money: Money },
    LessThanMinimum { minimum: Money },
}
