//! Match: ranks what is offered in one file for every need in another, and says why.
//!
//! Two files in, one out; nothing is kept and no house is needed. The result appears under its name only
//! when it is complete.

use std::{
    cell::Cell,
    collections::{HashMap, HashSet},
    fs::File,
    io::BufWriter,
    path::{Path, PathBuf},
};

use clap::{Arg, ArgMatches, Command, value_parser};
use engines::matching::{
    ID_MAX, Need, Offer, TOP_MAX,
    files::{Match, ROWS_MAX, Ranked, Table},
};
use grammar::words::Locale;
use serde_json::{Value, json};

use crate::{
    allocating::Stop,
    speech::{Trouble, say, words},
    system::Pace,
    tables,
};

const TOP: &str = "10";
/// Rows that are handed to the engine at once: what is held twice for a moment.
const CHUNK: usize = 5_000;
/// Bytes of text in one sheet that are held in memory.
const TEXT_MAX: usize = 1 << 30;
/// What the result is called while it grows.
const UNFINISHED: &str = ".part";
/// So many of the best offers of a need are explained when pairs are given; the rest has a score alone.
const WHY_TOP: usize = TOP_MAX;

pub fn command(locale: Locale) -> Command {
    let help = |key: &'static str| words(locale).get("help", key);
    let file = |name: &'static str, key| {
        Arg::new(name).long(name).value_name("FILE").value_parser(value_parser!(PathBuf)).help(help(key))
    };
    let column = |name: &'static str| Arg::new(name).long(name).value_name("COL").help(help("match-id"));
    let top = value_parser!(u32).range(1..=TOP_MAX as i64);
    Command::new("match")
        .about(help("match"))
        .arg(file("needs", "match-needs").required(true))
        .arg(file("offers", "match-offers").required(true))
        .arg(file("pairs", "match-pairs").conflicts_with("top"))
        .arg(file("out", "match-out").required(true))
        .arg(
            Arg::new("top")
                .long("top")
                .value_name("N")
                .value_parser(top)
                .default_value(TOP)
                .help(help("match-top")),
        )
        .arg(column("need-id"))
        .arg(column("offer-id"))
}

/// Matches two files.
///
/// # Errors
/// What cannot be read, with its line; or written.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let path = |name: &str| matches.get_one::<PathBuf>(name).map_or(Path::new(""), PathBuf::as_path);
    let column = |name: &str| matches.get_one::<String>(name).map(String::as_str);
    let mut told = Progress::new(locale);
    let mut needs: Vec<(String, Need)> = Vec::new();
    sheet(path("needs"), column("need-id"), &mut told, &mut |table| needs.extend(table.needs()))?;
    let mut offers: Vec<Offer> = Vec::new();
    sheet(path("offers"), column("offer-id"), &mut told, &mut |table| offers.extend(table.offers()))?;
    told.line("reading-done", &json!({ "needs": needs.len(), "offers": offers.len() }));
    let ids: Vec<String> = needs.iter().map(|(id, _)| id.clone()).collect();
    let matching = Match::of(needs, &offers);
    drop(offers);
    let (mut out, stop) = (Out::open(path("out"))?, Stop::listen());
    let (done, all) = (Cell::new(0), ids.len());
    match matches.get_one::<PathBuf>("pairs") {
        Some(pairs) => rank_pairs(&matching, &ids, pairs, &mut told, &mut out)?,
        None => {
            let top = matches.get_one::<u32>("top").map_or(0, |top| *top as usize);
            let mut progress = |ranked, all| {
                done.set(ranked);
                told.now_and_then("ranking", &json!({ "done": ranked, "all": all }));
            };
            for ranked in matching.rank_all(top, &mut progress) {
                // Whoever is in the file is there with all that was found.
                if ranked.rank == 1 && !stop.goes_on() {
                    done.set(done.get() - 1);
                    break;
                }
                out.row(&ranked)?;
            }
        }
    }
    let rows = out.finish()?;
    if !stop.goes_on() && done.get() < all {
        told.line("ended", &json!({ "done": done.get(), "all": all }));
    }
    told.line("ranking-done", &json!({ "rows": rows, "path": path("out").display().to_string() }));
    Ok(())
}

/// What a person who waits is told, on the error output so that the result stays clean.
struct Progress {
    locale: Locale,
    pace: Pace,
}

impl Progress {
    fn new(locale: Locale) -> Self {
        Self { locale, pace: Pace::start() }
    }

