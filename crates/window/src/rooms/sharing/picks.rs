//! Picks: several times on one form, each with what its instrument asks for; over it all of them with their prices and what stands in
//! the way.

use desks::{
    booking::{self, Request, WANTED_MAX},
    bundle::PICKS_MAX,
    instrument::Using,
};
use engines::booking::{MINUTE, Span};
use grammar::{
    clerk::Clerk,
    form::{Flat, Form, Kind, lies_in},
    kinds::{Id, Moment, Money},
};
use maud::{Markup, html};
use registry::{Filter, Record};
use serde_json::json;

use super::{
    agreement, calendar,
    picking::{self, Pick},
    questions, times,
};
use crate::{
    denied::{self, Trouble, Worded},
    guest::Guest,
    parts::{self, Choice, Column, Empty, FieldView, Link, Notice, Row, Section, Table, Tone},
    plain,
    visit::{Reply, address},
    ways::Answer,
};

const PICKS: &str = "picks";
/// Permits of one guest at one instrument.
const OWN_MAX: u32 = 20;
/// What an address carries of a pick, when another is left out: nothing that is about a person, no long texts.
const CARRIED: [&str; 6] = ["instrument", "from", "minutes", "basis", "samples", "permit"];

/// The form, with what was ticked filled in.
///
/// # Errors
/// One must sign in first; when the store cannot be read.
pub fn choose(guest: &Guest, clerk: &dyn Clerk) -> Answer {
    let picks = picking::picked(guest);
    if picks.len() > PICKS_MAX {
        return Ok(Reply::go(picking::with("/free", &picks)));
    }
    if picks.is_empty() {
        return plain::form(guest, clerk, None, "book");
    }
    let mut query = Flat::from([("purpose".to_owned(), "research".to_owned())]);
    for (number, pick) in (1..).zip(&picks) {
        let record = guest.look.record(pick.instrument)?;
        let using = record.as_ref().map(|record| times::using(&record.card)).unwrap_or_default();
        let mut put =
            |field: &str, value: String| drop(query.insert(format!("{PICKS}.{number}.{field}"), value));
        put("instrument", pick.instrument.to_string());
        put("from", times::local(pick.from.in_millis()));
        put("minutes", pick.minutes.to_string());
        put("basis", times::basis(&using).to_owned());
        if let Some(permit) = own_permit(guest, &using, pick.instrument)? {
            put("permit", permit.to_string());
        }
    }
    Ok(Reply::go(address(&guest.visit.path, &query)))
}

/// One's own permit for an instrument that asks for one.
fn own_permit(guest: &Guest, using: &Using, instrument: Id) -> Result<Option<Id>, Trouble> {
    if !using.needs_permit || guest.session.is_none() {
        return Ok(None);
    }
    let filter = Filter {
        desk: "permit".into(),
        status: Some("valid".into()),
        party: Some(instrument),
        is_mine: true,
        limit: OWN_MAX,
        ..Filter::default()
    };
    let is_own = |listed: &registry::Listed| {
        listed.card.holders("person").any(|person| guest.look.viewer.is_itself(person))
    };
    Ok(guest.look.rows(&filter)?.0.into_iter().find(is_own).map(|listed| listed.id))
}

/// One time of the form.
struct Line {
    number: usize,
    instrument: Option<Record>,
    pick: Option<Pick>,
    price: Option<Money>,
    /// Why it cannot be booked, as far as is known.
    no: Option<String>,
}

/// Which rows of the form name a time.
fn numbers(values: &Flat) -> Vec<usize> {
    let is_there = |number: &usize| values.contains_key(&format!("{PICKS}.{number}.instrument"));
    (1..=PICKS_MAX).filter(is_there).collect()
}

/// The part of the form about one time.
fn part(number: usize) -> String {
    format!("{PICKS}.{number}")
}

/// What one row asks for as a booking by itself, as the form of a booking would have it.
fn alone(values: &Flat, number: usize) -> Flat {
    let at = format!("{PICKS}.{number}.");
    let own =
        values.iter().filter_map(|(path, value)| Some((path.strip_prefix(&at)?.to_owned(), value.clone())));
    let common = ["buyer", "purpose", "project", "detail", "no_secrets"];
    let common = common.iter().filter_map(|name| Some(((*name).to_owned(), values.get(*name)?.clone())));
    own.chain(common).collect()
}

