//! Booking: time at an instrument, from the request to the rating.
//!
//! requested → quoted → contracted → scheduled → running → used → reported → paid → rated; at once scheduled where the
//! instrument's terms say so, and for whoever is called in its line. Whoever finds the time taken waits → is offered it → takes it up.
//! It ends early as cancelled (late: with a fee), turned-down, lapsed, absent or displaced. Its times stand on the instrument's calendar,
//! which alone decides. Always: who booked is known to the keeper and the booker alone; nobody pays more than was agreed.

use grammar::prelude::*;

use crate::{
    calendar::Calendar, instrument::Instrument, laboratory::Laboratory, person::Person, proposal::Proposal,
};

mod agreed;
mod allotting;
mod asking;
pub mod assessment;
mod attended;
mod beside;
pub mod charge;
mod ending;
mod extras;
mod fields;
pub mod figures;
mod holding;
mod life;
mod occupancy;
mod past;
mod permitted;
mod questions;
mod refusal;
mod split;
mod state;
mod steps;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod together;
mod turns;
mod waiting;
mod who;
mod works;

pub use agreed::Agreed;
pub use allotting::{Allotment, SHIFTS_MAX};
pub use asking::{book_of, china, estimate};
pub use charge::{Adjustment, Charge};
pub use extras::{Extra, Extras, Invoice, Presence, SETUPS_MAX, WANTED_MAX, Wanted};
pub use fields::{
    Basis, Came, Every, Means, Purpose, Rating, Report, Request, Sitting, Sittings, SkipWhy, Skipped, Skips,
    Terms, price,
};
pub use past::Event;
pub use permitted::may_run;
pub use questions::{Answer, Answers, Posed, Told, range};
pub use refusal::Refusal;
pub use split::{Borne, Payer, Payers};
pub use state::Status;
pub use turns::{FromLine, TakenTurn};
pub use works::{Work, WorkKind};

/// Sittings of a series.
pub const SITTINGS_MAX: usize = 52;
/// Pages that one booking touches.
pub const PAGES_MAX: usize = 110;
/// Bookings that one emergency may displace.
const DISPLACED_MAX: usize = 10;
const OFFICE: &str = "instrument-office";

pub type Pages = List<Ref<Calendar>, PAGES_MAX>;

/// A booking as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Booking {
    itself: Ref<Booking>,
    status: Status,
    request: Request,
    terms: Terms,
    booker: Option<Id>,
    sittings: Sittings,
    skipped: Skips,
    price: Money,
    paid: Money,
    /// What cancelling late or staying away costs.
    fee: Money,
    /// What the provider owes for displacing it.
    compensation: Money,
    /// Until when a quote or an offer stands.
    until: Option<Moment>,
    contract: Option<FileRef>,
    operator: Option<Ref<Person>>,
    report: Option<Report>,
    rating: Option<Rating>,
    reason: Option<Text<500>>,
    /// The proposal whose shifts it is.
    #[serde(default)]
    proposal: Option<Ref<Proposal>>,
    /// Which set-ups are ready, by their number.
    #[serde(default)]
    prepared: Vec<i64>,
    #[serde(default)]
    invoices: Vec<Invoice>,
    /// Numbers of those that are void.
    #[serde(default)]
    void: Vec<Text<40>>,
    /// What was answered, at booking and at the end.
    #[serde(default)]
    answers: Vec<Answer>,
    /// What came of it.
    #[serde(default)]
    works: Vec<Work>,
    /// What has become of what is owed.
    #[serde(default)]
    charge: Charge,
    /// Who pays which share of it.
    #[serde(default)]
    split: Vec<Borne>,
    /// The turn in the instrument's line that it came from.
    #[serde(default)]
    turn: Option<FromLine>,
    /// The laboratory in which it runs.
    inside: Option<Ref<Laboratory>>,
    /// Who is there too as long as it runs.
    #[serde(default)]
    beside: Option<Ref<Person>>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Request(Request),
    /// Shifts that a proposal was granted.
    Allot(Allotment),
    /// Whoever was called in the instrument's line begins.
    TakeTurn(TakenTurn),
    /// Joins the wait list of a time that is taken.
    Queue(Request),
    /// Sorts a series, once its pages are there.
    Plan {
        instrument: Ref<Instrument>,
        pages: Pages,
    },
    Quote {
        price: Money,
        note: Option<Text<500>>,
    },
    Accept {
        contract: Option<FileRef>,
    },
    Schedule {
        operator: Option<Ref<Person>>,
        /// Needed where the operator needs a licence.
        #[serde(default)]
        instrument: Option<Ref<Instrument>>,
    },
    /// A set-up is ready.
    Prepare {
        setup: Between<1, 10>,
    },
    Invoice(Invoice),
    /// What is asked at the end of a run.
    Answer {
        answers: Answers,
    },
    /// The invoice is void: a red one has been made out.
    VoidInvoice {
        number: Text<40>,
        reason: Text<500>,
    },
    Move {
        instrument: Ref<Instrument>,
        sitting: Moment,
        from: Moment,
        minutes: Between<5, 20_160>,
    },
    Start(occupancy::Beginning),
    Stop,
    Report(Report),
    Pay {
        amount: Money,
        means: Means,
        reference: Option<Text<60>>,
    },
    Rate {
        stars: Between<1, 5>,
        comment: Option<Text<500>>,
    },
    AnswerRating {
        text: Text<500>,
    },
    /// Data, papers and patents that came of it.
    Credit(Work),
    Cancel {
        reason: Option<Text<500>>,
    },
    TurnDown {
        reason: Text<500>,
    },
    /// What is owed is parted among several.
    Split {
        payers: Payers,
    },
    AgreeToShare,
    DeclineShare {
        reason: Text<500>,
    },
    /// What is owed for it has been looked at.
    CheckCharge,
    Adjust(Adjustment),
    ApproveAdjustment {
        note: Option<Text<500>>,
    },
    RefuseAdjustment {
        note: Text<500>,
    },
    /// The buyer objects to what is owed.
    Contest {
        reason: Text<500>,
    },
    Uphold {
        reason: Text<500>,
    },
    /// What was paid beyond what is owed goes back.
    Refund {
        amount: Money,
        reference: Option<Text<60>>,
    },
    PreEmpt {
        others: List<Ref<Booking>, DISPLACED_MAX>,
        reason: Text<500>,
    },
    Displace {
        by: Ref<Booking>,
        from: Moment,
        until: Moment,
    },
    /// Offers freed times to those who wait for them.
    OfferNext {
        pages: Pages,
    },
    Offer,
    TakeUp,
    Miss,
    Lapse,
    StopByItself,
}

use Command::*;

impl Desk for Booking {
    const NAME: &'static str = "booking";
    const OPENS: &'static [&'static str] = &["request", "queue", "allot", "take-turn"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    /// A series of 52 sittings opens and takes as many pages, each in two at most.
    const STEPS_MAX: usize = 400;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        who::who(command)
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        steps::decide(this, command, ctx).map(|script| agreed::settles(this, script))
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        this.map_or_else(|| Self::begun(event), |b| b.after(event))
    }

    fn due(&self) -> Option<Due<Command>> {
        self.wish()
    }

    fn card(&self) -> Card {
        self.front()
    }

    /// Whoever is not the keeper or the booker learns nothing but that the instrument is busy, from its calendar.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) { Sight::Seen } else { Sight::Hidden }
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        viewer.is_inside(&this.card()).then_some(event)
    }

    fn check(&self) {
        self.holds();
    }
}
