//! Audit: everything the house says is worked out anew from its facts, and what differs is named.
//!
//! Facts are hashed and their records folded; the tree, checkpoints, cards, views, receipts, parts and files are
//! held against what that gives. It only reads, and may read beside an open house: it sees one moment.

mod beside;
mod capture;
mod replay;

use std::{
    collections::{BTreeMap, BTreeSet},
    ops::ControlFlow,
    path::Path,
};

use chain::{
    Checkpoint, Hash, Memory,
    heads::{self, Heads, Last},
    tree,
};
use grammar::clerk::Desks;
use serde::Serialize;

use crate::{
    Broken, PublicFact, Settings, fact, files,
    keys::Keys,
    store::{self, Link, Place},
    view::Views,
};
use replay::Shard;

/// Damages that are named; further ones are only counted.
const NAMED_MAX: usize = 1_000;
/// Threads that hash and fold.
const THREADS_MAX: usize = 8;

/// Something that is not as the facts say, or a fact that is not as the log says.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Damage {
    /// A key of the words `[damage]`.
    pub code: &'static str,
    /// What is damaged: `fact 17 (need-x)`, `record need-x`, `file 0a…`.
    pub place: String,
    /// It follows from facts that are whole: `rebuild` mends it. Otherwise only a backup does.
    pub is_derived: bool,
}

impl Damage {
    fn lost(code: &'static str, place: impl Into<String>) -> Self {
        Self { code, place: place.into(), is_derived: false }
    }

    fn derived(code: &'static str, place: impl Into<String>) -> Self {
        Self { code, place: place.into(), is_derived: true }
    }
}

/// How much is looked at.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Depth {
    /// The facts against the chain: entries, tree, checkpoints.
    Chain,
    /// And everything that follows from them.
    All,
}

/// What an audit has seen.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Audited {
    pub facts: u64,
    /// Bytes of facts that were hashed.
    pub bytes: u64,
    pub records: u64,
    pub checkpoints: u64,
    pub receipts: u64,
    pub parts: u64,
    pub files: u64,
    /// Size and root of the log, as hashed anew.
    pub root: String,
    pub damages: Vec<Damage>,
    /// Damages beyond those that are named.
    pub more: u64,
}

impl Audited {
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.damages.is_empty()
    }

    /// Whether the facts themselves are whole, so that `rebuild` mends the rest.
    #[must_use]
    pub fn is_mendable(&self) -> bool {
        self.more == 0 && self.damages.iter().all(|damage| damage.is_derived)
    }

    fn note(&mut self, damage: Damage) {
        if self.damages.len() < NAMED_MAX { self.damages.push(damage) } else { self.more += 1 }
    }
}

/// Looks through a house. `progress` is told how many of how many facts have been looked at.
///
/// # Errors
/// The store cannot be opened at all. What cannot be read in it is a damage.
pub fn audit(
    settings: &Settings,
    desks: &Desks,
    depth: Depth,
    progress: &mut dyn FnMut(u64, u64),
) -> Result<Audited, Broken> {
    let place = Place::Folder(settings.folder.clone());
    let link = place.reader()?;
    let link = &*link;
    // One moment, whatever the house does meanwhile.
    link.run("BEGIN", &[])?;
    let mut audited = Audited::default();
    let size = match store::size(link) {
        Ok(size) => size,
        Err(broken) => {
            audited.note(Damage::lost("store-unreadable", broken.0));
            return Ok(audited);
        }
    };
    for fault in place.faults()? {
        audited.note(Damage::derived("pages", fault));
    }
    let mut replayed = Replayed::new(desks, depth)?;
    let done = replayed.read(link, size, &mut audited, progress);
    if let Err(broken) = done {
        audited.note(Damage::lost("store-unreadable", format!("facts: {broken}")));
    }
    let look = |what: &str, looked: Result<(), Broken>, audited: &mut Audited| {
        if let Err(broken) = looked {
            let damage = Damage {
                is_derived: store::DERIVED.contains(&what),
                ..Damage::lost("store-unreadable", format!("{what}: {broken}"))
            };
            audited.note(damage);
        }
    };
    let looked = replayed.nodes(link, &mut audited);
    look("nodes", looked, &mut audited);
    let looked = replayed.checkpoints(link, settings, &mut audited);
    look("checkpoints", looked, &mut audited);
    if depth == Depth::All {
        for table in 0..capture::DERIVED.len() {
            let looked = replayed.table(link, table, &mut audited);
            look(capture::DERIVED.get(table).map_or("", |(name, ..)| name), looked, &mut audited);
        }
        let looked = replayed.sheets(link, &mut audited);
        look("sheets", looked, &mut audited);
        let looked = beside::receipts(link, size, &mut audited);
        look("receipts", looked, &mut audited);
        let looked = beside::parts(link, &mut audited);
        look("parts", looked, &mut audited);
        for (table, columns) in beside::KEPT {
            let looked = beside::can_be_read(link, table, columns);
            look(table, looked, &mut audited);
        }
        replayed.files(&settings.folder, &mut audited);
    }
    audited.damages.sort_by_key(|damage| damage.is_derived);
    Ok(audited)
}

