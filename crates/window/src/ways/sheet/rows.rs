//! Rows: a table read as commands of one verb, each fault beside the cell it is in.
//!
//! A column is known by the path of its field (`name.zh`) or by its label in either language. While the
//! header is not understood, no row is read: half an import is worse than none.

use std::collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry};

use grammar::{
    clerk::Clerk,
    form::{Fault, Flat, Form, Kind, Verb, join, lies_in},
    kinds::Id,
    words::{Locale, Words},
};
use serde_json::{Value, json};

pub use super::cell::CellFault;
use super::cell::Header;
use super::{
    columns::{RECORD, find, kind_at, label, names, opens, plain_kind},
    table::{Row, Table, fold, letters},
};

/// Faults that are kept with their words; all are counted.
pub const FAULTS_KEPT: usize = 1_000;
/// Choices that a fault names.
const CHOICES_SAID: usize = 12;
/// Fields that name one thing in the world, so that a file names each at most once. A unified social
/// credit code is one whatever its field is called.
const KEYS: [&str; 4] = ["uscc", "ror", "code", "platform_no"];
/// What a spreadsheet shows where a formula failed.
const ERROR_VALUES: [&str; 8] =
    ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA"];

/// A row that can be asked.
#[derive(Clone, Debug, PartialEq)]
pub struct Line {
    pub row: u32,
    /// The record it is asked of; `None` for a verb that makes a new one.
    pub record: Option<Id>,
    pub command: Value,
}

/// What a table holds for one verb.
#[derive(Clone, Debug, PartialEq, Default)]
pub struct Report {
    /// Rows with anything in them, the header not counted.
    pub rows: usize,
    pub good: Vec<Line>,
    /// The first [`FAULTS_KEPT`] faults, in the order of the rows.
    pub faults: Vec<CellFault>,
    pub fault_count: usize,
}

impl Report {
    /// Whether every row can be asked.
    #[must_use]
    pub fn is_clean(&self) -> bool {
        self.fault_count == 0
    }

    /// A header that is not understood: no row is read.
    #[must_use]
    pub fn of_header(table: &Table, faults: Vec<CellFault>) -> Self {
        let mut report = Self { rows: table.rows.len(), ..Self::default() };
        report.keep(faults);
        report
    }

    fn keep(&mut self, faults: Vec<CellFault>) {
        self.fault_count += faults.len();
        let room = FAULTS_KEPT.saturating_sub(self.faults.len());
        self.faults.extend(faults.into_iter().take(room));
    }
}

/// The record of a desk that has a title; a code of `[sheet]` when none or several have.
pub type Titled<'a> = dyn Fn(&str, &str) -> Result<Id, &'static str> + 'a;

/// Reads a whole table. Cells that name a record do so by its identifier, or by a title that `titled` knows.
#[must_use]
pub fn report(table: &Table, clerk: &dyn Clerk, verb: &Verb, titled: &Titled<'_>) -> Report {
    match Plan::new(table, clerk, verb, titled) {
        Ok(plan) => plan.report(table),
        Err(faults) => Report::of_header(table, faults),
    }
}

/// How the columns of one table fill the fields of one verb.
pub struct Plan<'a> {
    verb: &'a Verb,
    opens: bool,
    places: Vec<Option<Place>>,
    /// Paths whose values may occur only once in a file.
    keys: Vec<String>,
    titled: &'a Titled<'a>,
}

struct Place {
    path: String,
    name: String,
    kind: Kind,
    /// Labels of choices, folded, with the word each stands for.
    choices: BTreeMap<String, String>,
    /// What may stand here, in Chinese and in English.
    among: [String; 2],
}

/// Values of key columns met so far, with their rows. One for each file.
#[derive(Default)]
pub struct Seen(HashMap<(String, String), u32>);

