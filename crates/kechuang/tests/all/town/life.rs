//! Life: a town that acts at random over every desk, from the desks' forms alone, on a clock that jumps.
//!
//! Nothing here knows a desk by name but those that make people and money, so a new desk takes part on the day
//! it is listed. Whatever is answered is set as a mark into the trace of the file layer, when there is one.

use std::{
    collections::BTreeMap,
    fs::File,
    io::Write,
    path::Path,
    sync::{
        Arc, Mutex,
        atomic::{AtomicI64, Ordering},
    },
};

use desks::DESKS;
use grammar::{
    card::Card,
    clerk::Clerk,
    form::{Dice, Form, Kind, Verb},
    kinds::{Id, Moment},
};
use registry::{Ask, Asker, Chance, Clock, Denied, FOREVER, Receipt, Registry, Settings};
use rusqlite::Connection;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};

use crate::open::MONDAY;

pub const ORIGIN: &str = "kechuang.example/town";
/// People and organisations that a town begins with.
const PEOPLE: usize = 200;
const FIRMS: usize = 24;
const FUNDS: usize = 4;
/// Each office is held by so many, so that there is a second pair of eyes.
const HOLDERS: usize = 2;
/// Samples that are tried until one of them is accepted.
const TRIES: usize = 24;
const MINUTE: i64 = 60_000;
const DAY: i64 = 24 * 60 * MINUTE;
/// The space under which the town keeps things that are no events.
pub const SPACE: &str = "town";

/// What was answered, and so must outlive everything.
#[derive(Clone, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Mark {
    Acknowledged { ask: Box<Ask>, receipt: Box<Receipt> },
    File { hash: String },
    Kept { key: String, value: String },
    Checkpoint { note: String },
    Erased { value: String },
}

/// A clock that is set by hand.
#[derive(Default)]
pub struct Hands(AtomicI64);

