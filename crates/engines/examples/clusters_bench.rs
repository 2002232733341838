//! How fast clusters are found beside scikit-learn and the `dbscan` package, on points that `bench/gen/points.py`
//! writes. The answer is checked first: where a peer's labels are not ours it says for how many points. Then
//! all run turn about, one thread, in processor time, because others use the machine. Ours is timed from
//! degrees to labels, the `dbscan` package from unit vectors.
//!
//! `cargo run --release -p engines --example clusters_bench -- POINTS.csv COUNT KM LEAST [PYTHON ENGINES [TURNS]]`,
//! ENGINES being `grid`, `sklearn` or `grid,sklearn`.

use std::{collections::BTreeMap, path::Path, process::Command};

use engines::clusters::{Answer, Place, Question, check, check_links, cluster};
use serde_json::Value;

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

/// Up to so many points, everything is checked, not only the links.
const WHOLLY_CHECKED: usize = 300_000;

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let at = |place: usize| arguments.get(place).map(String::as_str);
    let (file, count) = at(0).zip(at(1)).ok_or("POINTS.csv COUNT KM LEAST [PYTHON ENGINES [TURNS]]")?;
    let (km, least) = at(2).zip(at(3)).ok_or("KM LEAST")?;
    let turns: usize = at(6).map_or(Ok(3), str::parse)?;
    let text = std::fs::read_to_string(file)?;
    let mut places = Vec::new();
    for line in text.lines().skip(1).take(count.parse()?) {
        let (latitude, longitude) = line.split_once(',').ok_or("two columns")?;
        places.push(Place { latitude: latitude.parse()?, longitude: longitude.parse()? });
    }
    let question = Question { places: &places, weights: &[], km: km.parse()?, least: least.parse()? };
    let (answer, _) = timed(&question)?;
    let cores = answer.is_core.iter().filter(|core| **core).count();
    let noise = answer.labels.iter().filter(|label| label.is_none()).count();
    println!("{} points: {} clusters, {cores} core points, {noise} noise", places.len(), answer.clusters);
    let begin = busy();
    check_links(&question, &answer)?;
    let links = busy() - begin;
    println!("checked: links in {links:.3} s");
    // Every pair of neighbouring squares: minutes where a million points lie close together.
    if places.len() <= WHOLLY_CHECKED {
        check(&question, &answer)?;
        println!("checked wholly in {:.3} s", busy() - begin - links);
    }
    let peers: Vec<&str> = at(5).unwrap_or("").split(',').filter(|peer| !peer.is_empty()).collect();
    let mut seconds: BTreeMap<&str, Vec<f64>> = BTreeMap::new();
    for turn in 0..turns {
        seconds.entry("ours").or_default().push(timed(&question)?.1);
        for peer in &peers {
            let labels = std::env::temp_dir().join("clusters-peer-labels.txt");
            let said = theirs(at(4).ok_or("PYTHON")?, &[file, peer, count, km, least], &labels)?;
            if turn == 0 {
                println!("{peer}: {said}; {}", compared(&answer, &std::fs::read_to_string(&labels)?)?);
            }
            seconds.entry(peer).or_default().push(said.get("s").and_then(Value::as_f64).ok_or("no time")?);
        }
    }
    println!("| | s, median | times ours: least – median – largest |\n|---|---|---|");
    let ours = seconds.get("ours").cloned().unwrap_or_default();
    for (name, list) in &seconds {
        let mut ratios: Vec<f64> = list.iter().zip(&ours).map(|(theirs, ours)| theirs / ours).collect();
        ratios.sort_by(f64::total_cmp);
        let mut list = list.clone();
        list.sort_by(f64::total_cmp);
        let at = |list: &[f64], place: usize| list.get(place).copied().unwrap_or(0.0);
        let last = ratios.len().saturating_sub(1);
        let (low, middle, high) = (at(&ratios, 0), at(&ratios, last / 2), at(&ratios, last));
        println!("| {name} | {:.4} | {low:.2} – {middle:.2} – {high:.2} |", at(&list, list.len() / 2));
    }
    Ok(())
}

/// For how many points a peer's label or core flag is another.
fn compared(answer: &Answer, text: &str) -> Outcome<String> {
    let (mut labels, mut cores) = (0, 0);
    for ((line, label), is_core) in text.lines().zip(&answer.labels).zip(&answer.is_core) {
        let (theirs, core) = line.split_once(' ').ok_or("two columns")?;
        labels += usize::from(theirs.parse::<i64>()? != label.map_or(-1, i64::from));
        cores += usize::from((core == "1") != *is_core);
    }
    Ok(format!("{labels} labels and {cores} core flags are others than ours"))
}

/// Seconds this thread has been on a processor, where the system tells.
fn busy() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

fn timed(question: &Question) -> Outcome<(Answer, f64)> {
    let begin = busy();
    let answer = cluster(question)?;
    Ok((answer, busy() - begin))
}

fn theirs(python: &str, arguments: &[&str], labels: &Path) -> Outcome<Value> {
    let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("examples/clusters_peer.py");
    let output = Command::new(python)
        .arg(script)
        .args(arguments)
        .arg(labels)
        .env("OMP_NUM_THREADS", "1")
        .env_remove("OPENBLAS_CORETYPE")
        .env_remove("OPENBLAS_L2_SIZE")
        .output()?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    Ok(serde_json::from_slice(&output.stdout)?)
}
