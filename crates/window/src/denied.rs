//! Denied: every way of saying no, as a status, a page and a JSON answer.

use grammar::{case::Refused, clerk::Refusal, form::Fault, kinds::Id};
use maud::html;
use registry::{Broken, Denied};
use serde_json::{Value, json};

use crate::{
    guest::Guest,
    parts::{self, Link},
    visit::{Reply, address, escape},
};

/// Why a visit does not get what it asked for.
#[derive(Clone, Debug, PartialEq)]
pub enum Trouble {
    /// No such page or record, or not for this guest's eyes.
    NotFound,
    /// One must sign in first.
    SignIn,
    /// A form that is not ours, or whose session is over.
    NotOwnForm,
    TooLarge {
        max: usize,
    },
    /// What came cannot be read.
    Unreadable(String),
    /// Too much was guessed; again in a while.
    Wait,
    /// Too many visits; the next may come after so many seconds.
    TooOften(u64),
    /// An office needs a second factor that is not set up.
    SecondFactor,
    /// The token of a program may not do this; what it would need.
    OutOfScope(String),
    Denied(Denied),
}

impl From<Denied> for Trouble {
    fn from(denied: Denied) -> Self {
        Self::Denied(denied)
    }
}

impl From<Broken> for Trouble {
    fn from(broken: Broken) -> Self {
        Self::Denied(Denied::Broken(broken.0))
    }
}

/// A no in words: status, code, sentence, the rule it rests on, faults beside fields.
pub struct Worded {
    pub status: u16,
    pub code: String,
    pub sentence: String,
    pub facts: Value,
    pub rule: Option<String>,
    pub faults: Vec<(String, String, String)>,
}

impl Worded {
    /// Whether something could not be read: then the faults are all there is to say. A rule's no says it once more
    /// beside the field that it is about.
    #[must_use]
    pub fn is_misread(&self) -> bool {
        self.code == UNREAD
    }
}

const UNREAD: &str = "has-faults";

/// A fault's sentence, in the guest's language.
#[must_use]
pub fn fault_sentence(guest: &Guest, fault: &Fault) -> String {
    let words = grammar::words::shared(guest.locale);
    words.sentence("fault", &fault.code, &fault.facts, &|id| guest.name(id))
}

/// Who may do it, in words: "the office …; the …".
#[must_use]
pub fn who_sentence(guest: &Guest, who: &[String]) -> String {
    let named = who.iter().map(|name| {
        let name = name.strip_prefix("two:").unwrap_or(name);
        let (section, key) = name.split_once(':').unwrap_or(("who", name));
        guest.find(section, key).unwrap_or(key).to_owned()
    });
    let mut named: Vec<String> = named.collect();
    named.dedup();
    named.join(guest.pick("、", ", "))
}

/// Puts a denial into words.
#[must_use]
pub fn word(guest: &Guest, denied: &Denied) -> Worded {
    let said = |status: u16, code: &str, facts: Value| Worded {
        status,
        code: code.into(),
        sentence: guest.say(code, &facts),
        facts,
        rule: None,
        faults: vec![],
    };
    match denied {
        Denied::Refused(Refused::Because(refusal)) => refused(guest, refusal),
        Denied::Refused(Refused::Unreadable(faults)) => {
            let faults = faults
                .iter()
                .map(|fault| (fault.field.clone(), fault.code.clone(), fault_sentence(guest, fault)))
                .collect();
            Worded { faults, ..said(400, UNREAD, json!({})) }
        }
        Denied::Refused(Refused::NotAllowed(who)) => {
            said(403, "not-allowed", json!({ "who": who_sentence(guest, who) }))
        }
        Denied::Refused(Refused::Taken { key, by }) => {
            let (kind, value) = key.split_once(':').unwrap_or(("", key));
            let known = by.filter(|id| guest.look.title(*id).is_some());
            let kind = guest.find("key", kind).unwrap_or(kind);
            said(409, "taken", json!({ "kind": kind, "value": readable(guest, value), "by": known }))
        }
        Denied::Refused(Refused::NoSuchRecord(_) | Refused::NoSuchDesk(_)) => {
            said(404, "not-found", json!({}))
        }
        Denied::Refused(Refused::TooMuch) => said(500, "too-much", json!({})),
        Denied::Changed { .. } => said(409, "changed", json!({})),
        Denied::KeyUsed => said(422, "key-used", json!({})),
        Denied::SamePerson => said(403, "same-person", json!({})),
        Denied::Busy => said(503, "busy", json!({})),
        Denied::Broken(what) if denied.is_no_room() => {
            tracing::error!(%what, "no room on the disk");
            said(507, "no-room", json!({}))
        }
        Denied::Broken(what) => {
            tracing::error!(%what, "breakage");
            said(500, "broken", json!({}))
        }
    }
}

/// The value of a key as people read it: what it says of a record is the record's name.
fn readable(guest: &Guest, value: &str) -> String {
    let name = |part: &str| match part.parse().ok().and_then(|id: Id| guest.look.title(id)) {
        Some((_, zh, en)) => guest.pick(&zh, &en).to_owned(),
        None => part.to_owned(),
    };
    value.split('/').map(name).collect::<Vec<_>>().join("/")
}

