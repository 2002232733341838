//! Facets and tabs: ways to narrow a list, as links.

use maud::{Markup, html};

use super::{Icon, Link, icon};

/// The panel beside a list.
#[derive(Clone, Debug, Default)]
pub struct Facets {
    pub title: String,
    pub groups: Vec<FacetGroup>,
    /// Takes every choice back; `None` while nothing is chosen.
    pub clear: Option<Link>,
}

#[derive(Clone, Debug, Default)]
pub struct FacetGroup {
    pub title: String,
    pub choices: Vec<FacetChoice>,
}

/// `href` adds the choice, or takes it back when it is chosen.
#[derive(Clone, Debug, Default)]
pub struct FacetChoice {
    pub label: String,
    pub count: u64,
    pub href: String,
    pub chosen: bool,
}

/// Open in the page; on small windows the script closes it unless something is chosen.
#[must_use]
pub fn facets(facets: &Facets) -> Markup {
    let chosen = facets.groups.iter().flat_map(|group| &group.choices).any(|choice| choice.chosen);
    html! {
        details.facets open data-fold[!chosen] {
            summary { h2 { (facets.title) } }
            @if let Some(link) = &facets.clear { a href=(link.href) { (link.label) } }
            @for group in &facets.groups {
                h3 { (group.title) }
                ul.bare { @for choice in &group.choices { li { (facet_choice(choice)) } } }
            }
        }
    }
}

fn facet_choice(choice: &FacetChoice) -> Markup {
    html! {
        a href=(choice.href) rel="nofollow" aria-current=[choice.chosen.then_some("true")] {
            (icon(if choice.chosen { Icon::SquareTicked } else { Icon::Square }))
            span { (choice.label) }
            small { (choice.count) }
        }
    }
}

#[derive(Clone, Debug, Default)]
pub struct Tab {
    pub href: String,
    pub label: String,
    /// Shown small beside the label; may be empty.
    pub count: String,
    pub current: bool,
}

/// Views of one thing, as links.
#[must_use]
pub fn tabs(label: &str, tabs: &[Tab]) -> Markup {
    html! {
        nav.tabs aria-label=(label) {
            ul.bare {
                @for tab in tabs {
                    li {
                        a href=(tab.href) aria-current=[tab.current.then_some("page")] {
                            (tab.label)
                            @if !tab.count.is_empty() { small { (tab.count) } }
                        }
                    }
                }
            }
        }
    }
}
