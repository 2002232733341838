//! Several nodes on one store, and a store that moves: who writes, who only reads, and what stays true.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

#[expect(dead_code, reason = "other tests use more of it")]
mod places;

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering},
    },
    time::Duration,
};

use chain::receipt::{self, Trust};
use desks::DESKS;
use grammar::kinds::Moment;
use places::{Place, psql};
use registry::{
    Ask, Asker, Chance, Clock, Denied, FOREVER, Filter, NeedText, Registry, Settings, Shared, Url, Writer,
};
use serde_json::json;

struct Still;
impl Clock for Still {
    fn now(&self) -> Moment {
        Moment::from_millis(1_772_416_800_000)
    }
}

struct Numbered(AtomicU64);
impl Chance for Numbered {
    fn bytes(&self) -> [u8; 32] {
        let mut bytes = [3; 32];
        let number = self.0.fetch_add(1, Ordering::Relaxed).to_be_bytes();
        bytes.iter_mut().zip(number).for_each(|(place, byte)| *place = byte);
        bytes
    }
}

fn numbered(start: u64) -> Arc<Numbered> {
    Arc::new(Numbered(AtomicU64::new(start)))
}

fn open(folder: &std::path::Path, url: Option<&str>, start: u64) -> Result<Arc<Registry>, registry::Broken> {
    let shared = |url: &str| Shared { url: Url(url.into()), address: format!("http://node-{start}") };
    let settings = Settings { store: url.map(shared), ..Settings::new(folder, "kechuang.example/nodes") };
    Registry::open(settings, &DESKS, Arc::new(Still), numbered(start))
}

fn firm(key: &str) -> Ask {
    let command = json!({ "verb": "register", "name": { "zh": format!("示例{key}"), "en": format!("Firm {key}") },
        "kind": "enterprise", "region": "310115" });
    Ask::new(key, Asker::Founder, "organisation", None, command)
}

/// A second folder with the same key: what a second node of the region needs.
fn beside(place: &Place) -> tempfile::TempDir {
    let folder = tempfile::TempDir::new().unwrap();
    std::fs::copy(place.folder.path().join("log.key"), folder.path().join("log.key")).unwrap();
    folder
}

fn found(house: &Registry, words: &str) -> usize {
    let need = NeedText { title: words.into(), ..NeedText::default() };
    house.look(None).unwrap().find(&need, 5).unwrap().hits.len()
}

#[test]
fn one_writes_the_others_read_and_the_next_takes_over() {
    let Some(place) = Place::postgres() else { return };
    let first = open(place.folder.path(), place.url.as_deref(), 1).unwrap();
    assert_eq!(first.writer(), Writer::Here);
    first.run(firm("a")).unwrap();
    let folder = beside(&place);
    let second = open(folder.path(), place.url.as_deref(), 1_000).unwrap();
    assert_eq!(second.writer(), Writer::There("http://node-1".into()));
    assert_eq!((second.size(), found(&second, "Firm")), (1, 1));
    assert_eq!(second.run(firm("b")), Err(Denied::Busy));
    assert!(second.keep("suite", "key", &1, FOREVER).is_err());

    first.run(firm("c")).unwrap();
    let hash = first.put_file(b"bytes that every node reaches").unwrap();
    second.tick().unwrap();
    assert_eq!((second.size(), found(&second, "Firm")), (2, 2));
    assert_eq!(second.file(&hash).unwrap(), b"bytes that every node reaches");
    let filter = Filter { desk: "organisation".into(), limit: 10, ..Filter::default() };
    assert_eq!(second.look(None).unwrap().list(&filter).unwrap().total, 2);

    first.close();
    until(|| second.writer() == Writer::Here);
    let receipt = second.run(firm("d")).unwrap();
    assert_eq!((receipt.position, second.run(firm("c")).unwrap().is_repeat), (2, true));
    second.close();
}

/// Waits for what other threads do; gives up after half a minute.
fn until(is_so: impl Fn() -> bool) {
    for _ in 0..300 {
        if is_so() {
            return;
        }
        std::thread::park_timeout(Duration::from_millis(100));
    }
    assert!(is_so(), "it did not come to pass");
}

#[test]
fn who_lost_the_lease_cannot_write() {
    let Some(place) = Place::postgres() else { return };
    let house = open(place.folder.path(), place.url.as_deref(), 1).unwrap();
    house.run(firm("a")).unwrap();
    let url = place.url.as_deref().unwrap();
    // As another node does it that saw the beat stand still.
    psql(url, "UPDATE lease SET epoch = epoch + 1, holder = 'other', address = 'http://other'");
    let answers = house.run_many(vec![firm("b"), firm("c")]);
    assert!(answers.iter().all(|answer| *answer == Err(Denied::Busy)), "{answers:?}");
    house.refresh().unwrap();
    assert_eq!(house.size(), 1);
    assert!(house.keep("suite", "key", &1, FOREVER).is_err() && house.seal_now().is_err());
    // The other one never beats, so this one comes to write again, in an epoch of its own.
    until(|| house.writer() == Writer::Here);
    assert_eq!(house.run(firm("b")).unwrap().position, 1);
    house.close();
}

#[test]
fn a_node_with_another_key_or_origin_does_not_open() {
    let Some(place) = Place::postgres() else { return };
    open(place.folder.path(), place.url.as_deref(), 1).unwrap().close();
    let other = tempfile::TempDir::new().unwrap();
    let refused = |folder: &std::path::Path| open(folder, place.url.as_deref(), 500).err().unwrap().0;
    assert!(refused(other.path()).contains("holds no log.key"));
    std::fs::write(other.path().join("log.key"), "11".repeat(32)).unwrap();
    assert!(refused(other.path()).contains("the same log.key and origin"));
}

