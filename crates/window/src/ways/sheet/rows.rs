//! Rows: a table read as commands of one verb, each fault beside the cell it is in.
//!
//! A column is known by the path of its field (`name.zh`) or by its label in either language. While the
//! header is not understood, no row is read: half an import is worse than none.

use std::collections::{BTreeMap, BTreeSet, HashMap, hash_map::Entry};

use grammar::{
    clerk::Clerk,
    form::{Fault, Flat, Form, Kind, Verb, join, lies_in},
    kinds::Id,
    words::Locale,
};
use serde::Serialize;
use serde_json::{Value, json};

use super::{
    columns::{RECORD, find, kind_at, label, names, opens, plain_kind},
    table::{Row, Table, fold, letters, words},
};

/// Faults that are kept with their words; all are counted.
pub const FAULTS_KEPT: usize = 1_000;
/// Fields that name one thing in the world, so that a file names each at most once. A unified social
/// credit code is one whatever its field is called.
const KEYS: [&str; 4] = ["uscc", "ror", "code", "platform_no"];
/// What a spreadsheet shows where a formula failed.
const ERROR_VALUES: [&str; 8] =
    ["#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NUM!", "#NULL!", "#GETTING_DATA"];

/// What is wrong with one cell.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct CellFault {
    /// Counted from 1 as in a spreadsheet.
    pub row: u32,
    /// The letters of the column; empty when the column is not there.
    pub column: String,
    /// What the header calls the column, or the label of the missing one.
    pub name: String,
    /// The path of the field.
    pub field: String,
    /// A key of `[sheet]` in the words of sheets, else of `[fault]` in the shared words.
    pub code: String,
    pub facts: Value,
}

impl CellFault {
    /// The cell as a spreadsheet names it, `C7`; the row alone when there is no column.
    #[must_use]
    pub fn cell(&self) -> String {
        format!("{}{}", self.column, self.row)
    }

    #[must_use]
    pub fn sentence(&self, locale: Locale) -> String {
        let section = if words(locale).find("sheet", &self.code).is_some() { "sheet" } else { "fault" };
        words(locale).sentence(section, &self.code, &self.facts, &|id| id.to_string())
    }
}

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

    fn keep(&mut self, faults: Vec<CellFault>) {
        self.fault_count += faults.len();
        let room = FAULTS_KEPT.saturating_sub(self.faults.len());
        self.faults.extend(faults.into_iter().take(room));
    }
}

/// Reads a whole table.
#[must_use]
pub fn report(table: &Table, clerk: &dyn Clerk, verb: &Verb) -> Report {
    let mut report = Report { rows: table.rows.len(), ..Report::default() };
    let plan = match Plan::new(table, clerk, verb) {
        Ok(plan) => plan,
        Err(faults) => {
            report.keep(faults);
            return report;
        }
    };
    let mut seen = Seen::default();
    for row in &table.rows {
        match plan.line(row, &mut seen) {
            Ok(line) => report.good.push(line),
            Err(faults) => report.keep(faults),
        }
    }
    report
}

/// How the columns of one table fill the fields of one verb.
pub struct Plan<'a> {
    verb: &'a Verb,
    opens: bool,
    places: Vec<Option<Place>>,
    /// Paths whose values may occur only once in a file.
    keys: Vec<String>,
}

struct Place {
    path: String,
    name: String,
    kind: Kind,
    /// Labels of choices, folded, with the word each stands for.
    choices: BTreeMap<String, String>,
}

/// Values of key columns met so far, with their rows. One for each file.
#[derive(Default)]
pub struct Seen(HashMap<(String, String), u32>);

impl<'a> Plan<'a> {
    /// Understands the header.
    ///
    /// # Errors
    /// Columns that are unknown, missing, or there twice.
    pub fn new(table: &Table, clerk: &dyn Clerk, verb: &'a Verb) -> Result<Self, Vec<CellFault>> {
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
        if faults.is_empty() { Ok(Self { verb, opens, places, keys }) } else { Err(faults) }
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
                None => faults.push(self.fault(row, Fault::new(RECORD, "record-needed"))),
            }
        }
        let command = match self.verb.read_flat(&flat) {
            Ok(command) => command,
            Err(more) => {
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
            flat.insert(place.path.clone(), place.said(text));
        }
        (flat, faults)
    }

    /// Puts a fault of a field beside the cell it came from: the field's own column, else the one around
    /// it, else the first one in it.
    fn fault(&self, row: &Row, fault: Fault) -> CellFault {
        let placed = || self.places.iter().enumerate().filter_map(|(c, place)| Some((c, place.as_ref()?)));
        let around = placed().filter(|(_, place)| lies_in(&fault.field, &place.path));
        let inside = || placed().find(|(_, place)| lies_in(&place.path, &fault.field));
        let found = around.max_by_key(|(_, place)| place.path.len()).or_else(inside);
        CellFault {
            row: row.number,
            column: found.map(|(column, _)| letters(column)).unwrap_or_default(),
            name: found.map(|(_, place)| place.name.clone()).unwrap_or_default(),
            field: fault.field,
            code: fault.code,
            facts: fault.facts,
        }
    }
}

impl Place {
    fn new(clerk: &dyn Clerk, form: &Form, path: String, name: &str) -> Self {
        let kind = kind_at(form, &path).map(plain_kind).cloned().unwrap_or(Kind::Ref(String::new()));
        let mut choices = BTreeMap::new();
        if let Kind::Choice(words) = &kind {
            for locale in Locale::BOTH {
                for word in words {
                    choices.entry(fold(clerk.words(locale).get("choice", word))).or_insert(word.clone());
                }
            }
            // A word always stands for itself, whatever another one is called.
            choices.extend(words.iter().map(|word| (fold(word), word.clone())));
        }
        Self { path, name: name.chars().take(120).collect(), kind, choices }
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

struct Header<'a> {
    row: u32,
    column: usize,
    name: &'a str,
}

impl Header<'_> {
    fn fault(&self, field: &str, code: &str, mut facts: Value) -> CellFault {
        let name: String = self.name.chars().take(120).collect();
        if let Some(facts) = facts.as_object_mut() {
            facts.insert("name".into(), name.as_str().into());
        }
        let (column, field, code) = (letters(self.column), field.to_owned(), code.to_owned());
        CellFault { row: self.row, column, name, field, code, facts }
    }

    fn unknown(&self) -> CellFault {
        self.fault("", "unknown-column", json!({}))
    }

    fn twice(&self, path: &str, first: usize) -> CellFault {
        let facts = json!({ "first": letters(first), "second": letters(self.column) });
        self.fault(path, "two-columns-with-one-name", facts)
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
