//! Verify: checks a receipt without any network, and says what it proves and what it does not.

use std::{io::Read, path::Path};

use chain::{
    Verifier,
    receipt::{self, BYTES_MAX, Proven, ReceiptError, Trust},
};
use clap::{Arg, ArgAction, ArgMatches, Command};
use grammar::words::Locale;
use serde_json::{Value, json};

use crate::speech::{Trouble, printable, say, words};

/// The most keys that are trusted at once: the log's and its witnesses'.
const KEYS_MAX: usize = 64;

pub fn command(locale: Locale) -> Command {
    let help = |key: &'static str| words(locale).get("help", key);
    Command::new("verify")
        .about(help("verify"))
        .arg(Arg::new("file").value_name("FILE").required(true).help(help("verify-file")))
        .arg(
            Arg::new("key").long("key").value_name("VKEY").action(ArgAction::Append).help(help("verify-key")),
        )
}

/// Prints what the receipt proves.
///
/// # Errors
/// Why it proves nothing.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let path = matches.get_one::<String>("file").map_or(Path::new("-"), Path::new);
    let keys = matches.get_many::<String>("key").into_iter().flatten();
    let keys = keys.take(KEYS_MAX).map(|key| verifier(key)).collect::<Result<Vec<_>, _>>()?;
    let receipt = receipt::parse(&text(path)?).map_err(|error| refused(&error))?;
    let proven = receipt::verify(&receipt, &keys).map_err(|error| refused(&error))?;
    if matches.get_flag("json") {
        println!("{:#}", as_json(&proven, &receipt.key));
    } else {
        println!("{}", printable(&as_text(&proven, &receipt.key, locale)));
    }
    Ok(())
}

fn verifier(text: &str) -> Result<Verifier, Trouble> {
    text.trim().parse().map_err(|error: chain::key::KeyError| {
        Trouble::new("key", json!({ "key": text, "error": error.to_string() }))
    })
}

/// The whole file, or what is piped in when its name is `-`.
fn text(path: &Path) -> Result<String, Trouble> {
    let mut text = String::new();
    let most = BYTES_MAX as u64 + 1;
    let read = match path.to_str() {
        Some("-") => std::io::stdin().lock().take(most).read_to_string(&mut text),
        _ => std::fs::File::open(path).and_then(|file| file.take(most).read_to_string(&mut text)),
    };
    read.map(|_| text).map_err(|error| Trouble::file(path, &error))
}

/// What does not fit, in words; the exact cause behind it stays as the log's own code says it.
fn refused(error: &ReceiptError) -> Trouble {
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
    let mut trouble = Trouble::new(code, facts);
    let cause = std::error::Error::source(error).map_or_else(|| error.to_string(), ToString::to_string);
    if let Some(facts) = trouble.facts.as_object_mut() {
        facts.insert("cause".into(), cause.into());
    }
    trouble
}

fn as_text(proven: &Proven, key: &str, locale: Locale) -> String {
    let facts = json!({
        "origin": proven.origin, "number": proven.index + 1, "size": proven.size,
        "root": proven.root.to_string(), "key": key,
        "signers": proven.signatures.iter().map(|s| s.key.name()).collect::<Vec<_>>(),
    });
    let line = |key: &str| say(locale, "verify", key, &facts);
    let is_given = proven.trust == Trust::Given;
    let has_time = proven.signatures.iter().any(|signature| signature.time.is_some());
    let mut lines = vec![line(if is_given { "good" } else { "whole" }), String::new(), line("proved")];
    let proved = ["in-log", "unchanged", if is_given { "signed" } else { "self-signed" }];
    lines.extend(proved.map(|key| format!("  · {}", line(key))));
    for signature in &proven.signatures {
        if let Some(time) = signature.time {
            let at =
                grammar::kinds::Moment::from_millis(i64::try_from(time).unwrap_or(0).saturating_mul(1000));
            let facts = json!({ "name": signature.key.name(), "at": at.to_string() });
            lines.push(format!("  · {}", say(locale, "verify", "witness", &facts)));
        }
    }
    lines.extend([String::new(), line("not-proved")]);
    let not =
        [(!is_given, "no-key"), (true, "truth"), (true, "later"), (true, "others"), (!has_time, "no-time")];
    lines.extend(not.iter().filter(|(is_so, _)| *is_so).map(|(_, key)| format!("  · {}", line(key))));
    lines.extend([String::new(), line("fact"), pretty(&proven.fact)]);
    lines.join("\n")
}

fn as_json(proven: &Proven, key: &str) -> Value {
    let signatures = proven.signatures.iter();
    let fact = serde_json::from_str(&proven.fact).unwrap_or_else(|_| Value::from(proven.fact.as_str()));
    json!({
        "valid": true,
        "trust": if proven.trust == Trust::Given { "given-key" } else { "embedded-key" },
        "origin": proven.origin, "index": proven.index, "size": proven.size,
        "root": proven.root.to_string(), "key": key,
        "signatures": signatures.map(|s| json!({ "name": s.key.name(), "time": s.time })).collect::<Vec<_>>(),
        "fact": fact,
    })
}

/// A fact is usually JSON; it is indented for the eye, never changed in the proof.
fn pretty(fact: &str) -> String {
    serde_json::from_str::<Value>(fact).map_or_else(|_| fact.to_owned(), |value| format!("{value:#}"))
}
