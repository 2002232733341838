//! Any desk, any commands, any order. `FUZZ_STEPS=200000 cargo test -p desks --test fuzz` goes further.

use desks::DESKS;
use grammar::{
    clerk::Clerk,
    form::Dice,
    fuzz::any_desk,
    kinds::{Id, Moment},
};

/// Whether only other desks may open a record by this verb: then the tests of those desks play it.
fn is_for_desks(desk: &dyn Clerk, verb: &str) -> bool {
    let some = |_: &str, _: &mut Dice| Some(Id::named("none"));
    let today = Moment::from_millis(0).day();
    let sample = desk.verb(verb).and_then(|verb| verb.sample(&mut Dice::new(3), today, &some));
    sample.and_then(|sample| desk.who(&sample)).is_some_and(|who| !who.is_for_people())
}

/// Verbs that need so much before them that chance comes so far only in a longer run; `round/together.rs` and
/// `booking/together.rs` play them, and the demonstration compares. No chance writes a key or a signature: `settlement/stories.rs` has real ones.
const SELDOM: [&str; 15] = [
    "agreement/offer",
    "round/announce",
    "proposal/submit",
    "booking/request",
    "booking/queue",
    "booking/take-turn",
    "sample/declare",
    "test-report/draft",
    "visit/invite",
    "bundle/book",
    "comparison/open",
    "neighbour/name",
    "settlement/enter",
    "exchange/open",
    // No chance writes a sheet that adds up: `old_book/stories.rs` has one.
    "old-book/bring-in",
];

#[test]
fn whatever_is_asked_what_must_hold_holds() {
    let steps = std::env::var("FUZZ_STEPS").ok().and_then(|n| n.parse().ok()).unwrap_or(12_000);
    let mut accepted = std::collections::BTreeMap::<String, u32>::new();
    for seed in 1..=4 {
        let seen = any_desk(&DESKS, seed, steps, "2026-03-02".parse().ok().unwrap());
        for (verb, times) in seen.accepted {
            *accepted.entry(verb).or_default() += times;
        }
    }
    println!("{accepted:#?}");
    for desk in DESKS.iter() {
        for verb in desk.opens().iter().filter(|verb| !is_for_desks(desk, verb)) {
            let verb = format!("{}/{verb}", desk.name());
            let is_seldom = SELDOM.contains(&verb.as_str());
            assert!(is_seldom || accepted.contains_key(&verb), "{verb} was never accepted");
        }
    }
}
