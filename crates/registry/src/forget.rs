//! Forget: the one place to erase. The log keeps commitments, which say nothing without their salts.

use grammar::{card::Card, kinds::Id};
use serde_json::{Value, json};

use crate::{
    Ask, Asker, Broken, Registry,
    store::{Link, cells},
};

/// Values of one person that are looked at.
const VALUES_MAX: u32 = 1_000;

/// Destroys every value kept about a person, with its salt. Returns how many there were. Part of the case
/// in which the person's record says that it is erased, so that both happen or neither.
///
/// What is kept for the person without being an event goes too: sign-in names, sessions, tokens, followed
/// searches. Their keys begin with the person, or their values name it.
pub fn erase(link: &dyn Link, person: Id) -> Result<u64, Broken> {
    let (begins, names) = (format!("{person}/"), format!("%\"person\":\"{person}\"%"));
    let length = i64::try_from(begins.len()).unwrap_or(i64::MAX);
    link.run(
        "DELETE FROM kept WHERE substr(key, 1, $1) = $2 OR value LIKE $3",
        cells![length, begins, names],
    )?;
    forget_rows(link, person)?;
    link.run("DELETE FROM parts WHERE subject = $1 AND is_sealed = 0", cells![person])
}

/// The key of a sheet's row is a hash of all that stands in it, so it goes with what it was made of.
fn forget_rows(link: &dyn Link, person: Id) -> Result<(), Broken> {
    let mut records: Vec<Id> = link.all(
        "SELECT DISTINCT record FROM parts WHERE subject = $1 AND is_sealed = 0 LIMIT $2",
        cells![person, VALUES_MAX],
        |row| row.get(0),
    )?;
    records.push(person);
    records.into_iter().try_for_each(|record| forget_rows_of(link, record))
}

fn forget_rows_of(link: &dyn Link, record: Id) -> Result<(), Broken> {
    link.run(
        "DELETE FROM receipts WHERE key >= 'sheet/' AND key < 'sheet0' AND body LIKE $1",
        cells![format!("%\"record\":\"{record}\"%")],
    )?;
    Ok(())
}

/// Destroys the values of a person that the person's own record names no longer: what was amended, or held for
/// a purpose whose consent was withdrawn. `state` is the record as it is written. Returns how many.
pub fn unnamed(link: &dyn Link, person: Id, state: &str) -> Result<u64, Broken> {
    let kept: Vec<String> = link.all(
        "SELECT commitment FROM parts WHERE subject = $1 AND record = $1 AND is_sealed = 0 LIMIT $2",
        cells![person, VALUES_MAX],
        |row| row.get(0),
    )?;
    let mut gone = 0;
    for commitment in kept.iter().filter(|commitment| !state.contains(commitment.as_str())) {
        gone += link.run("DELETE FROM parts WHERE commitment = $1", cells![commitment])?;
    }
    if gone > 0 {
        forget_rows(link, person)?;
    }
    Ok(gone)
}

/// Destroys every value that lies in a record, whomever it was given by: some time after the matter is over, by the record's own
/// wish of time. A copy of the house from before has the same wish, and forgets again. Returns how many there were.
pub fn of_record(link: &dyn Link, record: Id) -> Result<u64, Broken> {
    forget_rows_of(link, record)?;
    link.run("DELETE FROM parts WHERE record = $1 AND is_sealed = 0", cells![record])
}

/// A value about a person, and whom it is about.
#[derive(Clone, Debug, PartialEq)]
pub struct Revealed {
    pub subject: Id,
    pub value: Value,
}

/// A person whose values must be gone, and on what that rests: for a copy of the house that is older than the
/// erasure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Erasure {
    pub person: Id,
    /// The ground as it was logged: `asked`, `consent-withdrawn`, …
    pub ground: String,
}

impl Registry {
    /// A personal value by its commitment; `None` when it is erased. Sealed values are never shown here.
    /// The caller answers for who may see it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn reveal(&self, commitment: &str) -> Result<Option<Revealed>, Broken> {
        self.read(|link| {
            link.first(
                "SELECT subject, value FROM parts WHERE commitment = $1 AND is_sealed = 0",
                cells![commitment],
                |row| Ok(Revealed { subject: row.get(0)?, value: serde_json::from_str(row.get(1)?)? }),
            )
        })
    }

    /// Every erasure that the log holds: the list to keep apart from backups, and to repeat after one is
    /// restored ([`Registry::erase_again`]).
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn erasures(&self) -> Result<Vec<Erasure>, Broken> {
        let erased = self.read(|link| {
            link.all(
                "SELECT f.record, f.bytes FROM records r JOIN facts f ON f.record = r.id AND f.sequence = r.sequence
                 WHERE r.desk = 'person' ORDER BY f.position",
                cells![],
                |row| Ok((row.get::<Id>(0)?, serde_json::from_str::<Value>(row.get(1)?)?)),
            )
        })?;
        let ground = |fact: &Value| {
            let event =
                fact.get("event").filter(|event| event.get("event").is_some_and(|e| e == "erased"))?;
            Some(event.get("ground")?.as_str()?.to_owned())
        };
        // An erased record changes no more: its last fact is the erasure.
        let found = erased
            .iter()
            .filter_map(|(person, fact)| Some(Erasure { person: *person, ground: ground(fact)? }));
        Ok(found.collect())
    }

    /// Erases whom a list names, in a house that was restored from a copy older than the erasures. Repeating it
    /// does nothing. Returns how many were erased now; a person whom this copy never knew is passed over.
    ///
    /// # Errors
    /// When someone could not be erased: the house must not be opened to visitors then.
    pub fn erase_again(&self, list: &[Erasure]) -> Result<usize, Broken> {
        let mut again = 0;
        for Erasure { person, ground } in list {
            let Some(row) = self.read(|link| crate::store::row(link, *person))? else { continue };
            if row.card.status == "erased" {
                continue;
            }
            // In the older copy the person may still be in office.
            for appointment in self.read(|link| appointments(link, *person))? {
                self.founder_asks("office", appointment, json!({ "verb": "end", "reason": "erased" }))?;
            }
            self.founder_asks("person", *person, json!({ "verb": "erase", "ground": ground }))?;
            again += 1;
        }
        Ok(again)
    }

    fn founder_asks(&self, desk: &str, record: Id, command: Value) -> Result<(), Broken> {
        let key = format!("erase-again/{record}/{}", self.size());
        let answer = self.run(Ask::new(key, Asker::Founder, desk, Some(record), command));
        answer.map(drop).map_err(|denied| Broken(format!("{record} could not be erased again: {denied:?}")))
    }
}

/// Appointments of a person that are in force.
fn appointments(link: &dyn Link, person: Id) -> Result<Vec<Id>, Broken> {
    let held: Vec<(Id, Card)> = link.all(
        "SELECT r.id, r.card FROM parties p JOIN records r ON r.id = p.record
         WHERE p.who = $1 AND p.part = 'holder' AND p.desk = 'office' LIMIT $2",
        cells![person, VALUES_MAX],
        |row| Ok((row.get(0)?, serde_json::from_str(row.get(1)?)?)),
    )?;
    Ok(held.into_iter().filter(|(_, card)| card.status == "in-force").map(|(id, _)| id).collect())
}
