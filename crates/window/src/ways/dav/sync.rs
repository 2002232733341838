//! Sync: what has changed in a calendar since a program last asked (RFC 6578). Nothing is kept for it: the token says
//! when the last change was, what the calendar came to then, and for whose eyes.

use std::collections::BTreeSet;

use desks::calendar::{Event, Times};
use engines::booking::Span;
use grammar::kinds::{Id, Moment};
use sha2::{Digest, Sha256};

use super::{
    No,
    entry::{Entry, busy_name},
    shelf::{Shelf, Stand},
};
use crate::{guest::Guest, session::hex};

const BEFORE: &str = "urn:kechuang:sync:";
/// Clocks of two nodes may differ by so much; what changed just before is told again.
const SKEW: i64 = 60_000;

fn short(text: &str) -> String {
    hex(&Sha256::digest(text)).chars().take(24).collect()
}

/// What decides which files there are, beside what happened: eyes, language, and the calendar itself.
fn view(guest: &Guest, shelf: &Shelf) -> String {
    let viewer = &guest.look.viewer;
    short(&format!("{}|{viewer:?}|{}", shelf.name(), guest.lang()))
}

/// The token of a calendar as it stands; the same for as long as it stands.
#[must_use]
pub fn token(guest: &Guest, shelf: &Shelf, stand: &Stand) -> String {
    let pages = stand.pages.iter().map(|page| page.changed);
    let at = stand.rows.iter().map(|row| row.changed).chain(pages).max().map_or(0, Moment::in_millis);
    let files: String =
        stand.entries.iter().map(|entry| format!("{} {}\n", entry.name, entry.etag)).collect();
    format!("{BEFORE}{at}-{}-{}", short(&files), view(guest, shelf))
}

/// What is new or different since a token, and the names of what is gone.
///
/// # Errors
/// When the token is none of ours, or was given for other eyes: then everything is read anew.
pub fn since(
    guest: &Guest,
    shelf: &Shelf,
    stand: Stand,
    given: &str,
) -> Result<(Vec<Entry>, BTreeSet<String>), No> {
    let now = token(guest, shelf, &stand);
    if given == now {
        return Ok((vec![], BTreeSet::new()));
    }
    let mut parts = given.strip_prefix(BEFORE).unwrap_or_default().split('-');
    let (at, _, eyes) = (parts.next(), parts.next(), parts.next());
    let at: Option<i64> =
        at.and_then(|at| at.parse().ok()).filter(|_| eyes == Some(view(guest, shelf).as_str()));
    let invalid = || No::Said(403, "D:valid-sync-token", guest.word("dav-token-old").into());
    let since = at.ok_or_else(invalid)?.saturating_sub(SKEW);
    let (mut touched, mut gone) = (BTreeSet::new(), BTreeSet::new());
    let mut given_back: Vec<Times> = Vec::new();
    for page in stand.pages.iter().filter(|page| page.changed.in_millis() >= since) {
        for line in guest.look.history(page.id)?.into_iter().filter(|line| line.at.in_millis() >= since) {
            match serde_json::from_value(line.event) {
                Ok(Event::Taken { spans, .. }) => touched.extend(spans.iter().map(|times| times.from)),
                Ok(Event::Closed { times, .. }) => drop(touched.insert(times.from)),
                Ok(Event::Freed { booking, spans })
                    if stand.is_shared || !is_known(guest, booking.map(|booking| booking.id())) =>
                {
                    given_back.extend(spans.iter());
                }
                Ok(Event::Reopened { times }) => given_back.push(times),
                _ => {}
            }
        }
    }
    gone.extend(given_back.iter().map(|times| busy_name(times.from.in_millis())));
    if stand.is_shared {
        gone.extend(turns(&stand, &given_back).map(busy_name));
    }
    let named = super::shelf::names(guest)?;
    for row in stand.rows.iter().filter(|row| row.changed.in_millis() >= since) {
        gone.insert(named.get(&row.id).map_or_else(|| format!("{}.ics", row.id), |named| named.name.clone()));
    }
    for entry in &stand.entries {
        gone.remove(&entry.name);
    }
    let is_changed = |entry: &Entry| match &entry.booking {
        Some(record) => record.changed.in_millis() >= since,
        // How many are there at once may have changed with the terms alone.
        None => {
            let is_touched = |span: &Span| touched.contains(&Moment::from_millis(span.from()));
            stand.is_shared || entry.spans.iter().any(is_touched)
        }
    };
    Ok((stand.entries.iter().filter(|entry| is_changed(entry)).cloned().collect(), gone))
}

/// When the number of those there at once may have changed, within and around what was given back.
fn turns(stand: &Stand, given_back: &[Times]) -> impl Iterator<Item = i64> {
    let ends = given_back.iter().map(|times| times.until.in_millis());
    let kept =
        stand.entries.iter().flat_map(|entry| &entry.spans).flat_map(|span| [span.from(), span.until()]);
    let is_within = |at: &i64| {
        given_back.iter().any(|times| times.from.in_millis() <= *at && *at <= times.until.in_millis())
    };
    let all: BTreeSet<i64> = kept.filter(is_within).chain(ends).collect();
    all.into_iter()
}

fn is_known(guest: &Guest, booking: Option<Id>) -> bool {
    booking.is_some_and(|booking| guest.look.title(booking).is_some())
}
