//! Cell: what is wrong with one cell of a sheet.

use grammar::words::Locale;
use serde::Serialize;
use serde_json::{Value, json};

use super::table::{letters, words};

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
        let among = self.facts.get("among").and_then(|among| among.get(locale.code()));
        let facts = among.map_or_else(|| self.facts.clone(), |among| json!({ "among": among }));
        words(locale).sentence(section, &self.code, &facts, &|id| id.to_string())
    }
}

/// A cell of the header.
pub(super) struct Header<'a> {
    pub row: u32,
    pub column: usize,
    pub name: &'a str,
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

    pub(super) fn unknown(&self) -> CellFault {
        self.fault("", "unknown-column", json!({}))
    }

    pub(super) fn twice(&self, path: &str, first: usize) -> CellFault {
        let facts = json!({ "first": letters(first), "second": letters(self.column) });
        self.fault(path, "two-columns-with-one-name", facts)
    }
}
