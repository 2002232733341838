//! Sight: what its card says, and who may know what of an application. The team and the offices see everything;
//! everyone else what a published list says, from the public notice on.

use grammar::prelude::*;

use super::{
    Application,
    Event::{self, *},
    Status,
};
use crate::candidate::{Role, counted};

impl Application {
    pub(super) fn front(&self) -> Card {
        let (fields, seen) = (&self.fields, &self.seen);
        let homes = seen.homes(fields);
        let money = self.granted.unwrap_or(fields.public_money);
        let mut card = Card::new()
            .title(&fields.title)
            .status(&grammar::desk::plain_word(&self.status))
            .region(seen.region)
            .party("itself", self.itself.id())
            .party("call", fields.call.id())
            .party("lead", fields.lead.id())
            .amount(money)
            .field(&seen.field)
            .text(&fields.summary.joined())
            .fact("public_money", money)
            .fact("total", fields.total)
            .fact("minimum", fields.minimum)
            .fact("months", fields.months)
            .fact("public_by_region", homes.payers(&fields.budget))
            .fact("topic", &fields.topic)
            .fact("topic_version", seen.topic_version)
            .fact("partner_regions", homes.provinces())
            .fact("lead_region", seen.lead_region)
            .fact("field", &seen.field)
            .fact("version", self.version)
            .fact("lines", counted(&fields.budget))
            .fact("digests", fields.attachments.iter().map(FileRef::hash).collect::<Vec<_>>())
            .keywords(fields.keywords.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        let regions = seen.partner_regions.iter();
        let partners = fields.partners.iter().zip(regions).map(
            |(p, region)| serde_json::json!({ "organisation": p.organisation, "region": region, "role": p.role }),
        );
        card = card.fact("partners", partners.collect::<Vec<_>>());
        card = self.with_team(card);
        let avoided: Vec<_> = fields.avoid.iter().filter_map(|avoid| avoid.person).collect();
        if !avoided.is_empty() {
            card = card.fact("avoid", avoided);
        }
        card = self.with_results(card);
        if let Some(submitted) = self.submitted {
            card = card.from(submitted.day());
        }
        let waits = matches!(
            self.status,
            Status::Submitted | Status::Brief | Status::BriefOk | Status::BriefReviewed
        );
        if let Some(check_by) = self.check_by.filter(|_| waits) {
            card = card.until(check_by);
        }
        if self.status == Status::Invited {
            card = card.until(seen.closes.day());
        }
        if fields.route.is_some() || fields.brief.is_some() {
            card = card.fact("blind", self.blind()).fact("findings", self.findings());
        }
        ["lead", "partner", "leader", "member"]
            .iter()
            .fold(card, |card, part| card.inside(part))
            .inside_office("programme-office")
            .inside_office("panel-office")
            .inside_office("auditor")
    }

    /// What came of it, as far as it has come.
    fn with_results(&self, mut card: Card) -> Card {
        if let Some(project) = self.project {
            card = card.party("project", project);
        }
        if let Some(outcome) = &self.brief_outcome {
            card = card.fact("brief_score", outcome.score).fact("brief_rank", outcome.rank);
        }
        if let Some(outcome) = &self.outcome {
            card = card.fact("score", outcome.score).fact("rank", outcome.rank);
        }
        card
    }

    fn with_team(&self, mut card: Card) -> Card {
        for partner in self.fields.partners.iter() {
            card = card.party("partner", partner.organisation.id());
        }
        for member in self.team.iter() {
            let part = if member.role == Role::Leader { "leader" } else { "member" };
            card = card.party(part, member.person.id());
        }
        card
    }

    /// What reviewers of a blind stage read, as one value.
    fn blind(&self) -> serde_json::Value {
        let fields = &self.fields;
        serde_json::json!({
            "title": fields.title, "brief": fields.brief, "route": fields.route, "foundation": fields.foundation,
            "indicators": fields.indicators, "months": fields.months, "milestones": fields.milestones,
            "total": fields.total, "public_money": fields.public_money, "topic": fields.topic,
        })
    }

    fn is_public(&self) -> bool {
        matches!(self.status, Status::Publicised | Status::Approved)
    }

    pub(super) fn hide_from(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.front()) {
            return Sight::Seen;
        }
        if !self.is_public() {
            return Sight::Hidden;
        }
        self.fields.public_money = self.granted.unwrap_or(self.fields.public_money);
        self.fields.keep_public_part();
        self.seen.conditions = List::default();
        (self.team, self.certified, self.checks) = (List::default(), List::default(), List::default());
        self.before_check = None;
        (self.leader_facts, self.counts, self.letter) = (None, super::Counts::default(), None);
        (self.submitted, self.panel, self.outcome, self.refused) = (None, None, None, None);
        (self.check_by, self.invited, self.brief_outcome) = (None, None, None);
        (self.seen.brief_closes, self.seen.full_opens) = (None, None);
        (self.grounds, self.reexaminations) = (List::default(), List::default());
        (self.remark, self.version) = (None, 0);
        Sight::Seen
    }

    pub(super) fn event_for(&self, event: Event, viewer: &Viewer) -> Option<Event> {
        let inside = viewer.is_inside(&self.front());
        let published = matches!(event, Approved { .. } | Publicised { .. });
        // With whom it was compared is for the office: comparisons used to be told here.
        let is_office = viewer.holds("programme-office", self.seen.region) || viewer.is_clock;
        if matches!(event, Compared { .. }) && !is_office {
            return None;
        }
        (inside || (published && self.is_public())).then_some(event)
    }
}
