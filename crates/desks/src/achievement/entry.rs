//! Entry: what is said of an achievement, and what makes sense in it.

use grammar::prelude::*;

use super::{NO_SECRETS, Refusal, Refusal::*, WEAKEST_PART};
use crate::{field::Field, organisation::Organisation};

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Kind {
    PatentTechnology,
    Software,
    CircuitLayout,
    NewVariety,
    Process,
    Product,
    KnowHow,
    Dataset,
    Standard,
    Other,
}

/// The three stages of GB/T 37264-2018.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Stage {
    LaboratoryStage,
    EngineeringStage,
    IndustrialStage,
}

/// How others can take part: the ways of the conversion law (art. 16), as offers.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Mode {
    Assignment,
    Licence,
    Equity,
    JointDevelopment,
    Service,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum IpKind {
    InventionPatent,
    UtilityModel,
    DesignPatent,
    SoftwareCopyright,
    LayoutDesign,
    PlantVariety,
    TechnicalSecret,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum IpStatus {
    Filed,
    Granted,
    Lapsed,
}

/// One right in the achievement. A technical secret has no number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct IpRight {
    pub kind: IpKind,
    pub number: Option<Text<60>>,
    pub title: Bilingual<200>,
    pub status: IpStatus,
}

/// A critical part of a system, with its own readiness.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Element {
    pub name: Text<120>,
    pub trl: Between<1, 9>,
}

/// What is said of an achievement. It names no natural person: completers are a team's name and a number.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    pub owner: Ref<Organisation>,
    pub title: Bilingual<200>,
    pub kind: Kind,
    pub field: Field,
    /// GB/T 22900. Nothing for pure basic research.
    pub trl: Option<Between<1, 9>>,
    #[serde(default)]
    pub elements: List<Element, 20>,
    pub stage: Option<Stage>,
    pub completers: Option<Text<300>>,
    pub completers_count: Option<Between<1, 500>>,
    pub completed: Option<Day>,
    #[serde(default)]
    pub rights: List<IpRight, 40>,
    pub summary: Bilingual<2000>,
    pub scenarios: Option<Bilingual<1000>>,
    #[serde(default)]
    pub modes: List<Mode, 5>,
    pub price: Option<Money>,
    #[serde(default)]
    pub keywords: List<Text<40>, 20>,
    pub source: Option<Text<300>>,
    pub no_secrets: bool,
}

impl Entry {
    /// What makes sense on the day it is written.
    pub fn sensible(&self, ctx: &Ctx) -> Result<(), No<Refusal>> {
        let price = self.price.unwrap_or(Money::ZERO);
        let completed = self.completed.unwrap_or(ctx.today());
        let weakest = self.elements.iter().map(|part| part.trl).min();
        let applies = ctx.rule(WEAKEST_PART);
        let above = self.trl.filter(|trl| applies && weakest.is_some_and(|weakest| *trl > weakest));
        ensure(!self.title.is_empty(), NoTitle)?;
        ensure(!self.summary.is_empty(), NoSummary)?;
        ensure(self.no_secrets, MayHoldSecrets).by(NO_SECRETS)?;
        ensure(completed <= ctx.today(), CompletedLater { completed })?;
        ensure(price >= Money::ZERO, NotAnAmount { price })?;
        ensure(above.is_none(), AboveItsWeakestPart { weakest: weakest.map_or(9, Between::get) })
            .by(WEAKEST_PART)
    }

    /// The numbers and titles of its rights, for search.
    pub fn rights_text(&self) -> impl Iterator<Item = String> {
        let number = |right: &IpRight| right.number.as_deref().unwrap_or("").to_owned();
        self.rights.iter().map(move |right| format!("{} {}", number(right), right.title.joined()))
    }

    /// The entry with everything blanked but its title, owner, kind and field.
    pub fn tombstone(&self) -> Self {
        Self {
            owner: self.owner,
            title: self.title.clone(),
            kind: self.kind,
            field: self.field,
            no_secrets: self.no_secrets,
            trl: None,
            elements: List::default(),
            stage: None,
            completers: None,
            completers_count: None,
            completed: None,
            rights: List::default(),
            summary: Bilingual { zh: None, en: None },
            scenarios: None,
            modes: List::default(),
            price: None,
            keywords: List::default(),
            source: None,
        }
    }
}
