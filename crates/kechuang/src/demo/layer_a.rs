//! Layer A: real public organisations and laboratories, with what the registry ROR says of them and nothing
//! else. They are not marked as a demonstration, and no invented business names one of them.

use std::collections::BTreeMap;

use grammar::kinds::Id;
use registry::Asker;
use serde_json::{Value, json};

use super::{
    asks::{Founding, real},
    texts::{ORGANISATIONS, both, rows},
};

const SOURCE: &str = "ROR v2.8 (CC0); coordinates GeoNames (CC BY 4.0)";
const LABORATORY_SOURCE: &str = "ROR v2.8 (CC0); coordinates GeoNames (CC BY 4.0); field sorted by name";
/// Parents of parents: further levels than these do not occur.
const LEVELS: usize = 6;

/// One line of `organisations.tsv`.
#[derive(Clone, Copy)]
struct Row {
    ror: &'static str,
    role: &'static str,
    name_en: &'static str,
    name_zh: &'static str,
    region: &'static str,
    latitude: &'static str,
    longitude: &'static str,
    website: &'static str,
    established: &'static str,
    parents: &'static str,
    /// For the laboratories that are also entered in the catalogue of laboratories.
    field: &'static str,
}

impl Row {
    fn all() -> Result<Vec<Self>, String> {
        let read = |cells: [&'static str; 13]| {
            let [
                ror,
                role,
                name_en,
                name_zh,
                _,
                _,
                region,
                latitude,
                longitude,
                website,
                established,
                parents,
                field,
            ] = cells;
            Self {
                ror,
                role,
                name_en,
                name_zh,
                region,
                latitude,
                longitude,
                website,
                established,
                parents,
                field,
            }
        };
        Ok(rows(ORGANISATIONS)?.into_iter().map(read).collect())
    }

    fn kind(&self) -> &'static str {
        match self.role {
            "university" => "university",
            "laboratory" => "laboratory",
            "major facility" => "facility",
            "institute" => "institute",
            "hospital" => "hospital",
            "company" => "enterprise",
            "government" => "government",
            _ => "other",
        }
    }

    /// The first parent that is in the list itself.
    fn parent<T>(&self, known: &BTreeMap<&str, T>) -> Option<&'static str> {
        self.parents.split('|').find(|parent| *parent != self.ror && known.contains_key(parent))
    }

    fn website(&self) -> Option<&'static str> {
        Some(self.website).filter(|website| !website.is_empty())
    }

    fn place(&self) -> String {
        format!("{},{}", self.latitude, self.longitude)
    }

    fn registration(&self, parent: Option<Id>) -> Value {
        json!({
            "verb": "register",
            "name": both(self.name_zh, self.name_en),
            "kind": self.kind(),
            "region": self.region,
            "ror": format!("https://ror.org/{}", self.ror),
            "parent": parent,
            "place": self.place(),
            "website": self.website(),
            "established": self.established.parse::<u16>().ok(),
            "source": SOURCE,
        })
    }

    fn enrolment(&self, lead: Id) -> Value {
        json!({
            "verb": "enrol",
            "platform_no": format!("ROR-{}", self.ror),
            "kind": "other",
            "tier": "unranked",
            "name": both(self.name_zh, self.name_en),
            "field": self.field,
            "region": self.region,
            "lead": lead,
            "website": self.website(),
            "place": self.place(),
            "source": LABORATORY_SOURCE,
        })
    }
}

/// Registers the real organisations, parents before the units below them. Gives their names by ROR id.
///
/// # Errors
/// The first one that was denied.
pub fn organisations(f: &mut Founding) -> Result<BTreeMap<&'static str, Id>, String> {
    let rows = Row::all()?;
    let listed: BTreeMap<&str, ()> = rows.iter().map(|row| (row.ror, ())).collect();
    let mut known: BTreeMap<&'static str, Id> = BTreeMap::new();
    for level in 0..=LEVELS {
        let ready = |row: &&Row| {
            let waits = row.parent(&listed).is_some_and(|parent| !known.contains_key(parent));
            !known.contains_key(row.ror) && (level == LEVELS || !waits)
        };
        let wave: Vec<Row> = rows.iter().filter(ready).copied().collect();
        let ask = |row: &Row| {
            let parent = row.parent(&listed).and_then(|parent| known.get(parent).copied());
            real(
                &format!("organisation/{}", row.ror),
                Asker::Founder,
                "organisation",
                row.registration(parent),
            )
        };
        let asks = wave.iter().map(ask).collect();
        let ids = f.ask_all("real organisations", asks)?;
        known.extend(wave.iter().map(|row| row.ror).zip(ids));
    }
    Ok(known)
}

/// Enters the real laboratories and facilities that were read one by one. The lead
/// unit is the parent that ROR names, or the organisation itself.
///
/// # Errors
/// The first one that was denied.
pub fn laboratories(f: &mut Founding, known: &BTreeMap<&'static str, Id>) -> Result<Vec<Id>, String> {
    let ask = |row: &Row| {
        let lead = row.parent(known).unwrap_or(row.ror);
        let lead = known.get(lead)?;
        Some(real(&format!("laboratory/{}", row.ror), Asker::Founder, "laboratory", row.enrolment(*lead)))
    };
    let asks = Row::all()?.iter().filter(|row| !row.field.is_empty()).filter_map(ask).collect();
    f.ask_all("real laboratories", asks)
}
