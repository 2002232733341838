//! The sheet: a whole form, from the list of what is wrong to its buttons.

use maud::{Markup, html};

use super::{FieldView, FieldWords, field};
use crate::parts::{Link, error_summary, hidden, some};

/// A form as it is shown.
#[derive(Clone, Debug, Default)]
pub struct FormView {
    pub action: String,
    /// The token against forgery and the key of the press.
    pub hidden: Vec<(String, String)>,
    pub fields: Vec<FieldView>,
    pub words: FieldWords,
    /// The title of the list of faults: "Three things need your attention".
    pub faults_title: String,
    /// Faults that belong to no field shown.
    pub other_faults: Vec<String>,
    pub submit: String,
    /// Further buttons: "save as draft".
    pub more: Vec<Button>,
    /// The script keeps what is typed; said when it could not.
    pub keeps: Option<String>,
    pub cancel: Option<Link>,
    /// A sentence over the buttons: what pressing means.
    pub note: String,
}

/// A submit button that says which one it was.
#[derive(Clone, Debug, Default)]
pub struct Button {
    pub name: String,
    pub value: String,
    pub label: String,
}

/// The form. It is checked by us, in the reader's language, not by the browser: hence `novalidate`.
#[must_use]
pub fn form(view: &FormView) -> Markup {
    let mut faults = Vec::new();
    collect(&view.fields, &mut faults);
    faults.extend(view.other_faults.iter().map(|text| Link::new("#main", text)));
    let multipart = view.fields.iter().any(FieldView::has_file).then_some("multipart/form-data");
    html! {
        (error_summary(&view.faults_title, &faults))
        form.form method="post" action=(view.action) enctype=[multipart] novalidate data-once
            data-keep=[view.keeps.as_deref()] {
            (hidden(&view.hidden))
            @for one in &view.fields { (field(one, &view.words)) }
            @if let Some(note) = some(&view.note) { p.note { (note) } }
            div.row {
                button.main type="submit" { (view.submit) }
                @for button in &view.more {
                    button type="submit" name=(button.name) value=(button.value) { (button.label) }
                }
                @if let Some(link) = &view.cancel { (link.show()) }
                @if view.keeps.is_some() { output.note data-kept {} }
            }
        }
    }
}

/// Every fault of the fields, in their order, as a link to its field.
fn collect(fields: &[FieldView], faults: &mut Vec<Link>) {
    for view in fields {
        if !view.error.is_empty() {
            faults.push(Link::new(format!("#{}", view.id), format!("{} · {}", view.label, view.error)));
        }
        collect(&view.parts, faults);
    }
}