impl Clock for Hands {
    fn now(&self) -> Moment {
        Moment::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// Chance that can be repeated.
struct Seeded(Mutex<Dice>);

impl Chance for Seeded {
    fn bytes(&self) -> [u8; 32] {
        let mut dice = self.0.lock().unwrap();
        let mut bytes = [0; 32];
        bytes.as_chunks_mut::<8>().0.iter_mut().for_each(|part| *part = dice.roll().to_le_bytes());
        bytes
    }
}

/// A town while it lives.
pub struct Town {
    pub registry: Arc<Registry>,
    hands: Arc<Hands>,
    dice: Dice,
    reader: Connection,
    marks: Option<File>,
    /// Which life of the town this is: keys are never used twice by chance.
    life: u64,
    steps: u64,
    turn: usize,
    asked: Vec<(Ask, Receipt)>,
    firms: Vec<Id>,
    persons: Vec<Id>,
    signers: BTreeMap<Id, Vec<Id>>,
    officers: BTreeMap<String, Vec<Id>>,
    files: Vec<String>,
    /// What was accepted, by desk and verb.
    pub accepted: BTreeMap<String, u32>,
    /// Something was answered by a breakage; only where the disk is made to fail.
    pub broken: Vec<String>,
}

/// Opens the registry of a town at a moment.
pub fn house(folder: &Path, seed: u64, now: i64) -> Result<(Arc<Registry>, Arc<Hands>), registry::Broken> {
    let hands = Arc::new(Hands(AtomicI64::new(now)));
    let chance = Arc::new(Seeded(Mutex::new(Dice::new(seed ^ 0x5eed))));
    let settings = Settings::new(folder, ORIGIN);
    Ok((Registry::open(settings, &DESKS, hands.clone(), chance)?, hands))
}

/// The last moment that the log of a folder knows of.
fn last_moment(folder: &Path) -> i64 {
    let Ok(reader) = Connection::open(folder.join("region.sqlite")) else { return MONDAY };
    reader
        .query_row("SELECT max(changed) FROM records", [], |row| row.get::<_, Option<i64>>(0))
        .ok()
        .flatten()
        .unwrap_or(MONDAY)
}

impl Town {
    /// Founds a town in a folder, or goes on with the one that lies there.
    pub fn open(folder: &Path, seed: u64, life: u64, marks: Option<File>) -> Result<Self, registry::Broken> {
        let dice = Dice::new(seed.wrapping_mul(1_000_003).wrapping_add(life));
        let (registry, hands) = house(folder, seed.wrapping_mul(7_919) ^ life, last_moment(folder))?;
        let reader = Connection::open(folder.join("region.sqlite")).unwrap();
        reader.busy_timeout(std::time::Duration::from_secs(5)).unwrap();
        let mut town = Self {
            registry,
            hands,
            dice,
            reader,
            marks,
            life,
            steps: 0,
            turn: usize::try_from(life * 5 % 11).unwrap(),
            asked: Vec::new(),
            firms: Vec::new(),
            persons: Vec::new(),
            signers: BTreeMap::new(),
            officers: BTreeMap::new(),
            files: Vec::new(),
            accepted: BTreeMap::new(),
            broken: Vec::new(),
        };
        town.settle();
        Ok(town)
    }

    fn mark(&mut self, mark: &Mark) {
        if let Some(marks) = &mut self.marks {
            marks.write_all(json!(mark).to_string().as_bytes()).unwrap();
        }
    }

    fn key(&mut self, what: &str) -> String {
        self.steps += 1;
        format!("{what}/{}/{}", self.life, self.steps)
    }

    /// The people, firms, offices and funds of a town. Their keys never change, so a start that was cut off is
    /// finished by the next life.
    fn settle(&mut self) {
        let firm = |n: usize| {
            let name = json!({ "zh": format!("示例企业 {n}"), "en": format!("Firm {n}") });
            let command =
                json!({ "verb": "register", "name": name, "kind": "enterprise", "region": "310115" });
            Ask::new(format!("settle/firm/{n}"), Asker::Founder, "organisation", None, command)
        };
        let person = |n: usize| {
            let (zh, en) = (format!("示例人员 {n:03}"), format!("Person {n:03}"));
            let command = json!({
                "verb": "register", "name": format!("secret name {n:03} of somebody"), "region": "310115",
                "public": true, "display_name": { "zh": zh, "en": en },
            });
            Ask::new(format!("settle/person/{n}"), Asker::Founder, "person", None, command)
        };
        self.firms = self.all((0..FIRMS).map(firm).collect());
        self.persons = self.all((0..PEOPLE).map(person).collect());
        if self.firms.len() < FIRMS || self.persons.len() < PEOPLE {
            return;
        }
        let (firms, persons) = (self.firms.clone(), self.persons.clone());
        let belongs: Vec<(Id, Id)> = persons.iter().copied().zip(firms.iter().copied().cycle()).collect();
        let claim = |(n, (person, firm)): (usize, &(Id, Id))| {
            let command = json!({
                "verb": "claim-affiliation", "organisation": firm, "role": "director", "may_sign": true,
                "from": "2026-01-01", "until": null,
            });
            Ask::new(format!("settle/claim/{n}"), Asker::Founder, "person", Some(*person), command)
        };
        let confirm = |(n, (person, firm)): (usize, &(Id, Id))| {
            let command = json!({ "verb": "confirm-affiliation", "organisation": firm });
            Ask::new(format!("settle/confirm/{n}"), Asker::Founder, "person", Some(*person), command)
        };
        self.all(belongs.iter().enumerate().map(claim).collect());
        self.all(belongs.iter().enumerate().map(confirm).collect());
        for (person, firm) in belongs {
            self.signers.entry(firm).or_default().push(person);
        }
        self.appoint();
        self.endow();
    }

    fn appoint(&mut self) {
        let verb = DESKS.find("office").and_then(|clerk| clerk.verb("appoint")).unwrap();
        let field = verb.form.fields.iter().find(|field| field.name == "office").unwrap();
        let Kind::Choice(offices) = &field.kind else { panic!("offices are a choice") };
        let mut asks = Vec::new();
        for (n, office) in offices.iter().flat_map(|office| [office; HOLDERS]).enumerate() {
            let holder = self.persons[n];
            let command = json!({
                "verb": "appoint", "holder": holder, "office": office, "region": "000000", "from": self.registry.now().day(),
                "until": null, "document": "town",
            });
            asks.push(Ask::new(format!("settle/office/{n}"), Asker::Founder, "office", None, command));
            self.officers.entry(office.clone()).or_default().push(holder);
        }
        self.all(asks);
    }

    /// A source that owes what the funds have.
    fn endow(&mut self) {
        let Some(treasurer) = self.officers.get("treasurer").map(|held| Asker::Person(held[0])) else {
            return;
        };
        let account = |purpose: &str, n: usize, owner: Id| {
            let command = json!({
                "verb": "open", "title": { "zh": "示例账户", "en": purpose }, "owner": owner, "purpose": purpose, "region": "310000",
            });
            Ask::new(format!("settle/account/{purpose}/{n}"), treasurer, "account", None, command)
        };
        let owners = self.firms.clone();
        let source = self.all(vec![account("source", 0, owners[0])]);
        let funds = self.all((0..FUNDS).map(|n| account("fund", n, owners[n])).collect());
        let Some(source) = source.first() else { return };
        let pay = |(n, fund): (usize, &Id)| {
            let command = json!({ "verb": "pay", "to": fund, "amount": "1000000.00", "reason": "town" });
            Ask::new(format!("settle/pay/{n}"), treasurer, "account", Some(*source), command)
        };
        self.all(funds.iter().enumerate().map(pay).collect());
    }

    /// Asks all at once, as a sheet does, and gives the records of those that were kept.
    fn all(&mut self, asks: Vec<Ask>) -> Vec<Id> {
        let answers = self.registry.run_many(asks.clone());
        let kept = asks
            .into_iter()
            .zip(answers)
            .filter_map(|(ask, answer)| self.note(ask, answer))
            .collect::<Vec<_>>();
        kept.into_iter().map(|receipt| receipt.record).collect()
    }

    fn ask(&mut self, ask: Ask) -> Option<Receipt> {
        let answer = self.registry.run(ask.clone());
        self.note(ask, answer)
    }

    /// Keeps in mind what was answered.
    fn note(&mut self, ask: Ask, answer: Result<Receipt, Denied>) -> Option<Receipt> {
        match answer {
            Ok(receipt) => {
                if !receipt.is_repeat {
                    let verb = ask.command["verb"].as_str().unwrap_or_default();
                    *self.accepted.entry(format!("{}/{verb}", ask.desk)).or_default() += 1;
                }
                let first = Receipt { is_repeat: false, ..receipt.clone() };
                self.mark(&Mark::Acknowledged {
                    ask: Box::new(ask.clone()),
                    receipt: Box::new(first.clone()),
                });
                self.asked.push((ask, first));
                Some(receipt)
            }
            Err(Denied::Broken(why)) => {
                self.broken.push(why);
                None
            }
            Err(_) => None,
        }
    }

    /// What was acknowledged in an earlier life is answered with the same receipt.
    pub fn ask_again(&mut self, marks: &[Mark]) {
        for mark in marks {
            if let Mark::Acknowledged { ask, receipt } = mark {
                let again = self.registry.run((**ask).clone()).unwrap();
                assert_eq!(again, Receipt { is_repeat: true, ..(**receipt).clone() }, "{}", ask.key);
            }
        }
    }

    /// Something happens in the town.
    pub fn step(&mut self) {
        match self.dice.below(20) {
            0 | 1 => self.time_goes_by(),
            2 => self.somebody_asks_again(),
            3 => self.a_sheet_is_brought(),
            4 => self.a_file_is_brought(),
            5 => self.something_small_is_kept(),
            6 => self.the_log_is_sealed(),
            7 | 8 => self.a_second_person_looks(),
            9 => self.somebody_is_erased(),
            10 => self.money_moves(),
            11 => self.a_draw_is_opened(),
            _ => self.anything(),
        }
    }

    /// Mostly on, sometimes back: by seconds, days, or years.
    fn time_goes_by(&mut self) {
        let span = match self.dice.below(8) {
            0 => 400 * DAY,
            1 | 2 => 40 * DAY,
            3 | 4 => 3 * DAY,
            _ => 10 * MINUTE,
        };
        let by = i64::try_from(self.dice.roll() % span.unsigned_abs()).unwrap();
        let sign = if self.dice.once_in(6) { -1 } else { 1 };
        // Never before the town was founded, nor so far that nothing is left to lapse.
        let now = (self.registry.now().in_millis() + sign * by).clamp(MONDAY, MONDAY + 3_000 * DAY);
        self.hands.0.store(now, Ordering::Relaxed);
        if let Err(broken) = self.registry.tick() {
            self.broken.push(broken.0);
        }
        self.wait();
    }

    /// Until the writer has done what it was not waited for: sealing.
    fn wait(&mut self) {
        let key = self.key("wait");
        self.keep(&key, "waited");
    }

    fn keep(&mut self, key: &str, value: &str) {
        match self.registry.keep(SPACE, key, &value, FOREVER) {
            Ok(()) => self.mark(&Mark::Kept { key: key.into(), value: value.into() }),
            Err(broken) => self.broken.push(broken.0),
        }
    }

    fn something_small_is_kept(&mut self) {
        // Never the same key again: of two values, a crash may leave the one that was not answered yet.
        let (key, value) = (self.key("small"), self.key("value"));
        self.keep(&key, &value);
    }

    fn somebody_asks_again(&mut self) {
        let Some((ask, receipt)) = self.dice.one_of(&self.asked).cloned() else { return };
        match self.registry.run(ask.clone()) {
            Ok(again) => assert_eq!(again, Receipt { is_repeat: true, ..receipt }, "{}", ask.key),
            Err(Denied::Broken(why)) => self.broken.push(why),
            Err(denied) => panic!("{} was acknowledged and is now denied: {denied:?}", ask.key),
        }
    }

    /// Everything that was ever acknowledged is answered with the same receipt.
    pub fn everybody_asks_again(&self) {
        for (ask, receipt) in &self.asked {
            let again = self.registry.run(ask.clone());
            assert_eq!(again, Ok(Receipt { is_repeat: true, ..receipt.clone() }), "{}", ask.key);
        }
    }

    pub fn a_sheet_is_brought(&mut self) {
        let rows = 2 + self.dice.below(30);
        let asks = (0..rows).map(|_| {
            let key = self.key("row");
            let name = json!({ "zh": format!("示例企业 {key}"), "en": key });
            let command =
                json!({ "verb": "register", "name": name, "kind": "enterprise", "region": "320500" });
            Ask::new(key, Asker::Founder, "organisation", None, command)
        });
        let asks = asks.collect();
        self.all(asks);
    }

    pub fn a_file_is_brought(&mut self) {
        let length = 1 + self.dice.below(9_000);
        let bytes: Vec<u8> = (0..length).map(|_| self.dice.roll().to_le_bytes()[0]).collect();
        match self.registry.put_file(&bytes) {
            Ok(hash) => {
                self.files.push(hash.clone());
                self.mark(&Mark::File { hash });
            }
            Err(fault) => self.broken.push(fault.to_string()),
        }
    }

    fn the_log_is_sealed(&mut self) {
        if let Err(broken) = self.registry.seal_now() {
            self.broken.push(broken.0);
        }
        if let Ok(Some((_, note))) = self.registry.checkpoint() {
            self.mark(&Mark::Checkpoint { note });
        }
    }

    fn a_second_person_looks(&mut self) {
        let waiting: Vec<(String, String)> = self.rows("SELECT id, who FROM pending ORDER BY id");
        let Some((pending, who)) = self.dice.one_of(&waiting).cloned() else { return };
        let names: Vec<String> = serde_json::from_str(&who).unwrap();
        let offices = names.iter().filter_map(|name| name.rsplit_once("office:").map(|(_, office)| office));
        let able: Vec<Id> =
            offices.flat_map(|office| self.officers.get(office).into_iter().flatten().copied()).collect();
        let Some(by) = self.dice.one_of(&able).copied() else { return };
        let agrees = !self.dice.once_in(5);
        match self.registry.endorse(pending.parse().ok().unwrap(), Asker::Person(by), agrees) {
            Ok(_) if agrees => *self.accepted.entry("endorsed".into()).or_default() += 1,
            Err(Denied::Broken(why)) => self.broken.push(why),
            _ => {}
        }
    }

    pub fn somebody_is_erased(&mut self) {
        // Those behind the officers: somebody must stay to do the work.
        let n = PEOPLE / 2 + self.dice.below(PEOPLE / 2);
        let Some(person) = self.persons.get(n).copied() else { return };
        let command = json!({ "verb": "erase", "ground": "asked" });
        let key = self.key("erase");
        if self.ask(Ask::new(key, Asker::Person(person), "person", Some(person), command)).is_some() {
            self.mark(&Mark::Erased { value: format!("secret name {n:03} of somebody") });
        }
    }

    fn money_moves(&mut self) {
        let accounts = self.of_desk("account");
        let (Some(from), Some(to)) =
            (self.dice.one_of(&accounts).copied(), self.dice.one_of(&accounts).copied())
        else {
            return;
        };
        let Some(treasurer) = self.officers.get("treasurer").map(|held| held[0]) else { return };
        let fen = 1 + self.dice.below(500_000);
        let amount = format!("{}.{:02}", fen / 100, fen % 100);
        let command = json!({ "verb": "pay", "to": to, "amount": amount, "reason": "town" });
        let key = self.key("pay");
        self.ask(Ask::new(key, Asker::Person(treasurer), "account", Some(from), command));
    }

    /// Chance alone hardly ever asks for as few as a list has, at a time that is still to come.
    fn a_draw_is_opened(&mut self) {
        let Some(office) = self.officers.get("draw-office").map(|held| held[0]) else { return };
        let closes = self.registry.now().plus_millis(60_000 * (1 + self.dice.below(5_000) as i64));
        let command = json!({
            "verb": "open", "region": "310000", "purpose": { "zh": "示例抽签" }, "about": null, "basis": "town",
            "list": "a\nb\nc\nd", "take": 1 + self.dice.below(3), "spare": 1, "quotas": [], "closes": closes,
            "outside": null, "again": null,
        });
        let key = self.key("draw");
        self.ask(Ask::new(key, Asker::Person(office), "draw", None, command));
    }

    fn anything(&mut self) {
        // The desks take turns, since at some of them little is accepted.
        let desks: Vec<&str> = DESKS.iter().map(|clerk| clerk.name()).collect();
        self.turn += 1;
        self.act_at(desks[self.turn % desks.len()]);
    }

    /// Somebody asks something of a desk that is accepted, if one of some samples is.
    pub fn act_at(&mut self, desk: &str) {
        let clerk = DESKS.find(desk).unwrap();
        for _ in 0..TRIES {
            if let Some(ask) = self.sample(clerk)
                && self.ask(ask).is_some()
            {
                return;
            }
        }
    }

    /// A command as someone might send it who mostly may.
    fn sample(&mut self, clerk: &'static dyn Clerk) -> Option<Ask> {
        let is_opening = |verb: &&Verb| clerk.opens().contains(&verb.name.as_str());
        // Where there is nothing yet, something is opened.
        let is_bare = self.of_desk(clerk.name()).is_empty();
        let verbs: Vec<&Verb> = clerk.verbs().iter().filter(|verb| !is_bare || is_opening(verb)).collect();
        let verb = self.dice.one_of(&verbs).copied()?;
        let opens = is_opening(&verb);
        let record = if opens { None } else { Some(self.some(clerk.name())?) };
        let (today, mut dice) = (self.registry.now().day(), self.dice.clone());
        let command = verb.sample(&mut dice, today, &|desk, dice| self.some_by(desk, dice));
        self.dice = dice;
        let mut command = command?;
        self.attach(&verb.form, &mut command);
        let who = clerk.who(&command)?;
        if !who.is_for_people() {
            return None;
        }
        let by = self.someone(&who.names(), record, &command)?;
        let key = self.key(clerk.name());
        Some(Ask::new(key, by, clerk.name(), record, command))
    }

    /// Files that were brought take the place of made-up ones.
    fn attach(&mut self, form: &Form, command: &mut Value) {
        if self.files.is_empty() {
            self.a_file_is_brought();
        }
        let hash = self.dice.one_of(&self.files).cloned().unwrap_or_default();
        form.walk(command, &mut |_, kind, leaf| {
            if matches!(kind, Kind::File) {
                *leaf = format!("{hash}:sample.pdf").into();
            }
        });
    }

    fn someone(&mut self, names: &[String], record: Option<Id>, command: &Value) -> Option<Asker> {
        let name = self.dice.one_of(names).cloned()?;
        let name = name.strip_prefix("two:").unwrap_or(&name).to_owned();
        if name == "anyone" && self.dice.once_in(2) {
            return Some(Asker::Public);
        }
        if let Some(office) = name.strip_prefix("office:") {
            let held = self.officers.get(office).cloned().unwrap_or_default();
            return self.dice.one_of(&held).copied().map(Asker::Person);
        }
        let part = name.split_once(':').map_or("", |(_, part)| part);
        let mut parties: Vec<Id> =
            record.and_then(|id| self.card(id)).map_or(Vec::new(), |card| card.holders(part).collect());
        if record.is_none() {
            let named = command
                .as_object()
                .into_iter()
                .flatten()
                .filter_map(|(_, value)| value.as_str()?.parse().ok());
            parties.extend(named.filter(|id: &Id| ["organisation", "person"].contains(&id.desk())));
        }
        let person = match self.dice.one_of(&parties).copied() {
            Some(id) if id.desk() == "person" => Some(id),
            Some(id) => self.signers.get(&id).cloned().and_then(|able| self.dice.one_of(&able).copied()),
            None => self.dice.one_of(&self.persons).copied(),
        };
        person.map(Asker::Person)
    }

    fn some(&mut self, desk: &str) -> Option<Id> {
        let mut dice = self.dice.clone();
        let some = self.some_by(desk, &mut dice);
        self.dice = dice;
        some
    }

    /// One of the first people and firms, which are known and may be signed for, or any record; mostly a late one.
    fn some_by(&self, desk: &str, dice: &mut Dice) -> Option<Id> {
        match desk {
            "person" => dice.one_of(&self.persons).copied(),
            "organisation" => dice.one_of(&self.firms).copied(),
            _ => {
                let all = self.of_desk(desk);
                let late = &all[all.len().saturating_sub(6)..];
                if dice.once_in(3) { dice.one_of(&all).copied() } else { dice.one_of(late).copied() }
            }
        }
    }

    fn of_desk(&self, desk: &str) -> Vec<Id> {
        let condition = if desk.is_empty() { String::new() } else { format!("WHERE desk = '{desk}'") };
        let rows: Vec<(String, String)> =
            self.rows(&format!("SELECT id, desk FROM records {condition} ORDER BY position, id"));
        rows.into_iter().filter_map(|(id, _)| id.parse().ok()).collect()
    }

    fn card(&self, id: Id) -> Option<Card> {
        let sql = format!("SELECT card, id FROM records WHERE id = '{id}'");
        self.rows(&sql).pop().and_then(|(card, _)| serde_json::from_str(&card).ok())
    }

    fn rows(&self, sql: &str) -> Vec<(String, String)> {
        let mut query = self.reader.prepare_cached(sql).unwrap();
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?))).unwrap();
        rows.collect::<Result<_, _>>().unwrap()
    }
}
