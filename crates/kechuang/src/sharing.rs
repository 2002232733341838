//! Share: a file of works, authors and affiliations becomes what each place has of them, in exact fractions.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use clap::{Arg, ArgMatches, Command, value_parser};
use engines::shares::{self, Answer, Fault, Question, Sum, Work};
use grammar::words::Locale;
use serde_json::json;

use crate::{
    allocating::refused,
    book::{self, Cell, Sheet},
    columns::{self, Column, Reading},
    speech::{Trouble, say, words},
    tables::{self, Row},
};

/// Bytes of a name.
const NAME_MAX: usize = 500;
/// Rows of one file.
const ROWS_MAX: u64 = 50_000_000;
/// Digits behind the point.
const DIGITS: usize = 6;
/// Digits by which places are put in order; only those that agree in all of them are compared as fractions.
const ORDER_DIGITS: usize = 18;
/// Longer denominators are not shown: the exact share is then told by its decimals only.
const BELOW_MAX: usize = 30;

const WORK: Column =
    Column { name: "work", names: &["work", "paper", "patent", "成果", "论文", "专利"] };
const AUTHOR: Column = Column { name: "author", names: &["author", "inventor", "作者", "发明人"] };
const PLACE: Column =
    Column { name: "place", names: &["place", "affiliation", "institution", "地点", "机构", "单位"] };

pub fn command(locale: Locale) -> Command {
    let help = |key: &'static str| words(locale).get("help", key);
    let file = value_parser!(PathBuf);
    let rows = Arg::new("rows").required(true).value_name("FILE").value_parser(file.clone());
    let out = Arg::new("out").long("out").required(true).value_name("FILE").value_parser(file);
    Command::new("share")
        .about(help("share"))
        .arg(rows.help(help("share-rows")))
        .arg(out.help(help("share-out")))
}

/// The works of a file.
#[derive(Default)]
struct Works {
    works: Vec<Work>,
    by_name: HashMap<String, usize>,
    /// By work and author, the author's place in the work.
    authors: HashMap<(usize, String), usize>,
    places: Vec<String>,
    by_place: HashMap<String, u32>,
}

/// Counts a file.
///
/// # Errors
/// What cannot be read, with its row and column; or written.
pub fn run(matches: &ArgMatches, locale: Locale) -> Result<(), Trouble> {
    let path = |name: &str| matches.get_one::<PathBuf>(name).map_or(Path::new(""), PathBuf::as_path);
    book::is_known(path("out"))?;
    let works = read(path("rows"), locale)?;
    let places = u32::try_from(works.places.len()).unwrap_or(u32::MAX);
    let question = Question { works: &works.works, places };
    let answer = shares::share(&question).map_err(|fault| unfit(path("rows"), &fault))?;
    shares::check(&question, &answer)
        .map_err(|wrong| Trouble::new("broken", json!({ "error": wrong.to_string() })))?;
    let made = book::write(path("out"), &works.sheets(&answer, locale))?;
    let facts = json!({
        "works": works.works.len(), "places": places, "nowhere": shown(&answer.nowhere),
        "path": made.iter().map(|path| path.display().to_string()).collect::<Vec<_>>().join(", "),
    });
    eprintln!("{}", say(locale, "share", "done", &facts));
    Ok(())
}

/// As a fraction where it is short, otherwise in decimals.
fn shown(sum: &Sum) -> String {
    sum.exact(BELOW_MAX).unwrap_or_else(|| sum.decimal(DIGITS))
}

fn unfit(path: &Path, fault: &Fault) -> Trouble {
    refused("cannot-share", json!({ "path": path.display().to_string(), "error": fault.to_string() }))
}

fn read(path: &Path, locale: Locale) -> Result<Works, Trouble> {
    let mut works = Works::default();
    let mut reading = Reading::new(path, locale);
    let mut rows = 0;
    tables::read(path, &mut |row| {
        if columns::is_empty(&row) {
            return Ok(());
        }
        reading.row();
        rows += 1;
        if rows > ROWS_MAX {
            return Err(tables::bad(path, row.line, "too-many-rows", json!({ "max": ROWS_MAX })));
        }
        works.row(path, &row)
    })?;
    reading.finish()?;
    Ok(works)
}

