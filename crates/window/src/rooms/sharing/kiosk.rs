//! Kiosk: a tablet beside an instrument. A keeper turns a browser into one; from then on it shows what the instrument does now and
//! next, without names, and begins and ends sittings for whoever types the short code of their booking. It holds a token that
//! is good for this alone, and no person's session: whoever comes next finds nobody signed in.

use std::collections::BTreeSet;

use grammar::{
    clerk::Clerk,
    kinds::{Id, Moment},
};
use maud::{Markup, html};
use registry::{Ask, Asker, Look, Record, Writer};
use serde_json::json;

use super::{
    booking::{running, runs_until},
    elsewhere, line, times,
};
use crate::{
    denied::{self, Trouble},
    guest::Guest,
    limits::Rate,
    parts::{self, Notice, Section, Tone},
    rooms::entry::{Entry, Sheet},
    session::{self, Scopes, TOKENS, TOKENS_MAX, Token, What},
    visit::Reply,
    ways::Answer,
};

/// The cookie of a tablet.
const COOKIE: &str = "kiosk";
/// Where it lies that an instrument has one.
const SPACE: &str = "kiosk";
/// Days a tablet stays one.
const DAYS: i64 = 365;
const DAY_MILLIS: i64 = 86_400_000;
const DAY_SECONDS: i64 = 86_400;
/// After so many seconds it shows itself anew, with nothing of whoever stood there before.
const AGAIN: &str = "60";
/// Letters of a booking's name that make its code: of thirty-two kinds each.
const LETTERS: usize = 6;
/// Times shown after this one.
const NEXT: usize = 3;

/// The short code of a booking, or of samples: the beginning of its own name, which only its keeper and its booker know.
pub fn code(id: Id) -> String {
    let own = id.as_str().rsplit_once('-').map_or("", |(_, own)| own);
    own.chars().take(LETTERS).collect::<String>().to_uppercase()
}

/// What was typed, as codes are written: no blanks, and letters that look like figures are those.
fn letters(typed: &str) -> impl Iterator<Item = char> {
    typed.chars().filter(char::is_ascii_alphanumeric).map(|letter| match letter.to_ascii_uppercase() {
        'I' | 'L' => '1',
        'O' => '0',
        other => other,
    })
}

fn read(typed: &str) -> String {
    letters(typed).take(LETTERS + 1).collect()
}

/// A code with a number behind it, if there is one: `70A1XK-3`.
pub fn code_and_number(typed: &str) -> (String, Option<usize>) {
    let mut all = letters(typed);
    let code = all.by_ref().take(LETTERS).collect();
    // More figures than any number has are no number.
    (code, all.take(4).collect::<String>().parse().ok())
}

/// The code on a booking's page, where its instrument has a kiosk and it is still to come or runs.
///
/// # Errors
/// When the store cannot be read.
pub fn told(guest: &Guest, booking: &Record) -> Result<Markup, Trouble> {
    let is_open = ["scheduled", "running"].contains(&booking.card.status.as_str());
    let has_one = guest.house.registry.kept::<()>(SPACE, booking.card.the("instrument").as_str())?.is_some();
    if !is_open || !has_one {
        return Ok(html! {});
    }
    Ok(html! { p { (guest.word("kiosk-code")) (guest.pick("：", ": ")) b { code { (code(booking.id)) } } } })
}

/// The token of the tablet that this visit comes from, and what its keeper sees; `None` where it is none for this instrument.
fn tablet<'a>(guest: &Guest<'a>, id: Id) -> Result<Option<(Token, Look<'a>)>, Trouble> {
    let registry = &guest.house.registry;
    let Some(secret) = guest.visit.cookies.get(&session::cookie_name(guest.house, COOKIE)) else {
        return Ok(None);
    };
    let Some(token) = TOKENS.get::<Token>(registry, &session::hash(secret))? else { return Ok(None) };
    let look = registry.look(Some(token.person))?;
    let record = look.record(id)?.filter(|record| record.desk == "instrument");
    let keeps = record.is_some_and(|record| look.viewer.is(record.card.the("unit")));
    Ok((token.scopes.kiosk == Some(id) && keeps).then_some((token, look)))
}

