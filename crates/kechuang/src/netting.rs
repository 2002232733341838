//! Net: a file of obligations becomes payments, positions and statements.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use clap::{Arg, ArgMatches, Command, value_parser};
use engines::netting::{self, Fault, Obligation, Proposal, Question, Verdict};
use grammar::words::Locale;
use serde_json::json;

use crate::{
    book::{self, Cell, Sheet},
    columns::{self, Reading},
    speech::{Trouble, say, words},
    tables,
};

/// Bytes of a party's name.
const NAME_MAX: usize = 200;
/// What a cell of the column `disputed` says when a line is not in dispute.
const NO: [&str; 6] = ["", "0", "no", "false", "否", "无"];
const YES: [&str; 6] = ["1", "yes", "true", "x", "是", "有"];
/// Columns in Chinese and English.
const COLUMNS: [[&str; 2]; 4] =
    [["debtor", "付款方"], ["creditor", "收款方"], ["amount", "金额"], ["disputed", "争议"]];

pub fn command(locale: Locale) -> Command {
    let help = |key: &'static str| words(locale).get("help", key);
    let file = value_parser!(PathBuf);
    Command::new("net")
        .about(help("net"))
        .arg(
            Arg::new("lines")
                .required(true)
                .value_name("FILE")
                .value_parser(file.clone())
                .help(help("net-lines")),
        )
        .arg(
            Arg::new("out")
                .long("out")
                .required(true)
                .value_name("FILE")
                .value_parser(file)
                .help(help("net-out")),
        )
}

/// The lines of a file, with what is said about them later.
#[derive(Default)]
struct Lines {
    names: Vec<String>,
    numbers: BTreeMap<String, u32>,
    obligations: Vec<Obligation>,
    /// What the column of creditors is called.
    creditor: String,
    /// Where each obligation stands in the file.
    at: Vec<u64>,
}

/// Nets a file.
///
/// # Errors
/// What cannot be read, with its line and column; or written.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let path = |name: &str| matches.get_one::<PathBuf>(name).map_or(Path::new(""), PathBuf::as_path);
    book::is_known(path("out"))?;
    let lines = read(path("lines"), locale)?;
    let parties = u32::try_from(lines.names.len()).unwrap_or(u32::MAX);
    let question = Question { parties, obligations: &lines.obligations };
    let proposal = netting::net(&question).map_err(|fault| unfit(path("lines"), &lines, fault))?;
    let verdict = netting::check(&question, &proposal)
        .map_err(|wrong| Trouble::new("broken", json!({ "error": wrong.to_string() })))?;
    let sheets = sheets(&lines, &question, &proposal, locale);
    let made = book::write(path("out"), &sheets)?;
    let facts = json!({
        "lines": lines.obligations.len(), "parties": parties, "gross": book::yuan(verdict.gross),
        "moved": book::yuan(verdict.moved.into()), "payments": verdict.payments,
        "path": made.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "),
    });
    eprintln!("{}", say(locale, "net", "done", &facts));
    eprintln!("{}", say(locale, "net", fewest(&proposal, &verdict), &facts));
    Ok(())
}

fn fewest(proposal: &Proposal, verdict: &Verdict) -> &'static str {
    if proposal.is_fewest || verdict.payments == verdict.at_least { "fewest" } else { "few" }
}

fn unfit(path: &Path, lines: &Lines, fault: Fault) -> Trouble {
    let of = |line: usize| lines.at.get(line).copied().unwrap_or(0);
    match fault {
        Fault::OwesItself { line } => {
            tables::bad(path, of(line), "owes-itself", json!({ "column": lines.creditor }))
        }
        fault => Trouble {
            is_refusal: true,
            ..Trouble::new(
                "cannot-net",
                json!({ "path": path.display().to_string(), "error": fault.to_string() }),
            )
        },
    }
}

