//! A draw of a real house is repeated from its record alone; a record that does not fit is refused, each part with its own
//! reason, even when a forger has signed all of it with a key of his own.

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use chain::Hash;
use desks::{DESKS, draw::Terms};
use grammar::{
    kinds::{Id, Moment},
    lot::{Anchor, Drawn, Lot, hex},
};
use registry::{Ask, Asker, Chance, Clock, Dossier, Registry, Settings};
use serde_json::{Value, json};

use super::*;

struct Moving(AtomicI64);
impl Clock for Moving {
    fn now(&self) -> Moment {
        Moment::from_millis(self.0.load(Ordering::Relaxed))
    }
}

struct Numbered(AtomicU64);
impl Chance for Numbered {
    fn bytes(&self) -> [u8; 32] {
        chain::leaf::leaf_hash(&self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes()).0
    }
}

/// A house with two people of the draw office.
struct House {
    registry: Arc<Registry>,
    clock: Arc<Moving>,
    people: [Id; 2],
    asked: AtomicU64,
    _folder: TempDir,
}

impl House {
    fn open() -> Self {
        let folder = TempDir::new().unwrap();
        let settings = Settings::new(folder.path(), "kechuang.example/draw");
        let clock = Arc::new(Moving(AtomicI64::new(1_772_416_800_000)));
        let chance = Arc::new(Numbered(AtomicU64::new(7)));
        let registry = Registry::open(settings, &DESKS, clock.clone(), chance).unwrap();
        let nobody = Id::named("person-none");
        let mut house =
            Self { registry, clock, people: [nobody; 2], asked: AtomicU64::new(0), _folder: folder };
        house.people = ["甲", "乙"].map(|name| {
            let person = json!({ "verb": "register", "name": name, "region": "310000", "public": false });
            let person = house.ask(Asker::Founder, "person", None, person);
            let office = json!({ "verb": "appoint", "holder": person, "office": "draw-office", "region": "310000",
                "from": "2026-03-02", "document": "示例" });
            house.ask(Asker::Founder, "office", None, office);
            person
        });
        house
    }

    fn ask(&self, by: Asker, desk: &str, record: Option<Id>, mut command: Value) -> Id {
        let verb = command["verb"].as_str().unwrap().to_owned();
        command.as_object_mut().unwrap().remove("verb");
        let command = DESKS.find(desk).unwrap().verb(&verb).unwrap().read_json(&command).unwrap();
        let key = self.asked.fetch_add(1, Ordering::Relaxed).to_string();
        let receipt = self.registry.run(Ask::new(key, by, desk, record, command));
        let receipt = receipt.unwrap_or_else(|denied| panic!("{desk} {verb}: {denied:?}"));
        if let Some(pending) = receipt.pending {
            let second = self.people.into_iter().find(|person| by != Asker::Person(*person)).unwrap();
            return self.registry.endorse(pending, Asker::Person(second), true).unwrap().record;
        }
        receipt.record
    }

    /// So many seconds pass, each with a turn of the clock.
    fn wait(&self, seconds: u32) {
        for _ in 0..seconds {
            self.clock.0.fetch_add(1_000, Ordering::Relaxed);
            self.registry.tick().unwrap();
        }
    }

    fn closes(&self, seconds: i64) -> Moment {
        self.clock.now().plus_millis(seconds * 1_000)
    }

    fn state(&self, draw: Id) -> Value {
        self.registry.look(None).unwrap().record(draw).unwrap().unwrap().state
    }

    fn dossier(&self, draw: Id) -> Dossier {
        self.registry.seal_now().unwrap();
        let anchor = self.state(draw).pointer("/anchor/size").and_then(Value::as_u64);
        self.registry.dossier(draw, anchor).unwrap().unwrap()
    }
}

fn list() -> String {
    (1..=20).map(|n| format!("A{n:02}; {}\n", if n % 4 == 0 { "finance" } else { "technical" })).collect()
}

fn redo(folder: &TempDir, dossier: &Dossier, more: &[&str]) -> Output {
    let file = write(folder, "draw.json", serde_json::to_string(dossier).unwrap());
    kechuang(&[&["redo", "draw", &file], more].concat())
}