/// What the facts say.
struct Replayed<'a> {
    desks: &'a Desks,
    depth: Depth,
    memory: Memory,
    heads: Heads,
    /// Sizes of the log at which it was signed, and the roots of heads there.
    sizes: BTreeSet<u64>,
    roots_of_heads: BTreeMap<u64, Hash>,
    shards: Vec<Shard>,
    views: Views,
    /// A store in memory into which views are folded.
    scratch: Box<dyn Link>,
    files: BTreeSet<String>,
}

impl<'a> Replayed<'a> {
    fn new(desks: &'a Desks, depth: Depth) -> Result<Self, Broken> {
        let threads = std::thread::available_parallelism().map_or(1, usize::from).min(THREADS_MAX);
        Ok(Self {
            desks,
            depth,
            memory: Memory::default(),
            heads: Heads::default(),
            sizes: BTreeSet::new(),
            roots_of_heads: BTreeMap::new(),
            shards: (0..threads).map(|_| Shard::default()).collect(),
            views: Views::default(),
            scratch: Place::scratch()?,
            files: BTreeSet::new(),
        })
    }

    fn read(
        &mut self,
        link: &dyn Link,
        size: u64,
        audited: &mut Audited,
        progress: &mut dyn FnMut(u64, u64),
    ) -> Result<(), Broken> {
        self.sizes = link.all("SELECT size FROM checkpoints", &[], |row| row.get(0))?.into_iter().collect();
        fact::batches(link, size, |rows| {
            self.batch(rows, audited)?;
            progress(audited.facts, size);
            Ok(())
        })
    }

    /// Hashes and reads a batch on all threads, then folds it on all threads, then takes it in order.
    fn batch(&mut self, rows: Vec<fact::Row>, audited: &mut Audited) -> Result<(), Broken> {
        let checked = beside::check_all(rows, self.shards.len(), audited);
        for one in &checked {
            // A gap is said once, where it is; the leaves behind it stay in their places for the rest.
            if one.row.position != self.memory.size() {
                let gap = format!("fact {} to {}", self.memory.size(), one.row.position.saturating_sub(1));
                audited.note(Damage::lost("fact-missing", gap));
                return Err(Broken("the log has a gap; nothing behind it can be checked".into()));
            }
            self.memory.push(one.leaf());
            if let (Ok(salt), Ok(entry)) =
                (one.row.salt.as_slice().try_into(), one.row.entry.as_slice().try_into())
            {
                let (record, sequence, entry) =
                    (one.row.record.as_str(), u64::from(one.row.sequence), Hash(entry));
                self.heads.put(&Last { record, sequence, entry, salt });
            }
            if self.sizes.contains(&self.memory.size()) {
                let root = self.heads.root();
                self.roots_of_heads.insert(self.memory.size(), root);
            }
            audited.facts += 1;
            audited.bytes += one.row.bytes.len() as u64;
        }
        if self.depth == Depth::Chain {
            return Ok(());
        }
        let (desks, shards) = (self.desks, self.shards.len());
        std::thread::scope(|scope| {
            for (number, shard) in self.shards.iter_mut().enumerate() {
                let mine =
                    checked.iter().filter(move |one| replay::shard_of(&one.row.record, shards) == number);
                scope.spawn(move || shard.fold(desks, mine));
            }
        });
        let mut public = Vec::new();
        for shard in &mut self.shards {
            shard.damages.drain(..).for_each(|damage| audited.note(damage));
            public.append(&mut shard.public);
        }
        public.sort_unstable_by_key(|fact| fact.position);
        for fact in public {
            let replay::Public { desk, record, region, at, ref event, .. } = fact;
            self.views.fold_public(&*self.scratch, &PublicFact { desk, record, region, at, event })?;
        }
        for one in &checked {
            files::named_in(&one.row.bytes, &mut self.files);
        }
        Ok(())
    }

    /// Every perfect subtree of the log's tree.
    fn nodes(&self, link: &dyn Link, audited: &mut Audited) -> Result<(), Broken> {
        let (mut met, mut wrong) = (0u64, 0u64);
        link.each("SELECT level, place, hash FROM nodes", &[], &mut |row| {
            let (level, place): (u32, u64) = (row.get(0)?, row.get(1)?);
            let level = u8::try_from(level).unwrap_or(u8::MAX);
            let right = tree::Nodes::node(&self.memory, level, place).map(|hash| hash.0);
            if right.is_some_and(|right| row.get::<&[u8]>(2).is_ok_and(|hash| hash == right)) {
                met += 1;
            } else {
                wrong += 1;
            }
            Ok(ControlFlow::Continue(()))
        })?;
        let all: u64 = (0..64).map(|level| self.memory.size() >> level).sum();
        if wrong > 0 || met != all {
            audited
                .note(Damage::derived("tree", format!("{wrong} wrong, {} missing", all.saturating_sub(met))));
        }
        Ok(())
    }

