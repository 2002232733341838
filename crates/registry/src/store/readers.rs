//! Readers: links that only read, lent one visit at a time and kept for the next.

use std::{
    sync::{Condvar, Mutex, MutexGuard},
    time::Duration,
};

use super::{Broken, Link, Place};

/// Links open at a time. A server of a shared store has few to give, and other nodes want some.
const SHARED_MAX: usize = 16;
const FOLDER_MAX: usize = 256;
/// How long someone waits for a link when all are lent.
const WAIT: Duration = Duration::from_secs(10);

pub struct Readers {
    place: Place,
    links: Mutex<Links>,
    given_back: Condvar,
}

#[derive(Default)]
struct Links {
    idle: Vec<Box<dyn Link>>,
    lent: usize,
}

impl Readers {
    pub fn new(place: Place) -> Self {
        Self { place, links: Mutex::default(), given_back: Condvar::new() }
    }

    /// Lends a link for some work.
    pub fn read<T>(&self, work: impl FnOnce(&dyn Link) -> Result<T, Broken>) -> Result<T, Broken> {
        let mut lent = Lent { readers: self, link: self.take()? };
        let link = match lent.link.take() {
            Some(link) => link,
            None => self.place.reader()?,
        };
        work(&**lent.link.insert(link))
    }

    /// An idle link, or `None` when one more may be opened.
    fn take(&self) -> Result<Option<Box<dyn Link>>, Broken> {
        let most = if matches!(self.place, Place::Folder(_)) { FOLDER_MAX } else { SHARED_MAX };
        let (mut links, waited) = self
            .given_back
            .wait_timeout_while(self.lock()?, WAIT, |links| links.lent >= most)
            .map_err(|_| stopped())?;
        if waited.timed_out() {
            return Err(Broken("the store is busy: all links are lent".into()));
        }
        links.lent += 1;
        // A server that was started again has closed all of them.
        while let Some(link) = links.idle.pop() {
            if !link.is_lost() {
                return Ok(Some(link));
            }
        }
        Ok(None)
    }

    /// Closes the links that are not lent.
    pub fn close(&self) {
        if let Ok(mut links) = self.links.lock() {
            links.idle.clear();
        }
    }

    fn lock(&self) -> Result<MutexGuard<'_, Links>, Broken> {
        self.links.lock().map_err(|_| stopped())
    }
}

/// A link that is lent; given back even when the work panics.
struct Lent<'a> {
    readers: &'a Readers,
    link: Option<Box<dyn Link>>,
}

impl Drop for Lent<'_> {
    fn drop(&mut self) {
        if let Ok(mut links) = self.readers.links.lock() {
            links.lent -= 1;
            links.idle.extend(self.link.take().filter(|link| !link.is_lost()));
        }
        self.readers.given_back.notify_one();
    }
}

fn stopped() -> Broken {
    Broken("the links that read have stopped; start the program again".into())
}
