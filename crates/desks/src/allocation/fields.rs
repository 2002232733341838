//! Fields: budgets, quotas, who asks, and where a meeting departs from the proposal.

use grammar::prelude::*;

use crate::{
    field::Field,
    need::Need,
    notice::Notice,
    organisation::Organisation,
    person::Person,
    project::{Partner, Project},
};

/// Money that may be given; a region's own pays for the partners of that region.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Budget {
    pub name: Bilingual<120>,
    pub region: Option<Region>,
    pub money: Money,
}

/// Over whom a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Over {
    Region,
    Field,
    Institution,
    Young,
    All,
}

/// What a quota counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Measure {
    Count,
    Money,
    PercentOfCount,
    PercentOfMoney,
}

/// At least or at most of something.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Quota {
    pub name: Bilingual<120>,
    pub over: Over,
    pub quota_region: Option<Region>,
    pub field: Option<Field>,
    pub institution: Option<Ref<Organisation>>,
    pub measure: Measure,
    /// Candidates, or percent.
    pub least: Option<Between<0, 1000>>,
    pub most: Option<Between<0, 1000>>,
    pub least_money: Option<Money>,
    pub most_money: Option<Money>,
}

/// What is to be decided.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Terms {
    pub title: Bilingual<120>,
    pub region: Region,
    /// The panel or call whose candidates these are.
    pub about: Option<Id>,
    pub basis: Text<300>,
    pub budgets: List<Budget, 30>,
    #[serde(default)]
    pub quotas: List<Quota, 60>,
    /// At most one candidate for each need.
    pub one_per_need: bool,
    /// At most so many of one lead.
    pub per_lead_max: Option<Between<1, 20>>,
    /// The term of a project whose candidate states none.
    pub months: Between<1, 120>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Standing {
    Open,
    /// Promised already.
    Must,
    /// Shut out.
    Never,
}

/// What the integrity office found, and when.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Integrity {
    pub clear: bool,
    pub on: Day,
}

/// One that asks, as its card stood when it was admitted.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    pub candidate: Id,
    pub zh: String,
    pub en: String,
    pub lead: Ref<Organisation>,
    pub lead_region: Region,
    pub partners: Vec<Partner>,
    pub leader: Option<Ref<Person>>,
    pub need: Option<Ref<Need>>,
    pub call: Option<Id>,
    pub field: Option<String>,
    pub young: bool,
    pub asked: Money,
    /// The least that still makes sense.
    pub least: Option<Money>,
    pub own: Money,
    pub months: i64,
    /// Hundredths of a point.
    pub score: u32,
    /// What each region's government is asked for, as far as the card tells.
    pub by_region: Vec<(Region, Money)>,
    /// Which budget pays which part, in millionths.
    pub parts: Vec<(u32, u32)>,
    pub standing: Standing,
    pub integrity: Option<Integrity>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum DepartureKind {
    Add,
    Drop,
    Amount,
}

/// What a departure rests on. Another opinion about the science is none (PG-R05).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Ground {
    Integrity,
    Eligibility,
    FundedAlready,
    FaultOfProcedure,
    Withdrawn,
    BudgetNegotiated,
    RegionalPolicy,
    AcademicOpinion,
}

/// Where the meeting departs from the proposal, and why.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Departure {
    pub candidate: Id,
    pub kind: DepartureKind,
    pub money: Option<Money>,
    pub ground: Ground,
    /// The id of the rule it rests on.
    pub rule: Text<20>,
    pub reason: Text<1000>,
}

/// Who asks, read from their cards.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Admission {
    pub candidates: List<Id, 200>,
    /// Those of them that count for a quota of the young.
    #[serde(default)]
    pub young: List<Id, 200>,
}

/// What the meeting makes of the proposal.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Adoption {
    #[serde(default)]
    pub departures: List<Departure, 100>,
    pub minutes: FileRef,
    pub contact: Bilingual<200>,
}

/// Who is told now, and which needs.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Awarding {
    pub notice: Ref<Notice>,
    pub candidates: List<Id, 200>,
    #[serde(default)]
    pub needs: List<Ref<Need>, 200>,
    /// What those are told that were not chosen.
    pub reason: Text<1000>,
}

/// Who moves up from the reserve, and in whose place: projects that came to nothing, or whoever withdrew before the award.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct MovingUp {
    pub candidate: Id,
    #[serde(default)]
    pub projects: List<Ref<Project>, 20>,
    /// Those before it that have withdrawn.
    #[serde(default)]
    pub passed: List<Id, 200>,
    pub minutes: FileRef,
    pub contact: Bilingual<200>,
}

/// What can be wrong with a decision. Another opinion about the science is no ground (PG-R06).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Fault {
    ProcedureBreached,
    ConflictOfInterest,
    FactsMistaken,
    AcademicJudgement,
}
