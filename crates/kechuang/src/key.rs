//! Key: shows the keys of a folder's log, and changes them while its house is closed.
//!
//! A change of keys is three steps of the operator: `rotate` (a new key signs beside the old one), a time in which
//! strangers take the new key from checkpoints that both have signed, and `retire` (the old one signs no more).

use std::path::Path;

use clap::{ArgMatches, Command};
use grammar::words::Locale;
use registry::{Change, Keys, KeysDenied, LogKey, Settings};
use serde_json::json;

use crate::{
    folder::{self, Folder},
    serve,
    speech::{Trouble, say, words},
    system::SystemChance,
};

const PARTS: [(&str, Option<Change>); 4] = [
    ("show", None),
    ("rotate", Some(Change::Rotate)),
    ("retire", Some(Change::Retire)),
    ("add-sm2", Some(Change::AddSm2)),
];

pub fn command(locale: Locale) -> Command {
    let help = |key: &str| words(locale).get("help", key).to_owned();
    let part = |(name, _): &(&'static str, Option<Change>)| {
        Command::new(*name).about(help(&format!("key-{name}"))).args(serve::flags(locale))
    };
    Command::new("key").about(help("key")).args(serve::flags(locale)).subcommands(PARTS.iter().map(part))
}

/// Prints the key that strangers give to `kechuang verify --key`; with a word behind it, shows or changes all of them.
///
/// # Errors
/// Nothing was founded in the folder, its keys cannot be read, the house is open, or the change does not fit.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let Some((name, given)) = matches.subcommand() else {
        // This works beside a house that is open.
        println!("{}", keys(&serve::config(matches)?.data)?.key());
        return Ok(());
    };
    let config = serve::config(given)?;
    let data = config.data.clone();
    let keys = match PARTS.iter().find(|part| part.0 == name).and_then(|part| part.1) {
        None => keys(&data)?,
        Some(change) => {
            // Before the folder is taken: taking makes it.
            keys(&data)?;
            let folder = Folder::take(&data)?;
            let store = serve::shared(&config);
            let settings = Settings { store, ..Settings::new(folder.path(), origin(&data)?) };
            registry::change_keys(&settings, change, &SystemChance).map_err(denied)?
        }
    };
    if given.get_flag("json") {
        println!("{:#}", json!({ "keys": keys.all() }));
    } else {
        println!("{}", keys.all().iter().map(|key| shown(key, locale)).collect::<Vec<_>>().join("\n"));
    }
    Ok(())
}

fn shown(key: &LogKey, locale: Locale) -> String {
    let word = match key.until {
        Some(_) => "retired",
        None => "signs",
    };
    say(locale, "key", word, &json!({ "key": key.key, "from": key.from, "until": key.until }))
}

fn origin(path: &Path) -> Result<String, Trouble> {
    let none = || Trouble::new("no-region", json!({ "folder": path.display().to_string() }));
    Ok(folder::read(path)?.ok_or_else(none)?.origin)
}

fn keys(path: &Path) -> Result<Keys, Trouble> {
    let none = || Trouble::new("no-region", json!({ "folder": path.display().to_string() }));
    let broken = |broken: registry::Broken| Trouble::new("broken", json!({ "error": broken.0 }));
    Keys::read(path, &origin(path)?).map_err(broken)?.ok_or_else(none)
}

fn denied(denied: KeysDenied) -> Trouble {
    let code = match denied {
        KeysDenied::Broken(broken) => return Trouble::new("broken", json!({ "error": broken.0 })),
        KeysDenied::Overlap => "key-overlap",
        KeysDenied::NoOverlap => "key-no-overlap",
        KeysDenied::HasSm2 => "key-has-sm2",
        KeysDenied::TooMany => "key-too-many",
    };
    Trouble { is_refusal: true, ..Trouble::new(code, json!({})) }
}
