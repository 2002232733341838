//! Entry: the fields of forms that are about signing in and are made from no desk. Passwords and codes are never
//! shown again; everything else that was typed stays.

use maud::{Markup, html};

use crate::{
    guest::Guest,
    parts::{self, Link, some},
};

/// What is wrong, by field; the sentences are in the reader's language.
pub type Faults = [(&'static str, String)];

/// One field.
pub struct Entry<'a> {
    /// Its name in the form; its id is the same.
    pub name: &'static str,
    /// A word of the pages.
    pub label: &'a str,
    pub help: &'a str,
    /// `text`, `password`, or `code` for short numbers.
    pub kind: &'static str,
    pub complete: &'static str,
    pub value: String,
    pub max: u32,
}

impl<'a> Entry<'a> {
    #[must_use]
    pub fn text(guest: &Guest, name: &'static str, label: &'a str, complete: &'static str) -> Self {
        let value = guest.visit.typed(name).to_owned();
        Self { name, label, help: "", kind: "text", complete, value, max: 120 }
    }

    #[must_use]
    pub fn password(name: &'static str, label: &'a str, complete: &'static str) -> Self {
        Self { name, label, help: "", kind: "password", complete, value: String::new(), max: 200 }
    }

    #[must_use]
    pub fn code(name: &'static str, label: &'a str) -> Self {
        Self { kind: "code", max: 40, ..Self::password(name, label, "one-time-code") }
    }

    #[must_use]
    pub const fn helped(mut self, help: &'a str) -> Self {
        self.help = help;
        self
    }

    #[must_use]
    pub fn show(&self, faults: &Faults) -> Markup {
        let name = self.name;
        let fault = faults.iter().find(|(field, _)| *field == name).map(|(_, sentence)| sentence);
        let described: Vec<String> = [(!self.help.is_empty(), "help"), (fault.is_some(), "error")]
            .iter()
            .filter(|(is_there, _)| *is_there)
            .map(|(_, part)| format!("{name}-{part}"))
            .collect();
        let described = described.join(" ");
        let is_code = self.kind == "code";
        html! {
            div class={ "field" @if fault.is_some() { " wrong" } } {
                label for=(name) { (self.label) }
                @if !self.help.is_empty() { p.help #{ (name) "-help" } { (self.help) } }
                @if let Some(fault) = fault { p.error #{ (name) "-error" } { (fault) } }
                input #(name) class=[is_code.then_some("short code")] name=(name)
                    type=(if is_code { "text" } else { self.kind }) autocomplete=(self.complete) maxlength=(self.max)
                    inputmode=[(is_code && self.max <= 8).then_some("numeric")]
                    autocapitalize=[(self.kind != "text").then_some("none")] spellcheck=[(self.kind != "text").then_some("false")]
                    value=[some(&self.value)] aria-invalid=[fault.map(|_| "true")] aria-describedby=[some(&described)];
            }
        }
    }
}

/// A form: its hidden inputs, its fields, one button and what else one can do.
pub struct Sheet<'a> {
    pub action: &'a str,
    pub body: Markup,
    pub button: &'a str,
    pub more: Vec<Link>,
}

impl Sheet<'_> {
    #[must_use]
    pub fn show(&self, guest: &Guest) -> Markup {
        html! {
            form.form.narrow method="post" action=(self.action) data-once {
                (parts::hidden(&guest.hidden()))
                (self.body)
                div.row {
                    button.main type="submit" { (self.button) }
                    @for link in &self.more { (link.show()) }
                }
            }
        }
    }
}

/// The faults over a form, each a link to its field.
#[must_use]
pub fn summary(guest: &Guest, faults: &Faults) -> Markup {
    let links: Vec<Link> =
        faults.iter().map(|(field, sentence)| Link::new(format!("#{field}"), sentence.clone())).collect();
    let title = guest.say("faults", &serde_json::json!({ "count": links.len() }));
    parts::error_summary(&title, &links)
}

/// A button that posts, with the values it carries.
#[must_use]
pub fn press(guest: &Guest, action: String, label: &str, class: &str) -> Markup {
    parts::Press { action, hidden: guest.hidden(), label: label.to_owned() }.show(class)
}
