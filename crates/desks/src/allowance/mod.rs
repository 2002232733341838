//! Allowance (预约额度): what one buyer holds of one instrument from now on, for limits that no single week of its calendar knows.
//!
//! How many times a day, how long between two, how much ahead in all. There is one for each buyer of an instrument that has such
//! limits, under a name that both alone make; bookings tell it what they take and give back. Hours without limits are not held
//! here. What a wait list offers, an emergency takes or a proposal is granted is not asked about; taking up an offer is.
//! Always: no two of what is held begin at one moment for one booking.

use std::collections::BTreeSet;

use engines::booking::{DAY, MINUTE};
use grammar::prelude::*;

use crate::{
    booking::{Booking, SITTINGS_MAX},
    calendar::{Times, span_of},
    instrument::Instrument,
    organisation::Organisation,
};

#[cfg(test)]
mod stories;

/// Times that one buyer holds of one instrument.
pub const HELD_MAX: usize = 500;
/// Days after its end in which a time may still be in the way of another one.
const KEPT_DAYS: i64 = 8;
const OFFICE: &str = "instrument-office";

/// What one buyer may have of an instrument. Minutes are whole ones; nothing is limited where nothing is said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Limits {
    /// How many times may begin on one day.
    pub daily_times: Option<Between<1, 1_000>>,
    /// From the end of one until the beginning of the next.
    pub apart_minutes: Option<Between<1, 10_080>>,
    /// In all that has not ended yet.
    pub ahead_minutes: Option<Between<1, 100_800>>,
}

impl Limits {
    #[must_use]
    pub const fn is_any(&self) -> bool {
        self.daily_times.is_some() || self.apart_minutes.is_some() || self.ahead_minutes.is_some()
    }
}

/// A time that a booking has, and the minutes of it that count.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Holding {
    pub times: Times,
    pub minutes: Between<1, 20_160>,
}

pub type Holdings = List<Holding, SITTINGS_MAX>;

/// One of what is held.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
pub struct Held {
    pub booking: Ref<Booking>,
    pub times: Times,
    pub minutes: Between<1, 20_160>,
}

/// An allowance as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Allowance {
    instrument: Ref<Instrument>,
    buyer: Ref<Organisation>,
    unit: Ref<Organisation>,
    title: Bilingual<200>,
    region: Region,
    /// In the order of their beginnings.
    held: List<Held, HELD_MAX>,
}

/// What can be asked of it. Only by bookings.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    /// All of some times, or none.
    Hold {
        instrument: Ref<Instrument>,
        buyer: Ref<Organisation>,
        booking: Ref<Booking>,
        holdings: Holdings,
        limits: Limits,
    },
    /// Gives back what begins then, if it is held.
    Release { booking: Ref<Booking>, from: Moment },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Opened {
        instrument: Ref<Instrument>,
        buyer: Ref<Organisation>,
        unit: Ref<Organisation>,
        title: Bilingual<200>,
        region: Region,
    },
    /// The instrument has another managing unit now.
    Moved {
        unit: Ref<Organisation>,
    },
    /// What ended before `since` is of no more concern.
    Held {
        booking: Ref<Booking>,
        holdings: Holdings,
        since: Moment,
    },
    Released {
        booking: Ref<Booking>,
        from: Moment,
    },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    DailyTimes { day: Day, most: i64 },
    TooCloseTogether { from: Moment, until: Moment, least: i64 },
    TooMuchAhead { most: i64, has: i64 },
    TooManyHeld { most: usize },
}

use Refusal::{DailyTimes, TooCloseTogether, TooManyHeld, TooMuchAhead};

/// The allowance of a buyer at an instrument.
#[must_use]
pub fn name(instrument: Ref<Instrument>, buyer: Ref<Organisation>) -> Ref<Allowance> {
    // An id has room for any two names the registry makes; longer ones of a test keep their ends.
    let own = |id: Id, desk: &str| {
        let own = id.as_str().strip_prefix(desk).unwrap_or(id.as_str()).replace('-', "x");
        own.get(own.len().saturating_sub(18)..).unwrap_or_default().to_owned()
    };
    let (one, two) = (own(instrument.id(), "instrument-"), own(buyer.id(), "organisation-"));
    let name = format!("allowance-{one}x{two}");
    name.parse::<Id>().unwrap_or_else(|_| impossible(&name)).r()
}

/// Whether it is one of these times of this booking.
fn is_in(holdings: &Holdings, booking: Ref<Booking>, held: &Held) -> bool {
    held.booking == booking && holdings.iter().any(|one| one.times.from == held.times.from)
}

/// Each begins at another moment and ends after it.
fn ensure_times(holdings: &Holdings) -> Result<(), No<Refusal>> {
    let begins: BTreeSet<Moment> = holdings.iter().map(|one| one.times.from).collect();
    let is_whole = holdings.iter().all(|one| span_of(one.times).is_some());
    if begins.len() == holdings.len() && is_whole { Ok(()) } else { Err(No::NotNow) }
}