    fn now_and_then(&mut self, key: &str, facts: &Value) {
        if self.pace.is_due() {
            self.line(key, facts);
        }
    }

    fn line(&self, key: &str, facts: &Value) {
        eprintln!("{}", say(self.locale, "match", key, facts));
    }
}

/// Reads a sheet and hands its rows on in chunks.
fn sheet(
    path: &Path,
    id: Option<&str>,
    told: &mut Progress,
    each: &mut dyn FnMut(&Table),
) -> Result<(), Trouble> {
    let chunk = Table::default();
    let mut sheet = Sheet { path, id, seen: HashSet::new(), again: 0, first_again: None, text: 0, chunk };
    tables::read(path, &mut |row| {
        let rows = sheet.seen.len();
        told.now_and_then("reading", &json!({ "path": path.display().to_string(), "rows": rows }));
        sheet.row(row, each)
    })?;
    each(&sheet.chunk);
    if sheet.seen.is_empty() {
        return Err(Trouble::new("no-rows", json!({ "path": path.display().to_string() })).of_input());
    }
    if let Some((line, id)) = sheet.first_again {
        let facts =
            json!({ "path": path.display().to_string(), "rows": sheet.again, "line": line, "id": id });
        told.line("again", &facts);
    }
    Ok(())
}

/// A sheet on its way into the engine.
struct Sheet<'a> {
    path: &'a Path,
    /// The column that names a row; the first one when none is named.
    id: Option<&'a str>,
    seen: HashSet<Box<str>>,
    /// Rows whose id had been there before; the line and the id of the first.
    again: usize,
    first_again: Option<(u64, String)>,
    text: usize,
    chunk: Table,
}

impl Sheet<'_> {
    /// Takes a row. The engine takes the last column that is called `id`: ours is put there, and its own
    /// column is left empty, so that an id is never read as text.
    fn row(&mut self, row: tables::Row, each: &mut dyn FnMut(&Table)) -> Result<(), Trouble> {
        let tables::Row { line, header, mut cells } = row;
        if self.chunk.rows.len() >= CHUNK || self.chunk.header.len() != header.len() + 1 {
            each(&self.chunk);
            let header = header.iter().cloned().chain(["id".to_owned()]).collect();
            self.chunk = Table { header, rows: Vec::with_capacity(CHUNK) };
        }
        if cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        let place = self.place(header, line)?;
        let id = cells.get_mut(place).map(std::mem::take).unwrap_or_default().trim().to_owned();
        if !self.is_new(&id, line)? {
            return Ok(());
        }
        self.text += cells.iter().map(String::len).sum::<usize>();
        if self.text > TEXT_MAX {
            return Err(tables::bad(self.path, line, "too-much-text", json!({ "max": TEXT_MAX >> 30 })));
        }
        cells.resize(header.len(), String::new());
        cells.push(id);
        self.chunk.rows.push(cells);
        Ok(())
    }

    fn place(&self, header: &[String], line: u64) -> Result<usize, Trouble> {
        let Some(id) = self.id else { return Ok(0) };
        let same = |name: &String| name.trim().eq_ignore_ascii_case(id.trim());
        let known = || json!({ "name": id, "known": header.join(", ") });
        header.iter().position(same).ok_or_else(|| tables::bad(self.path, line, "no-column", known()))
    }

    /// Whether the row is the first of its id. Later ones are left out, and told.
    fn is_new(&mut self, id: &str, line: u64) -> Result<bool, Trouble> {
        let wrong = |code, facts| Err(tables::bad(self.path, line, code, facts));
        if id.is_empty() {
            return wrong("no-id", json!({}));
        }
        if id.len() > ID_MAX {
            return wrong("id-too-long", json!({ "max": ID_MAX }));
        }
        if self.seen.len() >= ROWS_MAX {
            return wrong("too-many-rows", json!({ "max": ROWS_MAX }));
        }
        let is_new = self.seen.insert(id.into());
        if !is_new {
            self.again += 1;
            self.first_again.get_or_insert((line, id.to_owned()));
        }
        Ok(is_new)
    }
}

