//! A certificate: one sheet of paper for a record that is one by nature, with the code by which anyone can check it.

use grammar::{clerk::Clerk, kinds::Id};
use maud::html;
use serde_json::json;

use super::code_card;
use crate::{
    denied::Trouble,
    guest::Guest,
    parts::{self, Fact, Link},
    plain,
    ways::Answer,
};

/// The page to print.
///
/// # Errors
/// When there is no such record for this guest, it is no certificate, or the guest may have none of its facts.
pub fn certificate(guest: &Guest, clerk: &dyn Clerk, id: Id) -> Answer {
    let record =
        guest.look.record(id)?.filter(|record| record.desk == clerk.name()).ok_or(Trouble::NotFound)?;
    if !clerk.is_certificate(&record.state) {
        return Err(Trouble::NotFound);
    }
    let open = guest.look.last_open(id)?.ok_or(Trouble::NotFound)?;
    let registry = &guest.house.registry;
    let card = &record.card;
    let (title, also) =
        (guest.pick(&card.title_zh, &card.title_en), guest.pick(&card.title_en, &card.title_zh));
    let kind = clerk.words(guest.locale).get("desk", "one").to_owned();
    let mut facts = vec![
        Fact {
            label: guest.word("status").into(),
            value: guest.status_badge(&record.desk, &card.status),
            note: String::new(),
        },
        Fact {
            label: guest.word("certificate-number").into(),
            value: html! { code { (record.id) } },
            note: String::new(),
        },
    ];
    facts.extend(plain::card_facts(guest, clerk, &record, usize::MAX));
    facts.push(Fact::new(guest.word("certificate-born"), &guest.day(record.born)));
    let said =
        json!({ "origin": registry.settings().origin, "index": open.position, "day": registry.now().day() });
    let mark = |key: &'static str| guest.say(key, &said);
    let main = html! {
        article.certificate {
            header {
                (parts::seal())
                p.note { (guest.word("product")) " · " (registry.settings().origin) }
                p.what { (guest.say("certificate-of", &json!({ "kind": kind }))) }
                h1 { (title) }
                @if also != title { p.also lang=(guest.pick("en", "zh-CN")) { (also) } }
                @if record.is_demo { p { (guest.demo_badge()) } }
            }
            (parts::facts(&facts))
            (parts::proof(&parts::Proof {
                title: guest.word("certificate-shows").into(),
                proves_label: guest.word("proves").into(),
                proves: vec![mark("certificate-in-log"), mark("certificate-now")],
                not_label: guest.word("proves-not").into(),
                not: vec![mark("certificate-not-paper"), mark("proves-not-truth")],
                qr: code_card(guest, &open.code),
                ..Default::default()
            }))
            p.note { (mark("certificate-printed")) }
        }
        p.row.screen {
            a.button href={ "/" (record.desk) "/" (record.id) } { (guest.word("certificate-back")) }
            span.note { (guest.word("certificate-print")) }
        }
    };
    let crumbs = vec![
        Link::new(format!("/{}", clerk.name()), guest.desk_word(clerk.name(), "desk", "many")),
        Link::new(format!("/{}/{}", record.desk, record.id), title),
    ];
    Ok(guest.page(&guest.say("certificate-of", &json!({ "kind": kind })), crumbs, main))
}

#[cfg(test)]
mod tests {
    #[test]
    fn no_verb_hides_behind_the_certificate() {
        for clerk in desks::DESKS.iter() {
            assert!(clerk.verb("certificate").is_none(), "{}", clerk.name());
        }
    }
}
