//! Any desk, any commands, any order: what must always hold.
//!
//! Random commands, made from the forms alone, are played over all desks at once. Nothing here knows a desk
//! by name, so a new desk is tested on the day it is listed.

use std::{cell::RefCell, collections::BTreeMap, sync::Arc};

use serde_json::Value;

use crate::{
    case::{Case, Refused, Shelf, Stage, Stored},
    clerk::{Clerk, Desks, Refusal},
    form::{Dice, Verb},
    kinds::{Day, Id, Moment, REGION_ALL, Region},
    lot::{Anchor, fixed},
    rules::Rules,
    state::State,
    viewer::{Viewer, Who},
    words::Locale,
};

/// A registry in memory.
pub struct World {
    pub desks: &'static Desks,
    pub rules: Rules,
    pub now: Moment,
    records: RefCell<BTreeMap<Id, Stored>>,
    history: BTreeMap<Id, Vec<Value>>,
    opened: u64,
}

impl Shelf for World {
    fn stored(&self, id: Id) -> Option<Stored> {
        self.records.borrow().get(&id).cloned()
    }

    fn opened(&self, commitment: &str) -> Option<Value> {
        fixed::opened(commitment)
    }

    fn anchor(&self, _record: Id) -> Option<Anchor> {
        Some(fixed::anchor())
    }
}

impl World {
    /// # Panics
    /// When a `rules.toml` cannot be read: this is for tests.
    #[must_use]
    #[expect(clippy::expect_used, reason = "only tests call it")]
    pub fn new(desks: &'static Desks, today: Day) -> Self {
        let rules = desks.rules().expect("readable rules");
        Self {
            desks,
            rules,
            now: today.begins(),
            records: RefCell::default(),
            history: BTreeMap::new(),
            opened: 0,
        }
    }

    /// Plays a command; keeps what it did, or nothing.
    ///
    /// # Errors
    /// Why nothing happened.
    pub fn ask(
        &mut self,
        desk: &str,
        record: Option<Id>,
        command: &Value,
        by: &Viewer,
    ) -> Result<Id, Refused> {
        let opened = self.opened;
        let name =
            move |desk: &str, n: u32| format!("{desk}-{opened}x{n}").parse().unwrap_or(Id::named("none"));
        let stage = Stage { desks: self.desks, shelf: self, rules: &self.rules, now: self.now, name: &name };
        let mut case = Case::default();
        let id = case.ask(&stage, desk, record, command, by)?;
        self.opened += 1;
        for said in case.said {
            self.history.entry(said.record).or_default().push(said.event);
        }
        let changed = case.changed.into_iter().map(|(id, stored)| (id, Arc::unwrap_or_clone(stored)));
        self.records.borrow_mut().extend(changed);
        Ok(id)
    }

    /// What has happened to a record, in order.
    #[must_use]
    pub fn history(&self, record: Id) -> &[Value] {
        self.history.get(&record).map_or(&[], Vec::as_slice)
    }

    fn some(&self, desk: &str, dice: &mut Dice) -> Option<Id> {
        let records = self.records.borrow();
        let fitting: Vec<Id> =
            records.iter().filter(|(_, s)| desk.is_empty() || s.desk == desk).map(|(id, _)| *id).collect();
        if dice.once_in(2) { fitting.last().copied() } else { dice.one_of(&fitting).copied() }
    }
}

/// How often opening a record is tried with other values before something else is.
const OPENING_TRIES: u32 = 6;

/// What a run has seen; printed, so that a reader can judge how far it went.
#[derive(Debug, Default)]
pub struct Seen {
    pub accepted: BTreeMap<String, u32>,
    pub refused: BTreeMap<String, u32>,
}

/// Plays `steps` random commands over all desks, and adds what it saw.
///
/// # Panics
/// When something that must always hold does not.
pub fn any_desk(desks: &'static Desks, seed: u64, steps: u32, today: Day) -> Seen {
    let mut dice = Dice::new(seed);
    let mut world = World::new(desks, today);
    let clerks: Vec<&dyn Clerk> = desks.iter().collect();
    let mut seen = Seen::default();
    for _ in 0..steps {
        let Some(clerk) = dice.one_of(&clerks).copied() else { return seen };
        one_step(&mut world, clerk, &mut dice, &mut seen);
    }
    seen
}

fn one_step(world: &mut World, clerk: &dyn Clerk, dice: &mut Dice, seen: &mut Seen) {
    if dice.once_in(8) {
        let days = i64::try_from(dice.below(20)).unwrap_or(0);
        world.now = world.now.plus_millis(days * 86_400_000);
        wake_what_is_due(world);
    }
    let Some(verb) = dice.one_of(clerk.verbs()) else { return };
    // Some records are hard to open by chance, and without one nothing else can be asked.
    let is_opening = clerk.opens().contains(&verb.name.as_str());
    for _ in 0..if is_opening { OPENING_TRIES } else { 1 } {
        if one_ask(world, (clerk, verb), dice, seen) {
            return;
        }
    }
}

