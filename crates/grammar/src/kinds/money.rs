//! Money: whole fen, never a fraction of one, never floating point (XX-R06).

use std::{
    fmt,
    iter::Sum,
    ops::{Add, AddAssign, Sub, SubAssign},
    str::FromStr,
};

use super::{Unreadable, half_width, string_kind};
use crate::desk::impossible;

/// An amount of renminbi in fen. On paper it is yuan with two digits: `"300000.00"`.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct Money(i64);

impl Money {
    pub const ZERO: Self = Self(0);
    /// The largest amount anyone may type: ten trillion yuan. Sums of 9,000 such amounts still fit.
    pub const MAX: Self = Self(1_000_000_000_000_000);

    #[must_use]
    pub const fn fen(fen: i64) -> Self {
        Self(fen)
    }

    #[must_use]
    pub const fn yuan(yuan: i64) -> Self {
        Self(yuan.saturating_mul(100))
    }

    #[must_use]
    pub const fn in_fen(self) -> i64 {
        self.0
    }

    #[must_use]
    pub fn plus(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    /// `self × part / whole` in whole fen, rounded down: what is left over stays with the payer.
    #[must_use]
    pub fn times(self, part: i64, whole: i64) -> Option<Self> {
        let product = i128::from(self.0).checked_mul(i128::from(part))?;
        i64::try_from(product.checked_div_euclid(i128::from(whole))?).ok().map(Self)
    }

    #[must_use]
    pub fn is_positive(self) -> bool {
        self.0 > 0
    }
}

impl Money {
    /// As people read it: `300,000`, `-1,234.50`.
    #[must_use]
    pub fn grouped(self) -> String {
        let plain = self.to_string();
        let (sign, plain) = plain.strip_prefix('-').map_or(("", plain.as_str()), |rest| ("-", rest));
        let (yuan, fen) = plain.split_once('.').unwrap_or((plain, "00"));
        let mut grouped = sign.to_owned();
        for (place, digit) in yuan.chars().enumerate() {
            if place > 0 && (yuan.len() - place).is_multiple_of(3) {
                grouped.push(',');
            }
            grouped.push(digit);
        }
        if fen == "00" { grouped } else { format!("{grouped}.{fen}") }
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let sign = if self.0 < 0 { "-" } else { "" };
        let fen = self.0.unsigned_abs();
        write!(f, "{sign}{}.{:02}", fen / 100, fen % 100)
    }
}

impl fmt::Debug for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

/// Reads what people type: `300000`, `300,000.50`, `30万`, `30 万元`, `1.2亿`, `¥5`, full-width digits.
impl FromStr for Money {
    type Err = Unreadable;
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        const NO: Unreadable = Unreadable("not-money");
        let plain = half_width(text).replace([',', ' ', '，', '¥', '￥'], "").to_uppercase();
        let plain = plain.strip_prefix("RMB").or(plain.strip_prefix("CNY")).unwrap_or(&plain);
        let plain = plain.strip_suffix('元').unwrap_or(plain);
        let (digits, unit) = match (plain.strip_suffix('万'), plain.strip_suffix('亿')) {
            (Some(rest), _) => (rest, 1_000_000),
            (_, Some(rest)) => (rest, 10_000_000_000),
            _ => (plain, 100),
        };
        let (sign, digits) = digits.strip_prefix('-').map_or((1, digits), |rest| (-1, rest));
        let (whole, decimals) = digits.split_once('.').unwrap_or((digits, ""));
        let all_digits = |s: &str| s.bytes().all(|b| b.is_ascii_digit());
        if whole.is_empty()
            || whole.len() > 15
            || decimals.len() > 10
            || !all_digits(whole)
            || !all_digits(decimals)
        {
            return Err(NO);
        }
        let scale = 10_i128.pow(u32::try_from(decimals.len()).map_err(|_| NO)?);
        let number: i128 = format!("{whole}{decimals}").parse().map_err(|_| NO)?;
        let fen = number * unit;
        if fen % scale != 0 {
            return Err(Unreadable("finer-than-fen"));
        }
        let fen = i64::try_from(sign * fen / scale).map_err(|_| Unreadable("too-much-money"))?;
        if fen.abs() > Self::MAX.0 { Err(Unreadable("too-much-money")) } else { Ok(Self(fen)) }
    }
}

impl Add for Money {
    type Output = Self;
    fn add(self, other: Self) -> Self {
        self.plus(other).unwrap_or_else(|| impossible(&("money beyond counting", self, other)))
    }
}
impl Sub for Money {
    type Output = Self;
    fn sub(self, other: Self) -> Self {
        self + Self(-other.0)
    }
}
impl AddAssign for Money {
    fn add_assign(&mut self, other: Self) {
        *self = *self + other;
    }
}
impl SubAssign for Money {
    fn sub_assign(&mut self, other: Self) {
        *self = *self - other;
    }
}
impl Sum for Money {
    fn sum<I: Iterator<Item = Self>>(amounts: I) -> Self {
        amounts.fold(Self::ZERO, |total, amount| total + amount)
    }
}

string_kind!(Money, "money");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_people_type_is_read_exactly() {
        let cases = [
            ("300000", 30_000_000),
            ("300,000.5", 30_000_050),
            ("30万", 30_000_000),
            ("30 万元", 30_000_000),
            ("1.25亿", 12_500_000_000),
            ("￥１２．３４", 1_234),
            ("-5", -500),
            ("0.0001万", 100),
        ];
        for (text, fen) in cases {
            assert_eq!(text.parse::<Money>(), Ok(Money::fen(fen)), "{text}");
        }
    }

    #[test]
    fn what_is_not_money_is_refused() {
        for text in ["", "abc", "1.234", "--1", "1e3", "万", "99999999999999999", "1.2.3", "NaN"] {
            assert!(text.parse::<Money>().is_err(), "{text}");
        }
    }

    #[test]
    fn shares_of_money_round_down() {
        assert_eq!(Money::fen(101).times(1, 2), Some(Money::fen(50)));
        assert_eq!(Money::fen(101).times(1, 0), None);
    }
}
