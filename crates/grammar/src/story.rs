//! Stories: what a desk does, told as text that anyone can read.
//!
//! A story plays one record alone; what it tells others is shown, not played. `UPDATE_EXPECT=1 cargo test`
//! rewrites the texts, and a reviewer reads the difference like code.

use std::{
    collections::BTreeMap,
    fmt::{Debug, Write},
};

pub use expect_test::{Expect, expect};
use serde_json::Value;

use crate::{
    card::{Card, Cards},
    desk::{Ctx, Desk, No, Step, Tell},
    form::Verb,
    kinds::{Day, Id, Money, Region},
    lot::{Lot, fixed},
    rules::Rules,
    viewer::Viewer,
};

#[must_use]
pub fn yuan(yuan: i64) -> Money {
    Money::yuan(yuan)
}

/// # Panics
/// When the text is no day: a story is a test.
#[must_use]
#[expect(clippy::panic, reason = "only tests call it")]
pub fn day(text: &str) -> Day {
    text.parse().unwrap_or_else(|_| panic!("no day like 2031-06-30: {text}"))
}

/// One record, what happened to it, and the text that tells it.
pub struct Story<D: Desk> {
    record: Option<D>,
    me: Id,
    today: Day,
    born: Day,
    by: Viewer,
    cards: BTreeMap<Id, Card>,
    verbs: Vec<Verb>,
    rules: Rules,
    shown: Vec<&'static str>,
    text: String,
}

impl<D: Desk> Story<D> {
    /// Begins on a day, with no record yet.
    #[must_use]
    #[expect(clippy::expect_used, reason = "only tests call it")]
    pub fn new(today: &str) -> Self {
        let mut rules = Rules::default();
        rules.read(D::NAME, D::RULES).expect("a readable rules.toml");
        let me = Id::named(D::NAME);
        let verbs = Verb::all::<D::Command>().expect("a readable command");
        let by = Viewer { person: Some(Id::named("person-1")), ..Viewer::default() };
        let (today, cards, shown) = (day(today), BTreeMap::new(), vec![]);
        Self { record: None, me, today, born: today, by, cards, verbs, rules, shown, text: String::new() }
    }

    /// Decisions here also read rules of this other desk.
    ///
    /// # Panics
    /// When its `rules.toml` cannot be read.
    #[expect(clippy::expect_used, reason = "only tests call it")]
    pub fn with_rules_of<E: Desk>(&mut self) -> &mut Self {
        self.rules.read(E::NAME, E::RULES).expect("a readable rules.toml");
        self
    }

