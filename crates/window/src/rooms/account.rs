//! My account: who I am here, for whom I act, my offices, and tokens for programs.

use maud::html;

use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Fact, Notice, Section, Tone},
    session,
    ways::Answer,
};

/// How long a token for programs lasts: ninety days.
const TOKEN_MILLIS: i64 = 90 * 86_400_000;

/// The account page; `token` is shown once.
///
/// # Errors
/// When one has not signed in.
pub fn account(guest: &Guest, token: Option<&str>) -> Answer {
    let session = guest.session.as_ref().ok_or(Trouble::SignIn)?;
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
        @if let Some(token) = token {
            (parts::notice(&Notice { tone: Tone::Good, title: guest.word("token-made").into(), body: html! { p { (guest.word("token-once")) } (parts::hash(token)) }, links: vec![] }))
        }
        (parts::facts(&facts))
        (parts::section(&Section { id: "tokens".into(), title: guest.word("tokens").into(), beside: html! {}, body: html! {
            p.note { (guest.word("tokens-text")) }
            form method="post" action="/account/token" {
                @for (name, value) in guest.hidden() { input type="hidden" name=(name) value=(value); }
                button type="submit" { (guest.word("make-token")) }
            }
        } }))
    };
    Ok(guest.page(guest.word("account"), vec![], main))
}

/// Makes a token and shows it once.
///
/// # Errors
/// When one has not signed in, or the store cannot be written.
pub fn make_token(guest: &Guest) -> Answer {
    let session = guest.session.as_ref().ok_or(Trouble::SignIn)?;
    let registry = &guest.house.registry;
    let token = session::make_token(registry, session.person, registry.now().plus_millis(TOKEN_MILLIS))?;
    account(guest, Some(&token))
}