/// Asks one verb of some record, or for a new one. Whether it was accepted.
fn one_ask(world: &mut World, (clerk, verb): (&dyn Clerk, &Verb), dice: &mut Dice, seen: &mut Seen) -> bool {
    let record =
        if clerk.opens().contains(&verb.name.as_str()) { None } else { world.some(clerk.name(), dice) };
    let sample = verb.sample(dice, world.now.day(), &|desk, dice| world.some(desk, dice));
    let Some(mut command) = sample else { return false };
    verb.form.cover(&mut command);
    let Some(who) = clerk.who(&command) else {
        panic_at(clerk, "a sample that its own desk cannot read", &command)
    };
    let by = someone(world, who, record, &command, dice);
    let key = format!("{}/{}", clerk.name(), verb.name);
    let first = play_only(world, clerk, record, &command, &by);
    let second = world.ask(clerk.name(), record, &command, &by);
    assert_eq!(first.is_ok(), second.is_ok(), "the same decision twice: {key} {command}");
    match second {
        Ok(id) => {
            *seen.accepted.entry(key).or_default() += 1;
            if dice.once_in(8) {
                replay_is_the_state(world, id);
            }
            insiders_see_everything(world, id);
            true
        }
        Err(refused) => {
            *seen.refused.entry(key).or_default() += 1;
            is_worded(world.desks, &refused);
            false
        }
    }
}

#[expect(clippy::panic, reason = "only tests call it")]
fn panic_at(clerk: &dyn Clerk, what: &str, value: &Value) -> ! {
    panic!("`{}`: {what}: {value}", clerk.name())
}

/// Every record that a command names, in lists and groups too.
fn ids_in(value: &Value, named: &mut Vec<Id>) {
    match value {
        Value::String(text) => named.extend(text.parse::<Id>().ok()),
        Value::Array(values) => values.iter().for_each(|value| ids_in(value, named)),
        Value::Object(fields) => fields.values().for_each(|value| ids_in(value, named)),
        Value::Null | Value::Bool(_) | Value::Number(_) => {}
    }
}

/// Someone who might ask it: mostly one who may.
fn someone(world: &World, who: Who, record: Option<Id>, command: &Value, dice: &mut Dice) -> Viewer {
    let mut named = Vec::new();
    ids_in(command, &mut named);
    // Often someone who speaks for themselves.
    let itself = named.iter().copied().find(|id| id.desk() == "person").filter(|_| dice.once_in(2));
    let person = itself.or_else(|| world.some("person", dice)).or(Some(Id::named("person-x")));
    let mut by = Viewer { person, ..Viewer::default() };
    let mut parties: Vec<Id> = Vec::new();
    if let Some(stored) = record.and_then(|id| world.stored(id)) {
        parties.extend(stored.standing.card.parties.iter().map(|(_, id)| *id));
    }
    for id in named {
        let card = world.stored(id).map(|stored| stored.standing.card);
        parties.extend(card.iter().flat_map(|card| card.parties.iter().map(|(_, id)| *id)));
        parties.push(id);
    }
    by.organisations = parties.iter().copied().chain(by.person).collect();
    by.signs_for.clone_from(&by.organisations);
    let region = if dice.once_in(6) { Region::code(990_000) } else { REGION_ALL };
    let offices =
        who.names().into_iter().filter_map(|name| name.rsplit_once("office:").map(|(_, o)| o.to_owned()));
    by.offices = offices.map(|office| (office, region)).collect();
    // What only a desk opens is opened as if that desk had told it.
    if let (Who::Desk(desk), None) = (who, record) {
        (by.told_by, by.teller) = (Some(desk), world.some(desk, dice));
    }
    by.is_clock = who.names().iter().any(|name| name == "clock") && dice.once_in(2);
    by
}

fn play_only(
    world: &World,
    clerk: &dyn Clerk,
    record: Option<Id>,
    command: &Value,
    by: &Viewer,
) -> Result<Id, Refused> {
    let opened = world.opened;
    let name = move |desk: &str, n: u32| format!("{desk}-{opened}x{n}").parse().unwrap_or(Id::named("none"));
    let stage = Stage { desks: world.desks, shelf: world, rules: &world.rules, now: world.now, name: &name };
    Case::default().ask(&stage, clerk.name(), record, command, by)
}

