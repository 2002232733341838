//! Allocate: proposals in one file, rules in another, and a decision book with the reason for each proposal.
//!
//! No house is needed and nothing is kept. Ctrl-C ends the search: the best choice so far is written with the
//! bound that is proved by then.

mod book;
mod intake;
mod names;
pub(crate) mod page;
pub(crate) mod rules;
pub(crate) mod watcher;

use std::path::{Path, PathBuf};

use clap::{Arg, ArgMatches, Command, value_parser};
use engines::{
    allocation::{
        self, Change, Explorer, Measure, Outcome, Progress, Proposal, Question, Rule, Standing, Wish, drawn,
    },
    draw::{self, Entry, Seed},
};
use grammar::words::Locale;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::{
    book as sheets,
    speech::{Trouble, say, words},
};
use intake::{Intake, points};
use rules::Lottery;
pub use rules::{Number, decimal, part, refused, toml};
pub use watcher::Stop;
use watcher::Watcher;

/// What-if questions are answered within this gap, in millionths, so that many of them stay quick.
const WHAT_IF: Wish = Wish { gap_ppm: 0, nodes: 20_000 };
/// Rules that are tried with a little more room.
const RULES_TRIED: usize = 6;
/// One million yuan, in fen.
const MILLION: i64 = 100_000_000;
/// Bytes of a proposal that is to be checked.
const PROOF_MAX: u64 = 1 << 30;

pub fn command(locale: Locale) -> Command {
    let help = |key: &'static str| words(locale).get("help", key);
    let file = |name: &'static str, key| {
        Arg::new(name).long(name).value_name("FILE").value_parser(value_parser!(PathBuf)).help(help(key))
    };
    let proposals =
        Arg::new("proposals").required(true).value_name("FILE").value_parser(value_parser!(PathBuf));
    Command::new("allocate")
        .about(help("allocate"))
        .arg(proposals.help(help("allocate-proposals")))
        .arg(file("rules", "allocate-rules").required(true))
        .arg(file("out", "allocate-out").required_unless_present("check"))
        .arg(file("page", "allocate-page"))
        .arg(file("proof", "allocate-proof"))
        .arg(file("check", "allocate-check").conflicts_with_all(["out", "page", "proof"]))
        .arg(Arg::new("gap").long("gap").value_name("%").default_value("0").help(help("allocate-gap")))
        .arg(Arg::new("moves").long("moves").value_name("N").default_value("1").help(help("allocate-moves")))
        .arg(
            Arg::new("why")
                .long("why")
                .value_name("ID")
                .action(clap::ArgAction::Append)
                .help(help("allocate-why")),
        )
}

/// What is written for others to check.
#[derive(Serialize, Deserialize)]
struct Proof {
    proposal: Proposal,
    /// Those whom the lot decided about, in the order drawn.
    lot: Vec<u32>,
}

/// Everything that the book tells of.
struct Decision<'a> {
    intake: &'a Intake,
    question: &'a Question,
    proposal: &'a Proposal,
    explorer: Explorer<'a>,
    /// Points by which scores may move, and who may flip then.
    moves: i64,
    may_flip: Vec<bool>,
    /// What was asked besides, and what would become of it.
    changes: Vec<(Asked, Change)>,
    /// Whom the lot decided about, in the order drawn, and its seed.
    lot: Lot,
    /// Points of this choice are the engine's divided by this.
    unit: i64,
}

/// One more condition.
enum Asked {
    /// The other way for a candidate.
    Turned(u32),
    /// A million yuan more in a pot's year.
    Million { pot: u32, year: u32 },
    /// Without a quota.
    Without(u32),
}

