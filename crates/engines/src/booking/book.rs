//! Book: the taken spans of one instrument, in an ordered map. Taking, freeing and asking take logarithmic time.

use std::collections::BTreeMap;

use super::Span;

/// One taken span, with the time before and after it that nobody else may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Taken<K> {
    pub span: Span,
    pub buffer: i64,
    pub by: K,
}

/// What stands in the way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clash<K> {
    pub with: Taken<K>,
    /// The spans themselves are apart; only a buffer is in the way.
    pub only_buffer: bool,
}

/// Always: no taken span overlaps another one with the larger of their buffers around it.
#[derive(Clone, Debug)]
pub struct Book<K> {
    by_start: BTreeMap<i64, Taken<K>>,
    /// The longest buffer ever taken: how far a neighbour can reach.
    buffer_max: i64,
}

impl<K> Default for Book<K> {
    fn default() -> Self {
        Self { by_start: BTreeMap::new(), buffer_max: 0 }
    }
}

impl<K: Copy + PartialEq> Book<K> {
    #[must_use]
    pub fn len(&self) -> usize {
        self.by_start.len()
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.by_start.is_empty()
    }

    /// In order of their beginnings.
    pub fn iter(&self) -> impl Iterator<Item = &Taken<K>> {
        self.by_start.values()
    }

    /// What stands in the way of `span` with `buffer` around it, the earliest first. Since taken spans do not
    /// overlap, only the last one that begins before `span` and those that begin within its reach can clash.
    #[must_use]
    pub fn clash(&self, span: Span, buffer: i64) -> Option<Clash<K>> {
        let reach = span.wider(buffer.max(self.buffer_max));
        let before = self.by_start.range(..reach.from()).next_back().map(|(_, taken)| taken);
        let within = self.by_start.range(reach.from()..reach.until()).map(|(_, taken)| taken);
        let met = before.into_iter().chain(within);
        met.filter(|taken| taken.span.overlaps(span.wider(buffer.max(taken.buffer))))
            .map(|taken| Clash { with: *taken, only_buffer: !taken.span.overlaps(span) })
            .next()
    }

    /// # Errors
    /// What stands in the way; then nothing is taken.
    pub fn take(&mut self, span: Span, buffer: i64, by: K) -> Result<(), Clash<K>> {
        if let Some(clash) = self.clash(span, buffer) {
            return Err(clash);
        }
        self.buffer_max = self.buffer_max.max(buffer);
        self.by_start.insert(span.from(), Taken { span, buffer: buffer.max(0), by });
        Ok(())
    }

    /// Gives back what was taken from `from` on by `by`.
    pub fn free(&mut self, from: i64, by: K) -> Option<Taken<K>> {
        self.by_start.get(&from).filter(|taken| taken.by == by)?;
        self.by_start.remove(&from)
    }

    /// What reaches into `window`.
    pub fn within(&self, window: Span) -> impl Iterator<Item = &Taken<K>> {
        let before = self.by_start.range(..window.from()).next_back().map(|(_, taken)| taken);
        let inside = self.by_start.range(window.from()..window.until()).map(|(_, taken)| taken);
        before.into_iter().chain(inside).filter(move |taken| taken.span.overlaps(window))
    }
}
