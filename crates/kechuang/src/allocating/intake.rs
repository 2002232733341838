//! Intake: rows of proposals and a file of rules become a question, and what is wrong in it is told by row
//! and column.

use std::{
    collections::{BTreeMap, HashMap},
    path::{Path, PathBuf},
};

use engines::allocation::{
    At, CANDIDATES_MAX, Candidate, Fault, Level, Measure, Payer, Pot, Question, Quota, SCORE_MAX, Standing,
    WHOLE, Wrong,
};
use serde_json::json;

use super::rules::{Counts, Number, Rules, Where, decimal, part, refused};
use crate::{speech::Trouble, tables};

/// Digits of a score behind the point.
const DIGITS: usize = 4;
/// One point, in the engine's whole numbers.
const POINT: i64 = 10_000;
/// Columns and the names by which they are known.
const ID: [&str; 2] = ["id", "编号"];
const NAME: [&str; 4] = ["name", "title", "名称", "项目名称"];
const SCORE: [&str; 3] = ["score", "得分", "评分"];
const MONEY: [&str; 6] = ["money", "amount", "cost", "金额", "经费", "申请经费"];
const STANDING: [&str; 2] = ["standing", "状态"];
const MUST: [&str; 4] = ["must", "yes", "必选", "已承诺"];
const NEVER: [&str; 4] = ["never", "no", "不选", "不参加"];
/// Quotas that `each` may make.
const EACH_MAX: usize = 500;

/// A question with what its candidates are called and where they stand.
#[derive(Debug, Default)]
pub struct Intake {
    pub path: PathBuf,
    pub rules_path: PathBuf,
    pub question: Question,
    pub names: Vec<String>,
    /// The line of each candidate.
    pub lines: Vec<u64>,
    header: Vec<String>,
    cells: Vec<Vec<String>>,
}

/// Reads proposals under rules.
///
/// # Errors
/// The first thing that cannot be read, with its row and column.
pub fn read(path: &Path, rules_path: &Path, rules: &Rules) -> Result<Intake, Trouble> {
    let mut intake = Intake { path: path.to_owned(), rules_path: rules_path.to_owned(), ..Intake::default() };
    tables::read(path, &mut |row| {
        if row.cells.iter().all(|cell| cell.trim().is_empty()) {
            return Ok(());
        }
        if intake.cells.len() >= CANDIDATES_MAX {
            return Err(tables::bad(path, row.line, "too-many-rows", json!({ "max": CANDIDATES_MAX })));
        }
        intake.header = row.header.to_vec();
        intake.lines.push(row.line);
        intake.cells.push(row.cells);
        Ok(())
    })?;
    if intake.cells.is_empty() {
        return Err(refused("no-rows", json!({ "path": path.display().to_string() })));
    }
    intake.pots(rules)?;
    intake.candidates(rules)?;
    intake.quotas(rules)?;
    intake.ties(rules)?;
    intake.question.check().map_err(|fault| intake.unasked(fault))?;
    Ok(intake)
}

impl Intake {
    fn cell(&self, row: usize, column: usize) -> &str {
        self.cells.get(row).and_then(|cells| cells.get(column)).map_or("", |cell| cell.trim())
    }

    fn column(&self, named: Option<&str>, known: &[&str]) -> Result<Option<usize>, Trouble> {
        let found = tables::place(&self.header, named.as_slice()).or_else(|| match named {
            Some(_) => None,
            None => tables::place(&self.header, known),
        });
        match (found, named) {
            (None, Some(name)) => Err(self.no_column(name)),
            (found, _) => Ok(found),
        }
    }

    fn no_column(&self, name: &str) -> Trouble {
        let facts =
            json!({ "path": self.path.display().to_string(), "name": name, "known": self.header.join(", ") });
        refused("no-column", facts)
    }

    fn wrong(&self, row: usize, column: usize) -> Trouble {
        let name = self.header.get(column).map_or("", String::as_str);
        let line = self.lines.get(row).copied().unwrap_or(0);
        tables::bad(&self.path, line, "cell", json!({ "column": name, "value": self.cell(row, column) }))
    }

