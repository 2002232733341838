//! Fields: what an application says, which of it reviewers of a blind stage read, and what makes sense in it.

use grammar::prelude::*;

use super::{
    BLIND,
    Refusal::{self, *},
    SUMS,
};
use crate::{
    achievement::NO_SECRETS,
    call::{
        Call, Topic,
        eligible::{Condition, Degree, Title},
    },
    candidate::{
        Homes, LINES_MAX, Line, MILESTONES_MAX, Milestone, PARTNERS_MAX, Partner, named_in, public_money,
        total, twice,
    },
    organisation::{self, Organisation},
    person::{Family, Person},
};

/// What the unit declares to have checked, where the call asks for it.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Declared {
    pub foreign_invested: Option<bool>,
    pub rights_in_the_city: Option<bool>,
    pub export_checked: Option<bool>,
    pub data_checked: Option<bool>,
    pub genetic_checked: Option<bool>,
    pub ethics_reviewed: Option<bool>,
}

/// An expert whom the applicant asks not to be reviewed by, and why. Considered, not obeyed (EP-R16).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct Avoid {
    /// Where the house knows them.
    pub person: Option<Ref<Person>>,
    pub name: Text<60>,
    pub unit: Text<120>,
    pub reason: Text<300>,
}

/// What is said of the leader. An age and no birthday: no more than the conditions look at.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
#[schemars(inline)]
pub struct LeaderFacts {
    /// On the day the call closes.
    pub age: Between<16, 100>,
    pub is_woman: Option<bool>,
    pub title: Title,
    pub degree: Degree,
    /// Recommenders of senior title from the same field.
    pub recommenders: Between<0, 5>,
}

/// Files that an application may carry.
const ATTACHMENTS_MAX: usize = 10;

/// Reviewers of a blind stage read `title` and the fields up to `milestones`; the rest is for the offices.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fields {
    pub call: Ref<Call>,
    /// The code of the topic it answers.
    pub topic: Text<24>,
    pub lead: Ref<Organisation>,
    pub title: Bilingual<200>,
    /// Aims, new ideas and the main route: what is asked first where a call has two stages.
    #[serde(default)]
    pub brief: Option<Text<3000>>,
    pub route: Option<Text<12000>>,
    pub foundation: Option<Text<6000>>,
    #[serde(default)]
    pub indicators: List<Text<300>, 20>,
    pub months: Between<1, 120>,
    #[serde(default)]
    pub milestones: List<Milestone, MILESTONES_MAX>,
    pub summary: Bilingual<2000>,
    #[serde(default)]
    pub partners: List<Partner, PARTNERS_MAX>,
    pub total: Money,
    pub public_money: Money,
    pub minimum: Option<Money>,
    #[serde(default)]
    pub budget: List<Line, LINES_MAX>,
    /// How it differs from what was funded before (PG-R14).
    pub differences: Option<Text<2000>>,
    #[serde(default)]
    pub declared: Declared,
    #[serde(default)]
    pub avoid: List<Avoid, 3>,
    /// What proves or explains it. Reviewers of a blind stage do not read it.
    #[serde(default)]
    pub attachments: List<FileRef, ATTACHMENTS_MAX>,
    #[serde(default)]
    pub keywords: List<Text<40>, 20>,
    pub no_secrets: bool,
}

/// What the cards said of the call and the team when the fields were written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    pub region: Region,
    pub family: Family,
    pub field: Text<40>,
    pub topic_version: u32,
    pub conditions: List<Condition, 30>,
    pub per_unit: Option<u32>,
    pub closes: Moment,
    /// Where a brief comes first: until when, and from when on the full texts of those invited are taken.
    #[serde(default)]
    pub brief_closes: Option<Moment>,
    #[serde(default)]
    pub full_opens: Option<Moment>,
    pub co_funders: List<Ref<Organisation>, 12>,
    pub lead_region: Region,
    pub lead_kind: Option<organisation::Kind>,
    pub established: Option<i64>,
    pub partner_regions: List<Region, PARTNERS_MAX>,
}

impl Seen {
    pub fn of(fields: &Fields, ctx: &Ctx) -> Self {
        let (call, lead) = (ctx.see(fields.call), ctx.see(fields.lead));
        let topics: Vec<Topic> = call.read("topics").unwrap_or_default();
        let topic = topics.iter().find(|topic| topic.code == fields.topic);
        let versions: Vec<(Text<24>, u32)> = call.read("topic_versions").unwrap_or_default();
        let version =
            versions.iter().find(|(code, _)| *code == fields.topic).map_or(1, |(_, number)| *number);
        let regions = fields.partners.iter().map(|p| ctx.see(p.organisation).scope()).collect();
        let field = topic.map_or_else(|| "other".to_owned(), |topic| topic.field.word());
        Self {
            region: call.scope(),
            family: call.read("family").unwrap_or(Family::Uncounted),
            field: Text::read(&field).unwrap_or_else(|| impossible(&field)),
            topic_version: version,
            conditions: call.read("conditions").unwrap_or_default(),
            per_unit: call.read("per_unit"),
            closes: call.read("closes").unwrap_or(ctx.now),
            brief_closes: call.read("brief_closes"),
            full_opens: call.read("full_opens"),
            co_funders: List::new(call.holders("co-funder").map(Id::r).collect()).unwrap_or_default(),
            lead_region: lead.scope(),
            lead_kind: lead.read("kind"),
            established: lead.read("established"),
            partner_regions: List::new(regions).unwrap_or_default(),
        }
    }

