//! Turn: whose step is next at a record, as the inbox knows it, with the way to it for whoever may take it.

use desks::waits::Wait;
use grammar::viewer::Who;
use maud::{Markup, html};
use registry::Record;
use serde_json::json;

use super::waiting;
use crate::{
    denied,
    guest::Guest,
    parts::{self, Link, Notice, Tone},
};

/// The next step of a record; nothing where it waits for nobody, or for readers without a name.
#[must_use]
pub fn turn(guest: &Guest, record: &Record) -> Markup {
    let viewer = &guest.look.viewer;
    let steps: Vec<(&Wait, Who)> = waiting::steps(guest, record).collect();
    let Some((next, who)) = steps.first().filter(|_| guest.session.is_some()) else { return html! {} };
    let own = steps.iter().find(|(_, who)| who.allows(viewer, &record.card));
    let verb = |wait: &Wait| guest.desk_word(wait.asked, "verb", wait.verb);
    let notice = match own {
        Some((wait, _)) => Notice {
            tone: Tone::Warn,
            title: guest.say("booking-turn-own", &json!({ "verb": verb(wait) })),
            body: html! {},
            links: vec![Link::new(href(record, wait), verb(wait))],
        },
        None => Notice {
            tone: Tone::Info,
            title: guest
                .say("booking-turn-other", &json!({ "who": named(guest, record, *who), "verb": verb(next) })),
            body: html! {},
            links: vec![],
        },
    };
    html! { div role="status" { (parts::notice(&notice)) } }
}

/// The form of the step: of the record, or of a new one that names it.
fn href(record: &Record, wait: &Wait) -> String {
    if wait.asked == wait.desk {
        return format!("/{}/{}/{}", wait.desk, record.id, wait.verb);
    }
    format!("/{}/new/{}?{}={}", wait.asked, wait.verb, wait.desk, record.id)
}

/// Those who may take it: an organisation or person by name where the record names one, else by office.
fn named(guest: &Guest, record: &Record, who: Who) -> String {
    match who {
        Who::Party(part) | Who::Signatory(part) if record.card.holders(part).next().is_some() => {
            let all: Vec<String> = record.card.holders(part).take(3).map(|id| guest.name(id)).collect();
            all.join(guest.pick("、", ", "))
        }
        Who::Two(who) => named(guest, record, *who),
        who => denied::who_sentence(guest, &who.names()),
    }
}
