//! Case: one command and everything it causes, played in memory before a byte is kept.
//!
//! The registry plays cases over its store, tests play them over a map; both use this one piece of code, so
//! that what a test has seen is what production does. All of a case happens, or none of it.

use std::{collections::BTreeMap, sync::Arc};

use serde_json::Value;

use crate::{
    card::Cards,
    clerk::{Clerk, Desks, Refusal, Standing},
    desk::{Ctx, Step, Tell},
    form::{Fault, join},
    kinds::{Day, Id, Moment, REGION_ALL},
    lot::{Anchor, Lot, fixed},
    rules::Rules,
    viewer::{Viewer, Who},
};

const DEPTH_MAX: u8 = 4;

/// A record as it lies in the drawer.
#[derive(Clone, Debug)]
pub struct Stored {
    pub desk: &'static str,
    pub standing: Standing,
    /// How many events it has had.
    pub sequence: u32,
    pub born: Day,
}

/// Where records lie between cases.
pub trait Shelf {
    fn stored(&self, id: Id) -> Option<Stored>;
    /// The same, where a shelf keeps what it has read.
    fn shared(&self, id: Id) -> Option<Arc<Stored>> {
        self.stored(id).map(Arc::new)
    }
    /// A sealed value, by its commitment. Only the clock's commands are shown it.
    fn opened(&self, _commitment: &str) -> Option<Value> {
        None
    }
    /// The first signed checkpoint that covers the record's last fact.
    fn anchor(&self, _record: Id) -> Option<Anchor> {
        None
    }
    /// Makes a secret, to be kept sealed with the case, and promises it. Where nothing is kept, none is made.
    fn promise(&self) -> Lot {
        Lot::of(&fixed::SECRET)
    }
}

/// One event of the case.
#[derive(Clone, Debug)]
pub struct Said {
    pub desk: &'static str,
    pub record: Id,
    /// 1 for the record's first event.
    pub sequence: u32,
    pub event: Value,
    /// The desk that told it; `None` for the command that was asked.
    pub told_by: Option<&'static str>,
}

/// Why a case did not happen.
#[derive(Clone, Debug, PartialEq)]
pub enum Refused {
    NoSuchDesk(String),
    /// There is none, or the asker may not know of it.
    NoSuchRecord(Id),
    /// A field names a record that is not there.
    Unreadable(Vec<Fault>),
    /// The charter does not allow it; what it would allow.
    NotAllowed(Vec<String>),
    Because(Refusal),
    /// Another record has this key already.
    Taken {
        key: String,
        by: Option<Id>,
    },
    /// A desk told too deep or too much: a defect, worded as one.
    TooMuch,
}

impl Refused {
    /// The same, as what was asked first knows it: what a told record says is about this field of it.
    fn about(self, path: &str) -> Self {
        match self {
            Self::Because(refusal) => {
                let about = refusal.about.map_or_else(|| path.to_owned(), |inner| join(path, &inner));
                Self::Because(Refusal { about: Some(about), ..refusal })
            }
            Self::Unreadable(faults) => {
                let inside = |fault: Fault| Fault { field: join(path, &fault.field), ..fault };
                Self::Unreadable(faults.into_iter().map(inside).collect())
            }
            other => other,
        }
    }
}

/// The world a case is played in.
pub struct Stage<'a> {
    pub desks: &'a Desks,
    pub shelf: &'a dyn Shelf,
    pub rules: &'a Rules,
    pub now: Moment,
    /// Names for records the case opens: desk and running number.
    pub name: &'a dyn Fn(&str, u32) -> Id,
}

/// What a case has done so far.
#[derive(Default)]
pub struct Case {
    pub said: Vec<Said>,
    pub changed: BTreeMap<Id, Arc<Stored>>,
    /// What those that have changed were before; a new record is not in it.
    pub before: BTreeMap<Id, Arc<Stored>>,
    steps: usize,
    /// What the desk where it began allows.
    steps_max: usize,
    opened: std::cell::Cell<u32>,
}

/// A command on its way to a record.
struct Asked<'a> {
    desk: &'a dyn Clerk,
    record: Id,
    command: &'a Value,
    by: &'a Viewer,
    depth: u8,
}

