//! Scoring: signed opinions are taken, discussed where they lie far apart, and told to the candidates without names.

use std::collections::BTreeSet;

use grammar::prelude::*;

use super::{Command, Command::*, Event::*, Panel, Refusal, Refusal::*, Seat, Slot, Taken, candidate, means};
use crate::review::{self, Review};

/// From which distance on scores are discussed or another reviewer is asked, in points.
const SPREAD: Rule<i64> = rule("EP-S01");
/// The applicant is given the opinions.
const GIVEN: Rule<i64> = rule("EP-R20");

type Said = Decision<Panel>;

impl Panel {
    pub(super) fn scores(&self, command: &Command, ctx: &Ctx) -> Said {
        match command.clone() {
            Discuss { reviews, days } if !self.is_voting() => self.discusses(&reviews, days.get(), ctx),
            CloseScores { reviews } if !self.is_voting() => self.closes(&reviews, ctx),
            SetSlots { slots } => {
                self.fit_slots(&slots)?;
                Ok(say(SlotsSet { slots: slots.to_vec() }))
            }
            DropCandidate { candidate, reason } => {
                self.entry(candidate)?;
                let is_open = |seat: &&Seat| self.taken.iter().all(|taken| taken.review != seat.review.id());
                let released = self
                    .live(candidate)
                    .filter(is_open)
                    .map(|seat| tell(seat.review, &review::Command::Replace { reason: reason.clone() }));
                Ok(released.fold(say(CandidateDropped { candidate, reason: reason.clone() }), Script::and))
            }
            Conclude if self.is_scored() && self.vote.as_ref().is_none_or(|vote| vote.is_counted) => {
                self.concludes(ctx)
            }
            _ => not_now(),
        }
    }

    fn is_voting(&self) -> bool {
        self.vote.as_ref().is_some_and(|vote| !vote.is_counted)
    }

    /// What rested on a violation falls away; those judged by it are judged again, even after their result (EP-R18).
    pub(super) fn looks_again(&self, reviews: &[Ref<Review>], reason: &Text<500>, ctx: &Ctx) -> Said {
        if self.is_voting() {
            return not_now();
        }
        ensure(!reviews.is_empty(), NothingNamed)?;
        let mut candidates = BTreeSet::new();
        for review in reviews.iter().copied() {
            let taken = self.taken.iter().find(|taken| taken.review == review.id());
            candidates.insert(taken.ok_or(NotTaken { review })?.candidate);
        }
        let candidates: Vec<Id> = candidates.into_iter().collect();
        let told = candidates.iter().filter(|_| self.concluded.is_some());
        let told: Vec<_> = told.filter_map(|one| candidate::begin(*one, ctx.me)).collect();
        let (reviews, reason) = (reviews.iter().map(|review| review.id()).collect(), reason.clone());
        Ok(told.into_iter().fold(say(ReReviewed { reviews, candidates, reason }), Script::and))
    }

    fn seat_of(&self, review: Ref<Review>) -> Result<&Seat, Refusal> {
        let seat = self.seats.iter().find(|seat| seat.review == review && seat.ended.is_none());
        let is_taken = self.taken.iter().any(|taken| taken.review == review.id());
        seat.filter(|_| !is_taken).ok_or(NotASeat { review })
    }

    fn discusses(&self, reviews: &[Ref<Review>], days: i64, ctx: &Ctx) -> Said {
        let mut scores = Vec::new();
        for review in reviews.iter().copied() {
            let seat = self.seat_of(review)?;
            let (total, ..) = review::signed(ctx.see(review)).ok_or(NotSignedYet { review })?;
            scores.push((seat.candidate, review, total));
        }
        let Some((candidate, ..)) = scores.first().copied() else { return Err(NothingNamed.into()) };
        ensure(scores.iter().all(|(of, ..)| *of == candidate), ReviewsOfOthers { candidate })?;
        let once: BTreeSet<_> = scores.iter().map(|(_, review, _)| *review).collect();
        let missing = self.live(candidate).count().saturating_sub(once.len());
        ensure(missing == 0 && once.len() == scores.len(), ReviewsMissing { candidate, missing })?;
        let until = ctx.today().plus_days(i32::try_from(days).unwrap_or(0));
        let told = scores.iter().map(|(_, review, _)| {
            let mut others: Vec<u32> =
                scores.iter().filter(|(_, r, _)| r != review).map(|(.., s)| *s).collect();
            others.sort_unstable();
            let others = List::new(others).unwrap_or_default();
            tell(*review, &review::Command::Discuss { others, until })
        });
        Ok(told.fold(say(Discussed { candidate, until }), Script::and))
    }

