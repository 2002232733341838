//! Inbox: what waits for me, and until when; and what fits what I offer or need.

use grammar::{form::Dice, kinds::Id};
use maud::{Markup, html};
use registry::{Asker, Filter, Listed};
use serde_json::json;

use super::reason_sentence;
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Empty, Link, Press, Section, TimelineItem, Tone, Waiting},
    plain,
    visit::Reply,
    ways::Answer,
};

/// Records of one desk that are looked at for what waits.
const LOOKED_AT: u32 = 60;
/// Matches shown.
const MATCHES: u32 = 30;
/// Desks whose records wait for someone, and the status in which they wait for which verb; `desk/verb` is another desk's,
/// asked by whoever may ask it by the parties of this record.
const WAITS: [(&str, &str, &str); 31] = [
    ("incident", "open", "take-up"),
    ("incident", "taken", "resolve"),
    ("training", "begun", "sign-off"),
    ("need", "submitted", "screen"),
    ("need", "screened", "condense"),
    ("need", "condensed", "confirm"),
    ("need", "confirmed", "publish"),
    ("need", "published", "solicit"),
    ("need", "returned", "amend"),
    ("need", "draft", "submit"),
    ("notice", "objected", "answer"),
    ("draw", "anchored", "announce"),
    ("achievement", "draft", "publish"),
    ("application", "brief", "check-formally"),
    ("application", "brief-ok", "invite"),
    ("application", "invited", "confirm-by-unit"),
    ("comparison", "waiting", "decide"),
    ("review", "invited", "accept"),
    ("review", "accepted", "sign"),
    ("review", "discussing", "sign"),
    ("proposal", "submitted", "check"),
    ("proposal", "checked", "round/admit"),
    ("proposal", "returned", "amend"),
    ("proposal", "offered", "round/answer-turn"),
    ("proposal", "granted", "clear-samples"),
    ("proposal", "cleared", "schedule"),
    ("proposal", "overdue", "report"),
    ("proposal", "reported", "evaluate"),
    ("round", "open", "mark"),
    ("round", "closed", "mark"),
    ("round", "closed", "allocate"),
];

/// How many things wait for this guest; shown beside the link.
#[must_use]
pub fn waiting_count(guest: &Guest) -> u32 {
    let pending = guest.house.registry.pending(&guest.look.viewer).unwrap_or_default();
    u32::try_from(pending.iter().filter(|one| one.may_endorse).count()).unwrap_or(0)
}

/// The inbox.
///
/// # Errors
/// When one has not signed in, or the store cannot be read.
pub fn inbox(guest: &Guest) -> Answer {
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    let waiting = waiting(guest)?;
    let section = |id: &str, title: &str, body: Markup| {
        parts::section(&Section { id: id.into(), title: title.into(), beside: html! {}, body })
    };
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("inbox").into(), lead: guest.word("inbox-lead").into(), ..Default::default() }))
        (ways(guest))
        (section("second", guest.word("second-eyes"), endorsements(guest)?))
        (section("waits", guest.word("waits-for-me"), html! {
            @if waiting.is_empty() { (parts::empty(&Empty { title: guest.word("nothing-waits").into(), text: String::new(), links: vec![] })) }
            (parts::inbox(&waiting))
            @if !super::reviews::mine(guest)?.is_empty() { p { a href="/reviews" { (guest.word("reviews")) } } }
        }))
        (section("drafts", guest.word("drafts"), drafts(guest)?))
        (section("matches", guest.word("matches"), matches(guest)?))
        (section("followed", guest.word("followed"), super::follow::followed(guest)?))
    };
    Ok(guest.page(guest.word("inbox"), vec![], main))
}

/// The rooms for one's daily work.
fn ways(guest: &Guest) -> Markup {
    let rooms = [
        ("/wallet", "wallet-title"),
        ("/keeper", "keeper-title"),
        ("/figures", "figures-title"),
        ("/my/calendars", "calendar-links"),
        ("/my/busy", "own-busy-title"),
        ("/board", "board-title"),
    ];
    let office = super::money::may_see_uptake(guest).then_some(("/uptake", "uptake-title"));
    html! { nav.row aria-label=(guest.word("daily-rooms")) { @for (href, word) in rooms.into_iter().chain(office) { a href=(href) { (guest.word(word)) } } } }
}

