//! Reading sheets: workbooks and text tables, told apart by their first bytes and their name.
//!
//! Nothing a person sends may stop the house: limits are looked at before memory is taken, and what cannot
//! be read is a [`SheetFault`].

use encoding_rs::{Encoding, GB18030, UTF_8};

use super::{
    table::{Cell, Gathering, Limits, ReadAs, SheetFault, Table},
    workbook,
};

const ZIP: &[u8] = b"PK";
/// The container of `.xls` files and of workbooks locked by a password.
const COMPOUND: &[u8] = &[0xd0, 0xcf, 0x11, 0xe0];
/// First bytes of things that are often sent by mistake: documents, pictures, pages saved as `.xls`.
const OTHERS: [&[u8]; 7] = [b"%PDF", b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"{\\rtf", b"<", b"\x1f\x8b"];
/// Names that text tables have. A file without any ending is tried as one too.
const TEXT_ENDINGS: [&str; 3] = ["csv", "tsv", "txt"];

/// Reads the first visible sheet of a file.
///
/// # Errors
/// Why it is not a table.
pub fn read(bytes: &[u8], name: &str, limits: &Limits) -> Result<Table, SheetFault> {
    limits.check_size(bytes.len() as u64)?;
    if bytes.is_empty() {
        return Err(SheetFault::Empty);
    }
    if bytes.starts_with(COMPOUND) {
        return Err(SheetFault::OldOrLocked);
    }
    if bytes.starts_with(ZIP) {
        return workbook::read(bytes, limits);
    }
    let ending = name.rsplit_once('.').map(|(_, ending)| ending.trim().to_lowercase());
    let is_text = ending.as_deref().is_none_or(|ending| TEXT_ENDINGS.contains(&ending));
    if !is_text || OTHERS.iter().any(|other| bytes.starts_with(other)) {
        return Err(SheetFault::NotASheet);
    }
    let (text, read_as) = decode(bytes)?;
    if text.contains('\0') {
        return Err(SheetFault::NotASheet);
    }
    let by_tabs = ending.as_deref() == Some("tsv");
    text_table(&text, by_tabs, Gathering::new(limits, read_as))
}

/// A sheet as one text, for a form that takes a whole table: cells apart by tabs, each row on the line of its number; `#` stands for
/// rows above the header. Nothing when it is none, or too large for that.
#[must_use]
pub fn as_text(bytes: &[u8], name: &str) -> Option<String> {
    let limits = Limits { rows: 10_000, columns: 60, text: 8 << 20, ..Limits::default() };
    let table = read(bytes, name, &limits).ok()?;
    let plain = |cell: &Cell| cell.chars().map(|c| if c.is_control() { ' ' } else { c }).collect::<String>();
    let line = |cells: &[Cell]| cells.iter().map(plain).collect::<Vec<_>>().join("\t");
    let mut text = "#\n".repeat(usize::try_from(table.header_row.saturating_sub(1)).ok()?);
    text.push_str(&line(&table.header));
    let mut at = table.header_row;
    for row in &table.rows {
        while at < row.number {
            text.push('\n');
            at += 1;
        }
        text.push_str(&line(&row.cells));
    }
    Some(text)
}

/// UTF-8 and UTF-16 by their marks; else UTF-8 when it is that, else the encoding in which spreadsheets
/// on Chinese systems still save text.
fn decode(bytes: &[u8]) -> Result<(std::borrow::Cow<'_, str>, ReadAs), SheetFault> {
    let (encoding, bytes) = match Encoding::for_bom(bytes) {
        Some((encoding, mark)) => (encoding, bytes.get(mark..).unwrap_or_default()),
        None if std::str::from_utf8(bytes).is_ok() => (UTF_8, bytes),
        None => (GB18030, bytes),
    };
    let read_as = match encoding {
        e if e == UTF_8 => ReadAs::Utf8,
        e if e == GB18030 => ReadAs::Gb18030,
        _ => ReadAs::Utf16,
    };
    let text = encoding.decode_without_bom_handling_and_without_replacement(bytes);
    let text = text.ok_or_else(|| SheetFault::BadEncoding { row: first_bad_row(encoding, bytes) })?;
    Ok((text, read_as))
}

