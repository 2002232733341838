//! Latin ways to write a Chinese name: pinyin of its pieces, and the usual short form of a university
//! or institute (中国科学技术大学 → 中科大). So "fudan" finds 复旦大学 and "zhongkeda" finds the other.

use pinyin::ToPinyin;

use super::words::{Term, is_han};

/// Titles with more Chinese characters than this are sentences, not names.
const NAME_MAX: usize = 24;
/// The longest name that is also joined whole, in syllables.
const WHOLE_MAX: usize = 12;

/// Calls `give` with each term by which this name can be typed in Latin letters.
pub fn latin_terms(signs: &[char], mut give: impl FnMut(Term)) {
    if signs.iter().filter(|s| is_han(**s)).count() > NAME_MAX {
        return;
    }
    for run in signs.split(|s| !is_han(*s)).filter(|r| r.len() > 1) {
        let syllables = syllables(run);
        for two in syllables.windows(2) {
            give(Term::name(&two.concat()));
        }
        if (3..=WHOLE_MAX).contains(&syllables.len()) {
            give(Term::name(&syllables.concat()));
        }
    }
    for short in short_forms(signs) {
        give(Term::name(&self::syllables(&short).concat()));
    }
}

fn syllables(run: &[char]) -> Vec<&'static str> {
    run.iter().filter_map(|s| s.to_pinyin()).map(|p| p.plain()).collect()
}

/// The short forms people use: first sign of the first two words and of the kind, or of the first and
/// the kind for a two-character name. They are guesses by rule, good enough to be found by.
pub fn short_forms(signs: &[char]) -> Vec<Vec<char>> {
    let run: Vec<char> = signs.iter().copied().take_while(|s| is_han(*s)).take(NAME_MAX).collect();
    let (stem, kind) = match run.as_slice() {
        [stem @ .., '大', '学'] => (stem, '大'),
        [stem @ .., '科', '学', '院'] | [stem @ .., '研', '究', '院'] => (stem, '院'),
        [stem @ .., '研', '究', '所'] => (stem, '所'),
        _ => return Vec::new(),
    };
    match stem {
        // 中国科学院: the word before 院 is 科学 itself.
        [first, _] if kind == '院' && run.len() == 5 => vec![vec![*first, '科', kind]],
        [first, _] => vec![vec![*first, kind]],
        [first, _, third, _, ..] => vec![vec![*first, *third, kind]],
        _ => Vec::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found_by(name: &str, typed: &str) -> bool {
        let signs: Vec<char> = name.chars().collect();
        let mut found = false;
        latin_terms(&signs, |term| found |= term == Term::name(typed));
        found
    }

    #[test]
    fn universities_are_found_in_latin_letters() {
        assert!(found_by("复旦大学", "fudan"));
        assert!(found_by("复旦大学", "fudandaxue"));
        assert!(found_by("中国科学技术大学", "zhongkeda"));
        assert!(found_by("中国科学院", "zhongkeyuan"));
        assert!(found_by("上海交通大学", "shangjiaoda"));
        assert!(!found_by("浙江大学", "fudan"));
    }

    #[test]
    fn a_sentence_is_not_a_name() {
        assert!(!found_by("基于深度学习的复杂工况下高速旋转机械空气动压轴承故障诊断方法研究", "shendu"));
    }
}
