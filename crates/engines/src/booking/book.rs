//! Book: the taken spans of one instrument, in an ordered map. It has one place, or several that people may use at once.
//! Taking, freeing and asking take logarithmic time with one place; with several, also time for each span that is near.

use std::collections::BTreeMap;

use super::{Span, Spans};

/// One taken span, with the time before and after it that nobody else may have.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Taken<K> {
    pub span: Span,
    pub buffer: i64,
    pub by: K,
    /// How many places there were when it was taken.
    pub places: usize,
    /// It takes all of them.
    pub is_whole: bool,
}

impl<K> Taken<K> {
    /// A span of an instrument with one place.
    #[must_use]
    pub const fn alone(span: Span, buffer: i64, by: K) -> Self {
        Self { span, buffer, by, places: 1, is_whole: false }
    }
}

/// What stands in the way.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Clash<K> {
    pub with: Taken<K>,
    /// The spans themselves are apart; only a buffer is in the way.
    pub only_buffer: bool,
}

/// So many have the instrument within a span; `is_whole` when it is closed to all others.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Level {
    pub span: Span,
    pub count: usize,
    pub is_whole: bool,
}

/// Always: with one place no taken span overlaps another one with the larger of their buffers around it; with several,
/// never more of them than places have a moment in common, and what takes all places shares no moment with another.
#[derive(Clone, Debug)]
pub struct Book<K> {
    by_start: BTreeMap<(i64, u32), Taken<K>>,
    /// The longest buffer ever taken: how far a neighbour can reach.
    buffer_max: i64,
    places: usize,
    /// The most places it ever had, and the longest span: how far back one must look for who is still there.
    places_max: usize,
    length_max: i64,
    taken_count: u32,
}

impl<K> Default for Book<K> {
    fn default() -> Self {
        Self::with_places(1)
    }
}

