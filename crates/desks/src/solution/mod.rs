//! Solution (解决方案): what a team from anywhere in the country answers to a published need.
//!
//! draft → submitted → formal-ok | formal-failed → in-review → reviewed → shortlisted → negotiated → selected |
//! rejected; withdrawn until then. Always: rivals and the public know nothing of it before it is selected; the
//! need's owner reads the open part once it is shortlisted; who reviewed it stands nowhere in it.

use grammar::prelude::*;

use crate::{
    candidate::{Member, Outcome, TEAM_MAX, Word},
    organisation::Organisation,
    person::Person,
};

mod beside;
mod changes;
mod fields;
mod promises;
mod sight;
mod steps;
#[cfg(test)]
mod stories;

pub use fields::{Fields, Seen};
pub use promises::{Covered, Promise, Verdict, coverage};

/// The parts of a budget sum to the whole.
const SUMS: Rule<bool> = rule("NJ-R05-SUM");
/// Reviewers of a blind stage cannot tell whose solution they read.
const BLIND: Rule<bool> = rule("NJ-P04");
const TALKS_MAX: usize = 10;

/// How far a solution has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Draft,
    Submitted,
    FormalOk,
    FormalFailed,
    InReview,
    Reviewed,
    Shortlisted,
    Negotiated,
    Selected,
    Rejected,
    Withdrawn,
}

/// Why a formal check fails. None of them is a judgement of the content.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Ground {
    Incomplete,
    TeamNotEligible,
    OutsideTheNeed,
    BudgetNotFounded,
    ConflictOfInterest,
    BreachOfIntegrity,
}

/// What was agreed or asked in one round of talks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Talk {
    pub on: Day,
    pub record: Text<4000>,
    pub public_money: Option<Money>,
}

/// Two remarks of the submission. Neither is a condition.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Remarks {
    /// Whether own funds reach the share that is expected.
    pub own_share_ok: bool,
    /// Public money that a government would pay to a partner of another province.
    pub crossing: Money,
}

/// A solution as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Solution {
    itself: Ref<Solution>,
    status: Status,
    /// Grows with every change of the text or the team.
    version: u32,
    fields: Fields,
    seen: Seen,
    team: List<Member, TEAM_MAX>,
    submitted: Option<Moment>,
    remarks: Option<Remarks>,
    grounds: List<Ground, 6>,
    panel: Option<Id>,
    outcome: Option<Outcome>,
    talks: List<Talk, TALKS_MAX>,
    project: Option<Id>,
    granted: Option<Money>,
    /// Why it failed, was rejected or withdrawn.
    remark: Option<Text<1000>>,
}

/// The fields again, made from a version: whoever wrote in between is not overwritten.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
pub struct Amendment {
    pub version: u32,
    #[serde(flatten)]
    pub fields: Fields,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Draft(Fields),
    Amend(Amendment),
    AddMember(Member),
    RemoveMember {
        person: Ref<Person>,
    },
    Submit,
    /// A submitted one again, in other words: it stays submitted all the while.
    Revise(Amendment),
    Withdraw {
        reason: Text<1000>,
    },
    CheckFormally {
        passed: bool,
        #[serde(default)]
        grounds: List<Ground, 6>,
        reason: Option<Text<1000>>,
    },
    BeginReview {
        panel: Id,
    },
    TakeResult {
        panel: Id,
        score: u32,
        spread: u32,
        rank: Option<u32>,
        #[serde(default)]
        comments: List<Text<4000>, 20>,
    },
    Shortlist,
    Negotiate {
        record: Text<4000>,
        public_money: Option<Money>,
    },
    Select {
        project: Id,
        public_money: Money,
    },
    Reject {
        reason: Text<1000>,
    },
}

