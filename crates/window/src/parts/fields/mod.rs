//! Form fields: one part for every kind of value that a command can hold.
//!
//! A [`FieldView`] is a field with everything a page needs to show it: its words, the value kept, what is wrong
//! with it, and the fields inside it. [`views`] makes them from a `Form`; [`field`] and [`form`] draw them.
//! Names of inputs are the paths that `Verb::read_flat` reads: `title.zh`, `indicators.1.name`.

mod build;
mod input;
mod sheet;

pub use build::{Asker, views};
pub use sheet::{Button, FormView, form};

use grammar::form::Kind;
use maud::{Markup, html};

use super::{Icon, icon, some};
pub use input::comes_as_file;
use input::input;

/// Choices up to this number are shown at once; more of them in a list that opens.
const RADIOS_MAX: usize = 4;

/// A field as it is shown.
#[derive(Clone, Debug)]
pub struct FieldView {
    /// Unique in the page. Faults link to it.
    pub id: String,
    /// The path, and the name of the input.
    pub name: String,
    pub kind: Kind,
    pub label: String,
    pub help: String,
    pub needed: bool,
    /// The text kept; `yes` or `no`; one a line for a list of plain values.
    pub value: String,
    /// The sentence that says what is wrong; empty when nothing is.
    pub error: String,
    /// For choices: all of them. For records and regions: those worth suggesting.
    pub choices: Vec<Choice>,
    /// Where the script asks for more suggestions, as `[{"value": …, "label": …}]`, with `?q=`; may be empty.
    pub lookup: String,
    /// The two languages of a text, the fields of a group, the rows of a list.
    pub parts: Vec<Self>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Choice {
    pub value: String,
    pub label: String,
    /// A line under it; may be empty.
    pub help: String,
}

/// The few words that all fields share, in the reader's language.
#[derive(Clone, Debug, Default)]
pub struct FieldWords {
    /// Beside needed fields: "needed".
    pub needed: String,
    pub yes: String,
    pub no: String,
    pub zh: String,
    pub en: String,
    /// The first line of a list of choices: "Please choose".
    pub choose: String,
    /// The unit of money: "yuan".
    pub yuan: String,
    /// Beside personal and sealed fields: "can be erased", "closed until the opening".
    pub personal: String,
    pub sealed: String,
    /// A row of a list, `#` standing for its number: "Indicator #".
    pub row: String,
    /// The button, made by the script, that shows another row.
    pub add: String,
    /// Before the name of a file that is already there.
    pub kept_file: String,
    /// Between a choice of file and a box to paste it into.
    pub or_paste: String,
}

impl FieldView {
    #[must_use]
    pub fn new(kind: Kind, name: impl Into<String>, label: impl Into<String>) -> Self {
        let name = name.into();
        Self {
            id: format!("f-{name}"),
            name,
            kind,
            label: label.into(),
            help: String::new(),
            needed: false,
            value: String::new(),
            error: String::new(),
            choices: Vec::new(),
            lookup: String::new(),
            parts: Vec::new(),
        }
    }

    /// The kind under the marks "personal" and "sealed".
    fn bare_kind(&self) -> &Kind {
        let mut kind = &self.kind;
        while let Kind::Personal(inner) | Kind::Sealed(inner) = kind {
            kind = inner;
        }
        kind
    }

    /// Whether anything is kept in it or in its parts.
    fn is_blank(&self) -> bool {
        self.value.is_empty() && self.error.is_empty() && self.parts.iter().all(Self::is_blank)
    }

    /// Whether a file is asked for in it.
    fn has_file(&self) -> bool {
        matches!(self.bare_kind(), Kind::File)
            || comes_as_file(self.bare_kind())
            || self.parts.iter().any(Self::has_file)
    }

    /// The ids that describe the input: its help and its error.
    fn described_by(&self) -> Option<String> {
        let help = (!self.help.is_empty()).then(|| format!("{}-help", self.id));
        let error = (!self.error.is_empty()).then(|| format!("{}-error", self.id));
        let ids: Vec<String> = help.into_iter().chain(error).collect();
        (!ids.is_empty()).then(|| ids.join(" "))
    }

    /// Whether one label cannot stand for one input: radios, pairs, groups, lists of rows.
    fn is_fieldset(&self) -> bool {
        match self.bare_kind() {
            Kind::YesNo => true,
            Kind::Choice(_) => self.is_radios(),
            Kind::Bilingual { .. } | Kind::Group(_) => true,
            Kind::List(..) => !self.parts.is_empty() || self.is_ticks(),
            _ => false,
        }
    }

    /// A choice that must be made and is small is shown at once. Radios cannot be taken back, so one that need
    /// not be made is a list with an empty line.
    fn is_radios(&self) -> bool {
        matches!(self.bare_kind(), Kind::Choice(_)) && self.needed && self.choices.len() <= RADIOS_MAX
    }

    /// A list of choices, as boxes to tick: when each choice may have its own number in the list.
    fn is_ticks(&self) -> bool {
        match self.bare_kind() {
            Kind::List(each, max) => matches!(**each, Kind::Choice(_)) && self.choices.len() <= *max as usize,
            _ => false,
        }
    }
}

/// One field: label, help, error, input. Recursive in groups and lists.
#[must_use]
pub fn field(view: &FieldView, words: &FieldWords) -> Markup {
    let class = if view.error.is_empty() { "field" } else { "field wrong" };
    html! {
        @if view.is_fieldset() {
            @let radios = view.is_radios() || matches!(view.bare_kind(), Kind::YesNo);
            fieldset #(view.id) class={ (class) @if is_box(view) { " group" } } role=[radios.then_some("radiogroup")]
                aria-describedby=[view.described_by()] tabindex="-1"
                aria-invalid=[(radios && !view.error.is_empty()).then_some("true")]
                aria-required=[(radios && view.needed).then_some("true")] {
                legend { (label_of(view, words)) }
                (notes(view))
                (input(view, words))
            }
        } @else {
            div class=(class) {
                label for=(view.id) { (label_of(view, words)) }
                (notes(view))
                (input(view, words))
            }
        }
    }
}

/// Groups have a border of their own; pairs, radios and lists have none.
fn is_box(view: &FieldView) -> bool {
    matches!(view.bare_kind(), Kind::Group(_))
}

fn label_of(view: &FieldView, words: &FieldWords) -> Markup {
    html! {
        (view.label)
        @if view.needed { @if let Some(word) = some(&words.needed) { span.needed { (word) } } }
        @match &view.kind {
            Kind::Personal(_) => { (closed(&words.personal)) }
            Kind::Sealed(_) => { (closed(&words.sealed)) }
            _ => {}
        }
    }
}

fn closed(word: &str) -> Markup {
    html! {
        @if !word.is_empty() { span.closed { (icon(Icon::Lock)) " " (word) } }
    }
}

fn notes(view: &FieldView) -> Markup {
    html! {
        @if !view.help.is_empty() { p.help #{ (view.id) "-help" } { (view.help) } }
        @if !view.error.is_empty() {
            p.error #{ (view.id) "-error" } { (icon(Icon::Cross)) span { (view.error) } }
        }
    }
}
