//! Shelf: a calendar as programs see it: one's own bookings, or an instrument's time with one's own bookings whole and
//! those of others as busy time.

use std::collections::{BTreeMap, BTreeSet};

use desks::calendar::count_of;
use engines::booking::{DAY, Span};
use grammar::kinds::{Id, Moment};
use registry::{Broken, Filter, Listed, Record, Registry};
use serde::{Deserialize, Serialize};

use super::{
    No,
    entry::{self, Entry},
};
use crate::{
    denied::Trouble,
    guest::Guest,
    rooms::{self, Taken},
};

/// Calendars of instruments that are listed; any other is reached by its address.
const SHELVES_MAX: usize = 60;
/// Files of one calendar.
const ENTRIES_MAX: usize = 1_000;
const PAGE: u32 = 200;
/// The longest booking, and some more.
const LONGEST: i64 = 15 * DAY;
/// Pages of a list that are read.
const PAGES_MAX: usize = 10;
/// Entries of one person whose names came from programs.
const NAMED_MAX: u32 = 2_000;
/// States in which a booking stands in no calendar.
const DEAD: [&str; 7] = ["turned-down", "lapsed", "waiting", "planning", "cancelled", "displaced", "absent"];
pub const MINE: &str = "bookings";

/// A calendar.
#[derive(Clone, Debug)]
pub enum Shelf {
    Mine,
    Instrument {
        id: Id,
        title: (String, String),
        /// For whom one books here; nobody who is in no organisation books.
        buyer: Option<Id>,
        /// Whether it is not the first of one's organisations.
        is_further: bool,
        may_book: bool,
    },
}

/// A calendar at one moment.
#[derive(Debug, Default)]
pub struct Stand {
    pub entries: Vec<Entry>,
    /// One's bookings there, those that have ended too.
    pub rows: Vec<Listed>,
    /// The weeks of the instrument.
    pub pages: Vec<Record>,
    /// Whether several may use it at once.
    pub is_shared: bool,
}

/// How a program has named a booking of a person.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Named {
    pub name: String,
    pub uid: String,
}

pub const NAMES: &str = "dav-name";

/// A person's bookings that a program has named.
pub fn names(guest: &Guest) -> Result<BTreeMap<Id, Named>, No> {
    let Some(person) = guest.session.as_ref().map(|session| session.person) else {
        return Ok(BTreeMap::new());
    };
    let kept: Vec<(String, Named)> =
        guest.house.registry.kept_all(NAMES, &format!("{person}/"), NAMED_MAX)?;
    let named = |(key, named): (String, Named)| Some((key.rsplit('/').next()?.parse().ok()?, named));
    Ok(kept.into_iter().filter_map(named).collect())
}

/// Keeps how a program named a booking, until a year after it.
pub fn name(registry: &Registry, person: Id, booking: Id, named: &Named, until: Moment) -> Result<(), No> {
    const YEAR: i64 = 366 * 86_400_000;
    Ok(registry.keep(NAMES, &format!("{person}/{booking}"), named, until.plus_millis(YEAR))?)
}

/// Throws all of a person's names away.
pub fn forget(registry: &Registry, person: Id) -> Result<(), Broken> {
    let kept: Vec<(String, Named)> = registry.kept_all(NAMES, &format!("{person}/"), NAMED_MAX)?;
    kept.iter().try_for_each(|(key, _)| registry.throw_away(NAMES, key))
}

/// How many may use an instrument at once.
fn places(guest: &Guest, instrument: Id) -> Result<usize, No> {
    let record = guest.look.record(instrument)?;
    Ok(record.map_or(1, |record| count_of(rooms::using(&record.card).places)))
}

/// Every card of a list, within limits.
fn listed(guest: &Guest, mut filter: Filter) -> Result<Vec<Listed>, No> {
    let mut all = Vec::new();
    filter.limit = PAGE;
    for _ in 0..PAGES_MAX {
        let page = guest.look.list(&filter)?;
        all.extend(page.rows);
        filter.after = page.next;
        if filter.after.is_none() {
            break;
        }
    }
    Ok(all)
}

