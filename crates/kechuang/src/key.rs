//! Key: prints the verifier key of a folder's log. It works beside a house that is open.

use std::path::Path;

use chain::{Hash, Signer};
use clap::{ArgMatches, Command};
use grammar::words::Locale;
use serde_json::json;

use crate::{
    folder, serve,
    speech::{Trouble, words},
};

/// Where the registry keeps the seed of its key; only its owner can read it.
const KEY_FILE: &str = "log.key";

pub fn command(locale: Locale) -> Command {
    Command::new("key").about(words(locale).get("help", "key")).args(serve::flags(locale))
}

/// Prints the key that strangers give to `kechuang verify --key`.
///
/// # Errors
/// Nothing was founded in the folder, or its key cannot be read.
pub fn run(matches: &ArgMatches) -> Result<(), Trouble> {
    println!("{}", verifier(&serve::config(matches)?.data)?);
    Ok(())
}

fn verifier(path: &Path) -> Result<String, Trouble> {
    let none = || Trouble::new("no-region", json!({ "folder": path.display().to_string() }));
    let founded = folder::read(path)?.ok_or_else(none)?;
    let file = path.join(KEY_FILE);
    let text = std::fs::read_to_string(&file).map_err(|error| Trouble::file(&file, &error))?;
    let seed: Hash = text.trim().parse().map_err(|_| Trouble::file(&file, &"no key"))?;
    let signer = Signer::from_seed(&founded.origin, seed.0).map_err(|error| Trouble::file(&file, &error))?;
    Ok(signer.verifier().to_string())
}
