//! Sight: who may know what of a round.
//!
//! The facility and the office see everything. A reviewer reads the proposals and their own marks, never those of others.
//! Everyone else sees what is offered and who was given time, but for those who pay for it; applicants read in
//! their own proposal where the line lay.

use grammar::prelude::*;

use super::{Entered, Event, OFFICE, Round};
use crate::proposal::Kind;

impl Round {
    fn is_reviewer(&self, viewer: &Viewer) -> bool {
        self.reviewers.iter().any(|person| viewer.is_itself(person.id()))
    }

    pub(super) fn hide_from(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.front()) {
            return Sight::Seen;
        }
        self.marks.retain(|marked| viewer.is_itself(marked.reviewer));
        self.turns.retain(|turn| viewer.is_itself(turn.leader.id()));
        self.back.clear();
        let is_reviewer = self.is_reviewer(viewer);
        self.reviewers.retain(|person| viewer.is_itself(person.id()));
        self.show_results_alone(viewer);
        if !is_reviewer {
            let offered = self.turns.iter().map(|turn| turn.proposal);
            let shown: Vec<_> = self.outcomes.iter().map(|one| one.proposal).chain(offered).collect();
            self.entries.retain(|one| shown.contains(&one.proposal));
            self.entries.iter_mut().for_each(|entry| entry.summary = None);
        }
        Sight::Seen
    }

    /// Who was given time, but for those who pay and are not named. How close anyone came to the line, and where it lies, is
    /// for them: from marks and a line the others' marks could be guessed.
    fn show_results_alone(&mut self, viewer: &Viewer) {
        let entries = &self.entries;
        let is_open = |proposal| {
            let entry = entries.iter().find(|entry| entry.proposal == proposal);
            entry.is_some_and(|entry| entry.kind != Kind::Proprietary || viewer.is_itself(entry.leader.id()))
        };
        self.outcomes.retain(|one| one.given > 0 && is_open(one.proposal));
        for outcome in &mut self.outcomes {
            (outcome.plain, outcome.even, outcome.left) = (0, 0, 0);
            (outcome.rank, outcome.of) = (0, 0);
        }
        self.lines.retain(|line| line.kind != Kind::Proprietary);
        for line in &mut self.lines {
            (line.asked, line.mark) = (0, None);
        }
    }

    pub(super) fn event_for(&self, event: Event, viewer: &Viewer) -> Option<Event> {
        if viewer.is_inside(&self.front()) {
            return Some(event);
        }
        match event {
            Event::MarkGiven(marked) if viewer.is_itself(marked.reviewer) => Some(Event::MarkGiven(marked)),
            Event::Announced { .. } | Event::Amended { .. } | Event::Opened | Event::Closed | Event::Over => {
                Some(event)
            }
            Event::Seated { .. }
            | Event::Admitted { .. }
            | Event::MarkGiven(_)
            | Event::Allocated { .. }
            | Event::UrgentGranted(_)
            | Event::UrgentRefused { .. }
            | Event::CameBack(_)
            | Event::TurnOffered(_)
            | Event::TurnTaken { .. }
            | Event::TurnPassed { .. } => None,
        }
    }

    pub(super) fn front(&self) -> Card {
        let plan = &self.plan;
        let mut card = Card::new()
            .title(&plan.title)
            .status(&grammar::desk::plain_word(&self.status))
            .region(plan.region)
            .until(plan.closes)
            .party("itself", self.itself.id())
            .party("unit", self.unit.id())
            .inside("unit")
            .inside_office(OFFICE)
            .inside_office("auditor")
            .fact("use", (plan.use_from, plan.use_until));
        if let Some(opens) = plan.opens {
            card = card.from(opens);
        }
        for offer in plan.offers.iter() {
            card = card.party("instrument", offer.instrument.id());
        }
        // Whoever has time can give it back; whoever is offered some answers.
        let mut leaders: Vec<_> = self.urgent.iter().filter_map(|one| one.leader).collect();
        leaders.extend(self.turns.iter().filter(|turn| turn.took.is_none()).map(|turn| turn.leader));
        let has_time = |entry: &&Entered| {
            self.outcomes.iter().any(|one| one.proposal == entry.proposal && one.given > 0)
        };
        leaders.extend(self.entries.iter().filter(has_time).map(|entry| entry.leader));
        leaders.sort_unstable();
        leaders.dedup();
        card = leaders.iter().fold(card, |card, leader| card.party("leader", leader.id()));
        self.reviewers.iter().fold(card, |card, person| card.party("reviewer", person.id()))
    }
}
