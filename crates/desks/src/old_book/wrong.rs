//! Wrong: what does not fit in a sheet of old books, row by row, with its column.

use grammar::prelude::*;

use super::{Kind, Refusal};

/// Why a sheet does not come in. The sentences are in the desk's words, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Wrong {
    LacksColumn { name: Text<60> },
    NoVouchers,
    TooManyRows { max: usize },
    NotAKind { line: u32, value: Text<60> },
    EmptyCell { line: u32, column: &'static str },
    TooLong { line: u32, column: &'static str, max: usize },
    NotADay { line: u32, value: Text<60> },
    StillToCome { line: u32, day: Day },
    InClosedBooks { line: u32, day: Day, until: Day },
    NotAnAmount { line: u32, value: Text<60> },
    NotAYear { line: u32, value: Text<60> },
    NotACode { line: u32, value: Text<60> },
    VoucherTwice { line: u32, number: Text<60>, first: u32 },
    NoSuchVoucher { line: u32, number: Text<60> },
    ReferenceTwice { line: u32, reference: Text<60>, first: u32 },
    BeforeItsIssue { line: u32, day: Day, issued: Day },
    MoreThanLeft { line: u32, left: Money },
    MoreThanUsed { line: u32, waiting: Money },
    MoreThanPaid { line: u32, paid: Money },
    NoTotal { kind: Kind, is: Money },
    TotalTwice { line: u32, first: u32 },
    OtherTotal { line: u32, said: Money, is: Money },
}

use Wrong::*;

impl Wrong {
    /// The row of the sheet it is about, counted from 1.
    #[must_use]
    pub fn line(&self) -> Option<u32> {
        match *self {
            LacksColumn { .. } | NoVouchers | TooManyRows { .. } | NoTotal { .. } => None,
            NotAKind { line, .. }
            | EmptyCell { line, .. }
            | TooLong { line, .. }
            | NotADay { line, .. }
            | StillToCome { line, .. }
            | InClosedBooks { line, .. }
            | NotAnAmount { line, .. }
            | NotAYear { line, .. }
            | NotACode { line, .. }
            | VoucherTwice { line, .. }
            | NoSuchVoucher { line, .. }
            | ReferenceTwice { line, .. }
            | BeforeItsIssue { line, .. }
            | MoreThanLeft { line, .. }
            | MoreThanUsed { line, .. }
            | MoreThanPaid { line, .. }
            | TotalTwice { line, .. }
            | OtherTotal { line, .. } => Some(line),
        }
    }

    /// The column it is about, by its name in `COLUMNS`.
    #[must_use]
    pub fn column(&self) -> Option<&'static str> {
        Some(match self {
            LacksColumn { .. } | NoVouchers | TooManyRows { .. } | NoTotal { .. } => return None,
            EmptyCell { column, .. } | TooLong { column, .. } => column,
            NotAKind { .. } | TotalTwice { .. } => "kind",
            NotADay { .. } | StillToCome { .. } | InClosedBooks { .. } | BeforeItsIssue { .. } => "day",
            NotAYear { .. } => "year",
            NotACode { .. } => "code",
            VoucherTwice { .. } | NoSuchVoucher { .. } => "number",
            ReferenceTwice { .. } => "reference",
            NotAnAmount { .. }
            | MoreThanLeft { .. }
            | MoreThanUsed { .. }
            | MoreThanPaid { .. }
            | OtherTotal { .. } => "amount",
        })
    }
}

/// The first of several; there is at least one.
pub(super) fn first(all: Vec<Wrong>) -> Refusal {
    Refusal::Sheet(all.into_iter().next().unwrap_or(NoVouchers))
}

/// The field of the form that each is about.
pub const BESIDE: &[(&str, &str)] = &[
    ("not-a-fund", "fund"),
    ("lacks-column", "sheet"),
    ("no-vouchers", "sheet"),
    ("too-many-rows", "sheet"),
    ("not-a-kind", "sheet"),
    ("empty-cell", "sheet"),
    ("too-long", "sheet"),
    ("not-a-day", "sheet"),
    ("still-to-come", "sheet"),
    ("in-closed-books", "sheet"),
    ("not-an-amount", "sheet"),
    ("not-a-year", "sheet"),
    ("not-a-code", "sheet"),
    ("voucher-twice", "sheet"),
    ("no-such-voucher", "sheet"),
    ("reference-twice", "sheet"),
    ("before-its-issue", "sheet"),
    ("more-than-left", "sheet"),
    ("more-than-used", "sheet"),
    ("more-than-paid", "sheet"),
    ("no-total", "sheet"),
    ("total-twice", "sheet"),
    ("other-total", "sheet"),
];
