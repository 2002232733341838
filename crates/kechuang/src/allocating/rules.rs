//! Rules: what a file of rules says, before it meets the proposals.

use std::{collections::BTreeMap, path::Path};

use serde::{Deserialize, de::DeserializeOwned};
use serde_json::json;

use crate::speech::Trouble;

/// A file of rules.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Rules {
    pub columns: Columns,
    #[serde(rename = "pot")]
    pub pots: Vec<Pot>,
    #[serde(rename = "quota")]
    pub quotas: Vec<Quota>,
    pub partial: Partial,
    pub lottery: Option<Lottery>,
}

/// How the columns of the proposals are called; each has names that are known anyway.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Columns {
    pub id: Option<String>,
    pub name: Option<String>,
    pub score: Option<String>,
    /// One for each year.
    pub money: Vec<String>,
    /// Proposals with the same text here: at most one is funded.
    pub exclusive: Option<String>,
    /// Proposals with the same text here: all are funded or none.
    pub linked: Option<String>,
    /// The proposals without which this one is not funded.
    pub needs: Option<String>,
    /// Whether it is promised or shut out.
    pub standing: Option<String>,
    /// The least money it could do with, in yuan over all years.
    pub least: Option<String>,
}

/// Money, and for whom.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Pot {
    pub name: String,
    /// Yuan for each year.
    pub money: Vec<Number>,
    pub carries: bool,
    pub r#where: Where,
    /// Its part of each cost, or from and to which part.
    pub share: Option<Number>,
    pub least: Option<Number>,
    pub most: Option<Number>,
}

/// What a choice must contain.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Quota {
    pub name: String,
    pub r#where: Where,
    /// One quota for each text in this column.
    pub each: Option<String>,
    pub counts: Counts,
    pub least: Option<Number>,
    pub most: Option<Number>,
}

/// What a quota counts.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum Counts {
    #[default]
    Proposals,
    Money,
    ShareOfProposals,
    ShareOfMoney,
}

/// Part funding for proposals that name the least they could do with.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Partial {
    /// Amounts between the least and the whole, the least included.
    pub steps: u32,
}

/// Whom the lot decides about.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Lottery {
    pub seed: String,
    /// Points to either side of the line.
    pub within: Number,
}

/// Column and the texts that count there.
pub type Where = BTreeMap<String, Texts>;

/// One text or several.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Texts {
    One(Scalar),
    Several(Vec<Scalar>),
}

/// A text, a number or yes and no, as a cell would show it.
#[derive(Debug, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    Text(String),
    Whole(i64),
    Flag(bool),
}

impl Texts {
    /// Whether a cell says one of them.
    pub fn contains(&self, cell: &str) -> bool {
        let is = |scalar: &Scalar| match scalar {
            Scalar::Text(text) => text.trim() == cell.trim(),
            Scalar::Whole(number) => number.to_string() == cell.trim(),
            Scalar::Flag(flag) => flag.to_string() == cell.trim().to_lowercase(),
        };
        match self {
            Self::One(one) => is(one),
            Self::Several(several) => several.iter().any(is),
        }
    }
}

/// A number as it is written: `30`, `0.3`, or as a text such as "30%" or "1,234.50". It is read digit by digit.
#[derive(Clone, Debug, Deserialize)]
#[serde(untagged)]
pub enum Number {
    Whole(i64),
    Broken(f64),
    Text(String),
}

impl Number {
    pub fn text(&self) -> String {
        match self {
            Self::Whole(number) => number.to_string(),
            Self::Broken(number) => number.to_string(),
            Self::Text(text) => text.clone(),
        }
    }
}

/// Reads a file of rules.
///
/// # Errors
/// The file cannot be read; or where it is wrong, with its line.
pub fn read(path: &Path) -> Result<Rules, Trouble> {
    toml(path, 1, "allocate-rules").map(|(rules, _)| rules)
}

/// Reads a TOML file of at most so many MiB: what it says, and its text.
///
/// # Errors
/// The file cannot be read; or where it is wrong, as a refusal of this code with `path`, `line` and `error`.
pub fn toml<T: DeserializeOwned>(
    path: &Path,
    mib_max: u64,
    code: &'static str,
) -> Result<(T, String), Trouble> {
    let shown = path.display().to_string();
    let wrong =
        |line: usize, error: &str| refused(code, json!({ "path": shown, "line": line, "error": error }));
    let length = std::fs::metadata(path).map_err(|error| Trouble::file(path, &error))?.len();
    if length > mib_max << 20 {
        return Err(wrong(1, &format!("> {mib_max} MiB")));
    }
    let text = std::fs::read_to_string(path).map_err(|error| Trouble::file(path, &error))?;
    let read = ::toml::from_str(&text).map_err(|error| {
        let before = error.span().and_then(|span| text.get(..span.start)).unwrap_or_default();
        wrong(before.matches('\n').count() + 1, error.message())
    })?;
    Ok((read, text))
}

/// A refusal: what was given cannot be asked.
pub fn refused(code: &'static str, facts: serde_json::Value) -> Trouble {
    Trouble { is_refusal: true, ..Trouble::new(code, facts) }
}

/// A part in millionths, from `30%` or `0.3`. `None` if it is none, or not between nothing and the whole.
pub fn part(number: &Number) -> Option<u32> {
    let text = number.text();
    let text = text.trim();
    let millionths = match text.strip_suffix(['%', '％']) {
        Some(hundredths) => decimal(hundredths.trim(), 4)?,
        None => decimal(text, 6)?,
    };
    u32::try_from(millionths).ok().filter(|part| *part <= 1_000_000)
}

/// A decimal number times 10^digits; `None` if it is none, or has more digits than that.
pub fn decimal(text: &str, digits: usize) -> Option<i64> {
    let text: String = text.trim().chars().filter(|c| !matches!(c, ',' | '，' | ' ' | '_')).collect();
    let (sign, text) = text.strip_prefix('-').map_or((1, text.as_str()), |rest| (-1, rest));
    let (whole, part) = text.split_once('.').unwrap_or((text, ""));
    let part = part.trim_end_matches('0');
    let are_digits = |text: &str| text.bytes().all(|byte| byte.is_ascii_digit());
    if whole.is_empty() || part.len() > digits || !are_digits(whole) || !are_digits(part) {
        return None;
    }
    format!("{whole}{part:0<digits$}").parse::<i64>().ok()?.checked_mul(sign)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_they_are_written() {
        let part_of = |text: &str| part(&Number::Text(text.to_owned()));
        assert_eq!(part_of("30%"), Some(300_000));
        assert_eq!(part_of("33.3333%"), Some(333_333));
        assert_eq!(part_of("0.25"), Some(250_000));
        assert_eq!(part(&Number::Whole(1)), Some(1_000_000));
        assert_eq!([part_of("130%"), part_of("-1%"), part_of("NaN"), part_of("")], [None; 4]);
        assert_eq!(decimal("-1,234.5", 2), Some(-123_450));
        assert_eq!([decimal("1.234", 2), decimal("1e9", 2), decimal("inf", 2), decimal("--1", 2)], [None; 4]);
    }
}