/// The first line that cannot be decoded, counted from 1.
fn first_bad_row(encoding: &'static Encoding, bytes: &[u8]) -> u32 {
    let bad = |line: &[u8]| encoding.decode_without_bom_handling_and_without_replacement(line).is_none();
    let line = bytes.split(|byte| *byte == b'\n').position(bad).unwrap_or(0);
    u32::try_from(line).unwrap_or(u32::MAX).saturating_add(1)
}

fn text_table(text: &str, by_tabs: bool, mut gathering: Gathering) -> Result<Table, SheetFault> {
    let delimiter = if by_tabs { b'\t' } else { sniffed(text) };
    let mut reader = csv::ReaderBuilder::new()
        .has_headers(false)
        .flexible(true)
        .delimiter(delimiter)
        .from_reader(text.as_bytes());
    let mut record = csv::StringRecord::new();
    let mut number = 0_u32;
    while reader.read_record(&mut record).map_err(|_| SheetFault::NotASheet)? {
        // The reader passes over empty lines; a spreadsheet counts them. Line numbers do not help where a
        // cell holds line breaks, so the blank lines before this record are counted instead.
        number = number.saturating_add(1 + blank_lines_before(text, record.position()));
        let mut cells: Vec<Cell> = Vec::with_capacity(record.len());
        for (column, cell) in record.iter().enumerate() {
            if !cell.trim().is_empty() {
                gathering.weigh(column, cell)?;
            }
            cells.push(unguarded(cell).to_owned());
        }
        gathering.row(number, cells)?;
    }
    gathering.table()
}

/// Empty lines between the end of the record before and this one.
fn blank_lines_before(text: &str, position: Option<&csv::Position>) -> u32 {
    let at = position.and_then(|p| usize::try_from(p.byte()).ok()).unwrap_or(0);
    let before = text.as_bytes().get(..at).unwrap_or_default();
    let after = text.as_bytes().get(at..).unwrap_or_default();
    // The position is where the reader stood before it passed over the blank lines.
    let breaks = after.iter().take_while(|byte| matches!(byte, b'\n' | b'\r')).filter(|b| **b == b'\n');
    let unfinished = before.last() == Some(&b'\r') && after.first() == Some(&b'\n');
    u32::try_from(breaks.count()).unwrap_or(u32::MAX).saturating_sub(u32::from(unfinished))
}

/// The one of `,`, `;` and tab that divides the first line most often, outside quotes.
fn sniffed(text: &str) -> u8 {
    let mut counts = [(b',', 0_u32), (b';', 0), (b'\t', 0)];
    let mut is_quoted = false;
    for byte in text.trim_start_matches(['\r', '\n']).bytes() {
        match byte {
            b'"' => is_quoted = !is_quoted,
            b'\n' | b'\r' if !is_quoted => break,
            _ if is_quoted => {}
            _ => counts.iter_mut().filter(|(delimiter, _)| *delimiter == byte).for_each(|(_, n)| *n += 1),
        }
    }
    // Earlier ones win when they are as frequent.
    counts.iter().rev().max_by_key(|(_, count)| *count).map_or(b',', |(delimiter, _)| *delimiter)
}

