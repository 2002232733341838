//! Turns: time that comes back goes to those below the line, by rank, each with some days to answer.
//!
//! A leader gives back what a proposal has and has not placed; the facility takes it back when samples or safety stand
//! in the way. Whoever says no, or nothing in time, passes the turn on. Always: what is given and what is offered is
//! together no more than the pool has.

use grammar::prelude::*;

use super::{
    Command::{self, *},
    Event::{self, *},
    Refusal::{self, *},
    Round, Status,
    fields::{Back, Outcome, Turn, mark_text},
};
use crate::{
    instrument::Instrument,
    proposal::{self, Kind, Place, Proposal},
};

/// How long each has to answer.
const ANSWER_WITHIN: Rule<Period> = rule("IN-P35");

type Said = Decision<Round>;

impl Round {
    /// What was given comes back, or is answered.
    pub(super) fn gives_on(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command.clone()) {
            (Status::Open | Status::Closed | Status::Allocated, GiveBack { proposal, reason }) => {
                self.is_of_its_leader(proposal, ctx)?;
                self.comes_back(proposal, reason, ctx)
            }
            (Status::Open | Status::Closed | Status::Allocated, TakeBack { proposal, reason }) => {
                self.comes_back(proposal, Some(reason), ctx)
            }
            (Status::Allocated, AnswerTurn { proposal, accepts }) => {
                self.is_of_its_leader(proposal, ctx)?;
                let Some(turn) = self.turn(proposal) else { return Err(NotItsTurn { proposal }.into()) };
                if accepts { Ok(self.takes(&turn)) } else { Ok(self.passes(&turn, ctx)) }
            }
            (Status::Allocated, PassOn { proposal }) => match self.turn(proposal) {
                Some(turn) if turn.until < ctx.today() => Ok(self.passes(&turn, ctx)),
                _ => not_now(),
            },
            _ => not_now(),
        }
    }

    fn is_of_its_leader(&self, proposal: Ref<Proposal>, ctx: &Ctx) -> Result<(), No<Refusal>> {
        let card = ctx.see(proposal);
        ensure(card.the("round") == self.itself.id(), NotOfThisRound { proposal })?;
        Ok(ensure(ctx.by.is_itself(card.the("leader")), NotYours { proposal })?)
    }

    /// The turn of a proposal that has not answered yet.
    fn turn(&self, proposal: Ref<Proposal>) -> Option<Turn> {
        self.turns.iter().find(|turn| turn.proposal == proposal && turn.took.is_none()).copied()
    }

    /// The turn whose time is over first.
    pub(super) fn next_turn(&self) -> Option<&Turn> {
        self.turns.iter().filter(|turn| turn.took.is_none()).min_by_key(|turn| turn.until)
    }

    fn comes_back(&self, proposal: Ref<Proposal>, reason: Option<Text<500>>, ctx: &Ctx) -> Said {
        let card = ctx.see(proposal);
        ensure(card.the("round") == self.itself.id(), NotOfThisRound { proposal })?;
        let shifts = match card.status.as_str() {
            "granted" | "cleared" => card.read::<i64>("granted").unwrap_or_default(),
            "scheduled" => card.read::<i64>("left").unwrap_or_default(),
            _ => 0,
        };
        ensure(shifts > 0, NothingToGiveBack { proposal })?;
        let (instrument, kind) = (card.the("instrument").r(), card.read("kind"));
        let Some(kind) = kind else { return not_now() };
        let came = CameBack(Back { proposal, instrument, kind, shifts, reason: reason.clone() });
        let taken = tell(proposal, &proposal::Command::TakeBack { reason });
        let said = say(came.clone()).and(taken);
        Ok(self.after(&came).offers(said, (instrument, kind), ctx))
    }

    fn after(&self, event: &Event) -> Self {
        let mut after = self.clone();
        after.turns_go_on(event);
        after
    }

    fn takes(&self, turn: &Turn) -> Script<Event> {
        let proposal = turn.proposal;
        let outcome = self.outcomes.iter().find(|one| one.proposal == proposal);
        let place = outcome.and_then(place);
        let said = say(TurnTaken { proposal });
        match Between::new(turn.shifts) {
            Some(shifts) => said.and(tell(proposal, &proposal::Command::Grant { shifts, place })),
            None => impossible(turn),
        }
    }

    fn passes(&self, turn: &Turn, ctx: &Ctx) -> Script<Event> {
        let proposal = turn.proposal;
        let passed = TurnPassed { proposal };
        let said = say(passed.clone()).and(tell(proposal, &proposal::Command::PassTurn));
        self.after(&passed).offers(said, (turn.instrument, turn.kind), ctx)
    }

    /// What nobody has and nobody is offered, at one instrument for one kind.
    fn free(&self, of: (Ref<Instrument>, Kind)) -> i64 {
        let line = self.lines.iter().find(|line| (line.instrument, line.kind) == of);
        let open = self.turns.iter().filter(|turn| (turn.instrument, turn.kind) == of && turn.took.is_none());
        line.map_or(0, |line| line.shifts - line.given) - open.map(|turn| turn.shifts).sum::<i64>()
    }

    /// Offers what is free down the ranks, to whom it is enough and who has not been asked yet.
    fn offers(&self, said: Script<Event>, of: (Ref<Instrument>, Kind), ctx: &Ctx) -> Script<Event> {
        let last = self.plan.use_until;
        // An urgent one's time goes back to the director's reserve.
        if self.status != Status::Allocated || of.1 == Kind::Urgent || ctx.today() >= last {
            return said;
        }
        let until = ctx.calendar().last_day(ctx.today(), ctx.rule(ANSWER_WITHIN)).min(last);
        let mut free = self.free(of);
        let mut script = said;
        for outcome in self.reserve(of) {
            let entry = self.entries.iter().find(|entry| entry.proposal == outcome.proposal);
            let Some(entry) = entry.filter(|entry| free > 0 && entry.fewest <= free) else { continue };
            let Some(shifts) = Between::new(entry.shifts.min(free)) else { continue };
            free -= shifts.get();
            let (proposal, leader) = (entry.proposal, entry.leader);
            let (instrument, kind) = of;
            let turn = Turn { proposal, leader, instrument, kind, shifts: shifts.get(), until, took: None };
            let offer = proposal::Command::OfferTurn { shifts, until };
            script = script.say(TurnOffered(turn)).and(tell(proposal, &offer));
        }
        script
    }

    /// Those below the line who have not been asked, by rank.
    fn reserve(&self, of: (Ref<Instrument>, Kind)) -> Vec<&Outcome> {
        let is_of = |proposal| {
            let entry = self.entries.iter().find(|entry| entry.proposal == proposal);
            entry.is_some_and(|entry| (entry.instrument, entry.kind) == of)
        };
        let was_asked = |proposal| {
            let asked = self.turns.iter().any(|turn| turn.proposal == proposal);
            asked || self.back.iter().any(|back| back.proposal == proposal)
        };
        let waits = |one: &&Outcome| one.given == 0 && !one.is_low && !was_asked(one.proposal);
        let mut reserve: Vec<&Outcome> =
            self.outcomes.iter().filter(waits).filter(|one| is_of(one.proposal)).collect();
        reserve.sort_by_key(|one| one.rank);
        reserve
    }

    pub(super) fn turns_go_on(&mut self, event: &Event) {
        match event.clone() {
            CameBack(back) => {
                self.urgent.iter_mut().filter(|one| one.proposal == back.proposal).for_each(|one| {
                    one.shifts -= back.shifts;
                });
                self.urgent.retain(|one| one.shifts > 0);
                self.is_given(back.proposal, |given| (given - back.shifts).max(0));
                self.back.push(back);
            }
            TurnOffered(turn) => self.turns.push(turn),
            TurnTaken { proposal } => {
                let shifts = self.turn(proposal).map_or(0, |turn| turn.shifts);
                self.is_given(proposal, |given| given + shifts);
                self.is_answered(proposal, true);
            }
            TurnPassed { proposal } => self.is_answered(proposal, false),
            _ => {}
        }
    }

    fn is_answered(&mut self, proposal: Ref<Proposal>, took: bool) {
        let open = |turn: &&mut Turn| turn.proposal == proposal && turn.took.is_none();
        self.turns.iter_mut().filter(open).for_each(|turn| turn.took = Some(took));
    }

    /// Another number of shifts for one proposal, and for the line of its kind.
    fn is_given(&mut self, proposal: Ref<Proposal>, given: impl Fn(i64) -> i64) {
        let Some(outcome) = self.outcomes.iter_mut().find(|one| one.proposal == proposal) else { return };
        let more = given(outcome.given) - outcome.given;
        outcome.given += more;
        let entry = self.entries.iter().find(|entry| entry.proposal == proposal);
        let of = entry.map(|entry| (entry.instrument, entry.kind));
        let line = self.lines.iter_mut().find(|line| Some((line.instrument, line.kind)) == of);
        if let Some(line) = line {
            line.given += more;
        }
    }
}

fn place(outcome: &Outcome) -> Option<Place> {
    let number = |number: u32| Between::new(i64::from(number));
    let mark = Text::read(&mark_text(outcome.even))?;
    Some(Place { rank: number(outcome.rank)?, of: number(outcome.of)?, mark })
}
