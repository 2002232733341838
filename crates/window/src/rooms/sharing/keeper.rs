//! Keeper: the day of those who keep instruments: who comes today, what is late, what waits for an answer or a report,
//! what is closed.

use desks::instrument::Stocks;
use grammar::{
    card::Card,
    kinds::{Day, Id, Moment},
};
use maud::{Markup, html};
use registry::{Filter, Listed, Record};
use serde_json::{Value, json};

use super::{calendar, charge, interlock, line, questions, received, samples, times, training, troubles};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Empty, Link, Press, Row, Section, Stat, Table},
    ways::Answer,
};

/// Bookings looked at in one status, and shown.
const LOOKED_AT: u32 = 200;
const SHOWN: usize = 40;
/// Instruments whose closures are read.
const KEPT: u32 = 60;
/// Laboratories that are named.
const LABORATORIES: usize = 4;

/// A sitting of today.
struct Sitting {
    booking: Record,
    from: Moment,
    until: Moment,
    came: String,
}

/// The page.
///
/// # Errors
/// When one has not signed in or keeps no instrument, or the store cannot be read.
pub fn keeper(guest: &Guest) -> Answer {
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    let kept = kept(guest)?;
    let today = guest.house.registry.now().day();
    let sittings = sittings(guest, today)?;
    let waits = waits(guest)?;
    let late = sittings.iter().filter(|sitting| is_late(guest, sitting)).count();
    let running = sittings.iter().filter(|sitting| sitting.came == "running").count();
    let section = |id: &str, title: &str, body: Markup| {
        parts::section(&Section { id: id.into(), title: title.into(), beside: html! {}, body })
    };
    let stat = |value: usize, label: &'static str, href: &str| Stat {
        value: value.to_string(),
        label: guest.word(label).into(),
        href: href.into(),
        ..Stat::default()
    };
    let title = guest.word("keeper-title");
    let main = html! {
        (parts::heading(&parts::Heading {
            title: title.into(),
            lead: format!("{} {} · {}", guest.word(calendar::weekday(today)), guest.day(today), guest.word("china-time")),
            ..Default::default()
        }))
        @if let Some(unit) = kept.first().map(|listed| listed.card.the("unit")) { (ways(guest, unit, &kept)) }
        @if kept.is_empty() {
            (parts::empty(&Empty { title: guest.word("keeps-none").into(), text: guest.word("keeps-none-text").into(), links: vec![Link::new("/free", guest.word("free-title"))] }))
        } @else {
            (parts::stats(&[
                stat(sittings.len(), "today-bookings", "#today"), stat(running, "running-now", "#today"),
                stat(late, "late-now", "#today"), stat(waits.len(), "waits-for-me", "#waits"),
            ]))
            (section("today", guest.word("today-bookings"), today_table(guest, &sittings)))
            @if let Some(lines) = line::day(guest, &kept)? { (section("lines", guest.word("line-title"), lines)) }
            (section("waits", guest.word("waits-for-me"), waits_table(guest, &waits)))
            @if let Some(body) = samples::day(guest)? { (section("samples", &guest.desk_word("sample", "desk", "many"), body)) }
            (troubles::open(guest)?)
            @if let Some(low) = low(guest, &kept)? { (section("stock", guest.word("stock-low"), low)) }
            @if let Some(unit) = kept.first().map(|listed| listed.card.the("unit")) { (training::held(guest, unit)?) }
            (section("closed", guest.word("closures"), closures(guest, &kept, today)?))
            (section("kept", guest.word("kept-instruments"), instruments(guest, &kept)?))
        }
    };
    Ok(guest.page(title, vec![], main))
}

/// What else there is for whoever keeps instruments of a unit, and the laboratories in which they stand.
fn ways(guest: &Guest, unit: Id, kept: &[Listed]) -> Markup {
    let mut laboratories: Vec<Id> =
        kept.iter().flat_map(|listed| listed.card.holders("laboratory")).collect();
    laboratories.sort_unstable();
    laboratories.dedup();
    html! { p.row {
        a href={ "/board?unit=" (unit) } { (guest.word("board-title")) }
        a href="/keeper/charges" { (guest.word("charges-title")) }
        a href="/keeper/received" { (guest.word("received-title")) }
        a href={ "/figures?by=unit&of=" (unit) } { (guest.word("figures-title")) }
        a href="/instrument/new/report" { (guest.desk_word("instrument", "verb", "report")) }
        @for laboratory in laboratories.into_iter().take(LABORATORIES) { (guest.link(laboratory)) }
    } }
}

