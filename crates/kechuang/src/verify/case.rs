//! A case file, checked and put into words: each way in which one can be wrong has a sentence of its own.

use chain::{
    Verifier,
    casefile::{self, CaseError, CaseFile, Proven, Step},
    receipt::Trust,
};
use grammar::words::Locale;
use serde_json::{Value, json};

use super::{with_cause, witnesses};
use crate::speech::{Trouble, say};

/// What the case file proves, as JSON and in words.
///
/// # Errors
/// Why it proves nothing.
pub fn check(text: &str, keys: &[Verifier], locale: Locale) -> Result<(Value, String), Trouble> {
    let file = casefile::parse(text).map_err(|error| refused(&error))?;
    let proven = casefile::verify(&file, keys).map_err(|error| refused(&error))?;
    Ok((as_json(&proven, &file), as_text(&proven, &file, locale)))
}

fn refused(error: &CaseError) -> Trouble {
    let (code, facts) = match error {
        CaseError::TooLong { .. } => ("case-too-long", json!({ "max": casefile::BYTES_MAX >> 20 })),
        CaseError::NotJson(_) => ("case-not-json", json!({})),
        CaseError::UnknownVersion(version) => ("case-version", json!({ "version": version })),
        CaseError::BadKey(_) => ("case-key", json!({})),
        CaseError::Checkpoint(_) => ("case-checkpoint", json!({})),
        CaseError::OtherOrigin { file, checkpoint } => {
            ("case-origin", json!({ "file": file, "checkpoint": checkpoint }))
        }
        CaseError::OtherSize { file, checkpoint } => {
            ("case-size", json!({ "file": file, "checkpoint": checkpoint }))
        }
        CaseError::NoSteps => ("case-empty", json!({})),
        CaseError::TooManySteps { .. } => ("case-too-many", json!({ "max": casefile::STEPS_MAX })),
        CaseError::Spoiled { step } => ("case-spoiled", json!({ "step": step })),
        CaseError::NotInLog { step, .. } => ("case-not-in-log", json!({ "step": step })),
        CaseError::NotAFact { step } => ("case-no-fact", json!({ "step": step })),
        CaseError::OtherRecord { step, record } => {
            ("case-other-record", json!({ "step": step, "other": record }))
        }
        CaseError::OtherNumber { step } => ("case-other-number", json!({ "step": step })),
        CaseError::Gap { after, next } => ("case-gap", json!({ "after": after, "next": next })),
        CaseError::Reordered { after, next } => ("case-reordered", json!({ "after": after, "next": next })),
        CaseError::Unlinked { step } => ("case-unlinked", json!({ "step": step })),
        CaseError::OtherActor { step } => ("case-other-actor", json!({ "step": step })),
        CaseError::NoHeads => ("case-no-heads", json!({})),
        CaseError::Head(_) | CaseError::OtherHead => ("case-head", json!({})),
        CaseError::TailMissing { shown, all } => ("case-tail", json!({ "shown": shown, "all": all })),
        CaseError::BeyondHead { shown, all } => ("case-beyond", json!({ "shown": shown, "all": all })),
        CaseError::OtherLast => ("case-other-last", json!({})),
    };
    with_cause(Trouble::new(code, facts), error)
}

fn as_text(proven: &Proven, file: &CaseFile, locale: Locale) -> String {
    let facts = json!({
        "origin": proven.origin, "size": proven.size, "record": proven.record, "key": file.key,
        "count": proven.steps.len(), "closed": proven.closed,
        "signers": proven.signatures.iter().map(|s| s.key.name()).collect::<Vec<_>>(),
    });
    let line = |key: &str| say(locale, "verify", key, &facts);
    let point = |key: &str| format!("  · {}", line(key));
    let is_given = proven.trust == Trust::Given;
    let has_time = proven.signatures.iter().any(|signature| signature.time.is_some());
    let mut lines =
        vec![line(if is_given { "case-good" } else { "case-whole" }), String::new(), line("proved")];
    lines.extend(["case-all", "case-end", "case-unchanged"].map(point));
    lines.push(point(if is_given { "signed" } else { "case-self-signed" }));
    lines.extend(witnesses(&proven.signatures, locale));
    lines.extend([String::new(), line("not-proved")]);
    let not = [
        (proven.closed > 0, "case-closed"),
        (!is_given, "no-key"),
        (true, "truth"),
        (true, "case-later"),
        (!has_time, "no-time"),
    ];
    lines.extend(not.iter().filter(|(is_so, _)| *is_so).map(|(_, key)| point(key)));
    lines.extend([String::new(), line("case-facts")]);
    lines.extend(proven.steps.iter().map(|one| step(one, locale)));
    lines.join("\n")
}

/// One fact in a line: its number, its place in the log, when, what and by whom.
fn step(step: &Step, locale: Locale) -> String {
    let facts = json!({ "step": step.sequence, "number": step.index + 1 });
    let start = say(locale, "verify", "case-step", &facts);
    let Some(fact) = step.fact.as_deref().and_then(|fact| serde_json::from_str::<Value>(fact).ok()) else {
        return format!("{start}  {}", say(locale, "verify", "case-step-closed", &facts));
    };
    let text = |value: Option<&Value>| value.and_then(Value::as_str).unwrap_or("").to_owned();
    let event = fact.get("event").map_or_else(String::new, |event| text(event.get("event").or(Some(event))));
    let who: Vec<&str> = step.actors.iter().map(|actor| actor.value.as_str()).collect();
    let line = [start, text(fact.get("at")), event, who.join(" + ")].join("  ");
    line.trim_end().to_owned()
}

fn as_json(proven: &Proven, file: &CaseFile) -> Value {
    let fact = |step: &Step| {
        let fact = step.fact.as_deref().map(|fact| serde_json::from_str(fact).unwrap_or(Value::from(fact)));
        let actors: Vec<&String> = step.actors.iter().map(|actor| &actor.value).collect();
        json!({ "sequence": step.sequence, "index": step.index, "entry": step.entry, "fact": fact, "actors": actors })
    };
    json!({
        "valid": true,
        "complete": true,
        "trust": if proven.trust == Trust::Given { "given-key" } else { "embedded-key" },
        "origin": proven.origin, "record": proven.record, "size": proven.size,
        "root": proven.root.to_string(), "key": file.key,
        "signatures": proven.signatures.iter().map(|s| json!({ "name": s.key.name(), "time": s.time })).collect::<Vec<_>>(),
        "closed": proven.closed,
        "steps": proven.steps.iter().map(fact).collect::<Vec<_>>(),
    })
}
