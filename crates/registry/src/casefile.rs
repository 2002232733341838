//! Case file: which facts a viewer may have byte for byte, all facts of one record for them, and check codes.
//!
//! A fact is open to a viewer when the desk's veil leaves its event as it is; all else in its bytes says nothing that
//! the record's page does not. Who acted stands in it as a commitment, and is opened only to those who may know.

use chain::{
    Hash,
    casefile::{self, CaseFile, Ending, Opening, STEPS_MAX, Step},
    code::Code,
    heads, proof,
};
use grammar::{
    case::Refused,
    clerk::Clerk,
    kinds::{Day, Id, Moment},
    viewer::Viewer,
};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    Broken, Denied, Look, Registry,
    look::is_kept_quiet,
    seal::Nodes,
    store::{self, Cells, Link, Row, cells},
};

/// Tries to find checkpoint and map of heads at the same place while others go on writing.
const TRIES_MAX: u32 = 5;

/// A fact that a viewer may have byte for byte.
#[derive(Clone, Debug, PartialEq)]
pub struct OpenFact {
    pub position: u64,
    pub record: Id,
    pub code: Code,
}

/// What the holder of a check code may know.
#[derive(Clone, Debug, PartialEq)]
pub struct Coded {
    /// The fact's place in the log, and when it was written.
    pub position: u64,
    pub at: Moment,
    pub desk: String,
    pub record: Id,
    /// How the record stands now, in one word.
    pub status: String,
    /// The day of its last step.
    pub last: Day,
    /// Whether a term runs: time alone will ask for something.
    pub has_term: bool,
    pub is_demo: bool,
}

/// Who stands behind a fact, as its row keeps them beside its bytes.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
pub(crate) struct Actors {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub by: Option<Opening>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub endorsed: Option<Opening>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting_for: Option<Opening>,
}

impl Actors {
    /// Reads the column of a fact's row.
    pub fn read(text: &str) -> Result<Self, Broken> {
        Ok(serde_json::from_str(text)?)
    }

    /// The person who asked.
    pub fn person(&self) -> Option<Id> {
        self.by.as_ref().and_then(|opening| opening.value.parse().ok())
    }

    /// For whom that person acted.
    pub fn acting_for(&self) -> Option<Id> {
        self.acting_for.as_ref().and_then(|opening| opening.value.parse().ok())
    }
}

/// A fact's row.
struct Written {
    position: u64,
    record: Id,
    sequence: u64,
    bytes: String,
    salt: [u8; 32],
    entry: [u8; 32],
    actors: Actors,
}

const COLUMNS: &str = "position, record, sequence, bytes, salt, entry, actors";

fn written(row: &dyn Cells) -> Result<Written, Broken> {
    Ok(Written {
        position: row.get(0)?,
        record: row.get(1)?,
        sequence: row.get(2)?,
        bytes: row.get(3)?,
        salt: row.get(4)?,
        entry: row.get(5)?,
        actors: Actors::read(row.get(6)?)?,
    })
}

fn fact_at(link: &dyn Link, position: u64) -> Result<Option<Written>, Broken> {
    link.first(&format!("SELECT {COLUMNS} FROM facts WHERE position = $1"), cells![position], written)
}

impl Written {
    fn fact(&self) -> Result<Value, Broken> {
        Ok(serde_json::from_str(&self.bytes)?)
    }

    /// Whether a viewer who may know of the record may have this fact's bytes.
    fn is_open(&self, clerk: &dyn Clerk, row: &Row, viewer: &Viewer) -> Result<bool, Broken> {
        let fact = self.fact()?;
        let event = fact.get("event").cloned().unwrap_or_default();
        Ok(clerk.veil_event(&row.state, &event, viewer) == Some(event))
    }
}

