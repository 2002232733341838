//! View: answers that span records, kept up to date by folding facts in the transaction that writes them.
//!
//! A view is folded from what the public may read of a fact when it happens, so a sheet can be shown to
//! anyone. Sheets are a cache: they can be thrown away and folded again.

use std::{collections::BTreeMap, marker::PhantomData};

use grammar::{
    case::Said,
    clerk::{Desks, Standing},
    kinds::{Id, Moment, Region},
    viewer::Viewer,
};
use serde::{Serialize, de::DeserializeOwned};
use serde_json::Value;

use crate::{
    Broken, Look,
    store::{Link, cells},
};

/// A fact as the public may read it.
pub struct PublicFact<'a> {
    pub desk: &'static str,
    pub record: Id,
    pub region: Region,
    pub at: Moment,
    pub event: &'a Value,
}

/// Answers kept up to date by folding facts: a month of the region, a calendar, a league.
pub trait View: Send + Sync + 'static {
    const NAME: &'static str;
    type Sheet: Default + Serialize + DeserializeOwned;
    /// The sheets this fact belongs on.
    fn sheets(fact: &PublicFact) -> Vec<String>;
    fn fold(sheet: &mut Self::Sheet, fact: &PublicFact);
}

/// Public facts of a month (`2026-11`), counted by desk.
pub struct Months;

impl View for Months {
    const NAME: &'static str = "months";
    type Sheet = BTreeMap<String, u64>;

    fn sheets(fact: &PublicFact) -> Vec<String> {
        let day = fact.at.day();
        vec![format!("{:04}-{:02}", day.year(), day.month())]
    }

    fn fold(sheet: &mut Self::Sheet, fact: &PublicFact) {
        *sheet.entry(fact.desk.to_owned()).or_default() += 1;
    }
}

/// A view with its types rubbed off.
pub(crate) trait Folder: Send + Sync {
    fn fold(&self, link: &dyn Link, fact: &PublicFact) -> Result<(), Broken>;
}

struct Folded<V>(PhantomData<fn() -> V>);

impl<V: View> Folder for Folded<V> {
    fn fold(&self, link: &dyn Link, fact: &PublicFact) -> Result<(), Broken> {
        for key in V::sheets(fact) {
            let mut sheet: V::Sheet = load::<V>(link, &key)?.unwrap_or_default();
            V::fold(&mut sheet, fact);
            link.put(
                "INSERT INTO sheets (view, key, value) VALUES ($1, $2, $3)
                 ON CONFLICT (view, key) DO UPDATE SET value = $3",
                cells![V::NAME, key, serde_json::to_string(&sheet)?],
            )?;
        }
        Ok(())
    }
}

fn load<V: View>(link: &dyn Link, key: &str) -> Result<Option<V::Sheet>, Broken> {
    link.first("SELECT value FROM sheets WHERE view = $1 AND key = $2", cells![V::NAME, key], |row| {
        Ok(serde_json::from_str(row.get(0)?)?)
    })
}

/// Where an event happened and what the public may read of it; `None` when it may not know of it.
pub(crate) fn public(desks: &Desks, said: &Said, standing: &Standing) -> Option<(Region, Value)> {
    let (public, clerk) = (standing.public.as_ref()?, desks.find(said.desk)?);
    let event = clerk.veil_event(&standing.state, &said.event, &Viewer::public())?;
    Some((public.scope(), event))
}

/// Every view of the house.
pub(crate) struct Views(Vec<Box<dyn Folder>>);

impl Default for Views {
    fn default() -> Self {
        Self(vec![Box::new(Folded::<Months>(PhantomData))])
    }
}

impl Views {
    /// Folds a fact into all views, as the public may read it; what it may not know is not folded.
    pub fn fold(
        &self,
        link: &dyn Link,
        desks: &Desks,
        (said, standing): (&Said, &Standing),
        at: Moment,
    ) -> Result<(), Broken> {
        let Some((region, event)) = public(desks, said, standing) else { return Ok(()) };
        let (desk, record) = (said.desk, said.record);
        self.fold_public(link, &PublicFact { desk, record, region, at, event: &event })
    }

    /// Folds what the public may read of a fact into all views.
    pub fn fold_public(&self, link: &dyn Link, fact: &PublicFact) -> Result<(), Broken> {
        self.0.iter().try_for_each(|view| view.fold(link, fact))
    }
}

impl Look<'_> {
    /// A sheet of a view; an empty one when nothing has been folded into it.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn sheet<V: View>(&self, key: &str) -> Result<V::Sheet, Broken> {
        self.registry.read(|link| Ok(load::<V>(link, key)?.unwrap_or_default()))
    }
}
