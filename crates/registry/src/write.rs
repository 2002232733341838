//! Write: one ask, from the command to its durable rows. Runs on the writer's thread only.

use std::{
    cell::RefCell,
    panic::{AssertUnwindSafe, catch_unwind},
    sync::{
        Arc, RwLock,
        atomic::{AtomicBool, AtomicU64, Ordering},
    },
};

use chain::leaf;
use grammar::{
    case::{Case, Refused, Said, Shelf, Stage, Stored},
    clerk::Desks,
    form::Kind,
    kinds::{Id, Moment, commitment},
    rules::Rules,
    viewer::{Viewer, Who},
};
use rusqlite::{Connection, OptionalExtension, Transaction, params};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

use crate::{
    Ask, Asker, Broken, Chance, Clock, Denied, Receipt, charter, forget, run::Answer, seal::Nodes, store,
    view,
};

const KEY_MAX: usize = 200;

/// What the writer knows beside its connection.
pub struct Scribe {
    pub desks: &'static Desks,
    pub clock: Arc<dyn Clock>,
    pub chance: Arc<dyn Chance>,
    pub rules: Arc<RwLock<Arc<Rules>>>,
    pub size: Arc<AtomicU64>,
    /// Makes names of records that nobody can guess and that the same ask always gets.
    pub secret: [u8; 32],
    pub is_demo: bool,
    /// Someone was erased in this batch: what the write-ahead log still holds must go too.
    pub has_erased: AtomicBool,
    /// A rule was adopted in this batch.
    pub has_new_rules: AtomicBool,
    pub views: view::Views,
}

/// A value that does not go into the log.
struct Part {
    commitment: String,
    is_sealed: bool,
    salt: [u8; 32],
    value: Value,
}

/// A case as played, before it is kept.
struct Played {
    case: Case,
    /// The command with commitments in the place of what does not go into the log.
    command: Value,
    record: Id,
    now: Moment,
    who: Option<Who>,
    parts: Vec<Part>,
}

/// The store as a case sees it; keeps the first thing that broke.
struct Drawers<'a> {
    connection: &'a Connection,
    desks: &'static Desks,
    broken: RefCell<Option<Broken>>,
}

impl Shelf for Drawers<'_> {
    fn stored(&self, id: Id) -> Option<Stored> {
        store::stored(self.connection, self.desks, id).unwrap_or_else(|broken| {
            self.broken.borrow_mut().get_or_insert(broken);
            None
        })
    }

    fn opened(&self, commitment: &str) -> Option<Value> {
        let mut query = self
            .connection
            .prepare_cached("SELECT value FROM parts WHERE commitment = $1 AND is_sealed = 1")
            .ok()?;
        let text: String = query.query_row([commitment], |row| row.get(0)).ok()?;
        serde_json::from_str(&text).ok()
    }
}

impl Scribe {
    /// Keeps one ask in its own savepoint.
    pub fn keep(&self, transaction: &mut Transaction, ask: &Ask) -> Answer {
        let savepoint = transaction.savepoint().map_err(Broken::from)?;
        let answer = self.answer(&savepoint, ask, None);
        if answer.is_ok() {
            savepoint.commit().map_err(Broken::from)?;
        }
        answer
    }

    /// Plays an ask and keeps nothing.
    pub fn try_out(&self, connection: &mut Connection, ask: &Ask) -> Answer {
        let mut transaction = connection.transaction().map_err(Broken::from)?;
        let savepoint = transaction.savepoint().map_err(Broken::from)?;
        self.answer(&savepoint, ask, None)
    }

    /// The second pair of eyes.
    pub fn endorse(&self, transaction: &mut Transaction, pending: Id, by: Asker, agrees: bool) -> Answer {
        let savepoint = transaction.savepoint().map_err(Broken::from)?;
        let answer = self.endorse_in(&savepoint, pending, by, agrees);
        if answer.is_ok() {
            savepoint.commit().map_err(Broken::from)?;
        }
        answer
    }

