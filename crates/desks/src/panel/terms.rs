//! Terms: what a panel is set up with, and what it keeps of candidates, seats and lots.

use grammar::prelude::*;

use crate::{
    expert::{Expert, Judged, Kind},
    organisation::Organisation,
    person::Person,
    review::{Criteria, Managing, Marks, Rates, Review},
};

/// Where in the published table the fee lies.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum FeeLevel {
    Lowest,
    Middle,
    Highest,
}

/// What a panel is set up with.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Terms {
    pub title: Bilingual<200>,
    pub region: Region,
    /// The call or the need it judges for.
    #[serde(default)]
    pub about: Option<Id>,
    /// Empty: the usual sheet (NJ-R13).
    #[serde(default)]
    pub criteria: Criteria,
    /// Reviews for each candidate; the usual number when empty.
    #[serde(default)]
    pub each: Option<Between<1, 15>>,
    /// Reviews of one expert in this panel.
    pub load_max: Between<1, 60>,
    pub answer_days: Between<1, 60>,
    pub review_days: Between<1, 180>,
    pub fee_level: FeeLevel,
    /// The part of those voting that carries a candidate; the usual one when empty.
    #[serde(default)]
    pub pass_share: Option<Share>,
    /// Which kinds of experts must sit in it; none in particular when empty.
    #[serde(default)]
    pub composition: Option<Composition>,
    /// What the rotation counts by, such as the code of a guide item. Empty: nobody is counted.
    #[serde(default)]
    pub topic: Option<Text<60>>,
    /// Nobody may be named: experts come by lot, and by assignment only when its list is used up (EP-R21).
    #[serde(default)]
    pub by_lot: bool,
    /// Bodies that manage the projects: their staff sit in it unpaid (EP-F08).
    #[serde(default)]
    pub managing: Managing,
}

/// Which kinds of experts a panel needs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Composition {
    /// It judges budgets: someone of finance (EP-R24).
    WithFinance,
    /// It judges joint research: technology, industry and finance (NJ-R11).
    JointResearch,
}

/// A candidate before the panel.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub candidate: Id,
    pub title: Bilingual<200>,
    pub field: Option<String>,
    /// The need or call it answers: rivals have the same.
    pub matter: Option<Id>,
    /// Never for reviewers.
    pub judged: Judged,
}

/// An expert asked to review a candidate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seat {
    pub review: Ref<Review>,
    pub candidate: Id,
    pub expert: Ref<Expert>,
    pub person: Ref<Person>,
    pub unit: Option<Ref<Organisation>>,
    #[serde(default)]
    pub kinds: Vec<Kind>,
    /// Has sat on this topic for as many years as the rule allows (EP-R24-YEARS).
    #[serde(default)]
    pub stays_on: bool,
    /// Why it was given up.
    pub ended: Option<Text<500>>,
}

/// Someone who may know nothing of a candidate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Apart {
    pub person: Id,
    pub candidate: Id,
}

/// An expert on the list a draw is made from.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Known {
    pub expert: Ref<Expert>,
    pub person: Ref<Person>,
    pub unit: Option<Ref<Organisation>>,
    #[serde(default)]
    pub kinds: Vec<Kind>,
    /// Has sat on this topic for as many years as the rule allows (EP-R24-YEARS).
    #[serde(default)]
    pub stays_on: bool,
    /// How many reviews the expert can take on.
    pub room: u32,
}

impl Known {
    pub(super) fn seat(&self, candidate: Id, n: u32, ctx: &Ctx) -> Seat {
        let (expert, person, unit, kinds) = (self.expert, self.person, self.unit, self.kinds.clone());
        Seat {
            review: ctx.fresh(n),
            candidate,
            expert,
            person,
            unit,
            kinds,
            stays_on: self.stays_on,
            ended: None,
        }
    }
}

/// Who may be drawn for a candidate: places in the list, lowest first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Eligible {
    pub candidate: Id,
    pub experts: Vec<u32>,
}

/// The list a draw is made from. Fixed, and a secret promised, before anyone can know what it comes to.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Lots {
    pub lot: Lot,
    pub at: Moment,
    pub known: Vec<Known>,
    pub eligible: Vec<Eligible>,
    /// How many of one unit are taken for a candidate at most: with the list, all that a repetition needs.
    #[serde(default)]
    pub unit_most: Option<u32>,
    pub drawn: Option<Drawn>,
    /// For each candidate all who were eligible, in drawn order: those taken first.
    pub order: Vec<Eligible>,
}

/// A signed opinion as the panel took it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Taken {
    pub review: Id,
    pub candidate: Id,
    pub person: Id,
    pub total: u32,
    pub marks: Marks,
    /// When it was signed and what it is paid, as its own record says.
    #[serde(default)]
    pub signed: Option<Day>,
    #[serde(default)]
    pub fee: Option<Money>,
    /// Kept until the applicant has it.
    pub open: Option<Text<4000>>,
}

/// When and where a candidate is defended.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Slot {
    pub candidate: Id,
    pub begins: Moment,
    pub minutes: Between<5, 240>,
    pub place: Text<200>,
    /// Whether the candidate's side agreed to a recording.
    pub recording: bool,
}

/// An expert for a candidate.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Pair {
    pub candidate: Id,
    pub expert: Ref<Expert>,
}

const SENIOR_LEAST: Rule<Money> = rule("EP-F01");
const SENIOR_MOST: Rule<Money> = rule("EP-F01-MOST");
const OTHER_LEAST: Rule<Money> = rule("EP-F02");
const OTHER_MOST: Rule<Money> = rule("EP-F02-MOST");
const MAIL_LEAST: Rule<Share> = rule("EP-F06");
const MAIL_MIDDLE: Rule<Share> = rule("EP-F06-MID");
const MAIL_MOST: Rule<Share> = rule("EP-F06-MOST");

impl FeeLevel {
    /// The rates of the table at this level.
    #[must_use]
    pub fn rates(self, ctx: &Ctx) -> Rates {
        let money = |least: Rule<Money>, most: Rule<Money>| match self {
            Self::Lowest => ctx.rule(least),
            Self::Middle => Money::fen(i64::midpoint(ctx.rule(least).in_fen(), ctx.rule(most).in_fen())),
            Self::Highest => ctx.rule(most),
        };
        let mail = match self {
            Self::Lowest => MAIL_LEAST,
            Self::Middle => MAIL_MIDDLE,
            Self::Highest => MAIL_MOST,
        };
        Rates {
            senior_day: money(SENIOR_LEAST, SENIOR_MOST),
            other_day: money(OTHER_LEAST, OTHER_MOST),
            mail_share: ctx.rule(mail),
        }
    }
}
