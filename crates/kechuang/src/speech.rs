//! Speech: the sentences of the command line in two languages, and why a command came to nothing.

use std::{ffi::OsString, fmt, sync::LazyLock};

use clap::{Arg, ArgAction, Command};
use grammar::words::{Locale, Words};
use serde_json::{Value, json};

static WORDS: LazyLock<[Words; 2]> = LazyLock::new(|| {
    let read = |locale, text| Words::read(locale, text).unwrap_or_default();
    [read(Locale::Zh, include_str!("../words/zh.toml")), read(Locale::En, include_str!("../words/en.toml"))]
});

/// The words of the command line in a language.
pub fn words(locale: Locale) -> &'static Words {
    let [zh, en] = &*WORDS;
    if locale == Locale::Zh { zh } else { en }
}

/// Where flags that every command has stand in its help: behind its own.
pub const LAST: usize = 900;

/// The frame of help in the reader's language: headings, and the flag that asks for it.
pub fn worded(command: Command, locale: Locale) -> Command {
    let help = |key: &'static str| words(locale).get("help", key);
    let flag = Arg::new("help")
        .short('h')
        .long("help")
        .action(ArgAction::Help)
        .help(help("help"))
        .display_order(LAST + 1);
    let template = format!("{{about}}\n\n{} {{usage}}\n\n{{all-args}}\n{{after-help}}", help("usage"));
    let has_version = command.get_version().is_some();
    let version = Arg::new("version").short('V').long("version").action(ArgAction::Version);
    let version = version.help(help("version")).display_order(LAST + 1);
    command
        .disable_help_flag(true)
        .disable_version_flag(true)
        .disable_help_subcommand(true)
        .subcommand_help_heading(help("commands"))
        .help_template(template)
        .arg(flag)
        .args(has_version.then_some(version))
        .mut_args(|arg| {
            let heading = if arg.is_positional() { help("arguments") } else { help("options") };
            // A number below nothing is a value that is looked at, not a flag that is not known.
            let takes_number = !arg.is_positional() && arg.get_action().takes_values();
            let arg = if takes_number { arg.allow_negative_numbers(true) } else { arg };
            arg.help_heading(heading)
        })
        .mut_subcommands(|command| worded(command, locale))
}

/// A sentence with its placeholders filled.
pub fn say(locale: Locale, section: &str, key: &str, facts: &Value) -> String {
    words(locale).sentence(section, key, facts, &|id| id.to_string())
}

/// The reader's language: `--lang` wherever it stands, else what the environment says of messages.
///
/// Looked at before the arguments are parsed, because help and faults are worded in it too.
pub fn locale(arguments: &[OsString], environment: &dyn Fn(&str) -> Option<String>) -> Locale {
    let texts: Vec<&str> = arguments.iter().filter_map(|argument| argument.to_str()).collect();
    let joined = texts.iter().find_map(|text| text.strip_prefix("--lang="));
    let apart = texts.iter().position(|text| *text == "--lang").and_then(|at| texts.get(at + 1)).copied();
    let named = joined.or(apart).map(str::to_owned);
    let surroundings = || {
        ["LC_ALL", "LC_MESSAGES", "LANG"]
            .iter()
            .find_map(|name| environment(name).filter(|value| !value.is_empty()))
    };
    match named.or_else(surroundings) {
        Some(language) if language.to_lowercase().starts_with("zh") => Locale::Zh,
        _ => Locale::En,
    }
}

/// Why a command came to nothing: a key of `[trouble]` and what its sentence is filled with.
#[derive(Clone, Debug, PartialEq)]
pub struct Trouble {
    pub code: &'static str,
    pub facts: Value,
    /// The house was asked and said no, with a reason that the asker can do something about.
    pub is_refusal: bool,
}

impl Trouble {
    pub fn new(code: &'static str, facts: Value) -> Self {
        Self { code, facts, is_refusal: false }
    }

    /// A file that could not be opened, read or written.
    pub fn file(path: &std::path::Path, error: &dyn fmt::Display) -> Self {
        Self::new("file", json!({ "path": path.display().to_string(), "error": error.to_string() }))
    }

    /// The same, told as a fault of what was given rather than of the machine: exit code 2.
    pub fn of_input(self) -> Self {
        Self { is_refusal: true, ..self }
    }

    /// The same, told of a file where it names none yet.
    pub fn in_file(mut self, path: &std::path::Path) -> Self {
        if let Some(facts) = self.facts.as_object_mut() {
            facts.entry("path").or_insert_with(|| path.display().to_string().into());
        }
        self
    }

    pub fn sentence(&self, locale: Locale) -> String {
        printable(&say(locale, "trouble", self.code, &self.facts))
    }
}

/// A text that a terminal shows and does not obey: no escape sequences, no turned direction of writing.
pub fn printable(text: &str) -> String {
    let is_harmless = |c: char| {
        let is_control = c.is_control() && !matches!(c, '\n' | '\t');
        !is_control
            && !matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if is_harmless(c) { c } else { '\u{fffd}' }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_language_is_the_flags_then_the_environments() {
        let chosen = |arguments: &[&str], variable: Option<(&str, &str)>| {
            let arguments: Vec<OsString> = arguments.iter().map(OsString::from).collect();
            let variable = variable.map(|(name, value)| (name.to_owned(), value.to_owned()));
            locale(&arguments, &|name| variable.as_ref().filter(|v| v.0 == name).map(|v| v.1.clone()))
        };
        assert_eq!(chosen(&["verify", "x", "--lang", "zh"], None), Locale::Zh);
        assert_eq!(chosen(&["--lang=en", "verify"], Some(("LANG", "zh_CN.UTF-8"))), Locale::En);
        assert_eq!(chosen(&["verify"], Some(("LANG", "zh_CN.UTF-8"))), Locale::Zh);
        assert_eq!(chosen(&["verify"], Some(("LC_ALL", "C"))), Locale::En);
        assert_eq!(chosen(&["verify", "--lang"], None), Locale::En);
    }

    #[test]
    fn both_languages_say_the_same_things() {
        let keys = |locale| {
            let mut keys: Vec<_> = words(locale).keys().collect();
            keys.sort_unstable();
            keys
        };
        assert_eq!(keys(Locale::Zh), keys(Locale::En));
        assert!(keys(Locale::En).len() > 60);
    }

    #[test]
    fn a_terminal_is_not_commanded() {
        assert_eq!(printable("a\u{1b}[2Jb\u{202e}c\n"), "a\u{fffd}[2Jb\u{fffd}c\n");
    }
}
