//! Anything: a region made by chance from the forms of all desks. Nothing here knows a verb by name but the
//! few that found it: organisations, persons, appointments. A new desk is in it on the day it is listed.

use std::collections::{BTreeMap, BTreeSet};

use desks::DESKS;
use grammar::{
    case::Refused,
    clerk::Clerk,
    form::{Dice, Form, Kind, Verb},
    kinds::{Id, Moment},
    viewer::{Viewer, Who},
};
use serde_json::{Value, json};

use crate::{
    memory::{Act, By, Memory},
    open::MONDAY,
};

/// Where most of it happens, and where those work who have nothing to do with it.
const HERE: &str = "310000";
const ELSEWHERE: &str = "340000";
/// Tries for one verb before another has its turn.
const TRIES: usize = 6;
/// A file that has been brought before, and its hash.
pub const FILE: (&[u8], &str) =
    (b"a sample", "a02d817c50f2f0e2863495102a37e26d48643f9831478fe536f3b2698635a84f");

/// A region with all that was asked in it.
pub struct Anything {
    pub acts: Vec<Act>,
    /// The acts before this one only found the region.
    pub founded: usize,
    pub end: Memory,
    /// Persons by what they are: `stranger`, `signer`, `office registrar`, …
    pub people: BTreeMap<String, Id>,
    /// What the charter knows of them; it stays the same once the region is founded.
    pub viewers: BTreeMap<Id, Viewer>,
    /// Accepted asks by verb: `need/draft`.
    pub times: BTreeMap<String, u32>,
    dice: Dice,
    now: Moment,
}

impl Anything {
    /// Founds a region and asks in it until about `count` asks have been accepted.
    pub fn happen(seed: u64, count: usize) -> Self {
        let mut region = Self {
            acts: vec![],
            founded: 0,
            end: Memory::new(),
            people: BTreeMap::new(),
            viewers: BTreeMap::new(),
            times: BTreeMap::new(),
            dice: Dice::new(seed),
            now: Moment::from_millis(MONDAY),
        };
        region.found();
        region.founded = region.acts.len();
        region.viewers = region.people.values().map(|id| (*id, region.end.viewer(*id))).collect();
        let mut turns = 0;
        while region.acts.len() < region.founded + count && turns < count * 8 {
            turns += 1;
            region.turn();
        }
        region
    }

    fn now_later(&mut self) {
        self.now = self.now.plus_millis(1_000);
    }

    /// Asks by the founder of the region; believed to be accepted.
    fn founds(&mut self, desk: &'static str, record: Option<Id>, command: Value) -> Id {
        let id = self.asks(By::Founder, None, desk, record, command.clone());
        id.unwrap_or_else(|| panic!("{desk}: {command} is refused"))
    }

    fn asks(
        &mut self,
        by: By,
        second: Option<Id>,
        desk: &'static str,
        record: Option<Id>,
        command: Value,
    ) -> Option<Id> {
        let act =
            Act { key: format!("a{}", self.acts.len()), by, second, desk, record, command, at: self.now };
        let touched = self.end.play(&act).ok()?;
        self.acts.push(act);
        self.now_later();
        record.or(touched.first().copied())
    }

