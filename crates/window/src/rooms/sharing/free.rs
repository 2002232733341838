//! Free: many instruments side by side on one day, the nearest first, each hour with its way to the booking form.

use desks::instrument::{Confirmation, Using};
use engines::booking::{HOUR, MINUTE};
use grammar::kinds::{Day, Id, Region, regions};
use maud::{Markup, html};
use registry::{Filter, Listed};
use serde_json::json;

use super::{
    calendar, grid,
    picking::{self, Pick},
    times::{self, Times},
};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Empty, Link, Section},
    visit::Reply,
    ways::Answer,
};

/// Instruments looked at, and shown on one page.
const LOOKED_AT: usize = 600;
const SHOWN: usize = 25;
const PAGE: u32 = 200;
/// Lengths one can look for, in minutes.
const LENGTHS: [i64; 5] = [30, 60, 120, 240, 480];

/// So long before midnight hardly anything of the day is left: tomorrow is shown.
const EVENING: i64 = 4 * HOUR;

/// One instrument with its day.
struct Row {
    listed: Listed,
    using: Using,
    times: Times,
    km: Option<f64>,
}

/// What is looked for.
struct Wanted {
    day: Day,
    minutes: i64,
    region: Option<Region>,
    words: String,
}

impl Wanted {
    fn of(guest: &Guest) -> Self {
        let now = guest.house.registry.now();
        let (today, next) = (now.day(), now.plus_millis(EVENING).day());
        let asked = |name: &str| guest.visit.asked(name);
        let day = picking::to_day(guest).or_else(|| asked("day").and_then(|day| day.parse().ok()));
        let minutes = asked("minutes").and_then(|minutes| minutes.parse().ok());
        Self {
            day: day.filter(|day: &Day| (0..=800).contains(&today.days_until(*day))).unwrap_or(next),
            minutes: minutes.filter(|minutes| LENGTHS.contains(minutes)).unwrap_or(60),
            region: asked("region").and_then(|region| region.parse().ok()),
            words: asked("q").unwrap_or("").chars().take(80).collect(),
        }
    }
}

/// The page.
///
/// # Errors
/// When the store cannot be read.
pub fn free(guest: &Guest) -> Answer {
    let wanted = Wanted::of(guest);
    let (rows, count) = rows(guest, &wanted)?;
    let title = guest.word("free-title");
    let found = guest.say("free-found", &json!({ "count": count, "shown": rows.len() }));
    let day = format!("{} {}", guest.word(calendar::weekday(wanted.day)), guest.day(wanted.day));
    if picking::is_several(guest) {
        return Ok(several(guest, &wanted, &rows, (day, found)));
    }
    let main = html! {
        (parts::heading(&parts::Heading { title: title.into(), lead: guest.word("china-time").into(), ..Default::default() }))
        (form(guest, &wanted))
        (parts::section(&Section {
            id: "free".into(),
            title: day,
            beside: html! { span.soft { (found) } },
            body: html! {
                @if rows.is_empty() {
                    (parts::empty(&Empty { title: guest.word("nothing-free").into(), text: guest.word("free-other-day").into(), links: vec![
                        Link::new(guest.visit.with("day", &wanted.day.plus_days(1).to_string()), guest.word("day-after")),
                    ] }))
                } @else { (table(guest, &wanted, &rows, None)) }
            },
        }))
        @if !rows.is_empty() {
            (parts::section(&Section { id: "list".into(), title: guest.word("free-as-list").into(), beside: html! {}, body: list(guest, &wanted, &rows) }))
        }
    };
    let crumbs = vec![Link::new("/instrument", guest.desk_word("instrument", "desk", "many"))];
    Ok(guest.page(title, crumbs, main))
}

/// The same with boxes to tick: what is ticked is booked together.
fn several(guest: &Guest, wanted: &Wanted, rows: &[Row], (day, found): (String, String)) -> Reply {
    let title = guest.word("pick-several");
    let picks = picking::picked(guest);
    let hours = shown_hours(rows);
    let is_in_grid = |pick: &Pick| rows.iter().any(|row| is_shown(wanted, row, hours.clone(), *pick));
    let turn = |days: i32, word: &'static str| {
        html! { button type="submit" name=(picking::TO) value=(wanted.day.plus_days(days)) { (guest.word(word)) } }
    };
    let main = html! {
        (parts::heading(&parts::Heading { title: title.into(), lead: guest.word("pick-several-lead").into(), ..Default::default() }))
        form method="get" action="/free" {
            (picking::mark())
            div.row.pick-boxes { (boxes(guest, wanted)) }
            (picking::carried(guest, &picks, is_in_grid))
            div.row { (turn(-1, "day-before")) (turn(1, "day-after")) a href={ "/free?day=" (wanted.day) } { (guest.word("pick-one")) } }
            (parts::section(&Section {
                id: "free".into(), title: day, beside: html! { span.soft { (found) } },
                body: html! {
                    @if rows.is_empty() { p.note { (guest.word("nothing-free")) " " (guest.word("free-other-day")) } }
                    @else { (table(guest, wanted, rows, Some(&picks))) }
                },
            }))
            (picking::bar(guest))
        }
    };
    let crumbs = vec![
        Link::new("/instrument", guest.desk_word("instrument", "desk", "many")),
        Link::new("/free", guest.word("free-title")),
    ];
    guest.page(title, crumbs, main)
}

