//! Sight: what a need's card says, and who may know what of it.
//!
//! Hidden before it is published. Then everyone reads the abstract; organisations whose agreement was granted read
//! the confidential detail too; how it was judged, who wrote what, who signed and whom its owner prefers stays with the insiders.

use grammar::prelude::*;

use super::{
    Event::{self, *},
    Need, Status,
};

impl Need {
    pub fn front(&self) -> Card {
        let mut card = Card::new()
            .title(&self.fields.title)
            .status(&grammar::desk::plain_word(&self.status))
            .region(self.region)
            .party("itself", self.itself.id())
            .party("owner", self.fields.owner.id())
            .inside("owner")
            .inside("co-owner")
            .inside_office("screening")
            .inside_office("joint-office")
            .inside_office("auditor")
            .amount(self.fields.budget)
            .text(&self.fields.text())
            .keywords(self.fields.keywords.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "))
            .field(&self.fields.field.word())
            .fact("deadline_months", self.fields.deadline_months)
            .fact("ip_ownership", self.fields.ip_ownership)
            .fact("indicators", &self.fields.indicators);
        for firm in self.co_owners.iter() {
            card = card.party("co-owner", firm.id());
        }
        for nda in self.ndas.iter().filter(|nda| nda.is_granted()) {
            card = card.party("nda", nda.organisation.id());
        }
        if let Some(into) = self.into {
            card = card.party("into", into.id());
        }
        if let Some(trl) = self.fields.trl_wanted {
            card = card.fact("trl_wanted", trl).trl(u8::try_from(trl.get()).unwrap_or(0));
        }
        if let Some(ok) = self.own_share_ok {
            card = card.fact("own_share_ok", ok);
        }
        if let Some(published) = self.published {
            card = card.from(published);
        }
        if let Some(until) = self.open_until() {
            card = card.until(until);
        }
        if self.status == Status::Soliciting {
            card = card.fact("places", self.places());
        }
        card.need_if(self.status.stands())
    }

    pub fn hide_from(&mut self, viewer: &Viewer) -> Sight {
        if viewer.is_inside(&self.front()) {
            return Sight::Seen;
        }
        if self.published.is_none() {
            return Sight::Hidden;
        }
        let detail = self.fields.detail.clone().filter(|_| self.confides_in(viewer));
        self.fields.hide_confidential();
        self.fields.detail = detail;
        (self.own_share_ok, self.submitted) = (None, None);
        if !matches!(self.status, Status::Closed | Status::Withdrawn) {
            self.remark = None;
        }
        (self.versions, self.joined, self.preferred) = (List::default(), List::default(), None);
        self.ndas.retain(|nda| viewer.organisations.contains(&nda.organisation.id()));
        Sight::Seen
    }

    /// The public history begins with publication: an earlier wording may hold what was moved to the
    /// confidential part later, so it is not blanked but left out.
    pub fn event_for(&self, event: Event, viewer: &Viewer) -> Option<Event> {
        if viewer.is_inside(&self.front()) {
            return Some(event);
        }
        let is_shown = match &event {
            Published { .. } | Solicited { .. } | SolicitationEnded | Event::Matched { .. } => true,
            Event::Unmatched { .. } | Closed { .. } | Renewed { .. } | Event::Expired => true,
            Learnt { .. } | Withdrawn { .. } => true,
            Drafted { .. } | Amended { .. } | Submitted { .. } | Screened { .. } | Returned { .. } => false,
            Condensed { .. } | Joined { .. } | Left { .. } | Confirmed { .. } | Preferred(_) => false,
            NdaSigned { nda } => viewer.organisations.contains(&nda.organisation.id()),
            NdaGranted { organisation, .. } | NdaEnded { organisation, .. } => {
                viewer.organisations.contains(&organisation.id())
            }
        };
        (is_shown && self.published.is_some()).then_some(event)
    }
}
