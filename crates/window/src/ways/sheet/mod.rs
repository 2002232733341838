//! Sheets: templates to fill, imports with a dry run that lists every fault by cell, exports of any list.
//!
//! An import is looked at first and changes nothing; when it is clean, a second press runs it in the
//! background, each row an ask with its own key, so that a second import of the same sheet changes nothing.

pub mod columns;
mod jobs;
pub mod read;
pub mod rows;
pub mod table;
pub mod template;
#[cfg(test)]
mod tests;
mod workbook;
pub mod write;

use grammar::{clerk::Clerk, form::Verb};
use maud::{Markup, html};
use registry::{Denied, Listed};
use serde_json::json;

pub use self::jobs::{Jobs, job_page};
use self::{
    jobs::ask_all,
    rows::Report,
    table::Limits,
    write::{Column, Shape},
};
use super::Answer;
use crate::{
    denied::Trouble,
    guest::{Guest, chain_hex},
    parts::{self, Link, Notice, Row, Table, Tone},
    plain, rooms,
    visit::Reply,
};

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
        template::template_csv(clerk, verb)
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
    let is_csv = guest.visit.path.ends_with(".csv");
    let lines = lines.into_iter();
    let bytes = if is_csv { write::write_csv(&columns, lines) } else { write::write_xlsx(&columns, lines) };
    let bytes = bytes.map_err(|error| Trouble::Unreadable(cannot_write(guest, &error)))?;
    let (kind, end) = kind_of(is_csv);
    Ok(Reply::file(kind, &format!("{}.{end}", clerk.words(guest.locale).get("desk", "many")), bytes))
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

/// The page on which a sheet is brought.
///
/// # Errors
/// When one has not signed in, or there is no such verb.
pub fn import_page(guest: &Guest, clerk: &dyn Clerk, name: &str) -> Answer {
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    page(guest, clerk, verb(clerk, name)?, 200, html! {})
}

