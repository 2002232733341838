//! Journal: the money of a house as hledger reads it, with every balance as an assertion.
//!
//! A payment is one transaction with the day it was booked and, for a reversal, the day from which it counts. What hledger
//! sums up must be what the house says, or hledger refuses the file.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::{Path, PathBuf},
};

use clap::{Arg, ArgMatches, Command, value_parser};
use grammar::{kinds::Day, words::Locale};
use serde_json::{Value, json};

use crate::{
    book,
    client::{House, reach},
    speech::{Trouble, say, words},
    tables,
};

/// Accounts of one house, and movements of a file.
const ACCOUNTS_MAX: usize = 100_000;
const MOVES_MAX: usize = 5_000_000;
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

/// Money that went from one account to another.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Move {
    day: Day,
    effective: Option<Day>,
    from: String,
    to: String,
    fen: i64,
    reason: String,
    entry: String,
}

#[derive(Default)]
struct Books {
    /// By what makes a movement one, so that payer and payee tell it only once.
    moves: BTreeMap<(Day, String), Move>,
    /// Titles and balances, where they are known.
    accounts: BTreeMap<String, (String, i64)>,
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
        "moves": books.moves.len(), "accounts": books.names().len(), "path": made.display().to_string(),
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
            fen: fen.ok_or_else(|| wrong(path, row.line, "amount", amount))?,
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
    if books.moves.is_empty() { Err(none()) } else { Ok(books) }
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
            Some(next) if books.accounts.len() < ACCOUNTS_MAX => next.clone_into(&mut cursor),
            _ => return Ok(books),
        }
    }
}

fn account(house: &House, id: &str, books: &mut Books) -> Result<(), Trouble> {
    let broken = |what: &str| Trouble::new("broken", json!({ "error": format!("{id}: {what}") }));
    let record = house.get(&format!("account/{id}"))?;
    let text = |at: &str| record.pointer(at).and_then(Value::as_str).unwrap_or_default().to_owned();
    let balance = tables::fen(&text("/state/balance")).ok_or_else(|| broken("no balance"))?;
    let title = [text("/card/title_zh"), text("/card/title_en")].into_iter().find(|text| !text.is_empty());
    let history = house.get(&format!("account/{id}/history"))?;
    for line in history.get("lines").and_then(Value::as_array).into_iter().flatten() {
        let Some((key, each)) = movement(id, line) else { continue };
        books.keep(key, each).map_err(|_| broken("too many movements"))?;
    }
    // A balance is only sure when the whole history was shown.
    let shown = history.get("lines").and_then(Value::as_array).map_or(0, Vec::len);
    if record.get("sequence").and_then(Value::as_u64) == u64::try_from(shown).ok() {
        books.accounts.insert(id.to_owned(), (title.unwrap_or_default(), balance));
    }
    Ok(())
}

/// What one event of an account moved; payer and payee tell it with the same key.
fn movement(id: &str, line: &Value) -> Option<(String, Move)> {
    let event = line.get("event")?;
    let word =
        |value: &Value, key: &str| value.get(key).and_then(Value::as_str).unwrap_or_default().to_owned();
    let entry = event.get("entry")?.as_u64()?.to_string();
    let payment = event.get("payment");
    let of = |key: &str| payment.map_or(String::new(), |payment| word(payment, key));
    let (kind, from, to) = match word(event, "event").as_str() {
        "paid" | "posted" => ("", id.to_owned(), of("to")),
        "received" => ("", word(event, "from"), id.to_owned()),
        "reversed" => ("reversal of ", of("to"), id.to_owned()),
        "given-back" => ("reversal of ", id.to_owned(), word(event, "to")),
        _ => return None,
    };
    let payer = if kind.is_empty() { &from } else { &to };
    let key = format!("{payer} {kind}{entry:0>9}");
    let amount = if payment.is_some() { of("amount") } else { word(event, "amount") };
    let reason = if kind.is_empty() { of("reason") } else { word(event, "reason") };
    let at = word(line, "at");
    let each = Move {
        day: day_of(&at)?,
        effective: event.get("effective").and_then(Value::as_str).and_then(|day| day.parse().ok()),
        fen: tables::fen(&amount)?,
        entry: format!("{kind}{payer}/{entry}"),
        from,
        to,
        reason,
    };
    Some((key, each))
}

/// The day in China of a moment as the house writes it.
fn day_of(at: &str) -> Option<Day> {
    at.parse::<grammar::kinds::Moment>().ok().map(grammar::kinds::Moment::day)
}

impl Books {
    /// Keeps what is said with more words, of two who tell the same.
    fn keep(&mut self, key: String, each: Move) -> Result<(), usize> {
        if self.moves.len() >= MOVES_MAX {
            return Err(MOVES_MAX);
        }
        let kept = self.moves.entry((each.day, key)).or_insert_with(|| each.clone());
        if kept.reason.is_empty() && kept.effective.is_none() {
            *kept = each;
        }
        Ok(())
    }

    fn names(&self) -> BTreeSet<&str> {
        let moved = self.moves.values().flat_map(|each| [each.from.as_str(), each.to.as_str()]);
        moved.chain(self.accounts.keys().map(String::as_str)).collect()
    }

    fn text(&self) -> String {
        let mut text = "commodity CNY 1000.00\n\n".to_owned();
        for name in self.names() {
            let title = self.accounts.get(name).map_or("", |(title, _)| title);
            text.push_str(&format!("account {}  ; {}\n", plain(name), comment(title)));
        }
        for each in self.moves.values() {
            let effective = each.effective.map_or(String::new(), |day| format!("={day}"));
            let amount = book::yuan(each.fen.into());
            text.push_str(&format!(
                "\n{}{effective} * {}  ; {}\n    {}  CNY {amount}\n    {}  CNY -{amount}\n",
                each.day,
                comment(&each.reason),
                comment(&each.entry),
                plain(&each.to),
                plain(&each.from),
            ));
        }
        let last = self.moves.keys().next_back().map(|(day, _)| *day);
        if let Some(day) = last.filter(|_| !self.accounts.is_empty()) {
            text.push_str(&format!("\n{day} * balances as the house states them\n"));
            for (name, (_, balance)) in &self.accounts {
                text.push_str(&format!(
                    "    {}  CNY 0.00 = CNY {}\n",
                    plain(name),
                    book::yuan((*balance).into())
                ));
            }
        }
        text
    }
}

/// A name of an account: no colon but ours would make levels, two blanks or a semicolon would end it.
fn plain(name: &str) -> String {
    let kept: String = name
        .chars()
        .map(|c| if matches!(c, ':' | ';' | '|' | '(' | ')' | '[' | ']') || c.is_control() { '_' } else { c })
        .collect();
    kept.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn comment(text: &str) -> String {
    let kept: String =
        text.chars().map(|c| if matches!(c, ';' | '|') || c.is_control() { ' ' } else { c }).collect();
    let kept = kept.split_whitespace().collect::<Vec<_>>().join(" ");
    if kept.is_empty() { "-".to_owned() } else { kept }
}
