//! Look: everything a viewer can read, made from veiled records and nothing else.

use grammar::{
    card::Card,
    case::{Case, Refused, Shelf, Stage, Stored},
    clerk::Clerk,
    kinds::{Day, Id, Moment},
    viewer::Viewer,
};
use serde_json::Value;

use crate::{
    Broken, Registry,
    casefile::Actors,
    store::{self, Link, cells},
};

/// Lines of a history that are read at once.
const LINES_MAX: u32 = 1_000;
/// Records that name another and are looked at.
const NAMING_MAX: u32 = 500;
/// Facts of one desk among the latest, so that one busy desk does not hide the others.
const OF_ONE_DESK: u32 = 2;

/// The house through one viewer's eyes.
pub struct Look<'a> {
    pub registry: &'a Registry,
    pub viewer: Viewer,
}

/// A record as the viewer may see it.
#[derive(Clone, Debug, PartialEq)]
pub struct Record {
    pub id: Id,
    pub desk: String,
    pub state: Value,
    pub card: Card,
    pub is_demo: bool,
    /// How many events it has had; 0 where the viewer may not know.
    pub sequence: u32,
    pub born: Day,
    /// As far as the viewer may know.
    pub changed: Moment,
}

/// One line of a record's history.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    /// The fact's place in the log.
    pub position: u64,
    pub sequence: u32,
    pub at: Moment,
    /// `person`, `public`, `clock` or `founder`, and which person, who may have acted for another.
    pub by: String,
    pub person: Option<Id>,
    pub acting_for: Option<Id>,
    pub told_by: Option<String>,
    /// The event as the viewer may read it.
    pub event: Value,
}

#[derive(Clone, PartialEq, Debug)]
pub struct Listed {
    pub id: Id,
    pub desk: String,
    pub card: Card,
    pub is_demo: bool,
    pub sequence: u32,
    pub changed: Moment,
}

/// How many events a record has had, and when it last changed, as far as whoever sees this card of it may know.
fn marks(clerk: &dyn Clerk, row: &store::Row, card: &Card) -> (u32, Moment) {
    let outside = row.outside.filter(|_| row.public.as_ref() == Some(card));
    let sequence = if is_kept_quiet(clerk, row, card) { 0 } else { row.sequence };
    (sequence, outside.unwrap_or(row.changed))
}

/// Whether whoever sees this card of a record may not know that anything happens to it.
pub fn is_kept_quiet(clerk: &dyn Clerk, row: &store::Row, card: &Card) -> bool {
    clerk.is_quiet() && row.outside.is_some() && row.public.as_ref() == Some(card)
}

impl Registry {
    /// The house through the eyes of a person, or of the public.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn look(&self, person: Option<Id>) -> Result<Look<'_>, Broken> {
        let viewer = match person {
            Some(person) => self.read(|link| crate::charter::viewer(link, person, self.now().day()))?,
            None => Viewer::public(),
        };
        Ok(Look { registry: self, viewer })
    }

    /// The house through the eyes of someone who acts for another: what both may see. Nothing but what is
    /// public, when there is no such deputy today.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn look_for(&self, person: Id, acting_for: Id) -> Result<Look<'_>, Broken> {
        let viewer = self.read(|link| crate::charter::deputy(link, person, acting_for, self.now().day()))?;
        Ok(Look { registry: self, viewer })
    }

    /// Which record has this key, such as `uscc:9131…`.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn with_key(&self, key: &str) -> Result<Option<Id>, Broken> {
        self.read(|link| link.one("SELECT record FROM unique_keys WHERE key = $1", cells![key]))
    }
}

