//! Draw (公开抽签): some of a list are drawn by chance that was promised before and can be made again by anyone.
//!
//! open → closed → anchored → drawn; open → withdrawn; anchored → failed. Everything is fixed and a secret promised when it
//! is opened; anyone signed in may add a word. At the fixed moment it closes; the first signed checkpoint of the log
//! behind that is its anchor; then, when one was named, a public number from outside is announced. The secret is shown,
//! and with it who was drawn. Always: nobody is drawn before the anchor, and what ended stays in the record.

use grammar::prelude::*;

use crate::{notice::shows_personal_numbers, person::Person};

mod beside;
mod steps;
#[cfg(test)]
mod stories;
mod terms;

pub use terms::{Again, GroupQuota, Terms, draw};

/// Words that may be added to one draw.
const WORDS_MAX: usize = 500;
/// The longest time from opening to closing, in days.
const OPEN_DAYS_MAX: i32 = 366;
/// Drawn entries that the card shows.
const TAKEN_SHOWN: usize = 200;
/// Entries that drop out of one draw.
const GONE_MAX: usize = 1_000;

/// Committed before, repeatable afterwards.
const REPEATABLE: Rule<bool> = rule("EP-R23");
/// Nobody designates who is to be drawn at random.
const NOT_NAMED: Rule<bool> = rule("EP-R22");
/// Days in which the public number must be announced.
const OUTSIDE_DAYS: Rule<i64> = rule("DR-R01");
/// Numbers of identity documents and telephones are masked.
const MASKED: Rule<bool> = rule("PL-R12");

const OFFICE: Who = Who::Office("draw-office");

/// A word that someone added, mixed into the seed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Added {
    pub by: Ref<Person>,
    pub word: Text<100>,
}

/// How a draw ended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "end", rename_all = "kebab-case")]
pub enum End {
    /// Names, in the order in which they were drawn.
    Drawn {
        secret: String,
        taken: Vec<String>,
        spare: Vec<String>,
        gone: Vec<String>,
    },
    Withdrawn,
    Failed,
}

/// A draw as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Draw {
    me: Id,
    terms: Terms,
    lot: Lot,
    opened: Moment,
    words: Vec<Added>,
    closed: Option<Moment>,
    anchor: Option<Anchor>,
    /// Until when the public number must be announced.
    waits_until: Option<Moment>,
    number: Option<Text<300>>,
    ended: Option<End>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Open(Box<Terms>),
    Add { word: Text<100> },
    Withdraw { reason: Text<500> },
    Close,
    Bind,
    Announce { number: Text<300> },
    Reveal,
    Fail,
    Replace { name: Text<400>, reason: Text<500> },
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Opened {
        me: Id,
        terms: Box<Terms>,
        lot: Lot,
        at: Moment,
    },
    Added {
        by: Ref<Person>,
        word: Text<100>,
    },
    Withdrawn {
        reason: Text<500>,
    },
    Closed {
        at: Moment,
    },
    Anchored {
        anchor: Anchor,
        waits_until: Option<Moment>,
    },
    Announced {
        number: Text<300>,
    },
    Revealed {
        secret: String,
        taken: Vec<String>,
        spare: Vec<String>,
    },
    Failed {},
    Replaced {
        name: Text<400>,
        by: Option<String>,
        reason: Text<500>,
        taken: Vec<String>,
        spare: Vec<String>,
    },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NothingToRead,
    ShowsPersonalNumbers,
    ClosesTooSoon { now: Moment },
    ClosesTooLate { days: i32 },
    BadLine { line: u32 },
    NobodyThere,
    TooMany { max: usize },
    EntryTooLong,
    Twice { key: Text<400> },
    QuotaTwice { group: Text<100> },
    Impossible { demands: Vec<Bilingual<600>> },
    NotOver,
    TooManyWords { max: usize },
    OneWordEach,
    NotDrawn { name: Text<400> },
}

use {Command::*, Refusal::*};

use steps::open;

