//! Flags: a form as flags, and flags as a command. A field's flag is its path: `--title.en`,
//! `--indicators.1.name`. A list of short things takes one flag, its parts apart by `;`.

use std::{fs, io::Read, path::Path};

use clap::{Arg, ArgMatches};
use grammar::{
    clerk::Clerk,
    form::{Dice, Fault, Flat, Form, Kind, Verb},
    kinds::{Day, Id},
    words::{Locale, shared},
};
use serde_json::{Value, json};

use super::call::House;
use crate::speech::{LAST, Trouble, words};

pub const ID: &str = "ID";
pub const KEY: &str = "idempotency-key";
pub const SEEN: &str = "seen";
const FIELDS: &str = "fields";
/// Names of flags that are not fields; a field of that name is `--field.NAME`.
const TAKEN: [&str; 9] = [KEY, SEEN, FIELDS, "server", "token", "json", "lang", "help", "version"];
/// Flags for the numbered places of a list; longer lists are given by `--fields`.
const PLACES_MAX: u32 = 20;
/// Flags of one verb.
const FLAGS_MAX: usize = 2_000;
/// The longest file of fields, in bytes.
const FILE_MAX: u64 = 2 << 20;
/// Samples by which we see who may ask a verb.
const SAMPLES: u64 = 8;

/// The flags every verb has besides its fields.
pub fn own(locale: Locale, has_record: bool) -> Vec<Arg> {
    let mut names = vec![(KEY, "KEY"), (FIELDS, "FILE")];
    if has_record {
        names.push((SEEN, "N"));
    }
    let flag = |(name, value): (&'static str, &'static str)| {
        Arg::new(name).long(name).value_name(value).help(words(locale).get("help", name)).display_order(LAST)
    };
    names.into_iter().map(flag).collect()
}

/// The flags of a form. Numbered ones are made only when they are wanted, and not shown.
pub fn of_form(form: &Form, clerk: &dyn Clerk, locale: Locale, is_numbered: bool) -> Vec<Arg> {
    let mut flags = Flags { clerk, locale, is_numbered, made: Vec::new() };
    flags.form("", form, false);
    flags.made.truncate(FLAGS_MAX);
    flags.made
}

struct Flags<'a> {
    clerk: &'a dyn Clerk,
    locale: Locale,
    is_numbered: bool,
    made: Vec<Arg>,
}

impl Flags<'_> {
    fn form(&mut self, path: &str, form: &Form, is_hidden: bool) {
        for field in &form.fields {
            let path = if path.is_empty() { field.name.clone() } else { format!("{path}.{}", field.name) };
            self.field(&path, &field.kind, field.needed && !is_hidden, is_hidden);
        }
    }

    fn field(&mut self, path: &str, kind: &Kind, is_needed: bool, is_hidden: bool) {
        if self.made.len() >= FLAGS_MAX {
            return;
        }
        match kind {
            Kind::Personal(inner) | Kind::Sealed(inner) => self.field(path, inner, is_needed, is_hidden),
            Kind::Group(form) => self.form(path, form, is_hidden),
            Kind::Bilingual { .. } => {
                self.flag(path, kind, is_needed, is_hidden);
                ["zh", "en"].iter().for_each(|side| self.flag(&format!("{path}.{side}"), kind, false, true));
            }
            Kind::List(each, max) => {
                let is_short = !matches!(**each, Kind::Group(_) | Kind::List(..) | Kind::Bilingual { .. });
                if is_short {
                    self.flag(path, kind, is_needed, is_hidden);
                } else {
                    // The first place shows how it is done; the others are there when they are used.
                    self.field(&format!("{path}.1"), each, false, is_hidden);
                }
                let places = if self.is_numbered { (*max).min(PLACES_MAX) } else { 0 };
                let from = if is_short { 1 } else { 2 };
                (from..=places).for_each(|place| self.field(&format!("{path}.{place}"), each, false, true));
            }
            _ => self.flag(path, kind, is_needed, is_hidden),
        }
    }

    fn flag(&mut self, path: &str, kind: &Kind, is_needed: bool, is_hidden: bool) {
        let said = self.clerk.words(self.locale);
        let name = path.rsplit('.').find(|step| step.parse::<u32>().is_err()).unwrap_or(path);
        let needed = if is_needed { words(self.locale).get("help", "needed") } else { "" };
        let choices = match kind {
            Kind::Choice(choices) => format!(": {}", choices.join(" | ")),
            _ => String::new(),
        };
        let help = format!("{}{needed}{choices}", said.get("field", name));
        let value = shared(self.locale).get("kind", kind.name()).to_owned();
        let flag = Arg::new(format!("field:{path}")).long(long(path)).value_name(value).help(help);
        // As commands are usually typed: `--own-funds` for the field `own_funds`.
        let usual = path.contains('_').then(|| long(path).replace('_', "-"));
        self.made.push(flag.aliases(usual).allow_hyphen_values(true).hide(is_hidden));
    }
}

fn long(path: &str) -> String {
    if TAKEN.contains(&path) { format!("field.{path}") } else { path.to_owned() }
}

