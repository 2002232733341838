//! Templates: an empty sheet for a verb, with everything a person needs to fill it.
//!
//! The first sheet has the column names and nothing else; the second explains each column; the third holds
//! the choices from which cells of the first may be filled.

use grammar::{
    clerk::Clerk,
    form::{Kind, Verb},
    words::{Locale, Words},
};
use rust_xlsxwriter::{DataValidation, Format, FormatAlign, Formula, Worksheet, XlsxError};
use serde_json::json;

use super::{
    columns::{NUMBERED_IN_TEMPLATE, SheetColumn, columns, kind_at, labels, plain_kind},
    table::{letters, words},
    write::{CannotWrite, Column, Shape, fitting, header_format, new_book, write_csv, write_header},
};

/// Rows in which a template offers choices.
const ROWS_WITH_CHOICES: u32 = 10_000;
/// Characters of an input message and of its title in a spreadsheet.
const MESSAGE_MAX: usize = 255;
const TITLE_MAX: usize = 32;

/// A template as a text table: one row, the labels of the fields, a star at those that are needed.
///
/// # Errors
/// [`CannotWrite`].
pub fn template_csv(clerk: &dyn Clerk, verb: &Verb, locale: Locale) -> Result<Vec<u8>, CannotWrite> {
    let columns = columns(clerk, verb, NUMBERED_IN_TEMPLATE);
    let labels = labels(clerk, verb, &columns, locale);
    let starred = columns.iter().zip(&labels).map(|(column, label)| starred(column, label));
    let columns: Vec<Column> = starred.map(|label| Column { label, shape: Shape::Text }).collect();
    write_csv(&columns, std::iter::empty())
}

/// A template as a workbook.
///
/// # Errors
/// [`CannotWrite`].
pub fn template_xlsx(clerk: &dyn Clerk, verb: &Verb, locale: Locale) -> Result<Vec<u8>, CannotWrite> {
    let columns = columns(clerk, verb, NUMBERED_IN_TEMPLATE);
    let labels = labels(clerk, verb, &columns, locale);
    let page = Page { clerk, verb, locale, columns: &columns, labels: &labels };
    let mut book = new_book()?;
    page.rows(book.add_worksheet())?;
    page.fields(book.add_worksheet())?;
    page.choices(book.add_worksheet())?;
    Ok(book.save_to_buffer()?)
}

/// A label with its mark of need, which is not part of the name when the sheet is read.
fn starred(column: &SheetColumn, label: &str) -> String {
    if column.needed { format!("{label}*") } else { label.to_owned() }
}

struct Page<'a> {
    clerk: &'a dyn Clerk,
    verb: &'a Verb,
    locale: Locale,
    columns: &'a [SheetColumn],
    labels: &'a [String],
}

