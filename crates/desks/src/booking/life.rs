//! Life: quote, contract, schedule, start and stop, report, payment, rating.

use engines::booking::{DAY, MINUTE};
use grammar::prelude::*;

use super::{
    Booking,
    Command::{self, *},
    Event::*,
    Refusal::{self, *},
    Status,
    occupancy::{Beginning, laboratory_of},
};
use crate::{calendar::Times, instrument::Confirmation};

/// How long a quote stands, in days.
const QUOTE_DAYS: Rule<i64> = rule("BK-P01");
/// How long before its time a sitting may begin, in minutes.
const EARLY_MINUTES: Rule<i64> = rule("BK-P03");

type Said = Decision<Booking>;

impl Booking {
    pub(super) fn goes_its_way(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command.clone()) {
            (Status::Requested | Status::Quoted, Quote { price, note })
                if self.terms.confirmation == Confirmation::ByQuote =>
            {
                ensure(price >= Money::ZERO, NotAnAmount { amount: price })?;
                Ok(say(Quoted { price, until: ctx.now.plus_millis(ctx.rule(QUOTE_DAYS) * DAY), note }))
            }
            (Status::Quoted, Accept { contract }) => Ok(say(Contracted { price: self.price, contract })),
            (
                status @ (Status::Requested | Status::Contracted | Status::Scheduled),
                Schedule { operator, instrument },
            ) => {
                let is_agreed =
                    status != Status::Requested || self.terms.confirmation == Confirmation::AtOnce;
                if !is_agreed {
                    return not_now();
                }
                ensure(!self.terms.is_supervised || operator.is_some(), OperatorNeeded)?;
                self.is_licensed(operator, instrument, ctx)?;
                Ok(say(Scheduled { operator }))
            }
            (Status::Scheduled, Start(beginning)) => self.starts(&beginning, ctx),
            (Status::Running, Stop) => match self.running() {
                Some(sitting) => {
                    let sitting = sitting.times.from;
                    Ok(self.goes_out(Stopped { sitting, at: ctx.now, by_itself: false }))
                }
                None => not_now(),
            },
            (Status::Used, Report(report)) => {
                self.are_all_answered()?;
                let price = report.price.unwrap_or(self.price - self.unused(&report.used)?);
                ensure(price >= Money::ZERO, NotAnAmount { amount: price })?;
                ensure(price <= self.price, MoreThanAgreed { most: self.price })?;
                let took = self.takes_from_stock(&report);
                let said = say(Reported { report, price, minutes: self.ran() });
                Ok(took.into_iter().fold(said, Script::and))
            }
            (_, Pay { amount, means, reference }) => {
                self.may_be_paid(amount)?;
                Ok(say(Paid { amount, means, reference }))
            }
            (Status::Paid, Rate { stars, comment }) => Ok(say(Rated { stars, comment })),
            // Once, and for good.
            (Status::Rated, AnswerRating { text }) => match &self.rating {
                Some(rating) if rating.answer.is_none() => Ok(say(RatingAnswered { text })),
                _ => not_now(),
            },
            _ => not_now(),
        }
    }

    /// Whoever stands before the instrument reads its code off it, and is not alone where nobody else is.
    fn starts(&self, beginning: &Beginning, ctx: &Ctx) -> Said {
        let Beginning { instrument, code, .. } = beginning.clone();
        let Some(times) = self.ahead().map(|sitting| sitting.times) else { return not_now() };
        let from = times.from.plus_millis(-ctx.rule(EARLY_MINUTES) * MINUTE);
        if ctx.now >= times.until {
            return not_now();
        }
        ensure(instrument == self.request.instrument, AnotherInstrument)?;
        let card = ctx.see(instrument);
        ensure(card.status == "normal", NotInService)?;
        ensure(from <= ctx.now, TooEarlyToStart { from }).by(EARLY_MINUTES)?;
        // An instrument without a code is started by its keeper.
        let is_keeper = ctx.by.is(self.terms.provider.id());
        let is_right = card.read::<Text<20>>("door").map_or(is_keeper, |door| door == code);
        ensure(is_right, WrongCode)?;
        let companion = self.is_with(beginning, Times { from: ctx.now, until: times.until }, ctx)?;
        let laboratory = laboratory_of(card);
        Ok(self.goes_in(Started { sitting: times.from, at: ctx.now, laboratory, companion }))
    }

    /// What is owed: the price once it is scheduled, a fee when it came to nothing.
    fn may_be_paid(&self, amount: Money) -> Result<(), No<Refusal>> {
        let is_paid = matches!(self.status, Status::Paid | Status::Rated) && self.paid >= self.owed();
        if !self.status.is_agreed() || is_paid {
            return Err(No::NotNow);
        }
        Ok(is_within(amount, self.owed() - self.paid)?)
    }
}

/// Something, and no more than what is left.
pub(super) fn is_within(amount: Money, left: Money) -> Result<(), Refusal> {
    ensure(amount.is_positive(), NotAnAmount { amount })?;
    ensure(amount <= left, MoreThanOwed { left: left.max(Money::ZERO) })
}
