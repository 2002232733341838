//! 统一社会信用代码, the unified social credit code of a legal entity (GB 32100-2015, XX-R09).

use std::{fmt, str::FromStr};

use super::{Unreadable, half_width, string_kind};

/// Digits and letters without I, O, S, V, Z; a letter's place is its value.
const ALPHABET: &str = "0123456789ABCDEFGHJKLMNPQRTUWXY";
/// 3^(i-1) mod 31, GB 32100-2015.
const WEIGHTS: [u32; 17] = [1, 3, 9, 27, 19, 26, 16, 17, 20, 29, 25, 13, 8, 24, 10, 30, 28];
/// GB 11714-1997, the organisation code inside.
const INNER_WEIGHTS: [u32; 8] = [3, 7, 9, 10, 5, 8, 4, 2];

/// Eighteen characters whose two check characters are right.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Debug)]
pub struct Uscc(String);

impl Uscc {
    #[must_use]
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The code whose first 17 characters are these, with its last check character.
    #[must_use]
    pub fn complete(first_17: &str) -> Option<Self> {
        let check = check_character(first_17)?;
        format!("{first_17}{check}").parse().ok()
    }
}

/// The check character of the organisation code inside (places 9 to 16), which stands at place 17.
#[must_use]
fn inner_check(code: &str) -> Option<char> {
    let value = |c: char| c.to_digit(36).filter(|_| c.is_ascii_digit() || c.is_ascii_uppercase());
    let inner = code.chars().skip(8).take(8);
    let sum: u32 = inner.zip(INNER_WEIGHTS).map(|(c, w)| value(c).map(|v| v * w)).sum::<Option<u32>>()?;
    Some(match 11 - sum % 11 {
        10 => 'X',
        11 => '0',
        digit => char::from_digit(digit, 10)?,
    })
}

fn check_character(code: &str) -> Option<char> {
    let value = |c: char| ALPHABET.find(c).and_then(|at| u32::try_from(at).ok());
    let sum: u32 = code.chars().zip(WEIGHTS).map(|(c, w)| value(c).map(|v| v * w)).sum::<Option<u32>>()?;
    ALPHABET.chars().nth(usize::try_from((31 - sum % 31) % 31).ok()?)
}

impl FromStr for Uscc {
    type Err = Unreadable;
    fn from_str(text: &str) -> Result<Self, Unreadable> {
        let code = half_width(text).replace([' ', '-'], "").to_uppercase();
        if code.chars().count() != 18 {
            return Err(Unreadable("uscc-length"));
        }
        if !code.chars().all(|c| ALPHABET.contains(c)) {
            return Err(Unreadable("uscc-letters"));
        }
        let last = check_character(&code).filter(|c| code.ends_with(*c));
        let inner = inner_check(&code).filter(|c| code.chars().nth(16) == Some(*c));
        if last.is_some() && inner.is_some() { Ok(Self(code)) } else { Err(Unreadable("uscc-check")) }
    }
}

impl fmt::Display for Uscc {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

string_kind!(Uscc, "uscc");

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_standards_own_sample_is_right() {
        assert!("91350100M000100Y43".parse::<Uscc>().is_ok());
        assert_eq!(
            Uscc::complete("91350100M000100Y4").map(|c| c.to_string()),
            Some("91350100M000100Y43".into())
        );
        assert_eq!("91350100M000100Y44".parse::<Uscc>(), Err(Unreadable("uscc-check")));
        assert_eq!("91350100M000100YI3".parse::<Uscc>(), Err(Unreadable("uscc-letters")));
    }
}
