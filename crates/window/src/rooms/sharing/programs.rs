//! Programs: calendar programs that read and write (CalDAV): their address, one's name there, and a password for each
//! device, which is a token good for calendars alone.

use maud::{Markup, html};
use serde_json::json;

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Empty, Fact, Notice, Row, Section, Table, Tone},
    rooms::entry::{self, Entry, Faults},
    session::{self, Scopes, Session, TOKENS, TOKENS_MAX, Token, What},
};

/// Days a password is good for.
const DAYS: i64 = 365;
const DAY_MILLIS: i64 = 86_400_000;

/// The part of the page of calendars; `made` is shown once.
///
/// # Errors
/// When the store cannot be read.
pub fn part(
    guest: &Guest,
    session: &Session,
    faults: &Faults,
    made: Option<&str>,
) -> Result<Markup, Trouble> {
    let registry = &guest.house.registry;
    let tokens: Vec<(String, Token)> = TOKENS.of(registry, session.person)?;
    let name = session::name_of(registry, session.person)?.unwrap_or_else(|| session.person.to_string());
    let address = format!("{}/dav/", guest.house.options.public_url);
    let facts = [
        Fact {
            label: guest.word("dav-address").into(),
            value: html! { code { (address) } },
            note: String::new(),
        },
        Fact { label: guest.word("dav-name").into(), value: html! { code { (name) } }, note: String::new() },
    ];
    let mine: Vec<&(String, Token)> = tokens.iter().filter(|(_, token)| token.scopes.calendar).collect();
    let body = html! {
        p { (guest.word("programs-text")) }
        @if let Some(made) = made {
            div role="status" { (parts::notice(&Notice {
                tone: Tone::Good, title: guest.word("dav-password-made").into(),
                body: html! { p { (guest.word("dav-password-once")) } p { code { (made) } } }, links: vec![],
            })) }
        }
        (parts::facts(&facts))
        ol { li { (guest.word("programs-how-1")) } li { (guest.word("programs-how-2")) } }
        @if !mine.is_empty() { (list(guest, "passwords", ["dav-device", "dav-passwords"], &mine)?) }
        @if tokens.len() < TOKENS_MAX { (form(guest, faults)) }
        @else { p.note { (guest.say("tokens-many", &json!({ "max": TOKENS_MAX }))) } }
    };
    let title = guest.word("programs").into();
    Ok(parts::section(&Section { id: "programs".into(), title, beside: html! {}, body }))
}

/// Tokens of one kind, each with the way to end it: under what they are called, and what they are.
///
/// # Errors
/// When the store cannot be read.
pub fn list(
    guest: &Guest,
    id: &str,
    [head, caption]: [&'static str; 2],
    tokens: &[&(String, Token)],
) -> Result<Markup, Trouble> {
    let mut rows = Vec::new();
    for (key, token) in tokens {
        let used = TOKENS.used(&guest.house.registry, key)?;
        rows.push(Row::new(vec![
            html! { (token.name) },
            html! { (guest.moment(token.until)) },
            html! { (used.map_or_else(|| guest.word("never").to_owned(), |used| guest.moment(used))) },
            entry::press(guest, format!("/my/tokens/{key}/end"), guest.word("revoke"), ""),
        ]));
    }
    let columns = [head, "until", "last-used", "action"].map(|head| Column::new(guest.word(head))).into();
    let (id, caption, empty) = (id.to_owned(), guest.word(caption).into(), Empty::default());
    Ok(parts::table(&Table { id, caption, columns, rows, scrolls: false, empty }))
}

fn form(guest: &Guest, faults: &Faults) -> Markup {
    let fault = faults.iter().find(|(field, _)| *field == "no_secrets").map(|(_, sentence)| sentence);
    html! {
        form.form method="post" action="/my/calendars" data-once {
            (parts::hidden(&guest.hidden()))
            input type="hidden" name="do" value="program";
            (Entry::text(guest, "name", guest.word("dav-device"), "off").helped(guest.word("dav-device-help")).show(faults))
            div class={ "field" @if fault.is_some() { " wrong" } } {
                @if let Some(fault) = fault { p.error #no_secrets-error { (fault) } }
                div.choices {
                    label.choice { input #no_secrets type="checkbox" name="no_secrets" value="yes" required aria-describedby=[fault.map(|_| "no_secrets-error")]; span { (guest.word("dav-no-secrets")) } }
                }
            }
            div.row { button.main type="submit" { (guest.word("dav-make-password")) } }
        }
    }
}

/// A password, or what was not filled in.
pub type Made = Result<String, Vec<(&'static str, String)>>;

/// Makes a password for a device and gives it, to be shown once.
///
/// # Errors
/// What was not filled in; or the store cannot be written.
pub fn make(guest: &Guest, session: &Session) -> Result<Made, Trouble> {
    let name: String = guest.visit.typed("name").chars().filter(|c| !c.is_control()).take(60).collect();
    let mut faults = Vec::new();
    if name.is_empty() {
        faults.push(("name", guest.word("dav-device-unnamed").to_owned()));
    }
    if guest.visit.typed("no_secrets") != "yes" {
        faults.push(("no_secrets", guest.word("dav-declare").to_owned()));
    }
    let registry = &guest.house.registry;
    if TOKENS.of::<Token>(registry, session.person)?.len() >= TOKENS_MAX {
        faults.push(("name", guest.say("tokens-many", &json!({ "max": TOKENS_MAX }))));
    }
    if !faults.is_empty() {
        return Ok(Err(faults));
    }
    let (since, person) = (registry.now(), session.person);
    let until = since.plus_millis(DAYS * DAY_MILLIS);
    let scopes = Scopes { acts: true, calendar: true, ..Scopes::default() };
    let token = Token { person, name, scopes, since, until };
    let secret = session::make_token(registry, &token)?;
    session::note_for(guest.house, guest.visit, What::TokenMade, person, &token.name)?;
    Ok(Ok(secret))
}
