//! A booking: first how far it is and whose turn it is, then its sittings with the way to move each, what is owed and how it
//! may be paid; then the record as any other.

use desks::booking::{Came, Sitting, Skipped};
use engines::booking::{HOUR, MINUTE};
use grammar::{
    card::Card,
    clerk::Clerk,
    kinds::{Id, Moment, Money},
};
use maud::{Markup, html};
use registry::{Filter, Listed, Look, Record};
use serde_json::json;

use super::{
    bundle, charge, extras, kiosk, payers, questions, rating, received, reports, samples, times, visits,
};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Align, Column, Empty, Notice, Press, Row, Section, Stat, Table, Tone},
    plain, visit,
    ways::Answer,
};

/// The usual way of a booking, where it stands at once and where the keeper quotes a price.
const WAY: [&str; 8] =
    ["requested", "quoted", "contracted", "scheduled", "running", "used", "reported", "paid"];
const BY_QUOTE: [&str; 2] = ["quoted", "contracted"];
/// Its time is held and has not begun.
const AHEAD: [&str; 4] = ["requested", "quoted", "contracted", "scheduled"];
/// In which something may be due.
const DUE: [&str; 6] = ["used", "reported", "paid", "rated", "cancelled", "absent"];
/// So long before a sitting it may be begun.
pub const SOON: i64 = HOUR;
/// Bookings of one instrument that may run at once: it has no more places.
const RUNNING: u32 = 50;
/// Earlier bookings of the same buyer that are looked at.
const BEFORE: u32 = 200;
/// What stands above already.
const SHOWN_ABOVE: [&str; 10] = [
    "sittings",
    "skipped",
    "price",
    "paid",
    "fee",
    "answers",
    "terms.questions",
    "charge",
    "split",
    "rating",
];
/// Sittings and skipped times shown.
const SHOWN: usize = 52;
/// Providers of the managing unit that are looked at.
const LISTINGS: u32 = 5;

/// The page of a booking.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn booking(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = &plain::known(guest, clerk, id)?;
    let lead = html! {
        (plain::progress(guest, clerk, record, &way(record)))
        (next(guest, record))
        @if let Some(before) = before(guest, record)? { p.note { (before) } }
        (in_the_way(guest, record)?)
        (parts::stats(&money(guest, record)))
        (transfer(guest, record))
        (charge::section(guest, record))
        (payers::section(guest, record))
        (sittings(guest, record))
        (bundle::of_booking(guest, record.id)?)
        (extras::companion(guest, record))
        (kiosk::told(guest, record)?)
        (samples::of(guest, record, "booking")?)
        (reports::of(guest, record, "booking")?)
        (visits::of(guest, record, come_for(guest, record).as_deref())?)
        (rating::section(guest, record))
        (questions::led(guest, record))
        (by_voucher(guest, record, listing(guest, record)?.as_deref()))
    };
    plain::record_page(guest, clerk, record, &SHOWN_ABOVE, &lead)
}

/// The way to announce who comes for it, while it is still to come or runs.
fn come_for(guest: &Guest, record: &Record) -> Option<String> {
    let status = record.card.status.as_str();
    let is_open = AHEAD.contains(&status) || status == "running";
    visits::form_for(guest, record, "booking", &["buyer"]).filter(|_| is_open)
}

/// Whoever rated it has come to the end as well.
fn way(record: &Record) -> Vec<&'static str> {
    let is_quoted = record.card.read::<bool>("needs_quote").unwrap_or(false);
    let way = WAY.into_iter().filter(|step| is_quoted || !BY_QUOTE.contains(step));
    let is_rated = record.card.status == "rated";
    way.chain(is_rated.then_some("rated")).collect()
}

pub fn part<T: serde::de::DeserializeOwned + Default>(record: &Record, name: &str) -> T {
    super::part(record, name).unwrap_or_default()
}

/// Each time of a booking as this guest may know it.
pub fn all_sittings(record: &Record) -> Vec<Sitting> {
    part(record, "sittings")
}

/// Until when each sitting was booked that runs at an instrument now, for those who keep it.
///
/// # Errors
/// When the store cannot be read.
pub fn running(look: &Look, instrument: Id) -> Result<Vec<Moment>, Trouble> {
    let filter = Filter {
        desk: "booking".into(),
        status: Some("running".into()),
        party: Some(instrument),
        limit: RUNNING,
        ..Filter::default()
    };
    let mut until = Vec::new();
    for listed in look.rows(&filter)?.0 {
        let Some(booking) = look.record(listed.id)? else { continue };
        until.extend(runs_until(&booking));
    }
    Ok(until)
}

