//! Columns: which cell of a row is meant, what it says, and how it is told when it cannot be taken.

use std::path::Path;

use serde_json::json;

use crate::{
    speech::{Trouble, say},
    system::Pace,
    tables::{self, Row},
};
use grammar::words::Locale;

/// A column by the names it may have.
pub struct Column<'a> {
    /// As it is called when it is missing.
    pub name: &'a str,
    pub names: &'a [&'a str],
}

impl Column<'_> {
    /// Its place in the header.
    ///
    /// # Errors
    /// It is not there.
    pub fn place(&self, path: &Path, row: &Row) -> Result<usize, Trouble> {
        self.find(row).ok_or_else(|| {
            let facts = json!({ "name": self.name, "known": row.header.join(", ") });
            tables::bad(path, row.line, "no-column", facts)
        })
    }

    /// Its place in the header, if it is there.
    pub fn find(&self, row: &Row) -> Option<usize> {
        tables::place(row.header, self.names)
    }
}

/// The text of a cell; nothing where a row ends early.
pub fn text<'a>(row: &'a Row, place: usize) -> &'a str {
    row.cells.get(place).map_or("", |cell| cell.trim())
}

/// Whether a row says nothing.
pub fn is_empty(row: &Row) -> bool {
    row.cells.iter().all(|cell| cell.trim().is_empty())
}

/// What a cell says cannot be taken.
pub fn wrong(path: &Path, row: &Row, place: usize) -> Trouble {
    let column = row.header.get(place).map_or("", String::as_str);
    tables::bad(path, row.line, "cell", json!({ "column": column, "value": text(row, place) }))
}

/// A number that is one: `1,234.5` or `-3e5`, and not `NaN` or `inf`.
pub fn number(text: &str) -> Option<f64> {
    let text: String = text.trim().chars().filter(|c| !matches!(c, ',' | '，' | ' ')).collect();
    let is_plain = text.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'-' | b'+' | b'e' | b'E'));
    if !is_plain {
        return None;
    }
    text.parse().ok().filter(|number: &f64| number.is_finite())
}

/// Tells now and then how many rows have been read.
pub struct Reading<'a> {
    path: &'a Path,
    locale: Locale,
    pace: Pace,
    rows: u64,
}

impl<'a> Reading<'a> {
    pub fn new(path: &'a Path, locale: Locale) -> Self {
        Self { path, locale, pace: Pace::start(), rows: 0 }
    }

    pub fn row(&mut self) {
        self.rows += 1;
        if self.pace.is_due() {
            let facts = json!({ "path": self.path.display().to_string(), "rows": self.rows });
            eprintln!("{}", say(self.locale, "match", "reading", &facts));
        }
    }

    /// A file without a row below its header is refused.
    ///
    /// # Errors
    /// There was none.
    pub fn finish(&self) -> Result<(), Trouble> {
        if self.rows > 0 {
            return Ok(());
        }
        Err(Trouble::new("no-rows", json!({ "path": self.path.display().to_string() })).of_input())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_number_is_one_or_nothing() {
        let good = [("1,234.5", 1234.5), ("-3e2", -300.0), (" 7 ", 7.0), ("+0.5", 0.5)];
        for (text, expected) in good {
            assert_eq!(number(text), Some(expected), "{text}");
        }
        for text in ["", "NaN", "inf", "-Infinity", "0x10", "1e999", "九", "1.2.3", "--1"] {
            assert_eq!(number(text), None, "{text}");
        }
    }
}
