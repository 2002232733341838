//! Run: one queue, one writer thread, group commit.
//!
//! Asks that arrive during a commit form the next batch. One that is refused has written nothing, and disturbs no
//! other. Where writing breaks, the batch is given up and written once more with a savepoint before each ask, so
//! that only that one comes to nothing. Nobody is answered before the batch is on the disk.

use std::sync::{
    Arc,
    atomic::Ordering,
    mpsc::{Receiver, Sender, TrySendError},
};

use crate::{
    Ask, Asker, Broken, Denied, Receipt, Registry, fact,
    lease::Role,
    seal,
    store::{self, Link, Place},
    write::Scribe,
};
use grammar::kinds::{Id, Moment};

/// Jobs that may wait; further ones are told that the house is busy.
pub const QUEUE_MAX: usize = 4_096;
/// Asks in one commit.
const BATCH_MAX: usize = 1_024;

pub type Answer = Result<Receipt, Denied>;

/// Work on the writer's link that is no ask.
pub type Errand = dyn FnOnce(Result<&dyn Link, Broken>) + Send;

/// What the writer is given to do.
pub enum Job {
    Run(Vec<Ask>, Sender<Vec<Answer>>),
    /// The second pair of eyes for what waits.
    Endorse {
        pending: Id,
        by: Asker,
        agrees: bool,
        answer: Sender<Vec<Answer>>,
    },
    /// Plays the ask and keeps nothing.
    Try(Box<Ask>, Sender<Vec<Answer>>),
    /// Signs the log as it stands; whoever waits for it is told.
    Seal(Moment, Option<Sender<Result<(), Broken>>>),
    Work(Box<Errand>),
    Stop,
}

impl Registry {
    /// The one way anything changes.
    ///
    /// # Errors
    /// Why nothing happened.
    pub fn run(&self, ask: Ask) -> Answer {
        self.run_many(vec![ask]).pop().unwrap_or_else(|| Err(Denied::Broken("no answer".into())))
    }

    /// Several asks, in order, each by itself: one that is refused does not stop the others.
    pub fn run_many(&self, asks: Vec<Ask>) -> Vec<Answer> {
        let count = asks.len();
        let answers = self.wait(count, |answer| Job::Run(asks, answer));
        self.follow();
        answers
    }

    /// What would happen if this were asked now. Keeps nothing.
    ///
    /// # Errors
    /// Why nothing would happen.
    pub fn try_out(&self, ask: Ask) -> Answer {
        self.wait(1, |answer| Job::Try(Box::new(ask), answer)).pop().unwrap_or(Err(Denied::Busy))
    }

    /// A second person agrees to what waits, or sends it away.
    ///
    /// # Errors
    /// Why nothing happened.
    pub fn endorse(&self, pending: Id, by: Asker, agrees: bool) -> Answer {
        let answer = self.wait(1, |answer| Job::Endorse { pending, by, agrees, answer }).pop();
        self.follow();
        answer.unwrap_or(Err(Denied::Busy))
    }

    fn wait(&self, count: usize, job: impl FnOnce(Sender<Vec<Answer>>) -> Job) -> Vec<Answer> {
        let (sender, receiver) = std::sync::mpsc::channel();
        let lost =
            || vec![Err(Denied::Broken("the writer has stopped; see the operator's log".into())); count];
        match self.writer.try_send(job(sender)) {
            Ok(()) => receiver.recv().unwrap_or_else(|_| lost()),
            Err(TrySendError::Full(_)) => vec![Err(Denied::Busy); count],
            Err(TrySendError::Disconnected(_)) => lost(),
        }
    }

