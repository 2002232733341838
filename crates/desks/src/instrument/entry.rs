//! Entry: what is said of an instrument, and what makes sense in it.

use grammar::prelude::*;

use super::{CHARGES_OPEN, Refusal, Refusal::*};
use crate::{field::Field, laboratory::Laboratory, organisation::Organisation, purchase::Purchase};

/// The categories of the national catalogue of large research instruments.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Category {
    Analysis,
    PhysicalProperties,
    Metrology,
    ElectronicMeasurement,
    MarineInstrument,
    EarthExploration,
    AtmosphereExploration,
    Astronomy,
    MedicalResearch,
    Nuclear,
    SpecialTesting,
    ProcessTrial,
    Computing,
    Laser,
    OtherInstrument,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Sharing {
    /// Open to units outside.
    External,
    /// Open within the unit.
    Internal,
    NotShared,
}

/// Who paid which part of the price.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Funding {
    pub source: Text<120>,
    pub share: Share,
}

/// How far others may use it, and at what charge.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Terms {
    pub sharing: Sharing,
    /// Needed when it is not shared.
    pub reason: Option<Text<500>>,
    /// The charge standard, as published. Needed when it is open to units outside.
    pub charges: Option<Text<1000>>,
}

/// What is said of an instrument (rulebook 6.3; the fields of PIDINST among them).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    pub code: Text<40>,
    pub name: Bilingual<200>,
    pub category: Category,
    pub field: Option<Field>,
    pub unit: Ref<Organisation>,
    pub laboratory: Option<Ref<Laboratory>>,
    pub region: Region,
    pub location: Option<Text<200>>,
    pub place: Option<Place>,
    pub model: Option<Text<120>>,
    pub maker: Option<Text<200>>,
    pub country: Option<Text<60>>,
    /// The number on the national platform.
    pub national_no: Option<Text<60>>,
    /// A persistent identifier, such as a DOI.
    pub pid: Option<Text<120>>,
    /// Original value of the single instrument or set.
    pub value: Money,
    pub purchased: Option<Day>,
    /// The day on which installation and commissioning were accepted.
    pub accepted: Option<Day>,
    /// Whether any fiscal money paid for it.
    pub fiscal: bool,
    #[serde(default)]
    pub funding: List<Funding, 10>,
    pub functions: Bilingual<2000>,
    pub samples: Option<Bilingual<1000>>,
    pub terms: Terms,
    #[serde(default)]
    pub keywords: List<Text<40>, 20>,
    pub source: Option<Text<300>>,
    /// The purchase that was reviewed before it was bought.
    #[serde(default)]
    pub purchase: Option<Ref<Purchase>>,
    /// What it measures, in the words of its field.
    #[serde(default)]
    pub measures: List<Text<80>, 20>,
    /// Identifiers of what belongs to it: a paper that describes it, the series it is one of.
    #[serde(default)]
    pub identifiers: List<Text<200>, 10>,
    #[serde(default)]
    pub photos: List<FileRef, 10>,
    /// Manuals, calibration certificates, safety sheets.
    #[serde(default)]
    pub documents: List<FileRef, 20>,
}

/// What makes sense in terms of sharing.
pub fn sensible_terms(terms: &Terms) -> Result<(), No<Refusal>> {
    let charged = terms.sharing != Sharing::External || terms.charges.is_some();
    ensure(terms.sharing != Sharing::NotShared || terms.reason.is_some(), NoReasonNotToShare)?;
    ensure(charged, NoChargeStandard).by(CHARGES_OPEN)
}

/// What makes sense in an entry on the day it is made.
pub fn sensible(entry: &Entry, today: Day) -> Result<(), No<Refusal>> {
    let &Entry { value, purchased, accepted, .. } = entry;
    let shares: Vec<Share> = entry.funding.iter().map(|funding| funding.share).collect();
    ensure(!entry.name.is_empty() && !entry.functions.is_empty(), NoName)?;
    ensure(value.is_positive(), NotAnAmount { value })?;
    if let Some(accepted) = accepted {
        ensure(accepted <= today, AcceptedLater { accepted })?;
        let purchased = purchased.unwrap_or(accepted);
        ensure(purchased <= accepted, AcceptedBeforePurchase { purchased, accepted })?;
    }
    ensure(shares.is_empty() || Share::split(value, &shares).is_some(), SharesDoNotSum)?;
    sensible_terms(&entry.terms)
}