impl Allowance {
    /// Whether all of it is within the limits, one after the other.
    fn allows(&self, holdings: &Holdings, limits: &Limits, now: Moment) -> Result<(), Refusal> {
        let mut had: Vec<Holding> =
            self.held.iter().map(|held| Holding { times: held.times, minutes: held.minutes }).collect();
        ensure(had.len() + holdings.len() <= HELD_MAX, TooManyHeld { most: HELD_MAX })?;
        for new in holdings.iter() {
            limits.allow(&had, new, now)?;
            had.push(*new);
        }
        Ok(())
    }
}

impl Limits {
    fn allow(&self, had: &[Holding], new: &Holding, now: Moment) -> Result<(), Refusal> {
        let day = new.times.from.day();
        if let Some(most) = self.daily_times.map(Between::get) {
            let count = had.iter().filter(|one| one.times.from.day() == day).count();
            ensure(i64::try_from(count).is_ok_and(|count| count < most), DailyTimes { day, most })?;
        }
        if let (Some(least), Some(span)) = (self.apart_minutes.map(Between::get), span_of(new.times)) {
            let wide = span.wider(least * MINUTE);
            let near = had.iter().find(|one| span_of(one.times).is_some_and(|other| other.overlaps(wide)));
            if let Some(Holding { times: Times { from, until }, .. }) = near.copied() {
                ensure(false, TooCloseTogether { from, until, least })?;
            }
        }
        if let Some(most) = self.ahead_minutes.map(Between::get) {
            let ahead = had.iter().filter(|one| now < one.times.until);
            let has: i64 = ahead.map(|one| one.minutes.get()).sum();
            ensure(has + new.minutes.get() <= most, TooMuchAhead { most, has })?;
        }
        Ok(())
    }
}

impl Desk for Allowance {
    const NAME: &'static str = "allowance";
    const OPENS: &'static [&'static str] = &["hold", "release"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = "";
    const IS_QUIET: bool = true;
    const BESIDE: &'static [(&'static str, &'static str)] = &[
        ("daily-times", "from"),
        ("too-close-together", "from"),
        ("too-much-ahead", "minutes"),
        ("too-many-held", "from"),
    ];
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(_: &Command) -> Who {
        Who::Desk("booking")
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match command.clone() {
            Command::Hold { instrument, buyer, booking, holdings, limits } => {
                let (card, since) = (ctx.see(instrument), ctx.now.plus_millis(-KEPT_DAYS * DAY));
                let title = Bilingual { zh: Text::read(&card.title_zh), en: Text::read(&card.title_en) };
                let unit: Ref<Organisation> = card.the("unit").r();
                let (mut allowance, script) = match this {
                    None => {
                        let opened = Event::Opened { instrument, buyer, unit, title, region: card.scope() };
                        (Self::apply(None, &opened), say(opened))
                    }
                    Some(known) if known.unit == unit => (known.clone(), Script::silent()),
                    Some(known) => (known.clone(), say(Event::Moved { unit })),
                };
                if (allowance.instrument, allowance.buyer) != (instrument, buyer) {
                    impossible(&("the allowance of somebody else", allowance.instrument, allowance.buyer));
                }
                ensure_times(&holdings)?;
                allowance.held.retain(|held| since <= held.times.until && !is_in(&holdings, booking, held));
                allowance.allows(&holdings, &limits, ctx.now)?;
                Ok(script.say(Event::Held { booking, holdings, since }))
            }
            Command::Release { booking, from } => {
                let is_its = |held: &Held| held.booking == booking && held.times.from == from;
                let is_held = this.is_some_and(|allowance| allowance.held.iter().any(is_its));
                Ok(if is_held { say(Event::Released { booking, from }) } else { Script::silent() })
            }
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut allowance) = this else {
            let Event::Opened { instrument, buyer, unit, title, region } = event.clone() else {
                impossible(event)
            };
            return Self { instrument, buyer, unit, title, region, held: List::default() };
        };
        match event.clone() {
            Event::Opened { .. } => impossible(event),
            Event::Moved { unit } => allowance.unit = unit,
            Event::Held { booking, holdings, since } => {
                let new = holdings.iter().map(|one| Held { booking, times: one.times, minutes: one.minutes });
                let stays = |held: &&Held| since <= held.times.until && !is_in(&holdings, booking, held);
                let mut all: Vec<Held> = allowance.held.iter().filter(stays).copied().chain(new).collect();
                all.sort_by_key(|held| held.times.from);
                allowance.held = List::new(all).unwrap_or_else(|| impossible(event));
            }
            Event::Released { booking, from } => {
                allowance.held.retain(|held| held.booking != booking || held.times.from != from);
            }
        }
        allowance
    }

    fn card(&self) -> Card {
        Card::new()
            .title(&self.title)
            .status(if self.held.is_empty() { "nothing-held" } else { "held" })
            .region(self.region)
            .party("instrument", self.instrument.id())
            .party("buyer", self.buyer.id())
            .party("unit", self.unit.id())
            .inside("unit")
            .inside("buyer")
            .inside_office(OFFICE)
            .inside_office("auditor")
    }

    /// Who holds what is for whoever holds it and the keeper.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) { Sight::Seen } else { Sight::Hidden }
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        viewer.is_inside(&this.card()).then_some(event)
    }

    fn check(&self) {
        let once: BTreeSet<_> = self.held.iter().map(|held| (held.booking, held.times.from)).collect();
        assert_eq!(once.len(), self.held.len(), "a booking holds a time once");
    }
}
