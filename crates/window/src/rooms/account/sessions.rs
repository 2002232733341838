//! Where I am signed in.

use maud::{Markup, html};

use super::crumbs;
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Row, Table},
    rooms::entry::press,
    session::{self, SESSIONS, Session, Shown, What},
    visit::Reply,
    ways::Answer,
};

/// All sessions, this one first, then the newest.
///
/// # Errors
/// When the store cannot be read.
pub fn page(guest: &Guest, session: &Session) -> Answer {
    let mut sessions: Vec<(String, Session)> = SESSIONS.of(&guest.house.registry, session.person)?;
    // A role of the demonstration is shared by strangers: nobody sees the others.
    sessions.retain(|(key, _)| session.shown != Shown::Role || *key == session.key);
    sessions.sort_by_key(|(key, one)| (*key != session.key, std::cmp::Reverse(one.since)));
    let rows: Result<Vec<Row>, Trouble> =
        sessions.iter().map(|(key, one)| row(guest, session, key, one)).collect();
    let columns = ["device", "address", "since", "last-seen", "action"];
    let table = Table {
        id: "sessions".into(),
        caption: guest.word("sessions").into(),
        columns: columns.map(|key| Column::new(column(guest, key))).into(),
        rows: rows?,
        ..Table::default()
    };
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("sessions").into(), lead: guest.word("sessions-lead").into(), ..Default::default() }))
        (parts::table(&table))
        @if sessions.len() > 1 { (press(guest, "/my/sessions/end".into(), guest.word("end-others"), "stop")) }
    };
    Ok(guest.page(guest.word("sessions"), crumbs(guest), main))
}

fn column<'a>(guest: &'a Guest, key: &str) -> &'a str {
    match key {
        "device" => guest.word("device"),
        "address" => guest.word("address"),
        "since" => guest.word("signed-in-since"),
        "last-seen" => guest.word("last-seen"),
        _ => guest.word("action"),
    }
}

fn row(guest: &Guest, session: &Session, key: &str, one: &Session) -> Result<Row, Trouble> {
    let seen = SESSIONS.used(&guest.house.registry, key)?.unwrap_or(one.since);
    let is_this = key == session.key;
    let device = if one.device.is_empty() { guest.word("device-unknown") } else { &one.device };
    let end: Markup = if is_this {
        html! { (parts::badge(parts::Tone::Good, guest.word("this-session"))) }
    } else {
        press(guest, format!("/my/sessions/{key}/end"), guest.word("end-session"), "")
    };
    Ok(Row::new(vec![
        html! { (device) },
        html! { code { (one.address) } },
        html! { (guest.moment(one.since)) },
        html! { @if is_this { (guest.word("now")) } @else { (guest.moment(seen)) } },
        end,
    ]))
}

/// Ends one of one's sessions.
///
/// # Errors
/// When it is none of one's own, or the store cannot be written.
pub fn end_one(guest: &Guest, session: &Session, key: &str) -> Answer {
    if !SESSIONS.end(&guest.house.registry, session.person, key)? {
        return Err(Trouble::NotFound);
    }
    session::note_for(guest.house, guest.visit, What::SessionEnded, session.person, "")?;
    Ok(Reply::go("/my/sessions"))
}

/// Ends all sessions but this one.
///
/// # Errors
/// When the store cannot be written.
pub fn end_others(guest: &Guest, session: &Session) -> Answer {
    SESSIONS.end_all(&guest.house.registry, session.person, Some(&session.key))?;
    session::note_for(guest.house, guest.visit, What::SessionEnded, session.person, "")?;
    Ok(Reply::go("/my/sessions"))
}
