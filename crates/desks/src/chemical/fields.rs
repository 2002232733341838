//! Fields: what is said of a chemical, how it is controlled and kept, and what moves in or out.

use std::collections::BTreeSet;

use grammar::prelude::*;

use super::stock::{BatchNo, Portion};
use crate::{
    booking::Booking, hazard::Hazards, laboratory::Laboratory, organisation::Organisation, person::Person,
};

/// The most of one chemical, in its unit.
pub const AMOUNT_MAX: i64 = 1_000_000_000;
/// Persons who keep one.
pub const CUSTODIANS_MAX: usize = 6;

/// So much in the chemical's unit; amounts are whole numbers of it.
pub type Amount = Between<1, AMOUNT_MAX>;

/// Whether the state controls it, and as what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Control {
    #[default]
    NotControlled,
    /// 剧毒化学品.
    HighlyToxic,
    /// 易制爆危险化学品.
    ExplosivePrecursor,
    /// 易制毒化学品, by the three classes of the regulation.
    DrugPrecursorOne,
    DrugPrecursorTwo,
    DrugPrecursorThree,
}

impl Control {
    /// Whether two persons hand it in and out, and a loss is told to the office.
    #[must_use]
    pub fn is_controlled(self) -> bool {
        self != Self::NotControlled
    }
}

/// In which it is counted: the smallest that is weighed or measured there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Unit {
    Milligram,
    Gram,
    Microlitre,
    Millilitre,
    Piece,
}

/// With what it reacts, beyond its hazards: what stands together in one place is compared by both.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Group {
    Acid,
    Base,
    WaterReactive,
    /// Acids set a poisonous gas free from it: cyanides, sulfides.
    AcidReactive,
    Other,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Language {
    Zh,
    En,
    Other,
}

/// A safety data sheet, with the day on which its maker issued it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct SafetySheet {
    pub file: FileRef,
    pub language: Language,
    pub issued: Day,
}

/// What is said of a chemical.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    pub laboratory: Ref<Laboratory>,
    pub name: Bilingual<200>,
    /// Mixtures have none.
    pub cas: Option<Text<12>>,
    /// Purity or strength: `AR`, `37 %`.
    pub grade: Option<Text<60>>,
    #[serde(default)]
    pub hazards: Hazards,
    #[serde(default)]
    pub control: Control,
    pub unit: Unit,
    /// The most that may be there.
    pub most: Option<Amount>,
    /// Where it stands, as those who keep it call the place.
    pub place: Option<Text<120>>,
    pub group: Option<Group>,
    /// Why it may stand beside what does not go with it.
    pub together: Option<Text<500>>,
    #[serde(default)]
    pub custodians: List<Ref<Person>, CUSTODIANS_MAX>,
    pub safety_sheet: Option<SafetySheet>,
    /// Those who use the laboratory read name, hazards and safety data sheet.
    #[serde(default)]
    pub is_offered: bool,
}

impl Entry {
    /// Custodians who are different persons.
    pub(super) fn custodians_apart(&self) -> usize {
        self.custodians.iter().map(|custodian| custodian.id()).collect::<BTreeSet<Id>>().len()
    }

    /// By what it is compared with its neighbours: its hazards, and its group where that says something.
    #[must_use]
    pub fn traits(&self) -> Vec<String> {
        let group = self.group.filter(|group| *group != Group::Other);
        let hazards = self.hazards.iter().map(|hazard| hazard.word());
        hazards.chain(group.map(|group| grammar::desk::plain_word(&group))).collect()
    }

    /// The one name under which a laboratory keeps it: number or name, strength and unit, however it is written.
    pub(super) fn mark(&self) -> String {
        let plain = |text: &str| text.split_whitespace().collect::<String>().to_lowercase();
        let what = self.cas.as_deref().unwrap_or_else(|| self.name.zh());
        let unit = grammar::desk::plain_word(&self.unit);
        format!("{}/{}/{}/{unit}", self.laboratory, plain(what), plain(self.grade.as_deref().unwrap_or("")))
    }
}

/// What is entered: the chemical, and what of it is there already.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct FirstEntry {
    #[serde(flatten)]
    pub entry: Entry,
    pub at_hand: Option<Amount>,
    pub batch: Option<BatchNo>,
    pub expires: Option<Day>,
}

/// What comes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Delivery {
    pub amount: Amount,
    pub batch: Option<BatchNo>,
    pub expires: Option<Day>,
    /// From whom, and by which delivery note.
    pub what: Option<Text<300>>,
}

/// What is taken to work with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Usage {
    pub amount: Amount,
    pub batch: Option<BatchNo>,
    pub purpose: Text<300>,
    /// The booking that it was used for.
    pub booking: Option<Ref<Booking>>,
}

/// What is thrown away.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Disposal {
    pub amount: Amount,
    pub batch: Option<BatchNo>,
    pub how: Text<300>,
}

/// Which kind something moves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    Received,
    Used,
    Disposed,
}

/// Something that moves in or out.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Movement {
    pub kind: Kind,
    pub amount: i64,
    pub batch: Option<BatchNo>,
    pub expires: Option<Day>,
    /// From whom, what for, or how it was thrown away.
    pub what: Option<Text<300>>,
    pub booking: Option<Ref<Booking>>,
}

/// What has moved: from which batches, and what is left of all.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Moved {
    pub on: Day,
    pub movement: Movement,
    pub portions: Vec<Portion>,
    pub left: i64,
    /// The custodian who asked, where another has confirmed it.
    pub first: Option<Ref<Person>>,
}

/// A movement that waits for a second custodian.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Waiting {
    pub on: Day,
    pub movement: Movement,
    pub first: Ref<Person>,
}

/// What is missing, or was found to differ.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Missing {
    pub on: Day,
    /// Below zero: so much is missing.
    pub difference: i64,
    pub what: Text<500>,
    /// When and to which station it was reported.
    pub police: Option<Text<200>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Kept,
    Closed,
}

/// Whose laboratory it is today.
pub(super) fn lead(laboratory: &Card) -> (Ref<Organisation>, Region) {
    (laboratory.the("lead").r(), laboratory.scope())
}
