//! Line: who stands in line for an instrument: one's own turn with the way to take it, how many wait and how long about; and for its
//! keepers all of them, with what calls, skips and pauses.

use desks::{
    instrument::Using,
    line::{self, Ended, How, Standing, Turn},
};
use engines::booking::MINUTE;
use grammar::{
    card::Card,
    clerk::Clerk,
    form::Flat,
    kinds::{Id, Moment},
};
use maud::{Markup, html};
use registry::{Listed, Look, Record};
use serde_json::json;

use super::{booking::part, times};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Empty, FieldView, Link, Notice, Press, Row, Section, Table, Tone, Waiting},
    plain,
    ways::Answer,
};

/// What stands above the record already.
const SHOWN_ABOVE: [&str; 6] = ["turns", "ended", "given", "title", "paused", "free_from"];
/// So long one is told that a turn came to nothing.
const TOLD: i64 = 24 * 60 * MINUTE;

/// The page of a line.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn line(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = &plain::known(guest, clerk, id)?;
    let instrument = guest.look.record(record.card.the("instrument"))?.ok_or(Trouble::NotFound)?;
    let mut about = record.state.clone();
    if let Some(fields) = about.as_object_mut() {
        SHOWN_ABOVE.iter().for_each(|name| drop(fields.shift_remove(*name)));
    }
    let main = html! {
        // Who else it names stands in the line itself.
        (plain::heading_with(guest, clerk, record, plain::card_facts(guest, clerk, record, 2)))
        (plain::done(guest)?)
        (stands(guest, record, &instrument))
        @if is_keeper(guest, &record.card) { (kept(guest, record)) }
        div.two-thirds {
            div {
                (parts::section(&Section { id: "about".into(), title: guest.word("about").into(), beside: html! {}, body: parts::facts(&plain::values(guest, clerk, &about)) }))
                (plain::history(guest, clerk, record)?)
            }
            aside { (plain::actions(guest, clerk, record)?) (plain::proofs(guest, clerk, record)?) }
        }
    };
    let title = guest.pick(&record.card.title_zh, &record.card.title_en).to_owned();
    let crumbs = vec![Link::new("/line", guest.desk_word(clerk.name(), "desk", "many"))];
    Ok(guest.page(&title, crumbs, main))
}

/// The line of an instrument, where its terms have one.
///
/// # Errors
/// When the store cannot be read.
pub fn of(look: &Look, instrument: Id, card: &Card) -> Result<Option<Record>, Trouble> {
    if !times::using(card).mode.has_line() {
        return Ok(None);
    }
    let found = look.record(line::name(instrument.r()).id())?;
    Ok(found.filter(|record| record.desk == "line"))
}

fn word(guest: &Guest, section: &str, key: &str) -> String {
    guest.desk_word("line", section, key)
}

fn is_keeper(guest: &Guest, card: &Card) -> bool {
    super::is_side(guest, card, "unit")
}

fn turns(record: &Record) -> Vec<Turn> {
    part(record, "turns")
}

fn wanted<'a>(turns: impl Iterator<Item = &'a Turn>) -> i64 {
    turns.map(|turn| turn.minutes).sum()
}

/// About how many minutes whoever stands behind others waits, who want so many in all.
fn estimate(guest: &Guest, card: &Card, wanted: i64, places: i64) -> i64 {
    let now = guest.house.registry.now().in_millis();
    let free_from = card.read::<Moment>("free_from").map_or(now, Moment::in_millis);
    (free_from - now).max(0) / MINUTE + wanted / places.max(1)
}

/// In minutes, from two hours on in hours: it is no more than an estimate.
fn about(guest: &Guest, minutes: i64) -> String {
    match minutes {
        ..=120 => guest.say("minutes", &json!({ "minutes": minutes })),
        _ => guest.say("line-hours", &json!({ "hours": (minutes + 30) / 60 })),
    }
}

fn places(using: &Using) -> i64 {
    using.places.map_or(1, |places| places.get())
}

/// How many wait, and which number is called, in words: for a screen on a wall too.
pub fn said(guest: &Guest, card: &Card) -> String {
    let count = card.read::<usize>("waiting").unwrap_or_default();
    match card.read::<Turn>("called") {
        Some(called) => guest.say("line-called", &json!({ "number": called.number, "count": count })),
        None if card.status == "paused" => guest.say("line-paused", &json!({ "count": count })),
        None => guest.say("line-waiting", &json!({ "count": count })),
    }
}

