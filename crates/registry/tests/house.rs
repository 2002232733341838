//! The registry as a whole: asks, receipts, lists, finding, proofs, and what survives a restart.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::sync::{
    Arc,
    atomic::{AtomicI64, AtomicU64, Ordering},
};

use chain::receipt::{self, Trust};
use desks::DESKS;
use grammar::kinds::Moment;
use registry::{Ask, Asker, Chance, Clock, Denied, Filter, NeedText, Registry, Settings, Shared, Url};
use serde_json::json;

mod places;
use places::{Place, everywhere};

struct TestClock(AtomicI64);
impl Clock for TestClock {
    fn now(&self) -> Moment {
        Moment::from_millis(self.0.load(Ordering::Relaxed))
    }
}

/// Numbered bytes: chance that a test can repeat.
struct Numbered(AtomicU64);
impl Chance for Numbered {
    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [0; 32];
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes.iter_mut().zip(number).for_each(|(place, byte)| *place = byte);
        bytes
    }
}

fn open(place: &Place) -> Arc<Registry> {
    let settings = Settings {
        store: place.url.clone().map(|url| Shared { url: Url(url), address: String::new() }),
        ..Settings::new(place.folder.path(), "kechuang.example/test")
    };
    let clock = Arc::new(TestClock(AtomicI64::new(1_772_416_800_000)));
    Registry::open(settings, &DESKS, clock, Arc::new(Numbered(AtomicU64::new(7)))).unwrap()
}

fn firm(key: &str, zh: &str, en: &str, region: &str) -> Ask {
    let command =
        json!({ "verb": "register", "name": { "zh": zh, "en": en }, "kind": "enterprise", "region": region });
    Ask::new(key, Asker::Founder, "organisation", None, command)
}

#[test]
fn the_same_key_gets_the_same_receipt_and_happens_once() {
    everywhere(|place| {
        let house = open(place);
        let first = house.run(firm("a", "示例甲", "Firm A", "310115")).unwrap();
        let again = house.run(firm("a", "示例甲", "Firm A", "310115")).unwrap();
        assert_eq!((first.record, first.position, again.is_repeat), (again.record, again.position, true));
        assert_eq!(house.size(), 1);
        house.close();
        let house = open(place);
        assert!(house.run(firm("a", "示例甲", "Firm A", "310115")).unwrap().is_repeat);
    });
}

#[test]
fn a_key_that_was_used_serves_for_nothing_else_and_for_nobody_else() {
    everywhere(|place| {
        let house = open(place);
        let (first, other) = (person(&house, "a", "甲"), person(&house, "b", "乙"));
        let member = |key: &str, by, record, reason: &str| {
            let command = json!({ "verb": "suspend", "reason": reason });
            Ask::new(key, by, "organisation", record, command)
        };
        let (mine, yours) = (
            house.run(firm("c", "示例甲", "Firm A", "310115")).unwrap().record,
            house.run(firm("d", "示例乙", "Firm B", "310115")).unwrap().record,
        );
        let size = house.size();
        let used = |ask: Ask| assert_eq!(house.run(ask.clone()), Err(Denied::KeyUsed), "{ask:?}");
        used(firm("c", "示例甲", "Firm A", "320500"));
        used(Ask { by: Asker::Person(first), ..firm("c", "示例甲", "Firm A", "310115") });
        used(Ask { acting_for: Some(other), ..firm("c", "示例甲", "Firm A", "310115") });
        used(Ask { desk: "person".into(), ..firm("c", "示例甲", "Firm A", "310115") });
        used(member("c", Asker::Founder, Some(mine), "x"));
        used(Ask { record: Some(yours), ..firm("c", "示例甲", "Firm A", "310115") });
        assert_eq!(house.try_out(member("c", Asker::Founder, Some(mine), "x")), Err(Denied::KeyUsed));
        // A name is not in the print, and is compared all the same.
        let command =
            |name: &str| json!({ "verb": "register", "name": name, "region": "310000", "public": false });
        let named = |name| Ask::new("a", Asker::Founder, "person", None, command(name));
        assert!(house.run(named("甲")).unwrap().is_repeat);
        used(named("丙"));
        assert_eq!(house.size(), size, "nothing was written");
    });
}

