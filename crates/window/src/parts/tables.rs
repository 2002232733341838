//! Tables and pagers. On small windows a table becomes a stack of cards, or scrolls in its own box.

use maud::{Markup, html};

use super::{Empty, Icon, Link, empty, icon, some};

/// A table of records.
#[derive(Clone, Debug, Default)]
pub struct Table {
    /// Unique in the page; names the caption.
    pub id: String,
    /// What the table shows, read out before it.
    pub caption: String,
    pub columns: Vec<Column>,
    pub rows: Vec<Row>,
    /// True for sheets of figures, which scroll sideways; false for records, which become cards.
    pub scrolls: bool,
    /// Shown in the table's place when there are no rows.
    pub empty: Empty,
}

#[derive(Clone, Debug, Default)]
pub struct Column {
    pub label: String,
    pub align: Align,
    /// How to sort by it, when one can.
    pub sort: Option<Sort>,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Align {
    #[default]
    Start,
    /// For amounts and counts.
    End,
}

/// A link that sorts; `label` says what pressing does, for screen readers.
#[derive(Clone, Debug, Default)]
pub struct Sort {
    pub href: String,
    pub label: String,
    pub now: Sorted,
}

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Sorted {
    #[default]
    No,
    Up,
    Down,
}

/// One row; its first cell names it. `strong` is for totals.
#[derive(Clone, Debug, Default)]
pub struct Row {
    pub cells: Vec<Cell>,
    pub strong: bool,
}

/// What stands in one place of a table.
pub type Cell = Markup;

impl Column {
    #[must_use]
    pub fn new(label: impl Into<String>) -> Self {
        Self { label: label.into(), ..Self::default() }
    }

    /// A column of amounts or counts.
    #[must_use]
    pub fn end(label: impl Into<String>) -> Self {
        Self { align: Align::End, ..Self::new(label) }
    }

    #[must_use]
    pub fn sorted(mut self, sort: Sort) -> Self {
        self.sort = Some(sort);
        self
    }
}

impl Row {
    #[must_use]
    pub fn new(cells: Vec<Cell>) -> Self {
        Self { cells, strong: false }
    }
}

/// The roles are written out, since a table laid out as cards loses them in some browsers.
#[must_use]
pub fn table(table: &Table) -> Markup {
    if table.rows.is_empty() {
        return empty(&table.empty);
    }
    let inner = html! {
        table class=[(!table.scrolls).then_some("cards")] role="table"
            aria-labelledby={ (table.id) "-caption" } {
            @if !table.scrolls { caption #{ (table.id) "-caption" } { (table.caption) } }
            thead role="rowgroup" {
                tr role="row" { @for column in &table.columns { (heading_cell(column)) } }
            }
            tbody role="rowgroup" { @for row in &table.rows { (body_row(table, row)) } }
        }
    };
    if !table.scrolls {
        return inner;
    }
    html! {
        div {
            // Outside of the box, so that it does not scroll away.
            p.caption #{ (table.id) "-caption" } { (table.caption) }
            div.scroll role="region" tabindex="0" aria-labelledby={ (table.id) "-caption" } { (inner) }
        }
    }
}

fn heading_cell(column: &Column) -> Markup {
    let sorted = column.sort.as_ref().and_then(|sort| match sort.now {
        Sorted::No => None,
        Sorted::Up => Some("ascending"),
        Sorted::Down => Some("descending"),
    });
    html! {
        th scope="col" role="columnheader" class=[end(column)] aria-sort=[sorted] {
            @if let Some(sort) = &column.sort {
                a href=(sort.href) {
                    (column.label)
                    (icon(match sort.now { Sorted::No => Icon::Either, Sorted::Up => Icon::Up, Sorted::Down => Icon::Down }))
                    @if !sort.label.is_empty() { span.unseen { (sort.label) } }
                }
            } @else { (column.label) }
        }
    }
}

fn body_row(table: &Table, row: &Row) -> Markup {
    html! {
        tr role="row" class=[row.strong.then_some("strong")] {
            @for (place, (column, cell)) in table.columns.iter().zip(&row.cells).enumerate() {
                @if place == 0 {
                    th scope="row" role="rowheader" class=[end(column)] { (cell) }
                } @else {
                    // Cards lay each cell out in two columns, so its matter is one box.
                    td role="cell" class=[end(column)] data-label=(column.label) {
                        @if !cell.0.is_empty() { div { (cell) } }
                    }
                }
            }
        }
    }
}

fn end(column: &Column) -> Option<&'static str> {
    (column.align == Align::End).then_some("end")
}

/// The way through a long list: the pages before and after, and how much there is.
#[derive(Clone, Debug, Default)]
pub struct Pager {
    pub label: String,
    pub previous: Option<Link>,
    pub next: Option<Link>,
    /// "1–50 of 1,204".
    pub total: String,
}

#[must_use]
pub fn pager(pager: &Pager) -> Markup {
    html! {
        nav.pager aria-label=[some(&pager.label)] {
            p { (pager.total) }
            div.row {
                @if let Some(link) = &pager.previous {
                    a.button href=(link.href) rel="prev" { (link.label) }
                }
                @if let Some(link) = &pager.next { a.button href=(link.href) rel="next" { (link.label) } }
            }
        }
    }
}
