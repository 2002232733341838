//! Index: a file of units and a file of method become scores, ranks, every step between, and how far the ranks
//! rest on the choices made.
//!
//! No house is needed and nothing is kept. Ctrl-C ends the simulations; those made by then are written.

mod intake;
mod method;
mod pages;
mod rows;

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use engines::indices::{
    self,
    simulate::{self, Bands},
};
use grammar::words::Locale;
use serde_json::json;

use crate::{
    allocating::{Stop, refused},
    book,
    speech::{Trouble, say, words},
    system::Pace,
};
use intake::Intake;
use method::Method;

/// Rows of the sheet with every step; beyond it the sheet is left out and that is told.
const STEPS_MAX: usize = 1_000_000;

pub fn command(locale: Locale) -> Command {
    let help = |key: &'static str| words(locale).get("help", key);
    let file = value_parser!(PathBuf);
    let named = |name: &'static str, key| {
        Arg::new(name).long(name).value_name("FILE").value_parser(file.clone()).help(help(key))
    };
    let units = Arg::new("units").required(true).value_name("FILE").value_parser(file.clone());
    Command::new("index")
        .about(help("index"))
        .arg(units.help(help("index-units")))
        .arg(named("method", "index-method").required(true))
        .arg(named("also", "index-also").action(ArgAction::Append))
        .arg(Arg::new("edition").long("edition").value_name("EDITION").help(help("index-edition")))
        .arg(named("out", "index-out").required(true))
}

/// Everything that the sheets tell of.
struct Worked<'a> {
    method: &'a Method,
    intake: &'a Intake,
    answer: &'a indices::Answer,
    doubt: Option<(simulate::Doubt, Bands)>,
}

/// Works an index out.
///
/// # Errors
/// What cannot be read, with its row and column; what cannot be worked out; or written.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let method = matches.get_one::<PathBuf>("method").map_or(Path::new(""), PathBuf::as_path);
    worked(matches, locale).map_err(|trouble| trouble.in_file(method))
}

fn worked(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let path = |name: &str| matches.get_one::<PathBuf>(name).map_or(Path::new(""), PathBuf::as_path);
    let more: Vec<PathBuf> = matches.get_many::<PathBuf>("also").into_iter().flatten().cloned().collect();
    let edition = matches.get_one::<String>("edition").map(String::as_str);
    book::is_known(path("out"))?;
    let method = method::read(path("method"))?;
    let intake = intake::read(path("units"), &more, &method, edition, locale)?;
    let answer = indices::index(&intake.question).map_err(|fault| intake.unfit(&fault))?;
    indices::check(&intake.question, &answer)
        .map_err(|wrong| Trouble::new("broken", json!({ "error": wrong.to_string() })))?;
    let doubt = doubted(&method, &intake, locale)?;
    let result = Worked { method: &method, intake: &intake, answer: &answer, doubt };
    let made = book::write(path("out"), &result.sheets(locale))?;
    let facts = json!({
        "units": intake.question.units, "indicators": intake.question.indicators.len(), "edition": method.edition,
        "draws": result.doubt.as_ref().map_or(0, |(_, bands)| bands.draws),
        "asked": result.doubt.as_ref().map_or(0, |(doubt, _)| doubt.draws),
        "path": made.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "),
    });
    eprintln!("{}", say(locale, "index", "done", &facts));
    match &result.doubt {
        Some((doubt, bands)) if bands.draws < doubt.draws => {
            eprintln!("{}", say(locale, "index", "ended", &facts));
        }
        Some(_) => eprintln!("{}", say(locale, "index", "simulated", &facts)),
        None => {}
    }
    if !result.has_steps() {
        eprintln!("{}", say(locale, "index", "no-steps", &json!({ "max": STEPS_MAX })));
    }
    Ok(())
}

/// Simulates, if the method doubts anything.
fn doubted(
    method: &Method,
    intake: &Intake,
    locale: Locale,
) -> Result<Option<(simulate::Doubt, Bands)>, Trouble> {
    let Some(own) = &method.doubt else { return Ok(None) };
    if own.seed.is_empty() {
        return Err(refused("index-no-seed", json!({})));
    }
    let unit = |id: &str| intake.ids.iter().position(|known| known == id);
    let wrong = |value: &str| refused("index-doubt", json!({ "value": value }));
    let scales: Option<Vec<_>> = own.scale.iter().map(|scale| scale.read(&unit)).collect();
    let doubt = simulate::Doubt {
        draws: own.draws(),
        seed: own.number(),
        weights: own.sway().ok_or_else(|| wrong(own.weights.as_deref().unwrap_or("")))?,
        fills: own.fill.iter().map(method::FillBy::read).collect(),
        treats: own.treat.iter().map(method::TreatBy::read).collect(),
        scales: scales.ok_or_else(|| wrong("scale"))?,
        means: own.mean.iter().map(|mean| mean.read()).collect(),
        noise: own.noise.unwrap_or(0.0),
    };
    let (mut pace, stop) = (Pace::start(), Stop::listen());
    let mut watch = |made: u32| {
        if pace.is_due() {
            eprintln!("{}", say(locale, "index", "simulating", &json!({ "made": made, "all": doubt.draws })));
        }
        stop.goes_on()
    };
    let bands = simulate::simulate(&intake.question, &doubt, &mut watch).map_err(|fault| match fault {
        indices::Fault::Number { what: "simulation" } => {
            refused("index-draws", json!({ "draws": simulate::DRAWS_MAX, "units": simulate::UNITS_MAX }))
        }
        fault => intake.unfit(&fault),
    })?;
    Ok(Some((doubt, bands)))
}
