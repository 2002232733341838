//! Find: the big box, and one thing found with the reasons for and against it.

use maud::{Markup, html};

use super::{Fact, Icon, Link, Search, icon, search, some};

/// The top of the find page: a question and the box that answers it.
#[derive(Clone, Debug, Default)]
pub struct Hero {
    pub title: String,
    pub lead: String,
    pub search: Search,
    pub examples_label: String,
    pub examples: Vec<Link>,
}

#[must_use]
pub fn hero(hero: &Hero) -> Markup {
    html! {
        div.hero {
            h1 { (hero.title) }
            @if !hero.lead.is_empty() { p.lead { (hero.lead) } }
            (search(&hero.search))
            @if !hero.examples.is_empty() {
                div.row {
                    span { (hero.examples_label) }
                    @for example in &hero.examples { (example.show()) }
                }
            }
        }
    }
}

/// One thing found.
#[derive(Clone, Debug, Default)]
pub struct Found {
    /// Kind badge, status, the mark 示例.
    pub over: Vec<Markup>,
    pub title: Link,
    /// Where it is, its field, its readiness.
    pub facts: Vec<Fact>,
    /// A piece of its text, the words that matched in `mark`.
    pub snippet: Markup,
    pub for_label: String,
    pub spoke_for: Vec<String>,
    pub against_label: String,
    pub spoke_against: Vec<String>,
    pub score: Option<Score>,
    pub links: Vec<Link>,
}

/// How well it fits: 0 to 100, in words and as a bar.
#[derive(Clone, Debug, Default)]
pub struct Score {
    pub label: String,
    pub value: u8,
    pub text: String,
    /// Where the number is explained.
    pub explain: Option<Link>,
}

#[must_use]
pub fn found(found: &Found) -> Markup {
    html! {
        article.found {
            div.words {
                div.over { @for over in &found.over { (over) } }
                h2 { (found.title.show()) }
                p.plain-facts {
                    @for fact in &found.facts { span { (fact.label) " " b { (fact.value) } } }
                }
                @if !found.snippet.0.is_empty() { p.snippet { (found.snippet) } }
                (reasons(&found.for_label, &found.spoke_for, true))
                (reasons(&found.against_label, &found.spoke_against, false))
            }
            @if found.score.is_some() || !found.links.is_empty() {
                div.score {
                    @if let Some(score) = &found.score { (score_bar(score)) }
                    @for link in &found.links { p { (link.show()) } }
                }
            }
        }
    }
}

fn reasons(label: &str, reasons: &[String], is_for: bool) -> Markup {
    html! {
        @if !reasons.is_empty() {
            div.reasons {
                b { (label) }
                ul.bare {
                    @for reason in reasons {
                        li.chip.against[!is_for] {
                            (icon(if is_for { Icon::Tick } else { Icon::Warning }))
                            span { (reason) }
                        }
                    }
                }
            }
        }
    }
}

fn score_bar(score: &Score) -> Markup {
    let value = score.value.min(100);
    html! {
        p { (score.label) " " b { (score.text) } }
        svg.meter viewBox="0 0 100 4" preserveAspectRatio="none" aria-hidden="true" focusable="false" {
            rect.all width="100" height="4" {}
            rect.got width=(value) height="4" {}
        }
        @if let Some(link) = score.explain.as_ref().filter(|link| some(&link.href).is_some()) {
            p { (link.show()) }
        }
    }
}
