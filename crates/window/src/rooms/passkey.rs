//! Passkeys: signing in with one, and looking after one's own. The only place that needs scripts: without one, or
//! without an encrypted way, the page says so.

use maud::{Markup, html};

use super::{
    entry::{self, Entry, Faults, press},
    sign,
};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Notice, Row, Table, Tone},
    session::{self, NoPasskey, PASSKEYS, Passkey, Session, Shown, What},
    visit::Reply,
    ways::Answer,
};

/// What the script needs, and fills in before the form is sent.
struct Ceremony<'a> {
    /// `create` or `get`.
    kind: &'static str,
    action: &'static str,
    challenge: String,
    host: String,
    /// For a new one: the opaque name of the person, and the name people see.
    handle: String,
    name: &'a str,
    more: Markup,
    button: &'a str,
}

const FILLED: [&str; 6] = ["credential", "client", "attestation", "data", "signature", "handle"];

impl Ceremony<'_> {
    fn show(&self, guest: &Guest) -> Markup {
        html! {
            form.form.narrow method="post" action=(self.action) data-passkey=(self.kind) data-challenge=(self.challenge)
                data-host=(self.host) data-handle=(self.handle) data-name=(self.name) hidden {
                (parts::hidden(&guest.hidden()))
                input type="hidden" name="challenge" value=(self.challenge);
                input type="hidden" name="back" value=(guest.visit.asked("back").unwrap_or(guest.visit.typed("back")));
                @for name in FILLED { input type="hidden" name=(name); }
                (self.more)
                p.error role="alert" data-failed hidden { (guest.word("passkey-failed")) }
                div.row { button type="submit" { (self.button) } }
            }
            noscript { p.note { (guest.word("passkey-script")) } }
        }
    }
}

/// The button on the page of signing in; nothing where browsers have no passkeys.
///
/// # Errors
/// When the store cannot be used.
pub fn button(guest: &Guest) -> Result<Markup, Trouble> {
    let Some((host, _)) = session::relying_party(guest.house) else { return Ok(html! {}) };
    let ceremony = Ceremony {
        kind: "get",
        action: "/sign-in/passkey",
        challenge: session::give_challenge(guest.house, "passkey-in")?,
        host,
        handle: String::new(),
        name: "",
        more: html! {},
        button: guest.word("passkey-in"),
    };
    Ok(ceremony.show(guest))
}

/// Signs in with what the browser brought.
///
/// # Errors
/// When the store cannot be used.
pub fn sign_in_now(guest: &Guest) -> Answer {
    match session::passkey_in(guest.house, guest.visit)? {
        Ok(passkey) => sign::enter(guest, passkey.person, Shown::Passkey, guest.visit.typed("back")),
        Err(no) => {
            session::note(guest.house, guest.visit, What::WrongPasskey, None, &format!("{no:?}"))?;
            sign::sign_in(guest, &worded(guest, no))
        }
    }
}

fn worded(guest: &Guest, no: NoPasskey) -> String {
    match no {
        NoPasskey::Wrong => guest.word("passkey-wrong"),
        NoPasskey::TooLate => guest.word("passkey-late"),
        NoPasskey::Known => guest.word("passkey-known"),
        NoPasskey::TooMany => guest.word("passkey-many"),
        NoPasskey::Unknown => guest.word("passkey-unknown"),
        NoPasskey::Copied => guest.word("passkey-copied"),
    }
    .to_owned()
}

/// One's own passkeys, and the form for a new one.
///
/// # Errors
/// When the store cannot be used.
pub fn page(guest: &Guest, session: &Session, faults: &Faults) -> Answer {
    let passkeys: Vec<(String, Passkey)> = PASSKEYS.of(&guest.house.registry, session.person)?;
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("passkeys").into(), lead: guest.word("passkeys-lead").into(), ..Default::default() }))
        (entry::summary(guest, faults))
        @if !passkeys.is_empty() { (list(guest, &passkeys)?) }
        @if passkeys.len() < session::PASSKEYS_MAX { (new(guest, session, faults)?) }
        @else { p.note { (guest.word("passkey-many")) } }
    };
    let status = if faults.is_empty() { 200 } else { 422 };
    let crumbs = vec![parts::Link::new("/account", guest.word("account"))];
    Ok(guest.page_with(status, guest.word("passkeys"), crumbs, main))
}

fn list(guest: &Guest, passkeys: &[(String, Passkey)]) -> Result<Markup, Trouble> {
    let mut rows = Vec::new();
    for (key, passkey) in passkeys {
        let used = PASSKEYS.used(&guest.house.registry, key)?;
        rows.push(Row::new(vec![
            html! { (passkey.name) },
            html! { (guest.moment(passkey.since)) },
            html! { (used.map_or_else(|| guest.word("never").to_owned(), |used| guest.moment(used))) },
            press(guest, format!("/my/passkeys/{key}/end"), guest.word("passkey-end"), ""),
        ]));
    }
    let heads =
        [guest.word("token-name"), guest.word("second-since"), guest.word("last-used"), guest.word("action")];
    let columns = heads.map(Column::new).into();
    let caption = guest.word("passkeys").into();
    Ok(parts::table(&Table { id: "passkeys".into(), caption, columns, rows, ..Table::default() }))
}

fn new(guest: &Guest, session: &Session, faults: &Faults) -> Result<Markup, Trouble> {
    let Some((host, _)) = session::relying_party(guest.house) else {
        let title = guest.word("passkey-open-way").to_owned();
        return Ok(parts::notice(&Notice { tone: Tone::Warn, title, body: html! {}, links: vec![] }));
    };
    let called = session::name_of(&guest.house.registry, session.person)?;
    let called = called.unwrap_or_else(|| guest.name(session.person));
    let ceremony = Ceremony {
        kind: "create",
        action: "/my/passkeys",
        challenge: session::give_challenge(guest.house, &format!("passkey-new/{}", session.person))?,
        host,
        handle: session::person_handle(guest.house, session.person)?,
        name: &called,
        more: html! { (Entry { max: 60, ..Entry::text(guest, "name", guest.word("token-name"), "off") }.helped(guest.word("passkey-name-help")).show(faults)) },
        button: guest.word("passkey-new"),
    };
    Ok(ceremony.show(guest))
}

/// Keeps a new passkey.
///
/// # Errors
/// When the store cannot be used.
pub fn make(guest: &Guest, session: &Session) -> Answer {
    let name: String = guest.visit.typed("name").chars().filter(|c| !c.is_control()).take(60).collect();
    let name = if name.is_empty() { session.device.clone() } else { name };
    match session::passkey_register(guest.house, guest.visit, session.person, &name)? {
        Ok(()) => {
            session::note_for(guest.house, guest.visit, What::PasskeyMade, session.person, &name)?;
            Ok(Reply::go("/my/passkeys"))
        }
        Err(no) => page(guest, session, &[("name", worded(guest, no))]),
    }
}

/// Takes one away.
///
/// # Errors
/// When it is none of one's own, or the store cannot be written.
pub fn end(guest: &Guest, session: &Session, key: &str) -> Answer {
    if !PASSKEYS.end(&guest.house.registry, session.person, key)? {
        return Err(Trouble::NotFound);
    }
    session::note_for(guest.house, guest.visit, What::PasskeyEnded, session.person, "")?;
    Ok(Reply::go("/my/passkeys"))
}
