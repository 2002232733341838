//! How fast the check for likeness is: ten thousand works made from a seed, one in fifty a copy of another with a tenth of
//! its signs changed; all of them against all others, and one against all.
//!
//! `cargo run --release -p engines --example likeness_bench [WORKS]`

use std::{collections::BTreeSet, time::Instant};

use engines::likeness::{Bars, Index, Sheet, Work};

/// One work in so many is a copy.
const COPY: usize = 50;
/// Letters of a full text, and how many different words the texts are made of.
const LETTERS: usize = 6_000;
const WORDS: usize = 20_000;

#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn now() -> Instant {
    Instant::now()
}

/// A linear congruential generator (Knuth): the same works on every machine.
struct Chance(u64);

impl Chance {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(self.0 >> 33).unwrap_or(0) % end.max(1)
    }

    /// Words of two letters, some far more frequent than others, as in any language.
    fn text(&mut self, letters: usize) -> String {
        let mut text = String::new();
        for place in 0..letters / 2 {
            let most = self.below(WORDS) + 1;
            let word = self.below(most);
            for letter in [0x4e00 + word / 142, 0x4f00 + word % 142] {
                text.extend(u32::try_from(letter).ok().and_then(char::from_u32));
            }
            if place % 15 == 14 {
                text.push('。');
            }
        }
        text
    }

    fn spoilt(&mut self, text: &str) -> String {
        text.chars().map(|sign| if self.below(100) < 4 { '中' } else { sign }).collect()
    }

    fn some(&mut self, count: usize, below: usize) -> BTreeSet<String> {
        (0..count).map(|_| self.below(below).to_string()).collect()
    }

    fn work(&mut self, copied: Option<&Work>) -> Work {
        let fresh = Work {
            title: self.text(24),
            summary: self.text(300),
            text: self.text(LETTERS),
            promises: (0..4).map(|_| self.text(24)).collect(),
            people: self.some(5, 8_000),
            units: self.some(3, 900),
            lines: self.some(6, 50_000),
            files: self.some(1, 1_000_000),
        };
        match copied {
            Some(work) => Work {
                title: self.spoilt(&work.title),
                summary: self.spoilt(&work.summary),
                text: self.spoilt(&work.text),
                ..fresh
            },
            None => fresh,
        }
    }
}

fn main() {
    let count = std::env::args().nth(1).and_then(|count| count.parse().ok()).unwrap_or(10_000);
    let mut chance = Chance(2_026);
    let mut works: Vec<Work> = Vec::new();
    let mut copies = 0;
    for at in 0..count {
        let copied = (at % COPY == COPY - 1).then(|| works.get(chance.below(at)).cloned()).flatten();
        copies += usize::from(copied.is_some());
        works.push(chance.work(copied.as_ref()));
    }
    let letters: usize = works.iter().map(|work| work.text.chars().count()).sum();
    let start = now();
    let sheets = Sheet::all(works);
    let read = start.elapsed().as_secs_f64();
    let bars = Bars { title: 8_000, summary: 6_000, text: 7_000, promises: 1, lines: 2 };
    let one = sheets.last().cloned();
    let index = Index::of(sheets, bars);
    let indexed = start.elapsed().as_secs_f64() - read;
    let pairs = index.pairs();
    let compared = start.elapsed().as_secs_f64() - read - indexed;
    let begun = now();
    let near = one.map_or(0, |one| index.near(&one).len());
    let single = begun.elapsed().as_secs_f64();
    let of_text = pairs.iter().filter(|(.., alike)| alike.text >= bars.text).count();
    println!(
        "{{\"works\":{count},\"letters\":{letters},\"copies\":{copies},\"read_s\":{read:.2},\"index_s\":{indexed:.2},\"all_pairs_s\":{compared:.2},\"pairs\":{},\"pairs_of_text\":{of_text},\"one_against_all_s\":{single:.4},\"near_one\":{near}}}",
        pairs.len()
    );
}
