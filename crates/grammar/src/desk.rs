//! Desk: one kind of record and the rules for it; the vocabulary every desk is written in.
//!
//! A command is asked, [`Desk::decide`] answers with a [`Script`] of *say* and *tell* or with a [`No`],
//! and [`Desk::apply`] folds what was said into the record. Nothing here knows a clock or a database.

use std::fmt::Debug;

use schemars::JsonSchema;
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    calendar::Calendar,
    card::{Card, Cards, Sight},
    kinds::{Day, Id, Moment, Ref, Region, Sealed},
    lot::{Anchor, Drawn, Lot},
    rules::{Rule, RuleValue, Rules},
    viewer::{Viewer, Who},
};

/// A kind of record and the rules for it. `Self` is one record as it stands now.
pub trait Desk: Clone + Debug + Serialize + DeserializeOwned + Send + Sync + 'static {
    /// The word used in addresses, on the command line and in the log: `voucher`.
    const NAME: &'static str;
    /// The verbs that make a new record.
    const OPENS: &'static [&'static str];
    /// The words for people: Chinese, then English (`words.zh.toml`, `words.en.toml`).
    const WORDS: [&'static str; 2];
    /// The rules as data (`rules.toml`).
    const RULES: &'static str;
    /// How many steps a case that begins here may take. More than usual only where one decision, made
    /// by an engine and checked here, concerns many records.
    const STEPS_MAX: usize = 64;
    /// Whether something has happened to it is itself not for outsiders: whoever sees no more of a record than the public does
    /// learns neither how many events it has had nor when, and is given no case file.
    const IS_QUIET: bool = false;
    /// The field of a form that a refusal is about, by the refusal's code: there it is said once more.
    const BESIDE: &'static [(&'static str, &'static str)] = &[];
    type Command: Clone + Debug + Serialize + DeserializeOwned + JsonSchema;
    type Event: Clone + Debug + PartialEq + Serialize + DeserializeOwned;
    type Refusal: Debug + Serialize;

    /// Who may ask this at all. Looked at before any rule.
    fn who(command: &Self::Command) -> Who;
    /// What would happen. Clock, chance, rules and other records' cards all arrive in `ctx`.
    ///
    /// # Errors
    /// [`No`]: the command makes no sense in this state, or a rule forbids it.
    fn decide(this: Option<&Self>, command: &Self::Command, ctx: &Ctx) -> Decision<Self>;
    /// What did happen. Cannot refuse: it is already in the log.
    #[must_use]
    fn apply(this: Option<Self>, event: &Self::Event) -> Self;
    /// What time alone will ask for next, and when: a command like any other.
    fn due(&self) -> Option<Due<Self::Command>> {
        None
    }
    /// What lists, search and other desks may know of it.
    fn card(&self) -> Card;
    /// Whether it is a certificate by nature as it stands: a right or a finding that people show to others, on
    /// paper too. Then its page offers one to print.
    fn is_certificate(&self) -> bool {
        false
    }
    /// Blanks what this viewer may not know, or says that the record is not to be seen at all. The only
    /// place where anything is hidden. It must show insiders of the card everything.
    fn veil(&mut self, _viewer: &Viewer) -> Sight {
        Sight::Seen
    }
    /// The same for one line of its history: the event as this viewer may read it, or nothing. `this` is
    /// the record as it stands now, unveiled.
    fn veil_event(_this: &Self, event: Self::Event, _viewer: &Viewer) -> Option<Self::Event> {
        Some(event)
    }
    /// What must always hold. Called after every `apply` in tests.
    fn check(&self) {}
}

pub type Decision<D> = Result<Script<<D as Desk>::Event>, No<<D as Desk>::Refusal>>;

/// An ordered list of things to record here and to ask elsewhere. All of it happens, or none.
#[derive(Clone, Debug, PartialEq)]
pub struct Script<E>(Vec<Step<E>>);

