//! Training: a session on its page, with who comes and the boxes to tick for who passed; the next sessions for an instrument;
//! and what of it waits for someone: their seat, and a permit that ends soon.

use desks::training::{Plan, Seat, Standing};
use grammar::{
    clerk::Clerk,
    form::Kind,
    kinds::{Day, Id},
};
use maud::{Markup, html};
use registry::{Filter, Listed, Record};
use serde_json::{Value, json};

use super::part;
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{
        self, Choice, Column, Empty, Fact, FieldView, FormView, Notice, Press, Row, Section, Table, Tone,
        Waiting,
    },
    plain,
    ways::Answer,
};

/// What stands above the record already.
const SHOWN_ABOVE: [&str; 4] = ["plan", "opens", "listed", "title"];
/// Sessions looked at for what waits, and shown beside an instrument.
const LOOKED_AT: u32 = 60;
const BESIDE: u32 = 4;
/// Permits that end soon, of one person.
const PERMITS: u32 = 60;
/// A permit is usually given for so many months.
const USUAL_MONTHS: i32 = 12;

/// The page of a session.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn training(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = &plain::known(guest, clerk, id)?;
    let (plan, seats) = (plan(record).ok_or(Trouble::NotFound)?, seats(record));
    let lead = html! {
        (own(guest, record, &seats))
        (parts::facts(&facts(guest, record, &plan)))
        @if is_holder(guest, record) {
            (names(guest, record, &seats))
            @if record.card.status == "begun" { (sign_off(guest, record, &seats)) }
        }
    };
    plain::record_page(guest, clerk, record, &SHOWN_ABOVE, &lead)
}

fn plan(record: &Record) -> Option<Plan> {
    part(record, "plan")
}

fn seats(record: &Record) -> Vec<Seat> {
    part(record, "listed").unwrap_or_default()
}

fn word(guest: &Guest, section: &str, key: &str) -> String {
    guest.desk_word("training", section, key)
}

/// Those who hold it know who comes.
fn is_holder(guest: &Guest, record: &Record) -> bool {
    guest.look.viewer.is_inside(&record.card)
}

/// How many seats are taken, and how many wait.
fn taken(guest: &Guest, card: &grammar::card::Card) -> String {
    let [seats, seated, waiting] =
        ["seats", "seated", "waiting"].map(|name| card.read::<i64>(name).unwrap_or_default());
    let key = if waiting > 0 { "training-full" } else { "training-taken" };
    guest.say(key, &json!({ "seats": seats, "seated": seated, "waiting": waiting }))
}

fn facts(guest: &Guest, record: &Record, plan: &Plan) -> Vec<Fact> {
    let fact =
        |field: &str, value: Markup| Fact { label: word(guest, "field", field), value, note: String::new() };
    let all = |ids: &[Id]| html! { ul.bare { @for id in ids { li { (guest.link(*id)) } } } };
    let instruments: Vec<Id> = plan.instruments.iter().map(|instrument| instrument.id()).collect();
    let mut facts = vec![
        fact("from", html! { (guest.moment(plan.from)) }),
        fact("minutes", html! { (plan.minutes.get()) }),
        fact("room", html! { (&*plan.room) }),
        fact("teacher", guest.link(plan.teacher.id())),
        fact("seats", html! { (taken(guest, &record.card)) }),
        fact("instruments", all(&instruments)),
    ];
    facts.extend(plan.laboratory.map(|laboratory| fact("laboratory", guest.link(laboratory.id()))));
    facts.extend(plan.detail.as_ref().map(|detail| fact("detail", html! { (&**detail) })));
    facts
}

fn is_own(guest: &Guest, seat: &Seat) -> bool {
    seat.person.is_some_and(|person| guest.look.viewer.is_itself(person.id()))
}

/// One's own seat, or the way to one.
fn own(guest: &Guest, record: &Record, seats: &[Seat]) -> Markup {
    let is_open = record.card.status == "announced";
    let Some(place) = seats.iter().position(|seat| is_own(guest, seat)) else {
        return html! { @if is_open && guest.session.is_some() {
            p { a.button.main href={ "/training/" (record.id) "/join" } { (word(guest, "verb", "join")) } }
        } };
    };
    let standing = seats.get(place).map_or(Standing::Waits, |seat| seat.standing);
    let before = seats.iter().take(place).filter(|seat| seat.standing == Standing::Waits).count();
    let (tone, title) = match standing {
        Standing::Seated => (Tone::Good, guest.word("training-seated").to_owned()),
        Standing::Waits => (Tone::Info, guest.say("training-waits", &json!({ "number": before + 1 }))),
        Standing::Passed => (Tone::Good, guest.word("training-passed").to_owned()),
    };
    let body = html! { @if is_open { (leave(guest, record)) } };
    parts::notice(&Notice { tone, title, body, links: vec![] })
}

