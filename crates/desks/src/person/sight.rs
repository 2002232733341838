//! Sight: who may know what of a person.
//!
//! Insiders of the card see everything. The organisations a person is or claims to be with, and the offices
//! that appoint, see the name; everyone else a public name and confirmed affiliations, if the person agreed.

use grammar::prelude::*;

use super::{Claim, Event, Person, Span};
use crate::organisation::Organisation;

/// Offices that deal with persons by name without seeing the rest.
const NAMING_OFFICES: [&str; 2] = ["system-admin", "security-admin"];

impl Person {
    /// `affiliation` are the confirmed organisations, `signs-for` those the person may sign for.
    pub(super) fn front(&self) -> Card {
        let status = if self.is_active() { "active" } else { "erased" };
        let mut card = Card::new().status(status).region(self.region).party("itself", self.itself.id());
        card = match &self.display_name {
            Some(name) => card.title(name).text(&name.joined()),
            None if self.is_active() => card.titled("未公开姓名的人员", "a person who is not named publicly"),
            None => card.titled("已删除个人信息的人员", "a person whose data were erased"),
        };
        for affiliation in self.affiliations.all_open() {
            let organisation = affiliation.organisation.id();
            let part = if affiliation.is_confirmed() { "affiliation" } else { "claimed" };
            card = card.party(part, organisation);
            if affiliation.is_confirmed() && affiliation.may_sign {
                card = card.party("signs-for", organisation);
            }
        }
        if let Some(orcid) = &self.orcid {
            card = card.key("orcid", orcid).fact("orcid", orcid);
        }
        if let Some(name) = &self.name {
            card = card.fact("name", name);
        }
        if !self.offices.is_empty() {
            card = card.fact("offices", self.offices.iter().map(|held| &held.office).collect::<Vec<_>>());
        }
        if !self.engagements.is_empty() {
            card = card.fact("engagements", &self.engagements);
        }
        for deputy in self.deputies.iter() {
            card =
                card.party(if deputy.accepted { "deputy" } else { "deputy-asked" }, deputy.span.deputy.id());
            if deputy.accepted {
                let days = (deputy.span.from, deputy.span.until);
                card = card.fact(&format!("deputy {}", deputy.span.deputy.id()), days);
            }
        }
        let card = card.inside("itself").inside_office("registrar");
        card.inside_office("privacy-officer").inside_office("auditor")
    }

    pub(super) fn hide_from(&mut self, viewer: &Viewer) -> Sight {
        if !self.is_active() || viewer.is_inside(&self.card()) {
            return Sight::Seen;
        }
        let by_name = self.is_known_by_name(viewer);
        self.deputies.keep_only(viewer);
        if !by_name && !self.public {
            return Sight::Hidden;
        }
        if !by_name {
            self.name = None;
        }
        (self.phone, self.email, self.id_number) = (None, None, None);
        self.offices.clear();
        self.engagements.clear();
        let public = self.public;
        self.affiliations.keep_if(|a| {
            let own = belongs(viewer, a.organisation);
            a.may_sign &= own;
            own || (public && a.is_confirmed())
        });
        Sight::Seen
    }

    /// The history is for insiders; an organisation reads what concerns it, everyone that of the erasure.
    pub(super) fn event_for(&self, event: Event, viewer: &Viewer) -> Option<Event> {
        use Event::*;
        let shown = match &event {
            Erased { .. } => true,
            _ if !self.is_active() => false,
            _ if viewer.is_inside(&self.card()) => true,
            AffiliationClaimed(Claim { organisation, .. })
            | AffiliationConfirmed { organisation, .. }
            | AffiliationExtended { organisation, .. }
            | AffiliationEnded { organisation, .. }
            | AffiliationLapsed { organisation, .. } => {
                self.is_known_by_name(viewer) && belongs(viewer, *organisation)
            }
            DeputyNamed(Span { deputy, .. }) | DeputyAccepted { deputy } | DeputyEnded { deputy, .. } => {
                viewer.is_itself(deputy.id())
            }
            _ => false,
        };
        shown.then_some(event)
    }

    fn is_known_by_name(&self, viewer: &Viewer) -> bool {
        self.affiliations.all_open().any(|a| belongs(viewer, a.organisation))
            || self.deputies.has(viewer)
            || NAMING_OFFICES.iter().any(|office| viewer.holds(office, self.region))
    }
}

fn belongs(viewer: &Viewer, organisation: Ref<Organisation>) -> bool {
    viewer.organisations.contains(&organisation.id())
}
