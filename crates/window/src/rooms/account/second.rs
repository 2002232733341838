//! My second factor: set up, its recovery codes, and taken away again.

use maud::{Markup, html};

use super::crumbs;
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Fact, Notice, Tone},
    rooms::{
        entry::{self, Entry, Faults, Sheet},
        second::worded,
    },
    session::{self, Second, Session, Standing, Tried, What},
    ways::Answer,
};

/// How it stands, and what can be done with it. `codes` are shown once.
///
/// # Errors
/// When the store cannot be read.
pub fn page(guest: &Guest, session: &Session, faults: &Faults, codes: &[String]) -> Answer {
    let second = session::second_of(&guest.house.registry, session.person)?;
    let standing = session::standing(guest.house, &guest.look.viewer, session.shown)?;
    let body = match second {
        Some(second) if second.confirmed.is_some() => in_use(guest, session, &second, faults)?,
        Some(second) => begun(guest, session, &second, faults)?,
        None => html! {
            (Sheet { action: "/my/second/begin", body: password(guest, session, faults)?, button: guest.word("second-begin"), more: vec![] }.show(guest))
        },
    };
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("second").into(), lead: guest.word("second-lead").into(), ..Default::default() }))
        (needed(guest, standing))
        @if !codes.is_empty() {
            div role="status" { (parts::notice(&Notice { tone: Tone::Good, title: guest.word("recovery-codes").into(), body: html! { p { (guest.word("recovery-once")) } ul.bare { @for code in codes { li { code { (code) } } } } }, links: vec![] })) }
        }
        (entry::summary(guest, faults))
        (body)
    };
    let status = if faults.is_empty() { 200 } else { 422 };
    Ok(guest.page_with(status, guest.word("second"), crumbs(guest), main))
}

fn needed(guest: &Guest, standing: Standing) -> Markup {
    let sentence = match standing {
        Standing::Fine => return html! {},
        Standing::Until(until) => guest.say("second-needed-until", &serde_json::json!({ "until": until })),
        Standing::Overdue => guest.word("second-needed").to_owned(),
    };
    parts::notice(&Notice { tone: Tone::Warn, title: sentence, body: html! {}, links: vec![] })
}

/// Whoever finds an open browser must not be able to lock its owner out.
fn password(guest: &Guest, session: &Session, faults: &Faults) -> Result<Markup, Trouble> {
    let has_name = session::name_of(&guest.house.registry, session.person)?.is_some();
    Ok(
        html! { @if has_name { (Entry::password("old", guest.word("password-old"), "current-password").show(faults)) } },
    )
}

fn begun(guest: &Guest, session: &Session, second: &Second, faults: &Faults) -> Result<Markup, Trouble> {
    let name = session::name_of(&guest.house.registry, session.person)?.unwrap_or_default();
    let address = session::second_address(guest.house, &name, second);
    let grouped: Vec<char> = second.secret.chars().collect();
    let grouped: Vec<String> = grouped.chunks(4).map(|four| four.iter().collect()).collect();
    let form = Sheet {
        action: "/my/second/confirm",
        body: html! { (Entry::code("code", guest.word("code")).show(faults)) },
        button: guest.word("second-confirm"),
        more: vec![],
    };
    Ok(html! {
        p { (guest.word("second-scan")) }
        figure { (parts::qr(&modules(&address), guest.word("second-qr"))) }
        p { (guest.word("second-by-hand")) " " code { (grouped.join(" ")) } }
        (form.show(guest))
    })
}

/// The dark places of a QR code, row by row; none when the text is too long for one.
fn modules(text: &str) -> Vec<Vec<bool>> {
    let Ok(code) = qrcode::QrCode::with_error_correction_level(text, qrcode::EcLevel::L) else {
        return vec![];
    };
    let colours = code.to_colors();
    let dark: Vec<bool> = colours.iter().map(|colour| *colour == qrcode::Color::Dark).collect();
    dark.chunks(code.width().max(1)).map(<[bool]>::to_vec).collect()
}

fn in_use(guest: &Guest, session: &Session, second: &Second, faults: &Faults) -> Result<Markup, Trouble> {
    let left = session::recovery_left(&guest.house.registry, session.person)?;
    let facts = [
        Fact::new(
            guest.word("second-since"),
            &second.confirmed.map(|at| guest.moment(at)).unwrap_or_default(),
        ),
        Fact::new(guest.word("recovery-left"), &left.to_string()),
    ];
    let form = |action: &'static str, name: &'static str, label: &str, button: &str| {
        let body = html! { (Entry::code(name, label).helped(guest.word("code-help")).show(faults)) };
        Sheet { action, body, button, more: vec![] }.show(guest)
    };
    Ok(html! {
        (parts::facts(&facts))
        (super::part(guest.word("recovery-new"), form("/my/second/recovery", "code", guest.word("code"), guest.word("recovery-new"))))
        (super::part(guest.word("second-end"), form("/my/second/end", "code-end", guest.word("code"), guest.word("second-end"))))
    })
}

/// Begins, confirms, renews the recovery codes, or ends.
///
/// # Errors
/// There is no such thing to do; the store cannot be used.
pub fn act(guest: &Guest, session: &Session, what: &str) -> Answer {
    let (house, visit, person) = (guest.house, guest.visit, session.person);
    let held = session::has_second(&house.registry, person)?;
    let no = |field: &'static str, no: Tried| page(guest, session, &[(field, worded(guest, no))], &[]);
    match what {
        "begin" if !held => {
            if let Some(fault) = session::password_again(house, visit, session, visit.secret("old"))? {
                return page(guest, session, &[crate::rooms::sign::worded(guest, fault)], &[]);
            }
            session::begin_second(&house.registry, person)?;
            page(guest, session, &[], &[])
        }
        "confirm" if !held => match session::confirm_second(house, person, visit.typed("code"))? {
            Ok(codes) => {
                session::note_second(house, visit, What::SecondBegun, person)?;
                page(guest, session, &[], &codes)
            }
            Err(tried) => no("code", tried),
        },
        "recovery" if held => match session::try_code(house, person, visit.typed("code"), true)? {
            Tried::Right | Tried::Recovered => {
                let codes = session::new_recovery(&house.registry, person)?;
                page(guest, session, &[], &codes)
            }
            tried => no("code", tried),
        },
        "end" if held => match session::try_code(house, person, visit.typed("code-end"), true)? {
            Tried::Right | Tried::Recovered => {
                session::end_second(&house.registry, person)?;
                session::note_second(house, visit, What::SecondEnded, person)?;
                page(guest, session, &[], &[])
            }
            tried => no("code-end", tried),
        },
        _ => Err(Trouble::NotFound),
    }
}