#[derive(Clone, Debug, PartialEq)]
pub enum Step<E> {
    /// Record this on the record that is deciding.
    Say(E),
    /// Ask another record, now, in the same transaction. If it refuses, everything is refused.
    Tell(Tell),
}

/// A command for another record. Only [`tell`] makes one, so it always fits the desk it goes to.
#[derive(Clone, Debug, PartialEq)]
pub struct Tell {
    pub desk: &'static str,
    pub record: Id,
    pub command: Value,
    /// The field of this desk's own command that it comes from: there it is said why the other record refuses.
    pub about: Option<String>,
}

impl Tell {
    /// Names the field of this desk's own command that it comes from: `picks.2`.
    #[must_use]
    pub fn about(mut self, path: String) -> Self {
        self.about = Some(path);
        self
    }
}

/// A command for another record of a desk above this one.
#[must_use]
pub fn tell<D: Desk>(record: Ref<D>, command: &D::Command) -> Tell {
    let command = serde_json::to_value(command).unwrap_or_else(|error| impossible(&error));
    Tell { desk: D::NAME, record: record.id(), command, about: None }
}

/// Starts a script with something to record here.
#[must_use]
pub fn say<E>(event: E) -> Script<E> {
    Script(vec![Step::Say(event)])
}

impl<E> Script<E> {
    /// A script of nothing but tells.
    #[must_use]
    pub fn silent() -> Self {
        Self(Vec::new())
    }

    #[must_use]
    pub fn say(mut self, event: E) -> Self {
        self.0.push(Step::Say(event));
        self
    }

    #[must_use]
    pub fn and(mut self, tell: Tell) -> Self {
        self.0.push(Step::Tell(tell));
        self
    }

    /// Everything that is recorded here before anything is asked elsewhere, each in its order: then a record of many
    /// parts is written once.
    #[must_use]
    pub fn said_first(mut self) -> Self {
        self.0.sort_by_key(|step| matches!(step, Step::Tell(_)));
        self
    }

    #[must_use]
    pub fn steps(self) -> Vec<Step<E>> {
        self.0
    }
}

/// Why a desk says no.
#[derive(Clone, Debug, PartialEq)]
pub enum No<R> {
    /// The command makes no sense in this state. Worded once, for every desk.
    NotNow,
    /// A rule forbids it. The rule's id, when the reason rests on an article.
    Because(R, Option<&'static str>),
}

impl<R> From<R> for No<R> {
    fn from(refusal: R) -> Self {
        Self::Because(refusal, None)
    }
}

/// One rule, one line: what must be true, and what to say if it is not.
///
/// # Errors
/// The refusal, when `holds` is false.
pub fn ensure<R>(holds: bool, refusal: R) -> Result<(), R> {
    if holds { Ok(()) } else { Err(refusal) }
}

/// Names the rule a refusal rests on.
pub trait By<R> {
    /// # Errors
    /// The refusal, now with its rule.
    fn by<T>(self, rule: Rule<T>) -> Result<(), No<R>>;
}

impl<R> By<R> for Result<(), R> {
    fn by<T>(self, rule: Rule<T>) -> Result<(), No<R>> {
        self.map_err(|refusal| No::Because(refusal, Some(rule.id())))
    }
}

/// The word under which a unit-like value is written: `high-tech-enterprise`.
#[must_use]
pub fn plain_word<T: Serialize>(value: &T) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_owned)).unwrap_or_default()
}

/// The last arm of every `decide`.
///
/// # Errors
/// Always: the command makes no sense in this state.
pub fn not_now<E, R>() -> Result<Script<E>, No<R>> {
    Err(No::NotNow)
}

/// Stops at something that was believed impossible, saying what. Caught at the registry's edge.
#[expect(
    clippy::panic,
    reason = "the one place that may stop the case: a broken belief must not be folded into a record"
)]
pub fn impossible<T: Debug + ?Sized>(belief: &T) -> ! {
    panic!("believed impossible: {belief:?}")
}

