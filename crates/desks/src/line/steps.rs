//! Steps: what a line decides when it is asked.

use engines::booking::{self as engine, MINUTE, Resource, Span, Spans};
use grammar::prelude::*;

use super::{
    Command::{self, *},
    Event::{self, *},
    Line, Pages,
    Refusal::{self, *},
    Standing, TURNS_MAX, Turn, Wish,
};
use crate::{
    booking::{book_of, china, may_run},
    calendar::{self, Calendar},
    instrument::{Instrument, Mode, Using},
    organisation::Organisation,
    person::Person,
};

/// How long whoever is called may take to begin, in minutes.
const CALL_MINUTES: Rule<i64> = rule("LN-P01");
/// State secrets do not belong here.
const NO_SECRETS: Rule<bool> = rule("BK-P10");
/// Where the terms say nothing, less than this is no time to begin.
const LEAST_MINUTES: i64 = 5;

type Said = Decision<Line>;
type Refused<T> = Result<T, No<Refusal>>;

pub fn decide(this: Option<&Line>, command: &Command, ctx: &Ctx) -> Said {
    let Some(line) = this else {
        let Open { instrument } = command else { return not_now() };
        return Ok(say(opened(*instrument, ctx)));
    };
    match command.clone() {
        Open { instrument } => Ok(line.keeps_to(instrument, ctx)),
        Join(wish) => line.joins(wish, ctx),
        Leave { number } => line.leaves(number.map(Between::get), ctx),
        Skip { number, reason } => {
            let number = number.get();
            let Some(turn) = line.numbered(number) else { return Err(NoSuchTurn { number }.into()) };
            let buyer = turn.buyer.unwrap_or_else(|| impossible(turn));
            Ok(line.then_looks(Skipped { number, buyer, reason, at: ctx.now }, ctx))
        }
        Call => {
            if let Some(called) = line.called() {
                return Err(CalledAlready { number: called.number }.into());
            }
            ensure(line.first_waiting().is_some(), NobodyWaits)?;
            Ok(line.looks(true, ctx))
        }
        Pause { reason } if line.mode.has_line() && line.paused.is_none() => Ok(say(Paused { reason })),
        Resume if line.paused.is_some() => Ok(line.then_looks(Resumed, ctx)),
        Look if line.may_call() || line.called().is_some() => Ok(line.looks(false, ctx)),
        Look => Ok(Script::silent()),
        Next { instrument, pages, is_asked } => line.next(instrument, &pages, is_asked, ctx),
        Take { number, booking } => match line.called() {
            Some(called) if called.number == number.get() => {
                let buyer = called.buyer.unwrap_or_else(|| impossible(called));
                Ok(line.then_looks(Taken { number: number.get(), buyer, booking }, ctx))
            }
            _ => not_now(),
        },
        Lapse => match line.called() {
            Some(called) if called.until.is_some_and(|until| until <= ctx.now) => {
                let (number, buyer) = (called.number, called.buyer.unwrap_or_else(|| impossible(called)));
                Ok(line.then_looks(Lapsed { number, buyer, at: ctx.now }, ctx))
            }
            _ => not_now(),
        },
        _ => not_now(),
    }
}

/// How its time is given: an instrument that is out of use for good has no line.
fn mode_of(card: &Card) -> Mode {
    let mode = card.read::<Using>("using").unwrap_or_default().mode;
    if card.status == "scrapped" { Mode::Booking } else { mode }
}

fn opened(instrument: Ref<Instrument>, ctx: &Ctx) -> Event {
    let card = ctx.see(instrument);
    let title = Bilingual { zh: Text::read(&card.title_zh), en: Text::read(&card.title_en) };
    Opened { instrument, title, unit: card.the("unit").r(), region: card.scope(), mode: mode_of(card) }
}

/// The shortest time that is of use.
fn least_of(using: &Using) -> i64 {
    let shortest = using.shortest_minutes.map_or(LEAST_MINUTES, Between::get);
    shortest.max(using.step_minutes.map_or(LEAST_MINUTES, Between::get))
}

/// The first free time of at least so many minutes on these weeks.
fn first_free(using: &Using, pages: &Pages, minutes: i64, ctx: &Ctx) -> Option<Span> {
    let book = book_of(pages, using.places, ctx);
    let (hours, zone, closed) = (using.hours(), china(), Spans::default());
    let buffer = using.buffer_minutes.get() * MINUTE;
    let resource = Resource { hours: &hours, zone: &zone, closed: &closed, book: &book, buffer };
    let window = Span::new(ctx.now.in_millis(), ends(pages, ctx).in_millis())?;
    let free = engine::free(&resource, window);
    free.iter().find(|span| span.length() >= minutes * MINUTE)
}

