//! Two worlds, for whatever all desks keep hidden: a region made by chance, every value of every ask in it
//! changed by itself, and for each viewer all those changed at once that this viewer cannot see by `veil`.
//! Then everything the viewer can get is compared, byte for byte. No desk, verb or field is named here.
//!
//! `SECRECY_ACTS=400` makes larger regions, `SECRECY_SEEDS=1,2,3` more of them.

use std::{collections::BTreeMap, sync::Arc};

use desks::DESKS;
use grammar::{kinds::Id, viewer::Viewer};
use registry::{Ask, Asker, Receipt, Registry};
use serde_json::Value;
use tempfile::TempDir;

use crate::{
    anything::{Anything, FILE, replay},
    eyes::{self, Asked, Eyes},
    memory::{Act, By, Memory},
    open::{self, MONDAY, Still},
    secrecy::other,
};

/// Asks in a region unless another number is asked for.
const ACTS: usize = 24;

/// One value of one ask, and what it is in the other world.
#[derive(Clone, Debug)]
struct Change {
    act: usize,
    path: String,
    value: Value,
}

/// Every value of every ask after the founding, each with another in its place.
fn changes(region: &Anything) -> Vec<Change> {
    let mut found = Vec::new();
    for (place, act) in region.acts.iter().enumerate().skip(region.founded) {
        let Some(verb) = act.command["verb"].as_str().and_then(|verb| DESKS.find(act.desk)?.verb(verb))
        else {
            continue;
        };
        verb.form.walk(&mut act.command.clone(), &mut |path, kind, leaf| {
            let value = other(kind, leaf);
            found.extend(value.map(|value| Change { act: place, path: path.to_owned(), value }));
        });
    }
    found
}

fn changed<'a>(acts: &[Act], changes: impl IntoIterator<Item = &'a Change>) -> Vec<Act> {
    let mut acts = acts.to_vec();
    for change in changes {
        let act = &mut acts[change.act];
        let verb = act.command["verb"].as_str().and_then(|verb| DESKS.find(act.desk)?.verb(verb)).unwrap();
        verb.form.walk(&mut act.command, &mut |path, _, leaf| {
            if path == change.path {
                *leaf = change.value.clone();
            }
        });
    }
    acts
}

/// Whether a viewer sees the same of everything in two regions.
fn looks_alike(one: &Memory, other: &Memory, viewer: &Viewer, only: &[Id]) -> bool {
    one.records.len() == other.records.len()
        && only.iter().all(|id| one.sight(*id, viewer) == other.sight(*id, viewer))
}

fn differing(one: &Memory, other: &Memory) -> Vec<Id> {
    one.records.keys().filter(|id| !one.agrees(other, **id)).copied().collect()
}

/// What of all changes each viewer cannot see, one by one.
fn hidden(region: &Anything, viewers: &[(String, Viewer)]) -> Vec<Vec<Change>> {
    let mut hidden = vec![Vec::new(); viewers.len()];
    let all = changes(region);
    // The region as it was before each act.
    let mut before = vec![Memory::new()];
    for act in &region.acts {
        let mut next = before[before.len() - 1].clone();
        next.play(act).unwrap();
        before.push(next);
    }
    let mut played = 0;
    for change in &all {
        let acts = changed(&region.acts, [change]);
        // Some values do not go together; then the field keeps the one it has.
        let Some(world) = replay(&before[change.act], &acts[change.act..]) else { continue };
        played += 1;
        let only = differing(&region.end, &world);
        for ((_, viewer), hidden) in viewers.iter().zip(&mut hidden) {
            if looks_alike(&region.end, &world, viewer, &only) {
                hidden.push(change.clone());
            }
        }
    }
    println!("{} acts, {} values, {played} of them could be others", region.acts.len(), all.len());
    hidden
}

/// As many of the changes as go together and are still not seen: halves of what fails are tried by themselves.
fn together(region: &Anything, viewer: &Viewer, mut kept: Vec<Change>, some: &[Change]) -> Vec<Change> {
    if some.is_empty() {
        return kept;
    }
    let all: Vec<Change> = kept.iter().chain(some).cloned().collect();
    let world = replay(&Memory::new(), &changed(&region.acts, &all));
    if world.is_some_and(|world| looks_alike(&region.end, &world, viewer, &differing(&region.end, &world))) {
        return all;
    }
    if some.len() > 1 {
        let (first, second) = some.split_at(some.len() / 2);
        kept = together(region, viewer, kept, first);
        kept = together(region, viewer, kept, second);
    }
    kept
}

/// The region in a real house.
pub struct Place {
    pub registry: Arc<Registry>,
    /// Names in memory and in the house.
    pub names: BTreeMap<Id, Id>,
    _folder: TempDir,
}

impl Place {
    pub fn play(acts: &[Act]) -> Self {
        let folder = TempDir::new().unwrap();
        let clock = Still::at(MONDAY);
        let registry = open::registry_at(folder.path(), "kechuang.example/anything", clock.clone());
        assert_eq!(registry.put_file(FILE.0).ok().as_deref(), Some(FILE.1));
        let mut place = Self { registry, names: BTreeMap::new(), _folder: folder };
        let mut memory = Memory::new();
        for act in acts {
            clock.set(act.at);
            let before = place.registry.size();
            place.ask(act);
            place.registry.seal_now().unwrap();
            let touched = memory.play(act).unwrap();
            assert_eq!(place.registry.size() - before, touched.len() as u64, "{act:?}");
            for (position, id) in (before..).zip(touched) {
                let fact = place.registry.proof(position).unwrap().unwrap().fact;
                let fact: Value = serde_json::from_str(&fact).unwrap();
                place.names.insert(id, fact["record"].as_str().unwrap().parse().ok().unwrap());
            }
        }
        place
    }