impl<'a> Plan<'a> {
    /// Understands the header.
    ///
    /// # Errors
    /// Columns that are unknown, missing, or there twice.
    pub fn new(
        table: &Table,
        clerk: &dyn Clerk,
        verb: &'a Verb,
        titled: &'a Titled<'a>,
    ) -> Result<Self, Vec<CellFault>> {
        let names = names(clerk, verb);
        let opens = opens(clerk, verb);
        let mut faults = Vec::new();
        let mut places: Vec<Option<Place>> = Vec::with_capacity(table.header.len());
        for (column, name) in table.header.iter().enumerate() {
            let at = Header { row: table.header_row, column, name };
            let path = (!name.is_empty()).then(|| find(&names, &verb.form, opens, name));
            let place = match path {
                None => None,
                Some(None) => {
                    faults.push(at.unknown());
                    None
                }
                Some(Some(path)) => match first_over(&places, &path) {
                    Some(first) => {
                        faults.push(at.twice(&path, first));
                        None
                    }
                    None => Some(Place::new(clerk, &verb.form, path, name)),
                },
            };
            places.push(place);
        }
        let paths: BTreeSet<&str> = places.iter().flatten().map(|place| place.path.as_str()).collect();
        let missing = missing(&verb.form, "", &paths);
        let record = (!opens && !paths.contains(RECORD)).then(|| RECORD.to_owned());
        for path in record.into_iter().chain(missing) {
            let name = label(clerk.words(Locale::Zh), &path);
            let name = format!("{name} / {}", label(clerk.words(Locale::En), &path));
            let facts = json!({ "name": name });
            let (row, code) = (table.header_row, "missing-column".into());
            faults.push(CellFault { row, column: String::new(), name, field: path, code, facts });
        }
        let keys = if opens { keys(&verb.form) } else { Vec::new() };
        if faults.is_empty() { Ok(Self { verb, opens, places, keys, titled }) } else { Err(faults) }
    }

    /// Reads all rows of the table it was made for.
    #[must_use]
    pub fn report(&self, table: &Table) -> Report {
        let mut report = Report { rows: table.rows.len(), ..Report::default() };
        let mut seen = Seen::default();
        for row in &table.rows {
            match self.line(row, &mut seen) {
                Ok(line) => report.good.push(line),
                Err(faults) => report.keep(faults),
            }
        }
        report
    }

    /// Reads one row.
    ///
    /// # Errors
    /// Every fault in it.
    pub fn line(&self, row: &Row, seen: &mut Seen) -> Result<Line, Vec<CellFault>> {
        let (flat, mut faults) = self.flat(row);
        let mut record = None;
        if !self.opens {
            match flat.get(RECORD).map(|text| text.trim().parse::<Id>()) {
                Some(Ok(id)) => record = Some(id),
                Some(Err(unreadable)) => {
                    faults
                        .push(self.fault(row, Fault { code: unreadable.0.into(), ..Fault::new(RECORD, "") }));
                }
                None if faults.iter().any(|fault| fault.field == RECORD) => {}
                None => faults.push(self.fault(row, Fault::new(RECORD, "record-needed"))),
            }
        }
        let command = match self.verb.read_flat(&flat) {
            Ok(command) => command,
            Err(more) => {
                // What could not be read is not called missing as well.
                let known = |field: &str| faults.iter().any(|fault: &CellFault| fault.field == field);
                let more: Vec<Fault> =
                    more.into_iter().filter(|fault| fault.code != "needed" || !known(&fault.field)).collect();
                faults.extend(more.into_iter().map(|fault| self.fault(row, fault)));
                return Err(faults);
            }
        };
        for key in &self.keys {
            if let Some(first) = seen.first(key, &command, row.number) {
                let fault =
                    Fault { facts: json!({ "first": first }), ..Fault::new(key, "duplicate-in-file") };
                faults.push(self.fault(row, fault));
            }
        }
        if faults.is_empty() { Ok(Line { row: row.number, record, command }) } else { Err(faults) }
    }

