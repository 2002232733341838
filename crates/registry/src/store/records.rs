//! Records and their cards, as rows.

use std::{collections::BTreeMap, sync::Arc};

use super::{Broken, Cells, Link, cells};
use grammar::{
    card::Card,
    case::{Case, Refused, Stored},
    clerk::{Desks, Standing},
    kinds::{Day, Id, Moment},
    state::State,
};

/// A record as it lies in the store.
pub struct Row {
    pub id: Id,
    pub desk: String,
    pub sequence: u32,
    pub born: Day,
    pub is_demo: bool,
    pub changed: Moment,
    /// When the card that outsiders see last changed, where it is another one than insiders see.
    pub outside: Option<Moment>,
    pub state: State,
    pub card: Card,
    pub public: Option<Card>,
    /// Bytes of its state as text.
    pub size: usize,
}

pub fn row(link: &dyn Link, id: Id) -> Result<Option<Row>, Broken> {
    link.first(
        "SELECT desk, sequence, born, is_demo, changed, state, card, public, sight,
             CASE WHEN sight = 1 THEN (SELECT changed FROM cards WHERE record = $1 AND tier = 1) END
         FROM records WHERE id = $1",
        cells![id],
        |cells| read(id, cells),
    )
}

fn read(id: Id, cells: &dyn Cells) -> Result<Row, Broken> {
    let born: &str = cells.get(2)?;
    let card: Card = serde_json::from_str(cells.get(6)?)?;
    let public: Option<&str> = cells.get(7)?;
    let state: &str = cells.get(5)?;
    Ok(Row {
        id,
        desk: cells.get(0)?,
        sequence: cells.get(1)?,
        born: born.parse().map_err(|_| Broken(format!("record {id} has no day of birth")))?,
        is_demo: cells.get(3)?,
        changed: Moment::from_millis(cells.get(4)?),
        outside: cells.get::<Option<i64>>(9)?.map(Moment::from_millis),
        state: serde_json::from_str(state)?,
        size: state.len(),
        public: match cells.get(8)? {
            2u8 => Some(card.clone()),
            _ => public.map(serde_json::from_str).transpose()?,
        },
        card,
    })
}

/// The card of a record of this desk, as its insiders know it.
pub fn card(link: &dyn Link, desk: &str, id: Id) -> Result<Option<Card>, Broken> {
    link.first("SELECT card FROM records WHERE id = $1 AND desk = $2", cells![id, desk], |row| {
        Ok(serde_json::from_str(row.get(0)?)?)
    })
}

