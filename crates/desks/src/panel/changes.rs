//! Changes: what a panel is after each event, and what must always hold.

use std::collections::BTreeSet;

use grammar::prelude::*;

use super::{
    Event::{self, *},
    Frame, Panel, Terms, means,
};
use crate::review::Rates;

impl Panel {
    pub(super) fn begun(itself: Ref<Self>, terms: Terms, fixed: (u32, Rates, Frame)) -> Self {
        let (each, rates, frame) = fixed;
        Self {
            itself,
            terms,
            rates,
            each,
            candidates: vec![],
            seats: vec![],
            apart: vec![],
            lots: None,
            passed: vec![],
            discussed: vec![],
            taken: vec![],
            outcomes: vec![],
            mildness: vec![],
            vote: None,
            ballots: vec![],
            counts: vec![],
            dissents: vec![],
            slots: vec![],
            concluded: None,
            frame,
            users: vec![],
            meetings: vec![],
            again: vec![],
        }
    }

    pub(super) fn status(&self) -> &'static str {
        match (&self.concluded, &self.vote) {
            (Some(_), _) => "concluded",
            (_, Some(vote)) if vote.is_counted => "voted",
            (_, Some(_)) => "voting",
            _ if self.is_scored() => "scored",
            _ if self.seats.is_empty() => "open",
            _ => "reviewing",
        }
    }

    /// Whether every candidate has its scores.
    pub(super) fn is_scored(&self) -> bool {
        !self.candidates.is_empty() && self.outcomes.len() == self.candidates.len()
    }

    pub(super) fn after(mut self, event: Event) -> Self {
        match event {
            Opened { .. } => impossible(&event),
            CandidatesAdmitted { entries } => self.candidates.extend(entries),
            BodiesNoted { bodies } => {
                for body in self.candidates.iter_mut().flat_map(|entry| &mut entry.judged.bodies) {
                    *body = bodies.iter().find(|noted| noted.id == body.id).copied().unwrap_or(*body);
                }
            }
            Assigned { seats, apart } => {
                self.seats.extend(seats);
                self.keep_apart(apart);
            }
            ListFixed { lots, apart } => {
                self.lots = Some(*lots);
                self.keep_apart(apart);
            }
            LotsDrawn { drawn, order } => {
                if let Some(lots) = &mut self.lots {
                    (lots.drawn, lots.order) = (Some(drawn), order);
                }
            }
            PassedOver(passed) => self.passed.push(passed),
            Released { review, reason } => {
                let seat = self.seats.iter_mut().find(|seat| seat.review == review);
                seat.unwrap_or_else(|| impossible(&review)).ended = Some(reason);
            }
            Discussed { candidate, .. } => self.discussed.push(candidate),
            ScoresTaken { taken } => {
                self.taken.extend(taken);
                self.outcomes = means::outcomes(&self.candidates, &self.taken);
                self.mildness = means::mildness(&self.taken);
            }
            SlotsSet { slots } => self.slots = slots,
            CandidateDropped { candidate, reason } => self.loses(candidate, &reason),
            AttendanceRecorded { meeting } => {
                self.meetings.retain(|one| one.day != meeting.day);
                self.meetings.push(meeting);
            }
            ReReviewed { reviews, candidates, reason } => self.is_opened_again(&reviews, candidates, &reason),
            Concluded { on, outcomes } => {
                self.again = vec![];
                (self.concluded, self.outcomes) = (Some(on), outcomes);
                self.taken.iter_mut().for_each(|taken| taken.open = None);
            }
            UserNamed(_) | VoteOpened { .. } | BallotCast(_) | BallotsCounted { .. } | Dissented(_) => {
                self.ballots_after(event)
            }
        }
        self
    }

    fn loses(&mut self, candidate: Id, reason: &Text<500>) {
        self.candidates.retain(|entry| entry.candidate != candidate);
        self.taken.retain(|taken| taken.candidate != candidate);
        self.slots.retain(|slot| slot.candidate != candidate);
        self.again.retain(|one| *one != candidate);
        self.ballots.retain(|ballot| ballot.candidate != candidate);
        self.vote.iter_mut().for_each(|vote| vote.candidates.retain(|one| *one != candidate));
        let of_it = self.seats.iter_mut().filter(|seat| seat.candidate == candidate && seat.ended.is_none());
        of_it.for_each(|seat| seat.ended = Some(reason.clone()));
        self.outcomes = means::outcomes(&self.candidates, &self.taken);
        self.mildness = means::mildness(&self.taken);
    }

    fn is_opened_again(&mut self, reviews: &[Id], candidates: Vec<Id>, reason: &Text<500>) {
        self.taken.retain(|taken| !reviews.contains(&taken.review));
        let gone = self.seats.iter_mut().filter(|seat| reviews.contains(&seat.review.id()));
        gone.for_each(|seat| seat.ended = Some(reason.clone()));
        self.discussed.retain(|candidate| !candidates.contains(candidate));
        self.counts.retain(|counted| !candidates.contains(&counted.candidate));
        if self.concluded.take().is_some() {
            self.again = candidates;
        }
        self.outcomes = means::outcomes(&self.candidates, &self.taken);
        self.mildness = means::mildness(&self.taken);
    }

    fn keep_apart(&mut self, apart: Vec<super::Apart>) {
        for one in apart {
            if !self.apart.contains(&one) {
                self.apart.push(one);
            }
        }
    }

    fn ballots_after(&mut self, event: Event) {
        match event {
            UserNamed(user) => self.users.push(user),
            VoteOpened { vote } => (self.vote, self.ballots) = (Some(vote), vec![]),
            BallotCast(ballot) => self.ballots.push(ballot),
            BallotsCounted { counts } => {
                self.counts.extend(counts);
                self.vote.iter_mut().for_each(|vote| vote.is_counted = true);
            }
            Dissented(dissent) => self.dissents.push(dissent),
            other => impossible(&other),
        }
    }

    pub(super) fn holds(&self) {
        assert!(self.candidates.len() <= super::CANDIDATES_MAX && self.seats.len() <= super::SEATS_MAX);
        let names: BTreeSet<_> = self.candidates.iter().map(|entry| entry.candidate).collect();
        assert_eq!(names.len(), self.candidates.len(), "each candidate once");
        let live = self.seats.iter().filter(|seat| seat.ended.is_none());
        let pairs: Vec<_> = live.map(|seat| (seat.candidate, seat.person)).collect();
        let once: BTreeSet<_> = pairs.iter().copied().collect();
        assert_eq!(once.len(), pairs.len(), "nobody judges a candidate twice");
        let drawn = self.lots.as_ref().and_then(|lots| Some((lots, lots.drawn.as_ref()?)));
        assert!(drawn.is_none_or(|(lots, drawn)| lots.lot.is_of(&drawn.secret)), "another secret");
        let voters: BTreeSet<_> = self.ballots.iter().map(|one| (one.person, one.candidate)).collect();
        assert_eq!(voters.len(), self.ballots.len(), "one ballot each");
    }
}
