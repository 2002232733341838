//! Ending: time is given or not, shifts come onto the calendar, the report is due by the clock, and what it was worth.

use grammar::prelude::*;

use super::{
    Command::{self, *},
    Event::*,
    Kind, Placed, Proposal,
    Refusal::*,
    Status,
};
use crate::{
    booking::{self, Allotment, Booking},
    track_record,
};

/// How long after the last shift the final report is due.
const REPORT_WITHIN: Rule<Period> = rule("IN-P33");
/// One shift, in hours.
const SHIFT_HOURS: Rule<i64> = rule("IN-R34");
/// Works name the facility, and an overdue report blocks what comes next.
const ACKNOWLEDGE: Rule<bool> = rule("IN-R32");
/// Shifts that never took place owe no report.
const NEVER_USED: Rule<bool> = rule("IN-P36");
/// Words of a booking that came to nothing.
const CAME_TO_NOTHING: [&str; 5] = ["cancelled", "turned-down", "lapsed", "displaced", "absent"];

type Said = Decision<Proposal>;

impl Proposal {
    /// Shifts granted and not yet on the calendar.
    pub(super) fn left(&self) -> i64 {
        let placed: i64 = self.placed.iter().map(|placed| placed.shifts).sum();
        self.granted.unwrap_or(0) - placed
    }

    pub(super) fn is_carried_out(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command.clone()) {
            (Status::Granted, ClearSamples { note }) => Ok(say(Cleared { note })),
            (Status::Cleared | Status::Scheduled, Schedule { instrument, from, shifts }) => {
                self.is_its_instrument(instrument)?;
                let left = self.left();
                ensure(shifts.get() <= left, MoreThanGranted { left })?;
                let hours = ctx.rules.value(SHIFT_HOURS, self.terms.region, ctx.today());
                let times = Allotment::times(from, shifts.get(), hours);
                let (first, last) = (self.terms.use_from, self.terms.use_until);
                let is_within = first <= from.day() && times.until <= last.ends();
                ensure(is_within, OutsideThePeriod { from: first, until: last })?;
                let booking = ctx.fresh::<Booking>(0);
                let placed = Placed { booking, from, until: times.until, shifts: shifts.get() };
                let ends = self.ends().max(Some(times.until)).unwrap_or(times.until);
                let report_until = self.report_day(ends, ctx);
                let said = say(Scheduled { placed, report_until });
                Ok(said.and(tell(booking, &booking::Command::Allot(self.allotment(from, shifts)))))
            }
            (Status::Scheduled | Status::Overdue, Release { booking }) => {
                let is_its = self.placed.iter().any(|placed| placed.booking == booking);
                ensure(is_its, NotItsBooking)?;
                let is_over = CAME_TO_NOTHING.contains(&ctx.see(booking).status.as_str());
                ensure(is_over, BookingStands { booking }).by(NEVER_USED)?;
                let others = self.placed.iter().filter(|placed| placed.booking != booking);
                let ends = others.map(|placed| placed.until).max();
                let report_until = ends.map(|ends| self.report_day(ends, ctx));
                let said = say(Released { booking, report_until });
                if self.status == Status::Scheduled {
                    return Ok(said);
                }
                Ok(self.is_lifted(said, report_until, ctx))
            }
            _ => not_now(),
        }
    }

    /// What was overdue has been taken back: no report is owed for what never took place.
    fn is_lifted(
        &self,
        said: Script<super::Event>,
        report_until: Option<Day>,
        ctx: &Ctx,
    ) -> Script<super::Event> {
        if report_until.is_some_and(|until| until < ctx.today()) {
            return said;
        }
        let lift = track_record::Command::Lift { proposal: self.itself };
        said.say(OverdueLifted { report_until }).and(tell(track_record::name(self.entry.leader), &lift))
    }

    fn allotment(&self, from: Moment, shifts: Between<1, { booking::SHIFTS_MAX }>) -> Allotment {
        let title = self.entry.title.zh().chars().take(400).collect::<String>();
        Allotment {
            proposal: self.itself,
            instrument: self.entry.instrument,
            buyer: self.entry.applicant,
            from,
            shifts,
            detail: Text::read(&title).unwrap_or_else(|| impossible(&self.entry.title)),
            is_free: self.entry.kind != Kind::Proprietary,
        }
    }

    /// When the last of its shifts ends.
    fn ends(&self) -> Option<Moment> {
        self.placed.iter().map(|placed| placed.until).max()
    }

    fn report_day(&self, ends: Moment, ctx: &Ctx) -> Day {
        let within = ctx.rules.value(REPORT_WITHIN, self.terms.region, ctx.born);
        ctx.calendar().last_day(ends.plus_millis(-1).day(), within)
    }

    pub(super) fn comes_to_its_end(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command.clone()) {
            (Status::InReview | Status::Checked, Grant { shifts, place })
                if shifts.get() <= self.entry.shifts.get() =>
            {
                Ok(say(Granted { shifts: shifts.get(), place }))
            }
            // With a report overdue nobody is given what others gave back.
            (Status::Offered, Grant { shifts, place })
                if self.turn.is_some_and(|t| t.shifts == shifts.get()) =>
            {
                let said = say(Granted { shifts: shifts.get(), place });
                Ok(said.and(tell(track_record::name(self.entry.leader), &track_record::Command::Look)))
            }
            (Status::Rejected, OfferTurn { shifts, until }) if self.place.is_some() => {
                Ok(say(TurnOffered { shifts: shifts.get(), until }))
            }
            (Status::Offered, PassTurn) => Ok(say(TurnPassed)),
            (Status::Granted | Status::Cleared | Status::Scheduled, TakeBack { reason })
                if self.left() > 0 =>
            {
                Ok(say(TakenBack { shifts: self.left(), reason }))
            }
            (Status::InReview, PlaceBelow { place, line, left }) => {
                Ok(say(PlacedBelow { place, line, left: left.get() }))
            }
            (Status::InReview, MarkLow { place, least }) => Ok(say(MarkedLow { place, least })),
            (Status::Checked, TurnDown { reason }) => Ok(say(TurnedDown { reason })),
            (Status::Scheduled | Status::Overdue, Report(report)) => {
                let until = self.ends().unwrap_or(ctx.now);
                ensure(until <= ctx.now, StillToCome { until })?;
                let is_named = report.works.is_empty() || report.acknowledged;
                ensure(is_named, NotAcknowledged).by(ACKNOWLEDGE)?;
                let works = i64::try_from(report.works.len()).ok().and_then(Between::new);
                let Some(works) = works else { return not_now() };
                let settle = track_record::Command::Settle { proposal: self.itself, works };
                let said = say(Reported { report });
                Ok(said.and(tell(track_record::name(self.entry.leader), &settle)))
            }
            (Status::Reported, Evaluate { mark, comment }) => {
                Ok(say(Evaluated { mark: mark.get(), comment }))
            }
            (Status::Granted | Status::Cleared, Lapse) if self.terms.use_until < ctx.today() => {
                Ok(say(Lapsed))
            }
            (Status::Scheduled, MarkOverdue) => match self.report_until {
                Some(since) if since < ctx.today() => {
                    let mark = track_record::Command::MarkOverdue { proposal: self.itself };
                    Ok(say(WasOverdue { since }).and(tell(track_record::name(self.entry.leader), &mark)))
                }
                _ => not_now(),
            },
            _ => not_now(),
        }
    }
}