impl Look<'_> {
    /// A record as the viewer may see it; `None` when there is none, or it is not for the viewer's eyes.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn record(&self, id: Id) -> Result<Option<Record>, Broken> {
        let Some(row) = self.registry.read(|link| store::row(link, id))? else { return Ok(None) };
        let Some(clerk) = self.registry.desks().find(&row.desk) else { return Ok(None) };
        let seen = clerk.veil(&row.state, &self.viewer);
        Ok(seen.map(|(state, card)| {
            let (sequence, changed) = marks(clerk, &row, &card);
            let store::Row { desk, is_demo, born, .. } = row;
            Record { id, desk, state, card, is_demo, sequence, born, changed }
        }))
    }

    /// Desk and titles (Chinese, English) of a record, if the viewer may know of it.
    #[must_use]
    pub fn title(&self, id: Id) -> Option<(String, String, String)> {
        if let Ok(Some(name)) = self.registry.read(|link| store::name(link, id)) {
            return Some(name);
        }
        let record = self.record(id).ok().flatten()?;
        Some((record.desk, record.card.title_zh, record.card.title_en))
    }

    /// What happened to a record, oldest first, as the viewer may read it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn history(&self, id: Id) -> Result<Vec<Line>, Broken> {
        let Some(row) = self.registry.read(|link| store::row(link, id))? else {
            return Ok(vec![]);
        };
        let Some(clerk) = self.registry.desks().find(&row.desk) else { return Ok(vec![]) };
        if clerk.veil(&row.state, &self.viewer).is_none() {
            return Ok(vec![]);
        }
        let facts = self.registry.read(|link| facts(link, id))?;
        let event = |(_, fact, _): &(u64, Value, Actors)| fact.get("event").cloned().unwrap_or_default();
        let events: Vec<Value> = facts.iter().map(event).collect();
        let veiled = clerk.veil_events(&row.state, &events, &self.viewer);
        // Whoever may not read an event whole is not told by whom it was: that would say what was blanked in it. Where anything is
        // blanked, what was told by another desk says no more: who asked that desk is a matter of the record there.
        let is_open = veiled
            .iter()
            .zip(&events)
            .all(|(seen, whole)| seen.as_ref().is_some_and(|seen| keeps(whole, seen)));
        let mut lines = Vec::new();
        for (((position, fact, actors), event), whole) in facts.into_iter().zip(veiled).zip(&events) {
            let Some(event) = event else { continue };
            let is_whole =
                keeps(whole, &event) && (is_open || fact.get("told_by").is_none_or(Value::is_null));
            let text = |name: &str| fact.get(name).and_then(Value::as_str).map(str::to_owned);
            let by = fact.get("by").cloned().unwrap_or_default();
            let may_know = |id: &Id| is_whole || self.viewer.person == Some(*id);
            let person = actors.person().filter(may_know);
            lines.push(Line {
                position,
                sequence: fact
                    .get("sequence")
                    .and_then(Value::as_u64)
                    .and_then(|n| u32::try_from(n).ok())
                    .unwrap_or(0),
                at: text("at").and_then(|at| at.parse().ok()).unwrap_or_default(),
                by: if actors.person().is_some() {
                    "person".into()
                } else {
                    by.as_str().unwrap_or("public").to_owned()
                },
                person,
                acting_for: actors.acting_for().filter(may_know),
                told_by: text("told_by"),
                event,
            });
        }
        Ok(lines)
    }

    pub(crate) fn listed(&self, link: &dyn Link, id: Id) -> Result<Option<Listed>, Broken> {
        if let Some(front) = store::front(link, id)? {
            let store::Front { desk, sequence, is_demo, changed, card } = front;
            return Ok(Some(Listed { id, desk, card, is_demo, sequence, changed }));
        }
        let Some(row) = store::row(link, id)? else { return Ok(None) };
        let Some(clerk) = self.registry.desks().find(&row.desk) else { return Ok(None) };
        Ok(clerk.veil(&row.state, &self.viewer).map(|(_, card)| {
            let (sequence, changed) = marks(clerk, &row, &card);
            let store::Row { desk, is_demo, .. } = row;
            Listed { id, desk, card, is_demo, sequence, changed }
        }))
    }

    /// Records of a desk whose card names another in a part, each as the viewer may see it, in the order of their
    /// ids. Unlike in a list, those stand here too that the desk shows to this viewer alone.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn naming(&self, desk: &str, (part, who): (&str, Id)) -> Result<Vec<Record>, Broken> {
        let ids: Vec<Id> = self.registry.read(|link| {
            link.all(
                "SELECT record FROM parties WHERE who = $1 AND part = $2 AND desk = $3 ORDER BY record LIMIT $4",
                cells![who, part, desk, NAMING_MAX],
                |row| row.get(0),
            )
        })?;
        self.that_name(ids, (part, who))
    }

    /// Those of these records that, as the viewer may see them, name another in a part.
    pub(crate) fn that_name(&self, ids: Vec<Id>, (part, who): (&str, Id)) -> Result<Vec<Record>, Broken> {
        let mut records = Vec::new();
        for id in ids {
            let record = self.record(id)?;
            records.extend(record.filter(|record| record.card.holders(part).any(|other| other == who)));
        }
        Ok(records)
    }

    /// Cards of records, in this order, without those the viewer may not know of.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn cards(&self, ids: &[Id]) -> Result<Vec<Listed>, Broken> {
        self.registry.read(|link| {
            let rows = ids.iter().take(1_000).map(|id| self.listed(link, *id));
            rows.filter_map(Result::transpose).collect()
        })
    }
}

