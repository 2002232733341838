//! Pending: asks that wait for a second person.

use grammar::{
    kinds::{Id, Moment, Region},
    viewer::Viewer,
};
use serde_json::Value;

use crate::{Ask, Asker, Broken, Registry};

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
        self.read(|connection| {
            let mut query = connection
                .prepare_cached("SELECT id, ask, who, region, at FROM pending ORDER BY at, id LIMIT $1")?;
            let rows = query.query_map([MOST], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, String>(1)?,
                    row.get::<_, String>(2)?,
                    row.get::<_, u32>(3)?,
                    row.get::<_, i64>(4)?,
                ))
            })?;
            let mut waiting = Vec::new();
            for row in rows {
                let (id, ask, who, region, at) = row?;
                let ask: Ask = serde_json::from_str(&ask)?;
                let who: Vec<String> = serde_json::from_str(&who)?;
                let is_mine =
                    matches!((ask.by, viewer.person), (Asker::Person(asked), Some(me)) if asked == me);
                let region = Region::code(region);
                let offices = who.iter().filter_map(|name| name.rsplit_once("office:"));
                let may_endorse =
                    !is_mine && offices.into_iter().any(|(_, office)| viewer.holds(office, region));
                if let (true, Ok(id)) = (is_mine || may_endorse, id.parse()) {
                    let at = Moment::from_millis(at);
                    waiting.push(Pending {
                        id,
                        desk: ask.desk,
                        record: ask.record,
                        command: ask.command,
                        by: ask.by,
                        at,
                        may_endorse,
                    });
                }
            }
            Ok(waiting)
        })
    }
}
