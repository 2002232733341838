//! Amount: what a bank writes as an amount: up to five digits after the point, in any currency.

use serde_json::json;

use super::tree::{Bad, Node};

/// Digits after the point.
const DIGITS: usize = 5;
/// Parts of one unit of a currency that are told apart.
const UNIT: i128 = 100_000;
/// Digits of an amount in all, as the standard has it.
const LENGTH_MAX: usize = 24;

#[derive(Clone, Debug)]
pub struct Amount<'a> {
    /// In hundred-thousandths of a unit.
    pub fine: i128,
    /// Empty where the bank says none: then yuan.
    pub currency: &'a str,
    pub line: u64,
}

impl Amount<'_> {
    /// Whole fen, if it is yuan and nothing finer.
    pub fn fen(&self) -> Option<i64> {
        let is_whole = self.fine % (UNIT / 100) == 0 && ["", "CNY"].contains(&self.currency);
        is_whole.then(|| i64::try_from(self.fine / (UNIT / 100)).ok()).flatten()
    }

    /// As a person reads it.
    pub fn said(&self) -> String {
        format!("{} {}", written(self.fine), self.currency).trim_end().to_owned()
    }
}

/// What an element says; not below nothing, for which way money went stands apart.
pub fn amount(node: &Node) -> Result<Amount<'_>, Bad> {
    let currency = node.attribute("Ccy").unwrap_or_default();
    let wrong = || Bad::new(node.line, "xml-amount", json!({ "value": node.text.trim() }));
    Ok(Amount { fine: read(&node.text).ok_or_else(wrong)?, currency, line: node.line })
}

fn read(text: &str) -> Option<i128> {
    let text: String = text.trim().chars().filter(|c| *c != ',').collect();
    let digits = text.strip_prefix('+').unwrap_or(&text);
    let (whole, part) = digits.split_once('.').unwrap_or((digits, ""));
    let part = part.trim_end_matches('0');
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    let is_one = digits.bytes().any(|byte| byte.is_ascii_digit()) && digits.len() <= LENGTH_MAX;
    if !is_one || part.len() > DIGITS || !are_digits(whole) || !are_digits(part) {
        return None;
    }
    let whole: i128 = if whole.is_empty() { 0 } else { whole.parse().ok()? };
    let part: i128 = format!("{part:0<DIGITS$}").parse().ok()?;
    whole.checked_mul(UNIT)?.checked_add(part)
}

/// With two digits after the point, or as many as it has.
pub fn written(fine: i128) -> String {
    let sign = if fine < 0 { "-" } else { "" };
    let fine = fine.unsigned_abs();
    let unit = UNIT.unsigned_abs();
    let part = format!("{:0>DIGITS$}", fine % unit);
    let short = part.trim_end_matches('0');
    format!("{sign}{}.{short:0<2}", fine / unit)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_up_to_five_digits_after_the_point_and_are_written_as_people_do() {
        for (text, fine, again) in [
            ("260", 26_000_000, "260.00"),
            ("260.", 26_000_000, "260.00"),
            (".5", 50_000, "0.50"),
            ("+1,234.50000", 123_450_000, "1234.50"),
            ("0.00001", 1, "0.00001"),
            (" 7.125 ", 712_500, "7.125"),
        ] {
            assert_eq!(read(text), Some(fine), "{text}");
            assert_eq!(written(fine), again);
        }
        assert_eq!(written(-100_000), "-1.00");
        for text in ["", ".", "+", "-1", "1.000001", "1e3", "1.2.3", "1 000", "１", &"9".repeat(25)] {
            assert_eq!(read(text), None, "{text}");
        }
        let amount = |fine, currency| Amount { fine, currency, line: 1 }.fen();
        assert_eq!(
            [amount(1_000, ""), amount(1_000, "CNY"), amount(1_000, "USD"), amount(1_001, "CNY")],
            [Some(1), Some(1), None, None]
        );
    }
}
