//! Fraction: sums of many fractions, exact however many there are.
//!
//! A sum keeps, for each denominator, how often it came. It is brought to one denominator only when it is
//! shown or compared, in whole numbers as long as they must be.

use std::{cmp::Ordering, collections::BTreeMap};

/// A fraction that is not below 0; its denominator is above 0.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Fraction {
    pub above: u64,
    pub below: u64,
}

/// A sum of fractions.
#[derive(Clone, PartialEq, Eq, Debug, Default)]
pub struct Sum {
    /// By denominator, what stands above it.
    parts: BTreeMap<u64, u128>,
}

/// A whole number of any length, the lowest 32 bits first, without zeros at the end.
type Long = Vec<u32>;

impl Sum {
    /// Adds a fraction; one with nothing below is nothing.
    pub fn add(&mut self, part: Fraction) {
        if part.below > 0 {
            *self.parts.entry(part.below).or_default() += u128::from(part.above);
        }
    }

    /// Adds another sum.
    pub fn add_all(&mut self, other: &Self) {
        for (below, above) in &other.parts {
            *self.parts.entry(*below).or_default() += above;
        }
    }

    /// The whole number that this is, if it is one.
    #[must_use]
    pub fn whole(&self) -> Option<u128> {
        let (whole, above, _) = self.one_fraction();
        above.is_empty().then_some(whole)
    }

    /// Which of two sums is larger, exactly.
    #[must_use]
    pub fn compare(&self, other: &Self) -> Ordering {
        let (mut one, mut two) = (self.clone(), other.clone());
        // With the same denominators on both sides, what stands above decides.
        for below in self.parts.keys() {
            two.parts.entry(*below).or_default();
        }
        for below in other.parts.keys() {
            one.parts.entry(*below).or_default();
        }
        let (first, second) = (one.one_fraction(), two.one_fraction());
        first.0.cmp(&second.0).then_with(|| order(&first.1, &second.1))
    }

    /// In decimals with so many digits behind the point; halves go up.
    #[must_use]
    pub fn decimal(&self, digits: usize) -> String {
        let (mut whole, mut above, below) = self.one_fraction();
        let mut behind = Vec::with_capacity(digits);
        for _ in 0..digits {
            times(&mut above, 10);
            behind.push(take(&mut above, &below));
        }
        times(&mut above, 2);
        let mut carry = order(&above, &below) != Ordering::Less && !below.is_empty();
        for digit in behind.iter_mut().rev() {
            if !carry {
                break;
            }
            carry = *digit == 9;
            *digit = if carry { 0 } else { *digit + 1 };
        }
        whole += u128::from(carry);
        let behind: String = behind.iter().filter_map(|digit| char::from_digit(*digit, 10)).collect();
        if digits == 0 { whole.to_string() } else { format!("{whole}.{behind}") }
    }

    /// As one fraction in lowest terms: `7/12`, or a whole number. `None` when it would have more than so many
    /// digits below.
    #[must_use]
    pub fn exact(&self, digits_max: usize) -> Option<String> {
        let (whole, above, below) = self.one_fraction();
        if above.is_empty() {
            return Some(whole.to_string());
        }
        let (above, below) = lowest(above, below)?;
        let above = whole.checked_mul(below)?.checked_add(above)?;
        let text = below.to_string();
        (text.len() <= digits_max).then(|| format!("{above}/{text}"))
    }

    /// Whole part, and what is left as a fraction below one with one denominator.
    fn one_fraction(&self) -> (u128, Long, Long) {
        let mut below: Long = vec![1];
        for denominator in self.parts.keys() {
            let shared = gcd(*denominator, remainder(&below, *denominator));
            times_long(&mut below, denominator / shared.max(1));
        }
        let mut whole = 0;
        let mut sum: Long = Vec::new();
        for (denominator, above) in &self.parts {
            whole += above / u128::from(*denominator);
            let rest = u64::try_from(above % u128::from(*denominator)).unwrap_or(0);
            let mut part = divided(&below, *denominator);
            times_long(&mut part, rest);
            plus(&mut sum, &part);
        }
        // The rests of some hundred denominators come to at most as many wholes.
        while order(&sum, &below) != Ordering::Less {
            minus(&mut sum, &below);
            whole += 1;
        }
        (whole, sum, below)
    }
}

