//! Tidy: what the style guide asks of the text, where a machine can look.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::{Source, all, code, root};

const LINES: usize = 400;
const LINES_MAX: usize = 600;
const DESK_LINES_MAX: usize = 300;
/// Packages in `Cargo.lock`; a change that needs more says why in its commit.
const LOCKED_MAX: usize = 310;

/// Files of more than 400 lines, and why each is still one.
const LONG: &[(&str, &str)] = &[];

/// Who may import whom.
const ARROWS: &[(&str, &[&str])] = &[
    ("grammar", &[]),
    ("chain", &[]),
    ("engines", &[]),
    ("desks", &["grammar", "chain", "engines"]),
    ("registry", &["grammar", "chain", "engines"]),
    ("window", &["grammar", "chain", "engines", "desks", "registry"]),
    ("kechuang", &["grammar", "chain", "engines", "desks", "registry", "window"]),
];

/// Crates that know no input or output, no clock, no chance, and are not async.
const PURE: [&str; 4] = ["grammar", "chain", "engines", "desks"];
const IMPURE: [&str; 14] = [
    "std::fs",
    "std::net",
    "std::env",
    "std::process",
    "std::io",
    "std::thread",
    "SystemTime",
    "Instant",
    "getrandom",
    "tokio",
    "tracing",
    "async fn",
    "println!",
    "eprintln!",
];

/// Words that say nothing about what they name.
const EMPTY_WORDS: [&str; 6] = ["util", "utils", "helper", "helpers", "manager", "managers"];
/// Names that others chose.
const FOREIGN: [&str; 2] = ["futures_util", "http_body_util"];

