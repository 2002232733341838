//! Write: one ask, from the command to its durable rows. Runs on the writer's thread only.

use std::sync::{
    Arc, RwLock,
    atomic::{AtomicBool, AtomicU64, Ordering},
};

use chain::{casefile::Opening, leaf};
use grammar::{
    case::{Refused, Said},
    clerk::Desks,
    kinds::{Id, Moment},
    rules::Rules,
    viewer::Who,
};
use serde_json::{Value, json};

use crate::{
    Ask, Asker, Broken, Chance, Clock, Denied, Receipt,
    casefile::Actors,
    charter, forget, heads,
    play::{Part, Played},
    print::Answered,
    recent::Recent,
    run::Answer,
    seal::Nodes,
    store::{self, Link, cells},
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
    /// Where each record's case ends: every checkpoint carries it.
    pub heads: heads::Followed,
    pub is_demo: bool,
    /// Someone was erased in this batch: what the write-ahead log still holds must go too.
    pub has_erased: AtomicBool,
    /// A rule was adopted in this batch.
    pub has_new_rules: AtomicBool,
    pub views: view::Views,
    pub recent: Recent,
}

impl Scribe {
    /// Keeps one ask so that it disturbs no other of its batch when it comes to nothing.
    pub fn keep(&self, link: &dyn Link, ask: &Ask) -> Answer {
        self.apart(link, || self.answer(link, ask, None))
    }

    /// Keeps one ask. Whoever calls it gives up all that was begun when it breaks; an ask that is refused has written
    /// nothing.
    pub fn keep_unmarked(&self, link: &dyn Link, ask: &Ask) -> Answer {
        self.answer(link, ask, None)
    }

    /// The second pair of eyes.
    pub fn endorse(&self, link: &dyn Link, pending: Id, by: Asker, agrees: bool) -> Answer {
        self.apart(link, || self.endorse_in(link, pending, by, agrees))
    }

    /// Does something within a batch so that nothing of it is left when it comes to nothing, which may come out only
    /// when it is kept.
    fn apart(&self, link: &dyn Link, work: impl FnOnce() -> Answer) -> Answer {
        link.mark()?;
        let answer = work().and_then(|receipt| link.keep().map(|()| receipt).map_err(Denied::from));
        if answer.is_err() {
            self.recent.forget();
            link.undo()?;
        }
        answer
    }

    /// Plays an ask and keeps nothing.
    pub fn try_out(&self, link: &dyn Link, ask: &Ask) -> Answer {
        link.begin()?;
        let answer = self.answer(link, ask, None);
        link.roll_back();
        self.recent.forget();
        answer
    }

    fn endorse_in(&self, link: &dyn Link, pending: Id, by: Asker, agrees: bool) -> Answer {
        let waiting = link.first("SELECT ask FROM pending WHERE id = $1", cells![pending], |row| {
            Ok(serde_json::from_str::<Ask>(row.get(0)?)?)
        })?;
        let ask = waiting.ok_or(Refused::NoSuchRecord(pending))?;
        link.put("DELETE FROM pending WHERE id = $1", cells![pending])?;
        let withdrawn = Receipt::without_facts(ask.record.unwrap_or(pending), self.clock.now(), None);
        // Two persons who act for each other are one pair of eyes.
        let is_other_self = ask.acting_for.is_some_and(|other| by == Asker::Person(other));
        if by == ask.by || is_other_self {
            return if agrees { Err(Denied::SamePerson) } else { Ok(withdrawn) };
        }
        let ask = Ask { key: format!("{}/{pending}", ask.key), ..ask };
        if agrees {
            return self.answer(link, &ask, Some(by));
        }
        let played = self.play(link, &ask, true)?;
        self.may_endorse(link, &played, by)?;
        Ok(withdrawn)
    }

    fn may_endorse(&self, link: &dyn Link, played: &Played, by: Asker) -> Result<(), Denied> {
        let viewer = self.viewer(link, by, played.now)?;
        let card = played.case.changed.get(&played.record).map(|stored| &stored.standing.card);
        match (played.who, card) {
            (Some(who), Some(card)) if who.allows(&viewer, card) => Ok(()),
            (Some(who), _) => Err(Refused::NotAllowed(who.names()).into()),
            (None, _) => Err(Refused::NotAllowed(vec![]).into()),
        }
    }

