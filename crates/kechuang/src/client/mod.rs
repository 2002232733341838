//! Client: the desks on the command line. `kechuang need draft --title "…"` sends what the form on the page
//! would send, to a house that is open somewhere.
//!
//! The commands are made from the desks' forms: a new desk or field is here the day it is written.

mod call;
mod flags;
mod show;

use std::ffi::OsString;

use clap::{Arg, ArgAction, ArgMatches, Command};
use desks::DESKS;
use grammar::{clerk::Clerk, form::Verb, words::Locale};
use serde_json::Value;

use crate::speech::{LAST, Trouble, words};
use call::query;
pub use call::{House, step};

/// Reading verbs every desk has, besides its own. None of them may be the name of a command.
const LIST: &str = "list";
const SHOW: &str = "show";
const HISTORY: &str = "history";
/// Filters of a list, as the API names them.
const FILTERS: [&str; 9] = ["q", "status", "kind", "region", "field", "party", "sort", "limit", "cursor"];

/// `find`, `inbox`, `endorse`, `receipt`, `case` and one command for each desk.
pub fn commands(locale: Locale, arguments: &[OsString]) -> Vec<Command> {
    let help = |key: &'static str| words(locale).get("help", key);
    let text = |name: &'static str, key| {
        Arg::new(name).value_name(name.to_uppercase()).required(true).help(help(key))
    };
    let named = |name: &str| arguments.iter().any(|argument| argument == name);
    let find = Command::new("find").about(help("find")).arg(text("q", "find-q"));
    let find = find.args(filters(&["region", "field", "limit"], locale));
    let inbox = Command::new("inbox").about(help("inbox")).args(filters(&["limit", "cursor"], locale));
    let receipt = Command::new("receipt").about(help("receipt")).arg(text("position", "receipt-position"));
    let export = Command::new("export").about(help("case-export")).arg(text("id", "id"));
    let case =
        Command::new("case").about(help("case")).subcommand_required(true).arg_required_else_help(true);
    let case = case.subcommand(export);
    let disagree = Arg::new("disagree").long("disagree").action(ArgAction::SetTrue).help(help("disagree"));
    let endorse =
        Command::new("endorse").about(help("endorse")).arg(text("pending", "endorse-pending")).arg(disagree);
    let mut all: Vec<Command> = vec![find, inbox, endorse, receipt, case];
    all.extend(DESKS.iter().map(|clerk| desk(clerk, locale, named(clerk.name()), &named)));
    all.into_iter().map(|command| command.args(reach(locale))).collect()
}

/// Where the house is and who asks: the same for every command that speaks to one.
pub fn reach(locale: Locale) -> [Arg; 2] {
    ["server", "token"].map(|name| {
        let help = words(locale).get("help", name).to_owned();
        Arg::new(name).long(name).value_name(name.to_uppercase()).global(true).help(help).display_order(LAST)
    })
}

fn filters(names: &[&'static str], locale: Locale) -> Vec<Arg> {
    let filter = |name: &&'static str| {
        let help = words(locale).get("filter", name).to_owned();
        Arg::new(*name).long(*name).value_name(name.to_uppercase()).help(help)
    };
    names.iter().map(filter).collect()
}

/// The command of a desk. Its verbs are made when the arguments name it; the numbered flags of a verb's
/// lists when they name the verb too.
fn desk(clerk: &dyn Clerk, locale: Locale, is_named: bool, named: &dyn Fn(&str) -> bool) -> Command {
    let said = clerk.words(locale);
    let command = Command::new(clerk.name()).about(said.get("desk", "about").to_owned());
    if !is_named {
        return command;
    }
    let help = |key: &'static str| words(locale).get("help", key);
    let id = || Arg::new(flags::ID).value_name("ID").required(true).help(help("id"));
    let verbs = clerk.verbs().iter().filter(|verb| flags::is_for_people(clerk, verb)).map(|verb| {
        let command = Command::new(verb.name.clone()).about(said.get("verb", &verb.name).to_owned());
        let command =
            command.args((!opens(clerk, verb)).then(id)).args(flags::own(locale, !opens(clerk, verb)));
        command.args(flags::of_form(&verb.form, clerk, locale, named(&verb.name)))
    });
    command
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(Command::new(LIST).about(help("list")).args(filters(&FILTERS, locale)).arg(mine(locale)))
        .subcommand(Command::new(SHOW).about(help("show")).arg(id()))
        .subcommand(Command::new(HISTORY).about(help("history")).arg(id()))
        .subcommands(verbs)
}

fn mine(locale: Locale) -> Arg {
    Arg::new("mine").long("mine").action(ArgAction::SetTrue).help(words(locale).get("filter", "mine"))
}

fn opens(clerk: &dyn Clerk, verb: &Verb) -> bool {
    clerk.opens().contains(&verb.name.as_str())
}

