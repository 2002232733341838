//! A need: what is asked, what answers it, what has happened, and what you can do now.

use grammar::{clerk::Clerk, kinds::Id};
use maud::{Markup, html};
use registry::{Hit, NeedText, Record};

use super::{compare::compare, find};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Link, Section},
    plain,
    ways::Answer,
};

/// The way of most needs, and where others leave it.
const WAY: [&str; 8] =
    ["draft", "submitted", "screened", "condensed", "confirmed", "published", "soliciting", "matched"];
/// Answers shown.
const SHOWN: usize = 6;

/// The page of a need.
///
/// # Errors
/// When there is none for this guest's eyes, or the store cannot be read.
pub fn need(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record = guest.look.record(id)?.filter(|record| record.desk == "need").ok_or(Trouble::NotFound)?;
    let title = guest.pick(&record.card.title_zh, &record.card.title_en).to_owned();
    let section = |id: &str, title: &str, body: Markup| {
        parts::section(&Section { id: id.into(), title: title.into(), beside: html! {}, body })
    };
    let main = html! {
        (plain::heading(guest, clerk, &record))
        (plain::done(guest)?)
        (plain::progress(guest, clerk, &record, &WAY))
        (invitation(guest, &record))
        (compare(guest, &record)?)
        div.two-thirds {
            div {
                (section("asked", guest.word("need-asked"), parts::facts(&plain::values(guest, clerk, &record.state))))
                (section("answers", guest.word("need-answers"), answers(guest, &record)?))
                (plain::history(guest, clerk, &record)?)
            }
            aside { (plain::actions(guest, clerk, &record)?) (plain::proofs(guest, clerk, &record)?) }
        }
    };
    let crumbs = vec![Link::new("/need", guest.desk_word(clerk.name(), "desk", "many"))];
    Ok(guest.page(&title, crumbs, main))
}

/// While solutions are asked for: until when, and the one button. An organisation answers, not the one that asks.
fn invitation(guest: &Guest, record: &Record) -> Markup {
    let card = &record.card;
    let (viewer, is_in) = (&guest.look.viewer, guest.session.is_some());
    let asks = card.holders("owner").any(|owner| viewer.organisations.contains(&owner));
    let Some(until) = card.until.filter(|_| card.status == "soliciting" && !asks) else { return html! {} };
    let answers = is_in && !viewer.organisations.is_empty();
    html! {
        section.part {
            p.lead { (guest.word("need-open-until")) " " time datetime=(until) { (guest.day(until)) } " " (super::reviews::left(guest, until)) }
            div.row {
                @if answers { a.button.main href={ "/solution/new/draft?need=" (record.id) } { (guest.word("need-answer")) } }
                @else if !is_in { a.button.main href={ "/sign-in?back=/need/" (record.id) } { (guest.word("need-sign-in")) } }
            }
            @if is_in && !answers { p.note { (guest.word("need-no-unit")) } }
        }
    }
}

/// Everything the region can put behind it now, by the same engine as the find page.
fn answers(guest: &Guest, record: &Record) -> Result<Markup, Trouble> {
    let card = &record.card;
    let asked = NeedText {
        title: format!("{}\n{}", card.title_zh, card.title_en),
        text: card.text.clone(),
        field: card.field.clone(),
        region: card.region,
        trl: card.trl,
        by: card.until,
        budget: card.amount,
        ..NeedText::default()
    };
    let found = guest.look.find(&asked, SHOWN)?;
    let best = found.hits.first().map_or(1.0, |hit: &Hit| hit.score).max(0.01);
    Ok(html! {
        p.note { (guest.word("need-answers-note")) }
        @if found.hits.is_empty() { p { (guest.word("found-nothing")) } }
        @for hit in &found.hits { (find::show(guest, hit, best)) }
        p { a.button href={ "/find?q=" (crate::visit::escape(guest.pick(&card.title_zh, &card.title_en))) } { (guest.word("see-all")) } }
    })
}
