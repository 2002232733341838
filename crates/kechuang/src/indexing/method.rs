//! Method: what a file of method says, before it meets the data.

use std::{collections::BTreeMap, path::Path};

use engines::indices::{Fill, Mean, Scale, Transform, Treat, simulate::Sway};
use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::{
    allocating::{decimal, toml},
    speech::Trouble,
};

/// Simulations when none are named.
const DRAWS: u32 = 10_000;

/// A file of method.
#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Method {
    pub edition: String,
    pub name: String,
    /// Until when the data were gathered.
    pub cut_off: String,
    pub columns: Columns,
    pub fill: FillBy,
    pub treat: TreatBy,
    pub scale: ScaleBy,
    pub weights: WeightsBy,
    pub mean: MeanBy,
    #[serde(rename = "indicator")]
    pub indicators: Vec<Indicator>,
    #[serde(rename = "group")]
    pub groups: Vec<Group>,
    #[serde(rename = "expert")]
    pub experts: Vec<Expert>,
    pub doubt: Option<Doubt>,
    /// SHA-256 of the file, so that a result names the method that made it.
    #[serde(skip)]
    pub hash: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Columns {
    pub id: Option<String>,
    pub name: Option<String>,
    pub edition: Option<String>,
    /// Whose peers a unit has: for filling by them.
    pub peers: Option<String>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Indicator {
    pub code: String,
    pub name: String,
    /// Otherwise the column is called as the code.
    pub column: Option<String>,
    pub group: String,
    pub weight: Option<f64>,
    pub less_is_better: bool,
    pub denominator: Option<String>,
    pub target: Option<f64>,
    pub worst: Option<f64>,
    pub best: Option<f64>,
    pub treat: Option<TreatBy>,
    pub scale: Option<ScaleBy>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Group {
    pub code: String,
    pub name: String,
    /// The group above; only the index has none.
    pub group: Option<String>,
    pub weight: Option<f64>,
    pub mean: Option<MeanName>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Expert {
    pub name: String,
    /// By the code of an indicator or a group.
    pub points: BTreeMap<String, f64>,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum FillName {
    #[default]
    Nothing,
    Mean,
    Median,
    PeerMean,
    PeerMedian,
    Constant,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct FillBy {
    pub by: FillName,
    pub value: Option<f64>,
}

impl FillBy {
    pub fn read(&self) -> Fill {
        match self.by {
            FillName::Nothing => Fill::Nothing,
            FillName::Mean => Fill::Mean,
            FillName::Median => Fill::Median,
            FillName::PeerMean => Fill::PeerMean,
            FillName::PeerMedian => Fill::PeerMedian,
            FillName::Constant => Fill::Constant(self.value.unwrap_or(0.0)),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum TreatName {
    #[default]
    Nothing,
    Winsorise,
    Log,
    ShiftedLog,
    RangeLog,
    BoxCox,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct TreatBy {
    pub by: TreatName,
    pub most: Option<u32>,
    pub skew: Option<f64>,
    pub kurtosis: Option<f64>,
    pub otherwise: TreatName,
    pub power: Option<f64>,
}

impl TreatBy {
    pub fn read(&self) -> Treat {
        match self.by {
            TreatName::Nothing => Treat::Nothing,
            // The thresholds of the Joint Research Centre's handbook.
            TreatName::Winsorise => Treat::Winsorise {
                most: self.most,
                skew: self.skew.unwrap_or(2.0),
                kurtosis: self.kurtosis.unwrap_or(3.5),
                otherwise: self.transform(self.otherwise),
            },
            other => Treat::Transform(self.transform(other)),
        }
    }

    fn transform(&self, name: TreatName) -> Transform {
        match name {
            TreatName::Nothing | TreatName::Winsorise => Transform::Nothing,
            TreatName::Log => Transform::Log,
            TreatName::ShiftedLog => Transform::ShiftedLog,
            TreatName::RangeLog => Transform::RangeLog,
            TreatName::BoxCox => Transform::BoxCox(self.power.unwrap_or(0.0)),
        }
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum ScaleName {
    Nothing,
    #[default]
    MinMax,
    ZScore,
    Scaled,
    Rank,
    Borda,
    PercentRank,
    OfLargest,
    Target,
    Reference,
    FromLargest,
    Goalposts,
    Standard,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct ScaleBy {
    pub by: ScaleName,
    pub low: Option<f64>,
    pub high: Option<f64>,
    pub mean: Option<f64>,
    pub deviation: Option<f64>,
    pub less: Option<f64>,
    pub divide_by: Option<f64>,
    /// The id of the unit of reference.
    pub unit: Option<String>,
}

impl ScaleBy {
    /// `unit` finds the place of a unit by its id.
    pub fn read(&self, unit: &dyn Fn(&str) -> Option<usize>) -> Option<Scale> {
        let (low, high) = (self.low.unwrap_or(0.0), self.high.unwrap_or(100.0));
        Some(match self.by {
            ScaleName::Nothing => Scale::Nothing,
            ScaleName::MinMax => Scale::MinMax { low, high },
            ScaleName::ZScore => {
                Scale::ZScore { mean: self.mean.unwrap_or(0.0), deviation: self.deviation.unwrap_or(1.0) }
            }
            ScaleName::Scaled => {
                Scale::Scaled { less: self.less.unwrap_or(0.0), by: self.divide_by.unwrap_or(1.0) }
            }
            ScaleName::Rank => Scale::Rank,
            ScaleName::Borda => Scale::Borda,
            ScaleName::PercentRank => Scale::PercentRank,
            ScaleName::OfLargest => Scale::OfLargest,
            ScaleName::Target => Scale::Target,
            ScaleName::Reference => Scale::Reference(unit(self.unit.as_deref()?)?),
            ScaleName::FromLargest => Scale::FromLargest,
            ScaleName::Goalposts => Scale::Goalposts { low, high },
            ScaleName::Standard => Scale::Standard { high },
        })
    }
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum WeightsName {
    #[default]
    Given,
    Equal,
    Components,
    Budget,
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct WeightsBy {
    pub by: WeightsName,
}

#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "kebab-case")]
pub enum MeanName {
    #[default]
    Arithmetic,
    Geometric,
    Harmonic,
    Copeland,
}

impl MeanName {
    pub fn read(self) -> Mean {
        match self {
            Self::Arithmetic => Mean::Arithmetic,
            Self::Geometric => Mean::Geometric,
            Self::Harmonic => Mean::Harmonic,
            Self::Copeland => Mean::Copeland,
        }
    }
}

#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct MeanBy {
    pub by: MeanName,
    /// The part of a group's weight that must be there.
    pub least: Option<f64>,
}

/// What is tried again with other choices.
#[derive(Clone, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, rename_all = "kebab-case", default)]
pub struct Doubt {
    pub draws: Option<u32>,
    pub seed: String,
    /// `fixed`, `free`, or how much each may sway, such as `25%`.
    pub weights: Option<String>,
    pub noise: Option<f64>,
    pub fill: Vec<FillBy>,
    pub treat: Vec<TreatBy>,
    pub scale: Vec<ScaleBy>,
    pub mean: Vec<MeanName>,
}

impl Doubt {
    pub fn draws(&self) -> u32 {
        self.draws.unwrap_or(DRAWS)
    }

    /// The first eight bytes of the SHA-256 of the seed, the highest first.
    pub fn number(&self) -> u64 {
        Sha256::digest(self.seed.as_bytes()).iter().take(8).fold(0, |sum, byte| (sum << 8) | u64::from(*byte))
    }

    pub fn sway(&self) -> Option<Sway> {
        match self.weights.as_deref().map(str::trim) {
            None | Some("fixed") => Some(Sway::Fixed),
            Some("free") => Some(Sway::Free),
            Some(part) => {
                let millionths = decimal(part.strip_suffix(['%', '％'])?.trim(), 4)?;
                (0..=1_000_000).contains(&millionths).then_some(Sway::Around(millionths as f64 / 1e6))
            }
        }
    }
}

/// Reads a file of method.
///
/// # Errors
/// The file cannot be read; or where it is wrong, with its line.
pub fn read(path: &Path) -> Result<Method, Trouble> {
    let (mut method, text): (Method, String) = toml(path, 4, "index-method")?;
    method.hash = Sha256::digest(text.as_bytes()).iter().map(|byte| format!("{byte:02x}")).collect();
    Ok(method)
}
