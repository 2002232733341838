//! Reads a published composite index with all its steps.

use std::{collections::BTreeMap, path::Path};

use engines::indices::{
    Columns, Fill, Group, Indicator, Mean, Method, Question, Scale, Transform, Treat, Weights,
};

use super::sets::Result;

/// Rows by the column's name.
pub type Table = Vec<BTreeMap<String, String>>;

pub fn table(path: &Path) -> Result<Table> {
    let text = std::fs::read_to_string(path)?;
    let mut lines = text.lines().map(|line| line.split('\t').map(str::to_owned).collect::<Vec<_>>());
    let header = lines.next().ok_or("no header")?;
    Ok(lines.map(|cells| header.iter().cloned().zip(cells).collect()).collect())
}

/// A number; what is empty or `NA` is missing.
pub fn number(row: &BTreeMap<String, String>, name: &str) -> Result<f64> {
    match row.get(name).map(String::as_str) {
        None => Err(format!("no column {name}").into()),
        Some("" | "NA") => Ok(f64::NAN),
        Some(text) => Ok(text.parse()?),
    }
}

pub fn column(table: &Table, name: &str) -> Result<Vec<f64>> {
    table.iter().map(|row| number(row, name)).collect()
}

/// The index of sustainable connectivity, as its method file says.
pub fn question(folder: &Path) -> Result<Question> {
    let raw = table(&folder.join("raw.tsv"))?;
    let below = table(&folder.join("denominators.tsv"))?;
    let names = ["Den_Area", "Den_Energy", "Den_GDP", "Den_Pop"];
    let groups = table(&folder.join("aggregate-meta.tsv"))?;
    let code = |row: &BTreeMap<String, String>, name: &str| row.get(name).cloned().unwrap_or_default();
    let codes: Vec<String> = groups.iter().map(|row| code(row, "Code")).collect();
    let place = |code: &str| codes.iter().position(|known| known == code);
    let meta = table(&folder.join("indicator-meta.tsv"))?;
    let mut above: BTreeMap<String, String> = BTreeMap::new();
    let mut indicators = Vec::new();
    for row in &meta {
        above.insert(code(row, "Agg1"), code(row, "Agg2"));
        above.insert(code(row, "Agg2"), code(row, "Agg3"));
        indicators.push(Indicator {
            code: code(row, "IndCode"),
            group: place(&code(row, "Agg1")).ok_or("no such group")?,
            weight: number(row, "IndWeight")?,
            less_is_better: number(row, "Direction")? < 0.0,
            denominator: names.iter().position(|name| *name == code(row, "Denominator")),
            ..Indicator::default()
        });
    }
    let group = |row: &BTreeMap<String, String>| -> Result<Group> {
        let group = above.get(&code(row, "Code")).and_then(|code| place(code));
        Ok(Group { code: code(row, "Code"), group, weight: number(row, "Weight")?, mean: None })
    };
    let peers: Vec<String> = raw.iter().map(|row| code(row, "Group_EurAsia")).collect();
    let peer = |name: &String| u32::from(Some(name) != peers.first());
    let values: Result<Columns> = indicators.iter().map(|own| column(&raw, &own.code)).collect();
    let denominators: Result<Columns> = names.iter().map(|name| column(&below, name)).collect();
    Ok(Question {
        edition: code(raw.first().ok_or("no rows")?, "Year"),
        units: raw.len(),
        values: values?,
        denominators: denominators?,
        peers: peers.iter().map(peer).collect(),
        indicators,
        groups: groups.iter().map(group).collect::<Result<_>>()?,
        method: Method {
            edition: "2018".to_owned(),
            fill: Fill::PeerMean,
            treat: Treat::Winsorise {
                most: None,
                skew: 2.0,
                kurtosis: 3.5,
                otherwise: Transform::ShiftedLog,
            },
            scale: Scale::MinMax { low: 0.0, high: 100.0 },
            weights: Weights::Given,
            mean: Mean::Arithmetic,
            least: 0.0,
        },
    })
}
