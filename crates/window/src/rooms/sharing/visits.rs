//! Visits: one visit with whose turn it is, the safety notes to be confirmed, who comes with their arrival codes; those of a laboratory,
//! a booking, a proposal or a voucher order; and the page of a laboratory, which leads to its door list.

use desks::{
    laboratory::Safety,
    visit::{Comer, Confirmed, Standing},
};
use grammar::{
    clerk::Clerk,
    kinds::{Id, Moment},
};
use maud::{Markup, html};
use registry::{Filter, Listed, Record};
use serde_json::json;

use super::{booking::part, gate, is_side};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Empty, Notice, Press, Row, Section, Tone},
    plain,
    ways::Answer,
};

/// The way of a visit that was announced, and of one to which somebody was invited.
const WAY: [&str; 4] = ["announced", "accepted", "inside", "over"];
const INVITED: [&str; 4] = ["invited", "accepted", "inside", "over"];
/// As long as it is so, somebody may still come.
const OPEN: &str = "announced,invited,accepted,inside";
/// Visits that are shown with what they belong to.
const SHOWN: u32 = 40;
/// What stands above already.
const SHOWN_ABOVE: [&str; 7] =
    ["coming", "confirmed", "notes", "title", "lead", "region", "occasion.laboratory"];

pub fn word(guest: &Guest, section: &str, key: &str) -> String {
    guest.desk_word("visit", section, key)
}

/// The page of a visit.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn visit(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = &plain::known(guest, clerk, id)?;
    let laboratory = guest.look.record(record.card.the("laboratory"))?;
    let safety = laboratory.as_ref().and_then(safety);
    let way =
        if record.state.get("host").is_some_and(|host| !host.is_null()) && record.card.status == "invited" {
            INVITED
        } else {
            WAY
        };
    let lead = html! {
        (plain::progress(guest, clerk, record, &way))
        (next(guest, record))
        (notes(guest, record, safety.as_ref()))
        (coming(guest, record))
        @if is_side(guest, &record.card, "lead") { p { a href={ "/visits/" (record.card.the("laboratory")) } { (guest.word("gate-open")) } } }
    };
    plain::record_page(guest, clerk, record, &SHOWN_ABOVE, &lead)
}

/// The safety notes of a laboratory; none where nobody has to confirm any.
fn safety(laboratory: &Record) -> Option<Safety> {
    let safety: Safety = serde_json::from_value(laboratory.state.get("safety")?.clone()).ok()?;
    safety.notes.is_some().then_some(safety)
}