    /// Every checkpoint: signed with this log's key, and the root of the facts as they are.
    fn checkpoints(&self, link: &dyn Link, settings: &Settings, audited: &mut Audited) -> Result<(), Broken> {
        let keys = match Keys::read(&settings.folder, &settings.origin) {
            Ok(Some(keys)) => Some(keys),
            Ok(None) => None,
            Err(broken) => {
                audited.note(Damage::lost("key", broken.0));
                None
            }
        };
        if keys.is_none() {
            audited.note(Damage::lost("key-missing", settings.folder.display().to_string()));
        }
        let keys = keys.as_ref();
        link.each("SELECT size, note FROM checkpoints ORDER BY size", &[], &mut |row| {
            let (size, note): (u64, &str) = (row.get(0)?, row.get(1)?);
            audited.checkpoints += 1;
            let place = || format!("checkpoint {size}");
            match keys.map(|keys| Checkpoint::open(note, &keys.trusted(size))) {
                None => {}
                Some(Err(_)) => audited.note(Damage::lost("checkpoint-unsigned", place())),
                Some(Ok(opened)) => {
                    let root = tree::root(size, &self.memory).ok();
                    let is_so = opened.checkpoint.size == size && Some(opened.checkpoint.root) == root;
                    // Checkpoints of an older program have no root of heads.
                    let signed = heads::of(&opened.extensions);
                    let same_heads = signed.is_none() || signed.as_ref() == self.roots_of_heads.get(&size);
                    if !(is_so && same_heads) {
                        audited.note(Damage::lost("checkpoint-other", place()));
                    }
                }
            }
            Ok(ControlFlow::Continue(()))
        })?;
        audited.root = tree::root(self.memory.size(), &self.memory)
            .map_or_else(|_| String::new(), |root: Hash| root.to_string());
        Ok(())
    }

    /// Every row of a table that follows from facts.
    fn table(&mut self, link: &dyn Link, table: usize, audited: &mut Audited) -> Result<(), Broken> {
        let Some((name, ..)) = capture::DERIVED.get(table) else { return Ok(()) };
        let shards = self.shards.len();
        let mut strangers = BTreeSet::new();
        capture::stored(link, table, |record, sum| {
            let shard = self.shards.get_mut(replay::shard_of(record, shards));
            if !shard.is_some_and(|shard| shard.meet(table, record, sum)) && strangers.len() < NAMED_MAX {
                strangers.insert(record.to_owned());
            }
        })?;
        for record in strangers {
            audited.note(Damage::derived("unfounded", format!("{name}: {record}")));
        }
        let mut unlike: Vec<_> = self.shards.iter().flat_map(|shard| shard.unlike(table)).collect();
        unlike.sort_unstable();
        for record in unlike {
            audited.note(Damage::derived("unlike", format!("{name}: {record}")));
        }
        audited.records = self.shards.iter().map(|shard| shard.len() as u64).sum();
        Ok(())
    }

    fn sheets(&self, link: &dyn Link, audited: &mut Audited) -> Result<(), Broken> {
        let read = |link: &dyn Link| -> Result<BTreeMap<(String, String), String>, Broken> {
            let rows = link.all("SELECT view, key, value FROM sheets", &[], |row| {
                Ok(((row.get::<String>(0)?, row.get::<String>(1)?), row.get::<String>(2)?))
            })?;
            Ok(rows.into_iter().collect())
        };
        let (right, is) = (read(&*self.scratch)?, read(link)?);
        for (view, key) in right.keys().chain(is.keys()).collect::<BTreeSet<_>>() {
            let place = (view.clone(), key.clone());
            if right.get(&place) != is.get(&place) {
                audited.note(Damage::derived("sheet", format!("{view}: {key}")));
            }
        }
        Ok(())
    }

    /// Every file that a fact names is there, and every file there is what its name says.
    fn files(&self, folder: &Path, audited: &mut Audited) {
        for hash in &self.files {
            match files::kept(folder, hash) {
                Ok(_) => audited.files += 1,
                Err(crate::FileFault::NotThere) => {
                    audited.note(Damage::lost("file-missing", format!("file {hash}")))
                }
                Err(_) => audited.note(Damage::lost("file-changed", format!("file {hash}"))),
            }
        }
    }
}
