//! Licences: what the house is built of, under which terms, that no package comes in two major versions unnoticed, and
//! that none has a fault that is known and mended.

use std::{
    collections::{BTreeMap, BTreeSet},
    process::Command,
};

use serde_json::Value;

use crate::sources::root;

/// Terms under which a package may be used here: each lets us give the house to anyone, changed or not.
const ALLOWED: [&str; 12] = [
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "BSD-2-Clause",
    "BSD-3-Clause",
    "ISC",
    "Zlib",
    "0BSD",
    "Unicode-3.0",
    "CDLA-Permissive-2.0",
    "Unlicense",
    "BlueOak-1.0.0",
];

/// Packages that come in more than one major version, because packages we use have not met yet.
const TWICE: &[&str] =
    &["base64", "constant_time_eq", "fallible-iterator", "getrandom", "syn", "wasi", "windows-sys", "winnow"];

struct Package {
    name: String,
    version: String,
    licence: String,
    is_outside: bool,
}

/// Every package in `Cargo.lock`, whichever system it is for.
fn packages() -> Vec<Package> {
    // Packages for other systems may not lie on this machine yet.
    let metadata = asked(&["--offline"]).or_else(|_| asked(&[])).unwrap_or_else(|error| panic!("{error}"));
    let text = |package: &Value, name: &str| package[name].as_str().unwrap_or_default().to_owned();
    let packages = metadata["packages"].as_array().unwrap().iter().map(|package| Package {
        name: text(package, "name"),
        version: text(package, "version"),
        licence: text(package, "license"),
        is_outside: !package["source"].is_null(),
    });
    packages.collect()
}

fn asked(more: &[&str]) -> Result<Value, String> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo
        .args(["metadata", "--format-version", "1", "--locked", "--all-features"])
        .args(more)
        .current_dir(root());
    let output = cargo.output().unwrap();
    let error = String::from_utf8_lossy(&output.stderr).into_owned();
    if output.status.success() { Ok(serde_json::from_slice(&output.stdout).unwrap()) } else { Err(error) }
}

/// Whether an SPDX expression can be met with what is allowed. Brackets bind first, then AND, then OR.
fn is_allowed(licence: &str) -> bool {
    let words: Vec<&str> = licence.split(' ').collect();
    let spaced = words.join(" ").replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let tokens: Vec<&str> = spaced.split_whitespace().collect();
    let mut at = 0;
    let met = either(&tokens, &mut at);
    met && at == tokens.len()
}

fn either(tokens: &[&str], at: &mut usize) -> bool {
    let mut met = both(tokens, at);
    while tokens.get(*at) == Some(&"OR") {
        *at += 1;
        met |= both(tokens, at);
    }
    met
}

fn both(tokens: &[&str], at: &mut usize) -> bool {
    let mut met = one(tokens, at);
    while tokens.get(*at) == Some(&"AND") {
        *at += 1;
        met &= one(tokens, at);
    }
    met
}

fn one(tokens: &[&str], at: &mut usize) -> bool {
    let Some(token) = tokens.get(*at) else { return false };
    *at += 1;
    if *token == "(" {
        let met = either(tokens, at);
        *at += 1;
        return met && tokens.get(*at - 1) == Some(&")");
    }
    let mut name = (*token).to_owned();
    if tokens.get(*at) == Some(&"WITH") {
        name = format!("{name} WITH {}", tokens.get(*at + 1).unwrap_or(&""));
        *at += 2;
    }
    ALLOWED.contains(&name.as_str())
}

