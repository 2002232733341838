//! Sight: who may know what of a person.
//!
//! Insiders of the card see everything. The organisations a person is or claims to be with, and the offices
//! that appoint, see the name; everyone else a public name and confirmed affiliations, if the person agreed.

use grammar::prelude::*;

use super::{Claim, Event, Person};
use crate::organisation::Organisation;

/// Offices that deal with persons by name without seeing the rest.
const NAMING_OFFICES: [&str; 2] = ["system-admin", "security-admin"];

impl Person {
    pub(super) fn hide_from(&mut self, viewer: &Viewer) -> Sight {
        if !self.is_active() || viewer.is_inside(&self.card()) {
            return Sight::Seen;
        }
        let by_name = self.is_known_by_name(viewer);
        if !by_name && !self.public {
            return Sight::Hidden;
        }
        if !by_name {
            self.name = None;
        }
        (self.phone, self.email, self.id_number) = (None, None, None);
        self.offices.clear();
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
            _ => false,
        };
        shown.then_some(event)
    }

    fn is_known_by_name(&self, viewer: &Viewer) -> bool {
        self.affiliations.all_open().any(|a| belongs(viewer, a.organisation))
            || NAMING_OFFICES.iter().any(|office| viewer.holds(office, self.region))
    }
}

fn belongs(viewer: &Viewer, organisation: Ref<Organisation>) -> bool {
    viewer.organisations.contains(&organisation.id())
}
