//! Records and their cards, as rows.

use grammar::{
    card::Card,
    case::Stored,
    clerk::{Desks, Standing},
    kinds::{Day, Id, Moment},
};
use rusqlite::{Connection, OptionalExtension, params};
use serde_json::Value;

use super::{Broken, number};

/// A record as it lies in the store.
pub struct Row {
    pub id: Id,
    pub desk: String,
    pub sequence: u32,
    pub born: Day,
    pub is_demo: bool,
    pub changed: Moment,
    pub state: Value,
    pub card: Card,
    pub public: Option<Card>,
}

pub fn row(connection: &Connection, id: Id) -> Result<Option<Row>, Broken> {
    let mut query = connection.prepare_cached(
        "SELECT desk, sequence, born, is_demo, changed, state, card, public, sight FROM records WHERE id = $1",
    )?;
    let raw = query
        .query_row([id.as_str()], |row| {
            Ok((
                row.get::<_, String>(0)?,
                row.get::<_, u32>(1)?,
                row.get::<_, String>(2)?,
                row.get::<_, bool>(3)?,
                row.get::<_, i64>(4)?,
                row.get::<_, String>(5)?,
                row.get::<_, String>(6)?,
                row.get::<_, Option<String>>(7)?,
                row.get::<_, u8>(8)?,
            ))
        })
        .optional()?;
    let Some((desk, sequence, born, is_demo, changed, state, card, public, sight)) = raw else {
        return Ok(None);
    };
    let born = born.parse().map_err(|_| Broken(format!("record {id} has no day of birth")))?;
    let card: Card = serde_json::from_str(&card)?;
    Ok(Some(Row {
        id,
        desk,
        sequence,
        born,
        is_demo,
        changed: Moment::from_millis(changed),
        state: serde_json::from_str(&state)?,
        public: match sight {
            2 => Some(card.clone()),
            _ => public.as_deref().map(serde_json::from_str).transpose()?,
        },
        card,
    }))
}

/// The front of a record that is the same for everyone.
pub struct Front {
    pub desk: String,
    pub sequence: u32,
    pub is_demo: bool,
    pub changed: Moment,
    pub card: Card,
}

/// A record's front without its state; `None` when there is no such record, or it is not the same for all.
pub fn front(connection: &Connection, id: Id) -> Result<Option<Front>, Broken> {
    let mut query = connection.prepare_cached(
        "SELECT desk, sequence, is_demo, changed, card FROM records WHERE id = $1 AND sight = 2",
    )?;
    let raw = query
        .query_row([id.as_str()], |row| {
            let card = row.get::<_, String>(4)?;
            Ok((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?, card))
        })
        .optional()?;
    let Some((desk, sequence, is_demo, changed, card)) = raw else { return Ok(None) };
    let changed = Moment::from_millis(changed);
    Ok(Some(Front { desk, sequence, is_demo, changed, card: serde_json::from_str(&card)? }))
}

/// Desk and titles of a record that is the same for everyone.
pub fn name(connection: &Connection, id: Id) -> Result<Option<(String, String, String)>, Broken> {
    let mut query = connection
        .prepare_cached("SELECT desk, title_zh, title_en FROM cards WHERE record = $1 AND tier = 2")?;
    let name = query.query_row([id.as_str()], |row| Ok((row.get(0)?, row.get(1)?, row.get(2)?)));
    Ok(name.optional()?)
}

/// The record as a case plays with it.
pub fn stored(connection: &Connection, desks: &Desks, id: Id) -> Result<Option<Stored>, Broken> {
    let Some(row) = row(connection, id)? else { return Ok(None) };
    let desk = desks
        .find(&row.desk)
        .ok_or_else(|| Broken(format!("record {id} lies at an unknown desk {}", row.desk)))?;
    let standing = Standing { state: row.state, card: row.card, public: row.public, due: None };
    Ok(Some(Stored { desk: desk.name(), standing, sequence: row.sequence, born: row.born }))
}