/// When the last of some weeks is over.
fn ends(pages: &Pages, ctx: &Ctx) -> Moment {
    let mondays = pages.iter().filter_map(|page| ctx.see(*page).from);
    mondays.max().map_or(ctx.now, |monday| monday.plus_days(7).begins())
}

/// A turn is one person's: nobody stands in line for another.
fn oneself(ctx: &Ctx) -> Refused<Ref<Person>> {
    match ctx.by.person.filter(|person| ctx.by.is_itself(*person)) {
        Some(person) => Ok(person.r()),
        None => Err(OnlyYourself.into()),
    }
}

/// What speaks against standing in line for it at all.
fn may_join(wish: &Wish, card: &Card, using: &Using, ctx: &Ctx) -> Refused<()> {
    ensure(wish.no_secrets, MayHoldSecrets).by(NO_SECRETS)?;
    ensure(using.mode.has_line(), NoLine)?;
    ensure(card.status == "normal", NotInService)?;
    ensure(ctx.by.is(wish.buyer.id()), NotYourUnit)?;
    let sharing = card.read::<String>("sharing").unwrap_or_default();
    let is_inside = card.the("unit") == wish.buyer.id();
    ensure(sharing == "external" || (sharing == "internal" && is_inside), NotOpenToYou)?;
    if using.needs_permit {
        let Some(permit) = wish.permit else { return Err(PermitNeeded.into()) };
        ensure(may_run(using, permit, wish.instrument, ctx.today(), ctx), PermitNotValid)?;
    }
    let by_sample = wish.basis == crate::booking::Basis::BySample;
    ensure(!by_sample || wish.samples.is_some(), SamplesNeeded)?;
    let minutes = wish.minutes.get();
    let least = using.shortest_minutes.map_or(0, Between::get);
    ensure(least <= minutes, TooShort { least })?;
    // Hours without limits are looked at when the time is known.
    let most = using.longest_minutes.filter(|_| using.unrestricted.is_empty()).map_or(i64::MAX, Between::get);
    ensure(minutes <= most, TooLong { most })?;
    let step = using.step_minutes.map_or(1, Between::get);
    Ok(ensure(minutes % step == 0, NotInSteps { step })?)
}

impl Line {
    /// Whoever manages the instrument now keeps its line, and its terms say whether there is one.
    fn keeps_to(&self, instrument: Ref<Instrument>, ctx: &Ctx) -> Script<Event> {
        if self.instrument != instrument {
            impossible(&("the line of another instrument", self.instrument, instrument));
        }
        let card = ctx.see(instrument);
        let (unit, mode): (Ref<Organisation>, Mode) = (card.the("unit").r(), mode_of(card));
        let mut script = if unit == self.unit { Script::silent() } else { say(Moved { unit }) };
        if mode != self.mode {
            script = script.say(ModeSet { mode, at: ctx.now });
        }
        // What it says now may have opened or closed it.
        let may_change = self.may_call() || self.called().is_some();
        if mode.has_line() && may_change { self.opens_pages(false, script, ctx) } else { script }
    }

    fn joins(&self, wish: Wish, ctx: &Ctx) -> Said {
        let person = oneself(ctx)?;
        ensure(wish.instrument == self.instrument, AnotherInstrument)?;
        let card = ctx.see(wish.instrument);
        let using = card.read::<Using>("using").unwrap_or_default();
        may_join(&wish, card, &using, ctx)?;
        let buyer = wish.buyer;
        let is_own = |turn: &&Turn| turn.person == Some(person) && turn.buyer == Some(buyer);
        if let Some(turn) = self.turns.iter().find(is_own) {
            return Err(InLineAlready { number: turn.number }.into());
        }
        ensure(self.turns.len() < TURNS_MAX, LineFull { most: TURNS_MAX })?;
        let turn = Turn {
            number: self.given + 1,
            buyer: Some(buyer),
            person: Some(person),
            minutes: wish.minutes.get(),
            wish: Some(wish),
            joined: Some(ctx.now),
            standing: Standing::Waits,
            until: None,
        };
        // Whoever comes behind others changes nothing for them.
        let is_first = self.first_waiting().is_none();
        let joined = Joined { turn: Box::new(turn) };
        Ok(if is_first { self.then_looks(joined, ctx) } else { say(joined) })
    }