    fn found(&mut self) {
        let mut firms = Vec::new();
        for name in ["firm", "provider", "elsewhere"] {
            let command = json!({ "verb": "register", "name": { "zh": format!("示例{name}"), "en": name }, "kind": "enterprise", "region": "310115" });
            firms.push(self.founds("organisation", None, command));
        }
        for (name, firm, may_sign) in [
            ("signer", 0, true),
            ("colleague", 0, false),
            ("second", 0, true),
            ("provider", 1, true),
            ("stranger", 2, true),
        ] {
            let person = self.person(name);
            let claim = json!({ "verb": "claim-affiliation", "organisation": firms[firm], "role": "director", "may_sign": may_sign, "from": "2026-01-01" });
            self.founds("person", Some(person), claim);
            self.founds(
                "person",
                Some(person),
                json!({ "verb": "confirm-affiliation", "organisation": firms[firm] }),
            );
        }
        let hidden = json!({ "verb": "register", "name": "某某", "region": "310115", "public": false, "phone": "13900004321", "email": "ghost@example.org", "id_number": "310101199001014321" });
        let hidden = self.founds("person", None, hidden);
        self.people.insert("hidden".into(), hidden);
        for office in offices() {
            let needs_second = ["", " too"];
            for which in needs_second {
                let person = self.person(&format!("office {office}{which}"));
                self.appoint(person, &office, HERE);
            }
            // One far away holds them all, but the three that no person may hold together.
            if !["system-admin", "security-admin", "auditor"].contains(&office.as_str()) {
                let far = self.people.get("far").copied().unwrap_or_else(|| self.person("far"));
                self.appoint(far, &office, ELSEWHERE);
            }
        }
    }

    fn person(&mut self, name: &str) -> Id {
        let command = json!({ "verb": "register", "name": format!("人员 {name}"), "region": HERE, "public": true, "display_name": { "zh": name, "en": name } });
        let person = self.founds("person", None, command);
        self.people.insert(name.to_owned(), person);
        person
    }

    fn appoint(&mut self, person: Id, office: &str, region: &str) {
        let today = self.now.day();
        let command = json!({ "verb": "appoint", "holder": person, "office": office, "region": region, "from": today, "document": "test 1" });
        self.founds("office", None, command);
    }

    /// Something new of the desk that has had the least, or the next thing of some record.
    fn turn(&mut self) {
        if self.dice.once_in(12) {
            self.wait();
        }
        let clerks: Vec<&'static dyn Clerk> = DESKS.iter().collect();
        let some: Vec<_> = (0..3).filter_map(|_| self.dice.one_of(&clerks).copied()).collect();
        let had = |clerk: &&dyn Clerk| -> u32 {
            let of_desk = format!("{}/", clerk.name());
            self.times.iter().filter(|(verb, _)| verb.starts_with(&of_desk)).map(|(_, times)| *times).sum()
        };
        let Some(clerk) = some.into_iter().min_by_key(had) else { return };
        let opens = self.dice.once_in(4);
        let record = if opens { None } else { self.recent(clerk) };
        let mut verbs: Vec<&'static Verb> = clerk.verbs().iter().collect();
        verbs.retain(|verb| clerk.opens().contains(&verb.name.as_str()) == record.is_none());
        let times =
            |verb: &&Verb| self.times.get(&format!("{}/{}", clerk.name(), verb.name)).copied().unwrap_or(0);
        verbs.sort_by_key(times);
        for verb in verbs {
            for _ in 0..TRIES {
                match self.attempt(clerk, verb, record) {
                    Some(true) => {
                        *self.times.entry(format!("{}/{}", clerk.name(), verb.name)).or_default() += 1;
                        return;
                    }
                    Some(false) => {}
                    None => break,
                }
            }
        }
    }