fn leave(guest: &Guest, record: &Record) -> Markup {
    let mut hidden = guest.hidden();
    hidden.push(("seen".into(), record.sequence.to_string()));
    let label = word(guest, "verb", "leave");
    Press { action: format!("/training/{}/leave", record.id), hidden, label }.show("")
}

/// Who comes, for those who hold it, in the order in which they came.
fn names(guest: &Guest, record: &Record, seats: &[Seat]) -> Markup {
    let row = |seat: &Seat| {
        let standing = grammar::desk::plain_word(&seat.standing);
        let tone = if seat.standing == Standing::Passed { Tone::Good } else { Tone::Plain };
        Row::new(vec![
            html! { @if let Some(person) = seat.person { (guest.link(person.id())) } },
            parts::badge(tone, &word(guest, "choice", &standing)),
            html! { @if let Some(renews) = seat.renews { a href={ "/permit/" (renews.permit) } { (word(guest, "field", "renews")) } } },
        ])
    };
    let heads = [
        guest.desk_word("permit", "field", "person"),
        word(guest, "field", "standing"),
        word(guest, "field", "renews"),
    ];
    let body = parts::table(&Table {
        id: "listed".into(),
        caption: taken(guest, &record.card),
        columns: heads.map(Column::new).into(),
        rows: seats.iter().map(row).collect(),
        scrolls: false,
        empty: Empty { title: guest.word("training-nobody").into(), ..Empty::default() },
    });
    let title = word(guest, "field", "listed");
    parts::section(&Section { id: "names".into(), title, beside: html! {}, body })
}

/// The boxes to tick.
fn sign_off(guest: &Guest, record: &Record, seats: &[Seat]) -> Markup {
    let open = seats.iter().filter(|seat| seat.standing == Standing::Seated);
    let persons: Vec<Id> = open.filter_map(|seat| seat.person.map(|person| person.id())).collect();
    if persons.is_empty() {
        return html! {};
    }
    let choice = |id: &Id| Choice { value: id.to_string(), label: guest.name(*id), help: String::new() };
    let each = Kind::Choice(persons.iter().map(ToString::to_string).collect());
    let mut passed = FieldView::new(
        Kind::List(Box::new(each), u32::try_from(desks::training::SEATS_MAX).unwrap_or(u32::MAX)),
        "passed",
        word(guest, "field", "passed"),
    );
    passed.choices = persons.iter().map(choice).collect();
    let mut until = FieldView::new(Kind::Day, "until", word(guest, "field", "until"));
    until.value = guest.house.registry.now().day().plus_months(USUAL_MONTHS).to_string();
    until.needed = true;
    let body = parts::form(&FormView {
        action: format!("/training/{}/sign-off", record.id),
        hidden: guest.hidden(),
        fields: vec![passed, until],
        words: plain::field_words(guest),
        submit: word(guest, "verb", "sign-off"),
        note: word(guest, "help", "sign-off"),
        ..FormView::default()
    });
    let title = word(guest, "verb", "sign-off");
    parts::section(&Section { id: "sign-off".into(), title, beside: html! {}, body })
}

/// Sessions that are open for names; of one party, if one is given.
fn announced(guest: &Guest, party: Option<Id>, limit: u32) -> Result<Vec<Listed>, Trouble> {
    let filter = Filter {
        desk: "training".into(),
        status: Some("announced".into()),
        party,
        limit,
        ..Filter::default()
    };
    let mut rows = guest.look.rows(&filter)?.0;
    rows.sort_by_key(|listed| listed.card.from);
    Ok(rows)
}

/// The next sessions for an instrument, with the way to announce one for those who keep it; nothing when there is neither.
///
/// # Errors
/// When the store cannot be read.
pub fn next(guest: &Guest, record: &Record) -> Result<Markup, Trouble> {
    let sessions = announced(guest, Some(record.id), BESIDE)?;
    let is_keeper = super::is_side(guest, &record.card, "unit");
    if sessions.is_empty() && !is_keeper {
        return Ok(html! {});
    }
    let body = html! {
        @if sessions.is_empty() { p.note { (guest.word("training-none")) } }
        ul.bare { @for listed in &sessions { li {
            a href={ "/training/" (listed.id) } { (when(guest, listed)) } " "
            small { (taken(guest, &listed.card)) }
        } } }
        @if is_keeper { p { a href={ "/training/new/announce?instruments=" (record.id) } { (word(guest, "verb", "announce")) } } }
    };
    let title = word(guest, "desk", "many");
    Ok(parts::section(&Section { id: "training".into(), title, beside: html! {}, body }))
}

fn when(guest: &Guest, listed: &Listed) -> String {
    listed.card.read("from").map_or_else(String::new, |from| guest.moment(from))
}

