//! Proposal (用户课题): facility time asked for one experiment, from the submission to the report.
//!
//! submitted → checked → in-review → granted → cleared → scheduled → reported → evaluated; returned to be mended, failed
//! in the check, rejected below the line, offered what others gave back, withdrawn, lapsed unused; overdue. Granted shifts
//! become bookings, on the calendar. Always: no more shifts are placed than granted, and none before samples are cleared.

use grammar::prelude::*;

use crate::{
    booking::{Booking, SHIFTS_MAX},
    instrument::Instrument,
    round::Round,
};

mod beside;
mod ending;
mod fields;
mod state;
mod steps;

pub use fields::{Entry, Hazard, Kind, Place, Placed, Report, Sample, Terms, Turn, Verdict};
pub use state::Status;

/// Bookings of one proposal.
const PLACED_MAX: usize = 60;
const OFFICE: &str = "instrument-office";

/// A proposal as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Proposal {
    itself: Ref<Proposal>,
    status: Status,
    entry: Entry,
    terms: Terms,
    submitted: Moment,
    /// Where it came in its round.
    place: Option<Place>,
    /// Shifts it can have until a day, for others gave them back.
    #[serde(default)]
    turn: Option<Turn>,
    granted: Option<i64>,
    placed: List<Placed, PLACED_MAX>,
    /// What the facility said last: of the check, of the samples, or why it came away without time.
    note: Option<Text<1000>>,
    report_until: Option<Day>,
    report: Option<Report>,
    /// One to five, given afterwards.
    evaluation: Option<i64>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Submit(Entry),
    Amend(Entry),
    Withdraw {
        reason: Option<Text<500>>,
    },
    Check {
        verdict: Verdict,
        note: Option<Text<1000>>,
    },
    BeginReview {
        round: Ref<Round>,
    },
    Grant {
        shifts: Between<1, 126>,
        place: Option<Place>,
    },
    PlaceBelow {
        place: Place,
        line: Text<10>,
        left: Between<0, 100_000>,
    },
    MarkLow {
        place: Place,
        least: Text<10>,
    },
    TurnDown {
        reason: Text<1000>,
    },
    ClearSamples {
        note: Option<Text<1000>>,
    },
    Schedule {
        instrument: Ref<Instrument>,
        from: Moment,
        shifts: Between<1, SHIFTS_MAX>,
    },
    /// A booking came to nothing: its shifts can be placed again.
    Release {
        booking: Ref<Booking>,
    },
    Report(Report),
    Evaluate {
        mark: Between<1, 5>,
        comment: Option<Text<1000>>,
    },
    /// Others gave time back, and it is this one's turn until a day.
    OfferTurn {
        shifts: Between<1, 126>,
        until: Day,
    },
    PassTurn,
    /// What was granted and is not on the calendar goes back to the round.
    TakeBack {
        reason: Option<Text<500>>,
    },
    Lapse,
    MarkOverdue,
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Submitted {
        itself: Ref<Proposal>,
        entry: Entry,
        terms: Terms,
        at: Moment,
    },
    Amended {
        entry: Entry,
    },
    Withdrawn {
        reason: Option<Text<500>>,
    },
    Checked {
        note: Option<Text<1000>>,
    },
    Returned {
        note: Option<Text<1000>>,
    },
    Failed {
        note: Option<Text<1000>>,
    },
    ReviewBegun,
    Granted {
        shifts: i64,
        place: Option<Place>,
    },
    PlacedBelow {
        place: Place,
        line: Text<10>,
        left: i64,
    },
    MarkedLow {
        place: Place,
        least: Text<10>,
    },
    TurnedDown {
        reason: Text<1000>,
    },
    Cleared {
        note: Option<Text<1000>>,
    },
    Scheduled {
        placed: Placed,
        report_until: Day,
    },
    Released {
        booking: Ref<Booking>,
        report_until: Option<Day>,
    },
    Reported {
        report: Report,
    },
    Evaluated {
        mark: i64,
        comment: Option<Text<1000>>,
    },
    Lapsed,
    WasOverdue {
        since: Day,
    },
    TurnOffered {
        shifts: i64,
        until: Day,
    },
    TurnPassed,
    TakenBack {
        shifts: i64,
        reason: Option<Text<500>>,
    },
    /// What is overdue never took place.
    OverdueLifted {
        report_until: Option<Day>,
    },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    MayHoldSecrets,
    NoTitle,
    NotYourself,
    NotYourUnit,
    MayNotSign,
    RoundNotOpen,
    NotOffered,
    MoreLeastThanAsked,
    NoSamples,
    NoMeasures { sample: Text<200> },
    NoUrgency,
    RoundChanges,
    NoteNeeded,
    AnotherInstrument,
    MoreThanGranted { left: i64 },
    OutsideThePeriod { from: Day, until: Day },
    NotItsBooking,
    BookingStands { booking: Ref<Booking> },
    StillToCome { until: Moment },
    NotAcknowledged,
    HasTime { round: Ref<Round> },
}

use Command::*;

impl Desk for Proposal {
    const NAME: &'static str = "proposal";
    const OPENS: &'static [&'static str] = &["submit"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        const FACILITY: Who = Who::Either(&[Who::Party("unit"), Who::Office(OFFICE)]);
        match command {
            Submit(_) | Amend(_) | Withdraw { .. } | Report(_) => Who::Party("leader"),
            Check { .. } | ClearSamples { .. } | Evaluate { .. } => FACILITY,
            Schedule { .. } => Who::Party("unit"),
            Release { .. } => Who::Either(&[Who::Party("unit"), Who::Party("leader")]),
            BeginReview { .. }
            | Grant { .. }
            | PlaceBelow { .. }
            | MarkLow { .. }
            | TurnDown { .. }
            | OfferTurn { .. }
            | PassTurn
            | TakeBack { .. } => Who::Desk("round"),
            Lapse | MarkOverdue => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this, command) {
            (None, _) => steps::begin(command, ctx),
            (Some(p), Amend(_) | Check { .. } | BeginReview { .. } | Withdraw { .. }) => {
                p.is_prepared(command, ctx)
            }
            (Some(p), Schedule { .. } | Release { .. } | ClearSamples { .. }) => {
                p.is_carried_out(command, ctx)
            }
            (Some(p), _) => p.comes_to_its_end(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match this {
            None => Self::begun(event),
            Some(mut proposal) => {
                proposal.goes_on(event);
                proposal
            }
        }
    }

    fn due(&self) -> Option<Due<Command>> {
        self.wish()
    }

    fn card(&self) -> Card {
        self.front()
    }

    fn veil(&mut self, viewer: &Viewer) -> Sight {
        self.hide_from(viewer)
    }

    /// What became of it stands in the record; how, is between the leader and the facility.
    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        viewer.is_inside(&this.card()).then_some(event)
    }

    fn check(&self) {
        let placed: i64 = self.placed.iter().map(|placed| placed.shifts).sum();
        assert!(placed <= self.granted.unwrap_or(0), "no more is placed than was granted");
        assert!(self.granted.is_none_or(|granted| granted <= self.entry.shifts.get()));
        assert!(self.entry.no_secrets && !self.entry.samples.is_empty());
        assert_eq!(self.placed.is_empty(), self.report_until.is_none());
        assert_eq!(self.turn.is_some(), self.status == Status::Offered);
        assert!(self.evaluation.is_none() || self.report.is_some());
    }
}
