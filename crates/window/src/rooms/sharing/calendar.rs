//! Calendar: a week of one instrument as a table of hours, or one day of it by the half hour, and the same as a list of
//! what is free. Picking a free place opens the booking form with it filled in. Unless one of the two is asked for, the
//! page holds both, and the width of the screen decides which is shown.

use desks::instrument::Using;
use grammar::kinds::{Day, Id};
use maud::{Markup, html};
use registry::Record;
use serde_json::json;

use super::{
    day as day_view, grid,
    times::{self, Times},
};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Link, Section},
    visit,
    ways::Answer,
};

/// The page of an instrument's week.
///
/// # Errors
/// When there is no such instrument for this guest, or the store cannot be read.
pub fn calendar(guest: &Guest, id: Id) -> Answer {
    let record =
        guest.look.record(id)?.filter(|record| record.desk == "instrument").ok_or(Trouble::NotFound)?;
    let today = guest.house.registry.now().day();
    let asked = guest.visit.asked("day").and_then(|day| day.parse::<Day>().ok());
    let near = |day: &Day| today.days_until(*day).abs() <= 800;
    let day = asked.filter(near).unwrap_or(today);
    let monday = times::monday(day);
    let using = times::using(&record.card);
    let window = times::days(monday, 7).ok_or(Trouble::NotFound)?;
    let week = times::times(guest, id, &record.card, window)?;
    let view = match guest.visit.asked("view") {
        Some("day") => "view-day",
        Some("week") => "view-week",
        _ => "view-by-width",
    };
    let name = guest.pick(&record.card.title_zh, &record.card.title_en);
    let title = guest.say("calendar-of", &json!({ "name": name }));
    let main = html! {
        (parts::heading(&parts::Heading {
            over: vec![html! { (guest.link(record.card.the("unit"))) }],
            title: title.clone(),
            lead: guest.word("china-time").into(),
            badges: vec![guest.status_badge("instrument", &record.card.status)],
            ..Default::default()
        }))
        div class=(view) {
            @if view != "view-week" { div.by-day {
                (day_view::turns(guest, &record, day, today))
                (parts::section(&Section { id: "day".into(), title: day_view::title(guest, day), beside: html! {}, body: html! {
                    (day_view::table(guest, &record, &using, &week, day))
                    (day_view::list(guest, &record, &using, &week, day))
                } }))
            } }
            @if view != "view-day" { div.by-week {
                (turns(guest, id, monday, today))
                (parts::section(&Section {
                    id: "week".into(), title: guest.say("week-of", &json!({ "day": monday })), beside: legend(guest, &week),
                    body: table(guest, &record, &using, &week, monday),
                }))
                (parts::section(&Section {
                    id: "list".into(), title: guest.word("free-as-list").into(), beside: html! {},
                    body: list(guest, id, &using, &week, monday),
                }))
            } }
        }
        (alone(guest, &week))
        (ways(guest, &record, &using))
    };
    let crumbs = vec![
        Link::new("/instrument", guest.desk_word("instrument", "desk", "many")),
        Link::new(format!("/instrument/{id}"), name),
    ];
    Ok(guest.page(&title, crumbs, main))
}

/// Before, now, after; and any day.
fn turns(guest: &Guest, id: Id, monday: Day, today: Day) -> Markup {
    let asked = if guest.visit.asked("view") == Some("week") { "&view=week" } else { "" };
    let to = |day: Day| format!("{}{asked}", href(id, day));
    html! {
        div.row {
            a.button rel="prev" href=(to(monday.plus_days(-7))) { (guest.word("week-before")) }
            a.button href=(to(today)) { (guest.word("this-week")) }
            a.button rel="next" href=(to(monday.plus_days(7))) { (guest.word("week-after")) }
            form.jump method="get" action={ "/instrument/" (id) "/calendar" } {
                label for="day" { (guest.word("go-to-day")) }
                input.short #day type="date" name="day" value=(monday) autocomplete="off";
                button type="submit" { (guest.word("show")) }
            }
            a href={ (href(id, if monday <= today && today <= monday.plus_days(6) { today } else { monday })) "&view=day" } { (guest.word("view-day")) }
            a href={ "/free?day=" (today) } { (guest.word("other-instruments")) }
        }
    }
}

/// The hours of the week in which nobody can run it for others.
fn alone(guest: &Guest, week: &Times) -> Markup {
    if week.unattended.is_empty() {
        return html! {};
    }
    let body = html! {
        p { (guest.word("unattended-text")) }
        ul.bare { @for span in week.unattended.iter() { li { (grid::span(guest, span)) } } }
    };
    parts::section(&Section {
        id: "alone".into(),
        title: guest.word("slot-unattended").into(),
        beside: html! {},
        body,
    })
}