/// A wish of time: a moment, and the command the clock will ask then.
#[derive(Clone, Debug, PartialEq)]
pub struct Due<C> {
    pub at: Moment,
    pub command: C,
}

impl<C> Due<C> {
    #[must_use]
    pub fn at(at: Moment, command: C) -> Self {
        Self { at, command }
    }

    /// As soon as `day` is over in China.
    #[must_use]
    pub fn after(day: Day, command: C) -> Self {
        Self { at: day.ends(), command }
    }
}

/// Everything a decision may look at beside the record and the command.
pub struct Ctx<'a> {
    pub now: Moment,
    /// Who asks. For a told command this is still the person at the beginning of the case.
    pub by: &'a Viewer,
    /// The record that decides.
    pub me: Id,
    /// The day on which this record was born: its case keeps the rules of that day. Today for a new one.
    pub born: Day,
    /// The region whose rules hold: that of the record's card.
    pub region: Region,
    pub seen: &'a Cards,
    pub rules: &'a Rules,
    /// Prefix for the names of records this step opens by telling.
    pub fresh: &'a dyn Fn(&str, u32) -> Id,
    /// Sealed values by their commitments.
    pub sealed: &'a dyn Fn(&str) -> Option<Value>,
    /// Makes a secret, keeps it sealed and gives its promise.
    pub promise: &'a dyn Fn() -> Lot,
    /// The first signed checkpoint that covers this record's last fact, when there is one.
    pub anchor: &'a dyn Fn() -> Option<Anchor>,
}

impl Ctx<'_> {
    #[must_use]
    pub fn today(&self) -> Day {
        self.now.day()
    }

    /// The card of a record the command names. Always there: the registry loaded it, or refused before.
    #[must_use]
    pub fn see<D>(&self, record: Ref<D>) -> &Card {
        self.seen.get(record.id())
    }

    /// The value of a rule for this case: its region, on the day it was born.
    #[must_use]
    pub fn rule<T: RuleValue>(&self, rule: Rule<T>) -> T {
        self.rules.value(rule, self.region, self.born)
    }

    #[must_use]
    pub fn calendar(&self) -> &Calendar {
        Calendar::china()
    }

    /// What a sealed value holds, for the clock's command alone; `None` for everyone else.
    #[must_use]
    pub fn open<T: DeserializeOwned>(&self, sealed: &Sealed<T>) -> Option<T> {
        let value = self.by.is_clock.then(|| (self.sealed)(sealed.commitment())).flatten()?;
        serde_json::from_value(value).ok()
    }

    /// Promises a draw: a new secret lies sealed from now on, and its commitment goes into an event.
    #[must_use]
    pub fn promise(&self) -> Lot {
        (self.promise)()
    }

    /// The first signed checkpoint that covers this record's last fact: for the clock's command alone, and only
    /// when this case has not yet changed the record. In a living house there is one about a second later.
    #[must_use]
    pub fn anchor(&self) -> Option<Anchor> {
        self.by.is_clock.then(|| (self.anchor)()).flatten()
    }

    /// The secret of a lot, for the clock's command alone.
    #[must_use]
    pub fn secret(&self, lot: &Lot) -> Option<String> {
        let secret = self.by.is_clock.then(|| (self.sealed)(lot.commitment())).flatten()?;
        secret.as_str().filter(|secret| lot.is_of(secret)).map(str::to_owned)
    }

    /// What a lot comes to: its secret with the first checkpoint that covers this record's last fact. For the
    /// clock's command alone. Ask it in a command of its own, after the fact that closes the matter; what it gives goes into
    /// the event, so that anyone can do the draw again.
    #[must_use]
    pub fn draw(&self, lot: &Lot) -> Option<Drawn> {
        Some(Drawn { secret: self.secret(lot)?, anchor: self.anchor()? })
    }

    /// A name for the `n`th record that this step opens by telling desk `D`.
    #[must_use]
    pub fn fresh<D: Desk>(&self, n: u32) -> Ref<D> {
        (self.fresh)(D::NAME, n).r()
    }
}
