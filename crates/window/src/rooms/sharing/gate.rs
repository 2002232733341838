//! Gate: the door list of a laboratory: who is expected today, inside and gone, each with one press; whoever types their arrival code
//! comes in or goes out. And who is inside now, to be printed and taken outside when everybody has to leave.

use desks::visit::{Comer, Standing};
use grammar::kinds::{Id, Moment};
use maud::{Markup, html};
use registry::{Filter, Record};
use serde_json::{Value, json};

use super::{
    booking::part,
    is_side, kiosk, times,
    visits::{comers, name, standing, word},
};
use crate::{
    denied::{self, Trouble},
    guest::Guest,
    parts::{self, Column, Empty, Link, Notice, Row, Section, Tone},
    rooms::entry::{Entry, Sheet},
    ways::Answer,
};

/// Visits, instruments and sittings of one laboratory that are looked at.
const LOOKED_AT: u32 = 100;

/// The code that a visitor says at the door: the short code of the visit, and their number.
pub fn code(visit: Id, number: usize) -> String {
    format!("{}-{number}", kiosk::code(visit))
}

/// A laboratory for those who lead it.
fn led(guest: &Guest, id: Id) -> Result<Record, Trouble> {
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    let record = guest.look.record(id)?.filter(|record| record.desk == "laboratory");
    record.filter(|record| is_side(guest, &record.card, "lead")).ok_or(Trouble::NotFound)
}

/// The visits of a laboratory in these states.
fn visits(guest: &Guest, laboratory: Id, status: &str) -> Result<Vec<Record>, Trouble> {
    let filter = Filter {
        desk: "visit".into(),
        status: Some(status.into()),
        party: Some(laboratory),
        part: Some("laboratory".into()),
        limit: LOOKED_AT,
        ..Filter::default()
    };
    let mut all = Vec::new();
    for listed in guest.look.rows(&filter)?.0 {
        all.extend(guest.look.record(listed.id)?);
    }
    Ok(all)
}

/// One who comes today, or has been here today.
struct Due {
    visit: Record,
    number: usize,
    comer: Comer,
}

/// Everybody of today: those inside first, then who is expected, then who is gone.
fn today(guest: &Guest, laboratory: Id) -> Result<Vec<Due>, Trouble> {
    let today = guest.house.registry.now().day();
    let mut all = Vec::new();
    // However many are over, none of those to come is left out for them.
    let (open, over) = (visits(guest, laboratory, "accepted,inside")?, visits(guest, laboratory, "over")?);
    for visit in open.into_iter().chain(over) {
        let [from, until] = ["from", "until"].map(|name| visit.card.read::<Moment>(name));
        let is_open = visit.card.status != "over";
        let is_now =
            from.is_some_and(|from| from.day() <= today) && until.is_some_and(|until| today <= until.day());
        for (number, comer) in (1..).zip(comers(&visit)) {
            let was_here = comer.left.is_some_and(|left| left.day() == today);
            let is_shown = comer.standing == Standing::Inside || was_here || (is_open && is_now);
            if is_shown {
                all.push(Due { visit: visit.clone(), number, comer });
            }
        }
    }
    all.sort_by_key(|due| match due.comer.standing {
        Standing::Inside => 0,
        Standing::Expected => 1,
        Standing::Left | Standing::SignedOut => 2,
    });
    Ok(all)
}

/// The door list.
///
/// # Errors
/// When there is no such laboratory, or the guest is not of its lead unit.
pub fn gate(guest: &Guest, id: Id) -> Answer {
    shown(guest, id, None)
}

/// What a press or a code came to: good or not, and its sentence.
type Told = (Tone, String);

fn shown(guest: &Guest, id: Id, told: Option<Told>) -> Answer {
    let record = led(guest, id)?;
    let all = today(guest, id)?;
    let count = |wanted: Standing| all.iter().filter(|due| due.comer.standing == wanted).count();
    let facts = json!({ "inside": count(Standing::Inside), "expected": count(Standing::Expected) });
    let title = guest.pick(&record.card.title_zh, &record.card.title_en);
    let status = if told.as_ref().is_some_and(|(tone, _)| *tone != Tone::Good) { 422 } else { 200 };
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("gate-title").into(), lead: guest.say("gate-lead", &facts), over: vec![guest.link(id)], ..Default::default() }))
        @if let Some((tone, told)) = told {
            div role="status" { (parts::notice(&Notice { tone, title: told, body: html! {}, links: vec![] })) }
        }
        (people(guest, &record))
        (Sheet {
            action: &format!("/visits/{id}"),
            body: html! { (Entry { value: String::new(), ..Entry::code("code", guest.word("visit-code")) }.helped(guest.word("gate-code-help")).show(&[])) },
            button: guest.word("gate-press"), more: vec![],
        }.show(guest))
        (list(guest, id, &all))
        p.row {
            a.button href={ "/visits/" (id) "/inside" } { (guest.word("gate-inside")) }
            a href={ "/visit/new/invite?laboratory=" (id) } { (word(guest, "verb", "invite")) }
            a href={ "/visit?party=" (id) } { (word(guest, "desk", "many")) }
        }
    };
    let crumbs = vec![
        Link::new("/laboratory", guest.desk_word("laboratory", "desk", "many")),
        Link::new(format!("/laboratory/{id}"), title),
    ];
    Ok(guest.page_with(status, guest.word("gate-title"), crumbs, main))
}

