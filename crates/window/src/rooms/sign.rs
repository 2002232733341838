//! Signing in, signing up and signing out.

use grammar::{
    form::{Fault, Flat},
    kinds::{Id, regions},
};
use maud::{Markup, html};
use registry::{Ask, Asker};

use super::entry::{self, Entry, Faults, Sheet};
use crate::{
    denied::{Trouble, fault_sentence},
    guest::Guest,
    parts::{self, Link, Notice, Tone},
    session::{self, Login, PasswordFault, Shown, Standing, What},
    visit::{Reply, escape},
    ways::Answer,
};

/// The page on which one signs in. `fault` is a sentence; empty when nothing went wrong.
///
/// # Errors
/// None of its own.
pub fn sign_in(guest: &Guest, fault: &str) -> Answer {
    let back = guest.visit.asked("back").unwrap_or(guest.visit.typed("back"));
    let up = if back.is_empty() { "/sign-up".into() } else { format!("/sign-up?back={}", escape(back)) };
    let form = Sheet {
        action: "/sign-in",
        body: html! {
            input type="hidden" name="back" value=(back);
            (Entry::text(guest, "login", guest.word("login"), "username").show(&[]))
            (Entry::password("password", guest.word("password"), "current-password").show(&[]))
        },
        button: guest.word("sign-in"),
        more: vec![Link::new(up, guest.word("sign-up"))],
    };
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("sign-in").into(), lead: guest.word("sign-in-lead").into(), ..Default::default() }))
        @if !fault.is_empty() {
            div role="alert" { (parts::notice(&Notice { tone: Tone::Bad, title: fault.into(), body: html! {}, links: vec![] })) }
        }
        (super::identity::waiting(guest)?)
        (form.show(guest))
        (super::passkey::button(guest)?)
        (super::identity::links(guest, back))
        p.note { (guest.word("forgot-password")) }
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
    let (name, password) = (guest.visit.typed("login"), guest.visit.secret("password"));
    match session::sign_in(guest.house, guest.visit, name, password)? {
        Login::Welcome(person) => enter(guest, person, Shown::Password, guest.visit.typed("back")),
        Login::Wrong => sign_in(guest, guest.word("wrong-password")),
        Login::Wait(seconds) => {
            let sentence =
                guest.say("wait-password", &serde_json::json!({ "minutes": seconds.div_ceil(60) }));
            let reply = sign_in(guest, &sentence)?;
            Ok(Reply { status: 429, ..reply }.with("retry-after", seconds.to_string()))
        }
    }
}

/// Goes on after the first thing someone has shown: to the second step when there is one, else in.
///
/// # Errors
/// When the store cannot be used.
pub fn enter(guest: &Guest, person: Id, shown: Shown, back: &str) -> Answer {
    let has_second = session::has_second(&guest.house.registry, person)?;
    if has_second && matches!(shown, Shown::Password | Shown::Identity) {
        let half = session::Half { person, back: back.to_owned() };
        let cookie = session::begin_half(guest.house, &half)?;
        return Ok(Reply::go("/sign-in/second").with("set-cookie", cookie));
    }
    let_in(guest, person, shown, back)
}

/// Lets someone in who has shown who they are: the one place where sessions begin.
///
/// # Errors
/// When the store cannot be used.
pub fn let_in(guest: &Guest, person: Id, shown: Shown, back: &str) -> Answer {
    let (house, visit) = (guest.house, guest.visit);
    if session::halted(&house.registry, person)?.is_some() {
        session::note_for(house, visit, What::LockedOut, person, "")?;
        return sign_in(guest, guest.word("halted"));
    }
    let cookie = session::begin(house, visit, person, shown)?;
    session::note_for(house, visit, What::SignedIn, person, way_in(shown))?;
    // Whoever needs a second factor and has none is shown where to set it up.
    let standing = session::standing(house, &house.registry.look(Some(person))?.viewer, shown)?;
    let to = match (standing, back) {
        (Standing::Fine, "") => "/inbox",
        (Standing::Fine, back) => back,
        _ => "/my/second",
    };
    let reply = Reply::go(crate::ways::back(to)).with("set-cookie", session::session_cookie(house, &cookie));
    Ok(match session::remember_device(house, visit, person)? {
        Some(device) if shown != Shown::Role => reply.with("set-cookie", device),
        _ => reply,
    })
}

const fn way_in(shown: Shown) -> &'static str {
    match shown {
        Shown::Password => "password",
        Shown::Second => "second",
        Shown::Passkey => "passkey",
        Shown::Identity => "identity",
        Shown::Role => "role",
        Shown::Token => "token",
    }
}

/// Ends the session.
///
/// # Errors
/// When the store cannot be written.
pub fn sign_out(guest: &Guest) -> Answer {
    if let Some(session) = &guest.session {
        session::note_for(guest.house, guest.visit, What::SignedOut, session.person, "")?;
    }
    session::end(guest.house, guest.visit)?;
    Ok(Reply::go("/").with("set-cookie", session::session_cookie(guest.house, "")))
}

