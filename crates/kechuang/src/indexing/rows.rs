//! Rows: one file of units, each with its id, and all of one edition.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use engines::indices;
use grammar::words::Locale;
use serde_json::json;

use super::method::Method;
use crate::{
    columns::{self, Reading},
    speech::Trouble,
    tables::{self, Row},
};

/// Values of one question: units times columns.
const VALUES_MAX: usize = 20_000_000;
pub const ID_MAX: usize = 200;
const IDS: [&str; 4] = ["id", "code", "编号", "代码"];
const EDITIONS: [&str; 4] = ["edition", "year", "版本", "年份"];

/// Rows of one file.
pub struct Rows {
    pub path: PathBuf,
    pub header: Vec<String>,
    pub cells: Vec<Vec<String>>,
    pub lines: Vec<u64>,
    pub by_id: HashMap<String, usize>,
    pub ids: Vec<String>,
}

impl Rows {
    pub fn read(
        path: &Path,
        method: &Method,
        edition: Option<&str>,
        locale: Locale,
    ) -> Result<Self, Trouble> {
        let mut rows = Self {
            path: path.to_owned(),
            header: Vec::new(),
            cells: Vec::new(),
            lines: Vec::new(),
            by_id: HashMap::new(),
            ids: Vec::new(),
        };
        let mut reading = Reading::new(path, locale);
        tables::read(path, &mut |row| {
            if columns::is_empty(&row) {
                return Ok(());
            }
            reading.row();
            rows.row(row, method, edition)
        })?;
        reading.finish()?;
        Ok(rows)
    }

    fn row(&mut self, row: Row, method: &Method, edition: Option<&str>) -> Result<(), Trouble> {
        let most = (VALUES_MAX / row.header.len().max(1)).min(indices::UNITS_MAX);
        if self.cells.len() >= most {
            return Err(tables::bad(&self.path, row.line, "too-many-rows", json!({ "max": most })));
        }
        let at = self.named(&row, method.columns.id.as_deref(), &IDS)?.unwrap_or(0);
        let id = columns::text(&row, at).to_owned();
        if id.is_empty() || id.len() > ID_MAX {
            return Err(columns::wrong(&self.path, &row, at));
        }
        self.is_of_edition(&row, method, edition)?;
        if let Some(before) = self.by_id.insert(id.clone(), self.ids.len()) {
            let column = row.header.get(at).map_or("", String::as_str);
            let facts = json!({ "id": id, "column": column, "first": self.lines.get(before) });
            return Err(tables::bad(&self.path, row.line, "id-again", facts));
        }
        self.header = row.header.to_vec();
        self.ids.push(id);
        self.lines.push(row.line);
        self.cells.push(row.cells);
        Ok(())
    }

    /// The place of a column that the method names, or of one that is usually called so.
    fn named(&self, row: &Row, name: Option<&str>, usual: &[&str]) -> Result<Option<usize>, Trouble> {
        let Some(name) = name else { return Ok(tables::place(row.header, usual)) };
        let place = tables::place(row.header, &[name]);
        place.map(Some).ok_or_else(|| {
            let facts = json!({ "name": name, "known": row.header.join(", ") });
            tables::bad(&self.path, row.line, "no-column", facts)
        })
    }

    /// A row says its edition, or the one who asks says it for all.
    fn is_of_edition(&self, row: &Row, method: &Method, edition: Option<&str>) -> Result<(), Trouble> {
        let wanted = method.edition.trim();
        let place = self.named(row, method.columns.edition.as_deref(), &EDITIONS)?;
        let column = place.and_then(|place| row.header.get(place)).map_or("--edition", String::as_str);
        let (values, code) = match place {
            Some(place) => (columns::text(row, place), "index-editions"),
            None => match edition {
                Some(edition) => (edition.trim(), "index-editions"),
                None => ("", "index-edition-unknown"),
            },
        };
        if values == wanted {
            return Ok(());
        }
        Err(tables::bad(
            &self.path,
            row.line,
            code,
            json!({ "method": wanted, "values": values, "column": column }),
        ))
    }

    pub fn cell(&self, row: usize, column: usize) -> &str {
        self.cells.get(row).and_then(|cells| cells.get(column)).map_or("", |cell| cell.trim())
    }
}
