//! Tables: rows of csv, tsv, json, jsonl and xlsx files, packed with zstd or not, one at a time.
//!
//! A text file is read as a stream and never held as a whole. What cannot be read is told with its line.

use std::{
    fs::File,
    io::{BufRead, BufReader, Read},
    path::Path,
};

use encoding_rs::GB18030;
pub use engines::bank::fen;
use ruzstd::decoding::{FrameDecoder, StreamingDecoder};
use serde_json::{Map, Value, json};

use crate::speech::Trouble;

/// Bytes of one file once unpacked.
const BYTES_MAX: u64 = 4 << 30;
/// Bytes of a workbook: it has to be held as a whole.
const WORKBOOK_MAX: u64 = 256 << 20;
/// Bytes of one cell. A quotation mark that is never closed swallows the rest of a file.
const CELL_MAX: usize = 4 << 20;
/// Bytes of one line of JSON.
const LINE_MAX: u64 = 16 << 20;
const COLUMNS_MAX: usize = 1_000;

/// How a file is written, by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Format {
    /// Cells apart by this byte.
    Text(u8),
    JsonLines,
    /// One list of objects.
    Json,
    Workbook,
}

/// One row below the header.
pub struct Row<'a> {
    /// Counted from 1: the line of a text file, the row of a workbook.
    pub line: u64,
    /// The names of the columns as far as they are known; JSON may bring new ones with every line.
    pub header: &'a [String],
    /// As many cells as there are names, or fewer.
    pub cells: Vec<String>,
}

/// What is done with each row.
pub type Each<'a> = &'a mut dyn FnMut(Row) -> Result<(), Trouble>;

/// Gives every row of a file to `each`.
///
/// # Errors
/// The file cannot be read, with its line; or what `each` says.
pub fn read(path: &Path, each: Each) -> Result<(), Trouble> {
    let (format, is_packed) = format(path)?;
    let file = File::open(path).map_err(|error| Trouble::file(path, &error))?;
    let bytes: Box<dyn Read> = match is_packed {
        true => Box::new(Unpacked::new(file)),
        false => Box::new(file),
    };
    match format {
        Format::Text(delimiter) => text(path, delimiter, bytes.take(BYTES_MAX), each),
        Format::JsonLines => json_lines(path, BufReader::new(bytes.take(BYTES_MAX)), each),
        Format::Json => json_list(path, bytes.take(WORKBOOK_MAX + 1), each),
        Format::Workbook => workbook(path, bytes.take(WORKBOOK_MAX + 1), each),
    }
}

/// A file unpacked from zstd: all of its frames, one after the other.
struct Unpacked {
    packed: Option<BufReader<File>>,
    frame: Option<StreamingDecoder<BufReader<File>, FrameDecoder>>,
}

impl Unpacked {
    fn new(file: File) -> Self {
        Self { packed: Some(BufReader::new(file)), frame: None }
    }
}

impl Read for Unpacked {
    fn read(&mut self, room: &mut [u8]) -> std::io::Result<usize> {
        loop {
            if let Some(frame) = &mut self.frame {
                let read = frame.read(room)?;
                if read > 0 || room.is_empty() {
                    return Ok(read);
                }
            }
            let between = self.frame.take().map(StreamingDecoder::into_inner).or_else(|| self.packed.take());
            let Some(mut packed) = between else { return Ok(0) };
            if packed.fill_buf()?.is_empty() {
                return Ok(0);
            }
            self.frame = Some(StreamingDecoder::new(packed).map_err(std::io::Error::other)?);
        }
    }
}

fn format(path: &Path) -> Result<(Format, bool), Trouble> {
    let name = path.file_name().map(|name| name.to_string_lossy().to_lowercase()).unwrap_or_default();
    let (name, is_packed) = name.strip_suffix(".zst").map_or((name.as_str(), false), |name| (name, true));
    let format = match name.rsplit_once('.').map_or("", |(_, ending)| ending) {
        "csv" => Format::Text(b','),
        "tsv" | "tab" => Format::Text(b'\t'),
        "jsonl" | "ndjson" => Format::JsonLines,
        "json" => Format::Json,
        "xlsx" => Format::Workbook,
        _ => {
            let facts = json!({ "path": path.display().to_string() });
            return Err(Trouble::new("unknown-format", facts).of_input());
        }
    };
    Ok((format, is_packed))
}

/// What is wrong, and on which line of which file. Someone brought it and can put it right: the command ends with
/// exit code 2.
pub fn bad(path: &Path, line: u64, code: &'static str, mut facts: Value) -> Trouble {
    if let Some(facts) = facts.as_object_mut() {
        facts.insert("path".into(), path.display().to_string().into());
        facts.insert("line".into(), line.into());
    }
    Trouble::new(code, facts).of_input()
}

/// The column with one of these names, whatever its case.
pub fn place(header: &[String], names: &[&str]) -> Option<usize> {
    header.iter().position(|known| names.iter().any(|name| known.trim().eq_ignore_ascii_case(name)))
}

