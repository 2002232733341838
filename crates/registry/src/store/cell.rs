//! Cells: the values that go into statements and come out of answers, the same for every engine.
//!
//! A cell borrows. Where an engine allows it, a text of an answer is read where it lies and never copied.

use grammar::kinds::Id;

use super::Broken;

/// One value: nothing, a whole number, a number, a text, or bytes. Truth is 1 and 0.
#[derive(Clone, Copy, PartialEq, Debug)]
pub enum Cell<'a> {
    Null,
    Int(i64),
    Real(f64),
    Text(&'a str),
    Bytes(&'a [u8]),
}

/// A cell that owns what it holds.
#[derive(Clone, PartialEq, Debug)]
pub enum Value {
    Null,
    Int(i64),
    Real(f64),
    Text(String),
    Bytes(Vec<u8>),
}

impl Value {
    pub fn of(cell: Cell) -> Self {
        match cell {
            Cell::Null => Self::Null,
            Cell::Int(number) => Self::Int(number),
            Cell::Real(number) => Self::Real(number),
            Cell::Text(text) => Self::Text(text.to_owned()),
            Cell::Bytes(bytes) => Self::Bytes(bytes.to_vec()),
        }
    }
}

/// One row of an answer.
pub trait Cells {
    /// The cell of a column, counted from 0.
    ///
    /// # Errors
    /// When there is no such column, or it holds what no cell can.
    fn cell(&self, column: usize) -> Result<Cell<'_>, Broken>;
}

impl dyn Cells + '_ {
    /// The cell of a column as a value of this type.
    ///
    /// # Errors
    /// When the column holds something else.
    pub fn get<'a, T: OfCell<'a>>(&'a self, column: usize) -> Result<T, Broken> {
        let cell = self.cell(column)?;
        T::of_cell(cell).ok_or_else(|| Broken(format!("the store: column {column} holds {cell:?}")))
    }
}

/// What can be put into a statement.
pub trait AsCell {
    fn as_cell(&self) -> Cell<'_>;
}

/// What can be read from an answer.
pub trait OfCell<'a>: Sized {
    fn of_cell(cell: Cell<'a>) -> Option<Self>;
}

/// The cells of a statement, in the order of `$1`, `$2`.
macro_rules! cells {
    ($($value:expr),* $(,)?) => { &[$($crate::store::AsCell::as_cell(&$value)),*] };
}
pub(crate) use cells;

impl<T: AsCell + ?Sized> AsCell for &T {
    fn as_cell(&self) -> Cell<'_> {
        (**self).as_cell()
    }
}

impl<T: AsCell> AsCell for Option<T> {
    fn as_cell(&self) -> Cell<'_> {
        self.as_ref().map_or(Cell::Null, AsCell::as_cell)
    }
}

impl AsCell for str {
    fn as_cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

impl AsCell for String {
    fn as_cell(&self) -> Cell<'_> {
        Cell::Text(self)
    }
}

impl AsCell for Id {
    fn as_cell(&self) -> Cell<'_> {
        Cell::Text(self.as_str())
    }
}

impl AsCell for f64 {
    fn as_cell(&self) -> Cell<'_> {
        Cell::Real(*self)
    }
}

impl AsCell for bool {
    fn as_cell(&self) -> Cell<'_> {
        Cell::Int(i64::from(*self))
    }
}

impl AsCell for u64 {
    fn as_cell(&self) -> Cell<'_> {
        Cell::Int(i64::try_from(*self).unwrap_or(i64::MAX))
    }
}

impl AsCell for i64 {
    fn as_cell(&self) -> Cell<'_> {
        Cell::Int(*self)
    }
}

impl AsCell for u32 {
    fn as_cell(&self) -> Cell<'_> {
        Cell::Int(i64::from(*self))
    }
}

impl AsCell for u8 {
    fn as_cell(&self) -> Cell<'_> {
        Cell::Int(i64::from(*self))
    }
}

