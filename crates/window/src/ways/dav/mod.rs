//! Calendars that programs read and write (CalDAV: RFC 4791; synchronising: RFC 6578; finding: RFC 6764).
//!
//! `/dav/` → `/dav/me/` (who one is) → `/dav/calendars/` (one's calendars): one's own bookings, and one calendar for each
//! instrument. A new entry in an instrument's calendar is the desk's own request, a moved one its move, a deleted one its
//! cancellation: by the same rules, with the same words when it says no. What others booked is busy time without names.

mod entry;
mod props;
mod report;
mod sent;
mod shelf;
mod sync;
mod write;
mod xml;

use base64::{Engine, engine::general_purpose::STANDARD};
use grammar::{case::Refused, kinds::Id};
use registry::{Broken, Denied};
use serde_json::json;

use self::shelf::Shelf;
use super::turns;
use crate::{
    House,
    denied::{self, Trouble},
    guest::Guest,
    visit::{Reply, Visit},
};

/// The largest body that is taken, in bytes.
pub const BODY_MAX: usize = 512 * 1024;
/// What can be asked here, beside reading.
pub const METHODS: [&str; 7] = ["OPTIONS", "PROPFIND", "PROPPATCH", "REPORT", "PUT", "DELETE", "MKCALENDAR"];
const ALLOW: &str = "OPTIONS, GET, HEAD, PROPFIND, REPORT, PUT, DELETE";
const XML: &str = "application/xml; charset=utf-8";
const PLAIN: &str = "text/plain; charset=utf-8";
/// Where programs look for calendars.
const WELL_KNOWN: &str = "/.well-known/caldav";

/// Whether an address belongs here.
#[must_use]
pub fn is_here(path: &str) -> bool {
    path == "/dav" || path.starts_with("/dav/") || path.trim_end_matches('/') == WELL_KNOWN
}

/// The secret of `Authorization: Basic`; the name beside it is the person's own and is not looked at.
#[must_use]
pub fn basic_secret(header: &str) -> Option<String> {
    let coded = header.strip_prefix("Basic ").or(header.strip_prefix("basic "))?;
    let pair = String::from_utf8(STANDARD.decode(coded.trim()).ok()?).ok()?;
    pair.split_once(':').map(|(_, secret)| secret.to_owned())
}

/// Forgets how programs named a person's bookings.
///
/// # Errors
/// When the store cannot be written.
pub fn forget(house: &House, person: Id) -> Result<(), Broken> {
    shelf::forget(&house.registry, person)
}

