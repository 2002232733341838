//! Interlock: what a small controller (a relay, a door lock) asks of the house, and what keepers see of it. Its token is good
//! for this one question about one instrument. When it asked last, and when it was switched, lies outside the log.

use desks::{
    calendar::Times,
    instrument::interlock::{self, Because, Switch},
};
use engines::booking::DAY;
use grammar::kinds::{Id, Moment};
use maud::{Markup, html};
use registry::{Broken, FOREVER, Record, Writer};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::{booking::running, elsewhere, programs, times};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Empty, Fact, Link, Notice, Row, Section, Table, Tone},
    rooms::entry::{self, Entry, Faults},
    session::{self, Scopes, Session, TOKENS, TOKENS_MAX, Token, What},
    visit::Reply,
    ways::Answer,
};

/// Where it lies when a controller asked.
const SPACE: &str = "interlock";
/// Switches that are remembered.
const TURNS_MAX: usize = 20;
/// An ask that changes nothing is written down so far apart, in milliseconds: polling costs no write.
const NOTE_MILLIS: i64 = 60_000;
/// A controller asks again after so many seconds.
const AGAIN: i64 = 30;
/// Days a controller's token is good for.
const DAYS: i64 = 365;

/// A switch from one state to the other.
#[derive(Clone, Debug, Serialize, Deserialize)]
struct Turn {
    at: Moment,
    on: bool,
    why: Because,
}

/// What is known of an instrument's controller.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Heard {
    at: Moment,
    turns: Vec<Turn>,
}

/// What the switch of an instrument is now, for those who keep it.
fn now(guest: &Guest, record: &Record) -> Result<Switch, Trouble> {
    let registry = &guest.house.registry;
    let now = registry.now();
    let running = running(&guest.look, record.id)?;
    let window =
        engines::booking::Span::new(now.in_millis(), now.in_millis() + DAY).ok_or(Trouble::NotFound)?;
    let closed: Vec<_> = times::taken(&guest.look, record.id, window)?
        .into_iter()
        .filter_map(|taken| {
            let [from, until] = [taken.span.from(), taken.span.until()].map(Moment::from_millis);
            Some((Times { from, until }, taken.closed?))
        })
        .collect();
    let grace = registry.rules().value(interlock::GRACE_MINUTES, record.card.scope(), now.day());
    Ok(interlock::switch(now, &record.card.status, &running, &closed, grace))
}

/// Notes that a controller asked. A node that only reads leaves that to the one that writes.
fn note(guest: &Guest, id: Id, switch: Switch) -> Result<(), Broken> {
    let registry = &guest.house.registry;
    if registry.writer() != Writer::Here {
        return Ok(());
    }
    let at = registry.now();
    let before: Option<Heard> = registry.kept(SPACE, id.as_str())?;
    let mut heard = before.unwrap_or(Heard { at: Moment::from_millis(0), turns: vec![] });
    let is_turned = heard.turns.last().is_none_or(|turn| turn.on != switch.on);
    if !is_turned && at.in_millis() - heard.at.in_millis() < NOTE_MILLIS {
        return Ok(());
    }
    if is_turned {
        heard.turns.push(Turn { at, on: switch.on, why: switch.why });
        let more = heard.turns.len().saturating_sub(TURNS_MAX);
        heard.turns.drain(..more);
    }
    heard.at = at;
    registry.keep(SPACE, id.as_str(), &heard, FOREVER)
}

/// What a controller is told. Whoever keeps the instrument may ask too; only a controller's ask is noted.
///
/// # Errors
/// When there is no such instrument, the guest does not keep it, or the store cannot be read.
pub fn ask(guest: &Guest, id: Id) -> Answer {
    let record = elsewhere::kept(guest, id)?;
    let switch = now(guest, &record)?;
    let scopes = guest.session.as_ref().and_then(|session| session.scopes.as_ref());
    if scopes.is_some_and(|scopes| scopes.interlock == Some(id)) {
        note(guest, id, switch)?;
    }
    let Switch { on, until, why } = switch;
    let told = json!({
        "instrument": id, "on": on, "until": until, "why": why, "at": guest.house.registry.now(),
        "ask_again_seconds": AGAIN,
    });
    Ok(Reply::json(200, &told).with("cache-control", "no-store"))
}

