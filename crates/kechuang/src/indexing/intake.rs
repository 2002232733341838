//! Intake: rows of units and a file of method become a question, and what is wrong in it is told by row and
//! column.

use std::{
    collections::HashMap,
    path::{Path, PathBuf},
};

use engines::indices::{self, Budget, Fault, Indicator, Question, Weights};
use grammar::words::Locale;
use serde_json::json;

use super::{
    method::{Group, Method, WeightsName},
    rows::{ID_MAX, Rows},
};
use crate::{
    allocating::refused,
    columns,
    speech::{Trouble, say},
    tables,
};

const NAMES: [&str; 3] = ["name", "unit", "名称"];
/// What a cell says when a value is missing.
const MISSING: [&str; 8] = ["", "NA", "N/A", "n/a", "-", "—", "..", "…"];

/// A question with what its units are called and where their values stand.
pub struct Intake {
    pub path: PathBuf,
    pub question: Question,
    pub ids: Vec<String>,
    pub names: Vec<String>,
    /// The line of each unit.
    pub lines: Vec<u64>,
    /// By indicator: the file and the column of its values, and what it is called.
    pub titles: Vec<String>,
    pub group_titles: Vec<String>,
    columns: Vec<String>,
}

/// Reads units under a method. `more` are files with further columns of the same units.
///
/// # Errors
/// The first thing that cannot be read, with its row and column.
pub fn read(
    path: &Path,
    more: &[PathBuf],
    method: &Method,
    edition: Option<&str>,
    locale: Locale,
) -> Result<Intake, Trouble> {
    if method.edition.trim().is_empty() {
        return Err(refused("index-no-edition", json!({})));
    }
    let mut files = Vec::with_capacity(more.len() + 1);
    for path in std::iter::once(path).chain(more.iter().map(PathBuf::as_path)) {
        files.push(Rows::read(path, method, edition, locale)?);
    }
    let Some(first) = files.first() else { return Err(refused("index-no-edition", json!({}))) };
    let tree = Tree::new(method)?;
    let find = Find { files: &files, first };
    let columns = find.columns(method, &tree)?;
    let unit = |id: &str| first.by_id.get(id).copied();
    let scale = method.scale.read(&unit).ok_or_else(|| unknown("[scale]"))?;
    let question = Question {
        edition: method.edition.clone(),
        units: first.ids.len(),
        values: columns.values,
        denominators: columns.denominators.into_iter().map(|(_, column)| column).collect(),
        peers: find.peers(method.columns.peers.as_deref())?,
        indicators: columns.indicators,
        groups: tree.groups()?,
        method: indices::Method {
            edition: method.edition.clone(),
            fill: method.fill.read(),
            treat: method.treat.read(),
            scale,
            weights: tree.weights(method)?,
            mean: method.mean.by.read(),
            least: method.mean.least.unwrap_or(0.0),
        },
    };
    let or_code = |name: &String, code: &String| if name.is_empty() { code.clone() } else { name.clone() };
    Ok(Intake {
        path: path.to_owned(),
        names: find.names(method.columns.name.as_deref()),
        ids: first.ids.clone(),
        lines: first.lines.clone(),
        titles: method.indicators.iter().map(|own| or_code(&own.name, &own.code)).collect(),
        group_titles: tree.order.iter().map(|own| or_code(&own.name, &own.code)).collect(),
        columns: columns.names,
        question,
    })
}

/// Indicators with their values and denominators.
#[derive(Default)]
struct Columns {
    names: Vec<String>,
    values: Vec<Vec<f64>>,
    denominators: Vec<(String, Vec<f64>)>,
    indicators: Vec<Indicator>,
}

fn unknown(code: &str) -> Trouble {
    refused("index-unknown", json!({ "code": code }))
}

/// Finds columns in the files, the first one first.
struct Find<'a> {
    files: &'a [Rows],
    first: &'a Rows,
}