/// A fraction of long numbers in lowest terms, when these are short enough to be found so.
fn lowest(above: Long, below: Long) -> Option<(u128, u128)> {
    let short = |long: &Long| {
        (long.len() <= 4).then(|| long.iter().rev().fold(0_u128, |sum, part| (sum << 32) | u128::from(*part)))
    };
    let (above, below) = (short(&above)?, short(&below)?);
    let (mut one, mut other) = (above, below);
    while other > 0 {
        (one, other) = (other, one % other);
    }
    Some((above / one, below / one))
}

fn gcd(mut one: u64, mut other: u64) -> u64 {
    while other > 0 {
        (one, other) = (other, one % other);
    }
    one
}

fn trim(long: &mut Long) {
    while long.last() == Some(&0) {
        long.pop();
    }
}

fn order(one: &Long, other: &Long) -> Ordering {
    one.len().cmp(&other.len()).then_with(|| one.iter().rev().cmp(other.iter().rev()))
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is kept, the high half carried")]
fn times(long: &mut Long, factor: u32) {
    let mut carry = 0_u64;
    for part in long.iter_mut() {
        let product = u64::from(*part) * u64::from(factor) + carry;
        *part = product as u32;
        carry = product >> 32;
    }
    long.push(carry as u32);
    trim(long);
}

/// By a factor of up to 64 bits.
#[expect(clippy::cast_possible_truncation, reason = "the low half is kept, the high half carried")]
fn times_long(long: &mut Long, factor: u64) {
    let mut carry = 0_u128;
    for part in long.iter_mut() {
        let product = u128::from(*part) * u128::from(factor) + carry;
        *part = product as u32;
        carry = product >> 32;
    }
    for _ in 0..3 {
        long.push(carry as u32);
        carry >>= 32;
    }
    trim(long);
}

#[expect(clippy::cast_possible_truncation, reason = "a remainder is below its divisor")]
fn remainder(long: &Long, divisor: u64) -> u64 {
    let rest = |rest: u128, part: &u32| ((rest << 32) | u128::from(*part)) % u128::from(divisor.max(1));
    long.iter().rev().fold(0, rest) as u64
}

/// Divided by a factor that it has.
#[expect(clippy::cast_possible_truncation, reason = "a digit of the quotient is below 2³²")]
fn divided(long: &Long, divisor: u64) -> Long {
    let mut rest = 0_u128;
    let mut quotient: Long = Vec::with_capacity(long.len());
    for part in long.iter().rev() {
        let whole = (rest << 32) | u128::from(*part);
        quotient.push((whole / u128::from(divisor.max(1))) as u32);
        rest = whole % u128::from(divisor.max(1));
    }
    quotient.reverse();
    trim(&mut quotient);
    quotient
}

#[expect(clippy::cast_possible_truncation, reason = "the low half is kept, the high half carried")]
fn plus(sum: &mut Long, other: &Long) {
    if sum.len() < other.len() {
        sum.resize(other.len(), 0);
    }
    let mut carry = 0_u64;
    for (part, more) in sum.iter_mut().zip(other.iter().chain(std::iter::repeat(&0))) {
        let total = u64::from(*part) + u64::from(*more) + carry;
        *part = total as u32;
        carry = total >> 32;
    }
    sum.push(carry as u32);
    trim(sum);
}

/// Less a number that is not larger.
fn minus(sum: &mut Long, other: &Long) {
    let mut borrow = false;
    for (part, less) in sum.iter_mut().zip(other.iter().chain(std::iter::repeat(&0))) {
        let (first, one) = part.overflowing_sub(*less);
        let (second, two) = first.overflowing_sub(u32::from(borrow));
        *part = second;
        borrow = one || two;
    }
    trim(sum);
}

/// Takes a number away as often as it fits, at most nine times.
fn take(sum: &mut Long, other: &Long) -> u32 {
    let mut times = 0;
    while times < 9 && order(sum, other) != Ordering::Less {
        minus(sum, other);
        times += 1;
    }
    times
}