/// The section of an instrument's page; nothing where nobody stands in line for it.
///
/// # Errors
/// When the store cannot be read.
pub fn section(guest: &Guest, instrument: &Record) -> Result<Markup, Trouble> {
    let Some(record) = of(&guest.look, instrument.id, &instrument.card)? else { return Ok(html! {}) };
    let beside = html! { a href={ "/line/" (record.id) } { (guest.word("line-see")) } };
    let title = guest.word("line-title").to_owned();
    let body = stands(guest, &record, instrument);
    Ok(parts::section(&Section { id: "line".into(), title, beside, body }))
}

/// How many wait and how long about, what became of one's own turns, and the way to one.
fn stands(guest: &Guest, record: &Record, instrument: &Record) -> Markup {
    let (using, all) = (times::using(&instrument.card), turns(record));
    let minutes = estimate(guest, &record.card, wanted(all.iter()), places(&using));
    let own: Vec<&Turn> = all.iter().filter(|turn| turn.is_own(&guest.look.viewer)).collect();
    html! {
        p {
            (said(guest, &record.card)) (guest.pick("。", ". "))
            @if own.is_empty() { (guest.say("line-about", &json!({ "time": about(guest, minutes) }))) }
        }
        @for ended in came_to_nothing(guest, record) { (nothing(guest, &ended)) }
        @for turn in &own { (own_turn(guest, record, (instrument, &using), &all, turn)) }
        @if own.is_empty() && times::is_open(guest, &instrument.card) {
            @if guest.session.is_some() { p { a.button.main href=(join_form(record.id, instrument.id, &using)) { (word(guest, "verb", "join")) } } }
            @else { p { a.button href={ "/sign-in?back=/line/" (record.id) } { (guest.word("line-sign-in")) } } }
        }
    }
}

/// What a form that is come to from here carries along unseen, in the place of its fields.
pub fn carried(desk: &str, verb: &str, values: &Flat, fields: &mut Vec<FieldView>) -> Vec<(String, String)> {
    let names: &[&str] = match (desk, verb) {
        ("booking", "take-turn") => &["instrument", "line", "turn"],
        ("line", "join") => &["instrument"],
        _ => &[],
    };
    let known = |name: &&str| values.get(*name).filter(|value| !value.is_empty()).cloned();
    let carried: Vec<(String, String)> =
        names.iter().filter_map(|name| Some(((*name).to_owned(), known(name)?))).collect();
    fields.retain(|field| carried.iter().all(|(name, _)| *name != field.name));
    carried
}

/// The form to join, with what the terms tell filled in.
fn join_form(line: Id, instrument: Id, using: &Using) -> String {
    let (minutes, basis) = (times::usual_minutes(using), times::basis(using));
    format!("/line/{line}/join?instrument={instrument}&minutes={minutes}&basis={basis}&purpose=research")
}

/// Turns of one's own that came to nothing lately.
fn came_to_nothing(guest: &Guest, record: &Record) -> Vec<Ended> {
    let since = guest.house.registry.now().plus_millis(-TOLD);
    let mut ended: Vec<Ended> = part(record, "ended");
    ended.retain(|ended| ended.turn.is_own(&guest.look.viewer) && ended.at > since);
    ended.split_off(ended.len().saturating_sub(1))
}

fn nothing(guest: &Guest, ended: &Ended) -> Markup {
    let body = html! { @if let Some(reason) = &ended.reason { p { (&**reason) } } };
    parts::notice(&Notice { tone: Tone::Warn, title: nothing_said(guest, ended), body, links: vec![] })
}

fn nothing_said(guest: &Guest, ended: &Ended) -> String {
    let key = match ended.how {
        How::NotTaken => "line-not-taken",
        How::Skipped => "line-skipped",
        How::LineShut => "line-was-shut",
    };
    guest.say(key, &json!({ "number": ended.turn.number, "at": ended.at }))
}