/// Whether a pick is one of the boxes of the grid.
fn is_shown(wanted: &Wanted, row: &Row, mut hours: std::ops::Range<i64>, pick: Pick) -> bool {
    row.listed.id == pick.instrument
        && hours.by_ref().filter_map(|hour| grid::of_day(wanted.day, hour)).any(|span| {
            let (from, minutes) = match grid::hour(&row.times, span, wanted.minutes) {
                grid::Hour::Free { from, minutes }
                | grid::Hour::Shared { free: Some((from, minutes)), .. } => (from, minutes),
                _ => return false,
            };
            from == pick.from.in_millis() && wanted.minutes.min(minutes) == pick.minutes
        })
}

/// The provinces of the delta.
pub fn provinces() -> impl Iterator<Item = Region> {
    let is_one = |region: &Region| {
        (31..=34).contains(&(region.number() / 10_000)) && region.number().is_multiple_of(10_000)
    };
    regions().iter().map(|row| row.region).filter(is_one)
}

/// What is looked for.
fn boxes(guest: &Guest, wanted: &Wanted) -> Markup {
    let is_chosen = |region: Region| wanted.region == Some(region);
    html! {
        div { label for="day" { (guest.word("on-day")) } input #day type="date" name="day" value=(wanted.day) autocomplete="off"; }
        div { label for="minutes" { (guest.word("for-how-long")) } select #minutes name="minutes" {
            @for minutes in LENGTHS { option value=(minutes) selected[minutes == wanted.minutes] { (guest.say("minutes", &json!({ "minutes": minutes }))) } }
        } }
        div { label for="region" { (guest.word("region")) } select #region name="region" {
            option value="" { (guest.word("everywhere")) }
            @for region in provinces() { option value=(region) selected[is_chosen(region)] { (guest.region(region)) } }
        } }
        div { label for="words" { (guest.word("instrument-words")) } input #words type="text" name="q" value=(wanted.words) maxlength="80" autocomplete="off"; }
        button type="submit" { (guest.word("show")) }
    }
}

fn form(guest: &Guest, wanted: &Wanted) -> Markup {
    let day = |days: i32| guest.visit.with("day", &wanted.day.plus_days(days).to_string());
    html! {
        form.narrow method="get" action="/free" { (boxes(guest, wanted)) }
        div.row {
            a rel="prev" href=(day(-1)) { (guest.word("day-before")) }
            a rel="next" href=(day(1)) { (guest.word("day-after")) }
            a href=(guest.visit.with("several", "yes")) { (guest.word("pick-several")) }
            a href="/board" { (guest.word("board-title")) }
        }
    }
}

/// Instruments with a place for the wanted length, the nearest first; and how many there are.
fn rows(guest: &Guest, wanted: &Wanted) -> Result<(Vec<Row>, usize), Trouble> {
    let own = guest.look.cards(&guest.look.viewer.organisations)?;
    let here = own.iter().find_map(|row| row.card.place);
    let mut filter = Filter {
        desk: "instrument".into(),
        words: wanted.words.clone(),
        region: wanted.region,
        status: Some("normal".into()),
        limit: PAGE,
        ..Filter::default()
    };
    let mut candidates: Vec<(Listed, Using)> = Vec::new();
    while candidates.len() < LOOKED_AT {
        let page = guest.look.list(&filter)?;
        let bookable = page.rows.into_iter().filter_map(|listed| {
            let using = listed.card.read::<Using>("using")?;
            times::may_book(guest, &listed.card).then_some((listed, using))
        });
        candidates.extend(bookable);
        filter.after = page.next;
        if filter.after.is_none() {
            break;
        }
    }
    let window = times::days(wanted.day, 1).ok_or(Trouble::NotFound)?;
    let mut rows = Vec::new();
    for (listed, using) in candidates {
        let times = times::times(guest, listed.id, &listed.card, window)?;
        if times.free.iter().any(|free| free.length() >= wanted.minutes * MINUTE) {
            let km = here.zip(listed.card.place).map(|(here, there)| distance(here, there));
            rows.push(Row { listed, using, times, km });
        }
    }
    let first = |row: &Row| row.times.free.iter().next().map_or(i64::MAX, |free| free.from());
    rows.sort_by(|one, other| {
        let km = |row: &Row| row.km.unwrap_or(0.0);
        km(one).total_cmp(&km(other)).then_with(|| first(one).cmp(&first(other)))
    });
    let count = rows.len();
    rows.truncate(SHOWN);
    Ok((rows, count))
}

