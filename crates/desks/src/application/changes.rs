//! Changes: what an application is after each event.

use grammar::prelude::*;

use super::{
    Application, Counts,
    Event::{self, *},
    Fields, Seen, Status,
};
use crate::candidate::Role;

impl Application {
    pub(super) fn begun(event: &Event) -> Self {
        let Drafted { itself, fields, seen } = event.clone() else { impossible(event) };
        Self {
            itself,
            status: Status::Draft,
            version: 1,
            fields,
            seen,
            team: List::default(),
            leader_facts: None,
            counts: Counts::default(),
            certified: List::default(),
            letter: None,
            submitted: None,
            invited: None,
            brief_outcome: None,
            check_by: None,
            grounds: List::default(),
            refused: None,
            reexaminations: List::default(),
            checks: List::default(),
            before_check: None,
            panel: None,
            outcome: None,
            notice: None,
            project: None,
            granted: None,
            remark: None,
        }
    }

    pub(super) fn goes_on(&mut self, event: &Event) {
        match event.clone() {
            Drafted { .. } => impossible(event),
            Amended { fields, seen } => self.is_written(fields, seen),
            MemberAdded { member, counts } => {
                self.version += 1;
                self.counts = counts.unwrap_or_else(|| self.counts.clone());
                self.keep(|a| a.team.push(member));
            }
            MemberRemoved { person } => self.is_without(person),
            LeaderStated { facts } => (self.leader_facts, self.version) = (Some(facts), self.version + 1),
            Certified { person } => self.keep(|a| a.certified.push(person)),
            ConfirmedByUnit { letter, .. } => (self.status, self.letter) = (Status::UnitConfirmed, letter),
            ReturnedToDraft { .. } => {
                let written = if self.invited.is_some() { Status::Invited } else { Status::Draft };
                (self.status, self.letter) = (written, None);
            }
            BriefSubmitted { at, decide_by, .. } => {
                (self.submitted, self.check_by) = (Some(at), Some(decide_by));
                self.status = Status::Brief;
            }
            Submitted { at, check_by, .. } => {
                (self.submitted, self.check_by) = (Some(at), Some(check_by));
                self.status = Status::Submitted;
            }
            Revised { at, fields, seen } => {
                self.is_written(fields, seen);
                self.submitted = Some(at);
            }
            Withdrawn { reason, .. } => {
                self.stands(Status::Withdrawn, Some(reason));
                self.refused = None;
            }
            _ => self.is_judged(event),
        }
    }

    /// What others say of it once it was handed in.
    fn is_judged(&mut self, event: &Event) {
        match event.clone() {
            BriefPassed { .. } => self.stands(Status::BriefOk, None),
            Event::BriefReviewed { outcome } => {
                (self.status, self.brief_outcome) = (Status::BriefReviewed, Some(outcome));
            }
            Event::Invited { on, closes } => {
                self.seen.closes = closes;
                (self.invited, self.letter, self.panel) = (Some(on), None, None);
                self.stands(Status::Invited, None);
            }
            TurnedDown { on, reason } => {
                self.refused = Some(on);
                self.stands(Status::NotInvited, Some(reason));
            }
            WindowMoved { closes } => self.seen.closes = closes,
            Event::Lapsed { .. } => self.stands(Status::Lapsed, None),
            FormallyPassed { .. } => self.stands(Status::FormalOk, None),
            FormallyFailed { on, grounds, reason } => {
                (self.grounds, self.refused) = (grounds, Some(on));
                self.stands(Status::FormalFailed, Some(reason));
            }
            ReexaminationAsked { reexamination } => self.keep(|a| a.reexaminations.push(reexamination)),
            ReexaminationDecided { on, upheld, reason } => {
                let last = self.reexaminations.iter_mut().next_back();
                last.unwrap_or_else(|| impossible(event)).decision = Some((on, upheld, reason));
                if upheld {
                    self.is_taken_up_again();
                }
            }
            Compared { .. } | SentToCheck { .. } | DuplicatesDecided { .. } => self.is_compared(event),
            ReviewBegun { panel } => {
                let of_brief = matches!(self.status, Status::BriefOk | Status::BriefReviewed);
                self.status = if of_brief { Status::BriefInReview } else { Status::InReview };
                self.panel = Some(panel);
            }
            Reviewed { outcome } => (self.status, self.outcome) = (Status::Reviewed, Some(outcome)),
            Shortlisted { .. } => self.status = Status::Shortlisted,
            Publicised { notice, .. } => (self.status, self.notice) = (Status::Publicised, Some(notice)),
            Approved { project, public_money, .. } => {
                (self.project, self.granted) = (Some(project), Some(public_money));
                self.status = Status::Approved;
            }
            NotApproved { on, reason } => {
                self.refused = Some(on);
                self.stands(Status::NotApproved, Some(reason));
            }
            other => impossible(&other),
        }
    }

    /// Where it was before it was refused: behind the formal check, or with its result.
    fn is_taken_up_again(&mut self) {
        let status = match (self.is_brief(), &self.outcome) {
            (true, _) if self.brief_outcome.is_some() => Status::BriefReviewed,
            (true, _) => Status::BriefOk,
            (false, Some(_)) => Status::Reviewed,
            (false, None) => Status::FormalOk,
        };
        (self.refused, self.grounds) = (None, List::default());
        self.stands(status, None);
    }

    /// What came of looking for others like it.
    fn is_compared(&mut self, event: &Event) {
        match event.clone() {
            Compared { hits, .. } => {
                if hits.iter().any(|hit| hit.is_near) {
                    self.stands(Status::DuplicateCheck, None);
                }
            }
            SentToCheck { comparison, .. } => {
                self.keep(|a| a.checks.push(comparison));
                if self.status != Status::DuplicateCheck {
                    self.before_check = Some(self.status);
                    self.stands(Status::DuplicateCheck, None);
                }
            }
            DuplicatesDecided { on, duplicate: true, reason, .. } => {
                (self.refused, self.checks, self.before_check) = (Some(on), List::default(), None);
                self.stands(Status::NotApproved, Some(reason));
            }
            DuplicatesDecided { comparison, reason, .. } => self.is_different(comparison, reason),
            other => impossible(&other),
        }
    }

    /// The last check that waited lets it go on from where it stood.
    fn is_different(&mut self, comparison: Option<Id>, reason: Text<1000>) {
        self.checks.retain(|waiting| Some(*waiting) != comparison);
        let status = match self.before_check {
            _ if !self.checks.is_empty() => Status::DuplicateCheck,
            Some(before) => before,
            None => Status::FormalOk,
        };
        if self.checks.is_empty() {
            self.before_check = None;
        }
        self.stands(status, Some(reason));
    }

    fn stands(&mut self, status: Status, remark: Option<Text<1000>>) {
        (self.status, self.remark) = (status, remark);
    }

    fn is_without(&mut self, person: Ref<crate::person::Person>) {
        let led = self.team.iter().any(|member| member.person == person && member.role == Role::Leader);
        if led {
            (self.leader_facts, self.counts) = (None, Counts::default());
        }
        self.version += 1;
        self.team.retain(|member| member.person != person);
        self.certified.retain(|certified| *certified != person);
    }

    fn is_written(&mut self, fields: Fields, seen: Seen) {
        self.version += 1;
        (self.fields, self.seen) = (fields, seen);
    }

    /// `decide` has looked at the limit of the list before.
    fn keep(&mut self, push: impl FnOnce(&mut Self) -> bool) {
        if !push(self) {
            impossible("a full list")
        }
    }
}
