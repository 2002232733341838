//! Reports: files of a calendar by time or by name, what changed, and when it is busy (REPORT).

use engines::booking::{
    Span, Spans,
    ical::{self, plain},
};

use grammar::kinds::Moment;

use super::{
    Done, No, Place, asked,
    entry::{self, Entry},
    multi,
    props::{Thing, Wanted},
    shelf::Shelf,
    sync, xml,
};
use crate::{denied::Trouble, guest::Guest, visit::Reply};
use xml::{CALDAV, DAV, Node, tag};

/// Files that one question may name.
const NAMED_MAX: usize = 1_000;

/// # Errors
/// When there is no such report of this place, it cannot be read, or the store.
pub fn report(guest: &Guest, place: &Place) -> Done {
    let root = asked(guest.visit)?.ok_or_else(|| Trouble::Unreadable("no body".into()))?;
    let other = || No::Said(403, "D:supported-report", guest.word("dav-no-report").into());
    let Place::Shelf(shelf) = place else { return Err(other()) };
    match (root.space.as_str(), root.name.as_str()) {
        (CALDAV, "calendar-query") => query(guest, shelf, &root),
        (CALDAV, "calendar-multiget") => named(guest, shelf, &root),
        (CALDAV, "free-busy-query") => busy(guest, shelf, &root),
        (DAV, "sync-collection") => changes(guest, shelf, &root),
        _ => Err(other()),
    }
}

/// `20261201T090000Z`, the only way in which a report tells times.
fn instant(text: &str) -> Option<i64> {
    let (day, time) = text.trim().strip_suffix('Z')?.split_once('T')?;
    let part = |text: &str, from: usize, to: usize| text.get(from..to).map(str::to_owned);
    let day = format!("{}-{}-{}", part(day, 0, 4)?, part(day, 4, 6)?, part(day, 6, 8)?);
    let time = format!("{}:{}:{}", part(time, 0, 2)?, part(time, 2, 4)?, part(time, 4, 6)?);
    let at: Moment = format!("{day}T{time}Z").parse().ok()?;
    Some(at.in_millis())
}

/// The window of a `C:time-range`; one end may be left open.
fn range(guest: &Guest, node: &Node) -> Result<Option<Span>, No> {
    let wrong = || No::Said(403, "C:valid-filter", guest.word("dav-times").into());
    let end = |name: &str, usual: i64| node.attribute(name).map_or(Some(usual), instant).ok_or_else(wrong);
    let (from, until) = (end("start", i64::MIN)?, end("end", i64::MAX)?);
    Span::new(from, until).map(Some).ok_or_else(wrong)
}

/// The condition that everything here is an event in a calendar, with a window and what its lines must hold.
struct Sieve<'a> {
    window: Option<Span>,
    lines: Vec<&'a Node>,
    /// Something else is looked for, and there is none of it here.
    is_other: bool,
}

fn sieve<'a>(guest: &Guest, root: &'a Node) -> Result<Sieve<'a>, No> {
    let mut sieve = Sieve { window: None, lines: vec![], is_other: false };
    let outer = root.child(CALDAV, "filter").and_then(|filter| filter.child(CALDAV, "comp-filter"));
    let Some(outer) = outer else { return Ok(sieve) };
    sieve.is_other = outer.attribute("name") != Some("VCALENDAR");
    for node in &outer.children {
        if !node.is(CALDAV, "comp-filter") {
            return Err(No::Said(403, "C:supported-filter", guest.word("dav-no-filter").into()));
        }
        sieve.is_other |= node.attribute("name") != Some("VEVENT");
        for inner in &node.children {
            match inner.name.as_str() {
                "time-range" => sieve.window = range(guest, inner)?,
                "prop-filter" => sieve.lines.push(inner),
                _ => return Err(No::Said(403, "C:supported-filter", guest.word("dav-no-filter").into())),
            }
        }
    }
    Ok(sieve)
}

/// Whether a file has such a line: one with this name, and this text in it.
fn has_line(entry: &Entry, filter: &Node) -> bool {
    let name = filter.attribute("name").unwrap_or_default().to_ascii_uppercase();
    let calendars = ical::read(&entry.text).unwrap_or_default();
    let events = calendars.iter().flat_map(|calendar| calendar.parts("VEVENT"));
    let mut lines = events.flat_map(|event| event.all(&name)).map(|line| plain(&line.value).to_lowercase());
    if filter.child(CALDAV, "is-not-defined").is_some() {
        return lines.next().is_none();
    }
    let Some(wanted) = filter.child(CALDAV, "text-match") else { return lines.next().is_some() };
    let is_not = wanted.attribute("negate-condition") == Some("yes");
    let text = wanted.text.to_lowercase();
    lines.any(|line| line.contains(&text)) != is_not
}

