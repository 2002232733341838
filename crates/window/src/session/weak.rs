//! Weak passwords, without asking anyone: what is left of a password when everything is taken away that
//! guessers try first. They try common words in English and pinyin, places, surnames, lucky numbers, runs on
//! the keyboard, repeated and counted characters, dates, the person's own name and the platform's, in any
//! order and with the usual disguises. What is left must still be hard.

use std::sync::LazyLock;

/// Letters and digits that no piece explains; fewer are guessed.
const LEFT_MIN: usize = 6;
/// Different characters a password has at least.
const DIFFERENT_MIN: usize = 5;
/// Words longer than this are not looked for.
const WORD_MAX: usize = 14;
/// Shorter own names are too common inside other words to count.
const OWN_MIN: usize = 4;

static WORDS: LazyLock<Vec<&'static str>> = LazyLock::new(|| {
    let mut words: Vec<&str> = include_str!("weak.txt").split_whitespace().collect();
    words.sort_unstable();
    words
});

/// Neighbours on keyboards, by row and by column, and in the alphabet.
const RUNS: [&str; 16] = [
    "qwertyuiop",
    "asdfghjkl",
    "zxcvbnm",
    "abcdefghijklmnopqrstuvwxyz",
    "01234567890",
    "1qaz",
    "2wsx",
    "3edc",
    "4rfv",
    "5tgb",
    "6yhn",
    "7ujm",
    "147",
    "258",
    "369",
    "qazwsxedcrfvtgbyhnujm",
];

/// Why a password is guessed soon.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Weak {
    /// The person's own name, sign-in name or the platform's makes up most of it.
    HoldsName,
    /// Common words, runs, repeats and dates make up most of it.
    Common,
}

/// Why this password is guessed soon; `None` when it is not. `names` are the sign-in name and the names of the
/// person.
#[must_use]
pub fn weakness(password: &str, names: &[&str]) -> Option<Weak> {
    let typed: Vec<char> = password.to_lowercase().chars().filter(|c| !c.is_whitespace()).collect();
    let mut different = typed.clone();
    different.sort_unstable();
    different.dedup();
    if different.len() < DIFFERENT_MIN {
        return Some(Weak::Common);
    }
    let own: Vec<Vec<char>> = names.iter().flat_map(|name| own_pieces(name)).collect();
    // As it was typed, and with the usual disguises taken off: `P@ssw0rd` is `password`.
    let plain: Vec<char> = typed.iter().map(|c| undisguised(*c)).collect();
    let left = |own: &[Vec<char>]| {
        [&typed, &plain].iter().map(|letters| left(letters, own)).min().unwrap_or_default()
    };
    match (left(&own) < LEFT_MIN, left(&[]) < LEFT_MIN) {
        (false, _) => None,
        (true, true) => Some(Weak::Common),
        (true, false) => Some(Weak::HoldsName),
    }
}

/// A name whole and in its words: `li.ming@example.org` holds `li.ming`, `ming`, `example`.
fn own_pieces(name: &str) -> Vec<Vec<char>> {
    let name = name.to_lowercase();
    let words = name.split(|c: char| !c.is_alphanumeric());
    let joined: String = name.chars().filter(|c| c.is_alphanumeric()).collect();
    let before: String = name.split('@').next().unwrap_or_default().to_owned();
    let pieces = words.map(str::to_owned).chain([joined, before, name.clone()]);
    pieces.map(|piece| piece.chars().collect::<Vec<char>>()).filter(|piece| piece.len() >= OWN_MIN).collect()
}

const fn undisguised(letter: char) -> char {
    match letter {
        '@' | '4' => 'a',
        '0' => 'o',
        '1' | '!' | '|' => 'i',
        '3' => 'e',
        '$' | '5' => 's',
        '7' | '+' => 't',
        '8' => 'b',
        other => other,
    }
}

/// Letters and digits that no piece covers, with the longest pieces taken first from the left.
fn left(letters: &[char], own: &[Vec<char>]) -> usize {
    let mut rest = letters;
    let mut left = 0;
    while let Some(first) = rest.first() {
        let longest = [own_word(rest, own), word(rest), run(rest), repeat(rest), date(rest)];
        let longest = longest.into_iter().max().unwrap_or(0);
        left += usize::from(longest == 0 && first.is_alphanumeric());
        rest = rest.get(longest.max(1)..).unwrap_or_default();
    }
    left
}

