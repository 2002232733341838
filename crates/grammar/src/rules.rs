//! Rules as data with a birth date: value, unit, region, days, article, confidence.
//!
//! `rules.toml` beside a desk holds the versions the program is delivered with; the `rulebook` desk adopts
//! further ones. A case reads the version of its own region that was in force on the day it was born.

use std::{collections::BTreeMap, marker::PhantomData};

use serde::{Deserialize, Serialize};

use crate::{
    calendar::{DayUnit, Period},
    desk::impossible,
    kinds::{Day, Money, REGION_ALL, Region, Share},
};

/// A rule's name in code, with the type of its value: `const YEARLY_CAP: Rule<Money> = rule("VC-R04");`.
#[derive(Debug)]
pub struct Rule<T> {
    id: &'static str,
    value: PhantomData<fn() -> T>,
}

impl<T> Clone for Rule<T> {
    fn clone(&self) -> Self {
        *self
    }
}
impl<T> Copy for Rule<T> {}

impl<T> Rule<T> {
    #[must_use]
    pub const fn id(self) -> &'static str {
        self.id
    }
}

#[must_use]
pub const fn rule<T>(id: &'static str) -> Rule<T> {
    Rule { id, value: PhantomData }
}

/// How sure we are of a rule: read in the source, remembered, or our own choice.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Confidence {
    Found,
    Memory,
    MemoryLow,
    Design,
}

/// One version of a rule.
#[derive(Clone, PartialEq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Version {
    pub id: String,
    /// As text; [`RuleValue`] reads it. `"yes"` for rules that are a plain must.
    pub value: String,
    #[serde(default)]
    pub unit: String,
    #[serde(default = "everywhere")]
    pub region: Region,
    pub from: Day,
    #[serde(default)]
    pub until: Option<Day>,
    pub source: String,
    #[serde(default)]
    pub article: String,
    pub confidence: Confidence,
    pub zh: String,
    pub en: String,
    /// The desk whose folder it lies in; filled when it is read.
    #[serde(default)]
    pub desk: String,
}

fn everywhere() -> Region {
    REGION_ALL
}

impl Version {
    /// Whether someone has read it in the source. What is not verified must not stop a user by itself.
    #[must_use]
    pub fn is_verified(&self) -> bool {
        self.confidence == Confidence::Found
    }

    #[must_use]
    pub fn holds(&self, region: Region, day: Day) -> bool {
        self.region.covers(region) && self.from <= day && self.until.is_none_or(|until| day <= until)
    }
}

/// A type that a rule's value can have.
pub trait RuleValue: Sized {
    fn read(text: &str) -> Option<Self>;
}

impl RuleValue for Money {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}
impl RuleValue for Share {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}
impl RuleValue for i64 {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}
impl RuleValue for bool {
    fn read(text: &str) -> Option<Self> {
        Some(text == "yes")
    }
}
impl RuleValue for Day {
    fn read(text: &str) -> Option<Self> {
        text.parse().ok()
    }
}
/// `15 calendar-days` or `5 working-days`.
impl RuleValue for Period {
    fn read(text: &str) -> Option<Self> {
        let (days, unit) = text.split_once(' ')?;
        let unit = match unit {
            "calendar-days" => DayUnit::CalendarDays,
            "working-days" => DayUnit::WorkingDays,
            _ => return None,
        };
        Some(Self { days: days.parse().ok()?, unit })
    }
}
/// Words divided by commas.
impl RuleValue for Vec<String> {
    fn read(text: &str) -> Option<Self> {
        Some(text.split(',').map(|word| word.trim().to_owned()).collect())
    }
}

/// Every version of every rule.
#[derive(Clone, Debug, Default)]
pub struct Rules(BTreeMap<String, Vec<Version>>);

#[derive(Deserialize)]
struct RulesFile {
    #[serde(default)]
    rule: Vec<Version>,
}

impl Rules {
    /// Reads the rules of one desk and adds them.
    ///
    /// # Errors
    /// What is wrong with the text, for developers.
    pub fn read(&mut self, desk: &str, text: &str) -> Result<(), String> {
        let file: RulesFile = toml::from_str(text).map_err(|error| format!("rules of `{desk}`: {error}"))?;
        for version in file.rule {
            self.adopt(Version { desk: desk.to_owned(), ..version });
        }
        Ok(())
    }

    /// Adds a version. An earlier version for the same region without an end then ends the day before.
    pub fn adopt(&mut self, version: Version) {
        let versions = self.0.entry(version.id.clone()).or_default();
        for earlier in versions.iter_mut() {
            let replaced = earlier.region == version.region && earlier.from < version.from;
            if replaced && earlier.until.is_none_or(|until| until >= version.from) {
                earlier.until = Some(version.from.plus_days(-1));
            }
        }
        versions.retain(|v| !(v.region == version.region && v.from == version.from));
        versions.push(version);
        versions.sort_by_key(|v| (v.from, v.region));
    }

    /// The version in force: of the narrowest region that covers `region`, on `day`. When none is old
    /// enough, the earliest one.
    #[must_use]
    pub fn version(&self, id: &str, region: Region, day: Day) -> Option<&Version> {
        let versions = self.0.get(id)?;
        let in_force = versions.iter().filter(|v| v.holds(region, day));
        in_force
            .max_by_key(|v| (v.region.number() % 10_000 != 0, v.region.number() != 0, v.from))
            .or_else(|| versions.iter().find(|v| v.region.covers(region)).or(versions.first()))
    }

    #[must_use]
    pub fn value<T: RuleValue>(&self, rule: Rule<T>, region: Region, day: Day) -> T {
        let version = self.version(rule.id, region, day);
        version
            .and_then(|v| T::read(&v.value))
            .unwrap_or_else(|| impossible(&("no such rule, or a wrong value", rule.id)))
    }

    pub fn all(&self) -> impl Iterator<Item = &Version> {
        self.0.values().flatten()
    }

    /// Every version of one rule, oldest first.
    #[must_use]
    pub fn versions(&self, id: &str) -> &[Version] {
        self.0.get(id).map_or(&[], Vec::as_slice)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = r#"
        [[rule]]
        id = "VC-R04"
        value = "30万"
        unit = "yuan a year"
        from = "2018-01-01"
        source = "W43"
        confidence = "memory"
        zh = "额度"
        en = "cap"
    "#;

    fn day(text: &str) -> Day {
        text.parse().unwrap()
    }

    #[test]
    fn a_case_reads_the_version_of_its_day_and_its_region() {
        const CAP: Rule<Money> = rule("VC-R04");
        let mut rules = Rules::default();
        rules.read("voucher", TEXT).unwrap();
        let first = rules.versions("VC-R04").first().cloned().unwrap();
        rules.adopt(Version { value: "50万".into(), from: day("2020-01-01"), ..first.clone() });
        rules.adopt(Version { value: "10万".into(), region: Region::code(330_000), ..first });
        let (shanghai, hangzhou) = (Region::code(310_000), Region::code(330_100));
        assert_eq!(rules.value(CAP, shanghai, day("2019-12-31")), Money::yuan(300_000));
        assert_eq!(rules.value(CAP, shanghai, day("2020-01-01")), Money::yuan(500_000));
        assert_eq!(rules.value(CAP, hangzhou, day("2020-01-01")), Money::yuan(100_000));
        assert_eq!(rules.value(CAP, shanghai, day("2001-01-01")), Money::yuan(300_000));
    }
}
