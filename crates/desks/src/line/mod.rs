//! Line (排队): those who stand at one instrument for its time now, first come, first served.
//!
//! There is one for each instrument whose terms of use have a line; it is opened as they are set, under a name that the
//! instrument alone makes. Whoever joins gets a number. When the instrument is free, the first who waits is called, by itself or by
//! its keeper; whoever does not take the turn in time loses it, and the next is called. Taking a turn opens a booking.
//! Always: at most one is called; nobody is called before someone who came earlier and still waits; each person has one turn for one
//! organisation; who stands there is for those who keep the instrument, and for themselves.

use std::collections::BTreeSet;

use grammar::prelude::*;

use crate::{
    booking::Booking,
    calendar::Calendar,
    instrument::{Instrument, Mode},
    organisation::Organisation,
};

mod beside;
mod steps;
#[cfg(test)]
mod stories;
mod turns;

pub use turns::{Ended, How, Standing, Turn, Wish, name};

/// Those who stand in one line.
pub const TURNS_MAX: usize = 60;
/// Turns that came to nothing and are still told of.
pub const ENDED_MAX: usize = 40;
const OFFICE: &str = "instrument-office";

/// The weeks in which a free moment is looked for: this one and the next.
pub type Pages = List<Ref<Calendar>, 2>;
/// The number of a turn.
pub type Number = Between<1, 1_000_000_000>;

/// A line as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Line {
    instrument: Ref<Instrument>,
    title: Bilingual<200>,
    unit: Ref<Organisation>,
    region: Region,
    mode: Mode,
    /// In the order in which they came.
    turns: List<Turn, TURNS_MAX>,
    /// The latest of those that came to nothing.
    ended: List<Ended, ENDED_MAX>,
    /// The last number that was given.
    given: i64,
    /// Why nobody is called by itself.
    paused: Option<Text<200>>,
    /// Before then nobody can begin, as its calendar says.
    free_from: Option<Moment>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    /// Makes sure that it is there, and keeps to what the instrument says now.
    Open {
        instrument: Ref<Instrument>,
    },
    Join(Wish),
    /// The one turn of whoever asks, where no number is given.
    Leave {
        number: Option<Number>,
    },
    /// The next one, please.
    Call,
    /// Whose turn it is not any more.
    Skip {
        number: Number,
        reason: Text<200>,
    },
    Pause {
        reason: Text<200>,
    },
    Resume,
    /// Looks whether the next can be called.
    Look,
    /// Calls the next if its instrument is free on these weeks.
    Next {
        instrument: Ref<Instrument>,
        pages: Pages,
        is_asked: bool,
    },
    /// The one who was called begins.
    Take {
        number: Number,
        booking: Ref<Booking>,
    },
    Lapse,
}

/// What can have happened to it. Additions only: these words stay in the log for good. Outsiders read nothing of others.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Opened {
        instrument: Ref<Instrument>,
        title: Bilingual<200>,
        unit: Ref<Organisation>,
        region: Region,
        mode: Mode,
    },
    /// The instrument has another managing unit now.
    Moved {
        unit: Ref<Organisation>,
    },
    /// Its time is given otherwise from now on. Without a line, nobody stands there any more.
    ModeSet {
        mode: Mode,
        at: Moment,
    },
    Joined {
        turn: Box<Turn>,
    },
    Left {
        number: i64,
        buyer: Ref<Organisation>,
    },
    Called {
        number: i64,
        until: Moment,
    },
    /// It was called, and then the time was not free after all: it is called again.
    SetBack {
        number: i64,
    },
    Taken {
        number: i64,
        buyer: Ref<Organisation>,
        booking: Ref<Booking>,
    },
    Lapsed {
        number: i64,
        buyer: Ref<Organisation>,
        at: Moment,
    },
    Skipped {
        number: i64,
        buyer: Ref<Organisation>,
        reason: Text<200>,
        at: Moment,
    },
    /// Nobody can begin before then; nobody at all as long as the instrument is out of use.
    Held {
        until: Option<Moment>,
    },
    Paused {
        reason: Text<200>,
    },
    Resumed,
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    AnotherInstrument,
    NoLine,
    NotInService,
    NotOpenToYou,
    OnlyYourself,
    NotYourUnit,
    MayHoldSecrets,
    PermitNeeded,
    PermitNotValid,
    SamplesNeeded,
    TooShort { least: i64 },
    TooLong { most: i64 },
    NotInSteps { step: i64 },
    InLineAlready { number: i64 },
    LineFull { most: usize },
    NotInLine,
    WhichTurn,
    NoSuchTurn { number: i64 },
    NobodyWaits,
    CalledAlready { number: i64 },
    NotFreeBefore { from: Moment },
}

