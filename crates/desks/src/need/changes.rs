//! Changes: what a need is after each event.

use grammar::prelude::*;

use super::{
    Event::{self, *},
    Need, Status, Version,
};

impl Need {
    pub fn begun(event: &Event) -> Self {
        let Drafted { itself, region, is_enterprise, fields } = event.clone() else { impossible(event) };
        Self {
            itself,
            region,
            is_enterprise,
            status: Status::Draft,
            fields,
            submitted: None,
            own_share_ok: None,
            remark: None,
            co_owners: List::default(),
            joined: List::default(),
            into: None,
            versions: List::default(),
            rounds: List::default(),
            matched: List::default(),
            failed: 0,
            published: None,
            expires: None,
            renewals: 0,
            ndas: List::default(),
            preferred: None,
        }
    }

    pub fn goes_on(&mut self, event: &Event) {
        match event.clone() {
            Drafted { .. } => impossible(event),
            Amended { region, is_enterprise, fields } => {
                (self.region, self.is_enterprise, self.fields) = (region, is_enterprise, fields);
            }
            Submitted { on, own_share_ok, .. } => {
                (self.submitted, self.own_share_ok) = (Some(on), Some(own_share_ok));
                self.stands(Status::Submitted, None);
            }
            Screened { remark } => self.stands(Status::Screened, Some(remark)),
            Returned { remark } => self.stands(Status::Returned, Some(remark)),
            Condensed { version, co_owners } => {
                co_owners.iter().for_each(|firm| self.keep(|n| n.co_owners.push(*firm)));
                self.is_rewritten(version);
            }
            Joined { into } => (self.status, self.into) = (Status::CondensedInto, Some(into)),
            Left { .. } => (self.status, self.into) = (Status::Screened, None),
            Confirmed { remark } => self.stands(Status::Confirmed, Some(remark)),
            Published { on, expires } => {
                (self.published, self.expires) = (Some(on), Some(expires));
                self.stands(Status::Published, None);
            }
            Solicited { round } => {
                self.keep(|n| n.rounds.push(round));
                self.preferred = None;
                self.stands(Status::Soliciting, None);
            }
            SolicitationEnded => self.stands(Status::Reviewing, None),
            Event::Preferred(preference) => self.preferred = Some(preference),
            Event::Matched { with } => {
                (self.status, self.matched, self.failed) = (Status::Matched, with, 0);
            }
            Learnt { tried } => {
                self.failed += 1;
                self.rounds.iter_mut().rev().take(1).for_each(|round| round.tried = Some(tried.clone()));
            }
            Event::Unmatched { tried, expires } => {
                self.rounds.iter_mut().rev().take(1).for_each(|round| round.tried = Some(tried.clone()));
                (self.status, self.expires) = (Status::Unmatched, Some(expires));
            }
            NdaSigned { .. } | NdaGranted { .. } | NdaEnded { .. } => self.nda_changes(event.clone()),
            Closed { remark } => self.stands(Status::Closed, Some(remark)),
            Renewed { expires } => {
                (self.expires, self.renewals) = (Some(expires), self.renewals + 1);
                if self.status == Status::Expired {
                    self.status = Status::Published;
                }
            }
            Event::Expired => self.status = Status::Expired,
            Withdrawn { remark } => {
                self.joined = List::default();
                self.stands(Status::Withdrawn, Some(remark));
            }
        }
    }

    fn stands(&mut self, status: Status, remark: Option<Text<1000>>) {
        (self.status, self.remark) = (status, remark);
    }

    /// The wording of the office takes the place of the last one, which is kept.
    fn is_rewritten(&mut self, version: Version) {
        if self.versions.is_empty() {
            let original = self.original(version.on);
            self.keep(|n| n.versions.push(original));
        }
        version.joined.iter().for_each(|need| self.keep(|n| n.joined.push(*need)));
        self.fields.title = version.title.clone();
        self.fields.summary = version.summary.clone();
        self.fields.indicators = version.indicators.clone();
        self.status = Status::Condensed;
        self.keep(|n| n.versions.push(version));
    }

    /// The owner's own wording, as it was submitted.
    fn original(&self, today: Day) -> Version {
        Version {
            number: 1,
            on: self.submitted.unwrap_or(today),
            office_region: None,
            title: self.fields.title.clone(),
            summary: self.fields.summary.clone(),
            indicators: self.fields.indicators.clone(),
            reason: None,
            joined: List::default(),
        }
    }

    /// `decide` has looked at the limit of the list before.
    pub(super) fn keep(&mut self, push: impl FnOnce(&mut Self) -> bool) {
        if !push(self) {
            impossible("a full list")
        }
    }
}