fn my_bookings(guest: &Guest, instrument: Option<Id>) -> Result<Vec<Listed>, No> {
    let desk = "booking".into();
    listed(guest, Filter { desk, party: instrument, is_mine: true, ..Filter::default() })
}

impl Shelf {
    /// # Errors
    /// When this guest may not know of such a calendar.
    pub fn find(guest: &Guest, name: &str) -> Result<Self, No> {
        if name == MINE {
            return Ok(Self::Mine);
        }
        let (id, buyer) = name.split_once('.').map_or((name, None), |(id, buyer)| (id, Some(buyer)));
        let id: Id = id.parse().map_err(|_| Trouble::NotFound)?;
        let own = &guest.look.viewer.organisations;
        let buyer: Option<Id> = match buyer {
            Some(buyer) => Some(buyer.parse().map_err(|_| Trouble::NotFound)?),
            None => own.first().copied(),
        };
        if buyer.is_some_and(|buyer| !own.contains(&buyer)) {
            return Err(Trouble::NotFound.into());
        }
        let record = guest.look.record(id)?.filter(|record| record.desk == "instrument");
        let record = record.ok_or(Trouble::NotFound)?;
        Ok(Self::of(guest, record.id, &record.card, buyer))
    }

    fn of(guest: &Guest, id: Id, card: &grammar::card::Card, buyer: Option<Id>) -> Self {
        Self::Instrument {
            id,
            title: (card.title_zh.clone(), card.title_en.clone()),
            buyer,
            is_further: buyer.is_some() && buyer != guest.look.viewer.organisations.first().copied(),
            may_book: buyer.is_some() && rooms::may_book(guest, card),
        }
    }

