//! Town: hundreds of people over all desks, one seed, a jumping clock, and a crash at every write.
//!
//! A child process lives in a folder over the file layer, which writes down every change. From that trace the
//! folder is put together again as it could lie on the disk after a power cut before any of the changes, and
//! must then hold exactly what it held after some whole commit: the last one that was synced, or the one that
//! was being written. Everything answered before the cut is there. One of the folders is the next life's.
//!
//! `TOWN_CRASHES=10000 cargo test -p kechuang --test all town -- --nocapture` goes further.

use std::{
    fs::File,
    path::{Path, PathBuf},
    process::Command,
    sync::{Mutex, mpsc},
};

use grammar::form::Dice;
use tempfile::TempDir;

use crate::disk::{
    layer::{self, Change, Under},
    power::{Disk, Left},
};

pub mod books;
pub mod life;

use life::{Mark, Town};

/// Crashes of the usual run, and of how many one life is made.
const CRASHES: usize = 200;
const CRASHES_OF_LIFE: usize = 100;
/// Steps of one life.
const STEPS: usize = 40;
/// Steps of the life whose books are looked at, for each desk: the more there are, the longer it takes until chance has come by.
const STEPS_A_DESK: usize = 55;
/// Steps with which a town goes on that is looked through.
const STEPS_AFTER: usize = 5;
/// Folders that are looked at side by side.
const THREADS: usize = 2;
/// Lives of one town; then another is founded.
const LIVES_MAX: u64 = 12;
/// One in so many crashed folders is opened by the house and looked through from end to end.
const LOOKED_THROUGH: usize = 25;
/// The test that is the child.
const CHILD: &str = "town::a_town_lives_and_its_books_balance";
const FOLDER: &str = "TOWN_FOLDER";

fn variable<T: std::str::FromStr>(name: &str) -> Option<T> {
    std::env::var(name).ok().and_then(|text| text.parse().ok())
}

/// Also the child of the crash test, which names the folder, the seed, and the life.
#[test]
fn a_town_lives_and_its_books_balance() {
    if let Some(folder) = variable::<std::path::PathBuf>(FOLDER) {
        return live(&folder);
    }
    let folder = TempDir::new().unwrap();
    let steps = variable("TOWN_STEPS").unwrap_or_else(|| desks::DESKS.iter().count() * STEPS_A_DESK);
    let mut town = Town::open(folder.path(), 1, 0, None).unwrap();
    (0..steps).for_each(|_| town.step());
    town.registry.close();
    assert_eq!(town.broken, Vec::<String>::new());
    println!("{:#?}", town.accepted);
    let records = books::they_balance(&books::open(folder.path()).unwrap());
    books::the_log_is_whole(&books::open(folder.path()).unwrap(), &[]);
    assert_eq!(books::the_audit_agrees(folder.path(), "after its life"), town.registry.size());
    println!("{steps} steps, {} facts, {records} records", town.registry.size());
    // Some desks need more before them than chance brings in a short life.
    let is_reached = |desk: &str| town.accepted.keys().any(|key| key.split('/').next() == Some(desk));
    let reached = desks::DESKS.iter().filter(|desk| is_reached(desk.name())).count();
    assert!(reached * 2 > desks::DESKS.iter().count(), "only {reached} desks were reached");
}

/// One life of a town, over the file layer.
fn live(folder: &Path) {
    let marks =
        File::options().create(true).append(true).open(variable::<String>("LAYER_MARKS").unwrap()).unwrap();
    let (seed, life) = (variable("TOWN_SEED").unwrap(), variable("TOWN_LIFE").unwrap());
    let mut town = Town::open(folder, seed, life, Some(marks)).unwrap();
    for _ in 0..STEPS {
        town.step();
    }
    town.registry.close();
    assert_eq!(town.broken, Vec::<String>::new());
}

/// What crashes have shown.
#[derive(Default, Debug)]
struct Shown {
    crashes: usize,
    lives: u64,
    commits: usize,
    changes: usize,
    looked_through: usize,
}

#[test]
fn a_town_outlives_a_crash_at_every_write() {
    let Some(layer) = layer::built() else { return };
    let crashes = variable("TOWN_CRASHES").unwrap_or(CRASHES);
    let (mut shown, mut dice, mut seed) =
        (Shown::default(), Dice::new(variable("TOWN_SEED").unwrap_or(1)), 1);
    while shown.crashes < crashes {
        let place = TempDir::new().unwrap();
        let mut folder = place.path().canonicalize().unwrap().join("0");
        std::fs::create_dir(&folder).unwrap();
        let mut before = Vec::new();
        for life in 0..LIVES_MAX {
            if shown.crashes >= crashes {
                break;
            }
            let lived = Lived::of(layer, &folder, seed, life);
            let next = folder.with_file_name((life + 1).to_string());
            before = lived.crash(&mut dice, &next, &before, &mut shown);
            shown.lives += 1;
            std::fs::remove_dir_all(&folder).unwrap();
            folder = next;
        }
        seed += 1;
    }
    println!("{shown:?}");
}

/// A life that is over, with all it changed.
struct Lived {
    /// The folder before that life.
    disk: Disk,
    trace: Vec<Change>,
    marks: Vec<Mark>,
    work: TempDir,
    seed: u64,
    life: u64,
}

/// What must hold of a folder after a crash.
struct Crashed {
    folder: PathBuf,
    /// After which change, for a reader of a failure.
    at: usize,
    left: Left,
    /// What the store may hold.
    commits: Vec<[u8; 32]>,
    /// So many of the life's marks had been set.
    marks: usize,
    is_looked_through: bool,
}

