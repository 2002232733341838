//! Steps: what a page decides when a booking or an instrument asks it.

use engines::booking::{Clash, MINUTE, Taken as Had};
use grammar::prelude::*;

use super::{
    Buffer, Calendar, Command, Command::*, Event, Event::*, Places, Queued, Refusal, Refusal::*, SLOTS_MAX,
    SPANS_MAX, Slot, Taker, Times, WAITING_MAX, page::count_of, span_of,
};
use crate::{booking::Booking, instrument::Instrument, organisation::Organisation};

type Said = Decision<Calendar>;

pub fn decide(this: Option<&Calendar>, command: &Command, ctx: &Ctx) -> Said {
    match command.clone() {
        Open { instrument, monday } => match this {
            Some(page) => Ok(page.kept_by(instrument, ctx)),
            None => Ok(say(opened(instrument, monday, ctx))),
        },
        Take { instrument, monday, booking, buyer, spans, buffer, daily, weekly, places, unrestricted } => {
            let (page, script) = ready(this, instrument, monday, ctx);
            page.has_room(&spans, buffer, places)?;
            let (day, fullest, week) = page.usage(buyer, &spans, &unrestricted);
            let daily = daily.filter(|most| day > most.get());
            let weekly = weekly.filter(|most| week > most.get());
            ensure(daily.is_none(), DailyQuota { day: fullest, most: daily.map_or(0, Between::get) })?;
            ensure(weekly.is_none(), WeeklyQuota { most: weekly.map_or(0, Between::get) })?;
            let taker = Some(Taker { booking, buyer });
            Ok(script.say(Taken { taker, spans, buffer, places, unrestricted }))
        }
        Close { instrument, monday, times, why } => {
            let (page, script) = ready(this, instrument, monday, ctx);
            page.is_empty_then(times)?;
            Ok(script.say(Closed { times, why }))
        }
        Wait { instrument, monday, .. } => {
            let (page, script) = ready(this, instrument, monday, ctx);
            Ok(script.say(page.joins(command, ctx)?))
        }
        Free { .. } | Shorten { .. } | Reopen { .. } | Leave { .. } => {
            this.map_or_else(not_now, |page| page.gives_back(command))
        }
    }
}

fn opened(instrument: Ref<Instrument>, monday: Day, ctx: &Ctx) -> Event {
    let card = ctx.see(instrument);
    let title = Bilingual { zh: Text::read(&card.title_zh), en: Text::read(&card.title_en) };
    Opened { instrument, title, unit: card.the("unit").r(), region: card.scope(), monday }
}

/// The page, opened if it was not there, and the beginning of what is said of it.
fn ready(
    this: Option<&Calendar>,
    instrument: Ref<Instrument>,
    monday: Day,
    ctx: &Ctx,
) -> (Calendar, Script<Event>) {
    if let Some(page) = this {
        return (page.clone(), page.kept_by(instrument, ctx));
    }
    let event = opened(instrument, monday, ctx);
    (Calendar::apply(None, &event), say(event))
}

impl Calendar {
    /// Whoever manages the instrument now keeps its weeks.
    fn kept_by(&self, instrument: Ref<Instrument>, ctx: &Ctx) -> Script<Event> {
        if self.instrument != instrument {
            impossible(&("the page of another instrument", self.instrument, instrument));
        }
        let unit: Ref<Organisation> = ctx.see(instrument).the("unit").r();
        if unit == self.unit { Script::silent() } else { say(Moved { unit }) }
    }

    /// One more who waits.
    fn joins(&self, command: &Command, ctx: &Ctx) -> Result<Event, No<Refusal>> {
        let Wait {
            booking, buyer, times, buffer, daily, weekly, was_displaced, places, unrestricted, ..
        } = command.clone()
        else {
            return Err(No::NotNow);
        };
        if span_of(times).is_none() {
            return Err(No::NotNow);
        }
        let waits = self.waiting.iter().any(|queued| queued.booking == booking);
        ensure(!waits, WaitsAlready)?;
        ensure(self.waiting.len() < WAITING_MAX, WaitListFull { most: WAITING_MAX })?;
        let (since, arrival) = (ctx.now, self.arrivals + 1);
        Ok(Joined {
            queued: Queued {
                booking,
                buyer,
                times,
                buffer,
                daily,
                weekly,
                was_displaced,
                since,
                arrival,
                places,
                unrestricted,
            },
        })
    }