/// The coming sessions of those who keep instruments.
///
/// # Errors
/// When the store cannot be read.
pub fn held(guest: &Guest, unit: Id) -> Result<Markup, Trouble> {
    let sessions = announced(guest, Some(unit), LOOKED_AT)?;
    let row = |listed: &Listed| {
        let card = &listed.card;
        Row::new(vec![
            html! { a href={ "/training/" (listed.id) } { (when(guest, listed)) } },
            html! { (guest.pick(&card.title_zh, &card.title_en)) },
            html! { (taken(guest, card)) },
        ])
    };
    let heads =
        [guest.word("time").to_owned(), word(guest, "field", "instruments"), word(guest, "field", "seats")];
    let body = html! {
        (parts::table(&Table {
            id: "sessions".into(), caption: word(guest, "desk", "many"), columns: heads.map(Column::new).into(),
            rows: sessions.iter().map(row).collect(), scrolls: false,
            empty: Empty { title: guest.word("training-none").into(), ..Empty::default() },
        }))
        p { a href="/training/new/announce" { (word(guest, "verb", "announce")) } }
    };
    let title = word(guest, "desk", "many");
    Ok(parts::section(&Section { id: "training".into(), title, beside: html! {}, body }))
}

/// What waits for whoever learns: seats in sessions to come, and permits that end soon with the session that renews them.
///
/// # Errors
/// When the store cannot be read.
pub fn waits(guest: &Guest) -> Result<Vec<Waiting>, Trouble> {
    let today = guest.house.registry.now().day();
    let mut waits = Vec::new();
    for listed in announced(guest, None, LOOKED_AT)? {
        let Some(record) = guest.look.record(listed.id)? else { continue };
        let Some(seat) = seats(&record).into_iter().find(|seat| is_own(guest, seat)) else { continue };
        let key = if seat.standing == Standing::Waits { "training-on-list" } else { "training-seated" };
        let what = guest.word(key).to_owned();
        let day = listed.card.from.unwrap_or(today);
        waits.push(row(
            guest,
            (what, format!("/training/{}", listed.id)),
            &listed,
            (day, when(guest, &listed)),
        ));
    }
    let filter = Filter {
        desk: "permit".into(),
        status: Some("valid".into()),
        is_mine: true,
        limit: PERMITS,
        ..Filter::default()
    };
    for listed in guest.look.rows(&filter)?.0 {
        let is_own = listed.card.holders("person").any(|person| guest.look.viewer.is_itself(person));
        if !is_own || !listed.card.read::<bool>("ends_soon").unwrap_or(false) {
            continue;
        }
        let (what, href) = match renewing(guest, &listed)? {
            Some(session) => ("permit-renew", format!("/training/{session}/join?permit={}", listed.id)),
            None => ("permit-ends", format!("/permit/{}", listed.id)),
        };
        let until = listed.card.until.unwrap_or(today);
        let shown = guest.say("until-day", &json!({ "until": until }));
        waits.push(row(guest, (guest.word(what).to_owned(), href), &listed, (until, shown)));
    }
    Ok(waits)
}

/// The next session that renews a permit: one for its instrument, or for its unit's group; not one that its person is down for.
fn renewing(guest: &Guest, permit: &Listed) -> Result<Option<Id>, Trouble> {
    let card = &permit.card;
    let group = card.read::<String>("group");
    let mut sessions = announced(guest, Some(card.the("instrument")), BESIDE)?;
    if group.is_some() {
        sessions.extend(announced(guest, Some(card.the("unit")), LOOKED_AT)?);
    }
    for session in sessions {
        let Some(record) = guest.look.record(session.id)? else { continue };
        let opens = record.state.get("opens").and_then(Value::as_array).cloned().unwrap_or_default();
        let is_it = |opens: &Value| {
            let is = |name: &str, id: Id| opens.get(name).and_then(Value::as_str) == Some(id.as_str());
            let in_group = opens.get("group").and_then(Value::as_str).map(str::to_owned) == group;
            is("instrument", card.the("instrument"))
                || (group.is_some() && in_group && is("unit", card.the("unit")))
        };
        if opens.iter().any(is_it) && !seats(&record).iter().any(|seat| is_own(guest, seat)) {
            return Ok(Some(session.id));
        }
    }
    Ok(None)
}

fn row(
    guest: &Guest,
    (what, href): (String, String),
    listed: &Listed,
    (day, until): (Day, String),
) -> Waiting {
    let days = guest.house.registry.now().day().days_until(day);
    let about = format!("/{}/{}", listed.desk, listed.id);
    Waiting {
        what,
        href,
        about: html! { a href=(about) { (guest.pick(&listed.card.title_zh, &listed.card.title_en)) } },
        machine: day.to_string(),
        until,
        left: guest.say("days-left", &json!({ "days": days.max(0) })),
        tone: Tone::Plain,
        action: guest.word("open").into(),
    }
}