/// One's own turn: begin now, or how many are ahead; and the way out.
fn own_turn(
    guest: &Guest,
    record: &Record,
    (instrument, using): (&Record, &Using),
    all: &[Turn],
    turn: &Turn,
) -> Markup {
    let ahead: Vec<&Turn> = all.iter().filter(|other| other.number < turn.number).collect();
    let minutes = estimate(guest, &record.card, wanted(ahead.iter().copied()), places(using));
    let number = turn.number;
    let (tone, title) = match (turn.standing, turn.until) {
        (Standing::Called, Some(until)) => {
            let until = times::clock(until.in_millis(), false);
            (Tone::Warn, guest.say("line-your-turn", &json!({ "number": number, "until": until })))
        }
        _ => {
            let facts = json!({ "number": number, "ahead": ahead.len(), "time": about(guest, minutes) });
            (Tone::Info, guest.say("line-own", &facts))
        }
    };
    let body = html! {
        div.row {
            @if turn.standing == Standing::Called { (take(guest, record, instrument, turn)) }
            (leave(guest, record, turn))
        }
    };
    html! { div role="status" { (parts::notice(&Notice { tone, title, body, links: vec![] })) } }
}

/// One press where nothing more is asked; else the form.
fn take(guest: &Guest, record: &Record, instrument: &Record, turn: &Turn) -> Markup {
    let label = guest.desk_word("booking", "verb", "take-turn");
    let Some((wish, buyer)) = turn.wish.as_ref().zip(turn.buyer) else { return html! {} };
    let mut named = vec![
        ("instrument".to_owned(), instrument.id.to_string()),
        ("line".to_owned(), record.id.to_string()),
        ("turn".to_owned(), turn.number.to_string()),
        ("buyer".to_owned(), buyer.to_string()),
    ];
    named.extend(wish.permit.map(|permit| ("permit".to_owned(), permit.to_string())));
    named.extend(wish.agreement.map(|agreement| ("agreement".to_owned(), agreement.to_string())));
    let asked: Vec<String> = named.iter().map(|(name, value)| format!("{name}={value}")).collect();
    let form = format!("/booking/new/take-turn?{}&minutes={}", asked.join("&"), turn.minutes);
    if instrument.card.facts.contains_key("questions") {
        return html! { a.button.main href=(form) { (label) } };
    }
    let mut hidden = guest.hidden();
    hidden.extend(named);
    html! {
        (Press { action: "/booking/new/take-turn".into(), hidden, label }.show("main"))
        a href=(form) { (guest.word("line-otherwise")) }
    }
}

fn leave(guest: &Guest, record: &Record, turn: &Turn) -> Markup {
    let mut hidden = guest.hidden();
    hidden.push(("number".into(), turn.number.to_string()));
    let label = word(guest, "verb", "leave");
    Press { action: format!("/line/{}/leave", record.id), hidden, label }.show("")
}

/// All who stand there, for those who keep the instrument, and what moves them on.
fn kept(guest: &Guest, record: &Record) -> Markup {
    let row = |turn: &Turn| {
        let wish = turn.wish.as_ref();
        let tone = if turn.standing == Standing::Called { Tone::Warn } else { Tone::Plain };
        let standing = word(guest, "choice", &grammar::desk::plain_word(&turn.standing));
        Row::new(vec![
            html! { b { (turn.number) } },
            html! { @if let Some(person) = turn.person { (guest.link(person.id())) br; } @if let Some(buyer) = turn.buyer { (guest.link(buyer.id())) } },
            html! { (guest.say("minutes", &json!({ "minutes": turn.minutes }))) @if let Some(wish) = wish { br; (word(guest, "choice", &grammar::desk::plain_word(&wish.purpose))) } },
            html! { @if let Some(wish) = wish { (&*wish.detail) } },
            html! {
                (parts::badge(tone, &standing))
                @if let Some(until) = turn.until { " " span.nowrap { (guest.say("line-until", &json!({ "until": times::clock(until.in_millis(), false) }))) } }
                @else if let Some(joined) = turn.joined { " " span.nowrap { (guest.say("line-since", &json!({ "at": times::clock(joined.in_millis(), false) }))) } }
            },
            html! { a href={ "/line/" (record.id) "/skip?number=" (turn.number) } { (word(guest, "verb", "skip")) } },
        ])
    };
    let all = turns(record);
    let heads =
        ["number", "person", "minutes", "detail", "standing"].map(|field| word(guest, "field", field));
    let heads = heads.into_iter().chain([guest.word("next-step").to_owned()]);
    let free_from = record.card.read::<Moment>("free_from").filter(|from| *from > guest.house.registry.now());
    html! {
        @if let Some(reason) = record.state.get("paused").and_then(|reason| reason.as_str()) {
            (parts::notice(&Notice { tone: Tone::Warn, title: word(guest, "status", "paused"), body: html! { p { (reason) } }, links: vec![] }))
        }
        (parts::table(&Table {
            id: format!("in-{}", record.id), caption: said(guest, &record.card), columns: heads.map(Column::new).collect(),
            rows: all.iter().map(row).collect(), scrolls: false,
            empty: Empty { title: guest.word("line-nobody").into(), ..Empty::default() },
        }))
        @if let Some(from) = free_from { p.note { (guest.say("line-free-from", &json!({ "from": from }))) } }
        div.row { (moves(guest, record, &all)) }
    }
}