    fn candidates(&mut self, rules: &Rules) -> Result<(), Trouble> {
        let columns = &rules.columns;
        let id = self.column(columns.id.as_deref(), &ID)?.unwrap_or(0);
        let name = self.column(columns.name.as_deref(), &NAME)?;
        let score = self.column(columns.score.as_deref(), &SCORE)?.ok_or_else(|| self.no_column("score"))?;
        let mut money = Vec::new();
        for name in &columns.money {
            money.push(self.column(Some(name), &[])?.unwrap_or(0));
        }
        if money.is_empty() {
            money.push(self.column(None, &MONEY)?.ok_or_else(|| self.no_column("money"))?);
        }
        let standing = self.column(columns.standing.as_deref(), &STANDING)?;
        let least = columns.least.as_deref().map(|name| self.column(Some(name), &[])).transpose()?.flatten();
        let mut first: HashMap<String, u64> = HashMap::new();
        for row in 0..self.cells.len() {
            let line = self.lines.get(row).copied().unwrap_or(0);
            let key = self.cell(row, id).to_owned();
            if key.is_empty() {
                return Err(self.wrong(row, id));
            }
            if let Some(before) = first.insert(key.clone(), line) {
                let facts = json!({ "column": self.header.get(id), "value": key, "first": before });
                return Err(tables::bad(&self.path, line, "draw-twice", facts));
            }
            let points = decimal(self.cell(row, score), DIGITS).filter(|points| points.abs() <= SCORE_MAX);
            let points = points.ok_or_else(|| self.wrong(row, score))?;
            let fen = |column: &usize| {
                tables::fen(self.cell(row, *column))
                    .filter(|fen| *fen >= 0)
                    .ok_or_else(|| self.wrong(row, *column))
            };
            let asked: Vec<i64> = money.iter().map(fen).collect::<Result<_, _>>()?;
            let said = standing.map_or(String::new(), |column| self.cell(row, column).to_lowercase());
            let is = |words: &[&str]| words.contains(&said.as_str());
            let own = if is(&MUST) {
                Standing::Must
            } else if is(&NEVER) {
                Standing::Never
            } else if said.is_empty() || said == "open" {
                Standing::Open
            } else {
                return Err(self.wrong(row, standing.unwrap_or(0)));
            };
            let levels = match least.filter(|_| rules.partial.steps > 0) {
                Some(column) if !self.cell(row, column).is_empty() => {
                    levels(points, &asked, fen(&column)?, rules.partial.steps)
                        .ok_or_else(|| self.wrong(row, column))?
                }
                _ => Vec::new(),
            };
            self.names.push(name.map_or(String::new(), |name| self.cell(row, name).to_owned()));
            let payers = self.payers(rules, row)?;
            let candidate = Candidate { id: key, money: asked, score: points, levels, payers, standing: own };
            self.question.candidates.push(candidate);
        }
        Ok(())
    }

