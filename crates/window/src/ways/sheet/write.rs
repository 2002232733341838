//! Writing lists as workbooks and as text tables.
//!
//! Numbers, money and days stay what they are in a workbook. In a text table, what a spreadsheet would take
//! for a formula is written behind an apostrophe, so that opening an export runs nothing.

use grammar::{
    form::Kind,
    kinds::{Day, Moment},
};
use rust_xlsxwriter::{
    Color, DocProperties, ExcelDateTime, Format, FormatAlign, Workbook, Worksheet, XlsxError,
};

/// A column of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Column {
    pub label: String,
    pub shape: Shape,
}

/// What a column's texts are to a spreadsheet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Shape {
    Text,
    Number,
    Money,
    Day,
    Moment,
}

impl Shape {
    #[must_use]
    pub fn of(kind: &Kind) -> Self {
        match kind {
            Kind::Number { .. } => Self::Number,
            Kind::Money => Self::Money,
            Kind::Day => Self::Day,
            Kind::Moment => Self::Moment,
            Kind::Personal(inner) | Kind::Sealed(inner) => Self::of(inner),
            _ => Self::Text,
        }
    }

    /// The number format of its cells.
    fn format(self) -> Format {
        let format = Format::new();
        match self {
            Self::Text => format.set_num_format("@"),
            Self::Number => format.set_num_format("0"),
            Self::Money => format.set_num_format("#,##0.00"),
            Self::Day => format.set_num_format("yyyy-mm-dd"),
            Self::Moment => format.set_num_format("yyyy-mm-dd hh:mm:ss"),
        }
    }
}

/// First characters that make a spreadsheet take a text for a formula.
pub(super) const FORMULA_STARTS: [char; 6] = ['=', '+', '-', '@', '\t', '\r'];
/// A spreadsheet's own limits: rows below the header, and characters of a cell.
pub const ROWS_MAX: u32 = 1_048_575;
const CELL_MAX: usize = 32_767;
/// A number of more digits would lose some in a spreadsheet, so it is written as text.
const EXACT_DIGITS: usize = 15;

/// What came in the way of an export.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CannotWrite {
    /// More than [`ROWS_MAX`] rows: a text table has no such limit.
    TooManyRows,
    /// What the writer of workbooks or text tables says, for developers.
    Broken(String),
}

impl From<XlsxError> for CannotWrite {
    fn from(error: XlsxError) -> Self {
        Self::Broken(error.to_string())
    }
}