#[test]
fn a_key_keeps_its_receipt_when_the_name_in_its_ask_is_erased() {
    everywhere(|place| {
        let house = open(place);
        let command =
            json!({ "verb": "register", "name": "王不见经传", "region": "310000", "public": false });
        let ask = |key: &str| Ask::new(key, Asker::Founder, "person", None, command.clone());
        let who = house.run(ask("web/founder/p")).unwrap().record;
        // The key of a row of a sheet is made of what stands in it: it goes with the name.
        let rowed = house.run(ask("sheet/p")).unwrap().record;
        for who in [who, rowed] {
            let erase = json!({ "verb": "erase", "ground": "asked" });
            house.run(Ask::new(format!("e{who}"), Asker::Person(who), "person", Some(who), erase)).unwrap();
        }
        let again = house.run(ask("web/founder/p")).unwrap();
        assert_eq!((again.record, again.is_repeat), (who, true));
        let anew = house.run(ask("sheet/p"));
        assert!(!anew.is_ok_and(|receipt| receipt.is_repeat), "the key of the row is forgotten");
    });
}

#[test]
fn a_receipt_older_than_prints_is_given_as_before() {
    let place = Place::sqlite();
    let house = open(&place);
    let first = house.run(firm("c", "示例甲", "Firm A", "310115")).unwrap();
    house.close();
    let file = rusqlite::Connection::open(place.folder.path().join("region.sqlite")).unwrap();
    let old = "UPDATE receipts SET body = json_remove(body, '$.print') WHERE body LIKE '%print%'";
    assert_eq!(file.execute(old, []).unwrap(), 1);
    drop(file);
    let again = open(&place).run(firm("c", "示例甲", "Firm A", "320500")).unwrap();
    assert_eq!((again.record, again.is_repeat), (first.record, true));
}

#[test]
fn one_refused_ask_of_a_batch_leaves_no_trace_and_stops_no_other() {
    everywhere(|place| {
        let house = open(place);
        let coded = |key: &str| {
            let mut ask = firm(key, "示例甲", "Firm A", "310115");
            ask.command["uscc"] = "91350100M000100Y43".into();
            ask
        };
        let answers = house.run_many(vec![coded("a"), coded("b"), firm("c", "示例乙", "Firm B", "320500")]);
        assert!(answers[0].is_ok() && answers[2].is_ok());
        assert!(
            matches!(&answers[1], Err(Denied::Refused(grammar::case::Refused::Taken { key, .. })) if key.starts_with("uscc:"))
        );
        assert_eq!(house.size(), 2);
        let look = house.look(None).unwrap();
        let filter = |region: Option<&str>| Filter {
            desk: "organisation".into(),
            region: region.map(|r| r.parse().ok().unwrap()),
            limit: 10,
            ..Filter::default()
        };
        assert_eq!(look.list(&filter(None)).unwrap().total, 2);
        let page = look.list(&filter(Some("320000"))).unwrap();
        assert_eq!(page.rows.iter().map(|row| row.card.title_en.as_str()).collect::<Vec<_>>(), ["Firm B"]);
    });
}

/// From now on the engine itself refuses to write the card of a firm with this name.
fn spoil(place: &Place, title: &str) {
    match &place.url {
        None => {
            let file = rusqlite::Connection::open(place.folder.path().join("region.sqlite")).unwrap();
            let trigger = format!(
                "CREATE TRIGGER spoiled BEFORE INSERT ON cards WHEN new.title_en = '{title}'
                 BEGIN SELECT RAISE(ABORT, 'spoiled'); END"
            );
            file.execute_batch(&trigger).unwrap();
        }
        Some(url) => {
            let check = format!("ALTER TABLE cards ADD CONSTRAINT spoiled CHECK (title_en <> '{title}')");
            places::psql(url, &check);
        }
    }
}

#[test]
fn an_ask_whose_writing_breaks_takes_nothing_of_its_batch_with_it() {
    everywhere(|place| {
        let house = open(place);
        house.run(firm("before", "示例零", "Firm 0", "310115")).unwrap();
        spoil(place, "Spoiled");
        let bad = || firm("b", "坏", "Spoiled", "310115");
        let asks = vec![
            firm("a", "示例甲", "Firm A", "310115"),
            bad(),
            firm("c", "示例乙", "Firm B", "320500"),
            bad(),
        ];
        let answers = house.run_many(asks);
        assert!(answers[0].is_ok() && answers[2].is_ok(), "{answers:?}");
        assert!(matches!((&answers[1], &answers[3]), (Err(Denied::Broken(_)), Err(Denied::Broken(_)))));
        assert_eq!(house.size(), 3, "what broke is no fact");
        let again = house.run(firm("a", "示例甲", "Firm A", "310115")).unwrap();
        assert_eq!((again.position, again.is_repeat), (1, true));
        // Nothing of it lies anywhere: not even its key is used.
        assert!(house.run(firm("b", "示例丙", "Firm C", "310115")).is_ok_and(|receipt| !receipt.is_repeat));
        // Nor when it is the last one, and its failure comes out late.
        let answers = house.run_many(vec![firm("d", "示例丁", "Firm D", "310115"), bad()]);
        assert!(matches!((&answers[0], &answers[1]), (Ok(_), Err(Denied::KeyUsed))), "{answers:?}");
        let late = Ask { key: "late".into(), ..bad() };
        let answers = house.run_many(vec![firm("e", "示例戊", "Firm E", "310115"), late]);
        assert!(matches!((&answers[0], &answers[1]), (Ok(_), Err(Denied::Broken(_)))), "{answers:?}");
        house.close();
        assert_eq!(open(place).size(), 6);
    });
}

