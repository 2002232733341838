//! Wording: both languages have the same words, and every word a page asks for is there.

use std::collections::{BTreeMap, BTreeSet};

use crate::sources::{Source, all, quoted_after};

/// Callers with words of their own, and the section those lie in.
const OWN_WORDS: &[(&str, &str, &str)] =
    &[("crates/window/src/ways/sheet/template.rs", "crates/window/src/ways/sheet/words.en.toml", "template")];
const PAGE_WORDS: [&str; 6] = [
    "crates/window/words/en.toml",
    "crates/window/words/sign.en.toml",
    "crates/window/words/joint.en.toml",
    "crates/window/words/sharing.en.toml",
    "crates/window/words/money.en.toml",
    "crates/grammar/words/en.toml",
];

type Keys = BTreeMap<(String, String), String>;

fn keys(sources: &[Source], path: &str) -> Keys {
    let source =
        sources.iter().find(|source| source.path == path).unwrap_or_else(|| panic!("{path} is missing"));
    let sections: BTreeMap<String, BTreeMap<String, String>> =
        toml::from_str(&source.text).unwrap_or_else(|error| panic!("{path}: {error}"));
    let keyed = |(section, words): (String, BTreeMap<String, String>)| {
        words.into_iter().map(move |(key, text)| ((section.clone(), key), text))
    };
    sections.into_iter().flat_map(keyed).collect()
}

fn placeholders(text: &str) -> BTreeSet<&str> {
    grammar::words::placeholders(text).collect()
}

#[test]
fn both_languages_have_the_same_words_with_the_same_facts() {
    let sources = all();
    let (mut faults, mut pairs) = (Vec::new(), 0);
    for chinese in sources.iter().map(|source| &source.path).filter(|path| path.ends_with("zh.toml")) {
        let english = format!("{}en.toml", chinese.strip_suffix("zh.toml").unwrap());
        let (zh, en) = (keys(&sources, chinese), keys(&sources, &english));
        let (zh_keys, en_keys): (BTreeSet<_>, BTreeSet<_>) = (zh.keys().collect(), en.keys().collect());
        faults.extend(
            zh_keys.difference(&en_keys).map(|(section, key)| format!("{english}: no [{section}] {key}")),
        );
        faults.extend(
            en_keys.difference(&zh_keys).map(|(section, key)| format!("{chinese}: no [{section}] {key}")),
        );
        for (key, text) in &zh {
            let Some(other) = en.get(key) else { continue };
            if placeholders(text) != placeholders(other) {
                faults.push(format!("{chinese}: [{}] {}: {text} / {other}", key.0, key.1));
            }
            if text.trim().is_empty() || other.trim().is_empty() {
                faults.push(format!("{chinese}: [{}] {} is empty", key.0, key.1));
            }
            if text.contains(['!', '！']) || other.contains(['!', '！']) {
                faults.push(format!("{chinese}: [{}] {} shouts", key.0, key.1));
            }
        }
        pairs += 1;
    }
    assert!(pairs > 12, "only {pairs} pairs of words files");
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}

#[test]
fn every_word_that_a_page_asks_for_is_there() {
    let sources = all();
    let page: BTreeSet<String> = PAGE_WORDS
        .iter()
        .flat_map(|path| keys(&sources, path).into_keys())
        .filter(|(section, _)| section == "page")
        .map(|(_, key)| key)
        .collect();
    let (mut faults, mut asked) = (Vec::new(), 0);
    for source in sources.iter().filter(|source| source.is_production()) {
        if !source.path.starts_with("crates/window/src/") {
            continue;
        }
        let own = OWN_WORDS.iter().find(|(path, ..)| source.path == *path);
        let known = match own {
            Some((_, words, section)) => keys(&sources, words)
                .into_keys()
                .filter(|(of, _)| of == section)
                .map(|(_, key)| key)
                .collect(),
            None => page.clone(),
        };
        for (line, key) in
            ["word(", ".say("].iter().flat_map(|call| quoted_after(source.before_tests(), call))
        {
            asked += 1;
            if !known.contains(&key) {
                faults.push(format!("{}:{line}: no word `{key}`", source.path));
            }
        }
    }
    assert!(asked > 150, "only {asked} words are asked for");
    assert!(faults.is_empty(), "\n{}", faults.join("\n"));
}
