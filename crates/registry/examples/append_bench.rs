//! How many asks a house takes down in a second: on SQLite, and on the PostgreSQL server that
//! `KECHUANG_TEST_POSTGRES` names, each fresh.
//!
//! `cargo run --release -p registry --features postgres --example append_bench`

use registry::{Ask, Asker, Shared, Url};
use serde_json::json;

mod stand;
use stand::{Outcome, house, in_database, now};

const ASKS: usize = 2_000;
const THREADS: [usize; 3] = [1, 8, 32];

fn firm(key: String) -> Ask {
    let name = json!({ "zh": format!("示例企业 {key}"), "en": key.as_str() });
    let command = json!({ "verb": "register", "name": name, "kind": "enterprise", "region": "310115" });
    Ask::new(key, Asker::Founder, "organisation", None, command)
}

/// Each thread asks, waits for its receipt, and asks again.
fn measure(what: &str, store: Option<Shared>) -> Outcome<()> {
    let folder = tempfile::TempDir::new()?;
    let house = house(folder.path(), store)?;
    for threads in THREADS {
        let start = now();
        std::thread::scope(|scope| {
            for thread in 0..threads {
                let house = &house;
                scope.spawn(move || {
                    for number in 0..ASKS / threads {
                        if let Err(denied) = house.run(firm(format!("{threads}-{thread}-{number}"))) {
                            eprintln!("{denied:?}");
                        }
                    }
                });
            }
        });
        let rate = ASKS as f64 / start.elapsed().as_secs_f64();
        println!("{what}, {threads} at a time: {rate:.0} asks a second");
    }
    house.close();
    Ok(())
}

fn main() -> Outcome<()> {
    measure("SQLite", None)?;
    in_database(|url| measure("PostgreSQL", Some(Shared { url: Url(url.into()), address: String::new() })))?;
    Ok(())
}