#[test]
fn a_key_of_many_letters_is_no_fault_of_ours() {
    let house = open(&Place::sqlite());
    assert!(house.run(firm(&"键".repeat(200), "示例甲", "Firm A", "310115")).is_ok());
    let long = house.run(firm(&"键".repeat(201), "示例乙", "Firm B", "310115"));
    assert!(matches!(long, Err(Denied::Broken(_))), "{long:?}");
}

#[test]
fn a_stranger_checks_a_receipt_and_a_changed_fact_is_refused() {
    everywhere(|place| {
        let house = open(place);
        for n in 0..20 {
            house.run(firm(&format!("k{n}"), &format!("示例{n}"), "Firm", "310115")).unwrap();
        }
        assert!(house.proof(3).unwrap().is_none(), "nothing is proved before it is sealed");
        house.seal_now().unwrap();
        let proof = house.proof(3).unwrap().unwrap();
        let trusted = [house.log_key().parse().unwrap()];
        let proven = receipt::verify(&proof, &trusted).unwrap();
        assert_eq!((proven.index, proven.size, proven.trust), (3, 20, Trust::Given));
        let changed = receipt::Receipt { fact: proof.fact.replace("示例3", "示例4"), ..proof };
        assert!(receipt::verify(&changed, &trusted).is_err());
    });
}

#[test]
fn what_is_registered_is_found_and_still_found_after_a_restart() {
    everywhere(|place| {
        let house = open(place);
        house.run(firm("a", "华东光刻胶材料有限公司", "East Photoresist Materials", "310115")).unwrap();
        house.run(firm("b", "合肥量子计算研究院", "Hefei Quantum Institute", "340100")).unwrap();
        let find = |house: &Registry, words: &str| {
            let need = NeedText { title: words.into(), ..NeedText::default() };
            let found = house.look(None).unwrap().find(&need, 5).unwrap();
            found.hits.first().map(|hit| hit.listed.card.title_en.clone())
        };
        assert_eq!(find(&house, "需要光刻胶").as_deref(), Some("East Photoresist Materials"));
        house.close();
        let house = open(place);
        assert_eq!(find(&house, "quantum computing").as_deref(), Some("Hefei Quantum Institute"));
    });
}

#[test]
fn nobody_may_what_the_charter_does_not_allow() {
    everywhere(|place| {
        let house = open(place);
        let ask = Ask { by: Asker::Public, ..firm("a", "示例甲", "Firm A", "310115") };
        assert!(matches!(house.run(ask), Err(Denied::Refused(grammar::case::Refused::NotAllowed(_)))));
        assert_eq!(house.size(), 0);
    });
}

/// A person, registered with a name that is nobody's business.
fn person(house: &Registry, key: &str, name: &str) -> grammar::kinds::Id {
    let clerk = DESKS.find("person").unwrap();
    let fields = json!({ "name": name, "region": "310000", "public": false });
    let command = clerk.verb("register").unwrap().read_json(&fields).unwrap();
    house.run(Ask::new(key, Asker::Founder, "person", None, command)).unwrap().record
}

#[test]
fn who_is_erased_leaves_a_log_that_still_verifies_and_no_name_anywhere() {
    everywhere(|place| {
        const NAME: &str = "王不见经传";
        let house = open(place);
        let who = person(&house, "p", NAME);
        let own = house.look(Some(who)).unwrap().record(who).unwrap().unwrap();
        let commitment = own.state.get("name").and_then(|name| name.as_str()).unwrap().to_owned();
        assert_eq!(house.reveal(&commitment).unwrap().map(|told| told.value), Some(json!(NAME)));
        let ground = DESKS.find("person").unwrap().verb("erase").unwrap();
        let sample =
            ground.sample(&mut grammar::form::Dice::new(1), house.now().day(), &|_, _| None).unwrap();
        house.run(Ask::new("e", Asker::Person(who), "person", Some(who), sample)).unwrap();
        assert_eq!(house.reveal(&commitment).unwrap(), None);
        house.seal_now().unwrap();
        for position in 0..house.size() {
            let proof = house.proof(position).unwrap().unwrap();
            receipt::verify(&proof, &[house.log_key().parse().unwrap()]).unwrap();
        }
        house.close();
        drop(house);
        for file in std::fs::read_dir(place.folder.path()).unwrap() {
            let path = file.unwrap().path();
            let bytes = if path.is_file() { std::fs::read(&path).unwrap() } else { vec![] };
            assert!(
                !bytes.windows(NAME.len()).any(|window| window == NAME.as_bytes()),
                "{} still holds the name",
                path.display()
            );
        }
    });
}

