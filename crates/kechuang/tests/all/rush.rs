//! Rush: the last minutes of a call. A thousand drafts of forms, two hundred submissions from several sides at once while the
//! closing moment passes: what was acknowledged is there, also after the house was opened again, and nothing came in
//! after the last moment.

use std::{
    collections::BTreeMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use desks::DESKS;
use grammar::kinds::{Id, Moment};
use registry::{Ask, Asker, Denied, FOREVER, Registry};
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::open::{self, MONDAY, Still};

/// Forms that people have begun, and applications to which they belong.
const DRAFTS: usize = 1_000;
const APPLICATIONS: usize = 250;
const SUBMISSIONS: usize = 200;
/// Acknowledged before the closing moment passes; the rest are on their way by then.
const IN_TIME: usize = 100;
const PEOPLE: usize = 20;
const SIDES: usize = 4;
const ORIGIN: &str = "kechuang.example/rush";

fn command(desk: &str, fields: &Value) -> Value {
    let verb = DESKS.find(desk).unwrap().verb(fields["verb"].as_str().unwrap()).unwrap();
    let mut fields = fields.clone();
    fields.as_object_mut().unwrap().remove("verb");
    verb.read_json(&fields).unwrap_or_else(|faults| panic!("{desk} {}: {faults:?}", verb.name))
}

/// Position in the log, or why nothing was submitted.
type Outcomes = BTreeMap<usize, Result<u64, Denied>>;

struct Town {
    registry: Arc<Registry>,
    clock: Arc<Still>,
    unit: Id,
    people: Vec<Id>,
    call: Id,
    closes: Moment,
}

impl Town {
    fn ask(&self, key: &str, by: Asker, (desk, record): (&str, Option<Id>), fields: &Value) -> Id {
        let ask = Ask::new(key, by, desk, record, command(desk, fields));
        self.registry.run(ask).unwrap_or_else(|denied| panic!("{key}: {denied:?}")).record
    }

    /// A university with twenty people, two officers, and a call that closes at half past four.
    fn founded(folder: &TempDir) -> Self {
        let clock = Still::at(MONDAY);
        let registry = open::registry_at(folder.path(), ORIGIN, clock.clone());
        let closes: Moment = "2026-06-30T08:30:00Z".parse().unwrap();
        let nothing = Id::named("none");
        let mut town = Self { registry, clock, unit: nothing, people: vec![], call: nothing, closes };
        let founder = Asker::Founder;
        let unit = json!({ "verb": "register", "name": { "zh": "东江大学" }, "kind": "university", "region": "310115" });
        town.unit = town.ask("unit", founder, ("organisation", None), &unit);
        let person = |n: usize| json!({ "verb": "register", "name": format!("人员{n}"), "region": "310115", "public": true, "display_name": { "zh": format!("人员{n}") } });
        for n in 0..PEOPLE + 2 {
            let id = town.ask(&format!("person/{n}"), founder, ("person", None), &person(n));
            town.people.push(id);
            let claim = json!({ "verb": "claim-affiliation", "organisation": town.unit, "role": "教授", "may_sign": true, "from": "2026-01-01" });
            town.ask(&format!("claim/{n}"), founder, ("person", Some(id)), &claim);
            let confirm = json!({ "verb": "confirm-affiliation", "organisation": town.unit });
            town.ask(&format!("confirm/{n}"), founder, ("person", Some(id)), &confirm);
        }
        let officers: Vec<Id> = town.people.split_off(PEOPLE);
        for (n, officer) in officers.iter().enumerate() {
            let appoint = json!({ "verb": "appoint", "holder": officer, "office": "programme-office", "region": "000000", "from": "2026-03-02", "document": "1" });
            town.ask(&format!("office/{n}"), founder, ("office", None), &appoint);
        }
        town.call = town.call(officers[0], officers[1]);
        town
    }

    fn call(&self, first: Id, second: Id) -> Id {
        let words = json!({ "zh": "申报" });
        let two = |key: &str, desk: &str, record: Id, verb: &str| {
            let ask = Ask::new(
                key,
                Asker::Person(first),
                desk,
                Some(record),
                command(desk, &json!({ "verb": verb })),
            );
            let pending = self.registry.run(ask).unwrap().pending.unwrap();
            self.registry.endorse(pending, Asker::Person(second), true).unwrap();
        };
        let by = Asker::Person(first);
        let programme = json!({
            "verb": "draft", "kind": "ordinary", "region": "310000", "title": words, "about": words, "from": "2026-01-01",
            "until": "2028-12-31", "years": [{ "year": 2026, "amount": "1亿" }],
            "funders": [{ "organisation": self.unit, "role": "city", "share": "1/1" }]
        });
        let programme = self.ask("programme", by, ("programme", None), &programme);
        two("adopt", "programme", programme, "adopt");
        let guide = json!({
            "verb": "draft", "programme": programme, "title": words, "about": words, "contact": words, "family": "uncounted",
            "opens": "2026-04-10 09:00", "closes": "2026-06-30 16:30", "for_foreign_invested": false, "topics": [{
                "code": "A", "title": words, "goals": words, "field": "ocean", "funding": "up-to", "ceiling": "200万",
                "places": 5, "months": 36, "directed": false
            }]
        });
        let call = self.ask("call", by, ("call", None), &guide);
        two("publish", "call", call, "publish");
        call
    }

    fn person(&self, n: usize) -> Asker {
        Asker::Person(self.people[n % PEOPLE])
    }

    fn all(&self, asks: Vec<Ask>) -> Vec<Id> {
        let mut records = Vec::new();
        for some in asks.chunks(250) {
            let answers = self.registry.run_many(some.to_vec());
            records
                .extend(answers.into_iter().map(|answer| answer.unwrap_or_else(|d| panic!("{d:?}")).record));
        }
        records
    }

    /// Applications, of which the first two hundred are complete.
    fn applications(&self) -> Vec<Id> {
        let fields = json!({
            "verb": "draft", "call": self.call, "topic": "A", "lead": self.unit, "title": { "zh": "深海声学" },
            "summary": { "zh": "摘要" }, "route": "阵列反演", "indicators": ["定位误差"], "months": 24, "total": "100万",
            "public_money": "100万", "no_secrets": true,
            "budget": [{ "source": "province", "organisation": self.unit, "amount": "100万" }]
        });
        let draft = command("application", &fields);
        let asks = (0..APPLICATIONS)
            .map(|n| Ask::new(format!("draft/{n}"), self.person(n), "application", None, draft.clone()));
        let drafts = self.all(asks.collect());
        let facts = json!({ "verb": "state-leader", "age": 50, "title": "senior", "degree": "doctor", "recommenders": 0 });
        let mut asks = Vec::new();
        for (n, draft) in drafts.iter().take(SUBMISSIONS).enumerate() {
            let leader = json!({ "verb": "add-member", "person": self.people[n % PEOPLE], "organisation": self.unit, "role": "leader", "task": "总体", "months_a_year": 6 });
            let steps =
                [leader, facts.clone(), json!({ "verb": "certify" }), json!({ "verb": "confirm-by-unit" })];
            asks.extend(steps.iter().enumerate().map(|(step, fields)| {
                let key = format!("step/{n}/{step}");
                Ask::new(key, self.person(n), "application", Some(*draft), command("application", fields))
            }));
        }
        self.all(asks);
        drafts
    }

    fn submission(&self, n: usize, draft: Id) -> Ask {
        let submit = command("application", &json!({ "verb": "submit" }));
        Ask::new(format!("submit/{n}"), self.person(n), "application", Some(draft), submit)
    }

    /// What was acknowledged is there and in time, the rest is as it was, and so is every draft of a form.
    fn stands(&self, outcomes: &Outcomes, drafts: &[Id]) {
        let mut in_time = 0;
        for (n, outcome) in outcomes {
            let (status, submitted) = self.state(*n, drafts[*n]);
            match outcome {
                Ok(_) => {
                    in_time += 1;
                    assert_eq!(status, "submitted", "{n}");
                    assert!(submitted.unwrap() < self.closes, "{n} came after the last moment");
                }
                Err(Denied::Refused(refused)) => {
                    let code = format!("{refused:?}");
                    assert!(code.contains("closed-already"), "{n}: {code}");
                    assert_eq!((status.as_str(), submitted), ("unit-confirmed", None));
                }
                Err(other) => panic!("{n}: {other:?}"),
            }
        }
        assert!((IN_TIME..IN_TIME + SIDES).contains(&in_time), "{in_time} were in time");
        let kept: Vec<(String, usize)> = self.registry.kept_all("draft", "", 2_000).unwrap();
        assert_eq!(kept.len(), DRAFTS, "every draft of a form is kept");
        assert_eq!(self.state(0, drafts[APPLICATIONS - PEOPLE + 10]).0, "draft");
    }

    /// Moment and state of an application, as its own people see it.
    fn state(&self, n: usize, draft: Id) -> (String, Option<Moment>) {
        let look = self.registry.look(Some(self.people[n % PEOPLE])).unwrap();
        let record = look.record(draft).unwrap().unwrap();
        let submitted = record.state["submitted"].as_str().map(|at| at.parse().unwrap());
        (record.card.status, submitted)
    }
}

#[test]
fn at_the_last_moment_what_was_acknowledged_is_kept_and_nothing_comes_after_it() {
    let folder = TempDir::new().unwrap();
    let mut town = Town::founded(&folder);
    town.clock.set("2026-06-30T08:29:59.999Z".parse().unwrap());
    let drafts = town.applications();
    let (acknowledged, outcomes) = (AtomicUsize::new(0), Mutex::new(Outcomes::new()));
    std::thread::scope(|scope| {
        for side in 0..SIDES {
            let (town, drafts, acknowledged, outcomes) = (&town, &drafts, &acknowledged, &outcomes);
            scope.spawn(move || {
                for n in (side..SUBMISSIONS).step_by(SIDES) {
                    let answer = town.registry.run(town.submission(n, drafts[n]));
                    if answer.is_ok() && acknowledged.fetch_add(1, Ordering::SeqCst) + 1 == IN_TIME {
                        town.clock.set(town.closes);
                    }
                    outcomes.lock().unwrap().insert(n, answer.map(|receipt| receipt.position));
                }
            });
            // Meanwhile others go on writing: what their forms keep.
            scope.spawn(move || {
                for n in (side..DRAFTS).step_by(SIDES) {
                    let key =
                        format!("{}/application/{}/{n}", town.people[n % PEOPLE], drafts[n % APPLICATIONS]);
                    town.registry.keep("draft", &key, &n, FOREVER).unwrap();
                }
            });
        }
    });
    let outcomes = outcomes.into_inner().unwrap();
    town.stands(&outcomes, &drafts);
    town.registry.close();
    town.registry = open::registry_at(folder.path(), ORIGIN, town.clock.clone());
    town.stands(&outcomes, &drafts);
    // Whoever presses again gets the receipt they had, late as it is.
    let (n, position) = outcomes.iter().find_map(|(n, outcome)| Some((*n, outcome.as_ref().ok()?))).unwrap();
    let again = town.registry.run(town.submission(n, drafts[n])).unwrap();
    assert!(again.is_repeat && again.position == *position);
}
