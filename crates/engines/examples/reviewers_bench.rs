//! How fast reviewers are assigned beside the peers, and how well the worst-served paper is served.
//!
//! Reads `meta.json` and `scores.csv` of a folder; where there are none, makes them from a seed: papers and reviewers are
//! mixtures of one to three of sixty topics of uneven size, the eighty best of each are kept. Given a Python that has
//! OR-Tools and numpy, the same pairs go through its min-cost flow, turn about, and both must have the same sum. Given the
//! folder of openreview-matcher too, its solvers follow once. Seconds are processor time on both sides.
//!
//! `cargo run --release -p engines --example reviewers_bench -- FOLDER [PYTHON [MATCHER]]`

use std::{fmt::Write as _, path::Path, process::Command};

use engines::reviewers::{
    Outcome, Pair, Paper, Question, Reviewer, bound_floor, check, check_floor, propose, raise, repair,
};
use serde_json::{Value, json};

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

const PAPERS: u32 = 5_000;
const REVIEWERS: u32 = 4_000;
const TOPICS: usize = 60;
const NEAREST: usize = 80;
const TURNS: usize = 3;

fn main() -> Result<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: reviewers_bench FOLDER [PYTHON [MATCHER]]")?;
    let (python, matcher) = (arguments.next(), arguments.next());
    if !Path::new(&folder).join("scores.csv").exists() {
        std::fs::create_dir_all(&folder)?;
        make(&folder)?;
    }
    let question = read(&folder)?;
    let mut value = 0;
    for _ in 0..TURNS {
        let (seconds, sum) = ours(&question)?;
        value = sum;
        if let Some(python) = &python {
            ratio(&theirs(python, "ortools", &folder, None)?, seconds, Some(value))?;
        }
    }
    let (seconds, _) = ours(&question)?;
    if let (Some(python), Some(matcher)) = (&python, &matcher) {
        ratio(&theirs(python, "simple", &folder, Some(matcher))?, seconds, Some(value))?;
        let is_there = |name: &&str| Path::new(matcher).join(format!("matcher/solvers/{name}.py")).exists();
        for name in ["fairsequence", "fairflow"].into_iter().filter(is_there) {
            ratio(&theirs(python, name, &folder, Some(matcher))?, seconds, None)?;
        }
    }
    Ok(())
}

/// Seconds this thread has been on a processor, where the system tells.
fn busy() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

/// Solves, raises the worst-served within 0.1 %, proves both, and repairs after a withdrawal.
fn ours(question: &Question) -> Result<(f64, i64)> {
    let start = busy();
    let Outcome::Proposed(best) = propose(question, &mut |_| true)? else {
        return Err("nothing proposed".into());
    };
    let solved = busy() - start;
    check(question, &best)?;
    let checked = busy() - start - solved;
    let start = busy();
    let fair = raise(question, &best, 1_000, &mut |_| true);
    let raised = busy() - start;
    let floor = bound_floor(question, &fair, &mut |_| true);
    check(question, &fair)?;
    check_floor(question, &floor)?;
    let mut changed = question.clone();
    let busiest = best.pairs.first().map_or(0, |pair| pair.1);
    changed.reviewers.iter_mut().skip(busiest as usize).take(1).for_each(|own| own.most = 0);
    let start = busy();
    let Outcome::Proposed(repaired) = repair(&changed, &best, &mut |_| true)? else {
        return Err("no repair".into());
    };
    let repairing = busy() - start;
    check(&changed, &repaired)?;
    let line = json!({
        "engine": "kechuang", "seconds": round(solved), "check": round(checked), "value": best.value,
        "bound": best.bound, "worst": best.worst, "fair_seconds": round(raised), "fair_value": fair.value,
        "fair_worst": fair.worst, "worst_bound": floor.bound, "repair_seconds": round(repairing),
        "repair_changes": engines::reviewers::changes(&best.pairs, &repaired.pairs),
    });
    println!("{line}");
    Ok((solved, best.value))
}

fn round(seconds: f64) -> f64 {
    (seconds * 10_000.0).round() / 10_000.0
}