impl Lived {
    fn of(layer: &Path, folder: &Path, seed: u64, life: u64) -> Self {
        let disk = Disk::of(folder);
        let work = TempDir::new().unwrap();
        let (trace, marks) = (work.path().join("trace"), work.path().join("marks"));
        let mut child = Command::new(std::env::current_exe().unwrap());
        child.args([CHILD, "--exact", "--nocapture"]);
        child.env(FOLDER, folder).env("TOWN_SEED", seed.to_string()).env("TOWN_LIFE", life.to_string());
        Under { folder, trace: Some(&trace), marks: Some(&marks), control: None }.put(layer, &mut child);
        let output = child.output().unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert!(output.status.success(), "{said}{}", String::from_utf8_lossy(&output.stdout));
        let trace = layer::read(&trace);
        let marks = trace.iter().filter_map(|change| match change {
            Change::Mark(text) => Some(serde_json::from_str(text).unwrap()),
            _ => None,
        });
        Self { disk, marks: marks.collect(), trace, work, seed, life }
    }

    /// What the store held after each change that synced it, where that is new: the first is what it began with.
    fn commits(&self) -> Vec<(usize, [u8; 32])> {
        let mut disk = self.disk.clone();
        let mut commits = vec![(0, self.held(&disk))];
        for (at, change) in self.trace.iter().enumerate() {
            disk.play(change);
            let is_sync =
                matches!(change, Change::Synced { file } if disk.name(*file).starts_with("region.sqlite"));
            if is_sync {
                let held = self.held(&disk);
                if commits.last().is_none_or(|(_, last)| *last != held) {
                    commits.push((at + 1, held));
                }
            }
        }
        commits
    }

    fn held(&self, disk: &Disk) -> [u8; 32] {
        let folder = self.work.path().join("held");
        disk.write(Left::All, &mut Dice::new(0), &folder);
        let held = books::digest(&books::open(&folder).unwrap()).unwrap();
        std::fs::remove_dir_all(&folder).unwrap();
        held
    }

    /// Crashes it often, and leaves one of the folders for the next life. Gives the marks that it keeps.
    fn crash(&self, dice: &mut Dice, next: &Path, before: &[Mark], shown: &mut Shown) -> Vec<Mark> {
        let commits = self.commits();
        let changes = self.trace.len();
        let each =
            variable("TOWN_CRASHES").map_or(CRASHES_OF_LIFE, |all: usize| (all / 16).max(CRASHES_OF_LIFE));
        let mut cuts: Vec<usize> = (0..each).map(|_| dice.below(changes + 1)).collect();
        cuts.sort_unstable();
        let survivor = cuts[each / 2 + dice.below(each / 2)];
        let mut disk = self.disk.clone();
        let (mut at, mut marks, mut kept) = (0, 0, 0);
        std::thread::scope(|scope| {
            let (give, take) = mpsc::sync_channel::<Crashed>(THREADS);
            let take = std::sync::Arc::new(Mutex::new(take));
            for _ in 0..THREADS {
                let take = take.clone();
                scope.spawn(move || {
                    while let Some(crashed) = { take.lock().unwrap().recv().ok() } {
                        self.holds(&crashed, before);
                    }
                });
            }
            // Should a look fail, giving further folders fails too, and the test ends.
            drop(take);
            for (number, cut) in cuts.iter().enumerate() {
                for change in &self.trace[at..*cut] {
                    disk.play(change);
                    marks += usize::from(matches!(change, Change::Mark(_)));
                }
                at = *cut;
                let left = [Left::All, Left::Nothing, Left::Some, Left::Some][dice.below(4)];
                if *cut == survivor && !next.exists() {
                    disk.write(left, dice, next);
                    kept = marks;
                }
                let folder = self.work.path().join(number.to_string());
                disk.write(left, dice, &folder);
                let last = commits.iter().rposition(|(synced, _)| synced <= cut).unwrap();
                let commits = commits[last..].iter().take(2).map(|(_, held)| *held).collect();
                let is_looked_through = number % LOOKED_THROUGH == 0;
                shown.looked_through += usize::from(is_looked_through);
                give.send(Crashed { folder, at, left, commits, marks, is_looked_through }).unwrap();
            }
        });
        shown.crashes += each;
        shown.commits += commits.len();
        shown.changes += changes;
        before.iter().chain(&self.marks[..kept]).cloned().collect()
    }

    fn holds(&self, crashed: &Crashed, before: &[Mark]) {
        let Crashed { folder, at, left, .. } = crashed;
        let place =
            format!("seed {}, life {}, change {at}, {left:?} of what was not synced", self.seed, self.life);
        let connection = books::open(folder).unwrap();
        let held = books::digest(&connection).unwrap_or_else(|error| panic!("{place}: {error}"));
        assert!(crashed.commits.contains(&held), "{place}: the store holds what it held after no commit");
        let marks: Vec<Mark> = before.iter().chain(&self.marks[..crashed.marks]).cloned().collect();
        books::nothing_is_lost(folder, &connection, &marks, &place);
        if crashed.is_looked_through && books::is_founded(&connection) {
            books::they_balance(&connection);
            books::the_log_is_whole(&connection, &marks);
        }
        drop(connection);
        if *left == Left::All {
            books::what_was_erased_is_gone(folder, &marks);
        }
        if crashed.is_looked_through {
            let mut town = Town::open(folder, self.seed, self.life + 1_000, None)
                .unwrap_or_else(|error| panic!("{place}: {error}"));
            town.ask_again(&marks);
            (0..STEPS_AFTER).for_each(|_| town.step());
            town.registry.close();
            assert_eq!(town.broken, Vec::<String>::new(), "{place}");
            let connection = books::open(folder).unwrap();
            books::they_balance(&connection);
            books::the_log_is_whole(&connection, &marks);
            books::the_audit_agrees(folder, &place);
        }
        std::fs::remove_dir_all(folder).unwrap();
    }
}
