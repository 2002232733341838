//! How fast the index is: builds it from the corpus that `bench/gen/corpus.py` writes, checks that the
//! document each query was drawn from is found, then measures. One JSON line for searching, one for
//! standing needs if `standing.tsv` is there.
//!
//! `cargo run --release -p engines --example search_bench -- DIR [DOCS]`

use std::time::Instant;

use engines::matching::{Index, Need, Offer, Standing, Watch, find};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const PASSES: usize = 5;

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: search_bench DIR [DOCS]")?;
    let limit = arguments.next().map_or(Ok(usize::MAX), |n| n.parse())?;
    let offers = offers(&std::fs::read_to_string(format!("{folder}/docs.jsonl"))?, limit)?;
    search(&folder, &offers)?;
    if let Ok(standing) = std::fs::read_to_string(format!("{folder}/standing.tsv")) {
        wait(&standing, &std::fs::read_to_string(format!("{folder}/fresh.tok.tsv"))?);
    }
    Ok(())
}

fn offers(text: &str, limit: usize) -> Outcome<Vec<Offer>> {
    let mut offers = Vec::new();
    for line in text.lines().take(limit) {
        let record: serde_json::Value = serde_json::from_str(line)?;
        let word = |name: &str| record.get(name).and_then(|v| v.as_str()).unwrap_or_default().to_owned();
        let number = |name: &str| record.get(name).and_then(serde_json::Value::as_u64).unwrap_or_default();
        let (id, field) = (number("id").to_string(), format!("{:04}", number("field")));
        offers.push(Offer { id, field, title: word("title"), text: word("text"), ..Offer::default() });
    }
    Ok(offers)
}

#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn now() -> Instant {
    Instant::now()
}

/// Seconds this thread has been on a processor, where the system tells: steadier than the clock when
/// others use the machine.
fn busy() -> f64 {
    let stat = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    stat.split(' ').next().and_then(|ns| ns.parse::<f64>().ok()).unwrap_or_default() / 1e9
}

fn search(folder: &str, offers: &[Offer]) -> Outcome<()> {
    let (start, cpu) = (now(), busy());
    let mut index = Index::new();
    index.put_all(offers);
    let (build, build_cpu) = (start.elapsed().as_secs_f64(), busy() - cpu);
    find(&index, &need("光刻"), 1, |_| true);
    let start = now();
    index.put(&Offer { id: "new".to_owned(), text: "zqxjkv".to_owned(), ..Offer::default() });
    let seen = find(&index, &need("zqxjkv"), 1, |_| true).hits.len();
    let fresh = start.elapsed().as_secs_f64() * 1e3;
    index.remove("new");
    let mut queries = Vec::new();
    for line in std::fs::read_to_string(format!("{folder}/queries.jsonl"))?.lines() {
        let record: serde_json::Value = serde_json::from_str(line)?;
        let text = record.get("text").and_then(|v| v.as_str()).unwrap_or_default();
        let source = record.get("source").and_then(serde_json::Value::as_u64).unwrap_or_default();
        if (source as usize) < offers.len() {
            queries.push((need(text), source.to_string()));
        }
    }
    let found = queries
        .iter()
        .filter(|(need, source)| find(&index, need, 10, |_| true).hits.iter().any(|hit| hit.id == *source));
    let in_ten = found.count() as f64 / queries.len() as f64;
    let (mut rates, mut busy_rates, mut times) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..PASSES {
        let (pass, cpu) = (now(), busy());
        for (need, _) in &queries {
            let start = now();
            std::hint::black_box(find(&index, need, 10, |_| true));
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        rates.push(queries.len() as f64 / pass.elapsed().as_secs_f64());
        busy_rates.push(queries.len() as f64 / (busy() - cpu));
    }
    println!(
        "{{\"engine\": \"kechuang\", \"docs\": {}, \"index_s\": {build:.2}, \"index_cpu_s\": {build_cpu:.2}, \"queries_per_s\": {:.0}, \"queries_per_cpu_s\": {:.0}, \"p50_ms\": {:.3}, \"p99_ms\": {:.3}, \"source_in_ten\": {in_ten:.3}, \"put_and_found_ms\": {fresh:.3}, \"found\": {seen}}}",
        offers.len(),
        middle(&mut rates, 0.5),
        middle(&mut busy_rates, 0.5),
        middle(&mut times, 0.5),
        middle(&mut times, 0.99),
    );
    Ok(())
}

fn need(text: &str) -> Need {
    Need { title: text.to_owned(), ..Need::default() }
}

fn middle(values: &mut [f64], part: f64) -> f64 {
    values.sort_by(f64::total_cmp);
    values.get((values.len() as f64 * part) as usize).copied().unwrap_or_default()
}

fn wait(standing: &str, fresh: &str) {
    let start = now();
    let mut waiting = Standing::new();
    for line in standing.lines() {
        let mut cells = line.split('\t');
        let id = cells.next().unwrap_or_default();
        let [all, any, none] = std::array::from_fn(|_| {
            cells.next().unwrap_or_default().split_whitespace().map(str::to_owned).collect::<Vec<_>>()
        });
        waiting.add(id, &Watch { all, any, none });
    }
    let build = start.elapsed().as_secs_f64();
    let offers: Vec<Offer> = fresh
        .lines()
        .filter_map(|line| line.split_once('\t'))
        .map(|(id, text)| Offer { id: id.to_owned(), text: text.to_owned(), ..Offer::default() })
        .collect();
    let (mut met, mut rates, mut times) = (0, Vec::new(), Vec::new());
    for _ in 0..PASSES {
        met = 0;
        let pass = now();
        for offer in &offers {
            let start = now();
            met += waiting.match_ids(offer).len();
            times.push(start.elapsed().as_secs_f64() * 1e3);
        }
        rates.push(offers.len() as f64 / pass.elapsed().as_secs_f64());
    }
    println!(
        "{{\"engine\": \"kechuang standing\", \"standing\": {}, \"build_s\": {build:.2}, \"offers_per_s\": {:.0}, \"p50_ms\": {:.3}, \"p99_ms\": {:.3}, \"met\": {met}}}",
        waiting.len(),
        middle(&mut rates, 0.5),
        middle(&mut times, 0.5),
        middle(&mut times, 0.99),
    );
}
