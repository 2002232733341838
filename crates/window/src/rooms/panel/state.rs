//! State: a panel as its record keeps it, with how far each review has come by its own card.

use std::collections::{BTreeMap, BTreeSet};

use desks::panel::{
    Apart, Counted, Entry, Lots, Mildness, Outcome, Passed, Seat, Taken, Terms, Vote, mildness, outcomes,
};
use grammar::kinds::{Id, Region};
use registry::{Broken, Listed, Record};
use serde::Deserialize;

use crate::{denied::Trouble, guest::Guest};

/// From this distance between highest and lowest on, scores are talked about (EP-S01).
const SPREAD: grammar::rules::Rule<i64> = grammar::rules::rule("EP-S01");

/// What the record keeps.
#[derive(Deserialize)]
pub struct State {
    pub terms: Terms,
    pub each: u32,
    pub candidates: Vec<Entry>,
    pub seats: Vec<Seat>,
    pub apart: Vec<Apart>,
    pub lots: Option<Lots>,
    pub passed: Vec<Passed>,
    pub discussed: Vec<Id>,
    pub taken: Vec<Taken>,
    pub outcomes: Vec<Outcome>,
    pub mildness: Vec<Mildness>,
    pub vote: Option<Vote>,
    pub counts: Vec<Counted>,
    /// The cards of the reviews, by their ids.
    #[serde(skip)]
    pub reviews: BTreeMap<Id, Listed>,
    /// Reviews with a conflict that came to light later and waits for the office.
    #[serde(skip)]
    pub alarmed: BTreeSet<Id>,
    /// Whether outcomes rest on scores that the panel has not taken yet.
    #[serde(skip)]
    pub is_early: bool,
    /// In hundredths.
    #[serde(skip)]
    pub spread_most: i64,
}

impl State {
    /// # Errors
    /// When the store cannot be read.
    pub fn of(guest: &Guest, record: &Record) -> Result<Self, Trouble> {
        let mut state: Self = serde_json::from_value(record.state.clone()).map_err(Broken::from)?;
        let ids: Vec<Id> = state.seats.iter().map(|seat| seat.review.id()).collect();
        for some in ids.chunks(100) {
            state.reviews.extend(guest.look.cards(some)?.into_iter().map(|listed| (listed.id, listed)));
        }
        let experts: BTreeSet<Id> = state.live().map(|seat| seat.expert.id()).collect();
        for some in experts.into_iter().collect::<Vec<_>>().chunks(100) {
            let alarms = guest.look.cards(some)?.into_iter().filter_map(|listed| listed.card.read("alarmed"));
            state.alarmed.extend(alarms.flat_map(|reviews: Vec<Id>| reviews));
        }
        let today = guest.house.registry.now().day();
        let region: Region = record.card.scope();
        state.spread_most = guest.house.registry.rules().value(SPREAD, region, today) * 100;
        state.looks_ahead();
        Ok(state)
    }

    /// While scores are coming in, the same sums over what has been signed so far.
    fn looks_ahead(&mut self) {
        let signed: Vec<Taken> = self
            .live()
            .filter(|seat| self.taken.iter().all(|taken| taken.review != seat.review.id()))
            .filter_map(|seat| {
                let card = &self.reviews.get(&seat.review.id())?.card;
                let (total, marks) = (card.read("total")?, card.read("marks")?);
                let (review, candidate, person) = (seat.review.id(), seat.candidate, seat.person.id());
                let (signed, fee) = (card.read("signed_on"), card.read("fee"));
                Some(Taken { review, candidate, person, total, marks, signed, fee, open: None })
            })
            .collect();
        if signed.is_empty() {
            return;
        }
        let all = [self.taken.clone(), signed].concat();
        self.outcomes = outcomes(&self.candidates, &all);
        self.mildness = mildness(&all);
        self.is_early = true;
    }

    pub fn live(&self) -> impl Iterator<Item = &Seat> {
        self.seats.iter().filter(|seat| seat.ended.is_none())
    }

    pub fn of_candidate(&self, candidate: Id) -> Vec<&Seat> {
        self.live().filter(|seat| seat.candidate == candidate).collect()
    }

    /// How far the review of a seat has come.
    pub fn status(&self, seat: &Seat) -> &str {
        self.reviews.get(&seat.review.id()).map_or("", |listed| listed.card.status.as_str())
    }

    /// The score of a seat in hundredths, once signed.
    pub fn score(&self, seat: &Seat) -> Option<u32> {
        self.reviews.get(&seat.review.id()).and_then(|listed| listed.card.read("total"))
    }

    pub fn outcome(&self, candidate: Id) -> Option<&Outcome> {
        self.outcomes.iter().find(|outcome| outcome.candidate == candidate)
    }

    pub fn is_taken(&self, candidate: Id) -> bool {
        self.taken.iter().any(|taken| taken.candidate == candidate)
    }

    /// Whether the scores lie so far apart that they are talked about, or a further review is asked for.
    pub fn is_wide(&self, candidate: Id) -> bool {
        self.outcome(candidate).is_some_and(|outcome| i64::from(outcome.spread) > self.spread_most)
    }

    /// What a candidate lacks.
    pub fn lacks(&self, candidate: Id) -> Lacks {
        let seats = self.of_candidate(candidate);
        let each = self.each as usize;
        let gone = seats.iter().filter(|seat| matches!(self.status(seat), "declined" | "expired" | "barred"));
        let gone = gone.count();
        let signed = seats.iter().filter(|seat| self.status(seat) == "signed").count();
        if self.is_taken(candidate) {
            Lacks::Nothing
        } else if seats.len() < each {
            Lacks::Reviewers(each - seats.len())
        } else if gone > 0 {
            Lacks::Replacement(gone)
        } else if signed < seats.len() {
            Lacks::Signatures(seats.len() - signed)
        } else if seats.iter().any(|seat| self.alarmed.contains(&seat.review.id())) {
            Lacks::Decision
        } else if self.is_wide(candidate) && !self.discussed.contains(&candidate) && seats.len() == each {
            Lacks::Talk
        } else {
            Lacks::Taking
        }
    }
}

/// What a candidate lacks until its scores are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lacks {
    Nothing,
    Reviewers(usize),
    Replacement(usize),
    Signatures(usize),
    /// Whether a conflict that came to light stands.
    Decision,
    /// A discussion or a further review.
    Talk,
    Taking,
}
