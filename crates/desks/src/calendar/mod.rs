//! Calendar: one week of one instrument, from Monday to Sunday in China. What is taken stands here and nowhere else.
//!
//! Every booking and closure is written onto the pages it touches, by the one writer, before it counts: two of them
//! can never have the same moment. A page is opened by the first that needs it, under a name that instrument
//! and week alone make. Always: no two slots overlap, the larger of their buffers included; where several may use it at
//! once, never more slots than there were places overlap, and a closure overlaps none.

use engines::booking as engine;
use grammar::prelude::*;

use crate::{booking::Booking, instrument::Instrument, organisation::Organisation};

mod beside;
mod page;
mod steps;
#[cfg(test)]
mod stories;

pub use page::{
    Busy, Queued, Slot, Standing, Taker, Why, count_of, length_of, name, pages, span_of, stands_before,
};

/// Slots of a week: half an hour each, day and night, and some more.
pub const SLOTS_MAX: usize = 400;
/// Those who wait for something in one week.
pub const WAITING_MAX: usize = 30;
/// Spans that one booking takes in one week.
pub const SPANS_MAX: usize = 14;
/// The longest time that is kept clear around a slot, in minutes.
pub const BUFFER_MAX: i64 = 1_440;

pub const OFFICE: &str = "instrument-office";

/// How many may use an instrument at once, at most.
pub const PLACES_MAX: i64 = 50;

/// Times in which quotas do not count, within what one booking takes in a week.
const UNCOUNTED_MAX: usize = 60;
pub type Unrestricted = List<Times, UNCOUNTED_MAX>;

/// Minutes that are kept clear around a slot.
pub type Buffer = Between<0, BUFFER_MAX>;
/// How many may use it at once; one where nothing is said.
pub type Places = Between<1, PLACES_MAX>;
/// Minutes that one buyer may have.
pub type Quota = Between<1, 10_080>;

/// From a moment until another.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Times {
    pub from: Moment,
    pub until: Moment,
}

/// A week of an instrument as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Calendar {
    instrument: Ref<Instrument>,
    title: Bilingual<200>,
    unit: Ref<Organisation>,
    region: Region,
    monday: Day,
    /// In order of their beginnings.
    slots: List<Slot, SLOTS_MAX>,
    waiting: List<Queued, WAITING_MAX>,
    /// How many have ever joined the wait list: the order of arrival.
    arrivals: u32,
}

/// What can be asked of it. Only by desks: people ask for bookings, and keepers close instruments.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    /// Makes sure that the page is there.
    Open {
        instrument: Ref<Instrument>,
        monday: Day,
    },
    Take {
        instrument: Ref<Instrument>,
        monday: Day,
        booking: Ref<Booking>,
        buyer: Ref<Organisation>,
        spans: List<Times, SPANS_MAX>,
        buffer: Buffer,
        daily: Option<Quota>,
        weekly: Option<Quota>,
        #[serde(default)]
        places: Option<Places>,
        #[serde(default)]
        unrestricted: Unrestricted,
    },
    /// Gives back what a booking has: all of it, or what begins at `from`.
    Free {
        booking: Ref<Booking>,
        from: Option<Moment>,
    },
    /// What a booking has from then on ends sooner.
    Shorten {
        booking: Ref<Booking>,
        from: Moment,
        until: Moment,
    },
    Close {
        instrument: Ref<Instrument>,
        monday: Day,
        times: Times,
        why: Why,
    },
    Reopen {
        times: Times,
        /// Whoever closed it does not mind that it was opened before.
        #[serde(default)]
        may_be_open: bool,
    },
    Wait {
        instrument: Ref<Instrument>,
        monday: Day,
        booking: Ref<Booking>,
        buyer: Ref<Organisation>,
        times: Times,
        buffer: Buffer,
        daily: Option<Quota>,
        weekly: Option<Quota>,
        was_displaced: bool,
        #[serde(default)]
        places: Option<Places>,
        #[serde(default)]
        unrestricted: Unrestricted,
    },
    Leave {
        booking: Ref<Booking>,
    },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Opened {
        instrument: Ref<Instrument>,
        title: Bilingual<200>,
        unit: Ref<Organisation>,
        region: Region,
        monday: Day,
    },
    /// The instrument has another managing unit now.
    Moved {
        unit: Ref<Organisation>,
    },
    /// Outsiders read the times alone.
    Taken {
        taker: Option<Taker>,
        spans: List<Times, SPANS_MAX>,
        buffer: Buffer,
        #[serde(default)]
        places: Option<Places>,
        #[serde(default)]
        unrestricted: Unrestricted,
    },
    Freed {
        booking: Option<Ref<Booking>>,
        spans: List<Times, SPANS_MAX>,
    },
    Shortened {
        booking: Option<Ref<Booking>>,
        from: Moment,
        until: Moment,
    },
    Closed {
        times: Times,
        why: Why,
    },
    Reopened {
        times: Times,
    },
    Joined {
        queued: Queued,
    },
    Left {
        booking: Ref<Booking>,
    },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    TakenThen { from: Moment, until: Moment },
    NoPlaceLeft { from: Moment, until: Moment, places: i64 },
    BookedThen { from: Moment, until: Moment, booking: Ref<Booking> },
    TooNear { from: Moment, until: Moment, buffer: i64 },
    ClosedThen { from: Moment, until: Moment, why: Why },
    DailyQuota { day: Day, most: i64 },
    WeeklyQuota { most: i64 },
    WeekFull { most: usize },
    WaitListFull { most: usize },
    WaitsAlready,
    NothingThere,
}

