//! Moving: carries a region from a folder to a shared store or back, with everything that makes its log its log.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command};
use grammar::words::Locale;
use registry::Place;
use serde_json::json;

use crate::{
    config,
    folder::Folder,
    speech::{Trouble, say, words},
    system::SystemChance,
};

/// The file with the store of a folder; what else makes a folder a region's.
const STORE_FILE: &str = "region.sqlite";
const REGION_FILES: [&str; 2] = ["log.key", "region.toml"];

pub fn command(locale: Locale) -> Command {
    let flag = |name: &'static str, help: &str| {
        let arg = Arg::new(name).long(name).required(true).value_name("DIR|postgres://");
        arg.help(words(locale).get("help", help).to_owned())
    };
    Command::new("move")
        .about(words(locale).get("help", "move"))
        .arg(flag("from", "move-from"))
        .arg(flag("to", "move-to"))
}

/// Carries a store, and checks the copy before it says so.
///
/// # Errors
/// A folder is in use or not there, the new place is not empty, or the copy is not the same.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let said = |name: &str| matches.get_one::<String>(name).cloned().unwrap_or_default();
    let (from, to) = (Side::of(&said("from")), Side::of(&said("to")));
    if let Side::Folder(folder) = &from {
        let file = folder.join(STORE_FILE);
        std::fs::metadata(&file).map_err(|error| Trouble::file(&file, &error))?;
    }
    let _held = (from.hold()?, to.hold()?);
    let carried = registry::carry(&from.place(), &to.place(), &SystemChance)
        .map_err(|broken| Trouble::new("broken", json!({ "error": broken.0 })))?;
    if let (Side::Folder(from), Side::Folder(to)) = (&from, &to) {
        for file in REGION_FILES {
            copy(&from.join(file), &to.join(file))?;
        }
    }
    let facts = json!({ "facts": carried.facts, "rows": carried.rows, "files": carried.files,
        "root": carried.root.to_string(), "to": to.shown() });
    println!("{}", say(locale, "move", "moved", &facts));
    println!(
        "{}",
        say(locale, "move", if matches!(to, Side::Folder(_)) { "in-folder" } else { "shared" }, &facts)
    );
    Ok(())
}

/// Where a store is, as the command line names it.
enum Side {
    Folder(PathBuf),
    Shared(registry::Url),
}

impl Side {
    fn of(text: &str) -> Self {
        config::database(text).map_or_else(|| Self::Folder(text.into()), Self::Shared)
    }

    /// Takes a folder, so that no house opens in it meanwhile. A shared store is held by its lease.
    fn hold(&self) -> Result<Option<Folder>, Trouble> {
        match self {
            Self::Folder(path) => Folder::take(path).map(Some),
            Self::Shared(_) => Ok(None),
        }
    }

    fn place(&self) -> Place {
        match self {
            Self::Folder(path) => Place::Folder(path.clone()),
            Self::Shared(url) => Place::Shared(url.clone()),
        }
    }

    fn shown(&self) -> String {
        match self {
            Self::Folder(path) => path.display().to_string(),
            Self::Shared(url) => format!("{url:?}"),
        }
    }
}

/// Copies a file that is not there yet; its rights come along.
fn copy(from: &Path, to: &Path) -> Result<(), Trouble> {
    if from.exists() && !to.exists() {
        std::fs::copy(from, to).map_err(|error| Trouble::file(to, &error))?;
    }
    Ok(())
}
