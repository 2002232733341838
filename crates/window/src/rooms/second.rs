//! The second step of signing in: the code, after the password.

use maud::html;

use super::{
    entry::{self, Entry, Faults, Sheet},
    sign::let_in,
};
use crate::{
    guest::Guest,
    parts::{self, Link},
    session::{self, Shown, Tried, What},
    visit::Reply,
    ways::Answer,
};

/// The form for the code.
///
/// # Errors
/// When the store cannot be read.
pub fn second(guest: &Guest, faults: &Faults) -> Answer {
    if session::half_of(guest.house, guest.visit)?.is_none() {
        return Ok(Reply::go("/sign-in"));
    }
    let form = Sheet {
        action: "/sign-in/second",
        body: html! { (Entry::code("code", guest.word("code")).helped(guest.word("code-help")).show(faults)) },
        button: guest.word("sign-in"),
        more: vec![Link::new("/sign-in", guest.word("cancel"))],
    };
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("second-step").into(), lead: guest.word("second-step-lead").into(), ..Default::default() }))
        (entry::summary(guest, faults))
        (form.show(guest))
    };
    Ok(guest.page_with(if faults.is_empty() { 200 } else { 422 }, guest.word("second-step"), vec![], main))
}

/// Takes the code, and lets the person in.
///
/// # Errors
/// When the store cannot be used.
pub fn second_now(guest: &Guest) -> Answer {
    let (house, visit) = (guest.house, guest.visit);
    let Some(half) = session::half_of(house, visit)? else { return Ok(Reply::go("/sign-in")) };
    match session::try_code(house, half.person, visit.typed("code"), true)? {
        Tried::Right | Tried::Recovered => {
            let gone = session::end_half(house, visit)?;
            Ok(let_in(guest, half.person, Shown::Second, &half.back)?.with("set-cookie", gone))
        }
        no => {
            session::note_second(house, visit, What::WrongCode, half.person)?;
            second(guest, &[("code", worded(guest, no))])
        }
    }
}

/// Why a code was not taken.
#[must_use]
pub fn worded(guest: &Guest, no: Tried) -> String {
    match no {
        Tried::Wait(seconds) => {
            guest.say("wait-password", &serde_json::json!({ "minutes": seconds.div_ceil(60) }))
        }
        _ => guest.word("code-wrong").to_owned(),
    }
}
