//! From text to terms. A term is a number; nothing else of a text is kept in the index.
//!
//! Chinese needs no dictionary: overlapping pairs of characters count whole, single characters half
//! (measured against dictionary words in `performance.md` §1: better and free). English words are
//! stemmed; two neighbouring stems make a couple of half weight. Full width becomes half width,
//! upper case lower case, traditional characters simplified ones, so that all spellings meet.

use std::collections::HashMap;
use std::sync::LazyLock;

use ferrous_opencc::{OpenCC, config::BuiltinConfig};
use rust_stemmers::{Algorithm, Stemmer};

use super::hash::{Quick, chain, fold_hash, spread};

/// The longest text that is read, in characters; what follows is ignored.
pub const TEXT_MAX: usize = 40_000;
/// The longest word in bytes; longer ones are cut (base64, DNA).
const WORD_MAX: usize = 64;
/// How many stems a reader remembers before it starts again.
const STEMS_MAX: usize = 1 << 17;

/// A term: its kind in the highest four bits, its content (or a hash of it) in the others.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Term(pub u64);

/// What a term stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermKind {
    /// An English stem, a number, a mixed word such as `5g`.
    Word,
    /// Two neighbouring Chinese characters.
    Pair,
    /// One Chinese character, or one letter standing beside Chinese.
    Single,
    /// Two neighbouring stems.
    Couple,
    /// The pinyin of a piece of a name; met only by Latin words of a query.
    Name,
}

impl Term {
    fn new(kind: TermKind, content: u64) -> Self {
        Self((kind as u64) << 60 | content & ((1 << 60) - 1))
    }

    pub(super) fn pair(first: char, second: char) -> Self {
        Self::new(TermKind::Pair, u64::from(u32::from(first)) << 24 | u64::from(u32::from(second)))
    }

    fn single(sign: char) -> Self {
        Self::new(TermKind::Single, u64::from(u32::from(sign)))
    }

    pub(super) fn word(hash: u64) -> Self {
        Self::new(TermKind::Word, spread(hash))
    }

    fn couple(first: Self, second: Self) -> Self {
        Self::new(TermKind::Couple, spread(first.0.rotate_left(17) ^ second.0))
    }

    /// The term for a piece of a name written in Latin letters, such as `fudan`.
    pub(super) fn name(latin: &str) -> Self {
        Self::new(TermKind::Name, spread(fold_hash(latin)))
    }

    /// What it stands for.
    #[must_use]
    pub fn kind(self) -> TermKind {
        match self.0 >> 60 {
            0 => TermKind::Word,
            1 => TermKind::Pair,
            2 => TermKind::Single,
            3 => TermKind::Couple,
            _ => TermKind::Name,
        }
    }

    /// Half for singles and couples, which come on top of pairs and words; one for the others.
    #[must_use]
    pub fn weight(self) -> f32 {
        match self.kind() {
            TermKind::Single | TermKind::Couple => 0.5,
            TermKind::Word | TermKind::Pair | TermKind::Name => 1.0,
        }
    }
}

/// One term where it stands: `at` and `len` count characters of [`Reading::signs`].
#[derive(Debug, Clone, Copy)]
pub struct Token {
    /// The term.
    pub term: Term,
    /// The first character.
    pub at: u32,
    /// How many characters.
    pub len: u32,
}

/// A text after reading.
#[derive(Debug, Default, Clone)]
pub struct Reading {
    /// The text with widths folded and characters simplified, case kept.
    pub signs: Vec<char>,
    /// Its terms in the order of their ends.
    pub tokens: Vec<Token>,
}

impl Reading {
    /// The words between two positions, for people.
    #[must_use]
    pub fn show(&self, at: u32, len: u32) -> String {
        self.signs.iter().skip(at as usize).take(len as usize).collect()
    }

    fn clear(&mut self) {
        self.signs.clear();
        self.tokens.clear();
    }
}

/// Reads texts; remembers stems, because stemming is the slow part.
#[derive(Debug, Default, Clone)]
pub struct Reader {
    stems: HashMap<u64, Option<Term>, Quick>,
    word: String,
}

/// The word that stands before the one being read, if a couple may be made with it.
#[derive(Clone, Copy)]
struct Before {
    term: Term,
    surface: u64,
    at: usize,
    is_number: bool,
}

