//! Disk: full, read-only, failing, shared by two, of a newer program: a clear word and no damage.

use std::{
    path::{Path, PathBuf},
    process::{Command, Output},
};

use desks::DESKS;
use grammar::form::Dice;
use registry::{Depth, Settings};
use rusqlite::Connection;
use tempfile::TempDir;

use crate::{
    region::{PASSWORD, Region},
    town::{
        books,
        life::{ORIGIN, Town},
    },
};

pub mod layer;
pub mod power;

use layer::{Change, Under};
use power::{Disk, Left};

/// What fails, and after how many changes or syncs that still succeed.
const FAILURES: [&str; 12] = [
    "full 0", "full 1", "full 2", "full 5", "full 13", "full 40", "torn 0", "torn 3", "torn 17", "sync 0",
    "sync 1", "sync 2",
];
/// Steps while the disk fails.
const STEPS: usize = 6;
/// The test that is the child.
const CHILD: &str = "disk::a_failing_disk_loses_nothing_that_was_answered";
const FOLDER: &str = "DISK_FOLDER";
/// Power cuts during one rebuild, or one first start.
const CUTS: usize = 24;
const STARTS: usize = 8;

/// Runs the program on a folder.
pub fn program(words: &[&str], folder: &Path) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_kechuang"));
    command.args(words).arg("--data").arg(folder).env_clear().output().unwrap()
}

/// What a program said, for a failure's message and to look for words in.
pub fn said(output: &Output) -> String {
    format!("{}{}", String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr))
}

/// Marks a town's folder as one that the program may open.
pub fn found(folder: &Path) {
    std::fs::write(folder.join("region.toml"), format!("origin = \"{ORIGIN}\"\ndemo = false\n")).unwrap();
}

pub fn settings(folder: &Path) -> Settings {
    Settings::new(folder, ORIGIN)
}

/// A town of some steps, closed.
pub fn town(folder: &Path, steps: usize) {
    let mut town = Town::open(folder, 7, 0, None).unwrap();
    (0..steps).for_each(|_| town.step());
    town.registry.close();
    assert_eq!(town.broken, Vec::<String>::new());
    found(folder);
}

fn canonical(place: &TempDir) -> PathBuf {
    let folder = place.path().canonicalize().unwrap().join("data");
    std::fs::create_dir(&folder).unwrap();
    folder
}

/// Also its own child, over the file layer.
#[test]
fn a_failing_disk_loses_nothing_that_was_answered() {
    if let Ok(folder) = std::env::var(FOLDER) {
        return over_a_failing_disk(Path::new(&folder));
    }
    let Some(layer) = layer::built() else { return };
    let place = TempDir::new().unwrap();
    let folder = canonical(&place);
    let control = place.path().join("control");
    let mut child = Command::new(std::env::current_exe().unwrap());
    child.args([CHILD, "--exact", "--nocapture"]).env(FOLDER, &folder);
    Under { folder: &folder, trace: None, marks: None, control: Some(&control) }.put(layer, &mut child);
    let output = child.output().unwrap();
    assert!(output.status.success(), "{}", said(&output));
    println!(
        "{}",
        said(&output).lines().filter(|line| line.contains("changes")).collect::<Vec<_>>().join("\n")
    );
    let connection = books::open(&folder).unwrap();
    books::they_balance(&connection);
    books::the_log_is_whole(&connection, &[]);
    books::the_audit_agrees(&folder, "after a failing disk");
}

fn over_a_failing_disk(folder: &Path) {
    let control = std::env::var("LAYER_CONTROL").unwrap();
    let mut town = Town::open(folder, 3, 0, None).unwrap();
    (0..STEPS).for_each(|_| town.step());
    assert_eq!(town.broken, Vec::<String>::new());
    for (number, failure) in FAILURES.iter().enumerate() {
        std::fs::write(&control, failure).unwrap();
        (0..STEPS).for_each(|_| town.step());
        town.a_sheet_is_brought();
        town.a_file_is_brought();
        std::fs::remove_file(&control).unwrap();
        let broken = std::mem::take(&mut town.broken);
        println!("changes: {failure}: {} asks broke: {:?}", broken.len(), broken.first());
        assert!(!broken.is_empty(), "{failure}: nothing noticed");
        let is_full = failure.starts_with("full");
        let words = ["disk is full", "No space left", "disk I/O error", "Input/output error"];
        let known = if is_full { &words[..2] } else { &words[..] };
        for what in &broken {
            assert!(known.iter().any(|words| what.contains(words)), "{failure}: {what}");
        }
        // There is room again: the house works, and what it had answered it answers again.
        town.everybody_asks_again();
        (0..STEPS).for_each(|_| town.step());
        assert_eq!(town.broken, Vec::<String>::new(), "after {failure} ({number})");
    }
    town.everybody_asks_again();
    town.registry.close();
}

#[test]
fn a_read_only_disk_is_said_and_left_alone() {
    let Some(layer) = layer::built() else { return };
    let place = TempDir::new().unwrap();
    let folder = canonical(&place);
    town(&folder, 10);
    let control = place.path().join("control");
    std::fs::write(&control, "locked 0").unwrap();
    for (words, language) in [("Read-only file system", "en"), ("Read-only file system", "zh")] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_kechuang"));
        command.args(["serve", "--listen", "127.0.0.1:0", "--lang", language, "--data"]).arg(&folder);
        Under { folder: &folder, trace: None, marks: None, control: Some(&control) }.put(layer, &mut command);
        let output = command.output().unwrap();
        assert_eq!(output.status.code(), Some(1), "{}", said(&output));
        assert!(
            said(&output).contains(words) && said(&output).contains("kechuang.lock"),
            "{}",
            said(&output)
        );
    }
    let audited = program(&["audit"], &folder);
    assert!(audited.status.success(), "{}", said(&audited));
}

