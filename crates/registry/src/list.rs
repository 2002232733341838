//! List: a desk's records as a viewer may see them: narrowed, counted, in pages. One query language, SQL; the
//! viewer's own conditions are part of every query.

use std::{collections::HashMap, sync::Mutex};

use grammar::{
    kinds::{Id, Region},
    viewer::Viewer,
};

use crate::{
    Broken,
    look::{Listed, Look},
    store::{AsCell, Cell, Link, OfCell, Value, cells},
};

/// Rows on one page of a list.
pub const ROWS_MAX: u32 = 200;
/// Spots on one map.
const SPOTS_MAX: u32 = 2_000;
/// Values of one column that a list may ask for at a time.
const ANY_OF_MAX: usize = 20;
/// Answers of one sort remembered at a time.
const REMEMBERED_MAX: usize = 400;

/// The order of a list.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Sort {
    #[default]
    Newest,
    /// Those first that have not changed for longest.
    Oldest,
    TitleZh,
    TitleEn,
}

/// Records near each other on a map.
#[derive(Clone, Copy, PartialEq, Debug)]
pub struct Spot {
    pub latitude: f64,
    pub longitude: f64,
    pub count: u32,
    /// The region of one of them.
    pub region: Region,
}

/// What a list shows.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Filter {
    pub desk: String,
    /// Part of a title.
    pub words: String,
    /// One of these, with commas between them; so are kinds and fields.
    pub status: Option<String>,
    pub kind: Option<String>,
    pub field: Option<String>,
    pub region: Option<Region>,
    /// Records in which this one has a part.
    pub party: Option<Id>,
    /// Only records in which the viewer, or one of the viewer's organisations, has a part.
    pub is_mine: bool,
    /// Only records that name someone in this part; with `party` or `is_mine`, that one.
    pub part: Option<String>,
    pub sort: Sort,
    /// Where the page before ended.
    pub after: Option<String>,
    pub limit: u32,
}

/// Values of a facet with their counts.
pub(crate) type Facet = (&'static str, Vec<(String, u64)>);

/// Answers that hold for as long as the log does not grow, by their questions, with the size of the log.
pub(crate) struct Remembered<T>(Mutex<HashMap<String, (u64, T)>>);

impl<T> Default for Remembered<T> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

impl<T: Clone> Remembered<T> {
    /// The answer remembered at this size of the log, or a fresh one.
    fn at(&self, size: u64, key: String, make: impl FnOnce() -> Result<T, Broken>) -> Result<T, Broken> {
        let known = self.0.lock().ok().and_then(|answers| answers.get(&key).cloned());
        if let Some((_, answer)) = known.filter(|(at, _)| *at == size) {
            return Ok(answer);
        }
        let answer = make()?;
        if let Ok(mut answers) = self.0.lock() {
            if answers.len() >= REMEMBERED_MAX {
                answers.retain(|_, (at, _)| *at == size);
            }
            if answers.len() < REMEMBERED_MAX {
                answers.insert(key, (size, answer.clone()));
            }
        }
        Ok(answer)
    }
}

/// One page of a list, with the numbers beside it.
#[derive(Clone, PartialEq, Debug, Default)]
pub struct Page {
    pub rows: Vec<Listed>,
    pub total: u64,
    /// By status, kind, field and province: value and count, most first.
    pub facets: Vec<(&'static str, Vec<(String, u64)>)>,
    pub next: Option<String>,
}

impl Look<'_> {
    /// A list of a desk's records.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn list(&self, filter: &Filter) -> Result<Page, Broken> {
        let query = Query::of(filter, &self.viewer);
        let (total, facets) = (self.total(&query)?, self.facets(&query)?);
        let (rows, next) = self.page(&query, filter)?;
        Ok(Page { rows, total, facets, next })
    }

    /// The rows of a list alone, without the numbers beside it; and where the next page begins.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn rows(&self, filter: &Filter) -> Result<(Vec<Listed>, Option<String>), Broken> {
        self.page(&Query::of(filter, &self.viewer), filter)
    }

    fn page(&self, query: &Query, filter: &Filter) -> Result<(Vec<Listed>, Option<String>), Broken> {
        let limit = filter.limit.clamp(1, ROWS_MAX);
        self.registry.read(|link| {
            let ids = query.ids(link, filter, limit)?;
            let next = if ids.len() > limit as usize {
                ids.get(limit as usize - 1).map(|(id, at)| format!("{at}|{id}"))
            } else {
                None
            };
            let mut rows = Vec::new();
            for (id, _) in ids.into_iter().take(limit as usize) {
                rows.extend(self.listed(link, id)?);
            }
            Ok((rows, next))
        })
    }

    /// How many records a list would have.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn count(&self, filter: &Filter) -> Result<u64, Broken> {
        self.total(&Query::of(filter, &self.viewer))
    }

    fn total(&self, query: &Query) -> Result<u64, Broken> {
        let count = || self.registry.read(|link| query.count(link));
        self.registry.totals.at(self.registry.size(), query.key(), count)
    }

    /// How the records of a list spread.
    fn facets(&self, query: &Query) -> Result<Vec<Facet>, Broken> {
        self.registry.facets.at(self.registry.size(), query.key(), || {
            self.registry.read(|link| {
                let names = ["status", "kind", "field", "province"].into_iter();
                names.map(|name| Ok((name, query.facet(link, name)?))).collect()
            })
        })
    }

    /// Points for a map within a frame of degrees (south, west, north, east): records that everyone may see,
    /// those closer than a twentieth of a degree together in one spot. At most [`SPOTS_MAX`].
    /// Gathered once for as long as the log does not grow.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn spots(
        &self,
        desk: &str,
        (south, west, north, east): (f64, f64, f64, f64),
    ) -> Result<Vec<Spot>, Broken> {
        let key = format!("{desk} {south} {west} {north} {east}");
        let gather = |link: &dyn Link| {
            link.all(
                "SELECT avg(latitude), avg(longitude), count(*), min(region) FROM cards
                 WHERE desk = $1 AND tier > 0 AND latitude BETWEEN $2 AND $3 AND longitude BETWEEN $4 AND $5
                 GROUP BY round(latitude * 20), round(longitude * 20) ORDER BY count(*) DESC LIMIT $6",
                cells![desk, south, north, west, east, SPOTS_MAX],
                |row| {
                    Ok(Spot {
                        latitude: row.get(0)?,
                        longitude: row.get(1)?,
                        count: row.get(2)?,
                        region: Region::code(row.get(3)?),
                    })
                },
            )
        };
        self.registry.spots.at(self.registry.size(), key, || self.registry.read(gather))
    }
}

