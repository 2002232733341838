//! Notices: what a page has to say before its matter; the list of faults in a form; empty places.

use maud::{Markup, html};

use super::{
    Link, Tone,
    signs::{icon, seal, sign},
};

/// A box that tells something.
#[derive(Clone, Debug, Default)]
pub struct Notice {
    pub tone: Tone,
    /// One line in bold; may be empty.
    pub title: String,
    pub body: Markup,
    pub links: Vec<Link>,
}

#[must_use]
pub fn notice(notice: &Notice) -> Markup {
    html! {
        div class={ "notice " (notice.tone.class()) } {
            @if let Some(sign) = sign(notice.tone) { (icon(sign)) } @else { span {} }
            div {
                @if !notice.title.is_empty() { p.then { (notice.title) } }
                (notice.body)
                @if !notice.links.is_empty() {
                    ul { @for link in &notice.links { li { (link.show()) } } }
                }
            }
        }
    }
}

/// Everything that is wrong in a form, each a link to its field (`#` and the field's id). Nothing when all is
/// well, or without a title. Takes the focus with scripts; is announced without.
#[must_use]
pub fn error_summary(title: &str, faults: &[Link]) -> Markup {
    html! {
        @if !faults.is_empty() && !title.is_empty() {
            div.notice.bad role="alert" tabindex="-1" data-focus {
                (icon(super::Icon::Cross))
                div {
                    h2 { (title) }
                    ul { @for fault in faults { li { (fault.show()) } } }
                }
            }
        }
    }
}

/// A place where nothing is yet: why, and what one can do.
#[derive(Clone, Debug, Default)]
pub struct Empty {
    pub title: String,
    pub text: String,
    pub links: Vec<Link>,
}

#[must_use]
pub fn empty(empty: &Empty) -> Markup {
    html! {
        div.empty {
            (seal())
            p.title { (empty.title) }
            @if !empty.text.is_empty() { p { (empty.text) } }
            @if !empty.links.is_empty() {
                div.row { @for link in &empty.links { a.button href=(link.href) { (link.label) } } }
            }
        }
    }
}