/// Puts the times in the place of the list of picks: what each needs, and over the form a table of all of them with prices and what is
/// in the way. After a no, each of the others is tried by itself, so that all that do not go are told at once.
pub fn ask(
    guest: &Guest,
    no: Option<&Worded>,
    (values, faults): (&Flat, &[(String, String)]),
    fields: &mut Vec<FieldView>,
    hidden: &mut Vec<(String, String)>,
) -> Markup {
    let Some(place) = fields.iter().position(|field| field.name == PICKS) else { return html! {} };
    let numbers = numbers(values);
    if numbers.is_empty() {
        let kept = fields.get(place).map_or_else(String::new, |field| field.error.clone());
        fields.remove(place);
        return parts::notice(&Notice {
            tone: if kept.is_empty() { Tone::Info } else { Tone::Warn },
            title: guest.word("picked-none").into(),
            body: html! {},
            links: vec![Link::new(picking::with("/free", &[]), guest.word("pick-several"))],
        });
    }
    let is_refused = guest.visit.is_post && no.is_some_and(|no| !no.is_misread());
    let lines: Vec<Line> =
        numbers.iter().map(|number| line(guest, (values, faults), *number, is_refused)).collect();
    let rows = fields.get(place).map(|field| field.parts.clone()).unwrap_or_default();
    let groups = lines.iter().filter_map(|line| {
        let view = rows.iter().find(|row| row.name == format!("{PICKS}.{}", line.number))?.clone();
        Some(group(guest, line, view, (values, faults), hidden))
    });
    let groups: Vec<FieldView> = groups.collect();
    fields.splice(place..=place, groups);
    html! { (outcome(guest, is_refused)) (table(guest, values, &lines)) }
}

fn outcome(guest: &Guest, is_refused: bool) -> Markup {
    if !is_refused {
        return html! {};
    }
    let title = guest.word("picked-refused").to_owned();
    html! { div role="alert" { (parts::notice(&Notice { tone: Tone::Warn, title, body: html! {}, links: vec![] })) } }
}

fn line(
    guest: &Guest,
    (values, faults): (&Flat, &[(String, String)]),
    number: usize,
    is_refused: bool,
) -> Line {
    let of = |field: &str| values.get(&format!("{PICKS}.{number}.{field}")).map(|text| text.trim());
    let id: Option<Id> = of("instrument").and_then(|text| text.parse().ok());
    // One that cannot be read is told of when the form is pressed.
    let instrument = id.and_then(|id| guest.look.record(id).ok().flatten());
    let instrument = instrument.filter(|record| record.desk == "instrument");
    let from: Option<Moment> = of("from").and_then(|text| text.parse().ok());
    let minutes = of("minutes").and_then(|text| text.parse::<i64>().ok()).filter(|minutes| *minutes > 0);
    let pick = match (id, from, minutes) {
        (Some(instrument), Some(from), Some(minutes)) => Some(Pick { instrument, from, minutes }),
        _ => None,
    };
    let said =
        faults.iter().find(|(path, _)| lies_in(path, &part(number))).map(|(_, sentence)| sentence.clone());
    let price = instrument.as_ref().and_then(|record| price(guest, values, number, record));
    let met = || match is_refused {
        true => tried(guest, values, number),
        false => instrument.as_ref().zip(pick).and_then(|(record, pick)| taken(guest, record, pick)),
    };
    let no = said.or_else(met);
    Line { number, no, instrument, pick, price }
}

/// What it would cost by itself, from what has been filled in so far.
fn price(guest: &Guest, values: &Flat, number: usize, instrument: &Record) -> Option<Money> {
    let mut flat = alone(values, number);
    let own = guest.look.viewer.organisations.first().map(ToString::to_string).unwrap_or_default();
    for (name, value) in [("buyer", own.as_str()), ("detail", "-"), ("purpose", "research")] {
        let typed = flat.entry(name.to_owned()).or_default();
        if typed.trim().is_empty() {
            value.clone_into(typed);
        }
    }
    flat.insert("no_secrets".into(), "yes".into());
    flat.retain(|path, _| !path.starts_with("answers."));
    let command = guest.desk("booking")?.verb("request")?.read_flat(&flat).ok()?;
    let request: Request = serde_json::from_value(command).ok()?;
    let buyer = guest.look.record(request.buyer.id()).ok().flatten()?;
    let kind = buyer.card.read::<String>("kind").unwrap_or_default();
    let agreement = request.agreement.and_then(|agreement| guest.look.record(agreement.id()).ok().flatten());
    booking::estimate(&instrument.card, agreement.as_ref().map(|record| &record.card), &request, &kind)
}