/// Takes back the apostrophe that [`super::write::write_csv`] puts before what looks like a formula.
fn unguarded(cell: &str) -> &str {
    let is_guard = |rest: &&str| rest.trim_start_matches('\'').starts_with(super::write::FORMULA_STARTS);
    cell.strip_prefix('\'').filter(is_guard).unwrap_or(cell)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn table(bytes: &[u8], name: &str) -> Result<Table, SheetFault> {
        read(bytes, name, &Limits::default())
    }

    #[test]
    fn a_table_as_text_has_each_row_on_its_own_line() {
        let csv = "\r\n类别,名称\r\n甲,\"两行\n文字\"\r\n\r\n乙,\t丙\r\n";
        let text = as_text(csv.as_bytes(), "a.csv").unwrap();
        assert_eq!(text, "#\n类别\t名称\n甲\t两行 文字\n\n乙\t 丙");
        let (old, _, _) = GB18030.encode(csv);
        assert_eq!(as_text(&old, "a.csv"), Some(text));
        assert_eq!(as_text(b"%PDF-1.7", "a.csv"), None);
    }

    fn cells(table: &Table) -> Vec<(u32, Vec<&str>)> {
        table.rows.iter().map(|r| (r.number, r.cells.iter().map(String::as_str).collect())).collect()
    }

    #[test]
    fn delimiters_are_sniffed_and_marks_dropped() {
        for (text, name) in [
            ("\u{feff}名称,ror\n甲,1\n", "a.csv"),
            ("名称;ror\r\n甲;1", "a.csv"),
            ("名称\tror\n甲\t1\n", "a.tsv"),
            ("\"名称\",ror\n\"甲\",1\n", "table"),
        ] {
            let table = table(text.as_bytes(), name).unwrap();
            assert_eq!(table.header, ["名称", "ror"], "{text:?}");
            assert_eq!(cells(&table), [(2, vec!["甲", "1"])], "{text:?}");
            assert_eq!(table.read_as, ReadAs::Utf8);
        }
    }

    #[test]
    fn rows_are_numbered_as_a_spreadsheet_numbers_them() {
        let text = "\n\na,b\n1,\"x\ny\"\n\n , \n3,4,,\r\n\r\n5\n";
        let table = table(text.as_bytes(), "a.csv").unwrap();
        assert_eq!(table.header_row, 3);
        assert_eq!(cells(&table), [(4, vec!["1", "x\ny"]), (7, vec!["3", "4"]), (9, vec!["5"])]);
    }

    #[test]
    fn older_chinese_text_is_read_and_said_to_be_so() {
        let (bytes, ..) = GB18030.encode("名称,地区\n示例企业,上海\n");
        let table = table(&bytes, "a.csv").unwrap();
        assert_eq!((table.read_as, cells(&table)), (ReadAs::Gb18030, vec![(2, vec!["示例企业", "上海"])]));
        let utf16: Vec<u8> = "\u{feff}名称\tb\n甲\t1".encode_utf16().flat_map(u16::to_le_bytes).collect();
        let table = super::read(&utf16, "a.txt", &Limits::default()).unwrap();
        assert_eq!((table.read_as, table.header.len()), (ReadAs::Utf16, 2));
        let broken = b"a,b\n1,2\n\xff\xff,3\n";
        assert_eq!(super::tests::table(broken, "a.csv"), Err(SheetFault::BadEncoding { row: 3 }));
    }

    #[test]
    fn what_is_no_table_is_refused() {
        for (bytes, name, fault) in [
            (&b""[..], "a.csv", SheetFault::Empty),
            (b"\n \n,,\n", "a.csv", SheetFault::Empty),
            (b"%PDF-1.7", "a.csv", SheetFault::NotASheet),
            (b"<html><table>", "a.csv", SheetFault::NotASheet),
            (b"a,b\n", "a.docx", SheetFault::NotASheet),
            (b"a\0,b\n", "a.csv", SheetFault::NotASheet),
            (b"PK\x03\x04 broken", "a.xlsx", SheetFault::BrokenZip),
            (b"\xd0\xcf\x11\xe0\xa1\xb1", "a.xls", SheetFault::OldOrLocked),
        ] {
            assert_eq!(table(bytes, name), Err(fault), "{bytes:?}");
        }
        let twice = table("名称,x, 名称\n".as_bytes(), "a.csv");
        let expected =
            SheetFault::TwoColumnsWithOneName {
                name: "名称".into(), first: "A".into(), second: "C".into()
            };
        assert_eq!(twice, Err(expected));
    }

    #[test]
    fn every_limit_stops_the_reading() {
        let limits = Limits { rows: 2, columns: 3, cells: 8, text: 1 << 20, ..Limits::default() };
        let read = |text: &str| read(text.as_bytes(), "a.csv", &limits);
        assert!(read("a,b\n1,2\n3,4\n").is_ok());
        assert_eq!(read("a\n1\n2\n3\n"), Err(SheetFault::TooManyRows { max: 2 }));
        assert_eq!(read("a,b,c,d\n"), Err(SheetFault::TooManyColumns { max: 3 }));
        assert_eq!(read("a,b,c\n1,2,3\n1,2,3\n"), Err(SheetFault::TooManyCells { max: 8 }));
        let long = format!("a\n{}\n", "x".repeat(1 << 20));
        assert_eq!(read(&long), Err(SheetFault::TooMuchText { max: 1 }));
    }
}