    fn endorse_in(&self, connection: &Connection, pending: Id, by: Asker, agrees: bool) -> Answer {
        let text: Option<String> = connection
            .query_row("SELECT ask FROM pending WHERE id = $1", [pending.as_str()], |row| row.get(0))
            .optional()
            .map_err(Broken::from)?;
        let ask: Ask = match text {
            Some(text) => serde_json::from_str(&text).map_err(Broken::from)?,
            None => return Err(Refused::NoSuchRecord(pending).into()),
        };
        connection.execute("DELETE FROM pending WHERE id = $1", [pending.as_str()]).map_err(Broken::from)?;
        if !agrees && by == ask.by {
            return Ok(self.withdrawn(&ask, pending));
        }
        if by == ask.by {
            return Err(Denied::SamePerson);
        }
        let ask = Ask { key: format!("{}/{pending}", ask.key), ..ask };
        if agrees {
            return self.answer(connection, &ask, Some(by));
        }
        let played = self.play(connection, &ask, true)?;
        self.may_endorse(connection, &played, by)?;
        Ok(self.withdrawn(&ask, pending))
    }

    fn withdrawn(&self, ask: &Ask, pending: Id) -> Receipt {
        let record = ask.record.unwrap_or(pending);
        Receipt {
            case: 0,
            record,
            sequence: 0,
            at: self.clock.now(),
            position: 0,
            facts: 0,
            pending: None,
            is_repeat: false,
        }
    }

    fn may_endorse(&self, connection: &Connection, played: &Played, by: Asker) -> Result<(), Denied> {
        let viewer = self.viewer(connection, by, played.now)?;
        let card = played.case.changed.get(&played.record).map(|stored| &stored.standing.card);
        match (played.who, card) {
            (Some(who), Some(card)) if who.allows(&viewer, card) => Ok(()),
            (Some(who), _) => Err(Refused::NotAllowed(who.names()).into()),
            (None, _) => Err(Refused::NotAllowed(vec![]).into()),
        }
    }

    fn answer(&self, connection: &Connection, ask: &Ask, endorsed: Option<Asker>) -> Answer {
        if ask.key.is_empty() || ask.key.len() > KEY_MAX {
            return Err(Denied::Broken("a key has 1 to 200 characters".into()));
        }
        let earlier: Option<String> = connection
            .prepare_cached("SELECT body FROM receipts WHERE key = $1")
            .and_then(|mut query| query.query_row([&ask.key], |row| row.get(0)).optional())
            .map_err(Broken::from)?;
        if let Some(body) = earlier {
            let receipt: Receipt = serde_json::from_str(&body).map_err(Broken::from)?;
            return Ok(Receipt { is_repeat: true, ..receipt });
        }
        let played = self.play(connection, ask, endorsed.is_some())?;
        if let Some(second) = endorsed {
            self.may_endorse(connection, &played, second)?;
        }
        let needs_two =
            played.who.is_some_and(Who::needs_two) && ask.by != Asker::Founder && endorsed.is_none();
        let receipt = if needs_two {
            self.wait(connection, ask, &played)?
        } else {
            self.write(connection, ask, endorsed, &played)?
        };
        let body = serde_json::to_string(&receipt).map_err(Broken::from)?;
        connection
            .prepare_cached("INSERT INTO receipts (key, body) VALUES ($1, $2)")
            .and_then(|mut insert| insert.execute(params![ask.key, body]))
            .map_err(Broken::from)?;
        Ok(receipt)
    }

    fn viewer(&self, connection: &Connection, by: Asker, now: Moment) -> Result<Viewer, Broken> {
        match by {
            Asker::Person(person) => charter::viewer(connection, person, now.day()),
            Asker::Public => Ok(Viewer::public()),
            Asker::Clock => Ok(Viewer::clock()),
            Asker::Founder => Ok(charter::founder()),
        }
    }