impl Case {
    /// Plays a command. `record` is `None` for one that opens a new record, whose name is returned.
    ///
    /// # Errors
    /// Why nothing happens.
    pub fn ask(
        &mut self,
        stage: &Stage,
        desk: &str,
        record: Option<Id>,
        command: &Value,
        by: &Viewer,
    ) -> Result<Id, Refused> {
        let clerk = stage.desks.find(desk).ok_or_else(|| Refused::NoSuchDesk(desk.into()))?;
        let opens =
            command.get("verb").and_then(Value::as_str).is_some_and(|verb| clerk.opens().contains(&verb));
        let record = match record {
            Some(id)
                if self
                    .stored(stage, id)
                    .is_some_and(|s| s.desk == clerk.name() && may_know(clerk, &s, by)) =>
            {
                id
            }
            Some(id) => return Err(Refused::NoSuchRecord(id)),
            None if opens => self.fresh(stage, desk),
            None => return Err(not_now(clerk)),
        };
        self.steps_max = clerk.steps_max();
        self.play(stage, &Asked { desk: clerk, record, command, by, depth: 0 })?;
        Ok(record)
    }

    fn fresh(&self, stage: &Stage, desk: &str) -> Id {
        self.opened.set(self.opened.get() + 1);
        (stage.name)(desk, self.opened.get())
    }

    fn stored(&self, stage: &Stage, id: Id) -> Option<Arc<Stored>> {
        self.changed.get(&id).cloned().or_else(|| stage.shelf.shared(id))
    }

    fn play(&mut self, stage: &Stage, asked: &Asked) -> Result<(), Refused> {
        self.steps += 1;
        if asked.depth > DEPTH_MAX || self.steps > self.steps_max {
            return Err(Refused::TooMuch);
        }
        let clerk = asked.desk;
        let before = self.stored(stage, asked.record);
        let who = clerk.who(asked.command).ok_or_else(|| not_now(clerk))?;
        if let Some(stored) = &before {
            allow(who, asked.by, stored)?;
        }
        let seen = self.cards(stage, asked)?;
        let steps = self.decide(stage, asked, before.as_deref(), &seen)?;
        let mut waiting: Vec<Value> = Vec::new();
        for step in steps {
            match step {
                // What is said in a row is folded at once: a record of many parts is read and written one time.
                Step::Say(event) => waiting.push(event),
                Step::Tell(tell) => {
                    self.say(stage, asked, who, std::mem::take(&mut waiting))?;
                    self.tell(stage, asked, &tell)?;
                }
            }
        }
        self.say(stage, asked, who, waiting)
    }

    fn decide(
        &self,
        stage: &Stage,
        asked: &Asked,
        before: Option<&Stored>,
        seen: &Cards,
    ) -> Result<Vec<Step<Value>>, Refused> {
        let fresh = |desk: &str, _: u32| self.fresh(stage, desk);
        let ctx = Ctx {
            now: stage.now,
            by: asked.by,
            me: asked.record,
            born: before.map_or(stage.now.day(), |stored| stored.born),
            region: before
                .map_or_else(|| region_in(asked.command, seen), |stored| stored.standing.card.scope()),
            seen,
            rules: stage.rules,
            fresh: &fresh,
            sealed: &|commitment| stage.shelf.opened(commitment),
            promise: &|| stage.shelf.promise(),
            anchor: &|| {
                let is_kept = !self.changed.contains_key(&asked.record);
                is_kept.then(|| stage.shelf.anchor(asked.record)).flatten()
            },
        };
        let state = before.map(|stored| &stored.standing.state);
        asked.desk.decide(state, asked.command, &ctx).map_err(Refused::Because)
    }