impl Works {
    /// One row: an affiliation of an author of a work; without a place, an author who has none.
    fn row(&mut self, path: &Path, row: &Row) -> Result<(), Trouble> {
        let name = |column: &Column, may_be_empty: bool| {
            let place = column.place(path, row)?;
            let name = columns::text(row, place);
            let fits = name.len() <= NAME_MAX && (may_be_empty || !name.is_empty());
            if fits { Ok(name.to_owned()) } else { Err(columns::wrong(path, row, place)) }
        };
        let (work, author, place) = (name(&WORK, false)?, name(&AUTHOR, false)?, name(&PLACE, true)?);
        let works = &mut self.works;
        let number = *self.by_name.entry(work.clone()).or_insert_with(|| {
            works.push(Work::default());
            works.len() - 1
        });
        if self.works.len() > shares::WORKS_MAX {
            return Err(tables::bad(path, row.line, "too-many-rows", json!({ "max": shares::WORKS_MAX })));
        }
        let again = || {
            let facts = json!({ "work": work, "author": author, "place": place });
            tables::bad(path, row.line, "share-again", facts)
        };
        let Some(own) = self.works.get_mut(number) else { return Ok(()) };
        let known = self.authors.get(&(number, author.clone())).copied();
        let at = known.unwrap_or(own.authors.len());
        if known.is_none() {
            if own.authors.len() >= shares::AUTHORS_MAX {
                let facts = json!({ "work": work, "max": shares::AUTHORS_MAX });
                return Err(tables::bad(path, row.line, "share-authors", facts));
            }
            own.authors.push(Vec::new());
            self.authors.insert((number, author.clone()), at);
        }
        let Some(list) = own.authors.get_mut(at) else { return Ok(()) };
        if place.is_empty() {
            // Someone without a place has one row; it cannot be said twice, nor beside a place.
            return if known.is_some() { Err(again()) } else { Ok(()) };
        }
        if known.is_some() && list.is_empty() || list.len() >= shares::AFFILIATIONS_MAX {
            return Err(again());
        }
        let places = &mut self.places;
        let place_number = *self.by_place.entry(place.clone()).or_insert_with(|| {
            places.push(place.clone());
            u32::try_from(places.len() - 1).unwrap_or(u32::MAX)
        });
        if self.places.len() > shares::PLACES_MAX {
            return Err(tables::bad(
                path,
                row.line,
                "too-many-parties",
                json!({ "max": shares::PLACES_MAX }),
            ));
        }
        if list.contains(&place_number) {
            return Err(again());
        }
        list.push(place_number);
        Ok(())
    }

    /// Places, the largest share first.
    fn sheets(&self, answer: &Answer, locale: Locale) -> Vec<Sheet> {
        let word = |key: &str| say(locale, "share", key, &json!({}));
        let key = |sum: &Sum| {
            let decimal = sum.decimal(ORDER_DIGITS);
            (decimal.find('.').unwrap_or(decimal.len()), decimal)
        };
        let mut order: Vec<((usize, String), &Sum, u64, &String)> = Vec::with_capacity(self.places.len());
        for ((name, sum), count) in self.places.iter().zip(&answer.shares).zip(&answer.counts) {
            order.push((key(sum), sum, *count, name));
        }
        order.sort_by(|a, b| {
            let by_digits = b.0.cmp(&a.0);
            by_digits.then_with(|| b.1.compare(a.1)).then_with(|| a.3.cmp(b.3))
        });
        let mut rows: Vec<Vec<Cell>> = Vec::with_capacity(order.len());
        let (mut rank, mut last) = (0, None::<&Sum>);
        for ((_, sum, count, name), place) in order.into_iter().zip(1_usize..) {
            // Equal shares, compared exactly, have one rank.
            if last.is_none_or(|last| last.compare(sum).is_ne()) {
                rank = place;
            }
            last = Some(sum);
            rows.push(vec![
                Cell::Text(rank.to_string()),
                name.as_str().into(),
                Cell::Text(count.to_string()),
                Cell::Text(sum.decimal(DIGITS)),
                Cell::Text(sum.exact(BELOW_MAX).unwrap_or_default()),
            ]);
        }
        let header = ["rank", "place", "count", "share", "exact"].map(word).to_vec();
        let totals = [
            (word("works"), self.works.len().to_string()),
            (word("in-places"), {
                let mut all = Sum::default();
                answer.shares.iter().for_each(|sum| all.add_all(sum));
                shown(&all)
            }),
            (word("nowhere"), shown(&answer.nowhere)),
        ];
        let totals = totals.into_iter().map(|(name, value)| vec![Cell::Text(name), Cell::Text(value)]);
        let total_header = vec![word("what"), word("value")];
        vec![
            Sheet { name: "shares", title: word("shares"), header, rows },
            Sheet { name: "totals", title: word("totals"), header: total_header, rows: totals.collect() },
        ]
    }
}
