//! Asking: what speaks for and against a request, one time or a series, and what it takes on the calendar.

use std::collections::{BTreeMap, BTreeSet};

use engines::booking::{self as engine, Against, DAY, HOUR, MINUTE, ical::Zone};
use grammar::prelude::*;

use super::{
    Booking, Came,
    Command::{self, *},
    Event::*,
    PAGES_MAX, Pages,
    Refusal::{self, *},
    Request, SITTINGS_MAX, Sitting, SkipWhy, Skipped, Terms, agreed, attended, extras, fields, holding,
    permitted, questions, turns,
};
use crate::{
    calendar::{self, Busy, Places, Times, span_of},
    instrument::{Confirmation, Instrument, Mode, Using, within_hours},
};

/// State secrets do not belong here.
const NO_SECRETS: Rule<bool> = rule("BK-P10");
/// A series never reaches further than this, whatever the instrument's terms.
const HORIZON_DAYS: i64 = 730;

type Said = Decision<Booking>;

/// China keeps one time; instruments stand in China.
pub fn china() -> Zone {
    Zone::fixed(8)
}

/// The terms of an instrument that this buyer may use.
pub(super) fn using_of(
    instrument: Ref<Instrument>,
    request: &Request,
    ctx: &Ctx,
) -> Result<Using, No<Refusal>> {
    let card = ctx.see(instrument);
    // Without terms of its own an instrument is booked by quote.
    let using = card.read::<Using>("using").unwrap_or_default();
    let sharing = card.read::<String>("sharing").unwrap_or_default();
    let is_inside = card.the("unit") == request.buyer.id();
    let is_open = sharing == "external" || (sharing == "internal" && is_inside);
    ensure(card.status == "normal", NotInService)?;
    ensure(is_open, NotOpenToYou)?;
    Ok(using)
}

/// The same with what is kept of them for one booking; the command names the buyer.
pub(super) fn terms_of(
    instrument: Ref<Instrument>,
    request: &Request,
    ctx: &Ctx,
) -> Result<(Using, Terms), No<Refusal>> {
    let using = using_of(instrument, request, ctx)?;
    let kind = ctx.see(request.buyer).read::<String>("kind").unwrap_or_default();
    let terms = Terms::of(ctx.see(instrument), &using, request, &kind)?;
    Ok((using, terms))
}

/// How far ahead, how long, in which steps, and within the hours.
pub(super) fn in_terms(using: &Using, times: Times, ctx: &Ctx) -> Result<(), No<Refusal>> {
    let minutes = |limit: Option<Between<5, 20_160>>| limit.map(|limit| limit.get() * MINUTE);
    let unrestricted = within_hours(&using.unrestricted, times, &china()).length();
    let counted = times.until.in_millis() - times.from.in_millis() - unrestricted;
    let terms = engine::Terms {
        horizon: using.horizon_days.map(|days| days.get() * DAY),
        notice: using.notice_hours.map(|hours| hours.get() * HOUR),
        shortest: minutes(using.shortest_minutes),
        longest: minutes(using.longest_minutes).filter(|longest| counted > *longest),
        step: using.step_minutes.map(|step| step.get() * MINUTE),
        ..engine::Terms::default()
    };
    let Some(span) = span_of(times) else { return Err(No::NotNow) };
    let reason = match engine::against(&terms, span, ctx.now.in_millis(), engine::Usage::default()) {
        Some(Against::Past) => Some(InThePast { from: times.from }),
        Some(Against::TooSoon { least }) => Some(TooSoon { hours: least / HOUR }),
        Some(Against::TooFarAhead { most }) => Some(TooFarAhead { days: most / DAY }),
        Some(Against::TooShort { least }) => Some(TooShort { least: least / MINUTE }),
        Some(Against::TooLong { most }) => Some(TooLong { most: most / MINUTE }),
        Some(Against::NotInSteps { step }) => Some(NotInSteps { step: step / MINUTE }),
        // Quotas are for the calendar, which knows what else is booked.
        Some(Against::DailyQuota { .. } | Against::WeeklyQuota { .. }) | None => None,
    };
    reason.map_or(Ok(()), |reason| Err(reason.into()))
}

pub(super) fn in_hours(using: &Using, times: Times) -> Result<(), No<Refusal>> {
    let Some(span) = span_of(times) else { return Err(No::NotNow) };
    let is_open = using.hours().open(span.wider(DAY), &china()).holds(span);
    Ok(ensure(is_open, OutsideHours { from: times.from, until: times.until })?)
}

