//! Changes: what a solution is after each event.

use grammar::prelude::*;

use super::{
    Event::{self, *},
    Fields, Seen, Solution, Status,
};

impl Solution {
    pub(super) fn begun(event: &Event) -> Self {
        let Drafted { itself, fields, seen } = event.clone() else { impossible(event) };
        Self {
            itself,
            status: Status::Draft,
            version: 1,
            fields,
            seen,
            team: List::default(),
            submitted: None,
            remarks: None,
            grounds: List::default(),
            panel: None,
            outcome: None,
            talks: List::default(),
            project: None,
            granted: None,
            remark: None,
        }
    }

    pub(super) fn goes_on(&mut self, event: &Event) {
        match event.clone() {
            Drafted { .. } => impossible(event),
            Amended { fields, seen } => self.is_written(fields, seen),
            MemberAdded(member) => {
                self.version += 1;
                self.keep(|s| s.team.push(member));
            }
            MemberRemoved { person } => {
                self.version += 1;
                self.team.retain(|member| member.person != person);
            }
            Submitted { at, remarks, .. } => {
                (self.submitted, self.remarks) = (Some(at), Some(remarks));
                self.status = Status::Submitted;
            }
            Revised { at, fields, seen, remarks } => {
                self.is_written(fields, seen);
                (self.submitted, self.remarks) = (Some(at), Some(remarks));
            }
            Withdrawn { reason, .. } => (self.status, self.remark) = (Status::Withdrawn, Some(reason)),
            FormallyPassed { .. } => self.status = Status::FormalOk,
            FormallyFailed { grounds, reason, .. } => {
                (self.status, self.grounds, self.remark) = (Status::FormalFailed, grounds, Some(reason));
            }
            ReviewBegun { panel } => (self.status, self.panel) = (Status::InReview, Some(panel)),
            Reviewed { outcome } => (self.status, self.outcome) = (Status::Reviewed, Some(outcome)),
            Shortlisted { .. } => self.status = Status::Shortlisted,
            Negotiated { talk } => {
                self.status = Status::Negotiated;
                self.keep(|s| s.talks.push(talk));
            }
            Selected { project, public_money, .. } => {
                (self.status, self.project, self.granted) =
                    (Status::Selected, Some(project), Some(public_money));
            }
            Rejected { reason, .. } => (self.status, self.remark) = (Status::Rejected, Some(reason)),
        }
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
