//! Bank: payments leave as an ISO 20022 file (pain.001), and the bank's statement (camt.053) is read back and matched.
//!
//! Nothing is believed by halves: a statement in which one entry of ours does not fit is refused as a whole, with its line. Entries of
//! others are counted and left alone.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use clap::{Arg, ArgMatches, Command, value_parser};
use engines::bank::{self, Bad, Entry, Payment, Sent, Side, read_payments, read_statement, write_payments};
use grammar::words::Locale;
use registry::Clock;
use serde_json::{Value, json};

use crate::{
    book::{self, Cell, Sheet},
    client::{House, reach},
    speech::{Trouble, say, words},
    system::SystemClock,
    tables,
};

/// Payments of one file.
const PAYMENTS_MAX: usize = 100_000;
/// Bytes of an XML file.
const BYTES_MAX: u64 = 256 << 20;
/// Columns in Chinese and English, with the most letters a cell may have.
const COLUMNS: [([&str; 2], usize); 9] = [
    (["id", "编号"], 35),
    (["payer", "付款方"], 140),
    (["payer account", "付款账号"], 34),
    (["payer bank", "付款行"], 35),
    (["payee", "收款方"], 140),
    (["payee account", "收款账号"], 34),
    (["payee bank", "收款行"], 35),
    (["amount", "金额"], 30),
    (["purpose", "用途"], 140),
];

pub fn command(locale: Locale) -> Command {
    let help = |key: &'static str| words(locale).get("help", key);
    let file = |name: &'static str, text: &'static str| {
        Arg::new(name).required(true).value_name("FILE").value_parser(value_parser!(PathBuf)).help(help(text))
    };
    let out = |text: &'static str| file("out", text).long("out");
    let text = move |name: &'static str, value: &'static str, key: &'static str| {
        Arg::new(name).long(name).value_name(value).help(help(key))
    };
    let pay = Command::new("pay")
        .about(help("bank-pay"))
        .arg(file("payments", "bank-payments"))
        .arg(text("clearing", "ID", "bank-clearing"))
        .arg(text("on", "DAY", "bank-on"))
        .arg(out("bank-pay-out"))
        .args(reach(locale));
    let matching = Command::new("match")
        .about(help("bank-match"))
        .arg(file("file", "bank-file"))
        .arg(file("statement", "bank-statement"))
        .arg(out("bank-match-out"));
    Command::new("bank").about(help("bank")).subcommand_required(true).subcommand(pay).subcommand(matching)
}

/// # Errors
/// What cannot be read or does not match, with its line; or written.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    match matches.subcommand() {
        Some(("match", given)) => match_up(given, locale),
        Some((_, given)) => pay(given, locale),
        None => Ok(()),
    }
}

fn path<'a>(matches: &'a ArgMatches, name: &str) -> &'a Path {
    matches.get_one::<PathBuf>(name).map_or(Path::new(""), PathBuf::as_path)
}

fn pay(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let rows = rows(path(matches, "payments"))?;
    let payments = match matches.get_one::<String>("clearing") {
        None => {
            rows.into_iter().map(|(line, cells)| payment(path(matches, "payments"), line, cells)).collect()
        }
        Some(run) => of_run(
            &House::of(matches, locale).get(&format!("clearing/{run}"))?,
            run,
            &rows,
            path(matches, "payments"),
        ),
    }?;
    let today = SystemClock.now();
    let on = matches.get_one::<String>("on").cloned().unwrap_or_else(|| today.day().to_string());
    on.parse::<grammar::kinds::Day>().map_err(|_| {
        Trouble::new("setting", json!({ "name": "on", "value": on, "place": "--on" })).of_input()
    })?;
    // The same payments have the same name, so that a bank refuses a file that is sent twice.
    let name = bank::name(&on, &payments);
    let xml = write_payments(&name, &today.to_string(), &on, &payments);
    let made = book::whole(path(matches, "out"), xml.as_bytes())?;
    let total: i128 = payments.iter().map(|payment| i128::from(payment.fen)).sum();
    let facts = json!({
        "payments": payments.len(), "total": book::yuan(total), "path": made.display().to_string(), "name": name,
    });
    eprintln!("{}", say(locale, "bank", "paid", &facts));
    Ok(())
}

type Cells = BTreeMap<&'static str, String>;

