//! Training (上机培训): a session in which people learn to run one or several instruments, and what came of it for each of them.
//!
//! announced → begun → held, or called-off. Whoever wants to come puts their name down; when every seat is taken they wait, and move
//! up when someone leaves. The teacher signs off who passed: that gives the permit, or renews the one that was named.
//! Always: no more sit than there are seats; who they are is for those who hold it; each person reads their own seat.

use grammar::prelude::*;

use crate::{
    instrument::Instrument, laboratory::Laboratory, organisation::Organisation, permit::Permit,
    person::Person,
};

mod beside;
mod seats;
mod steps;
#[cfg(test)]
mod stories;

pub use seats::{Opens, Seat, Standing};

/// Instruments of one session.
pub const INSTRUMENTS_MAX: usize = 8;
/// Seats of one session, and so many more may wait.
pub const SEATS_MAX: usize = 100;
const OFFICE: &str = "instrument-office";

pub type Passed = List<Ref<Person>, SEATS_MAX>;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Announced,
    Begun,
    Held,
    CalledOff,
}

/// What is announced.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Plan {
    pub instruments: List<Ref<Instrument>, INSTRUMENTS_MAX>,
    /// A laboratory that trains for instruments that stand in it, whoever manages them.
    pub laboratory: Option<Ref<Laboratory>>,
    pub from: Moment,
    pub minutes: Between<10, 1_440>,
    pub room: Text<200>,
    pub seats: Between<1, 100>,
    pub teacher: Ref<Person>,
    /// Meanwhile nobody else can book the instruments.
    #[serde(default)]
    pub closes_instruments: bool,
    /// What is taught, and what to bring.
    pub detail: Option<Text<1000>>,
}

/// A session as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Training {
    title: Bilingual<200>,
    unit: Ref<Organisation>,
    region: Region,
    status: Status,
    plan: Plan,
    /// What whoever passes may run: one instrument for each group of them.
    opens: Vec<Opens>,
    /// In the order in which they came.
    listed: Vec<Seat>,
    reason: Option<Text<500>>,
    /// Until when the teacher may sign off.
    closes: Option<Moment>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Announce(Plan),
    Postpone {
        from: Moment,
        room: Text<200>,
    },
    /// Puts one's own name down.
    Join {
        permit: Option<Ref<Permit>>,
    },
    Leave,
    /// Whoever holds it puts someone down who asked.
    Enlist {
        person: Ref<Person>,
    },
    Strike {
        person: Ref<Person>,
    },
    SignOff {
        passed: Passed,
        until: Day,
    },
    CallOff {
        reason: Text<500>,
    },
    Begin,
    Close,
}

/// What can have happened to it. Additions only: these words stay in the log for good. Outsiders read no names but their own.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Announced {
        title: Bilingual<200>,
        unit: Ref<Organisation>,
        region: Region,
        plan: Plan,
        opens: Vec<Opens>,
    },
    Postponed {
        from: Moment,
        room: Text<200>,
    },
    Listed {
        seat: Seat,
    },
    Left {
        person: Option<Ref<Person>>,
    },
    MovedUp {
        person: Option<Ref<Person>>,
    },
    Begun {
        closes: Moment,
    },
    SignedOff {
        passed: Passed,
        until: Day,
    },
    Closed,
    CalledOff {
        reason: Text<500>,
    },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoInstrument,
    InstrumentTwice { instrument: Ref<Instrument> },
    OfAnotherUnit { instrument: Ref<Instrument> },
    NotInLaboratory { instrument: Ref<Instrument> },
    NotYoursToClose { instrument: Ref<Instrument> },
    InThePast { from: Moment },
    TooFarAhead { days: i64 },
    OnlyYourself,
    ListedAlready,
    NotListed,
    WaitListFull { most: usize },
    NotYourPermit,
    OpensSomethingElse,
    NobodyPassed,
    NoSeat { person: Ref<Person> },
    PassedAlready { person: Ref<Person> },
}

use {Command::*, Event::*};

