//! Candidate: what a solution and an application have in common: partners, team, budget and milestones, and how
//! desks below tell either of them. Always: public money is what the three public sources pay, no more.

use std::collections::{BTreeMap, BTreeSet};

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

/// The lines of a budget as other desks compare them: source, amount and who spends it. Each once.
#[must_use]
pub fn counted(lines: &[Line]) -> BTreeSet<(String, Money, Id)> {
    let plain = lines.iter().filter(|line| line.amount.is_positive());
    plain.map(|line| (grammar::desk::plain_word(&line.source), line.amount, line.organisation.id())).collect()
}

/// A name shorter than this is not looked for in a text: it would be found in any.
const NAME_LEAST: usize = 4;

/// Where those of a team sit. Whoever is no partner counts as the lead.
pub struct Homes<'a> {
    pub lead: Region,
    pub partners: &'a [Partner],
    /// In the order of the partners.
    pub regions: &'a [Region],
}

impl Homes<'_> {
    #[must_use]
    pub fn of(&self, organisation: Ref<Organisation>) -> Region {
        let place = self.partners.iter().position(|partner| partner.organisation == organisation);
        place.and_then(|place| self.regions.get(place)).copied().unwrap_or(self.lead)
    }

    /// The provinces of the lead and the partners, each once.
    #[must_use]
    pub fn provinces(&self) -> BTreeSet<Region> {
        std::iter::once(&self.lead).chain(self.regions).map(|region| region.province()).collect()
    }

    /// What each region's government is asked for: as a line says, else the region of whom it pays.
    #[must_use]
    pub fn payers(&self, lines: &[Line]) -> Vec<(Region, Money)> {
        let mut payers: BTreeMap<Region, Money> = BTreeMap::new();
        for line in lines.iter().filter(|line| line.source.is_public() && line.amount.is_positive()) {
            *payers.entry(line.payer.unwrap_or(self.of(line.organisation))).or_default() += line.amount;
        }
        payers.into_iter().collect()
    }
}

/// The first organisation that stands twice among these.
#[must_use]
pub fn twice(organisations: &[Ref<Organisation>]) -> Option<Ref<Organisation>> {
    let is_again = |(place, one): &(usize, &Ref<Organisation>)| {
        organisations.iter().take(*place).any(|other| other == *one)
    };
    organisations.iter().enumerate().find(is_again).map(|(_, one)| *one)
}

/// The first of these organisations that a text names, in either language.
#[must_use]
pub fn named_in(
    text: &str,
    organisations: impl IntoIterator<Item = Ref<Organisation>>,
    ctx: &Ctx,
) -> Option<Ref<Organisation>> {
    let text = text.to_lowercase();
    organisations.into_iter().find(|organisation| {
        let card = ctx.see(*organisation);
        let names = [card.title_zh.to_lowercase(), card.title_en.to_lowercase()];
        names.iter().any(|name| name.chars().count() >= NAME_LEAST && text.contains(name))
    })
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
    match candidate.desk() {
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
