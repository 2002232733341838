//! Redo: repeats a draw of a house from its public record alone, and says who was drawn and why.
//!
//! Each part of the record is bound to the next: receipts to the log's key, facts to one another, the secret to its
//! commitment, the anchor to the log, the result to the seed. A part that does not fit is refused with its own reason.

use std::{collections::BTreeSet, fs::File, io::Read, path::Path, time::Duration};

use chain::{
    Checkpoint, Verifier, leaf, proof,
    receipt::{self, Proven, Trust},
};
use clap::{Arg, ArgAction, ArgMatches, Command};
use desks::draw::{Event, Terms};
use grammar::{
    kinds::{Id, Moment},
    lot::{Anchor, Drawn, Lot, hex},
    words::Locale,
};
use registry::Dossier;
use serde_json::{Value, json};

use crate::{
    speech::{Trouble, printable, say, words},
    verify::{refused, verifier},
};

mod panel;

/// The largest record that is read, in bytes.
const BYTES_MAX: u64 = 64 << 20;
const VERSION: u8 = 1;
const KEYS_MAX: usize = 64;
const WAIT: Duration = Duration::from_secs(120);

pub fn command(locale: Locale) -> Command {
    let help = |key: &'static str| words(locale).get("help", key);
    let key =
        Arg::new("key").long("key").value_name("VKEY").action(ArgAction::Append).help(help("verify-key"));
    let file = Arg::new("file").value_name("FILE").required(true).help(help("redo-file"));
    let draw = Command::new("draw").about(help("redo-draw")).arg(file.clone()).arg(key.clone());
    let panel = Command::new("panel").about(help("redo-panel")).arg(file).arg(key);
    Command::new("redo")
        .about(help("redo"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(draw)
        .subcommand(panel)
}

/// Repeats a draw.
///
/// # Errors
/// What of the record does not fit.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let Some((what, matches)) = matches.subcommand() else { return Ok(()) };
    let place = matches.get_one::<String>("file").map_or("-", String::as_str);
    let keys = matches.get_many::<String>("key").into_iter().flatten();
    let keys = keys.take(KEYS_MAX).map(|key| verifier(key)).collect::<Result<Vec<_>, _>>()?;
    let is_panel = what == "panel";
    let redo = if is_panel { panel::redo } else { redo };
    let again = redo(&text(place)?, &keys).map_err(Trouble::of_input)?;
    let told = match (matches.get_flag("json"), is_panel) {
        (true, _) => format!("{again:#}"),
        (false, true) => panel::as_text(&again, locale),
        (false, false) => as_text(&again, locale),
    };
    println!("{}", printable(&told));
    Ok(())
}

/// The record: a file, `-` for what is piped in, or where a house shows it.
fn text(place: &str) -> Result<String, Trouble> {
    let mut text = String::new();
    let failed = |error: &dyn std::fmt::Display| Trouble::file(Path::new(place), error);
    if place.starts_with("http://") || place.starts_with("https://") {
        let agent = ureq::Agent::config_builder().timeout_global(Some(WAIT)).build().new_agent();
        let mut answer = agent.get(place).call().map_err(|error| failed(&error))?;
        let body = answer.body_mut().with_config().limit(BYTES_MAX);
        return body.read_to_string().map_err(|error| failed(&error));
    }
    let read = match place {
        "-" => std::io::stdin().lock().take(BYTES_MAX + 1).read_to_string(&mut text),
        path => File::open(path).and_then(|file| file.take(BYTES_MAX + 1).read_to_string(&mut text)),
    };
    read.map(|_| text).map_err(|error| failed(&error))
}

/// What the facts of a draw say, in their order.
struct Told {
    terms: Terms,
    lot: Lot,
    words: Vec<String>,
    /// Place in the log.
    closed: Option<u64>,
    anchor: Option<(Anchor, u64)>,
    number: Option<String>,
    revealed: Option<(String, [Vec<String>; 2])>,
    /// Who dropped out, and who was drawn and who substitute after that.
    replaced: Vec<(String, [Vec<String>; 2])>,
    end: &'static str,
}

fn wrong(code: &'static str) -> Trouble {
    Trouble::new(code, json!({}))
}

/// Checks the whole record and draws again.
fn redo(text: &str, keys: &[Verifier]) -> Result<Value, Trouble> {
    let dossier = read(text)?;
    let proven = receipts(&dossier, keys)?;
    let events = facts(&dossier, &proven, "draw")?;
    let told = told(dossier.record, events)?;
    let Some((secret, first)) = &told.revealed else {
        return Err(Trouble::new("redo-not-drawn", json!({ "status": told.end })));
    };
    if !told.lot.is_of(secret) {
        return Err(wrong("redo-secret"));
    }
    let Some((anchor, anchored_at)) = &told.anchor else { return Err(wrong("redo-order")) };
    let closed = told.closed.ok_or_else(|| wrong("redo-order"))?;
    let between = anchored(&dossier, closed, (anchor, *anchored_at), keys, &proven)?;
    let drawn = Drawn { secret: secret.clone(), anchor: anchor.clone() };
    let mixed = told.words.iter().map(String::as_str).chain(told.number.as_deref());
    let seed = drawn.seed(mixed).ok_or_else(|| wrong("redo-secret"))?;
    let now = results(dossier.record, &told, seed, first)?;
    let trust = proven.first().map_or(Trust::EmbeddedKey, |proven| proven.trust);
    let receipt = dossier.receipts.first();
    Ok(json!({
        "valid": true, "record": dossier.record, "purpose": told.terms.purpose, "basis": told.terms.basis,
        "taken": now.0, "spare": now.1, "first": first.first(), "replaced": told.replaced.len(),
        "secret": secret, "anchor": anchor, "between": between, "words": told.words, "number": told.number,
        "seed": hex(&seed), "size": receipt.map(|receipt| receipt.size), "entries": told.terms.list.lines().count(),
        "origin": receipt.map(|receipt| &receipt.origin), "key": receipt.map(|receipt| &receipt.key),
        "trust": if trust == Trust::Given { "given-key" } else { "embedded-key" },
    }))
}

fn read(text: &str) -> Result<Dossier, Trouble> {
    #[derive(serde::Deserialize)]
    struct Version {
        v: u8,
    }
    if text.len() as u64 > BYTES_MAX {
        return Err(Trouble::new("redo-too-long", json!({ "max": BYTES_MAX >> 20 })));
    }
    let not_json =
        |error: serde_json::Error| Trouble::new("redo-not-json", json!({ "error": error.to_string() }));
    let Version { v } = serde_json::from_str(text).map_err(not_json)?;
    if v != VERSION {
        return Err(Trouble::new("redo-version", json!({ "version": v })));
    }
    serde_json::from_str(text).map_err(not_json)
}

/// Every fact stands in one and the same state of the log.
fn receipts(dossier: &Dossier, keys: &[Verifier]) -> Result<Vec<Proven>, Trouble> {
    let mut proven: Vec<Proven> = Vec::with_capacity(dossier.receipts.len());
    for receipt in &dossier.receipts {
        proven.push(receipt::verify(receipt, keys).map_err(|error| refused(&error))?);
    }
    let first = proven.first().ok_or_else(|| wrong("redo-empty"))?;
    let same =
        |other: &Proven| (other.size, other.root, &other.origin) == (first.size, first.root, &first.origin);
    let one_key =
        dossier.receipts.iter().all(|r| Some(&r.key) == dossier.receipts.first().map(|first| &first.key));
    if proven.iter().all(same) && one_key { Ok(proven) } else { Err(wrong("redo-mixed")) }
}

/// The facts are all those of this record from its first on: each names the hash of the one before.
fn facts<E: serde::de::DeserializeOwned>(
    dossier: &Dossier,
    proven: &[Proven],
    desk: &str,
) -> Result<Vec<(u64, E)>, Trouble> {
    let mut events = Vec::new();
    let mut previous: Option<String> = None;
    for ((receipt, proven), sequence) in dossier.receipts.iter().zip(proven).zip(1_u32..) {
        let gap = || Trouble::new("redo-gap", json!({ "number": sequence }));
        let fact: Value = serde_json::from_str(&proven.fact).map_err(|_| gap())?;
        let text = |name: &str| fact.get(name).and_then(Value::as_str).map(str::to_owned);
        let is_ours =
            text("desk").as_deref() == Some(desk) && text("record") == Some(dossier.record.to_string());
        if !is_ours {
            return Err(Trouble::new("redo-other", json!({ "number": sequence })));
        }
        if fact.get("sequence") != Some(&sequence.into()) || text("previous") != previous {
            return Err(gap());
        }
        let event = fact.get("event").cloned().unwrap_or_default();
        let event = serde_json::from_value(event)
            .map_err(|_| Trouble::new("redo-event", json!({ "number": sequence })))?;
        events.push((proven.index, event));
        previous = Some(leaf::entry(&receipt.salt, receipt.fact.as_bytes()).to_string());
    }
    Ok(events)
}

/// Reads the events in the only order a draw can have.
fn told(record: Id, events: Vec<(u64, Event)>) -> Result<Told, Trouble> {
    let order = || wrong("redo-order");
    let mut events = events.into_iter();
    let Some((_, Event::Opened { me, terms, lot, .. })) = events.next() else { return Err(order()) };
    if me != record {
        return Err(order());
    }
    let (words, replaced) = (Vec::new(), Vec::new());
    let closes = terms.closes;
    let mut told = Told {
        terms: *terms,
        lot,
        words,
        closed: None,
        anchor: None,
        number: None,
        revealed: None,
        replaced,
        end: "open",
    };
    for (place, event) in events {
        let is_fitting = match (&event, told.end) {
            (Event::Added { .. } | Event::Withdrawn { .. } | Event::Closed { .. }, "open") => true,
            (Event::Anchored { .. }, "closed") | (Event::Announced { .. }, "anchored") => true,
            (Event::Failed {}, "anchored") => true,
            (Event::Revealed { .. }, "anchored") => told.terms.outside.is_some() == told.number.is_some(),
            (Event::Replaced { .. }, "drawn") => true,
            _ => false,
        };
        if !is_fitting {
            return Err(order());
        }
        next(&mut told, place, event, closes)?;
    }
    Ok(told)
}

fn next(told: &mut Told, place: u64, event: Event, closes: Moment) -> Result<(), Trouble> {
    match event {
        Event::Opened { .. } => {}
        Event::Added { word, .. } => told.words.push(word.to_string()),
        Event::Withdrawn { .. } => told.end = "withdrawn",
        Event::Closed { at } if at < closes => return Err(wrong("redo-early")),
        Event::Closed { .. } => (told.closed, told.end) = (Some(place), "closed"),
        Event::Anchored { anchor, .. } => (told.anchor, told.end) = (Some((anchor, place)), "anchored"),
        Event::Announced { number } => told.number = Some(number.to_string()),
        Event::Failed {} => told.end = "failed",
        Event::Revealed { secret, taken, spare } => {
            (told.revealed, told.end) = (Some((secret, [taken, spare])), "drawn");
        }
        Event::Replaced { name, taken, spare, .. } => told.replaced.push((name.to_string(), [taken, spare])),
    }
    Ok(())
}

/// The anchor is a signed state of the same log, behind the closing and before it was named. Gives how many facts
/// stand between the closing and the anchor: the fewer, the less could be chosen.
fn anchored(
    dossier: &Dossier,
    closed: u64,
    (anchor, anchored_at): (&Anchor, u64),
    keys: &[Verifier],
    proven: &[Proven],
) -> Result<u64, Trouble> {
    let no_anchor = || wrong("redo-anchor");
    let note = dossier.anchor.as_deref().ok_or_else(no_anchor)?;
    let own: Vec<Verifier> = dossier.receipts.first().and_then(|r| r.key.parse().ok()).into_iter().collect();
    let keys = if keys.is_empty() { &own } else { keys };
    let signed = Checkpoint::open(note, keys).map_err(|_| no_anchor())?.checkpoint;
    let whole = proven.first().ok_or_else(no_anchor)?;
    if (signed.size, signed.root.to_string(), &signed.origin)
        != (anchor.size, anchor.root.clone(), &whole.origin)
    {
        return Err(no_anchor());
    }
    if signed.size <= closed || signed.size > anchored_at {
        return Err(wrong("redo-anchor-place"));
    }
    proof::verify_consistency(signed.size, whole.size, &dossier.consistency, signed.root, whole.root)
        .map_err(|_| wrong("redo-consistency"))?;
    Ok(signed.size - closed - 1)
}

/// Draws again, with every replacement, and compares. Gives who is drawn and who substitute now.
fn results(
    record: Id,
    told: &Told,
    seed: [u8; 32],
    first: &[Vec<String>; 2],
) -> Result<(Vec<String>, Vec<String>), Trouble> {
    let ready = told.terms.ready().map_err(|_| wrong("redo-terms"))?;
    let answer = desks::draw::draw(&ready, record, seed);
    let names = |places: &[u32]| ready.keys(places).into_iter().map(str::to_owned).collect::<Vec<_>>();
    let mut now = [names(&answer.taken), names(&answer.spare)];
    if now != *first {
        return Err(Trouble::new("redo-result", json!({ "taken": now.first(), "said": first.first() })));
    }
    let mut gone = BTreeSet::new();
    for (name, said) in &told.replaced {
        gone.extend(ready.entries().iter().zip(0_u32..).filter(|(e, _)| e.key == *name).map(|(_, at)| at));
        let wrong = || Trouble::new("redo-replaced", json!({ "name": name }));
        let after = engines::draw::without(&ready, &answer, &gone).map_err(|_| wrong())?;
        now = [names(&after.taken), names(&after.spare)];
        if now != *said {
            return Err(wrong());
        }
    }
    let [taken, spare] = now;
    Ok((taken, spare))
}

fn as_text(again: &Value, locale: Locale) -> String {
    let line = |key: &str| say(locale, "redo", key, again);
    let numbered = |key: &str| {
        let names = again.get(key).and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        names.zip(1..).map(|(name, n): (&str, u32)| format!("{n:>4}  {name}")).collect::<Vec<_>>()
    };
    let mut lines = vec![line("good"), String::new(), line("taken")];
    lines.extend(numbered("taken"));
    let spare = numbered("spare");
    if !spare.is_empty() {
        lines.push(line("spare"));
        lines.extend(spare);
    }
    lines.extend([String::new(), line("why")]);
    let is_so = |key: &str| {
        again.get(key).is_some_and(|value| !value.is_null() && *value != json!(0) && *value != json!([]))
    };
    let reasons = [
        (true, "complete"),
        (true, "fixed"),
        (true, "promised"),
        (true, "anchored"),
        (is_so("words"), "words"),
        (is_so("number"), "number"),
        (true, "drawn"),
        (is_so("replaced"), "replaced"),
    ];
    lines.extend(reasons.iter().filter(|(so, _)| *so).map(|(_, key)| format!("  · {}", line(key))));
    let is_given = again.get("trust").and_then(Value::as_str) == Some("given-key");
    lines.extend([String::new(), line("not-proved")]);
    let open = [
        (!is_given, "no-key"),
        (!is_so("number"), "operator"),
        (is_so("number"), "check-number"),
        (true, "truth"),
    ];
    lines.extend(open.iter().filter(|(so, _)| *so).map(|(_, key)| format!("  · {}", line(key))));
    lines.join("\n")
}
