//! Memory: a region without a store, played by the same `grammar::case` as the real one: fast enough to found
//! a thousand worlds that differ in one value each.

use std::{collections::BTreeMap, sync::Arc};

use desks::DESKS;
use grammar::{
    case::{Case, Refused, Shelf, Stage, Stored},
    clerk::Clerk,
    form::Kind,
    kinds::{Id, Moment, REGION_ALL, commitment},
    rules::{Rules, Version},
    viewer::Viewer,
};
use serde_json::{Value, json};

/// Who asks.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum By {
    Founder,
    Person(Id),
    Clock,
}

/// One ask of a generated region, by the names that things have in memory.
#[derive(Clone, Debug)]
pub struct Act {
    pub key: String,
    pub by: By,
    /// The second person, when the verb needs one.
    pub second: Option<Id>,
    pub desk: &'static str,
    pub record: Option<Id>,
    /// With personal and sealed values in it.
    pub command: Value,
    pub at: Moment,
}

/// A region in memory.
#[derive(Clone, Default)]
pub struct Memory {
    pub records: BTreeMap<Id, Stored>,
    pub history: BTreeMap<Id, Vec<Value>>,
    sealed: BTreeMap<String, Value>,
    rules: Arc<Rules>,
}

impl Shelf for Memory {
    fn stored(&self, id: Id) -> Option<Stored> {
        self.records.get(&id).cloned()
    }

    fn opened(&self, commitment: &str) -> Option<Value> {
        self.sealed.get(commitment).cloned()
    }
}

impl Memory {
    pub fn new() -> Self {
        Self { rules: Arc::new(DESKS.rules().unwrap()), ..Self::default() }
    }

    /// Plays an act. The records it touched, in the order of what was said.
    pub fn play(&mut self, act: &Act) -> Result<Vec<Id>, Refused> {
        let clerk = DESKS.find(act.desk).unwrap();
        let command = self.cover(clerk, act);
        let name = |desk: &str, n: u32| format!("{desk}-{}x{n}", act.key).parse().ok().unwrap();
        let stage = Stage { desks: &DESKS, shelf: self, rules: &self.rules, now: act.at, name: &name };
        let by = match act.by {
            By::Founder => founder(),
            By::Clock => Viewer::clock(),
            By::Person(person) => self.viewer(person),
        };
        let mut case = Case::default();
        case.ask(&stage, act.desk, act.record, &command, &by)?;
        for (id, stored) in &case.changed {
            let is_taken = |key: &String| {
                self.records.iter().any(|(other, had)| other != id && had.standing.card.keys.contains(key))
            };
            if let Some(key) = stored.standing.card.keys.iter().find(|key| is_taken(key)) {
                return Err(Refused::Taken { key: key.clone(), by: None });
            }
        }
        let touched = case.said.iter().map(|said| said.record).collect();
        for said in case.said {
            self.history.entry(said.record).or_default().push(said.event);
        }
        for stored in case.changed.values().filter(|stored| stored.desk == "rulebook") {
            let card = &stored.standing.card;
            let version = card.read::<Version>("version").filter(|_| card.status == "adopted");
            version.into_iter().for_each(|version| Arc::make_mut(&mut self.rules).adopt(version));
        }
        self.records.extend(case.changed.into_iter().map(|(id, stored)| (id, Arc::unwrap_or_clone(stored))));
        Ok(touched)
    }

    /// Commitments in the place of personal and sealed values. That of a sealed value is the same whatever it
    /// hides: to its viewers it is a hash that says nothing.
    fn cover(&mut self, clerk: &dyn Clerk, act: &Act) -> Value {
        let mut command = act.command.clone();
        let Some(verb) = act.command["verb"].as_str().and_then(|verb| clerk.verb(verb)) else {
            return command;
        };
        verb.form.walk(&mut command, &mut |path, kind, leaf| match kind {
            Kind::Personal(_) => *leaf = commitment(&[7; 32], &json!([act.key, path, leaf])).into(),
            Kind::Sealed(_) => {
                let place = commitment(&[7; 32], &json!([act.key, path]));
                self.sealed.insert(place.clone(), std::mem::replace(leaf, place.into()));
            }
            _ => {}
        });
        command
    }

    /// All that the charter knows of a person, as the registry reads it from cards.
    pub fn viewer(&self, person: Id) -> Viewer {
        let mut viewer = Viewer { person: Some(person), ..Viewer::default() };
        let Some(stored) = self.records.get(&person).filter(|s| s.standing.card.status != "erased") else {
            return Viewer::public();
        };
        viewer.organisations = stored.standing.card.holders("affiliation").collect();
        viewer.signs_for = stored.standing.card.holders("signs-for").collect();
        for stored in self.records.values().filter(|stored| stored.desk == "office") {
            let card = &stored.standing.card;
            if card.status == "in-force" && card.holders("holder").any(|id| id == person) {
                viewer.offices.extend(card.facets.get("office").map(|office| (office.clone(), card.scope())));
            }
        }
        viewer
    }

    /// What a viewer sees of a record: state, card and every line of its history.
    pub fn sight(&self, id: Id, viewer: &Viewer) -> Option<Value> {
        let stored = self.records.get(&id)?;
        let clerk = DESKS.find(stored.desk)?;
        let (state, card) = clerk.veil(&stored.standing.state, viewer)?;
        let lines = self.history.get(&id).into_iter().flatten();
        let lines: Vec<Option<Value>> =
            lines.map(|event| clerk.veil_event(&stored.standing.state, event, viewer)).collect();
        Some(json!([state, card, lines]))
    }

    /// What is due, soonest first.
    pub fn due(&self, until: Moment) -> Vec<(Moment, Id, &'static str, Value)> {
        let wishes = self.records.iter().filter_map(|(id, stored)| {
            let due = stored.standing.due.clone().filter(|due| due.at <= until)?;
            Some((due.at, *id, stored.desk, due.command))
        });
        let mut due: Vec<_> = wishes.collect();
        due.sort_by_key(|(at, id, ..)| (*at, *id));
        due
    }

    /// Whether two regions hold the same of a record, veiled or not.
    pub fn agrees(&self, other: &Self, id: Id) -> bool {
        let standing = |of: &Self| of.records.get(&id).map(|stored| stored.standing.clone());
        standing(self) == standing(other) && self.history.get(&id) == other.history.get(&id)
    }
}

fn founder() -> Viewer {
    let offices = ["system-admin", "registrar", "rule-maker", "laboratory-office"];
    Viewer { offices: offices.map(|office| (office.to_owned(), REGION_ALL)).into(), ..Viewer::default() }
}