impl Desk for Draw {
    const NAME: &'static str = "draw";
    const OPENS: &'static [&'static str] = &["open"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    const BESIDE: &'static [(&'static str, &'static str)] = beside::BESIDE;
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Open(_) => Who::Either(&[OFFICE, Who::Desk("redemption")]),
            Withdraw { .. } | Replace { .. } => OFFICE,
            // What decides a draw is read by two people.
            Announce { .. } => Who::Two(&OFFICE),
            Add { .. } => Who::Member,
            Close | Bind | Reveal | Fail => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Some(d) = this else {
            return if let Open(terms) = command { open(terms, ctx) } else { not_now() };
        };
        match (d.status(), command) {
            ("open", Add { word }) if ctx.now < d.terms.closes => {
                let Some(by) = ctx.by.person.map(Id::r) else { return not_now() };
                ensure(d.words.len() < WORDS_MAX, TooManyWords { max: WORDS_MAX })?;
                ensure(d.words.iter().all(|added| added.by != by), OneWordEach)?;
                ensure(!shows_personal_numbers(word), ShowsPersonalNumbers).by(MASKED)?;
                Ok(say(Event::Added { by, word: word.clone() }))
            }
            ("open", Withdraw { reason }) => Ok(say(Event::Withdrawn { reason: reason.clone() })),
            ("open", Close) if d.terms.closes <= ctx.now => Ok(say(Event::Closed { at: ctx.now })),
            ("closed", Bind) => {
                let Some(anchor) = ctx.anchor() else { return not_now() };
                let days = i32::try_from(ctx.rule(OUTSIDE_DAYS)).unwrap_or(0);
                let waits_until = d.terms.outside.as_ref().map(|_| ctx.today().plus_days(days).ends());
                Ok(say(Event::Anchored { anchor, waits_until }))
            }
            ("anchored", Announce { number }) if d.is_waiting_outside() => {
                Ok(say(Event::Announced { number: number.clone() }))
            }
            ("anchored", Reveal) if !d.is_waiting_outside() => {
                let revealed = ctx.secret(&d.lot).and_then(|secret| d.reveal(secret));
                revealed.map_or_else(not_now, |event| Ok(say(event)))
            }
            ("anchored", Fail) if d.is_waiting_outside() && d.waits_until <= Some(ctx.now) => {
                Ok(say(Event::Failed {}))
            }
            ("drawn", Replace { name, reason }) => Ok(say(d.replace(name, reason)?)),
            _ => not_now(),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        let Some(mut d) = this else {
            let Event::Opened { me, terms, lot, at } = event.clone() else { impossible(event) };
            let (words, closed, anchor) = (vec![], None, None);
            return Self {
                me,
                terms: *terms,
                lot,
                opened: at,
                words,
                closed,
                anchor,
                waits_until: None,
                number: None,
                ended: None,
            };
        };
        match event.clone() {
            Event::Opened { .. } => impossible(event),
            Event::Added { by, word } => d.words.push(Added { by, word }),
            Event::Withdrawn { .. } => d.ended = Some(End::Withdrawn),
            Event::Closed { at } => d.closed = Some(at),
            Event::Anchored { anchor, waits_until } => {
                (d.anchor, d.waits_until) = (Some(anchor), waits_until)
            }
            Event::Announced { number } => d.number = Some(number),
            Event::Failed {} => d.ended = Some(End::Failed),
            Event::Revealed { secret, taken, spare } => {
                d.ended = Some(End::Drawn { secret, taken, spare, gone: vec![] });
            }
            Event::Replaced { name, taken: now, spare: left, .. } => {
                let Some(End::Drawn { taken, spare, gone, .. }) = &mut d.ended else { impossible(event) };
                (*taken, *spare) = (now, left);
                gone.push(name.to_string());
            }
        }
        d
    }

    /// Each step a moment after the one before: the clock asks one thing at one moment only once.
    fn due(&self) -> Option<Due<Command>> {
        match (self.status(), self.closed, self.waits_until) {
            ("open", ..) => Some(Due::at(self.terms.closes, Close)),
            ("closed", Some(at), _) => Some(Due::at(at.plus_millis(1), Bind)),
            ("anchored", _, Some(until)) if self.is_waiting_outside() => Some(Due::at(until, Fail)),
            ("anchored", Some(at), _) => Some(Due::at(at.plus_millis(2), Reveal)),
            _ => None,
        }
    }

    fn card(&self) -> Card {
        let card = Card::new()
            .title(&self.terms.purpose)
            .status(self.status())
            .region(self.terms.region)
            .from(self.opened.day())
            .until(self.terms.closes.day())
            .source(&self.terms.basis)
            .fact("take", self.terms.take.get())
            .inside_office("draw-office")
            .inside_office("auditor");
        // Who was drawn, for the desk that draws from a list of its own.
        let card = match &self.ended {
            Some(End::Drawn { taken, .. }) if taken.len() <= TAKEN_SHOWN => card.fact("taken", taken),
            _ => card,
        };
        let card = self.terms.about.into_iter().fold(card, |card, about| card.party("about", about));
        match &self.terms.again {
            Some(again) => card.party("again", again.draw.id()).key("draw-again", again.draw.id().as_str()),
            None => card.key("draw", &self.terms.matter()),
        }
    }

    fn check(&self) {
        assert!(self.words.len() <= WORDS_MAX && self.opened < self.terms.closes);
        if let Some(End::Drawn { secret, taken, gone, .. }) = &self.ended {
            assert!(self.lot.is_of(secret), "another secret than the one promised");
            assert!(self.anchor.is_some() && self.closed >= Some(self.terms.closes), "drawn too early");
            assert_eq!(i64::try_from(taken.len()), Ok(self.terms.take.get()));
            assert!(taken.iter().all(|name| !gone.contains(name)));
        }
    }
}
