//! Here: whoever stands before an instrument scans its label and comes to the next step of their own booking: starting it with
//! the code that the label carries, or stopping it; or to the instrument's line. The label is printed by the keeper.

use desks::booking::{Came, Sitting};
use grammar::{clerk::Clerk, kinds::Id};
use maud::html;
use registry::Filter;
use serde_json::Value;

use super::{
    booking::{SOON, all_sittings},
    calendar, line,
};
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::Link,
    rooms::proof::qr,
    visit::{Reply, escape},
    ways::Answer,
};

/// Bookings of this guest at the instrument that are looked at.
const LOOKED_AT: u32 = 60;

/// Leads on to the booking that runs or is about to begin, else to the line or the calendar.
///
/// # Errors
/// When one has not signed in, there is no such instrument, or the store cannot be read.
pub fn here(guest: &Guest, id: Id) -> Answer {
    let instrument =
        guest.look.record(id)?.filter(|record| record.desk == "instrument").ok_or(Trouble::NotFound)?;
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    let now = guest.house.registry.now();
    for status in ["running", "scheduled"] {
        let page = guest.look.list(&Filter {
            desk: "booking".into(),
            status: Some(status.into()),
            party: Some(id),
            is_mine: true,
            limit: LOOKED_AT,
            ..Filter::default()
        })?;
        for listed in page.rows {
            let is_own = super::is_side(guest, &listed.card, "buyer");
            if is_own && status == "running" {
                return Ok(Reply::go(format!("/booking/{}", listed.id)));
            }
            let Some(record) = guest.look.record(listed.id)?.filter(|_| is_own) else { continue };
            let is_now = |sitting: &Sitting| {
                let (from, until) = (sitting.times.from.plus_millis(-SOON), sitting.times.until);
                sitting.came == Came::Planned && from <= now && now < until
            };
            if all_sittings(&record).iter().any(is_now) {
                let code = escape(guest.visit.asked("code").unwrap_or(""));
                return Ok(Reply::go(format!("/booking/{}/start?instrument={id}&code={code}", listed.id)));
            }
        }
    }
    // Whoever has nothing booked may stand in line.
    let stands = line::of(&guest.look, id, &instrument.card)?;
    Ok(Reply::go(stands.map_or_else(|| calendar::href(id, now.day()), |line| format!("/line/{}", line.id))))
}

/// The label to print, for the keeper alone: the code and a picture of it that leads here.
///
/// # Errors
/// When there is no such instrument, or the guest does not keep it.
pub fn label(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record =
        guest.look.record(id)?.filter(|record| record.desk == "instrument").ok_or(Trouble::NotFound)?;
    let is_keeper = super::is_side(guest, &record.card, "unit");
    let door =
        record.state.get("door").and_then(Value::as_str).filter(|_| is_keeper).ok_or(Trouble::NotFound)?;
    let address = format!("{}/instrument/{id}/here?code={}", guest.house.options.public_url, escape(door));
    let (zh, en) = (record.card.title_zh.as_str(), record.card.title_en.as_str());
    let (title, also) = (guest.pick(zh, en), guest.pick(en, zh));
    let main = html! {
        article.certificate {
            header {
                h1 { (title) }
                @if also != title { p.also lang=(guest.pick("en", "zh-CN")) { (also) } }
                p.note { (guest.link(record.card.the("unit"))) }
            }
            div.code-card {
                (qr(&address, guest.word("label-qr")))
                div { p.note { (guest.desk_word("booking", "field", "code")) } p.code { (door) } p.note { (guest.word("label-text")) } }
            }
        }
        p.row.screen {
            a.button href={ "/instrument/" (id) } { (guest.word("label-back")) }
            span.note { (guest.word("label-print")) }
        }
    };
    let crumbs = vec![
        Link::new("/instrument", guest.desk_word(clerk.name(), "desk", "many")),
        Link::new(format!("/instrument/{id}"), title),
    ];
    Ok(guest.page(guest.word("label-title"), crumbs, main))
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_verb_hides_behind_the_label() {
        let clerk = desks::DESKS.find("instrument").unwrap();
        assert!(["here", "label"].iter().all(|name| clerk.verb(name).is_none()));
    }
}