/// The instruments of this guest's units.
fn kept(guest: &Guest) -> Result<Vec<Listed>, Trouble> {
    let page = guest.look.list(&Filter {
        desk: "instrument".into(),
        is_mine: true,
        limit: KEPT,
        ..Filter::default()
    })?;
    let is_kept = |listed: &Listed| super::is_side(guest, &listed.card, "unit");
    Ok(page.rows.into_iter().filter(is_kept).collect())
}

fn mine(guest: &Guest, status: &str) -> Result<Vec<Listed>, Trouble> {
    let filter = Filter {
        desk: "booking".into(),
        status: Some(status.into()),
        is_mine: true,
        limit: LOOKED_AT,
        ..Filter::default()
    };
    let rows = guest.look.list(&filter)?.rows;
    let is_kept = |listed: &Listed| super::is_side(guest, &listed.card, "provider");
    Ok(rows.into_iter().filter(is_kept).collect())
}

/// Everyone's times of today, in order.
fn sittings(guest: &Guest, today: Day) -> Result<Vec<Sitting>, Trouble> {
    let mut sittings = Vec::new();
    for status in
        ["scheduled", "running", "used", "reported", "paid", "rated", "absent", "requested", "contracted"]
    {
        for listed in mine(guest, status)? {
            let spans = listed.card.from.zip(listed.card.until);
            if spans.is_none_or(|(from, until)| today < from || until < today) {
                continue;
            }
            let Some(booking) = guest.look.record(listed.id)? else { continue };
            let all = booking.state.get("sittings").and_then(Value::as_array).cloned().unwrap_or_default();
            for each in all {
                let at = |name: &str| {
                    each.pointer(name).and_then(Value::as_str).and_then(|text| text.parse().ok())
                };
                let Some((from, until)) = at("/times/from").zip(at("/times/until")) else { continue };
                let (from, until): (Moment, Moment) = (from, until);
                if from.day() <= today && today <= until.plus_millis(-1).day() {
                    let came = each.get("came").and_then(Value::as_str).unwrap_or("").to_owned();
                    sittings.push(Sitting { booking: booking.clone(), from, until, came });
                }
            }
        }
    }
    sittings.sort_by_key(|sitting| (sitting.from, sitting.booking.id));
    sittings.truncate(SHOWN * 4);
    Ok(sittings)
}

/// It should have begun, or have ended.
fn is_late(guest: &Guest, sitting: &Sitting) -> bool {
    let now = guest.house.registry.now();
    match sitting.came.as_str() {
        "planned" => sitting.from < now && now < sitting.until && sitting.booking.card.status == "scheduled",
        "running" => sitting.until < now,
        _ => false,
    }
}

fn today_table(guest: &Guest, sittings: &[Sitting]) -> Markup {
    let heads = ["time", "instrument", "buyer", "how-it-is", "next-step"];
    let row = |sitting: &Sitting| {
        let card = &sitting.booking.card;
        let href = format!("/booking/{}", sitting.booking.id);
        let step = match (sitting.came.as_str(), card.status.as_str()) {
            ("planned", "scheduled") => Some("start"),
            ("running", _) => Some("stop"),
            ("done", "used") => Some("report"),
            _ => None,
        };
        Row::new(vec![
            html! { a href=(href) { (times::clock(sitting.from.in_millis(), false)) "–" (times::clock(sitting.until.in_millis(), true)) } },
            html! { (guest.link(card.the("instrument"))) },
            html! { (guest.link(card.the("buyer"))) },
            html! {
                (guest.status_badge("booking", &card.status))
                @if sitting.came == "planned" && card.read::<usize>("unready").is_some_and(|left| left > 0) {
                    " " a href={ "/booking/" (sitting.booking.id) "/prepare" } { (guest.word("to-set-up")) }
                }
                @if card.facets.get("way").is_some_and(|way| way != "on-site") {
                    " " (parts::badge(parts::Tone::Info, &guest.desk_word("booking", "choice", card.facets.get("way").map_or("", String::as_str))))
                }
                @if is_late(guest, sitting) { " " (parts::badge(parts::Tone::Bad, guest.word("late"))) }
                (questions::folded(guest, sitting.booking.id, card))
            },
            html! { @if let Some("stop") = step { (stop(guest, &sitting.booking)) } @else if let Some(verb) = step { a.button href=(step_form(&sitting.booking, verb)) { (guest.desk_word("booking", "verb", verb)) } } },
        ])
    };
    parts::table(&Table {
        id: "today".into(),
        caption: guest.word("today-caption").into(),
        columns: heads.map(|head| Column::new(guest.word(head))).into(),
        rows: sittings.iter().take(SHOWN).map(row).collect(),
        scrolls: false,
        empty: Empty { title: guest.word("nobody-today").into(), ..Empty::default() },
    })
}