/// Call, pause, go on.
fn moves(guest: &Guest, record: &Record, all: &[Turn]) -> Markup {
    let press = |verb: &str, class: &str| {
        let (action, hidden) = (format!("/line/{}/{verb}", record.id), guest.hidden());
        Press { action, hidden, label: word(guest, "verb", verb) }.show(class)
    };
    let is_called = all.iter().any(|turn| turn.standing == Standing::Called);
    let free_from = record.card.read::<Moment>("free_from");
    let is_free = free_from.is_none_or(|from| from <= guest.house.registry.now());
    let is_paused = record.state.get("paused").is_some_and(|reason| !reason.is_null());
    html! {
        @if !all.is_empty() && !is_called && is_free { (press("call", "main")) }
        @if is_paused { (press("resume", "")) } @else { a.button href={ "/line/" (record.id) "/pause" } { (word(guest, "verb", "pause")) } }
    }
}

/// The lines of the kept instruments; nothing when none of them has one.
///
/// # Errors
/// When the store cannot be read.
pub fn day(guest: &Guest, kept_here: &[Listed]) -> Result<Option<Markup>, Trouble> {
    let mut lines = Vec::new();
    for listed in kept_here {
        lines.extend(of(&guest.look, listed.id, &listed.card)?.map(|line| (listed, line)));
    }
    Ok((!lines.is_empty()).then(|| {
        html! { @for (listed, line) in &lines {
            h3 { a href={ "/line/" (line.id) } { (guest.pick(&listed.card.title_zh, &listed.card.title_en)) } }
            (kept(guest, line))
        } }
    }))
}

/// What waits for whoever stands in line: their turn, how many are ahead, and what came to nothing.
///
/// # Errors
/// When the store cannot be read.
pub fn waits(guest: &Guest) -> Result<Vec<Waiting>, Trouble> {
    let Some(person) = guest.look.viewer.person else { return Ok(vec![]) };
    let mut waits = Vec::new();
    for record in guest.look.naming("line", ("stander", person))? {
        let all = turns(&record);
        let own = all.iter().enumerate().filter(|(_, turn)| turn.is_own(&guest.look.viewer));
        let told = own.filter(|(_, turn)| turn.standing == Standing::Waits).map(|(ahead, turn)| {
            let minutes = estimate(guest, &record.card, wanted(all.iter().take(ahead)), 1);
            let facts = json!({ "number": turn.number, "ahead": ahead, "time": about(guest, minutes) });
            (guest.say("line-own", &facts), turn.joined)
        });
        let ended = came_to_nothing(guest, &record)
            .into_iter()
            .map(|ended| (nothing_said(guest, &ended), Some(ended.at)));
        waits.extend(told.chain(ended).map(|(what, at)| waiting(guest, &record, what, at)));
    }
    Ok(waits)
}

fn waiting(guest: &Guest, record: &Record, what: String, at: Option<Moment>) -> Waiting {
    let href = format!("/line/{}", record.id);
    Waiting {
        what,
        href: href.clone(),
        about: html! { a href=(href) { (guest.pick(&record.card.title_zh, &record.card.title_en)) } },
        machine: at.map_or_else(String::new, |at| at.to_string()),
        until: at.map_or_else(String::new, |at| guest.moment(at)),
        left: guest.word("waits-today").into(),
        tone: Tone::Plain,
        action: guest.word("open").into(),
    }
}
