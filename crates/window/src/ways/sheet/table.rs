//! Tables: what a sheet holds once it is read, its limits, and why it may not be readable.
//!
//! Every cell is text as people see it in their spreadsheet; what it means is for [`super::rows`].

use std::{collections::BTreeMap, sync::LazyLock};

use grammar::words::{Locale, Words};
use serde::Serialize;
use serde_json::Value;

/// The first visible sheet of a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Table {
    pub read_as: ReadAs,
    /// The row of the header, counted from 1 as in a spreadsheet.
    pub header_row: u32,
    /// The header cells, outer blanks dropped. Always: no two named cells are the same when [`fold`]ed.
    pub header: Vec<Cell>,
    /// The rows below the header that hold anything.
    pub rows: Vec<Row>,
}

/// One row. Cells after the last filled one are left out.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Row {
    /// Counted from 1 as in a spreadsheet.
    pub number: u32,
    pub cells: Vec<Cell>,
}

/// The text of a cell; empty when nothing is there.
pub type Cell = String;

/// How the bytes were understood; shown before an import, since an older encoding can only be guessed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum ReadAs {
    Workbook,
    Utf8,
    Utf16,
    Gb18030,
}

/// What a sheet may hold at most.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the file as it is sent.
    pub bytes: u64,
    /// Bytes of all parts of a workbook together once unpacked.
    pub unpacked: u64,
    /// How many times larger than itself a packed file may become.
    pub ratio: u64,
    /// Rows below the header.
    pub rows: u32,
    pub columns: u32,
    /// Cells with something in them.
    pub cells: u64,
    /// Bytes of text in all cells together.
    pub text: u64,
}

const MEGABYTE: u64 = 1 << 20;

impl Default for Limits {
    fn default() -> Self {
        Self {
            bytes: 64 * MEGABYTE,
            unpacked: 512 * MEGABYTE,
            ratio: 300,
            rows: 200_000,
            columns: 200,
            cells: 8_000_000,
            text: 256 * MEGABYTE,
        }
    }
}

impl Limits {
    /// Looks at the size alone, so that an upload can be turned away before it is read.
    ///
    /// # Errors
    /// [`SheetFault::TooLarge`].
    pub fn check_size(&self, bytes: u64) -> Result<(), SheetFault> {
        if bytes <= self.bytes {
            return Ok(());
        }
        Err(SheetFault::TooLarge { megabytes: bytes.div_ceil(MEGABYTE), max: self.bytes / MEGABYTE })
    }
}

/// Why a file is not a table. The sentences are in `[sheet]` of `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum SheetFault {
    /// Neither a workbook nor a text table.
    NotASheet,
    /// An `.xls` of the old format, or a workbook locked by a password: both look the same outside.
    OldOrLocked,
    BrokenZip,
    TooLarge {
        megabytes: u64,
        max: u64,
    },
    /// It would unpack to far more than a sheet holds. Found without unpacking.
    ZipBomb {
        max: u64,
    },
    TooManyRows {
        max: u32,
    },
    TooManyColumns {
        max: u32,
    },
    TooManyCells {
        max: u64,
    },
    /// All cells together hold more text than `max` megabytes.
    TooMuchText {
        max: u64,
    },
    Empty,
    TwoColumnsWithOneName {
        name: String,
        first: String,
        second: String,
    },
    /// The first row that is neither UTF-8 nor GB18030.
    BadEncoding {
        row: u32,
    },
}

impl SheetFault {
    /// The key of its sentence in `[sheet]`.
    #[must_use]
    pub fn code(&self) -> String {
        let facts = self.facts();
        facts.get("code").and_then(Value::as_str).unwrap_or_default().to_owned()
    }

    /// What the placeholders of its sentence are filled from.
    #[must_use]
    pub fn facts(&self) -> Value {
        serde_json::to_value(self).unwrap_or_default()
    }

    /// What happened and what can be done about it.
    #[must_use]
    pub fn sentence(&self, locale: Locale) -> String {
        words(locale).sentence("sheet", &self.code(), &self.facts(), &|id| id.to_string())
    }
}

static WORDS: LazyLock<[Words; 2]> = LazyLock::new(|| {
    let read = |locale, text| Words::read(locale, text).unwrap_or_default();
    [read(Locale::Zh, include_str!("words.zh.toml")), read(Locale::En, include_str!("words.en.toml"))]
});

