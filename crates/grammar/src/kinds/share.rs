//! Shares: exact fractions, so that parts of a whole sum to the whole (XX-R06).

use std::{fmt, str::FromStr};

use super::{Money, Unreadable, half_width, string_kind};

/// A fraction of a whole, between 0 and 1, in lowest terms. On paper `"1/3"` or `"50%"`.
#[derive(Clone, Copy, PartialEq, Eq, Hash, Debug)]
pub struct Share {
    part: u32,
    whole: u32,
}

impl Share {
    /// `None` when the whole is nothing or the part is more than the whole.
    #[must_use]
    pub fn new(part: u32, whole: u32) -> Option<Self> {
        let divisor = gcd(part, whole);
        (whole > 0 && part <= whole).then(|| Self { part: part / divisor, whole: whole / divisor })
    }

    /// This share of an amount, rounded down to whole fen.
    #[must_use]
    pub fn of(self, amount: Money) -> Money {
        amount.times(i64::from(self.part), i64::from(self.whole)).unwrap_or(Money::ZERO)
    }

    /// Splits an amount so that the parts sum to it exactly: what rounding leaves goes fen by fen to
    /// the largest remainders, earlier first. The shares must sum to one, or `None`.
    #[must_use]
    pub fn split(amount: Money, shares: &[Self]) -> Option<Vec<Money>> {
        let common = shares.iter().try_fold(1_u64, |all, share| {
            let whole = u64::from(share.whole);
            (all / gcd64(all, whole)).checked_mul(whole)
        })?;
        let weights: Vec<u64> =
            shares.iter().map(|s| u64::from(s.part) * (common / u64::from(s.whole))).collect();
        if weights.iter().sum::<u64>() != common || amount < Money::ZERO {
            return None;
        }
        let exact = |weight: &u64| i128::from(amount.in_fen()) * i128::from(*weight);
        let whole = i128::from(common);
        let mut parts: Vec<i128> = weights.iter().map(|w| exact(w) / whole).collect();
        let left = i128::from(amount.in_fen()) - parts.iter().sum::<i128>();
        let mut order: Vec<(usize, i128)> = weights.iter().map(|w| exact(w) % whole).enumerate().collect();
        order.sort_by(|a, b| b.1.cmp(&a.1).then(a.0.cmp(&b.0)));
        for (index, _) in order.into_iter().take(usize::try_from(left).ok()?) {
            *parts.get_mut(index)? += 1;
        }
        parts.into_iter().map(|fen| i64::try_from(fen).ok().map(Money::fen)).collect()
    }
}

fn gcd(a: u32, b: u32) -> u32 {
    u32::try_from(gcd64(a.into(), b.into())).unwrap_or(1).max(1)
}

fn gcd64(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd64(b, a % b) }
}

impl fmt::Display for Share {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.part, self.whole)
    }
}

impl FromStr for Share {
    type Err = Unreadable;
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        const NO: Unreadable = Unreadable("not-a-share");
        let plain = half_width(text);
        let read = |part: &str, whole: &str| Self::new(part.trim().parse().ok()?, whole.trim().parse().ok()?);
        if let Some(percent) = plain.strip_suffix('%') {
            let (whole, decimals) = percent.split_once('.').unwrap_or((percent, ""));
            let scale = 10_u32.checked_pow(u32::try_from(decimals.len()).map_err(|_| NO)?).ok_or(NO)?;
            let part = format!("{whole}{decimals}").parse().map_err(|_| NO)?;
            return Self::new(part, scale.checked_mul(100).ok_or(NO)?).ok_or(NO);
        }
        plain.split_once('/').and_then(|(part, whole)| read(part, whole)).ok_or(NO)
    }
}

string_kind!(Share, "share");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_split_sums_to_the_whole() {
        let third = Share::new(1, 3).unwrap();
        let parts = Share::split(Money::fen(100), &[third, third, third]).unwrap();
        assert_eq!(parts, [Money::fen(34), Money::fen(33), Money::fen(33)]);
        assert_eq!(Share::split(Money::fen(100), &[third, third]), None);
    }

    #[test]
    fn percents_and_fractions_are_the_same_share() {
        assert_eq!("50%".parse(), Ok(Share::new(1, 2).unwrap()));
        assert_eq!("12.5%".parse(), Ok(Share::new(1, 8).unwrap()));
        assert!("150%".parse::<Share>().is_err());
    }
}
