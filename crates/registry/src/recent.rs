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

/// Bytes of text of the records in one half; the older half goes when the newer one is full.
const HALF_MAX: usize = 4 << 20;
/// What a record takes beside the text of its state.
const BESIDE: usize = 2 << 10;
/// A record with more text than this is read from the store each time.
const TEXT_MAX: usize = 256 << 10;
const VIEWERS_MAX: usize = 1_000;

/// What is remembered.
#[derive(Default)]
pub struct Recent(RefCell<Kept>);

#[derive(Default)]
struct Kept {
    /// Each with the bytes of its text.
    newer: HashMap<Id, (Arc<Stored>, usize)>,
    older: HashMap<Id, (Arc<Stored>, usize)>,
    /// Bytes in the newer half.
    size: usize,
    viewers: HashMap<(Id, Day), Viewer>,
}

impl Recent {
    pub fn record(&self, id: Id) -> Option<Arc<Stored>> {
        let mut kept = self.0.borrow_mut();
        if let Some((known, _)) = kept.newer.get(&id) {
            return Some(Arc::clone(known));
        }
        let (known, size) = kept.older.remove(&id)?;
        kept.put(id, Arc::clone(&known), size);
        Some(known)
    }

    /// Remembers a record as it lies in the store; `size` is that of its text.
    pub fn put(&self, id: Id, stored: &Arc<Stored>, size: usize) {
        let mut kept = self.0.borrow_mut();
        kept.older.remove(&id);
        if size > TEXT_MAX {
            kept.take(id);
        } else {
            kept.put(id, Arc::clone(stored), size);
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
    fn put(&mut self, id: Id, stored: Arc<Stored>, size: usize) {
        self.take(id);
        if self.size > HALF_MAX {
            self.older = std::mem::take(&mut self.newer);
            self.size = 0;
        }
        self.size += size + BESIDE;
        self.newer.insert(id, (stored, size));
    }

    fn take(&mut self, id: Id) {
        if let Some((_, size)) = self.newer.remove(&id) {
            self.size -= size + BESIDE;
        }
    }
}

#[cfg(test)]
mod tests {
    use grammar::{card::Card, clerk::Standing, kinds::Moment};
    use serde_json::Value;

    use super::*;

    fn stored(sequence: u32) -> Arc<Stored> {
        let state = Value::Null.into();
        let standing = Standing { state, card: Arc::new(Card::new()), public: None, due: None };
        Arc::new(Stored { desk: "need", standing, sequence, born: Moment::default().day() })
    }

    #[test]
    fn what_is_large_pushes_out_what_was_not_asked_for_lately() {
        let recent = Recent::default();
        let id = |n: usize| format!("need-{n}").parse::<Id>().ok().unwrap_or(Id::named("need-none"));
        let sequence = |n: usize| recent.record(id(n)).map(|stored| stored.sequence);
        recent.put(id(0), &stored(1), 10);
        recent.put(id(0), &stored(2), 10);
        assert_eq!(sequence(0), Some(2));
        (1..=40).for_each(|n| {
            recent.put(id(n), &stored(3), TEXT_MAX);
            sequence(0);
        });
        assert_eq!((sequence(0), sequence(1), sequence(40)), (Some(2), None, Some(3)));
        let size: usize = recent.0.borrow().newer.values().map(|(_, size)| size + BESIDE).sum();
        assert_eq!(recent.0.borrow().size, size);
        recent.put(id(40), &stored(4), TEXT_MAX + 1);
        assert_eq!(sequence(40), None, "it is read from the store");
        recent.put(id(0), &stored(5), TEXT_MAX + 1);
        assert_eq!(sequence(0), None, "nor does an older one stand in its place");
    }
}