/// That it is not free any more, or never was, from the calendar.
fn taken(guest: &Guest, instrument: &Record, pick: Pick) -> Option<String> {
    let from = pick.from.in_millis();
    let span = Span::new(from, from.checked_add(pick.minutes.checked_mul(MINUTE)?)?)?;
    let window = Span::new(from, span.until())?;
    let times = times::times(guest, instrument.id, &instrument.card, window).ok()?;
    let is_free = times.free.iter().any(|free| free.from() <= from && span.until() <= free.until());
    (!is_free).then(|| guest.word("picked-not-free").to_owned())
}

/// Why one would be refused by itself; nothing is kept of the try.
fn tried(guest: &Guest, values: &Flat, number: usize) -> Option<String> {
    let command = guest.desk("booking")?.verb("request")?.read_flat(&alone(values, number)).ok()?;
    let key = format!("try/{number}/{}", guest.visit.typed("key"));
    let tried = guest.house.registry.try_out(guest.ask(&key, "booking", None, command));
    tried.err().map(|denied| denied::word(guest, &denied).sentence)
}

/// The fields of one time that its instrument asks for.
fn group(
    guest: &Guest,
    line: &Line,
    mut view: FieldView,
    (values, faults): (&Flat, &[(String, String)]),
    hidden: &mut Vec<(String, String)>,
) -> FieldView {
    let at = format!("{PICKS}.{}", line.number);
    let card = line.instrument.as_ref().map(|record| &record.card);
    let mut using = card.map(times::using).unwrap_or_default();
    let name = card.map_or_else(String::new, |card| guest.pick(&card.title_zh, &card.title_en).to_owned());
    view.label = format!("{}. {name}", line.number);
    let field = |name: &str| format!("{at}.{name}");
    hidden.extend(values.get(&field("instrument")).map(|id| (field("instrument"), id.clone())));
    let bases = times::bases(&using);
    let agreements = line.instrument.as_ref().map(|record| agreements(guest, record.id)).unwrap_or_default();
    view.parts.retain(|part| match part.name.strip_prefix(&format!("{at}.")).unwrap_or_default() {
        "from" | "minutes" | "way" | "setups" | "answers" => true,
        "basis" => bases.len() > 1,
        "samples" => bases.contains(&"by-sample"),
        "permit" => using.needs_permit,
        "agreement" => !agreements.is_empty(),
        "wants_operator" => using.charges.operator_hour.is_some() && !using.is_supervised,
        "companion" => !using.staffed.is_empty(),
        _ => false,
    });
    if let [only] = bases.as_slice() {
        hidden.push((field("basis"), (*only).to_owned()));
    }
    for part in &mut view.parts {
        if part.name == field("basis") {
            part.choices.retain(|choice| bases.contains(&choice.value.as_str()));
        }
        if part.name == field("agreement") {
            part.kind = Kind::Choice(agreements.iter().map(|choice| choice.value.clone()).collect());
            part.choices.clone_from(&agreements);
        }
    }
    let counted = card.map(questions::counted).unwrap_or_default();
    using.consumables.retain(|each| !counted.contains(&each.name.to_string()));
    view.parts.extend(extras(guest, &using, &at, values, hidden));
    hidden.extend(questions::ask(guest, None, &format!("{at}."), (values, faults), &mut view.parts));
    // What is wrong with it and beside none of these fields is wrong with all of it.
    let is_shown = |path: &str| view.parts.iter().any(|part| lies_in(path, &part.name));
    let over = faults.iter().find(|(path, _)| lies_in(path, &at) && !is_shown(path));
    view.error = over.map_or_else(String::new, |(_, sentence)| sentence.clone());
    view
}