    /// Work on the store that is no ask: sessions, credentials, read marks. Waits until it is durable.
    pub(crate) fn work<T: Send + 'static>(
        &self,
        mut work: impl FnMut(&dyn Link) -> Result<T, Broken> + Send + 'static,
    ) -> Result<T, Broken> {
        let (sender, receiver) = std::sync::mpsc::channel();
        let job = Job::Work(Box::new(move |link| {
            let done = link.and_then(|link| store::durably(link, &mut work));
            let _ = sender.send(done);
        }));
        self.writer.send(job).map_err(|_| Broken("the writer has stopped".into()))?;
        receiver.recv().map_err(|_| Broken("the writer has stopped".into()))?
    }

    pub(crate) fn send(&self, job: Job) {
        let _ = self.writer.send(job);
    }
}

/// The writer's link, and whether it may be used.
pub struct Pen {
    pub link: Box<dyn Link>,
    pub place: Place,
    /// `None` when no other node shares the store.
    pub role: Option<Arc<Role>>,
    pub epoch: Option<u64>,
}

impl Pen {
    /// The link, if this node writes. A lost one is opened again; what another node wrote in between is read.
    fn take(&mut self, scribe: &Scribe) -> Result<&dyn Link, Denied> {
        let Some(role) = &self.role else { return Ok(&*self.link) };
        let epoch = role.epoch().ok_or(Denied::Busy)?;
        if self.link.is_lost() {
            self.link = self.place.writer()?;
        }
        self.link.fence(Some(epoch));
        if self.epoch.replace(epoch) != Some(epoch) {
            // The writer before may have had a clock that is ahead of ours.
            if let Some(last) = fact::last_moment(&*self.link)? {
                scribe.clock.not_before(last);
            }
            scribe.has_new_rules.store(true, Ordering::Relaxed);
            scribe.recent.forget();
            scribe.publish(&*self.link);
        }
        Ok(&*self.link)
    }

    /// After each turn: who was refused because of the lease does not try again.
    fn put_down(&self) {
        if let (Some(role), Some(epoch), true) = (&self.role, self.epoch, self.link.is_fenced_off()) {
            role.step_down(epoch);
        }
    }
}

/// The writer's life.
pub fn write_all(mut pen: Pen, scribe: &Scribe, keys: &crate::Keys, jobs: &Receiver<Job>) {
    while let Ok(first) = jobs.recv() {
        let mut batch = Vec::new();
        let mut size = 0;
        let mut next = Some(first);
        let mut after = None;
        while let Some(job) = next.take() {
            match job {
                Job::Run(asks, answer) => {
                    size += asks.len();
                    batch.push((Work::Asks(asks), answer));
                }
                Job::Endorse { pending, by, agrees, answer } => {
                    batch.push((Work::Endorse(pending, by, agrees), answer))
                }
                other => after = Some(other),
            }
            if size < BATCH_MAX && after.is_none() {
                next = jobs.try_recv().ok();
            }
        }
        let link = pen.take(scribe);
        commit(&link, scribe, &batch);
        match after {
            Some(Job::Try(ask, answer)) => {
                let tried = link.and_then(|link| scribe.try_out(link, &ask));
                let _ = answer.send(vec![tried]);
            }
            Some(Job::Seal(now, answer)) => {
                let sealed = may_write(&link).and_then(|link| seal::seal(link, keys, &scribe.heads, now));
                if let Err(broken) = &sealed {
                    tracing::error!(%broken, "sealing failed");
                }
                if let Some(answer) = answer {
                    let _ = answer.send(sealed);
                }
            }
            Some(Job::Work(work)) => work(may_write(&link)),
            Some(Job::Stop) => {
                pen.link.empty_aside();
                return;
            }
            _ => {}
        }
        pen.put_down();
    }
}

enum Work {
    Asks(Vec<Ask>),
    Endorse(Id, Asker, bool),
}

impl Work {
    /// How many answers it gets.
    fn count(&self) -> usize {
        if let Self::Asks(asks) = self { asks.len() } else { 1 }
    }
}

