//! Links: secret addresses of calendars. Kept like tokens, only by their hash; shown once, renewed by their person, and
//! good for nothing but reading that calendar.

use grammar::kinds::{Id, Moment};
use maud::{Markup, html};
use registry::Broken;
use serde::{Deserialize, Serialize};

use super::programs;
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Empty, Link, Notice, Press, Row, Section, Table, Tone},
    rooms::entry::Faults,
    session::{FEEDS, hash, hex},
    ways::Answer,
};

/// How long an address is good.
const DAYS: i64 = 400;
const DAY_MILLIS: i64 = 86_400_000;

/// Whose calendar an address gives: a person's own, or a team's as that person sees it.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Calendar {
    pub person: Id,
    pub team: Option<Id>,
    pub since: Moment,
}

impl Calendar {
    /// # Errors
    /// When the store cannot be read.
    pub fn by_secret(guest: &Guest, secret: &str) -> Result<Option<Self>, Broken> {
        FEEDS.get(&guest.house.registry, &hash(secret))
    }
}

/// The calendars one can have an address for: one's own, and one's organisations'.
fn teams(guest: &Guest) -> Vec<Option<Id>> {
    std::iter::once(None).chain(guest.look.viewer.organisations.iter().copied().map(Some)).collect()
}

fn name(guest: &Guest, team: Option<Id>) -> String {
    team.map_or_else(|| guest.word("my-bookings").to_owned(), |team| guest.name(team))
}

/// The page of one's calendars for other programs.
///
/// # Errors
/// When one has not signed in, or the store cannot be read.
pub fn links(guest: &Guest, made: Option<&str>) -> Answer {
    page(guest, made, &[], None)
}

/// The same with what was made just now, shown once: an address, or a password.
fn page(guest: &Guest, made: Option<&str>, faults: &Faults, password: Option<&str>) -> Answer {
    super::super::oneself(guest)?;
    let session = guest.session.as_ref().ok_or(Trouble::SignIn)?;
    let kept: Vec<(String, Calendar)> = FEEDS.of(&guest.house.registry, session.person)?;
    let row = |team: Option<Id>| {
        let known = kept.iter().find(|(_, calendar)| calendar.team == team);
        let press = |word: &'static str, end: &str| {
            let mut hidden = guest.hidden();
            hidden.push(("team".into(), team.map_or_else(String::new, |team| team.to_string())));
            hidden.push(("do".into(), end.into()));
            Press { action: "/my/calendars".into(), hidden, label: guest.word(word).into() }
        };
        let since = known.map_or_else(
            || guest.word("no-address").to_owned(),
            |(_, calendar)| guest.moment(calendar.since),
        );
        Row::new(vec![
            html! { (name(guest, team)) },
            html! { (since) },
            html! { div.row {
                (press(if known.is_some() { "renew-address" } else { "make-address" }, "renew").show(""))
                @if known.is_some() { (press("end-address", "end").show("")) }
            } },
        ])
    };
    let title = guest.word("calendar-links");
    let main = html! {
        (parts::heading(&parts::Heading { title: title.into(), lead: guest.word("calendar-links-lead").into(), ..Default::default() }))
        (crate::rooms::entry::summary(guest, faults))
        @if let Some(made) = made {
            div role="status" { (parts::notice(&Notice {
                tone: Tone::Good, title: guest.word("address-made").into(),
                body: html! { p { (guest.word("address-once")) } (address(guest, made)) }, links: vec![],
            })) }
        }
        (parts::section(&Section { id: "mine".into(), title: guest.word("whose-calendar").into(), beside: html! {}, body: parts::table(&Table {
            id: "links".into(), caption: guest.word("calendar-links-caption").into(),
            columns: ["whose-calendar", "made-on", "action"].map(|head| Column::new(guest.word(head))).into(),
            rows: teams(guest).into_iter().map(row).collect(), scrolls: false, empty: Empty::default(),
        }) }))
        (programs::part(guest, session, faults, password)?)
    };
    let status = if faults.is_empty() { 200 } else { 422 };
    Ok(guest.page_with(status, title, vec![Link::new("/account", guest.word("account"))], main))
}

fn address(guest: &Guest, secret: &str) -> Markup {
    html! { p { code { (guest.house.options.public_url) "/feed/" (secret) ".ics" } } }
}

/// Makes an address anew, so that the one before is good for nothing, or ends it.
///
/// # Errors
/// When one has not signed in, is no member of that team, or the store cannot be written.
pub fn renew(guest: &Guest) -> Answer {
    super::super::oneself(guest)?;
    let session = guest.session.as_ref().ok_or(Trouble::SignIn)?;
    if guest.visit.typed("do") == "program" {
        return match programs::make(guest, session)? {
            Ok(secret) => page(guest, None, &[], Some(&secret)),
            Err(faults) => page(guest, None, &faults, None),
        };
    }
    let team: Option<Id> = match guest.visit.typed("team") {
        "" => None,
        team => Some(team.parse().map_err(|_| Trouble::NotFound)?),
    };
    if !teams(guest).contains(&team) {
        return Err(Trouble::NotFound);
    }
    let registry = &guest.house.registry;
    let kept: Vec<(String, Calendar)> = FEEDS.of(registry, session.person)?;
    for (key, _) in kept.iter().filter(|(_, calendar)| calendar.team == team) {
        FEEDS.end(registry, session.person, key)?;
    }
    if guest.visit.typed("do") == "end" {
        return links(guest, None);
    }
    let secret = hex(&registry.chance().bytes());
    let (since, person) = (registry.now(), session.person);
    let until = since.plus_millis(DAYS * DAY_MILLIS);
    FEEDS.put(registry, person, (&hash(&secret), until), &Calendar { person, team, since })?;
    links(guest, Some(&secret))
}
