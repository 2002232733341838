//! Border: two regions in two programs settle. Each writes what it says into a log of its own, signs that log, follows the
//! other's, and believes nothing that is not in it.
//!
//! What is said: what a region has in its books for a run (claims), which line it disputes, and its signature under the
//! statement of the pair. Both sides work the statement out by themselves from both logs (`reckon`); the first one that both have
//! signed is final. A line that only one side knows, or that both know differently, waits and disturbs no other.

mod book;
mod follow;
mod reckon;
mod serve;

use std::{
    net::SocketAddr,
    path::{Path, PathBuf},
};

use clap::{Arg, ArgMatches, Command, value_parser};
use grammar::{kinds::Region, words::Locale};
use serde_json::{Value, json};

use crate::{
    book::yuan,
    client::{House, reach},
    folder::Folder,
    speech::{Trouble, say, words},
    tables,
};
use book::{Book, Claim, Peer, Said};

const LISTEN: &str = "127.0.0.1:8091";
/// Lines of one run.
const LINES_MAX: usize = 2_000;
const COLUMNS: [([&str; 2], bool); 6] = [
    (["order", "订单"], true),
    (["debtor", "应付地区"], true),
    (["creditor", "应收地区"], true),
    (["amount", "金额"], true),
    (["effective", "生效日"], false),
    (["corrects", "更正"], false),
];

