//! A check code: how a case stands, for whoever holds the code, without an account.
//!
//! It tells desk, status, the day of the last step and whether a term runs. What the case is about it does not tell:
//! for that one must be allowed to see the record.

use chain::code::{Code, CodeError};
use grammar::{case::Refused, form::Fault};
use maud::{Markup, html};
use registry::Coded;
use serde_json::json;

use super::{Typed, code_card, refused, room};
use crate::{
    denied::Trouble,
    guest::Guest,
    limits::of_address,
    parts::{self, Fact, Link, Section},
    visit::Reply,
    ways::Answer,
};

/// What came of looking a code up.
enum Looked {
    Found(Code, Box<Coded>),
    Mistyped(CodeError),
    Unknown,
    /// Too many wrong ones; again in a while.
    Wait,
}

fn look_up(guest: &Guest, text: &str) -> Result<Looked, Trouble> {
    let code: Code = match text.parse() {
        Ok(code) => code,
        Err(error) => return Ok(Looked::Mistyped(error)),
    };
    let (tries, now) = (&guest.house.tries, guest.house.registry.now());
    let who = match &guest.session {
        Some(session) => session.person.to_string(),
        None => of_address(&guest.visit.from),
    };
    if !tries.may(&who, now) {
        return Ok(Looked::Wait);
    }
    match guest.house.registry.coded(&code)? {
        Some(coded) => Ok(Looked::Found(code, Box::new(coded))),
        None => {
            tries.wrong(&who, now);
            Ok(Looked::Unknown)
        }
    }
}

/// The page that answers a code.
pub fn answer(guest: &Guest, text: &str) -> Answer {
    let typed = Typed { code: text, fault: None };
    match look_up(guest, text)? {
        Looked::Found(code, coded) => {
            let title = guest.word("code-title");
            Ok(guest.page(
                title,
                vec![Link::new("/proof", guest.word("proof"))],
                standing(guest, &code, &coded),
            ))
        }
        Looked::Mistyped(error) => {
            let fault = guest.word(match error {
                CodeError::NotACode => "not-a-code",
                CodeError::Mistyped => "mistyped-code",
            });
            room(guest, 422, html! {}, &Typed { fault: Some(fault), ..typed })
        }
        Looked::Unknown => {
            let said = refused(guest.word("unknown-code"), guest.word("unknown-code-text"), "");
            room(guest, 404, said, &typed)
        }
        Looked::Wait => {
            let said = refused(guest.word("wait-code"), guest.word("wait-code-text"), "");
            room(guest, 429, said, &typed)
        }
    }
}

/// How the case stands.
fn standing(guest: &Guest, code: &Code, coded: &Coded) -> Markup {
    let is_seen = guest.look.title(coded.record).is_some();
    let mut facts = vec![
        Fact {
            label: guest.word("status").into(),
            value: guest.status_badge(&coded.desk, &coded.status),
            note: String::new(),
        },
        Fact::new(guest.word("code-last"), &guest.day(coded.last)),
        Fact::new(
            guest.word("code-term"),
            guest.word(if coded.has_term { "code-term-runs" } else { "code-term-none" }),
        ),
        Fact::new(guest.word("code-written"), &guest.moment(coded.at)),
        Fact::new(guest.word("code-place"), &coded.position.to_string()),
    ];
    if is_seen {
        facts.insert(
            0,
            Fact {
                label: guest.word("code-record").into(),
                value: guest.link(coded.record),
                note: String::new(),
            },
        );
    }
    let has_bytes = guest.look.open_fact(coded.position).ok().flatten().is_some();
    let mark = |key: &'static str| guest.word(key).to_owned();
    html! {
        (parts::heading(&parts::Heading {
            over: vec![html! { (guest.word("code-title")) }],
            title: guest.desk_word(&coded.desk, "desk", "one"),
            lead: guest.word("code-lead").into(),
            badges: if coded.is_demo { vec![guest.demo_badge()] } else { vec![] },
            ..Default::default()
        }))
        (parts::section(&Section { id: "standing".into(), title: guest.word("code-stands").into(), beside: html! {}, body: parts::facts(&facts) }))
        (parts::proof(&parts::Proof {
            title: guest.word("code-shows").into(),
            proves_label: guest.word("proves").into(),
            proves: vec![mark("code-shows-written"), mark("code-shows-status")],
            not_label: guest.word("proves-not").into(),
            not: vec![mark("code-not-content"), mark("code-not-offline")],
            qr: code_card(guest, code),
            ..Default::default()
        }))
        p.row {
            @if has_bytes { a.button href={ "/proof/" (coded.position) } { (guest.word("see-proof")) } }
            a.button href="/proof" { (guest.word("check-another")) }
        }
    }
}

/// The same as JSON.
///
/// # Errors
/// The code is none, is not known, or too many wrong ones were tried.
pub fn status(guest: &Guest, text: &str) -> Answer {
    match look_up(guest, text)? {
        Looked::Found(code, coded) => Ok(Reply::json(
            200,
            &json!({
                "code": code.to_string(),
                "desk": coded.desk,
                "status": coded.status,
                "last": coded.last,
                "has_term": coded.has_term,
                "position": coded.position,
                "at": coded.at,
                "is_demo": coded.is_demo,
            }),
        )),
        Looked::Mistyped(error) => {
            let fault = Fault::new(
                "code",
                match error {
                    CodeError::NotACode => "not-a-code",
                    CodeError::Mistyped => "mistyped-code",
                },
            );
            Err(Trouble::Denied(Refused::Unreadable(vec![fault]).into()))
        }
        Looked::Unknown => Err(Trouble::NotFound),
        Looked::Wait => Err(Trouble::Wait),
    }
}