use {Command::*, Event::*};

impl Desk for Calendar {
    const NAME: &'static str = "calendar";
    const OPENS: &'static [&'static str] = &["open", "take", "close", "wait"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Close { .. } | Reopen { .. } => Who::Either(&[Who::Desk("instrument"), Who::Desk("training")]),
            Open { .. } => Who::Either(&[Who::Desk("booking"), Who::Desk("line")]),
            Take { .. } | Free { .. } | Shorten { .. } | Wait { .. } | Leave { .. } => Who::Desk("booking"),
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        steps::decide(this, command, ctx)
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut page) = this else {
            let Opened { instrument, title, unit, region, monday } = event.clone() else { impossible(event) };
            let (slots, waiting) = (List::default(), List::default());
            return Self { instrument, title, unit, region, monday, slots, waiting, arrivals: 0 };
        };
        page.goes_on(event);
        page
    }

    fn card(&self) -> Card {
        let (monday, closed) = (self.monday, self.closed());
        let card = Card::new()
            .titled(
                format!("{} · {monday} 起一周", self.title.zh()),
                format!("{} · week of {monday}", self.title.en()),
            )
            .status(if self.slots.is_empty() { "free" } else { "in-use" })
            .region(self.region)
            .from(monday)
            .until(monday.plus_days(6))
            .party("instrument", self.instrument.id())
            .party("unit", self.unit.id())
            .inside("unit")
            .inside_office(OFFICE)
            .inside_office("auditor")
            .fact("busy", self.busy())
            .fact("waiting", self.line());
        if closed.is_empty() { card } else { card.fact("closed", closed) }
    }

    /// Everyone sees when it is busy. Who has it then is for the keeper, and for whoever has it.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) {
            return Sight::Seen;
        }
        self.waiting = List::default();
        self.arrivals = 0;
        for slot in self.slots.iter_mut() {
            slot.taker = slot.taker.take().filter(|taker| viewer.is(taker.buyer.id()));
        }
        Sight::Seen
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        if viewer.is_inside(&this.card()) {
            return Some(event);
        }
        match event {
            Taken { taker, spans, buffer, places, unrestricted } => {
                let taker = taker.filter(|taker| viewer.is(taker.buyer.id()));
                Some(Taken { taker, spans, buffer, places, unrestricted })
            }
            Freed { spans, .. } => Some(Freed { booking: None, spans }),
            Shortened { from, until, .. } => Some(Shortened { booking: None, from, until }),
            Joined { .. } | Left { .. } => None,
            Opened { .. } | Moved { .. } | Closed { .. } | Reopened { .. } => Some(event),
        }
    }

    fn check(&self) {
        let taken: Vec<_> = self.slots.iter().map(Slot::taken).collect();
        assert_eq!(engine::check(&taken, None), Ok(()));
        assert!(self.slots.iter().all(|slot| slot.taker.is_some() != slot.closed.is_some()));
    }
}