/// Until when the sittings of a booking were booked that run now.
pub fn runs_until(booking: &Record) -> Vec<Moment> {
    let runs = |sitting: &Sitting| sitting.came == Came::Running;
    all_sittings(booking).into_iter().filter(runs).map(|sitting| sitting.times.until).collect()
}

/// Who moves it on, and by what; a verb that has no fields is pressed at once.
fn step(record: &Record, guest: &Guest) -> Option<(&'static str, &'static str)> {
    let is_quoted = record.card.read::<bool>("needs_quote").unwrap_or(false);
    let begun = all_sittings(record)
        .first()
        .is_some_and(|sitting| sitting.times.from.plus_millis(-SOON) <= guest.house.registry.now());
    Some(match record.card.status.as_str() {
        "requested" if is_quoted => ("provider", "quote"),
        "requested" | "contracted" => ("provider", "schedule"),
        "quoted" => ("buyer", "accept"),
        "offered" => ("buyer", "take-up"),
        "scheduled" if begun => ("both", "start"),
        "running" => ("both", "stop"),
        "used" => ("provider", "report"),
        "reported" => ("provider", charge::next(&record.card)?),
        "paid" => ("buyer", "rate"),
        _ => return None,
    })
}

/// For the keeper, while it is to come: how its buyer's earlier bookings here ended.
fn before(guest: &Guest, record: &Record) -> Result<Option<String>, Trouble> {
    let is_kept = |card: &Card| super::is_side(guest, card, "provider");
    if !AHEAD.contains(&record.card.status.as_str()) || !is_kept(&record.card) {
        return Ok(None);
    }
    let buyer = record.card.the("buyer");
    let filter = Filter {
        desk: "booking".into(),
        party: Some(buyer),
        is_mine: true,
        limit: BEFORE,
        ..Filter::default()
    };
    let rows = guest.look.list(&filter)?.rows;
    let is_theirs = |card: &Card| card.the("buyer") == buyer && is_kept(card);
    let earlier = || rows.iter().filter(|row| row.id != record.id && is_theirs(&row.card));
    let fined = |status: &str| {
        let is_fined = |row: &&Listed| row.card.read::<Money>("fee").is_some_and(Money::is_positive);
        earlier().filter(|row| row.card.status == status).filter(is_fined).count()
    };
    let absent = earlier().filter(|row| row.card.status == "absent").count();
    let facts = json!({ "who": guest.name(buyer), "all": earlier().count(), "absent": absent, "late": fined("cancelled") });
    Ok(Some(guest.say("booking-before", &facts)))
}

/// For the keeper of what somebody waits for: who has that time, and the way to take it from them in an emergency.
fn in_the_way(guest: &Guest, record: &Record) -> Result<Markup, Trouble> {
    let is_kept = super::is_side(guest, &record.card, "provider");
    let span = all_sittings(record).first().and_then(|sitting| desks::calendar::span_of(sitting.times));
    let Some(span) = span.filter(|_| is_kept && record.card.status == "waiting") else {
        return Ok(html! {});
    };
    let taken = times::taken(&guest.look, record.card.the("instrument"), span)?;
    let others: Vec<(Id, Id)> = taken.into_iter().filter_map(|taken| taken.by).collect();
    if others.is_empty() {
        return Ok(html! {});
    }
    let named: Vec<String> =
        (1..).zip(&others).map(|(n, (booking, _))| format!("others.{n}={booking}")).collect();
    Ok(html! {
        p {
            (guest.word("booking-in-the-way")) (guest.pick("：", ": "))
            @for (n, (booking, buyer)) in others.iter().enumerate() {
                @if n > 0 { (guest.pick("、", ", ")) }
                a href={ "/booking/" (booking) } { (guest.name(*buyer)) }
            }
            " " a href={ "/booking/" (record.id) "/pre-empt?" (named.join("&")) } { (guest.desk_word("booking", "verb", "pre-empt")) }
        }
    })
}

