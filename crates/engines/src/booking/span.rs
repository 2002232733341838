//! Spans of time, and sets of them: exact, ordered, never touching inside a set.

use serde::{Deserialize, Serialize};

/// From a moment up to, not including, another. Always: `from < until`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Debug, Serialize, Deserialize)]
pub struct Span {
    from: i64,
    until: i64,
}

impl Span {
    /// `None` when it would be empty or run backwards.
    #[must_use]
    pub const fn new(from: i64, until: i64) -> Option<Self> {
        if from < until { Some(Self { from, until }) } else { None }
    }

    #[must_use]
    pub const fn from(self) -> i64 {
        self.from
    }

    #[must_use]
    pub const fn until(self) -> i64 {
        self.until
    }

    #[must_use]
    pub const fn length(self) -> i64 {
        self.until.saturating_sub(self.from)
    }

    /// Whether both have a moment in common. Touching is not overlapping.
    #[must_use]
    pub const fn overlaps(self, other: Self) -> bool {
        self.from < other.until && other.from < self.until
    }

    #[must_use]
    pub const fn holds(self, other: Self) -> bool {
        self.from <= other.from && other.until <= self.until
    }

    /// What both have in common.
    #[must_use]
    pub fn common(self, other: Self) -> Option<Self> {
        Self::new(self.from.max(other.from), self.until.min(other.until))
    }

    /// The same with `buffer` on either side.
    #[must_use]
    pub const fn wider(self, buffer: i64) -> Self {
        let buffer = if buffer < 0 { 0 } else { buffer };
        Self { from: self.from.saturating_sub(buffer), until: self.until.saturating_add(buffer) }
    }
}

/// A set of moments. Always: in order, apart from each other by at least a moment.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Spans(Vec<Span>);

impl FromIterator<Span> for Spans {
    fn from_iter<T: IntoIterator<Item = Span>>(spans: T) -> Self {
        let mut all: Vec<Span> = spans.into_iter().collect();
        all.sort_unstable();
        let mut joined: Vec<Span> = Vec::with_capacity(all.len());
        for span in all {
            match joined.last_mut() {
                Some(last) if span.from <= last.until => last.until = last.until.max(span.until),
                _ => joined.push(span),
            }
        }
        Self(joined)
    }
}

impl Spans {
    pub fn iter(&self) -> impl Iterator<Item = Span> + '_ {
        self.0.iter().copied()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    #[must_use]
    pub fn length(&self) -> i64 {
        self.0.iter().map(|span| span.length()).sum()
    }

    /// Whether the whole of `span` lies in the set.
    #[must_use]
    pub fn holds(&self, span: Span) -> bool {
        let after = self.0.partition_point(|each| each.from <= span.from);
        after.checked_sub(1).and_then(|last| self.0.get(last)).is_some_and(|each| each.holds(span))
    }

    /// What is in both.
    #[must_use]
    pub fn common(&self, other: &Self) -> Self {
        let (mut ours, mut theirs) = (self.0.iter().peekable(), other.0.iter().peekable());
        let mut both = Vec::new();
        while let (Some(one), Some(two)) = (ours.peek(), theirs.peek()) {
            both.extend(one.common(**two));
            if one.until <= two.until {
                ours.next()
            } else {
                theirs.next()
            };
        }
        Self(both)
    }

    /// What is in this set and not in `other`.
    #[must_use]
    pub fn without(&self, other: &Self) -> Self {
        let mut left = Vec::new();
        let mut from = 0;
        for span in &self.0 {
            let mut begin = span.from;
            // What ended before this span cannot touch a later one either.
            while other.0.get(from).is_some_and(|gone| gone.until <= span.from) {
                from += 1;
            }
            for gone in other.0.iter().skip(from).take_while(|gone| gone.from < span.until) {
                left.extend(Span::new(begin, gone.from));
                begin = begin.max(gone.until);
            }
            left.extend(Span::new(begin, span.until));
        }
        Self(left)
    }
}
