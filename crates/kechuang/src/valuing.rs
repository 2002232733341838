//! Value: a file of assumptions becomes values by several methods, each with every step that led to it.

mod assumptions;

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command, value_parser};
use engines::valuation::{
    self, Beside, Step, Value,
    simulate::{self, Range},
};
use grammar::words::Locale;
use serde_json::json;

use crate::{
    allocating::refused,
    book::{self, Cell, Sheet, yuan},
    speech::{Trouble, say, words},
};
use assumptions::File;

pub fn command(locale: Locale) -> Command {
    let help = |key: &'static str| words(locale).get("help", key);
    let file = value_parser!(PathBuf);
    let input = Arg::new("file").required(true).value_name("FILE").value_parser(file.clone());
    let out = Arg::new("out").long("out").required(true).value_name("FILE").value_parser(file);
    Command::new("value")
        .about(help("value"))
        .arg(input.help(help("value-file")))
        .arg(out.help(help("value-out")))
}

/// Values by all methods of a file.
struct Report<'a> {
    file: &'a File,
    values: Vec<(&'static str, Value)>,
    simulated: Option<Range>,
    beside: Option<Beside>,
}

/// Values an achievement.
///
/// # Errors
/// What of the file cannot be one; or what cannot be written.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let path = |name: &str| matches.get_one::<PathBuf>(name).map_or(Path::new(""), PathBuf::as_path);
    book::is_known(path("out"))?;
    let file = assumptions::read(path("file"))?;
    let shown = path("file").display().to_string();
    let unfit = |name: &str, error: String| {
        refused("cannot-value", json!({ "path": shown, "name": name, "error": error }))
    };
    let mut values: Vec<(&'static str, Value)> = Vec::new();
    for (name, method) in &file.methods {
        let value = valuation::value(method).map_err(|fault| unfit(name, fault.to_string()))?;
        valuation::check(method, &value)
            .map_err(|wrong| Trouble::new("broken", json!({ "error": wrong.to_string() })))?;
        values.push((name, value));
    }
    let simulated = match &file.simulation {
        None => None,
        Some((assumptions, seed, draws)) => Some(
            simulate::simulate(assumptions, *seed, *draws)
                .map_err(|error| unfit("simulation", error.to_string()))?,
        ),
    };
    let all: Vec<Value> = values.iter().map(|(_, value)| value.clone()).collect();
    let beside = file.price.map(|price| valuation::beside(price, &all));
    let report = Report { file: &file, values, simulated, beside };
    let made = book::write(path("out"), &report.sheets(locale))?;
    let facts = json!({
        "methods": report.values.len(),
        "path": made.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "),
    });
    eprintln!("{}", say(locale, "value", "done", &facts));
    if report.values.len() < 2 {
        eprintln!("{}", say(locale, "value", "one-method", &json!({})));
    }
    if let Some(beside) = report.beside {
        eprintln!("{}", say(locale, "value", beside_key(beside), &json!({})));
    }
    Ok(())
}

fn beside_key(beside: Beside) -> &'static str {
    match beside {
        Beside::Within => "within",
        Beside::FarBelow => "far-below",
        Beside::FarAbove => "far-above",
    }
}

/// Millionths as a percentage, with as many digits as it has.
fn percent(part: i64) -> String {
    let text = format!("{}.{:04}", part / 10_000, part % 10_000);
    format!("{} %", text.trim_end_matches('0').trim_end_matches('.'))
}

/// Fen that are not whole ones.
#[expect(clippy::cast_possible_truncation, reason = "amounts are limited to far below what an i128 holds")]
fn near(fen: f64) -> i128 {
    fen.round() as i128
}