/// Allocates.
///
/// # Errors
/// What cannot be read, with its row and column; what cannot be obeyed; or written.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let path = |name: &str| matches.get_one::<PathBuf>(name).map(PathBuf::as_path);
    let text = |name: &str| matches.get_one::<String>(name).map_or("", String::as_str);
    let number = |name: &'static str, scale: usize, largest: i64| {
        let read = decimal(text(name).trim_end_matches('%'), scale).filter(|n| (0..=largest).contains(n));
        read.ok_or_else(|| refused("allocate-number", json!({ "flag": name, "value": text(name) })))
    };
    let gap_ppm = u32::try_from(number("gap", 4, 1_000_000)?).unwrap_or(0);
    let moves = number("moves", 4, i64::MAX / 1_000_000)?;
    path("out").map_or(Ok(()), sheets::is_known)?;
    let empty = Path::new("");
    let rules_path = path("rules").unwrap_or(empty);
    let rules = rules::read(rules_path)?;
    let intake = intake::read(path("proposals").unwrap_or(empty), rules_path, &rules)?;
    let asked = intake.asked(matches.get_many::<String>("why").into_iter().flatten())?;
    if let Some(proof) = path("check") {
        return check(&intake, rules.lottery.as_ref(), proof, locale);
    }
    let mut watcher = Watcher::new(locale);
    let wish = Wish { gap_ppm, ..Wish::default() };
    let (settled, proposal, lot) = settle(&intake, rules.lottery.as_ref(), wish, &mut watcher)?;
    let question = settled.as_ref().map_or(&intake.question, |(question, _)| question);
    let unit = settled.as_ref().map_or(1, |(_, unit)| *unit);
    let explorer = Explorer::new(question, &proposal).map_err(|fault| intake.unasked(fault))?;
    let may_flip = explorer.may_flip(moves.saturating_mul(unit));
    let flips =
        (0..question.candidates.len() as u32).map(|one| may_flip.binary_search(&one).is_ok()).collect();
    let changes = changes(question, &proposal, &explorer, &asked, &mut watcher);
    let decision = Decision {
        intake: &intake,
        question,
        proposal: &proposal,
        explorer,
        moves,
        may_flip: flips,
        changes,
        lot,
        unit,
    };
    let mut made = sheets::write(path("out").unwrap_or(empty), &decision.sheets(locale))?;
    if let Some(page) = path("page") {
        made.push(sheets::whole(page, decision.page(locale).as_bytes())?);
    }
    if let Some(proof) = path("proof") {
        let lot = decision.lot.as_ref().map(|(order, _)| order.clone()).unwrap_or_default();
        let bytes = serde_json::to_vec(&Proof { proposal: proposal.clone(), lot })
            .map_err(|error| Trouble::file(proof, &error))?;
        made.push(sheets::whole(proof, &bytes)?);
    }
    let mut facts = decision.facts(locale);
    if let Some(facts) = facts.as_object_mut() {
        let made = made.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", ");
        facts.insert("path".to_owned(), made.into());
    }
    eprintln!("{}", say(locale, "allocate", "done", &facts));
    eprintln!("{}", say(locale, "allocate", decision.proved(), &facts));
    Ok(())
}

/// A question in which the lot has decided, and what its points are divided by.
type Settled = Option<(Question, i64)>;
/// Who was drawn, first to last, and the seed.
type Lot = Option<(Vec<u32>, String)>;

/// The best choice; with a lottery, the one in which the lot has decided near the line. It is checked.
fn settle(
    intake: &Intake,
    lottery: Option<&Lottery>,
    wish: Wish,
    watcher: &mut Watcher,
) -> Result<(Settled, Proposal, Lot), Trouble> {
    let mut proposal = propose(intake, &intake.question, wish, watcher)?;
    let (mut settled, mut lot) = (None, None);
    if let Some(lottery) = lottery
        && let Some((order, question, unit)) = lots(intake, &proposal, lottery)?
    {
        proposal = propose(intake, &question, wish, watcher)?;
        lot = Some((order, lottery.seed.clone()));
        settled = Some((question, unit));
    }
    let question = settled.as_ref().map_or(&intake.question, |(question, _)| question);
    allocation::check(question, &proposal)
        .map_err(|doubt| Trouble::new("broken", json!({ "error": format!("{doubt:?}") })))?;
    Ok((settled, proposal, lot))
}

