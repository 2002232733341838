//! Chemical (化学品): one chemical of one laboratory: what it is and can do, where it stands, what of it is there, and each gram that
//! came, was used, thrown away, counted or lost.
//!
//! kept → closed, when nothing is left. Always: nothing is taken that is not there, and nothing comes above the most that may be kept.
//! What the state controls moves only when a second custodian has confirmed it, and what of it is missing is with the office at once.
//! Others read of a chemical only what its laboratory offers to its users, and never how much there is.

use grammar::prelude::*;

use crate::organisation::Organisation;

mod beside;
mod cas;
#[cfg(test)]
mod chance;
mod changes;
mod fields;
mod steps;
mod stock;
#[cfg(test)]
mod stories;

pub use fields::{
    AMOUNT_MAX, Amount, Control, Delivery, Disposal, Entry, FirstEntry, Group, Kind, Language, Missing,
    Moved, Movement, SafetySheet, Status, Unit, Usage, Waiting,
};
pub use stock::{Batch, BatchNo, Portion, Stock};

/// Findings of something missing that the office has not looked into.
pub const MISSING_MAX: usize = 50;
const OFFICE: &str = "laboratory-office";

/// A chemical as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Chemical {
    status: Status,
    entry: Entry,
    lead: Ref<Organisation>,
    region: Region,
    stock: Stock,
    /// What waits for a second custodian.
    waiting: Option<Waiting>,
    missing: List<Missing, MISSING_MAX>,
    /// What the office found last.
    found: Option<Text<500>>,
    /// Until when the safety data sheet is good.
    sheet_until: Option<Day>,
    /// The day up to which anything has been noted of it; outsiders are not told.
    noted: Option<Day>,
    /// Why nothing more of it is kept.
    reason: Option<Text<500>>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Enter(Box<FirstEntry>),
    Amend(Box<Entry>),
    Receive(Delivery),
    Use(Usage),
    Dispose(Disposal),
    /// A second custodian has seen what another asked.
    Confirm,
    Decline {
        reason: Text<300>,
    },
    /// What is there of one batch, or of all.
    Count {
        counted: Between<0, AMOUNT_MAX>,
        batch: Option<BatchNo>,
        reason: Option<Text<500>>,
    },
    ReportLoss {
        amount: Amount,
        batch: Option<BatchNo>,
        what: Text<500>,
        police: Option<Text<200>>,
    },
    /// The office has looked into what is missing.
    LookInto {
        finding: Text<500>,
    },
    Close {
        laboratory: Ref<crate::laboratory::Laboratory>,
        reason: Text<500>,
    },
    /// A day is over on which something expires.
    Note,
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Entered {
        on: Day,
        entry: Box<Entry>,
        lead: Ref<Organisation>,
        region: Region,
        sheet_until: Option<Day>,
    },
    Amended {
        on: Day,
        entry: Box<Entry>,
        lead: Ref<Organisation>,
        region: Region,
        sheet_until: Option<Day>,
    },
    Asked(Waiting),
    Declined {
        on: Day,
        reason: Text<300>,
    },
    Received(Moved),
    Used(Moved),
    Disposed(Moved),
    Counted {
        on: Day,
        batch: Option<BatchNo>,
        counted: i64,
        difference: i64,
        portions: Vec<Portion>,
        left: i64,
        reason: Option<Text<500>>,
    },
    Lost {
        on: Day,
        batch: Option<BatchNo>,
        amount: i64,
        portions: Vec<Portion>,
        left: i64,
        what: Text<500>,
        police: Option<Text<200>>,
    },
    LookedInto {
        on: Day,
        finding: Text<500>,
    },
    Closed {
        on: Day,
        reason: Text<500>,
    },
    Noted {
        on: Day,
    },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoName,
    NotACas { cas: String },
    NamedTwice { hazard: crate::hazard::Hazard },
    LaboratoryGone,
    AnotherLaboratory,
    NoPlace,
    CustodiansNeeded { custodians: usize },
    ControlledNotOffered,
    IssuedLater { issued: Day },
    OnlyTheOffice,
    UnitChanges,
    NoAmount,
    OverTheLimit { most: i64, left: i64 },
    TooManyBatches { most: usize },
    NoSuchBatch { batch: String },
    NotEnough { left: i64 },
    OnlyExpired { fresh: i64 },
    NotYourBooking,
    OnlyCustodians,
    WaitsAlready,
    NotByTheSame,
    WhyDiffers { difference: i64 },
    NotEmpty { left: i64 },
}

use Command::*;

impl Desk for Chemical {
    const NAME: &'static str = "chemical";
    const OPENS: &'static [&'static str] = &["enter"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const IS_QUIET: bool = true;
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Enter(_) | Receive(_) | Use(_) | Dispose(_) | Count { .. } | ReportLoss { .. } | Close { .. } => {
                Who::Party("lead")
            }
            Amend(_) => Who::Either(&[Who::Party("lead"), Who::Office(OFFICE)]),
            Confirm | Decline { .. } => Who::Party("custodian"),
            LookInto { .. } => Who::Office(OFFICE),
            Note => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match this {
            None => steps::begin(command, ctx),
            Some(chemical) => chemical.goes_on(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match this {
            None => Self::begun(event),
            Some(mut chemical) => {
                chemical.changes(event);
                chemical
            }
        }
    }

    fn due(&self) -> Option<Due<Command>> {
        self.next_day().map(|day| Due::after(day, Note))
    }

    fn card(&self) -> Card {
        let entry = &self.entry;
        let grade = entry.grade.as_deref().map(|grade| format!(" {grade}")).unwrap_or_default();
        let hazards: Vec<String> = entry.hazards.iter().map(|hazard| hazard.word()).collect();
        let card = Card::new()
            .titled(format!("{}{grade}", entry.name.zh()), format!("{}{grade}", entry.name.en()))
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.region)
            .party("laboratory", entry.laboratory.id())
            .party("lead", self.lead.id())
            .inside("lead")
            .inside("custodian")
            .inside_office(OFFICE)
            .inside_office("auditor")
            .fact("hazards", hazards)
            .fact("cas", &entry.cas)
            .fact("safety_sheet", &entry.safety_sheet)
            .text(entry.cas.as_deref().unwrap_or(""));
        let is_kept = self.status == Status::Kept;
        let card = if is_kept { card.key("chemical", &entry.mark()) } else { card };
        // Only those who are told how much there is read these.
        if self.noted.is_some() { self.of_custodians(card) } else { card }
    }

    /// Others read what the laboratory offers to its users, and never what is controlled.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) {
            return Sight::Seen;
        }
        let entry = &mut self.entry;
        if !entry.is_offered || entry.control.is_controlled() || self.status == Status::Closed {
            return Sight::Hidden;
        }
        (entry.most, entry.place, entry.group, entry.together) = (None, None, None, None);
        entry.custodians = List::default();
        self.stock = Stock::default();
        (self.waiting, self.missing, self.found) = (None, List::default(), None);
        (self.sheet_until, self.noted, self.reason) = (None, None, None);
        Sight::Seen
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        viewer.is_inside(&this.card()).then_some(event)
    }

    fn check(&self) {
        self.stock.check();
        assert_eq!(self.status == Status::Closed, self.reason.is_some());
        assert!(self.status == Status::Kept || (self.stock.left() == 0 && self.waiting.is_none()));
        if self.entry.control.is_controlled() {
            assert!(
                self.entry.custodians_apart() >= 2 && self.entry.place.is_some() && !self.entry.is_offered
            );
        }
    }
}
