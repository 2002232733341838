//! Ending: cancelling, turning down, lapsing, staying away, and what that costs.

use engines::booking::MINUTE;
use grammar::prelude::*;

use super::{
    Booking,
    Command::{self, *},
    Event::{self, *},
    Status,
    turns::then_line,
};
use crate::calendar::Times;

type Said = Decision<Booking>;

impl Booking {
    pub(super) fn ends(&self, command: &Command, ctx: &Ctx) -> Said {
        let holds = self.status.is_ahead() || self.status == Status::Offered;
        match command.clone() {
            Cancel { reason } if holds => {
                let fee = self.late_fee(ctx.now);
                // What has been used already is still paid for; the rest is not.
                let price = self.price - self.part(&self.times());
                Ok(self.gives_back(Cancelled {
                    is_late: fee.is_some(),
                    fee: fee.unwrap_or_default(),
                    price,
                    reason,
                }))
            }
            Cancel { reason } if self.status == Status::Waiting => {
                let (fee, price) = (Money::ZERO, Money::ZERO);
                Ok(self.stops_waiting(Cancelled { is_late: false, fee, price, reason }))
            }
            TurnDown { reason } if holds => Ok(self.gives_back(TurnedDown { reason })),
            TurnDown { reason } if self.status == Status::Waiting => {
                Ok(self.stops_waiting(TurnedDown { reason }))
            }
            Lapse if self.status == Status::Waiting => Ok(self.stops_waiting(Lapsed)),
            Lapse if holds && self.status != Status::Scheduled => Ok(self.gives_back(Lapsed)),
            // The others in line need not wait for somebody who is not there.
            Lapse if self.begins_by().is_some_and(|by| by <= ctx.now) => Ok(self.gives_back(Lapsed)),
            Miss if self.status == Status::Scheduled => match self.ahead().map(|sitting| sitting.times) {
                Some(times) if self.absent_from(times) <= ctx.now => Ok(self.is_missed(times, ctx.now)),
                _ => not_now(),
            },
            StopByItself if self.status == Status::Running => match self.running() {
                Some(sitting) if sitting.times.until <= ctx.now => {
                    let (sitting, at) = (sitting.times.from, sitting.times.until);
                    Ok(self.goes_out(Stopped { sitting, at, by_itself: true }))
                }
                _ => not_now(),
            },
            _ => not_now(),
        }
    }

    /// What cancelling costs now: a share of the next sitting's price, once it is settled and near.
    fn late_fee(&self, now: Moment) -> Option<Money> {
        let is_settled = matches!(self.status, Status::Contracted | Status::Scheduled);
        let next: Times = self.ahead().filter(|_| is_settled)?.times;
        let share = self.terms.late_share.filter(|_| self.terms.is_late(next, now))?;
        Some(share.of(self.part(&[next])))
    }

    /// When nobody is waited for any longer.
    pub(super) fn absent_from(&self, times: Times) -> Moment {
        let by = self.terms.absent_minutes.map(|minutes| times.from.plus_millis(minutes.get() * MINUTE));
        by.unwrap_or(times.until).min(times.until)
    }

    /// Until when the next sitting must have begun, where that is before its end.
    pub(super) fn is_waited_for_until(&self) -> Option<Moment> {
        let is_ahead = self.status == Status::Scheduled && self.terms.absent_minutes.is_some();
        Some(self.absent_from(self.ahead().filter(|_| is_ahead)?.times))
    }

    /// Nobody came; what is left of the time is for others.
    fn is_missed(&self, times: Times, now: Moment) -> Script<Event> {
        let part = self.part(&[times]);
        let fee = self.terms.absent_share.map_or(Money::ZERO, |share| share.of(part));
        let said = say(Missed { sitting: times.from, fee, price: self.price - part });
        if times.until <= now {
            return said;
        }
        let freed = self.frees(&[times]).into_iter().fold(said, Script::and);
        then_line(self.terms.mode, self.request.instrument, freed.and(self.offers(&[times])))
    }

    /// It ends, its times are free, and whoever waits for them is offered them.
    fn gives_back(&self, event: Event) -> Script<Event> {
        let times = self.times();
        let freed = self.frees(&times).into_iter().fold(say(event), Script::and);
        then_line(self.terms.mode, self.request.instrument, freed.and(self.offers(&times)))
    }

    fn stops_waiting(&self, event: Event) -> Script<Event> {
        self.leaves().into_iter().fold(say(event), Script::and)
    }
}