fn nothing(faults: &[String]) {
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn a_file_tells_one_thing() {
    let mut faults = Vec::new();
    let mut long = BTreeSet::new();
    for source in all().iter().filter(|source| source.is_production()) {
        let lines = source.before_tests().lines().count();
        let is_desk = source.path.starts_with("crates/desks/src/") && source.path.ends_with("/mod.rs");
        if is_desk && lines > DESK_LINES_MAX {
            faults.push(format!("{}: {lines} lines, a desk has {DESK_LINES_MAX}", source.path));
        }
        if lines > LINES_MAX {
            faults.push(format!("{}: {lines} lines, never more than {LINES_MAX}", source.path));
        } else if lines > LINES {
            long.insert(source.path.clone());
        }
    }
    let known: BTreeSet<String> = LONG.iter().map(|(path, _)| (*path).to_owned()).collect();
    faults.extend(long.difference(&known).map(|path| format!("{path}: more than {LINES} lines")));
    faults.extend(
        known.difference(&long).map(|path| format!("{path}: no longer too long; strike it from LONG")),
    );
    nothing(&faults);
}

#[test]
fn nobody_imports_upwards() {
    let crates: BTreeSet<&str> = ARROWS.iter().map(|(name, _)| *name).collect();
    let folders = std::fs::read_dir(root().join("crates")).unwrap();
    let there: BTreeSet<String> =
        folders.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
    assert_eq!(there, crates.iter().map(|name| (*name).to_owned()).collect(), "a crate without arrows");
    let mut faults = Vec::new();
    for (name, may) in ARROWS {
        let text = std::fs::read_to_string(root().join(format!("crates/{name}/Cargo.toml"))).unwrap();
        let manifest: toml::Table = toml::from_str(&text).unwrap();
        for (section, may) in [("dependencies", *may), ("build-dependencies", &[])] {
            let Some(uses) = manifest.get(section).and_then(toml::Value::as_table) else { continue };
            let uses = uses.keys().map(String::as_str);
            let wrong = uses.filter(|used| crates.contains(used) && !may.contains(used));
            faults.extend(wrong.map(|used| format!("{name} must not use {used}")));
        }
    }
    nothing(&faults);
}

#[test]
fn rules_and_engines_touch_nothing_outside() {
    let mut faults = Vec::new();
    for source in all().iter().filter(|source| source.is_production()) {
        let of_pure = PURE.iter().any(|name| source.path.starts_with(&format!("crates/{name}/src/")));
        if of_pure {
            let code = code(source.before_tests());
            let found = IMPURE.iter().filter(|name| code.contains(**name));
            faults.extend(found.map(|name| format!("{}: {name}", source.path)));
        }
    }
    nothing(&faults);
}

#[test]
fn nothing_names_this_machine_or_a_package_registry() {
    // Put together here, so that this file does not name them either.
    let hosts =
        [("crates", "io"), ("npmjs", "org"), ("npmjs", "com"), ("pypi", "org"), ("pythonhosted", "org")];
    let more =
        [("rubygems", "org"), ("proxy.golang", "org"), ("deb.debian", "org"), ("static.rust-lang", "org")];
    let hosts = hosts.iter().chain(&more).map(|(name, end)| format!("{name}.{end}"));
    let paths = ["work", "home", "root", "Users", "mnt", "tmp"].map(|folder| format!("/{folder}/"));
    let names: Vec<String> = hosts.chain(paths).collect();
    let mut faults = Vec::new();
    for source in all().iter().filter(|source| source.path != "Cargo.lock") {
        for (line, number) in source.text.lines().zip(1..) {
            let found = names.iter().filter(|name| names_it(line, name));
            faults.extend(found.map(|name| format!("{}:{number}: {name}", source.path)));
        }
    }
    nothing(&faults);
}

/// A path counts where it begins; a folder further down, or in an address, does not.
fn names_it(line: &str, name: &str) -> bool {
    line.match_indices(name).any(|(at, _)| {
        let before = line[..at].chars().next_back().unwrap_or(' ');
        !name.starts_with('/') || !(before.is_alphanumeric() || "._-}/".contains(before))
    })
}

#[test]
fn names_say_what_they_name() {
    let mut faults = Vec::new();
    for source in all().iter().filter(|source| source.path.ends_with(".rs")) {
        for (line, number) in code(&source.text).lines().zip(1..) {
            let names = line.split(|c: char| !c.is_alphanumeric() && c != '_');
            let empty = names.filter(|name| !FOREIGN.contains(name) && is_empty_name(name));
            faults.extend(empty.map(|name| format!("{}:{number}: {name}", source.path)));
        }
    }
    nothing(&faults);
    assert!(["HouseManager", "str_util", "util", "Helper2"].iter().all(|name| is_empty_name(name)));
    assert!(!["utility", "management", "Futile"].iter().any(|name| is_empty_name(name)));
}

fn is_empty_name(name: &str) -> bool {
    let mut words = vec![String::new()];
    for letter in name.chars() {
        if letter == '_' || letter.is_uppercase() || letter.is_numeric() {
            words.push(String::new());
        }
        words.last_mut().unwrap().extend(letter.to_lowercase().filter(|c| c.is_alphabetic()));
    }
    words.iter().any(|word| EMPTY_WORDS.contains(&word.as_str()))
}

#[test]
fn no_test_is_switched_off() {
    let mark = ["#[", "ignore"].concat();
    let of_rust = all().into_iter().filter(|source| source.path.ends_with(".rs"));
    let off = of_rust.filter(|source: &Source| code(&source.text).contains(&mark));
    nothing(&off.map(|source| source.path).collect::<Vec<_>>());
}

#[test]
fn the_lock_file_stays_small() {
    let text = std::fs::read_to_string(root().join("Cargo.lock")).unwrap();
    let lock: toml::Table = toml::from_str(&text).unwrap();
    let packages = lock["package"].as_array().unwrap();
    println!("{} packages are locked, at most {LOCKED_MAX}", packages.len());
    assert!(packages.len() <= LOCKED_MAX, "{} packages", packages.len());
    let mut versions = BTreeMap::<&str, usize>::new();
    for package in packages {
        *versions.entry(package["name"].as_str().unwrap()).or_default() += 1;
    }
    let often: Vec<_> = versions.iter().filter(|(_, count)| **count > 3).collect();
    assert!(often.is_empty(), "more than three versions of one package: {often:?}");
}
