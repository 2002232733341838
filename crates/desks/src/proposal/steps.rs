//! Steps: what a proposal must say, when it can be handed in, and how the facility looks at it.

use grammar::prelude::*;

use super::{
    Command::{self, *},
    Entry,
    Event::*,
    Hazard, Kind, Proposal,
    Refusal::{self, *},
    Status, Terms, Verdict,
};
use crate::{instrument::Instrument, track_record};

/// State secrets do not belong here.
const NO_SECRETS: Rule<bool> = rule("IN-P10");
/// Samples and dangers are looked at before anything is brought.
const SAFETY_FIRST: Rule<bool> = rule("IN-P34");
/// Shifts that are given back are offered to those below the line.
const TIME_GOES_BACK: Rule<Period> = rule("IN-P35");
/// Whoever keeps the results to themselves pays the full cost.
const OWN_RESULTS_PAY: Rule<bool> = rule("IN-R33");

type Said = Decision<Proposal>;

/// What makes sense by itself, whatever the round.
fn sensible(entry: &Entry) -> Result<(), No<Refusal>> {
    ensure(entry.no_secrets, MayHoldSecrets).by(NO_SECRETS)?;
    ensure(!entry.title.is_empty(), NoTitle)?;
    ensure(entry.fewest() <= entry.shifts.get(), MoreLeastThanAsked)?;
    ensure(entry.kind != Kind::Urgent || entry.urgency.is_some(), NoUrgency)?;
    ensure(!entry.samples.is_empty(), NoSamples).by(SAFETY_FIRST)?;
    let bare = |sample: &&super::Sample| sample.hazard != Hazard::None && sample.measures.is_none();
    match entry.samples.iter().find(bare) {
        Some(sample) => {
            let sample = sample.name.clone();
            ensure(false, NoMeasures { sample }).by(SAFETY_FIRST)
        }
        None => Ok(()),
    }
}

/// Whether the round takes it now: within the window, an urgent one until the period ends.
fn taken_now(entry: &Entry, ctx: &Ctx) -> Result<Terms, No<Refusal>> {
    let card = ctx.see(entry.round);
    let days = card.read::<(Day, Day)>("use");
    let Some((use_from, use_until)) = days else { return Err(RoundNotOpen.into()) };
    let is_open = match entry.kind {
        Kind::Urgent => ["open", "closed", "allocated"].contains(&card.status.as_str()),
        _ => card.status == "open",
    };
    ensure(is_open, RoundNotOpen)?;
    let is_offered = card.holders("instrument").any(|id| id == entry.instrument.id());
    ensure(is_offered, NotOffered)?;
    Ok(Terms { unit: card.the("unit").r(), region: card.scope(), use_from, use_until })
}

/// Whoever leads the experiment asks, for a unit of their own; whoever will pay for it may sign.
fn is_asked_by_the_leader(entry: &Entry, ctx: &Ctx) -> Result<(), No<Refusal>> {
    ensure(ctx.by.is_itself(entry.leader.id()), NotYourself)?;
    ensure(ctx.by.is(entry.applicant.id()), NotYourUnit)?;
    let pays = entry.kind == Kind::Proprietary;
    let may_sign = ctx.by.signs_for.contains(&entry.applicant.id());
    ensure(!pays || may_sign, MayNotSign).by(OWN_RESULTS_PAY)
}

pub(super) fn begin(command: &Command, ctx: &Ctx) -> Said {
    let Submit(entry) = command.clone() else { return not_now() };
    sensible(&entry)?;
    is_asked_by_the_leader(&entry, ctx)?;
    let terms = taken_now(&entry, ctx)?;
    let (person, unit, region) = (entry.leader, terms.unit, terms.region);
    let enter = track_record::Command::Enter { person, unit, region };
    let said = say(Submitted { itself: ctx.me.r(), entry, terms, at: ctx.now });
    Ok(said.and(tell(track_record::name(person), &enter)))
}

impl Proposal {
    pub(super) fn is_prepared(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command.clone()) {
            (Status::Submitted | Status::Returned, Amend(entry)) => {
                let is_same = entry.round == self.entry.round
                    && entry.leader == self.entry.leader
                    && entry.applicant == self.entry.applicant;
                ensure(is_same, RoundChanges)?;
                sensible(&entry)?;
                is_asked_by_the_leader(&entry, ctx)?;
                taken_now(&entry, ctx)?;
                Ok(say(Amended { entry }))
            }
            (Status::Submitted, Check { verdict, note }) => {
                ensure(verdict == Verdict::Passed || note.is_some(), NoteNeeded).by(SAFETY_FIRST)?;
                Ok(say(match verdict {
                    Verdict::Passed => Checked { note },
                    Verdict::Returned => Returned { note },
                    Verdict::Failed => Failed { note },
                }))
            }
            (Status::Checked, BeginReview { round }) if round == self.entry.round => Ok(say(ReviewBegun)),
            // While it is being ranked it stays, so that the ranking stands.
            (Status::Submitted | Status::Returned | Status::Checked, Withdraw { reason }) => {
                Ok(say(Withdrawn { reason }))
            }
            // Time goes back by way of the round, which knows whose turn is next.
            (Status::Granted | Status::Cleared | Status::Offered, Withdraw { .. }) => {
                let round = self.entry.round;
                ensure(false, HasTime { round }).by(TIME_GOES_BACK)?;
                not_now()
            }
            _ => not_now(),
        }
    }

    pub(super) fn is_its_instrument(&self, instrument: Ref<Instrument>) -> Result<(), Refusal> {
        ensure(instrument == self.entry.instrument, AnotherInstrument)
    }
}
