//! Golden: what the house promises to the outside, as text that is read like code when it changes.

use std::process::Command;

use desks::DESKS;
use grammar::words::Locale;
use serde_json::Value;

use crate::sources;

/// A larger document is shown as the list of its operations.
const SHOWN_WHOLE: usize = 300_000;

/// Compares a text with its file in `golden/`; `UPDATE_EXPECT=1` writes it.
pub fn golden(name: &str, text: &str) {
    let path = sources::root().join("crates/kechuang/tests/all/golden").join(name);
    if std::env::var("UPDATE_EXPECT").is_ok_and(|asked| asked == "1") {
        return std::fs::write(path, text).unwrap();
    }
    let expected = std::fs::read_to_string(&path).unwrap_or_default();
    let mut lines = expected.lines().zip(text.lines()).zip(1..);
    if let Some(((old, new), number)) = lines.find(|((old, new), _)| old != new) {
        panic!(
            "golden/{name}:{number}\n- {old}\n+ {new}\nIf it is meant: UPDATE_EXPECT=1 and read the difference."
        );
    }
    assert_eq!(
        expected.len(),
        text.len(),
        "golden/{name} has another length; UPDATE_EXPECT=1 if it is meant"
    );
}

#[test]
fn the_interface_for_programs_is_what_it_was() {
    let document = window::openapi::document(&DESKS, "https://region.example", "0");
    let whole = serde_json::to_string_pretty(&document).unwrap();
    if whole.len() <= SHOWN_WHOLE {
        return golden("openapi.txt", &format!("{whole}\n"));
    }
    golden("openapi.txt", &operations(&document));
}

/// One operation a paragraph: method, path, its name, who may ask, and the fields of its body with their types.
fn operations(document: &Value) -> String {
    let mut text = String::new();
    for (path, methods) in document["paths"].as_object().unwrap() {
        for (method, operation) in methods.as_object().unwrap() {
            let name = operation["operationId"].as_str().unwrap();
            text.push_str(&format!("{} {path}  {name}\n", method.to_uppercase()));
            let who = operation["x-who"].as_array().into_iter().flatten().filter_map(Value::as_str);
            let who: Vec<&str> = who.collect();
            if !who.is_empty() {
                text.push_str(&format!("    asked by {}\n", who.join(", ")));
            }
            let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
            fields(schema, "    ", &mut text);
            let answers: Vec<&str> =
                operation["responses"].as_object().unwrap().keys().map(String::as_str).collect();
            text.push_str(&format!("    answers {}\n", answers.join(" ")));
        }
    }
    text
}

/// The fields of a schema, those that are needed with a star.
fn fields(schema: &Value, indent: &str, text: &mut String) {
    let needed: Vec<&str> =
        schema["required"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
    for (name, field) in schema["properties"].as_object().into_iter().flatten() {
        let mark = if needed.contains(&name.as_str()) { "*" } else { "" };
        let limits: Vec<String> = ["format", "pattern", "minimum", "maximum", "maxLength", "maxItems"]
            .iter()
            .filter_map(|limit| Some(format!(" {limit}={}", field.get(*limit)?)))
            .collect();
        let choices: Vec<&str> =
            field["enum"].as_array().into_iter().flatten().filter_map(Value::as_str).collect();
        let kind = field["type"].to_string().replace('"', "");
        let choices = if choices.is_empty() { String::new() } else { format!(" {}", choices.join("|")) };
        text.push_str(&format!("{indent}{name}{mark}: {kind}{}{choices}\n", limits.concat()));
        let deeper = format!("{indent}    ");
        fields(field, &deeper, text);
        fields(&field["items"], &deeper, text);
    }
}

/// `NotEnoughLeft` for `not-enough-left`.
fn pascal(code: &str) -> String {
    let word = |word: &str| word[..1].to_uppercase() + &word[1..];
    code.split('-').filter(|word| !word.is_empty()).map(word).collect()
}

/// The rules that stand beside a refusal in its desk's text: `ensure(.., Refusal { .. }).by(RULE)`.
fn rules_of(text: &str, refusal: &str) -> Vec<String> {
    let mut found = Vec::new();
    for (at, _) in text.match_indices(".by(") {
        let Some(begins) = text[..at].rfind("ensure(") else { continue };
        let names_it = text[begins..at].split(|c: char| !c.is_alphanumeric()).any(|word| word == refusal);
        let rule = text[at + 4..].split(')').next().unwrap_or_default();
        let rule = rule.rsplit("::").next().unwrap_or_default();
        let named = text.split(&format!("const {rule}: Rule<")).nth(1);
        let id = named.and_then(|rest| rest.split("rule(\"").nth(1)).and_then(|rest| rest.split('"').next());
        if names_it {
            found.push(id.unwrap_or(rule).to_owned());
        }
    }
    found.sort();
    found.dedup();
    found
}

#[test]
fn every_refusal_says_what_it_said() {
    let sources = sources::all();
    let mut text = String::from(
        "What the house says when it says no: the rule, if the desk names one, and both sentences.\n",
    );
    for clerk in DESKS.iter() {
        let folder = format!("crates/desks/src/{}/", clerk.name().replace('-', "_"));
        let of_desk =
            sources.iter().filter(|source| source.path.starts_with(&folder) && source.is_production());
        let mut of_desk: String = of_desk.map(|source| source.before_tests()).collect();
        // Those that pay through a bank share what a statement is refused for.
        if of_desk.contains("Bank(Misfit)") {
            let shared = sources.iter().find(|source| source.path == "crates/desks/src/paying.rs");
            of_desk.push_str(shared.unwrap().before_tests());
        }
        let [zh, en] = Locale::BOTH.map(|locale| clerk.words(locale));
        text.push_str(&format!("\n{}\n", clerk.name()));
        for (_, code) in en.keys().filter(|(section, _)| *section == "refusal") {
            assert!(
                of_desk.contains(&pascal(code)),
                "{folder}: `{code}` is worded, but nothing refuses with it"
            );
            let rules = rules_of(&of_desk, &pascal(code)).join(" ");
            let rules = if rules.is_empty() { String::new() } else { format!(" [{rules}]") };
            let (zh, en) = (zh.get("refusal", code), en.get("refusal", code));
            text.push_str(&format!("  {code}{rules}\n    {en}\n    {zh}\n"));
        }
    }
    golden("refusals.txt", &text);
}

#[test]
fn the_command_line_explains_itself_as_it_did() {
    let help = |arguments: &[&str]| {
        let output =
            Command::new(env!("CARGO_BIN_EXE_kechuang")).args(arguments).env_clear().output().unwrap();
        assert!(output.status.success(), "{arguments:?}");
        format!("$ kechuang {}\n{}\n", arguments.join(" "), String::from_utf8(output.stdout).unwrap())
    };
    let mut text = String::new();
    for language in ["en", "zh"] {
        for arguments in
            [&["--help"][..], &["serve", "--help"], &["voucher", "--help"], &["voucher", "hold", "--help"]]
        {
            text.push_str(&help(&[arguments, &["--lang", language]].concat()));
        }
    }
    golden("help.txt", &text);
}
