//! Signing in by another house, and the identities linked to one's account.

use maud::{Markup, html};

use super::{entry::press, sign};
use crate::{
    denied::Trouble,
    guest::Guest,
    limits::{Rate, of_address},
    parts::{self, Column, Link, Notice, Row, Table, Tone},
    session::{self, IDENTITIES, Linked, NoIdentity, Session, Shown, What},
    visit::{Reply, escape},
    ways::Answer,
};

fn label<'a>(guest: &'a Guest, name: &'a str) -> &'a str {
    let found = session::provider(guest.house, name);
    found.map_or(name, |provider| guest.pick(&provider.label[0], &provider.label[1]))
}

/// The links to other houses, on the page of signing in.
#[must_use]
pub fn links(guest: &Guest, back: &str) -> Markup {
    let providers = &guest.house.options.sign_in.providers;
    html! {
        @if !providers.is_empty() {
            ul.bare.row {
                @for provider in providers {
                    li { a.button href={ "/sign-in/with/" (provider.name) "?back=" (escape(back)) } rel="nofollow" { (guest.say("by-provider", &serde_json::json!({ "provider": label(guest, &provider.name) }))) } }
                }
            }
        }
    }
}

fn turn(guest: &Guest) -> Result<(), Trouble> {
    let now = guest.house.registry.now();
    guest.house.limits.take(Rate::Link, &of_address(&guest.visit.from), now).map_err(Trouble::TooOften)
}

/// Sends someone to another house.
///
/// # Errors
/// Too many from this address; breakages.
pub fn leave(guest: &Guest, name: &str) -> Answer {
    turn(guest)?;
    let to = crate::ways::back(guest.visit.asked("back").unwrap_or("/inbox"));
    match session::leave(guest.house, name, &to)? {
        Ok((address, cookie)) => Ok(Reply::go(address).with("set-cookie", cookie)),
        Err(NoIdentity::Unknown) => Err(Trouble::NotFound),
        Err(no) => nobody(guest, name, no),
    }
}

/// Takes up whoever comes back: in, when the identity is linked; else to where it can be.
///
/// # Errors
/// Too many from this address; breakages.
pub fn arrive(guest: &Guest, name: &str) -> Answer {
    turn(guest)?;
    let (house, visit) = (guest.house, guest.visit);
    let (identity, to) = match session::arrive(house, visit, name)? {
        Ok(found) => found,
        Err(NoIdentity::Unknown) => return Err(Trouble::NotFound),
        Err(no) => return nobody(guest, name, no),
    };
    let over = session::journey_over(house);
    let reply = match (session::linked(house, &identity)?, &guest.session) {
        // Someone signed in looks after their own account; nobody changes accounts unasked.
        (Some(_), Some(_)) => Reply::go("/my/identities"),
        (Some(person), None) => sign::enter(guest, person, Shown::Identity, &to)?,
        (None, session) => {
            let next = if session.is_some() { "/my/identities" } else { "/sign-in?back=%2Fmy%2Fidentities" };
            Reply::go(next).with("set-cookie", session::wait(house, &identity)?)
        }
    };
    Ok(reply.with("set-cookie", over))
}

fn nobody(guest: &Guest, name: &str, no: NoIdentity) -> Answer {
    session::note(guest.house, guest.visit, What::WrongIdentity, None, name)?;
    let word = match no {
        NoIdentity::Refused => guest.word("identity-refused"),
        NoIdentity::Stray | NoIdentity::Unknown => guest.word("identity-stray"),
        NoIdentity::Unreachable => guest.word("identity-unreachable"),
        NoIdentity::Forged => guest.word("identity-forged"),
    };
    Ok(sign::sign_in(guest, word)?.with("set-cookie", session::journey_over(guest.house)))
}

/// What waits to be linked, told on the page of signing in.
///
/// # Errors
/// When the store cannot be read.
pub fn waiting(guest: &Guest) -> Result<Markup, Trouble> {
    let Some(identity) = session::waiting(guest.house, guest.visit)? else { return Ok(html! {}) };
    let facts =
        serde_json::json!({ "provider": label(guest, &identity.provider), "called": identity.called });
    let title = guest.say("identity-waits", &facts);
    let body = html! { p { (guest.word("identity-waits-text")) } };
    Ok(parts::notice(&Notice { tone: Tone::Info, title, body, links: vec![] }))
}

/// The identities linked to one's account, and the one that waits.
///
/// # Errors
/// When the store cannot be read.
pub fn page(guest: &Guest, session: &Session) -> Answer {
    let linked: Vec<(String, Linked)> = IDENTITIES.of(&guest.house.registry, session.person)?;
    let row = |(key, one): &(String, Linked)| {
        Row::new(vec![
            html! { (label(guest, &one.identity.provider)) },
            html! { (one.identity.called) " " code { (one.identity.subject) } },
            html! { (guest.moment(one.since)) },
            press(guest, format!("/my/identities/{key}/end"), guest.word("identity-end"), ""),
        ])
    };
    let heads =
        [guest.word("provider"), guest.word("identity"), guest.word("second-since"), guest.word("action")];
    let table = Table {
        id: "identities".into(),
        caption: guest.word("identities").into(),
        columns: heads.map(Column::new).into(),
        rows: linked.iter().map(row).collect(),
        empty: parts::Empty { title: guest.word("identities-none").into(), ..Default::default() },
        ..Table::default()
    };
    let waits = session::waiting(guest.house, guest.visit)?;
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("identities").into(), lead: guest.word("identities-lead").into(), ..Default::default() }))
        @if let Some(identity) = &waits {
            @let facts = serde_json::json!({ "provider": label(guest, &identity.provider), "called": identity.called });
            (parts::notice(&Notice { tone: Tone::Info, title: guest.say("identity-link-ask", &facts), body: html! { (press(guest, "/my/identities".into(), guest.word("identity-link"), "main")) }, links: vec![] }))
        }
        (parts::table(&table))
        (links(guest, "/my/identities"))
    };
    Ok(guest.page(guest.word("identities"), vec![Link::new("/account", guest.word("account"))], main))
}

/// Links the identity that waits: the one press by which an identity ever reaches an account.
///
/// # Errors
/// Nothing waits, or it is linked already; breakages.
pub fn link(guest: &Guest, session: &Session) -> Answer {
    let linked = session::link(guest.house, guest.visit, session.person)?.ok_or(Trouble::NotFound)?;
    session::note_for(guest.house, guest.visit, What::IdentityLinked, session.person, &linked.provider)?;
    Ok(Reply::go("/my/identities"))
}

/// Takes one away.
///
/// # Errors
/// When it is none of one's own, or the store cannot be written.
pub fn end(guest: &Guest, session: &Session, key: &str) -> Answer {
    if !IDENTITIES.end(&guest.house.registry, session.person, key)? {
        return Err(Trouble::NotFound);
    }
    session::note_for(guest.house, guest.visit, What::IdentityEnded, session.person, "")?;
    Ok(Reply::go("/my/identities"))
}
