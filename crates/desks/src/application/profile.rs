//! Profile: what is known of the applicant, held against the call's conditions: shown while one writes, repeated with
//! the cards of the moment when it is handed in.

use grammar::prelude::*;

use super::{
    Application,
    Command::{self, *},
    Refusal::*,
};
use crate::{
    call::eligible::{Condition, Finding, Met, Profile, eligible},
    candidate::Role,
    organisation,
    person::{Engagement, Family, Stage},
};

/// Who misses a condition of the call cannot hand in.
const ELIGIBLE: Rule<bool> = rule("PG-P04");

/// How many projects someone leads now, and has ever led, by family.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Counts {
    pub running: Vec<(Family, i64)>,
    pub led: Vec<(Family, i64)>,
}

const FAMILIES: [Family; 5] = [
    Family::NaturalScienceFund,
    Family::NationalKey,
    Family::Municipal,
    Family::JointResearch,
    Family::Uncounted,
];

impl Counts {
    /// As a person's card says.
    pub fn of(card: &Card, today: Day) -> Self {
        let engagements: Vec<Engagement> = card.read("engagements").unwrap_or_default();
        let led: Vec<&Engagement> =
            engagements.iter().filter(|e| e.role == Role::Leader && e.stage == Stage::Running).collect();
        let count = |holds: &dyn Fn(&Engagement) -> bool| {
            let of = |family: Family| led.iter().filter(|e| e.family == family && holds(e)).count();
            FAMILIES.iter().map(|family| (*family, i64::try_from(of(*family)).unwrap_or(i64::MAX))).collect()
        };
        Self { running: count(&|e| e.ended.is_none() && today <= e.until), led: count(&|_| true) }
    }
}

/// What the cards of the unit and the leader say.
struct Known {
    region: Region,
    kind: Option<organisation::Kind>,
    established: Option<i64>,
    counts: Counts,
}

impl Application {
    /// Every condition of the call with what it comes to, as far as is known.
    pub(super) fn findings(&self) -> Vec<Finding> {
        let known = Known {
            region: self.seen.lead_region,
            kind: self.seen.lead_kind,
            established: self.seen.established,
            counts: self.counts.clone(),
        };
        eligible(&self.profile(known), &self.seen.conditions)
    }

    fn profile(&self, known: Known) -> Profile {
        let (facts, declared) = (self.leader_facts.as_ref(), &self.fields.declared);
        let leader = self.team.iter().find(|member| member.role == Role::Leader);
        let closes = i64::from(self.seen.closes.day().year());
        Profile {
            age: facts.map(|facts| facts.age.get()),
            is_woman: facts.and_then(|facts| facts.is_woman),
            title: facts.map(|facts| facts.title),
            degree: facts.map(|facts| facts.degree),
            recommenders: facts.map_or(0, |facts| facts.recommenders.get()),
            months_a_year: leader.map(|leader| leader.months_a_year.get()),
            unit_region: Some(known.region),
            unit_kind: known.kind,
            unit_years: known.established.map(|year| closes - year),
            partner_regions: self.seen.partner_regions.to_vec(),
            foreign_invested: declared.foreign_invested,
            own_percent: self.fields.own_percent(),
            running: known.counts.running,
            led: known.counts.led,
            co_funder_affiliate: Some(self.has_co_funder()),
            rights_in_the_city: declared.rights_in_the_city,
            export_checked: declared.export_checked,
            data_checked: declared.data_checked,
            genetic_checked: declared.genetic_checked,
            ethics_reviewed: declared.ethics_reviewed,
        }
    }

    /// Whether a co-funder itself is of the team. Affiliates are looked for by the call, which sees their cards.
    fn has_co_funder(&self) -> bool {
        self.fields.organisations().any(|organisation| self.seen.co_funders.contains(&organisation))
    }

    /// Answers its own question: silent when every condition is met.
    pub(super) fn weighs(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Weigh { call, lead, leader } = command.clone() else { return not_now() };
        let unit = ctx.see(lead);
        let known = Known {
            region: unit.scope(),
            kind: unit.read("kind"),
            established: unit.read("established"),
            counts: Counts::of(ctx.see(leader), ctx.today()),
        };
        let conditions: Vec<Condition> = ctx.see(call).read("conditions").unwrap_or_default();
        for Finding { condition, met, fact } in eligible(&self.profile(known), &conditions) {
            let looks = condition.looks;
            ensure(met != Met::No, NotEligible { looks, fact }).by(ELIGIBLE)?;
            ensure(met == Met::Yes, NotStated { looks }).by(ELIGIBLE)?;
        }
        Ok(Script::silent())
    }
}
