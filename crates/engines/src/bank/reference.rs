//! Reference: what a payer writes beside a payment so that whoever is paid knows what it is for, ISO 11649: `RF`, two check digits,
//! and up to 21 letters and digits.

/// Letters and digits of its own part.
pub const OWN_MAX: usize = 21;

/// What is left of it as a number by 97, letters counted from 10.
fn modulo(text: &str) -> Option<u32> {
    text.chars().try_fold(0, |rest: u32, letter| {
        let value = letter.to_digit(36).filter(|_| letter.is_ascii())?;
        Some((rest * if value < 10 { 10 } else { 100 } + value) % 97)
    })
}

/// The reference of which this is the own part, in capital letters; none where that is empty, too long or has other signs.
#[must_use]
pub fn reference(own: &str) -> Option<String> {
    let own = own.to_ascii_uppercase();
    if own.is_empty() || own.len() > OWN_MAX {
        return None;
    }
    let check = 98 - modulo(&format!("{own}RF00"))?;
    Some(format!("RF{check:02}{own}"))
}

/// As people read it: in groups of four.
#[must_use]
pub fn spaced(reference: &str) -> String {
    let letters: Vec<char> = reference.chars().collect();
    letters.chunks(4).map(|four| four.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
}

/// The own parts, of so many signs, of all references that stand in a text with right check digits; each once, in their order. What
/// people set between groups does not matter, nor do small letters.
#[must_use]
pub fn references(text: &str, own: usize) -> Vec<String> {
    let plain: String =
        text.chars().filter(|sign| !sign.is_whitespace() && !"-_.·".contains(*sign)).collect();
    let plain = plain.to_ascii_uppercase();
    let mut found: Vec<String> = Vec::new();
    for (at, _) in plain.match_indices("RF") {
        let Some(whole) = plain.get(at..at + 4 + own) else { continue };
        let (head, tail) = whole.split_at(4);
        if reference(tail).as_deref() == Some(whole)
            && head.ends_with(|digit: char| digit.is_ascii_digit())
            && !found.iter().any(|known| known == tail)
        {
            found.push(tail.to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn check_digits_are_those_of_the_standard() {
        assert_eq!(reference("539007547034").as_deref(), Some("RF18539007547034"));
        assert_eq!(reference("2348231").as_deref(), Some("RF712348231"));
        assert_eq!(reference("kqjg199rp5"), reference("KQJG199RP5"), "capital letters");
        for wrong in ["", "12 3", "é", &"1".repeat(22)] {
            assert_eq!(reference(wrong), None, "{wrong}");
        }
        assert_eq!(spaced("RF18539007547034"), "RF18 5390 0754 7034");
    }

    #[test]
    fn references_are_found_as_people_write_them() {
        let (one, other) = (reference("kqjg199rp5").unwrap(), reference("0000000001").unwrap());
        let text = format!("货款 {} / {}；{}", spaced(&one).to_lowercase(), other.replace("RF", "RF-"), one);
        assert_eq!(references(&text, 10), ["KQJG199RP5", "0000000001"]);
        let mut letters: Vec<char> = one.chars().collect();
        letters.swap(5, 6);
        let swapped: String = letters.iter().collect();
        assert!(references(&swapped, 10).is_empty(), "two letters in each other's place: {swapped}");
        assert!(references("RF", 10).is_empty() && references("RF18仪器测试费用一二三四五", 10).is_empty());
        let short = one.get(..13).unwrap();
        assert!(references(short, 10).is_empty());
    }
}
