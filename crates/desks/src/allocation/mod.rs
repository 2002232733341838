//! Allocation (立项分配): which of the reviewed candidates get public money, and why.
//!
//! gathering → proposed → publicised → awarded | withdrawn. An engine proposes with a proof that nothing better obeys the
//! budgets and quotas; the proof is checked here. A meeting adopts it, or departs from it with a reason and the rule that
//! rests on; then anyone may object, by the notice's own clock. Always: nobody is awarded who was not made public,
//! and every choice obeys the budgets and quotas.

use grammar::prelude::*;

use crate::{need::Need, notice::Notice, project::Project};

mod adopt;
mod award;
mod changes;
mod dispatch;
mod fields;
mod gather;
mod past;
mod proof;
mod question;
mod redress;
mod refusal;
mod reserve;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod together;

pub use fields::{
    Admission, Adoption, Awarding, Budget, Departure, DepartureKind, Entry, Fault, Ground, Integrity,
    Measure, MovingUp, Over, Quota, Standing, Terms,
};
pub use past::{Appeal, Choice, Payment, Proposed, Status, Weight, Why};
pub use reserve::{Hindrance, Passed, Place};

/// Candidates of one allocation.
const ENTRIES_MAX: usize = 1_000;
/// Characters of a proposal with its proof.
const PROPOSAL_MAX: usize = 1_000_000;

const OFFICE: Who = Who::Either(&[Who::Office("joint-office"), Who::Office("programme-office")]);

/// An allocation as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Allocation {
    itself: Ref<Allocation>,
    terms: Terms,
    opened: Day,
    status: Status,
    entries: Vec<Entry>,
    proposal: Option<Box<Proposed>>,
    /// What the meeting adopted.
    chosen: Vec<Choice>,
    departures: Vec<Departure>,
    notice: Option<Ref<Notice>>,
    /// How often it was made public: once, and again after each change.
    round: u32,
    /// Candidates that know their answer, and since when.
    settled: Vec<(Id, Day)>,
    /// Needs that know theirs.
    answered: Vec<Id>,
    contests: Vec<Appeal>,
    /// Whose open part the needs' owners read.
    #[serde(default)]
    shortlisted: Vec<Id>,
    /// Who waits for money that comes back, in order, and until when.
    #[serde(default)]
    reserve: Vec<Place>,
    #[serde(default)]
    reserve_until: Option<Day>,
    /// Chosen once, whose award came to nothing.
    #[serde(default)]
    fallen: Vec<Id>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Open(Box<Terms>),
    Amend(Box<Terms>),
    Admit(Admission),
    Fix { candidate: Id, standing: Standing, reason: Text<1000> },
    Attest { candidates: List<Id, 200>, clear: bool, remark: Text<1000>, document: Option<FileRef> },
    Shortlist { candidates: List<Id, 200> },
    Propose { proposal: Text<PROPOSAL_MAX> },
    Adopt(Adoption),
    Revise { departures: List<Departure, 100>, minutes: FileRef, reason: Text<500> },
    Award(Awarding),
    Reserve { candidates: List<Id, 200>, until: Day },
    MoveUp(MovingUp),
    Withdraw { notice: Option<Ref<Notice>>, reason: Text<500> },
    Contest { candidate: Id, ground: Fault, text: Text<2000>, evidence: List<FileRef, 5> },
    DecideContest { candidate: Id, upheld: bool, remark: Text<2000> },
    Remind,
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Opened {
        itself: Ref<Allocation>,
        on: Day,
        terms: Box<Terms>,
    },
    Amended {
        terms: Box<Terms>,
        parts: Vec<Vec<(u32, u32)>>,
    },
    Admitted {
        entries: Vec<Entry>,
    },
    Fixed {
        candidate: Id,
        standing: Standing,
        reason: Text<1000>,
    },
    Attested {
        candidates: List<Id, 200>,
        integrity: Integrity,
        remark: Text<1000>,
        document: Option<FileRef>,
    },
    Shortlisted {
        on: Day,
        candidates: Vec<Id>,
    },
    Proposed {
        proposal: Box<Proposed>,
        certificate: Text<PROPOSAL_MAX>,
    },
    Adopted {
        on: Day,
        chosen: Vec<Choice>,
        departures: List<Departure, 100>,
        minutes: FileRef,
        loses: i64,
    },
    Publicised {
        notice: Ref<Notice>,
        round: u32,
        chosen: Vec<Choice>,
    },
    Selected {
        candidate: Id,
        on: Day,
        project: Id,
        money: Money,
    },
    Rejected {
        candidate: Id,
        on: Day,
        reason: Text<1000>,
    },
    Skipped {
        candidate: Id,
        on: Day,
    },
    /// In the order in which they would move up.
    Reserved {
        on: Day,
        until: Day,
        order: Vec<Place>,
    },
    Fallen {
        candidate: Id,
        on: Day,
        project: Option<Ref<Project>>,
    },
    MovedUp {
        candidate: Id,
        on: Day,
        chosen: Vec<Choice>,
        passed: Vec<Passed>,
        minutes: FileRef,
    },
    Answered {
        need: Ref<Need>,
        with: List<Id, 10>,
    },
    Withdrawn {
        reason: Text<500>,
    },
    Contested {
        contest: Box<Appeal>,
    },
    ContestDecided {
        candidate: Id,
        on: Day,
        upheld: bool,
        remark: Text<2000>,
    },
    ContestsLate {
        candidates: Vec<Id>,
        on: Day,
    },
}

