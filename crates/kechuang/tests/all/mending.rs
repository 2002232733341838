//! Mending: audit, verify, rebuild, backup and restore, each on a whole folder and on damaged ones. Every kind of
//! damage is found and named, and what can be mended is.

use std::{
    collections::BTreeSet,
    path::{Path, PathBuf},
    sync::OnceLock,
};

use chain::leaf;
use desks::DESKS;
use registry::{Audited, Depth};
use rusqlite::Connection;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::{
    disk::{program, said, settings, town},
    region::Region,
    town::{books, life::Town},
};

const STEPS: usize = 60;
const TRIES_MAX: usize = 500;
const NAMES_FILE: &str = "SELECT bytes FROM facts WHERE bytes LIKE '%:sample.pdf%' LIMIT 1";
const STORE: &str = "region.sqlite";

/// A town's folder, made once and copied for each damage.
fn whole() -> &'static Path {
    static WHOLE: OnceLock<TempDir> = OnceLock::new();
    let made = WHOLE.get_or_init(|| {
        let place = TempDir::new().unwrap();
        town(place.path(), STEPS);
        let mut town = Town::open(place.path(), 7, 1, None).unwrap();
        // So that there is a fact with a file.
        (0..TRIES_MAX).find(|_| {
            town.act_at("notice");
            let connection = Connection::open(place.path().join(STORE)).unwrap();
            connection.query_row(NAMES_FILE, [], |_| Ok(())).is_ok()
        });
        town.registry.seal_now().unwrap();
        town.registry.close();
        place
    });
    made.path()
}

fn copied(from: &Path) -> TempDir {
    fn copy(from: &Path, to: &Path) {
        std::fs::create_dir_all(to).unwrap();
        for entry in std::fs::read_dir(from).unwrap() {
            let entry = entry.unwrap();
            let target = to.join(entry.file_name());
            if entry.file_type().unwrap().is_dir() {
                copy(&entry.path(), &target);
            } else {
                std::fs::copy(entry.path(), target).unwrap();
            }
        }
    }
    let place = TempDir::new().unwrap();
    copy(from, place.path());
    place
}

fn audited(folder: &Path) -> Audited {
    registry::audit(&settings(folder), &DESKS, Depth::All, &mut |_, _| {}).unwrap()
}

fn sql(folder: &Path, statement: &str) {
    let connection = Connection::open(folder.join(STORE)).unwrap();
    let touched = connection.execute(statement, []).unwrap();
    assert!(touched > 0, "{statement} touched nothing");
}

/// Whether a rebuild mends it.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Helps {
    Rebuild,
    Backup,
}
use Helps::{Backup, Rebuild};

/// Statements that damage the store, what the audit must say, and what helps.
const DAMAGES: &[(&str, &str, Helps)] = &[
    (
        "UPDATE facts SET bytes = replace(bytes, 'Firm 3', 'Firm 4') WHERE position = 3",
        "fact-changed",
        Backup,
    ),
    ("UPDATE facts SET salt = zeroblob(32) WHERE position = 4", "fact-changed", Backup),
    ("UPDATE facts SET record = 'organisation-x' WHERE position = 5", "fact-unlike", Backup),
    ("DELETE FROM facts WHERE position = 6", "fact-missing", Backup),
    ("DELETE FROM facts WHERE position = (SELECT max(position) FROM facts)", "checkpoint-other", Backup),
    ("UPDATE nodes SET hash = zeroblob(32) WHERE level = 1 AND place = 0", "tree", Rebuild),
    ("DELETE FROM nodes WHERE level = 0 AND place = 3", "tree", Rebuild),
    (
        "UPDATE checkpoints SET note = replace(note, 'kechuang.example', 'kechuang.examp1e')",
        "checkpoint-unsigned",
        Backup,
    ),
    (
        "UPDATE records SET state = json_set(state, '$.balance', '999.00') WHERE desk = 'account'",
        "unlike",
        Rebuild,
    ),
    ("UPDATE records SET is_demo = 1 WHERE desk = 'person'", "unlike", Rebuild),
    ("DELETE FROM records WHERE desk = 'office'", "unlike", Rebuild),
    (
        "INSERT INTO records SELECT 'organisation-x', desk, sequence, born, is_demo, changed, position, sight, card, public, state FROM records WHERE desk = 'organisation' LIMIT 1",
        "unfounded",
        Rebuild,
    ),
    ("UPDATE cards SET title_zh = 'x' WHERE desk = 'organisation'", "unlike", Rebuild),
    ("DELETE FROM parties WHERE part = 'affiliation'", "unlike", Rebuild),
    ("DELETE FROM insiders WHERE who LIKE 'office:%'", "unlike", Rebuild),
    ("INSERT INTO due VALUES ('organisation-x', 1, '{}')", "unfounded", Rebuild),
    ("INSERT INTO unique_keys VALUES ('uscc:x', 'organisation-x')", "unfounded", Rebuild),
    ("UPDATE sheets SET value = '{}'", "sheet", Rebuild),
    (
        "UPDATE receipts SET body = json_set(body, '$.case', 1) WHERE key LIKE 'settle/person/1%'",
        "receipt",
        Backup,
    ),
    ("UPDATE receipts SET body = 'x' WHERE key = 'settle/firm/1'", "receipt", Backup),
    ("UPDATE parts SET value = '\"somebody else\"'", "part", Backup),
];

