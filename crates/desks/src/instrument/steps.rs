//! Steps: what an instrument decides when it is asked.

use grammar::prelude::*;

use super::{
    Command::{self, *},
    Event::{self, *},
    Instrument, Purchase,
    Refusal::*,
    Sharing, Status,
    duty::duty,
    entry::{sensible, sensible_terms},
    purchase,
    using::{Using, sensible_using},
};
use crate::line;

type Said = Decision<Instrument>;

/// Letters of a code at an instrument, so that it is not guessed.
const DOOR_LEAST: usize = 4;

pub fn decide(this: Option<&Instrument>, command: &Command, ctx: &Ctx) -> Said {
    let Some(i) = this else { return begin(command, ctx) };
    // What a use took is true of one that was scrapped since, too.
    if let UseUp { used } = command {
        return i.uses_up(used);
    }
    if i.status == Status::Scrapped {
        return not_now();
    }
    match command.clone() {
        Amend(mut entry) => {
            // How far it is shared is for those who may sign; whoever mends the rest leaves it as it is.
            entry.terms = i.entry.terms.clone();
            entry.purchase = i.entry.purchase;
            ensure(entry.code == i.entry.code, CodeChanges)?;
            ensure(entry.unit == i.entry.unit, UnitChanges)?;
            sensible(&entry, ctx.today())?;
            let duty = duty(&entry, i.reported, ctx);
            Ok(say(Amended { entry, duty }))
        }
        SetSharing { terms } => {
            sensible_terms(&terms)?;
            Ok(say(SharingSet { terms }))
        }
        SetUsing { using } => {
            sensible_using(&using, i.entry.terms.sharing == Sharing::External)?;
            Ok(i.is_used_by(using))
        }
        SetDoor { door } => sets_door(door),
        SetOperators { operators } => {
            Instrument::sensible_operators(&operators, ctx.today())?;
            Ok(say(OperatorsSet { operators }))
        }
        NoteUnattended { unattended } => i.is_unattended(unattended),
        SetStock { stocks } => i.sets_stock(stocks),
        SetQuestions { questions } => i.sets_questions(questions),
        Suspend { reason, back } if i.status == Status::Normal => {
            let past = back.filter(|back| *back < ctx.today());
            ensure(past.is_none(), BackInThePast { back: past.unwrap_or(ctx.today()) })?;
            Ok(i.told(Suspended { reason, back }))
        }
        Resume if i.status == Status::Repair => Ok(i.told(Resumed)),
        Scrap { reason } => Ok(i.told(Scrapped { reason })),
        Close { times, why } => {
            let pages = i.tell_pages(times, Some(why), ctx)?;
            Ok(i.then_line(pages.into_iter().fold(say(Closed { times, why }), Script::and)))
        }
        Reopen { times } => {
            let pages = i.tell_pages(times, None, ctx)?;
            Ok(i.then_line(pages.into_iter().fold(say(Reopened { times }), Script::and)))
        }
        Transfer { to, reason } => {
            ensure(to != i.entry.unit, SameUnit)?;
            Ok(say(Offered { to, reason }))
        }
        CallIn { round, year } => i.is_called_in(round, year.get(), ctx),
        LeaveOut { round } => Ok(say(LeftOut { round })),
        Receive => match i.receiver {
            Some(to) => Ok(i.told(Transferred { to })),
            None => not_now(),
        },
        _ => not_now(),
    }
}

impl Instrument {
    /// New terms; where they have a line, or those before had one, it is told.
    fn is_used_by(&self, using: Using) -> Script<Event> {
        let is_told = self.has_line() || using.mode.has_line();
        let said = say(UsingSet { using });
        if is_told { said.and(self.opens_line()) } else { said }
    }

    fn has_line(&self) -> bool {
        self.using.as_ref().is_some_and(|using| using.mode.has_line())
    }

    /// Its line keeps to what it says now.
    fn opens_line(&self) -> Tell {
        tell(line::name(self.itself), &line::Command::Open { instrument: self.itself })
    }

    /// Says it, and lets its line know where there is one.
    fn told(&self, event: Event) -> Script<Event> {
        self.then_line(say(event))
    }

    fn then_line(&self, said: Script<Event>) -> Script<Event> {
        if self.has_line() { said.and(self.opens_line()) } else { said }
    }
}

fn sets_door(door: Text<20>) -> Said {
    ensure(door.chars().count() >= DOOR_LEAST, DoorTooShort { least: DOOR_LEAST })?;
    Ok(say(DoorSet { door }))
}

fn begin(command: &Command, ctx: &Ctx) -> Said {
    let Report(entry) = command.clone() else { return not_now() };
    let on = ctx.today();
    sensible(&entry, on)?;
    let duty = duty(&entry, on, ctx);
    let (bought, unit) = (entry.purchase, entry.unit);
    let script = say(Reported { itself: ctx.me.r(), on, entry, duty });
    let Some(bought) = bought else { return Ok(script) };
    ensure(ctx.see(bought).the("unit") == unit.id(), NotThisPurchase { purchase: bought })?;
    Ok(script.and(reports(bought, ctx)))
}

fn reports(bought: Ref<Purchase>, ctx: &Ctx) -> Tell {
    tell(bought, &purchase::Command::MarkReported { instrument: ctx.me.r() })
}
