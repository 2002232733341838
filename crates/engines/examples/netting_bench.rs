//! How fast netting is: a million obligations of a thousand regions, made from a seed, netted and checked.
//! Given a Python that has OR-Tools and numpy, the same obligations go through its min-cost flow, turn about,
//! and both must move the same money.
//!
//! `cargo run --release -p engines --example netting_bench -- FOLDER [PYTHON]`

use std::{fmt::Write as _, process::Command, time::Instant};

use engines::netting::{Obligation, Question, check, net};

type Outcome<T> = Result<T, Box<dyn std::error::Error>>;

const PARTIES: u32 = 1_000;
const LINES: usize = 1_000_000;
const TURNS: usize = 3;

#[expect(clippy::disallowed_methods, reason = "a bench reads the clock")]
fn now() -> Instant {
    Instant::now()
}

/// A linear congruential generator (Knuth): the same obligations on every machine.
fn obligations() -> Vec<Obligation> {
    let mut state = 2_026_u64;
    let mut below = |end: u64| {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) % end
    };
    let parties = u64::from(PARTIES);
    (0..LINES)
        .filter_map(|_| {
            let debtor = below(parties);
            let creditor = (debtor + 1 + below(parties - 1)) % parties;
            let fen = 1 + i64::try_from(below(50_000_000)).ok()?;
            let (debtor, creditor) = (u32::try_from(debtor).ok()?, u32::try_from(creditor).ok()?);
            Some(Obligation { debtor, creditor, fen, is_disputed: false })
        })
        .collect()
}

fn main() -> Outcome<()> {
    let mut arguments = std::env::args().skip(1);
    let folder = arguments.next().ok_or("usage: netting_bench FOLDER [PYTHON]")?;
    let python = arguments.next();
    let obligations = obligations();
    let question = Question { parties: PARTIES, obligations: &obligations };
    let path = format!("{folder}/obligations.csv");
    let mut text = String::from("debtor,creditor,fen\n");
    for each in &obligations {
        writeln!(text, "{},{},{}", each.debtor, each.creditor, each.fen)?;
    }
    std::fs::write(&path, text)?;
    for _ in 0..TURNS {
        let start = now();
        let proposal = net(&question)?;
        let took = start.elapsed().as_secs_f64();
        let verdict = check(&question, &proposal)?;
        let checked = start.elapsed().as_secs_f64() - took;
        println!(
            "{{\"engine\":\"kechuang\",\"seconds\":{took:.4},\"check\":{checked:.4},\"payments\":{},\"moved\":{}}}",
            verdict.payments, verdict.moved
        );
        if let Some(python) = &python {
            let script = concat!(env!("CARGO_MANIFEST_DIR"), "/examples/netting_peer.py");
            let peer = Command::new(python).args([script, &path]).output()?;
            let line = String::from_utf8(peer.stdout)?;
            print!("{line}");
            let told: serde_json::Value = serde_json::from_str(&line)?;
            let moved = told.get("moved").and_then(serde_json::Value::as_i64);
            if moved != Some(verdict.moved) {
                return Err(format!("the peer moves {moved:?} fen, we move {}", verdict.moved).into());
            }
            let theirs = told.get("seconds").and_then(serde_json::Value::as_f64).unwrap_or(f64::NAN);
            println!("{{\"ratio\":{:.1}}}", theirs / took);
        }
    }
    Ok(())
}
