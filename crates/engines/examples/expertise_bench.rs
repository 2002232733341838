//! How well nearness of texts orders papers for a researcher, judged on researchers it was not chosen by.
//!
//! How works are put together can be done in many ways. Here each way of a grid is worked out on the open set of
//! researchers who said how well they could review papers they had read; then a way is chosen on one half of the
//! researchers and judged on the other, both ways round, for many halves drawn from a seed. What the engine ships is
//! judged beside it, and so is what textbooks do without looking at any of them. The loss is that of the set: the part
//! of all differences of expertise that are put the wrong way round, half for a tie.
//!
//! `cargo run --release -p engines --example expertise_bench -- FOLDER [HALVES]`, with the folder of the set

use std::{collections::BTreeMap, io::Read as _, path::Path};

use engines::{
    matching::{Reader, SHIPPED, Term},
    reviewers::expertise::Library,
};
use serde_json::Value;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;
/// For each researcher, what they said of papers and how near the papers are.
type Said = Vec<Vec<(f64, f64)>>;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("FOLDER [HALVES]")?;
    let halves: usize = arguments.next().map_or(Ok(200), |halves| halves.parse())?;
    let set = Set::read(Path::new(&folder))?;
    let shipped = set.shipped();
    println!("{} researchers; as shipped, on all of them: {:.4}", shipped.len(), loss(&shipped, |_| true));
    let ways = Way::all();
    let said: Vec<Said> = ways.iter().map(|way| set.said(way)).collect();
    let plain = Way { count: Count::Logarithm, titles: 1, pool: Pool::Mean(1) };
    for (way, said) in ways.iter().zip(&said).filter(|(way, _)| **way == plain || way.pool == Pool::Largest) {
        println!("{way:?}: {:.4}", loss(said, |_| true));
    }
    let (mut chosen, mut own) = (Vec::new(), Vec::new());
    let mut dice = Dice(2_026);
    for _ in 0..halves {
        let first = dice.half(shipped.len());
        for side in [true, false] {
            let is_fitted = |researcher: usize| first.contains(&researcher) == side;
            let best = said.iter().min_by(|a, b| loss(a, is_fitted).total_cmp(&loss(b, is_fitted)));
            chosen.push(loss(best.ok_or("no way")?, |researcher| !is_fitted(researcher)));
            own.push(loss(&shipped, |researcher| !is_fitted(researcher)));
        }
    }
    for (name, losses) in
        [("chosen on the other half", &mut chosen), ("as shipped, the same halves", &mut own)]
    {
        losses.sort_by(f64::total_cmp);
        let at = |part: usize| losses.get((losses.len() - 1) * part / 100).copied().unwrap_or(f64::NAN);
        let mean = losses.iter().sum::<f64>() / losses.len() as f64;
        println!("{name}: {mean:.4} on average, {:.4} to {:.4} in nine of ten", at(5), at(95));
    }
    Ok(())
}

/// How often a term stands in a text, as a number.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Count {
    Once,
    Logarithm,
    /// As BM25 does, with k₁ = 1.2.
    Saturated,
}

/// How the nearnesses of a researcher's works become one.
#[derive(Clone, Copy, PartialEq, Debug)]
enum Pool {
    /// The mean of their powers, and its root.
    Mean(i32),
    Largest,
    /// The mean of the few largest.
    Top(usize),
}

/// One way of putting works together.
#[derive(Clone, PartialEq, Debug)]
struct Way {
    count: Count,
    /// How many times a title counts beside the abstract.
    titles: usize,
    pool: Pool,
}

impl Way {
    fn all() -> Vec<Self> {
        let pools = [
            Pool::Mean(1),
            Pool::Mean(2),
            Pool::Mean(3),
            Pool::Mean(4),
            Pool::Largest,
            Pool::Top(2),
            Pool::Top(3),
            Pool::Top(5),
        ];
        let counts = [Count::Once, Count::Logarithm, Count::Saturated];
        let of = |count| {
            [1, 2, 3].into_iter().flat_map(move |titles| pools.map(|pool| Self { count, titles, pool }))
        };
        counts.into_iter().flat_map(of).collect()
    }
}

/// The open set.
struct Set {
    /// Title and abstract.
    papers: Vec<(String, String)>,
    /// By researcher, the places of their papers.
    works: Vec<Vec<usize>>,
    /// Researcher, paper, expertise.
    said: Vec<(usize, usize, f64)>,
}

impl Set {
    fn read(folder: &Path) -> Result<Self> {
        let mut text = String::new();
        let packed = std::fs::File::open(folder.join("papers.jsonl.zst"))?;
        ruzstd::decoding::StreamingDecoder::new(packed)?.read_to_string(&mut text)?;
        let (mut papers, mut places) = (Vec::new(), BTreeMap::new());
        for line in text.lines() {
            let paper: Value = serde_json::from_str(line)?;
            let say = |key: &str| paper.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
            places.insert(say("paper_id"), papers.len());
            papers.push((say("title"), say("abstract")));
        }
        let (mut works, mut names) = (Vec::new(), BTreeMap::new());
        for line in std::fs::read_to_string(folder.join("reviewers.jsonl"))?.lines() {
            let own: Value = serde_json::from_str(line)?;
            let id = own.get("reviewer_id").and_then(Value::as_str).ok_or("no id")?;
            names.insert(id.to_owned(), works.len());
            let ids = own.get("papers").and_then(Value::as_array).into_iter().flatten();
            works.push(ids.filter_map(|id| places.get(id.as_str()?).copied()).collect());
        }
        let mut said = Vec::new();
        for line in std::fs::read_to_string(folder.join("expertise.tsv"))?.lines().skip(1) {
            let mut cells = line.split('\t');
            let (id, paper) = (cells.next().ok_or("no reviewer")?, cells.next().ok_or("no paper")?);
            let place = places.get(paper).ok_or("an unknown paper")?;
            let researcher = names.get(id).ok_or("an unknown researcher")?;
            said.push((*researcher, *place, cells.next().ok_or("no judgement")?.parse()?));
        }
        Ok(Self { papers, works, said })
    }