    fn closes(&self, reviews: &[Ref<Review>], ctx: &Ctx) -> Said {
        ensure(!reviews.is_empty(), NothingNamed)?;
        let mut taken: Vec<Taken> = Vec::new();
        let mut locks = Vec::new();
        for review in reviews.iter().copied() {
            let seat = self.seat_of(review)?;
            ensure(taken.iter().all(|one| one.review != review.id()), NotASeat { review })?;
            let signed = review::signed(ctx.see(review)).ok_or(NotSignedYet { review })?;
            let (candidate, person) = (seat.candidate, seat.person.id());
            let (total, marks, open) = (signed.0, signed.1, Some(signed.2));
            let (signed, fee) = review::paid(ctx.see(review));
            taken.push(Taken { review: review.id(), candidate, person, total, marks, signed, fee, open });
            locks.push(tell(review, &review::Command::Lock { expert: seat.expert }));
        }
        let touched: BTreeSet<Id> = taken.iter().map(|one| one.candidate).collect();
        for candidate in touched {
            self.is_complete(candidate, &taken, ctx)?;
        }
        Ok(locks.into_iter().fold(say(ScoresTaken { taken }), Script::and))
    }

    /// All reviews of a candidate are there, enough of them, and not too far apart unless that has been talked about.
    fn is_complete(&self, candidate: Id, taken: &[Taken], ctx: &Ctx) -> Result<(), No<Refusal>> {
        let before = self.taken.iter().chain(taken);
        let scores: Vec<u32> = before.filter(|o| o.candidate == candidate).map(|o| o.total).collect();
        let missing = self.live(candidate).count().saturating_sub(scores.len());
        let enough = usize::try_from(self.each).unwrap_or(1);
        ensure(missing == 0, ReviewsMissing { candidate, missing })?;
        ensure(scores.len() >= enough, TooFewReviews { candidate, least: self.each }).by(GIVEN)?;
        let spread = means::spread(&scores);
        let is_wide = i64::from(spread) > ctx.rule(SPREAD) * 100;
        let is_settled = self.discussed.contains(&candidate) || scores.len() > enough;
        ensure(!is_wide || is_settled, SpreadTooWide { candidate, spread: spread / 100 }).by(SPREAD)
    }

    fn fit_slots(&self, slots: &[Slot]) -> Result<(), No<Refusal>> {
        let ends = |slot: &Slot| slot.begins.plus_millis(slot.minutes.get() * 60_000);
        for (place, slot) in slots.iter().enumerate() {
            self.entry(slot.candidate)?;
            let meets = |other: &Slot| {
                let same = other.place == slot.place || other.candidate == slot.candidate;
                same && other.begins < ends(slot) && slot.begins < ends(other)
            };
            let clash = slots.iter().take(place).any(meets);
            ensure(!clash, SlotsOverlap { candidate: slot.candidate })?;
        }
        Ok(())
    }

    /// Each candidate learns its own score and rank, and the comments: without names, sorted by their words, so that
    /// their order tells nothing of who wrote which.
    fn concludes(&self, ctx: &Ctx) -> Said {
        self.is_made_up()?;
        for entry in &self.candidates {
            let (candidate, least) = (entry.candidate, self.each);
            let has = self.taken.iter().filter(|taken| taken.candidate == candidate).count();
            let enough = has >= usize::try_from(least).unwrap_or(1);
            ensure(enough, TooFewReviews { candidate, least }).by(GIVEN)?;
        }
        let outcomes = means::outcomes(&self.candidates, &self.taken);
        let told: Vec<_> = outcomes
            .iter()
            // Judged again: the others have had their result.
            .filter(|outcome| self.again.is_empty() || self.again.contains(&outcome.candidate))
            .filter_map(|outcome| {
                let of_it = self.taken.iter().filter(|taken| taken.candidate == outcome.candidate);
                let mut comments: Vec<Text<4000>> = of_it.filter_map(|taken| taken.open.clone()).collect();
                comments.sort();
                candidate::result(outcome, self.itself.id(), comments)
            })
            .collect();
        let told = told.into_iter().chain(self.rotation(ctx));
        Ok(told.fold(say(Concluded { on: ctx.today(), outcomes }), Script::and))
    }
}