/// How many are inside, of how many.
fn people(guest: &Guest, laboratory: &Record) -> Markup {
    let most = laboratory.card.read::<Option<i64>>("people_most").flatten();
    let inside = laboratory.card.read::<i64>("people").unwrap_or(0);
    html! { @if let Some(most) = most { p { (guest.say("gate-people", &json!({ "inside": inside, "most": most }))) } } }
}

fn list(guest: &Guest, laboratory: Id, all: &[Due]) -> Markup {
    let row = |due: &Due| {
        let card = &due.visit.card;
        let until = card.read::<Moment>("until").map(|until| guest.moment(until)).unwrap_or_default();
        Row::new(vec![
            html! { b { (name(guest, &due.comer)) } " " code { (code(due.visit.id, due.number)) } },
            html! { a href={ "/visit/" (due.visit.id) } { (guest.name(card.the("visiting"))) } },
            html! { @if let Some(host) = card.holders("host").next() { (guest.link(host)) } },
            html! { (standing(guest, &due.comer)) },
            html! { (until) },
            html! { @if card.status != "over" { (press(guest, laboratory, due)) } },
        ])
    };
    let field = |key: &str| word(guest, "field", key);
    let heads = [
        field("name"),
        field("visiting"),
        field("host"),
        field("standing"),
        field("until"),
        guest.word("next-step").to_owned(),
    ];
    parts::table(&parts::Table {
        id: "today".into(),
        caption: guest.word("gate-caption").into(),
        columns: heads.map(Column::new).into(),
        rows: all.iter().map(row).collect(),
        scrolls: false,
        empty: Empty { title: guest.word("gate-nobody").into(), ..Empty::default() },
    })
}

/// In or out, with one press.
fn press(guest: &Guest, laboratory: Id, due: &Due) -> Markup {
    let verb = if due.comer.standing == Standing::Inside { "leave" } else { "arrive" };
    let mut hidden = guest.hidden();
    hidden.push(("code".into(), code(due.visit.id, due.number)));
    let action = format!("/visits/{laboratory}");
    let class = if due.comer.standing == Standing::Expected { "main" } else { "" };
    parts::Press { action, hidden, label: word(guest, "verb", verb) }.show(class)
}

/// Whoever has this code comes in, or goes out if they are inside.
///
/// # Errors
/// When there is no such laboratory, or the guest is not of its lead unit.
pub fn gate_press(guest: &Guest, id: Id) -> Answer {
    led(guest, id)?;
    let typed = guest.visit.typed("code");
    let Some((visit, number, comer)) = found(guest, id, typed)? else {
        return shown(guest, id, Some((Tone::Warn, guest.word("gate-unknown").to_owned())));
    };
    let is_inside = comer.standing == Standing::Inside;
    let command = match is_inside {
        true => json!({ "verb": "leave", "visitor": number }),
        false => json!({ "verb": "arrive", "laboratory": id, "visitor": number }),
    };
    let press: String = guest.visit.typed("key").chars().take(64).collect();
    let ask = guest.ask(&press, "visit", Some(visit.id), command);
    let told = match guest.house.registry.run(ask) {
        Ok(_) if is_inside => (Tone::Good, guest.word("gate-out").to_owned()),
        Ok(_) => (Tone::Good, guest.word("gate-in").to_owned()),
        Err(denied) => (Tone::Warn, denied::word(guest, &denied).sentence),
    };
    shown(guest, id, Some(told))
}

/// The visitor with this code: of several who come together the number says which.
fn found(guest: &Guest, laboratory: Id, typed: &str) -> Result<Option<(Record, usize, Comer)>, Trouble> {
    let (short, number) = kiosk::code_and_number(typed);
    let open = visits(guest, laboratory, "accepted,inside")?;
    let Some(visit) = open.into_iter().find(|visit| kiosk::code(visit.id) == short) else { return Ok(None) };
    let all = comers(&visit);
    let number = number.or_else(|| (all.len() == 1).then_some(1));
    let comer =
        number.and_then(|number| all.get(number.checked_sub(1)?).cloned().map(|comer| (number, comer)));
    Ok(comer.map(|(number, comer)| (visit, number, comer)))
}

