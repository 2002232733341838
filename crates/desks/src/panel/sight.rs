//! Sight: who may know what of a panel.
//!
//! The panel office sees everything; when all is concluded, so does the auditor. A member sees the sheet, the own seats, and of
//! what is voted on the titles and scores without names, but nothing of a candidate they are barred from, not even
//! that it is there. Nobody else knows of the panel: its list is secret until the result (EP-R25), and names after it too.

use grammar::prelude::*;

use super::{
    Event::{self, *},
    Panel,
};
use crate::expert::Judged;

impl Panel {
    pub(super) fn front(&self) -> Card {
        let mut card = Card::new()
            .title(&self.terms.title)
            .status(self.status())
            .region(self.terms.region)
            .party("itself", self.itself.id())
            .inside_office("panel-office");
        if self.concluded.is_some() {
            card = card.inside_office("auditor");
        }
        card = self.terms.about.into_iter().fold(card, |card, about| card.party("about", about));
        for seat in self.seats.iter().filter(|seat| seat.ended.is_none()) {
            if !card.holders("member").any(|id| id == seat.person.id()) {
                card = card.party("member", seat.person.id());
            }
        }
        card = self.candidates.iter().fold(card, |card, entry| card.party("candidate", entry.candidate));
        card.fact("outcomes", &self.outcomes)
    }

    /// The person, when they sit in the panel.
    fn member(&self, viewer: &Viewer) -> Option<Id> {
        let person = viewer.person.filter(|id| viewer.is_itself(*id))?;
        let sits = |seat: &super::Seat| seat.person.id() == person && seat.ended.is_none();
        self.seats.iter().any(sits).then_some(person)
    }

    pub(super) fn hide_from(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.front()) {
            return Sight::Seen;
        }
        let Some(person) = self.member(viewer) else { return Sight::Hidden };
        let voted = self.vote.iter().flat_map(|vote| &vote.candidates);
        let shown: Vec<Id> = voted.copied().filter(|candidate| self.may_know(person, *candidate)).collect();
        self.seats.retain(|seat| seat.person.id() == person && seat.ended.is_none());
        self.candidates.retain(|entry| shown.contains(&entry.candidate));
        self.candidates.iter_mut().for_each(|entry| entry.judged = Judged::default());
        self.outcomes.retain(|outcome| shown.contains(&outcome.candidate));
        self.counts.retain(|counted| shown.contains(&counted.candidate));
        self.dissents.retain(|dissent| shown.contains(&dissent.candidate));
        for dissent in &mut self.dissents {
            dissent.person = dissent.person.filter(|by| by.id() == person);
        }
        self.slots.retain(|slot| shown.contains(&slot.candidate));
        self.ballots.retain(|ballot| ballot.person.id() == person);
        (self.apart, self.passed, self.discussed) = (vec![], vec![], vec![]);
        (self.taken, self.mildness, self.lots) = (vec![], vec![], None);
        if let Some(vote) = &mut self.vote {
            vote.candidates = shown;
            vote.voters.retain(|voter| voter.id() == person);
        }
        self.terms.about = None;
        Sight::Seen
    }

    /// A member reads what was set up, their own ballots and, after the count, what they may know of it.
    pub(super) fn event_for(&self, event: Event, viewer: &Viewer) -> Option<Event> {
        if viewer.is_inside(&self.front()) {
            return Some(event);
        }
        let person = self.member(viewer)?;
        match event {
            BallotCast(ballot) if ballot.person.id() == person => Some(BallotCast(ballot)),
            BallotsCounted { mut counts } => {
                counts.retain(|counted| self.may_know(person, counted.candidate));
                Some(BallotsCounted { counts })
            }
            _ => None,
        }
    }
}
