//! Book: what a command has found, as sheets: one workbook, one JSON file, or one text file for each sheet.
//!
//! A result appears under its name only when it is complete.

use std::{
    fs::File,
    io::{BufWriter, Write},
    path::{Path, PathBuf},
};

pub use engines::bank::yuan;
use rust_xlsxwriter::{Format, Workbook, XlsxError};
use serde_json::{Map, Value, json};

use crate::speech::Trouble;

/// What a file is called while it grows.
const UNFINISHED: &str = ".part";
/// Rows of a worksheet below its header.
const ROWS_MAX: usize = 1_048_575;

/// One sheet: a name for files and machines, a title for readers.
pub struct Sheet {
    pub name: &'static str,
    pub title: String,
    pub header: Vec<String>,
    pub rows: Vec<Vec<Cell>>,
}

/// What stands in a cell.
#[derive(Clone, Debug, PartialEq)]
pub enum Cell {
    Text(String),
    /// Money, in fen; shown in yuan with two digits.
    Fen(i128),
    /// With all its digits; what is no number is shown as nothing.
    Number(f64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl Cell {
    fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Fen(fen) => yuan(*fen),
            Self::Number(number) if number.is_finite() => number.to_string(),
            Self::Number(_) => String::new(),
        }
    }
}

/// How results are written, by the ending of the file's name.
enum Shape {
    Workbook,
    Json,
    /// Cells apart by this byte.
    Text(u8),
}

fn shape(path: &Path) -> Result<Shape, Trouble> {
    match path.extension().and_then(|ending| ending.to_str()) {
        Some("xlsx") => Ok(Shape::Workbook),
        Some("json") => Ok(Shape::Json),
        Some("csv") => Ok(Shape::Text(b',')),
        Some("tsv") => Ok(Shape::Text(b'\t')),
        _ => Err(Trouble::new("unknown-result", json!({ "path": path.display().to_string() }))),
    }
}

/// Whether a result can be written under this name; asked before the work begins.
///
/// # Errors
/// The ending is none that is known.
pub fn is_known(path: &Path) -> Result<(), Trouble> {
    shape(path).map(drop)
}

/// Writes the sheets. As text, the first sheet takes the name itself and every other one its own name before
/// the ending: `result.csv`, `result.statements.csv`.
///
/// # Errors
/// A file that cannot be written, or a sheet that is too long for a workbook.
pub fn write(path: &Path, sheets: &[Sheet]) -> Result<Vec<PathBuf>, Trouble> {
    match shape(path)? {
        Shape::Workbook => whole(path, &workbook(path, sheets)?).map(|path| vec![path]),
        Shape::Json => {
            let value: Map<String, Value> =
                sheets.iter().map(|sheet| (sheet.name.to_owned(), json(sheet))).collect();
            let bytes = serde_json::to_vec_pretty(&value).map_err(|error| Trouble::file(path, &error))?;
            whole(path, &bytes).map(|path| vec![path])
        }
        Shape::Text(delimiter) => {
            let named = sheets.iter().enumerate().map(|(place, sheet)| {
                let path = if place == 0 { path.to_owned() } else { beside(path, sheet.name) };
                let bytes = text(&path, delimiter, sheet)?;
                whole(&path, &bytes)
            });
            named.collect()
        }
    }
}

fn beside(path: &Path, name: &str) -> PathBuf {
    let ending = path.extension().unwrap_or_default().to_string_lossy();
    path.with_extension(format!("{name}.{ending}"))
}

fn json(sheet: &Sheet) -> Value {
    let cell = |cell: &Cell| match cell {
        Cell::Text(text) => Value::from(text.as_str()),
        Cell::Fen(fen) => Value::from(yuan(*fen)),
        Cell::Number(number) => Value::from(*number),
    };
    let row = |row: &Vec<Cell>| -> Map<String, Value> {
        sheet.header.iter().cloned().zip(row.iter().map(cell)).collect()
    };
    sheet.rows.iter().map(row).collect()
}

fn text(path: &Path, delimiter: u8, sheet: &Sheet) -> Result<Vec<u8>, Trouble> {
    let mut rows = csv::WriterBuilder::new().delimiter(delimiter).from_writer(Vec::new());
    let lines = std::iter::once(sheet.header.clone());
    for line in lines.chain(sheet.rows.iter().map(|row| row.iter().map(Cell::text).collect())) {
        // A text that a spreadsheet would take for a formula is shown as it is.
        let safe = line.into_iter().map(|cell| harmless(&cell));
        rows.write_record(safe).map_err(|error| Trouble::file(path, &error))?;
    }
    rows.into_inner().map_err(|error| Trouble::file(path, &error))
}

