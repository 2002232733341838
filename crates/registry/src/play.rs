//! Play: one ask as a case, before anything of it is kept. Reads the store and changes nothing.

use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::Arc,
};

use grammar::{
    case::{Case, Refused, Shelf, Stage, Stored},
    clerk::Desks,
    form::Kind,
    kinds::{Id, Moment, commitment},
    lot::{Anchor, Lot, hex},
    viewer::{Viewer, Who},
};
use serde_json::Value;
use sha2::{Digest, Sha256};

use crate::{
    Ask, Asker, Broken, Chance, Denied, charter,
    recent::Recent,
    seal,
    store::{self, Link, cells},
    write::Scribe,
};

/// A case as played.
pub struct Played {
    pub case: Case,
    /// The command with commitments in the place of what does not go into the log.
    pub command: Value,
    pub record: Id,
    pub now: Moment,
    pub who: Option<Who>,
    pub parts: Vec<Part>,
}

/// A value that does not go into the log.
pub struct Part {
    pub commitment: String,
    pub is_sealed: bool,
    /// A secret of ours behind a promise of chance, not a value of the command.
    pub is_promise: bool,
    pub salt: [u8; 32],
    pub value: Value,
}

/// The store as a case sees it; keeps the first thing that broke.
struct Drawers<'a> {
    link: &'a dyn Link,
    recent: &'a Recent,
    desks: &'static Desks,
    broken: RefCell<Option<Broken>>,
    chance: &'a dyn Chance,
    /// Secrets of the draws that this case promises.
    lots: RefCell<Vec<Part>>,
}

impl Drawers<'_> {
    fn or_broken<T>(&self, found: Result<Option<T>, Broken>) -> Option<T> {
        found.unwrap_or_else(|broken| {
            self.broken.borrow_mut().get_or_insert(broken);
            None
        })
    }
}

impl Shelf for Drawers<'_> {
    fn stored(&self, id: Id) -> Option<Stored> {
        self.shared(id).map(Arc::unwrap_or_clone)
    }

    fn shared(&self, id: Id) -> Option<Arc<Stored>> {
        self.recent.record(id).or_else(|| {
            let (stored, size) = self.or_broken(store::sized(self.link, self.desks, id))?;
            let stored = Arc::new(stored);
            self.recent.put(id, &stored, size);
            Some(stored)
        })
    }

    fn opened(&self, commitment: &str) -> Option<Value> {
        self.or_broken(self.link.first(
            "SELECT value FROM parts WHERE commitment = $1 AND is_sealed = 1",
            cells![commitment],
            |row| Ok(serde_json::from_str(row.get(0)?)?),
        ))
    }

    fn anchor(&self, record: Id) -> Option<Anchor> {
        self.or_broken(seal::anchor(self.link, record))
    }

    /// The secret needs no salt: nobody guesses 32 bytes of chance.
    fn promise(&self) -> Lot {
        let secret = self.chance.bytes();
        let lot = Lot::of(&secret);
        let (commitment, value) = (lot.commitment().to_owned(), hex(&secret).into());
        self.lots.borrow_mut().push(Part {
            commitment,
            is_sealed: true,
            is_promise: true,
            salt: [0; 32],
            value,
        });
        lot
    }
}

impl Scribe {
    pub fn play(&self, link: &dyn Link, ask: &Ask, is_covered: bool) -> Result<Played, Denied> {
        let now = self.clock.now();
        let by = self.asker(link, ask, now)?;
        let (command, mut parts) = self.cover(ask, is_covered);
        let rules = self.rules.read().map(|rules| rules.clone()).unwrap_or_default();
        let drawers = Drawers {
            link,
            recent: &self.recent,
            desks: self.desks,
            broken: RefCell::default(),
            chance: &*self.chance,
            lots: RefCell::default(),
        };
        let name = |desk: &str, n: u32| self.name(desk, &ask.key, n);
        let stage = Stage { desks: self.desks, shelf: &drawers, rules: &rules, now, name: &name };
        let mut case = Case::default();
        let outcome =
            catch_unwind(AssertUnwindSafe(|| case.ask(&stage, &ask.desk, ask.record, &command, &by)));
        if let Some(broken) = drawers.broken.take() {
            return Err(broken.into());
        }
        parts.append(&mut drawers.lots.take());
        // Whether it has changed is said only of a record the asker may know of, to whoever may ask this of it.
        if !matches!(outcome, Ok(Err(Refused::NoSuchRecord(_) | Refused::NotAllowed(_)))) {
            is_unchanged(link, ask)?;
        }
        let record = match outcome {
            Ok(record) => record?,
            Err(_) => {
                return Err(Denied::Broken(format!(
                    "{} of {} stopped; the operator's log says why",
                    ask.key, ask.desk
                )));
            }
        };
        let who = self.desks.find(&ask.desk).and_then(|clerk| clerk.who(&command));
        Ok(Played { case, command, record, now, who, parts })
    }

