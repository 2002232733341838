//! Agreement (用机协议): what an organisation pays at instruments of one unit for a time: a charge of its own for the hour,
//! up to a sum if they wish, or hours that are paid ahead and drawn down.
//!
//! offered → in-force → ended, or over by its day; or declined. A booking that names it takes what it costs, and gives back what
//! it does not cost after all. Always: no more is taken than the sum or the hours that were agreed.

use std::collections::BTreeMap;

use grammar::prelude::*;

use crate::{booking::Booking, instrument::Instrument, organisation::Organisation};

mod steps;
#[cfg(test)]
mod stories;

/// Instruments of one agreement, and bookings that take from it.
const INSTRUMENTS_MAX: usize = 20;
const TAKEN_MAX: usize = 2_000;
const OFFICE: &str = "instrument-office";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Offered,
    InForce,
    Declined,
    Ended,
    Over,
}

/// What is agreed: either a charge for the hour, or hours paid ahead.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    pub number: Text<40>,
    pub provider: Ref<Organisation>,
    pub buyer: Ref<Organisation>,
    pub instruments: List<Ref<Instrument>, INSTRUMENTS_MAX>,
    pub from: Day,
    pub until: Day,
    pub hour: Option<Money>,
    /// What all bookings under it may come to.
    pub cap: Option<Money>,
    pub hours: Option<Between<1, 10_000>>,
    /// For all the hours together.
    pub price: Option<Money>,
    pub paper: Option<FileRef>,
}

/// What one booking takes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Taken {
    pub amount: Money,
    pub minutes: i64,
}

/// An agreement as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Agreement {
    itself: Ref<Agreement>,
    status: Status,
    entry: Entry,
    region: Region,
    /// Of the price for the hours.
    paid: Money,
    taken: BTreeMap<Id, Taken>,
    reason: Option<Text<500>>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Offer(Entry),
    Agree,
    Decline {
        reason: Text<500>,
    },
    /// Money for the hours has come.
    Receive {
        amount: Money,
        reference: Option<Text<60>>,
    },
    End {
        reason: Text<500>,
    },
    /// What a booking takes in all from now on.
    Take {
        booking: Ref<Booking>,
        amount: Money,
        minutes: Between<0, 10_000_000>,
    },
    RunOut,
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Offered { itself: Ref<Agreement>, entry: Box<Entry>, region: Region },
    Agreed,
    Declined { reason: Text<500> },
    Received { amount: Money, reference: Option<Text<60>> },
    Ended { reason: Text<500> },
    Took { booking: Ref<Booking>, amount: Money, minutes: i64 },
    RanOut,
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    OwnUnit,
    NoInstrument,
    NotItsInstrument { instrument: Ref<Instrument> },
    EndsBeforeItBegins,
    EndsInThePast { until: Day },
    TooLong { years: i64 },
    HourOrHours,
    CapWithoutHour,
    PriceWithoutHours,
    NotAnAmount { amount: Money },
    MoreThanPrice { left: Money },
    NotPaidYet { left: Money },
    NotInForce,
    CapReached { left: Money },
    HoursUsedUp { minutes: i64 },
}

impl Desk for Agreement {
    const NAME: &'static str = "agreement";
    const OPENS: &'static [&'static str] = &["offer"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = &[
        ("own-unit", "buyer"),
        ("no-instrument", "instruments"),
        ("not-its-instrument", "instruments"),
        ("ends-before-it-begins", "until"),
        ("ends-in-the-past", "until"),
        ("too-long", "until"),
        ("hour-or-hours", "hour"),
        ("cap-without-hour", "cap"),
        ("price-without-hours", "price"),
        ("more-than-price", "amount"),
    ];
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Command::Offer(_) => Who::Signatory("provider"),
            Command::Agree | Command::Decline { .. } => Who::Signatory("buyer"),
            Command::Receive { .. } => Who::Party("provider"),
            Command::End { .. } => Who::Either(&[Who::Signatory("provider"), Who::Signatory("buyer")]),
            Command::Take { .. } => Who::Desk("booking"),
            Command::RunOut => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match this {
            None => steps::begin(command, ctx),
            Some(agreement) => agreement.goes_on(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut a) = this else {
            let Event::Offered { itself, entry, region } = event.clone() else { impossible(event) };
            let (status, paid, taken, reason) = (Status::Offered, Money::ZERO, BTreeMap::new(), None);
            return Self { itself, status, entry: *entry, region, paid, taken, reason };
        };
        match event.clone() {
            Event::Offered { .. } => impossible(event),
            Event::Agreed => a.status = Status::InForce,
            Event::Declined { reason } => (a.status, a.reason) = (Status::Declined, Some(reason)),
            Event::Received { amount, .. } => a.paid += amount,
            Event::Ended { reason } => (a.status, a.reason) = (Status::Ended, Some(reason)),
            Event::Took { booking, amount, minutes } => {
                if amount == Money::ZERO && minutes == 0 {
                    a.taken.remove(&booking.id());
                } else {
                    a.taken.insert(booking.id(), Taken { amount, minutes });
                }
            }
            Event::RanOut => a.status = Status::Over,
        }
        a
    }

    fn due(&self) -> Option<Due<Command>> {
        let is_open = matches!(self.status, Status::Offered | Status::InForce);
        is_open.then(|| Due::after(self.entry.until, Command::RunOut))
    }

    fn card(&self) -> Card {
        let entry = &self.entry;
        let mut card = Card::new()
            .titled(format!("用机协议 {}", &*entry.number), format!("Agreement {}", &*entry.number))
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.region)
            .party("itself", self.itself.id())
            .party("provider", entry.provider.id())
            .party("buyer", entry.buyer.id())
            .inside("provider")
            .inside("buyer")
            .inside_office(OFFICE)
            .inside_office("auditor")
            .from(entry.from)
            .until(entry.until)
            .facet("kind", if entry.hours.is_some() { "hours-ahead" } else { "own-charge" })
            .fact("hour", entry.hour)
            .fact("is_prepaid", entry.hours.is_some());
        if let Some(left) = self.amount_left() {
            card = card.fact("amount_left", left);
        }
        if let Some(left) = self.minutes_left() {
            card = card.fact("minutes_left", left);
        }
        for instrument in entry.instruments.iter() {
            card = card.party("instrument", instrument.id());
        }
        card
    }

    /// Who pays what is for the two of them.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) { Sight::Seen } else { Sight::Hidden }
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        viewer.is_inside(&this.card()).then_some(event)
    }

    fn check(&self) {
        assert!(self.entry.hour.is_some() != self.entry.hours.is_some());
        assert!(self.amount_left().is_none_or(|left| left >= Money::ZERO));
        assert!(self.minutes_left().is_none_or(|left| left >= 0));
    }
}