fn codes(audited: &Audited) -> BTreeSet<&'static str> {
    audited.damages.iter().map(|damage| damage.code).collect()
}

#[test]
fn every_kind_of_damage_is_found_named_and_mended_where_it_can_be() {
    assert_eq!(audited(whole()).damages, []);
    for (statement, code, helps) in DAMAGES {
        let folder = copied(whole());
        sql(folder.path(), statement);
        let found = audited(folder.path());
        assert!(codes(&found).contains(code), "{statement}: {:?}", found.damages);
        assert_eq!(found.is_mendable(), *helps == Rebuild, "{statement}: {:?}", found.damages);
        let rebuilt = registry::rebuild(&settings(folder.path()), &DESKS, &mut |_, _| {});
        let of_facts =
            ["fact-changed", "fact-unlike", "fact-missing", "checkpoint-other", "checkpoint-unsigned"];
        assert_eq!(rebuilt.is_err(), of_facts.contains(code), "{statement}: {rebuilt:?}");
        if *helps == Rebuild {
            assert_eq!(audited(folder.path()).damages, [], "{statement}");
        }
    }
}

/// A forger who also mends the hashes is found by the signature, and by nothing else.
#[test]
fn a_fact_that_was_forged_with_its_hashes_is_found_by_the_checkpoint() {
    let folder = copied(whole());
    let connection = Connection::open(folder.path().join(STORE)).unwrap();
    let last = "SELECT position, bytes, salt FROM facts ORDER BY position DESC LIMIT 1";
    let (position, bytes, salt): (i64, String, [u8; 32]) =
        connection.query_row(last, [], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?))).unwrap();
    let forged = bytes.replace("\"founder\"", "\"public\"").replace("\"at\":\"20", "\"at\":\"21");
    assert_ne!(forged, bytes);
    let entry = leaf::entry(&salt, forged.as_bytes());
    let change = "UPDATE facts SET bytes = $1, entry = $2 WHERE position = $3";
    connection.execute(change, rusqlite::params![forged, entry.0, position]).unwrap();
    drop(connection);
    let found = audited(folder.path());
    assert!(
        codes(&found).contains("checkpoint-other") && !codes(&found).contains("fact-changed"),
        "{:?}",
        found.damages
    );
    assert!(!found.is_mendable());
}

#[test]
fn files_and_the_key_are_looked_at_too() {
    type Harm = fn(&Path);
    let damages: [(&str, Harm); 4] = [
        ("file-changed", |folder| std::fs::write(named_file(folder), b"other").unwrap()),
        ("file-missing", |folder| std::fs::remove_file(named_file(folder)).unwrap()),
        ("key-missing", |folder| std::fs::remove_file(folder.join("log.key")).unwrap()),
        ("checkpoint-unsigned", |folder| std::fs::write(folder.join("log.key"), "0a".repeat(32)).unwrap()),
    ];
    for (code, damage) in damages {
        let folder = copied(whole());
        damage(folder.path());
        let found = audited(folder.path());
        assert!(codes(&found).contains(code) && !found.is_mendable(), "{code}: {:?}", found.damages);
    }
}

