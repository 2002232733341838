//! Audit: looks through a data folder from end to end, and says what is not as the facts say. It works beside a
//! house that is open.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command};
use desks::DESKS;
use grammar::words::Locale;
use registry::{Audited, Depth, Settings};
use serde_json::{Value, json};

use crate::{
    folder, serve,
    speech::{Trouble, printable, say, words},
    system::Pace,
};

/// The store of a folder that has its own.
const STORE_FILE: &str = "region.sqlite";

/// What is done to a folder cannot be done to a database; what can be done instead.
fn shared(path: &Path) -> Trouble {
    Trouble::new("store-shared", json!({ "folder": path.display().to_string() }))
}

pub fn command(locale: Locale) -> Command {
    Command::new("audit").about(words(locale).get("help", "audit")).args(of_folder(locale))
}

/// The flags that name a data folder.
pub fn of_folder(locale: Locale) -> impl Iterator<Item = Arg> {
    serve::flags(locale).into_iter().filter(|flag| ["config", "data"].contains(&flag.get_id().as_str()))
}

/// How the house of a folder is set up, if it was founded there and keeps its store there.
///
/// # Errors
/// It was not, or does not.
pub fn settings(path: &Path) -> Result<Settings, Trouble> {
    let none = || Trouble::new("no-region", json!({ "folder": path.display().to_string() }));
    let founded = folder::read(path)?.ok_or_else(none)?;
    if !path.join(STORE_FILE).exists() {
        return Err(shared(path));
    }
    Ok(Settings { is_demo: founded.demo, ..Settings::new(path, founded.origin) })
}

/// Looks through everything.
///
/// # Errors
/// What is damaged; or why it cannot be looked at.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    look(&path(matches)?, Depth::All, matches.get_flag("json"), locale)
}

/// `verify --data`: the chain against the facts.
///
/// # Errors
/// What is damaged; or why it cannot be looked at.
pub fn chain(path: &Path, is_json: bool, locale: Locale) -> Result<(), Trouble> {
    look(path, Depth::Chain, is_json, locale)
}

fn look(path: &Path, depth: Depth, is_json: bool, locale: Locale) -> Result<(), Trouble> {
    let audited = audited(&settings(path)?, depth, locale)?;
    let report = json!(audited);
    let key = if depth == Depth::All { "looked" } else { "looked-chain" };
    if let Some(damaged) = damaged(&audited, path, locale) {
        if !is_json {
            println!("{}", say(locale, "audit", key, &report));
        }
        return Err(damaged);
    }
    if is_json {
        println!("{report:#}");
    } else {
        println!("{}\n{}", say(locale, "audit", key, &report), say(locale, "audit", "whole", &report));
    }
    Ok(())
}

/// Looks through a house, with a line about how far it is once a second.
///
/// # Errors
/// It cannot be looked at.
pub fn audited(settings: &Settings, depth: Depth, locale: Locale) -> Result<Audited, Trouble> {
    let mut tell = telling("auditing", locale);
    registry::audit(settings, &DESKS, depth, &mut tell)
        .map_err(|broken| Trouble::new("broken", json!({ "error": broken.0 })))
}

/// Says how far a long work is, at most once a second.
pub fn telling(key: &'static str, locale: Locale) -> impl FnMut(u64, u64) {
    let mut pace = Pace::start();
    move |done, all| {
        if pace.is_due() {
            eprintln!("{}", say(locale, "audit", key, &json!({ "done": done, "all": all })));
        }
    }
}

/// What is damaged and what helps, as the reason why a command came to nothing; `None` when all is whole.
pub fn damaged(audited: &Audited, path: &Path, locale: Locale) -> Option<Trouble> {
    if audited.is_whole() {
        return None;
    }
    let line = |damage: &registry::Damage| {
        let sentence = words(locale).get("damage", damage.code);
        format!("  · {sentence}: {}", printable(&damage.place))
    };
    let mut lines: Vec<String> = audited.damages.iter().map(line).collect();
    if audited.more > 0 {
        lines.push(say(locale, "audit", "more", &json!({ "more": audited.more })));
    }
    let mut facts = json!(audited);
    let more: Value = json!({ "folder": path.display().to_string(), "lines": lines.join("\n") });
    if let (Some(facts), Some(more)) = (facts.as_object_mut(), more.as_object()) {
        facts.extend(more.clone());
    }
    let code = if audited.is_mendable() { "damaged-derived" } else { "damaged" };
    Some(Trouble { is_refusal: true, ..Trouble::new(code, facts) })
}

/// The folder that a flag or a setting names.
///
/// # Errors
/// What cannot be a setting; or the settings say that the store is not in the folder.
pub fn path(matches: &ArgMatches) -> Result<PathBuf, Trouble> {
    let config = serve::config(matches)?;
    if config.store.is_some() { Err(shared(&config.data)) } else { Ok(config.data) }
}