/// A press that carries these values, or the form of a verb that asks for more.
fn press(guest: &Guest, record: &Record, verb: &str, named: &[(&str, String)], class: &str) -> Markup {
    let mut hidden = guest.hidden();
    hidden.push(("seen".into(), record.sequence.to_string()));
    hidden.extend(named.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
    Press { action: format!("/visit/{}/{verb}", record.id), hidden, label: word(guest, "verb", verb) }
        .show(class)
}

/// Whose turn it is, with the way to it for that side.
fn next(guest: &Guest, record: &Record) -> Markup {
    let (turn, verb) = match record.card.status.as_str() {
        "announced" => ("lead", "accept"),
        "invited" => ("visiting", "fill-in"),
        _ => return html! {},
    };
    let label = word(guest, "verb", verb);
    let also = if turn == "lead" { "decline" } else { "withdraw" };
    let (tone, title, body) = if is_side(guest, &record.card, turn) {
        let at = |verb: &str| format!("/visit/{}/{verb}", record.id);
        // Whoever accepts is mostly the one who looks after them.
        let host = guest.look.viewer.person.filter(|_| verb == "accept");
        let more = host.map_or_else(String::new, |host| format!("?host={host}"));
        let body = html! { div.row {
            a.button.main href={ (at(verb)) (more) } { (label) }
            a.button href=(at(also)) { (word(guest, "verb", also)) }
        } };
        (Tone::Warn, guest.say("booking-turn-own", &json!({ "verb": label })), body)
    } else {
        let who = guest.name(record.card.the(turn));
        (Tone::Info, guest.say("booking-turn-other", &json!({ "who": who, "verb": label })), html! {})
    };
    html! { div role="status" { (parts::notice(&Notice { tone, title, body, links: vec![] })) } }
}

/// What visitors are to know, as it is now, and whether that was confirmed.
fn notes(guest: &Guest, record: &Record, safety: Option<&Safety>) -> Markup {
    let confirmed: Option<Confirmed> = part(record, "confirmed");
    let Some(safety) = safety else { return html! {} };
    let version = safety.version;
    let is_confirmed = confirmed.filter(|confirmed| confirmed.version == version);
    let is_open = OPEN.split(',').any(|status| status == record.card.status);
    let (tone, said) = match (is_confirmed, confirmed) {
        (Some(done), _) => {
            let facts = json!({ "version": version, "at": done.at });
            (Tone::Good, guest.say("visit-notes-confirmed", &facts))
        }
        (None, Some(_)) => (Tone::Warn, guest.say("visit-notes-changed", &json!({ "version": version }))),
        (None, None) => (Tone::Warn, guest.word("visit-notes-open").to_owned()),
    };
    let notes = safety.notes.as_ref().map_or("", |notes| guest.pick(notes.zh(), notes.en())).to_owned();
    let may_confirm = is_open && is_confirmed.is_none() && is_side(guest, &record.card, "visiting");
    let named = [("laboratory", record.card.the("laboratory").to_string()), ("version", version.to_string())];
    let body = html! {
        @if is_open { p { (parts::badge(tone, &said)) } }
        p.prose { (notes) }
        @if may_confirm { (press(guest, record, "confirm-safety", &named, "main")) }
    };
    let title = guest.say("visit-notes", &json!({ "version": version }));
    parts::section(&Section { id: "safety".into(), title, beside: html! {}, body })
}

/// Those who come, by their number.
pub fn comers(record: &Record) -> Vec<Comer> {
    part(record, "coming")
}

/// The name of one of them, as long as it is kept.
pub fn name(guest: &Guest, comer: &Comer) -> Markup {
    let name = comer.name.as_ref().and_then(|name| plain::personal_text(guest, name.commitment(), false));
    match name {
        Some(name) => html! { (name) },
        None => html! { span.soft { (guest.word("visit-forgotten")) } },
    }
}

/// How it stands with one of them.
pub fn standing(guest: &Guest, comer: &Comer) -> Markup {
    let tone = match comer.standing {
        Standing::Expected | Standing::Left => Tone::Plain,
        Standing::Inside => Tone::Good,
        Standing::SignedOut => Tone::Warn,
    };
    let at = |at: Moment| html! { " " span.nowrap { (guest.moment(at)) } };
    let when = if comer.standing == Standing::Inside { comer.came } else { comer.left };
    html! {
        (parts::badge(tone, &word(guest, "choice", &grammar::desk::plain_word(&comer.standing))))
        @if let Some(when) = when { (at(when)) }
    }
}

/// Everyone who comes, with the code that each of them says at the door.
fn coming(guest: &Guest, record: &Record) -> Markup {
    let all = comers(record);
    if all.is_empty() {
        return html! {};
    }
    let is_open = ["accepted", "inside"].contains(&record.card.status.as_str());
    let row = |(number, comer): (usize, &Comer)| {
        Row::new(vec![
            html! { (number) },
            (name(guest, comer)),
            (standing(guest, comer)),
            html! { @if is_open { b { code { (gate::code(record.id, number)) } } } },
        ])
    };
    let heads = [
        word(guest, "field", "visitor"),
        word(guest, "field", "name"),
        word(guest, "field", "standing"),
        guest.word("visit-code").to_owned(),
    ];
    let table = parts::table(&parts::Table {
        id: "coming".into(),
        caption: guest.word(if is_open { "visit-code-help" } else { "visit-names" }).into(),
        columns: heads.map(Column::new).into(),
        rows: (1..).zip(&all).map(row).collect(),
        scrolls: false,
        empty: Empty::default(),
    });
    let beside = html! {};
    let rule = guest.article("VS-R02").map(|article| parts::article(&article));
    let body = html! { (table) @if let Some(rule) = rule { (rule) } };
    parts::section(&Section { id: "coming".into(), title: word(guest, "field", "coming"), beside, body })
}

/// The visits of a booking, a proposal, a voucher order or a laboratory that this guest may know of, with the way to announce one;
/// nothing where none come. `named` is what the form to announce one names already.
///
/// # Errors
/// When the store cannot be read.
pub fn of(guest: &Guest, record: &Record, named: Option<&str>) -> Result<Markup, Trouble> {
    let filter = Filter {
        desk: "visit".into(),
        party: Some(record.id),
        is_mine: true,
        limit: SHOWN,
        ..Filter::default()
    };
    let all = guest.look.rows(&filter)?.0;
    if all.is_empty() && named.is_none() {
        return Ok(html! {});
    }
    let body = html! {
        @if !all.is_empty() { (table(guest, &all)) }
        @if let Some(named) = named { p { a href={ "/visit/new/announce?" (named) } { (word(guest, "verb", "announce")) } } }
    };
    let title = word(guest, "desk", "many");
    Ok(parts::section(&Section { id: "visits".into(), title, beside: html! {}, body }))
}

/// What a form to announce a visit for a booking, a proposal or a voucher order names: for those who have a part in it as users.
pub fn form_for(guest: &Guest, record: &Record, part_of: &str, users: &[&str]) -> Option<String> {
    let is_user = users.iter().any(|part| is_side(guest, &record.card, part));
    let visiting = guest.look.viewer.organisations.first().filter(|_| is_user)?;
    let form = format!("{part_of}={}&visiting={visiting}", record.id);
    let laboratory = record.card.holders("instrument").next().and_then(|instrument| {
        let instrument = guest.look.record(instrument).ok().flatten()?;
        instrument.card.holders("laboratory").next()
    });
    Some(laboratory.map_or(form.clone(), |laboratory| format!("{form}&laboratory={laboratory}")))
}

fn table(guest: &Guest, all: &[Listed]) -> Markup {
    let row = |listed: &Listed| {
        let card = &listed.card;
        let when = |name: &str| card.read::<Moment>(name).map(|at| guest.moment(at)).unwrap_or_default();
        Row::new(vec![
            html! { a href={ "/visit/" (listed.id) } { (when("from")) " – " (when("until")) } },
            html! { (guest.link(card.the("visiting"))) " " span.soft { "×" (card.read::<usize>("coming").unwrap_or_default()) } },
            html! { (guest.link(card.the("laboratory"))) },
            html! { (guest.status_badge("visit", &card.status)) },
        ])
    };
    let field = |key: &str| word(guest, "field", key);
    let heads = [
        guest.word("time").to_owned(),
        field("visiting"),
        field("laboratory"),
        guest.word("how-it-is").to_owned(),
    ];
    parts::table(&parts::Table {
        id: "visits".into(),
        caption: guest.word("visits-caption").into(),
        columns: heads.map(Column::new).into(),
        rows: all.iter().map(row).collect(),
        scrolls: false,
        empty: Empty::default(),
    })
}

/// What the page of a laboratory says of visits: its safety notes, its visits, and for its lead unit the way to the door list.
///
/// # Errors
/// When the store cannot be read.
pub fn of_laboratory(guest: &Guest, record: &Record) -> Result<Markup, Trouble> {
    let id = record.id;
    let is_lead = is_side(guest, &record.card, "lead");
    let own = guest.look.viewer.organisations.first().filter(|_| !is_lead && record.card.status == "listed");
    let form = own.map(|own| format!("laboratory={id}&visiting={own}"));
    Ok(html! {
        @if is_lead { p.row {
            a.button href={ "/visits/" (id) } { (guest.word("gate-open")) }
            a href={ "/visit/new/invite?laboratory=" (id) } { (word(guest, "verb", "invite")) }
        } }
        (of(guest, record, form.as_deref())?)
        @if let Some(safety) = safety(record) {
            @let notes = safety.notes.as_ref().map_or("", |notes| guest.pick(notes.zh(), notes.en()));
            (parts::section(&Section {
                id: "safety".into(), title: guest.say("visit-notes", &json!({ "version": safety.version })),
                beside: html! {}, body: html! { p.prose { (notes) } },
            }))
        }
    })
}