#[test]
fn every_package_comes_under_terms_that_we_allow() {
    let faults: Vec<String> = packages()
        .iter()
        .filter(|package| package.is_outside && !is_allowed(&package.licence))
        .map(|package| format!("{} {}: `{}`", package.name, package.version, package.licence))
        .collect();
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn the_list_of_licences_is_what_it_was() {
    let mut lines: Vec<String> = packages()
        .iter()
        .filter(|package| package.is_outside)
        .map(|package| format!("{} {}: {}\n", package.name, package.version, package.licence))
        .collect();
    lines.sort();
    let head = "What the house is built of: every package in Cargo.lock, for any system, with its terms.\n\n";
    let (path, told) = (root().join("docs/licences.txt"), format!("{head}{}", lines.concat()));
    if std::env::var_os("UPDATE_EXPECT").is_some() {
        std::fs::write(&path, &told).unwrap();
    }
    let known = std::fs::read_to_string(path).unwrap_or_default();
    let (old, new): (BTreeSet<&str>, BTreeSet<&str>) = (known.lines().collect(), told.lines().collect());
    let gone: Vec<_> = old.difference(&new).collect();
    let come: Vec<_> = new.difference(&old).collect();
    assert!(known == told, "gone: {gone:#?}\ncome: {come:#?}\nUPDATE_EXPECT=1 writes the list anew");
}

/// What a change of it may break: the first number that is not zero.
fn major(version: &str) -> String {
    let parts: Vec<&str> = version.split(['.', '+', '-']).collect();
    let upto = parts.iter().position(|part| *part != "0").unwrap_or(0);
    parts[..=upto.min(parts.len() - 1)].join(".")
}

#[test]
fn no_package_comes_in_two_major_versions_unnoticed() {
    let mut versions: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for package in packages() {
        versions.entry(package.name).or_default().insert(major(&package.version));
    }
    let twice: Vec<String> =
        versions.into_iter().filter(|(_, majors)| majors.len() > 1).map(|(name, _)| name).collect();
    assert_eq!(twice, TWICE, "name a new one here, or strike out one that has met");
}

/// The three numbers of a version.
fn numbers(version: &str) -> [u64; 3] {
    let mut parts = version.split(['.', '+', '-']).map(|part| part.parse().unwrap_or(0));
    std::array::from_fn(|_| parts.next().unwrap_or(0))
}

#[test]
fn no_package_is_older_than_the_version_in_which_its_last_known_fault_is_mended() {
    let packages = packages();
    let text = std::fs::read_to_string(root().join("docs/advisories.tsv")).unwrap();
    let lines: Vec<&str> = text.lines().filter(|line| !line.starts_with('#')).collect();
    assert!(lines.len() > 40, "the list of known faults is there");
    for line in lines {
        let [name, least, advisory, what] = line.split('\t').collect::<Vec<_>>()[..] else {
            panic!("{line}")
        };
        let locked: Vec<&Package> = packages.iter().filter(|package| package.name == name).collect();
        assert!(!locked.is_empty(), "{name} is not in Cargo.lock any more: strike out its line");
        for package in locked {
            let is_mended = numbers(&package.version) >= numbers(least);
            assert!(is_mended, "{name} {} has {advisory} ({what}); {least} has not", package.version);
        }
    }
    assert!(numbers("0.10.1") > numbers("0.9.12") && numbers("1.0.0-rc.2") >= numbers("1.0.0"));
}

#[test]
fn terms_are_read_as_they_are_written() {
    for (licence, is_met) in [
        ("MIT", true),
        ("MIT OR GPL-3.0", true),
        ("MIT/Apache-2.0", true),
        ("MIT AND GPL-3.0", false),
        ("(MIT OR GPL-3.0) AND ISC", true),
        ("GPL-3.0 OR (MIT AND GPL-2.0)", false),
        ("Apache-2.0 WITH LLVM-exception", true),
        ("Apache-2.0 WITH Other-exception", false),
        ("", false),
        ("(MIT", false),
        ("MIT MIT", false),
    ] {
        assert_eq!(is_allowed(licence), is_met, "{licence}");
    }
    assert_eq!(["1.2.3", "0.9.1", "0.0.7", "3.0.0-pre.1"].map(major), ["1", "0.9", "0.0.7", "3"]);
}