/// A file that a fact names.
fn named_file(folder: &Path) -> PathBuf {
    let connection = Connection::open(folder.join(STORE)).unwrap();
    let bytes: String = connection.query_row(NAMES_FILE, [], |row| row.get(0)).unwrap();
    let hash = bytes.split(":sample.pdf").next().unwrap();
    let hash = &hash[hash.len() - 64..];
    folder.join("files").join(&hash[..2]).join(hash)
}

/// Pages of the file are overwritten, one after the other: nothing panics, each is noticed or does not matter.
#[test]
fn a_damaged_page_is_noticed_and_what_follows_from_facts_is_mended() {
    let pages = std::fs::metadata(whole().join(STORE)).unwrap().len() / 4096;
    let (mut noticed, mut mended) = (0, 0);
    for page in (1..pages).step_by(usize::try_from(pages / 14 + 1).unwrap()) {
        let folder = copied(whole());
        let file = folder.path().join(STORE);
        let mut bytes = std::fs::read(&file).unwrap();
        let at = usize::try_from(page * 4096).unwrap();
        bytes[at..at + 4096]
            .iter_mut()
            .enumerate()
            .for_each(|(n, byte)| *byte ^= u8::try_from(n % 251).unwrap());
        std::fs::write(&file, bytes).unwrap();
        let Ok(found) = registry::audit(&settings(folder.path()), &DESKS, Depth::All, &mut |_, _| {}) else {
            noticed += 1;
            continue;
        };
        noticed += usize::from(!found.is_whole());
        if found.is_whole() {
            let connection = Connection::open(&file).unwrap();
            let said: String = connection.query_row("PRAGMA integrity_check", [], |row| row.get(0)).unwrap();
            assert_eq!(said, "ok", "page {page} is damaged and was not noticed");
        } else if found.is_mendable() {
            // A page that holds up the file itself stops even that: a backup is what remains, and it is said.
            match registry::rebuild(&settings(folder.path()), &DESKS, &mut |_, _| {}) {
                Ok(_) => {
                    assert_eq!(audited(folder.path()).damages, [], "page {page}");
                    mended += 1;
                }
                Err(broken) => assert!(broken.0.contains("kechuang restore"), "page {page}: {broken}"),
            }
        }
    }
    println!("{noticed} damaged pages noticed, {mended} mended");
    assert!(noticed > 6 && mended > 0);
}

#[test]
fn the_commands_say_what_is_so_in_both_languages_and_by_their_exit_code() {
    let folder = copied(whole());
    for (language, word) in [("en", "All is whole"), ("zh", "全部完好")] {
        for words in [vec!["audit"], vec!["verify"]] {
            let output = program(&[words, vec!["--lang", language]].concat(), folder.path());
            assert!(output.status.success() && said(&output).contains(word), "{}", said(&output));
        }
    }
    sql(
        folder.path(),
        "UPDATE records SET state = json_set(state, '$.balance', '999.00') WHERE desk = 'account'",
    );
    for (language, word) in [("en", "A record is not as its facts say"), ("zh", "记录与事实不符")] {
        let output = program(&["audit", "--lang", language], folder.path());
        assert_eq!(output.status.code(), Some(2), "{}", said(&output));
        assert!(
            said(&output).contains(word) && said(&output).contains("kechuang rebuild"),
            "{}",
            said(&output)
        );
    }
    let output = program(&["audit", "--json"], folder.path());
    let report: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert_eq!(
        (&report["code"], &report["facts"]["damages"][0]["code"]),
        (&json!("damaged-derived"), &json!("unlike"))
    );
    let rebuilt = program(&["rebuild", "--lang", "en"], folder.path());
    assert!(rebuilt.status.success() && said(&rebuilt).contains("made anew"), "{}", said(&rebuilt));
    assert!(program(&["audit"], folder.path()).status.success());
    sql(folder.path(), "UPDATE facts SET bytes = replace(bytes, 'Firm 3', 'Firm 4') WHERE position = 3");
    for words in ["audit", "verify", "rebuild"] {
        let output = program(&[words, "--lang", "en"], folder.path());
        assert_eq!(output.status.code(), Some(2), "{words}: {}", said(&output));
        assert!(
            said(&output).contains("fact 3 (") && said(&output).contains("kechuang restore"),
            "{}",
            said(&output)
        );
    }
    let place = TempDir::new().unwrap();
    let backup = place.path().join("b.zip");
    let output = program(&["backup", "--to", backup.to_str().unwrap()], folder.path());
    assert!(output.status.code() == Some(2) && !backup.exists(), "{}", said(&output));
    assert_eq!(std::fs::read_dir(place.path()).unwrap().count(), 0, "nothing unfinished is left");
}