#[test]
fn four_eyes_are_two_people() {
    everywhere(|place| {
        let house = open(place);
        let (first, second, third) =
            (person(&house, "a", "甲"), person(&house, "b", "乙"), person(&house, "c", "丙"));
        let appoint = |key: &str, by: Asker, holder, office: &str| {
            let fields = json!({ "holder": holder, "office": office, "region": "000000", "from": house.now().day(), "document": "x" });
            let command = DESKS.find("office").unwrap().verb("appoint").unwrap().read_json(&fields).unwrap();
            house.run(Ask::new(key, by, "office", None, command)).unwrap()
        };
        appoint("1", Asker::Founder, first, "system-admin");
        appoint("2", Asker::Founder, second, "system-admin");
        let size = house.size();
        let waiting = appoint("3", Asker::Person(first), third, "treasurer").pending.unwrap();
        assert_eq!(house.size(), size, "nothing has happened yet");
        assert_eq!(house.endorse(waiting, Asker::Person(first), true), Err(Denied::SamePerson));
        assert!(
            house.endorse(waiting, Asker::Person(third), true).is_err(),
            "only someone qualified endorses"
        );
        let viewer = house.look(Some(second)).unwrap().viewer;
        assert_eq!(house.pending(&viewer).unwrap().iter().filter(|one| one.may_endorse).count(), 1);
        house.endorse(waiting, Asker::Person(second), true).unwrap();
        assert!(house.look(Some(third)).unwrap().viewer.holds("treasurer", "310000".parse().ok().unwrap()));
        assert!(house.endorse(waiting, Asker::Person(second), true).is_err(), "it happens once");
    });
}

#[test]
fn a_month_counts_what_the_public_may_read_and_nothing_else() {
    everywhere(|place| {
        let house = open(place);
        house.run(firm("a", "示例甲", "Firm A", "310115")).unwrap();
        house.run(firm("b", "示例乙", "Firm B", "310115")).unwrap();
        person(&house, "c", "丙");
        let month = house.now().day().to_string().get(..7).unwrap().to_owned();
        let sheet = house.look(None).unwrap().sheet::<registry::Months>(&month).unwrap();
        assert_eq!(sheet.into_iter().collect::<Vec<_>>(), [("organisation".to_owned(), 2)]);
    });
}

#[test]
fn no_key_of_an_ask_keeps_a_personal_value_from_being_covered() {
    everywhere(|place| {
        const NAME: &str = "赵无痕";
        let house = open(place);
        let who = person(&house, "web/x/endorsement-y", NAME);
        house.seal_now().unwrap();
        for position in 0..house.size() {
            let fact = house.proof(position).unwrap().unwrap().fact;
            assert!(!fact.contains(NAME) && !fact.contains("\\u8d75"), "{fact}");
        }
        assert!(
            !house.look(Some(who)).unwrap().record(who).unwrap().unwrap().state.to_string().contains(NAME)
        );
    });
}

#[test]
fn what_is_kept_until_a_moment_is_gone_from_the_store_after_it() {
    let place = Place::sqlite();
    let house = open(&place);
    let now = house.now();
    house.keep("draft", "person-1/a", &"over by now", now).unwrap();
    let count = || {
        let file = rusqlite::Connection::open(place.folder.path().join("region.sqlite")).unwrap();
        let count: i64 =
            file.query_row("SELECT count(*) FROM kept WHERE space = 'draft'", [], |row| row.get(0)).unwrap();
        count
    };
    assert_eq!((count(), house.kept::<String>("draft", "person-1/a").unwrap()), (1, None));
    house.keep("draft", "person-1/b", &"until later", now.plus_millis(1)).unwrap();
    assert_eq!(count(), 1, "whatever is kept next takes away what is over");
    assert_eq!(house.kept::<String>("draft", "person-1/b").unwrap(), Some("until later".into()));
    assert_eq!(house.kept_all::<String>("draft", "person-1/", 9).unwrap().len(), 1);
    assert!(house.kept_all::<String>("draft", "person-10/", 9).unwrap().is_empty());
}