fn may_write<'a>(link: &Result<&'a dyn Link, Denied>) -> Result<&'a dyn Link, Broken> {
    match link {
        Ok(link) => Ok(*link),
        Err(Denied::Broken(broken)) => Err(Broken(broken.clone())),
        Err(_) => Err(Broken("this node does not write".into())),
    }
}

fn commit(link: &Result<&dyn Link, Denied>, scribe: &Scribe, batch: &[(Work, Sender<Vec<Answer>>)]) {
    if batch.is_empty() {
        return;
    }
    let done = link.clone().and_then(|link| keep_all(link, scribe, batch));
    let answers: Vec<Vec<Answer>> = done.unwrap_or_else(|denied| {
        batch.iter().map(|(work, _)| vec![Err(denied.clone()); work.count()]).collect()
    });
    batch.iter().zip(answers).for_each(|((_, sender), each)| drop(sender.send(each)));
}

fn keep_all(
    link: &dyn Link,
    scribe: &Scribe,
    batch: &[(Work, Sender<Vec<Answer>>)],
) -> Result<Vec<Vec<Answer>>, Denied> {
    let mut done = keep_batch(link, scribe, batch, Marks::Few);
    if let Err(Torn::Within(broken)) = &done {
        tracing::warn!(%broken, "a batch is written again, each ask by itself");
        done = keep_batch(link, scribe, batch, Marks::Each);
    }
    scribe.publish(link);
    // Nothing has happened; another node will answer the next try.
    done.map_err(|torn| if link.is_fenced_off() { Denied::Busy } else { torn.into_broken().into() })
}

/// How a batch is written.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Marks {
    /// An ask is refused before anything of it is written, so nothing has to be undone, and marks cost much. When
    /// something breaks all the same, none of the batch is kept.
    Few,
    /// One before each ask, so that what breaks in one takes only that one with it.
    Each,
}

/// Why nothing of a batch was kept.
enum Torn {
    /// An ask broke while others had been written before it.
    Within(Broken),
    AtEnd(Broken),
}

impl Torn {
    fn into_broken(self) -> Broken {
        let (Self::Within(broken) | Self::AtEnd(broken)) = self;
        broken
    }
}

fn keep_batch(
    link: &dyn Link,
    scribe: &Scribe,
    batch: &[(Work, Sender<Vec<Answer>>)],
    marks: Marks,
) -> Result<Vec<Vec<Answer>>, Torn> {
    let (mut is_again, mut is_within) = (false, false);
    let done = store::durably(link, |link| {
        if std::mem::replace(&mut is_again, true) {
            scribe.recent.forget();
        }
        let mut answers = Vec::with_capacity(batch.len());
        for (work, _) in batch {
            let kept = keep(link, scribe, work, marks);
            if let (Some(Err(Denied::Broken(broken))), Marks::Few) = (kept.last(), marks) {
                is_within = true;
                return Err(Broken(broken.clone()));
            }
            answers.push(kept);
        }
        link.flush().inspect_err(|_| is_within = marks == Marks::Few)?;
        Ok(answers)
    });
    done.map_err(|broken| {
        scribe.recent.forget();
        if is_within { Torn::Within(broken) } else { Torn::AtEnd(broken) }
    })
}

/// The answers to a piece of work. With few marks those after one that broke are left out.
fn keep(link: &dyn Link, scribe: &Scribe, work: &Work, marks: Marks) -> Vec<Answer> {
    match (work, marks) {
        (Work::Endorse(pending, by, agrees), _) => vec![scribe.endorse(link, *pending, *by, *agrees)],
        (Work::Asks(asks), Marks::Each) => asks.iter().map(|ask| scribe.keep(link, ask)).collect(),
        (Work::Asks(asks), Marks::Few) => {
            let mut answers = Vec::with_capacity(asks.len());
            for ask in asks {
                let answer = scribe.keep_unmarked(link, ask);
                let is_broken = matches!(answer, Err(Denied::Broken(_)));
                answers.push(answer);
                if is_broken {
                    break;
                }
            }
            answers
        }
    }
}
