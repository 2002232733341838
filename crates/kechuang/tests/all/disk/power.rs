//! Power: what can lie on a disk when the power goes between two changes.
//!
//! What was synced is there. Of what was written since, the disk keeps what it likes: all of it (when only the
//! program died), nothing, or some of it in any order, sector by sector. A name is there for good when its
//! folder was synced; until then names arrive in order, as a file system with a journal brings them.

use std::{
    collections::{BTreeMap, HashMap},
    path::Path,
};

use grammar::form::Dice;

use super::layer::Change;

/// What a disk writes whole.
const SECTOR: usize = 512;

/// What is left of what was not synced.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Left {
    All,
    Nothing,
    Some,
}

#[derive(Clone)]
enum Waiting {
    Written { at: usize, bytes: std::sync::Arc<[u8]> },
    Cut(usize),
}

#[derive(Clone, Default)]
struct File {
    is_folder: bool,
    synced: Vec<u8>,
    waiting: Vec<Waiting>,
}

#[derive(Clone, Debug)]
enum Naming {
    Made { name: String, file: usize },
    Renamed { from: String, to: String },
    Removed { name: String },
}

/// A folder on a disk, as far as a trace has been played.
#[derive(Clone, Default)]
pub struct Disk {
    files: Vec<File>,
    /// Names that are there for good.
    names: BTreeMap<String, usize>,
    namings: Vec<Naming>,
    /// Names as the program sees them.
    seen: BTreeMap<String, usize>,
    numbers: HashMap<u32, (usize, String)>,
}

impl Disk {
    /// A folder as it lies there, all of it synced.
    pub fn of(folder: &Path) -> Self {
        let mut disk = Self::default();
        disk.gather(folder, "");
        disk.seen.clone_from(&disk.names);
        disk
    }

    fn gather(&mut self, folder: &Path, at: &str) {
        for entry in std::fs::read_dir(folder).unwrap() {
            let entry = entry.unwrap();
            let name = entry.file_name().into_string().unwrap();
            if name.ends_with("-shm") {
                continue;
            }
            let name = if at.is_empty() { name } else { format!("{at}/{name}") };
            let is_folder = entry.file_type().unwrap().is_dir();
            let synced = if is_folder { Vec::new() } else { std::fs::read(entry.path()).unwrap() };
            self.names.insert(name.clone(), self.files.len());
            self.files.push(File { is_folder, synced, waiting: Vec::new() });
            if is_folder {
                self.gather(&entry.path(), &name);
            }
        }
    }

    /// Plays the next change of a trace.
    pub fn play(&mut self, change: &Change) {
        match change {
            Change::Opened { file, name, is_new } => self.open(*file, name, *is_new),
            Change::Written { file, at, bytes } => {
                let at = usize::try_from(*at).unwrap();
                self.file(*file).waiting.push(Waiting::Written { at, bytes: bytes.as_slice().into() });
            }
            Change::Cut { file, length } => {
                let length = usize::try_from(*length).unwrap();
                self.file(*file).waiting.push(Waiting::Cut(length));
            }
            Change::Synced { file } => self.sync(*file),
            Change::Renamed { from, to } => {
                self.namings.push(Naming::Renamed { from: from.clone(), to: to.clone() });
                let moved = rename(&mut self.seen, from, to);
                assert!(moved, "{from} was never seen");
            }
            Change::Removed { name } => {
                self.seen.remove(name);
                self.namings.push(Naming::Removed { name: name.clone() });
            }
            Change::FolderMade { name } => self.make(name, true),
            Change::Mark(_) => {}
        }
    }

    fn open(&mut self, number: u32, name: &str, is_new: bool) {
        if name.is_empty() {
            self.numbers.insert(number, (usize::MAX, String::new()));
            return;
        }
        if is_new {
            self.make(name, false);
        }
        let file = *self.seen.get(name).unwrap_or_else(|| panic!("{name} was never made"));
        self.numbers.insert(number, (file, name.to_owned()));
    }

    fn make(&mut self, name: &str, is_folder: bool) {
        let file = self.files.len();
        self.files.push(File { is_folder, ..File::default() });
        self.seen.insert(name.to_owned(), file);
        self.namings.push(Naming::Made { name: name.to_owned(), file });
    }

    fn file(&mut self, number: u32) -> &mut File {
        let (file, _) = &self.numbers[&number];
        &mut self.files[*file]
    }

    fn sync(&mut self, number: u32) {
        let (file, name) = self.numbers[&number].clone();
        if file == usize::MAX || self.files[file].is_folder {
            let mut later = Vec::new();
            for naming in std::mem::take(&mut self.namings) {
                if naming.folder() == name { naming.take_place(&mut self.names) } else { later.push(naming) }
            }
            self.namings = later;
        } else {
            let file = &mut self.files[file];
            for waiting in std::mem::take(&mut file.waiting) {
                waiting.take_place(&mut file.synced);
            }
        }
    }

    /// Under which name a file was opened.
    pub fn name(&self, file: u32) -> &str {
        self.numbers.get(&file).map_or("", |(_, name)| name)
    }

