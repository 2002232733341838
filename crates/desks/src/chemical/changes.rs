//! Changes: what a chemical is after each event, and what its front says to those who keep it.

use grammar::prelude::*;

use super::{
    Chemical,
    Event::{self, *},
    Missing, Moved, Status, Stock,
};

impl Chemical {
    pub(super) fn begun(event: &Event) -> Self {
        let Entered { on, entry, lead, region, sheet_until } = event.clone() else { impossible(event) };
        Self {
            status: Status::Kept,
            entry: *entry,
            lead,
            region,
            stock: Stock::default(),
            waiting: None,
            missing: List::default(),
            found: None,
            sheet_until,
            noted: Some(on),
            reason: None,
        }
    }

    pub(super) fn changes(&mut self, event: &Event) {
        self.noted = Some(on(event));
        match event.clone() {
            Entered { .. } => impossible(event),
            Amended { entry, lead, region, sheet_until, .. } => {
                (self.entry, self.lead, self.region) = (*entry, lead, region);
                self.sheet_until = sheet_until;
            }
            Asked(waiting) => self.waiting = Some(waiting),
            Declined { .. } => self.waiting = None,
            Received(moved) | Used(moved) | Disposed(moved) => self.moves(&moved),
            Counted { on, difference, portions, reason, .. } => {
                self.stock.corrects(difference, &portions);
                if let (Some(what), true) = (reason, difference != 0) {
                    self.warns(Missing { on, difference, what, police: None });
                }
            }
            Lost { on, amount, portions, what, police, .. } => {
                self.stock.loses(amount, &portions);
                self.warns(Missing { on, difference: -amount, what, police });
            }
            LookedInto { finding, .. } => (self.missing, self.found) = (List::default(), Some(finding)),
            Closed { reason, .. } => (self.status, self.reason) = (Status::Closed, Some(reason)),
            Noted { .. } => {}
        }
    }

    fn moves(&mut self, moved: &Moved) {
        self.waiting = None;
        self.stock.moves(moved.movement.kind, moved.movement.amount, &moved.portions);
    }

    /// What is missing of a controlled chemical is for the office. Of very many missing the latest stay; all are in its history.
    fn warns(&mut self, missing: Missing) {
        if !self.entry.control.is_controlled() {
            return;
        }
        if !self.missing.push(missing.clone()) {
            let later = self.missing.iter().skip(1).cloned().chain([missing]);
            self.missing = List::new(later.collect()).unwrap_or_default();
        }
    }

    /// The days that it waits for: on which a batch expires, or its sheet grows old.
    pub(super) fn next_day(&self) -> Option<Day> {
        let noted = self.noted.filter(|_| self.status == Status::Kept)?;
        let days = self.stock.batches.iter().filter_map(|batch| batch.expires).chain(self.sheet_until);
        days.filter(|day| *day >= noted).min()
    }

    /// Whether this day is over, as far as anything has been noted.
    fn is_over(&self, day: Option<Day>) -> bool {
        day.zip(self.noted).is_some_and(|(day, noted)| day < noted)
    }

    /// What the front says to those who keep it, and to the office.
    pub(super) fn of_custodians(&self, mut card: Card) -> Card {
        let entry = &self.entry;
        let is_controlled = entry.control.is_controlled();
        let is_expired = self.stock.batches.iter().any(|batch| self.is_over(batch.expires));
        let is_above = entry.most.is_some_and(|most| self.stock.left() > most.get());
        let is_too_much = self.status == Status::Kept && self.waiting.is_none() && (is_expired || is_above);
        let is_sheet_old = self.status == Status::Kept && self.is_over(self.sheet_until);
        for custodian in entry.custodians.iter() {
            card = card.party("custodian", custodian.id());
        }
        if let Some(waiting) = &self.waiting {
            let others = entry.custodians.iter().map(|custodian| custodian.id());
            let seconds: Vec<Id> = others.filter(|custodian| *custodian != waiting.first.id()).collect();
            card = card.fact("seconds", seconds);
        }
        card.facet("control", grammar::desk::plain_word(&entry.control))
            .fact("left", self.stock.left())
            .fact("unit", entry.unit)
            .fact("place", &entry.place)
            .fact("traits", entry.traits())
            .fact("control", entry.control)
            .fact("is_expired", is_expired)
            .fact("is_above", is_above)
            .fact("is_sheet_old", is_sheet_old)
            .fact("to_dispose", is_too_much && !is_controlled)
            .fact("to_dispose_by_two", is_too_much && is_controlled)
            .fact("is_missing", !self.missing.is_empty())
    }
}

/// The day on which it happened.
fn on(event: &Event) -> Day {
    match event {
        Asked(waiting) => waiting.on,
        Received(moved) | Used(moved) | Disposed(moved) => moved.on,
        Entered { on, .. }
        | Amended { on, .. }
        | Declined { on, .. }
        | Counted { on, .. }
        | Lost { on, .. }
        | LookedInto { on, .. }
        | Closed { on, .. }
        | Noted { on } => *on,
    }
}