/// For how many minutes the controllers of these instruments have been silent: those that are silent too long.
///
/// # Errors
/// When the store cannot be read.
pub fn silent(guest: &Guest, id: Id, region: grammar::kinds::Region) -> Result<Option<i64>, Trouble> {
    let registry = &guest.house.registry;
    let Some(heard) = registry.kept::<Heard>(SPACE, id.as_str())? else { return Ok(None) };
    let now = registry.now();
    let minutes = (now.in_millis() - heard.at.in_millis()) / 60_000;
    let most = registry.rules().value(interlock::SILENT_MINUTES, region, now.day());
    Ok((minutes > most).then_some(minutes))
}

/// The page for those who keep it: what it says now, when it was asked, and the tokens of one's own.
///
/// # Errors
/// When there is no such instrument, the guest does not keep it, or the store cannot be read.
pub fn page(guest: &Guest, id: Id) -> Answer {
    shown(guest, id, &[], None)
}

fn shown(guest: &Guest, id: Id, faults: &Faults, made: Option<&str>) -> Answer {
    super::super::oneself(guest)?;
    let record = elsewhere::kept(guest, id)?;
    let session = guest.session.as_ref().ok_or(Trouble::SignIn)?;
    let registry = &guest.house.registry;
    let switch = now(guest, &record)?;
    let heard: Option<Heard> = registry.kept(SPACE, id.as_str())?;
    let tokens: Vec<(String, Token)> = TOKENS.of(registry, session.person)?;
    let is_full = tokens.len() >= TOKENS_MAX;
    let mine: Vec<&(String, Token)> =
        tokens.iter().filter(|(_, token)| token.scopes.interlock == Some(id)).collect();
    let title = guest.word("interlock-title");
    let section = |id: &str, title: &str, body: Markup| {
        parts::section(&Section { id: id.into(), title: title.into(), beside: html! {}, body })
    };
    let main = html! {
        (parts::heading(&parts::Heading { title: title.into(), lead: guest.word("interlock-lead").into(), over: vec![guest.link(id)], ..Default::default() }))
        (entry::summary(guest, faults))
        @if let Some(made) = made {
            div role="status" { (parts::notice(&Notice {
                tone: Tone::Good, title: guest.word("interlock-made").into(),
                body: html! { p { (guest.word("interlock-once")) } (example(guest, id, made)) }, links: vec![],
            })) }
        }
        (section("now", guest.word("board-now"), parts::facts(&facts(guest, switch, heard.as_ref()))))
        @if let Some(heard) = &heard { (section("turns", guest.word("interlock-turns"), turns(guest, heard))) }
        (section("tokens", guest.word("interlock-tokens"), html! {
            @if !mine.is_empty() { (programs::list(guest, "tokens", ["interlock-name", "interlock-tokens"], &mine)?) }
            @if is_full { p.note { (guest.say("tokens-many", &json!({ "max": TOKENS_MAX }))) } }
            @else { (form(guest, id, faults)) }
        }))
    };
    let crumbs = vec![
        Link::new("/instrument", guest.desk_word("instrument", "desk", "many")),
        Link::new(format!("/instrument/{id}"), guest.name(id)),
    ];
    Ok(guest.page_with(if faults.is_empty() { 200 } else { 422 }, title, crumbs, main))
}

fn state(guest: &Guest, on: bool) -> Markup {
    let (tone, word) = if on { (Tone::Good, "interlock-on") } else { (Tone::Plain, "interlock-off") };
    parts::badge(tone, guest.word(word))
}

