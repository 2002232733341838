//! Board: what each instrument does right now and what comes next, for a screen on the wall or a quick look. It knows no more
//! than the calendars that anyone may read, and asks for itself again every minute.

use desks::instrument::Using;
use engines::booking::Span;
use grammar::kinds::{Id, Region};
use maud::{Markup, html};
use registry::{Filter, Listed};
use serde_json::json;

use super::{
    calendar, grid, line,
    times::{self, Busy, Taken, Times},
};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Empty, Link, Row, Table, Tone},
    ways::Answer,
};

/// Instruments shown, and how many are looked at for those that can be booked.
const SHOWN: usize = 60;
const PAGE: u32 = 200;
const PAGES_MAX: usize = 5;
/// After so many seconds a browser asks again.
const AGAIN: &str = "60";

/// What an instrument does at a moment, and until when, if that is known.
#[derive(Clone, Copy, Debug, PartialEq)]
enum Now {
    Free(Option<i64>),
    Taken(i64),
    Closed(i64),
    /// Not open now; again from then on today.
    Shut(Option<i64>),
}

/// What it does now: closed or taken before open or shut. While a place is left, it is not taken.
fn at(now: i64, times: &Times) -> Now {
    let holds = |span: Span| span.from() <= now && now < span.until();
    let mut full = times::busy_times(&times.taken, times.places);
    full.retain(Busy::is_full);
    full.sort_by_key(|busy| busy.span.from());
    if let Some(taken) = full.iter().find(|busy| holds(busy.span)) {
        let is_closed = taken.closed.is_some();
        let mut until = taken.span.until();
        for next in &full {
            if next.span.from() == until && next.closed.is_some() == is_closed {
                until = next.span.until();
            }
        }
        return if is_closed { Now::Closed(until) } else { Now::Taken(until) };
    }
    let after = full.iter().map(|busy| busy.span.from()).find(|from| now < *from);
    match times.open.iter().find(|open| holds(*open)) {
        Some(open) => Now::Free(after.into_iter().chain([open.until()]).min()),
        None => Now::Shut(times.open.iter().map(|open| open.from()).filter(|from| now < *from).min()),
    }
}

/// The page.
///
/// # Errors
/// When the store cannot be read.
pub fn board(guest: &Guest) -> Answer {
    let unit = guest.visit.asked("unit").and_then(|unit| unit.parse::<Id>().ok());
    let region = guest.visit.asked("region").and_then(|region| region.parse::<Region>().ok());
    let mut filter =
        Filter { desk: "instrument".into(), party: unit, region, limit: PAGE, ..Filter::default() };
    let is_shown =
        |listed: &Listed| listed.card.status != "scrapped" && listed.card.read::<Using>("using").is_some();
    let mut rows = Vec::new();
    for _ in 0..PAGES_MAX {
        let page = guest.look.list(&filter)?;
        for listed in page.rows.into_iter().filter(is_shown) {
            if rows.len() < SHOWN {
                rows.push(row(guest, &listed)?);
            }
        }
        filter.after = page.next;
        if rows.len() >= SHOWN || filter.after.is_none() {
            break;
        }
    }
    let title = guest.word("board-title");
    let lead = guest
        .say("board-lead", &json!({ "at": times::clock(guest.house.registry.now().in_millis(), false) }));
    let heads = ["instrument", "board-now", "board-next"];
    let main = html! {
        (parts::heading(&parts::Heading { title: title.into(), lead, over: unit.map(|unit| guest.link(unit)).into_iter().collect(), ..Default::default() }))
        (choice(guest, unit, region))
        div.board { (parts::table(&Table {
            id: "board".into(), caption: guest.word("china-time").into(),
            columns: heads.map(|head| Column::new(guest.word(head))).into(), rows, scrolls: false,
            empty: Empty { title: guest.word("board-none").into(), text: String::new(), links: vec![Link::new("/board", guest.word("everywhere"))] },
        })) }
    };
    let crumbs = vec![Link::new("/instrument", guest.desk_word("instrument", "desk", "many"))];
    let mut reply = guest.page(title, crumbs, main);
    reply.headers.push(("refresh", AGAIN.to_owned()));
    Ok(reply)
}

