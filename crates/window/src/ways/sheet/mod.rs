//! Sheets: templates to fill, imports with a dry run that lists every fault by cell, exports of any list.
//!
//! An import is looked at first and changes nothing; when it is clean, a second press runs it in the
//! background, each row an ask with its own key, so that a second import of the same sheet changes nothing.

pub mod cell;
pub mod columns;
mod import;
mod jobs;
pub mod read;
pub mod rows;
pub mod table;
pub mod template;
#[cfg(test)]
mod tests;
pub mod titles;
mod tried;
mod workbook;
pub mod write;

use grammar::{clerk::Clerk, form::Verb};
use registry::Listed;

use self::write::{Column, Shape};
pub use self::{
    import::{import, import_page},
    jobs::{Jobs, job_page},
};
use super::Answer;
use crate::{denied::Trouble, guest::Guest, plain, rooms, visit::Reply};

/// Rows of one export.
const EXPORT_MAX: usize = 100_000;
/// Faults shown on the page; all are counted.
const SHOWN: usize = 200;

fn verb<'a>(clerk: &'a dyn Clerk, verb: &str) -> Result<&'a Verb, Trouble> {
    clerk.verb(verb).ok_or(Trouble::NotFound)
}

/// An empty sheet for a verb.
///
/// # Errors
/// When there is no such verb.
pub fn template_file(guest: &Guest, clerk: &dyn Clerk) -> Answer {
    let name = guest.visit.asked("verb").or(clerk.opens().first().copied()).ok_or(Trouble::NotFound)?;
    let verb = verb(clerk, name)?;
    let is_csv = guest.visit.path.ends_with(".csv");
    let bytes = if is_csv {
        template::template_csv(clerk, verb, guest.locale)
    } else {
        template::template_xlsx(clerk, verb, guest.locale)
    };
    let bytes = bytes.map_err(|error| Trouble::Unreadable(cannot_write(guest, &error)))?;
    let (kind, end) = kind_of(is_csv);
    Ok(Reply::file(kind, &format!("{}-{}.{end}", clerk.name(), verb.name), bytes))
}

/// A page's own table as a file for spreadsheets, `name` without its ending.
///
/// # Errors
/// When it cannot be written, in the reader's language.
pub fn file(
    guest: &Guest,
    name: &str,
    is_csv: bool,
    columns: &[write::Column],
    rows: impl Iterator<Item = Vec<String>>,
) -> Answer {
    let bytes = if is_csv { write::write_csv(columns, rows) } else { write::write_xlsx(columns, rows) };
    let bytes = bytes.map_err(|error| Trouble::Unreadable(cannot_write(guest, &error)))?;
    let (kind, end) = kind_of(is_csv);
    Ok(Reply::file(kind, &format!("{name}.{end}"), bytes))
}

fn kind_of(is_csv: bool) -> (&'static str, &'static str) {
    if is_csv {
        ("text/csv; charset=utf-8", "csv")
    } else {
        ("application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", "xlsx")
    }
}

/// The columns of every list, and what their texts are to a spreadsheet.
const EXPORTED: [(&str, Shape); 14] = [
    ("record", Shape::Text),
    ("title_zh", Shape::Text),
    ("title_en", Shape::Text),
    ("status", Shape::Text),
    ("region", Shape::Text),
    ("kind", Shape::Text),
    ("field", Shape::Text),
    ("amount", Shape::Money),
    ("from", Shape::Day),
    ("until", Shape::Day),
    ("trl", Shape::Number),
    ("source", Shape::Text),
    ("demo", Shape::Text),
    ("changed", Shape::Moment),
];

/// A list as a sheet: what the guest may see of it, and no more.
///
/// # Errors
/// When the store cannot be read.
pub fn export(guest: &Guest, clerk: &dyn Clerk) -> Answer {
    let mut filter = plain::found_in(guest, clerk, 200);
    let label = |key: &str| guest.find("page", key).unwrap_or(key).to_owned();
    let mut columns: Vec<Column> = EXPORTED.map(|(key, shape)| Column { label: label(key), shape }).into();
    if clerk.name() == "booking" {
        let label = clerk.words(guest.locale).get("field", "answers").to_owned();
        columns.push(Column { label, shape: Shape::Text });
    }
    let mut lines: Vec<Vec<String>> = Vec::new();
    loop {
        let page = guest.look.list(&filter)?;
        lines.extend(page.rows.iter().map(|row| exported(guest, clerk, row)));
        match page.next {
            Some(next) if lines.len() < EXPORT_MAX => filter.after = Some(next),
            _ => break,
        }
    }
    let name = clerk.words(guest.locale).get("desk", "many");
    file(guest, name, guest.visit.path.ends_with(".csv"), &columns, lines.into_iter())
}

/// One line of an export, in the order of [`EXPORTED`].
fn exported(guest: &Guest, clerk: &dyn Clerk, row: &Listed) -> Vec<String> {
    let (card, words) = (&row.card, clerk.words(guest.locale));
    let choice = |key: Option<&String>| key.map_or(String::new(), |key| words.get("choice", key).to_owned());
    let text = |value: Option<String>| value.unwrap_or_default();
    let mut line = vec![
        row.id.to_string(),
        card.title_zh.clone(),
        card.title_en.clone(),
        words.get("status", &card.status).to_owned(),
        text(card.region.map(|region| guest.region(region))),
        choice(card.facets.get("kind")),
        choice(card.field.as_ref()),
        text(card.amount.map(|amount| amount.to_string())),
        text(card.from.map(|day| day.to_string())),
        text(card.until.map(|day| day.to_string())),
        text(card.trl.map(|trl| trl.to_string())),
        card.source.clone(),
        if row.is_demo { guest.word("demo").to_owned() } else { String::new() },
        row.changed.to_string(),
    ];
    if clerk.name() == "booking" {
        line.push(rooms::answers_line(guest, card));
    }
    line
}

fn cannot_write(guest: &Guest, error: &write::CannotWrite) -> String {
    match error {
        write::CannotWrite::TooManyRows => guest.word("too-many-rows").to_owned(),
        write::CannotWrite::Broken(what) => what.clone(),
    }
}
