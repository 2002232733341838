//! Carry: a whole store from one place to another: every fact with its salt, every hash of the tree, every
//! checkpoint, receipt, personal part and file. Receipts given before stay valid, since no byte changes.
//!
//! Nobody may write at either place meanwhile. The copy is checked before the old place is marked as left:
//! as many rows in each table, each fact under its entry, and the root made anew from the facts.

use chain::{Hash, Memory, leaf, tree};

use super::{Broken, Link, Place, Shared, Value, cells, durably, size};
use crate::{
    Chance, files, kept,
    lease::{self, Writer},
    seal::Nodes,
};

/// Rows of one commit.
const TURN: usize = 1_000;
/// Under this name a store says that it was left.
const LEFT: &str = "moved";

/// Every table of the schema: its columns, those of its key first, and how many these are.
const TABLES: [(&str, &str, usize); 15] = [
    ("facts", "position, case_number, record, sequence, bytes, salt, entry, actors", 1),
    ("nodes", "level, place, hash", 2),
    ("checkpoints", "size, note, at", 1),
    ("records", "id, desk, sequence, born, is_demo, changed, position, sight, card, public, state", 1),
    (
        "cards",
        "record, tier, desk, status, region, kind, field, amount, until, title_zh, title_en, words, is_offer, is_need, latitude, longitude, changed",
        2,
    ),
    ("parties", "who, part, record, desk, is_public", 3),
    ("insiders", "who, region, record", 3),
    ("unique_keys", "key, record", 1),
    ("due", "record, at, command", 1),
    ("receipts", "key, body", 1),
    ("parts", "commitment, subject, record, is_sealed, salt, value", 1),
    ("pending", "id, ask, who, region, at", 1),
    ("hits", "need, offer, score, why, at", 2),
    ("sheets", "view, key, value", 2),
    ("kept", "space, key, value, until", 2),
];

/// What was carried.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct Carried {
    pub facts: u64,
    pub rows: u64,
    pub files: u64,
    /// The root of the log's tree, the same at both places.
    pub root: Hash,
}

/// A place, held so that nobody else writes there.
pub struct Held {
    place: Place,
    pub link: Box<dyn Link>,
    keeper: Option<lease::Keeper>,
}

impl Held {
    pub fn hold(place: &Place, chance: &dyn Chance) -> Result<Self, Broken> {
        let link = place.writer()?;
        let mut keeper = None;
        if let Place::Shared(url) = place {
            let shared = Shared { url: url.clone(), address: String::new() };
            let (kept, role) = lease::Keeper::start(place, &shared, chance)?;
            let writer = role.writer();
            if writer != Writer::Here {
                kept.stop();
                return Err(Broken(format!(
                    "a node still uses this store ({writer:?}); stop all nodes first"
                )));
            }
            link.fence(role.epoch());
            keeper = Some(kept);
        }
        Ok(Self { place: place.clone(), link, keeper })
    }
}

impl Drop for Held {
    fn drop(&mut self) {
        if let Some(keeper) = self.keeper.take() {
            keeper.stop();
        }
    }
}

/// Refuses a store that was left for another place.
pub fn is_not_left(link: &dyn Link) -> Result<(), Broken> {
    match link.one::<String>("SELECT value FROM kept WHERE space = 'secret' AND key = $1", cells![LEFT])? {
        None => Ok(()),
        Some(_) => Err(Broken(
            "this store was moved to another place, and what was written there since is not here; \
             use that place, or move it back from there"
                .into(),
        )),
    }
}

/// Carries a store to an empty place and checks it there.
///
/// # Errors
/// The new place is not empty, one of them is in use or breaks, or the copy is not the same.
pub fn carry(from: &Place, to: &Place, chance: &dyn Chance) -> Result<Carried, Broken> {
    let (old, new) = (Held::hold(from, chance)?, Held::hold(to, chance)?);
    is_not_left(&*old.link)?;
    for (table, _, _) in TABLES {
        if count(&*new.link, table)? > 0 {
            return Err(Broken(format!("the new place is not empty: there are rows in `{table}`")));
        }
    }
    if files::next(&new.place, &*new.link, "")?.is_some() {
        return Err(Broken("the new place is not empty: there are files".into()));
    }
    let mut rows = 0;
    for (table, columns, keys) in TABLES {
        rows += carry_table(&*old.link, &*new.link, table, (columns, keys))?;
    }
    let mut files = 0;
    let mut last = String::new();
    while let Some(hash) = files::next(&old.place, &*old.link, &last)? {
        let bytes = files::bytes_at(&old.place, &*old.link, &hash)?;
        files::put_at(&new.place, &*new.link, &bytes)?;
        files += 1;
        last = hash;
    }
    for (table, _, _) in TABLES {
        if count(&*old.link, table)? != count(&*new.link, table)? {
            return Err(Broken(format!("the copy is not whole: `{table}` has fewer rows")));
        }
    }
    let facts = size(&*old.link)?;
    let root = root_of_facts(&*new.link)?;
    let by_nodes =
        |link: &dyn Link| tree::root(facts, &Nodes(link)).map_err(|missing| Broken(missing.to_string()));
    if root != by_nodes(&*old.link)? || root != by_nodes(&*new.link)? {
        return Err(Broken("the copy has another root than the original: it must not be used".into()));
    }
    durably(&*old.link, |link| kept::once(link, LEFT, &root.to_string()))?;
    Ok(Carried { facts, rows, files, root })
}