pub(super) fn price_of(
    using: &Using,
    terms: &Terms,
    request: &Request,
    times: &[Times],
) -> Result<Money, No<Refusal>> {
    let by_sample = request.basis == fields::Basis::BySample;
    ensure(!by_sample || request.samples.is_some(), SamplesNeeded)?;
    let each = |times: &Times| fields::price(using, request, terms.unit_charge, *times);
    let counted = if by_sample { times.iter().take(1) } else { times.iter().take(SITTINGS_MAX) };
    let sum = counted.map(each).try_fold(Money::ZERO, |sum, price| sum.plus(price?));
    let beside = extras::price(using, terms, times);
    match sum.and_then(|sum| sum.plus(beside?)) {
        Some(sum) => Ok(sum),
        // The keeper will say.
        None if terms.confirmation == Confirmation::ByQuote => Ok(Money::ZERO),
        None => Err(NoSuchCharge { basis: request.basis }.into()),
    }
}

/// What a request would cost this kind of unit by the instrument's terms of today, and by the agreement it names, as far as their
/// cards tell: in all. `None` where the keeper will say, or where there is no such charge.
#[must_use]
pub fn estimate(instrument: &Card, agreement: Option<&Card>, request: &Request, kind: &str) -> Option<Money> {
    let using = instrument.read::<Using>("using").unwrap_or_default();
    let mut terms = Terms::of(instrument, &using, request, kind).ok()?;
    if let Some(card) = agreement {
        terms.unit_charge = agreed::charge_of(card);
    }
    let price = price_of(&using, &terms, request, &request.wished()).ok()?;
    (terms.confirmation == Confirmation::AtOnce).then_some(price)
}

pub(super) fn begin(command: &Command, ctx: &Ctx) -> Said {
    let (Request(request) | Queue(request)) = command.clone() else { return not_now() };
    let waits = matches!(command, Queue(_));
    let instrument = request.instrument;
    ensure(request.no_secrets, MayHoldSecrets).by(NO_SECRETS)?;
    let (using, mut terms) = terms_of(instrument, &request, ctx)?;
    ensure(using.mode != Mode::Queue, JoinTheLine)?;
    agreed::applies(&mut terms, &using, &request, ctx)?;
    permitted::is_permitted(&using, &request, ctx)?;
    let wished = request.wished();
    let Some(first) = wished.first().copied() else { return not_now() };
    in_terms(&using, first, ctx)?;
    if request.every.is_none() {
        in_hours(&using, first)?;
        attended::is_attended(&request, &terms, &[first], ctx)?;
    }
    extras::is_accompanied(&using, &request, &wished, ctx)?;
    // A sitting that still runs when the next one begins is a slip, not a clash.
    if let (Some(every), Some(next)) = (request.every, wished.get(1)) {
        ensure(first.until <= next.from, SeriesOverlaps { days: every.days.get() })?;
    }
    questions::are_answered(&terms, &request)?;
    let was_displaced = is_displaced(&request, ctx)?;
    let price = price_of(&using, &terms, &request, &wished)?;
    let (itself, booker, is_series) = (ctx.me.r(), ctx.by.person, request.every.is_some());
    if waits {
        ensure(!is_series, OneTimeOnly)?;
        let pages = calendar::pages(first, terms.buffer.get());
        ensure(pages.len() == 1, WaitsInOneWeek)?;
        let wait = wait(&request, &terms, first, was_displaced, itself);
        // If the time is free after all, it is offered at once.
        let offer = OfferNext {
            pages: Pages::new(vec![calendar::name(instrument, first_page(&pages))]).unwrap_or_default(),
        };
        let queued = say(Queued { itself, request, terms, booker, price }).and(wait);
        return Ok(turns::then_line(using.mode, instrument, queued.and(tell(itself, &offer))));
    }
    let said = say(Requested { itself, request: request.clone(), terms: terms.clone(), booker, price });
    if is_series {
        return series(said, &request, &using, &terms, ctx);
    }
    let held = holding::holds(itself, &request, &terms, &[first]);
    let taken = takes(itself, &request, &terms, &[first]).into_iter().chain(held).fold(said, Script::and);
    let said = if terms.is_at_once() { taken.say(Scheduled { operator: None }) } else { taken };
    Ok(turns::then_line(using.mode, instrument, said))
}

fn is_displaced(request: &Request, ctx: &Ctx) -> Result<bool, No<Refusal>> {
    let Some(earlier) = request.instead_of else { return Ok(false) };
    let card = ctx.see(earlier);
    let is_own = card.holders("buyer").any(|buyer| buyer == request.buyer.id());
    ensure(is_own && card.status == "displaced", NotDisplaced)?;
    Ok(true)
}

fn wait(request: &Request, terms: &Terms, times: Times, was_displaced: bool, booking: Ref<Booking>) -> Tell {
    let (instrument, buyer, buffer) = (request.instrument, request.buyer, terms.buffer);
    let monday = first_page(&calendar::pages(times, buffer.get()));
    let (daily, weekly, places) = (terms.daily, terms.weekly, terms.places);
    let unrestricted = terms.uncounted(&[times]);
    let command = calendar::Command::Wait {
        instrument,
        monday,
        booking,
        buyer,
        times,
        buffer,
        daily,
        weekly,
        was_displaced,
        places,
        unrestricted,
    };
    tell(calendar::name(instrument, monday), &command)
}