    fn is_where(&self, r#where: &Where, row: usize) -> Result<bool, Trouble> {
        for (column, texts) in r#where {
            let place = tables::place(&self.header, &[column]).ok_or_else(|| self.no_column(column))?;
            if !texts.contains(self.cell(row, place)) {
                return Ok(false);
            }
        }
        Ok(true)
    }

    /// The pots that may pay for a row. Where no part is said, a pot alone pays all, and several share freely.
    fn payers(&self, rules: &Rules, row: usize) -> Result<Vec<Payer>, Trouble> {
        let mut payers = Vec::new();
        for (pot, number) in rules.pots.iter().zip(0..) {
            if self.is_where(&pot.r#where, row)? {
                let read = |part_of: &Option<Number>, usual: u32| match part_of {
                    Some(number) => part(number).ok_or_else(|| self.rule(&pot.name, &number.text())),
                    None => Ok(usual),
                };
                let (mut least, mut most) = (read(&pot.least, 0)?, read(&pot.most, WHOLE)?);
                if pot.share.is_some() {
                    (least, most) = (read(&pot.share, 0)?, read(&pot.share, 0)?);
                }
                payers.push(Payer { pot: number, least, most });
            }
        }
        if let [only] = payers.as_mut_slice()
            && only.most == WHOLE
        {
            only.least = WHOLE;
        }
        Ok(payers)
    }

    /// A rule that cannot be read.
    pub fn rule(&self, name: &str, value: &str) -> Trouble {
        let facts = json!({ "path": self.rules_path.display().to_string(), "name": name, "value": value });
        refused("allocate-rule", facts)
    }

    fn pots(&mut self, rules: &Rules) -> Result<(), Trouble> {
        for pot in &rules.pots {
            let fen = |number: &Number| {
                let fen = tables::fen(&number.text()).filter(|fen| *fen >= 0);
                fen.ok_or_else(|| self.rule(&pot.name, &number.text()))
            };
            let money = pot.money.iter().map(fen).collect::<Result<Vec<_>, _>>()?;
            self.question.pots.push(Pot { name: pot.name.clone(), money, carries: pot.carries });
        }
        Ok(())
    }

    fn quotas(&mut self, rules: &Rules) -> Result<(), Trouble> {
        for quota in &rules.quotas {
            let read = |number: &Number| {
                let text = number.text();
                let read = match quota.counts {
                    Counts::Proposals => decimal(&text, 0),
                    Counts::Money => tables::fen(&text),
                    Counts::ShareOfProposals | Counts::ShareOfMoney => part(number).map(i64::from),
                };
                read.filter(|value| *value >= 0).ok_or_else(|| self.rule(&quota.name, &text))
            };
            let least = quota.least.as_ref().map(read).transpose()?;
            let most = quota.most.as_ref().map(read).transpose()?;
            let mut groups: BTreeMap<String, Vec<u32>> = BTreeMap::new();
            let each = quota.each.as_deref().map(|name| self.column(Some(name), &[])).transpose()?.flatten();
            if each.is_none() {
                groups.insert(String::new(), Vec::new());
            }
            for (row, number) in (0..self.cells.len()).zip(0..) {
                let text = each.map_or("", |column| self.cell(row, column));
                if self.is_where(&quota.r#where, row)? && (each.is_none() || !text.is_empty()) {
                    groups.entry(text.to_owned()).or_default().push(number);
                }
            }
            if groups.len() > EACH_MAX {
                return Err(self.rule(&quota.name, &groups.len().to_string()));
            }
            let measure = match quota.counts {
                Counts::Proposals => Measure::Count,
                Counts::Money => Measure::Money,
                Counts::ShareOfProposals => Measure::ShareOfCount,
                Counts::ShareOfMoney => Measure::ShareOfMoney,
            };
            for (text, members) in groups {
                let name =
                    if text.is_empty() { quota.name.clone() } else { format!("{}: {text}", quota.name) };
                self.question.quotas.push(Quota { name, members, measure, least, most });
            }
        }
        Ok(())
    }

    fn ties(&mut self, rules: &Rules) -> Result<(), Trouble> {
        let alike = |name: &Option<String>| -> Result<Vec<Vec<u32>>, Trouble> {
            let mut groups: BTreeMap<&str, Vec<u32>> = BTreeMap::new();
            let column = name.as_deref().map(|name| self.column(Some(name), &[])).transpose()?.flatten();
            for (row, number) in (0..self.cells.len()).zip(0..) {
                let text = column.map_or("", |column| self.cell(row, column));
                if !text.is_empty() {
                    groups.entry(text).or_default().push(number);
                }
            }
            Ok(groups.into_values().filter(|group| group.len() > 1).collect())
        };
        let (exclusive, linked) = (alike(&rules.columns.exclusive)?, alike(&rules.columns.linked)?);
        let mut needs = Vec::new();
        if let Some(name) = rules.columns.needs.as_deref() {
            let column = self.column(Some(name), &[])?.unwrap_or(0);
            let ids = self.question.candidates.iter().map(|candidate| candidate.id.as_str());
            let ids: HashMap<&str, u32> = ids.zip(0..).collect();
            for (row, number) in (0..self.cells.len()).zip(0..) {
                let named = self.cell(row, column).split([' ', ',', ';', '，', '；', '、']);
                for id in named.filter(|id| !id.is_empty()) {
                    let other = ids.get(id).copied().filter(|other| *other != number);
                    needs.push((number, other.ok_or_else(|| self.wrong(row, column))?));
                }
            }
        }
        (self.question.exclusive, self.question.linked, self.question.needs) = (exclusive, linked, needs);
        Ok(())
    }

    /// What is wrong with the question as a whole, in the places of its files.
    pub fn unasked(&self, fault: Fault) -> Trouble {
        let of = |candidate: u32| self.lines.get(candidate as usize).copied().unwrap_or(0);
        let pot = |pot: u32| self.question.pots.get(pot as usize).map_or("", |pot| pot.name.as_str());
        let quota =
            |quota: u32| self.question.quotas.get(quota as usize).map_or("", |quota| quota.name.as_str());
        let what = what(fault.wrong);
        match fault.at {
            At::Id(row) | At::Money(row) | At::Score(row) | At::Levels(row) | At::Payers(row) => {
                let column = match fault.at {
                    At::Id(_) => "id",
                    At::Money(_) => "money",
                    At::Score(_) => "score",
                    At::Levels(_) => "least",
                    _ => "pot",
                };
                let id = self.question.candidates.get(row as usize).map_or("", |own| own.id.as_str());
                let facts = json!({ "column": column, "id": id, "what": what });
                tables::bad(&self.path, of(row), "allocate-row", facts)
            }
            At::Pot(number) => self.rule(pot(number), what),
            At::Quota(number) => self.rule(quota(number), what),
            At::Whole | At::Exclusive(_) | At::Needs(_) | At::Linked(_) => self.rule("", what),
        }
    }
}