/// Records whose next step this guest may take, each with the verb.
///
/// # Errors
/// When the store cannot be read.
pub fn waiting_records(guest: &Guest) -> Result<Vec<(Listed, &'static str)>, Trouble> {
    let mut waiting = Vec::new();
    let today = guest.house.registry.now().day();
    for (desk, status, verb) in WAITS {
        let (asked, verb_alone) = asked_of(desk, verb);
        let Some(clerk) = guest.desk(asked) else { continue };
        let Some(form) = clerk.verb(verb_alone) else { continue };
        let some = |_: &str, _: &mut Dice| Some(Id::named("none"));
        let Some(who) = form.sample(&mut Dice::new(3), today, &some).and_then(|sample| clerk.who(&sample))
        else {
            continue;
        };
        if !who.might_allow(&guest.look.viewer) {
            continue;
        }
        let page = guest.look.list(&Filter {
            desk: desk.into(),
            status: Some(status.into()),
            limit: LOOKED_AT,
            ..Filter::default()
        })?;
        let mine = page.rows.into_iter().filter(|listed| who.allows(&guest.look.viewer, &listed.card));
        for listed in mine {
            if (desk, verb) != ("round", "mark") || has_marks_to_give(guest, listed.id)? {
                waiting.push((listed, verb));
            }
        }
    }
    waiting.extend(super::ballots(guest)?.into_iter().map(|listed| (listed, "cast")));
    Ok(waiting)
}

/// The desk that is asked, and its verb.
fn asked_of<'a>(desk: &'a str, verb: &'a str) -> (&'a str, &'a str) {
    verb.split_once('/').unwrap_or((desk, verb))
}

/// Whether a reviewer has not marked every proposal of a round that is free of ties.
fn has_marks_to_give(guest: &Guest, round: Id) -> Result<bool, Trouble> {
    let Some(record) = guest.look.record(round)? else { return Ok(false) };
    let viewer = &guest.look.viewer;
    let all = |name: &str| record.state.get(name).and_then(|all| all.as_array()).cloned().unwrap_or_default();
    let id = |one: &serde_json::Value, name: &str| one.get(name)?.as_str()?.parse::<Id>().ok();
    let own = |mark: &&serde_json::Value| id(mark, "reviewer").is_some_and(|by| viewer.is_itself(by));
    let marked: Vec<Option<Id>> = all("marks").iter().filter(own).map(|mark| id(mark, "proposal")).collect();
    let is_tied = |entry: &serde_json::Value| {
        ["leader", "applicant"]
            .iter()
            .filter_map(|name| id(entry, name))
            .any(|id| viewer.is(id) || viewer.is_touched(id))
    };
    Ok(all("entries").iter().any(|entry| !is_tied(entry) && !marked.contains(&id(entry, "proposal"))))
}

fn waiting(guest: &Guest) -> Result<Vec<Waiting>, Trouble> {
    let today = guest.house.registry.now().day();
    let one = |(listed, verb): (Listed, &'static str)| {
        let href = format!("/{}/{}", listed.desk, listed.id);
        let (asked, verb) = asked_of(&listed.desk, verb);
        Waiting {
            what: guest.desk_word(asked, "verb", verb),
            href: href.clone(),
            about: html! { a href=(href) { (guest.pick(&listed.card.title_zh, &listed.card.title_en)) } },
            machine: listed.card.until.map_or_else(|| listed.changed.to_string(), |until| until.to_string()),
            until: match listed.card.until {
                Some(until) => guest.say("until-day", &json!({ "until": until })),
                None => guest.day(listed.changed.day()),
            },
            left: match listed.changed.day().days_until(today) {
                0 => guest.word("waits-today").into(),
                days => guest.say("waits-since", &json!({ "days": days })),
            },
            tone: Tone::Plain,
            action: guest.word("open").into(),
        }
    };
    let mut waiting: Vec<Waiting> = waiting_records(guest)?.into_iter().map(one).collect();
    waiting.extend(super::training_waits(guest)?);
    Ok(waiting)
}

