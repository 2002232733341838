//! Bundle (组合预约): times at several instruments that are booked together or not at all.
//!
//! booked → cancelled, once nothing is left of it that was not cancelled here. Each of its bookings is one like any other
//! afterwards: it is confirmed, run, paid and cancelled by itself. Always: one booking for each pick, all of one buyer, and the
//! case that books it holds them all; who else is in it is not for those who run one of the instruments.

use grammar::prelude::*;

use crate::{
    agreement::Agreement,
    booking::{Answers, Basis, Booking, Presence, Purpose, Request, SETUPS_MAX, WANTED_MAX, Wanted},
    instrument::Instrument,
    organisation::Organisation,
    permit::Permit,
    person::Person,
};

mod beside;
mod steps;
#[cfg(test)]
mod stories;

/// Times in one bundle.
pub const PICKS_MAX: usize = 10;
const OFFICE: &str = "instrument-office";

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Booked,
    Cancelled,
}

/// One time at one instrument, with what a booking of it alone would say.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Pick {
    pub instrument: Ref<Instrument>,
    pub from: Moment,
    pub minutes: Between<5, 20_160>,
    pub basis: Basis,
    pub samples: Option<Between<1, 10_000>>,
    pub permit: Option<Ref<Permit>>,
    pub agreement: Option<Ref<Agreement>>,
    #[serde(default)]
    pub way: Option<Presence>,
    #[serde(default)]
    pub accessories: List<Wanted, WANTED_MAX>,
    #[serde(default)]
    pub consumables: List<Wanted, WANTED_MAX>,
    #[serde(default)]
    pub setups: List<Text<200>, SETUPS_MAX>,
    #[serde(default)]
    pub wants_operator: bool,
    #[serde(default)]
    pub companion: Option<Ref<Person>>,
    #[serde(default)]
    pub answers: Answers,
}

/// What is asked for: all of it, for one buyer.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Order {
    pub picks: List<Pick, PICKS_MAX>,
    pub buyer: Ref<Organisation>,
    pub purpose: Purpose,
    pub project: Option<Text<60>>,
    /// Samples, method, dangers: for each of the keepers.
    pub detail: Text<1000>,
    pub no_secrets: bool,
}

impl Order {
    /// What one of its picks is as a booking by itself.
    #[must_use]
    pub fn request(&self, pick: &Pick) -> Request {
        let pick = pick.clone();
        Request {
            instrument: pick.instrument,
            buyer: self.buyer,
            from: pick.from,
            minutes: pick.minutes,
            every: None,
            basis: pick.basis,
            samples: pick.samples,
            purpose: self.purpose,
            project: self.project.clone(),
            detail: self.detail.clone(),
            permit: pick.permit,
            instead_of: None,
            way: pick.way,
            accessories: pick.accessories,
            consumables: pick.consumables,
            setups: pick.setups,
            wants_operator: pick.wants_operator,
            companion: pick.companion,
            answers: pick.answers,
            agreement: pick.agreement,
            no_secrets: self.no_secrets,
        }
    }
}

/// A booking of the bundle, as it was when all were booked.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub booking: Ref<Booking>,
    pub instrument: Ref<Instrument>,
    pub title: Bilingual<200>,
    pub from: Moment,
    pub minutes: i64,
    /// Cancelled from here.
    #[serde(default)]
    pub is_cancelled: bool,
}

pub type Entries = List<Entry, PICKS_MAX>;

/// A bundle as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Bundle {
    status: Status,
    buyer: Ref<Organisation>,
    region: Region,
    entries: Entries,
    reason: Option<Text<500>>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Book(Order),
    /// Cancels several of its bookings, all that are named or none.
    Cancel {
        bookings: List<Ref<Booking>, PICKS_MAX>,
        reason: Option<Text<500>>,
    },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Booked { buyer: Ref<Organisation>, region: Region, entries: Entries },
    Cancelled { bookings: List<Ref<Booking>, PICKS_MAX>, reason: Option<Text<500>> },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NothingPicked,
    NothingToCancel,
    NotInBundle { booking: Ref<Booking> },
}

use {Command::*, Event::*};

impl Desk for Bundle {
    const NAME: &'static str = "bundle";
    const OPENS: &'static [&'static str] = &["book"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    /// What ten bookings free may be offered to five who wait, each on a few weeks.
    const STEPS_MAX: usize = PICKS_MAX * 40;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(_: &Command) -> Who {
        Who::Party("buyer")
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        match (this, command) {
            (None, Book(order)) => steps::book(order, ctx),
            (Some(bundle), Cancel { bookings, reason }) => bundle.cancels(bookings, reason.clone()),
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match (this, event.clone()) {
            (None, Booked { buyer, region, entries }) => {
                Self { status: Status::Booked, buyer, region, entries, reason: None }
            }
            (Some(mut b), Cancelled { bookings, reason }) => {
                b.entries
                    .iter_mut()
                    .filter(|entry| bookings.contains(&entry.booking))
                    .for_each(|entry| entry.is_cancelled = true);
                b.reason = reason;
                if b.entries.iter().all(|entry| entry.is_cancelled) {
                    b.status = Status::Cancelled;
                }
                b
            }
            (_, event) => impossible(&event),
        }
    }

    fn card(&self) -> Card {
        let mut card = self
            .titled(Card::new())
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.region)
            .party("buyer", self.buyer.id())
            .inside("buyer")
            .inside_office(OFFICE)
            .inside_office("auditor")
            .fact("bookings", self.entries.len());
        if let Some(from) = self.entries.iter().map(|entry| entry.from.day()).min() {
            card = card.from(from);
        }
        if let Some(last) = self.entries.iter().map(|entry| entry.from.day()).max() {
            card = card.until(last);
        }
        for entry in self.entries.iter() {
            card = card.party("booking", entry.booking.id()).party("instrument", entry.instrument.id());
        }
        card
    }

    /// Each provider knows its own booking, and nothing of the others.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.card()) { Sight::Seen } else { Sight::Hidden }
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        viewer.is_inside(&this.card()).then_some(event)
    }

    fn check(&self) {
        assert!(!self.entries.is_empty());
        let mut bookings: Vec<_> = self.entries.iter().map(|entry| entry.booking.id()).collect();
        bookings.sort_unstable();
        bookings.dedup();
        assert_eq!(bookings.len(), self.entries.len(), "each booking stands once");
        assert_eq!(self.status == Status::Cancelled, self.entries.iter().all(|entry| entry.is_cancelled));
    }
}