#[test]
fn two_programs_do_not_share_a_folder_but_one_may_look_beside_the_other() {
    let folder = TempDir::new().unwrap();
    let region = Region::open(folder.path(), &[]);
    let second = program(&["serve", "--listen", "127.0.0.1:0", "--lang", "en"], folder.path());
    assert_eq!(second.status.code(), Some(1));
    assert!(said(&second).contains("is in use by another process"), "{}", said(&second));
    let rebuilt = program(&["rebuild", "--lang", "zh"], folder.path());
    assert_eq!(rebuilt.status.code(), Some(1));
    assert!(
        said(&rebuilt).contains("正被另一个进程使用") || said(&rebuilt).contains("进程"),
        "{}",
        said(&rebuilt)
    );
    for words in [["audit", "--json"], ["verify", "--json"]] {
        let output = program(&words, folder.path());
        assert!(output.status.success(), "{}", said(&output));
    }
    assert_eq!(region.visitor().get("/").status, 200);
}

#[test]
fn what_a_newer_program_wrote_or_a_foreign_key_signed_is_not_opened() {
    let folder = TempDir::new().unwrap();
    town(folder.path(), 10);
    let serve = || program(&["serve", "--listen", "127.0.0.1:0", "--lang", "en"], folder.path());
    let key = std::fs::read(folder.path().join("log.key")).unwrap();
    Town::open(folder.path(), 7, 1, None)
        .map(|town| town.registry.seal_now().map(|()| town.registry.close()))
        .unwrap()
        .unwrap();
    for (foreign, word) in
        [(None, "holds no log.key"), (Some("0a".repeat(32)), "is not the key"), (Some("x".into()), "log.key")]
    {
        match foreign {
            None => std::fs::remove_file(folder.path().join("log.key")).unwrap(),
            Some(text) => std::fs::write(folder.path().join("log.key"), text).unwrap(),
        }
        let output = serve();
        assert!(output.status.code() == Some(1) && said(&output).contains(word), "{}", said(&output));
    }
    std::fs::write(folder.path().join("log.key"), key).unwrap();
    let connection = Connection::open(folder.path().join("region.sqlite")).unwrap();
    connection.pragma_update(None, "user_version", 99).unwrap();
    drop(connection);
    let output = serve();
    assert!(output.status.code() == Some(1) && said(&output).contains("newer program"), "{}", said(&output));
}

/// The folder before, and all that a program changed in it.
fn traced(layer: &Path, folder: &Path, run: impl FnOnce(&mut Command)) -> (Disk, Vec<Change>) {
    let (disk, place) = (Disk::of(folder), TempDir::new().unwrap());
    let trace = place.path().join("trace");
    let mut command = Command::new(env!("CARGO_BIN_EXE_kechuang"));
    Under { folder, trace: Some(&trace), marks: None, control: None }.put(layer, &mut command);
    run(&mut command);
    (disk, layer::read(&trace))
}

/// Cuts the power at random and looks at what is left.
fn cut(before: &Disk, trace: &[Change], cuts: usize, mut look: impl FnMut(&Path, &str)) {
    let mut dice = Dice::new(11);
    for _ in 0..cuts {
        let (at, place) = (dice.below(trace.len() + 1), TempDir::new().unwrap());
        let mut disk = before.clone();
        trace[..at].iter().for_each(|change| disk.play(change));
        let left = [Left::All, Left::Nothing, Left::Some][dice.below(3)];
        disk.write(left, &mut dice, place.path());
        look(place.path(), &format!("change {at} of {}, {left:?}", trace.len()));
    }
}

#[test]
fn a_rebuild_that_loses_power_leaves_the_old_store_or_the_new_one() {
    let Some(layer) = layer::built() else { return };
    let place = TempDir::new().unwrap();
    let folder = canonical(&place);
    town(&folder, 30);
    let facts = books::the_audit_agrees(&folder, "before");
    let (before, trace) = traced(layer, &folder, |command| {
        let output = command.arg("rebuild").arg("--data").arg(&folder).output().unwrap();
        assert!(output.status.success(), "{}", said(&output));
    });
    cut(&before, &trace, CUTS, |left, place| {
        let audited = registry::audit(&settings(left), &DESKS, Depth::All, &mut |_, _| {}).unwrap();
        assert_eq!((audited.facts, audited.damages), (facts, vec![]), "{place}");
    });
}

#[test]
fn a_first_day_that_loses_power_is_begun_again() {
    let Some(layer) = layer::built() else { return };
    let place = TempDir::new().unwrap();
    let folder = canonical(&place);
    let (before, trace) = traced(layer, &folder, |command| {
        command
            .args(["serve", "--listen", "127.0.0.1:0", "--data"])
            .arg(&folder)
            .env("KECHUANG_ADMIN_PASSWORD", PASSWORD);
        let mut region = Region::start(command);
        region.kill();
    });
    cut(&before, &trace, STARTS, |left, place| {
        let region = Region::open(left, &[]);
        let mut visitor = region.visitor();
        visitor.sign_in("admin");
        assert_eq!(visitor.get("/account").status, 200, "{place}");
    });
}
