//! Lease: which of several nodes writes.
//!
//! One row of the shared store names the writer with its epoch and a beat. The writer moves the beat about
//! once a second, and every commit checks its epoch in the same transaction, so a writer that wakes up late
//! cannot write. No clock is compared between machines: another node that saw the beat stand still for
//! [`STILL_MAX`] looks of its own takes the next epoch, and only if nothing moved since its last look.
//!
//! Always: at most one epoch can commit, the one in the row.

use std::{
    sync::{
        Arc, RwLock,
        atomic::{AtomicU64, Ordering},
        mpsc,
    },
    thread::JoinHandle,
    time::Duration,
};

use crate::{
    Broken, Chance, Registry, Settings, Shared,
    store::{self, Link, Place, cells},
};

/// How often a node beats or looks.
const TURN: Duration = Duration::from_millis(1_000);
/// Looks without a beat after which the writer is taken to be gone.
const STILL_MAX: u32 = 4;

/// Who writes, as this node knows it.
#[derive(Clone, PartialEq, Eq, Debug)]
pub enum Writer {
    /// This node.
    Here,
    /// Another one: how it is reached.
    There(String),
    /// Nobody yet; one will be found within seconds.
    Nobody,
}

/// What the threads of a node share about the lease.
#[derive(Debug)]
pub struct Role {
    /// The epoch in which this node writes; 0 when it does not.
    epoch: AtomicU64,
    writer: RwLock<Writer>,
}

impl Role {
    /// The epoch to be checked in every commit; `None` when this node does not write.
    pub fn epoch(&self) -> Option<u64> {
        Some(self.epoch.load(Ordering::Acquire)).filter(|epoch| *epoch > 0)
    }

    /// Another node has taken over: a commit in this epoch was refused.
    pub fn step_down(&self, epoch: u64) {
        if self.epoch.compare_exchange(epoch, 0, Ordering::AcqRel, Ordering::Acquire).is_ok() {
            tracing::warn!(epoch, "another node writes now");
            self.say(Writer::Nobody);
        }
    }

    pub fn writer(&self) -> Writer {
        self.writer.read().map(|writer| writer.clone()).unwrap_or(Writer::Nobody)
    }

    fn say(&self, writer: Writer) {
        if let Ok(mut known) = self.writer.write() {
            *known = writer;
        }
    }
}

/// The row as it was seen.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
struct Row {
    epoch: u64,
    beat: u64,
    holder: String,
    address: String,
}

/// A node's share in the lease.
struct Candidate {
    place: Place,
    link: Box<dyn Link>,
    role: Arc<Role>,
    name: String,
    address: String,
    seen: Row,
    still: u32,
    has_moved: bool,
}

impl Candidate {
    fn turn(&mut self) -> Result<(), Broken> {
        if self.link.is_lost() {
            self.link = self.place.writer()?;
        }
        match self.role.epoch() {
            Some(epoch) => {
                if !beat(&*self.link, epoch)? {
                    self.role.step_down(epoch);
                }
                Ok(())
            }
            None => self.watch(),
        }
    }

    fn watch(&mut self) -> Result<(), Broken> {
        let row = look(&*self.link)?;
        if row == self.seen {
            self.still += 1;
        } else {
            self.has_moved |= self.seen != Row::default();
            (self.seen, self.still) = (row, 0);
        }
        if self.seen.holder.is_empty() || self.still >= STILL_MAX {
            self.still = 0;
            if take(&*self.link, &self.seen, &self.name, &self.address)? {
                let epoch = self.seen.epoch + 1;
                tracing::info!(epoch, "this node writes now");
                self.role.say(Writer::Here);
                self.role.epoch.store(epoch, Ordering::Release);
            }
            return Ok(());
        }
        self.role.say(Writer::There(self.seen.address.clone()));
        Ok(())
    }
}

fn look(link: &dyn Link) -> Result<Row, Broken> {
    let row =
        link.first("SELECT epoch, beat, holder, address FROM lease WHERE name = 'writer'", &[], |row| {
            Ok(Row { epoch: row.get(0)?, beat: row.get(1)?, holder: row.get(2)?, address: row.get(3)? })
        })?;
    row.ok_or_else(|| Broken("the store has no lease; its schema is damaged".into()))
}

