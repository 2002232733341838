//! Sentences: which of one text stand in the other too, nearly word by word.

use std::collections::BTreeMap;

use super::words::{dice, runs};

/// Sentences of a text that are looked at.
const SENTENCES_MAX: usize = 1_000;
/// Shorter ones are found in any text.
const LETTERS_LEAST: usize = 12;
/// Two sentences are the same from this likeness on.
const TWIN: u32 = 6_000;
/// Sentences with which one is compared: those that share the most of its rarest runs.
const TRIED_MAX: usize = 8;
/// A run in more sentences than these tells none from the others.
const COMMON: usize = 40;

/// A sentence that stands in both: its place in the one and in the other.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Twin {
    pub here: usize,
    pub there: usize,
    pub like: u32,
}

/// A text cut at the ends of its sentences, in order; put together again it is the text.
#[must_use]
pub fn sentences(text: &str) -> Vec<&str> {
    let ends = |sign: char| matches!(sign, '。' | '！' | '？' | '；' | '!' | '?' | ';' | '\n');
    let mut all = Vec::new();
    let mut rest = text;
    while let Some(end) = end_of_first(rest, ends) {
        let Some((sentence, after)) = rest.split_at_checked(end) else { break };
        all.push(sentence);
        rest = after;
    }
    if !rest.is_empty() {
        all.push(rest);
    }
    all
}

/// Behind the sign that ends the first sentence. A full stop ends one only before a blank: `0.5` goes on.
fn end_of_first(text: &str, ends: impl Fn(char) -> bool) -> Option<usize> {
    let mut signs = text.char_indices().peekable();
    while let Some((_, sign)) = signs.next() {
        let next = signs.peek();
        let stops = sign == '.' && next.is_some_and(|(_, next)| next.is_whitespace());
        if ends(sign) || stops {
            return next.map(|(at, _)| *at);
        }
    }
    None
}

/// For each sentence of one text the one of the other that is most like it, if it is nearly the same; in order.
#[must_use]
pub fn twins(here: &[&str], there: &[&str]) -> Vec<Twin> {
    let read = |all: &[&str]| -> Vec<Vec<u64>> {
        let long = |text: &str| text.chars().filter(|sign| sign.is_alphanumeric()).count() >= LETTERS_LEAST;
        all.iter().take(SENTENCES_MAX).map(|text| if long(text) { runs(text) } else { vec![] }).collect()
    };
    let (ours, theirs) = (read(here), read(there));
    let mut holding: BTreeMap<u64, Vec<usize>> = BTreeMap::new();
    for (at, runs) in theirs.iter().enumerate() {
        runs.iter().for_each(|run| holding.entry(*run).or_default().push(at));
    }
    let mut twins = Vec::new();
    for (here, runs) in ours.iter().enumerate() {
        let mut shared: BTreeMap<usize, usize> = BTreeMap::new();
        let lists = runs.iter().filter_map(|run| holding.get(run)).filter(|list| list.len() <= COMMON);
        lists.flatten().for_each(|at| *shared.entry(*at).or_default() += 1);
        let mut tried: Vec<(usize, usize)> = shared.into_iter().map(|(at, count)| (count, at)).collect();
        tried.sort_by_key(|(count, at)| (std::cmp::Reverse(*count), *at));
        let like = |at: usize| theirs.get(at).map_or(0, |other| dice(runs, other));
        let tried =
            tried.into_iter().take(TRIED_MAX).map(|(_, there)| Twin { here, there, like: like(there) });
        let best = tried.max_by_key(|twin| (twin.like, std::cmp::Reverse(twin.there)));
        twins.extend(best.filter(|twin| twin.like >= TWIN));
    }
    twins
}