    /// Asks an act, and has it endorsed when a second person must agree.
    pub fn ask(&self, act: &Act) -> Receipt {
        let mut command = act.command.clone();
        self.name(&mut command);
        if act.by != By::Clock {
            // As a way in would read it.
            let verb = DESKS.find(act.desk).unwrap().verb(command["verb"].as_str().unwrap()).unwrap();
            command.as_object_mut().unwrap().remove("verb");
            command = verb.read_json(&command).unwrap();
        }
        let by = match act.by {
            By::Founder => Asker::Founder,
            By::Clock => Asker::Clock,
            By::Person(person) => Asker::Person(self.names[&person]),
        };
        let record = act.record.map(|record| self.names[&record]);
        let ask = Ask::new(act.key.clone(), by, act.desk, record, command);
        let receipt = self.registry.run(ask).unwrap_or_else(|denied| panic!("{act:?}: {denied:?}"));
        if let (Some(pending), Some(second)) = (receipt.pending, act.second) {
            self.registry.endorse(pending, Asker::Person(self.names[&second]), true).unwrap();
        }
        receipt
    }

    fn name(&self, value: &mut Value) {
        match value {
            Value::String(text) => {
                if let Some(id) = text.parse().ok().and_then(|id: Id| self.names.get(&id)) {
                    *text = id.to_string();
                }
            }
            Value::Array(values) => values.iter_mut().for_each(|value| self.name(value)),
            Value::Object(fields) => fields.values_mut().for_each(|value| self.name(value)),
            _ => {}
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.registry.close();
    }
}

fn seeds() -> Vec<u64> {
    let asked = std::env::var("SECRECY_SEEDS").unwrap_or_default();
    let seeds: Vec<u64> = asked.split(',').filter_map(|seed| seed.trim().parse().ok()).collect();
    if seeds.is_empty() { vec![1] } else { seeds }
}

/// Compares the worlds of those viewers whose names `is_meant` takes.
fn nothing_shows(is_meant: impl Fn(&str) -> bool) {
    let count = std::env::var("SECRECY_ACTS").ok().and_then(|count| count.parse().ok()).unwrap_or(ACTS);
    for seed in seeds() {
        let region = Anything::happen(seed, count);
        let people = region.people.iter().map(|(name, id)| (name.clone(), region.end.viewer(*id)));
        let mut viewers: Vec<(String, Viewer)> = vec![("public".into(), Viewer::public())];
        viewers.extend(people);
        viewers.retain(|(name, _)| is_meant(name));
        let hidden = hidden(&region, &viewers);
        for ((name, viewer), hidden) in viewers.iter().zip(hidden) {
            let kept = together(&region, viewer, vec![], &hidden);
            // Both are played anew for each viewer, so that both have had the same chance and the same asks.
            let (one, other) = (Place::play(&region.acts), Place::play(&changed(&region.acts, &kept)));
            let asked = Asked::of(&one.registry);
            let who = viewer.person.map(|id| one.names[&id]);
            let [a, b] = [&one, &other].map(|place| Eyes::of(&place.registry, who));
            let compared = eyes::compare(&a, &b, &asked);
            let found = compared.differ.len();
            assert!(kept.len() * 2 > hidden.len() && compared.good > 500, "{name} saw too little");
            println!(
                "seed {seed}, {name}: {} values hidden, {} changed; {} answers, {} good, {found} differ",
                hidden.len(),
                kept.len(),
                compared.answers,
                compared.good
            );
            let shown: Vec<String> = compared.differ.into_iter().take(12).collect();
            assert!(
                shown.is_empty(),
                "{name} can tell the worlds apart by {found} answers:\n{}",
                shown.join("\n")
            );
        }
    }
}

/// Every eighth of those who hold an office, by the seed; all of them when `SECRECY_SEEDS` is set.
fn is_some_office(name: &str) -> bool {
    let offices = crate::anything::offices();
    let place = name.strip_prefix("office ").and_then(|office| offices.iter().position(|one| one == office));
    place.is_some_and(|place| place % 8 == 1 || std::env::var("SECRECY_SEEDS").is_ok())
}

#[test]
fn nothing_that_is_hidden_from_the_public_shows_anywhere() {
    nothing_shows(|name| name == "public");
}

#[test]
fn nothing_that_is_hidden_from_a_member_shows_anywhere() {
    nothing_shows(|name| name == "stranger");
}

#[test]
fn nothing_that_is_hidden_from_a_party_shows_anywhere() {
    nothing_shows(|name| name == "colleague" || name == "provider");
}

#[test]
fn nothing_that_is_hidden_from_offices_elsewhere_shows_anywhere() {
    nothing_shows(|name| name == "far");
}

#[test]
fn nothing_that_is_hidden_from_an_office_shows_anywhere() {
    nothing_shows(is_some_office);
}