impl Page<'_> {
    fn word(&self, key: &'static str) -> &str {
        words(self.locale).get("template", key)
    }

    fn desk_words(&self) -> &Words {
        self.clerk.words(self.locale)
    }

    fn rows(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        sheet.set_name(self.word("rows"))?;
        let header: Vec<Column> = self
            .columns
            .iter()
            .zip(self.labels)
            .map(|(column, label)| Column { label: starred(column, label), shape: Shape::of(&column.kind) })
            .collect();
        write_header(sheet, &header)?;
        let mut listed = 0_usize;
        for (place, column) in (0_u16..).zip(self.columns) {
            let mut validation = self.message(column)?;
            let choices = self.choices_of(column);
            if !choices.is_empty() {
                // Choices in several values of one cell cannot be offered as a list.
                if !matches!(column.kind, Kind::List(..)) {
                    let (at, last) = (letters(listed), choices.len() + 1);
                    let range = format!("='{}'!${at}$2:${at}${last}", self.word("choices"));
                    validation = validation.allow_list_formula(Formula::new(range));
                }
                listed += 1;
            }
            sheet.add_data_validation(1, place, ROWS_WITH_CHOICES, place, &validation)?;
        }
        Ok(())
    }

    /// The words shown beside a cell while it is filled.
    fn message(&self, column: &SheetColumn) -> Result<DataValidation, XlsxError> {
        let text = [self.kind(column), self.limit(column), self.help(column)];
        let text: Vec<&str> = text.iter().map(String::as_str).filter(|text| !text.is_empty()).collect();
        let message: String = text.join("\n").chars().take(MESSAGE_MAX).collect();
        let title: String = column.path.chars().take(TITLE_MAX).collect();
        DataValidation::new().allow_any_value().set_input_title(title)?.set_input_message(message)
    }

    fn fields(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        sheet.set_name(self.word("fields"))?;
        let heads = ["path", "label", "kind", "needed", "choice", "limit", "help"];
        let widths = [24.0, 28.0, 16.0, 8.0, 60.0, 28.0, 60.0];
        let (bold, wrapped) = (header_format(), Format::new().set_text_wrap().set_align(FormatAlign::Top));
        for ((place, head), width) in (0_u16..).zip(heads).zip(widths) {
            sheet.set_column_width(place, width)?;
            sheet.write_string_with_format(0, place, self.word(head), &bold)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        for ((row, column), label) in (1_u32..).zip(self.columns).zip(self.labels) {
            let yes_or_no = self.desk_words().get("page", if column.needed { "yes" } else { "no" });
            let choices = self.choices_of(column).join(self.locale.pick("、", ", "));
            let cells = [
                column.path.clone(),
                label.clone(),
                self.kind(column),
                yes_or_no.to_owned(),
                choices,
                self.limit(column),
                self.help(column),
            ];
            for (place, cell) in (0_u16..).zip(&cells).filter(|(_, cell)| !cell.is_empty()) {
                sheet.write_string_with_format(row, place, fitting(cell), &wrapped)?;
            }
        }
        Ok(())
    }

    fn choices(&self, sheet: &mut Worksheet) -> Result<(), XlsxError> {
        sheet.set_name(self.word("choices"))?;
        let bold = header_format();
        let with_choices = self.columns.iter().zip(self.labels).map(|(c, label)| (self.choices_of(c), label));
        let with_choices = with_choices.filter(|(choices, _)| !choices.is_empty());
        for (place, (choices, label)) in (0_u16..).zip(with_choices) {
            sheet.set_column_width(place, 28.0)?;
            sheet.write_string_with_format(0, place, fitting(label), &bold)?;
            for (row, choice) in (1_u32..).zip(&choices) {
                sheet.write_string(row, place, fitting(choice))?;
            }
        }
        Ok(())
    }

    /// What may stand in a cell, in the reader's words. Where two choices share a word, their own.
    fn choices_of(&self, column: &SheetColumn) -> Vec<String> {
        match plain_kind(&column.kind) {
            Kind::Choice(choices) => {
                let word = |choice: &String| self.desk_words().get("choice", choice).to_owned();
                let words: Vec<String> = choices.iter().map(word).collect();
                let is_alone = |word: &String| words.iter().filter(|other| *other == word).count() == 1;
                let each = words.iter().zip(choices);
                each.map(|(word, choice)| if is_alone(word) { word.clone() } else { choice.clone() })
                    .collect()
            }
            Kind::YesNo => ["yes", "no"].map(|word| self.desk_words().get("page", word).to_owned()).to_vec(),
            _ => Vec::new(),
        }
    }

    fn kind(&self, column: &SheetColumn) -> String {
        self.desk_words().get("kind", plain_kind(&column.kind).name()).to_owned()
    }

    /// The limits of a cell: how long, how large, how many.
    fn limit(&self, column: &SheetColumn) -> String {
        let sheet_words = words(self.locale);
        let say = |key, facts| sheet_words.sentence("template", key, &facts, &|id| id.to_string());
        let mut limits = Vec::new();
        match plain_kind(&column.kind) {
            Kind::Text { max } => limits.push(say("letters", json!({ "max": max }))),
            Kind::Number { min, max } if *max < i64::MAX => {
                limits.push(say("range", json!({ "min": min, "max": max })));
            }
            _ => {}
        }
        if let Kind::List(_, max) = &column.kind {
            limits.push(say("divided", json!({ "max": max })));
        }
        let both = column.path.rsplit_once('.').and_then(|(path, _)| kind_at(&self.verb.form, path));
        if matches!(both, Some(Kind::Bilingual { .. })) {
            limits.push(say("either", json!({})));
        }
        if let Some(max) = self.numbered(column) {
            limits.push(say("numbered", json!({ "max": max })));
        }
        limits.join(self.locale.pick("；", "; "))
    }

    /// How many groups the list that a numbered column belongs to may have.
    fn numbered(&self, column: &SheetColumn) -> Option<u32> {
        let (list, _) = column.path.split_once(".1.").or_else(|| column.path.split_once(".1"))?;
        let mut fields = &self.verb.form;
        let mut steps = list.split('.').peekable();
        while let Some(step) = steps.next() {
            match (&fields.field(step)?.kind, steps.peek()) {
                (Kind::List(_, max), None) => return Some(*max),
                (Kind::Group(form), Some(_)) => fields = form,
                _ => return None,
            }
        }
        None
    }

    /// The help of the field, or of the field around it.
    fn help(&self, column: &SheetColumn) -> String {
        let steps = column.path.split('.').rev();
        let help = steps.filter_map(|step| self.desk_words().find("help", step)).next();
        help.unwrap_or_default().to_owned()
    }
}
