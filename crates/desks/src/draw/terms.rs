//! Terms: what is fixed before a draw, and the list as it is written down.

use std::collections::BTreeMap;

use engines::draw::{Demand, Entry, Question, Quota, Ready, Refusal as Unfit, Seed, WEIGHT_MAX};
use grammar::prelude::*;

use super::{Draw, Refusal, Refusal::*};

/// Entries of one list.
pub const ENTRIES_MAX: usize = 5_000;

/// What is drawn, from whom, by which rules, and when.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Terms {
    pub region: Region,
    pub purpose: Bilingual<120>,
    /// The record it is drawn for.
    #[serde(default)]
    pub about: Option<Id>,
    pub basis: Text<300>,
    /// One entry a line: its name, then by choice its group and its weight, apart by `;` or a tab.
    pub list: Text<400_000>,
    pub take: Between<1, 1000>,
    #[serde(default)]
    pub spare: Option<Between<0, 1000>>,
    #[serde(default)]
    pub quotas: List<GroupQuota, 50>,
    /// From this moment on nothing is added, and the draw begins.
    pub closes: Moment,
    /// A public number, known only after that moment, which is mixed into the seed: which one, and where it is announced.
    #[serde(default)]
    pub outside: Option<Bilingual<300>>,
    /// An earlier draw for the same purpose, and why there is another.
    #[serde(default)]
    pub again: Option<Again>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct GroupQuota {
    pub group: Text<100>,
    #[serde(default)]
    pub at_least: Option<Between<0, 1000>>,
    #[serde(default)]
    pub at_most: Option<Between<0, 1000>>,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Again {
    pub draw: Ref<Draw>,
    pub reason: Text<500>,
}

fn count<const A: i64, const B: i64>(number: Between<A, B>) -> u32 {
    u32::try_from(number.get()).unwrap_or(0)
}

impl Terms {
    /// The question as the engine takes it.
    ///
    /// # Errors
    /// Which line cannot be read, or why nothing can be drawn.
    pub fn ready(&self) -> Result<Ready, Refusal> {
        let mut entries = Vec::new();
        for (line, number) in self.list.lines().zip(1..).filter(|(line, _)| !line.trim().is_empty()) {
            ensure(entries.len() < ENTRIES_MAX, TooMany { max: ENTRIES_MAX })?;
            entries.push(entry(line, number)?);
        }
        let mut quotas = BTreeMap::new();
        for GroupQuota { group, at_least, at_most } in self.quotas.iter() {
            let quota = Quota { at_least: at_least.map_or(0, count), at_most: at_most.map(count) };
            ensure(quotas.insert(group.to_string(), quota).is_none(), QuotaTwice { group: group.clone() })?;
        }
        let question =
            Question { entries, take: count(self.take), spare: self.spare.map_or(0, count), quotas };
        question.ready().map_err(unfit)
    }

    /// The label of the stream: a draw's own name, so that no two draws share their numbers.
    pub fn label(me: Id) -> String {
        me.to_string()
    }

    /// The name under which no second draw is held without saying so.
    pub fn matter(&self) -> String {
        let about = self.about.map_or_else(String::new, |id| id.to_string());
        let compact: String = self.purpose.zh().chars().filter(|c| c.is_alphanumeric()).collect();
        format!("{}/{about}/{}", self.region.number(), compact.to_lowercase())
    }
}

fn entry(line: &str, number: u32) -> Result<Entry, Refusal> {
    let mut cells = line.split([';', '；', '\t']).map(str::trim);
    let key = cells.next().unwrap_or("").to_owned();
    let stratum = cells.next().unwrap_or("").to_owned();
    let weight = cells.next().unwrap_or("");
    let weight = if weight.is_empty() { Some(1) } else { weight.parse().ok() };
    match weight.filter(|weight| (1..=WEIGHT_MAX).contains(weight)) {
        Some(weight) if cells.next().is_none() && !key.is_empty() => Ok(Entry { key, weight, stratum }),
        _ => Err(BadLine { line: number }),
    }
}

/// The engine's refusal in this desk's words.
pub fn unfit(refusal: Unfit) -> Refusal {
    let text = |text: String| Text::read(&text).unwrap_or_else(|| impossible(&text));
    match refusal {
        Unfit::NobodyThere | Unfit::NobodyWanted => NobodyThere,
        Unfit::TooMany { max } => TooMany { max },
        Unfit::Twice { key } => Twice { key: text(key) },
        Unfit::BadKey { .. } | Unfit::BadStratum { .. } | Unfit::BadWeight { .. } => EntryTooLong,
        Unfit::Impossible { demands } => Impossible { demands: demands.iter().map(demand).collect() },
    }
}

/// A demand in both languages.
fn demand(demand: &Demand) -> Bilingual<600> {
    let (zh, en) = match demand {
        Demand::Take { count } => (format!("抽取 {count} 个"), format!("{count} are to be drawn")),
        Demand::There { stratum: None, count } => {
            (format!("名单共 {count} 个"), format!("the list has {count}"))
        }
        Demand::There { stratum: Some(group), count } => {
            (format!("“{group}”组共 {count} 个"), format!("the group “{group}” has {count}"))
        }
        Demand::AtLeast { stratum, count } => {
            (format!("“{stratum}”组至少 {count} 个"), format!("at least {count} of the group “{stratum}”"))
        }
        Demand::AtMost { stratum, count } => {
            (format!("“{stratum}”组至多 {count} 个"), format!("at most {count} of the group “{stratum}”"))
        }
    };
    Bilingual { zh: Text::read(&zh), en: Text::read(&en) }
}

/// Who is drawn with this seed: taken, then substitutes.
pub fn draw(ready: &Ready, me: Id, seed: [u8; 32]) -> engines::draw::Answer {
    engines::draw::draw(ready, &Seed(seed), &Terms::label(me))
}