    /// Whether it was accepted; `None` when no other sample would be.
    fn attempt(
        &mut self,
        clerk: &'static dyn Clerk,
        verb: &'static Verb,
        record: Option<Id>,
    ) -> Option<bool> {
        let today = self.now.day();
        let known: Vec<(Id, &'static str)> =
            self.end.records.iter().map(|(id, stored)| (*id, stored.desk)).collect();
        let some = |desk: &str, dice: &mut Dice| {
            let fitting: Vec<Id> =
                known.iter().filter(|(_, of)| desk.is_empty() || *of == desk).map(|(id, _)| *id).collect();
            if dice.once_in(3) { fitting.first().copied() } else { dice.one_of(&fitting).copied() }
        };
        let mut command = verb.sample(&mut self.dice, today, &some)?;
        self.settle(&verb.form, &mut command);
        let who = self.who(clerk, verb, &command)?;
        let askers = self.askers(who, record, &command);
        for asker in &askers {
            let second = if who.needs_two() { Some(self.second(who, *asker, record)?) } else { None };
            let act = Act {
                key: format!("a{}", self.acts.len()),
                by: By::Person(*asker),
                second,
                desk: clerk.name(),
                record,
                command: command.clone(),
                at: self.now,
            };
            match self.end.play(&act) {
                Ok(_) => {
                    self.acts.push(act);
                    self.now_later();
                    return Some(true);
                }
                Err(Refused::Because(refusal)) if refusal.code == "not-now" => return None,
                Err(_) => {}
            }
        }
        (!askers.is_empty()).then_some(false)
    }

    /// A record of a desk, mostly one of the last that something was asked of. Those who found the region and
    /// serve in it stay who they are.
    fn recent(&mut self, clerk: &dyn Clerk) -> Option<Id> {
        let serves = |id: &Id| self.people.values().any(|person| person == id);
        let of_desk: Vec<Id> = self
            .end
            .records
            .iter()
            .filter(|(_, stored)| stored.desk == clerk.name())
            .map(|(id, _)| *id)
            .collect();
        let founded: BTreeSet<Id> = self
            .acts
            .iter()
            .take(self.founded)
            .filter_map(|act| format!("office-{}x1", act.key).parse().ok())
            .collect();
        let mut free: Vec<Id> =
            of_desk.into_iter().filter(|id| !serves(id) && !founded.contains(id)).collect();
        free.sort_by_key(|id| self.acts.iter().rposition(|act| act.record == Some(*id)));
        let last = free.len().saturating_sub(3);
        if self.dice.once_in(2) {
            self.dice.one_of(free.get(last..)?).copied()
        } else {
            self.dice.one_of(&free).copied()
        }
    }

    /// Keeps what is sampled within the region and the ordinary.
    fn settle(&mut self, form: &Form, command: &mut Value) {
        let (dice, today) = (&mut self.dice, self.now.day());
        form.walk(command, &mut |path, kind, leaf| match kind {
            Kind::Region => *leaf = if dice.once_in(8) { "340100" } else { "310115" }.into(),
            Kind::File => *leaf = format!("{}:sample.pdf", FILE.1).into(),
            Kind::YesNo if !dice.once_in(6) => *leaf = true.into(),
            Kind::Day if path.ends_with("from") => *leaf = json!(today),
            Kind::Day => {
                let days = 10 + i32::try_from(dice.below(200)).unwrap();
                *leaf = json!(today.plus_days(days));
            }
            Kind::Text { max } if *max >= 8 && dice.once_in(2) => {
                *leaf = format!("机密 {}", dice.below(900)).into()
            }
            _ => {}
        });
    }

    fn who(&self, clerk: &dyn Clerk, verb: &Verb, command: &Value) -> Option<Who> {
        let mut covered = command.clone();
        verb.form.cover(&mut covered);
        clerk.who(&covered).filter(|who| who.is_for_people())
    }

    /// Those who may ask it, as far as can be told before.
    fn askers(&self, who: Who, record: Option<Id>, command: &Value) -> Vec<Id> {
        let named = command.to_string();
        let mut askers: Vec<(bool, Id)> = Vec::new();
        for (person, viewer) in &self.viewers {
            let card = record.and_then(|id| self.end.records.get(&id)).map(|stored| &stored.standing.card);
            let may = match card {
                Some(card) => who.allows(viewer, card),
                None => who.might_allow(viewer),
            };
            if may {
                askers.push((!viewer.organisations.iter().any(|id| named.contains(id.as_str())), *person));
            }
        }
        askers.sort();
        askers.into_iter().map(|(_, person)| person).take(3).collect()
    }

    /// Someone else who holds the office that must agree.
    fn second(&self, who: Who, first: Id, record: Option<Id>) -> Option<Id> {
        let others = self.viewers.iter().filter(|(person, _)| **person != first);
        let card = record.and_then(|id| self.end.records.get(&id)).map(|stored| &stored.standing.card);
        let may = |viewer: &Viewer| card.is_none_or(|card| who.allows(viewer, card));
        let mut held = others.filter(|(_, viewer)| self.holds_one(who, viewer) && may(viewer));
        held.next().map(|(person, _)| *person)
    }

    fn holds_one(&self, who: Who, viewer: &Viewer) -> bool {
        let names = who.names();
        let offices = names.iter().filter_map(|name| name.strip_prefix("two:office:"));
        offices.into_iter().any(|office| {
            viewer.offices.iter().any(|(held, region)| held == office && region.to_string() == HERE)
        })
    }

    /// Some days go by; the clock asks what was wished for.
    fn wait(&mut self) {
        let until = self.now.plus_millis(i64::try_from(self.dice.below(9)).unwrap() * 86_400_000);
        for (at, id, desk, command) in self.end.due(until).into_iter().take(10) {
            self.now = self.now.max(at);
            self.asks(By::Clock, None, desk, Some(id), command);
        }
        self.now = self.now.max(until);
    }
}

/// Every office that any verb asks for, and every one that can be held.
pub fn offices() -> BTreeSet<String> {
    let form = &DESKS.find("office").unwrap().verb("appoint").unwrap().form;
    let Kind::Choice(offices) = &form.field("office").unwrap().kind else { panic!("offices are a choice") };
    offices.iter().cloned().collect()
}

/// Plays acts anew; `None` when one of them is refused.
pub fn replay(from: &Memory, acts: &[Act]) -> Option<Memory> {
    let mut memory = from.clone();
    acts.iter().all(|act| memory.play(act).is_ok()).then_some(memory)
}

/// Whether people may open a record by this verb.
fn may_be_opened(clerk: &dyn Clerk, verb: &str) -> bool {
    let some = |_: &str, _: &mut Dice| Some(Id::named("none"));
    let today = Moment::from_millis(MONDAY).day();
    let sample = clerk.verb(verb).unwrap().sample(&mut Dice::new(3), today, &some);
    clerk.who(&sample.unwrap()).unwrap().is_for_people()
}

/// Desks that need so much before them that chance seldom comes so far.
const SELDOM: [&str; 21] = [
    "voucher",
    "voucher-order",
    "redemption",
    "clearing",
    "application",
    "agreement",
    "booking",
    // Nor does chance often find a laboratory whose lead unit asks, and sheet, batch and limit that fit.
    "chemical",
    "sample",
    "test-report",
    "visit",
    "bundle",
    "permit",
    "training",
    "proposal",
    "round",
    "comparison",
    // A key that signs is not found by chance.
    "neighbour",
    "settlement",
    "exchange",
    // Nor is a sheet that adds up.
    "old-book",
];

#[test]
fn a_region_made_by_chance_has_something_of_every_desk() {
    let region = Anything::happen(1, 400);
    let shown: Vec<String> = region.times.iter().map(|(verb, times)| format!("{verb} {times}")).collect();
    println!("{} acts, {} records: {}", region.acts.len(), region.end.records.len(), shown.join(", "));
    for clerk in DESKS.iter() {
        let of_it = region.end.records.values().filter(|stored| stored.desk == clerk.name()).count();
        // What only another desk opens comes by itself, when chance goes that far.
        let is_opened = clerk.opens().iter().any(|verb| may_be_opened(clerk, verb));
        let is_seldom = SELDOM.contains(&clerk.name());
        assert!(of_it > 0 || !is_opened || is_seldom, "nothing of {}", clerk.name());
    }
    let again = replay(&Memory::new(), &region.acts).unwrap();
    assert!(
        region.end.records.keys().all(|id| again.agrees(&region.end, *id)),
        "the same acts, the same region"
    );
}
