//! Draw: takes some rows of a file by chance that anyone can repeat with the same seed.
//!
//! No house is needed. What cannot be drawn is told with its file, line and column, and ends with exit code 2.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use clap::{Arg, ArgAction, ArgMatches, Command, value_parser};
use engines::draw::{
    Answer, Demand, ENTRIES_MAX, Entry, Question, Quota, Ready, Refusal, Seed, TEXT_MAX, WEIGHT_MAX,
};
use grammar::words::Locale;
use serde_json::{Value, json};

use crate::{
    speech::{Trouble, printable, say, words},
    tables,
};

/// The label of a draw that is given none.
const LABEL: &str = "draw";
/// Characters of a wrong cell that are shown.
const SHOWN_MAX: usize = 60;

/// Puts the file and its flags beside the verbs of the desk that has the same name: `kechuang draw people.xlsx`
/// needs no house, `kechuang draw list` asks one. Other commands stay as they are.
pub fn beside(command: Command, locale: Locale) -> Command {
    if command.get_name() != "draw" {
        return command;
    }
    let help = |key: &'static str| words(locale).get("help", key);
    let text = |name: &'static str, value: &'static str, key| {
        Arg::new(name).long(name).value_name(value).help(help(key))
    };
    let count = |name: &'static str, key| text(name, "N", key).value_parser(value_parser!(u32));
    let quota = |name, key| text(name, "NAME=N", key).action(ArgAction::Append).requires("stratum");
    let file =
        Arg::new("file").value_name("FILE").value_parser(value_parser!(PathBuf)).help(help("draw-file"));
    let command =
        command.about(help("draw")).subcommand_negates_reqs(true).args_conflicts_with_subcommands(true);
    command.subcommand_required(false).arg(file.required(true)).args([
        text("seed", "SEED", "draw-seed").required(true),
        count("take", "draw-take").required(true),
        count("spare", "draw-spare").default_value("0"),
        text("id", "COL", "match-id"),
        text("weight", "COL", "draw-weight"),
        text("stratum", "COL", "draw-stratum"),
        quota("at-least", "draw-at-least"),
        quota("at-most", "draw-at-most"),
        text("label", "TEXT", "draw-label").default_value(LABEL),
    ])
}

/// Draws from a file.
///
/// # Errors
/// What cannot be read, with its line and column; or why nothing can be drawn.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let text = |name: &str| matches.get_one::<String>(name).map_or("", String::as_str);
    let number = |name: &str| matches.get_one::<u32>(name).copied().unwrap_or(0);
    let path = matches.get_one::<PathBuf>("file").map_or(Path::new(""), PathBuf::as_path);
    let entries = read(path, matches).map_err(Trouble::of_input)?;
    let rows = entries.len();
    let quotas = quotas(path, matches, &entries).map_err(Trouble::of_input)?;
    let question = Question { entries, take: number("take"), spare: number("spare"), quotas };
    let ready = question.ready().map_err(|refusal| impossible(path, &refusal, locale))?;
    let seed = Seed::of_text(text("seed"));
    let answer = engines::draw::draw(&ready, &seed, text("label"));
    let facts = json!({
        "path": path.display().to_string(), "rows": rows, "seed": seed.to_string(), "label": text("label"),
        "taken": rows_of(&ready, &answer.taken), "spare": rows_of(&ready, &answer.spare),
    });
    let told = if matches.get_flag("json") { format!("{facts:#}") } else { as_text(&facts, &answer, locale) };
    println!("{}", printable(&told));
    Ok(())
}

fn rows_of(ready: &Ready, places: &[u32]) -> Vec<Value> {
    let entries = places.iter().filter_map(|place| ready.entry(*place));
    entries
        .map(|entry| json!({ "id": entry.key, "stratum": entry.stratum, "weight": entry.weight }))
        .collect()
}

fn as_text(facts: &Value, answer: &Answer, locale: Locale) -> String {
    let line = |key: &str| say(locale, "draw", key, facts);
    let counts = json!({ "taken": answer.taken.len(), "rows": facts.get("rows") });
    let mut lines = vec![say(locale, "draw", "taken", &counts)];
    lines.extend(numbered(facts.get("taken")));
    if !answer.spare.is_empty() {
        lines.extend([String::new(), line("spare")]);
        lines.extend(numbered(facts.get("spare")));
    }
    lines.extend([String::new(), line("seed"), line("again")]);
    lines.join("\n")
}

fn numbered(rows: Option<&Value>) -> Vec<String> {
    let rows = rows.and_then(Value::as_array).into_iter().flatten();
    let text = |row: &Value, name: &str| row.get(name).and_then(Value::as_str).unwrap_or("").to_owned();
    let line = |(row, n): (&Value, u32)| format!("{n:>4}  {}  {}", text(row, "id"), text(row, "stratum"));
    rows.zip(1..).map(|pair| line(pair).trim_end().to_owned()).collect()
}

/// The columns that matter, and what was read from them.
struct List<'a> {
    path: &'a Path,
    columns: [Option<&'a str>; 3],
    entries: Vec<Entry>,
    /// The line on which each id stands.
    lines: HashMap<String, u64>,
}

fn read(path: &Path, matches: &ArgMatches) -> Result<Vec<Entry>, Trouble> {
    let columns = ["id", "weight", "stratum"].map(|name| matches.get_one::<String>(name).map(String::as_str));
    let mut list = List { path, columns, entries: Vec::new(), lines: HashMap::new() };
    tables::read(path, &mut |row| list.row(row))?;
    if list.entries.is_empty() {
        return Err(Trouble::new("no-rows", json!({ "path": path.display().to_string() })));
    }
    Ok(list.entries)
}

