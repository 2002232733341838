//! Deputies: who acts for this person in certain days.
//!
//! named → accepted → ended, or over after the last day. While it lasts the deputy may act with the rights that
//! both persons have, and no others: what one of them may not know or do stays closed. Named again, the span of
//! days is another one and must be accepted anew.

use grammar::prelude::*;

use super::{Event::*, Person, Refusal::*};

/// Deputies at a time, named or accepted.
pub(super) const DEPUTIES_MAX: usize = 5;
/// How many days one naming lasts at most: a year.
const DAYS_MAX: i64 = 366;
/// The rights of a deputy are those that both have.
const BOTH: Rule<bool> = rule("PL-R14");

/// A deputy and the days for which one is named.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct Span {
    pub deputy: Ref<Person>,
    pub from: Day,
    pub until: Day,
}

#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Deputy {
    pub span: Span,
    pub accepted: bool,
}

/// All deputies of one person, oldest first.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Deputies(Vec<Deputy>);

impl Deputies {
    pub fn iter(&self) -> impl Iterator<Item = &Deputy> {
        self.0.iter()
    }

    pub(super) fn count(&self) -> usize {
        self.0.len()
    }

    fn find(&self, deputy: Ref<Person>) -> Option<&Deputy> {
        self.0.iter().find(|one| one.span.deputy == deputy)
    }

    pub(super) fn has(&self, viewer: &Viewer) -> bool {
        self.0.iter().any(|one| viewer.is_itself(one.span.deputy.id()))
    }

    /// What a deputy sees of them: the own span and no other.
    pub(super) fn keep_only(&mut self, viewer: &Viewer) {
        self.0.retain(|one| viewer.is_itself(one.span.deputy.id()));
    }

    /// Takes the place of an earlier naming, and of those that are over when there is no room.
    pub(super) fn add(&mut self, span: Span) {
        self.end(span.deputy);
        let begins = span.from;
        if self.0.len() >= DEPUTIES_MAX {
            self.0.retain(|one| begins <= one.span.until);
        }
        self.0.push(Deputy { span, accepted: false });
    }

    pub(super) fn accept(&mut self, deputy: Ref<Person>) {
        self.0.iter_mut().filter(|one| one.span.deputy == deputy).for_each(|one| one.accepted = true);
    }

    pub(super) fn end(&mut self, deputy: Ref<Person>) {
        self.0.retain(|one| one.span.deputy != deputy);
    }
}

impl Person {
    pub(super) fn names_deputy(&self, span: Span, ctx: &Ctx) -> Decision<Self> {
        let Span { deputy, from, until } = span;
        let lasting = |one: &&Deputy| one.span.deputy != deputy && from <= one.span.until;
        ensure(deputy != self.itself, NobodysOwnDeputy)?;
        ensure(ctx.see(deputy).status == "active", DeputyIsErased { deputy })?;
        ensure(from <= until, EndsBeforeItBegins { from, until })?;
        ensure(ctx.today() <= until, EndsInThePast { until })?;
        ensure(i64::from(from.days_until(until)) < DAYS_MAX, SpanTooLong { days: DAYS_MAX })?;
        ensure(
            self.deputies.iter().filter(lasting).count() < DEPUTIES_MAX,
            TooManyDeputies { max: DEPUTIES_MAX },
        )?;
        Ok(say(DeputyNamed(span)))
    }

    /// Only the deputy accepts: nobody takes over another's work unasked.
    pub(super) fn accepted_by(&self, deputy: Ref<Person>, ctx: &Ctx) -> Decision<Self> {
        ensure(ctx.by.is_itself(deputy.id()), NotForYou).by(BOTH)?;
        let named = self.deputies.find(deputy).filter(|one| !one.accepted);
        let until = named.ok_or(NoSuchDeputy { deputy })?.span.until;
        ensure(ctx.today() <= until, EndsInThePast { until })?;
        Ok(say(DeputyAccepted { deputy }))
    }

    pub(super) fn ends_deputy(&self, deputy: Ref<Person>, ctx: &Ctx) -> Decision<Self> {
        let is_one_of_both = [self.itself.id(), deputy.id()].into_iter().any(|id| ctx.by.is_itself(id));
        ensure(is_one_of_both, NotForYou).by(BOTH)?;
        self.deputies.find(deputy).ok_or(NoSuchDeputy { deputy })?;
        Ok(say(DeputyEnded { deputy, on: ctx.today() }))
    }
}
