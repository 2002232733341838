//! Acting: for whom one may act, the choice, and the strip over every page while it lasts.
//!
//! The choice is a cookie, or for programs the header `x-acting-for`. Both are only wishes: what they give is
//! looked up in the charter with each visit, and is never more than both persons have.

use grammar::{case::Refused, kinds::Id};
use maud::{Markup, html};
use registry::Denied;
use serde_json::{Value, json};

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Empty, Press, Section},
    plain,
    visit::{Reply, Visit},
    ways::Answer,
};

const COOKIE: &str = "acting";
const HEADER: &str = "x-acting-for";

/// For whom a visit wishes to act.
#[must_use]
pub fn asked_to_act_for(visit: &Visit) -> Option<Id> {
    let header = visit.header(HEADER).trim();
    let cookie = visit.cookies.get(COOKIE).map_or("", String::as_str);
    let asked = if header.is_empty() { cookie } else { header };
    asked.parse().ok()
}

/// The name of a person as this guest, acting for nobody, may know it; the general word otherwise.
#[must_use]
pub fn person_name(guest: &Guest, person: Id) -> String {
    let Some(session) = &guest.session else { return guest.name(person) };
    let Ok(look) = guest.house.registry.look(Some(session.person)) else { return guest.name(person) };
    let record = look.record(person).ok().flatten();
    let public =
        record.as_ref().filter(|record| !record.state.get("display_name").is_none_or(Value::is_null));
    if let Some(record) = public {
        return guest.pick(&record.card.title_zh, &record.card.title_en).to_owned();
    }
    let name = record.as_ref().and_then(|record| record.state.get("name")?.as_str());
    let name = name.and_then(|commitment| plain::personal_text(guest, commitment, false));
    name.unwrap_or_else(|| guest.name(person))
}

/// Refuses what is done by oneself alone: to be the second pair of eyes.
///
/// # Errors
/// When the guest acts for another.
pub fn oneself(guest: &Guest) -> Result<(), Trouble> {
    match guest.acting_for {
        None => Ok(()),
        Some(_) => Err(Denied::Refused(Refused::NotAllowed(vec!["party:itself".into()])).into()),
    }
}

/// Says on every page for whom one acts, with the way back.
#[must_use]
pub fn acting_strip(guest: &Guest) -> Markup {
    let Some(other) = guest.acting_for else { return html! {} };
    let press = Press {
        action: "/my/acting".into(),
        hidden: guest.hidden(),
        label: guest.word("act-as-oneself").into(),
    };
    html! {
        div.notice.row role="status" {
            strong { (guest.say("acting-for-person", &json!({ "name": person_name(guest, other) }))) }
            span.soft { (guest.word("acting-both")) }
            (press.show("plain"))
        }
    }
}

/// The page on which one chooses for whom to act.
///
/// # Errors
/// When one has not signed in, or the store cannot be read.
pub fn acting(guest: &Guest) -> Answer {
    let session = guest.session.as_ref().ok_or(Trouble::SignIn)?;
    let (now, asked) = guest.house.registry.acts_for(session.person)?;
    let press = |other: Id| {
        let mut hidden = guest.hidden();
        hidden.push(("for".into(), other.to_string()));
        Press {
            action: "/my/acting".into(),
            hidden,
            label: guest.say("act-for", &json!({ "name": person_name(guest, other) })),
        }
    };
    let own = format!("/person/{}", session.person);
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("acting").into(), lead: guest.word("acting-lead").into(), ..Default::default() }))
        (section(guest, "now", "acting-now", html! {
            @if now.is_empty() { (parts::empty(&Empty { title: guest.word("acting-none").into(), text: String::new(), links: vec![] })) }
            @for other in &now { div.row { (press(*other).show("main")) } }
        }))
        @if !asked.is_empty() {
            (section(guest, "asked", "acting-asked", html! {
                ul { @for other in &asked { li {
                    a href={ "/person/" (other) "/accept-deputy?deputy=" (session.person) } { (guest.say("acting-accept", &json!({ "name": person_name(guest, *other) }))) }
                } } }
            }))
        }
        (section(guest, "mine", "acting-mine", html! {
            p { (guest.word("acting-mine-text")) }
            p.row { a.button href={ (own) "/name-deputy" } { (guest.desk_word("person", "verb", "name-deputy")) } a href=(own) { (guest.word("my-record")) } }
        }))
    };
    Ok(guest.page(guest.word("acting"), super::own::crumbs(guest), main))
}

fn section(guest: &Guest, id: &str, title: &'static str, body: Markup) -> Markup {
    parts::section(&Section { id: id.into(), title: guest.word(title).into(), beside: html! {}, body })
}

/// Chooses for whom to act, or to act as oneself again.
///
/// # Errors
/// When one has not signed in, or is nobody's deputy there.
pub fn act_for(guest: &Guest) -> Answer {
    let session = guest.session.as_ref().ok_or(Trouble::SignIn)?;
    let secure = if guest.house.is_secure() { "; Secure" } else { "" };
    let cookie = |value: &str, age: u32| {
        format!("{COOKIE}={value}; Path=/; HttpOnly; SameSite=Lax; Max-Age={age}{secure}")
    };
    let Ok(other) = guest.visit.typed("for").parse::<Id>() else {
        return Ok(Reply::go("/my/acting").with("set-cookie", cookie("", 0)));
    };
    let (now, _) = guest.house.registry.acts_for(session.person)?;
    if !now.contains(&other) {
        return Err(Denied::Refused(Refused::NotAllowed(vec!["party:deputy".into()])).into());
    }
    Ok(Reply::go("/inbox").with("set-cookie", cookie(other.as_str(), 43_200)))
}
