//! Series: many spans asked for at once. Those that clash are skipped, and each skip says why.

use super::{Book, Span, Spans};

/// Why a span of a series was left out.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SkipWhy {
    /// The instrument is closed then, or somewhere in it.
    Closed,
    /// Another booking, or its buffer, is in the way.
    Taken,
    /// An earlier span of the same series is in the way.
    Itself,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Skip {
    /// Which span of the series, counted from 0.
    pub place: usize,
    pub span: Span,
    pub why: SkipWhy,
}

/// A series, sorted out. Always: `kept` and `skipped` together are the series.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sorted {
    pub kept: Vec<Span>,
    pub skipped: Vec<Skip>,
}

/// Sorts a series into what fits and what clashes. `open` is what hours and closures leave.
#[must_use]
pub fn sort<K: Copy + PartialEq>(series: &[Span], open: &Spans, book: &Book<K>, buffer: i64) -> Sorted {
    let mut own: Book<usize> = Book::default();
    let mut sorted = Sorted::default();
    for (place, span) in series.iter().copied().enumerate() {
        let why = if !open.holds(span) {
            Some(SkipWhy::Closed)
        } else if book.clash(span, buffer).is_some() {
            Some(SkipWhy::Taken)
        } else if own.take(span, buffer, place).is_err() {
            Some(SkipWhy::Itself)
        } else {
            None
        };
        match why {
            None => sorted.kept.push(span),
            Some(why) => sorted.skipped.push(Skip { place, span, why }),
        }
    }
    sorted
}
