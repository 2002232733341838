//! Draft: what someone has typed into a form and not sent. No event, only a kept thing: under the person who
//! typed it, so that nobody else reads it and that it is erased with them.
//!
//! Always: what is personal or sealed is never in a draft; a draft never takes the place of one that its form
//! did not know (another tab wrote it); what was sent or thrown away does not come back from an older tab.

use grammar::{
    form::{Flat, Form, Kind, Verb},
    kinds::{Id, Moment},
};
use maud::{Markup, html};
use registry::Broken;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    denied::Trouble,
    guest::Guest,
    limits::Rate,
    parts::{self, Button, Link, Notice, Press, Tone},
    visit::Reply,
    ways::Answer,
};

const SPACE: &str = "draft";
/// When a form was sent, or its draft thrown away.
const OVER: &str = "draft-over";
/// The largest draft, in bytes as it is kept.
const SIZE_MAX: usize = 160_000;
/// Drafts that one person may have.
pub const DRAFTS_MAX: u32 = 40;
/// How long a draft is kept after it was last written, and the mark of one that was sent.
const KEPT_MILLIS: i64 = 30 * 86_400_000;
const MARK_MILLIS: i64 = 86_400_000;
/// What a form carries beside its fields: the draft it knows, and the button that keeps one.
pub const KNOWN: &str = "drafted";
pub const PRESS: &str = "draft";

/// A draft as it is kept.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Draft {
    pub at: Moment,
    /// The last fact of the record that was on the page.
    pub seen: Option<u32>,
    pub typed: Flat,
}

/// Why a draft is not kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NotKept {
    /// Another tab wrote a later one.
    Later(Moment),
    /// The form was sent, or its draft thrown away, in another tab.
    Over,
    TooLarge,
    TooMany,
}

/// The form a draft belongs to.
#[derive(Clone, Copy)]
pub struct Place<'a> {
    pub guest: &'a Guest<'a>,
    pub desk: &'a str,
    pub id: Option<Id>,
    pub verb: &'a Verb,
}

/// What a button asks of a form's draft.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wish {
    Keep,
    /// By the script, which shows the answer itself.
    Quiet,
    Discard,
}

/// What a visit asks of the draft, if it does not send the form.
#[must_use]
pub fn wish(guest: &Guest) -> Option<Wish> {
    match guest.visit.typed(PRESS) {
        "keep" => Some(Wish::Keep),
        "quiet" => Some(Wish::Quiet),
        "discard" => Some(Wish::Discard),
        _ => None,
    }
}