    fn say(&mut self, stage: &Stage, asked: &Asked, who: Who, events: Vec<Value>) -> Result<(), Refused> {
        let Some(first) = events.first() else { return Ok(()) };
        let (desk, record) = (asked.desk.name(), asked.record);
        let before = self.stored(stage, record);
        let (mut sequence, born) = match &before {
            Some(stored) => (stored.sequence, stored.born),
            None => {
                // Who may ask for a new record is told by the card it begins with.
                let (standing, born) = (asked.desk.apply(None, &[first]), stage.now.day());
                allow(who, asked.by, &Stored { desk, standing, sequence: 1, born })?;
                (0, born)
            }
        };
        let state = before.as_ref().map(|stored| &stored.standing.state);
        let standing = asked.desk.apply(state, &events.iter().collect::<Vec<_>>());
        for event in events {
            sequence += 1;
            self.said.push(Said { desk, record, sequence, event, told_by: asked.by.told_by });
        }
        let earlier = self.changed.insert(record, Arc::new(Stored { desk, standing, sequence, born }));
        if let (None, Some(before)) = (earlier, before) {
            self.before.insert(record, before);
        }
        Ok(())
    }

    fn tell(&mut self, stage: &Stage, asked: &Asked, tell: &Tell) -> Result<(), Refused> {
        let clerk = stage.desks.find(tell.desk).ok_or_else(|| Refused::NoSuchDesk(tell.desk.into()))?;
        if !stage.desks.may_tell(asked.desk.name(), tell.desk) {
            return Err(Refused::TooMuch);
        }
        let told = self.stored(stage, tell.record);
        let opens =
            tell.command.get("verb").and_then(Value::as_str).is_some_and(|v| clerk.opens().contains(&v));
        if told.map_or(!opens, |stored| stored.desk != tell.desk) {
            return Err(Refused::NoSuchRecord(tell.record));
        }
        let by = Viewer { told_by: Some(asked.desk.name()), teller: Some(asked.record), ..asked.by.clone() };
        let next = Asked {
            desk: clerk,
            record: tell.record,
            command: &tell.command,
            by: &by,
            depth: asked.depth + 1,
        };
        self.play(stage, &next).map_err(|refused| match &tell.about {
            Some(path) => refused.about(path),
            None => refused,
        })
    }

    /// The cards of every record the command names, or the faults of those that are not there.
    fn cards(&self, stage: &Stage, asked: &Asked) -> Result<Cards, Refused> {
        let mut cards = Cards::default();
        let mut faults = Vec::new();
        let verb = asked.command.get("verb").and_then(Value::as_str).and_then(|name| asked.desk.verb(name));
        let Some(verb) = verb else { return Ok(cards) };
        verb.form.walk(&mut asked.command.clone(), &mut |path, kind, leaf| {
            let crate::form::Kind::Ref(desk) = kind else { return };
            let id = leaf.as_str().and_then(|text| text.parse::<Id>().ok());
            let stored = id.and_then(|id| self.stored(stage, id)).filter(|stored| {
                let known = stage.desks.find(stored.desk);
                (desk.is_empty() || stored.desk == desk)
                    && known.is_some_and(|c| may_know(c, stored, asked.by))
            });
            match (id, stored) {
                (Some(id), Some(stored)) => cards.put(id, Arc::clone(&stored.standing.card)),
                _ => faults.push(Fault::new(path, "no-such-record")),
            }
        });
        if faults.is_empty() { Ok(cards) } else { Err(Refused::Unreadable(faults)) }
    }
}

/// Whether the asker may know that the record exists. What a desk tells has been decided already.
fn may_know(clerk: &dyn Clerk, stored: &Stored, by: &Viewer) -> bool {
    by.is_clock
        || by.told_by.is_some()
        || stored.standing.public.is_some()
        || clerk.may_know(&stored.standing.state, by)
}

fn allow(who: Who, by: &Viewer, stored: &Stored) -> Result<(), Refused> {
    if who.allows(by, &stored.standing.card) { Ok(()) } else { Err(Refused::NotAllowed(who.names())) }
}

fn not_now(clerk: &dyn Clerk) -> Refused {
    Refused::Because(Refusal {
        desk: clerk.name().into(),
        code: "not-now".into(),
        facts: Value::Null,
        rule: None,
        about: None,
    })
}

/// The region whose rules hold for a new record: the one the command states, or that of a record it names.
fn region_in(command: &Value, seen: &Cards) -> crate::kinds::Region {
    let stated = command.get("region").and_then(Value::as_str).and_then(|text| text.parse().ok());
    stated.or_else(|| seen.regions().next()).unwrap_or(REGION_ALL)
}