    /// One's calendars: one's bookings; then instruments, for each of one's organisations: first those booked before, then
    /// those whose keepers have set terms.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn all(guest: &Guest) -> Result<Vec<Self>, No> {
        let booked: BTreeSet<Id> =
            my_bookings(guest, None)?.iter().flat_map(|row| row.card.holders("instrument")).collect();
        let desk = "instrument".into();
        let filter = Filter { desk, status: Some("normal".into()), limit: PAGE, ..Filter::default() };
        let near = guest.look.cards(&booked.iter().copied().collect::<Vec<_>>())?;
        let others = guest.look.list(&filter)?.rows;
        let others = others.into_iter().filter(|row| !booked.contains(&row.id));
        let may = |row: &Listed| rooms::may_book(guest, &row.card);
        let (ready, others): (Vec<Listed>, Vec<Listed>) =
            others.partition(|row| row.card.facts.get("using").is_some_and(|using| !using.is_null()));
        let instruments: Vec<Listed> = near.into_iter().chain(ready).chain(others).filter(may).collect();
        let mut all = vec![Self::Mine];
        for row in instruments {
            for buyer in &guest.look.viewer.organisations {
                if all.len() <= SHELVES_MAX {
                    all.push(Self::of(guest, row.id, &row.card, Some(*buyer)));
                }
            }
        }
        Ok(all)
    }

    #[must_use]
    pub fn name(&self) -> String {
        match self {
            Self::Mine => MINE.into(),
            Self::Instrument { id, buyer: Some(buyer), is_further: true, .. } => format!("{id}.{buyer}"),
            Self::Instrument { id, .. } => id.to_string(),
        }
    }

    #[must_use]
    pub fn href(&self) -> String {
        format!("/dav/calendars/{}/", self.name())
    }

    /// As programs show it.
    #[must_use]
    pub fn title(&self, guest: &Guest) -> String {
        match self {
            Self::Mine => guest.word("my-bookings").to_owned(),
            Self::Instrument { title: (zh, en), buyer: Some(buyer), is_further: true, .. } => {
                format!("{} · {}", guest.pick(zh, en), guest.name(*buyer))
            }
            Self::Instrument { title: (zh, en), .. } => guest.pick(zh, en).to_owned(),
        }
    }

    /// Whether new entries are taken.
    #[must_use]
    pub const fn may_book(&self) -> bool {
        matches!(self, Self::Instrument { may_book: true, .. })
    }

    /// A booking as a file of this calendar; nothing when it stands in none.
    fn booking(&self, guest: &Guest, id: Id, named: &BTreeMap<Id, Named>) -> Result<Option<Entry>, No> {
        let Some(record) = guest.look.record(id)?.filter(|record| record.desk == "booking") else {
            return Ok(None);
        };
        let is_here = match self {
            Self::Mine => {
                let booker = record.state.get("booker").and_then(serde_json::Value::as_str);
                booker.is_some() && booker == guest.look.viewer.person.as_ref().map(Id::as_str)
            }
            Self::Instrument { id, .. } => {
                record.card.holders("instrument").any(|instrument| instrument == *id)
            }
        };
        if !is_here || DEAD.contains(&record.card.status.as_str()) || entry::sittings(&record).is_empty() {
            return Ok(None);
        }
        let (name, uid) = match named.get(&id) {
            Some(named) => (named.name.clone(), named.uid.clone()),
            None => (format!("{id}.ics"), entry::lasting(guest, id.as_str())),
        };
        Ok(Some(entry::of_booking(guest, record, name, uid)))
    }

    /// How this calendar stands: its files that touch a window, and what they were made from.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn stand(&self, guest: &Guest, window: Option<Span>) -> Result<Stand, No> {
        let mut stand = Stand::default();
        let Some(reach) = entry::reach(guest.house.registry.now().in_millis()) else { return Ok(stand) };
        let Some(window) = window.map_or(Some(reach), |window| window.common(reach)) else {
            return Ok(stand);
        };
        let named = names(guest)?;
        let mut bookings: BTreeSet<Id> = BTreeSet::new();
        match self {
            Self::Mine => {
                stand.rows = my_bookings(guest, None)?;
                bookings.extend(stand.rows.iter().map(|row| row.id));
            }
            Self::Instrument { id, .. } => {
                stand.rows = my_bookings(guest, Some(*id))?;
                let places = places(guest, *id)?;
                // Of several at once the turns near the window count, too.
                let wide = if places == 1 { window } else { window.wider(LONGEST) };
                stand.pages = rooms::pages(&guest.look, *id, wide)?;
                let taken = rooms::slots(&stand.pages, wide);
                let own = |taken: &Taken| {
                    let booking = taken.by.map(|(booking, _)| booking);
                    booking.filter(|booking| guest.look.title(*booking).is_some())
                };
                bookings.extend(taken.iter().filter_map(own));
                stand.is_shared = places > 1 || taken.iter().any(|each| each.places > 1);
                let is_shared = stand.is_shared;
                let others = taken.into_iter().filter(|each| is_shared || own(each).is_none());
                let busy = rooms::busy_times(&others.collect::<Vec<_>>(), places);
                stand.entries.extend(busy.iter().map(|busy| entry::of_busy(guest, *id, busy)));
            }
        }
        for id in bookings {
            let entry = self.booking(guest, id, &named)?;
            let leaves_room = stand.is_shared;
            stand.entries.extend(entry.map(|entry| Entry { leaves_room, ..entry }));
        }
        stand.entries.retain(|entry| entry.spans.iter().any(|span| span.overlaps(window)));
        stand.entries.sort_by_key(|entry| entry.spans.first().copied());
        stand.entries.truncate(ENTRIES_MAX);
        Ok(stand)
    }

    /// One file by its name.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn entry(&self, guest: &Guest, name: &str) -> Result<Option<Entry>, No> {
        let named = names(guest)?;
        // Of several bookings that had a name, one after the other, at most one still stands.
        for (id, _) in named.iter().filter(|(_, named)| named.name == name) {
            if let Some(entry) = self.booking(guest, *id, &named)? {
                return Ok(Some(entry));
            }
        }
        let Some(stem) = name.strip_suffix(".ics") else { return Ok(None) };
        let Some(from) = stem.strip_prefix("busy-") else {
            let Ok(id) = stem.parse::<Id>() else { return Ok(None) };
            // A booking has one name only.
            return if named.contains_key(&id) { Ok(None) } else { self.booking(guest, id, &named) };
        };
        let window = from.parse::<i64>().ok().and_then(|from| Span::new(from, from.checked_add(1)?));
        let Some(window) = window else { return Ok(None) };
        Ok(self.stand(guest, Some(window))?.entries.into_iter().find(|entry| entry.name == name))
    }
}