fn propose(
    intake: &Intake,
    question: &Question,
    wish: Wish,
    watcher: &mut Watcher,
) -> Result<Proposal, Trouble> {
    let outcome = allocation::propose(question, wish, &mut |progress| watcher.told(&progress));
    match outcome.map_err(|fault| intake.unasked(fault))? {
        Outcome::Proposed(proposal) => Ok(proposal),
        Outcome::Unfinished(_) => Err(Trouble::new("allocate-unfinished", json!({}))),
        Outcome::Impossible => {
            let conflict = allocation::conflict(question, &mut || watcher.goes_on());
            let conflict = conflict.map_err(|fault| intake.unasked(fault))?;
            let list = |locale| {
                let names: Vec<String> =
                    conflict.rules.iter().map(|rule| intake.bounded(rule, locale)).collect();
                names.join(if locale == Locale::Zh { "；" } else { "; " })
            };
            let rules = json!({ "zh": list(Locale::Zh), "en": list(Locale::En) });
            Err(refused(
                "allocate-impossible",
                json!({ "path": intake.path.display().to_string(), "rules": rules }),
            ))
        }
    }
}

/// Checks a proposal that was written before, without searching.
fn check(intake: &Intake, lottery: Option<&Lottery>, path: &Path, locale: Locale) -> Result<(), Trouble> {
    let shown = path.display().to_string();
    let length = std::fs::metadata(path).map_err(|error| Trouble::file(path, &error))?.len();
    if length > PROOF_MAX {
        return Err(refused("file-too-large", json!({ "path": shown, "max": PROOF_MAX >> 30 })));
    }
    let bytes = std::fs::read(path).map_err(|error| Trouble::file(path, &error))?;
    let Proof { proposal, lot } = serde_json::from_slice(&bytes).map_err(|error| {
        refused("allocate-rules", json!({ "path": shown, "line": error.line(), "error": error.to_string() }))
    })?;
    let doubted = |doubt: String| refused("allocate-doubt", json!({ "path": shown, "doubt": doubt }));
    let mut settled = None;
    if !lot.is_empty() {
        // The order must be the one that the seed draws among these, each of them once.
        let mut near = lot.clone();
        near.sort_unstable();
        near.dedup();
        let seed = lottery.map_or("", |lottery| lottery.seed.as_str());
        let is_drawn = near.len() == lot.len() && drawn_order(&intake.question, &near, seed)? == lot;
        settled = drawn(&intake.question, &lot).filter(|_| is_drawn && lottery.is_some());
        if settled.is_none() {
            return Err(doubted("lottery".to_owned()));
        }
    }
    let (question, unit) =
        settled.as_ref().map_or((&intake.question, 1), |(question, unit)| (question, *unit));
    allocation::check(question, &proposal).map_err(|doubt| doubted(format!("{doubt:?}")))?;
    let facts = json!({
        "funded": proposal.awards.len(), "value": points(proposal.value / unit), "bound": points(proposal.bound / unit),
        "steps": proposal.certificate.tree.len(),
    });
    println!("{}", say(locale, "allocate", "checked", &facts));
    Ok(())
}

/// Whom the lot decides about and the question in which it has decided; nothing if nobody is near the line.
fn lots(
    intake: &Intake,
    proposal: &Proposal,
    lottery: &Lottery,
) -> Result<Option<(Vec<u32>, Question, i64)>, Trouble> {
    let within = decimal(&lottery.within.text(), 4).filter(|within| *within >= 0);
    let within = within.ok_or_else(|| intake.rule("lottery", &lottery.within.text()))?;
    let question = &intake.question;
    let explorer = Explorer::new(question, proposal).map_err(|fault| intake.unasked(fault))?;
    let is_open =
        |one: &u32| question.candidates.get(*one as usize).is_some_and(|own| own.standing == Standing::Open);
    let near: Vec<u32> = explorer.near_line(within as f64).into_iter().filter(is_open).collect();
    if near.len() < 2 {
        return Ok(None);
    }
    let order = drawn_order(question, &near, &lottery.seed)?;
    let drawn = drawn(question, &order);
    let (question, factor) = drawn.ok_or_else(|| intake.rule("lottery", &order.len().to_string()))?;
    Ok(Some((order, question, factor)))
}

