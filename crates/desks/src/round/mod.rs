//! Round (课题征集): one call of a facility for proposals, with the shifts of each beamline and what is kept back of them.
//!
//! announced → open → closed → allocated → over, by the clock but for the allocation. Proposals that passed the check are
//! admitted, marked by outside reviewers on five criteria, and given shifts by rank until they are used (IN-R30, R31).
//! The director's reserve serves urgent ones at any time; what comes back goes to those below the line (`turns.rs`). Always: no more is given at an instrument than its pool has.

use grammar::prelude::*;

use crate::{instrument::Instrument, organisation::Organisation, person::Person, proposal::Proposal};

mod beside;
mod fields;
pub mod ranking;
mod sight;
mod steps;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod together;
mod turns;

pub use fields::{
    Back, ENTRIES_MAX, Entered, Line, Marked, Marks, Offer, Outcome, Plan, REVIEWERS_MAX, Reserves, Turn,
    Urgent, mark_text,
};

const OFFICE: &str = "instrument-office";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Announced,
    Open,
    Closed,
    Allocated,
    Over,
}

/// A round as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Round {
    itself: Ref<Round>,
    status: Status,
    /// That of all instruments it offers.
    unit: Ref<Organisation>,
    plan: Plan,
    reviewers: List<Ref<Person>, REVIEWERS_MAX>,
    entries: List<Entered, ENTRIES_MAX>,
    marks: Vec<Marked>,
    outcomes: Vec<Outcome>,
    lines: Vec<Line>,
    urgent: Vec<Urgent>,
    #[serde(default)]
    back: Vec<Back>,
    #[serde(default)]
    turns: Vec<Turn>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Announce(Plan),
    Amend(Plan),
    Seat {
        reviewers: List<Ref<Person>, REVIEWERS_MAX>,
    },
    Admit {
        proposals: List<Ref<Proposal>, 100>,
    },
    Mark {
        /// The number under which the round lists the proposal.
        number: Between<1, 300>,
        marks: Marks,
        comment: Option<Text<1000>>,
    },
    Allocate,
    GrantUrgent {
        proposal: Ref<Proposal>,
        shifts: Between<1, 126>,
    },
    RefuseUrgent {
        proposal: Ref<Proposal>,
        reason: Text<1000>,
    },
    /// Its leader gives back what is not on the calendar.
    GiveBack {
        proposal: Ref<Proposal>,
        reason: Option<Text<500>>,
    },
    /// The facility takes it back.
    TakeBack {
        proposal: Ref<Proposal>,
        reason: Text<500>,
    },
    AnswerTurn {
        proposal: Ref<Proposal>,
        accepts: bool,
    },
    PassOn {
        proposal: Ref<Proposal>,
    },
    Begin,
    Close,
    End,
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Announced { itself: Ref<Round>, unit: Ref<Organisation>, plan: Plan },
    Amended { plan: Plan },
    Opened,
    Closed,
    Seated { reviewers: List<Ref<Person>, REVIEWERS_MAX> },
    Admitted { entries: Vec<Entered> },
    MarkGiven(Marked),
    Allocated { outcomes: Vec<Outcome>, lines: Vec<Line> },
    UrgentGranted(Urgent),
    UrgentRefused { proposal: Ref<Proposal>, reason: Text<1000> },
    Over,
    CameBack(Back),
    TurnOffered(Turn),
    TurnTaken { proposal: Ref<Proposal> },
    TurnPassed { proposal: Ref<Proposal> },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoTitle,
    NothingOffered,
    OfferedTwice { instrument: Ref<Instrument> },
    OfSeveralUnits { instrument: Ref<Instrument> },
    NotInOrder,
    InThePast { on: Day },
    MoreReserved { most: i64 },
    NothingLeftForAll,
    UnitChanges,
    FromTheHouse { reviewer: Ref<Person> },
    NotOfThisRound { proposal: Ref<Proposal> },
    NotChecked { proposal: Ref<Proposal> },
    AdmittedAlready { proposal: Ref<Proposal> },
    TooMany { most: usize },
    NoSuchNumber { most: usize },
    Conflict,
    NothingToAllocate,
    MarksMissing { proposal: Ref<Proposal>, missing: i64, least: i64 },
    NotUrgent { proposal: Ref<Proposal> },
    ReserveTooSmall { left: i64 },
    NotYours { proposal: Ref<Proposal> },
    NothingToGiveBack { proposal: Ref<Proposal> },
    NotItsTurn { proposal: Ref<Proposal> },
}

