//! Steps: what a round decides: what it offers, who reviews, what the marks come to, and who is told what.

use grammar::prelude::*;

use super::{
    Command::{self, *},
    ENTRIES_MAX, Entered, Event, Marked, Offer, Outcome, Plan,
    Refusal::{self, *},
    Round, Status, Urgent,
    fields::mark_text,
    ranking,
};
use crate::{
    instrument::{self, Instrument},
    organisation::Organisation,
    proposal::{self, Kind, Place, Proposal},
};

/// Outside reviewers of each proposal at least.
const REVIEWS_LEAST: Rule<i64> = rule("IN-R30");
/// Most that may be kept back, in percent of the shifts.
const URGENT_MOST: Rule<i64> = rule("IN-R31-U");
const KEY_MOST: Rule<i64> = rule("IN-R31-K");
const PROPRIETARY_MOST: Rule<i64> = rule("IN-R31-P");
const COMMISSIONING_MOST: Rule<i64> = rule("IN-P31");
/// The mean mark below which no time is given, in hundredths.
const MARK_LEAST: Rule<i64> = rule("IN-P32");

type Said = Decision<Round>;

/// What makes sense; whose instruments they are.
fn sensible(plan: &Plan, ctx: &Ctx) -> Result<Ref<Organisation>, No<Refusal>> {
    ensure(!plan.title.is_empty(), NoTitle)?;
    let Some(first) = plan.offers.first() else { return Err(NothingOffered.into()) };
    let unit = ctx.see(first.instrument).the("unit");
    for (place, offer) in plan.offers.iter().enumerate() {
        let instrument = offer.instrument;
        let is_again = plan.offers.iter().take(place).any(|other| other.instrument == instrument);
        ensure(!is_again, OfferedTwice { instrument })?;
        ensure(ctx.see(instrument).the("unit") == unit, OfSeveralUnits { instrument })?;
    }
    let opens = plan.opens.unwrap_or(ctx.today());
    let is_ordered = opens <= plan.closes && plan.closes < plan.use_from && plan.use_from <= plan.use_until;
    ensure(is_ordered, NotInOrder)?;
    ensure(ctx.today() <= plan.closes, InThePast { on: plan.closes })?;
    reserves_are_in_limits(plan, ctx)?;
    Ok(unit.r())
}

fn reserves_are_in_limits(plan: &Plan, ctx: &Ctx) -> Result<(), No<Refusal>> {
    let kept = &plan.reserves;
    let limits = [
        (kept.urgent, URGENT_MOST),
        (kept.key, KEY_MOST),
        (kept.proprietary, PROPRIETARY_MOST),
        (kept.commissioning, COMMISSIONING_MOST),
    ];
    for (percent, rule) in limits {
        let most = ctx.rules.value(rule, plan.region, ctx.born);
        ensure(percent.map_or(0, Between::get) <= most, MoreReserved { most }).by(rule)?;
    }
    let all_have = plan.offers.iter().all(|offer| plan.pool(offer, Kind::General) > 0);
    Ok(ensure(all_have, NothingLeftForAll)?)
}

/// What the instruments are told: each counts its rounds of the year in which this one closes.
fn calls(round: Ref<Round>, plan: &Plan, before: &[Offer]) -> Vec<Tell> {
    let Some(year) = Between::new(i64::from(plan.closes.year())) else { return vec![] };
    let call = |offer: &Offer| tell(offer.instrument, &instrument::Command::CallIn { round, year });
    let dropped = before.iter().filter(|offer| plan.offer(offer.instrument).is_none());
    let leave = |offer: &Offer| tell(offer.instrument, &instrument::Command::LeaveOut { round });
    dropped.map(leave).chain(plan.offers.iter().map(call)).collect()
}

pub(super) fn begin(command: &Command, ctx: &Ctx) -> Said {
    let Announce(plan) = command.clone() else { return not_now() };
    let unit = sensible(&plan, ctx)?;
    let is_now = plan.opens.is_none_or(|opens| opens <= ctx.today());
    let called = calls(ctx.me.r(), &plan, &[]);
    let said = say(Event::Announced { itself: ctx.me.r(), unit, plan });
    let said = if is_now { said.say(Event::Opened) } else { said };
    Ok(called.into_iter().fold(said, Script::and))
}