/// Writes a workbook of one sheet. Texts that do not fit their column's shape are written as texts.
///
/// # Errors
/// [`CannotWrite`].
pub fn write_xlsx(
    columns: &[Column],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<Vec<u8>, CannotWrite> {
    let mut book = new_book()?;
    let sheet = book.add_worksheet();
    let formats: Vec<Format> = columns.iter().map(|column| column.shape.format()).collect();
    write_header(sheet, columns)?;
    let mut number = 0_u32;
    for row in rows {
        number += 1;
        if number > ROWS_MAX {
            return Err(CannotWrite::TooManyRows);
        }
        for ((place, text), (column, format)) in (0_u16..).zip(&row).zip(columns.iter().zip(&formats)) {
            write_cell(sheet, (number, place), (text, column.shape), format)?;
        }
    }
    Ok(book.save_to_buffer()?)
}

/// A workbook that says nothing about when it was made: the same list gives the same bytes.
pub(super) fn new_book() -> Result<Workbook, CannotWrite> {
    let mut book = Workbook::new();
    let epoch = ExcelDateTime::from_ymd(2000, 1, 1)?;
    book.set_properties(&DocProperties::new().set_creation_datetime(&epoch));
    Ok(book)
}

pub(super) fn header_format() -> Format {
    let grey = Color::RGB(0x00F0_F0F0);
    Format::new().set_bold().set_background_color(grey).set_text_wrap().set_align(FormatAlign::Top)
}

/// The header row, frozen, and the format and width of each column.
pub(super) fn write_header(sheet: &mut Worksheet, columns: &[Column]) -> Result<(), XlsxError> {
    let bold = header_format();
    for (place, column) in (0_u16..).zip(columns) {
        sheet.set_column_format(place, &column.shape.format())?;
        sheet.set_column_width(place, width(&column.label))?;
        sheet.write_string_with_format(0, place, fitting(&column.label), &bold)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

/// Wide enough for the label, Chinese characters counted twice.
fn width(label: &str) -> f64 {
    let units: u32 = label.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    f64::from(units.clamp(10, 40)) + 2.0
}

fn write_cell(
    sheet: &mut Worksheet,
    (row, column): (u32, u16),
    (text, shape): (&str, Shape),
    format: &Format,
) -> Result<(), XlsxError> {
    if text.is_empty() {
        return Ok(());
    }
    let number = match shape {
        Shape::Text => None,
        Shape::Number | Shape::Money => exact_number(text),
        Shape::Day => text.parse().ok().and_then(day_serial),
        Shape::Moment => text.parse().ok().and_then(moment_serial),
    };
    match number {
        Some(number) => sheet.write_number_with_format(row, column, number, format)?,
        None => sheet.write_string_with_format(row, column, fitting(text), format)?,
    };
    Ok(())
}

/// A plain number that a spreadsheet keeps to the last digit.
fn exact_number(text: &str) -> Option<f64> {
    is_plain_number(text).then(|| text.parse().ok()).flatten()
}

/// `1234`, `-5.20`: digits with at most one point, few enough to be exact.
fn is_plain_number(text: &str) -> bool {
    let digits = text.strip_prefix('-').unwrap_or(text);
    let (whole, decimals) = digits.split_once('.').unwrap_or((digits, "0"));
    let all_digits = |s: &str| !s.is_empty() && s.bytes().all(|b| b.is_ascii_digit());
    all_digits(whole) && all_digits(decimals) && whole.len() + decimals.len() <= EXACT_DIGITS + 1
}

/// Days since 1900 as spreadsheets count them; `None` before their first day.
fn day_serial(day: Day) -> Option<f64> {
    let year = u16::try_from(day.year()).ok()?;
    let (month, of_month) = (u8::try_from(day.month()).ok()?, u8::try_from(day.day_of_month()).ok()?);
    Some(ExcelDateTime::from_ymd(year, month, of_month).ok()?.to_excel())
}

/// A moment by the clock of China.
fn moment_serial(moment: Moment) -> Option<f64> {
    const DAY_MILLIS: f64 = 86_400_000.0;
    let day = moment.day();
    let millis = i32::try_from(moment.in_millis() - day.begins().in_millis()).ok()?;
    Some(day_serial(day)? + f64::from(millis) / DAY_MILLIS)
}

/// A text as long as a cell may be.
pub(super) fn fitting(text: &str) -> std::borrow::Cow<'_, str> {
    // The limit counts UTF-16 units; a byte is never less than one.
    if text.len() <= CELL_MAX || text.encode_utf16().count() <= CELL_MAX {
        return text.into();
    }
    let mut left = CELL_MAX - 1;
    let mut cut: String = text
        .chars()
        .take_while(|c| {
            let fits = left >= c.len_utf16();
            left = left.saturating_sub(c.len_utf16());
            fits
        })
        .collect();
    cut.push('…');
    cut.into()
}

/// Writes a text table: UTF-8 with the mark by which spreadsheets know it, divided by commas.
///
/// # Errors
/// [`CannotWrite::Broken`].
pub fn write_csv(
    columns: &[Column],
    rows: impl Iterator<Item = Vec<String>>,
) -> Result<Vec<u8>, CannotWrite> {
    let broken = |error: csv::Error| CannotWrite::Broken(error.to_string());
    let mut writer = csv::WriterBuilder::new()
        .flexible(true)
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    writer.write_record(columns.iter().map(|column| guarded(&column.label).into_owned())).map_err(broken)?;
    for row in rows {
        writer.write_record(row.iter().map(|text| guarded(text).into_owned())).map_err(broken)?;
    }
    writer.into_inner().map_err(|error| CannotWrite::Broken(error.to_string()))
}

/// Puts an apostrophe before what a spreadsheet would run. A negative number runs nothing. A text that
/// already begins so gets one too, so that reading can take exactly one away.
fn guarded(text: &str) -> std::borrow::Cow<'_, str> {
    let is_formula = text.starts_with(FORMULA_STARTS) && !is_plain_number(text);
    let is_guarded =
        text.strip_prefix('\'').is_some_and(|rest| rest.trim_start_matches('\'').starts_with(FORMULA_STARTS));
    if is_formula || is_guarded { format!("'{text}").into() } else { text.into() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ways::sheet::{read::read, table::Limits};

    fn column(label: &str, shape: Shape) -> Column {
        Column { label: label.into(), shape }
    }

    fn columns() -> Vec<Column> {
        [Shape::Text, Shape::Number, Shape::Money, Shape::Day, Shape::Moment]
            .iter()
            .zip(["名称", "n", "money", "day", "moment"])
            .map(|(shape, label)| column(label, *shape))
            .collect()
    }

    fn rows() -> Vec<Vec<String>> {
        let rows = [
            ["甲", "12", "300000.50", "2031-06-30", "2026-11-23T08:00:01.250Z"],
            ["=1+1", "-3", "-0.01", "1850-01-01", "x"],
            ["000123", "12345678901234567", "9999999999999.99", "", ""],
        ];
        rows.iter().map(|row| row.iter().map(|&text| text.to_owned()).collect()).collect()
    }

    #[test]
    fn a_workbook_keeps_numbers_money_and_days() {
        let bytes = write_xlsx(&columns(), rows().into_iter()).unwrap();
        assert_eq!(bytes, write_xlsx(&columns(), rows().into_iter()).unwrap(), "the same bytes again");
        let mut book: calamine::Xlsx<_> = calamine::Reader::new(std::io::Cursor::new(&bytes)).unwrap();
        let range = calamine::Reader::worksheet_range(&mut book, "Sheet1").unwrap();
        let is_number = |row, column| matches!(range.get((row, column)), Some(calamine::Data::Float(_)));
        assert!(is_number(1, 1) && is_number(1, 2) && is_number(2, 2) && !is_number(3, 1));
        let is_day = |row, column| matches!(range.get((row, column)), Some(calamine::Data::DateTime(_)));
        assert!(is_day(1, 3) && is_day(1, 4) && !is_day(2, 3));
        let table = read(&bytes, "x.xlsx", &Limits::default()).unwrap();
        let cells: Vec<&[String]> = table.rows.iter().map(|row| row.cells.as_slice()).collect();
        assert_eq!(
            cells.first().unwrap(),
            &["甲", "12", "300000.5", "2031-06-30", "2026-11-23 16:00:01.250"]
        );
        assert_eq!(cells.get(1).unwrap(), &["=1+1", "-3", "-0.01", "1850-01-01", "x"]);
        assert_eq!(cells.get(2).unwrap(), &["000123", "12345678901234567", "9999999999999.99"]);
    }

    #[test]
    fn a_text_table_runs_no_formula_and_reads_back() {
        let evil =
            ["=HYPERLINK(\"x\")", "+1+1", "-2+3", "@SUM(A1)", "\tx", "\rx", "'=1", "''-x", "'tis", "-5.00"];
        let rows = || evil.iter().map(|text| vec!["r".to_owned(), (*text).to_owned()]);
        let columns = [column("a", Shape::Text), column("b", Shape::Text)];
        let bytes = write_csv(&columns, rows()).unwrap();
        let text = std::str::from_utf8(&bytes).unwrap();
        assert!(text.starts_with('\u{feff}'));
        for (start, safe) in [("=HYP", "'=HYP"), ("+1", "'+1"), ("-2+", "'-2+"), ("@", "'@"), ("'=1", "''=1")]
        {
            assert!(text.contains(safe), "{start} is not guarded");
        }
        assert!(text.contains("r,-5.00"), "a number needs no guard");
        let table = read(&bytes, "x.csv", &Limits::default()).unwrap();
        let back: Vec<&str> =
            table.rows.iter().filter_map(|row| row.cells.get(1)).map(String::as_str).collect();
        assert_eq!(back, evil);
    }

    #[test]
    fn a_long_text_is_cut_to_what_a_cell_holds() {
        let long = "字🙂".repeat(20_000);
        let bytes = write_xlsx(&[column("a", Shape::Text)], std::iter::once(vec![long])).unwrap();
        let table = read(&bytes, "x.xlsx", &Limits::default()).unwrap();
        let text = table.rows.first().and_then(|row| row.cells.first()).unwrap();
        assert!(text.ends_with('…') && text.encode_utf16().count() <= CELL_MAX);
    }
}
