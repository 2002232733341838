//! Reads the open sets and measures the matching on them; used by the test and by the example.

use std::collections::{BTreeMap, HashMap, HashSet};
use std::fmt;
use std::path::{Path, PathBuf};

use engines::matching::files::{Match, Table};

pub type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Parts of the cross-check: the figure is printed for each part of the needs by itself.
const FOLDS: usize = 5;

/// The folder of the open sets, if there is one.
pub fn data() -> Option<PathBuf> {
    let named = std::env::var_os("KECHUANG_SHARED").map(PathBuf::from);
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let roots = named.into_iter().chain(["../../../shared", "../../shared"].map(|up| here.join(up)));
    roots.map(|root| root.join("data")).find(|data| data.join("zh-needs-achievements").is_dir())
}

/// A mean over needs, with its parts.
#[derive(Debug, Clone, Default)]
pub struct Figure {
    pub name: &'static str,
    pub values: Vec<f64>,
    pub also: Vec<(&'static str, f64)>,
}

impl Figure {
    pub fn mean(&self) -> f64 {
        mean(self.values.iter().copied())
    }
}

impl fmt::Display for Figure {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} {:.4} over {} needs; by fold", self.name, self.mean(), self.values.len())?;
        for fold in 0..FOLDS {
            write!(f, " {:.3}", mean(self.values.iter().copied().skip(fold).step_by(FOLDS)))?;
        }
        self.also.iter().try_for_each(|(name, value)| write!(f, "; {name} {value:.4}"))
    }
}

fn mean(values: impl Iterator<Item = f64>) -> f64 {
    let (sum, count) = values.fold((0.0, 0.0), |(s, c), v| (s + v, c + 1.0));
    if count > 0.0 { sum / count } else { 0.0 }
}

/// Each need ranks only the achievements judged for it; gain = level − 1 (4 strong … 1 none).
pub fn needs_achievements(data: &Path) -> Result<Figure> {
    let folder = data.join("zh-needs-achievements");
    let needs = json_lines(&std::fs::read_to_string(folder.join("needs.jsonl"))?)?;
    let offers = tsv(&std::fs::read_to_string(folder.join("achievements.tsv"))?);
    let judged = tsv(&std::fs::read_to_string(folder.join("qrels.tsv"))?);
    let matching = Match::of(needs.needs(), &offers.offers());
    let pairs: Vec<(String, String)> = judged.rows.iter().map(|r| (cell(r, 0), cell(r, 1))).collect();
    let mut lists: BTreeMap<String, Vec<(f32, u32)>> = BTreeMap::new();
    for (row, score) in judged.rows.iter().zip(matching.score_pairs(&pairs)) {
        lists.entry(cell(row, 0)).or_default().push((score, cell(row, 2).parse::<u32>()? - 1));
    }
    let linear = |level: u32| f64::from(level);
    let steep = |level: u32| 2_f64.powf(f64::from(level)) - 1.0;
    let values: Vec<f64> = lists.values().filter_map(|list| ndcg(list, linear)).collect();
    let steep = mean(lists.values().filter_map(|list| ndcg(list, steep)));
    Ok(Figure { name: "nDCG@10, linear gain,", values, also: vec![("exponential gain", steep)] })
}

fn ndcg(list: &[(f32, u32)], gain: impl Fn(u32) -> f64) -> Option<f64> {
    let sum = |list: &[(f32, u32)]| -> f64 {
        list.iter().take(10).zip(2..).map(|((_, level), place)| gain(*level) / f64::from(place).log2()).sum()
    };
    let (mut ours, mut ideal) = (list.to_vec(), list.to_vec());
    ours.sort_by(|a, b| b.0.total_cmp(&a.0));
    ideal.sort_by_key(|(_, level)| std::cmp::Reverse(*level));
    let best = sum(&ideal);
    (best > 0.0).then(|| sum(&ours) / best)
}