    /// The fields of the record that the text shows after each step.
    pub fn showing(&mut self, fields: &[&'static str]) -> &mut Self {
        self.shown = fields.to_vec();
        self
    }

    /// Another record that commands name, with its card. As in a house, a command that does not name it does not see it.
    pub fn given(&mut self, id: Id, card: Card) -> &mut Self {
        self.cards.insert(id, card);
        self
    }

    /// Who asks from now on.
    pub fn by(&mut self, viewer: Viewer) -> &mut Self {
        self.by = viewer;
        self
    }

    /// The day of what follows. What time asks for until then happens first.
    pub fn on(&mut self, date: &str) -> &mut Self {
        self.wait_until(date);
        self
    }

    /// # Panics
    /// When the desk refuses: the story says it does not.
    #[expect(clippy::panic, reason = "only tests call it")]
    pub fn when(&mut self, command: D::Command) -> &mut Self {
        if let Err(no) = self.play(&command) {
            panic!("refused: {command:?}\n{no:?}");
        }
        self
    }

    /// # Panics
    /// When the desk does not refuse with this reason.
    pub fn refuses(&mut self, command: D::Command, reason: D::Refusal) -> &mut Self {
        let expected = format!("{:?}", No::Because(reason, None::<&str>));
        let told = self.decide(&command).err().map(|no| match no {
            No::Because(reason, _) => format!("{:?}", No::Because(reason, None::<&str>)),
            No::NotNow => "NotNow".to_owned(),
        });
        assert_eq!(told.as_deref(), Some(expected.as_str()), "{command:?}");
        self.note("refuses", &expected);
        self
    }

    /// # Panics
    /// When the command makes sense in this state.
    pub fn not_now(&mut self, command: D::Command) -> &mut Self {
        assert!(matches!(self.decide(&command), Err(No::NotNow)), "{command:?}");
        self
    }

    /// Lets time pass: what the record asked the clock for happens in its time.
    ///
    /// # Panics
    /// When the desk refuses its own wish.
    #[expect(clippy::panic, reason = "only tests call it")]
    pub fn wait_until(&mut self, date: &str) -> &mut Self {
        let end = day(date);
        while let Some(due) = self.record.as_ref().and_then(Desk::due).filter(|due| due.at <= end.begins()) {
            self.today = self.today.max(due.at.day());
            let by = std::mem::replace(&mut self.by, Viewer::clock());
            if let Err(no) = self.play(&due.command) {
                panic!("refused its own wish: {:?}\n{no:?}", due.command);
            }
            self.by = by;
        }
        self.today = end;
        self
    }

    /// The record as it stands.
    ///
    /// # Panics
    /// When there is none yet.
    #[must_use]
    #[expect(clippy::expect_used, reason = "only tests call it")]
    pub fn record(&self) -> &D {
        self.record.as_ref().expect("a record")
    }

    pub fn expect(&self, expected: &Expect) {
        expected.assert_eq(&self.text);
    }

    /// The cards of the records that a command names.
    fn named(&self, command: &D::Command) -> Cards {
        let value = serde_json::to_value(command).unwrap_or_default();
        let asked = value.get("verb").and_then(Value::as_str);
        let verb = self.verbs.iter().find(|verb| Some(verb.name.as_str()) == asked);
        let mut cards = Cards::default();
        for (_, id) in verb.map(|verb| verb.form.refs(&value)).unwrap_or_default() {
            if let Some(card) = self.cards.get(&id) {
                cards.put(id, card.clone());
            }
        }
        cards
    }

    fn decide(&self, command: &D::Command) -> Result<Vec<Step<D::Event>>, No<D::Refusal>> {
        let fresh = |desk: &str, n: u32| format!("{desk}-new-{n}").parse().unwrap_or(self.me);
        let seen = self.named(command);
        let region = self.record.as_ref().map_or(Region::code(310_000), |r| r.card().scope());
        let ctx = Ctx {
            now: self.today.begins().plus_millis(9 * 3_600_000),
            by: &self.by,
            me: self.me,
            born: self.born,
            region,
            seen: &seen,
            rules: &self.rules,
            fresh: &fresh,
            sealed: &fixed::opened,
            promise: &|| Lot::of(&fixed::SECRET),
            anchor: &|| Some(fixed::anchor()),
        };
        D::decide(self.record.as_ref(), command, &ctx).map(|script| script.steps())
    }

    fn play(&mut self, command: &D::Command) -> Result<(), No<D::Refusal>> {
        let steps = self.decide(command)?;
        let verb = kebab(&serde_json::to_value(command).unwrap_or_default(), "verb");
        if self.record.is_none() {
            self.born = self.today;
        }
        let mut told = String::new();
        for step in steps {
            match step {
                Step::Say(event) => {
                    let _ = write!(
                        told,
                        "said {} ",
                        kebab(&serde_json::to_value(&event).unwrap_or_default(), "event")
                    );
                    let record = D::apply(self.record.take(), &event);
                    record.check();
                    self.record = Some(record);
                }
                Step::Tell(tell) => told.push_str(&telling(&tell)),
            }
        }
        self.note(if self.by.is_clock { "clock" } else { &verb }, &told);
        Ok(())
    }

    fn note(&mut self, verb: &str, told: &str) {
        let _ = write!(self.text, "{}  {verb:<9} {}", self.today, told.trim_end());
        let state =
            self.record.as_ref().and_then(|record| serde_json::to_value(record).ok()).unwrap_or_default();
        for field in &self.shown {
            let _ = write!(self.text, "  {field} {}", brief(state.get(*field).unwrap_or(&Value::Null)));
        }
        self.text.push('\n');
    }
}

fn telling(tell: &Tell) -> String {
    let mut facts: Vec<String> = Vec::new();
    for (name, value) in tell.command.as_object().into_iter().flatten().filter(|(name, _)| *name != "verb") {
        facts.push(format!("{name} {}", brief(value)));
    }
    format!("| {} {}: {} ", kebab(&tell.command, "verb"), tell.record, facts.join(", "))
}

fn kebab(value: &Value, tag: &str) -> String {
    value.get(tag).or(Some(value)).and_then(Value::as_str).unwrap_or("?").to_owned()
}

fn brief(value: &Value) -> String {
    match value {
        Value::String(text) => text.strip_suffix(".00").unwrap_or(text).to_owned(),
        Value::Null => "-".into(),
        Value::Object(map) if map.is_empty() => "0".into(),
        Value::Object(map) if map.values().all(Value::is_string) => {
            map.iter().map(|(k, v)| format!("{k}={}", brief(v))).collect::<Vec<_>>().join("+")
        }
        other => other.to_string(),
    }
}

/// Shows a value in a story's failure.
pub fn told<T: Debug>(value: &T) -> String {
    format!("{value:?}")
}
