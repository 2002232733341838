//! Rules of our own that refuse: each stands in `own_rules.txt` with what it is and why it may (docs/decisions/023). A new one
//! turns this red until someone has written down which of the two it is.

#![expect(clippy::unwrap_used, reason = "a test may stop")]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

use desks::DESKS;
use grammar::rules::Confidence;

const LIST: &str = include_str!("own_rules.txt");

/// Every source of the desks but their stories.
fn sources(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_string_lossy().into_owned();
        if path.is_dir() && name != "stories" {
            sources(&path, found);
        } else if name.ends_with(".rs") && !matches!(name.as_str(), "stories.rs" | "together.rs" | "tests.rs")
        {
            found.push(path);
        }
    }
}

/// What stands between two texts, each time.
fn between<'a>(text: &'a str, from: &'a str, to: &'a str) -> impl Iterator<Item = &'a str> {
    text.split(from).skip(1).filter_map(move |rest| rest.split(to).next())
}

/// Names of constants, in each folder, with the id of their rule.
fn named(text: &str) -> Vec<(String, String)> {
    let consts = between(text, "const ", ";").filter(|one| one.contains(": Rule<"));
    let of = |one: &str| {
        let name = one.split(':').next()?.trim().to_owned();
        Some((name, between(one, "rule(\"", "\"").next()?.to_owned()))
    };
    consts.filter_map(of).collect()
}

/// Ids of rules that refusals rest on: `.by(NAME)` and `Some(NAME.id())`, by the desk's own names, else by all.
fn refusing() -> BTreeSet<String> {
    let mut files = Vec::new();
    sources(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut files);
    let mut texts: BTreeMap<PathBuf, String> = BTreeMap::new();
    for file in files {
        let desk = file.parent().unwrap().to_owned();
        texts.entry(desk).or_default().push_str(&fs::read_to_string(file).unwrap());
    }
    let all: Vec<(String, String)> = texts.values().flat_map(|text| named(text)).collect();
    let mut ids = BTreeSet::new();
    for text in texts.values() {
        let own = named(text);
        let rests = between(text, ".by(", ")").chain(between(text, "Some(", ".id()"));
        for name in rests.map(|name| name.rsplit("::").next().unwrap_or(name)) {
            let is_it = |(other, _): &&(String, String)| other == name;
            let here: Vec<_> = own.iter().filter(is_it).collect();
            let found = if here.is_empty() { all.iter().filter(is_it).collect() } else { here };
            ids.extend(found.into_iter().map(|(_, id)| id.clone()));
        }
    }
    ids
}

#[test]
fn every_rule_of_our_own_that_refuses_says_what_it_is() {
    let rules = DESKS.rules().unwrap();
    let own: BTreeSet<&str> =
        rules.all().filter(|v| v.confidence == Confidence::Design).map(|v| v.id.as_str()).collect();
    let refusing = refusing();
    assert!(refusing.len() > 100, "{}", refusing.len());
    let refusing: BTreeSet<&str> =
        refusing.iter().map(String::as_str).filter(|id| own.contains(id)).collect();
    let lines = LIST.lines().skip(4).filter(|line| !line.is_empty());
    let listed: BTreeMap<&str, &str> = lines.filter_map(|line| line.split_once(' ')).collect();
    for (id, what) in &listed {
        let what = what.trim();
        assert!(what.starts_with("order  ") || what.starts_with("measure  "), "{id}: {what}");
    }
    let listed: BTreeSet<&str> = listed.into_keys().collect();
    let unsaid: Vec<_> = refusing.difference(&listed).collect();
    let idle: Vec<_> = listed.difference(&refusing).collect();
    assert!(
        unsaid.is_empty() && idle.is_empty(),
        "not in the list: {unsaid:?}; in it, and refuses nothing: {idle:?}"
    );
}
