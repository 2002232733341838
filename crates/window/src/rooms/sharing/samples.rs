//! Samples: where they are and whose turn it is, the label that goes onto their box, those of a booking or a voucher order, and for
//! keepers what has come and what is still to come.

use desks::{
    hazard::Hazard,
    sample::{Declaration, OPEN, Rest},
};
use grammar::{clerk::Clerk, kinds::Id, viewer::Who};
use maud::{Markup, html};
use registry::{Filter, Listed, Record};
use serde_json::json;

use super::kiosk;
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Empty, Link, Notice, Press, Row, Section, Tone},
    plain,
    rooms::{proof::qr, waiting::steps},
    ways::Answer,
};

/// Their way, as far as it is the same for all.
const WAY: [&str; 5] = ["declared", "accepted", "sent", "received", "in-use"];
/// What keepers have before them: here, on the way, to be answered, to be sent, and what is left.
const BEFORE_KEEPERS: &str = "in-use,received,left,sent,accepted,declared,returning";
/// While a booking waits for its time, nothing is asked for yet.
const NOT_YET: [&str; 2] = ["waiting", "offered"];
/// While they are like this, a label is of use.
const LABELLED: [&str; 6] = ["declared", "accepted", "sent", "received", "left", "returning"];
/// Rows looked at, and shown.
const LOOKED_AT: u32 = 60;
/// What stands above already.
const SHOWN_ABOVE: [&str; 8] = [
    "declaration.hazards",
    "declaration.booking",
    "declaration.order",
    "declaration.instrument",
    "buyer",
    "provider",
    "region",
    "is_over",
];

/// The page of samples.
///
/// # Errors
/// When there are none for this guest's eyes, or the store cannot be read.
pub fn sample(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = &plain::known(guest, clerk, id)?;
    let declared = declared(record)?;
    let has_label = LABELLED.contains(&record.card.status.as_str());
    let lead = html! {
        (plain::progress(guest, clerk, record, &way(&declared)))
        (next(guest, record, &declared))
        (hazards(guest, &declared))
        p.row {
            span { (guest.word("sample-number")) (guest.pick("：", ": ")) b { code { (kiosk::code(id)) } } }
            @if has_label { a href={ "/sample/" (id) "/label" } { (guest.word("sample-label")) } }
        }
    };
    plain::record_page(guest, clerk, record, &SHOWN_ABOVE, &lead)
}

fn declared(record: &Record) -> Result<Declaration, Trouble> {
    let declared = record.state.get("declaration").cloned().unwrap_or_default();
    serde_json::from_value(declared).map_err(|_| Trouble::NotFound)
}

fn way(declared: &Declaration) -> Vec<&'static str> {
    let rest: &[&str] = match declared.rest {
        Rest::SendBack => &["left", "returning", "returned"],
        Rest::Destroy => &["left", "destroyed"],
        Rest::Keep => &["kept", "left", "destroyed"],
    };
    WAY.into_iter().chain(rest.iter().copied()).collect()
}

fn word(guest: &Guest, section: &str, key: &str) -> String {
    guest.desk_word("sample", section, key)
}

/// What is declared of their hazards, before anyone opens the box.
fn hazards(guest: &Guest, declared: &Declaration) -> Markup {
    let label = word(guest, "field", "hazards");
    html! { p {
        (label) (guest.pick("：", ": "))
        @if declared.hazards.is_empty() { (word(guest, "choice", "harmless")) } @else { (badges(guest, &declared.hazards)) }
    } }
}

fn badges(guest: &Guest, hazards: &[Hazard]) -> Markup {
    html! { @for hazard in hazards { (parts::badge(Tone::Warn, &word(guest, "choice", &hazard.word()))) " " } }
}

/// Whose step is next, and which: as it stands in the inbox.
fn step(guest: &Guest, record: &Record) -> Option<(&'static str, &'static str)> {
    let (wait, who) = steps(guest, record).next()?;
    let Who::Party(turn) = who else { return None };
    Some((turn, wait.verb))
}

fn is_side(guest: &Guest, record: &Record, part: &str) -> bool {
    record.card.holders(part).any(|who| guest.look.viewer.is(who))
}

fn press(guest: &Guest, record: &Record, verb: &str, class: &str) -> Markup {
    let (at, label) = (format!("/sample/{}/{verb}", record.id), word(guest, "verb", verb));
    if verb != "begin" {
        let class = format!("button {class}");
        return html! { a class=(class.trim()) href=(at) { (label) } };
    }
    let mut hidden = guest.hidden();
    hidden.push(("seen".into(), record.sequence.to_string()));
    Press { action: at, hidden, label }.show(class)
}

