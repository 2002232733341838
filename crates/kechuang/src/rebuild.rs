//! Rebuild: makes everything anew that follows from the facts of a data folder. The house must be closed.

use clap::{ArgMatches, Command};
use desks::DESKS;
use grammar::words::Locale;
use registry::Depth;
use serde_json::json;

use crate::{
    audit,
    folder::Folder,
    speech::{Trouble, say, words},
};

pub fn command(locale: Locale) -> Command {
    Command::new("rebuild").about(words(locale).get("help", "rebuild")).args(audit::of_folder(locale))
}

/// Rebuilds, looks through the result, and says what had been different.
///
/// # Errors
/// The facts are damaged, so that only a backup helps; the house is open; the disk says no.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let path = audit::path(matches)?;
    let settings = audit::settings(&path)?;
    let _folder = Folder::take(&path)?;
    let before = audit::audited(&settings, Depth::All, locale)?;
    // Only the facts must be whole: a file or a part that is lost is not made worse.
    let chain = audit::audited(&settings, Depth::Chain, locale)?;
    if !chain.is_mendable() {
        return Err(audit::damaged(&chain, &path, locale)
            .unwrap_or_else(|| Trouble::new("broken", json!({ "error": "" }))));
    }
    let mut tell = audit::telling("rebuilding", locale);
    registry::rebuild(&settings, &DESKS, &mut tell)
        .map_err(|broken| Trouble::new("broken", json!({ "error": broken.0 })))?;
    let after = audit::audited(&settings, Depth::All, locale)?;
    if let Some(damaged) = audit::damaged(&after, &path, locale) {
        return Err(damaged);
    }
    let mended = before.damages.len() as u64 + before.more;
    let report = json!({ "facts": after.facts, "records": after.records, "mended": mended });
    if matches.get_flag("json") {
        println!("{report:#}");
    } else {
        println!("{}", say(locale, "audit", "rebuilt", &report));
    }
    Ok(())
}
