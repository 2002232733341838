//! Kechuang: one program, and the command line as one of its ways in.
//!
//! Without a word it opens the demonstration region. Exit codes: 0 done, 1 it could not be done, 2 the house
//! refused and said why.

mod admin;
mod allocating;
mod assigning;
mod attending;
mod auctioning;
mod audit;
mod backup;
mod bank;
mod book;
mod border;
mod client;
mod clustering;
mod columns;
mod config;
mod demo;
mod drawing;
mod folder;
mod following;
mod freeing;
mod indexing;
mod journal;
mod key;
mod matching;
mod moving;
mod netting;
mod providers;
mod rebuild;
mod redo;
mod serve;
mod sharing;
mod speech;
mod system;
mod tables;
mod valuing;
mod verify;
mod watching;
mod witness;

use std::{ffi::OsString, process::ExitCode};

use clap::{Arg, ArgAction, ArgMatches, Command};
use grammar::words::Locale;
use serde_json::json;

use speech::{Trouble, words};

fn main() -> ExitCode {
    let arguments: Vec<OsString> = std::env::args_os().collect();
    let locale = speech::locale(&arguments, &environment);
    let matches = command(locale, &arguments).get_matches_from(&arguments);
    match run(&matches, locale) {
        Ok(()) => ExitCode::SUCCESS,
        Err(trouble) => {
            if matches.subcommand().is_some_and(|(_, matches)| is_json(matches)) {
                let sentence = trouble.sentence(locale);
                println!(
                    "{:#}",
                    json!({ "code": trouble.code, "facts": trouble.facts, "message": sentence })
                );
            } else {
                eprintln!("{}", trouble.sentence(locale));
            }
            ExitCode::from(if trouble.is_refusal { 2 } else { 1 })
        }
    }
}

/// A variable of the environment, if it is text.
fn environment(name: &str) -> Option<String> {
    std::env::var(name).ok()
}

fn is_json(matches: &ArgMatches) -> bool {
    matches.try_get_one::<bool>("json").ok().flatten().copied().unwrap_or(false)
}

/// The whole command line, worded in a language. The desks' commands are made from their forms; only those
/// that the arguments name are made in full, so that starting costs nothing.
fn command(locale: Locale, arguments: &[OsString]) -> Command {
    let help = |key: &'static str| words(locale).get("help", key);
    let shared = |name: &'static str| {
        Arg::new(name).long(name).global(true).help(help(name)).display_order(speech::LAST)
    };
    let lang = shared("lang").value_name("zh|en").value_parser(["zh", "en"]).hide_possible_values(true);
    let json = shared("json").action(ArgAction::SetTrue);
    let all = Command::new("kechuang")
        .version(env!("CARGO_PKG_VERSION"))
        .about(help("about"))
        .after_help(help("after"))
        .arg(lang)
        .arg(json)
        .args(serve::flags(locale))
        .subcommand(serve::command(locale))
        .subcommand(serve::demo_command(locale))
        .subcommand(verify::command(locale))
        .subcommand(matching::command(locale))
        .subcommand(netting::command(locale))
        .subcommand(bank::command(locale))
        .subcommand(journal::command(locale))
        .subcommand(border::command(locale))
        .subcommand(freeing::command(locale))
        .subcommand(redo::command(locale))
        .subcommand(allocating::command(locale))
        .subcommand(indexing::command(locale))
        .subcommand(clustering::command(locale))
        .subcommand(sharing::command(locale))
        .subcommand(auctioning::command(locale))
        .subcommand(valuing::command(locale))
        .subcommand(assigning::command(locale))
        .subcommand(key::command(locale))
        .subcommand(witness::command(locale))
        .subcommand(moving::command(locale))
        .subcommand(backup::command(locale))
        .subcommand(backup::restore_command(locale))
        .subcommand(audit::command(locale))
        .subcommand(rebuild::command(locale))
        .subcommands(
            client::commands(locale, arguments).into_iter().map(|command| drawing::beside(command, locale)),
        );
    speech::worded(all, locale)
}

fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let misplaced = config::NAMES.iter().find(|name| matches.contains_id(name));
    if let (Some(name), Some((command, _))) = (misplaced, matches.subcommand()) {
        return Err(Trouble::new("misplaced-flag", json!({ "name": name, "command": command })));
    }
    match matches.subcommand() {
        None => serve::run(matches, locale),
        Some(("serve", matches)) => serve::run(matches, locale),
        Some(("demo", matches)) => serve::found(matches, locale),
        Some(("verify", matches)) => verify::run(matches, locale),
        Some(("match", matches)) => matching::run(matches, locale),
        Some(("net", matches)) => netting::run(matches, locale),
        Some(("bank", matches)) => bank::run(matches, locale),
        Some(("journal", matches)) => journal::run(matches, locale),
        Some(("border", matches)) => border::run(matches, locale),
        Some(("free", matches)) => freeing::run(matches, locale),
        Some(("draw", matches)) if matches.contains_id("file") => drawing::run(matches, locale),
        Some(("redo", matches)) => redo::run(matches, locale),
        Some(("allocate", matches)) => allocating::run(matches, locale),
        Some(("index", matches)) => indexing::run(matches, locale),
        Some(("cluster", matches)) => clustering::run(matches, locale),
        Some(("share", matches)) => sharing::run(matches, locale),
        Some(("auction", matches)) => auctioning::run(matches, locale),
        Some(("value", matches)) => valuing::run(matches, locale),
        Some(("assign", matches)) => assigning::run(matches, locale),
        Some(("key", matches)) => key::run(matches, locale),
        Some(("witness", matches)) => witness::run(matches, locale),
        Some(("backup", matches)) => backup::run(matches, locale),
        Some(("restore", matches)) => backup::restore(matches, locale),
        Some(("audit", matches)) => audit::run(matches, locale),
        Some(("rebuild", matches)) => rebuild::run(matches, locale),
        Some(("move", matches)) => moving::run(matches, locale),
        Some((name, matches)) => client::run(name, matches, locale),
    }
}