fn query(guest: &Guest, shelf: &Shelf, root: &Node) -> Done {
    let sieve = sieve(guest, root)?;
    if sieve.is_other {
        return Ok(multi(""));
    }
    let wanted = Wanted::of(Some(root));
    let mut all = String::new();
    for entry in shelf.stand(guest, sieve.window)?.entries {
        if sieve.lines.iter().all(|filter| has_line(&entry, filter)) {
            all.push_str(&Thing::Entry(shelf, &entry, true).response(guest, &wanted)?);
        }
    }
    Ok(multi(&all))
}

/// The last step of an address, as it was named.
fn name_in(shelf: &Shelf, href: &str) -> Option<String> {
    let path = match href.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map(|(_, path)| format!("/{path}"))?,
        None => href.to_owned(),
    };
    let path = crate::visit::unescape(&path);
    path.strip_prefix(&shelf.href()).map(str::to_owned)
}

fn missing(href: &str) -> String {
    let status = tag("D:status", "HTTP/1.1 404 Not Found");
    tag("D:response", &format!("{}{status}", tag("D:href", &xml::safe(href))))
}

fn named(guest: &Guest, shelf: &Shelf, root: &Node) -> Done {
    let wanted = Wanted::of(Some(root));
    let hrefs: Vec<&str> = root.all(DAV, "href").map(|href| href.text.trim()).collect();
    if hrefs.len() > NAMED_MAX {
        return Err(No::Said(507, "D:number-of-matches-within-limits", guest.word("dav-too-many").into()));
    }
    let entries = shelf.stand(guest, None)?.entries;
    let mut all = String::new();
    for href in hrefs {
        let name = name_in(shelf, href);
        match entries.iter().find(|entry| Some(&entry.name) == name.as_ref()) {
            Some(entry) => all.push_str(&Thing::Entry(shelf, entry, true).response(guest, &wanted)?),
            None => all.push_str(&missing(href)),
        }
    }
    Ok(multi(&all))
}

fn busy(guest: &Guest, shelf: &Shelf, root: &Node) -> Done {
    let wrong = || No::Said(403, "C:valid-filter", guest.word("dav-times").into());
    let node = root.child(CALDAV, "time-range").ok_or_else(wrong)?;
    let now = guest.house.registry.now().in_millis();
    let window = range(guest, node)?.zip(entry::reach(now)).and_then(|(asked, reach)| asked.common(reach));
    let window = window.ok_or_else(wrong)?;
    let entries = shelf.stand(guest, Some(window))?.entries;
    let taken = entries.iter().filter(|entry| !entry.leaves_room);
    let spans = taken.flat_map(|entry| &entry.spans).filter_map(|span| span.common(window));
    let busy: Spans = spans.collect();
    let text = ical::busy_text(&busy, window, &entry::lasting(guest, &shelf.name()), now);
    Ok(Reply { status: 200, kind: entry::KIND, body: text.into_bytes(), headers: vec![] })
}

fn changes(guest: &Guest, shelf: &Shelf, root: &Node) -> Done {
    let level = root.child(DAV, "sync-level").map_or("1", |level| level.text.trim());
    if level != "1" {
        return Err(No::Said(403, "D:sync-traversal-supported", guest.word("dav-depth").into()));
    }
    let stand = shelf.stand(guest, None)?;
    let token = sync::token(guest, shelf, &stand);
    let given = root.child(DAV, "sync-token").map_or("", |token| token.text.trim());
    let (entries, gone) = match given {
        "" => (stand.entries, std::collections::BTreeSet::new()),
        given => sync::since(guest, shelf, stand, given)?,
    };
    let most = root.child(DAV, "limit").and_then(|limit| limit.child(DAV, "nresults"));
    let most: usize = most.and_then(|most| most.text.trim().parse().ok()).unwrap_or(usize::MAX);
    if entries.len() + gone.len() > most {
        return Err(No::Said(507, "D:number-of-matches-within-limits", guest.word("dav-too-many").into()));
    }
    let wanted = Wanted::of(Some(root));
    let mut all = String::new();
    for entry in &entries {
        all.push_str(&Thing::Entry(shelf, entry, true).response(guest, &wanted)?);
    }
    for name in gone {
        all.push_str(&missing(&format!("{}{}", shelf.href(), crate::visit::escape(&name))));
    }
    all.push_str(&tag("D:sync-token", &xml::safe(&token)));
    Ok(multi(&all))
}
