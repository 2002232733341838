//! Waiting: who is offered a freed time, what becomes of the offer, and emergencies that displace others.

use engines::booking::{HOUR, MINUTE};
use grammar::prelude::*;

use super::{
    Booking, Came,
    Command::{self, *},
    Event::*,
    Pages,
    Refusal::*,
    Sitting, Status,
    asking::{book_of, takes},
    turns::then_line,
};
use crate::calendar::{self, Standing, Times, length_of, span_of};

/// How long an offer stands, in hours.
const OFFER_HOURS: Rule<i64> = rule("BK-P02");
/// What is paid for a displaced sitting, as a share of its price.
const COMPENSATION: Rule<Share> = rule("BK-P05");
/// Offers that one freed time sets off.
const OFFERS_MAX: usize = 5;

type Said = Decision<Booking>;

impl Booking {
    pub(super) fn others_wait(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command) {
            (_, OfferNext { pages }) => Ok(offer_next(pages, ctx)),
            (Status::Waiting, Offer) => {
                let until = ctx.now.plus_millis(ctx.rule(OFFER_HOURS) * HOUR);
                let said = say(Offered { until });
                Ok(takes(self.itself, &self.request, &self.terms, &self.times())
                    .into_iter()
                    .fold(said, Script::and))
            }
            (Status::Offered, TakeUp) => {
                // An offer is asked about nobody's limits; whoever takes it up is within them.
                let said = self.within_limits(&self.times()).into_iter().fold(say(TakenUp), Script::and);
                Ok(if self.terms.is_at_once() { said.say(Scheduled { operator: None }) } else { said })
            }
            (Status::Waiting, PreEmpt { others, reason }) => {
                let Some(times) = self.times().first().copied() else { return not_now() };
                let (by, from, until) = (self.itself, times.from, times.until);
                let mut script = say(PreEmpted { others: others.clone(), reason: reason.clone() });
                for booking in others.iter().copied() {
                    let card = ctx.see(booking);
                    let is_its = card.the("instrument") == self.request.instrument.id();
                    ensure(is_its && booking != self.itself, NotInTheWay { booking })?;
                    script = script.and(tell(booking, &Displace { by, from, until }));
                }
                let taken = takes(self.itself, &self.request, &self.terms, &[times]);
                let script = taken.into_iter().fold(script, Script::and);
                let all =
                    if self.terms.is_at_once() { script.say(Scheduled { operator: None }) } else { script };
                Ok(then_line(self.terms.mode, self.request.instrument, all))
            }
            (status, Displace { by, from, until }) if status.is_ahead() => {
                self.is_displaced(*by, Times { from: *from, until: *until }, ctx)
            }
            _ => not_now(),
        }
    }

    pub(super) fn times(&self) -> Vec<Times> {
        let planned = self.sittings.iter().filter(|sitting| sitting.came == Came::Planned);
        planned.map(|sitting| sitting.times).collect()
    }

    /// What of the price falls to some of its times: the price is for what was used or is still to come.
    pub(super) fn part(&self, some: &[Times]) -> Money {
        let counts = |sitting: &&Sitting| matches!(sitting.came, Came::Planned | Came::Running | Came::Done);
        let all: i64 = self.sittings.iter().filter(counts).map(|sitting| length_of(sitting.times)).sum();
        let these: i64 = some.iter().copied().map(length_of).sum();
        self.price.times(these, all.max(1)).unwrap_or(self.price).min(self.price)
    }

    fn is_displaced(&self, by: Ref<Self>, emergency: Times, ctx: &Ctx) -> Said {
        let buffer = self.terms.buffer.get() * MINUTE;
        let Some(wide) = span_of(emergency).map(|span| span.wider(buffer)) else { return not_now() };
        let met = |times: &Times| span_of(*times).is_some_and(|span| span.overlaps(wide));
        let gone: Vec<Times> = self.times().into_iter().filter(met).collect();
        ensure(!gone.is_empty(), NotInTheWay { booking: self.itself })?;
        let part = self.part(&gone);
        let sittings = List::new(gone.iter().map(|times| times.from).collect()).unwrap_or_default();
        let (price, compensation) = (self.price - part, ctx.rule(COMPENSATION).of(part));
        let said = say(Displaced { by, sittings, price, compensation });
        Ok(self.frees(&gone).into_iter().fold(said, Script::and))
    }

    /// Gives times back on every page they stand on.
    pub(super) fn frees(&self, some: &[Times]) -> Vec<Tell> {
        let (instrument, booking) = (self.request.instrument, self.itself);
        let each = |times: &Times| {
            let command = calendar::Command::Free { booking, from: Some(times.from) };
            let pages = calendar::pages(*times, self.terms.buffer.get()).into_iter();
            pages.map(|monday| tell(calendar::name(instrument, monday), &command)).collect::<Vec<_>>()
        };
        some.iter().flat_map(each).chain(self.releases(some)).collect()
    }

    /// Asks this booking to offer what it gave back: only then are its pages there to be looked at.
    pub(super) fn offers(&self, some: &[Times]) -> Tell {
        let buffer = self.terms.buffer.get();
        let mut mondays: Vec<Day> = some.iter().flat_map(|times| calendar::pages(*times, buffer)).collect();
        mondays.sort_unstable();
        mondays.dedup();
        let pages = mondays.into_iter().map(|monday| calendar::name(self.request.instrument, monday));
        tell(self.itself, &OfferNext { pages: Pages::new(pages.collect()).unwrap_or_default() })
    }

    /// It leaves the wait list.
    pub(super) fn leaves(&self) -> Vec<Tell> {
        let (instrument, booking) = (self.request.instrument, self.itself);
        let first = self.sittings.first().map(Sitting::own_times);
        let pages = first.map(|times| calendar::pages(times, self.terms.buffer.get())).unwrap_or_default();
        let leave = |monday| tell(calendar::name(instrument, monday), &calendar::Command::Leave { booking });
        pages.into_iter().map(leave).collect()
    }
}

impl Sitting {
    fn own_times(&self) -> Times {
        self.times
    }
}

/// Offers what is free on some pages to those who wait there, in their order; each buyer at most once.
fn offer_next(pages: &Pages, ctx: &Ctx) -> Script<super::Event> {
    let mut script = Script::silent();
    let mut served: Vec<Id> = Vec::new();
    for page in pages.iter() {
        let line = ctx.see(*page).read::<Vec<Standing>>("waiting").unwrap_or_default();
        if line.is_empty() {
            continue;
        }
        let mut book = book_of(std::slice::from_ref(page), None, ctx);
        for standing in line.iter().filter(|standing| standing.fits && standing.times.from > ctx.now) {
            let buyer = standing.buyer.id();
            let Some(span) = span_of(standing.times) else { continue };
            if served.len() >= OFFERS_MAX || served.contains(&buyer) {
                continue;
            }
            book.resize(calendar::count_of(standing.places));
            if book.take(span, standing.buffer.get() * MINUTE, ()).is_ok() {
                script = script.and(tell(standing.booking, &Offer));
                served.push(buyer);
            }
        }
    }
    script
}