/// Whether everything that stands in an event still stands in it as a viewer reads it. A later version of the desk may have
/// added fields since it was written.
fn keeps(whole: &Value, seen: &Value) -> bool {
    let in_it = |(name, value): (&String, &Value)| keeps(value, seen.get(name).unwrap_or(&Value::Null));
    match (whole, seen) {
        (Value::Object(fields), Value::Object(_)) => fields.iter().all(in_it),
        (Value::Array(all), Value::Array(left)) => {
            all.len() == left.len() && all.iter().zip(left).all(|(one, other)| keeps(one, other))
        }
        _ => whole == seen,
    }
}

fn facts(link: &dyn Link, id: Id) -> Result<Vec<(u64, Value, Actors)>, Broken> {
    link.all(
        "SELECT position, bytes, actors FROM facts WHERE record = $1 ORDER BY sequence LIMIT $2",
        cells![id, LINES_MAX],
        |row| Ok((row.get(0)?, serde_json::from_str(row.get(1)?)?, Actors::read(row.get(2)?)?)),
    )
}

/// The store as a probe sees it.
struct Drawers<'a> {
    link: &'a dyn Link,
    registry: &'a Registry,
}

impl Shelf for Drawers<'_> {
    fn stored(&self, id: Id) -> Option<Stored> {
        store::stored(self.link, self.registry.desks(), id).ok().flatten()
    }
}

impl Look<'_> {
    /// Whether the viewer could ask this of a record now. Nothing is kept, and the writer is not disturbed.
    ///
    /// # Errors
    /// Why nothing would happen.
    pub fn probe(&self, desk: &str, record: Id, command: &Value) -> Result<(), Refused> {
        let rules = self.registry.rules();
        let played = self.registry.read(|link| {
            let drawers = Drawers { link, registry: self.registry };
            let name = |_: &str, n: u32| format!("probe-{n}").parse().unwrap_or(record);
            let stage = Stage {
                desks: self.registry.desks(),
                shelf: &drawers,
                rules: &rules,
                now: self.registry.now(),
                name: &name,
            };
            let play = || Case::default().ask(&stage, desk, Some(record), command, &self.viewer);
            Ok(std::panic::catch_unwind(std::panic::AssertUnwindSafe(play)).unwrap_or(Err(Refused::TooMuch)))
        });
        played.unwrap_or(Err(Refused::TooMuch)).map(drop)
    }
}

impl Look<'_> {
    /// Some record of a desk that everyone may see; any will do for a probe.
    #[must_use]
    pub fn any(&self, desk: &str) -> Option<Id> {
        let some = self.registry.read(|link| {
            link.one(
                "SELECT record FROM cards WHERE desk = $1 AND tier > 0 ORDER BY changed DESC LIMIT 1",
                cells![desk],
            )
        });
        some.ok().flatten()
    }

    /// The newest facts of records that everyone may see: place in the log, record, event, moment. For the
    /// front page: only what the public may read of them.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn latest(&self, most: usize) -> Result<Vec<(Listed, Line)>, Broken> {
        let mut newest = self.registry.read(|link| {
            let mut newest: Vec<(i64, Id)> = Vec::new();
            let shown = self.registry.desks().iter().map(grammar::clerk::Clerk::name);
            for desk in shown.filter(|desk| !["account", "person", "office", "rulebook"].contains(desk)) {
                newest.extend(link.all(
                    "SELECT changed, record FROM cards WHERE desk = $1 AND tier > 0 ORDER BY changed DESC LIMIT $2",
                    cells![desk, OF_ONE_DESK],
                    |row| Ok((row.get(0)?, row.get(1)?)),
                )?);
            }
            Ok(newest)
        })?;
        newest.sort_by_key(|(changed, id)| (std::cmp::Reverse(*changed), *id));
        let ids: Vec<Id> = newest.into_iter().take(most).map(|(_, id)| id).collect();
        let public = Look { registry: self.registry, viewer: Viewer::public() };
        let mut latest = Vec::new();
        for listed in public.cards(&ids)? {
            if let Some(line) = public.history(listed.id)?.pop() {
                latest.push((listed, line));
            }
        }
        Ok(latest)
    }
}