fn page(guest: &Guest, clerk: &dyn Clerk, verb: &Verb, status: u16, answer: Markup) -> Answer {
    let words = clerk.words(guest.locale);
    let title = guest.say("import-title", &json!({ "verb": words.get("verb", &verb.name) }));
    let template = |end: &str| format!("/{}/template.{end}?verb={}", clerk.name(), verb.name);
    let main = html! {
        (parts::heading(&parts::Heading { title: title.clone(), lead: guest.word("import-lead").into(), ..Default::default() }))
        (answer)
        p.row { (guest.word("template")) a.button href=(template("xlsx")) { "Excel" } a.button href=(template("csv")) { "CSV" } }
        form.form method="post" enctype="multipart/form-data" action={ "/" (clerk.name()) "/import/" (verb.name) } {
            @for (name, value) in guest.hidden() { input type="hidden" name=(name) value=(value); }
            div.field { label for="sheet" { (guest.word("sheet-file")) } input #sheet type="file" name="sheet" accept=".xlsx,.csv,.tsv"; }
            div.row { button.main type="submit" { (guest.word("check-sheet")) } }
            p.note { (guest.word("dry-run-note")) }
        }
    };
    let crumbs = vec![Link::new(format!("/{}", clerk.name()), guest.desk_word(clerk.name(), "desk", "many"))];
    Ok(guest.page_with(status, &title, crumbs, main))
}

/// Looks at a sheet, or runs one that has been looked at.
///
/// # Errors
/// When one has not signed in, or there is no such verb.
pub fn import(guest: &Guest, clerk: &dyn Clerk, name: &str) -> Answer {
    if guest.session.is_none() {
        return Err(Trouble::SignIn);
    }
    let verb = verb(clerk, name)?;
    let checked = guest.visit.typed("checked");
    if !checked.is_empty() {
        return run(guest, clerk, verb, checked);
    }
    let fault = |sentence: String| {
        let notice = Notice {
            tone: Tone::Bad,
            title: guest.word("sheet-refused").into(),
            body: html! { p { (sentence) } p { (guest.word("nothing-changed")) } },
            links: vec![],
        };
        page(guest, clerk, verb, 422, html! { div role="alert" { (parts::notice(&notice)) } })
    };
    let Some((file, bytes)) = guest.visit.uploads.get("sheet") else {
        return fault(guest.word("sheet-none").to_owned());
    };
    let limits = Limits { bytes: guest.house.options.upload_max as u64, ..Limits::default() };
    let table = match read::read(bytes, file, &limits) {
        Ok(table) => table,
        Err(refused) => return fault(refused.sentence(guest.locale)),
    };
    let report = rows::report(&table, clerk, verb);
    if !report.is_clean() {
        return page(guest, clerk, verb, 422, faults(guest, &report));
    }
    let hash =
        guest.house.registry.put_aside(bytes).map_err(|error| Trouble::Unreadable(error.to_string()))?;
    let body = html! {
        p { (guest.say("sheet-good-text", &json!({ "rows": report.rows, "file": file }))) }
        @if table.read_as == table::ReadAs::Gb18030 { p { (guest.word("read-as-guess")) } }
        form method="post" action={ "/" (clerk.name()) "/import/" (verb.name) } {
            @for (name, value) in guest.hidden() { input type="hidden" name=(name) value=(value); }
            input type="hidden" name="checked" value=(format!("{hash}:{file}"));
            button.main type="submit" { (guest.say("run-import", &json!({ "rows": report.rows }))) }
        }
    };
    page(
        guest,
        clerk,
        verb,
        200,
        parts::notice(&Notice {
            tone: Tone::Good,
            title: guest.word("sheet-good").into(),
            body,
            links: vec![],
        }),
    )
}

/// Every fault, by cell.
fn faults(guest: &Guest, report: &Report) -> Markup {
    let row = |fault: &rows::CellFault| {
        Row::new(vec![
            html! { code { (fault.cell()) } },
            html! { (fault.name) },
            html! { (fault.sentence(guest.locale)) },
        ])
    };
    let columns = ["cell", "column", "fault"].map(|key| parts::Column::new(guest.word(key)));
    let table = Table {
        id: "faults".into(),
        caption: guest.word("sheet-refused").into(),
        columns: columns.into(),
        rows: report.faults.iter().take(SHOWN).map(row).collect(),
        scrolls: false,
        empty: parts::Empty::default(),
    };
    let facts =
        json!({ "faults": report.fault_count, "rows": report.rows, "shown": report.faults.len().min(SHOWN) });
    let notice = Notice {
        tone: Tone::Bad,
        title: guest.say("sheet-faults", &facts),
        body: html! { p { (guest.word("nothing-changed")) } },
        links: vec![],
    };
    html! { div role="alert" { (parts::notice(&notice)) } (parts::table(&table)) }
}

/// Runs a sheet that was clean when it was looked at. It is read again: rules may have changed since.
fn run(guest: &Guest, clerk: &dyn Clerk, verb: &Verb, checked: &str) -> Answer {
    let (hash, file) = checked.split_once(':').ok_or(Trouble::NotFound)?;
    let registry = &guest.house.registry;
    let bytes = registry.take_back(hash).map_err(|_| Trouble::NotFound)?;
    let limits = Limits { bytes: guest.house.options.upload_max as u64, ..Limits::default() };
    let table = read::read(&bytes, file, &limits)
        .map_err(|fault| Trouble::Unreadable(fault.sentence(guest.locale)))?;
    let report = rows::report(&table, clerk, verb);
    if !report.is_clean() {
        return page(guest, clerk, verb, 422, faults(guest, &report));
    }
    let job = chain_hex(registry.chance().bytes());
    let person = guest.session.as_ref().map(|session| session.person);
    let jobs = guest.house.jobs.clone();
    jobs.begin(&job, person, report.good.len());
    let (house, desk, asker, name) = (registry.clone(), clerk.name(), guest.asker(), job.clone());
    let started = std::thread::Builder::new()
        .name("import".into())
        .spawn(move || ask_all(&house, (desk, asker), report.good, (&jobs, &name)));
    started.map_err(|error| Trouble::Denied(Denied::Broken(error.to_string())))?;
    Ok(Reply::go(format!("/{}/import/{}/{job}", clerk.name(), verb.name)))
}

fn cannot_write(guest: &Guest, error: &write::CannotWrite) -> String {
    match error {
        write::CannotWrite::TooManyRows => guest.word("too-many-rows").to_owned(),
        write::CannotWrite::Broken(what) => what.clone(),
    }
}