fn restore(from: &Path, to: &Path, more: &[&str]) -> std::process::Output {
    program(&[&["restore", "--lang", "en", "--from", from.to_str().unwrap()], more].concat(), to)
}

#[test]
fn a_backup_gives_the_same_house_and_a_damaged_one_gives_none() {
    let place = TempDir::new().unwrap();
    let (backup, new) = (place.path().join("b.zip"), place.path().join("new"));
    let output = program(&["backup", "--to", backup.to_str().unwrap(), "--lang", "en"], whole());
    assert!(output.status.success() && said(&output).contains("is whole"), "{}", said(&output));
    let output = restore(&backup, &new, &[]);
    assert!(output.status.success() && said(&output).contains("is whole"), "{}", said(&output));
    let held = |folder: &Path| books::digest(&books::open(folder).unwrap()).unwrap();
    assert_eq!(held(&new), held(whole()));
    assert_eq!(std::fs::read(new.join("log.key")).unwrap(), std::fs::read(whole().join("log.key")).unwrap());
    assert!(program(&["audit"], &new).status.success());
    let output = restore(&backup, &new, &[]);
    assert!(
        output.status.code() == Some(1) && said(&output).contains("holds something already"),
        "{}",
        said(&output)
    );
    let again = program(&["backup", "--to", backup.to_str().unwrap(), "--lang", "en"], whole());
    assert!(again.status.code() == Some(1) && said(&again).contains("is there already"), "{}", said(&again));

    let bytes = std::fs::read(&backup).unwrap();
    for part in 0..12 {
        let mut damaged = bytes.clone();
        if part == 0 {
            damaged.truncate(bytes.len() / 2)
        } else {
            damaged[bytes.len() * part / 12] ^= 0x40
        }
        let file = place.path().join(format!("damaged-{part}.zip"));
        std::fs::write(&file, damaged).unwrap();
        let target = place.path().join(format!("none-{part}"));
        let output = restore(&file, &target, &[]);
        assert!(!output.status.success() && !target.exists(), "{part}: {}", said(&output));
        assert!(said(&output).contains("is no backup, or it is damaged"), "{part}: {}", said(&output));
    }
}

#[test]
fn who_was_erased_after_the_backup_is_erased_again() {
    let place = TempDir::new().unwrap();
    let (backup, new) = (place.path().join("b.zip"), place.path().join("new"));
    let live = copied(whole());
    assert!(program(&["backup", "--to", backup.to_str().unwrap()], live.path()).status.success());
    let parts = |folder: &Path| -> i64 {
        let connection = Connection::open(folder.join(STORE)).unwrap();
        connection.query_row("SELECT count(*) FROM parts WHERE is_sealed = 0", [], |row| row.get(0)).unwrap()
    };
    let before = parts(live.path());
    let mut town = Town::open(live.path(), 9, 1, None).unwrap();
    (0..20).for_each(|_| town.somebody_is_erased());
    town.registry.close();
    let left = parts(live.path());
    assert!(left < before);
    let output = restore(&backup, &new, &["--erased", live.path().to_str().unwrap()]);
    assert!(output.status.success(), "{}", said(&output));
    assert_eq!(parts(&new), left);
    assert!(program(&["audit"], &new).status.success());
    let list = place.path().join("list");
    std::fs::write(&list, "person-0a1b2c3d4e\nsomebody\n").unwrap();
    let output = restore(&backup, &place.path().join("other"), &["--erased", list.to_str().unwrap()]);
    assert!(output.status.code() == Some(1) && said(&output).contains("line 2"), "{}", said(&output));
}