/// Kilometres between two points of the earth's surface.
fn distance((lat, lon): (f64, f64), (other_lat, other_lon): (f64, f64)) -> f64 {
    let [a, b, dx] = [lat, other_lat, other_lon - lon].map(f64::to_radians);
    let cosine = a.sin() * b.sin() + a.cos() * b.cos() * dx.cos();
    6_371.0 * cosine.clamp(-1.0, 1.0).acos()
}

/// The hours of the table. Those that never close would stretch it over the night; their nights are in the list below it.
fn shown_hours(rows: &[Row]) -> std::ops::Range<i64> {
    let all: Vec<&Times> = rows.iter().map(|row| &row.times).collect();
    let hours = grid::hours(&all);
    if hours.end - hours.start > 12 { 7..21 } else { hours }
}

/// Each hour with its way to the form, or with a box to tick where several are picked.
fn table(guest: &Guest, wanted: &Wanted, rows: &[Row], picks: Option<&[Pick]>) -> Markup {
    let hours = shown_hours(rows);
    html! {
        p.caption #free-caption { (guest.word(if picks.is_some() { "tick-slots" } else { "pick-a-slot" })) }
        @if picks.is_none() { (grid::drawn(guest)) }
        div.scroll role="region" tabindex="0" aria-labelledby="free-caption" {
            table.week.many data-grid=[picks.is_none().then_some("across")] data-minutes="60" aria-labelledby="free-caption" {
                thead { tr {
                    th scope="col" { (guest.desk_word("instrument", "desk", "one")) }
                    @for hour in hours.clone() { th scope="col" { (format!("{hour:02}")) span.unseen { ":00" } } }
                } }
                tbody { @for row in rows { tr {
                    th scope="row" { (name(guest, wanted, row)) }
                    @for hour in hours.clone() {
                        @if let Some(span) = grid::of_day(wanted.day, hour) {
                            @let form = |from: i64, minutes: i64| times::booking_form(row.listed.id, &row.using, from, wanted.minutes.min(minutes));
                            @let (hour, name) = (grid::hour(&row.times, span, wanted.minutes), guest.pick(&row.listed.card.title_zh, &row.listed.card.title_en));
                            @let (inside, class) = match picks {
                                Some(picks) => picking::cell(guest, &hour, wanted.minutes, (row.listed.id, name), picks),
                                None => grid::place(guest, &hour, form, name),
                            };
                            td class=(class) data-at=(times::local(span.from())) { (inside) }
                        }
                    }
                } } }
            }
        }
    }
}

/// Which instrument, whose, how far, and what an hour costs.
fn name(guest: &Guest, wanted: &Wanted, row: &Row) -> Markup {
    let card = &row.listed.card;
    html! {
        a href=(calendar::href(row.listed.id, wanted.day)) { (guest.pick(&card.title_zh, &card.title_en)) }
        small {
            @if let Some(km) = row.km { (guest.say("km", &json!({ "km": format!("{km:.0}") }))) " · " }
            (card.region.map_or_else(String::new, |region| guest.region(region)))
            @if let Some(hour) = row.using.charges.outside_hour { " · " (guest.say("per-hour", &json!({ "amount": hour }))) }
            @else if let Some(shift) = row.using.charges.outside_shift { " · " (guest.say("per-shift", &json!({ "amount": shift }))) }
            @if row.using.confirmation == Confirmation::ByQuote { " · " (guest.word("price-on-request")) }
            @if row.using.needs_permit { " · " (guest.desk_word("instrument", "field", "needs_permit")) }
        }
    }
}

fn list(guest: &Guest, wanted: &Wanted, rows: &[Row]) -> Markup {
    let one = |row: &Row| {
        let id: Id = row.listed.id;
        html! { div { dt { (name(guest, wanted, row)) } dd { (grid::free_list(guest, id, &row.using, &row.times, wanted.day)) } } }
    };
    html! { dl.facts { @for row in rows { (one(row)) } } }
}

#[cfg(test)]
mod tests {
    use super::distance;

    #[test]
    fn shanghai_and_hefei_are_four_hundred_kilometres_apart() {
        let km = distance((31.23, 121.47), (31.82, 117.23));
        assert!((400.0..410.0).contains(&km), "{km}");
        assert!(distance((30.0, 120.0), (30.0, 120.0)) < 0.1);
    }
}