impl Round {
    pub(super) fn goes_its_way(&self, command: &Command, ctx: &Ctx) -> Said {
        match (self.status, command.clone()) {
            (Status::Announced, Amend(plan)) => {
                let unit = sensible(&plan, ctx)?;
                ensure(unit == self.unit, UnitChanges)?;
                let is_now = plan.opens.is_none_or(|opens| opens <= ctx.today());
                let called = calls(self.itself, &plan, &self.plan.offers);
                let said = say(Event::Amended { plan });
                let said = if is_now { said.say(Event::Opened) } else { said };
                Ok(called.into_iter().fold(said, Script::and))
            }
            (Status::Announced | Status::Open | Status::Closed, Seat { reviewers }) => {
                for reviewer in reviewers.iter().copied() {
                    let unit = self.unit.id();
                    let is_inside = ctx.see(reviewer).holders("affiliation").any(|id| id == unit);
                    ensure(!is_inside, FromTheHouse { reviewer }).by(REVIEWS_LEAST)?;
                }
                Ok(say(Event::Seated { reviewers }))
            }
            (Status::Open | Status::Closed, Admit { proposals }) => self.admits(&proposals, ctx),
            (Status::Open | Status::Closed, Mark { number, marks, comment }) => {
                let entry = usize::try_from(number.get() - 1).ok().and_then(|place| self.entries.get(place));
                let Some(entry) = entry else {
                    return Err(NoSuchNumber { most: self.entries.len() }.into());
                };
                let touches = [entry.leader.id(), entry.applicant.id(), self.unit.id()];
                let is_free = touches.iter().all(|id| !ctx.by.is_touched(*id) && !ctx.by.is(*id));
                ensure(is_free, Conflict).by(REVIEWS_LEAST)?;
                let Some(reviewer) = ctx.by.person else { return not_now() };
                let proposal = entry.proposal;
                Ok(say(Event::MarkGiven(Marked { proposal, reviewer, marks, comment })))
            }
            (Status::Closed, Allocate) => self.allocates(ctx),
            (Status::Open | Status::Closed | Status::Allocated, GrantUrgent { proposal, shifts }) => {
                let instrument = self.urgent_at(proposal, ctx)?;
                let left = self.urgent_left(instrument);
                ensure(shifts.get() <= left, ReserveTooSmall { left }).by(URGENT_MOST)?;
                let leader = Some(ctx.see(proposal).the("leader").r());
                let granted = Urgent { proposal, instrument, shifts: shifts.get(), leader };
                let grant = proposal::Command::Grant { shifts, place: None };
                Ok(say(Event::UrgentGranted(granted)).and(tell(proposal, &grant)))
            }
            (Status::Open | Status::Closed | Status::Allocated, RefuseUrgent { proposal, reason }) => {
                self.urgent_at(proposal, ctx)?;
                let refuse = proposal::Command::TurnDown { reason: reason.clone() };
                Ok(say(Event::UrgentRefused { proposal, reason }).and(tell(proposal, &refuse)))
            }
            (Status::Announced, Begin) if self.plan.opens.is_none_or(|opens| opens <= ctx.today()) => {
                Ok(say(Event::Opened))
            }
            (Status::Open, Close) if self.plan.closes < ctx.today() => Ok(say(Event::Closed)),
            (Status::Closed | Status::Allocated, End) if self.plan.use_until < ctx.today() => {
                Ok(say(Event::Over))
            }
            _ => not_now(),
        }
    }

