//! A record's page: its heading, its facts, how far it is, what happened to it.

use maud::{Markup, html};

use super::{Icon, Link, Tone, hash, icon, moment, some};

/// The top of a page.
#[derive(Clone, Debug, Default)]
pub struct Heading {
    /// Small things over the title: kind, number.
    pub over: Vec<Markup>,
    pub title: String,
    /// The title in the other language, and which that is; may be empty.
    pub also: String,
    pub also_lang: String,
    /// A sentence under the title; may be empty.
    pub lead: String,
    pub badges: Vec<Markup>,
    /// The three to five facts that matter most.
    pub facts: Vec<Fact>,
}

/// A name and its value. `note` says where it comes from or how it is counted.
#[derive(Clone, Debug, Default)]
pub struct Fact {
    pub label: String,
    pub value: Markup,
    pub note: String,
}

impl Fact {
    /// A fact whose value is plain text.
    #[must_use]
    pub fn new(label: impl Into<String>, value: &str) -> Self {
        Self { label: label.into(), value: html! { (value) }, note: String::new() }
    }
}

#[must_use]
pub fn heading(heading: &Heading) -> Markup {
    html! {
        header.heading {
            @if !heading.over.is_empty() || !heading.badges.is_empty() {
                div.over {
                    @for over in &heading.over { span { (over) } }
                    @for badge in &heading.badges { (badge) }
                }
            }
            div {
                h1 { (heading.title) }
                @if !heading.also.is_empty() {
                    p.also lang=[some(&heading.also_lang)] { (heading.also) }
                }
            }
            @if !heading.lead.is_empty() { p.lead { (heading.lead) } }
            @if !heading.facts.is_empty() {
                dl.key-facts { @for fact in &heading.facts { (pair(fact)) } }
            }
        }
    }
}

/// A list of facts: name on the left, value on the right.
#[must_use]
pub fn facts(facts: &[Fact]) -> Markup {
    html! { dl.facts { @for fact in facts { (pair(fact)) } } }
}

fn pair(fact: &Fact) -> Markup {
    html! {
        div {
            dt { (fact.label) }
            dd {
                (fact.value)
                @if !fact.note.is_empty() { " " small { (fact.note) } }
            }
        }
    }
}

/// A part of a page with its own heading. `id` is unique in the page; may be empty.
#[derive(Clone, Debug, Default)]
pub struct Section {
    pub id: String,
    pub title: String,
    /// Beside the title: a link to more, a count.
    pub beside: Markup,
    pub body: Markup,
}

#[must_use]
pub fn section(section: &Section) -> Markup {
    html! {
        section.part id=[some(&section.id)] {
            header {
                h2 { (section.title) }
                @if !section.beside.0.is_empty() { div.note { (section.beside) } }
            }
            (section.body)
        }
    }
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    Done,
    Current,
    #[default]
    Next,
    /// A way that may be taken from here instead of the next.
    Branch,
}

/// One state on the way of a record. `reads` says the state of the step in words: "done", "now".
#[derive(Clone, Debug, Default)]
pub struct Step {
    pub label: String,
    pub note: String,
    pub state: State,
    pub reads: String,
}

/// How far a record is.
#[must_use]
pub fn steps(label: &str, steps: &[Step]) -> Markup {
    // The line that joins the steps ends before the other ways.
    let last = steps.iter().rposition(|step| step.state != State::Branch);
    html! {
        ol.steps aria-label=(label) {
            @for (place, step) in steps.iter().enumerate() {
                @let (class, sign) = match step.state {
                    State::Done => ("done", Icon::Tick),
                    State::Current => ("current", Icon::Dot),
                    State::Next => ("next", Icon::Ring),
                    State::Branch => ("branch", Icon::Branch),
                };
                li class={ (class) @if last == Some(place) { " ends" } } aria-current=[(step.state == State::Current).then_some("step")] {
                    (step_sign(step.state, sign))
                    b { (step.label) }
                    @if !step.reads.is_empty() { span.unseen { (step.reads) } }
                    @if !step.note.is_empty() { span { (step.note) } }
                }
            }
        }
    }
}

/// A tick is drawn on a filled disc; the other signs are their own shape.
fn step_sign(state: State, sign: Icon) -> Markup {
    html! {
        @if state == State::Done {
            svg viewBox="0 0 24 24" aria-hidden="true" focusable="false" {
                circle cx="12" cy="12" r="11" stroke="none" {}
                path d="M6.5 12.5 10.5 16.5 17.5 8.5" fill="none" stroke-width="2.5" {}
            }
        } @else { (icon(sign)) }
    }
}

/// One thing that happened.
#[derive(Clone, Debug, Default)]
pub struct TimelineItem {
    /// For machines: RFC 3339; for people: as they write it.
    pub machine: String,
    pub when: String,
    pub who: String,
    pub sentence: Markup,
    pub tone: Tone,
    /// The proof of it, and the start of its hash.
    pub proof: Option<Link>,
    pub hash: String,
}

/// What happened, as a list. The caller decides the order.
#[must_use]
pub fn timeline(items: &[TimelineItem]) -> Markup {
    html! {
        ol.timeline {
            @for item in items {
                li class=[some(item.tone.class())] {
                    div { (item.sentence) }
                    div.foot-note {
                        (moment(&item.machine, &item.when))
                        @if !item.who.is_empty() { span { (item.who) } }
                        @if let Some(proof) = &item.proof { (proof.show()) }
                        @if !item.hash.is_empty() { (hash(&item.hash)) }
                    }
                }
            }
        }
    }
}
