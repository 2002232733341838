//! Turns: whoever was called in an instrument's line begins, for as long as nobody has booked it; what is not used goes back to the
//! calendar, and the line hears of all that frees time.

use engines::booking::{self as engine, DAY, MINUTE, Resource, Span, Spans};
use grammar::prelude::*;

use super::{
    Answers, Booking,
    Event::{self, *},
    PAGES_MAX, Pages, Presence,
    Refusal::*,
    Request, Sitting, Skips, Status, WANTED_MAX, Wanted, agreed,
    asking::{book_of, china, in_terms, opens_pages, price_of, takes, terms_of, using_of},
    extras, permitted, questions,
};
use crate::{
    agreement::Agreement,
    calendar::{self, Times},
    instrument::{Instrument, Mode, Using},
    line::{self, Line},
    organisation::Organisation,
    permit::Permit,
    person::Person,
};

/// The turn that a booking came from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct FromLine {
    pub line: Ref<Line>,
    pub number: i64,
    /// Whoever has not begun so many minutes after its time came gives it up.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub begin_minutes: Option<i64>,
}

/// What whoever was called says as they begin; what they want stands in their turn already.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize, JsonSchema)]
pub struct TakenTurn {
    pub instrument: Ref<Instrument>,
    pub line: Ref<Line>,
    /// Its number.
    pub turn: line::Number,
    pub buyer: Ref<Organisation>,
    /// When it is to be less than was wanted.
    pub minutes: Option<Between<5, 20_160>>,
    pub permit: Option<Ref<Permit>>,
    pub agreement: Option<Ref<Agreement>>,
    #[serde(default)]
    pub way: Option<Presence>,
    #[serde(default)]
    pub accessories: List<Wanted, WANTED_MAX>,
    #[serde(default)]
    pub consumables: List<Wanted, WANTED_MAX>,
    #[serde(default)]
    pub companion: Option<Ref<Person>>,
    #[serde(default)]
    pub answers: Answers,
}

/// How long whoever is called, or has taken a turn, may take to begin, in minutes.
const CALL_MINUTES: Rule<i64> = rule("LN-P01");

type Said = Decision<Booking>;

/// The next full minute.
fn next_minute(now: Moment) -> Moment {
    Moment::from_millis((now.in_millis() + MINUTE - 1).div_euclid(MINUTE) * MINUTE)
}

/// Says it, and lets the instrument's line look at its calendar where it has one.
pub(super) fn then_line(mode: Mode, instrument: Ref<Instrument>, said: Script<Event>) -> Script<Event> {
    if mode.has_line() { said.and(tell(line::name(instrument), &line::Command::Look)) } else { said }
}

/// What a turn and what is said at its beginning ask for.
fn asked(taken: &TakenTurn, wish: line::Wish, now: Moment) -> Request {
    let TakenTurn { instrument, buyer, permit, agreement, way, companion, .. } = *taken;
    Request {
        instrument,
        buyer,
        from: next_minute(now),
        minutes: taken.minutes.unwrap_or(wish.minutes),
        every: None,
        basis: wish.basis,
        samples: wish.samples,
        purpose: wish.purpose,
        project: wish.project,
        detail: wish.detail,
        permit,
        instead_of: None,
        way,
        accessories: taken.accessories.clone(),
        consumables: taken.consumables.clone(),
        setups: List::default(),
        wants_operator: false,
        companion,
        answers: taken.answers.clone(),
        agreement,
        no_secrets: wish.no_secrets,
    }
}

/// The one who was called, and nobody else; looked at as a request is. How long it lasts is seen once its weeks are there.
pub(super) fn take_turn(taken: &TakenTurn, ctx: &Ctx) -> Said {
    let (instrument, line, number) = (taken.instrument, taken.line, taken.turn.get());
    let card = ctx.see(line);
    ensure(card.the("instrument") == instrument.id(), AnotherInstrument)?;
    let called = card.read::<line::Turn>("called");
    let is_own =
        |turn: &line::Turn| turn.number == number && turn.is_own(ctx.by) && turn.buyer == Some(taken.buyer);
    let Some(wish) = called.filter(is_own).and_then(|turn| turn.wish) else { return Err(NotYourTurn.into()) };
    let request = asked(taken, wish, ctx.now);
    let (using, mut terms) = terms_of(instrument, &request, ctx)?;
    if !terms.is_at_once() {
        return not_now();
    }
    // Nobody can cancel in time what begins now.
    terms.late_share = None;
    agreed::applies(&mut terms, &using, &request, ctx)?;
    permitted::is_permitted(&using, &request, ctx)?;
    questions::are_answered(&terms, &request)?;
    let (itself, booker, price) = (ctx.me.r(), ctx.by.person, Money::ZERO);
    let buffer = terms.buffer.get();
    let turn = FromLine { line, number, begin_minutes: Some(ctx.rule(CALL_MINUTES)) };
    let mondays: Vec<Day> = request
        .wished()
        .into_iter()
        .flat_map(|times| calendar::pages(times, buffer))
        .take(PAGES_MAX)
        .collect();
    opens_pages(say(TookTurn { itself, request, terms, booker, price, turn }), instrument, mondays, ctx)
}