/// Whether people may ask this at all, or only the clock and other desks. Who may ask can depend on what is
/// asked, so several samples are looked at.
pub fn is_for_people(clerk: &dyn Clerk, verb: &Verb) -> bool {
    let some =
        |desk: &str, _: &mut Dice| format!("{desk}-7k3m9q2a").trim_start_matches('-').parse::<Id>().ok();
    let Some(day) = Day::new(2026, 3, 2) else { return true };
    let samples = (1..=SAMPLES).filter_map(|seed| verb.sample(&mut Dice::new(seed), day, &some));
    let mut is_any = false;
    for mut sample in samples {
        verb.form.cover(&mut sample);
        let Some(who) = clerk.who(&sample) else { continue };
        if who.is_for_people() {
            return true;
        }
        is_any = true;
    }
    !is_any
}

/// The fields of a command from a file and from flags; what a flag says goes before the file. A file of a
/// field, `--contract @scan.pdf`, is uploaded first.
///
/// # Errors
/// Every fault beside its field.
pub fn read(verb: &Verb, matches: &ArgMatches, house: &House) -> Result<Value, Trouble> {
    let (mut flat, mut said) = (Flat::new(), Flat::new());
    if let Some(path) = matches.get_one::<String>(FIELDS) {
        flatten("", &fields_file(Path::new(path))?, &mut flat);
    }
    for id in matches.ids() {
        let Some(path) = id.as_str().strip_prefix("field:") else { continue };
        let Some(text) = matches.get_one::<String>(id.as_str()) else { continue };
        // A flag takes the place of all that the file says of the field.
        flat.retain(|known, _| known != path && !known.starts_with(&format!("{path}.")));
        said.insert(path.to_owned(), text.clone());
    }
    part_languages(&mut said);
    flat.extend(said);
    let mut uploaded = Ok(());
    for (path, text) in &mut flat {
        if let (Some(file), true, true) =
            (text.strip_prefix('@'), uploaded.is_ok(), is_file(&verb.form, path))
        {
            uploaded = house.upload(Path::new(file)).map(|name| *text = name);
        }
    }
    uploaded?;
    let mut command = verb.read_flat(&flat).map_err(|faults| faulty(&faults, house.locale))?;
    if let Some(fields) = command.as_object_mut() {
        fields.shift_remove("verb");
    }
    Ok(command)
}

/// `--title 光刻胶 --title.en Photoresist`: beside a flag that names its language, the plain one has the other.
fn part_languages(said: &mut Flat) {
    let has_side =
        |path: &String| ["zh", "en"].iter().any(|side| said.contains_key(&format!("{path}.{side}")));
    let plain: Vec<String> = said.keys().filter(|path| has_side(path)).cloned().collect();
    for path in plain {
        let Some(text) = said.remove(&path) else { continue };
        let is_han = text.chars().any(|c| matches!(c, '\u{3400}'..='\u{9fff}'));
        said.entry(format!("{path}.{}", if is_han { "zh" } else { "en" })).or_insert(text);
    }
}

/// Every fault on a line of its own, beside the flag it is about.
fn faulty(faults: &[Fault], locale: Locale) -> Trouble {
    let line = |fault: &Fault| {
        let said = shared(locale).sentence("fault", &fault.code, &fault.facts, &|id| id.to_string());
        format!("  --{}: {said}", long(&fault.field))
    };
    let lines: Vec<String> = faults.iter().map(line).collect();
    let facts = json!({ "faults": faults, "lines": lines.join("\n") });
    Trouble { is_refusal: true, ..Trouble::new("faults", facts) }
}

fn is_file(form: &Form, path: &str) -> bool {
    let (name, rest) = path.split_once('.').unwrap_or((path, ""));
    form.field(name).is_some_and(|field| is_file_kind(&field.kind, rest))
}

fn is_file_kind(kind: &Kind, rest: &str) -> bool {
    match kind {
        Kind::File => rest.is_empty(),
        Kind::Personal(inner) | Kind::Sealed(inner) => is_file_kind(inner, rest),
        Kind::List(each, _) => is_file_kind(each, rest.split_once('.').map_or("", |(_, rest)| rest)),
        Kind::Group(form) => is_file(form, rest),
        _ => false,
    }
}

fn fields_file(path: &Path) -> Result<Value, Trouble> {
    let mut text = String::new();
    let read = match path.to_str() {
        Some("-") => std::io::stdin().lock().take(FILE_MAX).read_to_string(&mut text),
        _ => fs::File::open(path).and_then(|file| file.take(FILE_MAX).read_to_string(&mut text)),
    };
    read.map_err(|error| Trouble::file(path, &error))?;
    serde_json::from_str(&text).map_err(|error| Trouble::file(path, &error))
}

/// JSON as the flat text that a page would send.
fn flatten(path: &str, value: &Value, flat: &mut Flat) {
    let join = |step: &str| if path.is_empty() { step.to_owned() } else { format!("{path}.{step}") };
    match value {
        Value::Null => {}
        Value::Object(fields) => fields.iter().for_each(|(name, inner)| flatten(&join(name), inner, flat)),
        Value::Array(values) => {
            values.iter().zip(1..).for_each(|(inner, place)| flatten(&join(&place.to_string()), inner, flat));
        }
        Value::String(text) => drop(flat.insert(path.to_owned(), text.clone())),
        other => drop(flat.insert(path.to_owned(), other.to_string())),
    }
}