impl Look<'_> {
    /// A record's row with its clerk, if the viewer may know of the record and of what happens to it.
    fn known(&self, link: &dyn Link, id: Id) -> Result<Option<(Row, &'static dyn Clerk)>, Broken> {
        let Some(row) = store::row(link, id)? else { return Ok(None) };
        let Some(clerk) = self.registry.desks().find(&row.desk) else { return Ok(None) };
        let seen = clerk.veil(&row.state, &self.viewer);
        Ok(seen.filter(|(_, card)| !is_kept_quiet(clerk, &row, card)).map(|_| (row, clerk)))
    }

    /// The fact at a place in the log, if the viewer may have its bytes.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn open_fact(&self, position: u64) -> Result<Option<OpenFact>, Broken> {
        self.registry.read(|link| {
            let Some(fact) = fact_at(link, position)? else { return Ok(None) };
            let Some((row, clerk)) = self.known(link, fact.record)? else { return Ok(None) };
            let code = Code::of(position, &fact.salt);
            let open = OpenFact { position, record: fact.record, code };
            Ok(fact.is_open(clerk, &row, &self.viewer)?.then_some(open))
        })
    }

    /// The newest fact of a record that the viewer may have.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn last_open(&self, id: Id) -> Result<Option<OpenFact>, Broken> {
        let line = self.history(id)?;
        let mut newest = line.iter().rev().map(|line| self.open_fact(line.position));
        newest.find_map(Result::transpose).transpose()
    }

    /// Every fact of a record under the newest checkpoint. Those the viewer may not have are closed: there
    /// with number, place and hash. `None` when there is no such record for the viewer.
    ///
    /// # Errors
    /// The record has more facts than a case file holds; or the store cannot be read.
    pub fn case_file(&self, id: Id) -> Result<Option<CaseFile>, Denied> {
        let registry = self.registry;
        let Some((row, clerk)) = registry.read(|link| self.known(link, id))? else { return Ok(None) };
        for _ in 0..TRIES_MAX {
            if registry.checkpoint()?.is_none_or(|(size, _)| size < registry.size()) {
                registry.seal_now()?;
            }
            let made = registry.read(|link| self.assemble(link, (&row, clerk)))?;
            if let Some(file) = made {
                let is_whole = file.steps.len() <= STEPS_MAX;
                return if is_whole { Ok(Some(file)) } else { Err(Refused::TooMuch.into()) };
            }
        }
        Err(Denied::Busy)
    }

    /// `None` when no checkpoint fits the map of heads at this moment, or none covers the record yet.
    fn assemble(
        &self,
        link: &dyn Link,
        (row, clerk): (&Row, &dyn Clerk),
    ) -> Result<Option<CaseFile>, Broken> {
        let registry = self.registry;
        let mut map = registry.heads.lock()?;
        let newest = "SELECT size, note FROM checkpoints ORDER BY size DESC LIMIT 1";
        let newest: Option<(u64, String)> =
            link.first(newest, &[], |cells| Ok((cells.get(0)?, cells.get(1)?)))?;
        let Some((size, checkpoint)) = newest else { return Ok(None) };
        let Some(heads) = map.at(link, size)? else { return Ok(None) };
        let proof = heads.proof(row.id.as_str());
        drop(map);
        let facts = link.all(
            &format!(
                "SELECT {COLUMNS} FROM facts WHERE record = $1 AND position < $2 ORDER BY sequence LIMIT $3"
            ),
            cells![row.id, size, STEPS_MAX as u64 + 1],
            written,
        )?;
        let Some(last) = facts.last() else { return Ok(None) };
        let (sequence, entry) = (last.sequence, Hash(last.entry));
        let head = Ending { sequence, entry, blind: heads::blind(&last.salt), proof };
        let steps = facts.iter().map(|fact| self.step(link, size, fact, (row, clerk)));
        Ok(Some(CaseFile {
            v: casefile::VERSION,
            origin: registry.settings().origin.clone(),
            record: row.id.to_string(),
            size,
            checkpoint,
            key: registry.log_key(),
            head,
            steps: steps.collect::<Result<_, _>>()?,
        }))
    }

    fn step(
        &self,
        link: &dyn Link,
        size: u64,
        fact: &Written,
        (row, clerk): (&Row, &dyn Clerk),
    ) -> Result<Step, Broken> {
        let proof = proof::inclusion(fact.position, size, &Nodes(link))
            .map_err(|missing| Broken(format!("the log's tree: {missing}")))?;
        let (sequence, index, entry) = (fact.sequence, fact.position, Hash(fact.entry));
        if !fact.is_open(clerk, row, &self.viewer)? {
            let actors = Vec::new();
            return Ok(Step { sequence, index, entry, fact: None, salt: None, actors, proof });
        }
        let actors = [&fact.actors.by, &fact.actors.endorsed, &fact.actors.acting_for].into_iter().flatten();
        let actors = actors.filter(|opening| self.may_know(&opening.value)).cloned().collect();
        let salt = Some(Hash(fact.salt));
        Ok(Step { sequence, index, entry, fact: Some(fact.bytes.clone()), salt, actors, proof })
    }

    fn may_know(&self, person: &str) -> bool {
        person.parse().is_ok_and(|id| self.viewer.person == Some(id) || self.title(id).is_some())
    }
}

impl Registry {
    /// What a check code tells whoever holds it. `None` for a code that was never given: whether it is far
    /// from right or near, nobody learns.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn coded(&self, code: &Code) -> Result<Option<Coded>, Broken> {
        self.read(|link| {
            let Some(fact) = fact_at(link, code.index)?.filter(|fact| code.fits(&fact.salt)) else {
                return Ok(None);
            };
            let Some(row) = store::row(link, fact.record)? else { return Ok(None) };
            let at = fact.fact()?.get("at").and_then(Value::as_str).and_then(|at| at.parse().ok());
            let due: Option<u64> = link.one("SELECT 1 FROM due WHERE record = $1", cells![row.id])?;
            Ok(Some(Coded {
                position: fact.position,
                at: at.unwrap_or_default(),
                // What the public sees is what the holder sees; of a record it may not know of, the one word.
                status: row.public.map_or(row.card.status, |card| card.status),
                desk: row.desk,
                record: row.id,
                last: row.changed.day(),
                has_term: due.is_some(),
                is_demo: row.is_demo,
            }))
        })
    }
}
