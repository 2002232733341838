//! Import: a sheet is brought, looked at cell by cell and row by row, and run.

use grammar::{clerk::Clerk, form::Verb};
use maud::{Markup, html};
use registry::Denied;
use serde_json::json;

use super::{
    SHOWN, jobs, read,
    rows::{self, Plan, Report},
    table::{Limits, ReadAs, Table},
    titles::Titles,
    tried::{self, Tried},
    verb,
};
use crate::{
    denied::Trouble,
    guest::{Guest, chain_hex},
    parts::{self, Link, Notice, Row, Tone},
    visit::Reply,
    ways::Answer,
};

/// Columns and rows of a sheet that are shown when its letters were guessed.
const GUESSED_COLUMNS: usize = 6;
const GUESSED_ROWS: usize = 2;

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
    let titles = Titles::of(guest);
    let titled = |desk: &str, title: &str| titles.find(desk, title);
    let plan = match Plan::new(&table, clerk, verb, &titled) {
        Ok(plan) => plan,
        Err(all) => return page(guest, clerk, verb, 422, faults(guest, &Report::of_header(&table, all))),
    };
    let report = plan.report(&table);
    if !report.is_clean() {
        return page(guest, clerk, verb, 422, faults(guest, &report));
    }
    let tried = tried::tries(guest, clerk, &plan, &report.good);
    let hash =
        guest.house.registry.put_aside(bytes).map_err(|error| Trouble::Unreadable(error.to_string()))?;
    let looked = Looked { file, hash: &hash, table: &table, rows: report.rows, tried: &tried };
    page(guest, clerk, verb, 200, looked.page(guest, clerk, verb))
}

/// A sheet in which every cell could be read.
struct Looked<'a> {
    file: &'a str,
    hash: &'a str,
    table: &'a Table,
    rows: usize,
    tried: &'a Tried,
}

impl Looked<'_> {
    fn page(&self, guest: &Guest, clerk: &dyn Clerk, verb: &Verb) -> Markup {
        let (refused, left) = (self.tried.refused, self.rows - self.tried.refused);
        let facts = json!({
            "rows": self.rows, "file": self.file, "tried": self.tried.rows, "refused": refused, "left": left,
        });
        let (tone, title, text, button) = match refused {
            0 => (Tone::Good, "sheet-good", "sheet-good-text", "run-import"),
            _ => (Tone::Warn, "sheet-would-refuse", "sheet-would-refuse-text", "run-import-left"),
        };
        let body = html! {
            p { (guest.say(text, &facts)) }
            @if self.tried.rows < self.rows { p { (guest.say("sheet-tried", &facts)) } }
            @if self.table.read_as == ReadAs::Gb18030 { p { (guest.word("read-as-guess")) } (self.guessed(guest)) }
            @if left > 0 {
                form method="post" action={ "/" (clerk.name()) "/import/" (verb.name) } {
                    @for (name, value) in guest.hidden() { input type="hidden" name=(name) value=(value); }
                    input type="hidden" name="checked" value=(format!("{}:{}", self.hash, self.file));
                    button.main type="submit" { (guest.say(button, &facts)) }
                }
            }
        };
        let notice = Notice { tone, title: guest.say(title, &facts), body, links: vec![] };
        html! {
            (parts::notice(&notice))
            @if refused > 0 { (fault_table(guest, guest.word("sheet-would-refuse-rows"), self.tried.faults.iter().cloned())) }
        }
    }

    /// The first cells as they were understood.
    fn guessed(&self, guest: &Guest) -> Markup {
        let column = |name: &String| parts::Column::new(name);
        let row = |row: &super::table::Row| {
            let cell = |n: usize| row.cells.get(n).map(String::as_str).unwrap_or_default().to_owned();
            Row::new((0..self.table.header.len().min(GUESSED_COLUMNS)).map(|n| html! { (cell(n)) }).collect())
        };
        parts::table(&parts::Table {
            id: "guessed".into(),
            caption: guest.word("read-as-guess-cells").into(),
            columns: self.table.header.iter().take(GUESSED_COLUMNS).map(column).collect(),
            rows: self.table.rows.iter().take(GUESSED_ROWS).map(row).collect(),
            scrolls: true,
            empty: parts::Empty::default(),
        })
    }
}

/// Every fault, by cell.
fn faults(guest: &Guest, report: &Report) -> Markup {
    let shown = report.faults.len().min(SHOWN);
    let facts = json!({ "faults": report.fault_count, "rows": report.rows, "shown": shown });
    let title = if shown < report.fault_count { "sheet-faults" } else { "sheet-faults-all" };
    let notice = Notice {
        tone: Tone::Bad,
        title: guest.say(title, &facts),
        body: html! { p { (guest.word("nothing-changed")) } },
        links: vec![],
    };
    let each = report.faults.iter().take(SHOWN);
    let each = each.map(|fault| [fault.cell(), fault.name.clone(), fault.sentence(guest.locale)]);
    html! {
        div role="alert" { (parts::notice(&notice)) }
        (fault_table(guest, guest.word("sheet-refused"), each))
    }
}

/// The first faults: cell, name above it and sentence.
fn fault_table(guest: &Guest, caption: &str, faults: impl Iterator<Item = [String; 3]>) -> Markup {
    let row = |[cell, name, sentence]: [String; 3]| {
        Row::new(vec![html! { code { (cell) } }, html! { (name) }, html! { (sentence) }])
    };
    let columns = ["cell", "column", "fault"].map(|key| parts::Column::new(guest.word(key)));
    parts::table(&parts::Table {
        id: "faults".into(),
        caption: caption.into(),
        columns: columns.into(),
        rows: faults.take(SHOWN).map(row).collect(),
        scrolls: false,
        empty: parts::Empty::default(),
    })
}

/// Runs a sheet that was clean when it was looked at. It is read again: rules may have changed since.
fn run(guest: &Guest, clerk: &dyn Clerk, verb: &Verb, checked: &str) -> Answer {
    let (hash, file) = checked.split_once(':').ok_or(Trouble::NotFound)?;
    let registry = &guest.house.registry;
    let bytes = registry.take_back(hash).map_err(|_| Trouble::NotFound)?;
    let limits = Limits { bytes: guest.house.options.upload_max as u64, ..Limits::default() };
    let table = read::read(&bytes, file, &limits)
        .map_err(|fault| Trouble::Unreadable(fault.sentence(guest.locale)))?;
    let titles = Titles::of(guest);
    let report = rows::report(&table, clerk, verb, &|desk, title| titles.find(desk, title));
    if !report.is_clean() {
        return page(guest, clerk, verb, 422, faults(guest, &report));
    }
    let job = chain_hex(registry.chance().bytes());
    let person = guest.session.as_ref().map(|session| session.person);
    let board = guest.house.jobs.clone();
    board.begin(&job, person, report.good.len());
    let (house, desk, asker, name) = (registry.clone(), clerk.name(), guest.asker(), job.clone());
    let started = std::thread::Builder::new()
        .name("import".into())
        .spawn(move || jobs::ask_all(&house, (desk, asker), report.good, (&board, &name)));
    started.map_err(|error| Trouble::Denied(Denied::Broken(error.to_string())))?;
    Ok(Reply::go(format!("/{}/import/{}/{job}", clerk.name(), verb.name)))
}