fn count(link: &dyn Link, table: &str) -> Result<u64, Broken> {
    Ok(link.one(&format!("SELECT count(*) FROM {table}"), &[])?.unwrap_or(0))
}

/// Carries a table in the order of its key, a turn of rows in each commit.
fn carry_table(
    from: &dyn Link,
    to: &dyn Link,
    table: &str,
    (columns, keys): (&str, usize),
) -> Result<u64, Broken> {
    let width = columns.split(", ").count();
    let places = |from: usize, count: usize| {
        (from..from + count).map(|place| format!("${place}")).collect::<Vec<_>>().join(", ")
    };
    let key = columns.split(", ").take(keys).collect::<Vec<_>>().join(", ");
    let insert = format!("INSERT INTO {table} ({columns}) VALUES ({})", places(1, width));
    let first = format!("SELECT {columns} FROM {table} ORDER BY {key} LIMIT {TURN}");
    let next = format!(
        "SELECT {columns} FROM {table} WHERE ({key}) > ({}) ORDER BY {key} LIMIT {TURN}",
        places(1, keys)
    );
    let mut carried = 0;
    let mut last: Vec<Value> = Vec::new();
    loop {
        let sql = if last.is_empty() { &first } else { &next };
        let after: Vec<_> = last.iter().map(super::AsCell::as_cell).collect();
        let rows: Vec<Vec<Value>> =
            from.all(sql, &after, |row| (0..width).map(|column| Ok(Value::of(row.cell(column)?))).collect())?;
        durably(to, |to| {
            for row in &rows {
                to.put(&insert, &row.iter().map(super::AsCell::as_cell).collect::<Vec<_>>())?;
            }
            Ok(())
        })?;
        carried += rows.len() as u64;
        match rows.last() {
            Some(row) if rows.len() == TURN => last = row.iter().take(keys).cloned().collect(),
            _ => return Ok(carried),
        }
    }
}

/// The root made anew from the bytes and salts of all facts.
fn root_of_facts(link: &dyn Link) -> Result<Hash, Broken> {
    let mut nodes = Memory::default();
    let mut position = 0;
    loop {
        let facts: Vec<(String, [u8; 32], [u8; 32])> = link.all(
            "SELECT bytes, salt, entry FROM facts WHERE position >= $1 ORDER BY position LIMIT $2",
            cells![position, TURN as u64],
            |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)),
        )?;
        if facts.is_empty() {
            return tree::root(position, &nodes).map_err(|missing| Broken(missing.to_string()));
        }
        for (bytes, salt, entry) in facts {
            if leaf::entry(&salt, bytes.as_bytes()).0 != entry {
                return Err(Broken(format!("fact {position} is not what its entry in the log says")));
            }
            nodes.push(leaf::leaf_hash(&entry));
            position += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;

    #[test]
    fn every_table_is_carried_with_every_column() {
        let folder = tempfile::TempDir::new().unwrap();
        let link = Place::Folder(folder.path().into()).writer().unwrap();
        let tables = "SELECT name FROM sqlite_master WHERE type = 'table' ORDER BY name";
        let there: Vec<String> = link.all(tables, &[], |row| row.get(0)).unwrap();
        let carried: BTreeSet<String> = TABLES.iter().map(|table| table.0.to_owned()).collect();
        assert_eq!(carried.into_iter().collect::<Vec<_>>(), there);
        for (table, columns, keys) in TABLES {
            let sql = "SELECT name FROM pragma_table_info($1) ORDER BY pk = 0, pk, cid";
            let there: Vec<String> = link.all(sql, cells![table], |row| row.get(0)).unwrap();
            assert_eq!(columns.split(", ").collect::<Vec<_>>(), there, "{table}");
            let key = "SELECT count(*) FROM pragma_table_info($1) WHERE pk > 0";
            assert_eq!(link.one(key, cells![table]).unwrap(), Some(keys), "{table}");
        }
    }
}
