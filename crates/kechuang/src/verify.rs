//! Verify: checks a receipt or a case file without any network, and says what it proves and what it does not.

mod case;

use std::{io::Read, path::Path};

use chain::{
    Verifier, casefile,
    code::Code,
    key::Signature,
    receipt::{self, BYTES_MAX, Proven, Receipt, ReceiptError, Trust},
};
use clap::{Arg, ArgAction, ArgMatches, Command};
use grammar::words::Locale;
use serde_json::{Value, json};

use crate::{
    audit,
    speech::{Trouble, printable, say, words},
};

/// The most keys that are trusted at once: the log's and its witnesses'.
const KEYS_MAX: usize = 64;

pub fn command(locale: Locale) -> Command {
    let help = |key: &'static str| words(locale).get("help", key);
    Command::new("verify")
        .about(help("verify"))
        .arg(Arg::new("file").value_name("FILE").required_unless_present("data").help(help("verify-file")))
        .arg(
            Arg::new("data").long("data").value_name("DATA").conflicts_with("file").help(help("verify-data")),
        )
        .arg(
            Arg::new("key").long("key").value_name("VKEY").action(ArgAction::Append).help(help("verify-key")),
        )
}

/// Prints what the receipt or the case file proves.
///
/// # Errors
/// Why it proves nothing.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    if let Some(folder) = matches.get_one::<String>("data") {
        return audit::chain(Path::new(folder), matches.get_flag("json"), locale);
    }
    let path = matches.get_one::<String>("file").map_or(Path::new("-"), Path::new);
    let keys = matches.get_many::<String>("key").into_iter().flatten();
    let keys = keys.take(KEYS_MAX).map(|key| verifier(key)).collect::<Result<Vec<_>, _>>()?;
    let text = text(path)?;
    let (json, words) = if casefile::is_case_file(&text) {
        case::check(&text, &keys, locale)?
    } else {
        let receipt = receipt::parse(&text).map_err(|error| refused(&error))?;
        let proven = receipt::verify(&receipt, &keys).map_err(|error| refused(&error))?;
        (as_json(&proven, &receipt), as_text(&proven, &receipt, locale))
    };
    if matches.get_flag("json") {
        println!("{json:#}");
    } else {
        println!("{}", printable(&words));
    }
    Ok(())
}

pub fn verifier(text: &str) -> Result<Verifier, Trouble> {
    text.trim().parse().map_err(|error: chain::key::KeyError| {
        Trouble::new("key", json!({ "key": text, "error": error.to_string() }))
    })
}

/// The whole file, or what is piped in when its name is `-`.
fn text(path: &Path) -> Result<String, Trouble> {
    let mut text = String::new();
    let most = casefile::BYTES_MAX as u64 + 1;
    let read = match path.to_str() {
        Some("-") => std::io::stdin().lock().take(most).read_to_string(&mut text),
        _ => std::fs::File::open(path).and_then(|file| file.take(most).read_to_string(&mut text)),
    };
    read.map(|_| text).map_err(|error| Trouble::file(path, &error))
}

/// What does not fit, in words; the exact cause behind it stays as the log's own code says it.
pub fn refused(error: &ReceiptError) -> Trouble {
    let (code, facts) = match error {
        ReceiptError::TooLong { .. } => ("receipt-too-long", json!({ "max": BYTES_MAX >> 20 })),
        ReceiptError::NotJson(_) => ("receipt-not-json", json!({})),
        ReceiptError::UnknownVersion(version) => ("receipt-version", json!({ "version": version })),
        ReceiptError::BadKey(_) => ("receipt-key", json!({})),
        ReceiptError::Checkpoint(_) => ("receipt-checkpoint", json!({})),
        ReceiptError::OtherOrigin { receipt, checkpoint } => {
            ("receipt-origin", json!({ "receipt": receipt, "checkpoint": checkpoint }))
        }
        ReceiptError::OtherSize { receipt, checkpoint } => {
            ("receipt-size", json!({ "receipt": receipt, "checkpoint": checkpoint }))
        }
        ReceiptError::Proof(_) => ("receipt-proof", json!({})),
    };
    with_cause(Trouble::new(code, facts), error)
}

/// The exact cause, as the log's own code words it, beside the sentence for people.
fn with_cause(mut trouble: Trouble, error: &dyn std::error::Error) -> Trouble {
    let cause = error.source().map_or_else(|| error.to_string(), ToString::to_string);
    if let Some(facts) = trouble.facts.as_object_mut() {
        facts.insert("cause".into(), cause.into());
    }
    trouble
}

fn as_text(proven: &Proven, receipt: &Receipt, locale: Locale) -> String {
    let (key, code) = (&receipt.key, Code::of(receipt.index, &receipt.salt).to_string());
    let facts = json!({
        "origin": proven.origin, "number": proven.index + 1, "size": proven.size,
        "root": proven.root.to_string(), "key": key, "code": code,
        "signers": proven.signatures.iter().map(|s| s.key.name()).collect::<Vec<_>>(),
    });
    let line = |key: &str| say(locale, "verify", key, &facts);
    let is_given = proven.trust == Trust::Given;
    let has_time = proven.signatures.iter().any(|signature| signature.time.is_some());
    let mut lines = vec![line(if is_given { "good" } else { "whole" }), String::new(), line("proved")];
    let proved = ["in-log", "unchanged", if is_given { "signed" } else { "self-signed" }];
    lines.extend(proved.map(|key| format!("  · {}", line(key))));
    lines.extend(witnesses(&proven.signatures, locale));
    lines.extend([String::new(), line("not-proved")]);
    let not =
        [(!is_given, "no-key"), (true, "truth"), (true, "later"), (true, "others"), (!has_time, "no-time")];
    lines.extend(not.iter().filter(|(is_so, _)| *is_so).map(|(_, key)| format!("  · {}", line(key))));
    lines.extend([String::new(), line("code"), String::new(), line("fact"), pretty(&proven.fact)]);
    lines.join("\n")
}

/// Who else saw this state of the log, and when.
fn witnesses(signatures: &[Signature], locale: Locale) -> Vec<String> {
    let line = |signature: &Signature| {
        let seconds = i64::try_from(signature.time?).unwrap_or(0);
        let at = grammar::kinds::Moment::from_millis(seconds.saturating_mul(1000));
        let facts = json!({ "name": signature.key.name(), "at": at.to_string() });
        Some(format!("  · {}", say(locale, "verify", "witness", &facts)))
    };
    signatures.iter().filter_map(line).collect()
}

fn as_json(proven: &Proven, receipt: &Receipt) -> Value {
    let signatures = proven.signatures.iter();
    let fact = serde_json::from_str(&proven.fact).unwrap_or_else(|_| Value::from(proven.fact.as_str()));
    json!({
        "valid": true,
        "trust": if proven.trust == Trust::Given { "given-key" } else { "embedded-key" },
        "origin": proven.origin, "index": proven.index, "size": proven.size,
        "root": proven.root.to_string(), "key": receipt.key,
        "code": Code::of(receipt.index, &receipt.salt).to_string(),
        "signatures": signatures.map(|s| json!({ "name": s.key.name(), "time": s.time })).collect::<Vec<_>>(),
        "fact": fact,
    })
}

/// A fact is usually JSON; it is indented for the eye, never changed in the proof.
fn pretty(fact: &str) -> String {
    serde_json::from_str::<Value>(fact).map_or_else(|_| fact.to_owned(), |value| format!("{value:#}"))
}
