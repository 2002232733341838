//! Value: a decimal number of so many places as a whole number of its last place, read and written.

/// Digits before the point.
const DIGITS_MAX: usize = 12;

/// `4.2` with two places is 420. Nothing for what is no number of at most so many places.
#[must_use]
pub fn read(text: &str, decimals: i64) -> Option<i64> {
    let text = text.trim();
    let (is_less, digits) = text.strip_prefix('-').map_or((false, text), |digits| (true, digits));
    let (whole, part) = digits.split_once('.').map_or((digits, ""), |(whole, part)| (whole, part));
    let places = usize::try_from(decimals).ok()?;
    let is_number = |digits: &str| digits.bytes().all(|byte| byte.is_ascii_digit());
    let is_whole = !whole.is_empty() && whole.len() <= DIGITS_MAX && is_number(whole);
    let ends_right = !digits.ends_with('.') && part.len() <= places && is_number(part);
    if !is_whole || !ends_right {
        return None;
    }
    let value: i64 = format!("{whole}{part:0<places$}").parse().ok()?;
    Some(if is_less { -value } else { value })
}

/// The number as people write it.
#[must_use]
pub fn shown(value: i64, decimals: i64) -> String {
    let scale = 10_i64.pow(u32::try_from(decimals.clamp(0, 6)).unwrap_or(0));
    let (whole, part) = (value.abs() / scale, value.abs() % scale);
    let sign = if value < 0 { "-" } else { "" };
    let places = usize::try_from(decimals.clamp(0, 6)).unwrap_or(0);
    if places == 0 { format!("{sign}{whole}") } else { format!("{sign}{whole}.{part:0>places$}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_exactly_and_nothing_else_is() {
        let all =
            [("133", 0, 133), ("4.2", 1, 42), ("4.2", 2, 420), ("-0.05", 2, -5), (" 7 ", 0, 7), ("0", 3, 0)];
        for (text, decimals, value) in all {
            assert_eq!(read(text, decimals), Some(value), "{text}");
        }
        for text in ["", "4.", ".5", "4.25", "1e3", "1,000", "--1", "9999999999999", "十五", "4.2.1"] {
            assert_eq!(read(text, 1), None, "{text}");
        }
        assert_eq!(
            (shown(420, 2), shown(-5, 2), shown(133, 0)),
            ("4.20".into(), "-0.05".into(), "133".into())
        );
    }
}
