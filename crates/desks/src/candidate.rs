//! Candidate: what a solution and an application have in common: partners, team, budget and milestones, and how
//! desks below tell either of them. Always: public money is what the three public sources pay, no more.

use grammar::prelude::*;

use crate::{
    application::{self, Application},
    organisation::Organisation,
    person::Person,
    solution::{self, Solution},
};

pub const PARTNERS_MAX: usize = 20;
pub const TEAM_MAX: usize = 40;
pub const LINES_MAX: usize = 60;
pub const MILESTONES_MAX: usize = 12;

/// An organisation that works with the lead, and for what.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Partner {
    pub organisation: Ref<Organisation>,
    pub role: Text<300>,
}

/// As what someone takes part: one leader, any number of members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Role {
    Leader,
    Member,
}

/// Someone of the team. Added one by one, each by an organisation that knows the person.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Member {
    pub person: Ref<Person>,
    pub organisation: Ref<Organisation>,
    pub role: Role,
    pub task: Text<300>,
    /// Months of work in a year.
    pub months_a_year: Between<1, 12>,
    /// Whether the person has a senior title: other limits hold then.
    #[serde(default)]
    pub senior: Option<bool>,
}

/// Where money comes from, in the order in which it is expected (NJ-R05).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
#[schemars(inline)]
pub enum Source {
    CentralGuidance,
    Province,
    Prefecture,
    NeedOwner,
    OwnFunds,
    OtherFunds,
}

impl Source {
    #[must_use]
    pub fn is_public(self) -> bool {
        self <= Self::Prefecture
    }
}

/// One part of the budget: who pays, and who of the team spends it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Line {
    pub source: Source,
    /// The region whose government pays, for public money.
    pub payer: Option<Region>,
    pub organisation: Ref<Organisation>,
    pub amount: Money,
}

/// What is to be shown by when, and what is paid on it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Milestone {
    /// Counted from the start.
    pub month: Between<1, 120>,
    pub title: Text<300>,
    pub evidence: Text<500>,
    /// Public money paid when it is passed.
    pub pays: Money,
}

/// What a panel found, as the applicant may read it: never by whom (PG-R05).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Outcome {
    pub panel: Id,
    pub on: Day,
    /// Hundredths, 0 to 10,000.
    pub score: u32,
    pub spread: u32,
    pub rank: Option<u32>,
    pub comments: List<Text<4000>, 20>,
}

/// The highest score, in hundredths.
pub const SCORE_MAX: u32 = 10_000;

#[must_use]
pub fn public_money(lines: &[Line]) -> Money {
    lines.iter().filter(|line| line.source.is_public()).map(|line| line.amount).sum()
}

#[must_use]
pub fn total(lines: &[Line]) -> Money {
    lines.iter().map(|line| line.amount).sum()
}

/// What a panel or an allocation tells a candidate, whichever desk it lies at.
#[derive(Clone, Debug)]
pub enum Word {
    BeginReview { panel: Id },
    TakeResult { panel: Id, score: u32, spread: u32, rank: Option<u32>, comments: List<Text<4000>, 20> },
    Shortlist,
    Select { project: Id, public_money: Money },
    Reject { reason: Text<1000> },
}

/// `None` for a record that is no candidate.
#[must_use]
pub fn told(candidate: Id, word: &Word) -> Option<Tell> {
    match candidate.as_str().split_once('-').map_or("", |(desk, _)| desk) {
        Solution::NAME => Some(tell::<Solution>(candidate.r(), &solution::Command::from(word.clone()))),
        Application::NAME => {
            Some(tell::<Application>(candidate.r(), &application::Command::from(word.clone())))
        }
        _ => None,
    }
}

/// Whether two organisations are one, or one stands above the other, or the same one above both. The command names
/// both.
#[must_use]
pub fn are_affiliated(one: Ref<Organisation>, other: Ref<Organisation>, ctx: &Ctx) -> bool {
    let family = |organisation: Ref<Organisation>| {
        let card = ctx.see(organisation);
        let above = card.holders("parent").chain(card.holders("successor"));
        std::iter::once(organisation.id()).chain(above).collect::<Vec<Id>>()
    };
    let close = family(other);
    family(one).iter().any(|id| close.contains(id))
}
