//! Day: one day of one instrument by the half hour, with the day before and after, and the same as a list. On a narrow
//! screen it stands in the week's place.

use desks::instrument::Using;
use engines::booking::{MINUTE, Span};
use grammar::kinds::Day;
use maud::{Markup, html};
use registry::Record;
use serde_json::json;

use super::{
    calendar::{href, weekday},
    grid::{self, Hour},
    lanes,
    times::{self, Taken, Times},
};
use crate::guest::Guest;

/// Rows of the grid are half hours.
const ROW: i64 = 30 * MINUTE;

/// The half hours of a day in which anything is open.
fn rows(day: Day, times: &Times) -> Vec<Span> {
    let midnight = day.begins().in_millis();
    let halves = grid::hours(&[times]).flat_map(|hour| [hour * 2, hour * 2 + 1]);
    halves.filter_map(|half| Span::new(midnight + half * ROW, midnight + (half + 1) * ROW)).collect()
}

/// How many rows from this one on the same taken time fills; none for one that an earlier row has shown.
fn spanned(all: &[Span], place: usize, least: i64, times: &Times) -> Option<usize> {
    let taken_in = |row: &Span| match grid::hour(times, *row, least) {
        Hour::Taken(taken) => Some(taken.span),
        _ => None,
    };
    let Some(span) = all.get(place).and_then(taken_in) else { return Some(1) };
    let is_again = place > 0 && all.get(place - 1).and_then(taken_in) == Some(span);
    let more = all.iter().skip(place).take_while(|row| taken_in(row) == Some(span)).count();
    (!is_again).then_some(more)
}

/// The day before, today, the day after.
pub fn turns(guest: &Guest, record: &Record, day: Day, today: Day) -> Markup {
    let to = |day: Day| format!("{}&view=day", href(record.id, day));
    html! {
        div.row {
            a.button rel="prev" href=(to(day.plus_days(-1))) { (guest.word("day-before")) }
            a.button href=(to(today)) { (guest.word("day-today")) }
            a.button rel="next" href=(to(day.plus_days(1))) { (guest.word("day-after")) }
            a href={ (href(record.id, day)) "&view=week" } { (guest.word("view-week")) }
        }
    }
}

/// The day's title: its weekday and date.
pub fn title(guest: &Guest, day: Day) -> String {
    format!("{} {}", guest.word(weekday(day)), guest.day(day))
}

/// The grid.
pub fn table(guest: &Guest, record: &Record, using: &Using, times: &Times, day: Day) -> Markup {
    let (may, least) = (times::may_book(guest, &record.card), times::least_minutes(using));
    let usual = times::usual_minutes(using);
    let form = |from: i64, minutes: i64| match may {
        true => times::booking_form(record.id, using, from, usual.min(minutes)),
        false => format!("/instrument/{}", record.id),
    };
    let all = rows(day, times);
    if times.places > 1 {
        let titles = (title(guest, day), guest.word(weekday(day)));
        return html! {
            p.caption #day-caption { (if may { guest.word("pick-a-slot") } else { times::not_bookable(guest, &record.card) }) }
            div.scroll role="region" tabindex="0" aria-labelledby="day-caption" {
                (lanes::table(guest, (times, &all, least), form, (&titles.0, titles.1)))
            }
        };
    }
    html! {
        p.caption #day-caption { (if may { guest.word("pick-a-slot") } else { times::not_bookable(guest, &record.card) }) }
        @if may { (grid::drawn(guest)) }
        table.week.one data-grid[may] data-minutes="30" aria-labelledby="day-caption" {
            thead { tr {
                th scope="col" { (guest.word("hour")) }
                th scope="col" { (title(guest, day)) }
            } }
            tbody { @for (place, row) in all.iter().enumerate() { tr {
                th scope="row" { (times::clock(row.from(), false)) }
                @if let Some(count) = spanned(&all, place, least, times) {
                    @let (inside, class) = grid::place(guest, &grid::hour(times, *row, least), form, guest.word(weekday(day)));
                    td class=(class) data-at=(times::local(row.from())) rowspan=[(count > 1).then_some(count)] { (inside) }
                }
            } } }
        }
    }
}

/// What is free and what is taken that day, from and until.
pub fn list(guest: &Guest, record: &Record, using: &Using, times: &Times, day: Day) -> Markup {
    let whole = times::days(day, 1);
    let taken: Vec<&Taken> = times
        .taken
        .iter()
        .filter(|each| whole.is_some_and(|whole| each.span.common(whole).is_some()))
        .collect();
    let begins = |taken: &Taken| whole.map_or(taken.span.from(), |whole| taken.span.from().max(whole.from()));
    let ends =
        |taken: &Taken| whole.map_or(taken.span.until(), |whole| taken.span.until().min(whole.until()));
    html! {
        h3 { (guest.word("slot-free")) }
        (grid::free_list(guest, record.id, using, times, day))
        h3 { (guest.word("slot-taken")) }
        @if taken.is_empty() { p.note { (guest.say("nothing-taken", &json!({}))) } } @else {
            ul.bare { @for each in &taken { li {
                (times::clock(begins(each), false)) "–" (times::clock(ends(each), true)) " " (grid::who(guest, each))
            } } }
        }
    }
}

#[cfg(test)]
mod tests {
    use engines::booking::{HOUR, Spans};

    use super::*;

    #[test]
    fn a_taken_time_fills_its_rows_once() {
        let day: Day = "2026-03-03".parse().unwrap();
        let at = |half: i64| day.begins().in_millis() + half * ROW;
        let taken =
            Taken { span: Span::new(at(19), at(22)).unwrap(), buffer: 0, by: None, closed: None, places: 1 };
        let open = Span::new(at(18), at(24)).unwrap();
        let free = [Span::new(at(18), at(19)).unwrap(), Span::new(at(22), at(24)).unwrap()];
        let (open, free) = (Spans::from_iter([open]), Spans::from_iter(free));
        let times = Times { open, free, taken: vec![taken], unattended: Spans::default(), places: 1 };
        let all = rows(day, &times);
        assert_eq!((all.len(), all[0].from()), (6, day.begins().in_millis() + 9 * HOUR));
        let spans: Vec<Option<usize>> = (0..6).map(|place| spanned(&all, place, 30, &times)).collect();
        assert_eq!(spans, [Some(1), Some(3), None, None, Some(1), Some(1)]);
    }
}