/// The form of a step; for the start with the instrument filled in, so that only the code is typed.
fn step_form(booking: &Record, verb: &str) -> String {
    match verb {
        "start" => format!("/booking/{}/start?instrument={}", booking.id, booking.card.the("instrument")),
        _ => format!("/booking/{}/{verb}", booking.id),
    }
}

/// One press: it has no fields, and so no page of its own.
fn stop(guest: &Guest, booking: &Record) -> Markup {
    let mut hidden = guest.hidden();
    hidden.push(("seen".into(), booking.sequence.to_string()));
    let label = guest.desk_word("booking", "verb", "stop");
    Press { action: format!("/booking/{}/stop", booking.id), hidden, label }.show("")
}

/// What only the keeper can move on: a price to say, a time to schedule, a report to write, a bill to take in.
fn waits(guest: &Guest) -> Result<Vec<(Listed, &'static str)>, Trouble> {
    let mut waits = Vec::new();
    for (status, verb) in
        [("requested", "quote"), ("contracted", "schedule"), ("used", "report"), ("reported", "pay")]
    {
        for listed in mine(guest, status)? {
            let is_by_quote = listed.card.read::<bool>("needs_quote").unwrap_or(false);
            let verb = if status == "requested" && !is_by_quote { "schedule" } else { verb };
            let step = if status == "reported" { charge::next(&listed.card) } else { Some(verb) };
            waits.extend(step.filter(|verb| *verb != "uphold").map(|verb| (listed, verb)));
        }
    }
    let charges = super::charges_waiting(guest)?.into_iter();
    waits.extend(charges.filter(|(listed, _)| super::is_side(guest, &listed.card, "provider")));
    for (status, verb) in [("asked", "train"), ("trained", "sign-off")] {
        let filter = Filter {
            desk: "permit".into(),
            status: Some(status.into()),
            is_mine: true,
            limit: LOOKED_AT,
            ..Filter::default()
        };
        let rows = guest.look.list(&filter)?.rows;
        let is_kept = |listed: &Listed| super::is_side(guest, &listed.card, "unit");
        waits.extend(rows.into_iter().filter(is_kept).map(|listed| (listed, verb)));
    }
    Ok(waits)
}

/// The form of a step that waits; for the schedule with the instrument filled in, whose operators may need a licence.
fn form_of(listed: &Listed, verb: &str) -> String {
    let (desk, id) = (&listed.desk, listed.id);
    match verb {
        "schedule" => format!("/{desk}/{id}/schedule?instrument={}", listed.card.the("instrument")),
        "check-charge" => format!("/{desk}/{id}#charge"),
        "pay" => format!("/{desk}/{id}/pay?amount={}", received::left(&listed.card)),
        _ => format!("/{desk}/{id}/{verb}"),
    }
}

