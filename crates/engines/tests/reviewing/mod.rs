//! Reads the open sets about reviewers: matrices to assign, and what researchers said of their own expertise.

use std::collections::BTreeMap;
use std::io::Read;
use std::path::Path;

use engines::matching::SHIPPED;
use engines::reviewers::{NO_UNIT, Pair, Paper, Question, Reviewer, expertise::Library};

use crate::sets::Result;

/// Parts of a point, so that scores are whole numbers.
pub const POINT: f64 = 1e8;

/// A table of numbers, row by row.
fn table(path: &Path) -> Result<Vec<Vec<f64>>> {
    let text = std::fs::read_to_string(path)?;
    let row =
        |line: &str| line.split('\t').map(|cell| cell.trim().parse().ok()).collect::<Option<Vec<f64>>>();
    Ok(text.lines().filter_map(row).collect())
}

/// The question of a matrix: what each paper and reviewer is worth, row by paper, with the same demand and loads for
/// all.
fn question(rows: &[Vec<f64>], demand: u32, most: u32) -> Question {
    let reviewers = rows.first().map_or(0, Vec::len);
    let mut question = Question {
        papers: vec![Paper { demand, seniors: 0 }; rows.len()],
        reviewers: vec![Reviewer { least: 0, most, unit: NO_UNIT, is_senior: false }; reviewers],
        ..Question::default()
    };
    let mut pairs = Vec::new();
    for (paper, row) in (0..).zip(rows) {
        for (reviewer, score) in (0..).zip(row) {
            pairs.push((paper, Pair { reviewer, score: (score * POINT).round() as i32 }));
        }
    }
    question.put_pairs(pairs);
    question
}

/// The bids of a set, papers by reviewers.
pub fn bids(data: &Path, name: &str, demand: u32, most: u32) -> Result<Question> {
    let rows = table(&data.join("reviewer-assignment").join(format!("{name}-bids.tsv")))?;
    Ok(question(&rows, demand, most))
}

/// The MIDL matrix, papers by reviewers, with each paper's demand and each reviewer's loads; a score of −1 is a
/// conflict.
pub fn midl(data: &Path, with_least: bool) -> Result<Question> {
    let folder = data.join("reviewer-assignment");
    let rows = table(&folder.join("midl-scores.tsv"))?;
    let mut question = question(&rows, 0, 0);
    let is_apart = |pair: &Pair| f64::from(pair.score) <= -POINT;
    let pairs = (0..rows.len())
        .flat_map(|paper| question.pairs_of(paper).iter().map(move |pair| (paper as u32, *pair)));
    let pairs: Vec<(u32, Pair)> = pairs.filter(|(_, pair)| !is_apart(pair)).collect();
    question.put_pairs(pairs);
    for (paper, row) in question.papers.iter_mut().zip(table(&folder.join("midl-coverage.tsv"))?) {
        paper.demand = *row.first().ok_or("no demand")? as u32;
    }
    for (reviewer, row) in question.reviewers.iter_mut().zip(table(&folder.join("midl-loads.tsv"))?) {
        let [most, least] = row[..] else { return Err("two loads".into()) };
        (reviewer.most, reviewer.least) = (most as u32, if with_least { least as u32 } else { 0 });
    }
    Ok(question)
}

/// What went wrong when papers are ordered by nearness instead of by what researchers said of themselves: 0 nothing, ½ as
/// bad as saying nothing. For all, and for every second researcher.
pub fn expertise_loss(data: &Path) -> Result<[f64; 3]> {
    let folder = data.join("reviewer-expertise-gold");
    let mut text = String::new();
    let packed = std::fs::File::open(folder.join("papers.jsonl.zst"))?;
    ruzstd::decoding::StreamingDecoder::new(packed)?.read_to_string(&mut text)?;
    let mut papers: BTreeMap<String, (usize, String)> = BTreeMap::new();
    for (number, line) in text.lines().enumerate() {
        let paper: serde_json::Value = serde_json::from_str(line)?;
        let say = |key: &str| paper.get(key).and_then(serde_json::Value::as_str).unwrap_or_default();
        papers.insert(say("paper_id").to_owned(), (number, format!("{}\n{}", say("title"), say("abstract"))));
    }
    let mut texts: Vec<&(usize, String)> = papers.values().collect();
    texts.sort_unstable();
    let texts: Vec<String> = texts.into_iter().map(|(_, text)| text.clone()).collect();
    let (mut works, mut names) = (Vec::new(), BTreeMap::new());
    for (reviewer, line) in (0..).zip(std::fs::read_to_string(folder.join("reviewers.jsonl"))?.lines()) {
        let own: serde_json::Value = serde_json::from_str(line)?;
        let id = own.get("reviewer_id").and_then(serde_json::Value::as_str).ok_or("no id")?;
        names.insert(id.to_owned(), reviewer);
        let ids = own.get("papers").and_then(serde_json::Value::as_array).into_iter().flatten();
        let ids = ids.filter_map(serde_json::Value::as_str);
        works.extend(ids.filter_map(|id| papers.get(id)).map(|(_, text)| (reviewer, text.clone())));
    }
    let library = Library::of(&texts, &works, names.len(), &SHIPPED);
    let mut said: BTreeMap<u32, Vec<(f64, i32)>> = BTreeMap::new();
    for line in std::fs::read_to_string(folder.join("expertise.tsv"))?.lines().skip(1) {
        let mut cells = line.split('\t');
        let (id, paper) = (cells.next().ok_or("no reviewer")?, cells.next().ok_or("no paper")?);
        let (reviewer, paper) = (*names.get(id).ok_or("unknown")?, papers.get(paper).ok_or("unknown")?.0);
        let near = library.scores(paper);
        let near = near.iter().find(|(who, _)| *who == reviewer).map_or(0, |(_, score)| *score);
        said.entry(reviewer).or_default().push((cells.next().ok_or("no judgement")?.parse()?, near));
    }
    Ok([loss(said.values()), loss(said.values().step_by(2)), loss(said.values().skip(1).step_by(2))])
}

fn loss<'a>(said: impl Iterator<Item = &'a Vec<(f64, i32)>>) -> f64 {
    let (mut lost, mut all) = (0.0, 0.0);
    for own in said {
        for (place, (one, near)) in own.iter().enumerate() {
            for (other, far) in own.iter().take(place) {
                let apart = one - other;
                all += apart.abs();
                lost += match f64::from(near - far) * apart {
                    wrong if wrong < 0.0 => apart.abs(),
                    right if right > 0.0 || apart == 0.0 => 0.0,
                    _ => apart.abs() / 2.0,
                };
            }
        }
    }
    lost / all
}
