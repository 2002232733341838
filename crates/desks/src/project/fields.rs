//! Fields: what is said of a project when it is opened, planned, changed and ended.

use grammar::prelude::*;

use crate::{
    need::{Indicators, IpOwnership, Need},
    organisation::Organisation,
    person::Person,
};

/// One that takes part, in which region, and for what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Partner {
    pub organisation: Ref<Organisation>,
    pub region: Region,
    pub role: Text<500>,
}

/// What one province pays.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Payer {
    pub region: Region,
    pub money: Money,
}

/// What the decision of the allocation fixes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Opening {
    pub candidate: Id,
    pub need: Option<Ref<Need>>,
    pub call: Option<Id>,
    pub title: Bilingual<200>,
    pub lead: Ref<Organisation>,
    pub lead_region: Region,
    #[serde(default)]
    pub partners: List<Partner, 20>,
    pub public_money: Money,
    pub own_money: Money,
    pub months: Between<1, 120>,
    pub leader: Option<Ref<Person>>,
    /// Who tests the result: the owner of the need.
    pub user: Option<Ref<Organisation>>,
    /// What each province pays, when that was decided; else the task book says it.
    #[serde(default)]
    pub by_region: List<Payer, 30>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum AgreementForm {
    Consortium,
    DevelopmentContract,
    JointEntity,
}

/// Who has which part of the benefits.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Benefit {
    pub organisation: Ref<Organisation>,
    pub share: Share,
}

/// What partners must settle among themselves (NJ-R14); tasks and money stand in the packages.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Agreement {
    pub form: AgreementForm,
    pub ip: IpOwnership,
    pub ip_terms: Text<2000>,
    pub benefits: List<Benefit, 21>,
    pub risk: Text<2000>,
    pub breach: Text<2000>,
}

/// Work of one partner in one region, paid by that region's government.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Package {
    pub title: Text<200>,
    pub organisation: Ref<Organisation>,
    pub region: Region,
    pub duties: Text<1000>,
    pub public_money: Money,
    pub own_money: Money,
}

/// What must be shown by when, and which part of the public money is paid for it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Milestone {
    pub title: Text<200>,
    /// Months after signing; 0 is paid in advance.
    pub month: Between<0, 120>,
    pub evidence_wanted: Text<500>,
    /// Percent of each package's public money.
    pub percent: Between<0, 100>,
}

/// How the money may be used.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Mode {
    /// By the heads of a budget.
    Itemised,
    /// 包干制: no budget, the leader's word, and a list of what is not paid.
    LumpSum,
}

/// The heads of a budget.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Head {
    Equipment,
    Business,
    Labour,
    Indirect,
}

/// Public money by heads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Budget {
    pub equipment: Money,
    pub business: Money,
    pub labour: Money,
    pub indirect: Money,
}

/// The task book.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Plan {
    pub goals: Text<4000>,
    #[serde(default)]
    pub indicators: Indicators,
    pub agreement: Agreement,
    pub packages: List<Package, 40>,
    pub milestones: List<Milestone, 20>,
    pub mode: Mode,
    pub budget: Option<Budget>,
    pub is_pure_theory: bool,
    pub no_secrets: bool,
}

/// Where a government's money comes from, in the order in which it is used (NJ-R05).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum FundSource {
    CentralGuidance,
    Province,
    Prefecture,
}

/// What money was used for. The last ones are never paid from a lump sum.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum ExpenseKind {
    Equipment,
    Materials,
    Testing,
    Travel,
    Publication,
    Cooperation,
    Wages,
    ExpertFees,
    Overheads,
    Fines,
    Donations,
    Sponsorship,
    Investment,
    Loans,
    PersonalBenefits,
}

impl ExpenseKind {
    /// The head it falls under; none for what no head pays.
    pub fn head(self) -> Option<Head> {
        match self {
            Self::Equipment => Some(Head::Equipment),
            Self::Materials | Self::Testing | Self::Travel => Some(Head::Business),
            Self::Publication | Self::Cooperation => Some(Head::Business),
            Self::Wages | Self::ExpertFees => Some(Head::Labour),
            Self::Overheads => Some(Head::Indirect),
            Self::Fines | Self::Donations | Self::Sponsorship => None,
            Self::Investment | Self::Loans | Self::PersonalBenefits => None,
        }
    }
}

/// One line of a package's books.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Expense {
    pub package: Between<1, 40>,
    pub kind: ExpenseKind,
    pub amount: Money,
    pub note: Option<Text<200>>,
}

/// Money moved between heads.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Adjustment {
    pub from_head: Head,
    pub to_head: Head,
    pub amount: Money,
    pub reason: Text<500>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum ReportKind {
    Annual,
    Final,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Report {
    pub kind: ReportKind,
    pub year: Between<2000, 2100>,
    pub summary: Text<4000>,
    /// Where the science report and data lie. Needed in the final report.
    pub data_deposit: Option<Text<500>>,
    #[serde(default)]
    pub files: List<FileRef, 10>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum ChangeKind {
    Extension,
    Leader,
    Partner,
    Milestone,
}

/// Why another leads (PG-R09).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum LeaderGround {
    LeftTheUnit,
    CannotContinue,
    OtherObjectiveCause,
}

/// A change of what was signed. Which fields are needed depends on its kind.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Change {
    pub kind: ChangeKind,
    pub reason: Text<1000>,
    pub months: Option<Between<1, 36>>,
    pub leader: Option<Ref<Person>>,
    pub ground: Option<LeaderGround>,
    pub leaves: Option<Ref<Organisation>>,
    pub joins: Option<Ref<Organisation>>,
    pub milestone: Option<Between<1, 20>>,
    pub due: Option<Day>,
    /// Papers in which the units concerned agree.
    #[serde(default)]
    pub consents: List<FileRef, 5>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Verdict {
    GoOn,
    Correct,
    Stop,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Outcome {
    Accepted,
    /// The result is taken, its use comes later (PG-R21).
    ResultOnly,
    Failed,
    Terminated,
}

/// What the office found about the work itself (XX-R12).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Finding {
    pub exploratory: bool,
    pub contract_kept: bool,
    pub honest: bool,
}

impl Finding {
    /// Nothing negative follows from a failure that was all this.
    pub fn is_diligent(self) -> bool {
        self.exploratory && self.contract_kept && self.honest
    }
}

/// How it ends, by whose advice.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Ending {
    pub outcome: Outcome,
    /// The panel whose conclusion this follows.
    pub panel: Option<Id>,
    pub remark: Text<1000>,
    /// The panel's signed opinion, or the office's minutes.
    pub opinion: FileRef,
    pub feasibility_plan: Option<FileRef>,
    pub finding: Finding,
    /// What was tried, for the next who answer the need. Public.
    pub tried: Option<Text<1000>>,
}
