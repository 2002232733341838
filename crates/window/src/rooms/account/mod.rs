//! My account: who I am here, for whom I act, my offices; how I sign in, where I am signed in, and which
//! programs act for me.

mod password;
mod second;
mod sessions;
mod tokens;

use maud::{Markup, html};

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Fact, Link, Section},
    rooms::{identity, passkey},
    session::{self, Session},
    ways::Answer,
};

/// The pages of the account.
///
/// # Errors
/// When one has not signed in, or there is no such page.
pub fn account(guest: &Guest, rest: &[&str]) -> Answer {
    let session = guest.session.as_ref().ok_or(Trouble::SignIn)?;
    match rest {
        [] => front(guest, session),
        ["password"] => password::page(guest, &[], false),
        ["second"] => second::page(guest, session, &[], &[]),
        ["passkeys"] => passkey::page(guest, session, &[]),
        ["identities"] => identity::page(guest, session),
        ["sessions"] => sessions::page(guest, session),
        ["tokens"] => tokens::page(guest, session, &[], None),
        _ => Err(Trouble::NotFound),
    }
}

/// What is sent from them.
///
/// # Errors
/// When one has not signed in, there is no such page, or the store cannot be written.
pub fn account_post(guest: &Guest, rest: &[&str]) -> Answer {
    let session = guest.session.as_ref().ok_or(Trouble::SignIn)?;
    match rest {
        ["password"] => password::change(guest, session),
        ["second", what] => second::act(guest, session, what),
        ["passkeys"] => passkey::make(guest, session),
        ["passkeys", key, "end"] => passkey::end(guest, session, key),
        ["identities"] => identity::link(guest, session),
        ["identities", key, "end"] => identity::end(guest, session, key),
        ["sessions", "end"] => sessions::end_others(guest, session),
        ["sessions", key, "end"] => sessions::end_one(guest, session, key),
        ["token"] => tokens::make(guest, session),
        ["tokens", key, "end"] => tokens::end(guest, session, key),
        _ => Err(Trouble::NotFound),
    }
}

fn front(guest: &Guest, session: &Session) -> Answer {
    let viewer = &guest.look.viewer;
    let mut facts = vec![Fact {
        label: guest.word("my-record").into(),
        value: guest.link(session.person),
        note: String::new(),
    }];
    for organisation in &viewer.organisations {
        let note = if viewer.signs_for.contains(organisation) { guest.word("may-sign") } else { "" };
        facts.push(Fact {
            label: guest.word("acting-for").into(),
            value: guest.link(*organisation),
            note: note.into(),
        });
    }
    for (office, region) in &viewer.offices {
        facts.push(Fact::new(guest.find("office", office).unwrap_or(office), &guest.region(*region)));
    }
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.name(session.person), lead: guest.word("account-lead").into(), ..Default::default() }))
        (parts::facts(&facts))
        p.row { a.button href="/my/data" { (guest.word("own")) } a.button href="/my/acting" { (guest.word("acting")) } }
        (part(guest.word("signing-in"), ways_in(guest, session)?))
        @let offices: Vec<&str> = viewer.offices.iter().map(|(office, _)| office.as_str()).collect();
        @if offices.iter().any(|office| ["security-admin", "auditor"].contains(office)) { p { a href="/security" { (guest.word("security")) } } }
        @if offices.iter().any(|office| ["security-admin", "system-admin"].contains(office)) { p { a href="/security/people" { (guest.word("security-people")) } } }
    };
    Ok(guest.page(guest.word("account"), vec![], main))
}

/// How one signs in, each with the page on which it is changed.
fn ways_in(guest: &Guest, session: &Session) -> Result<Markup, Trouble> {
    let registry = &guest.house.registry;
    let name = session::name_of(registry, session.person)?;
    let (sessions, tokens) = (
        session::SESSIONS.of::<Session>(registry, session.person)?.len(),
        session::TOKENS.of::<session::Token>(registry, session.person)?.len(),
    );
    let held = session::has_second(registry, session.person)?;
    let passkeys = session::PASSKEYS.of::<session::Passkey>(registry, session.person)?.len();
    let count = |count: usize| guest.say("count-of", &serde_json::json!({ "count": count }));
    let to = |label: &str, href: &str, text: &str| Fact {
        label: label.to_owned(),
        value: Link::new(href, text).show(),
        note: String::new(),
    };
    let mut facts = vec![
        Fact::new(guest.word("login"), name.as_deref().unwrap_or(guest.word("no-login"))),
        to(guest.word("password"), "/my/password", guest.word("change-password")),
        to(guest.word("second"), "/my/second", guest.word(if held { "second-held" } else { "second-none" })),
        to(guest.word("passkeys"), "/my/passkeys", &count(passkeys)),
        to(guest.word("sessions"), "/my/sessions", &count(sessions)),
        to(guest.word("tokens"), "/my/tokens", &count(tokens)),
    ];
    if !guest.house.options.sign_in.providers.is_empty() {
        let linked = session::IDENTITIES.of::<session::Linked>(registry, session.person)?.len();
        facts.push(to(guest.word("identities"), "/my/identities", &count(linked)));
    }
    Ok(parts::facts(&facts))
}

/// A part of a page under its title.
fn part(title: &str, body: Markup) -> Markup {
    parts::section(&Section { id: String::new(), title: title.into(), beside: html! {}, body })
}

/// The way back to the account.
fn crumbs(guest: &Guest) -> Vec<Link> {
    vec![Link::new("/account", guest.word("account"))]
}
