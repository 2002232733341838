//! Similarity: how much two texts have in common, for people who decide whether one is the other again (PG-R19).
//!
//! Twice the common runs of three letters, over all runs of both. Order of paragraphs, blanks and signs do not
//! count. Always: symmetric, and a text is all that it is itself. It proposes and never decides.

use std::collections::BTreeSet;

/// The length of the runs that are compared.
const RUN: usize = 3;
/// Letters of a text that are read; more is far beyond any application.
const LETTERS_MAX: usize = 60_000;
/// The same text.
pub const SAME: u32 = 10_000;

/// Hundredths of a per cent, 0 to 10,000.
#[must_use]
pub fn similarity(one: &str, two: &str) -> u32 {
    let (one, two) = (runs(one), runs(two));
    let all = one.len() + two.len();
    if all == 0 {
        return 0;
    }
    let common = one.intersection(&two).count();
    u32::try_from(common * 2 * 10_000 / all).unwrap_or(SAME)
}

fn runs(text: &str) -> BTreeSet<String> {
    let small = text.to_lowercase();
    let letters: Vec<char> = small.chars().filter(|c| c.is_alphanumeric()).take(LETTERS_MAX).collect();
    letters.windows(RUN).map(|run| run.iter().collect()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_same_text_in_another_order_is_nearly_the_same() {
        let one = "先以精馏去除低沸点杂质，再以离子交换树脂去除金属离子，最后在惰性气氛下灌装。";
        let turned = "最后在惰性气氛下灌装。再以离子交换树脂去除金属离子，先以精馏去除低沸点杂质";
        let other = "以大模型对临床影像作分割与标注，在三家医院开展前瞻性验证，形成注册申报材料。";
        assert_eq!(similarity(one, one), SAME);
        assert!(similarity(one, turned) > 7_000, "{}", similarity(one, turned));
        assert!(similarity(one, other) < 1_000, "{}", similarity(one, other));
        assert_eq!(similarity(one, other), similarity(other, one));
        assert_eq!((similarity("", ""), similarity("", one)), (0, 0));
        assert_eq!(similarity("High-Purity RESIN", "high purity resin"), SAME);
    }
}