    fn answer(&self, link: &dyn Link, ask: &Ask, endorsed: Option<Asker>) -> Answer {
        if ask.key.is_empty() || ask.key.chars().nth(KEY_MAX).is_some() {
            return Err(Denied::Broken("a key has 1 to 200 characters".into()));
        }
        let earlier: Option<Answered> =
            link.first("SELECT body FROM receipts WHERE key = $1", cells![ask.key], |row| {
                Ok(serde_json::from_str(row.get(0)?)?)
            })?;
        if let Some(answered) = earlier {
            return if self.is_same(link, ask, &answered)? {
                Ok(Receipt { is_repeat: true, ..answered.receipt })
            } else {
                Err(Denied::KeyUsed)
            };
        }
        let played = self.play(link, ask, endorsed.is_some())?;
        if let Some(second) = endorsed {
            self.may_endorse(link, &played, second)?;
        }
        let kept = self.keep_played(link, ask, endorsed, &played);
        if kept.is_err() {
            // What was written of it is undone.
            self.recent.forget();
        }
        kept
    }

    fn keep_played(&self, link: &dyn Link, ask: &Ask, endorsed: Option<Asker>, played: &Played) -> Answer {
        let needs_two =
            played.who.is_some_and(Who::needs_two) && ask.by != Asker::Founder && endorsed.is_none();
        let receipt = if needs_two {
            self.wait(link, ask, played)?
        } else {
            // From here on nothing is refused: what is written need not be undone.
            store::are_free(link, &played.case)??;
            self.write(link, ask, endorsed, played)?
        };
        let answered = self.answered(ask, receipt, &played.parts);
        let body = serde_json::to_string(&answered).map_err(Broken::from)?;
        link.put("INSERT INTO receipts (key, body) VALUES ($1, $2)", cells![ask.key, body])?;
        Ok(answered.receipt)
    }

    /// Puts the ask aside for a second person.
    fn wait(&self, link: &dyn Link, ask: &Ask, played: &Played) -> Result<Receipt, Broken> {
        let id = self.name("endorsement", &ask.key, 0);
        self.keep_parts(link, ask, played.record, &played.parts)?;
        let ask = Ask { command: played.command.clone(), ..ask.clone() };
        let who = played.who.map(Who::names).unwrap_or_default();
        let region =
            played.case.changed.get(&played.record).map_or(0, |stored| stored.standing.card.scope().number());
        link.put(
            "INSERT INTO pending (id, ask, who, region, at) VALUES ($1, $2, $3, $4, $5)",
            cells![id, json!(ask).to_string(), json!(who).to_string(), region, played.now.in_millis()],
        )?;
        Ok(Receipt::without_facts(ask.record.unwrap_or(id), played.now, Some(id)))
    }

