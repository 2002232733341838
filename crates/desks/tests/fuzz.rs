//! Any desk, any commands, any order. `FUZZ_STEPS=200000 cargo test -p desks --test fuzz` goes further.

use desks::DESKS;
use grammar::fuzz::any_desk;

#[test]
fn whatever_is_asked_what_must_hold_holds() {
    let steps = std::env::var("FUZZ_STEPS").ok().and_then(|n| n.parse().ok()).unwrap_or(6_000);
    let mut accepted = std::collections::BTreeMap::<String, u32>::new();
    for seed in 1..=4 {
        let seen = any_desk(&DESKS, seed, steps, "2026-03-02".parse().ok().unwrap());
        for (verb, times) in seen.accepted {
            *accepted.entry(verb).or_default() += times;
        }
    }
    println!("{accepted:#?}");
    for desk in DESKS.iter() {
        let opening = desk.opens().iter().map(|verb| format!("{}/{verb}", desk.name()));
        for verb in opening {
            assert!(accepted.contains_key(&verb), "{verb} was never accepted");
        }
    }
}
