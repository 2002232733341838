//! Cards: what lists, search, maps and other desks may know of a record.

use std::{collections::BTreeMap, sync::Arc};

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    desk::impossible,
    kinds::{Bilingual, Day, Id, Money, REGION_ALL, Region},
};

/// Whether a viewer may know that a record exists.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Sight {
    Seen,
    Hidden,
}

/// The front of a record. Made by [`crate::desk::Desk::card`] from the record as a viewer may see it.
#[derive(Clone, PartialEq, Debug, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Card {
    pub title_zh: String,
    pub title_en: String,
    /// The state in one word, a key of `[status]` in the words: `published`.
    pub status: String,
    pub region: Option<Region>,
    /// Further regions that have a part in it; see [`crate::viewer::Who::OfficeAmong`].
    pub also: Vec<Region>,
    /// Who has which part in it: `holder`, `owner`, `reviewer`.
    pub parties: Vec<(String, Id)>,
    /// Parts whose holders see everything.
    pub insiders: Vec<String>,
    /// Offices whose holders, in the record's region, see everything.
    pub inside_offices: Vec<String>,
    pub amount: Option<Money>,
    pub from: Option<Day>,
    pub until: Option<Day>,
    /// What search reads beside the title.
    pub text: String,
    pub keywords: String,
    /// The field of technology, a key of `[choice]`.
    pub field: Option<String>,
    pub trl: Option<u8>,
    /// Latitude and longitude in degrees (WGS 84).
    pub place: Option<(f64, f64)>,
    /// Names that no other record of any desk may have: `uscc:9131…`.
    pub keys: Vec<String>,
    /// Small values by which lists are narrowed: `kind`, `level`.
    pub facets: BTreeMap<String, String>,
    /// What other desks and pages may read of it, by name.
    pub facts: BTreeMap<String, Value>,
    /// Whether the find page offers it.
    pub is_offer: bool,
    /// It is a need that stands: new offers are matched against it.
    pub is_need: bool,
    /// Where the values come from, shown beside them.
    pub source: String,
}

impl Card {
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    #[must_use]
    pub fn title<const N: usize>(mut self, title: &Bilingual<N>) -> Self {
        self.title_zh = title.zh().to_owned();
        self.title_en = title.en().to_owned();
        self
    }

    #[must_use]
    pub fn titled(mut self, zh: impl Into<String>, en: impl Into<String>) -> Self {
        (self.title_zh, self.title_en) = (zh.into(), en.into());
        self
    }

    #[must_use]
    pub fn status(mut self, status: &str) -> Self {
        status.clone_into(&mut self.status);
        self
    }

    #[must_use]
    pub fn region(mut self, region: Region) -> Self {
        self.region = Some(region);
        self
    }

    #[must_use]
    pub fn also_in(mut self, region: Region) -> Self {
        self.also.push(region);
        self
    }

    #[must_use]
    pub fn party(mut self, part: &str, who: Id) -> Self {
        self.parties.push((part.to_owned(), who));
        self
    }

    /// Those who have this part see everything.
    #[must_use]
    pub fn inside(mut self, part: &str) -> Self {
        self.insiders.push(part.to_owned());
        self
    }

    /// Those who hold this office in the record's region see everything.
    #[must_use]
    pub fn inside_office(mut self, office: &str) -> Self {
        self.inside_offices.push(office.to_owned());
        self
    }

    #[must_use]
    pub fn amount(mut self, amount: Money) -> Self {
        self.amount = Some(amount);
        self
    }

    #[must_use]
    pub fn from(mut self, day: Day) -> Self {
        self.from = Some(day);
        self
    }

    #[must_use]
    pub fn until(mut self, day: Day) -> Self {
        self.until = Some(day);
        self
    }

    /// Adds to what search reads.
    #[must_use]
    pub fn text(mut self, text: &str) -> Self {
        if !self.text.is_empty() {
            self.text.push('\n');
        }
        self.text.push_str(text);
        self
    }

    #[must_use]
    pub fn keywords(mut self, keywords: impl Into<String>) -> Self {
        self.keywords = keywords.into();
        self
    }

    #[must_use]
    pub fn field(mut self, field: &str) -> Self {
        self.field = Some(field.to_owned());
        self
    }

    #[must_use]
    pub fn trl(mut self, trl: u8) -> Self {
        self.trl = Some(trl);
        self
    }

    #[must_use]
    pub fn place(mut self, latitude: f64, longitude: f64) -> Self {
        self.place = Some((latitude, longitude));
        self
    }

    /// Claims a name that no other record may have.
    #[must_use]
    pub fn key(mut self, kind: &str, value: &str) -> Self {
        self.keys.push(format!("{kind}:{value}"));
        self
    }

    #[must_use]
    pub fn facet(mut self, name: &str, value: impl Into<String>) -> Self {
        self.facets.insert(name.to_owned(), value.into());
        self
    }

    #[must_use]
    pub fn fact(mut self, name: &str, value: impl Serialize) -> Self {
        let value = serde_json::to_value(value).unwrap_or_else(|error| impossible(&error));
        self.facts.insert(name.to_owned(), value);
        self
    }

    #[must_use]
    pub fn source(mut self, source: &str) -> Self {
        source.clone_into(&mut self.source);
        self
    }

    /// The find page offers this record.
    #[must_use]
    pub fn offer(self) -> Self {
        self.offer_if(true)
    }

    /// The record is a need that stands while `open` is true: new offers are matched against it.
    #[must_use]
    pub fn need_if(mut self, open: bool) -> Self {
        self.is_need = open;
        self
    }

    /// The find page offers this record when `open` is true.
    #[must_use]
    pub fn offer_if(mut self, open: bool) -> Self {
        self.is_offer = open;
        self
    }

    /// Everyone who has this part.
    pub fn holders<'a>(&'a self, part: &'a str) -> impl Iterator<Item = Id> + 'a {
        self.parties.iter().filter(move |(name, _)| name == part).map(|(_, who)| *who)
    }

    /// The one who has this part. Believed to be there: the desk that made the card names it.
    #[must_use]
    pub fn the(&self, part: &str) -> Id {
        self.holders(part).next().unwrap_or_else(|| impossible(&("no one has the part", part)))
    }

    /// A fact read as the type it was written with; `None` when the card does not have it.
    #[must_use]
    pub fn read<T: serde::de::DeserializeOwned>(&self, name: &str) -> Option<T> {
        self.facts.get(name).and_then(|value| T::deserialize(value).ok())
    }

    /// The region that an office must cover to act on it.
    #[must_use]
    pub fn scope(&self) -> Region {
        self.region.unwrap_or(REGION_ALL)
    }
}

/// The cards a command names, each with the desk it lies at.
#[derive(Default)]
pub struct Cards(BTreeMap<Id, Arc<Card>>);

impl Cards {
    pub fn put(&mut self, id: Id, card: impl Into<Arc<Card>>) {
        self.0.insert(id, card.into());
    }

    #[must_use]
    pub fn get(&self, id: Id) -> &Card {
        self.0.get(&id).unwrap_or_else(|| impossible(&("a card the command does not name", id)))
    }

    #[must_use]
    pub fn has(&self, id: Id) -> bool {
        self.0.contains_key(&id)
    }
}

impl Cards {
    /// The regions of the cards, in the order of their ids.
    pub fn regions(&self) -> impl Iterator<Item = Region> {
        self.0.values().filter_map(|card| card.region)
    }
}
