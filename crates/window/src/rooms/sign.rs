//! Signing in and signing up.

use grammar::form::Flat;
use maud::{Markup, html};
use registry::{Ask, Asker};
use serde_json::json;

use crate::{
    denied::{Trouble, fault_sentence},
    guest::Guest,
    parts::{self, Link, Notice, Tone},
    session::{self, Login, PasswordFault},
    visit::Reply,
    ways::Answer,
};

fn hidden(guest: &Guest) -> Markup {
    html! { @for (name, value) in guest.hidden() { input type="hidden" name=(name) value=(value); } }
}

/// The page on which one signs in. `fault` is a word of the pages; empty when nothing went wrong.
///
/// # Errors
/// None of its own.
pub fn sign_in(guest: &Guest, fault: &'static str) -> Answer {
    let back = guest.visit.asked("back").unwrap_or(guest.visit.typed("back"));
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("sign-in").into(), lead: guest.word("sign-in-lead").into(), ..Default::default() }))
        @if !fault.is_empty() {
            div role="alert" { (parts::notice(&Notice { tone: Tone::Bad, title: guest.word(fault).into(), body: html! {}, links: vec![] })) }
        }
        form.form.narrow method="post" action="/sign-in" {
            (hidden(guest))
            input type="hidden" name="back" value=(back);
            div.field { label for="login" { (guest.word("login")) } input #login name="login" autocomplete="username" maxlength="120" value=(guest.visit.typed("login")); }
            div.field { label for="password" { (guest.word("password")) } input #password type="password" name="password" autocomplete="current-password" maxlength="200"; }
            div.row { button.main type="submit" { (guest.word("sign-in")) } a href="/sign-up" { (guest.word("sign-up")) } }
        }
        @if guest.house.registry.settings().is_demo { p { a.button href="/demo" { (guest.word("demo-become")) } } }
    };
    let status = if fault.is_empty() { 200 } else { 422 };
    Ok(guest.page_with(status, guest.word("sign-in"), vec![], main))
}

/// Signs in, or says why not.
///
/// # Errors
/// When the store cannot be used.
pub fn sign_in_now(guest: &Guest) -> Answer {
    let (name, password) =
        (guest.visit.typed("login"), guest.visit.form.get("password").map_or("", String::as_str));
    match session::sign_in(&guest.house.registry, guest.visit, name, password)? {
        Login::Welcome(cookie) => welcome(guest, &cookie, guest.visit.typed("back")),
        Login::Wrong => sign_in(guest, "wrong-password"),
        Login::Wait => sign_in(guest, "wait-password"),
    }
}

/// Sends someone on with a new session.
///
/// # Errors
/// None of its own.
pub fn welcome(guest: &Guest, cookie: &str, back: &str) -> Answer {
    let to = if back.is_empty() { "/inbox" } else { back };
    Ok(Reply::go(crate::ways::back(to))
        .with("set-cookie", session::cookie(cookie, crate::ways::is_secure(guest))))
}

/// The page on which one signs up.
///
/// # Errors
/// None of its own.
pub fn sign_up(guest: &Guest, faults: &[(String, String)]) -> Answer {
    let error =
        |field: &str| faults.iter().find(|(name, _)| name == field).map(|(_, sentence)| sentence.clone());
    let input = |name: &'static str, label: &'static str, kind: &str, complete: &str| {
        let (id, fault) = (format!("up-{name}"), error(name));
        let value = if kind == "password" { "" } else { guest.visit.typed(name) };
        html! {
            div class={ "field" @if fault.is_some() { " wrong" } } {
                label for=(id) { (guest.word(label)) }
                @if let Some(fault) = &fault { p.error #{ (id) "-error" } { (fault) } }
                input #(id) name=(name) type=(kind) autocomplete=(complete) maxlength="120" value=(value)
                    aria-invalid=[fault.as_ref().map(|_| "true")] aria-describedby=[fault.as_ref().map(|_| format!("{id}-error"))];
            }
        }
    };
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("sign-up").into(), lead: guest.word("sign-up-lead").into(), ..Default::default() }))
        form.form.narrow method="post" action="/sign-up" {
            (hidden(guest))
            (input("display", "display-name", "text", "nickname"))
            (input("login", "login", "text", "username"))
            (input("password", "password-new", "password", "new-password"))
            div.row { button.main type="submit" { (guest.word("sign-up")) } a href="/sign-in" { (guest.word("sign-in")) } }
        }
    };
    Ok(guest.page_with(
        if faults.is_empty() { 200 } else { 422 },
        guest.word("sign-up"),
        vec![Link::new("/sign-in", guest.word("sign-in"))],
        main,
    ))
}

/// Makes a person and a password, and signs them in.
///
/// # Errors
/// When the store cannot be used.
pub fn sign_up_now(guest: &Guest) -> Answer {
    let registry = &guest.house.registry;
    let clerk = guest.desk("person").ok_or(Trouble::NotFound)?;
    let verb = clerk.verb("sign-up").ok_or(Trouble::NotFound)?;
    let display = guest.visit.typed("display");
    let mut flat = Flat::new();
    for field in verb.form.fields.iter().filter(|field| field.needed || field.name == "display") {
        flat.insert(field.name.clone(), display.to_owned());
    }
    let command = match verb.read_flat(&flat) {
        Ok(command) => command,
        Err(faults) => {
            let faults: Vec<_> =
                faults.iter().map(|fault| ("display".to_owned(), fault_sentence(guest, fault))).collect();
            return sign_up(guest, &faults);
        }
    };
    let (login, password) =
        (guest.visit.typed("login"), guest.visit.form.get("password").map_or("", String::as_str));
    // The name and the password are looked at before a record is made that could not be taken back.
    if let Some(no) = session::password_fault(registry, login, password)? {
        return sign_up(guest, &worded(guest, no));
    }
    let key = format!("sign-up/{}", guest.visit.typed("key"));
    let receipt = registry.run(Ask::new(key, Asker::Public, "person", None, command))?;
    if let Err(no) = session::set_password(registry, login, password, receipt.record)? {
        return sign_up(guest, &worded(guest, no));
    }
    let cookie = session::begin(registry, receipt.record)?;
    tracing::info!(facts = %json!({ "person": receipt.record }), "someone signed up");
    welcome(guest, &cookie, "/account")
}

fn worded(guest: &Guest, no: PasswordFault) -> Vec<(String, String)> {
    let (field, key) = match no {
        PasswordFault::TooShort => ("password", "password-short"),
        PasswordFault::TooLong => ("password", "password-long"),
        PasswordFault::NameTaken => ("login", "login-taken"),
        PasswordFault::NoName => ("login", "login-none"),
    };
    vec![(field.to_owned(), guest.word(key).to_owned())]
}
