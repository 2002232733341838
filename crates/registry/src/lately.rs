//! Lately: what has changed at one desk since a place in the log, for whoever follows it in small steps.

use grammar::kinds::Id;

use crate::{
    Broken,
    look::{Look, Record},
    store::cells,
};

impl Look<'_> {
    /// Records of a desk of which a fact stands in this part of the log, each with the last place at which one does; those
    /// come first that changed first. At most `limit`: whoever goes on behind the last one misses none.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn changed(
        &self,
        desk: &str,
        (from, to): (u64, u64),
        limit: u32,
    ) -> Result<Vec<(u64, Record)>, Broken> {
        let found: Vec<(u64, Id)> = self.registry.read(|link| {
            link.all(
                "SELECT max(f.position) AS place, f.record FROM facts f JOIN records r ON r.id = f.record
                 WHERE f.position >= $1 AND f.position < $2 AND r.desk = $3
                 GROUP BY f.record ORDER BY place LIMIT $4",
                cells![from, to, desk, limit],
                |row| Ok((row.get(0)?, row.get(1)?)),
            )
        })?;
        let mut records = Vec::new();
        for (place, id) in found {
            records.extend(self.record(id)?.map(|record| (place, record)));
        }
        Ok(records)
    }

    /// Records of a desk whose card names another in a part, those that changed last first, at most `limit`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn lately_naming(
        &self,
        desk: &str,
        (part, who): (&str, Id),
        limit: u32,
    ) -> Result<Vec<Record>, Broken> {
        let ids: Vec<Id> = self.registry.read(|link| {
            link.all(
                "SELECT p.record FROM parties p JOIN records r ON r.id = p.record
                 WHERE p.who = $1 AND p.part = $2 AND p.desk = $3 ORDER BY r.position DESC LIMIT $4",
                cells![who, part, desk, limit],
                |row| row.get(0),
            )
        })?;
        self.that_name(ids, (part, who))
    }
}
