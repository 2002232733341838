//! Tokens: with one a program acts as a person, never with more than the person has, mostly with less.

use grammar::kinds::{Id, Moment};
use registry::{Broken, Registry, Writer};
use serde::{Deserialize, Serialize};

use super::{
    Session, Shown,
    owned::{TOKENS, USE_MILLIS, hash, hex},
};
use crate::{House, visit::Visit};

/// What a token may do. An empty list means all.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Scopes {
    /// It may ask commands; without it, it only reads.
    pub acts: bool,
    pub desks: Vec<String>,
    /// `need/draft`; only these commands.
    pub verbs: Vec<String>,
    /// It reads and writes calendars, and nothing else.
    #[serde(default)]
    pub calendar: bool,
    /// It asks whether this one instrument may be on, and nothing else.
    #[serde(default)]
    pub interlock: Option<Id>,
    /// It is a tablet beside this one instrument. Not for the interface: it comes as a cookie, to the kiosk's page alone.
    #[serde(default)]
    pub kiosk: Option<Id>,
}

/// Tokens one person may have, of all kinds.
pub const TOKENS_MAX: usize = 20;

/// A token as it is kept, under the hash of its secret.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Token {
    pub person: Id,
    pub name: String,
    pub scopes: Scopes,
    pub since: Moment,
    pub until: Moment,
}

/// Makes a token and gives its secret, which is shown once.
///
/// # Errors
/// When the store cannot be written.
pub fn make_token(registry: &Registry, token: &Token) -> Result<String, Broken> {
    let secret = format!("kc_{}", hex(&registry.chance().bytes()));
    TOKENS.put(registry, token.person, (&hash(&secret), token.until), token)?;
    Ok(secret)
}

/// The session of a visit that brings a token.
pub fn session(house: &House, visit: &Visit, secret: &str) -> Result<Option<Session>, Broken> {
    let (registry, key) = (&house.registry, hash(secret));
    let Some(token) = TOKENS.get::<Token>(registry, &key)? else { return Ok(None) };
    let now = registry.now();
    let used = TOKENS.used(registry, &key)?;
    if used.is_none_or(|used| now.in_millis() - used.in_millis() > USE_MILLIS) {
        TOKENS.use_now(registry, &key, token.until)?;
    }
    if used.is_none() && registry.writer() == Writer::Here {
        super::note_for(house, visit, super::What::TokenUsed, token.person, &token.name)?;
    }
    Ok(Some(Session {
        person: token.person,
        token: String::new(),
        since: token.since,
        shown: Shown::Token,
        address: visit.from.clone(),
        device: token.name,
        key,
        scopes: Some(token.scopes),
    }))
}

/// Calls that read across desks.
const ACROSS: [&str; 3] = ["find", "inbox", "receipts"];
/// Calls that read what is the same for everyone.
const SHARED: [&str; 2] = ["rules", "checkpoint"];

