//! Witness: both sides of C2SP tlog-witness. `kechuang witness` follows the logs of others and says that they only grow;
//! `ask` has the log of an open house witnessed.
//!
//! A witness needs a folder of its own and the verifier keys of the logs it follows. It never signs anything but
//! cosignatures, and never two trees of one log of which one is not the beginning of the other.

pub mod ask;
mod book;
mod serve;

use std::path::PathBuf;

use clap::{Arg, ArgMatches, Command};
use grammar::words::Locale;
use serde_json::json;

use crate::{
    folder::Folder,
    speech::{Trouble, say, words},
};
use book::Book;

const FOLDER: &str = "data/witness";
const LISTEN: &str = "127.0.0.1:8090";

pub fn command(locale: Locale) -> Command {
    let help = |key: &'static str| words(locale).get("help", key).to_owned();
    let flag = move |name: &'static str, text: &'static str| {
        Arg::new(name).long(name).value_name(name.to_uppercase()).help(help(text))
    };
    let data = flag("data", "witness-data");
    let log =
        Arg::new("log").value_name("VKEY").required(true).help(words(locale).get("help", "witness-log"));
    let part = |name: &'static str, text: &'static str| {
        Command::new(name).about(words(locale).get("help", text)).arg(data.clone())
    };
    Command::new("witness")
        .about(words(locale).get("help", "witness"))
        .arg(data.clone())
        .arg(flag("listen", "witness-listen"))
        .arg(flag("name", "witness-name"))
        .subcommand(part("follow", "witness-follow").arg(log.clone()))
        .subcommand(part("leave", "witness-leave").arg(log))
        .subcommand(part("logs", "witness-logs"))
        .subcommand(part("key", "witness-key"))
}

/// Serves as a witness until it is told to stop, or looks after the list of logs. The list may be changed beside a
/// witness that serves.
///
/// # Errors
/// The folder cannot be used, the address is taken, or the log's key cannot be read.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let (part, given) = matches.subcommand().map_or(("serve", matches), |(part, given)| (part, given));
    let said = |name: &str| given.try_get_one::<String>(name).ok().flatten().cloned();
    let path = PathBuf::from(said("data").unwrap_or_else(|| FOLDER.into()));
    let log = || -> Result<chain::Verifier, Trouble> {
        let text = said("log").unwrap_or_default();
        let wrong = |error: String| Trouble::new("key", json!({ "key": text, "error": error }));
        text.trim().parse().map_err(|error: chain::key::KeyError| wrong(error.to_string()))
    };
    match part {
        "follow" => {
            let name = Book::open_or_found(&path, None)?.follow(&log()?)?;
            println!("{}", say(locale, "witness", "followed", &json!({ "log": name })));
        }
        "leave" => {
            let name = Book::open_or_found(&path, None)?.leave(&log()?)?;
            println!("{}", say(locale, "witness", "left", &json!({ "log": name })));
        }
        "logs" => println!("{}", Book::open(&path)?.shown()?),
        "key" => println!("{}", Book::open(&path)?.key()),
        _ => {
            let listen = said("listen").unwrap_or_else(|| LISTEN.into());
            let wrong =
                || Trouble::new("setting", json!({ "name": "listen", "value": listen, "place": "--listen" }));
            let listen: std::net::SocketAddr = listen.parse().map_err(|_| wrong())?;
            let folder = Folder::take(&path)?;
            serve::run(Book::open_or_found(folder.path(), said("name").as_deref())?, listen, locale)?;
        }
    }
    Ok(())
}
