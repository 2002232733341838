//! Show: an answer of the house in a few lines for the eye. `--json` gives all of it.

use desks::DESKS;
use grammar::{clerk::Clerk, words::Locale};
use serde_json::Value;

use crate::speech::say;

fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}

fn rows<'a>(value: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    value.get(name).and_then(Value::as_array).into_iter().flatten()
}

/// What happened, and where it stands in the log.
pub fn receipt(answer: &Value, locale: Locale) -> String {
    let is_pending = answer.get("pending").is_some_and(|pending| !pending.is_null());
    let said = say(locale, "client", if is_pending { "pending" } else { "receipt" }, answer);
    match answer.get("code") {
        Some(_) => format!("{said}\n{}", say(locale, "verify", "code", answer)),
        None => said,
    }
}

/// One line for each record: id, state, title.
pub fn list(answer: &Value, locale: Locale) -> String {
    let mut lines: Vec<String> = rows(answer, "rows").map(|row| line(row, locale)).collect();
    lines.push(say(locale, "client", "total", answer));
    if let Some(next) = answer.get("next").and_then(Value::as_str) {
        lines.push(format!("--cursor {next}"));
    }
    lines.join("\n")
}

/// What waits: records, commands that want a second person, and what came up for standing needs.
pub fn inbox(answer: &Value, locale: Locale) -> String {
    let mut lines: Vec<String> = rows(answer, "rows").map(|row| line(row, locale)).collect();
    for pending in rows(answer, "pending") {
        let (desk, verb) = (text(pending, "/desk"), text(pending, "/command/verb"));
        let said = DESKS.find(desk).map_or(verb, |clerk| clerk.words(locale).get("verb", verb));
        lines.push(format!("{}  {said}  {}", text(pending, "/id"), text(pending, "/record")));
    }
    for found in rows(answer, "matches") {
        lines.push(say(locale, "client", "match", found));
    }
    if lines.is_empty() {
        lines.push(say(locale, "client", "nothing-waits", answer));
    }
    lines.join("\n")
}

/// What was found, best first, each with what speaks for it.
pub fn found(answer: &Value, locale: Locale) -> String {
    let mut lines = Vec::new();
    for hit in rows(answer, "hits") {
        let score = hit.get("score").and_then(Value::as_f64).unwrap_or(0.0);
        let record = hit.get("record").unwrap_or(&Value::Null);
        lines.push(format!("{score:7.2}  {}", line(record, locale)));
        let terms: Vec<&str> = rows(hit, "reasons").map(|reason| text(reason, "/term")).collect();
        let terms: Vec<&str> = terms.into_iter().filter(|term| !term.is_empty()).collect();
        if !terms.is_empty() {
            lines.push(format!("         {}", terms.join(locale.pick("、", ", "))));
        }
    }
    if lines.is_empty() {
        lines.push(say(locale, "client", "nothing-found", answer));
    }
    lines.join("\n")
}

/// A record: its line, and its state as it is.
pub fn record(answer: &Value, locale: Locale) -> String {
    format!("{}\n{:#}", line(answer, locale), answer.get("state").unwrap_or(&Value::Null))
}

/// One line for each event: place in the log, moment, what happened in the desk's words.
pub fn history(answer: &Value, clerk: &dyn Clerk, locale: Locale) -> String {
    let line = |line: &Value| {
        let position = line.get("position").and_then(Value::as_u64).unwrap_or(0);
        let (event, code) = (line.get("event").unwrap_or(&Value::Null), text(line, "/event/event"));
        let told = clerk.words(locale).sentence("event", code, event, &|id| id.to_string());
        format!("{position:>8}  {}  {told}", text(line, "/at"))
    };
    rows(answer, "lines").map(line).collect::<Vec<_>>().join("\n")
}

fn line(row: &Value, locale: Locale) -> String {
    let card = row.get("card").unwrap_or(row);
    let status = text(card, "/status");
    let status = DESKS
        .find(text(row, "/desk"))
        .and_then(|clerk| clerk.words(locale).find("status", status))
        .unwrap_or(status);
    let title = locale.pick(text(card, "/title_zh"), text(card, "/title_en"));
    format!("{}  [{status}]  {title}", text(row, "/id"))
}
