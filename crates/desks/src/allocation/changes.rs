//! Changes: what an allocation is after each event.

use grammar::prelude::*;

use super::{
    Allocation,
    Event::{self, *},
    Status,
};

impl Allocation {
    pub fn begun(event: &Event) -> Self {
        let Opened { itself, on, terms } = event.clone() else { impossible(event) };
        Self {
            itself,
            terms: *terms,
            opened: on,
            status: Status::Gathering,
            entries: vec![],
            proposal: None,
            chosen: vec![],
            departures: vec![],
            notice: None,
            round: 0,
            settled: vec![],
            answered: vec![],
            contests: vec![],
            shortlisted: vec![],
            reserve: vec![],
            reserve_until: None,
            fallen: vec![],
        }
    }

    pub fn becomes(&mut self, event: &Event) {
        match event.clone() {
            Opened { .. } => impossible(event),
            Amended { terms, parts } => {
                self.terms = *terms;
                self.entries.iter_mut().zip(parts).for_each(|(entry, parts)| entry.parts = parts);
                self.asks_anew();
            }
            Admitted { entries } => {
                self.entries.extend(entries);
                self.asks_anew();
            }
            Fixed { candidate, standing, .. } => {
                let own = self.entries.iter_mut().filter(|entry| entry.candidate == candidate);
                own.for_each(|entry| entry.standing = standing);
                self.asks_anew();
            }
            Attested { candidates, integrity, .. } => {
                let own = self.entries.iter_mut().filter(|entry| candidates.contains(&entry.candidate));
                own.for_each(|entry| entry.integrity = Some(integrity));
            }
            Shortlisted { candidates, .. } => self.shortlisted.extend(candidates),
            Proposed { proposal, .. } => {
                (self.proposal, self.status) = (Some(proposal), Status::Proposed);
            }
            Adopted { chosen, departures, .. } => {
                self.chosen = chosen;
                self.departures.extend(departures.iter().cloned());
            }
            Publicised { notice, round, .. } => {
                (self.notice, self.round, self.status) = (Some(notice), round, Status::Publicised);
            }
            Selected { candidate, on, .. } | Rejected { candidate, on, .. } | Skipped { candidate, on } => {
                self.settled.push((candidate, on));
                self.reserve.retain(|place| place.candidate != candidate);
                self.may_be_done();
            }
            Answered { need, .. } => {
                self.answered.push(need.id());
                self.may_be_done();
            }
            Reserved { .. } | Fallen { .. } | MovedUp { .. } => self.reserve_changes(event),
            Contested { .. } | ContestDecided { .. } | ContestsLate { .. } => self.contest_changes(event),
            Withdrawn { .. } => self.status = Status::Withdrawn,
        }
    }

    /// Another question: what was proposed answers it no more.
    fn asks_anew(&mut self) {
        (self.proposal, self.status) = (None, Status::Gathering);
    }

    fn may_be_done(&mut self) {
        if self.is_done() {
            self.status = Status::Awarded;
        }
    }
}
