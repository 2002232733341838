//! Parts: what pages are made of. A part is a function from plain data to markup.
//!
//! Parts know no words: every text arrives in the reader's language. An empty text means "none" and leaves no
//! trace in the page. Looks live in `style.css` and `figures.css`, sent as one; there are no inline styles and no inline scripts. Everything
//! works without scripts; `script.js` only shortens ways.

mod actions;
mod charts;
mod facets;
mod fields;
mod find;
mod map;
mod notices;
mod proof;
mod record;
mod shell;
mod signs;
mod tables;
mod tiles;

#[cfg(test)]
pub mod gallery;
#[cfg(test)]
mod tests;

pub use actions::{Action, Article, Refusal, Way, actions, article, refusal};
pub use charts::{Bar, BarChart, Behind, Funnel, Stage, bars, funnel};
pub use facets::{FacetChoice, FacetGroup, Facets, Tab, facets, tabs};
pub use fields::{Asker, Button, Choice, FieldView, FieldWords, FormView, comes_as_file, field, form, views};
pub use find::{Found, Hero, Score, found, hero};
pub use map::{Bounds, Map, Point, map};
pub use notices::{Empty, Notice, empty, error_summary, notice};
pub use proof::{Proof, RuleCard, proof, qr, rule_card};
pub use record::{
    Fact, Heading, Section, State, Step, TimelineItem, facts, heading, section, steps, timeline,
};
pub use shell::{Account, DemoStrip, NavLink, Search, Shell, Switch, search, shell};
pub use signs::{Icon, badge, demo_badge, hash, icon, kind_badge, moment, seal, seal_file};
pub use tables::{Align, Cell, Column, Pager, Row, Sort, Sorted, Table, pager, table};
pub use tiles::{Role, Stat, Waiting, inbox, progress, roles, stat, stats};

#[cfg(test)]
pub use gallery::{gallery, plate};

/// A link: where to, and its text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Link {
    pub href: String,
    pub label: String,
}

impl Link {
    #[must_use]
    pub fn new(href: impl Into<String>, label: impl Into<String>) -> Self {
        Self { href: href.into(), label: label.into() }
    }

    /// The link as markup.
    #[must_use]
    pub fn show(&self) -> maud::Markup {
        maud::html! { a href=(self.href) { (self.label) } }
    }
}

/// A form that is one button: where it posts, what it carries (the token against forgery, the key of the
/// press) and the button's text.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Press {
    pub action: String,
    pub hidden: Vec<(String, String)>,
    pub label: String,
}

impl Press {
    /// The form, its button in the classes given.
    #[must_use]
    pub fn show(&self, class: &str) -> maud::Markup {
        maud::html! {
            form method="post" action=(self.action) {
                (hidden(&self.hidden))
                button type="submit" class=[some(class)] { (self.label) }
            }
        }
    }
}

/// How a thing stands, as a colour and a sign. Never shown without words.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Tone {
    #[default]
    Plain,
    Info,
    Good,
    Warn,
    Bad,
    /// The seal's red: for what is sealed, signed or final. At most once in sight.
    Accent,
}

impl Tone {
    /// The class that carries it; empty for `Plain`.
    #[must_use]
    pub const fn class(self) -> &'static str {
        match self {
            Self::Plain => "",
            Self::Info => "info",
            Self::Good => "good",
            Self::Warn => "warn",
            Self::Bad => "bad",
            Self::Accent => "accent",
        }
    }
}

/// Hidden inputs.
pub(crate) fn hidden(values: &[(String, String)]) -> maud::Markup {
    maud::html! {
        @for (name, value) in values { input type="hidden" name=(name) value=(value); }
    }
}

/// The text, unless it is empty.
pub(crate) fn some(text: &str) -> Option<&str> {
    (!text.is_empty()).then_some(text)
}