    fn admits(&self, proposals: &[Ref<Proposal>], ctx: &Ctx) -> Said {
        let most = ENTRIES_MAX;
        ensure(self.entries.len() + proposals.len() <= most, TooMany { most })?;
        let mut entries: Vec<Entered> = Vec::new();
        for proposal in proposals.iter().copied() {
            let card = ctx.see(proposal);
            ensure(card.the("round") == self.itself.id(), NotOfThisRound { proposal })?;
            let mut all = self.entries.iter().chain(&entries);
            ensure(!all.any(|one| one.proposal == proposal), AdmittedAlready { proposal })?;
            let kind = card.read::<Kind>("kind").filter(|kind| *kind != Kind::Urgent);
            let kind = kind.filter(|_| card.status == "checked");
            let Some(kind) = kind else { return Err(NotChecked { proposal }.into()) };
            entries.push(Entered {
                proposal,
                instrument: card.the("instrument").r(),
                kind,
                title: Bilingual { zh: Text::read(&card.title_zh), en: Text::read(&card.title_en) },
                applicant: card.the("applicant").r(),
                leader: card.the("leader").r(),
                shifts: card.read("shifts").unwrap_or_default(),
                fewest: card.read("least").unwrap_or_default(),
                summary: card.read("summary"),
            });
        }
        let round = self.itself;
        let said = say(Event::Admitted { entries });
        let begin = proposal::Command::BeginReview { round };
        Ok(proposals.iter().fold(said, |script, proposal| script.and(tell(*proposal, &begin))))
    }

    fn allocates(&self, ctx: &Ctx) -> Said {
        let least = ctx.rule(REVIEWS_LEAST);
        ensure(!self.entries.is_empty(), NothingToAllocate)?;
        for entry in self.entries.iter() {
            let had = self.marks.iter().filter(|one| one.proposal == entry.proposal).count();
            let missing = least - i64::try_from(had).unwrap_or(least);
            let proposal = entry.proposal;
            ensure(missing <= 0, MarksMissing { proposal, missing, least }).by(REVIEWS_LEAST)?;
        }
        let lowest = ctx.rule(MARK_LEAST) * 10;
        let (outcomes, lines) = ranking::ranked(&self.plan, &self.entries, &self.marks, lowest);
        let told: Vec<Tell> = outcomes
            .iter()
            .filter_map(|one| {
                let entry = self.entries.iter().find(|entry| entry.proposal == one.proposal)?;
                let of_it =
                    |line: &&super::Line| line.instrument == entry.instrument && line.kind == entry.kind;
                let line = lines.iter().find(of_it).and_then(|line| line.mark);
                Some(tell(one.proposal, &answer(one, line, lowest)?))
            })
            .collect();
        Ok(told.into_iter().fold(say(Event::Allocated { outcomes, lines }), Script::and))
    }

    /// The instrument of a checked urgent proposal of this round.
    fn urgent_at(&self, proposal: Ref<Proposal>, ctx: &Ctx) -> Result<Ref<Instrument>, No<Refusal>> {
        let card = ctx.see(proposal);
        ensure(card.the("round") == self.itself.id(), NotOfThisRound { proposal })?;
        ensure(card.read::<Kind>("kind") == Some(Kind::Urgent), NotUrgent { proposal })?;
        ensure(card.status == "checked", NotChecked { proposal })?;
        Ok(card.the("instrument").r())
    }

    /// What is left of the director's reserve at an instrument.
    pub(super) fn urgent_left(&self, instrument: Ref<Instrument>) -> i64 {
        let had = self.plan.offer(instrument).map_or(0, |offer| self.plan.pool(offer, Kind::Urgent));
        let given = self.urgent.iter().filter(|one| one.instrument == instrument);
        had - given.map(|one| one.shifts).sum::<i64>()
    }
}

/// What a proposal is told: its shifts, or where the line lay.
fn answer(one: &Outcome, line: Option<i64>, least: i64) -> Option<proposal::Command> {
    let place = |mark: i64| {
        let number = |number: u32| Between::new(i64::from(number));
        Some(Place { rank: number(one.rank)?, of: number(one.of)?, mark: Text::read(&mark_text(mark))? })
    };
    if one.given > 0 {
        let shifts = Between::new(one.given)?;
        return Some(proposal::Command::Grant { shifts, place: Some(place(one.even)?) });
    }
    if one.is_low {
        let least = Text::read(&mark_text(least))?;
        return Some(proposal::Command::MarkLow { place: place(one.plain)?, least });
    }
    let line = Text::read(&line.map_or_else(|| "—".to_owned(), mark_text))?;
    Some(proposal::Command::PlaceBelow { place: place(one.even)?, line, left: Between::new(one.left)? })
}
