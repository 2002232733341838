//! CAS numbers: the number under which the Chemical Abstracts Service keeps a substance, `7732-18-5` for water.

/// Whether a text is one: two to seven digits, two digits, and the check digit that follows from them. From the right, each digit
/// counts once, twice, three times and so on; the last digit of the sum is the check digit (CAS, Check Digit Verification).
#[must_use]
pub fn is_cas(text: &str) -> bool {
    let mut portions = text.split('-');
    let (Some(first), Some(second), Some(check), None) =
        (portions.next(), portions.next(), portions.next(), portions.next())
    else {
        return false;
    };
    let is_shaped = (2..=7).contains(&first.len()) && second.len() == 2 && check.len() == 1;
    let digits: Option<Vec<u32>> = first.chars().chain(second.chars()).map(|c| c.to_digit(10)).collect();
    let (Some(digits), Some(check), true) = (digits, check.parse::<u32>().ok(), is_shaped) else {
        return false;
    };
    let sum: u32 = digits.iter().rev().zip(1..).map(|(digit, times)| digit * times).sum();
    !first.starts_with('0') && sum % 10 == check
}

#[cfg(test)]
mod tests {
    use super::is_cas;

    #[test]
    fn a_cas_number_ends_with_its_check_digit() {
        for right in ["7732-18-5", "64-17-5", "67-64-1", "107-07-3", "7664-93-9", "1333-74-0"] {
            assert!(is_cas(right), "{right}");
        }
        for wrong in
            ["7732-18-4", "64-17-6", "64-17", "64-175", "6-17-5", "64-17-5-1", "٦٤-17-5", "0064-17-5", ""]
        {
            assert!(!is_cas(wrong), "{wrong}");
        }
    }
}
