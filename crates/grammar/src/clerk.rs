//! Clerk: a desk with its types rubbed off, so that one piece of code can serve them all.

use std::{
    collections::BTreeMap,
    marker::PhantomData,
    sync::{Arc, OnceLock},
};

use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    card::{Card, Sight},
    desk::{Ctx, Desk, Due, No, Step, impossible},
    form::Verb,
    rules::Rules,
    state::State,
    viewer::{Viewer, Who},
    words::{Locale, Words},
};

/// Why a desk refused, ready to be worded.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Refusal {
    pub desk: String,
    /// A key of `[refusal]`; `not-now` is worded once for every desk.
    pub code: String,
    pub facts: Value,
    /// The rule it rests on.
    pub rule: Option<String>,
    /// The field of the command that was asked first, where a record refused that was told because of it: `picks.2`.
    pub about: Option<String>,
}

/// All that is kept about a record after an event.
#[derive(Clone, Debug, PartialEq)]
pub struct Standing {
    pub state: State,
    /// Shared by whoever looks at it.
    pub card: Arc<Card>,
    /// The card the public may see; `None` when the public may not know of the record.
    pub public: Option<Arc<Card>>,
    pub due: Option<Due<Value>>,
}

/// A desk with its types rubbed off.
pub trait Clerk: Sync + Send {
    fn name(&self) -> &'static str;
    fn opens(&self) -> &'static [&'static str];
    fn verbs(&self) -> &[Verb];
    fn words(&self, locale: Locale) -> &Words;
    fn rules(&self) -> &'static str;
    /// Steps of a case that begins at this desk.
    fn steps_max(&self) -> usize;
    /// Whether outsiders may not know that something has happened to a record.
    fn is_quiet(&self) -> bool;
    /// The fields that refusals are about, by their codes.
    fn beside(&self) -> &'static [(&'static str, &'static str)];
    /// `None` when the command is none of this desk's.
    fn who(&self, command: &Value) -> Option<Who>;
    /// # Errors
    /// Why the desk refuses.
    fn decide(&self, this: Option<&State>, command: &Value, ctx: &Ctx) -> Result<Vec<Step<Value>>, Refusal>;
    /// Folds events into the record, one after the other. At least one.
    fn apply(&self, this: Option<&State>, events: &[&Value]) -> Standing;
    /// Whether a viewer may know of the record at all.
    fn may_know(&self, state: &State, viewer: &Viewer) -> bool;
    /// The record as a viewer may see it, with its card; `None` when the viewer may not know of it.
    fn veil(&self, state: &State, viewer: &Viewer) -> Option<(Value, Card)>;
    /// One line of the history as a viewer may read it.
    fn veil_event(&self, state: &State, event: &Value, viewer: &Viewer) -> Option<Value>;
    /// The same for a whole history: the state is read once, however long the history is.
    fn veil_events(&self, state: &State, events: &[Value], viewer: &Viewer) -> Vec<Option<Value>>;
    /// Whether the record, as it stands, is a certificate that people show to others.
    fn is_certificate(&self, state: &Value) -> bool;
    /// Asserts what must always hold; for tests.
    fn check(&self, state: &State);

    fn verb(&self, name: &str) -> Option<&Verb> {
        self.verbs().iter().find(|verb| verb.name == name)
    }
}

/// `Counter<Voucher>` is the clerk for vouchers: serde in, typed call, serde out.
struct Counter<D> {
    parsed: OnceLock<(Vec<Verb>, [Words; 2])>,
    desk: PhantomData<fn() -> D>,
}

impl<D: Desk> Counter<D> {
    #[must_use]
    const fn new() -> Self {
        Self { parsed: OnceLock::new(), desk: PhantomData }
    }

    /// The record as a viewer may see it.
    fn seen(state: &State, viewer: &Viewer) -> Option<D> {
        let mut record = state.typed::<D>().clone();
        matches!(record.veil(viewer), Sight::Seen).then_some(record)
    }

    fn parsed(&self) -> &(Vec<Verb>, [Words; 2]) {
        self.parsed.get_or_init(|| {
            let verbs = Verb::all::<D::Command>().unwrap_or_else(|error| impossible(&(D::NAME, error)));
            let [zh, en] = D::WORDS;
            let read = |locale, text| {
                Words::read(locale, text).unwrap_or_else(|error| impossible(&(D::NAME, error)))
            };
            (verbs, [read(Locale::Zh, zh), read(Locale::En, en)])
        })
    }
}

fn typed<T: DeserializeOwned>(value: &Value) -> T {
    T::deserialize(value).unwrap_or_else(|error| impossible(&(error.to_string(), value)))
}

fn plain<T: Serialize>(value: &T) -> Value {
    serde_json::to_value(value).unwrap_or_else(|error| impossible(&error))
}