/// Whose turn it is, with the way to it for that side.
fn next(guest: &Guest, record: &Record) -> Markup {
    let viewer = &guest.look.viewer;
    let side = |part: &str| record.card.holders(part).any(|who| viewer.is(who));
    if record.card.status == "displaced" && side("buyer") {
        return again(guest, record);
    }
    let Some((turn, verb)) = step(record, guest) else { return html! {} };
    let is_mine = match turn {
        "both" => side("buyer") || side("provider"),
        part => side(part),
    };
    let label = guest.desk_word("booking", "verb", verb);
    if !is_mine {
        let who = record.card.holders(turn).next().map(|who| guest.name(who)).unwrap_or_default();
        let title = guest.say("booking-turn-other", &json!({ "who": who, "verb": label }));
        return told(Tone::Info, title, html! {});
    }
    let at = format!("/booking/{}/{verb}", record.id);
    let body = match verb {
        "stop" | "take-up" | "check-charge" => {
            let mut hidden = guest.hidden();
            hidden.push(("seen".into(), record.sequence.to_string()));
            Press { action: at, hidden, label: label.clone() }.show("main")
        }
        "start" => {
            html! { p { a.button.main href={ (at) "?instrument=" (record.card.the("instrument")) } { (label) } } }
        }
        "pay" => {
            html! { p { a.button.main href={ (at) "?amount=" (received::left(&record.card)) } { (label) } } }
        }
        _ => html! { p { a.button.main href=(at) { (label) } } },
    };
    // A quote and an offer stand until a moment; a turn is to be begun by one.
    let until: Option<Moment> = record.state.get("until").and_then(|at| at.as_str()?.parse().ok());
    let until = until.filter(|_| ["quoted", "offered"].contains(&record.card.status.as_str()));
    let until = until.or_else(|| record.card.read("begin_by"));
    let title = match until {
        Some(until) => guest.say("booking-turn-until", &json!({ "verb": label, "until": until })),
        None => guest.say("booking-turn-own", &json!({ "verb": label })),
    };
    told(Tone::Warn, title, body)
}

fn told(tone: Tone, title: String, body: Markup) -> Markup {
    html! { div role="status" { (parts::notice(&Notice { tone, title, body, links: vec![] })) } }
}

/// An emergency took its time: the same is asked for again, and is then first in line.
fn again(guest: &Guest, record: &Record) -> Markup {
    let day = guest.house.registry.now().day();
    let form = format!("/booking/new/request?like={id}&instead_of={id}", id = record.id);
    let body = html! { p.row {
        a.button.main href=(form) { (guest.word("booking-again")) }
        a href=(super::calendar::href(record.card.the("instrument"), day)) { (guest.word("see-calendar")) }
    } };
    told(Tone::Warn, guest.word("booking-displaced").to_owned(), body)
}

/// Price, fee, paid, and what is still owed.
fn money(guest: &Guest, record: &Record) -> Vec<Stat> {
    let of = |name: &str| record.card.read::<Money>(name).unwrap_or(Money::ZERO);
    let (price, paid, fee) = (of("price"), of("paid"), of("fee"));
    let stat = |amount: Money, label: String| Stat { value: guest.money(amount), label, ..Stat::default() };
    let field = |key: &str| guest.desk_word("booking", "field", key);
    let mut stats = vec![stat(price, field("price"))];
    if fee.is_positive() {
        stats.push(stat(fee, field("fee")));
    }
    stats.push(stat(paid, field("paid")));
    let left = received::left(&record.card);
    // Nothing is owed before it is agreed.
    let is_agreed = !["requested", "quoted", "waiting", "offered"].contains(&record.card.status.as_str());
    if left.is_positive() && is_agreed {
        stats.push(stat(left, guest.word("booking-owed").into()));
    }
    stats
}

/// What a payer writes beside a transfer, while something is due.
fn transfer(guest: &Guest, record: &Record) -> Markup {
    let is_due = DUE.contains(&record.card.status.as_str()) && received::left(&record.card).is_positive();
    let reference = received::reference(record.id).filter(|_| is_due);
    html! { @if let Some(reference) = reference { p.note { (guest.word("booking-transfer")) " " code.nowrap { (reference) } } } }
}