/// Who is inside now: visitors by name, and who sits at instruments that stand in it. To be printed.
///
/// # Errors
/// When there is no such laboratory, or the guest is not of its lead unit.
pub fn inside(guest: &Guest, id: Id) -> Answer {
    let record = led(guest, id)?;
    let mut rows = Vec::new();
    for visit in visits(guest, id, "inside")? {
        let card = &visit.card;
        for comer in comers(&visit).iter().filter(|comer| comer.standing == Standing::Inside) {
            rows.push(Row::new(vec![
                html! { b { (name(guest, comer)) } },
                html! { (guest.name(card.the("visiting"))) },
                html! { @if let Some(host) = card.holders("host").next() { (word(guest, "field", "host")) (guest.pick("：", ": ")) (guest.name(host)) } },
                html! { @if let Some(came) = comer.came { (guest.moment(came)) } },
            ]));
        }
    }
    rows.extend(sittings(guest, &record)?);
    let at = guest.moment(guest.house.registry.now());
    let heads = ["gate-who", "gate-of", "gate-where", "gate-since"].map(|key| Column::new(guest.word(key)));
    let title = guest.pick(&record.card.title_zh, &record.card.title_en);
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("gate-inside").into(), lead: guest.say("gate-inside-at", &json!({ "at": at, "count": rows.len() })), over: vec![guest.link(id)], ..Default::default() }))
        (people(guest, &record))
        (parts::section(&Section { id: "inside".into(), title: title.into(), beside: html! {}, body: parts::table(&parts::Table {
            id: "inside".into(), caption: guest.word("gate-inside-caption").into(), columns: heads.into(), rows, scrolls: false,
            empty: Empty { title: guest.word("gate-empty").into(), ..Empty::default() },
        }) }))
        p.row.screen { a.button href={ "/visits/" (id) } { (guest.word("gate-back")) } span.note { (guest.word("gate-print")) } }
    };
    let crumbs = vec![
        Link::new("/laboratory", guest.desk_word("laboratory", "desk", "many")),
        Link::new(format!("/visits/{id}"), guest.word("gate-title")),
    ];
    Ok(guest.page(guest.word("gate-inside"), crumbs, main))
}

/// Who sits at instruments that stand in it. Of a sitting at an instrument of another unit its lead unit knows that it is, and no more.
fn sittings(guest: &Guest, laboratory: &Record) -> Result<Vec<Row>, Trouble> {
    let filter = Filter {
        desk: "instrument".into(),
        party: Some(laboratory.id),
        part: Some("laboratory".into()),
        limit: LOOKED_AT,
        ..Filter::default()
    };
    let (mut rows, mut known) = (Vec::new(), Vec::new());
    for instrument in guest.look.rows(&filter)?.0 {
        let running = Filter {
            desk: "booking".into(),
            status: Some("running".into()),
            party: Some(instrument.id),
            limit: LOOKED_AT,
            ..Filter::default()
        };
        for listed in guest.look.rows(&running)?.0 {
            let Some(booking) = guest.look.record(listed.id)? else { continue };
            // Whoever works from elsewhere is not inside.
            let is_there = booking.card.facets.get("way").is_none_or(|way| way == "on-site");
            known.push(booking.id);
            rows.extend(is_there.then(|| sitting(guest, &booking)));
        }
    }
    let counted = laboratory.state.pointer("/occupancy/inside").and_then(Value::as_array);
    for inside in counted.into_iter().flatten() {
        let booking = inside.get("booking").and_then(Value::as_str).and_then(|id| id.parse::<Id>().ok());
        if let Some(booking) = booking.filter(|booking| !known.contains(booking)) {
            let people = inside.get("people").and_then(Value::as_i64).unwrap_or(1);
            let who = guest.say("gate-some", &json!({ "count": people }));
            let code =
                html! { (guest.desk_word("booking", "desk", "one")) " " code { (kiosk::code(booking)) } };
            rows.push(Row::new(vec![html! { b { (who) } }, html! {}, code, html! {}]));
        }
    }
    Ok(rows)
}

fn sitting(guest: &Guest, booking: &Record) -> Row {
    let person =
        |name: &str| booking.state.get(name).and_then(Value::as_str).and_then(|id| id.parse::<Id>().ok());
    let sittings: Vec<desks::booking::Sitting> = part(booking, "sittings");
    let running = sittings.iter().find(|sitting| sitting.came == desks::booking::Came::Running);
    let (booker, beside) = (person("booker"), person("beside"));
    Row::new(vec![
        html! { b { (booker.map_or_else(|| guest.word("someone").to_owned(), |id| guest.name(id))) } @if let Some(beside) = beside { (guest.pick("、", ", ")) b { (guest.name(beside)) } } },
        html! { (guest.name(booking.card.the("buyer"))) },
        html! { (guest.name(booking.card.the("instrument"))) },
        html! { @if let Some(started) = running.and_then(|sitting| sitting.started) { (times::clock(started.in_millis(), false)) } },
    ])
}
