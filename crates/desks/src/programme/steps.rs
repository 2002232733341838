//! Steps: what a programme decides when it is asked, and what it is after each event.

use grammar::prelude::*;

use super::{
    Command::{self, *},
    Event::{self, *},
    Kind, Programme, REVIEWS_MAX,
    Refusal::*,
    Review, Status,
    pact::{lawful, sensible},
};

/// Five years and five more, the second after an evaluation.
const SECOND_TERM: Rule<i64> = rule("PG-R31-AGAIN");
/// Whoever is no government confirms what it pays before it is adopted.
const CONFIRMED: Rule<bool> = rule("PG-P07");

pub(super) fn begin(command: &Command, ctx: &Ctx) -> Decision<Programme> {
    let Draft(terms) = command.clone() else { return not_now() };
    sensible(&terms)?;
    Ok(say(Drafted { itself: ctx.me.r(), terms }))
}

impl Programme {
    pub(super) fn asked(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        if let Carry { .. } = command {
            let carries = self.status == Status::Adopted && ctx.today() <= self.terms.until;
            ensure(carries, CarriesNoCalls)?;
            return Ok(Script::silent());
        }
        match (self.status, command.clone()) {
            (Status::Draft, Amend(terms)) => {
                sensible(&terms)?;
                Ok(say(Amended { terms }))
            }
            (Status::Draft, Confirm { funder }) => {
                let known = self.terms.funders.iter().any(|f| f.organisation == funder);
                ensure(known, NotAFunder { funder })?;
                ensure(ctx.by.signs_for.contains(&funder.id()), NotYoursToConfirm { funder })?;
                ensure(!self.has(funder), AlreadyConfirmed { funder })?;
                Ok(say(Confirmed { funder }))
            }
            (Status::Draft, Adopt) => {
                lawful(&self.terms, ctx)?;
                let others = self.terms.funders.iter().filter(|f| !f.role.is_government());
                for funder in others.map(|f| f.organisation) {
                    ensure(self.has(funder), NotConfirmed { funder }).by(CONFIRMED)?;
                }
                Ok(say(Adopted { on: ctx.today() }))
            }
            (Status::Adopted, Command::Review { year, text }) => self.reviewed(year.get(), text, ctx),
            (Status::Adopted, Renew { .. }) => self.renewed(command, ctx),
            (Status::Adopted, Close { reason }) => Ok(say(Closed { on: ctx.today(), reason })),
            _ => not_now(),
        }
    }

    fn reviewed(&self, year: i64, text: Text<2000>, ctx: &Ctx) -> Decision<Self> {
        let number = i16::try_from(year).unwrap_or(i16::MAX);
        let is_past = (self.terms.from.year()..=ctx.today().year()).contains(&number);
        let is_new = self.reviews.iter().all(|review| review.year != number);
        ensure(is_past, NotAYearOfIt { year })?;
        ensure(is_new, AlreadyReviewed { year })?;
        ensure(self.reviews.len() < REVIEWS_MAX, TooManyReviews { max: REVIEWS_MAX })?;
        Ok(say(Reviewed { review: Review { year: number, text } }))
    }

    /// The second term follows the first one without a gap, and is decided on in the first one's last year.
    fn renewed(&self, command: &Command, ctx: &Ctx) -> Decision<Self> {
        let Renew { evaluation, document, years } = command.clone() else { return not_now() };
        let from = self.terms.until.plus_months(-12);
        ensure(self.terms.kind == Kind::BasicResearchZone, NotAZone).by(SECOND_TERM)?;
        ensure(!self.renewed, AlreadyRenewed).by(SECOND_TERM)?;
        ensure(from <= ctx.today(), TooEarlyToRenew { from }).by(SECOND_TERM)?;
        let more = i32::try_from(ctx.rule(SECOND_TERM) * 12).unwrap_or(0);
        let until = self.terms.until.plus_months(more);
        for (place, year) in years.iter().enumerate() {
            let (number, amount) = (year.year.get(), year.amount);
            let again = years.iter().take(place).chain(self.terms.years.iter()).any(|y| y.year == year.year);
            let within = (i64::from(self.terms.until.year())..=i64::from(until.year())).contains(&number);
            ensure(amount >= Money::ZERO, NotAnAmount { amount })?;
            ensure(!again, YearTwice { year: number })?;
            ensure(within, YearOutside { year: number })?;
        }
        Ok(say(Renewed { evaluation, document, years, until }))
    }

    pub(super) fn begun(event: &Event) -> Self {
        let Drafted { itself, terms } = event.clone() else { impossible(event) };
        let (confirmed, reviews) = (List::default(), List::default());
        Self { itself, status: Status::Draft, terms, confirmed, reviews, renewed: false, remark: None }
    }

    pub(super) fn goes_on(&mut self, event: &Event) {
        match event.clone() {
            Drafted { .. } => impossible(event),
            // What was confirmed was another pact.
            Amended { terms } => (self.terms, self.confirmed) = (terms, List::default()),
            Confirmed { funder } => self.keep(|p| p.confirmed.push(funder)),
            Adopted { .. } => self.status = Status::Adopted,
            Reviewed { review } => self.keep(|p| p.reviews.push(review)),
            Renewed { years, until, .. } => {
                years.iter().for_each(|year| self.keep(|p| p.terms.years.push(year.clone())));
                (self.terms.until, self.renewed) = (until, true);
            }
            Closed { reason, .. } => (self.status, self.remark) = (Status::Closed, Some(reason)),
        }
    }

    /// `decide` has looked at the limit of the list before.
    fn keep(&mut self, push: impl FnOnce(&mut Self) -> bool) {
        if !push(self) {
            impossible("a full list")
        }
    }
}