/// The page: the kiosk's own on a tablet, else the way to make one.
///
/// # Errors
/// When there is no such instrument, or the guest does not keep it.
pub fn kiosk(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let Some((_, look)) = tablet(guest, id)? else {
        let record = elsewhere::kept(guest, id)?;
        let title = guest.word("kiosk-title");
        let main = html! {
            (parts::heading(&parts::Heading { title: title.into(), lead: guest.word("kiosk-lead").into(), over: vec![guest.link(id)], ..Default::default() }))
            (Sheet { action: &format!("/instrument/{id}/kiosk"), body: html! {}, button: guest.word("kiosk-make"), more: vec![] }.show(guest))
        };
        let crumbs = vec![
            parts::Link::new("/instrument", guest.desk_word(clerk.name(), "desk", "many")),
            parts::Link::new(
                format!("/instrument/{id}"),
                guest.pick(&record.card.title_zh, &record.card.title_en),
            ),
        ];
        return Ok(guest.page(title, crumbs, main));
    };
    // Whoever signed in on the tablet is signed out by it.
    if guest.session.is_some() {
        if guest.house.registry.writer() == Writer::Here {
            session::end(guest.house, guest.visit)?;
        }
        let back = Reply::go(format!("/instrument/{id}/kiosk"));
        return Ok(back.with("set-cookie", session::session_cookie(guest.house, "")));
    }
    shown(guest, &look, id, None)
}

/// What was pressed: a tablet is made, or on one a sitting begun or ended.
///
/// # Errors
/// When there is no such instrument, or the guest does not keep it.
pub fn press(guest: &Guest, id: Id) -> Answer {
    match tablet(guest, id)? {
        Some((token, look)) => {
            let told = act(guest, &look, &token, id)?;
            shown(guest, &look, id, Some(told))
        }
        None => make(guest, id),
    }
}

/// Makes this browser a tablet, and signs its keeper out of it.
fn make(guest: &Guest, id: Id) -> Answer {
    super::super::oneself(guest)?;
    elsewhere::kept(guest, id)?;
    let (registry, session) = (&guest.house.registry, guest.session.as_ref().ok_or(Trouble::SignIn)?);
    let (since, person) = (registry.now(), session.person);
    if TOKENS.of::<Token>(registry, person)?.len() >= TOKENS_MAX {
        return Ok(Reply::go("/my/tokens"));
    }
    let until = since.plus_millis(DAYS * DAY_MILLIS);
    let scopes = Scopes { kiosk: Some(id), ..Scopes::default() };
    let token = Token { person, name: guest.word("kiosk-title").into(), scopes, since, until };
    let secret = session::make_token(registry, &token)?;
    session::note_for(guest.house, guest.visit, What::TokenMade, person, &token.name)?;
    registry.keep(SPACE, id.as_str(), &(), until)?;
    session::end(guest.house, guest.visit)?;
    let cookie = session::cookie(guest.house, COOKIE, &secret, DAYS * DAY_SECONDS);
    let mut reply = Reply::go(format!("/instrument/{id}/kiosk")).with("set-cookie", cookie);
    reply.headers.push(("set-cookie", session::session_cookie(guest.house, "")));
    Ok(reply)
}

/// What a press came to: good or not, and its sentence.
type Told = (Tone, String);

/// Begins the booking with this code, or ends it if it runs.
fn act(guest: &Guest, look: &Look, token: &Token, id: Id) -> Result<Told, Trouble> {
    let registry = &guest.house.registry;
    let key = format!("kiosk/{id}");
    turn(guest, &key)?;
    let typed = read(guest.visit.typed("code"));
    let found = around(look, id, registry.now())?.into_iter().find(|booking| code(*booking) == typed);
    let found = found.map(|booking| look.record(booking)).transpose()?.flatten();
    let found = found.and_then(|booking| match booking.card.status.as_str() {
        "running" => Some((booking.id, "stop")),
        "scheduled" => Some((booking.id, "start")),
        _ => None,
    });
    let Some((booking, verb)) = found else {
        return Ok((Tone::Warn, guest.word("kiosk-unknown").to_owned()));
    };
    guest.house.limits.give_back(Rate::Wrong, &key);
    let door = look.record(id)?.and_then(|record| record.card.read::<String>("door"));
    let command = match verb {
        "start" => {
            let is_with = guest.visit.typed("with_companion") == "yes";
            json!({ "verb": "start", "instrument": id, "code": door.as_deref().unwrap_or("-"), "with_companion": is_with })
        }
        _ => json!({ "verb": "stop" }),
    };
    let press: String = guest.visit.typed("key").chars().take(64).collect();
    let key = format!("kiosk/{booking}/{press}");
    let ask = Ask::new(key, Asker::Person(token.person), "booking", Some(booking), command);
    Ok(match registry.run(ask) {
        Ok(_) if verb == "stop" => (Tone::Good, guest.word("kiosk-ended").to_owned()),
        Ok(_) => (Tone::Good, begun(guest, look, booking)?),
        Err(denied) => (Tone::Warn, denied::word(guest, &denied).sentence),
    })
}

/// The bookings that have this instrument about now: however many there are for later, one of these is meant.
fn around(look: &Look, id: Id, now: Moment) -> Result<BTreeSet<Id>, Trouble> {
    let window = times::days(now.day().plus_days(-1), 3).ok_or(Trouble::NotFound)?;
    Ok(times::taken(look, id, window)?
        .into_iter()
        .filter_map(|taken| taken.by)
        .map(|(booking, _)| booking)
        .collect())
}

