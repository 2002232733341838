//! Tokens: which programs act for me, and with how much.

use grammar::clerk::Clerk;
use maud::{Markup, html};

use super::{crumbs, part};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Column, Notice, Row, Table, Tone},
    rooms::entry::{self, Entry, Faults, Sheet, press},
    session::{self, Scopes, Session, TOKENS, TOKENS_MAX, Token, What},
    visit::Reply,
    ways::Answer,
};

/// Days a token may last, and the usual.
const DAYS: [i64; 4] = [7, 30, 90, 365];
const USUAL_DAYS: i64 = 90;
const DAY_MILLIS: i64 = 86_400_000;
const VERBS_MAX: usize = 50;

/// The tokens and the form for a new one; `made` is shown once.
///
/// # Errors
/// When the store cannot be read.
pub fn page(guest: &Guest, session: &Session, faults: &Faults, made: Option<&str>) -> Answer {
    let mut tokens: Vec<(String, Token)> = TOKENS.of(&guest.house.registry, session.person)?;
    tokens.sort_by_key(|(_, token)| std::cmp::Reverse(token.since));
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("tokens").into(), lead: guest.word("tokens-text").into(), ..Default::default() }))
        @if let Some(made) = made {
            div role="status" { (parts::notice(&Notice { tone: Tone::Good, title: guest.word("token-made").into(), body: html! { p { (guest.word("token-once")) } (parts::hash(made)) }, links: vec![] })) }
        }
        (entry::summary(guest, faults))
        @if !tokens.is_empty() { (list(guest, &tokens)?) }
        @if tokens.len() < TOKENS_MAX {
            (part(guest.word("make-token"), form(guest, faults)))
        } @else { p.note { (guest.say("tokens-many", &serde_json::json!({ "max": TOKENS_MAX }))) } }
    };
    let status = if faults.is_empty() { 200 } else { 422 };
    Ok(guest.page_with(status, guest.word("tokens"), crumbs(guest), main))
}

fn list(guest: &Guest, tokens: &[(String, Token)]) -> Result<Markup, Trouble> {
    let heads = [
        guest.word("token-name"),
        guest.word("token-may"),
        guest.word("until"),
        guest.word("last-used"),
        guest.word("action"),
    ];
    let mut rows = Vec::new();
    for (key, token) in tokens {
        let used = TOKENS.used(&guest.house.registry, key)?;
        let used = used.map_or_else(|| guest.word("never").to_owned(), |used| guest.moment(used));
        rows.push(Row::new(vec![
            html! { (token.name) },
            html! { (told(guest, &token.scopes)) },
            html! { (guest.moment(token.until)) },
            html! { (used) },
            press(guest, format!("/my/tokens/{key}/end"), guest.word("revoke"), ""),
        ]));
    }
    let columns = heads.map(Column::new).into();
    let caption = guest.word("tokens").into();
    Ok(parts::table(&Table { id: "tokens".into(), caption, columns, rows, ..Table::default() }))
}

/// What a token may, in one line.
fn told(guest: &Guest, scopes: &Scopes) -> String {
    if let Some(instrument) = scopes.kiosk {
        return format!("{} {}", guest.word("token-kiosk"), guest.name(instrument));
    }
    if let Some(instrument) = scopes.interlock {
        return format!("{} {}", guest.word("token-interlock"), guest.name(instrument));
    }
    if scopes.calendar {
        return guest.word("token-calendar").to_owned();
    }
    let acts = guest.word(if scopes.acts { "token-acts" } else { "token-reads" });
    let desks = scopes.desks.iter().map(|desk| guest.desk_word(desk, "desk", "many"));
    let verbs = scopes.verbs.iter().filter_map(|verb| {
        let (desk, verb) = verb.split_once('/')?;
        Some(guest.desk_word(desk, "verb", verb))
    });
    let limits: Vec<String> = desks.chain(verbs).collect();
    match limits.as_slice() {
        [] => acts.to_owned(),
        _ => format!("{acts}{}{}", guest.pick("：", ": "), limits.join(guest.pick("、", ", "))),
    }
}