/// Each sitting with what became of it and, while it is to come, the way to move it; and the times that were left out.
fn sittings(guest: &Guest, record: &Record) -> Markup {
    let (all, skipped): (Vec<Sitting>, Vec<Skipped>) = (all_sittings(record), part(record, "skipped"));
    let now = guest.house.registry.now();
    let is_ahead = AHEAD.contains(&record.card.status.as_str());
    let is_buyer = super::is_side(guest, &record.card, "buyer");
    let choice = |word: String| guest.desk_word("booking", "choice", &word);
    let when = |from: Moment, until: Moment| {
        html! {
            (guest.word(super::calendar::weekday(from.day()))) " " (guest.day(from.day())) " "
            span.nowrap { (times::clock(from.in_millis(), false)) "–" @if until.plus_millis(-1).day() != from.day() { (guest.day(until.day())) " " } (times::clock(until.in_millis(), true)) }
        }
    };
    let row = |sitting: &Sitting| {
        let (from, until) = (sitting.times.from, sitting.times.until);
        let may_move = is_ahead && is_buyer && sitting.came == Came::Planned && now < from;
        let at = visit::escape(&times::local(from.in_millis()));
        let minutes = (until.in_millis() - from.in_millis()) / MINUTE;
        Row::new(vec![
            when(from, until),
            html! { (choice(grammar::desk::plain_word(&sitting.came))) },
            html! { @if let (Some(began), Some(ended)) = (sitting.started, sitting.stopped) { (when(began, ended)) } },
            html! { @if may_move { a href={ "/booking/" (record.id) "/move?sitting=" (at) "&from=" (at) "&minutes=" (minutes) } { (guest.desk_word("booking", "verb", "move")) } } },
        ])
    };
    let left_out = |skip: &Skipped| {
        let why = choice(grammar::desk::plain_word(&skip.why));
        Row::new(vec![
            when(skip.times.from, skip.times.until),
            html! { (guest.say("booking-skipped", &json!({ "why": why }))) },
            html! {},
            html! {},
        ])
    };
    let mut rows: Vec<Row> = all.iter().take(SHOWN).map(row).collect();
    rows.extend(skipped.iter().take(SHOWN).map(left_out));
    let heads = ["time", "how-it-is", "booking-ran", "next-step"];
    let table = parts::table(&Table {
        id: "sittings".into(),
        caption: guest.word("china-time").into(),
        columns: heads.map(|head| Column { align: Align::Start, ..Column::new(guest.word(head)) }).into(),
        rows,
        scrolls: false,
        empty: Empty::default(),
    });
    let title = guest.desk_word("booking", "field", "sittings");
    let beside = html! { a href=(super::calendar::href(record.card.the("instrument"), all.first().map_or(now.day(), |first| first.times.from.day()))) { (guest.word("see-calendar")) } };
    parts::section(&Section { id: "sittings".into(), title, beside, body: table })
}

/// The order that pays a part of it by a voucher: the managing unit's entry among the providers, and what it lists for this instrument.
fn listing(guest: &Guest, record: &Record) -> Result<Option<String>, Trouble> {
    let viewer = &guest.look.viewer;
    if !record.card.holders("buyer").any(|buyer| viewer.is(buyer)) {
        return Ok(None);
    }
    let filter = Filter {
        desk: "provider".into(),
        status: Some("recognised".into()),
        party: Some(record.card.the("provider")),
        limit: LISTINGS,
        ..Filter::default()
    };
    let Some(found) = guest.look.list(&filter)?.rows.into_iter().next() else { return Ok(None) };
    let items: std::collections::BTreeMap<u32, desks::provider::Item> =
        found.card.read("items").unwrap_or_default();
    let instrument = record.card.the("instrument");
    let item = items.iter().find(|(_, item)| item.instrument.is_some_and(|one| one.id() == instrument));
    let item = item.map_or_else(String::new, |(number, _)| format!("&item={number}"));
    let title = guest.pick(&record.card.title_zh, &record.card.title_en);
    let (buyer, project) = (record.card.the("buyer"), visit::escape(title));
    Ok(Some(format!(
        "/voucher-order/new/ask?buyer={buyer}&provider={}{item}&quantity=1&project={project}",
        found.id
    )))
}

/// A voucher pays a part of what is agreed and not paid yet.
fn by_voucher(guest: &Guest, record: &Record, listing: Option<&str>) -> Markup {
    let is_open = ["contracted", "scheduled", "running", "used", "reported"];
    let is_open = is_open.contains(&record.card.status.as_str());
    let Some(listing) = listing.filter(|_| is_open) else { return html! {} };
    html! { p { a.button href=(listing) { (guest.word("booking-by-voucher")) } " " span.soft { (guest.say("booking-by-voucher-text", &json!({ "booking": record.id.as_str() }))) } } }
}