fn replay_is_the_state(world: &World, id: Id) {
    for (id, stored) in world.records.borrow().iter().filter(|(other, _)| **other == id) {
        let Some(clerk) = world.desks.find(stored.desk) else { continue };
        let mut state = None;
        for event in world.history.get(id).into_iter().flatten() {
            let standing = clerk.apply(state.as_ref(), &[event]);
            clerk.check(&standing.state);
            // As it would be read again.
            state = Some(State::from(standing.state.into_plain()));
        }
        assert_eq!(state.as_ref(), Some(&stored.standing.state), "replay of {id}");
    }
}

fn insiders_see_everything(world: &World, id: Id) {
    let Some(stored) = world.stored(id) else { return };
    let Some(clerk) = world.desks.find(stored.desk) else { return };
    let card = &stored.standing.card;
    let by_part = card
        .insiders
        .iter()
        .flat_map(|part| card.holders(part))
        .map(|who| Viewer { person: Some(who), ..Viewer::default() });
    let by_office = card
        .inside_offices
        .iter()
        .map(|o| Viewer { offices: vec![(o.clone(), card.scope())], ..Viewer::default() });
    for viewer in by_part.chain(by_office) {
        let veiled = clerk.veil(&stored.standing.state, &viewer).map(|(_, card)| card);
        assert_eq!(veiled.as_ref(), Some(&**card), "an insider of {id} does not see everything: {viewer:?}");
    }
}

fn is_worded(desks: &Desks, refused: &Refused) {
    let Refused::Because(Refusal { desk, code, facts, .. }) = refused else { return };
    let Some(clerk) = desks.find(desk) else { return };
    for locale in Locale::BOTH {
        let sentence = clerk.words(locale).find("refusal", code).map(str::to_owned);
        let sentence = sentence.unwrap_or_default();
        assert!(!sentence.is_empty(), "`{desk}` has no sentence for refusal `{code}` in {}", locale.code());
        for placeholder in crate::words::placeholders(&sentence) {
            let name = placeholder.split([':', '.']).next().unwrap_or("");
            assert!(
                facts.get(name).is_some(),
                "`{desk}/{code}` speaks of `{name}`, which the refusal does not have"
            );
        }
    }
}

fn wake_what_is_due(world: &mut World) {
    let due: Vec<(Id, &'static str, Value)> = {
        let records = world.records.borrow();
        let asleep =
            records.iter().filter_map(|(id, stored)| Some((*id, stored.desk, stored.standing.due.clone()?)));
        asleep
            .filter(|(_, _, due)| due.at <= world.now)
            .map(|(id, desk, due)| (id, desk, due.command))
            .collect()
    };
    for (id, desk, command) in due {
        let told = world.ask(desk, Some(id), &command, &Viewer::clock());
        assert!(told.is_ok(), "{id} refuses what it asked the clock for: {command} {told:?}");
    }
}

/// Bytes as an accident or an attacker leaves them: cut, doubled, swapped, filled with signs that mean something to some
/// parser. For tests of whatever reads bytes from outside.
#[must_use]
pub fn spoil(bytes: &[u8], dice: &mut Dice) -> Vec<u8> {
    const SIGNS: [&[u8]; 24] = [
        b"\"",
        b"'",
        b",",
        b"\n",
        b"\r\n",
        b"\0",
        b"\xff\xfe",
        b"\xef\xbb\xbf",
        b"\xf0\x9f",
        b"%",
        b"%zz",
        b"=",
        b"&",
        b";",
        b"{",
        b"}",
        b"[[[[[[[[[[[[[[[[",
        b"--",
        b"\\u0000",
        b"\\ud800",
        b"-1",
        b"99999999999999999999",
        b"1e999",
        b"PK\x03\x04",
    ];
    let mut spoiled = bytes.to_vec();
    for _ in 0..=dice.below(4) {
        let length = spoiled.len();
        let (from, to) = (dice.below(length + 1), dice.below(length + 1));
        let (from, to) = (from.min(to), from.max(to));
        match dice.below(7) {
            0 => spoiled.truncate(from),
            1 => drop(spoiled.drain(from..to.min(from + 64))),
            2 => {
                let again: Vec<u8> =
                    spoiled.iter().skip(from).take((to - from).min(4_096)).copied().collect();
                drop(spoiled.splice(from..from, again));
            }
            3 | 4 => {
                let sign = dice.one_of(&SIGNS).copied().unwrap_or(b"x");
                drop(spoiled.splice(from..from, sign.iter().copied()));
            }
            5 => {
                if let Some(byte) = spoiled.get_mut(from) {
                    *byte ^= 1 << dice.below(8);
                }
            }
            _ => {
                if let Some(byte) = spoiled.get_mut(from) {
                    *byte = u8::try_from(dice.below(256)).unwrap_or(0);
                }
            }
        }
    }
    spoiled
}
