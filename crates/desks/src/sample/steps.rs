//! Steps: what samples decide when something is asked of them, and what they are after each event.

use std::collections::BTreeSet;

use grammar::prelude::*;

use super::{
    Arrival, Came, Carriage,
    Command::{self, *},
    Condition, Declaration,
    Event::{self, *},
    Gone, Parcel,
    Refusal::{self, *},
    Remains, Rest, Sample, Status,
};
use crate::{hazard::Hazard, instrument::Using, laboratory::Takes, organisation::Organisation};

/// Hazards are named, with how to handle them, before anything comes.
const DECLARED_FIRST: Rule<bool> = rule("SM-P01");
/// What the post and express carriers may not take.
const NOT_POSTED: Rule<Vec<String>> = rule("SM-R01");
/// In which status a booking or a voucher order still has samples to come.
pub const OPEN: [&str; 12] = [
    "requested",
    "quoted",
    "contracted",
    "scheduled",
    "running",
    "used",
    "waiting",
    "offered",
    "asked",
    "placed",
    "accepted",
    "allotted",
];

type Said = Decision<Sample>;
type Refused<T> = Result<T, No<Refusal>>;

pub fn begin(command: &Command, ctx: &Ctx) -> Said {
    let Declare(declaration) = command.clone() else { return not_now() };
    let (buyer, provider, region) = belongs(&declaration, ctx)?;
    is_sound(&declaration, provider, ctx)?;
    Ok(say(Declared { declaration, buyer, provider, region }))
}

/// Whose they are and who looks after them: both sides of the booking or order.
fn belongs(declared: &Declaration, ctx: &Ctx) -> Refused<(Ref<Organisation>, Ref<Organisation>, Region)> {
    let card = match (declared.booking, declared.order) {
        (Some(booking), None) => {
            let card = ctx.see(booking);
            let Some(instrument) = declared.instrument else { return Err(WhichInstrument.into()) };
            ensure(card.the("instrument") == instrument.id(), AnotherInstrument)?;
            card
        }
        (None, Some(order)) => ctx.see(order),
        (None, None) => return Err(OfWhat.into()),
        (Some(_), Some(_)) => return Err(OfBoth.into()),
    };
    ensure(OPEN.contains(&card.status.as_str()), NothingComes)?;
    Ok((card.the("buyer").r(), card.the("provider").r(), card.scope()))
}

/// What is declared can be looked at: hazards with their handling, and none that the instrument or the laboratory does not take.
fn is_sound(declared: &Declaration, provider: Ref<Organisation>, ctx: &Ctx) -> Refused<()> {
    ensure(declared.is_complete, NotComplete).by(DECLARED_FIRST)?;
    let mut seen = BTreeSet::new();
    if let Some(hazard) = declared.hazards.iter().find(|hazard| !seen.insert(hazard.word())) {
        return Err(NamedTwice { hazard: *hazard }.into());
    }
    is_taken(declared, provider, ctx)?;
    let is_handled = declared.hazards.is_empty() || declared.handling.is_some();
    ensure(is_handled, NoHandling).by(DECLARED_FIRST)?;
    can_be_done(&declared.remains())
}

/// The instrument's own list counts before that of its laboratory.
fn is_taken(declared: &Declaration, provider: Ref<Organisation>, ctx: &Ctx) -> Refused<()> {
    let laboratory = declared.laboratory.map(|laboratory| ctx.see(laboratory));
    if let Some(card) = laboratory {
        ensure(card.the("lead") == provider.id(), AnotherLaboratory)?;
    }
    let using = declared.instrument.and_then(|instrument| ctx.see(instrument).read::<Using>("using"));
    if let Some(using) = using.filter(|using| using.only_these_hazards) {
        let other = declared.hazards.iter().find(|hazard| !using.hazards.contains(hazard));
        return other.map_or(Ok(()), |hazard| Err(NotTakenThere { hazard: *hazard }.into()));
    }
    let stopped = laboratory
        .and_then(|card| card.read::<Takes>("takes"))
        .and_then(|takes| takes.stops(&declared.hazards));
    stopped.map_or(Ok(()), |hazard| Err(NotTakenByLaboratory { hazard }.into()))
}

fn can_be_done(remains: &Remains) -> Refused<()> {
    ensure(remains.rest != Rest::Keep || remains.keep_days.is_some(), HowLong)?;
    ensure(remains.rest != Rest::SendBack || remains.back_to.is_some(), WhereTo)?;
    Ok(())
}

/// What happens when nobody in between looks at it: no word beyond the kind of carriage is needed for what is brought by hand.
fn may_go(parcel: &Parcel, hazards: &[Hazard], ctx: &Ctx) -> Refused<()> {
    let banned = ctx.rule(NOT_POSTED);
    let stopped = hazards.iter().copied().find(|hazard| banned.contains(&hazard.word()));
    if let (Carriage::Post, Some(hazard)) = (parcel.carriage, stopped) {
        return ensure(false, MayNotBePosted { hazard }).by(NOT_POSTED);
    }
    let is_carried = parcel.carriage != Carriage::ByHand;
    ensure(!is_carried || parcel.carrier.is_some(), NoCarrier)?;
    ensure(!is_carried || parcel.tracking.is_some(), NoTracking)?;
    Ok(())
}