/// Ranks given pairs: need by need as they first come, best first.
fn rank_pairs(
    matching: &Match,
    needs: &[String],
    path: &Path,
    told: &mut Progress,
    out: &mut Out,
) -> Result<(), Trouble> {
    let pairs = pairs(path, told)?;
    let scores = matching.score_pairs(&pairs);
    let mut lists: HashMap<&str, Vec<(&str, f32)>> = HashMap::new();
    let mut order: Vec<&str> = Vec::new();
    for ((need, offer), score) in pairs.iter().zip(scores) {
        let list = lists.entry(need).or_default();
        if list.is_empty() {
            order.push(need);
        }
        list.push((offer, score));
    }
    let places: HashMap<&str, usize> = needs.iter().map(String::as_str).zip(0..).collect();
    let unknown = order.iter().filter(|need| !places.contains_key(*need)).count();
    if unknown > 0 {
        told.line("unknown-needs", &json!({ "needs": unknown, "path": path.display().to_string() }));
    }
    for (need, done) in order.iter().zip(1..) {
        let Some(mut list) = lists.remove(need) else { continue };
        list.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(b.0)));
        let best = places.get(need).map_or_else(Vec::new, |place| matching.rank(*place, WHY_TOP));
        let mut why: HashMap<String, String> = best.into_iter().map(|line| (line.offer, line.why)).collect();
        for ((offer, score), rank) in list.into_iter().zip(1..) {
            let why = why.remove(offer).unwrap_or_default();
            out.row(&Ranked { need: (*need).to_owned(), offer: offer.to_owned(), rank, score, why })?;
        }
        told.now_and_then("ranking", &json!({ "done": done, "all": order.len() }));
    }
    Ok(())
}

/// The pairs of a file: its first two columns. A pair given twice is one.
fn pairs(path: &Path, told: &mut Progress) -> Result<Vec<(String, String)>, Trouble> {
    let (mut pairs, mut given) = (Vec::new(), HashSet::new());
    tables::read(path, &mut |row| {
        let line = row.line;
        let mut cells = row.cells.into_iter().map(|cell| cell.trim().to_owned());
        let pair =
            cells.next().zip(cells.next()).filter(|(need, offer)| !need.is_empty() && !offer.is_empty());
        let pair = pair.ok_or_else(|| tables::bad(path, line, "no-pair", json!({})))?;
        if pairs.len() >= ROWS_MAX {
            return Err(tables::bad(path, line, "too-many-rows", json!({ "max": ROWS_MAX })));
        }
        if given.insert(pair.clone()) {
            pairs.push(pair);
        }
        told.now_and_then("reading", &json!({ "path": path.display().to_string(), "rows": given.len() }));
        Ok(())
    })?;
    Ok(pairs)
}

/// The result: `need,offer,rank,score,why`, under another name until it is complete.
struct Out {
    path: PathBuf,
    unfinished: PathBuf,
    rows: csv::Writer<BufWriter<File>>,
    count: usize,
}

impl Out {
    fn open(path: &Path) -> Result<Self, Trouble> {
        let mut name = path.as_os_str().to_owned();
        name.push(UNFINISHED);
        let unfinished = PathBuf::from(name);
        let file = File::create(&unfinished).map_err(|error| Trouble::file(&unfinished, &error))?;
        let delimiter = if path.extension().is_some_and(|ending| ending == "tsv") { b'\t' } else { b',' };
        let mut rows = csv::WriterBuilder::new().delimiter(delimiter).from_writer(BufWriter::new(file));
        let header = rows.write_record(["need", "offer", "rank", "score", "why"]);
        header.map_err(|error| Trouble::file(&unfinished, &error))?;
        Ok(Self { path: path.to_owned(), unfinished, rows, count: 0 })
    }

    fn row(&mut self, ranked: &Ranked) -> Result<(), Trouble> {
        let Ranked { need, offer, rank, score, why } = ranked;
        self.count += 1;
        let row = self.rows.write_record([need, offer, &rank.to_string(), &format!("{score:.6}"), why]);
        row.map_err(|error| Trouble::file(&self.unfinished, &error))
    }

    /// Gives the result its name and says how many rows it has.
    fn finish(self) -> Result<usize, Trouble> {
        let Self { path, unfinished, rows, count } = self;
        let failed = |error: &dyn std::fmt::Display| Trouble::file(&unfinished, error);
        let written = rows.into_inner().map_err(|error| failed(error.error()))?;
        let file = written.into_inner().map_err(|error| failed(error.error()))?;
        file.sync_all().map_err(|error| failed(&error))?;
        std::fs::rename(&unfinished, &path).map_err(|error| Trouble::file(&path, &error))?;
        Ok(count)
    }
}