impl<K> Book<K> {
    /// An empty book of an instrument that so many may use at once.
    #[must_use]
    pub fn with_places(places: usize) -> Self {
        let places = places.max(1);
        Self {
            by_start: BTreeMap::new(),
            buffer_max: 0,
            places,
            places_max: places,
            length_max: 0,
            taken_count: 0,
        }
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

    #[must_use]
    pub const fn places(&self) -> usize {
        self.places
    }

    /// So many places from now on; those who are there stay.
    pub fn resize(&mut self, places: usize) {
        self.places = places.max(1);
        self.places_max = self.places_max.max(places);
    }

    /// In order of their beginnings.
    pub fn iter(&self) -> impl Iterator<Item = &Taken<K>> {
        self.by_start.values()
    }

    /// What reaches into `window`. With one place spans do not overlap: of those that begin before, only the last can.
    pub fn within(&self, window: Span) -> impl Iterator<Item = &Taken<K>> {
        let is_one = self.places_max == 1;
        let (from, until) = ((window.from(), 0), (window.until(), 0));
        let before = self.by_start.range(..from).next_back().filter(|_| is_one);
        let far = if is_one { from } else { (window.from().saturating_sub(self.length_max), 0) };
        let inside = self.by_start.range(far..until.max(far));
        let all = before.into_iter().chain(inside).map(|(_, taken)| taken);
        all.filter(move |taken| taken.span.overlaps(window))
    }

    /// What stands in the way of `span` with `buffer` around it, the earliest first.
    #[must_use]
    pub fn clash(&self, span: Span, buffer: i64) -> Option<Clash<K>> {
        self.clash_of(span, buffer, false)
    }

    fn clash_of(&self, span: Span, buffer: i64, is_whole: bool) -> Option<Clash<K>> {
        let wide = buffer.max(self.buffer_max);
        if self.places_max == 1 {
            let met = self.within(span.wider(wide));
            let mut met = met.filter(|taken| taken.span.overlaps(span.wider(buffer.max(taken.buffer))));
            return met.next().map(|taken| Clash { with: *taken, only_buffer: !taken.span.overlaps(span) });
        }
        let met: Vec<&Taken<K>> = self.within(span.wider(wide)).collect();
        let alone = met.iter().find(|taken| is_whole || taken.is_whole);
        let with = alone.copied().or_else(|| self.full_moment(&met, span, wide))?;
        let near: Vec<&Taken<K>> = self.within(span).collect();
        let is_met = if is_whole || with.is_whole {
            with.span.overlaps(span)
        } else {
            self.full_moment(&near, span, 0).is_some()
        };
        Some(Clash { with: *with, only_buffer: !is_met })
    }

    /// One of those who have all the places at some moment of `span`, when each keeps its place for `wide` longer.
    fn full_moment<'t>(&self, met: &[&'t Taken<K>], span: Span, wide: i64) -> Option<&'t Taken<K>> {
        if met.len() < self.places {
            return None;
        }
        // The number of those present is largest where one begins.
        let begins = met.iter().map(|taken| taken.span.from().max(span.from()));
        let mut begins: Vec<i64> = begins.filter(|at| *at < span.until().saturating_add(wide)).collect();
        begins.sort_unstable();
        begins.into_iter().find_map(|at| {
            let is_there =
                |taken: &&&Taken<K>| taken.span.from() <= at && at < taken.span.until().saturating_add(wide);
            let mut there = met.iter().filter(is_there);
            let first = there.next()?;
            (1 + there.count() >= self.places).then_some(*first)
        })
    }

    /// # Errors
    /// What stands in the way; then nothing is taken.
    pub fn take(&mut self, span: Span, buffer: i64, by: K) -> Result<(), Clash<K>> {
        self.take_of(Taken { span, buffer, by, places: self.places, is_whole: false })
    }

    /// Takes all places at once, as a closure does.
    ///
    /// # Errors
    /// What stands in the way; then nothing is taken.
    pub fn take_whole(&mut self, span: Span, by: K) -> Result<(), Clash<K>> {
        self.take_of(Taken { span, buffer: 0, by, places: self.places, is_whole: true })
    }

    fn take_of(&mut self, taken: Taken<K>) -> Result<(), Clash<K>> {
        match self.clash_of(taken.span, taken.buffer, taken.is_whole) {
            Some(clash) => Err(clash),
            None => {
                self.put(taken);
                Ok(())
            }
        }
    }

    /// Puts in what was taken before, under the places of that day.
    pub fn put(&mut self, taken: Taken<K>) {
        let taken = Taken { buffer: taken.buffer.max(0), ..taken };
        self.buffer_max = self.buffer_max.max(taken.buffer);
        self.length_max = self.length_max.max(taken.span.length());
        // Where two are there at once, more than the last that begins before can reach into a span.
        let is_beside = self.within(taken.span).next().is_some();
        self.places_max = self.places_max.max(taken.places).max(1 + usize::from(is_beside));
        self.taken_count += 1;
        self.by_start.insert((taken.span.from(), self.taken_count), taken);
    }

    /// Gives back what was taken from `from` on by `by`.
    pub fn free(&mut self, from: i64, by: K) -> Option<Taken<K>> {
        let mut here = self.by_start.range((from, 0)..=(from, u32::MAX));
        let (key, taken) = here.find(|(_, taken)| taken.by == by).map(|(key, taken)| (*key, *taken))?;
        self.by_start.remove(&key);
        Some(taken)
    }

    /// The moments of `window` in which no booking that keeps `buffer` clear may lie.
    #[must_use]
    pub fn full(&self, window: Span, buffer: i64) -> Spans {
        if self.places_max == 1 {
            return self.within(window).map(|taken| taken.span.wider(taken.buffer.max(buffer))).collect();
        }
        let wide = buffer.max(self.buffer_max).max(0);
        let near: Vec<Taken<K>> = self.within(window.wider(wide)).copied().collect();
        let kept = near.iter().filter_map(|taken| {
            let span = Span::new(taken.span.from(), taken.span.until().saturating_add(wide))?;
            Some(Taken { span, ..*taken })
        });
        let kept: Vec<Taken<K>> = kept.collect();
        let full = levels(&kept).into_iter().filter(|level| level.is_whole || level.count >= self.places);
        full.filter_map(|level| Span::new(level.span.from().saturating_sub(wide), level.span.until()))
            .collect()
    }
}

/// How many have the instrument when: spans in order, from each beginning or end to the next; nothing where nobody has.
/// A span may have the number of the one before: who is there is not the same.
#[must_use]
pub fn levels<K>(taken: &[Taken<K>]) -> Vec<Level> {
    let mut turns: BTreeMap<i64, (i64, i64)> = BTreeMap::new();
    for each in taken {
        let whole = i64::from(each.is_whole);
        let begin = turns.entry(each.span.from()).or_default();
        (begin.0, begin.1) = (begin.0 + 1, begin.1 + whole);
        let end = turns.entry(each.span.until()).or_default();
        (end.0, end.1) = (end.0 - 1, end.1 - whole);
    }
    let (mut count, mut whole, mut since) = (0_i64, 0_i64, i64::MIN);
    let mut levels: Vec<Level> = Vec::new();
    for (at, (more, more_whole)) in turns {
        if let (Some(span), true) = (Span::new(since, at), count > 0) {
            levels.push(Level { span, count: usize::try_from(count).unwrap_or(0), is_whole: whole > 0 });
        }
        (count, whole, since) = (count + more, whole + more_whole, at);
    }
    levels
}