impl Report<'_> {
    fn sheets(&self, locale: Locale) -> Vec<Sheet> {
        let word = |key: &str| say(locale, "value", key, &json!({}));
        let mut rows = Vec::new();
        for (name, value) in &self.values {
            let (low, high) = value.range;
            rows.push(vec![
                Cell::Text(word(name)),
                Cell::Fen(value.fen.into()),
                Cell::Fen(low.into()),
                Cell::Fen(high.into()),
                Cell::Text(self.note(name, locale)),
            ]);
        }
        if let Some(range) = &self.simulated {
            rows.push(vec![
                Cell::Text(word("simulation")),
                Cell::Fen(range.median.into()),
                Cell::Fen(range.low.into()),
                Cell::Fen(range.high.into()),
                Cell::Text(String::new()),
            ]);
        }
        let header = ["method", "value", "low", "high", "note"].map(word).to_vec();
        let values = Sheet { name: "values", title: word("values"), header, rows };
        vec![values, self.steps(locale), self.about(locale)]
    }

    /// How an income method came to its years and its readiness.
    fn note(&self, name: &str, locale: Locale) -> String {
        let level = self.file.levels.iter().find(|(known, ..)| *known == name);
        level.map_or_else(String::new, |(_, level, part)| {
            let facts = json!({ "level": level, "part": percent(*part) });
            say(locale, "value", "readiness-told", &facts)
        })
    }

    fn steps(&self, locale: Locale) -> Sheet {
        let word = |key: &str| say(locale, "value", key, &json!({}));
        let mut rows = Vec::new();
        for (name, value) in &self.values {
            for (step, number) in value.steps.iter().zip(1_usize..) {
                let (figure, amount) = told(step, locale);
                rows.push(vec![
                    Cell::Text(word(name)),
                    Cell::Text(number.to_string()),
                    Cell::Text(figure),
                    amount,
                ]);
            }
            let last = value.steps.len() + 1;
            let cells = [word(name), last.to_string(), word("value")].map(Cell::Text);
            rows.push(cells.into_iter().chain([Cell::Fen(value.fen.into())]).collect());
        }
        if let (Some(range), Some((_, seed, _))) = (&self.simulated, &self.file.simulation) {
            let facts = json!({ "draws": range.draws, "seed": seed });
            let figure = say(locale, "value", "simulated", &facts);
            let cells = [word("simulation"), "1".to_owned(), figure].map(Cell::Text);
            rows.push(cells.into_iter().chain([Cell::Fen(range.mean.into())]).collect());
        }
        let header = ["method", "step", "figure", "amount"].map(word).to_vec();
        Sheet { name: "steps", title: word("steps"), header, rows }
    }

    fn about(&self, locale: Locale) -> Sheet {
        let word = |key: &str| say(locale, "value", key, &json!({}));
        let mut rows = Vec::new();
        if let Some(life) = &self.file.life {
            let legal = life.legal.map_or_else(|| word("no-end"), |years| years.to_string());
            let facts = json!({
                "years": life.years, "given": life.given, "legal": legal, "economic": life.economic,
            });
            rows.push(vec![Cell::Text(word("life")), Cell::Text(say(locale, "value", "life-told", &facts))]);
        }
        if let (Some(price), Some(beside)) = (self.file.price, self.beside) {
            rows.push(vec![Cell::Text(word("price")), Cell::Fen(price.into())]);
            rows.push(vec![Cell::Text(word("note")), Cell::Text(word(beside_key(beside)))]);
        }
        Sheet { name: "about", title: word("about"), header: ["what", "figure"].map(word).to_vec(), rows }
    }
}

/// A step as a line with its amount.
fn told(step: &Step, locale: Locale) -> (String, Cell) {
    let line = |key: &str, facts: serde_json::Value| say(locale, "value", key, &facts);
    match step {
        Step::Remade { fen } => (line("remade", json!({})), Cell::Fen((*fen).into())),
        Step::WornOff { fen } => (line("worn-off", json!({})), Cell::Fen((-*fen).into())),
        Step::Adjusted { deal, price, fen } => {
            let facts = json!({ "deal": deal + 1, "price": yuan((*price).into()) });
            (line("adjusted", facts), Cell::Fen((*fen).into()))
        }
        Step::Year { year, income, counted, factor, today } => {
            let facts = json!({
                "year": year, "income": yuan((*income).into()), "counted": yuan(near(*counted)),
                "factor": format!("{factor:.6}"),
            });
            (line("year", facts), Cell::Fen(near(*today)))
        }
        Step::Sum { fen } => (line("sum", json!({})), Cell::Fen(near(*fen))),
        Step::Ready { part } => (line("ready", json!({ "part": percent(*part) })), Cell::from("")),
    }
}
