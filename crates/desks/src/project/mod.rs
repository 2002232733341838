//! Project (任务书): what was promised for public money, by whom, in which province, and what came of it.
//!
//! plan → publicised → signed → running ⇄ milestone-failed → user-tested → accepted | result-only | failed | terminated;
//! until it is signed the lead may decline the award, and the office rescind it.
//! Each government pays its own partners, from its own purse, for milestones that were passed. Always: what a purse received is
//! what it paid, gave back and still has; no package is paid more than its part of the plan; honest failure says nothing
//! about anyone's integrity.

use grammar::prelude::*;

use crate::{account::Account, organisation::Organisation};

mod changes;
mod dates;
mod ending;
mod fields;
mod money;
mod past;
mod plan;
mod steps;
#[cfg(test)]
mod stories;
#[cfg(test)]
mod together;

pub use fields::{
    Adjustment, Agreement, AgreementForm, Benefit, Budget, Change, ChangeKind, Ending, Expense, ExpenseKind,
    Finding, FundSource, Head, LeaderGround, Milestone, Mode, Opening, Outcome, Package, Partner, Payer,
    Plan, Report, ReportKind, Verdict,
};
pub use past::{Asked, Dates, Debt, Drawn, Notch, Purse, Section, Status};

/// The joint office for joint research, the programme office for calls.
pub const OFFICE_NAMES: [&str; 2] = ["joint-office", "programme-office"];
const OFFICE: Who = Who::Either(&[Who::Office("joint-office"), Who::Office("programme-office")]);
/// The same, of every province that has a part in it.
const OFFICES: Who = Who::Either(&[Who::OfficeAmong("joint-office"), Who::OfficeAmong("programme-office")]);
const MEMBERS: Who = Who::Either(&[Who::Party("lead"), Who::Party("partner"), Who::Party("leader")]);
const SIGNATORIES: Who =
    Who::Either(&[Who::Signatory("lead"), Who::Signatory("partner"), Who::Signatory("user")]);

/// A project as it stands now.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Project {
    itself: Ref<Project>,
    opening: Opening,
    opened: Day,
    status: Status,
    plan: Option<Box<Plan>>,
    version: u32,
    submitted: Option<Day>,
    approved: Vec<Region>,
    signed: Vec<Ref<Organisation>>,
    /// The leader's word for a lump sum.
    pledged: bool,
    notches: Vec<Notch>,
    dates: Dates,
    extended: bool,
    purses: Vec<Purse>,
    paid: Vec<(u32, u32, Money)>,
    spent: Vec<(u32, Head, Money)>,
    repaid: Vec<(u32, Money)>,
    asked: Vec<Asked>,
    reports: Vec<(ReportKind, i16, Day)>,
    midterm: Option<Verdict>,
    user_says: Option<bool>,
    acceptance_asked: Option<Day>,
    diligence: List<FileRef, 20>,
    tried: Option<Text<1000>>,
    /// What the firms and offices wrote last.
    remark: Option<Text<1000>>,
    ended: Option<Day>,
    finding: Option<Finding>,
    /// What was due and did not come.
    late: Vec<(Debt, Day)>,
}

/// What can be asked of it.
#[derive(Clone, Debug, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "verb", rename_all = "kebab-case")]
pub enum Command {
    Open(Box<Opening>),
    Draft(Box<Plan>),
    Submit,
    Return { remark: Text<1000> },
    Approve { region: Region },
    Pledge { accepts_negative_list: bool },
    Sign { organisation: Ref<Organisation>, commitment: bool },
    Countersign,
    Decline { reason: Text<500> },
    Rescind { reason: Text<500> },
    Fund { region: Region, source: FundSource, from: Ref<Account>, amount: Money },
    Pay { package: Between<1, 40>, milestone: Between<1, 20>, to: Ref<Account> },
    Book { lines: List<Expense, 50> },
    Adjust(Adjustment),
    Deliver { milestone: Between<1, 20>, remark: Text<1000>, evidence: List<FileRef, 10> },
    Judge { milestone: Between<1, 20>, passed: bool, remark: Text<1000> },
    Resume { milestone: Between<1, 20>, due: Day, remark: Text<1000> },
    Report(Report),
    AskChange(Box<Change>),
    DecideChange { number: u32, granted: bool, remark: Text<1000> },
    JudgeMidterm { verdict: Verdict, remark: Text<1000> },
    TestByUser { passed: bool, remark: Text<1000>, report: FileRef },
    FileDiligence { tried: Text<1000>, records: List<FileRef, 20> },
    AskAcceptance,
    Conclude(Box<Ending>),
    Repay { package: Between<1, 40>, from: Ref<Account>, amount: Money },
    Remind,
}