/// Those near the line in the order in which the seed draws them.
fn drawn_order(question: &Question, near: &[u32], seed: &str) -> Result<Vec<u32>, Trouble> {
    let id = |one: u32| question.candidates.get(one as usize).map_or("", |own| own.id.as_str());
    let entries =
        near.iter().map(|one| Entry { key: id(*one).to_owned(), weight: 1, stratum: String::new() });
    let take = near.len() as u32;
    let list = draw::Question { entries: entries.collect(), take, spare: 0, quotas: Default::default() };
    let broken = |error: String| Trouble::new("broken", json!({ "error": error }));
    let ready = list.ready().map_err(|refusal| broken(format!("{refusal:?}")))?;
    let answer = draw::draw(&ready, &Seed::of_text(seed), "allocate");
    let keys = answer.taken.iter().filter_map(|place| ready.entry(*place)).map(|entry| entry.key.as_str());
    Ok(keys.filter_map(|key| near.iter().copied().find(|one| id(*one) == key)).collect())
}

/// Answers to what was asked, to a million more in each pot that is short, and to the quotas that cost most.
fn changes(
    question: &Question,
    proposal: &Proposal,
    explorer: &Explorer,
    asked: &[u32],
    watcher: &mut Watcher,
) -> Vec<(Asked, Change)> {
    let mut list: Vec<Asked> = asked.iter().map(|one| Asked::Turned(*one)).collect();
    let mut pressures = explorer.pressures();
    let weight = |p: &allocation::Pressure| p.price.abs() * p.most.or(p.least).unwrap_or(0) as f64;
    pressures.sort_by(|a, b| weight(b).total_cmp(&weight(a)));
    let mut tried = 0;
    for pressure in pressures.iter().filter(|pressure| pressure.price != 0.0) {
        if tried >= RULES_TRIED {
            break;
        }
        tried += 1;
        match &pressure.rule {
            Rule::Pots { pots, year, .. } => {
                list.extend(pots.first().map(|pot| Asked::Million { pot: *pot, year: *year }));
            }
            Rule::Quota(quota) => list.push(Asked::Without(*quota)),
            _ => tried -= 1,
        }
    }
    let mut answered = Vec::new();
    for asked in list {
        if !watcher.goes_on() {
            break;
        }
        let mut watch = |progress: Progress| watcher.what_if(&progress);
        let change = match &asked {
            Asked::Turned(one) => Ok(explorer.turned(*one, WHAT_IF, &mut watch)),
            Asked::Million { pot, year } => {
                let mut other = question.clone();
                if let Some(pot) = other.pots.get_mut(*pot as usize) {
                    pot.money.resize(pot.money.len().max(*year as usize + 1), 0);
                    pot.money.iter_mut().skip(*year as usize).take(1).for_each(|money| *money += MILLION);
                }
                explorer.compared(&other, WHAT_IF, &mut watch)
            }
            Asked::Without(quota) => {
                let mut other = question.clone();
                if let Some(quota) = other.quotas.get_mut(*quota as usize) {
                    (quota.members, quota.least, quota.most) = (Vec::new(), None, Some(i64::from(u32::MAX)));
                    quota.measure = Measure::Count;
                }
                explorer.compared(&other, WHAT_IF, &mut watch)
            }
        };
        // A choice that is no better than the one proposed is none that anybody asked for.
        let keeps =
            |change: &Change| matches!(asked, Asked::Turned(_)) || change.value >= Some(proposal.value);
        answered.extend(change.ok().filter(keeps).map(|change| (asked, change)));
    }
    answered
}
