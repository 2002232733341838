//! Workbooks (`.xlsx`): a zip of XML, which a stranger may have made to harm us.
//!
//! Before anything is unpacked, the zip's directory is read: what the parts would unpack to is known from
//! it, and no part may give more than it says. Then the cells are read one by one.

use std::{
    io::{Cursor, Read},
    panic::{AssertUnwindSafe, catch_unwind},
};

use calamine::{DataRef, ExcelDateTime, Reader, SheetType, SheetVisible, Xlsx};
use zip::ZipArchive;

use super::table::{Cell, Gathering, Limits, ReadAs, SheetFault, Table};

/// Parts of a workbook; ordinary ones have a dozen.
const PARTS_MAX: usize = 2_000;
/// Texts in the table that a workbook's cells share.
const SHARED_TEXTS_MAX: u64 = 10_000_000;
/// How far into that table its first tag must end.
const SHARED_HEAD: u64 = 16 * 1024;
/// Digits that a spreadsheet shows of a number.
const DIGITS: usize = 15;

pub(super) fn read(bytes: &[u8], limits: &Limits) -> Result<Table, SheetFault> {
    inspect(bytes, limits)?;
    // The reader of workbooks believes some things of a well-formed file that a malicious one breaks, and
    // stops the thread then. For us that is a broken file like any other.
    catch_unwind(AssertUnwindSafe(|| cells(bytes, limits))).unwrap_or(Err(SheetFault::BrokenZip))
}

/// Reads the zip's directory and refuses what would unpack to too much.
fn inspect(bytes: &[u8], limits: &Limits) -> Result<(), SheetFault> {
    const BROKEN: SheetFault = SheetFault::BrokenZip;
    let bomb = SheetFault::ZipBomb { max: limits.unpacked >> 20 };
    let mut zip = ZipArchive::new(Cursor::new(bytes)).map_err(|_| BROKEN)?;
    if zip.len() > PARTS_MAX || zip.has_duplicate_names() {
        return Err(bomb);
    }
    let (mut unpacked, mut shared) = (0_u64, Vec::new());
    for index in 0..zip.len() {
        let part = zip.by_index_raw(index).map_err(|_| BROKEN)?;
        unpacked = unpacked.saturating_add(part.size());
        let name = part.name().map_err(|_| BROKEN)?.to_lowercase();
        if name.ends_with("sharedstrings.xml") {
            shared.push(index);
        }
    }
    if unpacked > limits.unpacked || unpacked / limits.ratio.max(1) > bytes.len() as u64 {
        return Err(bomb);
    }
    for index in shared {
        let part = zip.by_index(index).map_err(|_| BROKEN)?;
        let size = part.size();
        if size > limits.text {
            return Err(bomb);
        }
        let mut head = Vec::new();
        part.take(SHARED_HEAD).read_to_end(&mut head).map_err(|_| BROKEN)?;
        if claimed_texts(&head).ok_or(BROKEN)? > size.min(SHARED_TEXTS_MAX) {
            return Err(bomb);
        }
    }
    Ok(())
}

/// The largest number of texts that the first tag of the shared table claims to have. The reader takes
/// memory for all of them at once, before it has seen one. `None` when there is no such tag.
fn claimed_texts(head: &[u8]) -> Option<u64> {
    let head = String::from_utf8_lossy(head);
    let mut rest = head.as_ref();
    let tag = loop {
        let (_, after) = rest.split_once('<')?;
        rest = after;
        if let Some(comment) = after.strip_prefix("!--") {
            rest = comment.split_once("-->")?.1;
        } else if after.starts_with(char::is_alphabetic) {
            break after.split_once('>')?.0;
        }
    };
    let element = tag.split([' ', '\t', '\r', '\n', '/']).next()?;
    if element.rsplit(':').next() != Some("sst") {
        return None;
    }
    let claims = tag.split("niqueCount").skip(1).map(|claim| {
        let digits: String =
            claim.chars().skip_while(|c| !c.is_ascii_digit()).take_while(char::is_ascii_digit).collect();
        digits.parse().unwrap_or(if digits.is_empty() { 0 } else { u64::MAX })
    });
    Some(claims.max().unwrap_or(0))
}

