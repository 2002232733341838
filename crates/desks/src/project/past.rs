//! Past: what a project keeps of its way, what it shows on its card, and what of it is public.

use grammar::prelude::*;

use super::{
    Event::{self, *},
    FundSource, Project,
    fields::{Change, Package, Partner},
};
use crate::{account::Account, organisation::Organisation};

/// How far a project has come. On paper `user-tested`; the keys of `[status]`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    Plan,
    Publicised,
    Signed,
    Running,
    MilestoneFailed,
    UserTested,
    Accepted,
    ResultOnly,
    Failed,
    Terminated,
    /// The lead does not take the award.
    Declined,
    /// The office takes it back before anyone has signed for it.
    Rescinded,
}

impl Status {
    pub fn is_over(self) -> bool {
        let is_judged = matches!(self, Self::Accepted | Self::ResultOnly | Self::Failed | Self::Terminated);
        is_judged || self.never_began()
    }

    /// Whether the award came to nothing: its money is free for whoever is in reserve.
    #[must_use]
    pub fn never_began(self) -> bool {
        matches!(self, Self::Declined | Self::Rescinded)
    }

    /// Whether work is under way.
    pub fn works(self) -> bool {
        matches!(self, Self::Signed | Self::Running | Self::MilestoneFailed | Self::UserTested)
    }
}

/// A part of the plan, to say what a new version changes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Section {
    Goals,
    Indicators,
    Agreement,
    Packages,
    Milestones,
    Budget,
}

/// How far a milestone is.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Notch {
    pub due: Day,
    pub delivered: Option<Day>,
    /// Whether the office let it pass.
    pub passed: Option<bool>,
    pub evidence: List<FileRef, 10>,
}

/// Money that one source in one region has set aside for the project.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Purse {
    pub region: Region,
    pub source: FundSource,
    pub fund: Ref<Account>,
    pub wallet: Ref<Account>,
    pub received: Money,
    pub paid: Money,
    /// What went home to the fund.
    pub returned: Money,
    /// What partners paid back to the fund.
    pub repaid: Money,
}

impl Purse {
    pub fn left(&self) -> Money {
        self.received - self.paid - self.returned
    }
}

/// What was taken from one purse.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Drawn {
    pub wallet: Ref<Account>,
    pub fund: Ref<Account>,
    pub amount: Money,
}

/// A change that was asked for.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Asked {
    pub number: u32,
    pub on: Day,
    pub change: Change,
    pub granted: Option<bool>,
}

/// The days that were fixed when it was signed.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Dates {
    pub plan_until: Option<Day>,
    pub signed: Option<Day>,
    pub ends: Option<Day>,
    pub money_until: Option<Day>,
    pub final_until: Option<Day>,
    pub acceptance_until: Option<Day>,
    /// Days after the end of a year in which its report is due.
    pub yearly_days: i64,
}

/// Something that is due.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "what", rename_all = "kebab-case")]
pub enum Debt {
    Plan,
    Money,
    Milestone { number: u32 },
    Annual { year: i16 },
    Final,
    Acceptance,
}

/// Whether everyone may read this line of history.
pub fn is_public(event: &Event) -> bool {
    match event {
        Opened { .. } | Submitted { .. } | Approved { .. } | Signed { .. } | Countersigned { .. } => true,
        MidtermJudged { .. } | AcceptanceAsked { .. } => true,
        // That it came to nothing shows in its state; why is for those it concerns.
        Declined { .. } | Rescinded { .. } => false,
        Drafted { .. } | Returned { .. } | Pledged {} | Funded { .. } | Paid { .. } | Booked { .. } => false,
        Adjusted(_) | Delivered { .. } | MilestonePassed { .. } | MilestoneFailed { .. } | Resumed { .. } => {
            false
        }
        Reported { .. } | ChangeAsked { .. } | ChangeGranted { .. } | ChangeDenied { .. } => false,
        UserTested { .. } | DiligenceFiled { .. } | Concluded { .. } | Repaid { .. } | Overdue { .. } => {
            false
        }
    }
}

