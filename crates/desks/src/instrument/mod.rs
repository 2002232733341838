//! Instrument: a large research instrument in the region's catalogue, who may use it and at what charge.
//!
//! normal ⇄ repair, either → scrapped. Instruments above a value that fiscal money paid for must be
//! reported within a period after acceptance. Late reports are taken in; the delay stays on record. On which terms
//! it can be booked stands here; what is booked or closed stands on its calendar. The code that a visitor reads off the
//! instrument to begin is for its keepers alone.

use grammar::prelude::*;

use crate::{
    calendar::{Times, Why},
    organisation::Organisation,
    purchase::{self, Purchase},
    round::Round,
};

mod attending;
mod beside;
mod classes;
mod duty;
mod entry;
mod extras;
mod front;
pub mod interlock;
mod questions;
mod refusal;
mod rounds;
mod steps;
mod stock;
#[cfg(test)]
mod stories;
mod using;

pub use attending::{UNATTENDED_MAX, Unattended};
pub use classes::{CLASSES_MAX, ClassCharge};
pub use duty::Duty;
pub use entry::{Category, Entry, Funding, Sharing, Terms};
pub use extras::{Accessory, Consumable, Operator, Operators};
pub use questions::{AnsweredBy, Asked, PLACES, QUESTIONS_MAX, Question, Questions};
pub use refusal::Refusal;
pub use rounds::Called;
pub use stock::{Stock, Stocks};
pub use using::{Charges, Confirmation, Mode, Opening, UNRESTRICTED_MAX, Using, Weekday, within_hours};

/// Charges are published and cover costs.
const CHARGES_OPEN: Rule<bool> = rule("IN-R16");

const OFFICE: &str = "instrument-office";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Normal,
    Repair,
    Scrapped,
}

/// An instrument as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Instrument {
    itself: Ref<Instrument>,
    status: Status,
    entry: Entry,
    duty: Duty,
    reported: Day,
    reason: Option<Text<500>>,
    /// When it is expected back from repair.
    back: Option<Day>,
    /// On which terms it can be booked. Without them each booking is answered with a quote.
    #[serde(default)]
    using: Option<Using>,
    /// What a visitor reads off the instrument to begin.
    #[serde(default)]
    door: Option<Text<20>>,
    /// Who runs it for others.
    #[serde(default)]
    operators: Operators,
    /// The unit that is to take it over, once it agrees.
    #[serde(default)]
    receiver: Option<Ref<Organisation>>,
    /// Rounds that call for its time.
    #[serde(default)]
    rounds: Vec<Called>,
    /// When none of its operators can run it, as far as their own calendars tell.
    #[serde(default)]
    unattended: Unattended,
    /// What is left of consumables that are counted.
    #[serde(default)]
    stocks: Stocks,
    /// What whoever books it is asked.
    #[serde(default)]
    questions: Questions,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Report(Entry),
    Amend(Entry),
    SetSharing {
        terms: Terms,
    },
    Suspend {
        reason: Text<500>,
        back: Option<Day>,
    },
    Resume,
    Scrap {
        reason: Text<500>,
    },
    SetUsing {
        using: Using,
    },
    SetDoor {
        door: Text<20>,
    },
    SetOperators {
        operators: Operators,
    },
    Close {
        times: Times,
        why: Why,
    },
    Reopen {
        times: Times,
    },
    Transfer {
        to: Ref<Organisation>,
        reason: Text<500>,
    },
    Receive,
    /// A round offers its time, and closes in a year.
    CallIn {
        round: Ref<Round>,
        year: Between<2000, 2200>,
    },
    LeaveOut {
        round: Ref<Round>,
    },
    /// The house has laid its operators' calendars side by side.
    NoteUnattended {
        unattended: Unattended,
    },
    /// What was counted on the shelf.
    SetStock {
        stocks: Stocks,
    },
    /// A use has used it up.
    UseUp {
        used: Stocks,
    },
    SetQuestions {
        questions: Questions,
    },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Reported { itself: Ref<Instrument>, on: Day, entry: Entry, duty: Duty },
    Amended { entry: Entry, duty: Duty },
    SharingSet { terms: Terms },
    Suspended { reason: Text<500>, back: Option<Day> },
    Resumed,
    Scrapped { reason: Text<500> },
    UsingSet { using: Using },
    DoorSet { door: Text<20> },
    OperatorsSet { operators: Operators },
    Closed { times: Times, why: Why },
    Reopened { times: Times },
    Offered { to: Ref<Organisation>, reason: Text<500> },
    Transferred { to: Ref<Organisation> },
    CalledIn(Called),
    LeftOut { round: Ref<Round> },
    UnattendedNoted { unattended: Unattended },
    StockSet { stocks: Stocks },
    UsedUp { used: Stocks },
    QuestionsSet { questions: Questions },
}