impl List<'_> {
    fn row(&mut self, row: tables::Row) -> Result<(), Trouble> {
        let tables::Row { line, header, cells } = row;
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        let [id, weight, stratum] = self.columns;
        let named = |name: Option<&str>| name.map(|name| column(self.path, line, header, name)).transpose();
        let (id, weight, stratum) = (named(id)?.unwrap_or(0), named(weight)?, named(stratum)?);
        let cell = |place: usize| cells.get(place).map_or("", |cell| cell.trim());
        let wrong =
            |code, place: usize, more: Value| Err(self.wrong(line, code, (header, cell(place), place), more));
        let key = cell(id).to_owned();
        if key.is_empty() {
            return wrong("draw-no-id", id, json!({}));
        }
        if let Some(place) =
            [Some(id), stratum].into_iter().flatten().find(|place| cell(*place).len() > TEXT_MAX)
        {
            return wrong("draw-too-long", place, json!({ "max": TEXT_MAX }));
        }
        if let Some(first) = self.lines.get(&key) {
            return wrong("draw-twice", id, json!({ "first": first }));
        }
        if self.entries.len() >= ENTRIES_MAX {
            return Err(tables::bad(self.path, line, "too-many-rows", json!({ "max": ENTRIES_MAX })));
        }
        let share =
            weight.map_or(Some(1), |place| cell(place).parse().ok().filter(|w| (1..=WEIGHT_MAX).contains(w)));
        let Some(share) = share else {
            return wrong("draw-weight", weight.unwrap_or(0), json!({ "max": WEIGHT_MAX }));
        };
        let stratum = stratum.map_or("", cell).to_owned();
        self.lines.insert(key.clone(), line);
        self.entries.push(Entry { key, weight: share, stratum });
        Ok(())
    }

    fn wrong(
        &self,
        line: u64,
        code: &'static str,
        cell: (&[String], &str, usize),
        mut more: Value,
    ) -> Trouble {
        let (header, text, place) = cell;
        if let Some(facts) = more.as_object_mut() {
            facts.insert("column".into(), header.get(place).cloned().unwrap_or_default().into());
            facts.insert("value".into(), text.chars().take(SHOWN_MAX).collect::<String>().into());
        }
        tables::bad(self.path, line, code, more)
    }
}

fn column(path: &Path, line: u64, header: &[String], name: &str) -> Result<usize, Trouble> {
    let same = |known: &String| known.trim().eq_ignore_ascii_case(name.trim());
    let unknown =
        || tables::bad(path, line, "no-column", json!({ "name": name, "known": header.join(", ") }));
    header.iter().position(same).ok_or_else(unknown)
}

/// `--at-least finance=1 --at-most 2`: a number alone is for every stratum that has none of its own.
fn quotas(path: &Path, matches: &ArgMatches, entries: &[Entry]) -> Result<BTreeMap<String, Quota>, Trouble> {
    let mut quotas: BTreeMap<String, Quota> =
        entries.iter().map(|entry| (entry.stratum.clone(), Quota::default())).collect();
    let mut named = |flag: &'static str, set: &dyn Fn(&mut Quota, u32)| -> Result<(), Trouble> {
        let given: Vec<&String> = matches.get_many(flag).into_iter().flatten().collect();
        let wrong = |value: &str| Trouble::new("draw-quota", json!({ "flag": flag, "value": value }));
        let (own, each): (Vec<&str>, Vec<&str>) =
            given.iter().map(|text| text.as_str()).partition(|text| text.contains('='));
        for value in each {
            let count = value.trim().parse().map_err(|_| wrong(value))?;
            quotas.values_mut().for_each(|quota| set(quota, count));
        }
        for value in own {
            let (name, count) = value.rsplit_once('=').ok_or_else(|| wrong(value))?;
            let count = count.trim().parse().map_err(|_| wrong(value))?;
            let known = quotas.keys().cloned().collect::<Vec<_>>().join(", ");
            let facts = json!({ "path": path.display().to_string(), "name": name, "known": known });
            let quota = quotas.get_mut(name.trim()).ok_or_else(|| Trouble::new("draw-no-stratum", facts))?;
            set(quota, count);
        }
        Ok(())
    };
    named("at-least", &|quota, count| quota.at_least = count)?;
    named("at-most", &|quota, count| quota.at_most = Some(count))?;
    Ok(quotas)
}

/// Why nothing can be drawn, naming the smallest set of demands that cannot hold together.
fn impossible(path: &Path, refusal: &Refusal, locale: Locale) -> Trouble {
    let path = path.display().to_string();
    let trouble = match refusal {
        Refusal::Impossible { demands } => {
            let told =
                demands.iter().map(|d| demand(d, locale)).collect::<Vec<_>>().join(locale.pick("；", "; "));
            Trouble::new("draw-impossible", json!({ "path": path, "demands": told }))
        }
        Refusal::NobodyWanted => Trouble::new("draw-nobody", json!({})),
        other => Trouble::new("broken", json!({ "error": format!("{other:?}") })),
    };
    Trouble::of_input(trouble)
}

fn demand(demand: &Demand, locale: Locale) -> String {
    let facts = serde_json::to_value(demand).unwrap_or_default();
    let key = match demand {
        Demand::Take { .. } => "want",
        Demand::There { stratum: None, .. } => "there",
        Demand::There { .. } => "there-of",
        Demand::AtLeast { .. } => "at-least",
        Demand::AtMost { .. } => "at-most",
    };
    say(locale, "draw", key, &facts)
}