#[test]
fn a_lost_connection_is_opened_again() {
    let Some(place) = Place::postgres() else { return };
    let house = open(place.folder.path(), place.url.as_deref(), 1).unwrap();
    house.run(firm("a")).unwrap();
    let filter = Filter { desk: "organisation".into(), limit: 10, ..Filter::default() };
    assert_eq!(house.look(None).unwrap().list(&filter).unwrap().rows.len(), 1);
    let end = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'kechuang' AND datname = current_database()";
    psql(place.url.as_deref().unwrap(), end);
    // An ask that was under way may be denied; its key makes asking again safe.
    until(|| house.run(firm("b")).is_ok());
    assert_eq!(house.look(None).unwrap().list(&filter).unwrap().rows.len(), 2);
    house.close();
}

#[test]
fn a_store_moves_there_and_back_and_every_receipt_stays_valid() {
    let old = Place::sqlite();
    let house = open(old.folder.path(), None, 1).unwrap();
    for n in 0..40 {
        house.run(firm(&format!("k{n}"))).unwrap();
    }
    let file = house.put_file(b"a file").unwrap();
    house.seal_now().unwrap();
    let proofs: Vec<_> = (0..40).map(|place| house.proof(place).unwrap().unwrap()).collect();
    let (trusted, checkpoint) = (house.log_key(), house.checkpoint().unwrap());
    house.close();
    let Some(middle) = Place::postgres() else { return };
    let at = |folder: &tempfile::TempDir| registry::Place::Folder(folder.path().into());
    let shared = registry::Place::Shared(Url(middle.url.clone().unwrap()));
    let chance = numbered(9_000);
    let there = registry::carry(&at(&old.folder), &shared, &*chance).unwrap();
    assert_eq!((there.facts, there.files), (40, 1));
    assert!(registry::carry(&shared, &at(&old.folder), &*chance).is_err(), "a place that is not empty");
    assert!(open(old.folder.path(), None, 2).err().unwrap().0.contains("was moved"));
    let folder = beside(&old);
    let between = open(folder.path(), middle.url.as_deref(), 3_000).unwrap();
    assert!(between.run(firm("k7")).unwrap().is_repeat);
    between.run(firm("later")).unwrap();
    between.close();
    let new = beside(&old);
    let back = registry::carry(&shared, &at(&new), &*chance).unwrap();
    assert_eq!((back.facts, back.files), (41, 1));

    let house = open(new.path(), None, 6_000).unwrap();
    assert_eq!((house.log_key(), house.file(&file).unwrap()), (trusted.clone(), b"a file".to_vec()));
    let keys = [trusted.parse().unwrap()];
    for given in &proofs {
        assert_eq!(receipt::verify(given, &keys).unwrap().trust, Trust::Given);
        let again = house.proof(given.index).unwrap().unwrap();
        assert_eq!((&again.fact, &again.salt), (&given.fact, &given.salt));
    }
    assert_eq!(house.checkpoint().unwrap(), checkpoint);
    assert_eq!(found(&house, "Firm k7"), 5);
    house.seal_now().unwrap();
    assert_eq!(house.proof(40).unwrap().map(|proof| proof.size), Some(41));
}

#[test]
fn the_way_to_a_store_is_encrypted_to_a_server_that_shows_who_it_is() {
    let named = |name: &str| std::env::var(name).ok().filter(|value| !value.is_empty());
    let server = named("KECHUANG_TEST_POSTGRES_TLS").zip(named("KECHUANG_TEST_POSTGRES_AUTHORITY"));
    let (Some((server, authority)), Some(place)) = (server, Place::postgres()) else {
        eprintln!("skipped: no server with a certificate; ./check starts one");
        return;
    };
    let url = place.url.as_deref().unwrap();
    let name = url.rsplit_once('/').unwrap().1;
    let encrypted = format!("{server}/{name}?sslmode=verify-full&sslrootcert={authority}");
    let house = open(place.folder.path(), Some(&encrypted), 1).unwrap();
    assert!(house.run(firm("encrypted")).is_ok());
    let ours = "SELECT count(*), bool_and(s.ssl) FROM pg_stat_ssl s JOIN pg_stat_activity a USING (pid)
                WHERE a.application_name = 'kechuang' AND a.datname = current_database()";
    let told = psql(url, ours);
    assert!(told.ends_with("|t") && !told.starts_with("0|"), "every link is encrypted: {told}");
    house.close();
    let refused = |url: &str| {
        open(beside(&place).path(), Some(url), 2).err().map(|broken| broken.0).unwrap_or_default()
    };
    let by_number = encrypted.replace("@localhost:", "@127.0.0.1:");
    for (url, what) in [
        (by_number, "the certificate is of another name"),
        (format!("{server}/{name}?sslmode=verify-full"), "no public authority has signed it"),
    ] {
        let told = refused(&url);
        assert!(told.contains("certificate"), "{what}: {told}");
    }
    let prefers = refused(&format!("{server}/{name}?sslmode=prefer"));
    assert!(prefers.contains("checks no certificate"), "{prefers}");
    // Without TLS the server is still reached, as before, by whoever says so.
    assert!(open(place.folder.path(), Some(&format!("{server}/{name}")), 1).is_ok());
}