use {Command::*, Event::*};

impl Desk for Instrument {
    const NAME: &'static str = "instrument";
    const OPENS: &'static [&'static str] = &["report"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Report(_)
            | Amend(_)
            | Resume
            | SetDoor { .. }
            | SetOperators { .. }
            | SetStock { .. }
            | SetQuestions { .. }
            | Close { .. }
            | Reopen { .. } => Who::Either(&[Who::Party("unit"), Who::Office(OFFICE)]),
            Suspend { .. } => Who::Either(&[Who::Party("unit"), Who::Office(OFFICE), Who::Desk("incident")]),
            SetSharing { .. } | Scrap { .. } | SetUsing { .. } => {
                Who::Either(&[Who::Signatory("unit"), Who::Office(OFFICE)])
            }
            Transfer { .. } => Who::Signatory("unit"),
            Receive => Who::Signatory("receiver"),
            CallIn { .. } | LeaveOut { .. } => Who::Desk("round"),
            UseUp { .. } => Who::Desk("booking"),
            NoteUnattended { .. } => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        steps::decide(this, command, ctx)
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut i) = this else {
            let Reported { itself, on, entry, duty } = event.clone() else { impossible(event) };
            let status = Status::Normal;
            let (reason, back, using, door, receiver) = (None, None, None, None, None);
            let (reported, rounds, operators) = (on, vec![], Operators::default());
            let (unattended, stocks) = (Unattended::default(), Stocks::default());
            let questions = Questions::default();
            return Self {
                itself,
                status,
                entry,
                duty,
                reported,
                reason,
                back,
                using,
                door,
                operators,
                receiver,
                rounds,
                unattended,
                stocks,
                questions,
            };
        };
        match event.clone() {
            Reported { .. } => impossible(event),
            Amended { entry, duty } => (i.entry, i.duty) = (entry, duty),
            SharingSet { terms } => i.entry.terms = terms,
            Suspended { reason, back } => {
                (i.status, i.reason, i.back) = (Status::Repair, Some(reason), back);
            }
            Resumed => (i.status, i.reason, i.back) = (Status::Normal, None, None),
            Scrapped { reason } => (i.status, i.reason, i.back) = (Status::Scrapped, Some(reason), None),
            UsingSet { using } => i.using = Some(using),
            DoorSet { door } => i.door = Some(door),
            OperatorsSet { operators } => i.operators = operators,
            // What is closed stands on the calendar.
            Closed { .. } | Reopened { .. } => {}
            Offered { to, .. } => i.receiver = Some(to),
            Transferred { to } => {
                (i.entry.unit, i.receiver, i.door) = (to, None, None);
                (i.operators, i.unattended) = (Operators::default(), Unattended::default());
            }
            UnattendedNoted { unattended } => i.unattended = unattended,
            StockSet { .. } | UsedUp { .. } => i.counts(event),
            QuestionsSet { questions } => i.questions = questions,
            CalledIn(_) | LeftOut { .. } => i.keeps_rounds(event),
        }
        i
    }

    fn card(&self) -> Card {
        self.front()
    }

    /// The code at the instrument, who runs it, and what uses have left on the shelf are for those who keep it.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if !viewer.is_inside(&self.card()) {
            (self.door, self.operators, self.stocks) = (None, Operators::default(), Stocks::default());
        }
        Sight::Seen
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        let is_inner =
            matches!(event, DoorSet { .. } | OperatorsSet { .. } | StockSet { .. } | UsedUp { .. });
        let is_secret = is_inner && !viewer.is_inside(&this.card());
        (!is_secret).then_some(event)
    }

    fn check(&self) {
        assert!(self.entry.value.is_positive() && !self.entry.name.is_empty());
        assert!((self.status == Status::Normal) == self.reason.is_none());
        assert!(self.entry.terms.sharing != Sharing::External || self.entry.terms.charges.is_some());
    }
}