/// Codes are not to be guessed.
fn turn(guest: &Guest, key: &str) -> Result<(), Trouble> {
    let now = guest.house.registry.now();
    guest.house.limits.take(Rate::Wrong, key, now).map_err(Trouble::TooOften)
}

fn begun(guest: &Guest, look: &Look, id: Id) -> Result<String, Trouble> {
    let until = look.record(id)?.as_ref().and_then(|booking| runs_until(booking).into_iter().next());
    Ok(until.map_or_else(String::new, |until| guest.say("kiosk-begun", &json!({ "until": until }))))
}

fn shown(guest: &Guest, look: &Look, id: Id, told: Option<Told>) -> Answer {
    let record = look.record(id)?.ok_or(Trouble::NotFound)?;
    let title = guest.pick(&record.card.title_zh, &record.card.title_en);
    let main = html! {
        div.kiosk {
            (parts::heading(&parts::Heading { title: title.to_owned(), badges: vec![guest.status_badge("instrument", &record.card.status)], ..Default::default() }))
            @if let Some((tone, told)) = told {
                div role="status" { (parts::notice(&Notice { tone, title: told, body: html! {}, links: vec![] })) }
            }
            (parts::section(&Section { id: "now".into(), title: guest.word("board-now").into(), beside: html! {}, body: now(guest, look, id)? }))
            (Sheet {
                action: &format!("/instrument/{id}/kiosk"),
                body: html! {
                    (Entry { value: String::new(), ..Entry::code("code", guest.word("kiosk-code")) }.helped(guest.word("kiosk-code-help")).show(&[]))
                    @if !times::using(&record.card).staffed.is_empty() {
                        p { label.choice { input type="checkbox" name="with_companion" value="yes"; span { (guest.desk_word("booking", "field", "with_companion")) } } }
                    }
                },
                button: guest.word("kiosk-press"), more: vec![],
            }.show(guest))
        }
    };
    let mut reply = guest.page(title, vec![], main);
    reply.headers.push(("refresh", format!("{AGAIN}; url=/instrument/{id}/kiosk")));
    Ok(reply)
}

/// Who is at it now, until when, and what comes next; times alone. What runs over midnight is still now.
fn now(guest: &Guest, look: &Look, id: Id) -> Result<Markup, Trouble> {
    let now = guest.house.registry.now();
    let until = running(look, id)?;
    let window = times::days(now.day().plus_days(-1), 4).ok_or(Trouble::NotFound)?;
    let taken = times::taken(look, id, window)?;
    let next: Vec<_> = taken.iter().filter(|taken| now.in_millis() < taken.span.from()).take(NEXT).collect();
    let booked = taken
        .iter()
        .find(|taken| taken.span.from() <= now.in_millis() && now.in_millis() < taken.span.until());
    let when = |at: i64| guest.moment(Moment::from_millis(at));
    let instrument = look.record(id)?.ok_or(Trouble::NotFound)?;
    let stands = line::of(look, id, &instrument.card)?;
    Ok(html! {
        @if let Some(line) = &stands { p.called { (line::said(guest, &line.card)) } }
        p { @match (until.iter().max(), booked) {
            (Some(until), _) => { (parts::badge(Tone::Info, &guest.say("kiosk-runs", &json!({ "until": until })))) }
            (None, Some(taken)) if taken.closed.is_some() => { (parts::badge(Tone::Warn, &guest.say("kiosk-closed", &json!({ "until": Moment::from_millis(taken.span.until()) })))) }
            (None, Some(taken)) => { (parts::badge(Tone::Info, &guest.say("kiosk-booked", &json!({ "until": Moment::from_millis(taken.span.until()) })))) }
            (None, None) => { (parts::badge(Tone::Good, guest.word("slot-free"))) }
        } }
        @if !next.is_empty() {
            h3 { (guest.word("kiosk-next")) }
            ul.bare { @for taken in next { li { (when(taken.span.from())) " – " (when(taken.span.until())) } } }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_however_it_is_typed() {
        let id = Id::named("booking-70a1xkqqmz");
        assert_eq!(code(id), "70A1XK");
        for typed in ["70a1xk", "7Oalxk", " 70A-1XK "] {
            assert_eq!(read(typed), code(id), "{typed}");
        }
        assert_ne!(read("70a1x"), code(id));
        assert_ne!(read("70a1xkq"), code(id), "too much is not the code either");
        assert_eq!(code_and_number("70a1xk-l2"), (code(id), Some(12)));
        assert_eq!(code_and_number("7Oalxk"), (code(id), None));
        assert_eq!(code_and_number("70a1xk x"), (code(id), None));
    }
}