/// How the bytes of a text file are understood: spreadsheets on Chinese systems still save GB18030.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Letters {
    /// Nothing but ASCII so far.
    Either,
    Utf8,
    Gb18030,
}

impl Letters {
    /// The text of a cell. No byte of a GB18030 sign is a comma, a tab, a quotation mark or a line end, so
    /// cells can be told apart before their letters are known. Always: one file, one encoding.
    fn read(&mut self, cell: &[u8]) -> Option<String> {
        if cell.is_ascii() {
            return String::from_utf8(cell.to_vec()).ok();
        }
        if *self != Self::Gb18030
            && let Ok(text) = std::str::from_utf8(cell)
        {
            *self = Self::Utf8;
            return Some(text.to_owned());
        }
        if *self == Self::Utf8 {
            return None;
        }
        *self = Self::Gb18030;
        GB18030.decode_without_bom_handling_and_without_replacement(cell).map(|text| text.into_owned())
    }
}

fn text(path: &Path, delimiter: u8, bytes: impl Read, each: Each) -> Result<(), Trouble> {
    let mut builder = csv::ReaderBuilder::new();
    let mut reader = builder.has_headers(false).flexible(true).delimiter(delimiter).from_reader(bytes);
    let mut record = csv::ByteRecord::new();
    let (mut header, mut letters) = (Vec::<String>::new(), Letters::Either);
    while reader.read_byte_record(&mut record).map_err(|error| Trouble::file(path, &error).of_input())? {
        let line = record.position().map_or(0, csv::Position::line);
        if record.iter().any(|cell| cell.len() > CELL_MAX) {
            return Err(bad(path, line, "cell-too-long", json!({ "max": CELL_MAX >> 20 })));
        }
        let read = record.iter().enumerate().map(|(place, cell)| letters.read(cell).ok_or(place));
        let mut cells = read.collect::<Result<Vec<String>, usize>>().map_err(|place| {
            let column = header.get(place).cloned().unwrap_or_else(|| (place + 1).to_string());
            bad(path, line, "encoding", json!({ "column": column }))
        })?;
        if header.is_empty() {
            header = names(path, line, cells)?;
            continue;
        }
        while cells.len() > header.len() && cells.last().is_some_and(|cell| cell.trim().is_empty()) {
            cells.pop();
        }
        if cells.len() > header.len() {
            return Err(bad(path, line, "too-many-cells", json!({ "is": cells.len(), "max": header.len() })));
        }
        each(Row { line, header: &header, cells })?;
    }
    whole(path, reader.position().byte())
}

fn names(path: &Path, line: u64, cells: Vec<String>) -> Result<Vec<String>, Trouble> {
    if cells.len() > COLUMNS_MAX {
        return Err(bad(path, line, "too-many-columns", json!({ "max": COLUMNS_MAX })));
    }
    Ok(cells.iter().map(|name| name.trim_matches(['\u{feff}', ' ']).to_owned()).collect())
}

/// Refuses a file that was cut at the limit instead of matching half of it.
fn whole(path: &Path, bytes: u64) -> Result<(), Trouble> {
    if bytes < BYTES_MAX {
        return Ok(());
    }
    let facts = json!({ "path": path.display().to_string(), "max": BYTES_MAX >> 30 });
    Err(Trouble::new("file-too-large", facts).of_input())
}

fn json_lines(path: &Path, mut lines: impl BufRead, each: Each) -> Result<(), Trouble> {
    let (mut header, mut text) = (Vec::<String>::new(), Vec::new());
    let (mut line, mut bytes) = (0, 0);
    loop {
        text.clear();
        let read = lines.by_ref().take(LINE_MAX).read_until(b'\n', &mut text);
        let length = read.map_err(|error| Trouble::file(path, &error).of_input())? as u64;
        if length == 0 {
            return whole(path, bytes);
        }
        (line, bytes) = (line + 1, bytes + length);
        if length == LINE_MAX {
            return Err(bad(path, line, "cell-too-long", json!({ "max": LINE_MAX >> 20 })));
        }
        let trimmed = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&text).trim_ascii();
        if trimmed.is_empty() {
            continue;
        }
        let fields: Map<String, Value> = serde_json::from_slice(trimmed)
            .map_err(|error| bad(path, line, "not-json", json!({ "error": error.to_string() })))?;
        object(path, line, fields, &mut header, each)?;
    }
}

/// One object as a row; names that were not there before become columns.
fn object(
    path: &Path,
    line: u64,
    fields: Map<String, Value>,
    header: &mut Vec<String>,
    each: Each,
) -> Result<(), Trouble> {
    let mut cells = vec![String::new(); header.len()];
    for (name, value) in fields {
        let mut cell = String::new();
        flatten(&value, &mut cell);
        match header.iter().position(|known| *known == name) {
            Some(place) => {
                cells.get_mut(place).into_iter().for_each(|slot| *slot = std::mem::take(&mut cell))
            }
            None => {
                header.push(name);
                cells.push(cell);
            }
        }
    }
    if header.len() > COLUMNS_MAX {
        return Err(bad(path, line, "too-many-columns", json!({ "max": COLUMNS_MAX })));
    }
    each(Row { line, header, cells })
}