impl Booking {
    /// Takes what is free of the wanted time from now on, in the instrument's steps.
    pub(super) fn sits(&self, instrument: Ref<Instrument>, pages: &Pages, ctx: &Ctx) -> Said {
        let Some(turn) = self.turn.filter(|_| self.status == Status::Planning) else { return not_now() };
        let using = using_of(instrument, &self.request, ctx)?;
        let Some(wanted) = self.request.wished().first().copied().and_then(calendar::span_of) else {
            return not_now();
        };
        let free = self.free_of(&using, wanted, pages, ctx);
        ensure(free > 0, NotFreeNow)?;
        let step = using.step_minutes.map_or(1, Between::get);
        let (least, minutes) = (using.shortest_minutes.map_or(step, Between::get), free / step * step);
        ensure(least <= minutes, OnlyFree { minutes: free })?;
        let from = Moment::from_millis(wanted.from());
        let times = Times { from, until: from.plus_millis(minutes * MINUTE) };
        // Whoever is called gave no notice, for there was none to give.
        in_terms(&Using { notice_hours: None, ..using.clone() }, times, ctx)?;
        extras::is_accompanied(&using, &self.request, &[times], ctx)?;
        let price = price_of(&using, &self.terms, &self.request, &[times])?;
        let sittings = List::new(vec![Sitting::planned(times)]).unwrap_or_default();
        let said = say(Planned { sittings, skipped: Skips::default(), price });
        let taken =
            takes(self.itself, &self.request, &self.terms, &[times]).into_iter().fold(said, Script::and);
        let Some(number) = Between::new(turn.number) else { return not_now() };
        let take = line::Command::Take { number, booking: self.itself };
        Ok(taken.say(Scheduled { operator: None }).and(tell(turn.line, &take)))
    }

    /// Until when a turn that was taken must have begun.
    pub(super) fn begins_by(&self) -> Option<Moment> {
        let minutes = self.turn?.begin_minutes?;
        let times = self.ahead().filter(|_| self.status == Status::Scheduled)?.times;
        Some(times.from.plus_millis(minutes * MINUTE).min(times.until))
    }

    /// Minutes from the beginning of a span until it is closed or somebody else has it.
    fn free_of(&self, using: &Using, wanted: Span, pages: &Pages, ctx: &Ctx) -> i64 {
        let book = book_of(pages, self.terms.places, ctx);
        let (hours, zone, closed) = (using.hours(), china(), Spans::default());
        let buffer = self.terms.buffer.get() * MINUTE;
        let resource = Resource { hours: &hours, zone: &zone, closed: &closed, book: &book, buffer };
        let free = engine::free(&resource, wanted.wider(DAY)).common(&Spans::from_iter([wanted]));
        free.iter()
            .next()
            .filter(|first| first.from() == wanted.from())
            .map_or(0, |first| first.length() / MINUTE)
    }

    /// What a sitting that has stopped leaves of its time is for others.
    pub(super) fn gives_rest_back(&self, at: Moment, said: Script<Event>) -> Script<Event> {
        let Some(times) = self.running().map(|sitting| sitting.times) else { return said };
        let (instrument, booking, from) = (self.request.instrument, self.itself, times.from);
        let rest = Times { from: at.max(from), until: times.until };
        if rest.until <= rest.from {
            return then_line(self.terms.mode, instrument, said);
        }
        let buffer = self.terms.buffer.get();
        let kept = if from < at { calendar::pages(Times { from, until: at }, buffer) } else { vec![] };
        let tells = calendar::pages(times, buffer).into_iter().map(|monday| {
            let command = if kept.contains(&monday) {
                calendar::Command::Shorten { booking, from, until: at }
            } else {
                calendar::Command::Free { booking, from: Some(from) }
            };
            tell(calendar::name(instrument, monday), &command)
        });
        let freed = tells.fold(said, Script::and).and(self.offers(&[rest]));
        then_line(self.terms.mode, instrument, freed)
    }
}
