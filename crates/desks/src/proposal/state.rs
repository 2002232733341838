//! State: what a proposal is after each event, what it wishes of time, its card, and who may know what of it.

use grammar::prelude::*;

use super::{
    Command,
    Event::{self, *},
    Kind, OFFICE, Proposal, Turn,
};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Submitted,
    Returned,
    Checked,
    Failed,
    InReview,
    Granted,
    Rejected,
    Offered,
    Cleared,
    Scheduled,
    Overdue,
    Reported,
    Evaluated,
    Withdrawn,
    Lapsed,
}

impl Status {
    /// It has time, and everyone may know: it is public money.
    fn is_public(self) -> bool {
        matches!(
            self,
            Self::Granted
                | Self::Cleared
                | Self::Scheduled
                | Self::Overdue
                | Self::Reported
                | Self::Evaluated
        )
    }
}

impl Proposal {
    pub(super) fn begun(event: &Event) -> Self {
        let Submitted { itself, entry, terms, at } = event.clone() else { impossible(event) };
        Self {
            itself,
            status: Status::Submitted,
            entry,
            terms,
            submitted: at,
            place: None,
            turn: None,
            granted: None,
            placed: List::default(),
            note: None,
            report_until: None,
            report: None,
            evaluation: None,
        }
    }

    pub(super) fn goes_on(&mut self, event: &Event) {
        match event.clone() {
            Submitted { .. } => impossible(event),
            Amended { entry } => (self.entry, self.status, self.note) = (entry, Status::Submitted, None),
            Withdrawn { reason } => {
                (self.status, self.granted) = (Status::Withdrawn, None);
                self.note = reason.and_then(|reason| Text::read(&reason));
            }
            Checked { note } => (self.status, self.note) = (Status::Checked, note),
            Returned { note } => (self.status, self.note) = (Status::Returned, note),
            Failed { note } => (self.status, self.note) = (Status::Failed, note),
            ReviewBegun => self.status = Status::InReview,
            Granted { shifts, place } => {
                (self.status, self.granted, self.place) = (Status::Granted, Some(shifts), place);
                self.turn = None;
            }
            PlacedBelow { place, .. } | MarkedLow { place, .. } => {
                (self.status, self.place) = (Status::Rejected, Some(place));
            }
            TurnedDown { reason } => (self.status, self.note) = (Status::Rejected, Some(reason)),
            Cleared { note } => (self.status, self.note) = (Status::Cleared, note),
            Scheduled { placed, report_until } => {
                self.placed.push(placed);
                (self.status, self.report_until) = (Status::Scheduled, Some(report_until));
            }
            Released { booking, report_until } => {
                self.placed.retain(|placed| placed.booking != booking);
                self.report_until = report_until;
                // Overdue it stays until that is lifted.
                if self.status != Status::Overdue {
                    self.status = self.placed_or_not();
                }
            }
            Reported { report } => (self.status, self.report) = (Status::Reported, Some(report)),
            Evaluated { mark, comment } => {
                (self.status, self.evaluation, self.note) = (Status::Evaluated, Some(mark), comment);
            }
            Lapsed => self.status = Status::Lapsed,
            WasOverdue { .. } => self.status = Status::Overdue,
            TurnOffered { shifts, until } => {
                (self.status, self.turn) = (Status::Offered, Some(Turn { shifts, until }));
            }
            TurnPassed => (self.status, self.turn) = (Status::Rejected, None),
            TakenBack { shifts, reason } => {
                self.granted = self.granted.map(|granted| granted - shifts);
                if self.placed.is_empty() {
                    (self.status, self.granted) = (Status::Withdrawn, None);
                    self.note = reason.and_then(|reason| Text::read(&reason));
                }
            }
            OverdueLifted { report_until } => {
                (self.status, self.report_until) = (self.placed_or_not(), report_until);
            }
        }
    }

    fn placed_or_not(&self) -> Status {
        if self.placed.is_empty() { Status::Cleared } else { Status::Scheduled }
    }

    pub(super) fn wish(&self) -> Option<Due<Command>> {
        match self.status {
            Status::Granted | Status::Cleared => Some(Due::after(self.terms.use_until, Command::Lapse)),
            Status::Scheduled => self.report_until.map(|until| Due::after(until, Command::MarkOverdue)),
            _ => None,
        }
    }

    pub(super) fn front(&self) -> Card {
        let entry = &self.entry;
        let mut card = Card::new()
            .title(&entry.title)
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.terms.region)
            .party("itself", self.itself.id())
            .party("round", entry.round.id())
            .party("instrument", entry.instrument.id())
            .party("unit", self.terms.unit.id())
            .party("applicant", entry.applicant.id())
            .party("leader", entry.leader.id())
            .inside("leader")
            .inside("applicant")
            .inside("unit")
            .inside_office(OFFICE)
            .inside_office("auditor")
            .facet("kind", grammar::desk::plain_word(&entry.kind))
            .fact("kind", entry.kind)
            .fact("shifts", entry.shifts)
            .fact("least", entry.fewest())
            .fact("summary", &entry.summary);
        if let Some(granted) = self.granted {
            card = card.fact("granted", granted);
            // Shifts not yet on the calendar; outsiders do not see what is.
            if !self.placed.is_empty() {
                card = card.fact("left", self.left());
            }
        }
        match (self.status, self.report_until, self.turn) {
            (Status::Scheduled | Status::Overdue, Some(until), _) => card.until(until),
            (Status::Offered, _, Some(turn)) => card.until(turn.until).fact("turn", turn.shifts),
            _ => card,
        }
    }

    /// Whoever keeps the results to themselves is not named; of the others everyone may know who has time, for what and
    /// how much, and what came of it.
    pub(super) fn hide_from(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.front()) {
            return Sight::Seen;
        }
        if !self.status.is_public() || self.entry.kind == Kind::Proprietary {
            return Sight::Hidden;
        }
        // Not that a report is late, nor when the samples were looked at.
        if self.status == Status::Overdue {
            self.status = Status::Scheduled;
        } else if self.status == Status::Cleared {
            self.status = Status::Granted;
        } else if self.status == Status::Evaluated {
            self.status = Status::Reported;
        }
        (self.note, self.evaluation, self.place, self.report_until) = (None, None, None, None);
        self.entry.urgency = None;
        (self.entry.samples, self.placed) = (List::default(), List::default());
        Sight::Seen
    }
}