/// The rows of a table with these columns, as far as they are there.
fn rows(path: &Path) -> Result<Vec<(u64, Cells)>, Trouble> {
    let mut rows = Vec::new();
    tables::read(path, &mut |row| {
        if row.cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        let mut cells = Cells::new();
        for (names, max) in COLUMNS {
            let Some(place) = tables::place(row.header, &names) else { continue };
            let cell = row.cells.get(place).map_or("", |cell| cell.trim());
            let wrong = || tables::bad(path, row.line, "cell", json!({ "column": names[0], "value": cell }));
            if cell.chars().count() > max || cell.chars().any(char::is_control) {
                return Err(wrong());
            }
            cells.insert(names[0], cell.to_owned());
        }
        if rows.len() >= PAYMENTS_MAX {
            return Err(tables::bad(path, row.line, "too-many-rows", json!({ "max": PAYMENTS_MAX })));
        }
        rows.push((row.line, cells));
        Ok(())
    })?;
    let none = || Trouble::new("no-rows", json!({ "path": path.display().to_string() })).of_input();
    if rows.is_empty() { Err(none()) } else { Ok(rows) }
}

fn cell(path: &Path, line: u64, cells: &Cells, column: &'static str) -> Result<String, Trouble> {
    let text = cells.get(column).filter(|text| !text.is_empty());
    text.cloned().ok_or_else(|| tables::bad(path, line, "cell", json!({ "column": column, "value": "" })))
}

