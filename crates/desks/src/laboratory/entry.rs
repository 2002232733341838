//! Entry: what is said of a laboratory in the catalogue, and what it must be to make sense.

use grammar::prelude::*;

use super::{
    Kind, Laboratory, OFFICE,
    Refusal::{self, *},
    Tier,
};
use crate::{field::Field, organisation::Organisation};

/// National laboratories, national key laboratories and municipal ones form one system of tiers.
const TIERS: Rule<bool> = rule("LB-S21");

/// What is said of a laboratory.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Entry {
    pub(super) platform_no: Text<40>,
    pub(super) kind: Kind,
    pub(super) tier: Tier,
    pub(super) name: Bilingual<200>,
    pub(super) field: Field,
    pub(super) region: Region,
    pub(super) lead: Ref<Organisation>,
    #[serde(default)]
    pub(super) partners: List<Ref<Organisation>, 60>,
    pub(super) parent: Option<Ref<Laboratory>>,
    /// As the authority publishes it.
    pub(super) director: Option<Text<80>>,
    pub(super) area_m2: Option<Between<1, 10_000_000>>,
    pub(super) staff: Option<Between<0, 100_000>>,
    pub(super) services: Option<Bilingual<2000>>,
    pub(super) open_topics: Option<Bilingual<2000>>,
    #[serde(default)]
    pub(super) keywords: List<Text<40>, 20>,
    pub(super) approved: Option<Day>,
    pub(super) next_evaluation: Option<Day>,
    pub(super) website: Option<Text<300>>,
    pub(super) place: Option<Place>,
    pub(super) source: Option<Text<300>>,
}

pub(super) fn sensible(entry: &Entry, ctx: &Ctx) -> Result<(), No<Refusal>> {
    let &Entry { kind, tier, lead, approved, next_evaluation, .. } = entry;
    ensure(!entry.name.is_empty(), NoName)?;
    ensure(kind.tier().is_none_or(|own| own == tier), TierDoesNotFit { kind, tier }).by(TIERS)?;
    ensure(!entry.partners.contains(&lead), LeadIsPartner)?;
    ensure(entry.parent.is_none_or(|parent| parent.id() != ctx.me), PartOfItself)?;
    if let Some(approved) = approved {
        ensure(approved <= ctx.today(), ApprovedLater { approved })?;
        let next_evaluation = next_evaluation.unwrap_or(approved);
        ensure(approved <= next_evaluation, EvaluatedBeforeApproval { approved, next_evaluation })?;
    }
    Ok(())
}

impl Laboratory {
    /// The lead unit amends what it does, not what it is: that is for the authority.
    pub(super) fn may_amend(&self, entry: &Entry, ctx: &Ctx) -> bool {
        let standing = |e: &Entry| (e.kind, e.tier, e.lead, e.region, e.approved, e.next_evaluation);
        standing(entry) == standing(&self.entry) || ctx.by.holds(OFFICE, self.entry.region)
    }
}
