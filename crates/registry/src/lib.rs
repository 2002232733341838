//! Registry: the one way anything changes, and the one way anything is read.
//!
//! [`Registry::run`] takes an [`Ask`], plays it (`grammar::case`), and keeps facts, records, cards and the
//! receipt in one durable commit; [`Registry::look`] answers what a viewer may know. One writer thread, no
//! async. `chain` hashes the facts, `engines` answer what fits what.

mod ask;
mod audit;
mod backup;
mod casefile;
mod charter;
mod clock;
mod durable;
mod fact;
mod files;
mod find;
mod forget;
mod heads;
mod kept;
mod keys;
mod lately;
mod lease;
mod list;
mod look;
mod lots;
mod own;
mod pending;
mod play;
mod print;
mod publish;
mod rebuild;
mod recent;
mod run;
mod seal;
mod store;
mod view;
mod write;

use std::{
    path::PathBuf,
    sync::{Arc, Mutex, RwLock, atomic::AtomicU64, mpsc},
};

pub use ask::{Ask, Asker, Denied, Receipt};
pub use audit::{Audited, Damage, Depth, audit};
pub use backup::{erased, forget_again, snapshot};
pub use casefile::{Coded, OpenFact};
pub use clock::{Steady, Tick};
pub use durable::{replace_file, sync_folder, unfinished, write_durably};
pub use files::{BYTES_MAX as FILE_BYTES_MAX, FileFault};
pub use find::{Found, Hit, Match, NeedText};
pub use forget::{Erasure, Revealed};
pub use kept::FOREVER;
pub use keys::{Change, Keys, KeysDenied, LogKey};
pub use lease::Writer;
pub use list::{Filter, Page, Sort, Spot};
pub use look::{Line, Listed, Look, Record};
pub use lots::Dossier;
pub use own::{Own, OwnValue};
pub use pending::Pending;
pub use publish::Cosigning;
pub use rebuild::rebuild;
pub use seal::change_keys;
pub use store::{Broken, Carried, Place, Shared, Url, carry};
pub use view::{Months, PublicFact, View};

use grammar::{clerk::Desks, kinds::Moment, rules::Rules};

/// Where time comes from.
pub trait Clock: Send + Sync {
    fn now(&self) -> Moment;
    /// From now on no earlier than this, where a clock can be told so: another node may be ahead.
    fn not_before(&self, _moment: Moment) {}
}

/// Where chance comes from: salts, keys, names of sessions.
pub trait Chance: Send + Sync {
    fn bytes(&self) -> [u8; 32];
}

/// How a region's house is set up.
#[derive(Clone, Debug)]
pub struct Settings {
    /// The folder that holds everything.
    pub folder: PathBuf,
    /// The name of the region's log: one word without blanks, such as `kechuang.example/yrd`.
    pub origin: String,
    /// Everything asked here is a demonstration and says so.
    pub is_demo: bool,
    /// The database that several nodes share; `None` for one file in the folder.
    pub store: Option<Shared>,
}

impl Settings {
    /// A real region whose store is one file in the folder.
    #[must_use]
    pub fn new(folder: impl Into<PathBuf>, origin: impl Into<String>) -> Self {
        Self { folder: folder.into(), origin: origin.into(), is_demo: false, store: None }
    }
}

/// The house of one region.
pub struct Registry {
    desks: &'static Desks,
    settings: Settings,
    clock: Arc<dyn Clock>,
    chance: Arc<dyn Chance>,
    rules: Arc<RwLock<Arc<Rules>>>,
    place: store::Place,
    readers: store::Readers,
    writer: mpsc::SyncSender<run::Job>,
    thread: Mutex<Option<std::thread::JoinHandle<()>>>,
    /// Who writes, when several nodes share the store, and the thread that sees to it.
    role: Option<Arc<lease::Role>>,
    word_between_nodes: String,
    keeper: Mutex<Option<lease::Keeper>>,
    /// Facts written so far.
    size: Arc<AtomicU64>,
    keys: Keys,
    heads: heads::Followed,
    finder: find::Finder,
    totals: list::Remembered<u64>,
    facets: list::Remembered<Vec<list::Facet>>,
    spots: list::Remembered<Vec<list::Spot>>,
}

