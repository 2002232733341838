//! Lanes: one day of an instrument that several may use at once: those who are there side by side, each in a place of the day,
//! and beside them how many places are taken, with the way to the booking form while one is left.

use engines::booking::Span;
use maud::{Markup, html};
use serde_json::json;

use super::{
    grid::{self, Hour},
    times::{self, Taken, Times},
};
use crate::guest::Guest;

/// Those who are there one after the other in each place of the day: as few places as will do.
fn lanes(taken: &[Taken], day: Span) -> Vec<Vec<&Taken>> {
    let mut lanes: Vec<Vec<&Taken>> = Vec::new();
    for each in taken.iter().filter(|each| each.closed.is_none() && each.span.common(day).is_some()) {
        let has_left =
            |lane: &&mut Vec<&Taken>| lane.last().is_none_or(|last| last.span.until() <= each.span.from());
        match lanes.iter_mut().find(has_left) {
            Some(lane) => lane.push(each),
            None => lanes.push(vec![each]),
        }
    }
    lanes
}

/// Who is there in the middle of a row.
fn there<'t>(lane: &[&'t Taken], row: Span) -> Option<&'t Taken> {
    let middle = row.from() + row.length() / 2;
    lane.iter().find(|each| each.span.from() <= middle && middle < each.span.until()).copied()
}

/// What a place holds in a row: nobody, or somebody for so many rows; nothing more where an earlier row has shown them.
fn held<'t>(lane: &[&'t Taken], rows: &[Span], place: usize) -> Option<Option<(&'t Taken, usize)>> {
    let at = |row: &Span| there(lane, *row);
    let same = |one: &Taken, other: Option<&Taken>| other.is_some_and(|other| std::ptr::eq(one, other));
    let Some(taken) = rows.get(place).and_then(at) else { return Some(None) };
    let is_again = place > 0 && same(taken, rows.get(place - 1).and_then(at));
    let count = rows.iter().skip(place).take_while(|row| same(taken, at(row))).count();
    (!is_again).then_some(Some((taken, count)))
}

/// The grid.
pub fn table(
    guest: &Guest,
    (times, rows, least): (&Times, &[Span], i64),
    form: impl Fn(i64, i64) -> String,
    (title, weekday): (&str, &str),
) -> Markup {
    let whole = rows.first().zip(rows.last()).and_then(|(first, last)| Span::new(first.from(), last.until()));
    let Some(whole) = whole else { return html! {} };
    let lanes = lanes(&times.taken, whole);
    html! {
        table.week.lanes aria-labelledby="day-caption" {
            caption.unseen { (title) }
            thead { tr {
                th scope="col" { (guest.word("hour")) }
                th scope="col" { (guest.word("places-free")) }
                @for n in 1..=lanes.len() { th scope="col" { (guest.say("place-nth", &json!({ "n": n }))) } }
            } }
            tbody { @for (place, row) in rows.iter().enumerate() { tr {
                th scope="row" { (times::clock(row.from(), false)) }
                @let hour = grid::hour(times, *row, least);
                @let (inside, class) = left(guest, &hour, &form, weekday);
                td class=(class) { (inside) }
                @for lane in &lanes {
                    @match held(lane, rows, place) {
                        Some(Some((taken, count))) => td.taken rowspan=[(count > 1).then_some(count)] { (grid::who(guest, taken)) },
                        Some(None) => td {},
                        None => {}
                    }
                }
            } } }
        }
    }
}

/// How many places are taken; the names stand in the lanes.
fn left(
    guest: &Guest,
    hour: &Hour,
    form: impl Fn(i64, i64) -> String,
    weekday: &str,
) -> (Markup, &'static str) {
    let Hour::Shared { there, places, free } = hour else { return grid::place(guest, hour, form, weekday) };
    let count = times::places_taken(guest, there.len(), *places);
    let class = if free.is_some() { "free" } else { "taken" };
    (grid::room(guest, &count, *free, form, weekday), class)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn taken(from: i64, until: i64) -> Taken {
        Taken { span: Span::new(from, until).unwrap(), buffer: 0, by: None, closed: None, places: 3 }
    }

    #[test]
    fn those_who_are_there_at_once_stand_side_by_side() {
        let all = [taken(0, 60), taken(0, 30), taken(30, 90), taken(60, 75), taken(200, 230)];
        let day = Span::new(0, 120).unwrap();
        let lanes = lanes(&all, day);
        let spans = |lane: &Vec<&Taken>| lane.iter().map(|each| each.span.from()).collect::<Vec<_>>();
        assert_eq!(lanes.iter().map(spans).collect::<Vec<_>>(), [vec![0, 60], vec![0, 30]]);
        let rows: Vec<Span> = (0..4).map(|n| Span::new(n * 30, n * 30 + 30).unwrap()).collect();
        let first: Vec<_> = (0..4)
            .map(|place| held(&lanes[0], &rows, place).map(|held| held.map(|(_, count)| count)))
            .collect();
        assert_eq!(
            first,
            [Some(Some(2)), None, Some(None), Some(None)],
            "a quarter of an hour is in no middle"
        );
    }
}
