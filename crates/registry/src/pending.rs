//! Pending: asks that wait for a second person.

use grammar::{
    kinds::{Id, Moment, Region},
    viewer::Viewer,
};
use serde_json::Value;

use crate::{
    Ask, Asker, Broken, Registry,
    store::{Cells, cells},
};

/// How many are looked at.
const MOST: u32 = 500;

/// An ask that waits.
#[derive(Clone, PartialEq, Debug)]
pub struct Pending {
    pub id: Id,
    pub desk: String,
    pub record: Option<Id>,
    pub command: Value,
    pub by: Asker,
    pub at: Moment,
    /// Whether this viewer may be the second pair of eyes; else it is the viewer's own ask.
    pub may_endorse: bool,
}

impl Registry {
    /// What waits for this viewer's endorsement, and what this viewer waits for. Offices only: parties
    /// are asked by their own name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn pending(&self, viewer: &Viewer) -> Result<Vec<Pending>, Broken> {
        let waiting = self.read(|link| {
            link.all(
                "SELECT id, ask, who, region, at FROM pending ORDER BY at, id LIMIT $1",
                cells![MOST],
                |row| read(row, viewer),
            )
        })?;
        Ok(waiting.into_iter().flatten().collect())
    }
}

/// An ask that waits, if it concerns the viewer.
fn read(row: &dyn Cells, viewer: &Viewer) -> Result<Option<Pending>, Broken> {
    let ask: Ask = serde_json::from_str(row.get(1)?)?;
    let who: Vec<String> = serde_json::from_str(row.get(2)?)?;
    let is_mine = matches!((ask.by, viewer.person), (Asker::Person(asked), Some(me)) if asked == me);
    let region = Region::code(row.get(3)?);
    let mut offices = who.iter().filter_map(|name| name.rsplit_once("office:"));
    let may_endorse = !is_mine && offices.any(|(_, office)| viewer.holds(office, region));
    if !is_mine && !may_endorse {
        return Ok(None);
    }
    Ok(Some(Pending {
        id: row.get(0)?,
        desk: ask.desk,
        record: ask.record,
        command: ask.command,
        by: ask.by,
        at: Moment::from_millis(row.get(4)?),
        may_endorse,
    }))
}