/// Asks the house and shows what it says.
///
/// # Errors
/// The house cannot be reached, or it refuses.
pub fn run(name: &str, matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let house = House::of(matches, locale);
    let is_json = matches.get_flag("json");
    let show = |answer: Value, human: &dyn Fn(&Value, Locale) -> String| {
        let text = if is_json { format!("{answer:#}") } else { human(&answer, locale) };
        println!("{}", crate::speech::printable(&text));
    };
    let text = |name: &str| matches.try_get_one::<String>(name).ok().flatten().cloned().unwrap_or_default();
    match name {
        "find" => show(
            house.get(&format!("find{}", query(matches, &["q", "region", "field", "limit"])))?,
            &show::found,
        ),
        "inbox" => show(house.get(&format!("inbox{}", query(matches, &["limit", "cursor"])))?, &show::inbox),
        "endorse" => {
            let opinion = if matches.get_flag("disagree") { "disagree" } else { "agree" };
            let path = format!("endorse/{}/{opinion}", call::step(&text("pending")));
            show(house.post(&path, &Value::Object(serde_json::Map::new()), None)?, &show::receipt);
        }
        // A receipt is a file: it is never shortened for the eye.
        "receipt" => {
            show(house.get(&format!("receipts/{}", call::step(&text("position"))))?, &|answer, _| {
                format!("{answer:#}")
            })
        }
        "case" => {
            let Some(("export", matches)) = matches.subcommand() else { return Ok(()) };
            let id = matches.get_one::<String>("id").map_or("", String::as_str);
            let desk = id.rsplit_once('-').map_or("", |(desk, _)| desk);
            let path = format!("{}/{}/case", call::step(desk), call::step(id));
            show(house.get(&path)?, &|answer, _| format!("{answer:#}"));
        }
        desk => {
            let clerk = DESKS.find(desk).ok_or_else(|| Trouble::new("broken", desk.into()))?;
            let Some((verb, matches)) = matches.subcommand() else { return Ok(()) };
            let (answer, human) = at_desk(&house, clerk, verb, matches)?;
            show(answer, &*human);
        }
    }
    Ok(())
}

/// How an answer is put for the eye.
type Human = Box<dyn Fn(&Value, Locale) -> String>;

fn at_desk(
    house: &House,
    clerk: &'static dyn Clerk,
    verb: &str,
    matches: &ArgMatches,
) -> Result<(Value, Human), Trouble> {
    let desk = clerk.name();
    let id =
        || matches.try_get_one::<String>(flags::ID).ok().flatten().map_or(String::new(), |id| call::step(id));
    match verb {
        LIST => {
            let mut query = query(matches, &FILTERS);
            if matches.get_flag("mine") {
                query.push_str(if query.is_empty() { "?mine=yes" } else { "&mine=yes" });
            }
            Ok((house.get(&format!("{desk}{query}"))?, Box::new(show::list)))
        }
        SHOW => Ok((house.get(&format!("{desk}/{}", id()))?, Box::new(show::record))),
        HISTORY => Ok((
            house.get(&format!("{desk}/{}/history", id()))?,
            Box::new(move |answer, locale| show::history(answer, clerk, locale)),
        )),
        _ => {
            let form = clerk.verb(verb).ok_or_else(|| Trouble::new("broken", verb.into()))?;
            let mut path = if opens(clerk, form) { desk.to_owned() } else { format!("{desk}/{}", id()) };
            path = format!("{path}/{verb}{}", query(matches, &[flags::SEEN]));
            let fields = flags::read(form, matches, house)?;
            Ok((house.post(&path, &fields, matches.get_one::<String>(flags::KEY))?, Box::new(show::receipt)))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(locale: Locale) -> Command {
        let names = DESKS.iter().flat_map(|clerk| {
            let verbs = clerk.verbs().iter().map(|verb| verb.name.clone());
            verbs.chain([clerk.name().to_owned()]).collect::<Vec<_>>()
        });
        let arguments: Vec<OsString> = names.map(OsString::from).collect();
        crate::command(locale, &arguments)
    }

    #[test]
    fn no_flag_stands_twice_in_any_command_of_any_desk() {
        Locale::BOTH.into_iter().for_each(|locale| all(locale).debug_assert());
    }

    #[test]
    fn no_desk_and_no_verb_hides_a_word_of_the_command_line() {
        for clerk in DESKS.iter() {
            let names = [
                "serve", "verify", "match", "redo", "key", "demo", "find", "inbox", "endorse", "receipt",
                "case", "help",
            ];
            assert!(!names.contains(&clerk.name()), "{}", clerk.name());
            let read =
                clerk.verbs().iter().find(|verb| [LIST, SHOW, HISTORY, "help"].contains(&verb.name.as_str()));
            assert!(read.is_none(), "{}: {read:?}", clerk.name());
        }
    }

    #[test]
    fn help_names_what_people_may_ask_and_leaves_out_what_only_the_clock_asks() {
        let mut all = all(Locale::En);
        let need = all.find_subcommand_mut("need").unwrap().render_long_help().to_string();
        for word in ["draft", "Draft a need", "publish", "list", "history"] {
            assert!(need.contains(word), "{word} is missing in\n{need}");
        }
        assert!(all.find_subcommand_mut("voucher").unwrap().find_subcommand("expire").is_none());
    }
}
