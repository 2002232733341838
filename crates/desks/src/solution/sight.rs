//! Sight: what its card says, and who may know what of a solution. The team and the offices see everything, the need's
//! owner the open part once it is shortlisted, everyone else what a published plan says once it is selected.

use grammar::prelude::*;

use super::{
    Event::{self, *},
    Solution, Status, coverage,
    fields::blind,
};
use crate::candidate::{Role, counted};

impl Solution {
    pub(super) fn front(&self) -> Card {
        let (fields, seen) = (&self.fields, &self.seen);
        let homes = seen.homes(fields);
        let mut card = Card::new()
            .title(&fields.title)
            .status(&grammar::desk::plain_word(&self.status))
            .region(seen.region)
            .party("itself", self.itself.id())
            .party("need", fields.need.id())
            .party("lead", fields.lead.id())
            .amount(self.granted.unwrap_or(fields.public_money))
            .field(&seen.field)
            .text(&fields.summary.joined())
            .fact("public_money", self.granted.unwrap_or(fields.public_money))
            .fact("total", fields.total)
            .fact("minimum", fields.minimum)
            .fact("months", fields.months)
            .fact("partner_regions", homes.provinces())
            .fact("public_by_region", homes.payers(&fields.budget))
            .fact("lead_region", seen.lead_region)
            .fact("field", &seen.field)
            .fact("version", self.version)
            .fact("lines", counted(&fields.budget))
            .fact("promises", coverage(&seen.targets, &fields.promises))
            .keywords(fields.keywords.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        let regions = seen.partner_regions.iter();
        let partners = fields.partners.iter().zip(regions).map(
            |(p, region)| serde_json::json!({ "organisation": p.organisation, "region": region, "role": p.role }),
        );
        card = card.fact("partners", partners.collect::<Vec<_>>());
        for partner in fields.partners.iter() {
            card = card.party("partner", partner.organisation.id());
        }
        for owner in seen.owners.iter() {
            card = card.party("owner", owner.id());
        }
        for member in self.team.iter() {
            card =
                card.party(if member.role == Role::Leader { "leader" } else { "member" }, member.person.id());
        }
        if let Some(project) = self.project {
            card = card.party("project", project);
        }
        if let Some(outcome) = &self.outcome {
            card = card.fact("score", outcome.score).fact("rank", outcome.rank);
            card = card.fact("opinions", outcome.comments.len());
        }
        if fields.route.is_some() {
            card = card.fact("blind", blind(fields, seen));
        }
        ["lead", "partner", "leader", "member"]
            .iter()
            .fold(card, |card, part| card.inside(part))
            .inside_office("joint-office")
            .inside_office("programme-office")
            .inside_office("panel-office")
            .inside_office("auditor")
    }

    /// Whether the viewer belongs to the need's owner, or to one that condensed it together with them.
    fn is_of_owner(&self, viewer: &Viewer) -> bool {
        self.seen.owners.iter().any(|owner| viewer.organisations.contains(&owner.id()))
    }

    pub(super) fn hide_from(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.front()) {
            return Sight::Seen;
        }
        let for_owner = self.is_of_owner(viewer) && self.was_shortlisted();
        // Before money is given, the integrity office looks at who asks (PG-R04), not at what for.
        let for_integrity = self.submitted.is_some() && viewer.holds("integrity-office", self.seen.region);
        if !for_owner && !for_integrity && self.status != Status::Selected {
            return Sight::Hidden;
        }
        if for_owner {
            self.fields.keep_open_part();
            self.team.retain(|member| member.role == Role::Leader);
        } else {
            self.fields.public_money = self.granted.unwrap_or(self.fields.public_money);
            self.fields.keep_public_part();
            (self.talks, self.seen.targets) = (List::default(), List::default());
            if !for_integrity {
                self.team = List::default();
            }
        }
        (self.remarks, self.submitted, self.panel, self.outcome) = (None, None, None, None);
        (self.grounds, self.remark, self.version) = (List::default(), None, 0);
        Sight::Seen
    }

    fn was_shortlisted(&self) -> bool {
        matches!(self.status, Status::Shortlisted | Status::Negotiated | Status::Selected)
    }

    pub(super) fn event_for(&self, event: Event, viewer: &Viewer) -> Option<Event> {
        if viewer.is_inside(&self.front()) {
            return Some(event);
        }
        let for_owner = self.is_of_owner(viewer) && self.was_shortlisted();
        let shown = match event {
            Selected { .. } => self.status == Status::Selected,
            Shortlisted { .. } | Negotiated { .. } => for_owner,
            _ => false,
        };
        shown.then_some(event)
    }
}
