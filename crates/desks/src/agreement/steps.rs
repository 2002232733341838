//! What speaks for and against an agreement, what is paid for its hours, and what bookings take from it.

use grammar::prelude::*;

use super::{
    Agreement,
    Command::{self, *},
    Entry,
    Event::{self, *},
    Refusal::{self, *},
    Status, TAKEN_MAX, Taken,
};
use crate::booking::Booking;

/// The longest time for which two agree, in years.
const YEARS_MOST: Rule<i64> = rule("BK-P32");

type Said = Decision<Agreement>;

pub(super) fn begin(command: &Command, ctx: &Ctx) -> Said {
    let Offer(entry) = command.clone() else { return not_now() };
    makes_sense(&entry)?;
    ensure(ctx.today() <= entry.until, EndsInThePast { until: entry.until })?;
    let years = ctx.rule(YEARS_MOST);
    let months = i32::try_from(years * 12).unwrap_or(i32::MAX / 64);
    ensure(entry.until <= entry.from.plus_months(months), TooLong { years }).by(YEARS_MOST)?;
    for instrument in entry.instruments.iter() {
        let is_its = ctx.see(*instrument).holders("unit").any(|unit| unit == entry.provider.id());
        ensure(is_its, NotItsInstrument { instrument: *instrument })?;
    }
    let region = entry.instruments.iter().next().map(|first| ctx.see(*first).scope());
    let region = region.ok_or(NoInstrument)?;
    Ok(say(Offered { itself: ctx.me.r(), entry: Box::new(entry), region }))
}

fn makes_sense(entry: &Entry) -> Result<(), Refusal> {
    ensure(entry.provider != entry.buyer, OwnUnit)?;
    ensure(!entry.instruments.is_empty(), NoInstrument)?;
    ensure(entry.from <= entry.until, EndsBeforeItBegins)?;
    ensure(entry.hour.is_some() != entry.hours.is_some(), HourOrHours)?;
    ensure(entry.cap.is_none() || entry.hour.is_some(), CapWithoutHour)?;
    ensure(entry.price.is_none() || entry.hours.is_some(), PriceWithoutHours)?;
    let below = entry.hour.into_iter().chain(entry.price).find(|amount| *amount < Money::ZERO);
    ensure(below.is_none(), NotAnAmount { amount: below.unwrap_or_default() })?;
    let cap = entry.cap.unwrap_or(Money::fen(1));
    ensure(cap.is_positive(), NotAnAmount { amount: cap })
}

impl Agreement {
    pub(super) fn goes_on(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command.clone()) {
            (Status::Offered, Agree) => Ok(say(Agreed)),
            (Status::Offered, Decline { reason }) => Ok(say(Declined { reason })),
            (Status::InForce, Receive { amount, reference }) => {
                ensure(amount.is_positive(), NotAnAmount { amount })?;
                let left = self.unpaid();
                ensure(amount <= left, MoreThanPrice { left })?;
                Ok(say(Received { amount, reference }))
            }
            (Status::Offered | Status::InForce, End { reason }) => Ok(say(Ended { reason })),
            (_, Take { booking, amount, minutes }) => self.take(booking, amount, minutes.get()),
            (Status::Offered | Status::InForce, RunOut) if self.entry.until < ctx.today() => Ok(say(RanOut)),
            _ => not_now(),
        }
    }

    /// What a booking takes in all replaces what it took before; less is always possible, more while it is in force.
    fn take(&self, booking: Ref<Booking>, amount: Money, minutes: i64) -> Said {
        let before = self.taken.get(&booking.id()).copied().unwrap_or_default();
        let is_more = amount > before.amount || minutes > before.minutes;
        if is_more {
            let is_known = self.taken.contains_key(&booking.id());
            ensure(self.status == Status::InForce, NotInForce)?;
            if !is_known && self.taken.len() >= TAKEN_MAX {
                return not_now();
            }
            let unpaid = if self.entry.hours.is_some() { self.unpaid() } else { Money::ZERO };
            ensure(unpaid == Money::ZERO, NotPaidYet { left: unpaid })?;
            let left = self.amount_left().map(|left| left + before.amount);
            ensure(left.is_none_or(|left| amount <= left), CapReached { left: left.unwrap_or_default() })?;
            let left = self.minutes_left().map(|left| left + before.minutes);
            ensure(left.is_none_or(|left| minutes <= left), HoursUsedUp { minutes: left.unwrap_or(0) })?;
        }
        if amount < Money::ZERO || minutes < 0 || before == (Taken { amount, minutes }) {
            return not_now();
        }
        Ok(say(Event::Took { booking, amount, minutes }))
    }

    fn unpaid(&self) -> Money {
        self.entry.price.unwrap_or_default() - self.paid
    }

    /// What is left of the sum; `None` where there is no limit.
    #[must_use]
    pub fn amount_left(&self) -> Option<Money> {
        let taken: Money = self.taken.values().map(|taken| taken.amount).sum();
        self.entry.cap.map(|cap| cap - taken)
    }

    /// What is left of hours paid ahead, in minutes.
    #[must_use]
    pub fn minutes_left(&self) -> Option<i64> {
        let taken: i64 = self.taken.values().map(|taken| taken.minutes).sum();
        self.entry.hours.map(|hours| hours.get() * 60 - taken)
    }
}
