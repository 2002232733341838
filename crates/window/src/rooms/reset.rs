//! The page behind a one-time link: looking at it changes nothing, the button uses it up.

use maud::html;

use super::{
    entry::{self, Entry, Faults, Sheet},
    sign::worded,
};
use crate::{
    denied::Trouble,
    guest::Guest,
    limits::{Rate, of_address},
    parts::{self, Link, Notice, Tone},
    session::{self, Reset, What},
    ways::Answer,
};

/// The form of a link that still counts; else what to do.
///
/// # Errors
/// Too many links were opened from this address; the store cannot be read.
pub fn reset(guest: &Guest, secret: &str) -> Answer {
    match found(guest, secret)? {
        Some((_, has_name)) => page(guest, has_name, &[]),
        None => over(guest),
    }
}

fn found(guest: &Guest, secret: &str) -> Result<Option<(Reset, bool)>, Trouble> {
    let now = guest.house.registry.now();
    let turn = guest.house.limits.take(Rate::Link, &of_address(&guest.visit.from), now);
    turn.map_err(Trouble::TooOften)?;
    Ok(session::reset_of(guest.house, secret)?)
}

fn over(guest: &Guest) -> Answer {
    let notice = Notice {
        tone: Tone::Warn,
        title: guest.word("reset-over").into(),
        body: html! { p { (guest.word("reset-over-text")) } },
        links: vec![Link::new("/sign-in", guest.word("sign-in"))],
    };
    let main = html! { h1 { (guest.word("reset")) } (parts::notice(&notice)) };
    Ok(guest.page_with(404, guest.word("reset"), vec![], main))
}

fn page(guest: &Guest, has_name: bool, faults: &Faults) -> Answer {
    let form = Sheet {
        action: &guest.visit.path,
        body: html! {
            @if !has_name { (Entry::text(guest, "login", guest.word("login"), "username").show(faults)) }
            (Entry::password("password", guest.word("password-new"), "new-password").helped(guest.word("password-help")).show(faults))
            (Entry::password("again", guest.word("password-again"), "new-password").show(faults))
        },
        button: guest.word("reset-use"),
        more: vec![],
    };
    let lead = guest.word(if has_name { "reset-lead" } else { "reset-first-lead" });
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("reset").into(), lead: lead.into(), ..Default::default() }))
        (entry::summary(guest, faults))
        (form.show(guest))
    };
    Ok(guest.page_with(if faults.is_empty() { 200 } else { 422 }, guest.word("reset"), vec![], main))
}

/// Uses the link up.
///
/// # Errors
/// Too many links were opened from this address; the store cannot be used.
pub fn reset_now(guest: &Guest, secret: &str) -> Answer {
    let Some((reset, has_name)) = found(guest, secret)? else { return over(guest) };
    let [password, again] = ["password", "again"].map(|name| guest.visit.secret(name));
    if password != again {
        return page(guest, has_name, &[("again", guest.word("password-differs").to_owned())]);
    }
    let typed = (guest.visit.typed("login"), password);
    if let Err(no) = session::use_reset(guest.house, secret, &reset, typed)? {
        return page(guest, has_name, &[worded(guest, no)]);
    }
    session::note_by(guest.house, guest.visit, What::ResetUsed, (reset.person, reset.by), "")?;
    let notice = Notice {
        tone: Tone::Good,
        title: guest.word("reset-done").into(),
        body: html! {},
        links: vec![Link::new("/sign-in", guest.word("sign-in"))],
    };
    let main = html! { h1 { (guest.word("reset")) } div role="status" { (parts::notice(&notice)) } };
    Ok(guest.page(guest.word("reset"), vec![], main))
}