fn read(path: &Path, locale: Locale) -> Result<Lines, Trouble> {
    let (mut lines, mut reading) = (Lines::default(), Reading::new(path, locale));
    tables::read(path, &mut |row| {
        if row.cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        let places = COLUMNS.map(|names| tables::place(row.header, &names));
        let [Some(debtor), Some(creditor), Some(amount), disputed] = places else {
            let known = row.header.join(", ");
            let missing = COLUMNS.iter().zip(places).find(|(_, place)| place.is_none());
            let name = missing.map_or("", |([name, _], _)| name);
            return Err(tables::bad(path, row.line, "no-column", json!({ "name": name, "known": known })));
        };
        reading.row();
        if lines.creditor.is_empty() {
            lines.creditor = row.header.get(creditor).cloned().unwrap_or_default();
        }
        let cell = |place: usize| row.cells.get(place).map_or("", |cell| cell.trim());
        let debtor = lines.party(path, &row, debtor)?;
        let creditor = lines.party(path, &row, creditor)?;
        let fen = tables::fen(cell(amount)).filter(|fen| *fen > 0);
        let fen = fen.ok_or_else(|| wrong(path, &row, "amount", cell(amount)))?;
        let said = disputed.map_or("", cell).to_lowercase();
        let is_disputed = YES.contains(&said.as_str());
        if !is_disputed && !NO.contains(&said.as_str()) {
            return Err(wrong(path, &row, "disputed", &said));
        }
        if lines.obligations.len() >= netting::OBLIGATIONS_MAX {
            return Err(tables::bad(
                path,
                row.line,
                "too-many-rows",
                json!({ "max": netting::OBLIGATIONS_MAX }),
            ));
        }
        lines.obligations.push(Obligation { debtor, creditor, fen, is_disputed });
        lines.at.push(row.line);
        Ok(())
    })?;
    reading.finish()?;
    Ok(lines)
}

fn wrong(path: &Path, row: &tables::Row, column: &str, value: &str) -> Trouble {
    tables::bad(path, row.line, "cell", json!({ "column": column, "value": value }))
}

impl Lines {
    fn party(&mut self, path: &Path, row: &tables::Row, place: usize) -> Result<u32, Trouble> {
        let name = columns::text(row, place);
        if name.is_empty() || name.len() > NAME_MAX {
            return Err(columns::wrong(path, row, place));
        }
        if let Some(number) = self.numbers.get(name) {
            return Ok(*number);
        }
        let number = u32::try_from(self.names.len()).unwrap_or(u32::MAX);
        if number >= netting::PARTIES_MAX {
            return Err(tables::bad(
                path,
                row.line,
                "too-many-parties",
                json!({ "max": netting::PARTIES_MAX }),
            ));
        }
        self.numbers.insert(name.to_owned(), number);
        self.names.push(name.to_owned());
        Ok(number)
    }

    fn name(&self, party: u32) -> Cell {
        self.names.get(party as usize).map_or("", String::as_str).into()
    }

    /// Lines of the file, by their numbers there.
    fn numbers(&self, lines: &[usize]) -> Cell {
        const SHOWN: usize = 200;
        let at = lines.iter().take(SHOWN).filter_map(|line| self.at.get(*line));
        let mut text = at.map(u64::to_string).collect::<Vec<_>>().join(" ");
        if lines.len() > SHOWN {
            text.push_str(" …");
        }
        Cell::Text(text)
    }
}

/// Payments, positions, and a statement for each pair.
fn sheets(lines: &Lines, question: &Question, proposal: &Proposal, locale: Locale) -> Vec<Sheet> {
    let sheet = |name: &'static str, columns: &[&'static str], rows: Vec<Vec<Cell>>| {
        let word = |key: &str| say(locale, "net", key, &json!({}));
        Sheet { name, title: word(name), header: columns.iter().map(|key| word(key)).collect(), rows }
    };
    let payment = |each: &netting::Payment| {
        vec![lines.name(each.from), lines.name(each.to), Cell::Fen(each.fen.into())]
    };
    let position = |(fen, party): (&i64, u32)| vec![lines.name(party), Cell::Fen((*fen).into())];
    let statement = |each: netting::Statement| {
        vec![
            lines.name(each.pair.0),
            lines.name(each.pair.1),
            Cell::Fen(each.first_owes),
            Cell::Fen(each.second_owes),
            Cell::Fen(each.balance()),
            lines.numbers(&each.lines),
            lines.numbers(&each.disputed),
        ]
    };
    vec![
        sheet("payments", &["from", "to", "amount"], proposal.payments.iter().map(payment).collect()),
        sheet(
            "positions",
            &["party", "position"],
            proposal.positions.iter().zip(0..).map(position).collect(),
        ),
        sheet(
            "statements",
            &["first", "second", "first-owes", "second-owes", "balance", "lines", "disputed"],
            netting::statements(question).into_iter().map(statement).collect(),
        ),
    ]
}