fn side(path: &Path, line: u64, cells: &Cells, of: [&'static str; 3]) -> Result<Side, Trouble> {
    let [name, account, bank] = of;
    Ok(Side {
        name: cell(path, line, cells, name)?,
        account: cell(path, line, cells, account)?,
        bank: cells.get(bank).cloned().unwrap_or_default(),
    })
}

const PAYER: [&str; 3] = ["payer", "payer account", "payer bank"];
const PAYEE: [&str; 3] = ["payee", "payee account", "payee bank"];

fn payment(path: &Path, line: u64, cells: Cells) -> Result<Payment, Trouble> {
    let amount = cell(path, line, &cells, "amount")?;
    let wrong = || tables::bad(path, line, "cell", json!({ "column": "amount", "value": amount }));
    Ok(Payment {
        id: cell(path, line, &cells, "id")?,
        payer: side(path, line, &cells, PAYER)?,
        payee: side(path, line, &cells, PAYEE)?,
        fen: tables::fen(&amount).filter(|fen| *fen > 0).ok_or_else(wrong)?,
        purpose: cells.get("purpose").cloned().unwrap_or_default(),
    })
}

/// The payments of a clearing run of a house; the table says which account each region has: the column `payer` holds its
/// code, `payee` its name.
fn of_run(record: &Value, run: &str, rows: &[(u64, Cells)], path: &Path) -> Result<Vec<Payment>, Trouble> {
    let netting = record.pointer("/state/netting/payments").and_then(Value::as_array);
    let none = || Trouble::new("bank-not-netted", json!({ "run": run })).of_input();
    let mut payments = Vec::new();
    for (each, n) in netting.ok_or_else(none)?.iter().zip(1..) {
        let text = |key: &str| each.get(key).and_then(Value::as_str).unwrap_or_default();
        let of = |region: &str| {
            let found = rows.iter().find(|(_, cells)| cells.get("payer").is_some_and(|code| code == region));
            let missing = || {
                Trouble::new(
                    "bank-no-account",
                    json!({ "path": path.display().to_string(), "region": region }),
                )
            };
            let (line, cells) = found.ok_or_else(|| missing().of_input())?;
            side(path, *line, cells, ["payee", "payer account", "payer bank"])
        };
        payments.push(Payment {
            id: format!("{run}-{n}"),
            payer: of(text("payer"))?,
            payee: of(text("payee"))?,
            fen: tables::fen(text("amount")).filter(|fen| *fen > 0).ok_or_else(none)?,
            purpose: format!("{run} {}→{}", text("payer"), text("payee")),
        });
    }
    Ok(payments)
}

fn match_up(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    book::is_known(path(matches, "out"))?;
    let (file, statement) = (path(matches, "file"), path(matches, "statement"));
    let payments = read_payments(&xml(file)?).map_err(|bad| unfit(file, bad))?;
    let sent = Sent { payments: &payments, mark: mark(&payments) };
    let told = read_statement(&xml(statement)?, &sent).map_err(|bad| unfit(statement, bad))?;
    let found = told.matched().map_err(|bad| unfit(statement, bad))?;
    let row = |payment: &Payment| {
        let entry = found.get(payment.id.as_str());
        let of = |key: fn(&Entry) -> &str| entry.map_or("", |entry| key(entry)).into();
        vec![
            Cell::from(payment.id.as_str()),
            payment.payer.name.as_str().into(),
            payment.payee.name.as_str().into(),
            Cell::Fen(payment.fen.into()),
            Cell::Text(say(locale, "bank", if entry.is_some() { "booked" } else { "waiting" }, &json!({}))),
            of(|entry| &entry.booked),
            of(|entry| &entry.value_day),
        ]
    };
    let columns = ["id", "payer", "payee", "amount", "state", "booked-on", "value-day"];
    let word = |key: &str| say(locale, "bank", key, &json!({}));
    let sheet = Sheet {
        name: "payments",
        title: word("payments"),
        header: columns.iter().map(|key| word(key)).collect(),
        rows: payments.iter().map(row).collect(),
    };
    let made = book::write(path(matches, "out"), &[sheet])?;
    let facts = json!({
        "booked": found.len(), "waiting": payments.len() - found.len(), "others": told.others,
        "path": made.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "),
    });
    eprintln!("{}", say(locale, "bank", "matched", &facts));
    Ok(())
}

/// How all names begin, where they are numbers after one word: then any such name is ours, known or not.
fn mark(payments: &[Payment]) -> &str {
    let stem = |payment: &'_ Payment| payment.id.rsplit_once('-').map_or(0, |(stem, _)| stem.len());
    let first = payments.first().map_or("", |payment| payment.id.get(..stem(payment)).unwrap_or_default());
    let is_same = |payment: &Payment| payment.id.get(..stem(payment)) == Some(first);
    if payments.iter().all(is_same) { first } else { "" }
}

fn xml(path: &Path) -> Result<String, Trouble> {
    let length = std::fs::metadata(path).map_err(|error| Trouble::file(path, &error))?.len();
    if length > BYTES_MAX {
        let facts = json!({ "path": path.display().to_string(), "max": BYTES_MAX >> 20 });
        return Err(Trouble::new("json-too-large", facts).of_input());
    }
    let bytes = std::fs::read(path).map_err(|error| Trouble::file(path, &error))?;
    let odd = || tables::bad(path, 1, "xml", json!({ "error": "letters in an unknown encoding" }));
    window::read_text(&bytes).ok_or_else(odd)
}

/// What does not fit in an XML file, with its line.
fn unfit(path: &Path, bad: Bad) -> Trouble {
    tables::bad(path, bad.line, bad.code, bad.facts)
}

/// The payments of a run as a file for the bank, read back, and matched with the statements of a bank that has booked them.
/// The table says which account each region has. Gives each amount by the name it was booked under.
#[cfg(test)]
pub fn round_trip(record: &Value, run: &str, table: &Path) -> BTreeMap<String, i64> {
    let payments = of_run(record, run, &rows(table).unwrap(), table).unwrap();
    let sent =
        read_payments(&write_payments("RUN", "2026-04-01T02:00:00Z", "2026-04-01", &payments)).unwrap();
    assert_eq!(sent, payments, "what the bank is sent is what was netted");
    let entry = |payment: &Payment| {
        format!(
            "<Ntry><Amt Ccy=\"CNY\">{}</Amt><CdtDbtInd>DBIT</CdtDbtInd><Sts><Cd>BOOK</Cd></Sts><NtryDtls><TxDtls><Refs>\
             <EndToEndId>{}</EndToEndId></Refs></TxDtls></NtryDtls></Ntry>",
            book::yuan(payment.fen.into()),
            payment.id
        )
    };
    let accounts: std::collections::BTreeSet<&str> =
        sent.iter().map(|payment| payment.payer.account.as_str()).collect();
    let statement = |account: &&str| {
        let own = sent.iter().filter(|payment| payment.payer.account == **account);
        let entries: String = own.map(entry).collect();
        format!("<Stmt><Acct><Id><Othr><Id>{account}</Id></Othr></Id></Acct>{entries}</Stmt>")
    };
    let statements: String = accounts.iter().map(statement).collect();
    let xml = format!("<Document><BkToCstmrStmt>{statements}</BkToCstmrStmt></Document>");
    let told = read_statement(&xml, &Sent { payments: &sent, mark: run }).unwrap();
    let found = told.matched().unwrap();
    found.into_iter().map(|(id, entry)| (id.to_owned(), entry.fen)).collect()
}