impl Registry {
    /// Opens the house in its folder, or founds it there.
    ///
    /// # Errors
    /// What is wrong with the folder, worded for operators.
    pub fn open(
        settings: Settings,
        desks: &'static Desks,
        clock: Arc<dyn Clock>,
        chance: Arc<dyn Chance>,
    ) -> Result<Arc<Self>, Broken> {
        std::fs::create_dir_all(&settings.folder)
            .map_err(|error| Broken::folder(&settings.folder, &error))?;
        let place = store::Place::of(&settings);
        let link = place.writer()?;
        files::clear_aside(&settings.folder);
        store::is_not_left(&*link)?;
        let keys = seal::keys(&settings, &*chance, &*link)?;
        let rules = Arc::new(RwLock::new(Arc::new(charter::rules(desks, &*link)?)));
        let size = Arc::new(AtomicU64::new(store::size(&*link)?));
        let secret = kept::secret(&*link, &*chance)?;
        let word_between_nodes = kept::word_between_nodes(&secret);
        let (keeper, role) = lease::join(&settings, &place, &*chance)?;
        let heads = heads::Followed::default();
        let steady = Arc::new(Steady::since(clock.clone(), fact::last_moment(&*link)?));
        let pen = run::Pen { link, place: place.clone(), role: role.clone(), epoch: None };
        let (writer, jobs) = mpsc::sync_channel(run::QUEUE_MAX);
        let scribe = write::Scribe {
            desks,
            clock: steady,
            chance: chance.clone(),
            rules: rules.clone(),
            size: size.clone(),
            secret,
            heads: heads.clone(),
            is_demo: settings.is_demo,
            has_erased: false.into(),
            has_new_rules: false.into(),
            views: view::Views::default(),
            recent: recent::Recent::default(),
        };
        let keys_too = keys.clone();
        let thread = std::thread::Builder::new()
            .name("writer".into())
            .spawn(move || run::write_all(pen, &scribe, &keys_too, &jobs))
            .map_err(|error| Broken(format!("the writer could not start: {error}")))?;
        let registry = Self {
            desks,
            settings,
            clock,
            chance,
            rules,
            readers: store::Readers::new(place.clone()),
            place,
            writer,
            thread: Mutex::new(Some(thread)),
            role,
            word_between_nodes,
            keeper: Mutex::new(keeper),
            size,
            keys,
            heads,
            finder: find::Finder::default(),
            totals: list::Remembered::default(),
            facets: list::Remembered::default(),
            spots: list::Remembered::default(),
        };
        registry.warm_heads()?;
        registry.catch_up()?;
        Ok(Arc::new(registry))
    }

    #[must_use]
    pub fn desks(&self) -> &'static Desks {
        self.desks
    }

    #[must_use]
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    #[must_use]
    pub fn now(&self) -> Moment {
        self.clock.now()
    }

    #[must_use]
    pub fn chance(&self) -> &dyn Chance {
        &*self.chance
    }

    /// The rules as they stand: delivered ones and adopted ones.
    #[must_use]
    pub fn rules(&self) -> Arc<Rules> {
        self.rules.read().map(|rules| rules.clone()).unwrap_or_default()
    }

    /// How many facts the log holds.
    #[must_use]
    pub fn size(&self) -> u64 {
        self.size.load(std::sync::atomic::Ordering::Acquire)
    }

    /// Waits until everything asked so far is written, and ends the writer.
    pub fn close(&self) {
        let _ = self.writer.send(run::Job::Stop);
        if let Some(thread) = self.thread.lock().ok().and_then(|mut thread| thread.take()) {
            let _ = thread.join();
        }
        self.readers.close();
        if let Some(keeper) = self.keeper.lock().ok().and_then(|mut keeper| keeper.take()) {
            keeper.stop();
        }
    }
}
