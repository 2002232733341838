//! Affiliations: the organisations a person belongs to, each with its days and whether the person signs.
//!
//! claimed → confirmed → ended; a claim that is never confirmed leaves no trace here. At most one that is
//! not ended for each organisation.

use grammar::prelude::*;

use super::{
    Person,
    Refusal::{self, *},
};
use crate::organisation::Organisation;

/// Affiliations that are claimed or confirmed at a time.
const OPEN_MAX: usize = 20;
/// Ended affiliations that the record still shows; older ones are in its history.
const ENDED_MAX: usize = 60;

#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Standing {
    Claimed,
    Confirmed,
    Ended,
}

/// What a person claims: to be with an organisation, as what, whether to sign for it, and in which days.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Claim {
    pub organisation: Ref<Organisation>,
    pub role: Text<80>,
    pub may_sign: bool,
    pub from: Day,
    pub until: Option<Day>,
}

/// One affiliation. `may_sign` counts once it is confirmed.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Affiliation {
    pub organisation: Ref<Organisation>,
    pub role: Text<80>,
    pub may_sign: bool,
    pub from: Day,
    pub until: Option<Day>,
    pub standing: Standing,
}

impl Affiliation {
    #[must_use]
    pub fn is_open(&self) -> bool {
        self.standing != Standing::Ended
    }

    #[must_use]
    pub fn is_confirmed(&self) -> bool {
        self.standing == Standing::Confirmed
    }
}

/// All affiliations of one person, oldest first.
#[derive(Clone, Debug, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Affiliations(Vec<Affiliation>);

impl Affiliations {
    /// The affiliation with `organisation` that is claimed or confirmed.
    #[must_use]
    pub fn open(&self, organisation: Ref<Organisation>) -> Option<&Affiliation> {
        self.all_open().find(|a| a.organisation == organisation)
    }

    pub fn all_open(&self) -> impl Iterator<Item = &Affiliation> {
        self.0.iter().filter(|a| a.is_open())
    }

    /// Those whose last day is over.
    pub fn over(&self, today: Day) -> impl Iterator<Item = &Affiliation> {
        self.all_open().filter(move |a| a.until.is_some_and(|until| until < today))
    }

    /// The next last day of an affiliation.
    #[must_use]
    pub fn next_end(&self) -> Option<Day> {
        self.all_open().filter_map(|a| a.until).min()
    }

    pub(super) fn can_claim(&self, claim: &Claim, ctx: &Ctx) -> Result<(), Refusal> {
        let &Claim { organisation, from, .. } = claim;
        let until = claim.until.unwrap_or(from.max(ctx.today()));
        ensure(ctx.see(organisation).status == "active", OrganisationIsGone { organisation })?;
        ensure(from <= until, EndsBeforeItBegins { from, until })?;
        ensure(ctx.today() <= until, EndsInThePast { until })?;
        ensure(self.open(organisation).is_none(), AlreadyAffiliated { organisation })?;
        ensure(self.all_open().count() < OPEN_MAX, TooManyAffiliations { max: OPEN_MAX })
    }

    pub(super) fn add(&mut self, claim: Claim) {
        let Claim { organisation, role, may_sign, from, until } = claim;
        let standing = Standing::Claimed;
        self.0.push(Affiliation { organisation, role, may_sign, from, until, standing });
        let ended = self.0.len() - self.all_open().count();
        if let Some(oldest) = self.0.iter().position(|a| !a.is_open()).filter(|_| ended > ENDED_MAX) {
            self.0.remove(oldest);
        }
    }

    /// Changes the open affiliation with `organisation`.
    pub(super) fn change(&mut self, organisation: Ref<Organisation>, change: impl FnOnce(&mut Affiliation)) {
        let open = self.0.iter_mut().find(|a| a.is_open() && a.organisation == organisation);
        change(open.unwrap_or_else(|| impossible(&("no open affiliation", organisation))));
    }

    pub(super) fn end(&mut self, organisation: Ref<Organisation>, on: Day) {
        self.0.retain(|a| a.organisation != organisation || a.standing != Standing::Claimed);
        if self.open(organisation).is_some() {
            self.change(organisation, |a| {
                a.standing = Standing::Ended;
                a.until = Some(on);
            });
        }
    }

    pub(super) fn keep_if(&mut self, keep: impl FnMut(&mut Affiliation) -> bool) {
        self.0.retain_mut(keep);
    }

    pub(super) fn check(&self) {
        assert!(self.all_open().count() <= OPEN_MAX && self.0.len() <= OPEN_MAX + ENDED_MAX);
        let organisations: std::collections::BTreeSet<_> = self.all_open().map(|a| a.organisation).collect();
        assert_eq!(organisations.len(), self.all_open().count(), "one open affiliation an organisation");
    }

    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

/// Deciding on them: the person claims, the organisation or a registrar confirms, either ends.
impl Person {
    fn answers_for(&self, organisation: Ref<Organisation>, by: &Viewer) -> bool {
        by.signs_for.contains(&organisation.id()) || by.holds("registrar", self.region)
    }

    fn opened(&self, organisation: Ref<Organisation>) -> Result<&Affiliation, Refusal> {
        self.affiliations.open(organisation).ok_or(NoSuchAffiliation { organisation })
    }

    /// Confirming and extending is for the organisation, and nobody does it for themselves.
    fn opened_by_another(&self, organisation: Ref<Organisation>, ctx: &Ctx) -> Result<&Affiliation, Refusal> {
        ensure(!ctx.by.is_touched(self.itself.id()), NotOneself)?;
        ensure(self.answers_for(organisation, ctx.by), NotYourOrganisation { organisation })?;
        self.opened(organisation)
    }

    pub(super) fn confirms(
        &self,
        organisation: Ref<Organisation>,
        ctx: &Ctx,
    ) -> Result<&Affiliation, Refusal> {
        let claim = self.opened_by_another(organisation, ctx)?;
        ensure(!claim.is_confirmed(), AlreadyAffiliated { organisation })?;
        ensure(claim.from <= ctx.today(), NotYetBegun { from: claim.from })?;
        Ok(claim)
    }

    pub(super) fn extends(
        &self,
        organisation: Ref<Organisation>,
        until: Option<Day>,
        ctx: &Ctx,
    ) -> Result<(), Refusal> {
        let affiliation = self.opened_by_another(organisation, ctx)?;
        let until = until.unwrap_or(ctx.today());
        ensure(affiliation.is_confirmed(), NoSuchAffiliation { organisation })?;
        ensure(ctx.today() <= until, EndsInThePast { until })
    }

    pub(super) fn ends(&self, organisation: Ref<Organisation>, ctx: &Ctx) -> Result<(), Refusal> {
        let itself = ctx.by.is_itself(self.itself.id());
        let allowed = itself || self.answers_for(organisation, ctx.by);
        ensure(allowed, NotYourOrganisation { organisation })?;
        self.opened(organisation).map(drop)
    }
}