/// What can have happened to it. Additions only: these words stay in the log for good.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(tag = "event", rename_all = "kebab-case")]
pub enum Event {
    Opened { itself: Ref<Project>, on: Day, plan_until: Day, opening: Box<Opening> },
    Drafted { version: u32, changed: Vec<Section>, plan: Box<Plan> },
    Submitted { on: Day, indirect_most: Option<Money> },
    Returned { remark: Text<1000> },
    Approved { region: Region, is_last: bool },
    Pledged {},
    Signed { organisation: Ref<Organisation> },
    Countersigned { dates: Dates, milestones: Vec<Day> },
    Declined { on: Day, reason: Text<500> },
    Rescinded { on: Day, reason: Text<500> },
    Funded { region: Region, source: FundSource, from: Ref<Account>, wallet: Ref<Account>, amount: Money },
    Paid { package: u32, milestone: u32, to: Ref<Account>, amount: Money, drawn: Vec<Drawn> },
    Booked { lines: List<Expense, 50> },
    Adjusted(Adjustment),
    Delivered { milestone: u32, on: Day, remark: Text<1000>, evidence: List<FileRef, 10> },
    MilestonePassed { milestone: u32, on: Day, remark: Text<1000> },
    MilestoneFailed { milestone: u32, on: Day, remark: Text<1000> },
    Resumed { milestone: u32, due: Day, remark: Text<1000> },
    Reported { on: Day, report: Report },
    ChangeAsked { number: u32, on: Day, change: Box<Change> },
    ChangeGranted { number: u32, change: Box<Change>, dates: Dates, remark: Text<1000> },
    ChangeDenied { number: u32, remark: Text<1000> },
    MidtermJudged { verdict: Verdict, remark: Text<1000> },
    UserTested { passed: bool, on: Day, remark: Text<1000>, report: FileRef },
    DiligenceFiled { tried: Text<1000>, records: List<FileRef, 20> },
    AcceptanceAsked { on: Day },
    Concluded { on: Day, ending: Box<Ending>, diligent: bool, surplus: Money, returned: Vec<Drawn> },
    Repaid { package: u32, amount: Money, drawn: Vec<Drawn> },
    Overdue { on: Day, debts: Vec<Debt> },
}

/// Why it says no. The sentences are in `words.*.toml`, under the same names.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "code", rename_all = "kebab-case")]
pub enum Refusal {
    NoPlan,
    MayHoldSecrets,
    NotAnAmount { amount: Money },
    NotAPartner { organisation: Ref<Organisation> },
    NoPackageFor { organisation: Ref<Organisation> },
    AnotherProvince { region: Region, expected: Region },
    ProvincePaysOther { region: Region, planned: Money, granted: Money },
    PublicMoneyDiffers { planned: Money, granted: Money },
    OwnMoneyMissing { planned: Money, promised: Money },
    PartsNotWhole { sum: i64 },
    BenefitsNotWhole,
    NoMilestones,
    NoBudget,
    BudgetInLumpSum,
    BudgetDiffers { planned: Money, granted: Money },
    TooMuchIndirect { most: Money },
    LateMilestone { months: i64 },
    NotSubmitted,
    NotYourProvince { region: Region },
    ApprovedAlready,
    SignedAlready,
    NoCommitment,
    NotSigned { organisation: Ref<Organisation> },
    NotPledged,
    MoreThanPlanned { left: Money },
    NotAFund,
    NoSuchPackage { package: i64 },
    NoSuchMilestone { milestone: i64 },
    NotPassed { milestone: i64 },
    PaidAlready,
    NotEnoughInPurse { left: Money },
    NotThePartnersAccount,
    OnNegativeList { kind: ExpenseKind },
    HeadIsUsedUp { head: Head, left: Money },
    HeadIsFixed { head: Head },
    OnlyTheUnit,
    OnlyTheLeader,
    OtherMilestoneWaits { milestone: u32 },
    NoEvidence,
    DueInThePast { due: Day },
    TooManyReports { max: usize },
    NoDataDeposit,
    ChangeIncomplete,
    NoConsents,
    ExtendedAlready,
    ExtensionTooLong { most: i64 },
    TooLateToExtend { ended: Day },
    ChangeWaits { number: u32 },
    NoSuchChange { number: u32 },
    TooManyChanges { max: usize },
    NotTestedByUser,
    MilestonesOpen { milestone: u32 },
    NoFinalReport,
    PanelNotConcluded,
    NoFeasibilityPlan,
    NothingTried,
    NoDiligencePack,
    MoreThanOwed { owed: Money },
}