/// Asks that wait for a second person: mine to endorse, and mine that wait for others.
fn endorsements(guest: &Guest) -> Result<Markup, Trouble> {
    let pending = guest.house.registry.pending(&guest.look.viewer)?;
    if pending.is_empty() {
        return Ok(html! { p.note { (guest.word("no-second-eyes")) } });
    }
    let mut shown = Vec::new();
    for one in &pending {
        let Some(clerk) = guest.desk(&one.desk) else { continue };
        let words = clerk.words(guest.locale);
        let verb = one.command.get("verb").and_then(|verb| verb.as_str()).unwrap_or("");
        let mut said = one.command.clone();
        said.as_object_mut().map(|map| map.remove("verb"));
        let asked_by = match one.by {
            Asker::Person(person) => guest.name(person),
            _ => String::new(),
        };
        let press = |answer: &str, label: &'static str| Press {
            action: format!("/inbox/{}/{answer}", one.id),
            hidden: guest.hidden(),
            label: guest.word(label).into(),
        };
        shown.push(html! {
            article.sheet {
                h3 { (words.get("verb", verb)) @if let Some(record) = one.record { (guest.pick("：", ": ")) (guest.link(record)) } }
                p.note { (guest.say("asked-by", &json!({ "who": asked_by, "at": one.at }))) }
                (parts::facts(&crate::plain::values(guest, clerk, &said)))
                div.row {
                    @if one.may_endorse { (press("agree", "agree").show("main")) (press("refuse", "send-away").show("")) }
                    @else { (press("refuse", "take-back").show("")) p.note { (guest.word("waits-for-second")) } }
                }
            }
        });
    }
    Ok(html! { div.grid.large { @for one in shown { (one) } } })
}

/// Forms that this guest has begun and not sent.
fn drafts(guest: &Guest) -> Result<Markup, Trouble> {
    let all = plain::draft::listed(guest)?;
    Ok(html! {
        p.note { (guest.word(if all.is_empty() { "drafts-none" } else { "drafts-text" })) }
        ul { @for one in &all { li {
            a href=(one.href) { (one.verb) } (guest.pick("（", " (")) (one.about) (guest.pick("）", ") "))
            small.soft { (guest.moment(one.at)) }
        } } }
    })
}

/// Standing matches, newest first, with their reasons.
fn matches(guest: &Guest) -> Result<Markup, Trouble> {
    let mut items = Vec::new();
    for found in guest.look.my_matches(MATCHES)? {
        let reasons: Vec<String> = found
            .reasons
            .iter()
            .filter(|r| r.points > 0)
            .take(4)
            .map(|reason| reason_sentence(guest, reason))
            .collect();
        items.push(TimelineItem {
            machine: found.at.to_string(),
            when: guest.moment(found.at),
            who: String::new(),
            sentence: html! {
                (guest.link(found.offer)) " → " (guest.link(found.need)) " "
                small.soft { (guest.word("spoke-for")) (guest.pick("：", ": ")) (reasons.join(guest.pick("、", ", "))) }
            },
            tone: Tone::Good,
            proof: None,
            hash: String::new(),
        });
    }
    if items.is_empty() {
        return Ok(parts::empty(&Empty {
            title: guest.word("no-matches").into(),
            text: guest.word("no-matches-text").into(),
            links: vec![Link::new("/find", guest.word("find"))],
        }));
    }
    Ok(parts::timeline(&items))
}

/// Agrees to what waits, or sends it away.
///
/// # Errors
/// Why nothing happened.
pub fn endorse(guest: &Guest, pending: Id, agrees: bool) -> Answer {
    super::oneself(guest)?;
    let receipt = guest.house.registry.endorse(pending, guest.asker(), agrees)?;
    let desk = receipt.record.desk().to_owned();
    let is_done = agrees && guest.desk(&desk).is_some();
    Ok(Reply::go(if is_done {
        format!("/{desk}/{}?done={}", receipt.record, receipt.position)
    } else {
        "/inbox".into()
    }))
}
