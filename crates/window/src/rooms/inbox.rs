//! Inbox: what waits for me, and until when; and what fits what I offer or need.

use grammar::kinds::Id;
use maud::{Markup, html};
use registry::{Asker, Pending};
use serde_json::json;

use super::{
    counts::counted,
    reason_sentence,
    waiting::{NextStep, waiting_records},
};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Empty, Link, Press, Section, TimelineItem, Tone, Waiting},
    plain,
    visit::Reply,
    ways::Answer,
};

/// Matches shown.
const MATCHES: u32 = 30;
/// Records shown that wait for the same step.
const SHOWN_EACH: usize = 8;

/// The inbox.
///
/// # Errors
/// When one has not signed in, or the store cannot be read.
pub fn inbox(guest: &Guest) -> Answer {
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    let (steps, second) = (waiting_records(guest)?, guest.house.registry.pending(&guest.look.viewer)?);
    counted(guest, steps.len() + second.iter().filter(|one| one.may_endorse).count());
    let section = |id: &str, title: &str, body: Markup| {
        parts::section(&Section { id: id.into(), title: title.into(), beside: html! {}, body })
    };
    let main = html! {
        (parts::heading(&parts::Heading { title: guest.word("inbox").into(), lead: guest.word("inbox-lead").into(), ..Default::default() }))
        (ways(guest))
        (section("second", guest.word("second-eyes"), endorsements(guest, &second)))
        (section("waits", guest.word("waits-for-me"), html! {
            (waiting(guest, steps)?)
            @if !super::reviews::mine(guest)?.is_empty() { p { a href="/reviews" { (guest.word("reviews")) } } }
        }))
        (section("drafts", guest.word("drafts"), drafts(guest)?))
        @if let Some(matches) = matches(guest)? { (section("matches", guest.word("matches"), matches)) }
        (section("followed", guest.word("followed"), super::follow::followed(guest)?))
    };
    Ok(guest.page(guest.word("inbox"), vec![], main))
}

/// The rooms for one's daily work.
fn ways(guest: &Guest) -> Markup {
    // Units have vouchers and instruments.
    let has_unit = !guest.look.viewer.organisations.is_empty();
    let of_unit =
        [("/booking?mine=yes", "my-bookings"), ("/wallet", "wallet-title"), ("/keeper", "keeper-title")];
    let rooms = [
        ("/figures", "figures-title"),
        ("/my/calendars", "calendar-links"),
        ("/my/busy", "own-busy-title"),
        ("/board", "board-title"),
    ];
    let office = super::money::may_see_uptake(guest).then_some(("/uptake", "uptake-title"));
    html! { nav.row aria-label=(guest.word("daily-rooms")) { @for (href, word) in of_unit.into_iter().filter(|_| has_unit).chain(rooms).chain(office) { a href=(href) { (guest.word(word)) } } } }
}

/// What waits for this guest, step by step: that first for which something has waited longest.
fn waiting(guest: &Guest, found: Vec<NextStep>) -> Result<Markup, Trouble> {
    let mut steps: Vec<Vec<NextStep>> = Vec::new();
    for next in found {
        match steps.iter_mut().find(|step| step.first().is_some_and(|one| is_same_step(one, &next))) {
            Some(step) => step.push(next),
            None => steps.push(vec![next]),
        }
    }
    steps.iter_mut().for_each(|step| step.sort_by_key(|next| next.listed.changed));
    steps.sort_by_key(|step| step.first().map(|next| next.listed.changed));
    let mut learning = super::training_waits(guest)?;
    learning.extend(super::line_waits(guest)?);
    Ok(html! {
        @if steps.is_empty() && learning.is_empty() { p.note { (guest.word("nothing-waits")) } }
        @for step in &steps {
            (parts::inbox(&step.iter().take(SHOWN_EACH).map(|next| waits(guest, next)).collect::<Vec<_>>()))
            @if let (Some(next), true) = (step.first(), step.len() > SHOWN_EACH) {
                p { a href=(all_of(next)) { (guest.say("waits-more", &json!({ "count": step.len(), "verb": guest.desk_word(next.asked, "verb", next.verb) }))) } }
            }
        }
        @if !learning.is_empty() { (parts::inbox(&learning)) }
    })
}

fn is_same_step(one: &NextStep, other: &NextStep) -> bool {
    (one.asked, one.verb, &one.listed.desk) == (other.asked, other.verb, &other.listed.desk)
}

/// The list in which all that wait for the same step stand.
fn all_of(next: &NextStep) -> String {
    format!("/{}?status={}", next.listed.desk, next.listed.card.status)
}

fn waits(guest: &Guest, next: &NextStep) -> Waiting {
    let NextStep { listed, asked, verb } = next;
    let today = guest.house.registry.now().day();
    let href = format!("/{}/{}", listed.desk, listed.id);
    let kind = guest.desk_word(&listed.desk, "desk", "one");
    let of = listed.card.from.map_or(kind.clone(), |from| format!("{kind} · {}", guest.day(from)));
    // A day that is over is no term.
    let until = listed.card.until.filter(|until| *until >= today);
    Waiting {
        what: guest.desk_word(asked, "verb", verb),
        href: href.clone(),
        about: html! { a href=(href) { (guest.pick(&listed.card.title_zh, &listed.card.title_en)) } " " span.soft { (of) } },
        machine: until.map_or_else(|| listed.changed.to_string(), |until| until.to_string()),
        until: match until {
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
}

/// Asks that wait for a second person: mine to endorse, and mine that wait for others.
fn endorsements(guest: &Guest, pending: &[Pending]) -> Markup {
    if pending.is_empty() {
        return html! { p.note { (guest.word("no-second-eyes")) } };
    }
    let mut shown = Vec::new();
    for one in pending {
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
    html! { div.grid.large { @for one in shown { (one) } } }
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

/// Standing matches, newest first, with their reasons. Nothing where there can be none: only units have needs and offers.
fn matches(guest: &Guest) -> Result<Option<Markup>, Trouble> {
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
    let empty = Empty {
        title: guest.word("no-matches").into(),
        text: guest.word("no-matches-text").into(),
        links: vec![Link::new("/find", guest.word("find"))],
    };
    Ok(match (items.is_empty(), guest.look.viewer.organisations.is_empty()) {
        (true, true) => None,
        (true, false) => Some(parts::empty(&empty)),
        (false, _) => Some(parts::timeline(&items)),
    })
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