impl Desk for Training {
    const NAME: &'static str = "training";
    const OPENS: &'static [&'static str] = &["announce"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    /// A hundred people pass for eight instruments, each a permit of its own.
    const STEPS_MAX: usize = SEATS_MAX * INSTRUMENTS_MAX + 8;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        const HOLDERS: Who = Who::Either(&[Who::Party("unit"), Who::Party("teacher")]);
        match command {
            Announce(_) | Postpone { .. } | CallOff { .. } => Who::Party("unit"),
            Enlist { .. } | Strike { .. } | SignOff { .. } => HOLDERS,
            Join { .. } | Leave => Who::Member,
            Close => Who::Either(&[Who::Party("unit"), Who::Party("teacher"), Who::Clock]),
            Begin => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        steps::decide(this, command, ctx)
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut t) = this else {
            let Announced { title, unit, region, plan, opens } = event.clone() else { impossible(event) };
            let (status, listed, reason, closes) = (Status::Announced, vec![], None, None);
            return Self { title, unit, region, status, plan, opens, listed, reason, closes };
        };
        match event.clone() {
            Announced { .. } => impossible(event),
            Postponed { from, room } => (t.plan.from, t.plan.room) = (from, room),
            Listed { .. } | Left { .. } | MovedUp { .. } | SignedOff { .. } => t.seats_change(event),
            Begun { closes } => (t.status, t.closes) = (Status::Begun, Some(closes)),
            Closed => t.status = Status::Held,
            Event::CalledOff { reason } => (t.status, t.reason) = (Status::CalledOff, Some(reason)),
        }
        t
    }

    fn due(&self) -> Option<Due<Command>> {
        match self.status {
            Status::Announced => Some(Due::at(self.plan.from, Begin)),
            Status::Begun => self.closes.map(|closes| Due::at(closes, Close)),
            Status::Held | Status::CalledOff => None,
        }
    }

    fn card(&self) -> Card {
        let plan = &self.plan;
        let day = plan.from.day();
        let mut card = Card::new()
            .titled(format!("上机培训：{}", self.title.zh()), format!("Training: {}", self.title.en()))
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.region)
            .from(day)
            .party("unit", self.unit.id())
            .party("teacher", plan.teacher.id())
            .inside("unit")
            .inside("teacher")
            .inside_office(OFFICE)
            .inside_office("auditor")
            .fact("from", plan.from)
            .fact("seats", plan.seats)
            .fact("seated", self.seated())
            .fact("waiting", self.waiting());
        for instrument in plan.instruments.iter() {
            card = card.party("instrument", instrument.id());
        }
        if let Some(laboratory) = plan.laboratory {
            card = card.party("laboratory", laboratory.id());
        }
        match &plan.detail {
            Some(detail) => card.text(detail),
            None => card,
        }
    }

    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if !viewer.is_inside(&self.card()) {
            self.listed.iter_mut().for_each(|seat| seat.veil(viewer));
        }
        Sight::Seen
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        if viewer.is_inside(&this.card()) {
            return Some(event);
        }
        // The line of each event says who asked it: who came and who left is read by themselves alone.
        let is_own = |person: Option<Ref<Person>>| person.is_some_and(|person| viewer.is_itself(person.id()));
        match event {
            Listed { ref seat } if is_own(seat.person) => Some(event),
            Left { person } if is_own(person) => Some(event),
            Listed { .. } | Left { .. } | MovedUp { .. } => None,
            SignedOff { mut passed, until } => {
                passed.retain(|person| viewer.is_itself(person.id()));
                (!passed.is_empty()).then_some(SignedOff { passed, until })
            }
            Announced { .. } | Postponed { .. } | Begun { .. } | Closed | Event::CalledOff { .. } => {
                Some(event)
            }
        }
    }

    fn check(&self) {
        assert!(self.seated() <= self.plan.seats.get(), "no more sit than there are seats");
        assert!(!self.plan.instruments.is_empty() && !self.opens.is_empty());
        assert_eq!(self.status == Status::CalledOff, self.reason.is_some());
    }
}