/// Keeps a record with its cards, parties, keys and wish of time.
///
/// # Errors
/// `Err(key)` inside `Ok` when another record has one of its keys.
pub fn put(
    connection: &Connection,
    id: Id,
    stored: &Stored,
    is_demo: bool,
    at: Moment,
    position: u64,
) -> Result<Result<(), (String, Id)>, Broken> {
    let Standing { state, card, public, due } = &stored.standing;
    let mut insert = connection.prepare_cached(
        "INSERT INTO records (id, desk, sequence, born, is_demo, changed, position, sight, card, public, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (id) DO UPDATE
         SET sequence = $3, changed = $6, position = $7, sight = $8, card = $9, public = $10, state = $11",
    )?;
    let sight = match public {
        Some(public) if public == card => 2,
        Some(_) => 1,
        None => 0,
    };
    let outer = public.as_ref().filter(|_| sight == 1).map(serde_json::to_string).transpose()?;
    insert.execute(params![
        id.as_str(),
        stored.desk,
        stored.sequence,
        stored.born.to_string(),
        is_demo,
        at.in_millis(),
        number(position),
        sight,
        serde_json::to_string(card)?,
        outer,
        state.to_string()
    ])?;
    for table in ["cards", "parties", "insiders"] {
        let mut delete = connection.prepare_cached(&format!("DELETE FROM {table} WHERE record = $1"))?;
        if stored.sequence > 1 {
            delete.execute([id.as_str()])?;
        }
    }
    if public.as_ref() == Some(card) {
        put_card(connection, id, stored.desk, card, 2, at)?;
    } else {
        put_card(connection, id, stored.desk, card, 0, at)?;
        put_insiders(connection, id, card)?;
        if let Some(public) = public {
            put_card(connection, id, stored.desk, public, 1, at)?;
        }
    }
    put_parties(connection, id, stored)?;
    match due {
        Some(due) => connection
            .prepare_cached("INSERT OR REPLACE INTO due (record, at, command) VALUES ($1, $2, $3)")?
            .execute(params![id.as_str(), due.at.in_millis(), due.command.to_string()])?,
        None => connection.prepare_cached("DELETE FROM due WHERE record = $1")?.execute([id.as_str()])?,
    };
    put_keys(connection, id, card)
}

fn put_card(
    connection: &Connection,
    id: Id,
    desk: &str,
    card: &Card,
    tier: u8,
    at: Moment,
) -> Result<(), Broken> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO cards (record, tier, desk, status, region, kind, field, amount, until, title_zh, title_en, is_offer, latitude, longitude, changed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)",
    )?;
    insert.execute(params![
        id.as_str(),
        tier,
        desk,
        card.status,
        card.scope().number(),
        card.facets.get("kind").map_or("", String::as_str),
        card.field.as_deref().unwrap_or(""),
        card.amount.map(|amount| amount.in_fen()),
        card.until.map(|day| day.to_string()),
        card.title_zh,
        card.title_en,
        card.is_offer,
        card.place.map(|place| place.0),
        card.place.map(|place| place.1),
        at.in_millis()
    ])?;
    Ok(())
}

fn put_parties(connection: &Connection, id: Id, stored: &Stored) -> Result<(), Broken> {
    let Standing { card, public, .. } = &stored.standing;
    let mut insert = connection.prepare_cached(
        "INSERT OR IGNORE INTO parties (who, part, record, desk, is_public) VALUES ($1, $2, $3, $4, $5)",
    )?;
    for (part, who) in &card.parties {
        let is_public = public.as_ref().is_some_and(|public| public.holders(part).any(|known| known == *who));
        insert.execute(params![who.as_str(), part, id.as_str(), stored.desk, is_public])?;
    }
    Ok(())
}

fn put_insiders(connection: &Connection, id: Id, card: &Card) -> Result<(), Broken> {
    let mut insert = connection
        .prepare_cached("INSERT OR IGNORE INTO insiders (who, region, record) VALUES ($1, $2, $3)")?;
    let region = card.scope().number();
    for part in &card.insiders {
        for who in card.holders(part) {
            insert.execute(params![who.as_str(), region, id.as_str()])?;
        }
    }
    for office in &card.inside_offices {
        insert.execute(params![format!("office:{office}"), region, id.as_str()])?;
    }
    Ok(())
}

fn put_keys(connection: &Connection, id: Id, card: &Card) -> Result<Result<(), (String, Id)>, Broken> {
    let mut owner = connection.prepare_cached("SELECT record FROM unique_keys WHERE key = $1")?;
    let mut insert =
        connection.prepare_cached("INSERT OR IGNORE INTO unique_keys (key, record) VALUES ($1, $2)")?;
    for key in &card.keys {
        let taken: Option<String> = owner.query_row([key], |row| row.get(0)).optional()?;
        if let Some(other) = taken.filter(|other| other != id.as_str()) {
            return Ok(Err((key.clone(), other.parse().unwrap_or(id))));
        }
        insert.execute(params![key, id.as_str()])?;
    }
    Ok(Ok(()))
}
