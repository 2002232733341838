//! Application (项目申报): what a unit hands in to a call.
//!
//! draft ⇄ unit-confirmed → (brief → brief-ok → invited ⇄ unit-confirmed) → submitted → formal-ok | formal-failed → (duplicate-check) → in-review → reviewed →
//! shortlisted → publicised → approved | not-approved; withdrawn until then. Always: everyone named has certified it
//! themselves; what was handed in counts in its year, once over both stages, whatever becomes of it; no measure of likeness refuses anything.

use grammar::prelude::*;

use crate::{
    call::Call,
    candidate::{Member, Outcome, TEAM_MAX, Word},
    organisation::Organisation,
    person::Person,
};

mod beside;
mod briefs;
mod changes;
mod fields;
mod office;
mod profile;
mod sight;
mod steps;
#[cfg(test)]
mod stories;
mod terms;
#[cfg(test)]
mod together;

pub use fields::{Avoid, Declared, Fields, LeaderFacts, Seen};
pub use profile::Counts;
pub use terms::{Complaint, Ground, Hit, Reexamination, Status};

/// The parts of a budget sum to the whole.
const SUMS: Rule<bool> = rule("PG-P09");
/// Reviewers of a blind stage cannot tell whose application they read.
const BLIND: Rule<bool> = rule("PG-P10");
/// Comparisons that may wait for a decision at once.
const CHECKS_MAX: usize = 10;

/// An application as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Application {
    itself: Ref<Application>,
    status: Status,
    /// Grows with every change of the text or the team.
    version: u32,
    fields: Fields,
    seen: Seen,
    team: List<Member, TEAM_MAX>,
    leader_facts: Option<LeaderFacts>,
    /// What the leader led and leads, when it was added.
    counts: Counts,
    certified: List<Ref<Person>, TEAM_MAX>,
    letter: Option<FileRef>,
    submitted: Option<Moment>,
    /// When its brief was answered by an invitation.
    #[serde(default)]
    invited: Option<Day>,
    #[serde(default)]
    brief_outcome: Option<Outcome>,
    check_by: Option<Day>,
    grounds: List<Ground, 4>,
    /// The day of the refusal from which a re-examination can be asked.
    refused: Option<Day>,
    reexaminations: List<Reexamination, 4>,
    /// Comparisons that wait for a person. With whom is known to the offices alone.
    #[serde(default)]
    checks: List<Id, CHECKS_MAX>,
    /// Where it stood before the first of them.
    #[serde(default)]
    before_check: Option<Status>,
    panel: Option<Id>,
    outcome: Option<Outcome>,
    notice: Option<Id>,
    project: Option<Id>,
    granted: Option<Money>,
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
    StateLeader(LeaderFacts),
    /// Someone of the team agrees to be named in it: it counts among what they may apply for.
    Certify,
    ConfirmByUnit {
        letter: Option<FileRef>,
    },
    ReturnToDraft {
        reason: Text<500>,
    },
    Submit,
    Revise(Amendment),
    /// Its own question to itself, with the cards as they stand at that moment.
    Weigh {
        call: Ref<Call>,
        lead: Ref<Organisation>,
        leader: Ref<Person>,
    },
    Withdraw {
        reason: Text<1000>,
    },
    /// On its brief: to hand in the full text.
    Invite,
    TurnDown {
        reason: Text<1000>,
    },
    /// Its own question to itself, with the call as it stands: until when it is invited.
    Admit {
        call: Ref<Call>,
    },
    /// Invited, and never handed in.
    Lapse {
        call: Ref<Call>,
    },
    CheckFormally {
        passed: bool,
        #[serde(default)]
        grounds: List<Ground, 4>,
        reason: Option<Text<1000>>,
    },
    AskReexamination {
        complaint: Complaint,
        reason: Text<2000>,
    },
    DecideReexamination {
        upheld: bool,
        reason: Text<1000>,
    },
    AwaitCheck {
        comparison: Id,
    },
    DecideDuplicates {
        comparison: Id,
        duplicate: bool,
        reason: Text<1000>,
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
    Publicise {
        notice: Id,
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

use Command::*;
pub use terms::{Event, Refusal};

impl Desk for Application {
    const NAME: &'static str = "application";
    const OPENS: &'static [&'static str] = &["draft"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            // The office drafts for the unit that a directed topic names.
            Draft(_) => Who::Either(&[Who::Party("lead"), Who::Office("programme-office")]),
            Amend(_) | AddMember(_) | RemoveMember { .. } | StateLeader(_) => Who::Either(&steps::HANDS),
            Certify => Who::Either(&[Who::Party("leader"), Who::Party("member")]),
            Submit => Who::Either(&[Who::Party("leader"), Who::Signatory("lead")]),
            ConfirmByUnit { .. } | ReturnToDraft { .. } | Revise(_) | Withdraw { .. } => {
                Who::Signatory("lead")
            }
            AskReexamination { .. } => Who::Signatory("lead"),
            Weigh { .. } | Admit { .. } => Who::Desk("application"),
            CheckFormally { .. } | Invite | TurnDown { .. } => Who::Office("programme-office"),
            AwaitCheck { .. } | DecideDuplicates { .. } => Who::Desk("comparison"),
            Lapse { .. } => Who::Clock,
            DecideReexamination { .. } => Who::Two(&Who::Office("programme-office")),
            BeginReview { .. } | TakeResult { .. } => Who::Desk("panel"),
            Shortlist | Publicise { .. } | Select { .. } | Reject { .. } => Who::Desk("allocation"),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Some(a) = this else { return steps::begin(command, ctx) };
        match command {
            Draft(_) => not_now(),
            Amend(_) | AddMember(_) | RemoveMember { .. } | StateLeader(_) | Certify => {
                a.hands_ask(command, ctx)
            }
            Weigh { .. } => a.weighs(command, ctx),
            ConfirmByUnit { .. } | ReturnToDraft { .. } | Submit | Revise(_) | Withdraw { .. } => {
                a.unit_asks(command, ctx)
            }
            CheckFormally { .. } | AwaitCheck { .. } | DecideDuplicates { .. } => a.office_asks(command, ctx),
            Invite | Admit { .. } | TurnDown { .. } | Lapse { .. } => a.answers_brief(command, ctx),
            AskReexamination { .. } | DecideReexamination { .. } => a.reexamines(command, ctx),
            _ => a.desks_ask(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match this {
            None => Self::begun(event),
            Some(mut a) => {
                a.goes_on(event);
                a
            }
        }
    }

    fn due(&self) -> Option<Due<Command>> {
        let waits = self.invited.is_some() && matches!(self.status, Status::Invited | Status::UnitConfirmed);
        waits.then(|| Due::at(self.seen.closes, Lapse { call: self.fields.call }))
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
        assert!((self.status == Status::Approved) == self.project.is_some());
        assert!(self.granted.is_none_or(|granted| granted <= self.fields.public_money));
        assert!(self.invited.is_none() || self.submitted.is_some());
        assert!(self.status != Status::DuplicateCheck || self.submitted.is_some());
        let written = matches!(self.status, Status::Draft | Status::UnitConfirmed | Status::Invited);
        let handed_in = !written && !matches!(self.status, Status::Withdrawn | Status::Lapsed);
        assert!(!handed_in || self.submitted.is_some());
        assert!(!handed_in || self.team.iter().all(|member| self.certified.contains(&member.person)));
    }
}