    fn write(
        &self,
        link: &dyn Link,
        ask: &Ask,
        endorsed: Option<Asker>,
        played: &Played,
    ) -> Result<Receipt, Broken> {
        self.keep_parts(link, ask, played.record, &played.parts)?;
        let first = store::size(link)?;
        let case_number = first;
        let is_demo =
            ask.is_demo || (self.is_demo && ask.by != Asker::Founder && !ask.key.starts_with("real/"));
        for (said, position) in played.case.said.iter().zip(first..) {
            let author = Author { ask, endorsed, now: played.now, case_number, is_demo };
            self.write_fact(link, &author, said, position)?;
            if let Some(stored) = played.case.changed.get(&said.record) {
                self.views.fold(link, self.desks, (said, &stored.standing), played.now)?;
            }
            if self.forget(link, said, played)? {
                self.has_erased.store(true, Ordering::Relaxed);
            }
            if said.desk == "rulebook" {
                self.has_new_rules.store(true, Ordering::Relaxed);
            }
        }
        let last = first + played.case.said.len() as u64 - 1;
        for (id, stored) in &played.case.changed {
            let before = played.case.before.get(id).map(AsRef::as_ref);
            let outside = store::outside(link, *id, (before, stored), played.now)?;
            match store::put(link, *id, (before, stored), is_demo, (played.now, outside, last))? {
                Ok(size) => self.recent.put(*id, stored, size),
                Err((key, by)) => return Err(Broken(format!("{by} took {key} while {id} was written"))),
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

    /// Destroys what a person's record no longer names; all of a person who is erased, and all that lies in a record which says that
    /// it has forgotten. Whether there was any.
    fn forget(&self, link: &dyn Link, said: &Said, played: &Played) -> Result<bool, Broken> {
        match (said.desk, said.event.get("event").and_then(Value::as_str)) {
            (_, Some("forgotten")) => return Ok(forget::of_record(link, said.record)? > 0),
            ("person", Some("erased")) => {
                forget::erase(link, said.record)?;
                return Ok(true);
            }
            ("person", _) => {}
            _ => return Ok(false),
        }
        let state = played.case.changed.get(&said.record).map(|stored| stored.standing.state.to_string());
        Ok(forget::unnamed(link, said.record, &state.unwrap_or_default())? > 0)
    }

    fn keep_parts(&self, link: &dyn Link, ask: &Ask, record: Id, parts: &[Part]) -> Result<(), Broken> {
        let subject = match ask.by {
            Asker::Person(person) if ask.desk != "person" => person,
            _ => record,
        };
        for part in parts {
            link.put(
                "INSERT INTO parts (commitment, subject, record, is_sealed, salt, value)
                 VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (commitment) DO NOTHING",
                cells![part.commitment, subject, record, part.is_sealed, part.salt, part.value.to_string()],
            )?;
        }
        Ok(())
    }

    fn write_fact(&self, link: &dyn Link, author: &Author, said: &Said, position: u64) -> Result<(), Broken> {
        let previous: Option<[u8; 32]> = match said.sequence {
            1 => None,
            sequence => link.one(
                "SELECT entry FROM facts WHERE record = $1 AND sequence = $2",
                cells![said.record, sequence - 1],
            )?,
        };
        let (by, asked) = self.actor(Some(author.ask.by));
        let (endorsed, agreed) = self.actor(author.endorsed);
        let (acting_for, other) = self.actor(author.ask.acting_for.map(Asker::Person));
        let actors = json!(Actors { by: asked, endorsed: agreed, acting_for: other }).to_string();
        let mut fact = json!({
            "position": position,
            "case": author.case_number,
            "desk": said.desk,
            "record": said.record,
            "sequence": said.sequence,
            "previous": previous.map(|hash| leaf::Hash(hash).to_string()),
            "at": author.now,
            "by": by,
            "endorsed": endorsed,
            "told_by": said.told_by,
            "demo": author.is_demo,
            "event": said.event,
        });
        // Most facts are asked for by someone for himself, and say nothing of it.
        if let (Some(fields), false) = (fact.as_object_mut(), acting_for.is_null()) {
            fields.insert("acting_for".into(), acting_for);
        }
        let bytes = fact.to_string();
        let salt = self.chance.bytes();
        let entry = leaf::entry(&salt, bytes.as_bytes());
        link.put(
            "INSERT INTO facts (position, case_number, record, sequence, bytes, salt, entry, actors)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
            cells![position, author.case_number, said.record, said.sequence, bytes, salt, entry.0, actors],
        )?;
        Nodes(link).append(position, leaf::leaf_hash(&entry.0))
    }

    /// Who acted, as the fact says it, and what opens that. A person stands there as a commitment: whoever may
    /// read what happened need not know by whom.
    fn actor(&self, who: Option<Asker>) -> (Value, Option<Opening>) {
        let Some(Asker::Person(person)) = who else { return (json!(who), None) };
        let opening = Opening { salt: leaf::Hash(self.chance.bytes()), value: person.to_string() };
        (json!({ "actor": opening.commitment() }), Some(opening))
    }

    /// Tells everyone how far the log has come, and reads adopted rules anew.
    pub fn publish(&self, link: &dyn Link) {
        if self.has_erased.swap(false, Ordering::Relaxed) {
            link.empty_aside();
        }
        if let Ok(size) = store::size(link) {
            self.size.store(size, Ordering::Release);
        }
        if self.has_new_rules.swap(false, Ordering::Relaxed) {
            match (self.rules.write(), charter::rules(self.desks, link)) {
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
