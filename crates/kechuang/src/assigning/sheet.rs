//! Sheet: one file of an assignment as it was read, and what is wrong in it by row and column.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use serde_json::json;

use crate::{
    allocating::rules::{decimal, refused},
    speech::Trouble,
    tables,
};

/// What a cell says for yes and no.
const YES: [&str; 8] = ["yes", "y", "true", "1", "x", "是", "有", "√"];
const NO: [&str; 7] = ["", "no", "n", "false", "0", "否", "无"];
/// Bytes of an id.
const ID_MAX: usize = 200;

/// Rows of a file with their lines.
pub struct Sheet {
    pub path: PathBuf,
    header: Vec<String>,
    rows: Vec<(u64, Vec<String>)>,
}

impl Sheet {
    /// Reads a file of at most so many rows.
    ///
    /// # Errors
    /// It cannot be read, has too many rows or none.
    pub fn read(path: &Path, rows_max: usize) -> Result<Self, Trouble> {
        let mut sheet = Self { path: path.to_owned(), header: Vec::new(), rows: Vec::new() };
        tables::read(path, &mut |row| {
            if row.cells.iter().all(|cell| cell.trim().is_empty()) {
                return Ok(());
            }
            if sheet.rows.len() >= rows_max {
                return Err(tables::bad(path, row.line, "too-many-rows", json!({ "max": rows_max })));
            }
            if sheet.header.len() != row.header.len() {
                sheet.header = row.header.to_vec();
            }
            sheet.rows.push((row.line, row.cells));
            Ok(())
        })
        .map_err(Trouble::of_input)?;
        if sheet.rows.is_empty() {
            return Err(refused("no-rows", json!({ "path": path.display().to_string() })));
        }
        Ok(sheet)
    }

    pub fn rows(&self) -> std::ops::Range<usize> {
        0..self.rows.len()
    }

    pub fn line(&self, row: usize) -> u64 {
        self.rows.get(row).map_or(0, |(line, _)| *line)
    }

    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.rows.get(row).and_then(|(_, cells)| cells.get(column)).map_or("", |cell| cell.trim())
    }

    pub fn column(&self, names: &[&str]) -> Option<usize> {
        tables::place(&self.header, names)
    }

    /// All columns of these names, joined for each row; nothing where there is none.
    pub fn columns(&self, names: &[&str]) -> Vec<usize> {
        let is_one = |name: &String| names.iter().any(|known| name.trim().eq_ignore_ascii_case(known));
        self.header.iter().enumerate().filter(|(_, name)| is_one(name)).map(|(place, _)| place).collect()
    }

    /// A column that must be there.
    ///
    /// # Errors
    /// It is not.
    pub fn needed(&self, names: &[&str]) -> Result<usize, Trouble> {
        self.column(names).ok_or_else(|| {
            let (path, known) = (self.path.display().to_string(), self.header.join(", "));
            refused("no-column", json!({ "path": path, "name": names.first(), "known": known }))
        })
    }

    pub fn wrong(&self, row: usize, column: usize) -> Trouble {
        let facts = json!({ "column": self.header.get(column), "value": self.cell(row, column) });
        tables::bad(&self.path, self.line(row), "cell", facts)
    }

    /// What stands in a row already stood in an earlier one.
    pub fn twice(&self, row: usize, column: usize, first: u64) -> Trouble {
        let facts =
            json!({ "column": self.header.get(column), "value": self.cell(row, column), "first": first });
        tables::bad(&self.path, self.line(row), "draw-twice", facts)
    }

    /// The ids of a column, each once, with their places.
    ///
    /// # Errors
    /// An id is missing, too long, or stands twice.
    pub fn ids(&self, column: usize) -> Result<HashMap<String, u32>, Trouble> {
        let mut ids: HashMap<String, u32> = HashMap::new();
        for row in self.rows() {
            let id = self.cell(row, column);
            if id.is_empty() || id.len() > ID_MAX {
                return Err(self.wrong(row, column));
            }
            if let Some(first) = ids.insert(id.to_owned(), row as u32) {
                return Err(self.twice(row, column, self.line(first as usize)));
            }
        }
        Ok(ids)
    }

    /// The place of an id that another file has.
    ///
    /// # Errors
    /// It has not.
    pub fn known(&self, ids: &HashMap<String, u32>, row: usize, column: usize) -> Result<u32, Trouble> {
        ids.get(self.cell(row, column)).copied().ok_or_else(|| {
            let facts = json!({ "column": self.header.get(column), "value": self.cell(row, column) });
            tables::bad(&self.path, self.line(row), "assign-unknown", facts)
        })
    }

    /// A whole number from nothing up, or what is usual where the cell is empty.
    ///
    /// # Errors
    /// It is none, or above the most.
    pub fn count(&self, row: usize, column: Option<usize>, usual: u32, most: u32) -> Result<u32, Trouble> {
        let Some(column) = column.filter(|column| !self.cell(row, *column).is_empty()) else {
            return Ok(usual);
        };
        let count = decimal(self.cell(row, column), 0).and_then(|count| u32::try_from(count).ok());
        count.filter(|count| *count <= most).ok_or_else(|| self.wrong(row, column))
    }

    /// Whether a cell says yes; an empty one says no.
    ///
    /// # Errors
    /// It says neither.
    pub fn is(&self, row: usize, column: Option<usize>) -> Result<bool, Trouble> {
        let Some(column) = column else { return Ok(false) };
        let said = self.cell(row, column).to_lowercase();
        match YES.contains(&said.as_str()) {
            false if !NO.contains(&said.as_str()) => Err(self.wrong(row, column)),
            is_yes => Ok(is_yes),
        }
    }

    /// The texts of some columns, one under the other.
    pub fn text(&self, row: usize, columns: &[usize]) -> String {
        let texts = columns.iter().map(|column| self.cell(row, *column)).filter(|text| !text.is_empty());
        texts.collect::<Vec<_>>().join("\n")
    }

    /// The names in a cell, apart by the usual signs.
    pub fn list(&self, row: usize, column: Option<usize>) -> Vec<&str> {
        let text = column.map_or("", |column| self.cell(row, column));
        let names = text.split([';', '；', ',', '，', '、', '|', '\n']).map(str::trim);
        names.filter(|name| !name.is_empty()).collect()
    }
}