    /// Who asks, with the rights of this ask: those of both when someone acts for another.
    fn asker(&self, link: &dyn Link, ask: &Ask, now: Moment) -> Result<Viewer, Denied> {
        let (Asker::Person(person), Some(other)) = (ask.by, ask.acting_for) else {
            return Ok(self.viewer(link, ask.by, now)?);
        };
        if charter::is_deputy(link, person, other, now.day())? {
            Ok(charter::deputy(link, person, other, now.day())?)
        } else {
            Err(Refused::NotAllowed(vec!["party:deputy".into()]).into())
        }
    }

    pub fn viewer(&self, link: &dyn Link, by: Asker, now: Moment) -> Result<Viewer, Broken> {
        match by {
            Asker::Person(person) => match self.recent.viewer(person, now.day()) {
                Some(viewer) => Ok(viewer),
                None => {
                    let viewer = charter::viewer(link, person, now.day())?;
                    self.recent.put_viewer(person, now.day(), &viewer);
                    Ok(viewer)
                }
            },
            Asker::Public => Ok(Viewer::public()),
            Asker::Clock => Ok(Viewer::clock()),
            Asker::Founder => Ok(charter::founder()),
        }
    }

    /// Puts commitments in the place of personal and sealed values. What waited for a second person has been
    /// covered already.
    fn cover(&self, ask: &Ask, is_covered: bool) -> (Value, Vec<Part>) {
        let mut parts = Vec::new();
        if is_covered {
            return (ask.command.clone(), parts);
        }
        let command = self.blanked(ask, &mut |is_sealed, value| {
            let salt = self.chance.bytes();
            let commitment = commitment(&salt, &value);
            let cover = commitment.as_str().into();
            parts.push(Part { commitment, is_sealed, is_promise: false, salt, value });
            cover
        });
        (command, parts)
    }

    /// The command with something else in the place of each personal or sealed value; `cover` is told whether
    /// it is a sealed one.
    pub fn blanked(&self, ask: &Ask, cover: &mut dyn FnMut(bool, Value) -> Value) -> Value {
        let mut command = ask.command.clone();
        let verb = command.get("verb").and_then(Value::as_str).unwrap_or("").to_owned();
        let verb = self.desks.find(&ask.desk).and_then(|clerk| clerk.verb(&verb));
        if let Some(verb) = verb {
            verb.form.walk(&mut command, &mut |_, kind, leaf| {
                if let Kind::Personal(_) | Kind::Sealed(_) = kind {
                    *leaf = cover(matches!(kind, Kind::Sealed(_)), std::mem::take(leaf));
                }
            });
        }
        command
    }

    /// A name for a new record: the same for the same ask, and not to be guessed.
    pub fn name(&self, desk: &str, key: &str, n: u32) -> Id {
        const LETTERS: &[u8; 32] = b"0123456789abcdefghjkmnpqrstvwxyz";
        let digest = Sha256::new()
            .chain_update(self.secret)
            .chain_update(key)
            .chain_update(n.to_be_bytes())
            .finalize();
        let tail: String = digest
            .iter()
            .take(10)
            .filter_map(|b| LETTERS.get(usize::from(b % 32)))
            .map(|b| char::from(*b))
            .collect();
        format!("{desk}-{tail}").parse().unwrap_or(Id::named("none"))
    }
}

fn is_unchanged(link: &dyn Link, ask: &Ask) -> Result<(), Denied> {
    let (Some(seen), Some(record)) = (ask.seen, ask.record) else { return Ok(()) };
    match store::sequence(link, record)? {
        Some(sequence) if sequence != seen => Err(Denied::Changed { sequence }),
        _ => Ok(()),
    }
}
