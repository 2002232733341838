//! Places: reading and writing a list by its number without the chance of a fall.
//!
//! A place outside reads as nothing and writing there does nothing. What is found by arithmetic is checked
//! again in whole numbers, so that a wrong place could make an answer worse but never false.

/// A list whose places are read as copies.
pub trait Places<T> {
    /// What stands at a place; nothing outside.
    fn at(&self, place: usize) -> T;
    /// Puts a value at a place; outside, nothing happens.
    fn put(&mut self, place: usize, value: T);
}

impl<T: Copy + Default> Places<T> for [T] {
    #[inline]
    fn at(&self, place: usize) -> T {
        match self.get(place) {
            Some(value) => *value,
            None => T::default(),
        }
    }

    #[inline]
    fn put(&mut self, place: usize, value: T) {
        if let Some(slot) = self.get_mut(place) {
            *slot = value;
        }
    }
}

/// Adds to what stands at a place; outside, nothing happens.
#[inline]
pub fn add<T: std::ops::AddAssign>(list: &mut [T], place: usize, more: T) {
    if let Some(slot) = list.get_mut(place) {
        *slot += more;
    }
}

/// Takes from what stands at a place, down to nothing; outside, nothing happens.
#[inline]
pub fn take(list: &mut [u32], place: usize, less: u32) {
    if let Some(slot) = list.get_mut(place) {
        *slot = slot.saturating_sub(less);
    }
}