impl Place<'_> {
    fn key(&self) -> Option<String> {
        let person = self.guest.session.as_ref()?.person;
        let id = self.id.map_or("new".to_owned(), |id| id.to_string());
        let other = self.guest.acting_for.map_or(String::new(), |other| format!("/{other}"));
        Some(format!("{person}/{}/{id}/{}{other}", self.desk, self.verb.name))
    }

    /// Where the form is sent.
    #[must_use]
    pub fn action(&self) -> String {
        let id = self.id.map_or("new".to_owned(), |id| id.to_string());
        format!("/{}/{id}/{}", self.desk, self.verb.name)
    }

    /// Whether anything of this form can be kept, for someone signed in.
    #[must_use]
    pub fn keeps(&self) -> bool {
        let fields = &self.verb.form.fields;
        self.guest.session.is_some() && fields.iter().any(|field| !is_closed(&field.kind))
    }

    /// What is kept.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn kept(&self) -> Result<Option<Draft>, Broken> {
        let Some(key) = self.key() else { return Ok(None) };
        self.guest.house.registry.kept(SPACE, &key)
    }

    /// Keeps what was typed. `known` is the draft that the form was shown with.
    ///
    /// # Errors
    /// When the store cannot be written, or one writes too often.
    pub fn keep(&self, typed: &Flat, seen: Option<u32>) -> Result<Result<Moment, NotKept>, Trouble> {
        let (Some(key), Some(session)) = (self.key(), &self.guest.session) else {
            return Err(Trouble::SignIn);
        };
        let registry = &self.guest.house.registry;
        let (now, who) = (registry.now(), session.person.to_string());
        self.guest.house.limits.take(Rate::Keep, &who, now).map_err(Trouble::TooOften)?;
        let typed: Flat = typed
            .iter()
            .filter(|(path, _)| is_open(&self.verb.form, path))
            .map(|(path, text)| (path.clone(), text.clone()))
            .collect();
        let (before, over) = (self.kept()?, self.over()?);
        let known = Moment::from_millis(self.guest.visit.typed(KNOWN).parse().unwrap_or(i64::MIN));
        if over.is_some_and(|over| over > known) {
            return Ok(Err(NotKept::Over));
        }
        if let Some(before) = before.as_ref().filter(|before| before.at > known) {
            let is_same = before.typed == typed;
            return Ok(if is_same { Ok(before.at) } else { Err(NotKept::Later(before.at)) });
        }
        // Two that were written in the same moment are told apart.
        let last = before.as_ref().map(|before| before.at).max(over);
        let at = last.map_or(now, |last| now.max(last.plus_millis(1)));
        let draft = Draft { at, seen, typed };
        if serde_json::to_string(&draft).map_err(Broken::from)?.len() > SIZE_MAX {
            return Ok(Err(NotKept::TooLarge));
        }
        if before.is_none() && all(self.guest)?.len() >= DRAFTS_MAX as usize {
            return Ok(Err(NotKept::TooMany));
        }
        registry.keep(SPACE, &key, &draft, now.plus_millis(KEPT_MILLIS))?;
        Ok(Ok(at))
    }

    /// When the form was last sent, or its draft thrown away.
    fn over(&self) -> Result<Option<Moment>, Broken> {
        let Some(key) = self.key() else { return Ok(None) };
        self.guest.house.registry.kept(OVER, &key)
    }

    /// The latest moment that a form shown now knows of.
    ///
    /// # Errors
    /// When the store cannot be read.
    pub fn known(&self, draft: Option<&Draft>) -> Result<String, Broken> {
        let last = draft.map(|draft| draft.at).max(self.over()?);
        Ok(last.map_or(String::new(), |last| last.in_millis().to_string()))
    }

    /// The form was sent, or its draft is not wanted: what was typed goes, and a mark stays for a day.
    ///
    /// # Errors
    /// When the store cannot be written.
    pub fn end(&self) -> Result<(), Broken> {
        let (Some(key), Some(before)) = (self.key(), self.kept()?) else { return Ok(()) };
        let registry = &self.guest.house.registry;
        let now = registry.now();
        registry.keep(OVER, &key, &now.max(before.at.plus_millis(1)), now.plus_millis(MARK_MILLIS))?;
        registry.throw_away(SPACE, &key)
    }

    /// The button that throws a draft away.
    #[must_use]
    pub fn discard(&self) -> Press {
        let mut hidden = self.guest.hidden();
        hidden.push((PRESS.into(), "discard".into()));
        Press { action: self.action(), hidden, label: self.guest.word("draft-discard").into() }
    }

    /// Says that the form shows a draft, of when, and offers to throw it away.
    #[must_use]
    pub fn notice(&self, draft: &Draft, sequence: Option<u32>) -> Markup {
        let guest = self.guest;
        let is_older = draft.seen.is_some() && sequence.is_some() && draft.seen < sequence;
        let body = html! {
            @if is_older { p { (guest.word("draft-older")) } }
            (self.discard().show(""))
        };
        let title = guest.say("draft-kept-at", &json!({ "at": at(guest, draft.at) }));
        let tone = if is_older { Tone::Warn } else { Tone::Info };
        html! { div role="status" { (parts::notice(&Notice { tone, title, body, links: vec![] })) } }
    }

    /// Says that another draft waits, which this form does not show.
    #[must_use]
    pub fn other(&self, draft: &Draft) -> Markup {
        let guest = self.guest;
        let title = guest.say("draft-other", &json!({ "at": at(guest, draft.at) }));
        let open = match self.id {
            Some(_) => self.action(),
            None => format!("/{}/new/{}", self.desk, self.verb.name),
        };
        let links = vec![Link::new(open, guest.word("draft-open"))];
        parts::notice(&Notice { tone: Tone::Info, title, body: html! {}, links })
    }

    /// The answer to the script: what to show, and the draft the form knows from now on.
    #[must_use]
    pub fn told(&self, kept: Result<Moment, NotKept>) -> Reply {
        let guest = self.guest;
        match kept {
            Ok(moment) => {
                let said = guest.say("draft-kept", &json!({ "at": at(guest, moment) }));
                Reply::json(200, &json!({ KNOWN: moment.in_millis().to_string(), "said": said }))
            }
            Err(why) => Reply::json(409, &json!({ "said": why.sentence(guest) })),
        }
    }
}