/// The words of sheets: their faults in `[sheet]`, the names of their parts in `[template]`.
#[must_use]
pub fn words(locale: Locale) -> &'static Words {
    let [zh, en] = &*WORDS;
    if locale == Locale::Zh { zh } else { en }
}

/// Gathers rows into a table and stops at the first limit that is passed. Both readers use it.
pub(super) struct Gathering<'a> {
    limits: &'a Limits,
    table: Table,
    cells: u64,
    text: u64,
}

impl<'a> Gathering<'a> {
    pub(super) fn new(limits: &'a Limits, read_as: ReadAs) -> Self {
        let table = Table { read_as, header_row: 0, header: Vec::new(), rows: Vec::new() };
        Self { limits, table, cells: 0, text: 0 }
    }

    /// Counts a cell before it is kept, so that a small file cannot fill the memory.
    pub(super) fn weigh(&mut self, column: usize, text: &str) -> Result<(), SheetFault> {
        if column >= self.limits.columns as usize {
            return Err(SheetFault::TooManyColumns { max: self.limits.columns });
        }
        self.cells += 1;
        self.text += text.len() as u64;
        if self.cells > self.limits.cells {
            return Err(SheetFault::TooManyCells { max: self.limits.cells });
        }
        if self.text > self.limits.text {
            return Err(SheetFault::TooMuchText { max: self.limits.text / MEGABYTE });
        }
        Ok(())
    }

    /// Takes the next row; the first one with anything in it is the header.
    pub(super) fn row(&mut self, number: u32, mut cells: Vec<Cell>) -> Result<(), SheetFault> {
        while cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            cells.pop();
        }
        if cells.is_empty() {
            return Ok(());
        }
        if self.table.header_row == 0 {
            self.table.header_row = number;
            self.table.header = cells.iter().map(|cell| cell.trim().to_owned()).collect();
            return Ok(());
        }
        if self.table.rows.len() >= self.limits.rows as usize {
            return Err(SheetFault::TooManyRows { max: self.limits.rows });
        }
        self.table.rows.push(Row { number, cells });
        Ok(())
    }

    pub(super) fn table(self) -> Result<Table, SheetFault> {
        if self.table.header_row == 0 {
            return Err(SheetFault::Empty);
        }
        let mut seen = BTreeMap::new();
        for (column, name) in self.table.header.iter().enumerate().filter(|(_, name)| !name.is_empty()) {
            if let Some(first) = seen.insert(fold(name), column) {
                return Err(SheetFault::TwoColumnsWithOneName {
                    name: name.chars().take(60).collect(),
                    first: letters(first),
                    second: letters(column),
                });
            }
        }
        Ok(self.table)
    }
}

/// The letters of a column counted from 0: `A`, `Z`, `AA`.
#[must_use]
pub fn letters(column: usize) -> String {
    let mut letters = Vec::new();
    let mut rest = column;
    loop {
        letters.push(char::from(b'A' + u8::try_from(rest % 26).unwrap_or(0)));
        match rest / 26 {
            0 => break,
            more => rest = more - 1,
        }
    }
    letters.iter().rev().collect()
}

/// A name as it is compared: small letters, ordinary width, without blanks and marks of need.
#[must_use]
pub fn fold(name: &str) -> String {
    name.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
            _ => c,
        })
        .filter(|c| !c.is_whitespace() && !matches!(c, '*' | '\u{feff}' | '\u{200b}'))
        .flat_map(char::to_lowercase)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_are_lettered_as_in_a_spreadsheet() {
        let lettered = [0, 25, 26, 51, 52, 701, 702, 16_383].map(letters);
        assert_eq!(lettered, ["A", "Z", "AA", "AZ", "BA", "ZZ", "AAA", "XFD"]);
    }

    #[test]
    fn names_are_compared_without_width_case_and_blanks() {
        assert_eq!(fold(" 单位名称 （中文） *"), fold("单位名称(中文)"));
        assert_eq!(fold("ＲＯＲ id"), "rorid");
    }

    #[test]
    fn two_gigabytes_are_refused_by_their_size_alone() {
        let fault = Limits::default().check_size(2 << 30).unwrap_err();
        assert_eq!(fault, SheetFault::TooLarge { megabytes: 2048, max: 64 });
        assert_eq!(fault.code(), "too-large");
        assert!(Limits::default().check_size(64 << 20).is_ok());
    }
}