/// Each topic searches all funded abstracts for those it is known to have led to.
pub fn sbir(data: &Path) -> Result<Figure> {
    let folder = data.join("en-sbir-needs-solutions");
    let packed = std::fs::File::open(folder.join("solutions.jsonl.zst"))?;
    let mut unpacked = String::new();
    std::io::Read::read_to_string(&mut ruzstd::decoding::StreamingDecoder::new(packed)?, &mut unpacked)?;
    let needs = json_lines(&std::fs::read_to_string(folder.join("needs.jsonl"))?)?;
    let known = tsv(&std::fs::read_to_string(folder.join("qrels.tsv"))?);
    let mut right: HashMap<String, HashSet<String>> = HashMap::new();
    for row in known.rows {
        right.entry(cell(&row, 0)).or_default().insert(cell(&row, 1));
    }
    let matching = Match::of(needs.needs(), &json_lines(&unpacked)?.offers());
    let values = reciprocal_ranks(&matching, &right);
    Ok(Figure { name: "MRR@10", values, also: Vec::new() })
}

/// Each title searches all abstracts for its own.
pub fn abstracts(data: &Path) -> Result<Figure> {
    let papers = json_lines(&std::fs::read_to_string(data.join("zh-sci-abstracts/papers.jsonl"))?)?;
    let matching =
        Match::of(papers.only(&["id", "title"]).needs(), &papers.only(&["id", "abstract"]).offers());
    let right = papers.only(&["id"]).rows.into_iter().map(|r| (cell(&r, 0), HashSet::from([cell(&r, 0)])));
    let values = reciprocal_ranks(&matching, &right.collect());
    Ok(Figure { name: "MRR@10", values, also: Vec::new() })
}

fn reciprocal_ranks(matching: &Match, right: &HashMap<String, HashSet<String>>) -> Vec<f64> {
    let mut first: BTreeMap<String, f64> = right.keys().map(|need| (need.clone(), 0.0)).collect();
    for line in matching.rank_all(10, |_, _| {}) {
        if let Some(value) = first.get_mut(&line.need)
            && right.get(&line.need).is_some_and(|offers| offers.contains(&line.offer))
        {
            *value = value.max(1.0 / f64::from(line.rank));
        }
    }
    first.into_values().collect()
}

trait Only {
    fn only(&self, columns: &[&str]) -> Table;
}

impl Only for Table {
    fn only(&self, columns: &[&str]) -> Table {
        let at: Vec<usize> = columns.iter().filter_map(|c| self.header.iter().position(|h| h == c)).collect();
        let rows = self.rows.iter().map(|row| at.iter().map(|i| cell(row, *i)).collect()).collect();
        Table { header: columns.iter().map(|c| (*c).to_owned()).collect(), rows }
    }
}

fn cell(row: &[String], at: usize) -> String {
    row.get(at).cloned().unwrap_or_default()
}

fn tsv(text: &str) -> Table {
    let cells = |line: &str| line.split('\t').map(str::to_owned).collect();
    let mut lines = text.lines().map(cells);
    Table { header: lines.next().unwrap_or_default(), rows: lines.collect() }
}

fn json_lines(text: &str) -> Result<Table> {
    let mut table = Table::default();
    for line in text.lines() {
        let record: serde_json::Map<String, serde_json::Value> = serde_json::from_str(line)?;
        let mut row = vec![String::new(); table.header.len()];
        for (name, value) in record {
            let cell = match value {
                serde_json::Value::String(text) => text,
                serde_json::Value::Array(parts) => {
                    parts.iter().filter_map(|p| p.as_str()).collect::<Vec<_>>().join(" ")
                }
                other => other.to_string(),
            };
            match table.header.iter().position(|h| *h == name) {
                Some(at) => row.get_mut(at).into_iter().for_each(|place| place.clone_from(&cell)),
                None => {
                    table.header.push(name);
                    row.push(cell);
                }
            }
        }
        table.rows.push(row);
    }
    Ok(table)
}