    /// Writes the folder as the disk could hold it now.
    pub fn write(&self, left: Left, dice: &mut Dice, into: &Path) {
        let kept = match left {
            Left::All => self.namings.len(),
            Left::Nothing => 0,
            Left::Some => dice.below(self.namings.len() + 1),
        };
        let mut names = self.names.clone();
        self.namings.iter().take(kept).for_each(|naming| naming.take_place(&mut names));
        std::fs::create_dir_all(into).unwrap();
        for (name, file) in &names {
            let is_reached = name.rsplit_once('/').is_none_or(|(folder, _)| names.contains_key(folder));
            let file = &self.files[*file];
            if file.is_folder {
                std::fs::create_dir_all(into.join(name)).unwrap();
            } else if is_reached {
                std::fs::write(into.join(name), file.bytes(left, dice)).unwrap();
            }
        }
    }
}

fn rename(names: &mut BTreeMap<String, usize>, from: &str, to: &str) -> bool {
    let Some(file) = names.remove(from) else { return false };
    names.insert(to.to_owned(), file);
    true
}

impl Naming {
    /// The folder whose names it changes.
    fn folder(&self) -> &str {
        let (Self::Made { name, .. } | Self::Renamed { to: name, .. } | Self::Removed { name }) = self;
        name.rsplit_once('/').map_or("", |(folder, _)| folder)
    }

    fn take_place(&self, names: &mut BTreeMap<String, usize>) {
        match self {
            Self::Made { name, file } => drop(names.insert(name.clone(), *file)),
            Self::Renamed { from, to } => drop(rename(names, from, to)),
            Self::Removed { name } => drop(names.remove(name)),
        }
    }
}

impl Waiting {
    fn take_place(&self, bytes: &mut Vec<u8>) {
        match self {
            Self::Cut(length) => bytes.resize(*length, 0),
            Self::Written { at, bytes: fresh } => {
                let end = at + fresh.len();
                if bytes.len() < end {
                    bytes.resize(end, 0);
                }
                bytes[*at..end].copy_from_slice(fresh);
            }
        }
    }

    /// Some of its sectors: a beginning, or any.
    fn torn(&self, dice: &mut Dice, bytes: &mut Vec<u8>) {
        let Self::Written { at, bytes: fresh } = self else { return };
        let is_prefix = dice.once_in(2);
        let sectors = fresh.len().div_ceil(SECTOR);
        let prefix = dice.below(sectors + 1);
        for (number, sector) in fresh.chunks(SECTOR).enumerate() {
            let is_kept = if is_prefix { number < prefix } else { dice.once_in(2) };
            if is_kept {
                let part = Self::Written { at: at + number * SECTOR, bytes: sector.into() };
                part.take_place(bytes);
            }
        }
    }
}

impl File {
    fn bytes(&self, left: Left, dice: &mut Dice) -> Vec<u8> {
        let mut bytes = self.synced.clone();
        for waiting in &self.waiting {
            match left {
                Left::All => waiting.take_place(&mut bytes),
                Left::Nothing => {}
                Left::Some => match dice.below(4) {
                    0 => {}
                    1 => waiting.torn(dice, &mut bytes),
                    _ => waiting.take_place(&mut bytes),
                },
            }
        }
        bytes
    }
}

#[test]
fn a_disk_keeps_what_was_synced_and_some_of_the_rest() {
    let (folder, mut dice) = (tempfile::TempDir::new().unwrap(), Dice::new(1));
    let mut disk = Disk::default();
    let written = |at: u64, bytes: &[u8]| Change::Written { file: 1, at, bytes: bytes.to_vec() };
    let opened = |file, name: &str, is_new| Change::Opened { file, name: name.into(), is_new };
    let before = [opened(1, "a.part", true), written(0, &[1; 2048]), Change::Synced { file: 1 }];
    before.iter().for_each(|change| disk.play(change));
    disk.write(Left::Nothing, &mut dice, &folder.path().join("unnamed"));
    assert!(!folder.path().join("unnamed/a.part").exists(), "the name is not on the disk yet");
    let named = [opened(2, "", false), Change::Synced { file: 2 }, written(1024, &[2; 2048])];
    named.iter().for_each(|change| disk.play(change));
    disk.play(&Change::Renamed { from: "a.part".into(), to: "a".into() });
    let (mut names, mut texts) = (std::collections::BTreeSet::new(), std::collections::BTreeSet::new());
    for number in 0..200 {
        let into = folder.path().join(number.to_string());
        disk.write(Left::Some, &mut dice, &into);
        let name = ["a", "a.part"].into_iter().find(|name| into.join(name).exists()).unwrap();
        let bytes = std::fs::read(into.join(name)).unwrap();
        assert!(bytes[..1024] == [1; 1024] && bytes.len() >= 2048);
        names.insert(name);
        texts.insert(bytes);
    }
    assert!(names.len() == 2 && texts.len() > 5, "{names:?} {}", texts.len());
    disk.write(Left::All, &mut dice, &folder.path().join("all"));
    assert_eq!(
        std::fs::read(folder.path().join("all/a")).unwrap(),
        [[1; 1024], [2; 1024], [2; 1024]].concat()
    );
}