fn theirs(python: &str, name: &str, folder: &str, matcher: Option<&String>) -> Result<Value> {
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/reviewers_peer.py");
    let mut command = Command::new(python);
    command.args([script, name, folder]).args(matcher);
    let output = command.output()?;
    let text = String::from_utf8(output.stdout)?;
    let line = text.lines().last().ok_or_else(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    println!("{line}");
    Ok(serde_json::from_str(line)?)
}

/// How many times longer the peer took; its sum must be ours where both look for the largest.
fn ratio(peer: &Value, seconds: f64, value: Option<i64>) -> Result<()> {
    let told = peer.get("value").and_then(Value::as_i64);
    if value.is_some_and(|value| told != Some(value)) {
        return Err(format!("the peer's sum is {told:?}, ours {value:?}").into());
    }
    let theirs = peer.get("seconds").and_then(Value::as_f64).unwrap_or(f64::NAN);
    println!("{}", json!({ "peer": peer.get("engine"), "ratio": round(theirs / seconds) }));
    Ok(())
}

fn read(folder: &str) -> Result<Question> {
    let meta: Value = serde_json::from_str(&std::fs::read_to_string(format!("{folder}/meta.json"))?)?;
    let number = |key: &str| {
        let number = meta.get(key).and_then(Value::as_u64).and_then(|number| u32::try_from(number).ok());
        number.ok_or_else(|| format!("no {key} in meta.json"))
    };
    let paper = Paper { demand: number("demand")?, seniors: 0 };
    let reviewer = Reviewer { most: number("load_max")?, ..Reviewer::default() };
    let mut question = Question {
        papers: vec![paper; number("papers")? as usize],
        reviewers: vec![reviewer; number("reviewers")? as usize],
        ..Question::default()
    };
    let text = std::fs::read_to_string(format!("{folder}/scores.csv"))?;
    let mut pairs = Vec::new();
    for line in text.lines().skip(1) {
        let mut cells = line.split(',');
        let mut cell = || cells.next().ok_or("a cell is missing");
        let (paper, reviewer) = (cell()?.parse()?, cell()?.parse()?);
        pairs.push((paper, Pair { reviewer, score: cell()?.parse()? }));
    }
    question.put_pairs(pairs);
    Ok(question)
}

/// Knuth's generator: the same numbers on every machine.
struct Dice(u64);

impl Dice {
    fn unit(&mut self) -> f64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 11) as f64 / (1_u64 << 53) as f64
    }

    /// One side: each is a mixture of one to three topics, of length one.
    fn side(&mut self, count: u32, tilt: f64) -> Vec<Vec<f64>> {
        let sizes: Vec<f64> = (0..TOPICS).map(|topic| (1.0 / (topic as f64 + 3.0)).powf(tilt)).collect();
        let all: f64 = sizes.iter().sum();
        let one = |dice: &mut Self| {
            let mut mixture = vec![0.0; TOPICS];
            for _ in 0..1 + (dice.unit() * 3.0) as usize {
                let mut left = dice.unit() * all;
                let topic = sizes.iter().position(|size| {
                    left -= size;
                    left <= 0.0
                });
                let part = -(1.0 - dice.unit()).ln();
                mixture.iter_mut().skip(topic.unwrap_or(0)).take(1).for_each(|own| *own += part);
            }
            let length = mixture.iter().map(|part| part * part).sum::<f64>().sqrt().max(1e-9);
            mixture.iter_mut().for_each(|part| *part /= length);
            mixture
        };
        (0..count).map(|_| one(self)).collect()
    }
}

fn make(folder: &str) -> Result<()> {
    let mut dice = Dice(7);
    let (papers, reviewers) = (dice.side(PAPERS, 1.0), dice.side(REVIEWERS, 0.7));
    let mut kept: Vec<(u32, u32, i32)> = Vec::new();
    let mut of_reviewer: Vec<Vec<(i32, u32)>> = vec![Vec::new(); REVIEWERS as usize];
    for (paper, own) in (0..).zip(&papers) {
        let mut row: Vec<(i32, u32)> = Vec::new();
        for (reviewer, other) in (0..).zip(&reviewers) {
            let near: f64 = own.iter().zip(other).map(|(a, b)| a * b).sum();
            // Twelve even numbers added up are as good as a normal one.
            let noise: f64 = (0..12).map(|_| dice.unit()).sum::<f64>() - 6.0;
            let score = (near * 850.0 + 40.0 + 30.0 * noise).clamp(0.0, 1_000.0) as i32;
            if score > 0 && dice.unit() >= 0.01 {
                row.push((score, reviewer));
                of_reviewer
                    .iter_mut()
                    .skip(reviewer as usize)
                    .take(1)
                    .for_each(|list| list.push((score, paper)));
            }
        }
        row.sort_unstable_by(|a, b| b.cmp(a));
        kept.extend(row.iter().take(NEAREST).map(|(score, reviewer)| (paper, *reviewer, *score)));
    }
    for (reviewer, list) in (0..).zip(&mut of_reviewer) {
        list.sort_unstable_by(|a, b| b.cmp(a));
        kept.extend(list.iter().take(NEAREST).map(|(score, paper)| (*paper, reviewer, *score)));
    }
    kept.sort_unstable();
    kept.dedup();
    let mut text = String::from("paper,reviewer,score\n");
    for (paper, reviewer, score) in &kept {
        writeln!(text, "{paper},{reviewer},{score}")?;
    }
    std::fs::write(format!("{folder}/scores.csv"), text)?;
    let meta = json!({ "papers": PAPERS, "reviewers": REVIEWERS, "demand": 3, "load_min": 0, "load_max": 6 });
    Ok(std::fs::write(format!("{folder}/meta.json"), meta.to_string())?)
}
