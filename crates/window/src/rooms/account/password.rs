//! Changing one's password.

use maud::html;

use super::crumbs;
use crate::{
    guest::Guest,
    parts::{self, Link, Notice, Tone},
    rooms::{
        entry::{self, Entry, Faults, Sheet},
        sign::worded,
    },
    session::{self, Session},
    ways::Answer,
};

/// The form; afterwards, that it is done.
///
/// # Errors
/// None of its own.
pub fn page(guest: &Guest, faults: &Faults, is_done: bool) -> Answer {
    let form = Sheet {
        action: "/my/password",
        body: html! {
            (Entry::password("old", guest.word("password-old"), "current-password").show(faults))
            (Entry::password("password", guest.word("password-new"), "new-password").helped(guest.word("password-help")).show(faults))
            (Entry::password("again", guest.word("password-again"), "new-password").show(faults))
        },
        button: guest.word("change-password"),
        more: vec![Link::new("/account", guest.word("cancel"))],
    };
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("change-password").into(), lead: guest.word("change-password-lead").into(), ..Default::default() }))
        @if is_done {
            div role="status" { (parts::notice(&Notice { tone: Tone::Good, title: guest.word("password-changed").into(), body: html! {}, links: vec![Link::new("/account", guest.word("account"))] })) }
        } @else {
            (entry::summary(guest, faults))
            (form.show(guest))
        }
    };
    let status = if faults.is_empty() { 200 } else { 422 };
    Ok(guest.page_with(status, guest.word("change-password"), crumbs(guest), main))
}

/// Changes it.
///
/// # Errors
/// When the store cannot be used.
pub fn change(guest: &Guest, session: &Session) -> Answer {
    let [old, new, again] = ["old", "password", "again"].map(|name| guest.visit.secret(name));
    if new != again {
        return page(guest, &[("again", guest.word("password-differs").to_owned())], false);
    }
    match session::change_password(guest.house, guest.visit, session, (old, new))? {
        Ok(()) => page(guest, &[], true),
        Err(no) => page(guest, &[worded(guest, no)], false),
    }
}