impl Find<'_> {
    fn column(&self, name: &str) -> Option<(&Rows, usize)> {
        self.files.iter().find_map(|rows| tables::place(&rows.header, &[name]).map(|place| (rows, place)))
    }

    fn needed(&self, name: &str) -> Result<(&Rows, usize), Trouble> {
        self.column(name).ok_or_else(|| {
            let path = self.first.path.display().to_string();
            refused("no-column", json!({ "path": path, "name": name, "known": self.first.header.join(", ") }))
        })
    }

    /// All indicators of a method.
    fn columns(&self, method: &Method, tree: &Tree) -> Result<Columns, Trouble> {
        let unit = |id: &str| self.first.by_id.get(id).copied();
        let mut columns = Columns::default();
        for own in &method.indicators {
            let column = own.column.as_deref().unwrap_or(&own.code);
            columns.values.push(self.numbers(column)?);
            columns.names.push(column.to_owned());
            let denominator = match own.denominator.as_deref() {
                None => None,
                Some(name) => match columns.denominators.iter().position(|(known, _)| known == name) {
                    Some(place) => Some(place),
                    None => {
                        columns.denominators.push((name.to_owned(), self.numbers(name)?));
                        Some(columns.denominators.len() - 1)
                    }
                },
            };
            let scale = match &own.scale {
                None => None,
                Some(scale) => Some(scale.read(&unit).ok_or_else(|| unknown(&own.code))?),
            };
            columns.indicators.push(Indicator {
                code: own.code.clone(),
                group: tree.place(&own.group)?,
                weight: own.weight.unwrap_or(1.0),
                less_is_better: own.less_is_better,
                denominator,
                target: own.target,
                goalposts: own.worst.zip(own.best),
                treat: own.treat.as_ref().map(super::method::TreatBy::read),
                scale,
            });
        }
        Ok(columns)
    }

    /// A column of numbers, in the order of the first file's units.
    fn numbers(&self, name: &str) -> Result<Vec<f64>, Trouble> {
        let (rows, column) = self.needed(name)?;
        let mut values = Vec::with_capacity(self.first.ids.len());
        for id in &self.first.ids {
            let Some(row) = rows.by_id.get(id).copied() else {
                values.push(f64::NAN);
                continue;
            };
            let text = rows.cell(row, column);
            if MISSING.contains(&text) {
                values.push(f64::NAN);
                continue;
            }
            let line = rows.lines.get(row).copied().unwrap_or(0);
            let number = columns::number(text);
            values.push(number.ok_or_else(|| {
                tables::bad(&rows.path, line, "cell", json!({ "column": name, "value": text }))
            })?);
        }
        Ok(values)
    }

    /// The peer group of each unit, numbered as they first come.
    fn peers(&self, name: Option<&str>) -> Result<Vec<u32>, Trouble> {
        let Some(name) = name else { return Ok(Vec::new()) };
        let (rows, column) = self.needed(name)?;
        let mut known: HashMap<&str, u32> = HashMap::new();
        let number = |id: &String| {
            let text = rows.by_id.get(id).map_or("", |row| rows.cell(*row, column));
            let next = u32::try_from(known.len()).unwrap_or(u32::MAX);
            *known.entry(text).or_insert(next)
        };
        Ok(self.first.ids.iter().map(number).collect())
    }

    fn names(&self, name: Option<&str>) -> Vec<String> {
        let column = tables::place(&self.first.header, name.as_slice())
            .or_else(|| tables::place(&self.first.header, &NAMES));
        let rows = 0..self.first.ids.len();
        rows.map(|row| column.map_or("", |column| self.first.cell(row, column)).to_owned()).collect()
    }
}

/// The groups in an order in which each stands before the one above it.
struct Tree<'a> {
    order: Vec<&'a Group>,
    places: HashMap<&'a str, usize>,
}

impl<'a> Tree<'a> {
    fn new(method: &'a Method) -> Result<Self, Trouble> {
        let mut seen = HashMap::new();
        let codes = method.groups.iter().map(|own| &own.code);
        for code in codes.chain(method.indicators.iter().map(|own| &own.code)) {
            if code.is_empty() || code.len() > ID_MAX || seen.insert(code, ()).is_some() {
                return Err(refused("index-code", json!({ "code": code })));
            }
        }
        let by_code: HashMap<&str, &Group> =
            method.groups.iter().map(|own| (own.code.as_str(), own)).collect();
        // How many groups lie above each; more than there are means a circle.
        let mut depths = Vec::with_capacity(method.groups.len());
        for own in &method.groups {
            let (mut depth, mut at) = (0_usize, own);
            while let Some(above) = at.group.as_deref() {
                at = by_code.get(above).copied().ok_or_else(|| unknown(above))?;
                depth += 1;
                if depth > method.groups.len() {
                    return Err(refused("index-circle", json!({ "code": own.code })));
                }
            }
            depths.push((depth, own));
        }
        depths.sort_by_key(|(depth, _)| std::cmp::Reverse(*depth));
        let order: Vec<&Group> = depths.into_iter().map(|(_, own)| own).collect();
        let places = order.iter().zip(0..).map(|(own, place)| (own.code.as_str(), place)).collect();
        Ok(Self { order, places })
    }

