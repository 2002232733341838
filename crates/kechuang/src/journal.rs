//! Journal: the money of a house as hledger reads it, with every balance as an assertion.
//!
//! A payment is one transaction with the day it was booked and, for a reversal, the day from which it counts. What hledger
//! sums up must be what the house says, or hledger refuses the file.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command, value_parser};
use grammar::{
    kinds::{Day, Money},
    words::Locale,
};
use serde_json::{Value, json};
use window::journal::{Books, Move, movement};

use crate::{
    book,
    client::{House, reach},
    speech::{Trouble, say, words},
    tables,
};

/// Accounts of one house.
const ACCOUNTS_MAX: usize = 100_000;
/// Letters of a name or a reason.
const TEXT_MAX: usize = 400;
const COLUMNS: [([&str; 2], bool); 7] = [
    (["day", "日期"], true),
    (["from", "付款账户"], true),
    (["to", "收款账户"], true),
    (["amount", "金额"], true),
    (["reason", "事由"], false),
    (["effective", "生效日"], false),
    (["entry", "流水号"], false),
];

pub fn command(locale: Locale) -> Command {
    let help = |key: &'static str| words(locale).get("help", key);
    let file = |name: &'static str, key: &'static str| {
        Arg::new(name).value_name("FILE").value_parser(value_parser!(PathBuf)).help(help(key))
    };
    Command::new("journal")
        .about(help("journal"))
        .arg(file("moves", "journal-moves"))
        .arg(file("out", "journal-out").long("out").required(true))
        .args(reach(locale))
}

/// # Errors
/// The house or the file cannot be read, or the journal not be written.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let path = |name: &str| matches.get_one::<PathBuf>(name).map(PathBuf::as_path);
    let books = match path("moves") {
        Some(file) => of_file(file)?,
        None => of_house(&House::of(matches, locale))?,
    };
    let text = books.text();
    let made = book::whole(path("out").unwrap_or(Path::new("")), text.as_bytes())?;
    let facts = json!({
        "moves": books.moves(), "accounts": books.names().len(), "path": made.display().to_string(),
    });
    eprintln!("{}", say(locale, "journal", "done", &facts));
    Ok(())
}

fn of_file(path: &Path) -> Result<Books, Trouble> {
    let mut books = Books::default();
    tables::read(path, &mut |row| {
        if row.cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        let mut cells: [&str; 7] = [""; 7];
        for ((names, needed), cell) in COLUMNS.iter().zip(&mut cells) {
            let place = tables::place(row.header, names);
            *cell = place.and_then(|place| row.cells.get(place)).map_or("", |cell| cell.trim());
            if (*needed && cell.is_empty()) || cell.chars().count() > TEXT_MAX {
                return Err(wrong(path, row.line, names[0], cell));
            }
        }
        let [day, from, to, amount, reason, effective, entry] = cells;
        let read =
            |text: &str, column: &str| text.parse::<Day>().map_err(|_| wrong(path, row.line, column, text));
        let fen = tables::fen(amount).filter(|fen| *fen > 0);
        let each = Move {
            day: read(day, "day")?,
            effective: if effective.is_empty() { None } else { Some(read(effective, "effective")?) },
            from: from.to_owned(),
            to: to.to_owned(),
            amount: Money::fen(fen.ok_or_else(|| wrong(path, row.line, "amount", amount))?),
            reason: reason.to_owned(),
            entry: entry.to_owned(),
        };
        if from == to {
            return Err(tables::bad(path, row.line, "owes-itself", json!({ "column": "to" })));
        }
        books
            .keep(format!("{:012}", row.line), each)
            .map_err(|max| tables::bad(path, row.line, "too-many-rows", json!({ "max": max })))
    })?;
    let none = || Trouble::new("no-rows", json!({ "path": path.display().to_string() })).of_input();
    if books.moves() == 0 { Err(none()) } else { Ok(books) }
}

fn wrong(path: &Path, line: u64, column: &str, value: &str) -> Trouble {
    tables::bad(path, line, "cell", json!({ "column": column, "value": value }))
}

/// Every account that the asker may see, with all that happened to it.
fn of_house(house: &House) -> Result<Books, Trouble> {
    let mut books = Books::default();
    let mut cursor = String::new();
    loop {
        let page = house.get(&format!("account?limit=200&cursor={}", crate::client::step(&cursor)))?;
        for row in page.get("rows").and_then(Value::as_array).into_iter().flatten() {
            let id = row.get("id").and_then(Value::as_str).unwrap_or_default();
            account(house, id, &mut books)?;
        }
        match page.get("next").and_then(Value::as_str) {
            Some(next) if books.stated() < ACCOUNTS_MAX => next.clone_into(&mut cursor),
            _ => return Ok(books),
        }
    }
}

fn account(house: &House, id: &str, books: &mut Books) -> Result<(), Trouble> {
    let broken = |what: &str| Trouble::new("broken", json!({ "error": format!("{id}: {what}") }));
    let record = house.get(&format!("account/{id}"))?;
    let text = |at: &str| record.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned();
    let balance: Money = text("/state/balance").parse().map_err(|_| broken("no balance"))?;
    let title = [text("/card/title_zh"), text("/card/title_en")].into_iter().find(|text| !text.is_empty());
    let history = house.get(&format!("account/{id}/history"))?;
    for line in history.get("lines").and_then(Value::as_array).into_iter().flatten() {
        let Some((key, each)) = movement(id, line) else { continue };
        books.keep(key, each).map_err(|_| broken("too many movements"))?;
    }
    // A balance is only sure when the whole history was shown.
    let shown = history.get("lines").and_then(Value::as_array).map_or(0, Vec::len);
    if record.get("sequence").and_then(Value::as_u64) == u64::try_from(shown).ok() {
        books.states(id, &title.unwrap_or_default(), balance);
    }
    Ok(())
}