/// A list of objects, held as a whole; a row's line is its place in the list.
fn json_list(path: &Path, mut bytes: impl Read, each: Each) -> Result<(), Trouble> {
    let mut whole = Vec::new();
    bytes.read_to_end(&mut whole).map_err(|error| Trouble::file(path, &error).of_input())?;
    if whole.len() as u64 > WORKBOOK_MAX {
        let facts = json!({ "path": path.display().to_string(), "max": WORKBOOK_MAX >> 20 });
        return Err(Trouble::new("json-too-large", facts).of_input());
    }
    let text = whole.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&whole);
    let rows: Vec<Map<String, Value>> = serde_json::from_slice(text).map_err(|error| {
        bad(path, error.line() as u64, "not-json-list", json!({ "error": error.to_string() }))
    })?;
    let mut header = Vec::new();
    rows.into_iter().zip(1..).try_for_each(|(fields, line)| object(path, line, fields, &mut header, each))
}

/// All texts in a value, in their order: a list of keywords, a title in two languages.
fn flatten(value: &Value, text: &mut String) {
    match value {
        Value::Null => {}
        Value::String(more) => join(text, more),
        Value::Bool(_) | Value::Number(_) => join(text, &value.to_string()),
        Value::Array(parts) => parts.iter().for_each(|part| flatten(part, text)),
        Value::Object(parts) => parts.values().for_each(|part| flatten(part, text)),
    }
}

fn join(text: &mut String, more: &str) {
    if !text.is_empty() && !more.is_empty() {
        text.push(' ');
    }
    text.push_str(more);
}

/// The first visible sheet of a workbook, read by the house's own reader, which no workbook can harm.
fn workbook(path: &Path, mut bytes: impl Read, each: Each) -> Result<(), Trouble> {
    let mut whole = Vec::new();
    bytes.read_to_end(&mut whole).map_err(|error| Trouble::file(path, &error).of_input())?;
    let limits = window::sheet::Limits {
        bytes: WORKBOOK_MAX,
        unpacked: BYTES_MAX,
        rows: 1_048_576,
        text: 1 << 30,
        ..window::sheet::Limits::default()
    };
    let read = window::sheet::read(&whole, "sheet.xlsx", &limits);
    let table = read.map_err(|fault| {
        let said = grammar::words::Locale::BOTH.map(|locale| fault.sentence(locale));
        let [zh, en] = said;
        Trouble::new(
            "workbook",
            json!({ "path": path.display().to_string(), "error": { "zh": zh, "en": en } }),
        )
        .of_input()
    })?;
    for row in table.rows {
        let line = u64::from(row.number);
        if row.cells.len() > table.header.len() {
            let facts = json!({ "is": row.cells.len(), "max": table.header.len() });
            return Err(bad(path, line, "too-many-cells", facts));
        }
        each(Row { line, header: &table.header, cells: row.cells })?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spoiled_files_are_read_or_refused() {
        let folder = tempfile::TempDir::new().unwrap();
        let csv = "id,名称\na,\"甲\nx\"\nb,乙\n".as_bytes().to_vec();
        let packed = ruzstd::encoding::compress_to_vec(&*csv, ruzstd::encoding::CompressionLevel::Fastest);
        let seeds = [
            ("a.csv", csv),
            ("a.tsv", b"id\tname\na\tx\n".to_vec()),
            ("a.jsonl", b"{\"id\":\"a\",\"n\":[1,{\"x\":null}]}\n{\"id\":2}\n".to_vec()),
            ("a.json", b"[{\"id\":\"a\",\"n\":[1,{\"x\":null}]},{\"id\":2}]".to_vec()),
            ("a.csv.zst", packed),
        ];
        let (mut dice, mut read, mut refused) = (grammar::form::Dice::new(1), 0, 0);
        let steps = std::env::var("FUZZ_STEPS").ok().and_then(|steps| steps.parse().ok()).unwrap_or(2_000);
        for _ in 0..steps {
            let (name, bytes) = dice.one_of(&seeds).unwrap().clone();
            let path = folder.path().join(name);
            std::fs::write(&path, grammar::fuzz::spoil(&bytes, &mut dice)).unwrap();
            let outcome = super::read(&path, &mut |row| {
                assert!(row.cells.len() <= row.header.len());
                Ok(())
            });
            *(if outcome.is_ok() { &mut read } else { &mut refused }) += 1;
        }
        assert!(read > 100 && refused > 100, "{read} {refused}");
    }

    #[test]
    fn an_amount_is_read_to_the_fen_or_not_at_all() {
        let good = [("1,234.5", 123_450), ("0.01", 1), ("¥ 7", 700), ("-3.10", -310), ("10.000", 1_000)];
        for (text, expected) in good {
            assert_eq!(fen(text), Some(expected), "{text}");
        }
        for text in ["", "NaN", "1e3", "1.234", "--1", ".5", "1.2.3", "九", "92233720368547758.08"] {
            assert_eq!(fen(text), None, "{text}");
        }
    }
}