/// The page on which one signs up.
///
/// # Errors
/// None of its own.
pub fn sign_up(guest: &Guest, faults: &Faults) -> Answer {
    let back = guest.visit.asked("back").unwrap_or(guest.visit.typed("back"));
    let form = Sheet {
        action: "/sign-up",
        body: html! {
            input type="hidden" name="back" value=(back);
            (Entry { max: 60, ..Entry::text(guest, "name", guest.word("my-name"), "name") }.helped(guest.word("my-name-help")).show(faults))
            (region(guest, faults))
            (Entry::text(guest, "login", guest.word("login"), "username").show(faults))
            (Entry::password("password", guest.word("password-new"), "new-password").helped(guest.word("password-help")).show(faults))
        },
        button: guest.word("sign-up"),
        more: vec![Link::new("/sign-in", guest.word("sign-in"))],
    };
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("sign-up").into(), lead: guest.word("sign-up-lead").into(), ..Default::default() }))
        (entry::summary(guest, faults))
        (form.show(guest))
    };
    Ok(guest.page_with(
        if faults.is_empty() { 200 } else { 422 },
        guest.word("sign-up"),
        vec![Link::new("/sign-in", guest.word("sign-in"))],
        main,
    ))
}

/// The province one works in; finer places are given on the record.
fn region(guest: &Guest, faults: &Faults) -> Markup {
    let fault = faults.iter().find(|(field, _)| *field == "region").map(|(_, sentence)| sentence);
    let provinces = regions().iter().map(|row| row.region).filter(|code| code.province() == *code);
    let chosen = guest.visit.typed("region");
    html! {
        div class={ "field" @if fault.is_some() { " wrong" } } {
            label for="region" { (guest.word("region")) }
            @if let Some(fault) = fault { p.error #region-error { (fault) } }
            select.middle #region name="region" aria-invalid=[fault.map(|_| "true")] aria-describedby=[fault.map(|_| "region-error")] {
                option value="" { (guest.word("choose")) }
                @for code in provinces { option value=(code) selected[code.to_string() == chosen] { (guest.pick(code.zh(), code.en())) } }
            }
        }
    }
}

/// Makes a person and a password, and signs them in.
///
/// # Errors
/// When the store cannot be used.
pub fn sign_up_now(guest: &Guest) -> Answer {
    let registry = &guest.house.registry;
    let clerk = guest.desk("person").ok_or(Trouble::NotFound)?;
    let verb = clerk.verb("sign-up").ok_or(Trouble::NotFound)?;
    let called = guest.visit.typed("name");
    // Nothing of the person is public until they choose so on their record.
    let said = [("name", called), ("region", guest.visit.typed("region")), ("public", "no")];
    let flat: Flat = said.iter().map(|(name, text)| ((*name).to_owned(), (*text).to_owned())).collect();
    let command = match verb.read_flat(&flat) {
        Ok(command) => command,
        Err(faults) => {
            let field = |fault: &Fault| if fault.field == "region" { "region" } else { "name" };
            let faults: Vec<_> =
                faults.iter().map(|fault| (field(fault), fault_sentence(guest, fault))).collect();
            return sign_up(guest, &faults);
        }
    };
    let (login, password) = (guest.visit.typed("login"), guest.visit.secret("password"));
    // The name and the password are looked at before a record is made that could not be taken back.
    if let Some(no) = session::password_fault(registry, (login, password), None, &[called])? {
        return sign_up(guest, &[worded(guest, no)]);
    }
    let key = format!("sign-up/{}", guest.visit.typed("key"));
    let receipt = registry.run(Ask::new(key, Asker::Public, "person", None, command))?;
    if let Err(no) = session::set_password(registry, login, password, receipt.record)? {
        return sign_up(guest, &[worded(guest, no)]);
    }
    session::note_for(guest.house, guest.visit, What::SignedUp, receipt.record, "")?;
    let back = guest.visit.typed("back");
    enter(guest, receipt.record, Shown::Password, if back.is_empty() { "/account" } else { back })
}

/// Why a name or a password is not taken, beside its field.
#[must_use]
pub fn worded(guest: &Guest, no: PasswordFault) -> (&'static str, String) {
    let (field, word) = match no {
        PasswordFault::TooShort => ("password", guest.word("password-short")),
        PasswordFault::TooLong => ("password", guest.word("password-long")),
        PasswordFault::TooCommon => ("password", guest.word("password-common")),
        PasswordFault::HoldsName => ("password", guest.word("password-name")),
        PasswordFault::TheSame => ("password", guest.word("password-same")),
        PasswordFault::NameTaken => ("login", guest.word("login-taken")),
        PasswordFault::NoName => ("login", guest.word("login-none")),
        PasswordFault::NotTheOld => ("old", guest.word("password-not-old")),
        PasswordFault::Wait => ("old", guest.word("wait-short")),
    };
    (field, word.to_owned())
}