impl From<Word> for Command {
    fn from(word: Word) -> Self {
        match word {
            Word::BeginReview { panel } => Self::BeginReview { panel },
            Word::TakeResult { panel, score, spread, rank, comments } => {
                Self::TakeResult { panel, score, spread, rank, comments }
            }
            Word::Shortlist => Self::Shortlist,
            Word::Select { project, public_money } => Self::Select { project, public_money },
            Word::Reject { reason } => Self::Reject { reason },
        }
    }
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Drafted { itself: Ref<Solution>, fields: Fields, seen: Seen },
    Amended { fields: Fields, seen: Seen },
    MemberAdded(Member),
    MemberRemoved { person: Ref<Person> },
    Submitted { at: Moment, version: u32, own_share: Share, remarks: Remarks },
    Revised { at: Moment, fields: Fields, seen: Seen, remarks: Remarks },
    Withdrawn { on: Day, reason: Text<1000> },
    FormallyPassed { on: Day },
    FormallyFailed { on: Day, grounds: List<Ground, 6>, reason: Text<1000> },
    ReviewBegun { panel: Id },
    Reviewed { outcome: Outcome },
    Shortlisted { on: Day },
    Negotiated { talk: Talk },
    Selected { on: Day, project: Id, public_money: Money },
    Rejected { on: Day, reason: Text<1000> },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoTitle,
    MayHoldSecrets,
    NotAnAmount { amount: Money },
    NotSoliciting,
    NeedChanges,
    LeadChanges,
    WrittenMeanwhile { version: u32 },
    PartnerTwice { organisation: Ref<Organisation> },
    NotInTheTeam { organisation: Ref<Organisation> },
    NotATarget { indicator: Text<120> },
    NamedInBlindPart { organisation: Ref<Organisation> },
    NotWithThem { person: Ref<Person>, organisation: Ref<Organisation> },
    AlreadyInTheTeam { person: Ref<Person> },
    NotOfTheTeam { person: Ref<Person> },
    TeamIsFull { max: usize },
    NoLeader,
    SecondLeader,
    NoRoute,
    NoPromises,
    NoCommitment,
    TooFewRegions { least: i64, is: i64 },
    BudgetDoesNotSum { sum: Money, total: Money },
    PublicDoesNotSum { sum: Money, public_money: Money },
    MinimumIsMore { minimum: Money },
    MilestonesPayOther { paid: Money, public_money: Money },
    MilestoneTooLate { month: i64, months: i64 },
    NoReason,
    GroundsButPassed,
    NotThisPanel { panel: Id },
    NotAScore { score: u32 },
    TooManyTalks { max: usize },
    MoreThanAsked { public_money: Money },
    LessThanMinimum { minimum: Money },
}

use Command::*;

impl Desk for Solution {
    const NAME: &'static str = "solution";
    const OPENS: &'static [&'static str] = &["draft"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Draft(_) => Who::Party("lead"),
            Amend(_) | AddMember(_) | RemoveMember { .. } => Who::Either(&steps::HANDS),
            Submit | Revise(_) | Withdraw { .. } => Who::Signatory("lead"),
            CheckFormally { .. } | Negotiate { .. } => Who::Office("joint-office"),
            BeginReview { .. } | TakeResult { .. } => Who::Desk("panel"),
            Shortlist | Select { .. } | Reject { .. } => Who::Desk("allocation"),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Some(s) = this else { return steps::begin(command, ctx) };
        match command {
            Draft(_) => not_now(),
            Amend(_) | AddMember(_) | RemoveMember { .. } => s.hands_ask(command, ctx),
            Submit | Revise(_) | Withdraw { .. } => s.lead_asks(command, ctx),
            _ => s.others_ask(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match this {
            None => Self::begun(event),
            Some(mut s) => {
                s.goes_on(event);
                s
            }
        }
    }

    fn card(&self) -> Card {
        self.front()
    }

    fn veil(&mut self, viewer: &Viewer) -> Sight {
        self.hide_from(viewer)
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        this.event_for(event, viewer)
    }

    fn check(&self) {
        assert!(self.fields.no_secrets && !self.fields.title.is_empty());
        assert!(self.seen.partner_regions.len() == self.fields.partners.len());
        assert!(self.team.iter().filter(|m| m.role == crate::candidate::Role::Leader).count() <= 1);
        assert!((self.status == Status::Selected) == self.project.is_some());
        assert!(self.granted <= Some(self.fields.public_money) || self.granted.is_none());
        let after_review = matches!(self.status, Status::Reviewed | Status::Shortlisted | Status::Negotiated);
        assert!(!after_review || self.outcome.is_some());
    }
}