impl Reader {
    /// Reads one text; at most [`TEXT_MAX`] characters.
    #[must_use]
    pub fn read(&mut self, text: &str) -> Reading {
        let mut reading = Reading::default();
        self.read_into(text, &mut reading);
        reading
    }

    /// The same into a reading that is used again.
    pub fn read_into(&mut self, text: &str, reading: &mut Reading) {
        reading.clear();
        fold(text, &mut reading.signs);
        let Reading { signs, tokens } = reading;
        let mut before: Option<Before> = None;
        let mut at = 0;
        while let Some(&sign) = signs.get(at) {
            let run = signs.iter().skip(at);
            if is_han(sign) {
                let len = run.take_while(|s| is_han(**s)).count();
                read_han(signs, at, len, tokens);
                before = None;
                at += len;
            } else if sign.is_alphanumeric() {
                let len = run.take_while(|s| s.is_alphanumeric() && !is_han(**s)).count();
                let by_han = (at > 0 && signs.get(at - 1).is_some_and(|s| is_han(*s)))
                    || signs.get(at + len).is_some_and(|s| is_han(*s));
                before = self.read_word(signs, (at, len), (by_han, before), tokens);
                at += len;
            } else {
                if matches!(sign, ';' | '!' | '?' | '\n' | '。') {
                    before = None;
                }
                at += 1;
            }
        }
    }

    /// Reads one Latin word or number; returns what the next word may join.
    fn read_word(
        &mut self,
        signs: &[char],
        (at, len): (usize, usize),
        (by_han, before): (bool, Option<Before>),
        tokens: &mut Vec<Token>,
    ) -> Option<Before> {
        self.word.clear();
        for sign in signs.iter().skip(at).take(len) {
            if self.word.len() < WORD_MAX {
                self.word.extend(sign.to_lowercase());
            }
        }
        let place = |term, from: usize| Token { term, at: from as u32, len: (at + len - from) as u32 };
        if len == 1
            && by_han
            && let Some(sign) = self.word.chars().next()
        {
            tokens.push(place(Term::single(sign), at));
        }
        let surface = fold_hash(&self.word);
        let is_number = self.word.bytes().all(|b| b.is_ascii_digit());
        if let Some(number) = before.filter(|b| b.is_number && len <= 3 && !is_number) {
            tokens.push(place(Term::word(chain(number.surface, &self.word)), number.at));
        }
        if len == 1 && !is_number {
            return None;
        }
        let Some(term) = self.stem(surface) else { return before };
        if len > 1 {
            tokens.push(place(term, at));
        }
        if let Some(b) = before.filter(|_| len > 1) {
            tokens.push(place(Term::couple(b.term, term), b.at));
        }
        Some(Before { term, surface, at, is_number })
    }

    /// The term of the word just read, or nothing for a stop word.
    fn stem(&mut self, surface: u64) -> Option<Term> {
        if let Some(term) = self.stems.get(&surface) {
            return *term;
        }
        let term = (!STOP.contains(&surface)).then(|| {
            let stem = Stemmer::create(Algorithm::English).stem(&self.word);
            Term::word(fold_hash(&stem))
        });
        if self.stems.len() >= STEMS_MAX {
            self.stems.clear();
        }
        self.stems.insert(surface, term);
        term
    }
}

/// Pairs and singles of one run of Chinese characters.
fn read_han(signs: &[char], at: usize, len: usize, tokens: &mut Vec<Token>) {
    let mut last: Option<char> = None;
    for (i, &sign) in signs.iter().enumerate().skip(at).take(len) {
        // 的 binds nothing: pairs with it are noise on both sides.
        if sign == '的' {
            last = None;
            continue;
        }
        if let Some(first) = last {
            tokens.push(Token { term: Term::pair(first, sign), at: i as u32 - 1, len: 2 });
        }
        tokens.push(Token { term: Term::single(sign), at: i as u32, len: 1 });
        last = Some(sign);
    }
}