impl Sample {
    pub(super) fn goes_on(&self, command: &Command, ctx: &Ctx) -> Said {
        use Status::{Accepted, Declared, InUse, Kept, Left, Received, Refused, Returning, Sent};
        match (self.status, command.clone()) {
            (Declared | Refused, Amend(declaration)) => {
                let ours = &self.declaration;
                let is_same = ours.booking == declaration.booking && ours.order == declaration.order;
                ensure(is_same, AnotherBooking)?;
                is_sound(&declaration, self.provider, ctx)?;
                Ok(say(Amended { declaration }))
            }
            (Declared, Accept { note }) => Ok(say(Event::Accepted { note })),
            (Declared | Accepted, Refuse { reason }) => Ok(say(Event::Refused { reason })),
            (Declared | Refused | Accepted, Withdraw { reason }) => Ok(say(Withdrawn { reason })),
            (Accepted, Send(parcel)) => {
                may_go(&parcel, &self.declaration.hazards, ctx)?;
                Ok(say(Event::Sent(Gone { at: ctx.now, parcel })))
            }
            (Accepted | Sent, Receive(arrival)) => self.comes(arrival, ctx),
            (Received, Begin) => Ok(say(Begun)),
            (Received | InUse, Finish { left, note }) => self.ends(left.get(), note, ctx),
            (Accepted | Sent | Received | InUse | Left | Kept, Instruct(remains)) => {
                can_be_done(&remains)?;
                let is_over = matches!(self.status, Left | Kept);
                let until = self.kept_until(&remains, ctx).filter(|_| is_over);
                Ok(say(Instructed { remains, until }))
            }
            (Left | Kept, SendBack(parcel)) => {
                ensure(self.declaration.rest != Rest::Destroy, ToBeDestroyed)?;
                may_go(&parcel, &self.declaration.hazards, ctx)?;
                Ok(say(SentBack(Gone { at: ctx.now, parcel })))
            }
            (Returning, TakeBack { note }) => Ok(say(TakenBack { at: ctx.now, note })),
            (Left | Kept, Destroy { how }) => {
                ensure(self.declaration.rest != Rest::SendBack, ToBeSentBack)?;
                if let Some(until) = self.until {
                    return Err(KeptUntil { until }.into());
                }
                Ok(say(Destroyed { at: ctx.now, how }))
            }
            (Kept, EndKeeping) if self.until.is_some_and(|until| until < ctx.today()) => {
                Ok(say(KeepingEnded))
            }
            _ => not_now(),
        }
    }

    fn comes(&self, arrival: Arrival, ctx: &Ctx) -> Said {
        let is_whole =
            arrival.condition == Condition::Good && arrival.counted.get() == self.declaration.count.get();
        ensure(is_whole || arrival.note.is_some(), WhatIsWrong)?;
        Ok(say(Event::Received(Came { at: ctx.now, arrival })))
    }

    fn ends(&self, left: i64, note: Option<Text<500>>, ctx: &Ctx) -> Said {
        let counted = self.came.as_ref().map_or(0, |came| came.arrival.counted.get());
        ensure(left <= counted, MoreThanCame { counted })?;
        if left == 0 {
            return Ok(say(UsedUp { at: ctx.now, note }));
        }
        let until = self.kept_until(&self.declaration.remains(), ctx);
        Ok(say(Finished { left, note, until }))
    }

    fn kept_until(&self, remains: &Remains, ctx: &Ctx) -> Option<Day> {
        let days = remains.keep_days.filter(|_| remains.rest == Rest::Keep)?.get();
        Some(ctx.today().plus_days(i32::try_from(days).unwrap_or(i32::MAX)))
    }

    pub(super) fn begun(event: &Event) -> Self {
        let Declared { declaration, buyer, provider, region } = event.clone() else { impossible(event) };
        Self {
            status: Status::Declared,
            declaration: *declaration,
            buyer,
            provider,
            region,
            word: None,
            sent: None,
            came: None,
            left: None,
            until: None,
            is_over: false,
            back: None,
            end: None,
            ended: None,
        }
    }

    pub(super) fn changes(&mut self, event: &Event) {
        match event.clone() {
            Declared { .. } => impossible(event),
            Amended { declaration } => (self.status, self.declaration) = (Status::Declared, *declaration),
            Event::Accepted { note } => (self.status, self.word) = (Status::Accepted, note),
            Event::Refused { reason } => (self.status, self.word) = (Status::Refused, Some(reason)),
            Withdrawn { reason } => (self.status, self.end) = (Status::Withdrawn, reason),
            Event::Sent(gone) => (self.status, self.sent) = (Status::Sent, Some(gone)),
            Event::Received(came) => (self.status, self.came) = (Status::Received, Some(came)),
            Begun => self.status = Status::InUse,
            Finished { left, note, until } => {
                (self.left, self.word) = (Some(left), note.or(self.word.take()));
                self.rests(until);
            }
            Event::UsedUp { at, note } => {
                (self.status, self.left, self.end) = (Status::UsedUp, Some(0), note);
                self.ended = Some(at);
            }
            Instructed { remains, until } => {
                self.declaration.leaves(remains);
                if matches!(self.status, Status::Left | Status::Kept) {
                    self.rests(until);
                }
            }
            SentBack(gone) => {
                (self.status, self.back, self.until) = (Status::Returning, Some(gone), None);
            }
            TakenBack { at, note } => {
                (self.status, self.end, self.ended) = (Status::Returned, note, Some(at));
            }
            Event::Destroyed { at, how } => {
                (self.status, self.end, self.ended) = (Status::Destroyed, Some(how), Some(at));
            }
            KeepingEnded => (self.status, self.until, self.is_over) = (Status::Left, None, true),
        }
    }

    /// What is left is kept until a day, or waits for what was agreed.
    fn rests(&mut self, until: Option<Day>) {
        (self.until, self.is_over) = (until, false);
        self.status = if until.is_some() { Status::Kept } else { Status::Left };
    }
}