/// Why there is nothing.
pub enum No {
    Trouble(Trouble),
    /// A status, the condition that did not hold (`C:no-uid-conflict`, or nothing), and a word of the pages.
    Said(u16, &'static str, String),
}

impl<T: Into<Trouble>> From<T> for No {
    fn from(trouble: T) -> Self {
        Self::Trouble(trouble.into())
    }
}

type Done = Result<Reply, No>;

/// What an address names.
enum Place {
    Root,
    Me,
    Home,
    Shelf(Shelf),
    Entry(Shelf, String),
}

fn place(guest: &Guest) -> Result<Place, No> {
    match guest.visit.way().as_slice() {
        ["dav"] => Ok(Place::Root),
        ["dav", "me"] => Ok(Place::Me),
        ["dav", "calendars"] => Ok(Place::Home),
        ["dav", "calendars", shelf] => Ok(Place::Shelf(Shelf::find(guest, shelf)?)),
        ["dav", "calendars", shelf, name] => Ok(Place::Entry(Shelf::find(guest, shelf)?, (*name).to_owned())),
        _ => Err(Trouble::NotFound.into()),
    }
}

/// Answers a visit of a calendar program.
#[must_use]
pub fn answer(guest: &Guest) -> Reply {
    let visit = guest.visit;
    if !visit.path.starts_with("/dav") {
        return Reply { status: 301, kind: PLAIN, body: vec![], headers: vec![("location", "/dav/".into())] };
    }
    if visit.method == "OPTIONS" {
        return told(Reply { status: 200, kind: PLAIN, ..Reply::default() });
    }
    if !is_safe_way(guest) {
        return no(guest, &No::Said(403, "", guest.word("dav-needs-tls").into()));
    }
    let Some(session) = guest.session.as_ref().filter(|session| session.token.is_empty()) else {
        return asks_who(guest);
    };
    if !session.scopes.as_ref().is_some_and(|scopes| scopes.calendar) {
        return no(guest, &Trouble::OutOfScope("calendar".into()).into());
    }
    if visit.is_too_large {
        return no(
            guest,
            &No::Said(413, "C:max-resource-size", guest.say("too-large", &json!({ "max": 1 }))),
        );
    }
    let done = turns::take(guest).and_then(|()| turns::strong_enough(guest)).map_err(No::from);
    match done.and_then(|()| act(guest)) {
        Ok(reply) => told(reply),
        Err(why) => no(guest, &why),
    }
}

/// What this place can do, as programs look for it.
fn told(reply: Reply) -> Reply {
    reply.with("dav", "1, 3, calendar-access").with("allow", ALLOW)
}

/// A secret in `Basic` is sent as it is: only over an encrypted way, or within the machine.
fn is_safe_way(guest: &Guest) -> bool {
    let is_near = guest.visit.from.parse::<std::net::IpAddr>().is_ok_and(|from| from.is_loopback());
    guest.house.is_secure() || is_near
}

fn asks_who(guest: &Guest) -> Reply {
    let body = guest.word("dav-who").as_bytes().to_vec();
    let reply = Reply { status: 401, kind: PLAIN, body, headers: vec![] };
    told(reply).with("www-authenticate", "Basic realm=\"Kechuang\", charset=\"UTF-8\"")
}

fn act(guest: &Guest) -> Done {
    let visit = guest.visit;
    match visit.method.as_str() {
        "PROPFIND" => props::find(guest, &place(guest)?),
        "REPORT" => report::report(guest, &place(guest)?),
        "PUT" => match place(guest)? {
            Place::Entry(shelf, name) => write::put(guest, &shelf, &name),
            _ => Err(No::Said(403, "", guest.word("dav-no-place").into())),
        },
        "DELETE" => match place(guest)? {
            Place::Entry(shelf, name) => write::delete(guest, &shelf, &name),
            _ => Err(No::Said(403, "", guest.word("dav-calendars-stay").into())),
        },
        "PROPPATCH" | "MKCALENDAR" => Err(No::Said(403, "", guest.word("dav-calendars-stay").into())),
        // Programs and some tests visit without a method of their own.
        "GET" | "HEAD" | "" if !visit.is_post => match place(guest)? {
            Place::Entry(shelf, name) => {
                let entry = shelf.entry(guest, &name)?.ok_or(Trouble::NotFound)?;
                let body = entry.text.into_bytes();
                let reply = Reply { status: 200, kind: entry::KIND, body, headers: vec![] };
                Ok(reply.with("etag", entry.etag))
            }
            _ => Ok(Reply {
                status: 200,
                kind: PLAIN,
                body: guest.word("dav-for-programs").into(),
                headers: vec![],
            }),
        },
        _ => Err(No::Said(405, "", guest.word("dav-for-programs").into())),
    }
}

/// The body as XML; nothing where there is none.
fn asked(visit: &Visit) -> Result<Option<xml::Node>, No> {
    if visit.body.iter().all(u8::is_ascii_whitespace) {
        return Ok(None);
    }
    let unreadable = |why: String| No::Trouble(Trouble::Unreadable(why));
    let text = std::str::from_utf8(&visit.body).map_err(|error| unreadable(error.to_string()))?;
    xml::read(text).map(Some).map_err(unreadable)
}

fn multi(inside: &str) -> Reply {
    Reply { status: 207, kind: XML, body: xml::document("multistatus", inside).into_bytes(), headers: vec![] }
}

/// A no, as programs show it: the sentence of the desk that said it, with its code and rule.
fn no(guest: &Guest, why: &No) -> Reply {
    let (status, condition, sentence, own, wait) = match why {
        No::Said(status, condition, sentence) => (*status, *condition, sentence.clone(), String::new(), None),
        No::Trouble(trouble) => {
            let worded = denied::worded(guest, trouble);
            let faults = worded.faults.iter().map(|(field, _, sentence)| format!(" {field}: {sentence}"));
            let sentence = worded.sentence + &faults.collect::<String>();
            // What stands in the way on the calendar is a conflict; what a rule forbids is forbidden.
            let is_clash = matches!(trouble, Trouble::Denied(Denied::Refused(Refused::Because(refusal))) if refusal.desk == "calendar");
            let status = match worded.status {
                400 if matches!(trouble, Trouble::Unreadable(_)) => 400,
                400 | 422 if is_clash => 409,
                400 | 422 => 403,
                other => other,
            };
            let rule = worded.rule.unwrap_or_default();
            let own =
                format!("<K:refusal code=\"{}\" rule=\"{}\"/>", xml::safe(&worded.code), xml::safe(&rule));
            let wait =
                if let Trouble::TooOften(seconds) = trouble { Some(seconds.to_string()) } else { None };
            (status, "", sentence, own, wait)
        }
    };
    let condition = if condition.is_empty() { String::new() } else { xml::tag(condition, "") };
    let inside = format!("{condition}{own}{}", xml::tag("D:responsedescription", &xml::safe(&sentence)));
    let body = xml::document("error", &inside).into_bytes();
    let reply = Reply { status, kind: XML, body, headers: vec![] };
    wait.into_iter().fold(told(reply), |reply, wait| reply.with("retry-after", wait))
}