impl<D: Desk> Clerk for Counter<D> {
    fn name(&self) -> &'static str {
        D::NAME
    }

    fn opens(&self) -> &'static [&'static str] {
        D::OPENS
    }

    fn verbs(&self) -> &[Verb] {
        &self.parsed().0
    }

    fn words(&self, locale: Locale) -> &Words {
        let [zh, en] = &self.parsed().1;
        if locale == Locale::Zh { zh } else { en }
    }

    fn rules(&self) -> &'static str {
        D::RULES
    }

    fn steps_max(&self) -> usize {
        D::STEPS_MAX
    }

    fn is_quiet(&self) -> bool {
        D::IS_QUIET
    }

    fn beside(&self) -> &'static [(&'static str, &'static str)] {
        D::BESIDE
    }

    fn who(&self, command: &Value) -> Option<Who> {
        D::Command::deserialize(command).ok().map(|command| D::who(&command))
    }

    fn decide(&self, this: Option<&State>, command: &Value, ctx: &Ctx) -> Result<Vec<Step<Value>>, Refusal> {
        let this = this.map(State::typed::<D>);
        let refused = |code: String, facts, rule: Option<&str>| Refusal {
            desk: D::NAME.into(),
            code,
            facts,
            rule: rule.map(str::to_owned),
            about: None,
        };
        match D::decide(this, &typed(command), ctx) {
            Ok(script) => Ok(script.steps().into_iter().map(rub_off).collect()),
            Err(No::NotNow) => Err(refused("not-now".into(), Value::Null, None)),
            Err(No::Because(refusal, rule)) => {
                let facts = plain(&refusal);
                let code =
                    facts.get("code").or(Some(&facts)).and_then(Value::as_str).unwrap_or_default().to_owned();
                Err(refused(code, facts, rule))
            }
        }
    }

    fn apply(&self, this: Option<&State>, events: &[&Value]) -> Standing {
        let before = this.map(|state| state.typed::<D>().clone());
        let after = events.iter().fold(before, |record, event| Some(D::apply(record, &typed(event))));
        let record = after.unwrap_or_else(|| impossible("a record to which nothing has happened"));
        let due = record.due().map(|due| Due { at: due.at, command: plain(&due.command) });
        let card = Arc::new(record.card());
        let state = State::of(record);
        let public = Self::seen(&state, &Viewer::public()).map(|record| record.card());
        // Mostly it is the same one.
        let public = public.map(|public| if public == *card { Arc::clone(&card) } else { public.into() });
        Standing { card, public, state, due }
    }

    fn may_know(&self, state: &State, viewer: &Viewer) -> bool {
        Self::seen(state, viewer).is_some()
    }

    fn veil(&self, state: &State, viewer: &Viewer) -> Option<(Value, Card)> {
        Self::seen(state, viewer).map(|record| (plain(&record), record.card()))
    }

    fn veil_event(&self, state: &State, event: &Value, viewer: &Viewer) -> Option<Value> {
        D::veil_event(state.typed(), typed(event), viewer).map(|event| plain(&event))
    }

    fn veil_events(&self, state: &State, events: &[Value], viewer: &Viewer) -> Vec<Option<Value>> {
        let this: &D = state.typed();
        let veiled = |event: &Value| D::veil_event(this, typed(event), viewer).map(|event| plain(&event));
        events.iter().map(veiled).collect()
    }

    fn is_certificate(&self, state: &Value) -> bool {
        typed::<D>(state).is_certificate()
    }

    fn check(&self, state: &State) {
        state.typed::<D>().check();
    }
}

fn rub_off<E: Serialize>(step: Step<E>) -> Step<Value> {
    match step {
        Step::Say(event) => Step::Say(plain(&event)),
        Step::Tell(tell) => Step::Tell(tell),
    }
}

/// The clerk of desk `D`, for the list of [`Desks`].
#[must_use]
pub fn desk<D: Desk>() -> Box<dyn Clerk> {
    Box::new(Counter::<D>::new())
}

/// The desks of a house, in order: a desk may tell the ones above it, never the ones below.
pub struct Desks {
    order: Vec<Box<dyn Clerk>>,
    places: BTreeMap<&'static str, usize>,
}

impl Desks {
    #[must_use]
    pub fn new(order: Vec<Box<dyn Clerk>>) -> Self {
        let places = order.iter().enumerate().map(|(place, clerk)| (clerk.name(), place)).collect();
        Self { order, places }
    }

    #[must_use]
    pub fn find(&self, name: &str) -> Option<&dyn Clerk> {
        self.places.get(name).and_then(|place| self.order.get(*place)).map(AsRef::as_ref)
    }

    /// Whether `teller` stands below `told` and so may tell it. A desk may tell its own records.
    #[must_use]
    pub fn may_tell(&self, teller: &str, told: &str) -> bool {
        match (self.places.get(teller), self.places.get(told)) {
            (Some(teller), Some(told)) => told <= teller,
            _ => false,
        }
    }

    pub fn iter(&self) -> impl Iterator<Item = &dyn Clerk> {
        self.order.iter().map(AsRef::as_ref)
    }

    /// The rules all desks are delivered with.
    ///
    /// # Errors
    /// What is wrong with a `rules.toml`, for developers.
    pub fn rules(&self) -> Result<Rules, String> {
        let mut rules = Rules::default();
        for clerk in self.iter() {
            rules.read(clerk.name(), clerk.rules())?;
        }
        Ok(rules)
    }
}