fn legend(guest: &Guest, week: &Times) -> Markup {
    html! {
        ul.legend.bare {
            @for (class, word) in [("free", "slot-free"), ("taken", "slot-taken"), ("closed-time", "slot-closed"), ("shut", "slot-shut")] {
                li { span class={ "swatch " (class) } aria-hidden="true" {} (guest.word(word)) }
            }
            @if !week.unattended.is_empty() { li { span.swatch.closed-time aria-hidden="true" {} (guest.word("slot-unattended")) } }
        }
    }
}

fn table(guest: &Guest, record: &Record, using: &Using, week: &Times, monday: Day) -> Markup {
    let days: Vec<Day> = (0..7).map(|n| monday.plus_days(n)).collect();
    let today = guest.house.registry.now().day();
    let (may, least) = (times::may_book(guest, &record.card), times::least_minutes(using));
    let usual = times::usual_minutes(using);
    let form = |from: i64, minutes: i64| match may {
        true => times::booking_form(record.id, using, from, usual.min(minutes)),
        false => format!("/instrument/{}", record.id),
    };
    html! {
        p.caption #week-caption { (if may { guest.word("pick-a-slot") } else { times::not_bookable(guest, &record.card) }) }
        @if may { (grid::drawn(guest)) }
        div.scroll role="region" tabindex="0" aria-labelledby="week-caption" {
            table.week data-grid[may] data-minutes="60" aria-labelledby="week-caption" {
                thead { tr {
                    th scope="col" { span.unseen { (guest.word("hour")) } }
                    @for day in &days {
                        th scope="col" aria-current=[(*day == today).then_some("date")] {
                            (guest.word(weekday(*day))) " " span.nowrap { (day.month()) "/" (day.day_of_month()) }
                        }
                    }
                } }
                tbody { @for hour in grid::hours(&[week]) { tr {
                    th scope="row" { (format!("{hour:02}:00")) }
                    @for day in &days {
                        @if let Some(span) = grid::of_day(*day, hour) {
                            @let (inside, class) = grid::place(guest, &grid::hour(week, span, least), form, guest.word(weekday(*day)));
                            td class=(class) data-at=(times::local(span.from())) { (inside) }
                        }
                    }
                } } }
            }
        }
    }
}

fn list(guest: &Guest, id: Id, using: &Using, week: &Times, monday: Day) -> Markup {
    let today = guest.house.registry.now().day();
    let days: Vec<Day> = (0..7).map(|n| monday.plus_days(n)).filter(|day| *day >= today).collect();
    html! {
        @if days.is_empty() { p.note { (guest.word("nothing-free")) } }
        dl.facts { @for day in days {
            div { dt { (guest.word(weekday(day))) " " (guest.day(day)) } dd { (grid::free_list(guest, id, using, week, day)) } }
        } }
    }
}

/// Other ways to this calendar: as a file, closures for the keeper, the wait list.
fn ways(guest: &Guest, record: &Record, using: &Using) -> Markup {
    let is_keeper = super::is_side(guest, &record.card, "unit");
    let address = format!("{}/calendar/{}.ics", guest.house.options.public_url, record.id);
    let body = html! {
        (parts::facts(&super::instrument::terms(guest, using)))
        div.row {
            @if is_keeper { a.button href={ "/instrument/" (record.id) "/close" } { (guest.desk_word("instrument", "verb", "close")) } a.button href={ "/instrument/" (record.id) "/busy" } { (guest.word("elsewhere-title")) } }
            @if times::may_book(guest, &record.card) {
                a.button href={ "/booking/new/queue?instrument=" (record.id) } { (guest.desk_word("booking", "verb", "queue")) }
            }
            a.button href={ "/calendar/" (record.id) ".ics" } { (guest.word("take-ics")) }
        }
        p.note { (guest.word("ics-text")) " " code { (address) } }
    };
    parts::section(&Section {
        id: "ways".into(),
        title: guest.word("using-terms").into(),
        beside: html! {},
        body,
    })
}

/// The key of a weekday's word.
pub fn weekday(day: Day) -> &'static str {
    const DAYS: [&str; 7] =
        ["weekday-1", "weekday-2", "weekday-3", "weekday-4", "weekday-5", "weekday-6", "weekday-7"];
    let nth = usize::try_from(times::monday(day).days_until(day)).unwrap_or(0);
    DAYS.get(nth).copied().unwrap_or("weekday-1")
}

/// A link to the calendar of an instrument on a day.
pub fn href(id: Id, day: Day) -> String {
    format!("/instrument/{id}/calendar?day={}", visit::escape(&day.to_string()))
}