    /// The texts of a row under the paths of their fields.
    fn flat(&self, row: &Row) -> (Flat, Vec<CellFault>) {
        let (mut flat, mut faults) = (Flat::new(), Vec::new());
        for (column, text) in row.cells.iter().enumerate().filter(|(_, text)| !text.trim().is_empty()) {
            let Some(place) = self.places.get(column).and_then(Option::as_ref) else {
                let (column, code) = (letters(column), "no-column-name".into());
                let (name, field) = (String::new(), String::new());
                faults.push(CellFault { row: row.number, column, name, field, code, facts: json!({}) });
                continue;
            };
            if ERROR_VALUES.contains(&text.trim()) {
                let facts = json!({ "value": text.trim() });
                faults.push(self.fault(row, Fault { facts, ..Fault::new(&place.path, "error-value") }));
                continue;
            }
            match self.said(place, text) {
                Ok(said) => drop(flat.insert(place.path.clone(), said)),
                Err(fault) => faults.push(self.fault(row, fault)),
            }
        }
        (flat, faults)
    }

    /// What a cell says in the words of the form; titles become the records that have them.
    fn said(&self, place: &Place, text: &str) -> Result<String, Fault> {
        let Kind::Ref(desk) = &place.kind else { return Ok(place.said(text)) };
        let mut said = Vec::new();
        for one in text.split([';', '；', '\n']).map(str::trim).filter(|one| !one.is_empty()) {
            let id = one.parse::<Id>().ok();
            if desk.is_empty() || id.is_some_and(|id| id.desk() == desk) {
                said.push(one.to_owned());
                continue;
            }
            let fault = |code| Fault { facts: json!({ "title": one }), ..Fault::new(&place.path, code) };
            // What looks like an identifier and is no title is left to the rules.
            said.push((self.titled)(desk, one).or_else(|code| id.ok_or(fault(code)))?.to_string());
        }
        Ok(said.join(";"))
    }

    /// The place of a field: its own column, else the one around it, else the first one in it.
    fn place(&self, field: &str) -> Option<(usize, &Place)> {
        let placed = || self.places.iter().enumerate().filter_map(|(c, place)| Some((c, place.as_ref()?)));
        let around = placed().filter(|(_, place)| lies_in(field, &place.path));
        let inside = || placed().find(|(_, place)| lies_in(&place.path, field));
        around.max_by_key(|(_, place)| place.path.len()).or_else(inside)
    }

    /// The letters of the column in which a field stands, and the name above it; empty where it has none.
    #[must_use]
    pub fn beside(&self, field: &str) -> (String, String) {
        self.place(field).map(|(column, place)| (letters(column), place.name.clone())).unwrap_or_default()
    }

    /// Puts a fault of a field beside the cell it came from.
    fn fault(&self, row: &Row, fault: Fault) -> CellFault {
        let (column, name) = self.beside(&fault.field);
        let (code, facts) = match self.place(&fault.field).map(|(_, place)| &place.among) {
            Some([zh, en]) if fault.code == "not-a-choice" && !zh.is_empty() => {
                ("not-among".into(), json!({ "among": { "zh": zh, "en": en } }))
            }
            _ => (fault.code, fault.facts),
        };
        CellFault { row: row.number, column, name, field: fault.field, code, facts }
    }
}

impl Place {
    fn new(clerk: &dyn Clerk, form: &Form, path: String, name: &str) -> Self {
        // The record that is asked is one of the desk.
        let own = || Kind::Ref(clerk.name().to_owned());
        let kind = kind_at(form, &path).map(plain_kind).cloned().unwrap_or_else(own);
        let (mut choices, mut among) = (BTreeMap::new(), [String::new(), String::new()]);
        if let Kind::Choice(words) = &kind {
            for locale in Locale::BOTH {
                for word in words {
                    choices.entry(fold(clerk.words(locale).get("choice", word))).or_insert(word.clone());
                }
            }
            // A word always stands for itself, whatever another one is called.
            choices.extend(words.iter().map(|word| (fold(word), word.clone())));
            among = Locale::BOTH.map(|locale| some_of(clerk.words(locale), words));
        }
        Self { path, name: name.chars().take(120).collect(), kind, choices, among }
    }