    fn gives_back(&self, command: &Command) -> Said {
        match command.clone() {
            Free { booking, from } => {
                let own = self.slots.iter().filter(|slot| {
                    let is_own = slot.taker.is_some_and(|taker| taker.booking == booking);
                    is_own && from.is_none_or(|from| from == slot.times.from)
                });
                let spans: Vec<Times> = own.map(|slot| slot.times).collect();
                ensure(!spans.is_empty(), NothingThere)?;
                // What one booking has in a week came in takes of at most so many spans.
                let in_parts = spans.chunks(SPANS_MAX).filter_map(|some| List::new(some.to_vec()));
                Ok(in_parts
                    .fold(Script::silent(), |all, spans| all.say(Freed { booking: Some(booking), spans })))
            }
            Shorten { booking, from, until } => {
                let is_its = |slot: &Slot| {
                    slot.taker.is_some_and(|taker| taker.booking == booking) && slot.times.from == from
                };
                let is_there = self.slots.iter().any(|slot| is_its(slot) && until < slot.times.until);
                ensure(is_there && from < until, NothingThere)?;
                Ok(say(Shortened { booking: Some(booking), from, until }))
            }
            Reopen { times, may_be_open } => {
                let is_there = self.slots.iter().any(|slot| slot.closed.is_some() && slot.times == times);
                if !is_there && may_be_open {
                    return Ok(Script::silent());
                }
                ensure(is_there, NothingThere)?;
                Ok(say(Reopened { times }))
            }
            Leave { booking } => {
                let waits = self.waiting.iter().any(|queued| queued.booking == booking);
                ensure(waits, NothingThere)?;
                Ok(say(Left { booking }))
            }
            _ => not_now(),
        }
    }

    /// Whether all of the spans fit.
    fn has_room(
        &self,
        spans: &List<Times, SPANS_MAX>,
        buffer: Buffer,
        places: Option<Places>,
    ) -> Result<(), No<Refusal>> {
        ensure(self.slots.len() + spans.len() <= SLOTS_MAX, WeekFull { most: SLOTS_MAX })?;
        let mut book = self.book(places);
        for times in spans.iter() {
            let Some(span) = span_of(*times) else { return Err(No::NotNow) };
            let Err(clash) = book.take(span, buffer.get() * MINUTE, None) else { continue };
            return Err(self.met(&clash, buffer, count_of(places)).into());
        }
        Ok(())
    }

    /// Whether nobody has it, so that it can be closed.
    fn is_empty_then(&self, times: Times) -> Result<(), No<Refusal>> {
        ensure(self.slots.len() < SLOTS_MAX, WeekFull { most: SLOTS_MAX })?;
        let Some(span) = span_of(times) else { return Err(No::NotNow) };
        let none = Buffer::new(0).unwrap_or_else(|| impossible(&times));
        // Whoever has one of several places is in the way of a closure as if there were one.
        let met = self.book(None).take_whole(span, None);
        met.map_err(|clash| match clash.with.by {
            Some(booking) => {
                let at = |moment| Moment::from_millis(moment);
                let (from, until) = (at(clash.with.span.from()), at(clash.with.span.until()));
                BookedThen { from, until, booking }.into()
            }
            None => self.met(&clash, none, 1).into(),
        })
    }

    fn met(&self, clash: &Clash<Option<Ref<Booking>>>, buffer: Buffer, places: usize) -> Refusal {
        let Had { span, buffer: its, is_whole, .. } = clash.with;
        let at = |moment| Moment::from_millis(moment);
        let (from, until) = (at(span.from()), at(span.until()));
        let is_it = |times: Times| times == Times { from, until };
        let closed = self.slots.iter().filter(|slot| is_it(slot.times)).find_map(|slot| slot.closed);
        match closed.filter(|_| is_whole) {
            Some(why) => ClosedThen { from, until, why },
            None if clash.only_buffer => TooNear { from, until, buffer: (its / MINUTE).max(buffer.get()) },
            None if places > 1 => {
                NoPlaceLeft { from, until, places: i64::try_from(places).unwrap_or(i64::MAX) }
            }
            None => TakenThen { from, until },
        }
    }
}
