//! What one can do with a record now; why not, by which article; and a refusal in full.

use maud::{Markup, html};

use super::{Icon, Link, Notice, Press, Tone, icon, notice, some};

/// One thing that can be asked of a record.
#[derive(Clone, Debug)]
pub struct Action {
    pub label: String,
    /// What it does, in a line; may be empty.
    pub help: String,
    pub way: Way,
}

/// How an action is taken, or why it cannot be.
#[derive(Clone, Debug)]
pub enum Way {
    /// A page with a form; `main` for the one thing most people want.
    Open { href: String, main: bool },
    /// At once. The press's own label is not shown.
    Press { press: Press, main: bool },
    /// Not now, or not for this person.
    No { reason: String, article: Option<Article> },
}

/// A rule as it is shown where it matters. `summary` is the line that opens it: "Rule VC-R04".
#[derive(Clone, Debug, Default)]
pub struct Article {
    pub summary: String,
    pub text: String,
    /// Source and article, region and days: "… article 12; in force since 2018-01-01".
    pub source: String,
    /// How sure we are of it; a badge.
    pub confidence: Markup,
    pub link: Option<Link>,
}

#[must_use]
pub fn actions(actions: &[Action]) -> Markup {
    html! {
        ul.actions.bare { @for action in actions { li { (one(action)) } } }
    }
}

fn one(action: &Action) -> Markup {
    let class = |main: bool| if main { "main act" } else { "act" };
    html! {
        @match &action.way {
            Way::Open { href, main } => {
                a.button.main[*main] href=(href) { (action.label) }
                @if !action.help.is_empty() { small { (action.help) } }
            }
            Way::Press { press, main } => {
                (Press { label: action.label.clone(), ..press.clone() }.show(class(*main)))
                @if !action.help.is_empty() { small { (action.help) } }
            }
            Way::No { reason, article: rule } => {
                div.no {
                    b { (icon(Icon::Lock)) (action.label) }
                    p { (reason) }
                    @if let Some(rule) = rule { (article(rule)) }
                }
            }
        }
    }
}

/// A rule that opens where it is named.
#[must_use]
pub fn article(rule: &Article) -> Markup {
    html! {
        details.article {
            summary { (rule.summary) }
            div {
                p { (rule.text) " " (rule.confidence) }
                @if !rule.source.is_empty() { p.soft { (rule.source) } }
                @if let Some(link) = &rule.link { (link.show()) }
            }
        }
    }
}

/// A refusal: what happened, by which rule, and what one can do now.
#[derive(Clone, Debug, Default)]
pub struct Refusal {
    pub title: String,
    pub sentence: String,
    pub article: Option<Article>,
    pub next_label: String,
    pub next: Vec<Link>,
}

#[must_use]
pub fn refusal(refusal: &Refusal) -> Markup {
    let body = html! {
        p { (refusal.sentence) }
        @if let Some(rule) = &refusal.article { (article(rule)) }
        @if let Some(label) = some(&refusal.next_label) { p.then { (label) } }
    };
    html! {
        div role="alert" {
            (notice(&Notice {
                tone: Tone::Warn,
                title: refusal.title.clone(),
                body,
                links: refusal.next.clone(),
            }))
        }
    }
}
