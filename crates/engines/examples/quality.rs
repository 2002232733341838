//! Prints how good the matching is on three open sets, one line each. The sets are read in place from
//! `../shared/data` (or `$KECHUANG_SHARED/data`) and never copied.
//!
//! `cargo run --release -p engines --example quality`

use std::path::PathBuf;

#[path = "../tests/sets/mod.rs"]
mod sets;

fn main() {
    let Some(data) = sets::data() else {
        println!("no data: set KECHUANG_SHARED to the folder that holds data/");
        return;
    };
    let run = |name: &str, measure: fn(&PathBuf) -> sets::Result<String>| match measure(&data) {
        Ok(line) => println!("{name}: {line}"),
        Err(error) => println!("{name}: not measured: {error}"),
    };
    run("zh-needs-achievements", |d| sets::needs_achievements(d).map(|s| s.to_string()));
    run("en-sbir-needs-solutions", |d| sets::sbir(d).map(|s| s.to_string()));
    run("zh-sci-abstracts", |d| sets::abstracts(d).map(|s| s.to_string()));
}