/// The conditions of a list, with the viewer's own among them.
struct Query {
    with: String,
    conditions: String,
    values: Vec<Value>,
}

fn borrowed(values: &[Value]) -> Vec<Cell<'_>> {
    values.iter().map(AsCell::as_cell).collect()
}

impl Query {
    fn of(filter: &Filter, viewer: &Viewer) -> Self {
        let mut query = Self { with: String::new(), conditions: String::new(), values: Vec::new() };
        query.only_what_is_known_to(viewer);
        let desk = query.value(filter.desk.as_str());
        query.conditions.push_str(&format!(" AND c.desk = {desk}"));
        for (column, wanted) in [("status", &filter.status), ("kind", &filter.kind), ("field", &filter.field)]
        {
            if let Some(wanted) = wanted {
                let values = wanted.split(',').take(ANY_OF_MAX).map(|one| query.value(one));
                let values = values.collect::<Vec<_>>().join(", ");
                query.conditions.push_str(&format!(" AND c.{column} IN ({values})"));
            }
        }
        if let Some(region) = filter.region {
            let (low, high) = span(region);
            query.conditions.push_str(&format!(" AND c.region BETWEEN {low} AND {high}"));
        }
        let words = filter.words.trim();
        if !words.is_empty() {
            let escaped = words.to_lowercase().replace('\\', "\\\\").replace('%', "\\%").replace('_', "\\_");
            let value = query.value(format!("%{escaped}%"));
            query.conditions.push_str(&format!(" AND c.words LIKE {value} ESCAPE '\\'"));
        }
        query.only_of_parties(filter, viewer);
        query
    }

    fn only_of_parties(&mut self, filter: &Filter, viewer: &Viewer) {
        let part = filter.part.as_ref().map(|part| format!(" AND p.part = {}", self.value(part.as_str())));
        let part = part.unwrap_or_default();
        let names = |who: &str| {
            format!(
                " AND EXISTS (SELECT 1 FROM parties p WHERE p.record = c.record AND (p.is_public = 1 OR c.tier = 0){part}{who})"
            )
        };
        if let Some(party) = filter.party {
            let value = self.value(party.as_str());
            self.conditions.push_str(&names(&format!(" AND p.who = {value}")));
        }
        if filter.is_mine {
            let mine: Vec<String> = viewer.selves().map(|id| self.value(id.as_str())).collect();
            self.conditions.push_str(&match mine.as_slice() {
                [] => " AND 1 = 0".to_owned(),
                mine => names(&format!(" AND p.who IN ({})", mine.join(", "))),
            });
        }
        if filter.party.is_none() && !filter.is_mine && !part.is_empty() {
            self.conditions.push_str(&names(""));
        }
    }