fn first_page(pages: &[Day]) -> Day {
    pages.first().copied().unwrap_or_else(|| impossible(&"a time without a week"))
}

/// Takes all of the times, each on every page it touches.
pub(super) fn takes(booking: Ref<Booking>, request: &Request, terms: &Terms, all: &[Times]) -> Vec<Tell> {
    let (instrument, buyer, buffer) = (request.instrument, request.buyer, terms.buffer);
    let mut by_page: BTreeMap<Day, Vec<Times>> = BTreeMap::new();
    for times in all {
        for monday in calendar::pages(*times, buffer.get()) {
            by_page.entry(monday).or_default().push(*times);
        }
    }
    let take = |(monday, spans): (Day, Vec<Times>)| {
        let unrestricted = terms.uncounted(&spans);
        let spans =
            List::new(spans).unwrap_or_else(|| impossible(&("more spans than a week has days", monday)));
        let (daily, weekly, places) = (terms.daily, terms.weekly, terms.places);
        let command = calendar::Command::Take {
            instrument,
            monday,
            booking,
            buyer,
            spans,
            buffer,
            daily,
            weekly,
            places,
            unrestricted,
        };
        tell(calendar::name(instrument, monday), &command)
    };
    by_page.into_iter().map(take).collect()
}

/// The times of a series that lie within the horizon.
fn within_horizon(using: &Using, request: &Request, now: Moment) -> (Vec<Times>, Vec<Times>) {
    let days = using.horizon_days.map_or(HORIZON_DAYS, |days| days.get().min(HORIZON_DAYS));
    let last = now.plus_millis(days * DAY);
    request.wished().into_iter().partition(|times| times.from <= last)
}

/// Opens the pages of a series, so that it can be sorted when all of them are there.
fn series(said: Script<super::Event>, request: &Request, using: &Using, terms: &Terms, ctx: &Ctx) -> Said {
    let instrument = request.instrument;
    let (near, _) = within_horizon(using, request, ctx.now);
    let mondays: Vec<Day> =
        near.iter().flat_map(|times| calendar::pages(*times, terms.buffer.get())).collect();
    let mondays: BTreeSet<Day> = mondays.into_iter().take(PAGES_MAX * 3).collect();
    opens_pages(said, instrument, mondays, ctx)
}

/// Makes sure that these weeks of the instrument are there, and plans once they are.
pub(super) fn opens_pages(
    said: Script<super::Event>,
    instrument: Ref<Instrument>,
    mondays: impl IntoIterator<Item = Day>,
    ctx: &Ctx,
) -> Said {
    let (mut script, mut pages) = (said, Vec::new());
    for monday in mondays {
        let page = calendar::name(instrument, monday);
        script = script.and(tell(page, &calendar::Command::Open { instrument, monday }));
        pages.push(page);
    }
    let Some(pages) = Pages::new(pages) else { return not_now() };
    Ok(script.and(tell(ctx.me.r::<Booking>(), &Plan { instrument, pages })))
}

/// What is taken on some pages, for one more that finds so many places. A slot that stands on two of them counts once.
pub fn book_of(pages: &[Ref<calendar::Calendar>], places: Option<Places>, ctx: &Ctx) -> engine::Book<()> {
    let monday = |page: &Ref<calendar::Calendar>| ctx.see(*page).from;
    let known: BTreeSet<Day> = pages.iter().filter_map(monday).collect();
    let mut book = engine::Book::with_places(calendar::count_of(places));
    for page in pages {
        let (card, Some(monday)) = (ctx.see(*page), monday(page)) else { continue };
        let closed: BTreeSet<(i64, i64)> =
            card.read::<Vec<(i64, i64)>>("closed").unwrap_or_default().into_iter().collect();
        let has_before = known.contains(&monday.plus_days(-7));
        for (from, until, buffer) in card.read::<Vec<Busy>>("busy").unwrap_or_default() {
            if has_before && calendar::stands_before(monday, from, buffer) {
                continue;
            }
            let Some(span) = engine::Span::new(from, until) else { continue };
            let (buffer, is_whole) = (buffer * MINUTE, closed.contains(&(from, until)));
            book.put(engine::Taken { buffer, is_whole, ..engine::Taken::alone(span, 0, ()) });
        }
    }
    book
}

