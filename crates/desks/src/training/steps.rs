//! Steps: what a session decides when it is asked.

use engines::booking::{DAY, MINUTE};
use grammar::prelude::*;

use super::{
    Command::{self, *},
    Event::{self, *},
    Opens, Plan,
    Refusal::{self, *},
    Status, Training,
};
use crate::{
    calendar::{self, Times, Why},
    instrument::{Instrument, Using},
    person::Person,
};

/// How far ahead one is announced, in days.
const AHEAD_DAYS: Rule<i64> = rule("BK-P22");
/// How long after its end the teacher may sign off, in days.
const SIGN_DAYS: Rule<i64> = rule("BK-P23");

type Said = Decision<Training>;

pub fn decide(this: Option<&Training>, command: &Command, ctx: &Ctx) -> Said {
    let Some(t) = this else { return begin(command, ctx) };
    match (t.status, command.clone()) {
        (Status::Announced, Postpone { from, room }) => {
            may_be_then(from, ctx)?;
            Ok(t.plan.closed_then(from).fold(t.plan.opened_again(say(Postponed { from, room })), Script::and))
        }
        (Status::Announced, Join { permit }) => {
            let person = oneself(ctx)?;
            let renews = permit.map(|permit| t.renews(permit, person, ctx)).transpose()?;
            t.lists(person, renews)
        }
        (Status::Announced, Leave) => t.unlists(oneself(ctx)?),
        (Status::Announced | Status::Begun, Enlist { person }) => t.lists(person, None),
        (Status::Announced | Status::Begun, Strike { person }) => t.unlists(person),
        (Status::Announced, CallOff { reason }) => Ok(t.plan.opened_again(say(Event::CalledOff { reason }))),
        (Status::Announced, Begin) if t.plan.from <= ctx.now => {
            let ends = t.plan.from.plus_millis(t.plan.minutes.get() * MINUTE);
            Ok(say(Begun { closes: ends.plus_millis(ctx.rule(SIGN_DAYS) * DAY) }))
        }
        (Status::Begun, SignOff { passed, until }) => t.signs_off(&passed, until),
        (Status::Begun, Close) => Ok(say(Closed)),
        _ => not_now(),
    }
}

/// Names are put down by the person, not by someone who acts for them: who sits there is who passes.
fn oneself(ctx: &Ctx) -> Result<Ref<Person>, No<Refusal>> {
    match ctx.by.person.filter(|person| ctx.by.is_itself(*person)) {
        Some(person) => Ok(person.r()),
        None => Err(OnlyYourself.into()),
    }
}

fn may_be_then(from: Moment, ctx: &Ctx) -> Result<(), No<Refusal>> {
    let days = ctx.rule(AHEAD_DAYS);
    ensure(ctx.now < from, InThePast { from })?;
    ensure(from <= ctx.now.plus_millis(days * DAY), TooFarAhead { days }).by(AHEAD_DAYS)
}

/// The instruments are those of one unit, or stand in the laboratory that trains for them.
fn begin(command: &Command, ctx: &Ctx) -> Said {
    let Announce(plan) = command.clone() else { return not_now() };
    let Some(first) = plan.instruments.first().copied() else { return Err(NoInstrument.into()) };
    may_be_then(plan.from, ctx)?;
    let card = ctx.see(first);
    let unit = match plan.laboratory {
        Some(laboratory) => ctx.see(laboratory).the("lead"),
        None => card.the("unit"),
    };
    let mut seen = std::collections::BTreeSet::new();
    for instrument in plan.instruments.iter().copied() {
        let its = ctx.see(instrument);
        ensure(seen.insert(instrument.id()), InstrumentTwice { instrument })?;
        match plan.laboratory {
            Some(laboratory) => {
                let is_there = its.holders("laboratory").any(|id| id == laboratory.id());
                ensure(is_there, NotInLaboratory { instrument })?;
                let may_close = !plan.closes_instruments || its.the("unit") == unit;
                ensure(may_close, NotYoursToClose { instrument })?;
            }
            None => ensure(its.the("unit") == unit, OfAnotherUnit { instrument })?,
        }
    }
    let title = Bilingual { zh: Text::read(&card.title_zh), en: Text::read(&card.title_en) };
    let (region, opens) = (card.scope(), opened(&plan, ctx));
    let closed: Vec<Tell> = plan.closed_then(plan.from).collect();
    Ok(closed.into_iter().fold(say(Announced { title, unit: unit.r(), region, plan, opens }), Script::and))
}

impl Plan {
    fn times(&self, from: Moment) -> Times {
        Times { from, until: from.plus_millis(self.minutes.get() * MINUTE) }
    }

    /// Closes the instruments from then on, as long as it lasts, where that was asked.
    fn closed_then(&self, from: Moment) -> impl Iterator<Item = Tell> {
        self.on_pages(self.times(from), move |instrument, monday, times| calendar::Command::Close {
            instrument,
            monday,
            times,
            why: Why::Training,
        })
    }

    /// Opens them again for bookings, unless their keepers did.
    fn opened_again(&self, said: Script<Event>) -> Script<Event> {
        let open = |_, _, times| calendar::Command::Reopen { times, may_be_open: true };
        self.on_pages(self.times(self.from), open).fold(said, Script::and)
    }

    fn on_pages(
        &self,
        times: Times,
        command: impl Fn(Ref<Instrument>, Day, Times) -> calendar::Command,
    ) -> impl Iterator<Item = Tell> {
        let instruments = self.instruments.iter().copied().filter(|_| self.closes_instruments);
        let pages = instruments.flat_map(move |instrument| {
            calendar::pages(times, 0).into_iter().map(move |day| (instrument, day))
        });
        pages.map(move |(instrument, monday)| {
            tell(calendar::name(instrument, monday), &command(instrument, monday, times))
        })
    }
}

/// One instrument of each unit's group, and those of none.
fn opened(plan: &Plan, ctx: &Ctx) -> Vec<Opens> {
    let (mut groups, mut opens) = (std::collections::BTreeSet::new(), Vec::new());
    for instrument in plan.instruments.iter().copied() {
        let card = ctx.see(instrument);
        let group = card.read::<Using>("using").and_then(|using| using.permit_group);
        let unit = card.the("unit");
        if group.as_ref().is_none_or(|group| groups.insert((unit, group.to_string()))) {
            opens.push(Opens { instrument, unit: unit.r(), group });
        }
    }
    opens
}