/// The house is open and asked without a pause; what had been acknowledged before the backup began is in it.
#[test]
fn a_backup_of_an_open_house_holds_what_was_acknowledged_before() {
    let place = TempDir::new().unwrap();
    let folder = place.path().join("data");
    let mut region = Region::open(&folder, &[]);
    let mut visitor = region.visitor();
    visitor.sign_in("admin");
    visitor.take_token();
    let firm = |n: usize| {
        let fields = json!({ "name": { "zh": format!("示例企业 {n}"), "en": format!("Firm {n}") }, "kind": "enterprise", "region": "310115" });
        visitor.ask("/api/v1/organisation/register", &format!("firm/{n}"), &fields)
    };
    (0..30).for_each(|n| assert_eq!(firm(n).unwrap().status, 201));
    let stop = std::sync::atomic::AtomicBool::new(false);
    let backups: Vec<PathBuf> = (0..3).map(|n| place.path().join(format!("{n}.zip"))).collect();
    let asked = std::thread::scope(|scope| {
        let asking = scope.spawn(|| {
            let going = |_: &usize| !stop.load(std::sync::atomic::Ordering::Relaxed);
            (30..).take_while(going).map(|n| assert_eq!(firm(n).unwrap().status, 201)).count()
        });
        for backup in &backups {
            let output = program(&["backup", "--to", backup.to_str().unwrap(), "--lang", "en"], &folder);
            assert!(output.status.success(), "{}", said(&output));
        }
        stop.store(true, std::sync::atomic::Ordering::Relaxed);
        asking.join().unwrap()
    });
    region.kill();
    let mut last = 30;
    for (number, backup) in backups.iter().enumerate() {
        let new = place.path().join(format!("new-{number}"));
        let output = restore(backup, &new, &[]);
        assert!(output.status.success(), "{}", said(&output));
        let connection = Connection::open(new.join(STORE)).unwrap();
        let count = "SELECT count(*) FROM records WHERE desk = 'organisation'";
        let firms: i64 = connection.query_row(count, [], |row| row.get(0)).unwrap();
        let firms = usize::try_from(firms).unwrap();
        assert!(last <= firms && firms <= 30 + asked, "{last} {firms} {asked}");
        last = firms;
    }
    let region = Region::open(&place.path().join("new-2"), &[]);
    assert_eq!(region.visitor().get("/").status, 200);
    println!("{asked} asks during three backups; the last holds {last} firms");
}

#[test]
fn what_lies_in_a_database_is_looked_after_with_its_own_tools() {
    let folder = TempDir::new().unwrap();
    crate::disk::found(folder.path());
    let copy = folder.path().join("copy.zip").display().to_string();
    let commands: [&[&str]; 4] = [&["audit"], &["rebuild"], &["backup", "--to", &copy], &["verify"]];
    for words in commands {
        for (language, tool) in [("en", "such as pg_dump"), ("zh", "例如 pg_dump")] {
            let told = program(&[words, &["--lang", language]].concat(), folder.path());
            assert!(!told.status.success() && said(&told).contains(tool), "{words:?}: {}", said(&told));
        }
    }
    // Settings that name a database are believed, even beside a folder that has a store.
    std::fs::write(folder.path().join("region.sqlite"), "").unwrap();
    for words in &commands[..3] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_kechuang"));
        command.args(*words).arg("--data").arg(folder.path()).env_clear();
        let told = command.env("KECHUANG_STORE", "postgres://k@127.0.0.1/region").output().unwrap();
        assert!(!told.status.success() && said(&told).contains("pg_dump"), "{words:?}: {}", said(&told));
    }
    assert!(!Path::new(&copy).exists());
}