    /// Where those of the team sit.
    pub fn homes<'a>(&'a self, fields: &'a Fields) -> Homes<'a> {
        Homes { lead: self.lead_region, partners: &fields.partners, regions: &self.partner_regions }
    }
}

impl Fields {
    /// Everyone of the team, the lead first.
    pub fn organisations(&self) -> impl Iterator<Item = Ref<Organisation>> {
        std::iter::once(self.lead).chain(self.partners.iter().map(|partner| partner.organisation))
    }

    /// The texts that reviewers of a blind stage read.
    pub fn blind_text(&self) -> String {
        let title = self.title.joined();
        let milestones = self.milestones.iter().flat_map(|m| [&*m.title, &*m.evidence]);
        let indicators = self.indicators.iter().map(|indicator| &**indicator);
        let texts =
            [Some(title.as_str()), self.brief.as_deref(), self.route.as_deref(), self.foundation.as_deref()];
        let all = texts.into_iter().flatten().chain(indicators).chain(milestones);
        all.collect::<Vec<_>>().join("\n")
    }

    /// Own money in whole per cent of the total.
    pub fn own_percent(&self) -> Option<i64> {
        let own = self.total - self.public_money;
        (self.total.is_positive() && own >= Money::ZERO)
            .then(|| own.times(100, self.total.in_fen()).map(Money::in_fen))
            .flatten()
    }

    /// Blanks everything but what stands in a published list: title, lead, partners, public money.
    pub fn keep_public_part(&mut self) {
        (self.brief, self.route, self.foundation) = (None, None, None);
        (self.differences, self.minimum) = (None, None);
        (self.indicators, self.milestones) = (List::default(), List::default());
        (self.budget, self.keywords, self.avoid) = (List::default(), List::default(), List::default());
        self.attachments = List::default();
        (self.total, self.declared) = (self.public_money, Declared::default());
        self.summary = Bilingual { zh: None, en: None };
    }
}

/// What makes sense in a draft. What a submission needs besides is looked at when it is confirmed and submitted.
pub fn sensible(fields: &Fields, ctx: &Ctx) -> Result<(), No<Refusal>> {
    ensure(!fields.title.is_empty() && !fields.summary.is_empty(), NoTitle)?;
    ensure(fields.no_secrets, MayHoldSecrets).by(NO_SECRETS)?;
    let pays = fields.milestones.iter().map(|m| m.pays).chain(fields.budget.iter().map(|line| line.amount));
    for amount in [fields.total, fields.public_money].into_iter().chain(fields.minimum).chain(pays) {
        ensure(amount >= Money::ZERO, NotAnAmount { amount })?;
    }
    let all: Vec<_> = fields.organisations().collect();
    if let Some(organisation) = twice(&all) {
        return Err(PartnerTwice { organisation }.into());
    }
    for line in fields.budget.iter() {
        let organisation = line.organisation;
        ensure(all.contains(&organisation), NotInTheTeam { organisation })?;
    }
    match named_in(&fields.blind_text(), all, ctx) {
        Some(organisation) => Err(NamedInBlindPart { organisation }).by(BLIND),
        None => Ok(()),
    }
}

/// The parts of the budget and of the payments make their wholes.
pub fn adds_up(fields: &Fields) -> Result<(), No<Refusal>> {
    let (sum, public) = (total(&fields.budget), public_money(&fields.budget));
    let (paid, public_money) = (fields.milestones.iter().map(|m| m.pays).sum::<Money>(), fields.public_money);
    let minimum = fields.minimum.unwrap_or(Money::ZERO);
    ensure(public_money.is_positive(), NotAnAmount { amount: public_money })?;
    ensure(sum == fields.total, BudgetDoesNotSum { sum, total: fields.total }).by(SUMS)?;
    ensure(public == public_money, PublicDoesNotSum { sum: public, public_money }).by(SUMS)?;
    ensure(minimum <= public_money, MinimumIsMore { minimum })?;
    ensure(paid == Money::ZERO || paid == public_money, MilestonesPayOther { paid, public_money })
        .by(SUMS)?;
    let months = fields.months.get();
    let late = fields.milestones.iter().find(|m| m.month.get() > months);
    Ok(ensure(late.is_none(), MilestoneTooLate { month: late.map_or(0, |m| m.month.get()), months })?)
}
