//! Assign: papers in one file, reviewers in another, and a decision book with the reason for each pair.
//!
//! No house is needed and nothing is kept. Ctrl-C ends what is still being improved: the best assignment so far is
//! written with what is proved by then.

mod book;
mod intake;
mod sheet;

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command, value_parser};
use engines::reviewers::{self, Conflict, Floor, Outcome, Proposal};
use grammar::words::Locale;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    allocating::{
        rules::{decimal, refused},
        watcher::Watcher,
    },
    book as sheets,
    speech::{Trouble, say, words},
};
use intake::{Besides, Intake, POINT, Usual};

/// Bytes of a proposal that is to be checked.
const PROOF_MAX: u64 = 1 << 30;
/// Ids named in one sentence.
const NAMED_MAX: usize = 20;

pub fn command(locale: Locale) -> Command {
    let help = |key: &'static str| words(locale).get("help", key);
    let file = |name: &'static str, key| {
        Arg::new(name).long(name).value_name("FILE").value_parser(value_parser!(PathBuf)).help(help(key))
    };
    let first = |name: &'static str, key| {
        Arg::new(name).required(true).value_name("FILE").value_parser(value_parser!(PathBuf)).help(help(key))
    };
    let number = |name: &'static str, usual: &'static str, key| {
        Arg::new(name)
            .long(name)
            .value_name("N")
            .default_value(usual)
            .allow_hyphen_values(true)
            .help(help(key))
    };
    Command::new("assign")
        .about(help("assign"))
        .arg(first("papers", "assign-papers"))
        .arg(first("reviewers", "assign-reviewers"))
        .arg(file("works", "assign-works"))
        .arg(file("scores", "assign-scores").conflicts_with("works"))
        .arg(file("bids", "assign-bids"))
        .arg(file("conflicts", "assign-conflicts"))
        .arg(file("out", "assign-out").required_unless_present("check"))
        .arg(file("page", "assign-page"))
        .arg(file("proof", "assign-proof"))
        .arg(file("check", "assign-check").conflicts_with_all(["out", "page", "proof"]))
        .arg(number("demand", "3", "assign-demand"))
        .arg(number("load", "6", "assign-load"))
        .arg(number("seniors", "0", "assign-seniors"))
        .arg(number("unit-part", "3", "assign-unit-part"))
        .arg(number("fair", "0.1", "assign-fair").value_name("%"))
}

/// What is written for others to check.
#[derive(Serialize, Deserialize)]
struct Proof {
    proposal: Proposal,
    floor: Floor,
}

/// Everything that the book tells of.
struct Decision<'a> {
    intake: &'a Intake,
    proposal: &'a Proposal,
    floor: &'a Floor,
}

/// Assigns.
///
/// # Errors
/// What cannot be read, with its row and column; what cannot be obeyed; or written.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let path = |name: &str| matches.get_one::<PathBuf>(name).map(PathBuf::as_path);
    let empty = Path::new("");
    path("out").map_or(Ok(()), sheets::is_known)?;
    let loss_ppm = number(matches, "fair", 4, 1_000_000)?;
    let besides = Besides {
        scores: path("scores"),
        bids: path("bids"),
        conflicts: path("conflicts"),
        works: path("works"),
    };
    let intake = intake::read(
        path("papers").unwrap_or(empty),
        path("reviewers").unwrap_or(empty),
        &besides,
        &usual(matches)?,
    )?;
    if let Some(proof) = path("check") {
        return check(&intake, proof, locale);
    }
    let mut watcher = Watcher::new(locale);
    let (proposal, floor) = settle(&intake, loss_ppm, &mut watcher)?;
    let decision = Decision { intake: &intake, proposal: &proposal, floor: &floor };
    let book = decision.sheets(locale);
    let mut made = sheets::write(path("out").unwrap_or(empty), &book)?;
    if let Some(page) = path("page") {
        made.push(sheets::whole(page, decision.page(&book, locale).as_bytes())?);
    }
    let mut facts = decision.facts();
    if let Some(path) = path("proof") {
        let proof = Proof { proposal: proposal.clone(), floor: floor.clone() };
        let bytes = serde_json::to_vec(&proof).map_err(|error| Trouble::file(path, &error))?;
        made.push(sheets::whole(path, &bytes)?);
    }
    if let Some(facts) = facts.as_object_mut() {
        let made = made.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        facts.insert("path".to_owned(), made.into());
    }
    for key in ["done", decision.sum_proved(), decision.worst_proved()] {
        eprintln!("{}", say(locale, "assign", key, &facts));
    }
    Ok(())
}

fn number(matches: &ArgMatches, name: &'static str, digits: usize, most: u32) -> Result<u32, Trouble> {
    let text = matches.get_one::<String>(name).map_or("", String::as_str);
    let number = decimal(text.trim_end_matches('%'), digits).and_then(|number| u32::try_from(number).ok());
    let number = number.filter(|number| *number <= most);
    number.ok_or_else(|| refused("allocate-number", json!({ "flag": name, "value": text })))
}

