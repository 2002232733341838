//! How fast simulations of a composite index are beside numpy's blocked products: 300 units by 80 indicators,
//! free weights, two scales and two means. The answer is checked first: numpy works out the ranks of two
//! thousand of our simulations from their weights, and all bands must be the same. Then both run turn about, one
//! thread, in processor time, because others use the machine.
//!
//! `cargo run --release -p engines --example indices_bench -- FOLDER PYTHON [TURNS]`

use std::{fmt::Write as _, path::Path, process::Command};

use engines::indices::{
    Fill, Group, Indicator, Mean, Method, Question, Scale, Treat, Weights,
    simulate::{Doubt, Prepared, Sway, simulate},
};
use serde_json::Value;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const DRAWS: u32 = 10_000;
const CHECKED: u32 = 2_000;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let (folder, python) = arguments.next().zip(arguments.next()).ok_or("FOLDER PYTHON [TURNS]")?;
    let turns = arguments.next().map_or(Ok(5), |turns| turns.parse())?;
    let peer = |what: &[&str]| peer(&python, &folder, what);
    peer(&["make"])?;
    let question = question(&std::fs::read_to_string(Path::new(&folder).join("values.csv"))?)?;
    let text = weights(&question)?;
    std::fs::write(Path::new(&folder).join("weights.csv"), text)?;
    check(&question, &peer(&["check"])?)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    let mut said = Value::Null;
    for _ in 0..turns {
        ours.push(timed(&question)?);
        said = serde_json::from_str(&peer(&["time", &DRAWS.to_string()])?)?;
        theirs.push(said.get("s").and_then(Value::as_f64).ok_or("the peer failed")?);
    }
    let mut ratios: Vec<f64> = theirs.iter().zip(&ours).map(|(theirs, ours)| theirs / ours).collect();
    [&mut ours, &mut theirs, &mut ratios].into_iter().for_each(|list| list.sort_by(f64::total_cmp));
    let at = |list: &[f64], place: usize| list.get(place).copied().unwrap_or(0.0);
    let middle = |list: &[f64]| at(list, list.len() / 2);
    println!("the same bands for {CHECKED} simulations; {said}");
    println!("| | s, median | simulations/s |\n|---|---|---|");
    for (name, list) in [("ours", &ours), ("numpy, blocks of 500", &theirs)] {
        println!("| {name} | {:.4} | {:.0} |", middle(list), f64::from(DRAWS) / middle(list));
    }
    let (low, high) = (at(&ratios, 0), at(&ratios, ratios.len() - 1));
    println!("ratio {low:.2} – {:.2} – {high:.2} (least, median, largest of {turns} turns)", middle(&ratios));
    Ok(())
}

fn doubt(draws: u32) -> Doubt {
    Doubt {
        draws,
        seed: 5,
        weights: Sway::Free,
        fills: vec![],
        treats: vec![],
        scales: vec![Scale::MinMax { low: 1.0, high: 100.0 }, Scale::ZScore { mean: 100.0, deviation: 10.0 }],
        means: vec![Mean::Arithmetic, Mean::Geometric],
        noise: 0.0,
    }
}

fn question(text: &str) -> Outcome<Question> {
    let rows: Vec<Vec<f64>> = text
        .lines()
        .map(|line| line.split(',').map(str::parse).collect::<Result<_, _>>())
        .collect::<Result<_, _>>()?;
    let indicators = rows.first().map_or(0, Vec::len);
    let column = |k: usize| rows.iter().filter_map(|row| row.get(k).copied()).collect();
    Ok(Question {
        edition: String::new(),
        units: rows.len(),
        values: (0..indicators).map(column).collect(),
        denominators: vec![],
        peers: vec![],
        indicators: vec![Indicator { weight: 1.0, ..Indicator::default() }; indicators],
        groups: vec![Group { weight: 1.0, ..Group::default() }],
        method: Method {
            edition: String::new(),
            fill: Fill::Nothing,
            treat: Treat::Nothing,
            scale: Scale::MinMax { low: 1.0, high: 100.0 },
            weights: Weights::Equal,
            mean: Mean::Arithmetic,
            least: 0.0,
        },
    })
}

/// Choices and weights of the first simulations, for the peer to use.
fn weights(question: &Question) -> Outcome<String> {
    let doubt = doubt(CHECKED);
    let prepared = Prepared::new(question, &doubt)?;
    let mut text = String::new();
    for simulation in 0..CHECKED {
        let (choice, weights) = prepared.drawn(simulation);
        write!(text, "{}", choice.scale * 2 + choice.mean)?;
        weights.iter().try_for_each(|weight| write!(text, ",{weight:e}"))?;
        text.push('\n');
    }
    Ok(text)
}

/// All bands are those that the peer has worked out from our weights.
fn check(question: &Question, said: &str) -> Outcome<()> {
    let theirs: Vec<Vec<f64>> = serde_json::from_str(said)?;
    let bands = simulate(question, &doubt(CHECKED), &mut |_| true)?.bands;
    for (unit, band) in bands.iter().enumerate() {
        let band = band.ok_or("a unit without a band")?;
        for (ours, theirs) in [band.low, band.median, band.high].iter().zip(&theirs) {
            let theirs = theirs.get(unit).copied().unwrap_or(f64::NAN);
            if (*ours as f64 / 100.0 - theirs).abs() > 1e-6 {
                return Err(format!("unit {unit}: {ours} hundredths, the peer has {theirs}").into());
            }
        }
    }
    Ok(())
}

/// Seconds this thread has been on a processor, where the system tells.
fn busy() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

fn timed(question: &Question) -> Outcome<f64> {
    let mut times = Vec::new();
    for _ in 0..3 {
        let begin = busy();
        let bands = simulate(question, &doubt(DRAWS), &mut |_| true)?;
        times.push(busy() - begin);
        if bands.draws != DRAWS {
            return Err("not all were drawn".into());
        }
    }
    times.sort_by(f64::total_cmp);
    Ok(times.get(1).copied().unwrap_or(0.0))
}

fn peer(python: &str, folder: &str, what: &[&str]) -> Outcome<String> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/indices_peer.py");
    let mut command = Command::new(python);
    command.arg(script).args(what.iter().take(1)).arg(folder).args(what.iter().skip(1));
    // One thread, and the kernel that suits the machine.
    command.env("OMP_NUM_THREADS", "1").env("OPENBLAS_NUM_THREADS", "1");
    let output = command.env_remove("OPENBLAS_CORETYPE").env_remove("OPENBLAS_L2_SIZE").output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(String::from_utf8(output.stdout)?)
}