    fn told(&self, near: impl Fn(usize, usize) -> f64) -> Said {
        let mut said = vec![Vec::new(); self.works.len()];
        for (researcher, paper, expertise) in &self.said {
            let own = said.get_mut(*researcher);
            own.into_iter().for_each(|own| own.push((*expertise, near(*researcher, *paper))));
        }
        said
    }

    /// By the engine.
    fn shipped(&self) -> Said {
        let texts: Vec<String> = self.papers.iter().map(|(title, text)| format!("{title}\n{text}")).collect();
        let works = (0..).zip(&self.works).flat_map(|(researcher, works)| {
            let texts = &texts;
            works.iter().filter_map(move |work| Some((researcher, texts.get(*work)?.clone())))
        });
        let library = Library::of(&texts, &works.collect::<Vec<_>>(), self.works.len(), &SHIPPED);
        self.told(|researcher, paper| {
            let scores = library.scores(paper);
            let own = scores.iter().find(|(who, _)| *who as usize == researcher);
            own.map_or(0.0, |(_, score)| f64::from(*score))
        })
    }

    /// In one of the ways: the angle between texts whose terms count the rarer the more.
    fn said(&self, way: &Way) -> Said {
        let mut reader = Reader::default();
        let mut counts: Vec<BTreeMap<Term, f64>> = Vec::new();
        for (title, text) in &self.papers {
            let mut own: BTreeMap<Term, f64> = BTreeMap::new();
            let whole = format!("{}{text}", format!("{title}\n").repeat(way.titles));
            reader.read(&whole).tokens.iter().for_each(|token| *own.entry(token.term).or_default() += 1.0);
            counts.push(own);
        }
        let mut holders: BTreeMap<Term, f64> = BTreeMap::new();
        counts.iter().flat_map(BTreeMap::keys).for_each(|term| *holders.entry(*term).or_default() += 1.0);
        let all = counts.len() as f64;
        let vectors: Vec<BTreeMap<Term, f64>> = counts
            .into_iter()
            .map(|own| {
                let weigh = |(term, count): (Term, f64)| {
                    let rarity = ((all + 1.0) / (holders.get(&term).copied().unwrap_or(1.0) + 0.5)).ln();
                    let count = match way.count {
                        Count::Once => 1.0,
                        Count::Logarithm => 1.0 + count.ln(),
                        Count::Saturated => count * 2.2 / (count + 1.2),
                    };
                    (term, count * f64::from(term.weight()) * rarity.max(0.0))
                };
                let vector: BTreeMap<Term, f64> = own.into_iter().map(weigh).collect();
                let length = vector.values().map(|weight| weight * weight).sum::<f64>().sqrt().max(1e-9);
                vector.into_iter().map(|(term, weight)| (term, weight / length)).collect()
            })
            .collect();
        let angle = |one: usize, other: usize| {
            let (Some(one), Some(other)) = (vectors.get(one), vectors.get(other)) else { return 0.0 };
            one.iter().filter_map(|(term, weight)| Some(weight * other.get(term)?)).sum::<f64>()
        };
        self.told(|researcher, paper| {
            let works = self.works.get(researcher).into_iter().flatten();
            pooled(works.map(|work| angle(*work, paper)).collect(), way.pool)
        })
    }
}

fn pooled(mut near: Vec<f64>, pool: Pool) -> f64 {
    near.sort_by(|a, b| b.total_cmp(a));
    let mean = |some: &[f64]| some.iter().sum::<f64>() / some.len().max(1) as f64;
    match pool {
        Pool::Mean(power) => mean(&near.iter().map(|near| near.powi(power)).collect::<Vec<_>>()),
        Pool::Largest => near.first().copied().unwrap_or(0.0),
        Pool::Top(count) => mean(near.get(..count.min(near.len())).unwrap_or_default()),
    }
}

/// The loss over those researchers who count.
fn loss(said: &Said, counts: impl Fn(usize) -> bool) -> f64 {
    let (mut lost, mut all) = (0.0, 0.0);
    for own in said.iter().enumerate().filter(|(researcher, _)| counts(*researcher)).map(|(_, own)| own) {
        for (place, (one, near)) in own.iter().enumerate() {
            for (other, far) in own.iter().take(place) {
                let apart = one - other;
                all += apart.abs();
                lost += match (near - far) * apart {
                    wrong if wrong < 0.0 => apart.abs(),
                    right if right > 0.0 => 0.0,
                    _ => apart.abs() / 2.0,
                };
            }
        }
    }
    lost / all
}

/// Knuth's generator: the same halves on every machine.
struct Dice(u64);

impl Dice {
    fn below(&mut self, end: usize) -> usize {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % end.max(1)
    }

    /// One half of so many, by chance.
    fn half(&mut self, count: usize) -> Vec<usize> {
        let mut all: Vec<usize> = (0..count).collect();
        (1..count).rev().for_each(|place| all.swap(place, self.below(place + 1)));
        all.truncate(count / 2);
        all
    }
}