/// A word for each fault: the engine names it, people read it beside its place.
fn what(wrong: Wrong) -> &'static str {
    match wrong {
        Wrong::Nothing | Wrong::Empty => "empty",
        Wrong::TooMany(_) | Wrong::TooLarge(_) => "too large",
        Wrong::Twice => "twice",
        Wrong::Negative => "below zero",
        Wrong::Unknown | Wrong::Itself => "unknown",
        Wrong::NotAPart => "not between 0% and 100%",
        Wrong::PartsDoNotFit => "the parts do not make 100%",
        Wrong::Crossed => "least > most",
        Wrong::CarriesAndShares => "carries + shares freely",
        Wrong::SharesTooWide(_) => "more than 8 pots share freely",
    }
}

/// Amounts from the least to just below the whole, worth their part of the score.
fn levels(score: i64, money: &[i64], least: i64, steps: u32) -> Option<Vec<Level>> {
    let total: i64 = money.iter().sum();
    if least <= 0 || least > total {
        return None;
    }
    let whole = i128::from(WHOLE);
    // Rounded up, so that no amount is below the least.
    let first = (i128::from(least) * whole + i128::from(total) - 1) / i128::from(total);
    let mut levels = Vec::new();
    for step in 0..steps {
        let part = first + (whole - first) * i128::from(step) / i128::from(steps);
        let score = i64::try_from((i128::from(score) * part).div_euclid(whole)).ok()?;
        let part = u32::try_from(part).ok()?;
        if part < WHOLE {
            levels.push(Level { part, score });
        }
    }
    Some(levels)
}

/// Points as people write them.
pub fn points(score: i64) -> String {
    let sign = if score < 0 { "-" } else { "" };
    let score = score.unsigned_abs();
    let part = format!("{:04}", score % POINT as u64);
    let part = part.trim_end_matches('0');
    let point = if part.is_empty() { "" } else { "." };
    format!("{sign}{}{point}{part}", score / POINT as u64)
}