    fn play(&self, connection: &Connection, ask: &Ask, is_covered: bool) -> Result<Played, Denied> {
        let now = self.clock.now();
        let by = self.viewer(connection, ask.by, now)?;
        let (command, parts) = self.cover(ask, is_covered);
        let rules = self.rules.read().map(|rules| rules.clone()).unwrap_or_default();
        let drawers = Drawers { connection, desks: self.desks, broken: RefCell::default() };
        let name = |desk: &str, n: u32| self.name(desk, &ask.key, n);
        let stage = Stage { desks: self.desks, shelf: &drawers, rules: &rules, now, name: &name };
        let mut case = Case::default();
        let outcome =
            catch_unwind(AssertUnwindSafe(|| case.ask(&stage, &ask.desk, ask.record, &command, &by)));
        if let Some(broken) = drawers.broken.take() {
            return Err(broken.into());
        }
        // Whether it has changed is said only of a record the asker may know of.
        if !matches!(outcome, Ok(Err(Refused::NoSuchRecord(_)))) {
            self.is_unchanged(connection, ask)?;
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

    fn is_unchanged(&self, connection: &Connection, ask: &Ask) -> Result<(), Denied> {
        let (Some(seen), Some(record)) = (ask.seen, ask.record) else { return Ok(()) };
        match store::row(connection, record)? {
            Some(row) if row.sequence != seen => Err(Denied::Changed { sequence: row.sequence }),
            _ => Ok(()),
        }
    }

    /// Puts commitments in the place of personal and sealed values. What waited for a second person has been
    /// covered already.
    fn cover(&self, ask: &Ask, is_covered: bool) -> (Value, Vec<Part>) {
        let mut command = ask.command.clone();
        let mut parts = Vec::new();
        let verb = command.get("verb").and_then(Value::as_str).unwrap_or("").to_owned();
        let verb = self.desks.find(&ask.desk).and_then(|clerk| clerk.verb(&verb));
        if let Some(verb) = verb {
            verb.form.walk(&mut command, &mut |_, kind, leaf| {
                if let (Kind::Personal(_) | Kind::Sealed(_), false) = (kind, is_covered) {
                    let salt = self.chance.bytes();
                    let value = std::mem::take(leaf);
                    let commitment = commitment(&salt, &value);
                    *leaf = commitment.as_str().into();
                    parts.push(Part { commitment, is_sealed: matches!(kind, Kind::Sealed(_)), salt, value });
                }
            });
        }
        (command, parts)
    }

    /// A name for a new record: the same for the same ask, and not to be guessed.
    fn name(&self, desk: &str, key: &str, n: u32) -> Id {
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

    /// Puts the ask aside for a second person.
    fn wait(&self, connection: &Connection, ask: &Ask, played: &Played) -> Answer {
        let id = self.name("endorsement", &ask.key, 0);
        self.keep_parts(connection, ask, played.record, &played.parts)?;
        let ask = Ask { command: played.command.clone(), ..ask.clone() };
        let who = played.who.map(Who::names).unwrap_or_default();
        let region =
            played.case.changed.get(&played.record).map_or(0, |stored| stored.standing.card.scope().number());
        let mut insert = connection
            .prepare_cached("INSERT INTO pending (id, ask, who, region, at) VALUES ($1, $2, $3, $4, $5)")
            .map_err(Broken::from)?;
        let (ask_text, who_text) = (json!(ask).to_string(), json!(who).to_string());
        insert
            .execute(params![id.as_str(), ask_text, who_text, region, played.now.in_millis()])
            .map_err(Broken::from)?;
        let record = ask.record.unwrap_or(id);
        Ok(Receipt {
            case: 0,
            record,
            sequence: 0,
            at: played.now,
            position: 0,
            facts: 0,
            pending: Some(id),
            is_repeat: false,
        })
    }

    fn write(&self, connection: &Connection, ask: &Ask, endorsed: Option<Asker>, played: &Played) -> Answer {
        self.keep_parts(connection, ask, played.record, &played.parts)?;
        let first = store::size(connection)?;
        let case_number = first;
        let is_demo =
            ask.is_demo || (self.is_demo && ask.by != Asker::Founder && !ask.key.starts_with("real/"));
        for (said, position) in played.case.said.iter().zip(first..) {
            let author = Author { ask, endorsed, now: played.now, case_number, is_demo };
            self.write_fact(connection, &author, said, position)?;
            if let Some(stored) = played.case.changed.get(&said.record) {
                self.views.fold(connection, self.desks, (said, &stored.standing), played.now)?;
            }
            if said.desk == "person" && said.event.get("event").and_then(Value::as_str) == Some("erased") {
                forget::erase(connection, said.record)?;
                self.has_erased.store(true, Ordering::Relaxed);
            }
            if said.desk == "rulebook" {
                self.has_new_rules.store(true, Ordering::Relaxed);
            }
        }
        for (id, stored) in &played.case.changed {
            let was_demo = store::row(connection, *id)?.is_some_and(|row| row.is_demo);
            let position = first + played.case.said.len() as u64 - 1;
            if let Err((key, by)) =
                store::put(connection, *id, stored, was_demo || is_demo, played.now, position)?
            {
                return Err(Refused::Taken { key, by: Some(by) }.into());
            }
        }
        let sequence = played.case.changed.get(&played.record).map_or(0, |stored| stored.sequence);
        let facts = played.case.said.len() as u64;
        Ok(Receipt {
            case: case_number,
            record: played.record,
            sequence,
            at: played.now,
            position: first,
            facts,
            pending: None,
            is_repeat: false,
        })
    }

    fn keep_parts(
        &self,
        connection: &Connection,
        ask: &Ask,
        record: Id,
        parts: &[Part],
    ) -> Result<(), Broken> {
        let subject = match ask.by {
            Asker::Person(person) if ask.desk != "person" => person,
            _ => record,
        };
        for part in parts {
            connection
                .prepare_cached("INSERT OR IGNORE INTO parts (commitment, subject, record, is_sealed, salt, value) VALUES ($1, $2, $3, $4, $5, $6)")?
                .execute(params![part.commitment, subject.as_str(), record.as_str(), part.is_sealed, part.salt, part.value.to_string()])?;
        }
        Ok(())
    }

    fn write_fact(
        &self,
        connection: &Connection,
        author: &Author,
        said: &Said,
        position: u64,
    ) -> Result<(), Broken> {
        let previous: Option<[u8; 32]> = connection
            .prepare_cached("SELECT entry FROM facts WHERE record = $1 AND sequence = $2")?
            .query_row(params![said.record.as_str(), said.sequence - 1], |row| row.get(0))
            .optional()?;
        let bytes = json!({
            "position": position,
            "case": author.case_number,
            "desk": said.desk,
            "record": said.record,
            "sequence": said.sequence,
            "previous": previous.map(|hash| leaf::Hash(hash).to_string()),
            "at": author.now,
            "by": author.ask.by,
            "endorsed": author.endorsed,
            "told_by": said.told_by,
            "demo": author.is_demo,
            "event": said.event,
        })
        .to_string();
        let salt = self.chance.bytes();
        let entry = leaf::entry(&salt, bytes.as_bytes());
        connection
            .prepare_cached("INSERT INTO facts (position, case_number, record, sequence, bytes, salt, entry) VALUES ($1, $2, $3, $4, $5, $6, $7)")?
            .execute(params![store::number(position), store::number(author.case_number), said.record.as_str(), said.sequence, bytes, salt, entry.0])?;
        Nodes(connection).append(position, leaf::leaf_hash(&entry.0))
    }

    /// Tells everyone how far the log has come, and reads adopted rules anew.
    pub fn publish(&self, connection: &Connection) {
        if self.has_erased.swap(false, Ordering::Relaxed) {
            store::empty_wal(connection);
        }
        if let Ok(size) = store::size(connection) {
            self.size.store(size, Ordering::Release);
        }
        if self.has_new_rules.swap(false, Ordering::Relaxed) {
            match (self.rules.write(), charter::rules(self.desks, connection)) {
                (Ok(mut rules), Ok(fresh)) => *rules = Arc::new(fresh),
                (_, fresh) => tracing::error!(broken = ?fresh.err(), "the rules could not be read anew"),
            }
        }
    }
}

/// Who stands behind the facts of a case.
struct Author<'a> {
    ask: &'a Ask,
    endorsed: Option<Asker>,
    now: Moment,
    case_number: u64,
    is_demo: bool,
}