    fn place(&self, code: &str) -> Result<usize, Trouble> {
        self.places.get(code).copied().ok_or_else(|| unknown(code))
    }

    fn groups(&self) -> Result<Vec<indices::Group>, Trouble> {
        let group = |own: &&Group| {
            Ok(indices::Group {
                code: own.code.clone(),
                group: own.group.as_deref().map(|above| self.place(above)).transpose()?,
                weight: own.weight.unwrap_or(1.0),
                mean: own.mean.map(super::method::MeanName::read),
            })
        };
        self.order.iter().map(group).collect()
    }

    fn weights(&self, method: &Method) -> Result<Weights, Trouble> {
        Ok(match method.weights.by {
            WeightsName::Given => Weights::Given,
            WeightsName::Equal => Weights::Equal,
            WeightsName::Components => Weights::Components,
            WeightsName::Budget => {
                let indicators = method.indicators.iter().map(|own| own.code.as_str());
                let codes: Vec<&str> =
                    indicators.chain(self.order.iter().map(|own| own.code.as_str())).collect();
                let mut points = Vec::with_capacity(method.experts.len());
                for expert in &method.experts {
                    if let Some(code) = expert.points.keys().find(|code| !codes.contains(&code.as_str())) {
                        return Err(unknown(code));
                    }
                    let of = |code: &&str| expert.points.get(*code).copied().unwrap_or(0.0);
                    points.push(codes.iter().map(of).collect());
                }
                Weights::Budget(Budget { points })
            }
        })
    }
}

impl Intake {
    /// What the engine could not take, in the words of the files.
    pub fn unfit(&self, fault: &Fault) -> Trouble {
        let code = |indicator: usize| self.question.indicators.get(indicator).map_or("", |own| &own.code);
        let group = |group: usize| self.question.groups.get(group).map_or("", |own| &own.code);
        let what = |key: &str| json!({ "zh": say(Locale::Zh, "index", key, &json!({})), "en": say(Locale::En, "index", key, &json!({})) });
        let cell = |indicator: usize, unit: usize, key: &str| {
            let line = self.lines.get(unit).copied().unwrap_or(0);
            let column = self.columns.get(indicator).map_or("", String::as_str);
            tables::bad(&self.path, line, "index-cell", json!({ "column": column, "what": what(key) }))
        };
        let of = |code: &str, key: &str| refused("index-of", json!({ "code": code, "what": what(key) }));
        let of_units = |code: &str, key: &str| of(code, key).in_file(&self.path);
        match fault {
            Fault::Value { indicator, unit } => cell(*indicator, *unit, "no-number"),
            Fault::Denominator { indicator, unit } => cell(*indicator, *unit, "denominator-zero"),
            Fault::Logarithm { indicator, unit } => cell(*indicator, *unit, "no-logarithm"),
            Fault::NotPositive { group: place, unit } => {
                let line = self.lines.get(*unit).copied().unwrap_or(0);
                let facts = json!({ "column": group(*place), "what": what("not-positive") });
                tables::bad(&self.path, line, "index-cell", facts)
            }
            Fault::NoValues { indicator } => of_units(code(*indicator), "no-values"),
            Fault::AllEqual { indicator } => of_units(code(*indicator), "all-equal"),
            Fault::Target { indicator } => of(code(*indicator), "no-target"),
            Fault::Goalposts { indicator } => of(code(*indicator), "no-goalposts"),
            Fault::Reference { indicator } => of(code(*indicator), "no-reference"),
            Fault::Tree { group: place } => of(group(*place), "no-tree"),
            Fault::Weight { group: place } => of(group(*place), "no-weight"),
            Fault::Opposed { group: place, .. } => of(group(*place), "opposed"),
            fault => refused("cannot-index", json!({ "error": fault.to_string() })),
        }
    }
}