/// Whether a character is Chinese.
#[must_use]
pub fn is_han(sign: char) -> bool {
    matches!(sign, '\u{4e00}'..='\u{9fff}' | '\u{3400}'..='\u{4dbf}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// Folds widths, small digits and traditional characters; keeps the case.
pub(super) fn fold(text: &str, signs: &mut Vec<char>) {
    for sign in text.chars().take(TEXT_MAX) {
        signs.push(match sign {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(sign) - 0xfee0).unwrap_or(sign),
            '\u{3000}' | '\u{a0}' => ' ',
            '\u{2080}'..='\u{2089}' => digit(u32::from(sign) - 0x2080),
            '\u{2070}' | '\u{2074}'..='\u{2079}' => digit(u32::from(sign) - 0x2070),
            '\u{b9}' => '1',
            '\u{b2}' => '2',
            '\u{b3}' => '3',
            '\u{b5}' => 'μ',
            '\u{2160}'..='\u{216b}' => char::from_u32(u32::from(sign) + 0x10).unwrap_or(sign),
            '\u{4e00}'..='\u{9fff}' => {
                SIMPLE.get((u32::from(sign) - 0x4e00) as usize).copied().unwrap_or(sign)
            }
            _ => sign,
        });
    }
}

fn digit(value: u32) -> char {
    char::from_digit(value, 10).unwrap_or('0')
}

/// The simplified form of each character from U+4E00 to U+9FFF, made once from OpenCC's table. By
/// character and not by phrase: the few characters with two simplified forms fold to one in texts and
/// queries alike, which is all that matching needs.
static SIMPLE: LazyLock<Vec<char>> = LazyLock::new(|| {
    let table = OpenCC::from_config(BuiltinConfig::T2s).ok();
    ('\u{4e00}'..='\u{9fff}')
        .map(|sign| {
            let simple = table.as_ref().map(|t| t.convert(sign.encode_utf8(&mut [0; 4])));
            simple.and_then(|s| s.chars().next()).unwrap_or(sign)
        })
        .collect()
});

/// English words that say nothing of the matter.
static STOP: LazyLock<std::collections::HashSet<u64, Quick>> =
    LazyLock::new(|| STOP_WORDS.split_ascii_whitespace().map(fold_hash).collect());

const STOP_WORDS: &str = "a about above after also am an and any are as at be because been before being below \
    between both but by can could did do does doing during each few for from further had has have having he her \
    here hers him his how however i if in into is it its itself may me might more most must my no nor not of off \
    on once only or other our ours out over own per same shall she should so some such than that the their theirs \
    them then there these they this those through thus to too under until up upon us very via was we were what \
    when where which while who whom whose why will with within without would yet you your yours et al etc eg ie";

#[cfg(test)]
mod tests {
    use super::*;

    fn terms(text: &str) -> Vec<Term> {
        Reader::default().read(text).tokens.iter().map(|t| t.term).collect()
    }

    #[test]
    fn all_spellings_meet() {
        assert_eq!(terms("５Ｇ　通信"), terms("5g 通信"));
        assert_eq!(terms("積體電路"), terms("积体电路"));
        assert_eq!(terms("CO₂ Sensors"), terms("co2 sensor"));
        assert_eq!(terms("光刻胶的研制"), [terms("光刻胶"), terms("研制")].concat());
    }

    #[test]
    fn a_number_and_its_unit_are_found_together_and_apart() {
        assert!(terms("28 nm process").contains(&terms("28nm")[0]));
        assert!(terms("the 5 G core").contains(&terms("5G")[0]));
    }

    #[test]
    fn stop_words_leave_no_trace_and_couples_reach_over_them() {
        assert!(terms("the of and").is_empty());
        assert_eq!(terms("detection of radar"), terms("detection radar"));
        assert_eq!(terms("phased arrays").len(), 3);
    }

    #[test]
    fn chinese_gives_pairs_and_singles() {
        let kinds: Vec<TermKind> = terms("光刻胶").iter().map(|t| t.kind()).collect();
        assert_eq!(
            kinds,
            [TermKind::Single, TermKind::Pair, TermKind::Single, TermKind::Pair, TermKind::Single]
        );
    }

    #[test]
    fn a_position_shows_the_words_as_written() {
        let reading = Reader::default().read("采用 SiC 器件");
        let word = reading.tokens.iter().find(|t| t.term.kind() == TermKind::Word).unwrap();
        assert_eq!(reading.show(word.at, word.len), "SiC");
    }
}
