//! Fields: what a solution says, which of it reviewers of a blind stage read, and what makes sense in it.

use std::collections::BTreeSet;

use grammar::prelude::*;

use super::{
    Refusal::{self, *},
    promises::{Promise, coverage},
};
use crate::{
    achievement::NO_SECRETS,
    candidate::{
        Homes, LINES_MAX, Line, MILESTONES_MAX, Milestone, PARTNERS_MAX, Partner, named_in, public_money,
        total, twice,
    },
    need::{Indicators, Need},
    organisation::Organisation,
};

/// Reviewers of a blind stage read `title` and the fields up to `milestones`; the rest is the open part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Fields {
    pub need: Ref<Need>,
    pub lead: Ref<Organisation>,
    pub title: Bilingual<200>,
    /// How the aim is to be reached. Blind: names nobody.
    pub route: Option<Text<8000>>,
    /// What the team has done before. Blind: names nobody.
    pub foundation: Option<Text<4000>>,
    pub risk: Option<Text<2000>>,
    #[serde(default)]
    pub promises: List<Promise, 20>,
    pub trl_now: Option<Between<1, 9>>,
    pub trl_target: Option<Between<1, 9>>,
    pub months: Between<1, 120>,
    #[serde(default)]
    pub milestones: List<Milestone, MILESTONES_MAX>,
    /// What the need's owner reads once it is shortlisted.
    pub summary: Bilingual<2000>,
    #[serde(default)]
    pub partners: List<Partner, PARTNERS_MAX>,
    pub total: Money,
    pub public_money: Money,
    /// The least public money with which it still makes sense.
    pub minimum: Option<Money>,
    #[serde(default)]
    pub budget: List<Line, LINES_MAX>,
    /// Rights the team brings along, with their holders.
    #[serde(default)]
    pub ip_background: List<Text<500>, 20>,
    pub ip_terms: Option<Text<2000>>,
    #[serde(default)]
    pub keywords: List<Text<40>, 20>,
    /// The solver answers for the promised indicators (军令状).
    pub commitment: bool,
    pub no_secrets: bool,
}

/// What the cards said of the need and the team when the fields were written.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Seen {
    pub owners: List<Ref<Organisation>, 31>,
    /// The lead region: that of the need's owner.
    pub region: Region,
    pub field: Text<40>,
    pub targets: Indicators,
    pub lead_region: Region,
    /// In the order of the partners.
    pub partner_regions: List<Region, PARTNERS_MAX>,
}

impl Seen {
    pub fn of(fields: &Fields, ctx: &Ctx) -> Self {
        let need = ctx.see(fields.need);
        let owners = need.holders("owner").chain(need.holders("co-owner")).map(Id::r).collect();
        let regions = fields.partners.iter().map(|p| ctx.see(p.organisation).scope()).collect();
        Self {
            owners: List::new(owners).unwrap_or_default(),
            region: need.scope(),
            field: need.field.as_deref().and_then(Text::read).unwrap_or_else(other_field),
            targets: need.read("indicators").unwrap_or_default(),
            lead_region: ctx.see(fields.lead).scope(),
            partner_regions: List::new(regions).unwrap_or_default(),
        }
    }

    /// Where those of the team sit.
    pub fn homes<'a>(&'a self, fields: &'a Fields) -> Homes<'a> {
        Homes { lead: self.lead_region, partners: &fields.partners, regions: &self.partner_regions }
    }
}

fn other_field() -> Text<40> {
    Text::read("other").unwrap_or_else(|| impossible("a word that is no text"))
}

impl Fields {
    /// Everyone of the team, the lead first.
    pub fn organisations(&self) -> impl Iterator<Item = Ref<Organisation>> {
        std::iter::once(self.lead).chain(self.partners.iter().map(|partner| partner.organisation))
    }

    /// Those who are to receive public money, each once.
    pub fn paid(&self) -> BTreeSet<Ref<Organisation>> {
        let paid = self.budget.iter().filter(|line| line.source.is_public() && line.amount.is_positive());
        paid.map(|line| line.organisation).collect()
    }