/// Whose turn it is, with the way to it for that side. What was brought by hand can be taken in without having been sent.
fn next(guest: &Guest, record: &Record, declared: &Declaration) -> Markup {
    let Some((turn, verb)) = step(guest, record) else { return html! {} };
    let told = |tone: Tone, title: String, body: Markup| {
        html! { div role="status" { (parts::notice(&Notice { tone, title, body, links: vec![] })) } }
    };
    let label = word(guest, "verb", verb);
    let also = match record.card.status.as_str() {
        "declared" => Some("refuse"),
        "accepted" if is_side(guest, record, "provider") => Some("receive"),
        "received" => Some("finish"),
        _ => None,
    };
    if is_side(guest, record, turn) {
        let note = declared.handling.as_deref().filter(|_| ["accept", "receive"].contains(&verb));
        let body = html! {
            @if let Some(note) = note { p { (note) } }
            div.row { (press(guest, record, verb, "main")) @if let Some(also) = also { (press(guest, record, also, "")) } }
        };
        return told(Tone::Warn, guest.say("booking-turn-own", &json!({ "verb": label })), body);
    }
    let who = record.card.holders(turn).next().map(|who| guest.name(who)).unwrap_or_default();
    let title = guest.say("booking-turn-other", &json!({ "who": who, "verb": label }));
    let also = also.filter(|also| *also == "receive");
    told(Tone::Info, title, html! { @if let Some(also) = also { p { (press(guest, record, also, "")) } } })
}

/// The label for their box: what is in it, how it is kept and handled, from whom and to whom, and the way to its page.
///
/// # Errors
/// When there are none for this guest's eyes, or the store cannot be read.
pub fn label(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = &plain::known(guest, clerk, id)?;
    let declared = declared(record)?;
    let address = format!("{}/sample/{id}", guest.house.options.public_url);
    let goes_back = ["left", "returning"].contains(&record.card.status.as_str());
    let (from, to) = if goes_back { ("provider", "buyer") } else { ("buyer", "provider") };
    let name = |part: &str| guest.name(record.card.the(part));
    let place = declared.back_to.as_deref().filter(|_| goes_back);
    let row = |label: String, value: Markup| html! { dt { (label) } dd { (value) } };
    let field = |key: &str| word(guest, "field", key);
    let storage = grammar::desk::plain_word(&declared.storage);
    let main = html! {
        article.certificate {
            header {
                h1 { (&*declared.what) }
                p.note { (field("count")) (guest.pick("：", ": ")) (declared.count.get()) }
            }
            div.code-card {
                (qr(&address, guest.word("sample-qr")))
                div { p.note { (guest.word("sample-number")) } p.code { (kiosk::code(id)) } p.note { (guest.word("sample-label-text")) } }
            }
            dl.facts {
                (row(guest.word("sample-from").into(), html! { (name(from)) }))
                (row(guest.word("sample-to").into(), html! { (name(to)) @if let Some(place) = place { br; (place) } @if let (Some(instrument), false) = (declared.instrument, goes_back) { br; (guest.name(instrument.id())) } }))
                (row(field("hazards"), html! { @if declared.hazards.is_empty() { (word(guest, "choice", "harmless")) } @else { ul.bare { @for hazard in declared.hazards.iter() { li { b { (word(guest, "choice", &hazard.word())) } } } } } }))
                (row(field("storage"), html! { (word(guest, "choice", &storage)) }))
                @if let Some(handling) = &declared.handling { (row(field("handling"), html! { (&**handling) })) }
                @if let Some(marks) = &declared.marks { (row(field("marks"), html! { (&**marks) })) }
            }
        }
        p.row.screen {
            a.button href={ "/sample/" (id) } { (guest.word("sample-back")) }
            span.note { (guest.word("sample-print")) }
        }
    };
    let title = guest.pick(&record.card.title_zh, &record.card.title_en);
    let crumbs = vec![
        Link::new("/sample", guest.desk_word(clerk.name(), "desk", "many")),
        Link::new(format!("/sample/{id}"), title),
    ];
    Ok(guest.page(guest.word("sample-label"), crumbs, main))
}