/// What a desk's no is in words, and beside which field it stands too.
fn refused(guest: &Guest, refusal: &Refusal) -> Worded {
    let name = |id: Id| guest.name(id);
    let clerk = guest.desk(&refusal.desk);
    let words = clerk.map(|clerk| clerk.words(guest.locale));
    let sentence = words.map(|words| words.sentence("refusal", &refusal.code, &refusal.facts, &name));
    let (code, sentence) = (refusal.code.clone(), sentence.unwrap_or_default());
    let beside = clerk.map(|clerk| clerk.beside()).unwrap_or_default();
    let beside = beside.iter().filter(|(of, _)| *of == code);
    // Of a list, the row that it is about.
    let row = refusal.facts.get("row").and_then(Value::as_u64);
    let path = |field: &str| row.map_or_else(|| field.to_owned(), |row| format!("{field}.{row}"));
    let mut paths: Vec<String> = beside.map(|(_, field)| path(field)).collect();
    // What a told record says is about the part of the form from which it was told.
    if let Some(about) = &refusal.about {
        paths.iter_mut().for_each(|path| *path = grammar::form::join(about, path));
        if paths.is_empty() {
            paths.push(about.clone());
        }
    }
    let faults = paths.into_iter().map(|path| (path, code.clone(), sentence.clone())).collect();
    Worded {
        status: if code == "not-now" { 409 } else { 422 },
        code,
        sentence,
        facts: refusal.facts.clone(),
        rule: refusal.rule.clone(),
        faults,
    }
}

/// Puts any no into words.
#[must_use]
pub fn worded(guest: &Guest, trouble: &Trouble) -> Worded {
    let said = |status: u16, code: &'static str, facts: Value| Worded {
        status,
        code: code.into(),
        sentence: guest.say(code, &facts),
        facts,
        rule: None,
        faults: vec![],
    };
    match trouble {
        Trouble::NotFound => said(404, "not-found", json!({})),
        Trouble::SignIn => said(401, "sign-in-first", json!({})),
        Trouble::NotOwnForm => said(403, "not-own-form", json!({})),
        Trouble::TooLarge { max } => said(413, "too-large", json!({ "max": max / 1_048_576 })),
        Trouble::Unreadable(what) => said(400, "unreadable", json!({ "what": what })),
        Trouble::Wait => said(429, "wait-code-text", json!({})),
        Trouble::TooOften(seconds) => said(429, "too-often", json!({ "seconds": seconds })),
        Trouble::SecondFactor => said(403, "second-needed", json!({})),
        Trouble::OutOfScope(needs) => said(403, "out-of-scope", json!({ "needs": needs })),
        Trouble::Denied(denied) => word(guest, denied),
    }
}

/// The page that says no, and what one can do now.
#[must_use]
pub fn page(guest: &Guest, trouble: &Trouble) -> Reply {
    if *trouble == Trouble::SignIn && !guest.visit.is_post {
        // What was chosen on the way here, such as a free time, is still chosen afterwards.
        let here = address(&guest.visit.path, &guest.visit.query);
        return Reply::go(format!("/sign-in?back={}", escape(&here)));
    }
    let no = worded(guest, trouble);
    let mut next = vec![Link::new("/", guest.word("to-front"))];
    if *trouble == Trouble::SecondFactor {
        next = vec![Link::new("/my/second", guest.word("second"))];
    }
    if guest.session.is_none() {
        next.insert(0, Link::new("/sign-in", guest.word("sign-in")));
    }
    let refusal = parts::Refusal {
        title: guest.word("refused-title").into(),
        sentence: no.sentence.clone(),
        article: no.rule.as_deref().and_then(|rule| guest.article(rule)),
        next_label: guest.word("what-now").into(),
        next,
    };
    let faults = html! { @if no.is_misread() { ul { @for (field, _, sentence) in &no.faults { li { (field) ": " (sentence) } } } } };
    let main = html! { h1 { (guest.word("refused-title")) } (parts::refusal(&refusal)) (faults) };
    patient(guest.page_with(no.status, guest.word("refused-title"), vec![], main), trouble)
}

/// A reply that says when to come again, where that is the matter (RFC 6585 §4).
fn patient(reply: Reply, trouble: &Trouble) -> Reply {
    match trouble {
        Trouble::TooOften(seconds) => reply.with("retry-after", seconds.to_string()),
        _ => reply,
    }
}

/// The same as JSON (RFC 9457, with our own members).
#[must_use]
pub fn json(guest: &Guest, trouble: &Trouble) -> Reply {
    let no = worded(guest, trouble);
    let rules = guest.house.registry.rules();
    let rule = no.rule.as_deref().and_then(|id| rules.versions(id).last());
    let rule = rule.map(|rule| json!({ "id": rule.id, "source": rule.source, "article": rule.article, "text": guest.pick(&rule.zh, &rule.en) }));
    let faults: Vec<Value> = no
        .faults
        .iter()
        .map(|(field, code, message)| json!({ "field": field, "code": code, "message": message }))
        .collect();
    let body = json!({
        "type": "about:blank",
        "status": no.status,
        "code": no.code,
        "title": no.sentence,
        "message": no.sentence,
        "facts": no.facts,
        "rule": rule,
        "faults": faults,
    });
    let mut reply = Reply::json(no.status, &body);
    reply.kind = "application/problem+json";
    patient(reply, trouble)
}