fn usual(matches: &ArgMatches) -> Result<Usual, Trouble> {
    let part = number(matches, "unit-part", 0, reviewers::REVIEWS_MAX)?;
    Ok(Usual {
        demand: number(matches, "demand", 0, reviewers::REVIEWS_MAX)?,
        load: number(matches, "load", 0, reviewers::REVIEWS_MAX)?,
        seniors: number(matches, "seniors", 0, reviewers::REVIEWS_MAX)?,
        unit_part: Some(part).filter(|part| *part > 0),
    })
}

/// The best sum, then the worst-served raised, then how far they could be; all of it checked.
fn settle(intake: &Intake, loss_ppm: u32, watcher: &mut Watcher) -> Result<(Proposal, Floor), Trouble> {
    let question = &intake.question;
    let broken = |error: String| Trouble::new("broken", json!({ "error": error }));
    let mut placing = |left: usize| watcher.says("assign", "placing", &json!({ "left": left }));
    let outcome = reviewers::propose(question, &mut placing).map_err(|fault| broken(fault.to_string()))?;
    let best = match outcome {
        Outcome::Proposed(proposal) => proposal,
        Outcome::Impossible(stuck) => return Err(impossible(intake, &reviewers::conflict(question, &stuck))),
    };
    let mut raising = |worst| watcher.says("assign", "raising", &json!({ "worst": points(worst) }));
    let proposal = reviewers::raise(question, &best, loss_ppm, &mut raising);
    let mut bounding = |bound| watcher.says("assign", "bounding", &json!({ "bound": points(bound) }));
    let floor = reviewers::bound_floor(question, &proposal, &mut bounding);
    reviewers::check(question, &proposal).map_err(|doubt| broken(doubt.to_string()))?;
    reviewers::check_floor(question, &floor).map_err(|doubt| broken(doubt.to_string()))?;
    Ok((proposal, floor))
}

/// The smallest set of rules that cannot be obeyed together, as a sentence.
fn impossible(intake: &Intake, conflict: &Conflict) -> Trouble {
    let ids = |list: &[u32], of: &[String]| {
        let named = list.iter().take(NAMED_MAX).filter_map(|one| of.get(*one as usize)).cloned();
        let mut text = named.collect::<Vec<_>>().join(", ");
        if list.len() > NAMED_MAX {
            text.push_str(" …");
        }
        text
    };
    let question = &intake.question;
    let wanted = |paper: &u32| question.papers.get(*paper as usize).map_or(0, |paper| paper.demand);
    let able: u32 = conflict.reviewers.iter().map(|reviewer| question.reviewer(*reviewer).most).sum();
    let facts = json!({
        "path": intake.papers.path.display().to_string(),
        "papers": ids(&conflict.papers, &intake.paper_ids), "count": conflict.papers.len(),
        "wanted": conflict.papers.iter().map(wanted).sum::<u32>(),
        "reviewers": ids(&conflict.reviewers, &intake.reviewer_ids), "able": able,
        "missing": conflict.missing, "apart": conflict.apart.len(),
    });
    let key = match conflict {
        Conflict { papers, .. } if papers.is_empty() => "assign-least",
        Conflict { units: true, seniors: true, .. } => "assign-units-seniors",
        Conflict { units: true, .. } => "assign-units",
        Conflict { seniors: true, .. } => "assign-too-few-seniors",
        _ => "assign-impossible",
    };
    refused(key, facts)
}

/// Checks a proposal that was written before, without searching.
fn check(intake: &Intake, path: &Path, locale: Locale) -> Result<(), Trouble> {
    let shown = path.display().to_string();
    let length = std::fs::metadata(path).map_err(|error| Trouble::file(path, &error))?.len();
    if length > PROOF_MAX {
        return Err(refused("file-too-large", json!({ "path": shown, "max": PROOF_MAX >> 30 })));
    }
    let bytes = std::fs::read(path).map_err(|error| Trouble::file(path, &error))?;
    let Proof { proposal, floor } = serde_json::from_slice(&bytes).map_err(|error| {
        refused("assign-proof", json!({ "path": shown, "line": error.line(), "error": error.to_string() }))
    })?;
    let doubted = |doubt: reviewers::Doubt| {
        refused("allocate-doubt", json!({ "path": shown, "doubt": doubt.to_string() }))
    };
    reviewers::check(&intake.question, &proposal).map_err(doubted)?;
    reviewers::check_floor(&intake.question, &floor).map_err(doubted)?;
    let decision = Decision { intake, proposal: &proposal, floor: &floor };
    println!("{}", say(locale, "assign", "checked", &decision.facts()));
    Ok(())
}

/// Points as people write them.
fn points(score: i64) -> String {
    let sign = if score < 0 { "-" } else { "" };
    let score = score.unsigned_abs();
    let part = format!("{:04}", score % POINT.unsigned_abs());
    let part = part.trim_end_matches('0');
    let point = if part.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{part}", score / POINT.unsigned_abs())
}