/// The samples of a booking or a voucher order, with the way to declare some for whoever bought it; nothing where none come.
///
/// # Errors
/// When the store cannot be read.
pub fn of(guest: &Guest, record: &Record, part_of: &str) -> Result<Markup, Trouble> {
    let status = record.card.status.as_str();
    let may_declare = is_side(guest, record, "buyer") && OPEN.contains(&status) && !NOT_YET.contains(&status);
    let filter =
        Filter { desk: "sample".into(), party: Some(record.id), limit: LOOKED_AT, ..Filter::default() };
    let all = guest.look.rows(&filter)?.0;
    if all.is_empty() && !may_declare {
        return Ok(html! {});
    }
    let mut form = format!("/sample/new/declare?{part_of}={}", record.id);
    if part_of == "booking" {
        form += &format!("&instrument={}", record.card.the("instrument"));
        let count = record.state.pointer("/request/samples").and_then(serde_json::Value::as_u64);
        form += &count.map_or_else(String::new, |count| format!("&count={count}"));
    }
    if may_declare {
        form +=
            &laboratory(guest, record, part_of)?.map_or_else(String::new, |id| format!("&laboratory={id}"));
    }
    let body = html! {
        @if !all.is_empty() { (table(guest, "samples", guest.word("samples-caption"), &all)) }
        @if may_declare { p { a href=(form) { (word(guest, "verb", "declare")) } } }
    };
    let title = word(guest, "desk", "many");
    Ok(parts::section(&Section { id: "samples".into(), title, beside: html! {}, body }))
}

/// Where samples of it go, as far as that is known: the laboratory in which the instrument stands, or the only one of whoever looks
/// after them.
fn laboratory(guest: &Guest, record: &Record, part_of: &str) -> Result<Option<Id>, Trouble> {
    if part_of == "booking" {
        let instrument = guest.look.record(record.card.the("instrument"))?;
        let stands = instrument.and_then(|instrument| instrument.card.holders("laboratory").next());
        // A laboratory that another unit leads does not look after these samples.
        let led = guest.look.cards(stands.as_slice())?;
        let is_theirs = led.iter().any(|one| one.card.the("lead") == record.card.the("provider"));
        return Ok(stands.filter(|_| is_theirs));
    }
    let filter = Filter {
        desk: "laboratory".into(),
        status: Some("listed".into()),
        party: Some(record.card.the("provider")),
        part: Some("lead".into()),
        limit: 2,
        ..Filter::default()
    };
    let led = guest.look.rows(&filter)?.0;
    let [only] = led.as_slice() else { return Ok(None) };
    Ok(Some(only.id))
}

/// What keepers have before them, what is here first; nothing where there is none.
///
/// # Errors
/// When the store cannot be read.
pub fn day(guest: &Guest) -> Result<Option<Markup>, Trouble> {
    let filter = Filter {
        desk: "sample".into(),
        status: Some(BEFORE_KEEPERS.into()),
        is_mine: true,
        limit: LOOKED_AT,
        ..Filter::default()
    };
    let mut all = guest.look.rows(&filter)?.0;
    all.retain(|listed| super::is_side(guest, &listed.card, "provider"));
    all.sort_by_key(|listed| BEFORE_KEEPERS.split(',').position(|status| status == listed.card.status));
    Ok((!all.is_empty()).then(|| table(guest, "samples", guest.word("samples-day-caption"), &all)))
}

fn table(guest: &Guest, id: &str, caption: &str, all: &[Listed]) -> Markup {
    let row = |listed: &Listed| {
        let card = &listed.card;
        let named: Vec<Hazard> = card.read("hazards").unwrap_or_default();
        let belongs = card.holders("booking").chain(card.holders("order")).next();
        let of = card.holders("booking").next().map_or("voucher-order", |_| "booking");
        Row::new(vec![
            html! { a href={ "/sample/" (listed.id) } { (guest.pick(&card.title_zh, &card.title_en)) } " " span.soft { "×" (card.read::<i64>("count").unwrap_or_default()) " " code { (kiosk::code(listed.id)) } } },
            html! { (guest.status_badge("sample", &card.status)) },
            html! { @if named.is_empty() { (word(guest, "choice", "harmless")) } @else { (badges(guest, &named)) } },
            html! { (guest.link(card.the("buyer"))) },
            html! { @if let Some(belongs) = belongs { a href={ "/" (of) "/" (belongs) } { (guest.desk_word(of, "desk", "one")) } } },
        ])
    };
    let heads = [
        word(guest, "field", "what"),
        guest.word("how-it-is").to_owned(),
        word(guest, "field", "hazards"),
        word(guest, "field", "buyer"),
        guest.word("sample-for").to_owned(),
    ];
    parts::table(&parts::Table {
        id: id.into(),
        caption: caption.into(),
        columns: heads.map(Column::new).into(),
        rows: all.iter().map(row).collect(),
        scrolls: false,
        empty: Empty::default(),
    })
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_verb_hides_behind_the_label() {
        let clerk = desks::DESKS.find("sample").unwrap();
        assert!(clerk.verb("label").is_none());
    }
}