    /// The texts that reviewers of a blind stage read, after the title.
    fn blind_texts(&self) -> String {
        let title = self.title.joined();
        let promises = self.promises.iter().filter_map(|promise| promise.evidence.as_deref());
        let milestones = self.milestones.iter().flat_map(|m| [&*m.title, &*m.evidence]);
        let texts = [self.route.as_deref(), self.foundation.as_deref(), self.risk.as_deref()];
        let all = texts.into_iter().flatten().chain(promises).chain(milestones);
        std::iter::once(title.as_str()).chain(all).collect::<Vec<_>>().join("\n")
    }

    /// Blanks the blind part and what only insiders read: what is left is open to the need's owner.
    pub fn keep_open_part(&mut self) {
        (self.route, self.foundation, self.risk, self.minimum) = (None, None, None, None);
        (self.ip_background, self.ip_terms) = (List::default(), None);
        self.promises.iter_mut().for_each(|promise| promise.evidence = None);
    }

    /// Blanks everything but what stands in a published plan: title, lead, partners, public money.
    pub fn keep_public_part(&mut self) {
        self.keep_open_part();
        (self.promises, self.milestones, self.budget) = (List::default(), List::default(), List::default());
        (self.trl_now, self.trl_target) = (None, None);
        (self.total, self.keywords) = (self.public_money, List::default());
        self.summary = Bilingual { zh: None, en: None };
    }
}

/// What makes sense in a draft. What a submission needs besides is looked at when it is submitted.
pub fn sensible(fields: &Fields, seen: &Seen, ctx: &Ctx) -> Result<(), No<Refusal>> {
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
    for (place, promise) in fields.promises.iter().enumerate() {
        let indicator = promise.indicator.clone();
        let again = fields.promises.iter().take(place).any(|other| other.indicator == indicator);
        let known = seen.targets.iter().any(|target| target.name == indicator);
        ensure(known && !again, NotATarget { indicator })?;
    }
    names_nobody(fields, ctx)
}

/// The blind part names none of the team's organisations.
fn names_nobody(fields: &Fields, ctx: &Ctx) -> Result<(), No<Refusal>> {
    match named_in(&fields.blind_texts(), fields.organisations(), ctx) {
        Some(organisation) => Err(NamedInBlindPart { organisation }).by(super::BLIND),
        None => Ok(()),
    }
}

/// The parts of the budget and of the payments make their wholes.
pub fn adds_up(fields: &Fields) -> Result<(), No<Refusal>> {
    let (sum, public) = (total(&fields.budget), public_money(&fields.budget));
    let pays: Money = fields.milestones.iter().map(|m| m.pays).sum();
    let least = fields.minimum.unwrap_or(Money::ZERO);
    ensure(fields.total.is_positive(), NotAnAmount { amount: fields.total })?;
    ensure(sum == fields.total, BudgetDoesNotSum { sum, total: fields.total }).by(super::SUMS)?;
    ensure(
        public == fields.public_money,
        PublicDoesNotSum { sum: public, public_money: fields.public_money },
    )
    .by(super::SUMS)?;
    ensure(least <= fields.public_money, MinimumIsMore { minimum: least })?;
    let (paid, public_money) = (pays, fields.public_money);
    ensure(pays == Money::ZERO || paid == public_money, MilestonesPayOther { paid, public_money })
        .by(super::SUMS)?;
    let months = fields.months.get();
    let late = fields.milestones.iter().find(|m| m.month.get() > months);
    Ok(ensure(late.is_none(), MilestoneTooLate { month: late.map_or(0, |m| m.month.get()), months })?)
}

/// The public money that a government would pay to a partner of another province.
pub fn crossing(fields: &Fields, seen: &Seen) -> Money {
    let homes = seen.homes(fields);
    let crosses = |line: &&Line| {
        line.payer.is_some_and(|payer| {
            payer.number() != 0 && payer.province() != homes.of(line.organisation).province()
        })
    };
    fields.budget.iter().filter(|line| line.source.is_public()).filter(crosses).map(|line| line.amount).sum()
}

/// What reviewers of a blind stage read, as one value.
pub fn blind(fields: &Fields, seen: &Seen) -> serde_json::Value {
    serde_json::json!({
        "title": fields.title, "route": fields.route, "foundation": fields.foundation, "risk": fields.risk,
        "promises": coverage(&seen.targets, &fields.promises), "trl_now": fields.trl_now,
        "trl_target": fields.trl_target, "months": fields.months, "milestones": fields.milestones,
        "total": fields.total, "public_money": fields.public_money, "provinces": seen.homes(fields).provinces().len(),
    })
}
