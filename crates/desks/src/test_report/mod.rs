//! Test report (检测报告): what a laboratory found for a booking or a voucher order, issued under its accreditation, with the fingerprint
//! of its file, so that whoever holds a copy can see whether it is that report and whether it still stands.
//!
//! draft → issued → replaced or withdrawn; a draft can be discarded. The client may object, and is answered. Always: a mark is borne
//! only for what its scope covers, under a signature that it knows; what was issued is never changed, only replaced under another number.

use grammar::prelude::*;

use crate::{accreditation::Accreditation, organisation::Organisation};

mod fields;
mod steps;
#[cfg(test)]
mod stories;

pub use fields::{Borne, Draft, Issuance, Item, MARKS_MAX, Objection, Status};
pub use steps::DONE;

const OFFICE: &str = "instrument-office";

/// A report as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct TestReport {
    status: Status,
    provider: Ref<Organisation>,
    number: Text<40>,
    region: Region,
    /// For the two sides and the office: everyone else sees that it is issued, not for whom or on what.
    buyer: Option<Ref<Organisation>>,
    draft: Option<Box<Draft>>,
    issued: Option<Issuance>,
    objection: Option<Objection>,
    replaced_by: Option<Ref<TestReport>>,
    /// When it ceased to hold.
    ended: Option<Day>,
    reason: Option<Text<500>>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Draft(Box<Draft>),
    Amend(Box<Draft>),
    Discard,
    /// The signatory issues it as this file, under the accreditations of the draft.
    Issue {
        file: FileRef,
        #[serde(default)]
        accreditations: List<Ref<Accreditation>, MARKS_MAX>,
    },
    Withdraw {
        reason: Text<500>,
    },
    /// The client objects.
    Object {
        reason: Text<500>,
    },
    Answer {
        text: Text<500>,
    },
    /// Another has taken its place.
    Replace {
        by: Ref<TestReport>,
    },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Drafted { draft: Box<Draft>, buyer: Ref<Organisation>, provider: Ref<Organisation>, region: Region },
    Amended { draft: Box<Draft> },
    Discarded,
    Issued(Issuance),
    Withdrawn { on: Day, reason: Option<Text<500>> },
    Objected { on: Day, reason: Text<500> },
    Answered { text: Text<500> },
    Replaced { on: Day, by: Ref<TestReport> },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    OfWhat,
    OfBoth,
    NothingDone,
    AnotherBooking,
    AnotherSample { sample: Id },
    NoItem,
    DoneBeforeBegun,
    DoneLater { done: Day },
    NotAReport,
    NumberOfTheOther,
    AnotherUnit { number: String },
    NotInForce { number: String },
    MayNotSign { number: String },
    NothingWithin { number: String },
    OtherAccreditations,
    NotMarked { what: String, number: String },
}

use {Command::*, Event::*};

impl Desk for TestReport {
    const NAME: &'static str = "test-report";
    const OPENS: &'static [&'static str] = &["draft"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = &[
        ("of-what", "booking"),
        ("of-both", "order"),
        ("nothing-done", "booking"),
        ("another-booking", "booking"),
        ("another-sample", "samples"),
        ("no-item", "items"),
        ("done-before-begun", "done"),
        ("done-later", "done"),
        ("not-a-report", "replaces"),
        ("number-of-the-other", "number"),
        ("another-unit", "accreditations"),
        ("not-in-force", "accreditations"),
        ("other-accreditations", "accreditations"),
        ("may-not-sign", "signatory"),
        ("nothing-within", "accreditations"),
        ("not-marked", "items"),
    ];
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Draft(_) | Amend(_) | Discard | Answer { .. } => Who::Party("provider"),
            Issue { .. } => Who::Party("signatory"),
            Withdraw { .. } => Who::Either(&[Who::Party("signatory"), Who::Signatory("provider")]),
            Object { .. } => Who::Party("buyer"),
            Replace { .. } => Who::Desk("test-report"),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match this {
            None => steps::begin(command, ctx),
            Some(report) => report.goes_on(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match this {
            None => Self::begun(event),
            Some(mut report) => {
                report.changes(event);
                report
            }
        }
    }

    fn card(&self) -> Card {
        let mut card = Card::new()
            .titled(format!("检测报告 {}", &*self.number), format!("Test report {}", &*self.number))
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.region)
            .party("provider", self.provider.id())
            .inside("provider")
            .inside("buyer")
            .inside("signatory")
            .inside_office(OFFICE)
            .inside_office("auditor")
            .fact("number", &self.number)
            .fact("is_objected", self.objection.as_ref().is_some_and(|objection| objection.answer.is_none()));
        if let Some(issued) = &self.issued {
            card = card.from(issued.on).key("report-content", &issued.content);
            for borne in &issued.marks {
                card = card.facet("kind", grammar::desk::plain_word(&borne.mark));
            }
        }
        if let Some(by) = self.replaced_by {
            card = card.party("replaced-by", by.id());
        }
        if self.status != Status::Discarded {
            card = card.key("report-number", &format!("{}/{}", self.provider.id(), &*self.number));
        }
        self.of_both_sides(card)
    }

    fn is_certificate(&self) -> bool {
        self.status == Status::Issued
    }

    /// Whoever holds a copy may see whether it stands; for whom it was made, and on what, is for the two sides.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) {
            return Sight::Seen;
        }
        if self.issued.is_none() {
            return Sight::Hidden;
        }
        (self.buyer, self.draft, self.objection, self.reason) = (None, None, None, None);
        if let Some(issued) = &mut self.issued {
            issued.file = None;
        }
        Sight::Seen
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        if viewer.is_inside(&this.card()) {
            return Some(event);
        }
        match event {
            Issued(issue) => Some(Issued(Issuance { file: None, ..issue })),
            Withdrawn { on, .. } => Some(Withdrawn { on, reason: None }),
            Replaced { .. } => Some(event),
            _ => None,
        }
    }

    fn check(&self) {
        let was_issued = matches!(self.status, Status::Issued | Status::Replaced | Status::Withdrawn);
        assert_eq!(was_issued, self.issued.is_some());
        assert!(self.objection.is_none() || was_issued);
        assert_eq!(self.status == Status::Replaced, self.replaced_by.is_some());
    }
}
