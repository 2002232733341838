//! Sight: who may know what of an expert.
//!
//! Once in the pool, the panel office alone sees everything. The expert sees all but who stands behind the candidates
//! and what alarms were raised: from these one could learn who the applicants are. The expert office keeps the
//! pool and never learns who reviews what. The public sees fields and kind, and person and unit if the expert agreed.

use grammar::prelude::*;

use super::{Engagement, Event, Event::*, Expert, Standing, conflict::Judged};

/// What someone is to an expert's record.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Eye {
    Whole,
    Own,
    Keeper,
    Integrity,
    Public,
}

/// An engagement as the expert may see it.
fn own_part(mut engagement: Engagement) -> Engagement {
    (engagement.candidate, engagement.judged) = (None, Judged::default());
    (engagement.noted, engagement.alarms) = (vec![], vec![]);
    engagement
}

impl Expert {
    fn eye(&self, viewer: &Viewer) -> Eye {
        if viewer.is_inside(&self.card()) {
            Eye::Whole
        } else if self.person.is_some_and(|person| viewer.is_itself(person.id())) {
            Eye::Own
        } else if viewer.holds("expert-office", self.region) {
            Eye::Keeper
        } else if viewer.holds("integrity-office", self.region) {
            Eye::Integrity
        } else {
            Eye::Public
        }
    }

    pub(super) fn hide_from(&mut self, viewer: &Viewer) -> Sight {
        let eye = self.eye(viewer);
        if eye == Eye::Public && self.standing != Standing::InPool {
            return Sight::Hidden;
        }
        if eye == Eye::Integrity && matches!(self.standing, Standing::Applied | Standing::Recommended) {
            return Sight::Hidden;
        }
        match (eye, self.own.as_mut()) {
            (Eye::Own, Some(own)) => {
                own.engagements = own.engagements.take().map(|open| open.into_iter().map(own_part).collect());
            }
            // Who judged what is the panel office's to know, in years and topics too.
            (Eye::Keeper, Some(own)) => {
                own.engagements = None;
                own.served = vec![];
            }
            (Eye::Integrity, Some(own)) => {
                own.engagements = None;
                own.served = vec![];
                (own.relations, own.rests) = (vec![], vec![]);
                (own.about, own.remark) = (None, None);
            }
            (Eye::Public, _) => {
                self.own = None;
                if !self.named {
                    (self.person, self.unit) = (None, None);
                }
            }
            _ => {}
        }
        Sight::Seen
    }

    pub(super) fn event_for(&self, event: Event, viewer: &Viewer) -> Option<Event> {
        let eye = self.eye(viewer);
        if sanction_in(&event).is_some_and(|number| eye != Eye::Integrity && !self.shows(number)) {
            return None;
        }
        match (eye, event) {
            (Eye::Whole, event) => Some(event),
            (Eye::Own, Engaged(engagement)) => Some(Engaged(Box::new(own_part(*engagement)))),
            (Eye::Own, Alarmed { .. } | Settled { .. }) => None,
            (Eye::Own, event) => Some(event),
            (
                Eye::Keeper,
                Engaged(_) | Disengaged { .. } | Alarmed { .. } | Settled { .. } | Served { .. },
            ) => None,
            (Eye::Keeper, event) => Some(event),
            (
                Eye::Integrity,
                event @ (Sanctioned(_)
                | Appealed { .. }
                | AppealDecided { .. }
                | Repaired { .. }
                | SanctionEnded { .. }
                | SanctionHidden { .. }),
            ) => Some(event),
            (Eye::Integrity | Eye::Public, _) => None,
        }
    }

    fn shows(&self, sanction: u32) -> bool {
        self.own.iter().flat_map(|own| &own.sanctions).any(|held| held.number == sanction)
    }

    pub(super) fn front(&self) -> Card {
        let [zh, en] = self.titles();
        let mut card = Card::new().titled(zh, en).status(self.status()).region(self.region);
        card = card.party("itself", self.itself.id());
        card = match self.standing {
            Standing::Applied => card.inside("person").inside("unit").inside_office("expert-office"),
            Standing::Recommended | Standing::Declined => {
                card.inside("person").inside_office("expert-office")
            }
            Standing::InPool | Standing::Removed => card.inside_office("panel-office"),
        };
        card = card.fact("kinds", &self.kinds).fact("fields", &self.fields);
        for kind in self.kinds.iter() {
            card = card.facet("kind", grammar::desk::plain_word(kind));
        }
        if let Some(field) = self.fields.first() {
            card = card.field(&field.word());
        }
        if let Some(person) = self.person {
            card = card.party("person", person.id());
            if !matches!(self.standing, Standing::Declined | Standing::Removed) && self.own.is_some() {
                card = card.key("expert", person.id().as_str());
            }
        }
        card = self.unit.into_iter().fold(card, |card, unit| card.party("unit", unit.id()));
        let Some(own) = &self.own else { return card };
        card = own.employers.iter().fold(card, |card, body| card.party("employer", body.id));
        card = card
            .fact("title_level", own.title_level)
            .fact("load_max", own.load_max)
            .fact("served", &own.served)
            .fact("employers", &own.employers)
            .fact("relations", &own.relations)
            .fact("resting", own.rests.iter().map(|rest| (rest.from, rest.until)).collect::<Vec<_>>())
            .keywords(own.keywords.iter().map(ToString::to_string).collect::<Vec<_>>().join(" "));
        let Some(open) = &own.engagements else { return card };
        let alarmed: Vec<Id> =
            open.iter().filter(|e| super::engaging::is_alarmed(e)).map(|e| e.review).collect();
        card.fact("open", open.len()).fact("alarms", alarmed.len()).fact("alarmed", alarmed)
    }
}

/// The sanction an event is about.
fn sanction_in(event: &Event) -> Option<u32> {
    match event {
        Sanctioned(held) => Some(held.number),
        Appealed { sanction, .. }
        | AppealDecided { sanction, .. }
        | Repaired { sanction, .. }
        | SanctionEnded { sanction, .. }
        | SanctionHidden { sanction } => Some(*sanction),
        _ => None,
    }
}