#[test]
fn a_draw_of_a_house_is_repeated_by_a_stranger() {
    let house = House::open();
    let [one, two] = house.people.map(Asker::Person);
    let terms = json!({ "verb": "open", "region": "310000", "purpose": { "zh": "抽查创新券" }, "basis": "VC", "list": list(),
        "take": 5, "spare": 3, "quotas": [{ "group": "finance", "at_least": 1, "at_most": 2 }], "closes": house.closes(10),
        "outside": { "zh": "开奖号码" } });
    let draw = house.ask(one, "draw", None, terms);
    house.ask(two, "draw", Some(draw), json!({ "verb": "add", "word": "红" }));
    let lot: Lot = serde_json::from_value(house.state(draw)["lot"].clone()).unwrap();
    assert_eq!(house.registry.reveal(lot.commitment()).unwrap(), None);
    let folder = TempDir::new().unwrap();
    let early = redo(&folder, &house.dossier(draw), &[]);
    assert_eq!(early.status.code(), Some(2));
    assert!(said(&early).contains("Nothing has been drawn: the draw is open"), "{}", said(&early));

    house.wait(15);
    assert!(house.state(draw)["anchor"]["size"].as_u64().is_some());
    house.ask(one, "draw", Some(draw), json!({ "verb": "announce", "number": "01 02 03" }));
    house.wait(3);
    let first = house.state(draw)["ended"]["taken"][0].as_str().unwrap().to_owned();
    house.ask(one, "draw", Some(draw), json!({ "verb": "replace", "name": first, "reason": "不能参加" }));
    house.wait(3);

    let dossier = house.dossier(draw);
    let key = house.registry.log_key();
    let output = redo(&folder, &dossier, &["--key", &key]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let text = printed(&output);
    for name in house.state(draw)["ended"]["taken"].as_array().unwrap() {
        assert!(text.contains(name.as_str().unwrap()), "{name} {text}");
    }
    assert!(text.contains("红") && text.contains("01 02 03") && text.contains("0 facts behind"), "{text}");
    assert!(!text.contains("no key was given"), "{text}");
    let alone = printed(&redo(&folder, &dossier, &[]));
    assert!(alone.contains("no key was given"), "{alone}");
    let again: Value = serde_json::from_str(&printed(&redo(&folder, &dossier, &["--json"]))).unwrap();
    assert_eq!(again["taken"], house.state(draw)["ended"]["taken"]);
    assert_eq!(again["first"][0], json!(first));
    let other = Signer::from_seed("kechuang.example/draw", [9; 32]).unwrap();
    let output = redo(&folder, &dossier, &["--key", &other.verifier().to_string()]);
    assert!(said(&output).contains("none of the keys has signed"), "{}", said(&output));

    let mut spoiled = dossier.clone();
    spoiled.receipts.remove(1);
    assert!(said(&redo(&folder, &spoiled, &[])).contains("Fact 2 does not follow"));
    let mut spoiled = dossier.clone();
    spoiled.receipts[0].fact = spoiled.receipts[0].fact.replace("A01", "A99");
    assert!(said(&redo(&folder, &spoiled, &[])).contains("The receipt is not valid"));
    let mut spoiled = dossier.clone();
    spoiled.consistency.reverse();
    spoiled.consistency.pop();
    assert!(said(&redo(&folder, &spoiled, &[])).contains("not an earlier state"));
    let mut spoiled = dossier.clone();
    spoiled.anchor = Some(dossier.receipts[0].checkpoint.clone());
    assert!(said(&redo(&folder, &spoiled, &[])).contains("not the signed state"));
    let mut spoiled = dossier;
    spoiled.receipts.clear();
    assert!(said(&redo(&folder, &spoiled, &[])).contains("holds no fact"));
}

const SECRET: [u8; 32] = [3; 32];
const RECORD: &str = "draw-forged";

/// What a forger may choose: everything he signs.
struct Forgery {
    terms: Value,
    lot: Lot,
    closed_at: i64,
    /// Taken from the result before it is written down.
    swap: bool,
    record: &'static str,
    me: &'static str,
    desk: &'static str,
    /// Facts of others between the closing and the anchor; minus one: the anchor lies before the closing.
    between: i64,
    /// An event in the place of the word.
    second: Value,
    replaced: Option<Value>,
}

fn honest() -> Forgery {
    let terms = json!({ "region": "310000", "purpose": { "zh": "抽查" }, "basis": "VC", "list": list(), "take": 3, "spare": 2,
        "closes": "2026-03-02T02:00:00.000Z" });
    let word = json!({ "event": "added", "by": "person-x", "word": "blue" });
    Forgery {
        terms,
        lot: Lot::of(&SECRET),
        closed_at: 1_772_416_800_000,
        swap: false,
        record: RECORD,
        me: RECORD,
        desk: "draw",
        between: 2,
        second: word,
        replaced: None,
    }
}

struct Log {
    memory: Memory,
    kept: Vec<(u64, String)>,
    previous: Option<String>,
    signer: Signer,
}

impl Log {
    fn say(&mut self, forgery: &Forgery, event: Value) {
        let sequence = self.kept.len() + 1;
        let fact = json!({ "desk": forgery.desk, "record": forgery.record, "sequence": sequence, "previous": self.previous, "event": event });
        let fact = fact.to_string();
        let entry = leaf::entry(&[5; 32], fact.as_bytes());
        self.kept.push((self.memory.size(), fact));
        self.previous = Some(entry.to_string());
        self.memory.push(leaf::leaf_hash(&entry.0));
    }

    fn others(&mut self, count: i64) {
        (0..count).for_each(|_| self.memory.push(leaf::leaf_hash(b"another's")));
    }

    fn note(&self, size: u64) -> (Hash, String) {
        let root = tree::root(size, &self.memory).unwrap();
        let checkpoint = Checkpoint { origin: "forger.example/log".into(), size, root };
        (root, checkpoint.sign(&self.signer).unwrap())
    }

    /// All that was said of a record, proved in the log as it now is; the anchor's note is of the log at `size`.
    fn dossier(&self, record: &str, size: u64, anchor_note: String) -> Dossier {
        let whole = self.memory.size();
        let (_, note) = self.note(whole);
        let receipts = self.kept.iter().map(|(index, fact)| Receipt {
            v: receipt::VERSION,
            origin: "forger.example/log".into(),
            index: *index,
            size: whole,
            fact: fact.clone(),
            salt: [5; 32],
            proof: proof::inclusion(*index, whole, &self.memory).unwrap(),
            checkpoint: note.clone(),
            key: self.signer.verifier().to_string(),
        });
        Dossier {
            v: 1,
            record: record.parse().ok().unwrap(),
            receipts: receipts.collect(),
            anchor: Some(anchor_note),
            consistency: proof::consistency(size, whole, &self.memory).unwrap(),
        }
    }
}

impl Forgery {
    fn dossier(&self) -> Dossier {
        let signer = Signer::from_seed("forger.example/log", [1; 32]).unwrap();
        let mut log = Log { memory: Memory::default(), kept: vec![], previous: None, signer };
        log.others(3);
        log.say(self, json!({ "event": "opened", "me": self.me, "terms": self.terms, "lot": self.lot, "at": "2026-03-01T02:00:00.000Z" }));
        log.say(self, self.second.clone());
        let before = log.memory.size();
        log.say(self, json!({ "event": "closed", "at": Moment::from_millis(self.closed_at) }));
        log.others(self.between.max(0));
        let size = if self.between < 0 { before } else { log.memory.size() };
        let (root, anchor_note) = log.note(size);
        let anchor = Anchor { size, root: root.to_string() };
        log.say(self, json!({ "event": "anchored", "anchor": anchor, "waits_until": null }));
        let terms: Terms = serde_json::from_value(self.terms.clone()).unwrap();
        let drawn = Drawn { secret: hex(&SECRET), anchor };
        let ready = terms.ready().unwrap();
        let answer = desks::draw::draw(&ready, self.me.parse().ok().unwrap(), drawn.seed(["blue"]).unwrap());
        let (mut taken, spare) = (ready.keys(&answer.taken), ready.keys(&answer.spare));
        if self.swap {
            taken[0] = spare[0];
        }
        log.say(self, json!({ "event": "revealed", "secret": hex(&SECRET), "taken": taken, "spare": spare }));
        if let Some(replaced) = &self.replaced {
            let mut replaced = replaced.clone();
            replaced["name"] = taken[0].into();
            log.say(self, replaced);
        }
        log.others(2);
        log.dossier(RECORD, size, anchor_note)
    }
}

#[test]
fn what_a_forger_signs_is_refused_for_what_it_says() {
    let folder = TempDir::new().unwrap();
    let output = redo(&folder, &honest().dossier(), &[]);
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let text = printed(&output);
    assert!(text.contains("2 facts behind the closing") && text.contains("who runs the house"), "{text}");
    let quiet = |spoil: &dyn Fn(&mut Forgery)| {
        let mut forgery = honest();
        spoil(&mut forgery);
        forgery.dossier()
    };
    let gone = json!({ "event": "replaced", "name": "", "by": null, "reason": "ill", "taken": ["A01", "A02", "A03"], "spare": [] });
    let few = json!({ "event": "added", "by": "person-x", "word": "" });
    for (dossier, reason) in [
        (quiet(&|f| f.lot = Lot::of(&[4; 32])), "not the one committed to"),
        (quiet(&|f| f.closed_at -= 1_000_000_000), "closed before the moment"),
        (quiet(&|f| f.swap = true), "but the record says"),
        (quiet(&|f| f.record = "draw-other"), "Fact 1 is of another record"),
        (quiet(&|f| f.desk = "need"), "Fact 1 is of another record"),
        (quiet(&|f| f.me = "draw-other"), "in an order that no draw has"),
        (
            quiet(&|f| f.second = json!({ "event": "announced", "number": "1" })),
            "in an order that no draw has",
        ),
        (
            quiet(&|f| f.second = json!({ "event": "withdrawn", "reason": "x" })),
            "in an order that no draw has",
        ),
        (quiet(&|f| f.second = few.clone()), "Fact 2 is nothing that can happen"),
        (quiet(&|f| f.between = -1), "does not lie between the closing"),
        (quiet(&|f| f.replaced = Some(gone.clone())), "is not the one that the drawn order gives"),
        (Dossier { v: 2, ..honest().dossier() }, "of version 2"),
        (Dossier { anchor: None, ..honest().dossier() }, "not the signed state"),
        (Dossier { anchor: Some("x\n\n— y z\n".into()), ..honest().dossier() }, "not the signed state"),
        (Dossier { consistency: vec![], ..honest().dossier() }, "not an earlier state"),
    ] {
        let output = redo(&folder, &dossier, &[]);
        assert_eq!(output.status.code(), Some(2), "{reason}: {}{}", printed(&output), said(&output));
        assert!(said(&output).contains(reason), "{reason}: {}", said(&output));
    }
    let mixed = {
        let mut mixed = honest().dossier();
        mixed.receipts[1] = quiet(&|f| f.between = 5).receipts[1].clone();
        mixed
    };
    assert!(said(&redo(&folder, &mixed, &[])).contains("different states or logs"));
    for text in ["", "[]", "{}", "{\"v\":1}"] {
        let output = kechuang(&["redo", "draw", &write(&folder, "x.json", text)]);
        assert!(said(&output).contains("not the record of a draw"), "{}", said(&output));
    }
}

#[test]
fn a_spoiled_record_is_refused_and_breaks_nothing() {
    let folder = TempDir::new().unwrap();
    let text = serde_json::to_string(&honest().dossier()).unwrap();
    let mut dice = grammar::form::Dice::new(1);
    for _ in 0..60 {
        let file = write(&folder, "spoiled.json", grammar::fuzz::spoil(text.as_bytes(), &mut dice));
        let output = kechuang(&["redo", "draw", &file]);
        // A file that is not text is told as such; a byte may also be spoiled into itself.
        assert!(matches!(output.status.code(), Some(0..=2)), "{:?}", output.status);
        assert!(!said(&output).contains("panicked"), "{}", said(&output));
    }
}

/// What someone may choose who signs a panel's facts.
#[derive(Clone, Copy, Default)]
struct Spoils {
    swaps: bool,
    another_secret: bool,
    list_twice: bool,
    no_draw: bool,
    anchor_too_early: bool,
}

/// The list before its draw: six experts of three units, each eligible for both candidates.
fn forged_list(another_secret: bool) -> desks::panel::Lots {
    use desks::panel::{Eligible, Known, Lots};
    let id = |desk: &str, n: u32| -> Id { format!("{desk}-{n}").parse().unwrap() };
    let known = (0..6).map(|n| Known {
        expert: id("expert", n).r(),
        person: id("person", n).r(),
        unit: Some(id("organisation", n / 2).r()),
        kinds: vec![],
        room: 3,
        stays_on: false,
    });
    let eligible = [1, 2].map(|n| Eligible { candidate: id("solution", n), experts: (0..6).collect() });
    Lots {
        lot: Lot::of(if another_secret { &[4; 32] } else { &SECRET }),
        at: Moment::from_millis(1_772_416_800_000),
        known: known.collect(),
        eligible: eligible.into(),
        unit_most: Some(1),
        drawn: None,
        order: vec![],
    }
}

/// Two candidates, six experts of three units, two reviews each.
fn panel(spoils: Spoils) -> Dossier {
    use desks::panel::{Event, lots};
    const PANEL: &str = "panel-forged";
    let id = |desk: &str, n: u32| -> Id { format!("{desk}-{n}").parse().unwrap() };
    let signer = Signer::from_seed("forger.example/log", [1; 32]).unwrap();
    let mut log = Log { memory: Memory::default(), kept: vec![], previous: None, signer };
    let forgery = Forgery { desk: "panel", record: PANEL, me: PANEL, ..honest() };
    let say = |log: &mut Log, event: &Event| log.say(&forgery, serde_json::to_value(event).unwrap());
    log.others(3);
    let terms = json!({ "title": { "zh": "评审组" }, "region": "310000", "load_max": 3, "answer_days": 5, "review_days": 10,
        "fee_level": "middle" });
    let rates = json!({ "senior_day": "1950.00", "other_day": "1200.00", "mail_share": "7/20" });
    log.say(
        &forgery,
        json!({ "event": "opened", "itself": PANEL, "terms": terms, "each": 2, "rates": rates }),
    );
    let judged = json!({ "persons": [], "bodies": [], "avoid": [] });
    let entry = |n: u32| json!({ "candidate": id("solution", n), "title": { "zh": "方案" }, "field": null, "matter": null, "judged": judged });
    log.say(&forgery, json!({ "event": "candidates-admitted", "entries": [entry(1), entry(2)] }));
    let list = forged_list(spoils.another_secret);
    let before = log.memory.size();
    let fixed = Event::ListFixed { lots: Box::new(list.clone()), apart: vec![] };
    say(&mut log, &fixed);
    if spoils.list_twice {
        say(&mut log, &fixed);
    }
    log.others(2);
    let size = if spoils.anchor_too_early { before } else { log.memory.size() };
    let (root, anchor_note) = log.note(size);
    let drawn = Drawn { secret: hex(&SECRET), anchor: Anchor { size, root: root.to_string() } };
    let mut order = lots::draw(&list, 2, 1, drawn.seed([PANEL]).unwrap());
    if spoils.swaps {
        order[0].experts.swap(0, 5);
    }
    if !spoils.no_draw {
        say(&mut log, &Event::LotsDrawn { drawn, order });
    }
    log.others(2);
    log.dossier(PANEL, size, anchor_note)
}

fn redo_panel(folder: &TempDir, dossier: &Dossier) -> Output {
    let file = write(folder, "panel.json", serde_json::to_string(dossier).unwrap());
    kechuang(&["redo", "panel", &file])
}

#[test]
fn a_panels_draw_is_repeated_and_what_does_not_fit_is_refused() {
    let folder = TempDir::new().unwrap();
    let output = redo_panel(&folder, &panel(Spoils::default()));
    assert_eq!(output.status.code(), Some(0), "{}", said(&output));
    let text = printed(&output);
    assert!(text.contains("2 candidates and 6 experts") && text.contains("2 facts behind"), "{text}");
    assert!(text.contains("solution-1: expert-") && text.contains("no key was given"), "{text}");
    let none = Spoils::default();
    for (spoils, reason) in [
        (Spoils { swaps: true, ..none }, "gives another order"),
        (Spoils { another_secret: true, ..none }, "not the one committed to"),
        (Spoils { list_twice: true, ..none }, "in an order that no draw has"),
        (Spoils { no_draw: true, ..none }, "Nothing has been drawn"),
        (Spoils { anchor_too_early: true, ..none }, "does not lie between"),
    ] {
        let output = redo_panel(&folder, &panel(spoils));
        assert_eq!(output.status.code(), Some(2), "{reason}: {}", printed(&output));
        assert!(said(&output).contains(reason), "{reason}: {}", said(&output));
    }
    let other = redo_panel(&folder, &honest().dossier());
    assert!(said(&other).contains("of another record"), "{}", said(&other));
    let mut gap = panel(none);
    gap.receipts.remove(1);
    assert!(said(&redo_panel(&folder, &gap)).contains("Fact 2 does not follow"));
}
