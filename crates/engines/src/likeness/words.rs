//! Words: what of a text carries its meaning, as sets of numbers; Chinese and Latin apart, so that a title in two
//! languages is like one in either. And runs of three letters, which show copied text whatever it means.

use std::{collections::BTreeSet, sync::LazyLock};

use crate::matching::{Reader, TermKind, Token};

use super::SAME;

/// Letters of a text that are read; more is far beyond any application.
const LETTERS_MAX: usize = 60_000;
/// The length of the runs by which copied text is found.
const RUN: usize = 3;

/// What every application says of itself: no likeness rests on it.
const EMPTY_HAN: &str = "研究 技术 项目 本项 关键 基于 应用 开展 系统 方法 及其 开发 实现 相关 面向 进行 针对 提出 \
    示范 问题 通过 采用 解决 形成 重大 重点 创新 科技 计划 目标 主要 具有 建立 构建 提高 提升 为了";
const EMPTY_LATIN: &str = "research study technology technologies project key based application applications develop \
    development system systems method methods novel new new-type using use demonstration innovation approach towards \
    toward propose proposed aim aims problem problems";
/// Signs that join two words and belong to neither.
const JOINING: &str = "与及";

/// The words of a text that carry its meaning, each once, in order.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Words {
    pub(super) han: Vec<u64>,
    pub(super) latin: Vec<u64>,
}

/// The empty words, as numbers in order.
static EMPTY: LazyLock<Vec<u64>> = LazyLock::new(|| {
    let mut reader = Reader::default();
    let mut empty: Vec<u64> = Vec::new();
    for text in EMPTY_HAN.split_whitespace().chain(EMPTY_LATIN.split_whitespace()) {
        let whole = reader.read(text).tokens;
        let terms = whole.iter().filter(|token| matches!(token.term.kind(), TermKind::Pair | TermKind::Word));
        empty.extend(terms.map(|token| token.term.0));
    }
    empty.sort_unstable();
    empty.dedup();
    empty
});

impl Words {
    pub(super) fn of(reader: &mut Reader, text: &str) -> Self {
        let read = reader.read(text);
        let is_empty = |token: &Token| EMPTY.binary_search(&token.term.0).is_ok();
        // What touches an empty word is neither the word before nor the word behind it.
        let empty = read.tokens.iter().filter(|token| is_empty(token));
        let mut idle: BTreeSet<u32> = empty.flat_map(|token| token.at..token.at + token.len).collect();
        idle.extend(
            (0_u32..).zip(&read.signs).filter(|(_, sign)| JOINING.contains(**sign)).map(|(at, _)| at),
        );
        let mut words = Self::default();
        for token in read.tokens.iter().filter(|token| !idle.contains(&token.at)) {
            match token.term.kind() {
                TermKind::Pair if !idle.contains(&(token.at + 1)) => words.han.push(token.term.0),
                TermKind::Word => words.latin.push(token.term.0),
                _ => {}
            }
        }
        for list in [&mut words.han, &mut words.latin] {
            list.sort_unstable();
            list.dedup();
        }
        words
    }

    /// How alike, in the language in which they are more so; nothing where either says fewer than `least` words in it.
    pub(super) fn like(&self, other: &Self, least: usize) -> u32 {
        let of = |a: &[u64], b: &[u64]| if a.len().min(b.len()) < least { 0 } else { dice(a, b) };
        of(&self.han, &other.han).max(of(&self.latin, &other.latin))
    }
}

/// Twice what is common over all of both, of two ordered lists without repetition; in hundredths of a per cent.
pub(super) fn dice(one: &[u64], other: &[u64]) -> u32 {
    let all = one.len() + other.len();
    if all == 0 {
        return 0;
    }
    let (mut a, mut b) = (one.iter().peekable(), other.iter().peekable());
    let mut common = 0_usize;
    while let (Some(left), Some(right)) = (a.peek(), b.peek()) {
        let order = left.cmp(right);
        common += usize::from(order.is_eq());
        if order.is_le() {
            a.next();
        }
        if order.is_ge() {
            b.next();
        }
    }
    u32::try_from(common * 2 * SAME as usize / all).unwrap_or(SAME)
}

/// The runs of three letters of a text, each once, in order. Blanks, signs and the size of letters do not count.
#[must_use]
pub fn runs(text: &str) -> Vec<u64> {
    let letters: Vec<u64> = text
        .chars()
        .flat_map(char::to_lowercase)
        .filter(|letter| letter.is_alphanumeric())
        .take(LETTERS_MAX)
        .map(|letter| u64::from(u32::from(letter)))
        .collect();
    // Twenty-one bits hold any letter: three of them are one number, without a hash and without a mistake.
    let mut runs: Vec<u64> =
        letters.windows(RUN).map(|run| run.iter().fold(0, |all, letter| all << 21 | letter)).collect();
    runs.sort_unstable();
    runs.dedup();
    runs
}