fn cells(bytes: &[u8], limits: &Limits) -> Result<Table, SheetFault> {
    let mut book: Xlsx<_> = Xlsx::new(Cursor::new(bytes)).map_err(|error| match error {
        calamine::XlsxError::Zip(_) => SheetFault::BrokenZip,
        calamine::XlsxError::Password => SheetFault::OldOrLocked,
        _ => SheetFault::NotASheet,
    })?;
    let sheets = book.sheets_metadata().iter();
    let visible = |s: &&calamine::Sheet| s.visible == SheetVisible::Visible && s.typ == SheetType::WorkSheet;
    let name = sheets.filter(visible).map(|sheet| sheet.name.clone()).next();
    let name = name.ok_or(SheetFault::NotASheet)?;
    let mut reader = book.worksheet_cells_reader(&name).map_err(|_| SheetFault::BrokenZip)?;
    let percents: Vec<bool> = reader.styles().iter().map(is_percent).collect();
    let mut gathering = Gathering::new(limits, ReadAs::Workbook);
    let (mut row, mut here) = (0_u32, Vec::<Cell>::new());
    while let Some((cell, style)) = reader.next_cell_with_style_id().map_err(|_| SheetFault::BrokenZip)? {
        let (number, column) = cell.get_position();
        let text = shown(cell.get_value(), percents.get(style).copied().unwrap_or(false));
        if number < row {
            return Err(SheetFault::BrokenZip);
        }
        if number > row {
            gathering.row(row.saturating_add(1), std::mem::take(&mut here))?;
            row = number;
        }
        if text.trim().is_empty() {
            continue;
        }
        let column = usize::try_from(column).unwrap_or(usize::MAX);
        gathering.weigh(column, &text)?;
        if here.len() <= column {
            here.resize(column + 1, Cell::new());
        }
        if let Some(place) = here.get_mut(column) {
            *place = text;
        }
    }
    gathering.row(row.saturating_add(1), here)?;
    gathering.table()
}

fn is_percent(style: &calamine::Style) -> bool {
    style.number_format.as_ref().is_some_and(|format| format.format_code.contains('%'))
}