    fn leaves(&self, number: Option<i64>, ctx: &Ctx) -> Said {
        let person = oneself(ctx)?;
        let mut own = self.turns.iter().filter(|turn| turn.person == Some(person));
        let turn = match number {
            Some(number) => own.find(|turn| turn.number == number),
            None => {
                let first = own.next();
                ensure(own.next().is_none(), WhichTurn)?;
                first
            }
        };
        let Some(turn) = turn else { return Err(NotInLine.into()) };
        let buyer = turn.buyer.unwrap_or_else(|| impossible(turn));
        Ok(self.then_looks(Left { number: turn.number, buyer }, ctx))
    }

    /// Says it, and looks whether the next can be called then.
    fn then_looks(&self, event: Event, ctx: &Ctx) -> Script<Event> {
        let after = Self::apply(Some(self.clone()), &event);
        let said = say(event);
        if after.may_call() { self.opens_pages(false, said, ctx) } else { said }
    }

    fn looks(&self, is_asked: bool, ctx: &Ctx) -> Script<Event> {
        self.opens_pages(is_asked, Script::silent(), ctx)
    }

    /// Makes sure that this week and the next are there to be looked at, and looks.
    fn opens_pages(&self, is_asked: bool, said: Script<Event>, ctx: &Ctx) -> Script<Event> {
        let instrument = self.instrument;
        let now = calendar::Times { from: ctx.now, until: ctx.now.plus_millis(MINUTE) };
        let Some(monday) = calendar::pages(now, 0).into_iter().next() else { return said };
        let mondays = [monday, monday.plus_days(7)];
        let open = |monday: Day| calendar::Command::Open { instrument, monday };
        let page = |monday: Day| calendar::name(instrument, monday);
        let script =
            mondays.iter().fold(said, |script, monday| script.and(tell(page(*monday), &open(*monday))));
        let pages: Vec<Ref<Calendar>> = mondays.iter().map(|monday| page(*monday)).collect();
        let pages = Pages::new(pages).unwrap_or_default();
        let me: Ref<Self> = ctx.me.r();
        script.and(tell(me, &Next { instrument, pages, is_asked }))
    }

    /// Calls the first who waits, or says from when on somebody can begin. Whoever was called while somebody else took that time
    /// is called again later.
    fn next(&self, instrument: Ref<Instrument>, pages: &Pages, is_asked: bool, ctx: &Ctx) -> Said {
        let card = ctx.see(instrument);
        let using = card.read::<Using>("using").unwrap_or_default();
        let (now, least) = (ctx.now.in_millis(), least_of(&using));
        if let Some(called) = self.called() {
            let is_in_use = card.status == "normal";
            let is_free =
                is_in_use && first_free(&using, pages, least, ctx).is_some_and(|span| span.from() <= now);
            let back = say(SetBack { number: called.number });
            return Ok(match (is_free, is_in_use) {
                (true, _) => Script::silent(),
                (false, true) => self.held(back, &using, pages, ctx),
                // It is told when it is in use again.
                (false, false) => back,
            });
        }
        let Some(first) = self.first_waiting().filter(|_| is_asked || self.paused.is_none()) else {
            return Ok(Script::silent());
        };
        if card.status != "normal" {
            ensure(!is_asked, NotInService)?;
            let is_known = self.free_from.is_none();
            return Ok(if is_known { Script::silent() } else { say(Held { until: None }) });
        }
        // Whoever begins at the last moment still has the shortest time.
        let minutes = ctx.rule(CALL_MINUTES);
        let free = first_free(&using, pages, least + minutes, ctx);
        match free.map(|span| Moment::from_millis(span.from())) {
            Some(from) if from <= ctx.now => {
                let until = ctx.now.plus_millis(minutes * MINUTE);
                Ok(say(Called { number: first.number, until }))
            }
            Some(from) if is_asked => Err(NotFreeBefore { from }.into()),
            None if is_asked => Err(NotFreeBefore { from: ends(pages, ctx) }.into()),
            _ => Ok(self.held(Script::silent(), &using, pages, ctx)),
        }
    }

    /// From when on somebody can begin, where that is news.
    fn held(&self, said: Script<Event>, using: &Using, pages: &Pages, ctx: &Ctx) -> Script<Event> {
        let free = first_free(using, pages, least_of(using) + ctx.rule(CALL_MINUTES), ctx);
        let until = Some(free.map_or_else(|| ends(pages, ctx), |span| Moment::from_millis(span.from())));
        if until == self.free_from { said } else { said.say(Held { until }) }
    }
}
