//! Fields: what a firm says of its need, which part of it stays confidential, and what makes sense in it.

use grammar::prelude::*;

use super::{Refusal, Refusal::*};
use crate::{achievement::NO_SECRETS, field::Field, organisation::Organisation};

/// Where in the chain of its industry the firm stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum ChainPosition {
    Upstream,
    Midstream,
    Downstream,
    ChainLeader,
}

/// Who is to own what the solution brings forth.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum IpOwnership {
    NeedOwner,
    Solver,
    Jointly,
    ByAgreement,
}

/// One number that a solution must reach, and how it is measured.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Indicator {
    pub name: Text<120>,
    pub unit: Option<Text<40>>,
    pub threshold: Text<120>,
    pub test_method: Option<Text<300>>,
}

pub type Indicators = List<Indicator, 20>;

/// What is said of a need (rulebook 4.3).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fields {
    pub owner: Ref<Organisation>,
    pub title: Bilingual<200>,
    pub field: Field,
    pub chain_position: Option<ChainPosition>,
    /// The abstract that everyone may read once the need is published.
    pub summary: Bilingual<2000>,
    /// Confidential: for insiders only.
    pub detail: Option<Text<8000>>,
    #[serde(default)]
    pub indicators: Indicators,
    pub level_domestic: Option<Text<500>>,
    pub level_foreign: Option<Text<500>>,
    pub deadline_months: Between<1, 120>,
    /// Public money and own funds together.
    pub budget: Money,
    /// Confidential.
    pub own_funds: Option<Money>,
    /// What the firm spent on research and development last year. Confidential.
    pub rnd_spend: Option<Money>,
    pub co_funding: bool,
    pub scenario: Option<Bilingual<1000>>,
    pub purchase_intention: Option<Text<500>>,
    pub ip_ownership: IpOwnership,
    /// Why the need cannot be met within one region. Needed when it is submitted.
    pub cross_region: Option<Text<1000>>,
    pub trl_wanted: Option<Between<1, 9>>,
    #[serde(default)]
    pub keywords: List<Text<40>, 20>,
    pub no_secrets: bool,
}

impl Fields {
    /// Blanks what the public never sees.
    pub fn hide_confidential(&mut self) {
        (self.detail, self.own_funds, self.rnd_spend) = (None, None, None);
    }

    /// What search reads: the abstract, the scenario and the indicators.
    pub fn text(&self) -> String {
        let of = |i: &Indicator| format!("{} {} {}", i.name, i.threshold, i.unit.as_deref().unwrap_or(""));
        let texts = self.scenario.iter().map(Bilingual::joined).chain(self.indicators.iter().map(of));
        std::iter::once(self.summary.joined()).chain(texts).collect::<Vec<_>>().join("\n")
    }
}

/// What makes sense in a draft. What a submission needs besides is looked at when it is submitted.
pub fn sensible(fields: &Fields) -> Result<(), No<Refusal>> {
    let amounts = [Some(fields.budget), fields.own_funds, fields.rnd_spend];
    ensure(!fields.title.is_empty() && !fields.summary.is_empty(), NoTitle)?;
    ensure(fields.no_secrets, MayHoldSecrets).by(NO_SECRETS)?;
    for amount in amounts.into_iter().flatten() {
        ensure(amount >= Money::ZERO, NotAnAmount { amount })?;
    }
    Ok(())
}
