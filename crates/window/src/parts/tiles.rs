//! Tiles: a number that leads to its records, what waits for someone, progress, the doors of the demo.

use maud::{Markup, html};

use super::{Press, Tone, moment, some};

/// A number. `href` leads to the records it was counted from.
#[derive(Clone, Debug, Default)]
pub struct Stat {
    pub value: String,
    pub unit: String,
    pub label: String,
    pub href: String,
    /// Where it comes from and until when; may be empty.
    pub source: String,
}

#[must_use]
pub fn stat(stat: &Stat) -> Markup {
    let inner = html! {
        b { (stat.value) @if let Some(unit) = some(&stat.unit) { small { (unit) } } }
        span { (stat.label) }
    };
    html! {
        div.tile {
            @if stat.href.is_empty() { (inner) } @else { a href=(stat.href) { (inner) } }
            @if let Some(source) = some(&stat.source) { small.source { (source) } }
        }
    }
}

/// Several numbers side by side.
#[must_use]
pub fn stats(stats: &[Stat]) -> Markup {
    html! { div.grid { @for one in stats { (stat(one)) } } }
}

/// Something that waits for someone.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    /// What is to be done.
    pub what: String,
    pub href: String,
    /// Of what: the record and its kind.
    pub about: Markup,
    /// Until when, for machines and people, and how long that is: "in 3 working days".
    pub machine: String,
    pub until: String,
    pub left: String,
    /// `Warn` when it is soon, `Bad` when it is over.
    pub tone: Tone,
    /// The button's text.
    pub action: String,
}

#[must_use]
pub fn inbox(waiting: &[Waiting]) -> Markup {
    html! {
        ol.inbox {
            @for one in waiting {
                li class=[some(one.tone.class())] {
                    p.until {
                        b { (one.left) }
                        (moment(&one.machine, &one.until))
                    }
                    div {
                        p.what { (one.what) }
                        p.note { (one.about) }
                    }
                    a.button href=(one.href) {
                        (one.action)
                        span.unseen { (one.what) }
                    }
                }
            }
        }
    }
}

/// How far long work is. `id` is unique in the page; `text` says it in words.
#[must_use]
pub fn progress(id: &str, label: &str, (done, all): (u64, u64), text: &str) -> Markup {
    html! {
        div.progress {
            div { label for=(id) { (label) } span { (text) } }
            progress #(id) value=(done) max=(all.max(1)) { (text) }
        }
    }
}

/// A person of the demo that one can become.
#[derive(Clone, Debug, Default)]
pub struct Role {
    /// One character, drawn as a seal.
    pub sign: String,
    pub name: String,
    /// Part and organisation.
    pub part: String,
    /// What one can try as this person.
    pub does: String,
    pub press: Press,
}

#[must_use]
pub fn roles(roles: &[Role]) -> Markup {
    html! {
        div.grid.large {
            @for role in roles {
                article.role {
                    span.sign aria-hidden="true" { (role.sign) }
                    h2 { (role.name) }
                    p.note { (role.part) }
                    p.does { (role.does) }
                    (role.press.show("act"))
                }
            }
        }
    }
}