/// How many of what its terms name are wanted, none unless one says so.
fn extras(
    guest: &Guest,
    using: &Using,
    at: &str,
    values: &Flat,
    hidden: &mut Vec<(String, String)>,
) -> Vec<FieldView> {
    let accessories = using.accessories.iter().map(|each| (&*each.name, each.charge));
    let consumables = using.consumables.iter().map(|each| (&*each.name, each.charge));
    let mut shown = |list: &'static str, all: Vec<(&str, Option<Money>)>| {
        let one = |(row, (name, charge)): (usize, (&str, Option<Money>))| {
            let path = format!("{at}.{list}.{row}");
            hidden.push((format!("{path}.name"), name.to_owned()));
            let kind = Kind::Number { min: 0, max: 1_000 };
            let mut view = FieldView::new(kind, format!("{path}.count"), name);
            view.help = charge.map_or_else(String::new, |charge| guest.money(charge));
            view.value = values.get(&view.name).cloned().unwrap_or_else(|| "0".into());
            view
        };
        let parts: Vec<FieldView> = (1..).zip(all).take(WANTED_MAX).map(one).collect();
        let label = guest.desk_word("bundle", "field", list);
        let mut group = FieldView::new(Kind::Group(Form { fields: vec![] }), format!("{at}.{list}"), label);
        group.parts = parts;
        (!group.parts.is_empty()).then_some(group)
    };
    [shown("accessories", accessories.collect()), shown("consumables", consumables.collect())]
        .into_iter()
        .flatten()
        .collect()
}

/// This guest's own agreements at an instrument.
fn agreements(guest: &Guest, instrument: Id) -> Vec<Choice> {
    let choice = |listed: registry::Listed| Choice {
        value: listed.id.to_string(),
        label: guest.pick(&listed.card.title_zh, &listed.card.title_en).to_owned(),
        help: String::new(),
    };
    agreement::in_force(guest, instrument).unwrap_or_default().into_iter().map(choice).collect()
}

/// All of them with their prices, and what they come to.
fn table(guest: &Guest, values: &Flat, lines: &[Line]) -> Markup {
    let row = |line: &Line| {
        let card = line.instrument.as_ref().map(|record| &record.card);
        Row::new(vec![
            html! { (line.number) },
            html! {
                @if let Some(record) = &line.instrument { (guest.link(record.id)) }
                @if let Some(card) = card { br; small { (guest.name(card.the("unit"))) " · " (card.region.map_or_else(String::new, |region| guest.region(region))) } }
            },
            html! { @if let Some(pick) = line.pick { (pick.when(guest)) } },
            html! { (line.price.map_or_else(|| guest.word("picked-quoted").to_owned(), |price| guest.money(price))) },
            html! { @match &line.no {
                None => (parts::badge(Tone::Good, guest.word("slot-free"))),
                Some(no) => { (parts::badge(Tone::Bad, guest.word("picked-no"))) " " (no) }
            } },
            html! {
                @if let Some(pick) = line.pick { a href=(calendar::href(pick.instrument, pick.from.day())) { (guest.word("see-calendar")) } " " }
                a href=(without(values, lines, line.number)) { (guest.word("picked-leave-out")) span.unseen { " " (line.number) } }
            },
        ])
    };
    let columns = vec![
        Column::new(""),
        Column::new(guest.desk_word("bundle", "field", "instrument")),
        Column::new(guest.word("time")),
        Column::end(guest.word("picked-price")),
        Column::new(guest.word("picked-state")),
        Column::new(""),
    ];
    let sum = lines.iter().filter_map(|line| line.price).try_fold(Money::ZERO, Money::plus);
    let quoted = lines.iter().filter(|line| line.price.is_none()).count();
    let picks: Vec<Pick> = lines.iter().filter_map(|line| line.pick).collect();
    let body = html! {
        (parts::table(&Table {
            id: "picks".into(), caption: guest.word("picked-caption").into(), columns,
            rows: lines.iter().map(row).collect(), scrolls: false, empty: Empty::default(),
        }))
        p { b { (guest.say("picked-sum", &json!({ "sum": sum.unwrap_or_default() }))) }
            @if quoted > 0 { " " (guest.say("picked-and-quoted", &json!({ "count": quoted }))) } }
        p { a href=(picking::with("/free", &picks)) { (guest.word("picked-change")) } }
    };
    parts::section(&Section {
        id: "together".into(),
        title: guest.say("picked-title", &json!({ "count": lines.len() })),
        beside: html! {},
        body,
    })
}

/// The form without one of the times; long texts and answers about people do not stand in addresses.
fn without(values: &Flat, lines: &[Line], left_out: usize) -> String {
    let mut query = Flat::new();
    for name in ["buyer", "purpose", "project"] {
        query.extend(values.get(name).map(|value| (name.to_owned(), value.clone())));
    }
    for (number, line) in (1..).zip(lines.iter().filter(|line| line.number != left_out)) {
        for name in CARRIED {
            let value = values.get(&format!("{PICKS}.{}.{name}", line.number));
            query.extend(value.map(|value| (format!("{PICKS}.{number}.{name}"), value.clone())));
        }
    }
    address("/bundle/new/book", &query)
}