fn because(guest: &Guest, why: Because) -> String {
    let key = match why {
        Because::InUse => "interlock-in-use",
        Because::KeptClosed => "interlock-kept-closed",
        Because::TimeOver => "interlock-time-over",
        Because::OutOfService => "interlock-out-of-service",
        Because::Closed => "interlock-closed",
        Because::NobodyBegan => "interlock-nobody-began",
    };
    guest.word(key).to_owned()
}

fn facts(guest: &Guest, switch: Switch, heard: Option<&Heard>) -> Vec<Fact> {
    let until = switch.until.map(|until| guest.moment(until));
    let asked =
        heard.map_or_else(|| guest.word("interlock-never").to_owned(), |heard| guest.moment(heard.at));
    let mut facts = vec![
        Fact {
            label: guest.word("interlock-title").into(),
            value: state(guest, switch.on),
            note: because(guest, switch.why),
        },
        Fact::new(guest.word("interlock-asked"), &asked),
    ];
    facts.extend(until.map(|until| Fact::new(guest.word("until"), &until)));
    facts
}

fn turns(guest: &Guest, heard: &Heard) -> Markup {
    let row = |turn: &Turn| {
        Row::new(vec![
            html! { (guest.moment(turn.at)) },
            state(guest, turn.on),
            html! { (because(guest, turn.why)) },
        ])
    };
    let columns = ["time", "how-it-is", "why"].map(|head| Column::new(guest.word(head)));
    parts::table(&Table {
        id: "turns".into(),
        caption: guest.word("interlock-turns-text").into(),
        columns: columns.into(),
        rows: heard.turns.iter().rev().map(row).collect(),
        scrolls: false,
        empty: Empty::default(),
    })
}

/// What the controller's maker types.
fn example(guest: &Guest, id: Id, secret: &str) -> Markup {
    html! { pre { code {
        "GET " (guest.house.options.public_url) "/api/v1/instrument/" (id) "/interlock\nAuthorization: Bearer " (secret)
    } } }
}

fn form(guest: &Guest, id: Id, faults: &Faults) -> Markup {
    html! {
        form.form method="post" action={ "/instrument/" (id) "/interlock" } data-once {
            (parts::hidden(&guest.hidden()))
            (Entry::text(guest, "name", guest.word("interlock-name"), "off").helped(guest.word("interlock-name-help")).show(faults))
            div.row { button.main type="submit" { (guest.word("interlock-make")) } }
        }
    }
}

/// Makes a controller's token and shows it once.
///
/// # Errors
/// When the guest does not keep the instrument, or the store cannot be written.
pub fn make(guest: &Guest, id: Id) -> Answer {
    super::super::oneself(guest)?;
    elsewhere::kept(guest, id)?;
    let session: &Session = guest.session.as_ref().ok_or(Trouble::SignIn)?;
    let registry = &guest.house.registry;
    let name: String = guest.visit.typed("name").chars().filter(|c| !c.is_control()).take(60).collect();
    let mut faults = Vec::new();
    if name.is_empty() {
        faults.push(("name", guest.word("interlock-unnamed").to_owned()));
    }
    if TOKENS.of::<Token>(registry, session.person)?.len() >= TOKENS_MAX {
        faults.push(("name", guest.say("tokens-many", &json!({ "max": TOKENS_MAX }))));
    }
    if !faults.is_empty() {
        return shown(guest, id, &faults, None);
    }
    let (since, person) = (registry.now(), session.person);
    let until = since.plus_millis(DAYS * DAY);
    let scopes = Scopes { interlock: Some(id), ..Scopes::default() };
    let token = Token { person, name, scopes, since, until };
    let secret = session::make_token(registry, &token)?;
    session::note_for(guest.house, guest.visit, What::TokenMade, person, &token.name)?;
    shown(guest, id, &[], Some(&secret))
}
