//! Sample (样品): samples of one booking or voucher order, from their declaration to what became of the rest.
//!
//! declared → accepted → sent → received → in-use → left → returning → returned, or destroyed, or kept until a day; used-up when
//! nothing is left. A declaration that is refused is mended; before they are sent they can be withdrawn.
//! Always: who looks after them has accepted them before they come; what may not be posted is not; nothing is destroyed that was to
//! be sent back.

use grammar::prelude::*;

use crate::organisation::Organisation;

mod beside;
mod fields;
mod steps;
#[cfg(test)]
mod stories;

pub use fields::{Arrival, Carriage, Condition, Declaration, Parcel, Remains, Rest, Status, Storage};
pub use steps::OPEN;

/// Who is told of samples besides the two sides.
const OFFICE: &str = "instrument-office";

/// A way they have gone, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Gone {
    pub at: Moment,
    pub parcel: Parcel,
}

/// How they came, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Came {
    pub at: Moment,
    pub arrival: Arrival,
}

/// Samples as they stand now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Sample {
    status: Status,
    declaration: Declaration,
    buyer: Ref<Organisation>,
    provider: Ref<Organisation>,
    region: Region,
    /// What their keeper said last.
    word: Option<Text<500>>,
    sent: Option<Gone>,
    came: Option<Came>,
    /// How many are left.
    left: Option<i64>,
    /// Until when they are kept.
    until: Option<Day>,
    /// The time for which they were to be kept is over.
    is_over: bool,
    back: Option<Gone>,
    /// How they were destroyed, or how they came back.
    end: Option<Text<500>>,
    ended: Option<Moment>,
}

/// What can be asked of them.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Declare(Box<Declaration>),
    Amend(Box<Declaration>),
    Accept {
        note: Option<Text<500>>,
    },
    Refuse {
        reason: Text<500>,
    },
    Withdraw {
        reason: Option<Text<500>>,
    },
    Send(Parcel),
    Receive(Arrival),
    Begin,
    /// What is done with them is done.
    Finish {
        left: Between<0, 10_000>,
        note: Option<Text<500>>,
    },
    /// The rest is to be dealt with otherwise.
    Instruct(Remains),
    SendBack(Parcel),
    TakeBack {
        note: Option<Text<500>>,
    },
    Destroy {
        how: Text<500>,
    },
    EndKeeping,
}

/// What can have happened to them. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Declared {
        declaration: Box<Declaration>,
        buyer: Ref<Organisation>,
        provider: Ref<Organisation>,
        region: Region,
    },
    Amended {
        declaration: Box<Declaration>,
    },
    Accepted {
        note: Option<Text<500>>,
    },
    Refused {
        reason: Text<500>,
    },
    Withdrawn {
        reason: Option<Text<500>>,
    },
    Sent(Gone),
    Received(Came),
    Begun,
    Finished {
        left: i64,
        note: Option<Text<500>>,
        /// Until when they are kept, where that was agreed.
        until: Option<Day>,
    },
    UsedUp {
        at: Moment,
        note: Option<Text<500>>,
    },
    Instructed {
        remains: Remains,
        until: Option<Day>,
    },
    SentBack(Gone),
    TakenBack {
        at: Moment,
        note: Option<Text<500>>,
    },
    Destroyed {
        at: Moment,
        how: Text<500>,
    },
    KeepingEnded,
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    OfWhat,
    OfBoth,
    NothingComes,
    WhichInstrument,
    AnotherInstrument,
    AnotherLaboratory,
    AnotherBooking,
    NotComplete,
    NamedTwice { hazard: crate::hazard::Hazard },
    NotTakenThere { hazard: crate::hazard::Hazard },
    NotTakenByLaboratory { hazard: crate::hazard::Hazard },
    NoHandling,
    HowLong,
    WhereTo,
    MayNotBePosted { hazard: crate::hazard::Hazard },
    NoCarrier,
    NoTracking,
    WhatIsWrong,
    MoreThanCame { counted: i64 },
    ToBeSentBack,
    ToBeDestroyed,
    KeptUntil { until: Day },
}

use Command::*;

impl Desk for Sample {
    const NAME: &'static str = "sample";
    const OPENS: &'static [&'static str] = &["declare"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Declare(_) | Amend(_) | Withdraw { .. } | Send(_) | Instruct(_) | TakeBack { .. } => {
                Who::Party("buyer")
            }
            Accept { .. }
            | Refuse { .. }
            | Receive(_)
            | Begin
            | Finish { .. }
            | SendBack(_)
            | Destroy { .. } => Who::Party("provider"),
            EndKeeping => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match this {
            None => steps::begin(command, ctx),
            Some(s) => s.goes_on(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match this {
            None => Self::begun(event),
            Some(mut s) => {
                s.changes(event);
                s
            }
        }
    }

    fn due(&self) -> Option<Due<Command>> {
        let until = self.until.filter(|_| self.status == Status::Kept)?;
        Some(Due::after(until, EndKeeping))
    }

    fn card(&self) -> Card {
        let declared = &self.declaration;
        let words: Vec<String> = declared.hazards.iter().map(|hazard| hazard.word()).collect();
        let mut card = Card::new()
            .titled(format!("样品：{}", &*declared.what), format!("Samples: {}", &*declared.what))
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.region)
            .party("buyer", self.buyer.id())
            .party("provider", self.provider.id())
            .inside("buyer")
            .inside("provider")
            .inside_office(OFFICE)
            .inside_office("auditor")
            .facet("dangerous", if words.is_empty() { "harmless" } else { "hazardous" })
            .fact("count", declared.count)
            .fact("hazards", words)
            .fact("storage", declared.storage)
            .fact("rest", declared.rest)
            .fact("to_send_back", declared.rest == Rest::SendBack)
            .fact("condition", self.came.as_ref().map(|came| came.arrival.condition));
        if let Some(booking) = declared.booking {
            card = card.party("booking", booking.id());
        }
        if let Some(order) = declared.order {
            card = card.party("order", order.id());
        }
        if let Some(instrument) = declared.instrument {
            card = card.party("instrument", instrument.id());
        }
        if let Some(laboratory) = declared.laboratory {
            card = card.party("laboratory", laboratory.id());
        }
        match self.until {
            Some(until) => card.until(until),
            None => card,
        }
    }

    /// What is examined for whom is for the two sides and the office.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) { Sight::Seen } else { Sight::Hidden }
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        viewer.is_inside(&this.card()).then_some(event)
    }

    fn check(&self) {
        let declared = &self.declaration;
        assert!(declared.is_complete && declared.booking.is_some() != declared.order.is_some());
        assert!(declared.hazards.is_empty() || declared.handling.is_some());
        assert!(!self.status.is_there() || self.came.is_some());
        assert_eq!(self.status == Status::Kept, self.until.is_some());
        assert!(self.status != Status::Destroyed || declared.rest != Rest::SendBack);
    }
}