use Command::*;

impl Desk for Project {
    const NAME: &'static str = "project";
    const OPENS: &'static [&'static str] = &["open"];
    const WORDS: [&'static str; 2] = [include_str!("words.zh.toml"), include_str!("words.en.toml")];
    const RULES: &'static str = include_str!("rules.toml");
    type Command = Command;
    type Event = Event;
    type Refusal = Refusal;

    fn who(command: &Command) -> Who {
        match command {
            Open(_) => Who::Desk("allocation"),
            Draft(_) | Deliver { .. } | Report(_) => Who::Either(&[Who::Party("lead"), Who::Party("leader")]),
            Submit | AskChange(_) | AskAcceptance | FileDiligence { .. } | Decline { .. } => {
                Who::Signatory("lead")
            }
            Pledge { .. } => Who::Party("leader"),
            Sign { .. } => SIGNATORIES,
            Repay { .. } => Who::Either(&[Who::Signatory("lead"), Who::Signatory("partner")]),
            Approve { .. } => OFFICES,
            Fund { .. } => Who::OfficeAmong("treasurer"),
            Pay { .. } => Who::Two(&Who::OfficeAmong("treasurer")),
            Book { .. } | Adjust(_) => MEMBERS,
            TestByUser { .. } => Who::Signatory("user"),
            Countersign | Conclude(_) | Rescind { .. } => Who::Two(&OFFICE),
            Return { .. } | Judge { .. } | Resume { .. } => OFFICE,
            DecideChange { .. } | JudgeMidterm { .. } => OFFICE,
            Remind => Who::Clock,
        }
    }

    fn decide(this: Option<&Self>, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Some(p) = this else { return steps::open(command, ctx) };
        match command {
            Draft(_) | Submit | Return { .. } | Approve { .. } => p.is_planned(command, ctx),
            Pledge { .. } | Sign { .. } | Countersign => p.is_signed(command, ctx),
            Fund { .. } | Pay { .. } | Book { .. } | Adjust(_) | Repay { .. } => p.moves_money(command, ctx),
            FileDiligence { .. } | AskAcceptance | Conclude(_) | TestByUser { .. } => p.ends(command, ctx),
            Decline { .. } | Rescind { .. } => p.never_begins(command, ctx),
            _ => p.goes_on_with(command, ctx),
        }
    }

    fn apply(this: Option<Self>, event: &Event) -> Self {
        match this {
            None => Self::begun(event),
            Some(mut p) => {
                p.becomes(event);
                p
            }
        }
    }

    fn due(&self) -> Option<Due<Command>> {
        self.debts().into_iter().map(|(_, day)| day).min().map(|day| Due::after(day, Remind))
    }

    fn card(&self) -> Card {
        self.front()
    }

    fn is_certificate(&self) -> bool {
        !matches!(self.status, Status::Plan | Status::Publicised | Status::Declined | Status::Rescinded)
    }

    /// Who works on what with how much public money is public, and how it ended. The agreement, evidence and books are for
    /// the partners, the user, and the offices of the provinces that pay.
    fn veil(&mut self, viewer: &Viewer) -> Sight {
        if !self.shows_all_to(viewer) {
            self.hide();
        }
        Sight::Seen
    }

    fn veil_event(this: &Self, event: Event, viewer: &Viewer) -> Option<Event> {
        (this.shows_all_to(viewer) || past::is_public(&event)).then_some(event)
    }

    fn check(&self) {
        for purse in &self.purses {
            assert!(purse.paid + purse.returned <= purse.received && purse.repaid <= purse.paid);
        }
        for (package, number) in self.packages().iter().zip(1..) {
            assert!(self.paid_to(number) <= package.public_money, "paid more than planned");
        }
        assert!(self.status.is_over() == self.ended.is_some());
    }
}
