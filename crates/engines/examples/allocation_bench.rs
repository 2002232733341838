//! How fast allocation is beside its peers. Reads the instances that `bench/gen/portfolio.py` writes, solves each to
//! 0.1 % and to the end, checks the certificate, and prints a JSON line for each. With a Python that has the
//! peers and the path of `bench/peers/portfolio.py`, they run turn about with ours on the same file, one thread,
//! and a table of medians follows. Seconds are processor time on both sides, because others use the machine.
//!
//! `cargo run --release -p engines --example allocation_bench -- [--peers PYTHON SCRIPT] [--turns N] FILE.json...`

use std::collections::BTreeMap;
use std::process::Command;
use std::time::Instant;

use engines::allocation::{
    Candidate, Measure, Outcome, Payer, Pot, Question, Quota, WHOLE, Wish, check, propose,
};
use serde_json::Value;

type Result<T> = std::result::Result<T, Box<dyn std::error::Error>>;

/// Nobody gets longer than this, in seconds.
const LIMIT: u64 = 120;
/// Runs a script with its clock replaced by the processor time of itself and its children.
const BUSY: &str = "import os, runpy, sys, time\n\
time.perf_counter = lambda: sum(os.times()[:4])\n\
sys.argv = sys.argv[1:]\n\
runpy.run_path(sys.argv[0], run_name='__main__')";
const PEERS: [&str; 3] = ["highs", "cbc", "cpsat"];
/// Millionths of the bound, and how the table calls them.
const GAPS: [(u32, &str); 2] = [(1_000, "0.1 %"), (0, "optimum")];

/// Seconds, value, and what is left to prove as a part of the bound.
type Run = (f64, Option<f64>, Option<f64>);

fn main() -> Result<()> {
    let (mut peers, mut turns, mut files) = (None, 1_u32, Vec::new());
    let mut arguments = std::env::args().skip(1);
    while let Some(argument) = arguments.next() {
        match argument.as_str() {
            "--peers" => peers = arguments.next().zip(arguments.next()),
            "--turns" => turns = arguments.next().ok_or("--turns N")?.parse()?,
            _ => files.push(argument),
        }
    }
    for file in &files {
        let question = read(file)?;
        let mut runs: BTreeMap<(&str, &str), Vec<Run>> = BTreeMap::new();
        for _ in 0..turns {
            for (gap, name) in GAPS {
                runs.entry(("ours", name)).or_default().push(ours(&question, file, gap)?);
                for peer in PEERS {
                    let Some((python, script)) = &peers else { break };
                    runs.entry((peer, name)).or_default().push(theirs(python, script, peer, file, gap)?);
                }
            }
        }
        if peers.is_some() {
            table(file, &mut runs);
        }
    }
    Ok(())
}

#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn now() -> Instant {
    Instant::now()
}

/// Seconds this thread has been on a processor, where the system tells.
fn busy() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

fn ours(question: &Question, file: &str, gap_ppm: u32) -> Result<Run> {
    let (start, cpu, mut nodes) = (now(), busy(), 0);
    let mut watch = |progress: engines::allocation::Progress| {
        nodes = progress.nodes;
        start.elapsed().as_secs() < LIMIT
    };
    let outcome = propose(question, Wish { gap_ppm, ..Wish::default() }, &mut watch);
    let seconds = busy() - cpu;
    let Ok(Outcome::Proposed(proposal)) = outcome else { return Err(format!("{file}: {outcome:?}").into()) };
    let cpu = busy();
    check(question, &proposal).map_err(|doubt| format!("{file}: {doubt:?}"))?;
    let check_ms = (busy() - cpu) * 1e3;
    let left = (proposal.bound - proposal.value) as f64 / proposal.bound as f64;
    println!(
        "{{\"file\": \"{file}\", \"solver\": \"ours\", \"gap_asked\": {}, \"s\": {seconds:.4}, \"objective\": {}, \"gap_left\": {left:.7}, \"nodes\": {nodes}, \"steps\": {}, \"check_ms\": {check_ms:.1}}}",
        f64::from(gap_ppm) / 1e6,
        proposal.value,
        proposal.certificate.tree.len(),
    );
    Ok((seconds, Some(proposal.value as f64), Some(left)))
}

fn theirs(python: &str, script: &str, peer: &str, file: &str, gap_ppm: u32) -> Result<Run> {
    let gap = (f64::from(gap_ppm) / 1e6).to_string();
    let limit = LIMIT.to_string();
    let output = Command::new(python)
        .args([
            "-c",
            BUSY,
            script,
            file,
            "--solvers",
            peer,
            "--gaps",
            &gap,
            "--limit",
            &limit,
            "--threads",
            "1",
        ])
        .output()?;
    let text = String::from_utf8(output.stdout)?;
    print!("{text}");
    let line: Value = serde_json::from_str(text.lines().last().ok_or("the peer said nothing")?)?;
    let number = |name: &str| line.get(name).and_then(Value::as_f64);
    Ok((number("s").ok_or("the peer failed")?, number("objective"), number("gap_left")))
}

fn table(file: &str, runs: &mut BTreeMap<(&str, &str), Vec<Run>>) {
    println!("\n{file}\n| solver | gap | s, median | best value | gap left |\n|---|---|---|---|---|");
    for ((solver, gap), runs) in runs {
        runs.sort_by(|a, b| a.0.total_cmp(&b.0));
        let seconds = runs.get(runs.len() / 2).map_or(0.0, |run| run.0);
        let value = runs.iter().filter_map(|run| run.1).fold(f64::NEG_INFINITY, f64::max);
        let left = runs.iter().filter_map(|run| run.2).fold(0.0, f64::max);
        println!("| {solver} | {gap} | {seconds:.3} | {value:.0} | {left:.7} |");
    }
    println!();
}

fn read(file: &str) -> Result<Question> {
    let instance: Value = serde_json::from_str(&std::fs::read_to_string(file)?)?;
    let list =
        |value: &Value, name: &str| value.get(name).and_then(Value::as_array).cloned().unwrap_or_default();
    let number = |value: &Value, name: &str| value.get(name).and_then(Value::as_i64);
    let mut question = Question::default();
    for (record, id) in list(&instance, "proposals").iter().zip(0..) {
        let pot = number(record, "programme").unwrap_or(0) as u32;
        question.candidates.push(Candidate {
            id: format!("{id}"),
            money: vec![number(record, "cost").ok_or("no cost")?],
            score: number(record, "score").ok_or("no score")?,
            payers: vec![Payer { pot, least: WHOLE, most: WHOLE }],
            ..Candidate::default()
        });
    }
    for row in list(&instance, "rows") {
        let name = row.get("name").and_then(Value::as_str).unwrap_or_default().to_owned();
        let (least, most) = (number(&row, "lo"), number(&row, "hi"));
        if name.starts_with("programme") {
            question.pots.push(Pot { name, money: vec![most.ok_or("no budget")?], carries: false });
            continue;
        }
        let coefs = row.get("coef").and_then(Value::as_object).ok_or("no coefficients")?;
        let members: Vec<u32> = coefs.keys().filter_map(|key| key.parse().ok()).collect();
        let counts = name.starts_with("field") || name.starts_with("institution");
        let measure = if counts { Measure::Count } else { Measure::Money };
        question.quotas.push(Quota { name, members, measure, least, most });
    }
    for group in list(&instance, "exclusive") {
        let members =
            group.as_array().into_iter().flatten().filter_map(Value::as_u64).map(|member| member as u32);
        question.exclusive.push(members.collect());
    }
    Ok(question)
}