impl NotKept {
    #[must_use]
    pub fn sentence(self, guest: &Guest) -> String {
        match self {
            Self::Later(moment) => guest.say("draft-later", &json!({ "at": at(guest, moment) })),
            Self::Over => guest.word("draft-over").to_owned(),
            Self::TooLarge => guest.word("draft-too-large").to_owned(),
            Self::TooMany => guest.say("draft-too-many", &json!({ "max": DRAFTS_MAX })),
        }
    }
}

/// The button that keeps one, without scripts.
#[must_use]
pub fn button(guest: &Guest) -> Button {
    Button { name: PRESS.into(), value: "keep".into(), label: guest.word("draft-keep").into() }
}

/// The time of today, or day and time.
fn at(guest: &Guest, moment: Moment) -> String {
    let today = guest.house.registry.now().day();
    if moment.day() == today { moment.clock().to_string() } else { guest.moment(moment) }
}

/// A record's own values with the draft's over them: what the draft does not hold was empty when it was kept.
#[must_use]
pub fn over(form: &Form, mut values: Flat, typed: &Flat) -> Flat {
    values.retain(|path, _| !is_open(form, path));
    values.extend(typed.iter().filter(|(path, _)| is_open(form, path)).map(|(p, t)| (p.clone(), t.clone())));
    values
}

/// Whether a path names a field of the form that is neither personal nor sealed.
fn is_open(form: &Form, path: &str) -> bool {
    let (first, rest) = path.split_once('.').unwrap_or((path, ""));
    form.field(first).is_some_and(|field| is_open_in(&field.kind, rest))
}

fn is_open_in(kind: &Kind, rest: &str) -> bool {
    match kind {
        Kind::Personal(_) | Kind::Sealed(_) => false,
        Kind::Group(form) => is_open(form, rest),
        // One a line, or numbered.
        Kind::List(each, _) if rest.is_empty() => !is_closed(each),
        Kind::List(each, _) => {
            let (number, inside) = rest.split_once('.').unwrap_or((rest, ""));
            number.parse::<u16>().is_ok() && is_open_in(each, inside)
        }
        Kind::Bilingual { .. } => matches!(rest, "" | "zh" | "en"),
        _ => rest.is_empty(),
    }
}

/// Whether nothing of a kind may be kept.
fn is_closed(kind: &Kind) -> bool {
    match kind {
        Kind::Personal(_) | Kind::Sealed(_) => true,
        Kind::List(each, _) => is_closed(each),
        Kind::Group(form) => form.fields.iter().all(|field| is_closed(&field.kind)),
        _ => false,
    }
}