impl Booking {
    pub(super) fn times_change(&self, command: &Command, ctx: &Ctx) -> Said {
        match command {
            Plan { instrument, pages } if self.turn.is_some() => self.sits(*instrument, pages, ctx),
            Plan { instrument, pages } => self.sort(*instrument, pages, ctx),
            Move { instrument, sitting, from, minutes } => {
                let until = from.plus_millis(minutes.get() * MINUTE);
                self.moves(*instrument, *sitting, Times { from: *from, until }, ctx)
            }
            _ => not_now(),
        }
    }

    /// Sorts a series: what fits is taken, what clashes is skipped, and each skip is said.
    fn sort(&self, instrument: Ref<Instrument>, pages: &Pages, ctx: &Ctx) -> Said {
        if self.status != super::Status::Planning || instrument != self.request.instrument {
            return not_now();
        }
        let using = using_of(instrument, &self.request, ctx)?;
        let (near, far) = within_horizon(&using, &self.request, ctx.now);
        let is_free =
            |times: &Times| attended::unattended(&self.request, &self.terms, &[*times], ctx).is_none();
        let (near, alone): (Vec<Times>, Vec<Times>) = near.into_iter().partition(is_free);
        let asked = near.len() + alone.len() + far.len();
        let spans: Vec<engine::Span> = near.iter().copied().filter_map(span_of).collect();
        let whole =
            spans.first().zip(spans.last()).and_then(|(one, two)| engine::Span::new(one.from(), two.until()));
        let Some(whole) = whole else { return Err(NothingFits { asked }.into()) };
        let open = using.hours().open(whole.wider(DAY), &china());
        let buffer = self.terms.buffer.get() * MINUTE;
        let sorted = engine::sort(&spans, &open, &book_of(pages, self.terms.places, ctx), buffer);
        let times = |span: engine::Span| Times {
            from: Moment::from_millis(span.from()),
            until: Moment::from_millis(span.until()),
        };
        let kept: Vec<Times> = sorted.kept.iter().copied().map(times).collect();
        ensure(!kept.is_empty(), NothingFits { asked })?;
        let why = |why| if why == engine::SkipWhy::Closed { SkipWhy::Closed } else { SkipWhy::Taken };
        let skipped =
            sorted.skipped.iter().map(|skip| Skipped { times: times(skip.span), why: why(skip.why) });
        let too_far = far.into_iter().map(|times| Skipped { times, why: SkipWhy::TooFarAhead });
        let alone = alone.into_iter().map(|times| Skipped { times, why: SkipWhy::NobodyToRunIt });
        let skipped = List::new(skipped.chain(alone).chain(too_far).collect()).unwrap_or_default();
        let price = price_of(&using, &self.terms, &self.request, &kept)?;
        let sittings = List::new(kept.iter().copied().map(Sitting::planned).collect()).unwrap_or_default();
        let said = say(Planned { sittings, skipped, price });
        let taken = takes(self.itself, &self.request, &self.terms, &kept).into_iter();
        let all = taken.chain(self.within_limits(&kept)).fold(said, Script::and);
        Ok(if self.terms.is_at_once() { all.say(Scheduled { operator: None }) } else { all })
    }

    /// Another time for one sitting: the old one is free again, and offered to those who wait.
    fn moves(&self, instrument: Ref<Instrument>, sitting: Moment, new: Times, ctx: &Ctx) -> Said {
        let hours = self.terms.late_hours;
        if !self.status.is_ahead() {
            return not_now();
        }
        ensure(instrument == self.request.instrument, AnotherInstrument)?;
        let planned = |each: &&Sitting| each.came == Came::Planned && each.times.from == sitting;
        let Some(old) = self.sittings.iter().find(planned).map(|sitting| sitting.times) else {
            return Err(NoSuchSitting.into());
        };
        let using = using_of(instrument, &self.request, ctx)?;
        ensure(using.mode != Mode::Queue, JoinTheLine)?;
        ensure(ctx.now <= old.from.plus_millis(-hours * HOUR), TooLateToMove { hours })?;
        in_terms(&using, new, ctx)?;
        in_hours(&using, new)?;
        attended::is_attended(&self.request, &self.terms, &[new], ctx)?;
        extras::is_accompanied(&using, &self.request, &[new], ctx)?;
        let others = self.sittings.iter().map(|sitting| sitting.times).filter(|times| *times != old);
        let all: Vec<Times> = others.chain([new]).collect();
        let is_fixed = self.terms.confirmation == Confirmation::ByQuote;
        let price = if is_fixed { self.price } else { price_of(&using, &self.terms, &self.request, &all)? };
        let said = say(Moved { sitting, from: new.from, until: new.until, price });
        let freed = self.frees(&[old]).into_iter().fold(said, Script::and);
        let taken = takes(self.itself, &self.request, &self.terms, &[new]).into_iter();
        let taken = taken.chain(self.within_limits(&[new])).fold(freed, Script::and);
        Ok(turns::then_line(using.mode, instrument, taken.and(self.offers(&[old]))))
    }
}