fn own_word(letters: &[char], own: &[Vec<char>]) -> usize {
    own.iter().filter(|piece| letters.starts_with(piece)).map(Vec::len).max().unwrap_or(0)
}

/// The longest common word at the start. Two letters count only as part of a longer pinyin: `wo`, `ni`.
fn word(letters: &[char]) -> usize {
    let most = letters.len().min(WORD_MAX);
    (2..=most)
        .rev()
        .find(|length| {
            let text: String = letters.iter().take(*length).collect();
            WORDS.binary_search(&text.as_str()).is_ok()
        })
        .unwrap_or(0)
}

/// The longest run of neighbours at the start, forwards or backwards, of three at least.
fn run(letters: &[char]) -> usize {
    let follows = |pair: &[char], row: &str| match pair {
        [a, b] => row.contains(&format!("{a}{b}")) || row.contains(&format!("{b}{a}")),
        _ => false,
    };
    let of_row = |row: &&str| 1 + letters.windows(2).take_while(|pair| follows(pair, row)).count();
    RUNS.iter().map(of_row).max().filter(|length| *length >= 3).unwrap_or(0)
}

/// The same thing again: `aaaa`, `abab`, `123123`.
fn repeat(letters: &[char]) -> usize {
    let of = |length: usize| {
        let Some(piece) = letters.get(..length) else { return 0 };
        let times = letters.chunks(length).take_while(|chunk| *chunk == piece).count();
        if times * length >= 3 && times >= 2 { times * length } else { 0 }
    };
    (1..=letters.len() / 2).map(of).max().unwrap_or(0)
}

/// A year or a date at the start: `1998`, `980314`, `19980314`.
fn date(letters: &[char]) -> usize {
    let digits = letters.iter().take(8).take_while(|c| c.is_ascii_digit()).count();
    let number = |from: usize, to: usize| {
        let text: String = letters.get(from..to)?.iter().collect();
        text.parse::<u32>().ok()
    };
    let is_year = |year: Option<u32>| year.is_some_and(|year| (1930..=2039).contains(&year));
    let is_day = |month: Option<u32>, day: Option<u32>| {
        month.is_some_and(|month| (1..=12).contains(&month)) && day.is_some_and(|day| (1..=31).contains(&day))
    };
    match digits {
        8.. if is_year(number(0, 4)) && is_day(number(4, 6), number(6, 8)) => 8,
        6.. if is_day(number(2, 4), number(4, 6)) => 6,
        4.. if is_year(number(0, 4)) || is_day(number(0, 2), number(2, 4)) => 4,
        _ => 0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_guessers_try_first_is_weak() {
        for weak in [
            "password123",
            "P@ssw0rd2024",
            "qwertyuiop",
            "1qaz2wsx3edc",
            "woaini1314520",
            "woaini5201314",
            "zhangwei1990",
            "shanghai2024!",
            "Kechuang2026",
            "aaaaaaaaaaaa",
            "1234567890",
            "abcabcabcabc",
            "19900101abc",
            "admin@123456",
            "iloveyou2023",
            "qazwsx123456",
            "147258369147",
            "88888888888",
            "changsanjiao2026",
            "Huawei@123456",
            "liming19980314",
            "kejichuangxin",
            "mima12345678",
            "Summer2025!!",
            "zxcvbnm,./123",
            "!@#$%^&*()",
            "5201314520",
            "wangwei666888",
            "asdfghjkl;'",
        ] {
            assert_eq!(weakness(weak, &[]), Some(Weak::Common), "{weak}");
        }
    }

    #[test]
    fn what_is_hard_to_guess_is_taken() {
        for good in [
            "a long enough password",
            "correct horse battery staple",
            "vK7#pe2Lqx9s",
            "gb7mkw2x4rhcnpqe6ztv",
            "雨打芭蕉夜读书声远",
            "tuolaji-zhanlanguan-boluo",
            "Rt5.moqivzu2",
            "blaue-krähe-trinkt-tee",
        ] {
            assert_eq!(weakness(good, &["li.ming", "李明"]), None, "{good}");
        }
    }

    #[test]
    fn ones_own_name_does_not_make_a_password() {
        assert_eq!(weakness("xqvortakul2024", &["xqvortakul"]), Some(Weak::HoldsName));
        assert_eq!(weakness("xqvortakul2024", &[]), None);
        assert_eq!(weakness("gribowski.elvo", &["elvo.gribowski@example.org"]), Some(Weak::HoldsName));
    }
}
