//! Masking: a public page shows no number of an identity document and no mobile telephone in full.

/// Weights of the first seventeen digits (GB 11643-1999).
const WEIGHTS: [u32; 17] = [7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2];
/// The last character for each remainder.
const CHECKS: [char; 11] = ['1', '0', 'X', '9', '8', '7', '6', '5', '4', '3', '2'];

/// Whether `text` has a resident identity number with its right check character, or eleven digits that a
/// mobile telephone in China would have. `138****8000` is masked.
#[must_use]
pub(crate) fn shows_personal_numbers(text: &str) -> bool {
    let plain: String = text.chars().map(narrow).collect();
    plain
        .split(|c: char| !c.is_ascii_digit() && c != 'X')
        .any(|run| is_resident_number(run) || is_mobile(run))
}

/// Full-width digits as ordinary ones, and a small `x` as a capital.
fn narrow(c: char) -> char {
    match c {
        '\u{ff10}'..='\u{ff19}' => char::from_u32(c as u32 - 0xfee0).unwrap_or(c),
        'x' | 'ｘ' | 'Ｘ' => 'X',
        _ => c,
    }
}

fn is_resident_number(run: &str) -> bool {
    let digits = run.chars().zip(WEIGHTS).map(|(c, weight)| Some(c.to_digit(10)? * weight));
    let Some(sum) = digits.sum::<Option<u32>>() else { return false };
    let check = usize::try_from(sum % 11).ok().and_then(|rest| CHECKS.get(rest).copied());
    run.len() == 18 && run.chars().last() == check
}

fn is_mobile(run: &str) -> bool {
    let mut digits = run.chars();
    run.len() == 11
        && digits.next() == Some('1')
        && digits.next().is_some_and(|second| second >= '3')
        && !run.contains('X')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_numbers_are_found_and_masked_ones_are_not() {
        for text in [
            "11010519491231002X",
            "证件11010519491231002x。",
            "电话：１３８００１３８０００",
            "call 13800138000",
        ] {
            assert!(shows_personal_numbers(text), "{text}");
        }
        for text in [
            "",
            "110105194912310021",
            "1101**********002X",
            "138****8000",
            "021-62881234",
            "12345678901",
            "contract 138001380001",
            "91310115MADEMQ012P",
            "138001380X0",
        ] {
            assert!(!shows_personal_numbers(text), "{text}");
        }
    }
}