/// One's own units, and the provinces.
fn choice(guest: &Guest, unit: Option<Id>, region: Option<Region>) -> Markup {
    let tab = |href: String, label: String, current: bool| parts::Tab {
        href,
        label,
        current,
        ..Default::default()
    };
    let own = guest
        .look
        .viewer
        .organisations
        .iter()
        .take(4)
        .map(|id| tab(format!("/board?unit={id}"), guest.name(*id), unit == Some(*id)));
    let provinces = super::free::provinces().map(|one| {
        tab(format!("/board?region={one}"), guest.region(one), unit.is_none() && region == Some(one))
    });
    let all = tab("/board".into(), guest.word("everywhere").into(), unit.is_none() && region.is_none());
    let tabs: Vec<parts::Tab> = std::iter::once(all).chain(provinces).chain(own).collect();
    parts::tabs(guest.word("region"), &tabs)
}

fn row(guest: &Guest, listed: &Listed) -> Result<Row, Trouble> {
    let card = &listed.card;
    let moment = guest.house.registry.now();
    let (now, today) = (moment.in_millis(), moment.day());
    let window = times::days(today, 1).ok_or(Trouble::NotFound)?;
    let times = times::times(guest, listed.id, card, window)?;
    let name =
        html! { a href=(calendar::href(listed.id, today)) { (guest.pick(&card.title_zh, &card.title_en)) } };
    if card.status != "normal" {
        return Ok(Row::new(vec![name, guest.status_badge("instrument", &card.status), html! {}]));
    }
    let until = |key: &'static str, at: i64| guest.say(key, &json!({ "at": times::clock(at, true) }));
    let (tone, text) = match at(now, &times) {
        Now::Free(Some(at)) => (Tone::Good, until("board-free", at)),
        Now::Free(None) => (Tone::Good, guest.word("slot-free").to_owned()),
        Now::Taken(at) => (Tone::Info, until("board-taken", at)),
        Now::Closed(at) => (Tone::Warn, until("board-closed", at)),
        Now::Shut(Some(at)) => (Tone::Plain, until("board-shut", at)),
        Now::Shut(None) => (Tone::Plain, guest.word("slot-shut").to_owned()),
    };
    let next: Vec<&Taken> = times.taken.iter().filter(|taken| now < taken.span.from()).take(2).collect();
    let next = html! {
        @for (n, taken) in next.iter().enumerate() {
            @if n > 0 { br; }
            span.nowrap { (times::clock(taken.span.from(), false)) "–" (times::clock(taken.span.until(), true)) } " " (grid::who(guest, taken))
        }
    };
    let stands = line::of(&guest.look, listed.id, card)?;
    let now = html! {
        (parts::badge(tone, &text))
        @if let Some(line) = &stands { br; a.called href={ "/line/" (line.id) } { (line::said(guest, &line.card)) } }
    };
    Ok(Row::new(vec![name, now, next]))
}

#[cfg(test)]
mod tests {
    use engines::booking::{HOUR, Spans};

    use super::*;

    #[test]
    fn it_says_what_an_instrument_does_now_and_until_when() {
        let span = |from: i64, until: i64| Span::new(from * HOUR, until * HOUR).unwrap();
        let taken = |from, until, closed, places| Taken {
            span: span(from, until),
            buffer: 0,
            by: None,
            closed,
            places,
        };
        let at_times = |taken: Vec<Taken>, places| Times {
            open: Spans::from_iter([span(9, 17)]),
            free: Spans::default(),
            taken,
            unattended: Spans::default(),
            places,
        };
        let why = Some(desks::calendar::Why::Maintenance);
        let times = at_times(vec![taken(10, 12, None, 1), taken(14, 15, why, 1)], 1);
        let seen = [8, 9, 10, 11, 12, 14, 15, 17].map(|hour| at(hour * HOUR, &times));
        let hour = |hour: i64| hour * HOUR;
        assert_eq!(
            seen,
            [
                Now::Shut(Some(hour(9))),
                Now::Free(Some(hour(10))),
                Now::Taken(hour(12)),
                Now::Taken(hour(12)),
                Now::Free(Some(hour(14))),
                Now::Closed(hour(15)),
                Now::Free(Some(hour(17))),
                Now::Shut(None),
            ]
        );
        let hall =
            [taken(9, 12, None, 2), taken(10, 11, None, 2), taken(11, 13, None, 2), taken(15, 16, why, 2)];
        let hall = at_times(hall.into(), 2);
        let seen = [9, 10, 12, 13, 15].map(|hour| at(hour * HOUR, &hall));
        let free = |until: i64| Now::Free(Some(hour(until)));
        assert_eq!(seen, [free(10), Now::Taken(hour(12)), free(15), free(15), Now::Closed(hour(16))]);
    }
}