impl AsCell for [u8] {
    fn as_cell(&self) -> Cell<'_> {
        Cell::Bytes(self)
    }
}

impl AsCell for Vec<u8> {
    fn as_cell(&self) -> Cell<'_> {
        Cell::Bytes(self)
    }
}

impl<const N: usize> AsCell for [u8; N] {
    fn as_cell(&self) -> Cell<'_> {
        Cell::Bytes(self)
    }
}

impl AsCell for Cell<'_> {
    fn as_cell(&self) -> Cell<'_> {
        *self
    }
}

impl AsCell for Value {
    fn as_cell(&self) -> Cell<'_> {
        match self {
            Self::Null => Cell::Null,
            Self::Int(number) => Cell::Int(*number),
            Self::Real(number) => Cell::Real(*number),
            Self::Text(text) => Cell::Text(text),
            Self::Bytes(bytes) => Cell::Bytes(bytes),
        }
    }
}

impl<'a> OfCell<'a> for Cell<'a> {
    fn of_cell(cell: Cell<'a>) -> Option<Self> {
        Some(cell)
    }
}

impl<'a> OfCell<'a> for &'a str {
    fn of_cell(cell: Cell<'a>) -> Option<Self> {
        if let Cell::Text(text) = cell { Some(text) } else { None }
    }
}

impl OfCell<'_> for String {
    fn of_cell(cell: Cell<'_>) -> Option<Self> {
        <&str>::of_cell(cell).map(str::to_owned)
    }
}

impl OfCell<'_> for Id {
    fn of_cell(cell: Cell<'_>) -> Option<Self> {
        <&str>::of_cell(cell)?.parse().ok()
    }
}

impl<'a> OfCell<'a> for &'a [u8] {
    fn of_cell(cell: Cell<'a>) -> Option<Self> {
        if let Cell::Bytes(bytes) = cell { Some(bytes) } else { None }
    }
}

impl OfCell<'_> for Vec<u8> {
    fn of_cell(cell: Cell<'_>) -> Option<Self> {
        <&[u8]>::of_cell(cell).map(<[u8]>::to_vec)
    }
}

impl<const N: usize> OfCell<'_> for [u8; N] {
    fn of_cell(cell: Cell<'_>) -> Option<Self> {
        <&[u8]>::of_cell(cell)?.try_into().ok()
    }
}

impl OfCell<'_> for i64 {
    fn of_cell(cell: Cell<'_>) -> Option<Self> {
        if let Cell::Int(number) = cell { Some(number) } else { None }
    }
}

impl OfCell<'_> for u64 {
    fn of_cell(cell: Cell<'_>) -> Option<Self> {
        i64::of_cell(cell)?.try_into().ok()
    }
}

impl OfCell<'_> for usize {
    fn of_cell(cell: Cell<'_>) -> Option<Self> {
        i64::of_cell(cell)?.try_into().ok()
    }
}

impl OfCell<'_> for u32 {
    fn of_cell(cell: Cell<'_>) -> Option<Self> {
        i64::of_cell(cell)?.try_into().ok()
    }
}

impl OfCell<'_> for u8 {
    fn of_cell(cell: Cell<'_>) -> Option<Self> {
        i64::of_cell(cell)?.try_into().ok()
    }
}

impl OfCell<'_> for bool {
    fn of_cell(cell: Cell<'_>) -> Option<Self> {
        Some(i64::of_cell(cell)? != 0)
    }
}

impl OfCell<'_> for f64 {
    fn of_cell(cell: Cell<'_>) -> Option<Self> {
        match cell {
            Cell::Real(number) => Some(number),
            _ => None,
        }
    }
}

impl<'a, T: OfCell<'a>> OfCell<'a> for Option<T> {
    fn of_cell(cell: Cell<'a>) -> Option<Self> {
        if cell == Cell::Null { Some(None) } else { T::of_cell(cell).map(Some) }
    }
}
