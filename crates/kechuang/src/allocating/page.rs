//! Page: the decision book as one page of HTML that prints well and needs nothing else.

use grammar::words::Locale;
use maud::{DOCTYPE, Markup, PreEscaped, html};
use serde_json::json;

use super::Decision;
use crate::{
    book::{Cell, Sheet, yuan},
    speech::say,
};

/// Rows of one table on the page; a page is for reading, the workbook holds them all.
const ROWS_MAX: usize = 2_000;
const STYLE: &str = "
:root { color-scheme: light; }
body { font: 15px/1.5 system-ui, 'Noto Sans SC', 'Microsoft YaHei', sans-serif; color: #1a1a1a; max-width: 68rem; margin: 2rem auto; padding: 0 1rem; }
h1 { font-size: 1.5rem; margin-bottom: .25rem; } h2 { font-size: 1.1rem; margin-top: 2rem; }
.scroll { overflow-x: auto; } table { border-collapse: collapse; width: 100%; font-size: .9rem; }
th, td { text-align: left; vertical-align: top; padding: .35rem .6rem .35rem 0; border-bottom: 1px solid #ccc; overflow-wrap: break-word; }
th { border-bottom: 2px solid #555; } td.number, th.number { text-align: right; white-space: nowrap; }
td.long { min-width: 16rem; }
@page { size: A4; margin: 16mm; }
@media print { body { margin: 0; max-width: none; font-size: 10pt; } thead { display: table-header-group; } tr { break-inside: avoid; } .scroll { overflow: visible; } }
";

/// A whole page that needs nothing else.
pub(crate) fn document(locale: Locale, title: &str, body: &Markup) -> String {
    let page = html! {
        (DOCTYPE)
        html lang=(if locale == Locale::Zh { "zh-CN" } else { "en" }) {
            head {
                meta charset="utf-8";
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (title) }
                style { (PreEscaped(STYLE)) }
            }
            body { (body) }
        }
    };
    page.into_string()
}

impl Decision<'_> {
    /// The page in a language.
    pub(super) fn page(&self, locale: Locale) -> String {
        let facts = self.facts(locale);
        let word = |key: &str| say(locale, "allocate", key, &facts);
        let title = word("title");
        let tables = [self.decisions(locale), self.rules(locale), self.questions(locale)];
        let body = html! {
            h1 { (title) }
            p { (word("summary")) " " (word(self.proved())) }
            p { (word("steady-count")) }
            @if let Some((order, seed)) = &self.lot {
                p { (say(locale, "allocate", "lot-told", &json!({ "count": order.len(), "seed": seed }))) }
            }
            @for sheet in &tables {
                @if !sheet.rows.is_empty() { (table(sheet, locale)) }
            }
            p { (word("how")) }
        };
        document(locale, &title, &body)
    }
}

pub(crate) fn table(sheet: &Sheet, locale: Locale) -> Markup {
    let is_number = |column: usize| {
        let cell = sheet.rows.first().and_then(|row| row.get(column));
        matches!(cell, Some(Cell::Fen(_)))
    };
    html! {
        h2 { (sheet.title) }
        div.scroll {
            table {
                thead { tr {
                    @for (column, name) in sheet.header.iter().enumerate() {
                        th.number[is_number(column)] { (name) }
                    }
                } }
                tbody {
                    @for row in sheet.rows.iter().take(ROWS_MAX) {
                        tr { @for cell in row { (shown(cell)) } }
                    }
                }
            }
        }
        @if sheet.rows.len() > ROWS_MAX {
            p { (say(locale, "allocate", "more-rows", &json!({ "rows": sheet.rows.len() - ROWS_MAX }))) }
        }
    }
}

fn shown(cell: &Cell) -> Markup {
    match cell {
        Cell::Fen(fen) => html! { td.number { (yuan(*fen)) } },
        Cell::Number(number) => html! { td.number { (number) } },
        Cell::Text(text) => html! { td.long[text.chars().count() > 24] { (text) } },
    }
}