use Command::*;

impl Desk for Round {
    const NAME: &'static str = "round";
    const OPENS: &'static [&'static str] = &["announce"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    /// One allocation tells every proposal.
    const STEPS_MAX: usize = 1_000;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Announce(_) | Amend(_) | Allocate => Who::Signatory("unit"),
            Seat { .. } | Admit { .. } => Who::Either(&[Who::Party("unit"), Who::Office(OFFICE)]),
            Mark { .. } => Who::Party("reviewer"),
            GrantUrgent { .. } | RefuseUrgent { .. } | TakeBack { .. } => Who::Signatory("unit"),
            GiveBack { .. } | AnswerTurn { .. } => Who::Party("leader"),
            Begin | Close | End | PassOn { .. } => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match this {
            None => steps::begin(command, ctx),
            Some(round) => match command {
                GiveBack { .. } | TakeBack { .. } | AnswerTurn { .. } | PassOn { .. } => {
                    round.gives_on(command, ctx)
                }
                _ => round.goes_its_way(command, ctx),
            },
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut r) = this else {
            let Event::Announced { itself, unit, plan } = event.clone() else { impossible(event) };
            return Self {
                itself,
                status: Status::Announced,
                unit,
                plan,
                reviewers: List::default(),
                entries: List::default(),
                marks: vec![],
                outcomes: vec![],
                lines: vec![],
                urgent: vec![],
                back: vec![],
                turns: vec![],
            };
        };
        match event.clone() {
            Event::Announced { .. } => impossible(event),
            Event::Amended { plan } => r.plan = plan,
            Event::Opened => r.status = Status::Open,
            Event::Closed => r.status = Status::Closed,
            Event::Seated { reviewers } => r.reviewers = reviewers,
            Event::Admitted { entries } => entries.into_iter().for_each(|entry| {
                r.entries.push(entry);
            }),
            Event::MarkGiven(marked) => {
                r.marks.retain(|one| (one.proposal, one.reviewer) != (marked.proposal, marked.reviewer));
                r.marks.push(marked);
            }
            Event::Allocated { outcomes, lines } => {
                (r.status, r.outcomes, r.lines) = (Status::Allocated, outcomes, lines);
            }
            Event::UrgentGranted(urgent) => r.urgent.push(urgent),
            Event::UrgentRefused { .. } => {}
            Event::Over => r.status = Status::Over,
            Event::CameBack(_)
            | Event::TurnOffered(_)
            | Event::TurnTaken { .. }
            | Event::TurnPassed { .. } => r.turns_go_on(event),
        }
        r
    }

    fn due(&self) -> Option<Due<Command>> {
        match self.status {
            Status::Announced => self.plan.opens.map(|opens| Due::at(opens.begins(), Begin)),
            Status::Open => Some(Due::after(self.plan.closes, Close)),
            Status::Closed | Status::Allocated => match self.next_turn() {
                Some(turn) => Some(Due::after(turn.until, PassOn { proposal: turn.proposal })),
                None => Some(Due::after(self.plan.use_until, End)),
            },
            Status::Over => None,
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
        for offer in self.plan.offers.iter() {
            let urgent = self.urgent.iter().filter(|one| one.instrument == offer.instrument);
            let given: i64 = urgent.map(|one| one.shifts).sum();
            assert!(given <= self.plan.pool(offer, crate::proposal::Kind::Urgent));
        }
        for line in &self.lines {
            let open = |t: &&Turn| (t.instrument, t.kind) == (line.instrument, line.kind) && t.took.is_none();
            let offered: i64 = self.turns.iter().filter(open).map(|turn| turn.shifts).sum();
            assert!(line.given >= 0 && line.given + offered <= line.shifts);
        }
        assert!(self.outcomes.len() <= self.entries.len());
    }
}