/// How many events a record has had; `None` when there is no such record.
pub fn sequence(link: &dyn Link, id: Id) -> Result<Option<u32>, Broken> {
    link.one("SELECT sequence FROM records WHERE id = $1", cells![id])
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
pub fn front(link: &dyn Link, id: Id) -> Result<Option<Front>, Broken> {
    link.first(
        "SELECT desk, sequence, is_demo, changed, card FROM records WHERE id = $1 AND sight = 2",
        cells![id],
        |cells| {
            Ok(Front {
                desk: cells.get(0)?,
                sequence: cells.get(1)?,
                is_demo: cells.get(2)?,
                changed: Moment::from_millis(cells.get(3)?),
                card: serde_json::from_str(cells.get(4)?)?,
            })
        },
    )
}

/// Desk and titles of a record that is the same for everyone.
pub fn name(link: &dyn Link, id: Id) -> Result<Option<(String, String, String)>, Broken> {
    link.first(
        "SELECT desk, title_zh, title_en FROM cards WHERE record = $1 AND tier = 2",
        cells![id],
        |cells| Ok((cells.get(0)?, cells.get(1)?, cells.get(2)?)),
    )
}

/// The record as a case plays with it.
pub fn stored(link: &dyn Link, desks: &Desks, id: Id) -> Result<Option<Stored>, Broken> {
    Ok(sized(link, desks, id)?.map(|(stored, _)| stored))
}

/// The same, with the bytes of its state as text.
pub fn sized(link: &dyn Link, desks: &Desks, id: Id) -> Result<Option<(Stored, usize)>, Broken> {
    let Some(row) = row(link, id)? else { return Ok(None) };
    let desk = desks
        .find(&row.desk)
        .ok_or_else(|| Broken(format!("record {id} lies at an unknown desk {}", row.desk)))?;
    let (state, card) = (row.state, Arc::new(row.card));
    let public = row.public.map(|public| if public == *card { Arc::clone(&card) } else { public.into() });
    let standing = Standing { state, card, public, due: None };
    let stored = Stored { desk: desk.name(), standing, sequence: row.sequence, born: row.born };
    Ok(Some((stored, row.size)))
}

/// Keeps a record with its cards, parties, keys and wish of time. Whether it is a demonstration is decided
/// when it is new. Where the caller knows what it was before, what has not changed is not written again.
/// Returns the bytes of its state as text.
///
/// `outside` is when what outsiders see of it last changed, see [`outside`]: they must not be able to tell from the front of a
/// record that something has happened to it of which they may not know.
///
/// # Errors
/// `Err(key)` inside `Ok` when another record has one of its keys.
pub fn put(
    link: &dyn Link,
    id: Id,
    (before, stored): (Option<&Stored>, &Stored),
    is_demo: bool,
    (at, outside, position): (Moment, Moment, u64),
) -> Result<Result<usize, (String, Id)>, Broken> {
    let Standing { state, card, public, due } = &stored.standing;
    let sight = sight(&stored.standing);
    let state = state.to_string();
    let outer = public.as_deref().filter(|_| sight == 1).map(serde_json::to_string).transpose()?;
    link.put(
        "INSERT INTO records (id, desk, sequence, born, is_demo, changed, position, sight, card, public, state)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)
         ON CONFLICT (id) DO UPDATE
         SET sequence = $3, changed = $6, position = $7, sight = $8, card = $9, public = $10, state = $11",
        cells![
            id,
            stored.desk,
            stored.sequence,
            stored.born.to_string(),
            is_demo,
            at.in_millis(),
            position,
            sight,
            serde_json::to_string(&**card)?,
            outer,
            state
        ],
    )?;
    match due {
        Some(due) => link.put(
            "INSERT INTO due (record, at, command) VALUES ($1, $2, $3)
             ON CONFLICT (record) DO UPDATE SET at = $2, command = $3",
            cells![id, due.at.in_millis(), due.command.to_string()],
        )?,
        None if stored.sequence > 1 => link.put("DELETE FROM due WHERE record = $1", cells![id])?,
        None => {}
    }
    if before.is_some_and(|before| is_same_front(&before.standing, &stored.standing)) {
        let sql = match outside == at {
            true => "UPDATE cards SET changed = $2 WHERE record = $1",
            false => "UPDATE cards SET changed = $2 WHERE record = $1 AND tier <> 1",
        };
        link.put(sql, cells![id, at.in_millis()])?;
        return Ok(Ok(state.len()));
    }
    put_front(link, id, stored, (sight, at, outside))?;
    Ok(put_keys(link, id, card)?.map(|()| state.len()))
}

/// When what outsiders see of a record last changed: in the case that ends at `at`, unless their card is the one they have
/// seen since an earlier one.
pub fn outside(
    link: &dyn Link,
    id: Id,
    (before, stored): (Option<&Stored>, &Stored),
    at: Moment,
) -> Result<Moment, Broken> {
    let is_as_before = before.is_some_and(|before| before.standing.public == stored.standing.public);
    if !is_as_before || sight(&stored.standing) != 1 {
        return Ok(at);
    }
    let since: Option<i64> =
        link.one("SELECT changed FROM cards WHERE record = $1 AND tier = 1", cells![id])?;
    Ok(since.map_or(at, Moment::from_millis))
}

/// Whether both have the same rows in the tables of fronts. What only other desks and search read of a card has none
/// there.
fn is_same_front(before: &Standing, now: &Standing) -> bool {
    let is_same = |before: &Card, now: &Card| {
        let rows =
            |card: &Card| (card.scope(), card.amount, card.until, card.place, card.is_offer, card.is_need);
        let kind = |card: &Card| card.facets.get("kind").cloned();
        rows(before) == rows(now)
            && kind(before) == kind(now)
            && before.title_zh == now.title_zh
            && before.title_en == now.title_en
            && before.status == now.status
            && before.field == now.field
            && before.parties == now.parties
            && before.insiders == now.insiders
            && before.inside_offices == now.inside_offices
            && before.keys == now.keys
    };
    let is_same_outside = match (&before.public, &now.public) {
        (Some(before), Some(now)) => is_same(before, now),
        (None, None) => true,
        _ => false,
    };
    sight(before) == sight(now) && is_same(&before.card, &now.card) && is_same_outside
}

/// 2: everyone sees the card; 1: outsiders see another one; 0: they may not know of it.
pub fn sight(standing: &Standing) -> u8 {
    match &standing.public {
        Some(public) if public == &standing.card => 2,
        Some(_) => 1,
        None => 0,
    }
}

/// The cards of a record and who is on them, in the place of what was there.
fn put_front(
    link: &dyn Link,
    id: Id,
    stored: &Stored,
    (sight, at, outside): (u8, Moment, Moment),
) -> Result<(), Broken> {
    let Standing { card, public, .. } = &stored.standing;
    if stored.sequence > 1 {
        link.put("DELETE FROM cards WHERE record = $1", cells![id])?;
        link.put("DELETE FROM parties WHERE record = $1", cells![id])?;
        link.put("DELETE FROM insiders WHERE record = $1", cells![id])?;
    }
    if sight == 2 {
        put_card(link, id, stored.desk, card, (2, at))?;
    } else {
        put_card(link, id, stored.desk, card, (0, at))?;
        put_insiders(link, id, card)?;
        if let Some(public) = public {
            put_card(link, id, stored.desk, public, (1, outside))?;
        }
    }
    put_parties(link, id, stored)
}

fn put_card(
    link: &dyn Link,
    id: Id,
    desk: &str,
    card: &Card,
    (tier, at): (u8, Moment),
) -> Result<(), Broken> {
    link.put(
        "INSERT INTO cards (record, tier, desk, status, region, kind, field, amount, until, title_zh, title_en, words, is_offer, is_need, latitude, longitude, changed)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)",
        cells![
            id,
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
            words(&card.title_zh, &card.title_en),
            card.is_offer,
            card.is_need,
            card.place.map(|place| place.0),
            card.place.map(|place| place.1),
            at.in_millis()
        ],
    )?;
    Ok(())
}

/// Both titles as lists look for words in them: in small letters, so that no engine's own idea of letters
/// matters.
fn words(zh: &str, en: &str) -> String {
    if zh == en { zh.to_lowercase() } else { format!("{zh}\n{en}").to_lowercase() }
}

fn put_parties(link: &dyn Link, id: Id, stored: &Stored) -> Result<(), Broken> {
    let Standing { card, public, .. } = &stored.standing;
    for (part, who) in &card.parties {
        let is_public = public.as_ref().is_some_and(|public| public.holders(part).any(|known| known == *who));
        link.put(
            "INSERT INTO parties (who, part, record, desk, is_public) VALUES ($1, $2, $3, $4, $5)
             ON CONFLICT (who, part, record) DO NOTHING",
            cells![who, part, id, stored.desk, is_public],
        )?;
    }
    Ok(())
}

fn put_insiders(link: &dyn Link, id: Id, card: &Card) -> Result<(), Broken> {
    let region = card.scope().number();
    let insert = |who: &str| {
        link.put(
            "INSERT INTO insiders (who, region, record) VALUES ($1, $2, $3)
             ON CONFLICT (who, region, record) DO NOTHING",
            cells![who, region, id],
        )
    };
    for part in &card.insiders {
        for who in card.holders(part) {
            insert(who.as_str())?;
        }
    }
    for office in &card.inside_offices {
        insert(&format!("office:{office}"))?;
    }
    Ok(())
}

/// Whether every key of the records of a case is free, or theirs already.
///
/// # Errors
/// `Err(Refused::Taken)` inside `Ok` when another record has one of them.
pub fn are_free(link: &dyn Link, case: &Case) -> Result<Result<(), Refused>, Broken> {
    let mut own: BTreeMap<&str, Id> = BTreeMap::new();
    for (id, stored) in &case.changed {
        let before = case.before.get(id).map(|before| &before.standing.card.keys);
        for key in &stored.standing.card.keys {
            let by = match own.insert(key, *id) {
                Some(other) => Some(other),
                None if before.is_some_and(|before| before.contains(key)) => None,
                None => owner(link, key)?,
            };
            if by.is_some_and(|by| by != *id) {
                return Ok(Err(Refused::Taken { key: key.clone(), by }));
            }
        }
    }
    Ok(Ok(()))
}

/// The record that has a key.
fn owner(link: &dyn Link, key: &str) -> Result<Option<Id>, Broken> {
    link.one("SELECT record FROM unique_keys WHERE key = $1", cells![key])
}

fn put_keys(link: &dyn Link, id: Id, card: &Card) -> Result<Result<(), (String, Id)>, Broken> {
    for key in &card.keys {
        match owner(link, key)? {
            Some(other) if other != id => return Ok(Err((key.clone(), other))),
            Some(_) => {}
            None => {
                link.put("INSERT INTO unique_keys (key, record) VALUES ($1, $2)", cells![key, id])?;
            }
        }
    }
    Ok(Ok(()))
}