fn waits_table(guest: &Guest, waits: &[(Listed, &'static str)]) -> Markup {
    let heads = ["what", "about", "buyer", "day", "amount"];
    let row = |(listed, verb): &(Listed, &'static str)| {
        let (card, desk) = (&listed.card, listed.desk.as_str());
        let buyer: Option<Id> = card.holders("buyer").chain(card.holders("person")).next();
        Row::new(vec![
            html! { a.button href=(form_of(listed, verb)) { (guest.desk_word(desk, "verb", verb)) } },
            html! { a href={ "/" (desk) "/" (listed.id) } { (guest.pick(&card.title_zh, &card.title_en)) } },
            html! { @if let Some(buyer) = buyer { (guest.link(buyer)) } },
            html! { @if let Some(day) = card.from { (guest.day(day)) } },
            html! { @if let Some(amount) = card.amount.filter(|amount| amount.is_positive()) { (guest.money(amount)) } },
        ])
    };
    let mut columns: Vec<Column> = heads.map(|head| Column::new(guest.word(head))).into();
    if let Some(last) = columns.last_mut() {
        last.align = parts::Align::End;
    }
    html! {
        (parts::table(&Table {
            id: "waits".into(), caption: guest.word("waits-caption").into(), columns,
            rows: waits.iter().take(SHOWN).map(row).collect(), scrolls: false,
            empty: Empty { title: guest.word("nothing-waits").into(), ..Empty::default() },
        }))
        @if waits.len() > SHOWN { p { a href="/booking?status=used" { (guest.word("see-all")) } } }
    }
}

/// Consumables of the kept instruments of which little is left; nothing when there are none.
fn low(guest: &Guest, kept: &[Listed]) -> Result<Option<Markup>, Trouble> {
    let mut rows = Vec::new();
    for listed in kept.iter().filter(|listed| listed.card.facts.contains_key("low")) {
        let low: Vec<String> = listed.card.read("low").unwrap_or_default();
        let Some(record) = guest.look.record(listed.id)? else { continue };
        let stocks: Stocks = serde_json::from_value(record.state.get("stocks").cloned().unwrap_or_default())
            .unwrap_or_default();
        for stock in stocks.iter().filter(|stock| low.iter().any(|name| **name == *stock.name)) {
            rows.push(Row::new(vec![
                html! { a href={ "/instrument/" (listed.id) } { (guest.pick(&listed.card.title_zh, &listed.card.title_en)) } },
                html! { (&*stock.name) },
                html! { (stock.count.get()) },
                html! { a.button href={ "/instrument/" (listed.id) "/set-stock" } { (guest.desk_word("instrument", "verb", "set-stock")) } },
            ]));
        }
    }
    if rows.is_empty() {
        return Ok(None);
    }
    rows.truncate(SHOWN);
    let heads = ["instrument", "consumable", "stock-left", "next-step"];
    Ok(Some(parts::table(&Table {
        id: "low".into(),
        caption: guest.word("stock-low").into(),
        columns: heads.map(|head| Column::new(guest.word(head))).into(),
        rows,
        scrolls: false,
        empty: Empty::default(),
    })))
}

/// When the kept instruments are closed in the next four weeks.
fn closures(guest: &Guest, kept: &[Listed], today: Day) -> Result<Markup, Trouble> {
    let mut rows = Vec::new();
    let window = times::days(today, 28).ok_or(Trouble::NotFound)?;
    for listed in kept {
        for taken in times::taken(&guest.look, listed.id, window)? {
            let Some(why) = taken.closed else { continue };
            rows.push(Row::new(vec![
                html! { a href=(calendar::href(listed.id, Moment::from_millis(taken.span.from()).day())) { (guest.pick(&listed.card.title_zh, &listed.card.title_en)) } },
                html! { (guest.moment(Moment::from_millis(taken.span.from()))) },
                html! { (guest.moment(Moment::from_millis(taken.span.until()))) },
                html! { (guest.desk_word("calendar", "choice", &grammar::desk::plain_word(&why))) },
            ]));
        }
    }
    rows.truncate(SHOWN);
    let columns = ["instrument", "from-time", "until-time", "why"].map(|head| Column::new(guest.word(head)));
    Ok(parts::table(&Table {
        id: "closed".into(),
        caption: guest.word("closures-caption").into(),
        columns: columns.into(),
        rows,
        scrolls: false,
        empty: Empty { title: guest.word("no-closures").into(), ..Empty::default() },
    }))
}

fn instruments(guest: &Guest, kept: &[Listed]) -> Result<Markup, Trouble> {
    let today = guest.house.registry.now().day();
    let mut rows = Vec::new();
    for listed in kept {
        let id = listed.id;
        let silent = interlock::silent(guest, id, listed.card.scope())?;
        rows.push(Row::new(vec![
            html! { a href={ "/instrument/" (id) } { (guest.pick(&listed.card.title_zh, &listed.card.title_en)) } },
            html! {
                (guest.status_badge("instrument", &listed.card.status))
                @if let Some(minutes) = silent { " " (parts::badge(parts::Tone::Bad, &guest.say("interlock-silent", &json!({ "minutes": minutes })))) }
            },
            html! { a href=(calendar::href(id, today)) { (guest.word("calendar")) } },
            tools(guest, id, &listed.card),
        ]));
    }
    let heads = ["instrument", "how-it-is", "calendar", "actions"];
    Ok(html! {
        (parts::table(&Table {
            id: "kept".into(), caption: guest.say("kept-caption", &json!({ "count": kept.len() })),
            columns: heads.map(|head| Column::new(guest.word(head))).into(), rows,
            scrolls: false, empty: Empty::default(),
        }))
    })
}

/// What its keepers have beside its record: closing it, calendars elsewhere, power, tablet, label.
pub fn tools(guest: &Guest, id: Id, card: &Card) -> Markup {
    let door = card.read::<String>("door").map(|_| ("label", guest.word("label-title")));
    let closing = guest.desk_word("instrument", "verb", "close");
    let all = [
        ("close", closing.as_str()),
        ("busy", guest.word("elsewhere-title")),
        ("interlock", guest.word("interlock-title")),
        ("kiosk", guest.word("kiosk-title")),
    ];
    html! {
        @for (n, (way, name)) in all.into_iter().chain(door).enumerate() {
            @if n > 0 { " · " }
            a href={ "/instrument/" (id) "/" (way) } { (name) }
        }
    }
}