/// Takes the next epoch, unless anything moved since `seen`.
fn take(link: &dyn Link, seen: &Row, name: &str, address: &str) -> Result<bool, Broken> {
    let taken = link.run(
        "UPDATE lease SET epoch = epoch + 1, beat = beat + 1, holder = $1, address = $2
         WHERE name = 'writer' AND epoch = $3 AND beat = $4",
        cells![name, address, seen.epoch, seen.beat],
    )?;
    Ok(taken == 1)
}

fn beat(link: &dyn Link, epoch: u64) -> Result<bool, Broken> {
    Ok(link.run(store::FENCE, cells![epoch])? == 1)
}

/// The thread that beats and looks, for as long as the house is open.
pub struct Keeper {
    stop: mpsc::Sender<()>,
    thread: JoinHandle<()>,
}

impl Keeper {
    /// Begins, and waits until it is clear who writes: a few seconds when the last writer did not say goodbye.
    pub fn start(place: &Place, shared: &Shared, chance: &dyn Chance) -> Result<(Self, Arc<Role>), Broken> {
        let role = Arc::new(Role { epoch: AtomicU64::new(0), writer: RwLock::new(Writer::Nobody) });
        let mut candidate = Candidate {
            place: place.clone(),
            link: place.writer()?,
            role: role.clone(),
            name: chain::Hash(chance.bytes()).to_string(),
            address: shared.address.clone(),
            seen: Row::default(),
            still: 0,
            has_moved: false,
        };
        let (stop, stopped) = mpsc::channel::<()>();
        candidate.turn()?;
        while role.epoch().is_none() && !candidate.has_moved {
            std::thread::park_timeout(TURN);
            candidate.turn()?;
        }
        let work = move || {
            while stopped.recv_timeout(TURN) == Err(mpsc::RecvTimeoutError::Timeout) {
                if let Err(broken) = candidate.turn() {
                    tracing::error!(%broken, "the lease could not be looked at; the next turn tries again");
                }
            }
            candidate.leave();
        };
        let thread = std::thread::Builder::new().name("lease".into()).spawn(work);
        let thread = thread.map_err(|error| Broken(format!("the lease could not be kept: {error}")))?;
        Ok((Self { stop, thread }, role))
    }

    /// Ends, so that another node need not wait.
    pub fn stop(self) {
        let _ = self.stop.send(());
        let _ = self.thread.join();
    }
}

/// Takes part in the lease, where nodes share a store.
pub fn join(
    settings: &Settings,
    place: &Place,
    chance: &dyn Chance,
) -> Result<(Option<Keeper>, Option<Arc<Role>>), Broken> {
    let Some(shared) = &settings.store else { return Ok((None, None)) };
    let (keeper, role) = Keeper::start(place, shared, chance)?;
    Ok((Some(keeper), Some(role)))
}

impl Candidate {
    fn leave(&self) {
        let Some(epoch) = self.role.epoch() else { return };
        let sql = "UPDATE lease SET beat = beat + 1, holder = '', address = '' WHERE name = 'writer' AND epoch = $1";
        if let Err(broken) = self.link.run(sql, cells![epoch]) {
            tracing::warn!(%broken, "the lease was not given back; another node takes it in a few seconds");
        }
        self.role.step_down(epoch);
    }
}

impl Registry {
    /// Who writes: always this node, unless several share a store.
    #[must_use]
    pub fn writer(&self) -> Writer {
        self.role.as_ref().map_or(Writer::Here, |role| role.writer())
    }

    /// What nodes of this region say to each other, and nobody else can.
    #[must_use]
    pub fn word_between_nodes(&self) -> &str {
        &self.word_between_nodes
    }

    /// Catches up with what another node has written: the size of the log, adopted rules, the match index.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn refresh(&self) -> Result<(), Broken> {
        let size = self.read(store::size)?;
        let before = self.size.fetch_max(size, Ordering::AcqRel);
        let adopted = "SELECT count(*) FROM facts WHERE position >= $1 AND record LIKE 'rulebook-%'";
        if size > before && self.read(|link| link.one(adopted, cells![before]))? > Some(0u64) {
            let fresh = self.read(|link| crate::charter::rules(self.desks, link))?;
            if let Ok(mut rules) = self.rules.write() {
                *rules = Arc::new(fresh);
            }
        }
        self.follow();
        Ok(())
    }
}