    /// What a cell says in the words of the form.
    fn said(&self, text: &str) -> String {
        match self.kind {
            Kind::Choice(_) => {
                let word = |one: &str| self.choices.get(&fold(one)).cloned().unwrap_or(one.trim().to_owned());
                text.split([';', '；', '\n']).map(word).collect::<Vec<_>>().join(";")
            }
            // A spreadsheet takes 000000, the whole country, for a number.
            Kind::Region if text.trim() == "0" => "000000".into(),
            _ => text.to_owned(),
        }
    }
}

/// The first choices in words, and a sign that there are more.
fn some_of(words: &Words, choices: &[String]) -> String {
    let mut some: Vec<&str> =
        choices.iter().take(CHOICES_SAID).map(|choice| words.get("choice", choice)).collect();
    if choices.len() > CHOICES_SAID {
        some.push("…");
    }
    some.join(words.locale().pick("、", ", "))
}

/// The column that fills the same field as `path`, or a part of it.
fn first_over(places: &[Option<Place>], path: &str) -> Option<usize> {
    let overlap = |place: &Place| lies_in(&place.path, path) || lies_in(path, &place.path);
    places.iter().position(|place| place.as_ref().is_some_and(overlap))
}

impl Seen {
    /// The row that had this value before; remembers the value when there is none.
    fn first(&mut self, key: &str, command: &Value, row: u32) -> Option<u32> {
        let value = key.split('.').try_fold(command, |value, step| value.get(step))?;
        let value = value.as_str().map_or_else(|| value.to_string(), |text| text.trim().to_lowercase());
        match self.0.entry((key.to_owned(), value)) {
            Entry::Occupied(first) => Some(*first.get()),
            Entry::Vacant(free) => {
                free.insert(row);
                None
            }
        }
    }
}

/// Needed fields that no column fills. In a group, only when something of the group is there.
fn missing(form: &Form, path: &str, paths: &BTreeSet<&str>) -> Vec<String> {
    let mut found = Vec::new();
    for field in &form.fields {
        let at = join(path, &field.name);
        if paths.iter().any(|path| lies_in(path, &at)) {
            missing_inside(&field.kind, &at, paths, &mut found);
        } else if field.needed {
            found.push(at);
        }
    }
    found
}

fn missing_inside(kind: &Kind, at: &str, paths: &BTreeSet<&str>, found: &mut Vec<String>) {
    match kind {
        Kind::Personal(inner) | Kind::Sealed(inner) => missing_inside(inner, at, paths, found),
        Kind::Group(form) => found.extend(missing(form, at, paths)),
        Kind::List(each, max) => {
            for at in (1..=*max).map(|index| join(at, &index.to_string())) {
                // Numbered places are filled from the first one on.
                if !paths.iter().any(|path| lies_in(path, &at)) {
                    break;
                }
                missing_inside(each, &at, paths, found);
            }
        }
        _ => {}
    }
}

/// Key fields that stand directly in the form.
fn keys(form: &Form) -> Vec<String> {
    let is_key = |kind: &Kind, name: &str| matches!(kind, Kind::Uscc) || KEYS.contains(&name);
    let mut keys = Vec::new();
    for field in &form.fields {
        match &field.kind {
            Kind::Group(inner) => {
                let inside = inner.fields.iter().filter(|f| is_key(&f.kind, &f.name));
                keys.extend(inside.map(|f| join(&field.name, &f.name)));
            }
            kind if is_key(kind, &field.name) => keys.push(field.name.clone()),
            _ => {}
        }
    }
    keys
}