/// A cell's value as people see it, but always the same way: `1234`, `50%`, `2031-06-30 16:00`.
fn shown(value: &DataRef, is_percent: bool) -> String {
    match value {
        DataRef::Empty => String::new(),
        DataRef::String(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Int(number) => number.to_string(),
        DataRef::Float(number) if is_percent => format!("{}%", plain_number(number * 100.0)),
        DataRef::Float(number) => plain_number(*number),
        DataRef::Bool(yes) => if *yes { "TRUE" } else { "FALSE" }.to_owned(),
        DataRef::DateTime(moment) => moment_text(*moment),
        DataRef::DateTimeIso(text) => {
            text.strip_suffix("T00:00:00").unwrap_or(text).replace('T', " ").trim_end_matches('Z').to_owned()
        }
        DataRef::DurationIso(text) => text.clone(),
        DataRef::Error(error) => error.to_string(),
    }
}

/// Fifteen digits, as a spreadsheet shows: 0.1 + 0.2 is `0.3`, and 1234.0 is `1234`.
fn plain_number(number: f64) -> String {
    let rounded = format!("{number:.*e}", DIGITS - 1).parse().unwrap_or(number);
    let rounded: f64 = if rounded == 0.0 { 0.0 } else { rounded };
    rounded.to_string()
}

fn moment_text(moment: ExcelDateTime) -> String {
    let serial = moment.as_f64();
    if !serial.is_finite() || !(0.0..2_958_466.0).contains(&serial) {
        return plain_number(serial);
    }
    let (year, month, day, hours, minutes, seconds, millis) = moment.to_ymd_hms_milli();
    let clock = match (seconds, millis) {
        (0, 0) => format!("{hours:02}:{minutes:02}"),
        (_, 0) => format!("{hours:02}:{minutes:02}:{seconds:02}"),
        _ => format!("{hours:02}:{minutes:02}:{seconds:02}.{millis:03}"),
    };
    if moment.is_duration() || serial < 1.0 {
        return clock;
    }
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hours, minutes, seconds, millis) == (0, 0, 0, 0) { date } else { format!("{date} {clock}") }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use rust_xlsxwriter::{ExcelDateTime as Written, Format, Workbook};

    use super::*;

    fn zipped(parts: &[(&str, &[u8])]) -> Vec<u8> {
        let mut zip = zip::ZipWriter::new(Cursor::new(Vec::new()));
        for (name, bytes) in parts {
            zip.start_file(*name, zip::write::SimpleFileOptions::default()).unwrap();
            zip.write_all(bytes).unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn numbers_and_days_become_what_people_see() {
        let mut book = Workbook::new();
        let (day, time) = (Format::new().set_num_format("yyyy/m/d"), Format::new().set_num_format_index(22));
        let percent = Format::new().set_num_format("0.0%");
        let date = Written::from_ymd(2031, 6, 30).unwrap();
        let sheet = book.add_worksheet();
        for column in 0..8 {
            sheet.write_string(1, column, format!("c{column}")).unwrap();
        }
        sheet.write_datetime_with_format(2, 0, &date, &day).unwrap();
        let at_four = Written::from_ymd(2031, 6, 30).unwrap().and_hms(16, 0, 0).unwrap();
        sheet.write_datetime_with_format(2, 1, &at_four, &time).unwrap();
        sheet.write_number(2, 2, 1234.0).unwrap();
        sheet.write_number(2, 3, 0.1 + 0.2).unwrap();
        sheet.write_number_with_format(2, 4, 0.125, &percent).unwrap();
        sheet.write_boolean(2, 5, true).unwrap();
        sheet.write_string(2, 6, "000123").unwrap();
        sheet.write_blank(4, 7, &percent).unwrap();
        let table = super::read(&book.save_to_buffer().unwrap(), &Limits::default()).unwrap();
        assert_eq!((table.header_row, table.rows.len()), (2, 1));
        let row = table.rows.first().unwrap();
        assert_eq!(row.number, 3);
        assert_eq!(row.cells, ["2031-06-30", "2031-06-30 16:00", "1234", "0.3", "12.5%", "TRUE", "000123"]);
    }

    #[test]
    fn a_bomb_is_seen_before_it_is_unpacked() {
        let zeros = vec![b' '; 40 << 20];
        let bomb = zipped(&[("xl/worksheets/sheet1.xml", &zeros)]);
        assert!(bomb.len() < 1 << 20, "the test needs a small file: {}", bomb.len());
        assert_eq!(read(&bomb, &Limits::default()), Err(SheetFault::ZipBomb { max: 512 }));
        let wide = Limits { ratio: u64::MAX, unpacked: 30 << 20, ..Limits::default() };
        assert_eq!(read(&bomb, &wide), Err(SheetFault::ZipBomb { max: 30 }));
    }

    #[test]
    fn a_part_that_claims_too_many_texts_takes_no_memory() {
        let claim =
            br#"<?xml version="1.0"?><!-- < --><x:sst count="1" uniqueCount="99999999999999"><si/></x:sst>"#;
        let shared = zipped(&[("xl/sharedStrings.xml", claim)]);
        assert_eq!(read(&shared, &Limits::default()), Err(SheetFault::ZipBomb { max: 512 }));
        assert_eq!(claimed_texts(b"<sst count='9' uniqueCount = '7'>"), Some(7));
        assert_eq!(claimed_texts(b"<sst uniqueCount='99999999999999999999999'>"), Some(u64::MAX));
        assert_eq!(claimed_texts(b"<other/><sst uniqueCount='1'>"), None);
    }

    #[test]
    fn a_zip_that_is_no_workbook_is_refused() {
        let other = zipped(&[("word/document.xml", b"<w/>")]);
        assert_eq!(read(&other, &Limits::default()), Err(SheetFault::NotASheet));
    }
}