    /// Names the query. It holds the viewer's own conditions, so nobody is given another's answer.
    fn key(&self) -> String {
        format!("{}{}{:?}", self.with, self.conditions, self.values)
    }

    fn value(&mut self, value: impl Into<String>) -> String {
        self.values.push(Value::Text(value.into()));
        format!("${}", self.values.len())
    }

    /// Insiders are shown the inner card, others the outer one; the same test as `Viewer::is_inside`.
    fn only_what_is_known_to(&mut self, viewer: &Viewer) {
        if viewer.person.is_none() {
            self.conditions = "c.tier > 0".into();
            return;
        }
        let ids: Vec<String> = viewer.selves().map(|id| self.value(id.as_str())).collect();
        // Someone who acts for another may be nobody of their own.
        let mut inside =
            vec![if ids.is_empty() { "1 = 0".into() } else { format!("who IN ({})", ids.join(", ")) }];
        for (office, region) in &viewer.offices {
            let (low, high) = span(*region);
            let office = self.value(format!("office:{office}"));
            inside.push(format!("(who = {office} AND region BETWEEN {low} AND {high})"));
        }
        self.with = format!(
            "WITH inner_records AS MATERIALIZED (SELECT DISTINCT record FROM insiders WHERE {}) ",
            inside.join(" OR ")
        );
        self.conditions =
            "(c.tier = 2 OR (c.tier = 0) = (c.record IN (SELECT record FROM inner_records)))".into();
    }

    fn count(&self, link: &dyn Link) -> Result<u64, Broken> {
        let sql = format!("{}SELECT count(*) FROM cards c WHERE {}", self.with, self.conditions);
        Ok(link.one(&sql, &borrowed(&self.values))?.unwrap_or(0))
    }

    /// One more than the page holds, to know whether there is another.
    fn ids(&self, link: &dyn Link, filter: &Filter, limit: u32) -> Result<Vec<(Id, String)>, Broken> {
        let (column, order, beyond) = match filter.sort {
            Sort::Newest => ("changed", "DESC", "<"),
            Sort::Oldest => ("changed", "ASC", ">"),
            Sort::TitleZh => ("title_zh", "ASC", ">"),
            Sort::TitleEn => ("title_en", "ASC", ">"),
        };
        let mut values = self.values.clone();
        let mut from = String::new();
        if let Some((at, id)) = filter.after.as_deref().and_then(|after| after.rsplit_once('|')) {
            let at = if column == "changed" {
                Value::Int(at.parse().unwrap_or(0))
            } else {
                Value::Text(at.to_owned())
            };
            values.extend([at, Value::Text(id.to_owned())]);
            let (at, id) = (values.len() - 1, values.len());
            from = format!(" AND (c.{column} {beyond} ${at} OR (c.{column} = ${at} AND c.record > ${id}))");
        }
        let sql = format!(
            "{}SELECT c.record, c.{column} FROM cards c WHERE {}{from} ORDER BY c.{column} {order}, c.record LIMIT {}",
            self.with,
            self.conditions,
            limit + 1
        );
        link.all(&sql, &borrowed(&values), |row| Ok((row.get(0)?, row.get::<Name>(1)?.0)))
    }

    fn facet(&self, link: &dyn Link, name: &str) -> Result<Vec<(String, u64)>, Broken> {
        // Division means another thing in each engine; the rest of a division does not.
        let (column, nothing) = match name {
            "province" => ("c.region - c.region % 10000".to_owned(), "0"),
            _ => (format!("c.{name}"), "''"),
        };
        let sql = format!(
            "{}SELECT {column}, count(*) AS n FROM cards c WHERE {} AND {column} <> {nothing} GROUP BY {column} ORDER BY n DESC, {column} LIMIT 40",
            self.with, self.conditions
        );
        link.all(&sql, &borrowed(&self.values), |row| Ok((row.get::<Name>(0)?.0, row.get(1)?)))
    }
}

/// A text, or the code of a region or a moment written as one.
struct Name(String);

impl OfCell<'_> for Name {
    fn of_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Int(number) => Some(Self(format!("{number:06}"))),
            Cell::Text(text) => Some(Self(text.to_owned())),
            _ => None,
        }
    }
}

/// The codes a region covers.
fn span(region: Region) -> (u32, u32) {
    let code = region.number();
    match code {
        0 => (0, 999_999),
        _ if code.is_multiple_of(10_000) => (code, code + 9_999),
        _ if code.is_multiple_of(100) => (code, code + 99),
        _ => (code, code),
    }
}
