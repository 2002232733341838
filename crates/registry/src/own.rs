//! Own: what the house holds about one person, for that person: values, parts in records, asks; and for whom
//! the person may act. The caller answers for it that only this person reads it.

use grammar::kinds::Id;
use serde_json::Value;

use crate::{
    Broken, Receipt, Registry, charter,
    store::{Link, cells},
};

/// Rows of one kind that are gathered; a person with more is shown the first.
const ROWS_MAX: u32 = 5_000;

/// A value about the person, and the record it was given for.
#[derive(Clone, Debug, PartialEq)]
pub struct OwnValue {
    pub record: Id,
    pub commitment: String,
    pub value: Value,
}

/// Everything held about a person beside the person's own record.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Own {
    pub values: Vec<OwnValue>,
    /// Records that name the person, and as what.
    pub parts: Vec<(Id, String)>,
    /// What the person has asked for, newest first.
    pub asks: Vec<Receipt>,
}

impl Registry {
    /// # Errors
    /// When the store cannot be read.
    pub fn own(&self, person: Id) -> Result<Own, Broken> {
        self.read(|link| {
            let values = link.all(
                "SELECT record, commitment, value FROM parts WHERE subject = $1 AND is_sealed = 0
                 ORDER BY record, commitment LIMIT $2",
                cells![person, ROWS_MAX],
                |row| {
                    let value = serde_json::from_str(row.get(2)?)?;
                    Ok(OwnValue { record: row.get(0)?, commitment: row.get(1)?, value })
                },
            )?;
            let parts = link.all(
                "SELECT record, part FROM parties WHERE who = $1 ORDER BY record, part LIMIT $2",
                cells![person, ROWS_MAX],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )?;
            Ok(Own { values, parts, asks: asks(link, person)? })
        })
    }

    /// For whom the person may act today, and who has asked for it and waits for an answer.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn acts_for(&self, person: Id) -> Result<(Vec<Id>, Vec<Id>), Broken> {
        let today = self.now().day();
        self.read(|link| {
            let named = |part: &str| {
                link.all(
                    "SELECT record FROM parties WHERE who = $1 AND part = $2 AND desk = 'person' ORDER BY record LIMIT $3",
                    cells![person, part, ROWS_MAX],
                    |row| row.get::<Id>(0),
                )
            };
            let mut now = Vec::new();
            for other in named("deputy")? {
                if charter::is_deputy(link, person, other, today)? {
                    now.push(other);
                }
            }
            Ok((now, named("deputy-asked")?))
        })
    }
}

/// The receipts of a person's asks: their keys begin with the person.
fn asks(link: &dyn Link, person: Id) -> Result<Vec<Receipt>, Broken> {
    let begins = format!("web/{person}/");
    let mut asks: Vec<Receipt> = link.all(
        "SELECT body FROM receipts WHERE key >= $1 AND key < $2 LIMIT $3",
        // The letter after `/` ends what begins so.
        cells![begins, format!("web/{person}0"), ROWS_MAX],
        |row| Ok(serde_json::from_str(row.get(0)?)?),
    )?;
    asks.sort_by_key(|receipt| (std::cmp::Reverse(receipt.at), receipt.position));
    Ok(asks)
}
