//! Plain SQL: the statements that go to a shared store use nothing that one of the engines that speak PostgreSQL's
//! wire refuses. CockroachDB and YugabyteDB are not run here; this reads what we would say to them.

use crate::sources;

/// What one of them refuses or does otherwise, each with the reason, in small letters.
const REFUSED: [(&str, &str); 29] = [
    ("pg_advisory", "CockroachDB's advisory locks lock nothing"),
    ("pg_try_advisory", "CockroachDB's advisory locks lock nothing"),
    ("create extension", "neither takes extensions of one's own"),
    ("listen ", "no notices"),
    ("notify ", "no notices"),
    ("lock table", "CockroachDB has no table locks"),
    ("ctid", "rows have no such place"),
    ("xmin", "rows have no such transaction"),
    ("rowid", "SQLite's own, or CockroachDB's own"),
    ("create trigger", "young or missing"),
    ("create function", "young or missing"),
    ("create procedure", "young or missing"),
    ("create rule", "missing"),
    ("do $$", "young or missing"),
    ("create temp", "off by default in CockroachDB"),
    ("create unlogged", "missing"),
    ("serial", "numbers are not in order in CockroachDB"),
    ("nextval", "numbers are not in order in CockroachDB"),
    ("generated always", "numbers are not in order in CockroachDB"),
    ("deferrable", "constraints are never put off in CockroachDB"),
    ("with hold", "cursors do not outlive their transaction"),
    ("prepare transaction", "no two phases"),
    ("tablesample", "missing"),
    ("exclude using", "missing"),
    ("using gist", "missing"),
    ("using gin", "differs"),
    ("collate", "names of collations differ"),
    ("inherits", "missing"),
    ("alter table", "a change of a table is not atomic with others in CockroachDB"),
];
/// Where an engine is spoken to by itself, and not by statements for all.
const OWN: &str = "crates/registry/src/store/sqlite.rs";
/// First words of statements.
const BEGINS: [&str; 9] =
    ["SELECT ", "INSERT ", "UPDATE ", "DELETE ", "CREATE ", "SET ", "WITH ", "ALTER ", "SAVEPOINT "];

/// The statements in a file of Rust, in one line and in small letters.
fn statements(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    for literal in text.split('"').skip(1).step_by(2) {
        if BEGINS.iter().any(|begin| literal.starts_with(begin)) {
            let flat: Vec<&str> = literal.split_whitespace().filter(|word| *word != "\\").collect();
            found.push(flat.join(" ").to_lowercase());
        }
    }
    found
}

fn refused(statement: &str) -> Option<(&'static str, &'static str)> {
    // `WITHOUT ROWID` is SQLite's, and left out for the others.
    let plain = statement.replace("without rowid", "");
    REFUSED.iter().find(|(word, _)| plain.contains(word)).copied()
}

#[test]
fn statements_for_a_shared_store_use_nothing_that_its_engines_refuse() {
    let (mut looked, mut faults) = (0, Vec::new());
    for source in sources::all() {
        let is_schema = source.path.starts_with("crates/registry/src/store/schema/");
        let is_spoken = source.path.starts_with("crates/registry/src/") && source.is_production();
        if !(is_schema || is_spoken) || source.path == OWN {
            continue;
        }
        let all = if is_schema {
            let lines = source.text.lines().filter(|line| !line.trim_start().starts_with("--"));
            let text = lines.collect::<Vec<_>>().join(" ").to_lowercase();
            text.split(';').map(|each| each.trim().to_owned()).filter(|each| !each.is_empty()).collect()
        } else {
            statements(source.before_tests())
        };
        looked += all.len();
        for statement in all {
            if let Some((word, why)) = refused(&statement) {
                faults.push(format!("{}: `{word}` ({why}): {statement}", source.path));
            }
        }
    }
    assert!(looked > 80, "only {looked} statements were found");
    assert_eq!(faults, Vec::<String>::new());
    println!("{looked} statements");
}

#[test]
fn a_statement_that_an_engine_refuses_is_found() {
    let text =
        "link.run(\"SELECT pg_advisory_lock($1)\", x); link.run(\n\"CREATE TABLE a (\n  n SERIAL)\", y)";
    let found = statements(text);
    assert_eq!(found, ["select pg_advisory_lock($1)", "create table a ( n serial)"]);
    assert!(found.iter().all(|statement| refused(statement).is_some()));
    assert!(refused("create table a (n bigint primary key) without rowid").is_none());
}
