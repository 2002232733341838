//! Reads the open set of knapsacks with several budgets; each budget is a year of one pot.

use std::io::Read;
use std::path::Path;

use engines::allocation::{Candidate, Payer, Pot, Question, WHOLE};

use crate::sets::Result;

/// One knapsack and the best that is known of it.
pub struct Knapsack {
    pub name: String,
    pub question: Question,
    /// The best choice known, and what none can exceed.
    pub best: (i64, i64),
}

/// All knapsacks of the set.
pub fn all(data: &Path) -> Result<Vec<Knapsack>> {
    let packed = std::fs::File::open(data.join("mkp/instances.jsonl.zst"))?;
    let mut text = String::new();
    ruzstd::decoding::StreamingDecoder::new(packed)?.read_to_string(&mut text)?;
    let best = std::fs::read_to_string(data.join("mkp/best.tsv"))?;
    let mut knapsacks = Vec::new();
    for (line, row) in text.lines().zip(best.lines().skip(1)) {
        let record: serde_json::Value = serde_json::from_str(line)?;
        let cells: Vec<&str> = row.split('\t').collect();
        let number =
            |place: usize| cells.get(place).and_then(|cell| cell.parse::<f64>().ok()).map(|n| n as i64);
        let known = number(3).max(number(4)).ok_or("no best")?;
        let bound = number(5).ok_or("no bound")?.max(known);
        let name = record.get("name").and_then(serde_json::Value::as_str).unwrap_or_default().to_owned();
        assert_eq!(Some(&name.as_str()), cells.first(), "the two files go together line by line");
        let list = |value: Option<&serde_json::Value>| -> Vec<i64> {
            value
                .and_then(serde_json::Value::as_array)
                .into_iter()
                .flatten()
                .filter_map(serde_json::Value::as_f64)
                .map(|n| n as i64)
                .collect()
        };
        let weights: Vec<Vec<i64>> = record
            .get("weight")
            .and_then(serde_json::Value::as_array)
            .into_iter()
            .flatten()
            .map(|row| list(Some(row)))
            .collect();
        let candidate = |(number, score): (usize, i64)| Candidate {
            id: number.to_string(),
            score,
            money: weights.iter().filter_map(|row| row.get(number).copied()).collect(),
            payers: vec![Payer { pot: 0, least: WHOLE, most: WHOLE }],
            ..Candidate::default()
        };
        let candidates = list(record.get("profit")).into_iter().enumerate().map(candidate).collect();
        let pots = vec![Pot { name: "pot".to_owned(), money: list(record.get("capacity")), carries: false }];
        let question = Question { candidates, pots, ..Question::default() };
        knapsacks.push(Knapsack { name, question, best: (known, bound) });
    }
    Ok(knapsacks)
}