/// All drafts of a guest, by key.
fn all(guest: &Guest) -> Result<Vec<(String, Draft)>, Broken> {
    let Some(session) = &guest.session else { return Ok(vec![]) };
    let begins = format!("{}/", session.person);
    guest.house.registry.kept_all(SPACE, &begins, DRAFTS_MAX)
}

/// A draft in a list: the form it belongs to.
pub struct Listed {
    pub at: Moment,
    pub href: String,
    pub verb: String,
    /// The record, or the desk at which a new one begins.
    pub about: Markup,
    pub typed: Flat,
}

/// The guest's drafts, the latest first, of records that are still there for their eyes.
///
/// # Errors
/// When the store cannot be read.
pub fn listed(guest: &Guest) -> Result<Vec<Listed>, Broken> {
    let mut found = Vec::new();
    let acting = guest.acting_for.map(|other| other.to_string());
    for (key, draft) in all(guest)? {
        let steps: Vec<&str> = key.split('/').collect();
        let [_, desk, id, verb, other @ ..] = steps.as_slice() else { continue };
        let is_so = other.first().copied() == acting.as_deref();
        let Some(clerk) = guest.desk(desk).filter(|_| is_so) else { continue };
        let words = clerk.words(guest.locale);
        let about = match id.parse::<Id>() {
            _ if *id == "new" => html! { a href={ "/" (desk) } { (words.headed("desk", "many")) } },
            Ok(id) if guest.look.title(id).is_some() => guest.link(id),
            _ => continue,
        };
        let (href, verb) = (format!("/{desk}/{id}/{verb}"), words.get("verb", verb).to_owned());
        found.push(Listed { at: draft.at, href, verb, about, typed: draft.typed });
    }
    found.sort_by_key(|one| std::cmp::Reverse(one.at));
    Ok(found)
}

/// Where one goes after keeping or discarding: the form again, or a page of the house that holds it.
pub fn again(guest: &Guest, place: &Place) -> Answer {
    let back = guest.visit.typed("back");
    let to = if back.is_empty() { place.action() } else { crate::ways::back(back) };
    Ok(Reply::go(to))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every path at which a form of any desk takes something personal or sealed.
    fn closed(form: &Form, at: &str, found: &mut Vec<String>) {
        for field in &form.fields {
            closed_in(&field.kind, &format!("{at}{}", field.name), found);
        }
    }

    fn closed_in(kind: &Kind, path: &str, found: &mut Vec<String>) {
        match kind {
            Kind::Personal(_) | Kind::Sealed(_) => {
                found.extend(["", ".1", ".zh"].map(|more| format!("{path}{more}")));
            }
            Kind::Group(form) => closed(form, &format!("{path}."), found),
            Kind::List(each, _) => {
                if is_closed(each) {
                    found.push(path.to_owned());
                }
                closed_in(each, &format!("{path}.1"), found);
            }
            _ => {}
        }
    }

    #[test]
    fn no_form_of_any_desk_keeps_what_is_personal_or_sealed() {
        let mut count = 0;
        for clerk in desks::DESKS.iter() {
            for verb in clerk.verbs() {
                let mut found = Vec::new();
                closed(&verb.form, "", &mut found);
                count += found.len();
                for path in found {
                    assert!(!is_open(&verb.form, &path), "{} {} {path}", clerk.name(), verb.name);
                }
            }
        }
        assert!(count > 10, "the sweep looked at something: {count}");
    }

    #[test]
    fn only_what_a_form_asks_for_is_kept() {
        let call = desks::DESKS.find("call").and_then(|clerk| clerk.verb("draft")).map(|verb| &verb.form);
        let Some(form) = call else { panic!("no call") };
        for path in ["title.zh", "title", "topics.1.code", "topics.12.goals.en", "opens"] {
            assert!(is_open(form, path), "{path}");
        }
        for path in ["", "csrf", "title.fr", "topics.x.code", "topics.1", "topics.1.code.2", "opens.zh"] {
            assert!(!is_open(form, path), "{path}");
        }
    }
}
