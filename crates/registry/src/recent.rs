//! Recent: what the writer has read or written lately, so that it need not be read again.
//!
//! Only the writer changes records, so what it wrote last is what lies in the store. After anything that was not
//! kept, and when another node may have written, all of it is forgotten.

use std::{cell::RefCell, collections::HashMap, sync::Arc};

use grammar::{
    case::Stored,
    kinds::{Day, Id},
    viewer::Viewer,
};

/// Records in one half; the older half goes when the newer one is full.
const RECORDS_MAX: usize = 2_000;
/// A record with more text than this is read from the store each time.
const TEXT_MAX: usize = 8 << 10;
const VIEWERS_MAX: usize = 1_000;

/// What is remembered.
#[derive(Default)]
pub struct Recent(RefCell<Kept>);

#[derive(Default)]
struct Kept {
    newer: HashMap<Id, Arc<Stored>>,
    older: HashMap<Id, Arc<Stored>>,
    viewers: HashMap<(Id, Day), Viewer>,
}

impl Recent {
    pub fn record(&self, id: Id) -> Option<Arc<Stored>> {
        let mut kept = self.0.borrow_mut();
        if let Some(known) = kept.newer.get(&id) {
            return Some(Arc::clone(known));
        }
        let known = kept.older.remove(&id)?;
        kept.put(id, Arc::clone(&known));
        Some(known)
    }

    /// Remembers a record as it lies in the store; `size` is that of its text.
    pub fn put(&self, id: Id, stored: &Arc<Stored>, size: usize) {
        let mut kept = self.0.borrow_mut();
        if size > TEXT_MAX {
            kept.newer.remove(&id);
            kept.older.remove(&id);
        } else {
            kept.put(id, Arc::clone(stored));
        }
        // Who someone is stands on these.
        if matches!(stored.desk, "person" | "office") {
            kept.viewers.clear();
        }
    }

    pub fn viewer(&self, person: Id, day: Day) -> Option<Viewer> {
        self.0.borrow().viewers.get(&(person, day)).cloned()
    }

    pub fn put_viewer(&self, person: Id, day: Day, viewer: &Viewer) {
        let mut kept = self.0.borrow_mut();
        if kept.viewers.len() >= VIEWERS_MAX {
            kept.viewers.clear();
        }
        kept.viewers.insert((person, day), viewer.clone());
    }

    pub fn forget(&self) {
        self.0.take();
    }
}

impl Kept {
    fn put(&mut self, id: Id, stored: Arc<Stored>) {
        if self.newer.len() >= RECORDS_MAX {
            self.older = std::mem::take(&mut self.newer);
        }
        self.newer.insert(id, stored);
    }
}