use Command::*;
pub use refusal::Refusal;

impl Desk for Allocation {
    const NAME: &'static str = "allocation";
    const OPENS: &'static [&'static str] = &["open"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    /// One award concerns each candidate, its project and its need.
    const STEPS_MAX: usize = 10_000;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Open(_) | Amend(_) | Admit(_) | Fix { .. } | Propose { .. } => OFFICE,
            Shortlist { .. } | Withdraw { .. } | Reserve { .. } => OFFICE,
            Attest { .. } => Who::Office("integrity-office"),
            Adopt(_) | Revise { .. } | Award(_) | MoveUp(_) | DecideContest { .. } => Who::Two(&OFFICE),
            Contest { .. } => Who::Signatory("applicant"),
            Remind => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Some(a) = this else { return gather::open(command, ctx) };
        match command {
            Adopt(_) | Revise { .. } | Withdraw { .. } => a.meets(command, ctx),
            Award(awarding) => a.awards(awarding, ctx),
            Reserve { .. } | MoveUp(_) => a.reserves(command, ctx),
            Contest { .. } | DecideContest { .. } | Remind => a.is_contested(command, ctx),
            Propose { proposal } => a.is_proposed(proposal, ctx),
            _ => a.gathers(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match this {
            None => Self::begun(event),
            Some(mut a) => {
                a.becomes(event);
                a
            }
        }
    }

    /// Contests that wait for a decision.
    fn due(&self) -> Option<Due<Command>> {
        self.contests.iter().filter_map(Appeal::open_until).min().map(|day| Due::after(day, Remind))
    }

    fn card(&self) -> Card {
        self.front()
    }

    /// Hidden until the choice is made public. Then everyone sees who is chosen; who asked and was not chosen, scores and
    /// reasons are for the offices, and each applicant sees its own.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) {
            return Sight::Seen;
        }
        if self.notice.is_none() {
            return Sight::Hidden;
        }
        self.hide_from(viewer);
        Sight::Seen
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        let is_shown = past::is_public(&event) && this.notice.is_some();
        (is_shown || viewer.is_inside(&this.card())).then_some(event)
    }

    fn check(&self) {
        assert!(self.entries.len() <= ENTRIES_MAX && self.settled.len() <= self.entries.len());
        let is_known = |choice: &Choice| self.entry(choice.candidate).is_some();
        assert!(self.chosen.iter().all(is_known), "someone is chosen who never asked");
        for (budget, place) in self.terms.budgets.iter().zip(0_u32..) {
            let all = self.chosen.iter().flat_map(|choice| &choice.paid);
            let paid: Money = all.filter(|paid| paid.budget == place).map(|paid| paid.money).sum();
            assert!(paid <= budget.money, "a budget is exceeded");
        }
        assert!(self.settled.is_empty() || self.notice.is_some());
        let waits = |place: &Place| {
            let candidate = place.candidate;
            self.choice(candidate).is_none() && self.settled_on(candidate).is_none()
        };
        assert!(self.reserve.iter().all(waits), "someone waits who has an answer");
    }
}
