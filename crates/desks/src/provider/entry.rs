//! Entry: what a provider lists, and what its buyers thought of it.

use grammar::prelude::*;

use crate::instrument::Instrument;

/// The published categories of services.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Category {
    StrategicPlanning,
    ResearchAndDevelopment,
    TechnologyTransfer,
    TestingAndAnalysis,
    Training,
    OpenResources,
}

/// A service with its price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Item {
    pub category: Category,
    pub title: Bilingual<120>,
    /// What the price is for: an hour, a sample, a shift.
    pub per: Text<20>,
    pub price: Money,
    /// The instrument it is done with.
    #[serde(default)]
    pub instrument: Option<Ref<Instrument>>,
    /// The most that a voucher pays for it: set by the office.
    #[serde(default)]
    pub ceiling: Option<Money>,
}

/// How its buyers rated it.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Rating {
    pub times: u32,
    pub stars: u32,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Applied,
    Declined,
    Recognised,
    Overdue,
    Left,
    Excluded,
}