use {Command::*, Event::*};

impl Desk for Line {
    const NAME: &'static str = "line";
    const OPENS: &'static [&'static str] = &["open"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Open { .. } => Who::Desk("instrument"),
            Join(_) | Leave { .. } => Who::Member,
            Call | Skip { .. } | Pause { .. } | Resume => Who::Party("unit"),
            Look => Who::Either(&[Who::Desk("booking"), Who::Desk("instrument"), Who::Clock]),
            Next { .. } => Who::Desk("line"),
            Take { .. } => Who::Desk("booking"),
            Lapse => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        steps::decide(this, command, ctx)
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut line) = this else {
            let Opened { instrument, title, unit, region, mode } = event.clone() else { impossible(event) };
            let (turns, ended, paused, free_from) = (List::default(), List::default(), None, None);
            return Self { instrument, title, unit, region, mode, turns, ended, given: 0, paused, free_from };
        };
        line.goes_on(event);
        line
    }

    fn due(&self) -> Option<Due<Command>> {
        if let Some(called) = self.called() {
            return called.until.map(|until| Due::at(until, Lapse));
        }
        self.free_from.filter(|_| self.may_call()).map(|from| Due::at(from, Look))
    }

    fn card(&self) -> Card {
        let mut card = Card::new()
            .titled(format!("排队：{}", self.title.zh()), format!("Line: {}", self.title.en()))
            .status(self.status())
            .region(self.region)
            .party("instrument", self.instrument.id())
            .party("unit", self.unit.id())
            .inside("unit")
            .inside_office(OFFICE)
            .inside_office("auditor")
            .fact("mode", self.mode)
            .fact("waiting", self.waiting())
            .fact("wanted", self.wanted())
            .fact("free_from", self.free_from);
        // Only those who are shown who stands there, or stood there lately, read these.
        let stood = self.turns.iter().chain(self.ended.iter().map(|ended| &ended.turn));
        for person in stood.filter_map(Turn::person_id).collect::<BTreeSet<Id>>() {
            card = card.party("stander", person);
        }
        if let Some(called) = self.called() {
            card = card.fact("called", called);
            for id in called.buyer.map(|buyer| buyer.id()).into_iter().chain(called.person_id()) {
                card = card.party("called", id);
            }
        }
        card
    }

    /// Everyone sees how many wait, for how long, and which number is called. Who it is, is for the keeper and for themselves.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if !viewer.is_inside(&self.card()) {
            self.turns.iter_mut().for_each(|turn| turn.veil(viewer));
            self.ended.retain(|ended| ended.turn.is_of(viewer));
            self.given = 0;
        }
        Sight::Seen
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        if viewer.is_inside(&this.card()) {
            return Some(event);
        }
        // The line of each event says who asked it: that somebody came, left or began is read by them alone.
        let is_own = |buyer: Ref<Organisation>| viewer.is(buyer.id());
        match event {
            Joined { mut turn } => {
                turn.veil(viewer);
                Some(Joined { turn })
            }
            Left { buyer, .. } | Taken { buyer, .. } | Lapsed { buyer, .. } | Skipped { buyer, .. } => {
                is_own(buyer).then_some(event)
            }
            Called { .. } | SetBack { .. } | Held { .. } => None,
            Opened { .. } | Moved { .. } | ModeSet { .. } | Paused { .. } | Resumed => Some(event),
        }
    }

    fn check(&self) {
        let called = self.turns.iter().filter(|turn| turn.standing == Standing::Called).count();
        assert!(called <= 1, "at most one is called");
        assert!(self.turns.iter().all(|turn| (turn.standing == Standing::Called) == turn.until.is_some()));
        let numbers = self.turns.iter().map(|turn| turn.number);
        assert!(numbers.is_sorted_by(|one, next| one < next), "in the order in which they came");
        assert!(self.turns.first().is_none_or(|first| called == 0 || first.standing == Standing::Called));
        assert!(self.mode.has_line() || self.turns.is_empty());
    }
}