fn form(guest: &Guest, faults: &Faults) -> Markup {
    let chosen = |name: &str, value: &str| guest.visit.typed(name).lines().any(|line| line == value);
    let desks = guest.house.registry.desks();
    let body = html! {
        (Entry::text(guest, "name", guest.word("token-name"), "off").helped(guest.word("token-name-help")).show(faults))
        fieldset.field {
            legend { (guest.word("token-may")) }
            div.choices {
                @for (value, label) in [("read", guest.word("token-reads")), ("act", guest.word("token-acts"))] {
                    label.choice { input type="radio" name="access" value=(value) checked[chosen("access", value) || (value == "read" && guest.visit.typed("access").is_empty())]; span { (label) } }
                }
            }
        }
        fieldset.field {
            legend { (guest.word("token-days")) }
            div.choices.across {
                @for days in DAYS {
                    label.choice { input type="radio" name="days" value=(days) checked[chosen("days", &days.to_string()) || (days == USUAL_DAYS && guest.visit.typed("days").is_empty())]; span { (guest.say("days", &serde_json::json!({ "days": days }))) } }
                }
            }
        }
        details {
            summary { (guest.word("token-narrow")) }
            fieldset.field {
                legend { (guest.word("desks")) }
                p.help { (guest.word("token-desks-help")) }
                div.choices.across {
                    @for clerk in desks.iter() {
                        label.choice { input type="checkbox" name="desks" value=(clerk.name()) checked[chosen("desks", clerk.name())]; span { (guest.desk_word(clerk.name(), "desk", "many")) } }
                    }
                }
            }
            (verbs(guest, faults))
        }
    };
    Sheet { action: "/my/token", body, button: guest.word("make-token"), more: vec![] }.show(guest)
}

fn verbs(guest: &Guest, faults: &Faults) -> Markup {
    let fault = faults.iter().find(|(field, _)| *field == "verbs").map(|(_, sentence)| sentence);
    html! {
        div class={ "field" @if fault.is_some() { " wrong" } } {
            label for="verbs" { (guest.word("token-verbs")) }
            p.help #verbs-help { (guest.word("token-verbs-help")) }
            @if let Some(fault) = fault { p.error #verbs-error { (fault) } }
            textarea #verbs name="verbs" rows="3" maxlength="4000" aria-describedby="verbs-help" { (guest.visit.typed("verbs")) }
        }
    }
}

/// Makes a token and shows it once.
///
/// # Errors
/// When the store cannot be written.
pub fn make(guest: &Guest, session: &Session) -> Answer {
    let registry = &guest.house.registry;
    let held = TOKENS.of::<Token>(registry, session.person)?.len();
    let asked = match read(guest) {
        Ok(asked) if held < TOKENS_MAX => asked,
        Ok(_) => return page(guest, session, &[], None),
        Err(faults) => return page(guest, session, &faults, None),
    };
    let (name, scopes, days) = asked;
    let now = registry.now();
    let token =
        Token { person: session.person, name, scopes, since: now, until: now.plus_millis(days * DAY_MILLIS) };
    let secret = session::make_token(registry, &token)?;
    session::note_for(guest.house, guest.visit, What::TokenMade, session.person, &token.name)?;
    page(guest, session, &[], Some(&secret))
}

type Asked = (String, Scopes, i64);

fn read(guest: &Guest) -> Result<Asked, Vec<(&'static str, String)>> {
    let mut faults = Vec::new();
    let name: String = guest.visit.typed("name").chars().filter(|c| !c.is_control()).take(60).collect();
    if name.is_empty() {
        faults.push(("name", guest.word("token-unnamed").to_owned()));
    }
    let desk_of = |name: &str| guest.desk(name).map(Clerk::name);
    let desks = guest.visit.typed("desks").lines().filter_map(desk_of).map(str::to_owned).collect();
    let typed = guest.visit.typed("verbs").split([',', '，', ' ', '\n', '\r']);
    let verbs: Vec<String> =
        typed.map(str::trim).filter(|verb| !verb.is_empty()).take(VERBS_MAX).map(str::to_owned).collect();
    let is_verb = |verb: &&String| {
        let (desk, verb) = verb.split_once('/').unwrap_or_default();
        guest.desk(desk).is_some_and(|clerk| clerk.verb(verb).is_some())
    };
    if let Some(unknown) = verbs.iter().find(|verb| !is_verb(verb)) {
        faults.push(("verbs", guest.say("token-no-verb", &serde_json::json!({ "verb": unknown }))));
    }
    let days: i64 = guest.visit.typed("days").parse().unwrap_or(USUAL_DAYS);
    let days = if DAYS.contains(&days) { days } else { USUAL_DAYS };
    let acts = guest.visit.typed("access") == "act";
    if faults.is_empty() {
        Ok((name, Scopes { acts, desks, verbs, ..Scopes::default() }, days))
    } else {
        Err(faults)
    }
}

/// Ends one of one's tokens.
///
/// # Errors
/// When it is none of one's own, or the store cannot be written.
pub fn end(guest: &Guest, session: &Session, key: &str) -> Answer {
    if !TOKENS.end(&guest.house.registry, session.person, key)? {
        return Err(Trouble::NotFound);
    }
    session::note_for(guest.house, guest.visit, What::TokenEnded, session.person, "")?;
    Ok(Reply::go("/my/tokens"))
}