impl Project {
    pub(super) fn packages(&self) -> &[Package] {
        self.plan.as_ref().map_or(&[], |plan| &plan.packages)
    }

    /// Lead and partners.
    pub(super) fn members(&self) -> impl Iterator<Item = Ref<Organisation>> + '_ {
        std::iter::once(self.opening.lead).chain(self.opening.partners.iter().map(|p| p.organisation))
    }

    /// Provinces in which partners are, each once.
    pub(super) fn provinces(&self) -> Vec<Region> {
        let places = self.opening.partners.iter().map(|partner: &Partner| partner.region);
        let mut all: Vec<Region> =
            std::iter::once(self.opening.lead_region).chain(places).map(Region::province).collect();
        all.sort();
        all.dedup();
        all
    }

    pub(super) fn paid_to(&self, package: u32) -> Money {
        self.paid.iter().filter(|(to, ..)| *to == package).map(|(.., amount)| *amount).sum()
    }

    pub(super) fn front(&self) -> Card {
        let o = &self.opening;
        let paid: Money = self.paid.iter().map(|(.., amount)| *amount).sum();
        let mut card = Card::new()
            .title(&o.title)
            .status(&grammar::desk::plain_word(&self.status))
            .region(o.lead_region)
            .party("itself", self.itself.id())
            .party("lead", o.lead.id())
            .party("candidate", o.candidate)
            .amount(o.public_money)
            .from(self.opened)
            .fact("total", o.public_money + o.own_money)
            .fact("public_money", o.public_money)
            .fact("paid", paid)
            .fact("late", self.late.len())
            .fact("plan_submitted", self.submitted.is_some())
            .inside("lead")
            .inside("partner")
            .inside("leader")
            .inside("user")
            .inside_office("joint-office")
            .inside_office("programme-office")
            .inside_office("treasurer")
            .inside_office("auditor");
        let mut regions = vec![o.lead_region];
        for partner in o.partners.iter() {
            card = card.party("partner", partner.organisation.id());
            regions.push(partner.region);
        }
        regions.sort();
        regions.dedup();
        for province in self.provinces() {
            card = card.also_in(province);
        }
        let parties = [("leader", o.leader.map(|l| l.id())), ("user", o.user.map(|u| u.id()))];
        let records = [("need", o.need.map(|need| need.id())), ("call", o.call)];
        for (part, who) in parties.into_iter().chain(records) {
            card = who.into_iter().fold(card, |card, who| card.party(part, who));
        }
        card = self.dates.ends.into_iter().fold(card, Card::until);
        // Whoever may not read the plan does not learn who has approved or signed it.
        if self.status == Status::Plan && self.plan.is_some() && self.submitted.is_some() {
            let mut unapproved = self.provinces();
            unapproved.retain(|province| !self.approved.contains(province));
            card = card.fact("unapproved", unapproved);
        }
        if self.status == Status::Publicised && self.plan.is_some() {
            let mut unsigned = self.signers();
            unsigned.retain(|unit| !self.signed.contains(unit));
            card = card.fact("is_signed", unsigned.is_empty()).fact("unsigned", unsigned);
        }
        card.fact("partner_regions", regions)
    }

    /// Those inside, and the offices of every province that has a part in it.
    #[must_use]
    pub fn shows_all_to(&self, viewer: &Viewer) -> bool {
        let card = self.front();
        let offices = ["joint-office", "programme-office", "treasurer", "auditor"];
        let is_among = |place: &Region| offices.iter().any(|office| viewer.holds(office, *place));
        viewer.is_inside(&card) || card.also.iter().any(is_among)
    }

    pub(super) fn hide(&mut self) {
        self.plan = None;
        (self.purses, self.paid, self.spent, self.repaid) = (vec![], vec![], vec![], vec![]);
        (self.asked, self.reports, self.notches, self.late) = (vec![], vec![], vec![], vec![]);
        (self.diligence, self.remark) = (List::default(), None);
        (self.dates.plan_until, self.dates.money_until) = (None, None);
        self.finding = None;
    }
}