pub fn command(locale: Locale) -> Command {
    let help = |key: &'static str| words(locale).get("help", key);
    let word = move |name: &'static str, key: &'static str| {
        Arg::new(name).value_name(name.to_uppercase()).required(true).help(help(key))
    };
    let data = Arg::new("data").long("data").value_name("FOLDER").value_parser(value_parser!(PathBuf));
    let data = data.required(true).help(help("border-data"));
    let part = |name: &'static str, key: &'static str| Command::new(name).about(help(key)).arg(data.clone());
    let found =
        part("found", "border-found").arg(word("name", "border-name")).arg(word("region", "border-region"));
    let trust = part("trust", "border-trust")
        .arg(word("key", "border-key"))
        .arg(word("region", "border-their-region"))
        .arg(word("url", "border-url"));
    let file =
        Arg::new("lines").value_name("FILE").value_parser(value_parser!(PathBuf)).help(help("border-lines"));
    let clearing = Arg::new("clearing").long("clearing").value_name("ID").help(help("border-clearing"));
    let claim = part("claim", "border-claim")
        .arg(word("run", "border-run"))
        .arg(file)
        .arg(clearing)
        .args(reach(locale));
    let judge = |name: &'static str, key: &'static str| {
        part(name, key)
            .arg(word("run", "border-run"))
            .arg(word("order", "border-order"))
            .arg(word("reason", "border-reason"))
    };
    let open = part("open", "border-open")
        .arg(Arg::new("listen").long("listen").value_name("ADDRESS").help(help("border-listen")));
    let since = Arg::new("since").long("since").value_name("LINES").default_value("0");
    let since = since.value_parser(value_parser!(u64)).help(help("border-since"));
    let export = part("export", "border-export")
        .arg(word("run", "border-run"))
        .arg(word("region", "border-their-region"))
        .arg(since);
    let show = part("show", "border-show").arg(word("run", "border-run"));
    Command::new("border")
        .about(help("border"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommands([
            found,
            trust,
            claim,
            judge("dispute", "border-dispute"),
            judge("end", "border-end"),
            show,
            export,
            open,
        ])
}

/// # Errors
/// The folder cannot be used, or what was asked is refused.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let Some((part, given)) = matches.subcommand() else { return Ok(()) };
    let text = |name: &str| given.try_get_one::<String>(name).ok().flatten().cloned().unwrap_or_default();
    let folder = given.get_one::<PathBuf>("data").cloned().unwrap_or_default();
    match part {
        "found" => println!("{}", Book::found(&folder, &text("name"), region(&text("region"))?)?.key()),
        "trust" => {
            let key = text("key");
            let wrong = |error: String| Trouble::new("key", json!({ "key": key, "error": error })).of_input();
            let key = key.trim().parse().map_err(|error: chain::key::KeyError| wrong(error.to_string()))?;
            let url = text("url").trim_end_matches('/').to_owned();
            Book::open(&folder)?.trust(&Peer { key, region: region(&text("region"))?, url })?;
        }
        "claim" => {
            let lines = match given.get_one::<String>("clearing") {
                Some(id) => of_run(&House::of(given, locale).get(&format!("clearing/{id}"))?, id)?,
                None => of_file(given.get_one::<PathBuf>("lines").map_or(Path::new(""), PathBuf::as_path))?,
            };
            let count = lines.len();
            Book::open(&folder)?.say(&Said::Claims { run: text("run"), lines })?;
            eprintln!("{}", say(locale, "border", "claimed", &json!({ "lines": count, "run": text("run") })));
        }
        "dispute" | "end" => {
            let (run, order, reason) = (text("run"), text("order"), text("reason"));
            let book = Book::open(&folder)?;
            reckon::may_judge(&book, &run, &order, part == "end")?;
            let said = match part {
                "dispute" => Said::Disputes { run, order, reason },
                _ => Said::Ends { run, order, reason },
            };
            book.say(&said)?;
        }
        "export" => {
            let (book, region, run) = (Book::open(&folder)?, region(&text("region"))?, text("run"));
            let peers = book.peers()?;
            let peer = peers.iter().find(|peer| peer.region == region);
            let none = || Trouble::new("border-no-peer", json!({ "region": region.to_string() })).of_input();
            let since = given.get_one::<u64>("since").copied().unwrap_or(0);
            let proof = reckon::proof(&book, peer.ok_or_else(none)?, &run, since)?;
            let broken =
                |error: serde_json::Error| Trouble::new("broken", json!({ "error": error.to_string() }));
            println!("{}", serde_json::to_string(&proof).map_err(broken)?);
        }
        "show" => println!("{}", shown(&Book::open(&folder)?, &text("run"), locale)?),
        _ => {
            let listen = given.get_one::<String>("listen").cloned().unwrap_or_else(|| LISTEN.into());
            let wrong =
                || Trouble::new("setting", json!({ "name": "listen", "value": listen, "place": "--listen" }));
            let listen: SocketAddr = listen.parse().map_err(|_| wrong())?;
            let taken = Folder::take(&folder)?;
            serve::run(&Book::open(taken.path())?, listen, locale)?;
        }
    }
    Ok(())
}

fn region(text: &str) -> Result<Region, Trouble> {
    let wrong =
        || Trouble::new("setting", json!({ "name": "region", "value": text, "place": "border" })).of_input();
    text.parse().map_err(|_| wrong())
}

fn of_file(path: &Path) -> Result<Vec<Claim>, Trouble> {
    let mut claims: Vec<Claim> = Vec::new();
    tables::read(path, &mut |row| {
        if row.cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        let bad = |column: &str, value: &str| {
            tables::bad(path, row.line, "cell", json!({ "column": column, "value": value }))
        };
        let mut cells = [""; 6];
        for ((names, needed), cell) in COLUMNS.iter().zip(&mut cells) {
            let place = tables::place(row.header, names);
            *cell = place.and_then(|place| row.cells.get(place)).map_or("", |cell| cell.trim());
            if *needed && cell.is_empty() {
                return Err(bad(names[0], cell));
            }
        }
        let [order, debtor, creditor, amount, effective, corrects] = cells;
        let place = |text: &str, column: &str| text.parse::<Region>().map_err(|_| bad(column, text));
        let claim = Claim {
            order: order.to_owned(),
            debtor: place(debtor, "debtor")?,
            creditor: place(creditor, "creditor")?,
            fen: tables::fen(amount).filter(|fen| *fen > 0).ok_or_else(|| bad("amount", amount))?,
            effective: effective.to_owned(),
            corrects: corrects.to_owned(),
        };
        if !claim.is_plain() || claims.iter().any(|other| other.order == claim.order) {
            return Err(bad("order", order));
        }
        if claims.len() >= LINES_MAX {
            return Err(tables::bad(path, row.line, "too-many-rows", json!({ "max": LINES_MAX })));
        }
        claims.push(claim);
        Ok(())
    })?;
    let none = || Trouble::new("no-rows", json!({ "path": path.display().to_string() })).of_input();
    if claims.is_empty() { Err(none()) } else { Ok(claims) }
}

/// The lines of a clearing run of our own house.
fn of_run(record: &Value, run: &str) -> Result<Vec<Claim>, Trouble> {
    let lines = record.pointer("/state/lines").and_then(Value::as_object);
    let none = || Trouble::new("bank-not-netted", json!({ "run": run })).of_input();
    let claim = |line: &Value| {
        let text = |key: &str| line.get(key).and_then(Value::as_str).unwrap_or_default();
        let corrects = line.get("corrects").and_then(Value::as_array).map_or(String::new(), |parts| {
            parts
                .iter()
                .map(|part| part.as_str().map_or_else(|| part.to_string(), str::to_owned))
                .collect::<Vec<_>>()
                .join("/")
        });
        let claim = Claim {
            order: text("order").to_owned(),
            debtor: text("debtor").parse().ok()?,
            creditor: text("creditor").parse().ok()?,
            fen: tables::fen(text("amount"))?,
            effective: text("effective").to_owned(),
            corrects,
        };
        claim.is_plain().then_some(claim)
    };
    let is_struck = |line: &&Value| line.get("is_struck") == Some(&Value::Bool(true));
    let lines = lines.ok_or_else(none)?.values().filter(|line| !is_struck(line));
    lines.map(claim).collect::<Option<Vec<_>>>().ok_or_else(none)
}

/// What a person reads of a run: each pair, its lines, what waits and why, and whether both have signed.
fn shown(book: &Book, run: &str, locale: Locale) -> Result<String, Trouble> {
    let mut told = Vec::new();
    for peer in book.peers()? {
        let pair = reckon::pair(book, &peer, run)?;
        let facts = json!({
            "run": run, "peer": peer.key.name(), "counting": pair.counting.len(), "waiting": pair.waiting.len(),
            "first": pair.first.to_string(), "second": pair.second.to_string(),
            "first_owes": yuan(pair.first_owes), "second_owes": yuan(pair.second_owes),
        });
        told.push(say(locale, "border", if pair.signed.is_some() { "settled" } else { "open" }, &facts));
        for (order, why) in &pair.waiting {
            told.push(say(
                locale,
                "border",
                reckon::word(why),
                &json!({ "order": order, "reason": reckon::reason(why) }),
            ));
        }
        told.extend(pair.signed.map(|note| format!("\n{note}")));
    }
    Ok(told.join("\n"))
}
