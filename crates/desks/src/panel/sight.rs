//! Sight: who may know what of a panel.
//!
//! Once it has concluded, the offices that allocate read what it came to: means, spreads, ranks, votes and dissents, never
//! who sat in it or what one reviewer gave (decision 021).
//!
//! The panel office sees everything; when all is concluded, so does the auditor. A member sees the sheet, the own seats, and of
//! what is voted on the titles and scores without names, but nothing of a candidate they are barred from, not even
//! that it is there. Nobody else knows of the panel: its list is secret until the result (EP-R25), and names after it too.

use grammar::prelude::*;

use super::{
    Event::{self, *},
    Matter, Outcome, Panel,
};
use crate::expert::Judged;

fn hide_single(outcome: &mut Outcome) {
    (outcome.median, outcome.first) = (0, 0);
}

/// Of what happened, the result and the count.
fn for_allocation(event: Event) -> Option<Event> {
    match event {
        Concluded { on, mut outcomes } => {
            outcomes.iter_mut().for_each(hide_single);
            Some(Concluded { on, outcomes })
        }
        BallotsCounted { mut counts } => {
            counts.iter_mut().for_each(|counted| counted.ballots = vec![]);
            Some(BallotsCounted { counts })
        }
        Dissented(mut dissent) => {
            dissent.person = None;
            Some(Dissented(dissent))
        }
        _ => None,
    }
}

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
        for user in self.speaking_users() {
            if !card.holders("member").any(|id| id == user) {
                card = card.party("member", user);
            }
        }
        card = self.candidates.iter().fold(card, |card, entry| card.party("candidate", entry.candidate));
        card.fact("outcomes", &self.outcomes)
    }

    /// Users' representatives, while fit is voted on.
    fn speaking_users(&self) -> impl Iterator<Item = Id> {
        let on_fit = self.vote.as_ref().is_some_and(|vote| vote.matter == Matter::Fit);
        self.users.iter().filter(move |_| on_fit).map(|user| user.person.id())
    }

    /// Whether the viewer is of an office that allocates, and the result is there.
    fn is_for_allocation(&self, viewer: &Viewer) -> bool {
        let holds = |office: &&str| viewer.holds(office, self.terms.region);
        self.concluded.is_some() && ["joint-office", "programme-office"].iter().any(holds)
    }

    /// Leaves what it came to, and nothing of one reviewer: the median of three with mean and spread would give all
    /// three scores away.
    fn keep_results(&mut self) {
        (self.seats, self.apart, self.passed, self.discussed) = (vec![], vec![], vec![], vec![]);
        (self.taken, self.mildness, self.lots) = (vec![], vec![], None);
        (self.ballots, self.users, self.meetings, self.again) = (vec![], vec![], vec![], vec![]);
        self.slots = vec![];
        self.candidates.iter_mut().for_each(|entry| entry.judged = Judged::default());
        self.outcomes.iter_mut().for_each(hide_single);
        self.counts.iter_mut().for_each(|counted| counted.ballots = vec![]);
        self.dissents.iter_mut().for_each(|dissent| dissent.person = None);
        if let Some(vote) = &mut self.vote {
            (vote.voters, vote.excused, vote.reason) = (vec![], vec![], None);
        }
    }

    /// The person, when they sit in the panel.
    fn member(&self, viewer: &Viewer) -> Option<Id> {
        let person = viewer.person.filter(|id| viewer.is_itself(*id))?;
        let sits = |seat: &super::Seat| seat.person.id() == person && seat.ended.is_none();
        let is_user = self.speaking_users().any(|user| user == person);
        (is_user || self.seats.iter().any(sits)).then_some(person)
    }

    pub(super) fn hide_from(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.front()) {
            return Sight::Seen;
        }
        if self.is_for_allocation(viewer) {
            self.keep_results();
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
            (vote.excused, vote.reason) = (vec![], None);
        }
        (self.meetings, self.again) = (vec![], vec![]);
        self.users.retain(|user| user.person.id() == person);
        (self.terms.about, self.terms.topic) = (None, None);
        Sight::Seen
    }

    /// A member reads what was set up, their own ballots and, after the count, what they may know of it.
    pub(super) fn event_for(&self, event: Event, viewer: &Viewer) -> Option<Event> {
        if viewer.is_inside(&self.front()) {
            return Some(event);
        }
        if self.is_for_allocation(viewer) {
            return for_allocation(event);
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
