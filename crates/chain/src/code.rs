//! Check codes: the short name of a receipt, to be read out or typed: `0001-F2K9-Q3XM-2B4C-7D0H`.
//!
//! place in the log (6 letters or more) ‖ tag (12) ‖ check (2), in the alphabet of Crockford's base 32.
//! The tag is the first 60 bits of SHA-256("check code" ‖ salt ‖ place): whoever has the receipt can make the code, and
//! nobody can guess it. The check is the number before it modulo 1021, a prime above every digit and not a divisor of
//! 32 - 1: one wrong letter, or two neighbours exchanged, is always noticed as a slip of the pen.

use std::fmt;
use std::str::FromStr;

use sha2::{Digest, Sha256};

const LETTERS: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
const PLACE_LETTERS: usize = 6;
const TAG_LETTERS: usize = 12;
const CHECK_LETTERS: usize = 2;
const CHECK_MODULUS: u64 = 1_021;
/// Letters of the longest code: a place has at most 13.
const LETTERS_MAX: usize = 13 + TAG_LETTERS + CHECK_LETTERS;
/// Signs that are read at all, with blanks and hyphens.
const TEXT_MAX: usize = 80;

/// A code that has been read, or made for a fact. Whether it is right, only the fact's salt can say.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Code {
    /// The fact's place in the log.
    pub index: u64,
    tag: u64,
}

/// Why a text is no code.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum CodeError {
    /// Too few or too many letters, or signs that no code has.
    NotACode,
    /// It looks like a code, but a letter is wrong.
    Mistyped,
}

impl Code {
    /// The code of the fact at a place in the log, hidden under this salt.
    pub fn of(index: u64, salt: &[u8; 32]) -> Code {
        let hasher = Sha256::new().chain_update("check code").chain_update(salt);
        let digest = hasher.chain_update(index.to_be_bytes()).finalize();
        let bytes = digest.iter().take(8);
        let tag = bytes.fold(0_u64, |number, byte| number << 8 | u64::from(*byte)) >> 4;
        Code { index, tag }
    }

    /// Whether this is the code of the fact with this salt.
    pub fn fits(&self, salt: &[u8; 32]) -> bool {
        *self == Code::of(self.index, salt)
    }

    fn body(&self) -> Vec<u8> {
        let mut place = digits(self.index);
        while place.len() < PLACE_LETTERS {
            place.insert(0, 0);
        }
        let mut tag = digits(self.tag);
        while tag.len() < TAG_LETTERS {
            tag.insert(0, 0);
        }
        place.extend(tag);
        place
    }
}

/// The digits of a number to the base 32, highest first, none for zero.
fn digits(number: u64) -> Vec<u8> {
    let mut rest = number;
    let mut digits = Vec::new();
    while rest > 0 {
        digits.push((rest % 32) as u8);
        rest /= 32;
    }
    digits.reverse();
    digits
}

fn check(digits: &[u8]) -> u64 {
    digits.iter().fold(0, |rest, digit| (rest * 32 + u64::from(*digit)) % CHECK_MODULUS)
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut all = self.body();
        let check = check(&all);
        all.extend([(check / 32) as u8, (check % 32) as u8]);
        let before = all.len() % 4;
        for (digit, place) in all.iter().zip(0..) {
            if place > 0 && place % 4 == before {
                f.write_str("-")?;
            }
            let letter = LETTERS.get(usize::from(*digit)).copied().unwrap_or(b'0');
            write!(f, "{}", char::from(letter))?;
        }
        Ok(())
    }
}

impl FromStr for Code {
    type Err = CodeError;

    /// Small letters count as large ones, `O` as `0`, `I` and `L` as `1`; blanks and hyphens are left out.
    fn from_str(text: &str) -> Result<Code, CodeError> {
        if text.len() > TEXT_MAX {
            return Err(CodeError::NotACode);
        }
        let signs = text.chars().filter(|sign| !sign.is_whitespace() && *sign != '-');
        let all = signs.map(digit).collect::<Option<Vec<u8>>>().ok_or(CodeError::NotACode)?;
        let is_long_enough = all.len() >= PLACE_LETTERS + TAG_LETTERS + CHECK_LETTERS;
        if !is_long_enough || all.len() > LETTERS_MAX {
            return Err(CodeError::NotACode);
        }
        let (body, ending) = all.split_at(all.len() - CHECK_LETTERS);
        if number(ending) != Some(check(body)) {
            return Err(CodeError::Mistyped);
        }
        let (place, tag) = body.split_at(body.len() - TAG_LETTERS);
        let code = Code {
            index: number(place).ok_or(CodeError::NotACode)?,
            tag: number(tag).ok_or(CodeError::NotACode)?,
        };
        // One code has one spelling.
        if code.body() == body { Ok(code) } else { Err(CodeError::NotACode) }
    }
}

fn number(digits: &[u8]) -> Option<u64> {
    digits.iter().try_fold(0_u64, |number, digit| number.checked_mul(32)?.checked_add(u64::from(*digit)))
}

fn digit(sign: char) -> Option<u8> {
    let letter = match sign.to_ascii_uppercase() {
        'O' => b'0',
        'I' | 'L' => b'1',
        other => u8::try_from(other).ok()?,
    };
    LETTERS.iter().position(|known| *known == letter).and_then(|place| u8::try_from(place).ok())
}

impl fmt::Display for CodeError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::NotACode => "not a check code",
            Self::Mistyped => "a letter of the check code is wrong",
        })
    }
}

impl std::error::Error for CodeError {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_read_as_it_was_made_however_it_is_written() {
        for index in [0, 1, 41, 1 << 29, 1 << 30, u64::MAX] {
            let code = Code::of(index, &[9; 32]);
            let text = code.to_string();
            assert_eq!(text.parse(), Ok(code), "{text}");
            let plain = text.replace('-', "").to_lowercase().replace('0', "o").replace('1', "l");
            assert_eq!(plain.parse(), Ok(code), "{plain}");
            assert!(code.fits(&[9; 32]) && !code.fits(&[8; 32]));
        }
        assert_eq!(Code::of(41, &[9; 32]).to_string().len(), 24);
        assert_ne!(Code::of(1, &[9; 32]), Code::of(2, &[9; 32]));
    }

    #[test]
    fn each_slip_of_the_pen_is_noticed() {
        let text = Code::of(98_765, &[3; 32]).to_string().replace('-', "");
        for place in 0..text.len() {
            for letter in LETTERS {
                let mut typed = text.clone().into_bytes();
                typed[place] = *letter;
                let typed = String::from_utf8(typed).unwrap();
                if typed != text {
                    assert_eq!(typed.parse::<Code>(), Err(CodeError::Mistyped), "{typed}");
                }
            }
            let mut typed = text.clone().into_bytes();
            if place > 0 && typed[place] != typed[place - 1] {
                typed.swap(place, place - 1);
                let typed = String::from_utf8(typed).unwrap();
                assert_eq!(typed.parse::<Code>(), Err(CodeError::Mistyped), "{typed}");
            }
        }
    }

    #[test]
    fn what_is_no_code_is_said_to_be_none() {
        let long = "0".repeat(LETTERS_MAX + 1);
        for bad in ["", "17", "需求", "0001-F2K9-Q3XM-2B4C-7U0H", &long, &" ".repeat(TEXT_MAX + 1)] {
            assert_eq!(bad.parse::<Code>(), Err(CodeError::NotACode), "{bad}");
        }
        // Zeros before the place make another text, not another code.
        let padded = format!("0{}", Code::of(5, &[1; 32]));
        assert!(padded.parse::<Code>().is_err());
    }
}