/// What a visit would need beyond its scopes: `act`, a desk, or `desk/verb`; `None` when they suffice.
/// `desk_of` gives desk and verb of an ask that waits for a second person.
#[must_use]
pub fn scope_fault(
    scopes: &Scopes,
    visit: &Visit,
    desk_of: &dyn Fn(&str) -> Option<(String, String)>,
) -> Option<String> {
    let way = visit.way();
    let of_desk = |desk: &str| {
        (!scopes.desks.is_empty() && !scopes.desks.iter().any(|known| known == desk)).then(|| desk.to_owned())
    };
    let of_verb = |desk: &str, verb: &str| {
        let asked = format!("{desk}/{verb}");
        let allowed = scopes.verbs.is_empty() || scopes.verbs.contains(&asked);
        of_desk(desk).or_else(|| (!allowed).then_some(asked))
    };
    if let Some(instrument) = scopes.interlock {
        let own = ["api", "v1", "instrument", instrument.as_str(), "interlock"];
        return (visit.is_post || way != own).then(|| "interface".to_owned());
    }
    if scopes.kiosk.is_some() {
        return Some("interface".to_owned());
    }
    if scopes.calendar {
        return way.first().is_none_or(|step| *step != "dav").then(|| "interface".to_owned());
    }
    match way.as_slice() {
        ["dav", ..] => Some("calendar".into()),
        ["api", "openapi.json"] => None,
        ["api", "v1", shared] if SHARED.contains(shared) => None,
        ["api", "v1", across, ..] if ACROSS.contains(across) && (!visit.is_post || *across == "find") => {
            (!scopes.desks.is_empty()).then(|| (*across).to_owned())
        }
        ["api", "v1", desk, ..] if !visit.is_post => of_desk(desk),
        ["api", ..] if !scopes.acts => Some("act".into()),
        ["api", "v1", "files"] => None,
        ["api", "v1", "endorse", pending, ..] => match desk_of(pending) {
            Some((desk, verb)) => of_verb(&desk, &verb),
            None => None,
        },
        ["api", "v1", desk, verb] => of_verb(desk, verb),
        ["api", "v1", desk, _, verb] => of_verb(desk, verb),
        // Pages are for people; a program may fetch a file or an export of a desk.
        [desk, _, "file", _] | [desk, "export.csv" | "export.xlsx"] if !visit.is_post => of_desk(desk),
        _ => Some("pages".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn fault(scopes: &Scopes, is_post: bool, path: &str) -> Option<String> {
        let steps = path.split('/').filter(|step| !step.is_empty()).map(str::to_owned).collect();
        let visit = Visit { is_post, path: path.into(), steps, ..Visit::default() };
        scope_fault(scopes, &visit, &|_| Some(("voucher".into(), "grant".into())))
    }

    #[test]
    fn a_token_does_what_its_scopes_say_and_no_more() {
        let reads = Scopes::default();
        let needs = Scopes { acts: true, desks: vec!["need".into()], ..Scopes::default() };
        let calendars = Scopes { calendar: true, ..Scopes::default() };
        let relay = Scopes { interlock: Some(Id::named("instrument-1")), ..Scopes::default() };
        let tablet = Scopes { kiosk: Some(Id::named("instrument-1")), ..Scopes::default() };
        let drafts = Scopes { verbs: vec!["need/draft".into()], ..needs.clone() };
        let all = Scopes { acts: true, ..Scopes::default() };
        let said = |text: &str| Some(text.to_owned());
        for (scopes, is_post, path, wants) in [
            (&reads, false, "/api/v1/need", None),
            (&reads, true, "/api/v1/find", None),
            (&reads, true, "/api/v1/need/draft", said("act")),
            (&reads, true, "/api/v1/files", said("act")),
            (&reads, true, "/api/v1/endorse/pending-1/agree", said("act")),
            (&needs, true, "/api/v1/need/draft", None),
            (&needs, true, "/api/v1/need/need-1/publish", None),
            (&needs, false, "/api/v1/voucher/voucher-1", said("voucher")),
            (&needs, true, "/api/v1/voucher/apply", said("voucher")),
            (&needs, false, "/api/v1/inbox", said("inbox")),
            (&needs, true, "/api/v1/endorse/pending-1/agree", said("voucher")),
            (&needs, false, "/api/v1/rules", None),
            (&needs, false, "/need/need-1/file/abc", None),
            (&needs, false, "/voucher/voucher-1/file/abc", said("voucher")),
            (&calendars, true, "/dav/calendars/bookings/a.ics", None),
            (&calendars, false, "/api/v1/need", said("interface")),
            (&calendars, false, "/api/openapi.json", said("interface")),
            (&all, false, "/dav/me", said("calendar")),
            (&all, false, "/api/v1/instrument/instrument-1/interlock", None),
            (&needs, false, "/api/v1/instrument/instrument-1/interlock", said("instrument")),
            (&relay, false, "/api/v1/instrument/instrument-1/interlock", None),
            (&relay, true, "/api/v1/instrument/instrument-1/interlock", said("interface")),
            (&relay, false, "/api/v1/instrument/instrument-2/interlock", said("interface")),
            (&relay, false, "/api/v1/instrument/instrument-1", said("interface")),
            (&relay, false, "/api/openapi.json", said("interface")),
            (&tablet, false, "/instrument/instrument-1/kiosk", said("interface")),
            (&tablet, false, "/api/v1/instrument/instrument-1/interlock", said("interface")),
            (&drafts, true, "/api/v1/need/draft", None),
            (&drafts, true, "/api/v1/need/need-1/publish", said("need/publish")),
            (&all, true, "/api/v1/endorse/pending-1/agree", None),
            (&all, true, "/my/token", said("pages")),
            (&all, true, "/need/new/draft", said("pages")),
            (&all, false, "/account", said("pages")),
            (&all, false, "/need/export.csv", None),
        ] {
            assert_eq!(fault(scopes, is_post, path), wants, "{path} {scopes:?}");
        }
    }
}
