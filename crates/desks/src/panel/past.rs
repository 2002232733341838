//! Past: what can have happened to a panel.

use grammar::prelude::*;

use super::{
    Apart, Ballot, Counted, Dissenting, Eligible, Entry, Frame, Lots, Meeting, Outcome, Panel, Passed, Seat,
    Slot, Taken, Terms, User, Vote,
};
use crate::{
    expert::conflict::Body,
    review::{Rates, Review},
};

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Opened {
        itself: Ref<Panel>,
        terms: Box<Terms>,
        each: u32,
        rates: Rates,
        #[serde(default)]
        frame: Frame,
    },
    CandidatesAdmitted {
        entries: Vec<Entry>,
    },
    BodiesNoted {
        bodies: Vec<Body>,
    },
    Assigned {
        seats: Vec<Seat>,
        apart: Vec<Apart>,
    },
    ListFixed {
        lots: Box<Lots>,
        apart: Vec<Apart>,
    },
    LotsDrawn {
        drawn: Drawn,
        order: Vec<Eligible>,
    },
    PassedOver(Passed),
    Released {
        review: Ref<Review>,
        reason: Text<500>,
    },
    Discussed {
        candidate: Id,
        until: Day,
    },
    ScoresTaken {
        taken: Vec<Taken>,
    },
    UserNamed(User),
    VoteOpened {
        vote: Vote,
    },
    BallotCast(Ballot),
    BallotsCounted {
        counts: Vec<Counted>,
    },
    Dissented(Dissenting),
    SlotsSet {
        slots: Vec<Slot>,
    },
    CandidateDropped {
        candidate: Id,
        reason: Text<500>,
    },
    AttendanceRecorded {
        meeting: Meeting,
    },
    Concluded {
        on: Day,
        outcomes: Vec<Outcome>,
    },
    ReReviewed {
        reviews: Vec<Id>,
        candidates: Vec<Id>,
        reason: Text<500>,
    },
}