fn harmless(cell: &str) -> String {
    let is_number = cell.parse::<f64>().is_ok();
    if !is_number && cell.starts_with(['=', '+', '-', '@', '\t', '\r']) {
        format!("'{cell}")
    } else {
        cell.to_owned()
    }
}

fn workbook(path: &Path, sheets: &[Sheet]) -> Result<Vec<u8>, Trouble> {
    let broken = |error: XlsxError| Trouble::file(path, &error);
    let mut book = Workbook::new();
    let head = Format::new().set_bold().set_text_wrap();
    let money = Format::new().set_num_format("#,##0.00");
    for sheet in sheets {
        if sheet.rows.len() > ROWS_MAX {
            let facts = json!({ "path": path.display().to_string(), "max": ROWS_MAX });
            return Err(Trouble::new("result-too-long", facts));
        }
        let page = book.add_worksheet();
        page.set_name(&sheet.title).map_err(broken)?;
        page.set_freeze_panes(1, 0).map_err(broken)?;
        for (name, column) in sheet.header.iter().zip(0_u16..) {
            page.write_string_with_format(0, column, name, &head).map_err(broken)?;
            page.set_column_width(column, 18).map_err(broken)?;
        }
        for (line, row) in sheet.rows.iter().zip(1_u32..) {
            for (cell, column) in line.iter().zip(0_u16..) {
                match cell {
                    Cell::Text(text) => page.write_string(row, column, text),
                    Cell::Fen(fen) => page.write_number_with_format(row, column, *fen as f64 / 100.0, &money),
                    Cell::Number(number) if number.is_finite() => page.write_number(row, column, *number),
                    Cell::Number(_) => continue,
                }
                .map_err(broken)?;
            }
        }
    }
    book.save_to_buffer().map_err(broken)
}

/// Writes a file that appears under its name only when it is complete.
///
/// # Errors
/// It cannot be written.
pub fn whole(path: &Path, bytes: &[u8]) -> Result<PathBuf, Trouble> {
    let mut name = path.as_os_str().to_owned();
    name.push(UNFINISHED);
    let unfinished = PathBuf::from(name);
    let failed = |error: std::io::Error| Trouble::file(&unfinished, &error);
    let mut file = BufWriter::new(File::create(&unfinished).map_err(failed)?);
    file.write_all(bytes).map_err(failed)?;
    let file = file.into_inner().map_err(|error| Trouble::file(&unfinished, error.error()))?;
    file.sync_all().map_err(failed)?;
    std::fs::rename(&unfinished, path).map_err(|error| Trouble::file(path, &error))?;
    Ok(path.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sheets() -> Vec<Sheet> {
        let header = vec!["who".to_owned(), "yuan".to_owned()];
        let rows =
            vec![vec![Cell::from("=1+1"), Cell::Fen(-1_234_567)], vec![Cell::from("沪"), Cell::Fen(5)]];
        let sheet = |name, title: &str| Sheet {
            name,
            title: title.into(),
            header: header.clone(),
            rows: rows.clone(),
        };
        vec![sheet("first", "一"), sheet("second", "二")]
    }

    #[test]
    fn every_shape_says_the_same() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        let made = write(&path("r.csv"), &sheets()).unwrap();
        assert_eq!(made, [path("r.csv"), path("r.second.csv")]);
        let text = std::fs::read_to_string(path("r.csv")).unwrap();
        assert_eq!(text, "who,yuan\n'=1+1,-12345.67\n沪,0.05\n");
        write(&path("r.json"), &sheets()).unwrap();
        let value: Value = serde_json::from_slice(&std::fs::read(path("r.json")).unwrap()).unwrap();
        assert_eq!(value["second"][1], json!({ "who": "沪", "yuan": "0.05" }));
        write(&path("r.xlsx"), &sheets()).unwrap();
        let mut rows = Vec::new();
        let mut each = |row: crate::tables::Row| {
            rows.push(row.cells);
            Ok(())
        };
        crate::tables::read(&path("r.xlsx"), &mut each).unwrap();
        assert_eq!(rows[1][0], "沪");
        assert_eq!(is_known(&path("r.pdf")).unwrap_err().code, "unknown-result");
    }
}
